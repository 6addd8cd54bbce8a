(* The two-state example is unbounded at gamma = 80/100.

   A control: divergence_79.v has gamma = 79/100 in place of 80/100, and must not
   compile.

   divergence  every run from V(s0) = 0 is unbounded at this gamma                       *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Theorem3.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Theorem divergence (F : archiFieldType) V Q : uniform_run (80%:R / 100%:R : F) V Q ->
  V 0%N false = 0 -> unbounded (fun t => V t true).
Proof.
move=> run start; pose g : F := 80%:R / 100%:R.
have g0 : 0 <= g by apply: divr_ge0; apply: ler0n.
have g1 : g < 1.
  apply: (@lt_cancel _ 100%:R); first by rewrite ltr0n.
  by rewrite /g divfK ?pnatr_eq0 // mul1r ltr_nat.
apply: (theorem3_diverges g0 g1 run start).
apply: (@le_cancel _ 500%:R); first by rewrite ltr0n.
rewrite (_ : 4%:R / 5%:R * 500%:R = 400%:R); last by field.
rewrite (_ : g * 500%:R = (5 * 80)%:R); last by rewrite /g natrM; field.
by rewrite ler_nat. (* the step that needs 4/5 <= gamma *)
Qed.
