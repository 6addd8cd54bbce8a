(* Near a position under weights that depend on Q_tot (weighted QMIX): where values and tables are
   away from it by numbers at most D apart and at most L away from 0, each joint action keeps its
   weight but for those in doubt, whose margin is near 0. If every tuple of orders has too large an
   error, or agrees with the next position whatever weighs the doubtful, a step leads near that one.

        margin w v q ys s k == what must be above 0 for the full weight of the joint action k: its
                               target less the value, or less its number in the table q
                doubt m D L == how far that moves: (1 - gamma) L + (1 + gamma) D/2
    marked m w v g q ys s c == whether the joint actions have margins above c or, under central
                               weights, are g
      weighing m w s g full == the weights where these have the full weight
             fillings us vs == the lists of truth values from us to vs, entry by entry
        agrees m w s x' o q == orders and a table are those of the position x', as far as it matters
                  near_hint == Apart: the regressions of all tuples with the doubtful weighed least,
                               a number above a root, and the place of a tuple with its regression
                               where they have their full weight; Settled: for each way to weigh the
                               doubtful the regressions of all tuples, and the choice
       keeps m w D L x x' s == near x only what agrees with x' is chosen at state s
     weighted_near m w x .. == V and Qt are between lo and hi away from those of x, as far as they
                               matter, and pi are its joint actions
                      flags == which joint actions have their full weight

   fit_far_between     a tuple with too large an error is not chosen under any weights between
   kkt_weights         weights of what is fitted exactly have no influence
   margin_moves        what decides a weight moves by the doubt at most
   step_near_weighted  a step from near a position leads to near the next one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import Isotonic Orders OrderFits NearOrders CheckedWeighted.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Fixpoint fillings (us vs : seq bool) : seq (seq bool) :=
  match us, vs with
  | u :: us', v :: vs' =>
      let rest := fillings us' vs' in let own b := [seq b :: l | l <- rest] in
      if u == v then own u else own false ++ own true
  | _, _ => [:: [::]]
  end.

Inductive near_hint :=
  | Apart of seq order_fit & Q & nat & order_fit
  | Settled of seq (seq order_fit * nat).

Section Compute.
Variables (m : model) (w : weighting).
Notation N := (size (tuples (sizes m))).

Definition margin (v q ys : seq Q) (s k : nat) : Q := qsub (at_ ys k) (if optimistic w then at_ q k else at_ v s).
Definition doubt (D L : Q) : Q :=
  qadd (qmul (qsub q1 (discount m)) L) (qmul (qmul half (qadd q1 (discount m))) D).

Definition marked (v : seq Q) (g : seq nat) (q ys : seq Q) (s : nat) (c : Q) : seq bool :=
  let ls := tuples (sizes m) in
  tab N (fun k => qlt c (margin v q ys s k) || (~~ optimistic w && (nth [::] ls k == g))).

Definition weighing (s : nat) (g : seq nat) (full : seq bool) : seq Q :=
  let ws := weights_of m (base_data w) s g in
  tab N (fun k => qmul (at_ ws k) (if nth false full k then q1 else alpha w)).

Definition agrees (s : nat) (x' : position) (o : seq (seq nat)) (q : seq Q) : bool :=
  [&& is_top m q (at_ x'.1.1 s), ~~ acting w || (best o == nth [::] x'.1.2 s)
    & ~~ optimistic w || every N (fun k => qeq (at_ q k) (at_ (nth [::] x'.2 s) k))].

Definition keeps (D L : Q) (x x' : position) (s : nat) (h : near_hint) : bool :=
  let g := nth [::] x.1.2 s in let ys := targets_of m x.1.1 s in
  let full := marked x.1.1 g (nth [::] x.2 s) ys s in
  let most := full (qopp (doubt D L)) in let least := full (doubt D L) in
  let ws := weights_of m (base_data w) s g in
  let r := reach m D s in let os := all_orders m in
  [&& every N (fun k => qlt q0 (at_ ws k)), qle (qsum N (at_ ws)) q1
    & match h with
      | Apart fits u n best_ =>
          let low := weighing s g least in let high := weighing s g most in
          [&& (n < size os)%N, good_fit m high ys (nth [::] os n) best_, qle q0 u,
              qle (error N high ys best_.1) (qmul u u)
            & every (size os) (fun k => let f := nth ([::], [::]) fits k in
                good_fit m low ys (nth [::] os k) f &&
                (far u r (error N low ys f.1) ||
                 every N (fun a => if nth false most a && ~~ nth false least a then qeq (at_ f.1 a) (at_ ys a) else true) &&
                 agrees s x' (nth [::] os k) f.1))]
      | Settled hs =>
          let fulls := fillings least most in
          null r && every (size fulls) (fun i => let f := nth ([::], 0%N) hs i in
            good_state m (weighing s g (nth [::] fulls i)) ys f &&
            agrees s x' (nth [::] os f.2) (nth ([::], [::]) f.1 f.2).1)
      end].
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Lemma waysP us vs l : size us = size l -> size vs = size l ->
  (forall k, nth false us k -> nth false l k) -> (forall k, nth false l k -> nth false vs k) -> l \in fillings us vs.
Proof.
elim: l us vs => [|b l IH] [|u us] [|v vs] //= [su] [sv] up down.
have inl : l \in fillings us vs by apply: IH => // k; [apply: (up k.+1)|apply: (down k.+1)].
have [e|ne] := eqVneq u v.
  have -> : u = b by apply/idP/idP => h; [apply: (up 0%N)|rewrite e; apply: (down 0%N)].
  exact: map_f.
by rewrite mem_cat; case: b up down => up down; rewrite (map_f _ inl) ?orbT.
Qed.

(* errors grow with the weights *)
Section Weights.
Variables (F : realFieldType) (J : finType).
Implicit Types (w x y q : J -> F).

Lemma err_weights w w' y q : (forall a, w a <= w' a) -> err w y q <= err w' y q.
Proof. by move=> le; apply: ler_sum => a _; apply: le_mul2r; rewrite ?sqr_ge0. Qed.

Lemma fit_far_between (low w high : J -> F) (R' : rel J) y x x' t q c r u : (forall a, 0 < low a) ->
  (forall a, low a <= w a) -> (forall a, w a <= high a) -> \sum_a high a <= 1 ->
  iso_fit low R' y x' -> rises R' q -> 0 <= u -> 0 <= r -> (forall a, `|t a - c| <= r) ->
  err high y x <= u ^+ 2 -> (u + r + r) ^+ 2 < err low y x' ->
  err w (fun a => y a + t a) (fun a => x a + c) < err w (fun a => y a + t a) q.
Proof.
move=> l0 lw wh one [_ best] upq u0 r0 tr ux far; rewrite ltNge; apply/negP => le.
have h0 a : 0 < high a by apply: lt_le_trans (l0 a) (le_trans (lw a) (wh a)).
have lone : \sum_a low a <= 1 by apply: le_trans one; apply: ler_sum => a _; apply: le_trans (lw a) (wh a).
have near : err high (fun a => y a + t a) (fun a => x a + c) <= (u + r) ^+ 2.
  have := norm_add h0 u0 r0 ux (norm_sup h0 one r0 tr); apply: le_trans.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => a _; congr (_ * _ ^+ 2); ring.
have lq : err low (fun a => y a + t a) q <= (u + r) ^+ 2.
  by apply: le_trans (err_weights _ _ lw) _; apply: le_trans le _; apply: le_trans (err_weights _ _ wh) near.
have : err low y (fun a => q a + (- c)) <= (u + r + r) ^+ 2.
  have ntr a : `|c - t a| <= r by rewrite -normrN opprB.
  have := norm_add l0 (addr_ge0 u0 r0) r0 lq (norm_sup l0 lone r0 ntr); apply: le_trans.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => a _; congr (_ * _ ^+ 2); ring.
rewrite leNgt => /negP; apply; apply: lt_le_trans far _; apply: best.
exact: rises_shift.
Qed.

(* weights of what is fitted exactly have no influence *)
Lemma kkt_weights w w' (R : rel J) y x : (forall a, w a != w' a -> x a = y a) -> kkt w R y x -> kkt w' R y x.
Proof.
move=> same [up ki]; split=> // z upz; apply: le_trans (ki z upz).
rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => a _.
by have [->//|/same ->] := eqVneq (w a) (w' a); rewrite subrr !mulr0 !mul0r.
Qed.
End Weights.

Section Correct.
Variables (F : realFieldType) (m : model) (w : weighting).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).
Notation along o := (fun a b : joint => under o (code a) (code b)).
Hypothesis ok : check_model m.
Hypothesis alpha0 : 0 < qval (alpha w).
Hypothesis alpha1 : qval (alpha w) <= 1.

Lemma weighingE s g full (a : joint) : table F (weighing m w s g full) a =
  table F (weights_of m (base_data w) s g) a * (if nth false full (rank (sizes m) (code a)) then 1 else qval (alpha w)).
Proof. by rewrite /table /weighing {1}/at_ nth_tab ?place_lt // qval_mul; case: ifP; rewrite ?qval1. Qed.

Lemma markedE v g q ys s c (a : joint) : nth false (marked m w v g q ys s c) (rank (sizes m) (code a)) =
  (qval c < qval (margin w v q ys s (rank (sizes m) (code a)))) || (~~ optimistic w && (code a == g)).
Proof. by rewrite /marked nth_tab ?place_lt // (qval_lt F) nth_rank ?code_is_action. Qed.

Definition weighted_near (x : position) (V : state m -> F) (pi : state m -> joint) (Qt : state m -> joint -> F) lo hi :=
  [/\ forall s, lo <= V s - vec x.1.1 s /\ V s - vec x.1.1 s <= hi, acting w -> plays x.1.2 pi
    & optimistic w -> forall s a, lo <= Qt s a - table F (nth [::] x.2 s) a /\ Qt s a - table F (nth [::] x.2 s) a <= hi].

Section Step.
Variables (D L : Q) (x x' : position) (V V' : state m -> F) (pi pi' : state m -> joint) (Qt Qt' : state m -> joint -> F).
Variables (lo hi : F) (s : state m).
Hypothesis near : weighted_near x V pi Qt lo hi.
Hypotheses (apart : hi - lo <= qval D) (from : - qval L <= lo) (to : hi <= qval L).
Local Notation g := (nth [::] x.1.2 s).
Local Notation ys := (targets_of m x.1.1 s).
Local Notation own := (nth [::] x.2 s).
Local Notation full := (marked m w x.1.1 g own ys s).
Local Notation t := (moves (fun s' => V s' - vec x.1.1 s') s).
Local Notation W := (weighted w V (code (pi s)) (Qt s) s).

Lemma y_moved a : y F m V s a = table F ys a + t a.
Proof. by rewrite targets_ofE -targets_move. Qed.

Lemma t_between a : gamma F m * lo <= t a /\ t a <= gamma F m * hi.
Proof. by apply: moves_between => // s'; have [h _ _] := near. Qed.

(* what decides a weight moves by the doubt at most *)
Lemma margin_moves (a : joint) :
  `|(y F m V s a - (if optimistic w then Qt s a else V s)) - qval (margin w x.1.1 own ys s (rank (sizes m) (code a)))| <=
  qval (doubt m D L).
Proof.
have [h1 h2] := t_between a; have [nV _ nQ] := near; have g0 := gamma_ge0 F ok; have g1 := gamma_lt1 F ok.
have [h [e l u]] : exists h, [/\ (y F m V s a - (if optimistic w then Qt s a else V s))
    - qval (margin w x.1.1 own ys s (rank (sizes m) (code a))) = t a - h, lo <= h & h <= hi].
  rewrite /margin qval_sub -/(table F _ a) y_moved; case opt: (optimistic w).
    exists (Qt s a - table F own a); have [l u] := nQ opt s a; split=> //.
    by rewrite -/(table F _ a); ring.
  exists (V s - vec x.1.1 s); have [l u] := nV s; split=> //.
  by rewrite -/(vec _ s); ring.
have dE : qval (doubt m D L) = (1 - gamma F m) * qval L + (1 + gamma F m) * (qval D / 2%:R).
  by rewrite /doubt qval_add !qval_mul qval_sub qval_add qval_half qval1 -/(gamma F m); field.
have g1' : 0 <= 1 - gamma F m by rewrite subr_ge0 ltW.
have gp : 0 <= 1 + gamma F m by rewrite addr_ge0 ?ler01.
have lh := le_trans l u; have half_ge (z : F) : 0 <= z -> 0 <= z / 2%:R by move=> z0; rewrite divr_ge0 ?ler0n.
have a0 : 0 <= (qval D - (hi - lo)) / 2%:R by apply: half_ge; rewrite subr_ge0.
have b0 : 0 <= ((qval L + lo) + (qval L + hi)) / 2%:R.
  by apply: half_ge; apply: addr_ge0; rewrite addrC -(opprK (qval L)) subr_ge0 //; apply: le_trans lh.
have c0 : 0 <= ((qval L - lo) + (qval L - hi)) / 2%:R.
  by apply: half_ge; apply: addr_ge0; rewrite subr_ge0 //; apply: le_trans to.
rewrite e dE; apply: norm_le.
  apply: (@le_trans _ _ (gamma F m * hi - lo)); first exact: le_minus.
  rewrite -subr_ge0 [X in 0 <= X](_ : _ = (1 - gamma F m) * (((qval L + lo) + (qval L + hi)) / 2%:R) +
    (1 + gamma F m) * ((qval D - (hi - lo)) / 2%:R)); last by field.
  by apply: addr_ge0; apply: mulr_ge0.
apply: (@le_trans _ _ (hi - gamma F m * lo)); first by rewrite opprB; apply: le_minus.
rewrite -subr_ge0 [X in 0 <= X](_ : _ = (1 - gamma F m) * (((qval L - lo) + (qval L - hi)) / 2%:R) +
  (1 + gamma F m) * ((qval D - (hi - lo)) / 2%:R)); last by field.
by apply: addr_ge0; apply: mulr_ge0.
Qed.

Lemma surely (a : joint) : nth false (full (doubt m D L)) (rank (sizes m) (code a)) -> has_full w V (code (pi s)) (Qt s) s a.
Proof.
rewrite markedE /has_full; have := margin_moves a; have [_ pl _] := near.
set c := qval (margin _ _ _ _ _ _); set d := qval (doubt _ _ _) => mv /orP [far_|/andP [not_ /eqP e]]; last first.
  by rewrite (negbTE not_) e pl ?eqxx ?orbT // /acting not_ orbT.
have : 0 < y F m V s a - (if optimistic w then Qt s a else V s).
  rewrite -subr_gt0 in far_; move: mv; set M := _ - (if _ then _ else _) => mv.
  rewrite (_ : M = (c - d) + (M - c + d)); last by ring.
  apply: lt_sum_r => //; rewrite -[d]opprK subr_ge0; exact: norm_ge mv.
by case: (optimistic w); rewrite subr_gt0 // => ->.
Qed.

Lemma perhaps (a : joint) : has_full w V (code (pi s)) (Qt s) s a ->
  nth false (full (qopp (doubt m D L))) (rank (sizes m) (code a)).
Proof.
rewrite markedE /has_full qval_opp; have := margin_moves a; have [_ pl _] := near.
set c := qval (margin _ _ _ _ _ _); set d := qval (doubt _ _ _) => mv h.
have [e|ne] := boolP (~~ optimistic w && (code a == g)); first by rewrite orbT.
rewrite orbF; have : 0 < y F m V s a - (if optimistic w then Qt s a else V s).
  move: h ne pl; rewrite /acting; case: (optimistic w) => /=; rewrite subr_gt0 // orbT => /orP [//|e] ne pl.
  by case/negP: ne; rewrite (eqP e) pl.
move: mv; set M := _ - (if _ then _ else _) => mv M0; rewrite -subr_gt0 (_ : c - - d = M + (d - (M - c))); last by ring.
by apply: lt_sum_r => //; rewrite subr_ge0; apply: le_norm.
Qed.

Definition flags : seq bool := tab N (fun k => has (fun a : joint => (rank (sizes m) (code a) == k) &&
  has_full w V (code (pi s)) (Qt s) s a) (enum {: joint})).

Lemma flagsE (a : joint) : nth false flags (rank (sizes m) (code a)) = has_full w V (code (pi s)) (Qt s) s a.
Proof.
rewrite nth_tab ?place_lt //; apply/hasP/idP => [[b _ /andP [/eqP e]]|h]; last by exists a; rewrite ?mem_enum ?eqxx.
by suff -> : b = a by []; apply: code_inj; rewrite -(nth_rank (code_is_action a)) -(nth_rank (code_is_action b)) e.
Qed.

Lemma base_same (a : joint) : weights F m (base_data w) s (code (pi s)) a = table F (weights_of m (base_data w) s g) a.
Proof.
rewrite weights_ofE; have [_ pl _] := near; case mv: (moving (base_data w)); last by rewrite !weights_fixed ?mv.
by rewrite pl // /acting mv.
Qed.

(* the weights are those of the list of flags, which is between the two that the margins leave *)
Lemma flags_weights (a : joint) : W a = table F (weighing m w s g flags) a.
Proof. by rewrite weighingE flagsE /weighted base_same. Qed.

Lemma flags_ways : flags \in fillings (full (doubt m D L)) (full (qopp (doubt m D L))).
Proof.
have sz f : size (@tab bool N f) = N by rewrite size_map size_iota.
have onto k : (k < N)%N -> exists a : joint, rank (sizes m) (code a) = k.
  move=> kN; have act : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
  have [a aE] := code_onto act; exists a; apply/eqP; rewrite aE.
  by rewrite -(nth_uniq [::] (rank_lt act) kN (uniq_tuples (sizes m))) nth_rank.
have szf : size flags = N by apply: sz.
have szm c : size (full c) = N by apply: sz.
apply: waysP; rewrite ?szf ?szm // => k; have [/onto [a <-]|ge] := ltnP k N.
- by rewrite flagsE; apply: surely.
- by rewrite (nth_default _ (_ : (size (full _) <= k)%N)) ?szm.
- by rewrite flagsE; apply: perhaps.
by rewrite (nth_default _ (_ : (size flags <= k)%N)) ?szf.
Qed.

(* what agrees leads near the next position *)
Lemma agreed o q xk c d : agrees m w s x' o xk -> (forall a, table F xk a + c <= q a /\ q a <= table F xk a + d) ->
  is_max q (V' s) -> code (pi' s) = best o -> Qt' s =1 q ->
  [/\ c <= V' s - vec x'.1.1 s /\ V' s - vec x'.1.1 s <= d, acting w -> code (pi' s) = nth [::] x'.1.2 s
    & optimistic w -> forall a, c <= Qt' s a - table F (nth [::] x'.2 s) a /\ Qt' s a - table F (nth [::] x'.2 s) a <= d].
Proof.
case/and3P => /(is_topP F); rewrite -/(vec x'.1.1 s) => -[le [a0 ea]] act opt qb [leq [b eb]] bo Qq; split.
- split.
    rewrite -subr_ge0 [X in 0 <= X](_ : _ = V' s - (vec x'.1.1 s + c)); last by ring.
    by rewrite subr_ge0 -ea; apply: le_trans (leq a0); case: (qb a0).
  rewrite -subr_ge0 [X in 0 <= X](_ : _ = vec x'.1.1 s + d - V' s); last by ring.
  rewrite subr_ge0 -eb; have [_ h1] := qb b; apply: le_trans h1 _.
  by rewrite le_plus2r.
- by move=> ac; move: act; rewrite ac /= bo => /eqP.
move=> op a; move: opt; rewrite op /= => /everyP /(_ _ (place_lt a)).
rewrite (qval_eq F) -!/(table F _ a) => /eqP <-; rewrite Qq; have [l u] := qb a; split; rewrite -subr_ge0.
  by rewrite [X in 0 <= X](_ : _ = q a - (table F xk a + c)) ?subr_ge0 //; ring.
by rewrite [X in 0 <= X](_ : _ = table F xk a + d - q a) ?subr_ge0 //; ring.
Qed.

Lemma step_near_weighted h : keeps m w D L x x' s h -> weighted_step F m w V pi Qt V' pi' Qt' ->
  [/\ gamma F m * lo <= V' s - vec x'.1.1 s /\ V' s - vec x'.1.1 s <= gamma F m * hi,
      acting w -> code (pi' s) = nth [::] x'.1.2 s
    & optimistic w -> forall a, gamma F m * lo <= Qt' s a - table F (nth [::] x'.2 s) a /\
        Qt' s a - table F (nth [::] x'.2 s) a <= gamma F m * hi].
Proof.
case/and3P => /everyP pos one kept /(_ s) [o [q [ch mx bo Qq]]].
have b0 (a : joint) : 0 < table F (weights_of m (base_data w) s g) a.
  by rewrite -(qval0 F) -(qval_lt F); apply: pos; apply: place_lt.
have b1 : \sum_(a : joint) table F (weights_of m (base_data w) s g) a <= 1.
  by move: one; rewrite (qval_le F) qval1 qval_sum -(sum_places m (fun k => qval (at_ (weights_of m (base_data w) s g) k))).
have w0 fs (a : joint) : 0 < table F (weighing m w s g fs) a.
  by rewrite weighingE mulr_gt0 //; case: ifP => _; rewrite ?ltr01.
have w1 fs : \sum_(a : joint) table F (weighing m w s g fs) a <= 1.
  apply: le_trans b1; apply: ler_sum => a _; rewrite weighingE -[X in _ <= X]mulr1.
  by apply: le_mul2l; [apply: ltW|case: ifP].
have up fs fs' (a : joint) : (nth false fs (rank (sizes m) (code a)) -> nth false fs' (rank (sizes m) (code a))) ->
    table F (weighing m w s g fs) a <= table F (weighing m w s g fs') a.
  move=> sub; rewrite !weighingE; apply: le_mul2l; first exact: ltW.
  by move: sub; case: (nth _ fs _) => [->//|_]; case: ifP.
have {}ch : order_choice (tbl (weighing m w s g flags)) (fun a => table F ys a + t a) o q.
  by apply: choice_eq ch => a; [exact: flags_weights|exact: y_moved].
have tb := t_between; case: (ch) => oL upq least.
have tr a b : t a - t b <= qval (reach m D s) by apply: reachP apart => // s'; have [h' _ _] := near.
have [_ [a0 _]] := mx; have [c tc] := center a0 tr.
have r0 : 0 <= qval (reach m D s) by rewrite -(subrr (t a0)).
have r20 : 0 <= qval (reach m D s) / 2%:R by rewrite divr_ge0 ?ler0n.
case: h kept => [fits u n z|hs]; last first.
  case/andP => /(qval_null F) rz /everyP all_.
  have := flags_ways; set fulls := fillings _ _ in all_ * => inw; have := inw; rewrite -index_mem => /all_.
  rewrite nth_index //; set f := nth _ hs _ => /andP [good ag]; have [_ _ _ ch0] := good_stateP F good.
  have tE a : t a = t a0 by apply/eqP; rewrite eq_le -subr_le0 -[X in _ && X]subr_le0 -rz !tr.
  have [eo eq] : o = nth [::] (all_orders m) f.2 /\ q =1 (fun a => table F (nth ([::], [::]) f.1 f.2).1 a + t a0).
    apply: choice_unique (w0 flags) ch _; apply: choice_eq (frefl _) _ (chosen_shift (t a0) ch0) => a /=.
    by rewrite (tE a).
  apply: agreed ag _ mx _ Qq; last by rewrite bo eo.
  by move=> a; have [l1 l2] := tb a0; rewrite eq !le_plus2l.
case/and5P => nL good; rewrite !(qval_le F) qval0 qval_mul errorE -expr2 => u0 eu /everyP all_.
have oi := oL; rewrite -index_mem in oi; set k := index o _ in oi; have := all_ k oi.
rewrite nth_index //; set f := nth _ fits k => /andP [kx cases].
have {}kx := good_fitP F kx; have gz := good_fitP F good.
case/orP: cases => [fr|/andP [/everyP exact_ ag]].
  have [le _] := least _ (mem_nth [::] nL) _ (rises_shift c gz.1); move: le; rewrite leNgt => /negP [].
  apply: (fit_far_between (w0 _) _ _ (w1 _) (kkt_fit (w0 _) kx) upq _ r20 tc (x := tbl z.1)).
  - by move=> a; apply: up; rewrite flagsE; apply: surely.
  - by move=> a; apply: up; rewrite flagsE; apply: perhaps.
  - exact: u0.
  - exact: eu.
  move: fr; rewrite /far (qval_lt F) qval_mul errorE qval_add -expr2; congr (_ ^+ 2 < _).
  by field.
suff kw : kkt (tbl (weighing m w s g flags)) (along o) (tbl ys) (tbl f.1).
  by apply: agreed ag (fit_between (w0 flags) (kkt_fit (w0 flags) kw) (chosen_fit ch) tb) mx bo Qq.
apply: kkt_weights kx => a ne; have := exact_ _ (place_lt a); case: ifP => [_|/negbT no _].
  by rewrite (qval_eq F) => /eqP.
case/eqP: ne; rewrite !weighingE flagsE; congr (_ * _); rewrite negb_and negbK in no.
case/orP: no => [no|yes]; last by rewrite yes surely.
have -> : has_full w V (code (pi s)) (Qt s) s a = false by apply/negbTE; apply: contra no; apply: perhaps.
by case: ifP => // l; case/negP: no; apply: perhaps; apply: surely.
Qed.
End Step.
End Correct.
Arguments weighted_near : clear implicits.
