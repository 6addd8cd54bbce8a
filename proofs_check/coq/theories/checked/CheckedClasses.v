(* Convergence and cycles in the classes of Sums.v: contractions and regions, checked
   of positions of one chooser, whose actions are the joint actions. In all checks the hint c
   has the fits of the class.

                 first_joint q a == a is the first maximiser of q in lexicographic order,
                                    or, by the rule at ties, the last one
      class_steps sets d v v' g' == every fit of the class to y(v) has the first maximisers
                                    g', and there the values v'
   check_class_contraction m d.. == the weighted bound, the fixed point and the values of the
                                    claim
         check_class_orbit m d.. == the check of positions (CheckedOrbit.v, CheckedShrinking.v)
                                    for the chooser, whose proof is p
         check_class_limit m d.. == an orbit of one position, and worths (Claims.v)

   class_contraction_sound  accepted limits are those of every run over the class
   class_orbit_sound        accepted cycles are approached by every run from the start, and
                            there is one
   class_limit_sound        accepted limits are those of every run from the start, and there
                            is one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedContraction CheckedOrbit CheckedShrinking Sums CheckedBox.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model) (sets : seq (seq nat)) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.

Definition first_joint (q : joint -> F) (a : joint) :=
  (forall b, q b <= q a) /\
  forall b, before m (rank (sizes m) (code b)) (rank (sizes m) (code a)) -> q b < q a.

(* every fit of the class to y(v) has the first maximisers g', and there the values v' *)
Definition class_steps (v v' : seq Q) (g' : state m -> joint) :=
  forall (s : state m) q, class_fit sets (weights F m d s [::]) (y F m (vec F m v) s) q ->
    first_joint q (g' s) /\ q (g' s) = vec F m v' s.
End Meaning.

(* --------------------------------------------------------------------- what is checked *)
Definition check_class_contraction (m : model) (d : data) (sets : seq (seq nat))
    (c : seq (seq (seq (seq Q)))) (claim : limit) (w : seq Q) (kappa : Q) : bool :=
  let m' := chooser m in
  let d' := chosen m d sets c in
  let g' := alone m (policy claim) in
  [&& check_model m, check_model m', check_class m d sets c, check_worths m claim
    & [&& qle q0 kappa, qlt kappa q1
        & every (n_states m) (fun s => let t := fit_at m' d' s [::] in
            [&& qlt q0 (at_ w s), check_bound m' t w kappa s
              & steps_to m' t (values claim) s (values claim) (nth [::] g' s)])]].

Definition check_class_orbit (m : model) (d : data) (sets : seq (seq nat)) (c : seq (seq (seq (seq Q))))
    (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool) (points : seq (seq Q))
    (policies : seq (seq (seq nat))) : bool :=
  let m' := chooser m in
  let d' := chosen m d sets c in
  let g0' := alone m g0 in
  let policies' := [seq alone m g | g <- policies] in
  [&& check_model m, check_class m d sets c, joint_policy m g0, all (joint_policy m) policies
    & check_returns m' d' v0 g0' p units points policies' || check_shrinks m' d' v0 g0' p points policies'].

Definition check_class_limit (m : model) (d : data) (sets : seq (seq nat)) (c : seq (seq (seq (seq Q))))
    (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool) (claim : limit) : bool :=
  check_worths m claim && check_class_orbit m d sets c v0 g0 p units [:: values claim] [:: policy claim].

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : archiFieldType) (m : model) (d : data) (sets : seq (seq nat)).
Variable c : seq (seq (seq (seq Q))).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation m' := (chooser m).
Notation d' := (chosen m d sets c).
Notation joint' := {dffun forall i : agent (sizes m'), action i}.
Hypothesis okc : check_class m d sets c.

Lemma joint_policyP g : joint_policy m g -> exists pi : state m -> joint, plays g pi.
Proof. by move=> /everyP act; apply: plays_exists => s; apply: act. Qed.

(* the chooser takes the joint action a *)
Lemma sole_code (a : joint) : exists2 a' : joint', sole a' = code a & code a' = [:: rank (sizes m) (code a)].
Proof. by have [a' e] := sole_onto a; exists a' => //; rewrite code_sole e. Qed.

Lemma first_sole (V : state m -> F) g (s : state m) (a' : joint') (a : joint) : sole a' = code a ->
  first_greedy (credits F m' d' V g s) a' -> first_joint (fun b => class_tot sets c V s (code b)) a.
Proof.
have E (b' : joint') : credits F m' d' V g s ord0 (b' ord0) = class_tot sets c V s (sole b').
  by rewrite -(tot_sole d sets c V g) /Qtot big_ord1.
move=> e [gr first]; split=> b; have [b' eb _] := sole_code b; rewrite -e -eb -!E; first exact: gr.
by rewrite !rank_sole; apply: first.
Qed.

(* a computed step of the chooser is one of the class *)
Lemma class_step (t : seq (seq (seq Q))) v v' l (s : state m) (a : joint) : check_model m' ->
  t = fit_at m' d' s [::] -> l = code a -> steps_to m' t v s v' [:: rank (sizes m) l] ->
  forall q, class_fit sets (weights F m d s [::]) (y F m (vec v) s) q ->
    first_joint q a /\ q a = vec v' s.
Proof.
move=> ok' -> ->; have [a' e <-] := sole_code a; rewrite /steps_to => /andP [fb].
have first := first_sole e (first_bestP F ok' fb).
rewrite (qval_eq F) (totalE F ok') tot_sole e => /eqP at_a q /(class_fitE okc) qE; split; last by rewrite qE.
by case: first => le lt; split=> b; rewrite !qE; [apply: le|apply: lt].
Qed.

Lemma check_class_step points policies j (g' : state m -> joint) : check_model m' ->
  (forall s, code (g' s) = nth [::] (nth [::] policies (j.+1 %% size points)%N) s) ->
  (j.+1 %% size points < size policies)%N ->
  check_step m' (fits m' d') points [seq alone m g | g <- policies] j ->
  class_steps F sets d (nth [::] points j) (nth [::] points (j.+1 %% size points)) g'.
Proof.
move=> ok' gE lt /everyP st s q; apply: (@class_step (fit_at m' d' s [::]) _ _ (code (g' s))) => //.
have := st s (ltn_ord s); have -> : nth [::] (fits m' d' (nth [::] [seq alone m g | g <- policies] j)) s =
    fit_at m' d' s [::] by exact: nth_tab (ltn_ord s).
by rewrite (nth_map [::]) // [nth [::] (alone _ _) _](nth_tab _ _ (ltn_ord s)) -gE.
Qed.

(* what both checks of regions say of the chooser *)
Lemma class_returns v0 g0 p units points policies :
  check_returns m' d' v0 g0 p units points policies || check_shrinks m' d' v0 g0 p points policies ->
  [/\ check_model m', (0 < size points)%N /\ size policies = size points,
      forall j, (j < size points)%N -> check_step m' (fits m' d') points policies j,
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s : state m, vec (nth [::] points i) s != vec (nth [::] points j) s
    & forall V pi, @starts F m' d' v0 g0 V pi -> forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
        forall s, `|V t s - vec (nth [::] points ((t - prefix p) %% size points)) s| < e].
Proof.
case/orP => checked.
  have [pis pl] := claimed_policies F checked.
  have [v [found [prep [_ k0 _ kk _] _ _ claim]]] := orbit_parts F checked.
  have [[ok' _ _] _ _ _ _] := prepareP F prep; split=> // [j jk|i j ik jk ij|V pi run].
  - by have [] := claim j jk.
  - by have [//|[]] := claimed_differ F checked pl ik jk ij.
  by have [] := orbit_tends checked pl run.
have [pis pl] := side_policies F checked.
have [e [v [found [[_ prep] [_ _ k0 _ kk] _ _ [_ claim]]]]] := side_parts F checked.
have [[ok' _ _] _ _ _ _] := prepareP F prep; split=> // [j jk|i j ik jk ij|V pi run].
- by have [] := claim j jk.
- by have [//|[]] := side_differ F checked pl ik jk ij.
by have [] := shrink_tends checked pl run.
Qed.
End Correct.

(* A certificate of kind `contraction` in a class of sums of functions of the given sets of agents
   that is accepted is true: `policy` is a joint policy pi, `optimal` solves the Bellman optimality
   equation and `own` that of pi; every fit of the class to y(s,.) at `values` has the first joint
   maximiser pi(s), and there the value values(s); and from every start every run of FQI over the
   class on these fixed data has V^(t)(s) -> values(s).
   Source: ours. *)
Theorem class_contraction_sound (F : archiFieldType) m d sets c claim w kappa :
  check_class_contraction m d sets c claim w kappa ->
  exists pi : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) pi, worths F m claim pi, class_steps F sets d (values claim) (values claim) pi
      & forall V Q, @class_run F m sets d V Q -> forall s, tends_to (fun t => V t s) (vec F m (values claim) s)].
Proof.
case/and5P => ok ok' okc /(check_worthsP F) [pi [piE worth]] /and3P [k0 k1 /everyP h].
have {}h (s : state m) := h s (ltn_ord s); set v := vec F m (values claim).
pose m' := chooser m; pose d' := chosen m d sets c; pose joint' := {dffun forall i : agent (sizes m'), action i}.
have st (s : state m) : forall q, class_fit sets (weights F m d s [::]) (y F m v s) q ->
    first_joint q (pi s) /\ q (pi s) = v s.
  have /and3P [_ _] := h s; rewrite /alone (@nth_tab _ _ _ _ _ (ltn_ord s)) -piE => stp.
  exact: (class_step okc ok' erefl erefl stp).
exists pi; split=> // V Q run.
have act (s : state m) : exists a : {dffun forall i : agent (sizes m), action i}, True by exists (pi s).
pose r (s : state m) (a : joint') := total_row m' (fit_at m' d' s [::]) (code a).
pose rho (s : state m) a := qval F (at_ (r s a) 0).
pose K (s : state m) a (s' : state m) := qval F (at_ (r s a) s'.+1).
have totE V' (s : state m) a : class_tot sets c V' s (sole a) = MaxAffine.val rho K 1 V' s a.
  rewrite -(tot_sole d sets c V' [::]); transitivity (@row_val F m' (r s a) V'); last by rewrite /MaxAffine.val mul1r.
  by rewrite (@total_rowE F m'); apply: eq_bigr => i _; rewrite (@creditsE F m' ok').
have bound (s : state m) a : 1 * (\sum_s' `|K s a s'| * qval F (at_ w s')) <= qval F kappa * qval F (at_ w s).
  have /and3P [_ /allP le _] := h s.
  have := le (code a); rewrite mem_tuples code_is_action => /(_ isT); cbv zeta.
  rewrite (qval_le F) qval_times qval_total mul1r; apply: le_trans.
  by apply: ler_sum => s' _; rewrite qval_times qval_abs.
have mx := (class_values okc act V).1 (ex_intro _ Q run).
apply: (bound_tends (rho := rho) (K := K) (g := 1) (w := fun s => qval F (at_ w s))) bound _ _.
- exact: ler01.
- by move=> s; have /and3P [w0 _ _] := h s; rewrite -(qval0 F) -qval_lt.
- by rewrite -(qval0 F) -qval_le.
- by rewrite -(qval1 F) -qval_lt.
- move=> t s; apply: (is_max_ext (f := fun a' => class_tot sets c (V t) s (sole a'))).
    by move=> a'; apply: totE.
  by apply/(max_sole m (fun l => class_tot sets c (V t) s l)); apply: mx.
move=> s; apply: (is_max_ext (f := fun a' => class_tot sets c v s (sole a'))); first by move=> a'; apply: totE.
apply/(max_sole m (fun l => class_tot sets c v s l)).
have [|[le _] e] := st s (fun a => class_tot sets c v s (code a)); first by apply/(class_fitE okc).
by split; [move=> b; rewrite -e; apply: le|exists (pi s)].
Qed.

(* A certificate of kind `region` that does not grow in such a class that is accepted is true: with k the
   number of the claimed positions (size points), the joint actions are some, every position steps to the next one
   (for every fit of the class), no two have the same values, so k is the least period; there are runs
   of FQI over the class on these fixed data from the stated values, and of each of them V^(t)
   approaches the values of position (t - T) mod k as t grows.
   Source: ours. *)
Theorem class_orbit_sound (F : archiFieldType) m d sets c v0 g0 p units points policies :
  check_class_orbit m d sets c v0 g0 p units points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N ->
        class_steps F sets d (nth [::] points j) (nth [::] points (j.+1 %% size points))
          (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s : state m, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s,
      exists V Q, V 0%N =1 vec F m v0 /\ @class_run F m sets d V Q
    & forall V Q, V 0%N =1 vec F m v0 -> @class_run F m sets d V Q ->
        forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
          forall s, `|V t s - vec F m (nth [::] points ((t - prefix p) %% size points)) s| < e].
Proof.
case/and5P => ok okc act0 /allP acts checked.
have [ok' [k0 kk] claim apart tends] := class_returns F checked; rewrite size_map in kk.
have ex (j : 'I_(size policies)) : exists pi : {ffun state m -> {dffun forall i : agent (sizes m), action i}},
    plays (nth [::] policies j) pi.
  have [pi piE] := joint_policyP (acts _ (mem_nth [::] (ltn_ord j))).
  by exists [ffun s => pi s] => s; rewrite ffunE.
have [pis0 pisE] := fin_all_exists ex.
have kp : (0 < size policies)%N by rewrite kk.
have pl j : (j < size points)%N -> plays (nth [::] policies j) (pis0 (insubd (Ordinal kp) j)).
  by rewrite -kk => jk; have := pisE (insubd (Ordinal kp) j); rewrite val_insubd jk.
have some (s : state m) : exists a : {dffun forall i : agent (sizes m), action i}, True.
  by have [pi _] := joint_policyP act0; exists (pi s).
exists (fun j => pis0 (insubd (Ordinal kp) j)); split=> // [j jk||V Q V0 run].
- have lt : (j.+1 %% size points < size points)%N by rewrite ltn_mod.
  apply: (check_class_step okc ok' _ _ (claim j jk)); last by rewrite kk.
  by move=> s; apply: pl.
- exact: class_exists okc some v0.
have [|pi run'] := @class_starts F m d sets c V v0 g0 (fun s => everyP _ _ act0 s (ltn_ord s)) V0.
  by apply/(class_values okc some); exists Q.
exact: tends run'.
Qed.

(* A certificate of convergence of kind `region` in such a class that is accepted is true: as for
   `class_contraction_sound`, of the runs from the stated values; and there is one.
   Source: ours. *)
Theorem class_limit_sound (F : archiFieldType) m d sets c v0 g0 p units claim :
  check_class_limit m d sets c v0 g0 p units claim ->
  exists pi : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) pi, worths F m claim pi, class_steps F sets d (values claim) (values claim) pi,
        exists V Q, V 0%N =1 vec F m v0 /\ @class_run F m sets d V Q
      & forall V Q, V 0%N =1 vec F m v0 -> @class_run F m sets d V Q ->
          forall s, tends_to (fun t => V t s) (vec F m (values claim) s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best own_]]] /(class_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V Q V0 run s e e0]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
by have [N h] := runs V Q V0 run e e0; exists N => t /h /(_ s); rewrite modn1.
Qed.
