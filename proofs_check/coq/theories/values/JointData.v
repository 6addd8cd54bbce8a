(* Linear FQI on any fixed data, in which the actions of the agents may be correlated:
   the fit, and the value-space form.

   d(a) is the weight of the joint action a, d(s,a) at state s. Weights need not sum to
   one. Full support: every weight is positive. Any finite set of agents (non-empty
   where i0 is assumed), any finite state and action sets, any ordered field.

   joint_fitted d f a == the projection of f on additive functions under d
    joint_rho r d s a == the projected rewards
   joint_K P d s a s' == the projected transitions, the signed kernel

   joint_fit_exists                    d >= 0: all targets have a least-squares fit
   joint_Qtot_unique                   d >= 0: all fits have one Q_tot where the data
                                       have mass
   joint_minimisers                    full support: the fits are exactly Q_i + w_i with
                                       sum_i w_i = 0
   joint_fitted_product                for product data the projection is that of
                                       ValueSpace.v
   linear_run_is_joint_run             runs on product data are runs on joint data
   joint_run_exists                    d >= 0: there is a run from any initial factors
   joint_Qtot_form                     full support: Q_tot^(t+1)(s,a) = rho(s,a) + gamma
                                       sum_s' K(s'|s,a) V^(t)(s')
   joint_value_space_form              and V^(t+1) is its maximum
   joint_kernel_row_sums               the rows of K sum to 1
   joint_level_shift                   F(V + c) = F(V) + gamma c
   joint_nonnegative_kernel_converges  K >= 0: exactly one fixed point, and every run
                                       converges to it at rate gamma
   joint_weighted_bound_converges      the weighted bound of ValueSpace.v with kappa <
                                       1: the same at rate kappa

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine ValueSpace LeastSquares.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ----------------------------------------------------------------- one state *)
Section OneState.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable d : joint -> F.
Hypothesis d_ge0 : forall a, 0 <= d a.

(* All targets y have a least-squares fit among the linear factorisations: the
   credits of LeastSquares.v (full support is not needed).
   Source: ours. *)
Theorem joint_fit_exists (y : joint -> F) : joint_fit d y (credits d y).
Proof. exact: normal_fit (credits_normal d_ge0 y). Qed.

(* Where the data have mass, all least-squares fits of y have the same Q_tot; under
   full support, Q_tot is unique.
   Source: ours. *)
Theorem joint_Qtot_unique (y : joint -> F) Q Q' :
  joint_fit d y Q -> joint_fit d y Q' -> forall a, 0 < d a -> Qtot Q a = Qtot Q' a.
Proof.
move=> opt opt' a da; have N := credits_normal d_ge0 y.
by rewrite (fit_unique d_ge0 N opt da) (fit_unique d_ge0 N opt' da).
Qed.

End OneState.

(* ------------------------------------------------------- one state, full support *)
Section FullSupport.

Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variable d : joint -> F.
Hypothesis d_gt0 : forall a, 0 < d a.
Let d_ge0 a : 0 <= d a := ltW (d_gt0 a).

(* With full support the least-squares fits of y are exactly Q_i(x) + w_i with
   sum_i w_i = 0, where Q is any one of them (some joint action exists).
   Source: ours. *)
Theorem joint_minimisers (a0 : joint) (y : joint -> F) Q h :
  joint_fit d y Q ->
  joint_fit d y h <->
  exists2 w : I -> F, \sum_i w i = 0
                    & forall i (x : A i), h i x = Q i x + w i.
Proof.
move=> opt; split=> [opt'|]; first by apply/(same_Qtot a0) => a; apply: joint_Qtot_unique.
move/(same_Qtot a0) => same k; apply: le_trans (opt k).
by rewrite /joint_loss (eq_bigr (fun a => d a * (y a - Qtot Q a) ^+ 2)) // => a _; rewrite same.
Qed.

(* the projection on additive functions, Pi f = Q_tot of the fit of f *)
Definition joint_fitted (f : joint -> F) (a : joint) : F := Qtot (credits d f) a.

Lemma joint_fittedE f f' Q a :
  (forall b, f b = f' b) -> normal d f' Q -> joint_fitted f a = Qtot Q a.
Proof.
move=> ff N; apply: (fit_unique d_ge0 N) => //; apply: normal_fit => //.
exact: eq_normal ff (credits_normal d_ge0 f).
Qed.

Lemma eq_joint_fitted f f' a : (forall b, f b = f' b) -> joint_fitted f a = joint_fitted f' a.
Proof. by move=> ff; apply: joint_fittedE ff (credits_normal d_ge0 f'). Qed.

Lemma joint_fitted_const (i0 : I) c a : joint_fitted (fun=> c) a = c.
Proof.
pose Q i (x : A i) : F := if i == i0 then c else 0.
have QE b : Qtot Q b = c.
  by rewrite /Qtot (bigD1 i0) //= /Q eqxx big1 ?addr0 // => i /negbTE ->.
rewrite -[RHS](QE a); apply: (joint_fittedE (f' := Qtot Q)) => // h.
by rewrite /dot big1 // => b _; rewrite subrr mul0r mulr0.
Qed.

Lemma joint_fitted_lin (S : finType) (f : joint -> F) (g : F) (h : S -> joint -> F) (V : S -> F) a :
  joint_fitted (fun b => f b + g * \sum_s h s b * V s) a =
  joint_fitted f a + g * \sum_s joint_fitted (h s) a * V s.
Proof.
pose Q s := credits d (h s); have N s : normal d (h s) (Q s) by apply: credits_normal.
rewrite (joint_fittedE a _ (normal_lin g V (credits_normal d_ge0 f) N)) => [|b].
  rewrite QtotD Qtot_sum; congr (_ + _ * _).
  by apply: eq_bigr => s _; rewrite mulrC.
by congr (_ + _ * _); apply: eq_bigr => s _; rewrite mulrC.
Qed.

End FullSupport.

(* For product data with full support this projection is that of the closed form of
   Theorem 1, so the theorems below speak of the same rho and K as ValueSpace.v.
   Source: ours. *)
Theorem joint_fitted_product (F : realFieldType) (I : finType) (A : I -> finType)
    (p : forall i, A i -> F) (f : {dffun forall i, A i} -> F) a :
  (forall i, \sum_(x : A i) p i x = 1) -> (forall i (x : A i), 0 < p i x) ->
  joint_fitted (prob p) f a = fitted p f a.
Proof.
move=> p1 p0; have prob_gt0 b : 0 < prob p b by apply: prodr_gt0.
exact: joint_fittedE (normal_equations p1 f).
Qed.

(* ----------------------------------------------------------------------- runs *)
Section JointData.

Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).
Variable a0 : joint.                         (* there is some joint action      *)
Variable r : S -> joint -> F.
Variable P : S -> joint -> S -> F.
Variable gamma : F.

(* Product data are joint data: p(s) has the weights prob (p s) a = prod_i p_i(a_i|s).
   Source: ours. *)
Theorem linear_run_is_joint_run (p : S -> local) V Q :
  linear_run r P gamma p V Q <-> joint_run r P gamma (fun s => prob (p s)) V Q.
Proof. by []. Qed.

Variable d : S -> joint -> F.                (* the data                        *)

(* For all fixed data and every initial factors Q0 there is a run of linear FQI that
   starts at Q0 (full support is not needed).
   Source: ours. *)
Theorem joint_run_exists (Q0 : S -> local) :
  (forall s a, 0 <= d s a) -> exists V Q, joint_run r P gamma d V Q /\ Q 0%N = Q0.
Proof.
move=> d0; pose top (Q : S -> local) s := Qtot (Q s) [arg max_(a > a0) Qtot (Q s) a]%O.
pose step Q s := credits (d s) (target r P gamma (top Q) s).
pose Q t := iter t step Q0.
exists (fun t => top (Q t)), Q; split=> //; split=> t s; first exact: is_max_arg.
by rewrite /Q iterS; apply: joint_fit_exists.
Qed.

Hypothesis d_gt0 : forall s a, 0 < d s a.    (* full support                    *)

Let d_ge0 s a : 0 <= d s a := ltW (d_gt0 s a).

(* the projected rewards and transitions, which depend on the model and the data
   only; entries of K may be negative                                            *)
Definition joint_rho s a : F := joint_fitted (d s) (r s) a.
Definition joint_K s a s' : F := joint_fitted (d s) (fun b => P s b s') a.
Notation rho := joint_rho.
Notation K := joint_K.
Notation look := (look rho K gamma).

(* Every run of linear FQI has
     Q_tot^(t+1)(s,a) = rho(s,a) + gamma sum_s' K(s'|s,a) V^(t)(s').
   Source: ours. *)
Theorem joint_Qtot_form V Q t s a :
  joint_run r P gamma d V Q -> Qtot (Q t.+1 s) a = look (V t) s a.
Proof.
move=> [_ fit]; rewrite -[RHS](joint_fitted_lin (d_gt0 s) (r s) gamma (fun s' b => P s b s')).
exact: (joint_Qtot_unique (d_ge0 s) (fit t s) (joint_fit_exists (d_ge0 s) _)).
Qed.

(* Every run of linear FQI obeys
   V^(t+1)(s) = max_a [ rho(s,a) + gamma sum_s' K(s'|s,a) V^(t)(s') ].
   Source: ours. *)
Theorem joint_value_space_form V Q t s :
  joint_run r P gamma d V Q -> is_max (look (V t) s) (V t.+1 s).
Proof.
by move=> run; have [mx _] := run; apply: is_max_ext (mx t.+1 s) => a; apply: joint_Qtot_form.
Qed.

Section UnitRows.
Variable i0 : I.                             (* there is some agent             *)
Hypothesis P_sum1 : forall s a, \sum_s' P s a s' = 1.

(* The rows of the signed kernel sum to one: sum_s' K(s'|s,a) = 1.
   Source: ours. *)
Theorem joint_kernel_row_sums s a : \sum_s' K s a s' = 1.
Proof.
apply: projected_row_sums (P_sum1 s) => [f f'|c|f g h V].
- exact: (eq_joint_fitted (d_gt0 s)).
- exact: (joint_fitted_const (d_gt0 s) i0).
- exact: (joint_fitted_lin (d_gt0 s)).
Qed.

(* Levels: adding a constant c to V adds gamma c to the maximum.
   Source: ours. *)
Theorem joint_level_shift V c s m :
  is_max (look V s) m -> is_max (look (fun s' => V s' + c) s) (m + gamma * c).
Proof. exact: (@top_shift _ _ _ rho K gamma joint_kernel_row_sums). Qed.

(* If K >= 0 and 0 <= gamma < 1, linear FQI is value iteration of the Markov decision
   process (rho, K): exactly one solution of V(s) = max_a [ rho(s,a) + gamma
   sum_s' K(s'|s,a) V(s') ], and every run converges to it at rate gamma in the sup
   norm, whatever its start.
   Source: ours. *)
Theorem joint_nonnegative_kernel_converges :
  0 <= gamma -> gamma < 1 -> (forall s a s', 0 <= K s a s') ->
  exists Vlim : S -> F,
    [/\ forall s, is_max (look Vlim s) (Vlim s),
        forall V', (forall s, is_max (look V' s) (V' s)) -> forall s, V' s = Vlim s
      & forall V Q c t, joint_run r P gamma d V Q ->
          (forall s, `|V 0%N s - Vlim s| <= c) ->
          forall s, `|V t s - Vlim s| <= gamma ^+ t * c].
Proof.
move=> g0 g1 K0; have [Vlim [lim uniq conv]] :=
  nonnegative_converges rho g0 a0 g1 joint_kernel_row_sums K0.
exists Vlim; split=> // V Q c t run; apply: conv => t' s; exact: joint_value_space_form run.
Qed.
End UnitRows.

(* If there are weights w > 0 and kappa < 1 with
     gamma sum_s' |K(s'|s,a)| w(s') <= kappa w(s)  for all s and a,
   then V(s) = max_a [ rho(s,a) + gamma sum_s' K(s'|s,a) V(s') ] has exactly one
   solution, and every run converges to it at rate kappa in the norm weighted by w,
   whatever its start.
   Source: ours. *)
Theorem joint_weighted_bound_converges (w : S -> F) (kappa : F) :
  0 <= gamma -> (forall s, 0 < w s) -> kappa < 1 ->
  (forall s a, gamma * (\sum_s' `|K s a s'| * w s') <= kappa * w s) ->
  exists Vlim : S -> F,
    [/\ forall s, is_max (look Vlim s) (Vlim s),
        forall V', (forall s, is_max (look V' s) (V' s)) -> forall s, V' s = Vlim s
      & forall V Q c t, joint_run r P gamma d V Q ->
          (forall s, `|V 0%N s - Vlim s| <= c * w s) ->
          forall s, `|V t s - Vlim s| <= kappa ^+ t * c * w s].
Proof.
move=> g0 w0 k1 bound; have [Vlim [lim uniq conv]] := orbits_converge rho g0 w0 k1 bound a0.
exists Vlim; split=> // V Q c t run; apply: conv => t' s; exact: joint_value_space_form run.
Qed.

End JointData.
