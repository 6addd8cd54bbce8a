(* The hypotheses of the theorems on limits, cycles and boxes of the monotonic class can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

     carries k l x == the multiplier x between two joint actions
      better_hints == the regressions of `better` at its limit, for both orders
       better_step == the same from there in integers
            wavers == a game of two agents, whose values and best actions alternate under epsilon-
                      greedy data
     wavers_points == the two values
   wavers_policies == the best actions there
      wavers_hints == the regressions there, for all tuples of orders

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions.
From FqiTheory Require Import Isotonic Orders OrderFits OrderRuns CheckedMonotonic CheckedOrderBox.
From FqiTheory Require Import Met Example CertificatesMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.
Definition carries (k l : nat) (x : Q) : nat * nat * Q := (k, l, x).

Definition better_hints : hint := [:: ([:: ([:: 7#4; 7#4]%Q, [:: carries 1 0 (3#16)%Q]); ([:: 1#1; 2#1]%Q, [::])], 1%N)].

(* weights 1 and 3, targets 1 and 2 times 4 *)
Definition better_step : whole_hint :=
  [:: (Zpos 2, [:: ([:: Zpos 7; Zpos 7], [:: (1%N, 0%N, Zpos 3)]); ([:: Zpos 4; Zpos 8], [::])], 1%N)].

Lemma order_limit_sound_met : met (@order_limit_sound).
Proof.
exists AR, better, (EpsilonGreedy (1#2)%Q), [:: 2#1]%Q, [:: [:: 1%N]], 0%N, (0#1)%Q, [::], better_limit, [:: better_hints].
exists [::], None; split; first by vm_compute.
move=> pi [pl _ st]; exists (fun=> vec AR better (values better_limit)), (fun=> pi).
by parts; exists 0%N.
Qed.

Lemma order_box_sound_met : met (@order_box_sound).
Proof.
exists AR, better, (EpsilonGreedy (1#2)%Q), [:: 2#1]%Q, [:: [:: 1%N]], 1%N, [:: better_step], [:: 0#1]%Q, [:: 2#1]%Q.
split; first by vm_compute.
have ok : check_order_limit better (EpsilonGreedy (1#2)%Q) [:: 2#1]%Q [:: [:: 1%N]] 0 (0#1)%Q [::] better_limit
    [:: better_hints] [::] None by vm_compute.
have [pi [pl _ st _]] := order_limit_sound AR ok.
by exists (fun=> vec AR better (values better_limit)), (fun=> pi).
Qed.

Definition wavers : model := Model [:: 2%N; 2%N] (1#2)%Q
  [:: [:: [:: -7#1; 1#1]; [:: 4#1; 1#1]; [:: 1#1; 1#1]; [:: -4#1; 1#1]]%Q] false.
Definition wavers_points : seq (seq Q) := [:: [:: 7#1]; [:: 71#10]]%Q.
Definition wavers_policies : seq (seq (seq nat)) := [:: [:: [:: 0%N; 0%N]]; [:: [:: 1%N; 1%N]]].
Definition wavers_hints : seq hint :=
  [:: [:: ([:: ([:: -259#100; -259#100; -259#100; -259#100]%Q,
                [:: carries 1 0 (969#2000)%Q; carries 3 1 (209#40000)%Q; carries 2 0 (13471#40000)%Q]);
               ([:: -31#10; 15#2; -31#10; -1#2]%Q, [:: carries 2 0 (361#1000)%Q]);
               ([:: -59#20; -59#20; 9#2; -1#2]%Q, [:: carries 1 0 (3971#8000)%Q]);
               ([:: -7#2; 71#10; 9#2; 71#10]%Q, [:: carries 1 3 (19#1000)%Q])], 3%N)];
      [:: ([:: ([:: 7#1; 7#1; 91#20; -9#20]%Q, [:: carries 1 0 (209#8000)%Q]);
               ([:: -1589#7620; 151#20; -1589#7620; -1589#7620]%Q,
                [:: carries 2 0 (247#30480)%Q; carries 2 3 (8303#38100)%Q]);
               ([:: -449#7620; -449#7620; 91#20; -449#7620]%Q,
                [:: carries 1 3 (53789#152400)%Q; carries 1 0 (323#38100)%Q]);
               ([:: -69#20; 71#420; 71#420; 71#420]%Q,
                [:: carries 1 3 (589#1680)%Q; carries 2 3 (437#2100)%Q])], 0%N)]].

Lemma order_orbit_sound_met : met (@order_orbit_sound).
Proof.
exists AR, wavers, (EpsilonGreedy (1#10)%Q), [:: 7#1]%Q, [:: [:: 0%N; 0%N]], 0%N, (0#1)%Q, [::].
exists wavers_points, wavers_policies, wavers_hints, [::], None.
split; first by vm_compute.
move=> pis [[_ pl] st _ _]; split; first by exists 0%N.
split; first by exists 0%N.
split; first by exists 0%N, 1%N.
pose V t := vec AR wavers (nth [::] wavers_points (t %% 2)); exists V, (fun t => pis (t %% 2)%N); parts; last by exists 0%N.
  split=> // [|t]; first exact: (pl 0%N isT).
  have t2 : (t %% 2 < size wavers_points)%N by rewrite ltn_mod.
  by have := st (t %% 2)%N t2; rewrite /V (_ : (t %% 2).+1 %% size wavers_points = t.+1 %% 2)%N // -addn1 modnDml addn1.
by exists 1; split=> // N _; exists N.
Qed.
