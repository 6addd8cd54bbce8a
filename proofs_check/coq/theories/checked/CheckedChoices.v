(* The certificate kind `choices`: data follow the greedy actions, and a run tends to claimed positions
   whichever of several joint actions are greedy in each phase of a round.

   In phase j the greedy joint action at a state s is one of the list G_j(s). Every pair of g in G_j(s) and a
   in G_(j+1)(s) leads from the claimed values of phase j to those of the next, and in the region around them
   no other joint action is greedy at the next step. The region is spanned (Spans.v) by columns, which follow
   the row of one of these pairs; where others differ, the unit vector of the state is a new column, as wide as
   they may differ. After a round the coordinates are smaller, all columns counted in. States may be in one
   class where their fits agree as functions of one value a class: they keep one value and one joint action,
   and choose alike.

                         choices == the number of steps before, T (opening), the class of each state
                                    (kinds), the lists G_j (ways), the directions of phase 0 (bases), a hint
                                    (duals, as in Regions.v), and the widths (extents)
                    lists_at p j == the lists of phase j, of as many phases in turn
               point_at points j == the claimed values of phase j
               first_of_kind p s == the first state of the class of s
                by_kinds m p v g == values and joint actions are the same in all states of a class
               as_proof p points == the directions as those of a region
                    first_span p == the region of phase 0
                     settled p s == the state s has one choice in all phases
    circle m p points fit i j cs == i steps from phase j on, with the spans of all; None: refused
         stretch m p points cs l == how far coordinate l may be from 0 on the span cs
           returns m p points cs == after a round, cs is in a smaller span of phase 0
       enters_span m p points vg == the values and joint actions vg are some of phase 0
        rounds_span m d p points == a round, and its return
   told_apart m p points pol i j == positions differ in values, or in joint actions that are not left open
              check_spans m d .. == the check of claimed positions, whatever the fits of d are fits to
            check_choices m d .. == it, and that of the data
       check_choice_limit m d .. == the same of a claim of convergence, one position, and worths (Claims.v)
             in_kinds V pi rep t == at t they are the same, rep s being the first state of the class of s
                chooses p pi j t == at t the joint actions are some of the lists of phase j

   circleP              the steps of a round
   returnsP             and its return
   choices_tend         checked positions are approached by all runs of positions from the start
   choices_orbit_sound  accepted cycles of values are approached by every run from the start, and there is one
   choices_limit_sound  accepted limits are the limits of every run from the start, and there is one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions RunsExist CheckedOrbit Spans.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is checked *)
Record choices := Choices {
  opening : nat; kinds : seq nat; ways : seq (seq (seq (seq nat))); bases : seq (seq Q); duals : seq (seq Q); extents : seq Q }.

Section Compute.
Variables (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : choices).
Variables (points : seq (seq Q)) (policies : seq (seq (seq nat))).
Notation S := (n_states m).
Notation n := (size (bases p)).
Notation k := (size points).
Notation mm := (size (ways p)).

Definition lists_at (j : nat) : seq (seq (seq nat)) := nth [::] (ways p) (j %% mm).
Definition point_at (j : nat) : seq Q := nth [::] points (j %% k).
(* the first state of the class of s *)
Definition first_of_kind (s : nat) : nat := index (nth 0%N (kinds p) s) (kinds p).
(* one choice in all phases *)
Definition settled (s : nat) : bool := every mm (fun j => size (nth [::] (nth [::] (ways p) j) s) == 1%N).
(* two positions differ in values, or in joint actions that are not left open *)
Definition told_apart (i j : nat) : bool :=
  ~~ every S (fun s => qeq (at_ (nth [::] points i) s) (at_ (nth [::] points j) s) &&
    (settled s ==> (nth [::] (nth [::] policies i) s == nth [::] (nth [::] policies j) s))).
Definition by_kinds (v : seq Q) (g : seq (seq nat)) : bool :=
  every S (fun s => qeq (at_ v s) (at_ v (first_of_kind s)) && (nth [::] g s == nth [::] g (first_of_kind s))).
Definition as_proof : proof :=
  Proof (opening p) (point_at 0) [::] [::] (bases p) (duals p) (Region Bounded (extents p) [::] None).
Definition first_span : span := [seq (nth [::] (bases p) l, at_ (extents p) l) | l <- iota 0 n].

Fixpoint circle (fit : nat -> seq nat -> seq (seq (seq Q))) (steps j : nat) (cols : span) : option (seq span) :=
  if steps is steps'.+1 then
    if turn m first_of_kind fit (point_at j) cols (lists_at j) (lists_at j.+1) (point_at j.+1) is Some cols' then
      if circle fit steps' j.+1 cols' is Some found then Some (cols :: found) else None
    else None
  else Some [:: cols].

(* how far coordinate l may be from 0 *)
Definition stretch (cols : span) (l : nat) : Q :=
  qtotal_list cols (fun cb => qtimes (qabs (coordinate m as_proof l (at_ cb.1))) cb.2).
Definition returns (cols : span) : bool :=
  all (fun cb => in_span m as_proof (at_ cb.1)) cols &&
  every n (fun l => let x := stretch cols l in
    qlt x (at_ (extents p) l) || qeq x q0 && qeq (at_ (extents p) l) q0).

(* the run enters the region after the steps before *)
Definition enters_span (vg : seq Q * seq (seq nat)) : bool :=
  [&& by_kinds vg.1 vg.2, in_span m as_proof (offset as_proof vg.1),
      every n (fun l => qle (qabs (at_ (places m as_proof vg.1) l)) (at_ (extents p) l))
    & every S (fun s => nth [::] vg.2 s \in nth [::] (lists_at 0) s)].

Definition rounds_span : bool :=
  let used s := flatten [seq nth [::] w s | w <- ways p] in
  let known := fits_of m d used in
  let fit := fit_in m d known in
  agreeing m first_of_kind fit used &&
  (if circle fit mm 0 first_span is Some found then returns (nth [::] found mm) else false).

(* whatever the fits of d are fits to *)
Definition check_spans : bool :=
  [&& moving d, check_model m, (0 < S)%N & every S (fun s => is_action (sizes m) (nth [::] g0 s))] &&
  [&& (0 < k)%N, (0 < mm)%N, (k %| mm)%N & size policies == k] && (size (kinds p) == S) &&
  [&& all (qle q0) (extents p), size (extents p) == n, check_dual m as_proof
    & every mm (fun j => every S (fun s => let own := nth [::] (lists_at j) s in
        [&& all (is_action (sizes m)) own, uniq own & own == nth [::] (lists_at j) (first_of_kind s)]))] &&
  every mm (fun j => every S (fun s => nth [::] (nth [::] policies (j %% k)) s \in nth [::] (lists_at j) s)) &&
  (if replay m (fits m d) (opening p) (fits m d g0) (v0, g0) is Some vg then enters_span vg && rounds_span else false) &&
  every k (fun j => check_step m (fits m d) points policies j && by_kinds (nth [::] points j) (nth [::] policies j) &&
    every k (fun i => (i == j) || told_apart i j)).

Definition check_choices : bool := check_data m d && check_spans.
End Compute.

Definition check_choice_limit (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : choices) (c : limit) : bool :=
  check_worths m c && check_choices m d v0 g0 p [:: values c] [:: policy c].

(* ------------------------------------------------------------------------- what it means *)
Section Choices.
Variables (F : archiFieldType) (m : model) (d : data) (v0 : seq Q) (g0 : seq (seq nat)) (p : choices).
Variables (points : seq (seq Q)) (policies : seq (seq (seq nat))).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation gamma := (gamma F m).
Notation S := (n_states m).
Notation n := (size (bases p)).
Notation T := (opening p).
Notation k := (size points).
Notation mm := (size (ways p)).
Notation lists_at := (lists_at p).
Notation point_at := (point_at points).
Notation as_proof := (as_proof p points).
Notation first_of_kind := (first_of_kind p).
Notation W l := (nth [::] (bases p) l).
Notation b l := (at_ (extents p) l).
Notation first_span := (first_span p).
Implicit Types (cols : span) (mu : F) (U : state m -> F).

Lemma wideK mu o cols (l l' : F) U : l <= l' -> within o cols mu l U -> within o cols mu l' U.
Proof. by move=> le [lam [U' [h1 h2 h3]]]; exists lam, U'; split=> //; apply: le_trans le. Qed.

(* a sum of directions *)
Lemma reach_sum mu (z : nat -> F) (ls : seq nat) : (forall l, l \in ls -> `|z l| <= mu * qval (b l)) ->
  reach [seq (W l, b l) | l <- ls] mu (fun s : state m => \sum_(l <- ls) z l * vec (W l) s).
Proof.
elim: ls => [|l ls IH] h /=; first by move=> s; rewrite big_nil.
exists (z l), (fun s : state m => \sum_(i <- ls) z i * vec (W i) s); split=> [||s].
- by apply: h; rewrite inE eqxx.
- by apply: IH => i il; apply: h; rewrite inE il orbT.
by rewrite big_cons.
Qed.

Lemma reach_directions mu (z : nat -> F) : (forall l, (l < n)%N -> `|z l| <= mu * qval (b l)) ->
  reach first_span mu (fun s : state m => \sum_(l < n) z l * vec (W l) s).
Proof.
move=> h; apply: (@reach_eq F m _ mu (fun s : state m => \sum_(l <- iota 0 n) z l * vec (W l) s)).
  by move=> s; rewrite -(big_mkord xpredT (fun l => z l * vec (W l) s)) /index_iota subn0.
by apply: reach_sum => l; rewrite mem_iota /= add0n => ln; apply: h.
Qed.

Lemma coordinates cols : all (fun cb => in_span m as_proof (at_ cb.1)) cols -> exists2 D : F, 0 <= D &
  forall mu U, 0 <= mu -> reach cols mu U -> exists z c,
    [/\ forall l, `|z l| <= mu * qval (stretch m p points cols l), `|c| <= mu * D
      & forall s, U s = \sum_(l < n) z l * vec (W l) s + c].
Proof.
elim: cols => [_|cb cols IH /andP [sp /IH [D D0 h]]].
  exists 0 => // mu U mu0 U0; exists (fun=> 0), 0; split=> [l||s].
  - by rewrite normr0 /stretch qval_total_list big_nil mulr0.
  - by rewrite mulr0 normr0.
  by rewrite U0 addr0 big1 // => l _; rewrite mul0r.
have [c1 c1E] := in_spanP F sp; exists (`|qval cb.2| * `|c1| + D) => [|mu U mu0 [x [U' [xb /(h _ _ mu0) [z [c [zb cD U'E]]] UE]]]].
  by apply: addr_ge0 => //; apply: mulr_ge0.
pose y l := qval (coordinate m as_proof l (at_ cb.1)).
exists (fun l => x * y l + z l), (x * c1 + c); split=> [l||s].
- have -> : qval (stretch m p points (cb :: cols) l) = qval cb.2 * `|y l| + qval (stretch m p points cols l).
    by rewrite /stretch !qval_total_list big_cons qval_times qval_abs mulrC.
  rewrite mulrDr; apply: norm_add => //; rewrite normrM mulrA; exact: le_mul2r.
- rewrite mulrDr; apply: norm_add => //; rewrite normrM mulrA; apply: le_mul2r => //.
  by apply: le_trans xb _; apply: le_mul2l => //; apply: ler_norm.
rewrite UE U'E (_ : vec cb.1 s = \sum_(l < n) y l * vec (W l) s + c1); last exact: c1E.
rewrite mulrDr addrACA; congr (_ + _); rewrite mulr_sumr -big_split; apply: eq_bigr => l _ /=.
by rewrite mulrDl mulrA.
Qed.

Lemma returnsP cols : all (qle q0) (extents p) -> wide_span cols -> returns m p points cols -> exists theta D : F,
  [/\ 0 <= theta, theta < 1, 0 <= D & forall mu (l : F) U, 0 <= mu -> within (point_at 0) cols mu l U ->
      within (point_at 0) first_span (theta * mu) (l + D * mu) U].
Proof.
move=> b0 wd /andP [/coordinates [D D0 h] /everyP sh].
have st0 l : 0 <= qval (stretch m p points cols l).
  rewrite /stretch qval_total_list; elim: (cols) wd => [|cb rest IH] /=; first by rewrite big_nil.
  case/andP; rewrite (qval_le F) qval0 => cb0 /IH h0; rewrite big_cons; apply: addr_ge0 => //.
  by rewrite qval_times qval_abs; apply: mulr_ge0.
have [|l ln|theta [t0 t1 le]] := @common_factor F n (fun l => qval (stretch m p points cols l)) (fun l => qval (b l)).
- by move=> l _; apply: st0.
- have := sh l ln; cbv beta zeta; rewrite (qval_lt F) !(qval_eq F) qval0 => /orP [lt|/andP [/eqP e1 /eqP e2]]; [by left|by right].
exists theta, D; split=> // mu l U mu0 [lam [U' [lamle /(h _ _ mu0) [z [c [zb cD U'E]]] UE]]].
exists (lam + c), (fun s => \sum_(i < n) z i * vec (W i) s); split.
- by apply: norm_add => //; rewrite mulrC.
- apply: reach_directions => i ni; apply: le_trans (zb i) _.
  by rewrite [theta * mu]mulrC -mulrA; apply: le_mul2l => //; apply: le.
by move=> s; rewrite UE U'E [lam + c]addrC !addrA.
Qed.

Section Run.
Variables (fit : nat -> seq nat -> seq (seq (seq Q))) (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis ok : check_model m.
Hypothesis mm0 : (0 < mm)%N.
Hypothesis km : (k %| mm)%N.
Hypothesis acts : forall j (s : state m), all (is_action (sizes m)) (nth [::] (lists_at j) s).
Hypothesis fitted : forall (s : state m) g, fit s g = fit_at m d s g.
Hypothesis pos : positions d V pi.
Variable rep : state m -> state m.
Hypothesis repE : forall s : state m, first_of_kind s = rep s.
Hypothesis repK : forall s, rep (rep s) = rep s.
Hypothesis same_points : forall j s, vec (point_at j) s = vec (point_at j) (rep s).
Hypothesis same_lists : forall j (s : state m), nth [::] (lists_at j) s = nth [::] (lists_at j) (rep s).
(* values and joint actions are the same in all states of a class *)
Variable used : nat -> seq (seq nat).
Hypothesis usedE : forall j (s : state m), {subset nth [::] (lists_at j) s <= used s}.
Hypothesis agree : agreeing m first_of_kind fit used.
Definition in_kinds (t : nat) := forall s, V t s = V t (rep s) /\ pi t s = pi t (rep s).
Definition chooses (j t : nat) := forall s : state m, code (pi t s) \in nth [::] (lists_at j) s.

Lemma circleP steps j cols found mu (l : F) t : circle m p points fit steps j cols = Some found ->
  0 <= mu -> mu <= 1 -> wide_span cols -> within (point_at j) cols mu l (V t) -> chooses j t -> in_kinds t ->
  forall i, (i <= steps)%N -> [/\ wide_span (nth [::] found i),
    within (point_at (j + i)) (nth [::] found i) mu (gamma ^+ i * l) (V (t + i)%N), chooses (j + i) (t + i) & in_kinds (t + i)].
Proof.
move=> + mu0 mu1; elim: steps j cols found l t => [|steps IH] j cols found l t /=.
  by case=> <- wd inV ch ki [|i] //= _; rewrite !addn0 expr0 mul1r.
case E: turn => [cols'|//]; case E': circle => [rest|//] [<-] wd inV ch ki [|i] /= isz.
  by rewrite !addn0 expr0 mul1r.
have fit' (s : state m) := fitted s (code (pi t s)); have sV s : V t s = V t (rep s) by have [] := ki s.
have sp s : pi t s = pi t (rep s) by have [] := ki s.
have [wd' inV' ch'] := turnP repE repK ok E mu0 mu1 wd ch (acts j.+1) fit' inV (pos t) (@usedE j) agree sV sp (same_points j.+1).
have ki' : in_kinds t.+1 by move=> s; have [] := same_step repE repK ok ch fit' (pos t) (@usedE j) agree sV sp s.
have ch2 : chooses j.+1 t.+1 by move=> s; have [_ ->] := ki' s; rewrite same_lists; apply: ch'.
have := IH _ _ _ _ _ E' wd' inV' ch2 ki' i isz.
by rewrite !addSnnS exprSr -mulrA.
Qed.

Variable found : seq span.
Hypothesis b0 : all (qle q0) (extents p).
Hypothesis walked : circle m p points fit mm 0 first_span = Some found.
Hypothesis back : returns m p points (nth [::] found mm).
Variable l0 : F.
Hypothesis entered : within (point_at 0) first_span 1 l0 (V T).
Hypothesis chosen : chooses 0 T.
Hypothesis kept : in_kinds T.

Lemma wide_first : wide_span first_span.
Proof.
rewrite /wide_span /first_span all_map; apply/allP => l _ /=.
have [lt|ge] := ltnP l (size (extents p)); first exact: (all_nthP q0 b0).
by rewrite /at_ nth_default.
Qed.

Lemma spans_bound (cs : seq span) : exists2 K : F, 0 <= K &
  forall i mu U (s : state m), 0 <= mu -> reach (nth [::] cs i) mu U -> `|U s| <= mu * K.
Proof.
elim: cs => [|cols cs [K K0 IH]]; first by exists 0 => // i mu U s mu0; rewrite nth_nil => U0; rewrite U0 normr0 mulr0.
have [K' K'0 h] := reach_bound F m cols; exists (K' + K) => [|i mu U s mu0]; first exact: addr_ge0.
case: i => [|i] /= inU; rewrite mulrDr.
  by apply: le_trans (h _ _ s mu0 inU) _; rewrite le_plus mulr_ge0.
by apply: le_trans (IH i _ _ s mu0 inU) _; rewrite addrC le_plus mulr_ge0.
Qed.

Lemma spans_tend :
  (forall e, 0 < e -> exists N, forall t, (N <= t)%N -> forall s, `|V t s - vec (point_at ((t - T) %% mm)) s| < e) /\
  forall t, (T <= t)%N -> chooses ((t - T) %% mm) t.
Proof.
have ga0 : 0 <= gamma := gamma_ge0 F ok; have ga1 : gamma < 1 := gamma_lt1 F ok.
have [|theta [D [t0 t1 D0 ret]]] := returnsP b0 _ back.
  by have [] := circleP walked ler01 (lexx 1) wide_first entered chosen kept (leqnn mm).
pose a := gamma ^+ mm; pose x := fix x q := if q is q'.+1 then a * x q' + D * theta ^+ q' else l0.
have a0 : 0 <= a by apply: exprn_ge0.
have a1 : a < 1 by rewrite exprn_ilt1 // -lt0n.
have mu0 q : 0 <= theta ^+ q by apply: exprn_ge0.
have mu1 q : theta ^+ q <= 1 by apply: exprn_ile1 => //; apply: ltW.
have h q : within (point_at 0) first_span (theta ^+ q) (x q) (V (T + mm * q)%N) /\
    (chooses 0 (T + mm * q) /\ in_kinds (T + mm * q)).
  elim: q => [|q [inV [ch ki]]]; first by rewrite expr0 muln0 addn0.
  have [_ + ch' ki'] := circleP walked (mu0 q) (mu1 q) wide_first inV ch ki (leqnn mm).
  rewrite add0n (_ : point_at mm = point_at 0) => [inV'|]; last by rewrite /CheckedChoices.point_at (eqP km) mod0n.
  rewrite mulnS [(mm + _)%N]addnC addnA; split; first by rewrite exprS; apply: ret.
  split=> //; move: ch'; by rewrite /chooses /CheckedChoices.lists_at add0n modnn mod0n.
have around t (tT : (T <= t)%N) : [/\ within (point_at ((t - T) %% mm)) (nth [::] found ((t - T) %% mm))
    (theta ^+ ((t - T) %/ mm)) (gamma ^+ ((t - T) %% mm) * x ((t - T) %/ mm)%N) (V t) & chooses ((t - T) %% mm) t].
  have tE : (T + mm * ((t - T) %/ mm) + (t - T) %% mm)%N = t by rewrite -addnA [(mm * _)%N]mulnC -divn_eq subnKC.
  have [inV [ch ki]] := h ((t - T) %/ mm)%N; have jm : ((t - T) %% mm <= mm)%N by rewrite ltnW // ltn_mod.
  by have [_ + + _] := circleP walked (mu0 _) (mu1 _) wide_first inV ch ki jm; rewrite add0n tE.
split=> [e e0|t tT]; last by have [] := around t tT.
have [r [M [r0 r1 tr M0 Mr]]] := vanishing (x := x) a0 a1 t0 t1 D0 (fun q => lexx _).
have [K K0 Kb] := spans_bound found.
have [N small] := powers_vanish r0 r1 (addr_ge0 K0 M0) e0.
exists (T + mm * N)%N => t tN s.
have tT : (T <= t)%N by apply: leq_trans tN; apply: leq_addr.
have Nq : (N <= (t - T) %/ mm)%N by rewrite leq_divRL // mulnC -(leq_add2l T) subnKC.
have [[lam [U [lamle inU UE]]] _] := around t tT; apply: le_lt_trans (small _ Nq); rewrite UE.
set q := ((t - T) %/ mm)%N in lamle inU *; set j := ((t - T) %% mm)%N in lamle inU *.
have E4 (x1 x2 x3 : F) : x1 + x2 + x3 - x1 = x2 + x3 by ring.
rewrite E4 mulrDr; apply: norm_add.
  apply: le_trans (Kb _ _ _ s (mu0 q) inU) _; apply: le_mul2r => //; exact: le_pow.
apply: le_trans lamle _; rewrite [r ^+ q * M]mulrC; apply: le_trans (Mr q).
have x0 : 0 <= x q by have [[lam' [U' [le _ _]]] _] := h q; apply: le_trans le.
rewrite -[X in _ <= X]mul1r; apply: le_mul2r => //; apply: exprn_ile1 => //; exact: ltW.
Qed.
End Run.

Hypothesis checked : check_spans m d v0 g0 p points policies.

Lemma by_kindsP (rep : state m -> state m) v g : (forall s : state m, first_of_kind s = rep s) -> by_kinds m p v g ->
  forall s : state m, vec v s = vec v (rep s) /\ nth [::] g s = nth [::] g (rep s).
Proof.
move=> repE /everyP h s; have /andP [] := h s (ltn_ord s).
by rewrite repE (qval_eq F) => /eqP e1 /eqP e2.
Qed.

Lemma span_parts : [/\ [/\ moving d, check_model m, forall s : state m, is_action (sizes m) (nth [::] g0 s),
      forall j (s : state m), all (is_action (sizes m)) (nth [::] (lists_at j) s) & all (qle q0) (extents p)],
    [/\ (0 < k)%N, (0 < mm)%N & (k %| mm)%N],
    forall j (s : state m), (j < k)%N -> is_action (sizes m) (nth [::] (nth [::] policies j) s),
    exists vg, [/\ replay m (fits m d) T (fits m d g0) (v0, g0) = Some vg, enters_span m p points vg & rounds_span m d p points]
  & (forall j, (j < k)%N -> [/\ check_step m (fits m d) points policies j, by_kinds m p (nth [::] points j) (nth [::] policies j) &
      forall i, (i < k)%N -> i != j -> exists s : state m, vec (nth [::] points i) s != vec (nth [::] points j) s \/
        settled p s /\ nth [::] (nth [::] policies i) s != nth [::] (nth [::] policies j) s]) /\
    exists rep : state m -> state m, [/\ forall s : state m, first_of_kind s = rep s, forall s, rep (rep s) = rep s &
      forall j (s : state m), nth [::] (lists_at j) s = nth [::] (lists_at j) (rep s)]].
Proof.
case/andP: checked => /andP [/andP [/andP [/andP [/andP [/and4P [mv ok _ /everyP act] /and4P [k0 mm0 km _]] /eqP sz]
  /and4P [b0 _ _ /everyP ways_ok]] /everyP pol] entered /everyP claim].
have lists j (s : state m) : [/\ all (is_action (sizes m)) (nth [::] (lists_at j) s) &
    nth [::] (lists_at j) s = nth [::] (lists_at j) (first_of_kind s)].
  have := ways_ok (j %% mm)%N; rewrite ltn_mod mm0 => /(_ isT) /everyP /(_ s (ltn_ord s)) /and3P [a _ /eqP e].
  by move: a e; rewrite /CheckedChoices.lists_at modn_mod.
have acts j (s : state m) : all (is_action (sizes m)) (nth [::] (lists_at j) s) by have [] := lists j s.
have act0 (s : state m) : is_action (sizes m) (nth [::] g0 s) by exact: act.
split=> // [j s jk||].
- have jm : (j < mm)%N by apply: leq_trans jk (dvdn_leq mm0 km).
  have := pol j jm => /everyP /(_ s (ltn_ord s)); rewrite (modn_small jk); apply/allP; exact: acts.
- by case: replay entered => // vg /andP [h1 h2]; exists vg.
split=> [j jk|].
  have /andP [/andP [st bk] /everyP df] := claim j jk; split=> // i ik ne.
  have := df i ik; rewrite (negbTE ne) /= => differ.
  pose other (s : state m) := (vec (nth [::] points i) s != vec (nth [::] points j) s) ||
    settled p s && (nth [::] (nth [::] policies i) s != nth [::] (nth [::] policies j) s).
  have [/existsP [s /orP [h|/andP [h1 h2]]]|] := boolP [exists s, other s]; [by exists s; left|by exists s; right|].
  rewrite negb_exists => /forallP same; case/negP: differ; apply/everyP => s ls.
  have := same (Ordinal ls); rewrite negb_or negbK negb_and negbK (qval_eq F) /= => /andP [-> op] /=.
  by case/orP: op => [/negbTE -> //|->]; rewrite implybT.
have inside (s : nat) : (s < S)%N -> (nth 0%N (kinds p) s \in kinds p) by move=> sS; apply: mem_nth; rewrite sz.
have ex (s : state m) : exists c : state m, first_of_kind s = c.
  have lt : (first_of_kind s < S)%N by have := inside s (ltn_ord s); rewrite -index_mem sz.
  by exists (Ordinal lt).
have [rep repE] := fin_all_exists ex; exists rep; split=> // [s|j s]; last by rewrite -repE; have [] := lists j s.
by apply: ord_inj; rewrite -!repE /CheckedChoices.first_of_kind nth_index // inside.
Qed.

(* Checked positions are approached by all runs of positions, and the joint actions are choices. *)
Lemma choices_tend V pi : starts d v0 g0 V pi ->
  (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
     forall s, `|V t s - vec (nth [::] points ((t - T) %% k)) s| < e) /\
  forall t, (T <= t)%N -> forall s : state m, code (pi t s) \in nth [::] (nth [::] (ways p) ((t - T) %% mm)) s.
Proof.
case=> V0 pl pos; have [[mv ok act acts b0] [k0 mm0 km] _ [[v g] [rep_ ent rd]] [claim [rep [repE repK same_lists]]]] := span_parts.
have [VT gT] := replayP (vg := (v0, g0)) ok pos V0 pl rep_.
case/and4P: ent => bk sp /everyP le /everyP ch.
move: rd; rewrite /rounds_span /=; set used := fun s => _; set known := fits_of _ _ _ => /andP [agree].
case E: circle => [found|//] back.
have usedE j (s : state m) : {subset nth [::] (lists_at j) s <= used s}.
  move=> a ain; apply/flattenP; exists (nth [::] (lists_at j) s) => //.
  by rewrite (map_f (fun w => nth [::] w s)) // mem_nth // ltn_mod.
have fitted (s : state m) g' : fit_in m d known s g' = fit_at m d s g' by apply: fit_inE.
have [c cE] := in_spanP F sp.
have entered : within (point_at 0) first_span 1 `|c| (V T).
  exists c, (fun s => \sum_(l < n) qval (coordinate m as_proof l (offset as_proof v)) * vec (W l) s); split=> //.
    apply: (@reach_directions 1 (fun l => qval (coordinate m as_proof l (offset as_proof v)))) => l ln.
    have := le l ln; rewrite (qval_le F) qval_abs mul1r.
    by rewrite /places /at_ nth_tab.
  move=> s; rewrite (VT s) -addrA; have := cE s; rewrite qval_sub => <-.
  by rewrite addrC subrK.
have chosen : chooses pi 0 T by move=> s; rewrite gT; apply: ch.
have kept : in_kinds V pi rep T.
  move=> s; have [e1 e2] := by_kindsP repE bk s; split; first by rewrite !VT.
  by apply: code_inj; rewrite !gT.
have same_points j s : vec (point_at j) s = vec (point_at j) (rep s).
  have jk : (j %% k < k)%N by rewrite ltn_mod.
  by have [_ bkj _] := claim _ jk; have [] := by_kindsP repE bkj s.
have [tends keeps] := spans_tend ok mm0 km acts fitted pos repE repK same_points same_lists usedE agree b0 E back entered chosen kept.
split=> [e e0|t tT s].
  by have [N h] := tends e e0; exists N => t tN s; have := h t tN s; rewrite /CheckedChoices.point_at modn_dvdm.
by have := keeps t tT s; rewrite /CheckedChoices.lists_at modn_mod.
Qed.

Lemma span_policies : exists pis : nat -> state m -> joint, forall j, (j < k)%N -> plays (nth [::] policies j) (pis j).
Proof.
have [_ [k0 _ _] act _ _] := span_parts.
have ex (j : 'I_k) : exists pi : {ffun state m -> joint}, plays (nth [::] policies j) pi.
  have [pi0 piE] := @plays_exists m (nth [::] policies j) (fun s => act j s (ltn_ord j)).
  by exists [ffun s => pi0 s] => s; rewrite ffunE.
have [pis0 pisE] := fin_all_exists ex.
exists (fun j => pis0 (insubd (Ordinal k0) j)) => j jk.
by have := pisE (insubd (Ordinal k0) j); rewrite val_insubd jk.
Qed.
End Choices.

(* A certificate of kind `choices` is true where it is accepted, under epsilon-greedy data: with k the number of the
   claimed positions, every position steps to the next one (for every least-squares fit); no two have the same values and
   the same greedy actions of states that are settled, with one choice in all phases; there are runs from the start, and
   of each of them V^(t) approaches the values of position (t - T) mod k as t grows, and with m phases the greedy joint
   action of a state s at each t >= T is one of the list that the certificate has for s and phase (t - T) mod m. Which of
   them, and whether greedy actions become periodic, is left open.
   Source: ours. *)
Theorem choices_orbit_sound (F : archiFieldType) m d v0 g0 p points policies :
  check_choices m d v0 g0 p points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> steps F d (nth [::] points j) (pis j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s \/ settled p s /\ pis i s != pis j s,
      exists V pi, @run_from F m d v0 g0 V pi
    & forall V pi, run_from d v0 g0 V pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec F m (nth [::] points ((t - opening p) %% size points)) s| < e) /\
        forall t, (opening p <= t)%N -> forall s : state m,
          code (pi t s) \in nth [::] (nth [::] (ways p) ((t - opening p) %% size (ways p))) s].
Proof.
case/andP => okd checked; have [pis pl] := span_policies F checked.
have [[mv ok act _ _] [k0 _ _] _ _ [claim _]] := span_parts F checked.
exists pis; split=> // [j jk|i j ik jk ij||V pi run].
- by apply: (check_stepP ok okd pl jk); have [] := claim j jk.
- have [_ _ /(_ i ik ij) [s [h|[h1 h2]]]] := claim j jk; exists s; [by left|right; split=> //].
  by apply: contra h2 => /eqP e; rewrite -(pl i ik) -(pl j jk) e.
- exact: run_from_exists.
have [pi' [run' same]] := run_starts ok okd act run.
by have [tends keeps] := choices_tend checked run'; split=> //; rewrite -(same mv).
Qed.

(* A certificate of convergence of that kind is true where it is accepted: `policy` is a joint policy g, `optimal`
   solves the Bellman optimality equation and `own` that of g; under the data around g every least-squares fit to y(s,.)
   at `values` has the first maximisers g(s) and there the value values(s); there are runs from the start, and of each
   of them V^(t)(s) -> values(s), and the greedy joint actions at each t >= T are those that the certificate lists.
   Source: ours. *)
Theorem choices_limit_sound (F : archiFieldType) m d v0 g0 p c : check_choice_limit m d v0 g0 p c ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy c) g, worths F m c g, steps F d (values c) g (values c) g,
        exists V pi, @run_from F m d v0 g0 V pi
      & forall V pi, run_from d v0 g0 V pi ->
          (forall s, tends_to (fun t => V t s) (vec F m (values c) s)) /\
          forall t, (opening p <= t)%N -> forall s : state m,
            code (pi t s) \in nth [::] (nth [::] (ways p) ((t - opening p) %% size (ways p))) s].
Proof.
case/andP => /(check_worthsP F) [g [gE [best own_]]] /(choices_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V pi run]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
have [lim keeps] := runs V pi run; split=> // s e e0.
by have [N h] := lim e e0; exists N => t /h /(_ s); rewrite modn1.
Qed.
