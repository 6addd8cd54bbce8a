(* Intervals of two states: x = V(o) - V(r) stays in one from T on.

   Each factor is an affine function of x up to the level V(r), so x' = f(x), f affine on pieces on
   which the same actions are greedy. A hint has the pieces, with greedy actions, which need to be
   greedy at both ends of their piece only.

                                         piece == its ends, and joint actions that are greedy on it at r
                                                  and at the other state, o = 1 - r
                                  height r f z == the affine function f of V at V(r) = 0, V(o) = z
                           best_at m d r q l z == l is greedy at state q where x = z, at every level
                              sum_at m d q l k == entry k of the row of Q_tot(q,l)
                             intercept m d r p == f(0), f continued from the piece p
                                 slope m d r p == the slope of f there
                               image m d r p z == f(z) there
                   fits_piece m d r low high p == p is a piece, and mapped into [low, high]
                              linked high x ps == the pieces ps lie end to end from x to high
   check_interval m d r lower upper v0 g0 T ps == the check of positions
                              along m d r ps z == f(z), in the field

   interval_steps  x follows the map within the interval
   interval_sound  so checked intervals hold the differences from T on

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import zify ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedBox CheckedDifferences.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Record piece := Piece { start_at : Q; stop_at : Q; at_ref : seq nat; at_other : seq nat }.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (d : data) (r : nat).
Notation n := (size (sizes m)).
Notation S := (n_states m).
Notation o := (1 - r)%N.
Notation t q := (fit_at m d q [::]).

Definition height (f : seq Q) (z : Q) : Q := qadd (at_ f 0) (qmul (at_ f o.+1) z).

Definition best_at (q : nat) (l : seq nat) (z : Q) : bool := let own := t q in
  every n (fun i => let b := height (row own i (nth 0%N l i)) z in
    every (nth 0%N (sizes m) i) (fun x => qle (height (row own i x) z) b)).

Definition sum_at (q : nat) (l : seq nat) (k : nat) : Q := let own := t q in
  qsum n (fun i => at_ (row own i (nth 0%N l i)) k).

Definition intercept (p : piece) : Q := qsub (sum_at o (at_other p) 0) (sum_at r (at_ref p) 0).
Definition slope (p : piece) : Q := qsub (sum_at o (at_other p) o.+1) (sum_at r (at_ref p) o.+1).
Definition image (p : piece) (z : Q) : Q := qadd (intercept p) (qmul (slope p) z).

Definition fits_piece (low high : Q) (p : piece) : bool :=
  let a := intercept p in let b := slope p in
  is_action (sizes m) (at_ref p) && is_action (sizes m) (at_other p) &&
  all (fun z => let x := qadd a (qmul b z) in
      [&& best_at r (at_ref p) z, best_at o (at_other p) z, qle low x & qle x high])
    [:: start_at p; stop_at p] && qlt (start_at p) (stop_at p).

Fixpoint linked (high x : Q) (ps : seq piece) : bool :=
  if ps is p :: rest then
    qeq x (start_at p) && (if rest is [::] then qeq (stop_at p) high else linked high (stop_at p) rest)
  else false.

Definition check_interval (lower upper : seq Q) (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (ps : seq piece) : bool :=
  [&& check_model m, ~~ moving d, S == 2%N, (r < 2)%N & qeq (at_ lower r) q0 && qeq (at_ upper r) q0] &&
  (if after m d T v0 g0 is Some v then inside_about m lower upper r v else false) &&
  [&& levelled m d r && levelled m d o, linked (at_ upper o) (at_ lower o) ps & all (fits_piece (at_ lower o) (at_ upper o)) ps].

End Compute.

Arguments intercept : simpl never.
Arguments slope : simpl never.
Arguments image : simpl never.
Arguments fits_piece : simpl never.
Arguments qeq : simpl never.
Arguments qlt : simpl never.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model) (d : data) (r : nat) (lower upper : seq Q).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation o := (1 - r)%N.
Notation low := (at_ lower o).
Notation high := (at_ upper o).
Notation alpha p := (qval (intercept m d r p)).
Notation beta p := (qval (slope m d r p)).

(* the map, by the first piece that does not end before z *)
Fixpoint along (ps : seq piece) (z : F) : F :=
  if ps is p :: rest then
    if nilp rest || (z <= qval (stop_at p)) then alpha p + beta p * z else along rest z
  else z.

Lemma along_piece (good : piece -> bool) ps x z : all good ps -> linked high x ps -> qval x <= z -> z <= qval high ->
  exists p, [/\ good p, qval (start_at p) <= z, z <= qval (stop_at p) & along ps z = alpha p + beta p * z].
Proof.
elim: ps x => [|p rest IH] x //= /andP [gp gr] /andP [xs lk] xz zh.
have sz : qval (start_at p) <= z by move: xs xz; rewrite (qval_eq F) => /eqP ->.
case: ifP => [|/negbT].
  case/orP => [/nilP e|zs]; exists p; split=> //.
  by move: lk; rewrite e (qval_eq F) => /eqP ->.
rewrite negb_or -ltNge => /andP [ne sz']; apply: (IH (stop_at p) gr _ (ltW sz') zh).
by move: lk ne; case: rest {IH gr}.
Qed.

(* the difference of two lines at one level *)
Lemma lines_apart (u v a b z c : F) : u + v * z + c - (a + b * z + c) = (u - a) + (v - b) * z.
Proof. by ring. Qed.

(* an affine function that is at most c at both ends *)
Lemma affine_le (u v a b z c : F) : a <= z -> z <= b -> u + v * a <= c -> u + v * b <= c -> u + v * z <= c.
Proof.
move=> az zb ua ub; have [v0|v0] := lerP 0 v.
  by apply: le_trans ub; rewrite le_plus2l; apply: le_mul2l.
by apply: le_trans ua; rewrite le_plus2l -subr_ge0 -mulrBr mulr_le0 ?subr_le0 //; apply: ltW.
Qed.

(* lines that are below others at both ends are so between *)
Lemma lines_between (u v u' v' a b z : F) : a <= z -> z <= b ->
  u + v * b <= u' + v' * b -> u + v * a <= u' + v' * a -> u + v * z <= u' + v' * z.
Proof.
move=> az zb; have E x : (u + v * x <= u' + v' * x) = ((u - u') + (v - v') * x <= 0).
  by rewrite -subr_le0; congr (_ <= _); ring.
by rewrite !E => hb ha; apply: affine_le az zb ha hb.
Qed.

Hypothesis ok : check_model m.
Hypothesis fx : ~~ moving d.
Hypothesis two : n_states m = 2%N.
Variables r0 o0 : state m.
Hypothesis r0E : r0 = r :> nat.
Hypothesis o0E : o0 = o :> nat.

Lemma lt_two (s : state m) : (s < 2)%N.
Proof. by have := ltn_ord s; rewrite [X in (_ < X)%N]two. Qed.

Lemma states_two (s : state m) : s = r0 \/ s = o0.
Proof.
have r2 := lt_two r0; have s2 := lt_two s.
have [sr|sr] : s = r :> nat \/ s = o :> nat by move: r2 s2 r0E; lia.
  by left; apply: val_inj; rewrite /= sr -r0E.
by right; apply: val_inj; rewrite /= sr -o0E.
Qed.

Lemma row_two f (V : state m -> F) : row_val f V =
  qval (at_ f 0) + qval (at_ f o.+1) * (V o0 - V r0) + qval (qsum (n_states m) (fun k => at_ f k.+1)) * V r0.
Proof.
rewrite /row_val -addrA qval_sum; congr (_ + _).
have ne : r0 != o0 by apply/eqP => e; have := o0E; rewrite -e r0E; have := lt_two r0; rewrite r0E; lia.
have split2 (G : state m -> F) : \sum_s G s = G o0 + G r0.
  rewrite (bigD1 o0) //= (bigD1 r0) //= big1 ?addr0 // => s /andP [so sr].
  by case: (states_two s) => e; rewrite e eqxx in so sr.
by rewrite !split2 /= o0E r0E; ring.
Qed.

Section Step.
Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis pos : positions d V pi.
Notation D t := (V t o0 - V t r0).

(* Q_tot at a joint action that is greedy at both ends *)
Lemma greedy_between t (q : state m) l a b : is_action (sizes m) l -> levelled m d q ->
  best_at m d r q l a -> best_at m d r q l b -> qval a <= D t -> D t <= qval b ->
  V t.+1 q = qval (sum_at m d q l 0) + qval (sum_at m d q l o.+1) * D t + gamma F m * V t r0.
Proof.
move=> /code_onto [j <-] lev /everyP besta /everyP bestb lo hi.
have gr : greedy (credits F m d (V t) [::] q) j.
  move=> i x; rewrite -!(creditsE ok) !row_two !qval_sum (levelled_row F x (j i) lev) le_plus2r.
  have /everyP /(_ x (ltn_ord x)) := besta i (ltn_ord i); have /everyP /(_ x (ltn_ord x)) := bestb i (ltn_ord i).
  rewrite nth_code !(qval_le F) /height !qval_add !qval_mul; apply: lines_between lo hi.
have [[gr' _]] := pos t q; rewrite credits_fixed // in gr' *; move=> ->.
have -> : Qtot (credits F m d (V t) [::] q) (pi t.+1 q) = Qtot (credits F m d (V t) [::] q) j.
  by apply: is_max_unique (greedy_is_max gr') (greedy_is_max gr).
have -> : Qtot (credits F m d (V t) [::] q) j = row_val (total_row m (fit_at m d q [::]) (code j)) (V t).
  by rewrite total_rowE; apply: eq_bigr => i _; rewrite (creditsE ok).
rewrite row_two qval_sum (levelled_sum F j lev) !total_row_at /sum_at !qval_sum.
by under eq_bigr do rewrite nth_code.
Qed.

Hypothesis levels : levelled m d r && levelled m d o.
Lemma piece_step t p : fits_piece m d r low high p -> qval (start_at p) <= D t -> D t <= qval (stop_at p) ->
  D t.+1 = alpha p + beta p * D t /\ qval low <= D t.+1 /\ D t.+1 <= qval high.
Proof.
case/andP: levels => lr lo.
rewrite /fits_piece => /andP [/andP [/andP [ar ao] /= /and3P [/and4P [b1 b2 i1 i2] /and4P [b3 b4 i3 i4] _]] _] sD Ds.
have e : D t.+1 = alpha p + beta p * D t.
  rewrite (greedy_between (q := o0) (l := at_other p) (a := start_at p) (b := stop_at p)) ?o0E //.
  rewrite (greedy_between (q := r0) (l := at_ref p) (a := start_at p) (b := stop_at p)) ?r0E //.
  have aE : alpha p = qval (sum_at m d o (at_other p) 0) - qval (sum_at m d r (at_ref p) 0) by exact: qval_sub.
  have bE : beta p = qval (sum_at m d o (at_other p) o.+1) - qval (sum_at m d r (at_ref p) o.+1) by exact: qval_sub.
  rewrite aE bE; move: (D t) => x; exact: lines_apart.
have imE z : qval (qadd (intercept m d r p) (qmul (slope m d r p) z)) = alpha p + beta p * qval z.
  by rewrite [LHS]qval_add; congr (_ + _); apply: qval_mul.
move: i1 i2 i3 i4; rewrite e !(qval_le F) !imE => i1 i2 i3 i4; split=> //; split.
  have lo' x : qval low <= alpha p + beta p * x -> - alpha p + - beta p * x <= - qval low.
    by move=> h; rewrite mulNr -opprD opp_le opprK.
  by have := affine_le sD Ds (lo' _ i1) (lo' _ i3); rewrite mulNr -opprD opp_le opprK.
exact: (affine_le sD Ds).
Qed.
End Step.
End Correct.

(* ------------------------------------------------------------------------ the result *)
Section Sound.
Variables (F : realFieldType) (m : model) (d : data) (r : nat) (lower upper : seq Q).
Variables (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (ps : seq piece).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> {dffun forall i : agent (sizes m), action i}).
Notation qval := (qval F).
Notation o := (1 - r)%N.
Hypothesis checked : check_interval m d r lower upper v0 g0 T ps.
Hypothesis run : starts d v0 g0 V pi.

(* the difference follows the map, within the interval *)
Lemma interval_steps : exists r0 o0 : state m, [/\ r0 = r :> nat, o0 = o :> nat,
  forall s : state m, s = r0 \/ s = o0,
  forall v, after m d T v0 g0 = Some v -> V T o0 - V T r0 = qval (qsub (at_ v o) (at_ v r))
  & forall k, let D := fun k => V (T + k)%N o0 - V (T + k)%N r0 in
      [/\ qval (at_ lower o) <= D k, D k <= qval (at_ upper o) & D k.+1 = along m d r ps (D k)]].
Proof.
have [_ _ pos] := run; case/andP: checked => /andP [/and5P [ok fx /eqP two r2 /andP [lr ur]] start] /and3P [lev lk good].
have o2 : (o < n_states m)%N by rewrite two ltnS leq_subr.
have r2' : (r < n_states m)%N by rewrite two.
pose r0 : state m := Ordinal r2'; pose o0 : state m := Ordinal o2; exists r0, o0.
have r0E : r0 = r :> nat by []. have o0E : o0 = o :> nat by [].
split=> //.
- by move=> s; apply: (states_two ok fx two r0E o0E).
- by move=> v E; have [VT _] := afterP ok run E; rewrite !VT qval_sub.
have range k : qval (at_ lower o) <= V (T + k)%N o0 - V (T + k)%N r0 /\ V (T + k)%N o0 - V (T + k)%N r0 <= qval (at_ upper o).
  elim: k => [|k [lo hi]].
    move: start; case E: after => [v|//] /everyP ins; have [VT _] := afterP ok run E.
    by have /andP [] := ins o o2; rewrite addn0 !VT !(qval_le F) qval_sub.
  have [p [gp sD Ds _]] := @along_piece F m d r upper _ _ _ _ good lk lo hi; rewrite addnS.
  by have [_] := piece_step ok fx two r0E o0E pos lev gp sD Ds.
move=> k /=; have [lo hi] := range k; split=> //.
have [p [gp sD Ds ->]] := @along_piece F m d r upper _ _ _ _ good lk lo hi; rewrite addnS.
by have [->] := piece_step ok fx two r0E o0E pos lev gp sD Ds.
Qed.

Lemma interval_sound : apart lower upper r V T /\ exists C, forall t s, `|V t s| <= C.
Proof.
have [_ _ pos] := run; have [r0 [o0 [r0E o0E cases _ range]]] := interval_steps.
case/andP: checked => /andP [/and5P [ok fx _ _ /andP [lr ur]] _] /and3P [/andP [lev _] _ _].
have box : apart lower upper r V T.
  move=> t Tt s s' s'E; have -> : s' = r0 by apply: val_inj; rewrite /= s'E r0E.
  have [lo hi _] := range (t - T)%N; rewrite subnKC // in lo hi.
  case: (cases s) => -> ; last by rewrite /Tables.vec o0E.
  move: lr ur; rewrite subrr /Tables.vec r0E !(qval_eq F) qval0 => /eqP -> /eqP ->.
  by split.
by split=> //; apply: (apart_bounded ok r0E fx lev pos box).
Qed.
End Sound.
