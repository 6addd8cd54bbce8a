(* Certificates in classes of sums where data leave fits open, and the one of least Euclidean norm
   is chosen: checked of positions of one chooser (Choosers.v).

   The hint has, for every state, a row for each joint action b: numbers u(b), affine in the values.
   The chosen q(T, x) is the sum of w(b) u(b) over the b whose agents in T play x. So it is
   orthogonal to every h that is 0 where the data have weight; and where it solves the normal
   equations it is a best fit: twice by Pythagoras there is no other one of least norm.

                    parts_of sets == the subsets of the sets, without the empty one
                       places m T == the choices of the actions of the agents in T
                  summed sets q l == the sum of q(T, l_T) over the T of parts_of
                  square m sets q == the sum of the squares of all q(T, x)
             centred sets w y q a == the mean of y under the weights w, plus that sum
                  best sets w y q == no other q has there a smaller weighted squared error
             least_fit sets w y Q == Q is centred of the q of least square among the best
             least_run sets d V Q == a run of FQI with these fits
   least_steps F sets d v g v' g' == every such fit to y(v) has the first maximisers g', and there
                                     the values v'
         least_row m d sets u s l == the row of the fit at l
            missed m d sets u s l == what it leaves of the target there, times the weight
            least_at m d sets u s == that is orthogonal to the indicators of the sets' actions
                     weighs m d s == the weights at state s are a distribution, zeros allowed
           check_least m d sets c == the data are fixed and have weights that are distributions;
                                     the rows of the hint c solve the normal equations
            least_data m d sets c == the chooser's data, with the rows of the fits
     check_least_fate m d sets .. == the check of a fate (Fates.v) for the chooser
         check_least_orbit m d .. == that of a region that tends to claimed positions
         check_least_limit m d .. == an orbit of one position, and worths (Claims.v)
     check_least_contraction m .. == the weighted bound, the fixed point and the values of the
                                     claim
                    drawn w u T x == the sum of w(b) u(b) over the b with b_T = x: the q of the
                                     hint
                  apart w u q T x == how far q is from that
                   hinted c V s b == the hint u(b) at the values V
                      alike T a b == a and b have the same actions of the agents in T
                  common sets a b == the number of such T in parts_of

   least_fitE               the fits are those of the rows
   least_fate_sound         accepted fates are those of every run from the start, and there is one
   least_contraction_sound  accepted limits are those of every run from every start
   least_orbit_sound        accepted cycles are approached by all runs from the start, and there is one
   least_limit_sound        accepted limits are theirs, and there is one

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Support Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedContraction CheckedOrbit CheckedShrinking Sums CheckedBox.
From FqiTheory Require Import CheckedClasses Fates CheckedRules Choosers.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition parts_of (sets : seq (seq nat)) : seq (seq nat) := [seq T <- family sets | T != [::]].
Definition places (m : model) (T : seq nat) : seq (seq nat) := undup [seq pick T l | l <- tuples (sizes m)].

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model) (sets : seq (seq nat)).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Implicit Types (q : seq nat -> seq nat -> F) (w y Q : joint -> F).

Definition summed q (l : seq nat) : F := \sum_(T <- parts_of sets) q T (pick T l).
Definition square q : F := \sum_(T <- parts_of sets) \sum_(x <- places m T) q T x ^+ 2.
Definition centred w y q (a : joint) : F := \sum_(b : joint) w b * y b + summed q (code a).
Definition best w y q := forall q', joint_loss w y (centred w y q) <= joint_loss w y (centred w y q').

Definition least_fit w y Q := exists q,
  [/\ best w y q, forall q', best w y q' -> square q <= square q' & forall a, Q a = centred w y q a].

Definition least_run (d : data) (V : nat -> state m -> F) (Q : nat -> state m -> joint -> F) :=
  (forall t s, is_max (Q t s) (V t s)) /\
  (forall t s, least_fit (weights F m d s [::]) (y F m (V t) s) (Q t.+1 s)).

Definition least_steps (d : data) (v : seq Q) (g : state m -> joint) (v' : seq Q) (g' : state m -> joint) :=
  forall (s : state m) Q, least_fit (weights F m d s [::]) (y F m (vec F m v) s) Q ->
    first_joint Q (g' s) /\ Q (g' s) = vec F m v' s.
End Meaning.

(* --------------------------------------------------------------------- what is checked *)
Section Compute.
Variables (m : model) (d : data) (sets : seq (seq nat)).
Notation S := (n_states m).
Notation scale k x := (qmul (if k is 0%N then q1 else discount m) x).

Definition least_row (u : seq (seq Q)) (s : nat) : seq nat -> seq Q :=
  let weight := weight_at m d s [::] in let Ts := parts_of sets in
  let known := [seq (b, (weight b, (entries m s b, nth [::] u (rank (sizes m) b)))) | b <- tuples (sizes m)] in
  fun l =>
    let found := [seq (qsum_list Ts (fun T => if pick T bx.1 == pick T l then q1 else q0), bx.2) | bx <- known] in
    tab S.+1 (fun k => qsum_list found (fun nx =>
      qmul nx.2.1 (qadd (scale k (at_ nx.2.2.1 k)) (qmul nx.1 (at_ nx.2.2.2 k))))).

Definition missed (u : seq (seq Q)) (s : nat) : seq nat -> seq Q :=
  let weight := weight_at m d s [::] in let fit := least_row u s in fun l =>
  let own := fit l in let found := entries m s l in let w := weight l in
  tab S.+1 (fun k => qmul w (qsub (scale k (at_ found k)) (at_ own k))).

Definition least_at (u : seq (seq Q)) (s : nat) : bool :=
  let left := missed u s in let found := [seq (l, left l) | l <- tuples (sizes m)] in
  all (fun T => let own := [seq (pick T lr.1, lr.2) | lr <- found] in
    all (fun x => let rs := [seq xr <- own | xr.1 == x] in
      every S.+1 (fun k => qeq (qsum_list rs (fun xr => at_ xr.2 k)) q0))
    (places m T)) ([::] :: parts_of sets).

Definition weighs (s : nat) : bool :=
  let weight := weight_at m d s [::] in let ls := tuples (sizes m) in
  all (fun l => qle q0 (weight l)) ls && qeq (qsum_list ls weight) q1.

Definition check_least (c : seq (seq (seq Q))) : bool :=
  ~~ moving d && every S (fun s => weighs s && least_at (nth [::] c s) s).

Definition least_data (c : seq (seq (seq Q))) : data :=
  driven m false (fun s _ => weight_at m d s [::]) (fun s _ => least_row (nth [::] c s) s).

Definition check_least_fate (c : seq (seq (seq Q))) (v0 : seq Q) (g0 : seq (seq nat)) (f : fate) : bool :=
  [&& check_model m, check_least c, starts_at m g0 & check_fate (chooser m) (least_data c) v0 (alone m g0) f].

Definition check_least_orbit (c : seq (seq (seq Q))) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  let m' := chooser m in let d' := least_data c in
  let g0' := alone m g0 in let policies' := [seq alone m g | g <- policies] in
  [&& check_model m, check_least c, starts_at m g0, all (joint_policy m) policies
    & check_returns m' d' v0 g0' p units points policies' || check_shrinks m' d' v0 g0' p points policies'].

Definition check_least_limit (c : seq (seq (seq Q))) (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (claim : limit) : bool :=
  check_worths m claim && check_least_orbit c v0 g0 p units [:: values claim] [:: policy claim].

Definition check_least_contraction (c : seq (seq (seq Q))) (claim : limit) (w : seq Q) (kappa : Q) : bool :=
  let m' := chooser m in let d' := least_data c in let g' := alone m (policy claim) in
  [&& check_model m, check_model m', check_least c & check_worths m claim] &&
  [&& qle q0 kappa, qlt kappa q1
    & every S (fun s => let t := fit_at m' d' s [::] in
        [&& qlt q0 (at_ w s), check_bound m' t w kappa s
          & steps_to m' t (values claim) s (values claim) (nth [::] g' s)])].
End Compute.

(* ------------------------------------------------------------------------ what it means *)
(* the best fit of least norm is the one from the rows of the joint actions with weight *)
Section Least.
Variables (F : realFieldType) (m : model) (sets : seq (seq nat)).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Variables w y u : joint -> F.
Hypothesis w0 : forall a, 0 <= w a.

Definition drawn (T x : seq nat) : F := \sum_(b : joint | pick T (code b) == x) w b * u b.
Notation fitted := (centred sets w y drawn).
Hypothesis normal : forall T (f : seq nat -> F), T \in parts_of sets ->
  \sum_(a : joint) w a * (y a - fitted a) * f (pick T (code a)) = 0.

Lemma in_places T (a : joint) : pick T (code a) \in places m T.
Proof. by rewrite mem_undup; apply/mapP; exists (code a) => //; rewrite mem_tuples code_is_action. Qed.

Section Other.
Variable q : seq nat -> seq nat -> F.
Definition apart (T x : seq nat) : F := q T x - drawn T x.

Lemma summed_apart l : summed sets apart l = summed sets q l - summed sets drawn l.
Proof. by rewrite /summed sumrB. Qed.

Lemma loss_apart : joint_loss w y (centred sets w y q) =
  joint_loss w y fitted + \sum_(a : joint) w a * summed sets apart (code a) ^+ 2.
Proof.
have orth : \sum_(a : joint) w a * (y a - fitted a) * summed sets apart (code a) = 0.
  rewrite /summed; under eq_bigr do rewrite mulr_sumr.
  by rewrite exchange_big big_seq big1 // => T Tin; apply: normal.
rewrite /joint_loss -[RHS]subr0 -[X in _ = _ - X](mulr0 2%:R) -[X in _ = _ - _ * X]orth mulr_sumr -big_split -sumrB.
by apply: eq_bigr => a _ /=; rewrite summed_apart /centred; ring.
Qed.

Lemma square_apart : (forall a : joint, w a * summed sets apart (code a) = 0) ->
  square m sets q = square m sets drawn + square m sets apart.
Proof.
move=> none; have cross : \sum_(T <- parts_of sets) \sum_(x <- places m T) drawn T x * apart T x = 0.
  transitivity (\sum_(T <- parts_of sets) \sum_(b : joint) u b * (w b * apart T (pick T (code b)))).
    apply: eq_bigr => T _; rewrite [RHS](sum_by _ (undup_uniq _) (in_places T)); apply: eq_bigr => x _.
    by rewrite mulr_suml; apply: eq_bigr => b /eqP ->; rewrite mulrA [u b * _]mulrC.
  rewrite exchange_big big1 // => b _; rewrite -mulr_sumr -mulr_sumr.
  by have := none b; rewrite /summed => ->; rewrite mulr0.
rewrite /square -[RHS]addr0 -[X in _ = _ + X](mulr0 2%:R) -[X in _ = _ + _ * X]cross mulr_sumr -!big_split.
apply: eq_bigr => T _; rewrite mulr_sumr -!big_split; apply: eq_bigr => x _ /=.
by rewrite /apart; ring.
Qed.
End Other.

Lemma sum_ge0_eq0 (J : eqType) (js : seq J) (f : J -> F) : (forall j, 0 <= f j) -> \sum_(j <- js) f j <= 0 ->
  forall j, j \in js -> f j = 0.
Proof.
move=> f0 le j jin; have all0 : \sum_(j <- js) f j == 0 by rewrite eq_le le sumr_ge0.
by move: all0; rewrite psumr_eq0 // => /allP /(_ j jin) /eqP.
Qed.

Lemma drawn_best : best sets w y drawn.
Proof. by move=> q; rewrite (loss_apart q) le_plus sumr_ge0 // => a _; rewrite mulr_ge0 ?sqr_ge0. Qed.

Lemma best_apart q : best sets w y q -> forall a : joint, w a * summed sets (apart q) (code a) = 0.
Proof.
move=> /(_ drawn); rewrite (loss_apart q) plus_le => le a.
have := @sum_ge0_eq0 _ _ (fun a : joint => w a * summed sets (apart q) (code a) ^+ 2) _ le a (mem_index_enum a).
move=> /(_ (fun a => mulr_ge0 (w0 a) (sqr_ge0 _))) /eqP.
by rewrite mulf_eq0 sqrf_eq0 => /orP [/eqP ->|/eqP ->]; rewrite ?mul0r ?mulr0.
Qed.

Lemma square_ge0 (q : seq nat -> seq nat -> F) : 0 <= square m sets q.
Proof. by apply: sumr_ge0 => T _; apply: sumr_ge0 => x _; apply: sqr_ge0. Qed.

Lemma drawn_least q : best sets w y q -> square m sets drawn <= square m sets q.
Proof. by move=> /best_apart /square_apart ->; rewrite le_plus square_ge0. Qed.

Lemma least_same q : best sets w y q -> (forall q', best sets w y q' -> square m sets q <= square m sets q') ->
  forall T (a : joint), T \in parts_of sets -> q T (pick T (code a)) = drawn T (pick T (code a)).
Proof.
move=> bq lq T a Tin; have := lq _ drawn_best; rewrite (square_apart (best_apart bq)) plus_le => le.
have zero : \sum_(x <- places m T) apart q T x ^+ 2 = 0.
  by apply: (sum_ge0_eq0 _ le) => // T'; apply: sumr_ge0 => x _; apply: sqr_ge0.
have le0 : \sum_(x <- places m T) apart q T x ^+ 2 <= 0 by rewrite zero.
have /eqP := sum_ge0_eq0 (fun x => sqr_ge0 _) le0 (in_places T a).
by rewrite sqrf_eq0 subr_eq0 => /eqP.
Qed.

Lemma least_drawn Q : least_fit sets w y Q <-> forall a, Q a = fitted a.
Proof.
split=> [[q [bq lq QE]] a|QE]; last by exists drawn; split; [exact: drawn_best|exact: drawn_least|].
by rewrite QE /centred; congr (_ + _); apply: eq_big_seq => T; apply: least_same.
Qed.
End Least.

Section Correct.
Variables (F : archiFieldType) (m : model) (d : data) (sets : seq (seq nat)) (c : seq (seq (seq Q))).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Hypothesis okc : check_least m d sets c.
Notation w s := (weights F m d s [::]).
Notation rows := (fun s (_ : seq nat) => least_row m d sets (nth [::] c s) s).
Notation tot := (@tot F m rows).
Notation weight := (fun s (_ : seq nat) => weight_at m d s [::]).
Notation scale k := (qval (if k is 0%N then q1 else discount m)).

Definition hinted (V : state m -> F) (s : state m) (b : joint) : F := row_val (nth [::] (nth [::] c s) (rank (sizes m) (code b))) V.
Notation fitted V s := (centred sets (w s) (y F m V s) (drawn (w s) (hinted V s))).

Lemma least_fixed : ~~ moving d.
Proof. by case/andP: okc. Qed.

Lemma least_weigh (s : state m) : (forall a : joint, 0 <= w s a) /\ \sum_(a : joint) w s a = 1.
Proof.
case/andP: okc => _ /everyP /(_ s (ltn_ord s)) /andP [/andP [/allP ge one] _]; split=> [a|].
  by rewrite -weight_atE -(qval0 F) -qval_le; apply: ge; rewrite mem_tuples code_is_action.
move: one; rewrite (qval_eq F) qval1 qval_sum_list => /eqP <-.
rewrite -(sum_tuples (sizes m) (fun l => qval (weight_at m d s [::] l))).
by apply: eq_bigr => a _; rewrite weight_atE.
Qed.

Definition alike (T : seq nat) (a b : joint) : bool := pick T (code b) == pick T (code a).
Definition common (a b : joint) : F := \sum_(T <- parts_of sets) (alike T a b)%:R.

Lemma least_rowE (s : state m) (a : joint) k : (k < (n_states m).+1)%N ->
  qval (at_ (least_row m d sets (nth [::] c s) s (code a)) k) =
  \sum_(b : joint) w s b * (scale k * qval (entry m s (code b) k) +
    common a b * qval (at_ (nth [::] (nth [::] c s) (rank (sizes m) (code b))) k)).
Proof.
move=> kn; rewrite /least_row [at_ (tab _ _) k]nth_tab // qval_sum_list !big_map /=.
rewrite -(sum_tuples (sizes m) (fun l => qval (qmul (weight_at m d s [::] l) (qadd
  (qmul (if k is 0%N then q1 else discount m) (at_ (entries m s l) k))
  (qmul (qsum_list (parts_of sets) (fun T => if pick T l == pick T (code a) then q1 else q0))
    (at_ (nth [::] (nth [::] c s) (rank (sizes m) l)) k)))))).
apply: eq_bigr => b _; rewrite qval_mul weight_atE qval_add !qval_mul qval_sum_list; congr (_ * (_ + _ * _)).
by apply: eq_bigr => T _; rewrite /alike; case: eqP => _; rewrite ?qval1 ?qval0.
Qed.

Lemma least_totE V (s : state m) g (a : joint) : tot V s g (code a) = fitted V s a.
Proof.
rewrite /Choosers.tot /row_val least_rowE // qval1.
under [X in _ + X]eq_bigr => s' _ do rewrite least_rowE ?ltnS // mulr_suml.
rewrite exchange_big -big_split /=.
transitivity (\sum_(b : joint) (w s b * y F m V s b + w s b * (common a b * hinted V s b))).
  apply: eq_bigr => b _; rewrite -mulrDr /hinted /row_val mul1r.
  rewrite (eq_bigr (fun s' : state m => w s b * (gamma F m * (trans F m s b s' * V s')
      + common a b * (qval (at_ (nth [::] (nth [::] c s) (rank (sizes m) (code b))) s'.+1) * V s')))) => [|s' _]; last first.
    by rewrite -mulrA mulrDl -!mulrA.
  rewrite -mulr_sumr -mulrDr big_split -!mulr_sumr /y /target /reward /trans /=.
  by congr (_ * _); rewrite mulrDr addrACA.
rewrite big_split /centred; congr (_ + _); rewrite /summed /drawn.
under eq_bigr do rewrite /common mulr_suml mulr_sumr.
rewrite exchange_big; apply: eq_bigr => T _ /=; rewrite [RHS]big_mkcond; apply: eq_bigr => b _.
by rewrite /alike; case: eqP => _; rewrite ?mul1r // mul0r mulr0.
Qed.

Lemma missedE V (s : state m) (a : joint) : w s a * (y F m V s a - fitted V s a) =
  qval (at_ (missed m d sets (nth [::] c s) s (code a)) 0) +
  \sum_(s' : state m) qval (at_ (missed m d sets (nth [::] c s) s (code a)) s'.+1) * V s'.
Proof.
rewrite -(least_totE V s [::]) /Choosers.tot.
have E k : (k < (n_states m).+1)%N -> qval (at_ (missed m d sets (nth [::] c s) s (code a)) k) =
    w s a * (scale k * qval (entry m s (code a) k)
             - qval (at_ (least_row m d sets (nth [::] c s) s (code a)) k)).
  by move=> kn; rewrite /missed [at_ (tab _ _) k]nth_tab // qval_mul qval_sub qval_mul weight_atE.
rewrite E // qval1 mul1r; set r := least_row _ _ _ _ _ _.
rewrite [X in _ = _ + X](eq_bigr (fun s' : state m =>
    w s a * (gamma F m * (trans F m s a s' * V s') - qval (at_ r s'.+1) * V s'))); last first.
  by move=> s' _; rewrite E ?ltnS // -mulrA mulrBl -mulrA.
rewrite -mulr_sumr -mulrDr sumrB -mulr_sumr; congr (_ * _).
by rewrite /row_val /y /target opprD addrACA.
Qed.

Lemma least_normal V (s : state m) T (f : seq nat -> F) : T \in [::] :: parts_of sets ->
  \sum_(a : joint) w s a * (y F m V s a - fitted V s a) * f (pick T (code a)) = 0.
Proof.
move=> Tin; have zero k : (k < (n_states m).+1)%N ->
    \sum_(a : joint) qval (at_ (missed m d sets (nth [::] c s) s (code a)) k) * f (pick T (code a)) = 0.
  move=> kn; case/andP: okc => _ /everyP /(_ s (ltn_ord s)) /andP [_ /allP /(_ T Tin) /allP h].
  rewrite (sum_by _ (undup_uniq _) (in_places T)) big_seq big1 // => x xin.
  rewrite (eq_bigr (fun a : joint => qval (at_ (missed m d sets (nth [::] c s) s (code a)) k) * f x)); last first.
    by move=> a /eqP ->.
  rewrite -mulr_suml; have /everyP /(_ k kn) := h x xin.
  rewrite (qval_eq F) qval_sum_list qval0 big_filter !big_map /= => /eqP e; rewrite (_ : \sum_(a | _) _ = 0) ?mul0r //.
  rewrite -[RHS]e [LHS]big_mkcond [RHS]big_mkcond.
  exact: (sum_tuples (sizes m) (fun l => if pick T l == x then qval (at_ (missed m d sets (nth [::] c s) s l) k) else 0)).
pose e k (a : joint) := qval (at_ (missed m d sets (nth [::] c s) s (code a)) k) * f (pick T (code a)).
rewrite (eq_bigr (fun a : joint => e 0%N a + \sum_(s' : state m) V s' * e s'.+1 a)) => [|a _].
  rewrite big_split /= zero // add0r exchange_big big1 // => s' _.
  by rewrite -mulr_sumr zero ?mulr0 // ltnS.
rewrite missedE mulrDl mulr_suml; congr (_ + _); apply: eq_bigr => s' _.
by rewrite mulrAC mulrC.
Qed.

(* the fits are those of the rows *)
Lemma least_fitE V (s : state m) g q : least_fit sets (w s) (y F m V s) q <-> forall b, q b = tot V s g (code b).
Proof.
have [w0 _] := least_weigh s.
rewrite (@least_drawn F m sets (w s) (y F m V s) (hinted V s) w0) => [|T f Tin].
  by split=> h b; rewrite h least_totE.
by apply: least_normal; rewrite inE Tin orbT.
Qed.
Notation d' := (least_data m d sets c).
Notation m' := (chooser m).

Lemma least_regular : regular F m' d'.
Proof.
move=> V g s _; have fx : ~~ moving d' by rewrite /least_data moving_driven.
have same (b' a' : {dffun forall i : agent (sizes m'), action i}) :
    weights F m' d' s g a' = weights F m d s [::] (down a').
  by rewrite (@weights_fixed F m' d' s g) // -(@weights_fixed F m' d' s (code a')) // weights_driven -code_down weight_atE.
have [w0 one] := least_weigh s; split=> [a'|b'|].
- by rewrite same.
- have [b b0] : exists b, 0 < w s b.
    apply/existsP; apply: contraT; rewrite negb_exists => /forallP no.
    move: one; rewrite big1 => [/eqP|b _]; first by rewrite eq_sym oner_eq0.
    by apply/eqP; rewrite eq_le w0 andbT leNgt no.
  by exists (up b); rewrite same // down_up.
case: (pickP (@predT {dffun forall i : agent (sizes m'), action i})) => [b' _|no]; last by rewrite big_pred0.
rewrite (@weights_fixed F m' d' s g) // (@credits_fixed F m' d' V s g) //.
rewrite -(@weights_fixed F m' d' s (code b')) // -(@credits_fixed F m' d' V s (code b')) // left_driven.
rewrite -[RHS](@least_normal V s [::] (fun=> 1)) ?mem_head //; apply: eq_bigr => a _.
by rewrite mulr1 weight_atE least_totE.
Qed.

Lemma least_obeys V Q (pi0 : state m -> joint) : least_run sets d V Q ->
  exists pi : nat -> state m -> joint, (forall s, pi 0%N s = pi0 s) /\ @obeys F m false rows V pi.
Proof.
move=> [mx fits]; apply: (maxima_obey weight) => // t s; apply: is_max_ext (mx t.+1 s) => b.
by apply: (least_fitE (V t) s [::] _).1; apply: fits.
Qed.

Lemma least_exists (v0 : seq Q) (pi0 : state m -> joint) : exists V Q, V 0%N =1 vec v0 /\ least_run sets d V Q.
Proof.
have [V [pi [V0 p0 run]]] := @obeys_exists F m false weight rows v0 pi0.
exists V, (fun t s b => if t is t'.+1 then tot (V t') s [::] (code b) else V 0%N s).
split=> //; split=> [[|t] s|t s].
- by split=> //; exists (pi0 s).
- by have [[le _] e] := run t s; split; [move=> b; rewrite e; apply: le|exists (pi t.+1 s); rewrite e].
by apply/(least_fitE (V t) s [::]).
Qed.

Lemma least_takes v (g : state m -> joint) v' g' : takes F false rows true v g v' g' -> least_steps F sets d v g v' g'.
Proof.
move=> st s q /(least_fitE _ s [::]) qE; have [_ /(_ isT) [le lt] e] := st s; rewrite qE; split=> //.
by split=> b; rewrite !qE; [apply: le|apply: lt].
Qed.
End Correct.

(* Accepted fates are those of every run of FQI over the class from the stated values, whose fits are the best ones of
   least norm; and there is one.
   Source: ours. *)
Theorem least_fate_sound (F : archiFieldType) m d sets c v0 g0 f : check_least_fate m d sets c v0 g0 f ->
  (exists V Q, V 0%N =1 vec F m v0 /\ @least_run F m sets d V Q) /\
  forall V Q, V 0%N =1 vec F m v0 -> @least_run F m sets d V Q -> holds F m f V.
Proof.
case/and4P => ok okc act fated; have [pi0 pl] := starts_atP act.
split=> [|V Q V0 run]; first exact: (least_exists F okc v0 pi0).
have [pi [p0 run']] := least_obeys okc pi0 run.
have pl' : plays g0 (pi 0%N) by move=> s; rewrite p0.
have run2 := obeys_starts (fun s _ => weight_at m d s [::]) V0 pl' run'.
have said := @fate_sound F (chooser m) (least_data m d sets c) v0 (alone m g0) f V _ (@least_regular F m d sets c okc) fated run2.
exact: said.
Qed.

(* A certificate of kind `contraction` is true where it is accepted: `policy` is a joint policy g, `optimal` solves the
   Bellman optimality equation and `own` that of g; the best fit of least norm to y(s,.) at `values` has the first
   maximisers g(s) and there the value values(s); and of every run with such fits from every start V^(t)(s) -> values(s).
   Source: ours. *)
Theorem least_contraction_sound (F : archiFieldType) m d sets c claim w kappa :
  check_least_contraction m d sets c claim w kappa ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) g, worths F m claim g, least_steps F sets d (values claim) g (values claim) g
      & forall V Q, @least_run F m sets d V Q -> forall s, tends_to (fun t => V t s) (vec F m (values claim) s)].
Proof.
case/andP => /and4P [ok ok' okc /(check_worthsP F) [g [gE worth]]] /and3P [k0 k1 /everyP h].
have [s|st tends] := @driven_contraction F m false (fun s _ => weight_at m d s [::])
    (fun s _ => least_row m d sets (nth [::] c s) s) (values claim) w kappa g isT ok' k0 k1.
  by have := h s (ltn_ord s); rewrite [nth [::] (alone _ _) _](nth_tab _ _ (ltn_ord s)) -gE.
exists g; split=> // [|V Q [mx fits]]; first exact: (least_takes okc st).
apply: tends => t s; apply: is_max_ext (mx t.+1 s) => b.
by apply: (least_fitE okc (V t) s [::] _).1; apply: fits.
Qed.

(* A certificate of kind `region` that does not grow is true where it is accepted: with k the number of the claimed
   positions, every position steps to the next one (the best fit of least norm has there its first maximisers), no two have
   the same values, so k is the least period; there are runs from the stated values, and of each of them V^(t) approaches
   the values of position (t - T) mod k as t grows.
   Source: ours. *)
Theorem least_orbit_sound (F : archiFieldType) m d sets c v0 g0 p units points policies :
  check_least_orbit m d sets c v0 g0 p units points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> least_steps F sets d (nth [::] points j) (pis j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        exists s : state m, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s,
      exists V Q, V 0%N =1 vec F m v0 /\ @least_run F m sets d V Q
    & forall V Q, V 0%N =1 vec F m v0 -> @least_run F m sets d V Q ->
        forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
          forall s, `|V t s - vec F m (nth [::] points ((t - prefix p) %% size points)) s| < e].
Proof.
case/and5P => ok okc act acts checked; have [pi0 pl] := starts_atP act.
have [pis [h1 st df tends]] := driven_orbit F checked acts; exists pis; split=> // [j jk|i j ik jk ij||V Q V0 run].
- by apply: (least_takes okc); have := st j jk; rewrite /firm; case: (kind _).
- by case: (df i j ik jk ij) => // -[].
- exact: (least_exists F okc v0 pi0).
have [pi [p0 run']] := least_obeys okc pi0 run.
have [|tn _] := tends V pi V0 _ run'; first by move=> s; rewrite p0.
exact: tn.
Qed.

(* A certificate of convergence of kind `region` is true where it is accepted: as for a contraction, of the runs from the
   stated values, and there are some.
   Source: ours. *)
Theorem least_limit_sound (F : archiFieldType) m d sets c v0 g0 p units claim :
  check_least_limit m d sets c v0 g0 p units claim ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) g, worths F m claim g, least_steps F sets d (values claim) g (values claim) g,
        exists V Q, V 0%N =1 vec F m v0 /\ @least_run F m sets d V Q
      & forall V Q, V 0%N =1 vec F m v0 -> @least_run F m sets d V Q ->
          forall s, tends_to (fun t => V t s) (vec F m (values claim) s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best_ own_]]] /(least_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V Q V0 run s e e0]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
by have [N h] := runs V Q V0 run e e0; exists N => t /h /(_ s); rewrite modn1.
Qed.
