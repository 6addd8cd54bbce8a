(* Function classes given by their projections, and the one number that decides what
   they can do to a run: the negative mass of the projection.

   J is the finite set of joint actions, S that of states, F any ordered field. At each
   state a class that is linear in the targets is its matrix of weights W: the fit of y
   is a |-> sum_b W(a,b) y(b).

             unit_rows W == every row of W sums to one (constants are fitted exactly)
          keeps_mean p W == the mean of a fit under the data p is the mean of its
                            targets: sum_a p(a) W(a,b) = p(b); true of p-orthogonal
                            projections
                   neg x == max(0, -x)
            neg_mass W a == sum_b neg (W a b), what the fit at a subtracts
       mass_at_most W nu == no row of W has negative mass above nu
     attains_mass W a nu == row a has negative mass nu, no row has more
               fit W y a == sum_b W(a,b) y(b)
            stochastic P == P s a is a distribution on the states
      backup r P g V s a == the targets r(s,a) + g sum_s' P(s'|s,a) V(s')
   class_run r P g W V Q == a run of FQI: V^(t) = max Q^(t), Q^(t+1)(s) is the fit of
                            the targets y^(t)(s) by the weights W t s (data may change
                            at every step t)
               bounded V == |V^(t)(s)| <= C for some C
             converges V == V^(t)(s) has a limit at every state

   norm_mass         the weights of a row have absolute values with sum 1 + 2 nu
   part_ge           some of them sum to at least -nu
   part_le           and to at most 1 + nu
   fit_le            a fit of targets in [lo, hi] is at most hi + nu (hi - lo)
   fit_ge            and at least lo - nu (hi - lo)
   mean_fit          the mean of a fit is the mean of its targets
   mean_le_top       and its maximum is above every lower bound of them
   class_run_exists  there is a run from any Q

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model MaxAffine.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Weights.
Variables (F : realFieldType) (J : finType).
Implicit Types (W : J -> J -> F) (y : J -> F).

Definition unit_rows W := forall a, \sum_b W a b = 1.
Definition keeps_mean (p : J -> F) W := forall b, \sum_a p a * W a b = p b.

Definition neg (x : F) : F := if x < 0 then - x else 0.
Definition neg_mass W (a : J) : F := \sum_b neg (W a b).
Definition mass_at_most W (nu : F) := forall a, neg_mass W a <= nu.
Definition attains_mass W (a : J) (nu : F) := neg_mass W a = nu /\ mass_at_most W nu.

Definition fit W y (a : J) : F := \sum_b W a b * y b.

Lemma neg_ge0 x : 0 <= neg x.
Proof. by rewrite /neg; case: ltrP => // /ltW; rewrite oppr_ge0. Qed.

Lemma neg_ge x : - x <= neg x.
Proof. by rewrite /neg; case: ltrP => // x0; rewrite oppr_le0. Qed.

Lemma norm_neg x : `|x| = x + 2%:R * neg x.
Proof.
rewrite /neg; case: ltrP => x0; last by rewrite ger0_norm // mulr0 addr0.
by rewrite ltr0_norm //; ring.
Qed.

Lemma neg_mass_ge0 W a : 0 <= neg_mass W a.
Proof. by apply: sumr_ge0 => b _; apply: neg_ge0. Qed.

(* sum of the weights' sizes *)
Lemma norm_mass W a : unit_rows W -> \sum_b `|W a b| = 1 + 2%:R * neg_mass W a.
Proof.
move=> W1; rewrite (eq_bigr _ (fun b _ => norm_neg (W a b))) big_split /= W1.
by rewrite -mulr_sumr.
Qed.

(* A part of a row sums to at least minus its negative mass ... *)
Lemma part_ge W a (B : pred J) : - neg_mass W a <= \sum_(b | B b) W a b.
Proof.
rewrite opp_le -sumrN; apply: (@le_trans _ _ (\sum_(b | B b) neg (W a b))).
  by apply: ler_sum => b _; apply: neg_ge.
rewrite /neg_mass [X in _ <= X](bigID B) /= le_plus; apply: sumr_ge0 => b _; exact: neg_ge0.
Qed.

(* ... and at most one plus it. *)
Lemma part_le W a (B : pred J) : unit_rows W -> \sum_(b | B b) W a b <= 1 + neg_mass W a.
Proof.
move=> W1; have := part_ge W a (fun b => ~~ B b); rewrite opp_le -subr_ge0 opprK => h.
by rewrite -(W1 a) [X in _ <= X + _](bigID B) /= -addrA le_plus addrC.
Qed.

(* The negative weights of a row sum to minus its negative mass. *)
Lemma negative_part W a : \sum_(b | W a b < 0) W a b = - neg_mass W a.
Proof.
rewrite /neg_mass -sumrN [RHS](bigID (fun b => W a b < 0)) /=.
rewrite [X in _ = _ + X]big1 => [|b /negbTE b0]; last by rewrite /neg b0 oppr0.
by rewrite addr0; apply: eq_bigr => b b0; rewrite /neg b0 opprK.
Qed.

Lemma positive_part W a : unit_rows W -> \sum_(b | ~~ (W a b < 0)) W a b = 1 + neg_mass W a.
Proof.
move=> W1; have := W1 a; rewrite (bigID (fun b => W a b < 0)) /= negative_part => <-.
by rewrite addrC addNKr.
Qed.

Lemma fit_const W c a : unit_rows W -> fit W (fun=> c) a = c.
Proof. by move=> W1; rewrite /fit -mulr_suml W1 mul1r. Qed.

Lemma fitB W y y' a : fit W y a - fit W y' a = fit W (fun b => y b - y' b) a.
Proof. by rewrite /fit -sumrB; apply: eq_bigr => b _; rewrite mulrBr. Qed.

(* A fit of targets between lo and hi is between lo - nu (hi - lo) and hi + nu (hi - lo). *)
Lemma fit_le W nu lo hi y a : unit_rows W -> mass_at_most W nu ->
  (forall b, lo <= y b) -> (forall b, y b <= hi) -> fit W y a <= hi + nu * (hi - lo).
Proof.
move=> W1 Wnu ylo yhi; rewrite -subr_ge0 -[X in X + _ - _](fit_const hi a W1) addrAC fitB.
rewrite addrC -[X in _ + X]opprK subr_ge0 -sumrN; apply: (@le_trans _ _ (\sum_b neg (W a b) * (hi - lo))).
  apply: ler_sum => b _; rewrite -mulNr; apply: (@le_trans _ _ (neg (W a b) * (hi - y b))).
    by apply: le_mul2r; [rewrite subr_ge0|apply: neg_ge].
  by apply: le_mul2l; [apply: neg_ge0|apply: le_minus].
rewrite -mulr_suml; apply: le_mul2r; last exact: Wnu.
by rewrite subr_ge0; apply: le_trans (ylo a) (yhi a).
Qed.

Lemma fit_opp W y a : fit W (fun b => - y b) a = - fit W y a.
Proof. by rewrite /fit -sumrN; apply: eq_bigr => b _; rewrite mulrN. Qed.

Lemma fit_ge W nu lo hi y a : unit_rows W -> mass_at_most W nu ->
  (forall b, lo <= y b) -> (forall b, y b <= hi) -> lo - nu * (hi - lo) <= fit W y a.
Proof.
move=> W1 Wnu ylo yhi; rewrite -[X in X <= _]opprK opp_le -fit_opp.
rewrite (_ : - (lo - _) = - lo + nu * (- lo - - hi)); last by ring.
by apply: fit_le => // b; rewrite -subr_ge0 opprK addrC subr_ge0.
Qed.

(* The mean of a fit is the mean of its targets ... *)
Lemma mean_fit (p : J -> F) W y : keeps_mean p W -> \sum_a p a * fit W y a = \sum_b p b * y b.
Proof.
move=> pW; under eq_bigr do rewrite /fit mulr_sumr.
rewrite exchange_big /=; apply: eq_bigr => b _; rewrite -[in RHS]pW mulr_suml.
by apply: eq_bigr => a _; rewrite mulrA.
Qed.

(* ... and its maximum is above it. *)
Lemma mean_le_top (p : J -> F) W y m lo : keeps_mean p W -> (forall a, 0 <= p a) ->
  \sum_a p a = 1 -> (forall b, lo <= y b) -> top (fit W y) m -> lo <= m.
Proof.
move=> pW p0 p1 ylo [mx _]; rewrite -[lo]mul1r -[m]mul1r -p1 !mulr_suml.
apply: (@le_trans _ _ (\sum_b p b * y b)); first by apply: ler_sum => b _; apply: le_mul2l.
by rewrite -(mean_fit y pW); apply: ler_sum => a _; apply: le_mul2l.
Qed.
End Weights.

Section Runs.
Variables (F : realFieldType) (S J : finType).
Variables (r : S -> J -> F) (P : S -> J -> S -> F) (gamma : F).

Definition stochastic := (forall s a s', 0 <= P s a s') /\ forall s a, \sum_s' P s a s' = 1.

Definition backup (V : S -> F) (s : S) (a : J) : F := r s a + gamma * \sum_s' P s a s' * V s'.

Definition class_run (W : nat -> S -> J -> J -> F) (V : nat -> S -> F) (Q : nat -> S -> J -> F) :=
  (forall t s, top (Q t s) (V t s)) /\
  (forall t s a, Q t.+1 s a = fit (W t s) (backup (V t) s) a).

Lemma top_arg (a0 : J) (f : J -> F) : top f (f [arg max_(a > a0) f a]%O).
Proof.
split; last by exists [arg max_(a > a0) f a]%O.
by case: Order.TotalTheory.arg_maxP => // b _ le a; apply: le.
Qed.

Lemma top_ext (f f' : J -> F) m : (forall a, f a = f' a) -> top f m -> top f' m.
Proof. by move=> ff' [le [a fa]]; split=> [b|]; [rewrite -ff'|exists a; rewrite -ff']. Qed.

Lemma top_unique (f : J -> F) m m' : top f m -> top f m' -> m = m'.
Proof.
move=> [le [a fa]] [le' [a' fa']]; apply/eqP; rewrite eq_le.
by rewrite -{1}fa le' -fa' le.
Qed.

(* From every Q there is a run. *)
Lemma class_run_exists (a0 : J) (W : nat -> S -> J -> J -> F) (Q0 : S -> J -> F) :
  exists V Q, class_run W V Q /\ Q 0%N = Q0.
Proof.
pose mx (Q : S -> J -> F) s := Q s [arg max_(a > a0) Q s a]%O.
pose Q := fix Q t := if t is t'.+1 then fun s => fit (W t' s) (backup (mx (Q t')) s) else Q0.
by exists (fun t => mx (Q t)), Q; split=> //; split=> // t s; apply: top_arg.
Qed.

(* Expectations of values stay between their bounds. *)
Hypothesis PP : stochastic.

Lemma next_ge V lo s a : (forall s', lo <= V s') -> lo <= \sum_s' P s a s' * V s'.
Proof.
have [P0 P1] := PP; move=> le; rewrite -[lo]mul1r -(P1 s a) mulr_suml.
by apply: ler_sum => s' _; apply: le_mul2l.
Qed.

Lemma next_le V hi s a : (forall s', V s' <= hi) -> \sum_s' P s a s' * V s' <= hi.
Proof.
have [P0 P1] := PP; move=> le; rewrite -[hi]mul1r -(P1 s a) mulr_suml.
by apply: ler_sum => s' _; apply: le_mul2l.
Qed.
End Runs.

(* ------------------------------------------------------------- fates *)
Section Fates.
Variables (F : realFieldType) (S : finType).

Definition bounded (V : nat -> S -> F) := exists C, forall t s, `|V t s| <= C.
Definition converges (V : nat -> S -> F) :=
  exists l : S -> F, forall s, tends_to (fun t => V t s) (l s).

Lemma largest (f : S -> F) s : `|f s| <= \sum_x `|f x|.
Proof.
rewrite [X in _ <= X](bigD1 s) //= le_plus; apply: sumr_ge0 => x _; exact: normr_ge0.
Qed.

(* some m > 0 is below all values of a positive function *)
Lemma least (f : S -> F) : (forall s, 0 < f s) -> exists2 m, 0 < m & forall s, m <= f s.
Proof.
move=> f0; case: (pickP (@predT S)) => [s0 _|none]; last first.
  by exists 1 => [|s]; [apply: ltr01|have := none s].
exists (f [arg min_(s < s0) f s]%O) => [|s]; first exact: f0.
by case: Order.TotalTheory.arg_minP => // x _; apply.
Qed.
End Fates.

(* rewards of a finite model are bounded *)
Lemma rewards_bounded (F : realFieldType) (S J : finType) (r : S -> J -> F) :
  exists R, forall s a, `|r s a| <= R.
Proof.
exists (\sum_s \sum_b `|r s b|) => s a; apply: le_trans (largest (r s) a) _.
rewrite [X in _ <= X](bigD1 s) //= le_plus; apply: sumr_ge0 => x _.
by apply: sumr_ge0 => y _; apply: normr_ge0.
Qed.
