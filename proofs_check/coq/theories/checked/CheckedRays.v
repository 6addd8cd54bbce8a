(* The proof `ray`: limits and cycles of the monotonic class (QMIX), fixed or epsilon-greedy data
   with full support, that need not be kept to by a step from them.

   After T steps the run is at V_0 + w_0. In step j, at V_j + z w_j + l with 0 < z <= 1, each tuple
   of orders has the regression between those of y(V_j) and y(V_j + w_j), of an error that is
   quadratic in z (Rays.v), and the tuple that is chosen at z = 1 is the best one for all z. So
   the run follows V_j + z w_j, up to a constant, and at the end, where w_j is kappa w_0 and a
   constant, it is where it was, with kappa z for z.

              product m ws u v == the sum of ws u v over the joint actions
                    less m u v == u - v
          coefficients e0 e e1 == of e0 + 2 (e - e0) z + (e0 - 2 e + e1) z^2
             quadratic m ws y0 == those of the error of a regression on the way
          q_never_better a b c == never_better (Rays.v), computed
        ray_fit m ws y0 y1 own == the regressions of y0 and y1 along orders, with an error that is
                                  never below the one of the coefficients own
     ray_state m ws y0 y1 x hs == at a state: the regressions x of y0 and hs of y1 of all tuples of
                                  orders, none but the chosen one is ever better, and the largest
                                  values of that are the next ones
                 ended m v w s == v + w
            ray_step m d v w.. == the step from v + w leads to v' + w', and all on the way so
             returned m w w' k == w' is k w, up to a constant
            unlike m ps gs i j == two positions are not the same
         check_ray_orbit m d.. == the check of positions
         check_ray_limit m d.. == it, of one position, and worths (Claims.v)
           on_ray V pi n lo hi == after T + n steps the values are V_j + z w_j + l, 0 < z <= 1, and
                                  between lo and hi away from V_j
                   turn c n zl == z and l after one more step

   ray_choice       what is chosen on the ray
   ray_next         a step on the ray leads to the next one
   ray_exists       there is a run on the ray
   ray_orbit_sound  accepted cycles are approached by every run from the start
   ray_limit_sound  accepted limits are those of every run from the start

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import CheckedShrinking Isotonic Rays Orders OrderFits OrderRuns NearOrders.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (d : data).
Notation S := (n_states m).
Notation N := (size (tuples (sizes m))).

Definition product (ws u v : seq Q) : Q := qsum N (fun k => qmul (at_ ws k) (qmul (at_ u k) (at_ v k))).
Definition less (u v : seq Q) : seq Q := tab N (fun k => qsub (at_ u k) (at_ v k)).

(* of e0 + 2 (e - e0) z + (e0 - 2 e + e1) z^2 *)
Definition coefficients (e0 e e1 : Q) : Q * Q * Q :=
  (e0, qsub (qadd e e) (qadd e0 e0), qsub (qadd e0 e1) (qadd e e)).

Definition quadratic (ws y0 x0 y1 x1 : seq Q) : Q * Q * Q :=
  let r0 := less y0 x0 in let r1 := less y1 x1 in
  coefficients (product ws r0 r0) (product ws r0 r1) (product ws r1 r1).

Definition q_never_better (a b c : Q) : bool :=
  [&& qeq a q0, qeq b q0 & qeq c q0] ||
  [&& qle q0 a, qlt q0 (qadd (qadd a b) c), qeq a q0 ==> qle q0 b
    & ~~ (qlt b q0 && qlt (qopp b) (qadd c c)) || qlt (qmul b b) (qmul (qadd (qadd a a) (qadd a a)) c)].

(* the regressions x0 and x1 along o, and an error f that is never below own *)
Definition ray_fit (ws y0 y1 : seq Q) (own : Q * Q * Q) (o : seq (seq nat)) (x0 : order_fit) (x1 : seq Q) : bool :=
  let f := quadratic ws y0 x0.1 y1 x1 in
  [&& good_fit m ws y0 o x0, qeq (product ws (less y0 x0.1) x1) q0, qeq (product ws (less y1 x1) x0.1) q0
    & q_never_better (qsub f.1.1 own.1.1) (qsub f.1.2 own.1.2) (qsub f.2 own.2)].

(* fits: the regressions of y0 for all tuples of orders; hs: those of y1, and which one is chosen *)
Definition ray_state (ws y0 y1 : seq Q) (fits : seq order_fit) (hs : seq order_fit * nat) (v v' : Q) : bool :=
  let os := all_orders m in let n := hs.2 in
  let x0 k := nth ([::], [::]) fits k in let x1 k := (nth ([::], [::]) hs.1 k).1 in
  let own := quadratic ws y0 (x0 n).1 y1 (x1 n) in
  let top := rank (sizes m) (best (nth [::] os n)) in
  [&& every (size os) (fun k => ray_fit ws y0 y1 own (nth [::] os k) (x0 k) (x1 k)),
      is_top m (x0 n).1 v, qeq (at_ (x0 n).1 top) v, is_top m (x1 n) v' & qeq (at_ (x1 n) top) v'].

Definition ended (v w : seq Q) : seq Q := tab S (fun s => qadd (at_ v s) (at_ w s)).

Definition ray_step (v w : seq Q) (g : seq (seq nat)) (fits : seq (seq order_fit)) (h : hint) (v' w' : seq Q)
    (g' : seq (seq nat)) : bool :=
  let e := ended v w in let e' := ended v' w' in
  stepped m d e g h e' g' &&
  every S (fun s => ray_state (weights_of m d s (nth [::] g s)) (targets_of m v s) (targets_of m e s)
    (nth [::] fits s) (nth ([::], 0%N) h s) (at_ v' s) (at_ e' s)).

Definition returned (w w' : seq Q) (kappa : Q) : bool :=
  [&& qlt q0 kappa, qle kappa q1
    & every S (fun s => qeq (qsub (at_ w' s) (at_ w' 0)) (qmul kappa (qsub (at_ w s) (at_ w 0))))].

Definition unlike (points : seq (seq Q)) (policies : seq (seq (seq nat))) (i j : nat) : bool :=
  ~~ every S (fun s => qeq (at_ (nth [::] points i) s) (at_ (nth [::] points j) s) &&
       (nth [::] (nth [::] policies i) s == nth [::] (nth [::] policies j) s)).

(* the start, the hints of the T steps, the claimed positions; the ways w_0, w_1, ... until the
   return, for each step the regressions at its position and its hint, and kappa                  *)
Definition check_ray_orbit (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (before : seq whole_hint)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) (ways : seq (seq Q))
    (fits : seq (seq (seq order_fit))) (hints : seq hint) (kappa : Q) : bool :=
  let k := size points in let K := size hints in
  let point j := nth [::] points (j %% k)%N in let policy j := nth [::] policies (j %% k)%N in
  let way j := nth [::] ways j in
  [&& check_model m, check_support m d, joint_policy m g0 & size before == T] &&
  [&& (0 < k)%N, size policies == k, all (joint_policy m) policies
    & every k (fun i => every i (fun j => unlike points policies i j))] &&
  [&& (0 < K)%N, (k %| K)%N, ~~ every S (fun s => qeq (at_ (way 0%N) s) (at_ (way 0%N) 0))
    & returned (way 0%N) (way K) kappa] &&
  (if replay_orders m d before v0 g0 is Some (v, g) then
     every S (fun s => qeq (at_ v s) (qadd (at_ (point 0%N) s) (at_ (way 0%N) s))) &&
     (~~ moving d || every S (fun s => nth [::] g s == nth [::] (policy 0%N) s))
   else false) &&
  every K (fun j => ray_step (point j) (way j) (policy j) (nth [::] fits j) (nth [::] hints j)
    (point j.+1) (way j.+1) (policy j.+1)).

Definition check_ray_limit (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (before : seq whole_hint) (claim : limit)
    (ways : seq (seq Q)) (fits : seq (seq (seq order_fit))) (hints : seq hint) (kappa : Q) : bool :=
  check_worths m claim &&
  check_ray_orbit v0 g0 T before [:: values claim] [:: policy claim] ways fits hints kappa.
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section State.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation N := (size (tuples (sizes m))).
Notation qval := (qval F).
Notation tbl x := (fun a : joint => table F x a).
Notation along o := (fun a b : joint => under o (code a) (code b)).

Lemma productE ws u v : qval (product m ws u v) = dot (tbl ws) (tbl u) (tbl v).
Proof.
rewrite /product qval_sum [RHS](sum_places m (fun k => qval (at_ ws k) * qval (at_ u k) * qval (at_ v k))).
by apply: eq_bigr => k _; rewrite !qval_mul mulrA.
Qed.

Lemma lessE u v : tbl (less m u v) =1 rest (tbl u) (tbl v).
Proof. by move=> a; rewrite /table /less /at_ nth_tab ?place_lt // qval_sub. Qed.

Lemma coefficientsE e0 e e1 (E0 E E1 : F) : qval e0 = E0 -> qval e = E -> qval e1 = E1 ->
  let q := coefficients e0 e e1 in
  (qval q.1.1, qval q.1.2, qval q.2) = (E0, 2%:R * (E - E0), E0 - 2%:R * E + E1).
Proof. by move=> <- <- <-; rewrite /coefficients /= !qval_sub !qval_add; congr (_, _, _); ring. Qed.

Lemma quadraticE ws y0 x0 y1 x1 : let q := quadratic m ws y0 x0 y1 x1 in
  (qval q.1.1, qval q.1.2, qval q.2) = quad (tbl ws) (tbl y0) (tbl x0) (tbl y1) (tbl x1).
Proof.
have lessP u v u' v' : qval (product m ws (less m u v) (less m u' v')) =
    dot (tbl ws) (rest (tbl u) (tbl v)) (rest (tbl u') (tbl v')).
  by rewrite productE; apply: dot_eq; apply: lessE.
by rewrite /quadratic; apply: coefficientsE; rewrite lessP // err_dot.
Qed.

Lemma q_never_betterE a b c : q_never_better a b c = never_better (qval a) (qval b) (qval c).
Proof.
rewrite /q_never_better !(qval_lt F) !(qval_le F) !(qval_eq F) !qval0.
rewrite [qval (qadd (qadd a b) c)]qval_add [qval (qadd a b)]qval_add [qval (qopp b)]qval_opp [qval (qadd c c)]qval_add.
rewrite [qval (qmul b b)]qval_mul [qval (qmul (qadd _ _) c)]qval_mul.
rewrite [qval (qadd (qadd a a) (qadd a a))]qval_add [qval (qadd a a)]qval_add.
move: (qval a) (qval b) (qval c) => A B C; rewrite /never_better expr2.
have -> : A + A + (A + A) = 4%:R * A by ring.
by have -> : C + C = 2%:R * C by ring.
Qed.

Lemma q_zero x : qeq x q0 -> qval x = 0.
Proof. by rewrite (qval_eq F) qval0 => /eqP. Qed.

Lemma q_same x y : qeq x y -> qval x = qval y.
Proof. by rewrite (qval_eq F) => /eqP. Qed.

Lemma gapP (f g : Q * Q * Q) : q_never_better (qsub f.1.1 g.1.1) (qsub f.1.2 g.1.2) (qsub f.2 g.2) ->
  never_better (qval f.1.1 - qval g.1.1) (qval f.1.2 - qval g.1.2) (qval f.2 - qval g.2).
Proof.
case: f g => [[f1 f2] f3] [[g1 g2] g3]; rewrite -[(_, _).1]/(f1, f2) /=.
by move=> h; have := h; rewrite q_never_betterE !qval_sub.
Qed.

Lemma ray_fitP ws y0 y1 own o x0 x1 : ray_fit m ws y0 y1 own o x0 x1 ->
  [/\ kkt (tbl ws) (along o) (tbl y0) (tbl x0.1), dot (tbl ws) (rest (tbl y0) (tbl x0.1)) (tbl x1) = 0,
      dot (tbl ws) (rest (tbl y1) (tbl x1)) (tbl x0.1) = 0
    & let g := quad (tbl ws) (tbl y0) (tbl x0.1) (tbl y1) (tbl x1) in
      never_better (g.1.1 - qval own.1.1) (g.1.2 - qval own.1.2) (g.2 - qval own.2)].
Proof.
have restP u v v' : qval (product m ws (less m u v) v') = dot (tbl ws) (rest (tbl u) (tbl v)) (tbl v').
  by rewrite productE; apply: dot_eq => //; apply: lessE.
case/and4P => gf e01 e10 nb; split; first exact: good_fitP gf.
- by rewrite -restP; apply: q_zero.
- by rewrite -restP; apply: q_zero.
by rewrite -quadraticE; apply: gapP nb.
Qed.

Lemma ray_stateP ws y0 y1 fits hs v v' z : ray_state m ws y0 y1 fits hs v v' -> good_state m ws y1 hs ->
  is_action (sizes m) (best (nth [::] (all_orders m) hs.2)) -> 0 < z -> z <= 1 ->
  let o := nth [::] (all_orders m) hs.2 in
  let x0 := tbl (nth ([::], [::]) fits hs.2).1 in let x1 := tbl (nth ([::], [::]) hs.1 hs.2).1 in
  [/\ kkt (tbl ws) (along o) (tbl y0) x0,
      order_choice (tbl ws) (mix z (tbl y0) (tbl y1)) o (mix z x0 x1),
      is_max (mix z x0 x1) (qval v + z * (qval v' - qval v))
    & exists a, x0 a = qval v /\ mix z x0 x1 a = qval v + z * (qval v' - qval v)].
Proof.
move=> /and5P [/everyP each top0 at0 top1 at1] good act z0 z1 o x0 x1; have z0' := ltW z0.
have [w0 _ kk ch] := good_stateP F good.
have nL := good_state_lt good; have [_ _ least] := ch.
have all_ k : (k < size (all_orders m))%N ->
    [/\ kkt (tbl ws) (along (nth [::] (all_orders m) k)) (tbl y0) (tbl (nth ([::], [::]) fits k).1),
     kkt (tbl ws) (along (nth [::] (all_orders m) k)) (tbl y1) (tbl (nth ([::], [::]) hs.1 k).1),
     dot (tbl ws) (rest (tbl y0) (tbl (nth ([::], [::]) fits k).1)) (tbl (nth ([::], [::]) hs.1 k).1) = 0,
     dot (tbl ws) (rest (tbl y1) (tbl (nth ([::], [::]) hs.1 k).1)) (tbl (nth ([::], [::]) fits k).1) = 0
     & let g := quad (tbl ws) (tbl y0) (tbl (nth ([::], [::]) fits k).1) (tbl y1) (tbl (nth ([::], [::]) hs.1 k).1) in
       let f := quad (tbl ws) (tbl y0) x0 (tbl y1) x1 in never_better (g.1.1 - f.1.1) (g.1.2 - f.1.2) (g.2 - f.2)].
  move=> kL; have [k0 e01 e10 nb] := ray_fitP (each k kL); split=> //; first exact: kk.
  by move: nb; rewrite /x0 /x1 -!quadraticE.
have oL : o \in all_orders m by apply: mem_nth.
pose pl o' := if o' == o then hs.2 else index o' (all_orders m).
have plE o' : o' \in all_orders m -> (pl o' < size (all_orders m))%N /\ nth [::] (all_orders m) (pl o') = o'.
  by rewrite /pl => h; case: eqP => [->|_]; split=> //; rewrite ?index_mem ?nth_index.
have pln : pl o = hs.2 by rewrite /pl eqxx.
pose x0' o' := tbl (nth ([::], [::]) fits (pl o')).1; pose x1' o' := tbl (nth ([::], [::]) hs.1 (pl o')).1.
have choice_ : order_choice (tbl ws) (mix z (tbl y0) (tbl y1)) o (mix z x0 x1).
  have := @chosen_mix F _ (tbl ws) w0 _ (fun o' (a b : joint) => under o' (code a) (code b)) (all_orders m) (precedes m)
    (tbl y0) (tbl y1) x0' x1' o z oL z0 z1; rewrite /x0' /x1' pln; apply=> [o' oL'|o' oL' pr].
    by have [kL e] := plE o' oL'; have := all_ _ kL; rewrite e.
  have [kL e] := plE o' oL'; have [up _] := kk _ kL; rewrite e in up.
  by have [_ lt] := least _ oL' _ up; apply: lt.
have [k0 _ _ _ _] := all_ _ nL.
split=> //.
- split=> [a|]; last first.
    have [a aE] := code_onto act; exists a; move: at0 at1; rewrite !(qval_eq F) => /eqP e0 /eqP e1.
    by rewrite /mix /x0 /x1 /table aE e0 e1.
  have [le0 _] := is_topP F top0; have [le1 _] := is_topP F top1.
  rewrite /mix -subr_ge0 (_ : _ - _ = (1 - z) * (qval v - x0 a) + z * (qval v' - x1 a)); last by ring.
  by rewrite addr_ge0 // mulr_ge0 // subr_ge0.
have [a aE] := code_onto act; exists a; move: at0 at1; rewrite !(qval_eq F) => /eqP e0 /eqP e1.
by rewrite /mix /x0 /x1 /table aE e0 e1.
Qed.
End State.

Section Step.
Variables (F : realFieldType) (m : model) (d : data).
Hypothesis ok : check_model m.
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation tbl x := (fun a : joint => table F x a).

Lemma moves_affine (w : state m -> F) z l s a :
  moves (fun s' => z * w s' + l) s a = z * moves w s a + gamma F m * l.
Proof.
rewrite /moves (eq_bigr (fun s' => z * (trans F m s a s' * w s') + trans F m s a s' * l)) => [|s' _]; last first.
  by rewrite mulrDr mulrCA.
by rewrite big_split -mulr_sumr -mulr_suml (trans_sum1 F ok) mul1r mulrDr mulrCA.
Qed.

Lemma vec_ended v w (s : state m) : vec (ended m v w) s = vec v s + vec w s.
Proof. by rewrite /Tables.vec /ended {1}/at_ nth_tab // qval_add. Qed.

Lemma targets_ray v w (V : state m -> F) z l s a : (forall s, V s = vec v s + z * vec w s + l) ->
  y F m V s a = mix z (tbl (targets_of m v s)) (tbl (targets_of m (ended m v w) s)) a + gamma F m * l.
Proof.
move=> VE; rewrite (targets_move (vec v) V).
have -> : moves (fun s' => V s' - vec v s') s a = z * moves (vec w) s a + gamma F m * l.
  rewrite -moves_affine /moves; congr (_ * _); apply: eq_bigr => s' _; congr (_ * _).
  by rewrite VE; ring.
rewrite /mix !targets_ofE (targets_move (vec v) (vec (ended m v w))).
rewrite (_ : moves (fun s' => vec (ended m v w) s' - vec v s') s a = moves (vec w) s a); first by ring.
by rewrite /moves; congr (_ * _); apply: eq_bigr => s' _; rewrite vec_ended addrAC subrr add0r.
Qed.

Lemma weights_ray g (pi : state m -> joint) (s : state m) (a : joint) : (moving d -> plays g pi) ->
  table F (weights_of m d s (nth [::] g s)) a = weights F m d s (code (pi s)) a.
Proof.
by move=> pl; rewrite weights_ofE; case mv: (moving d); [rewrite pl|rewrite !weights_fixed ?mv].
Qed.

Section Once.
Variables (v w : seq Q) (g : seq (seq nat)) (fs : seq (seq order_fit)) (h : hint).
Variables (v' w' : seq Q) (g' : seq (seq nat)) (V : state m -> F) (pi : state m -> joint) (z l : F).
Hypotheses (step : ray_step m d v w g fs h v' w' g') (z0 : 0 < z) (z1 : z <= 1).
Hypotheses (VE : forall s, V s = vec v s + z * vec w s + l) (pl : moving d -> plays g pi).

(* what is chosen, the largest value, and that at V_j where it is *)
Lemma ray_choice s : exists o q x0 a, [/\
  [/\ order_choice (weights F m d s (code (pi s))) (y F m V s) o q, forall a, 0 < weights F m d s (code (pi s)) a
    & best o = nth [::] g' s],
  is_max q (vec v' s + z * vec w' s + gamma F m * l), q a = vec v' s + z * vec w' s + gamma F m * l
  & x0 a = vec v' s /\ kkt (weights F m d s (code (pi s))) (fun a b : joint => under o (code a) (code b)) (y F m (vec v) s) x0].
Proof.
have /andP [/everyP steps /everyP states] := step.
have /and4P [good top act /eqP bst] := steps s (ltn_ord s); have state_ := states s (ltn_ord s).
have act' : is_action (sizes m) (best (nth [::] (all_orders m) (nth ([::], 0%N) h s).2)) by rewrite bst.
have [k0 ch0 mx0 [a [e0 e1]]] := ray_stateP state_ good act' z0 z1; have [w0 _ _ _] := good_stateP F good.
have wE := weights_ray s _ pl.
have v'E : qval (at_ (ended m v' w') s) = vec v' s + vec w' s by rewrite -vec_ended.
have lead : qval (at_ v' s) + z * (qval (at_ (ended m v' w') s) - qval (at_ v' s)) = vec v' s + z * vec w' s.
  by rewrite v'E -[qval (at_ v' s)]/(vec v' s); ring.
rewrite lead in mx0 e1; set hs := nth ([::], 0%N) h s in k0 ch0 mx0 e0 e1 bst *.
pose x0 := tbl (nth ([::], [::]) (nth [::] fs s) hs.2).1; pose xz := mix z x0 (tbl (nth ([::], [::]) hs.1 hs.2).1).
rewrite -/x0 in k0 ch0 mx0 e0 e1; rewrite -/xz in ch0 mx0 e1.
exists (nth [::] (all_orders m) hs.2), (fun a => xz a + gamma F m * l), x0, a.
split; [split=> // [|b]; last by rewrite -wE| |by rewrite e1|split=> //].
- by apply: choice_eq (chosen_shift (gamma F m * l) ch0) => b; rewrite ?wE // (targets_ray s b VE).
- split=> [b|]; first by rewrite le_plus2r; case: mx0.
  by exists a; rewrite e1.
by case: k0 => up k0; split=> // u upu; apply: le_trans (k0 u upu); rewrite le_eqVlt; apply/orP; left; apply/eqP;
  apply: eq_bigr => b _; rewrite wE targets_ofE.
Qed.

Lemma ray_leads pi' : plays g' pi' -> order_step F m d V pi (fun s => vec v' s + z * vec w' s + gamma F m * l) pi'.
Proof.
by move=> pl' s; have [o [q [_ [_ [[ch _ bst] mx _ _]]]]] := ray_choice s; exists o, q; split=> //; rewrite pl'.
Qed.

(* a step on the ray *)
Lemma ray_next (V' : state m -> F) (pi' : state m -> joint) lo hi :
  (forall s, lo <= V s - vec v s /\ V s - vec v s <= hi) -> order_step F m d V pi V' pi' ->
  forall s, [/\ V' s = vec v' s + z * vec w' s + gamma F m * l, code (pi' s) = nth [::] g' s
    & gamma F m * lo <= V' s - vec v' s /\ V' s - vec v' s <= gamma F m * hi].
Proof.
move=> near st s; have [o [q [x0 [a [[ch w0 bst] mx qa [x0a k0]]]]]] := ray_choice s.
have [o' [q' [ch' mx' bo]]] := st s; have [eo eq] := choice_unique w0 ch' ch.
have V'E : V' s = vec v' s + z * vec w' s + gamma F m * l.
  by apply: is_max_unique mx' _; split=> [b|]; [rewrite eq; case: mx|exists a; rewrite eq].
split=> //; first by rewrite bo eo.
have tb b : gamma F m * lo <= moves (fun s' => V s' - vec v s') s b /\ moves (fun s' => V s' - vec v s') s b <= gamma F m * hi.
  exact: (moves_between ok).
have fit_ := fit_eq (targets_move (vec v) V s) (fun=> erefl) (chosen_fit ch).
have [l1 l2] := fit_between w0 (kkt_fit w0 k0) fit_ tb a.
rewrite qa -V'E x0a in l1 l2; split.
  by rewrite -(le_plus2r _ _ (vec v' s)) subrK addrC.
by rewrite -(le_plus2r _ _ (vec v' s)) subrK addrC.
Qed.
End Once.

(* before what is replayed there are the steps that are replayed *)
Lemma replayed_run hs v g v' g' : joint_policy m g -> replay_orders m d hs v g = Some (v', g') ->
  (joint_policy m g' -> exists V pi, order_run F m d v' g' V pi) -> exists V pi, order_run F m d v g V pi.
Proof.
elim: hs v g => [|h hs IH] v g act; first by case=> <- <- /(_ act).
rewrite /replay_orders /= -/(next_order m d v g h).
case E: next_order => [[v1 g1]|//] rep run; have [act0 lead0] := next_orderP F E.
have act1 : joint_policy m g1 by apply/everyP => s ls; apply: (act0 (Ordinal ls)).
have [V [pi [V0 pl steps]]] := IH v1 g1 act1 rep run.
have [pi0 gE] := plays_exists (fun s : state m => everyP _ _ act s (ltn_ord s)).
exists (fun t => if t is t'.+1 then V t' else vec v), (fun t => if t is t'.+1 then pi t' else pi0).
split=> // -[|t] /=; last exact: steps.
have [_ lead] := lead0 pi0 (pi 0%N) gE pl; move=> s; have [o [q [ch mx bo]]] := lead s.
by exists o, q; rewrite V0.
Qed.
End Step.

Section Orbit.
Variables (F : archiFieldType) (m : model) (d : data).
Variables (v0 : seq Q) (g0 : seq (seq nat)) (T : nat) (before : seq whole_hint).
Variables (points : seq (seq Q)) (policies : seq (seq (seq nat))) (ways : seq (seq Q)).
Variables (fits : seq (seq (seq order_fit))) (hints : seq hint) (kappa : Q).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation k := (size points).
Notation K := (size hints).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation point j := (nth [::] points (j %% k)).
Notation policy j := (nth [::] policies (j %% k)).
Notation way j := (nth [::] ways j).
Hypothesis checked : check_ray_orbit m d v0 g0 T before points policies ways fits hints kappa.

Lemma ray_parts : [/\ check_model m, joint_policy m g0 & size before = T] /\
  [/\ (0 < k)%N, size policies = k, all (joint_policy m) policies
    & forall i j, (i < k)%N -> (j < i)%N -> unlike m points policies i j] /\
  [/\ (0 < K)%N, (k %| K)%N & returned m (way 0%N) (way K) kappa] /\
  (exists v g, [/\ replay_orders m d before v0 g0 = Some (v, g),
     forall s : state m, vec v s = vec (point 0) s + vec (way 0%N) s
     & moving d -> forall s : state m, nth [::] g s = nth [::] (policy 0) s]) /\
  forall j, (j < K)%N -> ray_step m d (point j) (way j) (policy j) (nth [::] fits j) (nth [::] hints j)
    (point j.+1) (way j.+1) (policy j.+1).
Proof.
move: checked; rewrite /check_ray_orbit; case/andP; case/andP; case/andP; case/andP => /and4P [ok _ act /eqP sz].
case/and4P => k0 /eqP kk acts /everyP apart /and4P [K0 kK _ ret] start /everyP steps.
split=> //; split; first by split=> // i j ik ji; have /everyP := apart i ik; apply.
split=> //; split=> [|j /steps //].
move: start; case: replay_orders => [[v g]|//] /andP [/everyP at_start same]; exists v, g; split=> // [s|mv s].
  by have := q_same F (at_start s (ltn_ord s)); rewrite qval_add.
by move: same; rewrite mv /= => /everyP /(_ s (ltn_ord s)) /eqP.
Qed.

Lemma ray_policies : exists pis : nat -> state m -> joint, forall j, (j < k)%N -> plays (nth [::] policies j) (pis j).
Proof.
have [_ [[k0 kk acts _] _]] := ray_parts.
have ex (j : 'I_(size policies)) : exists pi : {ffun state m -> joint}, plays (nth [::] policies j) pi.
  have [pi piE] := plays_exists (fun s : state m => everyP _ _ (allP acts _ (mem_nth [::] (ltn_ord j))) s (ltn_ord s)).
  by exists [ffun s => pi s] => s; rewrite ffunE.
have [pis0 pisE] := fin_all_exists ex; have kp : (0 < size policies)%N by rewrite kk.
exists (fun j => pis0 (insubd (Ordinal kp) j)) => j jk.
have js : (j < size policies)%N by rewrite kk.
by have := pisE (insubd (Ordinal kp) j); rewrite val_insubd js.
Qed.

(* after T + n steps *)
Definition on_ray (V : nat -> state m -> F) (pi : nat -> state m -> joint) n lo hi :=
  [/\ exists z l, [/\ 0 < z, z <= 1 & forall s, V (T + n)%N s = vec (point n) s + z * vec (way (n %% K)) s + l],
      forall s, lo <= V (T + n)%N s - vec (point n) s /\ V (T + n)%N s - vec (point n) s <= hi
    & moving d \/ (0 < n)%N -> plays (policy n) (pi (T + n)%N)].

Lemma back : returned m (way 0%N) (way K) kappa ->
  [/\ 0 < qval kappa, qval kappa <= 1 & exists c, forall s : state m, vec (way K) s = qval kappa * vec (way 0%N) s + c].
Proof.
case/and3P; rewrite (qval_lt F) qval0 => k0; rewrite (qval_le F) qval1 => k1 /everyP each; split=> //.
exists (qval (at_ (way K) 0) - qval kappa * qval (at_ (way 0%N) 0)) => s.
have := q_same F (each s (ltn_ord s)); rewrite qval_mul !qval_sub => e.
by rewrite /Tables.vec -[LHS](subrK (qval (at_ (way K) 0))) e mulrBr addrAC -addrA.
Qed.

Lemma ray_steps n : ray_step m d (point n) (way (n %% K)) (policy n) (nth [::] fits (n %% K)) (nth [::] hints (n %% K))
  (point n.+1) (way (n %% K).+1) (policy n.+1).
Proof.
have [_ [_ [[K0 kK _] [_ steps]]]] := ray_parts.
have jK : (n %% K < K)%N by rewrite ltn_mod.
have e1 j : (j %% K %% k = j %% k)%N by rewrite modn_dvdm.
have e2 : ((n %% K).+1 %% k = n.+1 %% k)%N by rewrite -(addn1 (n %% K)) -(addn1 n) -modnDml e1 modnDml.
by have := steps _ jK; rewrite e1 e2.
Qed.

(* z and l after a step *)
Definition turn c n (zl : F * F) : F * F :=
  if ((n %% K).+1 < K)%N then (zl.1, gamma F m * zl.2) else (zl.1 * qval kappa, zl.1 * c + gamma F m * zl.2).

Lemma turned : exists c, forall n (zl : F * F), 0 < zl.1 -> zl.1 <= 1 ->
  [/\ 0 < (turn c n zl).1, (turn c n zl).1 <= 1 & forall s : state m, vec (point n.+1) s + zl.1 * vec (way (n %% K).+1) s
     + gamma F m * zl.2 = vec (point n.+1) s + (turn c n zl).1 * vec (way (n.+1 %% K)) s + (turn c n zl).2].
Proof.
have [_ [_ [[K0 _ ret] _]]] := ray_parts; have [p0 p1 [c cE]] := back ret.
exists c => n [z l] /= z0 z1; rewrite /turn /=; have [lt|ge] := ltnP (n %% K).+1 K.
  by split=> // s; rewrite (_ : n.+1 %% K = (n %% K).+1)%N // -(addn1 n) -modnDml addn1 modn_small.
have ek : (n %% K).+1 = K by apply/eqP; rewrite eqn_leq ge ltn_mod K0.
split=> [||s] /=; first exact: mulr_gt0.
  by apply: le_trans z1; rewrite -[X in _ <= X]mulr1; apply: le_mul2l => //; apply: ltW.
have -> : (n.+1 %% K = 0)%N by rewrite -(addn1 n) -modnDml addn1 ek modnn.
by rewrite ek cE mulrDr !addrA mulrA.
Qed.

Lemma ray_exists : exists V pi, order_run F m d v0 g0 V pi.
Proof.
have [[ok act sz] [[k0 kk acts apart] [[K0 kK ret] [[v [g [rep atT same]]] _]]]] := ray_parts.
apply: (replayed_run act rep) => act'; have [pis pl] := ray_policies; have [c cP] := turned.
have [pi0 gE] := plays_exists (fun s : state m => everyP _ _ act' s (ltn_ord s)).
pose zl := fix zl n := if n is n'.+1 then turn c n' (zl n') else (1, 0).
have zlP n : 0 < (zl n).1 /\ (zl n).1 <= 1.
  by elim: n => [|n [z0 z1]] /=; [rewrite ltr01 lexx|have [] := cP n _ z0 z1].
pose V n (s : state m) := vec (point n) s + (zl n).1 * vec (way (n %% K)) s + (zl n).2.
pose pi n := if n is 0%N then pi0 else pis (n %% k)%N.
have pln n : moving d -> plays (policy n) (pi n).
  by case: n => [mv s|n _]; [rewrite -(same mv); apply: gE|apply: pl; rewrite ltn_mod].
exists V, pi; split=> // [s|n]; first by rewrite atT /V !mod0n /= mul1r addr0.
have [z0 z1] := zlP n; have pl' : plays (policy n.+1) (pi n.+1) by apply: pl; rewrite ltn_mod.
have st := ray_leads ok (ray_steps n) z0 z1 (fun s => erefl : V n s = _) (pln n) pl'.
move=> s; have [o [q [ch mx bo]]] := st s; exists o, q; split=> //.
by have [_ _ e] := cP n _ z0 z1; rewrite /V /= -e.
Qed.

Lemma ray_stays V pi : order_run F m d v0 g0 V pi ->
  exists lo hi, forall n, on_ray V pi n (gamma F m ^+ n * lo) (gamma F m ^+ n * hi).
Proof.
move=> [V0 pl st]; have [[ok act sz] [[k0 kk acts apart] [[K0 kK ret] [[v [g [rep atT same]]] _]]]] := ray_parts.
have [VT plT] := replay_ordersP st V0 pl rep; rewrite add0n sz in VT plT.
have [u uE] : exists u : state m -> F, forall s, u s = V T s - vec (point 0) s by exists (fun s => V T s - vec (point 0) s).
have [lo [hi between]] : exists lo hi, forall s, lo <= u s /\ u s <= hi.
  have [s0 _|none] := pickP (@predT (state m)); last by exists 0, 0 => s; have := none s.
  exists (u [arg min_(s < s0) u s]%O), (u [arg max_(s > s0) u s]%O) => s; split.
    by case: Order.TotalTheory.arg_minP => // b _; apply.
  by case: Order.TotalTheory.arg_maxP => // b _; apply.
have [c cP] := turned; exists lo, hi; elim=> [|n [[z [l [z0 z1 VE]]] near plays_]].
  rewrite mod0n in atT same uE; rewrite /on_ray addn0 expr0 !mul1r !mod0n; split=> [|s|[mv s|//]].
  - by exists 1, 0; split=> [||s]; [exact: ltr01|exact: lexx|rewrite mul1r addr0 VT atT].
  - by rewrite -uE.
  by rewrite plT same.
have next := ray_next ok (ray_steps n) z0 z1 VE (fun mv => plays_ (or_introl mv)) near (st (T + n)%N).
rewrite /on_ray addnS !exprS -[gamma F m * _ * lo]mulrA -[gamma F m * _ * hi]mulrA; split=> [|s|_ s].
- have [z0' z1' e] := cP n (z, l) z0 z1; exists (turn c n (z, l)).1, (turn c n (z, l)).2; split=> // s.
  by rewrite -e; case: (next s).
- by case: (next s).
by case: (next s).
Qed.

(* A certificate of kind `ray` of a cycle that is accepted is true: with k the number of the claimed
   positions, no two are the same; there is a run from the start, and of every one V^(t) approaches the
   values of position (t - T) mod k as t grows, and the best actions are those of position (t - T) mod k at all
   t > T, under epsilon-greedy data at t = T too.
   Source: ours. *)
Theorem ray_orbit_sound : exists pis : nat -> state m -> joint,
  [/\ (0 < k)%N /\ forall j, (j < k)%N -> plays (nth [::] policies j) (pis j),
      forall i j, (i < k)%N -> (j < k)%N -> i != j ->
        exists s, vec (nth [::] points i) s != vec (nth [::] points j) s \/ pis i s != pis j s,
      exists V pi, order_run F m d v0 g0 V pi
    & forall V pi, order_run F m d v0 g0 V pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec (point (t - T)) s| < e) /\
        (forall t, (T <= t)%N -> moving d \/ (T < t)%N -> forall s, pi t s = pis ((t - T) %% k)%N s)].
Proof.
have [pis pl] := ray_policies; have [[ok _ _] [[k0 kk acts apart] _]] := ray_parts.
exists pis; split=> // [i j ik jk ij||V pi run]; [|exact: ray_exists|].
- wlog lt : i j ik jk ij / (j < i)%N => [sym|].
    have := ij; rewrite neq_ltn => /orP [h|]; last exact: sym.
    have ji : j != i by rewrite eq_sym.
    by have [s [ne|ne]] := sym j i jk ik ji h; exists s; [left|right]; rewrite eq_sym.
  have := apart i j ik lt; rewrite /unlike -has_predC => /hasP [s]; rewrite mem_iota /= => ls.
  pose s' : state m := Ordinal ls; rewrite negb_and => /orP [ne|ne]; exists s'.
    by left; rewrite -(qval_eq F).
  by right; apply: contra ne => /eqP e; rewrite -(pl i ik s') -(pl j jk s') e.
have [lo [hi near]] := ray_stays run; split=> [e e0|t tT late s].
  have c0 : 0 <= `|lo| + `|hi| by rewrite addr_ge0.
  have [N small_] := powers_vanish (gamma_ge0 F ok) (gamma_lt1 F ok) c0 e0.
  exists (T + N)%N => t tN s; have tT : (T <= t)%N by apply: leq_trans tN; apply: leq_addr.
  have [_ /(_ s) [l h] _] := near (t - T)%N; rewrite subnKC // in l h.
  apply: le_lt_trans (small_ (t - T)%N _); last by rewrite leq_subRL // .
  have p0 : 0 <= gamma F m ^+ (t - T) by apply: exprn_ge0; apply: gamma_ge0.
  apply: norm_le; first by apply: le_trans h _; apply: le_mul2l => //; apply: le_trans (ler_norm hi) _; rewrite addrC le_plus.
  rewrite opp_le; apply: le_trans l; rewrite -mulrN; apply: le_mul2l => //.
  by rewrite opp_le; apply: le_trans (ler_norm (- lo)) _; rewrite normrN le_plus.
have [_ _ ps] := near (t - T)%N; rewrite subnKC // subn_gt0 in ps.
by apply: code_inj; rewrite (ps late s) (pl _ (_ : ((t - T) %% k < k)%N)) // ltn_mod.
Qed.
End Orbit.

(* A certificate of kind `ray` of convergence that is accepted is true: `policy` is a joint policy pi,
   `optimal` solves the Bellman optimality equation and `own` that of pi; there is a run from the stated
   start, and of every one V^(t)(s) -> values(s), with the best actions pi at all t > T, under epsilon-greedy data at t = T too.
   Source: ours. *)
Theorem ray_limit_sound (F : archiFieldType) m d v0 g0 T before claim ways fits hints kappa :
  check_ray_limit m d v0 g0 T before claim ways fits hints kappa ->
  exists pi : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) pi, worths F m claim pi, exists V pis, order_run F m d v0 g0 V pis
      & forall V pis, order_run F m d v0 g0 V pis ->
          (forall s, tends_to (fun t => V t s) (vec F m (values claim) s)) /\
          (forall t, (T <= t)%N -> moving d \/ (T < t)%N -> forall s, pis t s = pi s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best_ own_]]] /(ray_orbit_sound F) [pis [[_ pl] _ run0 runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [||V pi run]; first exact: (pl 0%N isT).
- by split=> // s; rewrite -same.
have [tends keeps] := runs V pi run; split=> [s e e0|t tT late s].
  by have [N h] := tends e e0; exists N => t /h /(_ s); rewrite modn1.
by rewrite keeps // modn1.
Qed.
