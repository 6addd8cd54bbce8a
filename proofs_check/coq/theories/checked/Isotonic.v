(* Isotonic regression: tables of least error among those that rise along a relation, and
   which of several relations has the best one near given targets.

   Nothing here is computed. A table that satisfies kkt is the regression; such tables are
   compared with those of targets nearby.

              err w y q == the squared error of q for the targets y under the weights w
              rises R q == q(a) <= q(b) wherever a R b
        iso_fit w R y q == q has the least error among the tables that rise along R
            kkt w R y x == x rises, and y - x has no positive product with the way from x to any
                           table that rises
   chosen w R L p y o q == q has the least error among the tables that rise along some R o, o in L,
                           and rises along R o; along no R o' with o' before o by p is there one as
                           good

   norm_add        the triangle inequality, for squares
   fit_unique      there is one isotonic regression
   fit_shift       it shifts with the targets
   fit_mono        it grows with the targets
   fit_between     so where targets move by numbers between lo and hi, it does
   kkt_fit         kkt is enough
   kkt_beaten      where targets moved, a regression has a larger error than another one: by
                   what their errors and their difference say
   fit_far         the same, by the roots of their errors
   chosen_unique   the choice is unique
   chosen_shift    and stays where targets move by a constant

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Isotonic.
Variables (F : realFieldType) (J : finType) (w : J -> F).
Implicit Types (R : rel J) (x y z q : J -> F).

Definition err y q : F := \sum_a w a * (y a - q a) ^+ 2.
Definition rises R q := forall a b, R a b -> q a <= q b.
Definition iso_fit R y q := rises R q /\ forall z, rises R z -> err y q <= err y z.
Definition kkt R y x := rises R x /\ forall z, rises R z -> \sum_a w a * (y a - x a) * (z a - x a) <= 0.

Lemma rises_shift R q c : rises R q -> rises R (fun a => q a + c).
Proof. by move=> up a b /up; rewrite le_plus2r. Qed.

Lemma err_shift y q c : err (fun a => y a + c) q = err y (fun a => q a + (- c)).
Proof. by apply: eq_bigr => a _; congr (_ * _ ^+ 2); rewrite opprD opprK addrAC addrA. Qed.

Lemma err_shift2 y q c : err (fun a => y a + c) (fun a => q a + c) = err y q.
Proof. by apply: eq_bigr => a _; congr (_ * _ ^+ 2); rewrite opprD addrACA subrr addr0. Qed.

Lemma err_eq y y' q q' : y =1 y' -> q =1 q' -> err y q = err y' q'.
Proof. by move=> e e'; apply: eq_bigr => a _; rewrite e e'. Qed.

Hypothesis w0 : forall a, 0 < w a.

Lemma norm_ge0 z : 0 <= \sum_a w a * z a ^+ 2.
Proof. by apply: sumr_ge0 => a _; rewrite mulr_ge0 ?sqr_ge0 // ltW. Qed.

Lemma norm_0 z : \sum_a w a * z a ^+ 2 <= 0 -> forall a, z a = 0.
Proof.
move=> le a; have ge b : 0 <= w b * z b ^+ 2 by rewrite mulr_ge0 ?sqr_ge0 // ltW.
have le1 : w a * z a ^+ 2 <= 0.
  by apply: le_trans le; rewrite (bigD1 a) //= le_plus; apply: sumr_ge0.
by have /eqP : w a * z a ^+ 2 = 0 by [apply/eqP; rewrite eq_le le1 ge]; rewrite mulf_eq0 gt_eqF //= sqrf_eq0 => /eqP.
Qed.

Lemma norm_add f g (A B : F) : 0 <= A -> 0 <= B -> \sum_a w a * f a ^+ 2 <= A ^+ 2 ->
  \sum_a w a * g a ^+ 2 <= B ^+ 2 -> \sum_a w a * (f a + g a) ^+ 2 <= (A + B) ^+ 2.
Proof.
move=> A0 B0 fA gB; have [Az|Ap] := eqVneq A 0.
  move: fA; rewrite Az expr0n => /norm_0 z; rewrite add0r; apply: le_trans gB.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => a _; rewrite z add0r.
have [Bz|Bp] := eqVneq B 0.
  move: gB; rewrite Bz expr0n => /norm_0 z; rewrite addr0; apply: le_trans fA.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => a _; rewrite z addr0.
have {Ap A0}A0 : 0 < A by rewrite lt_neqAle eq_sym Ap.
have {Bp B0}B0 : 0 < B by rewrite lt_neqAle eq_sym Bp.
apply: (@le_trans _ _ ((1 + B / A) * (\sum_a w a * f a ^+ 2) + (1 + A / B) * (\sum_a w a * g a ^+ 2))).
  rewrite !mulr_sumr -big_split; apply: ler_sum => a _ /=; rewrite -subr_ge0.
  rewrite (_ : _ - _ = w a / (A * B) * (B * f a - A * g a) ^+ 2); last first.
    by field; rewrite !gt_eqF.
  by rewrite mulr_ge0 ?sqr_ge0 // divr_ge0 ?mulr_ge0 // ltW.
rewrite (_ : (A + B) ^+ 2 = (1 + B / A) * A ^+ 2 + (1 + A / B) * B ^+ 2); last by field; rewrite !gt_eqF.
by apply: le_sum2; apply: le_mul2l => //; rewrite addr_ge0 ?ler01 ?divr_ge0 // ltW.
Qed.

Lemma fit_unique R y x z : iso_fit R y x -> rises R z -> err y z <= err y x -> forall a, z a = x a.
Proof.
move=> [up best] upz le; pose h a := (x a + z a) / 2%:R.
have uph : rises R h.
  by move=> a b ab; rewrite /h le_mul2r ?invr_ge0 ?ler0n //; apply: le_sum2; [apply: up|apply: upz].
have e : err y h = (err y x + err y z) / 2%:R - (\sum_a w a * (z a - x a) ^+ 2) / 4%:R.
  rewrite /err -big_split !mulr_suml -sumrB; apply: eq_bigr => a _ /=; rewrite /h; by field.
have le0 : \sum_a w a * (z a - x a) ^+ 2 <= 0.
  have := best h uph; rewrite e => le1.
  have le2 : (err y x - err y z) / 2%:R + (\sum_a w a * (z a - x a) ^+ 2) / 4%:R <= 0.
    by rewrite -oppr_ge0; rewrite -subr_ge0 in le1; move: le1; congr (0 <= _); field.
  have ge : 0 <= (err y x - err y z) / 2%:R by rewrite divr_ge0 ?ler0n // subr_ge0.
  have : (\sum_a w a * (z a - x a) ^+ 2) / 4%:R <= 0 by apply: le_trans le2; rewrite addrC le_plus.
  by rewrite pmulr_lle0 // invr_gt0 ltr0n.
by move=> a; apply/eqP; rewrite -subr_eq0; apply/eqP; apply: (norm_0 le0 a).
Qed.

Lemma fit_shift R y x c : iso_fit R y x -> iso_fit R (fun a => y a + c) (fun a => x a + c).
Proof.
move=> [up best]; split=> [|z upz]; first exact: rises_shift.
by rewrite err_shift2 err_shift; apply: best; apply: rises_shift.
Qed.

Lemma fit_eq R y y' x x' : y =1 y' -> x =1 x' -> iso_fit R y x -> iso_fit R y' x'.
Proof.
move=> e e' [up best]; split=> [a b|z upz]; first by rewrite -!e'; apply: up.
by rewrite -(err_eq e e') -(@err_eq y y' z z) //; apply: best.
Qed.

Lemma fit_mono R y y' x x' : (forall a, y a <= y' a) -> iso_fit R y x -> iso_fit R y' x' -> forall a, x a <= x' a.
Proof.
move=> le fx [upx' best']; case: (fx) => upx _.
pose lo a := if x a <= x' a then x a else x' a; pose hi a := if x a <= x' a then x' a else x a.
have uplo : rises R lo.
  move=> a b ab; rewrite /lo; have := upx a b ab; have := upx' a b ab.
  case: (lerP (x a) (x' a)) => h; case: (lerP (x b) (x' b)) => h' // l l'.
    exact: le_trans h l.
  by apply: le_trans (ltW h) l'.
have uphi : rises R hi.
  move=> a b ab; rewrite /hi; have := upx a b ab; have := upx' a b ab.
  case: (lerP (x a) (x' a)) => h; case: (lerP (x b) (x' b)) => h' // l l'.
    by apply: le_trans l (ltW h').
  exact: le_trans l' h'.
have both : err y lo + err y' hi <= err y x + err y' x'.
  rewrite /err -!big_split; apply: ler_sum => a _ /=; rewrite /lo /hi; case: ifP => [//|/negbT h].
  rewrite -ltNge in h; rewrite -!mulrDr; apply: le_mul2l; first exact: ltW.
  rewrite -subr_ge0 (_ : _ - _ = 2%:R * ((y' a - y a) * (x a - x' a))); last by ring.
  by rewrite !mulr_ge0 ?ler0n // subr_ge0 // ltW.
have le1 : err y lo <= err y x.
  have le2 := best' hi uphi; have := le_minus both le2; rewrite !addrK.
  exact.
move=> a; have := fit_unique fx uplo le1 a; rewrite /lo; case: ifP => // /negbT; rewrite -ltNge => lt e.
by move: lt; rewrite e ltxx.
Qed.

(* where targets move by numbers between lo and hi, the regression does *)
Lemma fit_between R y x t q lo hi : iso_fit R y x -> iso_fit R (fun a => y a + t a) q ->
  (forall a, lo <= t a /\ t a <= hi) -> forall a, x a + lo <= q a /\ q a <= x a + hi.
Proof.
move=> fx fq tb a; split.
  by apply: (fit_mono _ (fit_shift lo fx) fq) => b; rewrite le_plus2l; case: (tb b).
by apply: (fit_mono _ fq (fit_shift hi fx)) => b; rewrite le_plus2l; case: (tb b).
Qed.

Lemma kkt_fit R y x : kkt R y x -> iso_fit R y x.
Proof.
move=> [up ki]; split=> // z upz; rewrite -subr_ge0.
have -> : err y z - err y x = \sum_a w a * (z a - x a) ^+ 2 - 2%:R * \sum_a w a * (y a - x a) * (z a - x a).
  by rewrite mulr_sumr /err -!sumrB; apply: eq_bigr => a _; ring.
by rewrite addr_ge0 ?norm_ge0 // -mulrN mulr_ge0 ?ler0n // oppr_ge0 ki.
Qed.

Lemma kkt_mean R y x : kkt R y x -> \sum_a w a * (y a - x a) = 0.
Proof.
move=> [up ki]; have shift c := ki _ (rises_shift c up).
have e c : \sum_a w a * (y a - x a) * (x a + c - x a) = c * \sum_a w a * (y a - x a).
  by rewrite mulr_sumr; apply: eq_bigr => a _; ring.
apply/eqP; rewrite eq_le -[X in (X <= 0) && _]mul1r -e shift /=.
by have := shift (- 1); rewrite e mulN1r oppr_le0.
Qed.

(* errors at moved targets: at least that, ... *)
Lemma err_lower R y x t q : kkt R y x -> rises R q ->
  err y x + 2%:R * (\sum_a w a * (y a - x a) * t a) <= err (fun a => y a + t a) q.
Proof.
move=> [_ ki] upq; rewrite -subr_ge0.
have -> : err (fun a => y a + t a) q - (err y x + 2%:R * (\sum_a w a * (y a - x a) * t a)) =
    \sum_a w a * (x a + t a - q a) ^+ 2 - 2%:R * \sum_a w a * (y a - x a) * (q a - x a).
  by rewrite !mulr_sumr /err -big_split -!sumrB; apply: eq_bigr => a _ /=; ring.
by rewrite addr_ge0 ?norm_ge0 // -mulrN mulr_ge0 ?ler0n // oppr_ge0 ki.
Qed.

Hypothesis w1 : \sum_a w a <= 1.

Lemma norm_sup t (r : F) : 0 <= r -> (forall a, `|t a| <= r) -> \sum_a w a * t a ^+ 2 <= r ^+ 2.
Proof.
move=> r0 tr; apply: (@le_trans _ _ (\sum_a w a * r ^+ 2)).
  apply: ler_sum => a _; apply: le_mul2l; first exact: ltW.
  by rewrite -[t a ^+ 2]ger0_norm ?sqr_ge0 // normrX; apply: le_pow => //; apply: normr_ge0.
by rewrite -mulr_suml -[X in _ <= X]mul1r; apply: le_mul2r; rewrite ?sqr_ge0.
Qed.

(* ... and of a regression that is shifted at most that *)
Lemma err_upper R y x t c r : kkt R y x -> 0 <= r -> (forall a, `|t a - c| <= r) ->
  err (fun a => y a + t a) (fun a => x a + c) <= err y x + 2%:R * (\sum_a w a * (y a - x a) * t a) + r ^+ 2.
Proof.
move=> k r0 tr; have mean := kkt_mean k.
have -> : err (fun a => y a + t a) (fun a => x a + c) = err y x + 2%:R * (\sum_a w a * (y a - x a) * t a)
    + (\sum_a w a * (t a - c) ^+ 2) - 2%:R * c * (\sum_a w a * (y a - x a)).
  by rewrite !mulr_sumr /err -!big_split -!sumrB; apply: eq_bigr => a _ /=; ring.
by rewrite mean mulr0 subr0 le_plus2l; apply: norm_sup.
Qed.

Lemma kkt_beaten R R' y x x' t q c r : kkt R y x -> kkt R' y x' -> rises R' q -> 0 <= r ->
  (forall a, `|t a - c| <= r) ->
  r ^+ 2 < err y x' - err y x + (\sum_a 2%:R * w a * (x a - x' a) * t a) ->
  err (fun a => y a + t a) (fun a => x a + c) < err (fun a => y a + t a) q.
Proof.
move=> k k' upq r0 tr gap; apply: le_lt_trans (err_upper k r0 tr) _.
apply: lt_le_trans (err_lower t k' upq); rewrite addrC -subr_gt0.
have e : \sum_a 2%:R * w a * (x a - x' a) * t a =
    2%:R * (\sum_a w a * (y a - x' a) * t a) - 2%:R * (\sum_a w a * (y a - x a) * t a).
  by rewrite !mulr_sumr -sumrB; apply: eq_bigr => a _; ring.
move: gap; rewrite e -subr_gt0; set u := \sum_a _; set v := \sum_a _ => gap.
by rewrite (_ : _ - _ = err y x' - err y x + (2%:R * u - 2%:R * v) - r ^+ 2); last by ring.
Qed.

(* x: any table with an error of at most u^2 *)
Lemma fit_far R' y x x' t q c r u : iso_fit R' y x' -> rises R' q -> 0 <= u -> 0 <= r ->
  (forall a, `|t a - c| <= r) -> err y x <= u ^+ 2 -> (u + r + r) ^+ 2 < err y x' ->
  err (fun a => y a + t a) (fun a => x a + c) < err (fun a => y a + t a) q.
Proof.
move=> [_ best] upq u0 r0 tr ux far; rewrite ltNge; apply/negP => le.
have near : err (fun a => y a + t a) (fun a => x a + c) <= (u + r) ^+ 2.
  have := norm_add u0 r0 ux (norm_sup r0 tr); apply: le_trans.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => a _; congr (_ * _ ^+ 2); ring.
have : err y (fun a => q a + (- c)) <= (u + r + r) ^+ 2.
  have ntr a : `|c - t a| <= r by rewrite -normrN opprB.
  have := norm_add (addr_ge0 u0 r0) r0 (le_trans le near) (norm_sup r0 ntr); apply: le_trans.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => a _; congr (_ * _ ^+ 2); ring.
rewrite leNgt => /negP; apply; apply: lt_le_trans far _; apply: best.
exact: rises_shift.
Qed.

(* ------------------------------------------------------------- the best of several *)
Section Choice.
Variables (T : eqType) (R : T -> rel J) (L : seq T) (p : rel T).

Definition chosen y o q := [/\ o \in L, rises (R o) q
  & forall o', o' \in L -> forall q', rises (R o') q' -> err y q <= err y q' /\ (p o' o -> err y q < err y q')].

Lemma chosen_fit y o q : chosen y o q -> iso_fit (R o) y q.
Proof. by move=> [oL up best]; split=> // z upz; case: (best o oL z upz). Qed.

Lemma chosen_shift y o q c : chosen y o q -> chosen (fun a => y a + c) o (fun a => q a + c).
Proof.
move=> [oL up best]; split=> // [|o' oL' q' up']; first exact: rises_shift.
by rewrite err_shift2 err_shift; apply: best => //; apply: rises_shift.
Qed.

Lemma chosen_eq y y' o q : y =1 y' -> chosen y o q -> chosen y' o q.
Proof.
move=> e [oL up best]; split=> // o' oL' q' up'.
by rewrite -!(@err_eq y y' _ _ e (frefl _)); apply: best.
Qed.

Hypothesis total : forall o o', o \in L -> o' \in L -> o != o' -> p o o' || p o' o.

Lemma chosen_unique y o q o' q' : chosen y o q -> chosen y o' q' -> o = o' /\ q =1 q'.
Proof.
move=> ch ch'; have fq := chosen_fit ch; case: ch ch' => [oL up best] [oL' up' best'].
have [le lt] := best o' oL' q' up'; have [le' lt'] := best' o oL q up.
have e : o = o'.
  apply/eqP; apply: contraT => /(total oL oL') /orP [/lt'|/lt]; first by rewrite ltNge le.
  by rewrite ltNge le'.
split=> // a; symmetry; apply: (fit_unique fq) => //.
by rewrite e.
Qed.
End Choice.
End Isotonic.
