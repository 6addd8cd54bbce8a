(* Cells of two states on which every cycle is repelling: x = V(o) - V(r) stays in them, and
   approaches no cycle.

   As in CheckedCells.v; x' = a + b x, a and b those of the piece of a cell where x is. The
   valuation of x at a prime falls with every step, so that no value of x comes twice, and places
   of another valuation are never met. From some time on x is at no place of a cell. Cells have
   weights u with u < |b| u' wherever a piece of a cell leads into the interior of another one.
   If x_t approaches c_t, then c follows the same forms from some time on, since there are finitely
   many; so u |x_t - c_t| never falls, and tends to 0 only where x_t is c_t and repeats.

                                         meets prime w z == z is not 0, and its valuation is at most w
                                        sinks prime w ab == the valuation of x falls if it is at most w
                               repels cells c g ab image == u < |b| u' for all cells around g that overlap the image
   check_repelling m d r lower upper v0 g0 T cells prime == the check of positions

   forms_no_cycle   an orbit along finitely many forms that repel approaches no cycle
   repelling_sound  checked cells let x approach no cycle

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith Znumtheory.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import zify ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedBox CheckedDifferences CheckedInterval.
From FqiTheory Require Import CheckedExpanding CheckedCells Valuations.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition meets (prime w : Z) (z : Q) : bool :=
  ~~ qeq z q0 && (if valuation prime z is Some v then Z.leb v w else true).

Definition sinks (prime w : Z) (ab : Q * Q) : bool :=
  if valuation prime ab.2 is Some v then
    Z.ltb v 0 && (qeq ab.1 q0 || (if valuation prime ab.1 is Some u then Z.ltb (Z.add v w) u else false))
  else false.

Definition repels (cells : seq cell) (c : cell) (g : seq (seq nat)) (ab image : Q * Q) : bool :=
  let b := qabs ab.2 in
  all (fun c' => [&& played c' == g, qlt image.1 (right_end c') & qlt (left_end c') image.2] ==>
    qlt (own_weight c) (qmul b (own_weight c'))) cells.

Definition check_repelling (m : model) (d : data) (r : nat) (lower upper : seq Q) (v0 : seq Q) (g0 : seq (seq nat))
    (T : nat) (cells : seq cell) (prime : Z) : bool :=
  [&& check_all m r lower upper cells, prime_at prime & all (fun c => qlt q0 (own_weight c)) cells] &&
  (if entered m d r cells T v0 g0 is Some x then
     if valuation prime x is Some w then
       check_moves m d r cells (meets prime w) (sinks prime w) (repels cells)
     else false
   else false).

(* ------------------------------------------------------------------- orbits along forms *)
Local Notation "x 'of' l" := (List.In x l) (at level 70, no associativity).

Lemma in_of (T : eqType) (l : seq T) x : x \in l -> x of l.
Proof. by elim: l => //= y l IH; rewrite in_cons => /orP [/eqP ->|/IH h]; [left|right]. Qed.

Lemma of_in (T : eqType) (l : seq T) x : x of l -> x \in l.
Proof. by elim: l => //= y l IH [->|/IH h]; rewrite in_cons ?eqxx ?h ?orbT. Qed.

Lemma of_rcons T (l : seq T) x : x of rcons l x.
Proof. by elim: l => [|y l IH]; [left|right]. Qed.

Lemma of_map T T' (f : T -> T') l x : x of l -> f x of map f l.
Proof. by elim: l => //= y l IH [->|/IH h]; [left|right]. Qed.

Lemma of_flatten T T' (f : T -> seq T') l x y : x of l -> y of f x -> y of flatten (map f l).
Proof.
move=> xl yx; elim: l xl => //= z l IH zl; rewrite /= -[_ ++ _]/(List.app _ _); apply: List.in_or_app.
by case: zl => [e|/IH]; [left; rewrite e|right].
Qed.

(* a number that no value of a function on a list exceeds *)
Lemma most_of (F : realFieldType) (T : Type) (l : seq T) (f : T -> F) : exists M, forall x, x of l -> f x <= M.
Proof.
elim: l => [|y l [M le]]; first by exists 0.
exists (`|f y| + `|M|) => x [<-|/le xM]; first by apply: le_trans (ler_norm _) _; rewrite le_plus.
by apply: le_trans xM _; apply: le_trans (ler_norm _) _; rewrite addrC le_plus.
Qed.

(* an injective sequence leaves every finite set; excluded middle is not needed for a contradiction *)
Lemma escapes (T : eqType) (x : nat -> T) (l : seq T) : injective x ->
  ~ ~ exists N, forall t, (N <= t)%N -> x t \notin l.
Proof.
move=> inj; elim: l => [|z l IH] no; first by apply: no; exists 0%N.
apply: IH => -[N away]; have never t : x t = z -> False.
  move=> xt; apply: no; exists (maxn N t.+1) => t'; rewrite geq_max => /andP [Nt' tt'].
  rewrite in_cons negb_or away // andbT -xt; apply/eqP => /inj e.
  by move: tt'; rewrite e ltnn.
by apply: no; exists N => t Nt; rewrite in_cons negb_or away // andbT; apply/eqP => /never.
Qed.

(* a positive number below all positive values of a function on a list *)
Lemma least_positive (F : realFieldType) (T : Type) (l : seq T) (f : T -> F) :
  exists2 e, 0 < e & forall x, x of l -> 0 < f x -> e <= f x.
Proof.
elim: l => [|y l [e e0 le]]; first by exists 1; first exact: ltr01.
have [fy|fy] := ltrP 0 (f y); last first.
  by exists e => // x [<-|xl] fx; [move: (lt_le_trans fx fy); rewrite ltxx|apply: le].
have [e' [e'0 ee ef]] := smaller e0 fy; exists e' => // x [<-|xl] fx //.
exact: le_trans ee (le x xl fx).
Qed.

(* An orbit that never repeats and follows finitely many affine forms along which weighted distances
   do not fall approaches no cycle. holds t u: u is one of its weights at t.                *)
Lemma forms_no_cycle (F : realFieldType) (x c : nat -> F) (k N0 : nat) (forms : seq (F * F)) (M : F)
    (holds : nat -> F -> Prop) : (0 < k)%N -> injective x -> (exists u, holds N0 u) ->
  (forall t u, holds t u -> 0 < u /\ u <= M) ->
  (forall t u, (N0 <= t)%N -> holds t u -> exists ab u',
    [/\ ab of forms, x t.+1 = ab.1 + ab.2 * x t, holds t.+1 u' & u <= `|ab.2| * u']) ->
  ~ forall e, 0 < e -> exists N, forall t, (N <= t)%N -> `|x t - c (t %% k)%N| < e.
Proof.
move=> k0 inj start range step near.
pose gap (abj : (F * F) * nat) := `|abj.1.1 + abj.1.2 * c abj.2 - c (abj.2.+1 %% k)%N| / (`|abj.1.2| + 1).
have [e e0 small_gap] := least_positive (List.list_prod forms (iota 0 k)) gap.
have [N1 close] := near e e0; pose N := maxn N0 N1.
have some t : (N0 <= t)%N -> exists u, holds t u.
  move=> Nt; rewrite -(subnKC Nt); elim: (t - N0)%N => [|s [u hu]]; first by rewrite addn0.
  have [ab [u' [_ _ h _]]] := step _ _ (leq_addr s N0) hu.
  by rewrite addnS; exists u'.
pose dist t := `|x t - c (t %% k)%N|.
have follows t u : (N <= t)%N -> holds t u -> exists (b : F) u', [/\ dist t.+1 = `|b| * dist t, holds t.+1 u' & u <= `|b| * u'].
  rewrite geq_max => /andP [N0t N1t] hu; have [[a b] [u' [abin /= xE hu' le]]] := step t u N0t hu.
  exists b, u'; split=> //; have tk : (t %% k < k)%N by rewrite ltn_pmod.
  set z := c (t %% k)%N; set z' := c (t.+1 %% k)%N.
  have z'E : z' = c ((t %% k).+1 %% k)%N by rewrite /z' -[(t %% k).+1]addn1 modnDml addn1.
  have b1 : 0 < `|b| + 1 by rewrite lt_sum_l ?ltr01.
  have h1 := close t N1t; have h2 := close t.+1 (leqW N1t); rewrite -/z in h1; rewrite -/z' in h2.
  have zero : a + b * z = z'.
    apply/eqP; rewrite -subr_eq0 -normr_eq0; apply/negPn/negP => n0.
    have g0 : 0 < gap ((a, b), (t %% k)%N).
      by rewrite /gap /= -z'E -/z divr_gt0 // lt_neqAle eq_sym n0 normr_ge0.
    have := small_gap _ _ g0; rewrite /gap /= -z'E -/z le_div // => /(_ _) ge.
    have {}ge : e * (`|b| + 1) <= `|a + b * z - z'|.
      by apply: ge; apply: List.in_prod => //; apply: in_of; rewrite mem_iota.
    have h3 : `|a + b * z - x t.+1| <= `|b| * e.
      rewrite xE opprD addrACA subrr add0r -mulrBr normrM; apply: le_mul2l => //.
      by rewrite distrC; apply: ltW.
    have : `|a + b * z - z'| < `|b| * e + e.
      apply: le_lt_trans (norm_chain h3 (lexx _)) _; rewrite ![`|b| * e + _]addrC lt_plus2r; exact: h2.
    have geE : e * (`|b| + 1) = `|b| * e + e by ring.
    by rewrite ltNge -geE ge.
  by rewrite /dist xE -/z -/z' -zero opprD addrACA subrr add0r -mulrBr normrM.
have apart_ t : (N <= t)%N -> dist t != 0.
  move=> Nt; apply/negP => /eqP z0.
  have zero s : dist (t + s)%N = 0.
    elim: s => [|s IH]; first by rewrite addn0.
    have Nts : (N <= t + s)%N by apply: leq_trans Nt (leq_addr _ _).
    have [u hu] := some (t + s)%N (leq_trans (leq_maxl _ _) Nts).
    by have [b [u' [dE _ _]]] := follows _ _ Nts hu; rewrite addnS dE IH mulr0.
  have at_c s : x (t + s)%N = c ((t + s) %% k)%N by apply/eqP; rewrite -subr_eq0 -normr_eq0; apply/eqP/zero.
  have /inj e1 : x (t + 0)%N = x (t + k)%N by rewrite !at_c addn0 modnDr.
  by move: k0; rewrite -(ltn_add2l t) -e1 ltnn.
have [u hu] := some N (leq_maxl _ _).
have u0 := (range _ _ hu).1; have M0 : 0 < M by apply: lt_le_trans u0 (range _ _ hu).2.
have d0 : 0 < dist N by rewrite lt_neqAle eq_sym apart_ ?normr_ge0.
have grows s : exists2 u', holds (N + s)%N u' & u * dist N <= u' * dist (N + s)%N.
  elim: s => [|s [u1 h1 le1]]; first by exists u; rewrite addn0.
  have [b [u' [dE h' le]]] := follows _ _ (leq_addr s N) h1; exists u'; rewrite addnS // dE.
  apply: le_trans le1 _; rewrite mulrA [u' * _]mulrC; apply: le_mul2r => //; exact: normr_ge0.
have K0 : 0 < u * dist N / M by rewrite divr_gt0 ?mulr_gt0.
have [N2 close2] := near _ K0; have [u' h' le] := grows N2.
have := close2 (N + N2)%N (leq_addl _ _); rewrite -/(dist _) ltNge div_le // => /negP; apply.
apply: le_trans le _; rewrite mulrC; apply: le_mul2l; first exact: normr_ge0.
exact: (range _ _ h').2.
Qed.

(* ------------------------------------------------------------------------ the result *)
Section Sound.
Variables (F : realFieldType) (m : model) (d : data) (r : nat) (lower upper : seq Q).
Variables (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (cells : seq cell) (prime : Z).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> {dffun forall i : agent (sizes m), action i}).
Notation qval := (qval F).
Notation o := (1 - r)%N.
Hypothesis run : starts d v0 g0 V pi.
Hypothesis checked : check_repelling m d r lower upper v0 g0 T cells prime.

Lemma repelling_all : check_all m r lower upper cells.
Proof. by case/andP: checked => /and3P []. Qed.

Lemma sinksP w ab x v : Znumtheory.prime prime -> sinks prime w ab -> valued prime x v -> Z.le v w ->
  exists2 v2, valued prime (qval ab.1 + qval ab.2 * x) v2 & Z.lt v2 v.
Proof.
move=> pp; rewrite /sinks; case Sv: valuation => [vb|//] /andP [/Z.ltb_lt vb0 rest] val le.
have vm := valued_mul pp (valuationP F pp Sv) val; exists (Z.add vb v); last exact: falls_below.
case/orP: rest => [|].
  by rewrite (qval_eq F) qval0 => /eqP ->; rewrite add0r.
case Iv: valuation => [u|//] /Z.ltb_lt lt; rewrite addrC.
exact: (valued_add pp vm (valuationP F pp Iv) (falls_before le lt)).
Qed.

Lemma meetsP w x v z : Znumtheory.prime prime -> valued prime x v -> Z.le v w -> x = qval z -> meets prime w z.
Proof.
move=> pp val le xz; rewrite /meets (qval_eq F) qval0 -xz (valued_neq0 pp val) /=.
case E: valuation => [v'|//]; have := valuationP F pp E; rewrite -xz => val'.
by rewrite (valued_inj pp val' val); apply/Z.leb_le.
Qed.

Section States.
Variables r0 o0 : state m.
Hypothesis r0E : r0 = r :> nat.
Hypothesis o0E : o0 = o :> nat.
Notation D k := (V (T + k)%N o0 - V (T + k)%N r0).
Notation held_at c k := (held d r0 o0 c (V (T + k)%N) (pi (T + k)%N)).

(* cells hold the run at all times, and the valuation of the difference falls *)
Lemma repelling_steps : Znumtheory.prime prime /\ exists2 w,
    check_moves m d r cells (meets prime w) (sinks prime w) (repels cells) &
    injective (fun k => D k) /\
    forall k, (exists2 c, c of cells & held_at c k) /\ exists2 v, valued prime (D k) v & Z.le v w.
Proof.
have all_ok := repelling_all; case/andP: all_ok (all_ok) => /and5P [ok /eqP two _ _ _] _ all_ok.
case/andP: checked => /and3P [_ /prime_atP pp _]; case E: entered => [x|//]; case W: valuation => [w|//] moves.
have [_ _ pos] := run; split=> //; exists w => //.
have [xE [c0 c0in h0]] := enteredP all_ok run r0E o0E E.
have start : valued prime (D 0%N) w by rewrite addn0 xE; apply: valuationP.
have next k c v : c of cells -> held_at c k -> valued prime (D k) v -> Z.le v w ->
    (exists2 c', c' of cells & held_at c' k.+1) /\ exists2 v2, valued prime (D k.+1) v2 & Z.lt v2 v.
  move=> cin cV val le; rewrite !addnS.
  have [z _ Dz|ab [c' [rt c'in h e _]]] := cell_step ok two r0E o0E moves (pos (T + k)%N) cin cV.
    exact: meetsP pp val le Dz.
  by split; [exists c'|rewrite e; exact: (sinksP pp rt val le)].
have inv k : (exists2 c, c of cells & held_at c k) /\ exists2 v, valued prime (D k) v & Z.le v w.
  elim: k => [|k [[c cin cV] [v val le]]].
    by split; [exists c0; rewrite ?addn0|exists w; [exact: start|exact: Z.le_refl]].
  have [h [v2 val2 lt]] := next _ _ _ cin cV val le; split=> //.
  by exists v2; [exact: val2|exact: below_le lt le].
split=> //; apply: (falling_inj pp start) => k v val le.
by have [[c cin cV] _] := inv k; have [_] := next _ _ _ cin cV val le.
Qed.
End States.

(* Checked cells let the values approach no cycle. *)
Lemma repelling_sound : [/\ apart lower upper r V T, exists C, forall t s, `|V t s| <= C & approaches_none V].
Proof.
have all_ok := repelling_all; have [r0 [o0 [r0E o0E]]] := states_of all_ok.
have [pp [w moves [inj inv]]] := repelling_steps r0E o0E.
pose D k := V (T + k)%N o0 - V (T + k)%N r0.
have held_k k : exists2 c, c of cells & held d r0 o0 c (V (T + k)%N) (pi (T + k)%N) by have [] := inv k.
split; [exact: (held_apart all_ok r0E o0E held_k)|exact: (held_bounded all_ok run r0E o0E moves held_k)|].
case/andP: all_ok => /and5P [ok /eqP two _ _ _] _; have [_ _ pos] := run.
case/andP: checked => /and3P [_ _ weights0] _.
move=> k c k0 near; pose c' j := c ((T + j) %% k)%N o0 - c ((T + j) %% k)%N r0.
apply: (@escapes _ D (flatten [seq [seq qval z | z <- places c] | c <- cells]) inj) => -[N0 away].
have inside t cl z : (N0 <= t)%N -> cl of cells -> z of places cl -> D t <> qval z.
  move=> Nt clin zin e; move: (away t Nt); rewrite e => /negP; apply.
  by apply: of_in; apply: (of_flatten clin); apply: (of_map (qval) zin).
have [M most] := most_of cells (fun cl => qval (own_weight cl)).
pose e cl := fits_around m d (played cl).
pose forms := flatten [seq [seq (fun ab => (qval ab.1, qval ab.2)) (form m r (e cl) (chosen_at m r (e cl) (middle xy.1 xy.2)))
  | xy <- intervals cl] | cl <- cells].
pose holds t u := exists2 cl, cl of cells & held d r0 o0 cl (V (T + t)%N) (pi (T + t)%N) /\ u = qval (own_weight cl).
apply: (@forms_no_cycle F D c' k N0 forms M holds k0 inj) => [|t u|t u Nt|eps eps0].
- by have [cl clin h] := held_k N0; exists (qval (own_weight cl)), cl.
- move=> [cl clin [_ ->]]; split; last exact: most.
  by rewrite -(qval0 F) -qval_lt; apply: (all_of weights0 clin).
- move=> [cl clin [h ->]]; have [_ [v val le]] := inv t.
  have [z _ Dz|ab [cl' [_ cl'in h' De]]] := cell_step ok two r0E o0E moves (pos (T + t)%N) clin h.
    exact: meetsP pp val le Dz.
  case=> [[z zin Dz]|[image [st lo hi [xy xyin abE]]]]; first by case: (inside t cl z Nt clin zin).
  exists (qval ab.1, qval ab.2), (qval (own_weight cl')); split=> //=.
  - by apply: (of_flatten clin); rewrite abE; apply: of_map xyin.
  - by rewrite /D addnS.
  - by exists cl'; rewrite ?addnS.
  have [_ l' r'] := h'; have := inside t.+1 cl' _ (leqW Nt) cl'in; rewrite /D addnS => off.
  have /implyP rep := all_of st cl'in; move: rep; rewrite eqxx !(qval_lt F) qval_mul qval_abs => rep; apply/ltW/rep.
  rewrite andTb; apply/andP; split.
    by apply: le_lt_trans lo _; rewrite lt_neqAle r' andbT; apply/eqP/off; right; apply: of_rcons.
  by apply: lt_le_trans hi; rewrite lt_neqAle l' andbT; apply/eqP => ee; apply: (off (left_end cl')); [left|].
have e2 : 0 < eps / 2%:R by rewrite divr_gt0 ?ltr0n.
have [N close] := near _ e2; exists N => t Nt.
have Nt' : (N <= T + t)%N by apply: leq_trans Nt (leq_addl _ _).
have h1 := ltW (close _ Nt' o0); have h2 := close _ Nt' r0.
rewrite /c' modnDmr /D (_ : _ - _ = V (T + t)%N o0 - c ((T + t) %% k)%N o0 - (V (T + t)%N r0 - c ((T + t) %% k)%N r0)); last by ring.
apply: le_lt_trans (norm_sub (lexx _) (lexx _)) _; rewrite (_ : eps = eps / 2%:R + eps / 2%:R); last by field.
by apply: le_lt_trans (le_sum2 h1 (lexx _)) _; rewrite -subr_gt0 opprD addrACA subrr add0r subr_gt0.
Qed.
End Sound.
