(* Classes of sums of functions of sets of agents: their fits, checked with a hint.

   Q_tot(a) is a sum of one function of the actions of the agents in T for each T of a list
   of sets. The hint has these functions for the rewards and for the probabilities of every
   state. What they leave must be orthogonal to all indicators of the actions of a set: the
   normal equations, which are linear in the values. With one chooser, whose actions are the
   joint actions, the rows of such a fit take the place of a linear fit in Positions.v.

                 pick T l == the actions in l of the agents in T
        in_class m sets q == q is a sum of functions of the actions of the sets
     class_fit sets w y q == q is a least-squares fit of y in the class, under the
                             weights w
     class_run sets d V Q == a run of FQI over the class on the fixed data d
      weight_at m d s g l == the weight of the joint action l at state s under the data
                             around g, computed
       sum_row m sets c l == the row of the fit at l: its constant, then gamma K
     spare m d sets c s l == what that row leaves, times the weight of l
   normal_at m d sets c s == the normal equations at state s
      spread m d sets c s == the data of state s have full support, or are joint ones that
                             determine the fit, as a last row of the hint shows
   check_class m d sets c == fixed data that are so at every state, and c has their fits
                chooser m == m with one agent, whose actions are the joint actions
        chosen m d sets c == the data there, with the rows of the fits
                alone m g == joint actions of m as those of chooser m
        class_tot c V s l == Q_tot of the fit at the values V
                   sole a == the joint action of m that chooser m takes

   class_fitE     the fits of the class are those of the hint
   class_values   V is one of a run over the class where it iterates the maxima of the rows
   class_starts   and then V and its first maximisers are positions of the chooser
   class_exists   there is a run from any values
   class_mean     fits keep the mean of their targets

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Support Fits Claims.
From FqiTheory Require Import Positions Phases Regions.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* the actions in l of the agents in T *)
Definition pick (T l : seq nat) : seq nat := [seq nth 0%N l i | i <- T].

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model) (sets : seq (seq nat)).
Notation joint := {dffun forall i : agent (sizes m), action i}.

Definition in_class (q : joint -> F) :=
  exists g : seq nat -> seq nat -> F, forall a, q a = \sum_(T <- sets) g T (pick T (code a)).

Definition class_fit (w y q : joint -> F) :=
  in_class q /\ forall q', in_class q' -> joint_loss w y q <= joint_loss w y q'.

Definition class_run (d : data) (V : nat -> state m -> F) (Q : nat -> state m -> joint -> F) :=
  (forall t s, is_max (Q t s) (V t s)) /\
  (forall t s, class_fit (weights F m d s [::]) (y F m (V t) s) (Q t.+1 s)).
End Meaning.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (d : data) (sets : seq (seq nat)).
Notation S := (n_states m).

Definition weight_at (s : nat) (g : seq nat) : seq nat -> Q :=
  match d with
  | Joint p _ => let own := nth [::] p s in fun l => at_ own (rank (sizes m) l)
  | Follows p _ => let own := p s g in fun l => at_ own (rank (sizes m) l)
  | _ => let p := marginals m d s g in
         fun l => qprod (size (sizes m)) (fun i => at_ (nth [::] p i) (nth 0%N l i))
  end.

(* c: for every set, for every choice of its agents in lexicographic order, a row *)
Definition sum_row (c : seq (seq (seq Q))) : seq nat -> seq Q :=
  let own := [seq (T, (pick T (sizes m), nth [::] c (index T sets))) | T <- sets] in
  fun l => foldr rplus [::] [seq nth [::] x.2.2 (rank x.2.1 (pick x.1 l)) | x <- own].

Definition spare (c : seq (seq (seq Q))) (s : nat) : seq nat -> seq Q := let weight := weight_at s [::] in let fit := sum_row c in fun l =>
  let found := entries m s l in let own := fit l in let w := weight l in
  tab S.+1 (fun k => qmul w (qsub (qmul (if k is 0%N then q1 else discount m) (at_ found k)) (at_ own k))).

Definition normal_at (c : seq (seq (seq Q))) (s : nat) : bool :=
  let left := spare c s in let found := [seq (l, left l) | l <- tuples (sizes m)] in
  all (fun T => let own := [seq (pick T lr.1, lr.2) | lr <- found] in
    all (fun x => let rs := [seq xr <- own | xr.1 == x] in
      every S.+1 (fun k => qeq (qsum_list rs (fun xr => at_ xr.2 k)) q0))
    (undup [seq pick T l | l <- tuples (sizes m)])) sets.

Definition spread (c : seq (seq (seq Q))) (s : nat) : bool :=
  match d with
  | Joint p _ => check_spread m (nth [::] p s) && determines m sets pick (weight_at s [::]) (nth [::] c (size sets))
  | _ => check_marginals m (marginals m d s [::])
  end.

Definition check_class (c : seq (seq (seq (seq Q)))) : bool :=
  [&& ~~ moving d, every S (fun s => spread (nth [::] c s) s), (0 < size sets)%N
    & every S (fun s => normal_at (nth [::] c s) s)].

(* one agent, whose actions are the joint actions *)
Definition chooser : model := Model [:: size (tuples (sizes m))] (discount m) (rows m) (lasts m).
Definition chosen (c : seq (seq (seq (seq Q)))) : data :=
  Joint (tab S (fun s => let weight := weight_at s [::] in [seq weight l | l <- tuples (sizes m)]))
        (tab S (fun s => let fit := sum_row (nth [::] c s) in [:: [seq fit l | l <- tuples (sizes m)]])).
Definition alone (g : seq (seq nat)) : seq (seq nat) := tab S (fun s => [:: rank (sizes m) (nth [::] g s)]).
End Compute.

(* ------------------------------------------------------------------------ what it means *)
(* fits in a linear class are the one that leaves what is orthogonal to the class *)
Lemma orthogonal_at (F : realFieldType) (J : finType) (w y h q : J -> F) :
  (forall a, 0 <= w a) -> \sum_a w a * ((y a - h a) * (h a - q a)) = 0 ->
  \sum_a w a * (y a - q a) ^+ 2 <= \sum_a w a * (y a - h a) ^+ 2 -> forall a, 0 < w a -> q a = h a.
Proof.
move=> w0 orth le a a0.
have e : \sum_b w b * (y b - q b) ^+ 2 =
    \sum_b w b * (y b - h b) ^+ 2 + \sum_b w b * (h b - q b) ^+ 2.
  rewrite -[RHS]addr0 -[X in _ = _ + X](mulr0 2%:R) -[X in _ = _ + _ * X]orth mulr_sumr -!big_split.
  by apply: eq_bigr => b _ /=; ring.
have ge0 b : 0 <= w b * (h b - q b) ^+ 2 by rewrite mulr_ge0 ?sqr_ge0.
move: le; rewrite e plus_le => le.
have := le; rewrite (bigD1 a) //= => le1.
have le2 : w a * (h a - q a) ^+ 2 <= 0.
  by apply: le_trans le1; rewrite le_plus; apply: sumr_ge0.
have z : w a * (h a - q a) ^+ 2 == 0 by rewrite eq_le le2 ge0.
move: z; rewrite mulf_eq0 gt_eqF //= sqrf_eq0 subr_eq0 => /eqP ->.
by [].
Qed.

Lemma orthogonal_unique (F : realFieldType) (J : finType) (w y h q : J -> F) :
  (forall a, 0 < w a) -> \sum_a w a * ((y a - h a) * (h a - q a)) = 0 ->
  \sum_a w a * (y a - q a) ^+ 2 <= \sum_a w a * (y a - h a) ^+ 2 -> forall a, q a = h a.
Proof. by move=> w0 orth le a; apply: (orthogonal_at _ orth le) => // b; apply: ltW. Qed.

Lemma weight_atE (F : realFieldType) (m : model) d (s : state m) g (a : {dffun forall i : agent (sizes m), action i}) :
  qval F (weight_at m d s g (code a)) = weights F m d s g a.
Proof.
rewrite /weight_at /weights /table /prob; case: d => [|p|p t|e|e u|p t] //; rewrite qval_prod; apply: eq_bigr => i _;
  by rewrite nth_code.
Qed.

Section Correct.
Variables (F : archiFieldType) (m : model) (d : data) (sets : seq (seq nat)).
Variable c : seq (seq (seq (seq Q))).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation N := (size (tuples (sizes m))).
Hypothesis okc : check_class m d sets c.
Hypothesis act : forall s : state m, exists a : joint, True.
Notation w := (fun s : state m => weights F m d s [::]).

Lemma class_spread (s : state m) : ~~ moving d /\ spread m d sets (nth [::] c s) s.
Proof. by case/and4P: okc => fx /everyP /(_ s (ltn_ord s)) sp _ _. Qed.

Lemma class_gt0 (s : state m) (a : joint) : ~~ correlated d -> 0 < w s a.
Proof.
have [fx sp] := class_spread s; move: fx sp; rewrite /weights; case: d => [|p|p t|e|e u|p t] //= _ okp _;
  by apply: prodr_gt0 => i _; apply: draws_gt0.
Qed.

Lemma class_ge0 (s : state m) (a : joint) : 0 <= w s a.
Proof.
case cd: (correlated d); last by apply/ltW/class_gt0; rewrite cd.
by have [_] := class_spread s; rewrite /weights; case: d cd => // p t _ /andP [sp _]; apply: spread_ge0 sp.
Qed.

Lemma class_some (s : state m) (a : joint) : exists b, 0 < w s b.
Proof.
case cd: (correlated d); last by exists a; apply: class_gt0; rewrite cd.
by have [_] := class_spread s; rewrite /weights; case: d cd => // p t _ /andP [sp _]; apply: spread_some sp.
Qed.

(* a function of the class that is 0 where there is weight is 0 *)
Lemma class_determined (s : state m) (q : joint -> F) : in_class sets q ->
  (forall a, 0 < w s a -> q a = 0) -> forall a, q a = 0.
Proof.
case cd: (correlated d); last by move=> _ zero a; apply: zero; apply: class_gt0; rewrite cd.
have det : determines m sets pick (weight_at m d s [::]) (nth [::] (nth [::] c s) (size sets)).
  by have [_] := class_spread s; rewrite /spread; case: d cd => // p t _ /andP [].
move=> [g gE] zero a; rewrite gE; apply: (determinesP det (h := fun T b => g T (pick T (code b)))) => [T b b' _ -> //|b].
by rewrite weight_atE -gE; apply: zero.
Qed.

(* the fit's Q_tot at the values V *)
Definition class_tot (V : state m -> F) (s : state m) (l : seq nat) : F :=
  @row_val F m (sum_row m sets (nth [::] c s) l) V.

Lemma class_tot_in V s : in_class sets (fun a : joint => class_tot V s (code a)).
Proof.
pose r T x := nth [::] (nth [::] (nth [::] c s) (index T sets)) (rank (pick T (sizes m)) x).
exists (fun T x => @row_val F m (r T x) V) => a; rewrite /class_tot /row_val.
have E k : (k < (n_states m).+1)%N -> qval (at_ (sum_row m sets (nth [::] c s) (code a)) k) =
    \sum_(T <- sets) qval (at_ (r T (pick T (code a))) k).
  by move=> _; rewrite /sum_row qval_rows -map_comp big_map.
rewrite big_split E //; congr (_ + _); rewrite exchange_big; apply: eq_bigr => s' _.
by rewrite E ?ltnS // mulr_suml.
Qed.

Lemma spareE V (s : state m) (a : joint) :
  w s a * (y F m V s a - class_tot V s (code a)) =
  qval (at_ (spare m d sets (nth [::] c s) s (code a)) 0) +
  \sum_(s' : state m) qval (at_ (spare m d sets (nth [::] c s) s (code a)) s'.+1) * V s'.
Proof.
have E k : (k < (n_states m).+1)%N -> qval (at_ (spare m d sets (nth [::] c s) s (code a)) k) =
    w s a * (qval (if k is 0%N then q1 else discount m) * qval (entry m s (code a) k)
             - qval (at_ (sum_row m sets (nth [::] c s) (code a)) k)).
  by move=> kn; rewrite /spare [at_ (tab _ _) k]nth_tab // qval_mul qval_sub qval_mul weight_atE.
rewrite E // qval1 mul1r; set r := sum_row _ _ _ _.
rewrite [X in _ = _ + X](eq_bigr (fun s' : state m =>
    w s a * ((gamma F m * trans F m s a s' - qval (at_ r s'.+1)) * V s'))); last first.
  by move=> s' _; rewrite E ?ltnS // mulrA.
rewrite -mulr_sumr -mulrDr; congr (_ * _).
rewrite [X in _ = _ + X](eq_bigr (fun s' : state m =>
    gamma F m * (trans F m s a s' * V s') - qval (at_ r s'.+1) * V s')); last first.
  by move=> s' _; rewrite mulrBl mulrA.
by rewrite sumrB -mulr_sumr /class_tot /row_val /y /target opprD addrACA.
Qed.

Lemma spare_orthogonal (s : state m) T (f : seq nat -> F) k : T \in sets -> (k < (n_states m).+1)%N ->
  \sum_(a : joint) qval (at_ (spare m d sets (nth [::] c s) s (code a)) k) * f (pick T (code a)) = 0.
Proof.
move=> Tin kn; case/and4P: okc => _ _ _ /everyP /(_ s (ltn_ord s)) /allP /(_ T Tin) /allP h.
pose xs := undup [seq pick T l | l <- tuples (sizes m)].
have inxs (a : joint) : pick T (code a) \in xs.
  by rewrite mem_undup; apply/mapP; exists (code a) => //; rewrite mem_tuples code_is_action.
rewrite (sum_by _ (undup_uniq _) inxs) big_seq big1 // => x xin.
rewrite (eq_bigr (fun a : joint => qval (at_ (spare m d sets (nth [::] c s) s (code a)) k) * f x)); last first.
  by move=> a /eqP ->.
rewrite -mulr_suml; have /everyP /(_ k kn) := h x xin.
rewrite (qval_eq F) qval_sum_list qval0 big_filter !big_map /= => /eqP e; rewrite (_ : \sum_(a | _) _ = 0) ?mul0r //.
rewrite -[RHS]e [LHS]big_mkcond [RHS]big_mkcond.
exact: (sum_tuples (sizes m) (fun l => if pick T l == x then qval (at_ (spare m d sets (nth [::] c s) s l) k) else 0)).
Qed.

Lemma class_orthogonal V (s : state m) T (f : seq nat -> F) : T \in sets ->
  \sum_(a : joint) w s a * (y F m V s a - class_tot V s (code a)) * f (pick T (code a)) = 0.
Proof.
move=> Tin; pose e k (a : joint) := qval (at_ (spare m d sets (nth [::] c s) s (code a)) k) * f (pick T (code a)).
rewrite (eq_bigr (fun a : joint => e 0%N a + \sum_(s' : state m) V s' * e s'.+1 a)) => [|a _].
  rewrite big_split /= (spare_orthogonal s f Tin) // add0r exchange_big big1 // => s' _.
  by rewrite -mulr_sumr (spare_orthogonal s f Tin) ?mulr0 // ltnS.
rewrite spareE mulrDl mulr_suml; congr (_ + _); apply: eq_bigr => s' _.
by rewrite mulrAC mulrC.
Qed.

(* the class's fits are the rows of the hint *)
Lemma class_fitE V (s : state m) (q : joint -> F) :
  class_fit sets (w s) (y F m V s) q <-> forall a, q a = class_tot V s (code a).
Proof.
have orth q' : in_class sets q' ->
    \sum_(a : joint) w s a * ((y F m V s a - class_tot V s (code a)) * (class_tot V s (code a) - q' a)) = 0.
  move=> [g gE]; have [h hE] := class_tot_in V s.
  under eq_bigr => a _ do rewrite hE gE -sumrB -hE mulrA mulr_sumr.
  rewrite exchange_big big_seq big1 // => T Tin.
  exact: (class_orthogonal V s (fun x => h T x - g T x) Tin).
split=> [[inq best]|qE].
  have apart : in_class sets (fun a : joint => q a - class_tot V s (code a)).
    have [g gE] := inq; have [h hE] := class_tot_in V s.
    by exists (fun T x => g T x - h T x) => a; rewrite gE hE sumrB.
  have zero : forall a, q a - class_tot V s (code a) = 0; last first.
    by move=> a; apply/eqP; rewrite -subr_eq0 zero.
  apply: (class_determined (s := s) apart) => a a0; apply/eqP; rewrite subr_eq0; apply/eqP.
  exact: (orthogonal_at (class_ge0 s) (orth q inq) (best _ (class_tot_in V s)) a0).
split=> [|q' inq'].
  by have [h hE] := class_tot_in V s; exists h => a; rewrite qE.
rewrite /joint_loss [X in X <= _](eq_bigr (fun a => w s a * (y F m V s a - class_tot V s (code a)) ^+ 2)); last first.
  by move=> a _; rewrite qE.
rewrite -subr_ge0 -sumrB -[X in 0 <= X]subr0 -[X in _ - X](mulr0 2%:R) -[X in _ - _ * X](orth q' inq') mulr_sumr -sumrB.
apply: sumr_ge0 => a _; set h := class_tot _ _ _.
rewrite (_ : _ - _ = w s a * (h - q' a) ^+ 2); first by rewrite mulr_ge0 ?sqr_ge0 // class_ge0.
by ring.
Qed.

(* V is one of a run where it iterates the maxima of the rows *)
Lemma class_values V :
  (exists Q, class_run sets d V Q) <->
  forall t s, is_max (fun a : joint => class_tot (V t) s (code a)) (V t.+1 s).
Proof.
split=> [[Q [mx fitted]] t s|mx].
  by apply: is_max_ext (mx t.+1 s) => a; apply/class_fitE: a; apply: fitted.
exists (fun t s a => if t is t'.+1 then class_tot (V t') s (code a) else V 0%N s); split=> [[|t] s|t s].
- by split=> // ; have [a _] := act s; exists a.
- exact: mx.
by apply/class_fitE.
Qed.

(* ----------------------------------------------------------------- as one chooser's *)
Notation m' := (chooser m).
Notation d' := (chosen m d sets c).
Notation joint' := {dffun forall i : agent (sizes m'), action i}.

(* the joint action that the chooser takes *)
Definition sole (a' : joint') : seq nat := nth [::] (tuples (sizes m)) (a' ord0).

Lemma sole_lt (a' : joint') : (a' ord0 < N)%N.
Proof. exact: ltn_ord (a' ord0). Qed.

Lemma sole_action (a' : joint') : is_action (sizes m) (sole a').
Proof. by rewrite -mem_tuples mem_nth // sole_lt. Qed.

Lemma rank_sole (a' : joint') : rank (sizes m) (sole a') = a' ord0.
Proof.
have act' := sole_action a'; apply/eqP.
rewrite -(nth_uniq [::] (rank_lt act') (sole_lt a') (uniq_tuples (sizes m))).
by rewrite (nth_rank act').
Qed.

Lemma code_sole (a' : joint') : code a' = [:: rank (sizes m) (sole a')].
Proof.
apply: (@eq_from_nth _ 0%N); rewrite size_code // => -[|i] // li.
by rewrite (nth_code a' ord0) rank_sole.
Qed.

Lemma alone_action l : is_action (sizes m) l -> is_action (sizes m') [:: rank (sizes m) l].
Proof.
by move=> act'; rewrite /is_action eqxx; apply/everyP => -[|i] // _; apply: rank_lt.
Qed.

Lemma sole_onto (a : joint) : exists a', sole a' = code a.
Proof.
have [a' e] := code_onto (alone_action (code_is_action a)); exists a'.
have := nth_code a' ord0; rewrite e /= /sole => <-.
by rewrite nth_rank // code_is_action.
Qed.

Lemma sole_inj : injective sole.
Proof.
move=> a' b' /eqP; rewrite /sole nth_uniq ?sole_lt ?uniq_tuples // => /eqP e.
by apply/ffunP => i; apply: ord_inj; rewrite [i]ord1.
Qed.

Lemma sum_sole (G : seq nat -> F) : \sum_(a' : joint') G (sole a') = \sum_(a : joint) G (code a).
Proof.
rewrite sum_tuples -(big_map sole xpredT G); apply: perm_big; apply: uniq_perm.
- by rewrite map_inj_uniq ?index_enum_uniq //; apply: sole_inj.
- exact: uniq_tuples.
move=> l; rewrite mem_tuples; apply/mapP/idP => [[a' _ ->]|/code_onto [a <-]]; first exact: sole_action.
by have [a' <-] := sole_onto a; exists a' => //; apply: mem_index_enum.
Qed.

Lemma max_sole (f : seq nat -> F) v :
  is_max (fun a : joint => f (code a)) v <-> is_max (fun a' : joint' => f (sole a')) v.
Proof.
split=> -[le [a at_a]]; split.
- by move=> a'; have [b <-] := code_onto (sole_action a').
- by have [a' e] := sole_onto a; exists a'; rewrite e.
- by move=> b; have [a' <-] := sole_onto b.
by have [b e] := code_onto (sole_action a); exists b; rewrite e.
Qed.

Lemma tot_sole V g (s : state m) (a' : joint') : Qtot (credits F m' d' V g s) a' = class_tot V s (sole a').
Proof.
rewrite /Qtot big_ord1 /credits /chosen (@nth_tab _ _ _ _ _ (ltn_ord s)) /row /=.
by rewrite (nth_map [::]) // sole_lt.
Qed.

Lemma class_starts V (v0 : seq Q) (g0 : seq (seq nat)) :
  (forall s : state m, is_action (sizes m) (nth [::] g0 s)) -> V 0%N =1 vec F m v0 ->
  (forall t s, is_max (fun a : joint => class_tot (V t) s (code a)) (V t.+1 s)) ->
  exists pi, @starts F m' d' v0 (alone m g0) V pi.
Proof.
move=> acts V0 mx.
have [pi0 pl] : exists pi, @plays m' (alone m g0) pi.
  apply: plays_exists => s; rewrite /alone (@nth_tab _ _ _ _ _ (ltn_ord s)).
  exact: alone_action (acts s).
exists (fun t => if t is t'.+1 then fun s => first_of (pi0 s) (credits F m' d' (V t') [::] s) else pi0).
split=> // t s; have first := first_ofP (pi0 s) (credits F m' d' (V t) [::] s); split; first exact: first.
apply: (is_max_unique (f := fun a' => class_tot (V t) s (sole a'))); first by apply/max_sole; apply: mx.
apply: (is_max_ext (f := Qtot (credits F m' d' (V t) [::] s))); last by apply: greedy_is_max; case: first.
by move=> a'; apply: tot_sole.
Qed.

Lemma class_exists (v0 : seq Q) : exists V Q, V 0%N =1 vec F m v0 /\ class_run sets d V Q.
Proof.
have [a0 _] := fin_all_exists act.
pose next (V : state m -> F) s := class_tot V s (code [arg max_(a > a0 s) class_tot V s (code a)]%O).
pose V t := iter t next (vec F m v0).
have [|Q run] := (class_values V).2; last by exists V, Q.
move=> t s; rewrite /V iterS /next; split; last by exists [arg max_(a > a0 s) class_tot (V t) s (code a)]%O.
by move=> b; case: Order.TotalTheory.arg_maxP => // x _ le; apply: le.
Qed.

Lemma weights_sole (s : state m) g (a' : joint') :
  weights F m' d' s g a' = qval (weight_at m d s [::] (sole a')).
Proof.
have rE : rank (sizes m') (code a') = rank (sizes m) (sole a') by rewrite code_sole.
rewrite /weights /= /table rE (@nth_tab _ _ _ _ _ (ltn_ord s)) /at_.
by rewrite (nth_map [::]) ?rank_sole ?sole_lt.
Qed.

Lemma chosen_ge0 (s : state m) g (a' : joint') : 0 <= weights F m' d' s g a'.
Proof.
by rewrite weights_sole; have [b <-] := code_onto (sole_action a'); rewrite weight_atE class_ge0.
Qed.

Lemma chosen_some (s : state m) g (a' : joint') : exists b', 0 < weights F m' d' s g b'.
Proof.
have [b _] := code_onto (sole_action a'); have [c' c0] := class_some s b; have [e' eE] := sole_onto c'.
by exists e'; rewrite weights_sole eE weight_atE.
Qed.

(* fits keep the mean of their targets *)
Lemma class_mean V g (s : state m) :
  \sum_(a' : joint') weights F m' d' s g a' * (y F m' V s a' - Qtot (credits F m' d' V g s) a') = 0.
Proof.
have [T Tin] : exists T, T \in sets.
  by case/and4P: okc => _ _; case: sets => // T l _ _; exists T; rewrite inE eqxx.
pose yl l := qval (entry m s l 0) + gamma F m * \sum_(s' : state m) qval (entry m s l s'.+1) * V s'.
pose G l := qval (weight_at m d s [::] l) * (yl l - class_tot V s l).
rewrite (eq_bigr (fun a' => G (sole a'))) => [|a' _]; last first.
  have rE : rank (sizes m') (code a') = rank (sizes m) (sole a') by rewrite code_sole.
  rewrite /G tot_sole /yl weights_sole; congr (qval _ * (_ - _)).
  by rewrite /y /target /reward /trans /entry /entries rE.
rewrite sum_sole -[RHS](class_orthogonal V s (fun=> 1) Tin); apply: eq_bigr => a _.
by rewrite /G weight_atE mulr1.
Qed.

End Correct.
