(* Theorem C: QMIX, the monotonic class.

   Fixed data with full support. Its runs are bounded at every discount below 1, and
   need not converge at any.

             monotonic q == q is non-decreasing in some factors: Q_i(a_i) <= Q_i(b_i)
                            for all i implies q(a) <= q(b); a union of cones, one a
                            tuple of orders
          qmix_fit d y q == q is a monotonic least-squares fit of y under the weights d
            clip lo hi x == x, or the nearest end of [lo, hi]
    qmix_run r P g d V Q == a run of FQI over this class
   table y00 y01 y10 y11 == a table of two agents with two actions from its four entries
   flip_reward gamma s b == s1 = [[4,2],[0,2-7 gamma/2]], s0 pays 0
           flip_next s b == (1,1) stays in s1, all else leads to s0, which absorbs
          uniform4 F s b == 1/4, uniform data
      flip_run gamma V Q == a run over this class on this model under uniform data
   err z q00 q01 q10 q11 == the squared error of a fit to [[4,2],[0,z]]

   qmix_between  C.1: a monotonic fit stays between the least and the largest target
   qmix_bounded  C.1: so every run is bounded, for every gamma < 1 and all data: QMIX
                 cannot diverge
   qmix_cycle    C.2: but at every gamma in (0, 1) the values of s1 alternate 4, 3, 4,
                 3, ... for ever, under uniform data, in every run from 4; there are
                 such runs

   Source: ours.                                                                         *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model FQI TwoAgents MaxAffine SignedFits Witnesses.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Monotonic.
Variables (F : realFieldType) (I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Implicit Types (d q : joint -> F).

Definition monotonic q := exists Q : forall i, A i -> F, forall a b : joint,
  (forall i, Q i (a i) <= Q i (b i)) -> q a <= q b.

Definition qmix_fit d (y : joint -> F) q :=
  monotonic q /\ forall q', monotonic q' -> joint_loss d y q <= joint_loss d y q'.

Definition clip (lo hi x : F) : F := if x < lo then lo else if hi < x then hi else x.

Lemma clip_monotone lo hi x x' : lo <= hi -> x <= x' -> clip lo hi x <= clip lo hi x'.
Proof.
move=> lh xx; rewrite /clip; case: (ltrP x lo) => xl; case: (ltrP x' lo) => xl' //.
- by case: ltrP => // _.
- by move: (le_lt_trans xx xl'); rewrite ltNge xl.
case: (ltrP hi x) => hx; case: (ltrP hi x') => hx' //.
by move: (lt_le_trans hx xx); rewrite ltNge hx'.
Qed.

Lemma clip_nearer lo hi y x : lo <= y -> y <= hi -> (y - clip lo hi x) ^+ 2 <= (y - x) ^+ 2.
Proof.
move=> ly yh; rewrite /clip; case: ltrP => xl; last case: ltrP => hx //.
  rewrite -subr_ge0 (_ : _ - _ = (lo - x) * ((y - lo) + (y - x))); last by ring.
  have yx : x <= y by apply: le_trans ly; apply: ltW.
  by apply: mulr_ge0; [rewrite subr_ge0 ltW|apply: addr_ge0; rewrite subr_ge0].
rewrite -subr_ge0 (_ : _ - _ = (x - hi) * ((hi - y) + (x - y))); last by ring.
have yx : y <= x by apply: le_trans yh _; apply: ltW.
by apply: mulr_ge0; [rewrite subr_ge0 ltW|apply: addr_ge0; rewrite subr_ge0].
Qed.

Lemma clip_strict lo hi y x : lo <= y -> y <= hi -> (x < lo) || (hi < x) ->
  (y - clip lo hi x) ^+ 2 < (y - x) ^+ 2.
Proof.
move=> ly yh; rewrite /clip; case: ltrP => xl /=; last case: ltrP => hx // _.
  move=> _; rewrite -subr_gt0 (_ : _ - _ = (lo - x) * ((y - lo) + (y - x))); last by ring.
  by rewrite mulr_gt0 ?subr_gt0 // lt_sum_l ?subr_ge0 ?subr_gt0 // (lt_le_trans xl).
rewrite -subr_gt0 (_ : _ - _ = (x - hi) * ((hi - y) + (x - y))); last by ring.
by rewrite mulr_gt0 ?subr_gt0 // lt_sum_l ?subr_ge0 ?subr_gt0 // (le_lt_trans yh).
Qed.

(* C.1: a monotonic least-squares fit stays between the least and the largest target, for
   all data with full support.
   Source: ours. *)
Theorem qmix_between d (y : joint -> F) q lo hi : (forall a, 0 < d a) ->
  (forall a, lo <= y a) -> (forall a, y a <= hi) -> qmix_fit d y q ->
  forall a, lo <= q a /\ q a <= hi.
Proof.
move=> d0 ly yh [[Q mono] best] a; have lh : lo <= hi by apply: le_trans (ly a) (yh a).
have mono' : monotonic (fun b => clip lo hi (q b)).
  by exists Q => b c /mono; apply: clip_monotone.
suff : ~~ ((q a < lo) || (hi < q a)) by rewrite negb_or -!leNgt => /andP [].
apply/negP => out; have := best _ mono'; rewrite leNgt => /negP []; rewrite /joint_loss.
rewrite (bigD1 a) //= [X in _ < X](bigD1 a) //=.
rewrite -subr_gt0 opprD addrACA -mulrBr -sumrB.
apply: lt_sum_r; first by rewrite mulr_gt0 // subr_gt0 clip_strict.
apply: sumr_ge0 => b _; rewrite -mulrBr mulr_ge0 ?subr_ge0 ?clip_nearer //.
exact: ltW.
Qed.
End Monotonic.

Section Runs.
Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Variables (r : S -> joint -> F) (P : S -> joint -> S -> F) (gamma : F).

Definition qmix_run (d : S -> joint -> F) (V : nat -> S -> F) (Q : nat -> S -> joint -> F) :=
  (forall t s, is_max (Q t s) (V t s)) /\
  (forall t s, qmix_fit (d s) (target r P gamma (V t) s) (Q t.+1 s)).

(* C.1: every run of FQI over the monotonic class is bounded, for every gamma < 1, every
   finite model and all data with full support.
   Source: ours. *)
Theorem qmix_bounded (d : S -> joint -> F) V Q : 0 <= gamma -> gamma < 1 ->
  @stochastic F S (finite joint) P -> (forall s a, 0 < d s a) -> qmix_run d V Q -> bounded V.
Proof.
move=> g0 g1 PP d0 [mx best]; have [R rR] := @rewards_bounded F S (finite joint) r.
have e0 : 0 < 1 - gamma by rewrite subr_gt0.
pose B := \sum_s `|V 0%N s|; pose L := B + `|R| / (1 - gamma); exists L.
have B0 : 0 <= B by apply: sumr_ge0 => s _; apply: normr_ge0.
have L0 : 0 <= L by rewrite addr_ge0 // divr_ge0 // ltW.
have step : `|R| + gamma * L <= L.
  rewrite -subr_ge0 (_ : _ - _ = (1 - gamma) * B); last by rewrite /L; field; rewrite gt_eqF.
  by rewrite mulr_ge0 // ltW.
elim=> [|t IH] s.
  by apply: le_trans (largest (V 0%N) s) _; rewrite le_plus divr_ge0 // ltW.
have lo a : - L <= target r P gamma (V t) s a.
  apply: (@le_trans _ _ (- (`|R| + gamma * L))); first by rewrite opp_le opprK.
  rewrite opprD; apply: le_sum2.
    by apply: norm_ge; apply: le_trans (rR s a) (ler_norm R).
  rewrite -mulrN; apply: le_mul2l => //; apply: (@next_ge _ _ _ _ PP) => s'.
  exact: norm_ge.
have hi a : target r P gamma (V t) s a <= L.
  apply: le_trans step; apply: le_sum2.
    by apply: le_norm; apply: le_trans (rR s a) (ler_norm R).
  apply: le_mul2l => //; apply: (@next_le _ _ _ _ PP) => s'.
  exact: le_norm.
have [_ [a <-]] := mx t.+1 s; have [ql qh] := qmix_between (d0 s) lo hi (best t s) a.
by apply: norm_le => //; rewrite opp_le.
Qed.
End Runs.

(* ------------------------------------------------------------- C.2: a 2-cycle *)
Section Flip.
Variables (F : realFieldType) (gamma : F).
Notation joint := {dffun forall i : bool, bool}.
Notation monotonic := (@monotonic F (finite bool) (fun=> (finite bool))).
Notation qmix_fit := (@qmix_fit F (finite bool) (fun=> (finite bool))).
Notation joint_loss := (@joint_loss F (finite bool) (fun=> (finite bool))).
Implicit Types q : joint -> F.

Definition table (y00 y01 y10 y11 : F) (a : joint) : F :=
  if a false then (if a true then y11 else y10) else (if a true then y01 else y00).

Definition flip_reward (s : bool) (a : joint) : F :=
  if s then table 4%:R 2%:R 0 (2%:R - 7%:R / 2%:R * gamma) a else 0.
Definition flip_next (s : bool) (a : joint) : bool := [&& s, a false & a true].
Definition uniform4 (s : bool) (a : joint) : F := 1 / 4%:R.
Definition flip_run : (nat -> bool -> F) -> (nat -> bool -> joint -> F) -> Prop :=
  @qmix_run F (finite bool) (finite bool) (fun=> (finite bool)) flip_reward
    (transition F flip_next) gamma uniform4.

Lemma table_act y00 y01 y10 y11 : (table y00 y01 y10 y11 (act false false) = y00) *
  (table y00 y01 y10 y11 (act false true) = y01) * (table y00 y01 y10 y11 (act true false) = y10) *
  (table y00 y01 y10 y11 (act true true) = y11).
Proof. by rewrite /table !act1 !act2. Qed.

Lemma sum4 (f : joint -> F) : \sum_a f a =
  f (act false false) + f (act false true) + f (act true false) + f (act true true).
Proof.
rewrite (reindex (fun u : bool * bool => act u.1 u.2)) /=; last first.
  exists (fun a : joint => (a false, a true)) => [[x z] _|a _] /=; first by rewrite act1 act2.
  by apply/ffunP => -[]; rewrite ffunE.
rewrite -(pair_bigA _ (fun x z => f (act x z))) /= !big_bool /=.
by ring.
Qed.

(* the four squared errors *)
Definition err (z q00 q01 q10 q11 : F) : F :=
  (4%:R - q00) ^+ 2 + (2%:R - q01) ^+ 2 + (0 - q10) ^+ 2 + (z - q11) ^+ 2.

Lemma lossE z q s : joint_loss (uniform4 s) (table 4%:R 2%:R 0 z) q =
  1 / 4%:R * err z (q (act false false)) (q (act false true)) (q (act true false)) (q (act true true)).
Proof. by rewrite /Model.joint_loss sum4 !table_act /uniform4 /err; ring. Qed.

Lemma rows q : monotonic q ->
  (forall z, q (act true z) <= q (act false z)) \/ (forall z, q (act false z) <= q (act true z)).
Proof.
move=> [Q mono]; have [le|/ltW le] := lerP (Q false true) (Q false false); [left|right] => z;
by apply: mono => -[]; rewrite !ffunE.
Qed.

Lemma columns q : monotonic q ->
  (forall x, q (act x true) <= q (act x false)) \/ (forall x, q (act x false) <= q (act x true)).
Proof.
move=> [Q mono]; have [le|/ltW le] := lerP (Q true true) (Q true false); [left|right] => x;
by apply: mono => -[]; rewrite !ffunE.
Qed.

(* two entries in the wrong order are pooled *)
Lemma pool (y1 y2 q1 q2 : F) : y2 <= y1 -> q1 <= q2 ->
  (y1 - y2) ^+ 2 / 2%:R <= (y1 - q1) ^+ 2 + (y2 - q2) ^+ 2.
Proof.
move=> yy qq; rewrite -subr_ge0.
have -> : (y1 - q1) ^+ 2 + (y2 - q2) ^+ 2 - (y1 - y2) ^+ 2 / 2%:R =
  ((y1 - q1 + y2 - q2) ^+ 2 + (q2 - q1) * ((q2 - q1) + (y1 - y2) + (y1 - y2))) / 2%:R.
  by field.
have y0 : 0 <= y1 - y2 by rewrite subr_ge0.
have q0 : 0 <= q2 - q1 by rewrite subr_ge0.
apply: divr_ge0; last exact: ler0n.
apply: addr_ge0; first exact: sqr_ge0.
by apply: mulr_ge0 => //; apply: addr_ge0 => //; apply: addr_ge0.
Qed.

Lemma pooled (y1 y2 q1 q2 : F) : y2 < y1 -> q1 <= q2 ->
  (y1 - q1) ^+ 2 + (y2 - q2) ^+ 2 <= (y1 - y2) ^+ 2 / 2%:R ->
  q1 = (y1 + y2) / 2%:R /\ q2 = (y1 + y2) / 2%:R.
Proof.
move=> yy qq; rewrite -subr_le0.
have -> : (y1 - q1) ^+ 2 + (y2 - q2) ^+ 2 - (y1 - y2) ^+ 2 / 2%:R =
  ((y1 - q1 + y2 - q2) ^+ 2 + (q2 - q1) * ((q2 - q1) + (y1 - y2) + (y1 - y2))) / 2%:R.
  by field.
have y0 : 0 < y1 - y2 by rewrite subr_gt0.
have q0 : 0 <= q2 - q1 by rewrite subr_ge0.
have w0 : 0 < (q2 - q1) + (y1 - y2) + (y1 - y2) by rewrite lt_sum_l // addr_ge0 // ltW.
rewrite pmulr_lle0 ?invr_gt0 ?ltr0n // => le0.
have s0 := sqr_ge0 (y1 - q1 + y2 - q2); have m0 := mulr_ge0 q0 (ltW w0).
have /eqP : (y1 - q1 + y2 - q2) ^+ 2 + (q2 - q1) * ((q2 - q1) + (y1 - y2) + (y1 - y2)) = 0.
  by apply/eqP; rewrite eq_le le0 addr_ge0.
rewrite paddr_eq0 // sqrf_eq0 mulf_eq0 (gt_eqF w0) orbF => /andP [/eqP sum /eqP diff].
have eq : q1 = q2 by apply/eqP; rewrite eq_sym -subr_eq0 diff.
have half : q2 = (y1 + y2) / 2%:R.
  rewrite (_ : q2 = (y1 + y2) / 2%:R - (y1 - q1 + y2 - q2) / 2%:R); last by rewrite eq; field.
  by rewrite sum mul0r subr0.
by rewrite eq -half.
Qed.

Section Step.
Variable z : F.
Hypothesis z_gt0 : 0 < z.
Hypothesis z_lt3 : z < 3%:R.
Notation y := (table 4%:R 2%:R 0 z).
Notation high := (table 3%:R 3%:R 0 z).
Notation low := (table 4%:R 2%:R (z / 2%:R) (z / 2%:R)).

Notation errq q :=
  (err z (q (act false false)) (q (act false true)) (q (act true false)) (q (act true true))).

Lemma outer (x1 x2 x3 x4 : F) : 0 <= x2 -> 0 <= x4 -> x1 + x3 <= x1 + x2 + x3 + x4.
Proof.
move=> x20 x40; rewrite -subr_ge0 (_ : x1 + x2 + x3 + x4 - (x1 + x3) = x2 + x4).
  exact: addr_ge0.
by ring.
Qed.

(* rows in the wrong order cost at least 8 *)
Lemma err_rows q : (forall z', q (act false z') <= q (act true z')) -> 8%:R <= errq q.
Proof.
move=> le; have := pool (ler0n F 4) (le false).
rewrite (_ : (4%:R - 0) ^+ 2 / 2%:R = 8%:R); last by field.
by move=> h; apply: le_trans h _; apply: outer; apply: sqr_ge0.
Qed.

(* columns in one order cost z^2/2, in the other 2 *)
Lemma err_left q : (forall x, q (act x true) <= q (act x false)) ->
  (4%:R - q (act false false)) ^+ 2 + (2%:R - q (act false true)) ^+ 2 + z ^+ 2 / 2%:R <= errq q.
Proof.
move=> le; have := pool (ltW z_gt0) (le true); rewrite subr0 [X in _ <= X]addrC => h.
by rewrite /err -[X in _ <= X]addrA le_plus2l.
Qed.

Lemma err_right q : (forall x, q (act x false) <= q (act x true)) ->
  2%:R + ((0 - q (act true false)) ^+ 2 + (z - q (act true true)) ^+ 2) <= errq q.
Proof.
move=> le; have y24 : 2%:R <= 4%:R :> F by rewrite ler_nat.
have := pool y24 (le false); rewrite (_ : (4%:R - 2%:R) ^+ 2 / 2%:R = 2%:R); last by field.
by move=> h; rewrite /err -[X in _ <= X]addrA; apply: le_sum2.
Qed.

Lemma z2_lt8 : z ^+ 2 / 2%:R < 8%:R.
Proof.
rewrite -subr_gt0 (_ : _ - _ = ((3%:R - z) * (3%:R + z) + 7%:R) / 2%:R); last by field.
apply: divr_gt0; last by rewrite ltr0n.
apply: lt_sum_l; last by rewrite ltr0n.
by apply: mulr_ge0; [rewrite subr_ge0 ltW|apply: addr_ge0; [apply: ler0n|apply: ltW]].
Qed.

Lemma two_lt8 : 2%:R < 8%:R :> F. Proof. by rewrite ltr_nat. Qed.

Lemma high_mono : monotonic high.
Proof.
exists (fun i x => if i then (if x then 1 else 0) else (if x then 0 else 1)) => a b le.
have := le true; have := le false; rewrite /table.
have n10 : (1 <= 0 :> F) = false by rewrite leNgt ltr01.
case: (a false); case: (a true); case: (b false); case: (b true); rewrite ?n10 ?lexx //= => _ _;
by rewrite ?ler0n // ltW.
Qed.

Lemma low_mono : z <= 4%:R -> monotonic low.
Proof.
move=> z4; have z2 : z / 2%:R <= 2%:R.
  apply: (@le_cancel _ 2%:R); first by rewrite ltr0n.
  by rewrite divfK ?pnatr_eq0 // -natrM.
exists (fun i x => if x then 0 else 1) => a b le.
have := le true; have := le false; rewrite /table.
have n10 : (1 <= 0 :> F) = false by rewrite leNgt ltr01.
case: (a false); case: (a true); case: (b false); case: (b true); rewrite ?n10 ?lexx //= => _ _;
by rewrite ?ler_nat // (le_trans z2) // ler_nat.
Qed.

Lemma quarter (u v : F) : (1 / 4%:R * u <= 1 / 4%:R * v) = (u <= v).
Proof. by rewrite -subr_ge0 -mulrBr pmulr_rge0 ?subr_ge0 // divr_gt0 ?ltr01 ?ltr0n. Qed.

Lemma err_high : errq high = 2%:R.
Proof. by rewrite !table_act /err; ring. Qed.

Lemma err_low : errq low = z ^+ 2 / 2%:R.
Proof. by rewrite !table_act /err; field. Qed.

(* z > 2: the best orders take the second column for the better one ... *)
Lemma high_fit s : 2%:R < z -> qmix_fit (uniform4 s) y high.
Proof.
move=> z2; split=> [|q mono]; first exact: high_mono.
rewrite !lossE quarter err_high; have [_|le] := rows mono; last first.
  by apply: le_trans (ltW two_lt8) (err_rows le).
have [le|le] := columns mono.
  apply: le_trans (err_left le); rewrite -[X in X <= _]add0r; apply: le_sum2.
    by rewrite addr_ge0 ?sqr_ge0.
  rewrite -subr_ge0 (_ : z ^+ 2 / 2%:R - 2%:R = (z - 2%:R) * (z + 2%:R) / 2%:R); last by field.
  apply: divr_ge0; last exact: ler0n.
  by apply: mulr_ge0; [rewrite subr_ge0 ltW|apply: addr_ge0; [apply: ltW|apply: ler0n]].
by apply: le_trans (err_right le); rewrite le_plus addr_ge0 ?sqr_ge0.
Qed.

Lemma high_only s q m : 2%:R < z -> qmix_fit (uniform4 s) y q -> is_max q m -> m = 3%:R.
Proof.
move=> z2 [mono best] mx; have := best _ high_mono; rewrite !lossE quarter err_high => le2.
have [row|le] := rows mono; last first.
  by move: (le_trans (err_rows le) le2); rewrite leNgt two_lt8.
have [le|le] := columns mono.
  move: (le_trans (err_left le) le2); rewrite leNgt => /negP []; rewrite -subr_gt0.
  set u := (_ + _ ^+ 2); rewrite (_ : _ - _ = u + (z - 2%:R) * (z + 2%:R) / 2%:R); last by field.
  apply: lt_sum_l; first by rewrite addr_ge0 ?sqr_ge0.
  by rewrite divr_gt0 ?ltr0n // mulr_gt0 ?subr_gt0 // lt_sum_r // ler0n.
have y24 : 2%:R < 4%:R :> F by rewrite ltr_nat.
have [] := pooled y24 (le false).
  rewrite (_ : (4%:R - 2%:R) ^+ 2 / 2%:R = 2%:R); last by field.
  by apply: le_trans le2; rewrite /err -[X in _ <= X]addrA le_plus addr_ge0 ?sqr_ge0.
have -> : (4%:R + 2%:R) / 2%:R = 3%:R :> F by field.
move=> q00 q01; have [leq [a qa]] := mx; apply/eqP; rewrite eq_le -{2}q00 leq andbT -qa.
rewrite (actP (a := a) erefl erefl); case: (a false); case: (a true); rewrite ?q00 ?q01 //.
  by rewrite -q01 row.
by rewrite -q00 row.
Qed.

(* ... z < 2: the first *)
Lemma low_fit s : z < 2%:R -> qmix_fit (uniform4 s) y low.
Proof.
move=> z2; have z4 : z <= 4%:R by apply/ltW/(lt_trans z_lt3); rewrite ltr_nat.
split=> [|q mono]; first exact: low_mono.
rewrite !lossE quarter err_low; have [_|le] := rows mono; last first.
  by apply: le_trans (ltW z2_lt8) (err_rows le).
have [le|le] := columns mono.
  by apply: le_trans (err_left le); rewrite addrC le_plus addr_ge0 ?sqr_ge0.
apply: le_trans (err_right le); rewrite -[X in X <= _]addr0; apply: le_sum2.
  rewrite -subr_ge0 (_ : 2%:R - z ^+ 2 / 2%:R = (2%:R - z) * (z + 2%:R) / 2%:R); last by field.
  apply: divr_ge0; last exact: ler0n.
  by apply: mulr_ge0; [rewrite subr_ge0 ltW|apply: addr_ge0; [apply: ltW|apply: ler0n]].
by rewrite addr_ge0 ?sqr_ge0.
Qed.

Lemma low_only s q m : z < 2%:R -> qmix_fit (uniform4 s) y q -> is_max q m -> m = 4%:R.
Proof.
move=> z2 [mono best] mx; have z4 : z <= 4%:R by apply/ltW/(lt_trans z_lt3); rewrite ltr_nat.
have := best _ (low_mono z4); rewrite !lossE quarter err_low => lez.
have [row|le] := rows mono; last first.
  by move: (le_trans (err_rows le) lez); rewrite leNgt z2_lt8.
have [le|le] := columns mono; last first.
  move: (le_trans (err_right le) lez); rewrite leNgt => /negP []; rewrite -subr_gt0.
  set u := (_ + _ ^+ 2); rewrite (_ : _ - _ = u + (2%:R - z) * (z + 2%:R) / 2%:R); last by field.
  apply: lt_sum_l; first by rewrite addr_ge0 ?sqr_ge0.
  by rewrite divr_gt0 ?ltr0n // mulr_gt0 ?subr_gt0 // lt_sum_r // ler0n.
move: (le_trans (err_left le) lez); rewrite addrC plus_le => sq.
have q00 : q (act false false) = 4%:R.
  apply/eqP; rewrite eq_sym -subr_eq0 -sqrf_eq0 eq_le sqr_ge0 andbT.
  by apply: le_trans sq; rewrite le_plus sqr_ge0.
have [leq [a qa]] := mx; apply/eqP; rewrite eq_le -{2}q00 leq andbT -qa.
rewrite (actP (a := a) erefl erefl) -q00; case: (a false); case: (a true) => //.
by apply: le_trans (row true) (le false).
Qed.
End Step.

Hypothesis gamma_gt0 : 0 < gamma.
Hypothesis gamma_lt1 : gamma < 1.

Lemma target_flip V (a : joint) : V false = 0 ->
  target flip_reward (transition F flip_next) gamma V true a =
  table 4%:R 2%:R 0 (2%:R - 7%:R / 2%:R * gamma + gamma * V true) a.
Proof.
move=> V0; transitivity (flip_reward true a + gamma * V (flip_next true a)).
  exact: (backup_next flip_next flip_reward gamma V true a).
rewrite /flip_reward /flip_next /table /=.
by case: (a false); case: (a true) => //=; rewrite V0 mulr0 addr0.
Qed.

Lemma target_sink V (a : joint) : V false = 0 ->
  target flip_reward (transition F flip_next) gamma V false a = 0.
Proof.
move=> V0; transitivity (flip_reward false a + gamma * V (flip_next false a)).
  exact: (backup_next flip_next flip_reward gamma V false a).
by rewrite /flip_reward /flip_next /= V0 mulr0 addr0.
Qed.

Notation after v := (2%:R - 7%:R / 2%:R * gamma + gamma * v).

Lemma after4 : [/\ 0 < after 4%:R, after 4%:R < 3%:R & 2%:R < after 4%:R].
Proof.
have -> : after 4%:R = 2%:R + gamma / 2%:R by field.
have h : 0 < gamma / 2%:R by rewrite divr_gt0 ?ltr0n.
split.
- by apply: lt_sum_l => //; apply: ler0n.
- rewrite -subr_gt0 (_ : 3%:R - (2%:R + gamma / 2%:R) = (1 - gamma + 1) / 2%:R); last by field.
  apply: divr_gt0; last by rewrite ltr0n.
  by apply: lt_sum_r; [rewrite subr_gt0|apply: ler01].
- by rewrite -subr_gt0 addrC addKr.
Qed.

Lemma after3 : [/\ 0 < after 3%:R, after 3%:R < 3%:R & after 3%:R < 2%:R].
Proof.
have -> : after 3%:R = 2%:R - gamma / 2%:R by field.
have h : 0 < gamma / 2%:R by rewrite divr_gt0 ?ltr0n.
split.
- rewrite (_ : 2%:R - gamma / 2%:R = (1 - gamma + 3%:R) / 2%:R); last by field.
  apply: divr_gt0; last by rewrite ltr0n.
  by apply: lt_sum_r; [rewrite subr_gt0|apply: ler0n].
- rewrite -subr_gt0 (_ : 3%:R - (2%:R - gamma / 2%:R) = 1 + gamma / 2%:R); last by field.
  by apply: lt_sum_l => //; apply: ler01.
- by rewrite -subr_gt0 opprB addrCA subrr addr0.
Qed.

Lemma joint_loss_ext (d y y' q : joint -> F) : (forall a, y a = y' a) ->
  joint_loss d y q = joint_loss d y' q.
Proof. by move=> e; apply: eq_bigr => a _; rewrite e. Qed.

Lemma qmix_fit_ext d y y' q : (forall a, y a = y' a) -> qmix_fit d y q -> qmix_fit d y' q.
Proof.
move=> e [mono best]; split=> // q' /best.
by rewrite !(joint_loss_ext _ _ e).
Qed.

(* C.2: for every gamma in (0, 1), under uniform data, in every run from V(s1) = 4,
   V(s0) = 0 the values of s1 alternate 4, 3, 4, 3, ... for ever; there are such runs.
   Source: ours. *)
Theorem qmix_cycle :
  (forall V Q, flip_run V Q -> V 0%N true = 4%:R -> V 0%N false = 0 ->
     forall t, V t true = if odd t then 3%:R else 4%:R) /\
  exists V Q, [/\ flip_run V Q, V 0%N true = 4%:R & V 0%N false = 0].
Proof.
have [p4 b4 h4] := after4; have [p3 b3 l3] := after3; split.
  move=> V Q [mx best] V1 V0 t.
  suff [] : V t true = (if odd t then 3%:R else 4%:R) /\ V t false = 0 by [].
  elim: t => [|t [IH1 IH0]]; first by rewrite V1 V0.
  split; last first.
    have [[mono le] [a qa]] := (best t false, (mx t.+1 false).2); rewrite -qa.
    have mono0 : monotonic (fun=> 0) by exists (fun _ _ => 0).
    have := le _ mono0; rewrite /Model.joint_loss [X in _ <= X]big1 => [|b _]; last first.
      by rewrite target_sink // subrr expr0n mulr0.
    have d0 b : 0 <= uniform4 false b by rewrite divr_ge0 ?ler01 ?ler0n.
    move/(Expectation.squares0 d0 (f := fun b => target _ _ _ _ _ b - Q t.+1 false b) a) => /eqP.
    rewrite mulf_eq0 gt_eqF ?divr_gt0 ?ltr01 ?ltr0n //= target_sink // sub0r oppr_eq0.
    by move/eqP.
  have := qmix_fit_ext (fun a => target_flip a IH0) (best t true).
  rewrite IH1 /=; case: (odd t) => /= fitQ.
    exact: (low_only p3 b3 l3 fitQ (mx t.+1 true)).
  exact: (high_only p4 b4 h4 fitQ (mx t.+1 true)).
pose V (t : nat) (s : bool) : F := if s then (if odd t then 3%:R else 4%:R) else 0.
pose Q (t : nat) (s : bool) : joint -> F := if s then
  (if odd t then table 3%:R 3%:R 0 (after 4%:R) else
   if t is 0 then fun=> 4%:R else table 4%:R 2%:R (after 3%:R / 2%:R) (after 3%:R / 2%:R))
  else fun=> 0.
exists V, Q; split=> //; split=> t s.
  case: s; last by split=> [a|]; [|exists (act false false)].
  rewrite /Q /V; case ot: (odd t).
    split=> [a|]; last by exists (act false false); rewrite table_act.
    by rewrite /table; case: (a false); case: (a true); rewrite ?lexx ?ler0n // ltW.
  case: t {ot} => [|t]; first by split=> [a|]; [|exists (act false false)].
  have le4 : after 3%:R / 2%:R <= 4%:R.
    apply: (@le_cancel _ 2%:R); first by rewrite ltr0n.
    rewrite divfK ?pnatr_eq0 // -natrM; apply/ltW/(lt_trans b3); by rewrite ltr_nat.
  split=> [a|]; last by exists (act false false); rewrite table_act.
  by rewrite /table; case: (a false); case: (a true); rewrite ?ler_nat.
case: s; last first.
  split=> [|q _]; first by exists (fun _ _ => 0).
  rewrite /Model.joint_loss big1 => [|a _]; last by rewrite target_sink // subrr expr0n mulr0.
  by apply: sumr_ge0 => a _; rewrite mulr_ge0 ?sqr_ge0 // divr_ge0 ?ler01 ?ler0n.
apply: (qmix_fit_ext (fun a => esym (target_flip a (erefl : V t false = 0)))).
rewrite /Q /V /=; case: (odd t) => /=; first exact: low_fit.
exact: high_fit.
Qed.
End Flip.
