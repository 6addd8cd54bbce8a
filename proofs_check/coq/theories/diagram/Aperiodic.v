(* A bounded run that approaches no cycle: linear FQI under fixed product data, three
   agents with two actions each, two states, discount 19/20.

   In s1 the number of agents that play action 1 is paid, in s0 nothing. From s0 only
   (0,0,0) leads to s1; in s1 (0,0,0) stays with probability 1/5; all else leads to s0.
   Every agent plays action 0 with probability 9/10. Any ordered field; states: true is
   s1, false is s0; actions: true is 1.

   D = V(s1) - V(s0) follows a skew tent map, which maps [-1, 3] into itself and expands
   near every point: a cycle is approached by landing on it only. From D = 3 on the
   5-adic valuation of D falls by 5 at every step, so no value comes twice.

             scale == 50000, the denominator of the slopes
            rising == 55404
           falling == -60021
              up F == rising / scale = 13851/12500, the slope below 0
            down F == falling / scale, the slope from 0 on
            tent x == 3 + up x below 0, 3 + down x from 0 on
          ones F a == the number of agents that play action 1
            same x == the joint action in which all agents play x
          idle F a == 1 where a is (0,0,0), else 0
          pays s a == the rewards
       returns F s == the probability that (0,0,0) leads from s to s1
      moves s a s' == the transition probabilities
   mostly0 F s i x == the data
      tent_run V Q == a run of linear FQI on this model under these data

   never_returns       x_0 = 0, x_(t+1) = 3 + (s_t/m) x_t where 5 divides m and no s_t:
                       no value comes twice
   tent_expands        near every point the map tent does not shrink distances
   expanding_no_cycle  no orbit of such a continuous map approaches a cycle, if no value
                       of it comes twice
   weight_same0        the weight of (0,0,0) in the fit
   step_Qtot           Q_tot after a step
   tent_recursion      D^(t+1) = tent(D^(t)) in every run from V = 0
   aperiodic           there is such a run; each is bounded, its D never repeats, and it
                       approaches no cycle

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine SignedFits AdditiveMass.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------- no value comes twice *)
Lemma five_add (m n : int) : (5 %| m)%Z -> (5 %| m + n)%Z = (5 %| n)%Z.
Proof.
move=> /dvdzP [q ->]; apply/dvdzP/dvdzP => -[z e]; [exists (z - q)|exists (q + z)].
  by rewrite mulrBl -e addrC addKr.
by rewrite mulrDl e.
Qed.

Lemma five_mul (m n : int) : (5 %| m * n)%Z = (5 %| m)%Z || (5 %| n)%Z.
Proof. by rewrite !dvdzE abszM Euclid_dvdM. Qed.

(* The 5-adic valuation falls at every step from x_1 = 3 on: x_(t+1) m^t is an integer that 5
   does not divide, where 5 divides m. *)
Lemma never_returns (F : realFieldType) (x : nat -> F) (m : int) (s : nat -> int) :
  m != 0 -> (5 %| m)%Z -> (forall t, ~~ (5 %| s t)%Z) -> x 0%N = 0 ->
  (forall t, x t.+1 = 3%:R + (s t)%:~R / m%:~R * x t) -> injective x.
Proof.
move=> m0 m5 s5 x0 step; have mF : m%:~R != 0 :> F by rewrite intr_eq0.
have power t : (0 < t)%N -> (5 %| m ^+ t)%Z by case: t => // t _; rewrite exprS dvdz_mulr.
have whole t : exists2 n : int, x t.+1 * m%:~R ^+ t = n%:~R & ~~ (5 %| n)%Z.
  elim: t => [|t [n xn n5]]; first by exists 3 => //; rewrite step x0 mulr0 addr0 mulr1.
  exists (3 * m ^+ t.+1 + s t.+1 * n).
    by rewrite step intrD !intrM int_pow -xn exprS; field.
  by rewrite five_add ?five_mul ?power ?orbT // (negbTE (s5 _)).
have later t u : (t < u)%N -> x t <> x u.
  case: u => // u; have [n xn n5] := whole u; case: t => [_ e|t tu e].
    by case/negP: n5; move/eqP: xn; rewrite -e x0 mul0r eq_sym intr_eq0 => /eqP ->.
  have [k xk _] := whole t; case/negP: n5.
  have -> : n = k * m ^+ (u - t); last by rewrite dvdz_mull // power // subn_gt0.
  apply: (@intr_inj F); rewrite intrM int_pow -xk -xn e -mulrA -exprD subnKC //.
  by rewrite ltnW.
by move=> t u e; have [/later|/later|//] := ltngtP t u; rewrite e.
Qed.

(* --------------------------------------------------------------- the skew tent map *)
Section Tent.
Variable F : realFieldType.

(* the slopes, 13851/12500 and 60021/50000: s/m with s not divisible by 5 and m = 50000 *)
Definition scale : int := 2 ^+ 4 * 5 ^+ 5.
Definition rising : int := 2 ^+ 2 * 3 ^+ 6 * 19.
Definition falling : int := - (3 ^+ 5 * 13 * 19).
Definition up : F := rising%:~R / scale%:~R.
Definition down : F := falling%:~R / scale%:~R.
Definition tent (x : F) : F := 3%:R + (if 0 <= x then down else up) * x.

Lemma upE : up = 19%:R / 20%:R * (729%:R / 625%:R).
Proof. by rewrite /up /rising /scale !intrM; field. Qed.

Lemma downE : down = - (19%:R / 20%:R * (3159%:R / 2500%:R)).
Proof. by rewrite /down /falling /scale mulrNz !intrM; field. Qed.

Lemma up_ge1 : 1 <= up.
Proof.
rewrite upE -subr_ge0 (_ : _ - _ = 1351%:R / (125%:R * 100%:R)); last by field.
by pos.
Qed.

Lemma up_le2 : up <= 2%:R.
Proof.
rewrite upE -subr_ge0 (_ : _ - _ = (111%:R * 100%:R + 49%:R) / (125%:R * 100%:R)); last by field.
by pos.
Qed.

Lemma down_le1 : 1 <= - down.
Proof.
rewrite downE -subr_ge0 (_ : _ - _ = (100%:R * 100%:R + 21%:R) / (500%:R * 100%:R)); last by field.
by pos.
Qed.

Lemma down_ge2 : - down <= 4%:R / 3%:R.
Proof.
rewrite downE -subr_ge0 (_ : _ - _ = (199%:R * 100%:R + 37%:R) / (1500%:R * 100%:R)); last by field.
by pos.
Qed.

Lemma tent_pos x : 0 <= x -> tent x = 3%:R + down * x. Proof. by rewrite /tent => ->. Qed.
Lemma tent_neg x : x <= 0 -> tent x = 3%:R + up * x.
Proof. by rewrite /tent le_eqVlt => /orP [/eqP ->|x0]; [rewrite !mulr0|rewrite leNgt x0]. Qed.

(* [-1, 3] is mapped into itself *)
Lemma tent_range x : -1 <= x -> x <= 3%:R -> -1 <= tent x /\ tent x <= 3%:R.
Proof.
move=> lo hi; have d0 : 0 <= - down by apply: le_trans down_le1.
have u0 : 0 <= up by apply: le_trans up_ge1.
have [x0|/ltW x0] := lerP 0 x.
  rewrite tent_pos //; split; last by rewrite plus_le -oppr_ge0 -mulNr mulr_ge0.
  have le : - down * x <= 4%:R.
    apply: le_trans (le_mul2l d0 hi) _; apply: le_trans (le_mul2r _ down_ge2) _; first exact: ler0n.
    by rewrite divfK // pnatr_eq0.
  rewrite -subr_ge0 (_ : _ - _ = 4%:R - - down * x); last by ring.
  by rewrite subr_ge0.
rewrite tent_neg //; split; last by rewrite plus_le -oppr_ge0 -mulrN mulr_ge0 // oppr_ge0.
have le : up * - x <= 2%:R.
  rewrite -[2%:R]mulr1; apply: le_trans (le_mul2r _ up_le2) _; first by rewrite oppr_ge0.
  by apply: le_mul2l; [apply: ler0n|rewrite opp_le].
rewrite -subr_ge0 (_ : _ - _ = 2%:R - up * - x + 2%:R); last by ring.
by apply: addr_ge0; [rewrite subr_ge0|apply: ler0n].
Qed.

(* both branches expand, so near any point distances grow *)
Lemma tent_same x y : (0 <= x) = (0 <= y) -> `|x - y| <= `|tent x - tent y|.
Proof.
move=> same; rewrite /tent -same opprD addrACA subrr add0r -mulrBr normrM; apply: le_scale => //.
case: ifP => _; first by rewrite -normrN; apply: le_trans (ler_norm _); apply: down_le1.
by apply: le_trans (ler_norm _); apply: up_ge1.
Qed.

Lemma tent_expands c : exists2 e, 0 < e & forall x, `|x - c| < e -> `|x - c| <= `|tent x - tent c|.
Proof.
have [c0|c0] := eqVneq c 0.
  exists 1 => [|x _]; first exact: ltr01.
  have [x0|/ltW x0] := lerP 0 x; first by apply: tent_same; rewrite x0 c0 lexx.
  rewrite c0 (tent_neg x0) (tent_neg (lexx 0)) mulr0 addr0 subr0 addrC addKr normrM.
  by apply: le_scale => //; apply: le_trans (ler_norm _); apply: up_ge1.
exists `|c| => [|x near]; first by rewrite normr_gt0.
apply: tent_same; have [cp|cn] := lerP 0 c.
  apply/negPn/negP; rewrite -ltNge => xn; move: near; rewrite (ger0_norm cp) ltNge distrC.
  by rewrite ger0_norm ?subr_ge0 ?(ltW (lt_le_trans xn cp)) // le_plus oppr_ge0 ltW.
apply/negbTE; rewrite -ltNge ltNge; apply/negP => xp; move: near; rewrite (ltr0_norm cn) ltNge.
by rewrite ger0_norm ?subr_ge0 ?(ltW (lt_le_trans cn xp)) // addrC le_plus xp.
Qed.

(* the map is continuous *)
Lemma tent_lipschitz x y : `|tent x - tent y| <= 2%:R * `|x - y|.
Proof.
have d0 : 0 <= - down by apply: le_trans down_le1.
have u0 : 0 <= up by apply: le_trans up_ge1.
have d2 : - down <= 2%:R.
  apply: le_trans down_ge2 _; rewrite -subr_ge0 (_ : _ - _ = 2%:R / 3%:R); last by field.
  by pos.
have nd : `|down| <= 2%:R by rewrite -normrN ger0_norm.
have nu : `|up| <= 2%:R by rewrite ger0_norm ?up_le2.
wlog xy : x y / y <= x.
  move=> main; have /orP [xy|xy] := le_total y x; first exact: main xy.
  by rewrite distrC [`|x - y|]distrC; apply: main xy.
have same k : `|k| <= 2%:R -> `|3%:R + k * x - (3%:R + k * y)| <= 2%:R * `|x - y|.
  by move=> k2; rewrite opprD addrACA subrr add0r -mulrBr normrM; apply: le_mul2r.
have [y0|/ltW y0] := lerP 0 y; first by rewrite !tent_pos ?(le_trans y0) //; apply: same.
have [x0|/ltW x0] := lerP 0 x; last by rewrite !tent_neg //; apply: same.
rewrite tent_pos // tent_neg // opprD addrACA subrr add0r (ger0_norm (_ : 0 <= x - y)) ?subr_ge0 //.
have ny0 : 0 <= - y by rewrite oppr_ge0.
have [p1 p2] : 0 <= 2%:R + - down /\ 0 <= 2%:R + up by split; apply: addr_ge0; rewrite ?ler0n.
have [p3 p4] : 0 <= 2%:R - - down /\ 0 <= 2%:R - up by rewrite !subr_ge0 d2 up_le2.
apply: norm_le.
  rewrite -subr_ge0 (_ : _ - _ = (2%:R + - down) * x + (2%:R - up) * - y); last by ring.
  by apply: addr_ge0; apply: mulr_ge0.
rewrite -subr_ge0 (_ : _ - _ = (2%:R - - down) * x + (2%:R + up) * - y); last by ring.
by apply: addr_ge0; apply: mulr_ge0.
Qed.
End Tent.

(* ---------------------------------------------------------------- no cycle attracts *)
(* A map that expands near every point, and is continuous, lets no orbit approach a cycle that
   does not land on it. *)
Lemma expanding_no_cycle (F : realFieldType) (f : F -> F) (x c : nat -> F) (k : nat) :
  (forall y z, `|f y - f z| <= 2%:R * `|y - z|) ->
  (forall z, exists2 e, 0 < e & forall y, `|y - z| < e -> `|y - z| <= `|f y - f z|) ->
  (forall t, x t.+1 = f (x t)) -> injective x -> (0 < k)%N ->
  ~ forall e, 0 < e -> exists N, forall t, (N <= t)%N -> `|x t - c (t %% k)%N| < e.
Proof.
move=> lip expand step inj k0 near.
have cycle j : (j < k)%N -> f (c j) = c (j.+1 %% k)%N.
  move=> jk; apply/eqP; rewrite -subr_eq0 -normr_eq0; apply/negPn/negP => n0.
  set z := `|_| in n0; have z0 : 0 < z by rewrite lt_neqAle eq_sym n0 normr_ge0.
  have [N close] := near (z / 3%:R) (divr_gt0 z0 (ltr0Sn _ _)).
  pose t := (j + N * k)%N; have Nt : (N <= t)%N by rewrite (leq_trans (leq_pmulr N k0)) // leq_addl.
  have tj : (t %% k = j)%N by rewrite /t addnC modnMDl modn_small.
  have tj1 : (t.+1 %% k = j.+1 %% k)%N by rewrite /t -addSn addnC modnMDl.
  have h1 := close t Nt; have h2 := close t.+1 (leqW Nt); rewrite tj in h1; rewrite tj1 step in h2.
  have h3 : `|f (c j) - f (x t)| <= 2%:R * `|x t - c j| by rewrite [`|x t - _|]distrC.
  have le : z <= 2%:R * `|x t - c j| + `|f (x t) - c (j.+1 %% k)%N|.
    by apply: norm_chain h3 (lexx _).
  have lt : 2%:R * `|x t - c j| + `|f (x t) - c (j.+1 %% k)%N| < 2%:R * (z / 3%:R) + z / 3%:R.
    by apply: lt_sum2 h2; rewrite lt_mul2l ?ltr0n.
  have := le_lt_trans le lt; rewrite (_ : 2%:R * _ + _ = z) ?ltxx //; by field.
have [e e0 grow] : exists2 e, 0 < e & forall j, (j < k)%N ->
    forall y, `|y - c j| < e -> `|y - c j| <= `|f y - f (c j)|.
  have [r r0 rP] := fin_all_exists2 (fun j : 'I_k => expand (c j)).
  have [e e0 le] := least r0; exists e => // j jk y ye.
  by apply: (rP (Ordinal jk)); apply: lt_le_trans ye (le _).
have [N close] := near e e0; pose d t := `|x t - c (t %% k)%N|.
have further t : (N <= t)%N -> d t <= d t.+1.
  move=> Nt; have tk : (t %% k < k)%N by rewrite ltn_pmod.
  apply: le_trans (grow _ tk _ (close t Nt)) _; rewrite /d step cycle //.
  by rewrite -[(t %% k).+1]addn1 modnDml addn1.
have lands t : (N <= t)%N -> x t = c (t %% k)%N.
  move=> Nt; apply/eqP; rewrite -subr_eq0 -normr_eq0 -/(d t); apply/negPn/negP => n0.
  have d0 : 0 < d t by rewrite lt_neqAle eq_sym n0 normr_ge0.
  have [M closer] := near (d t) d0.
  have keep m : d t <= d (t + m)%N.
    elim: m => [|m IH]; first by rewrite addn0.
    by rewrite addnS; apply: le_trans IH (further _ _); rewrite (leq_trans Nt) // leq_addr.
  by have := closer (t + M)%N (leq_addl _ _); rewrite ltNge keep.
have /inj/eqP : x N = x (N + k)%N by rewrite !lands ?leq_addr // modnDr.
by rewrite -[X in X == _]addn0 eqn_add2l eq_sym gtn_eqF.
Qed.

(* ------------------------------------------------------------------------ the model *)
Section Model.
Variable F : realFieldType.
Notation agents := (structure finType 'I_3).
Notation joint := {dffun forall i : agents, finite bool}.
Notation gamma := (19%:R / 20%:R : F).

(* states: true is s1, false is s0; actions: true is action 1 *)
Definition ones (a : joint) : F := Qtot (fun (_ : agents) (x : bool) => x%:R) a.
Definition same (x : bool) : joint := [ffun=> x].
Definition idle (a : joint) : F := (a == same false)%:R.
Definition pays (s : bool) (a : joint) : F := if s then ones a else 0.
Definition returns (s : bool) : F := if s then 1 / 5%:R else 1.
Definition moves (s : bool) (a : joint) (s' : bool) : F :=
  let q := idle a * returns s in if s' then q else 1 - q.
Definition mostly0 (_ : bool) (_ : 'I_3) (x : bool) : F := if x then 1 / 10%:R else 9%:R / 10%:R.

(* a run of linear FQI on this model under these data *)
Definition tent_run : (nat -> bool -> F) -> (nat -> bool -> 'I_3 -> bool -> F) -> Prop :=
  @linear_run F (finite bool) agents (fun=> finite bool) pays moves gamma mostly0.

Lemma mostly0_sum1 s (i : agents) : \sum_(x : finite bool) mostly0 s i x = 1.
Proof. by rewrite big_bool /mostly0 /=; field. Qed.

Lemma mostly0_gt0 s i x : 0 < mostly0 s i x.
Proof. by rewrite /mostly0; case: x; rewrite divr_gt0 ?ltr01 ?ltr0n. Qed.

Notation W s := (additive_weights (mostly0 s : forall i : agents, finite bool -> F)).

Lemma onesE a : ones a = \sum_(i : agents) (a i)%:R. Proof. by []. Qed.

Lemma ones_ge0 a : 0 <= ones a. Proof. by apply: sumr_ge0 => i _; apply: ler0n. Qed.

Lemma ones_same x : ones (same x) = 3%:R * x%:R.
Proof.
rewrite onesE (eq_bigr (fun=> x%:R)) => [|i _]; last by rewrite ffunE.
by rewrite sumr_const card_ord mulr_natl.
Qed.

Lemma ones_le3 a : ones a <= 3%:R.
Proof.
rewrite -[3%:R]mulr1 -(ones_same true) !onesE; apply: ler_sum => i _.
by rewrite ffunE ler_nat; case: (a i).
Qed.

Lemma weight_same0 s a : W s a (same false) = 81%:R / 100%:R * (3%:R - ones a) - 729%:R / 500%:R.
Proof.
rewrite /additive_weights /prob (eq_bigr (fun=> 9%:R / 10%:R)) => [|i _]; last by rewrite ffunE.
rewrite prodr_const card_ord /n_agents card_ord /hits.
rewrite (eq_bigr (fun i => 10%:R / 9%:R - 10%:R / 9%:R * (a i)%:R)) => [|i _]; last first.
  by rewrite ffunE /mostly0; case: (a i); rewrite /=; field.
by rewrite sumrB sumr_const card_ord -mulr_sumr -[_ *+ 3]mulr_natr -[\sum_i _]/(ones a); field.
Qed.

Section Run.
Variables (V : nat -> bool -> F) (Q : nat -> bool -> 'I_3 -> bool -> F).
Hypothesis run : tent_run V Q.
Notation D t := (V t true - V t false).

(* Q_tot after a step *)
Lemma step_Qtot t s a : Qtot (Q t.+1 s : forall i : agents, finite bool -> F) a =
  pays s a + gamma * (V t false + returns s * D t * (81%:R / 100%:R * (3%:R - ones a) - 729%:R / 500%:R)).
Proof.
have [_ ->] := linear_run_weights (ord0 : agents) mostly0_sum1 mostly0_gt0 run.
rewrite -(weight_same0 s a); set w := W s a (same false).
have -> : fit (W s) (backup pays moves gamma (V t) s) a =
    fit (W s) (pays s) a + gamma * V t false * (\sum_b W s a b) + gamma * (returns s * D t) * w.
  rewrite /fit -[w]mulr1 [w * 1](_ : _ = \sum_b W s a b * idle b); last first.
    rewrite (bigD1 (same false)) //= /idle eqxx big1 ?addr0 // => b /negbTE ->; exact: mulr0.
  rewrite !mulr_sumr -!big_split; apply: eq_bigr => b _ /=.
  by rewrite /backup big_bool /moves /=; ring.
rewrite additive_unit_rows; [|exact: mostly0_sum1|exact: mostly0_gt0].
have -> : fit (W s) (pays s) a = pays s a; last by ring.
rewrite /pays; case: s {w}; first exact: additive_member (mostly0_sum1 true) (mostly0_gt0 true) ord0 _ a.
by apply: fit_const; apply: additive_unit_rows; [apply: mostly0_sum1|apply: mostly0_gt0].
Qed.

Lemma step_top t s : is_max (fun a : joint => pays s a + gamma * (V t false + returns s * D t *
  (81%:R / 100%:R * (3%:R - ones a) - 729%:R / 500%:R))) (V t.+1 s).
Proof. by have [mx _] := run; apply: is_max_ext (mx t.+1 s) => a; apply: step_Qtot. Qed.

(* what the greedy joint actions are worth: (1,1,1) at s1, (0,0,0) or (1,1,1) at s0 *)
Lemma step_s1 t : D t <= 3%:R -> V t.+1 true = 3%:R + gamma * (V t false - 729%:R / 2500%:R * D t).
Proof.
move=> D3; apply: is_max_unique (step_top t true) _; split=> [a|]; last first.
  by exists (same true); rewrite /pays ones_same /returns /=; field.
rewrite -subr_ge0 /pays /returns.
rewrite (_ : _ - _ = (3%:R - ones a) * ((53%:R * 100%:R + 83%:R) / (100%:R * 100%:R) + 81%:R * 19%:R / (100%:R * 100%:R) * (3%:R - D t))).
  by have le := ones_le3 a; pos.
by field.
Qed.

Lemma step_s0_pos t : 0 <= D t -> V t.+1 false = gamma * (V t false + 243%:R / 250%:R * D t).
Proof.
move=> D0; apply: is_max_unique (step_top t false) _; split=> [a|]; last first.
  by exists (same false); rewrite /pays ones_same /returns /=; field.
rewrite -subr_ge0 /pays /returns (_ : _ - _ = gamma * (81%:R / 100%:R) * (ones a * D t)); last by field.
by rewrite !mulr_ge0 ?invr_ge0 ?ler0n ?ones_ge0.
Qed.

Lemma step_s0_neg t : D t <= 0 -> V t.+1 false = gamma * (V t false - 729%:R / 500%:R * D t).
Proof.
move=> D0; apply: is_max_unique (step_top t false) _; split=> [a|]; last first.
  by exists (same true); rewrite /pays ones_same /returns /=; field.
rewrite -subr_ge0 /pays /returns.
rewrite (_ : _ - _ = gamma * (81%:R / 100%:R) * ((3%:R - ones a) * - D t)); last by field.
by rewrite !mulr_ge0 ?invr_ge0 ?ler0n ?subr_ge0 ?ones_le3 ?oppr_ge0.
Qed.

Lemma step_D t : D t <= 3%:R -> D t.+1 = tent (D t).
Proof.
move=> D3; rewrite step_s1 //; have [D0|/ltW D0] := lerP 0 (D t).
  by rewrite step_s0_pos // tent_pos // downE; field.
by rewrite step_s0_neg // tent_neg // upE; field.
Qed.

Hypothesis start : forall s, V 0%N s = 0.

Lemma D_range t : -1 <= D t /\ D t <= 3%:R.
Proof.
elim: t => [|t [lo hi]]; first by rewrite !start subrr oppr_le0 ler01 ler0n.
by rewrite step_D //; apply: tent_range.
Qed.

(* From V = 0 the difference of the two values follows the skew tent map for ever.
   Source: ours. *)
Theorem tent_recursion t : D t.+1 = tent (D t).
Proof. by apply: step_D; have [] := D_range t. Qed.

(* No difference of values comes twice, so no values do. *)
Lemma tent_never_repeats t u : D t = D u -> t = u.
Proof.
apply: (@never_returns F (fun t => D t) scale (fun t => if 0 <= D t then falling else rising)) => //.
- by move=> v; case: ifP.
- by rewrite !start subrr.
by move=> v; rewrite tent_recursion /tent; case: ifP.
Qed.

(* The values are bounded. *)
Lemma tent_bounded : bounded V.
Proof.
exists 103%:R => t s; have low u : `|V u false| <= 100%:R.
  elim: u => [|u IH]; first by rewrite start normr0 ler0n.
  have [lo hi] := D_range u; have bD : `|D u| <= 3%:R.
    by apply: norm_le => //; rewrite opp_le; apply: le_trans lo; rewrite opp_le opprK ler1n.
  have step k : `|k| <= 3%:R / 2%:R -> `|gamma * (V u false + k * D u)| <= 100%:R.
    move=> k2; rewrite normrM ger0_norm; last by rewrite divr_ge0 ?ler0n.
    apply: (@le_trans _ _ (gamma * (100%:R + 3%:R / 2%:R * 3%:R))).
      apply: le_mul2l; first by rewrite divr_ge0 ?ler0n.
      apply: norm_add => //; rewrite normrM; apply: le_trans (le_mul2l (normr_ge0 _) bD) _.
      by apply: le_mul2r k2; apply: ler0n.
    rewrite -subr_ge0 (_ : _ - _ = 29%:R / 40%:R); last by field.
    by rewrite divr_ge0 ?ler0n.
  have [D0|/ltW D0] := lerP 0 (D u).
    rewrite step_s0_pos //; apply: step; rewrite ger0_norm ?divr_ge0 ?ler0n //.
    rewrite -subr_ge0 (_ : _ - _ = 66%:R / 125%:R); last by field.
    by rewrite divr_ge0 ?ler0n.
  rewrite step_s0_neg // -mulNr; apply: step; rewrite normrN ger0_norm ?divr_ge0 ?ler0n //.
  rewrite -subr_ge0 (_ : _ - _ = 21%:R / 500%:R); last by field.
  by rewrite divr_ge0 ?ler0n.
case: s; last by apply: le_trans (low t) _; rewrite ler_nat.
have [lo hi] := D_range t; rewrite -[V t true](subrK (V t false)) (_ : 103%:R = 3%:R + 100%:R); last by rewrite -natrD.
apply: norm_add (low t); apply: norm_le => //; rewrite opp_le; apply: le_trans lo.
by rewrite opp_le opprK ler1n.
Qed.

(* The values approach no cycle c_0, ..., c_(k-1), and no fixed point (k = 1). *)
Lemma tent_no_cycle (k : nat) (c : nat -> bool -> F) : (0 < k)%N ->
  ~ forall e, 0 < e -> exists N, forall t, (N <= t)%N -> forall s, `|V t s - c (t %% k)%N s| < e.
Proof.
move=> k0 near; apply: (@expanding_no_cycle F (@tent F) (fun t => D t) (fun j => c j true - c j false) k) => //.
- exact: tent_lipschitz.
- exact: tent_expands.
- exact: tent_recursion.
- exact: tent_never_repeats.
move=> e e0; have e3 : 0 < e / 3%:R by rewrite divr_gt0 ?ltr0n.
have [N close] := near _ e3; exists N => t Nt.
have h1 := ltW (close t Nt true); have h2 := ltW (close t Nt false).
rewrite (_ : D t - _ = V t true - c (t %% k)%N true - (V t false - c (t %% k)%N false)); last by ring.
apply: le_lt_trans (norm_sub h1 h2) _; rewrite -subr_gt0 (_ : _ - _ = e / 3%:R) //; by field.
Qed.
End Run.

(* There is such a run. *)
Lemma tent_run_exists : exists V Q, tent_run V Q /\ forall s, V 0%N s = 0.
Proof.
have [V [Q [run QE]]] := @linear_run_exists F (finite bool) agents (fun=> finite bool) (same false)
  pays moves gamma mostly0 (fun _ _ _ => 0) mostly0_sum1 (fun s i x => ltW (mostly0_gt0 s i x)).
exists V, Q; split=> // s; have [/(_ 0%N s) [_ [a <-]] _] := run.
by rewrite QE /Qtot big1.
Qed.

(* Linear FQI under fixed product data can stay bounded and approach no cycle: in this model,
   from V = 0, every run is bounded, no difference V(s1) - V(s0) comes twice, and the values
   approach no cycle c_0, ..., c_(k-1) of any length k, fixed points included; and there is a
   run.
   Source: ours. *)
Theorem aperiodic :
  (exists V Q, tent_run V Q /\ forall s, V 0%N s = 0) /\
  forall V Q, tent_run V Q -> (forall s, V 0%N s = 0) ->
    [/\ bounded V,
        forall t u, V t true - V t false = V u true - V u false -> t = u
      & forall (k : nat) (c : nat -> bool -> F), (0 < k)%N ->
          ~ forall e, 0 < e -> exists N, forall t, (N <= t)%N -> forall s, `|V t s - c (t %% k)%N s| < e].
Proof.
split=> [|V Q run start]; first exact: tent_run_exists.
split; [exact: tent_bounded run start|exact: (tent_never_repeats run start)|].
by move=> k c; apply: (tent_no_cycle run start).
Qed.
End Model.
