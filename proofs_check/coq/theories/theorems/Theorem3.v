(* Theorem 3: linear FQI diverges off policy, with its exact threshold.

   The two-state example: two agents, two actions each. In s1 the joint action (0,0)
   pays 1 and every other one 0; (1,1) leads to s0 and all others stay in s1; s0 is
   absorbing with reward 0. Data: both agents act uniformly at random. States: true is
   s1, false is s0; agents and actions: false first, true second. V(s0) = 0 at the
   start, V(s1) is free.

            reward F s a == its rewards
                next s a == its successor
          trans F s a s' == its transition probabilities, 0 and 1
            unif F s i x == 1/2, uniform data
           Y gamma v x z == the target y(s1,(x,z)) at V(s1) = v, V(s0) = 0
   uniform_run gamma V Q == a run of linear FQI on the example
       piece gamma v x z == Q_tot^(t+1)(s1,(x,z)) when V^(t)(s1) = v

   theorem3_run_exists  there is a run from every V(s1)
   theorem3_recursion   V(s1) <- 3/4 + (5 gamma/4) V(s1) from V(s1) >= 0 on
   theorem3_contracts   gamma < 4/5: the distance to 3/(4 - 5 gamma) shrinks by 5
                        gamma/4 a step
   theorem3_converges   gamma < 4/5: every run converges to 3/(4 - 5 gamma)
   theorem3_diverges    4/5 <= gamma < 1: every run is unbounded
   theorem3_exact       a run converges iff gamma < 4/5

   Source: arXiv 2006.00587 (the example and its divergence; Theorem 3 of CSE510 lecture
   25); the exact threshold 4/5, the limit 3/(4 - 5 gamma) and negative starts are ours. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI TwoAgents.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------ the model *)
Section Example.
Variable F : realFieldType.
Notation joint := {dffun forall i : bool, bool}.

(* states: true is s1, false is s0; agents and actions: false first, true second *)
Definition reward (s : bool) (a : joint) : F :=
  if s && ~~ a false && ~~ a true then 1 else 0.
Definition next (s : bool) (a : joint) : bool := s && ~~ (a false && a true).
Definition trans (s : bool) (a : joint) (s' : bool) : F := (s' == next s a)%:R.

(* uniform data *)
Definition unif (s i x : bool) : F := 1 / 2%:R.

(* the targets y(s1,(x,z)) when V(s1) = v and V(s0) = 0 *)
Definition Y (gamma v : F) (x z : bool) : F :=
  (if ~~ x && ~~ z then 1 else 0) + gamma * (if x && z then 0 else v).
End Example.

Section Theorem3.
Variable F : realFieldType.
Variable gamma : F.
Notation joint := {dffun forall i : bool, bool}.
Notation local := (forall i : bool, bool -> F).
Notation Qtot := (@Qtot F (finite bool) (fun=> (finite bool))).
Notation target := (@target F (finite bool) (finite bool) (fun=> (finite bool))
                      (reward F) (trans F) gamma).

(* a run of linear FQI on the example under uniform data *)
Definition uniform_run : (nat -> bool -> F) -> (nat -> bool -> local) -> Prop :=
  @linear_run F (finite bool) (finite bool) (fun=> (finite bool))
    (reward F) (trans F) gamma (@unif F).

Lemma targetE V s (a : joint) : target V s a = reward F s a + gamma * V (next s a).
Proof.
rewrite /Model.target big_bool /= /trans.
by case: (next s a); rewrite /= mul0r mul1r ?addr0 ?add0r.
Qed.

Lemma target_s1 V (a : joint) : V false = 0 ->
  target V true a = Y gamma (V true) (a false) (a true).
Proof.
by move=> V0; rewrite targetE /Y /reward /next; case: (a false); case: (a true) => //=; rewrite V0.
Qed.

Lemma target_s0 V (a : joint) : V false = 0 -> target V false a = 0.
Proof. by move=> V0; rewrite targetE /reward /next /= V0 mulr0 addr0. Qed.

Lemma unif_sum1 s i : unif F s i false + unif F s i true = 1.
Proof. by rewrite /unif; field. Qed.

Lemma unif_gt0 s i x : 0 < unif F s i x.
Proof. by rewrite /unif divr_gt0 ?ltr01 ?ltr0n. Qed.

(* the four values of Q_tot^(t+1)(s1,.), when V^(t)(s1) = v *)
Definition piece (v : F) (x z : bool) : F :=
  if x && z then - 1 / 4%:R + gamma / 4%:R * v
  else if x || z then 1 / 4%:R + 3%:R * gamma / 4%:R * v
  else 3%:R / 4%:R + 5%:R * gamma / 4%:R * v.

Lemma step_s1 V Q t : uniform_run V Q -> V t false = 0 ->
  is_max (fun a : joint => piece (V t true) (a false) (a true)) (V t.+1 true).
Proof.
move=> [mx fit] V0; apply: is_max_ext (mx t.+1 true) => a.
rewrite (fit_is_cf a _ _ (fit t true)).
- rewrite (Qtot_two (unif_sum1 true) (fun b => target_s1 b V0)) /unif /Y /piece.
  by case: (a false); case: (a true) => /=; field.
- by move=> i; apply: two_sum1; apply: unif_sum1.
- by move=> i x; apply: unif_gt0.
Qed.

Lemma stays_s0 V Q t : uniform_run V Q -> V 0%N false = 0 -> V t false = 0.
Proof.
move=> [mx fit] V0; elim: t => // t IH; have [_ [a <-]] := mx t.+1 false.
rewrite (fit_is_cf a _ _ (fit t false)).
- rewrite (Qtot_two (y := target (V t) false) (Y := fun _ _ => 0) (unif_sum1 false)).
    by rewrite !mulr0 !addr0 mulr0 addr0 subr0.
  by move=> b; apply: target_s0.
- by move=> i; apply: two_sum1; apply: unif_sum1.
- by move=> i x; apply: unif_gt0.
Qed.

(* From every start with V(s0) = 0 there is a run.
   Source: ours. *)
Theorem theorem3_run_exists (v0 : F) :
  exists V Q, [/\ uniform_run V Q, V 0%N false = 0 & V 0%N true = v0].
Proof.
pose Q0 (s i x : bool) : F := if s then v0 / 2%:R else 0.
have [V [Q [run Q0E]]] :=
  @linear_run_exists F (finite bool) (finite bool) (fun=> (finite bool)) (act false false)
    (reward F) (trans F) gamma (@unif F) Q0
    (fun s => two_sum1 (unif_sum1 s)) (fun s i x => ltW (unif_gt0 s i x)).
exists V, Q; have VE s : V 0%N s = if s then v0 else 0.
  have [mx _] := run; have [_ [a <-]] := mx 0%N s.
  by rewrite Q0E /Model.Qtot big_bool /Q0 /=; case: s; field.
by split=> //; rewrite VE.
Qed.

Section Run.
Variables (V : nat -> bool -> F) (Q : nat -> bool -> local).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis run : uniform_run V Q.
Hypothesis start : V 0%N false = 0.           (* V(s0) = 0; V(s1) is free        *)
Notation v t := (V t true).                   (* v t = V^(t)(s1)                 *)

Lemma stepP t : is_max (fun a : joint => piece (v t) (a false) (a true)) (v t.+1).
Proof. by apply: step_s1 run _; apply: stays_s0 run start. Qed.

Lemma step_ge t x z : piece (v t) x z <= v t.+1.
Proof. by have [/(_ (act x z))] := stepP t; rewrite act1 act2. Qed.

(* From V(s1) >= 0 on, every run obeys V(s1) <- 3/4 + (5 gamma/4) V(s1).
   Source: arXiv 2006.00587 (off-policy divergence; Theorem 3 of CSE510
     lecture 25). *)
Theorem theorem3_recursion t :
  0 <= v t -> v t.+1 = 3%:R / 4%:R + 5%:R * gamma / 4%:R * v t.
Proof.
move=> vt; apply/eqP; rewrite eq_le (step_ge t false false) andbT.
have [_ [a <-]] := stepP t; rewrite -subr_ge0 /piece.
have gv : 0 <= gamma * v t by apply: mulr_ge0.
have h : 0 <= 1 / 2%:R :> F by rewrite divr_ge0 ?ler01 ?ler0n.
case: (a false); case: (a true) => /=; rewrite ?subrr //.
- rewrite (_ : _ - _ = 1 + gamma * v t); last by field.
  by rewrite addr_ge0 ?ler01.
- rewrite (_ : _ - _ = 1 / 2%:R + 1 / 2%:R * (gamma * v t)); last by field.
  by apply: addr_ge0 => //; apply: mulr_ge0.
- rewrite (_ : _ - _ = 1 / 2%:R + 1 / 2%:R * (gamma * v t)); last by field.
  by apply: addr_ge0 => //; apply: mulr_ge0.
Qed.

(* Every step gains at least 1/4 while V(s1) < 0 (any gamma < 1). *)
Lemma gain_below t : gamma < 1 -> v t < 0 -> v t + 1 / 4%:R <= v t.+1.
Proof.
move=> g1 vt; apply: le_trans (step_ge t true false); rewrite /piece /= -subr_ge0.
rewrite (_ : _ - _ = (1 - gamma + gamma / 4%:R) * - v t); last by field.
apply: mulr_ge0; last by rewrite oppr_ge0 ltW.
by apply: addr_ge0; [rewrite subr_ge0 ltW|rewrite divr_ge0 ?ler0n].
Qed.

(* ... and at least 3/4 from V(s1) >= 0 on, when gamma >= 4/5. *)
Lemma gain_above t : 4%:R / 5%:R <= gamma -> 0 <= v t -> v t + 3%:R / 4%:R <= v t.+1.
Proof.
move=> g45 vt; rewrite theorem3_recursion // -subr_ge0.
rewrite (_ : _ - _ = 5%:R / 4%:R * (gamma - 4%:R / 5%:R) * v t); last by field.
by rewrite !mulr_ge0 ?invr_ge0 ?ler0n ?subr_ge0.
Qed.

Lemma gain t : 4%:R / 5%:R <= gamma -> gamma < 1 -> v 0%N + t%:R * (1 / 4%:R) <= v t.
Proof.
move=> g45 g1; elim: t => [|t IH]; first by rewrite mul0r addr0.
rewrite -addn1 natrD mulrDl [1%:R * _]mul1r addrA.
apply: (@le_trans _ _ (v t + 1 / 4%:R)).
  by apply: le_sum2.
rewrite addn1; have [vt|vt] := lerP 0 (v t); last exact: gain_below.
apply: le_trans (gain_above g45 vt); rewrite le_plus2l -subr_ge0.
rewrite (_ : _ - _ = 2%:R / 4%:R); last by field.
by rewrite divr_ge0 ?ler0n.
Qed.

(* gamma < 4/5: |V^(t)(s1) - 3/(4-5 gamma)| <= (5 gamma/4)^t |V^(0)(s1) - 3/(4-5 gamma)|,
   for every start V(s1), negative ones included.
   Source: ours. *)
Theorem theorem3_contracts t : gamma < 4%:R / 5%:R ->
  `|v t - 3%:R / (4%:R - 5%:R * gamma)| <=
  (5%:R * gamma / 4%:R) ^+ t * `|v 0%N - 3%:R / (4%:R - 5%:R * gamma)|.
Proof.
move=> g45; pose k : F := 5%:R * gamma / 4%:R; pose l : F := 3%:R / (4%:R - 5%:R * gamma).
have den : 0 < 4%:R - 5%:R * gamma.
  rewrite (_ : _ - _ = 5%:R * (4%:R / 5%:R - gamma)); last by field.
  by rewrite mulr_gt0 ?ltr0n // subr_gt0.
have den0 : 4%:R - 5%:R * gamma != 0 by rewrite gt_eqF.
have l0 : 0 <= l by rewrite divr_ge0 ?ler0n // ltW.
have lE : 3%:R / 4%:R + k * l = l by rewrite /k /l; field.
have k0 : 0 <= k by rewrite !mulr_ge0 ?ler0n // invr_ge0 ler0n.
rewrite -/k -/l; elim: t => [|t IH]; first by rewrite expr0 mul1r.
suff le : `|v t.+1 - l| <= k * `|v t - l|.
  by apply: le_trans le _; rewrite exprS -mulrA; apply: le_mul2l.
pose d := `|v t - l|; have d0 : 0 <= d by apply: normr_ge0.
have vl : v t <= l + d by rewrite -subr_ge0 addrAC -opprB addrC subr_ge0 ler_norm.
apply: norm_le; last first.
  rewrite opprB; apply: (@le_trans _ _ (l - piece (v t) false false)).
    by rewrite le_minus // step_ge.
  rewrite -subr_ge0 -[X in _ - (X - _)]lE /piece /=.
  rewrite (_ : _ - _ = k * (d - (l - v t))); last by rewrite -/d /k; field.
  by rewrite mulr_ge0 // subr_ge0 /d distrC ler_norm.
have [_ [a <-]] := stepP t; rewrite -subr_ge0.
have q : 0 <= 1 / 4%:R :> F by rewrite divr_ge0 ?ler01 ?ler0n.
have gp : 0 <= gamma * (l + d - v t) by rewrite mulr_ge0 // subr_ge0.
have gl : 0 <= gamma * (l + d) by rewrite mulr_ge0 ?addr_ge0.
rewrite -[X in _ - (_ - X)]lE /piece; case: (a false); case: (a true) => /=.
- rewrite (_ : _ - _ = 1 + 1 / 4%:R * (gamma * (l + d - v t)) + gamma * (l + d)).
    by pos.
  by rewrite /k -/d; field.
- rewrite (_ : _ - _ = 1 / 4%:R + 1 / 4%:R
                       + (1 / 4%:R + 1 / 4%:R + 1 / 4%:R) * (gamma * (l + d - v t))
                       + (1 / 4%:R + 1 / 4%:R) * (gamma * (l + d))).
    by pos.
  by rewrite /k -/d; field.
- rewrite (_ : _ - _ = 1 / 4%:R + 1 / 4%:R
                       + (1 / 4%:R + 1 / 4%:R + 1 / 4%:R) * (gamma * (l + d - v t))
                       + (1 / 4%:R + 1 / 4%:R) * (gamma * (l + d))).
    by pos.
  by rewrite /k -/d; field.
- rewrite (_ : _ - _ = 5%:R * (1 / 4%:R) * (gamma * (l + d - v t))).
    by pos.
  by rewrite /k -/d; field.
Qed.
End Run.
End Theorem3.

Section Exact.
Variables (F : archiFieldType) (gamma : F).
Variables (V : nat -> bool -> F) (Q : nat -> bool -> forall i : bool, bool -> F).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis gamma_lt1 : gamma < 1.
Hypothesis run : uniform_run gamma V Q.
Hypothesis start : V 0%N false = 0.

(* gamma < 4/5: every run converges to V(s1) = 3/(4 - 5 gamma).
   Source: ours. *)
Theorem theorem3_converges : gamma < 4%:R / 5%:R ->
  tends_to (fun t => V t true) (3%:R / (4%:R - 5%:R * gamma)).
Proof.
move=> g45 e e0; pose c := `|V 0%N true - 3%:R / (4%:R - 5%:R * gamma)|.
have k0 : 0 <= 5%:R * gamma / 4%:R by rewrite !mulr_ge0 ?ler0n // invr_ge0 ler0n.
have k1 : 5%:R * gamma / 4%:R < 1.
  rewrite -subr_gt0 (_ : _ - _ = 5%:R / 4%:R * (4%:R / 5%:R - gamma)); last by field.
  by rewrite mulr_gt0 ?subr_gt0 // divr_gt0 ?ltr0n.
have [T le] := powers_vanish k0 k1 (normr_ge0 _ : 0 <= c) e0.
exists T => t /le; apply: le_lt_trans.
exact: (theorem3_contracts gamma_ge0 run start).
Qed.

(* gamma >= 4/5: every run is unbounded.
   Source: arXiv 2006.00587 (off-policy divergence; Theorem 3 of CSE510
     lecture 25); gamma = 4/5 and negative starts: ours. *)
Theorem theorem3_diverges : 4%:R / 5%:R <= gamma -> unbounded (fun t => V t true).
Proof.
move=> g45 M; have q : 0 < 1 / 4%:R :> F by rewrite divr_gt0 ?ltr01 ?ltr0n.
have [t lt] := multiples_exceed (M - V 0%N true) q.
exists t; apply: lt_le_trans (gain gamma_ge0 run start t g45 gamma_lt1).
exact: lt_from_sub.
Qed.

(* The threshold is exact: a run converges (to anything) if and only if gamma < 4/5.
   Source: ours. *)
Theorem theorem3_exact :
  (exists l, tends_to (fun t => V t true) l) <-> gamma < 4%:R / 5%:R.
Proof.
split=> [[l lim]|g45]; last first.
  by exists (3%:R / (4%:R - 5%:R * gamma)); apply: theorem3_converges.
have [//|g45] := ltrP gamma (4%:R / 5%:R).
have q : 0 < 1 / 4%:R :> F by rewrite divr_gt0 ?ltr01 ?ltr0n.
have [T le] := lim 1 ltr01.
have [b lt] := multiples_exceed (l + 1 - V 0%N true) q.
have big : l + 1 < V (T + b)%N true.
  apply: lt_le_trans (gain gamma_ge0 run start (T + b) g45 gamma_lt1).
  apply: lt_from_sub; apply: lt_le_trans lt _.
  by apply: le_mul2r; [apply: ltW|rewrite ler_nat leq_addl].
have := le (T + b)%N (leq_addr _ _); rewrite ltNge => /negP []; apply: ltW.
apply: lt_le_trans (ler_norm _).
by rewrite -subr_gt0 -addrA -opprD subr_gt0.
Qed.
End Exact.
