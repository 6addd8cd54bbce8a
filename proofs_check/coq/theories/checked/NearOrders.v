(* Near a position of the monotonic class: where values are away from it by numbers at most D
   apart, tuples of orders whose regressions do not agree with the next position are not
   chosen, for their errors are too large. So a step leads to near the next position.

              span m s == half the largest sum over s' of |gamma P(s'|s,a) - gamma P(s'|s,b)|
           reach m D s == that times D
                  half == 1/2
               qmost l == the largest number of l, or 0
    form m ws s x x' t == entry t of the form 2 w (x - x') gamma P
             far u r e == the error e is above (u + r)^2
     beaten sway r gap == a gap between errors is above what a form sways by and r^2/2
   only_near m d D s.. == all tuples agree with the next position, or are not chosen
           moves h s a == gamma sum_s' P(s'|s,a) h(s')

   beatenP    what is beaten has a larger error
   step_near  a step from near a position leads to near the next one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import Sums Isotonic Orders OrderFits.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition half : Q := Qmake 1 2.
Definition qmost (l : seq Q) : Q := foldr (fun x acc => if qle x acc then acc else x) q0 l.

Section Compute.
Variables (m : model) (d : data).
Notation S := (n_states m).
Notation N := (size (tuples (sizes m))).

Definition span (s : nat) : Q :=
  let rows := [seq behead (entries m s l) | l <- tuples (sizes m)] in
  qmul (qmul half (discount m))
    (qmost [seq qmost [seq qsum S (fun t => qabs (qsub (at_ r t) (at_ r' t))) | r' <- rows] | r <- rows]).
Definition reach (D : Q) (s : nat) : Q := qmul (span s) D.

Definition form (ws : seq Q) (s : nat) (x x' : seq Q) : nat -> Q :=
  let pull := tab N (fun k => qmul (qmul (qadd q1 q1) (at_ ws k)) (qsub (at_ x k) (at_ x' k))) in
  let rows := [seq behead (entries m s l) | l <- tuples (sizes m)] in
  fun t => qmul (discount m) (qsum N (fun k => qmul (at_ pull k) (at_ (nth [::] rows k) t))).

Definition far (u r e : Q) : bool := let v := qadd u r in qlt (qmul v v) e.
Definition beaten (sway r gap : Q) : bool := qlt (qadd sway (qmul half (qmul r r))) gap.

Definition only_near (D : Q) (s : nat) (u : Q) (v : seq Q) (g : seq (seq nat)) (v' : seq Q) (g' : seq (seq nat))
    (h : hint) : bool :=
  let r := reach D s in
  if null r then true else
  let hs := nth ([::], 0%N) h s in
  let ws := weights_of m d s (nth [::] g s) in let ys := targets_of m v s in
  let os := all_orders m in
  let x := (nth ([::], [::]) hs.1 hs.2).1 in let e := error N ws ys x in
  [&& qle q0 u, qle e (qmul u u)
    & every (size os) (fun k => let x' := (nth ([::], [::]) hs.1 k).1 in
        [|| is_top m x' (at_ v' s) && (~~ moving d || (best (nth [::] os k) == nth [::] g' s)),
            far u r (error N ws ys x')
          | beaten (qmul (qmul half D) (qsum S (fun t => qabs (form ws s x x' t)))) r
                   (qsub (error N ws ys x') e)])].

End Compute.

(* ------------------------------------------------------------------------ what it means *)
Lemma center (F : realFieldType) (J : finType) (t : J -> F) (r : F) (a0 : J) : (forall a b, t a - t b <= r) ->
  exists c, forall a, `|t a - c| <= r / 2%:R.
Proof.
move=> tr; pose M := t [arg max_(a > a0) t a]%O; pose L := t [arg min_(a < a0) t a]%O.
have leM a : t a <= M by rewrite /M; case: Order.TotalTheory.arg_maxP => // b _; apply.
have leL a : L <= t a by rewrite /L; case: Order.TotalTheory.arg_minP => // b _; apply.
have ML : (M - L) / 2%:R <= r / 2%:R by apply: le_mul2r; [rewrite invr_ge0 ler0n|apply: tr].
exists ((M + L) / 2%:R) => a; apply: norm_le; apply: le_trans ML.
  rewrite -subr_ge0 [X in 0 <= X](_ : _ = M - t a); last by field.
  by rewrite subr_ge0.
rewrite -subr_ge0 [X in 0 <= X](_ : _ = t a - L); last by field.
by rewrite subr_ge0.
Qed.

Section Correct.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).
Notation along o := (fun a b : joint => under o (code a) (code b)).
Hypothesis ok : check_model m.

Lemma qval_half : qval half = 1 / 2%:R.
Proof. by rewrite /Rationals.qval /half /= /zval /=. Qed.

Lemma qmostP l k : (k < size l)%N -> qval (at_ l k) <= qval (qmost l).
Proof.
rewrite /at_; elim: l k => //= x l IH k; case: ifP => [|/negbT]; rewrite (qval_le F).
  by move=> le; case: k => //= k; apply: IH.
by rewrite -ltNge => /ltW le; case: k => [|k] //= kl; apply: le_trans le; apply: IH.
Qed.

(* how far targets move where values do *)
Definition moves (h : state m -> F) (s : state m) (a : joint) : F := gamma F m * \sum_s' trans F m s a s' * h s'.

Lemma targets_move (V V' : state m -> F) s a : y F m V' s a = y F m V s a + moves (fun s' => V' s' - V s') s a.
Proof.
rewrite /y /target /moves -addrA -mulrDr -big_split; congr (_ + _ * _); apply: eq_bigr => s' _ /=.
by rewrite -mulrDr addrC subrK.
Qed.

Lemma moves_between h s a lo hi : (forall s', lo <= h s' /\ h s' <= hi) ->
  gamma F m * lo <= moves h s a /\ moves h s a <= gamma F m * hi.
Proof.
move=> between; have g0 := gamma_ge0 F ok; have one := trans_sum1 F ok s a.
have mean c : c = \sum_s' trans F m s a s' * c by rewrite -mulr_suml one mul1r.
split; apply: le_mul2l => //; [rewrite [X in X <= _](mean lo)|rewrite [X in _ <= X](mean hi)].
  by apply: ler_sum => s' _; apply: le_mul2l; [apply: trans_ge0|case: (between s')].
by apply: ler_sum => s' _; apply: le_mul2l; [apply: trans_ge0|case: (between s')].
Qed.

(* a form that sums to 0 *)
Lemma form_bound (c h : state m -> F) lo hi : \sum_s c s = 0 -> (forall s, lo <= h s /\ h s <= hi) ->
  `|\sum_s c s * h s| <= (\sum_s `|c s|) * ((hi - lo) / 2%:R).
Proof.
move=> c0 between; have -> : \sum_s c s * h s = \sum_s c s * (h s - (hi + lo) / 2%:R).
  rewrite [RHS](eq_bigr (fun s => c s * h s - c s * ((hi + lo) / 2%:R))) => [|s _]; last by rewrite mulrBr.
  by rewrite sumrB -mulr_suml c0 mul0r subr0.
rewrite mulr_suml; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _; rewrite normrM.
apply: le_mul2l; first exact: normr_ge0.
have [l u] := between s; apply: norm_le; rewrite -subr_ge0.
  by rewrite [X in 0 <= X](_ : _ = hi - h s) ?subr_ge0 //; field.
by rewrite [X in 0 <= X](_ : _ = h s - lo) ?subr_ge0 //; field.
Qed.

Lemma reachP D (h : state m -> F) s lo hi (a b : joint) : (forall s', lo <= h s' /\ h s' <= hi) -> hi - lo <= qval D ->
  moves h s a - moves h s b <= qval (reach m D s).
Proof.
move=> between D0; have g0 := gamma_ge0 F ok.
pose c s' := trans F m s a s' - trans F m s b s'.
have c0 : \sum_s' c s' = 0 by rewrite sumrB !(trans_sum1 F ok) subrr.
have -> : moves h s a - moves h s b = gamma F m * \sum_s' c s' * h s'.
  by rewrite /moves -mulrBr -sumrB; congr (_ * _); apply: eq_bigr => s' _; rewrite mulrBl.
have n0 : 0 <= \sum_s' `|c s'| by apply: sumr_ge0 => s' _; apply: normr_ge0.
have most : \sum_s' `|c s'| <= qval (qmost [seq qmost [seq qsum (n_states m) (fun t => qabs (qsub (at_ r t) (at_ r' t)))
    | r' <- [seq behead (entries m s l) | l <- tuples (sizes m)]]
    | r <- [seq behead (entries m s l) | l <- tuples (sizes m)]]).
  set rows_ := [seq behead _ | _ <- _].
  have rE (a' : joint) : nth [::] rows_ (rank (sizes m) (code a')) = behead (entries m s (code a')).
    by rewrite (nth_map [::]) ?place_lt // nth_rank ?code_is_action.
  have sr (a' : joint) : (rank (sizes m) (code a') < size rows_)%N by rewrite size_map place_lt.
  apply: le_trans (qmostP (k := rank (sizes m) (code a)) _); last by rewrite size_map.
  rewrite /at_ (nth_map [::]) //; apply: le_trans (qmostP (k := rank (sizes m) (code b)) _); last by rewrite size_map.
  rewrite /at_ (nth_map [::]) // !rE qval_sum le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => s' _.
  by rewrite qval_abs qval_sub /at_ !nth_behead.
rewrite /reach /span !qval_mul qval_half; set M := qval (qmost _) in most *.
apply: (@le_trans _ _ (gamma F m * (M * (qval D / 2%:R)))); last first.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite -/(gamma F m); field.
apply: le_mul2l => //; apply: le_trans (ler_norm _) _; apply: le_trans (form_bound c0 between) _.
apply: (@le_trans _ _ ((\sum_s' `|c s'|) * (qval D / 2%:R))).
  by apply: le_mul2l => //; apply: le_mul2r; rewrite ?invr_ge0 ?ler0n.
apply: le_mul2r => //; apply: divr_ge0; last exact: ler0n.
by apply: le_trans D0; have [l u] := between s; rewrite subr_ge0; apply: le_trans l u.
Qed.

(* x and x' have the same mean under the weights, so the form of their difference sums to 0 *)
Lemma formP ws (s : state m) x x' (h : state m -> F) :
  \sum_(a : joint) 2%:R * table F ws a * (table F x a - table F x' a) * moves h s a =
  \sum_(t : state m) qval (form m ws s x x' t) * h t.
Proof.
transitivity (\sum_(t : state m) \sum_(a : joint)
    2%:R * table F ws a * (table F x a - table F x' a) * (gamma F m * trans F m s a t) * h t).
  rewrite exchange_big; apply: eq_bigr => a _; rewrite /moves mulr_sumr mulr_sumr; apply: eq_bigr => t _.
  by rewrite !mulrA.
apply: eq_bigr => t _; rewrite -mulr_suml; congr (_ * _).
rewrite /form qval_mul qval_sum mulr_sumr.
set rows_ := [seq behead _ | _ <- _].
pose G k := 2%:R * qval (at_ ws k) * (qval (at_ x k) - qval (at_ x' k)) * (gamma F m * qval (at_ (nth [::] rows_ k) t)).
transitivity (\sum_(k < N) G k).
  rewrite -(sum_places m G); apply: eq_bigr => a _; rewrite /G (nth_map [::]) ?place_lt // nth_rank ?code_is_action //.
  by rewrite /at_ nth_behead.
apply: eq_bigr => k _; rewrite /G qval_mul [at_ (tab _ _) _]nth_tab // !qval_mul qval_sub qval_add qval1 -/(gamma F m).
by rewrite -[2%:R]/(1 + 1); ring.
Qed.

Lemma form_sum0 ws (s : state m) x x' : \sum_(a : joint) table F ws a * (table F x a - table F x' a) = 0 ->
  \sum_(t : state m) qval (form m ws s x x' t) = 0.
Proof.
move=> e; have := formP ws s x x' (fun=> 1); under [in RHS]eq_bigr do rewrite mulr1; move=> <-.
have mv a : moves (fun=> 1) s a = gamma F m.
  by rewrite /moves; under eq_bigr do rewrite mulr1; rewrite (trans_sum1 F ok) mulr1.
rewrite (eq_bigr (fun a : joint => 2%:R * gamma F m * (table F ws a * (table F x a - table F x' a)))) => [|a _].
  by rewrite -mulr_sumr e mulr0.
by rewrite mv; ring.
Qed.

Lemma same_mean ws ys (x x' : seq Q) R R' : kkt (tbl ws) R (tbl ys) (tbl x) -> kkt (tbl ws) R' (tbl ys) (tbl x') ->
  \sum_(a : joint) table F ws a * (table F x a - table F x' a) = 0.
Proof.
move=> k k'; transitivity (\sum_(a : joint) table F ws a * (table F ys a - table F x' a)
    - \sum_(a : joint) table F ws a * (table F ys a - table F x a)); last by rewrite (kkt_mean k) (kkt_mean k') subrr.
by rewrite -sumrB; apply: eq_bigr => a _; ring.
Qed.

(* a tuple of orders that is beaten has a larger error than x, shifted *)
Lemma beatenP ws ys (s : state m) (x x' : seq Q) R R' (sw r : Q) (h : state m -> F) c q :
  (forall a, 0 < tbl ws a) -> \sum_(a : joint) table F ws a <= 1 ->
  kkt (tbl ws) R (tbl ys) (tbl x) -> kkt (tbl ws) R' (tbl ys) (tbl x') -> rises R' q -> 0 <= qval r / 2%:R ->
  (forall a, `|moves h s a - c| <= qval r / 2%:R) ->
  0 <= \sum_(t : state m) qval (form m ws s x x' t) * h t + qval sw ->
  beaten sw r (qsub (error N ws ys x') (error N ws ys x)) ->
  err (tbl ws) (fun a => table F ys a + moves h s a) (fun a => table F x a + c) <
  err (tbl ws) (fun a => table F ys a + moves h s a) q.
Proof.
move=> w0 w1 nk kx upq r20 tc bd bt; apply: (kkt_beaten w0 w1 nk kx upq r20 tc); rewrite formP.
move: bt (errorE F m ws ys x') (errorE F m ws ys x); move: (error _ ws ys x') (error _ ws ys x) => er ern.
rewrite /beaten (qval_lt F) qval_add qval_sub !qval_mul qval_half => bt e1 e2.
move: bt; rewrite e1 e2 -[X in is_true X -> _]subr_gt0 => bt; rewrite -subr_gt0.
set E1 := err _ _ (tbl x') in bt *; set E2 := err _ _ (tbl x) in bt *; set S1 := \sum_(t : state m) _ in bd *.
rewrite [X in 0 < X](_ : _ = (E1 - E2 - (qval sw + 1 / 2%:R * (qval r * qval r))) +
  ((S1 + qval sw) + (qval r / 2%:R) ^+ 2)); last by field.
by apply: lt_sum_r => //; apply: addr_ge0 => //; apply: sqr_ge0.
Qed.

(* a step from near a position leads to near the next one *)
Lemma step_near D u v g h v' g' (V V' : state m -> F) (pi pi' : state m -> joint) lo hi (s : state m) :
  0 <= qval D -> stepped m d v g h v' g' -> only_near m d D s (at_ u s) v g v' g' h ->
  (forall s, lo <= V s - vec v s /\ V s - vec v s <= hi) -> hi - lo <= qval D -> (moving d -> plays g pi) ->
  order_step F m d V pi V' pi' ->
  [/\ gamma F m * lo <= V' s - vec v' s, V' s - vec v' s <= gamma F m * hi & moving d -> code (pi' s) = nth [::] g' s].
Proof.
move=> D0 /everyP /(_ s (ltn_ord s)) /and4P [good top _ /eqP bst] only near_ DD pl /(_ s) [o [q [ch mx bo]]].
have [w0 w1 kk ch0] := good_stateP F good.
set hs := nth ([::], 0%N) h s in good top bst only kk ch0.
set ws := weights_of m d s (nth [::] g s) in only w0 w1 kk ch0.
set ys := targets_of m v s in only kk ch0.
set t := moves (fun s' => V s' - vec v s') s.
have tb a : gamma F m * lo <= t a /\ t a <= gamma F m * hi by apply: moves_between.
have {}ch : order_choice (tbl ws) (fun a => table F ys a + t a) o q.
  apply: choice_eq ch => a.
    rewrite /ws weights_ofE; case mv: (moving d); first by rewrite pl.
    by rewrite !weights_fixed ?mv.
  by rewrite /ys targets_ofE /t -targets_move.
case: (ch) => oL upq least.
have kL := oL; rewrite -index_mem in kL; set k := index o _ in kL.
have oE : nth [::] (all_orders m) k = o by apply: nth_index.
have := kk k kL; rewrite oE => kx; set x := (nth _ hs.1 k).1 in kx.
have qb := fit_between w0 (kkt_fit w0 kx) (chosen_fit ch) tb.
set r := reach m D s.
set n := hs.2 in top bst ch0; set xn := (nth _ hs.1 n).1 in top ch0.
have same : is_max (tbl x) (vec v' s) -> gamma F m * lo <= V' s - vec v' s /\ V' s - vec v' s <= gamma F m * hi.
  move=> [le [a ea]]; case: mx => [leq [b eb]]; split.
    rewrite -subr_ge0 [X in 0 <= X](_ : _ = V' s - (vec v' s + gamma F m * lo)); last by ring.
    by rewrite subr_ge0 -ea; apply: le_trans (leq a); case: (qb a).
  rewrite -subr_ge0 [X in 0 <= X](_ : _ = vec v' s + gamma F m * hi - V' s); last by ring.
  rewrite subr_ge0 -eb; have [_ h1] := qb b; apply: le_trans h1 _.
  by rewrite le_plus2r.
have tr a b : t a - t b <= qval r by apply: reachP near_ DD.
have [_ [a0 _]] := mx; have [c tc] := center a0 tr.
have r0 : 0 <= qval r by rewrite -(subrr (t a0)).
have r20 : 0 <= qval r / 2%:R by rewrite divr_ge0 ?ler0n.
move: only; rewrite /only_near -/r; clearbody r; case: ifP => [/(qval_null F) rz _|_].
  have tE a : t a = t a0 by apply/eqP; rewrite eq_le -subr_le0 -[X in _ && X]subr_le0 -rz !tr.
  have ch1 : order_choice (tbl ws) (fun a => table F ys a + t a) (nth [::] (all_orders m) n) (fun a => table F xn a + t a0).
    by apply: (choice_eq (frefl _) _ (chosen_shift (t a0) ch0)) => a /=; rewrite tE.
  have [eo eq] := choice_unique w0 ch ch1.
  have e : V' s = vec v' s + t a0.
    apply: is_max_unique mx _; have [le [a ea]] := is_topP F top; split=> [b|]; rewrite ?eq ?le_plus2r //.
    by exists a; rewrite eq ea.
  by rewrite e addrAC subrr add0r; have [l1 l2] := tb a0; split=> // _; rewrite bo eo.
rewrite -/hs -/ws -/ys -/n -/xn; case/and3P; rewrite !(qval_le F) qval0 qval_mul errorE -expr2 => u0 eu /everyP /(_ k kL).
have no : err (tbl ws) (fun a => table F ys a + t a) (fun a => table F xn a + c) <
    err (tbl ws) (fun a => table F ys a + t a) q -> false.
  case: ch0 => nL upn _; have [le _] := least _ nL _ (rises_shift c upn).
  by rewrite ltNge le.
rewrite -/x oE; case/or3P => [/andP [tp gr]|fr|bt].
- have [l1 l2] := same (is_topP F tp); split=> // mv; rewrite bo; move: gr; rewrite mv /= => /eqP; exact.
- suff : false by []; apply: no; apply: (fit_far w0 w1 (kkt_fit w0 kx) upq u0 r20 tc eu).
  move: fr; rewrite /far (qval_lt F) qval_mul errorE qval_add -expr2; congr (_ ^+ 2 < _).
  by field.
suff : false by []; apply: no.
have nk : kkt (tbl ws) (along (nth [::] (all_orders m) n)) (tbl ys) (tbl xn).
  exact: kk (good_state_lt good).
apply: (beatenP w0 w1 nk kx upq r20 tc _ bt).
have := form_bound (form_sum0 s (same_mean nk kx)) near_; set S1 := \sum_(t0 : state m) _ * _; set A := \sum_(t0 : state m) _ => bd.
have A0 : 0 <= A by apply: sumr_ge0 => t0 _; apply: normr_ge0.
rewrite !qval_mul qval_half qval_sum (eq_bigr (fun t0 : state m => `|qval (form m ws s xn x t0)|)) => [|t0 _]; last first.
  exact: qval_abs.
rewrite -/A -(opprK S1) addrC subr_ge0; apply: (@le_trans _ _ (A * ((hi - lo) / 2%:R))).
  by apply: le_norm; rewrite normrN.
rewrite [X in _ <= X](_ : _ = A * (qval D / 2%:R)); last by field.
by apply: le_mul2l => //; apply: le_mul2r; rewrite ?invr_ge0 ?ler0n.
Qed.
End Correct.
