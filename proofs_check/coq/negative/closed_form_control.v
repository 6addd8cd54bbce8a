(* The normal equations of the closed form E[y | x] - (n-1)/n E[y], from first
   principles.

   A control: closed_form_n_minus_2.v has (n-2)/n in place of (n-1)/n, and must not
   compile.

   credit p y x == the closed form with the constant of this file

   residual     what it leaves of y has mean 0 given any action of any agent
   closed_form  so it is orthogonal to every additive function                           *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section ClosedForm.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable p : forall i, A i -> F.
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.
Notation E := (E p).
Notation n := (n_agents F I).

Definition credit (y : joint -> F) i (x : A i) : F :=
  E (fun a => y (upd a x)) - (n - 1) / n * E y.

Lemma residual y i (x : A i) :
  E (fun a => y (upd a x) - Qtot (credit y) (upd a x)) = 0.
Proof.
have n0 := n_neq0 F i.
rewrite EB /Qtot Esum (bigD1 i) //=.
have -> : E (fun a => credit y (upd a x i)) = credit y x.
  by rewrite -[RHS](Ec p_sum1); apply: eq_E => a; rewrite upd_same.
have mean j : E (fun a => credit y (a j)) = E y - (n - 1) / n * E y.
  rewrite /credit EB (Ec p_sum1) (tower p_sum1 j y); congr (_ - _).
  rewrite (tower p_sum1 j); apply: eq_bigr => z _; congr (_ * _).
  by rewrite -[RHS](Ec p_sum1); apply: eq_E => a; rewrite upd_same.
rewrite (eq_bigr (fun=> E y - (n - 1) / n * E y)); last first.
  by move=> j ji; rewrite -(mean j); apply: eq_E => a; rewrite upd_other.
rewrite sumr_const.
have -> : #|[pred j | j != i]| = (#|I| - 1)%N by rewrite cardC1 subn1.
rewrite /credit -[X in _ - (_ + X)]mulr_natr natrB; last by apply/card_gt0P; exists i.
by rewrite -/n; field. (* the step that needs the constant *)
Qed.

Theorem closed_form y g : E (fun a => (y a - Qtot (credit y) a) * Qtot g a) = 0.
Proof.
under eq_E do rewrite {2}/Qtot mulr_sumr.
rewrite Esum big1 // => i _.
rewrite (towerM p_sum1 (g i) (fun a => y a - Qtot (credit y) a)).
by rewrite big1 // => x _; rewrite residual mulr0.
Qed.
End ClosedForm.
