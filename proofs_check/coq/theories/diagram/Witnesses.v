(* Theorem A.3 and A.4: models on which runs diverge or oscillate, for every class that
   is linear in its targets; and Theorem D: damping does not help.

   W: the weights of the class at both states, a: an action whose row has the largest
   negative mass nu (SignedFits.v). Two states, deterministic transitions.

               transition F next s b s' == 1 if next s b = s', else 0
                        stay_reward s b == 1 in state true, 0 in state false
                      stay_next W a s b == from true: true where W(a,b) >= 0, else
                                           false; false absorbs
                 stay_run W a gamma V Q == a run of the class on this model, the model
                                           of divergence
         damped_run r P gamma alpha W V == V^(t+1) = (1 - alpha) V^(t) + alpha F(V^(t))
   damped_fit_run r P gamma alpha W V Q == Q^(t+1) = (1 - alpha) Q^(t) + alpha
                                           fit(y^(t)), V = max Q
                      swap_next W a s b == s where W(a,b) < 0, else the other state
               swap_run W a gamma g V Q == a run of the class on this model with rewards
                                           g in both states, the model of oscillation

   stay_recursion    A.3: V(true) <- 1 + gamma (1 + nu) V(true)
   stay_diverges     A.3: so it is unbounded if gamma (1 + nu) >= 1
   damped_grows      D: the same under damping of values, for every alpha > 0
   damped_fit_grows  D: and under damping of factors
   swap_oscillates   A.4: if gamma (1 + 2 nu) >= 1 and the class has a member g with its
                     strict maximum at a: V(true) - V(false) changes its sign at every
                     step and stays away from 0
   swap_no_limit     A.4: so the values have no limit

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model MaxAffine SignedFits.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Deterministic.
Variables (F : realFieldType) (S J : finType) (next : S -> J -> S).

Definition transition (s : S) (b : J) (s' : S) : F := (s' == next s b)%:R.

Lemma transition_stochastic : stochastic transition.
Proof.
split=> [s a s'|s a]; first exact: ler0n.
by rewrite (bigD1 (next s a)) //= /transition eqxx big1 ?addr0 // => s' /negbTE ->.
Qed.

Lemma backup_next (r : S -> J -> F) gamma V s b :
  backup r transition gamma V s b = r s b + gamma * V (next s b).
Proof.
rewrite /backup (bigD1 (next s b)) //= /transition eqxx mul1r big1 ?addr0 //.
by move=> s' /negbTE ->; rewrite mul0r.
Qed.
End Deterministic.

(* ------------------------------------------------------------- A.3: divergence *)
Section Stay.
Variables (F : realFieldType) (J : finType) (W : J -> J -> F) (a : J) (gamma nu : F).

Definition stay_reward (s : bool) (b : J) : F := if s then 1 else 0.
Definition stay_next (s : bool) (b : J) : bool := s && ~~ (W a b < 0).
Notation stay_backup := (backup stay_reward (transition F stay_next) gamma).
Definition stay_run := @class_run F (finite bool) J stay_reward (transition F stay_next) gamma
  (fun _ _ => W).

Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis W1 : unit_rows W.
Hypothesis Wa : attains_mass W a nu.

Lemma stay_fit_true V c : V false = 0 ->
  fit W (stay_backup V true) c = 1 + gamma * V true * \sum_(b | ~~ (W a b < 0)) W c b.
Proof.
move=> V0; rewrite -[X in X + _](W1 c) [X in _ + _ * X]big_mkcond mulr_sumr -big_split /=.
apply: eq_bigr => b _; rewrite backup_next /stay_reward /stay_next /=.
by case: (W a b < 0) => /=; rewrite ?V0; ring.
Qed.

Lemma stay_fit_false V c : V false = 0 -> fit W (stay_backup V false) c = 0.
Proof.
move=> V0; rewrite /fit big1 // => b _.
by rewrite backup_next /stay_next /= V0 mulr0 addr0 mulr0.
Qed.

Lemma stay_top_true V : V false = 0 -> 0 <= V true ->
  top (fit W (stay_backup V true)) (1 + gamma * (1 + nu) * V true).
Proof.
have [Wav Wnu] := Wa; move=> V0 V1; split=> [c|]; last first.
  by exists a; rewrite stay_fit_true // positive_part // Wav; ring.
rewrite stay_fit_true // le_plus2l mulrAC; apply: le_mul2r => //; apply: le_mul2l => //.
by apply: le_trans (part_le _ _ W1) _; rewrite le_plus2l; apply: Wnu.
Qed.

Lemma stay_top_false V : V false = 0 -> top (fit W (stay_backup V false)) 0.
Proof. by move=> V0; split=> [c|]; [|exists a]; rewrite stay_fit_false. Qed.

Section Run.
Variables (V : nat -> bool -> F) (Q : nat -> bool -> J -> F).
Hypothesis run : stay_run V Q.
Hypothesis start0 : V 0%N false = 0.
Hypothesis start1 : 0 <= V 0%N true.

Lemma stay_values t : V t false = 0 /\ 0 <= V t true.
Proof.
have [mx QE] := run; elim: t => // t [V0 V1]; split.
  apply: top_unique (mx t.+1 false) _; apply: top_ext (stay_top_false V0) => c.
  by rewrite QE.
have <- : 1 + gamma * (1 + nu) * V t true = V t.+1 true.
  apply: top_unique (mx t.+1 true); apply: top_ext (stay_top_true V0 V1) => c.
  by rewrite QE.
have [<- _] := Wa; rewrite addr_ge0 ?ler01 // mulr_ge0 // mulr_ge0 // addr_ge0 ?ler01 //.
exact: neg_mass_ge0.
Qed.

(* A.3: in the model of divergence every run from V(false) = 0 <= V(true), the run from
   Q = 0 among them, obeys V(true) <- 1 + gamma (1 + nu) V(true).
   Source: ours. *)
Theorem stay_recursion t : V t.+1 true = 1 + gamma * (1 + nu) * V t true.
Proof.
have [mx QE] := run; have [V0 V1] := stay_values t; apply: top_unique (mx t.+1 true) _.
by apply: top_ext (stay_top_true V0 V1) => c; rewrite QE.
Qed.

Lemma stay_grows t : 1 <= gamma * (1 + nu) -> t%:R <= V t true.
Proof.
move=> ge1; elim: t => // t IH; have [_ V1] := stay_values t.
rewrite stay_recursion -add1n natrD; apply: le_sum2 => //; apply: le_trans IH _.
exact: le_scale.
Qed.
End Run.
End Stay.

(* A.3: for every class and every gamma >= 1/(1 + nu) the run from Q = 0 in the model of
   divergence is unbounded; there is such a run.
   Source: ours. *)
Theorem stay_diverges (F : archiFieldType) (J : finType) (W : J -> J -> F) (a : J) (gamma nu : F) :
  0 <= gamma -> unit_rows W -> attains_mass W a nu -> 1 <= gamma * (1 + nu) ->
  (forall V Q, stay_run W a gamma V Q -> (forall s b, Q 0%N s b = 0) ->
     unbounded (fun t => V t true)) /\
  exists V Q, stay_run W a gamma V Q /\ forall s b, Q 0%N s b = 0.
Proof.
move=> g0 W1 Wa ge1; split=> [V Q run Q0 M|]; last first.
  have [V [Q [run Q0]]] := @class_run_exists F (finite bool) J (@stay_reward F J)
    (transition F (stay_next W a)) gamma a (fun _ _ => W) (fun _ _ => 0).
  by exists V, Q; split=> // s b; rewrite Q0.
have V0 s : V 0%N s = 0 by have [mx _] := run; have [_ [b <-]] := mx 0%N s; rewrite Q0.
have [t lt] := multiples_exceed M (@ltr01 F); exists t; apply: lt_le_trans lt _; rewrite mulr1.
by apply: (stay_grows g0 W1 Wa run) => //; rewrite V0.
Qed.

(* ------------------------------------------------------------- D: damping *)
Section Damping.
Variables (F : archiFieldType) (S J : finType) (r : S -> J -> F) (P : S -> J -> S -> F).
Variables (gamma alpha : F) (W : S -> J -> J -> F).

Definition damped_run (V : nat -> S -> F) := forall t s, exists2 m,
  top (fit (W s) (backup r P gamma (V t) s)) m & V t.+1 s = (1 - alpha) * V t s + alpha * m.

Definition damped_fit_run (V : nat -> S -> F) (Q : nat -> S -> J -> F) :=
  (forall t s, top (Q t s) (V t s)) /\ forall t s b,
  Q t.+1 s b = (1 - alpha) * Q t s b + alpha * fit (W s) (backup r P gamma (V t) s) b.
End Damping.

Section DampedStay.
Variables (F : archiFieldType) (J : finType) (W : J -> J -> F) (a : J) (gamma nu alpha : F).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis W1 : unit_rows W.
Hypothesis Wa : attains_mass W a nu.
Hypothesis above : 1 <= gamma * (1 + nu).
Hypothesis alpha_gt0 : 0 < alpha.
Notation r := (@stay_reward F J).
Notation P := (transition F (stay_next W a)).

(* D: V <- (1 - alpha) V + alpha F(V) from V = 0 in the model of divergence grows without
   bound for every alpha > 0.
   Source: ours. *)
Theorem damped_grows V : @damped_run F (finite bool) J r P gamma alpha (fun=> W) V ->
  (forall s, V 0%N s = 0) -> unbounded (fun t => V t true).
Proof.
move=> run start M; have [t lt] := multiples_exceed M alpha_gt0.
exists t; apply: lt_le_trans lt _; have a0 := ltW alpha_gt0.
suff [] : V t false = 0 /\ t%:R * alpha <= V t true by [].
elim: t => [|t [V0 V1]]; first by rewrite !start mul0r.
have v0 : 0 <= V t true by apply: le_trans V1; rewrite mulr_ge0 ?ler0n.
split.
  have [m topm ->] := run t false.
  by rewrite (top_unique topm (stay_top_false W a gamma V0)) V0 !mulr0 addr0.
have [m topm ->] := run t true.
rewrite (top_unique topm (stay_top_true gamma_ge0 W1 Wa V0 v0)).
rewrite -addn1 natrD mulrDl mul1r -subr_ge0.
rewrite (_ : _ - _ = (V t true - t%:R * alpha) + alpha * (gamma * (1 + nu) * V t true - V t true)).
  by rewrite addr_ge0 ?subr_ge0 // mulr_ge0 // subr_ge0; apply: le_scale.
by ring.
Qed.

(* D: the same where Q <- (1 - alpha) Q + alpha fit(y).
   Source: ours. *)
Theorem damped_fit_grows V Q : @damped_fit_run F (finite bool) J r P gamma alpha (fun=> W) V Q ->
  (forall s b, Q 0%N s b = 0) -> unbounded (fun t => V t true).
Proof.
move=> [mx QE] start M; have [t lt] := multiples_exceed M alpha_gt0.
have a0 := ltW alpha_gt0; exists t; apply: lt_le_trans lt _.
have [mxt _] := mx t true; apply: le_trans (mxt a).
suff [] : (forall b, Q t false b = 0) /\ t%:R * alpha <= Q t true a by [].
elim: t {mxt} => [|t [Q0 Q1]]; first by split=> [b|]; rewrite start // mul0r.
have V0 : V t false = 0 by have [_ [b <-]] := mx t false; rewrite Q0.
have [Wav Wnu] := Wa; have [mxt _] := mx t true.
split=> [b|]; first by rewrite QE (stay_fit_false W a gamma b V0) Q0 !mulr0 addr0.
have v1 := mxt a; have q0 : 0 <= Q t true a by apply: le_trans Q1; rewrite mulr_ge0 ?ler0n.
have v0 : 0 <= V t true by apply: le_trans v1.
rewrite QE (@stay_fit_true F J W a gamma W1 (V t) a V0) positive_part // Wav.
rewrite -addn1 natrD mulrDl mul1r -subr_ge0.
rewrite (_ : _ - _ = (Q t true a - t%:R * alpha) + alpha * ((V t true - Q t true a)
  + (gamma * (1 + nu) * V t true - V t true))); last by ring.
rewrite addr_ge0 ?subr_ge0 // mulr_ge0 // addr_ge0 ?subr_ge0 //.
exact: le_scale.
Qed.
End DampedStay.

(* ------------------------------------------------------------- A.4: oscillation *)
Section Swap.
Variables (F : realFieldType) (J : finType) (W : J -> J -> F) (a : J) (gamma nu : F) (g : J -> F).

Definition swap_next (s : bool) (b : J) : bool := if W a b < 0 then s else ~~ s.
Definition swap_run := @class_run F (finite bool) J (fun=> g) (transition F swap_next) gamma
  (fun _ _ => W).

Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis W1 : unit_rows W.
Hypothesis Wa : attains_mass W a nu.
Hypothesis member : forall b, fit W g b = g b.
Hypothesis favours : forall b, b != a -> g b < g a.
Hypothesis above : 1 <= gamma * (1 + 2%:R * nu).

Lemma favour_gap : exists2 eta, 0 < eta & forall b, b != a -> g b <= g a - eta.
Proof.
case: (pickP [pred b | b != a]) => [b0 b0a|none]; last first.
  by exists 1 => [|b ba]; [apply: ltr01|have := none b; rewrite /= ba].
pose z := [arg max_(b > b0 | b != a) g b]%O.
have [za le] : z != a /\ forall b, b != a -> g b <= g z.
  by rewrite /z; case: Order.TotalTheory.arg_maxP => // c ca le; split=> // b /le.
exists (g a - g z) => [|b /le]; first by rewrite subr_gt0 favours.
by rewrite opprB addrC subrK.
Qed.

Notation n c := (\sum_(b | W a b < 0) W c b).

Lemma swap_fit V s c : fit W (backup (fun=> g) (transition F swap_next) gamma V s) c =
  g c + gamma * (V (~~ s) + (V s - V (~~ s)) * n c).
Proof.
transitivity (fit W g c + gamma * (V (~~ s) * (\sum_b W c b) + (V s - V (~~ s)) * n c)); last first.
  by rewrite member W1 mulr1.
rewrite [X in _ + _ * (_ + _ * X)]big_mkcond !mulr_sumr -big_split mulr_sumr -big_split /=.
apply: eq_bigr => b _; rewrite backup_next /swap_next.
by case: (W a b < 0); case: s => /=; ring.
Qed.

Lemma nc_ge c : - nu <= n c.
Proof.
have [_ Wnu] := Wa; apply: le_trans (part_ge W c _).
by rewrite opp_le opprK; apply: Wnu.
Qed.

Lemma nc_le c : n c <= 1 + nu.
Proof. by have [_ Wnu] := Wa; apply: le_trans (part_le _ _ W1) _; rewrite le_plus2l; apply: Wnu. Qed.

Section Run.
Variables (V : nat -> bool -> F) (Q : nat -> bool -> J -> F).
Hypothesis run : swap_run V Q.

Lemma swap_step eta t s : (forall b, b != a -> g b <= g a - eta) -> 0 <= eta ->
  0 < V t s - V t (~~ s) ->
  (V t s - V t (~~ s) <= V t.+1 (~~ s) - V t.+1 s) \/ (eta <= V t.+1 (~~ s) - V t.+1 s).
Proof.
move=> gap eta0; set D := V t s - V t (~~ s) => D0; have [mx QE] := run; have [Wav Wnu] := Wa.
have na : n a = - nu by rewrite negative_part Wav.
have nu0 : 0 <= nu by rewrite -Wav; apply: neg_mass_ge0.
have low : g a + gamma * (V t s + D * nu) <= V t.+1 (~~ s).
  have [le _] := mx t.+1 (~~ s); apply: le_trans (le a); rewrite QE swap_fit negbK na.
  by rewrite -[V t (~~ s) - V t s]opprB -/D mulrNN.
have VD : V t s = V t (~~ s) + D by rewrite /D addrC subrK.
have [_ [c]] := mx t.+1 s; rewrite QE swap_fit -/D => up.
have [ca|ca] := eqVneq c a; [left|right].
  apply: (@le_trans _ _ (gamma * (1 + 2%:R * nu) * D)); first by apply: le_scale => //; apply: ltW.
  apply: le_trans (le_minus low (_ : V t.+1 s <= g a + gamma * (V t (~~ s) - D * nu))).
    by rewrite VD le_eqVlt; apply/orP; left; apply/eqP; ring.
  by rewrite -up ca na mulrN.
apply: le_trans (le_minus low (_ : V t.+1 s <= g a - eta + gamma * (V t (~~ s) + D * (1 + nu)))).
  by rewrite VD le_eqVlt; apply/orP; left; apply/eqP; ring.
rewrite -up; apply: le_sum2; first exact: gap.
apply: le_mul2l => //; rewrite le_plus2l; apply: le_mul2l; [exact: ltW|exact: nc_le].
Qed.

(* A.4: if gamma >= 1/(1 + 2 nu) and g is a member of the class with its strict maximum at
   the action that attains nu, every run of the model of oscillation with rewards g from
   V(true) <> V(false) changes the sign of V(true) - V(false) at every step and keeps it
   away from 0.
   Source: ours. *)
Theorem swap_oscillates : V 0%N true != V 0%N false -> exists2 m, 0 < m &
  forall t, exists s, m <= V t s - V t (~~ s) /\ m <= V t.+1 (~~ s) - V t.+1 s.
Proof.
move=> neq; have [eta eta0 gap] := favour_gap.
have [s0 D0] : exists s, 0 < V 0%N s - V 0%N (~~ s).
  by have [lt|lt|eq] := ltrgtP (V 0%N true) (V 0%N false);
     [exists false|exists true|move: neq; rewrite eq eqxx]; rewrite ?subr_gt0.
have [m [m0 mD meta]] := smaller D0 eta0; exists m => //.
have move t s : m <= V t s - V t (~~ s) -> m <= V t.+1 (~~ s) - V t.+1 s.
  move=> le; have Dt := lt_le_trans m0 le.
  by have [] := swap_step gap (ltW eta0) Dt; [apply: le_trans le|apply: le_trans meta].
elim=> [|t [s [_ le]]]; first by exists s0; split=> //; apply: move.
by exists (~~ s); have := move t.+1 (~~ s); rewrite negbK => next; split=> //; apply: next.
Qed.

(* A.4: so its values have no limit.
   Source: ours. *)
Theorem swap_no_limit : V 0%N true != V 0%N false ->
  ~ exists l : bool -> F, forall s, tends_to (fun t => V t s) (l s).
Proof.
move=> /swap_oscillates [m m0 osc] [l lim].
have m2 : 0 < m / 2%:R by rewrite divr_gt0 ?ltr0n.
have [T1 le1] := lim true _ m2; have [T0 le0] := lim false _ m2.
pose t := maxn T1 T0; have [s [lo hi]] := osc t.
have near x s' : (t <= x)%N -> `|V x s' - l s'| < m / 2%:R.
  by move=> tx; case: s'; [apply: le1|apply: le0]; apply: leq_trans tx; rewrite ?leq_maxl ?leq_maxr.
have move s' : V t s' - V t.+1 s' < m.
  rewrite (_ : _ - _ = (V t s' - l s') + (l s' - V t.+1 s')); last by ring.
  rewrite (_ : m = m / 2%:R + m / 2%:R); last by field.
  have n1 := near t s' (leqnn _); have n2 := near t.+1 s' (leqnSn _); rewrite distrC in n2.
  rewrite -subr_gt0 (_ : _ - _ = (m / 2%:R - (V t s' - l s')) + (m / 2%:R - (l s' - V t.+1 s'))).
    by rewrite addr_gt0 // subr_gt0; [apply: le_lt_trans n1|apply: le_lt_trans n2]; apply: ler_norm.
  by ring.
have move' s' : V t.+1 s' - V t s' < m.
  rewrite (_ : _ - _ = (V t.+1 s' - l s') + (l s' - V t s')); last by ring.
  rewrite (_ : m = m / 2%:R + m / 2%:R); last by field.
  have n1 := near t.+1 s' (leqnSn _); have n2 := near t s' (leqnn _); rewrite distrC in n2.
  rewrite -subr_gt0 (_ : _ - _ = (m / 2%:R - (V t.+1 s' - l s')) + (m / 2%:R - (l s' - V t s'))).
    by rewrite addr_gt0 // subr_gt0; [apply: le_lt_trans n1|apply: le_lt_trans n2]; apply: ler_norm.
  by ring.
have := le_sum2 lo hi; rewrite leNgt => /negP []; rewrite -subr_gt0.
rewrite (_ : _ - _ = (m - (V t s - V t.+1 s)) + (m - (V t.+1 (~~ s) - V t (~~ s)))).
  by rewrite addr_gt0 // subr_gt0.
by ring.
Qed.
End Run.
End Swap.
