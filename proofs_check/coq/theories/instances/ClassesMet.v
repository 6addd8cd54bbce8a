(* The hypotheses of the theorems on convergence and cycles in classes of sums can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

       better_fit == the fit of the class of single agents for `better`
            turns == a model of two states and two agents whose values cycle
        turns_fit == its fits of the class of single agents
     turns_points == the values of its cycle of period 2
   turns_policies == the greedy joint actions there
      turns_proof == no deviation from it

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOrbit Sums CheckedClasses.
From FqiTheory Require Import Met Example CertificatesMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition better_fit := [:: [:: [:: [:: 0#1; 1#2]; [:: 1#1; 1#2]]]]%Q.

Lemma class_contraction_sound_met : met (@class_contraction_sound).
Proof.
exists AR, better, Uniform, [:: [:: 0%N]], better_fit, better_limit, [:: 1#1]%Q, (1#2)%Q.
have checked : check_class_contraction better Uniform [:: [:: 0%N]] better_fit better_limit [:: 1#1]%Q (1#2)%Q.
  by vm_compute.
split; first exact: checked.
move=> pi _; have /and5P [_ _ okc _ _] := checked.
by have [V [Q [_ run]]] := class_exists AR okc (fun s => ex_intro _ (pi s) I) [:: 0#1]%Q; exists V, Q.
Qed.

Lemma class_limit_sound_met : met (@class_limit_sound).
Proof.
exists AR, better, Uniform, [:: [:: 0%N]], better_fit, [:: 2#1]%Q, [:: [:: 1%N]].
exists (Proof 0%N [:: 2#1]%Q [:: [:: 1%N]] [:: [:: [:: 1%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None)), true.
exists better_limit; split; first by vm_compute.
move=> pi [_ _ _ [V [Q [V0 run]]] _].
by exists V, Q; parts; exists 0%N.
Qed.

Definition turns : model := Model [:: 2%N; 2%N] (9#10)%Q
  [:: [:: [:: 0#1; 0#1; 1#1]%Q; [:: -1#1; 1#1; 0#1]%Q; [:: 0#1; 0#1; 1#1]%Q; [:: -1#1; 0#1; 1#1]%Q];
      [:: [:: 2#1; 1#1; 0#1]%Q; [:: 1#1; 1#1; 0#1]%Q; [:: 1#1; 1#1; 0#1]%Q; [:: -2#1; 1#1; 0#1]%Q]] false.
Definition turns_fit :=
  [:: [:: [:: [:: -1#1; 27#40; 9#40]; [:: -1#1; 9#40; 27#40]]; [:: [:: 1#1; -9#20; 9#20]; [:: 0#1; 0#1; 0#1]]];
      [:: [:: [:: 1#2; 9#10; 0#1]; [:: -3#2; 9#10; 0#1]]; [:: [:: 2#1; 0#1; 0#1]; [:: 0#1; 0#1; 0#1]]]]%Q.
Definition turns_points : seq (seq Q) := [:: [:: 23175#1463; 21275#1463]; [:: 19575#1463; 24515#1463]]%Q.
Definition turns_policies : seq (seq (seq nat)) :=
  [:: [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]]; [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]]].
Definition turns_proof : proof := Proof 0%N [:: 23175#1463; 21275#1463]%Q [:: [:: 2%N]; [:: 0%N]]
  [:: [:: [:: 0%N]; [:: 0%N]]; [:: [:: 2%N]; [:: 0%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None).

Lemma class_orbit_sound_met : met (@class_orbit_sound).
Proof.
exists AR, turns, Uniform, [:: [:: 0%N]; [:: 1%N]], turns_fit, [:: 23175#1463; 21275#1463]%Q.
exists [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]], turns_proof, true, turns_points, turns_policies.
split; first by vm_compute.
move=> pis [_ _ _ [V [Q [V0 run]]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, Q; split; first exact: V0.
split; first exact: run.
by exists 1; split=> // N _; exists N.
Qed.
