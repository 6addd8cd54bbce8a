(* The proof `ray` under weights that depend on Q_tot (weighted QMIX).

   In step j, at V_j + l c_j + z w_j with 0 < z <= l <= 1, and under optimistic weights tables
   Q_j + l c_j + z q_j, what a weight depends on is a mean of three numbers, so where these agree
   it is the same all along. The rest is as in CheckedRays.v.

                         course == the number c_j, the values w_j, and the tables q_j
                  kept m0 m1 m2 == the three numbers agree
               far_values m x u == values at the end of the ray from x
              far_table m x u s == a table there
              shares_on m w x u == the weights all along
             all_kept m w x u s == the numbers agree for all joint actions, or the weight is full anyway
        same_table m x0 x1 q q' == the tables x0 and x1 are q and q + q'
      weighted_ray_step m w x u == the step from the end of the ray leads to that of the next one, and all
                                   on the way so
       weighted_returned m w u' == the last course is kappa times the first one, its constant lam times
             unlike_place m w x == two positions are not the same
                 at_end m w x u == a position is the end of the ray from x
     check_weighted_ray_orbit m == the check of positions
     check_weighted_ray_limit m == it, of one position, and worths (Claims.v)
            on_course w x u z l == the values and tables are as above
                ray_table x h z == the table that is chosen
                     run_goes x == from the position x there is a run, whatever does not matter in it
              turned_round n zl == z and l after one more step
      weighted_on_ray V pi Qt n == after T + n steps the run is on the ray, and between lo and hi away from
                                   the position there

   kept_weight               the weights are the same all along
   weighted_ray_choice       what is chosen on the ray
   weighted_ray_next         a step on the ray leads to the next one
   weighted_ray_exists       there is a run on the ray
   weighted_ray_orbit_sound  accepted cycles are approached by every run from the start
   weighted_ray_limit_sound  accepted limits are those of every run from the start

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import CheckedShrinking Isotonic Rays Orders OrderFits NearOrders CheckedWeighted CheckedRays.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition course := (Q * seq Q * seq (seq Q))%type.

Section Compute.
Variables (m : model) (w : weighting).
Notation S := (n_states m).
Notation N := (size (tuples (sizes m))).
Notation qj q s k := (at_ (nth [::] q s) k).

Definition kept (m0 m1 m2 : Q) : bool :=
  if qlt q0 m2 then qle q0 m0 && qle q0 m1 else qle m0 q0 && qle m1 q0.

(* the end of the ray, constants included *)
Definition far_values (x : position) (u : course) : seq Q :=
  tab S (fun s => qadd (qadd (at_ x.1.1 s) (at_ u.1.2 s)) u.1.1).
Definition far_table (x : position) (u : course) (s : nat) : seq Q :=
  tab N (fun k => qadd (qadd (qj x.2 s k) (qj u.2 s k)) u.1.1).

Definition shares_on (x : position) (u : course) (s : nat) : seq Q :=
  let e := far_values x u in
  shares_of m w e (nth [::] x.1.2 s) (far_table x u s) (targets_of m e s) s.

Definition all_kept (x : position) (u : course) (s : nat) : bool :=
  let e := far_values x u in let qe := far_table x u s in
  let y0 := targets_of m x.1.1 s in let ye := targets_of m e s in
  let c := qsub u.1.1 (qmul (discount m) u.1.1) in let ls := tuples (sizes m) in let g := nth [::] x.1.2 s in
  every N (fun k => let m0 := qsub (at_ y0 k) (if optimistic w then qj x.2 s k else at_ x.1.1 s) in
    kept m0 (qsub m0 c) (qsub (at_ ye k) (if optimistic w then at_ qe k else at_ e s))
    || ~~ optimistic w && (nth [::] ls k == g)).

Definition same_table (x0 x1 q u : seq Q) : bool :=
  every N (fun k => qeq (at_ x0 k) (at_ q k) && qeq (at_ x1 k) (qadd (at_ q k) (at_ u k))).

Definition weighted_ray_step (x : position) (u : course) (fits : seq (seq order_fit)) (h : hint) (x' : position)
    (u' : course) : bool :=
  let e := ended m x.1.1 u.1.2 in let e' := ended m x'.1.1 u'.1.2 in
  qeq u'.1.1 (qmul (discount m) u.1.1) &&
  every S (fun s => let hs := nth ([::], 0%N) h s in let fs := nth [::] fits s in let g' := nth [::] x'.1.2 s in
    let ws := shares_on x u s in let y1 := targets_of m e s in
    [&& all_kept x u s, good_state m ws y1 hs,
        ray_state m ws (targets_of m x.1.1 s) y1 fs hs (at_ x'.1.1 s) (at_ e' s)
      & is_action (sizes m) g' && (best (nth [::] (all_orders m) hs.2) == g')] &&
    (~~ optimistic w || same_table (nth ([::], [::]) fs hs.2).1 (nth ([::], [::]) hs.1 hs.2).1
                                   (nth [::] x'.2 s) (nth [::] u'.2 s))).

Definition weighted_returned (u u' : course) (lam kappa : Q) : bool :=
  [&& qlt q0 kappa, qle kappa lam, qle lam q1, qeq u'.1.1 (qmul lam u.1.1)
    & every S (fun s => qeq (at_ u'.1.2 s) (qmul kappa (at_ u.1.2 s)) &&
        (~~ optimistic w || every N (fun k => qeq (qj u'.2 s k) (qmul kappa (qj u.2 s k)))))].

Definition unlike_place (x x' : position) : bool :=
  ~~ every S (fun s => [&& qeq (at_ x.1.1 s) (at_ x'.1.1 s), nth [::] x.1.2 s == nth [::] x'.1.2 s
    & ~~ optimistic w || every N (fun k => qeq (qj x.2 s k) (qj x'.2 s k))]).

Definition at_end (x : position) (u : course) (x' : position) : bool :=
  every S (fun s => [&& qeq (at_ x'.1.1 s) (at_ (far_values x u) s),
    ~~ acting w || (nth [::] x'.1.2 s == nth [::] x.1.2 s)
    & ~~ optimistic w || every N (fun k => qeq (qj x'.2 s k) (at_ (far_table x u s) k))]).

(* the start, T, the hints of the T steps, the claimed positions; the courses until the return, for
   each step the regressions at its position and its hint, and the factors of the last course      *)
Definition check_weighted_ray_orbit (x0 : position) (T : nat) (before : seq hint) (points : seq position)
    (courses : seq course) (fits : seq (seq (seq order_fit))) (hints : seq hint) (lam kappa : Q) : bool :=
  let k := size points in let K := size hints in let point j := nth ([::], [::], [::]) points (j %% k)%N in
  let course j := nth (q0, [::], [::]) courses j in
  [&& check_model m, check_support m (base_data w), qlt q0 (alpha w), qle (alpha w) q1, joint_policy m x0.1.2
    & size before == T] &&
  [&& (0 < k)%N, every k (fun j => joint_policy m (point j).1.2)
    & every k (fun i => every i (fun j => unlike_place (point i) (point j)))] &&
  [&& (0 < K)%N, (k %| K)%N & weighted_returned (course 0%N) (course K) lam kappa] &&
  (if weighted_after m w before x0 is Some x then at_end (point 0%N) (course 0%N) x else false) &&
  every K (fun j => weighted_ray_step (point j) (course j) (nth [::] fits j) (nth [::] hints j) (point j.+1) (course j.+1)).

Definition check_weighted_ray_limit (x0 : position) (T : nat) (before : seq hint) (claim : limit) (q : seq (seq Q))
    (courses : seq course) (fits : seq (seq (seq order_fit))) (hints : seq hint) (lam kappa : Q) : bool :=
  check_worths m claim &&
  check_weighted_ray_orbit x0 T before [:: (values claim, policy claim, q)] courses fits hints lam kappa.
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Step.
Variables (F : realFieldType) (m : model) (w : weighting).
Hypothesis ok : check_model m.
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).
Notation tb q s a := (table F (nth [::] q s) a).

Lemma keptP m0 m1 m2 z l : kept m0 m1 m2 -> 0 < z -> z <= l -> l <= 1 ->
  (0 < (1 - l) * qval m0 + (l - z) * qval m1 + z * qval m2) = (0 < qval m2).
Proof.
rewrite /kept !(qval_le F) !(qval_lt F) !qval0.
move: (qval m0) (qval m1) (qval m2) => a b c k z0 zl l1.
have l0 : 0 <= 1 - l by rewrite subr_ge0.
have lz : 0 <= l - z by rewrite subr_ge0.
move: k; have [c0 /andP [a0 b0]|c0 /andP [a0 b0]] := ltrP 0 c.
  by apply: lt_sum_l; [apply: addr_ge0; apply: mulr_ge0|apply: mulr_gt0].
apply/negbTE; rewrite -leNgt -oppr_ge0 !opprD -!mulrN.
by rewrite !addr_ge0 // mulr_ge0 ?oppr_ge0 // ltW.
Qed.

Lemma kept_sub a b c d e f z l : kept (qsub a b) (qsub (qsub a b) (qsub c (qmul d c))) (qsub e f) ->
  0 < z -> z <= l -> l <= 1 -> (qval f < qval e) = (0 < (1 - l) * (qval a - qval b)
    + (l - z) * (qval a - qval b - (qval c - qval d * qval c)) + z * (qval e - qval f)).
Proof. by move=> k z0 zl l1; have := keptP k z0 zl l1; rewrite !qval_sub qval_mul subr_gt0 => ->. Qed.

(* the values and tables *)
Definition on_course (x : position) (u : course) (z l : F) (V : state m -> F) (Qt : state m -> joint -> F) :=
  (forall s, V s = vec x.1.1 s + z * vec u.1.2 s + l * qval u.1.1) /\
  (optimistic w -> forall s a, Qt s a = tb x.2 s a + z * tb u.2 s a + l * qval u.1.1).

Lemma far_valuesE x u (s : state m) : vec (far_values m x u) s = vec x.1.1 s + vec u.1.2 s + qval u.1.1.
Proof. by rewrite /Tables.vec /far_values {1}/at_ nth_tab // !qval_add. Qed.

Lemma far_tableE x u s (a : joint) : table F (far_table m x u s) a = tb x.2 s a + tb u.2 s a + qval u.1.1.
Proof. by rewrite /table /far_table {1}/at_ nth_tab ?place_lt // !qval_add. Qed.

Lemma far_targets x u (s : state m) a : y F m (vec (far_values m x u)) s a =
  table F (targets_of m (ended m x.1.1 u.1.2) s) a + gamma F m * qval u.1.1.
Proof.
rewrite (@targets_ray F m ok x.1.1 u.1.2 _ 1 (qval u.1.1)) => [|s']; last by rewrite far_valuesE mul1r.
by rewrite /mix mul1r [X in X + _]addrC subrK.
Qed.

Lemma kept_weight x u z l V Qt (pi : state m -> joint) (s : state m) (a : joint) : all_kept m w x u s ->
  0 < z -> z <= l -> l <= 1 -> on_course x u z l V Qt -> (acting w -> plays x.1.2 pi) ->
  weighted w V (code (pi s)) (Qt s) s a = table F (shares_on m w x u s) a.
Proof.
move=> /everyP /(_ _ (place_lt a)) keep z0 zl l1 [VE QE] pl; rewrite /shares_on shares_ofE.
rewrite /weighted; congr (_ * _).
  have [mv|fx] := boolP (moving (base_data w)); first by rewrite pl // /acting mv.
  by rewrite !weights_fixed.
rewrite (_ : has_full w V (code (pi s)) (Qt s) s a =
  has_full w (vec (far_values m x u)) (nth [::] x.1.2 s) (tbl (far_table m x u s)) s a) //.
have yE := targets_ray ok s a (fun s' => VE s'); have fE := far_targets x u s a.
move: keep; rewrite nth_rank ?code_is_action // /has_full.
set y0 := targets_of m x.1.1 s in yE *; set y1 := targets_of m (ended m x.1.1 u.1.2) s in yE fE.
have yeE : qval (at_ (targets_of m (far_values m x u) s) (rank (sizes m) (code a))) = table F y1 a + gamma F m * qval u.1.1.
  by rewrite -[LHS]/(table F _ a) targets_ofE.
case opt: (optimistic w) => /=.
  rewrite orbF => keep; have := kept_sub keep z0 zl l1; clear keep.
  rewrite yeE -[qval (at_ (far_table m x u s) _)]/(table F (far_table m x u s) a) fE => ->.
  rewrite far_tableE -[LHS]subr_gt0; apply: (congr1 (fun x => 0 < x)); rewrite yE (QE opt) /mix -/(gamma F m) /table; ring.
have act : acting w by rewrite /acting opt orbT.
rewrite pl //; case/orP => [keep|->]; last by rewrite !orbT.
congr (_ || _); have := kept_sub keep z0 zl l1; clear keep.
rewrite yeE -[qval (at_ (far_values m x u) _)]/(vec (far_values m x u) s) fE => ->.
rewrite far_valuesE -[LHS]subr_gt0; apply: (congr1 (fun x => 0 < x)); rewrite yE VE /mix -/(gamma F m) /table /Tables.vec; ring.
Qed.

Section Once.
Variables (x x' : position) (u u' : course) (fs : seq (seq order_fit)) (h : hint).
Variables (V : state m -> F) (pi : state m -> joint) (Qt : state m -> joint -> F) (z l : F).
Hypotheses (step : weighted_ray_step m w x u fs h x' u') (z0 : 0 < z) (zl : z <= l) (l1 : l <= 1).
Hypotheses (here : on_course x u z l V Qt) (pl : acting w -> plays x.1.2 pi).
Notation hs s := (nth ([::], 0%N) h s).
Notation still s := (tbl (nth ([::], [::]) (nth [::] fs s) (hs s).2).1).
Notation W s := (weighted w V (code (pi s)) (Qt s) s).
Notation next_value s := (vec x'.1.1 s + z * vec u'.1.2 s + l * qval u'.1.1).

Definition ray_table (s : state m) (a : joint) : F :=
  mix z (still s) (tbl (nth ([::], [::]) (hs s).1 (hs s).2).1) a + gamma F m * (l * qval u.1.1).

(* what is chosen, the largest value, and that at V_j where it is *)
Lemma weighted_ray_choice s : exists o a, [/\
  [/\ order_choice (W s) (y F m V s) o (ray_table s), forall b, 0 < W s b & best o = nth [::] x'.1.2 s],
  is_max (ray_table s) (next_value s), ray_table s a = next_value s,
  still s a = vec x'.1.1 s /\ kkt (W s) (fun a b : joint => under o (code a) (code b)) (y F m (vec x.1.1) s) (still s)
  & optimistic w -> forall b, ray_table s b = tb x'.2 s b + z * tb u'.2 s b + l * qval u'.1.1 /\ still s b = tb x'.2 s b].
Proof.
have z1 : z <= 1 by apply: le_trans zl l1.
have /andP [cE /everyP states] := step; have {cE} cE := q_same F cE; rewrite qval_mul -/(gamma F m) in cE.
have /andP [/and4P [keep good state_ /andP [act /eqP bst]] tabs] := states s (ltn_ord s).
have act' : is_action (sizes m) (best (nth [::] (all_orders m) (hs s).2)) by rewrite bst.
have [k0 ch0 mx0 [a [e0 e1]]] := ray_stateP state_ good act' z0 z1; have [w0 _ _ _] := good_stateP F good.
have wE b : table F (shares_on m w x u s) b = W s b by rewrite (kept_weight (pi := pi) b keep z0 zl l1 here pl).
have v'E : qval (at_ (ended m x'.1.1 u'.1.2) s) = vec x'.1.1 s + vec u'.1.2 s by rewrite -vec_ended.
have lead : qval (at_ x'.1.1 s) + z * (qval (at_ (ended m x'.1.1 u'.1.2) s) - qval (at_ x'.1.1 s)) =
    vec x'.1.1 s + z * vec u'.1.2 s.
  by rewrite v'E -[qval (at_ x'.1.1 s)]/(vec x'.1.1 s); ring.
rewrite lead in mx0 e1.
have nE : next_value s = vec x'.1.1 s + z * vec u'.1.2 s + gamma F m * (l * qval u.1.1) by rewrite cE [l * _]mulrCA.
exists (nth [::] (all_orders m) (hs s).2), a; rewrite nE; split.
- split=> // [|b]; last by rewrite -wE.
  apply: choice_eq (chosen_shift (gamma F m * (l * qval u.1.1)) ch0) => b; first exact: wE.
  by case: here => VE _; rewrite (targets_ray ok s b VE).
- split=> [b|]; first by rewrite le_plus2r; case: mx0.
  by exists a; rewrite /ray_table e1.
- by rewrite /ray_table e1.
- split=> //; case: k0 => up k0; split=> // v upv; apply: le_trans (k0 v upv).
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => b _; rewrite wE targets_ofE.
move=> opt b; move: tabs; rewrite opt => /everyP /(_ _ (place_lt b)) /andP [t0 t1].
have t0E := q_same F t0; have := q_same F t1; rewrite qval_add => t1E.
by rewrite /ray_table /mix /table t0E t1E cE; split=> //; ring.
Qed.

Lemma weighted_ray_leads pi' : plays x'.1.2 pi' ->
  weighted_step F m w V pi Qt (fun s => next_value s) pi' ray_table.
Proof.
move=> pl' s; have [o [_ [[ch _ bst] mx _ _ _]]] := weighted_ray_choice s.
by exists o, (ray_table s); split=> //; rewrite pl'.
Qed.

(* a step on the ray *)
Lemma weighted_ray_next (V' : state m -> F) (pi' : state m -> joint) (Qt' : state m -> joint -> F) lo hi :
  (forall s, lo <= V s - vec x.1.1 s /\ V s - vec x.1.1 s <= hi) -> weighted_step F m w V pi Qt V' pi' Qt' ->
  [/\ on_course x' u' z l V' Qt', plays x'.1.2 pi',
      forall s, gamma F m * lo <= V' s - vec x'.1.1 s /\ V' s - vec x'.1.1 s <= gamma F m * hi
    & optimistic w -> forall s a, gamma F m * lo <= Qt' s a - tb x'.2 s a /\ Qt' s a - tb x'.2 s a <= gamma F m * hi].
Proof.
move=> near st; have each s : [/\ V' s = next_value s, code (pi' s) = nth [::] x'.1.2 s, Qt' s =1 ray_table s
    & forall a, gamma F m * lo <= ray_table s a - still s a /\ ray_table s a - still s a <= gamma F m * hi].
  have [o [a [[ch w0 bst] mx qa [x0a k0] _]]] := weighted_ray_choice s.
  have [o' [q' [ch' mx' bo Qq]]] := st s; have [eo eq] := choice_unique w0 ch' ch; split.
  - by apply: is_max_unique mx' _; apply: is_max_ext mx => b; rewrite eq.
  - by rewrite bo eo.
  - by move=> b; rewrite Qq eq.
  have tb_ b : gamma F m * lo <= moves (fun s' => V s' - vec x.1.1 s') s b /\
      moves (fun s' => V s' - vec x.1.1 s') s b <= gamma F m * hi by apply: (moves_between ok).
  have fit_ := fit_eq (targets_move (vec x.1.1) V s) (fun=> erefl) (chosen_fit ch).
  move=> b; have [l2 l3] := fit_between w0 (kkt_fit w0 k0) fit_ tb_ b; split.
    by rewrite -(le_plus2r _ _ (still s b)) subrK addrC.
  by rewrite -(le_plus2r _ _ (still s b)) subrK addrC.
split=> [|s|s|opt s a]; last 1 first.
- have [_ _ e near_] := each s; have [_ [_ [_ _ _ _ /(_ opt a) [_ x0E]]]] := weighted_ray_choice s.
  by rewrite e -x0E.
- split=> [s|opt s a]; first by case: (each s).
  have [_ _ e _] := each s; have [_ [_ [_ _ _ _ /(_ opt a) [qE _]]]] := weighted_ray_choice s.
  by rewrite e.
- by case: (each s).
have [_ [a [_ _ qa [x0a _] _]]] := weighted_ray_choice s; have [e _ _ /(_ a)] := each s.
by rewrite qa x0a e.
Qed.
End Once.

(* before what is replayed there are the steps that are replayed *)
Definition run_goes (x : position) := forall pi0 Qt0, plays x.1.2 pi0 -> (optimistic w -> shown F m x.2 Qt0) ->
  exists V pi Qt, [/\ V 0%N =1 vec x.1.1, pi 0%N = pi0, Qt 0%N = Qt0
    & forall t, weighted_step F m w (V t) (pi t) (Qt t) (V t.+1) (pi t.+1) (Qt t.+1)].

Lemma replayed_goes hs x x' : weighted_after m w hs x = Some x' -> (joint_policy m x.1.2 -> joint_policy m x'.1.2) /\
  (run_goes x' -> run_goes x).
Proof.
elim: hs x => [|h hs IH] x /=; first by case=> ->.
case E: weighted_next => [x1|//] rest; have lead := weighted_nextP E; have [act go] := IH x1 rest.
split=> [_|/go {}go pi0 Qt0 pl sh]; first by apply: act; apply/everyP => s ls; apply: (leads_act lead (Ordinal ls)).
have [pi1 pl1] := plays_exists (leads_act lead); move/everyP: (lead) => ok_.
pose Qt1 (s : state m) := tbl (nth ([::], [::]) (nth ([::], 0%N) h s).1 (nth ([::], 0%N) h s).2).1.
have sh1 : optimistic w -> shown F m x1.2 Qt1.
  move=> opt s a; have /and5P [_ _ _ _] := ok_ s (ltn_ord s).
  by rewrite opt => /everyP /(_ _ (place_lt a)); rewrite (qval_eq F) => /eqP.
have [V [pi [Qt [V0 p0 Q0 st]]]] := go pi1 Qt1 pl1 sh1.
exists (fun t => if t is t'.+1 then V t' else vec x.1.1), (fun t => if t is t'.+1 then pi t' else pi0).
exists (fun t => if t is t'.+1 then Qt t' else Qt0); split=> // -[|t] /=; last exact: st.
move=> s; have /and5P [good mx _ /eqP bst _] := ok_ s (ltn_ord s); have [_ _ _ ch] := good_stateP F good.
exists (nth [::] (all_orders m) (nth ([::], 0%N) h s).2), (Qt1 s); rewrite V0 p0 Q0; split=> //.
- apply: choice_eq ch => a; rewrite ?targets_ofE // shares_ofE.
  by apply: weighted_eq; [by []|move=> _; rewrite pl|move=> opt b; rewrite sh].
- exact: is_topP mx.
by rewrite pl1 bst.
Qed.
End Step.

Section Orbit.
Variables (F : archiFieldType) (m : model) (w : weighting) (x0 : position) (T : nat) (before : seq hint).
Variables (points : seq position) (courses : seq course) (fits : seq (seq (seq order_fit))) (hints : seq hint).
Variables (lam kappa : Q).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation k := (size points).
Notation K := (size hints).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tb q s a := (table F (nth [::] q s) a).
Notation point j := (nth ([::], [::], [::]) points (j %% k)).
Notation course_of j := (nth (q0, [::], [::]) courses j).
Hypothesis checked : check_weighted_ray_orbit m w x0 T before points courses fits hints lam kappa.

Lemma weighted_ray_parts : [/\ check_model m, joint_policy m x0.1.2 & size before = T] /\
  [/\ (0 < k)%N, forall j, joint_policy m (point j).1.2
    & forall i j, (i < k)%N -> (j < i)%N -> unlike_place m w (point i) (point j)] /\
  [/\ (0 < K)%N, (k %| K)%N & weighted_returned m w (course_of 0%N) (course_of K) lam kappa] /\
  (exists x, weighted_after m w before x0 = Some x /\ at_end m w (point 0) (course_of 0%N) x) /\
  forall j, (j < K)%N -> weighted_ray_step m w (point j) (course_of j) (nth [::] fits j) (nth [::] hints j)
    (point j.+1) (course_of j.+1).
Proof.
move: checked; rewrite /check_weighted_ray_orbit; case/andP; case/andP; case/andP; case/andP.
case/and5P => ok _ _ _ /andP [act /eqP sz] /and3P [k0 /everyP acts /everyP apart_] /and3P [K0 kK ret] start /everyP steps.
split=> //; split.
  split=> // [j|i j ik ji]; last by have /everyP := apart_ i ik; apply.
  by have := acts (j %% k)%N; rewrite ltn_mod modn_mod; apply.
split=> //; split=> [|j /steps //]; move: start; case: weighted_after => [x|//] there; by exists x.
Qed.

Lemma weighted_ray_policies : exists pis : nat -> state m -> joint, forall j, plays (point j).1.2 (pis (j %% k)%N).
Proof.
have [_ [[k0 acts _] _]] := weighted_ray_parts.
have ex (j : 'I_k) : exists pi : {ffun state m -> joint}, plays (point j).1.2 pi.
  have [pi piE] := plays_exists (fun s : state m => everyP _ _ (acts j) s (ltn_ord s)).
  by exists [ffun s => pi s] => s; rewrite ffunE.
have [pis0 pisE] := fin_all_exists ex; exists (fun j => pis0 (insubd (Ordinal k0) j)) => j.
have jk : (j %% k < k)%N by rewrite ltn_mod.
by have := pisE (insubd (Ordinal k0) (j %% k)%N); rewrite val_insubd jk modn_mod.
Qed.

Lemma weighted_ray_steps n : weighted_ray_step m w (point n) (course_of (n %% K)) (nth [::] fits (n %% K))
  (nth [::] hints (n %% K)) (point n.+1) (course_of (n %% K).+1).
Proof.
have [_ [_ [[K0 kK _] [_ steps]]]] := weighted_ray_parts.
have jK : (n %% K < K)%N by rewrite ltn_mod.
have e1 j : (j %% K %% k = j %% k)%N by rewrite modn_dvdm.
have e2 : ((n %% K).+1 %% k = n.+1 %% k)%N by rewrite -(addn1 (n %% K)) -(addn1 n) -modnDml e1 modnDml.
by have := steps _ jK; rewrite e1 e2.
Qed.

(* z and l after a step *)
Definition turned_round n (zl : F * F) : F * F :=
  if ((n %% K).+1 < K)%N then zl else (zl.1 * qval kappa, zl.2 * qval lam).

Lemma weighted_turned n zl V Qt : 0 < zl.1 -> zl.1 <= zl.2 -> zl.2 <= 1 ->
  on_course w (point n.+1) (course_of (n %% K).+1) zl.1 zl.2 V Qt ->
  let zl' := turned_round n zl in
  [/\ 0 < zl'.1, zl'.1 <= zl'.2, zl'.2 <= 1 & @on_course F m w (point n.+1) (course_of (n.+1 %% K)) zl'.1 zl'.2 V Qt].
Proof.
have [_ [_ [[K0 _ ret] _]]] := weighted_ray_parts; case: zl => z l /= z0 zl l1 here; rewrite /turned_round /=.
have [lt|ge] := ltnP (n %% K).+1 K.
  by split=> //; rewrite (_ : n.+1 %% K = (n %% K).+1)%N // -(addn1 n) -modnDml addn1 modn_small.
have ek : (n %% K).+1 = K by apply/eqP; rewrite eqn_leq ge ltn_mod K0.
have -> : (n.+1 %% K = 0)%N by rewrite -(addn1 n) -modnDml addn1 ek modnn.
rewrite ek in here; case/and5P: ret; rewrite (qval_lt F) qval0 => k0; rewrite (qval_le F) => kl.
rewrite (qval_le F) qval1 => l0 cE /everyP each; have l00 : 0 < qval lam by apply: lt_le_trans kl.
have {}cE := q_same F cE; rewrite qval_mul in cE; split=> /=; first exact: mulr_gt0.
- by apply: le_trans (le_mul2r (ltW k0) zl) _; apply: le_mul2l => //; apply: le_trans zl; apply: ltW.
- apply: le_trans l1; rewrite -[X in _ <= X]mulr1; apply: le_mul2l => //.
  by apply: le_trans zl; apply: ltW.
case: here => VE QE; split=> [s|opt s a]; have /andP [ue qe] := each s (ltn_ord s).
  by rewrite VE cE /Tables.vec (q_same F ue) qval_mul; ring.
move: qe; rewrite opt => /everyP /(_ _ (place_lt a)) qe; have {}qe := q_same F qe; rewrite qval_mul in qe.
by rewrite QE // cE /table qe; ring.
Qed.

Lemma first_course x V pi Qt : at_end m w (point 0) (course_of 0%N) x -> at_place F m w x V pi Qt ->
  on_course w (point 0) (course_of 0%N) 1 1 V Qt /\ (acting w -> plays (point 0).1.2 pi).
Proof.
move=> /everyP each [VE gE QE]; split; last first.
  by move=> act s; have /and3P [_ + _] := each s (ltn_ord s); rewrite act gE // => /eqP.
split=> [s|opt s a]; have /and3P [ve _ qe] := each s (ltn_ord s).
  by rewrite VE /Tables.vec (q_same F ve) -[qval _]/(vec _ s) far_valuesE !mul1r.
move: qe; rewrite opt => /everyP /(_ _ (place_lt a)) qe.
by rewrite QE // /table (q_same F qe) -[qval _]/(table F _ a) far_tableE !mul1r.
Qed.

Lemma weighted_ray_exists : exists V pi Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt.
Proof.
have [[ok act sz] [_ [_ [[x [rep at0]] _]]]] := weighted_ray_parts; have [pis pl] := weighted_ray_policies.
have [pi0 gE] := plays_exists (fun s : state m => everyP _ _ act s (ltn_ord s)).
have [_ goes] := replayed_goes F rep; have here : run_goes F m w x.
  move=> pi1 Qt1 pl1 sh1; have [start plays0] := first_course at0 (And3 (frefl (vec x.1.1)) (fun _ => pl1) sh1).
  pose zl := fix zl n := if n is n'.+1 then turned_round n' (zl n') else (1 : F, 1 : F).
  pose V n (s : state m) := if n is 0%N then vec x.1.1 s else
    vec (point n).1.1 s + (zl n).1 * vec (course_of (n %% K)).1.2 s + (zl n).2 * qval (course_of (n %% K)).1.1.
  pose pi n := if n is 0%N then pi1 else pis (n %% k)%N.
  pose Qt n := if n is n'.+1 then fun s => @ray_table F m (course_of (n' %% K)) (nth [::] fits (n' %% K))
    (nth [::] hints (n' %% K)) (zl n').1 (zl n').2 s else Qt1.
  have plays_ n : acting w -> plays (point n).1.2 (pi n) by case: n => [|n] //= _; apply: pl.
  have each n : [/\ 0 < (zl n).1, (zl n).1 <= (zl n).2, (zl n).2 <= 1
      & on_course w (point n) (course_of (n %% K)) (zl n).1 (zl n).2 (V n) (Qt n)].
    elim: n => [|n [z0 zl_ l1 here]]; first by rewrite /= !mod0n ltr01 !lexx; split=> //; rewrite !mod0n in start.
    have next : on_course w (point n.+1) (course_of (n %% K).+1) (zl n).1 (zl n).2 (fun s => vec (point n.+1).1.1 s +
        (zl n).1 * vec (course_of (n %% K).+1).1.2 s + (zl n).2 * qval (course_of (n %% K).+1).1.1) (Qt n.+1).
      split=> // opt s a.
      by have [_ [_ [_ _ _ _ /(_ opt a) []]]] := weighted_ray_choice ok (weighted_ray_steps n) z0 zl_ l1 here (plays_ n) s.
    have [z0' zl' l1' [VE QE]] := weighted_turned z0 zl_ l1 next; split=> //; split=> //.
  exists V, pi, Qt; split=> // n; have [z0 zl_ l1 here] := each n.
  have st := weighted_ray_leads ok (weighted_ray_steps n) z0 zl_ l1 here (plays_ n) (pl n.+1).
  apply: weighted_step_eq st => // s.
  have next : on_course w (point n.+1) (course_of (n %% K).+1) (zl n).1 (zl n).2 (fun s => vec (point n.+1).1.1 s +
      (zl n).1 * vec (course_of (n %% K).+1).1.2 s + (zl n).2 * qval (course_of (n %% K).+1).1.1) (Qt n.+1).
    split=> // opt s' a.
    by have [_ [_ [_ _ _ _ /(_ opt a) []]]] := weighted_ray_choice ok (weighted_ray_steps n) z0 zl_ l1 here (plays_ n) s'.
  by have [_ _ _ [VE _]] := weighted_turned z0 zl_ l1 next; rewrite VE.
have [V [pi [Qt [V0 p0 Q0 st]]]] := goes here pi0 (fun s a => tb x0.2 s a) gE (fun _ _ _ => erefl).
by exists V, pi, Qt; split=> //; rewrite ?p0 ?Q0.
Qed.

(* after T + n steps *)
Definition weighted_on_ray (V : nat -> state m -> F) (pi : nat -> state m -> joint) (Qt : nat -> state m -> joint -> F)
    n lo hi :=
  [/\ exists zl : F * F, [/\ 0 < zl.1, zl.1 <= zl.2, zl.2 <= 1
        & on_course w (point n) (course_of (n %% K)) zl.1 zl.2 (V (T + n)%N) (Qt (T + n)%N)],
      forall s, lo <= V (T + n)%N s - vec (point n).1.1 s /\ V (T + n)%N s - vec (point n).1.1 s <= hi,
      (0 < n)%N -> optimistic w -> forall s a, lo <= Qt (T + n)%N s a - tb (point n).2 s a /\
        Qt (T + n)%N s a - tb (point n).2 s a <= hi
    & acting w \/ (0 < n)%N -> plays (point n).1.2 (pi (T + n)%N)].

Lemma weighted_ray_stays V pi Qt : weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt ->
  exists lo hi, forall n, weighted_on_ray V pi Qt n (gamma F m ^+ n * lo) (gamma F m ^+ n * hi).
Proof.
move=> [V0 g0 Q0 st]; have [[ok act sz] [_ [_ [[x [rep at0]] _]]]] := weighted_ray_parts.
have first_ : at_place F m w x0 (V 0%N) (pi 0%N) (Qt 0%N) by split.
have := weighted_afterP st first_ rep; rewrite add0n sz => /(first_course at0) [start plays0].
have [b bE] : exists b : state m -> F, forall s, b s = V T s - vec (point 0).1.1 s.
  by exists (fun s => V T s - vec (point 0).1.1 s).
have [lo [hi between]] : exists lo hi, forall s, lo <= b s /\ b s <= hi.
  have [s0 _|none] := pickP (@predT (state m)); last by exists 0, 0 => s; have := none s.
  exists (b [arg min_(s < s0) b s]%O), (b [arg max_(s > s0) b s]%O) => s; split.
    by case: Order.TotalTheory.arg_minP => // c _; apply.
  by case: Order.TotalTheory.arg_maxP => // c _; apply.
exists lo, hi; elim=> [|n [[zl [z0 zl_ l1 here]] near _ plays_]].
  rewrite /weighted_on_ray addn0 expr0 !mul1r; split=> [|s|//|[act_|//]]; last exact: plays0.
    by exists (1, 1); rewrite (mod0n K); split; rewrite ?ltr01 ?lexx.
  by rewrite -bE.
have [next pl' near' nearQ] := weighted_ray_next ok (weighted_ray_steps n) z0 zl_ l1 here
  (fun act_ => plays_ (or_introl act_)) near (st (T + n)%N).
rewrite /weighted_on_ray addnS !exprS -[gamma F m * _ * lo]mulrA -[gamma F m * _ * hi]mulrA; split; [|exact: near'|by move=> _; exact: nearQ|by move=> _].
by exists (turned_round n zl); apply: weighted_turned.
Qed.

Lemma vanishing (lo hi e : F) : check_model m -> 0 < e ->
  exists N, forall n, (N <= n)%N -> gamma F m ^+ n * (`|lo| + `|hi|) < e.
Proof.
move=> ok e0; have c0 : 0 <= `|lo| + `|hi| by rewrite addr_ge0.
exact: (powers_vanish (gamma_ge0 F ok) (gamma_lt1 F ok) c0 e0).
Qed.

Lemma near_norm n (lo hi v : F) : check_model m -> gamma F m ^+ n * lo <= v -> v <= gamma F m ^+ n * hi ->
  `|v| <= gamma F m ^+ n * (`|lo| + `|hi|).
Proof.
move=> ok l h; have p0 : 0 <= gamma F m ^+ n by apply: exprn_ge0; apply: gamma_ge0.
apply: norm_le; first by apply: le_trans h _; apply: le_mul2l => //; apply: le_trans (ler_norm hi) _; rewrite addrC le_plus.
rewrite opp_le; apply: le_trans l; rewrite -mulrN; apply: le_mul2l => //.
by rewrite opp_le; apply: le_trans (ler_norm (- lo)) _; rewrite normrN le_plus.
Qed.

(* A certificate of kind `ray` of a cycle under weights that depend on Q_tot that is accepted is true: with
   k the number of the claimed positions, no two are the same; there is a run from the start, and of every
   one V^(t), under optimistic weights Q_tot too, approaches those of position (t - T) mod k as t grows, and
   the best actions are those of position (t - T) mod k at all t > T, where they matter at t = T too.
   Source: ours. *)
Theorem weighted_ray_orbit_sound : exists pis : nat -> state m -> joint,
  [/\ (0 < k)%N /\ forall j, plays (point j).1.2 (pis (j %% k)%N),
      forall i j, (i < k)%N -> (j < i)%N -> exists s, [\/ vec (point i).1.1 s != vec (point j).1.1 s, pis i s != pis j s
        | optimistic w /\ exists a : joint, tb (point i).2 s a != tb (point j).2 s a],
      exists V pi Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt
    & forall V pi Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N -> forall s,
           `|V t s - vec (point (t - T)).1.1 s| < e /\
           (optimistic w -> forall a, `|Qt t s a - tb (point (t - T)).2 s a| < e)) /\
        (forall t, (T <= t)%N -> acting w \/ (T < t)%N -> forall s, pi t s = pis ((t - T) %% k)%N s)].
Proof.
have [pis pl] := weighted_ray_policies; have [[ok _ _] [[k0 _ apart_] _]] := weighted_ray_parts.
exists pis; split=> // [i j ik ji||V pi Qt run]; [|exact: weighted_ray_exists|].
- have := apart_ i j ik ji; have jk := ltn_trans ji ik; rewrite /unlike_place -has_predC => /hasP [s].
  rewrite mem_iota /= => ls; pose s' : state m := Ordinal ls; rewrite !negb_and => /or3P [ne|ne|ne]; exists s'.
  + by constructor 1; rewrite -(qval_eq F).
  + constructor 2; apply: contra ne => /eqP e; have := pl i s'; have := pl j s'.
    by rewrite !(modn_small ik) !(modn_small jk) e /= => -> ->.
  constructor 3; move: ne; case: (optimistic w) => //; rewrite -has_predC => /hasP [n]; rewrite mem_iota /= => nN ne.
  split=> //; have act : is_action (sizes m) (nth [::] (tuples (sizes m)) n) by rewrite -mem_tuples mem_nth.
  have [a aE] := code_onto act; exists a; rewrite -(qval_eq F) /table; suff -> : rank (sizes m) (code a) = n by [].
  by apply/eqP; rewrite aE -(nth_uniq [::] (rank_lt act) nN (uniq_tuples (sizes m))) nth_rank.
have [lo [hi near]] := weighted_ray_stays run; split=> [e e0|t tT late s].
  have [N small_] := vanishing lo hi ok e0.
  exists (T + N.+1)%N => t tN s; have tT : (T <= t)%N by apply: leq_trans tN; apply: leq_addr.
  have Nt : (N < t - T)%N by rewrite -addn1 leq_subRL // addn1.
  have [_ nV nQ _] := near (t - T)%N; rewrite subnKC // in nV nQ.
  split=> [|opt a]; apply: le_lt_trans (small_ (t - T)%N (ltnW Nt)).
    by have [l h] := nV s; apply: near_norm.
  have [|l h] := nQ _ opt s a; first by apply: leq_ltn_trans Nt.
  by apply: near_norm.
have [_ _ _ ps] := near (t - T)%N; rewrite subnKC // subn_gt0 in ps.
by apply: code_inj; rewrite (ps late s) pl.
Qed.
End Orbit.

(* A certificate of kind `ray` of convergence under weights that depend on Q_tot that is accepted is true:
   `policy` is a joint policy pi, `optimal` solves the Bellman optimality equation and `own` that of pi; there
   is a run from the stated start, and of every one V^(t)(s) -> values(s), under optimistic weights Q_tot
   tends to the stated tables, with the best actions pi at all t > T, where they matter at t = T too.
   Source: ours. *)
Theorem weighted_ray_limit_sound (F : archiFieldType) m w x0 T before claim q courses fits hints lam kappa :
  check_weighted_ray_limit m w x0 T before claim q courses fits hints lam kappa ->
  exists pi : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) pi, worths F m claim pi,
        exists V pis Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pis Qt
      & forall V pis Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pis Qt ->
          (forall e, 0 < e -> exists N, forall t, (N <= t)%N -> forall s, `|V t s - vec F m (values claim) s| < e /\
             (optimistic w -> forall a, `|Qt t s a - table F (nth [::] q s) a| < e)) /\
          (forall t, (T <= t)%N -> acting w \/ (T < t)%N -> forall s, pis t s = pi s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best_ own_]]] /(weighted_ray_orbit_sound F) [pis [[_ pl] _ run0 runs]].
have pl0 : plays (policy claim) (pis 0%N) := pl 0%N.
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE pl0.
exists (pis 0%N); split=> // [|V pi Qt run]; first by split=> // s; rewrite -same.
have [tends keeps] := runs V pi Qt run; split=> [e e0|t tT late s].
  by have [N h] := tends e e0; exists N => t tN s; have := h t tN s; rewrite modn1.
by rewrite keeps // modn1.
Qed.
