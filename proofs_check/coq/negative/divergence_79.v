(* Must not compile: divergence_control.v with gamma = 79/100 in place of 80/100.

   The step that needs the constant is marked.

   divergence  every run from V(s0) = 0 is unbounded at this gamma                       *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Theorem3.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Theorem divergence (F : archiFieldType) V Q : uniform_run (79%:R / 100%:R : F) V Q ->
  V 0%N false = 0 -> unbounded (fun t => V t true).
Proof.
move=> run start; pose g : F := 79%:R / 100%:R.
have g0 : 0 <= g by apply: divr_ge0; apply: ler0n.
have g1 : g < 1.
  apply: (@lt_cancel _ 100%:R); first by rewrite ltr0n.
  by rewrite /g divfK ?pnatr_eq0 // mul1r ltr_nat.
apply: (theorem3_diverges g0 g1 run start).
apply: (@le_cancel _ 500%:R); first by rewrite ltr0n.
rewrite (_ : 4%:R / 5%:R * 500%:R = 400%:R); last by field.
rewrite (_ : g * 500%:R = (5 * 79)%:R); last by rewrite /g natrM; field.
by rewrite ler_nat. (* the step that needs 4/5 <= gamma *)
Qed.
