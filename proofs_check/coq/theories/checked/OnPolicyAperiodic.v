(* A bounded run that approaches no cycle, on policy: linear FQI under epsilon-greedy data, two
   agents with two actions each, two states, discount 9/10, epsilon 1/10.

   From s0 nothing leads away. In s1 only (0,0) leads to s0. Paid is 1 for (1,1) in s0, and in s1
   where the agents' actions differ. The run from V = 0 and greedy actions (0,0) is in five
   cells of V(s0) - V(s1) from t = 16 on, on which valuations at 2 fall and every cycle is
   repelling. The kept certificate on-policy-aperiodic has the same numbers.

           follower == the model
            idle_at == (0,0) in both states
          follows F == a run of linear FQI on it from V = 0 and these joint actions, ties to the
                       first action
         five_cells == the cells
   follower_wanders == what is checked of them

   on_policy_aperiodic  there is such a run; each is bounded and approaches no cycle

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model FQI Rationals Tables Fits Claims Positions Regions.
From FqiTheory Require Import CheckedDifferences CheckedExpanding CheckedCells Fates.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* a row: the reward, the probabilities of s0 and of s1 *)
Definition follower : model := Model [:: 2%N; 2%N] (9#10)%Q
  [:: [:: [:: 0#1; 1#1; 0#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: 0#1; 1#1; 0#1]%Q; [:: 1#1; 1#1; 0#1]%Q];
      [:: [:: 0#1; 1#1; 0#1]%Q; [:: 1#1; 0#1; 1#1]%Q; [:: 1#1; 0#1; 1#1]%Q; [:: 0#1; 0#1; 1#1]%Q]] false.
Definition idle_at : seq (seq nat) := [:: [:: 0%N; 0%N]; [:: 0%N; 0%N]].

Definition follows (F : realFieldType) :=
  @run_from F follower (EpsilonGreedy (1#10)%Q) [:: 0#1; 0#1]%Q idle_at.

Definition five_cells : seq cell :=
  let mixed := [:: [:: 1%N; 1%N]; [:: 0%N; 0%N]] in let ones := [:: [:: 1%N; 1%N]; [:: 1%N; 1%N]] in
  [:: Cell ones (-48009029#1600000)%Q (-38911970#1447209)%Q (1#1)%Q [::];
      Cell ones (-38911970#1447209)%Q (-9330#401)%Q (2279#2048)%Q [::];
      Cell ones (-9330#401)%Q (-20#1)%Q (5071#4096)%Q [::];
      Cell ones (-20#1)%Q (-6821#400)%Q (2821#2048)%Q [::];
      Cell mixed (-6821#400)%Q (-23453429#1600000)%Q (3487#2048)%Q [::]].
Definition follower_wanders : fate :=
  Repelled 16 1 [:: -48009029#1600000; 0#1]%Q [:: -23453429#1600000; 0#1]%Q five_cells 2.

Lemma follower_checked : check_linear follower (EpsilonGreedy (1#10)%Q) [:: 0#1; 0#1]%Q idle_at follower_wanders.
Proof. by vm_compute. Qed.

(* On policy too a run of linear FQI can stay bounded and approach no limit and no cycle.
   Source: ours. *)
Theorem on_policy_aperiodic (F : archiFieldType) :
  (exists V pi, @follows F V pi) /\
  forall V pi, @follows F V pi ->
    (exists C, forall t s, `|V t s| <= C) /\
    forall (k : nat) (c : nat -> state follower -> F), (0 < k)%N ->
      ~ forall e, 0 < e -> exists N, forall t, (N <= t)%N -> forall s, `|V t s - c (t %% k)%N s| < e.
Proof.
have [runs wander] := linear_sound F follower_checked; split; [exact: runs|move=> V pi run].
have [_ bounded none] := wander V pi run; split; [exact: bounded|exact: none].
Qed.
