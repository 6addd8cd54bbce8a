(* The hypotheses of the theorems on choices can be met: values tend to a limit while two joint actions tie at it,
   and to a cycle.

   t_met is `met (@t)` of Met.v, over the rational numbers.

           unsettled == a model of five states and two agents: in the first both may go left or right,
                        whichever of two states that mirror each other looks better, for ever
     unsettled_limit == its limit
           left_only == joint actions that go left in the first state
   unsettled_proof l == the choices l in the first state, after no step
       left_or_right == left or right, both agents
            anywhere == the same, or one each
            swinging == a coordination game in which the agents' actions alternate for ever, and V with them
               swung == the proof that they do
                 ebb == the two values

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import RunsExist CheckedRules CheckedChoices RuleChoices.
From FqiTheory Require Import Met Example CertificatesMet RulesMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition unsettled : model := Model [:: 2%N; 2%N] (9#10)%Q
  [:: [:: [:: 0#1; 0#1; 1#1; 0#1; 0#1; 0#1]; [:: 0#1; 0#1; 1#2; 1#2; 0#1; 0#1];
          [:: 0#1; 0#1; 1#2; 1#2; 0#1; 0#1]; [:: 0#1; 0#1; 0#1; 1#1; 0#1; 0#1]]%Q;
      nseq 4 [:: 1#1; 0#1; 1#2; 0#1; 0#1; 1#2]%Q; nseq 4 [:: 1#1; 0#1; 0#1; 1#2; 1#2; 0#1]%Q;
      nseq 4 [:: 1#1; 0#1; 1#4; 0#1; 3#4; 0#1]%Q; nseq 4 [:: 1#1; 0#1; 0#1; 1#4; 0#1; 3#4]%Q] false.
Definition left_only : seq (seq nat) := nseq 5 [:: 0%N; 0%N].
Definition unsettled_limit : limit :=
  let v := [:: 9#1; 10#1; 10#1; 10#1; 10#1]%Q in Limit v left_only v v.
Definition left_or_right : seq (seq nat) := [:: [:: 0%N; 0%N]; [:: 1%N; 1%N]].
Definition anywhere : seq (seq nat) := [:: [:: 0%N; 0%N]; [:: 0%N; 1%N]; [:: 1%N; 0%N]; [:: 1%N; 1%N]].
Definition unsettled_proof (own : seq (seq nat)) : choices :=
  Choices 0 (iota 0 5) [:: own :: nseq 4 [:: [:: 0%N; 0%N]]]
    [:: [:: 1#1; 0#1; 0#1; 0#1; 0#1]; [:: 0#1; 1#1; 1#1; 0#1; 0#1]; [:: 0#1; 0#1; 0#1; 0#1; 1#1]; [:: 0#1; 1#1; 0#1; 0#1; 0#1]]%Q
    [:: [:: 1#1; 0#1; 0#1; -1#1; 0#1]; [:: 0#1; 0#1; 1#1; -1#1; 0#1]; [:: 0#1; 0#1; 0#1; -1#1; 1#1]; [:: 0#1; 1#1; -1#1; 0#1; 0#1]]%Q
    [:: 2791#8192; 2139#32768; 2819#16384; 2819#16384]%Q.

Lemma choices_limit_sound_met : met (@choices_limit_sound).
Proof.
exists AR, unsettled, (EpsilonGreedy (1#10)%Q), [:: 9#1; 1001#100; 10#1; 10#1; 10#1]%Q, left_only.
exists (unsettled_proof left_or_right), unsettled_limit.
split; first by vm_compute.
move=> pi [_ _ _ [V [play run]] _].
by exists V, play; parts; exists 0%N.
Qed.

Definition swinging : model := Model [:: 2%N; 2%N] (1#2)%Q
  [:: [:: [:: 1#1; 1#1]%Q; [:: 1#5; 1#1]%Q; [:: 0#1; 1#1]%Q; [:: 1#1; 1#1]%Q]] false.

Definition swung : choices := Choices 0 [:: 0%N] [:: [:: [:: [:: 0%N; 1%N]]]; [:: [:: [:: 1%N; 0%N]]]] [::] [::] [::].
Definition ebb : seq (seq Q) := [:: [:: 10547#3000]%Q; [:: 10147#3000]%Q].

Lemma choices_orbit_sound_met : met (@choices_orbit_sound).
Proof.
exists AR, swinging, (EpsilonGreedy (1#10)%Q), [:: 0#1]%Q, [:: [:: 0%N; 1%N]].
exists swung, ebb, [:: [:: [:: 0%N; 1%N]]; [:: [:: 1%N; 0%N]]].
split; first by vm_compute.
move=> pis [_ _ _ [V [play run]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, play; parts; last by exists 0%N.
by exists 1; split=> // N _; exists N.
Qed.

Lemma rule_choices_limit_sound_met : met (@rule_choices_limit_sound).
Proof.
exists AR, unsettled, (EpsilonGreedy (1#10)%Q), Squares, [:: [:: 0%N]; [:: 1%N]], apart.
exists [:: 9#1; 1001#100; 10#1; 10#1; 10#1]%Q, left_only, (unsettled_proof anywhere), unsettled_limit.
split; first by vm_compute.
by move=> g [_ _ _ [V [Q [pi [V0 pl run]]]] _]; exists V, Q, pi; parts; exists 0%N.
Qed.

Lemma rule_choices_orbit_sound_met : met (@rule_choices_orbit_sound).
Proof.
exists AR, swinging, (EpsilonGreedy (1#10)%Q), Squares, [:: [:: 0%N]; [:: 1%N]], apart, [:: 0#1]%Q, [:: [:: 0%N; 1%N]].
exists swung, ebb, [:: [:: [:: 0%N; 1%N]]; [:: [:: 1%N; 0%N]]].
split; first by vm_compute.
move=> pis [_ _ _ [V [Q [pi [V0 pl run]]]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, Q, pi; parts; last by exists 0%N.
by exists 1; split=> // N _; exists N.
Qed.
