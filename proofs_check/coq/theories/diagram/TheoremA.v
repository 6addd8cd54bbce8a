(* Theorem A.1 and A.2: below which discount no run of a function class that is linear
   in its targets oscillates, and below which none diverges.

   Any finite set of joint actions, any finite set of states, any ordered field. W: the
   weights of the class, nu: its negative mass (SignedFits.v). That both thresholds are
   exact: Witnesses.v and Thresholds.v.

           swing c V == values differ between states by at most c: sp V <= c
   kernel P W s a s' == sum_b W(a,b) P(s'|s,b), the signed kernel

   span_contracts   A.1: sp(F(V) - F(U)) <= gamma (1 + 2 nu) sp(V - U)
   sup_contracts    A.1: the same in the sup norm
   class_converges  A.1: gamma (1 + 2 nu) < 1: one fixed point, to which every run
                    converges at that rate
   class_bounded    A.2: gamma (1 + nu) < 1: every run is bounded, also where data and
                    class change at every step and state

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model MaxAffine SignedFits.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------- A.1: contraction *)
Section Contraction.
Variables (F : realFieldType) (S J : finType).
Variables (r : S -> J -> F) (P : S -> J -> S -> F) (gamma : F).
Variables (W : S -> J -> J -> F) (nu : F).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis PP : stochastic P.
Hypothesis W1 : forall s, unit_rows (W s).
Hypothesis Wnu : forall s, mass_at_most (W s) nu.
Notation q V s := (fit (W s) (backup r P gamma V s)).

Definition swing (c : F) (V : S -> F) := forall s s', V s - V s' <= c.

Lemma fit_backupB V U s a :
  q V s a - q U s a = gamma * fit (W s) (fun b => \sum_s' P s b s' * (V s' - U s')) a.
Proof.
rewrite fitB /fit mulr_sumr; apply: eq_bigr => b _; rewrite /backup opprD addrACA subrr add0r.
rewrite -mulrBr -sumrB mulrCA; congr (_ * (_ * _)).
by apply: eq_bigr => s' _; rewrite mulrBr.
Qed.

(* sp(F(V) - F(U)) <= gamma (1 + 2 nu) sp(V - U): the step expands differences of values,
   modulo constants, by at most this factor.
   Source: ours. *)
Theorem span_contracts (V U V' U' : S -> F) c :
  (forall s, top (q V s) (V' s)) -> (forall s, top (q U s) (U' s)) ->
  swing c (fun s => V s - U s) -> swing (gamma * (1 + 2%:R * nu) * c) (fun s => V' s - U' s).
Proof.
move=> topV topU le s s'; pose d x := V x - U x.
pose z := [arg min_(z < s) d z]%O; have dz x : d z <= d x.
  by rewrite /z; case: Order.TotalTheory.arg_minP => // y _; apply.
have dc x : d x <= d z + c by rewrite -[X in X <= _](subrK (d z)) [X in X <= _]addrC le_plus2l le.
have nlo x b : d z <= \sum_s' P x b s' * d s' by apply: next_ge.
have nhi x b : \sum_s' P x b s' * d s' <= d z + c by apply: next_le.
have up x : V' x - U' x <= gamma * (d z + c + nu * c).
  have [_ [a <-]] := topV x; have [mx _] := topU x.
  apply: (@le_trans _ _ (q V x a - q U x a)); first by apply: le_minus.
  rewrite fit_backupB; apply: le_mul2l => //.
  have := fit_le a (W1 x) (Wnu x) (nlo x) (nhi x).
  by rewrite (_ : d z + c - d z = c) //; ring.
have lo x : gamma * (d z - nu * c) <= V' x - U' x.
  have [mx _] := topV x; have [_ [a <-]] := topU x.
  apply: (@le_trans _ _ (q V x a - q U x a)); last by apply: le_minus.
  rewrite fit_backupB; apply: le_mul2l => //.
  have := fit_ge a (W1 x) (Wnu x) (nlo x) (nhi x).
  by rewrite (_ : d z + c - d z = c) //; ring.
apply: le_trans (le_minus (up s) (lo s')) _.
by rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

(* The kernel of the class: K(s'|s,a) = sum_b W(a,b) P(s'|s,b). *)
Definition kernel s a s' : F := fit (W s) (fun b => P s b s') a.

Lemma fit_backup V s a : q V s a = val (fun s => fit (W s) (r s)) kernel gamma V s a.
Proof.
rewrite /val /kernel /fit /backup; under eq_bigr do rewrite mulrDr.
rewrite big_split /=; congr (_ + _).
under [in RHS]eq_bigr do rewrite mulr_suml.
rewrite [in RHS]exchange_big mulr_sumr; apply: eq_bigr => b _ /=.
rewrite mulrCA; congr (_ * _); rewrite mulr_sumr.
by apply: eq_bigr => s' _; rewrite mulrA.
Qed.

Lemma kernel_bound s a : gamma * (\sum_s' `|kernel s a s'| * 1) <= gamma * (1 + 2%:R * nu) * 1.
Proof.
have [P0 P1] := PP; rewrite mulr1; apply: le_mul2l => //.
apply: (@le_trans _ _ (1 + 2%:R * neg_mass (W s) a)); last first.
  by rewrite le_plus2l; apply: le_mul2l; [apply: ler0n|apply: Wnu].
rewrite -(norm_mass a (W1 s)); apply: (@le_trans _ _ (\sum_s' \sum_b `|W s a b| * P s b s')).
  apply: ler_sum => s' _; rewrite mulr1; apply: le_trans (ler_norm_sum _ _ _) _.
  by apply: ler_sum => b _; rewrite normrM (ger0_norm (P0 _ _ _)).
by rewrite exchange_big; apply: ler_sum => b _ /=; rewrite -mulr_sumr P1 mulr1.
Qed.

(* ||F(V) - F(U)|| <= gamma (1 + 2 nu) ||V - U|| in the sup norm.
   Source: ours. *)
Theorem sup_contracts (V U V' U' : S -> F) c :
  (forall s, top (q V s) (V' s)) -> (forall s, top (q U s) (U' s)) ->
  (forall s, `|V s - U s| <= c) -> forall s, `|V' s - U' s| <= gamma * (1 + 2%:R * nu) * c.
Proof.
move=> topV topU le s; rewrite -[c in _ * c]mulr1.
apply: (top_near (w := fun=> 1) gamma_ge0 (fun=> ltr01) kernel_bound (V := V) (V' := U)).
- by move=> x; rewrite mulr1.
- by apply: top_ext (topV s) => a; apply: fit_backup.
- by apply: top_ext (topU s) => a; apply: fit_backup.
Qed.

(* A.1: below 1/(1 + 2 nu) every run of every model converges, from every start: V = F(V)
   has exactly one solution, and |V^(t) - V| <= (gamma (1 + 2 nu))^t c.
   Source: ours. *)
Theorem class_converges (a0 : J) : gamma * (1 + 2%:R * nu) < 1 -> exists Vlim : S -> F,
  [/\ forall s, top (q Vlim s) (Vlim s),
      forall V, (forall s, top (q V s) (V s)) -> forall s, V s = Vlim s
    & forall V Q c t, class_run r P gamma (fun=> W) V Q -> (forall s, `|V 0%N s - Vlim s| <= c) ->
        forall s, `|V t s - Vlim s| <= (gamma * (1 + 2%:R * nu)) ^+ t * c].
Proof.
move=> small.
have [Vlim [lim uniq near]] := orbits_converge (fun s => fit (W s) (r s)) gamma_ge0
  (w := fun=> 1) (fun=> ltr01) small kernel_bound a0.
exists Vlim; split=> [s|V fixV s|V Q c t [mx QE] le s].
- by apply: top_ext (lim s) => a; rewrite fit_backup.
- by apply: uniq => x; apply: top_ext (fixV x) => a; rewrite fit_backup.
rewrite -[X in _ <= X]mulr1; apply: near => [x y|x]; last by rewrite mulr1.
by apply: top_ext (mx x.+1 y) => a; rewrite QE fit_backup.
Qed.
End Contraction.

(* ------------------------------------------------------------- A.2: boundedness *)
Section Bounded.
Variables (F : realFieldType) (S J : finType).
Variables (r : S -> J -> F) (P : S -> J -> S -> F) (gamma nu R B : F).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis nu_ge0 : 0 <= nu.
Hypothesis below : gamma * (1 + nu) < 1.
Hypothesis PP : stochastic P.
Hypothesis rewards : forall s a, `|r s a| <= R.

(* A.2: below 1/(1 + nu) every run of every model is bounded, also when data and class
   change at every step and every state in any way, as long as they keep means, fit
   constants and have negative mass at most nu.  The bound depends on gamma, nu, the
   rewards and the start only.
   Source: ours. *)
Theorem class_bounded : exists C : F,
  forall (p : nat -> S -> J -> F) (W : nat -> S -> J -> J -> F) V Q,
    (forall t s a, 0 <= p t s a) -> (forall t s, \sum_a p t s a = 1) ->
    (forall t s, keeps_mean (p t s) (W t s)) ->
    (forall t s, unit_rows (W t s)) -> (forall t s, mass_at_most (W t s) nu) ->
    class_run r P gamma W V Q -> (forall s, `|V 0%N s| <= B) ->
    forall t s, `|V t s| <= C.
Proof.
have g1 : gamma < 1.
  by apply: le_lt_trans below; rewrite mulrDr mulr1 le_plus mulr_ge0.
have d1 : 0 < 1 - gamma by rewrite subr_gt0.
have d2 : 0 < 1 - gamma * (1 + nu) by rewrite subr_gt0.
pose R' := `|R|; pose B' := `|B|.
have R0 : 0 <= R' by apply: normr_ge0.
have B0 : 0 <= B' by apply: normr_ge0.
pose L := B' + R' / (1 - gamma).
have L0 : 0 <= L by rewrite addr_ge0 // divr_ge0 // ltW.
pose c := (1 + nu) * R' + nu * (R' + gamma * L).
have c0 : 0 <= c by rewrite addr_ge0 // mulr_ge0 // addr_ge0 // ?ler01 // mulr_ge0.
pose U := B' + c / (1 - gamma * (1 + nu)).
have U0 : 0 <= U by rewrite addr_ge0 // divr_ge0 // ltW.
exists (L + U) => p W V Q p0 p1 pW W1 Wnu [mx QE] start t s.
have rR x a : `|r x a| <= R' by apply: le_trans (rewards x a) (ler_norm R).
have Lstep : R' + gamma * L <= L.
  rewrite -subr_ge0 (_ : _ - _ = (1 - gamma) * B'); last by rewrite /L; field; rewrite gt_eqF.
  by rewrite mulr_ge0 // ltW.
have Ustep : c + gamma * (1 + nu) * U <= U.
  rewrite -subr_ge0 (_ : _ - _ = (1 - gamma * (1 + nu)) * B').
    by rewrite mulr_ge0 // ltW.
  by rewrite /U; field; rewrite gt_eqF.
suff [lo hi] : (forall x, - L <= V t x) /\ (forall x, V t x <= U).
  apply: norm_le; first by apply: le_trans (hi s) _; rewrite addrC le_plus.
  by rewrite opp_le; apply: le_trans (lo s); rewrite opprD plus_le oppr_le0.
elim: t => [|t [lo hi]].
  have VB x : `|V 0%N x| <= B' by apply: le_trans (start x) (ler_norm B).
  split=> x; last by apply: le_trans (le_norm (VB x)) _; rewrite le_plus divr_ge0 // ltW.
  rewrite opp_le; apply: le_trans (_ : B' <= _); last by rewrite le_plus divr_ge0 // ltW.
  by rewrite opp_le; apply: norm_ge.
have ylo x b : - (R' + gamma * L) <= backup r P gamma (V t) x b.
  rewrite opprD /backup; apply: le_sum2; first exact: norm_ge.
  by rewrite -mulrN; apply: le_mul2l => //; apply: next_ge.
have yhi x b : backup r P gamma (V t) x b <= R' + gamma * U.
  rewrite /backup; apply: le_sum2; first exact: le_norm.
  by apply: le_mul2l => //; apply: next_le.
have topE x : top (fit (W t x) (backup r P gamma (V t) x)) (V t.+1 x).
  by apply: top_ext (mx t.+1 x) => a; rewrite QE.
split=> x.
  apply: le_trans (mean_le_top (pW t x) (p0 t x) (p1 t x) (ylo x) (topE x)).
  by rewrite opp_le opprK.
have [_ [a <-]] := topE x.
apply: le_trans (fit_le a (W1 t x) (Wnu t x) (ylo x) (yhi x)) _.
apply: le_trans Ustep; rewrite le_eqVlt; apply/orP; left; apply/eqP.
by rewrite /c; ring.
Qed.
End Bounded.
