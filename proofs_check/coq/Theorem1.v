(* Theorem 1: linear value factorisation is counterfactual credit assignment.

   Setting: any finite set of n agents, any finite action sets (a different one
   per agent), any ordered field.  Data: every agent draws its action
   independently, agent i from p_i, sum_x p_i(x) = 1.  y(a): any targets at one
   state.  Q_cf is the closed form
       Q_cf,i(x) = E_{a'_-i}[ y(x, a'_-i) ] - (n-1)/n E_{a'}[ y(a') ].

   Source: arXiv 2006.00587, Theorem 1 (closed form and its residue w); the
   statements for minimisers without full support are ours.                     *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Theorem1.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable p : forall i, A i -> F.
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.

(* Normal equations: the residual of the closed form is orthogonal to every
   additive function, E[ (y - sum_i Q_cf,i) (sum_i h_i) ] = 0 for all h.
   Source: arXiv 2006.00587, Theorem 1 (Theorem 1 of CSE510 lecture 25). *)
Theorem normal_equations (y : joint -> F) (h : forall i, A i -> F) :
  E p (fun a => (y a - Qtot (Qcf p y) a) * Qtot h a) = 0.
Proof.
under eq_E do rewrite {2}/Qtot mulr_sumr.
rewrite Esum big1 // => i _.
rewrite (towerM p_sum1 (h i) (fun a => y a - Qtot (Qcf p y) a)).
by rewrite big1 // => x _; rewrite residual_mean0 // mulr0.
Qed.

(* Pythagoras: the error of any factors h is the error of the closed form plus
   the mean squared distance of the two Q_tot.
   Source: ours (the argument behind Theorem 1). *)
Theorem pythagoras (y : joint -> F) (h : forall i, A i -> F) :
  loss p y h = loss p y (Qcf p y) + E p (fun a => (Qtot (Qcf p y) a - Qtot h a) ^+ 2).
Proof.
pose d i x := Qcf p y (i := i) x - h i x.
have dE a : Qtot d a = Qtot (Qcf p y) a - Qtot h a by rewrite /Qtot -sumrB.
have N := normal_equations y d.
rewrite -[RHS]addr0 -(mulr0 2%:R) -N -EZ /loss -!ED; apply: eq_E => a.
by rewrite dE; ring.
Qed.

Hypothesis p_ge0 : forall i (x : A i), 0 <= p x.

(* The closed form minimises the squared error over all linear factorisations.
   Source: arXiv 2006.00587, Theorem 1 (Theorem 1 of CSE510 lecture 25). *)
Theorem counterfactual_is_optimal (y : joint -> F) : best_fit p y (Qcf p y).
Proof.
by move=> h; rewrite (pythagoras y h) le_plus E_ge0 // => a; rewrite sqr_ge0.
Qed.

(* So does the closed form plus any residue w with sum_i w_i = 0.
   Source: arXiv 2006.00587, Theorem 1 (Theorem 1 of CSE510 lecture 25). *)
Theorem residue_is_optimal (y : joint -> F) (w : I -> F) :
  \sum_i w i = 0 -> best_fit p y (fun i x => Qcf p y x + w i).
Proof.
move=> w0 h; rewrite (_ : loss p y _ = loss p y (Qcf p y)).
  exact: counterfactual_is_optimal.
by apply: eq_E => a; rewrite /Qtot big_split /= w0 addr0.
Qed.

(* Where the data have mass, every minimiser has the same Q_tot (no full support
   needed).
   Source: ours. *)
Theorem Qtot_unique_on_support (y : joint -> F) (h : forall i, A i -> F) :
  best_fit p y h -> forall a, 0 < prob p a -> Qtot h a = Qtot (Qcf p y) a.
Proof.
move=> opt a pa; have := opt (Qcf p y); rewrite (pythagoras y h) plus_le => le0.
have sq0 b : 0 <= prob p b * (Qtot (Qcf p y) b - Qtot h b) ^+ 2.
  by rewrite mulr_ge0 ?sqr_ge0 ?prodr_ge0.
have /eqP : E p (fun a => (Qtot (Qcf p y) a - Qtot h a) ^+ 2) = 0.
  by apply/eqP; rewrite eq_le le0 sumr_ge0.
rewrite psumr_eq0 // => /allP /(_ a (mem_index_enum a)) /=.
by rewrite mulf_eq0 gt_eqF //= sqrf_eq0 subr_eq0 => /eqP.
Qed.

(* Theorem 1: with full support, the least-squares linear factorisations are
   exactly Q_cf,i(x) + w_i with sum_i w_i = 0.
   Source: arXiv 2006.00587, Theorem 1 (Theorem 1 of CSE510 lecture 25). *)
Theorem minimisers (y : joint -> F) (h : forall i, A i -> F) :
  (forall i (x : A i), 0 < p x) ->
  best_fit p y h <->
  exists2 w : I -> F, \sum_i w i = 0
                    & forall i (x : A i), h i x = Qcf p y x + w i.
Proof.
move=> p_gt0; split=> [opt|[w w0 hE] k]; last first.
  rewrite (_ : loss p y h = loss p y (fun i x => Qcf p y x + w i)).
    exact: residue_is_optimal.
  by apply: eq_E => a; congr ((_ - _) ^+ 2); apply: eq_bigr => i _.
have same a : Qtot h a = Qtot (Qcf p y) a.
  by apply: Qtot_unique_on_support => //; apply: prodr_gt0 => i _.
pose a0 := a0 p_sum1.
pose w i := h i (a0 i) - Qcf p y (a0 i).
exists w; first by rewrite /w sumrB; apply/eqP; rewrite subr_eq0; apply/eqP/same.
move=> i x; have := same (upd a0 x); rewrite !Qtot_upd same => e.
have -> : h i x = Qtot (Qcf p y) a0 + h i x - h i (a0 i)
                  - Qtot (Qcf p y) a0 + h i (a0 i) by ring.
by rewrite e /w; ring.
Qed.

End Theorem1.
