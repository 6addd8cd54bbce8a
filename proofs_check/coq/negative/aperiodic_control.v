(* A tent map with slopes 13851/12500 and -60021/50000 comes back to no value: 5 divides
   their denominators and not their numerators.

   A control: aperiodic_63180.v has 63180 in place of 60021, and must not compile.

   never_back  no value of a sequence with these slopes comes twice                      *)
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Aperiodic.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* slopes 3^6 19/(5^5 2^2) below 0 and -3^5 13 19/(5^5 2^4) from 0 on *)
Theorem never_back (F : realFieldType) (x : nat -> F) : x 0%N = 0 ->
  (forall t, x t.+1 = 3%:R + (if 0 <= x t then - (3 ^+ 5 * 13 * 19) else 2 ^+ 2 * 3 ^+ 6 * 19 : int)%:~R
    / (2 ^+ 4 * 5 ^+ 5 : int)%:~R * x t) -> injective x.
Proof.
move=> start step; apply: (never_returns _ _ _ start step) => // t.
by case: ifP. (* the step that needs the constant *)
Qed.
