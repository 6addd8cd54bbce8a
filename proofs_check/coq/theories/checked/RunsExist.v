(* The runs that certificates speak of exist: what is checked of them is not vacuous.

   run_from_exists  under every data that the check admits there is a run from any
                    values and joint actions
   prepared_runs    so there is one wherever prepare (Regions.v) refuses nothing

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Exists.
Variables (F : realFieldType) (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation qval := (qval F).
Hypothesis ok : check_model m.
Hypothesis okd : check_data m d.
Hypothesis acts : forall s : state m, is_action (sizes m) (nth [::] g0 s).

(* Under every data that the check admits there is a run of linear FQI from the values v0 and
   the joint actions g0: the factors are the credits of Fits.v, the joint actions their first
   maximisers; at t = 0 the factors share v0 equally and prefer g0.
   Source: ours. *)
Theorem run_from_exists : exists V pi, @run_from F m d v0 g0 V pi.
Proof.
have [pi0 pi0E] := plays_exists acts.
have n0 := n_neq0 F (Ordinal (has_agents ok) : agent (sizes m)).
pose Q0 (s : state m) i (x : action i) : F :=
  vec F m v0 s / n_agents F (agent (sizes m)) - (if x == pi0 s i then 0 else 1).
pose top (z : (state m -> local) * (state m -> joint)) s := Qtot (z.1 s) (z.2 s).
pose step z : (state m -> local) * (state m -> joint) :=
  let Q s := credits F m d (top z) (code (z.2 s)) s in (Q, fun s => first_of (pi0 s) (Q s)).
pose z t := iter t step (Q0, pi0).
have first t (s : state m) : first_greedy ((z t).1 s) ((z t).2 s).
  case: t => [|t]; last exact: first_ofP.
  split=> i x; rewrite /z /= /Q0 eqxx subr0; first by rewrite plus_le oppr_le0; case: eqP => _; rewrite ?ler01.
  move=> xi; rewrite (_ : (x == pi0 s i) = false); last by apply/negbTE; apply: before_neq xi.
  by rewrite -subr_gt0 opprB addrCA subrr addr0 ltr01.
have fitted t (s : state m) : joint_fit (weights F m d s (code ((z t).2 s))) (y F m (top (z t)) s)
    ((z t.+1).1 s) by apply: credits_fit => // _; apply: code_is_action.
exists (fun t => top (z t)), (fun t => (z t).2); split=> [s|].
  rewrite /top /Qtot (eq_bigr (fun=> vec F m v0 s / n_agents F (agent (sizes m)))) => [|i _].
    by rewrite sumr_const -[LHS]mulr_natr -/(n_agents F (agent (sizes m))) divfK.
  by rewrite /z /= /Q0 eqxx subr0.
case mv: (moving d).
  have [[e dE]|[e [u dE]]] : (exists e, d = EpsilonGreedy e) \/ exists e u, d = Exploring e u.
  - by case: (d) mv okd => [|p|p t|e|e u|p t] // _ _; [left; exists e|right; exists e, u].
  - rewrite dE; split=> //; exists (fun t => (z t).1); split=> //; split=> // [t s|t s].
      by have [] := first t s.
    by apply/(eps_fit (top (z t)) s ((z t).2 s) ((z t.+1).1 s) dE); apply: fitted.
  rewrite dE; split=> //; exists (fun t => (z t).1); split=> // [t s|t s]; first by have [] := first t s.
  by apply/(explored_fit (top (z t)) s ((z t).2 s) ((z t.+1).1 s) dE); apply: fitted.
suff fr : fixed_run F m d (fun t => top (z t)) (fun t => (z t).1) by case: d mv fr => // *; exists (fun t => (z t).1).
split=> t s; first by apply: greedy_is_max; case: (first t s).
by have := fitted t s; rewrite weights_fixed ?mv.
Qed.
End Exists.

Lemma prepared_runs (F : realFieldType) m d p v0 g0 x : check_data m d -> prepare m d p v0 g0 = Some x ->
  exists V pi, @run_from F m d v0 g0 V pi.
Proof.
by case: x => v found okd prep; have [[ok act _] _ _ _ _] := prepareP F prep; apply: run_from_exists.
Qed.
