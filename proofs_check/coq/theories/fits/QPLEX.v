(* QPLEX (duplex duelling mixing), at one state.

       Q_tot(a) = sum_i max_x Q_i(x) + sum_i lambda_i(a) (Q_i(a_i) - max_x Q_i(x)).

   Any finite set of agents, any finite action sets, any ordered field; a0 is some joint
   action. Linear factorisation (VDN) is the case lambda = 1.

           best a0 Q i == a maximiser of Q_i
           Qmax a0 Q i == max_x Q_i(x)
   qplex a0 Q lambda a == Q_tot(a)
   gap a0 Q lambda a i == lambda_i(a) (max_x Q_i(x) - Q_i(a_i)), what the action of
                          agent i costs

   qplex_igm  lambda > 0: the joint maximisers are exactly the tuples of individual
              maximisers
   qplex_max  lambda > 0: max Q_tot = sum_i max_x Q_i(x), and it is attained

   Source: arXiv 2008.01062 (QPLEX), the duplex duelling form and its IGM property.      *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section QPLEX.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable a0 : joint.                       (* there is some joint action       *)

Section Mixing.
Variable Q : forall i, A i -> F.           (* the agents' utilities            *)
Variable lambda : I -> joint -> F.         (* importance weights lambda_i(a)   *)

Definition best i : A i := [arg max_(x > a0 i) Q x]%O.
Definition Qmax i : F := Q (best i).       (* max over agent i's actions       *)

(* the QPLEX mixing *)
Definition qplex (a : joint) : F :=
  \sum_i Qmax i + \sum_i lambda i a * (Q (a i) - Qmax i).

Lemma Qmax_ge i (x : A i) : Q x <= Qmax i.
Proof. by rewrite /Qmax /best; case: Order.TotalTheory.arg_maxP => //= y _; apply. Qed.

(* how much agent i's action costs, compared with its best one *)
Definition gap (a : joint) i := lambda i a * (Qmax i - Q (a i)).

Lemma qplexE (a : joint) : qplex a = \sum_i Qmax i - \sum_i gap a i.
Proof.
rewrite /qplex -sumrN; congr (_ + _); apply: eq_bigr => i _.
by rewrite /gap -mulrN opprB.
Qed.

Lemma qplex_greedy (a : joint) : (forall i, Q (a i) = Qmax i) -> qplex a = \sum_i Qmax i.
Proof.
move=> eq; rewrite qplexE [X in _ - X]big1 ?subr0 // => i _.
by rewrite /gap eq subrr mulr0.
Qed.

Hypothesis lambda_gt0 : forall i a, 0 < lambda i a.

Lemma gap_ge0 (a : joint) i : 0 <= gap a i.
Proof. by rewrite /gap pmulr_rge0 ?lambda_gt0 // subr_ge0 Qmax_ge. Qed.

(* IGM as sets: with lambda_i(a) > 0 the joint maximisers of Q_tot are exactly
   the tuples of individual maximisers, argmax Q_tot = prod_i argmax Q_i.
   Source: arXiv 2008.01062. *)
Theorem qplex_igm (a : joint) : (forall b, qplex b <= qplex a) <-> greedy Q a.
Proof.
split=> [opt i x|gr b]; last first.
  rewrite (@qplex_greedy a); last first.
    by move=> i; apply/eqP; rewrite eq_le Qmax_ge gr.
  by rewrite qplexE plus_le oppr_le0 sumr_ge0 // => i _; apply: gap_ge0.
have := opt [ffun i => best i].
rewrite qplex_greedy => [|j]; last by rewrite ffunE.
rewrite qplexE le_plus oppr_ge0 => le0.
have /eqP : \sum_i gap a i = 0.
  by apply/eqP; rewrite eq_le le0 sumr_ge0 // => j _; apply: gap_ge0.
rewrite psumr_eq0 => [|j _]; last exact: gap_ge0.
move=> /allP /(_ i (mem_index_enum i)) /=.
rewrite /gap mulf_eq0 gt_eqF //= subr_eq0 => /eqP <-.
exact: Qmax_ge.
Qed.

(* The maximum of Q_tot is the sum of the individual maxima.
   Source: arXiv 2008.01062. *)
Theorem qplex_max : is_max qplex (\sum_i Qmax i).
Proof.
split=> [b|].
  by rewrite qplexE plus_le oppr_le0 sumr_ge0 // => i _; apply: gap_ge0.
by exists [ffun i => best i]; apply: qplex_greedy => i; rewrite ffunE.
Qed.

End Mixing.
End QPLEX.
