(* The proof `monotonic` under weights that depend on Q_tot (weighted QMIX): limits and cycles that
   a run only comes near.

   The run is replayed exactly for T steps, after which values and tables are away from those of the
   first position by numbers at most D apart and at most L away from 0 (`radius` and `level`). Near
   each position only what agrees with the next one is chosen, whatever weighs the joint actions whose
   weights are in doubt there (NearWeighted.v). So the run returns to the positions, ever nearer.

             lies l h u v == u - v is between l and h
   within_of m w l h x x1 == values and tables of x are between l and h away from those of x1, as
                             far as they matter, and joint actions are the same
   check_near_orbit m w.. == the check of positions
   check_near_limit m w.. == it, of one position, and worths (Claims.v)

   near_orbit_sound  accepted cycles are approached by every run from the start
   near_limit_sound  accepted limits are those of every run from the start

   Source: ours; the weights are those of arXiv:2006.10800.                              *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered Model Expectation FQI Rationals Tables Fits Claims Positions CheckedOptimality.
From FqiTheory Require Import CheckedShrinking Isotonic Orders OrderFits NearOrders CheckedWeighted NearWeighted.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (w : weighting).
Notation S := (n_states m).
Notation N := (size (tuples (sizes m))).

Definition lies (l h u v : Q) : bool := let e := qsub u v in qle l e && qle e h.

Definition within_of (l h : Q) (x x1 : position) : bool :=
  every S (fun s => [&& lies l h (at_ x.1.1 s) (at_ x1.1.1 s),
    (if acting w then nth [::] x.1.2 s == nth [::] x1.1.2 s else true)
    & if optimistic w then every N (fun k => lies l h (at_ (nth [::] x.2 s) k) (at_ (nth [::] x1.2 s) k)) else true]).

(* the start, T, the radius D, the level L, the hints of the T steps, numbers between which the run
   is away from the first position after these, the claimed positions, their hints, and hints of
   what is chosen near them *)
Definition check_near_orbit (x0 : position) (T : nat) (D L : Q) (before : seq hint) (l h : Q) (points : seq position)
    (hints : seq hint) (nears : seq (seq near_hint)) : bool :=
  let k := size points in let point j := nth ([::], [::], [::]) points j in
  [&& check_model m, check_support m (base_data w), qlt q0 (alpha w), qle (alpha w) q1, joint_policy m x0.1.2
    & size before == T] &&
  [&& (0 < k)%N, every k (fun j => joint_policy m (point j).1.2)
    & every k (fun i => every i (fun j => ~~ same_place m w (point i) (point j)))] &&
  [&& qle q0 D, qle q0 L, qle (qsub h l) D, qle (qopp L) l & qle h L] &&
  (if weighted_after m w before x0 is Some x then within_of l h x (point 0%N) else false) &&
  every k (fun j => let x := point j in let x' := point (j.+1 %% k)%N in
    weighted_leads m w x (nth [::] hints j) x' &&
    every S (fun s => keeps m w D L x x' s (nth (Settled [::]) (nth [::] nears j) s))).

Definition check_near_limit (x0 : position) (T : nat) (D L : Q) (before : seq hint) (l h : Q) (claim : limit)
    (q : seq (seq Q)) (hints : seq hint) (nears : seq (seq near_hint)) : bool :=
  check_worths m claim && check_near_orbit x0 T D L before l h [:: (values claim, policy claim, q)] hints nears.
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Lemma scaled (F : realFieldType) (p z b : F) : 0 <= p -> p <= 1 -> 0 <= b -> z <= b -> p * z <= b.
Proof.
move=> p0 p1 b0 zb; apply: le_trans (le_mul2l p0 zb) _; rewrite -[X in _ <= X]mul1r.
exact: le_mul2r.
Qed.

Section Orbit.
Variables (F : archiFieldType) (m : model) (w : weighting).
Variables (x0 : position) (T : nat) (D L : Q) (before : seq hint) (l h : Q).
Variables (points : seq position) (hints : seq hint) (nears : seq (seq near_hint)).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation k := (size points).
Notation qval := (qval F).
Notation point j := (nth ([::], [::], [::]) points j).
Hypothesis checked : check_near_orbit m w x0 T D L before l h points hints nears.

Lemma near_parts :
  [/\ check_model m, 0 < qval (alpha w), qval (alpha w) <= 1, joint_policy m x0.1.2 & size before = T] /\
  [/\ (0 < k)%N, forall j, (j < k)%N -> joint_policy m (point j).1.2
    & forall i j, (i < k)%N -> (j < i)%N -> ~~ same_place m w (point i) (point j)] /\
  [/\ 0 <= qval D, 0 <= qval L, qval h - qval l <= qval D, - qval L <= qval l & qval h <= qval L] /\
  (exists x, weighted_after m w before x0 = Some x /\ within_of m w l h x (point 0%N)) /\
  forall j, (j < k)%N -> weighted_leads m w (point j) (nth [::] hints j) (point (j.+1 %% k)%N) /\
    forall s : state m, keeps m w D L (point j) (point (j.+1 %% k)%N) s (nth (Settled [::]) (nth [::] nears j) s).
Proof.
move: checked; rewrite /check_near_orbit; case/andP; case/andP; case/andP; case/andP.
case/and5P => ok _ + + /andP [act /eqP sz]; rewrite (qval_lt F) (qval_le F) qval0 qval1 => a0 a1.
case/and3P => k0 /everyP acts /everyP apart.
case/and5P; rewrite !(qval_le F) qval0 qval_sub qval_opp => D0 L0 DD Ll hL start /everyP steps.
split=> //; split; first by split=> // i j ik ji; have /everyP := apart i ik; apply.
split=> //; split; first by move: start; case: weighted_after => [x|//] in_; exists x.
by move=> j /steps /andP [st /everyP near]; split=> // s; apply: near.
Qed.

Lemma within_near x V pi Qt : within_of m w l h x (point 0%N) -> at_place F m w x V pi Qt ->
  weighted_near F m w (point 0%N) V pi Qt (qval l) (qval h).
Proof.
move=> /everyP in_ [VE gE QE]; have each (s : state m) := in_ s (ltn_ord s).
split=> [s|act s|opt s a]; have /and3P [sv sg sq] := each s.
- by move: sv; rewrite /lies !(qval_le F) qval_sub VE => /andP [].
- by move: sg; rewrite act (gE act) => /eqP.
move: sq; rewrite opt (QE opt) => /everyP /(_ _ (place_lt a)).
by rewrite /lies !(qval_le F) qval_sub => /andP [].
Qed.

Lemma near_returns V pi Qt : weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt -> forall n,
  weighted_near F m w (point (n %% k)) (V (T + n)%N) (pi (T + n)%N) (Qt (T + n)%N)
    (gamma F m ^+ n * qval l) (gamma F m ^+ n * qval h).
Proof.
move=> [V0 g0 Q0 st]; have [[ok a0 a1 act sz] [[k0 acts apart] [[D0 L0 DD Ll hL] [[x [E in_]] steps]]]] := near_parts.
have first_ : at_place F m w x0 (V 0%N) (pi 0%N) (Qt 0%N) by split.
have := within_near in_ (weighted_afterP st first_ E); rewrite add0n sz => there.
elim=> [|n IH]; first by rewrite mod0n addn0 expr0 !mul1r.
have jk : (n %% k < k)%N by rewrite ltn_mod.
have [_ near] := steps _ jk; have e : ((n %% k).+1 %% k = n.+1 %% k)%N by rewrite -addn1 modnDml addn1.
rewrite e in near; have p0 : 0 <= gamma F m ^+ n by apply: exprn_ge0; apply: gamma_ge0.
have p1 : gamma F m ^+ n <= 1 by apply: exprn_ile1; [apply: gamma_ge0|apply: ltW; apply: gamma_lt1].
have DD' : gamma F m ^+ n * qval h - gamma F m ^+ n * qval l <= qval D by rewrite -mulrBr; apply: scaled.
have hL' : gamma F m ^+ n * qval h <= qval L by apply: scaled.
have Ll' : - qval L <= gamma F m ^+ n * qval l by rewrite opp_le -mulrN; apply: scaled => //; rewrite opp_le.
have next s := step_near_weighted ok a0 a1 IH DD' Ll' hL' (near s) (st (T + n)%N).
rewrite addnS !exprS -[gamma F m * _ * qval l]mulrA -[gamma F m * _ * qval h]mulrA.
split=> [s|mv s|op s a]; have [e1 e2 e3] := next s; first exact: e1.
  by rewrite e2.
exact: e3.
Qed.

(* A certificate of kind `monotonic` of a cycle under weights that depend on Q_tot that is accepted is
   true: with k the number of the claimed positions every position steps to the next one, no two are
   the same, so k is the least period; and of every run from the start V^(t), and under optimistic
   weights Q_tot^(t), approach those of position (t - T) mod k as t grows, and where joint actions
   matter those of the run are that position's at all t >= T.
   Source: ours. *)
Theorem near_orbit_sound :
  [/\ (0 < k)%N, forall j, (j < k)%N -> leads_to F m w (point j) (point (j.+1 %% k)),
      forall i j, (i < k)%N -> (j < i)%N -> places_differ F m w (point i) (point j)
    & forall V pi Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pi Qt ->
        (forall e, 0 < e -> exists n, forall t, (n <= t)%N -> forall s,
           `|V t s - vec F m (point ((t - T) %% k)).1.1 s| < e /\
           (optimistic w -> forall a, `|Qt t s a - table F (nth [::] (point ((t - T) %% k)).2 s) a| < e)) /\
        (acting w -> forall t, (T <= t)%N -> plays (point ((t - T) %% k)).1.2 (pi t))].
Proof.
have [[ok a0 a1 act sz] [[k0 acts apart] [_ [_ steps]]]] := near_parts.
split=> // [j jk|i j ik ji|V pi Qt run].
- by have [st _] := steps j jk; apply: weighted_leads_to (acts j jk) st.
- by apply: other_place; apply: apart.
split=> [e e0|ac t tT].
  have c0 : 0 <= `|qval l| + `|qval h| by rewrite addr_ge0.
  have [n small_] := powers_vanish (gamma_ge0 F ok) (gamma_lt1 F ok) c0 e0.
  have below (p z : F) : 0 <= p -> p * qval l <= z /\ z <= p * qval h -> `|z| <= p * (`|qval l| + `|qval h|).
    move=> p0 [lz zh]; apply: norm_le.
      by apply: le_trans zh _; apply: le_mul2l => //; apply: le_trans (ler_norm _) _; rewrite addrC le_plus.
    rewrite opp_le; apply: le_trans lz; rewrite -mulrN; apply: le_mul2l => //.
    by rewrite opp_le; apply: le_trans (ler_norm _) _; rewrite normrN le_plus.
  exists (T + n)%N => t tn s; have tT : (T <= t)%N by apply: leq_trans tn; apply: leq_addr.
  have p0 : 0 <= gamma F m ^+ (t - T) by apply: exprn_ge0; apply: gamma_ge0.
  have lt : gamma F m ^+ (t - T) * (`|qval l| + `|qval h|) < e by apply: small_; rewrite leq_subRL.
  have [nV _ nQ] := near_returns run (t - T)%N; rewrite subnKC // in nV nQ.
  by split=> [|op a]; apply: le_lt_trans lt; apply: below => //; apply: nQ.
by have [_ pl _] := near_returns run (t - T)%N; rewrite subnKC // in pl; apply: pl.
Qed.
End Orbit.

(* A certificate of kind `monotonic` of convergence under weights that depend on Q_tot that is accepted is
   true: `policy` is a joint policy pi, `optimal` solves the Bellman optimality equation and `own` that of pi;
   the step from the position leads to it; and of every run from the start V^(t), and under optimistic weights
   Q_tot^(t), tend to those of the position, and where joint actions matter those of the run are pi at all t >= T.
   Source: ours. *)
Theorem near_limit_sound (F : archiFieldType) m w x0 T D L before l h claim q hints nears :
  check_near_limit m w x0 T D L before l h claim q hints nears ->
  exists pi : state m -> {dffun forall i : agent (sizes m), action i},
    [/\ plays (policy claim) pi, worths F m claim pi,
        leads_to F m w (values claim, policy claim, q) (values claim, policy claim, q)
      & forall V pis Qt, weighted_run F m w x0.1.1 x0.1.2 x0.2 V pis Qt ->
          [/\ forall s, tends_to (fun t => V t s) (vec F m (values claim) s),
              optimistic w -> forall s a, tends_to (fun t => Qt t s a) (table F (nth [::] q s) a)
            & acting w -> forall t, (T <= t)%N -> forall s, pis t s = pi s]].
Proof.
case/andP => /(check_worthsP F) [g [gE worth]] /(near_orbit_sound F) [_ st _ runs].
exists g; split=> // [|V pis Qt run]; first exact: (st 0%N isT).
have [tends keep] := runs V pis Qt run; split=> [s e e0|op s a e e0|ac t tT s].
- by have [n near] := tends e e0; exists n => t /near /(_ s) []; rewrite modn1.
- by have [n near] := tends e e0; exists n => t /near /(_ s) [_ /(_ op a)]; rewrite modn1.
by apply: code_inj; rewrite gE; have := keep ac t tT s; rewrite modn1.
Qed.
