(* Models as tables of rational numbers, and what they mean.

   A certificate describes a finite multi-agent MDP by lists. Here are the model over an
   ordered field F that such lists describe, in the terms of Model.v, and the factors of
   the fit as computed from them (Theorem 1's closed form). Lists of joint actions are
   in lexicographic order. No theorem here: tools of the certificate checker.

          tuples sizes == all joint actions as lists, agent i with entry i of sizes many
                          actions
          rank sizes l == the place of the joint action l among them
     is_action sizes l == l is one of them
           agent sizes == the type of the agents
              action i == the type of agent i's actions
                code a == the list of the joint action a
                 model == numbers of actions, the discount, for every state and joint
                          action a row (the reward, then the transition probabilities),
                          and the rule at ties of runs: the last action, not the first
          before m x y == x wins a tie with y
            n_states m == the number of states
         entries m s l == the row of state s and joint action l
         entry m s l k == its entry k
                  data == Uniform, Product of marginals[i][s][x], Joint of tables[s][a] and
                          of a hint (Fits.v), EpsilonGreedy of epsilon, Exploring of epsilon
                          and of marginals; Follows of functions that make tables and fits
                          around joint actions: what a chooser (Choosers.v) meets
                qinv k == 1/k
     marginals m d s g == the agents' distributions at state s; epsilon-greedy data are
                          around g, which has no influence otherwise
               state m == the type of the states
        reward F m s a == r(s,a)
      trans F m s a s' == P(s'|s,a)
             gamma F m == the discount
           draws F m p == the product data with the marginals p
           table F t a == the entry of the joint action a in the table t
           vec F m v s == entry s of the list of values v
           y F m V s a == the target at the values V
            plays g pi == g lists the joint policy pi, a list a state
      first_greedy Q a == every a_i is the first maximiser of agent i's factor, or the
                          last one, by the rule at ties
         sums_to_1 l n == l has n entries, which sum to 1
         check_model m == numbers of entries; at least one agent and one action each; 0
                          <= discount < 1; probabilities are >= 0 and sum to 1
   check_marginals m p == the marginals p are distributions with full support
          weighted m p == the joint actions with their probabilities
             mean ws f == the expectation of f under such weights
     averages m s ws f == those of the entries of the rows of the joint actions f l
         weigh sizes p == the joint actions with their probabilities, times a number:
                          integers
        shared sizes p == that number
    weighed D ws table == the rows of a state times D and the integers ws
             inverse w == 1/w, for w > 0
    credit n W c v y z == c (y v - (n - 1) / n z W), times n: an integer
           shares E zs == a common divisor of E and of all integers of zs
         divided E zzs == the integers of zzs over E, all with one denominator
        fit_full m p s == fit m p s where the marginals p have full support
             fit m p s == for agent i and action x the numbers R_i(s,x), gamma
                          P_i(s'|s,x) of which Theorem 1's credits at values V are R_i +
                          gamma sum_s' P_i V
             row t i x == those of agent i and action x
         affine row bz == the value of an affine function, its constant first, at the
                          numbers of which bz has the integers; not in lowest terms
          eval n row v == that at v, in lowest terms
    target_of m row bz == the target of a row of the model at such numbers
     target_at m v s l == the target at the values v, computed
         row_val row V == the value of an affine function of V in F

   sum_tuples  a sum over joint actions is the sum over their lists
   target_atE  target_at computes the target
   meanE       mean computes the expectation
   trans_ge0   checked models: probabilities are >= 0
   trans_sum1  and sum to 1
   draws_gt0   checked marginals have full support
   draws_sum1  and sum to 1
   fitE        the computed rows are the credits of Theorem 1                            *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ssrZ zify ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------- joint actions as lists *)
(* all joint actions, in lexicographic order; agent i has entry i of sizes as its number
   of actions                                                                            *)
Fixpoint tuples (sizes : seq nat) : seq (seq nat) :=
  if sizes is m :: rest then [seq x :: l | x <- iota 0 m, l <- tuples rest] else [:: [::]].

(* the place of a joint action in that order *)
Definition rank (sizes l : seq nat) : nat :=
  foldl (fun acc mx => acc * mx.1 + mx.2)%N 0%N (zip sizes l).

Definition is_action (sizes l : seq nat) : bool :=
  (size l == size sizes) && every (size sizes) (fun i => (nth 0 l i < nth 0 sizes i)%N).

Lemma mem_tuples sizes l : (l \in tuples sizes) = is_action sizes l.
Proof.
rewrite /is_action; elim: sizes l => [|m sizes IH] [|x l] //=.
  by apply/allpairsP => -[[y k] [_ _]].
apply/allpairsP/andP => [[[y k] /= [ym kin [-> ->]]]|[sz /everyP lt]].
  move: kin; rewrite IH => /andP [sz /everyP lt]; split; first by rewrite eqSS.
  by apply/everyP => -[_|i]; [move: ym; rewrite mem_iota|rewrite /= ltnS; apply: lt].
exists (x, l); split=> //=; first by rewrite mem_iota /=; apply: (lt 0%N).
by rewrite IH; move: sz; rewrite eqSS => ->; apply/everyP => i il; apply: (lt i.+1).
Qed.

Lemma uniq_tuples sizes : uniq (tuples sizes).
Proof.
elim: sizes => //= m sizes IH; apply: allpairs_uniq => //; first exact: iota_uniq.
by move=> [x l] [y k] _ _ /= [-> ->].
Qed.

Lemma size_tuples sizes : size (tuples sizes) = foldr muln 1%N sizes.
Proof. by elim: sizes => //= k sizes IH; rewrite size_allpairs size_iota IH. Qed.

Lemma rank_lt sizes l : is_action sizes l -> (rank sizes l < size (tuples sizes))%N.
Proof.
have gen acc : is_action sizes l ->
    (foldl (fun acc mx => acc * mx.1 + mx.2)%N acc (zip sizes l) < acc.+1 * size (tuples sizes))%N.
  elim: sizes l acc => [|m sizes IH] [|x l] acc /andP [] //=; first by rewrite muln1.
  rewrite eqSS => sz /everyP lt.
  have xm : (x < m)%N by apply: (lt 0%N).
  have ok : is_action sizes l by rewrite /is_action sz; apply/everyP => i il; apply: (lt i.+1).
  apply: leq_trans (IH l _ ok) _; rewrite size_allpairs size_iota mulnA leq_mul2r; apply/orP; right.
  by rewrite mulSn [(m + _)%N]addnC -addnS leq_add2l.
by move=> ok; have := gen 0%N ok; rewrite mul1n.
Qed.

Lemma nth_pairs (A B C : Type) (f : A -> B -> C) a0 b0 c0 (xs : seq A) (ls : seq B) i k :
  (i < size xs)%N -> (k < size ls)%N ->
  nth c0 [seq f x l | x <- xs, l <- ls] (i * size ls + k)%N = f (nth a0 xs i) (nth b0 ls k).
Proof.
elim: xs i => [|x xs IH] [|i] //= ix kl; rewrite nth_cat size_map.
  by rewrite mul0n add0n kl (nth_map b0).
by rewrite mulSn -addnA ltnNge leq_addr /= addKn IH.
Qed.

Lemma nth_rank sizes l : is_action sizes l -> nth [::] (tuples sizes) (rank sizes l) = l.
Proof.
have gen acc : is_action sizes l -> exists2 k, (k < size (tuples sizes))%N &
    (foldl (fun acc mx => acc * mx.1 + mx.2)%N acc (zip sizes l) = acc * size (tuples sizes) + k)%N
    /\ nth [::] (tuples sizes) k = l.
  elim: sizes l acc => [|m sizes IH] [|x l] acc /andP [] //=; first by exists 0%N => //;
      rewrite muln1 addn0.
  rewrite eqSS => sz /everyP lt.
  have xm : (x < m)%N by apply: (lt 0%N).
  have ok : is_action sizes l by rewrite /is_action sz; apply/everyP => i il; apply: (lt i.+1).
  have [k km [-> kl]] := IH l (acc * m + x)%N ok.
  exists (x * size (tuples sizes) + k)%N.
    rewrite size_allpairs size_iota; apply: (@leq_trans (x.+1 * size (tuples sizes))).
      by rewrite mulSn addnC ltn_add2r.
    by rewrite leq_mul2r xm orbT.
  rewrite size_allpairs size_iota mulnDl mulnA addnA; split=> //.
  by rewrite (nth_pairs _ 0%N [::]) ?size_iota // nth_iota // kl.
move=> ok; have [k km []] := gen 0%N ok; rewrite mul0n add0n /rank => -> //.
Qed.

Section Joint.
Variable sizes : seq nat.
Notation n := (size sizes).

(* the agents, their actions, and the list of a joint action *)
Definition agent := structure finType 'I_n.
Definition action (i : agent) : finType := structure finType 'I_(nth 0%N sizes i).
Notation joint := {dffun forall i, action i}.
Definition code (a : joint) : seq nat := [seq nat_of_ord (a i) | i <- enum 'I_n].

Lemma size_code a : size (code a) = n.
Proof. by rewrite size_map size_enum_ord. Qed.

Lemma nth_code a (i : agent) : nth 0%N (code a) i = a i.
Proof. by rewrite (nth_map i) ?size_enum_ord // nth_ord_enum. Qed.

Lemma code_inj : injective code.
Proof. by move=> a b e; apply/ffunP => i; apply: val_inj; rewrite /= -!nth_code e. Qed.

Lemma code_is_action a : is_action sizes (code a).
Proof.
rewrite /is_action size_code eqxx; apply/everyP => i li.
by rewrite (nth_code a (Ordinal li)); apply: (ltn_ord (a (Ordinal li))).
Qed.

Lemma code_onto l : is_action sizes l -> exists a, code a = l.
Proof.
case/andP => /eqP sz /everyP lt.
pose a : joint := [ffun i : agent => (Ordinal (lt i (ltn_ord i)) : action i)].
exists a; apply: (@eq_from_nth _ 0%N); rewrite size_code // => i li.
by rewrite (nth_code a (Ordinal li)) ffunE.
Qed.

Lemma code_upd a (i : agent) (x : action i) : code (upd a x) = set_nth 0%N (code a) i x.
Proof.
apply: (@eq_from_nth _ 0%N).
  by rewrite size_set_nth !size_code (maxn_idPr _) // ltn_ord.
move=> j; rewrite size_code => lj; rewrite (nth_code _ (Ordinal lj)) nth_set_nth /=.
have [ji|ji] := eqVneq j i.
  case: i x ji => i li x /= ji; subst j; rewrite (bool_irrelevance lj li).
  by rewrite (upd_same a x).
by rewrite (@upd_other _ _ a i x (Ordinal lj)) // (nth_code a (Ordinal lj)).
Qed.

Lemma sum_tuples (F : ringType) (G : seq nat -> F) :
  \sum_(a : joint) G (code a) = \sum_(l <- tuples sizes) G l.
Proof.
rewrite -(big_map code xpredT G); apply: perm_big; apply: uniq_perm.
- by rewrite map_inj_uniq ?index_enum_uniq //; apply: code_inj.
- exact: uniq_tuples.
move=> l; rewrite mem_tuples; apply/mapP/idP => [[a _ ->]|/code_onto [a <-]].
  exact: code_is_action.
by exists a => //; apply: mem_index_enum.
Qed.

End Joint.

(* ------------------------------------------------------------------- model and data *)
(* rows: for every state, for every joint action in lexicographic order, the reward and
   then the transition probabilities to all states                                       *)
(* The rule at ties is that of the runs: the first action, or the last one. *)
Record model := Model { sizes : seq nat; discount : Q; rows : seq (seq (seq Q)); lasts : bool }.

(* x wins a tie with y *)
Definition before (m : model) (x y : nat) : bool := if lasts m then (y < x)%N else (x < y)%N.

Lemma beforexx m x : before m x x = false.
Proof. by rewrite /before !ltnn if_same. Qed.

Lemma before_neq m x y : before m x y -> x != y.
Proof. by rewrite /before; case: (lasts m) => lt; rewrite neq_ltn lt ?orbT. Qed.

Lemma before_total m x y : x != y -> before m x y || before m y x.
Proof. by rewrite neq_ltn /before; case: (lasts m) => //; rewrite orbC. Qed.

Definition n_states (m : model) : nat := size (rows m).
(* entry 0 is the reward, entry k + 1 the probability of state k *)
Definition entries (m : model) (s : nat) (l : seq nat) : seq Q :=
  nth [::] (nth [::] (rows m) s) (rank (sizes m) l).
Definition entry (m : model) (s : nat) (l : seq nat) (k : nat) : Q := at_ (entries m s l) k.

(* marginals[i][s][x], tables[s][a] with joint actions in lexicographic order; the hint of joint
   data are the rows of the fit at every state, which play no part in what the data are       *)
Inductive data :=
  | Uniform
  | Product of seq (seq (seq Q))
  | Joint of seq (seq Q) & seq (seq (seq (seq Q)))
  | EpsilonGreedy of Q
  | Exploring of Q & seq (seq (seq Q))
  | Follows of (nat -> seq nat -> seq Q) & (nat -> seq nat -> seq (seq (seq Q))).

(* 1/k, for k > 0 *)
Definition qinv (k : nat) : Q := Qmake 1 (Pos.of_nat k).

(* the agents' distributions at state s, under epsilon-greedy data around the joint
   action g, which explore uniformly or with marginals; under fixed data g has no influence *)
Definition marginals (m : model) (d : data) (s : nat) (g : seq nat) : seq (seq Q) :=
  tab (size (sizes m)) (fun i => let k := nth 0%N (sizes m) i in
    match d with
    | Uniform => tab k (fun=> qinv k)
    | Product p => nth [::] (nth [::] p i) s
    | Joint _ _ | Follows _ _ => [::]
    | EpsilonGreedy e => tab k (fun x =>
        qadd (if x == nth 0%N g i then qsub q1 e else q0) (qmul e (qinv k)))
    | Exploring e u => tab k (fun x =>
        qadd (if x == nth 0%N g i then qsub q1 e else q0) (qmul e (at_ (nth [::] (nth [::] u i) s) x)))
    end).

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model).

Definition state := structure finType 'I_(n_states m).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).

Definition reward (s : state) (a : joint) : F := qval F (entry m s (code a) 0).
Definition trans (s : state) (a : joint) (s' : state) : F := qval F (entry m s (code a) s'.+1).
Definition gamma : F := qval F (discount m).
Definition draws (p : seq (seq Q)) : local := fun i x => qval F (at_ (nth [::] p i) x).
Definition table (t : seq Q) (a : joint) : F := qval F (at_ t (rank (sizes m) (code a))).
(* values, one number a state, and y(s,a) = r(s,a) + gamma sum_s' P(s'|s,a) V(s') *)
Definition vec (v : seq Q) (s : state) : F := qval F (at_ v s).
Definition y (V : state -> F) : state -> joint -> F := target reward trans gamma V.
(* the joint policy g, a list a state *)
Definition plays (g : seq (seq nat)) (pi : state -> joint) :=
  forall s : state, code (pi s) = nth [::] g s.
(* a is the first (or, by the rule at ties, the last) maximiser of each agent's factor *)
Definition first_greedy (Q : local) (a : joint) :=
  greedy Q a /\ forall i (x : action i), before m x (a i) -> Q i x < Q i (a i).

End Meaning.
Arguments reward : clear implicits.
Arguments trans : clear implicits.
Arguments vec : clear implicits.
Arguments y : clear implicits.
Arguments draws : clear implicits.

(* ------------------------------------------------------------------ what is checked *)
Definition sums_to_1 (l : seq Q) (n : nat) : bool := (size l == n) && qeq (qtotal_list l id) q1.

(* numbers of entries; at least one agent and one action each; 0 <= discount < 1;
   probabilities are >= 0 and sum to 1                                                    *)
Definition check_model (m : model) : bool :=
  let n := n_states m in let joint := foldr muln 1%N (sizes m) in
  [&& (0 < size (sizes m))%N, all (leq 1) (sizes m), qle q0 (discount m), qlt (discount m) q1
    & all (fun tab_s => (size tab_s == joint) &&
        all (fun row => [&& size row == n.+1, all (qle q0) (behead row)
                          & sums_to_1 (behead row) n]) tab_s) (rows m)].

Definition check_marginals (m : model) (p : seq (seq Q)) : bool :=
  every (size (sizes m)) (fun i => let k := nth 0%N (sizes m) i in
    [&& size (nth [::] p i) == k, all (qlt q0) (nth [::] p i) & sums_to_1 (nth [::] p i) k]).

(* ------------------------------------------------------------------------------ the fit *)
(* the joint actions with their probabilities, and expectations *)
Definition weighted (m : model) (p : seq (seq Q)) : seq (seq nat * Q) :=
  [seq (l, qprod (size (sizes m)) (fun i => at_ (nth [::] p i) (nth 0%N l i)))
  | l <- tuples (sizes m)].
Definition mean (ws : seq (seq nat * Q)) (f : seq nat -> Q) : Q :=
  qsum_list ws (fun lw => qmul lw.2 (f lw.1)).
(* the means of all entries at state s, where f l is played in the place of l *)
Definition averages (m : model) (s : nat) (ws : seq (seq nat * Q)) (f : seq nat -> seq nat) : seq Q :=
  let found := [seq (entries m s (f lw.1), lw.2) | lw <- ws] in
  tab (n_states m).+1 (fun k => qsum_list found (fun rw => qmul rw.2 (at_ rw.1 k))).
(* the joint actions with their probabilities, times the number that `shared` is: integers *)
Fixpoint weigh (sizes : seq nat) (p : seq (seq Q)) : seq (seq nat * Z) :=
  if sizes is k :: rest then
    let own := head [::] p in let D := multiple (Zpos 1) own in let others := weigh rest (behead p) in
    [seq (xz.1 :: lw.1, Z.mul xz.2 lw.2) | xz <- tab k (fun x => (x, over D (at_ own x))), lw <- others]
  else [:: ([::], Zpos 1)].
Fixpoint shared (sizes : seq nat) (p : seq (seq Q)) : Z :=
  if sizes is _ :: rest then Z.mul (multiple (Zpos 1) (head [::] p)) (shared rest (behead p)) else Zpos 1.
(* the rows of a state, times D and the weight of their joint actions *)
Definition weighed (D : Z) (ws : seq (seq nat * Z)) (table : seq (seq Q)) : seq (seq nat * seq Z) :=
  [seq (wr.1.1, [seq Z.mul wr.1.2 (over D x) | x <- wr.2]) | wr <- zip ws table].
(* 1/w, and what is left of n c (y / w - (n - 1) / n z) W where v = W / w *)
Definition inverse (w : Q) : Q := Qmake (Zpos (Qden w)) (Z.to_pos (Qnum w)).
Definition credit (N W c v y z : Z) : Z :=
  Z.mul c (Z.sub (Z.mul N (Z.mul y v)) (Z.mul (Z.sub N (Zpos 1)) (Z.mul z W))).
(* integers of three lists deep over E, less what all have in common *)
Definition shares (E : Z) (zs : seq Z) : Z := foldr (fun z g => if Z.eqb g 1 then g else Z.gcd g z) E zs.
Definition divided (E : Z) (zzs : seq (seq (seq Z))) : seq (seq (seq Q)) :=
  let g := foldr (fun rows g => foldr (fun zs g => shares g zs) g rows) E zzs in
  let d := Z.to_pos (Z.quot E g) in
  let one := if Z.eqb g 1 then (fun z => Qmake z d) else (fun z => Qmake (Z.quot z g) d) in
  [seq [seq [seq one z | z <- zs] | zs <- rows] | rows <- zzs].
(* with full support: sums of weighed rows are taken over all joint actions, and over those in which
   an agent plays x                                                                          *)
Definition fit_full (m : model) (p : seq (seq Q)) (s : nat) : seq (seq (seq Q)) :=
  let n := size (sizes m) in
  let table := nth [::] (rows m) s in
  let R := multiples table in
  let D := Z.mul (shared (sizes m) p) R in
  let rs := weighed R (weigh (sizes m) p) table in
  let levels := zsum_if xpredT rs in
  let ks := iota 0 (n_states m).+1 in
  let N := Z.of_nat n in
  let W := multiples [seq [seq inverse w | w <- own] | own <- p] in
  let c := discount m in
  divided (Z.mul (Zpos (Qden c)) (Z.mul N (Z.mul W D))) (tab n (fun i => tab (nth 0%N (sizes m) i) (fun x =>
    let sums := zsum_if (fun l => Nat.eqb (nth 0%N l i) x) rs in let v := over W (inverse (at_ (nth [::] p i) x)) in
    [seq credit N W (if k is 0%N then Zpos (Qden c) else Qnum c) v (nth Z0 sums k) (nth Z0 levels k) | k <- ks]))).

(* For agent i and action x the list of R_i(s,x) and gamma P_i(s'|s,x), where
   Q_i(s,x) = R_i(s,x) + gamma sum_s' P_i(s'|s,x) V(s') are the credits of Theorem 1.     *)
Definition fit (m : model) (p : seq (seq Q)) (s : nat) : seq (seq (seq Q)) :=
  if check_marginals m p then fit_full m p s else
  let n := size (sizes m) in
  let ws := weighted m p in
  let share := qmul (qnat (size (sizes m)).-1) (qinv (size (sizes m))) in
  let levels := [seq qmul share x | x <- averages m s ws id] in
  tab n (fun i => tab (nth 0%N (sizes m) i) (fun x =>
    let means := averages m s ws (fun l => set_nth 0%N l i x) in
    tab (n_states m).+1 (fun k => qmul (if k is 0%N then q1 else discount m) (qsub (at_ means k) (at_ levels k))))).
Definition row (t : seq (seq (seq Q))) (i x : nat) : seq Q := nth [::] (nth [::] t i) x.

(* the value of an affine function of V, its constant first *)
Definition affine (row : seq Q) (bz : Z * seq Z) : Q :=
  let: (b, zs) := bz in let a := multiple (Zpos 1) row in
  Qmake (Z.add (Z.mul (over a (at_ row 0)) b) (zdot a (behead row) zs)) (Z.to_pos (Z.mul a b)).
Definition eval (n : nat) (row v : seq Q) : Q := lowest (affine row (integers n v)).
(* y(s,a) *)
Definition target_of (m : model) (row : seq Q) (bz : Z * seq Z) : Q :=
  let: (b, zs) := bz in let a := multiple (Zpos 1) row in let c := discount m in
  Qmake (Z.add (Z.mul (Zpos (Qden c)) (Z.mul (over a (at_ row 0)) b))
               (Z.mul (Qnum c) (zdot a (behead row) zs)))
        (Z.to_pos (Z.mul (Zpos (Qden c)) (Z.mul a b))).
Definition target_at (m : model) (v : seq Q) (s : nat) (l : seq nat) : Q := target_of m (entries m s l) (integers (n_states m) v).

Section Correct.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation state := (state m).
Notation qval := (qval F).
Notation reward := (reward F m).
Notation trans := (trans F m).
Notation gamma := (gamma F m).
Notation draws := (draws F m).
Notation vec := (vec F m).
Notation y := (y F m).

Lemma qval_inv k : (0 < k)%N -> qval (qinv k) = 1 / k%:R.
Proof.
move=> k0; rewrite /Rationals.qval /qinv /=; congr (_ / _).
by rewrite /zval /= Nat2Pos.id //; case: k k0.
Qed.

Lemma row_parts r v (a := multiple (Zpos 1) r) (b := (integers (n_states m) v).1) :
  [/\ Z.lt 0 a, Z.lt 0 b, zval F (over a (at_ r 0)) = qval (at_ r 0) * zval F a
  & zval F (zdot a (behead r) (integers (n_states m) v).2) =
     (\sum_(k < n_states m) qval (at_ r k.+1) * qval (at_ v k)) * (zval F a * zval F b)].
Proof.
have [_ div] := multiple_divides (Zpos 1) r; have a0 := multiple_gt0 r Z.lt_0_1.
split=> //; [exact: integers_gt0|exact: overE|].
rewrite (zdotE (n := n_states m) (v := v) (b := b) a0).
- by congr (_ * _); apply: eq_bigr => k _; rewrite /at_ nth_behead.
- by move=> k; have := div k.+1; rewrite /at_ -nth_behead.
- exact: size_integers.
exact: integersE.
Qed.

Lemma target_atE v (s : state) (a : joint) : qval (target_at m v s (code a)) = y (vec v) s a.
Proof.
rewrite /target_at; set r := entries m s (code a).
have [] := row_parts r v; rewrite /target_of; case: (integers _ v) => b zs; cbv beta iota zeta delta [fst snd].
set a' := multiple _ _; move: (over a' _) (zdot a' _ _) => z0 z a0 b0 z0E zE.
have da : Z.lt 0 (Z.mul (Zpos (Qden (discount m))) (Z.mul a' b)) by nia.
have [e _] := zval_to_pos F da; have [_ an] := zval_to_pos F a0; have [_ bn] := zval_to_pos F b0.
rewrite qval_make e !(zvalD, zvalM) z0E zE /y /target /gamma /reward /trans.
rewrite /vec /entry -/r [qval (discount m)]/Rationals.qval; have cn := zval_neq0 F (Qden (discount m)).
move: (qval (at_ r 0)) (\sum_(k < n_states m) _) (zval F a') (zval F b) an bn => x u a1 b1 an bn.
move: (zval F (Qnum _)) (zval F (Zpos _)) cn => c1 c2 cn.
by field; rewrite an bn cn.
Qed.

Lemma averagesE s ws f k : (k < (n_states m).+1)%N ->
  at_ (averages m s ws f) k = mean ws (fun l => entry m s (f l) k).
Proof. by move=> kn; rewrite /averages /at_ nth_tab // qsum_map. Qed.

Lemma meanE p f : qval (mean (weighted m p) f) = E (draws p) (fun a => qval (f (code a))).
Proof.
rewrite qval_sum_list big_map.
rewrite -(sum_tuples (sizes m) (fun l => qval (qmul (qprod _ _) (f l)))); apply: eq_bigr => a _.
rewrite qval_mul qval_prod; congr (_ * _); apply: eq_bigr => i _.
by rewrite nth_code.
Qed.

Definition row_val (r : seq Q) (V : state -> F) : F :=
  qval (at_ r 0) + \sum_(s : state) qval (at_ r s.+1) * V s.

Lemma affineE r v : qval (affine r (integers (n_states m) v)) = row_val r (vec v).
Proof.
have [] := row_parts r v; rewrite /affine; case: (integers _ v) => b zs; cbv beta iota zeta delta [fst snd].
set a' := multiple _ _; move: (over a' _) (zdot a' _ _) => z0 z a0 b0 z0E zE.
have ab : Z.lt 0 (Z.mul a' b) by nia.
have [e _] := zval_to_pos F ab; have [_ an] := zval_to_pos F a0; have [_ bn] := zval_to_pos F b0.
rewrite qval_make e !(zvalD, zvalM) z0E zE /row_val /vec.
move: (qval (at_ r 0)) (\sum_(k < n_states m) _) (zval F a') (zval F b) an bn => x u a1 b1 an bn.
by field; rewrite an bn.
Qed.

Lemma evalE r v : qval (eval (n_states m) r v) = row_val r (vec v).
Proof. by rewrite qval_lowest affineE. Qed.

Hypothesis ok : check_model m.

Lemma has_agents : (0 < size (sizes m))%N.
Proof. by case/and5P: ok. Qed.
Lemma gamma_ge0 : 0 <= gamma.
Proof. by case/and5P: ok => _ _; rewrite (qval_le F) qval0. Qed.
Lemma gamma_lt1 : gamma < 1.
Proof. by case/and5P: ok => _ _ _; rewrite (qval_lt F) qval1. Qed.

Lemma sums_to_1E l n : sums_to_1 l n -> \sum_(k < n) qval (at_ l k) = 1.
Proof.
case/andP => /eqP <-; rewrite (qval_eq F) qval_total_list qval1 => /eqP <-.
by rewrite (big_nth q0) big_mkord.
Qed.

Lemma qinv_n : (n_agents F (agent (sizes m)) - 1) / n_agents F (agent (sizes m)) =
  qval (qmul (qnat (size (sizes m)).-1) (qinv (size (sizes m)))).
Proof.
rewrite qval_mul qval_inv ?has_agents // qval_nat /n_agents card_ord mul1r; congr (_ / _).
by rewrite -{1}(prednK has_agents) -addn1 natrD addrK.
Qed.

Lemma check_row (s : state) (a : joint) : let l := nth [::] (nth [::] (rows m) s) (rank (sizes m) (code a)) in
  [/\ size l = (n_states m).+1, all (qle q0) (behead l) & sums_to_1 (behead l) (n_states m)].
Proof.
case/and5P: ok => _ _ _ _ /(all_nthP [::]) /(_ s (ltn_ord s)) /andP [/eqP sz /(all_nthP [::]) h] /=.
rewrite -size_tuples in sz.
have lt : (rank (sizes m) (code a) < size (nth [::] (rows m) s))%N.
  by rewrite sz rank_lt // code_is_action.
by have /and3P [/eqP -> -> ->] := h _ lt.
Qed.

Lemma trans_ge0 s a s' : 0 <= trans s a s'.
Proof.
have [sz /(all_nthP q0) ge _] := check_row s a.
rewrite /Tables.trans /entry /at_ -nth_behead -(qval0 F) -qval_le.
by apply: ge; rewrite size_behead sz; apply: ltn_ord.
Qed.

Lemma trans_sum1 s a : \sum_s' trans s a s' = 1.
Proof.
have [sz _ /sums_to_1E <-] := check_row s a; apply: eq_bigr => k _.
by rewrite /Tables.trans /entry /at_ nth_behead.
Qed.

Section Data.
Variable p : seq (seq Q).
Hypothesis okp : check_marginals m p.

Lemma check_agent (i : agent (sizes m)) : let k := nth 0%N (sizes m) i in
  [/\ size (nth [::] p i) = k, all (qlt q0) (nth [::] p i) & sums_to_1 (nth [::] p i) k].
Proof. by move/everyP: okp => /(_ i (ltn_ord i)) /and3P [/eqP sz gt sum]; split. Qed.

Lemma draws_gt0 i (x : action i) : 0 < draws p i x.
Proof.
have [sz /(all_nthP q0) gt _] := check_agent i.
by rewrite -(qval0 F) -qval_lt; apply: gt; rewrite sz; apply: ltn_ord.
Qed.

Lemma draws_sum1 i : \sum_(x : action i) draws p i x = 1.
Proof. by have [_ _ h] := check_agent i; exact: (sums_to_1E h). Qed.

Lemma Qcf_linear (f : joint -> F) (h : state -> joint -> F) (g : F) V i (x : action i) :
  Qcf (draws p) (fun a => f a + g * \sum_s h s a * V s) x =
  Qcf (draws p) f x + \sum_s g * Qcf (draws p) (h s) x * V s.
Proof.
have lin f' (h' : state -> joint -> F) : E (draws p) (fun b => f' b + g * \sum_s h' s b * V s) =
    E (draws p) f' + g * \sum_s E (draws p) (h' s) * V s.
  rewrite ED EZ Esum; congr (_ + _ * _); apply: eq_bigr => s _.
  by rewrite mulrC -EZ; apply: eq_E => b; rewrite mulrC.
rewrite /Qcf (lin (fun b => f (upd b x)) (fun s b => h s (upd b x))) (lin f h); set c := _ / _.
rewrite mulrDr opprD addrACA; congr (_ + _).
rewrite mulrCA -mulrBr [c * _]mulr_sumr -sumrB mulr_sumr.
by apply: eq_bigr => s _ /=; ring.
Qed.

End Data.

(* the table of a state: the rows of its joint actions, in their order *)
Lemma tableE (s : state) : nth [::] (rows m) s = [seq entries m s l | l <- tuples (sizes m)].
Proof.
case/and5P: ok => _ _ _ _ /(all_nthP [::]) /(_ s (ltn_ord s)) /andP [/eqP sz _]; rewrite -size_tuples in sz.
apply: (@eq_from_nth _ [::]) => [|k]; rewrite ?size_map // sz => ks.
rewrite (nth_map [::]) // /entries; congr (nth _ _ _); apply/eqP.
have act : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
by rewrite -(nth_uniq [::] ks (rank_lt act) (uniq_tuples _)) nth_rank.
Qed.

Lemma zip_maps (A B C : Type) (f : A -> B) (g : A -> C) (l : seq A) :
  zip [seq f x | x <- l] [seq g x | x <- l] = [seq (f x, g x) | x <- l].
Proof. by elim: l => //= x l ->. Qed.

(* the integers of weigh are probabilities times that of shared *)
Lemma weighE sz p : exists2 w : seq nat -> Z, weigh sz p = [seq (l, w l) | l <- tuples sz] &
  forall l, zval F (w l) = \prod_(i < size sz) qval (at_ (nth [::] p i) (nth 0%N l i)) * zval F (shared sz p).
Proof.
elim: sz p => [|k sz IH] p /=; first by exists (fun=> Zpos 1) => // l; rewrite big_ord0 mul1r.
have [w -> wE] := IH (behead p); set D := multiple _ _.
exists (fun l => Z.mul (over D (at_ (head [::] p) (nth 0%N l 0))) (w (behead l))).
  by rewrite /tab map_flatten -!map_comp; congr flatten; apply: eq_map => x /=; rewrite -!map_comp.
have D0 : Z.lt 0 D by apply: multiple_gt0 Z.lt_0_1.
have [_ div] := multiple_divides (Zpos 1) (head [::] p).
move=> l; rewrite !zvalM (overE F D0 (div _)) wE big_ord_recl /= nth0.
under [in RHS]eq_bigr => i _ do rewrite -nth_behead -[nth 0%N l _]nth_behead.
by rewrite mulrACA.
Qed.

Lemma shared_gt0 sz p : Z.lt 0 (shared sz p).
Proof.
elim: sz p => //= k sz IH p.
by have := multiple_gt0 (head [::] p) Z.lt_0_1; have := IH (behead p); nia.
Qed.

Lemma positive_num x : qlt q0 x -> Z.lt 0 (Qnum x).
Proof.
rewrite (qval_lt F) qval0 => x0; apply/Z.ltb_lt; rewrite Z.ltb_antisym -(zval_le F); apply/negP => le.
by move: x0; rewrite ltNge /Rationals.qval mulr_le0_ge0 // invr_ge0 ltW ?zval_gt0.
Qed.

Lemma inverseE w : Z.lt 0 (Qnum w) -> qval (inverse w) = (qval w)^-1.
Proof. by move=> w0; have [e _] := zval_to_pos F w0; rewrite qval_make e [qval w]/Rationals.qval invfM invrK mulrC. Qed.

Lemma sharesP E zs : Z.lt 0 E -> [/\ Z.lt 0 (shares E zs), Z.divide (shares E zs) E
  & forall k, Z.divide (shares E zs) (nth Z0 zs k)].
Proof.
have none (z : Z) k : Z.divide z (nth Z0 [::] k) by rewrite nth_nil; apply: Z.divide_0_r.
move=> E0; elim: zs => [|z zs [g0 gE gz]] /=; first by split=> //; apply: Z.divide_refl.
case: ifP => [/Z.eqb_eq e|_]; first by split=> // -[|k] /=; [rewrite e; apply: Z.divide_1_l|apply: gz].
set g := shares E zs in g0 gE gz *.
split; first by have := Z.gcd_nonneg g z; have := @Z.gcd_eq_0_l g z; lia.
  by apply: Z.divide_trans gE; apply: Z.gcd_divide_l.
case=> [|k] /=; first exact: Z.gcd_divide_r.
by apply: Z.divide_trans (gz k); apply: Z.gcd_divide_l.
Qed.

Lemma divisorP E zzs (g := foldr (fun rows g => foldr (fun zs g => shares g zs) g rows) E zzs) : Z.lt 0 E ->
  [/\ Z.lt 0 g, Z.divide g E & forall i x k, Z.divide g (nth Z0 (nth [::] (nth [::] zzs i) x) k)].
Proof.
have none (z : Z) k : Z.divide z (nth Z0 [::] k) by rewrite nth_nil; apply: Z.divide_0_r.
move=> E0; rewrite /g {g}; elim: zzs => [|rows zzs [g0 gE gz]] /=.
  by split=> // [|i x k]; [apply: Z.divide_refl|rewrite !nth_nil; apply: Z.divide_0_r].
move: (foldr _ E zzs) g0 gE gz => g g0 gE gz.
suff [h0 hg hz] : let h := foldr (fun zs g => shares g zs) g rows in
    [/\ Z.lt 0 h, Z.divide h g & forall x k, Z.divide h (nth Z0 (nth [::] rows x) k)].
  split=> //; first exact: Z.divide_trans gE.
  by case=> [|i] x k /=; [apply: hz|apply: Z.divide_trans (gz i x k)].
elim: rows => [|zs rows [h0 hg hz]] /=; first by split=> // [|x k]; [apply: Z.divide_refl|rewrite !nth_nil; apply: Z.divide_0_r].
move: (foldr _ g rows) h0 hg hz => h h0 hg hz; have [r0 rh rz] := sharesP zs h0.
split=> //; first exact: Z.divide_trans hg.
by case=> [|x] k /=; [apply: rz|apply: Z.divide_trans (hz x k)].
Qed.

Lemma dividedE E zzs i x k : Z.lt 0 E -> (i < size zzs)%N -> (x < size (nth [::] zzs i))%N ->
  (k < size (nth [::] (nth [::] zzs i) x))%N ->
  qval (at_ (row (divided E zzs) i x) k) = zval F (nth Z0 (nth [::] (nth [::] zzs i) x) k) / zval F E.
Proof.
move=> E0 iz xz kz; have [g0 gE /(_ i x k) gz] := divisorP zzs E0.
rewrite /row /at_ /divided (nth_map [::]) // (nth_map [::]) // (nth_map Z0) //.
move: (foldr _ E zzs) g0 gE gz => g g0 [c cE] [b ->]; have [_ gn] := zval_to_pos F g0.
have c0 : Z.lt 0 c by nia.
have [e cn] := zval_to_pos F c0; rewrite cE Z.quot_mul; last by lia.
case: ifP => [/Z.eqb_eq ->|_]; last rewrite Z.quot_mul; last by lia.
  by rewrite !Z.mul_1_r qval_make e.
by rewrite qval_make e !zvalM invfM mulrACA divff // mulr1.
Qed.

Lemma creditE n D W w c v u z : (0 < n)%N -> Z.lt 0 D -> Z.lt 0 W -> qval w != 0 -> zval F v = (qval w)^-1 * zval F W ->
  zval F (credit (Z.of_nat n) W c v u z) / zval F (Z.mul (Zpos (Qden (discount m))) (Z.mul (Z.of_nat n) (Z.mul W D))) =
  zval F c / zval F (Zpos (Qden (discount m))) *
  (zval F u / zval F D / qval w - (n%:R - 1) / n%:R * (zval F z / zval F D)).
Proof.
move=> n0 D0 W0 wn vE; rewrite /credit; set N := Z.of_nat n.
have N0 : Z.lt 0 N by rewrite /N; lia.
have NE : zval F N = n%:R by rewrite /zval (_ : int_of_Z N = n) // /N; lia.
have [_ NN] := zval_to_pos F N0; have [_ DD] := zval_to_pos F D0; have [_ WW] := zval_to_pos F W0.
have cd := zval_neq0 F (Qden (discount m)).
have subE (a b : Z) : zval F (Z.sub a b) = zval F a - zval F b by rewrite -zvalN -zvalD.
rewrite !zvalM !subE !zvalM !subE vE -NE (_ : zval F (Zpos 1) = 1) //.
move: (qval w) (zval F (Zpos _)) (zval F N) (zval F D) (zval F W) cd NN DD WW wn => y1 y2 y3 y4 y5 cd NN DD WW wn.
by field; rewrite cd NN DD WW wn.
Qed.

Section Fitted.
Variable p : seq (seq Q).

Section Full.
Hypothesis okp : check_marginals m p.
Variable s : state.
Let table := nth [::] (rows m) s.
Let D := Z.mul (shared (sizes m) p) (multiples table).
Let rs := weighed (multiples table) (weigh (sizes m) p) table.

Lemma D_gt0 : Z.lt 0 D.
Proof. by have := shared_gt0 (sizes m) p; have := multiples_gt0 table; rewrite /D; nia. Qed.

(* sums of weighed rows are expectations *)
Lemma weighedE (b : pred (seq nat)) k :
  zval F (nth Z0 (zsum [seq lr.2 | lr <- rs & b lr.1]) k) / zval F D =
  E (draws p) (fun a => qval (entry m s (code a) k) * (b (code a))%:R).
Proof.
have [w wsE wE] := weighE (sizes m) p; have [_ D0] := zval_to_pos F D_gt0.
rewrite nth_zsum big_map big_filter /rs /weighed wsE /table tableE zip_maps !big_map big_mkcond /= -tableE -/table.
rewrite -(sum_tuples (sizes m) (fun l => if b l then zval F (nth Z0
  [seq Z.mul (w l) (over (multiples table) x) | x <- entries m s l] k) else 0)) mulr_suml.
apply: eq_bigr => a _; case: (b _); last by rewrite mul0r !mulr0.
rewrite mulr1; set R := multiples table.
have -> : nth Z0 [seq Z.mul (w (code a)) (over R x) | x <- entries m s (code a)] k =
    Z.mul (w (code a)) (over R (entry m s (code a) k)).
  have [ks|ks] := ltnP k (size (entries m s (code a))); first by rewrite (nth_map q0).
  by rewrite /entry /at_ !nth_default ?size_map //= Z.mul_0_r.
rewrite zvalM wE overE; [|exact: multiples_gt0|exact: multiples_divide].
rewrite /prob; have -> : \prod_i draws p i (a i) = \prod_(i < size (sizes m)) qval (at_ (nth [::] p i) (nth 0%N (code a) i)).
  by apply: eq_bigr => i _; rewrite nth_code.
move: D0; rewrite /D zvalM -/R mulf_eq0 negb_or => /andP []; set u := \prod_(_ < _) _.
move: u (qval _) (zval F (shared _ _)) (zval F R) => u v x y x0 y0.
by field; rewrite x0 y0.
Qed.

Lemma fullE i (x : action i) k : (k < (n_states m).+1)%N -> qval (at_ (row (fit_full m p s) i x) k) =
  qval (if k is 0%N then q1 else discount m) * Qcf (draws p) (fun a => qval (entry m s (code a) k)) x.
Proof.
move=> kn; rewrite /fit_full; set c := discount m; set W := multiples _.
have W0 : Z.lt 0 W by apply: multiples_gt0.
have n0 : (0 < size (sizes m))%N := has_agents.
have E0 : Z.lt 0 (Z.mul (Zpos (Qden c)) (Z.mul (Z.of_nat (size (sizes m))) (Z.mul W D))).
  by have := D_gt0; nia.
have [sz _ _] := check_agent okp i; have x0 := draws_gt0 okp x.
have w0 : qlt q0 (at_ (nth [::] p i) x) by rewrite (qval_lt F) qval0.
rewrite -/table -/D -/rs dividedE // ?size_map ?size_iota // ?nth_tab // ?size_map ?size_iota // ?nth_tab // ?size_map ?size_iota //.
rewrite (nth_map 0%N) ?size_iota // nth_iota // add0n (@creditE _ D W (at_ (nth [::] p i) x)) //; last first.
- rewrite -inverseE; last exact: positive_num w0.
  have up : inverse (at_ (nth [::] p i) x) = at_ (nth [::] [seq [seq inverse w | w <- own] | own <- p] i) x.
    have ip : (i < size p)%N by rewrite ltnNge; apply/negP => /(nth_default [::]) e; have := leq_ltn_trans (leq0n x) (ltn_ord x); rewrite -sz e.
    by rewrite (nth_map [::]) // /at_ (nth_map q0) // sz.
  rewrite overE // up; exact: multiples_divide.
- by rewrite gt_eqF.
- exact: D_gt0.
have -> : zval F (if k is 0%N then Zpos (Qden c) else Qnum c) / zval F (Zpos (Qden c)) = qval (if k is 0%N then q1 else c).
  by case: (k) => //; rewrite divff ?zval_neq0 // qval1.
congr (_ * _); rewrite /Qcf; congr (_ - _).
  rewrite zsum_ifE (weighedE (fun l => Nat.eqb (nth 0%N l i) x)).
  have := towerM (draws_sum1 okp) (fun z : action i => (z == x)%:R) (fun a => qval (entry m s (code a) k)).
  rewrite (bigD1 x) //= eqxx mulr1 big1 ?addr0; last by move=> z /negbTE ->; rewrite mulr0 mul0r.
  have -> : E (draws p) (fun a => qval (entry m s (code a) k) * (Nat.eqb (nth 0%N (code a) i) x)%:R) =
      E (draws p) (fun a => qval (entry m s (code a) k) * (a i == x)%:R) by apply: eq_E => a; rewrite nth_code.
  by move=> ->; rewrite mulrC mulKf // gt_eqF.
rewrite /n_agents card_ord; congr (_ * _); have := weighedE xpredT k; rewrite -(zsum_ifE xpredT) => ->.
by apply: eq_E => a; rewrite mulr1.
Qed.
End Full.

Lemma scaleE c l k : (k < size l)%N -> at_ [seq qmul c z | z <- l] k = qmul c (at_ l k).
Proof. by move=> kl; rewrite /at_ (nth_map q0). Qed.

(* The computed rows are the credits of Theorem 1. *)
Lemma fitE (s : state) V i (x : action i) :
  row_val (row (fit m p s) i x) V = Qcf (draws p) (y V s) x.
Proof.
rewrite [RHS](Qcf_linear p (reward s) (fun s' a => trans s a s') gamma V x).
have E k : (k < (n_states m).+1)%N -> qval (at_ (row (fit m p s) i x) k) =
    qval (if k is 0%N then q1 else discount m) *
    Qcf (draws p) (fun a => qval (entry m s (code a) k)) x.
  move=> kn; rewrite /fit; case: ifP => [okp|_]; first exact: fullE.
  rewrite /row [nth _ (tab _ _) i]nth_tab // nth_tab // [at_ (tab _ _) k]nth_tab //.
  have e f : qval (at_ (averages m s (weighted m p) f) k) = E (draws p) (fun a => qval (entry m s (f (code a)) k)).
    by rewrite averagesE // meanE.
  rewrite qval_mul qval_sub scaleE ?size_map ?size_iota // qval_mul (e id) (e (fun l => set_nth 0%N l i x)) -qinv_n.
  by congr (_ * (_ - _)); apply: eq_E => a; rewrite code_upd.
rewrite /row_val E // qval1 mul1r; congr (_ + _); apply: eq_bigr => s' _.
by rewrite E // ltnS.
Qed.

End Fitted.
End Correct.
