(* Value iteration on a finite MDP (a joint action counts as one action).

   P >= 0, rows of P sum to 1, 0 <= g < 1; any finite state and action sets, any ordered
   field. Standard facts (Bellman; Banach), proved here without completeness of the
   field.

          maxq a0 q == max_a q(a); a0 is some action
   T a0 r P g Q s a == r(s,a) + g sum_s' P(s'|s,a) max_a' Q(s',a')
      within c Q Q' == |Q(s,a) - Q'(s,a)| <= c for all s and a

   bellman_contraction        T is a g-contraction in the sup norm
   value_iteration_converges  ||T^t Q - Q*|| <= g^t ||Q - Q*|| for every Q* = T Q*
   bellman_unique             Q = T Q has at most one solution

   Source: standard.                                                                     *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Bellman.

Variables (F : realFieldType) (S A : finType).
Variable a0 : A.
Variable r : S -> A -> F.                        (* rewards                *)
Variable P : S -> A -> S -> F.                   (* transition probabilities *)
Variable g : F.                                  (* discount               *)
Hypothesis P_ge0 : forall s a s', 0 <= P s a s'.
Hypothesis P_sum1 : forall s a, \sum_s' P s a s' = 1.
Hypothesis g_ge0 : 0 <= g.
Hypothesis g_lt1 : g < 1.

Definition maxq (q : A -> F) : F := q [arg max_(a > a0) q a]%O.
Definition T (Q : S -> A -> F) : S -> A -> F :=
  fun s a => r s a + g * \sum_s' P s a s' * maxq (Q s').

Definition within (c : F) (Q Q' : S -> A -> F) :=
  forall s a, `|Q s a - Q' s a| <= c.            (* ||Q - Q'||_oo <= c     *)

Lemma maxq_ge q a : q a <= maxq q.
Proof. by rewrite /maxq; case: Order.TotalTheory.arg_maxP => //= b _; apply. Qed.

Lemma maxq_attained q : exists a, maxq q = q a.
Proof. by exists [arg max_(a > a0) q a]%O. Qed.

Lemma maxq_le q q' c : (forall a, q a - q' a <= c) -> maxq q - maxq q' <= c.
Proof.
move=> le; have [a ->] := maxq_attained q.
by apply: le_trans (le a); rewrite le_minus // maxq_ge.
Qed.

Lemma maxq_dist q q' c : (forall a, `|q a - q' a| <= c) -> `|maxq q - maxq q'| <= c.
Proof.
move=> le; rewrite ler_norml; apply/andP; split.
  rewrite opp_le opprB; apply: maxq_le => a.
  by apply: le_trans (le a); rewrite distrC ler_norm.
by apply: maxq_le => a; apply: le_trans (le a); rewrite ler_norm.
Qed.

(* T is a gamma-contraction in the sup norm:
   ||Q - Q'||_oo <= c implies ||T Q - T Q'||_oo <= gamma c.
   Source: standard (Bellman). *)
Theorem bellman_contraction c Q Q' : within c Q Q' -> within (g * c) (T Q) (T Q').
Proof.
move=> le s a; rewrite /T opprD addrACA subrr add0r -mulrBr -sumrB.
rewrite normrM (ger0_norm g_ge0) le_mul2l //.
apply: le_trans (ler_norm_sum _ _ _) _; rewrite -[c]mul1r -(P_sum1 s a) mulr_suml.
apply: ler_sum => s' _; rewrite -mulrBr normrM ger0_norm // le_mul2l //.
exact/maxq_dist/le.
Qed.

(* Value iteration converges geometrically to a fixed point Q*:
   ||T^t Q - Q*||_oo <= gamma^t ||Q - Q*||_oo.
   Source: standard (Bellman). *)
Theorem value_iteration_converges c Q Qstar t :
  (forall s a, T Qstar s a = Qstar s a) ->
  within c Q Qstar -> within (g ^+ t * c) (iter t T Q) Qstar.
Proof.
move=> fixed le; elim: t => [|t IH] s a; first by rewrite expr0 mul1r.
by rewrite iterS -(fixed s a) exprS -mulrA; apply: bellman_contraction.
Qed.

(* The Bellman optimality equation Q = T Q has at most one solution.
   Source: standard (Bellman). *)
Theorem bellman_unique Q Q' :
  (forall s a, T Q s a = Q s a) -> (forall s a, T Q' s a = Q' s a) ->
  forall s a, Q s a = Q' s a.
Proof.
move=> fQ fQ' s a.
pose d (z : S * A) := `|Q z.1 z.2 - Q' z.1 z.2|.
pose z := [arg max_(z > (s, a)) d z]%O.
have dz s' a' : d (s', a') <= d z.
  by rewrite /z; case: Order.TotalTheory.arg_maxP => //= b _; apply.
have le : d z <= g * d z.
  rewrite {1}/d -fQ -fQ'; apply: bellman_contraction => s' a'; exact: (dz s' a').
have d0 : d z <= 0.
  by rewrite -(@pmulr_rle0 _ (1 - g)) ?subr_gt0 // mulrBl mul1r subr_le0.
apply/eqP; rewrite -subr_eq0 -normr_le0; exact: le_trans (dz s a) d0.
Qed.

End Bellman.
