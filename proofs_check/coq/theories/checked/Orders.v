(* The monotonic class (QMIX) by orders: a table is monotonic where it rises along some order
   of each agent's actions. A step takes, of all tuples of orders, the first whose isotonic
   regression has the least error.

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

   rises_monotonic    what rises along orders is monotonic
   precedes_total     one of two tuples of orders wins a tie
   order_step_unique  a step leads to one place only
   step_only          what steps from the same position leads to the same

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

(* what steps from the same values and joint actions leads to the same *)
Lemma step_only v g v' g' (V V' : state m -> F) (pi pi' : state m -> joint) : V =1 vec v -> plays g pi ->
  (forall s : state m, is_action (sizes m) (nth [::] g' s)) ->
  (forall pi1, plays g' pi1 -> (forall s (a : joint), 0 < weights F m d s (code (pi s)) a) /\
     order_step F m d (vec v) pi (vec v') pi1) ->
  order_step F m d V pi V' pi' -> V' =1 vec v' /\ plays g' pi'.
Proof.
move=> VE gE act lead st; have [pi1 gE1] := plays_exists act; have [w0 st1] := lead pi1 gE1.
have st' := order_step_eq VE (fun _ _ => erefl) st.
by have [e1 e2] := order_step_unique w0 st' st1; split=> // s; rewrite e2.
Qed.
End Correct.
