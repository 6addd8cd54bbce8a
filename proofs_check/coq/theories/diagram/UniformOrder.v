(* The negative mass of the additive class of order k under uniform data: Krawtchouk
   polynomials.

   Any finite set of n agents with A actions each, any ordered field.

   krawtchouk F I X d j == K_j(d), the coefficient of z^j in (1 - z)^d (1 + (A - 1)
                           z)^(n - d)
             misses a b == the number of agents whose actions differ in a and b

   sum_size               the products over the sets of size j sum to a coefficient of
                          prod_i (1 + h_i z)
   sum_misses             C(n,d) (A - 1)^d joint actions differ from a in d places
   order_uniform_weights  the weight of b at a is A^-n sum_(j <= k) K_j(d), d the number
                          of misses
   order_uniform_mass     every row has negative mass A^-n sum_d C(n,d) (A - 1)^d
                          (-sum_(j <= k) K_j(d))^+

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation SignedFits AdditiveMass OrderMass.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------ uniform data *)
Section Uniform.
Variables (F : realFieldType) (I X : finType).
Notation joint := {dffun forall i : I, X}.
Notation A := (#|X|%:R : F).
Notation W k := (order_weights (fun i : I => uniform F (A := fun=> X) (i := i)) k).
Implicit Types (a b : joint) (S : {set I}).

Definition krawtchouk (d j : nat) : F := ((1 - 'X) ^+ d * (1 + (A - 1) *: 'X) ^+ (#|I| - d))`_j.
Definition misses a b : nat := #|[pred i | b i != a i]|.

Lemma sum_size (h : I -> F) j :
  \sum_(S : {set I} | #|S| == j) \prod_(i in S) h i = (\prod_i (1 + h i *: 'X))`_j.
Proof.
have -> : \prod_i (1 + h i *: 'X) = \sum_(S : {set I}) (\prod_(i in S) h i) *: 'X^#|S|.
  transitivity (\prod_i \sum_(x : bool) (if x then h i *: 'X else 1 : {poly F})).
    by apply: eq_bigr => i _; rewrite big_bool /= addrC.
  rewrite bigA_distr_bigA (reindex (fun S : {set I} => [ffun i => i \in S])) /=; last first.
    exists (fun f : {ffun I -> bool} => [set i | f i]) => [S|f] _.
      by apply/setP => i; rewrite inE ffunE.
    by apply/ffunP => i; rewrite ffunE inE.
  apply: eq_bigr => S _; rewrite -sum1_card (big_morph _ (exprD 'X) (expr0 'X)) /=.
  rewrite -mul_polyC rmorph_prod /= -big_split /= [RHS]big_mkcond /=; apply: eq_bigr => i _.
  by rewrite ffunE; case: (i \in S); rewrite // mul_polyC expr1.
rewrite coef_sum (big_mkcond (fun S : {set I} => #|S| == j)); apply: eq_bigr => S _.
by rewrite coefZ coefXn eq_sym; case: eqP => _; rewrite ?mulr1 ?mulr0.
Qed.

(* The weight of b in the fit at a of order k depends on the number d of agents whose actions
   differ: A^-n sum_(j <= k) K_j(d), K_j(d) the coefficient of z^j in
   (1 - z)^d (1 + (A - 1) z)^(n - d) (Krawtchouk).
   Source: ours. *)
Theorem order_uniform_weights k a b :
  W k a b = (1 / A) ^+ #|I| * \sum_(j < k.+1) krawtchouk (misses a b) j.
Proof.
have X0 (i : I) : A != 0 by rewrite pnatr_eq0 -lt0n; apply/card_gt0P; exists (a i).
rewrite /order_weights /prob (eq_bigr (fun=> 1 / A)) // prodr_const; congr (_ * _).
transitivity (\sum_(j < k.+1) \sum_(S : {set I} | #|S| == j)
    component (fun i : I => uniform F (A := fun=> X) (i := i)) S a b).
  rewrite (partition_big (fun S : {set I} => inord #|S| : 'I_k.+1) xpredT) //=.
  apply: eq_bigr => j _; apply: eq_bigl => S; apply/andP/eqP => [[Sk /eqP <-]|Sj].
    by rewrite inordK.
  by rewrite Sj -ltnS ltn_ord; split=> //; apply/eqP/val_inj; rewrite /= inordK.
apply: eq_bigr => j _; rewrite sum_size /krawtchouk; congr (_`_ _).
have count : #|[pred i | ~~ (b i != a i)]| = (#|I| - misses a b)%N.
  by rewrite -(cardC [pred i | b i != a i]) addKn; apply: eq_card => i; rewrite !inE.
have missed : \prod_(i | b i != a i) (1 + surplus (fun i : I => uniform F (A := fun=> X) (i := i)) a b i *: 'X) =
    (1 - 'X) ^+ misses a b.
  rewrite (eq_bigr (fun=> 1 - 'X)) ?prodr_const // => i /negbTE ne.
  by rewrite /surplus ne mul0r sub0r scaleN1r.
have hit : \prod_(i | ~~ (b i != a i)) (1 + surplus (fun i : I => uniform F (A := fun=> X) (i := i)) a b i *: 'X) =
    (1 + (A - 1) *: 'X) ^+ (#|I| - misses a b).
  rewrite (eq_bigr (fun=> 1 + (A - 1) *: 'X)) ?prodr_const ?count // => i.
  by rewrite negbK => /eqP e; rewrite /surplus e eqxx /uniform !div1r invrK.
by rewrite (bigID (fun i => b i != a i)) /= missed hit.
Qed.

(* (A - 1)^d C(n, d) joint actions differ from a in d places *)
Lemma sum_misses (f : nat -> F) a :
  \sum_(b : joint) f (misses a b) = \sum_(d < #|I|.+1) 'C(#|I|, d)%:R * (A - 1) ^+ d * f d.
Proof.
pose D b := [set i | b i != a i].
have sizeD b : misses a b = #|D b| by rewrite /misses cardsE; apply: eq_card => i.
rewrite (partition_big D xpredT) //=.
transitivity (\sum_(S : {set I}) (A - 1) ^+ #|S| * f #|S|).
  apply: eq_bigr => S _; rewrite (eq_bigr (fun=> 1 * f #|S|)) => [|b /eqP <-]; last by rewrite sizeD mul1r.
  rewrite -mulr_suml; congr (_ * _).
  transitivity (\sum_(b : joint) \prod_i ((b i != a i) == (i \in S))%:R : F).
    rewrite big_mkcond; apply: eq_bigr => b _; case: eqP => [<-|ne].
      by rewrite big1 // => i _; rewrite inE eqxx.
    have [i ni] : exists i, (b i != a i) != (i \in S).
      apply/existsP; rewrite -negb_forall; apply/negP => /forallP all; apply: ne.
      by apply/setP => i; have /eqP := all i; rewrite inE.
    by rewrite (bigD1 i) //= (negbTE ni) mul0r.
  rewrite (sum_prod (g := fun i x => ((x != a i) == (i \in S))%:R)) => [|i x]; last exact: ler0n.
  rewrite -prodr_const [RHS]big_mkcond /=; apply: eq_bigr => i _; case: (i \in S).
    have -> : A - 1 = \sum_(x : X) 1 - 1 by rewrite sumr_const.
    rewrite [in RHS](bigD1 (a i)) //= [in RHS]addrC addKr [RHS]big_mkcond /=.
    by apply: eq_bigr => x _; case: (x == a i).
  by rewrite (bigD1 (a i)) //= eqxx big1 ?addr0 // => x /negbTE ->.
rewrite (partition_big (fun S : {set I} => inord #|S| : 'I_#|I|.+1) xpredT) //=.
apply: eq_bigr => d _; rewrite (eq_bigr (fun=> (A - 1) ^+ d * f d)) => [|S /eqP <-]; last first.
  by rewrite inordK // ltnS max_card.
rewrite sumr_const -[LHS]mulr_natl mulrA -(card_draws I d); congr (_%:R * _ * _).
apply: eq_card => S; rewrite !inE; apply/eqP/eqP => [<-|e]; first by apply/esym/inordK; rewrite ltnS max_card.
by rewrite e inord_val.
Qed.

(* So every row has negative mass A^-n sum_d C(n, d) (A - 1)^d (-sum_(j <= k) K_j(d))^+.
   Source: ours. *)
Theorem order_uniform_mass k a : neg_mass (W k : finite joint -> finite joint -> F) a =
  (1 / A) ^+ #|I| * \sum_(d < #|I|.+1) 'C(#|I|, d)%:R * (A - 1) ^+ d
    * neg (\sum_(j < k.+1) krawtchouk d j).
Proof.
rewrite -(sum_misses (fun d => neg (\sum_(j < k.+1) krawtchouk d j)) a) mulr_sumr.
apply: eq_bigr => b _; rewrite order_uniform_weights neg_scale //.
by rewrite exprn_ge0 // divr_ge0 ?ler01 ?ler0n.
Qed.
End Uniform.
