(* The certificate kind `optimality`, checked inside Coq: FQI over the selection-IGM
   class converges to stated values.

   Where check_optimality computes to true on the numbers of a certificate, the theorem
   holds of the model, the data and the values that these describe (Tables.v), in every
   archimedean ordered field.

         igm_run_on d V Q == a run of FQI over the selection-IGM class: on fixed data,
                             or under epsilon-greedy data, which may be drawn around any
                             joint actions
        check_support m d == the data have full support
      check_first m v s g == v(s) = y(s,g), and y(s,l) < y(s,g) for the l before g
   check_optimality m d c == the check

   igm_step          full support: the fit is the target
   optimality_sound  accepted claims are true of every run from every start

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Theorem4 MaxAffine.
From FqiTheory Require Import Rationals Tables Fits Claims.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* a run of FQI over the selection-IGM class: on fixed data, or under epsilon-greedy data, which
   may be drawn around any joint actions                                                        *)
Definition igm_run_on (F : realFieldType) (m : model) (d : data) (V : nat -> state m -> F)
    (Q : nat -> state m -> {dffun forall i : agent (sizes m), action i} -> F) : Prop :=
  if d is EpsilonGreedy e then
    (forall t s, is_max (Q t s) (V t s)) /\
    exists pi : nat -> state m -> {dffun forall i : agent (sizes m), action i},
      forall t s, igm_fit (prob (eps_greedy (qval F e) (pi t s))) (y F m (V t) s) (Q t.+1 s)
  else if d is Exploring e u then
    (forall t s, is_max (Q t s) (V t s)) /\
    exists pi : nat -> state m -> {dffun forall i : agent (sizes m), action i},
      forall t (s : state m), igm_fit (prob (explored (qval F e) (draws F m (marginals m (Product u) s [::])) (pi t s)))
                          (y F m (V t) s) (Q t.+1 s)
  else igm_run (reward F m) (trans F m) (gamma F m) (fun s => weights F m d s [::]) V Q.

(* --------------------------------------------------------------------- what is checked *)
Definition check_support (m : model) (d : data) : bool :=
  match d with
  | Joint p _ => every (n_states m) (fun s => check_joint m (nth [::] p s))
  | _ => check_data m d
  end.

(* v(s) = y(s,g), and y(s,l) < y(s,g) for the l that come before g, or after it *)
Definition check_first (m : model) (v : seq Q) (s : nat) (g : seq nat) : bool :=
  qeq (target_at m v s g) (at_ v s) &&
  all (fun l => qlt (target_at m v s l) (at_ v s))
    (let k := rank (sizes m) g in (if lasts m then drop k.+1 else take k) (tuples (sizes m))).

Definition check_optimality (m : model) (d : data) (c : limit) : bool :=
  [&& check_model m, check_support m d, check_worths m c
    & every (n_states m) (fun s => check_max m (values c) s
                                   && check_first m (values c) s (nth [::] (policy c) s))].

(* ------------------------------------------------------------------------- the theorem *)
Section Optimality.
Variables (F : archiFieldType) (m : model) (d : data) (c : limit).
Notation joint := {dffun forall i : agent (sizes m), action i}.

Lemma joint_data_gt0 (s : state m) (a : joint) : check_support m d ->
  ~~ moving d -> 0 < weights F m d s [::] a.
Proof.
have prod p : check_marginals m p -> 0 < prob (draws F m p) a.
  by move=> okp; apply: prodr_gt0 => i _; apply: draws_gt0.
rewrite /weights; case: d => [|p|p t|e|e u|p t] //=.
- by move=> /everyP okp _; apply: prod; apply: okp.
- by move=> /everyP okp _; apply: prod; apply: okp.
move/everyP => /(_ s (ltn_ord s)) /and3P [/eqP sz /(all_nthP q0) gt _] _.
by rewrite -(qval0 F) -qval_lt; apply: gt; rewrite sz rank_lt // code_is_action.
Qed.

(* data with full support: the fit is the target, whatever the data are *)
Lemma igm_step V Q (a0 : joint) : check_support m d -> @igm_run_on F m d V Q ->
  (forall t s, is_max (Q t s) (V t s)) /\ forall t s a, Q t.+1 s a = y F m (V t) s a.
Proof.
move=> sup run; have fit D t s a : (forall b, 0 < D b) -> igm_fit D (y F m (V t) s) (Q t.+1 s) ->
    Q t.+1 s a = y F m (V t) s a.
  by move=> pos fitted; have [_ [/(_ fitted) -> _]] := igm_fit_is_target a0 pos (y F m (V t) s) (Q t.+1 s).
have full := fun s a => joint_data_gt0 s a sup.
have around := @explored_range F m d.
move: run full sup around; rewrite /igm_run_on; case: d => [|p|p t|e|e u|p t]; last by [].
- by move=> [mx fitted] full _ _; split=> // t s a; apply: fit (fitted t s) => b; apply: full.
- by move=> [mx fitted] full _ _; split=> // t s a; apply: fit (fitted t s) => b; apply: full.
- by move=> [mx fitted] full _ _; split=> // t' s a; apply: fit (fitted t' s) => b; apply: full.
- move=> [mx [pi fitted]] _ /andP [e0 e1] _; split=> // t s a; apply: fit (fitted t s) => b.
  apply: prodr_gt0 => i _; apply: eps_greedy_gt0; first by rewrite -(qval0 F) -qval_lt.
  by rewrite -(qval1 F) -qval_le.
move=> [mx [pi fitted]] _ ok /(_ ok e u erefl) [e0 e1 ful]; split=> // t s a; apply: fit (fitted t s) => b.
by apply: prodr_gt0 => i _; apply: explored_gt0 => // j z; apply: draws_gt0 (ful s) _ _.
Qed.

(* A certificate of kind `optimality` that is accepted is true: `policy` is a joint policy pi,
   `optimal` solves the Bellman optimality equation and `own` that of pi; pi(s) is the first
   joint maximiser of y(s,.) at `values`; and from every start every run of FQI over the
   selection-IGM class on these data, fixed or epsilon-greedy, has V^(t)(s) -> values(s).
   Source: ours. *)
Theorem optimality_sound : check_optimality m d c ->
  exists pi : state m -> joint,
    [/\ plays (policy c) pi, worths F m c pi,
        forall s, is_max (y F m (vec F m (values c)) s) (y F m (vec F m (values c)) s (pi s)) /\
          forall a, a != pi s -> before m (rank (sizes m) (code a)) (rank (sizes m) (code (pi s))) ->
            y F m (vec F m (values c)) s a < y F m (vec F m (values c)) s (pi s)
      & forall V Q, @igm_run_on F m d V Q ->
          forall s, tends_to (fun t => V t s) (vec F m (values c) s)].
Proof.
case/and4P => ok sup /(check_worthsP F) [pi [piE worth]] /everyP h.
have {}h (s : state m) := h s (ltn_ord s).
set v := vec F m (values c).
have mx s : is_max (y F m v s) (v s) by apply: check_maxP; case/andP: (h s).
have at_pi s : y F m v s (pi s) = v s.
  by have /andP [_ /andP [e _]] := h s; move: e; rewrite -piE (qval_eq F) target_atE => /eqP.
exists pi; split=> // [s|V Q run].
  rewrite at_pi; split=> // a _ before.
  have /andP [_ /andP [_ /allP lt]] := h s.
  rewrite -target_atE -qval_lt; apply: lt; rewrite -piE.
  have rk := rank_lt (code_is_action a).
  rewrite -[code a](nth_rank (code_is_action a)); move: before; rewrite /Tables.before; case: (lasts m) => before.
    by rewrite -[X in nth _ _ X](subnKC before) -nth_drop mem_nth // size_drop ltn_sub2r // (leq_ltn_trans _ rk).
  rewrite -(nth_take [::] before) mem_nth //.
  by rewrite size_take; case: ifP.
have step t s : top (val (reward F m) (trans F m) (gamma F m) (V t) s) (V t.+1 s).
  have [mxQ _] := igm_step (pi s) sup run; apply: is_max_ext (mxQ t.+1 s) => a.
  by have [_ ->] := igm_step (pi s) sup run.
have gt0 : 0 < 1 :> F := ltr01.
apply: (bound_tends (g := gamma F m) (kappa := gamma F m) (w := fun=> 1)) step mx => //.
- exact: gamma_ge0.
- exact: gamma_ge0.
- exact: gamma_lt1.
move=> s a; rewrite mulr1 (eq_bigr (trans F m s a)) ?trans_sum1 ?mulr1 // => s' _.
by rewrite mulr1 ger0_norm // trans_ge0.
Qed.

End Optimality.
