(* Numbers rounded to multiples of 1/u, and runs on fixed data that are followed in them.

   Where numbers are long, exact ones grow with every step. Here values are rounded, with errors
   that bound what this and the errors before may have moved: as |max_x q - max_x q'| <= max_x
   |q - q'|, it does not matter which actions are greedy.

   No theorem here: tools of CheckedOrbit.v and CheckedSwelling.v.

                 qnear u x == the multiple of 1/u nearest to x
                qabove u x == the least one from x up
                    step u == 1/u
                 most_of l == the largest number of a list
            blur_at row bz == row without its constant in absolute values, at the numbers
                              of which bz has the integers; not in lowest terms
              blur m row v == that at v
                  even m t == the rows t, up to numbers that sum to 0, so that the
                              first actions of all agents have the same one
   approach_step m ts u ve == a step from values and errors, ts the fits
      approach m ts u T v0 == T steps from v0

   qnearP     rounding moves by half of 1/u at most
   qaboveP    qabove is not below
   approachP  the values of a run at T are those of approach, up to its errors            *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition qnear (u : positive) (x : Q) : Q :=
  Qmake (Z.div (2 * (Qnum x * Zpos u) + Zpos (Qden x)) (Zpos (2 * Qden x))) u.
Definition qabove (u : positive) (x : Q) : Q := Qmake (- Z.div (- (Qnum x * Zpos u)) (Zpos (Qden x))) u.
Definition step (u : positive) : Q := Qmake 1 u.

Definition most_of (l : seq Q) : Q := foldr (fun x acc => if qle acc x then x else acc) (head q0 l) l.
Definition blur_at (row : seq Q) (bz : Z * seq Z) : Q :=
  if all (Z.eqb 0) bz.2 then q0 else inner_at (map qabs (behead row)) bz.
Definition blur (m : model) (row v : seq Q) : Q := blur_at row (integers (n_states m) v).

(* bounds on errors depend on the numbers that agents' rows share: these are shared evenly *)
Definition even (m : model) (t : seq (seq (seq Q))) : seq (seq (seq Q)) :=
  let n := size (sizes m) in
  let base := tab (n_states m).+1 (fun k => qmul (qinv n) (qsum n (fun i => at_ (row t i 0) k))) in
  tab n (fun i => tab (nth 0%N (sizes m) i) (fun x => tab (n_states m).+1 (fun k =>
    qadd (at_ base k) (qsub (at_ (row t i x) k) (at_ (row t i 0) k))))).

Section Compute.
Variables (m : model) (ts : seq (seq (seq (seq Q)))) (u : positive).
Notation n := (size (sizes m)).

Definition approach_step (ve : seq Q * seq Q) : seq Q * seq Q :=
  let bz := integers (n_states m) ve.1 in let ez := integers (n_states m) ve.2 in
  (tab (n_states m) (fun s => let q := factors_at m (nth [::] ts s) bz in
     qnear u (qsum n (fun i => most_of (nth [::] q i)))),
   tab (n_states m) (fun s => qadd (qabove u (qsum n (fun i =>
     most_of (tab (nth 0%N (sizes m) i) (fun x => blur_at (row (nth [::] ts s) i x) ez))))) (step u))).

End Compute.

Definition approach (m : model) ts (u : positive) (T : nat) (v0 : seq Q) : seq Q * seq Q :=
  iter T (approach_step m [seq even m t | t <- ts] u)
    (tab (n_states m) (fun s => qnear u (at_ v0 s)), tab (n_states m) (fun=> step u)).

(* ------------------------------------------------------------------------ what it means *)
Section Numbers.
Variable F : realFieldType.
Notation qval := (qval F).
Notation zval := (zval F).

Lemma floor_le a (b : positive) : zval (Z.div a (Zpos b)) <= zval a / zval (Zpos b).
Proof.
rewrite le_div ?zval_gt0 // -zvalM zval_le; apply/Z.leb_le.
by rewrite Z.mul_comm; apply: Z.mul_div_le.
Qed.

Lemma floor_ge a (b : positive) : zval a / zval (Zpos b) <= zval (Z.div a (Zpos b)) + 1.
Proof.
rewrite div_le ?zval_gt0 //; have -> : 1 = zval 1 by [].
rewrite -zvalD -zvalM zval_le; apply/Z.leb_le; rewrite Z.mul_comm Z.add_1_r.
by apply: Z.lt_le_incl; apply: Z.mul_succ_div_gt.
Qed.

Lemma qval_step u : qval (step u) = (zval (Zpos u))^-1.
Proof. by rewrite /Rationals.qval /step /= (_ : zval 1 = 1) // mul1r. Qed.

Lemma step_ge0 u : 0 <= qval (step u).
Proof. by rewrite qval_step invr_ge0 ltW // zval_gt0. Qed.

Lemma qnearP u x : `|qval x - qval (qnear u x)| <= qval (step u) / 2%:R.
Proof.
set a := Z.add (Z.mul 2 (Z.mul (Qnum x) (Zpos u))) (Zpos (Qden x)); set q := Z.div a (Zpos (2 * Qden x)).
have d0 := zval_neq0 F (Qden x); have u0 := zval_neq0 F u; have u1 := zval_gt0 F u.
have two : zval (Zpos 2) = 2%:R by rewrite (_ : Zpos 2 = Z.add (Zpos 1) (Zpos 1)) // zvalD (_ : zval (Zpos 1) = 1).
have aE : zval a / zval (Zpos (2 * Qden x)) = qval x * zval (Zpos u) + 1 / 2%:R.
  rewrite /a zvalD !zvalM (_ : Zpos (2 * Qden x) = Z.mul (Zpos 2) (Zpos (Qden x))) // zvalM two /Rationals.qval.
  move: (zval (Qnum x)) (zval (Zpos (Qden x))) (zval (Zpos u)) d0 => n d w d0.
  by field; rewrite d0.
have lo := floor_le a (2 * Qden x); have hi := floor_ge a (2 * Qden x).
rewrite aE -/q in lo hi.
have -> : qval x - qval (qnear u x) = (qval x * zval (Zpos u) - zval q) / zval (Zpos u).
  by rewrite mulrBl mulfK.
have i0 : 0 <= (zval (Zpos u))^-1 by rewrite invr_ge0 ltW.
rewrite normrM (ger0_norm i0) qval_step [X in _ <= X]mulrC; apply: le_mul2r => //.
move: (zval q) (qval x * zval (Zpos u)) lo hi => q' y lo hi.
apply: norm_le.
  by rewrite -subr_ge0 (_ : _ - _ = (q' + 1) - (y + 1 / 2%:R)) ?subr_ge0 //; field.
by rewrite -subr_ge0 (_ : _ - _ = (y + 1 / 2%:R) - q') ?subr_ge0 //; field.
Qed.

Lemma qaboveP u x : qval x <= qval (qabove u x).
Proof.
have lo := floor_le (Z.opp (Z.mul (Qnum x) (Zpos u))) (Qden x).
rewrite zvalN mulNr zvalM in lo; rewrite /Rationals.qval /qabove /= zvalN le_div ?zval_gt0 // mulrAC.
move: (zval _ * _ / _) (zval (Z.div _ _)) lo => y q lo.
by rewrite -subr_ge0 (_ : _ - _ = - y - q) ?subr_ge0 //; ring.
Qed.

Lemma most_ge l k : (k < size l)%N -> qval (at_ l k) <= qval (most_of l).
Proof.
rewrite /most_of; elim: l (head _ _) k => //= y l IH b [|k] kl; case: ifP; rewrite ?lexx //.
- by move=> /negbT; rewrite (qval_le F) -ltNge => /ltW.
- by rewrite (qval_le F); apply: le_trans; apply: IH.
by move=> _; apply: IH.
Qed.

Lemma most_in l : (0 < size l)%N -> exists2 k, (k < size l)%N & qval (most_of l) = qval (at_ l k).
Proof.
rewrite /most_of; case: l => //= y l _.
have gen l' b : (exists2 k, (k < size (y :: l))%N & qval b = qval (at_ (y :: l) k)) ->
    (forall x, x \in map qval l' -> exists2 k, (k < size (y :: l))%N & x = qval (at_ (y :: l) k)) ->
    exists2 k, (k < size (y :: l))%N &
      qval (foldr (fun x acc => if qle acc x then x else acc) b l') = qval (at_ (y :: l) k).
  elim: l' => //= x l' IH hb h; case: ifP => _; first by apply: h; rewrite inE eqxx.
  by apply: IH => // z zl; apply: h; rewrite inE zl orbT.
apply: (gen (y :: l)); first by exists 0%N.
move=> x /(nthP 0) [k]; rewrite size_map => kl <-; exists k => //.
by rewrite (nth_map q0).
Qed.
End Numbers.

Section Correct.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Hypothesis ok : check_model m.
Hypothesis fx : ~~ moving d.

Lemma blurE r v : qval (blur m r v) = \sum_(s : state m) `|qval (at_ r s.+1)| * qval (at_ v s).
Proof.
rewrite /blur /blur_at; case: ifP => [/(all_nthP Z0) none|_].
  rewrite qval0 big1 // => s _; have sn := ltn_ord s; have := integersE F v sn.
  have -> : nth Z0 (integers (n_states m) v).2 s = Z0.
    have [/none /Z.eqb_eq <- //|le] := ltnP s (size (integers (n_states m) v).2).
    by rewrite nth_default.
  have [_ b0] := zval_to_pos F (integers_gt0 (n_states m) v) => /esym/eqP.
  by rewrite mulf_eq0 (negbTE b0) orbF => /eqP ->; rewrite mulr0.
rewrite -[inner_at _ _]/(inner (n_states m) _ v) innerE; apply: eq_bigr => s _; congr (_ * _); rewrite -qval_abs /at_ -nth_behead.
have [ks|ks] := ltnP s (size (behead r)); first by rewrite (nth_map q0).
by rewrite !nth_default ?size_map.
Qed.

Lemma blurP r (V : state m -> F) v e : (forall s, `|V s - vec v s| <= vec e s) ->
  `|row_val r V - row_val r (vec v)| <= qval (blur m r e).
Proof.
move=> near; rewrite /row_val opprD addrACA subrr add0r -sumrB blurE.
apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _.
by rewrite -mulrBr normrM; apply: le_mul2l => //; apply: near.
Qed.

(* sharing keeps the sum, and which actions are best *)
Lemma evenE t (U : state m -> F) : exists2 w : agent (sizes m) -> F, \sum_i w i = 0 &
  forall i (x : action i), row_val (row (even m t) i x) U = row_val (row t i x) U + w i.
Proof.
have n0 := has_agents ok; pose N : F := (size (sizes m))%:R.
pose first (i : agent (sizes m)) := row_val (row t i 0) U.
exists (fun i => 1 / N * (\sum_j first j) - first i).
  have NN : N * (1 / N) = 1 by rewrite mul1r divff // pnatr_eq0 -lt0n.
  by rewrite sumrB sumr_const card_ord -mulr_natl -/N mulrA NN mul1r subrr.
move=> i x; have E k : (k < (n_states m).+1)%N -> qval (at_ (row (even m t) i x) k) =
    1 / N * (\sum_(j : agent (sizes m)) qval (at_ (row t j 0) k)) + (qval (at_ (row t i x) k) - qval (at_ (row t i 0) k)).
  move=> kn; rewrite /row /even [nth _ (tab _ _) i]nth_tab // nth_tab // [at_ (tab _ _) k]nth_tab //.
  by rewrite qval_add qval_sub [at_ (tab _ _) k]nth_tab // qval_mul (qval_inv F n0) qval_sum.
rewrite /first /row_val E //.
rewrite [X in _ + X = _](eq_bigr (fun s' : state m => 1 / N * ((\sum_(j : agent (sizes m)) qval (at_ (row t j 0) s'.+1)) * U s') +
  (qval (at_ (row t i x) s'.+1) * U s' - qval (at_ (row t i 0) s'.+1) * U s'))) => [|s' _]; last first.
  by rewrite E ?ltnS // mulrDl mulrBl mulrA.
rewrite big_split sumrB -mulr_sumr /=.
have -> : \sum_(j : agent (sizes m)) (qval (at_ (row t j 0) 0) + \sum_(s : state m) qval (at_ (row t j 0) s.+1) * U s) =
    \sum_(j : agent (sizes m)) qval (at_ (row t j 0) 0) +
    \sum_(s : state m) (\sum_(j : agent (sizes m)) qval (at_ (row t j 0) s.+1)) * U s.
  rewrite big_split /=; congr (_ + _); rewrite exchange_big; apply: eq_bigr => s _.
  by rewrite mulr_suml.
move: (\sum_(j : agent (sizes m)) _) (\sum_(s : state m) _ * U s) (1 / N) => x1 x2 c.
move: (\sum_(s : state m) _) (\sum_(s : state m) _) => x3 x4; ring.
Qed.

Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis run : positions d V pi.

Lemma approach_stepP u g t ve : (forall s, `|V t s - vec ve.1 s| <= vec ve.2 s) ->
  let ve' := approach_step m [seq even m t | t <- fits m d g] u ve in forall s, `|V t.+1 s - vec ve'.1 s| <= vec ve'.2 s.
Proof.
case: ve => v e /= near s; have [[gr _] ->] := run t s; rewrite credits_fixed // in gr *.
set b := pi t.+1 s in gr *; rewrite /Tables.vec /at_ !nth_tab //.
pose t' := even m (fit_at m d s [::]).
have tE : nth [::] [seq even m t | t <- fits m d g] s = t'.
  by rewrite /fits (negbTE fx) -map_comp (@nth_tab _ _ _ _ _ (ltn_ord s)).
have [w w0 wE] := evenE (fit_at m d s [::]) (V t).
rewrite tE; set M := qsum _ _; set E := qsum _ _.
suff close : `|Qtot (credits F m d (V t) [::] s) b - qval M| <= qval E.
  have half : qval (step u) / 2%:R <= qval (step u).
    by rewrite div_le ?ltr0n // mulr_natr mulr2n le_plus step_ge0.
  rewrite qval_add; apply: (norm_chain (y := qval M)).
    by apply: le_trans close _; apply: qaboveP.
  by apply: le_trans half; apply: qnearP.
have -> : Qtot (credits F m d (V t) [::] s) b =
    \sum_(i : agent (sizes m)) row_val (row t' i (b i)) (V t).
  rewrite [RHS](eq_bigr (fun i : agent (sizes m) => credits F m d (V t) [::] s i (b i) + w i)) => [|i _]; last by rewrite wE (creditsE ok).
  by rewrite big_split /= w0 addr0.
rewrite /M /E !qval_sum -sumrB; apply: le_trans (ler_norm_sum _ _ _) _.
apply: ler_sum => i _; pose Q (x : action i) := row_val (row t' i x) (V t).
pose lo := nth [::] (factors m t' v) i.
pose bl := tab (nth 0%N (sizes m) i) (fun x => blur m (row t' i x) e).
have loE (x : action i) : qval (at_ lo x) = row_val (row t' i x) (vec v).
  by rewrite /lo /factors /factors_at nth_tab ?ltn_ord // [at_ (tab _ _) x]nth_tab // affineE.
have lo_size : size lo = nth 0%N (sizes m) i.
  by rewrite /lo /factors /factors_at nth_tab ?ltn_ord // size_map size_iota.
have bE (x : action i) : `|Q x - qval (at_ lo x)| <= qval (most_of bl).
  rewrite loE /Q; apply: le_trans (blurP _ near) _.
  have -> : blur m (row t' i x) e = at_ bl x by rewrite /bl /at_ nth_tab.
  by apply: most_ge; rewrite /bl size_map size_iota.
have best (x : action i) : Q x <= Q (b i) by rewrite /Q !wE le_plus2r !(creditsE ok); apply: gr.
have up (x : action i) : qval (at_ lo x) <= qval (most_of lo).
  by apply: most_ge; rewrite lo_size.
have [|k kl kE] := @most_in F lo; first by rewrite lo_size; apply: leq_ltn_trans (ltn_ord (b i)).
rewrite lo_size in kl; pose x : action i := Ordinal kl; rewrite -/lo -/bl -/(Q (b i)).
have E3 (x1 x2 x3 x4 : F) : x1 - x2 <= x3 -> x2 <= x4 -> x1 - x4 <= x3.
  by move=> le1 le2; apply: le_trans le1; apply: le_minus.
apply: norm_le; first by apply: E3 (up (b i)); apply: le_norm.
rewrite opprB kE; apply: E3 (best x); apply: le_norm.
by rewrite distrC; apply: (bE x).
Qed.

(* the values at T, up to the errors *)
Lemma approachP u g v0 T : V 0%N =1 vec v0 ->
  let ve := approach m (fits m d g) u T v0 in forall s, `|V T s - vec ve.1 s| <= vec ve.2 s.
Proof.
move=> V0; rewrite /approach; elim: T => [|T IH] s; last by rewrite iterS; apply: approach_stepP.
rewrite /= V0 /Tables.vec /at_ !nth_tab //; apply: le_trans (qnearP F u _) _.
by rewrite div_le ?ltr0n // mulr_natr mulr2n le_plus step_ge0.
Qed.
End Correct.
