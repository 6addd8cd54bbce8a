(* Updates of joint actions, expectations under product data, the counterfactual
   credits, and least squares under any data.

   No theorem here: the tools of Theorem1.v and JointData.v. p is product data, p_i sums
   to 1; d is any data.

      a0 p_sum1 == some joint action; there is one, since every p_i sums to 1
      dot d f g == sum_a d(a) f(a) g(a)
   normal d y Q == the normal equations: y - Q_tot is orthogonal to every additive
                   function

   swap_sum           the pairs (x, a) and (a_i, a with a_i replaced by x) are the same
                      pairs
   prob_sum1          the probabilities of the joint actions sum to 1
   tower              the tower rule: agent i's action may be redrawn
   towerM             the same with a function of this action as factor
   residual_mean0     the residual of the counterfactual credits has mean 0 given any
                      action of any agent
   same_Qtot          two tuples of factors have the same Q_tot iff they differ by w
                      with sum_i w_i = 0
   normal_pythagoras  loss(h) = loss(Q) + sum_a d(a) (Q_tot - h_tot)^2 where Q solves
                      the normal equations
   normal_fit         so Q is a least-squares fit (d >= 0)
   fit_unique         and every other fit has its Q_tot where d(a) > 0                   *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Expectation.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable p : forall i, A i -> F.
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.

Notation prob := (prob p).
Notation E := (E p).
Notation Qcf := (Qcf p).
Notation n := (n_agents F I).
Implicit Types a b : joint.

(* ------------------------------------------------------------ updating *)
Lemma upd_same a i (x : A i) : upd a x i = x.
Proof.
rewrite /upd ffunE; case: eqP => [e|/(_ erefl)] //.
by rewrite (eq_irrelevance e erefl).
Qed.

Lemma upd_other a i (x : A i) j : j != i -> upd a x j = a j.
Proof.
by move=> ji; rewrite /upd ffunE; case: eqP => // e; rewrite e eqxx in ji.
Qed.

Lemma upd_upd a i (x x' : A i) : upd (upd a x) x' = upd a x'.
Proof.
apply/ffunP => j; have [->|ji] := eqVneq j i; first by rewrite !upd_same.
by rewrite !upd_other.
Qed.

Lemma upd_id a i : upd a (a i) = a.
Proof.
apply/ffunP => j; have [->|ji] := eqVneq j i; first by rewrite upd_same.
by rewrite upd_other.
Qed.

(* (x, a) <-> (a_i, a[i := x]) is an involution: swap the two actions of i. *)
Lemma swap_sum i (G : A i -> joint -> F) :
  \sum_(x : A i) \sum_(a : joint) G x a =
  \sum_(x : A i) \sum_(a : joint) G (a i) (upd a x).
Proof.
pose s (z : A i * joint) := (z.2 i, upd z.2 z.1).
have sK : involutive s.
  by move=> [x a]; rewrite /s /= upd_same upd_upd upd_id.
rewrite !pair_bigA /= (reindex_inj (inv_inj sK)) /=.
exact: eq_bigr.
Qed.

(* ------------------------------------------------- product distributions *)
Lemma exchange_weight i (h k : A i -> F) (G : joint -> F) :
  (forall a (x : A i), G (upd a x) = G a) ->
  \sum_x h x = 1 -> \sum_x k x = 1 ->
  \sum_(a : joint) h (a i) * G a = \sum_(a : joint) k (a i) * G a.
Proof.
move=> Ginv h1 k1.
rewrite -[LHS]mul1r -k1 -[RHS]mul1r -h1 !mulr_suml.
under eq_bigr do rewrite mulr_sumr.
under [RHS]eq_bigr do rewrite mulr_sumr.
rewrite swap_sum; apply: eq_bigr => x _; apply: eq_bigr => a _.
by rewrite upd_same Ginv; ring.
Qed.

Lemma actions_exist i : {x : A i | true}.
Proof.
apply/sigW; case: (pickP (@predT (A i))) => [x _|no]; first by exists x.
move: (p_sum1 i); rewrite big_pred0 => [|x]; last by have := no x.
by move/eqP; rewrite eq_sym oner_eq0.
Qed.

Definition a0 : joint := [ffun i => sval (actions_exist i)].

Lemma prob_sum1 : \sum_a prob a = 1.
Proof.
pose P (s : seq I) (i : I) (x : A i) : F :=
  if i \in s then p x else (x == a0 i)%:R.
have PE s : \sum_(a : joint) \prod_i P s i (a i) = 1.
  elim: s => [|j s IH].
    rewrite (bigD1 a0) //= [X in _ + X]big1 ?addr0.
      by rewrite big1 // => i _; rewrite /P /= eqxx.
    move=> a /eqP neq; have [i ni] : exists i, a i != a0 i.
      apply/existsP; rewrite -negb_forall; apply/negP => /forallP eq.
      by apply: neq; apply/ffunP => i; apply/eqP.
    by rewrite (bigD1 i) //= /P /= (negbTE ni) mul0r.
  rewrite -[RHS]IH; case js: (j \in s).
    apply: eq_bigr => a _; apply: eq_bigr => i _.
    by rewrite /P inE; case: (i =P j) => //= ij; rewrite (_ : i \in s) // ij.
  pose G (a : joint) := \prod_(i | i != j) P s i (a i).
  transitivity (\sum_(a : joint) p (a j) * G a).
    apply: eq_bigr => a _; rewrite (bigD1 j) //= {1}/P inE eqxx /=.
    congr (_ * _); apply: eq_bigr => i /negbTE ij.
    by rewrite /P inE ij.
  transitivity (\sum_(a : joint) (a j == a0 j)%:R * G a); last first.
    apply: eq_bigr => a _; rewrite [RHS](bigD1 j) //=; congr (_ * _).
    by rewrite /P js.
  apply: (exchange_weight (k := fun x => (x == a0 j)%:R)) => //.
    by move=> a x; apply: eq_bigr => i ij; rewrite upd_other.
  rewrite (bigD1 (a0 j)) //= eqxx big1 ?addr0 // => x /negbTE -> //.
rewrite -[RHS](PE (enum I)); apply: eq_bigr => a _; apply: eq_bigr => i _.
by rewrite /P mem_enum.
Qed.

(* ---------------------------------------------------------- expectations *)
Lemma eq_E f g : (forall a, f a = g a) -> E f = E g.
Proof. by move=> fg; apply: eq_bigr => a _; rewrite fg. Qed.

Lemma EZ c f : E (fun a => c * f a) = c * E f.
Proof. by rewrite /E mulr_sumr; apply: eq_bigr => a _; ring. Qed.

Lemma ED f g : E (fun a => f a + g a) = E f + E g.
Proof. by rewrite /E -big_split; apply: eq_bigr => a _; rewrite mulrDr. Qed.

Lemma EB f g : E (fun a => f a - g a) = E f - E g.
Proof. by rewrite -mulN1r -EZ -ED; apply: eq_E => a; ring. Qed.

Lemma Ec c : E (fun=> c) = c.
Proof. by rewrite /E -mulr_suml prob_sum1 mul1r. Qed.

Lemma Esum (J : finType) (P : pred J) (f : J -> joint -> F) :
  E (fun a => \sum_(j | P j) f j a) = \sum_(j | P j) E (f j).
Proof.
by rewrite /E exchange_big; apply: eq_bigr => a _; rewrite mulr_sumr.
Qed.

(* The tower rule: agent i's action may be redrawn. *)
Lemma tower i f : E f = \sum_(x : A i) p x * E (fun a => f (upd a x)).
Proof.
rewrite -[LHS]mul1r -(p_sum1 i) mulr_suml.
under eq_bigr do rewrite /E mulr_sumr.
under [RHS]eq_bigr do rewrite /E mulr_sumr.
rewrite swap_sum; apply: eq_bigr => x _; apply: eq_bigr => a _.
rewrite !mulrA; congr (_ * _).
rewrite /prob (bigD1 i) //= [in RHS](bigD1 i) //= upd_same.
have -> : \prod_(j | j != i) p (upd a x j) = \prod_(j | j != i) p (a j).
  by apply: eq_bigr => j ji; rewrite upd_other.
exact: mulrCA.
Qed.

Lemma towerM i (h : A i -> F) f :
  E (fun a => f a * h (a i)) = \sum_x p x * h x * E (fun a => f (upd a x)).
Proof.
rewrite (tower i); apply: eq_bigr => x _; rewrite -mulrA; congr (_ * _).
by rewrite -EZ; apply: eq_E => a; rewrite upd_same mulrC.
Qed.

Lemma E_Qcf y i : n != 0 -> E (fun a => Qcf y (a i)) = E y / n.
Proof.
move=> n0; rewrite (tower i).
transitivity (\sum_(x : A i) p x * Qcf y x).
  apply: eq_bigr => x _; congr (_ * _); rewrite -[RHS]Ec.
  by apply: eq_E => a; rewrite upd_same.
under eq_bigr do rewrite /Qcf mulrBr.
rewrite sumrB -mulr_suml p_sum1 -tower.
by field.
Qed.

Lemma n_neq0 (i : I) : n != 0.
Proof. by rewrite pnatr_eq0 -lt0n; apply/card_gt0P; exists i. Qed.

(* The residual of the counterfactual credits has conditional mean zero
   given any one agent's action.                                            *)
Lemma residual_mean0 y i (x : A i) :
  E (fun a => y (upd a x) - Qtot (Qcf y) (upd a x)) = 0.
Proof.
have n0 := n_neq0 i.
rewrite EB /Qtot Esum (bigD1 i) //=.
have -> : E (fun a => Qcf y (upd a x i)) = Qcf y x.
  by rewrite -[RHS]Ec; apply: eq_E => a; rewrite upd_same.
rewrite (eq_bigr (fun=> E y / n)); last first.
  move=> j ji; rewrite -(E_Qcf y j n0).
  by apply: eq_E => a; rewrite upd_other.
rewrite sumr_const.
have -> : #|[pred j | j != i]| = (#|I| - 1)%N.
  by rewrite cardC1 subn1.
rewrite /Qcf -mulr_natr natrB; last by apply/card_gt0P; exists i.
by rewrite -/n; field.
Qed.

Lemma Qtot_upd (g : forall i, A i -> F) a i (x : A i) :
  Qtot g (upd a x) = Qtot g a + g i x - g i (a i).
Proof.
rewrite /Qtot (bigD1 i) //= [in RHS](bigD1 i) //= upd_same.
have -> : \sum_(j | j != i) g j (upd a x j) = \sum_(j | j != i) g j (a j).
  by apply: eq_bigr => j ji; rewrite upd_other.
by rewrite [g i (a i) + _]addrC addrAC addrK addrC.
Qed.

(* Factors with the same Q_tot differ by a residue w with sum_i w_i = 0, and only they. *)
Lemma same_Qtot (b : joint) (g h : forall i, A i -> F) :
  (forall a, Qtot h a = Qtot g a) <->
  exists2 w : I -> F, \sum_i w i = 0 & forall i (x : A i), h i x = g i x + w i.
Proof.
split=> [same|[w w0 hE] a]; last first.
  by rewrite /Qtot (eq_bigr _ (fun i _ => hE i (a i))) big_split /= w0 addr0.
exists (fun i => h i (b i) - g i (b i)) => [|i x].
  by rewrite sumrB; apply/eqP; rewrite subr_eq0; apply/eqP/same.
have := same (upd b x); rewrite !Qtot_upd same => /eqP.
rewrite -!addrA (inj_eq (addrI _)) => /eqP e.
by rewrite -[h i x](subrK (h i (b i))) e; ring.
Qed.

End Expectation.

(* -------------------------------- least squares for any data, not only product data *)
Section LeastSquares.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable d : joint -> F.                     (* the data                        *)
Implicit Types (f g y : joint -> F) (Q h : local).

(* the inner product sum_a d(a) f(a) g(a) *)
Definition dot f g : F := \sum_a d a * (f a * g a).

Lemma QtotD Q c h a : Qtot (fun i x => Q i x + c * h i x) a = Qtot Q a + c * Qtot h a.
Proof. by rewrite /Qtot mulr_sumr -big_split. Qed.

(* The normal equations: the residual y - Q_tot is orthogonal to every additive function. *)
Definition normal y Q := forall h, dot (fun a => y a - Qtot Q a) (Qtot h) = 0.

(* Pythagoras: the error of any factors h is the error of Q plus the squared distance
   of the two Q_tot.                                                            *)
Lemma normal_pythagoras y Q h : normal y Q ->
  joint_loss d y (Qtot h) = joint_loss d y (Qtot Q) + \sum_a d a * (Qtot Q a - Qtot h a) ^+ 2.
Proof.
move=> N; have {N} := N (fun i x => Q i x + (-1) * h i x).
rewrite /joint_loss /dot => N; rewrite -[RHS]addr0 -[X in _ + X](mulr0 2%:R) -[X in _ * X]N.
rewrite mulr_sumr -!big_split.
by apply: eq_bigr => a _ /=; rewrite QtotD; ring.
Qed.

Hypothesis d_ge0 : forall a, 0 <= d a.

(* so Q is a least-squares fit ... *)
Lemma normal_fit y Q : normal y Q -> joint_fit d y Q.
Proof.
move=> N h; rewrite (normal_pythagoras h N) le_plus; apply: sumr_ge0 => a _.
by rewrite mulr_ge0 ?sqr_ge0.
Qed.

Lemma squares0 f a : \sum_b d b * f b ^+ 2 <= 0 -> d a * f a = 0.
Proof.
have sq0 b : 0 <= d b * f b ^+ 2 by rewrite mulr_ge0 ?sqr_ge0.
move=> le0; have /eqP : \sum_b d b * f b ^+ 2 = 0 by apply/eqP; rewrite eq_le le0 sumr_ge0.
rewrite psumr_eq0 // => /allP /(_ a (mem_index_enum a)) /=.
by rewrite mulf_eq0 sqrf_eq0 -mulf_eq0 => /eqP.
Qed.

(* ... and every other one has its Q_tot where the data have mass *)
Lemma fit_unique y Q h a : normal y Q -> joint_fit d y h -> 0 < d a -> Qtot h a = Qtot Q a.
Proof.
move=> N opt da; have := opt Q; rewrite (normal_pythagoras h N) plus_le.
by move/(squares0 a)/eqP; rewrite mulf_eq0 gt_eqF //= subr_eq0 => /eqP.
Qed.

End LeastSquares.
