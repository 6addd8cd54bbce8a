(* Certificates in classes of sums whose fits follow the joint actions, or are chosen where the
   data leave them open: checked of positions of one chooser (Choosers.v).

                                    rule == how Q_tot is fitted: Squares, the least squares in the
                                            class, under epsilon-greedy data; ClosedForm, Theorem
                                            1's closed form for product data of any support
                               subsets T == the parts of a set, as lists in its order
                             family sets == all subsets of the sets
                              within U T == U is a part of T
                            signs sets U == the sum of (-1)^(|T|-|U|) over the T of the family that
                                            hold U
                       closed sets p y l == the sum over T of the family of f_T, f_T the sum over U
                                            within T of (-1)^(|T|-|U|) E[y | a_U]
               rule_fit k sets d s g y q == q is the fit of y at state s under the data around g
                rule_run k sets d V Q pi == a run of FQI with these fits, around the joint actions
                                            pi under data that follow them
                        check_shares m p == the marginals p are distributions, zeros allowed
                    check_closed sets us == the numbers of the hint us are those of the closed form
                check_rule m d k sets us == the data are some for the rule, and the hint us has its
                                            averages
                            ruled m d us == the chooser's data, with the rows of the fits
     rule_steps first k sets d v g v' g' == every fit to y(v) around g has the maximisers g' (the
                                            first ones, if first), and there the values v'
                          starts_at m g0 == g0 has a joint action for every state
   check_rule_fate m d k sets us v0 g0 f == the check of a fate (Fates.v) for the chooser
                 check_rule_orbit m d .. == that of a region that tends to claimed positions
                 check_rule_limit m d .. == an orbit of one position, and worths (Claims.v)
           check_rule_contraction m d .. == the weighted bound, the fixed point and the values of
                                            the claim

   rule_fitE               the fits are those of the rows
   rule_fate_sound         accepted fates are those of every run from the start, and there is one
   rule_orbit_sound        accepted cycles are approached by all these runs, and there is one
   rule_limit_sound        accepted limits are theirs, and there is one
   rule_contraction_sound  under fixed data accepted limits are those of every run from every start

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedContraction CheckedOrbit CheckedShrinking Sums CheckedBox.
From FqiTheory Require Import CheckedClasses Fates Averages Choosers.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Inductive rule := Squares | ClosedForm.

Fixpoint subsets (T : seq nat) : seq (seq nat) :=
  if T is i :: T' then let others := subsets T' in [seq i :: U | U <- others] ++ others else [:: [::]].
Definition family (sets : seq (seq nat)) : seq (seq nat) := undup (flatten [seq subsets T | T <- sets]).
Definition within (U T : seq nat) : bool := all (mem T) U.

(* ------------------------------------------------------------------ what they describe *)
Section Meaning.
Variables (F : realFieldType) (m : model) (k : rule) (sets : seq (seq nat)) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.

Definition closed (p : forall i : agent (sizes m), action i -> F) (y : joint -> F) (l : seq nat) : F :=
  \sum_(T <- family sets) \sum_(U <- family sets | within U T) (-1) ^+ (size T - size U) * average p U l y.

Definition rule_fit (s : state m) (g : seq nat) (y q : joint -> F) : Prop :=
  match k with
  | Squares => class_fit sets (weights F m d s g) y q
  | ClosedForm => forall a, q a = closed (draws F m (marginals m d s g)) y (code a)
  end.

Definition rule_run (V : nat -> state m -> F) (Q : nat -> state m -> joint -> F) (pi : nat -> state m -> joint) :=
  [/\ forall t s, is_max (Q t s) (V t s),
      forall t s, rule_fit s (code (pi t s)) (y F m (V t) s) (Q t.+1 s)
    & moving d -> forall t s, first_joint (Q t.+1 s) (pi t.+1 s)].

Definition rule_steps (first : bool) (v : seq Q) (g : state m -> joint) (v' : seq Q) (g' : state m -> joint) :=
  forall (s : state m) q, rule_fit s (code (g s)) (y F m (vec F m v) s) q ->
    [/\ forall b, q b <= q (g' s), first -> first_joint q (g' s) & q (g' s) = vec F m v' s].
End Meaning.

(* --------------------------------------------------------------------- what is checked *)
Section Compute.
Variables (m : model) (d : data) (k : rule) (sets : seq (seq nat)) (us : seq (seq nat * Q)).

Definition check_shares (p : seq (seq Q)) : bool :=
  every (size (sizes m)) (fun i => let n := nth 0%N (sizes m) i in
    [&& size (nth [::] p i) == n, all (qle q0) (nth [::] p i) & sums_to_1 (nth [::] p i) n]).

Definition signs (U : seq nat) : Q :=
  qsum_list [seq T <- family sets | within U T] (fun T => if odd (size T - size U) then qopp q1 else q1).

Definition check_closed : bool :=
  all (fun uc => uc.1 \in family sets) us &&
  all (fun U => qeq (qsum_list [seq uc <- us | uc.1 == U] snd) (signs U)) (family sets).

Definition check_rule : bool :=
  [&& (0 < size sets)%N, check_parts m sets us
    & match k with
      | Squares => moving d && check_data m d
      | ClosedForm => check_closed && (if d is Product _ then true else false) &&
          every (n_states m) (fun s => check_shares (marginals m d s [::]))
      end].

Definition ruled : data := driven m (moving d) (fun s g => weight_at m d s g) (fun s g => mixed_row m us (marginals m d s g) s).
Definition starts_at (g0 : seq (seq nat)) : bool := joint_policy m g0.

Definition check_rule_fate (v0 : seq Q) (g0 : seq (seq nat)) (f : fate) : bool :=
  [&& check_model m, check_rule, starts_at g0 & check_fate (chooser m) ruled v0 (alone m g0) f].

Definition check_rule_orbit (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool)
    (points : seq (seq Q)) (policies : seq (seq (seq nat))) : bool :=
  let m' := chooser m in let g0' := alone m g0 in let policies' := [seq alone m g | g <- policies] in
  [&& check_model m, check_rule, starts_at g0, all (joint_policy m) policies
    & check_returns m' ruled v0 g0' p units points policies' || check_shrinks m' ruled v0 g0' p points policies'].

Definition check_rule_limit (v0 : seq Q) (g0 : seq (seq nat)) (p : proof) (units : bool) (c : limit) : bool :=
  check_worths m c && check_rule_orbit v0 g0 p units [:: values c] [:: policy c].

Definition check_rule_contraction (c : limit) (w : seq Q) (kappa : Q) : bool :=
  let m' := chooser m in let d' := ruled in let g' := alone m (policy c) in
  [&& check_model m, check_model m', check_rule, ~~ moving d & check_worths m c] &&
  [&& qle q0 kappa, qlt kappa q1
    & every (n_states m) (fun s => let t := fit_at m' d' s [::] in
        [&& qlt q0 (at_ w s), check_bound m' t w kappa s
          & steps_to m' t (values c) s (values c) (nth [::] g' s)])].
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : archiFieldType) (m : model) (d : data) (k : rule) (sets : seq (seq nat)) (us : seq (seq nat * Q)).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Hypothesis ok : check_model m.
Hypothesis okr : check_rule m d k sets us.
Notation rows := (fun s g => mixed_row m us (marginals m d s g) s).
Notation tot := (@tot F m rows).
Notation around := (around (moving d)).
Notation w s a := (weights F m d s (around a)).

Lemma rule_parts : check_parts m sets us.
Proof. by case/and3P: okr. Qed.

Lemma rule_around (s : state m) (a : joint) : marginals m d s (around a) = marginals m d s (code a) /\
  (forall b, w s a b = weights F m d s (code a) b).
Proof.
rewrite /Choosers.around; case mv: (moving d) => //.
by split=> [|b]; [rewrite [RHS]marginals_fixed ?mv|rewrite (@weights_fixed F m d s (code a)) ?mv].
Qed.

Lemma rule_sum1 (s : state m) (a : joint) i : \sum_(x : action i) draws F m (marginals m d s (around a)) i x = 1.
Proof.
have [-> _] := rule_around s a; case/and3P: okr => _ _; case: (k) => [/andP [mv okd]|/andP [/andP [_ pr] /everyP sh]].
  have range := @explored_range F m d okd; move: okd mv range; case: d => [|p|p t|e|e u|p t] // okd _ range.
    by rewrite -[RHS](eps_greedy_sum1 (qval e) a i); apply: eq_bigr => x _; apply: epsE.
  have [_ _ full] := range e u erefl.
  rewrite -[RHS](explored_sum1 (qval e) a (draws_sum1 F (full s) i)); apply: eq_bigr => x _; exact: exploreE.
rewrite marginals_fixed; last by case: (d) pr.
by have /everyP /(_ i (ltn_ord i)) /and3P [_ _ /(sums_to_1E F)] := sh s (ltn_ord s).
Qed.

Lemma rule_weights (s : state m) (a b : joint) : w s a b = prob (draws F m (marginals m d s (around a))) b.
Proof.
have [-> ->] := rule_around s a; rewrite /weights.
by case/and3P: okr => _ _; case: (k) => [/andP []|/andP [/andP [_ +] _]]; case: (d).
Qed.

Lemma rule_normal V (s : state m) (a : joint) T (h : seq nat -> F) : T \in sets ->
  \sum_(b : joint) w s a b * (h (pick T (code b)) * (y F m V s b - tot V s (around a) (code b))) = 0.
Proof.
move=> Tin; rewrite -[RHS](mixed_normal rule_parts (rule_sum1 s a) h (y F m V s) Tin).
by apply: eq_bigr => b _; rewrite rule_weights -(mixed_rowE rule_parts).
Qed.

Lemma signsE U : qval (signs sets U) = \sum_(T <- family sets | within U T) (-1) ^+ (size T - size U).
Proof.
rewrite qval_sum_list big_filter; apply: eq_bigr => T _; rewrite -signr_odd.
by case: (odd _); rewrite ?qval_opp qval1.
Qed.

(* the fits are those of the rows *)
Lemma rule_fitE V (s : state m) (a : joint) q :
  rule_fit k sets d s (code a) (y F m V s) q <-> forall b, q b = tot V s (around a) (code b).
Proof.
have [mE wE] := rule_around s a; have nrm := rule_normal V s a.
have inn := mixed_in rule_parts (marginals m d s (around a)) (y F m V s).
have totE b := mixed_rowE rule_parts (marginals m d s (around a)) s V b.
case/and3P: okr => _ _; rewrite /rule_fit; case: (k) => [/andP [mv okd]|/andP [/andP [/andP [inF sgn] _] _]].
  have w0 b : 0 < weights F m d s (code a) b by apply: weights_gt0 => // [|_]; [case: (d) mv|apply: code_is_action].
  apply: normal_class => // [|T f Tin].
    by case: inn => g gE; exists g => b; rewrite -gE -totE.
  by rewrite -[RHS](nrm T f Tin); apply: eq_bigr => b _; rewrite wE.
rewrite -mE; set p := draws F m _; suff E (b : joint) : closed sets p (y F m V s) (code b) = tot V s (around a) (code b).
  by split=> h b; rewrite h E.
have byU := sum_by_seq (fun uc : seq nat * Q => qval uc.2 * average p uc.1 (code b) (y F m V s)) (undup_uniq _) inF.
rewrite [RHS]totE /closed (exchange_big_dep xpredT) //= [RHS]byU.
apply: eq_big_seq => U Uin; rewrite -mulr_suml -signsE.
rewrite (eq_bigr (fun uc => qval uc.2 * average p U (code b) (y F m V s))) => [|uc /eqP -> //].
rewrite -mulr_suml; congr (_ * _); have /allP /(_ U Uin) := sgn.
by rewrite (qval_eq F) qval_sum_list big_filter => /eqP ->.
Qed.

Lemma rule_ge0 (s : state m) (a b : joint) : 0 <= w s a b.
Proof.
case/and3P: okr => _ _; case: (k) => [/andP [mv okd]|/andP [/andP [_ pr] /everyP sh]].
  by have [_ ->] := rule_around s a; apply: weights_ge0 => // _; apply: code_is_action.
rewrite rule_weights; apply: prodr_ge0 => i _; rewrite (_ : marginals _ _ _ _ = marginals m d s [::]); last first.
  by rewrite marginals_fixed; last by case: (d) pr.
have /everyP /(_ i (ltn_ord i)) /and3P [/eqP sz /(all_nthP q0) ge _] := sh s (ltn_ord s).
by rewrite /draws -(qval0 F) -qval_le; apply: ge; rewrite sz; apply: ltn_ord.
Qed.

Lemma rule_some (s : state m) (a : joint) : exists b, 0 < w s a b.
Proof.
apply/existsP; apply: contraT; rewrite negb_exists => /forallP no.
have : \sum_(b : joint) w s a b = 1.
  by rewrite -[RHS](prob_sum1 (rule_sum1 s a)); apply: eq_bigr => b _; apply: rule_weights.
rewrite big1 => [/eqP|b _]; first by rewrite eq_sym oner_eq0.
by apply/eqP; rewrite eq_le rule_ge0 andbT leNgt no.
Qed.
Notation d' := (ruled m d us).
Notation m' := (chooser m).

(* fits keep the mean of their targets *)
Lemma rule_regular : regular F m' d'.
Proof.
move=> V g s ag; have mvE : moving d' = moving d by apply: moving_driven.
have same (b' : {dffun forall i : agent (sizes m'), action i}) : exists c' : {dffun forall i : agent (sizes m'), action i},
    weights F m' d' s g = weights F m' d' s (code c') /\ credits F m' d' V g s = credits F m' d' V (code c') s.
  case mv: (moving d').
    by have [c' <-] := code_onto (ag mv); exists c'.
  exists b'; rewrite (@weights_fixed F m' d' s g) ?mv // (@credits_fixed F m' d' V s g) ?mv //.
  by rewrite [in RHS](@weights_fixed F m' d' s (code b')) ?mv // (@credits_fixed F m' d' V s (code b')) ?mv.
have wE (a' c' : {dffun forall i : agent (sizes m'), action i}) :
    weights F m' d' s (code c') a' = weights F m d s (around (down c')) (down a').
  by rewrite weights_driven -code_down weight_atE.
split=> [a'|b'|].
- by have [c' [-> _]] := same a'; rewrite wE; apply: rule_ge0.
- have [c' [-> _]] := same b'; have [b b0] := rule_some s (down c').
  by exists (up b); rewrite wE down_up.
case: (pickP (@predT {dffun forall i : agent (sizes m'), action i})) => [b' _|no]; last by rewrite big_pred0.
have [c' [-> ->]] := same b'; rewrite left_driven.
have [T Tin] : exists T, T \in sets.
  by case/and3P: okr; case: (sets) => // T l _ _ _; exists T; rewrite inE eqxx.
rewrite -[RHS](rule_normal V s (down c') (fun=> 1) Tin); apply: eq_bigr => a _.
by rewrite mul1r weight_atE.
Qed.

Lemma run_obeys (V : nat -> state m -> F) Q (pi : nat -> state m -> joint) : rule_run k sets d V Q pi ->
  exists pi' : nat -> state m -> joint, [/\ forall s, pi' 0%N s = pi 0%N s, obeys (moving d) rows V pi' & moving d -> pi' = pi].
Proof.
move=> [mx fitted first].
have mx' t (s : state m) : is_max (fun b : joint => tot (V t) s (around (pi t s)) (code b)) (V t.+1 s).
  by apply: is_max_ext (mx t.+1 s) => b; apply/(rule_fitE (V t) s (pi t s) _).1; apply: fitted.
case mv: (moving d).
  exists pi; split=> // t s; have qE := (rule_fitE (V t) s (pi t s) _).1 (fitted t s).
  have [le lt] := first mv t s; have first' : first_joint (fun b => tot (V t) s (around (pi t s)) (code b)) (pi t.+1 s).
    by split=> b; rewrite -!qE; [apply: le|apply: lt].
  split; first by move: first'; rewrite mv.
  move: (mx' t s); rewrite mv => mxs; apply: is_max_unique mxs _.
  by move: first'; rewrite mv => -[le' _]; split=> //; exists (pi t.+1 s).
have [|pi' [p0 run]] := @maxima_obey F m false (fun s g => weight_at m d s g) rows V (pi 0%N) isT.
  by move=> t s; have := mx' t s; rewrite /Choosers.around mv.
by exists pi'.
Qed.

Lemma rule_exists (v0 : seq Q) (pi0 : state m -> joint) : exists V Q pi,
  [/\ V 0%N =1 vec v0, forall s, pi 0%N s = pi0 s & rule_run k sets d V Q pi].
Proof.
have [V [pi [V0 p0 run]]] := @obeys_exists F m (moving d) (fun s g => weight_at m d s g) rows v0 pi0.
exists V, (fun t s b => if t is t'.+1 then tot (V t') s (around (pi t' s)) (code b) else V 0%N s), pi.
split=> //; split=> [[|t] s|t s|mv t s].
- by split=> //; exists (pi0 s).
- by have [[le _] e] := run t s; split; [move=> b; rewrite e; apply: le|exists (pi t.+1 s); rewrite e].
- by apply/rule_fitE.
by have [] := run t s.
Qed.

Lemma takes_steps first v (g : state m -> joint) v' g' : takes F (moving d) rows first v g v' g' -> rule_steps F k sets d first v g v' g'.
Proof.
move=> st s q /(rule_fitE _ s (g s)) qE; have [le fj e] := st s; split=> [b|/fj [le' lt]|]; rewrite ?qE //.
by split=> b; rewrite !qE; [apply: le'|apply: lt].
Qed.

Lemma starts_atP g0 : starts_at m g0 -> exists pi : state m -> joint, plays g0 pi.
Proof. by move=> /everyP act; apply: plays_exists => s; apply: act. Qed.
End Correct.

(* Accepted fates are those of every run of FQI over the class, with the fits of the rule, from the stated
   values and, under epsilon-greedy data, the stated joint actions; and there is one.
   Source: ours. *)
Theorem rule_fate_sound (F : archiFieldType) m d k sets us v0 g0 f : check_rule_fate m d k sets us v0 g0 f ->
  (exists V Q pi, [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N) & @rule_run F m k sets d V Q pi]) /\
  forall V Q pi, V 0%N =1 vec F m v0 -> plays g0 (pi 0%N) -> @rule_run F m k sets d V Q pi -> holds F m f V.
Proof.
case/and4P => ok okr act fated; have [pi0 pl] := starts_atP act.
split=> [|V Q pi V0 pl0 run].
  have [V [Q [pi [V0 p0 run]]]] := rule_exists F okr v0 pi0.
  by exists V, Q, pi; split=> // s; rewrite p0.
have [pi' [p0 run' _]] := run_obeys okr run.
have pl' : plays g0 (pi' 0%N) by move=> s; rewrite p0.
have run2 := obeys_starts (fun s g => weight_at m d s g) V0 pl' run'.
have said := @fate_sound F (chooser m) (ruled m d us) v0 (alone m g0) f V _ (rule_regular okr) fated run2.
exact: said.
Qed.

(* A certificate of kind `region` that does not grow is true where it is accepted: with k the number of the claimed
   positions, every position steps to the next one (for every fit of the rule; where the region shrinks, under
   epsilon-greedy data, with some maximisers, with which others may tie); no two positions are the same (under fixed data
   their values differ), so k is the least period; there are runs from the start, and of each of them V^(t) approaches the
   values of position (t - T) mod k as t grows, and under epsilon-greedy data the joint actions are its own at all t >= T.
   Source: ours. *)
Theorem rule_orbit_sound (F : archiFieldType) m d k sets us v0 g0 p units points policies :
  check_rule_orbit m d k sets us v0 g0 p units points policies ->
  exists pis : nat -> state m -> {dffun forall i : agent (sizes m), action i},
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> rule_steps F k sets d (firm (moving d) p) (nth [::] points j) (pis j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        (exists s : state m, vec F m (nth [::] points i) s != vec F m (nth [::] points j) s) \/
        moving d /\ exists s, pis i s != pis j s,
      exists V Q pi, [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N) & @rule_run F m k sets d V Q pi]
    & forall V Q pi, V 0%N =1 vec F m v0 -> plays g0 (pi 0%N) -> @rule_run F m k sets d V Q pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec F m (nth [::] points ((t - prefix p) %% size points)) s| < e) /\
        (moving d -> forall t, (prefix p <= t)%N ->
           forall s, pi t s = pis ((t - prefix p) %% size points)%N s)].
Proof.
case/and5P => ok okr act acts checked; have [pi0 pl] := starts_atP act.
have [pis [h1 st df tends]] := driven_orbit F checked acts; exists pis; split=> // [j jk||V Q pi V0 pl0 run].
- exact: (takes_steps okr (st j jk)).
- have [V [Q [pi [V0 p0 run]]]] := rule_exists F okr v0 pi0.
  by exists V, Q, pi; split=> // s; rewrite p0.
have [pi' [p0 run' same]] := run_obeys okr run.
have [|tn keeps] := tends V pi' V0 _ run'; first by move=> s; rewrite p0.
by split=> // mv; rewrite -(same mv); apply: keeps.
Qed.

(* A certificate of convergence of kind `region` is true where it is accepted: `policy` is a joint policy g, `optimal`
   solves the Bellman optimality equation and `own` that of g; every fit of the rule to y(s,.) at `values` has the
   maximisers g(s) (the first ones, unless the region shrinks under epsilon-greedy data) and there the value values(s);
   there are runs from the start, and of each of them V^(t)(s) -> values(s), and under epsilon-greedy data the joint
   actions are g at all t >= T.
   Source: ours. *)
Theorem rule_limit_sound (F : archiFieldType) m d k sets us v0 g0 p units c :
  check_rule_limit m d k sets us v0 g0 p units c ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy c) g, worths F m c g, rule_steps F k sets d (firm (moving d) p) (values c) g (values c) g,
        exists V Q pi, [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N) & @rule_run F m k sets d V Q pi]
      & forall V Q pi, V 0%N =1 vec F m v0 -> plays g0 (pi 0%N) -> @rule_run F m k sets d V Q pi ->
          (forall s, tends_to (fun t => V t s) (vec F m (values c) s)) /\
          (moving d -> forall t, (prefix p <= t)%N -> forall s, pi t s = g s)].
Proof.
case/andP => /(check_worthsP F) [g [gE [best own_]]] /(rule_orbit_sound F) [pis [[_ pl] st _ some runs]].
have same s : g s = pis 0%N s by apply: code_inj; rewrite gE (pl 0%N isT).
exists (pis 0%N); split=> // [|||V Q pi V0 pl0 run]; first exact: pl.
- by split=> // s; rewrite -same.
- exact: (st 0%N isT).
have [lim mv] := runs V Q pi V0 pl0 run; split=> [s e e0|mvd t tT s].
  by have [N h] := lim e e0; exists N => t /h /(_ s); rewrite modn1.
by rewrite (mv mvd t tT s) modn1.
Qed.

(* A certificate of kind `contraction` is true where it is accepted: as for the theorem before, of the runs from every
   start, under fixed data.
   Source: ours. *)
Theorem rule_contraction_sound (F : archiFieldType) m d k sets us c w kappa :
  check_rule_contraction m d k sets us c w kappa ->
  exists g : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy c) g, worths F m c g, rule_steps F k sets d true (values c) g (values c) g
      & forall V Q pi, @rule_run F m k sets d V Q pi -> forall s, tends_to (fun t => V t s) (vec F m (values c) s)].
Proof.
case/andP => /and5P [ok ok' okr fx /(check_worthsP F) [g [gE worth]]] /and3P [k0 k1 /everyP h].
have [s|st tends] := @driven_contraction F m (moving d) (fun s g => weight_at m d s g)
    (fun s g => mixed_row m us (marginals m d s g) s) (values c) w kappa g fx ok' k0 k1.
  by have := h s (ltn_ord s); rewrite [nth [::] (alone _ _) _](nth_tab _ _ (ltn_ord s)) -gE.
exists g; split=> // [|V Q pi [mx fitted _]]; first exact: (takes_steps okr st).
apply: tends => t s; apply: is_max_ext (mx t.+1 s) => b.
by have := (rule_fitE okr (V t) s (pi t s) _).1 (fitted t s) b; rewrite /Choosers.around (negbTE fx).
Qed.
