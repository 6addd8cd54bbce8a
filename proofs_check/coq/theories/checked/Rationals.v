(* Rational numbers that are computed with: Coq's Q, a numerator and a positive
   denominator in binary, and their values in an ordered field F.

   A certificate holds numbers of Q, the theorems speak about F: the lemmas here say
   that sums, products and comparisons that are computed in Q are those of the values.
   No theorem here: tools of Tables.v and of the certificate checker.

            null x == x = 0, computed
            unit x == x = 1, computed, for x in lowest terms
        reduce n d == n/d in lowest terms
          qadd x y == x + y, in lowest terms if x and y are
          qmul x y == x y, in lowest terms if x and y are
            qopp x == -x
          qsub x y == x - y, in lowest terms
            qabs x == |x|
            qnat n == the number n
           qle x y == x <= y, computed
           qlt x y == x < y, computed
           qeq x y == x = y, computed
      multiple c l == a common multiple of c and the denominators of l
    multiples rows == one of those of lists of numbers
          over D x == the integer D x, D a multiple of the denominator of x
         zplus u v == the sum of lists of integers, entry by entry
         zsum rows == the sum of such lists
    zsum_if b rows == that of the lists in rows whose labels have the property b
      integers n v == (b, the integers b x of the first n numbers x of v)
       zdot a u zs == the sum of a u_k z_k
     inner_at u bz == u_0 v_0 + ... + u_(n-1) v_(n-1), where bz has the integers of v;
                      not in lowest terms
       inner n u v == the same of v
        qdot n u v == the same in lowest terms
          lowest x == x in lowest terms
         qplus x y == x + y, in lowest terms unless the denominators are equal
        qminus x y == x - y, in lowest terms unless the denominators are equal
         qjoin x y == x + y, not in lowest terms
        qtimes x y == x y, not in lowest terms
         rplus u v == the sum of lists of numbers, entry by entry
        rminus u v == their difference
                q0 == 0
                q1 == 1
           tab n f == the list f 0, ..., f (n-1)
   qtotal_list l f == the sum of f over the list l
     qsum_list l f == the same in lowest terms
        qtotal n f == f 0 + ... + f (n-1)
          qsum n f == the same in lowest terms
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
(* n/d in lowest terms *)
Definition reduce (n : Z) (d : positive) : Q :=
  if Z.eqb (Zpos d) 1 then Qmake n d else if Z.eqb n 0 then Qmake 0 1 else
  let g := Z.gcd n (Zpos d) in
  if Z.eqb g 1 then Qmake n d else Qmake (Z.quot n g) (Z.to_pos (Z.quot (Zpos d) g)).
(* sums and products in lowest terms *)
Definition qadd (x y : Q) : Q :=
  if null x then y else if null y then x else
  if Z.eqb (Zpos (Qden x)) (Zpos (Qden y)) then reduce (Qnum x + Qnum y) (Qden x)
  else reduce (Qnum x * Zpos (Qden y) + Qnum y * Zpos (Qden x)) (Qden x * Qden y).
Definition qmul (x y : Q) : Q :=
  if null x then x else if null y then y else if unit x then y else if unit y then x
  else reduce (Qnum x * Qnum y) (Qden x * Qden y).
Definition qopp (x : Q) : Q := Qopp x.
(* the same of numbers that are compared and then forgotten *)
Definition qjoin (x y : Q) : Q :=
  if null x then y else if null y then x else
  if Z.eqb (Zpos (Qden x)) (Zpos (Qden y)) then Qmake (Qnum x + Qnum y) (Qden x)
  else Qmake (Qnum x * Zpos (Qden y) + Qnum y * Zpos (Qden x)) (Qden x * Qden y).
Definition qtimes (x y : Q) : Q := if null x then x else if null y then y else Qmake (Qnum x * Qnum y) (Qden x * Qden y).
(* a common multiple of c and of the denominators of l; those of lists of numbers; x over D *)
Definition multiple (c : Z) (l : seq Q) : Z :=
  foldr (fun q acc => let d := Zpos (Qden q) in
    if Z.eqb d 1 then acc else if Z.eqb d acc then acc else if Z.eqb acc 1 then d else Z.lcm acc d) c l.
Definition multiples (rows : seq (seq Q)) : Z := foldr (fun l acc => multiple acc l) (Zpos 1) rows.
Definition over (D : Z) (x : Q) : Z :=
  if null x then Z0 else if Z.eqb D (Zpos (Qden x)) then Qnum x else Z.mul (Qnum x) (Z.quot D (Zpos (Qden x))).
(* numbers as integers over a common denominator b *)
Definition integers (n : nat) (v : seq Q) : Z * seq Z :=
  let b := multiple (Zpos 1) v in (b, [seq over b y | y <- take n v]).
(* the sum of the products of the entries of u and zs, times a *)
Fixpoint zdot (a : Z) (u : seq Q) (zs : seq Z) : Z :=
  match u, zs with
  | x :: u', z :: zs' =>
      let rest := zdot a u' zs' in
      if null x || Z.eqb z 0 then rest else Z.add (Z.mul (over a x) z) rest
  | _, _ => Z0
  end.
(* sums of lists of integers, entry by entry; beyond its end a list goes on with 0 *)
Fixpoint zplus (u v : seq Z) : seq Z :=
  match u, v with
  | x :: u', y :: v' => Z.add x y :: zplus u' v'
  | [::], _ => v
  | _, [::] => u
  end.
Definition zsum (rows : seq (seq Z)) : seq Z := foldr zplus [::] rows.
(* those of the pairs in rows whose first entry has the property b *)
Definition zsum_if T (b : T -> bool) (rows : seq (T * seq Z)) : seq Z :=
  foldr (fun xr acc => if b xr.1 then zplus xr.2 acc else acc) [::] rows.
Definition qsub (x y : Q) : Q := qadd x (qopp y).
Definition qabs (x : Q) : Q := Qmake (Z.abs (Qnum x)) (Qden x).
Definition qnat (n : nat) : Q := inject_Z (Z.of_nat n).
Definition qle (x y : Q) : bool :=
  if null x then Z.leb 0 (Qnum y) else if null y then Z.leb (Qnum x) 0 else
  if Z.eqb (Zpos (Qden x)) (Zpos (Qden y)) then Z.leb (Qnum x) (Qnum y)
  else Z.leb (Qnum x * Zpos (Qden y)) (Qnum y * Zpos (Qden x)).
Definition qlt (x y : Q) : bool := ~~ qle y x.
Definition qeq (x y : Q) : bool :=
  if Z.eqb (Zpos (Qden x)) (Zpos (Qden y)) then Z.eqb (Qnum x) (Qnum y)
  else Z.eqb (Qnum x * Zpos (Qden y)) (Qnum y * Zpos (Qden x)).
Definition q0 : Q := Qmake 0 1.
Definition q1 : Q := Qmake 1 1.

(* (f 0, ..., f (n-1)) *)
Definition tab T n (f : nat -> T) : seq T := [seq f k | k <- iota 0 n].
(* f 0 + ... + f (n-1), and over a list: brought to lowest terms at its end, if at all, where denominators are equal *)
Definition qplus (x y : Q) : Q :=
  if null x then y else if null y then x else
  if Z.eqb (Zpos (Qden x)) (Zpos (Qden y)) then Qmake (Qnum x + Qnum y) (Qden x) else qadd x y.
Definition qtotal_list T (l : seq T) (f : T -> Q) : Q := foldr (fun x acc => qplus (f x) acc) q0 l.
Definition qsum_list T (l : seq T) (f : T -> Q) : Q := let: Qmake n d := qtotal_list l f in reduce n d.
Definition qtotal n (f : nat -> Q) : Q := qtotal_list (iota 0 n) f.
Definition qsum n (f : nat -> Q) : Q := qsum_list (iota 0 n) f.
Definition qprod n (f : nat -> Q) : Q := foldr (fun k acc => qmul (f k) acc) q1 (iota 0 n).
(* b 0 and ... and b (n-1) *)
Definition every n (b : nat -> bool) : bool := all b (iota 0 n).
(* entry k of a list of numbers *)
Definition at_ (l : seq Q) (k : nat) : Q := nth q0 l k.
(* u_0 v_0 + ... + u_(n-1) v_(n-1) *)
Definition inner_at (u : seq Q) (bz : Z * seq Z) : Q :=
  let a := multiple (Zpos 1) u in let: (b, zs) := bz in
  Qmake (zdot a u zs) (Z.to_pos (Z.mul a b)).
Definition inner (n : nat) (u v : seq Q) : Q := inner_at u (integers n v).
Definition lowest (x : Q) : Q := reduce (Qnum x) (Qden x).
Definition qdot (n : nat) (u v : seq Q) : Q := lowest (inner n u v).
(* sums and differences of lists, entry by entry; beyond its end a list goes on with 0 *)
Definition qminus (x y : Q) : Q := qplus x (qopp y).
Fixpoint rplus (u v : seq Q) : seq Q :=
  match u, v with
  | x :: u', y :: v' => qplus x y :: rplus u' v'
  | [::], _ => v
  | _, [::] => u
  end.
Fixpoint rminus (u v : seq Q) : seq Q :=
  match u, v with
  | x :: u', y :: v' => qminus x y :: rminus u' v'
  | [::], _ => [seq qopp y | y <- v]
  | _, [::] => u
  end.

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
Local Arguments Z.eqb : simpl never.

Definition zval (z : Z) : F := (int_of_Z z)%:~R.
Definition qval (q : Q) : F := zval (Qnum q) / zval (Zpos (Qden q)).

Lemma qval_make n d : qval (Qmake n d) = zval n / zval (Zpos d).
Proof. by []. Qed.

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

Lemma qval_reduce n d : qval (reduce n d) = zval n / zval (Zpos d).
Proof.
rewrite /reduce; case: ifP => // _; case: ifP => [/Z.eqb_eq ->|_].
  by rewrite /qval /= (_ : zval 0 = 0) ?mul0r.
set g := Z.gcd _ _; case: ifP => // _.
have g0 : Z.lt 0 g.
  by have := Z.gcd_nonneg n (Zpos d); have : g <> Z0 by [move=> /Z.gcd_eq_0_r]; lia.
have [[a aE] [b bE]] : Z.divide g n /\ Z.divide g (Zpos d) by split; [apply: Z.gcd_divide_l|apply: Z.gcd_divide_r].
have -> : Z.quot n g = a by rewrite aE Z.quot_mul //; lia.
have -> : Z.quot (Zpos d) g = b by rewrite bE Z.quot_mul //; lia.
rewrite /qval /= Z2Pos.id; last by nia.
have zg : zval g != 0 by case: g g0 {aE bE} => [//|q|q] // _; apply: zval_neq0.
by rewrite aE bE !zvalM invfM mulrACA divff // mulr1.
Qed.

Lemma zval_mul_pos x y : zval (Zpos (x * y)) = zval (Zpos x) * zval (Zpos y).
Proof. by rewrite -zvalM. Qed.

Lemma qval_add x y : qval (qadd x y) = qval x + qval y.
Proof.
rewrite /qadd; case: ifP => [/qval_null ->|_]; first by rewrite add0r.
case: ifP => [/qval_null ->|_]; first by rewrite addr0.
case: ifP => [/Z.eqb_spec e|_]; rewrite qval_reduce zvalD; first by rewrite /qval -e mulrDl.
rewrite !zvalM zval_mul_pos /qval.
have := zval_neq0 (Qden x); have := zval_neq0 (Qden y); move=> y0 x0.
by field; rewrite x0 y0.
Qed.

Lemma qval_mul x y : qval (qmul x y) = qval x * qval y.
Proof.
rewrite /qmul; case: ifP => [/qval_null ->|_]; first by rewrite mul0r.
case: ifP => [/qval_null ->|_]; first by rewrite mulr0.
case: ifP => [/qval_unit ->|_]; first by rewrite mul1r.
case: ifP => [/qval_unit ->|_]; first by rewrite mulr1.
by rewrite qval_reduce zvalM zval_mul_pos /qval invfM mulrACA.
Qed.

Lemma qval_join x y : qval (qjoin x y) = qval x + qval y.
Proof.
rewrite /qjoin; case: ifP => [/qval_null ->|_]; first by rewrite add0r.
case: ifP => [/qval_null ->|_]; first by rewrite addr0.
case: ifP => [/Z.eqb_spec e|_]; rewrite qval_make zvalD; first by rewrite /qval -e mulrDl.
rewrite !zvalM zval_mul_pos /qval.
have := zval_neq0 (Qden x); have := zval_neq0 (Qden y); move=> y0 x0.
by field; rewrite x0 y0.
Qed.

Lemma qval_times x y : qval (qtimes x y) = qval x * qval y.
Proof.
rewrite /qtimes; case: ifP => [/qval_null ->|_]; first by rewrite mul0r.
case: ifP => [/qval_null ->|_]; first by rewrite mulr0.
by rewrite qval_make zvalM zval_mul_pos /qval invfM mulrACA.
Qed.

(* x = n / D for n = over D x *)
Lemma overE D x : Z.lt 0 D -> Z.divide (Zpos (Qden x)) D -> zval (over D x) = qval x * zval D.
Proof.
move=> D0 [c e]; rewrite /over; case: ifP => [/qval_null ->|_]; first by rewrite /zval mul0r.
case: ifP => [/Z.eqb_eq e'|_]; first by rewrite e' /qval divfK // zval_neq0.
by rewrite e Z.quot_mul // !zvalM /qval mulrACA mulVf ?mulr1 // zval_neq0.
Qed.

Lemma multiple_gt0 c l : Z.lt 0 c -> Z.lt 0 (multiple c l).
Proof.
move=> c0; elim: l => //= x l IH; do 3 case: ifP => // _.
by have := Z.lcm_nonneg (multiple c l) (Zpos (Qden x)); have := Z.lcm_eq_0 (multiple c l) (Zpos (Qden x)); lia.
Qed.

Lemma multiple_divides c l : Z.divide c (multiple c l) /\ forall k, Z.divide (Zpos (Qden (at_ l k))) (multiple c l).
Proof.
elim: l => [|x l [IHc IH]] /=.
  by split=> [|k]; [apply: Z.divide_refl|rewrite /at_ nth_nil; apply: Z.divide_1_l].
case: ifP => [/Z.eqb_eq e|_].
  by split=> // -[|k] /=; [rewrite /at_ /= e; apply: Z.divide_1_l|apply: IH].
case: ifP => [/Z.eqb_eq e|_].
  by split=> // -[|k] /=; [rewrite /at_ /= e; apply: Z.divide_refl|apply: IH].
case: ifP => [/Z.eqb_eq e|_].
  have one z : Z.divide z (multiple c l) -> Z.divide z (Zpos (Qden x)).
    by rewrite e => h; apply: Z.divide_trans h (Z.divide_1_l _).
  by split=> [|[|k]]; [apply: one|apply: Z.divide_refl|apply/one/IH].
split=> [|[|k]]; first by apply: Z.divide_trans IHc _; apply: Z.divide_lcm_l.
  exact: Z.divide_lcm_r.
by apply: Z.divide_trans (IH k) _; apply: Z.divide_lcm_l.
Qed.

Lemma multiples_gt0 rows : Z.lt 0 (multiples rows).
Proof. by elim: rows => //= l rows IH; apply: multiple_gt0. Qed.

Lemma multiples_divide rows i k : Z.divide (Zpos (Qden (at_ (nth [::] rows i) k))) (multiples rows).
Proof.
elim: rows i => [|l rows IH] [|i] /=; try by rewrite /at_ nth_nil; apply: Z.divide_1_l.
  by have [_] := multiple_divides (multiples rows) l; apply.
by apply: Z.divide_trans (IH i) _; have [] := multiple_divides (multiples rows) l.
Qed.

Lemma nth_zplus u v k : nth Z0 (zplus u v) k = Z.add (nth Z0 u k) (nth Z0 v k).
Proof. by elim: u v k => [|x u IH] [|y v] [|k] //=; rewrite Z.add_0_r. Qed.

Lemma zsum_ifE T (b : T -> bool) rows : zsum_if b rows = zsum [seq xr.2 | xr <- rows & b xr.1].
Proof. by elim: rows => //= xr rows IH; case: ifP => _ /=; rewrite -IH. Qed.

Lemma nth_zsum rows k : zval (nth Z0 (zsum rows) k) = \sum_(r <- rows) zval (nth Z0 r k).
Proof.
elim: rows => [|r rows IH]; first by rewrite big_nil nth_nil /zval /=.
by rewrite big_cons -IH -zvalD -nth_zplus.
Qed.

Lemma qval_opp x : qval (qopp x) = - qval x.
Proof. by rewrite /qval /= zvalN mulNr. Qed.

Lemma qval_sub x y : qval (qsub x y) = qval x - qval y.
Proof. by rewrite qval_add qval_opp. Qed.

Lemma zval_eq x y : (zval x == zval y) = Z.eqb x y.
Proof. by rewrite eq_le !zval_le; lia. Qed.

Lemma qval_le x y : qle x y = (qval x <= qval y).
Proof.
have E : (qval x <= qval y) = (zval (Qnum x) * zval (Zpos (Qden y)) <= zval (Qnum y) * zval (Zpos (Qden x))).
  by rewrite /qval div_le ?zval_gt0 // mulrAC le_div ?zval_gt0.
rewrite E -!zvalM zval_le /qle /null; case: ifP => [/Z.eqb_eq ->|_]; first by rewrite Z.mul_0_l; nia.
case: ifP => [/Z.eqb_eq ->|_]; first by rewrite Z.mul_0_l; nia.
by case: ifP => // /Z.eqb_eq ->; nia.
Qed.

Lemma qval_lt x y : qlt x y = (qval x < qval y).
Proof. by rewrite /qlt qval_le ltNge. Qed.

Lemma qval_eq x y : qeq x y = (qval x == qval y).
Proof.
rewrite /qval eqr_div ?zval_neq0 // -!zvalM zval_eq /qeq; case: ifP => // /Z.eqb_eq ->.
by apply/idP/idP => /Z.eqb_eq e; apply/Z.eqb_eq; nia.
Qed.

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

Lemma qval_plus x y : qval (qplus x y) = qval x + qval y.
Proof.
rewrite /qplus; case: ifP => [/qval_null ->|_]; first by rewrite add0r.
case: ifP => [/qval_null ->|_]; first by rewrite addr0.
case: ifP => [/Z.eqb_eq e|_]; last exact: qval_add.
by rewrite /qval /= zvalD -e mulrDl.
Qed.

Lemma qsum_map T U (g : T -> U) (l : seq T) f : qsum_list [seq g x | x <- l] f = qsum_list l (fun x => f (g x)).
Proof. by rewrite /qsum_list /qtotal_list foldr_map. Qed.

Lemma qval_total_list T (l : seq T) f : qval (qtotal_list l f) = \sum_(x <- l) qval (f x).
Proof.
elim: l => [|x l IH]; first by rewrite big_nil qval0.
by rewrite big_cons -IH /= qval_plus.
Qed.

Lemma qval_sum_list T (l : seq T) f : qval (qsum_list l f) = \sum_(x <- l) qval (f x).
Proof. by rewrite -qval_total_list /qsum_list; case: (qtotal_list _ _) => n d; apply: qval_reduce. Qed.

Lemma qval_total n f : qval (qtotal n f) = \sum_(k < n) qval (f k).
Proof. by rewrite qval_total_list -(big_mkord xpredT (fun k => qval (f k))) /index_iota subn0. Qed.

Lemma qval_sum n f : qval (qsum n f) = \sum_(k < n) qval (f k).
Proof. by rewrite qval_sum_list -(big_mkord xpredT (fun k => qval (f k))) /index_iota subn0. Qed.

Lemma qval_prod n f : qval (qprod n f) = \prod_(k < n) qval (f k).
Proof.
rewrite -(big_mkord xpredT (fun k => qval (f k))) /index_iota subn0 /qprod.
elim: (iota 0 n) => [|x l IH]; first by rewrite big_nil qval1.
by rewrite big_cons /= qval_mul IH.
Qed.

Lemma zdotE a b n u zs v : Z.lt 0 a ->
  (forall k, Z.divide (Zpos (Qden (at_ u k))) a) -> (size zs <= n)%N ->
  (forall k, (k < n)%N -> zval (nth Z0 zs k) = qval (at_ v k) * zval b) ->
  zval (zdot a u zs) = (\sum_(k < n) qval (at_ u k) * qval (at_ v k)) * (zval a * zval b).
Proof.
have z0 : zval Z0 = 0 by [].
move=> a0; elim: n u zs v => [|n IH] [|x u] [|z zs] v da //= sz zE; try by rewrite big_ord0 mul0r.
- by rewrite big1 ?mul0r // => k _; rewrite /at_ nth_nil qval0 mul0r.
- by rewrite big1 ?mul0r // => k _; rewrite /at_ nth_nil qval0 mul0r.
- rewrite mulr_suml big1 // => k _; have := zE k (ltn_ord k); rewrite nth_nil z0 => e.
  by rewrite mulrACA -e mulr0.
have -> : \sum_(i < n.+1) qval (at_ (x :: u) i) * qval (at_ v i) =
    qval x * qval (at_ v 0) + \sum_(i < n) qval (at_ u i) * qval (at_ (behead v) i).
  by rewrite big_ord_recl; congr (_ + _); apply: eq_bigr => i _; rewrite /at_ nth_behead.
rewrite mulrDl -(IH u zs (behead v) (fun k => da k.+1)) //; last first.
  by move=> k kn; rewrite (zE k.+1) // /at_ nth_behead.
have := zE 0%N isT; have := da 0%N; rewrite /at_ /= => dx e; rewrite mulrACA -e.
case: ifP => [/orP [/qval_null ->|/Z.eqb_eq ->]|_]; first by rewrite !mul0r add0r.
  by rewrite z0 mulr0 add0r.
by rewrite zvalD zvalM overE.
Qed.

Lemma integers_gt0 n v : Z.lt 0 (integers n v).1.
Proof. exact: multiple_gt0 Z.lt_0_1. Qed.

Lemma size_integers n v : (size (integers n v).2 <= n)%N.
Proof. by rewrite size_map size_take; case: (ltnP n (size v)) => //; apply: ltnW. Qed.

Lemma integersE n v k : (k < n)%N -> zval (nth Z0 (integers n v).2 k) = qval (at_ v k) * zval (integers n v).1.
Proof.
move=> kn; have [kv|kv] := ltnP k (size v); last first.
  rewrite /at_ !nth_default ?qval0 ?mul0r //= size_map size_take; case: (ltnP n (size v)) => // nv.
  by have := leq_trans nv kv; rewrite ltnNge ltnW.
have ks : (k < size (take n v))%N by rewrite size_take; case: (ltnP n (size v)).
rewrite /= (nth_map q0) // nth_take // overE //; first exact: multiple_gt0 Z.lt_0_1.
by have [_] := multiple_divides (Zpos 1) v; apply.
Qed.

Lemma zval_to_pos z : Z.lt 0 z -> zval (Zpos (Z.to_pos z)) = zval z /\ zval z != 0.
Proof. by move=> z0; rewrite Z2Pos.id //; split=> //; case: z z0 => // z _; apply: zval_neq0. Qed.

Lemma qval_lowest x : qval (lowest x) = qval x.
Proof. exact: qval_reduce. Qed.

Lemma innerE n u v : qval (inner n u v) = \sum_(k < n) qval (at_ u k) * qval (at_ v k).
Proof.
have [_ da] := multiple_divides (Zpos 1) u; have a0 := @multiple_gt0 (Zpos 1) u Z.lt_0_1.
have b0 := integers_gt0 n v; have zE := @integersE n v; have sz := size_integers n v.
rewrite /inner /inner_at; case: (integers n v) b0 zE sz => b zs /= b0 zE sz.
have ab : Z.lt 0 (Z.mul (multiple (Zpos 1) u) b) by nia.
have [e ne] := zval_to_pos ab; rewrite qval_make e (zdotE a0 da sz zE) zvalM mulfK //.
by rewrite -zvalM.
Qed.

Lemma qval_dot n u v : qval (qdot n u v) = \sum_(k < n) qval (at_ u k) * qval (at_ v k).
Proof. by rewrite qval_lowest innerE. Qed.

Lemma at_rplus u v k : qval (at_ (rplus u v) k) = qval (at_ u k) + qval (at_ v k).
Proof.
rewrite /at_; elim: u v k => [|x u IH] [|y v] [|k] //=; rewrite ?nth_nil ?qval0 ?addr0 ?add0r //.
exact: qval_plus.
Qed.

Lemma at_rminus u v k : qval (at_ (rminus u v) k) = qval (at_ u k) - qval (at_ v k).
Proof.
have nul j : nth q0 [::] j = q0 by rewrite nth_nil.
rewrite /at_; elim: u v k => [|x u IH] [|y v] [|k] //=; rewrite ?nul ?qval0 ?subr0 ?sub0r ?qval_opp //.
  have [kv|kv] := ltnP k (size v); first by rewrite (nth_map q0) // qval_opp.
  by rewrite !nth_default ?size_map // qval0 oppr0.
by rewrite qval_plus qval_opp.
Qed.

Lemma qval_rows (rows : seq (seq Q)) k : qval (at_ (foldr rplus [::] rows) k) = \sum_(r <- rows) qval (at_ r k).
Proof.
elim: rows => [|r rows IH]; first by rewrite big_nil /at_ nth_nil qval0.
by rewrite big_cons -IH -at_rplus.
Qed.

End Values.
