(* Ties matter in Theorem 4: under the set reading of IGM a coordination table is not
   representable, and its fit has no minimiser.

   Two agents, two actions each, any ordered field, any data with full support.

   coordination == the table [[1,0],[0,1]]

   set_igm_excludes  it is not in the set-IGM class
   set_igm_infimum   members of the class fit it with any small error
   set_igm_no_fit    so no member fits it best

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model FQI TwoAgents Theorem4.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section SetIGM.
Variable F : realFieldType.
Notation joint := {dffun forall i : bool, bool}.
Notation set_igm := (@set_igm F (finite bool) (fun=> (finite bool))).
Notation joint_loss := (@joint_loss F (finite bool) (fun=> (finite bool))).

(* the table [[1,0],[0,1]] *)
Definition coordination (a : joint) : F := if a false == a true then 1 else 0.

Lemma coordination_le1 a : coordination a <= 1.
Proof. by rewrite /coordination; case: eqP => _; rewrite ?lexx ?ler01. Qed.

(* [[1,0],[0,1]] is not in the set-IGM class.
   Source: ours. *)
Theorem set_igm_excludes (q : joint -> F) : (forall a, q a = coordination a) -> ~ set_igm q.
Proof.
move=> qE [Q igm].
have top x : greedy Q (act x x : {dffun forall i : finite bool, finite bool}).
  by apply/igm => b; rewrite !qE [X in _ <= X]/coordination act1 act2 eqxx coordination_le1.
have /igm /(_ (act false false)) : greedy Q (act false true : {dffun forall i : finite bool, finite bool}).
  move=> i x; rewrite /= ffunE; case: i x => x.
    by have := top true true x; rewrite ffunE.
  by have := top false false x; rewrite ffunE.
by rewrite !qE /coordination !act1 !act2 /= leNgt ltr01.
Qed.

Variable d : joint -> F.
Hypothesis d_gt0 : forall a, 0 < d a.

(* Its distance to the class is zero: some members fit it with any small error.
   Source: ours. *)
Theorem set_igm_infimum (e : F) : 0 < e ->
  exists q, set_igm q /\ joint_loss d coordination q < e.
Proof.
move=> e0; have d0 := ltW (d_gt0 (act false false)).
have e2 : 0 < e / 2%:R by rewrite divr_gt0 ?ltr0n.
have [t1 t1_gt0 le1] := small d0 e2.
have [t [t0 tt1 t_le1]] := smaller t1_gt0 (@ltr01 F).
pose q a := coordination a + (if a == act false false then t else 0).
have q_top b : b != act false false -> q b <= 1.
  by move=> /negbTE nb; rewrite /q nb addr0 coordination_le1.
have q00 : q (act false false) = 1 + t by rewrite /q eqxx /coordination act1 act2 eqxx.
exists q; split.
  exists (fun _ x => if x then 0 else 1) => a; split=> [max|gr].
    suff -> : a = act false false by move=> i x; rewrite ffunE; case: i x => -[]; rewrite ?lexx ?ler01.
    apply/eqP/negPn/negP => na; have := max (act false false).
    rewrite q00 => /le_trans /(_ (q_top a na)).
    by rewrite plus_le leNgt t0.
  have -> : a = act false false.
    have no i : a i = false.
      by have := gr i false; case: (a i) => //; rewrite leNgt ltr01.
    by apply: actP.
  move=> b; have [->|nb] := eqVneq b (act false false); first exact: lexx.
  by apply: le_trans (q_top b nb) _; rewrite q00 le_plus ltW.
rewrite /Model.joint_loss (bigD1 (act false false)) //= big1 => [|b /negbTE nb]; last first.
  by rewrite /q nb addr0 subrr expr0n mulr0.
rewrite addr0 /q eqxx opprD addrA subrr add0r sqrrN.
apply: (@le_lt_trans _ _ (e / 2%:R)); last first.
  rewrite -subr_gt0 (_ : _ - _ = e / 2%:R) //; by field.
apply: le_trans (le1 t tt1); apply: le_mul2l => //.
rewrite expr2 -[X in _ <= X]mul1r; apply: le_mul2r => //; exact: ltW.
Qed.

(* So the least-squares fit of [[1,0],[0,1]] in the set-IGM class is not attained.
   Source: ours. *)
Theorem set_igm_no_fit (q : joint -> F) : set_igm q ->
  exists q', set_igm q' /\ joint_loss d coordination q' < joint_loss d coordination q.
Proof.
move=> igm; apply: set_igm_infimum; rewrite ltNge; apply/negP => le0.
apply: (@set_igm_excludes q) igm => a.
exact: (@joint_loss0 F (finite bool) (fun=> (finite bool)) d d_gt0 coordination q le0 a).
Qed.
End SetIGM.
