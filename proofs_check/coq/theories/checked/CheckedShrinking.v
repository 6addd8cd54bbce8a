(* The certificate kind `region` where it shrinks: a run approaches an orbit from one side, along
   a direction z_0 > 0 on which the actions of its modes stay greedy.

   In the coordinates of Regions.v, with b the widths, 0 < z_0 <= end, |z_k| <= b_k z_0, or |z_k| <=
   b_k where k is fixed (Shrinking of Phases.v); on return z' = Z z. There are no errors. An action
   that ties with the mode's at the orbit may be chosen there, under epsilon-greedy data.

             beside m p f k == the sum of |Z_kl| b_l over the l that are bounded by z_0
            outside m p f k == the same over the fixed l
              apart m p f k == Z_kl = 0 for all fixed l
          follows m p f e k == coordinate k comes back: closer, or as close as z_0
              best_of m q l == l is a maximiser of every agent
         check_meets m d .. == a position of the claim steps to the next one; under
                               epsilon-greedy data by some maximisers
           joint_policy m g == g has a joint action for every state
       check_shrinks m d .. == the check of positions
    check_side_orbit m d .. == it, and that of the data
    check_side_limit m d .. == the check of a claim of convergence: an orbit of one position,
                               and worths (Claims.v)
              held p e mu z == z is in the region, z_0 <= mu end, |z_k| <= mu b_k for fixed k
        meets F d v g v' g' == every least-squares fit to y(v) under the data around g has the
                               maximisers g', under fixed data the first ones, and there the
                               values v'

   shrink_tends      checked orbits are approached by all positions from the start
   side_orbit_sound  accepted cycles are approached by every run from the start, and there is
                     one
   side_limit_sound  accepted limits are the limits of every run from the start, and there is
                     one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions RunsExist CheckedOrbit.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is checked *)
Section Compute.
Variables (m : model) (d : data) (p : proof).
Notation n := (size (directions p)).
Notation S := (n_states m).
Notation b := (at_ (widths (place p))).

Definition beside (f : frame) (k : nat) : Q := let z := Zrow m p f k in
  qsum n (fun l => if scaled (place p) l then qmul (qabs (at_ z l)) (b l) else q0).
Definition outside (f : frame) (k : nat) : Q := let z := Zrow m p f k in
  qsum n (fun l => if (0 < l)%N && ~~ scaled (place p) l then qmul (qabs (at_ z l)) (b l) else q0).
Definition apart (f : frame) (k : nat) : bool := let z := Zrow m p f k in
  every n (fun l => [|| l == 0%N, scaled (place p) l | qeq (at_ z l) q0]).

Definition follows (f : frame) (e : Q) (k : nat) : bool :=
  let own := at_ (Zrow m p f k) 0 in
  let first := at_ (Zrow m p f 0) 0 in
  if k == 0%N then [&& apart f 0, qlt (beside f 0) first & qlt (qadd first (beside f 0)) q1]
  else if scaled (place p) k then
    apart f k && qle (qadd (qabs own) (beside f k)) (qmul (b k) (qsub first (beside f 0)))
  else let x := qadd (outside f k) (qmul (qadd (qabs own) (beside f k)) e) in
    qlt x (b k) || qeq x q0 && qeq (b k) q0.

Definition best_of (q : seq (seq Q)) (l : seq nat) : bool :=
  is_action (sizes m) l && every (size (sizes m)) (fun i =>
    let b := factor q i (nth 0%N l i) in every (nth 0%N (sizes m) i) (fun x => qle (factor q i x) b)).

Definition check_meets make (points : seq (seq Q)) (policies : seq (seq (seq nat))) (j : nat) : bool :=
  let j' := (j.+1 %% size points)%N in
  let ts := make (nth [::] policies j) in
  every S (fun s => let q := factors m (nth [::] ts s) (nth [::] points j) in
    let g := nth [::] (nth [::] policies j') s in
    (if moving d then best_of q g else first_best m q g) && qeq (total m q g) (at_ (nth [::] points j') s)).

Definition joint_policy (g : seq (seq nat)) : bool := every S (fun s => is_action (sizes m) (nth [::] g s)).
End Compute.

(* of positions, whatever the fits of d are fits to *)
Definition check_shrinks (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  let n := size (directions p) in let k := size points in let mm := size (modes p) in
  if kind (place p) is Shrinking e then
    [&& (0 < n)%N, qeq (at_ (widths (place p)) 0) q0, ~~ nth true (fixed (place p)) 0 & qlt q0 e] &&
    [&& (0 < k)%N, (k %| mm)%N & size policies == k] &&
    all (fun g => (size g == n_states m) && joint_policy m g) policies &&
    (if prepare m d p v0 g0 is Some (v, found) then
      let f := frame_at m p found mm in
      let z := places m p v in
      [&& in_span m p (offset p v), check_return m p f,
          every (n_states m) (fun s => qeq (at_ (origin f) s) (at_ (center p) s)),
          qlt q0 (at_ z 0) && qle (at_ z 0) e
        & every n (fun l => ((l == 0%N) || qle (qabs (at_ z l))
              (qmul (at_ (widths (place p)) l) (if scaled (place p) l then at_ z 0 else q1))) &&
            follows m p f e l)] &&
      every mm.+1 (fun j => exact m (frame_at m p found j)) &&
      every mm (fun j =>
        every (n_states m) (fun s => qeq (at_ (origin (frame_at m p found j)) s)
                                         (at_ (nth [::] points (j %% k)) s)) &&
        (moving d ==> (nth (entered p) (entered p :: modes p) j == nth [::] policies (j %% k))))
    else false) &&
    let make := fits m d in
    every k (fun j => check_meets m d make points policies j &&
      every k (fun i => (i == j) || differ m d points policies i j))
  else false.

Definition check_side_orbit (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  check_data m d && check_shrinks m d v0 g0 p points policies.

Definition check_side_limit (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (c : limit) : bool :=
  check_worths m c && check_side_orbit m d v0 g0 p [:: values c] [:: policy c].

(* ------------------------------------------------------------------------- what it means *)
Section Meaning.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.

Definition meets (v : seq Q) (g : state m -> joint) (v' : seq Q) (g' : state m -> joint) :=
  forall (s : state m) Q,
    joint_fit (weights F m d s (code (g s))) (y F m (vec F m v) s) Q ->
    [/\ greedy Q (g' s), ~~ moving d -> first_greedy Q (g' s) & Qtot Q (g' s) = vec F m v' s].
End Meaning.

Section Side.
Variables (F : archiFieldType) (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation n := (size (directions p)).
Notation T := (prefix p).
Notation mm := (size (modes p)).
Notation b k := (qval (at_ (widths (place p)) k)).
Notation near_ k := (scaled (place p) k).

Definition held (e : Q) (mu : F) (z : nat -> F) :=
  [/\ 0 < z 0%N, z 0%N <= mu * qval e
    & forall k, (k < n)%N -> (0 < k)%N -> `|z k| <= b k * (if near_ k then z 0%N else mu)].

(* of the numbers themselves: terms are not opened *)
Lemma le_values x y z u w : qle (qadd (qabs x) y) (qmul z (qsub u w)) ->
  `|qval x| + qval y <= qval z * (qval u - qval w).
Proof. by rewrite (qval_le F) qval_add qval_abs qval_mul qval_sub. Qed.

Section Return.
Variables (e : Q) (Z : nat -> nat -> F).
Hypothesis wd : wide F (place p).
Hypothesis n0 : (0 < n)%N.
Let N k : F := \sum_(l < n) if near_ l then `|Z k l| * b l else 0.
Let O k : F := \sum_(l < n) if (0 < l)%N && ~~ near_ l then `|Z k l| * b l else 0.
Hypothesis O0 : forall k, (k < n)%N -> (k == 0%N) || near_ k -> O k = 0.
Hypothesis first_gt : N 0%N < Z 0%N 0%N.
Hypothesis first_lt : Z 0%N 0%N + N 0%N < 1.
Hypothesis stays : forall k, (k < n)%N -> (0 < k)%N -> near_ k -> `|Z k 0%N| + N k <= b k * (Z 0%N 0%N - N 0%N).
Let x k : F := O k + (`|Z k 0%N| + N k) * qval e.
Hypothesis lt : forall k, (k < n)%N -> (0 < k)%N -> ~~ near_ k -> x k < b k \/ x k = 0 /\ b k = 0.
Hypothesis e0 : 0 < qval e.

Lemma N_ge0 k : 0 <= N k.
Proof. by apply: sumr_ge0 => l _; case: ifP => // _; rewrite mulr_ge0. Qed.
Lemma O_ge0 k : 0 <= O k.
Proof. by apply: sumr_ge0 => l _; case: ifP => // _; rewrite mulr_ge0. Qed.

Lemma moved mu z k : 0 <= mu -> held e mu z ->
  `|\sum_(l < n) Z k l * z l - Z k 0%N * z 0%N| <= N k * z 0%N + O k * mu.
Proof.
move=> mu0 [z0 _ bs].
pose G (l : 'I_n) : F := (if near_ l then `|Z k l| * b l else 0) * z 0%N +
  (if (0 < l)%N && ~~ near_ l then `|Z k l| * b l else 0) * mu.
have -> : N k * z 0%N + O k * mu = \sum_l G l by rewrite /N /O !mulr_suml -big_split.
have Zb l : 0 <= `|Z k l| * b l by rewrite mulr_ge0.
have G0 l : 0 <= G l.
  by apply: addr_ge0; case: ifP => _; rewrite ?mul0r //; apply: mulr_ge0 => //; apply: ltW.
rewrite (bigD1 (Ordinal n0)) //= addrC addKr; apply: le_trans (ler_norm_sum _ _ _) _.
apply: (@le_trans _ _ (\sum_(l | l != Ordinal n0) G l)); last first.
  by rewrite [X in _ <= X](bigD1 (Ordinal n0)) //= addrC le_plus.
rewrite /G; apply: ler_sum => l l0; have lp : (0 < l)%N.
  by rewrite lt0n; apply: contra l0 => /eqP l0; apply/eqP/val_inj.
rewrite lp normrM /=; have := bs l (ltn_ord l) lp; case: (near_ l) => /= le.
  by rewrite mul0r addr0 -mulrA; apply: le_mul2l.
by rewrite mul0r add0r -mulrA; apply: le_mul2l.
Qed.

(* one factor below 1 for all coordinates *)
Lemma pulled : exists theta, [/\ 0 <= theta, theta < 1 & forall mu z z', 0 <= mu -> held e mu z ->
  (forall k, (k < n)%N -> z' k = \sum_(l < n) Z k l * z l) -> held e (theta * mu) z'].
Proof.
pose y k : F := if k == 0%N then Z 0%N 0%N + N 0%N else if near_ k then 0 else x k.
pose c k : F := if k == 0%N then 1 else if near_ k then 0 else b k.
have Z0 : 0 <= Z 0%N 0%N by apply: le_trans (N_ge0 0) (ltW first_gt).
have y0 k : (k < n)%N -> 0 <= y k.
  move=> _; rewrite /y; case: ifP => _; first by apply: addr_ge0 => //; apply: N_ge0.
  case: ifP => // _; apply: addr_ge0; first exact: O_ge0.
  by apply: mulr_ge0; [apply: addr_ge0 => //; apply: N_ge0|apply: ltW].
have yc k : (k < n)%N -> y k < c k \/ y k = 0 /\ c k = 0.
  move=> kn; rewrite /y /c; case: eqP => [_|/eqP]; first by left.
  by rewrite -lt0n => kp; case: ifP => [_|/negbT nk]; [right|apply: lt].
have [theta [t0 t1 le]] := common_factor y0 yc; exists theta; split=> // mu z z' mu0 hz zE.
have [z0 ze bs] := hz; have E := moved _ mu0 hz.
have up k : (k < n)%N -> `|z' k| <= (`|Z k 0%N| + N k) * z 0%N + O k * mu.
  move=> kn; rewrite zE // -[X in `|X|](subrK (Z k 0%N * z 0%N)).
  have E5 (x1 x2 x3 x4 x5 : F) : (x1 + x2) * x3 + x4 * x5 = x2 * x3 + x4 * x5 + x1 * x3 by ring.
  by rewrite E5; apply: norm_add; [apply: E|rewrite normrM (ger0_norm (ltW z0))].
have slope : (Z 0%N 0%N - N 0%N) * z 0%N <= z' 0%N.
  have := E 0%N; rewrite -zE // (O0 n0) // mul0r addr0 => /near_ge; apply: le_trans.
  by rewrite mulrBl.
split.
- by apply: lt_le_trans slope; rewrite mulr_gt0 // subr_gt0.
- apply: le_trans (ler_norm _) _; apply: le_trans (up 0%N n0) _; rewrite (O0 n0) // mul0r addr0 (ger0_norm Z0).
  have := le 0%N n0; rewrite /y /c /= mulr1 => le0.
  apply: (@le_trans _ _ (theta * z 0%N)); first by apply: le_mul2r => //; apply: ltW.
  by rewrite -mulrA; apply: le_mul2l.
move=> k kn kp; case nk: (near_ k).
  apply: le_trans (up k kn) _; rewrite O0 ?nk ?orbT // mul0r addr0.
  apply: (@le_trans _ _ (b k * (Z 0%N 0%N - N 0%N) * z 0%N)).
    by apply: le_mul2r; [apply: ltW|apply: stays].
  by rewrite -mulrA; apply: le_mul2l.
apply: le_trans (up k kn) _; have := le k kn; rewrite /y /c nk (gtn_eqF kp) /x => lek.
apply: (@le_trans _ _ ((O k + (`|Z k 0%N| + N k) * qval e) * mu)).
  rewrite [X in _ <= X]mulrDl [X in _ <= X]addrC; apply: le_sum2 => //; rewrite -[X in _ <= X]mulrA; apply: le_mul2l.
    by apply: addr_ge0 => //; apply: N_ge0.
  by rewrite mulrC.
rewrite [X in _ <= X]mulrA [X in _ <= X * _]mulrC; exact: le_mul2r.
Qed.
End Return.

Section Limit.
Variables (e : Q) (v : seq Q) (found : seq (frame * seq (seq nat))).
Hypothesis kd : kind (place p) = Shrinking e.
Hypothesis prep : prepare m d p v0 g0 = Some (v, found).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis pos : positions d V pi.
Hypothesis VT : V T =1 vec v.
Hypothesis plT : moving d -> plays (entered p) (pi T).
Notation fr j := (frame_at m p found j).
Notation Z k l := (qval (at_ (Zrow m p (fr mm) k) l)).
Hypothesis n0 : (0 < n)%N.
Hypothesis e0 : 0 < qval e.
Hypothesis sp : in_span m p (offset p v).
Hypothesis ret : check_return m p (fr mm).
Hypothesis ex : forall j, (j <= mm)%N -> exact m (fr j).
Hypothesis back : forall s : state m, vec (origin (fr mm)) s = vec (center p) s.
Hypothesis inT : held e 1 (fun k => qval (at_ (places m p v) k)).
Hypothesis fol : forall k, (k < n)%N -> follows m p (fr mm) e k.

Let wd : wide F (place p) := let: And5 _ h _ _ _ := prepareP F prep in h.
Let s0 : state m := Ordinal (let: And3 _ _ S0 := let: And5 h _ _ _ _ := prepareP F prep in h in S0).
Let level (U : state m -> F) : F := U s0 - vec (center p) s0
  - \sum_(k < n) zed p U k * vec (nth [::] (directions p) k) s0.
Let at_time q := (T + mm * q)%N.

Lemma side_level_near U lam : near (start m p) (zed p U) 1 lam U -> lam = level U.
Proof.
move=> nr; rewrite /level (near_startE nr s0); move: (\sum_(k < n) _) => w.
by ring.
Qed.

Lemma besideE f k : qval (beside m p f k) =
  \sum_(l < n) if near_ l then `|qval (at_ (Zrow m p f k) l)| * b l else 0.
Proof. by rewrite qval_sum; apply: eq_bigr => l _; rewrite qval_if qval_mul qval_abs. Qed.

Lemma outsideE f k : qval (outside m p f k) =
  \sum_(l < n) if (0 < l)%N && ~~ near_ l then `|qval (at_ (Zrow m p f k) l)| * b l else 0.
Proof. by rewrite qval_sum; apply: eq_bigr => l _; rewrite qval_if qval_mul qval_abs. Qed.

Lemma side_pulled : exists theta, [/\ 0 <= theta, theta < 1 & forall mu z z', 0 <= mu -> held e mu z ->
  (forall k, (k < n)%N -> z' k = \sum_(l < n) Z k l * z l) -> held e (theta * mu) z'].
Proof.
have ap k : apart m p (fr mm) k ->
    \sum_(l < n) (if (0 < l)%N && ~~ near_ l then `|Z k l| * b l else 0) = 0.
  move=> /everyP h; rewrite big1 // => l _; case: ifP => // /andP [lp nl].
  have := h l (ltn_ord l); rewrite (gtn_eqF lp) (negbTE nl) /= (qval_eq F) qval0 => /eqP ->.
  by rewrite normr0 mul0r.
have f0 := fol n0; move: f0; rewrite /follows eqxx => /and3P [a0 g0' l0].
rewrite (qval_lt F) besideE in g0'; rewrite (qval_lt F) qval_add besideE qval1 in l0.
apply: (@pulled e (fun k l => Z k l)) => // [k kn|k kn kp nk|k kn kp nk].
- case/orP => [/eqP ->|nk]; first exact: ap.
  have := fol kn; rewrite /follows; case: eqP => [->|_]; first by move=> _; apply: ap.
  by rewrite nk => /andP [/ap].
- have := fol kn; rewrite /follows (gtn_eqF kp) nk => /andP [_] /le_values.
  have := besideE (fr mm) 0; have := besideE (fr mm) k.
  move: (beside m p (fr mm) k) (beside m p (fr mm) 0) => x y Ex Ey.
  by rewrite Ex Ey; apply.
have := fol kn; rewrite /follows (gtn_eqF kp) (negbTE nk) (qval_lt F) !(qval_eq F) qval0.
rewrite qval_add qval_mul qval_add qval_abs outsideE besideE.
by case/orP => [|/andP [/eqP h1 /eqP h2]]; [left|right].
Qed.

Lemma held_inside mu z : 0 <= mu -> mu <= 1 -> held e mu z -> inside (place p) n 1 z.
Proof.
move=> mu0 mu1 [z0 ze bs]; rewrite /inside kd; split=> //.
  by apply: le_trans ze _; rewrite -[X in _ <= X]mul1r; apply: le_mul2r => //; apply: ltW.
move=> k kn kp; apply: le_trans (bs k kn kp) _; case: ifP => // _.
by apply: le_mul2l.
Qed.

(* coordinates are at most mu B *)
Let B (k : nat) : F := if k == 0%N then qval e else b k * (if near_ k then qval e else 1).

Lemma B0 k : 0 <= B k.
Proof.
by rewrite /B; case: ifP => _; [apply: ltW|apply: mulr_ge0 => //; case: ifP => _; [apply: ltW|apply: ler01]].
Qed.

Lemma held_le mu z (k : 'I_n) : held e mu z -> `|z k| <= mu * B k.
Proof.
move=> [z0 ze bs]; rewrite /B; case: eqP => [->|/eqP]; first by rewrite ger0_norm // ltW.
rewrite -lt0n => kp; apply: le_trans (bs k (ltn_ord k) kp) _; rewrite mulrCA; apply: le_mul2l => //.
by case: ifP => _; rewrite ?mulr1.
Qed.

(* without errors positions are those of the frames *)
Lemma near_exact f z lam (U : state m -> F) : exact m f -> near f z 1 lam U -> near f z 0 lam U.
Proof.
move=> /everyP xf nr s; have := nr s; have := xf s (ltn_ord s).
by rewrite (qval_eq F) qval0 /Tables.vec => /eqP ->; rewrite !mulr0.
Qed.

Lemma side_rounds : exists theta D : F, [/\ 0 <= theta, theta < 1, 0 <= D &
  forall q, [/\ held e (theta ^+ q) (zed p (V (at_time q))),
    near (start m p) (zed p (V (at_time q))) 1 (level (V (at_time q))) (V (at_time q)),
    moving d -> plays (entered p) (pi (at_time q))
    & `|level (V (at_time q.+1))| <= gamma F m ^+ mm * `|level (V (at_time q))| + D * theta ^+ q]].
Proof.
have [[ok _ _] _ _ _ _] := prepareP F prep.
have [theta [t0 t1 pull]] := side_pulled.
have q00 k : (k < n)%N -> qval (q_at m p (fr mm) k) = 0.
  move=> _; rewrite /q_at coordinateE big1 // => s _.
  by rewrite qval_sub -/(vec (origin (fr mm)) s) back subrr mulr0.
pose c l := vec (nth [::] (columns (fr mm)) l) s0
  - \sum_(k < n) qval (at_ (Zrow m p (fr mm) k) l) * vec (nth [::] (directions p) k) s0.
pose D := \sum_(l < n) `|c l| * B l.
have D0 : 0 <= D by apply: sumr_ge0 => l _; apply: mulr_ge0 => //; apply: B0.
exists theta, D; split=> //.
pose good q := [/\ held e (theta ^+ q) (zed p (V (at_time q))),
    near (start m p) (zed p (V (at_time q))) 1 (level (V (at_time q))) (V (at_time q))
    & moving d -> plays (entered p) (pi (at_time q))].
have one q : good q -> good q.+1 /\
    `|level (V (at_time q.+1))| <= gamma F m ^+ mm * `|level (V (at_time q))| + D * theta ^+ q.
  move=> [hz nr pl]; have mu0 : 0 <= theta ^+ q by apply: exprn_ge0.
  have mu1 : theta ^+ q <= 1 by apply: exprn_ile1 => //; apply: ltW.
  have ins := held_inside mu0 mu1 hz.
  have [/(_ mm (leqnn _)) [szf nrf' _] pl'] := round prep pos ler01 (lexx 1) ins nr pl.
  have nrf := near_exact (ex (leqnn _)) nrf'.
  have tE : at_time q.+1 = (at_time q + mm)%N by rewrite /at_time mulnS addnCA addnC.
  rewrite -tE in nrf pl'.
  have [lam' nr'] := return_near prep szf ret nrf.
  have lamE := side_level_near nr'; rewrite lamE in nr'.
  have z'E k : (k < n)%N -> zed p (V (at_time q.+1)) k = \sum_(l < n) Z k l * zed p (V (at_time q)) l.
    move=> kn; have := zed_near prep szf nrf kn.
    by rewrite mul0r normr_le0 subr_eq0 /form_at q00 // add0r => /eqP.
  split; first by split=> //; rewrite exprS; apply: pull hz z'E.
  have [c' [cE /(_ _ nr') lv]] := return_level prep szf ret nrf back q00.
  have c'E l : (l < n)%N -> c' l = c l by move=> ln; rewrite /c (cE l ln s0) addrC addKr.
  rewrite (eq_bigr (fun l : 'I_n => c l * zed p (V (at_time q)) l)) in lv; last by move=> l _; rewrite c'E.
  move: lv; rewrite mul0r normr_le0 subr_eq0 => /eqP ->; apply: norm_add.
    by rewrite normrM ger0_norm // exprn_ge0 // gamma_ge0.
  apply: le_trans (ler_norm_sum _ _ _) _; rewrite /D mulr_suml; apply: ler_sum => l _.
  by rewrite normrM -mulrA [B l * _]mulrC; apply: le_mul2l => //; apply: held_le hz.
have good0 : good 0%N.
  have [zE [lam nr]] := near_start sp VT.
  have tE : at_time 0 = T by rewrite /at_time muln0 addn0.
  rewrite /good tE; split=> //; last by rewrite -(side_level_near nr).
  have [z0 ze bs] := inT; rewrite expr0; split; rewrite ?zE //.
  by move=> k kn kp; rewrite !zE //; apply: bs.
have goods q : good q by elim: q => // q /one [].
by move=> q; have [hz nr pl] := goods q; have [_ lv] := one q (goods q); split.
Qed.

(* V^(t) approaches the centers of the frames, one after the other for ever *)
Lemma side_approaches eps : 0 < eps -> exists N, forall t, (N <= t)%N -> forall s : state m,
  `|V t s - vec (origin (fr ((t - T) %% mm))) s| < eps.
Proof.
move=> eps0; have [[ok _ _] _ _ m0 _] := prepareP F prep.
have [theta [D [t0 t1 D0 h]]] := side_rounds.
have ga0 : 0 <= gamma F m ^+ mm by rewrite exprn_ge0 // gamma_ge0.
have ga1 : gamma F m ^+ mm < 1 by rewrite exprn_ilt1 ?(gamma_ge0 F ok) ?(gamma_lt1 F ok) // -lt0n.
have rec q : `|level (V (at_time q.+1))| <= gamma F m ^+ mm * `|level (V (at_time q))| + D * theta ^+ q.
  by have [] := h q.
have [r [M [r0 r1 tr M0 Mr]]] := vanishing (x := fun q => `|level (V (at_time q))|) ga0 ga1 t0 t1 D0 rec.
pose H := \sum_(j < mm) \sum_(s : state m) \sum_(k < n) B k * `|vec (nth [::] (columns (fr j)) k) s|.
have Hpos j (s : state m) : 0 <= \sum_(k < n) B k * `|vec (nth [::] (columns (fr j)) k) s|.
  by apply: sumr_ge0 => k _; apply: mulr_ge0 => //; apply: B0.
have H0 : 0 <= H by apply: sumr_ge0 => j _; apply: sumr_ge0.
have [N small] := powers_vanish r0 r1 (addr_ge0 H0 M0) eps0.
exists (T + mm * N)%N => t tN s.
have tT : (T <= t)%N by apply: leq_trans tN; apply: leq_addr.
pose q := ((t - T) %/ mm)%N; pose j := ((t - T) %% mm)%N.
have tE : t = (at_time q + j)%N by rewrite /at_time -addnA [(mm * _)%N]mulnC -divn_eq subnKC.
have jm : (j < mm)%N by rewrite ltn_mod.
have Nq : (N <= q)%N by rewrite /q leq_divRL // mulnC -(leq_add2l T) subnKC.
have [hz nr pl lv] := h q; apply: le_lt_trans (small q Nq).
have mu0 : 0 <= theta ^+ q by apply: exprn_ge0.
have mu1 : theta ^+ q <= 1 by apply: exprn_ile1 => //; apply: ltW.
have ins := held_inside mu0 mu1 hz.
have [/(_ j (ltnW jm)) [szf nrf _] _] := round prep pos ler01 (lexx 1) ins nr pl.
rewrite -tE in nrf; have := near_exact (ex (ltnW jm)) nrf s; rewrite szf -/j mul0r normr_le0 subr_eq0 => /eqP ->.
set w := \sum_(k < n) _; set lam := level _.
have wle : `|w| <= theta ^+ q * \sum_(k < n) B k * `|vec (nth [::] (columns (fr j)) k) s|.
  apply: le_trans (ler_norm_sum _ _ _) _; rewrite mulr_sumr; apply: ler_sum => k _.
  by rewrite normrM mulrA; apply: le_mul2r => //; apply: held_le hz.
have lamle : `|gamma F m ^+ j * lam| <= `|lam|.
  rewrite normrM ger0_norm ?exprn_ge0 ?gamma_ge0 //.
  rewrite -[X in _ <= X]mul1r; apply: le_mul2r => //.
  by apply: exprn_ile1; rewrite ?gamma_ge0 // ltW // gamma_lt1.
have E4 (x1 x2 x3 : F) : x1 + x2 + x3 - x1 = x2 + x3 by ring.
rewrite E4 [r ^+ q * _]mulrDr; apply: norm_add; last first.
  by apply: le_trans lamle _; rewrite mulrC; apply: Mr.
apply: le_trans wle _; have tq : theta ^+ q <= r ^+ q by apply: le_pow.
apply: (@le_trans _ _ (r ^+ q * \sum_(k < n) B k * `|vec (nth [::] (columns (fr j)) k) s|)).
  exact: le_mul2r.
apply: le_mul2l; first exact: exprn_ge0.
rewrite /H (bigD1 (Ordinal jm)) //= (bigD1 s) //= -addrA le_plus addr_ge0 //.
  by apply: sumr_ge0.
by apply: sumr_ge0 => i _; apply: sumr_ge0.
Qed.

(* under epsilon-greedy data the joint actions are known from T on *)
Lemma side_keeps : moving d -> forall t, (T <= t)%N ->
  plays (nth (entered p) (entered p :: modes p) ((t - T) %% mm)) (pi t).
Proof.
move=> mv t tT; have [_ _ _ m0 _] := prepareP F prep.
have [theta [D [t0 t1 D0 h]]] := side_rounds.
pose q := ((t - T) %/ mm)%N; pose j := ((t - T) %% mm)%N.
have tE : t = (at_time q + j)%N by rewrite /at_time -addnA [(mm * _)%N]mulnC -divn_eq subnKC.
have jm : (j < mm)%N by rewrite ltn_mod.
have [hz nr pl lv] := h q.
have mu0 : 0 <= theta ^+ q by apply: exprn_ge0.
have mu1 : theta ^+ q <= 1 by apply: exprn_ile1 => //; apply: ltW.
have [/(_ j (ltnW jm)) [_ _ /(_ mv) h2] _] := round prep pos ler01 (lexx 1) (held_inside mu0 mu1 hz) nr pl.
by rewrite [X in pi X]tE.
Qed.
End Limit.

Section Checked.
Variables (points : seq (seq Q)) (policies : seq (seq (seq nat))).
Notation period := (size points).
Notation point j := (nth [::] points j).
Hypothesis checked : check_shrinks m d v0 g0 p points policies.

(* the parts of the check *)
Lemma side_parts : exists e v found, [/\ kind (place p) = Shrinking e /\ prepare m d p v0 g0 = Some (v, found),
  [/\ (0 < n)%N, 0 < qval e, (0 < period)%N, (period %| mm)%N & size policies = period],
  forall j, (j < period)%N -> size (nth [::] policies j) = n_states m /\ joint_policy m (nth [::] policies j),
  [/\ in_span m p (offset p v), check_return m p (frame_at m p found mm),
      forall s : state m, vec (origin (frame_at m p found mm)) s = vec (center p) s,
      held e 1 (fun k => qval (at_ (places m p v) k))
    & (forall k, (k < n)%N -> follows m p (frame_at m p found mm) e k) /\
      forall j, (j <= mm)%N -> exact m (frame_at m p found j)]
  & (forall j, (j < mm)%N -> (forall s : state m,
      vec (origin (frame_at m p found j)) s = vec (point (j %% period)) s) /\
    (moving d -> nth (entered p) (entered p :: modes p) j = nth [::] policies (j %% period))) /\
    forall j, (j < period)%N -> check_meets m d (fits m d) points policies j /\
      forall i, (i < period)%N -> i != j -> differ m d points policies i j].
Proof.
move: checked; rewrite /check_shrinks; case kd: (kind (place p)) => [|//|e] //.
case/andP => /andP [/andP [/andP [/and4P [n0 _ _ e0] /and3P [k0 km /eqP kk]] /allP szs] +] /everyP cl.
case prep: prepare => [[v found]|//] /andP [/andP [/and5P [sp ret /everyP back /andP [z0 ze] /everyP wid] /everyP ex] /everyP org].
exists e, v, found; split=> //.
- by split=> //; rewrite -(qval0 F) -qval_lt.
- move=> j; rewrite -kk => jk; have /andP [/eqP] := szs _ (mem_nth [::] jk); by split.
- split=> // [s||].
  + by have := back s (ltn_ord s); rewrite (qval_eq F) => /eqP.
  + split; first by rewrite -(qval0 F) -qval_lt.
      by rewrite mul1r -qval_le.
    move=> k kn kp; have /andP [+ _] := wid k kn; rewrite (gtn_eqF kp) /= (qval_le F) qval_abs qval_mul.
    by case: ifP => _; rewrite ?qval1.
  by split=> [k kn|j jm]; [have /andP [] := wid k kn|apply: ex].
split=> [j jm|j jk].
  have /andP [/everyP og /implyP pl] := org j jm; split=> [s|/pl /eqP //].
  by have := og s (ltn_ord s); rewrite (qval_eq F) => /eqP.
have /andP [st /everyP df] := cl j jk; split=> // i ik /negbTE ij.
by have := df i ik; rewrite ij.
Qed.

Lemma side_policies : exists pis : nat -> state m -> joint,
  forall j, (j < period)%N -> plays (nth [::] policies j) (pis j).
Proof.
have [e [v [found [_ [_ _ k0 _ _] act _ _]]]] := side_parts.
have ex (j : 'I_period) : exists pi : {ffun state m -> joint}, plays (nth [::] policies j) pi.
  have [_ /everyP ac] := act j (ltn_ord j).
  have [pi0 piE] := @plays_exists m (nth [::] policies j) (fun s => ac s (ltn_ord s)).
  by exists [ffun s => pi0 s] => s; rewrite ffunE.
have [pis0 pisE] := fin_all_exists ex.
exists (fun j => pis0 (insubd (Ordinal k0) j)) => j jk.
by have := pisE (insubd (Ordinal k0) j); rewrite val_insubd jk.
Qed.

Variable pis : nat -> state m -> joint.
Hypothesis plays_pis : forall j, (j < period)%N -> plays (nth [::] policies j) (pis j).

Lemma side_differ i j : (i < period)%N -> (j < period)%N -> i != j ->
  (exists s, vec (point i) s != vec (point j) s) \/ moving d /\ exists s, pis i s != pis j s.
Proof.
have [e [v [found [_ _ szs _ [_ claim]]]]] := side_parts.
move=> ik jk ij; have [_ /(_ i ik ij)] := claim j jk; case/orP => [ne|/andP [mv ne]].
  left; have [/existsP [s h]|] := boolP [exists s, vec (point i) s != vec (point j) s]; first by exists s.
  rewrite negb_exists => /forallP same; case/negP: ne; apply/everyP => s ls.
  by have := same (Ordinal ls); rewrite negbK (qval_eq F).
right; split=> //; have [/existsP [s h]|] := boolP [exists s, pis i s != pis j s]; first by exists s.
rewrite negb_exists => /forallP same; case/eqP: ne; have [szi _] := szs i ik; have [szj _] := szs j jk.
apply: (@eq_from_nth _ [::]); first by rewrite szi szj.
move=> s; rewrite szi => ls; rewrite -(plays_pis ik (Ordinal ls)) -(plays_pis jk (Ordinal ls)).
by have := same (Ordinal ls); rewrite negbK => /eqP ->.
Qed.

(* Checked orbits are approached by all positions from the start. *)
Lemma shrink_tends V pi : starts d v0 g0 V pi ->
  (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
     forall s, `|V t s - vec (point ((t - T) %% period)) s| < e) /\
  (moving d -> forall t, (T <= t)%N -> forall s, pi t s = pis ((t - T) %% period)%N s).
Proof.
have [e [v [found [[kd prep] [n0 e0 k0 km kk] szs [sp ret back inT [fol ex]] [org claim]]]]] := side_parts.
move=> run; have [_ _ _ m0 _] := prepareP F prep.
have exactly : rounding (place p) = None by rewrite /rounding kd.
have [VT plT] := arrives prep exactly run; have [_ _ pos] := run.
have jm t : ((t - T) %% mm < mm)%N by rewrite ltn_mod.
split=> [eps eps0|mv t tT s].
  have [N h] := side_approaches kd prep pos VT plT n0 e0 sp ret ex back inT fol eps0.
  by exists N => t tN s; have := h t tN s; have [-> _] := org _ (jm t); rewrite modn_dvdm.
apply: code_inj; have := side_keeps kd prep pos VT plT n0 e0 sp ret ex back inT fol mv tT s.
have [_ /(_ mv) ->] := org _ (jm t); rewrite modn_dvdm // => eq.
by rewrite eq (plays_pis (_ : ((t - T) %% period < period)%N) s) // ltn_mod.
Qed.

Lemma check_meetsP j : check_model m -> check_data m d -> (j < period)%N ->
  check_meets m d (fits m d) points policies j ->
  meets F d (point j) (pis j) (point (j.+1 %% period)) (pis (j.+1 %% period)%N).
Proof.
move=> ok okd jk /everyP st s Q best.
have k0 : (0 < period)%N by apply: leq_trans jk.
have j'k : (j.+1 %% period < period)%N by rewrite ltn_mod.
have := st s (ltn_ord s); rewrite (fitsE d s (plays_pis jk)) -(plays_pis j'k).
set b := pis (j.+1 %% period)%N s; set q := factors _ _ _ => /andP [fb].
rewrite (qval_eq F) (totalE F ok) => /eqP e.
have ag : moving d -> is_action (sizes m) (code (pis j s)) by move=> _; apply: code_is_action.
rewrite (fits_Qtot okd _ ag best); move: fb; case mv: (moving d) => fb; last first.
  by have fg := (fits_first okd _ ag best).1 (first_bestP F ok fb); split=> //; case: fg.
split=> //; have [w _ QE] := fits_same okd b ag best => i x; rewrite !QE le_plus2r.
have /andP [_ /everyP h] := fb; have /everyP /(_ x (ltn_ord x)) := h i (ltn_ord i).
by rewrite nth_code (qval_le F) !(factorE F ok).
Qed.
End Checked.
End Side.

(* A certificate of kind `region` that shrinks is true where it is accepted, on fixed data or under
   epsilon-greedy data: with k the number of the claimed positions, every position steps to the next
   one (for every least-squares fit; under epsilon-greedy data with some maximisers, with which others
   may tie), no two positions are the same (under fixed data their values differ), so k is the least
   period; there are runs from the start, and of each of them V^(t) approaches the values of position
   (t - T) mod k as t grows, and under epsilon-greedy data the greedy joint actions are those of position
   (t - T) mod k at all t >= T.
   Source: ours. *)
Theorem side_orbit_sound (F : archiFieldType) m d v0 g0 p points policies :
  check_side_orbit m d v0 g0 p points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> meets F d (nth [::] points j) (pis j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        (exists s, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s) \/
        moving d /\ exists s, pis i s != pis j s,
      exists V pi, @run_from F m d v0 g0 V pi
    & forall V pi, run_from d v0 g0 V pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec F m (nth [::] points ((t - prefix p) %% size points)) s| < e) /\
        (moving d -> forall t, (prefix p <= t)%N ->
           forall s, pi t s = pis ((t - prefix p) %% size points)%N s)].
Proof.
case/andP => okd checked; have [pis pl] := side_policies F checked.
have [e [v [found [[_ prep] [_ _ k0 _ _] _ _ [_ claim]]]]] := side_parts F checked.
have [[ok act _] _ _ _ _] := prepareP F prep.
exists pis; split=> // [j jk|i j||V pi run].
- by apply: (check_meetsP pl) => //; have [] := claim j jk.
- exact: (side_differ F checked pl).
- exact: prepared_runs prep.
have [pi' [run' same]] := run_starts ok okd act run.
have [tends keeps] := shrink_tends checked pl run'; split=> // mv t tT s.
by rewrite -(same mv); apply: keeps.
Qed.

(* A certificate of convergence of that kind is true where it is accepted: `policy` is a joint policy g,
   `optimal` solves the Bellman optimality equation and `own` that of g; under the data around g every
   least-squares fit to y(s,.) at `values` has the maximisers g(s), under fixed data the first ones, and
   there the value values(s); there are runs from the start, and of each of them V^(t)(s) -> values(s), and
   under epsilon-greedy data the greedy joint actions are g at all t >= T.
   Source: ours. *)
Theorem side_limit_sound (F : archiFieldType) m d v0 g0 p c : check_side_limit m d v0 g0 p c ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy c) g, worths F m c g, meets F d (values c) g (values c) g,
        exists V pi, @run_from F m d v0 g0 V pi
      & forall V pi, run_from d v0 g0 V pi ->
          (forall s, tends_to (fun t => V t s) (vec F m (values c) s)) /\
          (moving d -> forall t, (prefix p <= t)%N -> forall s, pi t s = g s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best own_]]] /(side_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V pi run]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
have [lim mv] := runs V pi run; split=> [s e e0|mvd t tT s].
  by have [N h] := lim e e0; exists N => t /h /(_ s); rewrite modn1.
by rewrite (mv mvd t tT s) modn1.
Qed.
