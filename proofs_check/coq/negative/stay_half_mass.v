(* Must not compile: stay_control.v with nu/2 in place of nu.

   The step that needs the constant is marked.

   attained  the fit at the action of negative mass nu                                   *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model MaxAffine SignedFits Witnesses.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Stay.
Variables (F : realFieldType) (J : finType) (W : J -> J -> F) (a : J) (gamma nu : F).
Hypothesis W1 : unit_rows W.
Hypothesis Wa : neg_mass W a = nu.

Theorem attained V : V false = 0 ->
  fit W (backup (@stay_reward F J) (transition F (stay_next W a)) gamma V true) a =
  1 + gamma * (1 + nu / 2%:R) * V true.
Proof.
move=> V0; rewrite stay_fit_true // positive_part // Wa.
by ring. (* the step that needs the constant *)
Qed.
End Stay.
