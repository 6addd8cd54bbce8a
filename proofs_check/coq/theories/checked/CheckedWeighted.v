(* The proof `monotonic` under weights that depend on Q_tot (weighted QMIX): runs that repeat
   positions exactly.

   With base data p(a|s), the fit of a step weighs the joint action a by p(a|s) where it has its
   full weight, else by alpha p(a|s). For `central` weights that is where y(s,a) > V(s) or
   a = g(s), for `optimistic` ones where Q_tot(s,a) < y(s,a). The fit is that of Orders.v.

                   weighting == the base, alpha, whether the weights are optimistic
                    acting w == joint actions matter: under central weights, or where the base follows them
        has_full w V g q s a == the joint action a has its full weight
        weighted w V g q s a == the weight of a at state s
      weighted_step w V pi Q == at every state the choice for y(V) under these weights has the
                                maximum V', the best actions pi' and the table Q'
                  shown q Qt == the tables Qt are the listed ones
     weighted_run w v0 g0 q0 == a run of these steps from the values v0, the joint actions g0 and, of
                                optimistic weights, the tables q0
                    position == values, joint actions and, of optimistic weights, tables
      shares_of w v g q ys s == the weights, computed
     weighted_leads w x h x' == the computed step from the position x leads to x'
         weighted_next w x h == where it leads; None: refused
       weighted_after w hs x == where as many steps as there are hints lead
           same_place w x x' == two positions are the same, as far as it matters
    check_weighted_orbit m w == the check of positions
    check_weighted_limit m w == it, of one position, and worths (Claims.v)
        at_place w x V pi Qt == a run with these values, joint actions and tables is at the position x
             leads_to w x x' == there is a step from x to x'
        places_differ w x x' == two positions are not the same in what matters

   weighted_orbit_sound  accepted cycles are what every run from the start does from T on
   weighted_limit_sound  accepted limits are where every run from the start is from T on

   Source: ours; the weights are those of arXiv:2006.10800.                              *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import CheckedShrinking Isotonic Orders OrderFits.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Record weighting := Weighting { base_data : data; alpha : Q; optimistic : bool }.
Definition acting (w : weighting) : bool := moving (base_data w) || ~~ optimistic w.

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model) (w : weighting).
Notation joint := {dffun forall i : agent (sizes m), action i}.

Definition has_full (V : state m -> F) (g : seq nat) (q : joint -> F) (s : state m) (a : joint) : bool :=
  if optimistic w then q a < y F m V s a else (V s < y F m V s a) || (code a == g).

Definition weighted (V : state m -> F) (g : seq nat) (q : joint -> F) (s : state m) (a : joint) : F :=
  weights F m (base_data w) s g a * (if has_full V g q s a then 1 else qval F (alpha w)).

Definition weighted_step (V : state m -> F) (pi : state m -> joint) (Q : state m -> joint -> F)
    (V' : state m -> F) (pi' : state m -> joint) (Q' : state m -> joint -> F) :=
  forall s, exists o q, [/\ order_choice (weighted V (code (pi s)) (Q s) s) (y F m V s) o q,
    is_max q (V' s), code (pi' s) = best o & Q' s =1 q].

Definition shown (q : seq (seq Q)) (Qt : state m -> joint -> F) := forall s a, Qt s a = table F (nth [::] q s) a.

Definition weighted_run (v0 : seq Q) (g0 : seq (seq nat)) (q0 : seq (seq Q)) (V : nat -> state m -> F)
    (pi : nat -> state m -> joint) (Qt : nat -> state m -> joint -> F) :=
  [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N), optimistic w -> shown q0 (Qt 0%N)
    & forall t, weighted_step (V t) (pi t) (Qt t) (V t.+1) (pi t.+1) (Qt t.+1)].
End Meaning.
Arguments weighted_step : clear implicits.
Arguments weighted_run : clear implicits.
Arguments shown : clear implicits.

(* --------------------------------------------------------------------- what is computed *)
(* values, joint actions, and for optimistic weights the tables *)
Definition position := (seq Q * seq (seq nat) * seq (seq Q))%type.

Section Compute.
Variables (m : model) (w : weighting).
Notation S := (n_states m).
Notation N := (size (tuples (sizes m))).

Definition shares_of (v : seq Q) (g : seq nat) (q ys : seq Q) (s : nat) : seq Q :=
  let ws := weights_of m (base_data w) s g in let ls := tuples (sizes m) in let now := at_ v s in
  tab N (fun k => let full := if optimistic w then qlt (at_ q k) (at_ ys k)
                              else qlt now (at_ ys k) || (nth [::] ls k == g) in
    qmul (at_ ws k) (if full then q1 else alpha w)).

Definition weighted_leads (x : position) (h : hint) (x' : position) : bool :=
  every S (fun s => let hs := nth ([::], 0%N) h s in let ys := targets_of m x.1.1 s in
    let q := (nth ([::], [::]) hs.1 hs.2).1 in
    [&& good_state m (shares_of x.1.1 (nth [::] x.1.2 s) (nth [::] x.2 s) ys s) ys hs,
        is_top m q (at_ x'.1.1 s),
        is_action (sizes m) (nth [::] x'.1.2 s),
        best (nth [::] (all_orders m) hs.2) == nth [::] x'.1.2 s
      & if optimistic w then every N (fun k => qeq (at_ q k) (at_ (nth [::] x'.2 s) k)) else true]).

Definition weighted_next (x : position) (h : hint) : option position :=
  let found := tab S (fun s => let hs := nth ([::], 0%N) h s in let g := best (nth [::] (all_orders m) hs.2) in
    let q := (nth ([::], [::]) hs.1 hs.2).1 in (at_ q (rank (sizes m) g), g, q)) in
  let x' := ([seq f.1.1 | f <- found], [seq f.1.2 | f <- found], [seq f.2 | f <- found]) in
  if weighted_leads x h x' then Some x' else None.

Fixpoint weighted_after (hs : seq hint) (x : position) : option position :=
  if hs is h :: hs' then if weighted_next x h is Some x' then weighted_after hs' x' else None else Some x.

Definition same_place (x x' : position) : bool :=
  every S (fun s => [&& qeq (at_ x.1.1 s) (at_ x'.1.1 s),
    (if acting w then nth [::] x.1.2 s == nth [::] x'.1.2 s else true)
    & if optimistic w then every N (fun k => qeq (at_ (nth [::] x.2 s) k) (at_ (nth [::] x'.2 s) k)) else true]).

(* the start, T, the hints of the T steps, the claimed positions, their hints *)
Definition check_weighted_orbit (x0 : position) (T : nat) (before : seq hint) (points : seq position)
    (hints : seq hint) : bool :=
  let k := size points in let point j := nth ([::], [::], [::]) points j in
  [&& check_model m, check_support m (base_data w), qlt q0 (alpha w), qle (alpha w) q1, joint_policy m x0.1.2
    & size before == T] &&
  [&& (0 < k)%N, every k (fun j => joint_policy m (point j).1.2)
    & every k (fun i => every i (fun j => ~~ same_place (point i) (point j)))] &&
  (if weighted_after before x0 is Some x then same_place x (point 0%N) else false) &&
  every k (fun j => weighted_leads (point j) (nth [::] hints j) (point (j.+1 %% k)%N)).

Definition check_weighted_limit (x0 : position) (T : nat) (before : seq hint) (claim : limit) (q : seq (seq Q))
    (hints : seq hint) : bool :=
  check_worths m claim && check_weighted_orbit x0 T before [:: (values claim, policy claim, q)] hints.
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model) (w : weighting).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).

(* values, joint actions and tables are those of a position, as far as they matter *)
Definition at_place (x : position) (V : state m -> F) (pi : state m -> joint) (Qt : state m -> joint -> F) :=
  [/\ V =1 vec x.1.1, acting w -> plays x.1.2 pi & optimistic w -> shown F m x.2 Qt].

Definition leads_to (x x' : position) := exists pi pi' Qt V' Qt',
  [/\ plays x.1.2 pi, plays x'.1.2 pi', at_place x (vec x.1.1) pi Qt,
      weighted_step F m w (vec x.1.1) pi Qt V' pi' Qt' & at_place x' V' pi' Qt'].

Definition places_differ (x x' : position) := exists s : state m,
  [\/ vec x.1.1 s != vec x'.1.1 s, acting w /\ nth [::] x.1.2 s != nth [::] x'.1.2 s
    | optimistic w /\ exists a : joint, table F (nth [::] x.2 s) a != table F (nth [::] x'.2 s) a].

Lemma shares_ofE v g q (s : state m) a :
  table F (shares_of m w v g q (targets_of m v s) s) a = weighted w (vec v) g (tbl q) s a.
Proof.
rewrite /table /shares_of /at_ nth_tab ?place_lt // -/(at_ _ _) /weighted -weights_ofE qval_mul; congr (_ * _).
rewrite nth_rank ?code_is_action // /has_full -!targets_ofE -!/(at_ _ _).
rewrite !(qval_lt F) -/(table F _ a) -/(vec v s).
by case: (optimistic w); [case: ifP|case: ifP]; rewrite ?qval1.
Qed.

Lemma y_eq (V V' : state m -> F) s : V =1 V' -> y F m V s =1 y F m V' s.
Proof. by move=> e a; rewrite /y /target; congr (_ + _ * _); apply: eq_bigr => t _; rewrite e. Qed.

Lemma weighted_eq V V' g g' (q q' : joint -> F) (s : state m) : V =1 V' -> (acting w -> g = g') ->
  (optimistic w -> q =1 q') -> weighted w V g q s =1 weighted w V' g' q' s.
Proof.
move=> e eg eq a; have eb : weights F m (base_data w) s g a = weights F m (base_data w) s g' a.
  have [mv|fx] := boolP (moving (base_data w)); first by rewrite eg // /acting mv.
  by rewrite !weights_fixed.
rewrite /weighted /has_full eb (y_eq s e) e; congr (_ * _).
have [opt|not_] := boolP (optimistic w); first by rewrite eq.
by rewrite eg // /acting not_ orbT.
Qed.

Lemma weighted_step_eq V V1 pi pi1 Qt Qt1 V' V1' pi' pi1' Qt' : V =1 V1 -> (acting w -> pi =1 pi1) ->
  (optimistic w -> forall s, Qt s =1 Qt1 s) -> V' =1 V1' -> pi' =1 pi1' ->
  weighted_step F m w V pi Qt V' pi' Qt' -> weighted_step F m w V1 pi1 Qt1 V1' pi1' Qt'.
Proof.
move=> eV ep eQ eV' ep' st s; have [o [q [ch mx bo Qq]]] := st s; exists o, q; split=> //; last by rewrite -ep'.
  apply: choice_eq ch => a; last exact: y_eq.
  by apply: weighted_eq => // [act|opt]; [rewrite ep|apply: eQ].
by rewrite -eV'.
Qed.

Lemma weighted_leadsP x h x' V pi Qt V' pi' Qt' : at_place x V pi Qt -> weighted_leads m w x h x' ->
  weighted_step F m w V pi Qt V' pi' Qt' ->
  [/\ V' =1 vec x'.1.1, plays x'.1.2 pi' & optimistic w -> shown F m x'.2 Qt'].
Proof.
move=> [VE gE QE] /everyP ok st.
have each (s : state m) : [/\ V' s = vec x'.1.1 s, code (pi' s) = nth [::] x'.1.2 s
    & optimistic w -> forall a, Qt' s a = table F (nth [::] x'.2 s) a].
  have /and5P [good top _ /eqP bst tabs] := ok s (ltn_ord s).
  have [w0 _ _ ch0] := good_stateP F good; have [o [q [ch mx bo Qq]]] := st s.
  have ew a : weighted w V (code (pi s)) (Qt s) s a = table F (shares_of m w x.1.1 (nth [::] x.1.2 s) (nth [::] x.2 s)
      (targets_of m x.1.1 s) s) a.
    by rewrite shares_ofE; apply: weighted_eq => // [/gE -> //|/QE qE b]; rewrite qE.
  have ey a : y F m V s a = table F (targets_of m x.1.1 s) a by rewrite targets_ofE; apply: y_eq.
  have [eo eq] := choice_unique w0 (choice_eq ew ey ch) ch0; split.
  - by apply: is_max_unique mx _; apply: is_max_ext (is_topP F top) => a; rewrite eq.
  - by rewrite bo eo.
  move=> opt a; rewrite Qq eq; move: tabs; rewrite opt => /everyP /(_ _ (place_lt a)).
  by rewrite (qval_eq F) => /eqP.
by split=> [s|s|opt s]; have [e1 e2 e3] := each s; rewrite ?e1 ?e2 //; apply: e3.
Qed.

Lemma leads_act x h x' : weighted_leads m w x h x' -> forall s : state m, is_action (sizes m) (nth [::] x'.1.2 s).
Proof. by move=> /everyP ok s; case/and5P: (ok s (ltn_ord s)). Qed.

Lemma weighted_leads_to x h x' : joint_policy m x.1.2 -> weighted_leads m w x h x' -> leads_to x x'.
Proof.
move=> act ok; have [pi gE] := plays_exists (fun s : state m => everyP _ _ act s (ltn_ord s)).
have [pi' gE'] := plays_exists (leads_act ok); move/everyP: ok => ok.
pose Qt (s : state m) (a : joint) := table F (nth [::] x.2 s) a.
pose top (s : nat) := let hs := nth ([::], 0%N) h s in (nth ([::], [::]) hs.1 hs.2).1.
exists pi, pi', Qt, (vec x'.1.1), (fun (s : state m) a => table F (top s) a); split=> //.
  move=> s; have /and5P [good mx _ /eqP bst _] := ok s (ltn_ord s); have [_ _ _ ch] := good_stateP F good.
  exists (nth [::] (all_orders m) (nth ([::], 0%N) h s).2), (tbl (top s)); split=> //; last by rewrite gE' bst.
    by apply: choice_eq ch => a; rewrite ?targets_ofE // shares_ofE gE.
  exact: is_topP mx.
split=> // opt s a; have /and5P [_ _ _ _ tabs] := ok s (ltn_ord s).
by move: tabs; rewrite opt => /everyP /(_ _ (place_lt a)); rewrite (qval_eq F) => /eqP.
Qed.

Lemma weighted_nextP x h x' : weighted_next m w x h = Some x' -> weighted_leads m w x h x'.
Proof. by rewrite /weighted_next; case: ifP => // st [<-]. Qed.

Lemma weighted_afterP hs x x' (V : nat -> state m -> F) pi Qt t :
  (forall t, weighted_step F m w (V t) (pi t) (Qt t) (V t.+1) (pi t.+1) (Qt t.+1)) ->
  at_place x (V t) (pi t) (Qt t) ->
  weighted_after m w hs x = Some x' -> at_place x' (V (t + size hs)%N) (pi (t + size hs)%N) (Qt (t + size hs)%N).
Proof.
move=> st; elim: hs t x => [|h hs IH] t x here /=; first by case=> <-; rewrite addn0.
case E: weighted_next => [x1|//]; have [e1 e2 e3] := weighted_leadsP here (weighted_nextP E) (st t).
by rewrite -addSnnS; apply: IH.
Qed.

Lemma same_placeP x x' V pi Qt : same_place m w x x' -> at_place x V pi Qt -> at_place x' V pi Qt.
Proof.
move=> /everyP same [VE gE QE]; have each (s : state m) := same s (ltn_ord s).
split=> [s|act s|opt s a]; have /and3P [sv sg sq] := each s.
- by move: sv; rewrite (qval_eq F) VE => /eqP.
- by move: sg; rewrite act (gE act) => /eqP.
move: sq; rewrite opt (QE opt) => /everyP /(_ _ (place_lt a)).
by rewrite (qval_eq F) => /eqP.
Qed.

Lemma other_place x x' : ~~ same_place m w x x' -> places_differ x x'.
Proof.
rewrite /same_place /every -has_predC => /hasP [s]; rewrite mem_iota /= => ls; pose s' : state m := Ordinal ls.
rewrite !negb_and => /or3P [ne|ne|ne]; exists s'.
- by constructor 1; rewrite -(qval_eq F).
- by constructor 2; move: ne; case: (acting w).
constructor 3; move: ne; case: (optimistic w) => //; rewrite -has_predC => /hasP [k]; rewrite mem_iota /= => kN ne.
split=> //; have act : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
have [a aE] := code_onto act; exists a; rewrite -(qval_eq F) /table; suff -> : rank (sizes m) (code a) = k by [].
by apply/eqP; rewrite aE -(nth_uniq [::] (rank_lt act) kN (uniq_tuples (sizes m))) nth_rank.
Qed.
End Correct.
Arguments at_place : clear implicits.
Arguments leads_to : clear implicits.
Arguments places_differ : clear implicits.

(* A certificate of kind `monotonic` of a cycle under weights that depend on Q_tot that is accepted is
   true: with k the number of the claimed positions every position steps to the next one, no two are the
   same, so k is the least period; and every run from the start is at position (t - T) mod k at all t >= T.
   Source: ours. *)
Theorem weighted_orbit_sound (F : archiFieldType) m w x0 T before points hints :
  check_weighted_orbit m w x0 T before points hints ->
  [/\ (0 < size points)%N,
      forall j, (j < size points)%N ->
        leads_to F m w (nth ([::], [::], [::]) points j) (nth ([::], [::], [::]) points (j.+1 %% size points)),
      forall i j, (i < size points)%N -> (j < i)%N ->
        places_differ F m w (nth ([::], [::], [::]) points i) (nth ([::], [::], [::]) points j)
    & forall V pi Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt -> forall t, (T <= t)%N ->
        at_place F m w (nth ([::], [::], [::]) points ((t - T) %% size points)) (V t) (pi t) (Qt t)].
Proof.
rewrite /check_weighted_orbit; case/andP; case/andP; case/andP => /and5P [_ _ _ _ /andP [act /eqP sz]].
case/and3P => k0 /everyP acts /everyP apart start /everyP steps.
split=> // [j jk|i j ik ji|V pi Qt [V0 g0 Q0 st]].
- exact: weighted_leads_to (acts j jk) (steps j jk).
- by apply: other_place; have /everyP := apart i ik; apply.
move: start; case E: weighted_after => [x|//] same.
have first_ : at_place F m w x0 (V 0%N) (pi 0%N) (Qt 0%N) by split.
have := same_placeP same (weighted_afterP st first_ E); rewrite add0n sz => there t tT.
rewrite -[in V t](subnKC tT) -[in pi t](subnKC tT) -[in Qt t](subnKC tT); move: (t - T)%N => n.
elim: n => [|n IH]; first by rewrite mod0n addn0.
have jk : (n %% size points < size points)%N by rewrite ltn_mod.
have := steps _ jk; rewrite -addn1 modnDml addn1 addnS => ok.
by have [e1 e2 e3] := weighted_leadsP IH ok (st _); split.
Qed.

(* A certificate of kind `monotonic` of convergence under weights that depend on Q_tot that is accepted is
   true: `policy` is a joint policy pi, `optimal` solves the Bellman optimality equation and `own` that of pi;
   the step from the position leads to it; and every run from the start is there at all t >= T.
   Source: ours. *)
Theorem weighted_limit_sound (F : archiFieldType) m w x0 T before claim q hints :
  check_weighted_limit m w x0 T before claim q hints ->
  exists pi : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) pi, worths F m claim pi,
        leads_to F m w (values claim, policy claim, q) (values claim, policy claim, q)
      & forall V pis Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pis Qt -> forall t, (T <= t)%N ->
          at_place F m w (values claim, policy claim, q) (V t) (pis t) (Qt t)].
Proof.
case/andP => /(check_worthsP F) [g [gE worth]] /(weighted_orbit_sound F) [_ st _ runs].
exists g; split=> // [|V pis Qt run t tT]; first exact: (st 0%N isT).
by have := runs V pis Qt run t tT; rewrite modn1.
Qed.
