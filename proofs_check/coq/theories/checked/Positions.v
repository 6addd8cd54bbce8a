(* Runs of linear FQI as sequences of positions (values, greedy joint actions), for
   fixed data and for epsilon-greedy data alike, and their exact replay.

   No theorem here: tools of CheckedDivergence.v and CheckedOrbit.v.

            positions d V pi == pi(t+1) are the first maximisers of the fit to y(V^(t))
                                under the data around pi(t), and V^(t+1) is Q_tot there
       moving_run F m e V pi == a run of linear FQI under e-greedy data where ties go by
                                the rule of the model
    exploring_run m e u V pi == the same, exploring with the marginals u
                  fits m d g == the fits at all states under the data around g; made once
                                for fixed data
               first_max m l == the place of the first maximum of l, or of the last one
                 next m ts v == the position after the values v, ts the fits; None where no
                                action is seen to be the first maximiser
       replay m make T ts vg == T steps of it from the position vg, whose fits are ts; make
                                makes others
               first_of a0 Q == the first maximisers of every factor

   first_ofP         first_of finds first maximisers
   credits_first     the credits rank actions as every fit does
   moving_positions  runs under epsilon-greedy data are positions, exploring_positions those
                     that explore with other distributions
   fixed_positions   so are runs on fixed data
   nextP             next computes the next position
   replayP           replay that after T steps                                           *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Positions.
Variables (F : realFieldType) (m : model) (d : data).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation qval := (qval F).

(* pi(t+1) are the first maximisers of the fit to y(V^(t)), and V^(t+1) is Q_tot there *)
Definition positions (V : nat -> state m -> F) (pi : nat -> state m -> joint) :=
  forall t s, first_greedy (credits F m d (V t) (code (pi t s)) s) (pi t.+1 s) /\
              V t.+1 s = Qtot (credits F m d (V t) (code (pi t s)) s) (pi t.+1 s).

(* a run of linear FQI under epsilon-greedy data where ties go by the rule of the model *)
Definition moving_run (e : Q) (V : nat -> state m -> F) (pi : nat -> state m -> joint) :=
  exists Q, on_policy_run (reward F m) (trans F m) (gamma F m) (qval e) V Q pi /\
            forall t s, first_greedy (Q t.+1 s) (pi t.+1 s).

(* the same where the data explore with the marginals u: V^(t) is the maximum of Q_tot^(t), pi(t) are
   greedy, and Q^(t+1)(s) fits y(V^(t)) under the data around pi(t)                         *)
Definition exploring_run (e : Q) (u : seq (seq (seq Q))) (V : nat -> state m -> F)
    (pi : nat -> state m -> joint) :=
  exists Q, [/\ forall t s, greedy (Q t s) (pi t s),
      forall t s, V t s = Qtot (Q t s) (pi t s),
      forall t (s : state m), best_fit (explored (qval e) (draws F m (marginals m (Product u) s [::])) (pi t s))
                           (y F m (V t) s) (Q t.+1 s)
    & forall t s, first_greedy (Q t.+1 s) (pi t.+1 s)].
End Positions.
Arguments moving_run : clear implicits.
Arguments exploring_run : clear implicits.

(* --------------------------------------------------------------------- what is computed *)
(* the fit at every state under the data around the joint actions g; under fixed data it is
   made once                                                                                *)
Definition fits (m : model) (d : data) : seq (seq nat) -> seq (seq (seq (seq Q))) :=
  if moving d then
    fun g => tab (n_states m) (fun s => fit_at m d s (nth [::] g s))
  else
    let made := tab (n_states m) (fun s => fit_at m d s [::]) in fun=> made.

(* the place of the first maximum, or of the last one *)
Definition first_max (m : model) (l : seq Q) : nat :=
  let most b := all (fun b' => qle b' b) l in
  if lasts m then ((size l).-1 - find most (rev l))%N else find most l.

(* the step from the values v, the fits ts given *)
Definition next (m : model) (ts : seq (seq (seq (seq Q)))) (v : seq Q) : option (seq Q * seq (seq nat)) :=
  let bz := integers (n_states m) v in
  let qs := tab (n_states m) (fun s => factors_at m (nth [::] ts s) bz) in
  let g := [seq [seq first_max m l | l <- q] | q <- qs] in
  if every (n_states m) (fun s => first_best m (nth [::] qs s) (nth [::] g s))
  then Some (tab (n_states m) (fun s => total m (nth [::] qs s) (nth [::] g s)), g) else None.

(* T steps; the fits ts are those around the joint actions of vg, and kept while these stay the same *)
Fixpoint replay (m : model) make (T : nat) ts (vg : seq Q * seq (seq nat)) :=
  if T is T'.+1 then
    if next m ts vg.1 is Some vg' then replay m make T' (if vg'.2 == vg.2 then ts else make vg'.2) vg' else None
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
move=> fa fb; apply/ffunP => i; apply: ord_inj; apply/eqP; apply: contraT => ne.
have no (a' b' : joint) : first_greedy Q a' -> first_greedy Q b' -> ~~ before m (b' i) (a' i).
  by move=> [_ f] [gb _]; apply/negP => lt; have := f i _ lt; rewrite ltNge gb.
by have := before_total m ne; rewrite (negbTE (no _ _ fb fa)) (negbTE (no _ _ fa fb)).
Qed.

(* the first maximisers of every factor *)
Definition first_of (a0 : joint) (Q : local) : joint :=
  [ffun i => [arg min_(x < [arg max_(x > a0 i) Q i x]%O | [forall z, (Q i z <= Q i x)%R])
     (if lasts m then nth 0%N (sizes m) i - x else x)]%N].

Lemma first_ofP a0 Q : first_greedy Q (first_of a0 Q).
Proof.
have ex i : [pred x : action i | [forall z, Q i z <= Q i x]] [arg max_(x > a0 i) Q i x]%O.
  by apply/forallP => z; case: Order.TotalTheory.arg_maxP => // y _; apply.
split=> i x; rewrite ffunE; case: arg_minnP => [|z /forallP le least]; try exact: ex.
  exact: le.
move=> xz; rewrite lt_neqAle le andbT; apply/negP => /eqP e.
have := least x; rewrite (_ : [forall b, _]) => [/(_ isT)|]; last by apply/forallP => b; rewrite e.
move: xz; rewrite /before; case: (lasts m) => xz; rewrite leqNgt ?xz // => /negP; apply.
exact: ltn_sub2l.
Qed.

Hypothesis ok : check_model m.
Hypothesis okd : check_data m d.

(* the credits rank every agent's actions as every least-squares fit does *)
Lemma credits_first V (s : state m) (a b : joint) Q :
  joint_fit (weights F m d s (code a)) (y F m V s) Q ->
  first_greedy Q b -> first_greedy (credits V (code a) s) b.
Proof.
by move=> fitted; apply: (fits_first okd b (fun _ => code_is_action a) fitted).2.
Qed.

Lemma moving_positions e V pi : d = EpsilonGreedy e -> moving_run F m e V pi -> positions d V pi.
Proof.
move=> dE [Q [[gr VE fitted] first]] t s.
have fit' := (eps_fit (V t) s (pi t s) (Q t.+1 s) dE).2 (fitted t s).
split; first exact: credits_first fit' (first t s).
by rewrite VE; apply: (fits_Qtot okd _ (fun _ => code_is_action (pi t s)) fit').
Qed.

Lemma exploring_positions e u V pi : d = Exploring e u -> exploring_run F m e u V pi -> positions d V pi.
Proof.
move=> dE [Q [gr VE fitted first]] t s.
have fit' := (explored_fit (V t) s (pi t s) (Q t.+1 s) dE).2 (fitted t s).
split; first exact: credits_first fit' (first t s).
by rewrite VE; apply: (fits_Qtot okd _ (fun _ => code_is_action (pi t s)) fit').
Qed.

Lemma fixed_positions V Q (pi0 : state m -> joint) : ~~ moving d ->
  fixed_run F m d V Q -> exists pi, (forall s, pi 0%N s = pi0 s) /\ positions d V pi.
Proof.
move=> fx [mx fitted].
exists (fun t => if t is t'.+1 then fun s => first_of (pi0 s) (credits (V t') [::] s) else pi0).
split=> // t s; rewrite credits_fixed //.
have first := first_ofP (pi0 s) (credits (V t) [::] s); split; first exact: first.
apply: is_max_unique (mx t.+1 s) _.
apply: (is_max_ext (f := Qtot (credits (V t) [::] s))); last by apply: greedy_is_max; case: first.
by move=> a; rewrite (fits_Qtot okd a _ (fitted t s)) // (negbTE fx).
Qed.

Lemma fitsE g (pi : state m -> joint) (s : state m) : plays g pi ->
  nth [::] (fits m d g) s = fit_at m d s (code (pi s)).
Proof.
move=> gE; rewrite /fits; case E: (moving d); rewrite (@nth_tab _ _ _ _ _ (ltn_ord s)).
  by rewrite gE.
by rewrite [RHS]fit_at_fixed ?E.
Qed.

Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).
Hypothesis run : positions d V pi.

Lemma first_greedy_eq (Q Q' : local) a :
  (forall i x, Q i x = Q' i x) -> first_greedy Q a -> first_greedy Q' a.
Proof. by move=> e [gr first]; split=> i x; rewrite -!e; [apply: gr|apply: first]. Qed.

Lemma nextP t v g v' g' : V t =1 vec F m v -> plays g (pi t) ->
  next m (fits m d g) v = Some (v', g') -> V t.+1 =1 vec F m v' /\ plays g' (pi t.+1).
Proof.
move=> VE gE; rewrite /next /=; set qs := tab _ _; set g1 := [seq _ | _ <- _].
case: ifP => // /everyP best [<- <-].
have qE (s : state m) : nth [::] qs s = factors m (fit_at m d s (code (pi t s))) v.
  by rewrite /qs (nth_tab _ _ (ltn_ord s)) (fitsE s gE).
have both (s : state m) : V t.+1 s = qval (total m (nth [::] qs s) (nth [::] g1 s)) /\
    code (pi t.+1 s) = nth [::] g1 s.
  have fb := best s (ltn_ord s); rewrite qE in fb *.
  have [a aE] : exists a : joint, code a = nth [::] g1 s by apply: code_onto; case/andP: fb.
  have [first Vs] := run t s; rewrite -aE in fb *.
  have first_v : first_greedy (credits (V t) (code (pi t s)) s) a.
    by apply: first_greedy_eq (first_bestP F ok fb) => i x; apply: (credits_eq ok) => s'; rewrite VE.
  have pa := first_greedy_unique first first_v; split; last by rewrite pa.
  rewrite (totalE F ok) Vs pa; apply: eq_bigr => i _; exact: (credits_eq ok).
split=> s; have [Vs ps] := both s => //.
by rewrite Vs /vec /at_ nth_tab.
Qed.

Lemma replayP T t vg v' g' : V t =1 vec F m vg.1 -> plays vg.2 (pi t) ->
  replay m (fits m d) T (fits m d vg.2) vg = Some (v', g') ->
  V (t + T)%N =1 vec F m v' /\ plays g' (pi (t + T)%N).
Proof.
elim: T t vg => [|T IH] t [v g] VE gE /=; first by case=> <- <-; rewrite addn0.
case E: next => [[v1 g1]|//] /=; have [V1 g1E] := nextP VE gE E.
have -> : (if g1 == g then fits m d g else fits m d g1) = fits m d g1 by case: eqP => [->|].
by rewrite addnS -addSn => h; apply: (IH t.+1 (v1, g1) V1 g1E h).
Qed.

End Correct.
