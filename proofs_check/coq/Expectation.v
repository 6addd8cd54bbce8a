(* Lemmas on updates, product distributions, expectations and the counterfactual
   credits.  No theorem here: the tools of Theorem1.v.                          *)
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

Hypothesis p_ge0 : forall i (x : A i), 0 <= p x.

Lemma E_ge0 f : (forall a, 0 <= f a) -> 0 <= E f.
Proof.
by move=> f0; apply: sumr_ge0 => a _; rewrite mulr_ge0 ?prodr_ge0.
Qed.

End Expectation.
