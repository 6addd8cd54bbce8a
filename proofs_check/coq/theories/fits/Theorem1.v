(* Theorem 1: linear value factorisation is counterfactual credit assignment.

   Any finite set of n agents, any finite action sets (a different one per agent), any
   ordered field. Product data: agent i draws from p_i, sum_x p_i(x) = 1; p_i >= 0 from
   counterfactual_is_optimal on. y(a): any targets at one state. The closed form (Qcf of
   Model.v) is

       Q_cf,i(x) = E_{a'_-i}[ y(x, a'_-i) ] - (n-1)/n E_{a'}[ y(a') ].

   normal_equations           its residual is orthogonal to every additive function
   pythagoras                 loss(h) = loss(Q_cf) + E[(sum_i Q_cf,i - sum_i h_i)^2]
   counterfactual_is_optimal  it is a least-squares fit
   residue_is_optimal         so is Q_cf,i + w_i with sum_i w_i = 0
   Qtot_unique_on_support     every fit has its Q_tot where the data have mass
   minimisers                 full support: the fits are exactly Q_cf,i + w_i with sum_i
                              w_i = 0

   Source: arXiv 2006.00587, Theorem 1 (closed form and its residue w); the statements
   for minimisers without full support are ours.                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
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
Proof. exact: normal_pythagoras (normal_equations y). Qed.

Hypothesis p_ge0 : forall i (x : A i), 0 <= p x.

Lemma prob_ge0 a : 0 <= prob p a.
Proof. exact: prodr_ge0. Qed.

(* The closed form minimises the squared error over all linear factorisations.
   Source: arXiv 2006.00587, Theorem 1 (Theorem 1 of CSE510 lecture 25). *)
Theorem counterfactual_is_optimal (y : joint -> F) : best_fit p y (Qcf p y).
Proof. exact: (normal_fit prob_ge0 (normal_equations y)). Qed.

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
Proof. by move=> opt a; apply: (fit_unique prob_ge0 (normal_equations y) opt). Qed.

(* Theorem 1: with full support, the least-squares linear factorisations are
   exactly Q_cf,i(x) + w_i with sum_i w_i = 0.
   Source: arXiv 2006.00587, Theorem 1 (Theorem 1 of CSE510 lecture 25). *)
Theorem minimisers (y : joint -> F) (h : forall i, A i -> F) :
  (forall i (x : A i), 0 < p x) ->
  best_fit p y h <->
  exists2 w : I -> F, \sum_i w i = 0
                    & forall i (x : A i), h i x = Qcf p y x + w i.
Proof.
move=> p_gt0; split=> [opt|[w w0 hE] k].
  apply/(same_Qtot (a0 p_sum1)) => a.
  by apply: Qtot_unique_on_support => //; apply: prodr_gt0 => i _.
rewrite (_ : loss p y h = loss p y (fun i x => Qcf p y x + w i)).
  exact: residue_is_optimal.
by apply: eq_E => a; congr ((_ - _) ^+ 2); apply: eq_bigr => i _.
Qed.

End Theorem1.
