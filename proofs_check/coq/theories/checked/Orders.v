(* The monotonic class (QMIX) by orders: a table is monotonic where it rises along some order
   of each agent's actions. A step takes, of all tuples of orders, the first whose isotonic
   regression has the least error. Regressions and multipliers come from a hint.

            orders_of sizes == the tuples of orders of so many actions, each order written from the
                               best action down
               all_orders m == those of the agents of m
                  place o l == the places of the actions of the joint action l in the orders o
                  above u v == no place in v is behind that in u
               under o l l' == l' is at least as good as l for all agents
                 lesser u v == the list of numbers u comes before v
            precedes m o o' == the tuple o wins a tie with o'
                     best o == the best actions
     order_choice m w y o q == of the tuples of orders o is the one that is chosen for the targets y
                               under the weights w, and q its regression
   order_step d V pi V' pi' == at every state the choice for y(V) under the data around pi has the
                               maximum V' and the best actions pi'
     order_run d v0 g0 V pi == a run of these steps from the values v0 and the joint actions g0
                  order_fit == a hint: the regression in lexicographic order of the joint actions,
                               and multipliers (k, k', number) between places of joint actions
                       hint == for each state one of each tuple of orders, and the place of the
                               tuple that is chosen
                net flows k == what the multipliers carry away from k
       good_fit m ws ys o h == the hint h has the regression along o of the targets ys
            error N ws ys x == the error of x
                 is_top x v == v is the largest number of x
      good_state m ws ys hs == positive weights of sum at most 1, the regressions of all tuples of
                               orders, and the choice among them
         weights_of m d s g == the weights of the joint actions at state s around g
           targets_of m v s == the targets there
    stepped m d v g h v' g' == the computed step from v and g leads to v' and g'
       next_order m d v g h == where it leads; None: refused
   replay_orders m d hs v g == where as many steps as there are hints lead

   rises_monotonic    what rises along orders is monotonic
   precedes_total     one of two tuples of orders wins a tie
   good_stateP        the hint's choice is the choice
   order_step_unique  a step leads to one place only
   steppedP           computed steps are steps
   replay_ordersP     replay_orders is where runs lead

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI TheoremC Rationals Tables Fits Claims Positions Sums Isotonic.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------------------------ orders *)
(* an order of k actions is a permutation of 0, ..., k-1, the best action first *)
Definition orders_of (sizes : seq nat) : seq (seq (seq nat)) :=
  foldr (fun k os => [seq p :: o | p <- permutations (iota 0 k), o <- os]) [:: [::]] sizes.
Definition all_orders (m : model) := orders_of (sizes m).

Definition place (o : seq (seq nat)) (l : seq nat) : seq nat := [seq index xp.1 xp.2 | xp <- zip l o].
Definition above (u v : seq nat) : bool := all (fun xy => leq xy.2 xy.1) (zip u v).
Definition under (o : seq (seq nat)) (l l' : seq nat) : bool := above (place o l) (place o l').

Fixpoint lesser (u v : seq nat) : bool :=
  match u, v with
  | x :: u', y :: v' => if x == y then lesser u' v' else (x < y)%N
  | _, _ => false
  end.
Definition precedes (m : model) (o o' : seq (seq nat)) : bool :=
  if lasts m then lesser (flatten o') (flatten o) else lesser (flatten o) (flatten o').

Definition best (o : seq (seq nat)) : seq nat := [seq head 0%N p | p <- o].

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.

Definition order_choice (w y : joint -> F) : seq (seq nat) -> (joint -> F) -> Prop :=
  chosen w (fun o (a b : joint) => under o (code a) (code b)) (all_orders m) (precedes m) y.

Definition order_step (d : data) (V : state m -> F) (pi : state m -> joint) (V' : state m -> F)
    (pi' : state m -> joint) :=
  forall s, exists o q, [/\ order_choice (weights F m d s (code (pi s))) (y F m V s) o q,
    is_max q (V' s) & code (pi' s) = best o].

Definition order_run (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (V : nat -> state m -> F)
    (pi : nat -> state m -> joint) :=
  [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N) & forall t, order_step d (V t) (pi t) (V t.+1) (pi t.+1)].
End Meaning.
Arguments order_step : clear implicits.
Arguments order_run : clear implicits.

(* --------------------------------------------------------------------- what is computed *)
Definition order_fit := (seq Q * seq (nat * nat * Q))%type.
Definition hint := seq (seq order_fit * nat).

Definition net (flows : seq (nat * nat * Q)) (k : nat) : Q :=
  qsum_list flows (fun f => qsub (if f.1.1 == k then f.2 else q0) (if f.1.2 == k then f.2 else q0)).

Definition good_fit (m : model) (ws ys : seq Q) (o : seq (seq nat)) (h : order_fit) : bool :=
  let ls := tuples (sizes m) in let N := size ls in let x := h.1 in
  let cells := [seq place o l | l <- ls] in
  [&& every N (fun k => let u := nth [::] cells k in let v := at_ x k in
        every N (fun k' => if above u (nth [::] cells k') then qle v (at_ x k') else true)),
      all (fun f => [&& (f.1.1 < N)%N, (f.1.2 < N)%N, above (nth [::] cells f.1.1) (nth [::] cells f.1.2),
                        qle q0 f.2 & qeq (at_ x f.1.1) (at_ x f.1.2)]) h.2
    & every N (fun k => qeq (qmul (at_ ws k) (qsub (at_ ys k) (at_ x k))) (net h.2 k))].

Definition error (N : nat) (ws ys x : seq Q) : Q :=
  qsum N (fun k => let e := qsub (at_ ys k) (at_ x k) in qmul (at_ ws k) (qmul e e)).

Definition is_top (m : model) (x : seq Q) (v : Q) : bool :=
  let N := size (tuples (sizes m)) in
  every N (fun k => qle (at_ x k) v) && has (fun k => qeq (at_ x k) v) (iota 0 N).

Definition good_state (m : model) (ws ys : seq Q) (hs : seq order_fit * nat) : bool :=
  let N := size (tuples (sizes m)) in let os := all_orders m in let n := hs.2 in
  let fit k := nth ([::], [::]) hs.1 k in
  let es := tab (size os) (fun k => error N ws ys (fit k).1) in
  [&& every N (fun k => qlt q0 (at_ ws k)), qle (qsum N (at_ ws)) q1, (n < size os)%N,
      every (size os) (fun k => good_fit m ws ys (nth [::] os k) (fit k))
    & every (size os) (fun k => if precedes m (nth [::] os k) (nth [::] os n)
                                then qlt (at_ es n) (at_ es k) else qle (at_ es n) (at_ es k))].

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

Definition next_order (v : seq Q) (g : seq (seq nat)) (h : hint) : option (seq Q * seq (seq nat)) :=
  let found := tab S (fun s => let hs := nth ([::], 0%N) h s in let g' := best (nth [::] (all_orders m) hs.2) in
    (at_ (nth ([::], [::]) hs.1 hs.2).1 (rank (sizes m) g'), g')) in
  let v' := unzip1 found in let g' := unzip2 found in
  if stepped v g h v' g' then Some (v', g') else None.

Fixpoint replay_orders (hs : seq hint) (v : seq Q) (g : seq (seq nat)) : option (seq Q * seq (seq nat)) :=
  if hs is h :: hs' then
    if next_order v g h is Some (v', g') then replay_orders hs' v' g' else None
  else Some (v, g).
End Steps.

(* ------------------------------------------------------------------------ what it means *)
Lemma shape_orders sz o : o \in orders_of sz -> shape o = sz.
Proof.
elim: sz o => [|k sz IH] o /=; first by rewrite inE => /eqP ->.
case/allpairsP => -[p o'] /= [pk oin ->]; rewrite /= (IH o' oin); congr (_ :: _).
by rewrite mem_permutations in pk; rewrite (perm_size pk) size_iota.
Qed.

Lemma lesser_total u v : size u = size v -> u != v -> lesser u v || lesser v u.
Proof.
elim: u v => [|x u IH] [|y v] //= [sz]; rewrite eqseq_cons [y == x]eq_sym.
by have [_ /=|ne _] := eqVneq x y; [apply: IH|rewrite -neq_ltn].
Qed.

Lemma precedes_total m o o' : o \in all_orders m -> o' \in all_orders m -> o != o' -> precedes m o o' || precedes m o' o.
Proof.
move=> /shape_orders so /shape_orders so' ne; have sz : size (flatten o) = size (flatten o').
  by rewrite !size_flatten so so'.
have nf : flatten o != flatten o'.
  by apply: contra ne => /eqP e; rewrite -(flattenK o) -(flattenK o') so so' e.
have := lesser_total sz nf; rewrite /precedes; case: (lasts m) => //.
by rewrite orbC.
Qed.

(* what rises along orders is monotonic in the sense of TheoremC.v *)
Lemma rises_monotonic (F : realFieldType) m o (q : {dffun forall i : agent (sizes m), action i} -> F) :
  o \in all_orders m -> rises (fun a b => under o (code a) (code b)) q -> monotonic q.
Proof.
move=> /shape_orders so up; exists (fun i (x : action i) => - (index (nat_of_ord x) (nth [::] o i))%:R) => a b le.
apply: up; rewrite /under /above /place.
have szo : size o = size (sizes m) by rewrite -so size_map.
apply/(all_nthP (0%N, 0%N)) => k; rewrite size_zip !size_map !size_zip !size_code szo !minnn => ks.
rewrite nth_zip ?size_map ?size_zip ?size_code //=.
rewrite !(nth_map (0%N, [::])) ?size_zip ?size_code ?szo ?minnn // !nth_zip ?size_code //=.
by have := le (Ordinal ks); rewrite !(nth_code _ (Ordinal ks)) opp_le opprK ler_nat.
Qed.

Section Correct.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).
Notation along o := (fun a b : joint => under o (code a) (code b)).

Lemma sum_places (G : nat -> F) : \sum_(a : joint) G (rank (sizes m) (code a)) = \sum_(k < N) G k.
Proof.
rewrite (sum_tuples (sizes m) (fun l => G (rank (sizes m) l))) (big_nth [::]) big_mkord.
apply: eq_bigr => k _; congr G; apply/eqP.
have act : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
rewrite -(nth_uniq [::] (rank_lt act) (ltn_ord k) (uniq_tuples (sizes m))).
by rewrite nth_rank.
Qed.

Lemma place_lt (a : joint) : (rank (sizes m) (code a) < N)%N.
Proof. exact: rank_lt (code_is_action a). Qed.

Lemma tbl_map (f : seq nat -> Q) (a : joint) : table F [seq f l | l <- tuples (sizes m)] a = qval (f (code a)).
Proof. by rewrite /table /at_ (nth_map [::]) ?place_lt // nth_rank ?code_is_action. Qed.

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

Section Fit.
Variables (ws ys : seq Q).
Notation w := (tbl ws).
Notation y := (tbl ys).

Lemma errorE x : qval (error N ws ys x) = err w y (tbl x).
Proof.
rewrite /error qval_sum [RHS](sum_places (fun k => qval (at_ ws k) * (qval (at_ ys k) - qval (at_ x k)) ^+ 2)).
by apply: eq_bigr => k _; rewrite !qval_mul qval_sub expr2.
Qed.

Lemma good_fitP o h : good_fit m ws ys o h -> kkt w (along o) y (tbl h.1).
Proof.
case/and3P => /everyP up flow /everyP net_; set x := h.1 in up net_ *.
have cellE (a : joint) : nth [::] [seq place o l | l <- tuples (sizes m)] (rank (sizes m) (code a)) = place o (code a).
  by rewrite (nth_map [::]) ?place_lt // nth_rank ?code_is_action.
have upx : rises (along o) (tbl x).
  move=> a b ab; have /everyP /(_ _ (place_lt b)) := up _ (place_lt a).
  by rewrite !cellE -/(under o (code a) (code b)) ab (qval_le F).
split=> // z upz.
have onto k : (k < N)%N -> exists a : joint, rank (sizes m) (code a) = k.
  move=> kN; have act : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
  have [a aE] := code_onto act; exists a; apply/eqP; rewrite aE.
  by rewrite -(nth_uniq [::] (rank_lt act) kN (uniq_tuples (sizes m))) nth_rank.
pose at_a (f : joint -> F) k := \sum_(a : joint | rank (sizes m) (code a) == k) f a.
have at_aE f (a : joint) : at_a f (rank (sizes m) (code a)) = f a.
  rewrite /at_a (bigD1 a) //= big1 ?addr0 // => b /andP [/eqP e /eqP ne]; case: ne.
  by apply: code_inj; rewrite -(nth_rank (code_is_action a)) -(nth_rank (code_is_action b)) e.
pose c a := z a - table F x a.
have -> : \sum_a w a * (y a - table F x a) * (z a - table F x a) =
    \sum_(f <- h.2) qval f.2 * (at_a c f.1.1 - at_a c f.1.2).
  transitivity (\sum_(a : joint) qval (net h.2 (rank (sizes m) (code a))) * c a).
    apply: eq_bigr => a _; congr (_ * _); have /eqP := net_ _ (place_lt a) => /eqP.
    by rewrite (qval_eq F) qval_mul qval_sub => /eqP.
  rewrite (eq_bigr (fun a : joint => \sum_(f <- h.2) (qval (if f.1.1 == rank (sizes m) (code a) then f.2 else q0)
      - qval (if f.1.2 == rank (sizes m) (code a) then f.2 else q0)) * c a)) => [|a _]; last first.
    by rewrite qval_sum_list mulr_suml; apply: eq_bigr => f _; rewrite qval_sub.
  rewrite exchange_big; apply: eq_bigr => f _ /=.
  have part k : \sum_(a : joint) qval (if k == rank (sizes m) (code a) then f.2 else q0) * c a = qval f.2 * at_a c k.
    rewrite /at_a mulr_sumr [RHS]big_mkcond; apply: eq_bigr => a _; rewrite eq_sym.
    by case: eqP => _; rewrite ?qval0 ?mul0r.
  by rewrite mulrBr -!part -sumrB; apply: eq_bigr => a _; rewrite mulrBl.
apply: sum_le0 flow _ => f /and5P [l1 l2 ab ge0 eqx].
have [a aE] := onto _ l1; have [b bE] := onto _ l2.
move: ab eqx; rewrite -aE -bE !at_aE !cellE => ab; rewrite (qval_eq F) => /eqP eqx.
apply: mulr_ge0_le0; first by rewrite -(qval0 F) -(qval_le F).
rewrite /c /table eqx.
by rewrite opprB addrA addrNK subr_le0; apply: upz.
Qed.

Lemma good_stateP hs : good_state m ws ys hs ->
  [/\ forall a : joint, 0 < w a, \sum_(a : joint) w a <= 1,
      forall k, (k < size (all_orders m))%N ->
        kkt w (along (nth [::] (all_orders m) k)) y (tbl (nth ([::], [::]) hs.1 k).1)
    & order_choice w y (nth [::] (all_orders m) hs.2) (tbl (nth ([::], [::]) hs.1 hs.2).1)].
Proof.
case/and5P => /everyP pos one lt /everyP fits_ /everyP least.
have w0 (a : joint) : 0 < w a by rewrite -(qval0 F) -(qval_lt F); apply: pos; apply: place_lt.
have kk k kL := good_fitP (fits_ k kL); split=> //.
  by move: one; rewrite (qval_le F) qval1 qval_sum -(sum_places (fun k => qval (at_ ws k))).
split=> [||o' oL q' up']; first exact: mem_nth.
  by case: (kk _ lt).
have kL := oL; rewrite -index_mem in kL; set k := index o' _ in kL.
have o'E : nth [::] (all_orders m) k = o' by apply: nth_index.
have [_ least'] := kkt_fit w0 (kk k kL); rewrite o'E in least'.
set xn := (nth ([::], [::]) hs.1 hs.2).1; set xk := (nth ([::], [::]) hs.1 k).1 in least' *.
have : if precedes m o' (nth [::] (all_orders m) hs.2) then err w y (tbl xn) < err w y (tbl xk)
    else err w y (tbl xn) <= err w y (tbl xk).
  by rewrite -(errorE xn) -(errorE xk) -(qval_lt F) -(qval_le F); have := least k kL; rewrite o'E /at_ !nth_tab.
have le' := least' q' up'; case: ifP => _ h; last by split=> //; apply: le_trans h le'.
by have h' := lt_le_trans h le'; split=> // ; apply: ltW.
Qed.
End Fit.

Lemma weights_ofE (d : data) (s : state m) g (a : joint) : table F (weights_of m d s g) a = weights F m d s g a.
Proof. by rewrite tbl_map weight_atE. Qed.
Lemma targets_ofE v (s : state m) (a : joint) : table F (targets_of m v s) a = y F m (vec v) s a.
Proof. by rewrite tbl_map target_atE. Qed.

Lemma choice_eq (w w' y y' : joint -> F) o q : w =1 w' -> y =1 y' -> order_choice w y o q -> order_choice w' y' o q.
Proof.
move=> ew ey [oL up least]; split=> // o' oL' q' up'.
have e z : err w' y' z = err w y z by apply: eq_bigr => a _; rewrite ew ey.
by rewrite !e; apply: least.
Qed.

Lemma choice_unique (w y : joint -> F) o q o' q' : (forall a, 0 < w a) -> order_choice w y o q ->
  order_choice w y o' q' -> o = o' /\ q =1 q'.
Proof. by move=> w0; apply: (chosen_unique w0 (@precedes_total m)). Qed.

Variable d : data.

Lemma order_step_eq (V V1 : state m -> F) (pi pi1 : state m -> joint) V' pi' : V =1 V1 ->
  (forall s g, weights F m d s (code (pi s)) g = weights F m d s (code (pi1 s)) g) ->
  order_step F m d V pi V' pi' -> order_step F m d V1 pi1 V' pi'.
Proof.
move=> eV ew st s; have [o [q [ch mx bst]]] := st s; exists o, q; split=> //.
apply: choice_eq ch => a; first exact: ew.
by rewrite /y /target; congr (_ + _ * _); apply: eq_bigr => s' _; rewrite eV.
Qed.

Lemma order_step_unique (V : state m -> F) (pi : state m -> joint) V1 pi1 V2 pi2 :
  (forall s (a : joint), 0 < weights F m d s (code (pi s)) a) ->
  order_step F m d V pi V1 pi1 -> order_step F m d V pi V2 pi2 -> V1 =1 V2 /\ forall s, pi1 s = pi2 s.
Proof.
move=> w0 st1 st2; have both s : V1 s = V2 s /\ pi1 s = pi2 s.
  have [o [q [ch mx bst]]] := st1 s; have [o' [q' [ch' mx' bst']]] := st2 s.
  have [eo eq] := choice_unique (w0 s) ch ch'; split.
    by apply: is_max_unique mx _; apply: is_max_ext mx' => a; rewrite eq.
  by apply: code_inj; rewrite bst bst' eo.
by split=> s; case: (both s).
Qed.

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

(* what steps from the same values and joint actions leads to the same *)
Lemma stepped_only v g h v' g' (V V' : state m -> F) (pi pi' : state m -> joint) : V =1 vec v -> plays g pi ->
  stepped m d v g h v' g' -> order_step F m d V pi V' pi' -> V' =1 vec v' /\ plays g' pi'.
Proof.
move=> VE gE ok st.
have act (s : state m) : is_action (sizes m) (nth [::] g' s).
  by have /everyP /(_ s (ltn_ord s)) /and4P [] := ok.
have [pi1 gE1] := plays_exists act; have [w0 st1] := steppedP gE gE1 ok.
have st' := order_step_eq VE (fun _ _ => erefl) st.
by have [e1 e2] := order_step_unique w0 st' st1; split=> // s; rewrite e2.
Qed.

Lemma next_orderP v g h v' g' : next_order m d v g h = Some (v', g') -> stepped m d v g h v' g'.
Proof. by rewrite /next_order; case: ifP => // st [<- <-]. Qed.

Lemma replay_ordersP hs v g v' g' (V : nat -> state m -> F) pi t :
  (forall t, order_step F m d (V t) (pi t) (V t.+1) (pi t.+1)) -> V t =1 vec v -> plays g (pi t) ->
  replay_orders m d hs v g = Some (v', g') -> V (t + size hs)%N =1 vec v' /\ plays g' (pi (t + size hs)%N).
Proof.
move=> st; elim: hs t v g => [|h hs IH] t v g VE gE /=; first by case=> <- <-; rewrite addn0.
case E: next_order => [[v1 g1]|//]; have ok := next_orderP E.
have [V1 gE1] := stepped_only VE gE ok (st t).
by rewrite -addSnnS; apply: IH.
Qed.
End Correct.
