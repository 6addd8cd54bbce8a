(* Runs of linear FQI on fixed data whose factors are those of the data, up to constants that sum
   to 0: these change no greedy action and no Q_tot, so what is checked of positions holds of them.

   No theorem here: tools of CheckedClosed.v and CheckedFactors.v.

             shifted d V s Q == Q are the credits of the data d at the values V, up to such
                                constants
         fitted_run fits V Q == a run of FQI whose factors are `fits` of its values
   fitted_steps fits v v' g' == all `fits` of the values v have the first maximisers g', and
                                there the values v'
    check_place m d v0 g0 .. == the check of a region that tends to claimed positions

   shifted_starts  the values of a run are those of positions, where its factors are shifted
   shifted_exists  and there is one from every start
   shifted_tends   what the check of a region says

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedOrbit CheckedShrinking.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).

Definition shifted (d : data) (V : state m -> F) (s : state m) (Q : local) :=
  exists2 c : agent (sizes m) -> F, \sum_i c i = 0
    & forall i (x : action i), Q i x = credits F m d V [::] s i x + c i.

Variable fits : (state m -> F) -> state m -> local -> Prop.

Definition fitted_run (V : nat -> state m -> F) (Q : nat -> state m -> local) :=
  (forall t s, is_max (Qtot (Q t s)) (V t s)) /\ forall t s, fits (V t) s (Q t.+1 s).

Definition fitted_steps (v v' : seq Q) (g' : state m -> joint) :=
  forall (s : state m) Q, fits (vec F m v) s Q -> first_greedy Q (g' s) /\ Qtot Q (g' s) = vec F m v' s.
End Meaning.

(* --------------------------------------------------------------------- what is checked *)
Definition check_place (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  check_returns m d v0 g0 p units points policies || check_shrinks m d v0 g0 p points policies.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : archiFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation vec := (vec F m).
Hypothesis ok : check_model m.
Hypothesis fx : ~~ moving d.

(* constants that sum to 0 change nothing *)
Lemma shifted_Qtot V g (s : state m) Q (a : joint) : shifted d V s Q -> Qtot Q a = Qtot (credits F m d V g s) a.
Proof.
move=> [c c0 QE]; rewrite /Qtot (eq_bigr _ (fun i _ => QE i (a i))) big_split /= c0 addr0.
by apply: eq_bigr => i _; rewrite [in RHS]credits_fixed.
Qed.

Lemma shifted_first V g (s : state m) Q (a : joint) : shifted d V s Q ->
  first_greedy (credits F m d V g s) a -> first_greedy Q a.
Proof.
move=> [c _ QE]; rewrite credits_fixed // => -[gr first]; split=> i x; rewrite !QE.
  by rewrite le_plus2r; apply: gr.
by move=> lt; rewrite lt_plus2r; apply: first.
Qed.

Lemma shifted_credits V g (s : state m) : shifted d V s (credits F m d V g s).
Proof. by exists (fun=> 0); [rewrite big1|move=> i x; rewrite addr0 credits_fixed]. Qed.

Lemma shifted_step v v' (s : state m) g (g' : joint) Q : shifted d (vec v) s Q ->
  first_best m (factors m (fit_at m d s g) v) (code g') ->
  qeq (total m (factors m (fit_at m d s g) v) (code g')) (at_ v' s) -> first_greedy Q g' /\ Qtot Q g' = vec v' s.
Proof.
move=> sh fb; rewrite (qval_eq F) (totalE F ok) => /eqP e; split; last by rewrite (shifted_Qtot g _ sh).
exact: shifted_first sh (first_bestP F ok fb).
Qed.

Variable fits : (state m -> F) -> state m -> local -> Prop.
Hypothesis fitsP : forall V s Q, fits V s Q <-> shifted d V s Q.

Lemma shifted_starts v0 g0 V Q : joint_policy m g0 -> V 0%N =1 vec v0 -> fitted_run fits V Q ->
  exists pi, @starts F m d v0 g0 V pi.
Proof.
move=> /everyP act V0 [mx fitted].
have [pi0 pl] : exists pi : state m -> joint, plays g0 pi by apply: plays_exists => s; apply: act.
exists (fun t => if t is t'.+1 then fun s => first_of (pi0 s) (credits F m d (V t') [::] s) else pi0).
split=> // t s; rewrite credits_fixed //.
have first := first_ofP (pi0 s) (credits F m d (V t) [::] s); split; first exact: first.
apply: is_max_unique (mx t.+1 s) _.
apply: (is_max_ext (f := Qtot (credits F m d (V t) [::] s))); last by apply: greedy_is_max; case: first.
by move=> a; rewrite (shifted_Qtot [::] _ (proj1 (fitsP _ _ _) (fitted t s))).
Qed.

Lemma shifted_exists v0 g0 : joint_policy m g0 -> exists V Q, V 0%N =1 vec v0 /\ fitted_run fits V Q.
Proof.
move=> /everyP act; have [pi0 _] : exists pi : state m -> joint, plays g0 pi by apply: plays_exists => s; apply: act.
pose next (U : state m -> F) (s : state m) :=
  let Q := credits F m d U [::] s in Qtot Q (first_of (pi0 s) Q).
pose V t := iter t next (vec v0); pose i0 : agent (sizes m) := Ordinal (has_agents ok).
pose level (s : state m) (i : agent (sizes m)) (x : action i) : F := if i == i0 then vec v0 s else 0.
exists V, (fun t s => if t is t'.+1 then credits F m d (V t') [::] s else level s).
split=> //; split=> [[|t] s|t s]; last by apply/fitsP; apply: shifted_credits.
- have QE (a : joint) : Qtot (level s) a = vec v0 s.
    by rewrite /Qtot (bigD1 i0) //= /level eqxx big1 ?addr0 // => i /negbTE ->.
  by split=> [a|]; [rewrite QE|exists (pi0 s); rewrite QE].
by rewrite /V iterS; apply: greedy_is_max; case: (first_ofP (pi0 s) (credits F m d (iter t next (vec v0)) [::] s)).
Qed.

(* what both checks of regions say *)
Lemma shifted_tends v0 g0 p units points policies : check_place m d v0 g0 p units points policies ->
  joint_policy m g0 ->
  exists pis : nat -> state m -> joint,
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> fitted_steps fits (nth [::] points j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s : state m, vec (nth [::] points i) s != vec (nth [::] points j) s,
      exists V Q, V 0%N =1 vec v0 /\ fitted_run fits V Q
    & forall V Q, V 0%N =1 vec v0 -> fitted_run fits V Q -> forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
        forall s, `|V t s - vec (nth [::] points ((t - prefix p) %% size points)) s| < e].
Proof.
move=> ch act; have nm := negbTE fx.
have lt' j : (j < size points)%N -> (j.+1 %% size points < size points)%N.
  by move=> jk; rewrite ltn_mod (leq_trans _ jk).
case/orP: ch => ch.
  have [pis pl] := claimed_policies F ch.
  have [v [found [prep [_ k0 _ _ _] _ _ claim]]] := orbit_parts F ch.
  exists pis; split=> // [j jk s Q /fitsP sh|i j ik jk ij||V Q V0 run].
  - have [/everyP /(_ s (ltn_ord s)) + _] := claim j jk.
    by rewrite (@fitsE m d _ _ s (pl j jk)) /steps_to -(pl _ (lt' j jk)) => /andP []; apply: shifted_step.
  - by case: (claimed_differ F ch pl ik jk ij) => // -[]; rewrite nm.
  - exact: (shifted_exists v0 act).
  by have [pi run'] := shifted_starts act V0 run; have [] := orbit_tends ch pl run'.
have [pis pl] := side_policies F ch.
have [e [v [found [[_ prep] [_ _ k0 _ _] _ _ [_ claim]]]]] := side_parts F ch.
exists pis; split=> // [j jk s Q /fitsP sh|i j ik jk ij||V Q V0 run].
- have [/everyP /(_ s (ltn_ord s)) + _] := claim j jk.
  by rewrite (@fitsE m d _ _ s (pl j jk)) -(pl _ (lt' j jk)) nm => /andP []; apply: shifted_step.
- by case: (side_differ F ch pl ik jk ij) => // -[]; rewrite nm.
- exact: (shifted_exists v0 act).
by have [pi run'] := shifted_starts act V0 run; have [] := shrink_tends ch pl run'.
Qed.
End Correct.
