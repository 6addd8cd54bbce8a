(* The hypotheses of the theorems on classes of sums where the fit of least norm is chosen can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

         second == data that play only the second action of `better`
   second_limit == its limit: all actions get the value of the one that is played, and the first
                   one wins the tie
      no_spread == a hint: the targets do not differ where there is weight
    turns_least == a hint for `turns` under uniform data

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOrbit Sums CheckedClasses Fates Choosers CheckedRules CheckedNorms.
From FqiTheory Require Import Met Example CertificatesMet ClassesMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition second : data := Joint [:: [:: 0#1; 1#1]]%Q [::].
Definition second_limit : limit := Limit [:: 2#1]%Q [:: [:: 0%N]] [:: 2#1]%Q [:: 0#1]%Q.
Definition no_spread : seq (seq (seq Q)) := [:: [:: ]].
Definition turns_least : seq (seq (seq Q)) :=
  [:: [:: [:: 2#1; 0#1; 0#1]; [:: -2#1; 9#10; -9#10]; [:: 0#1; -9#10; 9#10]; [:: ]];
   [:: [:: 8#1; 0#1; 0#1]; [:: -4#1; 0#1; 0#1]; [:: -4#1; 0#1; 0#1]; [:: ]]]%Q.

Lemma least_fate_sound_met : met (@least_fate_sound).
Proof.
exists AR, better, second, [:: [:: 0%N]], no_spread, [:: 0#1]%Q, [:: [:: 0%N]], stays.
have checked : check_least_fate better second [:: [:: 0%N]] no_spread [:: 0#1]%Q [:: [:: 0%N]] stays by vm_compute.
split; first exact: checked.
have [[V [Q [V0 run]]] _] := least_fate_sound AR checked.
by exists V, Q; split; [exact: V0|exact: run].
Qed.

Lemma least_contraction_sound_met : met (@least_contraction_sound).
Proof.
exists AR, better, second, [:: [:: 0%N]], no_spread, second_limit, [:: 1#1]%Q, (1#2)%Q.
have checked : check_least_contraction better second [:: [:: 0%N]] no_spread second_limit [:: 1#1]%Q (1#2)%Q.
  by vm_compute.
split; first exact: checked.
move=> pi _; have /andP [/and4P [_ _ okc _] _] := checked.
by have [V [Q [_ run]]] := least_exists AR okc [:: 0#1]%Q pi; exists V, Q.
Qed.

Lemma least_limit_sound_met : met (@least_limit_sound).
Proof.
exists AR, better, second, [:: [:: 0%N]], no_spread, [:: 2#1]%Q, [:: [:: 0%N]].
exists (Proof 0%N [:: 2#1]%Q [:: [:: 0%N]] [:: [:: [:: 0%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None)), true.
exists second_limit; split; first by vm_compute.
by move=> g [_ _ _ [V [Q [V0 run]]] _]; exists V, Q; parts; exists 0%N.
Qed.

Lemma least_orbit_sound_met : met (@least_orbit_sound).
Proof.
exists AR, turns, Uniform, [:: [:: 0%N]; [:: 1%N]], turns_least, [:: 23175#1463; 21275#1463]%Q.
exists [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]], turns_proof, true, turns_points, turns_policies.
split; first by vm_compute.
move=> pis [_ _ _ [V [Q [V0 run]]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, Q; split; first exact: V0.
split; first exact: run.
by exists 1; split=> // N _; exists N.
Qed.
