(* Altered statements are false.

   The altered constants are those of the folder negative, where the proof scripts fail
   on them.

   closed_form_n_minus_2_refuted    the closed form with (n-2)/n does not fit y = 1
   igm_nonnegative_weights_refuted  QPLEX with lambda = 0 violates IGM
   divergence_79_refuted            at gamma = 79/100 no run of the two-state example is
                                    unbounded

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI TwoAgents Theorem3 QPLEX ValueSpace.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section ClosedForm.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable i0 : I.                             (* there is some agent             *)
Variable p : forall i, A i -> F.
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.

(* With (n-2)/n in place of (n-1)/n the closed form is never a least-squares fit of
   the constant targets y = 1: its Q_tot is 2.
   Source: ours. *)
Theorem closed_form_n_minus_2_refuted (y : joint -> F) (a0 : joint) : (forall a, y a = 1) ->
  ~ best_fit p y (fun i (x : A i) =>
      E p (fun a => y (upd a x)) - (n_agents F I - 2%:R) / n_agents F I * E p y).
Proof.
move=> y1 opt; have n0 := n_neq0 F i0.
have Ey : E p y = 1 by rewrite -[RHS](Ec p_sum1); apply: eq_E.
have Eu i (x : A i) : E p (fun a => y (upd a x)) = 1.
  by rewrite -[RHS](Ec p_sum1); apply: eq_E.
have := opt (Qcf p y); rewrite (_ : loss p y (Qcf p y) = 0); last first.
  rewrite -[RHS](Ec p_sum1); apply: eq_E => a; rewrite y1.
  rewrite (_ : Qtot _ _ = 1) ?subrr ?expr0n // -[RHS](fitted_const p_sum1 i0 1 a).
  by apply: eq_bigr => i _; rewrite /Qcf Eu Ey !Ec.
rewrite (_ : loss p y _ = 1); first by rewrite leNgt ltr01.
rewrite -[RHS](Ec p_sum1); apply: eq_E => a; rewrite y1.
rewrite (_ : Qtot _ _ = 2%:R); first by ring.
rewrite /Qtot (eq_bigr (fun=> 2%:R / n_agents F I)) => [|i _].
  by rewrite sumr_const -[LHS]mulr_natr -/(n_agents F I) divfK.
by rewrite Eu Ey; field.
Qed.
End ClosedForm.

(* With lambda >= 0 IGM fails: for lambda = 0 there is a joint maximiser that is not
   greedy.
   Source: ours. *)
Theorem igm_nonnegative_weights_refuted (F : realFieldType) :
  exists (Q : bool -> bool -> F) (lambda : bool -> {dffun forall i : bool, bool} -> F) a,
    let q := @qplex F (finite bool) (fun=> (finite bool)) (act false false) Q lambda in
    [/\ forall i b, 0 <= lambda i b, forall b, q b <= q a
      & ~ @greedy F (finite bool) (fun=> (finite bool)) Q a].
Proof.
exists (fun _ x => if x then 1 else 0), (fun _ _ => 0), (act false false); split=> // [b|gr].
  by rewrite /qplex le_plus2l !big1 // => i _; rewrite mul0r.
by have := gr true true; rewrite ffunE /= leNgt ltr01.
Qed.

(* At gamma = 79/100 no run of the two-state example with V(s0) = 0 is unbounded.
   Source: ours. *)
Theorem divergence_79_refuted (F : realFieldType) V Q :
  @uniform_run F (79%:R / 100%:R) V Q -> V 0%N false = 0 -> ~ unbounded (fun t => V t true).
Proof.
move=> run start un; set l : F := 3%:R / (4%:R - 5%:R * (79%:R / 100%:R)).
have g0 : 0 <= 79%:R / 100%:R :> F by apply: divr_ge0; apply: ler0n.
have g1 : 79%:R / 100%:R < 4%:R / 5%:R :> F.
  rewrite -subr_gt0 (_ : _ - _ = 1 / 100%:R); last by field.
  by rewrite divr_gt0 ?ltr01 ?ltr0n.
pose c := `|V 0%N true - l|; have [t] := un (l + c).
rewrite ltNge => /negP []; have := theorem3_contracts g0 run start t g1.
rewrite -/l -/c => le; rewrite -[V t true](subrK l) addrC; apply: le_sum2 => //.
apply: le_trans (le_norm le) _; rewrite -[X in _ <= X]mul1r.
apply: le_mul2r; first exact: normr_ge0.
have k0 : 0 <= 5%:R * (79%:R / 100%:R) / 4%:R :> F by pos.
apply: exprn_ile1 => //; rewrite -subr_ge0 (_ : _ - _ = 1 / 80%:R); last by field.
by apply: divr_ge0; [apply: ler01|apply: ler0n].
Qed.
