(* Theorem 2 on the two-state example: the multiplier gamma (1 + eps^2/4) and the exact
   critical eps.

   The model is that of Theorem3.v; the data are epsilon-greedy around the greedy joint
   action of the current iteration, any rule for ties. At the start V(s0) = 0, V(s1) >=
   0 and (0,0) is greedy at s1; FQI.v has such runs (on_policy_run_from).

   example_run gamma eps V Q pi == a run of linear FQI on the example
           multiplier gamma eps == gamma (1 + eps^2/4)
                   constant eps == 1 - eps^2/4
                     data eps a == epsilon-greedy data around a

   theorem2_example_recursion  (0,0) stays greedy at s1, and V(s1) <- constant +
                               multiplier V(s1)
   drift_unbounded             a sequence that gains at least c > 0 a step is unbounded
   drift_no_limit              and has no limit
   theorem2_example_converges  multiplier < 1: V(s1) tends to constant/(1 - multiplier)
   theorem2_example_diverges   multiplier >= 1: V(s1) is unbounded
   theorem2_example_critical   it converges iff multiplier < 1, that is eps^2 < 4
                               (1/gamma - 1)

   Source: an instance of local convergence in arXiv 2006.00587 (Theorem 2 of CSE510
   lecture 25); the exact statements for every run are ours.                             *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI TwoAgents Theorem3.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* a run of linear FQI on the example under epsilon-greedy data *)
Definition example_run (F : realFieldType) (gamma eps : F) :
    (nat -> bool -> F) -> (nat -> bool -> forall i : bool, bool -> F) ->
    (nat -> bool -> {dffun forall i : bool, bool}) -> Prop :=
  @on_policy_run F (finite bool) (finite bool) (fun=> (finite bool))
    (reward F) (trans F) gamma eps.

Section Example.
Variables (F : realFieldType) (gamma eps : F).
Notation joint := {dffun forall i : bool, bool}.
Notation local := (forall i : bool, bool -> F).
Variables (V : nat -> bool -> F) (Q : nat -> bool -> local) (pi : nat -> bool -> joint).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis eps_gt0 : 0 < eps.
Hypothesis eps_le1 : eps <= 1.
Hypothesis run : example_run gamma eps V Q pi.
Hypothesis start_s0 : V 0%N false = 0.               (* V(s0) = 0                *)
Hypothesis start_s1 : 0 <= V 0%N true.               (* V(s1) >= 0               *)
Hypothesis start_greedy : pi 0%N true = act false false.   (* greedy (0,0) at s1 *)

(* the multiplier and the constant of the recursion *)
Definition multiplier : F := gamma * (1 + eps ^+ 2 / 4%:R).
Definition constant : F := 1 - eps ^+ 2 / 4%:R.

(* the data of an iteration whose greedy joint action is a *)
Definition data (a : joint) : local := @eps_greedy F (finite bool) (fun=> (finite bool)) eps a.

Lemma data_sum1 (a : joint) i : data a i false + data a i true = 1.
Proof.
by have := @eps_greedy_sum1 F (finite bool) (fun=> (finite bool)) eps a i;
   rewrite big_bool /= addrC.
Qed.

Lemma data_gt0 (a : joint) i x : 0 < data a i x.
Proof. exact: (@eps_greedy_gt0 F (finite bool) (fun=> (finite bool)) eps a eps_gt0 eps_le1 i x). Qed.

Lemma dataE (a : joint) i x :
  data a i x = (if x == a i then 1 - eps else 0) + eps / 2%:R.
Proof. by rewrite /data /eps_greedy card_bool. Qed.

Lemma on_s0 t : V t false = 0.
Proof.
have [gr VE fit] := run; elim: t => // t IH.
rewrite VE (fit_is_cf _ _ _ (fit t false)).
- rewrite (Qtot_two (y := target (reward F) (trans F) gamma (V t) false)
    (Y := fun _ _ => 0) (data_sum1 (pi t false))).
    by rewrite /=; ring.
  by move=> b; apply: target_s0.
- by move=> i; apply: two_sum1; apply: data_sum1.
- by move=> i x; apply: data_gt0.
Qed.

Lemma one_step t : pi t true = act false false -> 0 <= V t true ->
  pi t.+1 true = act false false /\ V t.+1 true = constant + multiplier * V t true.
Proof.
move=> pt Vt; have [gr VE fit] := run.
have sum1 (i : bool) : \sum_(x : finite bool) data (pi t true) i x = 1.
  by apply: two_sum1; apply: data_sum1.
have gt0 i x : 0 < data (pi t true) i x by apply: data_gt0.
have yE b : target (reward F) (trans F) gamma (V t) true b = Y gamma (V t true) (b false) (b true).
  by apply: target_s1; apply: on_s0.
have first := fit_ranks (i := false) false true sum1 gt0 (fit t true).
have second := fit_ranks (i := true) false true sum1 gt0 (fit t true).
rewrite !(E_first (data_sum1 (pi t true)) yE) in first.
rewrite !(E_second (data_sum1 (pi t true)) yE) in second.
have e2 : 0 <= 1 - eps / 2%:R.
  rewrite (_ : _ - _ = (1 - eps) + eps / 2%:R); last by field.
  by apply: addr_ge0; [rewrite subr_ge0|apply: divr_ge0; [apply: ltW|apply: ler0n]].
have pos : 0 < 1 - eps / 2%:R + eps / 2%:R * (gamma * V t true).
  apply: lt_sum_r.
    rewrite (_ : _ - _ = (1 - eps) + eps / 2%:R); last by field.
    by apply: lt_sum_l; [rewrite subr_ge0|rewrite divr_gt0 ?ltr0n].
  by apply: mulr_ge0; [apply: divr_ge0; [apply: ltW|apply: ler0n]|apply: mulr_ge0].
have greedy0 : pi t.+1 true = act false false.
  have gap i : 0 < Q t.+1 true i false - Q t.+1 true i true.
    case: i; rewrite ?first ?second; move: pos; congr (_ < _);
      by rewrite !dataE pt /act !ffunE /= /Y /=; field.
  have no i : pi t.+1 true i = false.
    apply/negP => it; have := gr t.+1 true i false; rewrite it.
    by rewrite -subr_le0 leNgt gap.
  by apply: actP.
split=> //; rewrite VE greedy0 (fit_is_cf _ sum1 gt0 (fit t true)).
rewrite (Qtot_two (data_sum1 (pi t true)) yE) !dataE pt /act !ffunE /= /Y /=.
by rewrite /constant /multiplier; field.
Qed.

Lemma half_gt0 : 0 < 1 - eps / 2%:R.
Proof.
rewrite (_ : _ - _ = (1 - eps) + eps / 2%:R); last by field.
by apply: lt_sum_l; [rewrite subr_ge0|rewrite divr_gt0 ?ltr0n].
Qed.

Lemma constant_gt0 : 0 < constant.
Proof.
rewrite /constant (_ : _ - _ = (1 - eps / 2%:R) * (1 + eps / 2%:R)); last by field.
rewrite mulr_gt0 ?half_gt0 //; apply: addr_gt0; first exact: ltr01.
by rewrite divr_gt0 ?ltr0n.
Qed.

Lemma multiplier_ge0 : 0 <= multiplier.
Proof.
apply: mulr_ge0 => //; apply: addr_ge0; first exact: ler01.
by apply: divr_ge0; [apply: sqr_ge0|apply: ler0n].
Qed.

(* From greedy (0,0) at s1, V(s0) = 0 and V(s1) >= 0, for ever: the greedy joint
   action at s1 stays (0,0), V(s1) stays >= 0, and
   V(s1) <- (1 - eps^2/4) + gamma (1 + eps^2/4) V(s1).
   Source: ours (an instance of arXiv 2006.00587 (on-policy local convergence;
     Theorem 2 of CSE510 lecture 25)). *)
Theorem theorem2_example_recursion t :
  [/\ pi t true = act false false, 0 <= V t true
    & V t.+1 true = constant + multiplier * V t true].
Proof.
suff [pt vt] : pi t true = act false false /\ 0 <= V t true.
  by have [_ ->] := one_step pt vt.
elim: t => // t [pt vt]; have [pt1 ->] := one_step pt vt; split=> //.
apply: addr_ge0; first exact/ltW/constant_gt0.
by apply: mulr_ge0 => //; apply: multiplier_ge0.
Qed.

Lemma orbit t : multiplier != 1 ->
  V t true - constant / (1 - multiplier) =
  multiplier ^+ t * (V 0%N true - constant / (1 - multiplier)).
Proof.
move=> m1; have d0 : 1 - multiplier != 0 by rewrite subr_eq0 eq_sym.
elim: t => [|t IH]; first by rewrite expr0 mul1r.
have [_ _ ->] := theorem2_example_recursion t.
by rewrite exprS -mulrA -IH; field.
Qed.

Lemma drift t : 1 <= multiplier -> V 0%N true + t%:R * constant <= V t true.
Proof.
move=> m1; elim: t => [|t IH]; first by rewrite mul0r addr0.
have [_ vt ->] := theorem2_example_recursion t.
rewrite -addn1 natrD mulrDl [1%:R * _]mul1r addrA addrC; apply: le_sum2 => //.
by apply: (le_trans IH); apply: le_scale.
Qed.
End Example.

(* a sequence that grows by at least c > 0 a step has no limit and is unbounded *)
Lemma drift_unbounded (F : archiFieldType) (u : nat -> F) (c : F) :
  0 < c -> (forall t, u 0%N + t%:R * c <= u t) -> unbounded u.
Proof.
move=> c0 le M; have [t lt] := multiples_exceed (M - u 0%N) c0.
by exists t; apply: lt_le_trans (le t); apply: lt_from_sub.
Qed.

Lemma drift_no_limit (F : archiFieldType) (u : nat -> F) (c l : F) :
  0 < c -> (forall t, u 0%N + t%:R * c <= u t) -> ~ tends_to u l.
Proof.
move=> c0 le lim; have [T near] := lim 1 ltr01.
have [b lt] := multiples_exceed (l + 1 - u 0%N) c0.
have big : l + 1 < u (T + b)%N.
  apply: lt_le_trans (le (T + b)%N); apply: lt_from_sub; apply: lt_le_trans lt _.
  by apply: le_mul2r; [apply: ltW|rewrite ler_nat leq_addl].
have := near (T + b)%N (leq_addr _ _); rewrite ltNge => /negP []; apply: ltW.
apply: lt_le_trans (ler_norm _).
by rewrite -subr_gt0 -addrA -opprD subr_gt0.
Qed.

Section Critical.
Variables (F : archiFieldType) (gamma eps : F).
Variables (V : nat -> bool -> F) (Q : nat -> bool -> forall i : bool, bool -> F).
Variable pi : nat -> bool -> {dffun forall i : bool, bool}.
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis eps_gt0 : 0 < eps.
Hypothesis eps_le1 : eps <= 1.
Hypothesis run : example_run gamma eps V Q pi.
Hypothesis start_s0 : V 0%N false = 0.               (* V(s0) = 0                *)
Hypothesis start_s1 : 0 <= V 0%N true.               (* V(s1) >= 0               *)
Hypothesis start_greedy : pi 0%N true = act false false.   (* greedy (0,0) at s1 *)

(* gamma (1 + eps^2/4) < 1: the run converges to the fixed point
   V(s1) = (1 - eps^2/4) / (1 - gamma (1 + eps^2/4)).
   Source: ours. *)
Theorem theorem2_example_converges : multiplier gamma eps < 1 ->
  tends_to (fun t => V t true) (constant eps / (1 - multiplier gamma eps)).
Proof.
move=> m1 e e0; have m0 := multiplier_ge0 eps gamma_ge0.
have [T le] := powers_vanish m0 m1 (normr_ge0 (V 0%N true - constant eps / (1 - multiplier gamma eps))) e0.
exists T => t /le; rewrite /= (orbit gamma_ge0 eps_gt0 eps_le1 run start_s0 start_s1 start_greedy t).
  by rewrite normrM [`|_ ^+ t|]ger0_norm // exprn_ge0.
by rewrite lt_eqF.
Qed.

(* gamma (1 + eps^2/4) >= 1: the run is unbounded.
   Source: ours. *)
Theorem theorem2_example_diverges : 1 <= multiplier gamma eps -> unbounded (fun t => V t true).
Proof.
move=> m1; apply: (drift_unbounded (constant_gt0 eps_gt0 eps_le1)) => t.
exact: (drift gamma_ge0 eps_gt0 eps_le1 run start_s0 start_s1 start_greedy).
Qed.

(* The critical eps is exact: the run converges (to anything) if and only if
   gamma (1 + eps^2/4) < 1, that is, for gamma > 0, eps^2 < 4 (1/gamma - 1), or
   eps < 2 sqrt(1/gamma - 1).
   Source: ours. *)
Theorem theorem2_example_critical :
  ((exists l, tends_to (fun t => V t true) l) <-> gamma * (1 + eps ^+ 2 / 4%:R) < 1) /\
  (0 < gamma -> (gamma * (1 + eps ^+ 2 / 4%:R) < 1) = (eps ^+ 2 < 4%:R * (1 / gamma - 1))).
Proof.
split=> [|g0].
  split=> [[l lim]|m1]; last first.
    by exists (constant eps / (1 - multiplier gamma eps)); apply: theorem2_example_converges.
  rewrite ltNge; apply/negP => m1.
  apply: (drift_no_limit (constant_gt0 eps_gt0 eps_le1) _ lim) => t.
  exact: (drift gamma_ge0 eps_gt0 eps_le1 run start_s0 start_s1 start_greedy).
have gn : gamma != 0 by rewrite gt_eqF.
rewrite -subr_gt0 -[RHS]subr_gt0.
rewrite (_ : 4%:R * (1 / gamma - 1) - eps ^+ 2 =
             4%:R / gamma * (1 - gamma * (1 + eps ^+ 2 / 4%:R))); last by field.
by rewrite pmulr_rgt0 // divr_gt0 ?ltr0n.
Qed.
End Critical.
