(* On-policy convergence is not global: a 2-cycle of a coordination game.

   One state, two agents, epsilon-greedy data around the greedy joint action of the
   current iteration, any rule for ties, any discount.

                          payoff s a == the table [[1,0],[0,1]]: 1 when both agents play
                                        the same action
                         stay s a s' == 1: every joint action stays in the only state
   coordination_run gamma eps V Q pi == a run of linear FQI on this game, the greedy
                                        joint actions pi
                        around eps a == epsilon-greedy data around a

   switch     from greedy (x, not x) both agents switch at once
   two_cycle  0 < eps < 1: from greedy (0,1) every run alternates (0,1), (1,0) for ever

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI TwoAgents.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Coordination.
Variables (F : realFieldType) (gamma eps : F).
Notation joint := {dffun forall i : bool, bool}.
Notation local := (forall i : bool, bool -> F).

Definition payoff (s : unit) (a : joint) : F := if a false == a true then 1 else 0.
Definition stay (s : unit) (a : joint) (s' : unit) : F := 1.

(* a run of linear FQI on the game under epsilon-greedy data *)
Definition coordination_run :
    (nat -> unit -> F) -> (nat -> unit -> local) -> (nat -> unit -> joint) -> Prop :=
  @on_policy_run F (finite unit) (finite bool) (fun=> (finite bool)) payoff stay gamma eps.

Hypothesis eps_gt0 : 0 < eps.
Hypothesis eps_lt1 : eps < 1.
Variables (V : nat -> unit -> F) (Q : nat -> unit -> local) (pi : nat -> unit -> joint).
Hypothesis run : coordination_run V Q pi.

Definition around (a : joint) : local := @eps_greedy F (finite bool) (fun=> (finite bool)) eps a.

Lemma around_sum1 (a : joint) i : around a i false + around a i true = 1.
Proof.
by have := @eps_greedy_sum1 F (finite bool) (fun=> (finite bool)) eps a i;
   rewrite big_bool /= addrC.
Qed.

Lemma around_gt0 (a : joint) i x : 0 < around a i x.
Proof.
exact: (@eps_greedy_gt0 F (finite bool) (fun=> (finite bool)) eps a eps_gt0 (ltW eps_lt1) i x).
Qed.

Lemma aroundE (a : joint) i x :
  around a i x = (if x == a i then 1 - eps else 0) + eps / 2%:R.
Proof. by rewrite /around /eps_greedy card_bool. Qed.

Lemma targetE t (a : joint) :
  @target F (finite unit) (finite bool) (fun=> (finite bool)) payoff stay gamma (V t) tt a =
  (if a false == a true then 1 else 0) + gamma * \sum_(s : finite unit) V t s.
Proof.
by rewrite /target; congr (_ + _ * _); apply: eq_bigr => s _; rewrite /stay mul1r.
Qed.

(* from (x, not x) both agents switch at once *)
Lemma switch t x : pi t tt = act x (~~ x) -> pi t.+1 tt = act (~~ x) x.
Proof.
move=> pt; have [gr VE fit] := run.
pose v := gamma * \sum_(s : finite unit) V t s.
pose table (x z : bool) : F := (if x == z then 1 else 0) + v.
have sum1 (i : bool) : \sum_(z : finite bool) around (pi t tt) i z = 1.
  by apply: two_sum1; apply: around_sum1.
have gt0 i z : 0 < around (pi t tt) i z by apply: around_gt0.
have yE (b : joint) : @target F (finite unit) (finite bool) (fun=> (finite bool)) payoff stay gamma
    (V t) tt b = table (b false) (b true).
  exact: targetE.
have first := fit_ranks (i := false) (~~ x) x sum1 gt0 (fit t tt).
have second := fit_ranks (i := true) x (~~ x) sum1 gt0 (fit t tt).
rewrite !(E_first (Y := table) (around_sum1 (pi t tt)) yE) in first.
rewrite !(E_second (Y := table) (around_sum1 (pi t tt)) yE) in second.
have e0 : 0 < 1 - eps by rewrite subr_gt0.
have gap1 : 0 < Q t.+1 tt false (~~ x) - Q t.+1 tt false x.
  rewrite first; move: e0; congr (_ < _).
  by rewrite !aroundE pt /act !ffunE /= /table; case: (x) => /=; field.
have gap2 : 0 < Q t.+1 tt true x - Q t.+1 tt true (~~ x).
  rewrite second; move: e0; congr (_ < _).
  by rewrite !aroundE pt /act !ffunE /= /table; case: (x) => /=; field.
have no i z : 0 < Q t.+1 tt i (~~ z) - Q t.+1 tt i z -> pi t.+1 tt i = ~~ z.
  move=> gap; have [it|] := eqVneq (pi t.+1 tt i) z; last by case: (pi _ _ _); case: (z).
  by have := gr t.+1 tt i (~~ z); rewrite it -subr_le0 leNgt gap.
apply: actP; first exact: no.
by rewrite -[RHS]negbK; apply: no; rewrite negbK.
Qed.

(* From greedy (0,1), with 0 < eps < 1: in every run the greedy joint action
   alternates (0,1), (1,0), (0,1), ... for ever.
   Source: ours. *)
Theorem two_cycle : pi 0%N tt = act false true ->
  forall t, pi t tt = if odd t then act true false else act false true.
Proof.
move=> p0; elim=> // t IH; rewrite oddS.
by move: IH; case: (odd t) => /= /(@switch t) ->.
Qed.

End Coordination.
