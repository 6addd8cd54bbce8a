(* Runs of linear FQI as sequences of positions (values, greedy joint actions), for fixed
   product data and for epsilon-greedy data alike, and their exact replay.  No theorem here:
   tools of CheckedDivergence.v and CheckedOrbit.v.                                        *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Claims.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Positions.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation qval := (qval F).

(* Theorem 1's credits at state s for the values V, under the data around the joint action g *)
Definition credits (V : state m -> F) (g : seq nat) (s : state m) : local :=
  fun i x => Qcf (draws F m (marginals m d s g)) (y F m V s) x.

(* pi(t+1) are the first maximisers of the fit to y(V^(t)), and V^(t+1) is Q_tot there *)
Definition positions (V : nat -> state m -> F) (pi : nat -> state m -> joint) :=
  forall t s, first_greedy (credits (V t) (code (pi t s)) s) (pi t.+1 s) /\
              V t.+1 s = Qtot (credits (V t) (code (pi t s)) s) (pi t.+1 s).

(* a run of linear FQI under epsilon-greedy data where ties go to the first action *)
Definition moving_run (e : Q) (V : nat -> state m -> F) (pi : nat -> state m -> joint) :=
  exists Q, on_policy_run (reward F m) (trans F m) (gamma F m) (qval e) V Q pi /\
            forall t s, first_greedy (Q t.+1 s) (pi t.+1 s).
End Positions.
Arguments moving_run : clear implicits.
Arguments credits : clear implicits.

(* --------------------------------------------------------------------- what is computed *)
Definition moving (d : data) : bool := if d is EpsilonGreedy _ then true else false.

Definition check_data (m : model) (d : data) : bool :=
  if d is EpsilonGreedy e then qlt q0 e && qle e q1 else check_fixed m d.

(* the fit at every state under the data around the joint actions g; under fixed data it is
   made once                                                                                *)
Definition fits (m : model) (d : data) : seq (seq nat) -> seq (seq (seq (seq Q))) :=
  if moving d then
    fun g => tab (n_states m) (fun s => fit m (marginals m d s (nth [::] g s)) s)
  else
    let made := tab (n_states m) (fun s => fit m (marginals m d s [::]) s) in fun=> made.

(* the place of the first maximum *)
Definition first_max (l : seq Q) : nat := find (fun b => all (fun b' => qle b' b) l) l.

Definition next (m : model) (make : seq (seq nat) -> seq (seq (seq (seq Q))))
    (vg : seq Q * seq (seq nat)) : option (seq Q * seq (seq nat)) :=
  let ts := make vg.2 in
  let qs := tab (n_states m) (fun s => factors m (nth [::] ts s) vg.1) in
  let g := [seq [seq first_max l | l <- q] | q <- qs] in
  if every (n_states m) (fun s => first_best m (nth [::] qs s) (nth [::] g s))
  then Some (tab (n_states m) (fun s => total m (nth [::] qs s) (nth [::] g s)), g) else None.

Fixpoint replay (m : model) make (T : nat) vg :=
  if T is T'.+1 then
    if next m make vg is Some vg' then replay m make T' vg' else None
  else Some vg.

(* ------------------------------------------------------------------------ what it means *)
Section Correct.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation qval := (qval F).
Notation credits := (credits F m d).

Lemma first_greedy_unique (Q : local) (a b : joint) : first_greedy Q a -> first_greedy Q b -> a = b.
Proof.
move=> fa fb; apply/ffunP => i; apply: ord_inj.
have no (a' b' : joint) : first_greedy Q a' -> first_greedy Q b' -> (a' i <= b' i)%N.
  by move=> [_ f] [gb _]; rewrite leqNgt; apply/negP => lt; have := f i _ lt; rewrite ltNge gb.
by apply: anti_leq; rewrite (no _ _ fa fb) (no _ _ fb fa).
Qed.

(* the first maximisers of every factor *)
Definition first_of (a0 : joint) (Q : local) : joint :=
  [ffun i => [arg min_(x < [arg max_(x > a0 i) Q i x]%O | [forall z, (Q i z <= Q i x)%R]) (x : nat)]%N].

Lemma first_ofP a0 Q : first_greedy Q (first_of a0 Q).
Proof.
have ex i : [pred x : action i | [forall z, Q i z <= Q i x]] [arg max_(x > a0 i) Q i x]%O.
  by apply/forallP => z; case: Order.TotalTheory.arg_maxP => // y _; apply.
split=> i x; rewrite ffunE; case: arg_minnP => [|z /forallP le least]; try exact: ex.
  exact: le.
move=> xz; rewrite lt_neqAle le andbT; apply/negP => /eqP e.
suff : (z <= x)%N by rewrite leqNgt xz.
by apply: least; apply/forallP => b; rewrite e.
Qed.

Lemma fixed_marginals s g : fixed_product d -> marginals m d s g = marginals m d s [::].
Proof. by case: d. Qed.

Lemma epsE e s (a : joint) i (x : action i) : (0 < nth 0%N (sizes m) i)%N ->
  draws F m (marginals m (EpsilonGreedy e) s (code a)) i x = eps_greedy (qval e) a x.
Proof.
move=> k0; rewrite /draws /marginals nth_tab ?ltn_ord // /at_ nth_tab // qval_add qval_mul qval_inv //.
rewrite nth_code /eps_greedy card_ord; congr (_ + _); last by rewrite mul1r.
by rewrite (_ : (x == a i) = (x == a i :> nat)) //; case: eqP; rewrite ?qval_sub ?qval1 ?qval0.
Qed.

Hypothesis ok : check_model m.
Hypothesis okd : check_data m d.

Lemma data_cases : (forall s (a : joint), marginals m d s (code a)
  = marginals m d s [::]) /\ check_fixed m d \/
  exists2 e, d = EpsilonGreedy e & 0 < qval e /\ qval e <= 1.
Proof.
move: okd; rewrite /check_data; case: d => [|p|t|e] h; try by left.
right; exists e => //; case/andP: h; rewrite (qval_lt F) (qval_le F) qval0 qval1.
by [].
Qed.

Lemma data_sum1 (s : state m) (a : joint) i : \sum_(x : action i) draws F m (marginals m d s (code a)) i x = 1.
Proof.
case: data_cases => [[E /andP [_ /everyP h]]|[e -> _]].
  by rewrite E; apply: (draws_sum1 F (h s (ltn_ord s))).
rewrite -[RHS](eps_greedy_sum1 (qval e) a i); apply: eq_bigr => x _.
by apply: epsE; apply: leq_ltn_trans (ltn_ord x).
Qed.

Lemma data_gt0 (s : state m) (a : joint) i (x : action i) : 0 < draws F m (marginals m d s (code a)) i x.
Proof.
case: data_cases => [[E /andP [_ /everyP h]]|[e -> [e0 e1]]].
  by rewrite E; apply: (draws_gt0 F (h s (ltn_ord s))).
rewrite epsE; last by apply: leq_ltn_trans (ltn_ord x).
exact: eps_greedy_gt0.
Qed.

(* the credits are a least-squares fit, and every other one ranks every agent's actions as they do *)
Lemma credits_fit V (s : state m) (a : joint) :
  best_fit (draws F m (marginals m d s (code a))) (y F m V s) (credits V (code a) s).
Proof. by apply: counterfactual_is_optimal => [i|i x]; [apply: data_sum1|apply/ltW/data_gt0]. Qed.

Lemma credits_first V (s : state m) (a b : joint) Q :
  best_fit (draws F m (marginals m d s (code a))) (y F m V s) Q ->
  first_greedy Q b -> first_greedy (credits V (code a) s) b.
Proof.
move=> fitted [gr first].
have rank' i (x x' : action i) : Q i x - Q i x' = credits V (code a) s i x - credits V (code a) s i x'.
  rewrite (fit_ranks x x' (data_sum1 s a) (@data_gt0 s a) fitted).
  by rewrite /Positions.credits /Qcf opprD addrACA -opprD subrr subr0.
split=> [i x|i x lt]; first by rewrite -subr_ge0 -rank' subr_ge0; apply: gr.
by rewrite -subr_gt0 -rank' subr_gt0; apply: first.
Qed.

Lemma eps_fit e V (s : state m) (a : joint) Q : d = EpsilonGreedy e ->
  best_fit (draws F m (marginals m d s (code a))) (y F m V s) Q <->
  best_fit (eps_greedy (qval e) a) (y F m V s) Q.
Proof.
move=> dE; have E i (x : action i) : draws F m (marginals m d s (code a)) i x = eps_greedy (qval e) a x.
  by rewrite dE epsE //; apply: leq_ltn_trans (ltn_ord x).
have L Q' : loss (draws F m (marginals m d s (code a))) (y F m V s) Q' =
            loss (eps_greedy (qval e) a) (y F m V s) Q'.
  by apply: eq_bigr => b _; congr (_ * _); apply: eq_bigr => i _; rewrite E.
by split=> fitted Q'; have := fitted Q'; rewrite !L.
Qed.

Lemma moving_positions e V pi : d = EpsilonGreedy e -> moving_run F m e V pi -> positions d V pi.
Proof.
move=> dE [Q [[gr VE fitted] first]] t s.
have fit' := (eps_fit (V t) s (pi t s) (Q t.+1 s) dE).2 (fitted t s).
split; first exact: credits_first fit' (first t s).
by rewrite VE; apply: (fit_is_cf _ (data_sum1 s _) (@data_gt0 s _) fit').
Qed.

Lemma fixed_positions V Q (pi0 : state m -> joint) : fixed_product d ->
  fixed_run F m d V Q -> exists pi, (forall s, pi 0%N s = pi0 s) /\ positions d V pi.
Proof.
move=> fx [mx fitted].
exists (fun t => if t is t'.+1 then fun s => first_of (pi0 s) (credits (V t') [::] s) else pi0).
split=> // t s; rewrite /Positions.credits fixed_marginals //.
have first := first_ofP (pi0 s) (credits (V t) [::] s); split; first exact: first.
apply: is_max_unique (mx t.+1 s) _.
apply: (is_max_ext (f := Qtot (credits (V t) [::] s))); last by apply: greedy_is_max; case: first.
move=> a; rewrite (fit_is_cf a _ _ (fitted t s)) //; rewrite -(fixed_marginals s (code (pi0 s))) //.
- exact: data_sum1.
- exact: data_gt0.
Qed.

Lemma fitsE g (pi : state m -> joint) (s : state m) : plays g pi ->
  nth [::] (fits m d g) s = fit m (marginals m d s (code (pi s))) s.
Proof.
move=> gE; rewrite /fits; case E: (moving d); rewrite (@nth_tab _ _ _ _ _ (ltn_ord s)).
  by rewrite gE.
have -> : marginals m d s (code (pi s)) = marginals m d s [::] by case: d E.
by [].
Qed.

Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis run : positions d V pi.

Lemma credits_eq U U' g (s : state m) i x : U =1 U' -> credits U g s i x = credits U' g s i x.
Proof.
move=> e; have yE a : y F m U s a = y F m U' s a.
  by congr (_ + _ * _); apply: eq_bigr => s' _; rewrite e.
by rewrite /Positions.credits /Qcf !(eq_E _ yE); congr (_ - _); apply: eq_E => a; apply: yE.
Qed.

Lemma first_greedy_eq (Q Q' : local) a :
  (forall i x, Q i x = Q' i x) -> first_greedy Q a -> first_greedy Q' a.
Proof. by move=> e [gr first]; split=> i x; rewrite -!e; [apply: gr|apply: first]. Qed.

Lemma nextP t v g v' g' : V t =1 vec F m v -> plays g (pi t) ->
  next m (fits m d) (v, g) = Some (v', g') -> V t.+1 =1 vec F m v' /\ plays g' (pi t.+1).
Proof.
move=> VE gE; rewrite /next /=; set qs := tab _ _; set g1 := [seq _ | _ <- _].
case: ifP => // /everyP best [<- <-].
have qE (s : state m) : nth [::] qs s = factors m (fit m (marginals m d s (code (pi t s))) s) v.
  by rewrite /qs nth_tab // (fitsE s gE).
have both (s : state m) : V t.+1 s = qval (total m (nth [::] qs s) (nth [::] g1 s)) /\
    code (pi t.+1 s) = nth [::] g1 s.
  have fb := best s (ltn_ord s); rewrite qE in fb *.
  have [a aE] : exists a : joint, code a = nth [::] g1 s by apply: code_onto; case/andP: fb.
  have [first Vs] := run t s; rewrite -aE in fb *.
  have first_v : first_greedy (credits (V t) (code (pi t s)) s) a.
    by apply: first_greedy_eq (first_bestP F ok fb) => i x; apply: credits_eq => s'; rewrite VE.
  have pa := first_greedy_unique first first_v; split; last by rewrite pa.
  rewrite (totalE F ok) Vs pa; apply: eq_bigr => i _; exact: credits_eq.
split=> s; have [Vs ps] := both s => //.
by rewrite Vs /vec /at_ nth_tab.
Qed.

Lemma replayP T t vg v' g' : V t =1 vec F m vg.1 -> plays vg.2 (pi t) ->
  replay m (fits m d) T vg = Some (v', g') -> V (t + T)%N =1 vec F m v' /\ plays g' (pi (t + T)%N).
Proof.
elim: T t vg => [|T IH] t [v g] VE gE /=; first by case=> <- <-; rewrite addn0.
case E: next => [[v1 g1]|//] h; have [V1 g1E] := nextP VE gE E.
by rewrite addnS -addSn; apply: (IH t.+1 (v1, g1) V1 g1E h).
Qed.

End Correct.
