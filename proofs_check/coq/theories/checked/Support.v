(* Joint data some of whose weights may be 0, where they still determine the fit of a class.

   The functions of a class are sums of functions of keys, one for each t of a list: what
   key t l is for the joint action l. The data determine them where the indicators of the
   keys of each joint action are a combination of those of joint actions with weight. A
   hint has the coefficients; where all joint actions have weight it has nothing to say.

          check_spread m p == the weights p are >= 0 and sum to 1
   backed m ts key w row l == the entries of row, by the places of the joint actions with
                              weight, write the indicators of the keys of l
   determines m ts key w z == each joint action has weight, or is backed by its row of z

   sum_by                   a sum by the values of a function
   spread_ge0, spread_some  such weights are >= 0, and one of them is not 0
   determinesP              what is 0 where there is weight is 0 everywhere

   No theorem here: tools of the certificate checker.                                    *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Rationals Tables.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (X : Type) (ts : seq X) (key : X -> seq nat -> seq nat) (w : seq nat -> Q).

Definition backed (row : seq Q) (l : seq nat) : bool :=
  let known := [seq (b, at_ row (rank (sizes m) b)) | b <- tuples (sizes m) & qlt q0 (w b)] in
  all (fun t =>
    let own := [seq (key t bz.1, bz.2) | bz <- known] in let mine := key t l in
    all (fun x => qeq (qsum_list own (fun kz => if kz.1 == x then kz.2 else q0)) (if mine == x then q1 else q0))
      (undup [seq key t b | b <- tuples (sizes m)])) ts.

Definition determines (z : seq (seq Q)) : bool :=
  all (fun l => qlt q0 (w l) || backed (nth [::] z (rank (sizes m) l)) l) (tuples (sizes m)).
End Compute.

Definition check_spread (m : model) (p : seq Q) : bool :=
  [&& size p == size (tuples (sizes m)), all (qle q0) p & sums_to_1 p (size p)].

(* ------------------------------------------------------------------------ what it means *)
Lemma sum_by (F : ringType) (J : finType) (X : eqType) (h : J -> X) (xs : seq X) (f : J -> F) :
  uniq xs -> (forall j, h j \in xs) -> \sum_j f j = \sum_(x <- xs) \sum_(j | h j == x) f j.
Proof.
move=> u sub; under [RHS]eq_bigr do rewrite big_mkcond.
rewrite exchange_big; apply: eq_bigr => j _ /=.
rewrite (bigD1_seq (h j)) //= eqxx big1 ?addr0 // => x /negbTE.
by rewrite eq_sym => ->.
Qed.

Section Correct.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).

Lemma spread_ge0 p (a : joint) : check_spread m p -> 0 <= table F p a.
Proof.
case/and3P => /eqP sz /(all_nthP q0) ge _; rewrite -(qval0 F) -qval_le; apply: ge.
by rewrite sz rank_lt // code_is_action.
Qed.

Lemma spread_some p : check_spread m p -> exists a : joint, 0 < table F p a.
Proof.
move=> okp; have ge a := spread_ge0 a okp; case/and3P: okp => /eqP sz _ one.
apply/existsP; apply: contraT; rewrite negb_exists => /forallP no.
have := sums_to_1E F one; rewrite big1 => [/eqP|k _]; first by rewrite eq_sym oner_eq0.
have kn : (k < size (tuples (sizes m)))%N by rewrite -sz.
have kin : is_action (sizes m) (nth [::] (tuples (sizes m)) k) by rewrite -mem_tuples mem_nth.
have [a aE] := code_onto kin; have := no a; rewrite -leNgt => le0.
have kE : rank (sizes m) (code a) = k.
  have lt := rank_lt (code_is_action a); apply/eqP.
  by rewrite -(nth_uniq [::] lt kn (uniq_tuples (sizes m))) nth_rank ?code_is_action // aE.
by apply/eqP; rewrite -[nat_of_ord k]kE eq_le le0 ge.
Qed.

Section Determined.
Variables (X : eqType) (ts : seq X) (key : X -> seq nat -> seq nat) (w : seq nat -> Q) (z : seq (seq Q)).
Hypothesis det : determines m ts key w z.
Variable h : X -> joint -> F.
Hypothesis keyed : forall t a b, t \in ts -> key t (code a) = key t (code b) -> h t a = h t b.

Lemma backedE t row (a : joint) : t \in ts -> backed m ts key w row (code a) ->
  h t a = \sum_(b : joint | qlt q0 (w (code b))) qval (at_ row (rank (sizes m) (code b))) * h t b.
Proof.
move=> tin /allP /(_ t tin) /allP ok; pose xs := undup [seq key t l | l <- tuples (sizes m)].
pose c (b : joint) := if qlt q0 (w (code b)) then qval (at_ row (rank (sizes m) (code b))) else 0.
have inxs (b : joint) : key t (code b) \in xs.
  by rewrite mem_undup; apply/mapP; exists (code b) => //; rewrite mem_tuples code_is_action.
have cE x : x \in xs -> \sum_(b : joint | key t (code b) == x) c b = (key t (code a) == x)%:R.
  move=> /ok; rewrite (qval_eq F) qval_sum_list !big_map big_filter => /eqP e.
  rewrite (_ : _%:R = qval (if key t (code a) == x then q1 else q0)); last by case: eqP; rewrite ?qval1 ?qval0.
  rewrite -e [LHS]big_mkcond [RHS]big_mkcond.
  rewrite -(sum_tuples (sizes m) (fun l => if qlt q0 (w l) then
    qval (if key t l == x then at_ row (rank (sizes m) l) else q0) else 0)).
  by apply: eq_bigr => b _; rewrite /c; case: (qlt _ _); case: eqP; rewrite ?qval0.
transitivity (\sum_(b : joint) c b * h t b); last first.
  by rewrite [RHS]big_mkcond; apply: eq_bigr => b _; rewrite /c; case: (qlt _ _); rewrite ?mul0r.
rewrite (sum_by _ (undup_uniq _) inxs) (bigD1_seq (key t (code a))) ?undup_uniq ?inxs //=.
rewrite (eq_bigr (fun b => c b * h t a)) => [|b /eqP e]; last by rewrite (keyed tin e).
rewrite -mulr_suml cE ?inxs // eqxx mul1r big_seq_cond big1 ?addr0 // => x /andP [xin xa].
move: (xin); rewrite mem_undup => /mapP [l]; rewrite mem_tuples => /code_onto [b0 <-] xE.
rewrite (eq_bigr (fun b => c b * h t b0)) => [|b /eqP e]; last by rewrite (keyed (b := b0) tin) // e.
by rewrite -mulr_suml cE // eq_sym (negbTE xa) mul0r.
Qed.

(* what is 0 where there is weight is 0 everywhere *)
Lemma determinesP : (forall b : joint, 0 < qval (w (code b)) -> \sum_(t <- ts) h t b = 0) ->
  forall a, \sum_(t <- ts) h t a = 0.
Proof.
move=> zero a; have /allP /(_ (code a)) := det; rewrite mem_tuples code_is_action => /(_ isT).
case/orP => [|bk]; first by rewrite (qval_lt F) qval0; apply: zero.
rewrite big_seq (eq_bigr _ (fun t tin => backedE tin bk)) -big_seq exchange_big big1 // => b.
by rewrite (qval_lt F) qval0 => /zero e; rewrite -mulr_sumr e mulr0.
Qed.
End Determined.
End Correct.
