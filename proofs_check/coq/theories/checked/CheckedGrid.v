(* Cells of a grid of differences d(s) = V(s) - V(r), which a run never leaves, for any number of
   states.

   A cell is a pair of the joint actions that the data follow and of whole numbers k(s):
   k(s) u(s) <= d(s) <= (k(s) + 1) u(s); at r both u and k are 0. Around given joint actions the
   difference of two factors is an affine function of d. An action may be chosen somewhere in a cell
   unless another one exceeds it there, or ties with it at best and wins. For each choice of such
   actions d is led into an interval for each state: all cells that these touch must be listed.

                                               room == joint actions ([::]: fixed data) and the cells around them
                                    every_choice ls == all lists with an entry of each list of ls
                                          whole x u == the floor of x / u
                                          above x u == the ceiling of x / u
                                      same_cell k l == k and l are the same numbers
                                   cells_of rooms g == the cells around g
                               low_corner m units k == the least differences in a cell
                              high_corner m units k == the greatest ones
                                   leads_of m e s i == the leads of each action of agent i over each other one
                             survives m leads lo hi == the action may be chosen in a cell
                               possible m own lo hi == the actions that may be
                                 span r units s p q == the first whole number whose cell an interval touches, and how many
                  listed m r units cells e ls lo hi == all cells that a choice leads to are among cells
                       room_ok m d r units rooms rm == all cells of a room lead into cells
                       within m units lower upper k == the bounds hold in the cell k
   check_grid m d r units lower upper v0 g0 T rooms == the check of positions
                               held_in units k U r0 == the cell k holds the values U

   grid_sound  checked cells hold the differences from T on

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import zify ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedBox CheckedDifferences CheckedCells CheckedRepelling.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Record room := Room { room_around : seq (seq nat); room_cells : seq (seq Z) }.

(* --------------------------------------------------------------------- what is computed *)
Fixpoint every_choice T (ls : seq (seq T)) : seq (seq T) :=
  if ls is l :: rest then let others := every_choice rest in flatten [seq [seq x :: c | c <- others] | x <- l]
  else [:: [::]].

Definition whole (x u : Q) : Z := Z.div (Z.mul (Qnum x) (Zpos (Qden u))) (Z.mul (Zpos (Qden x)) (Qnum u)).
Definition above (x u : Q) : Z := Z.opp (whole (qopp x) u).
Definition same_cell (k l : seq Z) : bool := (size k == size l) && all2 Z.eqb k l.
Definition cells_of (rooms : seq room) (g : seq (seq nat)) : seq (seq Z) :=
  flatten [seq room_cells rm | rm <- [seq rm <- rooms | room_around rm == g]].

Section Compute.
Variables (m : model) (d : data) (r : nat) (units : seq Q).
Notation n := (size (sizes m)).
Notation S := (n_states m).

Definition low_corner (k : seq Z) : seq Q := tab S (fun s => qmul (inject_Z (nth Z0 k s)) (at_ units s)).
Definition high_corner (k : seq Z) : seq Q :=
  tab S (fun s => qmul (inject_Z (Z.add (nth Z0 k s) (Zpos 1))) (at_ units s)).

(* for each action the forms by which it exceeds each other one, and whether that wins ties *)
Definition leads_of (e : data) (s i : nat) : seq (seq (seq Q * bool)) :=
  let own := fit_at m e s [::] in let k := nth 0%N (sizes m) i in
  tab k (fun x => [seq (minus (row own i x) (row own i y), before m y x) | y <- iota 0 k]).
Definition survives (leads : seq (seq Q * bool)) (lo hi : seq Q) : bool :=
  all (fun fl : seq Q * bool => let most_ := most m lo hi fl.1 in if fl.2 then qlt q0 most_ else qle q0 most_) leads.
Definition possible (own : seq (seq (seq Q * bool))) (lo hi : seq Q) : seq nat :=
  [seq x <- iota 0 (size own) | survives (nth [::] own x) lo hi].

Definition span (s : nat) (p q : Q) : Z * Z :=
  if s == r then (Z0, Zpos 1) else
  let u := at_ units s in let first := whole p u in (first, Z.max (Zpos 1) (Z.sub (above q u) first)).

Definition listed (cells : seq (seq Z)) (e : data) (ls : seq (seq nat)) (lo hi : seq Q) : bool :=
  let total s := total_row m (fit_at m e s [::]) (nth [::] ls s) in
  let base := total r in
  let forms := tab S (fun s => (minus (total s) base, minus base (total s))) in
  let spans := tab S (fun s => let fg := nth ([::], [::]) forms s in
    span s (qopp (most m lo hi fg.2)) (most m lo hi fg.1)) in
  [&& all (fun fg => flat m fg.1 && flat m fg.2) forms,
      Z.leb (foldr (fun fk acc => Z.mul fk.2 acc) (Zpos 1) spans) (Z.of_nat (size cells))
    & all (fun k => has (same_cell k) cells)
        (every_choice [seq tab (Z.to_nat fk.2) (fun j => Z.add fk.1 (Z.of_nat j)) | fk <- spans])].

Definition room_ok (rooms : seq room) (rm : room) : bool :=
  let e := fits_around m d (room_around rm) in
  let leads := tab S (fun s => tab n (fun i => leads_of e s i)) in
  [&& levelled m e r, all (all (all (all (fun fl => flat m fl.1)))) leads
    & all (fun k => let lo := low_corner k in let hi := high_corner k in
        all (fun ls => listed (cells_of rooms (following d ls)) e ls lo hi)
          (every_choice [seq every_choice [seq possible own lo hi | own <- at_s] | at_s <- leads]))
      (room_cells rm)].

Definition within (lower upper : seq Q) (k : seq Z) : bool :=
  every S (fun s => qle (at_ lower s) (at_ (low_corner k) s) && qle (at_ (high_corner k) s) (at_ upper s)).

Definition check_grid (lower upper : seq Q) (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (rooms : seq room) : bool :=
  [&& check_model m, (r < S)%N, qeq (at_ lower r) q0 & qeq (at_ upper r) q0] &&
  [&& qeq (at_ units r) q0, every S (fun s => (s == r) || qlt q0 (at_ units s)),
      uniq [seq room_around rm | rm <- rooms]
    & all (fun rm => all (within lower upper) (room_cells rm)) rooms] &&
  (if arrival m d T v0 g0 is Some (v, g) then
     has (fun k => inside_about m (low_corner k) (high_corner k) r v) (cells_of rooms (following d g))
   else false) &&
  all (room_ok rooms) rooms.
End Compute.

Arguments qeq : simpl never.
Arguments qlt : simpl never.
Arguments qle : simpl never.

(* ------------------------------------------------------------------------ what it means *)
Local Notation "x 'of' l" := (List.In x l) (at level 70, no associativity).

Lemma every_choice_of T (x0 : T) (ls : seq (seq T)) c : size c = size ls ->
  (forall i, (i < size ls)%N -> nth x0 c i of nth [::] ls i) -> c of every_choice ls.
Proof.
elim: ls c => [|l ls IH] [|x c] //= sz h; first by left.
have xl := h 0%N isT; apply: (of_flatten xl); apply: (of_map (cons x)).
by apply: IH => [|i il]; [case: sz|apply: (h i.+1)].
Qed.

Lemma of_tab T (f : nat -> T) n k : (k < n)%N -> f k of tab n f.
Proof. by move=> kn; apply: of_map; apply: in_of; rewrite mem_iota. Qed.

Lemma of_cat T (l l' : seq T) x : x of l ++ l' -> x of l \/ x of l'.
Proof. by elim: l => [|y l IH] /=; [right|case=> [->|/IH [h|h]]; [left; left|left; right|right]]. Qed.

Lemma same_cellP k l : same_cell k l -> k = l.
Proof.
case/andP => _; elim: k l => [|x k IH] [|y l] //= /andP [/Z.eqb_eq -> /IH ->].
by [].
Qed.

Section Whole.
Variable F : realFieldType.
Notation qval := (qval F).
Notation zval := (zval F).

Lemma qval_inject z : qval (inject_Z z) = zval z.
Proof. by rewrite /qval /inject_Z /= (_ : zval 1 = 1) ?divr1. Qed.

Lemma wholeP x u : qlt q0 u -> zval (whole x u) * qval u <= qval x.
Proof.
move=> u0; have un := positive_num F u0.
have := Z.mul_div_le (Z.mul (Qnum x) (Zpos (Qden u))) (Z.mul (Zpos (Qden x)) (Qnum u)) ltac:(nia).
rewrite -/(whole x u) => /Z.leb_le; rewrite -(zval_le F) !zvalM /Rationals.qval.
set f := zval (whole x u); rewrite le_div ?zval_gt0 // => le.
rewrite (_ : f * _ * _ = zval (Zpos (Qden x)) * zval (Qnum u) * f / zval (Zpos (Qden u))); last by field; rewrite zval_neq0.
by rewrite div_le ?zval_gt0.
Qed.

Lemma aboveP x u : qlt q0 u -> qval x <= zval (above x u) * qval u.
Proof.
move=> u0; have := wholeP (qopp x) u0; rewrite qval_opp /above zvalN mulNr => h.
by rewrite -[X in X <= _]opprK opp_le opprK.
Qed.

(* a number between multiples of u is between two that follow each other *)
Lemma between_multiples (f : Z) (n : nat) (u y : F) : (0 < n)%N -> zval f * u <= y ->
  y <= zval (Z.add f (Z.of_nat n)) * u ->
  exists2 j, (j < n)%N & zval (Z.add f (Z.of_nat j)) * u <= y /\ y <= zval (Z.add (Z.add f (Z.of_nat j)) (Zpos 1)) * u.
Proof.
elim: n => // n IH _ lo hi; case: n IH hi => [|n] IH hi.
  by exists 0%N => //; rewrite Z.add_0_r; split.
have [le|lt] := lerP y (zval (Z.add f (Z.of_nat n.+1)) * u).
  by have [j jn h] := IH isT lo le; exists j => //; apply: ltnW.
exists n.+1 => //; split; first exact: ltW.
by rewrite (_ : Z.add (Z.add f _) _ = Z.add f (Z.of_nat n.+2)) //; lia.
Qed.

Lemma to_nat_gt0 z : (0 < Z.to_nat (Z.max (Zpos 1) z))%N.
Proof. by lia. Qed.
Lemma reaches a f : Z.le a (Z.add f (Z.of_nat (Z.to_nat (Z.max (Zpos 1) (Z.sub a f))))).
Proof. by lia. Qed.

(* a number of an interval is in a cell that the interval touches *)
Lemma spanP r units (s : nat) p q y : s != r -> qlt q0 (at_ units s) -> qval p <= y -> y <= qval q ->
  exists2 z, z of tab (Z.to_nat (span r units s p q).2) (fun j => Z.add (span r units s p q).1 (Z.of_nat j)) &
    zval z * qval (at_ units s) <= y /\ y <= zval (Z.add z (Zpos 1)) * qval (at_ units s).
Proof.
rewrite /span => /negbTE -> u0 py yq; rewrite /fst /snd.
have lo : zval (whole p (at_ units s)) * qval (at_ units s) <= y by apply: le_trans (wholeP p u0) py.
have ge : 0 <= qval (at_ units s) by apply/ltW; rewrite -(qval0 F) -qval_lt.
have le : zval (above q (at_ units s)) <= zval (Z.add (whole p (at_ units s))
    (Z.of_nat (Z.to_nat (Z.max (Zpos 1) (Z.sub (above q (at_ units s)) (whole p (at_ units s))))))).
  by rewrite zval_le; apply/Z.leb_le; apply: reaches.
have hi := le_trans yq (le_trans (aboveP q u0) (le_mul2r ge le)).
have [j jc h] := between_multiples (to_nat_gt0 _) lo hi.
by exists (Z.add (whole p (at_ units s)) (Z.of_nat j)); first exact: (of_tab _ jc).
Qed.
End Whole.

Section Sound.
Variables (F : realFieldType) (m : model) (d : data) (r : nat) (units lower upper : seq Q).
Variables (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (rooms : seq room).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> {dffun forall i : agent (sizes m), action i}).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Hypothesis checked : check_grid m d r units lower upper v0 g0 T rooms.
Hypothesis run : starts d v0 g0 V pi.

Lemma grid_basics : [/\ check_model m, (r < n_states m)%N, qval (at_ units r) = 0 &
  forall s : state m, s != r :> nat -> qlt q0 (at_ units s)].
Proof.
case/andP: checked => /andP [/andP [/and4P [ok rS _ _] /and4P [ur /everyP up _ _]] _] _; split=> //.
  by move: ur; rewrite (qval_eq F) qval0 => /eqP.
by move=> s sr; have := up s (ltn_ord s); rewrite (negbTE sr).
Qed.

(* a cell holds the differences of values *)
Definition held_in (k : seq Z) (U : state m -> F) (r0 : state m) :=
  forall s, vec (low_corner m units k) s <= U s - U r0 /\ U s - U r0 <= vec (high_corner m units k) s.

Lemma cornersE k (s : state m) : vec (low_corner m units k) s = zval F (nth Z0 k s) * qval (at_ units s) /\
  vec (high_corner m units k) s = zval F (Z.add (nth Z0 k s) (Zpos 1)) * qval (at_ units s).
Proof. by rewrite /Tables.vec /low_corner /high_corner /at_ !nth_tab ?ltn_ord // !qval_mul !qval_inject. Qed.

Lemma cells_of_room g k : k of cells_of rooms g -> exists2 rm, rm of rooms & room_around rm = g /\ k of room_cells rm.
Proof.
rewrite /cells_of; elim: rooms => //= rm rest IH; case: eqP => [e|_] /=.
  move=> kin0; have [kin|/IH [rm' rin h]] := of_cat kin0; first by exists rm; [left|].
  by exists rm'; [right|].
by move/IH => [rm' rin h]; exists rm'; [right|].
Qed.

Section Step.
Variables (r0 : state m) (rm : room) (k : seq Z) (U U' : state m -> F) (p p' : state m -> joint).
Hypothesis r0E : r0 = r :> nat.
Hypothesis rin : rm of rooms.
Hypothesis kin : k of room_cells rm.
Hypothesis pl : moving d -> plays (room_around rm) p.
Hypothesis hold : held_in k U r0.
Hypothesis step : forall s, first_greedy (credits F m d U (code (p s)) s) (p' s) /\
  U' s = Qtot (credits F m d U (code (p s)) s) (p' s).
Notation e := (fits_around m d (room_around rm)).
Notation lo := (low_corner m units k).
Notation hi := (high_corner m units k).
Notation W := (fun s => U s - U r0).

Lemma most_on f : flat m f -> row_val f U <= qval (most m lo hi f).
Proof. by move=> fl; rewrite -(flat_shift U (U r0) fl); apply: mostP. Qed.

Lemma grid_next : exists2 rm', rm' of rooms & exists2 k', k' of room_cells rm' &
  (moving d -> plays (room_around rm') p') /\ held_in k' U' r0.
Proof.
have [ok rS ur up] := grid_basics; case/andP: checked => _ all_ok.
have /and3P [_ flats each_ok] := all_of all_ok rin; have moves := all_of each_ok kin.
have creditE (s : state m) i (x : action i) : credits F m d U (code (p s)) s i x = row_val (row (fit_at m e s [::]) i x) U.
  by rewrite (aroundE ok U s x pl) -(creditsE ok).
pose ls := tab (n_states m) (fun s => if insub s is Some s' then code (p' s') else [::]).
have lsE (s : state m) : nth [::] ls s = code (p' s) by rewrite /ls (nth_tab _ _ (ltn_ord s)) valK.
have chosen : ls of every_choice [seq every_choice [seq possible m own lo hi | own <- at_s]
    | at_s <- tab (n_states m) (fun s => tab (size (sizes m)) (fun i => leads_of m e s i))].
  apply: (every_choice_of (x0 := [::])) => [|s]; rewrite !size_map size_iota // => sS.
  rewrite (lsE (Ordinal sS)) (nth_map [::]) ?size_map ?size_iota // nth_tab //.
  apply: (every_choice_of (x0 := 0%N)) => [|i]; rewrite ?size_code !size_map size_iota ?size_enum_ord // => il.
  rewrite (nth_map [::]) ?size_map ?size_iota // nth_tab //.
  pose i' : agent (sizes m) := Ordinal il; set s' : state m := Ordinal sS; rewrite (nth_code _ i').
  rewrite /possible; apply: in_of; rewrite mem_filter mem_iota size_map size_iota ltn_ord leq0n !andbT.
  have : all (all (fun fl => flat m fl.1)) (leads_of m e s i).
    have := all_of (all_of flats (of_tab _ sS)) (of_tab _ il); exact.
  rewrite /survives /leads_of nth_tab ?ltn_ord // => fl.
  have {}fl := all_of fl (of_tab _ (ltn_ord (p' s' i'))).
  move: fl; rewrite !all_map => /allP fl; apply/allP => y yin; have {}fl := fl y yin.
  move: yin fl; rewrite mem_iota /= => yk fl.
  have [[gr first] _] := step s'; pose y' : action i' := Ordinal yk.
  have le := most_on fl; rewrite row_val_minus in le.
  have := gr i' y'; have := first i' y'; rewrite !creditE /=.
  case: ifP => _ h1 h2; rewrite !(qval_lt F, qval_le F) qval0; last by apply: le_trans le; rewrite subr_ge0.
  by apply: lt_le_trans le; rewrite subr_gt0; apply: h1.
have /and3P [flat2 _ every_listed] := all_of moves chosen.
set cells := cells_of rooms _ in every_listed.
pose total s := total_row m (fit_at m e s [::]) (nth [::] ls s).
have U'E (s : state m) : U' s = row_val (total s) U.
  have [_ ->] := step s; rewrite /total lsE total_rowE; apply: eq_bigr => i _; exact: creditE.
have bounds (s : state m) : - qval (most m lo hi (minus (total r) (total s))) <= U' s - U' r0 /\
    U' s - U' r0 <= qval (most m lo hi (minus (total s) (total r))).
  have [f1 f2] : flat m (minus (total s) (total r)) /\ flat m (minus (total r) (total s)).
    by apply/andP; have := all_of flat2 (of_tab _ (ltn_ord s)); exact.
  have h1 := most_on f1; have h2 := most_on f2; rewrite !row_val_minus in h1 h2.
  rewrite !U'E r0E; split; last exact: h1.
  by rewrite opp_le opprB; exact: h2.
pose P s := qopp (most m lo hi (minus (total r) (total s))).
pose R s := most m lo hi (minus (total s) (total r)).
have some (s : state m) : exists2 z, z of tab (Z.to_nat (span r units s (P s) (R s)).2)
      (fun j => Z.add (span r units s (P s) (R s)).1 (Z.of_nat j)) &
    zval F z * qval (at_ units s) <= U' s - U' r0 /\ U' s - U' r0 <= zval F (Z.add z (Zpos 1)) * qval (at_ units s).
  have [b1 b2] := bounds s; have [sr|sr] := eqVneq (s : nat) r.
    have -> : s = r0 by apply: val_inj; rewrite /= sr r0E.
    rewrite subrr r0E /span eqxx; exists Z0; first exact: (of_tab _ (ltnSn 0)).
    by rewrite ur !mulr0; split.
  apply: spanP sr (up s sr) _ b2; rewrite /P qval_opp; exact: b1.
have [k' k'in k'P] := fin_all_exists2 some.
pose k2 := tab (n_states m) (fun s => if insub s is Some s' then k' s' else Z0).
have k2E (s : state m) : nth Z0 k2 s = k' s by rewrite /k2 (nth_tab _ _ (ltn_ord s)) valK.
have listed_k : k2 of every_choice [seq tab (Z.to_nat fk.2) (fun j => Z.add fk.1 (Z.of_nat j))
    | fk <- tab (n_states m) (fun s => span r units s (P s) (R s))].
  apply: (every_choice_of (x0 := Z0)) => [|s]; rewrite !size_map size_iota // => sS.
  rewrite (k2E (Ordinal sS)) (nth_map (Z0, Z0)) ?size_map ?size_iota // nth_tab //;
    exact: (k'in (Ordinal sS)).
have spansE : tab (n_states m) (fun s => span r units s (P s) (R s)) =
    tab (n_states m) (fun s => let fg := nth ([::], [::]) (tab (n_states m) (fun s => (minus (total s) (total r),
      minus (total r) (total s)))) s in span r units s (qopp (most m lo hi fg.2)) (most m lo hi fg.1)).
  by apply/eq_in_map => s; rewrite mem_iota => /= sS; rewrite nth_tab.
rewrite spansE in listed_k; have [l lin kl] := has_of (all_of every_listed listed_k).
have [rm' rin' [rmE kin']] := cells_of_room lin; exists rm' => //; exists l => //; split.
  by move=> mv; rewrite rmE /following mv => s; rewrite lsE.
by move=> s; have [-> ->] := cornersE l s; rewrite -(same_cellP kl) k2E; exact: (k'P s).
Qed.
End Step.

(* Checked cells hold the differences from T on, and the values are bounded. *)
Lemma grid_sound : apart lower upper r V T /\ exists C, forall t s, `|V t s| <= C.
Proof.
have [ok rS _ _] := grid_basics; case/andP: checked => /andP [/andP [_ /and4P [_ _ _ bounds]] start] all_ok.
have [V0 pl0 pos] := run; pose r0 : state m := Ordinal rS.
have held_k k : exists2 rm, rm of rooms & exists2 c, c of room_cells rm &
    (moving d -> plays (room_around rm) (pi (T + k)%N)) /\ held_in c (V (T + k)%N) r0.
  elim: k => [|k [rm rin [c cin [pl hold]]]]; last first.
    by rewrite addnS; apply: (grid_next (r0 := r0) erefl rin cin pl hold (pos (T + k)%N)).
  move: start; rewrite addn0; case E: arrival => [[v g]|//] /has_of [c cin /everyP ins].
  have [rm rin [rmE cin']] := cells_of_room cin; exists rm => //; exists c => //.
  move: E; rewrite /arrival; case: ifP => // _ E.
  have [VT gT] := replayP (vg := (v0, g0)) ok pos V0 pl0 E; rewrite add0n in VT gT; split.
    by move=> mv; rewrite rmE /following mv.
  move=> s; have /andP [] := ins s (ltn_ord s); rewrite !(qval_le F) qval_sub => lo hi.
  by rewrite !VT; split; [exact: lo|exact: hi].
have box : apart lower upper r V T.
  move=> t Tt s s' s'E; have -> : s' = r0 by apply: val_inj; rewrite /= s'E.
  have [rm rin [c cin [_ hold]]] := held_k (t - T)%N; rewrite subnKC // in hold.
  have within_c := all_of (all_of bounds rin) cin; have /andP [] := everyP _ _ within_c s (ltn_ord s).
  rewrite !(qval_le F) => lo hi; have [lo' hi'] := hold s.
  by split; [apply: le_trans lo lo'|apply: le_trans hi' hi].
split; [exact: box|apply: (around_bounded (r0 := r0) ok pos erefl box) => k].
have [rm rin [_ _ [pl _]]] := held_k k; exists (room_around rm) => //.
by have /and3P [lev _ _] := all_of all_ok rin.
Qed.
End Sound.
