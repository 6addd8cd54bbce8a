(* The hypotheses of the theorems on rays can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

             leaps == a game of two agents in the second of two states, whose run from (0, 1) tends
                      to (0, 0), from where a step leads to (0, 1)
       leaps_limit == that limit
        leaps_ways == what the run is away from it, and after a step
        leaps_fits == the regressions at the limit, for all tuples of orders
       leaps_hints == those at the end of the ray
             swaps == a game of two agents in two states, whose best actions take turns while the
                      values tend to (4/3, 4/3)
      swaps_points == those, twice
    swaps_policies == the best actions there
        swaps_ways == what the run is away from them, and after two steps
        swaps_fits == the regressions there, for all tuples of orders
       swaps_hints == those at the end of the ray

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions.
From FqiTheory Require Import Isotonic Orders OrderFits CheckedRays.
From FqiTheory Require Import Met Example CertificatesMet OrdersMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition leaps : model :=
  Model [:: 2%N; 2%N] (1#2)%Q [:: [:: [:: 0#1; 1#1; 0#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: 0#1;
  1#1; 0#1]%Q]; [:: [:: -2#1; 1#1; 0#1]%Q; [:: 0#1; 0#1; 1#1]%Q; [:: 1#1; 1#1; 0#1]%Q; [:: -1#1; 1#1; 0#1]%Q]]
  false.
Definition leaps_limit : limit :=
  Limit [:: 0#1; 0#1]%Q [:: [:: 0%N; 0%N]; [:: 1%N; 1%N]] [:: 0#1; 1#1]%Q [:: 0#1; -1#1]%Q.
Definition leaps_ways : seq (seq Q) :=
  [:: [:: 0#1; 1#1]%Q; [:: 0#1; 1#6]%Q].
Definition leaps_fits : seq (seq (seq order_fit)) :=
  [:: [:: [:: ([:: 0#1; 0#1; 0#1; 0#1]%Q, [::]); ([:: 0#1; 0#1; 0#1; 0#1]%Q, [::]); ([:: 0#1; 0#1; 0#1; 0#1]%Q,
  [::]); ([:: 0#1; 0#1; 0#1; 0#1]%Q, [::])]; [:: ([:: -1#3; -1#3; -1#3; -1#1]%Q, [:: carries 1 0 (1#12)%Q;
  carries 2 0 (1#3)%Q]); ([:: -2#3; 0#1; -2#3; -2#3]%Q, [:: carries 2 3 (1#12)%Q; carries 2 0 (1#3)%Q]);
  ([:: -1#1; -1#1; 1#1; -1#1]%Q, [:: carries 1 0 (1#4)%Q]); ([:: -2#1; 0#1; 0#1; 0#1]%Q,
  [:: carries 2 3 (1#4)%Q])]]].
Definition leaps_hints : seq hint :=
  [:: [:: ([:: ([:: 0#1; 0#1; 0#1; 0#1]%Q, [::]); ([:: 0#1; 0#1; 0#1; 0#1]%Q, [::]); ([:: 0#1; 0#1; 0#1; 0#1]%Q,
  [::]); ([:: 0#1; 0#1; 0#1; 0#1]%Q, [::])], 0%N); ([:: ([:: -1#6; -1#6; -1#6; -1#1]%Q, [:: carries 1 0 (1#6)%Q;
  carries 2 0 (7#24)%Q]); ([:: -2#3; 1#2; -2#3; -2#3]%Q, [:: carries 2 3 (1#12)%Q; carries 2 0 (1#3)%Q]);
  ([:: -5#6; -5#6; 1#1; -5#6]%Q, [:: carries 1 0 (7#24)%Q; carries 1 3 (1#24)%Q]); ([:: -2#1; 1#6; 1#6; 1#6]%Q,
  [:: carries 2 3 (5#24)%Q; carries 1 3 (1#12)%Q])], 3%N)]].

Lemma ray_limit_sound_met : met (@ray_limit_sound).
Proof.
exists AR, leaps, Uniform, [:: 0#1; 1#1]%Q, [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]], 0%N, [::], leaps_limit.
exists leaps_ways, leaps_fits, leaps_hints, (1#6)%Q; split; first by vm_compute.
move=> pi [_ _ [V [pis run]] _]; exists V, pis; parts; last by exists 1%N; parts; right.
Qed.

Definition swaps : model :=
  Model [:: 2%N; 2%N] (1#2)%Q [:: [:: [:: 1#1; 0#1; 1#1]%Q; [:: 0#1; 0#1; 1#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: 1#1;
  0#1; 1#1]%Q]; [:: [:: 0#1; 1#1; 0#1]%Q; [:: 1#1; 1#1; 0#1]%Q; [:: 1#1; 1#1; 0#1]%Q; [:: 0#1; 0#1; 1#1]%Q]] false.
Definition swaps_points : seq (seq Q) :=
  [:: [:: 4#3; 4#3]%Q; [:: 4#3; 4#3]%Q].
Definition swaps_policies : seq (seq (seq nat)) :=
  [:: [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]]; [:: [:: 0%N; 1%N]; [:: 1%N; 1%N]]].
Definition swaps_ways : seq (seq Q) :=
  [:: [:: -5#18; -1#6]%Q; [:: -1#12; -13#108]%Q; [:: -35#648; -1#24]%Q].
Definition swaps_fits : seq (seq (seq order_fit)) :=
  [:: [:: [:: ([:: 5#3; 1#1; 1#1; 1#1]%Q, [:: carries 3 1 (1#12)%Q; carries 3 2 (1#12)%Q]); ([:: 4#3; 4#3; 2#3;
  4#3]%Q, [:: carries 3 1 (1#12)%Q; carries 0 1 (1#12)%Q]); ([:: 4#3; 2#3; 4#3; 4#3]%Q, [:: carries 0 2 (1#12)%Q;
  carries 3 2 (1#12)%Q]); ([:: 1#1; 1#1; 1#1; 5#3]%Q, [:: carries 0 2 (1#12)%Q; carries 0 1 (1#12)%Q])];
  [:: ([:: 4#3; 4#3; 4#3; 2#3]%Q, [:: carries 1 0 (1#12)%Q; carries 2 0 (1#12)%Q]); ([:: 1#1; 5#3; 1#1; 1#1]%Q,
  [:: carries 2 3 (1#12)%Q; carries 2 0 (1#12)%Q]); ([:: 1#1; 1#1; 5#3; 1#1]%Q, [:: carries 1 0 (1#12)%Q;
  carries 1 3 (1#12)%Q]); ([:: 2#3; 4#3; 4#3; 4#3]%Q, [:: carries 2 3 (1#12)%Q; carries 1 3 (1#12)%Q])]];
  [:: [:: ([:: 5#3; 1#1; 1#1; 1#1]%Q, [:: carries 3 1 (1#12)%Q; carries 3 2 (1#12)%Q]); ([:: 4#3; 4#3; 2#3;
  4#3]%Q, [:: carries 3 1 (1#12)%Q; carries 0 1 (1#12)%Q]); ([:: 4#3; 2#3; 4#3; 4#3]%Q, [:: carries 0 2 (1#12)%Q;
  carries 3 2 (1#12)%Q]); ([:: 1#1; 1#1; 1#1; 5#3]%Q, [:: carries 0 2 (1#12)%Q; carries 0 1 (1#12)%Q])];
  [:: ([:: 4#3; 4#3; 4#3; 2#3]%Q, [:: carries 1 0 (1#12)%Q; carries 2 0 (1#12)%Q]); ([:: 1#1; 5#3; 1#1; 1#1]%Q,
  [:: carries 2 3 (1#12)%Q; carries 2 0 (1#12)%Q]); ([:: 1#1; 1#1; 5#3; 1#1]%Q, [:: carries 1 0 (1#12)%Q;
  carries 1 3 (1#12)%Q]); ([:: 2#3; 4#3; 4#3; 4#3]%Q, [:: carries 2 3 (1#12)%Q; carries 1 3 (1#12)%Q])]]].
Definition swaps_hints : seq hint :=
  [:: [:: ([:: ([:: 19#12; 97#108; 97#108; 97#108]%Q, [:: carries 3 1 (17#216)%Q; carries 3 2 (5#54)%Q]);
  ([:: 5#4; 5#4; 19#36; 5#4]%Q, [:: carries 3 1 (1#12)%Q; carries 0 1 (1#12)%Q]); ([:: 133#108; 7#12; 133#108;
  133#108]%Q, [:: carries 0 2 (19#216)%Q; carries 3 2 (19#216)%Q]); ([:: 97#108; 97#108; 97#108; 19#12]%Q,
  [:: carries 0 2 (5#54)%Q; carries 0 1 (17#216)%Q])], 1%N); ([:: ([:: 43#36; 43#36; 43#36; 7#12]%Q,
  [:: carries 1 0 (1#12)%Q; carries 2 0 (1#12)%Q]); ([:: 95#108; 55#36; 95#108; 95#108]%Q,
  [:: carries 2 3 (2#27)%Q; carries 2 0 (19#216)%Q]); ([:: 95#108; 95#108; 55#36; 95#108]%Q,
  [:: carries 1 0 (19#216)%Q; carries 1 3 (2#27)%Q]); ([:: 19#36; 131#108; 131#108; 131#108]%Q,
  [:: carries 2 3 (17#216)%Q; carries 1 3 (17#216)%Q])], 3%N)]; [:: ([:: ([:: 347#216; 613#648; 613#648;
  613#648]%Q, [:: carries 3 1 (55#648)%Q; carries 3 2 (13#162)%Q]); ([:: 275#216; 275#216; 5#8; 275#216]%Q,
  [:: carries 3 1 (1#12)%Q; carries 0 1 (1#12)%Q]); ([:: 829#648; 131#216; 829#648; 829#648]%Q,
  [:: carries 0 2 (53#648)%Q; carries 3 2 (53#648)%Q]); ([:: 613#648; 613#648; 613#648; 347#216]%Q,
  [:: carries 0 2 (13#162)%Q; carries 0 1 (55#648)%Q])], 2%N); ([:: ([:: 31#24; 31#24; 31#24; 131#216]%Q,
  [:: carries 1 0 (1#12)%Q; carries 2 0 (1#12)%Q]); ([:: 617#648; 13#8; 617#648; 617#648]%Q,
  [:: carries 2 3 (7#81)%Q; carries 2 0 (53#648)%Q]); ([:: 617#648; 617#648; 13#8; 617#648]%Q,
  [:: carries 1 0 (53#648)%Q; carries 1 3 (7#81)%Q]); ([:: 5#8; 833#648; 833#648; 833#648]%Q,
  [:: carries 2 3 (55#648)%Q; carries 1 3 (55#648)%Q])], 0%N)]].

Lemma ray_orbit_sound_met : met (@ray_orbit_sound).
Proof.
exists AR, swaps, Uniform, [:: 19#18; 7#6]%Q, [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]], 0%N, [::].
exists swaps_points, swaps_policies, swaps_ways, swaps_fits, swaps_hints, (1#9)%Q.
split; first by vm_compute.
move=> pis [_ _ [V [pi run]] _]; split; first by exists 0%N.
split; first by exists 0%N, 1%N.
exists V, pi; parts; last by exists 1%N; parts; right.
by exists 1; split=> // N _; exists N.
Qed.
