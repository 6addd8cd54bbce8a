(* The hypotheses of the theorems on rays under weights that depend on Q_tot can be met.

   t_met is `met (@t)` of Met.v, over the rational numbers.

      falls_weights == optimistic weights of alpha 1/2
              falls == a game of two agents in two states, whose run nears a limit along a constant
        falls_limit == the values of that limit, and what its best actions are worth
       falls_tables == Q_tot there
        falls_start == the start
      falls_courses == what the run is away from the limit, and after a step
         falls_fits == the regressions at the limit, for all tuples of orders
        falls_hints == those at the end of the ray
      rocks_weights == optimistic weights of alpha 1/2
              rocks == a game of two agents in two states, whose run nears a cycle
       rocks_points == its two positions
        rocks_start == the start
      rocks_courses == what the run is away from the positions, and after two steps
         rocks_fits == the regressions at the positions
        rocks_hints == those at the end of the ray

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions.
From FqiTheory Require Import Isotonic Orders OrderFits CheckedWeighted CheckedWeightedRays.
From FqiTheory Require Import Met Example CertificatesMet OrdersMet.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation AR := rationals.

Definition falls : model :=
  Model [:: 2%N; 2%N] (1#2)%Q [:: [:: [:: 0#1; 1#1; 0#1]%Q; [:: 1#1; 0#1; 1#1]%Q; [:: 1#1; 0#1; 1#1]%Q; [:: 0#1;
  1#1; 0#1]%Q]; [:: [:: 1#1; 0#1; 1#1]%Q; [:: 1#1; 0#1; 1#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: -1#1; 1#1; 0#1]%Q]] true.
Definition falls_weights : weighting := Weighting Uniform (1#2)%Q true.
Definition falls_limit : limit :=
  Limit [:: 16#9; 2#1]%Q [:: [:: 1%N; 1%N]; [:: 0%N; 0%N]] [:: 2#1; 2#1]%Q [:: 0#1; 2#1]%Q.
Definition falls_tables : seq (seq Q) :=
  [:: [:: 8#9; 16#9; 16#9; 16#9]%Q; [:: 2#1; 2#1; 8#9; -1#9]%Q].
Definition falls_start : position :=
  ([:: 4#5; 1#1]%Q, [:: [:: 1%N; 1%N]; [:: 0%N; 0%N]], [:: [:: 0#1; 4#5; 4#5; 4#5]%Q; [:: 1#1; 1#1; 0#1; -1#1]%Q]).
Definition falls_courses : seq course :=
  [:: ((-1#1)%Q, [:: 1#45; 0#1]%Q, [:: [:: 1#9; 1#45; 1#45; 1#45]%Q; [:: 0#1; 0#1; 1#9; 1#9]%Q]); ((-1#2)%Q,
  [:: 1#450; 0#1]%Q, [:: [:: 1#90; 1#450; 1#450; 1#450]%Q; [:: 0#1; 0#1; 1#90; 1#90]%Q])].
Definition falls_fits : seq (seq (seq order_fit)) :=
  [:: [:: [:: ([:: 44#27; 44#27; 44#27; 8#9]%Q, [:: carries 1 0 (5#54)%Q; carries 2 0 (5#54)%Q]); ([:: 4#3; 2#1;
  4#3; 4#3]%Q, [:: carries 2 3 (1#18)%Q; carries 2 0 (1#9)%Q]); ([:: 4#3; 4#3; 2#1; 4#3]%Q,
  [:: carries 1 0 (1#9)%Q; carries 1 3 (1#18)%Q]); ([:: 8#9; 16#9; 16#9; 16#9]%Q, [:: carries 2 3 (1#18)%Q;
  carries 1 3 (1#18)%Q])]; [:: ([:: 2#1; 2#1; 8#9; -1#9]%Q, [::]); ([:: 2#1; 2#1; 7#18; 7#18]%Q,
  [:: carries 2 3 (1#8)%Q]); ([:: 13#9; 17#18; 13#9; 17#18]%Q, [:: carries 1 3 (19#72)%Q; carries 0 2 (5#36)%Q]);
  ([:: 43#36; 43#36; 43#36; 43#36]%Q, [:: carries 2 3 (1#8)%Q; carries 0 2 (29#144)%Q; carries 1 3 (29#144)%Q])]]].
Definition falls_hints : seq hint :=
  [:: [:: ([:: ([:: 49#30; 49#30; 49#30; 9#10]%Q, [:: carries 1 0 (11#120)%Q; carries 2 0 (11#120)%Q]);
  ([:: 67#50; 2#1; 67#50; 67#50]%Q, [:: carries 2 3 (11#200)%Q; carries 2 0 (11#100)%Q]); ([:: 67#50; 67#50; 2#1;
  67#50]%Q, [:: carries 1 0 (11#100)%Q; carries 1 3 (11#200)%Q]); ([:: 9#10; 89#50; 89#50; 89#50]%Q,
  [:: carries 2 3 (11#200)%Q; carries 1 3 (11#200)%Q])], 3%N); ([:: ([:: 2#1; 2#1; 9#10; -1#10]%Q, [::]);
  ([:: 2#1; 2#1; 2#5; 2#5]%Q, [:: carries 2 3 (1#8)%Q]); ([:: 29#20; 19#20; 29#20; 19#20]%Q,
  [:: carries 1 3 (21#80)%Q; carries 0 2 (11#80)%Q]); ([:: 6#5; 6#5; 6#5; 6#5]%Q, [:: carries 2 3 (1#8)%Q;
  carries 0 2 (1#5)%Q; carries 1 3 (1#5)%Q])], 0%N)]].

Lemma weighted_ray_limit_sound_met : met (@weighted_ray_limit_sound).
Proof.
exists AR, falls, falls_weights, falls_start, 0%N, [::], falls_limit, falls_tables, falls_courses, falls_fits, falls_hints.
exists (1#2)%Q, (1#10)%Q; split; first by vm_compute.
move=> pi [_ _ [V [pis [Qt run]]] _]; exists V, pis, Qt; split; first exact: run.
split; last by exists 1%N; split=> //; right.
exists 1; split; first exact: ltr01.
by move=> N _; exists N; split=> //; exists ord0.
Qed.

Definition rocks : model :=
  Model [:: 2%N; 2%N] (1#2)%Q [:: [:: [:: 0#1; 1#1; 0#1]%Q; [:: -1#1; 1#1; 0#1]%Q; [:: -1#1; 0#1; 1#1]%Q; [:: 0#1;
  0#1; 1#1]%Q]; [:: [:: 1#1; 0#1; 1#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: -1#1; 1#1; 0#1]%Q; [:: 0#1; 0#1; 1#1]%Q]]
  false.
Definition rocks_weights : weighting := Weighting Uniform (1#2)%Q true.
Definition rocks_points : seq position :=
  [:: ([:: 61#75; 94#75]%Q, [:: [:: 1%N; 1%N]; [:: 0%N; 1%N]], [:: [:: -11#30; -11#30; -14#75; 61#75]%Q;
  [:: 94#75; 94#75; -13#15; 61#75]%Q]); ([:: 4#15; 122#75]%Q, [:: [:: 1%N; 0%N]; [:: 0%N; 0%N]], [:: [:: 4#15;
  -89#150; 4#15; 4#15]%Q; [:: 122#75; 61#150; -14#75; -14#75]%Q])].
Definition rocks_start : position :=
  ([:: 31#32; 407#288]%Q, [:: [:: 1%N; 1%N]; [:: 0%N; 1%N]], [:: [:: -19#96; -19#96; -1#32; 31#32]%Q; [:: 407#288;
  407#288; -67#96; 31#32]%Q]).
Definition rocks_courses : seq course :=
  [:: ((107#672)%Q, [:: -2#525; 1#1575]%Q, [:: [:: 1#105; 1#105; -2#525; -2#525]%Q; [:: 1#1575; 1#1575; 1#105;
  -2#525]%Q]); ((107#1344)%Q, [:: -1#1260; 1#3150]%Q, [:: [:: -1#1260; -1#525; -1#1260; -1#1260]%Q; [:: 1#3150;
  -1#525; -11#9450; -11#9450]%Q]); ((107#2688)%Q, [:: 1#6300; -1#37800]%Q, [:: [:: -1#2520; -1#2520; 1#6300;
  1#6300]%Q; [:: -1#37800; -1#37800; -1#2520; 1#6300]%Q]); ((107#5376)%Q, [:: 1#30240; -1#75600]%Q,
  [:: [:: 1#30240; 1#12600; 1#30240; 1#30240]%Q; [:: -1#75600; 1#12600; 11#226800; 11#226800]%Q]); ((107#10752)%Q,
  [:: -1#151200; 1#907200]%Q, [:: [:: 1#60480; 1#60480; -1#151200; -1#151200]%Q; [:: 1#907200; 1#907200; 1#60480;
  -1#151200]%Q])].
Definition rocks_fits : seq (seq (seq order_fit)) :=
  [:: [:: [:: ([:: 61#150; -17#150; -17#150; -17#150]%Q, [:: carries 3 1 (3#50)%Q; carries 3 2 (13#400)%Q]);
  ([:: 127#600; 127#600; -28#75; 127#600]%Q, [:: carries 3 1 (83#1600)%Q; carries 0 1 (39#800)%Q]); ([:: 4#15;
  -89#150; 4#15; 4#15]%Q, [:: carries 0 2 (7#200)%Q; carries 3 2 (9#200)%Q]); ([:: -23#600; -23#600; -23#600;
  47#75]%Q, [:: carries 0 2 (67#1600)%Q; carries 0 1 (111#1600)%Q])]; [:: ([:: 122#75; 61#150; -14#75; -14#75]%Q,
  [:: carries 3 2 (61#600)%Q]); ([:: 61#50; 61#50; -89#150; 47#75]%Q, [:: carries 0 1 (61#600)%Q]); ([:: 202#375;
  61#150; 202#375; 202#375]%Q, [:: carries 0 2 (34#125)%Q; carries 3 2 (11#1000)%Q]); ([:: 371#750; 371#750;
  371#750; 47#75]%Q, [:: carries 0 2 (34#125)%Q; carries 0 1 (11#1000)%Q])]]; [:: [:: ([:: 53#375; 53#375; 53#375;
  53#375]%Q, [:: carries 1 0 (1#1000)%Q; carries 3 1 (127#1000)%Q; carries 3 2 (41#1000)%Q]); ([:: 2#15; 19#75;
  -14#75; 19#75]%Q, [:: carries 3 1 (7#50)%Q]); ([:: 2#15; -13#15; 12#25; 12#25]%Q, [:: carries 3 2 (1#12)%Q]);
  ([:: -11#30; -11#30; -14#75; 61#75]%Q, [:: carries 0 1 (1#16)%Q])]; [:: ([:: 136#75; 67#300; 67#300; 67#300]%Q,
  [:: carries 3 1 (9#800)%Q; carries 3 2 (109#800)%Q]); ([:: 94#75; 94#75; -13#15; 61#75]%Q,
  [:: carries 0 1 (7#50)%Q]); ([:: 23#25; 2#15; 23#25; 61#75]%Q, [:: carries 0 2 (67#300)%Q]); ([:: 217#300;
  217#300; 217#300; 61#75]%Q, [:: carries 0 2 (159#800)%Q; carries 0 1 (59#800)%Q])]]; [:: [:: ([:: 61#150;
  -17#150; -17#150; -17#150]%Q, [:: carries 3 1 (3#50)%Q; carries 3 2 (13#400)%Q]); ([:: 127#600; 127#600; -28#75;
  127#600]%Q, [:: carries 3 1 (83#1600)%Q; carries 0 1 (39#800)%Q]); ([:: 4#15; -89#150; 4#15; 4#15]%Q,
  [:: carries 0 2 (7#200)%Q; carries 3 2 (9#200)%Q]); ([:: -23#600; -23#600; -23#600; 47#75]%Q,
  [:: carries 0 2 (67#1600)%Q; carries 0 1 (111#1600)%Q])]; [:: ([:: 122#75; 61#150; -14#75; -14#75]%Q,
  [:: carries 3 2 (61#600)%Q]); ([:: 61#50; 61#50; -89#150; 47#75]%Q, [:: carries 0 1 (61#600)%Q]); ([:: 202#375;
  61#150; 202#375; 202#375]%Q, [:: carries 0 2 (34#125)%Q; carries 3 2 (11#1000)%Q]); ([:: 371#750; 371#750;
  371#750; 47#75]%Q, [:: carries 0 2 (34#125)%Q; carries 0 1 (11#1000)%Q])]]; [:: [:: ([:: 53#375; 53#375; 53#375;
  53#375]%Q, [:: carries 1 0 (1#1000)%Q; carries 3 1 (127#1000)%Q; carries 3 2 (41#1000)%Q]); ([:: 2#15; 19#75;
  -14#75; 19#75]%Q, [:: carries 3 1 (7#50)%Q]); ([:: 2#15; -13#15; 12#25; 12#25]%Q, [:: carries 3 2 (1#12)%Q]);
  ([:: -11#30; -11#30; -14#75; 61#75]%Q, [:: carries 0 1 (1#16)%Q])]; [:: ([:: 136#75; 67#300; 67#300; 67#300]%Q,
  [:: carries 3 1 (9#800)%Q; carries 3 2 (109#800)%Q]); ([:: 94#75; 94#75; -13#15; 61#75]%Q,
  [:: carries 0 1 (7#50)%Q]); ([:: 23#25; 2#15; 23#25; 61#75]%Q, [:: carries 0 2 (67#300)%Q]); ([:: 217#300;
  217#300; 217#300; 61#75]%Q, [:: carries 0 2 (159#800)%Q; carries 0 1 (59#800)%Q])]]].
Definition rocks_hints : seq hint :=
  [:: [:: ([:: ([:: 17#42; -43#378; -43#378; -43#378]%Q, [:: carries 3 1 (13#216)%Q; carries 3 2 (7#216)%Q]);
  ([:: 53#252; 53#252; -47#126; 53#252]%Q, [:: carries 3 1 (5#96)%Q; carries 0 1 (7#144)%Q]); ([:: 67#252; -25#42;
  67#252; 67#252]%Q, [:: carries 0 2 (5#144)%Q; carries 3 2 (13#288)%Q]); ([:: -5#126; -5#126; -5#126; 79#126]%Q,
  [:: carries 0 2 (1#24)%Q; carries 0 1 (5#72)%Q])], 2%N); ([:: ([:: 205#126; 17#42; -71#378; -71#378]%Q,
  [:: carries 3 2 (11#108)%Q]); ([:: 461#378; 461#378; -25#42; 79#126]%Q, [:: carries 0 1 (11#108)%Q]);
  ([:: 113#210; 17#42; 113#210; 113#210]%Q, [:: carries 0 2 (49#180)%Q; carries 3 2 (1#90)%Q]); ([:: 311#630;
  311#630; 311#630; 79#126]%Q, [:: carries 0 2 (49#180)%Q; carries 0 1 (1#90)%Q])], 0%N)]; [:: ([:: ([:: 89#630;
  89#630; 89#630; 89#630]%Q, [:: carries 1 0 (1#960)%Q; carries 3 1 (61#480)%Q; carries 3 2 (59#1440)%Q]);
  ([:: 67#504; 383#1512; -47#252; 383#1512]%Q, [:: carries 3 1 (121#864)%Q]); ([:: 67#504; -437#504; 121#252;
  121#252]%Q, [:: carries 3 2 (1#12)%Q]); ([:: -185#504; -185#504; -47#252; 205#252]%Q,
  [:: carries 0 1 (1#16)%Q])], 3%N); ([:: ([:: 457#252; 25#112; 25#112; 25#112]%Q, [:: carries 3 1 (13#1152)%Q;
  carries 3 2 (157#1152)%Q]); ([:: 1895#1512; 1895#1512; -437#504; 205#252]%Q, [:: carries 0 1 (121#864)%Q]);
  ([:: 1391#1512; 67#504; 1391#1512; 205#252]%Q, [:: carries 0 2 (193#864)%Q]); ([:: 81#112; 81#112; 81#112;
  205#252]%Q, [:: carries 0 2 (229#1152)%Q; carries 0 1 (85#1152)%Q])], 1%N)]; [:: ([:: ([:: 205#504; -257#2268;
  -257#2268; -257#2268]%Q, [:: carries 3 1 (311#5184)%Q; carries 3 2 (337#10368)%Q]); ([:: 2561#12096; 2561#12096;
  -1129#3024; 2561#12096]%Q, [:: carries 3 1 (239#4608)%Q; carries 0 1 (337#6912)%Q]); ([:: 1613#6048; -299#504;
  1613#6048; 1613#6048]%Q, [:: carries 0 2 (121#3456)%Q; carries 3 2 (311#6912)%Q]); ([:: -463#12096; -463#12096;
  -463#12096; 1895#3024]%Q, [:: carries 0 2 (193#4608)%Q; carries 0 1 (959#13824)%Q])], 2%N); ([:: ([:: 4919#3024;
  205#504; -1693#9072; -1693#9072]%Q, [:: carries 3 2 (527#5184)%Q]); ([:: 2767#2268; 2767#2268; -299#504;
  1895#3024]%Q, [:: carries 0 1 (527#5184)%Q]); ([:: 181#336; 205#504; 181#336; 181#336]%Q,
  [:: carries 0 2 (235#864)%Q; carries 3 2 (19#1728)%Q]); ([:: 187#378; 187#378; 187#378; 1895#3024]%Q,
  [:: carries 0 2 (235#864)%Q; carries 0 1 (19#1728)%Q])], 0%N)]; [:: ([:: ([:: 2137#15120; 2137#15120;
  2137#15120; 2137#15120]%Q, [:: carries 1 0 (23#23040)%Q; carries 3 1 (1463#11520)%Q;
  carries 3 2 (1417#34560)%Q]); ([:: 1613#12096; 9193#36288; -1129#6048; 9193#36288]%Q,
  [:: carries 3 1 (2903#20736)%Q]); ([:: 1613#12096; -10483#12096; 2903#6048; 2903#6048]%Q,
  [:: carries 3 2 (1#12)%Q]); ([:: -4435#12096; -4435#12096; -1129#6048; 4919#6048]%Q,
  [:: carries 0 1 (1#16)%Q])], 3%N); ([:: ([:: 10967#6048; 1801#8064; 1801#8064; 1801#8064]%Q,
  [:: carries 3 1 (311#27648)%Q; carries 3 2 (3767#27648)%Q]); ([:: 45481#36288; 45481#36288; -10483#12096;
  4919#6048]%Q, [:: carries 0 1 (2903#20736)%Q]); ([:: 33385#36288; 1613#12096; 33385#36288; 4919#6048]%Q,
  [:: carries 0 2 (4631#20736)%Q]); ([:: 5833#8064; 5833#8064; 5833#8064; 4919#6048]%Q,
  [:: carries 0 2 (5495#27648)%Q; carries 0 1 (2039#27648)%Q])], 1%N)]].

Lemma weighted_ray_orbit_sound_met : met (@weighted_ray_orbit_sound).
Proof.
exists AR, rocks, rocks_weights, rocks_start, 0%N, [::], rocks_points, rocks_courses, rocks_fits, rocks_hints.
exists (1#16)%Q, (1#576)%Q; split; first by vm_compute.
move=> pis [_ _ [V [pi [Qt run]]] _]; split; first by exists 1%N, 0%N.
exists V, pi, Qt; split; first exact: run.
split; last by exists 1%N; split=> //; right.
exists 1; split; first exact: ltr01.
by move=> N _; exists N; split=> //; exists ord0.
Qed.
