(* The phases of a region certificate: which forms are positive on a region, and how a
   set of positions is carried through one step with its greedy actions known.

   No theorem here: tools of CheckedDivergence.v, CheckedOrbit.v and CheckedShrinking.v. A region is a set
   of coordinates z; with b the widths,

       Bounded       |z_k| <= b_k
       Growing end   z_0 >= end,     |z_k| <= b_k z_0, or |z_k| <= b_k where k is fixed
       Shrinking end 0 < z_0 <= end, |z_k| <= b_k z_0, or |z_k| <= b_k where k is fixed.

                                   shape == Bounded, Growing end, Shrinking end
                                  region == a shape (kind), widths b, which coordinates
                                            are fixed, and u where frames are rounded to
                                            multiples of 1/u
                              rounding g == u, where the region is bounded: others are
                                            followed exactly
                              scaled g k == coordinate k is bounded by b_k z_0
                     line g n level form == (c, v) with level + sum_k form_k z_k >= c +
                                            v z_0 on the region
                    positive g strict cv == c + v z_0 >= 0 (> 0 if strict) on the region
                                   frame == V = origin + sum_k z_k columns_k + a
                                            constant, up to errors
                                prepared == (zorigin, zcolumns, zerrors), the integers of these
                               ready m f == the integers of a frame's origin, columns and
                                            errors
                          linear m row v == an affine function of v without its constant
                              flat m row == adding a constant to v does not change it
                        minus m row row' == the difference of two affine functions
                          gap m g h diff == a line below the difference of two factors
                                            on the frame of h, and whether both tie at
                                            its origin
    excess_at m g strictly h strict diff == by how much another action's factor may
                                            exceed that of the mode's action; None:
                                            refused
          excess_of m g strictly h t a i == the largest of them over agent i's actions,
                                            and 0
             phase_at m g strictly h t a == one step at one state: the new origin,
                                            columns and error where the mode a is greedy
            phase m g strictly f ts mode == one step at all states: the next frame
                              more u n b == what rounding n columns may move, on a region
                                            of widths b
                           rounded m g f == the frame f with its columns rounded, and errors
                                            for that
   walk m g strictly make f around modes == all frames on the way, with the joint
                                            actions that their data are around
                          bounds F g n z == the coordinates after the first are within
                                            their bounds
                       inside F g n mu z == z is in the region; a bounded region is
                                            taken times mu
                form_at F n level form z == level + sum_k form_k z_k
                                wide F g == the widths are >= 0
                       near f z mu lam V == V is the position z of the frame f at level
                                            lam, up to mu times the errors

   positiveP  positive is right, with an error subtracted
   phase_atP  phase_at is right of every position in the region
   phaseP     so is phase
   roundedP   and rounded
   walkP      and walk, along all phases of a run                                        *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims Positions Rounding.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
(* A region is a set of coordinates z: with b the widths,
     Bounded       |z_k| <= b_k
     Growing end   z_0 >= end,     |z_k| <= b_k z_0, or |z_k| <= b_k where k is fixed
     Shrinking end 0 < z_0 <= end, |z_k| <= b_k z_0, or |z_k| <= b_k where k is fixed. *)
Inductive shape := Bounded | Growing of Q | Shrinking of Q.
Record region := Region { kind : shape; widths : seq Q; fixed : seq bool; grain : option positive }.
Definition rounding (g : region) : option positive := if kind g is Bounded then grain g else None.

Definition scaled (g : region) (k : nat) : bool :=
  if kind g is Bounded then false else (0 < k)%N && ~~ nth true (fixed g) k.

(* (c, v) with level + sum_k form_k z_k >= c + v z_0 on the region; v = 0 on a bounded one *)
Definition line (g : region) (n : nat) (level : Q) (form : seq Q) : Q * Q :=
  let less x b := qjoin x (qopp (inner n (tab n (fun k => if b k then qabs (at_ form k) else q0)) (widths g))) in
  if kind g is Bounded then (less level xpredT, q0)
  else (less level (fun k => ~~ scaled g k && (0 < k)%N), less (at_ form 0) (scaled g)).

(* whether c + v z_0 >= 0 (> 0 if strict) on the whole region *)
Definition positive (g : region) (strict : bool) (cv : Q * Q) : bool :=
  let sign x := if strict then qlt q0 x else qle q0 x in
  match kind g with
  | Bounded => sign cv.1
  | Growing e => qle q0 cv.2 && sign (qjoin cv.1 (qtimes cv.2 e))
  | Shrinking e => qle q0 cv.1 && sign (qjoin cv.1 (qtimes cv.2 e))
  end.

(* V = origin + sum_k z_k columns_k + level 1, up to errors *)
Record frame := Frame { origin : seq Q; columns : seq (seq Q); errors : seq Q }.

Record prepared := Prepared { zorigin : Z * seq Z; zcolumns : seq (Z * seq Z); zerrors : Z * seq Z }.
Definition ready (m : model) (f : frame) : prepared :=
  let n := n_states m in Prepared (integers n (origin f)) [seq integers n c | c <- columns f] (integers n (errors f)).

Section Phase.
Variables (m : model) (g : region) (strictly : bool).
Notation n := (size (sizes m)).
Notation S := (n_states m).

(* without the constant of a row; in absolute values *)
Definition linear (row v : seq Q) : Q := qdot S (behead row) v.
Definition flat (row : seq Q) : bool := qeq (qsum S (fun k => at_ row k.+1)) q0.
Definition minus (row row' : seq Q) : seq Q := rminus row row'.

(* what is left of the mode's factor minus another one's, and whether both tie at the origin *)
Definition gap (h : prepared) (diff : seq Q) : (Q * Q) * bool :=
  let level := affine diff (zorigin h) in
  let cv := line g (size (zcolumns h)) level [seq inner_at (behead diff) c | c <- zcolumns h] in
  ((qjoin cv.1 (qopp (blur_at diff (zerrors h))), cv.2), null level).

(* by how much the factor of action x may exceed that of the mode's action; None: refused *)
Definition excess_at (h : prepared) (strict : bool) (diff : seq Q) : option Q :=
  let '(cv, tied) := gap h diff in
  if ~~ flat diff then None
  else if positive g strict cv then Some q0
  else if [&& ~~ strictly, (if kind g is Bounded then true else false) & tied] then Some (qopp cv.1)
  else None.

(* the largest of them over x, and 0 *)
Definition excess_of (h : prepared) (t : seq (seq (seq Q))) (a : seq nat) (i : nat) : option Q :=
  let b := nth 0%N a i in
  foldr (fun x acc =>
    if x == b then acc
    else if acc is Some e then
      if excess_at h (strictly && before m x b) (minus (row t i b) (row t i x)) is Some e'
      then Some (if qle e e' then e' else e) else None
    else None) (Some q0) (iota 0 (nth 0%N (sizes m) i)).

(* the step at one state: the new origin, columns and error, where the mode is greedy *)
Definition phase_at (h : prepared) (t : seq (seq (seq Q))) (a : seq nat) : option (Q * seq Q * Q) :=
  let r := total_row m t a in
  let es := tab n (excess_of h t a) in
  if [&& is_action (sizes m) a, all isSome es & qeq (qsum S (fun k =>
      at_ r k.+1)) (discount m)] then
    Some (lowest (affine r (zorigin h)), [seq lowest (inner_at (behead r) c) | c <- zcolumns h],
          qadd (lowest (blur_at r (zerrors h))) (qsum n (fun i => odflt q0 (nth None es i))))
  else None.

Definition phase (f : frame) (ts : seq (seq (seq (seq Q)))) (mode : seq (seq nat)) : option frame :=
  let h := ready m f in let found := tab S (fun s => phase_at h (nth [::] ts s) (nth [::] mode s)) in
  if all isSome found then
    let found := [seq odflt (q0, [::], q0) x | x <- found] in
    Some (Frame [seq x.1.1 | x <- found]
      (tab (size (columns f)) (fun k => [seq at_ x.1.2 k | x <- found])) [seq x.2 | x <- found])
  else None.
End Phase.

(* rounding an entry of a column moves it by half of 1/u at most *)
Definition more (u : BinNums.positive) (n : nat) (b : seq Q) : Q :=
  qmul (qabove 1 (qmul (Qmake 1 2) (qsum n (at_ b)))) (step u).
Definition rounded (m : model) (g : region) (f : frame) : frame :=
  if rounding g is Some u then
    let w := more u (size (columns f)) (widths g) in
    Frame (origin f) [seq tab (n_states m) (fun s => qnear u (at_ c s)) | c <- columns f]
          (tab (n_states m) (fun s => qadd (qabove u (at_ (errors f) s)) w))
  else f.

(* all frames on the way, with the joint actions that the data of their phase are drawn around *)
Fixpoint walk (m : model) (g : region) (strictly : bool) make (f : frame) (around : seq (seq nat))
    (modes : seq (seq (seq nat))) : option (seq (frame * seq (seq nat))) :=
  if modes is mode :: rest then
    if phase m g strictly f (make around) mode is Some f' then
      if walk m g strictly make (rounded m g f') mode rest is Some found then Some ((f,
          around) :: found) else None
    else None
  else Some [:: (f, around)].

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation S := (n_states m).
Implicit Types (g : region) (z : nat -> F) (mu : F).

Definition bounds g (n : nat) z :=
  forall k, (k < n)%N -> (0 < k)%N -> `|z k| <= qval (at_ (widths g) k) * (if scaled g k then z 0%N else 1).
(* z is in the region; a bounded region is taken times mu *)
Definition inside g (n : nat) mu z :=
  match kind g with
  | Bounded => forall k, (k < n)%N -> `|z k| <= mu * qval (at_ (widths g) k)
  | Growing e => [/\ (0 < n)%N, qval e <= z 0%N & bounds g n z]
  | Shrinking e => [/\ (0 < n)%N, 0 < z 0%N, z 0%N <= qval e & bounds g n z]
  end.
(* level + sum_k form_k z_k *)
Definition form_at (n : nat) (level : Q) (form : seq Q) z : F :=
  qval level + \sum_(k < n) qval (at_ form k) * z k.

Lemma qval_if (b : bool) x : qval (if b then x else q0) = if b then qval x else 0.
Proof. by case: b; rewrite ?qval0. Qed.

Lemma mul_ge (x y c : F) : `|y| <= c -> - (`|x| * c) <= x * y.
Proof.
move=> le; rewrite opp_le; apply: le_trans (ler_norm _) _.
by rewrite normrN normrM le_mul2l.
Qed.

Lemma near_ge (x x' c : F) : `|x - x'| <= c -> x' - c <= x.
Proof.
move=> /norm_ge h; rewrite -subr_ge0 (_ : x - (x' - c) = x - x' - - c) ?subr_ge0 //.
by ring.
Qed.

(* what is taken off for the coordinates of one kind *)
Lemma lessE g n (b : nat -> bool) x form :
  qval (qjoin x (qopp (inner n (tab n (fun k => if b k then qabs (at_ form k) else q0)) (widths g)))) =
  qval x - \sum_(k < n) if b k then `|qval (at_ form k)| * qval (at_ (widths g) k) else 0.
Proof.
rewrite qval_join qval_opp innerE; congr (_ - _); apply: eq_bigr => k _; rewrite [at_ (tab _ _) k]nth_tab //.
by case: (b k); rewrite ?qval_abs ?qval0 ?mul0r.
Qed.

Lemma line_bounded g n level form : kind g = Bounded ->
  qval (line g n level form).1 = qval level - \sum_(k < n) `|qval (at_ form k)| * qval (at_ (widths g) k).
Proof. by move=> kd; rewrite /line kd; apply: (lessE g n xpredT). Qed.

Lemma bounded_ge g n mu z level form : kind g = Bounded -> inside g n mu z ->
  qval level + mu * (qval (line g n level form).1 - qval level) <= form_at n level form z.
Proof.
move=> kd; rewrite /inside kd line_bounded // => le; rewrite /form_at.
rewrite [_ - _ - _]addrAC subrr sub0r mulrN mulr_sumr -sumrN le_plus2l; apply: ler_sum => k _.
rewrite mulrCA; apply: mul_ge; exact: le.
Qed.

Lemma line_ge g n level form z : kind g <> Bounded -> (0 < n)%N -> bounds g n z ->
  qval (line g n level form).1 + qval (line g n level form).2 * z 0%N <= form_at n level form z.
Proof.
move=> kd n0 le; pose b k := `|qval (at_ form k)| * qval (at_ (widths g) k).
have [-> ->] : qval (line g n level form).1 = qval level - \sum_(k < n) (if ~~ scaled g k && (0 < k)%N then b k else 0) /\
    qval (line g n level form).2 = qval (at_ form 0) - \sum_(k < n) (if scaled g k then b k else 0).
  by rewrite /line; case: (kind g) kd => // *; split; apply: lessE.
pose A (k : 'I_n) := if k == Ordinal n0 then qval (at_ form 0) * z 0%N else 0.
have AE : \sum_k A k = qval (at_ form 0) * z 0%N.
  rewrite (bigD1 (Ordinal n0)) //= /A eqxx big1 ?addr0 // => k /negbTE; by move=> ->.
rewrite /form_at.
set B := \sum_(k < n) _; set C := \sum_(k < n) _.
have E4 (x0 x1 x2 x3 x4 : F) : x0 - x1 + (x2 - x3) * x4 = x0 + (x2 * x4 - x3 * x4 - x1) by ring.
rewrite E4.
rewrite le_plus2l -AE mulr_suml -!sumrB; apply: ler_sum => k _; rewrite /A /b.
have [->|k0] := eqVneq k (Ordinal n0).
  by rewrite /= andbF /scaled; case: (kind g) => [|e|e] /=; rewrite mul0r !subr0.
have kp : (0 < k)%N by rewrite lt0n; apply: contra k0 => /eqP k0; apply/eqP/val_inj.
have := le k (ltn_ord k) kp; rewrite kp andbT.
case: (scaled g k) => /= h; first by rewrite sub0r subr0 -mulrA; apply: mul_ge.
by rewrite mul0r !sub0r oppr0 add0r; apply: mul_ge; rewrite mulr1 in h.
Qed.

Definition wide g := forall k, 0 <= qval (at_ (widths g) k).

Lemma wideP g : all (qle q0) (widths g) -> wide g.
Proof.
move=> /(all_nthP q0) h k; rewrite -(qval0 F) -qval_le /at_.
by have [/h //|/(nth_default q0) ->] := ltnP k (size (widths g)).
Qed.

Lemma positiveP g n mu z level form strict bl : wide g -> 0 <= mu -> mu <= 1 -> 0 <= qval bl ->
  inside g n mu z ->
  positive g strict (qjoin (line g n level form).1 (qopp bl), (line g n level form).2) ->
  if strict then 0 < form_at n level form z - mu * qval bl else 0
      <= form_at n level form z - mu * qval bl.
Proof.
move=> wd mu0 mu1 bl0 ins pos.
have [kd|kd] : kind g = Bounded \/ kind g <> Bounded by case: (kind g); [left|right|right].
  have ge := bounded_ge level form kd ins; set x := form_at _ _ _ _ in ge *.
  have : qval level + mu * (qval (line g n level form).1 - qval level - qval bl)
      <= x - mu * qval bl.
    by rewrite mulrBr addrA; apply: le_minus.
  set c := qval (line g n level form).1 - qval level - qval bl.
  have c0 : c <= 0.
    rewrite /c line_bounded // [_ - _ - qval level]addrAC subrr sub0r -opprD oppr_le0.
    by apply: addr_ge0 => //; rewrite sumr_ge0 // => k _; rewrite mulr_ge0.
  have muc : qval level + c <= qval level + mu * c.
    rewrite le_plus2l -subr_ge0 (_ : mu * c - c = (1 - mu) * - c); last by ring.
    by rewrite mulr_ge0 ?subr_ge0 ?oppr_ge0.
  move: pos; rewrite /positive kd /=; case: strict; rewrite (qval_lt F,
      qval_le F) qval0 qval_join qval_opp => pos le.
    by apply: lt_le_trans le; apply: lt_le_trans muc; rewrite /c addrA addrCA subrr addr0.
  by apply: le_trans le; apply: le_trans muc; rewrite /c addrA addrCA subrr addr0.
have [n0 bs] : (0 < n)%N /\ bounds g n z by move: ins kd; rewrite /inside;
    case: (kind g) => [|e|e] // [].
have ge := line_ge level form kd n0 bs.
set x := form_at _ _ _ _ in ge *; set c := qval (line g n level form).1 in ge *.
set v := qval (line g n level form).2 in ge *.
have le : c - qval bl + v * z 0%N <= x - mu * qval bl.
  rewrite addrAC; apply: le_minus => //.
  by rewrite -[X in _ <= X]mul1r; apply: le_mul2r.
move: pos ins; rewrite /positive /inside; case: (kind g) kd => [//|e|e] _ /andP [].
  rewrite (qval_le F) qval0 => v0 sg [_ ez _].
  have le2 : c - qval bl + v * qval e <= x - mu * qval bl.
    by apply: le_trans le; rewrite le_plus2l; apply: le_mul2l.
  case: strict sg; rewrite (qval_lt F, qval_le F) qval0 !qval_join qval_times qval_opp => sg.
    exact: lt_le_trans le2.
  exact: le_trans le2.
rewrite (qval_le F) qval0 qval_join qval_opp => c0 sg [_ z0 ze _].
have e0 : 0 < qval e by apply: lt_le_trans ze.
have ze1 : 0 <= 1 - z 0%N / qval e by rewrite subr_ge0 div_le // mul1r.
have split_ : c - qval bl + v * z 0%N =
    (1 - z 0%N / qval e) * (c - qval bl) + z 0%N / qval e * (c - qval bl + v * qval e).
  by field; rewrite gt_eqF.
case: strict sg; rewrite (qval_lt F, qval_le F) qval0 !qval_join qval_times qval_opp => sg.
  apply: lt_le_trans le; rewrite split_; apply: lt_sum_l; first exact: mulr_ge0.
  by apply: mulr_gt0 => //; apply: divr_gt0.
apply: le_trans le; rewrite split_; apply: addr_ge0; first exact: mulr_ge0.
by apply: mulr_ge0 => //; apply: divr_ge0; apply: ltW.
Qed.

(* V is the position z of the frame f at some level, up to mu times the errors *)
Definition near (f : frame) z mu (lam : F) (V : state m -> F) :=
  forall s, `|V s - (vec (origin f) s
                     + \sum_(k < size (columns f)) z k * vec (nth [::] (columns f) k) s + lam)|
            <= mu * vec (errors f) s.

Lemma carried f z mu lam V r : near f z mu lam V ->
  `|row_val r V - (form_at (size (columns f)) (eval S r (origin f)) [seq linear m r c | c <- columns f] z
                   + lam * qval (qsum S (fun k => at_ r k.+1)))|
  <= mu * qval (blur m r (errors f)).
Proof.
move=> nr; set U := form_at _ _ _ _ + _.
pose u (s : state m) := vec (origin f) s
  + \sum_(k < size (columns f)) z k * vec (nth [::] (columns f) k) s + lam.
have -> : row_val r V - U = \sum_(s : state m) qval (at_ r s.+1) * (V s - u s).
  have -> : U = qval (at_ r 0) + \sum_(s : state m) qval (at_ r s.+1) * u s.
    rewrite /U /form_at evalE /row_val -!addrA; congr (_ + _).
    rewrite qval_sum mulr_sumr [X in _ + (X + _)](eq_bigr (fun k : 'I__ =>
      \sum_(s : state m) qval (at_ r s.+1) * (z k * vec (nth [::] (columns f) k) s))); last first.
      move=> k _; rewrite /at_ (nth_map [::]) // qval_dot mulr_suml; apply: eq_bigr => s _.
      by rewrite /at_ nth_behead -mulrA; congr (_ * _); rewrite mulrC.
    rewrite exchange_big -!big_split /=; apply: eq_bigr => s _.
    by rewrite /u !mulrDr -mulr_sumr [lam * _]mulrC addrA.
  rewrite /row_val opprD addrACA subrr add0r -sumrB.
  by apply: eq_bigr => s _; rewrite mulrBr.
rewrite blurE mulr_sumr; apply: le_trans (ler_norm_sum _ _ _) _.
apply: ler_sum => s _; rewrite normrM mulrCA.
by apply: le_mul2l => //; apply: nr.
Qed.

(* the same in numbers that are not in lowest terms *)
Lemma carried_form (cs : seq (seq Q)) r o z :
  form_at (size cs) (affine r (integers S o)) [seq inner_at (behead r) c | c <- [seq integers S c | c <- cs]] z =
  form_at (size cs) (eval S r o) [seq linear m r c | c <- cs] z.
Proof.
rewrite -map_comp /form_at /eval qval_lowest; congr (_ + _); apply: eq_bigr => k _; congr (_ * _).
by rewrite /at_ !(nth_map [::]) // qval_lowest.
Qed.

Lemma row_val_minus r r' (V : state m -> F) : row_val (minus r r') V
  = row_val r V - row_val r' V :> F.
Proof.
rewrite /row_val /minus at_rminus opprD addrACA -sumrB; congr (_ + _).
by apply: eq_bigr => s _; rewrite at_rminus mulrBl.
Qed.

Section Step.
Variables (g : region) (strictly : bool) (f : frame) (z : nat -> F) (mu lam : F) (V : state m -> F).
Hypothesis wd : wide g.
Hypotheses (mu0 : 0 <= mu) (mu1 : mu <= 1).
Hypothesis ins : inside g (size (columns f)) mu z.
Hypothesis err0 : forall s, 0 <= vec (errors f) s.
Hypothesis nr : near f z mu lam V.

Lemma blur_ge0 r : 0 <= qval (blur m r (errors f)).
Proof. by rewrite blurE sumr_ge0 // => s _; rewrite mulr_ge0 // err0. Qed.

Lemma excess_atP (strict : bool) diff e : (strict -> strictly) ->
  excess_at m g strictly (ready m f) strict diff = Some e ->
  [/\ 0 <= qval e, - (mu * qval e) <= row_val diff V, strict -> 0 < row_val diff V
    & strictly -> 0 <= row_val diff V].
Proof.
move=> st; rewrite /excess_at /gap [zcolumns _]/= size_map -/(blur m diff (errors f)); set level := affine _ _; set form := map _ _.
set cv := line _ _ _ _; case: ifP => // /negbFE fl.
have low : form_at (size (columns f)) level form z - mu * qval (blur m diff (errors f))
    <= row_val diff V.
  have := carried diff nr; rewrite -carried_form -/level -/form.
  move: fl; rewrite /flat (qval_eq F) qval0 => /eqP ->; rewrite mulr0 addr0; exact: near_ge.
case: ifP => [pos [<-]|np].
  have := positiveP (level := level) (form := form) wd mu0 mu1 (blur_ge0 diff) ins pos.
  rewrite qval0 mulr0 oppr0; case: strict st pos => st _ h.
    have lt := lt_le_trans h low; have le := ltW lt; by split.
  have le := le_trans h low; by split.
case: ifP => // /and3P [ns bd tied] [<-].
have kd : kind g = Bounded by move: bd; case: (kind g).
have lev : qval level = 0 by apply: qval_null.
have ge := bounded_ge level form kd ins; rewrite -/cv lev subr0 add0r in ge.
have nst : strict = false by apply/negP => /st; rewrite (negbTE ns).
split; last 2 first; [by rewrite nst|by rewrite (negbTE ns)|..].
  move: np; rewrite /positive kd nst /= (qval_le F) qval0 qval_opp => np.
  by rewrite oppr_ge0 ltW // ltNge np.
by rewrite qval_opp mulrN opprK qval_join qval_opp mulrBr; apply: le_trans low; apply: le_minus.
Qed.

Variables (s : state m) (t : seq (seq (seq Q))).
Notation q i x := (row_val (row t i x) V).

Lemma excess_ofP (a : joint) (i : agent (sizes m)) e : excess_of m g strictly (ready m f) t (code a) i
  = Some e ->
  0 <= qval e /\ forall x : action i,
    [/\ q i x - q i (a i) <= mu * qval e, strictly -> q i x <= q i (a i)
      & strictly -> before m x (a i) -> q i x < q i (a i)].
Proof.
rewrite /excess_of nth_code; set b := nat_of_ord (a i).
suff gen l : foldr (fun x acc => if x == b then acc else if acc is Some e then
      if excess_at m g strictly (ready m f) (strictly && before m x b) (minus (row t i b) (row t i x)) is Some e'
      then Some (if qle e e' then e' else e) else None else None) (Some q0) l = Some e ->
    0 <= qval e /\ forall x, x \in l -> x != b ->
    [/\ q i x - q i b <= mu * qval e, strictly -> q i x <= q i b & strictly -> before m x b ->
        q i x < q i b].
  move=> /gen [e0 h]; split=> // x; have [xb|xb] := eqVneq (x : nat) b.
    by rewrite xb subrr mulr_ge0 //; split=> //; rewrite beforexx.
  by apply: h => //; rewrite mem_iota /= add0n ltn_ord.
elim: l e => [|x l IH] e /=; first by case=> <-; rewrite qval0; split.
case: eqP => [xb|/eqP xb] h.
  have [e0 h'] := IH e h; split=> // y; rewrite inE => /orP [/eqP ->|yl]; last exact: h'.
  by rewrite xb eqxx.
case E: (foldr _ _ _) h => [e1|//]; have [e10 h1] := IH e1 E.
case E2: (excess_at _ _ _ _ _ _) => [e2|//] [<-].
have [|e20 ge lt le] := excess_atP _ E2; first by case/andP.
rewrite !row_val_minus in ge lt le.
have [m1 m2] : qval e1 <= qval (if qle e1 e2 then e2 else e1) /\ qval e2
    <= qval (if qle e1 e2 then e2 else e1).
  case: ifP => [|/negbT]; rewrite (qval_le F); first by move=> ->.
  by rewrite -ltNge => /ltW ->.
split; first exact: le_trans m1.
move=> y; rewrite inE => /orP [/eqP ->|yl] yb; last first.
  have [h2 h3 h4] := h1 y yl yb; split=> //.
  by apply: le_trans h2 _; apply: le_mul2l.
split=> [|st|st xlt].
- apply: (@le_trans _ _ (mu * qval e2)); last exact: le_mul2l.
  by rewrite -opprB opp_le.
- by have := le st; rewrite subr_ge0.
by have := lt; rewrite st xlt => /(_ isT); rewrite subr_gt0.
Qed.

(* one step at s: b is a first maximiser of the factors, V' is Q_tot there *)
Lemma phase_atP (a b : joint) (V' : F) o' cs' e' :
  phase_at m g strictly (ready m f) t (code a) = Some (o', cs', e') ->
  first_greedy (fun (i : agent (sizes m)) (x : action i) => q i x) b ->
  V' = \sum_(i : agent (sizes m)) q i (b i) ->
  [/\ size cs' = size (columns f), 0 <= qval e', strictly -> b = a
    & `|V' - (qval o' + \sum_(k < size (columns f)) z k * qval (at_ cs' k)
        + gamma F m * lam)| <= mu * qval e'].
Proof.
rewrite /phase_at; set r := total_row m t _; set es := tab _ _.
rewrite -[lowest (affine _ _)]/(eval S r (origin f)) -[blur_at _ _]/(blur m r (errors f)).
have -> : [seq lowest (inner_at (behead r) c) | c <- zcolumns (ready m f)] = [seq linear m r c | c <- columns f] by rewrite -map_comp.
case: ifP => // /and3P [_ /all_nthP some sum] [<- <- <-] [gr first] VE.
have {}some (i : agent (sizes m)) : exists2 e, excess_of m g strictly (ready m f) t (code a) i = Some e &
    odflt q0 (nth None es i) = e.
  have := some None i; rewrite size_map size_iota ltn_ord => /(_ isT).
  rewrite /es nth_tab //; case: excess_of => // e _; by exists e.
have ex0 (i : agent (sizes m)) : 0 <= qval (odflt q0 (nth None es i)).
  by have [e E ->] := some i; have [] := excess_ofP E.
split; first by rewrite size_map.
- by rewrite qval_add qval_lowest qval_sum addr_ge0 ?blur_ge0 // sumr_ge0.
- move=> st; apply: (@first_greedy_unique _ _ (fun (i : agent (sizes m)) (x : action i) =>
    q i x)); first by split.
  split=> i x; have [e E _] := some i; have [_ /(_ x) [_ h1 h2]] := excess_ofP E.
    exact: h1.
  exact: h2.
have rE : row_val r V = \sum_(i : agent (sizes m)) q i (a i).
  have entryE k : (k < S.+1)%N -> qval (at_ r k) = \sum_(i : agent (sizes m)) qval (at_ (row t i (a i)) k).
    by move=> _; rewrite /r total_row_at; apply: eq_bigr => i _; rewrite nth_code.
  rewrite /row_val entryE //.
  under [X in _ + X = _]eq_bigr => s' _ do rewrite entryE ?ltnS // mulr_suml.
  by rewrite exchange_big -big_split.
have c := carried r nr.
have sumE : qval (qsum S (fun k => at_ r k.+1)) = gamma F m by move: sum;
    rewrite (qval_eq F) => /eqP.
rewrite sumE in c.
have formE : form_at (size (columns f)) (eval S r (origin f)) [seq linear m r c | c <- columns f] z =
  qval (eval S r (origin f)) + \sum_(k < size (columns f)) z k * qval (at_ [seq linear m r c | c <- columns f] k).
  by congr (_ + _); apply: eq_bigr => k _; rewrite mulrC.
rewrite formE [lam * _]mulrC in c.
set U := _ + gamma F m * lam in c *.
have E3 (x1 x2 x3 : F) : x1 - x2 = (x3 - x2) + (x1 - x3) by ring.
rewrite (E3 V' U (row_val r V)).
rewrite qval_add qval_lowest mulrDr; apply: norm_add => //.
rewrite VE rE -sumrB ger0_norm; last by apply: sumr_ge0 => i _; rewrite subr_ge0; apply: gr.
rewrite qval_sum mulr_sumr; apply: ler_sum => i _.
by have [e E ->] := some i; have [_ /(_ (b i)) []] := excess_ofP E.
Qed.
End Step.

(* rounding keeps positions, within larger errors *)
Lemma roundedP g f z mu lam V : wide g -> 0 <= mu -> inside g (size (columns f)) mu z ->
  (forall s, 0 <= vec (errors f) s) -> near f z mu lam V ->
  [/\ size (columns (rounded m g f)) = size (columns f), forall s, 0 <= vec (errors (rounded m g f)) s
    & near (rounded m g f) z mu lam V].
Proof.
move=> wd mu0 ins err0 nr; rewrite /rounded; case rd: (rounding g) => [u|]; last by [].
have kd : kind g = Bounded by move: rd; rewrite /rounding; case: (kind g).
set n := size (columns f) in ins *; cbv zeta; set w := more u n (widths g).
have h0 : 0 <= qval (step u) / 2%:R by rewrite divr_ge0 ?step_ge0 ?ler0n.
have wE : \sum_(k < n) qval (at_ (widths g) k) * (qval (step u) / 2%:R) <= qval w.
  rewrite /w /more qval_mul -mulr_suml.
  have := qaboveP F 1 (qmul (Qmake 1 2) (qsum n (at_ (widths g)))); rewrite qval_mul qval_sum.
  move: (qval (qabove _ _)) (\sum_(k < n) _) (step_ge0 F u) => y x s0.
  have -> : qval (Qmake 1 2) = 1 / 2%:R.
    by rewrite /Rationals.qval /= (_ : zval F (Zpos 2) = 2%:R) // (_ : Zpos 2 = Z.add (Zpos 1) (Zpos 1)) // zvalD (_ : zval F (Zpos 1) = 1).
  move=> le; apply: le_trans (le_mul2r s0 le).
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; field.
have w0 : 0 <= qval w by apply: le_trans wE; apply: sumr_ge0 => k _; apply: mulr_ge0.
have errE (s : state m) : vec (errors f) s + qval w <=
    vec (tab S (fun s => qadd (qabove u (at_ (errors f) s)) w)) s.
  by rewrite /Tables.vec [X in _ <= qval X]nth_tab // qval_add le_plus2r; apply: qaboveP.
split=> [|s|s]; first by rewrite size_map.
  by apply: le_trans (errE s); apply: addr_ge0.
rewrite /= size_map; pose col (k : 'I_n) := nth [::] (columns f) k.
pose sum := \sum_(k < n) z k * (vec (col k) s - qval (qnear u (at_ (col k) s))).
have -> : V s - (vec (origin f) s + \sum_(k < n) z k * vec (nth [::]
    [seq tab S (fun s => qnear u (at_ c s)) | c <- columns f] k) s + lam) =
    V s - (vec (origin f) s + \sum_(k < n) z k * vec (col k) s + lam) + sum.
  have -> : \sum_(k < n) z k * vec (nth [::] [seq tab S (fun s => qnear u (at_ c s)) | c <- columns f] k) s =
      \sum_(k < n) z k * vec (col k) s - sum.
    rewrite /sum -sumrB; apply: eq_bigr => k _; rewrite (nth_map [::]) // /Tables.vec /at_ nth_tab //.
    by rewrite mulrBr opprB addrC subrK.
  by move: (\sum_(k < n) z k * vec (col k) s) sum => x1 x2; ring.
apply: le_trans (le_mul2l mu0 (errE s)); rewrite mulrDr; apply: norm_add; first exact: nr.
apply: le_trans (ler_norm_sum _ _ _) _; apply: le_trans (le_mul2l mu0 wE); rewrite mulr_sumr; apply: ler_sum => k _.
rewrite normrM mulrA; apply: (@le_trans _ _ (`|z k| * (qval (step u) / 2%:R))).
  by apply: le_mul2l => //; apply: qnearP.
by apply: le_mul2r => //; move: ins; rewrite /inside kd; apply.
Qed.

(* ... at all states, and along all phases of a run *)
Variables (d : data).
Hypothesis ok : check_model m.
Hypothesis okd : check_data m d.
Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis run : positions d V pi.
Variables (g : region).
Hypothesis wd : wide g.
Notation strictly := (moving d).

Lemma phaseP f z mu lam t around mode f' :
  0 <= mu -> mu <= 1 -> inside g (size (columns f)) mu z -> (forall s, 0 <= vec (errors f) s) ->
  near f z mu lam (V t) -> (strictly -> plays around (pi t)) ->
  phase m g strictly f (fits m d around) mode = Some f' ->
  [/\ size (columns f') = size (columns f), forall s, 0 <= vec (errors f') s,
      near f' z mu (gamma F m * lam) (V t.+1) & strictly -> plays mode (pi t.+1)].
Proof.
move=> mu0 mu1 ins err0 nr played; rewrite /phase; set found := tab _ _.
case: ifP => // /all_nthP some [<-].
have size_found : size found = S by rewrite size_map size_iota.
have ex (s : state m) : exists x, nth None found s = Some x.
  by have := some None s; rewrite size_found ltn_ord => /(_ isT); case: nth => // x _; exists x.
have atE T (h : Q * seq Q * Q -> T) x0 (s : state m) x : nth None found s = Some x ->
    nth x0 [seq h y | y <- [seq odflt (q0, [::], q0) y | y <- found]] s = h x.
  by move=> fs; rewrite -map_comp (nth_map None) ?size_found //= fs.
have tE (s : state m) : nth [::] (fits m d around) s = fit_at m d s (code (pi t s)).
  case E : (moving d); first by rewrite (fitsE d s (played E)).
  rewrite /fits E (@nth_tab _ _ _ _ _ (ltn_ord s)).
  by rewrite [RHS]fit_at_fixed ?E.
have step (s : state m) x : nth None found s = Some x ->
    [/\ size x.1.2 = size (columns f), 0 <= qval x.2, strictly -> code (pi t.+1 s) = nth [::] mode s
      & `|V t.+1 s - (qval x.1.1 + \sum_(k < size (columns f)) z k * qval (at_ x.1.2 k)
                     + gamma F m * lam)| <= mu * qval x.2].
  rewrite /found nth_tab // tE => ph.
  have [a aE] : exists a : joint, code a = nth [::] mode s.
    by apply: code_onto; move: ph; rewrite /phase_at; case: ifP => // /and3P [].
  have [first Vs] := run t s; case: x ph => [[o' cs'] e'] ph; rewrite -aE in ph *.
  have first' : first_greedy (fun (i : agent (sizes m)) (x : action i) =>
      row_val (row (fit_at m d s (code (pi t s))) i x) (V t)) (pi t.+1 s).
    by apply: first_greedy_eq first => i x; rewrite creditsE.
  have VE : V t.+1 s = \sum_(i : agent (sizes m))
      row_val (row (fit_at m d s (code (pi t s))) i (pi t.+1 s i)) (V t).
    by rewrite Vs; apply: eq_bigr => i _; rewrite creditsE.
  have [-> e0 same le] := phase_atP wd mu0 mu1 ins err0 nr ph first' VE.
  by split=> // st; rewrite (same st).
split=> [|s|s|st s] /=.
- by rewrite size_map size_iota.
- have [x xE] := ex s; rewrite /Tables.vec /at_ /= (atE _ (fun y => y.2) q0 s x xE).
  by have [] := step s x xE.
- have [x xE] := ex s; have [_ _ _ le] := step s x xE; move: le.
  rewrite /Tables.vec /at_ /= (atE _ (fun y => y.2) q0 s x xE) (atE _ (fun y => y.1.1) q0 s x xE).
  congr (`|_ - (_ + _ + _)| <= _); rewrite size_map size_iota; apply: eq_bigr => k _.
  by rewrite nth_tab // (atE _ (fun y => at_ y.1.2 k) q0 s x xE).
by have [x xE] := ex s; have [_ _ ->] := step s x xE.
Qed.

Lemma walkP modes f z mu lam t around found :
  0 <= mu -> mu <= 1 -> inside g (size (columns f)) mu z -> (forall s, 0 <= vec (errors f) s) ->
  near f z mu lam (V t) -> (strictly -> plays around (pi t)) ->
  walk m g strictly (fits m d) f around modes = Some found ->
  size found = (size modes).+1 /\ forall j, (j <= size modes)%N ->
    let fj := nth (f, around) found j in
    [/\ size (columns fj.1) = size (columns f), forall s, 0 <= vec (errors fj.1) s,
        near fj.1 z mu (gamma F m ^+ j * lam) (V (t + j)%N) & strictly ->
            plays fj.2 (pi (t + j)%N)].
Proof.
move=> mu0 mu1; elim: modes f lam t around found => [|mode modes IH] f lam t around found ins err0 nr pl /=.
  by case=> <-; split=> // -[] //= _; rewrite expr0 mul1r addn0.
case E: (phase _ _ _ _ _ _) => [f'|//]; case E2: (walk _ _ _ _ _ _ _) => [rest|//] [<-].
have [sz' err1' nr1' pl1] := phaseP mu0 mu1 ins err0 nr pl E.
have [|sz err1 nr1] := roundedP wd mu0 _ err1' nr1'; first by rewrite sz'.
have [|szr h] := IH (rounded m g f') _ t.+1 mode rest _ err1 nr1 pl1 E2; first by rewrite sz sz'.
split; first by rewrite /= szr.
case=> [|j] jm /=; first by rewrite expr0 mul1r addn0.
have [] := h j jm; rewrite sz sz' exprSr -mulrA addnS -addSn.
have jr : (j < size rest)%N by rewrite szr.
by rewrite (set_nth_default (rounded m g f', mode) _ jr).
Qed.

End Correct.
