(* Fates of the values alone, for linear fits and for the classes of Sums.v: checked of
   positions, whatever their fits are fits to, and so of all runs.

   A claim of divergence has its growth twice, in the claim and in the proof, and its number
   of steps; both are compared here.

                              growth == the factor (geometric) or the increment of a growing
                                        coordinate
                            same a b == two growths are equal
                                fate == Grows: a growing region, Swells: one that is followed in
                                        rounded numbers; from T on, Boxed: the values
                                        are in a box, Differs: so are their differences,
                                        Confined: so is that of two states, Wanders: and it
                                        approaches no cycle; Celled, Repelled: the same by
                                        cells, under epsilon-greedy data as well;
                                        Gridded: by cells of a grid, of any number of states
                          fitted m d == fixed data with their fits, which are made once
              check_fate m d v0 g0 f == the check of positions
                       holds F m f V == what the fate f says of the values V
            check_linear m d v0 g0 f == it, and that of the data
       check_sums m d sets c v0 g0 f == it for the chooser of Sums.v, and that of the class

   fate_sound    checked fates are those of all positions from the start
   linear_sound  accepted fates are those of every run of linear FQI from the start, and
                 there is one
   sums_sound    the same of runs over a class of sums of functions of sets of agents

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions RunsExist CheckedDivergence CheckedSwelling Sums CheckedBox.
From FqiTheory Require Import CheckedDifferences CheckedInterval CheckedExpanding CheckedCells CheckedRepelling CheckedGrid.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Record growth := Growth { geometric : bool; rate : Q }.
Definition same (a b : growth) : bool := (geometric a == geometric b) && qeq (rate a) (rate b).

(* Grows, Swells: the growth claimed, its number of steps, the proof and the growth proved. Boxed: T, the
   least and the greatest values. The others: T, the state r of reference, the least and the greatest
   differences from V(r), and the hints: mixtures, pieces, pieces and a prime, cells, cells and a prime,
   units and cells of a grid.                                                               *)
Inductive fate :=
  | Grows of growth & nat & proof & growth
  | Boxed of nat & seq Q & seq Q
  | Differs of nat & nat & seq Q & seq Q & seq (seq (seq (seq Q)) * seq (seq (seq Q)))
  | Confined of nat & nat & seq Q & seq Q & seq piece
  | Wanders of nat & nat & seq Q & seq Q & seq piece & Z
  | Swells of growth & nat & proof & growth
  | Celled of nat & nat & seq Q & seq Q & seq cell
  | Repelled of nat & nat & seq Q & seq Q & seq cell & Z
  | Gridded of nat & nat & seq Q & seq Q & seq Q & seq room.

(* --------------------------------------------------------------------- what is checked *)
(* fixed data with their fits in the place of the hint, which are made once; the data themselves are
   left out, since checks of differences do not look at them                               *)
Definition fitted (m : model) (d : data) : data :=
  match d with
  | Uniform | Product _ => Joint [::] (tab (n_states m) (fun s => fit_at m d s [::]))
  | Joint _ _ | EpsilonGreedy _ | Exploring _ _ | Follows _ _ => d
  end.

Definition check_fate (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (f : fate) : bool :=
  match f with
  | Grows claimed steps p proved =>
      [&& steps == size (modes p), same claimed proved
        & check_growth m d v0 g0 p (geometric claimed) (rate claimed)]
  | Boxed T lower upper => check_box m d lower upper v0 g0 T
  | Differs T r lower upper mixtures => check_differences m (fitted m d) lower upper r v0 g0 T mixtures
  | Confined T r lower upper ps => check_interval m (fitted m d) r lower upper v0 g0 T ps
  | Wanders T r lower upper ps prime => check_expanding m (fitted m d) r lower upper v0 g0 T ps prime
  | Swells claimed steps p proved =>
      [&& steps == size (modes p), same claimed proved, geometric claimed & check_swells m d v0 g0 p (rate claimed)]
  | Celled T r lower upper cells => check_cells m (fitted m d) r lower upper v0 g0 T cells
  | Repelled T r lower upper cells prime => check_repelling m (fitted m d) r lower upper v0 g0 T cells prime
  | Gridded T r lower upper units rooms => check_grid m (fitted m d) r units lower upper v0 g0 T rooms
  end.

Definition check_linear (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (f : fate) : bool :=
  [&& check_model m, check_data m d, every (n_states m) (fun s => is_action (sizes m) (nth [::] g0 s))
    & check_fate m d v0 g0 f].

Definition check_sums (m : model) (d : data) (sets : seq (seq nat)) (c : seq (seq (seq (seq Q))))
    (v0 : seq Q) (g0 : seq (seq nat)) (f : fate) : bool :=
  [&& check_model m, check_class m d sets c, every (n_states m) (fun s => is_action (sizes m) (nth [::] g0 s))
    & check_fate (chooser m) (chosen m d sets c) v0 (alone m g0) f].

(* ------------------------------------------------------------------------- the theorems *)
(* what a fate says of the values *)
Definition holds (F : realFieldType) (m : model) (f : fate) (V : nat -> state m -> F) : Prop :=
  match f with
  | Grows claimed steps p _ | Swells claimed steps p _ =>
      let s := fun U : state m -> F => zed p U 0 in
      [/\ forall U (x : F), s (fun z : state m => U z + x) = s U,
          0 < s (V (prefix p)),
          forall q, let now := s (V (prefix p + steps * q)%N) in
            let then_ := s (V (prefix p + steps * q.+1)%N) in
            if geometric claimed then qval F (rate claimed) * now <= then_ else now + qval F (rate claimed) <= then_
        & forall M, exists t s, M < `|V t s|]
  | Boxed T lower upper => between lower upper V T
  | Differs T r lower upper _ | Confined T r lower upper _ | Celled T r lower upper _
  | Gridded T r lower upper _ _ =>
      apart lower upper r V T /\ exists C, forall t s, `|V t s| <= C
  | Wanders T r lower upper _ _ | Repelled T r lower upper _ _ =>
      [/\ apart lower upper r V T, exists C, forall t s, `|V t s| <= C & approaches_none V]
  end.
Arguments holds : clear implicits.

Lemma credits_fitted (F : realFieldType) m d V g (s : state m) i (x : action i) : check_model m ->
  credits F m (fitted m d) V g s i x = credits F m d V g s i x.
Proof. by move=> ok; case: d => [|p|p t|e|e u|p t] //; rewrite /credits /= (nth_tab _ _ (ltn_ord s)) (fitE ok). Qed.

Lemma starts_fitted (F : realFieldType) m d v0 g0 (V : nat -> state m -> F) pi : check_model m ->
  starts d v0 g0 V pi -> starts (fitted m d) v0 g0 V pi.
Proof.
move=> ok [V0 pl pos]; split=> // t s; have [first ->] := pos t s; split.
  by apply: first_greedy_eq first => i x; rewrite credits_fitted.
by apply: eq_bigr => i _; rewrite credits_fitted.
Qed.

Lemma fate_sound (F : archiFieldType) m d v0 g0 f (V : nat -> state m -> F) pi : regular F m d ->
  check_fate m d v0 g0 f -> starts d v0 g0 V pi -> holds F m f V.
Proof.
move=> reg; case: f => [claimed steps p proved|T lower upper|T r lower upper mixtures|T r lower upper ps
  |T r lower upper ps prime|claimed steps p proved|T r lower upper cells|T r lower upper cells prime
  |T r lower upper units rooms] /=.
- by case/and3P => /eqP -> _ grow; apply: growth_sound.
- by move=> boxed run; have /andP [/andP [ok _] _] := boxed; apply: (box_sound ok reg boxed run).
- move=> differs run0; have /andP [/andP [/andP [/and5P [ok fx rS _ _] level] _] _] := differs.
  have run := starts_fitted ok run0.
  have box := differences_sound ok differs run; split; first exact: box.
  have [_ _ pos] := run; exact: (apart_bounded (r0 := Ordinal rS) ok erefl fx level pos box).
- move=> confined run; have /andP [/andP [/and5P [ok _ _ _ _] _] _] := confined.
  exact: interval_sound confined (starts_fitted ok run).
- move=> wanders run0; have /andP [/andP [/andP [confined _] _] _] := wanders.
  have /andP [/andP [/and5P [ok _ _ _ _] _] _] := confined; have run := starts_fitted ok run0.
  have [box bd] := interval_sound confined run; split; [exact: box|exact: bd|exact: expanding_sound run _ wanders].
- by case/and4P => /eqP -> _ ge sw run; rewrite ge; apply: swells_sound sw _ _ run.
- move=> celled run0; have /andP [all_ok _] := celled; have /andP [/and5P [ok _ _ _ _] _] := all_ok.
  exact: cells_sound all_ok (starts_fitted ok run0) celled.
- move=> repelled run0; have /andP [/and5P [ok _ _ _ _] _] := repelling_all repelled.
  exact: repelling_sound (starts_fitted ok run0) repelled.
move=> gridded run0; have /andP [/andP [/andP [/and4P [ok _ _ _] _] _] _] := gridded.
exact: grid_sound gridded (starts_fitted ok run0).
Qed.

(* Accepted fates are those of every run of linear FQI, on fixed data or under epsilon-greedy
   data, from the stated values and joint actions; and there is one.
   Source: ours. *)
Theorem linear_sound (F : archiFieldType) m d v0 g0 f : check_linear m d v0 g0 f ->
  (exists V pi, @run_from F m d v0 g0 V pi) /\
  forall (V : nat -> state m -> F) pi, run_from d v0 g0 V pi -> holds F m f V.
Proof.
case/and4P => ok okd /everyP act fated; have acts (s : state m) := act s (ltn_ord s).
split=> [|V pi run]; first exact: run_from_exists.
have [pi' [run' _]] := run_starts ok okd acts run.
by apply: fate_sound fated run'; apply: linear_regular.
Qed.

(* Accepted fates are those of every run of FQI, on fixed data and from the stated values, over the
   class of sums of functions of the given sets of agents; and there is one.
   Source: ours. *)
Theorem sums_sound (F : archiFieldType) m d sets c v0 g0 f : check_sums m d sets c v0 g0 f ->
  (exists V Q, V 0%N =1 vec F m v0 /\ @class_run F m sets d V Q) /\
  forall V Q, V 0%N =1 vec F m v0 -> @class_run F m sets d V Q -> holds F m f V.
Proof.
case/and4P => ok okc /everyP act fated; have acts (s : state m) := act s (ltn_ord s).
have some (s : state m) : exists a : {dffun forall i : agent (sizes m), action i}, True.
  by have [a _] := code_onto (acts s); exists a.
split=> [|V Q V0 run]; first exact: class_exists okc some v0.
have [|pi run'] := @class_starts F m d sets c V v0 g0 acts V0; first by apply/(class_values okc some); exists Q.
have reg : regular F (chooser m) (chosen m d sets c).
  by move=> U g s _; split=> [a'|b'|]; [exact: chosen_ge0|exact: chosen_some|exact: class_mean].
exact: (fate_sound reg fated run').
Qed.
