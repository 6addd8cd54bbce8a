(* The value-space form: linear FQI on fixed data is value iteration of a signed kernel.

   First what holds of any signed kernel, then fixed product data, p(s) at state s (full
   support where a run is concerned); JointData.v has correlated data. Any finite
   non-empty set of agents, any finite state and action sets, any ordered field.

   look rho K g V s a == rho(s,a) + g sum_s' K(s'|s,a) V(s'), one look ahead; entries of
                         K have any sign. F(V)(s) is its maximum over a
         fitted p f a == the projection of f on additive functions, sum_i Q_cf,i
          rho r p s a == the projected rewards
         K P p s a s' == the projected transitions, the signed kernel

   weighted_bound_contracts      g sum_s' |K(s'|s,a)| w(s') <= kappa w(s): F has factor
                                 kappa in the norm weighted by w
   nonnegative_kernel_contracts  K >= 0: F is monotone and a g-contraction
   projected_row_sums            a linear projection that keeps constants keeps row sums
   kernel_row_sums               the rows of K sum to 1
   value_space_form              every run of linear FQI obeys V^(t+1) = F(V^(t))
   level_shift                   F(V + c) = F(V) + g c
   weighted_bound_converges      the bound with kappa < 1: exactly one fixed point, and
                                 every run converges to it at rate kappa
   nonnegative_kernel_converges  K >= 0: the same at rate g < 1

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------ any signed kernel *)
Section SignedKernel.

Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable rho : S -> joint -> F.
Variable K : S -> joint -> S -> F.           (* entries of any sign             *)
Variable gamma : F.

(* one look ahead in the signed model *)
Definition look (V : S -> F) s (a : joint) : F := rho s a + gamma * \sum_s' K s a s' * V s'.

Hypothesis gamma_ge0 : 0 <= gamma.

(* Let F(V)(s) = max_a [ rho(s,a) + gamma sum_s' K(s'|s,a) V(s') ] and let w > 0 be
   weights with gamma sum_s' |K(s'|s,a)| w(s') <= kappa w(s) for all s and a.  Then
   ||F(V) - F(V')|| <= kappa ||V - V'|| in the sup norm weighted by w, whether or not
   kappa < 1.
   Source: ours. *)
Theorem weighted_bound_contracts (w : S -> F) (kappa : F) V V' c s m m' :
  (forall s, 0 < w s) ->
  (forall s a, gamma * (\sum_s' `|K s a s'| * w s') <= kappa * w s) ->
  (forall s, `|V s - V' s| <= c * w s) ->
  is_max (look V s) m -> is_max (look V' s) m' -> `|m - m'| <= kappa * (c * w s).
Proof. by move=> w0 bound; apply: top_near. Qed.

(* If K >= 0 and its rows sum to one, F is monotone and a gamma-contraction in the
   sup norm.
   Source: ours. *)
Theorem nonnegative_kernel_contracts V V' s m m' :
  (forall s a, \sum_s' K s a s' = 1) -> (forall s a s', 0 <= K s a s') ->
  is_max (look V s) m -> is_max (look V' s) m' ->
  ((forall s, V s <= V' s) -> m <= m') /\
  (forall c, (forall s, `|V s - V' s| <= c) -> `|m - m'| <= gamma * c).
Proof.
move=> K1 K0 mx mx'; split=> [le|c le]; first exact: top_monotone le mx mx'.
have := @weighted_bound_contracts (fun=> 1) gamma V V' c s m m' _ (unit_bound gamma K1 K0) _ mx mx'.
by rewrite mulr1; apply=> s'; rewrite ?mulr1 ?ltr01.
Qed.

(* K >= 0: the fixed point, and the convergence of all value sequences V^(t+1) = F(V^(t)) *)
Lemma nonnegative_converges (a0 : joint) :
  gamma < 1 -> (forall s a, \sum_s' K s a s' = 1) -> (forall s a s', 0 <= K s a s') ->
  exists Vlim : S -> F,
    [/\ forall s, is_max (look Vlim s) (Vlim s),
        forall V', (forall s, is_max (look V' s) (V' s)) -> forall s, V' s = Vlim s
      & forall V c t, (forall t s, is_max (look (V t) s) (V t.+1 s)) ->
          (forall s, `|V 0%N s - Vlim s| <= c) -> forall s, `|V t s - Vlim s| <= gamma ^+ t * c].
Proof.
move=> g1 K1 K0; have [|Vlim [lim uniq conv]] :=
  @orbits_converge _ _ _ rho K gamma gamma (fun=> 1) gamma_ge0 _ g1 (unit_bound gamma K1 K0) a0.
  by move=> _; apply: ltr01.
exists Vlim; split=> // V c t step le s.
by have := conv V c t step _ s; rewrite !mulr1; apply => s'; rewrite mulr1.
Qed.

End SignedKernel.

(* A linear projection that keeps constants maps transition probabilities to rows
   that sum to one.                                                              *)
Lemma projected_row_sums (F : realFieldType) (S J : finType) (proj : (J -> F) -> J -> F)
    (q : J -> S -> F) a :
  (forall f f', (forall b, f b = f' b) -> proj f a = proj f' a) ->
  (forall c, proj (fun=> c) a = c) ->
  (forall f g (h : S -> J -> F) (V : S -> F), proj (fun b => f b + g * \sum_s h s b * V s) a =
     proj f a + g * \sum_s proj (h s) a * V s) ->
  (forall b, \sum_s q b s = 1) -> \sum_s proj (fun b => q b s) a = 1.
Proof.
move=> ext const lin q1; have := lin (fun=> 0) 1 (fun s b => q b s) (fun=> 1).
rewrite const (ext _ (fun=> 1)) => [|b]; last first.
  by rewrite add0r mul1r -[RHS](q1 b); apply: eq_bigr => s _; rewrite mulr1.
by rewrite const add0r mul1r => ->; apply: eq_bigr => s _; rewrite mulr1.
Qed.

(* ----------------------------------------------------------------- product data *)
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

Lemma fitted_const (i0 : I) c a : fitted p (fun=> c) a = c.
Proof.
have n0 := n_neq0 F i0.
rewrite /fitted /Qtot (eq_bigr (fun=> c / n_agents F I)) => [|i _].
  by rewrite sumr_const -[LHS]mulr_natr -/(n_agents F I) divfK.
by rewrite /Qcf !Ec //; field.
Qed.

Lemma eq_fitted f f' a : (forall b, f b = f' b) -> fitted p f a = fitted p f' a.
Proof.
by move=> ff; apply: eq_bigr => i _; congr (_ - _ * _); apply: eq_E => b.
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

Notation look := (look rho K gamma).

(* The rows of the signed kernel sum to one: sum_s' K(s'|s,a) = 1.
   Source: ours. *)
Theorem kernel_row_sums s a : \sum_s' K s a s' = 1.
Proof.
apply: projected_row_sums (P_sum1 s) => [f f'|c|f g h V].
- exact: eq_fitted.
- exact: fitted_const.
- exact: fitted_lin.
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
Proof. exact: (@top_shift _ _ _ rho K gamma kernel_row_sums). Qed.

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
move=> w0 k1 bound; have [Vlim [lim uniq conv]] :=
  orbits_converge rho gamma_ge0 w0 k1 bound a0.
exists Vlim; split=> // V Q c t run; apply: conv => t' s; exact: value_space_form run.
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
move=> g1 K0; have [Vlim [lim uniq conv]] :=
  nonnegative_converges rho gamma_ge0 a0 g1 kernel_row_sums K0.
exists Vlim; split=> // V Q c t run; apply: conv => t' s; exact: value_space_form run.
Qed.

End ValueSpace.
