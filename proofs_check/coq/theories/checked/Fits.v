(* The fit under any data of a certificate: product data, where it is computed, and joint
   data, in which the actions of the agents may be correlated, where a hint is checked.

   The hint has the rows of the fit at every state. What they leave of the rewards and of
   the probabilities must be orthogonal to the indicators of all agents' actions: the normal
   equations, which are linear in the values.

   No theorem here: tools of the certificate checker.

                  moving d == d follows the joint actions: epsilon-greedy data, whatever
                              they explore with
        explored eps u a x == the probability of x : A i in such data around a: 1 - eps +
                              eps u_i(a_i) for a_i, eps u_i(x) for the others
       weights F m d s g a == the weight of the joint action a at state s, under data around
                              the joint action g, which has no influence on fixed data
            fit_at m d s g == the rows of the fit at state s: computed, or the hint
       credits F m d V g s == the factors that these are at the values V
            left m p t s l == what the rows t leave at the joint action l, times its weight
     solves_normal m p t s == the rows t solve the normal equations under the weights p
           check_joint m p == the weights p have full support and sum to 1
            own_action i l == the key of agent i: its action in l
              correlated d == d is joint data
           check_fixed m d == d is fixed data, product data with full support at every state,
                              joint data that determine Q_tot; the hint of joint data is right
            check_data m d == that, or epsilon-greedy data with 0 < epsilon <= 1, which
                              explore with full support

   creditsE       credits is the value of fit_at
   weights_gt0    checked data but joint ones have full support
   weights_ge0, weights_some  all have weights >= 0, not all 0
   fits_Qtot      and determine Q_tot
   credits_solve  the credits solve the normal equations
   credits_fit    so they are a least-squares fit
   fits_same      and all others differ from it by constants that sum to 0
   fits_first     so they rank every agent's actions alike
   eps_fit        what a fit under epsilon-greedy data is
   explored_fit   and under those that explore with other distributions                  *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI JointData Rationals Tables Support.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition moving (d : data) : bool :=
  match d with EpsilonGreedy _ | Exploring _ _ | Follows _ _ => true | _ => false end.

(* ------------------------------------------------------------------ what they describe *)
(* with probability eps actions are drawn from u, otherwise those of a are played *)
Section Explored.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Variables (eps : F) (u : forall i, A i -> F) (a : {dffun forall i, A i}).

Definition explored (i : I) (x : A i) : F := (if x == a i then 1 - eps else 0) + eps * u x.

Lemma explored_sum1 i : \sum_(x : A i) u x = 1 -> \sum_(x : A i) explored x = 1.
Proof.
move=> one; rewrite big_split /= -mulr_sumr one mulr1 (bigD1 (a i)) //= eqxx big1 ?addr0 ?subrK // => x /negbTE.
by move=> ->.
Qed.

Lemma explored_gt0 : 0 < eps -> eps <= 1 -> (forall i (x : A i), 0 < u x) -> forall i (x : A i), 0 < explored x.
Proof.
move=> e0 e1 u0 i x; apply: (@lt_le_trans _ _ (eps * u x)); first exact: mulr_gt0.
by rewrite /explored addrC le_plus; case: eqP => // _; rewrite subr_ge0.
Qed.
End Explored.

Section Meaning.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).

(* the weight of the joint action a at state s, under the data around the joint action g *)
Definition weights (s : state m) (g : seq nat) (a : joint) : F :=
  match d with
  | Joint p _ => table F (nth [::] p s) a
  | Follows p _ => table F (p s g) a
  | _ => prob (draws F m (marginals m d s g)) a
  end.

(* a least-squares fit at state s for the values V, under the data around g: Theorem 1's credits,
   or the hint's *)
Definition credits (V : state m -> F) (g : seq nat) (s : state m) : local :=
  match d with
  | Joint _ t => fun i x => row_val (row (nth [::] t s) i x) V
  | Follows _ t => fun i x => row_val (row (t s g) i x) V
  | _ => Qcf (draws F m (marginals m d s g)) (y F m V s)
  end.
End Meaning.
Arguments weights : clear implicits.
Arguments credits : clear implicits.

(* --------------------------------------------------------------------- what is computed *)
Definition fit_at (m : model) (d : data) (s : nat) (g : seq nat) : seq (seq (seq Q)) :=
  match d with
  | Joint _ t => nth [::] t s
  | Follows _ t => t s g
  | _ => fit m (marginals m d s g) s
  end.

Definition left (m : model) (p : seq Q) (t : seq (seq (seq Q))) (s : nat) (l : seq nat) : seq Q :=
  let found := entries m s l in
  let w := at_ p (rank (sizes m) l) in
  tab (n_states m).+1 (fun k => qmul w (qsub (qmul (if k is 0%N then q1 else discount m) (at_ found k))
    (qsum (size (sizes m)) (fun i => at_ (row t i (nth 0%N l i)) k)))).

Definition solves_normal (m : model) (p : seq Q) (t : seq (seq (seq Q))) (s : nat) : bool :=
  let found := [seq (l, left m p t s l) | l <- tuples (sizes m)] in
  every (size (sizes m)) (fun i => every (nth 0%N (sizes m) i) (fun x => every (n_states m).+1 (fun k =>
    qeq (qsum_list found (fun lr => if nth 0%N lr.1 i == x then at_ lr.2 k else q0)) q0))).

Definition check_joint (m : model) (p : seq Q) : bool :=
  [&& size p == size (tuples (sizes m)), all (qlt q0) p & sums_to_1 p (size p)].

Definition own_action (i : nat) (l : seq nat) : seq nat := [:: nth 0%N l i].

(* the hint of joint data: after the rows of all agents those that `determines` asks for *)
Definition check_fixed (m : model) (d : data) : bool :=
  match d with
  | EpsilonGreedy _ | Exploring _ _ | Follows _ _ => false
  | Joint p t => every (n_states m) (fun s =>
      [&& check_spread m (nth [::] p s), solves_normal m (nth [::] p s) (nth [::] t s) s
        & determines m (iota 0 (size (sizes m))) own_action (fun l => at_ (nth [::] p s) (rank (sizes m) l))
            (nth [::] (nth [::] t s) (size (sizes m)))])
  | _ => every (n_states m) (fun s => check_marginals m (marginals m d s [::]))
  end.

Definition check_data (m : model) (d : data) : bool :=
  match d with
  | EpsilonGreedy e => qlt q0 e && qle e q1
  | Exploring e u => [&& qlt q0 e, qle e q1
      & every (n_states m) (fun s => check_marginals m (marginals m (Product u) s [::]))]
  | _ => check_fixed m d
  end.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation qval := (qval F).
Hypothesis ok : check_model m.

Section Hint.
Variables (p : seq Q) (t : seq (seq (seq Q))) (s : state m).
Hypothesis solved : solves_normal m p t s.
Let L k (a : joint) : F := qval (at_ (left m p t s (code a)) k).

Lemma left_orthogonal (i : agent (sizes m)) (x : action i) k : (k < (n_states m).+1)%N ->
  \sum_(a : joint | a i == x) L k a = 0.
Proof.
move=> kn; have /everyP /(_ x (ltn_ord x)) /everyP /(_ k kn) := everyP _ _ solved i (ltn_ord i).
rewrite (qval_eq F) qval_sum_list qval0 big_map => /eqP e; rewrite -[RHS]e.
rewrite -(sum_tuples (sizes m) (fun l => qval (if nth 0%N l i == x then at_ (left m p t s l) k else q0))).
rewrite big_mkcond; apply: eq_bigr => a _; rewrite nth_code.
by rewrite (_ : (a i == x) = (a i == x :> nat)) //; case: eqP; rewrite ?qval0.
Qed.

Lemma leftE V (a : joint) :
  table F p a * (y F m V s a - Qtot (fun (i : agent (sizes m)) (x : action i) => row_val (row t i x) V) a) =
  L 0 a + \sum_(s' : state m) L s'.+1 a * V s'.
Proof.
have E k : (k < (n_states m).+1)%N -> L k a = table F p a * (qval (if k is 0%N then q1 else discount m) *
    qval (entry m s (code a) k) - \sum_(i : agent (sizes m)) qval (at_ (row t i (a i)) k)).
  move=> kn; rewrite /L /left [at_ (tab _ _) k]nth_tab // qval_mul qval_sub qval_mul qval_sum.
  by congr (_ * (_ - _)); apply: eq_bigr => i _; rewrite nth_code.
rewrite E // qval1 mul1r.
rewrite [X in _ = _ + X](eq_bigr (fun s' : state m => table F p a * ((gamma F m * trans F m s a s' -
    \sum_(i : agent (sizes m)) qval (at_ (row t i (a i)) s'.+1)) * V s'))); last first.
  by move=> s' _; rewrite E ?ltnS // mulrA.
rewrite -mulr_sumr -mulrDr; congr (_ * _).
rewrite [X in _ = _ + X](eq_bigr (fun s' : state m => gamma F m * (trans F m s a s' * V s') -
    \sum_(i : agent (sizes m)) qval (at_ (row t i (a i)) s'.+1) * V s')); last first.
  by move=> s' _; rewrite mulrBl mulr_suml mulrA.
by rewrite sumrB -mulr_sumr exchange_big /Qtot /row_val big_split /= opprD addrACA.
Qed.

Lemma hint_normal V : normal (table F p) (y F m V s) (fun (i : agent (sizes m)) (x : action i) => row_val (row t i x) V).
Proof.
move=> h; rewrite /dot.
under eq_bigr => a _ do rewrite mulrA leftE /Qtot mulr_sumr.
rewrite exchange_big big1 // => i _.
rewrite (partition_big (fun a : joint => a i) xpredT) //= big1 // => x _.
rewrite (eq_bigr (fun a : joint => (L 0 a + \sum_(s' : state m) L s'.+1 a * V s') * h i x)); last first.
  by move=> a /eqP ->.
rewrite -mulr_suml big_split /= left_orthogonal // add0r exchange_big big1 ?mul0r // => s' _.
by rewrite -mulr_suml left_orthogonal ?mul0r // ltnS.
Qed.
End Hint.

Lemma marginals_fixed d s g : ~~ moving d -> marginals m d s g = marginals m d s [::].
Proof. by case: d. Qed.

Lemma fixed_data d : check_fixed m d -> check_data m d /\ ~~ moving d.
Proof. by case: d. Qed.

Variable d : data.
Hypothesis okd : check_data m d.
Notation weights := (weights F m d).
Notation credits := (credits F m d).

Lemma creditsE V g (s : state m) i (x : action i) :
  row_val (row (fit_at m d s g) i x) V = credits V g s i x.
Proof. by rewrite /fit_at /Fits.credits; case: d => [|p|p t|e|e u|p t] //; rewrite fitE. Qed.

Lemma epsE e s (a : joint) i (x : action i) :
  draws F m (marginals m (EpsilonGreedy e) s (code a)) i x = eps_greedy (qval e) a x.
Proof.
have k0 : (0 < nth 0%N (sizes m) i)%N by apply: leq_ltn_trans (ltn_ord x).
rewrite /draws /marginals nth_tab ?ltn_ord // /at_ nth_tab // qval_add qval_mul qval_inv //.
rewrite nth_code /eps_greedy card_ord; congr (_ + _); last by rewrite mul1r.
by rewrite (_ : (x == a i) = (x == a i :> nat)) //; case: eqP; rewrite ?qval_sub ?qval1 ?qval0.
Qed.

Lemma exploreE e u s (a : joint) i (x : action i) :
  draws F m (marginals m (Exploring e u) s (code a)) i x =
  explored (qval e) (draws F m (marginals m (Product u) s [::])) a x.
Proof.
rewrite /draws /marginals !nth_tab ?ltn_ord // /at_ nth_tab // qval_add qval_mul nth_code /explored.
rewrite [in RHS]nth_tab ?ltn_ord //; congr (_ + _).
by rewrite (_ : (x == a i) = (x == a i :> nat)) //; case: eqP; rewrite ?qval_sub ?qval1 ?qval0.
Qed.

(* data around g are known to be data: g is a joint action, where it has an influence *)
Notation around g := (moving d -> is_action (sizes m) g).

Lemma eps_range e : d = EpsilonGreedy e -> 0 < qval e /\ qval e <= 1.
Proof. by move=> dE; move: okd; rewrite dE => /andP []; rewrite (qval_lt F) (qval_le F) qval0 qval1. Qed.

Lemma explored_range e u : d = Exploring e u ->
  [/\ 0 < qval e, qval e <= 1 & forall s : state m, check_marginals m (marginals m (Product u) s [::])].
Proof.
move=> dE; move: okd; rewrite dE => /and3P []; rewrite (qval_lt F) (qval_le F) qval0 qval1 => e0 e1 /everyP ful.
by split=> // s; apply: ful.
Qed.

Definition correlated (d : data) : bool := if d is Joint _ _ then true else false.

Lemma weights_gt0 (s : state m) g a : ~~ correlated d -> around g -> 0 < weights s g a.
Proof.
have prod p : check_marginals m p -> 0 < prob (draws F m p) a.
  by move=> okp; apply: prodr_gt0 => i _; apply: draws_gt0.
rewrite /Fits.weights; have range := eps_range; have range' := explored_range.
move: okd range range'; case: d => [|p|p t|e|e u|p t] //=.
- by move=> /everyP /(_ s (ltn_ord s)) okp _ _ _ _; rewrite (@marginals_fixed Uniform) //; apply: prod.
- by move=> /everyP /(_ s (ltn_ord s)) okp _ _ _ _; rewrite (@marginals_fixed (Product p)) //; apply: prod.
- move=> _ /(_ e erefl) [e0 e1] _ _ /(_ isT) /code_onto [b <-].
  by apply: prodr_gt0 => i _; rewrite epsE eps_greedy_gt0.
move=> _ _ /(_ e u erefl) [e0 e1 full] _ /(_ isT) /code_onto [b <-].
by apply: prodr_gt0 => i _; rewrite exploreE; apply: explored_gt0 => // j z; apply: draws_gt0.
Qed.

Lemma spread_joint (s : state m) p t : d = Joint p t -> check_spread m (nth [::] p s).
Proof. by move=> dE; move: okd; rewrite dE => /everyP /(_ s (ltn_ord s)) /and3P []. Qed.

Lemma weights_ge0 (s : state m) g a : around g -> 0 <= weights s g a.
Proof.
case cd: (correlated d); last by move=> ag; apply/ltW/weights_gt0; rewrite ?cd.
have spread := @spread_joint s; rewrite /Fits.weights; move: spread cd; case: d => // p t spread _ _.
exact: spread_ge0 (spread p t erefl).
Qed.

Lemma weights_some (s : state m) g (a : joint) : around g -> exists b, 0 < weights s g b.
Proof.
case cd: (correlated d); last by move=> ag; exists a; apply: weights_gt0; rewrite ?cd.
have spread := @spread_joint s; rewrite /Fits.weights; move: spread cd; case: d => // p t spread _ _.
exact: spread_some (spread p t erefl).
Qed.

(* what is linear and 0 where there is weight is 0 *)
Lemma weights_determine (s : state m) g (Q : local) : around g ->
  (forall a, 0 < weights s g a -> Qtot Q a = 0) -> forall a, Qtot Q a = 0.
Proof.
case cd: (correlated d); last by move=> ag zero a; apply: zero; apply: weights_gt0; rewrite ?cd.
move: okd cd; rewrite /Fits.weights; case: d => // p t /everyP /(_ s (ltn_ord s)) /and3P [_ _ det] _ _ zero a.
pose h (i : nat) (b : joint) : F := if insub i is Some j then Q j (b j) else 0.
have hE b : Qtot Q b = \sum_(i <- iota 0 (size (sizes m))) h i b.
  rewrite /Qtot; transitivity (\sum_(i < size (sizes m)) h i b); first by apply: eq_bigr => i _; rewrite /h valK.
  by rewrite -(big_mkord xpredT (fun i => h i b)) /index_iota subn0.
rewrite hE; apply: (determinesP det) => [i b c|b bw]; last by rewrite -hE; apply: zero.
rewrite mem_iota => /= li; pose j : agent (sizes m) := Ordinal li.
rewrite /own_action -[i]/(val j) !nth_code => -[e]; rewrite /h valK; congr (Q j _).
exact: ord_inj.
Qed.

Lemma credits_solve V (s : state m) g : around g -> normal (weights s g) (y F m V s) (credits V g s).
Proof.
move=> ag; have range' := explored_range; move: okd range' ag; rewrite /Fits.weights /Fits.credits.
case: d => [|p|p t|e|e u|p t] /=.
- move=> /everyP /(_ s (ltn_ord s)) okp _ _; rewrite (@marginals_fixed Uniform) //.
  by apply: normal_equations => i; apply: draws_sum1.
- move=> /everyP /(_ s (ltn_ord s)) okp _ _; rewrite (@marginals_fixed (Product p)) //.
  by apply: normal_equations => i; apply: draws_sum1.
- by move=> /everyP /(_ s (ltn_ord s)) /and3P [_ sol _] _ _; apply: hint_normal.
- move=> _ _ /(_ isT) /code_onto [b <-]; apply: normal_equations => i.
  by rewrite -[RHS](eps_greedy_sum1 (qval e) b i); apply: eq_bigr => x _; apply: epsE.
- move=> _ /(_ e u erefl) [_ _ full] /(_ isT) /code_onto [b <-]; apply: normal_equations => i.
  rewrite -[RHS](explored_sum1 (qval e) b (draws_sum1 F (full s) i)); apply: eq_bigr => x _; exact: exploreE.
by [].
Qed.

Lemma credits_fit V (s : state m) g : around g -> joint_fit (weights s g) (y F m V s) (credits V g s).
Proof. by move=> ag; apply: normal_fit (credits_solve V s ag) => a; apply: weights_ge0. Qed.

Lemma fits_Qtot (s : state m) g V Q a : around g -> joint_fit (weights s g) (y F m V s) Q ->
  Qtot Q a = Qtot (credits V g s) a.
Proof.
move=> ag fitted; have w0 b := weights_ge0 s b ag.
have diff b : Qtot (fun i x => Q i x + (-1) * credits V g s i x) b = Qtot Q b - Qtot (credits V g s) b.
  by rewrite QtotD mulN1r.
apply/eqP; rewrite -subr_eq0 -diff; apply/eqP; apply: (weights_determine ag) => b bw.
by rewrite diff; apply/eqP; rewrite subr_eq0; apply/eqP; apply: joint_Qtot_unique bw => //; apply: credits_fit.
Qed.

(* all least-squares fits differ from the credits by constants that sum to 0 *)
Lemma fits_same (s : state m) g V (a : joint) Q : around g -> joint_fit (weights s g) (y F m V s) Q ->
  exists2 w : agent (sizes m) -> F, \sum_i w i = 0 & forall i (x : action i), Q i x = credits V g s i x + w i.
Proof. by move=> ag fitted; apply/(same_Qtot a) => b; apply: fits_Qtot. Qed.

Lemma fits_first (s : state m) g V Q a : around g -> joint_fit (weights s g) (y F m V s) Q ->
  first_greedy (credits V g s) a <-> first_greedy Q a.
Proof.
move=> ag /(fits_same a ag) [w _ QE]; split=> -[gr first]; split=> i x.
- by rewrite !QE le_plus2r; apply: gr.
- by move=> lt; rewrite !QE lt_plus2r; apply: first.
- by have := gr i x; rewrite !QE le_plus2r.
by move=> lt; have := first i x lt; rewrite !QE lt_plus2r.
Qed.

(* a fit under epsilon-greedy data around a *)
Lemma eps_fit e V (s : state m) (a : joint) Q : d = EpsilonGreedy e ->
  joint_fit (weights s (code a)) (y F m V s) Q <-> best_fit (eps_greedy (qval e) a) (y F m V s) Q.
Proof.
move=> dE; have L q : joint_loss (weights s (code a)) (y F m V s) q =
    joint_loss (prob (eps_greedy (qval e) a)) (y F m V s) q.
  apply: eq_bigr => b _; congr (_ * _); rewrite /Fits.weights dE.
  by apply: eq_bigr => i _; apply: epsE.
by split=> fitted Q'; have := fitted Q'; rewrite !L.
Qed.

Lemma explored_fit e u V (s : state m) (a : joint) Q : d = Exploring e u ->
  joint_fit (weights s (code a)) (y F m V s) Q <->
  best_fit (explored (qval e) (draws F m (marginals m (Product u) s [::])) a) (y F m V s) Q.
Proof.
move=> dE; have L q : joint_loss (weights s (code a)) (y F m V s) q =
    joint_loss (prob (explored (qval e) (draws F m (marginals m (Product u) s [::])) a)) (y F m V s) q.
  apply: eq_bigr => b _; congr (_ * _); rewrite /Fits.weights dE.
  by apply: eq_bigr => i _; apply: exploreE.
by split=> fitted Q'; have := fitted Q'; rewrite !L.
Qed.

(* fixed data are the same around all joint actions *)
Lemma weights_fixed (s : state m) g : ~~ moving d -> weights s g = weights s [::].
Proof. by move=> fx; rewrite /Fits.weights marginals_fixed //; case: d fx. Qed.
Lemma credits_fixed V (s : state m) g : ~~ moving d -> credits V g s = credits V [::] s.
Proof. by move=> fx; rewrite /Fits.credits marginals_fixed //; case: d fx. Qed.
Lemma fit_at_fixed (s : nat) g : ~~ moving d -> fit_at m d s g = fit_at m d s [::].
Proof. by move=> fx; rewrite /fit_at marginals_fixed //; case: d fx. Qed.

Lemma credits_eq U U' g (s : state m) i x : U =1 U' -> credits U g s i x = credits U' g s i x.
Proof.
move=> e; rewrite -(creditsE U) -(creditsE U') /row_val; congr (_ + _).
by apply: eq_bigr => s' _; rewrite e.
Qed.

End Correct.
