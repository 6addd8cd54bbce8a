(* What certificates claim, and the parts of the check that all kinds share: the values
   of a policy and of the optimum, greedy actions, and steps.

   No theorem here: tools of CheckedOptimality.v, CheckedContraction.v,
   CheckedDivergence.v and CheckedOrbit.v.

                         limit == a claim of convergence: the values of the limit, the greedy
                                  joint actions there (policy), V* (optimal) and the values
                                  of playing them for ever (own)
               worths F m c pi == the Bellman equations: optimal = max_a y at every state,
                                  own = y at pi
           fixed_run F m d V Q == a run of linear FQI on the fixed data d
   check_max_at m bz ks most s == most = max_a y(s,a), at the values of which bz has the
                                  integers, ks the places of the joint actions
                       ranks m == these places
               check_max m v s == v(s) = max_a y(s,a)
              check_worths m c == worths, computed
             factors_at m t bz == the factors at the values of which bz has the integers, t the
                                  rows of the fit; not in lowest terms
                 factors m t v == the factors at the values v
                  factor q i x == the entry of agent i's action x
              first_best m q l == l is the first maximiser of every agent
                   total m q l == Q_tot at l
               total_row m t l == the affine function of V that Q_tot at l is
        steps_to m t v s v' g' == the fit at state s takes the values v to the value v'(s)
                                  and the joint action g'(s)

   check_worthsP      check_worths implies worths
   factorE            factors computes the credits
   first_bestP        first_best finds their first maximisers
   bound_tends        under the weighted bound of ValueSpace.v values tend to the fixed
                      point                                                              *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI MaxAffine Rationals Tables Fits.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* ------------------------------------------------------------- claims and their meaning *)
(* A claim of convergence: the limit, the greedy joint actions there, V*, and the values
   of playing the greedy joint actions for ever.                                         *)
Record limit := Limit {
  values : seq Q; policy : seq (seq nat); optimal : seq Q; own : seq Q }.

Section Meaning.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).

(* optimal = max_a y, and own = y at pi: the Bellman equations of V* and of pi *)
Definition worths (c : limit) (pi : state m -> joint) :=
  (forall s, is_max (y F m (vec F m (optimal c)) s) (vec F m (optimal c) s)) /\
  (forall s, y F m (vec F m (own c)) s (pi s) = vec F m (own c) s).

(* a run of linear FQI on the fixed data d *)
Definition fixed_run (d : data) :=
  joint_run (reward F m) (trans F m) (gamma F m) (fun s : state m => weights F m d s [::]).
End Meaning.
Arguments worths : clear implicits.
Arguments fixed_run : clear implicits.

(* --------------------------------------------------------------------- what is checked *)
(* v(s) = max_a y(s,a) *)
Definition check_max_at (m : model) (bz : Z * seq Z) (ks : seq nat) (most : Q) (s : nat) : bool :=
  let table := nth [::] (rows m) s in let ys := [seq target_of m (nth [::] table k) bz | k <- ks] in
  all (fun q => qle q most) ys && has (fun q => qeq q most) ys.
Definition ranks (m : model) : seq nat := [seq rank (sizes m) l | l <- tuples (sizes m)].
Definition check_max (m : model) (v : seq Q) (s : nat) : bool :=
  check_max_at m (integers (n_states m) v) (ranks m) (at_ v s) s.

Definition check_worths (m : model) (c : limit) : bool :=
  let bz := integers (n_states m) (optimal c) in let oz := integers (n_states m) (own c) in let ks := ranks m in
  every (n_states m) (fun s => let g := nth [::] (policy c) s in
    [&& is_action (sizes m) g, check_max_at m bz ks (at_ (optimal c) s) s
      & qeq (target_of m (entries m s g) oz) (at_ (own c) s)]).

(* The factors at the values v, the rows of the fit given, and whether l is the first
   maximiser of every agent.                                                             *)
Definition factors_at (m : model) (t : seq (seq (seq Q))) (bz : Z * seq Z) : seq (seq Q) :=
  tab (size (sizes m)) (fun i => let own := nth [::] t i in
    tab (nth 0%N (sizes m) i) (fun x => affine (nth [::] own x) bz)).
Definition factors (m : model) (t : seq (seq (seq Q))) (v : seq Q) : seq (seq Q) := factors_at m t (integers (n_states m) v).
Definition factor (q : seq (seq Q)) (i x : nat) : Q := at_ (nth [::] q i) x.
Definition first_best (m : model) (q : seq (seq Q)) (l : seq nat) : bool :=
  is_action (sizes m) l && every (size (sizes m)) (fun i =>
    let b := factor q i (nth 0%N l i) in
    every (nth 0%N (sizes m) i) (fun x =>
      if before m x (nth 0%N l i) then qlt (factor q i x) b else qle (factor q i x) b)).
Definition total (m : model) (q : seq (seq Q)) (l : seq nat) : Q :=
  qsum (size (sizes m)) (fun i => factor q i (nth 0%N l i)).

(* the affine function of V that Q_tot(s,l) is, from the rows t of the fit at s *)
Definition total_row (m : model) (t : seq (seq (seq Q))) (l : seq nat) : seq Q :=
  foldr rplus [::] (tab (size (sizes m)) (fun i => row t i (nth 0%N l i))).
Lemma total_row_at F m t l k :
  qval F (at_ (total_row m t l) k) = \sum_(i < size (sizes m)) qval F (at_ (row t i (nth 0%N l i)) k).
Proof. by rewrite qval_rows big_map -(big_mkord xpredT (fun i => qval F (at_ (row t i (nth 0%N l i)) k))) /index_iota subn0. Qed.

(* the fit's rows t at state s take the values v to (v' s, g' s) *)
Definition steps_to (m : model) (t : seq (seq (seq Q))) (v : seq Q) (s : nat)
    (v' : seq Q) (g' : seq nat) : bool :=
  let q := factors m t v in first_best m q g' && qeq (total m q g') (at_ v' s).

(* ---------------------------------------------------------------------- what it implies *)
Section Correct.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation local := (forall i : agent (sizes m), action i -> F).
Notation qval := (qval F).
Notation vec := (vec F m).
Notation y := (y F m).
Hypothesis ok : check_model m.

Lemma plays_exists (g : seq (seq nat)) :
  (forall s : state m, is_action (sizes m) (nth [::] g s)) -> exists pi : state m -> joint,
      plays g pi.
Proof.
move=> act; have [pi piE] := fin_all_exists (fun s => code_onto (act s)).
by exists pi.
Qed.

Lemma all_targets v (s : state m) (b : Q -> bool) :
  all b [seq target_at m v s l | l <- tuples (sizes m)] ->
  forall a : joint, b (target_at m v s (code a)).
Proof.
rewrite all_map => /allP h a; apply: (h (code a)).
by rewrite mem_tuples code_is_action.
Qed.

Lemma check_maxP v (s : state m) : check_max m v s -> is_max (y (vec v) s) (vec v s).
Proof.
rewrite /check_max /check_max_at -map_comp -[map _ _]/[seq target_at m v s l | l <- tuples (sizes m)].
case/andP => /all_targets le; rewrite has_map => /hasP [l].
rewrite mem_tuples => /code_onto [a <-] /=; rewrite (qval_eq F) target_atE => /eqP ya.
by split; [move=> b; rewrite -target_atE -qval_le|exists a].
Qed.

Lemma check_worthsP c : check_worths m c ->
  exists pi, plays (policy c) pi /\ worths F m c pi.
Proof.
move/everyP => h; have {}h (s : state m) := h s (ltn_ord s).
have [|pi piE] := @plays_exists (policy c); first by move=> s; have /and3P [] := h s.
exists pi; split=> //; split=> s; have /and3P [_ mx own_] := h s; first exact: check_maxP.
by move: own_; rewrite -[target_of _ _ _]/(target_at m (own c) s _) -piE (qval_eq F) target_atE => /eqP.
Qed.

Section Fit.
Variables (d : data) (s : state m) (g : seq nat).
Notation t := (fit_at m d s g).
Notation credit V := (credits F m d V g s).

Lemma factorE v i (x : action i) :
  qval (factor (factors m t v) i x) = credit (vec v) i x.
Proof. by rewrite /factor /factors /factors_at !nth_tab ?ltn_ord // /at_ nth_tab // affineE creditsE. Qed.

Lemma totalE v (a : joint) :
  qval (total m (factors m t v) (code a)) = Qtot (credit (vec v)) a.
Proof. by rewrite qval_sum; apply: eq_bigr => i _; rewrite nth_code factorE. Qed.

Lemma first_bestP v (a : joint) :
  first_best m (factors m t v) (code a) -> first_greedy (credit (vec v)) a.
Proof.
case/andP => _ /everyP h; have {}h i (x : action i) : if before m x (a i)
    then credit (vec v) i x < credit (vec v) i (a i) else credit (vec v) i x
        <= credit (vec v) i (a i).
  have /everyP /(_ x (ltn_ord x)) := h i (ltn_ord i).
  by rewrite nth_code (qval_lt F) (qval_le F) !factorE.
split=> i x; have := h i x; first by case: ifP => // _ /ltW.
by move=> + xa; rewrite xa.
Qed.

End Fit.
End Correct.

(* Values that follow V'(s) = max_a [ rho(s,a) + g sum_s' K(s'|s,a) V(s') ] tend to a fixed
   point where the weighted bound of ValueSpace.v holds.                                    *)
Lemma bound_tends (F : archiFieldType) (S J : finType) (rho : S -> J -> F) (K : S -> J -> S -> F)
    (g kappa : F) (w : S -> F) (V : nat -> S -> F) (lim : S -> F) :
  0 <= g -> (forall s, 0 < w s) -> 0 <= kappa -> kappa < 1 ->
  (forall s a, g * (\sum_s' `|K s a s'| * w s') <= kappa * w s) ->
  (forall t s, top (val rho K g (V t) s) (V t.+1 s)) ->
  (forall s, top (val rho K g lim s) (lim s)) ->
  forall s, tends_to (fun t => V t s) (lim s).
Proof.
move=> g0 w0 k0 k1 bound step fixed s e e0.
pose c := \sum_s' `|V 0%N s' - lim s'| / w s'.
have c0 s' : 0 <= `|V 0%N s' - lim s'| / w s' by rewrite divr_ge0 // ltW.
have le : near w c (V 0%N) lim.
  move=> s'; apply: ratio_le => //; rewrite /c (bigD1 s') //= le_plus.
  by apply: sumr_ge0.
have cw : 0 <= c * w s by rewrite mulr_ge0 ?sumr_ge0 // ltW.
have [T small] := powers_vanish k0 k1 cw e0.
exists T => t /small; rewrite mulrA; apply: le_lt_trans.
exact: (@orbits_near _ _ _ rho K g kappa w g0 w0 bound V (fun=> lim) c t step (fun=> fixed) le).
Qed.
