(* Boxes of the monotonic class (QMIX) that a run enters after some steps: lower <= V <= upper holds
   from T on.

   The run by orders is replayed for T steps. Then a regression keeps the mean of its targets and is
   at most the largest of them, as every fit of CheckedBox.v, so a step maps the box into itself.

   check_order_box m d v0 g0 T .. == the check, the hints of the T steps and the bounds given

   support_gt0      data with full support have positive weights around all joint actions
   order_box_sound  checked boxes hold the values of every run by orders from the start from T on

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import CheckedShrinking Sums Isotonic CheckedBox Orders OrderFits OrderRuns.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition check_order_box (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (before : seq whole_hint)
    (lower upper : seq Q) : bool :=
  let ls := tuples (sizes m) in
  [&& check_model m, check_support m d, joint_policy m g0, size before == T
    & if replay_orders m d before v0 g0 is Some (v, _) then inside_box m lower upper v else false] &&
  every (n_states m) (fun s => all (fun l => qle (target_at m upper s l) (at_ upper s)) ls &&
    all (rises m d lower s) (if moving d then ls else [:: [::]])).

Lemma support_gt0 (F : archiFieldType) m d (s : state m) (a b : {dffun forall i : agent (sizes m), action i}) :
  check_support m d -> 0 < weights F m d s (code b) a.
Proof.
move=> sup; case mv: (moving d); last by rewrite weights_fixed ?mv //; apply: joint_data_gt0 sup _; rewrite mv.
apply: weights_gt0; last by move=> _; apply: code_is_action.
- by move: sup mv; rewrite /check_support; case: d.
- by move: mv {sup}; case: d.
Qed.

(* Accepted boxes hold the values of every run by orders from the stated start, after the stated number of steps.
   Source: ours. *)
Theorem order_box_sound (F : archiFieldType) m d v0 g0 T before lower upper :
  check_order_box m d v0 g0 T before lower upper ->
  forall V pi, order_run F m d v0 g0 V pi -> between lower upper V T.
Proof.
case/andP => /and5P [ok sup act /eqP sz start] /everyP box V pi [V0 pl st].
move: start; case E: replay_orders => [[v g]|//] ins.
have [VT _] := replay_ordersP st V0 pl E; rewrite add0n sz in VT.
suff main k (s : state m) : vec F m lower s <= V (T + k)%N s /\ V (T + k)%N s <= vec F m upper s.
  by move=> t Tt s; rewrite -(subnKC Tt).
elim: k s => [|k IH] s; first by rewrite addn0 VT; apply: inside_boxP.
rewrite addnS; set t := (T + k)%N in IH *; have [o [q [ch [le [a aE]] _]]] := st t s.
set w := weights F m d s (code (pi t s)) in ch.
have w0 b : 0 < w b by apply: support_gt0.
have /andP [/allP top /allP up] := box s (ltn_ord s); have fq := chosen_fit ch; have [upq least] := fq; split.
  have [g' gin gE] : exists2 g', g' \in (if moving d then tuples (sizes m) else [:: [::]]) & weights F m d s g' = w.
    case mv: (moving d); first by exists (code (pi t s)); rewrite // mem_tuples code_is_action.
    by exists [::]; rewrite ?inE // /w [RHS]weights_fixed ?mv.
  have mean := @fit_mean F _ w (y F m (V t) s) q a w0 (fun c => least _ (rises_shift c upq)).
  apply: (risesP (V := V t) (q := q) (a0 := a) ok _ _ _ (fun s' => proj1 (IH s')) le (up g' gin)); rewrite gE //.
  by move=> b; apply: ltW.
have fit_const c : iso_fit w (fun a b : {dffun forall i : agent (sizes m), action i} => under o (code a) (code b))
    (fun=> c) (fun=> c).
  split=> [b b' _|z _]; first exact: lexx.
  apply: (@le_trans _ _ 0); last by apply: sumr_ge0 => b _; rewrite mulr_ge0 ?sqr_ge0 // ltW.
  by rewrite /err big1 // => b _; rewrite subrr expr0n mulr0.
have below b : y F m (V t) s b <= vec F m upper s.
  have := top (code b); rewrite mem_tuples code_is_action => /(_ isT); rewrite (qval_le F) target_atE => u.
  by apply: le_trans u; apply: target_mono => // s'; have [] := IH s'.
rewrite -aE; exact: (fit_mono w0 below fq (fit_const _)).
Qed.
