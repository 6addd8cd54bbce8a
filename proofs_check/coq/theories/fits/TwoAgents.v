(* Two agents with two actions each: expectations and closed form written out.

   No theorem here: tools for the examples. Agents and actions are booleans: false is
   the first agent, and action 0.

   act x z == the joint action (x, z)

   E_two        E[Y(a_1, a_2)] as a sum of four
   E_first      E[y] given the action of the first agent
   E_second     E[y] given the action of the second agent
   credits_two  the sum of both credits of an action each
   Qtot_two     Q_tot of the closed form, E[y|x,.] + E[y|.,z] - E[y]                     *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section TwoAgents.
Variable F : realFieldType.
(* The agents are the booleans (false first, true second); so are the actions
   (false is action 0, true is action 1).                                        *)
Notation joint := {dffun forall i : bool, bool}.
Notation local := (forall i : bool, bool -> F).
Notation E := (@E F (finite bool) (fun=> (finite bool))).
Notation Qtot := (@Qtot F (finite bool) (fun=> (finite bool))).
Notation Qcf := (@Qcf F (finite bool) (fun=> (finite bool))).

Variable p : local.
Hypothesis p_sum1 : forall i, p i false + p i true = 1.

Lemma two_sum1 (i : bool) : \sum_(x : finite bool) p i x = 1.
Proof. by rewrite big_bool /= addrC. Qed.

Lemma E_two (Y : bool -> bool -> F) :
  E p (fun a => Y (a false) (a true)) =
  p false false * (p true false * Y false false + p true true * Y false true) +
  p false true * (p true false * Y true false + p true true * Y true true).
Proof.
transitivity (\sum_(x : bool) p false x * \sum_(z : bool) p true z * Y x z).
  rewrite (tower two_sum1 false); apply: eq_bigr => x _; congr (_ * _).
  rewrite (tower two_sum1 true); apply: eq_bigr => z _; congr (_ * _).
  rewrite -[RHS](Ec two_sum1); apply: eq_E => a.
  by rewrite upd_same upd_other // upd_same.
by rewrite !big_bool /=; ring.
Qed.

Variables (y : joint -> F) (Y : bool -> bool -> F).
Hypothesis yE : forall a, y a = Y (a false) (a true).

(* the conditional expectations given one agent's action *)
Lemma E_first x :
  E p (fun a => y (upd a (i := false) x)) = p true false * Y x false + p true true * Y x true.
Proof.
transitivity (E p (fun a => (fun _ z => Y x z) (a false) (a true))).
  by apply: eq_E => a; rewrite yE upd_same upd_other.
rewrite (E_two (fun _ z => Y x z)) -mulrDl p_sum1 mul1r //.
Qed.

Lemma E_second z :
  E p (fun a => y (upd a (i := true) z)) = p false false * Y false z + p false true * Y true z.
Proof.
transitivity (E p (fun a => (fun x _ => Y x z) (a false) (a true))).
  by apply: eq_E => a; rewrite yE upd_same upd_other.
rewrite (E_two (fun x _ => Y x z)) -![p true false * _ + _]mulrDl p_sum1 !mul1r //.
Qed.

Lemma E_both : E p y = 
  p false false * (p true false * Y false false + p true true * Y false true) +
  p false true * (p true false * Y true false + p true true * Y true true).
Proof. by rewrite -E_two; apply: eq_E. Qed.

Lemma credits_two x z :
  Qcf p y (i := false) x + Qcf p y (i := true) z =
  (p true false * Y x false + p true true * Y x true) +
  (p false false * Y false z + p false true * Y true z) -
  (p false false * (p true false * Y false false + p true true * Y false true) +
   p false true * (p true false * Y true false + p true true * Y true true)).
Proof.
rewrite /Model.Qcf E_first E_second E_both.
by rewrite /n_agents card_bool; field.
Qed.

(* Q_tot of the closed form: E[y|x,.] + E[y|.,z] - E[y] *)
Lemma Qtot_two (a : joint) :
  Qtot (Qcf p y) a =
  (p true false * Y (a false) false + p true true * Y (a false) true) +
  (p false false * Y false (a true) + p false true * Y true (a true)) -
  (p false false * (p true false * Y false false + p true true * Y false true) +
   p false true * (p true false * Y true false + p true true * Y true true)).
Proof. by rewrite -(credits_two (a false) (a true)) /Model.Qtot big_bool /= addrC. Qed.

End TwoAgents.

(* the joint action (x, z) *)
Definition act (x z : bool) : {dffun forall i : bool, bool} := [ffun i : bool => if i then z else x].

Lemma act1 x z : act x z false = x. Proof. by rewrite ffunE. Qed.
Lemma act2 x z : act x z true = z. Proof. by rewrite ffunE. Qed.

Lemma actP (a : {dffun forall i : bool, bool}) x z : a false = x -> a true = z -> a = act x z.
Proof. by move=> a1 a2; apply/ffunP => -[]; rewrite ffunE. Qed.
