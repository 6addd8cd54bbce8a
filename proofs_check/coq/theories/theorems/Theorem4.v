(* Theorem 4: FQI over the selection-IGM class converges globally to Q*.

   Any finite multi-agent MDP, any number of agents, any finite action sets, any ordered
   field, any data d(s,.) with full support (not only product data). T is the Bellman
   optimality operator of the joint MDP (Bellman.v).

   selection_igm_complete      every Q_tot is in the selection-IGM class
   igm_fit_is_target           the fit of y over this class is y, with error 0
   igm_run_exists              there is a run from any initial Q_tot
   igm_run_is_value_iteration  Q_tot^(t) = T^t Q_tot^(0) in every run
   theorem4                    there is one Q* = T Q*, and every run converges to it at
                               rate gamma

   Source: arXiv 2006.00587 (global convergence of FQI-IGM; Theorem 4 of CSE510 lecture
   25); the selection reading of the class and the exact form below are ours.            *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model FQI Bellman BellmanExists.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section OneState.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable a0 : joint.                           (* there is some joint action    *)

(* Every Q_tot is in the selection-IGM class: take Q_i(x) = 1 at agent i's action
   in one joint maximiser, and 0 elsewhere.
   Source: ours. *)
Theorem selection_igm_complete (q : joint -> F) : selection_igm q.
Proof.
pose b := [arg max_(a > a0) q a]%O.
exists (fun i (x : A i) => (x == b i)%:R), b; split=> [i x|c].
  by rewrite eqxx; case: eqP; rewrite /= ?lexx ?ler01.
by rewrite /b; case: Order.TotalTheory.arg_maxP => // a _; apply.
Qed.

Variable d : joint -> F.
Hypothesis d_gt0 : forall a, 0 < d a.          (* full support                  *)

Lemma joint_loss_self (y : joint -> F) : joint_loss d y y = 0.
Proof. by rewrite /joint_loss big1 // => a _; rewrite subrr expr0n mulr0. Qed.

Lemma joint_loss0 (y q : joint -> F) : joint_loss d y q <= 0 -> forall a, q a = y a.
Proof.
move=> le0 a; have sq0 b : 0 <= d b * (y b - q b) ^+ 2.
  by rewrite mulr_ge0 ?sqr_ge0 // ltW.
have /eqP : joint_loss d y q = 0 by apply/eqP; rewrite eq_le le0 sumr_ge0.
rewrite psumr_eq0 // => /allP /(_ a (mem_index_enum a)) /=.
by rewrite mulf_eq0 gt_eqF //= sqrf_eq0 subr_eq0 => /eqP.
Qed.

(* The fit attains error zero, and the fit of y is exactly y.
   Source: ours. *)
Theorem igm_fit_is_target (y q : joint -> F) :
  joint_loss d y y = 0 /\ (igm_fit d y q <-> forall a, q a = y a).
Proof.
split; first exact: joint_loss_self.
split=> [[_ opt]|qy].
  apply: joint_loss0; rewrite -(joint_loss_self y).
  by apply: opt; apply: selection_igm_complete.
split=> [|q' _]; first exact: selection_igm_complete.
rewrite (_ : joint_loss d y q = 0).
  by apply: sumr_ge0 => a _; rewrite mulr_ge0 ?sqr_ge0 // ltW.
by rewrite -(joint_loss_self y); apply: eq_bigr => a _; rewrite qy.
Qed.

End OneState.

Section Theorem4.

Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable a0 : joint.
Variable r : S -> joint -> F.
Variable P : S -> joint -> S -> F.
Variable gamma : F.
Variable d : S -> joint -> F.
Hypothesis d_gt0 : forall s a, 0 < d s a.      (* full support                  *)

(* the Bellman optimality operator of the joint MDP *)
Notation T := (T a0 r P gamma).

(* For every initial Q_tot there is a run of FQI over the selection-IGM class.
   Source: ours. *)
Theorem igm_run_exists (Q0 : S -> joint -> F) :
  exists V Q, igm_run r P gamma d V Q /\ Q 0%N = Q0.
Proof.
pose Q t := iter t T Q0.
exists (fun t s => maxq a0 (Q t s)), Q; split=> //; split=> t s; first exact: is_max_arg.
by have [_ [_]] := igm_fit_is_target a0 (d_gt0 s) (target r P gamma (fun s => maxq a0 (Q t s)) s)
  (Q t.+1 s); apply => a; rewrite /Q iterS.
Qed.

(* FQI over the selection-IGM class is value iteration: Q_tot^(t) = T^t Q_tot^(0).
   Source: arXiv 2006.00587 (FQI-IGM converges globally; Theorem 4 of CSE510
     lecture 25); selection reading: ours. *)
Theorem igm_run_is_value_iteration V Q t s a :
  igm_run r P gamma d V Q -> Q t s a = iter t T (Q 0%N) s a.
Proof.
move=> [mx fit]; elim: t s a => // t IH s a; rewrite iterS.
have [_ [/(_ (fit t s)) -> _]] := igm_fit_is_target a0 (d_gt0 s) (target r P gamma (V t) s) (Q t.+1 s).
rewrite /target /Bellman.T; congr (_ + _ * _); apply: eq_bigr => s' _; congr (_ * _).
apply: is_max_unique (mx t s') _; apply: is_max_ext (is_max_arg a0 _) => b.
by rewrite IH.
Qed.

Hypothesis P_ge0 : forall s a s', 0 <= P s a s'.
Hypothesis P_sum1 : forall s a, \sum_s' P s a s' = 1.
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis gamma_lt1 : gamma < 1.

(* Theorem 4: there is exactly one Q* = T Q*, and every run, from every start,
   converges to it geometrically: ||Q_tot^(t) - Q*||_oo <= gamma^t ||Q_tot^(0) - Q*||_oo.
   Source: arXiv 2006.00587 (FQI-IGM converges globally; Theorem 4 of CSE510
     lecture 25); selection reading: ours. *)
Theorem theorem4 :
  exists Qstar : S -> joint -> F,
    [/\ forall s a, T Qstar s a = Qstar s a,
        forall Q', (forall s a, T Q' s a = Q' s a) -> forall s a, Q' s a = Qstar s a
      & forall V Q c t, igm_run r P gamma d V Q ->
          within c (Q 0%N) Qstar -> within (gamma ^+ t * c) (Q t) Qstar].
Proof.
have [Qstar fixed] := bellman_exists a0 r P_ge0 P_sum1 gamma_ge0 gamma_lt1.
exists Qstar; split=> // [Q' fixed'|V Q c t run le s a].
  exact: bellman_unique P_ge0 P_sum1 gamma_ge0 gamma_lt1 _ _ fixed' fixed.
rewrite (igm_run_is_value_iteration t s a run).
exact: value_iteration_converges P_ge0 P_sum1 gamma_ge0 _ _ _ _ fixed le s a.
Qed.

End Theorem4.
