(* Both thresholds of Theorem A are exact: one number decides what a function class can
   do.

   class_data p W == the data p and the weights W of a class that contains the constants

   bounded_exactly    all runs of all models are bounded iff gamma (1 + nu) < 1
   converges_exactly  all runs of all models converge iff gamma (1 + 2 nu) < 1, for a
                      class that can favour an action that attains nu

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model MaxAffine SignedFits TheoremA Witnesses.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Thresholds.
Variables (F : archiFieldType) (J : finType).

Definition class_data (p : J -> F) (W : J -> J -> F) :=
  [/\ forall a, 0 <= p a, \sum_a p a = 1, keeps_mean p W & unit_rows W].

Variables (p : J -> F) (W : J -> J -> F) (a : J) (nu gamma : F).
Hypothesis pW : class_data p W.
Hypothesis Wa : attains_mass W a nu.
Hypothesis gamma_ge0 : 0 <= gamma.

Lemma nu_ge0 : 0 <= nu.
Proof. by have [<- _] := Wa; apply: neg_mass_ge0. Qed.

(* Every run of every finite model with stochastic transitions is bounded if and only if
   gamma (1 + nu) < 1.
   Source: ours. *)
Theorem bounded_exactly : gamma * (1 + nu) < 1 <->
  forall (S : finType) r (P : S -> J -> S -> F) V Q,
    stochastic P -> class_run r P gamma (fun _ _ => W) V Q -> bounded V.
Proof.
have [p0 p1 keeps W1] := pW; have [Wav Wnu] := Wa; split=> [small S r P V Q PP run|all].
  have [R rR] := rewards_bounded r.
  have [C le] := @class_bounded F S J r P gamma nu R (\sum_x `|V 0%N x|) gamma_ge0 nu_ge0 small PP rR.
  by exists C; apply: (le (fun _ _ => p) (fun _ _ => W) V Q) => // s; apply: largest.
rewrite ltNge; apply/negP => ge1.
have [un [V [Q [run Q0]]]] := stay_diverges gamma_ge0 W1 Wa ge1.
have [C le] := all _ _ _ V Q (transition_stochastic F (stay_next W a)) run.
have [t] := un V Q run Q0 C; rewrite ltNge => /negP []; exact: le_norm (le t true).
Qed.

(* Every run of every finite model with stochastic transitions converges if and only if
   gamma (1 + 2 nu) < 1, for a class with a member g whose strict maximum is an action that
   attains nu.
   Source: ours. *)
Theorem converges_exactly (g : J -> F) :
  (forall b, fit W g b = g b) -> (forall b, b != a -> g b < g a) ->
  gamma * (1 + 2%:R * nu) < 1 <->
  forall (S : finType) r (P : S -> J -> S -> F) V Q,
    stochastic P -> class_run r P gamma (fun _ _ => W) V Q -> converges V.
Proof.
move=> member favours; have [p0 p1 keeps W1] := pW; have [Wav Wnu] := Wa.
split=> [small S r P V Q PP run|all].
  have [Vlim [_ _ near]] := @class_converges F S J r P gamma (fun=> W) nu gamma_ge0 PP
    (fun=> W1) (fun=> Wnu) a small.
  pose c := \sum_x `|V 0%N x - Vlim x|.
  have k0 : 0 <= gamma * (1 + 2%:R * nu).
    by rewrite mulr_ge0 // addr_ge0 ?ler01 // mulr_ge0 ?ler0n // nu_ge0.
  have c0 : 0 <= c by apply: sumr_ge0 => x _; apply: normr_ge0.
  exists Vlim => s e e0; have [T le] := powers_vanish k0 small c0 e0.
  exists T => t /le; apply: le_lt_trans; apply: near run _ s => x.
  exact: (largest (fun x => V 0%N x - Vlim x)).
rewrite ltNge; apply/negP => ge1.
have [V [Q [run Q0]]] := @class_run_exists F (finite bool) J (fun=> g) (transition F (swap_next W a))
  gamma a (fun _ _ => W) (fun s _ => if s then 1 else 0).
have V0 s : V 0%N s = if s then 1 else 0.
  by have [mx _] := run; have [_ [b <-]] := mx 0%N s; rewrite Q0.
apply: (swap_no_limit gamma_ge0 W1 Wa member favours ge1 run).
  by rewrite !V0 oner_neq0.
exact: all (transition_stochastic F (swap_next W a)) run.
Qed.
End Thresholds.
