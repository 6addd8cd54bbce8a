(* Boxes: lower <= V <= upper holds from T on, since a step maps the box into itself.

   A fit keeps the mean of its targets, so V'(s) = max_a Q_tot(s,a) is at least E[y(s,.)],
   which grows with V; and it is one of the affine forms Q_tot(s,a), whose greatest value on
   the box stands where V is upper under positive coefficients and lower under negative ones.
   For the monotonic class (QMIX) V' is at least that mean and at most the largest target.

                   after m d T v0 g0 == the values at T, replayed
          inside_box m lower upper v == lower <= v <= upper
                 rises m d lower s g == under the data around g the mean of the targets at lower
                                        is at least lower(s)
                most m lower upper r == the greatest value of an affine form on the box
           falls m d lower upper s g == all Q_tot are at most upper(s) on the box
   check_box m d lower upper v0 g0 T == the check of positions
   check_monotone m d lower upper v0 == the check for the monotonic class, with T = 0
                       regular F m d == weights are >= 0, not all 0, and fits keep the mean of
                                        their targets
             between lower upper V T == lower <= V^(t) <= upper for all t >= T
                  monotone_run d V Q == a run over the monotonic class

   linear_regular  checked data are regular for linear fits
   box_sound       checked boxes hold the values of all positions from T on
   monotone_sound  and those of all runs over the monotonic class

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI SignedFits TheoremC Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedOptimality Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
(* the values at T; None: refused *)
Definition after (m : model) (d : data) (T : nat) (v0 : seq Q) (g0 : seq (seq nat)) : option (seq Q) :=
  if every (n_states m) (fun s => is_action (sizes m) (nth [::] g0 s)) then
    let make := fits m d in
    if replay m make T (make g0) (v0, g0) is Some (v, _) then Some v else None
  else None.

Section Compute.
Variables (m : model) (d : data) (lower upper : seq Q).
Notation S := (n_states m).

Definition inside_box (v : seq Q) : bool :=
  every S (fun s => qle (at_ lower s) (at_ v s) && qle (at_ v s) (at_ upper s)).

(* the mean of the targets at lower *)
Definition rises (s : nat) (g : seq nat) : bool :=
  let weight := weight_at m d s g in
  let gain l := qmul (weight l) (qsub (target_at m lower s l) (at_ lower s)) in
  qle q0 (qsum_list (tuples (sizes m)) gain).

(* the greatest value of an affine form on the box *)
Definition most (r : seq Q) : Q :=
  qadd (at_ r 0) (qsum S (fun k => let c := at_ r k.+1 in
    qmul c (at_ (if qle q0 c then upper else lower) k))).

Definition falls (s : nat) (g : seq nat) : bool :=
  let t := fit_at m d s g in
  all (fun l => qle (most (total_row m t l)) (at_ upper s)) (tuples (sizes m)).

Definition check_box (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) : bool :=
  check_model m &&
  (if after m d T v0 g0 is Some v then inside_box v else false) &&
  every S (fun s => all (fun g => rises s g && falls s g)
                        (if moving d then tuples (sizes m) else [:: [::]])).

(* for the monotonic class, whose Q_tot is between the least and the largest target *)
Definition check_monotone (v0 : seq Q) : bool :=
  [&& check_model m, check_support m d, inside_box v0
    & every S (fun s => all (fun l => qle (target_at m upper s l) (at_ upper s)) (tuples (sizes m)) &&
        all (rises s) (if moving d then tuples (sizes m) else [:: [::]]))].
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Meaning.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.

(* weights are >= 0, not all 0, and fits keep the mean of their targets *)
Definition regular (d : data) := forall (V : state m -> F) g (s : state m), (moving d -> is_action (sizes m) g) ->
  [/\ forall a : joint, 0 <= weights F m d s g a, joint -> exists a : joint, 0 < weights F m d s g a
  & \sum_(a : joint) weights F m d s g a * (y F m V s a - Qtot (credits F m d V g s) a) = 0].

Definition between (lower upper : seq Q) (V : nat -> state m -> F) (T : nat) :=
  forall t, (T <= t)%N -> forall s, vec F m lower s <= V t s /\ V t s <= vec F m upper s.

(* a run of FQI over the monotonic class: on fixed data, or under epsilon-greedy data, which may
   be drawn around any joint actions                                                        *)
Definition monotone_run (d : data) (V : nat -> state m -> F) (Q : nat -> state m -> joint -> F) : Prop :=
  if d is EpsilonGreedy e then
    (forall t s, is_max (Q t s) (V t s)) /\
    exists pi : nat -> state m -> joint,
      forall t s, qmix_fit (prob (eps_greedy (qval F e) (pi t s))) (y F m (V t) s) (Q t.+1 s)
  else if d is Exploring e u then
    (forall t s, is_max (Q t s) (V t s)) /\
    exists pi : nat -> state m -> joint,
      forall t (s : state m), qmix_fit (prob (explored (qval F e) (draws F m (marginals m (Product u) s [::])) (pi t s)))
                           (y F m (V t) s) (Q t.+1 s)
  else qmix_run (reward F m) (trans F m) (gamma F m) (fun s => weights F m d s [::]) V Q.
End Meaning.

Lemma monotonic_shift (F : realFieldType) (I : finType) (A : I -> finType) (q : {dffun forall i, A i} -> F) c :
  monotonic q -> monotonic (fun a => q a + c).
Proof. by move=> [Q mono]; exists Q => a b /mono; rewrite le_plus2r. Qed.

(* a least-squares fit in a class that is closed under adding constants keeps the mean *)
Lemma fit_mean (F : realFieldType) (J : finType) (w y q : J -> F) (a0 : J) : (forall a, 0 < w a) ->
  (forall c, \sum_a w a * (y a - q a) ^+ 2 <= \sum_a w a * (y a - (q a + c)) ^+ 2) ->
  \sum_a w a * (y a - q a) = 0.
Proof.
move=> w0 best; set M := \sum_a _; set W := \sum_a w a.
have W0 : 0 < W by rewrite /W (bigD1 a0) //= lt_sum_r // sumr_ge0 // => a _; apply: ltW.
have := best (M / W); rewrite -subr_ge0 -sumrB.
rewrite (eq_bigr (fun a => (- (2%:R * (M / W))) * (w a * (y a - q a)) + (M / W) ^+ 2 * w a)) => [|a _]; last by ring.
rewrite big_split /= -!mulr_sumr -/M -/W (_ : _ + _ = - (M ^+ 2 / W)); last by field; rewrite gt_eqF.
rewrite oppr_ge0 => le; apply/eqP; rewrite -sqrf_eq0 eq_le sqr_ge0 andbT.
by rewrite -[M ^+ 2](divfK (_ : W != 0)) ?gt_eqF // mulr_le0_ge0 // ltW.
Qed.

(* the row of Q_tot is the sum of the rows of the factors *)
Lemma total_rowE (F : realFieldType) m t (V : state m -> F) (a : {dffun forall i : agent (sizes m), action i}) :
  row_val (total_row m t (code a)) V = \sum_(i : agent (sizes m)) row_val (row t i (a i)) V.
Proof.
have entryE j : (j < (n_states m).+1)%N -> qval F (at_ (total_row m t (code a)) j) =
    \sum_(i : agent (sizes m)) qval F (at_ (row t i (a i)) j).
  by move=> _; rewrite total_row_at; apply: eq_bigr => i _; rewrite nth_code.
rewrite /row_val entryE //; under [X in _ + X = _]eq_bigr => s' _ do rewrite entryE ?ltnS // mulr_suml.
by rewrite exchange_big -big_split.
Qed.

Section Correct.
Variables (F : realFieldType) (m : model) (d : data) (lower upper : seq Q).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Hypothesis ok : check_model m.

Lemma afterP T v0 g0 v V pi : starts d v0 g0 V pi -> after m d T v0 g0 = Some v ->
  V T =1 vec v /\ plays g0 (pi 0%N).
Proof.
move=> [V0 pl pos]; rewrite /after; case: ifP => // _.
case E: replay => [[v' g]|//] [<-]; have [VT _] := replayP (vg := (v0, g0)) ok pos V0 pl E.
by [].
Qed.

Lemma inside_boxP v (s : state m) : inside_box m lower upper v -> vec lower s <= vec v s /\ vec v s <= vec upper s.
Proof. by move/everyP => /(_ s (ltn_ord s)) /andP []; rewrite !(qval_le F). Qed.

(* targets grow with the values *)
Lemma target_mono (V V' : state m -> F) (s : state m) (a : joint) :
  (forall s, V s <= V' s) -> y F m V s a <= y F m V' s a.
Proof.
move=> le; rewrite /y /target le_plus2l; apply: le_mul2l; first exact: gamma_ge0.
by apply: ler_sum => s' _; apply: le_mul2l => //; apply: trans_ge0.
Qed.

Lemma mostP r (V : state m -> F) : (forall s, vec lower s <= V s /\ V s <= vec upper s) ->
  row_val r V <= qval (most m lower upper r).
Proof.
move=> box; rewrite /row_val /most qval_add qval_sum le_plus2l; apply: ler_sum => s _.
have [lo hi] := box s; rewrite qval_mul; case: ifP => [|/negbT]; rewrite (qval_le F) qval0 => c0.
  exact: le_mul2l.
by rewrite -subr_ge0 -mulrBr mulr_le0 ?subr_le0 //; apply: ltW; rewrite ltNge.
Qed.

(* the mean of the targets bounds what is above all of a fit that keeps it *)
Lemma risesP (s : state m) g (V : state m -> F) (q : joint -> F) (v : F) (a0 : joint) :
  (forall a : joint, 0 <= weights F m d s g a) -> 0 < weights F m d s g a0 ->
  \sum_(a : joint) weights F m d s g a * (y F m V s a - q a) = 0 ->
  (forall s, vec lower s <= V s) -> (forall a, q a <= v) -> rises m d lower s g -> vec lower s <= v.
Proof.
move=> w0 w1 mean lo mx up.
have {}up : 0 <= \sum_(a : joint) weights F m d s g a * (y F m (vec lower) s a - vec lower s).
  move: up; rewrite /rises (qval_le F) qval0 qval_sum_list.
  rewrite -(sum_tuples (sizes m) (fun l => qval (qmul (weight_at m d s g l) (qsub (target_at m lower s l) (at_ lower s))))).
  by under eq_bigr do rewrite qval_mul weight_atE qval_sub target_atE.
have W0 : 0 < \sum_(a : joint) weights F m d s g a.
  by rewrite (bigD1 a0) //= lt_sum_r // sumr_ge0.
have : 0 <= (\sum_(a : joint) weights F m d s g a) * (v - vec lower s).
  apply: le_trans up _; rewrite -[X in _ <= X]addr0 -[X in _ <= _ + X]mean mulr_suml -big_split.
  apply: ler_sum => a _ /=; rewrite -mulrDr.
  apply: le_mul2l => //.
  have E5 (x1 x2 x3 x4 x5 : F) : x1 - x2 + (x3 - x4) - (x5 - x2) = (x1 - x4) + (x3 - x5) by ring.
  rewrite -subr_ge0 E5.
  by apply: addr_ge0; rewrite subr_ge0 // target_mono.
by rewrite pmulr_rge0 // subr_ge0.
Qed.

(* Checked boxes hold the values of all positions from T on. *)
Lemma box_sound v0 g0 T (V : nat -> state m -> F) pi : regular F m d -> check_box m d lower upper v0 g0 T ->
  starts d v0 g0 V pi -> between lower upper V T.
Proof.
move=> reg /andP [/andP [_ start] /everyP steps] run; case: (run) => V0 pl pos.
move: start; case E: after => [v|//] ins; have [VT _] := afterP run E.
suff main k s : vec lower s <= V (T + k)%N s /\ V (T + k)%N s <= vec upper s.
  by move=> t Tt s; rewrite -(subnKC Tt).
elim: k s => [|k IH] s; first by rewrite addn0 VT; apply: inside_boxP.
rewrite addnS; set t := (T + k)%N in IH *; have [first ->] := pos t s.
set g := code (pi t s) in first *.
have [g' ag gE] : exists2 g', moving d -> is_action (sizes m) g' &
    [/\ g' \in (if moving d then tuples (sizes m) else [:: [::]]), fit_at m d s g' = fit_at m d s g
      & credits F m d (V t) g' s = credits F m d (V t) g s].
  case mv: (moving d).
    exists g; first by move=> _; apply: code_is_action.
    by split; first by rewrite mem_tuples code_is_action.
  have fx : ~~ moving d by rewrite mv.
  exists [::]; first by [].
  split; [by rewrite inE|by rewrite [RHS]fit_at_fixed|by rewrite [RHS]credits_fixed].
case: gE => gin fE cE; have [w0 /(_ (pi t s)) [a0 w1] mean] := reg (V t) g' s ag.
have /allP /(_ g' gin) /andP [up down] := steps s (ltn_ord s).
have [le [a aE]] := greedy_is_max (proj1 first); split.
  apply: (risesP (a0 := a0) w0 w1 mean _ _ up) => [s'|b]; first by have [] := IH s'.
  by rewrite cE.
move/allP: down => /(_ (code (pi t.+1 s))); rewrite mem_tuples code_is_action => /(_ isT).
rewrite (qval_le F) fE; apply: le_trans; apply: le_trans (mostP _ IH).
rewrite total_rowE le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => i _.
by rewrite (creditsE ok).
Qed.

End Correct.

(* Accepted boxes hold the values of every run of FQI over the monotonic class from the stated values,
   on fixed data, or under epsilon-greedy data around any joint actions.
   Source: ours. *)
Theorem monotone_sound (F : archiFieldType) m d lower upper v0 : check_monotone m d lower upper v0 ->
  forall (V : nat -> state m -> F) Q, V 0%N =1 vec F m v0 -> monotone_run d V Q -> between lower upper V 0.
Proof.
case/and4P => ok sup ins /everyP steps V Q V0 run.
pose S := state m; pose joint := {dffun forall i : agent (sizes m), action i}.
have fits t (s : S) : exists g, [/\ g \in (if moving d then tuples (sizes m) else [:: [::]]),
    forall a : joint, 0 < weights F m d s g a & qmix_fit (weights F m d s g) (y F m (V t) s) (Q t.+1 s)].
  have fixed : ~~ moving d -> qmix_run (reward F m) (trans F m) (gamma F m) (fun s => weights F m d s [::]) V Q ->
      exists g, [/\ g \in (if moving d then tuples (sizes m) else [:: [::]]),
        forall a : joint, 0 < weights F m d s g a & qmix_fit (weights F m d s g) (y F m (V t) s) (Q t.+1 s)].
    move=> fx [_ fitted]; exists [::]; split; [by rewrite (negbTE fx) inE| |exact: fitted].
    by move=> a; apply: joint_data_gt0 sup _; case: (d) fx.
  have around D (a : joint) : moving d -> (forall b : joint, weights F m d s (code a) b = D b) ->
      (forall b, 0 < D b) -> qmix_fit D (y F m (V t) s) (Q t.+1 s) ->
      exists g, [/\ g \in (if moving d then tuples (sizes m) else [:: [::]]),
        forall a : joint, 0 < weights F m d s g a & qmix_fit (weights F m d s g) (y F m (V t) s) (Q t.+1 s)].
    move=> mv wE D0 fitted; exists (code a); split; first by rewrite mv mem_tuples code_is_action.
      by move=> b; rewrite wE.
    have same q' : joint_loss (weights F m d s (code a)) (y F m (V t) s) q' = joint_loss D (y F m (V t) s) q'.
      by apply: eq_bigr => b _; rewrite wE.
    by case: fitted => mono best; split=> // q' mono'; rewrite !same; apply: best.
  have range := @explored_range F m d.
  move: run sup fixed around range; rewrite /monotone_run; clear steps.
  case: d => [|p|p tt|e|e u|p tt] run sup fixed around range; try by apply: fixed.
  - have [_ [pi /(_ t s) fitted]] := run; apply: (around _ (pi t s)) fitted => // [b|b].
      by apply: eq_bigr => i _; apply: epsE.
    apply: prodr_gt0 => i _; have /andP [e0 e1] := sup.
    by apply: eps_greedy_gt0; rewrite -?(qval0 F) -?(qval1 F) -?(qval_lt F) -?(qval_le F).
  have [e0 e1 ful] := range sup e u erefl; have [_ [pi /(_ t s) fitted]] := run.
  apply: (around _ (pi t s)) fitted => // [b|b]; first by apply: eq_bigr => i _; apply: exploreE.
  by apply: prodr_gt0 => i _; apply: explored_gt0 => // j z; apply: draws_gt0 (ful s) _ _.
have mx t (s : S) : is_max (Q t s) (V t s) by move: run; rewrite /monotone_run; case: (d) => [|p|p tt|e|e u|p tt] [].
move=> t _; elim: t => [|t IH] s; first by rewrite V0; apply: inside_boxP.
have /andP [/allP top /allP up] := steps s (ltn_ord s); have [g [gin w0 fitted]] := fits t s.
have [le [a0 at_a0]] := mx t.+1 s; split.
  apply: (risesP (V := V t) ok (fun a => ltW (w0 a)) (w0 a0) _ _ le (up g gin)) => [|s']; last by have [] := IH s'.
  have [mono best] := fitted.
  apply: (@fit_mean F _ (weights F m d s g) (y F m (V t) s) (Q t.+1 s) a0 w0) => c.
  have := best _ (monotonic_shift c mono); exact.
rewrite -at_a0; set ys := y F m (V t) s in fitted.
have [] := @qmix_between F _ _ (weights F m d s g) ys (Q t.+1 s) (- \sum_b `|ys b|) (vec F m upper s) w0 _ _ fitted a0 => // a.
  by apply: norm_ge; apply: (@largest F _ ys a).
apply: (@le_trans _ _ (y F m (vec F m upper) s a)); first by apply: target_mono => // s'; have [] := IH s'.
by rewrite -target_atE -(qval_le F); apply: top; rewrite mem_tuples code_is_action.
Qed.

(* Checked data are regular for linear fits. *)
Lemma linear_regular (F : realFieldType) m d : check_model m -> check_data m d -> regular F m d.
Proof.
move=> ok okd V g s ag; split=> [a|b|]; [exact: weights_ge0|exact: weights_some|].
pose i0 : agent (sizes m) := Ordinal (has_agents ok).
pose one (i : agent (sizes m)) (x : action i) : F := if i == i0 then 1 else 0.
rewrite -[RHS](credits_solve okd V s ag one); apply: eq_bigr => a _.
by rewrite (_ : Qtot one a = 1) ?mulr1 // /Qtot (bigD1 i0) //= /one eqxx big1 ?addr0 // => i /negbTE ->.
Qed.
