(* Rational numbers that are computed with: Coq's Q, a numerator and a positive
   denominator in binary, and their values in an ordered field F.

   A certificate holds numbers of Q, the theorems speak about F: the lemmas here say
   that sums, products and comparisons that are computed in Q are those of the values.
   No theorem here: tools of Tables.v and of the certificate checker.

          null x == x = 0, computed
          unit x == x = 1, computed, for x in lowest terms
        qadd x y == x + y, in lowest terms if x and y are
        qmul x y == x y, in lowest terms if x and y are
          qopp x == -x
        qsub x y == x - y, in lowest terms
          qabs x == |x|
          qnat n == the number n
         qle x y == x <= y, computed
         qlt x y == x < y, computed
         qeq x y == x = y, computed
              q0 == 0
              q1 == 1
         tab n f == the list f 0, ..., f (n-1)
   qsum_list l f == the sum of f over the list l
        qsum n f == f 0 + ... + f (n-1)
       qprod n f == f 0 ... f (n-1), the product
       every n b == b 0 and ... and b (n-1)
         at_ l k == entry k of the list of numbers l, 0 beyond its end
        zval F z == the value of the integer z in F
        qval F q == the value of q in F

   qval_add  qval of a sum; likewise qval_mul, qval_opp, qval_sub, qval_abs, qval_nat,
             qval_sum, qval_prod
   qval_le   qle compares the values; likewise qval_lt and qval_eq                       *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ssrZ zify ring.
From FqiTheory Require Import Ordered.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------ computed numbers *)
(* whether x is 0; 0 and 1 as arguments are common, and cost no reduction to lowest terms *)
Definition null (x : Q) : bool := Z.eqb (Qnum x) 0.
Definition unit (x : Q) : bool := Z.eqb (Qnum x) 1 && Z.eqb (Zpos (Qden x)) 1.
(* sums and products in lowest terms *)
Definition qadd (x y : Q) : Q :=
  if null x then y else if null y then x else
  if Z.eqb (Zpos (Qden x)) (Zpos (Qden y)) then Qred (Qmake (Qnum x + Qnum y) (Qden x))
  else Qred (Qplus x y).
Definition qmul (x y : Q) : Q :=
  if null x then x else if null y then y else if unit x then y else if unit y then x
  else Qred (Qmult x y).
Definition qopp (x : Q) : Q := Qopp x.
Definition qsub (x y : Q) : Q := qadd x (qopp y).
Definition qabs (x : Q) : Q := Qmake (Z.abs (Qnum x)) (Qden x).
Definition qnat (n : nat) : Q := inject_Z (Z.of_nat n).
Definition qle (x y : Q) : bool := Z.leb (Qnum x * Zpos (Qden y)) (Qnum y * Zpos (Qden x)).
Definition qlt (x y : Q) : bool := ~~ qle y x.
Definition qeq (x y : Q) : bool := qle x y && qle y x.
Definition q0 : Q := Qmake 0 1.
Definition q1 : Q := Qmake 1 1.

(* (f 0, ..., f (n-1)) *)
Definition tab T n (f : nat -> T) : seq T := [seq f k | k <- iota 0 n].
(* f 0 + ... + f (n-1), and over a list *)
Definition qsum_list T (l : seq T) (f : T -> Q) : Q := foldr (fun x acc => qadd (f x) acc) q0 l.
Definition qsum n (f : nat -> Q) : Q := qsum_list (iota 0 n) f.
Definition qprod n (f : nat -> Q) : Q := foldr (fun k acc => qmul (f k) acc) q1 (iota 0 n).
(* b 0 and ... and b (n-1) *)
Definition every n (b : nat -> bool) : bool := all b (iota 0 n).
(* entry k of a list of numbers *)
Definition at_ (l : seq Q) (k : nat) : Q := nth q0 l k.

Lemma nth_tab T (x0 : T) n f k : (k < n)%N -> nth x0 (tab n f) k = f k.
Proof. by move=> kn; rewrite (nth_map 0%N) ?size_iota // nth_iota. Qed.

Lemma everyP n (b : nat -> bool) : reflect (forall k, (k < n)%N -> b k) (every n b).
Proof.
apply: (iffP allP) => h k kn; apply: h; first by rewrite mem_iota.
by move: kn; rewrite mem_iota.
Qed.

(* ----------------------------------------------------------------- their values *)
Section Values.
Variable F : realFieldType.

Definition zval (z : Z) : F := (int_of_Z z)%:~R.
Definition qval (q : Q) : F := zval (Qnum q) / zval (Zpos (Qden q)).

Lemma zvalD x y : zval (x + y) = zval x + zval y.
Proof. by rewrite /zval -rmorphD; congr (_%:~R); lia. Qed.
Lemma zvalM x y : zval (x * y) = zval x * zval y.
Proof. by rewrite /zval -rmorphM; congr (_%:~R); lia. Qed.
Lemma zvalN x : zval (- x) = - zval x.
Proof. by rewrite /zval -rmorphN; congr (_%:~R); lia. Qed.
Lemma zval_le x y : (zval x <= zval y) = Z.leb x y.
Proof. by rewrite /zval ler_int; lia. Qed.
Lemma zval_gt0 p : 0 < zval (Zpos p).
Proof. by rewrite /zval ltr0z; lia. Qed.
Lemma zval_neq0 p : zval (Zpos p) != 0.
Proof. by rewrite gt_eqF // zval_gt0. Qed.

Lemma qval_same x y : Qeq x y -> qval x = qval y.
Proof.
rewrite /Qeq /qval => e; apply/eqP; rewrite eqr_div ?zval_neq0 //.
by rewrite -!zvalM e.
Qed.

Lemma qval_null x : null x -> qval x = 0.
Proof. by rewrite /null => /Z.eqb_spec e; rewrite /qval e /zval mul0r. Qed.

Lemma qval_unit x : unit x -> qval x = 1.
Proof. by case/andP => /Z.eqb_spec e /Z.eqb_spec e'; rewrite /qval e e' divff // zval_neq0. Qed.

Lemma qval_add x y : qval (qadd x y) = qval x + qval y.
Proof.
rewrite /qadd; case: ifP => [/qval_null ->|_]; first by rewrite add0r.
case: ifP => [/qval_null ->|_]; first by rewrite addr0.
case: ifP => [/Z.eqb_spec e|_].
  by rewrite (qval_same (Qred_correct _)) /qval /= zvalD -e mulrDl.
rewrite (qval_same (Qred_correct _)) /qval /= zvalD !zvalM.
have -> : zval (Zpos (Qden x * Qden y)) = zval (Zpos (Qden x)) * zval (Zpos (Qden y)).
  by rewrite -zvalM.
have := zval_neq0 (Qden x); have := zval_neq0 (Qden y); move=> y0 x0.
by field; rewrite x0 y0.
Qed.

Lemma qval_mul x y : qval (qmul x y) = qval x * qval y.
Proof.
rewrite /qmul; case: ifP => [/qval_null ->|_]; first by rewrite mul0r.
case: ifP => [/qval_null ->|_]; first by rewrite mulr0.
case: ifP => [/qval_unit ->|_]; first by rewrite mul1r.
case: ifP => [/qval_unit ->|_]; first by rewrite mulr1.
rewrite (qval_same (Qred_correct _)) /qval /= !zvalM.
have -> : zval (Zpos (Qden x * Qden y)) = zval (Zpos (Qden x)) * zval (Zpos (Qden y)).
  by rewrite -zvalM.
have := zval_neq0 (Qden x); have := zval_neq0 (Qden y); move=> y0 x0.
by field; rewrite x0 y0.
Qed.

Lemma qval_opp x : qval (qopp x) = - qval x.
Proof. by rewrite /qval /= zvalN mulNr. Qed.

Lemma qval_sub x y : qval (qsub x y) = qval x - qval y.
Proof. by rewrite qval_add qval_opp. Qed.

Lemma qval_le x y : qle x y = (qval x <= qval y).
Proof.
rewrite /qle -zval_le !zvalM /qval.
rewrite div_le ?zval_gt0 // mulrAC le_div ?zval_gt0 //.
Qed.

Lemma qval_lt x y : qlt x y = (qval x < qval y).
Proof. by rewrite /qlt qval_le ltNge. Qed.

Lemma qval_eq x y : qeq x y = (qval x == qval y).
Proof. by rewrite /qeq !qval_le eq_le. Qed.

Lemma qval0 : qval q0 = 0.
Proof. by rewrite /qval /= /zval /= mul0r. Qed.
Lemma qval1 : qval q1 = 1.
Proof. by rewrite /qval /= divff // zval_neq0. Qed.

Lemma qval_abs x : qval (qabs x) = `|qval x|.
Proof.
rewrite /qval normrM normrV ?unitfE ?zval_neq0 // [`|zval (Zpos _)|]ger0_norm ?ltW ?zval_gt0 //.
congr (_ / _); rewrite /qabs /=; case: (Qnum x) => [|p|p] /=.
- by rewrite normr0.
- by rewrite ger0_norm // ltW // zval_gt0.
- by rewrite (zvalN (Zpos p)) normrN ger0_norm // ltW // zval_gt0.
Qed.

Lemma qval_nat n : qval (qnat n) = n%:R.
Proof.
rewrite /qval /qnat /=.
have -> : zval 1 = 1 by [].
by rewrite divr1 /zval (_ : int_of_Z _ = n) //; lia.
Qed.

Lemma qval_sum_list T (l : seq T) f : qval (qsum_list l f) = \sum_(x <- l) qval (f x).
Proof.
elim: l => [|x l IH]; first by rewrite big_nil qval0.
by rewrite big_cons /= qval_add IH.
Qed.

Lemma qval_sum n f : qval (qsum n f) = \sum_(k < n) qval (f k).
Proof. by rewrite qval_sum_list -(big_mkord xpredT (fun k => qval (f k))) /index_iota subn0. Qed.

Lemma qval_prod n f : qval (qprod n f) = \prod_(k < n) qval (f k).
Proof.
rewrite -(big_mkord xpredT (fun k => qval (f k))) /index_iota subn0 /qprod.
elim: (iota 0 n) => [|x l IH]; first by rewrite big_nil qval1.
by rewrite big_cons /= qval_mul IH.
Qed.

End Values.
