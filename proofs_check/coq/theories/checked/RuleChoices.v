(* The certificate kind `choices` in classes of sums under epsilon-greedy data: checked of positions of one
   chooser (Choosers.v), whose actions are the joint actions.

              choices_alone m p == the proof p with joint actions as actions of the chooser
               check_listed m p == the lists of p have joint actions
      check_rule_choices m d .. == the check of claimed positions, whose fits are those of a rule
                                   (CheckedRules.v)
   check_rule_choice_limit m .. == the same of a claim of convergence, one position, and worths (Claims.v)

   rule_choices_orbit_sound  accepted cycles of values are approached by every run from the start, and there
                             is one
   rule_choices_limit_sound  accepted limits are the limits of every run from the start, and there is one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedOrbit CheckedShrinking Sums CheckedBox.
From FqiTheory Require Import CheckedClasses Averages Choosers CheckedRules CheckedChoices.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Compute.
Variables (m : model) (d : data) (k : rule) (sets : seq (seq nat)) (us : seq (seq nat * Q)).

Definition choices_alone (p : choices) : choices :=
  let placed own := [seq [:: rank (sizes m) a] | a <- own] in
  Choices (opening p) (kinds p) [seq [seq placed own | own <- phase] | phase <- ways p] (bases p) (duals p) (extents p).
Definition check_listed (p : choices) : bool := all (all (all (is_action (sizes m)))) (ways p).

Definition check_rule_choices (v0 : seq Q) (g0 : seq (seq nat)) (p : choices)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  [&& check_model m, check_rule m d k sets us, joint_policy m g0, all (joint_policy m) policies, check_listed p
    & check_spans (chooser m) (ruled m d us) v0 (alone m g0) (choices_alone p) points [seq alone m g | g <- policies]].

Definition check_rule_choice_limit (v0 : seq Q) (g0 : seq (seq nat)) (p : choices) (c : limit) : bool :=
  check_worths m c && check_rule_choices v0 g0 p [:: values c] [:: policy c].
End Compute.

Section Correct.
Variable m : model.
Notation joint := {dffun forall i : agent (sizes m), action i}.

Lemma nth_maps (A B : Type) (f : seq A -> seq B) (ls : seq (seq A)) j : f [::] = [::] ->
  nth [::] [seq f l | l <- ls] j = f (nth [::] ls j).
Proof.
move=> f0; have [lt|ge] := ltnP j (size ls); first exact: (nth_map [::]).
by rewrite [in RHS]nth_default // nth_default ?size_map ?f0.
Qed.

(* a joint action whose place is in a list is in the list *)
Lemma listed_up p j (s : nat) (a : joint) : check_listed m p ->
  code (up a) \in nth [::] (nth [::] (ways (choices_alone m p)) j) s -> code a \in nth [::] (nth [::] (ways p) j) s.
Proof.
move=> ok; rewrite nth_maps // nth_maps // => /mapP [l lin /esym e]; rewrite (same_rank (l := l)) //.
have [jw|jw] := ltnP j (size (ways p)); last by move: lin; rewrite (nth_default _ jw) nth_nil.
have phase := all_nthP [::] ok j jw; have [sw|sw] := ltnP s (size (nth [::] (ways p) j)); last by move: lin; rewrite (nth_default _ sw).
exact: (allP (all_nthP [::] phase s sw)).
Qed.
End Correct.

(* A certificate of kind `choices` is true where it is accepted, in a class of sums under epsilon-greedy data: with k the
   number of the claimed positions, every position steps to the next one (for every fit of the rule); no two have the
   same values and the same greedy actions of settled states; there are runs from the start, and of each of them V^(t)
   approaches the values of position (t - T) mod k as t grows, and with m phases the greedy joint action of a state s at
   each t >= T is one of the list that the certificate has for s and phase (t - T) mod m.
   Source: ours. *)
Theorem rule_choices_orbit_sound (F : archiFieldType) m d k sets us v0 g0 p points policies :
  check_rule_choices m d k sets us v0 g0 p points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> rule_steps F k sets d true (nth [::] points j) (pis j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s \/ settled p s /\ pis i s != pis j s,
      exists V Q pi, [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N) & @rule_run F m k sets d V Q pi]
    & forall V Q pi, V 0%N =1 vec F m v0 -> plays g0 (pi 0%N) -> @rule_run F m k sets d V Q pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec F m (nth [::] points ((t - opening p) %% size points)) s| < e) /\
        forall t, (opening p <= t)%N -> forall s : state m,
          code (pi t s) \in nth [::] (nth [::] (ways p) ((t - opening p) %% size (ways p))) s].
Proof.
case/and5P => ok okr act /allP acts /andP [listed checked]; have [pi0 pl0] := starts_atP act.
have [pis' pl] := span_policies F checked.
have [[mv ok' _ _ _] [k0 _ _] _ _ [claim _]] := span_parts F checked.
have mvd : moving d by move: mv; rewrite moving_driven.
have lt' j : (j < size points)%N -> (j.+1 %% size points < size points)%N.
  by move=> jk; rewrite ltn_mod (leq_trans _ jk).
have szp : size policies = size points.
  by move: checked => /andP [/andP [/andP [/andP [/andP [/andP [_ /and4P [_ _ _ /eqP e]] _] _] _] _] _]; rewrite -e size_map.
exists (fun j s => down (pis' j s)); split=> // [|j jk|i j ik jk ij||V Q pi V0 plg run].
- split=> // j jk s; have jp : (j < size policies)%N by rewrite szp.
  apply: (@same_rank m); last by rewrite up_down (pl j jk) (nth_map [::]) // [RHS](nth_tab _ _ (ltn_ord s)).
  by have /everyP /(_ s (ltn_ord s)) := acts _ (mem_nth [::] jp).
- apply: (takes_steps okr) => s; have [/everyP /(_ s (ltn_ord s)) + _ _] := claim j jk.
  rewrite (@fitsE (chooser m) (ruled m d us) _ _ s (pl j jk)) /steps_to -(pl _ (lt' j jk)) => /andP [].
  rewrite -{1 2}[pis' j s]up_down -{1 2}[pis' (j.+1 %% _)%N s]up_down; exact: (@driven_step F m _ _ _ _ _ s _ _ true).
- have [_ _ /(_ i ik ij) [s [h|[h1 h2]]]] := claim j jk; exists s; [by left|right; split].
    apply/everyP => l lw; have /everyP /(_ l) := h1; rewrite size_map => /(_ lw).
    by rewrite nth_maps // nth_maps // size_map.
  by apply: contra h2 => /eqP e; rewrite -(pl i ik) -(pl j jk) -[pis' i s]up_down e up_down.
- have [V [Q [pi [V0 p0 run]]]] := rule_exists F okr v0 pi0.
  by exists V, Q, pi; split=> // s; rewrite p0.
have [pi' [p0 run' same]] := run_obeys okr run.
have plg' : plays g0 (pi' 0%N) by move=> s; rewrite p0.
have [tends keeps] := choices_tend checked (obeys_starts (fun s g => weight_at m d s g) V0 plg' run').
split=> // t tT s; apply: listed_up => //; rewrite -(same mvd).
by have := keeps t tT s; rewrite size_map.
Qed.

(* A certificate of convergence of that kind is true where it is accepted: `policy` is a joint policy g, `optimal` solves
   the Bellman optimality equation and `own` that of g; every fit of the rule to y(s,.) at `values` has the first
   maximisers g(s) and there the value values(s); there are runs from the start, and of each of them V^(t)(s) -> values(s),
   and the greedy joint actions at each t >= T are those that the certificate lists.
   Source: ours. *)
Theorem rule_choices_limit_sound (F : archiFieldType) m d k sets us v0 g0 p c :
  check_rule_choice_limit m d k sets us v0 g0 p c ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy c) g, worths F m c g, rule_steps F k sets d true (values c) g (values c) g,
        exists V Q pi, [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N) & @rule_run F m k sets d V Q pi]
      & forall V Q pi, V 0%N =1 vec F m v0 -> plays g0 (pi 0%N) -> @rule_run F m k sets d V Q pi ->
          (forall s, tends_to (fun t => V t s) (vec F m (values c) s)) /\
          forall t, (opening p <= t)%N -> forall s : state m,
            code (pi t s) \in nth [::] (nth [::] (ways p) ((t - opening p) %% size (ways p))) s].
Proof.
case/andP => /(check_worthsP F) [g [gE [best own_]]] /(rule_choices_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V Q pi V0 pl0 run]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
have [lim keeps] := runs V Q pi V0 pl0 run; split=> // s e e0.
by have [N h] := lim e e0; exists N => t /h /(_ s); rewrite modn1.
Qed.
