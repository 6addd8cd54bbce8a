(* The hypotheses of the theorems of the papers can be met: closed form, existence of
   runs, value iteration, QPLEX, Theorems 2 to 4, and what is false.

   t_met is `met (@t)` of Met.v, over the rational numbers.

   corner_product  the table [[1,0],[0,0]] has a product argmax set
   optimum         the two-state example has optimal action values
   example_runs    there are on-policy runs of the two-state example from V(s0) = 0, any
                   V(s1), greedy (0,0)

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI TwoAgents QPLEX QPLEXComplete.
From FqiTheory Require Import Bellman BellmanExists Theorem3 Theorem4 Theorem2Example Theorem2 TwoCycle SetIGM.
From FqiTheory Require Import Refuted Met Example.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation R := rational_field.
Local Notation AR := rationals.
Local Notation p := (unif R : two -> forall i : two, two -> R).
Local Notation zero := (fun=> 0).
Local Notation zeros := (fun _ _ => 0).

(* ------------------------------------------------------------------------ Theorem 1 *)
Lemma normal_equations_met : met (@normal_equations).
Proof. by exists R, two, (fun=> two), (p true) => i; apply: p_sum1. Qed.

Lemma pythagoras_met : met (@pythagoras).
Proof. by exists R, two, (fun=> two), (p true) => i; apply: p_sum1. Qed.

Lemma counterfactual_is_optimal_met : met (@counterfactual_is_optimal).
Proof.
by exists R, two, (fun=> two), (p true); parts.
Qed.

Lemma residue_is_optimal_met : met (@residue_is_optimal).
Proof.
exists R, two, (fun=> two), (p true); parts.
by exists zero, (fun i => if i then 1 else - 1); rewrite big_bool /= subrr.
Qed.

Lemma Qtot_unique_on_support_met : met (@Qtot_unique_on_support).
Proof.
exists R, two, (fun=> two), (p true); parts.
exists (fun=> 1), (Qcf (p true) (fun=> 1)); split; last by exists a00; apply: prob_p_gt0.
by apply: counterfactual_is_optimal => [i|i x]; [apply: p_sum1|apply: p_ge0].
Qed.

Lemma minimisers_met : met (@minimisers).
Proof.
exists R, two, (fun=> two), (p true); parts.
by exists (fun=> 1), zeros => i x; apply: p_gt0.
Qed.

(* ------------------------------------------------------------------- runs of FQI exist *)
Lemma linear_run_exists_met : met (@linear_run_exists).
Proof.
exists R, two, two, (fun=> two), a00, (reward R), (trans R), (half R), p, (fun _ _ _ => 0).
by parts.
Qed.

Lemma on_policy_run_exists_met : met (@on_policy_run_exists).
Proof.
exists R, two, two, (fun=> two), a00, (reward R), (trans R), (half R), (half R), (fun _ _ _ => 0).
by parts.
Qed.

Lemma on_policy_run_from_met : met (@on_policy_run_from).
Proof.
exists R, two, two, (fun=> two), a00, (reward R), (trans R), (half R), true, (half R), (fun=> a00), (fun=> 0).
by parts.
Qed.

(* ------------------------------------------------------------------------ Theorem 3 *)
Lemma theorem3_recursion_met : met (@theorem3_recursion).
Proof.
have [V [Q [run V0 V1]]] := theorem3_run_exists (half R) 1.
exists R, (half R), V, Q; parts.
by exists 0%N; rewrite V1 ler01.
Qed.

Lemma half_below (F : realFieldType) : half F < 4%:R / 5%:R.
Proof. 
rewrite -subr_gt0 (_ : _ - _ = 3%:R / 10%:R); last by rewrite /half; field.
by rewrite divr_gt0 ?ltr0n.
Qed.

Lemma theorem3_contracts_met : met (@theorem3_contracts).
Proof.
have [V [Q [run V0 V1]]] := theorem3_run_exists (half R) 1.
exists R, (half R), V, Q; parts.
by exists 0%N; apply: half_below.
Qed.

Lemma theorem3_converges_met : met (@theorem3_converges).
Proof.
have [V [Q [run V0 V1]]] := theorem3_run_exists (half AR) 1.
by exists AR, (half AR), V, Q; parts; apply: half_below.
Qed.

Lemma theorem3_diverges_met : met (@theorem3_diverges).
Proof.
have [V [Q [run V0 V1]]] := theorem3_run_exists (4%:R / 5%:R : AR) 1.
by exists AR, (4%:R / 5%:R), V, Q; parts.
Qed.

Lemma theorem3_exact_met : met (@theorem3_exact).
Proof.
have [V [Q [run V0 V1]]] := theorem3_run_exists (half AR) 1.
by exists AR, (half AR), V, Q; parts.
Qed.

(* ------------------------------------------------------------- value iteration, Theorem 4 *)
Lemma bellman_contraction_met : met (@bellman_contraction).
Proof.
exists R, two, (finite joint2), a00, (reward R), (trans R), (half R).
parts.
by exists 0, zeros, zeros => s a; rewrite subrr normr0.
Qed.

Lemma bellman_exists_met : met (@bellman_exists).
Proof.
exists R, two, (finite joint2), a00, (reward R), (trans R), (half R).
by parts.
Qed.

(* the optimal action values of the example *)
Lemma optimum (F : realFieldType) :
  exists Q, forall s (a : joint2), T a00 (reward F) (trans F) (half F) Q s a = Q s a.
Proof. exact: bellman_exists (@trans_ge0 F) (@trans_sum1 F) (half_ge0 F) (half_lt1 F). Qed.

Lemma value_iteration_converges_met : met (@value_iteration_converges).
Proof.
have [Q QE] := optimum R.
exists R, two, (finite joint2), a00, (reward R), (trans R), (half R).
parts.
by exists 0, Q, Q, 0%N; split=> // s a; rewrite subrr normr0.
Qed.

Lemma bellman_unique_met : met (@bellman_unique).
Proof.
have [Q QE] := optimum R.
exists R, two, (finite joint2), a00, (reward R), (trans R), (half R).
by parts; exists Q, Q.
Qed.

Local Notation d := (fun s : two => prob (p s) : joint2 -> R).

Lemma igm_fit_is_target_met : met (@igm_fit_is_target).
Proof. by exists R, two, (fun=> two), a00, (d true) => a; apply: prob_p_gt0. Qed.

Lemma igm_run_exists_met : met (@igm_run_exists).
Proof.
exists R, two, two, (fun=> two), a00, (reward R), (trans R), (half R), d.
by move=> s a; apply: prob_p_gt0.
Qed.

Lemma igm_run_is_value_iteration_met : met (@igm_run_is_value_iteration).
Proof.
have [V [Q [run _]]] := igm_run_exists a00 (reward R) (trans R) (half R) (@prob_p_gt0 R) zeros.
exists R, two, two, (fun=> two), a00, (reward R), (trans R), (half R), d.
by split=> [s a|]; [apply: prob_p_gt0|exists V, Q, 0%N, true, a00].
Qed.

Lemma theorem4_met : met (@theorem4).
Proof.
exists R, two, two, (fun=> two), a00, (reward R), (trans R), (half R), d.
parts=> Q [QE _ _].
have [V [Q' [run Q'E]]] := igm_run_exists a00 (reward R) (trans R) (half R) (@prob_p_gt0 R) Q.
split; first by exists Q.
by exists V, Q', 0, 0%N; split=> // s a; rewrite Q'E subrr normr0.
Qed.

(* --------------------------------------------------------------------------- QPLEX *)
Lemma qplex_igm_met : met (@qplex_igm).
Proof. by exists R, two, (fun=> two), a00, zeros, (fun _ _ => 1) => i a; apply: ltr01. Qed.

Lemma qplex_max_met : met (@qplex_max).
Proof. by exists R, two, (fun=> two), a00, zeros, (fun _ _ => 1) => i a; apply: ltr01. Qed.

Lemma corner_product : product_argmax (corner R : joint2 -> R).
Proof.
exists (fun _ x => ~~ x) => a; rewrite /corner; split=> [top [] |no b].
- by have := top a00; rewrite /= act1 act2; case: (a true); case: (a false); rewrite /= ?ler10.
- by have := top a00; rewrite /= act1 act2; case: (a true); case: (a false); rewrite /= ?ler10.
by rewrite !no /=; case: ifP.
Qed.

Lemma qplex_complete_met : met (@qplex_complete).
Proof. by exists R, two, (fun=> two), true, a00, (corner R); apply: corner_product. Qed.

Lemma qplex_only_met : met (@qplex_only).
Proof.
by exists R, two, (fun=> two), a00, (corner R); apply: (qplex_complete true); apply: corner_product.
Qed.

(* --------------------------------------------------------------------- set-IGM *)
Lemma set_igm_excludes_met : met (@set_igm_excludes).
Proof. by exists R, (coordination R). Qed.

Lemma set_igm_infimum_met : met (@set_igm_infimum).
Proof. by exists R, (d true); split=> [a|]; [apply: prob_p_gt0|exists 1]. Qed.

Lemma set_igm_no_fit_met : met (@set_igm_no_fit).
Proof.
exists R, (d true); split=> [a|]; first exact: prob_p_gt0.
have [q [igm _]] := set_igm_infimum (@prob_p_gt0 R true) ltr01.
by exists q.
Qed.

(* ----------------------------------------------------------------------- on policy *)
(* a run of the two-state example *)
Lemma example_runs (F : realFieldType) (gamma eps v : F) : 0 < eps -> eps <= 1 ->
  exists V Q pi, [/\ example_run gamma eps V Q pi, V 0%N false = 0, V 0%N true = v
    & pi 0%N true = act false false].
Proof.
move=> e0 e1; have [V [Q [pi [run piE VE]]]] := @on_policy_run_from F two two (fun=> two) a00
  (reward F) (trans F) gamma true eps (fun=> a00) (fun s => if s then v else 0) e0 e1.
by exists V, Q, pi; split=> //; rewrite ?VE ?piE.
Qed.

Lemma theorem2_example_recursion_met : met (@theorem2_example_recursion).
Proof.
have [V [Q [pi [run V0 V1 piE]]]] := example_runs (half R) 1 (half_gt0 R) (half_le1 R).
by exists R, (half R), (half R), V, Q, pi; parts; rewrite V1 ler01.
Qed.

Lemma multiplier_lt1 (F : realFieldType) : multiplier (half F) (half F) < 1.
Proof. by rewrite (_ : multiplier _ _ = 17%:R / 32%:R) ?ratio_lt1 // /multiplier /half; field. Qed.

Lemma multiplier_ge1 (F : realFieldType) : 1 <= multiplier 1 (half F).
Proof. by rewrite /multiplier mul1r le_plus divr_ge0 ?sqr_ge0 ?ler0n. Qed.

Lemma theorem2_example_converges_met : met (@theorem2_example_converges).
Proof.
have [V [Q [pi [run V0 V1 piE]]]] := example_runs (half AR) 1 (half_gt0 AR) (half_le1 AR).
by exists AR, (half AR), (half AR), V, Q, pi; parts; [rewrite V1 ler01|apply: multiplier_lt1].
Qed.

Lemma theorem2_example_diverges_met : met (@theorem2_example_diverges).
Proof.
have [V [Q [pi [run V0 V1 piE]]]] := example_runs 1 1 (half_gt0 AR) (half_le1 AR).
by exists AR, 1, (half AR), V, Q, pi; parts; [rewrite V1 ler01|apply: multiplier_ge1].
Qed.

Lemma theorem2_example_critical_met : met (@theorem2_example_critical).
Proof.
have [V [Q [pi [run V0 V1 piE]]]] := example_runs (half AR) 1 (half_gt0 AR) (half_le1 AR).
by exists AR, (half AR), (half AR), V, Q, pi; parts; rewrite V1 ler01.
Qed.

(* two agents, one state: (0,0) pays 1 and all else 0, the best of which no agent leaves *)
Local Notation game_reward := (fun (_ : unit) (a : joint2) => corner R a).
Local Notation game_stay := (fun (_ : unit) (_ : joint2) (_ : unit) => 1 : R).

Lemma unit_sum (F : realFieldType) (f : unit -> F) : \sum_(s : finite unit) f s = f tt.
Proof. by rewrite (bigD1 tt) //= big1 ?addr0 // => -[]. Qed.

Lemma corner_le1 a : corner R a <= 1.
Proof. by rewrite /corner; case: ifP. Qed.

Lemma local_convergence_met : met (@local_convergence).
Proof.
exists R, (finite unit), two, (fun=> two), true, game_reward, game_stay, (half R).
parts; first by move=> s a; rewrite unit_sum.
exists (fun=> a00), (fun=> 2%:R); split=> [s|s i x].
  by rewrite /target unit_sum /corner act1 act2 /= /half; field.
rewrite /target !unit_sum /corner !act1 !act2 ffunE.
by case: i x => -[] // _; rewrite ?upd_same upd_other ?ffunE //= lt_plus2r.
Qed.

Lemma theorem2_met : met (@theorem2).
Proof.
exists R, (finite unit), two, (fun=> two), true, game_reward, game_stay, (half R).
parts; first by move=> s a; rewrite unit_sum.
exists (fun=> a00), a00, (fun _ a => corner R a + 1).
have top : maxq a00 (fun a : joint2 => corner R a + 1) = 2%:R.
  apply/eqP; rewrite eq_le; apply/andP; split; last first.
    by apply: le_trans (maxq_ge a00 _ a00); rewrite /corner act1 act2.
  by have [a ->] := maxq_attained a00 (fun a : joint2 => corner R a + 1); rewrite (natrD _ 1 1) le_plus2r corner_le1.
split=> [s a|s a na]; first by rewrite /T unit_sum top /half; field.
rewrite lt_plus2r /corner act1 act2 /=; case: ifP => // /andP [n0 n1].
by case/eqP: na; apply: actP; apply/negbTE.
Qed.

Lemma two_cycle_met : met (@two_cycle).
Proof.
have [V [Q [pi [run piE VE]]]] := @on_policy_run_from R (finite unit) two (fun=> two) a00
  (payoff R) (stay R) (half R) true (half R) (fun=> act false true) (fun=> 0) (half_gt0 R) (half_le1 R).
by exists R, (half R), (half R); parts; exists V, Q, pi; rewrite piE.
Qed.

(* ----------------------------------------------------------------- altered statements *)
Lemma closed_form_n_minus_2_refuted_met : met (@closed_form_n_minus_2_refuted).
Proof.
exists R, two, (fun=> two), true, (p true); split=> [i|]; first exact: p_sum1.
by exists (fun=> 1), a00.
Qed.

Lemma divergence_79_refuted_met : met (@divergence_79_refuted).
Proof.
have [V [Q [run V0 V1]]] := theorem3_run_exists (79%:R / 100%:R : R) 1.
by exists R, V, Q.
Qed.
