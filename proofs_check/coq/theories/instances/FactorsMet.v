(* The hypotheses of the theorems on the agents' factors of least norm can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers. Data, claims and hints are those of
   NormsMet.v, the cycle is that of ClosedMet.v.

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOrbit Sums CheckedClasses Fates Choosers CheckedRules Shifted CheckedNorms CheckedFactors.
From FqiTheory Require Import Met Example CertificatesMet ClassesMet ClosedMet NormsMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Lemma factors_fate_sound_met : met (@factors_fate_sound).
Proof.
exists AR, better, second, no_spread, [:: 0#1]%Q, [:: [:: 0%N]], stays.
have checked : check_factors_fate better second no_spread [:: 0#1]%Q [:: [:: 0%N]] stays by vm_compute.
split; first exact: checked.
have [[V [Q [V0 run]]] _] := factors_fate_sound AR checked.
by exists V, Q; split; [exact: V0|exact: run].
Qed.

Lemma factors_limit_sound_met : met (@factors_limit_sound).
Proof.
exists AR, better, second, no_spread, [:: 2#1]%Q, [:: [:: 0%N]].
exists (Proof 0%N [:: 2#1]%Q [:: [:: 0%N]] [:: [:: [:: 0%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None)), true.
exists second_limit; split; first by vm_compute.
by move=> g [_ _ _ [V [Q [V0 run]]] _]; exists V, Q; parts; exists 0%N.
Qed.

Lemma factors_orbit_sound_met : met (@factors_orbit_sound).
Proof.
exists AR, turns, Uniform, turns_least, [:: 23175#1463; 21275#1463]%Q.
exists [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]], turns_apart, true, turns_points, turns_policies.
split; first by vm_compute.
move=> pis [_ _ _ [V [Q [V0 run]]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, Q; split; first exact: V0.
split; first exact: run.
by exists 1; split=> // N _; exists N.
Qed.
