(* The additive class of order k (factors of at most k agents each) under product data:
   its fit, and its negative mass.

   Any finite set of n agents, any finite action sets, any ordered field; p_i(x) > 0.

          depends_on T g == g depends on the actions of the agents in T only
            of_order k q == q is a sum of functions of at most k agents each
         order_fit k y q == q is a least-squares fit of y of order k
         surplus p a b i == 1{b_i = a_i} / p_i(a_i) - 1
       component p S a b == the product of the surplus of the agents in S: the weight of
                            b, over p(b), in the interaction of S at a
   order_weights p k a b == p(b) sum_(|S| <= k) component p S a b

   component_mean0    components have mean 0 against what does not depend on one of
                      their agents
   order_member       functions of order k are fitted exactly
   order_fit_weights  the least-squares fit is the fit by these weights
   order_unit_rows    its rows sum to one
   order_keeps_mean   and it keeps the mean of its targets
   order_mass         the negative mass of a row
   order_one          order 1 is linear value factorisation
   order_top_mass     order n - 1: row a has negative mass (2^(n-1) - 1) prod_i (1 -
                      p_i(a_i)), for uniform data (2^(n-1) - 1)(1 - 1/A)^n

   Source: ours; the components are those of Hoeffding.                                  *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation SignedFits AdditiveMass.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Order.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable p : forall i, A i -> F.
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.
Hypothesis p_gt0 : forall i (x : A i), 0 < p x.
Notation E := (E p).
Notation loss := (joint_loss (prob p)).
Implicit Types (S T : {set I}) (a b : joint) (f g q y : joint -> F).

Definition depends_on T g := forall a b, (forall i, i \in T -> a i = b i) -> g a = g b.
Definition of_order k q := exists2 g : {set I} -> joint -> F,
  forall T, depends_on T (g T) & forall a, q a = \sum_(T : {set I} | (#|T| <= k)%N) g T a.
Definition order_fit k y q := of_order k q /\ forall q', of_order k q' -> loss y q <= loss y q'.

Definition surplus a b i : F := (b i == a i)%:R / p (a i) - 1.
Definition component S a b : F := \prod_(i in S) surplus a b i.
Definition order_weights k a b : F := prob p b * \sum_(S : {set I} | (#|S| <= k)%N) component S a b.
Notation W k := (order_weights k : finite joint -> finite joint -> F).

Lemma fit_weights k y a : fit (W k) y a = \sum_(S : {set I} | (#|S| <= k)%N) E (fun b => component S a b * y b).
Proof.
rewrite /E exchange_big; apply: eq_bigr => b _ /=.
by rewrite /order_weights -mulrA mulr_suml mulr_sumr.
Qed.

(* the mean of a component vanishes against what does not depend on one of its agents *)
Lemma component_mean0 S T a g j : j \in S -> j \notin T -> depends_on T g ->
  E (fun b => component S a b * g b) = 0.
Proof.
move=> jS jT free; pose f b := (\prod_(i in S :\ j) surplus a b i) * g b.
pose h (x : A j) : F := (x == a j)%:R / p (a j) - 1.
have fh b : component S a b * g b = f b * h (b j).
  by rewrite /component (big_setD1 j) //= -mulrA mulrC.
rewrite (eq_E p fh) (towerM p_sum1 h f) (eq_bigr (fun x => p x * h x * E f)) => [|x _].
  rewrite -mulr_suml (_ : \sum_x p x * h x = 0) ?mul0r //.
  rewrite /h (eq_bigr (fun x => p x * ((x == a j)%:R / p (a j)) - p x)) => [|x _]; last by ring.
  by rewrite sumrB (hit_mean p_gt0 (a j)) p_sum1 subrr.
congr (_ * _); apply: eq_E => b; rewrite /f; congr (_ * _); last first.
  by apply: free => i iT; rewrite upd_other //; apply: contra jT => /eqP <-.
by apply: eq_bigr => i; rewrite !inE => /andP [ij _]; rewrite /surplus upd_other.
Qed.

Lemma component_mean S a : E (fun b => component S a b) = (S == set0)%:R.
Proof.
have [->|/set0Pn [j jS]] := eqVneq S set0.
  by rewrite -[RHS](Ec p_sum1); apply: eq_E => b; rewrite /component big_set0.
rewrite -[RHS](@component_mean0 S set0 a (fun=> 1) j) ?inE //.
by apply: eq_E => b; rewrite mulr1.
Qed.

Lemma sum_sets (G : I -> bool -> F) :
  \prod_i (G i true + G i false) = \sum_(S : {set I}) \prod_i G i (i \in S).
Proof.
transitivity (\prod_i \sum_(x : bool) G i x); first by apply: eq_bigr => i _; rewrite big_bool.
rewrite bigA_distr_bigA (reindex (fun S : {set I} => [ffun i => i \in S])) /=.
  by apply: eq_bigr => S _; apply: eq_bigr => i _; rewrite ffunE.
exists (fun f : {ffun I -> bool} => [set i | f i]) => [S|f] _.
  by apply/setP => i; rewrite inE ffunE.
by apply/ffunP => i; rewrite ffunE inE.
Qed.

(* the components within T add up to the indicator of a_T over its probability *)
Lemma components_within T a b : \sum_(S : {set I} | S \subset T) component S a b = \prod_(i in T) (1 + surplus a b i).
Proof.
transitivity (\prod_i ((if i \in T then surplus a b i else 0) + 1)); last first.
  by rewrite [RHS]big_mkcond; apply: eq_bigr => i _; case: ifP => _; rewrite ?add0r // addrC.
rewrite (sum_sets (fun i x => if x then (if i \in T then surplus a b i else 0) else 1)) big_mkcond; apply: eq_bigr => S _; case: ifP => [/subsetP ST|/negbT /subsetPn [j jS jT]].
  by rewrite /component big_mkcond; apply: eq_bigr => i _; case: ifP => // iS; rewrite ST.
by rewrite (bigD1 j) //= jS (negbTE jT) mul0r.
Qed.

(* functions of at most k agents are fitted exactly *)
Lemma depends_member k T g a : (#|T| <= k)%N -> depends_on T g -> fit (W k) g a = g a.
Proof.
move=> Tk free; rewrite fit_weights (bigID (fun S : {set I} => S \subset T)) /= [X in _ + X]big1 ?addr0; last first.
  by move=> S /andP [_ /subsetPn [j jS jT]]; apply: component_mean0 jS jT free.
transitivity (E (fun b => (\sum_(S : {set I} | S \subset T) component S a b) * g b)).
  under [RHS]eq_E do rewrite mulr_suml.
  rewrite Esum; apply: eq_bigl => S; apply: andb_idl => ST.
  exact: leq_trans (subset_leq_card ST) Tk.
have here b : (\sum_(S : {set I} | S \subset T) component S a b) * g b =
    g a * \sum_(S : {set I} | S \subset T) component S a b.
  rewrite mulrC components_within; have [/forall_inP same|/forall_inPn [j jT ne]] :=
    boolP [forall (i | i \in T), b i == a i].
    by congr (_ * _); apply: free => i iT; apply/eqP/same.
  by rewrite (bigD1 j) //= /surplus (negbTE ne) mul0r sub0r subrr mul0r !mulr0.
rewrite (eq_E p here) EZ Esum (bigD1 set0) ?sub0set //= component_mean eqxx big1 ?addr0 ?mulr1 //.
by move=> S /andP [_ /negbTE ne]; rewrite component_mean ne.
Qed.

Lemma order_member k q a : of_order k q -> fit (W k) q a = q a.
Proof.
move=> [g free qE]; rewrite qE /fit.
transitivity (\sum_(T : {set I} | (#|T| <= k)%N) fit (W k) (g T) a); last first.
  by apply: eq_bigr => T Tk; apply: depends_member Tk (free T).
by rewrite exchange_big; apply: eq_bigr => b _ /=; rewrite qE mulr_sumr.
Qed.

Lemma order_symmetric k a b : prob p a * W k a b = prob p b * W k b a.
Proof.
rewrite /order_weights mulrCA; congr (_ * (_ * _)); apply: eq_bigr => S _; apply: eq_bigr => i _.
by rewrite /surplus [b i == _]eq_sym; case: eqP => [->|_] //; rewrite !mul0r.
Qed.

(* the fit is of order k *)
Lemma fit_of_order k y : of_order k (fit (W k) y).
Proof.
exists (fun S a => E (fun b => component S a b * y b)) => [T a b same|a]; last exact: fit_weights.
by apply: eq_E => c; congr (_ * _); apply: eq_bigr => i iT; rewrite /surplus same.
Qed.

Lemma of_orderB k q q' : of_order k q -> of_order k q' -> of_order k (fun a => q a - q' a).
Proof.
move=> [g free qE] [g' free' q'E]; exists (fun T a => g T a - g' T a) => [T a b same|a].
  by rewrite (free T a b same) (free' T a b same).
by rewrite qE q'E sumrB.
Qed.

Lemma fit_orthogonal k y q : of_order k q -> \sum_a prob p a * ((y a - fit (W k) y a) * q a) = 0.
Proof.
move=> qk; under eq_bigr do rewrite mulrBl mulrBr.
rewrite sumrB; apply/eqP; rewrite subr_eq0; apply/eqP; symmetry.
transitivity (\sum_b prob p b * (y b * fit (W k) q b)); last by apply: eq_bigr => b _; rewrite order_member.
transitivity (\sum_a \sum_b (prob p a * W k a b) * (y b * q a)).
  by apply: eq_bigr => a _; rewrite /fit mulr_suml mulr_sumr; apply: eq_bigr => b _; ring.
rewrite exchange_big; apply: eq_bigr => b _ /=; rewrite /fit !mulr_sumr; apply: eq_bigr => a _.
by rewrite order_symmetric; ring.
Qed.

Lemma order_pythagoras k y q : of_order k q ->
  loss y q = loss y (fit (W k) y) + \sum_a prob p a * (fit (W k) y a - q a) ^+ 2.
Proof.
move=> qk; have := fit_orthogonal y (of_orderB (fit_of_order k y) qk) => o.
rewrite -[RHS]addr0 -[X in _ + X](mulr0 2%:R) -[X in _ * X]o /joint_loss mulr_sumr -!big_split.
by apply: eq_bigr => a _ /=; ring.
Qed.

(* The least-squares fit of order k under product data with full support is the fit by these
   weights, and there is no other.
   Source: ours (the components are those of Hoeffding). *)
Theorem order_fit_weights k y q : order_fit k y q <-> forall a, q a = fit (W k) y a.
Proof.
split=> [[qk best] a|same].
  have := best _ (fit_of_order k y); rewrite (order_pythagoras y qk) plus_le.
  move=> /(squares0 (fun b => ltW (prob_gt0 p_gt0 b)) a)/eqP.
  by rewrite mulf_eq0 gt_eqF ?(prob_gt0 p_gt0) //= subr_eq0 => /eqP ->.
have lossE : loss y q = loss y (fit (W k) y) by apply: eq_bigr => a _; rewrite same.
split=> [|q' q'k].
  have [g free fE] := fit_of_order k y; exists g => // a; by rewrite same fE.
rewrite lossE (order_pythagoras y q'k) le_plus; apply: sumr_ge0 => a _.
by rewrite mulr_ge0 ?sqr_ge0 // ltW // prob_gt0.
Qed.

Lemma order_unit_rows k : unit_rows (W k).
Proof.
move=> a; transitivity (fit (W k) (fun=> 1) a); first by apply: eq_bigr => b _; rewrite mulr1.
by apply: (@depends_member k set0) => //; rewrite cards0.
Qed.

Lemma order_keeps_mean k : keeps_mean (prob p : finite joint -> F) (W k).
Proof.
move=> b; rewrite (eq_bigr (fun a => prob p b * W k b a)) => [|a _]; last exact: order_symmetric.
by rewrite -mulr_sumr order_unit_rows mulr1.
Qed.

(* The negative mass of row a is E[(-sum_(|S| <= k) prod_(i in S) (B_i / p_i(a_i) - 1))^+] with
   B_i = 1{b_i = a_i}.
   Source: ours. *)
Theorem order_mass k a :
  neg_mass (W k) a = E (fun b => neg (\sum_(S : {set I} | (#|S| <= k)%N) component S a b)).
Proof. by apply: eq_bigr => b _; rewrite neg_scale // ltW // prob_gt0. Qed.

(* Order 1 is linear value factorisation.
   Source: ours. *)
Theorem order_one a b : order_weights 1 a b = additive_weights p a b.
Proof.
rewrite /order_weights /additive_weights; congr (_ * _).
rewrite (bigD1 set0) ?cards0 //= {1}/component big_set0.
have -> : \sum_(S : {set I} | (#|S| <= 1)%N && (S != set0)) component S a b = \sum_i surplus a b i.
  transitivity (\sum_(S in [set [set i] | i : I]) component S a b).
    apply: eq_bigl => S; apply/idP/imsetP => [/andP [S1 S0]|[i _ ->]]; last first.
      by rewrite cards1 -card_gt0 cards1.
    have /cards1P [i ->] : #|S| == 1%N by rewrite eqn_leq S1 card_gt0.
    by exists i.
  rewrite big_imset /=; first by apply: eq_bigr => i _; rewrite /component big_set1.
  by move=> i j _ _; apply: set1_inj.
by rewrite /hits /surplus sumrB sumr_const opprB addrCA.
Qed.

Lemma weigh_full a b : prob p b * component setT a b = \prod_i (p (b i) * surplus a b i).
Proof. by rewrite big_split /=; congr (_ * _); apply: eq_bigl => i; rewrite inE. Qed.

Lemma weights_top a b : (0 < #|I|)%N ->
  order_weights #|I|.-1 a b = (b == a)%:R - \prod_i (p (b i) * surplus a b i).
Proof.
move=> I0; rewrite -weigh_full /order_weights.
have -> : \sum_(S : {set I} | (#|S| <= #|I|.-1)%N) component S a b =
    \sum_(S : {set I} | S \subset setT) component S a b - component setT a b.
  rewrite [in RHS](bigD1 setT) //= addrC addKr; apply: eq_bigl => S.
  by rewrite eqEcard subsetT cardsT /= -ltnNge -ltnS (prednK I0).
have whole : \prod_(i in [set: I]) (1 + surplus a b i) = \prod_i (1 + surplus a b i).
  by apply: eq_bigl => i; rewrite inE.
rewrite mulrBr components_within whole; congr (_ - _); have [->|ne] := eqVneq b a.
  rewrite /prob -big_split big1 // => i _ /=.
  by rewrite /surplus eqxx addrC subrK mulrC divfK ?gt_eqF.
have [i ni] : exists i, b i != a i.
  apply/existsP; rewrite -negb_forall; apply: contra ne => /forallP all.
  by apply/eqP/ffunP => i; apply/eqP/all.
by rewrite [X in _ * X](bigD1 i) //= {1}/surplus (negbTE ni) mul0r sub0r subrr mul0r mulr0.
Qed.

(* Order n - 1: row a has negative mass (2^(n-1) - 1) prod_i (1 - p_i(a_i)), for uniform data with
   A actions each (2^(n-1) - 1)(1 - 1/A)^n: exponential in n.
   Source: ours. *)
Theorem order_top_mass a : (0 < #|I|)%N ->
  neg_mass (W #|I|.-1) a = (2%:R ^+ #|I|.-1 - 1) * \prod_i (1 - p (a i)).
Proof.
move=> I0; pose G i (x : A i) : F := p x * ((x == a i)%:R / p (a i) - 1).
pose w b : F := \prod_i G i (b i).
have rest_ge0 i : 0 <= 1 - p (a i) by rewrite subr_ge0; apply: p_le1.
have wa : w a = \prod_i (1 - p (a i)).
  by apply: eq_bigr => i _; rewrite /G eqxx mulrBr mulr1 mulrC divfK ?gt_eqF.
have wa0 : 0 <= w a by rewrite wa prodr_ge0.
have wa1 : w a <= 1.
  rewrite wa; apply: (@le_trans _ _ (\prod_(i : I) 1)); last by rewrite big1.
  by apply: ler_prod => i _; rewrite rest_ge0 /= -subr_ge0 opprB addrC subrK ltW.
have negE b : neg (W #|I|.-1 a b) = (`|w b| + w b) / 2%:R - (b == a)%:R * w a.
  rewrite weights_top // -/(w b); have [->|ne] := eqVneq b a.
    rewrite /neg ltNge subr_ge0 wa1 /= ger0_norm //; by field.
  rewrite sub0r mul0r subr0 /neg oppr_lt0 opprK; case: ltrP => [w0|w0].
    by rewrite gtr0_norm //; field.
  by rewrite ler0_norm // addNr mul0r.
rewrite /neg_mass (eq_bigr _ (fun b _ => negE b)) sumrB -mulr_suml big_split /=.
have -> : \sum_b w b = 0.
  transitivity (E (fun b => component setT a b)); first by apply: eq_bigr => b _; rewrite weigh_full.
  rewrite component_mean; case: eqP => // e; move: I0; rewrite -cardsT e cards0 //.
have -> : \sum_(b : joint) `|w b| = 2%:R ^+ #|I| * w a.
  transitivity (\sum_(b : joint) \prod_i `|G i (b i)|); first by apply: eq_bigr => b _; rewrite normr_prod.
  rewrite (sum_prod (g := fun i x => `|G i x|)) // wa -[X in X * _]prodr_const -big_split.
  apply: eq_bigr => i _ /=; rewrite (bigD1 (a i)) //=.
  rewrite (_ : G i (a i) = 1 - p (a i)); last by rewrite /G eqxx mulrBr mulr1 mulrC divfK ?gt_eqF.
  rewrite ger0_norm // mulr2n mulrDl !mul1r; congr (_ + _).
  rewrite -[X in _ = X - _](p_sum1 i) [in RHS](bigD1 (a i)) //= [in RHS]addrC addKr.
  by apply: eq_bigr => x /negbTE ne; rewrite /G ne mul0r sub0r mulrN1 normrN gtr0_norm.
rewrite addr0 (bigD1 a) //= eqxx mul1r big1 ?addr0 => [|b /negbTE ->]; last by rewrite mul0r.
rewrite -wa -[in LHS](prednK I0) exprS; set u := _ ^+ #|I|.-1; by field.
Qed.
End Order.
