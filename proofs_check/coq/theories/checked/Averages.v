(* Fits in classes of sums under product data, in closed form: sums of averages.

   E[f | a_U] averages the agents outside of U under their marginals p. The fit is a sum of
   such averages, times numbers: a hint, from which one condition on the numbers is asked.

        pinned p U l i x == 1 or 0 as x is in l or not where i is in U, p_i(x) elsewhere
         average p U l f == E[f | a_U] where the agents in U play as in l
            mixed p us l == the sum of c E[f | a_U] over the pairs (U, c) in us
   check_parts m sets us == the U are within the sets; for each set T the c of the U whose agents in
                            T are W sum to 1 for W = T, otherwise to 0
         outside m p U l == the probability of the actions in l outside of U, computed
       mean_rows m p s U == for each choice of the actions of U the mean of the rows
    mixed_row m us p s l == the row of the fit at l: its constant, then gamma K

   mean_meet     given a_T, the mean of an average over U is one over the agents in both
   mixed_normal  what mixed leaves is orthogonal to all functions of the actions of a set
   mixed_in      and mixed is in the class
   normal_class  so it is the least-squares fit in the class, which is unique
   mixed_rowE    the computed rows are mixed

   Source: ours; the closed form generalises Theorem 1 of arXiv:2006.00587.               *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (sets : seq (seq nat)) (us : seq (seq nat * Q)).
Notation n := (size (sizes m)).

Definition check_parts : bool :=
  [&& uniq sets, all (fun uc => all (fun i => (i < n)%N) uc.1 && has (fun T => all (mem T) uc.1) sets) us
    & all (fun T => let found := [seq ([seq i <- T | i \in uc.1], uc.2) | uc <- us] in
        all (fun W => qeq (qsum_list [seq x <- found | x.1 == W] snd) (if W == T then q1 else q0))
          (undup (T :: [seq x.1 | x <- found]))) sets].

Variables (p : seq (seq Q)) (s : nat).

Definition outside (U l : seq nat) : Q :=
  qprod n (fun i => if i \in U then q1 else at_ (nth [::] p i) (nth 0%N l i)).

Definition mean_rows (U : seq nat) : seq (seq Q) :=
  let own := pick U (sizes m) in
  let found := [seq (rank own (pick U l), let w := outside U l in [seq qmul w x | x <- entries m s l])
               | l <- tuples (sizes m)] in
  tab (size (tuples own)) (fun k => foldr rplus [::] [seq lr.2 | lr <- found & eqn lr.1 k]).

Definition mixed_row : seq nat -> seq Q :=
  let means := [seq (uc, mean_rows uc.1) | uc <- us] in fun l =>
  let found := foldr rplus [::] [seq [seq qmul um.1.2 x
    | x <- nth [::] um.2 (rank (pick um.1.1 (sizes m)) (pick um.1.1 l))] | um <- means] in
  tab (n_states m).+1 (fun k => qmul (if k is 0%N then q1 else discount m) (at_ found k)).
End Compute.

(* ------------------------------------------------------------------------ what it means *)
(* a sum by the values of a function *)
Lemma sum_by_seq (F : ringType) (J : Type) (X : eqType) (h : J -> X) (xs : seq X) (js : seq J) (f : J -> F) :
  uniq xs -> all (fun j => h j \in xs) js -> \sum_(j <- js) f j = \sum_(x <- xs) \sum_(j <- js | h j == x) f j.
Proof.
move=> u; elim: js => [|j js IH] /= => [_|/andP [jx /IH e]].
  by rewrite big_nil big1 // => x _; rewrite big_nil.
transitivity (\sum_(x <- xs) ((if h j == x then f j else 0) + \sum_(j' <- js | h j' == x) f j')); last first.
  by apply: eq_bigr => x _; rewrite big_cons; case: ifP; rewrite ?add0r.
rewrite big_cons e big_split /=; congr (_ + _).
by rewrite (bigD1_seq (h j)) //= eqxx big1 ?addr0 // => x /negbTE; rewrite eq_sym => ->.
Qed.

Lemma eq_big_all (F : ringType) (J : Type) (P : pred J) (js : seq J) (f g : J -> F) :
  all P js -> (forall j, P j -> f j = g j) -> \sum_(j <- js) f j = \sum_(j <- js) g j.
Proof.
by move=> + e; elim: js => [|j js IH] /= => [_|/andP [Pj /IH IHj]]; rewrite ?big_nil // !big_cons e // IHj.
Qed.

Lemma E_list (F : realFieldType) (I : finType) (A : I -> finType) (p : forall i, A i -> F) (J : Type) (js : seq J)
    (f : J -> {dffun forall i, A i} -> F) : E p (fun a => \sum_(j <- js) f j a) = \sum_(j <- js) E p (f j).
Proof. by rewrite /E exchange_big; apply: eq_bigr => a _; rewrite mulr_sumr. Qed.

Section Averages.
Variables (F : realFieldType) (sz : seq nat).
Notation joint := {dffun forall i : agent sz, action i}.
Variable p : forall i : agent sz, action i -> F.
Implicit Types (U T l : seq nat) (f h : joint -> F) (a b : joint).

Definition pinned U l (i : agent sz) (x : action i) : F :=
  if (i : nat) \in U then ((x : nat) == nth 0%N l i)%:R else p x.
Definition average U l f : F := E (pinned U l) f.

Lemma average_eq U U' l l' f : (forall i : agent sz, ((i : nat) \in U) = ((i : nat) \in U')) ->
  (forall i : agent sz, (i : nat) \in U -> nth 0%N l i = nth 0%N l' i) -> average U l f = average U' l' f.
Proof.
move=> eU el; apply: eq_bigr => b _; congr (_ * _); apply: eq_bigr => i _.
by rewrite /pinned -eU; case: ifP => // iU; rewrite el.
Qed.

Lemma eq_average U l f f' : (forall b, f b = f' b) -> average U l f = average U l f'.
Proof. by move=> e; apply: eq_E. Qed.

Lemma average_affine (S : finType) U l f (g : F) (h : S -> joint -> F) (V : S -> F) :
  average U l (fun b => f b + g * \sum_s h s b * V s) = average U l f + g * \sum_s average U l (h s) * V s.
Proof.
rewrite /average ED EZ Esum; congr (_ + _ * _); apply: eq_bigr => s _.
by rewrite mulrC -EZ; apply: eq_E => b; rewrite mulrC.
Qed.

(* all play as in a *)
Lemma average_all U a f : (forall i : agent sz, (i : nat) \in U) -> average U (code a) f = f a.
Proof.
move=> all_in; have P b : prob (pinned U (code a)) b = (b == a)%:R.
  have [->|ne] := eqVneq b a.
    by rewrite /prob big1 // => i _; rewrite /pinned all_in nth_code eqxx.
  have [i ni] : exists i, b i != a i.
    apply/existsP; rewrite -negb_forall; apply: contra ne => /forallP e.
    by apply/eqP/ffunP => i; apply/eqP.
  by rewrite /prob (bigD1 i) //= /pinned all_in nth_code (_ : (_ == _) = false) ?mul0r //; apply/negbTE.
rewrite /average /E (bigD1 a) //= P eqxx mul1r big1 ?addr0 // => b /negbTE ne.
by rewrite P ne mul0r.
Qed.

Hypothesis p_sum1 : forall i : agent sz, \sum_(x : action i) p x = 1.

(* drawing the action of an agent takes it out *)
Lemma unpin (j : agent sz) U a f :
  \sum_(x : action j) p x * average U (code (upd a x)) f = average [seq i <- U | i != nat_of_ord j] (code a) f.
Proof.
rewrite /average /E; under eq_bigr do rewrite mulr_sumr.
rewrite exchange_big; apply: eq_bigr => b _ /=.
under eq_bigr do rewrite mulrA.
rewrite -mulr_suml; congr (_ * _); set W := [seq i <- U | i != nat_of_ord j].
have inW (i : agent sz) : ((i : nat) \in W) = (i != j) && ((i : nat) \in U) by rewrite mem_filter.
rewrite /prob [RHS](bigD1 j) //=; under eq_bigr do rewrite (bigD1 j) //= mulrA.
rewrite (eq_bigr (fun x : action j => p x * pinned U (code (upd a x)) (b j) *
    \prod_(i | i != j) pinned W (code a) (b i))) => [|x _]; last first.
  congr (_ * _); apply: eq_bigr => i ij; rewrite /pinned inW ij /=.
  by case: ifP => // _; rewrite !nth_code upd_other.
rewrite -mulr_suml; congr (_ * _); rewrite /pinned inW eqxx /=.
case: (nat_of_ord j \in U); last by rewrite -mulr_suml p_sum1 mul1r.
rewrite (bigD1 (b j)) //= nth_code upd_same eqxx mulr1 big1 ?addr0 // => x ne.
by rewrite nth_code upd_same (_ : (_ == _) = false) ?mulr0 //; apply/negbTE; rewrite eq_sym.
Qed.

Lemma mean_unpin (j : agent sz) U h f : (forall a (x : action j), h (upd a x) = h a) ->
  E p (fun a => h a * average U (code a) f) = E p (fun a => h a * average [seq i <- U | i != nat_of_ord j] (code a) f).
Proof.
move=> hj; rewrite (tower p_sum1 j).
under eq_bigr do rewrite -EZ.
rewrite -Esum; apply: eq_E => a; rewrite -unpin mulr_sumr; apply: eq_bigr => x _.
by rewrite hj mulrCA.
Qed.

(* given the actions of T, the mean of an average over U is one over the agents in both *)
Lemma mean_meet T U (h : seq nat -> F) f :
  E p (fun a => h (pick T (code a)) * average U (code a) f) =
  E p (fun a => h (pick T (code a)) * average [seq i <- T | i \in U] (code a) f).
Proof.
pose js := [seq j <- enum (agent sz) | nat_of_ord j \notin T].
have out (ks : seq (agent sz)) : all (fun j : agent sz => (j : nat) \notin T) ks ->
    E p (fun a => h (pick T (code a)) * average U (code a) f) =
    E p (fun a => h (pick T (code a)) * average [seq i <- U | i \notin [seq val j | j <- ks]] (code a) f).
  elim: ks => [|j ks IH] /= => [_|/andP [jT /IH ->]].
    by apply: eq_E => a; congr (_ * _); apply: average_eq => // i; rewrite mem_filter.
  rewrite (mean_unpin (j := j)) => [|a x].
    apply: eq_E => a; congr (_ * _); apply: average_eq => // i.
    by rewrite !mem_filter inE negb_or andbA.
  congr h; apply/eq_in_map => i iT; rewrite code_upd nth_set_nth /=; case: eqP => // e.
  by rewrite e (negbTE jT) in iT.
rewrite (out js); last by apply/allP => j; rewrite mem_filter => /andP [].
apply: eq_E => a; congr (_ * _); apply: average_eq => // i; rewrite !mem_filter.
case iT: ((i : nat) \in T); last first.
  have -> : nat_of_ord i \in [seq val j | j <- js] by apply: (map_f val); rewrite mem_filter iT mem_enum.
  by rewrite andbF.
rewrite andbC; congr (_ && _); apply/negP => /mapP [j + e].
by rewrite mem_filter -e iT.
Qed.

Lemma mean_fixed T (h : seq nat -> F) f :
  E p (fun a => h (pick T (code a)) * f a) = E p (fun a => h (pick T (code a)) * average T (code a) f).
Proof.
transitivity (E p (fun a => h (pick T (code a)) * average (iota 0 (size sz)) (code a) f)).
  by apply: eq_E => a; rewrite average_all // => i; rewrite mem_iota /=.
rewrite mean_meet; apply: eq_E => a; congr (_ * _); apply: average_eq => // i.
by rewrite mem_filter mem_iota /= ltn_ord.
Qed.

(* the sum of averages times numbers *)
Definition mixed (us : seq (seq nat * Q)) l f : F := \sum_(uc <- us) qval F uc.2 * average uc.1 l f.
End Averages.

(* ------------------------------------------------------------- in classes of sums *)
(* what is in the class and leaves what is orthogonal to it is the least-squares fit, the only one *)
Lemma normal_class (F : realFieldType) m sets (w y h : {dffun forall i : agent (sizes m), action i} -> F) :
  (forall a, 0 < w a) -> in_class sets h ->
  (forall T (f : seq nat -> F), T \in sets -> \sum_a w a * (f (pick T (code a)) * (y a - h a)) = 0) ->
  forall q, class_fit sets w y q <-> forall a, q a = h a.
Proof.
move=> w0 [h0 hE] normal q.
have orth q' : in_class sets q' -> \sum_a w a * ((y a - h a) * (h a - q' a)) = 0.
  move=> [g gE]; pose D T (a : {dffun forall i : agent (sizes m), action i}) := h0 T (pick T (code a)) - g T (pick T (code a)).
  rewrite (eq_bigr (fun a => \sum_(T <- sets) w a * (D T a * (y a - h a)))) => [|a _].
    rewrite exchange_big big_seq big1 // => T Tin.
    exact: (normal T (fun l => h0 T l - g T l) Tin).
  have -> : h a - q' a = \sum_(T <- sets) D T a by rewrite hE gE sumrB.
  by rewrite !mulr_sumr; apply: eq_bigr => T _; rewrite [D T a * _]mulrC.
split=> [[inq best] a|qE].
  by apply: (orthogonal_unique w0 (orth q inq)); apply: best; exists h0.
split=> [|q' inq']; first by exists h0 => a; rewrite qE hE.
rewrite /joint_loss [X in X <= _](eq_bigr (fun a => w a * (y a - h a) ^+ 2)) => [|a _]; last by rewrite qE.
rewrite -subr_ge0 -sumrB -[X in 0 <= X]subr0 -[X in _ - X](mulr0 2%:R) -[X in _ - _ * X](orth q' inq') mulr_sumr -sumrB.
apply: sumr_ge0 => a _; rewrite (_ : _ - _ = w a * (h a - q' a) ^+ 2); last by ring.
by rewrite mulr_ge0 ?sqr_ge0 // ltW.
Qed.

Section Class.
Variables (F : realFieldType) (m : model) (sets : seq (seq nat)) (us : seq (seq nat * Q)).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation n := (size (sizes m)).
Notation qval := (qval F).
Hypothesis okp : check_parts m sets us.
Variable p : seq (seq Q).
Notation P := (draws F m p).
Hypothesis p_sum1 : forall i : agent (sizes m), \sum_(x : action i) P i x = 1.

Lemma mixed_normal T (h : seq nat -> F) (f : joint -> F) : T \in sets ->
  E P (fun a => h (pick T (code a)) * (f a - mixed P us (code a) f)) = 0.
Proof.
case/and3P: okp => _ _ /allP parts Tin; have := parts T Tin; cbv zeta.
set found := [seq _ | _ <- us]; set Ws := undup _ => /allP sums.
pose G W := E P (fun a : joint => h (pick T (code a)) * average P W (code a) f).
have inW : all (fun x => x.1 \in Ws) found.
  have : all (mem Ws) [seq x.1 | x <- found] by apply/allP => W Win; rewrite /= mem_undup inE Win orbT.
  by rewrite all_map.
have -> : E P (fun a => h (pick T (code a)) * (f a - mixed P us (code a) f)) =
    E P (fun a => h (pick T (code a)) * f a) - E P (fun a => h (pick T (code a)) * mixed P us (code a) f).
  by rewrite -EB; apply: eq_E => a; rewrite mulrBr.
have -> : E P (fun a => h (pick T (code a)) * mixed P us (code a) f) = \sum_(x <- found) qval x.2 * G x.1.
  rewrite big_map; under [RHS]eq_bigr do rewrite /G -(mean_meet p_sum1) -EZ.
  by rewrite -E_list; apply: eq_E => a; rewrite /mixed mulr_sumr; apply: eq_bigr => uc _; rewrite mulrCA.
rewrite (mean_fixed p_sum1) -/(G T) (sum_by_seq _ (undup_uniq _) inW) -/Ws.
rewrite (bigD1_seq T) ?undup_uniq ?mem_undup ?mem_head //= big_seq_cond [X in _ - (_ + X)]big1 => [|W /andP [Win ne]].
  rewrite addr0 (eq_bigr (fun x => qval x.2 * G T)) => [|x /eqP -> //].
  have := sums T; rewrite mem_undup mem_head eqxx (qval_eq F) qval_sum_list big_filter qval1 => /(_ isT) /eqP e.
  by rewrite -mulr_suml e mul1r subrr.
rewrite (eq_bigr (fun x => qval x.2 * G W)) => [|x /eqP -> //].
have := sums W Win; rewrite (negbTE ne) (qval_eq F) qval_sum_list big_filter qval0 => /eqP e.
by rewrite -mulr_suml e mul0r.
Qed.

Lemma mixed_in (f : joint -> F) : @in_class F m sets (fun a => mixed P us (code a) f).
Proof.
case/and3P: okp => un within _.
pose of_set U := nth [::] sets (find (fun T => all (mem T) U) sets).
pose back T l := [seq nth 0%N l (index i T) | i <- iota 0 n].
exists (fun T l => \sum_(uc <- us) if of_set uc.1 == T then qval uc.2 * average P uc.1 (back T l) f else 0) => a.
rewrite exchange_big; apply: (eq_big_all within) => -[U c] /= /andP [_ hs].
have Tin : of_set U \in sets by apply: mem_nth; rewrite -has_find.
rewrite (bigD1_seq (of_set U)) //= eqxx big1 ?addr0 => [|T /negbTE]; last by rewrite eq_sym => ->.
congr (_ * _); apply: average_eq => // i iU; rewrite (nth_map 0%N) ?size_iota // nth_iota // add0n.
have iT : (i : nat) \in of_set U by have /allP := nth_find [::] hs; apply.
by rewrite (nth_map 0%N) ?index_mem // nth_index.
Qed.

Lemma rank_eq own l l' : is_action own l -> is_action own l' -> rank own l = rank own l' -> l = l'.
Proof. by move=> al al' e; rewrite -(nth_rank al) e nth_rank. Qed.

Lemma pick_action U (a : joint) : all (fun i => (i < n)%N) U -> is_action (pick U (sizes m)) (pick U (code a)).
Proof.
move/allP => lt; rewrite /is_action !size_map eqxx; apply/everyP => k kU.
have := lt (nth 0%N U k) (mem_nth 0%N kU) => kn; rewrite !(nth_map 0%N) //.
by rewrite (nth_code a (Ordinal kn)); apply: (ltn_ord (a (Ordinal kn))).
Qed.

Lemma qval_scaled c (l : seq Q) k : qval (at_ [seq qmul c x | x <- l] k) = qval c * qval (at_ l k).
Proof.
have [kl|lk] := ltnP k (size l); first by rewrite /at_ (nth_map q0) // qval_mul.
by rewrite /at_ !nth_default ?size_map // qval0 mulr0.
Qed.

Lemma mean_rowsE (s : state m) U (a : joint) k : all (fun i => (i < n)%N) U ->
  qval (at_ (nth [::] (mean_rows m p s U) (rank (pick U (sizes m)) (pick U (code a)))) k) =
  average P U (code a) (fun b => qval (entry m s (code b) k)).
Proof.
move=> lt; have actU (b : joint) := pick_action b lt.
rewrite /mean_rows nth_tab ?rank_lt // qval_rows big_map big_filter big_map big_mkcond /=.
rewrite -(sum_tuples (sizes m) (fun l => if eqn (rank (pick U (sizes m)) (pick U l)) (rank (pick U (sizes m)) (pick U (code a)))
  then qval (at_ [seq qmul (outside m p U l) x | x <- entries m s l] k) else 0)).
apply: eq_bigr => b _; rewrite eqnE qval_scaled.
have [same|/allPn [i iU ne]] := boolP (all (fun i => nth 0%N (code b) i == nth 0%N (code a) i) U).
  have -> : pick U (code b) = pick U (code a) by apply/eq_in_map => i iU; apply/eqP/(allP same).
  rewrite eqxx; congr (_ * _); rewrite /outside qval_prod; apply: eq_bigr => i _.
  rewrite /pinned; case: ifP => [iU|_]; last by rewrite nth_code.
  by rewrite -(eqP (allP same i iU)) nth_code eqxx qval1.
rewrite ifF; last first.
  by apply/eqP => /(rank_eq (actU b) (actU a)) /eq_in_map /(_ i iU) e; rewrite e eqxx in ne.
have iN := allP lt i iU; rewrite /prob (bigD1 (Ordinal iN)) //= /pinned /= iU.
by rewrite -(nth_code b (Ordinal iN)) (negbTE ne) !mul0r.
Qed.

Lemma mixed_rowE (s : state m) V (a : joint) :
  row_val (mixed_row m us p s (code a)) V = mixed P us (code a) (y F m V s).
Proof.
case/and3P: okp => _ within _.
have E k : (k < (n_states m).+1)%N -> qval (at_ (mixed_row m us p s (code a)) k) =
    qval (if k is 0%N then q1 else discount m) * mixed P us (code a) (fun b => qval (entry m s (code b) k)).
  move=> kn; rewrite /mixed_row [at_ (tab _ _) k]nth_tab // qval_mul qval_rows !big_map; congr (_ * _).
  apply: (eq_big_all within) => -[U c] /= /andP [lt _].
  by rewrite qval_scaled mean_rowsE.
rewrite /row_val E // qval1 mul1r; under eq_bigr => s' _ do rewrite E ?ltnS //.
transitivity (\sum_(uc <- us) qval uc.2 * (average P uc.1 (code a) (reward F m s) +
    gamma F m * \sum_(s' : state m) average P uc.1 (code a) (fun b => trans F m s b s') * V s')); last first.
  by apply: eq_bigr => uc _; rewrite -average_affine.
under [RHS]eq_bigr do rewrite mulrDr.
rewrite big_split /=; congr (_ + _).
under [RHS]eq_bigr do rewrite mulrCA mulr_sumr.
rewrite -mulr_sumr exchange_big mulr_sumr; apply: eq_bigr => s' _ /=.
by rewrite -mulrA mulr_suml; congr (_ * _); apply: eq_bigr => uc _; rewrite mulrA.
Qed.
End Class.
