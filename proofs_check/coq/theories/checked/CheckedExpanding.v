(* Expanding maps of an interval: x = V(o) - V(r) stays in it and approaches no cycle.

   As in CheckedInterval.v, x' = f(x). Every piece of f expands and f is continuous, so an orbit
   approaches a cycle by meeting it only; and the valuation of x at a prime falls with every step,
   so that no value of x comes twice.

                             falls_at m d r prime w p == p expands, and the valuation of x falls if it is at most w
                                  continuous m d r ps == f is the same where two pieces meet
   check_expanding m d r lower upper v0 g0 T ps prime == the check of positions
                                    approaches_none V == V approaches no cycle, fixed points included

   along_local      f is continuous and shrinks no distances near any point
   local_no_cycle   orbits of such a map that never repeat approach no cycle
   expanding_sound  checked expanding maps approach no cycle

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import zify ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI SignedFits Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedBox CheckedDifferences CheckedInterval Valuations.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Compute.
Variables (m : model) (d : data) (r : nat).
Notation o := (1 - r)%N.
Notation intercept := (intercept m d r).
Notation slope := (slope m d r).
Notation image := (image m d r).

Definition falls_at (prime : Z) (w : Z) (p : piece) : bool :=
  let a := intercept p in let b := slope p in
  qlt q1 (qabs b) &&
  (if valuation prime b is Some v then
     Z.ltb v 0 && (qeq a q0 ||
       (if valuation prime a is Some u then Z.ltb (Z.add v w) u else false))
   else false).

Fixpoint continuous (ps : seq piece) : bool :=
  if ps is p :: rest then
    (if rest is p' :: _ then qeq (image p (stop_at p)) (image p' (stop_at p)) else true) && continuous rest
  else true.

Definition check_expanding (lower upper : seq Q) (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (ps : seq piece)
    (prime : Z) : bool :=
  check_interval m d r lower upper v0 g0 T ps && prime_at prime && continuous ps &&
  (if after m d T v0 g0 is Some v then
     if valuation prime (qsub (at_ v o) (at_ v r)) is Some w then all (falls_at prime w) ps else false
   else false).
End Compute.

Definition approaches_none (F : realFieldType) (m : model) (V : nat -> state m -> F) := forall (k : nat) (c : nat -> state m -> F), (0 < k)%N ->
  ~ forall e, 0 < e -> exists N, forall t, (N <= t)%N -> forall s, `|V t s - c (t %% k)%N s| < e.

(* ------------------------------------------------------------------- expanding maps *)
Lemma imageE (F : realFieldType) m d r p z :
  qval F (image m d r p z) = qval F (intercept m d r p) + qval F (slope m d r p) * qval F z.
Proof. by rewrite [LHS]qval_add; congr (_ + _); apply: qval_mul. Qed.

(* near every point the map along the pieces is continuous and does not shrink distances *)
Lemma along_local (F : realFieldType) m d r low high high' x (ps : seq piece) (z : F) :
  linked high' x ps -> all (fits_piece m d r low high) ps -> continuous m d r ps ->
  all (fun p => qlt q1 (qabs (slope m d r p))) ps ->
  exists e L, [/\ 0 < e, 0 <= L & forall y, `|y - z| < e ->
    `|y - z| <= `|along m d r ps y - along m d r ps z| /\ `|along m d r ps y - along m d r ps z| <= L * `|y - z|].
Proof.
elim: ps x => [|p rest IH] x //= /andP [_ lk] /andP [fp fr] /andP [co cr] /andP [ex er].
have b1 : 1 <= `|qval F (slope m d r p)| by move: ex; rewrite (qval_lt F) qval1 qval_abs => /ltW.
set al := qval F (intercept m d r p); set be := qval F (slope m d r p); set b := qval F (stop_at p).
have near y y' : `|y - y'| <= `|al + be * y - (al + be * y')| /\ `|al + be * y - (al + be * y')| <= `|be| * `|y - y'|.
  rewrite opprD addrACA subrr add0r -mulrBr normrM lexx; split=> //.
  by apply: le_scale.
case E: (nilp rest).
  by exists 1, `|be|; split; [apply: ltr01|apply: normr_ge0|move=> y _; apply: near].
have lk' : linked high' (stop_at p) rest by move: lk E; case: (rest).
have [e [L [e0 L0 loc]]] := IH (stop_at p) lk' fr cr er.
have meet : along m d r rest b = al + be * b.
  move: co lk' fr E; case: (rest) => [|p' rest'] //= co /andP [st _] /andP []; rewrite /fits_piece => /andP [_ lt'] _ _.
  have -> : nilp rest' || (b <= qval F (stop_at p')).
    by apply/orP; right; move: st lt'; rewrite (qval_eq F) (qval_lt F) -/b => /eqP -> /ltW.
  have e1 := imageE F m d r p (stop_at p); have e2 := imageE F m d r p' (stop_at p).
  move: co; rewrite (qval_eq F (image m d r p (stop_at p)) (image m d r p' (stop_at p))) => /eqP e3.
  exact: etrans (esym e2) (etrans (esym e3) e1).
have [zb|zb|zb] := ltrgtP z b.
- exists (b - z), `|be|; rewrite subr_gt0; split=> // y yz /=.
  have yb : y <= b.
    have := le_lt_trans (ler_norm _) yz; rewrite -subr_gt0 (_ : b - z - (y - z) = b - y); last by ring.
    by rewrite subr_gt0 => /ltW.
  by rewrite yb; apply: near.
- have zb0 : 0 < z - b by rewrite subr_gt0.
  have [e' [e'0 ee ez]] := smaller e0 zb0.
  exists e', L; split=> // y yz /=.
  have yb : b < y.
    have := lt_le_trans yz ez; rewrite distrC => /(le_lt_trans (ler_norm _)).
    by rewrite -subr_gt0 (_ : z - b - (z - y) = y - b) ?subr_gt0 //; ring.
  by rewrite (leNgt y) yb /=; apply: loc; apply: lt_le_trans yz ee.
exists e, (`|be| + L); split=> //; first by rewrite addr_ge0.
move=> y yz /=.
have grow a : 0 <= a -> `|be| * a <= (`|be| + L) * a /\ L * a <= (`|be| + L) * a.
  by move=> a0; split; apply: le_mul2r => //; rewrite ?le_plus // addrC le_plus.
have [g1 g2] := grow _ (normr_ge0 (y - z)).
case: (y <= b); first by have [h1 h2] := near y z; split=> //; apply: le_trans h2 g1.
have -> : al + be * z = along m d r rest z by rewrite zb meet.
by have [h1 h2] := loc y yz; split=> //; apply: le_trans h2 g2.
Qed.

(* A map that expands near every point, and is continuous, lets no orbit approach a cycle, if no
   value of the orbit comes twice.                                                         *)
Lemma local_no_cycle (F : realFieldType) (f : F -> F) (x c : nat -> F) (k : nat) :
  (forall z, exists e L, [/\ 0 < e, 0 <= L & forall y, `|y - z| < e ->
    `|y - z| <= `|f y - f z| /\ `|f y - f z| <= L * `|y - z|]) ->
  (forall t, x t.+1 = f (x t)) -> injective x -> (0 < k)%N ->
  ~ forall e, 0 < e -> exists N, forall t, (N <= t)%N -> `|x t - c (t %% k)%N| < e.
Proof.
move=> local step inj k0 near.
have cycle j : (j < k)%N -> f (c j) = c (j.+1 %% k)%N.
  move=> jk; apply/eqP; rewrite -subr_eq0 -normr_eq0; apply/negPn/negP => n0.
  set z := `|_| in n0; have z0 : 0 < z by rewrite lt_neqAle eq_sym n0 normr_ge0.
  have [e [L [e0 L0 loc]]] := local (c j); have L1 : 0 < L + 1 by rewrite lt_sum_l ?ltr01.
  have [e' [e'0 ee ez]] := smaller e0 (divr_gt0 z0 (mulr_gt0 L1 (ltr0Sn F 1))).
  have [e2 [e20 e2e e2z]] := smaller e'0 (divr_gt0 z0 (ltr0Sn F 1)).
  have [N close] := near e2 e20.
  pose t := (j + N * k)%N; have Nt : (N <= t)%N by rewrite (leq_trans (leq_pmulr N k0)) // leq_addl.
  have tj : (t %% k = j)%N by rewrite /t addnC modnMDl modn_small.
  have tj1 : (t.+1 %% k = j.+1 %% k)%N by rewrite /t -addSn addnC modnMDl.
  have h1 := close t Nt; have h2 := close t.+1 (leqW Nt); rewrite tj in h1; rewrite tj1 step in h2.
  have h3 : `|f (c j) - f (x t)| <= L * `|x t - c j|.
    by rewrite distrC; have [] := loc (x t) (lt_le_trans h1 (le_trans e2e ee)).
  have le : z <= L * `|x t - c j| + `|f (x t) - c (j.+1 %% k)%N| by rewrite /z; apply: norm_chain h3 (lexx _).
  have le1 : L * `|x t - c j| <= (L + 1) * (z / ((L + 1) * 2%:R)).
    apply: (@le_trans _ _ ((L + 1) * `|x t - c j|)); first by apply: le_mul2r; rewrite ?le_plus ?ler01.
    by apply: le_mul2l; [apply: ltW|apply: le_trans (ltW h1) _; apply: le_trans e2e ez].
  have lt2 := lt_le_trans h2 e2z.
  have : z < z / 2%:R + z / 2%:R.
    apply: le_lt_trans le _; apply: le_lt_trans (le_sum2 le1 (lexx _)) _.
    rewrite (_ : (L + 1) * _ = z / 2%:R); last by field; rewrite gt_eqF.
    by rewrite -subr_gt0 opprD addrACA subrr add0r subr_gt0.
  by rewrite (_ : z / 2%:R + z / 2%:R = z) ?ltxx //; field.
have [e e0 grow] : exists2 e, 0 < e & forall j, (j < k)%N ->
    forall y, `|y - c j| < e -> `|y - c j| <= `|f y - f (c j)|.
  have ex (j : 'I_k) : exists2 e, 0 < e & forall y, `|y - c j| < e -> `|y - c j| <= `|f y - f (c j)|.
    by have [e [L [e0 _ loc]]] := local (c j); exists e => // y /loc [].
  have [r r0 rP] := fin_all_exists2 ex.
  have [e e0 le] := least r0; exists e => // j jk y ye.
  by apply: (rP (Ordinal jk)); apply: lt_le_trans ye (le _).
have [N close] := near e e0; pose dist t := `|x t - c (t %% k)%N|.
have further t : (N <= t)%N -> dist t <= dist t.+1.
  move=> Nt; have tk : (t %% k < k)%N by rewrite ltn_pmod.
  apply: le_trans (grow _ tk _ (close t Nt)) _; rewrite /dist step cycle //.
  by rewrite -[(t %% k).+1]addn1 modnDml addn1.
have lands t : (N <= t)%N -> x t = c (t %% k)%N.
  move=> Nt; apply/eqP; rewrite -subr_eq0 -normr_eq0 -/(dist t); apply/negPn/negP => n0.
  have d0 : 0 < dist t by rewrite lt_neqAle eq_sym n0 normr_ge0.
  have [M far] := near _ d0; have up s : dist t <= dist (t + s)%N.
    by elim: s => [|s IH]; [rewrite addn0|rewrite addnS; apply: le_trans IH (further _ (leq_trans Nt (leq_addr _ _)))].
  by have := far (t + M)%N (leq_addl _ _); rewrite -/(dist _) ltNge up.
have /inj e1 : x N = x (N + k)%N.
  by rewrite (lands N (leqnn N)) (lands (N + k)%N (leq_addr _ _)) modnDr.
by move: k0; rewrite -(ltn_add2l N) addn0 -e1 ltnn.
Qed.

(* orders of integers, apart from what else is known *)
Lemma falls_below v w : Z.lt v 0 -> Z.lt (Z.add v w) w. Proof. lia. Qed.
Lemma falls_before v w w' u : Z.le w' w -> Z.lt (Z.add v w) u -> Z.lt (Z.add v w') u. Proof. lia. Qed.
Lemma below_le v w w' : Z.lt v w -> Z.le w w' -> Z.le v w'. Proof. lia. Qed.

Section Sound.
Variables (F : realFieldType) (m : model) (d : data) (r : nat) (lower upper : seq Q).
Variables (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (ps : seq piece).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> {dffun forall i : agent (sizes m), action i}).
Notation qval := (qval F).
Notation o := (1 - r)%N.
Hypothesis run : starts d v0 g0 V pi.

(* No cycle is approached where the pieces expand and the valuation of x falls. *)
Lemma expanding_sound prime : check_expanding m d r lower upper v0 g0 T ps prime -> approaches_none V.
Proof.
case/andP => /andP [/andP [checked /prime_atP pp] cont]; case E: after => [v|//]; case W: valuation => [w|//] falling.
have [r0 [o0 [r0E o0E cases first range]]] := interval_steps checked run.
case/andP: (checked) => _ /and3P [_ lk good].
pose D k := V (T + k)%N o0 - V (T + k)%N r0.
have expand : all (fun p => qlt q1 (qabs (slope m d r p))) ps.
  by apply: sub_all falling => p /andP [].
have fall k v' : valued prime (D k) v' -> Z.le v' w -> exists2 v2, valued prime (D k.+1) v2 & Z.lt v2 v'.
  move=> val le; have [lo hi] := range k; have [p [gp _ _ along_p]] := @along_piece F m d r upper _ _ _ _ falling lk lo hi.
  move=> e; move: gp; rewrite /falls_at => /andP [_]; case Sv: valuation => [vb|//] /andP [/Z.ltb_lt vb0 rest].
  have vm := valued_mul pp (valuationP F pp Sv) val; exists (Z.add vb v'); last exact: falls_below.
  rewrite /D e along_p; case/orP: rest => [|].
    by rewrite (qval_eq F) qval0 => /eqP ->; rewrite add0r.
  case Iv: valuation => [u|//] /Z.ltb_lt lt; rewrite addrC.
  exact: (valued_add pp vm (valuationP F pp Iv) (falls_before le lt)).
have start : valued prime (D 0%N) w by rewrite /D addn0 (first v E); apply: valuationP.
have inj : injective D by apply: (falling_inj pp start) fall.
move=> k c k0 near; pose x t := D t.
have step t : x t.+1 = along m d r ps (x t) by have [] := range t.
pose c' j := c ((T + j) %% k)%N o0 - c ((T + j) %% k)%N r0.
apply: (@local_no_cycle F (along m d r ps) x c' k _ step inj k0) => [z|e e0].
  exact: (along_local z lk good cont expand).
have e2 : 0 < e / 2%:R by rewrite divr_gt0 ?ltr0n.
have [N close] := near _ e2; exists N => t Nt.
have Nt' : (N <= T + t)%N by apply: leq_trans Nt (leq_addl _ _).
have h1 := ltW (close _ Nt' o0); have h2 := close _ Nt' r0.
rewrite /c' modnDmr /x /D (_ : _ - _ = V (T + t)%N o0 - c ((T + t) %% k)%N o0 - (V (T + t)%N r0 - c ((T + t) %% k)%N r0)); last by ring.
apply: le_lt_trans (norm_sub (lexx _) (lexx _)) _; rewrite (_ : e = e / 2%:R + e / 2%:R); last by field.
by apply: le_lt_trans (le_sum2 h1 (lexx _)) _; rewrite -subr_gt0 opprD addrACA subrr add0r subr_gt0.
Qed.
End Sound.
