(* The hypotheses of the theorems on weights that depend on Q_tot can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

           central == central weights of alpha 1/2
     central_hints == the regressions of `better` at its limit under these
             turns == a game of two agents, whose values alternate under the weights `fifth`
             fifth == central weights of alpha 1/5
      turns_points == the two positions
       turns_hints == the regressions there, for all tuples of orders

   alternates  positions that lead to each other are those of a run

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions.
From FqiTheory Require Import Isotonic Orders OrderFits CheckedWeighted.
From FqiTheory Require Import Met Example CertificatesMet OrdersMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.
Definition central_hints : hint := [:: ([:: ([:: 5#3; 5#3]%Q, [:: carries 1 0 (1#6)%Q]); ([:: 1#1; 2#1]%Q, [::])], 1%N)].
Definition central : weighting := Weighting Uniform (1#2)%Q false.

(* positions that lead to each other are those of a run *)
Lemma alternates m w x0 x1 : leads_to AR m w x0 x1 -> leads_to AR m w x1 x0 ->
  exists V pi Qt, weighted_run AR m w x0.1.1 x0.1.2 x0.2 V pi Qt.
Proof.
move=> [pi [pi1' [Qt [V1' [Qt1' [pl pl1' [_ _ q0] st [e1 _ q1']]]]]]].
move=> [pi1 [pi' [Qt1 [V' [Qt' [pl1 pl' [_ _ q1] st1 [e _ q0']]]]]]].
exists (fun t => if odd t then vec AR m x1.1.1 else vec AR m x0.1.1), (fun t => if odd t then pi1 else pi).
exists (fun t => if odd t then Qt1' else Qt'); split=> // t /=; case: (odd t) => /=.
  apply: weighted_step_eq st1 => // [opt s a|s]; first by rewrite q1 // q1'.
  by apply: code_inj; rewrite pl' pl.
apply: weighted_step_eq st => // [opt s a|s]; first by rewrite q0 // q0'.
by apply: code_inj; rewrite pl1' pl1.
Qed.

Lemma weighted_limit_sound_met : met (@weighted_limit_sound).
Proof.
exists AR, better, central, ([:: 2#1]%Q, [:: [:: 1%N]], [::]), 0%N, [::], better_limit, [::], [:: central_hints].
split; first by vm_compute.
move=> pi [_ _ st _]; have [V [pis [Qt run]]] := alternates st st.
by exists V, pis, Qt; split=> //; exists 0%N.
Qed.

Definition turns : model := Model [:: 2%N; 2%N] (0#1)%Q
  [:: [:: [:: 8#1; 1#1]; [:: 7#1; 1#1]; [:: -8#1; 1#1]; [:: -6#1; 1#1]]%Q] true.
Definition fifth : weighting := Weighting Uniform (1#5)%Q false.
Definition turns_points : seq position :=
  [:: ([:: 8#1]%Q, [:: [:: 0%N; 0%N]], [::]); ([:: 47#6]%Q, [:: [:: 0%N; 1%N]], [::])].
Definition turns_hints : seq hint :=
  [:: [:: ([:: ([:: 8#1; 7#1; -7#1; -7#1]%Q, [:: carries 3 2 (1#20)%Q]);
          ([:: 47#6; 47#6; -8#1; -6#1]%Q, [:: carries 0 1 (1#24)%Q]);
          ([:: 16#3; 1#2; 16#3; 1#2]%Q, [:: carries 1 3 (13#40)%Q; carries 0 2 (2#3)%Q]);
          ([:: 33#8; 33#8; 33#8; 33#8]%Q, [:: carries 2 3 (29#80)%Q; carries 0 2 (31#32)%Q;
            carries 1 3 (23#160)%Q])], 1%N)];
      [:: ([:: ([:: 8#1; 7#1; -7#1; -7#1]%Q, [:: carries 3 2 (1#20)%Q]);
          ([:: 15#2; 15#2; -8#1; -6#1]%Q, [:: carries 0 1 (1#8)%Q]);
          ([:: 16#3; 29#6; 16#3; 29#6]%Q, [:: carries 1 3 (13#24)%Q; carries 0 2 (2#3)%Q]);
          ([:: 61#12; 61#12; 61#12; 61#12]%Q, [:: carries 2 3 (3#40)%Q; carries 0 2 (35#48)%Q;
            carries 1 3 (23#48)%Q])], 0%N)]].

Lemma weighted_orbit_sound_met : met (@weighted_orbit_sound).
Proof.
pose x0 : position := nth ([::], [::], [::]) turns_points 0.
have ok : check_weighted_orbit turns fifth x0 0 [::] turns_points turns_hints by vm_compute.
have [_ st _ _] := weighted_orbit_sound AR ok.
exists AR, turns, fifth, x0, 0%N, [::], turns_points, turns_hints; split; first exact: ok.
split; first by exists 0%N.
split; first by exists 1%N, 0%N; split; exact: isT.
pose x1 : position := nth ([::], [::], [::]) turns_points 1.
have there : leads_to AR turns fifth x0 x1 by exact (st 0%N isT).
have back : leads_to AR turns fifth x1 x0 by exact (st 1%N isT).
have [V [pi [Qt run]]] := alternates there back.
exists V, pi, Qt; split; first exact: run.
by exists 0%N.
Qed.
