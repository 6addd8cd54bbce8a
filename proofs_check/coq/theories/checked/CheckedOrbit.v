(* The certificate kind `region` that is bounded, checked inside Coq: a run of linear
   FQI, on fixed data or under epsilon-greedy data, tends to a stated orbit.

   Where check_orbit computes to true on the numbers of a certificate, the theorems hold
   of the model, the data and the run that these describe (Tables.v, Regions.v), in
   every archimedean ordered field.

                                 shrinks m p f k == |z'_k| < b_k on return, or both are
                                                    0
                      enters m d p units v0 g0 v == the run is in the region at T: by its
                                                    values v there, or, where frames are
                                                    rounded, by approach (Rounding.v)
             check_step m make points policies j == position j of the claim steps to the
                                                    next one, under the fits that make
                                                    makes
                  differ m d points policies i j == two positions are not the same;
                                                    under fixed data the values differ
      check_returns m d v0 g0 p units points pis == the check of positions; units: the
                                                    directions are the unit vectors of
                                                    all states but one, which the format
                                                    asks for where errors are allowed
   check_orbit m d v0 g0 p units points policies == it, and that of the data
                             steps F d v g v' g' == every least-squares fit to y(v)
                                                    under the data around g has the
                                                    first maximisers g' and there the
                                                    values v'
                 check_limit m d v0 g0 p units c == the check of a claim of convergence:
                                                    an orbit of one position, and worths
                                                    (Claims.v)

   vanishing      x(q+1) <= a x(q) + c theta^q with a, theta < 1: x vanishes
                  geometrically
   approaches     V^(t) approaches the centers of the frames in turn
   entersP        enters is right
   keeps_playing  under epsilon-greedy data the joint actions are known from T on
   orbit_sound    accepted cycles are approached by every run from the start, and there
                  is one
   limit_sound    accepted limits are the limits of every run from the start, and there
                  is one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Rounding Phases Regions RunsExist.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is checked *)
Section Compute.
Variables (m : model) (d : data) (p : proof) (units : bool).
Notation n := (size (directions p)).
Notation S := (n_states m).

(* |z'_k| < b_k on return, or both are 0 *)
Definition shrinks (f : frame) (k : nat) : bool :=
  let b := at_ (widths (place p)) in
  let z := Zrow m p f k in
  let x := qjoin (qtotal n (fun l => qtimes (qabs (at_ z l)) (b l))) (slack m p f k) in
  [&& qeq (q_at m p f k) q0, qle q0 x & qlt x (b k) || qeq x q0 && qeq (b k) q0].

(* the run is in the region at T, under fixed data with all that rounding may have moved *)
Definition enters (v0 : seq Q) (g0 : seq (seq nat)) (v : seq Q) : bool :=
  let b := at_ (widths (place p)) in
  if rounding (place p) is Some u then
    [&& units, ~~ moving d, complete m p
      & let ve := approach m (fits m d g0) u (prefix p) v0 in
        let far := Frame [::] [::] ve.2 in
        every n (fun l => qle (qadd (qabs (coordinate m p l (offset p ve.1))) (slack m p far l)) (b l))]
  else in_span m p (offset p v) && let z := places m p v in every n (fun l => qle (qabs (at_ z l)) (b l)).

(* the values and the joint actions of the claim's position j step to those of the next *)
Definition check_step make (points : seq (seq Q)) (policies : seq (seq (seq nat))) (j : nat) : bool :=
  let j' := (j.+1 %% size points)%N in
  let ts := make (nth [::] policies j) in
  every S (fun s => steps_to m (nth [::] ts s) (nth [::] points j) s (nth [::] points j')
                             (nth [::] (nth [::] policies j') s)).

(* two positions are not the same; under fixed data the values differ *)
Definition differ (points : seq (seq Q)) (policies : seq (seq (seq nat))) (i j : nat) : bool :=
  ~~ every S (fun s => qeq (at_ (nth [::] points i) s) (at_ (nth [::] points j) s))
  || moving d && (nth [::] policies i != nth [::] policies j).
End Compute.

(* `units`: the directions are the unit vectors of all states but one, which the format asks for
   where errors are allowed. Of positions, whatever the fits of d are fits to.              *)
Definition check_returns (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof)
    (units : bool) (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  let n := size (directions p) in let k := size points in let make := fits m d in
  (if kind (place p) is Bounded then true else false) &&
  [&& (0 < k)%N, (k %| size (modes p))%N, size policies == k
    & all (fun g => size g == n_states m) policies] &&
  (if prepare_by m d p make v0 g0 is Some (v, found) then
    let f := frame_at m p found (size (modes p)) in
    [&& enters m d p units v0 g0 v, check_return m p f, exact m f || units,
        every (n_states m) (fun s => qeq (at_ (origin f) s) (at_ (center p) s))
      & every n (shrinks m p f)] &&
    every (size (modes p)) (fun j =>
      every (n_states m) (fun s => qeq (at_ (origin (frame_at m p found j)) s)
                                       (at_ (nth [::] points (j %% k)) s)) &&
      (moving d ==> (nth (entered p) (entered p :: modes p) j == nth [::] policies (j %% k))))
  else false) &&
  every k (fun j => check_step m make points policies j &&
    every k (fun i => (i == j) || differ m d points policies i j)).

Definition check_orbit (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof)
    (units : bool) (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  check_data m d && check_returns m d v0 g0 p units points policies.

(* ------------------------------------------------------------------------- what it means *)
Section Meaning.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.

(* (v, g) steps to (v', g'): every least-squares fit to y(v) under the data around g has the first
   maximisers g' and there the values v'                                                        *)
Definition steps (v : seq Q) (g : state m -> joint) (v' : seq Q) (g' : state m -> joint) :=
  forall (s : state m) Q,
    joint_fit (weights F m d s (code (g s))) (y F m (vec F m v) s) Q ->
    first_greedy Q (g' s) /\ Qtot Q (g' s) = vec F m v' s.
End Meaning.

(* x(q+1) <= a x(q) + c theta^q with a, theta < 1: x vanishes geometrically *)
Lemma vanishing (F : realFieldType) (a theta c : F) (x : nat -> F) :
  0 <= a -> a < 1 -> 0 <= theta -> theta < 1 -> 0 <= c ->
  (forall q, x q.+1 <= a * x q + c * theta ^+ q) ->
  exists r M, [/\ 0 <= r, r < 1, theta <= r, 0 <= M & forall q, x q <= M * r ^+ q].
Proof.
move=> a0 a1 t0 t1 c0 rec.
pose h := (1 - a) * (1 - theta) / 2%:R; pose r := 1 - h.
have [a0' t0'] : 0 < 1 - a /\ 0 < 1 - theta by rewrite !subr_gt0.
have h0 : 0 < h by rewrite divr_gt0 ?mulr_gt0 ?ltr0n.
have ra : 0 < r - a.
  rewrite (_ : _ - _ = (1 - a) * (1 + theta) / 2%:R); last by rewrite /r /h; field.
  by rewrite divr_gt0 ?ltr0n // mulr_gt0 // lt_sum_r ?ltr01.
have rt : theta <= r.
  rewrite -subr_ge0 (_ : _ - _ = (1 - theta) * (1 + a) / 2%:R); last by rewrite /r /h; field.
  by apply: divr_ge0; rewrite ?ler0n //; apply: mulr_ge0; [apply: ltW|exact: addr_ge0 ler01 a0].
have r0 : 0 <= r by apply: le_trans rt.
pose M := `|x 0%N| + c / (r - a).
have M0 : 0 <= M by rewrite addr_ge0 // divr_ge0 // ltW.
exists r, M; split=> //; first by rewrite -subr_gt0 /r opprB addrC subrK.
elim=> [|q IH].
  rewrite expr0 mulr1; apply: le_trans (ler_norm _) _.
  by rewrite /M le_plus divr_ge0 // ltW.
have rq : 0 <= r ^+ q by apply: exprn_ge0.
have tq : theta ^+ q <= r ^+ q by apply: le_pow.
apply: le_trans (rec q) _; apply: (@le_trans _ _ (a * (M * r ^+ q) + c * r ^+ q)).
  by apply: le_sum2; apply: le_mul2l.
have cM : c <= (r - a) * M.
  rewrite /M mulrDr [X in _ + X]mulrC divfK ?gt_eqF // addrC le_plus.
  by rewrite mulr_ge0 // ltW.
have E5 (x1 x2 x3 x4 : F) : x1 * (x2 * x3) - (a * (x1 * x3) + x4 * x3)
    = ((x2 - a) * x1 - x4) * x3 by ring.
by rewrite exprS -subr_ge0 E5 mulr_ge0 // subr_ge0.
Qed.

(* finitely many x_k < b_k, or 0 = x_k = b_k: one factor below 1 for all *)
Lemma common_factor (F : realFieldType) (n : nat) (x b : nat -> F) :
  (forall k, (k < n)%N -> 0 <= x k) ->
  (forall k, (k < n)%N -> x k < b k \/ x k = 0 /\ b k = 0) ->
  exists theta, [/\ 0 <= theta, theta < 1 & forall k, (k < n)%N -> x k <= theta * b k].
Proof.
elim: n => [|n IH] x0 lt; first by exists 0; split; rewrite ?ltr01.
have [k kn|k kn|theta [t0 t1 le]] := IH.
- by apply: x0; apply: ltnW.
- by apply: lt; apply: ltnW.
have [xb|[x00 b00]] := lt n (ltnSn n); last first.
  exists theta; split=> // k; rewrite ltnS leq_eqVlt => /orP [/eqP ->|]; last exact: le.
  by rewrite x00 b00 mulr0.
have b0 : 0 < b n by apply: le_lt_trans xb; apply: x0.
have [small|big] := lerP (x n / b n) theta.
  exists theta; split=> // k; rewrite ltnS leq_eqVlt => /orP [/eqP ->|]; last exact: le.
  exact: ratio_le.
exists (x n / b n); split.
- by rewrite divr_ge0 ?x0 // ltW.
- by rewrite div_lt // mul1r.
move=> k; rewrite ltnS leq_eqVlt => /orP [/eqP ->|kn]; first by rewrite divfK // gt_eqF.
apply: le_trans (le k kn) _; apply: le_mul2r; last exact: ltW.
by have [ltk|[_ ->]] := lt k (ltnW kn); rewrite // ltW //; apply: le_lt_trans ltk; apply: x0;
    apply: ltnW.
Qed.

(* ------------------------------------------------------------------------ the theorems *)
Section Orbit.
Variables (F : archiFieldType) (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)).
Variables (p : proof) (units : bool) (points : seq (seq Q)) (policies : seq (seq (seq nat))).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation n := (size (directions p)).
Notation period := (size points).
Notation point j := (nth [::] points j).
Notation T := (prefix p).
Notation mm := (size (modes p)).
Notation b k := (qval (at_ (widths (place p)) k)).

Section Limit.
Variables (v : seq Q) (found : seq (frame * seq (seq nat))).
Hypothesis prep : prepare m d p v0 g0 = Some (v, found).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis pos : positions d V pi.
Hypothesis nearT : exists lam, near (start m p) (zed p (V T)) 1 lam (V T).
Hypothesis plT : moving d -> plays (entered p) (pi T).
Hypothesis kd : kind (place p) = Bounded.
Notation fr j := (frame_at m p found j).
Hypothesis ret : check_return m p (fr mm).
Hypothesis back : forall s : state m, vec (origin (fr mm)) s = vec (center p) s.
Hypothesis inT : forall k, (k < n)%N -> `|zed p (V T) k| <= b k.
Hypothesis q00 : forall k, (k < n)%N -> qval (q_at m p (fr mm) k) = 0.
Let x k : F := \sum_(l < n) `|qval (at_ (Zrow m p (fr mm) k) l)| * b l + qval (slack m p (fr mm) k).
Hypothesis lt : forall k, (k < n)%N -> x k < b k \/ x k = 0 /\ b k = 0.
Hypothesis x0 : forall k, (k < n)%N -> 0 <= x k.

(* the level of values in the frame of the start *)
Let s0 : state m := Ordinal (let: And3 _ _ S0 := let: And5 h _ _ _ _ := prepareP F prep in h in S0).
Let level (U : state m -> F) : F := U s0 - vec (center p) s0
  - \sum_(k < n) zed p U k * vec (nth [::] (directions p) k) s0.

Lemma level_near U lam : near (start m p) (zed p U) 1 lam U -> lam = level U.
Proof.
move=> nr; rewrite /level (near_startE nr s0); move: (\sum_(k < n) _) => w.
by ring.
Qed.

Let at_time q := (T + mm * q)%N.

Lemma rounds : exists theta D : F, [/\ 0 <= theta, theta < 1, 0 <= D &
  forall q, [/\ inside (place p) n (theta ^+ q) (zed p (V (at_time q))),
    near (start m p) (zed p (V (at_time q))) 1 (level (V (at_time q))) (V (at_time q)),
    moving d -> plays (entered p) (pi (at_time q))
    & `|level (V (at_time q.+1))| <= gamma F m ^+ mm * `|level (V (at_time q))| + D * theta ^+ q]].
Proof.
have [[ok okd S0] wd dl m0 _] := prepareP F prep.
have [theta [t0 t1 le]] := common_factor x0 lt.
pose c l := vec (nth [::] (columns (fr mm)) l) s0
  - \sum_(k < n) qval (at_ (Zrow m p (fr mm) k) l) * vec (nth [::] (directions p) k) s0.
pose E := qval (at_ (errors (fr mm)) 0)
  + \sum_(k < n) qval (slack m p (fr mm) k) * `|qval (at_ (nth [::] (directions p) k) 0)|.
pose D := \sum_(l < n) `|c l| * b l + `|E|.
have D0 : 0 <= D by rewrite addr_ge0 // sumr_ge0 // => l _; rewrite mulr_ge0.
exists theta, D; split=> //.
pose good q := [/\ inside (place p) n (theta ^+ q) (zed p (V (at_time q))),
    near (start m p) (zed p (V (at_time q))) 1 (level (V (at_time q))) (V (at_time q))
    & moving d -> plays (entered p) (pi (at_time q))].
have one q : good q -> good q.+1 /\
    `|level (V (at_time q.+1))| <= gamma F m ^+ mm * `|level (V (at_time q))| + D * theta ^+ q.
  move=> [ins nr pl]; have mu0 : 0 <= theta ^+ q by apply: exprn_ge0.
  have mu1 : theta ^+ q <= 1 by apply: exprn_ile1 => //; apply: ltW.
  have [/(_ mm (leqnn _)) [szf nrf _] pl'] := round prep pos mu0 mu1 ins nr pl.
  have tE : at_time q.+1 = (at_time q + mm)%N by rewrite /at_time mulnS addnCA addnC.
  rewrite -tE in nrf pl'.
  have zle l : (l < n)%N -> `|zed p (V (at_time q)) l| <= theta ^+ q * b l.
    by move=> ln; move: ins; rewrite /inside kd; apply.
  have [lam' nr'] := return_near prep szf ret nrf.
  have lamE := level_near nr'; rewrite lamE in nr'.
  split; first split=> //.
    rewrite /inside kd => k kn; have := zed_near prep szf nrf kn.
    rewrite /form_at q00 // add0r => close.
    apply: (@le_trans _ _ (theta ^+ q * x k)); last first.
      by rewrite exprSr -mulrA; apply: le_mul2l => //; apply: le.
    pose w := \sum_(l < n) qval (at_ (Zrow m p (fr mm) k) l) * zed p (V (at_time q)) l.
    rewrite /x mulrDr addrC -[zed p _ k](subrK w).
    apply: norm_add => //; rewrite mulr_sumr; apply: le_trans (ler_norm_sum _ _ _) _.
    apply: ler_sum => l _; rewrite normrM mulrCA; apply: le_mul2l => //; exact: zle.
  have [c' [cE /(_ _ nr') lv]] := return_level prep szf ret nrf back q00.
  have c'E l : (l < n)%N -> c' l = c l by move=> ln; rewrite /c (cE l ln s0) addrC addKr.
  rewrite (eq_bigr (fun l : 'I_n => c l * zed p (V (at_time q)) l)) in lv; last by move=> l _;
      rewrite c'E.
  set w := \sum_(l < n) c l * _ in lv.
  have wle : `|w| <= (\sum_(l < n) `|c l| * b l) * theta ^+ q.
    apply: le_trans (ler_norm_sum _ _ _) _; rewrite mulr_suml; apply: ler_sum => l _.
    by rewrite normrM -mulrA [b l * _]mulrC; apply: le_mul2l => //; apply: zle.
  set X := gamma F m ^+ mm * level (V (at_time q)) + w in lv.
  rewrite /D [_ * theta ^+ q]mulrDl addrA.
  have -> : level (V (at_time q.+1)) = X + (level (V (at_time q.+1)) - X) by rewrite addrC subrK.
  apply: norm_add; last first.
    apply: le_trans lv _; rewrite [_ * theta ^+ q]mulrC.
    by apply: le_mul2l => //; rewrite /E ler_norm.
  apply: norm_add => //; rewrite normrM ger0_norm // exprn_ge0 //.
  exact: gamma_ge0.
have good0 : good 0%N.
  have [lam nr] := nearT.
  have tE : at_time 0 = T by rewrite /at_time muln0 addn0.
  rewrite /good tE; split=> //; last by rewrite -(level_near nr).
  by rewrite /inside kd => k kn; rewrite expr0 mul1r; apply: inT.
have goods q : good q by elim: q => // q /one [].
by move=> q; have [ins nr pl] := goods q; have [_ lv] := one q (goods q); split.
Qed.

(* V^(t) approaches the centers of the frames, one after the other for ever *)
Lemma approaches e : 0 < e -> exists N, forall t, (N <= t)%N -> forall s : state m,
  `|V t s - vec (origin (fr ((t - T) %% mm))) s| < e.
Proof.
move=> e0; have [[ok okd S0] wd dl m0 _] := prepareP F prep.
have [theta [D [t0 t1 D0 h]]] := rounds.
have ga0 : 0 <= gamma F m ^+ mm by rewrite exprn_ge0 // gamma_ge0.
have ga1 : gamma F m ^+ mm < 1 by rewrite exprn_ilt1 ?(gamma_ge0 F ok) ?(gamma_lt1 F ok) // -lt0n.
have rec q : `|level (V (at_time q.+1))| <= gamma F m ^+ mm * `|level (V (at_time q))|
    + D * theta ^+ q.
  by have [] := h q.
have [r [M [r0 r1 tr M0 Mr]]] :=
  vanishing (x := fun q => `|level (V (at_time q))|) ga0 ga1 t0 t1 D0 rec.
pose H := \sum_(j < mm) \sum_(s : state m)
  (\sum_(k < n) b k * `|vec (nth [::] (columns (fr j)) k) s| + `|vec (errors (fr j)) s|).
have Hpos j (s : state m) : 0 <= \sum_(k < n) b k * `|vec (nth [::] (columns (fr j)) k) s|
    + `|vec (errors (fr j)) s|.
  by rewrite addr_ge0 // sumr_ge0 // => k _; rewrite mulr_ge0.
have H0 : 0 <= H by apply: sumr_ge0 => j _; apply: sumr_ge0.
have [N small] := powers_vanish r0 r1 (addr_ge0 H0 M0) e0.
exists (T + mm * N)%N => t tN s.
have tT : (T <= t)%N by apply: leq_trans tN; apply: leq_addr.
pose q := ((t - T) %/ mm)%N; pose j := ((t - T) %% mm)%N.
have tE : t = (at_time q + j)%N by rewrite /at_time -addnA [(mm * _)%N]mulnC -divn_eq subnKC.
have jm : (j < mm)%N by rewrite ltn_mod.
have Nq : (N <= q)%N by rewrite /q leq_divRL // mulnC -(leq_add2l T) subnKC.
have [ins nr pl lv] := h q; apply: le_lt_trans (small q Nq).
have mu0 : 0 <= theta ^+ q by apply: exprn_ge0.
have mu1 : theta ^+ q <= 1 by apply: exprn_ile1 => //; apply: ltW.
have [/(_ j (ltnW jm)) [szf nrf _] _] := round prep pos mu0 mu1 ins nr pl.
rewrite -tE in nrf; have := nrf s; rewrite szf -/j.
set w := \sum_(k < n) _; set lam := level _ => close.
have wle : `|w| <= theta ^+ q * \sum_(k < n) b k * `|vec (nth [::] (columns (fr j)) k) s|.
  apply: le_trans (ler_norm_sum _ _ _) _; rewrite mulr_sumr; apply: ler_sum => k _.
  rewrite normrM mulrA; apply: le_mul2r => //.
  by move: ins; rewrite /inside kd; apply.
have lamle : `|gamma F m ^+ j * lam| <= `|lam|.
  rewrite normrM ger0_norm ?exprn_ge0 ?gamma_ge0 //.
  rewrite -[X in _ <= X]mul1r; apply: le_mul2r => //.
  by apply: exprn_ile1; rewrite ?gamma_ge0 // ltW // gamma_lt1.
have dist : `|V t s - vec (origin (fr j)) s| <= theta ^+ q *
    (\sum_(k < n) b k * `|vec (nth [::] (columns (fr j)) k) s| + `|vec (errors (fr j)) s|) + `|lam|.
  have E3 (x1 x2 x3 x4 : F) : x1 - x2 = x3 + (x1 - (x2 + x3 + x4)) + x4 by ring.
  rewrite (E3 _ _ w (gamma F m ^+ j * lam)); apply: norm_add => //.
  rewrite [theta ^+ q * _]mulrDr; apply: norm_add => //; apply: le_trans close _.
  by apply: le_mul2l => //; apply: ler_norm.
apply: le_trans dist _; rewrite [r ^+ q * _]mulrDr; apply: le_sum2.
  have tq : theta ^+ q <= r ^+ q by apply: le_pow.
  apply: (@le_trans _ _ (r ^+ q * (\sum_(k < n) b k * `|vec (nth [::] (columns (fr j)) k) s|
      + `|vec (errors (fr j)) s|))).
    exact: le_mul2r.
  apply: le_mul2l; first exact: exprn_ge0.
  rewrite /H (bigD1 (Ordinal jm)) //= (bigD1 s) //= -addrA le_plus addr_ge0 //.
    by apply: sumr_ge0.
  by apply: sumr_ge0 => i _; apply: sumr_ge0.
by rewrite mulrC; apply: Mr.
Qed.

(* under epsilon-greedy data the joint actions are known from T on *)
Lemma keeps_playing : moving d -> forall t, (T <= t)%N ->
  plays (nth (entered p) (entered p :: modes p) ((t - T) %% mm)) (pi t).
Proof.
move=> mv t tT; have [[ok okd S0] wd dl m0 _] := prepareP F prep.
have [theta [D [t0 t1 D0 h]]] := rounds.
pose q := ((t - T) %/ mm)%N; pose j := ((t - T) %% mm)%N.
have tE : t = (at_time q + j)%N by rewrite /at_time -addnA [(mm * _)%N]mulnC -divn_eq subnKC.
have jm : (j < mm)%N by rewrite ltn_mod.
have [ins nr pl lv] := h q.
have mu0 : 0 <= theta ^+ q by apply: exprn_ge0.
have mu1 : theta ^+ q <= 1 by apply: exprn_ile1 => //; apply: ltW.
have [/(_ j (ltnW jm)) [_ _ /(_ mv) h2] _] := round prep pos mu0 mu1 ins nr pl.
by rewrite [X in pi X]tE.
Qed.

End Limit.

Section Checked.
Hypothesis checked : check_returns m d v0 g0 p units points policies.

(* the parts of the check *)
Lemma orbit_parts : exists v found, [/\ prepare m d p v0 g0 = Some (v, found),
  [/\ kind (place p) = Bounded, (0 < period)%N, (period %| mm)%N, size policies = period
    & forall j, (j < period)%N -> size (nth [::] policies j) = n_states m],
  [/\ enters m d p units v0 g0 v, check_return m p (frame_at m p found mm),
      forall s : state m, vec (origin (frame_at m p found mm)) s = vec (center p) s
    & forall k, (k < n)%N -> shrinks m p (frame_at m p found mm) k],
  forall j, (j < mm)%N -> (forall s : state m,
      vec (origin (frame_at m p found j)) s = vec (point (j %% period)) s) /\
    (moving d -> nth (entered p) (entered p :: modes p) j = nth [::] policies (j %% period))
  & forall j, (j < period)%N -> check_step m (fits m d) points policies j /\
      forall i, (i < period)%N -> i != j -> differ m d points policies i j].
Proof.
move: checked; rewrite /check_returns -/(prepare m d p) => /andP [/andP [/andP [bd /and4P [k0 km /eqP kk /allP szs]]] +] /everyP cl.
case prep: prepare => [[v found]|//] /andP [/and5P [ent ret _ /everyP back /everyP wid] /everyP org].
exists v, found; split=> //.
- split=> //; first by move: bd; case: (kind (place p)).
  by move=> j jk; apply/eqP/szs/mem_nth; rewrite kk.
- split=> // s; by have := back s (ltn_ord s); rewrite (qval_eq F) => /eqP.
- move=> j jm; have /andP [/everyP og /implyP pl] := org j jm; split=> [s|/pl /eqP //].
  by have := og s (ltn_ord s); rewrite (qval_eq F) => /eqP.
move=> j jk; have /andP [st /everyP df] := cl j jk; split=> // i ik /negbTE ij.
by have := df i ik; rewrite ij.
Qed.

Lemma shrinksP f k : shrinks m p f k -> let x := \sum_(l < n) `|qval (at_ (Zrow m p f k) l)| * b l
    + qval (slack m p f k) in
  [/\ qval (q_at m p f k) = 0, 0 <= x & x < b k \/ x = 0 /\ b k = 0].
Proof.
case/and3P => q0E; rewrite (qval_le F) (qval_lt F) !(qval_eq F) qval_join qval_total qval0.
rewrite (eq_bigr (fun l : 'I_n => `|qval (at_ (Zrow m p f k) l)| * b l)); last first.
  by move=> l _; rewrite qval_times qval_abs.
move=> x0 h; split=> //; first by move: q0E; rewrite (qval_eq F) qval0 => /eqP.
by case/orP: h => [|/andP [/eqP h1 /eqP h2]]; [left|right].
Qed.

Lemma check_stepP (pis : nat -> state m -> joint) j : check_model m -> check_data m d ->
  (forall i, (i < period)%N -> plays (nth [::] policies i) (pis i)) -> (j < period)%N ->
  check_step m (fits m d) points policies j ->
  steps F d (point j) (pis j) (point (j.+1 %% period)) (pis (j.+1 %% period)%N).
Proof.
move=> ok okd pl jk /everyP st s Q best.
have k0 : (0 < period)%N by apply: leq_trans jk.
have j'k : (j.+1 %% period < period)%N by rewrite ltn_mod.
have := st s (ltn_ord s); rewrite (fitsE d s (pl j jk)) /steps_to -(pl _ j'k) => /andP [fb].
rewrite (qval_eq F) (totalE F ok) => /eqP e.
have fg := first_bestP F ok fb.
have ag : moving d -> is_action (sizes m) (code (pis j s)) by move=> _; apply: code_is_action.
split; first exact: (fits_first okd _ ag best).1 fg.
by rewrite (fits_Qtot okd _ ag best); exact: e.
Qed.

(* the joint actions of the claim are some: each is that of a step *)
Lemma claimed_policies : exists pis : nat -> state m -> joint,
  forall j, (j < period)%N -> plays (nth [::] policies j) (pis j).
Proof.
have [v [found [_ [_ k0 _ _ _] _ _ claim]]] := orbit_parts.
have act j (s : state m) : (j < period)%N -> is_action (sizes m) (nth [::] (nth [::] policies j) s).
  move=> jk; pose i := ((j + period.-1) %% period)%N.
  have ik : (i < period)%N by rewrite ltn_mod.
  have iE : (i.+1 %% period)%N = j.
    by rewrite /i -addn1 modnDml -addnA addn1 prednK // modnDr modn_small.
  by have [/everyP /(_ s (ltn_ord s)) /andP [/andP [h _] _] _] := claim i ik; move: h; rewrite iE.
have ex (j : 'I_period) : exists pi : {ffun state m -> joint}, plays (nth [::] policies j) pi.
  have [pi0 piE] := @plays_exists m (nth [::] policies j) (fun s => act j s (ltn_ord j)).
  by exists [ffun s => pi0 s] => s; rewrite ffunE.
have [pis0 pisE] := fin_all_exists ex.
exists (fun j => pis0 (insubd (Ordinal k0) j)) => j jk.
by have := pisE (insubd (Ordinal k0) j); rewrite val_insubd jk.
Qed.

Variable pis : nat -> state m -> joint.
Hypothesis plays_pis : forall j, (j < period)%N -> plays (nth [::] policies j) (pis j).

Lemma claimed_differ i j : (i < period)%N -> (j < period)%N -> i != j ->
  (exists s, vec (point i) s != vec (point j) s) \/ moving d /\ exists s, pis i s != pis j s.
Proof.
have [v [found [_ [_ _ _ kk szs] _ _ claim]]] := orbit_parts.
move=> ik jk ij; have [_ /(_ i ik ij)] := claim j jk; case/orP => [ne|/andP [mv ne]].
  left; have [/existsP [s h]|] := boolP [exists s, vec (point i) s != vec (point j) s]; first by exists s.
  rewrite negb_exists => /forallP same; case/negP: ne; apply/everyP => s ls.
  by have := same (Ordinal ls); rewrite negbK (qval_eq F).
right; split=> //; have [/existsP [s h]|] := boolP [exists s, pis i s != pis j s]; first by exists s.
rewrite negb_exists => /forallP same; case/eqP: ne; apply: (@eq_from_nth _ [::]).
  by rewrite !szs.
move=> s; rewrite szs // => ls; rewrite -(plays_pis ik (Ordinal ls)) -(plays_pis jk (Ordinal ls)).
by have := same (Ordinal ls); rewrite negbK => /eqP ->.
Qed.

(* the run is in the region at T *)
Lemma entersP v found (V : nat -> state m -> F) pi : prepare m d p v0 g0 = Some (v, found) -> starts d v0 g0 V pi ->
  enters m d p units v0 g0 v -> [/\ exists lam, near (start m p) (zed p (V T)) 1 lam (V T),
    forall k, (k < n)%N -> `|zed p (V T) k| <= b k & moving d -> plays (entered p) (pi T : state m -> joint)].
Proof.
move=> prep run; rewrite /enters; have [[ok _ _] _ _ _ _] := prepareP F prep.
case rd: (rounding _) => [u|].
  case/and4P => _ fx cp /everyP ins; split; last by rewrite (negbTE fx).
    exact: complete_near.
  have [V0 _ pos] := run; have close := approachP ok fx pos u g0 T V0.
  move: ins close; set ve := approach _ _ _ _ _; cbv zeta => ins close k kn.
  have := ins k kn; rewrite (qval_le F) qval_add qval_abs; apply: le_trans.
  rewrite -[zed _ _ _](subrK (qval (coordinate m p k (offset p ve.1)))) addrC.
  apply: norm_add => //; rewrite coordinateE /zed -sumrB /slack qval_sum.
  apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _.
  rewrite -mulrBr normrM qval_mul qval_abs; apply: le_mul2l => //.
  rewrite qval_sub (_ : _ - _ = V T s - vec ve.1 s); first exact: close.
  by rewrite /Tables.vec; ring.
case/andP => sp /everyP ins; have [VT plT] := arrives prep rd run; have [zE nr] := near_start sp VT.
by split=> // k kn; have := ins k kn; rewrite zE // (qval_le F) qval_abs.
Qed.

Lemma orbit_tends V pi : starts d v0 g0 V pi ->
  (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
     forall s, `|V t s - vec (point ((t - T) %% period)) s| < e) /\
  (moving d -> forall t, (T <= t)%N -> forall s, pi t s = pis ((t - T) %% period)%N s).
Proof.
have [v [found [prep [kd k0 km kk szs] [ent ret back wid] org claim]]] := orbit_parts.
move=> run; have [[ok okd S0] wd dl m0 _] := prepareP F prep.
have [nearT inT plT] := entersP prep run ent; have [_ _ pos] := run.
have jm t : ((t - T) %% mm < mm)%N by rewrite ltn_mod.
have sh k (kn : (k < n)%N) := shrinksP (wid k kn).
have q00 k : (k < n)%N -> qval (q_at m p (frame_at m p found mm) k) = 0 by move=> kn; have [] := sh k kn.
have lt k (kn : (k < n)%N) := let: And3 _ _ h := sh k kn in h.
have x0 k (kn : (k < n)%N) := let: And3 _ h _ := sh k kn in h.
split=> [e e0|mv t tT s].
  have [N h] := approaches prep pos nearT plT kd ret back inT q00 lt x0 e0.
  by exists N => t tN s; have := h t tN s; have [-> _] := org _ (jm t); rewrite modn_dvdm.
apply: code_inj; have := keeps_playing prep pos nearT plT kd ret back inT q00 lt x0 mv tT s.
have [_ /(_ mv) ->] := org _ (jm t); rewrite modn_dvdm // => e.
by rewrite e (plays_pis (_ : ((t - T) %% period < period)%N) s) // ltn_mod.
Qed.
End Checked.

(* A certificate of kind `region` without growth that is accepted is true, on fixed data or
   under epsilon-greedy data: with k the number of the claimed positions, every position steps to
   the next one (for every least-squares fit); no two positions are the same (under fixed data their
   values differ), so k is the least period; there are runs from the start, and of each of them
   V^(t) approaches the values of position (t - T) mod k as t grows, and under epsilon-greedy data
   the greedy joint actions are those of position (t - T) mod k at all t >= T.
   Source: ours. *)
Theorem orbit_sound : check_orbit m d v0 g0 p units points policies ->
  exists pis : nat -> state m -> joint,
  [/\ (0 < period)%N /\ forall j, (j < period)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < period)%N ->
        steps F d (point j) (pis j) (point (j.+1 %% period)) (pis (j.+1 %% period)%N),
      forall i j, (i < period)%N -> (j < period)%N -> i != j ->
        (exists s, vec (point i) s != vec (point j) s) \/ moving d /\ exists s, pis i s != pis j s,
      exists V pi, @run_from F m d v0 g0 V pi
    & forall V pi, run_from d v0 g0 V pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec (point ((t - T) %% period)) s| < e) /\
        (moving d -> forall t, (T <= t)%N -> forall s, pi t s = pis ((t - T) %% period)%N s)].
Proof.
case/andP => okd checked; have [pis pl] := claimed_policies checked.
have [v [found [prep [_ k0 _ _ _] _ _ claim]]] := orbit_parts checked.
have [[ok act _] _ _ _ _] := prepareP F prep.
exists pis; split=> // [j jk|||V pi]; first by apply: check_stepP => //; have [] := claim j jk.
- by move=> i j; apply: (claimed_differ checked pl).
- exact: prepared_runs prep.
move=> run; have [pi' [run' same]] := run_starts ok okd act run.
have [tends keeps] := orbit_tends checked pl run'; split=> // mv t tT s.
by rewrite -(same mv); apply: keeps.
Qed.
End Orbit.

Definition check_limit (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof)
    (units : bool) (c : limit) : bool :=
  check_worths m c && check_orbit m d v0 g0 p units [:: values c] [:: policy c].

(* A certificate of convergence of kind `region` that is accepted is true, on fixed data or
   under epsilon-greedy data: `policy` is a joint policy g, `optimal` solves the Bellman optimality
   equation and `own` that of g; under the data around g every least-squares fit to y(s,.) at
   `values` has the first maximisers g(s) and there the value values(s); there are runs from the
   start, and of each of them V^(t)(s) -> values(s), and under epsilon-greedy data the greedy joint
   actions are g at all t >= T.
   Source: ours. *)
Theorem limit_sound (F : archiFieldType) (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat))
    (p : proof) (units : bool) (c : limit) : check_limit m d v0 g0 p units c ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy c) g, worths F m c g, steps F d (values c) g (values c) g,
        exists V pi, @run_from F m d v0 g0 V pi
      & forall V pi, run_from d v0 g0 V pi ->
          (forall s, tends_to (fun t => V t s) (vec F m (values c) s)) /\
          (moving d -> forall t, (prefix p <= t)%N -> forall s, pi t s = g s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best own_]]] /(orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V pi run]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
have [lim mv] := runs V pi run; split=> [s e e0|mvd t tT s].
  by have [N h] := lim e e0; exists N => t /h /(_ s); rewrite modn1.
by rewrite (mv mvd t tT s) modn1.
Qed.
