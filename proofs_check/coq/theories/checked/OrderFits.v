(* The choice among tuples of orders (Orders.v), computed: regressions and multipliers come
   from a hint, and are compared in integers.

                  order_fit == a hint: the regression in lexicographic order of the joint actions,
                               and multipliers (k, k', number) between places of joint actions
                       hint == for each state one of each tuple of orders, and the place of the
                               tuple that is chosen
                  whole_fit == one in integers: targets and regression times one number,
                               multipliers times that of the weights, too
                    ups m o == the places of joint actions (k, k') where k' is at least as good
                      frame == the type of the next: tuples of orders, each with such places
                   framed m == those of the agents of m
                net flows k == what the multipliers carry away from k
     whole_good N ups w y h == h has the regression of the targets y under the weights w
        whole_error N w y x == the error of x
   whole_choice m N f w y.. == positive weights, the regressions of all tuples of orders, and the
                               choice among them, f what framed m is
                whole W Y h == h in integers, Y the number of the targets, W that of the weights
                unit_of c h == a multiple of c that may be that of the targets
       good_fit m ws ys o h == the hint h has the regression along o of the targets ys
            error N ws ys x == the error of x
                 is_top x v == v is the largest number of x
      good_state m ws ys hs == positive weights of sum at most 1, the regressions of all tuples of
                               orders, and the choice among them
         weights_of m d s g == the weights of the joint actions at state s around g
           targets_of m v s == the targets there
    stepped m d v g h v' g' == the computed step from v and g leads to v' and g'
                   wtbl x a == the integer at the place of a in x

   choice_scaled  a choice in other units is the choice
   whole_choiceP  a choice in integers is the choice
   good_stateP    the hint's choice is the choice
   steppedP       computed steps are steps

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions Sums Isotonic Orders.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition order_fit := (seq Q * seq (nat * nat * Q))%type.
Definition hint := seq (seq order_fit * nat).

Definition ups (m : model) (o : seq (seq nat)) : seq (nat * nat) :=
  let cells := [seq place o l | l <- tuples (sizes m)] in let ks := iota 0 (size cells) in
  [seq p <- [seq (k, k') | k <- ks, k' <- ks] | above (nth [::] cells p.1) (nth [::] cells p.2)].
Definition frame := seq (seq (seq nat) * seq (nat * nat)).
Definition framed (m : model) : frame := [seq (o, ups m o) | o <- all_orders m].

(* Errors are only compared, and multipliers only added up: in integers, which need no reduction to lowest terms. *)
Definition whole_fit := (seq Z * seq (nat * nat * Z))%type.

Definition net (flows : seq (nat * nat * Z)) (k : nat) : Z :=
  foldr (fun f acc => let rest := if f.1.2 == k then Z.sub acc f.2 else acc in
    if f.1.1 == k then Z.add rest f.2 else rest) Z0 flows.

Definition whole_good (N : nat) (up : seq (nat * nat)) (w y : seq Z) (h : whole_fit) : bool :=
  let x := h.1 in
  [&& all (fun p => Z.leb (nth Z0 x p.1) (nth Z0 x p.2)) up,
      all (fun f => [&& has (fun p => (p.1 == f.1.1) && (p.2 == f.1.2)) up, Z.leb Z0 f.2
                      & Z.eqb (nth Z0 x f.1.1) (nth Z0 x f.1.2)]) h.2
    & every N (fun k => Z.eqb (Z.mul (nth Z0 w k) (Z.sub (nth Z0 y k) (nth Z0 x k))) (net h.2 k))].

Definition whole_error (N : nat) (w y x : seq Z) : Z :=
  foldr (fun k acc => let e := Z.sub (nth Z0 y k) (nth Z0 x k) in Z.add (Z.mul (nth Z0 w k) (Z.mul e e)) acc)
    Z0 (iota 0 N).

Definition whole_choice (m : model) (N : nat) (f : frame) (w y : seq Z) (hs : seq whole_fit) (n : nat) : bool :=
  let es := [seq whole_error N w y h.1 | h <- hs] in
  let o := (nth ([::], [::]) f n).1 in let e := nth Z0 es n in
  [&& every N (fun k => Z.ltb Z0 (nth Z0 w k)), (n < size f)%N, size hs == size f,
      all (fun uh => whole_good N uh.1.2 w y uh.2) (zip f hs)
    & all (fun ue => if Z.ltb e ue.2 then true else Z.leb e ue.2 && ~~ precedes m ue.1.1 o) (zip f es)].

Definition whole (W Y : Z) (h : order_fit) : whole_fit :=
  ([seq over Y x | x <- h.1], [seq (f.1, Z.mul W (over Y f.2)) | f <- h.2]).
Definition unit_of (c : Z) (h : order_fit) : Z := multiple (multiple c h.1) [seq f.2 | f <- h.2].

Definition good_fit (m : model) (ws ys : seq Q) (o : seq (seq nat)) (h : order_fit) : bool :=
  let W := multiple (Zpos 1) ws in let Y := unit_of (multiple (Zpos 1) ys) h in
  whole_good (size (tuples (sizes m))) (ups m o) [seq over W x | x <- ws] [seq over Y x | x <- ys] (whole W Y h).

Definition error (N : nat) (ws ys x : seq Q) : Q :=
  qsum N (fun k => let e := qsub (at_ ys k) (at_ x k) in qmul (at_ ws k) (qmul e e)).

Definition is_top (m : model) (x : seq Q) (v : Q) : bool :=
  let N := size (tuples (sizes m)) in
  every N (fun k => qle (at_ x k) v) && has (fun k => qeq (at_ x k) v) (iota 0 N).

Definition good_state (m : model) (ws ys : seq Q) (hs : seq order_fit * nat) : bool :=
  let N := size (tuples (sizes m)) in let W := multiple (Zpos 1) ws in
  let Y := foldr (fun h acc => unit_of acc h) (multiple (Zpos 1) ys) hs.1 in
  whole_choice m N (framed m) [seq over W x | x <- ws] [seq over Y x | x <- ys] [seq whole W Y h | h <- hs.1] hs.2 &&
  qle (qsum N (at_ ws)) q1.

Definition weights_of (m : model) (d : data) (s : nat) (g : seq nat) : seq Q :=
  let weight := weight_at m d s g in [seq weight l | l <- tuples (sizes m)].
Definition targets_of (m : model) (v : seq Q) (s : nat) : seq Q := [seq target_at m v s l | l <- tuples (sizes m)].

Section Steps.
Variables (m : model) (d : data).
Notation S := (n_states m).

Definition stepped (v : seq Q) (g : seq (seq nat)) (h : hint) (v' : seq Q) (g' : seq (seq nat)) : bool :=
  every S (fun s => let hs := nth ([::], 0%N) h s in
    [&& good_state m (weights_of m d s (nth [::] g s)) (targets_of m v s) hs,
        is_top m (nth ([::], [::]) hs.1 hs.2).1 (at_ v' s),
        is_action (sizes m) (nth [::] g' s)
      & best (nth [::] (all_orders m) hs.2) == nth [::] g' s]).
End Steps.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).
Notation along o := (fun a b : joint => under o (code a) (code b)).

Lemma is_topP x v : is_top m x v -> is_max (tbl x) (qval v).
Proof.
case/andP => /everyP le /hasP [k]; rewrite mem_iota /= => kN /eqP ek; split=> [a|].
  by rewrite -(qval_le F); apply: le; apply: place_lt.
have [a aE] : exists a : joint, code a = nth [::] (tuples (sizes m)) k.
  by apply: code_onto; rewrite -mem_tuples mem_nth.
exists a; move/eqP: ek; rewrite (qval_eq F) => /eqP <-; rewrite /table aE; congr (qval (at_ _ _)).
apply/eqP; rewrite -(nth_uniq [::] (rank_lt _) kN (uniq_tuples (sizes m))) ?nth_rank // -aE code_is_action //.
Qed.

Lemma sum_le0 T (b : pred T) (l : seq T) (f : T -> F) : all b l -> (forall x, b x -> f x <= 0) ->
  \sum_(x <- l) f x <= 0.
Proof.
move=> + le; elim: l => [|x l IH] /=; first by rewrite big_nil.
by case/andP => bx bl; rewrite big_cons -[X in _ <= X]addr0; apply: le_sum2; [apply: le|apply: IH].
Qed.

(* ---------------------------------------------------------------------- other units *)
Section Units.
Variables (w y w' y' : joint -> F) (A B : F).
Hypothesis A0 : 0 < A.
Hypothesis B0 : 0 < B.
Hypothesis wE : forall a, w' a = A * w a.
Hypothesis yE : forall a, y' a = B * y a.

Lemma err_scaled (x x' : joint -> F) : (forall a, x' a = B * x a) -> err w' y' x' = A * B ^+ 2 * err w y x.
Proof. by move=> xE; rewrite /err mulr_sumr; apply: eq_bigr => a _; rewrite wE yE xE; ring. Qed.

Lemma rises_scaled (R : rel joint) (x x' : joint -> F) : (forall a, x' a = B * x a) -> rises R x <-> rises R x'.
Proof.
move=> xE; split=> up a b /up; rewrite ?xE; first by move=> le; apply: le_mul2l => //; apply: ltW.
by rewrite ![B * _]mulrC; apply: le_cancel.
Qed.

Lemma kkt_scaled (R : rel joint) (x x' : joint -> F) : (forall a, x' a = B * x a) -> kkt w' R y' x' -> kkt w R y x.
Proof.
move=> xE [up best]; split=> [|z upz]; first exact: (proj2 (rises_scaled R xE) up).
have AB : 0 < A * B ^+ 2 by rewrite mulr_gt0 ?exprn_gt0.
have := best (fun a => B * z a) (proj1 (rises_scaled R (fun=> erefl)) upz).
rewrite (_ : \sum_a _ = (\sum_a w a * (y a - x a) * (z a - x a)) * (A * B ^+ 2)) => [le|].
  by apply: le_cancel AB _; rewrite mul0r.
by rewrite mulr_suml; apply: eq_bigr => a _; rewrite wE yE xE; ring.
Qed.

Lemma choice_scaled o (x x' : joint -> F) : (forall a, x' a = B * x a) -> order_choice w' y' o x' ->
  order_choice w y o x.
Proof.
have AB : 0 < A * B ^+ 2 by rewrite mulr_gt0 ?exprn_gt0.
move=> xE [oL up best]; split=> // [|o' oL' q upq]; first exact: (proj2 (rises_scaled _ xE) up).
have [le lt] := best o' oL' (fun a => B * q a) (proj1 (rises_scaled _ (fun=> erefl)) upq).
rewrite (err_scaled xE) (@err_scaled q _ (fun=> erefl)) in le lt; split=> [|pr].
  by apply: le_cancel AB _; rewrite ![err w y _ * _]mulrC.
by apply: lt_cancel AB _; rewrite ![err w y _ * _]mulrC; apply: lt.
Qed.
End Units.

(* -------------------------------------------------------------------------- integers *)
Section Whole.
Notation zval := (zval F).
Definition wtbl (x : seq Z) (a : joint) : F := zval (nth Z0 x (rank (sizes m) (code a))).

Lemma zval_lt0 z : Z.ltb Z0 z = (0 < zval z).
Proof. by rewrite Z.ltb_antisym -(zval_le F) -ltNge. Qed.

Lemma upsP o k k' : (k, k') \in ups m o =
  [&& (k < N)%N, (k' < N)%N & above (nth [::] [seq place o l | l <- tuples (sizes m)] k)
     (nth [::] [seq place o l | l <- tuples (sizes m)] k')].
Proof.
rewrite /ups mem_filter size_map /= andbC; apply/andP/and3P => [[/allpairsP [[i j] /= [+ + [-> ->]]] ab]|[l l' ab]].
  by rewrite !mem_iota.
by split=> //; apply/allpairsP; exists (k, k'); rewrite !mem_iota.
Qed.

Lemma along_ups o (a b : joint) :
  (rank (sizes m) (code a), rank (sizes m) (code b)) \in ups m o = under o (code a) (code b).
Proof. by rewrite upsP !place_lt !(nth_map [::]) ?place_lt // !nth_rank ?code_is_action. Qed.

Lemma whole_errorE w y x : zval (whole_error N w y x) = err (wtbl w) (wtbl y) (wtbl x).
Proof.
pose e k := zval (nth Z0 w k) * (zval (nth Z0 y k) - zval (nth Z0 x k)) ^+ 2.
rewrite /err (sum_places m e) -(big_mkord xpredT e) /index_iota subn0 /whole_error.
elim: (iota 0 N) => [|k l IH]; first by rewrite big_nil.
by rewrite big_cons -IH /e /= !(zvalD, zvalM) zvalN expr2.
Qed.

Lemma netE flows k : zval (net flows k) =
  \sum_(f <- flows) ((if f.1.1 == k then zval f.2 else 0) - (if f.1.2 == k then zval f.2 else 0)).
Proof.
elim: flows => [|f flows IH]; first by rewrite big_nil.
rewrite big_cons -IH /=; case: eqP => _; case: eqP => _; rewrite ?zvalD ?zvalN; ring.
Qed.

Lemma whole_goodP o w y h : whole_good N (ups m o) w y h -> kkt (wtbl w) (along o) (wtbl y) (wtbl h.1).
Proof.
case/and3P => /allP up flow /everyP net_; set x := h.1 in up flow net_ *.
have upx : rises (along o) (wtbl x).
  by move=> a b; rewrite /wtbl -along_ups => /up; rewrite (zval_le F).
split=> // z upz.
have onto k : (k < N)%N -> exists a : joint, rank (sizes m) (code a) = k.
  move=> kN; have act : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
  have [a aE] := code_onto act; exists a; apply/eqP; rewrite aE.
  by rewrite -(nth_uniq [::] (rank_lt act) kN (uniq_tuples (sizes m))) nth_rank.
pose at_a (f : joint -> F) k := \sum_(a : joint | rank (sizes m) (code a) == k) f a.
have at_aE f (a : joint) : at_a f (rank (sizes m) (code a)) = f a.
  rewrite /at_a (bigD1 a) //= big1 ?addr0 // => b /andP [/eqP e /eqP ne]; case: ne.
  by apply: code_inj; rewrite -(nth_rank (code_is_action a)) -(nth_rank (code_is_action b)) e.
pose c a := z a - wtbl x a.
have -> : \sum_a wtbl w a * (wtbl y a - wtbl x a) * (z a - wtbl x a) =
    \sum_(f <- h.2) zval f.2 * (at_a c f.1.1 - at_a c f.1.2).
  transitivity (\sum_(a : joint) zval (net h.2 (rank (sizes m) (code a))) * c a).
    apply: eq_bigr => a _; congr (_ * _); have /Z.eqb_eq <- := net_ _ (place_lt a).
    by rewrite zvalM zvalD zvalN.
  rewrite (eq_bigr (fun a : joint => \sum_(f <- h.2) ((if f.1.1 == rank (sizes m) (code a) then zval f.2 else 0)
      - (if f.1.2 == rank (sizes m) (code a) then zval f.2 else 0)) * c a)) => [|a _]; last by rewrite netE mulr_suml.
  rewrite exchange_big; apply: eq_bigr => f _ /=.
  have part k : \sum_(a : joint) (if k == rank (sizes m) (code a) then zval f.2 else 0) * c a = zval f.2 * at_a c k.
    rewrite /at_a mulr_sumr [RHS]big_mkcond; apply: eq_bigr => a _; rewrite eq_sym.
    by case: eqP => _; rewrite ?mul0r.
  by rewrite mulrBr -!part -sumrB; apply: eq_bigr => a _; rewrite mulrBl.
apply: sum_le0 flow _ => f /and3P [/hasP [[k k'] kk /= /andP [/eqP <- /eqP <-]] ge0 /Z.eqb_eq eqx].
have := kk; rewrite upsP => /and3P [l1 l2 _].
have [a aE] := onto _ l1; have [b bE] := onto _ l2.
move: kk eqx; rewrite -aE -bE !at_aE along_ups => ab eqx.
apply: mulr_ge0_le0; first by rewrite (_ : 0 = zval Z0) // (zval_le F).
rewrite /c /wtbl eqx.
by rewrite opprB addrA addrNK subr_le0; apply: upz.
Qed.

Lemma whole_choiceP w y hs n : whole_choice m N (framed m) w y hs n ->
  [/\ forall a, 0 < wtbl w a,
      forall k, (k < size (all_orders m))%N ->
        kkt (wtbl w) (along (nth [::] (all_orders m) k)) (wtbl y) (wtbl (nth ([::], [::]) hs k).1)
    & order_choice (wtbl w) (wtbl y) (nth [::] (all_orders m) n) (wtbl (nth ([::], [::]) hs n).1)].
Proof.
case/and5P => /everyP pos; rewrite /framed size_map => nL /eqP sz.
move=> /(all_nthP ([::], [::], ([::], [::]))) fits_ /(all_nthP ([::], [::], Z0)) least.
have w0 a : 0 < wtbl w a by rewrite -zval_lt0; apply: pos; apply: place_lt.
have kk k : (k < size (all_orders m))%N ->
    kkt (wtbl w) (along (nth [::] (all_orders m) k)) (wtbl y) (wtbl (nth ([::], [::]) hs k).1).
  move=> kL; apply: whole_goodP; have := fits_ k; rewrite size_zip size_map sz minnn => /(_ kL).
  by rewrite nth_zip ?size_map ?sz //= (nth_map [::]).
split=> //; split=> [||o' oL q' up']; first exact: mem_nth.
  by case: (kk _ nL).
have kL := oL; rewrite -index_mem in kL; set k := index o' _ in kL.
have o'E : nth [::] (all_orders m) k = o' by apply: nth_index.
have [_ least'] := kkt_fit w0 (kk k kL); rewrite o'E in least'.
have := least k; rewrite size_zip !size_map sz minnn => /(_ kL).
rewrite nth_zip ?size_map ?sz //= !(nth_map [::]) // !(nth_map ([::], [::])) ?sz // o'E.
set xn := (nth ([::], [::]) hs n).1; set xk := (nth ([::], [::]) hs k).1 in least' *.
have ltE u v : Z.ltb u v = (zval u < zval v) by rewrite Z.ltb_antisym -(zval_le F) -ltNge.
rewrite ltE -(zval_le F) !whole_errorE; have le' := least' q' up'; case: ifP => [lt _|_ /andP [le np]].
  by have h := lt_le_trans lt le'; split=> // ; apply: ltW.
by split=> [|pr]; [apply: le_trans le le'|rewrite pr in np].
Qed.

Lemma nth_over D (x : seq Q) k : nth Z0 [seq over D q | q <- x] k = over D (at_ x k).
Proof.
have [kx|kx] := ltnP k (size x); first by rewrite (nth_map q0).
by rewrite /at_ !nth_default ?size_map.
Qed.

(* integers over D, where D is a multiple of all denominators *)
Lemma wtbl_over D (x : seq Q) a : Z.lt Z0 D -> (forall k, Z.divide (Zpos (Qden (at_ x k))) D) ->
  wtbl [seq over D q | q <- x] a = zval D * table F x a.
Proof. by move=> D0 div; rewrite /wtbl nth_over overE // mulrC. Qed.
End Whole.

Section Fit.
Variables (ws ys : seq Q).
Notation w := (tbl ws).
Notation y := (tbl ys).

Lemma errorE x : qval (error N ws ys x) = err w y (tbl x).
Proof.
rewrite /error qval_sum [RHS](sum_places m (fun k => qval (at_ ws k) * (qval (at_ ys k) - qval (at_ x k)) ^+ 2)).
by apply: eq_bigr => k _; rewrite !qval_mul qval_sub expr2.
Qed.

Lemma unit_ofP c h : Z.lt 0 c -> [/\ Z.lt 0 (unit_of c h), Z.divide c (unit_of c h)
  & forall k, Z.divide (Zpos (Qden (at_ h.1 k))) (unit_of c h)].
Proof.
move=> c0; have c1 := multiple_gt0 h.1 c0; have [d1 d2] := multiple_divides c h.1.
have [e1 _] := multiple_divides (multiple c h.1) [seq f.2 | f <- h.2]; split=> [||k]; first exact: multiple_gt0.
  by apply: Z.divide_trans d1 e1.
by apply: Z.divide_trans (d2 k) e1.
Qed.

Lemma good_fitP o h : good_fit m ws ys o h -> kkt w (along o) y (tbl h.1).
Proof.
rewrite /good_fit; set W := multiple _ ws; set Y := unit_of _ h => good.
have W0 : Z.lt 0 W by apply: multiple_gt0. have [_ Wd] := multiple_divides (Zpos 1) ws.
have [Y0 Yc Yd] := unit_ofP h (multiple_gt0 ys Z.lt_0_1).
have yd k : Z.divide (Zpos (Qden (at_ ys k))) Y.
  by have [_ yd] := multiple_divides (Zpos 1) ys; apply: Z.divide_trans (yd k) Yc.
have Wp : 0 < zval F W by rewrite -zval_lt0; apply/Z.ltb_lt.
have Yp : 0 < zval F Y by rewrite -zval_lt0; apply/Z.ltb_lt.
have wE a := wtbl_over a W0 Wd; have yE a := wtbl_over a Y0 yd; have xE a := wtbl_over a Y0 Yd.
by have kk := whole_goodP good; exact: (kkt_scaled Wp Yp wE yE xE kk).
Qed.

Lemma unitsP c (hs : seq order_fit) : Z.lt 0 c -> let Y := foldr (fun h acc => unit_of acc h) c hs in
  [/\ Z.lt 0 Y, Z.divide c Y & forall i k, Z.divide (Zpos (Qden (at_ (nth ([::], [::]) hs i).1 k))) Y].
Proof.
move=> c0 /=; elim: hs => [|h hs [Y0 Yc Yd]] /=.
  by split=> // [|i k]; [apply: Z.divide_refl|rewrite nth_nil /at_ nth_nil; apply: Z.divide_1_l].
have [U0 Uc Ud] := unit_ofP h Y0; split=> // [|[|i] k]; [apply: Z.divide_trans Yc Uc|exact: Ud|].
by apply: Z.divide_trans (Yd i k) Uc.
Qed.

Lemma good_state_lt hs : good_state m ws ys hs -> (hs.2 < size (all_orders m))%N.
Proof. by case/andP => /and5P [_ + _ _ _] _; rewrite size_map. Qed.

Lemma good_stateP hs : good_state m ws ys hs ->
  [/\ forall a : joint, 0 < w a, \sum_(a : joint) w a <= 1,
      forall k, (k < size (all_orders m))%N ->
        kkt w (along (nth [::] (all_orders m) k)) y (tbl (nth ([::], [::]) hs.1 k).1)
    & order_choice w y (nth [::] (all_orders m) hs.2) (tbl (nth ([::], [::]) hs.1 hs.2).1)].
Proof.
case/andP => /whole_choiceP; set W := multiple _ ws; set Y := foldr _ _ _.
have W0 : Z.lt 0 W by apply: multiple_gt0. have [_ Wd] := multiple_divides (Zpos 1) ws.
have [Y0 Yc Yd] := unitsP hs.1 (multiple_gt0 ys Z.lt_0_1); rewrite -/Y in Y0 Yc Yd.
have yd k : Z.divide (Zpos (Qden (at_ ys k))) Y.
  by have [_ yd] := multiple_divides (Zpos 1) ys; apply: Z.divide_trans (yd k) Yc.
have Wp : 0 < zval F W by rewrite -zval_lt0; apply/Z.ltb_lt.
have Yp : 0 < zval F Y by rewrite -zval_lt0; apply/Z.ltb_lt.
have wE a := wtbl_over a W0 Wd; have yE a := wtbl_over a Y0 yd.
have xE k a : wtbl (nth ([::], [::]) [seq whole W Y h | h <- hs.1] k).1 a =
    zval F Y * tbl (nth ([::], [::]) hs.1 k).1 a.
  have [kh|kh] := ltnP k (size hs.1); first by rewrite (nth_map ([::], [::])) //=; apply: wtbl_over.
  by rewrite !nth_default ?size_map // /wtbl /table /at_ !nth_nil qval0 mulr0.
case=> pos kk ch one; split.
- by move=> a; rewrite -(pmulr_rgt0 _ Wp) -wE.
- by move: one; rewrite (qval_le F) qval1 qval_sum -(sum_places m (fun k => qval (at_ ws k))).
- by move=> k kL; have kx := kk k kL; exact: (kkt_scaled Wp Yp wE yE (xE k) kx).
exact: (choice_scaled Wp Yp wE yE (xE hs.2) ch).
Qed.
End Fit.

Lemma weights_ofE (d : data) (s : state m) g (a : joint) : table F (weights_of m d s g) a = weights F m d s g a.
Proof. by rewrite tbl_map weight_atE. Qed.
Lemma targets_ofE v (s : state m) (a : joint) : table F (targets_of m v s) a = y F m (vec v) s a.
Proof. by rewrite tbl_map target_atE. Qed.

Variable d : data.

Lemma steppedP v g h v' g' (pi pi' : state m -> joint) : plays g pi -> plays g' pi' -> stepped m d v g h v' g' ->
  (forall s (a : joint), 0 < weights F m d s (code (pi s)) a) /\ order_step F m d (vec v) pi (vec v') pi'.
Proof.
move=> gE gE' /everyP st; have {}st (s : state m) := st s (ltn_ord s).
split=> [s a|s]; have /and4P [good top _ /eqP bst] := st s; have [w0 _ _ ch] := good_stateP good.
  by rewrite gE -weights_ofE.
exists (nth [::] (all_orders m) (nth ([::], 0%N) h s).2), (tbl (nth ([::], [::]) (nth ([::], 0%N) h s).1 (nth ([::], 0%N) h s).2).1).
split; [|exact: is_topP|by rewrite gE' bst].
by apply: choice_eq ch => a; rewrite ?weights_ofE ?targets_ofE // gE.
Qed.

End Correct.
