(* Runs by orders, replayed in integers.

   Values are integers over one denominator at all states. What a step fits are integers too:
   targets times the denominators of the values and of the state's rows, and times a number
   from the hint, with which the means of blocks are integers.

                whole_hint == for each state that number, the regressions of the tuples of orders
                              (whole_fit, OrderFits.v), and the place of the chosen tuple
     whole_target m a bz r == the target of the row r times the discount's denominator, a and b;
                              bz = (b, the integers of the values), a a multiple of the
                              denominators of r
                  scales m == for each state a multiple of the denominators of its rows
     whole_weights m d s g == the weights at s around g as integers
        whole_weighing m d == these, made once where g does not matter
     shared_values b found == the numbers t / (b e), (t, e) in found, over one denominator
   whole_state .. bz g h s == at a state: whether the hint is right; (t, e); the best actions
          next_in .. v g h == where a step from v and g leads; None: refused
       replay_in .. hs v g == where as many steps as there are hints lead
         next_order m d .. == the first of a model and data, with what is made once of them
      replay_orders m d .. == the second

   shared_valuesE  they are those numbers
   next_orderP     computed steps are steps
   replay_ordersP  replay_orders is where runs lead

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ssrZ zify ring.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions Sums Isotonic.
From FqiTheory Require Import Orders OrderFits.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition whole_hint := seq (Z * seq whole_fit * nat).

(* by the greatest common divisor of all numbers, which only the first quotients find large *)
Definition shared_values (b : Z) (found : seq (Z * Z)) : seq Q :=
  let M := foldr (fun te acc => Z.lcm te.2 acc) (Zpos 1) found in
  let ns := [seq Z.mul te.1 (Z.quot M te.2) | te <- found] in let D := Z.mul b M in
  let g := foldr Z.gcd D ns in let d := Z.to_pos (Z.quot D g) in [seq Qmake (Z.quot n g) d | n <- ns].

Section Compute.
Variables (m : model) (d : data).
Notation S := (n_states m).

Definition whole_target (a : Z) (bz : Z * seq Z) (r : seq Q) : Z :=
  Z.add (Z.mul (Zpos (Qden (discount m))) (Z.mul (over a (at_ r 0)) bz.1))
        (Z.mul (Qnum (discount m)) (zdot a (behead r) bz.2)).

Definition scales : seq Z := [seq multiples t | t <- rows m].

Definition whole_weights (s : nat) (g : seq nat) : seq Z :=
  let ws := weights_of m d s g in let W := multiple (Zpos 1) ws in [seq over W w | w <- ws].
Definition whole_weighing : nat -> seq nat -> seq Z :=
  if moving d then whole_weights else
  let fixed := tab S (fun s => whole_weights s [::]) in fun s _ => nth [::] fixed s.

Variables (N : nat) (f : frame) (scale : seq Z) (weigh : nat -> seq nat -> seq Z).

Definition whole_state (bz : Z * seq Z) (g : seq (seq nat)) (h : whole_hint) (s : nat) : bool * (Z * Z) * seq nat :=
  let: (c, fits, n) := nth (Z0, [::], 0%N) h s in let a := nth Z0 scale s in
  let ys := [seq Z.mul c (whole_target a bz r) | r <- nth [::] (rows m) s] in
  let g' := best (nth ([::], [::]) f n).1 in let x := (nth ([::], [::]) fits n).1 in
  let t := nth Z0 x (rank (sizes m) g') in
  ([&& Z.ltb Z0 c, whole_choice m N f (weigh s (nth [::] g s)) ys fits n, is_action (sizes m) g'
     & every N (fun k => Z.leb (nth Z0 x k) t)],
   (t, Z.mul c (Z.mul (Zpos (Qden (discount m))) a)), g').

Definition next_in (v : seq Q) (g : seq (seq nat)) (h : whole_hint) : option (seq Q * seq (seq nat)) :=
  let bz := integers S v in let found := tab S (whole_state bz g h) in
  if all (fun x => x.1.1) found then Some (shared_values bz.1 [seq x.1.2 | x <- found], [seq x.2 | x <- found])
  else None.

Fixpoint replay_in (hs : seq whole_hint) (v : seq Q) (g : seq (seq nat)) : option (seq Q * seq (seq nat)) :=
  if hs is h :: hs' then if next_in v g h is Some (v', g') then replay_in hs' v' g' else None else Some (v, g).
End Compute.

Definition next_order (m : model) (d : data) :=
  next_in m (size (tuples (sizes m))) (framed m) (scales m) (whole_weighing m d).
(* what does not change is made once *)
Definition replay_orders (m : model) (d : data) :=
  replay_in m (size (tuples (sizes m))) (framed m) (scales m) (whole_weighing m d).

(* ------------------------------------------------------------------------ what it means *)
Section Values.
Variable F : realFieldType.
Notation zval := (zval F).

Lemma zval_positive z : Z.lt Z0 z -> 0 < zval z.
Proof. by move=> z0; rewrite -zval_lt0; apply/Z.ltb_lt. Qed.

Lemma zval_quot D x : Z.lt Z0 x -> Z.divide x D -> zval (Z.quot D x) = zval D / zval x.
Proof.
move=> x0 [c ->]; rewrite Z.quot_mul; last by lia.
by rewrite zvalM mulfK // gt_eqF // zval_positive.
Qed.

Lemma shared_valuesE b found s : Z.lt Z0 b -> all (fun te => Z.ltb Z0 te.2) found -> (s < size found)%N ->
  qval F (at_ (shared_values b found) s) = zval (nth (Z0, Z0) found s).1 / (zval b * zval (nth (Z0, Z0) found s).2).
Proof.
move=> b0 /allP pos sf; rewrite /shared_values; set M := foldr _ _ found.
set ns := [seq _ | te <- found]; set D := Z.mul b M; set g := foldr _ D ns.
have [M0 Md] : Z.lt Z0 M /\ forall te, te \in found -> Z.divide te.2 M.
  rewrite /M; elim: found pos {sf M ns D g} => [|te found IH] pos; first by [].
  have [M0 Md] := IH (fun x xin => pos x (mem_behead (s := te :: found) xin)).
  have t0 : Z.lt Z0 te.2 by apply/Z.ltb_lt/pos; rewrite mem_head.
  move: M0 Md => /=; set M := foldr _ _ _ => M0 Md; split.
    by have := Z.lcm_nonneg te.2 M; have := Z.lcm_eq_0 te.2 M; lia.
  move=> x; rewrite inE => /orP [/eqP ->|xin]; first exact: Z.divide_lcm_l.
  by apply: Z.divide_trans (Md x xin) _; apply: Z.divide_lcm_r.
have D0 : Z.lt Z0 D by rewrite /D; nia.
have [gD gn] : Z.divide g D /\ forall n, n \in ns -> Z.divide g n.
  rewrite /g; elim: (ns) => [|n l [IHD IHn]] /=; first by split=> //; apply: Z.divide_refl.
  split=> [|k]; first by apply: Z.divide_trans IHD; apply: Z.gcd_divide_r.
  rewrite inE => /orP [/eqP ->|kin]; first exact: Z.gcd_divide_l.
  by apply: Z.divide_trans (IHn k kin); apply: Z.gcd_divide_r.
have g0 : Z.lt Z0 g.
  have ge : Z.le Z0 g by rewrite /g; case: (ns) => [|n l] /=; [lia|apply: Z.gcd_nonneg].
  have gz : g <> Z0 by move=> e; case: gD => c cE; rewrite e Z.mul_0_r in cE; lia.
  by lia.
have [qp qd] : Z.lt Z0 (Z.quot D g) /\ zval (Z.quot D g) = zval D / zval g.
  by split; [case: gD g0 D0 => c -> g0 D0; rewrite Z.quot_mul; nia|apply: zval_quot].
rewrite /at_ (nth_map Z0) ?size_map // qval_make; have [-> _] := zval_to_pos F qp.
set te := nth (Z0, Z0) found s; have tin : te \in found by apply: mem_nth.
have nE : nth Z0 ns s = Z.mul te.1 (Z.quot M te.2) by rewrite /ns (nth_map (Z0, Z0)).
have nin : nth Z0 ns s \in ns by rewrite mem_nth // size_map.
have t0 : Z.lt Z0 te.2 by apply/Z.ltb_lt/pos.
rewrite (zval_quot g0 (gn _ nin)) qd nE !zvalM (zval_quot t0 (Md _ tin)).
have := zval_positive g0; have := zval_positive t0; have := zval_positive M0; have := zval_positive b0.
move: (zval te.1) (zval te.2) (zval M) (zval b) (zval g) => x y' M' b' g' b1 M1 y1 g1.
by field; rewrite !gt_eqF.
Qed.
End Values.

Section Correct.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation zval := (zval F).
Notation vec := (vec F m).
Notation state_ := (whole_state m N (framed m) (scales m) (whole_weighing m d)).

Lemma whole_weightsE (s : state m) g : exists2 W : F, 0 < W &
  forall a : joint, wtbl F (whole_weights m d s g) a = W * weights F m d s g a.
Proof.
set ws := weights_of m d s g; have W0 := multiple_gt0 ws Z.lt_0_1; have [_ div] := multiple_divides (Zpos 1) ws.
exists (zval (multiple (Zpos 1) ws)) => [|a]; first exact: zval_positive.
by rewrite /whole_weights -/ws wtbl_over // weights_ofE.
Qed.

Lemma whole_weighingE (s : state m) g : exists2 W : F, 0 < W &
  forall a : joint, wtbl F (whole_weighing m d s g) a = W * weights F m d s g a.
Proof.
rewrite /whole_weighing; case mv: (moving d); first exact: whole_weightsE.
have [W W0 WE] := whole_weightsE s [::]; exists W => // a.
by rewrite nth_tab ?ltn_ord // WE (@weights_fixed F m d s g) ?mv.
Qed.

Lemma whole_targetE a v r : Z.lt Z0 a -> (forall k, Z.divide (Zpos (Qden (at_ r k))) a) ->
  zval (whole_target m a (integers (n_states m) v) r) =
  (qval (at_ r 0) + gamma F m * (\sum_(k < n_states m) qval (at_ r k.+1) * qval (at_ v k))) *
  (zval (Zpos (Qden (discount m))) * zval a * zval (integers (n_states m) v).1).
Proof.
move=> a0 div; rewrite /whole_target !(zvalD, zvalM) overE // (zdotE (n := n_states m) (v := v)
  (b := (integers (n_states m) v).1) a0); last 3 first.
- by move=> k; have := div k.+1; rewrite /at_ -nth_behead.
- exact: size_integers.
- exact: integersE.
under [X in _ = (_ + _ * X) * _]eq_bigr do rewrite -[at_ r _.+1]/(nth q0 r _.+1) -nth_behead -/(at_ _ _).
rewrite /gamma [qval (discount m)]/Rationals.qval; have cn := zval_neq0 F (Qden (discount m)).
move: (qval (at_ r 0)) (\sum_(k < n_states m) _) => x u.
move: (zval (Qnum _)) (zval (Zpos _)) cn => c1 c2 cn.
by field.
Qed.

Lemma whole_stateP bz g h (s : state m) v : bz = integers (n_states m) v -> (state_ bz g h s).1.1 ->
  let g' := (state_ bz g h s).2 in let te := (state_ bz g h s).1.2 in
  [/\ is_action (sizes m) g', Z.lt Z0 te.2, forall a : joint, 0 < weights F m d s (nth [::] g s) a
    & exists o q, [/\ order_choice (weights F m d s (nth [::] g s)) (y F m (vec v) s) o q,
        is_max q (zval te.1 / (zval bz.1 * zval te.2)) & g' = best o]].
Proof.
move=> ->; set bz1 := integers _ v; rewrite /whole_state; case: (nth _ h s) => -[c fits] n.
case/and4P => /Z.ltb_lt c0 whc; set a := nth Z0 (scales m) s; set ys := [seq _ | r <- _] in whc *.
set on := (nth _ (framed m) n).1; set x := (nth _ fits n).1; set e := Z.mul c _ => act /everyP top /=.
have [pos _ ch] := whole_choiceP F whc.
have nL : (n < size (all_orders m))%N by move: whc => /and5P [_ +]; rewrite size_map.
have onE : on = nth [::] (all_orders m) n by rewrite /on (nth_map [::]).
have aE : a = multiples (nth [::] (rows m) s) by rewrite /a (nth_map [::]).
have a0 : Z.lt Z0 a by rewrite aE; apply: multiples_gt0.
have b0 : Z.lt Z0 bz1.1 := integers_gt0 _ _.
have e0 : Z.lt Z0 e by rewrite /e; nia.
have [W W0 WE] := whole_weighingE s (nth [::] g s).
pose B := zval bz1.1 * zval e; have B0 : 0 < B by rewrite mulr_gt0 ?zval_positive.
have yE (b : joint) : wtbl F ys b = B * y F m (vec v) s b.
  rewrite /wtbl; have -> : nth Z0 ys (rank (sizes m) (code b)) =
      Z.mul c (whole_target m a bz1 (entries m s (code b))).
    rewrite /ys /entries; set k := rank _ _; have [ks|ks] := ltnP k (size (nth [::] (rows m) s)).
      by rewrite (nth_map [::]).
    rewrite [nth Z0 _ k]nth_default ?size_map // [nth [::] (nth _ _ _) k]nth_default // /whole_target.
    by rewrite -[over a (at_ [::] 0)]/Z0 /=; lia.
  rewrite zvalM whole_targetE //; last by move=> k; rewrite aE; apply: multiples_divide.
  rewrite /B /e !zvalM /y /target /reward /trans /Tables.vec /entry -/bz1.
  move: (\sum_(k < n_states m) _) => u; ring.
have xE (b : joint) : wtbl F x b = B * (wtbl F x b / B) by rewrite mulrCA divff ?mulr1 // gt_eqF.
split=> // [b|]; first by rewrite -(pmulr_rgt0 _ W0) -WE.
exists on, (fun b => wtbl F x b / B); split=> //; first by rewrite onE; exact: (choice_scaled W0 B0 WE yE xE ch).
split=> [b|].
  by rewrite -/B; apply: le_mul2r; [rewrite invr_ge0 ltW|rewrite /wtbl (zval_le F); apply: top; apply: place_lt].
by have [b bE] := code_onto act; exists b; rewrite /wtbl bE.
Qed.

Lemma next_orderP v g h v' g' : next_order m d v g h = Some (v', g') ->
  (forall s : state m, is_action (sizes m) (nth [::] g' s)) /\
  forall pi pi' : state m -> joint, plays g pi -> plays g' pi' ->
    (forall s (a : joint), 0 < weights F m d s (code (pi s)) a) /\ order_step F m d (vec v) pi (vec v') pi'.
Proof.
rewrite /next_order /next_in; set bz := integers _ v; set found := tab _ _; case: ifP => // /allP ok [<- <-].
have size_found : size found = n_states m by rewrite size_map size_iota.
have foundE (s : state m) : nth (false, (Z0, Z0), [::]) found s = state_ bz g h s by rewrite nth_tab ?ltn_ord.
have each (s : state m) : (state_ bz g h s).1.1.
  by rewrite -foundE; apply: ok; rewrite mem_nth ?size_found.
have stP (s : state m) := whole_stateP (erefl bz) (each s).
have gE (s : state m) : nth [::] [seq x.2 | x <- found] s = (state_ bz g h s).2.
  by rewrite (nth_map (false, (Z0, Z0), [::])) ?size_found // foundE.
have vE (s : state m) : vec (shared_values bz.1 [seq x.1.2 | x <- found]) s =
    zval (state_ bz g h s).1.2.1 / (zval bz.1 * zval (state_ bz g h s).1.2.2).
  have sz : (s < size [seq x.1.2 | x <- found])%N by rewrite size_map size_found.
  have b0 : Z.lt Z0 bz.1 := integers_gt0 _ _; rewrite /Tables.vec (shared_valuesE F b0 _ sz).
    by rewrite (nth_map (false, (Z0, Z0), [::])) ?size_found // foundE.
  apply/allP => te /mapP [x /(nthP (false, (Z0, Z0), [::])) [k kS <-] ->]; rewrite size_found in kS.
  by have [_ pos _ _] := stP (Ordinal kS); rewrite (foundE (Ordinal kS)); apply/Z.ltb_lt.
split=> [s|pi pi' pl pl']; first by rewrite gE; have [] := stP s.
split=> [s a|s]; first by rewrite pl; have [_ _ + _] := stP s; apply.
have [_ _ _ [o [q [ch mx bo]]]] := stP s; exists o, q; split; first by rewrite pl.
  by rewrite vE.
by rewrite pl' gE bo.
Qed.

Lemma replay_ordersP hs v g v' g' (V : nat -> state m -> F) pi t :
  (forall t, order_step F m d (V t) (pi t) (V t.+1) (pi t.+1)) -> V t =1 vec v -> plays g (pi t) ->
  replay_orders m d hs v g = Some (v', g') -> V (t + size hs)%N =1 vec v' /\ plays g' (pi (t + size hs)%N).
Proof.
move=> st; elim: hs t v g => [|h hs IH] t v g VE gE; first by case=> <- <-; rewrite addn0.
rewrite /replay_orders /= -/(next_order m d v g h); case E: next_order => [[v1 g1]|//].
have [act lead] := next_orderP E.
have [V1 gE1] := step_only VE gE act (fun pi1 => lead _ pi1 gE) (st t).
by rewrite -addSnnS; apply: IH.
Qed.
End Correct.
