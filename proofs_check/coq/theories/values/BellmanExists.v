(* The Bellman optimality equation of a finite MDP has a solution over every ordered
   field: policy improvement, no completeness needed.

   Hypotheses as in Bellman.v.

   look r P g V s a == r(s,a) + g sum_s' P(s'|s,a) V(s')

   positive        v >= g P_pi v implies v >= 0
   policy_value    every policy has a value
   bellman_exists  Q = T Q has a solution

   Source: standard over the real numbers (Howard); this proof over any ordered field is
   ours.                                                                                 *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Bellman.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Existence.
Variables (F : realFieldType) (S A : finType).
Variable a0 : A.
Variable r : S -> A -> F.
Variable P : S -> A -> S -> F.
Variable g : F.
Hypothesis P_ge0 : forall s a s', 0 <= P s a s'.
Hypothesis P_sum1 : forall s a, \sum_s' P s a s' = 1.
Hypothesis g_ge0 : 0 <= g.
Hypothesis g_lt1 : g < 1.

Notation policy := {ffun S -> A}.
(* one-step look-ahead *)
Definition look (V : S -> F) s a := r s a + g * \sum_s' P s a s' * V s'.

(* If v >= g P_pi v pointwise then v >= 0. *)
Lemma positive (pi : policy) (v : S -> F) :
  (forall s : S, g * (\sum_s' P s (pi s) s' * v s') <= v s) -> forall s : S, 0 <= v s.
Proof.
move=> le s; pose z := [arg min_(z < s) v z]%O.
have zmin s' : v z <= v s'.
  by rewrite /z; case: Order.TotalTheory.arg_minP => //= b _; apply.
apply: le_trans (zmin s); have := le z.
have lb : g * v z <= g * \sum_s' P z (pi z) s' * v s'.
  rewrite le_mul2l // -[v z]mul1r -(P_sum1 z (pi z)) mulr_suml.
  by apply: ler_sum => s' _; rewrite le_mul2l.
move/(le_trans lb); rewrite -subr_ge0 => h.
rewrite -(@pmulr_rge0 _ (1 - g)) ?subr_gt0 //.
by rewrite mulrBl mul1r.
Qed.

(* Every policy has a value. *)
Lemma policy_value (pi : policy) : exists V : S -> F, forall s, V s = look V s (pi s).
Proof.
pose M : 'M[F]_#|S| :=
  \matrix_(i, j) ((i == j)%:R - g * P (enum_val i) (pi (enum_val i)) (enum_val j)).
pose u (x : 'cV[F]_#|S|) (s : S) : F := x (enum_rank s) 0.
have MxE (x : 'cV_#|S|) s : (M *m x) (enum_rank s) 0 =
    u x s - g * \sum_s' P s (pi s) s' * u x s'.
  rewrite mxE; under eq_bigr do rewrite mxE mulrBl.
  rewrite sumrB; congr (_ - _).
    rewrite (bigD1 (enum_rank s)) //= eqxx mul1r big1 ?addr0 // => j.
    by rewrite eq_sym => /negbTE ->; rewrite mul0r.
  rewrite mulr_sumr [RHS](reindex (@enum_val S S)) /=; last first.
    by exists enum_rank => i _; rewrite ?enum_valK ?enum_rankK.
  by apply: eq_bigr => j _; rewrite enum_rankK /u enum_valK mulrA.
have Minj (x : 'cV_#|S|) : M *m x = 0 -> x = 0.
  move=> Mx0; have eq s : u x s = g * \sum_s' P s (pi s) s' * u x s'.
    by apply/eqP; rewrite -subr_eq0 -MxE Mx0 mxE.
  have ge := @positive pi (u x); have le := @positive pi (fun s => - u x s).
  apply/colP => i; rewrite mxE -[i]enum_valK; apply/eqP; rewrite eq_le.
  rewrite -/(u x (enum_val i)) ge ?andbT => [|s]; last by rewrite -eq.
  rewrite -oppr_ge0 le // => s.
  rewrite [X in _ <= - X]eq -mulrN -sumrN le_mul2l //.
  by apply: ler_sum => s' _; rewrite mulrN.
have Mu : M \in unitmx.
  rewrite -unitmx_tr -row_free_unit -kermx_eq0; apply/eqP/row_matrixP => i.
  apply: trmx_inj; rewrite row0 trmx0; apply: Minj.
  apply: trmx_inj; rewrite trmx_mul trmxK trmx0.
  by apply/sub_kermxP; rewrite row_sub.
pose x := invmx M *m \col_i r (enum_val i) (pi (enum_val i)).
exists (u x) => s; have := MxE x s.
rewrite mulmxA mulmxV // mul1mx mxE enum_rankK /look => ->.
by rewrite subrK.
Qed.

(* There are optimal action values: Q* = T Q* has a solution.
   Source: standard over the real numbers (Howard); over ordered fields: ours. *)
Theorem bellman_exists :
  exists Q : S -> A -> F, forall s a, T a0 r P g Q s a = Q s a.
Proof.
(* the policy whose total value is largest cannot be improved *)
have [val valE] := fin_all_exists policy_value.
pose total (pi : policy) := \sum_s val pi s.
pose pi := [arg max_(pi > [ffun=> a0] : policy) total pi]%O.
have pi_best pi' : total pi' <= total pi.
  by rewrite /pi; case: Order.TotalTheory.arg_maxP => //= b _; apply.
pose pi' : policy := [ffun s => [arg max_(a > a0) look (val pi) s a]%O].
have greedy s : look (val pi) s (pi' s) = maxq a0 (look (val pi) s).
  by rewrite ffunE.
pose d s := val pi' s - val pi s.
have d_ge0 : forall s, 0 <= d s.
  apply: (@positive pi') => s; rewrite /d [X in _ <= X - _]valE.
  apply: (@le_trans _ _ (look (val pi') s (pi' s) - look (val pi) s (pi' s))).
    rewrite /look opprD addrACA subrr add0r -mulrBr -sumrB.
    by apply: le_mul2l => //; apply: ler_sum => s' _; rewrite -mulrBr.
  by apply: le_minus => //; rewrite valE greedy; apply: maxq_ge.
have d0 s : val pi s = val pi' s.
  have /eqP : \sum_s d s = 0.
    by apply/eqP; rewrite eq_le sumr_ge0 // andbT sumrB subr_le0 pi_best.
  rewrite psumr_eq0 // => /allP /(_ s (mem_index_enum s)) /=.
  by rewrite subr_eq0 => /eqP.
exists (look (val pi)) => s a; rewrite /T /look; congr (_ + _ * _).
apply: eq_bigr => s' _; congr (_ * _).
rewrite -[LHS]/(maxq a0 (look (val pi) s')) -greedy d0 valE /look.
by congr (_ + _ * _); apply: eq_bigr => s'' _; rewrite d0.
Qed.

End Existence.
