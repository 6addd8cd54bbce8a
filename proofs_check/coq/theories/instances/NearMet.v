(* The hypotheses of the theorems on weighted QMIX that only comes near its positions, and on its
   boxes, can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

         hopeful == optimistic weights of alpha 1/2 over epsilon-greedy data
           rests == the position of `better` at its limit
      near_hints == the regressions of `better` at its limit under these
     near_doubts == the same however the two actions, both in doubt, weigh
           sways == a game of two agents, whose values and best actions alternate under `hopeful`
    sways_points == the two positions
    hint_of h h' == the regressions at the first one, for all tuples of orders, the last two given
   sways_without == those under the weights there
      sways_with == those where the joint action in doubt has its full weight
    sways_second == the regressions at the second one
     sways_hints == the regressions at both
      sways_near == the same near them

   near_limit_ok  the check accepts the limit of `better` under hopeful weights

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions.
From FqiTheory Require Import Isotonic Orders OrderFits CheckedWeighted NearWeighted CheckedNearWeighted CheckedWeightedBox.
From FqiTheory Require Import Met Example CertificatesMet OrdersMet WeightedMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.
Definition hopeful : weighting := Weighting (EpsilonGreedy (1#2)%Q) (1#2)%Q true.

(* the hint where the mean of both actions is x, and the surplus of the second one y *)
Local Notation pooled x y :=
  ([:: ([:: x; x]%Q, [:: carries 1 0 y%Q]); ([:: 1#1; 2#1]%Q, [::])], 1%N) (only parsing).
Definition near_hints : hint := [:: pooled (7#4) (3#32)].
Definition near_doubts : seq near_hint :=
  [:: Settled [:: pooled (7#4) (3#32); pooled (13#7) (3#28); pooled (8#5) (3#20); pooled (7#4) (3#16)]].

Definition rests : position := ([:: 2#1]%Q, [:: [:: 1%N]], [:: [:: 1#1; 2#1]%Q]).
Lemma near_limit_ok : check_near_limit better hopeful rests 0 (1#1)%Q (1#1)%Q [::] (0#1)%Q (0#1)%Q better_limit rests.2
  [:: near_hints] [:: near_doubts].
Proof. by vm_compute. Qed.

Lemma near_limit_sound_met : met (@near_limit_sound).
Proof.
exists AR, better, hopeful, rests, 0%N, (1#1)%Q, (1#1)%Q, [::].
exists (0#1)%Q, (0#1)%Q, better_limit, rests.2, [:: near_hints], [:: near_doubts].
split; first exact: near_limit_ok.
move=> pi [_ _ st _]; have [V [pis [Qt run]]] := alternates st st.
exists V, pis, Qt; split; first exact: run.
split; first exact: isT.
by split; [exact: isT|exists 0%N].
Qed.

Lemma weighted_box_sound_met : met (@weighted_box_sound).
Proof.
exists AR, better, hopeful, rests, 0%N, [::], [:: 0#1]%Q, [:: 2#1]%Q; split; first by vm_compute.
have [_ [_ _ st _]] := near_limit_sound AR near_limit_ok.
have [V [pis [Qt run]]] := alternates st st.
by exists V, pis, Qt; exact: run.
Qed.

Definition sways : model := Model [:: 2%N; 2%N] (1#2)%Q
  [:: [:: [:: -4#1; 1#1]; [:: 6#1; 1#1]; [:: 9#1; 1#1]; [:: -7#1; 1#1]]%Q] true.
Definition sways_points : seq position :=
  [:: ([:: 12#1]%Q, [:: [:: 1%N; 1%N]], [:: [:: 18#7; 12#1; 12#1; 12#1]%Q]);
      ([:: 92#7]%Q, [:: [:: 0%N; 0%N]], [:: [:: 92#7; 12#1; 92#7; -1#1]%Q])].

(* the regressions at the first position, the last two given, and those at the second one *)
Definition hint_of (third fourth : order_fit) : seq order_fit * nat :=
  ([:: ([:: 92#7; 12#1; 92#7; -1#1]%Q, [:: carries 2 0 (39#112)%Q]);
       ([:: 83#16; 12#1; 83#16; 83#16]%Q, [:: carries 2 3 (891#512)%Q; carries 2 0 (51#512)%Q]); third; fourth], 0%N).
Definition sways_second : seq order_fit * nat :=
  ([:: ([:: 64#7; 64#7; 64#7; -3#7]%Q, [:: carries 1 0 (9#14)%Q; carries 2 0 (135#112)%Q]);
       ([:: 810#119; 88#7; 810#119; 810#119]%Q, [:: carries 2 3 (123#272)%Q; carries 2 0 (81#68)%Q]);
       ([:: 684#119; 684#119; 109#7; 684#119]%Q, [:: carries 1 0 (243#272)%Q; carries 1 3 (105#272)%Q]);
       ([:: 18#7; 12#1; 12#1; 12#1]%Q, [:: carries 2 3 (75#112)%Q; carries 1 3 (3#28)%Q])], 3%N).
Definition sways_without : seq order_fit * nat := hint_of
  ([:: 29#13; 29#13; 15#1; 29#13]%Q, [:: carries 1 0 (3#416)%Q; carries 1 3 (189#208)%Q])
  ([:: 2#1; 13#2; 13#2; 13#2]%Q, [:: carries 2 3 (51#32)%Q; carries 1 3 (33#64)%Q]).
Definition sways_with : seq order_fit * nat := hint_of
  ([:: 65#16; 65#16; 15#1; 65#16]%Q, [:: carries 1 0 (33#512)%Q; carries 1 3 (729#512)%Q])
  ([:: 2#1; 51#7; 51#7; 51#7]%Q, [:: carries 2 3 (81#56)%Q; carries 1 3 (99#112)%Q]).
Definition sways_hints : seq hint := [:: [:: sways_without]; [:: sways_second]].
Definition sways_near : seq (seq near_hint) :=
  [:: [:: Settled [:: sways_without; sways_with]]; [:: Settled [:: sways_second]]].

Lemma near_orbit_sound_met : met (@near_orbit_sound).
Proof.
pose x0 : position := nth ([::], [::], [::]) sways_points 0.
have ok : check_near_orbit sways hopeful x0 0 (1#8)%Q (1#4)%Q [::] (0#1)%Q (0#1)%Q sways_points sways_hints sways_near.
  by vm_compute.
have [_ st _ _] := near_orbit_sound AR ok.
exists AR, sways, hopeful, x0, 0%N, (1#8)%Q, (1#4)%Q, [::], (0#1)%Q, (0#1)%Q, sways_points, sways_hints, sways_near.
split; first exact: ok.
split; first by exists 0%N.
split; first by exists 1%N, 0%N; split; exact: isT.
pose x1 : position := nth ([::], [::], [::]) sways_points 1.
have there : leads_to AR sways hopeful x0 x1 by exact (st 0%N isT).
have back : leads_to AR sways hopeful x1 x0 by exact (st 1%N isT).
have [V [pi [Qt run]]] := alternates there back.
exists V, pi, Qt; split; first exact: run.
split; last by split; [exact: isT|exists 0%N].
exists 1; split; first exact: ltr01.
by move=> n _; exists n; split; [exact: leqnn|exists ord0; exact: isT].
Qed.
