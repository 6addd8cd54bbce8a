(* The hypotheses of the theorems on certificates can be met: certificates that the
   check accepts.

   t_met is `met (@t)` of Met.v, over the rational numbers.

             better == one agent with two actions that stay, of which the second pays 1
       better_limit == its limit, 2
              falls == the two-state example at discount 9/10
        falls_proof == it grows by 9/8 a step
         alternates == a coordination game
   alternates_proof == its greedy joint actions alternate for ever
              stays == the values of `better` stay in [0, 2]

   runs_exist  there are runs on checked data from any values and joint actions

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOptimality CheckedContraction RunsExist CheckedDivergence CheckedOrbit.
From FqiTheory Require Import TheoremC Sums CheckedBox Fates Certificates.
From FqiTheory Require Import Met Example.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Notation R := rational_field.
Local Notation AR := rationals.

Definition better : model := Model [:: 2%N] (1#2)%Q [:: [:: [:: 0#1; 1#1]%Q; [:: 1#1; 1#1]%Q]] false.
Definition better_limit : limit := Limit [:: 2#1]%Q [:: [:: 1%N]] [:: 2#1]%Q [:: 2#1]%Q.

Lemma optimality_sound_met : met (@optimality_sound).
Proof.
exists AR, better, Uniform, better_limit; split; first by vm_compute.
move=> pi [plays_pi _ _ _]; pose s : state better := ord0.
split.
  have [|a aE] := @code_onto (sizes better) [:: 0%N] _ => //.
  exists s, a; rewrite aE (plays_pi s) /=; split=> //.
  by apply/eqP => e; have := plays_pi s; rewrite -e aE.
have [V [Q [run _]]] := @Theorem4.igm_run_exists AR (state better) (agent (sizes better)) (@action (sizes better))
  (pi s) (reward AR better) (trans AR better) (gamma AR better) (fun s => Fits.weights AR better Uniform s [::])
  (fun s a => @joint_data_gt0 AR better Uniform s a isT isT) (fun _ _ => 0).
by exists V, Q.
Qed.

Lemma runs_exist m d (v0 : seq Q) g0 : check_model m -> check_data m d ->
  every (n_states m) (fun s => is_action (sizes m) (nth [::] g0 s)) ->
  exists V pi, @run_from AR m d v0 g0 V pi.
Proof. by move=> ok okd /everyP acts; apply: run_from_exists => // s; apply: acts. Qed.

Lemma run_from_exists_met : met (@run_from_exists).
Proof.
exists R, better, (EpsilonGreedy (1#2)%Q), [:: 0#1]%Q, [:: [:: 1%N]].
by split; last split; last by case=> -[].
Qed.

Lemma contraction_sound_met : met (@contraction_sound).
Proof.
exists AR, better, Uniform, better_limit, [:: 1#1]%Q, (1#2)%Q; split; first by vm_compute.
move=> pi _; split; last first.
  have [|||V [pit [_ [Q run]]]] := @runs_exist better Uniform [:: 0#1]%Q [:: [:: 0%N]] => //.
  by exists V, Q.
pose s : state better := ord0.
by exists s, (credits AR better Uniform (vec AR better (values better_limit)) [::] s); apply: credits_fit.
Qed.

Definition falls : model := Model [:: 2%N; 2%N] (9#10)%Q
  [:: [:: [:: 0#1; 1#1; 0#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: 0#1; 1#1; 0#1]%Q];
      [:: [:: 1#1; 0#1; 1#1]%Q; [:: 0#1; 0#1; 1#1]%Q; [:: 0#1; 0#1; 1#1]%Q; [:: 0#1; 1#1; 0#1]%Q]] false.
Definition falls_proof : proof := Proof 2%N [:: 0#1; 0#1]%Q [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]]
  [:: [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]]] [:: [:: 0#1; 1#1]%Q] [:: [:: -1#1; 1#1]%Q]
  (Region (Growing (1#1)%Q) [:: 0#1]%Q [:: false] None).

Lemma divergence_sound_met : met (@divergence_sound).
Proof.
exists AR, falls, Uniform, [:: 0#1; 0#1]%Q, [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]], falls_proof, true, (9#8)%Q.
split; first by vm_compute.
exact: runs_exist.
Qed.

Definition alternates : model := Model [:: 2%N; 2%N] (1#2)%Q
  [:: [:: [:: 1#1; 1#1]%Q; [:: 0#1; 1#1]%Q; [:: 0#1; 1#1]%Q; [:: 1#1; 1#1]%Q]] false.
Definition alternates_proof : proof := Proof 0%N [:: 361#100]%Q [:: [:: 0%N; 1%N]]
  [:: [:: [:: 1%N; 0%N]]; [:: [:: 0%N; 1%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None).

Lemma orbit_sound_met : met (@orbit_sound).
Proof.
exists AR, alternates, (EpsilonGreedy (1#10)%Q), [:: 0#1]%Q, [:: [:: 0%N; 1%N]], alternates_proof, true.
exists [:: [:: 361#100]%Q; [:: 361#100]%Q], [:: [:: [:: 0%N; 1%N]]; [:: [:: 1%N; 0%N]]].
split; first by vm_compute.
move=> pis _; parts; [by exists 0%N|by exists 0%N|by exists 0%N, 1%N|].
have [|||V [pi run]] := @runs_exist alternates (EpsilonGreedy (1#10)%Q) [:: 0#1]%Q [:: [:: 0%N; 1%N]] => //.
exists V, pi; parts; last by exists 0%N.
by exists 1; split=> // N _; exists N.
Qed.

Lemma limit_sound_met : met (@limit_sound).
Proof.
exists AR, better, (EpsilonGreedy (1#2)%Q), [:: 2#1]%Q, [:: [:: 1%N]].
exists (Proof 0%N [:: 2#1]%Q [:: [:: 1%N]] [:: [:: [:: 1%N]]] [:: ] [:: ] (Region Bounded [:: ]%Q [:: ] None)), true.
exists better_limit; split; first by vm_compute.
move=> g _.
have [|||V [pi run]] := @runs_exist better (EpsilonGreedy (1#2)%Q) [:: 2#1]%Q [:: [:: 1%N]] => //.
by exists V, pi; parts; exists 0%N.
Qed.

(* the values of `better` stay in [0, 2] *)
Definition stays : fate := Boxed 0 [:: 0#1]%Q [:: 2#1]%Q.

Lemma linear_sound_met : met (@linear_sound).
Proof.
exists AR, better, Uniform, [:: 0#1]%Q, [:: [:: 0%N]], stays.
have checked : check_linear better Uniform [:: 0#1]%Q [:: [:: 0%N]] stays by vm_compute.
split; first exact: checked.
by have [[V [pi run]] _] := linear_sound AR checked; exists V; exists pi; exact: run.
Qed.

Lemma sums_sound_met : met (@sums_sound).
Proof.
pose c := [:: [:: [:: [:: 0#1; 1#2]; [:: 1#1; 1#2]]]]%Q.
exists AR, better, Uniform, [:: [:: 0%N]], c, [:: 0#1]%Q, [:: [:: 0%N]], stays.
have checked : check_sums better Uniform [:: [:: 0%N]] c [:: 0#1]%Q [:: [:: 0%N]] stays by vm_compute.
split; first exact: checked.
have [[V [Q [V0 run]]] _] := sums_sound AR checked.
by exists V; exists Q; split; [exact: V0|exact: run].
Qed.

(* tables of one agent are monotonic *)
Lemma alone_monotonic (a0 : {dffun forall i : agent (sizes better), action i})
    (q : {dffun forall i : agent (sizes better), action i} -> AR) : monotonic q.
Proof.
exists (fun i (x : action i) => q (upd a0 x)) => a b /(_ ord0).
have one (z : {dffun forall i : agent (sizes better), action i}) : upd a0 (z ord0) = z.
  by apply/ffunP => i; rewrite [i]ord1 upd_same.
by rewrite !one.
Qed.

Lemma monotone_sound_met : met (@monotone_sound).
Proof.
exists AR, better, Uniform, [:: 0#1]%Q, [:: 2#1]%Q, [:: 0#1]%Q; split; first by vm_compute.
have [a0 _] := @code_onto (sizes better) [:: 0%N] isT.
pose top (q : {dffun forall i : agent (sizes better), action i} -> AR) := q [arg max_(a > a0) q a]%O.
have topP q : is_max q (top q).
  split; last by exists [arg max_(a > a0) q a]%O.
  by move=> b; rewrite /top; case: Order.TotalTheory.arg_maxP => // x _ le; apply: le.
pose next (V : state better -> AR) s := top (y AR better V s).
pose V t := iter t next (vec AR better [:: 0#1]%Q).
exists V, (fun t s a => if t is t'.+1 then y AR better (V t') s a else V 0%N s); split=> //; split=> [[|t] s|t s].
- by split=> //; exists a0.
- exact: topP.
split=> [|q' _]; first exact: alone_monotonic.
rewrite [X in X <= _]big1 => [|a _]; last by rewrite subrr expr0n mulr0.
apply: sumr_ge0 => a _; rewrite mulr_ge0 ?sqr_ge0 //.
by apply/ltW/(@joint_data_gt0 AR better Uniform s a).
Qed.

Lemma accepts_sound_met : met (@accepts_sound).
Proof. by exists AR, (Optimality better Uniform better_limit); vm_compute. Qed.
