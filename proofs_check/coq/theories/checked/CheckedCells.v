(* Cells of two states: pairs of joint actions that the data follow and of an interval of
   x = V(o) - V(r), which a run never leaves.

   Around given joint actions each factor is an affine function of x up to the level V(r). A hint
   divides a cell where a highest factor may change. Between such places the actions that are
   greedy in the middle stay greedy, so that x' = a + b x, and their image must be in cells of these
   actions; so must that of the places themselves, where ties may be decided otherwise.

   What is asked beside that is left open here: which places are met, what forms (a, b) and images
   need. Nothing more is asked of cells alone; CheckedRepelling.v asks for more.

                                          cell == the joint actions that the data follow ([::]: fixed data), the ends, a weight, and the hint
                                    middle a b == (a + b) / 2
                                    moved ab z == a + b z
                              ends ab low high == the ends of the image of an interval
                covers g high cells low inside == cells around g hold all from low to high
                                      places c == the ends of c, and the places of its hint
                                   intervals c == the intervals between them
                                 following d g == g under epsilon-greedy data, [::] under fixed ones
                             fits_around m d g == the fits around g, as those of fixed data
                             heights m r e s z == the factors at state s where x = z, at V(r) = 0
                             chosen_at m r e z == their first maximisers
                           first_at m r e ls z == ls are these
                             upheld m r e ls z == ls are maximisers there
                                 form m r e ls == x' = a + b x where ls are greedy
                        leads d cells ls image == cells of ls hold an image
     step_ok m d r cells right stretch c e a b == the piece of c from a to b leads into cells
                place_ok m d r cells right e z == so does the place z
     cell_ok m d r cells met right stretch c e == so do all of c, of the places those that are met
     check_moves m d r cells met right stretch == so do those of all cells
                           arrival m d T v0 g0 == the position at T, replayed
                   entered m d r cells T v0 g0 == x at T, if a cell holds it
               check_all m r lower upper cells == two states; cells are within the bounds
   check_cells m d r lower upper v0 g0 T cells == the check of positions
                           held d r0 o0 c V pi == c holds the position

   around_bounded  differences within bounds bound the values
   cells_sound     checked cells hold the differences from T on

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import zify ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedBox CheckedDifferences CheckedInterval.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Record cell := Cell {
  played : seq (seq nat); left_end : Q; right_end : Q; own_weight : Q; turns : seq Q }.

(* --------------------------------------------------------------------- what is computed *)
Definition middle (a b : Q) : Q := qmul (qadd a b) (qinv 2).
Definition moved (ab : Q * Q) (z : Q) : Q := qadd ab.1 (qmul ab.2 z).
Definition ends (ab : Q * Q) (low high : Q) : Q * Q :=
  let x := moved ab low in let y := moved ab high in if qle x y then (x, y) else (y, x).

(* inside: low is in one; cells in the order of their ends, by which they are taken once *)
Fixpoint covers (g : seq (seq nat)) (high : Q) (cells : seq cell) (low : Q) (inside : bool) : bool :=
  (inside && qle high low) ||
  (if cells is c :: rest then
     if [&& played c == g, qle (left_end c) low & qle low (right_end c)]
     then covers g high rest (right_end c) true else covers g high rest low inside
   else false).

Definition places (c : cell) : seq Q := left_end c :: rcons (turns c) (right_end c).
Definition intervals (c : cell) : seq (Q * Q) := zip (places c) (behead (places c)).

Section Compute.
Variables (m : model) (d : data) (r : nat).
Notation n := (size (sizes m)).
Notation S := (n_states m).
Notation o := (1 - r)%N.

Definition following (g : seq (seq nat)) : seq (seq nat) := if moving d then g else [::].
Definition fits_around (g : seq (seq nat)) : data := Joint [::] (fits m d g).

Definition heights (e : data) (s : nat) (z : Q) : seq (seq Q) :=
  let own := fit_at m e s [::] in
  tab n (fun i => tab (nth 0%N (sizes m) i) (fun x => height r (row own i x) z)).
Definition chosen_at (e : data) (z : Q) : seq (seq nat) :=
  tab S (fun s => [seq first_max m l | l <- heights e s z]).
Definition first_at (e : data) (ls : seq (seq nat)) (z : Q) : bool :=
  every S (fun s => first_best m (heights e s z) (nth [::] ls s)).
Definition upheld (e : data) (ls : seq (seq nat)) (z : Q) : bool :=
  every S (fun s => best_at m e r s (nth [::] ls s) z).
Definition form (e : data) (ls : seq (seq nat)) : Q * Q :=
  let p := Piece q0 q0 (nth [::] ls r) (nth [::] ls o) in (intercept m e r p, slope m e r p).

Section Steps.
Variables (cells : seq cell) (met : Q -> bool) (right : Q * Q -> bool).
Variable stretch : cell -> seq (seq nat) -> Q * Q -> Q * Q -> bool.

Definition leads (ls : seq (seq nat)) (image : Q * Q) : bool :=
  covers (following ls) image.2 cells image.1 false.

Definition step_ok (c : cell) (e : data) (a b : Q) : bool :=
  let z := middle a b in let ls := chosen_at e z in let ab := form e ls in let image := ends ab a b in
  [&& qlt a b, first_at e ls z, upheld e ls a && upheld e ls b, leads ls image, right ab
    & stretch c (following ls) ab image].

Definition place_ok (e : data) (z : Q) : bool :=
  let ls := chosen_at e z in let ab := form e ls in
  [&& first_at e ls z, leads ls (ends ab z z) & right ab].

Definition cell_ok (c : cell) (e : data) : bool :=
  all (fun ab => step_ok c e ab.1 ab.2) (intervals c) && all (fun z => met z ==> place_ok e z) (places c).

(* the fits are made once for all cells around the same joint actions *)
Definition check_moves : bool :=
  all (fun g => let e := fits_around g in
      levelled m e r && levelled m e o && all (fun c => (played c == g) ==> cell_ok c e) cells)
    (undup [seq played c | c <- cells]).
End Steps.

Definition arrival (T : nat) (v0 : seq Q) (g0 : seq (seq nat)) : option (seq Q * seq (seq nat)) :=
  if every S (fun s => is_action (sizes m) (nth [::] g0 s)) then
    let make := fits m d in replay m make T (make g0) (v0, g0)
  else None.

Definition entered (cells : seq cell) (T : nat) (v0 : seq Q) (g0 : seq (seq nat)) : option Q :=
  if arrival T v0 g0 is Some (v, g) then
    let x := qsub (at_ v o) (at_ v r) in
    if has (fun c => [&& played c == following g, qle (left_end c) x & qle x (right_end c)]) cells
    then Some x else None
  else None.

Definition check_all (lower upper : seq Q) (cells : seq cell) : bool :=
  [&& check_model m, S == 2%N, (r < 2)%N, qeq (at_ lower r) q0 & qeq (at_ upper r) q0] &&
  all (fun c => [&& qle (at_ lower o) (left_end c), qlt (left_end c) (right_end c)
                  & qle (right_end c) (at_ upper o)]) cells.

Definition check_cells (lower upper : seq Q) (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (cells : seq cell) : bool :=
  check_all lower upper cells &&
  (if entered cells T v0 g0 is Some _ then check_moves cells xpredT xpredT (fun _ _ _ _ => true) else false).
End Compute.

Arguments intercept : simpl never.
Arguments slope : simpl never.
Arguments qeq : simpl never.
Arguments qlt : simpl never.
Arguments qle : simpl never.

(* ------------------------------------------------------------------------ what it means *)
Lemma movedE (F : realFieldType) ab z : qval F (moved ab z) = qval F ab.1 + qval F ab.2 * qval F z.
Proof. by rewrite [LHS]qval_add; congr (_ + _); apply: qval_mul. Qed.

(* entries of lists of any type *)
Local Notation "x 'of' l" := (List.In x l) (at level 70, no associativity).

Lemma all_of T (p : pred T) l x : all p l -> x of l -> p x.
Proof. by elim: l => //= y l IH /andP [py pl] [<-|xl] //; apply: IH. Qed.

Lemma has_of T (p : pred T) l : has p l -> exists2 x, x of l & p x.
Proof.
elim: l => //= y l IH /orP [py|/IH [x xl px]]; first by exists y; [left|].
by exists x; [right|].
Qed.

Lemma map_of (T : Type) (T' : eqType) (f : T -> T') l x : x of l -> f x \in map f l.
Proof. by elim: l => //= y l IH [->|xl]; rewrite in_cons ?eqxx // IH ?orbT. Qed.

(* intervals that follow each other hold all between *)
Lemma coversP (F : realFieldType) g high cells low inside y : covers g high cells low inside ->
  qval F low <= y -> y <= qval F high -> (inside /\ y = qval F low) \/
  exists2 c, c of cells & [/\ played c = g, qval F (left_end c) <= y & y <= qval F (right_end c)].
Proof.
elim: cells low inside => [|c rest IH] low inside /=.
  rewrite orbF (qval_le F) => /andP [-> hl] ly yh; left; split=> //.
  by apply/eqP; rewrite eq_le ly (le_trans yh hl).
case/orP => [|].
  rewrite (qval_le F) => /andP [-> hl] ly yh; left; split=> //.
  by apply/eqP; rewrite eq_le ly (le_trans yh hl).
have later low' inside' : covers g high rest low' inside' -> qval F low' <= y -> y <= qval F high ->
    (inside' /\ y = qval F low') \/
    exists2 c', c' of c :: rest & [/\ played c' = g, qval F (left_end c') <= y & y <= qval F (right_end c')].
  move=> co ly yh; have [|[c' cin h]] := IH _ _ co ly yh; first by left.
  by right; exists c' => //; right.
case: ifP => [|_]; last exact: later.
rewrite !(qval_le F) => /and3P [/eqP pc cl lc] co ly yh; right.
have here : y <= qval F (right_end c) -> exists2 c', c' of c :: rest &
    [/\ played c' = g, qval F (left_end c') <= y & y <= qval F (right_end c')].
  by move=> yc; exists c; [left|split=> //; apply: le_trans cl ly].
have [/here//|cy] := lerP y (qval F (right_end c)).
by have [[_ e]|//] := later _ _ co (ltW cy) yh; apply: here; rewrite e.
Qed.

(* the image of an interval is between its ends *)
Lemma ends_between (F : realFieldType) ab low high z : qval F low <= z -> z <= qval F high ->
  qval F (ends ab low high).1 <= qval F ab.1 + qval F ab.2 * z /\
  qval F ab.1 + qval F ab.2 * z <= qval F (ends ab low high).2.
Proof.
move=> lz zh; rewrite /ends; have [b0|b0] := lerP 0 (qval F ab.2).
  have le1 : qval F (moved ab low) <= qval F ab.1 + qval F ab.2 * z by rewrite movedE le_plus2l le_mul2l.
  have le2 : qval F ab.1 + qval F ab.2 * z <= qval F (moved ab high) by rewrite movedE le_plus2l le_mul2l.
  by rewrite (qval_le F) (le_trans le1 le2).
have falls u v : u <= v -> qval F ab.1 + qval F ab.2 * v <= qval F ab.1 + qval F ab.2 * u.
  by move=> uv; rewrite le_plus2l -subr_ge0 -mulrBr mulr_le0 ?subr_le0 // ltW.
have := falls _ _ lz; have := falls _ _ zh; rewrite -!movedE => le1 le2.
by rewrite (qval_le F); case: ifP => // le; split; [apply: le_trans le le1|apply: le_trans le2 le].
Qed.

(* a point of a cell is one of its places, or between two that follow each other *)
Lemma between_places (F : realFieldType) (good : Q * Q -> bool) z0 zs x :
  all good (zip (z0 :: zs) zs) -> qval F z0 <= x -> x <= qval F (last z0 zs) ->
  (exists2 z, z of z0 :: zs & x = qval F z) \/
  exists ab, [/\ good ab, ab of zip (z0 :: zs) zs, qval F ab.1 < x & x < qval F ab.2].
Proof.
elim: zs z0 => [|z1 zs IH] z0 /= all_good zx xz.
  by left; exists z0; [left|apply/eqP; rewrite eq_le zx xz].
case/andP: all_good => good1 rest; have [e|ne] := eqVneq x (qval F z0).
  by left; exists z0; first by left.
have {}zx : qval F z0 < x by rewrite lt_neqAle eq_sym ne.
have [xz1|z1x] := ltP x (qval F z1).
  by right; exists (z0, z1); split=> //; left.
have [[z zin e]|[ab [g ain h1 h2]]] := IH z1 rest z1x xz.
  by left; exists z => //; right.
by right; exists ab; split=> //; right.
Qed.

Lemma middleE (F : realFieldType) a b : qval F a < qval F b ->
  qval F a < qval F (middle a b) /\ qval F (middle a b) < qval F b.
Proof.
have two : (0 : F) < 2%:R by rewrite ltr0n.
rewrite /middle qval_mul qval_add qval_inv // mul1r => ab; split.
  by rewrite ltNge div_le // -ltNge mulr_natr mulr2n -subr_gt0 opprD addrACA subrr add0r subr_gt0.
by rewrite div_lt // mulr_natr mulr2n -subr_gt0 opprD addrACA subrr addr0 subr_gt0.
Qed.

Section Correct.
Variables (F : realFieldType) (m : model) (d : data) (r : nat).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation o := (1 - r)%N.
Hypothesis ok : check_model m.
Hypothesis two : n_states m = 2%N.
Variables r0 o0 : state m.
Hypothesis r0E : r0 = r :> nat.
Hypothesis o0E : o0 = o :> nat.

(* the fits around g are those around the joint actions that the run plays *)
Lemma aroundE V g (pi : state m -> joint) (s : state m) i (x : action i) : (moving d -> plays g pi) ->
  credits F m d V (code (pi s)) s i x = credits F m (fits_around m d g) V [::] s i x.
Proof.
move=> pl; rewrite -(creditsE ok); congr (row_val (row _ i x) V).
case mv: (moving d); first by rewrite (fitsE d s (pl mv)).
by rewrite fit_at_fixed ?mv // /fits mv (nth_tab _ _ (ltn_ord s)).
Qed.

Section Step.
Variable e : data.
Hypothesis fx : ~~ moving e.
Hypothesis levels : levelled m e r && levelled m e o.
Variables (V V' : state m -> F) (pi : state m -> joint).
Hypothesis step : forall s, first_greedy (credits F m e V [::] s) (pi s) /\
  V' s = Qtot (credits F m e V [::] s) (pi s).
Notation D := (V o0 - V r0).
Notation own q := (fit_at m e q [::]).
Notation line q i x z := (qval (at_ (row (own q) i x) 0) + qval (at_ (row (own q) i x) o.+1) * z).

Lemma level_at (q : state m) : levelled m e q.
Proof. by case/andP: levels => lr lo; case: (states_two ok fx two r0E o0E q) => ->; rewrite ?r0E ?o0E. Qed.

(* what is the first maximiser of lines at x is chosen *)
Lemma first_lines (q : state m) (j : joint) :
  (forall i (x : action i), if before m x (j i) then line q i x D < line q i (j i) D
                            else line q i x D <= line q i (j i) D) -> pi q = j.
Proof.
move=> h; have [first _] := step q; apply: first_greedy_unique first _.
split=> i x; have := h i x; rewrite -!(creditsE ok) !(row_two ok fx two r0E o0E) !qval_sum.
  rewrite (levelled_row F x (j i) (level_at q)) le_plus2r.
  by case: ifP => // _ /ltW.
by move=> + xj; rewrite xj (levelled_row F x (j i) (level_at q)) lt_plus2r.
Qed.

Lemma heightsE q (j : joint) l z (i : agent (sizes m)) (x : action i) : code j = l ->
  qval (factor (heights m r e q z) i x) = line q i x (qval z) /\
  qval (factor (heights m r e q z) i (nth 0%N l i)) = line q i (j i) (qval z).
Proof.
move=> <-; rewrite nth_code /factor /heights !nth_tab ?ltn_ord // /at_ !nth_tab ?ltn_ord //.
by rewrite /height !qval_add !qval_mul.
Qed.

Lemma first_place ls z : first_at m r e ls z -> D = qval z -> forall q : state m, code (pi q) = nth [::] ls q.
Proof.
move=> /everyP h Dz q; have := h q (ltn_ord q); case/andP => /code_onto [j jE] /everyP best.
rewrite -jE; congr code; apply: first_lines => i x; have := everyP _ _ (best i (ltn_ord i)) x (ltn_ord x).
by have [e1 e2] := heightsE q z x jE; rewrite -jE !(qval_lt F, qval_le F) jE e1 e2 -jE nth_code Dz.
Qed.

Lemma best_lines (q : state m) (j : joint) z (i : agent (sizes m)) (x : action i) :
  best_at m e r q (code j) z -> line q i x (qval z) <= line q i (j i) (qval z).
Proof.
move=> /everyP h; have := everyP _ _ (h i (ltn_ord i)) x (ltn_ord x).
by rewrite nth_code (qval_le F) /height !qval_add !qval_mul.
Qed.

(* lines that are below at both ends, and truly so between somewhere, are truly so between *)
Lemma lines_strict (u v u' v' a b z y : F) : a < y -> y < b -> a < z -> z < b ->
  u + v * b <= u' + v' * b -> u + v * a <= u' + v' * a -> u + v * z < u' + v' * z -> u + v * y < u' + v' * y.
Proof.
move=> ay yb az zb hb ha hz; have E x : (u' + v' * x) - (u + v * x) = (u' - u) + (v' - v) * x by ring.
have G x : (u + v * x < u' + v' * x) = (0 < (u' - u) + (v' - v) * x) by rewrite -subr_gt0 E.
have L x : (u + v * x <= u' + v' * x) = (0 <= (u' - u) + (v' - v) * x) by rewrite -subr_ge0 E.
move: hb ha hz; rewrite !L !G; move: (u' - u) (v' - v) => p w hb ha hz.
have [w0|w0] := lerP 0 w.
  have [yz|zy] := ltrP y z; last by apply: lt_le_trans hz _; rewrite le_plus2l le_mul2l.
  rewrite lt_neqAle (le_trans ha) ?le_plus2l ?le_mul2l ?(ltW ay) // andbT; apply/eqP => e0.
  have w00 : w = 0.
    apply/eqP; rewrite eq_le w0 andbT -(@pmulr_rle0 _ (y - a)) ?subr_gt0 //.
    by rewrite mulrBl ![_ * w]mulrC subr_le0 -(le_plus2l p) -e0.
  by move: e0 hz; rewrite w00 !mul0r => <-; rewrite ltxx.
have falls s t : s <= t -> p + w * t <= p + w * s.
  by move=> st; rewrite le_plus2l -subr_ge0 -mulrBr mulr_le0 ?subr_le0 // ltW.
have [zy|yz] := ltrP z y; last by apply: lt_le_trans hz (falls _ _ yz).
rewrite lt_neqAle (le_trans hb (falls _ _ (ltW yb))) andbT; apply/eqP => e0.
have : w * (b - y) < 0 by rewrite pmulr_llt0 ?subr_gt0.
by rewrite mulrBr subr_lt0 -(lt_plus2r _ _ p) ![_ + p]addrC -e0 ltNge hb.
Qed.

Lemma first_between ls a b z : first_at m r e ls z -> upheld m r e ls a -> upheld m r e ls b ->
  qval a < qval z -> qval z < qval b -> qval a < D -> D < qval b ->
  forall q : state m, code (pi q) = nth [::] ls q.
Proof.
move=> /everyP h /everyP ha /everyP hb az zb aD Db q.
have := h q (ltn_ord q); case/andP => /code_onto [j jE] /everyP best.
have {}ha := ha q (ltn_ord q); have {}hb := hb q (ltn_ord q); rewrite -jE in ha hb *.
congr code; apply: first_lines => i x; have := everyP _ _ (best i (ltn_ord i)) x (ltn_ord x).
have [e1 e2] := heightsE q z x jE; rewrite -jE !(qval_lt F, qval_le F) jE e1 e2 -jE nth_code.
have la := best_lines x ha; have lb := best_lines x hb.
case: ifP => _ hz; first exact: lines_strict aD Db az zb lb la hz.
exact: lines_between (ltW aD) (ltW Db) lb la.
Qed.

(* x follows the form where ls are chosen *)
Lemma form_step ls : (forall q : state m, code (pi q) = nth [::] ls q) ->
  V' o0 - V' r0 = qval (form m r e ls).1 + qval (form m r e ls).2 * D.
Proof.
move=> plays_ls; have E (q : state m) : V' q = qval (sum_at m e q (nth [::] ls q) 0) +
    qval (sum_at m e q (nth [::] ls q) o.+1) * D + gamma F m * V r0.
  have [_ ->] := step q.
  have -> : Qtot (credits F m e V [::] q) (pi q) = row_val (total_row m (own q) (code (pi q))) V.
    by rewrite total_rowE; apply: eq_bigr => i _; rewrite (creditsE ok).
  rewrite (row_two ok fx two r0E o0E) qval_sum (levelled_sum F (pi q) (level_at q)) -plays_ls.
  by rewrite !total_row_at /sum_at !qval_sum.
rewrite !E /form /= r0E o0E; set l := nth _ _ _; set l' := nth _ _ _.
have aE : qval (intercept m e r (Piece q0 q0 l' l)) = qval (sum_at m e o l 0) - qval (sum_at m e r l' 0).
  exact: qval_sub.
have bE : qval (slope m e r (Piece q0 q0 l' l)) = qval (sum_at m e o l o.+1) - qval (sum_at m e r l' o.+1).
  exact: qval_sub.
rewrite aE bE; move: (D) => x; exact: lines_apart.
Qed.
End Step.

(* a cell holds a position *)
Definition held (c : cell) (V : state m -> F) (pi : state m -> joint) :=
  [/\ moving d -> plays (played c) pi, qval (left_end c) <= V o0 - V r0 & V o0 - V r0 <= qval (right_end c)].

Section Cells.
Variables (cells : seq cell) (met : Q -> bool) (right : Q * Q -> bool).
Variable stretch : cell -> seq (seq nat) -> Q * Q -> Q * Q -> bool.
Hypothesis moves : check_moves m d r cells met right stretch.

Variables (V V' : state m -> F) (pi pi' : state m -> joint) (c : cell).
Notation D := (V o0 - V r0).
Notation D' := (V' o0 - V' r0).
Hypothesis step : forall s, first_greedy (credits F m d V (code (pi s)) s) (pi' s) /\
  V' s = Qtot (credits F m d V (code (pi s)) s) (pi' s).
Hypothesis cin : c of cells.
Hypothesis cV : held c V pi.
Notation e := (fits_around m d (played c)).

Lemma around_fixed : ~~ moving e. Proof. by []. Qed.

Lemma cell_checked : levelled m e r && levelled m e o /\ cell_ok m d r cells met right stretch c e.
Proof.
move/allP: moves => /(_ (played c)); rewrite mem_undup map_of // => /(_ isT) /andP [lev own].
by split=> //; have := all_of own cin; rewrite eqxx.
Qed.

Lemma step_around s : first_greedy (credits F m e V [::] s) (pi' s) /\
  V' s = Qtot (credits F m e V [::] s) (pi' s).
Proof.
have [pl _ _] := cV; have [first ->] := step s; split.
  by apply: first_greedy_eq first => i x; apply: aroundE.
by apply: eq_bigr => i _; apply: aroundE.
Qed.

Lemma leads_held ls low high : leads d cells ls (ends (form m r e ls) low high) ->
  (forall q : state m, code (pi' q) = nth [::] ls q) -> qval low <= D -> D <= qval high ->
  exists2 c', c' of cells & held c' V' pi' /\ played c' = following d ls.
Proof.
move=> co pl lo hi; have [lev _] := cell_checked.
have := ends_between (form m r e ls) lo hi; rewrite -(form_step around_fixed lev step_around pl) => -[lo' hi'].
have [[//]|[c' c'in [pc lc rc]]] := coversP co lo' hi'.
exists c' => //; split=> //; split=> // mv; move: pc; rewrite /following mv => -> s; exact: pl.
Qed.

(* one step: a place that is met, or a piece *)
Lemma cell_step : (forall z, z of places c -> D = qval z -> met z) -> exists ab c',
  [/\ right ab, c' of cells, held c' V' pi', D' = qval ab.1 + qval ab.2 * D &
      (exists2 z, z of places c & D = qval z) \/
      exists image, [/\ stretch c (played c') ab image, qval image.1 <= D', D' <= qval image.2
        & exists2 xy, xy of intervals c & ab = form m r e (chosen_at m r e (middle xy.1 xy.2))]].
Proof.
have [lev /andP [pieces points]] := cell_checked; have [_ lo hi] := cV.
move=> meets; have lastE : last (left_end c) (rcons (turns c) (right_end c)) = right_end c by rewrite last_rcons.
have [|[z zin Dz]|[[a b] [st xin aD Db]]] := between_places pieces lo; first by rewrite lastE.
  have /implyP /(_ (meets z zin Dz)) := all_of points zin.
  rewrite /place_ok; set ls := chosen_at _ _ _ _ => /and3P [first co rt].
  have pl := first_place around_fixed lev step_around first Dz.
  have [||c' c'in [h' _]] := leads_held co pl; rewrite ?Dz //.
  exists (form m r e ls), c'; split=> //; first by rewrite (form_step around_fixed lev step_around pl) ?Dz.
  by left; exists z.
move: st aD Db; rewrite /step_ok /=; set z := middle a b; set ls := chosen_at _ _ _ _.
case/and5P => ab first /andP [ua ub] co /andP [rt st] aD Db.
have [az zb] : qval a < qval z /\ qval z < qval b by apply: middleE; rewrite -qval_lt.
have pl := first_between around_fixed lev step_around first ua ub az zb aD Db.
have [||c' c'in [h' pc]] := leads_held co pl; rewrite ?ltW //.
have DE := form_step around_fixed lev step_around pl; exists (form m r e ls), c'; split=> //; right.
exists (ends (form m r e ls) a b); rewrite pc DE.
by have [lo' hi'] := ends_between (form m r e ls) (ltW aD) (ltW Db); split=> //; exists (a, b).
Qed.
End Cells.
End Correct.

Local Notation joint_of m := {dffun forall i : agent (sizes m), action i}.

(* differences within bounds bound the values, where the level has the same influence on all factors *)
Lemma around_bounded (F : realFieldType) (m : model) (d : data) (r : nat) (lower upper : seq Q) (T : nat)
    (V : nat -> state m -> F) (pi : nat -> state m -> joint_of m) (r0 : state m) :
  check_model m -> positions d V pi -> r0 = r :> nat -> apart lower upper r V T ->
  (forall k, exists2 g, moving d -> plays g (pi (T + k)%N) & levelled m (fits_around m d g) r) ->
  exists C, forall t s, `|V t s| <= C.
Proof.
move=> ok pos r0E box around.
pose row (a b : joint_of m) := total_row m (fit_at m d r (code a)) (code b).
pose entry (a b : joint_of m) k := `|qval F (at_ (row a b) k)|.
pose size_of (a b : joint_of m) := entry a b 0%N + \sum_(s : state m) entry a b s.+1 * reach F lower upper s.
have size0 a b : 0 <= size_of a b by rewrite /size_of /entry addr_ge0 // sumr_ge0 // => s _; rewrite mulr_ge0 ?reach_ge0.
pose A := \sum_(a : joint_of m) \sum_(b : joint_of m) size_of a b.
apply: (@follows_bounded F m lower upper r ok V T r0 A r0E _ box).
  by apply: sumr_ge0 => a _; apply: sumr_ge0.
move=> t Tt; have [g pl lev] := around (t - T)%N; rewrite subnKC // in pl.
have [_ ->] := pos t r0; set a := pi t r0; set b := pi t.+1 r0.
have fitE' : fit_at m d r (code a) = fit_at m (fits_around m d g) r [::].
  rewrite /= /a -r0E; case mv: (moving d); first by rewrite (fitsE d r0 (pl mv)).
  by rewrite fit_at_fixed ?mv // /fits mv (nth_tab _ _ (ltn_ord r0)).
have -> : Qtot (credits F m d (V t) (code a) r0) b = row_val (row a b) (V t).
  by rewrite /row total_rowE; apply: eq_bigr => i _; rewrite -r0E (creditsE ok).
have -> : gamma F m = \sum_(s : state m) qval F (at_ (row a b) s.+1) by rewrite /row fitE' (levelled_sum F b lev).
rewrite mulr_suml /row_val -addrA -sumrB; under eq_bigr do rewrite -mulrBr.
apply: (@le_trans _ _ (size_of a b)).
  apply: norm_add => //; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _.
  by rewrite normrM; apply: le_mul2l => //; exact: (apart_near s r0E box Tt).
have le_one (J : finType) (f : J -> F) j : (forall k, 0 <= f k) -> f j <= \sum_k f k.
  by move=> f0; rewrite (bigD1 j) //= le_plus sumr_ge0.
apply: (@le_trans _ _ (\sum_b size_of a b)); first by apply: le_one.
by apply: (le_one _ (fun a => \sum_b size_of a b)) => a'; apply: sumr_ge0.
Qed.

(* ------------------------------------------------------------------------ the result *)
Section Sound.
Variables (F : realFieldType) (m : model) (d : data) (r : nat) (lower upper : seq Q).
Variables (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (cells : seq cell).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> {dffun forall i : agent (sizes m), action i}).
Notation qval := (qval F).
Notation o := (1 - r)%N.
Hypothesis all_ok : check_all m r lower upper cells.
Hypothesis run : starts d v0 g0 V pi.

Lemma states_of : exists r0 o0 : state m, r0 = r :> nat /\ o0 = o :> nat.
Proof.
case/andP: all_ok => /and5P [_ /eqP two r2 _ _] _.
have o2 : (o < n_states m)%N by rewrite two ltnS leq_subr.
have r2' : (r < n_states m)%N by rewrite two.
by exists (Ordinal r2'), (Ordinal o2).
Qed.

Lemma arrivalP v g : arrival m d T v0 g0 = Some (v, g) -> V T =1 vec F m v /\ plays g (pi T).
Proof.
case/andP: all_ok => /and5P [ok _ _ _ _] _; have [V0 pl pos] := run; rewrite /arrival; case: ifP => // _ E.
exact: (replayP (vg := (v0, g0)) ok pos V0 pl E).
Qed.

Section States.
Variables r0 o0 : state m.
Hypothesis r0E : r0 = r :> nat.
Hypothesis o0E : o0 = o :> nat.

Lemma enteredP x : entered m d r cells T v0 g0 = Some x ->
  V T o0 - V T r0 = qval x /\ exists2 c, c of cells & held d r0 o0 c (V T) (pi T).
Proof.
rewrite /entered; case E: arrival => [[v g]|//]; have [VT gT] := arrivalP E; case: ifP => // /has_of [c cin].
move=> /and3P [/eqP pc]; rewrite !(qval_le F) => lo hi [<-].
have DE : V T o0 - V T r0 = qval (qsub (at_ v o) (at_ v r)) by rewrite !VT qval_sub /Tables.vec o0E r0E.
split=> //; exists c => //; split; rewrite ?DE // => mv; move: pc; rewrite /following mv => ->; exact: gT.
Qed.

(* cells that hold the run at all times bound it *)
Lemma held_apart : (forall k, exists2 c, c of cells & held d r0 o0 c (V (T + k)%N) (pi (T + k)%N)) ->
  apart lower upper r V T.
Proof.
case/andP: all_ok => /and5P [ok /eqP two r2 lr ur] within held_k t Tt s s' s'E.
have -> : s' = r0 by apply: val_inj; rewrite /= s'E r0E.
have [c cin] := held_k (t - T)%N; rewrite subnKC // => -[_ lo hi].
have := all_of within cin; rewrite !(qval_le F) => /and3P [lc _ rc].
have [->|->] : s = r0 \/ s = o0 by apply: (@states_two m Uniform r).
  by rewrite subrr /Tables.vec r0E; move: lr ur; rewrite !(qval_eq F) qval0 => /eqP -> /eqP ->.
by rewrite /Tables.vec o0E; split; [apply: le_trans lc lo|apply: le_trans hi rc].
Qed.

(* and then the values themselves are bounded *)
Lemma held_bounded met right stretch : check_moves m d r cells met right stretch ->
  (forall k, exists2 c, c of cells & held d r0 o0 c (V (T + k)%N) (pi (T + k)%N)) ->
  exists C, forall t s, `|V t s| <= C.
Proof.
move=> moves held_k; case/andP: all_ok => /and5P [ok _ _ _ _] _; have [_ _ pos] := run.
apply: (around_bounded ok pos r0E (held_apart held_k)) => k; have [c cin [pl _ _]] := held_k k.
by exists (played c); have [/andP [lev _] _] := cell_checked moves cin.
Qed.
End States.

Lemma cells_sound : check_cells m d r lower upper v0 g0 T cells ->
  apart lower upper r V T /\ exists C, forall t s, `|V t s| <= C.
Proof.
case/andP => _; case E: entered => [x|//] moves; have [r0 [o0 [r0E o0E]]] := states_of.
case/andP: all_ok => /and5P [ok /eqP two _ _ _] _; have [_ _ pos] := run.
have held_k k : exists2 c, c of cells & held d r0 o0 c (V (T + k)%N) (pi (T + k)%N).
  elim: k => [|k [c cin cV]]; first by rewrite addn0; have [_] := enteredP r0E o0E E.
  rewrite addnS; have [//|ab [c' [_ c'in h _ _]]] := cell_step ok two r0E o0E moves (pos (T + k)%N) cin cV.
  by exists c'.
by split; [exact: (held_apart r0E o0E held_k)|exact: (held_bounded r0E o0E moves held_k)].
Qed.
End Sound.
