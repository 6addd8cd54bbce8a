(* Valuations of numbers of an ordered field at a prime p: exponents of p in quotients of
   integers.

   No theorem here: tools of CheckedInterval.v.

      prime_at p == no number from 2 to the root of p divides p, computed
   divided p n k == how often p divides n, up to k times, and what is left
    exponent p n == the exponent of p in the integer n, and what is left
   valuation p x == the valuation of the number x; None for 0
    valued p x v == x is a quotient of integers with valuation v at p

   prime_atP    prime_at is right
   valuationP   so is valuation
   valued_mul   the valuation of a product is the sum
   valued_add   that of a sum the smaller one, where they differ
   valued_inj   a number has one valuation
   falling_inj  a sequence whose valuation falls never repeats                           *)
From Coq Require Import ZArith QArith Znumtheory Lia.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import zify ring.
From FqiTheory Require Import Ordered Rationals.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition prime_at (p : Z) : bool :=
  Z.ltb 1 p && every (Z.to_nat (Z.sqrt p)).-1 (fun k => ~~ Z.eqb (Z.modulo p (Z.of_nat k.+2)) 0).

Fixpoint divided (p n : Z) (fuel : nat) : nat * Z :=
  if fuel is fuel'.+1 then
    if Z.eqb (Z.modulo n p) 0 then let: (k, rest) := divided p (Z.div n p) fuel' in (k.+1, rest) else (0%N, n)
  else (0%N, n).
(* the exponent of p in n, and what is left *)
Definition exponent (p n : Z) : nat * Z := divided p n (Z.to_nat (Z.log2 (Z.abs n))).+1.

Definition valuation (p : Z) (x : Q) : option Z :=
  let: (i, a) := exponent p (Qnum x) in let: (j, b) := exponent p (Zpos (Qden x)) in
  if Z.eqb (Z.modulo a p) 0 || Z.eqb (Z.modulo b p) 0 then None else Some (Z.sub (Z.of_nat i) (Z.of_nat j)).

(* ------------------------------------------------------------------------ what it means *)
Lemma prime_atP p : prime_at p -> Znumtheory.prime p.
Proof.
case/andP => /Z.ltb_lt p1 /everyP h; apply/prime_alt; split=> // n [n1 np] [q e].
have no k : (Z.lt 1 k) -> (Z.le (Z.mul k k) p) -> ~ (Z.divide k p).
  move=> k1 kk kp; have ks : (Z.le k (Z.sqrt p)) by have [h1 _] := Z.sqrt_le_square p k ltac:(lia) ltac:(lia); apply: h1.
  have kn : (Z.to_nat k - 2 < (Z.to_nat (Z.sqrt p)).-1)%N by lia.
  have /negP := h _ kn; apply; apply/Z.eqb_eq.
  have -> : Z.of_nat (Z.to_nat k - 2)%N.+2 = k by lia.
  exact: Znumtheory.Zdivide_mod.
have q1 : (Z.lt 1 q) by nia.
have [le|lt] := Z.le_gt_cases n q.
  by apply: (no n) => //; [nia|exists q].
by apply: (no q) => //; [nia|exists n; rewrite e Z.mul_comm].
Qed.

Lemma dividedP p n fuel : (Z.lt 0 p) -> n = Z.mul (Z.pow p (Z.of_nat (divided p n fuel).1)) (divided p n fuel).2.
Proof.
move=> p0; elim: fuel n => [|fuel IH] n; first by rewrite Z.pow_0_r Z.mul_1_l.
rewrite /= -/divided; case E: (Z.eqb _ _); last by rewrite Z.pow_0_r Z.mul_1_l.
have := IH (Z.div n p); case: divided => k rest e.
have nE : n = Z.mul p (Z.div n p) by apply: Z_div_exact_full_2; [lia|apply/Z.eqb_eq].
by rewrite {1}nE {1}e Nat2Z.inj_succ Z.pow_succ_r ?Z.mul_assoc //; lia.
Qed.

Section Valued.
Variables (F : realFieldType) (p : Z).
Hypothesis pp : Znumtheory.prime p.
Notation zval := (zval F).
Notation pow k := (Z.pow p (Z.of_nat k)).

Definition valued (x : F) (v : Z) := exists a b i j,
  [/\ ~ (Z.divide p (a)), ~ (Z.divide p (b)), v = Z.sub (Z.of_nat i) (Z.of_nat j)
    & x * zval (Z.mul b (pow j)) = zval (Z.mul a (pow i))].

Let p1 : (Z.lt 1 p). Proof. by case: pp. Qed.

Lemma pow_add i j : pow (i + j)%N = Z.mul (pow i) (pow j).
Proof. by rewrite Nat2Z.inj_add Z.pow_add_r; lia. Qed.

Lemma pow_pos k : (Z.lt 0 (pow k)).
Proof. by apply: Z.pow_pos_nonneg; lia. Qed.

Lemma divides_pow k : (0 < k)%N -> (Z.divide p (pow k)).
Proof. by case: k => // k _; exists (pow k); rewrite Nat2Z.inj_succ Z.pow_succ_r; lia. Qed.

Lemma not_mul a b : ~ (Z.divide p (a)) -> ~ (Z.divide p (b)) -> ~ (Z.divide p (Z.mul a b)).
Proof. by move=> na nb /(prime_mult p pp) []. Qed.

Lemma zval_inj (a b : Z) : zval a = zval b -> a = b.
Proof.
have le x y : zval x = zval y -> Z.le x y by move=> e; apply/Z.leb_le; rewrite -(zval_le F) e lexx.
by move=> e; apply: Z.le_antisymm; apply: le.
Qed.

Lemma valued_mul x y v w : valued x v -> valued y w -> valued (x * y) (Z.add v w).
Proof.
move=> [a [b [i [j [na nb -> ex]]]]] [a' [b' [i' [j' [na' nb' -> ey]]]]].
exists (Z.mul a a'), (Z.mul b b'), (i + i')%N, (j + j')%N; split; try exact: not_mul.
  by rewrite !Nat2Z.inj_add; lia.
rewrite !pow_add (_ : Z.mul (Z.mul b b') _ = Z.mul (Z.mul b (pow j)) (Z.mul b' (pow j'))); last by lia.
rewrite (_ : Z.mul (Z.mul a a') _ = Z.mul (Z.mul a (pow i)) (Z.mul a' (pow i'))); last by lia.
by rewrite !(zvalM F (Z.mul _ _) (Z.mul _ _)) -ex -ey; move: (zval (Z.mul b _)) (zval (Z.mul b' _)) => u u'; ring.
Qed.

Lemma valued_add x y v w : valued x v -> valued y w -> (Z.lt v w) -> valued (x + y) v.
Proof.
move=> [a [b [i [j [na nb -> ex]]]]] [a' [b' [i' [j' [na' nb' -> ey]]]]] lt.
have [k kE k0] : exists2 k, (i' + j = i + j' + k)%N & (0 < k)%N.
  exists (i' + j - (i + j'))%N; last by lia.
  by lia.
exists (Z.add (Z.mul a b') (Z.mul (Z.mul a' b) (pow k))), (Z.mul b b'), (i + j')%N, (j + j')%N; split.
- move=> d; apply: (not_mul na nb'); rewrite (_ : Z.mul a b' =
    Z.sub (Z.add (Z.mul a b') (Z.mul (Z.mul a' b) (pow k))) (Z.mul (Z.mul a' b) (pow k))); last by lia.
  by apply: Z.divide_sub_r => //; apply: Z.divide_mul_r; apply: divides_pow.
- exact: not_mul.
- by rewrite !Nat2Z.inj_add; lia.
have powE : Z.mul (pow k) (pow (i + j')) = Z.mul (pow i') (pow j).
  by rewrite Z.mul_comm -pow_add -kE pow_add.
rewrite pow_add (_ : Z.mul (Z.mul b b') _ = Z.mul (Z.mul b (pow j)) (Z.mul b' (pow j'))); last by lia.
rewrite (_ : Z.mul (Z.add _ _) _ = Z.add (Z.mul (Z.mul a (pow i)) (Z.mul b' (pow j')))
    (Z.mul (Z.mul a' (pow i')) (Z.mul b (pow j)))); last first.
  by have := f_equal (Z.mul (Z.mul a' b)) powE; rewrite pow_add; lia.
rewrite zvalD !(zvalM F (Z.mul _ _) (Z.mul _ _)) -ex -ey.
by move: (zval (Z.mul b _)) (zval (Z.mul b' _)) => u u'; ring.
Qed.

Lemma valued_inj x v w : valued x v -> valued x w -> v = w.
Proof.
have main a b i j a' b' i' j' : ~ (Z.divide p (a)) -> ~ (Z.divide p (b')) ->
    x * zval (Z.mul b (pow j)) = zval (Z.mul a (pow i)) ->
    x * zval (Z.mul b' (pow j')) = zval (Z.mul a' (pow i')) ->
    ~ Z.lt (Z.sub (Z.of_nat i) (Z.of_nat j)) (Z.sub (Z.of_nat i') (Z.of_nat j')).
  move=> na nb' ex ey lt.
  have [k kE k0] : exists2 k, (i' + j = i + j' + k)%N & (0 < k)%N.
    exists (i' + j - (i + j'))%N; last by lia.
    by lia.
  have e : Z.mul (Z.mul a (pow i)) (Z.mul b' (pow j')) = Z.mul (Z.mul a' (pow i')) (Z.mul b (pow j)).
    by apply: zval_inj; rewrite !(zvalM F (Z.mul _ _) (Z.mul _ _)) -ex -ey; move: (zval (Z.mul b _)) (zval (Z.mul b' _)) => u u'; ring.
  apply: (not_mul na nb').
  have powE : Z.mul (pow i') (pow j) = Z.mul (pow (i + j')) (pow k) by rewrite -!pow_add kE.
  have := pow_pos (i + j'); rewrite pow_add => P0.
  rewrite (_ : Z.mul a b' = Z.mul (Z.mul a' b) (pow k)).
    by apply: Z.divide_mul_r; apply: divides_pow.
  apply: (Z.mul_reg_l _ _ (Z.mul (pow i) (pow j'))); first by lia.
  by have := f_equal (Z.mul (Z.mul a' b)) powE; rewrite pow_add; lia.
move=> [a [b [i [j [na nb -> ex]]]]] [a' [b' [i' [j' [na' nb' -> ey]]]]].
have := main _ _ _ _ _ _ _ _ na nb' ex ey; have := main _ _ _ _ _ _ _ _ na' nb ey ex; lia.
Qed.

Lemma valued_neq0 x v : valued x v -> x != 0.
Proof.
move=> [a [b [i [j [na nb _ ex]]]]]; apply/eqP => x0; apply: na.
have : zval (Z.mul a (pow i)) = zval 0 by rewrite -ex x0 mul0r /Rationals.zval.
by move/zval_inj => /Z.mul_eq_0 [->|]; [exact: Z.divide_0_r|have := pow_pos i; lia].
Qed.

(* a sequence whose valuation falls with every step never repeats *)
Lemma falling_inj (x : nat -> F) w : valued (x 0%N) w ->
  (forall k v, valued (x k) v -> Z.le v w -> exists2 v2, valued (x k.+1) v2 & Z.lt v2 v) -> injective x.
Proof.
move=> start fall; have deep k j v : valued (x k) v -> Z.le v w -> exists2 v2, valued (x (k + j.+1)%N) v2 & Z.lt v2 v.
  move=> val le; elim: j => [|j [v2 val2 lt2]]; first by rewrite addn1; apply: fall.
  rewrite addnS; have [v3 val3 lt3] := fall _ _ val2 (Z.le_trans _ _ _ (Z.lt_le_incl _ _ lt2) le).
  by exists v3; [exact: val3|exact: Z.lt_trans lt3 lt2].
have some k : exists2 v, valued (x k) v & Z.le v w.
  case: k => [|k]; first by exists w; [exact: start|exact: Z.le_refl].
  have [v2 val2 lt2] := deep 0%N k w start (Z.le_refl w).
  by exists v2; [exact: val2|exact: Z.lt_le_incl].
have later k j : x k <> x (k + j.+1)%N.
  move=> e; have [v val le] := some k; have [v2 val2 lt2] := deep k j v val le.
  by rewrite -e in val2; have vv := valued_inj val val2; rewrite vv in lt2; case: (Z.lt_irrefl _ lt2).
move=> t u e; have [tu|ut|//] := ltngtP t u.
  by case: (later t (u - t).-1); rewrite prednK ?subn_gt0 // subnKC // ltnW.
by case: (later u (t - u).-1); rewrite prednK ?subn_gt0 // subnKC // ltnW.
Qed.

Lemma valuationP x v : valuation p x = Some v -> valued (qval F x) v.
Proof.
have p0 : (Z.lt 0 p) by lia.
rewrite /valuation /exponent; set f := (Z.to_nat (Z.log2 (Z.abs (Qnum x)))).+1.
set f' := (Z.to_nat _).+1; have := dividedP (Qnum x) f p0; have := dividedP (Zpos (Qden x)) f' p0.
case: divided => j b; case: divided => i a /= eb ea.
case: ifP => // /negbT; rewrite negb_or => /andP [na nb] [<-].
have nd z : ~~ Z.eqb (Z.modulo z p) 0 -> ~ (Z.divide p (z)).
  by move=> /negP n d; apply: n; apply/Z.eqb_eq; apply: Znumtheory.Zdivide_mod.
exists a, b, i, j; split; [exact: nd|exact: nd|by []|].
rewrite (_ : Z.mul b _ = Zpos (Qden x)); last by rewrite eb Z.mul_comm.
by rewrite (_ : Z.mul a _ = Qnum x); [rewrite /qval divfK // zval_neq0|rewrite ea Z.mul_comm].
Qed.
End Valued.
