(* Theorem B: the constant 1/n of linear value factorisation with n agents.

   Any finite set of n >= 1 agents, any finite action sets; product data with full
   support. Below 1/n linear FQI cannot diverge, whatever the product data do; above it,
   for every n >= 2, there are eps-greedy data under which it does.

                     const x == the joint action in which all agents take x
                     alike b == all agents take the same of two actions
             fall_reward s b == state true pays 1 where the agents are not alike; false
                                pays 0
               fall_next s b == and keeps the state; where they are alike it falls to
                                state false, which absorbs
   fall_run gamma eps V Q pi == on-policy linear FQI on this model
                  rate F I d == 1 + (n - 1)(d^n + (1 - d)^n) - n d^(n-1)
                   count z a == the number of agents that take z in a

   changing_bounded    gamma n < 1: bounded, product data may change at every step
   fixed_bounded       gamma n <= 1: bounded, fixed product data
   on_policy_bounded   gamma n <= 1: bounded, eps-greedy data
   fall_recursion      V(true) <- rate (eps/2) (1 + gamma V(true)), the greedy actions
                       alternate between const false and const true
   on_policy_diverges  gamma n > 1, n >= 2: some eps > 0 for which the run from Q = 0 is
                       unbounded
   one_over_n          both, as one equivalence

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine.
From FqiTheory Require Import SignedFits TheoremA Witnesses AdditiveMass.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- below 1/n *)
Section Below.
Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Notation n := (n_agents F I).
Variable i0 : I.                             (* there is some agent             *)
Variables (r : S -> joint -> F) (P : S -> joint -> S -> F) (gamma : F).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis PP : @stochastic F S (finite joint) P.

Lemma n_ge1 : 0 <= n - 1.
Proof. by rewrite subr_ge0 ler1n; apply/card_gt0P; exists i0. Qed.

Lemma product_bounded nu (p : nat -> S -> local) V Q : 0 <= nu -> gamma * (1 + nu) < 1 ->
  (forall t s i, \sum_(x : A i) p t s i x = 1) -> (forall t s i (x : A i), 0 < p t s i x) ->
  (forall t s, mass_at_most (additive_weights (p t s) : finite joint -> finite joint -> F) nu) ->
  @class_run F S (finite joint) r P gamma (fun t s => additive_weights (p t s)) V Q -> bounded V.
Proof.
move=> nu0 small p1 p0 Wnu run; have [R rR] := @rewards_bounded F S (finite joint) r.
have [C le] := @class_bounded F S (finite joint) r P gamma nu R (\sum_s `|V 0%N s|)
  gamma_ge0 nu0 small PP rR.
exists C; apply: (le (fun t s => prob (p t s)) (fun t s => additive_weights (p t s)) V Q) => //.
- by move=> t s a; apply/ltW/prob_gt0.
- by move=> t s; apply: prob_sum1.
- by move=> t s; apply: additive_keeps_mean.
- by move=> t s; apply: additive_unit_rows.
- by move=> s; apply: largest.
Qed.

(* gamma < 1/n: Q_tot fitted linearly to the targets, in every state and at every step on
   any product data with full support, stays bounded.
   Source: ours. *)
Theorem changing_bounded (p : nat -> S -> local) V Q : gamma * n < 1 ->
  (forall t s i, \sum_(x : A i) p t s i x = 1) -> (forall t s i (x : A i), 0 < p t s i x) ->
  (forall t s, is_max (Qtot (Q t s)) (V t s)) ->
  (forall t s, best_fit (p t s) (Model.target r P gamma (V t) s) (Q t.+1 s)) -> bounded V.
Proof.
move=> small p1 p0 mx best.
apply: (@product_bounded (n - 1) p V (fun t s => Qtot (Q t s))) => //.
- exact: n_ge1.
- by rewrite addrC subrK.
- by move=> t s a; apply: additive_mass_le.
split=> [t s|t s a]; first exact: mx.
exact: (additive_fit (p1 t s) (p0 t s) i0 _ (best t s)).
Qed.

Hypothesis gamma_lt1 : gamma < 1.
Hypothesis below : gamma * n <= 1.

Lemma strictly_below m : 0 < m -> m <= 1 -> gamma * (1 + (n - 1) * (1 - m)) < 1.
Proof.
move=> m0 m1; rewrite -subr_gt0.
have -> : 1 - gamma * (1 + (n - 1) * (1 - m)) = (1 - gamma * n) + gamma * ((n - 1) * m) by ring.
have [->|g] := eqVneq gamma 0; first by rewrite !mul0r subr0 addr0 ltr01.
have g0 : 0 < gamma by rewrite lt_neqAle eq_sym g.
have := n_ge1; rewrite le_eqVlt => /orP [/eqP n1|n1].
  have -> : n = 1 by apply/eqP; rewrite -subr_eq0 -n1.
  by rewrite subrr mul0r mulr0 addr0 mulr1 subr_gt0.
by apply: lt_sum_l; rewrite ?subr_ge0 // mulr_gt0 // mulr_gt0.
Qed.

Lemma floor_mass (p : local) m a : (forall i, \sum_(x : A i) p i x = 1) ->
  (forall i (x : A i), 0 < p i x) -> (forall b : joint, m <= prob p b) ->
  neg_mass (additive_weights p : finite joint -> finite joint -> F) a <= (n - 1) * (1 - m).
Proof.
move=> p1 p0 le; apply: le_trans (additive_mass_lt p1 p0 i0 a) _.
by apply: le_mul2l; [apply: n_ge1|apply: le_minus].
Qed.

Lemma prob_le1 (p : local) (b : joint) : (forall i, \sum_(x : A i) p i x = 1) ->
  (forall i (x : A i), 0 < p i x) -> prob p b <= 1.
Proof.
move=> p1 p0; rewrite -(prob_sum1 p1) [X in _ <= X](bigD1 b) //= le_plus.
by apply: sumr_ge0 => a _; apply/ltW/prob_gt0.
Qed.

(* gamma <= 1/n: every run of linear FQI on fixed product data with full support is bounded.
   Source: ours. *)
Theorem fixed_bounded (p : S -> local) V Q :
  (forall s i, \sum_(x : A i) p s i x = 1) -> (forall s i (x : A i), 0 < p s i x) ->
  linear_run r P gamma p V Q -> bounded V.
Proof.
move=> p1 p0 run; case: (pickP (@predT S)) => [s0 _|none]; last first.
  by exists 0 => t s; have := none s.
have [b0] : exists b0 : joint, True by exists (Expectation.a0 (p1 s0)).
have [m m0 le] := @least F (finite (S * joint)%type) (fun sb => prob (p sb.1) sb.2)
  (fun sb => prob_gt0 (p0 sb.1) sb.2) => _.
have m1 : m <= 1 by apply: le_trans (le (s0, b0)) (prob_le1 _ (p1 s0) (p0 s0)).
apply: (@product_bounded ((n - 1) * (1 - m)) (fun=> p) V (fun t s => Qtot (Q t s))) => //.
- by rewrite mulr_ge0 ?n_ge1 // subr_ge0.
- exact: strictly_below.
- by move=> t s a; apply: floor_mass => // b; apply: (le (s, b)).
exact: linear_run_weights.
Qed.

(* gamma <= 1/n: every on-policy run of linear FQI under eps-greedy data is bounded.
   Source: ours. *)
Theorem on_policy_bounded eps V Q pi : 0 < eps -> eps <= 1 ->
  on_policy_run r P gamma eps V Q pi -> bounded V.
Proof.
move=> e0 e1 run; case: (pickP (@predT S)) => [s0 _|none]; last first.
  by exists 0 => t s; have := none s.
have p1 (a : joint) i : \sum_(x : A i) eps_greedy eps a x = 1 by apply: eps_greedy_sum1.
have p0 (a : joint) i (x : A i) : 0 < eps_greedy eps a x by apply: eps_greedy_gt0.
have [m m0 le] := @least F (finite (joint * joint)%type)
  (fun ab => prob (eps_greedy eps ab.1) ab.2) (fun ab => prob_gt0 (p0 ab.1) ab.2).
have m1 : m <= 1.
  by apply: le_trans (le (pi 0%N s0, pi 0%N s0)) (prob_le1 _ (p1 _) (p0 _)).
apply: (@product_bounded ((n - 1) * (1 - m)) (fun t s => eps_greedy eps (pi t s)) V
  (fun t s => Qtot (Q t s))) => //.
- by rewrite mulr_ge0 ?n_ge1 // subr_ge0.
- exact: strictly_below.
- by move=> t s a; apply: floor_mass => [i|i x|b]; [apply: p1|apply: p0|apply: (le (pi t s, b))].
exact: on_policy_run_weights.
Qed.
End Below.

(* ------------------------------------------------------------- above 1/n, on policy *)
Section Fall.
Variables (F : realFieldType) (I : finType).
Notation joint := {dffun forall i : I, bool}.
Notation local := (forall i : I, bool -> F).
Notation n := (n_agents F I).
Notation N := (#|I| - 1)%N.

Definition const (x : bool) : joint := [ffun i : I => x].
Definition alike (b : joint) : bool := (b == const false) || (b == const true).
Definition fall_reward (s : bool) (b : joint) : F := if s && ~~ alike b then 1 else 0.
Definition fall_next (s : bool) (b : joint) : bool := s && ~~ alike b.
Definition fall_run (gamma eps : F) : (nat -> bool -> F) -> (nat -> bool -> local) ->
    (nat -> bool -> joint) -> Prop :=
  @on_policy_run F (finite bool) I (fun=> (finite bool)) fall_reward (transition F fall_next)
    gamma eps.

Definition rate (d : F) : F := 1 + (n - 1) * (d ^+ #|I| + (1 - d) ^+ #|I|) - n * d ^+ N.

Variables (gamma eps : F).
Hypothesis two : (1 < #|I|)%N.
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis eps_gt0 : 0 < eps.
Hypothesis eps_lt1 : eps < 1.
Notation d := (eps / 2%:R).
Notation data a := (@eps_greedy F I (fun=> (finite bool)) eps a : local).
Notation W a := (@additive_weights F I (fun=> (finite bool)) (data a)).

Lemma agent : I.
Proof. by apply: enum_val (Ordinal (ltnW two)). Qed.

Lemma powS (x : F) : x ^+ #|I| = x ^+ N * x.
Proof. by rewrite -exprSr subn1 prednK // ltnW. Qed.

Lemma data_sum1 (a : joint) i : \sum_(x : bool) data a i x = 1.
Proof. exact: (@eps_greedy_sum1 F I (fun=> (finite bool)) eps a i). Qed.

Lemma data_gt0 (a : joint) i x : 0 < data a i x.
Proof. exact: (@eps_greedy_gt0 F I (fun=> (finite bool)) eps a eps_gt0 (ltW eps_lt1) i x). Qed.

Lemma data_const x i z : data (const x) i z = if z == x then 1 - d else d.
Proof. by rewrite /eps_greedy ffunE card_bool; case: (z == x); field. Qed.

(* how many agents take z in a *)
Definition count (z : bool) (a : joint) : F := \sum_i (z == a i)%:R.

Lemma count_both x a : count (~~ x) a = n - count x a.
Proof.
apply/eqP; rewrite eq_sym subr_eq -big_split /n_agents -sum1_card natr_sum; apply/eqP.
by apply: eq_bigr => i _; case: x; case: (a i); rewrite /= ?addr0 ?add0r.
Qed.

Lemma weight_const x z a : W (const x) a (const z) =
  (if z == x then 1 - d else d) ^+ N * (count z a - (n - 1) * (if z == x then 1 - d else d)).
Proof.
set q := (if z == x then 1 - d else d).
have q0 : q != 0 by rewrite /q -(data_const x agent z) gt_eqF // data_gt0.
rewrite /additive_weights (_ : prob _ _ = q ^+ #|I|); last first.
  rewrite /prob (eq_bigr (fun=> q)) => [|i _]; last by rewrite data_const ffunE.
  by rewrite prodr_const.
rewrite (_ : hits _ _ _ = count z a / q); last first.
  rewrite /hits /count mulr_suml; apply: eq_bigr => i _.
  rewrite ffunE data_const; case: eqP => [<-|_]; first by [].
  by rewrite !mul0r.
have -> : q ^+ #|I| = q ^+ N * q by apply: powS.
rewrite -mulrA; congr (_ * _); rewrite mulrBr mulrCA divff // mulr1.
by rewrite [q * _]mulrC.
Qed.

Lemma fall_fit V x a : V false = 0 ->
  fit (W (const x)) (backup fall_reward (transition F fall_next) gamma V true) a =
  (1 + gamma * V true) * (rate d - ((1 - d) ^+ N - d ^+ N) * count x a).
Proof.
move=> V0; set c := 1 + gamma * V true.
have yE b : backup fall_reward (transition F fall_next) gamma V true b =
    c * (1 - (b == const x)%:R - (b == const (~~ x))%:R).
  rewrite backup_next /fall_reward /fall_next /= /alike.
  have neq : const x == const (~~ x) = false.
    apply/negP => /eqP /ffunP /(_ agent); rewrite !ffunE; by case: x.
  have -> : (b == const false) || (b == const true) = (b == const x) || (b == const (~~ x)).
    by case: x {neq} => //=; rewrite orbC.
  have [->|bx] := eqVneq b (const x); first by rewrite neq /= V0 /c; ring.
  by case: (b == const (~~ x)) => /=; rewrite ?V0 /c; ring.
have sum1 := additive_unit_rows (data_sum1 (const x)) (data_gt0 (const x)) a.
have pick z : \sum_b W (const x) a b * (b == const z)%:R = W (const x) a (const z).
  rewrite (bigD1 (const z)) //= eqxx mulr1 big1 ?addr0 //.
  by move=> b /negbTE ->; rewrite mulr0.
transitivity (\sum_b c * (W (const x) a b - W (const x) a b * (b == const x)%:R
    - W (const x) a b * (b == const (~~ x))%:R)).
  by apply: eq_bigr => b _; rewrite yE mulrCA; congr (_ * _); rewrite !mulrBr mulr1.
rewrite -mulr_sumr !sumrB sum1 !pick !weight_const eqxx.
have -> : (~~ x == x) = false by case: (x).
rewrite count_both /rate; congr (_ * _).
have -> : (1 - d) ^+ #|I| = (1 - d) ^+ N * (1 - d) by apply: powS.
have -> : d ^+ #|I| = d ^+ N * d by apply: powS.
by set u := (1 - d) ^+ N; set v := d ^+ N; ring.
Qed.

Lemma powers_increase (x y : F) t : 0 <= x -> x < y -> x ^+ t.+1 < y ^+ t.+1.
Proof.
move=> x0 xy; have y0 : 0 < y by apply: le_lt_trans xy.
elim: t => [|t IH]; first by rewrite !expr1.
rewrite exprS [y ^+ _]exprS; apply: le_lt_trans (le_mul2l x0 (ltW IH)) _.
by rewrite -subr_gt0 -mulrBl mulr_gt0 ?subr_gt0 // exprn_gt0.
Qed.

Lemma pow_lt : 0 < (1 - d) ^+ N - d ^+ N.
Proof.
have d0 : 0 < d by rewrite divr_gt0 ?ltr0n.
have dl : d < 1 - d.
  by rewrite -subr_gt0 (_ : 1 - d - d = 1 - eps) ?subr_gt0 //; field.
have N0 : (0 < N)%N by rewrite subn_gt0.
rewrite subr_gt0 -(prednK N0); apply: powers_increase => //.
exact: ltW.
Qed.

Section Run.
Variables (V : nat -> bool -> F) (Q : nat -> bool -> local) (pi : nat -> bool -> joint).
Hypothesis run : fall_run gamma eps V Q pi.

Lemma fall_step t x : V t false = 0 -> 0 <= V t true -> pi t true = const x ->
  [/\ V t.+1 false = 0, V t.+1 true = rate d * (1 + gamma * V t true)
    & pi t.+1 true = const (~~ x)].
Proof.
move=> V0 V1 atx; have [gr VE best] := run.
have fitE s a : Qtot (Q t.+1 s) a =
    fit (W (pi t s)) (backup fall_reward (transition F fall_next) gamma (V t) s) a.
  exact: (additive_fit (data_sum1 _) (data_gt0 _) agent _ (best t s)).
have c0 : 0 < 1 + gamma * V t true by apply: lt_sum_r; [apply: ltr01|apply: mulr_ge0].
have count0 : count x (const (~~ x)) = 0.
  by rewrite /count big1 // => i _; rewrite ffunE; case: x {atx}.
have [le _] := greedy_is_max (gr t.+1 true).
have picount : count x (pi t.+1 true) <= 0.
  have := le (const (~~ x)); rewrite !fitE atx !fall_fit // count0 mulr0 subr0.
  rewrite -subr_ge0 -mulrBr addrAC subrr add0r pmulr_rge0 // oppr_ge0.
  by rewrite pmulr_rle0 // pow_lt.
have piE : pi t.+1 true = const (~~ x).
  apply/ffunP => i; rewrite ffunE; apply/eqP; apply/negPn/negP => ne.
  have xi : x == pi t.+1 true i by move: ne; case: x {atx fitE count0 le picount}; case: (pi t.+1 true i).
  move: picount; rewrite leNgt => /negP []; rewrite /count (bigD1 i) //= xi.
  by apply: lt_sum_r; [apply: ltr01|apply: sumr_ge0 => j _; apply: ler0n].
split=> //; last by rewrite VE piE fitE atx fall_fit // count0 mulr0 subr0 mulrC.
rewrite VE fitE /fit big1 // => b _.
by rewrite backup_next /fall_reward /fall_next /= V0 mulr0 addr0 mulr0.
Qed.

Hypothesis start : forall s, V 0%N s = 0.
Hypothesis greedy0 : pi 0%N true = const false.
Hypothesis rate_ge0 : 0 <= rate d.

Lemma fall_values t : [/\ V t false = 0, 0 <= V t true & pi t true = const (odd t)].
Proof.
elim: t => [|t [V0 V1 pit]]; first by rewrite !start.
have [-> -> ->] := fall_step V0 V1 pit; split=> //.
by rewrite mulr_ge0 // addr_ge0 ?ler01 // mulr_ge0.
Qed.

(* From V = 0 with all agents at the first action, the greedy actions alternate and
   V(true) <- rate n (eps/2) (1 + gamma V(true)).
   Source: ours. *)
Theorem fall_recursion t :
  V t.+1 true = rate d * (1 + gamma * V t true) /\ pi t true = const (odd t).
Proof. by have [V0 V1 pit] := fall_values t; have [_ -> _] := fall_step V0 V1 pit. Qed.

Lemma fall_grows t : 1 <= gamma * rate d -> t%:R * rate d <= V t true.
Proof.
move=> ge1; elim: t => [|t IH]; first by rewrite start mul0r.
have [V0 V1 _] := fall_values t; have [-> _] := fall_recursion t.
rewrite -addn1 natrD mulrDl mul1r [rate d * _]mulrDr mulr1 addrC le_plus2l; apply: le_trans IH _.
by rewrite mulrA [rate d * _]mulrC; apply: le_scale.
Qed.
End Run.

Lemma one_minus (t : nat) (x : F) : 0 <= x -> x <= 1 -> 1 - t%:R * x <= (1 - x) ^+ t.
Proof.
move=> x0 x1; elim: t => [|t IH]; first by rewrite mul0r subr0 expr0.
have x1' : 0 <= 1 - x by rewrite subr_ge0.
rewrite exprS; apply: le_trans (le_mul2l x1' IH); rewrite -addn1 natrD -subr_ge0.
have -> : (1 - x) * (1 - t%:R * x) - (1 - (t%:R + 1%:R) * x) = t%:R * (x * x) by ring.
by rewrite !mulr_ge0 ?ler0n.
Qed.

Lemma rate_ge : n - n ^+ 2 * d <= rate d.
Proof.
have d0 : 0 <= d by rewrite divr_ge0 ?ler0n // ltW.
have d1 : d <= 1.
  rewrite -subr_ge0 (_ : _ - _ = (1 + (1 - eps)) / 2%:R); last by field.
  by rewrite divr_ge0 ?ler0n // addr_ge0 ?ler01 // subr_ge0 ltW.
have n1 : 0 <= n - 1 by rewrite subr_ge0 ler1n ltnW.
have n0 : 0 <= n by apply: ler0n.
have dN : d ^+ N <= d.
  have -> : N = (N.-1).+1 by rewrite prednK // subn_gt0.
  rewrite exprS -[X in _ <= X]mulr1; apply: le_mul2l => //.
  by apply: exprn_ile1.
rewrite /rate -subr_ge0.
have -> : 1 + (n - 1) * (d ^+ #|I| + (1 - d) ^+ #|I|) - n * d ^+ N - (n - n ^+ 2 * d) =
    (n - 1) * d ^+ #|I| + (n - 1) * ((1 - d) ^+ #|I| - (1 - n * d)) + n * (d - d ^+ N) by ring.
rewrite !addr_ge0 // mulr_ge0 // ?exprn_ge0 // subr_ge0 //.
exact: one_minus.
Qed.
End Fall.

Section Threshold.
Variables (F : archiFieldType) (I : finType) (gamma : F).
Notation n := (n_agents F I).
Notation run_from_zero eps V Q pi := ((@fall_run F I gamma eps V Q pi /\
  forall s i x, Q 0%N s i x = 0) /\ pi 0%N true = const I false).
Hypothesis two : (1 < #|I|)%N.
Hypothesis gamma_ge0 : 0 <= gamma.

Lemma fall_run_exists (eps : F) : 0 < eps -> eps <= 1 -> exists V Q pi, run_from_zero eps V Q pi.
Proof.
move=> e0 e1; have [V [Q [pi [run pi0 V0]]]] := @on_policy_run_from F (finite bool) I
  (fun=> (finite bool)) (const I false) (@fall_reward F I) (transition F (@fall_next I)) gamma
  (agent two) eps (fun=> const I false) (fun=> 0) e0 e1.
have [gr VE best] := run.
exists V, (fun t => if t is 0 then fun _ _ _ => 0 else Q t), pi; split; last exact: pi0.
split=> //; split=> [[|t] s|[|t] s|t s] //.
by rewrite V0 /Qtot big1.
Qed.

(* For n >= 2 agents with two actions each and every gamma > 1/n there is an eps > 0 such
   that the on-policy run of linear FQI under eps-greedy data from Q = 0 is unbounded.
   Source: ours. *)
Theorem on_policy_diverges : 1 < gamma * n -> exists eps, [/\ 0 < eps, eps < 1,
  exists V Q pi, run_from_zero eps V Q pi &
  forall V Q pi, run_from_zero eps V Q pi -> unbounded (fun t => V t true)].
Proof.
move=> above; have n0 : 0 < n by rewrite ltr0n ltnW.
have g0 : 0 < gamma.
  rewrite lt_neqAle gamma_ge0 andbT eq_sym; apply/eqP => g.
  by move: above; rewrite g mul0r ltNge ler01.
pose eps0 := (gamma * n - 1) / (gamma * n ^+ 2).
have eps00 : 0 < eps0 by rewrite divr_gt0 ?subr_gt0 // mulr_gt0 // exprn_gt0.
have h0 : 0 < 1 / 2%:R :> F by rewrite divr_gt0 ?ltr01 ?ltr0n.
have [eps [e0 le1 le2]] := smaller eps00 h0; exists eps.
have e1 : eps < 1.
  apply: le_lt_trans le2 _; rewrite -subr_gt0 (_ : _ - _ = 1 / 2%:R); last by field.
  exact: h0.
have big : 1 <= gamma * rate I (eps / 2%:R).
  apply: (@le_trans _ _ (gamma * (n - n ^+ 2 * (eps / 2%:R)))); last first.
    by apply: le_mul2l => //; apply: rate_ge.
  have le : eps / 2%:R <= eps0.
    apply: le_trans le1; rewrite -subr_ge0 (_ : _ - _ = eps / 2%:R); last by field.
    by rewrite divr_ge0 ?ler0n // ltW.
  rewrite -subr_ge0.
  have -> : gamma * (n - n ^+ 2 * (eps / 2%:R)) - 1 = gamma * n ^+ 2 * (eps0 - eps / 2%:R).
    by rewrite /eps0; field; rewrite !gt_eqF.
  by rewrite mulr_ge0 ?subr_ge0 // mulr_ge0 // exprn_ge0 // ltW.
have K0 : 0 < rate I (eps / 2%:R).
  by rewrite -(pmulr_rgt0 _ g0); apply: lt_le_trans big; apply: ltr01.
split=> //; first by apply: fall_run_exists => //; apply: ltW.
move=> V Q pi [[run Q0] pi0] M.
have V0 s : V 0%N s = 0.
  by have [_ -> _] := run; rewrite /Qtot big1.
have [t lt] := multiples_exceed M K0; exists t; apply: lt_le_trans lt _.
exact: (fall_grows two gamma_ge0 e0 e1 run V0 pi0 (ltW K0)).
Qed.

(* Theorem B: for n >= 2 agents with two actions each and 0 <= gamma < 1, all on-policy
   runs of all finite models under all eps-greedy data are bounded if and only if
   gamma <= 1/n.
   Source: ours. *)
Theorem one_over_n : gamma < 1 -> gamma * n <= 1 <->
  forall (S : finType) r (P : S -> {dffun forall i : I, bool} -> S -> F) eps V Q pi,
    @stochastic F S (finite {dffun forall i : I, bool}) P -> 0 < eps -> eps <= 1 ->
    @on_policy_run F S I (fun=> (finite bool)) r P gamma eps V Q pi -> bounded V.
Proof.
move=> g1; split=> [below S r P eps V Q pi PP e0 e1 run|all].
  exact: (on_policy_bounded (agent two) gamma_ge0 PP g1 below e0 e1 run).
rewrite leNgt; apply/negP => /on_policy_diverges [eps [e0 e1 [V [Q [pi run]]] un]].
have [[frun _] _] := run.
have [C le] := all _ _ _ eps V Q pi (transition_stochastic F (@fall_next I)) e0 (ltW e1) frun.
have [t] := un V Q pi run C; rewrite ltNge => /negP []; exact: le_norm (le t true).
Qed.
End Threshold.
