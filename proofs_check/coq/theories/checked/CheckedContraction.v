(* The certificate kind `contraction`, checked inside Coq: linear FQI on fixed data
   converges to stated values from every start.

   Where check_contraction computes to true on the numbers of a certificate, the theorem
   holds of the model, the data and the values that these describe (Tables.v), in every
   archimedean ordered field.

         check_bound m t w kappa s == gamma sum_s' |K(s'|s,l)| w(s') <= kappa w(s) for
                                      all l
   check_contraction m d c w kappa == the check

   contraction_sound  accepted claims are true of every run from every start

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine.
From FqiTheory Require Import Rationals Tables Fits Claims.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* gamma sum_s' |K(s'|s,l)| w(s') <= kappa w(s) for all l *)
Definition check_bound (m : model) (t : seq (seq (seq Q))) (w : seq Q) (kappa : Q) (s : nat) : bool :=
  all (fun l => let r := total_row m t l in
    qle (qtotal (n_states m) (fun k => qtimes (qabs (at_ r k.+1)) (at_ w k))) (qtimes kappa (at_ w s)))
  (tuples (sizes m)).

Definition check_contraction (m : model) (d : data) (c : limit) (w : seq Q) (kappa : Q) : bool :=
  [&& check_model m, check_fixed m d, check_worths m c, qle q0 kappa, qlt kappa q1
    & every (n_states m) (fun s => let t := fit_at m d s [::] in
      [&& qlt q0 (at_ w s), check_bound m t w kappa s
        & steps_to m t (values c) s (values c) (nth [::] (policy c) s)])].

(* ------------------------------------------------------------------------- the theorem *)
Section Contraction.
Variables (F : archiFieldType) (m : model) (d : data) (c : limit) (w : seq Q) (kappa : Q).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).

(* A certificate of kind `contraction` that is accepted is true: `policy` is a joint policy pi,
   `optimal` solves the Bellman optimality equation and `own` that of pi; pi(s) has the first
   maximisers of every least-squares fit to y(s,.) at `values`; and from every start every run
   of linear FQI on these data has V^(t)(s) -> values(s).
   Source: ours. *)
Theorem contraction_sound : check_contraction m d c w kappa ->
  exists pi : state m -> joint,
    [/\ plays (policy c) pi, worths F m c pi,
        forall (s : state m) Q,
          joint_fit (weights F m d s [::]) (y F m (vec F m (values c)) s) Q ->
          first_greedy Q (pi s)
      & forall V Q, fixed_run F m d V Q ->
          forall s, tends_to (fun t => V t s) (vec F m (values c) s)].
Proof.
move=> /and5P [ok /fixed_data [okd fx] /(check_worthsP F) [pi [piE worth]] k0].
case/andP => k1 /everyP h; have ag : moving d -> is_action (sizes m) [::] by rewrite (negbTE fx).
have {}h (s : state m) := h s (ltn_ord s); set v := vec F m (values c).
have first (s : state m) : first_greedy (credits F m d v [::] s) (pi s).
  have /and3P [_ _ /andP [best _]] := h s.
  by move: best; rewrite -piE; apply: first_bestP.
exists pi; split=> // [s Q|V Q [mx fitted]].
  by move=> fitted; apply: (fits_first okd _ ag fitted).1 (first s).
pose r s (a : joint) := total_row m (fit_at m d s [::]) (code a).
pose rho (s : state m) a := qval (at_ (r s a) 0).
pose K (s : state m) a (s' : state m) := qval (at_ (r s a) s'.+1).
have QtotE V' (s : state m) a :
    Qtot (credits F m d V' [::] s) a = MaxAffine.val rho K 1 V' s a.
  have entryE k : (k < (n_states m).+1)%N -> qval (at_ (r s a) k) =
      \sum_(i : agent (sizes m)) qval (at_ (row (fit_at m d s [::]) i (a i)) k).
    by move=> _; rewrite /r total_row_at; apply: eq_bigr => i _; rewrite nth_code.
  rewrite /MaxAffine.val mul1r /rho /K entryE //.
  under [X in _ = _ + X]eq_bigr => s' _ do rewrite entryE ?ltnS // mulr_suml.
  rewrite exchange_big -big_split; apply: eq_bigr => i _ /=.
  by rewrite -(creditsE ok).
have bound s a : 1 * (\sum_s' `|K s a s'| * qval (at_ w s')) <= qval kappa * qval (at_ w s).
  have /and3P [_ /allP le _] := h s.
  have := le (code a); rewrite mem_tuples code_is_action => /(_ isT); cbv zeta.
  rewrite (qval_le F) qval_times qval_total mul1r; apply: le_trans.
  by apply: ler_sum => s' _; rewrite qval_times qval_abs.
apply: (bound_tends (rho := rho) (K := K) (g := 1) (w := fun s => qval (at_ w s))) bound _ _.
- exact: ler01.
- by move=> s; have /and3P [w0 _ _] := h s; rewrite -(qval0 F) -qval_lt.
- by rewrite -(qval0 F) -qval_le.
- by rewrite -(qval1 F) -qval_lt.
- move=> t s; apply: is_max_ext (mx t.+1 s) => a; rewrite -QtotE.
  exact: (fits_Qtot okd a ag (fitted t s)).
move=> s; have [gr _] := first s; have /and3P [_ _ /andP [_ e]] := h s.
apply: (is_max_ext (f := Qtot (credits F m d v [::] s))).
  by move=> a; apply: QtotE.
move: e; rewrite -piE (qval_eq F) (totalE F ok) => /eqP e; rewrite -[v s]e.
exact: greedy_is_max.
Qed.

End Contraction.
