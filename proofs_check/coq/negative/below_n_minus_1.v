(* Must not compile: below_control.v with 1/(n - 1) in place of 1/n.

   The step that needs the constant is marked.

   below  gamma (1 + nu) < 1 for the negative mass nu of every row                       *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model SignedFits AdditiveMass TheoremB.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Below.
Variables (F : realFieldType) (I : finType) (A : I -> finType) (i0 : I).
Variables (p : forall i, A i -> F) (gamma : F).
Notation joint := {dffun forall i, A i}.
Notation n := (n_agents F I).
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.
Hypothesis p_gt0 : forall i (x : A i), 0 < p x.
Hypothesis gamma_ge0 : 0 <= gamma.

Theorem below (a : joint) : gamma * (n - 1) < 1 ->
  gamma * (1 + neg_mass (additive_weights p : finite joint -> finite joint -> F) a) < 1.
Proof.
apply: le_lt_trans; apply: le_mul2l => //.
have le := additive_mass_le p_sum1 p_gt0 i0 a.
have eq : 1 + (n - 1) = n by ring.
by rewrite -[X in _ <= X]eq le_plus2l; exact: le. (* the step that needs the constant *)
Qed.
End Below.
