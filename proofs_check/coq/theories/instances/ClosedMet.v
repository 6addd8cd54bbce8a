(* The hypotheses of the theorems on linear fits in closed form can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

          never == product data that play only the second action of `better`
           even == uniform data as products, at both states of `turns`
    turns_apart == no deviation from the cycle of `turns`, with the actions of its two agents

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOrbit Sums CheckedClasses Fates Choosers CheckedRules CheckedClosed.
From FqiTheory Require Import Met Example CertificatesMet ClassesMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition never : data := Product [:: [:: [:: 0#1; 1#1]]]%Q.
Definition even : data := let p := [:: 1#2; 1#2]%Q in Product [:: [:: p; p]; [:: p; p]].
Definition turns_apart : proof := Proof 0%N [:: 23175#1463; 21275#1463]%Q [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]]
  [:: [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]]; [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]]] [:: ] [:: ]
  (Region Bounded [:: ]%Q [:: ] None).

Lemma open_fate_sound_met : met (@open_fate_sound).
Proof.
exists AR, better, never, [:: 0#1]%Q, [:: [:: 0%N]], stays.
have checked : check_open_fate better never [:: 0#1]%Q [:: [:: 0%N]] stays by vm_compute.
split; first exact: checked.
have [[V [Q [V0 run]]] _] := open_fate_sound AR checked.
by exists V; exists Q; split; [exact: V0|exact: run].
Qed.

Lemma open_limit_sound_met : met (@open_limit_sound).
Proof.
exists AR, better, never, [:: 2#1]%Q, [:: [:: 1%N]].
exists (Proof 0%N [:: 2#1]%Q [:: [:: 1%N]] [:: [:: [:: 1%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None)), true.
exists better_limit; split; first by vm_compute.
by move=> g [_ _ _ [V [Q [V0 run]]] _]; exists V, Q; parts; exists 0%N.
Qed.

Lemma open_orbit_sound_met : met (@open_orbit_sound).
Proof.
exists AR, turns, even, [:: 23175#1463; 21275#1463]%Q.
exists [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]], turns_apart, true, turns_points, turns_policies.
split; first by vm_compute.
move=> pis [_ _ _ [V [Q [V0 run]]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, Q; split; first exact: V0.
split; first exact: run.
by exists 1; split=> // N _; exists N.
Qed.
