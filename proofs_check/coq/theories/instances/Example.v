(* The instance that meets most theorems: the two-state example of Theorem3.v under
   uniform data, and the class of linear value factorisation there, whose negative mass
   is 1/4.

   Two agents with two actions each, any ordered field.

        rationals == the rational numbers, of which nothing is known but that they are
                     an archimedean ordered field
   rational_field == the same, as an ordered field
              two == the booleans: two states, two agents, two actions
           joint2 == the joint actions
           half F == 1/2
              a00 == the joint action (0,0)
        weights F == the weights of the additive class under uniform data
            known == solves a goal that is one of the facts below
            parts == splits a conjunction and solves what is known

   p_sum1            uniform data are distributions
   p_gt0             of full support
   trans_stochastic  the transition probabilities are distributions
   fixed_runs        there are runs at any discount from any factors
   weights_unit      the rows of the weights sum to one
   weights_mean      fits keep the mean of their targets
   weights_mass      (0,0) attains the negative mass 1/4

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI TwoAgents Theorem3.
From FqiTheory Require Import MaxAffine SignedFits Witnesses AdditiveMass.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* Sealed by Qed: no proof computes with them, for MathComp 2 would do so for minutes,
   where it only compares.                                                             *)
Definition rationals : archiFieldType. Proof. exact: (structure archiFieldType rat). Qed.
Definition rational_field : realFieldType. Proof. exact: (structure realFieldType rat). Qed.

Notation two := (finite bool).
Notation joint2 := {dffun forall i : two, two}.

Section Example.
Variable F : realFieldType.
Notation p := (unif F : two -> forall i : two, two -> F).

Definition half : F := 1 / 2%:R.
Definition a00 : joint2 := act false false.
Lemma half_gt0 : 0 < half. Proof. by rewrite /half divr_gt0 ?ltr01 ?ltr0n. Qed.
Lemma half_ge0 : 0 <= half. Proof. exact/ltW/half_gt0. Qed.
Lemma half_lt1 : half < 1.
Proof. by rewrite /half -subr_gt0 (_ : _ - _ = half) ?half_gt0 // /half; field. Qed.
Lemma half_le1 : half <= 1. Proof. exact/ltW/half_lt1. Qed.

Lemma ratio_ge0 (m n : nat) : 0 <= m%:R / n%:R :> F. Proof. by rewrite divr_ge0 ?ler0n. Qed.
Lemma inverse_ge0 (n : nat) : 0 <= 1 / n%:R :> F. Proof. exact: ratio_ge0 1%N n. Qed.
Lemma ratio_gt0 (m n : nat) : (0 < m)%N -> (0 < n)%N -> 0 < m%:R / n%:R :> F.
Proof. by move=> m0 n0; rewrite divr_gt0 ?ltr0n. Qed.
Lemma ratio_lt1 (m n : nat) : (m < n)%N -> m%:R / n%:R < 1 :> F.
Proof. by move=> mn; rewrite div_lt ?ltr0n ?(leq_ltn_trans _ mn) // mul1r ltr_nat. Qed.

Lemma p_sum1 s i : \sum_(x : two) p s i x = 1.
Proof. exact: two_sum1 (unif_sum1 F s) i. Qed.
Lemma p_gt0 s i x : 0 < p s i x. Proof. exact: unif_gt0. Qed.
Lemma p_ge0 s i x : 0 <= p s i x. Proof. exact/ltW/p_gt0. Qed.
Lemma prob_p_gt0 s (a : joint2) : 0 < prob (p s) a. Proof. exact: (prob_gt0 (p_gt0 s)). Qed.

Lemma trans_stochastic : @stochastic F two (finite joint2) (trans F).
Proof. exact: (transition_stochastic F (next : two -> finite joint2 -> two)). Qed.
Lemma trans_ge0 s a s' : 0 <= trans F s a s'. Proof. by have [] := trans_stochastic. Qed.
Lemma trans_sum1 s a : \sum_(s' : two) trans F s a s' = 1. Proof. by have [] := trans_stochastic. Qed.

(* runs at any discount *)
Lemma fixed_runs g (Q0 : two -> forall i : two, two -> F) :
  exists V Q, linear_run (reward F) (trans F) g p V Q /\ Q 0%N = Q0.
Proof. by apply: (linear_run_exists a00) => [s i|s i x]; [apply: p_sum1|apply: p_ge0]. Qed.

(* the weights of the additive class, nu = 1/4 *)
Definition weights : finite joint2 -> finite joint2 -> F := additive_weights (p true).
Lemma weights_unit : unit_rows weights. Proof. exact: additive_unit_rows (p_sum1 true) (p_gt0 true). Qed.
Lemma weights_mean : keeps_mean (prob (p true) : finite joint2 -> F) weights.
Proof. exact: additive_keeps_mean (p_sum1 true) (p_gt0 true). Qed.
Lemma weights_mass : attains_mass weights a00 (1 / 4%:R).
Proof.
have rare : rarest (p true) a00 by move=> i x; apply: lexx.
have [_ most] := rarest_attains (p_sum1 true) (p_gt0 true) rare.
suff e : neg_mass weights a00 = 1 / 4%:R by split=> //; rewrite -e.
rewrite /weights (rare_mass (p_sum1 true) (p_gt0 true)) ?card_bool //.
  by rewrite /n_agents card_bool big_bool /= /unif; field.
by move=> i; rewrite /n_agents card_bool /unif -subr_ge0 (_ : _ - _ = half) ?half_ge0 // /half; field.
Qed.
End Example.

(* what `done` knows in MathComp 2 of itself *)
#[global] Hint Extern 0 (is_true (_ <= _)) => exact: ler01 : core.
#[global] Hint Extern 0 (is_true (_ < _)) => exact: ltr01 : core.

Ltac known := solve
  [ done | assumption | exact: half_ge0 | exact: half_gt0 | exact: half_lt1 | exact: half_le1
  | exact: ratio_ge0 | exact: inverse_ge0 | exact: ler01 | exact: ltr01 | exact: ratio_gt0 | exact: ratio_lt1 | exact: lexx
  | exact: p_sum1 | exact: p_gt0 | exact: p_ge0 | exact: prob_p_gt0 | exact: trans_ge0 | exact: trans_sum1
  | exact: trans_stochastic ].
Ltac parts := repeat match goal with |- _ /\ _ => split end; try known.
