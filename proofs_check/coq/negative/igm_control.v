(* IGM of the QPLEX mixing with weights lambda_i(a) > 0.

   A control: igm_nonnegative_weights.v has lambda_i(a) >= 0 in place of lambda_i(a) >
   0, and must not compile.

   gap_nonnegative  no action gains on the best one
   igm              the joint maximisers are exactly the tuples of individual maximisers *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model QPLEX.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section IGM.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variables (a0 : joint) (Q : forall i, A i -> F) (lambda : I -> joint -> F).
Hypothesis weights : forall i a, 0 < lambda i a.
Notation q := (qplex a0 Q lambda).
Notation gap := (gap a0 Q lambda).

Lemma gap_nonnegative (a : joint) i : 0 <= gap a i.
Proof.
apply: mulr_ge0; last by rewrite subr_ge0 Qmax_ge.
by first [exact: weights | exact/ltW/weights].
Qed.

Theorem igm (a : joint) : (forall b, q b <= q a) <-> greedy Q a.
Proof.
split=> [opt i x|gr b]; last first.
  rewrite (@qplex_greedy F I A a0 Q lambda a); last first.
    by move=> i; apply/eqP; rewrite eq_le Qmax_ge gr.
  by rewrite qplexE plus_le oppr_le0 sumr_ge0 // => i _; apply: gap_nonnegative.
have := opt [ffun i => best a0 Q i].
rewrite qplex_greedy => [|j]; last by rewrite ffunE.
rewrite qplexE le_plus oppr_ge0 => le0.
have /eqP : \sum_i gap a i = 0.
  by apply/eqP; rewrite eq_le le0 sumr_ge0 // => j _; apply: gap_nonnegative.
rewrite psumr_eq0 => [|j _]; last exact: gap_nonnegative.
move=> /allP /(_ i (mem_index_enum i)) /=.
have l0 : 0 < lambda i a by exact: weights. (* the step that needs lambda > 0 *)
rewrite /QPLEX.gap mulf_eq0 gt_eqF //= subr_eq0 => /eqP <-.
exact: Qmax_ge.
Qed.
End IGM.
