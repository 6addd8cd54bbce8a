(* Uniform data are safest among product data, for any number of agents and any action
   sets; and rarer actions are worse.

   Product data with full support, any ordered field. The negative mass of a row depends
   on the probabilities q_i of its n actions only, and falls as they rise.

   coin q i x == q_i where x is true, else 1 - q_i
   hit_mass q == E[(n - 1 - sum_i B_i / q_i)^+], B_i independent with probabilities q_i

   hit_mass_falls  hit_mass falls as the q_i rise
   mass_of_hits    row a has the negative mass hit_mass of the p_i(a_i)
   rarer_is_worse  rows of rarer actions have at least the negative mass of rows of more
                   frequent ones, also of other data
   uniform_safest  some row has at least the negative mass that every row has under
                   uniform data

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation SignedFits AdditiveMass.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------- the mass by its n probabilities *)
Section Hits.
Variables (F : realFieldType) (I : finType).
Notation n := (n_agents F I).
Notation set := {dffun forall i : I, finite bool}.
Implicit Types q : I -> F.

Definition coin q (i : I) (x : bool) : F := if x then q i else 1 - q i.
Definition hit_mass q : F := E (coin q : forall i, finite bool -> F)
  (fun c : set => neg (\sum_i (c i)%:R / q i - (n - 1))).

Lemma coin_sum1 q i : \sum_(x : finite bool) coin q i x = 1.
Proof. by rewrite big_bool /coin /= addrC subrK. Qed.

Lemma coin_ge0 q i x : 0 < q i -> q i <= 1 -> 0 <= coin q i x.
Proof. by move=> q0 q1; rewrite /coin; case: x; [apply: ltW|rewrite subr_ge0]. Qed.

(* what does not depend on coin j does not depend on its probability *)
Lemma E_without q q' j (g : set -> F) : (forall i, i != j -> q i = q' i) ->
  (forall c (x : bool), g (upd c (i := j) x) = g c) ->
  E (coin q : forall i, finite bool -> F) g = E (coin q' : forall i, finite bool -> F) g.
Proof.
move=> same free; pose G (c : set) := \prod_(i | i != j) coin q i (c i) * g c.
have split (r : I -> F) : (forall i, i != j -> q i = r i) ->
    E (coin r : forall i, finite bool -> F) g = \sum_(c : set) coin r j (c j) * G c.
  move=> eq; apply: eq_bigr => c _; rewrite /prob (bigD1 j) //= mulrA; congr (_ * _ * _).
  by apply: eq_bigr => i ij; rewrite /coin eq.
rewrite (split q) // (split q') //; apply: (@exchange_weight F I (fun=> finite bool) j) => [c x||].
- rewrite /G free; congr (_ * _); apply: eq_bigr => i ij; congr (coin _ _ _).
  by rewrite (upd_other (A := fun=> finite bool)).
- exact: coin_sum1.
- exact: coin_sum1.
Qed.

(* one probability rises *)
Lemma hit_mass_step q q' j : (forall i, 0 < q i) -> (forall i, q i <= 1) ->
  (forall i, i != j -> q i = q' i) -> q j <= q' j -> q' j <= 1 -> hit_mass q' <= hit_mass q.
Proof.
move=> q0 q1 same le le1.
pose rest (c : set) : F := \sum_(i | i != j) (c i)%:R / q i - (n - 1).
pose level (r : F) c : F := r * neg (rest c + 1 / r) + (1 - r) * neg (rest c).
have restU c (x : bool) : rest (upd c (i := j) x) = rest c.
  by congr (_ - _); apply: eq_bigr => i ij; rewrite (upd_other (A := fun=> finite bool)).
have byj (r : I -> F) : (forall i, i != j -> q i = r i) ->
    hit_mass r = E (coin r : forall i, finite bool -> F) (fun c => level (r j) c).
  move=> eq; rewrite /hit_mass (tower (coin_sum1 r) j) big_bool /= ED !EZ.
  have val (c : set) (x : bool) : \sum_i (upd c (i := j) x i)%:R / r i - (n - 1) = rest c + x%:R / r j.
    rewrite (bigD1 j) //= (upd_same (A := fun=> finite bool)) [RHS]addrC addrA; congr (_ + _ - _).
    by apply: eq_bigr => i ij; rewrite (upd_other (A := fun=> finite bool)) // eq.
  congr (_ * _ + _ * _); apply: eq_E => c; rewrite val //.
  by rewrite mul0r addr0.
rewrite (byj q) // (byj q') // (@E_without q' q j) => [|i ij|c x]; last 2 first.
- by rewrite same.
- by rewrite /level restU.
apply: ler_sum => c _; apply: le_mul2l; first by apply: prodr_ge0 => i _; apply: coin_ge0.
exact: neg_convex.
Qed.

(* The negative mass falls as the probabilities of the row's actions rise. *)
Lemma hit_mass_falls q q' : (forall i, 0 < q i) -> (forall i, q i <= q' i) -> (forall i, q' i <= 1) ->
  hit_mass q' <= hit_mass q.
Proof.
move=> q0 le q1; pose mix s i := if i \in (s : seq I) then q' i else q i.
have mixE s : hit_mass (mix s) <= hit_mass q.
  elim: s => [|j s IH]; first by apply: lexx.
  apply: le_trans IH; apply: (@hit_mass_step _ _ j) => [i|i|i ij||].
  - by rewrite /mix; case: ifP => // _; apply: lt_le_trans (q0 i) (le i).
  - by rewrite /mix; case: ifP => // _; apply: le_trans (le i) (q1 i).
  - by rewrite /mix inE (negbTE ij).
  - by rewrite /mix inE eqxx /=; case: ifP.
  by rewrite /mix inE eqxx /=.
have := mixE (enum I); congr (_ <= _).
by rewrite /hit_mass /E; apply: eq_bigr => c _; congr (_ * _);
   [apply: eq_bigr => i _|congr (neg (_ - _)); apply: eq_bigr => i _]; rewrite /coin /mix mem_enum.
Qed.
End Hits.

(* ------------------------------------------------------------------ product data *)
Section Safest.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation n := (n_agents F I).
Notation set := {dffun forall i : I, finite bool}.
Notation W p := (additive_weights p : finite joint -> finite joint -> F).
Implicit Types p : forall i, A i -> F.

(* Row a has the mass of its own probabilities. *)
Lemma mass_of_hits p (a : joint) : (forall i, \sum_(x : A i) p i x = 1) ->
  (forall i (x : A i), 0 < p i x) -> neg_mass (W p) a = hit_mass (fun i => p i (a i)).
Proof.
move=> p1 p0; rewrite additive_mass // /hit_mass.
pose hit (b : joint) : set := [ffun i => b i == a i].
rewrite /E (partition_big hit xpredT) //=; apply: eq_bigr => c _.
transitivity (\sum_(b : joint | hit b == c) prob p b * neg (\sum_i (c i)%:R / p i (a i) - (n - 1))).
  apply: eq_bigr => b /eqP <-; congr (_ * neg (_ - _)).
  by apply: eq_bigr => i _; rewrite ffunE.
rewrite -mulr_suml; congr (_ * _).
transitivity (\sum_(b : joint) \prod_i (p i (b i) * ((b i == a i) == c i)%:R)).
  rewrite big_mkcond; apply: eq_bigr => b _; rewrite big_split /=; case: eqP => [<-|ne].
    by rewrite [X in _ * X]big1 ?mulr1 // => i _; rewrite ffunE eqxx.
  have [i ni] : exists i, (b i == a i) != c i.
    apply/existsP; rewrite -negb_forall; apply/negP => /forallP all; apply: ne.
    by apply/ffunP => i; have /eqP := all i; rewrite ffunE.
  by rewrite [X in _ * X](bigD1 i) //= (negbTE ni) mul0r mulr0.
rewrite (sum_prod (g := fun i x => p i x * ((x == a i) == c i)%:R)) => [|i x]; last first.
  by rewrite mulr_ge0 ?ler0n // ltW.
rewrite /prob; apply: eq_bigr => i _; rewrite (bigD1 (a i)) //= eqxx /coin.
case: (c i); rewrite /= ?mulr1 ?mulr0.
  by rewrite big1 ?addr0 // => x /negbTE ->; rewrite mulr0.
rewrite add0r -[X in _ = X - _](p1 i) [in RHS](bigD1 (a i)) //= [in RHS]addrC addKr.
by apply: eq_bigr => x /negbTE ->; rewrite mulr1.
Qed.

(* Rarer is worse: a row of actions that are at most as probable under p as those of a row
   under p' has at least its negative mass.
   Source: ours. *)
Theorem rarer_is_worse p p' (a a' : joint) : (forall i, \sum_(x : A i) p i x = 1) ->
  (forall i (x : A i), 0 < p i x) -> (forall i, \sum_(x : A i) p' i x = 1) ->
  (forall i (x : A i), 0 < p' i x) -> (forall i, p i (a i) <= p' i (a' i)) ->
  neg_mass (W p') a' <= neg_mass (W p) a.
Proof.
move=> p1 p0 p'1 p'0 le; rewrite !mass_of_hits //; apply: hit_mass_falls => // i.
exact: (p_le1 p'1 p'0).
Qed.

Lemma uniform_sum1 (b : joint) i : \sum_(x : A i) uniform F x = 1.
Proof. by rewrite sumr_const -[LHS]mulr_natr divfK ?gt_eqF // ltr0n; apply/card_gt0P; exists (b i). Qed.

Lemma uniform_gt0 (b : joint) i (x : A i) : 0 < uniform F x.
Proof. by rewrite divr_gt0 ?ltr01 // ltr0n; apply/card_gt0P; exists (b i). Qed.

(* Uniform data are safest among product data: whatever the product data with full support,
   some row has at least the negative mass that every row has under uniform data.
   Source: ours. *)
Theorem uniform_safest p (b : joint) : (forall i, \sum_(x : A i) p i x = 1) ->
  (forall i (x : A i), 0 < p i x) ->
  exists a : joint, neg_mass (W (uniform F (A := A))) b <= neg_mass (W p) a.
Proof.
move=> p1 p0; have [a rare] := rarest_exists p b; exists a.
apply: rarer_is_worse => // [i|i x|i]; [exact: uniform_sum1|exact: uniform_gt0|].
have A0 : 0 < #|A i|%:R :> F by rewrite ltr0n; apply/card_gt0P; exists (b i).
apply: (@le_cancel _ #|A i|%:R) => //; rewrite divfK ?gt_eqF // -[X in _ <= X](p1 i) mulr_natr -sumr_const.
by apply: ler_sum.
Qed.
End Safest.
