(* Linear fits of least norm where data leave them open: what follows of the agents' factors,
   checked of positions of all agents (Positions.v).

   Q_i(x) is an equal share of the mean target, plus q_i(x), q of least norm: the sum of w(b) u(b)
   over the joint actions b with b_i = x, where u is the hint (CheckedNorms.v).

                  singles m == the sets of one agent each
        factors_fit d V s Q == Q_i(x) is q_i(x) up to constants that sum to the mean target, q of
                               least norm among all that fit best
          factors_run d V Q == a run of FQI with these factors
    factors_steps d v v' g' == all of them at y(v) have the first maximisers g', and there the
                               values v'
        factor_rows m d u s == the rows of these factors at state s
          factor_data m d c == the data with them
     check_factors m d c g0 == the hint is right, and a joint policy begins
    check_factors_fate m .. == the check of a fate (Fates.v)
   check_factors_orbit m .. == that of a region that tends to claimed positions
   check_factors_limit m .. == an orbit of one position, and worths (Claims.v)

   factors_fate_sound   accepted fates are those of every run from the start, and there is one
   factors_orbit_sound  accepted cycles are approached by all runs from the start, and there is one
   factors_limit_sound  accepted limits are theirs, and there is one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedOrbit CheckedShrinking Sums CheckedBox CheckedClasses Fates CheckedRules.
From FqiTheory Require Import Shifted CheckedNorms.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition singles (m : model) : seq (seq nat) := [seq [:: i] | i <- iota 0 (size (sizes m))].

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model) (d : data).
Notation local := (forall i : agent (sizes m), action i -> F).

Definition factors_fit (V : state m -> F) (s : state m) (Q : local) :=
  let w := weights F m d s [::] in exists q : seq nat -> seq nat -> F,
  [/\ best (singles m) w (y F m V s) q,
      forall q', best (singles m) w (y F m V s) q' -> square m (singles m) q <= square m (singles m) q'
    & exists2 c : agent (sizes m) -> F, \sum_i c i = \sum_a w a * y F m V s a
        & forall (i : agent (sizes m)) (x : action i), Q i x = q [:: val i] [:: val x] + c i].

Definition factors_run := fitted_run factors_fit.
Definition factors_steps := fitted_steps factors_fit.
End Meaning.

(* --------------------------------------------------------------------- what is checked *)
Section Compute.
Variables (m : model) (d : data).
Notation S := (n_states m).
Notation scale k x := (qmul (if k is 0%N then q1 else discount m) x).

Definition factor_rows (u : seq (seq Q)) (s : nat) : seq (seq (seq Q)) :=
  let weight := weight_at m d s [::] in let n := size (sizes m) in
  let known := [seq (b, (weight b, (entries m s b, nth [::] u (rank (sizes m) b)))) | b <- tuples (sizes m)] in
  let share := tab S.+1 (fun k => qmul (qinv n) (scale k (qsum_list known (fun bx => qmul bx.2.1 (at_ bx.2.2.1 k))))) in
  tab n (fun i => tab (nth 0%N (sizes m) i) (fun x =>
    let own := [seq bx <- known | nth 0%N bx.1 i == x] in
    tab S.+1 (fun k => qadd (at_ share k) (qsum_list own (fun bx => qmul bx.2.1 (at_ bx.2.2.2 k)))))).

Definition factor_data (c : seq (seq (seq Q))) : data :=
  Joint (tab S (fun s => let weight := weight_at m d s [::] in [seq weight l | l <- tuples (sizes m)]))
        (tab S (fun s => factor_rows (nth [::] c s) s)).

Definition check_factors (c : seq (seq (seq Q))) (g0 : seq (seq nat)) : bool :=
  [&& check_model m, check_least m d (singles m) c & joint_policy m g0].

Definition check_factors_fate (c : seq (seq (seq Q))) (v0 : seq Q) (g0 : seq (seq nat)) (f : fate) : bool :=
  check_factors c g0 && check_fate m (factor_data c) v0 g0 f.

Definition check_factors_orbit (c : seq (seq (seq Q))) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  check_factors c g0 && check_place m (factor_data c) v0 g0 p units points policies.

Definition check_factors_limit (c : seq (seq (seq Q))) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (claim : limit) : bool :=
  check_worths m claim && check_factors_orbit c v0 g0 p units [:: values claim] [:: policy claim].
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Lemma fixed_factors m d c : ~~ moving (factor_data m d c).
Proof. by []. Qed.

Section Correct.
Variables (F : archiFieldType) (m : model) (d : data) (c : seq (seq (seq Q))).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation sets := (singles m).
Notation n := (size (sizes m)).
Notation d' := (factor_data m d c).
Notation w s := (weights F m d s [::]).
Hypothesis ok : check_model m.
Hypothesis okc : check_least m d sets c.
Notation Ey V s := (\sum_(b : joint) w s b * y F m V s b).
Notation own V s := (drawn (w s) (hinted c V s)).

Lemma parts_singles : perm_eq (parts_of sets) sets.
Proof.
apply: uniq_perm => [||T]; first by rewrite filter_uniq ?undup_uniq.
- by rewrite map_inj_uniq ?iota_uniq // => i j [].
rewrite mem_filter mem_undup; apply/andP/mapP => [[T0 /flattenP [U /mapP [V /mapP [i iin ->] ->]]]|[i iin ->]].
  by rewrite /= !inE (negbTE T0) orbF => /eqP ->; exists i.
by split=> //; apply/flattenP; exists (subsets [:: i]); [rewrite map_f // map_f|rewrite inE eqxx].
Qed.

Lemma sum_singles (f : seq nat -> F) : \sum_(T <- parts_of sets) f T = \sum_(i < n) f [:: val i].
Proof. by rewrite (perm_big _ parts_singles) big_map -(big_mkord xpredT (fun i => f [:: i])) /index_iota subn0. Qed.

Lemma in_singles (i : agent (sizes m)) : [:: val i] \in parts_of sets.
Proof. by rewrite (perm_mem parts_singles) map_f // mem_iota ltn_ord. Qed.

Lemma pick_single (i : agent (sizes m)) (a : joint) : pick [:: val i] (code a) = [:: val (a i)].
Proof. by rewrite /pick /= nth_code. Qed.

Lemma n_neq0 : n%:R != 0 :> F.
Proof. by rewrite pnatr_eq0 -lt0n has_agents. Qed.

Lemma share_sum (x : F) : \sum_(i < n) x / n%:R = x.
Proof. by rewrite sumr_const card_ord -[LHS]mulr_natr divfK // n_neq0. Qed.

Lemma factor_entryE (s : state m) (i : agent (sizes m)) (x : action i) k (u := nth [::] c s) : (k < (n_states m).+1)%N ->
  qval (at_ (row (factor_rows m d u s) i x) k) =
  \sum_(b : joint) w s b * ((if k is 0%N then 1 else gamma F m) * qval (entry m s (code b) k)) / n%:R +
  \sum_(b : joint | pick [:: val i] (code b) == [:: val x]) w s b * qval (at_ (nth [::] u (rank (sizes m) (code b))) k).
Proof.
move=> kn; rewrite /row /factor_rows [nth [::] (tab n _) i]nth_tab ?ltn_ord // [nth [::] (tab _ _) x]nth_tab ?ltn_ord //.
rewrite [at_ (tab _ _) k]nth_tab // qval_add; congr (_ + _).
  rewrite [at_ (tab _ _) k]nth_tab // !qval_mul qval_inv ?has_agents // qval_sum_list big_map mul1r [LHS]mulrC.
  rewrite -mulr_suml; congr (_ / _); rewrite mulr_sumr.
  rewrite -(sum_tuples (sizes m) (fun l => qval (if k is 0%N then q1 else discount m) *
    qval (qmul (weight_at m d s [::] l) (at_ (entries m s l) k)))).
  apply: eq_bigr => b _; rewrite qval_mul weight_atE mulrCA; congr (_ * (_ * _)).
  by case: (k); rewrite ?qval1.
rewrite qval_sum_list big_filter big_map big_mkcond [RHS]big_mkcond.
rewrite -(sum_tuples (sizes m) (fun l => if nth 0%N l i == x then
  qval (qmul (weight_at m d s [::] l) (at_ (nth [::] u (rank (sizes m) l)) k)) else 0)).
apply: eq_bigr => b _; rewrite pick_single nth_code eqseq_cons eqxx andbT.
by case: eqP => // _; rewrite qval_mul weight_atE.
Qed.

Lemma factor_creditsE V g (s : state m) i (x : action i) :
  credits F m d' V g s i x = Ey V s / n%:R + own V s [:: val i] [:: val x].
Proof.
rewrite /credits /factor_data (nth_tab _ _ (ltn_ord s)) /row_val factor_entryE //.
under [X in _ + X]eq_bigr => s' _ do rewrite factor_entryE ?ltnS // mulrDl !mulr_suml.
rewrite big_split /= exchange_big addrACA -big_split /=; congr (_ + _).
  rewrite mulr_suml; apply: eq_bigr => b _ /=.
  rewrite /y /target /reward /trans /= mul1r mulrDr mulrDl; congr (_ + _).
  rewrite !mulr_sumr mulr_suml; apply: eq_bigr => s' _; ring.
rewrite exchange_big /= -big_split /drawn; apply: eq_bigr => b _ /=.
rewrite /hinted /row_val mulrDr mulr_sumr; congr (_ + _).
by apply: eq_bigr => s' _; rewrite mulrA.
Qed.

Lemma factor_QtotE V g (s : state m) (a : joint) :
  Qtot (credits F m d' V g s) a = centred sets (w s) (y F m V s) (own V s) a.
Proof.
rewrite /Qtot /centred /summed sum_singles; under eq_bigr do rewrite factor_creditsE.
by rewrite big_split; congr (_ + _); [exact: share_sum|apply: eq_bigr => i _; rewrite pick_single].
Qed.

Lemma factor_weightsE (s : state m) g (a : joint) : weights F m d' s g a = w s a.
Proof.
rewrite /weights /factor_data /table (nth_tab _ _ (ltn_ord s)) /at_ (nth_map [::]) ?rank_lt ?code_is_action //.
by rewrite nth_rank ?code_is_action // weight_atE.
Qed.

Lemma factor_normal V (s : state m) T (f : seq nat -> F) : T \in parts_of sets ->
  \sum_(a : joint) w s a * (y F m V s a - centred sets (w s) (y F m V s) (own V s) a) * f (pick T (code a)) = 0.
Proof. by move=> Tin; apply: least_normal; rewrite ?inE ?Tin ?orbT. Qed.

Lemma factor_regular : regular F m d'.
Proof.
move=> V g s _; have [w0 one] := least_weigh F okc s; split=> [a|a0|].
- by rewrite factor_weightsE.
- apply/existsP; apply: contraT; rewrite negb_exists => /forallP no.
  move: one; rewrite big1 => [/eqP|a _]; first by rewrite eq_sym oner_eq0.
  by apply/eqP; rewrite eq_le w0 andbT leNgt -(factor_weightsE s g).
rewrite -[RHS](@least_normal F m d sets c okc V s [::] (fun=> 1)) ?mem_head //; apply: eq_bigr => a _.
by rewrite mulr1 factor_weightsE factor_QtotE.
Qed.

Lemma some_joint : exists a : joint, True.
Proof.
have act : is_action (sizes m) (nseq n 0%N).
  rewrite /is_action size_nseq eqxx; apply/everyP => i il; rewrite nth_nseq il.
  by case/and5P: ok => _ /(all_nthP 0%N) /(_ i il).
by have [a _] := code_onto act; exists a.
Qed.

(* the factors are those of the data, up to constants that sum to 0 *)
Lemma factors_fitP (V : state m -> F) (s : state m) Q : factors_fit d V s Q <-> shifted d' V s Q.
Proof.
have [w0 _] := least_weigh F okc s; have nrm := @factor_normal V s.
split=> [[q [bq lq [k ksum QE]]]|[k k0 QE]].
  exists (fun i => k i - Ey V s / n%:R) => [|i x]; first by rewrite sumrB share_sum ksum subrr.
  have [a _] := some_joint; have := least_same w0 nrm bq lq (upd a x) (in_singles i).
  by rewrite pick_single upd_same QE factor_creditsE => ->; ring.
exists (own V s); split; [exact: drawn_best|exact: drawn_least|].
exists (fun i => Ey V s / n%:R + k i) => [|i x]; first by rewrite big_split /= share_sum k0 addr0.
by rewrite QE factor_creditsE; ring.
Qed.
End Correct.

(* Accepted fates are those of every run of linear FQI from the stated values whose factors are those of least norm among
   all that fit best, up to constants that sum to the mean target; and there is one.
   Source: ours. *)
Theorem factors_fate_sound (F : archiFieldType) m d c v0 g0 f : check_factors_fate m d c v0 g0 f ->
  (exists V Q, V 0%N =1 vec F m v0 /\ @factors_run F m d V Q) /\
  forall V Q, V 0%N =1 vec F m v0 -> @factors_run F m d V Q -> holds F m f V.
Proof.
case/andP => /and3P [ok okc act] fated; have P := @factors_fitP F m d c ok okc.
have some := shifted_exists ok (fixed_factors m d c) P v0 act; split=> [|V Q V0 run]; first exact: some.
have [pi run'] := shifted_starts (fixed_factors m d c) P act V0 run.
have said := @fate_sound F m (factor_data m d c) v0 g0 f V pi (@factor_regular F m d c ok okc) fated run'.
exact: said.
Qed.

(* A certificate of kind `region` that does not grow is true where it is accepted: with k the number of the claimed
   positions, every position steps to the next one (the factors of least norm have there their first maximisers), no two
   have the same values, so k is the least period; there are runs from the stated values, and of each of them V^(t)
   approaches the values of position (t - T) mod k as t grows.
   Source: ours. *)
Theorem factors_orbit_sound (F : archiFieldType) m d c v0 g0 p units points policies :
  check_factors_orbit m d c v0 g0 p units points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> factors_steps F d (nth [::] points j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s : state m, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s,
      exists V Q, V 0%N =1 vec F m v0 /\ @factors_run F m d V Q
    & forall V Q, V 0%N =1 vec F m v0 -> @factors_run F m d V Q ->
        forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
          forall s, `|V t s - vec F m (nth [::] points ((t - prefix p) %% size points)) s| < e].
Proof. by case/andP => /and3P [ok okc act] checked; apply: (shifted_tends ok (fixed_factors m d c) (@factors_fitP F m d c ok okc) checked). Qed.

(* A certificate of convergence of kind `region` is true where it is accepted: `policy` is a joint policy g, `optimal`
   solves the Bellman optimality equation and `own` that of g; the factors of least norm at `values` have the first
   maximisers g(s) and there the value values(s); and of all runs from the stated values V^(t)(s) -> values(s), and there
   are some.
   Source: ours. *)
Theorem factors_limit_sound (F : archiFieldType) m d c v0 g0 p units claim :
  check_factors_limit m d c v0 g0 p units claim ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) g, worths F m claim g, factors_steps F d (values claim) (values claim) g,
        exists V Q, V 0%N =1 vec F m v0 /\ @factors_run F m d V Q
      & forall V Q, V 0%N =1 vec F m v0 -> @factors_run F m d V Q ->
          forall s, tends_to (fun t => V t s) (vec F m (values claim) s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best_ own_]]] /(factors_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V Q V0 run s e e0]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
by have [N h] := runs V Q V0 run e e0; exists N => t /h /(_ s); rewrite modn1.
Qed.
