(* The hypotheses of the theorems on regions that shrink can be met: V(s1) tends to 0 from below,
   where the actions that keep it there are greedy.

   t_met is `met (@t)` of Met.v, over the rational numbers.

         below p2 == a model of three states and two agents: s0 stays and pays nothing, s1
                     goes to s0 where both agents play their second action, p2 are the rows
                     of s2
         follower == one whose V(s2) follows V(s1) to 0
   follower_limit == its limit, 0
         switcher == one in which the agents' actions in s2 alternate for ever
       side w f.. == a region: the first coordinate is -V(s1), the second V(s2), of width w
         played a == joint actions that keep V(s1) below 0, with a in s2

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import RunsExist CheckedShrinking.
From FqiTheory Require Import Met Example CertificatesMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition below (p2 : seq (seq Q)) : model := Model [:: 2%N; 2%N] (9#10)%Q
  [:: nseq 4 [:: 0#1; 1#1; 0#1; 0#1]%Q;
      [:: [:: 0#1; 0#1; 1#1; 0#1]; [:: 0#1; 0#1; 1#1; 0#1]; [:: 0#1; 0#1; 1#1; 0#1]; [:: 0#1; 1#1; 0#1; 0#1]]%Q;
      p2] false.
Definition follower : model := below (nseq 4 [:: 0#1; 7#8; 1#8; 0#1]%Q).
Definition follower_limit : limit :=
  Limit [:: 0#1; 0#1; 0#1]%Q [:: [:: 0%N; 0%N]; [:: 1%N; 1%N]; [:: 0%N; 0%N]] [:: 0#1; 0#1; 0#1]%Q [:: 0#1; 0#1; 0#1]%Q.
Definition switcher : model :=
  below [:: [:: 1#1; 1#2; 0#1; 1#2]; [:: 0#1; 1#2; 0#1; 1#2]; [:: 0#1; 1#2; 0#1; 1#2]; [:: 1#1; 1#2; 0#1; 1#2]]%Q.

Definition side (width : Q) (fixed2 : bool) (center : seq Q) (entry : seq (seq nat)) (modes : seq (seq (seq nat))) : proof :=
  Proof 0%N center entry modes [:: [:: 0#1; -1#1; 0#1]; [:: 0#1; 0#1; 1#1]]%Q [:: [:: 1#1; -1#1; 0#1]; [:: -1#1; 0#1; 1#1]]%Q
    (Region (Shrinking (2#1)%Q) [:: (0#1)%Q; width] [:: false; fixed2] None).

Lemma side_limit_sound_met : met (@side_limit_sound).
Proof.
pose g := [:: [:: 0%N; 0%N]; [:: 1%N; 1%N]; [:: 0%N; 0%N]].
exists AR, follower, (EpsilonGreedy (1#2)%Q), [:: 0#1; -2#1; 0#1]%Q, g.
exists (side (4#1)%Q false [:: 0#1; 0#1; 0#1]%Q g [:: g]), follower_limit.
split; first by vm_compute.
move=> pi [_ _ _ [V [play run]] _].
by exists V, play; parts; exists 0%N.
Qed.

Definition played (a : seq nat) : seq (seq nat) := [:: [:: 0%N; 0%N]; [:: 1%N; 1%N]; a].

Lemma side_orbit_sound_met : met (@side_orbit_sound).
Proof.
pose one := played [:: 0%N; 1%N]; pose other := played [:: 1%N; 0%N]; pose v := [:: 0#1; 0#1; 361#110]%Q.
exists AR, switcher, (EpsilonGreedy (1#10)%Q), [:: 0#1; -1#1; 0#1]%Q, one.
exists (side (5#1)%Q true v one [:: other; one]), [:: v; v], [:: one; other].
split; first by vm_compute.
move=> pis [_ _ _ [V [play run]] _]; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
exists V, play; parts; last by exists 0%N.
by exists 1; split=> // N _; exists N.
Qed.
