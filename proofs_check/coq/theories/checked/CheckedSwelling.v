(* Growing regions that are followed in rounded numbers, on fixed data: errors grow with z_0.

   All coordinates but z_0 >= end are bounded by b_k z_0, and the directions and constants span
   everything. A position of a frame may be off by z_0 times its errors. No greedy action need be
   known: where an alternative overtakes the mode's action, the gain is counted as an error.

   No theorem here: a tool of Fates.v.

           lead m g f diff == a line below the mode's factor minus another one's, errors
                              taken off its slope
          overtaken g e cv == by how much, in parts of z_0, the other may exceed it
      gained m g e f t a i == the largest of them over agent i's actions, and 0
      swell_at m g e f t a == one step at one state: the new origin, columns and error
     swell m g e f ts mode == one step at all states
            spread u e n b == what rounding a frame may move, in parts of z_0
        loosened m u e b f == the frame with its origin and columns rounded
   stretch m g e u ts f ms == the frame after the modes ms
    begins m d p e u v0 g0 == the run is in the region at T
   returns_swollen m p r f == z_0 grows by the factor r, and the others come back
       check_swells m d .. == the check of positions
             swollen p e z == z is in the region

   stretchP      stretch is right of all positions in the region
   swells_sound  checked growth is that of all positions from the start

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Rounding Phases Regions CheckedDivergence.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (g : region) (e : Q).
Notation S := (n_states m).
Notation n := (size (sizes m)).

Definition lead (f : frame) (diff : seq Q) : Q * Q :=
  let cv := line g (size (columns f)) (eval S diff (origin f)) [seq linear m diff c | c <- columns f] in
  (cv.1, qsub cv.2 (blur m diff (errors f))).
Definition overtaken (cv : Q * Q) : Q :=
  if positive g false cv then q0
  else qsub (qmul (if qle q0 cv.1 then q0 else qopp cv.1) (inverse e)) cv.2.
Definition gained (f : frame) (t : seq (seq (seq Q))) (a : seq nat) (i : nat) : option Q :=
  let b := nth 0%N a i in
  foldr (fun x acc =>
    if x == b then acc
    else if acc is Some w then
      let diff := minus (row t i b) (row t i x) in
      if flat m diff then let w' := overtaken (lead f diff) in Some (if qle w w' then w' else w) else None
    else None) (Some q0) (iota 0 (nth 0%N (sizes m) i)).

Definition swell_at (f : frame) (t : seq (seq (seq Q))) (a : seq nat) : option (Q * seq Q * Q) :=
  let r := total_row m t a in
  let es := tab n (gained f t a) in
  if [&& is_action (sizes m) a, all isSome es & qeq (qsum S (fun k => at_ r k.+1)) (discount m)] then
    Some (eval S r (origin f), [seq linear m r c | c <- columns f],
          qadd (blur m r (errors f)) (qsum n (fun i => odflt q0 (nth None es i))))
  else None.

Definition swell (f : frame) (ts : seq (seq (seq (seq Q)))) (mode : seq (seq nat)) : option frame :=
  let found := tab S (fun s => swell_at f (nth [::] ts s) (nth [::] mode s)) in
  if all isSome found then
    let found := [seq odflt (q0, [::], q0) x | x <- found] in
    Some (Frame [seq x.1.1 | x <- found]
      (tab (size (columns f)) (fun k => [seq at_ x.1.2 k | x <- found])) [seq x.2 | x <- found])
  else None.
End Compute.

Definition spread (u : BinNums.positive) (e : Q) (n : nat) (b : seq Q) : Q :=
  qmul (qabove 1 (qmul (Qmake 1 2) (qadd (qsum n (at_ b)) (qadd q1 (inverse e))))) (step u).
Definition loosened (m : model) (u : BinNums.positive) (e : Q) (b : seq Q) (f : frame) : frame :=
  let w := spread u e (size (columns f)) b in
  Frame (tab (n_states m) (fun s => qnear u (at_ (origin f) s)))
        [seq tab (n_states m) (fun s => qnear u (at_ c s)) | c <- columns f]
        (tab (n_states m) (fun s => qadd (qabove u (at_ (errors f) s)) w)).

Fixpoint stretch (m : model) (g : region) (e : Q) (u : BinNums.positive) ts (f : frame)
    (modes : seq (seq (seq nat))) : option frame :=
  if modes is mode :: rest then
    if swell m g e f ts mode is Some f' then stretch m g e u ts (loosened m u e (widths g) f') rest else None
  else Some f.

Section Check.
Variables (m : model) (d : data) (p : proof).
Notation n := (size (directions p)).
Notation b := (at_ (widths (place p))).

Definition begins (e : Q) (u : BinNums.positive) (v0 : seq Q) (g0 : seq (seq nat)) : bool :=
  let ve := approach m (fits m d g0) u (prefix p) v0 in
  let far := slack m p (Frame [::] [::] ve.2) in
  let z k := coordinate m p k (offset p ve.1) in
  let z0 := qsub (z 0%N) (far 0%N) in
  qle e z0 && every n (fun k => (k == 0%N) || qle (qadd (qabs (z k)) (far k)) (qmul (b k) z0)).

Definition returns_swollen (rate : Q) (f : frame) : bool :=
  let first := Zrow m p f 0 in
  let q := q_at m p f 0 in
  let cv := line (place p) n q first in
  positive (place p) false (cv.1, qsub (qsub cv.2 (slack m p f 0)) rate) &&
  every n (fun k => (k == 0%N) || let z := Zrow m p f k in
    let missed := qadd (qmul (b k) (slack m p f 0)) (slack m p f k) in
    let both sign := let cv := line (place p) n (qadd (qmul (b k) q) (qmul sign (q_at m p f k)))
                                    (mix p (b k) first sign z) in
      positive (place p) false (cv.1, qsub cv.2 missed) in
    both q1 && both (qopp q1)).
End Check.

Definition check_swells (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (rate : Q) : bool :=
  if kind (place p) is Growing e then
    if grain (place p) is Some u then
      [&& check_model m, (0 < n_states m)%N, ~~ moving d, (0 < size (modes p))%N & all (qle q0) (widths (place p))] &&
      [&& check_dual m p, complete m p, (0 < size (directions p))%N, qeq (at_ (widths (place p)) 0) q0
        & ~~ nth true (fixed (place p)) 0] &&
      [&& every (size (directions p)) (fun k => (k == 0%N) || scaled (place p) k), qlt q0 e, qlt q1 rate,
          begins m d p e u v0 g0
        & if stretch m (place p) e u (fits m d g0) (start m p) (modes p) is Some f
          then returns_swollen m p rate f else false]
    else false
  else false.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : archiFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation S := (n_states m).

Lemma qval_inverse x : qlt q0 x -> qval (inverse x) = (qval x)^-1.
Proof.
rewrite (qval_lt F) qval0 => x0; have n0 : (Z.lt 0 (Qnum x)).
  apply/Z.ltb_lt; rewrite Z.ltb_antisym -(zval_le F); apply/negP => le.
  by move: x0; rewrite ltNge /Rationals.qval mulr_le0_ge0 // invr_ge0 ltW ?zval_gt0.
by rewrite /Rationals.qval /inverse /= Z2Pos.id // invf_div.
Qed.

Section Step.
Variables (g : region) (e : Q) (f : frame) (z : nat -> F) (lam : F) (V : state m -> F).
Hypothesis kd : kind g = Growing e.
Hypothesis e0 : 0 < qval e.
Hypothesis n0 : (0 < size (columns f))%N.
Hypothesis ze : qval e <= z 0%N.
Hypothesis bs : bounds g (size (columns f)) z.
Hypothesis err0 : forall s, 0 <= vec (errors f) s.
Hypothesis nr : near f z (z 0%N) lam V.
Let s0 : 0 <= z 0%N := le_trans (ltW e0) ze.

Lemma swell_blur_ge0 r : 0 <= qval (blur m r (errors f)).
Proof. by rewrite blurE sumr_ge0 // => s _; rewrite mulr_ge0 // err0. Qed.

Lemma positive_at (c v : Q) : positive g false (c, v) -> 0 <= qval c + qval v * z 0%N.
Proof.
rewrite /positive kd => /andP []; rewrite !(qval_le F) qval0 qval_join qval_times /= => v0 ce.
by apply: le_trans ce _; rewrite le_plus2l; apply: le_mul2l.
Qed.

Lemma leadP diff : flat m diff ->
  qval (lead m g f diff).1 + qval (lead m g f diff).2 * z 0%N <= row_val diff V.
Proof.
rewrite /flat (qval_eq F) qval0 => /eqP fl; rewrite /lead /=.
set level := eval _ _ _; set form := map _ _; set cv := line _ _ _ _.
have kd' : kind g <> Bounded by rewrite kd.
have ge := line_ge level form kd' n0 bs; rewrite -/cv in ge.
have := carried diff nr; rewrite -/level -/form fl mulr0 addr0 => /near_ge; apply: le_trans.
rewrite qval_sub mulrBl addrA; apply: le_minus => //.
by rewrite mulrC.
Qed.

Lemma overtakenP diff : flat m diff -> - (z 0%N * qval (overtaken g e (lead m g f diff))) <= row_val diff V.
Proof.
move=> /leadP; move: (lead m g f diff) => [c v] /= le; apply: le_trans le; rewrite /overtaken.
case: ifP => [/positive_at ps|_]; first by rewrite qval0 mulr0 oppr0.
have inv : qval (inverse e) = (qval e)^-1 by apply: qval_inverse; rewrite (qval_lt F) qval0.
rewrite qval_sub qval_mul inv; set y := qval (if _ then _ else _).
have y0 : 0 <= y /\ - qval c <= y.
  rewrite /y; case: ifP => [|/negbT]; rewrite (qval_le F) qval0.
    by rewrite oppr_le0.
  by rewrite -ltNge qval_opp oppr_ge0 => /ltW.
have le1 : y <= z 0%N * (y / qval e).
  rewrite mulrCA -[X in X <= _]mulr1; apply: le_mul2l; first by case: y0.
  by rewrite le_div // mul1r.
rewrite mulrBr opprB addrC [z 0%N * qval v]mulrC le_plus2r opp_le.
by apply: le_trans le1; case: y0.
Qed.

Variables (s : state m) (t : seq (seq (seq Q))).
Notation q i x := (row_val (row t i x) V).

Lemma gainedP (a : joint) (i : agent (sizes m)) w : gained m g e f t (code a) i = Some w ->
  0 <= qval w /\ forall x : action i, q i x - q i (a i) <= z 0%N * qval w.
Proof.
rewrite /gained nth_code; set b := nat_of_ord (a i).
suff gen l : foldr (fun x acc => if x == b then acc else if acc is Some w then
      if flat m (minus (row t i b) (row t i x)) then
        Some (if qle w (overtaken g e (lead m g f (minus (row t i b) (row t i x))))
              then overtaken g e (lead m g f (minus (row t i b) (row t i x))) else w) else None
      else None) (Some q0) l = Some w ->
    0 <= qval w /\ forall x, x \in l -> x != b -> q i x - q i b <= z 0%N * qval w.
  move=> /gen [w0 h]; split=> // x; have [xb|xb] := eqVneq (x : nat) b.
    by rewrite xb subrr mulr_ge0.
  by apply: h => //; rewrite mem_iota /= add0n ltn_ord.
elim: l w => [|x l IH] w /=; first by case=> <-; rewrite qval0; split.
case: eqP => [xb|/eqP xb] h.
  have [w0 h'] := IH w h; split=> // y; rewrite inE => /orP [/eqP ->|yl]; last exact: h'.
  by rewrite xb eqxx.
case E: (foldr _ _ _) h => [w1|//]; have [w10 h1] := IH w1 E.
case: ifP => // fl [<-]; have := overtakenP fl; rewrite row_val_minus.
move: (overtaken _ _ _) => w2 le2.
have [m1 m2] : qval w1 <= qval (if qle w1 w2 then w2 else w1) /\ qval w2 <= qval (if qle w1 w2 then w2 else w1).
  case: ifP => [|/negbT]; rewrite (qval_le F); first by move=> ->.
  by rewrite -ltNge => /ltW ->.
split; first exact: le_trans m1.
move=> y; rewrite inE => /orP [/eqP ->|yl] yb.
  apply: (@le_trans _ _ (z 0%N * qval w2)); last exact: le_mul2l.
  by rewrite -opprB opp_le.
by apply: le_trans (h1 y yl yb) _; apply: le_mul2l.
Qed.

Lemma swell_atP (a b : joint) (V' : F) o' cs' e' : swell_at m g e f t (code a) = Some (o', cs', e') ->
  greedy (fun (i : agent (sizes m)) (x : action i) => q i x) b ->
  V' = \sum_(i : agent (sizes m)) q i (b i) ->
  [/\ size cs' = size (columns f), 0 <= qval e'
    & `|V' - (qval o' + \sum_(k < size (columns f)) z k * qval (at_ cs' k) + gamma F m * lam)| <= z 0%N * qval e'].
Proof.
rewrite /swell_at; set r := total_row m t _; set es := tab _ _.
case: ifP => // /and3P [_ /all_nthP some sum] [<- <- <-] gr VE.
have {}some (i : agent (sizes m)) : exists2 w, gained m g e f t (code a) i = Some w & odflt q0 (nth None es i) = w.
  have := some None i; rewrite size_map size_iota ltn_ord => /(_ isT).
  rewrite /es nth_tab //; case: gained => // w _; by exists w.
have ex0 (i : agent (sizes m)) : 0 <= qval (odflt q0 (nth None es i)).
  by have [w E ->] := some i; have [] := gainedP E.
split; first by rewrite size_map.
  by rewrite qval_add qval_sum addr_ge0 ?swell_blur_ge0 // sumr_ge0.
have rE : row_val r V = \sum_(i : agent (sizes m)) q i (a i).
  have entryE k : (k < S.+1)%N -> qval (at_ r k) = \sum_(i : agent (sizes m)) qval (at_ (row t i (a i)) k).
    by move=> _; rewrite /r total_row_at; apply: eq_bigr => i _; rewrite nth_code.
  rewrite /row_val entryE //.
  under [X in _ + X = _]eq_bigr => s' _ do rewrite entryE ?ltnS // mulr_suml.
  by rewrite exchange_big -big_split.
have c := carried r nr.
have sumE : qval (qsum S (fun k => at_ r k.+1)) = gamma F m by move: sum; rewrite (qval_eq F) => /eqP.
rewrite sumE in c.
have formE : form_at (size (columns f)) (eval S r (origin f)) [seq linear m r c | c <- columns f] z =
  qval (eval S r (origin f)) + \sum_(k < size (columns f)) z k * qval (at_ [seq linear m r c | c <- columns f] k).
  by congr (_ + _); apply: eq_bigr => k _; rewrite mulrC.
rewrite formE [lam * _]mulrC in c.
set U := _ + gamma F m * lam in c *.
have E3 (x1 x2 x3 : F) : x1 - x2 = (x3 - x2) + (x1 - x3) by ring.
rewrite (E3 V' U (row_val r V)) qval_add mulrDr; apply: norm_add => //.
rewrite VE rE -sumrB ger0_norm; last by apply: sumr_ge0 => i _; rewrite subr_ge0; apply: gr.
rewrite qval_sum mulr_sumr; apply: ler_sum => i _.
by have [w E ->] := some i; have [_ /(_ (b i))] := gainedP E.
Qed.
End Step.

Section Rounded.
Variables (g : region) (e : Q) (u : BinNums.positive) (f : frame) (z : nat -> F) (lam : F) (V : state m -> F).
Hypothesis wd : wide F g.
Hypothesis sc : forall k, (k < size (columns f))%N -> (0 < k)%N -> scaled g k.
Hypothesis e0 : 0 < qval e.
Hypothesis n0 : (0 < size (columns f))%N.
Hypothesis ze : qval e <= z 0%N.
Hypothesis bs : bounds g (size (columns f)) z.
Hypothesis err0 : forall s, 0 <= vec (errors f) s.
Hypothesis nr : near f z (z 0%N) lam V.

Lemma loosenedP : let f' := loosened m u e (widths g) f in
  [/\ size (columns f') = size (columns f), forall s, 0 <= vec (errors f') s & near f' z (z 0%N) lam V].
Proof.
move: sc n0 bs; rewrite /loosened; cbv zeta; set n := size (columns f) => sc' n1 bs'; set w := spread u e n (widths g).
have z0 : 0 <= z 0%N by apply: le_trans (ltW e0) ze.
pose h := qval (step u) / 2%:R; have h0 : 0 <= h by rewrite divr_ge0 ?step_ge0 ?ler0n.
pose B := \sum_(k < n) qval (at_ (widths g) k).
have inv : qval (inverse e) = (qval e)^-1 by apply: qval_inverse; rewrite (qval_lt F) qval0.
have wE : (B + (1 + (qval e)^-1)) * h <= qval w.
  rewrite /w /spread qval_mul.
  have := qaboveP F 1 (qmul (Qmake 1 2) (qadd (qsum n (at_ (widths g))) (qadd q1 (inverse e)))).
  rewrite qval_mul qval_add qval_sum qval_add qval1 inv -/B /h.
  move: (qval (qabove _ _)) (step_ge0 F u) (B + _) => y st x.
  have -> : qval (Qmake 1 2) = 1 / 2%:R.
    by rewrite /Rationals.qval /= (_ : zval F (Zpos 2) = 2%:R) // (_ : Zpos 2 = Z.add (Zpos 1) (Zpos 1)) // zvalD (_ : zval F (Zpos 1) = 1).
  move=> le; apply: le_trans (le_mul2r st le).
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; field.
have e1 : 0 <= (qval e)^-1 by rewrite invr_ge0 ltW.
have B0 : 0 <= B by apply: sumr_ge0 => k _; apply: wd.
have w0 : 0 <= qval w.
  by apply: le_trans wE; apply: mulr_ge0 => //; apply: addr_ge0 => //; apply: addr_ge0 => //; apply: ler01.
have errE (s : state m) : vec (errors f) s + qval w <=
    vec (tab S (fun s => qadd (qabove u (at_ (errors f) s)) w)) s.
  by rewrite /Tables.vec [X in _ <= qval X]nth_tab // qval_add le_plus2r; apply: qaboveP.
split=> [|s|s]; first by rewrite size_map.
  by apply: le_trans (errE s); apply: addr_ge0.
rewrite /= size_map; pose col (k : 'I_n) := nth [::] (columns f) k.
pose sum := \sum_(k < n) z k * (vec (col k) s - qval (qnear u (at_ (col k) s))).
pose off := vec (origin f) s - qval (qnear u (at_ (origin f) s)).
have -> : V s - (vec (tab S (fun s => qnear u (at_ (origin f) s))) s + \sum_(k < n) z k * vec (nth [::]
    [seq tab S (fun s => qnear u (at_ c s)) | c <- columns f] k) s + lam) =
    V s - (vec (origin f) s + \sum_(k < n) z k * vec (col k) s + lam) + (off + sum).
  have -> : \sum_(k < n) z k * vec (nth [::] [seq tab S (fun s => qnear u (at_ c s)) | c <- columns f] k) s =
      \sum_(k < n) z k * vec (col k) s - sum.
    rewrite /sum -sumrB; apply: eq_bigr => k _; rewrite (nth_map [::]) // /Tables.vec /at_ nth_tab //.
    by rewrite mulrBr opprB addrC subrK.
  have -> : vec (tab S (fun s => qnear u (at_ (origin f) s))) s = vec (origin f) s - off.
    by rewrite /off opprB addrC subrK /Tables.vec [at_ (tab _ _) s]nth_tab.
  by move: (\sum_(k < n) z k * vec (col k) s) sum off (vec (origin f) s) => x1 x2 x3 x4; ring.
apply: le_trans (le_mul2l z0 (errE s)); rewrite mulrDr; apply: norm_add; first exact: nr.
apply: le_trans (le_mul2l z0 wE).
have -> : z 0%N * ((B + (1 + (qval e)^-1)) * h) = z 0%N * (qval e)^-1 * h + (z 0%N + B * z 0%N) * h by ring.
apply: norm_add.
  apply: le_trans (qnearP F u (at_ (origin f) s)) _; rewrite -/h -[X in X <= _]mul1r.
  by apply: le_mul2r => //; rewrite le_div // mul1r.
apply: le_trans (ler_norm_sum _ _ _) _.
apply: (@le_trans _ _ ((\sum_(k < n) `|z k|) * h)).
  rewrite mulr_suml; apply: ler_sum => k _; rewrite normrM; apply: le_mul2l => //; exact: qnearP.
apply: le_mul2r => //; rewrite (bigD1 (Ordinal n1)) //= (ger0_norm z0) le_plus2l.
rewrite /B mulr_suml [X in _ <= X](bigD1 (Ordinal n1)) //= -[X in X <= _]add0r; apply: le_sum2.
  by apply: mulr_ge0 => //; apply: (wd 0%N).
apply: ler_sum => k k0; have kp : (0 < k)%N.
  by rewrite lt0n; apply: contra k0 => /eqP k0; apply/eqP/val_inj.
by have := bs' k (ltn_ord k) kp; rewrite sc'.
Qed.
End Rounded.

Section Run.
Variables (d : data) (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis ok : check_model m.
Hypothesis fx : ~~ moving d.
Hypothesis run : positions d V pi.
Variables (g : region) (e : Q) (u : BinNums.positive) (z : nat -> F) (n : nat) (g0 : seq (seq nat)).
Hypothesis kd : kind g = Growing e.
Hypothesis wd : wide F g.
Hypothesis sc : forall k, (k < n)%N -> (0 < k)%N -> scaled g k.
Hypothesis e0 : 0 < qval e.
Hypothesis n0 : (0 < n)%N.
Hypothesis ze : qval e <= z 0%N.
Hypothesis bs : bounds g n z.

Lemma swellP f lam t mode f' : size (columns f) = n -> (forall s, 0 <= vec (errors f) s) ->
  near f z (z 0%N) lam (V t) -> swell m g e f (fits m d g0) mode = Some f' ->
  [/\ size (columns f') = n, forall s, 0 <= vec (errors f') s & near f' z (z 0%N) (gamma F m * lam) (V t.+1)].
Proof.
move=> sz err0 nr; rewrite /swell; set found := tab _ _.
case: ifP => // /all_nthP some [<-].
have size_found : size found = S by rewrite size_map size_iota.
have ex (s : state m) : exists x, nth None found s = Some x.
  by have := some None s; rewrite size_found ltn_ord => /(_ isT); case: nth => // x _; exists x.
have atE T (h : Q * seq Q * Q -> T) x0 (s : state m) x : nth None found s = Some x ->
    nth x0 [seq h y | y <- [seq odflt (q0, [::], q0) y | y <- found]] s = h x.
  by move=> fs; rewrite -map_comp (nth_map None) ?size_found //= fs.
have tE (s : state m) : nth [::] (fits m d g0) s = fit_at m d s [::].
  by rewrite /fits (negbTE fx) (@nth_tab _ _ _ _ _ (ltn_ord s)).
have step (s : state m) x : nth None found s = Some x ->
    [/\ size x.1.2 = size (columns f), 0 <= qval x.2
      & `|V t.+1 s - (qval x.1.1 + \sum_(k < size (columns f)) z k * qval (at_ x.1.2 k)
                     + gamma F m * lam)| <= z 0%N * qval x.2].
  rewrite /found nth_tab // tE => ph.
  have [a aE] : exists a : joint, code a = nth [::] mode s.
    by apply: code_onto; move: ph; rewrite /swell_at; case: ifP => // /and3P [].
  have [[gr _] Vs] := run t s; rewrite credits_fixed // in gr Vs.
  case: x ph => [[o' cs'] e'] ph; rewrite -aE in ph.
  have gr' : greedy (fun (i : agent (sizes m)) (x : action i) =>
      row_val (row (fit_at m d s [::]) i x) (V t)) (pi t.+1 s).
    by move=> i x; have := gr i x; rewrite !(creditsE ok).
  have VE : V t.+1 s = \sum_(i : agent (sizes m)) row_val (row (fit_at m d s [::]) i (pi t.+1 s i)) (V t).
    by rewrite Vs; apply: eq_bigr => i _; rewrite (creditsE ok).
  apply: (swell_atP kd e0 _ ze _ err0 nr ph gr' VE); by rewrite sz.
split=> [|s|s] /=.
- by rewrite size_map size_iota.
- have [x xE] := ex s; rewrite /Tables.vec /at_ /= (atE _ (fun y => y.2) q0 s x xE).
  by have [] := step s x xE.
have [x xE] := ex s; have [_ _ le] := step s x xE; move: le.
rewrite /Tables.vec /at_ /= (atE _ (fun y => y.2) q0 s x xE) (atE _ (fun y => y.1.1) q0 s x xE).
congr (`|_ - (_ + _ + _)| <= _); rewrite size_map size_iota; apply: eq_bigr => k _.
by rewrite nth_tab // (atE _ (fun y => at_ y.1.2 k) q0 s x xE).
Qed.

Lemma stretchP modes f lam t f' : size (columns f) = n -> (forall s, 0 <= vec (errors f) s) ->
  near f z (z 0%N) lam (V t) -> stretch m g e u (fits m d g0) f modes = Some f' ->
  [/\ size (columns f') = n, forall s, 0 <= vec (errors f') s
    & near f' z (z 0%N) (gamma F m ^+ size modes * lam) (V (t + size modes)%N)].
Proof.
elim: modes f lam t => [|mode modes IH] f lam t sz err0 nr /=.
  by case=> <-; rewrite expr0 mul1r addn0.
case E: swell => [f1|//] h; have [sz1 err1 nr1] := swellP sz err0 nr E.
have sc1 k : (k < size (columns f1))%N -> (0 < k)%N -> scaled g k by rewrite sz1; apply: sc.
have n1 : (0 < size (columns f1))%N by rewrite sz1.
have bs1 : bounds g (size (columns f1)) z by rewrite sz1.
have [sz2 err2 nr2] := loosenedP u wd sc1 e0 n1 ze bs1 err1 nr1; rewrite sz1 in sz2; have := IH _ _ _ sz2 err2 nr2 h.
by rewrite exprSr -mulrA addnS -addSn.
Qed.
End Run.

Section Rounds.
Variables (d : data) (p : proof) (v0 : seq Q) (g0 : seq (seq nat)) (rate e : Q) (u : BinNums.positive) (f : frame).
Notation n := (size (directions p)).
Notation T := (prefix p).
Notation mm := (size (modes p)).
Notation L k := (nth [::] (dual p) k).
Notation b k := (qval (at_ (widths (place p)) k)).
Hypothesis ok : check_model m.
Hypothesis fx : ~~ moving d.
Hypothesis kd : kind (place p) = Growing e.
Hypothesis dl : check_dual m p.
Hypothesis cp : complete m p.
Hypothesis n0 : (0 < n)%N.
Hypothesis wd : wide F (place p).
Hypothesis sc : forall k, (k < n)%N -> (0 < k)%N -> scaled (place p) k.
Hypothesis e0 : 0 < qval e.
Hypothesis rate1 : 1 < qval rate.
Hypothesis beg : begins m d p e u v0 g0.
Hypothesis st : stretch m (place p) e u (fits m d g0) (start m p) (modes p) = Some f.
Hypothesis ret : returns_swollen m p rate f.
Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis run : starts d v0 g0 V pi.

Lemma dual_zero k : (k < n)%N -> \sum_(s : state m) qval (at_ (L k) s) = 0.
Proof.
move=> kn; move/everyP: dl => /(_ k kn) /andP [+ _].
by rewrite (qval_eq F) qval_sum qval0 => /eqP.
Qed.

(* coordinates of a position of a frame *)
Lemma zed_frame f1 z mu lam (U : state m -> F) k : size (columns f1) = n -> 0 <= mu -> near f1 z mu lam U -> (k < n)%N ->
  `|zed p U k - form_at n (q_at m p f1 k) (Zrow m p f1 k) z| <= mu * qval (slack m p f1 k).
Proof.
move=> sz mu0 nr kn.
pose R s := U s - (vec (origin f1) s + \sum_(l < n) z l * vec (nth [::] (columns f1) l) s + lam).
have UE s : U s = vec (origin f1) s + \sum_(l < n) z l * vec (nth [::] (columns f1) l) s + lam + R s.
  by rewrite /R addrC subrK.
have -> : zed p U k = form_at n (q_at m p f1 k) (Zrow m p f1 k) z + \sum_(s : state m) qval (at_ (L k) s) * R s.
  rewrite /form_at /q_at coordinateE.
  rewrite (eq_bigr (fun l : 'I_n => \sum_(s : state m)
    qval (at_ (L k) s) * (z l * vec (nth [::] (columns f1) l) s))); last first.
    move=> l _; rewrite /Zrow [at_ _ _]nth_tab // coordinateE mulr_suml.
    by apply: eq_bigr => s _; rewrite -mulrA; congr (_ * _); rewrite mulrC.
  rewrite exchange_big -[LHS]subr0 -[X in _ - X](mulr0 lam) -[X in lam * X](dual_zero kn) mulr_sumr -sumrB.
  rewrite -!big_split; apply: eq_bigr => s _ /=.
  rewrite UE qval_sub -mulr_sumr /Tables.vec; move: (R s) (\sum_(l < n) _) => x1 x2; ring.
rewrite addrC addKr /slack qval_sum mulr_sumr.
apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _.
rewrite normrM qval_mul qval_abs mulrCA; apply: le_mul2l => //.
by have := nr s; rewrite sz.
Qed.

Definition swollen (z : nat -> F) := qval e <= z 0%N /\ bounds (place p) n z.

Lemma swollen_start : swollen (zed p (V T)).
Proof.
have [V0 _ pos] := run; have close := approachP ok fx pos u g0 T V0.
move: beg close; rewrite /begins; set ve := approach _ _ _ _ _; set far := slack _ _ _.
cbv zeta => /andP [be /everyP bb] close.
have zE k : (k < n)%N -> `|zed p (V T) k - qval (coordinate m p k (offset p ve.1))| <= qval (far k).
  move=> kn; rewrite coordinateE /zed -sumrB /far /slack qval_sum.
  apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _.
  rewrite -mulrBr normrM qval_mul qval_abs; apply: le_mul2l => //.
  rewrite qval_sub (_ : _ - _ = V T s - vec ve.1 s); first exact: close.
  by rewrite /Tables.vec; ring.
have low : qval (qsub (coordinate m p 0 (offset p ve.1)) (far 0%N)) <= zed p (V T) 0.
  by rewrite qval_sub; apply: near_ge; apply: zE.
split; first by apply: le_trans low; move: be; rewrite (qval_le F).
move=> k kn kp; rewrite sc //; have := bb k kn; rewrite (gtn_eqF kp) /= (qval_le F) qval_add qval_abs qval_mul => le.
apply: le_trans (le_mul2l (wd k) low); apply: le_trans le.
by rewrite -[zed _ _ _](subrK (qval (coordinate m p k (offset p ve.1)))) addrC; apply: norm_add => //; apply: zE.
Qed.

Lemma swollen_next t : swollen (zed p (V t)) -> swollen (zed p (V (t + mm)%N)) /\
  qval rate * zed p (V t) 0 <= zed p (V (t + mm)%N) 0.
Proof.
move=> [ze bs]; set z := zed p (V t) in ze bs *; set z' := zed p (V (t + mm)%N).
have [_ _ pos] := run; have z0 : 0 <= z 0%N by apply: le_trans (ltW e0) ze.
have [lam nr] := complete_near (V t) cp.
have err0 (s : state m) : vec (errors (start m p)) s = 0.
  by rewrite /Tables.vec /at_ nth_nseq ltn_ord qval0.
have nr' : near (start m p) z (z 0%N) lam (V t) by move=> s; have := nr s; rewrite !err0 !mulr0.
have err0' (s : state m) : 0 <= vec (errors (start m p)) s by rewrite err0.
have [szf errf nrf] := stretchP ok fx pos kd wd sc e0 n0 ze bs (erefl : size (columns (start m p)) = n) err0' nr' st.
have zE k (kn : (k < n)%N) := zed_frame szf z0 nrf kn; rewrite -/z' in zE.
have kd' : kind (place p) <> Bounded by rewrite kd.
pose fm k := form_at n (q_at m p f k) (Zrow m p f k) z.
have low k : (k < n)%N -> fm k - z 0%N * qval (slack m p f k) <= z' k by move=> kn; apply: near_ge; apply: zE.
case/andP: ret => gr /everyP back.
have grows_ : qval rate * z 0%N <= z' 0%N.
  apply: le_trans (low 0%N n0); have := line_ge (q_at m p f 0) (Zrow m p f 0) kd' n0 bs.
  have := positive_at kd ze gr; rewrite !qval_sub -/(fm 0%N).
  move: (fm 0%N) (qval (line _ _ _ _).1) (qval (line _ _ _ _).2) (qval (slack _ _ _ _)) => x c v w h1 h2.
  rewrite -subr_ge0 (_ : _ - _ = (x - (c + v * z 0%N)) + (c + (v - w - qval rate) * z 0%N)); last by ring.
  by rewrite addr_ge0 ?subr_ge0.
have ge1 : z 0%N <= z' 0%N by apply: le_trans grows_; apply: le_scale => //; apply: ltW.
split=> //; split; first exact: le_trans ge1.
move=> k kn kp; rewrite sc //; have := back k kn; rewrite (gtn_eqF kp) /=.
have side sign : `|qval sign| = 1 -> positive (place p) false
    ((line (place p) n (qadd (qmul (at_ (widths (place p)) k) (q_at m p f 0)) (qmul sign (q_at m p f k)))
      (mix p (at_ (widths (place p)) k) (Zrow m p f 0) sign (Zrow m p f k))).1,
     qsub (line (place p) n (qadd (qmul (at_ (widths (place p)) k) (q_at m p f 0)) (qmul sign (q_at m p f k)))
      (mix p (at_ (widths (place p)) k) (Zrow m p f 0) sign (Zrow m p f k))).2
      (qadd (qmul (at_ (widths (place p)) k) (slack m p f 0)) (slack m p f k))) ->
    0 <= b k * z' 0%N + qval sign * z' k.
  move=> one ps; have := line_ge (qadd (qmul (at_ (widths (place p)) k) (q_at m p f 0)) (qmul sign (q_at m p f k)))
    (mix p (at_ (widths (place p)) k) (Zrow m p f 0) sign (Zrow m p f k)) kd' n0 bs.
  have := positive_at kd ze ps; rewrite form_mix -/(fm 0%N) -/(fm k) qval_sub qval_add qval_mul.
  have l0 : b k * (fm 0%N - z 0%N * qval (slack m p f 0)) <= b k * z' 0%N by apply: le_mul2l; [apply: wd|apply: low].
  have lk : qval sign * fm k - z 0%N * qval (slack m p f k) <= qval sign * z' k.
    by apply: near_ge; rewrite -mulrBr normrM one mul1r; apply: zE.
  move: l0 lk; move: (fm 0%N) (fm k) (qval (line _ _ _ _).1) (qval (line _ _ _ _).2) (qval (slack m p f 0))
    (qval (slack m p f k)) => x y c v w0 w l0 lk h1 h2.
  apply: (@le_trans _ _ (b k * (x - z 0%N * w0) + (qval sign * y - z 0%N * w))); last exact: le_sum2.
  rewrite (_ : _ + _ = (b k * x + qval sign * y - (c + v * z 0%N)) + (c + (v - (b k * w0 + w)) * z 0%N)); last by ring.
  by rewrite addr_ge0 ?subr_ge0.
case/andP => pl mi; have := side q1 _ pl; have := side (qopp q1) _ mi.
rewrite qval_opp !qval1 normrN normr1 mul1r mulN1r subr_ge0 => /(_ erefl) h1 /(_ erefl) h2.
by apply: norm_le => //; rewrite -subr_ge0 opprK.
Qed.

Notation now q := (zed p (V (T + mm * q)%N)).

Lemma swelling q : qval e <= now q 0 /\ qval rate * now q 0 <= now q.+1 0.
Proof.
have tE i : (T + mm * i.+1 = T + mm * i + mm)%N by rewrite mulnS addnCA addnC.
have ws i : swollen (zed p (V (T + mm * i)%N)).
  elim: i => [|i IH]; first by rewrite muln0 addn0; apply: swollen_start.
  by rewrite tE; have [] := swollen_next IH.
by split; [have [] := ws q|rewrite tE; have [] := swollen_next (ws q)].
Qed.

Lemma swells_unbounded M : exists t s, M < `|V t s|.
Proof.
pose c := (qval rate - 1) * qval e.
have c0 : 0 < c by rewrite mulr_gt0 ?subr_gt0.
have grown q : q%:R * c <= now q 0.
  elim: q => [|q IH]; first by rewrite mul0r; apply: le_trans (ltW e0) (swelling 0).1.
  rewrite -addn1 natrD mulrDl mul1r addn1; apply: (@le_trans _ _ (now q 0 + c)); first exact: le_sum2.
  have [above] := swelling q; rewrite /c.
  apply: le_trans; rewrite -subr_ge0 (_ : _ - _ = (qval rate - 1) * (now q 0 - qval e)); last by ring.
  by rewrite mulr_ge0 ?subr_ge0 // ltW.
pose B := \sum_(s : state m) `|qval (at_ (L 0) s)| * (`|M| + `|vec (center p) s|).
have [q lt] := multiples_exceed B c0; exists (T + mm * q)%N.
have [/existsP [s ls]|] := boolP [exists s, `|M| < `|V (T + mm * q)%N s|].
  by exists s; apply: le_lt_trans ls; apply: ler_norm.
rewrite negb_exists => /forallP no; suff : B < B by rewrite ltxx.
apply: (lt_le_trans lt); apply: le_trans (grown q) _; apply: ler_sum => s _.
apply: le_trans (ler_norm _) _; rewrite normrM; apply: le_mul2l => //.
by apply: norm_sub => //; rewrite leNgt.
Qed.

Lemma swells_shift (U : state m -> F) (x : F) : zed p (fun s : state m => U s + x) 0 = zed p U 0.
Proof.
rewrite /zed (eq_bigr (fun s : state m => qval (at_ (L 0) s) * (U s - vec (center p) s)
    + qval (at_ (L 0) s) * x)); last by move=> s _; rewrite -mulrDr addrAC.
by rewrite big_split /= -mulr_suml dual_zero // mul0r addr0.
Qed.
End Rounds.

(* what is checked of positions: the functional zed and its growth *)
Lemma swells_sound d v0 g0 p rate : check_swells m d v0 g0 p rate ->
  forall (V : nat -> state m -> F) pi, starts d v0 g0 V pi ->
  [/\ forall U (x : F), zed p (fun s : state m => U s + x) 0 = zed p U 0,
      0 < zed p (V (prefix p)) 0,
      forall q, qval rate * zed p (V (prefix p + size (modes p) * q)%N) 0 <=
        zed p (V (prefix p + size (modes p) * q.+1)%N) 0
    & forall M, exists t s, M < `|V t s|].
Proof.
rewrite /check_swells; case kd: (kind (place p)) => [|e|] //; case: (grain _) => [u|] //.
case/andP => /andP [/and5P [ok S0 fx m0 /(wideP F) wd] /and5P [dl cp n0 _ _]] /and5P [/everyP sc e0 rate1 beg].
case st: stretch => [f|//] ret V pi run.
have sc' k : (k < size (directions p))%N -> (0 < k)%N -> scaled (place p) k.
  by move=> kn kp; have := sc k kn; rewrite (gtn_eqF kp).
have e0' : 0 < qval e by rewrite -(qval0 F) -qval_lt.
have r1 : 1 < qval rate by rewrite -(qval1 F) -qval_lt.
have sw := swelling ok fx kd dl cp n0 wd sc' e0' r1 beg st ret run.
split=> [U x||q|]; first exact: (swells_shift dl n0).
- by apply: lt_le_trans e0' _; have [] := sw 0%N; rewrite muln0 addn0.
- by have [] := sw q.
exact: (swells_unbounded ok fx kd dl cp n0 wd sc' e0' r1 beg st ret run).
Qed.
End Correct.
