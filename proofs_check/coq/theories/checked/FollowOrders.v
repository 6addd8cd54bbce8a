(* Ties that stay: the monotonic class near a position, along directions in which tuples of
   orders may tie with the chosen one for ever.

   Values are away from the position by a combination of given columns and of 1. Regressions
   keep their blocks there: the chosen one since blocks keep their order and absorb their
   surpluses, others are bounded from below by the same quadratic form of the errors.

                block_hint == for each joint action the place of its block, for each block the mean
                              of the rows gamma P
              sway m D C f == how far sum_t f(t) h(t) can be from 0
             step_rows m s == the rows gamma P of all joint actions
                  home b k == the block of the joint action at place k
              mean_row b k == the mean row of that block
          rest m ws ys x k == the weight times what x leaves at k
           tilt rows b k t == entry t of the row at k less that of its block
    good_blocks m ws.. x b == x and the mean rows are means of blocks
    absorbed w y X house R == sets of a block that are closed upwards along R have no surplus
                subsets ks == all sublists of ks
    absorbs m .. cells x b == all sets of a block that are closed upwards have no surplus
      direct m .. x b k k' == the block of k' stays above that of k
     rising m .. cells x b == so for all steps upwards, perhaps by steps between
        slope m rows b k c == how the residual at k moves along the column c
             linear_part.. == the linear coefficients of the form of the errors
             square_part.. == its square coefficients
          same_form m C .. == two tuples have the same form
   follow_near m d D C s.. == the chosen tuple stays the chosen one
          top_row m h bs s == the row of the top block of the chosen tuple
                 house b a == the block of the joint action a
         block_fit x b h a == the mean of the moved targets of its block
            moved ys s h a == the moved target
               spanned C h == h is a combination of the columns of C and of 1

   layers         Abel's summation by levels
   block_kkt      blocks that absorb their surpluses, and rise, are the regression
   block_least    blocks that absorb their surpluses have at most the least error
   follow_step    a step leads to the next position, moved by the rows of the top blocks

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI SignedFits Rationals Tables Support Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import Sums Isotonic Orders OrderFits NearOrders.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------------------ blocks *)
Lemma layers (F : realFieldType) (J : finType) (g q : J -> F) : (forall c, \sum_(a | c <= q a) g a <= 0) ->
  \sum_a g a = 0 -> \sum_a g a * q a <= 0.
Proof.
have main n : forall (q : J -> F) l, (#|[pred a | q a != l]| <= n)%N -> (forall a, l <= q a) ->
    (forall c, \sum_(a | c <= q a) g a <= 0) -> \sum_a g a = 0 -> \sum_a g a * q a <= 0.
  elim: n => [|n IH] {}q l few low up zero.
    have all_l a : q a = l.
      have /card0_eq /(_ a) : #|[pred a | q a != l]| = 0%N by apply/eqP; rewrite -leqn0.
      by rewrite inE => /negbFE /eqP.
    by rewrite (eq_bigr (fun a => g a * l)) => [|a _]; rewrite ?all_l // -mulr_suml zero mul0r.
  have [a1 ne|none] := pickP [pred a | q a != l]; last first.
    rewrite (eq_bigr (fun a => g a * l)) => [|a _]; first by rewrite -mulr_suml zero mul0r.
    by have := none a; rewrite inE => /negbFE /eqP ->.
  pose a2 := [arg min_(a < a1 | q a != l) q a]%O; pose l2 := q a2.
  have [ne2 least] : q a2 != l /\ forall a, q a != l -> l2 <= q a.
    by rewrite /l2 /a2; case: Order.TotalTheory.arg_minP => // b nb lb; split=> // a; apply: lb.
  have l12 : l < l2 by rewrite lt_neqAle eq_sym ne2 low.
  pose q' a := if q a == l then l2 else q a.
  have upper a : (l2 <= q a) = (q a != l).
    by apply/idP/idP => [h|]; [apply/eqP => e; move: h; rewrite e leNgt l12|apply: least].
  have gain : \sum_a g a * q a <= \sum_a g a * q' a.
    have -> : \sum_a g a * q' a = \sum_a g a * q a + (l2 - l) * \sum_(a | q a == l) g a.
      rewrite mulr_sumr [X in _ + X]big_mkcond -big_split; apply: eq_bigr => a _ /=; rewrite /q'.
      by case: eqP => [->|_]; rewrite ?addr0 //; ring.
    rewrite le_plus; apply: mulr_ge0; first by rewrite subr_ge0 ltW.
    have := up l2; rewrite (eq_bigl _ _ upper) => le.
    move: zero; rewrite (bigID (fun a => q a == l)) /= => zero.
    by rewrite -[X in 0 <= X](addrK (\sum_(a | q a != l) g a)) zero sub0r oppr_ge0.
  apply: le_trans gain _; apply: (IH q' l2) => // [|a|c].
  - rewrite -ltnS; apply: leq_trans few; apply: proper_card; apply/properP; split.
      by apply/subsetP => a; rewrite !inE /q'; case: (eqVneq (q a) l) => //= _; rewrite eqxx.
    exists a2; first by rewrite inE.
    by rewrite inE /q' (negbTE ne2) negbK /l2.
  - by rewrite /q'; case: eqP => // /eqP; apply: least.
  have [cl|lc] := lerP c l2.
    rewrite (eq_bigl xpredT) ?zero // => a; rewrite /q'; case: eqP => [_|/eqP /least]; first by rewrite cl.
    exact: le_trans.
  rewrite (eq_bigl (fun a => c <= q a)) // => a; rewrite /q'; case: eqP => // ->.
  by rewrite leNgt lc leNgt (lt_trans l12 lc).
move=> up zero; apply: (main _ q (- \sum_b `|q b|) (leqnn _)) => // a.
by apply: norm_ge; apply: largest.
Qed.

Section Blocks.
Variables (F : realFieldType) (J : finType) (w y X : J -> F) (house : J -> nat).
Notation g := (fun a => w a * (y a - X a)).
Hypothesis w0 : forall a, 0 < w a.
Hypothesis same : forall a b, house a = house b -> X a = X b.
Hypothesis zero : forall a, \sum_(b | house b == house a) g b = 0.

Lemma by_blocks (f : J -> F) :
  \sum_a f a = \sum_(x <- undup [seq house a | a <- enum J]) \sum_(a | house a == x) f a.
Proof.
apply: sum_by => [|a]; first exact: undup_uniq.
by rewrite mem_undup; apply: map_f; rewrite mem_enum.
Qed.

Lemma const_zero (f : J -> F) : (forall a b, house a = house b -> f a = f b) -> \sum_a g a * f a = 0.
Proof.
move=> cf; rewrite by_blocks big_seq big1 // => x; rewrite mem_undup => /mapP [a _ ->].
rewrite (eq_bigr (fun b => g b * f a)) => [|b /eqP e]; last by rewrite (cf b a e).
by rewrite -mulr_suml zero mul0r.
Qed.

Definition absorbed (R : rel J) :=
  forall (z : J -> F) c a, rises R z -> \sum_(b | (house b == house a) && (c <= z b)) g b <= 0.

Variable R : rel J.
Hypothesis ab : absorbed R.

Lemma product_le z : rises R z -> \sum_a g a * z a <= 0.
Proof.
move=> up; apply: layers => [c|]; last first.
  by have := const_zero (f := fun=> 1) (fun _ _ _ => erefl); under eq_bigr do rewrite mulr1.
rewrite big_mkcond by_blocks big_seq -oppr_ge0 -sumrN; apply: sumr_ge0 => x; rewrite mem_undup => /mapP [a _ ->].
by rewrite oppr_ge0 -big_mkcondr; apply: ab.
Qed.

Lemma block_kkt : rises R X -> kkt w R y X.
Proof.
move=> up; split=> // z upz; rewrite (eq_bigr (fun a => g a * z a - g a * X a)) => [|a _]; last by rewrite mulrBr.
by rewrite sumrB (const_zero same) subr0; apply: product_le.
Qed.

Lemma block_least q : rises R q -> err w y X <= err w y q.
Proof.
move=> up; rewrite -subr_ge0.
have -> : err w y q - err w y X = \sum_a w a * (X a - q a) ^+ 2 - 2%:R * (\sum_a g a * q a) + 2%:R * (\sum_a g a * X a).
  by rewrite /err !mulr_sumr -!sumrB -big_split; apply: eq_bigr => a _ /=; ring.
rewrite (const_zero same) mulr0 addr0 addr_ge0 ?norm_ge0 //.
by rewrite -mulrN mulr_ge0 ?ler0n // oppr_ge0 product_le.
Qed.
End Blocks.

(* --------------------------------------------------------------------- what is computed *)
Definition block_hint := (seq nat * seq (seq Q))%type.

Section Compute.
Variables (m : model) (D : Q) (C : seq (seq Q)).
Notation S := (n_states m).
Notation N := (size (tuples (sizes m))).

Definition sway (f : nat -> Q) : Q :=
  let l := tab S f in
  if all (fun c => qeq (qsum S (fun t => qmul (at_ l t) (at_ c t))) q0) C then q0
  else qmul (qmul half D) (qsum S (fun t => qabs (at_ l t))).

Definition step_rows (s : nat) : seq (seq Q) :=
  [seq tab S (fun t => qmul (discount m) (at_ (entries m s l) t.+1)) | l <- tuples (sizes m)].

Definition home (b : block_hint) (k : nat) : nat := nth 0%N b.1 k.
Definition mean_row (b : block_hint) (k : nat) : seq Q := nth [::] b.2 (home b k).

Variables (ws ys : seq Q) (rows : seq (seq Q)).

Definition rest (x : seq Q) (k : nat) : Q := qmul (at_ ws k) (qsub (at_ ys k) (at_ x k)).
Definition tilt (b : block_hint) (k t : nat) : Q := qsub (at_ (nth [::] rows k) t) (at_ (mean_row b k) t).

Definition good_blocks (x : seq Q) (b : block_hint) : bool :=
  every N (fun k => let own k' := home b k' == home b k in
    [&& every N (fun k' => if own k' then qeq (at_ x k') (at_ x k) else true),
        qeq (qsum N (fun k' => if own k' then rest x k' else q0)) q0
      & every S (fun t => qeq (qsum N (fun k' => if own k' then qmul (at_ ws k') (tilt b k' t) else q0)) q0)]).

Fixpoint subsets (ks : seq nat) : seq (seq nat) :=
  if ks is k :: ks' then let us := subsets ks' in us ++ [seq k :: u | u <- us] else [:: [::]].

Definition absorbs (cells : seq (seq nat)) (x : seq Q) (b : block_hint) : bool :=
  all (fun i => let ks := [seq k <- iota 0 N | home b k == i] in
    all (fun u =>
      if all (fun k => all (fun k' => if above (nth [::] cells k) (nth [::] cells k') then k' \in u else true) ks) u
      then qle (qadd (qsum_list u (rest x)) (sway (fun t => qsum_list u (fun k => qmul (at_ ws k) (tilt b k t))))) q0
      else true) (subsets ks))
  (undup [seq home b k | k <- iota 0 N]).

Definition direct (x : seq Q) (b : block_hint) (k k' : nat) : bool :=
  if home b k == home b k' then true
  else qle (sway (fun t => qsub (at_ (mean_row b k') t) (at_ (mean_row b k) t))) (qsub (at_ x k') (at_ x k)).

Definition rising (cells : seq (seq nat)) (x : seq Q) (b : block_hint) : bool :=
  let cell k := nth [::] cells k in
  every N (fun k => every N (fun k' => if above (cell k) (cell k') then
    if direct x b k k' then true else
    has (fun i => [&& above (cell k) (cell i), above (cell i) (cell k'), (sumn (cell i) < sumn (cell k))%N
                    & direct x b k i]) (iota 0 N)
    else true)).

Definition slope (b : block_hint) (k : nat) (c : seq Q) : Q := qsum S (fun t => qmul (tilt b k t) (at_ c t)).
Definition linear_part (x : seq Q) (b : block_hint) (c : seq Q) : Q := qsum N (fun k => qmul (rest x k) (slope b k c)).
Definition square_part (b : block_hint) (c c' : seq Q) : Q :=
  qsum N (fun k => qmul (at_ ws k) (qmul (slope b k c) (slope b k c'))).
Definition same_form (x : seq Q) (b : block_hint) (x' : seq Q) (b' : block_hint) : bool :=
  qeq (error N ws ys x) (error N ws ys x') &&
  all (fun c => qeq (linear_part x b c) (linear_part x' b' c) &&
                all (fun c' => qeq (square_part b c c') (square_part b' c c')) C) C.
End Compute.

Definition top_row (m : model) (hs : seq order_fit * nat) (bs : seq block_hint) : seq Q :=
  mean_row (nth ([::], [::]) bs hs.2) (rank (sizes m) (best (nth [::] (all_orders m) hs.2))).

Definition follow_near (m : model) (d : data) (D : Q) (C : seq (seq Q)) (s : nat) (v : seq Q) (g : seq (seq nat))
    (hs : seq order_fit * nat) (bs : seq block_hint) : bool :=
  let ls := tuples (sizes m) in let N := size ls in let os := all_orders m in let r := reach m D s in
  let ws := weights_of m d s (nth [::] g s) in let ys := targets_of m v s in let rows := step_rows m s in
  let x k := (nth ([::], [::]) hs.1 k).1 in let b k := nth ([::], [::]) bs k in
  let cells k := [seq place (nth [::] os k) l | l <- ls] in
  let n := hs.2 in let o := nth [::] os n in let e := error N ws ys (x n) in
  [&& good_blocks m ws ys rows (x n) (b n), rising m D C (cells n) (x n) (b n),
      absorbs m D C ws ys rows (cells n) (x n) (b n), is_action (sizes m) (best o), all (fun l => under o l (best o)) ls
    & every (size os) (fun k =>
        beaten (sway m D C (form m ws s (x n) (x k))) r (qsub (error N ws ys (x k)) e) ||
        [&& good_blocks m ws ys rows (x k) (b k), absorbs m D C ws ys rows (cells k) (x k) (b k)
          & same_form m C ws ys rows (x n) (b n) (x k) (b k)])].

(* ------------------------------------------------------------------------ what it means *)
Lemma mem_subsets (P : pred nat) ks : [seq k <- ks | P k] \in subsets ks.
Proof.
elim: ks => //= k ks IH; rewrite mem_cat; case: (P k); last by rewrite IH.
by rewrite map_f ?orbT.
Qed.

Section Meaning.
Variables (F : realFieldType) (m : model) (D : Q) (C : seq (seq Q)).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation place_of a := (rank (sizes m) (code a)).
Notation along o := (fun a b : joint => under o (code a) (code b)).
Hypothesis ok : check_model m.

Definition spanned (h : state m -> F) := exists (z : nat -> F) l, forall s,
  h s = \sum_(i < size C) z i * qval (at_ (nth [::] C i) s) + l.

Lemma span_product (f : state m -> F) (z : nat -> F) l (h : state m -> F) : \sum_t f t = 0 ->
  (forall s, h s = \sum_(i < size C) z i * qval (at_ (nth [::] C i) s) + l) ->
  \sum_t f t * h t = \sum_(i < size C) z i * \sum_(t : state m) f t * qval (at_ (nth [::] C i) t).
Proof.
move=> f0 hE; under eq_bigr do rewrite hE mulrDr mulr_sumr.
rewrite big_split /= -[X in _ + X]mulr_suml f0 mul0r addr0 exchange_big; apply: eq_bigr => i _.
by rewrite mulr_sumr; apply: eq_bigr => t _; rewrite mulrCA.
Qed.

Variables (h : state m -> F) (lo hi : F).
Hypothesis span_ : spanned h.
Hypothesis between : forall s, lo <= h s /\ h s <= hi.
Hypothesis DD : hi - lo <= qval D.

Lemma swayP (f : nat -> Q) : \sum_(t : state m) qval (f t) = 0 ->
  `|\sum_(t : state m) qval (f t) * h t| <= qval (sway m D C f).
Proof.
move=> f0; have [z [l hE]] := span_; rewrite /sway; case: ifP => [/(all_nthP [::]) still|_].
  rewrite (span_product f0 hE) big1 ?normr0 ?qval0 // => i _.
  have := still i (ltn_ord i); rewrite (qval_eq F) qval0 qval_sum => /eqP e.
  rewrite (_ : \sum_(t : state m) _ = 0) ?mulr0 // -[RHS]e; apply: eq_bigr => t _.
  by rewrite qval_mul /at_ nth_tab.
apply: le_trans (form_bound f0 between) _; rewrite !qval_mul qval_half qval_sum.
rewrite [X in _ <= _ * X](eq_bigr (fun t : state m => `|qval (f t)|)) => [|t _]; last by rewrite qval_abs /at_ nth_tab.
set A := \sum_(t : state m) _; have A0 : 0 <= A by apply: sumr_ge0.
rewrite [X in _ <= X](_ : _ = A * (qval D / 2%:R)); last by field.
by apply: le_mul2l => //; apply: le_mul2r; rewrite ?invr_ge0 ?ler0n.
Qed.

Section State.
Variables (ws ys : seq Q) (s : state m).
Notation rows_ := (step_rows m s).
Notation w := (fun a : joint => table F ws a).
Hypothesis w0 : forall a : joint, 0 < w a.

Lemma rowE (a : joint) (t : state m) : qval (at_ (nth [::] rows_ (place_of a)) t) = gamma F m * trans F m s a t.
Proof.
rewrite (nth_map [::]) ?place_lt // nth_rank ?code_is_action //.
by rewrite [at_ (tab _ _) t]nth_tab // qval_mul.
Qed.

Lemma moves_rows (a : joint) : moves h s a = \sum_(t : state m) qval (at_ (nth [::] rows_ (place_of a)) t) * h t.
Proof. by rewrite /moves mulr_sumr; apply: eq_bigr => t _; rewrite rowE mulrA. Qed.

Section Fit.
Variables (x : seq Q) (b : block_hint).
Hypothesis good : good_blocks m ws ys rows_ x b.
Definition house (a : joint) : nat := home b (place_of a).
Definition block_fit (a : joint) : F := table F x a + \sum_(t : state m) qval (at_ (mean_row b (place_of a)) t) * h t.
Definition moved (a : joint) : F := table F ys a + moves h s a.

Lemma residual (a : joint) : moved a - block_fit a =
  table F ys a - table F x a + \sum_(t : state m) qval (tilt rows_ b (place_of a) t) * h t.
Proof.
rewrite /moved /block_fit moves_rows opprD addrACA -sumrB; congr (_ + _); apply: eq_bigr => t _.
by rewrite -mulrBl qval_sub.
Qed.

Lemma restE (a : joint) : table F ws a * (moved a - block_fit a) = qval (rest ws ys x (place_of a)) +
  \sum_(t : state m) qval (qmul (at_ ws (place_of a)) (tilt rows_ b (place_of a) t)) * h t.
Proof.
rewrite residual mulrDr mulr_sumr; congr (_ + _); first by rewrite qval_mul qval_sub.
by apply: eq_bigr => t _; rewrite qval_mul mulrA.
Qed.

Lemma block_sum (G : nat -> Q) (a : joint) :
  \sum_(a' | house a' == house a) qval (G (place_of a')) =
  qval (qsum N (fun k' => if home b k' == home b (place_of a) then G k' else q0)).
Proof.
rewrite qval_sum big_mkcond /=.
rewrite (sum_places m (fun k => if home b k == home b (place_of a) then qval (G k) else 0)).
by apply: eq_bigr => k _; case: eqP => _; rewrite ?qval0.
Qed.

Lemma block_zero (a : joint) : \sum_(a' | house a' == house a) qval (rest ws ys x (place_of a')) = 0 /\
  forall t : state m, \sum_(a' | house a' == house a)
    qval (qmul (at_ ws (place_of a')) (tilt rows_ b (place_of a') t)) = 0.
Proof.
have /everyP /(_ _ (place_lt a)) /and3P [_ z1 /everyP z2] := good; split=> [|t].
  by rewrite block_sum; apply/eqP; rewrite -(qval0 F) -(qval_eq F).
rewrite (block_sum (fun k => qmul (at_ ws k) (tilt rows_ b k t))); apply/eqP; rewrite -(qval0 F) -(qval_eq F).
exact: (z2 t (ltn_ord t)).
Qed.

Lemma house_same (a a' : joint) : house a = house a' -> block_fit a = block_fit a'.
Proof.
rewrite /house => e; rewrite /block_fit /mean_row e; congr (_ + _).
have /everyP /(_ _ (place_lt a')) /and3P [/everyP /(_ _ (place_lt a)) + _ _] := good.
by rewrite e eqxx (qval_eq F) => /eqP.
Qed.

Lemma house_zero (a : joint) : \sum_(a' | house a' == house a) table F ws a' * (moved a' - block_fit a') = 0.
Proof.
have [z1 z2] := block_zero a; under eq_bigr do rewrite restE.
rewrite big_split /= z1 add0r exchange_big big1 // => t _.
by rewrite -mulr_suml z2 mul0r.
Qed.

Lemma mean_sum (a : joint) : \sum_(t : state m) qval (at_ (mean_row b (place_of a)) t) = gamma F m.
Proof.
set A := \sum_(t : state m) _; have [_ z2] := block_zero a.
have e : (gamma F m - A) * (\sum_(a' | house a' == house a) table F ws a') = 0.
  rewrite mulr_sumr; transitivity (\sum_(a' | house a' == house a)
      \sum_(t : state m) qval (qmul (at_ ws (place_of a')) (tilt rows_ b (place_of a') t))).
    apply: eq_bigr => a'; rewrite /house => /eqP e; under [RHS]eq_bigr do rewrite qval_mul qval_sub rowE.
    rewrite -mulr_sumr sumrB -mulr_sumr (trans_sum1 F ok) mulr1 mulrC; congr (_ * (_ - _)).
    by rewrite /A /mean_row -e.
  by rewrite exchange_big big1 // => t _; apply: z2.
have W : 0 < \sum_(a' | house a' == house a) table F ws a'.
  by rewrite (bigD1 a) //= lt_sum_r // sumr_ge0 // => a' _; apply: ltW.
by move/eqP: e; rewrite mulf_eq0 (gt_eqF W) orbF subr_eq0 => /eqP.
Qed.

Lemma tilt_sum0 (a : joint) : \sum_(t : state m) qval (tilt rows_ b (place_of a) t) = 0.
Proof.
under eq_bigr do rewrite qval_sub rowE.
by rewrite sumrB -mulr_sumr (trans_sum1 F ok) mulr1 mean_sum subrr.
Qed.

Lemma at_place (f : joint -> F) : exists fk : nat -> F, forall a, fk (place_of a) = f a.
Proof.
exists (fun k => \sum_(a : joint | place_of a == k) f a) => a; rewrite (bigD1 a) //= big1 ?addr0 // => a' /andP [/eqP e /eqP ne].
by case: ne; apply: code_inj; rewrite -(nth_rank (code_is_action a)) -(nth_rank (code_is_action a')) e.
Qed.

Lemma place_onto k : (k < N)%N -> exists a : joint, place_of a = k.
Proof.
move=> kN; have act : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
have [a aE] := code_onto act; exists a; apply/eqP; rewrite aE.
by rewrite -(nth_uniq [::] (rank_lt act) kN (uniq_tuples (sizes m))) nth_rank.
Qed.

Variable o : seq (seq nat).
Notation cells := [seq place o l | l <- tuples (sizes m)].

Lemma cellE (a : joint) : nth [::] cells (place_of a) = place o (code a).
Proof. by rewrite (nth_map [::]) ?place_lt // nth_rank ?code_is_action. Qed.

Lemma absorbsP : absorbs m D C ws ys rows_ cells x b ->
  absorbed w moved block_fit house (along o).
Proof.
move=> /allP abs z c a up; have [zk zE] := at_place z.
pose ks := [seq k <- iota 0 N | home b k == house a].
pose u := [seq k <- ks | c <= zk k].
have hin : house a \in undup [seq home b k | k <- iota 0 N].
  by rewrite mem_undup; apply: map_f; rewrite mem_iota /= place_lt.
have /allP /(_ u (mem_subsets _ _)) := abs _ hin.
have -> : all (fun k => all (fun k' => if above (nth [::] cells k) (nth [::] cells k') then k' \in u else true) ks) u.
  apply/allP => k; rewrite !mem_filter mem_iota => /and3P [ck ek kN]; apply/allP => k' k'in; case: ifP => // ab.
  rewrite mem_filter k'in andbT; move: k'in; rewrite mem_filter mem_iota => /andP [_ k'N].
  have [a1 e1] := place_onto kN; have [a2 e2] := place_onto k'N.
  rewrite -e1 zE in ck; rewrite -e2 zE; apply: le_trans ck _; apply: up.
  by move: ab; rewrite -e1 -e2 !cellE.
rewrite (qval_le F) qval0 qval_add !qval_sum_list => le; apply: le_trans le.
have sum_u (G : nat -> F) : \sum_(k <- u) G k = \sum_(a' | (house a' == house a) && (c <= z a')) G (place_of a').
  rewrite /u /ks -filter_predI big_filter big_mkcond /= [RHS]big_mkcond /=.
  pose H k := if (home b k == house a) && (c <= zk k) then G k else 0.
  transitivity (\sum_(k < N) H k).
    rewrite -(big_mkord xpredT H) /index_iota subn0; apply: eq_bigr => k _.
    by rewrite /H andbC.
  by rewrite -(sum_places m H); apply: eq_bigr => a' _; rewrite /H zE.
pose f t := qsum_list u (fun k => qmul (at_ ws k) (tilt rows_ b k t)).
have fE (t : state m) : qval (f t) = \sum_(a' | (house a' == house a) && (c <= z a'))
    qval (qmul (at_ ws (place_of a')) (tilt rows_ b (place_of a') t)).
  by rewrite /f qval_sum_list (sum_u (fun k => qval (qmul (at_ ws k) (tilt rows_ b k t)))).
have f0 : \sum_(t : state m) qval (f t) = 0.
  under eq_bigr do rewrite fE; rewrite exchange_big big1 // => a' _.
  by under eq_bigr do rewrite qval_mul; rewrite -mulr_sumr tilt_sum0 mulr0.
under eq_bigr do rewrite restE.
rewrite big_split (sum_u (fun k => qval (rest ws ys x k))) le_plus2l.
apply: le_trans (le_norm (swayP f0)); rewrite exchange_big le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => t _.
by rewrite fE mulr_suml.
Qed.

Lemma risingP : rising m D C cells x b -> rises (along o) block_fit.
Proof.
move=> /everyP up; have step a a' : direct m D C x b (place_of a) (place_of a') -> block_fit a <= block_fit a'.
  rewrite /direct; case: eqP => [e _|_]; first by rewrite (house_same e).
  rewrite (qval_le F) qval_sub; set f := (fun t => _) => le.
  have f0 : \sum_(t : state m) qval (f t) = 0.
    by under eq_bigr do rewrite qval_sub; rewrite sumrB !mean_sum subrr.
  rewrite -subr_ge0 [X in 0 <= X](_ : _ = table F x a' - table F x a + \sum_(t : state m) qval (f t) * h t).
    rewrite -(opprK (\sum_(t : state m) _)) subr_ge0; apply: le_trans le; apply: le_trans (swayP f0).
    by apply: le_norm; rewrite normrN.
  rewrite /block_fit opprD addrACA -sumrB; congr (_ + _); apply: eq_bigr => t _.
  by rewrite /f qval_sub mulrBl.
suff main n : forall a a', (sumn (place o (code a)) <= n)%N -> under o (code a) (code a') -> block_fit a <= block_fit a'.
  by move=> a a'; apply: main (leqnn _).
elim: n => [|n IH] a a' an ab; have /everyP /(_ _ (place_lt a')) := up _ (place_lt a);
  rewrite !cellE -/(under o (code a) (code a')) ab; case: ifP => [d _|_]; try exact: step d.
  by case/hasP => k _; rewrite ltnNge => /and4P [_ _ /negP []]; apply: leq_trans an _.
case/hasP => k; rewrite mem_iota => /andP [_ kN] /and4P [a1 a2 less d].
have [a3 e3] := place_onto kN; rewrite -e3 !cellE in a1 a2 less d.
by apply: le_trans (step _ _ d) _; apply: IH a2; rewrite -ltnS; apply: leq_trans less an.
Qed.

Lemma formE (z : nat -> F) l : (forall s, h s = \sum_(i < size C) z i * qval (at_ (nth [::] C i) s) + l) ->
  err w moved block_fit = qval (error N ws ys x) +
    2%:R * (\sum_(i < size C) z i * qval (linear_part m ws ys rows_ x b (nth [::] C i))) +
    \sum_(i < size C) z i * \sum_(j < size C) z j * qval (square_part m ws rows_ b (nth [::] C i) (nth [::] C j)).
Proof.
move=> hE; pose u (i : nat) (a : joint) : F := qval (slope m rows_ b (place_of a) (nth [::] C i)).
have res (a : joint) : moved a - block_fit a = table F ys a - table F x a + \sum_(i < size C) z i * u i a.
  rewrite residual (span_product (tilt_sum0 a) hE); congr (_ + _); apply: eq_bigr => i _; congr (_ * _).
  by rewrite /u qval_sum; apply: eq_bigr => t _; rewrite qval_mul.
have linE i : qval (linear_part m ws ys rows_ x b (nth [::] C i)) = \sum_(a : joint) table F ws a * (table F ys a - table F x a) * u i a.
  rewrite qval_sum -(sum_places m (fun k => qval (qmul (rest ws ys x k) (slope m rows_ b k (nth [::] C i))))).
  by apply: eq_bigr => a _; rewrite !qval_mul qval_sub.
have sqE i j : qval (square_part m ws rows_ b (nth [::] C i) (nth [::] C j)) = \sum_(a : joint) table F ws a * (u i a * u j a).
  rewrite qval_sum -(sum_places m (fun k => qval (qmul (at_ ws k)
    (qmul (slope m rows_ b k (nth [::] C i)) (slope m rows_ b k (nth [::] C j)))))).
  by apply: eq_bigr => a _; rewrite !qval_mul.
rewrite errorE (eq_bigr (fun i : 'I_(size C) => \sum_(a : joint) table F ws a * (table F ys a - table F x a) * (z i * u i a))) =>
  [|i _]; last by rewrite linE mulr_sumr; apply: eq_bigr => a _; ring.
rewrite [X in _ = _ + X](eq_bigr (fun i : 'I_(size C) => \sum_(a : joint) table F ws a * (z i * u i a) *
  (\sum_(j < size C) z j * u j a))) => [|i _]; last first.
  rewrite mulr_sumr; under [LHS]eq_bigr do rewrite sqE !mulr_sumr.
  rewrite exchange_big; apply: eq_bigr => a _ /=; rewrite mulr_sumr; apply: eq_bigr => j _; ring.
rewrite exchange_big [X in _ = _ + X]exchange_big mulr_sumr /err -!big_split; apply: eq_bigr => a _ /=.
rewrite res; set Z := \sum_(i < size C) z i * u i a.
have -> : \sum_(i < size C) table F ws a * (z i * u i a) * Z = table F ws a * Z * Z by rewrite -mulr_suml -mulr_sumr.
by rewrite -[X in _ + _ * X + _]mulr_sumr -/Z; ring.
Qed.
End Fit.

Lemma same_formP x b x' b' : good_blocks m ws ys rows_ x b -> good_blocks m ws ys rows_ x' b' ->
  same_form m C ws ys rows_ x b x' b' ->
  err w moved (block_fit x b) = err w moved (block_fit x' b').
Proof.
move=> gx gx' /andP [same_e /(all_nthP [::]) same_f]; have [z [l hE]] := span_.
have l1 (i : 'I_(size C)) : qval (linear_part m ws ys rows_ x b (nth [::] C i)) =
    qval (linear_part m ws ys rows_ x' b' (nth [::] C i)).
  by have /andP [+ _] := same_f i (ltn_ord i); rewrite (qval_eq F) => /eqP.
have l2 (i j : 'I_(size C)) : qval (square_part m ws rows_ b (nth [::] C i) (nth [::] C j)) =
    qval (square_part m ws rows_ b' (nth [::] C i) (nth [::] C j)).
  have /andP [_ /(all_nthP [::]) /(_ j (ltn_ord j))] := same_f i (ltn_ord i).
  by rewrite (qval_eq F) => /eqP.
move: same_e; rewrite (qval_eq F) => /eqP same_e; apply: (etrans (formE gx hE)); apply: (etrans _ (esym (formE gx' hE))).
apply: (congr2 +%R).
  apply: (congr2 +%R); first exact: same_e.
  apply: (congr1 ( *%R 2%:R)); apply: eq_bigr => i _; exact: (congr1 ( *%R (z i)) (l1 i)).
apply: eq_bigr => i _; apply: (congr1 ( *%R (z i))); apply: eq_bigr => j _; exact: (congr1 ( *%R (z j)) (l2 i j)).
Qed.
End State.
End Meaning.

Section Step.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).
Notation along o := (fun a b : joint => under o (code a) (code b)).
Hypothesis ok : check_model m.

(* a step leads to the next position, moved by the rows of the top blocks *)
Lemma follow_step D C v g (h : hint) v' g' bs (V V' : state m -> F) (pi pi' : state m -> joint) lo hi (s : state m) :
  0 <= qval D -> stepped m d v g h v' g' -> follow_near m d D C s v g (nth ([::], 0%N) h s) bs ->
  spanned C (fun s => V s - vec v s) -> (forall s, lo <= V s - vec v s /\ V s - vec v s <= hi) -> hi - lo <= qval D ->
  (moving d -> plays g pi) -> order_step F m d V pi V' pi' ->
  [/\ gamma F m * lo <= V' s - vec v' s, V' s - vec v' s <= gamma F m * hi, moving d -> code (pi' s) = nth [::] g' s
    & V' s - vec v' s = \sum_(t : state m) qval (at_ (top_row m (nth ([::], 0%N) h s) bs) t) * (V t - vec v t) /\
      \sum_(t : state m) qval (at_ (top_row m (nth ([::], 0%N) h s) bs) t) = gamma F m].
Proof.
move=> D0 /everyP /(_ s (ltn_ord s)) /and4P [good top _ /eqP bst] fol span_ near_ DD pl /(_ s) [o [q [ch mx bo]]].
have [w0 w1 kk ch0] := good_stateP F good.
set hs := nth ([::], 0%N) h s in good top bst fol kk ch0 *.
move: fol; rewrite /follow_near; set ws := weights_of m d s (nth [::] g s) in w0 w1 kk ch0 *.
set ys := targets_of m v s in kk ch0 *.
set z := fun s => V s - vec v s in span_ near_ *; set r := reach m D s.
have tb a : gamma F m * lo <= moves z s a /\ moves z s a <= gamma F m * hi by apply: moves_between.
have {}ch : order_choice (tbl ws) (moved z ys s) o q.
  apply: choice_eq ch => a.
    rewrite /ws weights_ofE; case mv: (moving d); first by rewrite pl.
    by rewrite !weights_fixed ?mv.
  by rewrite /moved /ys targets_ofE -targets_move.
set n := hs.2 in top bst ch0 *; set xn := (nth _ hs.1 n).1 in top ch0 *; set bn := nth _ bs n.
set on := nth [::] (all_orders m) n in bst ch0 *.
case/and5P => gn rn an act /andP [bestn rivals].
have tr a b : moves z s a - moves z s b <= qval r by apply: reachP near_ DD.
have [_ [a0 _]] := mx; have [c tc] := center a0 tr.
have r20 : 0 <= qval r / 2%:R by rewrite divr_ge0 ?ler0n // -(subrr (moves z s a0)).
have nL : (n < size (all_orders m))%N by apply: good_state_lt good.
have kn : kkt (tbl ws) (along on) (tbl ys) (tbl xn) by apply: kk.
have upX := risingP ok span_ near_ DD w0 gn rn.
have kX := block_kkt (house_same z gn) (house_zero z gn) (absorbsP ok span_ near_ DD w0 gn an) upX.
have ch1 : order_choice (tbl ws) (moved z ys s) on (block_fit z xn bn).
  split=> [||o' oL q' up']; [exact: mem_nth|exact: upX|].
  have kL := oL; rewrite -index_mem in kL; set k := index o' _ in kL.
  have oE : nth [::] (all_orders m) k = o' by apply: nth_index.
  have := kk k kL; rewrite oE => kx; set x := (nth _ hs.1 k).1 in kx.
  have /everyP /(_ k kL) /orP [bt|/and3P [gk ak sf]] := rivals.
    have lt : err (tbl ws) (moved z ys s) (block_fit z xn bn) < err (tbl ws) (moved z ys s) q'.
      apply: le_lt_trans (beatenP w0 w1 kn kx up' r20 tc _ bt).
        by case: (kkt_fit w0 kX) => _; apply; apply: rises_shift; case: kn.
      have := swayP span_ near_ DD (form_sum0 ok s (same_mean kn kx)) => /norm_ge.
      by rewrite -subr_ge0 opprK.
    by split=> // ; apply: ltW.
  have e := same_formP ok span_ w0 gn gk sf; have /andP [same_e _] := sf.
  rewrite oE in ak; split=> [|pr].
    by rewrite e; apply: (block_least w0 (house_same z gk) (house_zero z gk) (absorbsP ok span_ near_ DD w0 gk ak)).
  have [_ upx _] := ch0; case: ch0 => _ _ /(_ o' oL (tbl x)) [|_ /(_ pr)]; first by case: kx.
  move: same_e; rewrite (qval_eq F) => /eqP same_e.
  have e0 := etrans (esym (errorE F m ws ys xn)) (etrans same_e (errorE F m ws ys x)).
  by rewrite e0 ltxx.
have [eo eq] := choice_unique w0 ch ch1.
have [a aE] := code_onto act.
have above_all (a' : joint) : under on (code a') (code a) by rewrite aE; apply: (allP bestn); rewrite mem_tuples code_is_action.
have V'E : V' s = block_fit z xn bn a.
  by apply: is_max_unique mx _; split=> [a'|]; [rewrite eq; apply: upX|exists a; rewrite eq].
have v'E : vec v' s = table F xn a.
  by apply: is_max_unique (is_topP F top) _; split=> [a'|]; [case: kn => up _; apply: up|exists a].
have := fit_between w0 (kkt_fit w0 kn) (_ : iso_fit (tbl ws) (along on) (moved z ys s) q) tb a.
rewrite -eo => /(_ (chosen_fit ch)); rewrite eq -V'E -v'E => -[l1 l2].
split=> [|||].
- by rewrite -subr_ge0 [X in 0 <= X](_ : _ = V' s - (vec v' s + gamma F m * lo)) ?subr_ge0 //; ring.
- by rewrite -subr_ge0 [X in 0 <= X](_ : _ = vec v' s + gamma F m * hi - V' s) ?subr_ge0 //; ring.
- by rewrite bo eo.
rewrite V'E v'E /block_fit addrAC subrr add0r /top_row -/hs -/n -/on -aE; split=> //.
exact: (mean_sum ok w0 gn a).
Qed.
End Step.
