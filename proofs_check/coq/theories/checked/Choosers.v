(* One chooser for the joint actions of a model, whatever the rows of its fits are made of.

   Sums.v has the chooser of a class under fixed data with full support. Here its rows and the
   weights of its data are any functions; where the data follow the joint actions they are made
   around these, and otherwise around none.

   No theorem here: tools of CheckedRules.v.

     driven m mv w r == the data of the chooser: w s g l is the weight of the joint action l at
                        state s around g, and r s g l the row of its fit there; mv: they follow g
         around mv a == what data are made around where a is played
       tot r V s g l == Q_tot of that fit at the values V
          obeys V pi == pi(t+1) are the first maximisers of that fit to y(V^(t)) around pi(t), and
                        V^(t+1) is Q_tot there
                up a == the action of the chooser that a is
             down a' == the joint action that the chooser takes by a'
   takes b v g v' g' == the fits at v around g have the maximisers g' (the first ones, if b), and
                        there the values v'
           firm mv p == the proof p asks for first maximisers

   obeys_starts        what obeys are positions of the chooser
   obeys_exists        and there are some
   maxima_obey         under data that follow nothing so do all values that iterate maxima
   driven_orbit        what the check of regions says of the chooser
   driven_contraction  and that of contractions

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Phases Regions CheckedContraction CheckedOrbit CheckedShrinking Sums CheckedBox.
From FqiTheory Require Import CheckedClasses.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Definition driven (m : model) (mv : bool) (w : nat -> seq nat -> seq nat -> Q)
    (r : nat -> seq nat -> seq nat -> seq Q) : data :=
  let ls := tuples (sizes m) in
  let weights s g := let own := w s g in [seq own l | l <- ls] in
  let made s g := let own := r s g in [:: [seq own l | l <- ls]] in
  if mv then Follows (fun s g => weights s (nth [::] ls (head 0%N g))) (fun s g => made s (nth [::] ls (head 0%N g)))
  else Joint (tab (n_states m) (fun s => weights s [::])) (tab (n_states m) (fun s => made s [::])).

Definition firm (mv : bool) (p : proof) : bool := if kind (place p) is Bounded then true else ~~ mv.

(* ------------------------------------------------------------------------ what it means *)
Section Choosers.
Variables (F : archiFieldType) (m : model) (mv : bool).
Variables (w : nat -> seq nat -> seq nat -> Q) (r : nat -> seq nat -> seq nat -> seq Q).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation m' := (chooser m).
Notation d' := (driven m mv w r).
Notation joint' := {dffun forall i : agent (sizes m'), action i}.

Definition tot (V : state m -> F) (s : state m) (g l : seq nat) : F := @row_val F m (r s g l) V.
Definition around (a : joint) : seq nat := if mv then code a else [::].

Definition obeys (V : nat -> state m -> F) (pi : nat -> state m -> joint) := forall t s,
  first_joint (fun b => tot (V t) s (around (pi t s)) (code b)) (pi t.+1 s) /\
  V t.+1 s = tot (V t) s (around (pi t s)) (code (pi t.+1 s)).

Definition takes (first : bool) (v : seq Q) (g : state m -> joint) (v' : seq Q) (g' : state m -> joint) :=
  forall s : state m, let q b := tot (vec v) s (around (g s)) (code b) in
    [/\ forall b, q b <= q (g' s), first -> first_joint q (g' s) & q (g' s) = vec v' s].

Lemma moving_driven : moving d' = mv.
Proof. by rewrite /driven; case: mv. Qed.

Lemma down_ex (a' : joint') : exists a : joint, code a == sole a'.
Proof. by have [a e] := code_onto (sole_action a'); exists a; apply/eqP. Qed.
Definition down a' : joint := xchoose (down_ex a').
Lemma code_down a' : code (down a') = sole a'.
Proof. exact/eqP/(xchooseP (down_ex a')). Qed.

Lemma up_ex (a : joint) : exists a' : joint', sole a' == code a.
Proof. by have [a' e] := sole_onto a; exists a'; apply/eqP. Qed.
Definition up a : joint' := xchoose (up_ex a).
Lemma sole_up a : sole (up a) = code a.
Proof. exact/eqP/(xchooseP (up_ex a)). Qed.
Lemma code_up a : code (up a) = [:: rank (sizes m) (code a)].
Proof. by rewrite code_sole sole_up. Qed.
Lemma down_up a : down (up a) = a.
Proof. by apply: code_inj; rewrite code_down sole_up. Qed.
Lemma up_down a' : up (down a') = a'.
Proof. by apply: sole_inj; rewrite sole_up code_down. Qed.

Lemma credits_driven V (s : state m) (a' b' : joint') :
  credits F m' d' V (code b') s ord0 (a' ord0) = tot V s (around (down b')) (sole a').
Proof.
have own f : nth [::] [seq f l | l <- tuples (sizes m)] (a' ord0) = f (sole a') :> seq Q.
  by rewrite (nth_map [::]) // sole_lt.
rewrite /credits /driven /around; case: mv; rewrite /row; last by rewrite (@nth_tab _ _ _ _ _ (ltn_ord s)) /= own.
by rewrite /= own code_sole /= code_down nth_rank // sole_action.
Qed.

Lemma tot_driven V (s : state m) (a' b' : joint') :
  Qtot (credits F m' d' V (code b') s) a' = tot V s (around (down b')) (sole a').
Proof. by rewrite /Qtot big_ord1 credits_driven. Qed.

Lemma first_down V (s : state m) (a' b' : joint') :
  first_greedy (credits F m' d' V (code b') s) a' <->
  first_joint (fun b => tot V s (around (down b')) (code b)) (down a').
Proof.
split=> -[gr first]; split.
- by move=> b; rewrite -[b]down_up !code_down -!credits_driven; apply: gr.
- move=> b; rewrite -[b]down_up !code_down -!credits_driven !rank_sole; exact: first.
- move=> i; rewrite (ord1 i) => x; rewrite -(upd_same a' x) !credits_driven -!code_down; exact: gr.
move=> i; rewrite (ord1 i) => x; rewrite -(upd_same a' x) -!rank_sole !credits_driven -!code_down; exact: first.
Qed.

Lemma weights_driven (s : state m) (a' b' : joint') :
  weights F m' d' s (code b') a' = qval (w s (around (down b')) (sole a')).
Proof.
have own f : at_ [seq f l | l <- tuples (sizes m)] (rank (sizes m') (code a')) = f (sole a') :> Q.
  have -> : rank (sizes m') (code a') = rank (sizes m) (sole a') by rewrite code_sole.
  by rewrite /at_ (nth_map [::]) ?rank_sole ?sole_lt.
rewrite /weights /driven /around; case: mv; rewrite /table; last by rewrite (@nth_tab _ _ _ _ _ (ltn_ord s)) own.
by rewrite own code_sole /= code_down nth_rank // sole_action.
Qed.

(* what fits leave of the targets *)
Lemma left_driven V (s : state m) (b' : joint') :
  \sum_(a' : joint') weights F m' d' s (code b') a' * (y F m' V s a' - Qtot (credits F m' d' V (code b') s) a') =
  \sum_(a : joint) qval (w s (around (down b')) (code a)) * (y F m V s a - tot V s (around (down b')) (code a)).
Proof.
pose yl l := qval (entry m s l 0) + gamma F m * \sum_(s' : state m) qval (entry m s l s'.+1) * V s'.
pose G l := qval (w s (around (down b')) l) * (yl l - tot V s (around (down b')) l).
rewrite (eq_bigr (fun a' => G (sole a'))) => [|a' _]; first exact: sum_sole.
have rE : rank (sizes m') (code a') = rank (sizes m) (sole a') by rewrite code_sole.
rewrite /G tot_driven /yl weights_driven; congr (_ * (_ - _)).
by rewrite /y /target /reward /trans /entry /entries rE.
Qed.

Lemma obeys_starts (v0 : seq Q) (g0 : seq (seq nat)) V pi : V 0%N =1 vec v0 -> plays g0 (pi 0%N) -> obeys V pi ->
  @starts F m' d' v0 (alone m g0) V (fun t s => up (pi t s)).
Proof.
move=> V0 pl run; split=> // [s|t s].
  by rewrite code_up pl /alone (@nth_tab _ _ _ _ _ (ltn_ord s)).
have [first e] := run t s; split; first by apply/first_down; rewrite !down_up.
by rewrite tot_driven down_up sole_up.
Qed.

Lemma starts_obey v0 g0 V pi' : @starts F m' d' v0 g0 V pi' -> obeys V (fun t s => down (pi' t s)).
Proof.
move=> [_ _ pos] t s; have [first e] := pos t s; split; first exact/first_down.
by rewrite e tot_driven code_down.
Qed.

Lemma obeys_exists (v0 : seq Q) (pi0 : state m -> joint) :
  exists V pi, [/\ V 0%N =1 vec v0, forall s, pi 0%N s = pi0 s & obeys V pi].
Proof.
pose next (z : (state m -> F) * (state m -> joint)) s :=
  down (first_of (up (pi0 s)) (credits F m' d' z.1 (code (up (z.2 s))) s)).
pose step z := (fun s => tot z.1 s (around (z.2 s)) (code (next z s)), next z).
pose z t := iter t step (vec v0, pi0).
exists (fun t => (z t).1), (fun t => (z t).2); split=> // t s; rewrite /z iterS -/(z t) /= /next; split=> //.
have := (first_down (z t).1 s _ (up ((z t).2 s))).1 (first_ofP (up (pi0 s)) _).
by rewrite down_up.
Qed.

(* under data that follow nothing *)
Lemma maxima_obey V (pi0 : state m -> joint) : ~~ mv ->
  (forall t s, is_max (fun b : joint => tot (V t) s [::] (code b)) (V t.+1 s)) ->
  exists pi, (forall s, pi 0%N s = pi0 s) /\ obeys V pi.
Proof.
move=> fx mx; have arE a : around a = [::] by rewrite /around (negbTE fx).
pose pi t : state m -> joint := if t is t'.+1 then fun s =>
  down (first_of (up (pi0 s)) (credits F m' d' (V t') (code (up (pi0 s))) s)) else pi0.
exists pi; split=> // t s.
have first := (first_down (V t) s _ _).1 (first_ofP (up (pi0 s)) (credits F m' d' (V t) (code (up (pi0 s))) s)).
move: first; rewrite !arE -/(pi t.+1 s) => first; split=> //.
by apply: is_max_unique (mx t s) _; split; [case: first|exists (pi t.+1 s)].
Qed.

(* ------------------------------------------------------------------- regions, contractions *)
Lemma same_rank l (a : joint) : is_action (sizes m) l -> [:: rank (sizes m) l] = code (up a) -> code a = l.
Proof.
by move=> act; rewrite code_up => -[e]; rewrite -(nth_rank act) e nth_rank // code_is_action.
Qed.

(* a computed step of the chooser *)
Lemma driven_step v v' (s : state m) (g g' : joint) (fst : bool) : check_model m' ->
  let q := factors m' (fit_at m' d' s (code (up g))) v in
  (if fst then first_best m' q (code (up g')) else best_of m' q (code (up g'))) ->
  qeq (Claims.total m' q (code (up g'))) (at_ v' s) ->
  let q b := tot (vec v) s (around g) (code b) in
  [/\ forall b, q b <= q g', fst -> first_joint q g' & q g' = vec v' s].
Proof.
move=> ok' q best; rewrite (qval_eq F) (totalE F ok') tot_driven down_up sole_up => /eqP e.
have fj : fst -> first_joint (fun b => tot (vec v) s (around g) (code b)) g'.
  by move=> isf; move: best; rewrite isf => /(first_bestP F ok') /first_down; rewrite !down_up.
split=> //; case: (fst) best fj => [best /(_ isT) [] //|/andP [_ /everyP h] _ b].
have /everyP /(_ (up b ord0) (ltn_ord _)) := h 0%N isT.
have -> : nth 0%N (code (up g')) 0 = up g' ord0 by rewrite (nth_code (up g') ord0).
rewrite (qval_le F) (factorE F ok' _ _ _ _ (up b ord0)) (factorE F ok' _ _ _ _ (up g' ord0)).
by rewrite !credits_driven down_up !sole_up.
Qed.

Lemma driven_orbit v0 g0 p units points policies : let policies' := [seq alone m g | g <- policies] in
  check_returns m' d' v0 (alone m g0) p units points policies' ||
    check_shrinks m' d' v0 (alone m g0) p points policies' -> all (joint_policy m) policies ->
  exists pis : nat -> state m -> joint,
  [/\ (0 < size points)%N /\ forall j, (j < size points)%N -> plays (nth [::] policies j) (pis j),
      forall j, (j < size points)%N -> takes (firm mv p) (nth [::] points j) (pis j)
        (nth [::] points (j.+1 %% size points)) (pis (j.+1 %% size points)%N),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        (exists s : state m, vec (nth [::] points i) s != vec (nth [::] points j) s) \/
        mv /\ exists s, pis i s != pis j s
    & forall V pi, V 0%N =1 vec v0 -> plays g0 (pi 0%N) -> obeys V pi ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec (nth [::] points ((t - prefix p) %% size points)) s| < e) /\
        (mv -> forall t, (prefix p <= t)%N -> forall s, pi t s = pis ((t - prefix p) %% size points)%N s)].
Proof.
move=> policies' checked /allP acts.
(* what both checks say *)
have [pis' [[k0 kk] pl st df tends]] : exists pis' : nat -> state m -> joint',
  [/\ (0 < size points)%N /\ size policies' = size points,
      forall j, (j < size points)%N -> @plays m' (nth [::] policies' j) (pis' j),
      forall j, (j < size points)%N -> takes (firm mv p) (nth [::] points j) (fun s => down (pis' j s))
        (nth [::] points (j.+1 %% size points)) (fun s => down (pis' (j.+1 %% size points)%N s)),
      forall i j, (i < size points)%N -> (j < size points)%N -> i != j ->
        (exists s : state m, vec (nth [::] points i) s != vec (nth [::] points j) s) \/
        mv /\ exists s, pis' i s != pis' j s
    & forall V pi', @starts F m' d' v0 (alone m g0) V pi' ->
        (forall e, 0 < e -> exists N, forall t, (N <= t)%N ->
           forall s, `|V t s - vec (nth [::] points ((t - prefix p) %% size points)) s| < e) /\
        (mv -> forall t, (prefix p <= t)%N -> forall s, pi' t s = pis' ((t - prefix p) %% size points)%N s)].
  have mvE := moving_driven; have lt' j : (j < size points)%N -> (j.+1 %% size points < size points)%N.
    by move=> jk; rewrite ltn_mod (leq_trans _ jk).
  case/orP: checked => ch.
    have [pis' pl] := claimed_policies F ch.
    have [v [found [prep [kd k0 _ kk _] _ _ claim]]] := orbit_parts F ch.
    have [[ok' _ _] _ _ _ _] := prepareP F prep; exists pis'; split=> // [j jk s|i j ik jk ij|V pi' run].
    - have [/everyP /(_ s (ltn_ord s)) + _] := claim j jk.
      rewrite (@fitsE m' d' _ _ s (pl j jk)) /steps_to -(pl _ (lt' j jk)) /firm kd => /andP [].
      rewrite -{1 2}[pis' j s]up_down -{1 2}[pis' (j.+1 %% _)%N s]up_down; exact: (driven_step (fst := true)).
    - by have := claimed_differ F ch pl ik jk ij; rewrite mvE.
    by have := orbit_tends ch pl run; rewrite mvE.
  have [pis' pl] := side_policies F ch.
  have [e [v [found [[kd prep] [_ _ k0 _ kk] _ _ [_ claim]]]]] := side_parts F ch.
  have [[ok' _ _] _ _ _ _] := prepareP F prep; exists pis'; split=> // [j jk s|i j ik jk ij|V pi' run].
  - have [/everyP /(_ s (ltn_ord s)) + _] := claim j jk.
    rewrite (@fitsE m' d' _ _ s (pl j jk)) -(pl _ (lt' j jk)) /firm kd mvE -if_neg => /andP [].
    rewrite -{1 2 3}[pis' j s]up_down -{1 2 3}[pis' (j.+1 %% _)%N s]up_down; exact: driven_step.
  - by have := side_differ F ch pl ik jk ij; rewrite mvE.
  by have := shrink_tends ch pl run; rewrite mvE.
rewrite size_map in kk; exists (fun j s => down (pis' j s)); split=> // [|i j ik jk /(df i j ik jk) [|[mvt [s ne]]]|V pi V0 pl0 run].
- split=> // j jk s; have jp : (j < size policies)%N by rewrite kk.
  apply: same_rank; last first.
    by rewrite up_down (pl j jk) (nth_map [::]) // [RHS](nth_tab _ _ (ltn_ord s)).
  by have /everyP /(_ s (ltn_ord s)) := acts _ (mem_nth [::] jp).
- by left.
- by right; split=> //; exists s; apply: contra ne => /eqP e; rewrite -[pis' i s]up_down e up_down.
have [tn keeps] := tends _ _ (obeys_starts V0 pl0 run); split=> // mvt t Tt s.
by rewrite -(keeps mvt t Tt s) down_up.
Qed.

Lemma driven_contraction (v wt : seq Q) (kappa : Q) (g : state m -> joint) : ~~ mv -> check_model m' ->
  qle q0 kappa -> qlt kappa q1 ->
  (forall s : state m, let t := fit_at m' d' s [::] in
    [&& qlt q0 (at_ wt s), check_bound m' t wt kappa s & steps_to m' t v s v [:: rank (sizes m) (code (g s))]]) ->
  takes true v g v g /\
  forall V : nat -> state m -> F, (forall t s, is_max (fun b : joint => tot (V t) s [::] (code b)) (V t.+1 s)) ->
    forall s, tends_to (fun t => V t s) (vec v s).
Proof.
move=> fx ok' k0 k1 h; have arE a : around a = [::] by rewrite /around (negbTE fx).
have fitE s b : fit_at m' d' s (code (up b)) = fit_at m' d' s [::] by rewrite fit_at_fixed // moving_driven.
have st : takes true v g v g.
  move=> s; have /and3P [_ _ /andP []] := h s; rewrite -code_up -(fitE s (g s)); exact: (driven_step (fst := true)).
split=> // V mx.
pose K0 (s : state m) (a' : joint') := total_row m' (fit_at m' d' s [::]) (code a').
pose rho (s : state m) a := qval (at_ (K0 s a) 0).
pose K (s : state m) a (s' : state m) := qval (at_ (K0 s a) s'.+1).
have totE V' (s : state m) a : tot V' s [::] (sole a) = MaxAffine.val rho K 1 V' s a.
  rewrite -(arE (down a)) -(tot_driven V' s a a); transitivity (@row_val F m' (K0 s a) V'); last by rewrite /MaxAffine.val mul1r.
  rewrite (@total_rowE F m') -(fitE s (down a)) up_down; apply: eq_bigr => i _; by rewrite (@creditsE F m' ok').
have bound (s : state m) a : 1 * (\sum_s' `|K s a s'| * qval (at_ wt s')) <= qval kappa * qval (at_ wt s).
  have /and3P [_ /allP le _] := h s.
  have := le (code a); rewrite mem_tuples code_is_action => /(_ isT); cbv zeta.
  rewrite (qval_le F) qval_times qval_total mul1r; apply: le_trans.
  by apply: ler_sum => s' _; rewrite qval_times qval_abs.
apply: (bound_tends (rho := rho) (K := K) (g := 1) (w := fun s => qval (at_ wt s))) bound _ _.
- exact: ler01.
- by move=> s; have /and3P [w0 _ _] := h s; rewrite -(qval0 F) -qval_lt.
- by rewrite -(qval0 F) -qval_le.
- by rewrite -(qval1 F) -qval_lt.
- move=> t s; apply: (is_max_ext (f := fun a' => tot (V t) s [::] (sole a'))); first by move=> a'; apply: totE.
  by apply/(max_sole m (fun l => tot (V t) s [::] l)); apply: mx.
move=> s; apply: (is_max_ext (f := fun a' => tot (vec v) s [::] (sole a'))); first by move=> a'; apply: totE.
apply/(max_sole m (fun l => tot (vec v) s [::] l)); have [le _ e] := st s; rewrite arE in le e.
by split; [move=> b; rewrite -e; apply: le|exists (g s)].
Qed.
End Choosers.
