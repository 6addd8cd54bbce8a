(* The negative mass of the additive class (linear value factorisation) under product
   data.

   Any finite set of n agents, any finite action sets, any ordered field; p_i(x) > 0.

               hits p a b == sum_i 1{b_i = a_i} / p_i(a_i)
   additive_weights p a b == p(b) (hits p a b - (n - 1)), the weights of the linear fit
               rarest p a == every a_i is a least probable action of agent i
              uniform F x == 1/|A_i| for every action x of agent i

   additive_fit           Q_tot of every least-squares linear fit is the fit by these
                          weights
   additive_member        additive functions are fitted exactly
   additive_mass          row a has negative mass E[(n - 1 - sum_i B_i / p_i(a_i))^+],
                          B_i = 1{b_i = a_i} independent with probabilities p_i(a_i)
   additive_mass_lt       it is below n - 1: at most (n - 1)(1 - p(a))
   rarest_attains         the rarest actions attain the largest one
   rare_mass              it is (n - 1) prod_i (1 - p_i(a_i)) where (n - 1) p_i(a_i) <=
                          1
   uniform_mass           so (n - 1)(1 - 1/A)^n for uniform data with A >= n - 1 actions
   linear_run_weights     runs of linear FQI on fixed product data are runs of that
                          class
   on_policy_run_weights  so are runs under eps-greedy data

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine SignedFits.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Additive.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation n := (n_agents F I).
Variable p : forall i, A i -> F.

Definition hits (a b : joint) : F := \sum_i (b i == a i)%:R / p (a i).
Definition additive_weights (a b : joint) : F := prob p b * (hits a b - (n - 1)).
Notation W := (additive_weights : finite joint -> finite joint -> F).

Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.
Hypothesis p_gt0 : forall i (x : A i), 0 < p x.

Lemma p_le1 i (x : A i) : p x <= 1.
Proof. by rewrite -(p_sum1 i) (bigD1 x) //= le_plus; apply: sumr_ge0 => z _; apply: ltW. Qed.

Lemma prob_gt0 b : 0 < prob p b.
Proof. by apply: prodr_gt0 => i _. Qed.

Lemma E_local i (h : A i -> F) : E p (fun b : joint => h (b i)) = \sum_x p x * h x.
Proof.
transitivity (E p (fun b : joint => 1 * h (b i))); first by apply: eq_E => b; rewrite mul1r.
rewrite (towerM p_sum1 h (fun=> 1)).
by apply: eq_bigr => x _; rewrite (Ec p_sum1) mulr1.
Qed.

Lemma hit_mean i (x : A i) : \sum_z p z * ((z == x)%:R / p x) = 1.
Proof.
rewrite (bigD1 x) //= eqxx mul1r divff ?gt_eqF // big1 ?addr0 //.
by move=> z /negbTE ->; rewrite mul0r mulr0.
Qed.

Lemma cond_mean (y : joint -> F) i (x : A i) :
  E p (fun b => y (upd b x)) = \sum_b prob p b * ((b i == x)%:R / p x * y b).
Proof.
transitivity (E p (fun b => y b * ((b i == x)%:R / p x))); last first.
  by apply: eq_bigr => b _; congr (_ * _); rewrite mulrC.
rewrite (towerM p_sum1 (fun z => (z == x)%:R / p x) y) (bigD1 x) //= eqxx mul1r divff ?gt_eqF //.
rewrite mul1r big1 ?addr0 // => z /negbTE ->; by rewrite mul0r mulr0 mul0r.
Qed.

(* The Q_tot of every least-squares linear fit of y is a |-> sum_b W(a,b) y(b) with
   W(a,b) = p(b) (sum_i 1{a_i = b_i} / p_i(a_i) - (n - 1)).
   Source: ours. *)
Theorem additive_fit (i0 : I) (y : joint -> F) Q (a : joint) :
  best_fit p y Q -> Qtot Q a = fit W y a.
Proof.
move=> best; rewrite (fit_is_cf a p_sum1 p_gt0 best) /Qtot /Qcf sumrB.
under eq_bigr do rewrite cond_mean.
rewrite exchange_big sumr_const -[X in _ - X]mulr_natr -/n mulrAC divfK ?(n_neq0 F i0) //.
rewrite /E mulr_sumr -sumrB; apply: eq_bigr => b _ /=.
have -> : \sum_i prob p b * ((b i == a i)%:R / p (a i) * y b) = prob p b * hits a b * y b.
  by rewrite /hits -mulr_sumr -mulr_suml mulrA.
by rewrite /additive_weights; ring.
Qed.

(* Additive functions are fitted exactly. *)
Lemma additive_member (i0 : I) Q (a : joint) : fit W (Qtot Q) a = Qtot Q a.
Proof.
symmetry; apply: (additive_fit i0) => Q'.
rewrite /loss (_ : E p (fun b => (Qtot Q b - Qtot Q b) ^+ 2) = 0); last first.
  by rewrite -[RHS](Ec p_sum1); apply: eq_E => b; rewrite subrr expr0n.
by apply: sumr_ge0 => b _; rewrite mulr_ge0 ?sqr_ge0 // ltW // prob_gt0.
Qed.

Lemma additive_unit_rows : unit_rows W.
Proof.
move=> a; transitivity (E p (fun b : joint => hits a b - (n - 1))) => //.
rewrite EB (Ec p_sum1) /hits Esum (eq_bigr (fun=> 1)) => [|i _].
  by rewrite sumr_const -/n; ring.
by rewrite (E_local (fun z => (z == a i)%:R / p (a i))) hit_mean.
Qed.

Lemma additive_keeps_mean : keeps_mean (prob p : finite joint -> F) W.
Proof.
move=> b; transitivity (prob p b * E p (fun a => hits a b - (n - 1))).
  by rewrite /E mulr_sumr; apply: eq_bigr => a _; rewrite /additive_weights mulrCA.
rewrite EB (Ec p_sum1) /hits Esum (eq_bigr (fun=> 1)) => [|i _].
  by rewrite sumr_const -/n; ring.
rewrite (E_local (fun z => (b i == z)%:R / p z)) (bigD1 (b i)) //= eqxx mul1r divff ?gt_eqF //.
by rewrite big1 ?addr0 // => z; rewrite eq_sym => /negbTE ->; rewrite mul0r mulr0.
Qed.

Lemma hits_ge0 a b : 0 <= hits a b.
Proof. by apply: sumr_ge0 => i _; apply: divr_ge0; [apply: ler0n|apply: ltW]. Qed.

Lemma hits_self a : n <= hits a a.
Proof.
rewrite /n_agents -sum1_card natr_sum; apply: ler_sum => i _; rewrite eqxx.
by apply: (@le_cancel _ (p (a i))) => //; rewrite divfK ?gt_eqF // mul1r p_le1.
Qed.

Lemma neg_scale (c x : F) : 0 <= c -> neg (c * x) = c * neg x.
Proof.
rewrite /neg le_eqVlt => /orP [/eqP <-|c0]; first by rewrite !mul0r ltxx.
by rewrite pmulr_rlt0 //; case: ifP; rewrite ?mulrN // mulr0.
Qed.

(* The negative mass of row a: E[(n - 1 - sum_i B_i / p_i(a_i))^+] with B_i = 1{b_i = a_i}.
   Source: ours. *)
Theorem additive_mass a : neg_mass W a = E p (fun b => neg (hits a b - (n - 1))).
Proof. by apply: eq_bigr => b _; rewrite neg_scale // ltW // prob_gt0. Qed.

Lemma miss_le (i0 : I) a b : neg (hits a b - (n - 1)) <= n - 1.
Proof.
have n1 : 0 <= n - 1 by rewrite subr_ge0 ler1n; apply/card_gt0P; exists i0.
rewrite /neg; case: ltrP => // _; rewrite opprB plus_le oppr_le0; exact: hits_ge0.
Qed.

(* For product data the negative mass is below n - 1: row a has at most (n - 1)(1 - p(a)).
   Source: ours. *)
Theorem additive_mass_lt (i0 : I) a : neg_mass W a <= (n - 1) * (1 - prob p a).
Proof.
have n1 : 0 <= n - 1 by rewrite subr_ge0 ler1n; apply/card_gt0P; exists i0.
rewrite additive_mass /E (bigD1 a) //=.
have -> : neg (hits a a - (n - 1)) = 0.
  rewrite /neg ltNge (_ : 0 <= _) // subr_ge0; apply: le_trans (hits_self a).
  by rewrite plus_le oppr_le0 ler01.
rewrite mulr0 add0r; apply: (@le_trans _ _ (\sum_(b | b != a) prob p b * (n - 1))).
  by apply: ler_sum => b _; apply: le_mul2l; [apply/ltW/prob_gt0|apply: miss_le].
rewrite -mulr_suml mulrC; apply: le_mul2l => //.
by rewrite -(prob_sum1 p_sum1) [X in _ <= X - _](bigD1 a) //= addrC addKr.
Qed.

Lemma additive_mass_le (i0 : I) a : neg_mass W a <= n - 1.
Proof.
have n1 : 0 <= n - 1 by rewrite subr_ge0 ler1n; apply/card_gt0P; exists i0.
apply: le_trans (additive_mass_lt i0 a) _.
rewrite -[X in _ <= X]mulr1; apply: le_mul2l => //.
by rewrite plus_le oppr_le0; apply/ltW/prob_gt0.
Qed.

(* f(x) = (n - 1 - x)^+ is convex: q f(c + 1/q) + (1 - q) f(c) falls with q. *)
Lemma neg_convex (q q' c : F) : 0 < q -> q <= q' -> q' <= 1 ->
  q' * neg (c + 1 / q') + (1 - q') * neg c <= q * neg (c + 1 / q) + (1 - q) * neg c.
Proof.
move=> q0 qq' q1; have q'0 : 0 < q' by apply: lt_le_trans q0 qq'.
suff le : q' * neg (c + 1 / q') <= q * neg (c + 1 / q) + (q' - q) * neg c.
  rewrite -subr_ge0 (_ : _ - _ = q * neg (c + 1 / q) + (q' - q) * neg c - q' * neg (c + 1 / q')).
    by rewrite subr_ge0.
  by ring.
rewrite -!neg_scale ?subr_ge0 //; try exact: ltW.
have -> : q' * (c + 1 / q') = q * (c + 1 / q) + (q' - q) * c.
  by field; rewrite !gt_eqF.
rewrite /neg -/(neg _) -/(neg _).
have sub (x y : F) : neg (x + y) <= neg x + neg y.
  rewrite {1}/neg; case: ifP => _; last by rewrite addr_ge0 ?neg_ge0.
  by rewrite opprD; apply: le_sum2; apply: neg_ge.
exact: sub.
Qed.

(* One agent's action is replaced by one that is at most as probable. *)
Lemma rarer_mass (a : joint) i (x : A i) : p x <= p (a i) -> neg_mass W a <= neg_mass W (upd a x).
Proof.
move=> le; rewrite !additive_mass (tower p_sum1 i) [X in _ <= X](tower p_sum1 i).
pose c (b : joint) : F := \sum_(j | j != i) (b j == a j)%:R / p (a j) - (n - 1).
have one (a' : joint) : (forall j, j != i -> a' j = a j) ->
    \sum_(z : A i) p z * E p (fun b => neg (hits a' (upd b z) - (n - 1))) =
    E p (fun b => p (a' i) * neg (c b + 1 / p (a' i)) + (1 - p (a' i)) * neg (c b)).
  move=> same; have hE b z : hits a' (upd b z) - (n - 1) = c b + (z == a' i)%:R / p (a' i).
    rewrite /hits /c (bigD1 i) //= upd_same.
    have -> : \sum_(j | j != i) (upd b z j == a' j)%:R / p (a' j) =
              \sum_(j | j != i) (b j == a j)%:R / p (a j).
      by apply: eq_bigr => j ji; rewrite upd_other // same.
    by rewrite [RHS]addrC addrA.
  under eq_bigr => z _ do rewrite (eq_E p (fun b => congr1 _ (hE b z))).
  rewrite (bigD1 (a' i)) //= eqxx ED EZ; congr (_ + _).
  rewrite (eq_bigr (fun z => p z * E p (fun b => neg (c b)))) => [|z /negbTE ->]; last first.
    by congr (_ * _); apply: eq_E => b; rewrite mul0r addr0.
  by rewrite -mulr_suml EZ -(p_sum1 i) [in RHS](bigD1 (a' i)) //= addrC addKr.
rewrite (one a) // (one (upd a x)) => [|j ji]; last by rewrite upd_other.
rewrite upd_same; apply: ler_sum => b _; apply: le_mul2l; first exact/ltW/prob_gt0.
by apply: neg_convex => //; apply: p_le1.
Qed.

Definition rarest (a : joint) := forall i (x : A i), p (a i) <= p x.

(* The negative mass of the additive class is attained where every agent takes its rarest
   action: nu = E[(n - 1 - sum_i B_i / q_i)^+], q_i = min_x p_i(x).
   Source: ours. *)
Theorem rarest_attains a : rarest a -> attains_mass W a (neg_mass W a).
Proof.
move=> rare; split=> // b.
pose mix (s : seq I) : joint := [ffun i => if i \in s then a i else b i].
have mixE : mix (enum I) = a by apply/ffunP => i; rewrite ffunE mem_enum.
have mix0 : mix [::] = b by apply/ffunP => i; rewrite ffunE.
rewrite -mix0 -mixE; elim: (enum I) => [|i s IH]; first by rewrite mix0.
apply: le_trans IH _; have -> : mix (i :: s) = upd (mix s) (a i).
  apply/ffunP => j; have [->|ji] := eqVneq j i; first by rewrite upd_same ffunE inE eqxx.
  by rewrite upd_other // !ffunE inE (negbTE ji).
exact: rarer_mass.
Qed.

Lemma rarest_exists (b : joint) : exists a, rarest a.
Proof.
exists [ffun i => [arg min_(x < b i) p x]%O] => i x; rewrite ffunE.
by case: Order.TotalTheory.arg_minP => // y _; apply.
Qed.
End Additive.

(* ------------------------------------------------- closed forms of the negative mass *)
Section ClosedForm.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation n := (n_agents F I).
Implicit Types p : forall i, A i -> F.

(* The mass of a product of events. *)
Lemma sum_prod (g : forall i, A i -> F) : (forall i (x : A i), 0 <= g i x) ->
  \sum_(b : joint) \prod_i g i (b i) = \prod_i \sum_(x : A i) g i x.
Proof.
move=> g0; pose G i := \sum_(x : A i) g i x.
have [/existsP [i /eqP Gi]|] := boolP [exists i, G i == 0].
  rewrite [RHS](bigD1 i) //= -/(G i) Gi mul0r big1 // => b _; rewrite (bigD1 i) //=.
  have /eqP : \sum_(x : A i) g i x = 0 by [].
  rewrite psumr_eq0 // => /allP /(_ (b i) (mem_index_enum _)) /= /eqP ->.
  by rewrite mul0r.
rewrite negb_exists => /forallP Gn.
have one : \sum_(b : joint) prob (fun i x => g i x / G i) b = 1.
  by apply: prob_sum1 => i; rewrite -mulr_suml; apply: divff; apply: Gn.
rewrite -[RHS]mul1r -[X in X * _]one mulr_suml; apply: eq_bigr => b _.
rewrite /prob -big_split; apply: eq_bigr => i _ /=.
by rewrite divfK.
Qed.

Lemma card_actions_gt0 p i : \sum_(x : A i) p i x = 1 -> 0 < #|A i|%:R :> F.
Proof.
move=> p1; rewrite ltr0n lt0n; apply/negP => /eqP /card0_eq none.
move: p1; rewrite big_pred0 => [/eqP|x]; first by rewrite eq_sym oner_eq0.
by have := none x.
Qed.

(* Where (n - 1) p_i(a_i) <= 1 for all agents, row a has negative mass
   (n - 1) prod_i (1 - p_i(a_i)).
   Source: ours. *)
Theorem rare_mass p (a : joint) : (forall i, \sum_(x : A i) p i x = 1) ->
  (forall i (x : A i), 0 < p i x) -> (1 <= #|I|)%N -> (forall i, (n - 1) * p i (a i) <= 1) ->
  neg_mass (additive_weights p : finite joint -> finite joint -> F) a =
  (n - 1) * \prod_i (1 - p i (a i)).
Proof.
move=> p1 p0 I1 rare; have n1 : 0 <= n - 1 by rewrite subr_ge0 ler1n.
rewrite additive_mass //.
have missE b : neg (hits p a b - (n - 1)) = (n - 1) * \prod_i (b i != a i)%:R.
  have [/existsP [i hit]|] := boolP [exists i, b i == a i].
    rewrite (bigD1 i) //= hit mul0r mulr0 /neg ltNge (_ : 0 <= _) // subr_ge0.
    apply: (@le_trans _ _ (1 / p i (a i))).
      by apply: (@le_cancel _ (p i (a i))) => //; rewrite divfK ?gt_eqF.
    rewrite /hits (bigD1 i) //= hit le_plus; apply: sumr_ge0 => j _.
    by apply: divr_ge0; [apply: ler0n|apply: ltW].
  rewrite negb_exists => /forallP no; rewrite big1 => [|i _]; last by rewrite no.
  rewrite /hits big1 => [|i _]; last by rewrite (negbTE (no i)) mul0r.
  rewrite sub0r mulr1 /neg oppr_lt0; case: ltrP => [_|le0]; first by rewrite opprK.
  by apply/eqP; rewrite eq_le n1.
rewrite (eq_E p missE) EZ; congr (_ * _); rewrite /E.
transitivity (\sum_(b : joint) \prod_i (p i (b i) * (b i != a i)%:R)).
  by apply: eq_bigr => b _; rewrite big_split.
rewrite (sum_prod (g := fun i x => p i x * (x != a i)%:R)) => [|i x]; last first.
  by rewrite mulr_ge0 ?ler0n // ltW.
apply: eq_bigr => i _; rewrite -[X in _ = X - _](p1 i) [in RHS](bigD1 (a i)) //= addrC addKr.
rewrite (bigD1 (a i)) //= eqxx mulr0 add0r.
by apply: eq_bigr => x ->; rewrite mulr1.
Qed.

Definition uniform i (x : A i) : F := 1 / #|A i|%:R.

(* Uniform data with at least n - 1 actions an agent: every row has negative mass
   (n - 1) prod_i (1 - 1/A_i); for equal numbers A of actions (n - 1)(1 - 1/A)^n.
   Source: ours. *)
Theorem uniform_mass (a : joint) : (1 <= #|I|)%N -> (forall i, (#|I| - 1 <= #|A i|)%N) ->
  neg_mass (additive_weights uniform : finite joint -> finite joint -> F) a =
  (n - 1) * \prod_i (1 - 1 / #|A i|%:R).
Proof.
move=> I1 sizes; have A0 i : 0 < #|A i|%:R :> F by rewrite ltr0n; apply/card_gt0P; exists (a i).
rewrite rare_mass // => i.
- by rewrite sumr_const -[LHS]mulr_natr divfK // gt_eqF.
- by move=> x; rewrite divr_gt0 ?ltr01.
- rewrite /uniform mulrA mulr1; apply: (@le_cancel _ #|A i|%:R) => //.
  by rewrite divfK ?gt_eqF // mul1r /n_agents -(natrB _ I1) ler_nat.
Qed.
End ClosedForm.

(* ------------------------------------------------------------------- runs *)
Section Runs.
Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable i0 : I.
Variables (r : S -> joint -> F) (P : S -> joint -> S -> F) (gamma : F).

(* Runs of linear FQI on fixed product data with full support are runs of the class with
   these weights.
   Source: ours. *)
Theorem linear_run_weights (p : S -> local) V Q :
  (forall s i, \sum_(x : A i) p s i x = 1) -> (forall s i (x : A i), 0 < p s i x) ->
  linear_run r P gamma p V Q ->
  @class_run F S (finite joint) r P gamma (fun _ s => additive_weights (p s)) V
    (fun t s => Qtot (Q t s)).
Proof.
move=> p1 p0 [mx best]; split=> [t s|t s a]; first exact: mx.
by apply: (additive_fit (p1 s) (p0 s) i0) (best t s).
Qed.

(* So are runs under epsilon-greedy data, whose weights change with the greedy action.
   Source: ours. *)
Theorem on_policy_run_weights eps V Q pi : 0 < eps -> eps <= 1 ->
  on_policy_run r P gamma eps V Q pi ->
  @class_run F S (finite joint) r P gamma (fun t s => additive_weights (eps_greedy eps (pi t s)))
    V (fun t s => Qtot (Q t s)).
Proof.
move=> e0 e1 [gr VE best]; split=> [t s|t s a].
  by rewrite VE; apply: greedy_is_max.
by apply: (additive_fit (eps_greedy_sum1 eps _) (eps_greedy_gt0 _ e0 e1) i0) (best t s).
Qed.
End Runs.
