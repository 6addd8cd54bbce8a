(* Theorem 2: on-policy linear FQI converges locally.

   Any finite multi-agent MDP, any finite non-empty set of agents, any finite action
   sets, any ordered field; epsilon-greedy data around the greedy joint action of the
   current iteration, any rule for ties. Local only: see TwoCycle.v.

                        factor gamma == (1 + gamma)/2, the contraction factor
      fixed_point r P gamma pi eps V == under eps-greedy data around pi every fit to the
                                        targets at V has the value V and ranks the
                                        actions of pi strictly first
   attracts r P gamma pi eps V delta == every run from greedy pi and within c <= delta
                                        of V keeps pi greedy and is within factor^t c of
                                        V
   locally_attracting r P gamma pi V == for all small enough eps there is a fixed point
                                        within C eps of V that attracts
                         err F I eps == 4 n^2 eps, the relative error of a fit at pi
            phi r P gamma pi eps V s == the fit to the targets at V, at (s, pi(s))

   E_near             a mean under data concentrated on a is near the value at a
   fitted_near        so is the projection
   finite_gap         finitely many positive numbers have a positive lower bound
   step               the fixed point and its attraction for one eps that is small
                      enough
   local_convergence  a policy that every change of one action makes strictly worse is
                      locally attracting at its values
   theorem2           so is the optimal policy if it is the unique maximiser of Q*

   Source: arXiv 2006.00587 (Theorem 2 of CSE510 lecture 25) for the optimal policy; the
   general statement, for policies that no single agent can improve alone, and the
   proofs are ours.                                                                      *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine ValueSpace Bellman.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------ data concentrated on one action *)
Section Concentrated.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.

(* 1 - sum_i (1 - q_i) <= prod_i q_i <= 1 for 0 <= q_i <= 1 *)
Lemma product_bound (q : I -> F) : (forall i, 0 <= q i) -> (forall i, q i <= 1) ->
  1 - \prod_i q i <= \sum_i (1 - q i).
Proof.
move=> q0 q1.
suff [_ _] : [/\ 0 <= \prod_i q i, \prod_i q i <= 1 & 1 - \prod_i q i <= \sum_i (1 - q i)] by [].
apply: (big_rec2 (fun x y => [/\ 0 <= x, x <= 1 & 1 - x <= y])).
  by rewrite ler01 lexx subrr lexx.
move=> i x y _ [x0 x1 xy]; split; first exact: mulr_ge0.
  apply: (@le_trans _ _ (q i * 1)); last by rewrite mulr1.
  exact: le_mul2l.
rewrite (_ : 1 - q i * x = (1 - q i) + q i * (1 - x)); last by ring.
apply: le_sum2 => //; apply: le_trans xy; rewrite -[X in _ <= X]mul1r.
by apply: le_mul2r => //; rewrite subr_ge0.
Qed.

Variables (p : forall i, A i -> F) (a : joint) (eta : F).
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.
Hypothesis p_ge0 : forall i (x : A i), 0 <= p x.
Hypothesis mass : 1 - prob p a <= eta.

Lemma E_near (f : joint -> F) c : (forall b, `|f b| <= c) -> `|E p f - f a| <= 2%:R * c * eta.
Proof.
move=> fc; have c0 : 0 <= c by apply: le_trans (fc a).
have -> : E p f - f a = E p (fun b => f b - f a) by rewrite EB Ec.
rewrite /E (bigD1 a) //= subrr mulr0 add0r.
apply: le_trans (ler_norm_sum _ _ _) _.
apply: (@le_trans _ _ (\sum_(b | b != a) 2%:R * c * prob p b)).
  apply: ler_sum => b _; rewrite normrM ger0_norm; last by apply: prodr_ge0.
  rewrite mulrC; apply: le_mul2r; first by apply: prodr_ge0.
  rewrite (_ : 2%:R * c = c + c); last by ring.
  exact: norm_sub.
rewrite -mulr_sumr; apply: le_mul2l; first by pos.
apply: le_trans mass; rewrite -(prob_sum1 p_sum1) [X in _ <= X - _](bigD1 a) //=.
by rewrite addrC addrA addNr add0r.
Qed.

(* the closed form at a is f(a) up to 4 n eta c *)
Lemma fitted_near (i0 : I) (f : joint -> F) c : (forall b, `|f b| <= c) ->
  `|fitted p f a - f a| <= 4%:R * n_agents F I * eta * c.
Proof.
move=> fc; have c0 : 0 <= c by apply: le_trans (fc a).
have e0 : 0 <= eta.
  apply: le_trans mass; rewrite subr_ge0 -(prob_sum1 p_sum1) (bigD1 a) //= le_plus.
  by apply: sumr_ge0 => b _; apply: prodr_ge0.
have n0 := n_neq0 F i0; set n := n_agents F I in n0 *.
have cst (x : F) : \sum_(i : I) x = n * x.
  by rewrite sumr_const -[LHS]mulr_natr -/(n_agents F I) -/n mulrC.
pose h i b := f (upd b (a i)).
have hE : fitted p f a - f a = \sum_i (E p (h i) - f a) - (n - 1) * (E p f - f a).
  by rewrite /fitted /Qtot /Qcf -/n !sumrB !cst /h; field.
have hi i : `|E p (h i) - f a| <= 2%:R * c * eta.
  by have := E_near (fun b => fc (upd b (a i))); rewrite upd_id.
have n1 : 0 <= n - 1.
  rewrite subr_ge0 /n /n_agents -[1]/(1%:R) ler_nat; apply/card_gt0P; by exists i0.
rewrite hE; apply: (@le_trans _ _ (n * (2%:R * c * eta) + (n - 1) * (2%:R * c * eta))).
  have s1 : `|\sum_i (E p (h i) - f a)| <= n * (2%:R * c * eta).
    apply: le_trans (ler_norm_sum _ _ _) _.
    apply: (@le_trans _ _ (\sum_(i : I) 2%:R * c * eta)); first by apply: ler_sum.
    by rewrite cst.
  have s2 : `|(n - 1) * (E p f - f a)| <= (n - 1) * (2%:R * c * eta).
    by rewrite normrM (ger0_norm n1); apply: le_mul2l => //; apply: E_near.
  exact: norm_sub.
rewrite -subr_ge0 (_ : _ - _ = 2%:R * c * eta); last by ring.
by pos.
Qed.

End Concentrated.

Section EpsilonMass.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variables (eps : F) (a : joint).
Hypothesis eps_gt0 : 0 < eps.
Hypothesis eps_le1 : eps <= 1.

Lemma eps_greedy_mass : 1 - prob (eps_greedy eps a) a <= n_agents F I * eps.
Proof.
have e0 : 0 <= eps by apply: ltW.
have share i : 0 <= eps / #|A i|%:R.
  by apply: divr_ge0 => //; apply: ler0n.
have top i : eps_greedy eps a (a i) = 1 - eps + eps / #|A i|%:R by rewrite /eps_greedy eqxx.
apply: le_trans (@product_bound F I (fun i => eps_greedy eps a (a i)) _ _) _.
- by move=> i; apply/ltW/eps_greedy_gt0.
- move=> i; rewrite -(eps_greedy_sum1 eps a i) (bigD1 (a i)) //= le_plus.
  by apply: sumr_ge0 => x _; apply/ltW/eps_greedy_gt0.
have -> : n_agents F I * eps = \sum_(i : I) eps.
  by rewrite sumr_const -[RHS]mulr_natr mulrC.
apply: ler_sum => i _.
rewrite top -subr_ge0 (_ : _ - _ = eps / #|A i|%:R) //; ring.
Qed.
End EpsilonMass.

(* a positive lower bound of finitely many positive numbers *)
Lemma finite_gap (F : realFieldType) (T : finType) (P : pred T) (f : T -> F) :
  (forall t, P t -> 0 < f t) -> exists2 d, 0 < d & forall t, P t -> d <= f t.
Proof.
move=> pos; have [t0 Pt0|none] := pickP P; last first.
  by exists 1 => [|t]; [apply: ltr01|rewrite none].
exists (f [arg min_(t < t0 | P t) f t]%O).
  by case: Order.TotalTheory.arg_minP => // t Pt _; apply: pos.
by move=> t Pt; case: Order.TotalTheory.arg_minP => // u _; apply.
Qed.

Section Theorem2.

Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable i0 : I.                             (* there is some agent             *)
Variable r : S -> joint -> F.
Variable P : S -> joint -> S -> F.
Variable gamma : F.
Hypothesis P_ge0 : forall s a s', 0 <= P s a s'.
Hypothesis P_sum1 : forall s a, \sum_s' P s a s' = 1.
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis gamma_lt1 : gamma < 1.
Variable pi : S -> joint.                    (* a joint policy                  *)

Notation target := (target r P gamma).

(* the contraction factor *)
Definition factor : F := (1 + gamma) / 2%:R.

(* Ve is a fixed point with greedy policy pi under eps-greedy data: every
   least-squares fit of the targets of Ve under the data around pi(s) has pi(s) as
   its only greedy joint action, and the value Ve(s) there.                        *)
Definition fixed_point (eps : F) (Ve : S -> F) :=
  forall s Q, best_fit (eps_greedy eps (pi s)) (target Ve s) Q ->
    Qtot Q (pi s) = Ve s /\ forall i x, x != pi s i -> Q i x < Q i (pi s i).

(* Every run that starts with greedy policy pi and within c <= delta of Ve keeps
   the greedy policy pi for ever and approaches Ve at rate factor = (1+gamma)/2.    *)
Definition attracts (eps : F) (Ve : S -> F) (delta : F) :=
  forall V Q pit c, on_policy_run r P gamma eps V Q pit ->
    (forall s, pit 0%N s = pi s) -> c <= delta -> (forall s, `|V 0%N s - Ve s| <= c) ->
    forall t s, pit t s = pi s /\ `|V t s - Ve s| <= factor ^+ t * c.

(* pi is locally attracting at V for all small enough eps: there are eps0 > 0,
   delta > 0 and C such that for all 0 < eps <= eps0 there is a fixed point Ve with
   greedy policy pi, |Ve - V| <= C eps, that attracts its delta-neighbourhood.      *)
Definition locally_attracting (V : S -> F) :=
  exists eps0 delta C, [/\ 0 < eps0, 0 < delta
    & forall eps, 0 < eps -> eps <= eps0 -> exists Ve,
        [/\ fixed_point eps Ve, forall s, `|Ve s - V s| <= C * eps & attracts eps Ve delta]].

Section Step.
Variables (Vpi : S -> F) (B D eps : F).
Hypothesis Vpi_value : forall s, Vpi s = target Vpi s (pi s).
Hypothesis bounded : forall s a, `|target Vpi s a| <= B.
Hypothesis gap : forall s i (x : A i), x != pi s i ->
  D <= target Vpi s (pi s) - target Vpi s (upd (pi s) x).
Hypothesis eps_gt0 : 0 < eps.
Hypothesis eps_le1 : eps <= 1.
Hypothesis D_gt0 : 0 < D.

(* the error of the fit is at most err times the size of the targets *)
Definition err : F := 4%:R * n_agents F I * (n_agents F I * eps).
Hypothesis err_small : err <= (1 - gamma) / 2%:R.
Hypothesis err_gap : err * (4%:R * B + D) <= D / 2%:R.
Hypothesis err_dist : 2%:R * err * B / (1 - gamma) <= D / 8%:R.

Notation data s := (eps_greedy eps (pi s)).

Let d_sum1 s i : \sum_(x : A i) data s x = 1. Proof. exact: eps_greedy_sum1. Qed.
Let d_gt0 s i (x : A i) : 0 < data s x. Proof. exact: eps_greedy_gt0. Qed.
Let d_ge0 s i (x : A i) : 0 <= data s x. Proof. exact/ltW/d_gt0. Qed.
Let n0 : 0 <= n_agents F I. Proof. exact: ler0n. Qed.
Let B0 (s : S) : 0 <= B. Proof. exact: le_trans (bounded s (pi s)). Qed.
Let err0 : 0 <= err.
Proof. by have e := ltW eps_gt0; have n := n0; rewrite /err; pos. Qed.
Let d0 : 0 < 1 - gamma. Proof. by rewrite subr_gt0. Qed.

Lemma n_ge1 : 1 <= n_agents F I.
Proof. by rewrite -[1]/(1%:R) ler_nat; apply/card_gt0P; exists i0. Qed.

Lemma fit_error s (f : joint -> F) c : (forall b, `|f b| <= c) ->
  `|fitted (data s) f (pi s) - f (pi s)| <= err * c.
Proof.
exact: (fitted_near (d_sum1 s) (d_ge0 s) (eps_greedy_mass (pi s) eps_gt0 eps_le1) i0).
Qed.

Lemma cond_error s (f : joint -> F) c i (x : A i) : (forall b, `|f b| <= c) ->
  `|E (data s) (fun b => f (upd b x)) - f (upd (pi s) x)| <= err * c.
Proof.
move=> fc; have c0 : 0 <= c by apply: le_trans (fc (pi s)).
have := E_near (d_sum1 s) (d_ge0 s) (eps_greedy_mass (pi s) eps_gt0 eps_le1)
  (fun b => fc (upd b x)).
move/le_trans; apply; have n1 := n_ge1; have e := ltW eps_gt0; have n := n0.
rewrite /err -subr_ge0 (_ : _ - _ = 2%:R * (n_agents F I * eps) * c * (n_agents F I - 1)
  + 2%:R * (n_agents F I * eps) * c * n_agents F I); last by ring.
by pos.
Qed.

Lemma backup_near V V' c s a :
  (forall s, `|V s - V' s| <= c) -> `|\sum_s' P s a s' * (V s' - V' s')| <= c.
Proof.
move=> le; apply: le_trans (ler_norm_sum _ _ _) _.
rewrite -[c]mul1r -(P_sum1 s a) mulr_suml; apply: ler_sum => s' _.
by rewrite normrM ger0_norm //; apply: le_mul2l.
Qed.

Lemma target_diff V V' s a :
  target V s a = target V' s a + gamma * (\sum_s' P s a s' * (V s' - V' s')).
Proof.
rewrite /target -addrA -mulrDr; congr (_ + _ * _).
by rewrite -big_split; apply: eq_bigr => s' _ /=; ring.
Qed.

Lemma target_near V V' c s a :
  (forall s, `|V s - V' s| <= c) -> `|target V s a - target V' s a| <= gamma * c.
Proof.
move=> le; rewrite (target_diff V V') addrC addKr normrM ger0_norm //.
by apply: le_mul2l => //; apply: backup_near.
Qed.

(* the value of the fit at pi(s), as a function of V *)
Definition phi V s : F := fitted (data s) (target V s) (pi s).

Lemma phi_diff V V' s :
  phi V s = phi V' s + gamma * \sum_s' fitted (data s) (fun b => P s b s') (pi s) * (V s' - V' s').
Proof.
rewrite -(fitted_lin (data s) (target V' s) gamma (fun s' b => P s b s') (fun s' => V s' - V' s')).
rewrite /phi /fitted; apply: eq_bigr => i _; rewrite /Qcf.
by congr (_ - _ * _); apply: eq_E => b; apply: target_diff.
Qed.

Lemma kernel_near V V' c s : (forall s, `|V s - V' s| <= c) ->
  `|gamma * \sum_s' fitted (data s) (fun b => P s b s') (pi s) * (V s' - V' s')| <= factor * c.
Proof.
move=> le; pose f b := \sum_s' P s b s' * (V s' - V' s').
have fc b : `|f b| <= c by apply: backup_near.
have c0 : 0 <= c by apply: le_trans (fc (pi s)).
have -> : \sum_s' fitted (data s) (fun b => P s b s') (pi s) * (V s' - V' s') =
          fitted (data s) f (pi s).
  have := fitted_lin (data s) (fun=> 0) 1 (fun s' b => P s b s') (fun s' => V s' - V' s') (pi s).
  have -> : fitted (data s) (fun=> 0) (pi s) = 0.
    by rewrite /fitted /Qtot big1 // => i _; rewrite /Qcf !Ec // mulr0 subr0.
  rewrite add0r mul1r => <-; apply: eq_bigr => i _; rewrite /Qcf.
  by congr (_ - _ * _); apply: eq_E => b; rewrite add0r mul1r.
have near := norm_chain (fit_error s fc) (_ : `|f (pi s) - 0| <= c).
rewrite !subr0 in near; rewrite normrM ger0_norm //.
apply: le_trans (le_mul2l gamma_ge0 (near (fc _))) _.
rewrite -subr_ge0 /factor.
rewrite (_ : _ - _ = (1 - gamma) / 2%:R * (1 - gamma) * c
                     + gamma * ((1 - gamma) / 2%:R - err) * c); last by field.
by have h := ltW d0; pos.
Qed.

Lemma phi_near V V' c s : (forall s, `|V s - V' s| <= c) -> `|phi V s - phi V' s| <= factor * c.
Proof.
by move=> le; rewrite (phi_diff V V') addrC addKr; apply: kernel_near.
Qed.

Lemma factor_lt1 : factor < 1.
Proof.
rewrite -subr_gt0 (_ : _ - _ = (1 - gamma) / 2%:R); last by rewrite /factor; field.
by rewrite divr_gt0 ?ltr0n.
Qed.

Lemma factor_ge0 : 0 <= factor.
Proof. by rewrite /factor; pos. Qed.

(* the fixed point of phi *)
Lemma phi_fixed : exists Ve, forall s, Ve s = phi Ve s.
Proof.
pose M s s' := gamma * fitted (data s) (fun b => P s b s') (pi s).
have [|Ve VeE] := @affine_solution F S M (phi (fun=> 0)).
  move=> v vE; have w1 (s : S) : 0 < 1 :> F by apply: ltr01.
  apply: (near0 w1 factor_lt1 (V' := fun=> 0)) => c le s.
  rewrite /= mulr1 subr0 [v s]vE.
  have le' s' : `|v s' - (fun=> 0) s'| <= c by have := le s'; rewrite /= mulr1.
  have -> : \sum_s' M s s' * v s' =
      gamma * \sum_s' fitted (data s) (fun b => P s b s') (pi s) * (v s' - (fun=> 0) s').
    by rewrite mulr_sumr; apply: eq_bigr => s' _; rewrite subr0 mulrA.
  exact: kernel_near.
exists Ve => s; rewrite {1}VeE (phi_diff Ve (fun=> 0)); congr (_ + _).
by rewrite mulr_sumr; apply: eq_bigr => s' _; rewrite subr0 mulrA.
Qed.

Lemma fixed_dist Ve s : (forall s, Ve s = phi Ve s) ->
  `|Ve s - Vpi s| <= 2%:R * err * B / (1 - gamma).
Proof.
move=> fix_Ve; pose z := [arg max_(z > s) `|Ve z - Vpi z|]%O.
have dz s' : `|Ve s' - Vpi s'| <= `|Ve z - Vpi z|.
  by rewrite /z; case: Order.TotalTheory.arg_maxP => //= b _; apply.
apply: le_trans (dz s) _; set c := `|Ve z - Vpi z|.
have le : c <= factor * c + err * B.
  rewrite {1}/c {1}fix_Ve {1}Vpi_value.
  exact: norm_chain (phi_near z dz) (fit_error z (bounded z)).
rewrite -subr_ge0.
rewrite (_ : _ - _ = 2%:R / (1 - gamma) * (factor * c + err * B - c)); last first.
  by rewrite /factor; field; rewrite gt_eqF.
by have h := ltW d0; pos.
Qed.

(* near V^pi the factors of every fit rank pi strictly first *)
Lemma ranks V s Q i (x : A i) : (forall s, `|V s - Vpi s| <= D / 4%:R) ->
  best_fit (data s) (target V s) Q -> x != pi s i -> Q i x < Q i (pi s i).
Proof.
move=> near fit xpi.
have D0 : 0 <= D by apply: ltW.
have q0 : 0 <= D / 4%:R by pos.
have tn a : `|target V s a - target Vpi s a| <= D / 4%:R.
  apply: le_trans (target_near s a near) _; rewrite -[X in _ <= X]mul1r.
  by apply: le_mul2r => //; apply: ltW.
have size b : `|target V s b| <= B + D / 4%:R.
  have := norm_chain (tn b) (_ : `|target Vpi s b - 0| <= B); rewrite !subr0.
  by move/(_ (bounded s b)); rewrite addrC.
have c1 := norm_ge (cond_error s (pi s i) size); have c2 := le_norm (cond_error s x size).
rewrite upd_id in c1.
rewrite -subr_gt0 (fit_ranks (pi s i) x (d_sum1 s) (d_gt0 s) fit).
set e1 := E _ _ in c1 *; set e2 := E _ _ in c2 *.
have g := gap xpi; have t1 := norm_ge (tn (pi s)); have t2 := le_norm (tn (upd (pi s) x)).
set y1 := target V s (pi s) in c1 t1; set y2 := target V s (upd (pi s) x) in c2 t2.
set z1 := target Vpi s (pi s) in g t1; set z2 := target Vpi s (upd (pi s) x) in g t2.
have eg : err * (B + D / 4%:R) <= D / 8%:R.
  rewrite (_ : err * _ = err * (4%:R * B + D) / 4%:R); last by field.
  rewrite (_ : D / 8%:R = D / 2%:R / 4%:R); last by field.
  by apply: le_mul2r => //; rewrite invr_ge0 ler0n.
apply: (@lt_le_trans _ _ (D / 4%:R)); first by rewrite divr_gt0 ?ltr0n.
rewrite -subr_ge0.
rewrite (_ : e1 - e2 - D / 4%:R =
   (e1 - y1 - - (err * (B + D / 4%:R))) + (err * (B + D / 4%:R) - (e2 - y2))
   + (z1 - z2 - D) + (y1 - z1 - - (D / 4%:R)) + (D / 4%:R - (y2 - z2))
   + 2%:R * (D / 8%:R - err * (B + D / 4%:R))); last by field.
have sb (x1 x2 : F) : x1 <= x2 -> 0 <= x2 - x1 by rewrite subr_ge0.
have p1 := sb _ _ c1; have p2 := sb _ _ c2; have p3 := sb _ _ g.
have p4 := sb _ _ t1; have p5 := sb _ _ t2; have p6 := sb _ _ eg.
by pos.
Qed.

Lemma step : exists Ve, [/\ fixed_point eps Ve,
    forall s, `|Ve s - Vpi s| <= 2%:R * err * B / (1 - gamma) & attracts eps Ve (D / 8%:R)].
Proof.
have [Ve VeE] := phi_fixed; exists Ve.
have D0 : 0 <= D by apply: ltW.
have dist s : `|Ve s - Vpi s| <= D / 8%:R by apply: le_trans (fixed_dist s VeE) err_dist.
have D84 : D / 8%:R <= D / 4%:R.
  by rewrite -subr_ge0 (_ : _ - _ = D / 8%:R); [pos|field].
split=> [s Q fit|s|V Q pit c [gr VE fit] p0 cd near0].
- split; last by move=> i x; apply: ranks fit => s'; apply: le_trans D84.
  by rewrite (fit_is_cf _ (d_sum1 s) (d_gt0 s) fit) [RHS]VeE.
- exact: fixed_dist.
have le_c t (s : S) : factor ^+ t * c <= c.
  have c0 : 0 <= c by apply: le_trans (near0 s).
  rewrite -[X in _ <= X]mul1r; apply: le_mul2r => //.
  by apply: exprn_ile1; [apply: factor_ge0|apply/ltW/factor_lt1].
elim=> [|t IH] s; first by rewrite expr0 mul1r.
have ft s' : best_fit (data s') (target (V t) s') (Q t.+1 s').
  by have [<- _] := IH s'; apply: fit.
have close s' : `|V t s' - Vpi s'| <= D / 4%:R.
  rewrite (_ : D / 4%:R = D / 8%:R + D / 8%:R); last by field.
  apply: norm_chain (dist s'); have [_ le] := IH s'.
  by apply: le_trans le _; apply: le_trans (le_c t s') cd.
have greedy_pi : pit t.+1 s = pi s.
  apply/ffunP => i; apply/eqP/negPn/negP => neq.
  have := ranks close (ft s) neq; rewrite ltNge => /negP []; exact: gr.
split=> //; rewrite VE greedy_pi (fit_is_cf _ (d_sum1 s) (d_gt0 s) (ft s)) [Ve s]VeE.
rewrite exprS -mulrA; apply: phi_near => s'; by have [_] := IH s'.
Qed.

End Step.

(* General local statement.  Let V^pi be the value of pi, and let every change of
   one agent's action strictly lower y(s,a) = r(s,a) + gamma sum_s' P(s'|s,a) V^pi(s')
   at a = pi(s).  Then pi is locally attracting at V^pi for all small enough eps.
   Source: ours. *)
Theorem local_convergence (Vpi : S -> F) :
  (forall s, Vpi s = target Vpi s (pi s)) ->
  (forall s i (x : A i), x != pi s i -> target Vpi s (upd (pi s) x) < target Vpi s (pi s)) ->
  locally_attracting Vpi.
Proof.
move=> VpiE strict.
pose B : F := \sum_s \sum_a `|target Vpi s a|.
have bounded s a : `|target Vpi s a| <= B.
  rewrite /B (bigD1 s) //= (bigD1 a) //= -addrA le_plus.
  by apply: addr_ge0; apply: sumr_ge0 => *; rewrite ?sumr_ge0.
have B0 : 0 <= B by apply: sumr_ge0 => s _; apply: sumr_ge0.
have [|D D0 gapD] := @finite_gap F (finite (S * I * joint)%type)
  (fun z => z.2 z.1.2 != pi z.1.1 z.1.2)
  (fun z => target Vpi z.1.1 (pi z.1.1) - target Vpi z.1.1 (upd (pi z.1.1) (z.2 z.1.2))).
  by case=> -[s i] b /= neq; rewrite subr_gt0; apply: strict.
have gap s i (x : A i) : x != pi s i -> D <= target Vpi s (pi s) - target Vpi s (upd (pi s) x).
  by move=> neq; have := gapD (s, i, upd (pi s) x); rewrite /= upd_same; apply.
have d0 : 0 < 1 - gamma by rewrite subr_gt0.
have d0' := ltW d0; have D0' := ltW D0.
pose k : F := 4%:R * n_agents F I * n_agents F I.
have n0 : 0 <= n_agents F I by apply: ler0n.
have k0 : 0 <= k by rewrite /k; pos.
have kB0 : 0 <= k * (4%:R * B + D) by pos.
have kC0 : 0 <= 2%:R * k * B / (1 - gamma) by pos.
have half : 0 < (1 - gamma) / 2%:R by rewrite divr_gt0 ?ltr0n.
have D2 : 0 < D / 2%:R by rewrite divr_gt0 ?ltr0n.
have D8 : 0 < D / 8%:R by rewrite divr_gt0 ?ltr0n.
have [e1 e1_gt0 le1] := small k0 half.
have [e2 e2_gt0 le2] := small kB0 D2.
have [e3 e3_gt0 le3] := small kC0 D8.
have [f1 [f1_gt0 f1a f1b]] := smaller e1_gt0 e2_gt0.
have [f2 [f2_gt0 f2a f2b]] := smaller e3_gt0 (@ltr01 F).
have [e0 [e0_gt0 e0a e0b]] := smaller f1_gt0 f2_gt0.
exists e0, (D / 8%:R), (2%:R * k * B / (1 - gamma)); split=> // eps eps0 eps_le.
have errE : err eps = k * eps by rewrite /err /k; ring.
have i1 : err eps <= (1 - gamma) / 2%:R.
  by rewrite errE; apply: le1; apply: le_trans (le_trans e0a f1a).
have i2 : err eps * (4%:R * B + D) <= D / 2%:R.
  by rewrite errE mulrAC; apply: le2; apply: le_trans (le_trans e0a f1b).
have CE : 2%:R * err eps * B / (1 - gamma) = 2%:R * k * B / (1 - gamma) * eps.
  by rewrite errE; field; rewrite gt_eqF.
have i3 : 2%:R * err eps * B / (1 - gamma) <= D / 8%:R.
  by rewrite CE; apply: le3; apply: le_trans (le_trans e0b f2a).
have i4 : eps <= 1 by apply: le_trans eps_le (le_trans e0b f2b).
have [Ve [fixVe dist attr]] := step VpiE bounded gap eps0 i4 D0 i1 i2 i3.
by exists Ve; split=> // s; rewrite -CE.
Qed.

(* Theorem 2: if pi(s) is the unique maximiser of the optimal action values
   Q*(s,.) at every state s, then pi is locally attracting at V*(s) = Q*(s,pi(s))
   for all small enough eps.
   Source: arXiv 2006.00587 (on-policy local convergence; Theorem 2 of CSE510
     lecture 25); explicit form and proof: ours. *)
Theorem theorem2 (a0 : joint) (Qstar : S -> joint -> F) :
  (forall s a, T a0 r P gamma Qstar s a = Qstar s a) ->
  (forall s a, a != pi s -> Qstar s a < Qstar s (pi s)) ->
  locally_attracting (fun s => Qstar s (pi s)).
Proof.
move=> fixed unique.
have top s : maxq a0 (Qstar s) = Qstar s (pi s).
  apply/eqP; rewrite eq_le maxq_ge andbT.
  have [a ->] := maxq_attained a0 (Qstar s).
  by have [->|/unique/ltW] := eqVneq a (pi s).
have QE s a : target (fun s => Qstar s (pi s)) s a = Qstar s a.
  rewrite -[RHS]fixed /T /Model.target; congr (_ + _ * _).
  by apply: eq_bigr => s' _; rewrite top.
apply: local_convergence => [s|s i x neq]; rewrite !QE //.
apply: unique; apply: contra neq => /eqP e; apply/eqP.
by rewrite -e upd_same.
Qed.

End Theorem2.
