(* Completeness of QPLEX: exactly the Q_tot with a product argmax set are realised.

   Any finite non-empty set of agents, any finite action sets, any ordered field.

   product_argmax q == the set of joint maximisers of q is a product of sets of actions
      realised a0 q == q is a QPLEX mixing of some factors with weights lambda_i(a) > 0
             corner == the table [[1,0],[0,0]] of two agents with two actions each

   qplex_complete               every q with a product argmax set is realised
   qplex_only                   and no other one
   qplex_exactly                both, as one equivalence
   qplex_state_only_incomplete  no weights that do not depend on the joint action
                                realise the table corner

   Source: arXiv 2008.01062 (completeness for IGM-consistent Q_tot); the exact form with
   a product argmax set, its converse and the witness against weights that do not depend
   on the joint action are ours.                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model QPLEX.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Complete.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable i0 : I.                             (* there is some agent             *)
Variable a0 : joint.                         (* there is some joint action      *)

(* The set of joint maximisers of q is a product of individual action sets B_i. *)
Definition product_argmax (q : joint -> F) :=
  exists B : forall i, pred (A i), forall a, (forall b, q b <= q a) <-> (forall i, B i (a i)).

(* q is a QPLEX mixing of some factors with positive weights. *)
Definition realised (q : joint -> F) :=
  exists (Q : forall i, A i -> F) (lambda : I -> joint -> F),
    (forall i a, 0 < lambda i a) /\ forall a, q a = qplex a0 Q lambda a.

(* Every Q_tot whose argmax set is a product set is realised: with m = max Q_tot,
   n agents and k(a) the number of agents with a_i outside B_i, take
   Q_i(x) = m/n for x in B_i and m/n - 1 otherwise, lambda_i(a) = (m - Q_tot(a))/k(a)
   when k(a) > 0 and 1 otherwise.
   Source: arXiv 2008.01062 (completeness for IGM); exact form: ours. *)
Theorem qplex_complete (q : joint -> F) : product_argmax q -> realised q.
Proof.
move=> [B argB]; pose top := [arg max_(a > a0) q a]%O.
have top_max b : q b <= q top.
  by rewrite /top; case: Order.TotalTheory.arg_maxP => // a _; apply.
have topB i : B i (top i) by have [/(_ top_max) ] := argB top.
pose m := q top; pose n : F := #|I|%:R.
have n0 : n != 0 by rewrite pnatr_eq0 -lt0n; apply/card_gt0P; exists i0.
pose bad (a : joint) := [pred i | ~~ B i (a i)].
pose Q i (x : A i) : F := m / n - (if B i x then 0 else 1).
pose lambda (i : I) (a : joint) : F :=
  if [forall i, B i (a i)] then 1 else (m - q a) / #|bad a|%:R.
exists Q, lambda.
have QmaxE i : Qmax a0 Q i = m / n.
  apply/eqP; rewrite eq_le; apply/andP; split.
    by rewrite /Qmax /Q -subr_ge0 opprB addrC subrK; case: (B _ _); rewrite ?lexx ?ler01.
  by apply: le_trans (Qmax_ge a0 Q (top i)); rewrite /Q topB subr0.
have badP (a : joint) : ~~ [forall i, B i (a i)] -> (0 < #|bad a|)%N.
  by rewrite negb_forall => /existsP [i ni]; apply/card_gt0P; exists i.
have lt (a : joint) : ~~ [forall i, B i (a i)] -> q a < m.
  move=> nB; rewrite lt_neqAle top_max andbT; apply: contra nB => /eqP qa.
  by apply/forallP; apply/argB => b; rewrite qa.
split=> [i a|a].
  rewrite /lambda; case: ifPn => [_|nB]; first exact: ltr01.
  by rewrite divr_gt0 ?subr_gt0 ?lt // ltr0n badP.
rewrite qplexE (eq_bigr _ (fun i _ => QmaxE i)) sumr_const -[X in X - _]mulr_natr divfK //.
have gapE i : gap a0 Q lambda a i = lambda i a * (if B i (a i) then 0 else 1).
  by rewrite /gap QmaxE /Q opprB addrC subrK.
rewrite (eq_bigr _ (fun i _ => gapE i)) /lambda; case: ifPn => [/forallP allB|nB].
  rewrite big1 ?subr0 => [|i _]; last by rewrite allB mulr0.
  have [_ /(_ allB) am] := argB a.
  by apply/eqP; rewrite eq_le; apply/andP; split; [apply: top_max|apply: am].
rewrite -mulr_sumr (_ : \sum_i _ = #|bad a|%:R).
  by rewrite divfK ?subKr // pnatr_eq0 -lt0n badP.
rewrite -sum1_card natr_sum [RHS]big_mkcond /=; apply: eq_bigr => i _.
by rewrite inE; case: (B i (a i)).
Qed.

(* None other is: a realised Q_tot has a product argmax set, whatever lambda > 0.
   Source: ours. *)
Theorem qplex_only (q : joint -> F) : realised q -> product_argmax q.
Proof.
move=> [Q [lambda [l0 qE]]]; exists (fun i x => Q i x == Qmax a0 Q i) => a.
have [joint_to_own own_to_joint] := qplex_igm a0 Q l0 a; split=> [opt i|gr b].
  apply/eqP/eqP; rewrite eq_le Qmax_ge /=; apply: joint_to_own => b.
  by rewrite -!qE.
rewrite !qE; apply: own_to_joint => i x; have /eqP -> := gr i; exact: Qmax_ge.
Qed.

(* QPLEX realises exactly the Q_tot with a product argmax set.
   Source: ours. *)
Theorem qplex_exactly (q : joint -> F) : realised q <-> product_argmax q.
Proof. by split; [apply: qplex_only|apply: qplex_complete]. Qed.

End Complete.

Section StateOnly.
Variable F : realFieldType.
Notation joint := {dffun forall i : bool, bool}.

(* the payoff table [[1,0],[0,0]] *)
Definition corner (a : joint) : F := if ~~ a false && ~~ a true then 1 else 0.

(* Weights lambda_i that do not depend on the joint action are not complete:
   [[1,0],[0,0]] has a single maximiser but is not realised by any of them (of any
   sign).
   Source: ours. *)
Theorem qplex_state_only_incomplete (a0 : joint) (Q : bool -> bool -> F) (lambda : bool -> F) :
  ~ (forall a, corner a = @qplex F (finite bool) (fun=> (finite bool)) a0 Q (fun i _ => lambda i) a).
Proof.
pose act (x z : bool) : joint := [ffun i : bool => if i then z else x].
move=> eq; have := eq (act false false); have := eq (act false true).
have := eq (act true false); have := eq (act true true).
rewrite /corner /qplex !big_bool !ffunE /=.
set u := Qmax _ _ _; set v := Qmax _ _ _ => e11 e10 e01 e00.
have /eqP : (1 : F) = 0.
  transitivity (1 + 0 - 0 - 0 : F); first by ring.
  rewrite {1}e00 {1}e11 {1}e10 {1}e01; ring.
by rewrite oner_eq0.
Qed.
End StateOnly.
