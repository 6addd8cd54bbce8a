(* The hypotheses of the theorems on classes of sums whose fits follow the joint actions, or are
   chosen, can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

        own == one agent's tables are their own fits
      apart == the fits of sums of functions of two agents
   switches == the greedy joint actions of the coordination game `alternates` alternate

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOrbit Sums CheckedClasses Fates Choosers CheckedRules.
From FqiTheory Require Import Met Example CertificatesMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition own : seq (seq nat * Q) := [:: ([:: 0%N], 1#1)]%Q.
Definition apart : seq (seq nat * Q) := [:: ([:: 0%N], 1#1); ([:: 1%N], 1#1); ([:: ], -1#1)]%Q.
Definition switches : proof := Proof 0%N [:: 361#100]%Q [:: [:: 1%N]]
  [:: [:: [:: 2%N]]; [:: [:: 1%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None).

Lemma rule_fate_sound_met : met (@rule_fate_sound).
Proof.
exists AR, better, (EpsilonGreedy (1#2)%Q), Squares, [:: [:: 0%N]], own, [:: 0#1]%Q, [:: [:: 0%N]], stays.
have checked : check_rule_fate better (EpsilonGreedy (1#2)%Q) Squares [:: [:: 0%N]] own [:: 0#1]%Q [:: [:: 0%N]] stays.
  by vm_compute.
split; first exact: checked.
have [[V [Q [pi [V0 pl run]]]] _] := rule_fate_sound AR checked.
by exists V; exists Q; exists pi; split; [exact: V0|split; [exact: pl|exact: run]].
Qed.

Lemma rule_contraction_sound_met : met (@rule_contraction_sound).
Proof.
exists AR, better, (Product [:: [:: [:: 0#1; 1#1]]]%Q), ClosedForm, [:: [:: 0%N]], own, better_limit, [:: 1#1]%Q, (1#2)%Q.
have checked : check_rule_contraction better (Product [:: [:: [:: 0#1; 1#1]]]%Q) ClosedForm [:: [:: 0%N]] own
    better_limit [:: 1#1]%Q (1#2)%Q by vm_compute.
split; first exact: checked.
move=> pi _; have /andP [/and5P [_ _ okr _ _] _] := checked.
by have [V [Q [pi' [_ _ run]]]] := rule_exists AR okr [:: 0#1]%Q pi; exists V, Q, pi'.
Qed.

Lemma rule_limit_sound_met : met (@rule_limit_sound).
Proof.
exists AR, better, (EpsilonGreedy (1#2)%Q), Squares, [:: [:: 0%N]], own, [:: 2#1]%Q, [:: [:: 1%N]].
exists (Proof 0%N [:: 2#1]%Q [:: [:: 1%N]] [:: [:: [:: 1%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None)), true.
exists better_limit; split; first by vm_compute.
by move=> g [_ _ _ [V [Q [pi [V0 pl run]]]] _]; exists V, Q, pi; parts; exists 0%N.
Qed.

Lemma rule_orbit_sound_met : met (@rule_orbit_sound).
Proof.
exists AR, alternates, (EpsilonGreedy (1#10)%Q), Squares, [:: [:: 0%N]; [:: 1%N]], apart, [:: 0#1]%Q, [:: [:: 0%N; 1%N]].
exists switches, true, [:: [:: 361#100]%Q; [:: 361#100]%Q], [:: [:: [:: 0%N; 1%N]]; [:: [:: 1%N; 0%N]]].
split; first by vm_compute.
move=> pis [_ _ _ [V [Q [pi [V0 pl run]]]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, Q, pi; parts; last by exists 0%N.
by exists 1; split=> // N _; exists N.
Qed.
