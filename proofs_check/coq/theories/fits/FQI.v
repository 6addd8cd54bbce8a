(* Runs of fitted Q-iteration exist: the theorems about all runs are not vacuous.

   Any finite sets of states and agents, any finite action sets, any ordered field; some
   joint action exists.

   is_max_unique         the maximum is unique
   greedy_is_max         greedy joint actions attain the maximum of Q_tot
   eps_greedy_sum1       eps-greedy data are distributions
   eps_greedy_gt0        of full support where 0 < eps <= 1
   linear_run_exists     fixed product data, any initial factors: there is a run of
                         linear FQI
   on_policy_run_exists  eps-greedy data, 0 < eps <= 1, any initial factors: there is
                         one
   on_policy_run_from    and one from any initial values and greedy joint actions
   fit_is_cf             full support: every least-squares fit has the Q_tot of the
                         counterfactual credits
   fit_ranks             and ranks every agent's actions as these do

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------- maxima *)
Section Maxima.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Implicit Types f : joint -> F.

Lemma is_max_unique f m m' : is_max f m -> is_max f m' -> m = m'.
Proof.
move=> [le [a fa]] [le' [a' fa']]; apply/eqP; rewrite eq_le.
by rewrite -{1}fa le' -fa' le.
Qed.

Lemma is_max_ext f f' m : (forall a, f a = f' a) -> is_max f m -> is_max f' m.
Proof.
by move=> ff' [le [a fa]]; split=> [b|]; [rewrite -ff'|exists a; rewrite -ff'].
Qed.

Lemma is_max_arg (a0 : joint) f : is_max f (f [arg max_(a > a0) f a]%O).
Proof.
split; last by exists [arg max_(a > a0) f a]%O.
by case: Order.TotalTheory.arg_maxP => // b _ le a; apply: le.
Qed.

(* a greedy joint action attains the maximum of Q_tot *)
Lemma greedy_is_max (Q : forall i, A i -> F) (a : joint) :
  greedy Q a -> is_max (Qtot Q) (Qtot Q a).
Proof. by move=> gr; split=> [b|]; [apply: ler_sum => i _; apply: gr|exists a]. Qed.
End Maxima.

(* ------------------------------------------------------- epsilon-greedy data *)
Section EpsilonGreedy.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variables (eps : F) (a : joint).

Lemma card_actions i : 0 < #|A i|%:R :> F.
Proof. by rewrite ltr0n; apply/card_gt0P; exists (a i). Qed.

Lemma eps_greedy_sum1 i : \sum_(x : A i) eps_greedy eps a x = 1.
Proof.
rewrite big_split /= sumr_const (bigD1 (a i)) //= eqxx big1; last first.
  by move=> x /negbTE ->.
by rewrite -[X in _ + X]mulr_natr divfK ?addr0 ?subrK // gt_eqF // card_actions.
Qed.

Lemma eps_greedy_gt0 : 0 < eps -> eps <= 1 -> forall i (x : A i), 0 < eps_greedy eps a x.
Proof.
move=> e0 e1 i x; apply: (@lt_le_trans _ _ (eps / #|A i|%:R)).
  by rewrite divr_gt0 // card_actions.
by rewrite /eps_greedy addrC le_plus; case: eqP => // _; rewrite subr_ge0.
Qed.
End EpsilonGreedy.

(* ------------------------------------------------------------ existence of runs *)
Section Runs.

Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable a0 : joint.                         (* there is some joint action      *)
Variable r : S -> joint -> F.
Variable P : S -> joint -> S -> F.
Variable gamma : F.

(* For every fixed product data and every initial factors Q0 there is a run of
   linear FQI that starts at Q0.
   Source: ours. *)
Theorem linear_run_exists (p : S -> local) (Q0 : S -> local) :
  (forall s i, \sum_(x : A i) p s i x = 1) -> (forall s i (x : A i), 0 <= p s i x) ->
  exists V Q, linear_run r P gamma p V Q /\ Q 0%N = Q0.
Proof.
move=> p1 p0; pose top (Q : S -> local) s := Qtot (Q s) [arg max_(a > a0) Qtot (Q s) a]%O.
pose step Q s := Qcf (p s) (target r P gamma (top Q) s).
pose Q t := iter t step Q0.
exists (fun t => top (Q t)), Q; split=> //; split=> t s; first exact: is_max_arg.
by rewrite /Q iterS; apply: counterfactual_is_optimal.
Qed.

(* For every 0 < eps <= 1 and every initial factors Q0 there is a run of linear
   FQI under epsilon-greedy data that starts at Q0.
   Source: ours. *)
Theorem on_policy_run_exists (eps : F) (Q0 : S -> local) : 0 < eps -> eps <= 1 ->
  exists V Q pi, on_policy_run r P gamma eps V Q pi /\ Q 0%N = Q0.
Proof.
move=> e0 e1.
pose sel (Q : S -> local) s : joint := [ffun i => [arg max_(x > a0 i) Q s i x]%O].
have selP Q s : greedy (Q s) (sel Q s).
  by move=> i x; rewrite ffunE; case: Order.TotalTheory.arg_maxP => // y _; apply.
pose top Q s := Qtot (Q s) (sel Q s).
pose step Q s := Qcf (eps_greedy eps (sel Q s)) (target r P gamma (top Q) s).
pose Q t := iter t step Q0.
exists (fun t => top (Q t)), Q, (fun t => sel (Q t)); split=> //; split=> // t s.
rewrite /Q iterS; apply: counterfactual_is_optimal => i.
  exact: eps_greedy_sum1.
by move=> x; apply/ltW/eps_greedy_gt0.
Qed.

(* For every 0 < eps <= 1, every joint policy pi0 and all values V0 there is such a
   run whose first greedy joint actions are pi0(s) and whose first values are V0(s)
   (at least one agent).
   Source: ours. *)
Theorem on_policy_run_from (i0 : I) (eps : F) (pi0 : S -> joint) (V0 : S -> F) :
  0 < eps -> eps <= 1 ->
  exists V Q pi, [/\ on_policy_run r P gamma eps V Q pi,
    forall s, pi 0%N s = pi0 s & forall s, V 0%N s = V0 s].
Proof.
move=> e0 e1; have n0 := n_neq0 F i0.
pose Q0 s i (x : A i) : F := V0 s / n_agents F I - (if x == pi0 s i then 0 else 1).
have [V [Q [pi [run QE]]]] := on_policy_run_exists Q0 e0 e1.
have [gr VE _] := run.
have piE s : pi 0%N s = pi0 s.
  apply/ffunP => i; apply/eqP/negPn/negP => neq.
  have := gr 0%N s i (pi0 s i); rewrite QE /Q0 eqxx (negbTE neq) subr0.
  by rewrite le_plus oppr_ge0 leNgt ltr01.
exists V, Q, pi; split=> // s; rewrite VE piE QE /Qtot.
rewrite (eq_bigr (fun=> V0 s / n_agents F I)) => [|i _].
  by rewrite sumr_const -[LHS]mulr_natr -/(n_agents F I) divfK.
by rewrite /Q0 eqxx subr0.
Qed.

(* Whatever least-squares solver a run uses: with full support, its Q_tot at the
   next step is that of the counterfactual credits.                              *)
Lemma fit_is_cf (p : local) (y : joint -> F) Q a :
  (forall i, \sum_(x : A i) p i x = 1) -> (forall i (x : A i), 0 < p i x) ->
  best_fit p y Q -> Qtot Q a = Qtot (Qcf p y) a.
Proof.
move=> p1 p0 fit; apply: Qtot_unique_on_support fit _ _ => //.
  by move=> i x; apply: ltW.
by apply: prodr_gt0 => i _.
Qed.

(* ... and its factors rank every agent's actions as the credits do *)
Lemma fit_ranks (p : local) (y : joint -> F) Q i (x x' : A i) :
  (forall i, \sum_(x : A i) p i x = 1) -> (forall i (x : A i), 0 < p i x) ->
  best_fit p y Q ->
  Q i x - Q i x' = E p (fun a => y (upd a x)) - E p (fun a => y (upd a x')).
Proof.
by move=> p1 p0 /(minimisers p1 (fun i x => ltW (p0 i x)) y Q p0) [w _ QE];
   rewrite !QE /Qcf; ring.
Qed.

End Runs.
