(* Boxes under weights that depend on Q_tot (weighted QMIX): lower <= V <= upper holds from T on.

   Whatever the weights, a regression lies between the least and the largest target, and targets grow
   with the values; so a step maps the box into itself where the targets at lower are at least
   lower(s), and those at upper at most upper(s).

   check_weighted_box m w x0 T .. == the check of positions, the bounds given

   weighted_box_sound  checked boxes hold the values of every run from the start from T on

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import CheckedShrinking CheckedBox Isotonic Orders OrderFits CheckedWeighted.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* the start, T, the hints of the T steps; in every state positive weights around all joint actions *)
Definition check_weighted_box (m : model) (w : weighting) (x0 : position) (T : nat) (before : seq hint)
    (lower upper : seq Q) : bool :=
  let ls := tuples (sizes m) in let d := base_data w in
  [&& check_model m, qlt q0 (alpha w), size before == T
    & if weighted_after m w before x0 is Some x then inside_box m lower upper x.1.1 else false] &&
  [&& joint_policy m x0.1.2,
      every (n_states m) (fun s => all (fun g => every (size ls) (fun k => qlt q0 (at_ (weights_of m d s g) k)))
        (if moving d then ls else [:: [::]]))
    & every (n_states m) (fun s => all (fun l => qle (at_ lower s) (target_at m lower s l) &&
        qle (target_at m upper s l) (at_ upper s)) ls)].

(* Accepted boxes hold the values of every run by orders from the stated start under weights that depend on
   Q_tot, after the stated number of steps.
   Source: ours. *)
Theorem weighted_box_sound (F : archiFieldType) m w x0 T before lower upper :
  check_weighted_box m w x0 T before lower upper ->
  forall V pi Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt -> between lower upper V T.
Proof.
case/andP => /and4P [ok a0 /eqP sz start] /and3P [act /everyP pos /everyP box] V pi Qt [V0 g0 Q0 st].
move: start; case E: weighted_after => [x|//] ins.
have first_ : at_place F m w x0 (V 0%N) (pi 0%N) (Qt 0%N) by split.
have [VT _ _] := weighted_afterP st first_ E; rewrite add0n sz in VT.
suff main k (s : state m) : vec F m lower s <= V (T + k)%N s /\ V (T + k)%N s <= vec F m upper s.
  by move=> t Tt s; rewrite -(subnKC Tt).
elim: k s => [|k IH] s; first by rewrite addn0 VT; apply: inside_boxP.
rewrite addnS; set t := (T + k)%N in IH *; have [o [q [ch [le [a aE]] _ _]]] := st t s.
set W := weighted _ _ _ _ _ in ch.
have W0 b : 0 < W b.
  have b0 : 0 < weights F m (base_data w) s (code (pi t s)) b.
    have [g gin gE] : exists2 g, g \in (if moving (base_data w) then tuples (sizes m) else [:: [::]])
        & weights F m (base_data w) s (code (pi t s)) b = weights F m (base_data w) s g b.
      case mv: (moving (base_data w)); first by exists (code (pi t s)); rewrite // mem_tuples code_is_action.
      by exists [::]; rewrite ?inE // weights_fixed ?mv.
    rewrite gE -weights_ofE -(qval0 F) -(qval_lt F).
    by have /allP /(_ g gin) /everyP := pos s (ltn_ord s); apply; apply: place_lt.
  rewrite /W /weighted mulr_gt0 //; case: ifP => _; first exact: ltr01.
  by rewrite -(qval0 F) -(qval_lt F).
have /allP each := box s (ltn_ord s).
have fit_const c : iso_fit W (fun a b : {dffun forall i : agent (sizes m), action i} => under o (code a) (code b))
    (fun=> c) (fun=> c).
  split=> [b b' _|z _]; first exact: lexx.
  apply: (@le_trans _ _ 0); last by apply: norm_ge0.
  by rewrite /err big1 // => b _; rewrite subrr expr0n mulr0.
have ends b : vec F m lower s <= y F m (V t) s b /\ y F m (V t) s b <= vec F m upper s.
  have := each (code b); rewrite mem_tuples code_is_action => /(_ isT) /andP []; rewrite !(qval_le F) !target_atE => l u.
  split; first by apply: le_trans l _; apply: target_mono => // s'; have [] := IH s'.
  by apply: le_trans u; apply: target_mono => // s'; have [] := IH s'.
rewrite -aE; split.
  exact: (fit_mono W0 (fun b => proj1 (ends b)) (fit_const _) (chosen_fit ch)).
exact: (fit_mono W0 (fun b => proj2 (ends b)) (chosen_fit ch) (fit_const _)).
Qed.
