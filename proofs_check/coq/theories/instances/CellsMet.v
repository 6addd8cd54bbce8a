(* The hypotheses of the theorem of OnPolicyAperiodic.v can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model FQI Rationals Tables Fits Claims Positions Regions.
From FqiTheory Require Import CheckedDifferences CheckedExpanding CheckedCells Fates OnPolicyAperiodic.
From FqiTheory Require Import Met Example.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma on_policy_aperiodic_met : met (@on_policy_aperiodic).
Proof.
exists rationals; have [[V [pi run]] _] := on_policy_aperiodic rationals; exists V, pi; split; first exact: run.
by exists 1%N, (fun _ _ => 0).
Qed.
