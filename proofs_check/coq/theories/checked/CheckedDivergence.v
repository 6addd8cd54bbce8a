(* The certificate kind `region` with geometric or linear growth, checked inside Coq: a
   run of linear FQI, on fixed data or under epsilon-greedy data, is unbounded.

   Where check_divergence computes to true on the numbers of a certificate, the theorem
   holds of the model, the data and the run that these describe (Tables.v, Regions.v),
   in every archimedean ordered field.

                           nonneg p level form == level + sum_k form_k z_k >= 0 on the
                                                  region
                                 less p form x == the form with x less at z_0
                       mix p b form sign form' == b form + sign form'
                               in_region p e z == z is in the growing region with end e
                    grows m p geometric rate f == z_0 becomes at least rate z_0, or z_0
                                                  + rate
                            comes_back m p f k == coordinate k comes back to the region
       check_growth m d v0 g0 p geometric rate == the check of positions
   check_divergence m d v0 g0 p geometric rate == it, and that of the data
                           within m d p V pi t == the run is in the region at t

   growing           the region is entered, left by no round, and z_0 grows in each
   no_bound          so the values are unbounded
   growth_sound      both, of checked positions
   divergence_sound  accepted claims are true of every run from the start, and there is
                     one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions RunsExist.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is checked *)
Section Compute.
Variables (m : model) (p : proof).
Notation n := (size (directions p)).

(* level + sum_k form_k z_k >= 0 on the whole region *)
Definition nonneg (level : Q) (form : seq Q) : bool :=
  let cv := line (place p) n level form in positive (place p) false (qjoin cv.1 (qopp q0), cv.2).
(* x of z_0 less; b times the form and another one more, or less *)
Definition less (form : seq Q) (x : Q) : seq Q :=
  tab n (fun k => if k is 0%N then qsub (at_ form 0) x else at_ form k).
Definition mix (b : Q) (form : seq Q) (sign : Q) (form' : seq Q) : seq Q :=
  tab n (fun k => qadd (qmul b (at_ form k)) (qmul sign (at_ form' k))).

Definition in_region (e : Q) (z : seq Q) : bool :=
  qle e (at_ z 0) && every n (fun k => (k == 0%N) ||
    qle (qabs (at_ z k)) (qmul (at_ (widths (place p)) k) (if scaled (place p) k then at_ z 0 else q1))).

(* z_0 becomes at least rate z_0, or z_0 + rate *)
Definition grows (geometric : bool) (rate : Q) (f : frame) : bool :=
  if geometric then nonneg (q_at m p f 0) (less (Zrow m p f 0) rate)
  else nonneg (qsub (q_at m p f 0) rate) (less (Zrow m p f 0) q1).

(* the other coordinates come back to the region *)
Definition comes_back (f : frame) (k : nat) : bool :=
  let b := at_ (widths (place p)) k in
  let z := Zrow m p f k in
  if scaled (place p) k then
    let both sign := nonneg (qadd (qmul b (q_at m p f 0)) (qmul sign (q_at m p f k)))
                            (mix b (Zrow m p f 0) sign z) in
    both q1 && both (qopp q1)
  else
    every n (fun l => if (l == 0%N) || scaled (place p) l then qeq (at_ z l) q0 else true) &&
    qle (qadd (qabs (q_at m p f k)) (qsum n (fun l =>
      if (l == 0%N) || scaled (place p) l then q0
      else qmul (qabs (at_ z l)) (at_ (widths (place p)) l)))) b.
End Compute.

(* of positions, whatever the fits of d are fits to *)
Definition check_growth (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof)
    (geometric : bool) (rate : Q) : bool :=
  if kind (place p) is Growing e then
    [&& (0 < size (directions p))%N, qeq (at_ (widths (place p)) 0) q0,
        ~~ nth true (fixed (place p)) 0, qlt q0 e & qlt (if geometric then q1 else q0) rate] &&
    if prepare m d p v0 g0 is Some (v, found) then
      let f := (nth (start m p, entered p) found (size (modes p))).1 in
      [&& in_span m p (offset p v), in_region p e (places m p v), exact m f, check_return m p f
        & grows m p geometric rate f]
      && every (size (directions p)) (fun k => (k == 0%N) || comes_back m p f k)
    else false
  else false.

Definition check_divergence (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof)
    (geometric : bool) (rate : Q) : bool :=
  check_data m d && check_growth m d v0 g0 p geometric rate.

(* ------------------------------------------------------------------------- the theorem *)
Section Divergence.
Variables (F : archiFieldType) (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)).
Variables (p : proof) (geometric : bool) (rate : Q).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation n := (size (directions p)).
Notation T := (prefix p).
Notation steps := (size (modes p)).

Lemma nonnegP (z : nat -> F) level form : wide F (place p) -> inside (place p) n 1 z ->
  nonneg p level form ->
  0 <= form_at n level form z.
Proof.
move=> wd ins nn; have := positiveP wd ler01 (lexx 1) (_ : 0 <= qval q0) ins nn.
by rewrite qval0 mulr0 subr0 lexx; apply.
Qed.

Lemma at_less form x k : (k < n)%N ->
  qval (at_ (less p form x) k) = qval (at_ form k) - (if k == 0%N then qval x else 0).
Proof.
by move=> kn; rewrite /less [at_ _ k]nth_tab //; case: k kn => [|k] _; rewrite ?qval_sub ?subr0.
Qed.

Lemma form_less level form x (z : nat -> F) : (0 < n)%N ->
  form_at n level (less p form x) z = form_at n level form z - qval x * z 0%N.
Proof.
move=> n0; rewrite /form_at -addrA; congr (_ + _).
under eq_bigr => k _ do rewrite at_less // mulrBl.
rewrite sumrB; congr (_ - _); rewrite (bigD1 (Ordinal n0)) //= big1 ?addr0 // => k k0.
rewrite (_ : (k : nat) == 0%N = false) ?mul0r //.
by apply/negbTE; apply: contra k0 => /eqP k0; apply/eqP/val_inj.
Qed.

Lemma form_mix b sign c c' form form' (z : nat -> F) :
  form_at n (qadd (qmul b c) (qmul sign c')) (mix p b form sign form') z =
  qval b * form_at n c form z + qval sign * form_at n c' form' z.
Proof.
rewrite /form_at qval_add !qval_mul !mulrDr addrACA; congr (_ + _).
rewrite !mulr_sumr -big_split; apply: eq_bigr => k _ /=.
by rewrite /mix [at_ (tab _ _) k]nth_tab // qval_add !qval_mul mulrDl !mulrA.
Qed.

Section Step.
Variables (e : Q) (f : frame) (z z' : nat -> F).
Hypothesis kd : kind (place p) = Growing e.
Hypothesis wd : wide F (place p).
Hypothesis e0 : 0 < qval e.
Hypothesis ins : inside (place p) n 1 z.
Hypothesis zE : forall k, (k < n)%N -> z' k = form_at n (q_at m p f k) (Zrow m p f k) z.

Lemma inside_growing : [/\ (0 < n)%N, qval e <= z 0%N & bounds (place p) n z].
Proof. by move: ins; rewrite /inside kd. Qed.

Lemma growsP : grows m p geometric rate f ->
  if geometric then qval rate * z 0%N <= z' 0%N else z 0%N + qval rate <= z' 0%N.
Proof.
have [n0 _ _] := inside_growing; rewrite /grows zE //; case: geometric => gr.
  by have := nonnegP wd ins gr; rewrite form_less // subr_ge0.
have := nonnegP wd ins gr; rewrite form_less // qval1 mul1r /form_at qval_sub.
move: (\sum_(k < n) _) => x h; rewrite -subr_ge0.
by rewrite (_ : _ - _ = qval (q_at m p f 0) - qval rate + x - z 0%N) //; ring.
Qed.

Lemma comes_backP k : (k < n)%N -> (0 < k)%N -> comes_back m p f k ->
  `|z' k| <= qval (at_ (widths (place p)) k) * (if scaled (place p) k then z' 0%N else 1).
Proof.
have [n0 ge bs] := inside_growing; move=> kn k0; rewrite /comes_back; cbv zeta.
have := zE; move: (q_at m p f) (Zrow m p f) => q Z E.
case sc: (scaled _ _).
  case/andP => pl mi; have := nonnegP wd ins pl; have := nonnegP wd ins mi.
  rewrite !form_mix -!E // qval_opp qval1.
  rewrite mulN1r mul1r subr_ge0 => le1 le2; apply: norm_le => //.
  by rewrite -subr_ge0 opprK.
case/andP => /everyP zero.
rewrite (qval_le F) qval_add qval_abs qval_sum mulr1; apply: le_trans; rewrite E // /form_at.
apply: norm_add => //; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => l _.
have := zero l (ltn_ord l); case: ifP => [_|/negbT].
  by rewrite (qval_eq F) qval0 => /eqP ->; rewrite mul0r normr0.
rewrite negb_or -lt0n => /andP [l0 /negbTE nsc] _; rewrite normrM qval_mul qval_abs.
by apply: le_mul2l => //; have := bs l (ltn_ord l) l0; rewrite nsc mulr1.
Qed.
End Step.

Section Rounds.
Variables (e : Q) (v : seq Q) (found : seq (frame * seq (seq nat))).
Hypothesis kd : kind (place p) = Growing e.
Hypothesis prep : prepare m d p v0 g0 = Some (v, found).
Notation f := (frame_at m p found steps).
Hypothesis e0 : 0 < qval e.
Hypothesis rate0 : (if geometric then 1 else 0) < qval rate.
Hypothesis sp : in_span m p (offset p v).
Hypothesis inr : in_region p e (places m p v).
Hypothesis ex : exact m f.
Hypothesis ret : check_return m p f.
Hypothesis gr : grows m p geometric rate f.
Hypothesis back : forall k, (k < n)%N -> (0 < k)%N -> comes_back m p f k.
Hypothesis n0 : (0 < n)%N.
Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis run : starts d v0 g0 V pi.
Notation now q := (zed p (V (T + steps * q)%N)).

Let wd : wide F (place p) := let: And5 _ h _ _ _ := prepareP F prep in h.

Lemma exactly : kind (place p) = Growing e -> rounding (place p) = None.
Proof. by rewrite /rounding => ->. Qed.

(* the region is entered at T, left by no round, and z_0 grows in every round *)
Definition within t :=
  [/\ exists lam, near (start m p) (zed p (V t)) 1 lam (V t),
      inside (place p) n 1 (zed p (V t)) & moving d -> plays (entered p) (pi t)].

Lemma within_start : within T.
Proof.
have [VT plT] := arrives prep (exactly kd) run; have [zE [lam0 near0]] := near_start sp VT.
split=> //; first by exists lam0.
rewrite /inside kd; case/andP: inr; rewrite (qval_le F) => inr0 /everyP inrk.
split=> //; first by rewrite zE.
move=> k kn k0; have := inrk k kn; rewrite -(negbK (k == 0%N)) -lt0n k0 /= (qval_le F) qval_abs qval_mul.
rewrite zE // [in X in _ -> X]zE //; congr (_ <= _ * _).
by case: (scaled _ _); rewrite ?qval1.
Qed.

Lemma within_next t : within t -> within (t + steps)%N /\
  if geometric then qval rate * zed p (V t) 0 <= zed p (V (t + steps)%N) 0
  else zed p (V t) 0 + qval rate <= zed p (V (t + steps)%N) 0.
Proof.
move=> [[lam nr] ins pl]; have [_ _ pos] := run.
have [/(_ steps (leqnn _)) [szf nrf _] pl'] := round prep pos ler01 (lexx 1) ins nr pl.
have zedf k : (k < n)%N ->
    zed p (V (t + steps)%N) k = form_at n (q_at m p f k) (Zrow m p f k) (zed p (V t)).
  move=> kn; have := zed_near prep szf nrf kn.
  rewrite /slack qval_sum big1 ?mulr0 => [|s _].
    by rewrite normr_le0 subr_eq0 => /eqP.
  by move/everyP: ex => /(_ s (ltn_ord s)); rewrite (qval_eq F) qval_mul => /eqP ->; rewrite qval0 mulr0.
have g1 := growsP kd wd ins zedf gr; split=> //; split=> //; first exact: (return_near prep szf ret nrf).
rewrite /inside kd; have [_ z0e _] := inside_growing kd ins; split=> //.
  apply: (le_trans z0e); move: g1 rate0; case: geometric => g1 r0; apply: le_trans g1.
    by apply: le_scale; [apply: ltW; apply: lt_le_trans z0e|apply: ltW].
  by rewrite le_plus ltW.
by move=> k kn k0; apply: (comes_backP kd wd ins zedf kn k0); apply: back.
Qed.

Lemma growing q : qval e <= now q 0 /\
  if geometric then qval rate * now q 0 <= now q.+1 0 else now q 0 + qval rate <= now q.+1 0.
Proof.
have tE i : (T + steps * i.+1 = T + steps * i + steps)%N by rewrite mulnS addnCA addnC.
have ws i : within (T + steps * i)%N.
  elim: i => [|i IH]; first by rewrite muln0 addn0; apply: within_start.
  by rewrite tE; have [] := within_next IH.
have [_ ins _] := ws q; split; first by have [] := inside_growing kd ins.
by rewrite tE; have [] := within_next (ws q).
Qed.

Lemma no_bound M : exists t s, M < `|V t s|.
Proof.
pose c := if geometric then (qval rate - 1) * qval e else qval rate.
have c0 : 0 < c by move: rate0; rewrite /c; case: geometric => // r1; rewrite mulr_gt0 ?subr_gt0.
have grown q : q%:R * c <= now q 0.
  elim: q => [|q IH]; first by rewrite mul0r; apply: le_trans (ltW e0) (growing 0).1.
  rewrite -addn1 natrD mulrDl mul1r addn1; apply: (@le_trans _ _ (now q 0 + c)); first exact: le_sum2.
  have [above] := growing q; rewrite /c; case: geometric (rate0) => // r1.
  apply: le_trans; rewrite -subr_ge0 (_ : _ - _ = (qval rate - 1) * (now q 0 - qval e)); last by ring.
  by rewrite mulr_ge0 ?subr_ge0 // ltW.
pose B := \sum_(s : state m) `|qval (at_ (nth [::] (dual p) 0) s)| * (`|M| + `|vec F m (center p) s|).
have [q lt] := multiples_exceed B c0; exists (T + steps * q)%N.
have [/existsP [s ls]|] := boolP [exists s, `|M| < `|V (T + steps * q)%N s|].
  by exists s; apply: le_lt_trans ls; apply: ler_norm.
rewrite negb_exists => /forallP no; suff : B < B by rewrite ltxx.
apply: (lt_le_trans lt); apply: le_trans (grown q) _; apply: ler_sum => s _.
apply: le_trans (ler_norm _) _; rewrite normrM; apply: le_mul2l => //.
by apply: norm_sub => //; rewrite leNgt.
Qed.

Lemma zed_shift U (x : F) : zed p (fun s : state m => U s + x) 0 = zed p U 0.
Proof.
rewrite /zed (eq_bigr (fun s : state m => qval (at_ (nth [::] (dual p) 0) s) * (U s - vec F m (center p) s)
    + qval (at_ (nth [::] (dual p) 0) s) * x)); last by move=> s _; rewrite -mulrDr addrAC.
by rewrite big_split /= -mulr_suml (dual_sum F prep) // mul0r addr0.
Qed.
End Rounds.

(* what is checked of positions: the functional zed and its growth *)
Lemma growth_sound : check_growth m d v0 g0 p geometric rate ->
  forall (V : nat -> state m -> F) pi, starts d v0 g0 V pi ->
  [/\ forall U (x : F), zed p (fun s : state m => U s + x) 0 = zed p U 0,
      0 < zed p (V T) 0,
      forall q, let now := zed p (V (T + steps * q)%N) 0 in
        let then_ := zed p (V (T + steps * q.+1)%N) 0 in
        if geometric then qval rate * now <= then_ else now + qval rate <= then_
    & forall M, exists t s, M < `|V t s|].
Proof.
rewrite /check_growth; case kd: (kind (place p)) => [|e|] //.
case/andP => /and5P [n0 b0 _ e0 rate0]; case prep: prepare => [[v found]|//].
case/andP => /and5P [sp inr ex ret gr] /everyP back V pi run.
have e0' : 0 < qval e by rewrite -(qval0 F) -qval_lt.
have r0' : (if geometric then 1 else 0) < qval rate.
  by move: rate0; case: geometric; rewrite (qval_lt F) ?qval0 ?qval1.
have back' k : (k < n)%N -> (0 < k)%N -> comes_back m p (frame_at m p found steps) k.
  by move=> kn; rewrite lt0n => /negbTE k0; have := back k kn; rewrite k0.
have grows_ := growing kd prep e0' r0' sp inr ex ret gr back' n0 run.
split=> [U x||q|]; first exact: (zed_shift prep n0).
- by apply: lt_le_trans e0' _; have [] := grows_ 0%N; rewrite muln0 addn0.
- by have [] := grows_ q.
exact: (no_bound kd prep e0' r0' sp inr ex ret gr back' n0 run).
Qed.

Lemma growth_prepared : check_growth m d v0 g0 p geometric rate -> exists x, prepare m d p v0 g0 = Some x.
Proof.
rewrite /check_growth; case: (kind (place p)) => [|e|] // /andP [_].
by case prep: prepare => [x|//] _; exists x.
Qed.

(* A certificate of kind `region` with growth that is accepted is true: there are runs from its
   start, and of each of them: the affine functional s(V) = sum_s L_0(s) (V(s) - o(s)), which adding
   constants does not change (zed of Regions.v: the first coordinate), is positive at t = T and grows,
   every m steps (m modes), at least by the factor or the increment `rate`; and V is unbounded.
   Source: ours. *)
Theorem divergence_sound : check_divergence m d v0 g0 p geometric rate ->
  (exists V pi, @run_from F m d v0 g0 V pi) /\
  forall (V : nat -> state m -> F) pi, run_from d v0 g0 V pi ->
  [/\ forall U (x : F), zed p (fun s : state m => U s + x) 0 = zed p U 0,
      0 < zed p (V T) 0,
      forall q, let now := zed p (V (T + steps * q)%N) 0 in
        let then_ := zed p (V (T + steps * q.+1)%N) 0 in
        if geometric then qval rate * now <= then_ else now + qval rate <= then_
    & forall M, exists t s, M < `|V t s|].
Proof.
case/andP => okd grow; have [[v found] prep] := growth_prepared grow; split=> [|V pi run]; first exact: prepared_runs prep.
have [[ok act _] _ _ _ _] := prepareP F prep; have [pi' [run' _]] := run_starts ok okd act run.
exact: growth_sound grow V pi' run'.
Qed.

End Divergence.
