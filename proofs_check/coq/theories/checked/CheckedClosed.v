(* Linear fits where product data leave them open and Theorem 1's closed form is taken: what
   follows of the agents' factors, checked of positions of all agents (Positions.v).

   The factors are the credits of the product data, for which the closed form needs no full
   support, up to constants that sum to 0 (Shifted.v).

       closed_form d V s Q == Q is the closed form at y(V), up to such constants
          closed_run d V Q == a run of FQI with these factors
    closed_steps d v v' g' == all of them at y(v) have the first maximisers g', and there
                              the values v'
            check_open m d == the data are products of distributions, zeros allowed
    check_open_fate m d .. == the check of a fate (Fates.v)
   check_open_orbit m d .. == that of a region that tends to claimed positions
   check_open_limit m d .. == an orbit of one position, and worths (Claims.v)

   open_fate_sound   accepted fates are those of every run from the start, and there is one
   open_orbit_sound  accepted cycles are approached by all runs from the start, and there is one
   open_limit_sound  accepted limits are theirs, and there is one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedOrbit CheckedShrinking CheckedBox Fates CheckedRules Shifted.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model) (d : data).
Notation local := (forall i : agent (sizes m), action i -> F).

Definition closed_form (V : state m -> F) (s : state m) (Q : local) :=
  exists2 c : agent (sizes m) -> F, \sum_i c i = 0
    & forall i (x : action i), Q i x = Qcf (draws F m (marginals m d s [::])) (y F m V s) x + c i.

Definition closed_run := fitted_run closed_form.
Definition closed_steps := fitted_steps closed_form.
End Meaning.

(* --------------------------------------------------------------------- what is checked *)
Definition check_open (m : model) (d : data) : bool :=
  (if d is Product _ then true else false) &&
  every (n_states m) (fun s => check_shares m (marginals m d s [::])).

Definition check_open_fate (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (f : fate) : bool :=
  [&& check_model m, check_open m d, joint_policy m g0 & check_fate m d v0 g0 f].

Definition check_open_orbit (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  [&& check_model m, check_open m d, joint_policy m g0 & check_place m d v0 g0 p units points policies].

Definition check_open_limit (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (c : limit) : bool :=
  check_worths m c && check_open_orbit m d v0 g0 p units [:: values c] [:: policy c].

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : archiFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation vec := (vec F m).
Hypothesis ok : check_model m.
Hypothesis okd : check_open m d.

Lemma open_fixed : ~~ moving d.
Proof. by case/andP: okd; case: d. Qed.

Lemma open_shares (s : state m) (i : agent (sizes m)) :
  (forall x : action i, 0 <= draws F m (marginals m d s [::]) i x) /\
  \sum_(x : action i) draws F m (marginals m d s [::]) i x = 1.
Proof.
case/andP: okd => _ /everyP /(_ s (ltn_ord s)) /everyP /(_ i (ltn_ord i)) /and3P [/eqP sz /(all_nthP q0) ge one].
split=> [x|]; last exact: sums_to_1E.
by rewrite /draws -(qval0 F) -qval_le; apply: ge; rewrite sz; apply: ltn_ord.
Qed.

Lemma open_weights (s : state m) g (a : joint) : weights F m d s g a = prob (draws F m (marginals m d s [::])) a.
Proof. by rewrite weights_fixed ?open_fixed // /weights; case/andP: okd; case: d. Qed.

Lemma open_credits V g (s : state m) i (x : action i) :
  credits F m d V g s i x = Qcf (draws F m (marginals m d s [::])) (y F m V s) x.
Proof. by rewrite credits_fixed ?open_fixed // /credits; case/andP: okd; case: d. Qed.

Lemma open_regular : regular F m d.
Proof.
move=> V g s _; set p := draws F m (marginals m d s [::]).
have ge (a : joint) : 0 <= prob p a by apply: prodr_ge0 => i _; have [h _] := open_shares s i; apply: h.
have one := prob_sum1 (fun i => (open_shares s i).2); split=> [a|_|]; first by rewrite open_weights.
- apply/existsP; apply: contraT; rewrite negb_exists => /forallP no.
  move: one; rewrite big1 => [/eqP|a _]; first by rewrite eq_sym oner_eq0.
  by apply/eqP; rewrite eq_le ge andbT leNgt -(open_weights s g).
pose i0 : agent (sizes m) := Ordinal (has_agents ok).
pose unit (i : agent (sizes m)) (x : action i) : F := if i == i0 then 1 else 0.
rewrite -[RHS](normal_equations (fun i => (open_shares s i).2) (y F m V s) unit); apply: eq_bigr => a _.
rewrite open_weights (_ : Qtot unit a = 1); last first.
  by rewrite /Qtot (bigD1 i0) //= /unit eqxx big1 ?addr0 // => i /negbTE ->.
by rewrite mulr1; congr (_ * (_ - _)); apply: eq_bigr => i _; apply: open_credits.
Qed.

(* these factors are the credits, up to constants that sum to 0 *)
Lemma closedP (V : state m -> F) (s : state m) Q : closed_form d V s Q <-> shifted d V s Q.
Proof. by split=> -[c c0 QE]; exists c => // i x; rewrite QE open_credits. Qed.
End Correct.

(* Accepted fates are those of every run of linear FQI from the stated values whose factors are the closed form on
   product data of any support; and there is one.
   Source: ours. *)
Theorem open_fate_sound (F : archiFieldType) m d v0 g0 f : check_open_fate m d v0 g0 f ->
  (exists V Q, V 0%N =1 vec F m v0 /\ @closed_run F m d V Q) /\
  forall V Q, V 0%N =1 vec F m v0 -> @closed_run F m d V Q -> holds F m f V.
Proof.
case/and4P => ok okd act fated; have fx := open_fixed okd; have P := @closedP F m d okd.
have some := shifted_exists ok fx P v0 act; split=> [|V Q V0 run]; first exact: some.
have [pi run'] := shifted_starts fx P act V0 run.
have said := @fate_sound F m d v0 g0 f V pi (@open_regular F m d ok okd) fated run'.
exact: said.
Qed.

(* A certificate of kind `region` that does not grow is true where it is accepted: with k the number of the claimed
   positions, every position steps to the next one (the closed form has there its first maximisers), no two have the same
   values, so k is the least period; there are runs from the stated values, and of each of them V^(t) approaches the
   values of position (t - T) mod k as t grows.
   Source: ours. *)
Theorem open_orbit_sound (F : archiFieldType) m d v0 g0 p units points policies :
  check_open_orbit m d v0 g0 p units points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> closed_steps F d (nth [::] points j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s : state m, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s,
      exists V Q, V 0%N =1 vec F m v0 /\ @closed_run F m d V Q
    & forall V Q, V 0%N =1 vec F m v0 -> @closed_run F m d V Q ->
        forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
          forall s, `|V t s - vec F m (nth [::] points ((t - prefix p) %% size points)) s| < e].
Proof.
by case/and4P => ok okd act checked; apply: (shifted_tends ok (open_fixed okd) (@closedP F m d okd) checked).
Qed.

(* A certificate of convergence of kind `region` is true where it is accepted: `policy` is a joint policy g, `optimal`
   solves the Bellman optimality equation and `own` that of g; the closed form at `values` has the first maximisers g(s)
   and there the value values(s); and of all runs from the stated values V^(t)(s) -> values(s), and there are some.
   Source: ours. *)
Theorem open_limit_sound (F : archiFieldType) m d v0 g0 p units claim : check_open_limit m d v0 g0 p units claim ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) g, worths F m claim g, closed_steps F d (values claim) (values claim) g,
        exists V Q, V 0%N =1 vec F m v0 /\ @closed_run F m d V Q
      & forall V Q, V 0%N =1 vec F m v0 -> @closed_run F m d V Q ->
          forall s, tends_to (fun t => V t s) (vec F m (values claim) s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best_ own_]]] /(open_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V Q V0 run s e e0]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
by have [N h] := runs V Q V0 run e e0; exists N => t /h /(_ s); rewrite modn1.
Qed.
