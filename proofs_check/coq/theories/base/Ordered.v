(* Facts on ordered fields, under names that do not depend on the MathComp version (1.15
   and 2.x name theirs differently).

   No theory here. Of the lemmas on single inequalities only the less obvious are
   listed.

             pos == the tactic for goals 0 <= e, e built from hypotheses and numerals
                    by sums, products, quotients and powers
        finite T == the canonical finite-type structure of T, e.g. finite bool
        fin_of T == what `finite` unfolds to
   structure K T == the canonical structure of T of kind K itself, with no definition
                    around it, e.g. structure realFieldType rat

   shrinks_le0       x <= k x with k < 1 forces x <= 0
   norm_le           |x| <= c from x <= c and -x <= c
   norm_chain        |x - z| <= c + d where |x - y| <= c and |y - z| <= d
   bernoulli         1 + t x <= (1 + x)^t for x >= 0
   small             k e <= m for all small enough e > 0, where k >= 0 and m > 0
   smaller           below two positive numbers there is a positive one
   powers_vanish     x^t c tends to 0 for 0 <= x < 1 (archimedean field)
   multiples_exceed  t c exceeds every number for c > 0 (archimedean field)              *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Ordered.
Variable R : realFieldType.
Implicit Types x y z t c : R.

Lemma le_plus x y : (x <= x + y) = (0 <= y).
Proof. by rewrite -[LHS]subr_ge0 addrAC subrr add0r. Qed.

Lemma plus_le x y : (x + y <= x) = (y <= 0).
Proof. by rewrite -[LHS]subr_ge0 opprD addrA subrr add0r oppr_ge0. Qed.

Lemma le_plus2l x y z : (x + y <= x + z) = (y <= z).
Proof. by rewrite -[LHS]subr_ge0 opprD addrACA subrr add0r subr_ge0. Qed.

Lemma le_plus2r x y z : (x + z <= y + z) = (x <= y).
Proof. by rewrite ![_ + z]addrC le_plus2l. Qed.

Lemma lt_plus2r x y z : (x + z < y + z) = (x < y).
Proof. by rewrite !ltNge le_plus2r. Qed.

Lemma le_sum2 x y z t : x <= y -> z <= t -> x + z <= y + t.
Proof.
move=> xy zt; rewrite -subr_ge0 (_ : y + t - (x + z) = (y - x) + (t - z)); last by ring.
by rewrite addr_ge0 ?subr_ge0.
Qed.

Lemma lt_sum2 x y z t : x < y -> z < t -> x + z < y + t.
Proof.
move=> xy zt; rewrite -subr_gt0 (_ : y + t - (x + z) = (y - x) + (t - z)); last by ring.
by rewrite addr_gt0 ?subr_gt0.
Qed.

Lemma le_minus x y z t : x <= y -> z <= t -> x - t <= y - z.
Proof.
move=> xy zt; rewrite -subr_ge0 (_ : y - z - (x - t) = (y - x) + (t - z)); last by ring.
by rewrite addr_ge0 ?subr_ge0.
Qed.

Lemma le_mul2l c x y : 0 <= c -> x <= y -> c * x <= c * y.
Proof. by move=> c0 xy; rewrite -subr_ge0 -mulrBr mulr_ge0 ?subr_ge0. Qed.

Lemma le_mul2r c x y : 0 <= c -> x <= y -> x * c <= y * c.
Proof. by move=> c0 xy; rewrite -subr_ge0 -mulrBl mulr_ge0 ?subr_ge0. Qed.

Lemma lt_mul2l c x y : 0 < c -> x < y -> c * x < c * y.
Proof. by move=> c0 xy; rewrite -subr_gt0 -mulrBr mulr_gt0 ?subr_gt0. Qed.

Lemma le_pow x y (t : nat) : 0 <= x -> x <= y -> x ^+ t <= y ^+ t.
Proof.
move=> x0 xy; elim: t => [|t IH]; first by rewrite !expr0.
rewrite !exprS; apply: le_trans (le_mul2l x0 IH) _.
by rewrite le_mul2r ?exprn_ge0 // (le_trans x0).
Qed.

Lemma opp_le x y : (- x <= y) = (- y <= x).
Proof. by rewrite -[LHS]subr_ge0 -[RHS]subr_ge0 !opprK addrC. Qed.

Lemma le_scale x y : 0 <= y -> 1 <= x -> y <= x * y.
Proof.
by move=> y0 x1; rewrite -subr_ge0 -[X in _ - X]mul1r -mulrBl mulr_ge0 ?subr_ge0.
Qed.

Lemma lt_from_sub x y z : x - y < z -> x < y + z.
Proof.
move=> h; rewrite -subr_gt0 (_ : y + z - x = z - (x - y)); last by ring.
by rewrite subr_gt0.
Qed.

Lemma div_le c x y : 0 < c -> (x / c <= y) = (x <= y * c).
Proof.
move=> c0; have E : y - x / c = (y * c - x) / c by field; rewrite gt_eqF.
by rewrite -[LHS]subr_ge0 E pmulr_lge0 ?invr_gt0 // subr_ge0.
Qed.

Lemma le_div c x y : 0 < c -> (x <= y / c) = (x * c <= y).
Proof.
move=> c0; have E : y / c - x = (y - x * c) / c by field; rewrite gt_eqF.
by rewrite -[LHS]subr_ge0 E pmulr_lge0 ?invr_gt0 // subr_ge0.
Qed.

Lemma div_lt c x y : 0 < c -> (x / c < y) = (x < y * c).
Proof. by move=> c0; rewrite !ltNge le_div. Qed.

Lemma ratio_le c x y : 0 < c -> x / c <= y -> x <= y * c.
Proof.
move=> c0 h; rewrite -[x](divfK (_ : c != 0)) ?gt_eqF //.
by apply: le_mul2r => //; apply: ltW.
Qed.

(* x <= k x with k < 1 forces x <= 0 *)
Lemma shrinks_le0 k x : k < 1 -> x <= k * x -> x <= 0.
Proof.
move=> k1 h; rewrite -oppr_ge0 -(@pmulr_rge0 _ (1 - k)) ?subr_gt0 //.
by rewrite (_ : _ * _ = k * x - x) ?subr_ge0 //; ring.
Qed.

Lemma lt_sum_l x y : 0 <= x -> 0 < y -> 0 < x + y.
Proof. by move=> x0 y0; apply: lt_le_trans y0 _; rewrite addrC le_plus. Qed.

Lemma lt_sum_r x y : 0 < x -> 0 <= y -> 0 < x + y.
Proof. by move=> x0 y0; rewrite addrC; apply: lt_sum_l. Qed.

Lemma le_cancel c x y : 0 < c -> x * c <= y * c -> x <= y.
Proof. by move=> c0; rewrite -subr_ge0 -mulrBl pmulr_lge0 // subr_ge0. Qed.

Lemma lt_cancel c x y : 0 < c -> x * c < y * c -> x < y.
Proof. by move=> c0; rewrite -subr_gt0 -mulrBl pmulr_lgt0 // subr_gt0. Qed.

(* |x| <= c, from the two inequalities *)
Lemma norm_le x c : x <= c -> - x <= c -> `|x| <= c.
Proof. by move=> xc nxc; rewrite ler_norml xc andbT opp_le. Qed.

Lemma le_norm x c : `|x| <= c -> x <= c.
Proof. exact: le_trans (ler_norm x). Qed.

Lemma norm_ge x c : `|x| <= c -> - c <= x.
Proof. by rewrite ler_norml => /andP []. Qed.

Lemma norm_add x y c d : `|x| <= c -> `|y| <= d -> `|x + y| <= c + d.
Proof.
move=> xc yd; apply: norm_le; first by apply: le_sum2; apply: le_norm.
by rewrite opprD; apply: le_sum2; apply: le_norm; rewrite normrN.
Qed.

Lemma norm_sub x y c d : `|x| <= c -> `|y| <= d -> `|x - y| <= c + d.
Proof. by move=> xc yd; apply: norm_add => //; rewrite normrN. Qed.

(* |x - z| <= |x - y| + |y - z|, with bounds *)
Lemma norm_chain x y z c d : `|x - y| <= c -> `|y - z| <= d -> `|x - z| <= c + d.
Proof.
move=> xy yz; rewrite (_ : x - z = (x - y) + (y - z)); last by ring.
exact: norm_add.
Qed.

(* Bernoulli: 1 + t x <= (1 + x)^t *)
Lemma bernoulli x (t : nat) : 0 <= x -> 1 + t%:R * x <= (1 + x) ^+ t.
Proof.
move=> x0; elim: t => [|t IH]; first by rewrite expr0 mul0r addr0.
have x1 : 0 <= 1 + x by rewrite addr_ge0 ?ler01.
rewrite exprS; apply: le_trans (le_mul2l x1 IH).
rewrite -[t.+1]addn1 natrD -subr_ge0.
rewrite (_ : _ - _ = t%:R * (x * x)); last by ring.
by rewrite !mulr_ge0 ?ler0n.
Qed.

(* the value of a power of an integer *)
Lemma int_pow (m : int) (t : nat) : (m ^+ t)%:~R = m%:~R ^+ t :> R.
Proof. by elim: t => [|t IH]; rewrite ?expr0 // !exprS intrM IH. Qed.
End Ordered.

(* all small enough e > 0 satisfy k e <= m *)
Lemma small (F : realFieldType) (k m : F) : 0 <= k -> 0 < m ->
  exists2 e0, 0 < e0 & forall e, e <= e0 -> k * e <= m.
Proof.
move=> k0 m0; have k1 : 0 < k + 1 by apply: lt_sum_l => //; apply: ltr01.
exists (m / (k + 1)) => [|e le]; first by rewrite divr_gt0.
apply: le_trans (le_mul2l k0 le) _.
rewrite -subr_ge0 (_ : _ - _ = m / (k + 1)); last by field; rewrite gt_eqF.
by apply/ltW; rewrite divr_gt0.
Qed.

(* some e > 0 is at most a and at most b *)
Lemma smaller (F : realFieldType) (a b : F) : 0 < a -> 0 < b ->
  exists e, [/\ 0 < e, e <= a & e <= b].
Proof.
by move=> a0 b0; have [ab|ba] := lerP a b; [exists a|exists b; rewrite ltW].
Qed.

(* 0 <= x < 1: x^t c becomes smaller than every e > 0. *)
Lemma powers_vanish (R : archiFieldType) (x c e : R) :
  0 <= x -> x < 1 -> 0 <= c -> 0 < e ->
  exists T, forall t, (T <= t)%N -> x ^+ t * c < e.
Proof.
move=> x0 x1 c0 e0; have [xz|xn] := eqVneq x 0.
  by exists 1%N => -[|t] // _; rewrite xz expr0n mul0r.
have {}x0 : 0 < x by rewrite lt_neqAle eq_sym xn.
pose d := x^-1 - 1; have d0 : 0 < d.
  have -> : d = (1 - x) / x by rewrite /d; field.
  by rewrite divr_gt0 ?subr_gt0.
have de : 0 < d * e by rewrite mulr_gt0.
have cde : c = c / (d * e) * (d * e) by rewrite divfK // gt_eqF.
exists (Num.bound (c / (d * e))) => t bt.
have ct : c < t%:R * (d * e).
  rewrite cde -subr_gt0 -mulrBl mulr_gt0 // subr_gt0.
  apply: lt_le_trans (archi_boundP _) _; last by rewrite ler_nat.
  by rewrite divr_ge0 // ltW.
have xt : 0 < x ^+ t by rewrite exprn_gt0.
have xtd : x ^+ t * (t%:R * d) <= 1.
  have B : t%:R * d <= (1 + d) ^+ t.
    by apply: le_trans (bernoulli t (ltW d0)); rewrite addrC le_plus ler01.
  apply: le_trans (le_mul2l (ltW xt) B) _.
  by rewrite -exprMn (_ : x * (1 + d) = 1) ?expr1n // /d addrC subrK mulfV.
apply: (@lt_le_trans _ _ (x ^+ t * (t%:R * (d * e)))).
  by rewrite -subr_gt0 -mulrBr mulr_gt0 // subr_gt0.
have -> : x ^+ t * (t%:R * (d * e)) = x ^+ t * (t%:R * d) * e by ring.
by rewrite -[X in _ <= X]mul1r le_mul2r // ltW.
Qed.

(* Every element of an archimedean field is below some positive integer multiple of c > 0. *)
Lemma multiples_exceed (R : archiFieldType) (c M : R) :
  0 < c -> exists t : nat, M < t%:R * c.
Proof.
move=> c0; have [M0|M0] := lerP 0 M; last first.
  by exists 0%N; rewrite mul0r.
exists (Num.bound (M / c)).
rewrite -[X in X < _](divfK (_ : c != 0)) ?gt_eqF //.
rewrite -subr_gt0 -mulrBl mulr_gt0 // subr_gt0 archi_boundP //.
by rewrite divr_ge0 // ltW.
Qed.

(* 0 <= e for e built from hypotheses and numerals by sums, products, quotients *)
Ltac pos := repeat first
  [ assumption | exact: ler01 | exact: ler0n | exact: normr_ge0 | exact: sqr_ge0
  | match goal with |- is_true (0 <= _ - _) => rewrite subr_ge0 end
  | match goal with |- is_true (0 <= _ + _) => apply: addr_ge0 end
  | match goal with |- is_true (0 <= _ / _) => apply: divr_ge0 end
  | match goal with |- is_true (0 <= _ * _) => apply: mulr_ge0 end
  | match goal with |- is_true (0 <= _ ^-1) => rewrite invr_ge0 end
  | match goal with |- is_true (0 <= _ ^+ _) => apply: exprn_ge0 end
  | match goal with |- is_true (0 <= _) => apply: ltW; assumption end ].

(* finite T: the canonical finite-type structure of T, e.g. finite bool.       *)
Definition fin_of (T : finType) (_ : phant T) := T.
Notation finite T := (fin_of (Phant T)).

(* structure K T: the canonical structure itself, which each version names otherwise. *)
Notation structure K T :=
  (ltac:(let s := constr:([the K of T : Type]) in
         let s := eval cbv beta iota delta [TheCanonical.get] in s in exact s)) (only parsing).
