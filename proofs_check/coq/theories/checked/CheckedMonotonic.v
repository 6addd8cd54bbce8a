(* The proof `monotonic`: limits and cycles of the monotonic class (QMIX), fixed or
   epsilon-greedy data with full support.

   The run is replayed exactly for T steps. Around each claimed position, where the values are
   away from it by numbers at most D apart, only tuples of orders that agree with the next
   position are chosen (NearOrders.v), or the chosen tuple stays the chosen one along given
   directions (FollowOrders.v). So the run returns to the positions, ever nearer.

                          way == directions, where they are needed: the columns at each position,
                                 the blocks of all regressions there, and what shows that the run
                                 starts along the first columns and the last ones lead to them
           combines m v cs ls == v is the combination of cs with the coefficients ls, whose first
                                 one belongs to 1
              leads m C C' rs == C' is what the rows rs make of the columns C
   follows m d D ps gs hs w v == the run stays along the directions
        differs m d ps gs i j == two positions are not the same; under fixed data the values differ
              within m D v v' == entries of v - v' are at most D apart
      check_order_orbit m d.. == the check of positions
      check_order_limit m d.. == it, of one position, and worths (Claims.v)
     order_near m d.. n lo hi == after T + n steps the values are between lo and hi away from those
                                 of position n mod k
       order_along m d .. V n == after T + n steps it is along the directions

   order_orbit_sound  accepted cycles are approached by every run from the start
   order_limit_sound  accepted limits are those of every run from the start

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import CheckedShrinking Isotonic Orders OrderFits OrderRuns NearOrders FollowOrders.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
(* columns at each position and after the last one; for each position and state the blocks of all
   tuples of orders; coefficients of V^(T) - V_0, and of the columns after the last position        *)
Record way := Way {
  axes : seq (seq (seq Q)); blocks : seq (seq (seq block_hint)); first_part : seq Q; last_parts : seq (seq Q) }.

Section Compute.
Variables (m : model) (d : data).
Notation S := (n_states m).

Definition combines (v : seq Q) (cs : seq (seq Q)) (ls : seq Q) : bool :=
  every S (fun s => qeq (at_ v s) (qadd (qsum (size cs) (fun i => qmul (at_ ls i.+1) (at_ (nth [::] cs i) s))) (at_ ls 0))).

Definition leads (C C' : seq (seq Q)) (rs : seq (seq Q)) : bool :=
  (size C' == size C) && every (size C) (fun i => every S (fun s =>
    qeq (at_ (nth [::] C' i) s) (qsum S (fun t => qmul (at_ (nth [::] rs s) t) (at_ (nth [::] C i) t))))).

(* v: the values at T *)
Definition follows (D : Q) (points : seq (seq Q)) (policies : seq (seq (seq nat))) (hints : seq hint) (p : way)
    (v : seq Q) : bool :=
  let k := size points in let C j := nth [::] (axes p) j in
  [&& combines (tab S (fun s => qsub (at_ v s) (at_ (nth [::] points 0) s))) (C 0%N) (first_part p),
      every k (fun j => let h := nth [::] hints j in let bs := nth [::] (blocks p) j in
        let hs s := nth ([::], 0%N) h s in let own s := nth [::] bs s in
        every S (fun s => follow_near m d D (C j) s (nth [::] points j) (nth [::] policies j) (hs s) (own s)) &&
        leads (C j) (C j.+1) (tab S (fun s => top_row m (hs s) (own s)))),
      size (C k) == size (C 0%N)
    & every (size (C k)) (fun i => combines (nth [::] (C k) i) (C 0%N) (nth [::] (last_parts p) i))].

Definition differs (points : seq (seq Q)) (policies : seq (seq (seq nat))) (i j : nat) : bool :=
  ~~ every S (fun s => qeq (at_ (nth [::] points i) s) (at_ (nth [::] points j) s) &&
       (~~ moving d || (nth [::] (nth [::] policies i) s == nth [::] (nth [::] policies j) s))).

Definition within (D : Q) (v v' : seq Q) : bool :=
  let z := tab S (fun s => qsub (at_ v s) (at_ v' s)) in
  every S (fun s => every S (fun s' => qle (qsub (at_ z s) (at_ z s')) D)).

(* the start; T; D; the hints of the T steps; the claimed positions, their hints, and numbers above
   the roots of their errors; directions                                                         *)
Definition check_order_orbit (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (D : Q) (before : seq whole_hint)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) (hints : seq hint) (roots : seq (seq Q))
    (p : option way) : bool :=
  let k := size points in let next j := (j.+1 %% k)%N in
  [&& check_model m, check_support m d, joint_policy m g0, qle q0 D & size before == T] &&
  [&& (0 < k)%N, size policies == k, all (joint_policy m) policies
    & every k (fun i => every i (fun j => differs points policies i j))] &&
  (if replay_orders m d before v0 g0 is Some (v, g) then
     within D v (nth [::] points 0) && (if p is Some w then follows D points policies hints w v else true) &&
     (~~ moving d || (every S (fun s => nth [::] g s == nth [::] (nth [::] policies 0) s)))
   else false) &&
  every k (fun j => let v := nth [::] points j in let g := nth [::] policies j in let h := nth [::] hints j in
    let v' := nth [::] points (next j) in let g' := nth [::] policies (next j) in
    stepped m d v g h v' g' &&
    (if p is Some _ then true else every S (fun s => only_near m d D s (at_ (nth [::] roots j) s) v g v' g' h))).

Definition check_order_limit (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (D : Q) (before : seq whole_hint)
    (claim : limit) (hints : seq hint) (roots : seq (seq Q)) (p : option way) : bool :=
  check_worths m claim && check_order_orbit v0 g0 T D before [:: values claim] [:: policy claim] hints roots p.
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Orbit.
Variables (F : archiFieldType) (m : model) (d : data).
Variables (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (D : Q) (before : seq whole_hint).
Variables (points : seq (seq Q)) (policies : seq (seq (seq nat))) (hints : seq hint) (roots : seq (seq Q)).
Variable p : option way.
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation k := (size points).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation point j := (nth [::] points j).
Notation policy j := (nth [::] policies j).
Hypothesis checked : check_order_orbit m d v0 g0 T D before points policies hints roots p.

Lemma order_parts : [/\ check_model m, joint_policy m g0, 0 <= qval D & size before = T] /\
  [/\ (0 < k)%N, size policies = k, all (joint_policy m) policies,
      forall i j, (i < k)%N -> (j < i)%N -> differs m d points policies i j
    & exists v g, [/\ replay_orders m d before v0 g0 = Some (v, g), within m D v (point 0),
        forall w, p = Some w -> follows m d D points policies hints w v &
        moving d -> forall s : state m, nth [::] g s = nth [::] (policy 0) s]] /\
  forall j, (j < k)%N -> stepped m d (point j) (policy j) (nth [::] hints j) (point (j.+1 %% k)) (policy (j.+1 %% k)) /\
    (p = None -> forall s : state m, only_near m d D s (at_ (nth [::] roots j) s) (point j) (policy j)
      (point (j.+1 %% k)) (policy (j.+1 %% k)) (nth [::] hints j)).
Proof.
move: checked; rewrite /check_order_orbit; case/andP; case/andP; case/andP => /and5P [ok _ act].
rewrite (qval_le F) qval0 => D0 /eqP sz /and4P [k0 /eqP kk acts /everyP apart] start /everyP steps.
split=> //; split; last first.
  move=> j /steps /andP [st near]; split=> // pE s; move: near; rewrite pE => /everyP near; exact: (near s (ltn_ord s)).
split=> // [i j ik ji|]; first by have /everyP := apart i ik; apply.
move: start; case: replay_orders => [[v g]|//] /andP [/andP [w fol] same]; exists v, g; split=> // [w' pE|mv s].
  by move: fol; rewrite pE.
by move: same; rewrite mv /= => /everyP /(_ s (ltn_ord s)) /eqP.
Qed.

Lemma order_policies : exists pis : nat -> state m -> joint, forall j, (j < k)%N -> plays (policy j) (pis j).
Proof.
have [_ [[k0 kk acts _ _] _]] := order_parts.
have ex (j : 'I_(size policies)) : exists pi : {ffun state m -> joint}, plays (policy j) pi.
  have [pi piE] := plays_exists (fun s : state m => everyP _ _ (allP acts _ (mem_nth [::] (ltn_ord j))) s (ltn_ord s)).
  by exists [ffun s => pi s] => s; rewrite ffunE.
have [pis0 pisE] := fin_all_exists ex; have kp : (0 < size policies)%N by rewrite kk.
exists (fun j => pis0 (insubd (Ordinal kp) j)) => j jk.
have js : (j < size policies)%N by rewrite kk.
by have := pisE (insubd (Ordinal kp) j); rewrite val_insubd js.
Qed.

(* after T + n steps the values are between lo and hi away from those of position n mod k *)
Definition order_near (V : nat -> state m -> F) (pi : nat -> state m -> joint) n lo hi :=
  (forall s, lo <= V (T + n)%N s - vec (point (n %% k)) s /\ V (T + n)%N s - vec (point (n %% k)) s <= hi) /\
  (moving d -> plays (policy (n %% k)) (pi (T + n)%N)).

Lemma leadsP C C' rs (z z' : state m -> F) : spanned C z -> leads m C C' rs ->
  (forall s : state m, z' s = \sum_(t : state m) qval (at_ (nth [::] rs s) t) * z t /\
     \sum_(t : state m) qval (at_ (nth [::] rs s) t) = gamma F m) -> spanned C' z'.
Proof.
move=> [u [l zE]] /andP [/eqP sz /everyP led] z'E; exists u, (gamma F m * l) => s; have [-> one] := z'E s.
under eq_bigr do rewrite zE mulrDr mulr_sumr; rewrite big_split /= -mulr_suml one; congr (_ + _).
rewrite exchange_big sz; apply: eq_bigr => i _.
have /everyP /(_ s (ltn_ord s)) := led i (ltn_ord i); rewrite (qval_eq F) qval_sum => /eqP ->.
by rewrite mulr_sumr; apply: eq_bigr => t _; rewrite qval_mul mulrCA.
Qed.

Lemma combinesP v cs ls : combines m v cs ls -> forall s : state m,
  vec v s = \sum_(i < size cs) qval (at_ ls i.+1) * qval (at_ (nth [::] cs i) s) + qval (at_ ls 0).
Proof.
move/everyP => h s; have := h s (ltn_ord s); rewrite (qval_eq F) qval_add qval_sum => /eqP; rewrite /Tables.vec => ->.
by congr (_ + _); apply: eq_bigr => i _; rewrite qval_mul.
Qed.

Lemma spanned_again C C' lss (z : state m -> F) : spanned C z ->
  every (size C) (fun i => combines m (nth [::] C i) C' (nth [::] lss i)) -> spanned C' z.
Proof.
move=> [u [l zE]] /everyP comb.
exists (fun i => \sum_(j < size C) u j * qval (at_ (nth [::] lss j) i.+1)).
exists (\sum_(j < size C) u j * qval (at_ (nth [::] lss j) 0) + l) => s; rewrite zE addrA; congr (_ + _).
rewrite (eq_bigr (fun j : 'I_(size C) => \sum_(i < size C') u j * (qval (at_ (nth [::] lss j) i.+1) *
  qval (at_ (nth [::] C' i) s)) + u j * qval (at_ (nth [::] lss j) 0))) => [|j _]; last first.
  by rewrite -mulr_sumr -mulrDr -(combinesP (comb j (ltn_ord j))).
rewrite big_split exchange_big; congr (_ + _); apply: eq_bigr => i _; rewrite mulr_suml; apply: eq_bigr => j _.
by rewrite mulrA.
Qed.

(* the way of the run along directions *)
Definition order_along (V : nat -> state m -> F) n :=
  forall w, p = Some w -> spanned (nth [::] (axes w) (n %% k)) (fun s => V (T + n)%N s - vec (point (n %% k)) s).

Lemma order_returns V pi : order_run F m d v0 g0 V pi ->
  exists lo hi, forall n, order_near V pi n (gamma F m ^+ n * lo) (gamma F m ^+ n * hi) /\ order_along V n.
Proof.
move=> [V0 pl st]; have [[ok act D0 sz] [[k0 kk acts apart [v [g [rep with_ fol same]]]] steps]] := order_parts.
have [VT plT] := replay_ordersP st V0 pl rep; rewrite add0n sz in VT plT.
have [z zE] : exists z : state m -> F, forall s, z s = V T s - vec (point 0) s by exists (fun s => V T s - vec (point 0) s).
have zz s s' : z s - z s' <= qval D.
  have /everyP /(_ s (ltn_ord s)) /everyP /(_ s' (ltn_ord s')) := with_.
  by rewrite (qval_le F) qval_sub /at_ !nth_tab ?ltn_ord // !qval_sub !zE !VT.
have [lo [hi [DD between]]] : exists lo hi, hi - lo <= qval D /\ forall s, lo <= z s /\ z s <= hi.
  have [s0 _|none] := pickP (@predT (state m)); last by exists 0, 0; rewrite subrr; split=> // s; have := none s.
  exists (z [arg min_(s < s0) z s]%O), (z [arg max_(s > s0) z s]%O); split; first exact: zz.
  move=> s; split; first by case: Order.TotalTheory.arg_minP => // b _; apply.
  by case: Order.TotalTheory.arg_maxP => // b _; apply.
have g1 := ltW (gamma_lt1 F ok); have gg := gamma_ge0 F ok.
exists lo, hi; elim=> [|n [[near plays_] along_]].
  rewrite /order_near /order_along addn0 mod0n !expr0 !mul1r; split; [split=> [s|mv s]|move=> w /fol /and4P [st0 _ _ _]].
  - by rewrite -zE.
  - by rewrite plT same.
  exists (fun i => qval (at_ (first_part w) i.+1)), (qval (at_ (first_part w) 0)) => s.
  by rewrite -(combinesP st0) /Tables.vec /at_ nth_tab // qval_sub VT.
have jk : (n %% k < k)%N by rewrite ltn_mod.
have [stp only] := steps _ jk; have e : ((n %% k).+1 %% k = n.+1 %% k)%N by rewrite -addn1 modnDml addn1.
rewrite e in stp only; have p0 : 0 <= gamma F m ^+ n by apply: exprn_ge0.
have DD' : gamma F m ^+ n * hi - gamma F m ^+ n * lo <= qval D.
  rewrite -mulrBr; have [neg|pos] := lerP (hi - lo) 0; first by apply: le_trans D0; apply: mulr_ge0_le0.
  apply: le_trans DD; rewrite -[X in _ <= X]mul1r; apply: le_mul2r; first exact: ltW.
  by apply: exprn_ile1.
rewrite /order_near /order_along !addnS !exprS -[gamma F m * _ * lo]mulrA -[gamma F m * _ * hi]mulrA.
case pE: p => [w|]; last first.
  have next s := step_near ok (u := nth [::] roots (n %% k)) D0 stp (only pE s) near DD' plays_ (st (T + n)%N).
  by split=> //; split=> [s|mv s]; have [l h q] := next s; last exact: q.
have /and4P [_ /everyP follow /eqP wrap again] := fol w pE.
have /andP [/everyP fn led] := follow _ jk.
have next (s : state m) := follow_step ok D0 stp (fn s (ltn_ord s)) (along_ w pE) near DD' plays_ (st (T + n)%N).
split; first by split=> [s|mv s]; have [l h q _] := next s; last exact: q.
move=> w' [<-]; have sp : spanned (nth [::] (axes w) (n %% k).+1) (fun s => V (T + n).+1 s - vec (point (n.+1 %% k)) s).
  apply: leadsP (along_ w pE) led _ => s; have [_ _ _ [e1 e2]] := next s.
  by rewrite (@nth_tab _ _ _ _ _ (ltn_ord s)).
have [lt|ge] := ltnP (n %% k).+1 k; first by rewrite -e (modn_small lt) in sp *.
have ek : (n %% k).+1 = k by apply/eqP; rewrite eqn_leq ge jk.
rewrite ek in sp; rewrite -e ek modnn in sp *.
by apply: spanned_again sp again.
Qed.

(* A certificate of kind `monotonic` of a cycle that is accepted is true: with k the number of the
   claimed positions every position steps to the next one, no two are the same (under fixed data
   their values differ), so k is the least period; and of every run from the start V^(t) approaches
   the values of position (t - T) mod k as t grows, and under epsilon-greedy data the best actions are
   those of position (t - T) mod k at all t >= T.
   Source: ours. *)
Theorem order_orbit_sound : exists pis : nat -> state m -> joint,
  [/\ (0 < k)%N /\ forall j, (j < k)%N -> plays (policy j) (pis j),
      forall j, (j < k)%N -> order_step F m d (vec (point j)) (pis j) (vec (point (j.+1 %% k))) (pis (j.+1 %% k)%N),
      forall i j, (i < k)%N -> (j < k)%N -> i != j ->
        exists s, vec (point i) s != vec (point j) s \/ moving d /\ pis i s != pis j s
    & forall V pi, order_run F m d v0 g0 V pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec (point ((t - T) %% k)) s| < e) /\
        (moving d -> forall t, (T <= t)%N -> forall s, pi t s = pis ((t - T) %% k)%N s)].
Proof.
have [pis pl] := order_policies.
have [[ok act D0 sz] [[k0 kk acts apart _] steps]] := order_parts.
exists pis; split=> // [j jk|i j ik jk ij|V pi run].
- have j'k : (j.+1 %% k < k)%N by rewrite ltn_mod.
  by have [st _] := steps j jk; have [_] := steppedP F (pl j jk) (pl _ j'k) st.
- wlog lt : i j ik jk ij / (j < i)%N => [sym|].
    have := ij; rewrite neq_ltn => /orP [h|]; last exact: sym.
    have ji : j != i by rewrite eq_sym.
    by have [s [ne|[mv ne]]] := sym j i jk ik ji h; exists s; [left|right]; rewrite eq_sym.
  have := apart i j ik lt; rewrite /differs -has_predC => /hasP [s]; rewrite mem_iota /= => ls.
  pose s' : state m := Ordinal ls; rewrite negb_and => /orP [ne|].
    by exists s'; left; rewrite -(qval_eq F).
  rewrite negb_or negbK => /andP [mv ne]; exists s'; right; split=> //.
  by apply: contra ne => /eqP e; rewrite -(pl i ik s') -(pl j jk s') e.
have [lo [hi near]] := order_returns run; split=> [e e0|mv t tT s].
  have c0 : 0 <= `|lo| + `|hi| by rewrite addr_ge0.
  have [N small_] := powers_vanish (gamma_ge0 F ok) (gamma_lt1 F ok) c0 e0.
  exists (T + N)%N => t tN s; have tT : (T <= t)%N by apply: leq_trans tN; apply: leq_addr.
  have [[/(_ s) [l h] _] _] := near (t - T)%N; rewrite subnKC // in l h.
  apply: le_lt_trans (small_ (t - T)%N _); last by rewrite leq_subRL // .
  have p0 : 0 <= gamma F m ^+ (t - T) by apply: exprn_ge0; apply: gamma_ge0.
  apply: norm_le; first by apply: le_trans h _; apply: le_mul2l => //; apply: le_trans (ler_norm hi) _; rewrite addrC le_plus.
  rewrite opp_le; apply: le_trans l; rewrite -mulrN; apply: le_mul2l => //.
  by rewrite opp_le; apply: le_trans (ler_norm (- lo)) _; rewrite normrN le_plus.
have [[_ /(_ mv s) ps] _] := near (t - T)%N; rewrite subnKC // in ps.
by apply: code_inj; rewrite ps (pl _ (_ : ((t - T) %% k < k)%N)) // ltn_mod.
Qed.
End Orbit.

(* A certificate of kind `monotonic` of convergence that is accepted is true: `policy` is a joint policy
   pi, `optimal` solves the Bellman optimality equation and `own` that of pi; the step from `values`, under
   epsilon-greedy data around pi, leads to `values` with the best actions pi; and of every run from the
   stated start V^(t)(s) -> values(s), under epsilon-greedy data with the best actions pi at all t >= T.
   Source: ours. *)
Theorem order_limit_sound (F : archiFieldType) m d v0 g0 T D before claim hints roots p :
  check_order_limit m d v0 g0 T D before claim hints roots p ->
  exists pi : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) pi, worths F m claim pi,
        order_step F m d (vec F m (values claim)) pi (vec F m (values claim)) pi
      & forall V pis, order_run F m d v0 g0 V pis ->
          (forall s, tends_to (fun t => V t s) (vec F m (values claim) s)) /\
          (moving d -> forall t, (T <= t)%N -> forall s, pis t s = pi s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best_ own_]]] /(order_orbit_sound F) [pis [[_ pl] st _ runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V pi run]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
have [tends keeps] := runs V pi run; split=> [s e e0|mv t tT s].
  by have [N h] := tends e e0; exists N => t /h /(_ s); rewrite modn1.
by rewrite keeps // modn1.
Qed.
