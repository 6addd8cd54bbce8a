(* A certificate of divergence for linear FQI on fixed product data.

   Setting and notation of ValueSpace.v: rho and K are the projected rewards and
   transitions; entries of K may be negative.
   Source: ours.                                                                 *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI ValueSpace.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Divergence.

Variables (F : archiFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable r : S -> joint -> F.
Variable P : S -> joint -> S -> F.
Variable gamma : F.
Variable p : S -> local.                     (* the data                        *)
Hypothesis p_sum1 : forall s i, \sum_(x : A i) p s x = 1.
Hypothesis p_gt0 : forall s i (x : A i), 0 < p s x.

Notation rho := (rho r p).
Notation K := (K P p).

(* Let sigma be a joint policy, l >= 0 a weight per state and m >= 1 with
     gamma sum_s l(s) K(s'|s,sigma(s)) = m l(s')  for all s',
   and let, at some iteration T of a run,
     sum_s l(s) rho(s,sigma(s)) + (m - 1) sum_s l(s) V^(T)(s) > 0.
   Then sum_s l(s) V^(t)(s) is unbounded above along the run.
   Source: ours. *)
Theorem divergence_certificate (sigma : S -> joint) (l : S -> F) (m : F) V Q T :
  linear_run r P gamma p V Q ->
  (forall s, 0 <= l s) -> 1 <= m ->
  (forall s', gamma * (\sum_s l s * K s (sigma s) s') = m * l s') ->
  0 < \sum_s l s * rho s (sigma s) + (m - 1) * (\sum_s l s * V T s) ->
  unbounded (fun t => \sum_s l s * V t s).
Proof.
move=> run l0 m1 left; set b := \sum_s l s * rho s (sigma s).
pose x t := \sum_s l s * V t s; rewrite -/(x T) => drift M.
have step t : b + m * x t <= x t.+1.
  have -> : b + m * x t = \sum_s l s * look rho K gamma (V t) s (sigma s).
    rewrite /look; under [RHS]eq_bigr do rewrite mulrDr.
    rewrite big_split /=; congr (_ + _).
    rewrite /x mulr_sumr; under eq_bigr do rewrite mulrA -left -mulrA.
    under [RHS]eq_bigr do rewrite mulrCA.
    rewrite -!mulr_sumr; congr (_ * _).
    under eq_bigr do rewrite mulr_suml.
    rewrite exchange_big; apply: eq_bigr => s _ /=; rewrite mulr_sumr.
    by apply: eq_bigr => s' _; rewrite mulrA.
  apply: ler_sum => s _; apply: le_mul2l => //.
  by have [le _] := value_space_form p_sum1 p_gt0 t s run; apply: le.
pose d := b + (m - 1) * x T.
have m0 : 0 <= m - 1 by rewrite subr_ge0.
have grow t : x T + t%:R * d <= x (t + T)%N.
  elim: t => [|t IH]; first by rewrite mul0r addr0.
  rewrite addSn; apply: le_trans (step _).
  have xT : x T <= x (t + T)%N.
    by apply: le_trans IH; rewrite le_plus mulr_ge0 ?ler0n // ltW.
  rewrite -addn1 natrD -subr_ge0.
  rewrite (_ : _ - _ = (x (t + T)%N - (x T + t%:R * d)) + (m - 1) * (x (t + T)%N - x T)).
    by apply: addr_ge0; [rewrite subr_ge0|apply: mulr_ge0 => //; rewrite subr_ge0].
  by rewrite /d; ring.
have [t lt] := multiples_exceed (M - x T) drift.
by exists (t + T)%N; apply: lt_le_trans (grow t); apply: lt_from_sub.
Qed.

End Divergence.
