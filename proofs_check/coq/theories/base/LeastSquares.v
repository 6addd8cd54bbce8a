(* A solution of the normal equations for any data d(a) >= 0 on the joint actions: the
   indicators of single actions are orthogonalised (Gram-Schmidt).

   No theorem here: the tools of JointData.v.

      indicator j == the factors that are 1 at agent i's action x and 0 elsewhere, j =
                     (i, x)
     fit_by d l y == the fit of y by the indicators in the list l
   residual d l f == what they leave of f
      credits d y == the fit of y by all indicators: least-squares credits of y

   residual_orthogonal  what is left of f is orthogonal to the indicators in l, and to
                        every fit by them
   credits_normal       the credits solve the normal equations                           *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section LeastSquares.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable d : joint -> F.
Notation dot := (dot d).
Notation normal := (normal d).
Implicit Types (f g y : joint -> F) (Q h : local).

Lemma eq_dot f f' g g' : (forall a, f a = f' a) -> (forall a, g a = g' a) -> dot f g = dot f' g'.
Proof. by move=> ff gg; apply: eq_bigr => a _; rewrite ff gg. Qed.

Lemma dotC f g : dot f g = dot g f.
Proof. by apply: eq_bigr => a _; rewrite [f a * _]mulrC. Qed.

Lemma dotD c f f' g : dot (fun a => f a + c * f' a) g = dot f g + c * dot f' g.
Proof. by rewrite /dot mulr_sumr -big_split; apply: eq_bigr => a _ /=; ring. Qed.

Lemma dot_sum (J : finType) (k : J -> F) (f : J -> joint -> F) g :
  dot (fun a => \sum_j k j * f j a) g = \sum_j k j * dot (f j) g.
Proof.
rewrite /dot; under eq_bigr do rewrite mulr_suml mulr_sumr.
rewrite exchange_big; apply: eq_bigr => j _ /=; rewrite mulr_sumr.
by apply: eq_bigr => a _; ring.
Qed.

Lemma Qtot_sum (J : finType) (k : J -> F) (h : J -> local) a :
  Qtot (fun i x => \sum_j k j * h j i x) a = \sum_j k j * Qtot (h j) a.
Proof. by rewrite /Qtot exchange_big; apply: eq_bigr => j _; rewrite mulr_sumr. Qed.

Lemma eq_normal y y' Q : (forall a, y a = y' a) -> normal y Q -> normal y' Q.
Proof. by move=> yy N h; rewrite -(N h); apply: eq_dot => // a; rewrite yy. Qed.

(* the normal equations are linear in the targets *)
Lemma normal_lin (J : finType) y Q c (k : J -> F) (f : J -> joint -> F) (h : J -> local) :
  normal y Q -> (forall j, normal (f j) (h j)) ->
  normal (fun a => y a + c * \sum_j k j * f j a) (fun i x => Q i x + c * \sum_j k j * h j i x).
Proof.
move=> N Nf u; pose res j a := f j a - Qtot (h j) a.
rewrite (eq_dot (f' := fun a => (y a - Qtot Q a) + c * \sum_j k j * res j a) (g' := Qtot u)) // => [|a].
  by rewrite dotD N dot_sum big1 ?mulr0 ?addr0 // => j _; rewrite Nf mulr0.
rewrite QtotD Qtot_sum /res.
under [in RHS]eq_bigr do rewrite mulrBr.
by rewrite sumrB; ring.
Qed.

(* ------------------------------------------------------------- Gram-Schmidt *)
Hypothesis d_ge0 : forall a, 0 <= d a.

(* agent i's indicator of its action x, one for every pair j = (i, x) *)
Definition indicator (j : {i : I & A i}) : local := fun i x => (Tagged A x == j)%:R.

(* the fit by the indicators in l *)
Fixpoint fit_by (l : seq {i : I & A i}) y : local :=
  if l is j :: l' then
    let e i (x : A i) := indicator j x + (-1) * fit_by l' (Qtot (indicator j)) x in
    fun i x => fit_by l' y x + dot y (Qtot e) / dot (Qtot e) (Qtot e) * e i x
  else fun _ _ => 0.

(* also where <g,g> = 0: the quotient is 0 there *)
Lemma coefficient f g : dot f g / dot g g * dot g g = dot f g.
Proof.
have [g0|gn] := eqVneq (dot g g) 0; last by rewrite divfK.
rewrite g0 mulr0 /dot big1 // => a _; rewrite mulrCA (squares0 d_ge0 (f := g)) ?mulr0 //.
by rewrite -[X in _ <= X]g0; apply: ler_sum => b _; rewrite expr2.
Qed.

(* what the indicators in l leave of f *)
Definition residual l f a := f a - Qtot (fit_by l f) a.

Lemma residual_orthogonal l f :
  (forall g, dot (residual l f) (Qtot (fit_by l g)) = 0) /\
  forall j, j \in l -> dot (residual l f) (Qtot (indicator j)) = 0.
Proof.
elim: l f => [|j l IH] f.
  by split=> // g; rewrite /dot big1 // => a _; rewrite [Qtot _ _]big1 ?mulr0.
pose u := Qtot (indicator j); pose e i (x : A i) := indicator j x + (-1) * fit_by l u x.
pose c y := dot y (Qtot e) / dot (Qtot e) (Qtot e).
have consE y a : Qtot (fit_by (j :: l) y) a = Qtot (fit_by l y) a + c y * Qtot e a by apply: QtotD.
have eE a : Qtot e a = residual l u a by rewrite QtotD mulN1r.
have e0 g : dot (Qtot e) (Qtot (fit_by l g)) = 0 by rewrite (eq_dot eE (fun=> erefl)) (IH u).1.
have re g : dot (residual (j :: l) f) g = dot (residual l f) g - c f * dot (Qtot e) g.
  rewrite -mulNr -dotD; apply: eq_dot => // a.
  by rewrite /residual consE; ring.
have fe : dot (residual l f) (Qtot e) = dot f (Qtot e).
  rewrite (eq_dot (f' := fun a => f a + (-1) * Qtot (fit_by l f) a) (g' := Qtot e)) // => [|a].
    by rewrite dotD [dot (Qtot (fit_by _ _)) _]dotC e0 mulr0 addr0.
  by rewrite mulN1r.
have old g : dot (residual (j :: l) f) (Qtot (fit_by l g)) = 0.
  by rewrite re (IH f).1 e0 mulr0 subr0.
have new : dot (residual (j :: l) f) (Qtot e) = 0.
  by rewrite re fe coefficient subrr.
split=> [g|k].
  rewrite dotC (eq_dot (consE g) (fun=> erefl)) dotD !(dotC _ (residual _ _)).
  by rewrite old new mulr0 addr0.
rewrite inE => /orP [/eqP ->|kl]; last first.
  by rewrite re (eq_dot eE (fun=> erefl)) !(IH _).2 // mulr0 subrr.
rewrite dotC (eq_dot (f' := fun a => Qtot e a + 1 * Qtot (fit_by l u) a) (g' := residual (j :: l) f)) // => [|a].
  by rewrite dotD !(dotC _ (residual _ _)) old new mulr0 addr0.
by rewrite eE /residual mul1r subrK.
Qed.

(* the least-squares credits of y under the data d *)
Definition credits y : local := fit_by (enum {: {i : I & A i}}) y.

Lemma credits_normal y : normal y (credits y).
Proof.
move=> h; pose H (j : {i : I & A i}) := h (tag j) (tagged j).
rewrite (eq_dot (f' := fun a => y a - Qtot (credits y) a)
                (g' := fun a => \sum_j H j * Qtot (indicator j) a)) // => [|a].
  rewrite dotC dot_sum big1 // => j _; rewrite dotC.
  by rewrite (residual_orthogonal _ y).2 ?mulr0 // mem_enum.
rewrite -Qtot_sum; apply: eq_bigr => i _.
rewrite (bigD1 (Tagged A (a i))) //= /indicator eqxx mulr1 big1 ?addr0 // => j /negbTE.
by rewrite eq_sym => ->; rewrite mulr0.
Qed.
End LeastSquares.
