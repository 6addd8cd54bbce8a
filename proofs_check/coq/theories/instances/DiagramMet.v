(* The hypotheses of the theorems of the phase diagram can be met: Theorems A to D, the
   negative mass of the additive class, and the run that approaches no cycle.

   t_met is `met (@t)` of Met.v, over the rational numbers; the class has negative mass
   1/4.

   favour F b == a member of the additive class with its strict maximum at (0,0)

   weights_runs  there are runs of the additive class from any values, on any model
   weights_data  uniform data and these weights are data of a class (Thresholds.v)

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI TwoAgents Theorem3 MaxAffine.
From FqiTheory Require Import SignedFits TheoremA Witnesses Thresholds AdditiveMass TheoremB TheoremC
  Aperiodic UniformMass OrderMass.
From FqiTheory Require Import Met Example.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation R := rational_field.
Local Notation AR := rationals.
Local Notation J := (finite joint2).
Local Notation p := (unif R : two -> forall i : two, two -> R).
Local Notation r := (reward R : two -> J -> R).
Local Notation P := (trans R : two -> J -> two -> R).
Local Notation W := (weights R).
Local Notation nu := (1 / 4%:R).

Section Runs.
Variable F : realFieldType.

(* runs of the additive class from values c s *)
Lemma weights_runs (r' : two -> J -> F) P' g (c : two -> F) : exists V Q,
  [/\ class_run r' P' g (fun _ _ => weights F) V Q, forall s, V 0%N s = c s & forall s b, Q 0%N s b = c s].
Proof.
have [V [Q [run QE]]] := class_run_exists r' P' g a00 (fun _ _ => weights F) (fun s _ => c s).
exists V, Q; split=> // s; last by rewrite QE.
have [top0 _] := run; apply: top_unique (top0 0%N s) _.
by split=> [b|]; [rewrite QE|exists a00; rewrite QE].
Qed.

(* a member of the class with its strict maximum at (0,0) *)
Definition favour (b : J) : F := Qtot (fun (i : two) (x : two) => if x then 0 else 1) b.

Lemma favour_fit b : fit (weights F) favour b = favour b.
Proof. exact: additive_member (p_sum1 F true) (p_gt0 F true) true _ b. Qed.

Lemma favour_max b : b != a00 -> favour b < favour a00.
Proof.
move=> nb; rewrite /favour /Qtot !big_bool /= act1 act2 -subr_gt0.
case e1: (b true); case e2: (b false); rewrite ?addr0 ?add0r ?subr0 ?addrK ?ltr01 ?addr_gt0 ?ltr01 //.
by case/eqP: nb; apply: actP.
Qed.
End Runs.

(* ------------------------------------------------------------------------ Theorem A *)
Lemma span_contracts_met : met (@span_contracts).
Proof.
have [V [Q [[top0 fits] _ _]]] := weights_runs r P (half R) (fun=> 0); have [_ most] := weights_mass R.
exists R, two, J, r, P, (half R), (fun=> W), nu; parts; first by move=> s; apply: weights_unit.
have step s : top (fit W (backup r P (half R) (V 0%N) s)) (V 1%N s).
  by apply: top_ext (top0 1%N s) => a; apply: fits.
by exists (V 0%N), (V 0%N), (V 1%N), (V 1%N), 0; parts => s s'; rewrite !subrr.
Qed.

Lemma sup_contracts_met : met (@sup_contracts).
Proof.
have [V [Q [[top0 fits] _ _]]] := weights_runs r P (half R) (fun=> 0); have [_ most] := weights_mass R.
exists R, two, J, r, P, (half R), (fun=> W), nu; parts; first by move=> s; apply: weights_unit.
have step s : top (fit W (backup r P (half R) (V 0%N) s)) (V 1%N s).
  by apply: top_ext (top0 1%N s) => a; apply: fits.
by exists (V 0%N), (V 0%N), (V 1%N), (V 1%N), 0; parts => s; rewrite subrr normr0.
Qed.

Lemma mass_below (F : realFieldType) : half F * (1 + 2%:R * nu) < 1.
Proof.
rewrite (_ : half F * _ = 3%:R / 4%:R); first exact: ratio_lt1.
by rewrite /half; field.
Qed.

Lemma nu_below (F : realFieldType) : half F * (1 + nu) < 1.
Proof.
rewrite (_ : half F * _ = 5%:R / 8%:R); first exact: ratio_lt1.
by rewrite /half; field.
Qed.

Lemma class_converges_met : met (@class_converges).
Proof.
have [_ most] := weights_mass R.
exists R, two, J, r, P, (half R), (fun=> W), nu; parts; first by move=> s; apply: weights_unit.
exists a00; parts; first exact: mass_below.
move=> V [fixed _ _]; split; first by exists V.
have [V' [Q [run VE _]]] := weights_runs r P (half R) V.
by exists V', Q, 0, 0%N; split=> // s; rewrite VE subrr normr0.
Qed.

Lemma class_bounded_met : met (@class_bounded).
Proof.
have [V [Q [run VE _]]] := weights_runs r P (half R) (fun=> 0); have [_ most] := weights_mass R.
exists R, two, J, r, P, (half R), nu, 1, 0; parts; first exact: nu_below.
  by move=> s a; rewrite /reward; case: ifP; rewrite ?normr1 ?normr0 ?ler01.
move=> C _; exists (fun _ _ => prob (p true)), (fun _ _ => W), V, Q; parts.
- by move=> _ _ a; apply/ltW/prob_p_gt0.
- by move=> _ _; apply: (prob_sum1 (p_sum1 R true)).
- by move=> _ _; apply: weights_mean.
- by move=> _ _; apply: weights_unit.
- by move=> s; rewrite VE normr0.
Qed.

(* ----------------------------------------------------- divergence, damping, oscillation *)
Lemma stay_recursion_met : met (@stay_recursion).
Proof.
have [V [Q [run VE _]]] := weights_runs (@stay_reward R J) (transition R (stay_next W a00)) (half R) (fun=> 0).
exists R, J, W, a00, (half R), nu; parts; [exact: weights_unit|exact: weights_mass|].
by exists V, Q; parts; rewrite VE.
Qed.

Local Notation g := (4%:R / 5%:R).

Lemma g_threshold (F : realFieldType) : 1 <= g * (1 + nu) :> F.
Proof. by rewrite (_ : _ * _ = 1) //; field. Qed.

Lemma stay_diverges_met : met (@stay_diverges).
Proof.
have [V [Q [run _ QE]]] := weights_runs (@stay_reward AR J) (transition AR (stay_next (weights AR) a00)) g (fun=> 0).
exists AR, J, (weights AR), a00, g, nu; parts; [exact: weights_unit|exact: weights_mass|exact: g_threshold|].
by exists V, Q.
Qed.

Lemma damped_grows_met : met (@damped_grows).
Proof.
exists AR, J, (weights AR), a00, g, nu, (half AR); parts; [exact: weights_unit|exact: weights_mass|exact: g_threshold|].
pose f V s := fit (weights AR) (backup (@stay_reward AR J) (transition AR (stay_next (weights AR) a00)) g V s).
pose m V s := f V s [arg max_(a > a00) f V s a]%O.
exists (fun t => iter t (fun V s => (1 - half AR) * V s + half AR * m V s) (fun=> 0)); split=> // t s.
by exists (m (iter t (fun V s => (1 - half AR) * V s + half AR * m V s) (fun=> 0)) s) => //; apply: top_arg.
Qed.

Lemma damped_fit_grows_met : met (@damped_fit_grows).
Proof.
exists AR, J, (weights AR), a00, g, nu, (half AR); parts; [exact: weights_unit|exact: weights_mass|exact: g_threshold|].
pose f V s := fit (weights AR) (backup (@stay_reward AR J) (transition AR (stay_next (weights AR) a00)) g V s).
pose m (Q : bool -> J -> AR) s := Q s [arg max_(a > a00) Q s a]%O.
pose Q t := iter t (fun Q s b => (1 - half AR) * Q s b + half AR * f (m Q) s b) (fun _ _ => 0).
by exists (fun t => m (Q t)), Q; split=> //; split=> // t s; apply: top_arg.
Qed.

Lemma swap_runs : exists V Q, swap_run W a00 (2%:R / 3%:R) (favour R) V Q /\ V 0%N true != V 0%N false.
Proof.
have [V [Q [run VE _]]] := weights_runs (fun=> favour R) (transition R (swap_next W a00)) (2%:R / 3%:R)
  (fun s => if s then 1 else 0).
by exists V, Q; split=> //; rewrite !VE oner_eq0.
Qed.

Lemma swap_threshold (F : realFieldType) : 1 <= 2%:R / 3%:R * (1 + 2%:R * nu) :> F.
Proof. by rewrite (_ : _ * _ = 1) //; field. Qed.

Lemma swap_oscillates_met : met (@swap_oscillates).
Proof.
exists R, J, W, a00, (2%:R / 3%:R), nu, (favour R); parts;
  [exact: weights_unit|exact: weights_mass|exact: favour_fit|exact: favour_max|exact: swap_threshold|].
exact: swap_runs.
Qed.

Lemma swap_no_limit_met : met (@swap_no_limit).
Proof.
exists R, J, W, a00, (2%:R / 3%:R), nu, (favour R); parts;
  [exact: weights_unit|exact: weights_mass|exact: favour_fit|exact: favour_max|exact: swap_threshold|].
exact: swap_runs.
Qed.

Lemma weights_data : class_data (prob (unif AR true) : J -> AR) (weights AR).
Proof.
split; [by move=> a; apply/ltW/prob_p_gt0|exact: (prob_sum1 (p_sum1 AR true))|exact: weights_mean|exact: weights_unit].
Qed.

Lemma any_runs : exists (S : finType) r (P : S -> J -> S -> AR) V Q,
  stochastic P /\ class_run r P (half AR) (fun _ _ => weights AR) V Q.
Proof.
have [V [Q [run _ _]]] := weights_runs (reward AR) (trans AR) (half AR) (fun=> 0).
by exists two, (reward AR), (trans AR), V, Q; split=> //; apply: trans_stochastic.
Qed.

Lemma bounded_exactly_met : met (@bounded_exactly).
Proof.
exists AR, J, (prob (unif AR true)), (weights AR), a00, nu, (half AR); parts; [exact: weights_data|exact: weights_mass|].
exact: any_runs.
Qed.

Lemma converges_exactly_met : met (@converges_exactly).
Proof.
exists AR, J, (prob (unif AR true)), (weights AR), a00, nu, (half AR); parts; [exact: weights_data|exact: weights_mass|].
exists (favour AR); parts; [exact: favour_fit|exact: favour_max|exact: any_runs].
Qed.

(* ------------------------------------------------------ the mass of the additive class *)
Lemma additive_fit_met : met (@additive_fit).
Proof.
exists R, two, (fun=> two), (p true); parts.
exists true, (r true), (Qcf (p true) (r true)), a00.
by apply: counterfactual_is_optimal; parts.
Qed.

Lemma additive_mass_met : met (@additive_mass).
Proof. by exists R, two, (fun=> two), (p true); parts. Qed.

Lemma additive_mass_lt_met : met (@additive_mass_lt).
Proof. by exists R, two, (fun=> two), (p true); parts. Qed.

Lemma rarest_attains_met : met (@rarest_attains).
Proof. by exists R, two, (fun=> two), (p true); parts; exists a00 => i x; apply: lexx. Qed.

Lemma rare_mass_met : met (@rare_mass).
Proof.
exists R, two, (fun=> two), (p true), a00; parts; first by rewrite card_bool.
move=> i; rewrite /n_agents card_bool (_ : _ * _ = half R); first exact: half_le1.
by rewrite /unif /half; field.
Qed.

Lemma uniform_mass_met : met (@uniform_mass).
Proof. by exists R, two, (fun=> two), a00; rewrite card_bool. Qed.

Lemma rarer_is_worse_met : met (@rarer_is_worse).
Proof. by exists R, two, (fun=> two), (p true), (p true), a00, a00; parts. Qed.

Lemma uniform_safest_met : met (@uniform_safest).
Proof. by exists R, two, (fun=> two), (p true), a00; parts. Qed.

Lemma order_fit_weights_met : met (@order_fit_weights).
Proof. by exists R, two, (fun=> two), (p true); parts. Qed.

Lemma order_mass_met : met (@order_mass).
Proof. by exists R, two, (fun=> two), (p true); parts. Qed.

Lemma order_top_mass_met : met (@order_top_mass).
Proof. by exists R, two, (fun=> two), (p true); parts; exists a00; rewrite card_bool. Qed.

Lemma linear_run_weights_met : met (@linear_run_weights).
Proof.
have [V [Q [run _]]] := fixed_runs (half R) (fun _ _ _ => 0).
by exists R, two, two, (fun=> two), true, r, P, (half R), p, V, Q; parts.
Qed.

Lemma greedy_runs (F : realFieldType) g : exists V Q pi,
  on_policy_run (reward F : two -> J -> F) (trans F : two -> J -> two -> F) g (half F) V Q pi.
Proof.
have [V [Q [pi [run _]]]] := @on_policy_run_exists F two two (fun=> two) a00 (reward F) (trans F) g (half F)
  (fun _ _ _ => 0) (half_gt0 F) (half_le1 F).
by exists V, Q, pi.
Qed.

Lemma on_policy_run_weights_met : met (@on_policy_run_weights).
Proof.
have [V [Q [pi run]]] := greedy_runs (half R).
by exists R, two, two, (fun=> two), true, r, P, (half R), (half R), V, Q, pi; parts.
Qed.

(* ------------------------------------------------------------------------ Theorem B *)
Lemma changing_bounded_met : met (@changing_bounded).
Proof.
have [V [Q [[mx fits] _]]] := fixed_runs (nu : R) (fun _ _ _ => 0).
exists R, two, two, (fun=> two), true, r, P, nu; parts.
exists (fun=> p), V, Q; split.
  by rewrite /n_agents card_bool (_ : _ * _ = half R) ?half_lt1 // /half; field.
by parts => _ s i; solve [exact: p_sum1|exact: p_gt0].
Qed.

Lemma fixed_bounded_met : met (@fixed_bounded).
Proof.
have [V [Q [run _]]] := fixed_runs (half R) (fun _ _ _ => 0).
exists R, two, two, (fun=> two), true, r, P, (half R).
split; first exact: half_ge0; split; first exact: trans_stochastic; split; first exact: half_lt1.
split; first by rewrite /n_agents card_bool divfK ?pnatr_eq0.
by exists p, V, Q; parts.
Qed.

Lemma on_policy_bounded_met : met (@on_policy_bounded).
Proof.
have [V [Q [pi run]]] := greedy_runs (half R).
exists R, two, two, (fun=> two), true, r, P, (half R).
split; first exact: half_ge0; split; first exact: trans_stochastic; split; first exact: half_lt1.
split; first by rewrite /n_agents card_bool divfK ?pnatr_eq0.
by exists (half R), V, Q, pi; parts.
Qed.

Lemma fall_recursion_met : met (@fall_recursion).
Proof.
have [V [Q [pi [run piE VE]]]] := @on_policy_run_from R two two (fun=> two) a00 (fall_reward R (I := two))
  (transition R (@fall_next two)) (half R) true (half R) (fun=> const two false) (fun=> 0)
  (half_gt0 R) (half_le1 R).
exists R, two, (half R), (half R); parts; first by rewrite card_bool.
exists V, Q, pi; parts.
rewrite /rate /n_agents card_bool subn1 /= expr1 [X in 0 <= X](_ : _ = 9%:R / 8%:R); first exact: ratio_ge0.
by rewrite /half; field.
Qed.

Lemma on_policy_diverges_met : met (@on_policy_diverges).
Proof.
exists AR, two, (3%:R / 4%:R); split; first by rewrite card_bool.
split; first exact: ratio_ge0; split.
  rewrite /n_agents card_bool (_ : _ * _ = 1 + half AR); last by rewrite /half; field.
  by rewrite -subr_gt0 addrAC subrr add0r half_gt0.
by move=> eps [_ _ [V [Q [pi run]]] _]; exists V, Q, pi.
Qed.

Lemma one_over_n_met : met (@one_over_n).
Proof.
exists AR, two, (half AR); parts; first by rewrite card_bool.
have [V [Q [pi run]]] := greedy_runs (half AR).
by exists two, (reward AR), (trans AR), (half AR), V, Q, pi; parts.
Qed.

(* ----------------------------------------------------------- the run without a cycle *)
Lemma tent_recursion_met : met (@tent_recursion).
Proof. by have [V [Q [run start]]] := tent_run_exists R; exists R, V, Q; parts; exists 0%N. Qed.

Lemma aperiodic_met : met (@aperiodic).
Proof.
have [V [Q [run start]]] := tent_run_exists R; exists R, V, Q; parts.
  by exists 0%N, 0%N.
by exists 1%N.
Qed.

(* ------------------------------------------------------------------------ Theorem C *)
Lemma qmix_between_met : met (@qmix_between).
Proof.
exists R, two, (fun=> two), (prob (p true)), (fun=> 1), (fun=> 1), 0, 1; parts; split; first by exists (fun _ _ => 0).
move=> q' _; rewrite /joint_loss big1 => [|a _]; last by rewrite subrr expr0n mulr0.
by apply: sumr_ge0 => a _; rewrite mulr_ge0 ?sqr_ge0 // ltW // prob_p_gt0.
Qed.

Lemma qmix_bounded_met : met (@qmix_bounded).
Proof.
have [_ [V [Q [run _ _]]]] := qmix_cycle (half_gt0 R) (half_lt1 R).
exists R, two, two, (fun=> two), (flip_reward (half R)), (transition R flip_next), (half R), (@uniform4 R), V, Q.
by parts; solve [exact: (transition_stochastic R (flip_next : two -> J -> two))
  | move=> s a; exact: (ratio_gt0 R (m := 1))].
Qed.

Lemma qmix_cycle_met : met (@qmix_cycle).
Proof.
have [_ [V [Q [run V1 V0]]]] := qmix_cycle (half_gt0 R) (half_lt1 R).
by exists R, (half R); parts; exists V, Q.
Qed.
