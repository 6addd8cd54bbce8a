(* Sets of values around a point, spanned by columns of bounded coordinates, and one step of a run out of
   such a set where one of several joint actions is greedy at each state.

   No theorem here: tools of CheckedChoices.v.

                     span == columns C_k, each with a width b_k
                     laid == the integers of a point and of a span
            placed m o cs == those of the point o and the span cs
                swing h r == by how much the linear part of the row r may move on the span: the sum of
                             |r C_k| b_k
                slope m r == the sum of the linear part of r: of all fits the discount
          against t i x y == the row of agent i's action x less that of y, t the rows of the fit
        leads m h t i x y == agent i prefers action x to y on the whole set
                 form h r == r at the point and along all columns
                alike u v == the lists u and v are one up to a positive factor, or both 0
          likened m h t a == two agents compare alike two actions of which they choose one each in a
          shut m h t acts == no joint action but those of the list acts can be greedy
                 qmax x y == the larger one
        turned m h fit .. == the step at one state: the row of one pair (data, action) and by how much
                             those of all others may differ from it; None: refused
             firsts m rep == the first states of classes, rep s that of the class of s
            members m rep == the states of each class
          lumped groups r == the row r as a function of one value a class: its level, and sums of
                             entries
   same_rows m groups t u == two fits are the same as such functions
     agreeing m rep fit l == the fits of a class around the joint actions of its list are the same
            unit_at m c s == 1 at the states of the class c, 0 at others
   turn m rep fit o cs .. == the step at all states, from some lists of joint actions to others and from
                             the point o to another: the next span
         fits_of m d used == the fits of all joint actions used, made once
         fit_in m d known == one of these fits, or another that is made
                  lin r U == the linear part of the row r at U
          reach cols mu U == U is a sum of columns with coordinates |z_k| <= mu b_k
           wide_span cols == the widths are >= 0
            extent cols r == swing, in F
     within o cols mu l U == U is o, such a sum, and a number of at most l

   reach_extent  how far a row moves on a span
   reach_image   linear images of spans
   leadsP        leads is right
   likenedP      and likened
   shutP         so greedy joint actions are in the list
   lumpedP       such functions are what a fit is where values are the same in each class
   turnP         a step leads into the next span
   same_step     and to the same values and joint actions in each class                  *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Phases CheckedBox.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition span := seq (seq Q * Q).
Record laid := Laid { zbase : Z * seq Z; zsides : seq ((Z * seq Z) * Q) }.

Section Compute.
Variables (m : model) (d : data).
Notation n := (size (sizes m)).
Notation S := (n_states m).

Definition placed (o : seq Q) (cols : span) : laid :=
  Laid (integers S o) [seq (integers S cb.1, cb.2) | cb <- cols].

Definition swing (h : laid) (r : seq Q) : Q :=
  qtotal_list (zsides h) (fun cb => qtimes (qabs (inner_at (behead r) cb.1)) cb.2).
(* the sum of the linear part *)
Definition slope (r : seq Q) : Q := qsum S (fun k => at_ r k.+1).
Definition against (t : seq (seq (seq Q))) (i x y : nat) : seq Q := rminus (row t i x) (row t i y).

Definition leads (h : laid) (t : seq (seq (seq Q))) (i x y : nat) : bool :=
  let r := against t i x y in
  let low := qsub (affine r (zbase h)) (swing h r) in
  [&& x != y, qeq (slope r) q0 & if before m y x then qlt q0 low else qle q0 low].

(* a row at the point and along all columns *)
Definition form (h : laid) (r : seq Q) : seq Q :=
  affine r (zbase h) :: [seq inner_at (behead r) cb.1 | cb <- zsides h].
Definition alike (u v : seq Q) : bool :=
  let su := qtotal_list u qabs in let sv := qtotal_list v qabs in
  (null su == null sv) && all (fun xy => qeq (qtimes xy.1 sv) (qtimes xy.2 su)) (zip u v).
Definition likened (h : laid) (t : seq (seq (seq Q))) (a : seq nat) : bool :=
  has (fun i => has (fun k => let x := nth 0%N a i in let y := nth 0%N a k in
    let least := minn (nth 0%N (sizes m) i) (nth 0%N (sizes m) k) in
    [&& x != y, (x < least)%N, (y < least)%N, qeq (slope (against t i x y)) q0, qeq (slope (against t k x y)) q0
      & alike (form h (against t i x y)) (form h (against t k x y))]) (iota 0 i)) (iota 0 n).

Definition shut (h : laid) (t : seq (seq (seq Q))) (after : seq (seq nat)) : bool :=
  let lost := tab n (fun i => let own := undup [seq nth 0%N a i | a <- after] in
    tab (nth 0%N (sizes m) i) (fun y => has (fun x => leads h t i x y) own)) in
  all (fun a => [|| a \in after, has (fun i => nth false (nth [::] lost i) (nth 0%N a i)) (iota 0 n)
                  | likened h t a]) (tuples (sizes m)).

(* the larger one *)
Definition qmax (x y : Q) : Q := if qle x y then y else x.

(* fit: the rows of the fit under the data around a joint action; before and after: the joint actions of the
   data, and those that may be greedy; v: what the step is to lead to from the point            *)
Definition turned (h : laid) (fit : seq nat -> seq (seq (seq Q))) (before after : seq (seq nat)) (v : Q)
    : option (seq Q * Q) :=
  let rows := [seq total_row m (fit ga.1) ga.2 | ga <- allpairs pair before after] in
  let one := head [::] rows in
  if all (fun g => shut h (fit g) after) before &&
     all (fun r => qeq (slope r) (discount m) && qeq (affine r (zbase h)) v) rows
  then Some (one, foldr qmax q0 [seq swing h (rminus r one) | r <- rows]) else None.

(* Classes of states: the first state of the class of each is its representative. *)
Variable rep : nat -> nat.
Definition firsts : seq nat := [seq s <- iota 0 S | rep s == s].
Definition members : seq (seq nat) := [seq [seq s <- iota 0 S | rep s == c] | c <- firsts].
(* a row as a function of one value a class *)
Definition lumped (groups : seq (seq nat)) (r : seq Q) : seq Q :=
  at_ r 0 :: [seq qsum_list own (fun s => at_ r s.+1) | own <- groups].
Definition same_rows (groups : seq (seq nat)) (t t' : seq (seq (seq Q))) : bool :=
  every n (fun i => every (nth 0%N (sizes m) i) (fun x =>
    all (fun xy => qeq xy.1 xy.2) (zip (lumped groups (row t i x)) (lumped groups (row t' i x))))).
(* the fits around joint actions of lists are those of classes *)
Definition agreeing (fit : nat -> seq nat -> seq (seq (seq Q))) (lists : nat -> seq (seq nat)) : bool :=
  let groups := members in
  every S (fun s => (rep s == s) || all (fun g => same_rows groups (fit s g) (fit (rep s) g)) (lists s)).
Definition unit_at (c : nat) : seq Q := tab S (fun s => if rep s == c then q1 else q0).
Definition turn (fit : nat -> seq nat -> seq (seq (seq Q))) (o : seq Q) (cols : span)
    (before after : seq (seq (seq nat))) (o' : seq Q) : option span :=
  let h := placed o cols in
  let found := tab S (fun s => if rep s == s then turned h (fit s) (nth [::] before s) (nth [::] after s) (at_ o' s)
                               else Some ([::], q0)) in
  if all isSome found then
    let rows := [seq odflt ([::], q0) x | x <- found] in
    let image cb :=
      let own := [seq lowest (inner_at (behead row.1) cb.1) | row <- rows] in (tab S (fun s => at_ own (rep s)), cb.2) in
    let sway s := (nth ([::], q0) rows s).2 in
    Some ([seq cb <- [seq image cb | cb <- zsides h] | ~~ all null cb.1] ++
          [seq (unit_at c, sway c) | c <- firsts & ~~ null (sway c)])
  else None.

Definition fit_in (known : seq (seq (seq nat * seq (seq (seq Q))))) (s : nat) (g : seq nat) : seq (seq (seq Q)) :=
  if [seq own <- nth [::] known s | own.1 == g] is own :: _ then own.2 else fit_at m d s g.
Definition fits_of (used : nat -> seq (seq nat)) : seq (seq (seq nat * seq (seq (seq Q)))) :=
  tab S (fun s => [seq (g, fit_at m d s g) | g <- undup (used s)]).

Lemma fit_inE used s g : (s < S)%N -> fit_in (fits_of used) s g = fit_at m d s g.
Proof.
move=> sS; rewrite /fit_in /fits_of nth_tab //; elim: (undup _) => //= g' l IH.
by case: eqP => [->|_].
Qed.
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation gamma := (gamma F m).
Notation S := (n_states m).
Implicit Types (U V : state m -> F) (mu : F) (r : seq Q) (cols : span).

Definition lin r U : F := \sum_(s : state m) qval (at_ r s.+1) * U s.

Lemma lin_eq r U V : U =1 V -> lin r U = lin r V.
Proof. by move=> e; apply: eq_bigr => s _; rewrite e. Qed.

Lemma linD r U V : lin r (fun s => U s + V s) = lin r U + lin r V.
Proof. by rewrite -big_split; apply: eq_bigr => s _; rewrite mulrDr. Qed.

Lemma linZ r (z : F) U : lin r (fun s => z * U s) = z * lin r U.
Proof. by rewrite mulr_sumr; apply: eq_bigr => s _; rewrite mulrCA. Qed.

Lemma lin0 r : lin r (fun=> 0) = 0.
Proof. by rewrite /lin big1 // => s _; rewrite mulr0. Qed.

Lemma lin_constant r (z : F) : lin r (fun=> z) = z * qval (slope m r).
Proof. by rewrite /slope qval_sum mulr_sumr; apply: eq_bigr => s _; rewrite mulrC. Qed.

Lemma lin_minus r r' U : lin (rminus r r') U = lin r U - lin r' U.
Proof. by rewrite -sumrB; apply: eq_bigr => s _; rewrite at_rminus mulrBl. Qed.

Lemma linE r c : qval (inner_at (behead r) (integers S c)) = lin r (vec c).
Proof.
rewrite -[inner_at _ _]/(inner S (behead r) c) innerE; apply: eq_bigr => s _.
by rewrite /at_ nth_behead.
Qed.

Lemma row_valE r U : row_val r U = qval (at_ r 0) + lin r U.
Proof. by []. Qed.

Lemma row_val_rminus r r' U : row_val (rminus r r') U = row_val r U - row_val r' U.
Proof. exact: row_val_minus. Qed.

(* U is a sum of the columns with coordinates |z_k| <= mu b_k *)
Fixpoint reach cols mu U : Prop :=
  if cols is cb :: rest then exists z U', [/\ `|z| <= mu * qval cb.2, reach rest mu U' & forall s, U s = z * vec cb.1 s + U' s]
  else forall s, U s = 0.

Definition wide_span cols : bool := all (fun cb => qle q0 cb.2) cols.

Lemma reach_eq cols mu U V : U =1 V -> reach cols mu U -> reach cols mu V.
Proof.
move=> e; case: cols => [|cb rest] /=; first by move=> h s; rewrite -e.
by case=> z [U' [zb h UE]]; exists z, U'; split=> // s; rewrite -e.
Qed.

Lemma reach_cat cols cols' mu U U' : reach cols mu U -> reach cols' mu U' -> reach (cols ++ cols') mu (fun s => U s + U' s).
Proof.
elim: cols U => [|cb rest IH] U /=; first by move=> U0; apply: reach_eq => s; rewrite U0 add0r.
case=> z [U1 [zb h UE]] h'; exists z, (fun s => U1 s + U' s); split=> //; first exact: IH.
by move=> s; rewrite UE addrA.
Qed.

Lemma reach_nonzero cols mu U : reach cols mu U -> reach [seq cb <- cols | ~~ all null cb.1] mu U.
Proof.
elim: cols U => [|cb rest IH] U //= [z [U' [zb /IH h UE]]]; case: ifP => [_|/negbFE /(all_nthP q0) no].
  by exists z, U'.
apply: reach_eq h => s; rewrite UE (_ : vec cb.1 s = 0) ?mulr0 ?add0r // /Tables.vec /at_.
have [lt|ge] := ltnP s (size cb.1); last by rewrite nth_default ?qval0.
exact: qval_null (no _ lt).
Qed.

(* how far a row may move *)
Definition extent cols r : F := \sum_(cb <- cols) `|lin r (vec cb.1)| * qval cb.2.

Lemma reach_extent cols mu U r : reach cols mu U -> `|lin r U| <= mu * extent cols r.
Proof.
elim: cols U => [|cb rest IH] U /=.
  by move=> U0; rewrite /extent big_nil mulr0 (lin_eq _ U0) lin0 normr0.
case=> z [U' [zb /IH h UE]]; rewrite /extent big_cons mulrDr (lin_eq _ UE) linD linZ.
apply: norm_add => //; rewrite normrM mulrCA [`|z| * _]mulrC; exact: le_mul2l.
Qed.

Lemma extent_ge0 cols r : wide_span cols -> 0 <= extent cols r.
Proof.
elim: cols => [|cb rest IH] /=; first by rewrite /extent big_nil.
case/andP; rewrite (qval_le F) qval0 => b0 /IH h; rewrite /extent big_cons.
by apply: addr_ge0 => //; apply: mulr_ge0.
Qed.

Lemma swingE o cols r : qval (swing (placed m o cols) r) = extent cols r.
Proof.
rewrite /swing qval_total_list /placed /= big_map; apply: eq_bigr => cb _.
by rewrite qval_times qval_abs linE.
Qed.

Lemma reach_bound cols : exists2 K : F, 0 <= K & forall mu U s, 0 <= mu -> reach cols mu U -> `|U s| <= mu * K.
Proof.
elim: cols => [|cb rest [K K0 IH]]; first by exists 0 => // mu U s _ U0; rewrite U0 normr0 mulr0.
pose c := \sum_(s : state m) `|vec cb.1 s|.
have c0 : 0 <= c by apply: sumr_ge0.
exists (`|qval cb.2| * c + K) => [|mu U s mu0 [z [U' [zb h ->]]]]; first by apply: addr_ge0 => //; apply: mulr_ge0.
rewrite mulrDr; apply: norm_add; last exact: IH.
rewrite normrM mulrA; apply: (@le_trans _ _ (mu * `|qval cb.2| * `|vec cb.1 s|)).
  by apply: le_mul2r => //; apply: le_trans zb _; apply: le_mul2l => //; apply: ler_norm.
apply: le_mul2l; first exact: mulr_ge0.
by rewrite /c (bigD1 s) //= le_plus sumr_ge0.
Qed.

Lemma reach_image cols mu U (rr : state m -> seq Q) (image : seq Q -> seq Q) :
  (forall c s, vec (image c) s = lin (rr s) (vec c)) ->
  reach cols mu U -> reach [seq (image cb.1, cb.2) | cb <- cols] mu (fun s => lin (rr s) U).
Proof.
move=> imE; elim: cols U => [|cb rest IH] U /=; first by move=> U0 s; rewrite (lin_eq _ U0) lin0.
case=> z [U' [zb /IH h UE]]; exists z, (fun s => lin (rr s) U'); split=> // s.
by rewrite (lin_eq _ UE) linD linZ imE.
Qed.

Lemma reach_units (rep : nat -> nat) (ls : seq nat) (w : nat -> Q) mu (e : nat -> F) : uniq ls ->
  (forall c, c \in ls -> `|e c| <= mu * qval (w c)) ->
  reach [seq (unit_at m rep c, w c) | c <- ls & ~~ null (w c)] mu (fun s : state m => if rep s \in ls then e (rep s) else 0).
Proof.
elim: ls => [|c ls IH] //= /andP [kl ul] le.
have h := IH ul (fun c' cl => le c' (mem_behead (s := c :: ls) cl)).
have other (s : state m) : rep s != c -> (if rep s \in c :: ls then e (rep s) else 0) = if rep s \in ls then e (rep s) else 0.
  by move=> ne; rewrite inE (negbTE ne).
have lec := le c (mem_head c ls); case: ifP => [_|/negbFE nu] /=; last first.
  apply: reach_eq h => s; have [E|/other -> //] := eqVneq (rep s) c; rewrite E inE eqxx /= (negbTE kl).
  by move: lec; rewrite (qval_null F nu) mulr0 normr_le0 => /eqP ->.
exists (e c), (fun s : state m => if rep s \in ls then e (rep s) else 0); split=> // s.
rewrite /Tables.vec /unit_at /at_ nth_tab //; have [E|ne] := eqVneq (rep s) c.
  by rewrite /= E inE eqxx (negbTE kl) qval1 mulr1 addr0.
by rewrite other // qval0 mulr0 add0r.
Qed.

(* U is o, a sum of the columns, and a number *)
Definition within (o : seq Q) cols mu (l : F) U : Prop :=
  exists lam U', [/\ `|lam| <= l, reach cols mu U' & forall s, U s = vec o s + U' s + lam].

Section Inside.
Variables (o : seq Q) (cols : span) (mu l lam : F) (U U' : state m -> F).
Hypotheses (mu1 : mu <= 1) (wd : wide_span cols).
Hypothesis inU : reach cols mu U'.
Hypothesis UE : forall s, U s = vec o s + U' s + lam.
Notation h := (placed m o cols).

Lemma row_inside r : row_val r U = qval (affine r (zbase h)) + lin r U' + lam * qval (slope m r).
Proof.
rewrite affineE !row_valE -lin_constant (lin_eq _ UE) (linD r (fun s => vec o s + U' s) (fun=> lam)) linD.
by rewrite !addrA.
Qed.

Lemma flat_inside r : qeq (slope m r) q0 -> row_val r U = qval (affine r (zbase h)) + lin r U'.
Proof. by rewrite (qval_eq F) qval0 row_inside => /eqP ->; rewrite mulr0 addr0. Qed.

Lemma low_inside r : qval (affine r (zbase h)) - qval (swing h r) <= qval (affine r (zbase h)) + lin r U'.
Proof.
rewrite swingE le_plus2l; apply: le_trans (norm_ge (reach_extent r inU)).
by rewrite opp_le opprK -[X in _ <= X]mul1r; apply: le_mul2r => //; apply: extent_ge0.
Qed.

Lemma leadsP t (i x y : nat) : leads m h t i x y -> if before m y x then row_val (row t i y) U < row_val (row t i x) U
  else row_val (row t i y) U <= row_val (row t i x) U.
Proof.
case/and3P => _ fl; have low := low_inside (against t i x y); have := flat_inside fl; rewrite row_val_rminus => e.
case: ifP => _; [rewrite (qval_lt F)|rewrite (qval_le F)]; rewrite qval0 qval_sub -[(affine _ _)]/(affine _ _) => pos.
  by rewrite -subr_gt0 e; apply: lt_le_trans low.
by rewrite -subr_ge0 e; apply: le_trans low.
Qed.

Lemma qtotal_abs (u : seq Q) : qval (qtotal_list u qabs) = \sum_(x <- u) `|qval x|.
Proof. by rewrite qval_total_list; apply: eq_bigr => x _; rewrite qval_abs. Qed.

Lemma alikeP (u v : seq Q) : size u = size v -> alike u v ->
  exists2 c : F, 0 < c & forall k, qval (at_ u k) = c * qval (at_ v k).
Proof.
move=> sz /andP [same /(all_nthP (q0, q0)) eqs].
have {}eqs k : qval (at_ u k) * qval (qtotal_list v qabs) = qval (at_ v k) * qval (qtotal_list u qabs).
  have [ku|ku] := ltnP k (size u); last by rewrite /at_ !nth_default -?sz // qval0 !mul0r.
  have := eqs k; rewrite size_zip -sz minnn => /(_ ku); rewrite nth_zip //= (qval_eq F) !qval_times.
  by move=> /eqP.
have tot0 (w : seq Q) : 0 <= qval (qtotal_list w qabs) by rewrite qtotal_abs sumr_ge0.
have zero (w : seq Q) k : qval (qtotal_list w qabs) = 0 -> qval (at_ w k) = 0.
  rewrite qtotal_abs; elim: w k => [|x w IH] k; first by rewrite /at_ nth_nil qval0.
  rewrite big_cons => /eqP; rewrite paddr_eq0 ?sumr_ge0 // => /andP [/eqP/normr0_eq0 x0 /eqP w0].
  by case: k => [|k] //=; apply: IH.
have nullE (x : Q) : null x = (qval x == 0).
  have z0 : zval F Z0 = 0 by [].
  by rewrite /Rationals.qval mulf_eq0 invr_eq0 (negbTE (zval_neq0 F _)) orbF -z0 zval_eq.
move: same; rewrite !nullE; have [v0|v0] := eqVneq (qval (qtotal_list v qabs)) 0.
  by move=> /eqP/eqP u0; exists 1 => [|k]; rewrite ?ltr01 // !zero // mulr0.
move=> /eqP/negbT u0; exists (qval (qtotal_list u qabs) / qval (qtotal_list v qabs)) => [|k].
  by apply: divr_gt0; rewrite lt_neqAle eq_sym ?u0 ?v0 tot0.
by rewrite mulrAC [_ * qval (at_ v k)]mulrC -eqs mulfK.
Qed.

Lemma form_inside r r' c : (forall k, qval (at_ (form h r) k) = c * qval (at_ (form h r') k)) ->
  qval (affine r (zbase h)) + lin r U' = c * (qval (affine r' (zbase h)) + lin r' U').
Proof.
move=> e; have := e 0%N; rewrite /form /at_ /= => e0; rewrite e0 mulrDr; congr (_ + _).
have {e e0} : forall k, qval (nth q0 [seq inner_at (behead r) cb.1 | cb <- zsides h] k) =
   c * qval (nth q0 [seq inner_at (behead r') cb.1 | cb <- zsides h] k) by move=> k; apply: (e k.+1).
rewrite /placed /=; move: inU; move: U'; elim: cols => [|cb rest IH] W /=.
  by move=> W0 _; rewrite !(lin_eq _ W0) !lin0 mulr0.
case=> z [W' [_ h WE]] e; rewrite !(lin_eq _ WE) !linD !linZ mulrDr (IH _ h); last by move=> k; apply: (e k.+1).
have e0 : lin r (vec cb.1) = c * lin r' (vec cb.1) by rewrite -!linE; exact: (e 0%N).
by rewrite e0 [z * (c * _)]mulrCA.
Qed.

Variables (t : seq (seq (seq Q))) (a : joint).
Hypothesis first : first_greedy (fun (i : agent (sizes m)) (x : action i) => row_val (row t i x) U) a.

(* a is not beaten *)
Lemma first_over (i : agent (sizes m)) (y : nat) : (y < nth 0%N (sizes m) i)%N ->
  row_val (row t i y) U <= row_val (row t i (a i)) U /\
  (before m y (a i) -> row_val (row t i y) U < row_val (row t i (a i)) U).
Proof.
move=> yi; have [gr fi] := first; pose y' : action i := Ordinal yi.
by split=> [|lt]; [apply: (gr i y')|apply: (fi i y')].
Qed.

Lemma leads_not (i : agent (sizes m)) (x : nat) : (x < nth 0%N (sizes m) i)%N -> ~~ leads m h t i x (a i).
Proof.
move=> xi; apply/negP => ld; have xa : x != a i by case/and3P: ld.
have [le lt] := first_over xi; move: (leadsP ld); case: ifP => [_|no]; first by rewrite ltNge le.
by case/orP: (before_total m xa) => [/lt|]; [rewrite ltNge => /negbTE ->|rewrite no].
Qed.

Lemma likenedP : ~~ likened m h t (code a).
Proof.
apply/negP => /hasP [i]; rewrite mem_iota /= add0n => ni /hasP [k]; rewrite mem_iota /= add0n => ki.
have nk := ltn_trans ki ni; pose i' : agent (sizes m) := Ordinal ni; pose k' : agent (sizes m) := Ordinal nk.
rewrite -[i]/(nat_of_ord i') -[k]/(nat_of_ord k') !nth_code; set x := nat_of_ord (a i'); set y := nat_of_ord (a k').
case/and5P => xy; rewrite !leq_min => /andP [xi xk] /andP [yi yk] fi /andP [fk].
case/alikeP => [|c c0 /form_inside]; first by rewrite /form /= !size_map.
rewrite -(flat_inside fi) -(flat_inside fk) !row_val_rminus => e.
have [le1 lt1] := first_over yi; have [le2 lt2] := first_over xk.
have neg : row_val (row t k' x) U - row_val (row t k' y) U <= 0 by rewrite subr_le0.
have pos : 0 <= row_val (row t i' x) U - row_val (row t i' y) U by rewrite subr_ge0.
case/orP: (before_total m xy) => bf.
  have lt := lt2 bf; have : row_val (row t i' x) U - row_val (row t i' y) U < 0 by rewrite e pmulr_rlt0 // subr_lt0.
  by rewrite ltNge pos.
have lt := lt1 bf; have : 0 < row_val (row t i' x) U - row_val (row t i' y) U by rewrite subr_gt0.
by rewrite e pmulr_rgt0 // ltNge neg.
Qed.

Lemma shutP (after : seq (seq nat)) : all (is_action (sizes m)) after -> shut m h t after -> code a \in after.
Proof.
move=> /allP acts /allP /(_ (code a)); rewrite mem_tuples code_is_action => /(_ isT).
case/or3P => //; last by rewrite (negbTE likenedP).
case/hasP => i; rewrite mem_iota /= add0n => ni; pose i' : agent (sizes m) := Ordinal ni.
rewrite -[i]/(nat_of_ord i') nth_code (nth_tab _ _ ni) (nth_tab _ _ (ltn_ord (a i'))) => /hasP [x].
rewrite mem_undup => /mapP [b /acts /andP [_ /everyP bact] ->] ld; exfalso.
by have := leads_not (i := i') (bact i ni); rewrite ld.
Qed.
End Inside.

Lemma qmaxE x y : qval x <= qval (qmax x y) /\ qval y <= qval (qmax x y).
Proof. by rewrite /qmax (qval_le F); case: (lerP (qval x) (qval y)) => [le|/ltW le]; rewrite ?lexx ?le. Qed.

Lemma qmax_fold (T : eqType) (f : T -> Q) (l : seq T) : let w := foldr qmax q0 [seq f x | x <- l] in
  0 <= qval w /\ forall x, x \in l -> qval (f x) <= qval w.
Proof.
elim: l => [|x l [w0 IH]] /=; first by rewrite qval0.
have [le1 le2] := qmaxE (f x) (foldr qmax q0 [seq f x | x <- l]).
split=> [|y]; first exact: le_trans le2.
by rewrite inE => /orP [/eqP -> //|/IH h]; apply: le_trans le2.
Qed.

Lemma turnedP h fit before after v one w : turned m h fit before after v = Some (one, w) -> 0 <= qval w /\
  forall g, g \in before -> shut m h (fit g) after /\ forall a, a \in after -> let r := total_row m (fit g) a in
    [/\ qval (slope m r) = gamma, qval (affine r (zbase h)) = qval v & qval (swing h (rminus r one)) <= qval w].
Proof.
rewrite /turned; set pairs := allpairs pair before after; set rows := [seq _ | ga <- pairs].
case: ifP => // /andP [/allP sh oks] [<-].
rewrite {1}/rows -map_comp => <-.
have [w0 le] := qmax_fold (fun ga => swing h (rminus (total_row m (fit ga.1) ga.2) (head [::] rows))) pairs.
split=> // g gb; split=> [|a aa]; first exact: sh.
have ga : (g, a) \in pairs by apply: allpairs_f.
have := oks; rewrite /rows all_map => /allP /(_ _ ga) /andP [].
by rewrite !(qval_eq F) => /eqP e1 /eqP e2; split=> //; apply: (le _ ga).
Qed.

Lemma wide_filter (p : pred (seq Q * Q)) cols : wide_span cols -> wide_span [seq cb <- cols | p cb].
Proof. by elim: cols => //= cb rest IH /andP [b0 /IH h]; case: ifP => //= _; rewrite b0. Qed.

Section Classes.
Variable rep : state m -> state m.
Variable repn : nat -> nat.
Hypothesis repE : forall s : state m, repn s = rep s.
Hypothesis repK : forall s, rep (rep s) = rep s.

Lemma mem_firsts c : (c \in firsts m repn) -> exists2 s : state m, c = s & rep s = s.
Proof.
rewrite mem_filter mem_iota /= add0n => /andP [/eqP cE cS]; exists (Ordinal cS) => //.
by apply: ord_inj; rewrite -repE.
Qed.

Lemma rep_first s : (rep s : nat) \in firsts m repn.
Proof. by rewrite mem_filter mem_iota /= add0n ltn_ord andbT repE repK. Qed.

(* rows that agree when lumped agree where values are the same in each class *)
Lemma lumpedP r r' U : (forall s, U s = U (rep s)) ->
  all (fun xy => qeq xy.1 xy.2) (zip (lumped (members m repn) r) (lumped (members m repn) r')) -> row_val r U = row_val r' U.
Proof.
move=> cU /= /andP []; rewrite (qval_eq F) => /eqP e0 eqs.
have sumE (q : seq Q) : \sum_(s : state m) qval (at_ q s.+1) * U s =
    \sum_(c : state m | rep c == c) qval (qsum_list [seq s <- iota 0 S | repn s == c] (fun s => at_ q s.+1)) * U c.
  rewrite (partition_big rep (fun c => rep c == c)) => [|s _]; last by rewrite repK.
  apply: eq_bigr => c _; rewrite qval_sum_list big_filter mulr_suml.
  have -> : \sum_(s <- iota 0 S | repn s == c) qval (at_ q s.+1) * U c =
      \sum_(s : state m | repn s == c) qval (at_ q s.+1) * U c.
    by rewrite -(big_mkord (fun s => repn s == c) (fun s => qval (at_ q s.+1) * U c)) /index_iota subn0.
  by apply: eq_big => [s|s /eqP <-]; [rewrite repE|rewrite -cU].
rewrite !row_valE e0; congr (_ + _); rewrite /lin !sumE; apply: eq_bigr => c /eqP cE; congr (_ * _).
have cf : (c : nat) \in firsts m repn by rewrite -{1}cE; apply: rep_first.
move: eqs; rewrite /members -!map_comp; elim: (firsts m repn) cf => //= c' cs IH; rewrite inE => /orP [/eqP <-|cin] /andP [].
  by rewrite (qval_eq F) => /eqP.
by move=> _; apply: IH.
Qed.

Section Turn.
Variables (fit : nat -> seq nat -> seq (seq (seq Q))) (o o' : seq Q) (cols cols' : span).
Variables (before after : seq (seq (seq nat))) (mu l : F) (U U' : state m -> F) (g b : state m -> joint).
Hypothesis ok : check_model m.
Hypothesis turns : turn m repn fit o cols before after o' = Some cols'.
Hypotheses (mu0 : 0 <= mu) (mu1 : mu <= 1) (wd : wide_span cols).
Hypothesis chosen : forall s, code (g s) \in nth [::] before s.
Hypothesis acts : forall s : state m, all (is_action (sizes m)) (nth [::] after s).
Hypothesis fitted : forall s : state m, fit s (code (g s)) = fit_at m d s (code (g s)).
Hypothesis inU : within o cols mu l U.
Hypothesis step : forall s, first_greedy (credits F m d U (code (g s)) s) (b s) /\
  U' s = Qtot (credits F m d U (code (g s)) s) (b s).
Variable lists : nat -> seq (seq nat).
Hypothesis listed : forall s : state m, {subset nth [::] before s <= lists s}.
Hypothesis agree : agreeing m repn fit lists.
Hypothesis sameU : forall s, U s = U (rep s).
Hypothesis sameg : forall s, g s = g (rep s).
Hypothesis sameo : forall s, vec o' s = vec o' (rep s).
Notation h := (placed m o cols).

Lemma same_credits s i (x : action i) : credits F m d U (code (g s)) s i x = credits F m d U (code (g (rep s))) (rep s) i x.
Proof.
have /everyP /(_ s (ltn_ord s)) := agree; case/orP => [/eqP e|/allP /(_ _ (listed (chosen s)))].
  by have -> : rep s = s by apply: ord_inj; rewrite -repE.
move=> /everyP /(_ i (ltn_ord i)) /everyP /(_ x (ltn_ord x)) /(lumpedP sameU).
by rewrite fitted repE {2}sameg fitted !creditsE // -sameg.
Qed.

(* the same choices and values in all states of a class *)
Lemma same_step s : b s = b (rep s) /\ U' s = U' (rep s).
Proof.
have [first UE] := step s; have [first' UE'] := step (rep s).
have bs : b s = b (rep s).
  by apply: first_greedy_unique first' => //; apply: first_greedy_eq first => i x; apply: same_credits.
by split=> //; rewrite UE UE' -bs; apply: eq_bigr => i _; apply: same_credits.
Qed.

Lemma turnP : [/\ wide_span cols', within o' cols' mu (gamma * l) U' & forall s, code (b (rep s)) \in nth [::] after (rep s)].
Proof.
have [lam [W [lam_le inW UE]]] := inU.
have first (s : state m) : first_greedy (fun (i : agent (sizes m)) (x : action i) => row_val (row (fit s (code (g s))) i x) U) (b s).
  by apply: (@first_greedy_eq F m _ _ _ _ (step s).1) => i x; rewrite fitted creditsE.
move: turns; rewrite /turn; set found := tab _ _; case: ifP => // /all_nthP some.
have {}some (s : state m) : rep s = s -> exists one w, nth None found s = Some (one, w) /\
    turned m h (fit s) (nth [::] before s) (nth [::] after s) (at_ o' s) = Some (one, w).
  move=> rs; have := some None s; rewrite size_map size_iota ltn_ord => /(_ isT); rewrite /found nth_tab // repE rs eqxx.
  by case: turned => // -[one w] _; exists one, w.
set rows := [seq _ | x <- found]; set sway := fun s => (nth ([::], q0) rows s).2; case=> <-.
have rowE (s : state m) : rep s = s -> turned m h (fit s) (nth [::] before s) (nth [::] after s) (at_ o' s) =
    Some ((nth ([::], q0) rows s).1, sway s).
  by move=> /some [one [w [e ->]]]; rewrite /sway /rows (nth_map None) ?size_map ?size_iota // e.
have bs s : code (b (rep s)) \in nth [::] after (rep s).
  have [_ /(_ _ (chosen _)) [sh _]] := turnedP (rowE _ (repK s)).
  by apply: (shutP mu1 wd inW UE (first _)) => //; apply: acts.
pose r (s : state m) := total_row m (fit s (code (g s))) (code (b s)); pose one (s : state m) := (nth ([::], q0) rows s).1.
have rP s : rep s = s -> [/\ qval (slope m (r s)) = gamma, qval (affine (r s) (zbase h)) = vec o' s
    & qval (swing h (rminus (r s) (one s))) <= qval (sway s)].
  by move=> rs; have [_ /(_ _ (chosen _)) [_ /(_ _ _)]] := turnedP (rowE _ rs); apply; rewrite -{1 2}rs; apply: bs.
split=> //.
  rewrite /wide_span all_cat; apply/andP; split.
    by apply: wide_filter; rewrite /wide_span /placed /= -map_comp all_map; apply: wd.
  rewrite all_map; apply/allP => c; rewrite mem_filter => /andP [_ /mem_firsts [s -> rs]].
  by rewrite /= (qval_le F) qval0; have [] := turnedP (rowE _ rs).
pose e (c : nat) := if insub c is Some s then lin (rminus (r s) (one s)) W else 0.
have eE (s : state m) : e s = lin (rminus (r s) (one s)) W by rewrite /e valK.
exists (gamma * lam), (fun s : state m => lin (one (rep s)) W + (if repn s \in firsts m repn then e (repn s) else 0)); split.
- by rewrite normrM ger0_norm ?(gamma_ge0 F ok) //; apply: le_mul2l => //; apply: gamma_ge0.
- apply: reach_cat.
    apply: reach_nonzero; rewrite /placed /= -map_comp.
    apply: (reach_image (image := fun c => tab S (fun s =>
      at_ [seq lowest (inner_at (behead row.1) (integers S c)) | row <- rows] (repn s)))) inW.
    move=> c s; rewrite /Tables.vec /at_ nth_tab // repE (nth_map ([::], q0)) ?size_map ?size_iota //.
    by rewrite qval_lowest linE.
  apply: reach_units => [|c /mem_firsts [s -> rs]]; first exact/filter_uniq/iota_uniq.
  have [_ _ le] := rP s rs; rewrite eE; apply: le_trans (reach_extent _ inW) _.
  by apply: le_mul2l => //; rewrite -(swingE o).
move=> s; have [_ ->] := same_step s; rewrite sameo repE rep_first eE; move: (rep s) (repK s) => {}s /rP [w1 a1 _].
rewrite (step s).2; have -> : Qtot (credits F m d U (code (g s)) s) (b s) = row_val (r s) U.
  by rewrite /r total_rowE; apply: eq_bigr => i _; rewrite fitted creditsE.
by rewrite (row_inside cols UE) w1 a1 lin_minus (addrC (lin (one s) W)) subrK [lam * _]mulrC.
Qed.
End Turn.
End Classes.
End Correct.
