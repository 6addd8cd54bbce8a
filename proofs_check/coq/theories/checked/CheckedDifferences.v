(* Boxes of differences: lower <= V(s) - V(r) <= upper holds from T on, r a state.

   V'(s) is one of the affine forms Q_tot(s,a), and V'(r) is at least every mixture of the factors
   at r, as sum_i max_x Q_i(x) is. Their coefficients have the same sum, so V(r) cancels in the
   difference of a form and a mixture, whose greatest value on the box bounds V'(s) - V'(r); a
   mixture is stated for each joint action a, and with s and r exchanged for the lower bounds.

                                    mixture m t q == the sum of the factors weighed by q, as a row
                                distributions m q == q has a distribution over every agent's actions
                 exceeds m d lower upper s r qs z == Q_tot(s,.) exceed the mixtures qs at r by at most z
                   inside_about m lower upper r v == lower <= v - v(r) <= upper
                                   levelled m d r == adding a constant to V adds its gamma-fold to Q_tot(r,.)
   check_differences m d lower upper r v0 g0 T qs == the check of positions
                          apart lower upper r V T == lower <= V^(t) - V^(t)(r) <= upper for all t >= T
                              reach lower upper s == then V(s) is at most that far from V(r)

   differences_sound  checked boxes hold the differences of all positions from T on
   follows_bounded    and then the values are bounded, as the level follows at rate gamma
   apart_bounded      on fixed data it does

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedBox.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (d : data) (lower upper : seq Q) (r : nat).
Notation n := (size (sizes m)).
Notation S := (n_states m).

Definition mixture (t : seq (seq (seq Q))) (q : seq (seq Q)) : seq Q :=
  tab S.+1 (fun k => qsum n (fun i => qsum (nth 0%N (sizes m) i) (fun x =>
    qmul (at_ (nth [::] q i) x) (at_ (row t i x) k)))).

Definition distributions (q : seq (seq Q)) : bool :=
  every n (fun i => let own := nth [::] q i in
    [&& size own == nth 0%N (sizes m) i, all (qle q0) own & sums_to_1 own (nth 0%N (sizes m) i)]).

Definition exceeds (s t : nat) (qs : seq (seq (seq Q))) (limit : Q) : bool :=
  let own := fit_at m d s [::] in let other := fit_at m d t [::] in
  all (fun l => let q := nth [::] qs (rank (sizes m) l) in
    let f := minus (total_row m own l) (mixture other q) in
    [&& distributions q, flat m f & qle (most m lower upper f) limit]) (tuples (sizes m)).

Definition inside_about (v : seq Q) : bool :=
  every S (fun s => let x := qsub (at_ v s) (at_ v r) in qle (at_ lower s) x && qle x (at_ upper s)).

(* adding a constant to the values adds its gamma-fold to Q_tot at r: for each agent the same to all
   factors, and gamma in all                                                                *)
Definition levelled : bool :=
  let t := fit_at m d r [::] in
  let share i x := qsum S (fun k => at_ (row t i x) k.+1) in
  every n (fun i => let c := share i 0%N in every (nth 0%N (sizes m) i) (fun x => qeq (share i x) c)) &&
  qeq (qsum n (fun i => share i 0%N)) (discount m).

(* mixtures: for every state those above and below, for every joint action *)
Definition check_differences (v0 : seq Q) (g0 : seq (seq nat)) (T : nat)
    (mixtures : seq (seq (seq (seq Q)) * seq (seq (seq Q)))) : bool :=
  [&& check_model m, ~~ moving d, (r < S)%N, qeq (at_ lower r) q0 & qeq (at_ upper r) q0] && levelled &&
  (if after m d T v0 g0 is Some v then inside_about v else false) &&
  every S (fun s => (s == r) || let both := nth ([::], [::]) mixtures s in
    exceeds s r both.1 (at_ upper s) && exceeds r s both.2 (qopp (at_ lower s))).
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model) (d : data) (lower upper : seq Q) (r : nat).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).

Definition apart (V : nat -> state m -> F) (T : nat) :=
  forall t, (T <= t)%N -> forall s s' : state m, s' = r :> nat ->
    vec lower s <= V t s - V t s' /\ V t s - V t s' <= vec upper s.

(* how far from V(r) at most *)
Definition reach (s : state m) : F := `|vec lower s| + `|vec upper s|.
Lemma reach_ge0 s : 0 <= reach s.
Proof. by rewrite addr_ge0. Qed.

Lemma apart_near V T (r0 : state m) t s : r0 = r :> nat -> apart V T -> (T <= t)%N -> `|V t s - V t r0| <= reach s.
Proof.
move=> r0E box Tt; have [lo hi] := box t Tt s r0 r0E; rewrite /reach; apply: norm_le.
  by apply: le_trans hi _; apply: le_trans (ler_norm _) _; rewrite addrC le_plus.
by rewrite opp_le; apply: le_trans lo; rewrite opp_le; apply: le_trans (ler_norm _) _; rewrite normrN le_plus.
Qed.

Hypothesis ok : check_model m.

(* a mixture of factors is at most their greatest sum *)
Lemma mixtureP t q (V : state m -> F) (b : joint) : distributions m q ->
  (forall (i : agent (sizes m)) (x : action i), row_val (row t i x) V <= row_val (row t i (b i)) V) ->
  row_val (mixture m t q) V <= \sum_(i : agent (sizes m)) row_val (row t i (b i)) V.
Proof.
move=> /everyP dist best.
have E k : (k < (n_states m).+1)%N -> qval (at_ (mixture m t q) k) =
    \sum_(i : agent (sizes m)) \sum_(x : action i) qval (at_ (nth [::] q i) x) * qval (at_ (row t i x) k).
  move=> kn; rewrite /mixture [at_ (tab _ _) k]nth_tab // qval_sum; apply: eq_bigr => i _.
  by rewrite qval_sum; apply: eq_bigr => x _; rewrite qval_mul.
have -> : row_val (mixture m t q) V =
    \sum_(i : agent (sizes m)) \sum_(x : action i) qval (at_ (nth [::] q i) x) * row_val (row t i x) V.
  rewrite /row_val E //; under [X in _ + X = _]eq_bigr => s _ do rewrite E ?ltnS // mulr_suml.
  rewrite exchange_big -big_split; apply: eq_bigr => i _ /=.
  under [X in _ + X = _]eq_bigr => s _ do rewrite mulr_suml.
  rewrite exchange_big -big_split; apply: eq_bigr => x _ /=.
  by rewrite mulrDr mulr_sumr; congr (_ + _); apply: eq_bigr => s _; rewrite mulrA.
apply: ler_sum => i _; have /and3P [/eqP sz /(all_nthP q0) ge sum] := dist i (ltn_ord i).
apply: (@le_trans _ _ (\sum_(x : action i) qval (at_ (nth [::] q i) x) * row_val (row t i (b i)) V)).
  apply: ler_sum => x _; apply: le_mul2l => //; rewrite -(qval0 F) -qval_le.
  by apply: ge; rewrite sz; apply: ltn_ord.
by rewrite -mulr_suml (sums_to_1E F sum) mul1r.
Qed.

(* forms whose coefficients sum to 0 depend on differences only *)
Lemma flat_shift f (V : state m -> F) c : flat m f -> row_val f (fun s => V s - c) = row_val f V.
Proof.
rewrite /flat (qval_eq F) qval_sum qval0 => /eqP e; rewrite /row_val; congr (_ + _).
under eq_bigr do rewrite mulrBr.
by rewrite sumrB -mulr_suml e mul0r subr0.
Qed.

Lemma exceedsP (s t : state m) qs limit (V : state m -> F) (c : F) (b b' : joint) : ~~ moving d ->
  exceeds m d lower upper s t qs limit ->
  (forall z, vec lower z <= V z - c /\ V z - c <= vec upper z) ->
  greedy (credits F m d V [::] t) b' ->
  Qtot (credits F m d V [::] s) b - Qtot (credits F m d V [::] t) b' <= qval limit.
Proof.
move=> fx /allP h box gr; have := h (code b); rewrite mem_tuples code_is_action => /(_ isT) /=.
set q := nth _ _ _ => /and3P [dist fl le].
have QE (z : state m) (a : joint) : Qtot (credits F m d V [::] z) a =
    \sum_(i : agent (sizes m)) row_val (row (fit_at m d z [::]) i (a i)) V.
  by apply: eq_bigr => i _; rewrite (creditsE ok).
have best (i : agent (sizes m)) (x : action i) :
    row_val (row (fit_at m d t [::]) i x) V <= row_val (row (fit_at m d t [::]) i (b' i)) V.
  by rewrite !(creditsE ok); apply: gr.
rewrite (QE s) (QE t) -total_rowE; apply: (@le_trans _ _ (row_val (minus (total_row m (fit_at m d s [::]) (code b))
    (mixture m (fit_at m d t [::]) q)) V)).
  by rewrite row_val_minus; apply: le_minus => //; apply: mixtureP.
rewrite -(flat_shift V c fl); apply: le_trans (mostP _ box) _.
by rewrite -(qval_le F).
Qed.

(* Checked boxes hold the differences of all positions from T on. *)
Lemma differences_sound v0 g0 T mixtures (V : nat -> state m -> F) pi :
  check_differences m d lower upper r v0 g0 T mixtures -> starts d v0 g0 V pi -> apart V T.
Proof.
case/andP => /andP [/andP [/and5P [_ fx rS lo0 up0] _] start] /everyP steps run; case: (run) => V0 pl pos.
move: start; case E: after => [v|//] /everyP ins; have [VT _] := afterP ok run E.
pose r0 : state m := Ordinal rS.
suff main k s : vec lower s <= V (T + k)%N s - V (T + k)%N r0 /\ V (T + k)%N s - V (T + k)%N r0 <= vec upper s.
  move=> t Tt s s' e; have -> : s' = r0 by apply: val_inj.
  by rewrite -(subnKC Tt); exact: main.
elim: k s => [|k IH] s.
  have /andP [lo hi] := ins s (ltn_ord s); rewrite addn0 !VT.
  by move: lo hi; rewrite !(qval_le F) qval_sub; split.
rewrite addnS; set t := (T + k)%N in IH *.
have [sr|sr] := eqVneq (s : nat) r.
  have -> : s = r0 by apply: val_inj.
  rewrite subrr /Tables.vec /=; move: lo0 up0; rewrite !(qval_eq F) qval0 => /eqP -> /eqP ->.
  by split.
have gz z : exists2 b : joint, greedy (credits F m d (V t) [::] z) b & V t.+1 z = Qtot (credits F m d (V t) [::] z) b.
  have [[gr _] e] := pos t z; exists (pi t.+1 z); first by move: gr; rewrite credits_fixed.
  by rewrite e credits_fixed.
have [b gb ->] := gz s; have [b' gb' ->] := gz r0.
have := steps s (ltn_ord s); rewrite (negbTE sr) /= => /andP [above below]; split.
  by have := exceedsP (s := r0) (t := s) b' fx below IH gb; rewrite qval_opp -opprB opp_le opprK.
exact: (exceedsP (s := s) (t := r0) b fx above IH gb').
Qed.

(* so V(r) has the same influence on all factors of an agent, and gamma on Q_tot *)
Lemma levelled_row (i : agent (sizes m)) (x y : action i) : levelled m d r ->
  \sum_(s : state m) qval (at_ (row (fit_at m d r [::]) i x) s.+1) =
  \sum_(s : state m) qval (at_ (row (fit_at m d r [::]) i y) s.+1).
Proof.
case/andP => /everyP same _; have /everyP own := same i (ltn_ord i).
have := own x (ltn_ord x); have := own y (ltn_ord y).
by rewrite !(qval_eq F) !qval_sum => /eqP -> /eqP ->.
Qed.

Lemma levelled_sum (a : joint) : levelled m d r ->
  \sum_(s : state m) qval (at_ (total_row m (fit_at m d r [::]) (code a)) s.+1) = gamma F m.
Proof.
case/andP => /everyP same; rewrite (qval_eq F) qval_sum => /eqP e; rewrite -[RHS]/(qval (discount m)) -e.
under eq_bigr do rewrite total_row_at; rewrite exchange_big; apply: eq_bigr => i _; rewrite nth_code.
by have /everyP /(_ (a i) (ltn_ord (a i))) := same i (ltn_ord i); rewrite (qval_eq F) !qval_sum => /eqP.
Qed.

(* values are bounded where the level follows at rate gamma *)
Lemma follows_bounded (V : nat -> state m -> F) T (r0 : state m) A : r0 = r :> nat -> 0 <= A -> apart V T ->
  (forall t, (T <= t)%N -> `|V t.+1 r0 - gamma F m * V t r0| <= A) -> exists C, forall t s, `|V t s| <= C.
Proof.
move=> r0E AA box step; pose b (s : state m) := reach s.
have near t s := @apart_near V T r0 t s r0E box.
have g0 := gamma_ge0 F ok; have g1 : 0 < 1 - gamma F m by rewrite subr_gt0 (gamma_lt1 F ok).
pose B := `|V T r0| + A / (1 - gamma F m).
have lev k : `|V (T + k)%N r0| <= B.
  elim: k => [|k IH]; first by rewrite addn0 /B le_plus divr_ge0 // ltW.
  rewrite addnS -[V _ r0](subrK (gamma F m * V (T + k)%N r0)).
  apply: (@le_trans _ _ (A + gamma F m * B)).
    by apply: norm_add; [apply: step; apply: leq_addr|rewrite normrM ger0_norm //; apply: le_mul2l].
  rewrite -subr_ge0 (_ : _ - _ = (1 - gamma F m) * `|V T r0|); first by rewrite mulr_ge0 // ltW.
  by rewrite /B; field; rewrite gt_eqF.
pose D := \sum_(t < T) \sum_(s : state m) `|V t s|.
have D0 : 0 <= D by apply: sumr_ge0 => t _; apply: sumr_ge0.
have B0 : 0 <= B by rewrite addr_ge0 // divr_ge0 // ltW.
have bb : 0 <= \sum_s b s by apply: sumr_ge0 => s _; apply: reach_ge0.
exists (D + (B + \sum_s b s)) => t s; have [tT|Tt] := ltnP t T.
  apply: (@le_trans _ _ D); last by rewrite le_plus addr_ge0.
  rewrite /D (bigD1 (Ordinal tT)) //= (bigD1 s) //= -addrA le_plus addr_ge0 //; first exact: sumr_ge0.
  by apply: sumr_ge0 => u _; apply: sumr_ge0.
apply: (@le_trans _ _ (B + \sum_s b s)); last by rewrite [X in _ <= X]addrC le_plus.
rewrite -[V t s](subrK (V t r0)) addrC; apply: norm_add; first by rewrite -(subnKC Tt).
by apply: le_trans (near t s Tt) _; rewrite (bigD1 s) //= le_plus; apply: sumr_ge0 => u _; apply: reach_ge0.
Qed.

(* so the values are bounded, as the level follows at rate gamma *)
Lemma apart_bounded (V : nat -> state m -> F) pi T (r0 : state m) : r0 = r :> nat -> ~~ moving d ->
  levelled m d r -> positions d V pi -> apart V T -> exists C, forall t s, `|V t s| <= C.
Proof.
move=> r0E fx level pos box.
pose row (a : joint) := total_row m (fit_at m d r [::]) (code a).
pose A := \sum_(a : joint) (`|qval (at_ (row a) 0)| + \sum_(s : state m) `|qval (at_ (row a) s.+1)| * reach s).
have A0 a : 0 <= `|qval (at_ (row a) 0)| + \sum_(s : state m) `|qval (at_ (row a) s.+1)| * reach s.
  by rewrite addr_ge0 // sumr_ge0 // => s _; rewrite mulr_ge0 ?reach_ge0.
apply: (@follows_bounded V T r0 A r0E _ box); first by apply: sumr_ge0 => a _; apply: A0.
move=> t Tt; have [_ ->] := pos t r0; set a := pi t.+1 r0; rewrite credits_fixed //.
have -> : Qtot (credits F m d (V t) [::] r0) a = row_val (row a) (V t).
  by rewrite /row total_rowE; apply: eq_bigr => i _; rewrite -r0E (creditsE ok).
have -> : gamma F m = \sum_(s : state m) qval (at_ (row a) s.+1) by rewrite levelled_sum.
rewrite mulr_suml /row_val -addrA -sumrB; under eq_bigr do rewrite -mulrBr.
apply: (@le_trans _ _ (`|qval (at_ (row a) 0)| + \sum_(s : state m) `|qval (at_ (row a) s.+1)| * reach s)).
  apply: norm_add => //; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _.
  by rewrite normrM; apply: le_mul2l => //; exact: (apart_near s r0E box Tt).
by rewrite /A [X in _ <= X](bigD1 a) //= le_plus; apply: sumr_ge0 => a' _; apply: A0.
Qed.
End Correct.
