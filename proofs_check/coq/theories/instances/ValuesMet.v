(* The hypotheses of the theorems on the value space can be met, for product data and
   for correlated data.

   t_met is `met (@t)` of Met.v, over the rational numbers.

     loops == every joint action stays where it is: the projected kernel is the identity
   alike a == correlated data: 3/8 where both agents play the same action, else 1/8

   K_bound          the signed kernel of the two-state example at discount 1/2: the
                    weighted bound with kappa = 3/4
   correlated_runs  there are runs of linear FQI on these correlated data

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Theorem3 MaxAffine ValueSpace JointData.
From FqiTheory Require Import SignedFits TheoremA Witnesses AdditiveMass Met Example.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation R := rational_field.
Local Notation p := (unif R : two -> forall i : two, two -> R).
Local Notation d := (fun s : two => prob (p s) : joint2 -> R).
Local Notation r := (reward R : two -> joint2 -> R).
Local Notation zeros := (fun _ _ => 0).
Local Notation P := (trans R : two -> joint2 -> two -> R).

Definition loops (s : two) (a : joint2) (s' : two) : R := (s' == s)%:R.

Lemma loops_sum1 s a : \sum_s' loops s a s' = 1.
Proof. by rewrite (bigD1 s) //= /loops eqxx big1 ?addr0 // => s' /negbTE ->. Qed.

Lemma loops_ge0 s a s' : 0 <= loops s a s'. Proof. exact: ler0n. Qed.

Lemma K_loops s a s' : K loops p s a s' = loops s a s'.
Proof. exact: (fitted_const (p_sum1 R s) true). Qed.

(* the signed kernel of the two-state example, whose entries sum to 3/2 at most in size *)
Lemma K_bound s a : half R * (\sum_s' `|K P p s a s'| * 1) <= 3%:R / 4%:R * 1.
Proof.
have [_ most] := weights_mass R.
have := @kernel_bound R two (finite joint2) P (half R) (fun=> weights R) (1 / 4%:R) (half_ge0 R)
  (trans_stochastic R) (fun=> weights_unit R) (fun=> most) s a.
rewrite (_ : half R * (1 + 2%:R * (1 / 4%:R)) = 3%:R / 4%:R); last by rewrite /half; field.
congr (_ * _ <= _); apply: eq_bigr => s' _; congr (`|_| * _).
rewrite /K /fitted; symmetry; apply: (additive_fit (p_sum1 R true) (p_gt0 R true) true).
by apply: counterfactual_is_optimal => [i|i x]; [apply: p_sum1|apply: p_ge0].
Qed.

Lemma zero_is_max k g s : is_max (@ValueSpace.look R two two (fun=> two) zeros k g (fun=> 0) s) 0.
Proof.
have zero a : @ValueSpace.look R two two (fun=> two) zeros k g (fun=> 0) s a = 0.
  by rewrite /ValueSpace.look big1 ?mulr0 ?addr0 // => s' _; rewrite mulr0.
by split=> [a|]; [rewrite zero|exists a00; rewrite zero].
Qed.

Lemma kernel_row_sums_met : met (@kernel_row_sums).
Proof. by exists R, two, two, (fun=> two), true, P, p; parts. Qed.

Lemma value_space_form_met : met (@value_space_form).
Proof.
have [V [Q [run _]]] := fixed_runs (half R) (fun _ _ _ => 0).
by exists R, two, two, (fun=> two), r, P, (half R), p; parts; exists V, Q, 0%N, true.
Qed.

Lemma level_shift_met : met (@level_shift).
Proof.
have [V [Q [run _]]] := fixed_runs (half R) (fun _ _ _ => 0).
exists R, two, two, (fun=> two), true, r, P, (half R), p; parts.
by exists (V 0%N), 1, true, (V 1%N true); apply: value_space_form run; parts.
Qed.

Lemma weighted_bound_contracts_met : met (@weighted_bound_contracts).
Proof.
exists R, two, two, (fun=> two), zeros, (K P p), (half R); parts.
exists (fun=> 1), (3%:R / 4%:R), (fun=> 0), (fun=> 0), 0, true, 0, 0.
split; first by move=> s; apply: ltr01.
split; first exact: K_bound; parts.
- by move=> _; rewrite subrr normr0 mul0r.
- exact: zero_is_max.
- exact: zero_is_max.
Qed.

Lemma nonnegative_kernel_contracts_met : met (@nonnegative_kernel_contracts).
Proof.
exists R, two, two, (fun=> two), zeros, loops, (half R); parts.
exists (fun=> 0), (fun=> 0), true, 0, 0; parts;
  solve [exact: loops_sum1 | exact: loops_ge0 | exact: zero_is_max | by exists 0 => s; rewrite subrr normr0].
Qed.

Lemma weighted_bound_converges_met : met (@weighted_bound_converges).
Proof.
exists R, two, two, (fun=> two), a00, r, P, (half R), p; parts.
exists (fun=> 1), (3%:R / 4%:R); split=> //; split; first exact: ratio_lt1.
split; first exact: K_bound.
move=> V [fixed _ _]; split; first by exists V.
have [Vt [Q [run _]]] := fixed_runs (half R) (fun _ _ _ => 0).
exists Vt, Q, (\sum_s `|Vt 0%N s - V s|), 0%N; split=> // s.
by rewrite mulr1 (bigD1 s) //= le_plus sumr_ge0.
Qed.

Lemma nonnegative_kernel_converges_met : met (@nonnegative_kernel_converges).
Proof.
exists R, two, two, (fun=> two), true, a00, r, loops, (half R), p; parts.
- exact: loops_sum1.
- by move=> s a s'; rewrite K_loops loops_ge0.
move=> V [fixed _ _]; split; first by exists V.
have [Vt [Q [run _]]] := linear_run_exists a00 r loops (half R) (fun _ _ _ => 0) (p_sum1 R) (p_ge0 R).
exists Vt, Q, (\sum_s `|Vt 0%N s - V s|), 0%N; split=> // s.
by rewrite (bigD1 s) //= le_plus sumr_ge0.
Qed.

(* ------------------------------------------------------------------- correlated data *)
(* both agents mostly play alike *)
Definition alike (a : joint2) : R := if a false == a true then 3%:R / 8%:R else 1 / 8%:R.

Lemma alike_gt0 a : 0 < alike a. Proof. by rewrite /alike; case: ifP; rewrite divr_gt0 ?ltr01 ?ltr0n. Qed.
Lemma alike_ge0 a : 0 <= alike a. Proof. exact/ltW/alike_gt0. Qed.

Lemma joint_fit_exists_met : met (@joint_fit_exists).
Proof. by exists R, two, (fun=> two), alike => a; apply: alike_ge0. Qed.

Lemma joint_Qtot_unique_met : met (@joint_Qtot_unique).
Proof.
exists R, two, (fun=> two), alike; split=> [a|]; first exact: alike_ge0.
have best := joint_fit_exists alike_ge0 (r true).
by exists (r true), (LeastSquares.credits alike (r true)), (LeastSquares.credits alike (r true));
   parts; exists a00; apply: alike_gt0.
Qed.

Lemma joint_minimisers_met : met (@joint_minimisers).
Proof.
exists R, two, (fun=> two), alike; split=> [a|]; first exact: alike_gt0.
exists a00, (r true), (LeastSquares.credits alike (r true)), (fun _ _ => 0).
exact: joint_fit_exists alike_ge0 (r true).
Qed.

Lemma joint_fitted_product_met : met (@joint_fitted_product).
Proof. by exists R, two, (fun=> two), (p true), (r true), a00; parts. Qed.

Lemma joint_run_exists_met : met (@joint_run_exists).
Proof.
exists R, two, two, (fun=> two), a00, r, P, (half R), (fun=> alike), (fun _ _ _ => 0).
by move=> s a; apply: alike_ge0.
Qed.

Lemma correlated_runs Pt : exists V Q, joint_run r Pt (half R) (fun=> alike) V Q.
Proof.
have [V [Q [run _]]] := joint_run_exists a00 r Pt (half R) (fun _ _ _ => 0) (fun _ : two => alike_ge0).
by exists V, Q.
Qed.

Lemma joint_Qtot_form_met : met (@joint_Qtot_form).
Proof.
have [V [Q run]] := correlated_runs P.
exists R, two, two, (fun=> two), r, P, (half R), (fun=> alike); split; first by move=> s a; apply: alike_gt0.
by exists V, Q, 0%N, true, a00.
Qed.

Lemma joint_value_space_form_met : met (@joint_value_space_form).
Proof.
have [V [Q run]] := correlated_runs P.
exists R, two, two, (fun=> two), r, P, (half R), (fun=> alike); split; first by move=> s a; apply: alike_gt0.
by exists V, Q, 0%N, true.
Qed.

Lemma joint_kernel_row_sums_met : met (@joint_kernel_row_sums).
Proof.
exists R, two, two, (fun=> two), P, (fun=> alike); split; first by move=> s a; apply: alike_gt0.
by exists true; apply: trans_sum1.
Qed.

Lemma joint_level_shift_met : met (@joint_level_shift).
Proof.
have [V [Q run]] := correlated_runs P.
exists R, two, two, (fun=> two), r, P, (half R), (fun=> alike); split; first by move=> s a; apply: alike_gt0.
exists true; split; first exact: trans_sum1.
exists (V 0%N), 1, true, (V 1%N true); apply: joint_value_space_form run.
by move=> s a; apply: alike_gt0.
Qed.

Lemma joint_K_loops s a s' : joint_K loops (fun=> alike) s a s' = loops s a s'.
Proof. exact: (joint_fitted_const alike_gt0 true). Qed.

Lemma joint_nonnegative_kernel_converges_met : met (@joint_nonnegative_kernel_converges).
Proof.
exists R, two, two, (fun=> two), a00, r, loops, (half R), (fun=> alike).
split; first by move=> s a; apply: alike_gt0.
exists true; parts; first exact: loops_sum1.
  by move=> s a s'; rewrite joint_K_loops loops_ge0.
move=> V [fixed _ _]; split; first by exists V.
have [Vt [Q run]] := correlated_runs loops.
exists Vt, Q, (\sum_s `|Vt 0%N s - V s|), 0%N; split=> // s.
by rewrite (bigD1 s) //= le_plus sumr_ge0.
Qed.

Lemma joint_weighted_bound_converges_met : met (@joint_weighted_bound_converges).
Proof.
exists R, two, two, (fun=> two), a00, r, loops, (half R), (fun=> alike).
split; first by move=> s a; apply: alike_gt0.
have bound s a : half R * (\sum_s' `|joint_K loops (fun=> alike) s a s'| * 1) <= half R * 1.
  apply: le_mul2l; first exact: half_ge0.
  rewrite (eq_bigr (loops s a)) ?loops_sum1 // => s' _.
  by rewrite mulr1 joint_K_loops ger0_norm // loops_ge0.
exists (fun=> 1), (half R); split; first exact: half_ge0; split=> //; split; first exact: half_lt1.
split=> // V [fixed _ _]; split; first by exists V.
have [Vt [Q run]] := correlated_runs loops.
exists Vt, Q, (\sum_s `|Vt 0%N s - V s|), 0%N; split=> // s.
by rewrite mulr1 (bigD1 s) //= le_plus sumr_ge0.
Qed.
