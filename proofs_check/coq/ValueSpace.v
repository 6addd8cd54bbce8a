(* The value-space form: linear FQI on fixed data is value iteration of a signed
   kernel.

   Any finite non-empty set of agents, any finite state and action sets, any
   ordered field; fixed product data with full support, p(s) at state s.
   Source: ours.                                                                 *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* the least-squares projection on additive functions, Pi f = sum_i Q_cf,i *)
Definition fitted (F : realFieldType) (I : finType) (A : I -> finType)
    (p : forall i, A i -> F) (f : {dffun forall i, A i} -> F) (a : {dffun forall i, A i}) : F :=
  Qtot (Qcf p f) a.

Section Linear.
Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable p : forall i, A i -> F.
Hypothesis p_sum1 : forall i, \sum_(x : A i) p x = 1.

Lemma E_lin (f : joint -> F) (g : F) (h : S -> joint -> F) (V : S -> F) :
  E p (fun b => f b + g * \sum_s h s b * V s) = E p f + g * \sum_s E p (h s) * V s.
Proof.
rewrite ED EZ Esum; congr (_ + _ * _); apply: eq_bigr => s _.
by rewrite mulrC -EZ; apply: eq_E => b; rewrite mulrC.
Qed.

Lemma fitted_lin (f : joint -> F) (g : F) (h : S -> joint -> F) (V : S -> F) a :
  fitted p (fun b => f b + g * \sum_s h s b * V s) a =
  fitted p f a + g * \sum_s fitted p (h s) a * V s.
Proof.
rewrite /fitted /Qtot; set k := (n_agents F I - 1) / n_agents F I.
rewrite (eq_bigr (fun i => Qcf p f (a i) + g * \sum_s Qcf p (h s) (a i) * V s)); last first.
  move=> i _; rewrite /Qcf -/k (E_lin (fun b => f (upd b (a i))) g (fun s b => h s (upd b (a i)))) E_lin.
  have -> : \sum_s (E p (fun b => h s (upd b (a i))) - k * E p (h s)) * V s =
            \sum_s E p (fun b => h s (upd b (a i))) * V s - k * \sum_s E p (h s) * V s.
    by rewrite mulr_sumr -sumrB; apply: eq_bigr => s _; ring.
  by ring.
rewrite big_split /= -mulr_sumr; congr (_ + _ * _).
by rewrite exchange_big; apply: eq_bigr => s _; rewrite mulr_suml.
Qed.

Lemma fitted1 (i0 : I) a : fitted p (fun=> 1) a = 1.
Proof.
have n0 := n_neq0 F i0.
rewrite /fitted /Qtot (eq_bigr (fun=> 1 / n_agents F I)) => [|i _].
  by rewrite sumr_const -[LHS]mulr_natr -/(n_agents F I) mul1r mulVf.
by rewrite /Qcf !Ec //; field.
Qed.
End Linear.

Section ValueSpace.

Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable i0 : I.                             (* there is some agent             *)
Variable a0 : joint.                         (* there is some joint action      *)
Variable r : S -> joint -> F.
Variable P : S -> joint -> S -> F.
Variable gamma : F.
Variable p : S -> local.                     (* the data                        *)
Hypothesis p_sum1 : forall s i, \sum_(x : A i) p s x = 1.
Hypothesis p_gt0 : forall s i (x : A i), 0 < p s x.
Hypothesis P_sum1 : forall s a, \sum_s' P s a s' = 1.

(* the projected rewards and transitions; entries of K may be negative *)
Definition rho s a : F := fitted (p s) (r s) a.
Definition K s a s' : F := fitted (p s) (fun b => P s b s') a.

(* one look ahead in the signed model *)
Definition look (V : S -> F) s (a : joint) : F := rho s a + gamma * \sum_s' K s a s' * V s'.

(* The rows of the signed kernel sum to one: sum_s' K(s'|s,a) = 1.
   Source: ours. *)
Theorem kernel_row_sums s a : \sum_s' K s a s' = 1.
Proof.
have := fitted_lin (p s) (fun=> 0) 1 (fun s' b => P s b s') (fun=> 1) a.
have one (b : joint) : (0 + 1 * (\sum_s' P s b s' * 1) = 1 :> F).
  by rewrite add0r mul1r -[RHS](P_sum1 s b); apply: eq_bigr => s' _; rewrite mulr1.
have -> : fitted (p s) (fun b => 0 + 1 * \sum_s' P s b s' * 1) a = 1.
  rewrite -[RHS](fitted1 (p_sum1 s) i0 a); apply: eq_bigr => i _.
  by rewrite /Qcf; congr (_ - _ * _); apply: eq_E => b; apply: one.
have -> : fitted (p s) (fun=> 0) a = 0.
  rewrite /fitted /Qtot big1 // => i _.
  by rewrite /Qcf !Ec // mulr0 subr0.
by rewrite add0r mul1r => ->; apply: eq_bigr => s' _; rewrite mulr1.
Qed.

(* Every run of linear FQI obeys
   V^(t+1)(s) = max_a [ rho(s,a) + gamma sum_s' K(s'|s,a) V^(t)(s') ].
   Source: ours. *)
Theorem value_space_form V Q t s :
  linear_run r P gamma p V Q -> is_max (look (V t) s) (V t.+1 s).
Proof.
move=> [mx fit]; apply: is_max_ext (mx t.+1 s) => a.
rewrite (fit_is_cf a (p_sum1 s) (p_gt0 s) (fit t s)).
exact: (fitted_lin (p s) (r s) gamma (fun s' b => P s b s') (V t) a).
Qed.

(* Levels: adding a constant c to V adds gamma c to the maximum.
   Source: ours. *)
Theorem level_shift V c s m :
  is_max (look V s) m -> is_max (look (fun s' => V s' + c) s) (m + gamma * c).
Proof.
have E a : look (fun s' => V s' + c) s a = look V s a + gamma * c.
  rewrite /look (eq_bigr (fun s' => K s a s' * V s' + K s a s' * c)) => [|s' _].
    by rewrite big_split /= -mulr_suml kernel_row_sums; ring.
  by rewrite mulrDr.
move=> [le [a am]]; split=> [b|]; last by exists a; rewrite E am.
by rewrite E -subr_ge0 opprD addrACA subrr addr0 subr_ge0.
Qed.

Hypothesis gamma_ge0 : 0 <= gamma.

(* If there are weights w > 0 and kappa < 1 with
     gamma sum_s' |K(s'|s,a)| w(s') <= kappa w(s)  for all s and a,
   then V(s) = max_a [ rho(s,a) + gamma sum_s' K(s'|s,a) V(s') ] has exactly one
   solution, and every run converges to it at rate kappa in the norm weighted by w,
   whatever its start.
   Source: ours. *)
Theorem weighted_bound_converges (w : S -> F) (kappa : F) :
  (forall s, 0 < w s) -> kappa < 1 ->
  (forall s a, gamma * (\sum_s' `|K s a s'| * w s') <= kappa * w s) ->
  exists Vlim : S -> F,
    [/\ forall s, is_max (look Vlim s) (Vlim s),
        forall V', (forall s, is_max (look V' s) (V' s)) -> forall s, V' s = Vlim s
      & forall V Q c t, linear_run r P gamma p V Q ->
          (forall s, `|V 0%N s - Vlim s| <= c * w s) ->
          forall s, `|V t s - Vlim s| <= kappa ^+ t * c * w s].
Proof.
move=> w0 k1 bound.
have [Vlim lim] := fixed_point_exists rho gamma_ge0 w0 k1 bound a0.
exists Vlim; split=> // [V' fix'|V Q c t run le].
  exact: (fixed_point_unique gamma_ge0 w0 k1 bound fix' lim).
have step t' s : top (val rho K gamma (V t') s) (V t'.+1 s) by apply: value_space_form run.
exact: (@orbits_near _ _ _ rho K gamma kappa w gamma_ge0 w0 bound V (fun=> Vlim) c t
  step (fun=> lim) le).
Qed.

(* If K >= 0 and gamma < 1, linear FQI is value iteration of the Markov decision
   process (rho, K): exactly one solution, and every run converges to it at rate
   gamma in the sup norm, whatever its start.
   Source: ours. *)
Theorem nonnegative_kernel_converges :
  gamma < 1 -> (forall s a s', 0 <= K s a s') ->
  exists Vlim : S -> F,
    [/\ forall s, is_max (look Vlim s) (Vlim s),
        forall V', (forall s, is_max (look V' s) (V' s)) -> forall s, V' s = Vlim s
      & forall V Q c t, linear_run r P gamma p V Q ->
          (forall s, `|V 0%N s - Vlim s| <= c) ->
          forall s, `|V t s - Vlim s| <= gamma ^+ t * c].
Proof.
move=> g1 K0; have [|s a|Vlim [lim uniq conv]] :=
    @weighted_bound_converges (fun=> 1) gamma _ g1 _.
- by move=> _; apply: ltr01.
- rewrite (eq_bigr (K s a)) => [|s' _]; last by rewrite mulr1 ger0_norm.
  by rewrite kernel_row_sums.
exists Vlim; split=> // V Q c t run le s.
have le1 s' : `|V 0%N s' - Vlim s'| <= c * 1 by rewrite mulr1.
by have := conv V Q c t run le1 s; rewrite mulr1.
Qed.

End ValueSpace.
