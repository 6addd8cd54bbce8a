(* Isotonic regressions on the way between two tables of targets: where each of two regressions
   leaves a rest that the other one does not meet, what lies between them is the regression of
   what lies between the targets. So errors there are quadratic functions of one number z.

             dot w u v == the sum of w(a) u(a) v(a)
             mix z u v == u + z (v - u)
              rest y x == y - x
    never_better a b c == a + b z + c z^2 is 0 for all z, or positive for all 0 < z <= 1, as it is
                          decided
    quad w y0 x0 y1 x1 == a, b and c of the error of the regression between

   kkt_mix        the regression between
   err_mix        its error
   never_betterP  the decision is right
   chosen_mix     which of several is the best, between

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Isotonic.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Mix.
Variables (F : realFieldType) (J : finType) (w : J -> F).
Implicit Types (R : rel J) (x y u v : J -> F) (z : F).

Definition dot u v : F := \sum_a w a * u a * v a.
Definition mix z u v (a : J) : F := u a + z * (v a - u a).
Definition rest y x (a : J) : F := y a - x a.

Lemma rises_mix R z u v : 0 <= z -> z <= 1 -> rises R u -> rises R v -> rises R (mix z u v).
Proof.
move=> z0 z1 ru rv a b ab; rewrite /mix -subr_ge0.
rewrite (_ : _ - _ = (1 - z) * (u b - u a) + z * (v b - v a)); last by ring.
by rewrite addr_ge0 // mulr_ge0 ?subr_ge0 //; [apply: ru|apply: rv].
Qed.

(* a regression's rest does not meet it, and no table that rises meets that more *)
Lemma kkt_cone R y x : kkt w R y x -> dot (rest y x) x = 0 /\ forall v, rises R v -> dot (rest y x) v <= 0.
Proof.
move=> [up ki]; have part v : \sum_a w a * (y a - x a) * (v a - x a) = dot (rest y x) v - dot (rest y x) x.
  by rewrite /dot -sumrB; apply: eq_bigr => a _; rewrite /rest; ring.
have zero : dot (rest y x) x = 0.
  apply/eqP; rewrite eq_le; apply/andP; split.
    have := ki (fun a => x a + x a) (fun a b ab => le_sum2 (up a b ab) (up a b ab)); rewrite part.
    rewrite (_ : dot _ _ - _ = dot (rest y x) x) //.
    by rewrite /dot -sumrB; apply: eq_bigr => a _; ring.
  have := ki (fun=> 0) (fun a b _ => lexx 0); rewrite part.
  rewrite (_ : dot (rest y x) (fun=> 0) = 0) ?sub0r ?oppr_le0 //.
  by rewrite /dot big1 // => a _; rewrite mulr0.
by split=> // v /ki; rewrite part zero subr0.
Qed.

Lemma dot_mix z u v u' v' : dot (mix z u v) (mix z u' v') =
  (1 - z) ^+ 2 * dot u u' + (1 - z) * z * dot u v' + (1 - z) * z * dot v u' + z ^+ 2 * dot v v'.
Proof. by rewrite /dot !mulr_sumr -!big_split; apply: eq_bigr => a _; rewrite /mix /=; ring. Qed.

Lemma dot_mix_l z u v v' : dot (mix z u v) v' = (1 - z) * dot u v' + z * dot v v'.
Proof. by rewrite /dot !mulr_sumr -!big_split; apply: eq_bigr => a _; rewrite /mix /=; ring. Qed.

Lemma dot_eq u u' v v' : u =1 u' -> v =1 v' -> dot u v = dot u' v'.
Proof. by move=> e e'; apply: eq_bigr => a _; rewrite e e'. Qed.

Lemma dotC u v : dot u v = dot v u.
Proof. by apply: eq_bigr => a _; ring. Qed.

Lemma rest_mix z y0 x0 y1 x1 : rest (mix z y0 y1) (mix z x0 x1) =1 mix z (rest y0 x0) (rest y1 x1).
Proof. by move=> a; rewrite /rest /mix; ring. Qed.

Lemma err_dot y x : err w y x = dot (rest y x) (rest y x).
Proof. by apply: eq_bigr => a _; rewrite /rest; ring. Qed.

Lemma kkt_mix R y0 x0 y1 x1 z : 0 <= z -> z <= 1 -> kkt w R y0 x0 -> kkt w R y1 x1 ->
  dot (rest y0 x0) x1 = 0 -> dot (rest y1 x1) x0 = 0 -> kkt w R (mix z y0 y1) (mix z x0 x1).
Proof.
move=> z0 z1 k0 k1 e01 e10; split; first by apply: rises_mix => //; [case: k0|case: k1].
have [e00 le0] := kkt_cone k0; have [e11 le1] := kkt_cone k1.
move=> v up; rewrite (_ : \sum_a _ = dot (rest (mix z y0 y1) (mix z x0 x1)) v
    - dot (rest (mix z y0 y1) (mix z x0 x1)) (mix z x0 x1)); last first.
  by rewrite /dot -sumrB; apply: eq_bigr => a _; rewrite /rest; ring.
rewrite !(dot_eq (rest_mix _ _ _ _ _) (frefl _)) dot_mix dot_mix_l e00 e01 e10 e11 !mulr0 !addr0 subr0.
rewrite -oppr_ge0 opprD -!mulrN.
by rewrite addr_ge0 // mulr_ge0 ?subr_ge0 // oppr_ge0; [apply: le0|apply: le1].
Qed.

Lemma err_mix y0 x0 y1 x1 z : err w (mix z y0 y1) (mix z x0 x1) =
  err w y0 x0 + 2%:R * (dot (rest y0 x0) (rest y1 x1) - err w y0 x0) * z
  + (err w y0 x0 - 2%:R * dot (rest y0 x0) (rest y1 x1) + err w y1 x1) * z ^+ 2.
Proof.
rewrite !err_dot (dot_eq (rest_mix _ _ _ _ _) (rest_mix _ _ _ _ _)) dot_mix.
by rewrite (dotC (rest y1 x1) (rest y0 x0)); ring.
Qed.

(* for tables that do not agree only where the gap is 0 for all z *)
Definition never_better (a b c : F) : bool :=
  [&& a == 0, b == 0 & c == 0] ||
  [&& 0 <= a, 0 < a + b + c, (a == 0) ==> (0 <= b) & ~~ ((b < 0) && (- b < 2%:R * c)) || (b ^+ 2 < 4%:R * a * c)].

Lemma never_betterP a b c z : never_better a b c -> 0 < z -> z <= 1 ->
  (forall t, a + b * t + c * t ^+ 2 = 0) \/ 0 < a + b * z + c * z ^+ 2.
Proof.
case/orP => [/and3P [/eqP -> /eqP -> /eqP ->]|]; first by left=> t; rewrite !mul0r !addr0.
case/and4P => a0 end_ near far z0 z1; right.
have zz : 0 <= 1 - z by rewrite subr_ge0.
have z0' := ltW z0.
case/orP: far => [|disc]; last first.
  have cp : 0 < c.
    have : 0 < 4%:R * a * c by apply: le_lt_trans disc; apply: sqr_ge0.
    rewrite ltNge => h; rewrite ltNge; apply: contra h => c0.
    by rewrite mulr_ge0_le0 // mulr_ge0 // ler0n.
  rewrite -(pmulr_rgt0 _ (_ : 0 < 4%:R * c)); last by rewrite mulr_gt0 // ltr0n.
  rewrite (_ : 4%:R * c * (a + b * z + c * z ^+ 2) = (2%:R * c * z + b) ^+ 2 + (4%:R * a * c - b ^+ 2)); last by ring.
  by apply: lt_sum_l; [apply: sqr_ge0|rewrite subr_gt0].
rewrite negb_and -!leNgt => /orP [b0|turn].
  have [c0|c0] := lerP 0 c.
    apply: (@lt_le_trans _ _ (z ^+ 2 * (a + b + c))); first by rewrite mulr_gt0 // exprn_gt0.
    rewrite -subr_ge0 (_ : _ - _ = (1 - z) * (1 + z) * a + z * (1 - z) * b); last by ring.
    by rewrite addr_ge0 // !mulr_ge0 // addr_ge0 ?ler01.
  apply: (@lt_le_trans _ _ (z * (a + b + c))); first by rewrite mulr_gt0.
  rewrite -subr_ge0 (_ : _ - _ = (1 - z) * a + z * (1 - z) * (- c)); last by ring.
  by rewrite addr_ge0 // !mulr_ge0 // oppr_ge0 ltW.
have [c0|c0] := lerP 0 c.
  apply: (lt_le_trans end_).
  rewrite -subr_ge0 (_ : _ - _ = (1 - z) * (- b - 2%:R * c) + c * (1 - z) ^+ 2); last by ring.
  by rewrite addr_ge0 // mulr_ge0 ?sqr_ge0 // subr_ge0.
apply: (@lt_le_trans _ _ (z * (a + b + c))); first by rewrite mulr_gt0.
rewrite -subr_ge0 (_ : _ - _ = (1 - z) * a + z * (1 - z) * (- c)); last by ring.
by rewrite addr_ge0 // !mulr_ge0 // oppr_ge0 ltW.
Qed.

(* the coefficients of an error on the way *)
Definition quad y0 x0 y1 x1 : F * F * F :=
  let e := dot (rest y0 x0) (rest y1 x1) in
  (err w y0 x0, 2%:R * (e - err w y0 x0), err w y0 x0 - 2%:R * e + err w y1 x1).

Hypothesis w0 : forall a, 0 < w a.
Variables (T : eqType) (R : T -> rel J) (L : seq T) (p : rel T).

Lemma chosen_mix y0 y1 (x0 x1 : T -> J -> F) o z : o \in L -> 0 < z -> z <= 1 ->
  (forall o', o' \in L -> [/\ kkt w (R o') y0 (x0 o'), kkt w (R o') y1 (x1 o'),
     dot (rest y0 (x0 o')) (x1 o') = 0, dot (rest y1 (x1 o')) (x0 o') = 0
     & let g := quad y0 (x0 o') y1 (x1 o') in let f := quad y0 (x0 o) y1 (x1 o) in
       never_better (g.1.1 - f.1.1) (g.1.2 - f.1.2) (g.2 - f.2)]) ->
  (forall o', o' \in L -> p o' o -> err w y1 (x1 o) < err w y1 (x1 o')) ->
  chosen w R L p (mix z y0 y1) o (mix z (x0 o) (x1 o)).
Proof.
move=> oL z0 z1 all_ ties; have z0' := ltW z0; have [k0 k1 e01 e10 _] := all_ o oL.
split=> //; first by have [] := kkt_mix z0' z1 k0 k1 e01 e10.
move=> o' oL' q' up'; have [l0 l1 f01 f10 /= nb] := all_ o' oL'.
have [_ /(_ q' up') least] := kkt_fit w0 (kkt_mix z0' z1 l0 l1 f01 f10).
have gapE t : err w (mix t y0 y1) (mix t (x0 o') (x1 o')) - err w (mix t y0 y1) (mix t (x0 o) (x1 o)) =
    (quad y0 (x0 o') y1 (x1 o')).1.1 - (quad y0 (x0 o) y1 (x1 o)).1.1
    + ((quad y0 (x0 o') y1 (x1 o')).1.2 - (quad y0 (x0 o) y1 (x1 o)).1.2) * t
    + ((quad y0 (x0 o') y1 (x1 o')).2 - (quad y0 (x0 o) y1 (x1 o)).2) * t ^+ 2.
  by rewrite !err_mix /quad /=; ring.
have [none|pos] := never_betterP nb z0 z1.
  have same : err w (mix z y0 y1) (mix z (x0 o') (x1 o')) = err w (mix z y0 y1) (mix z (x0 o) (x1 o)).
    by apply/eqP; rewrite -subr_eq0 gapE none.
  split=> [|/(ties o' oL')]; first by rewrite -same.
  have one u v (a : J) : mix 1 u v a = v a by rewrite /mix mul1r addrC subrK.
  have : err w (mix 1 y0 y1) (mix 1 (x0 o') (x1 o')) - err w (mix 1 y0 y1) (mix 1 (x0 o) (x1 o)) = 0.
    by rewrite gapE none.
  rewrite !(err_eq w (one y0 y1) (one _ _)) => /eqP; rewrite subr_eq0 => /eqP ->.
  by rewrite ltxx.
have lt : err w (mix z y0 y1) (mix z (x0 o) (x1 o)) < err w (mix z y0 y1) q'.
  by apply: lt_le_trans least; rewrite -subr_gt0 gapE.
by split=> //; apply: ltW.
Qed.
End Mix.
