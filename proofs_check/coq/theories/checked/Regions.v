(* Region certificates: the replay up to the region, one way through all phases, and the
   coordinates on return.

   No theorem here: tools of CheckedDivergence.v and CheckedOrbit.v.

                   proof == T (prefix), o (center), the joint actions of the data at T
                            (entered), the mode of every phase (modes), the directions
                            W_k, a hint (dual) and the region (place) in the coordinates
                            z, V = o + sum_k z_k W_k + a constant. dual: rows L_k with
                            L_k W_l = 1 where k = l and 0 elsewhere, L_k 1 = 0, so that
                            z_k = L_k (V - o)
            constant m u == u is the same at all states
      coordinate m p k u == L_k u
            rest p z u s == u - sum_k z_k W_k
          check_dual m p == the equations of dual
               start m p == the frame o, W, without errors
        reached m d p mk == the position at T, replayed; where frames are rounded the
                            start, as the run then is not followed exactly
     prepare m d p v0 g0 == the values there and the frames of all phases; None: refused
     prepare_by m d p mk == the same, from the fits that mk makes
            offset p v s == v - o
            places m p v == the coordinates of v
           in_span m p u == u is a sum of directions and a constant
            Zrow m p f k == on return z_k becomes q_k + sum_l Zrow_l z_l, up to errors
            q_at m p f k == q_k
               exact m f == the frame f has no errors
            complete m p == directions and constants span everything
      check_return m p f == the frame f returns to the directions
           slack m p f k == by how much errors may move coordinate k
   run_from d v0 g0 V pi == V is a run of linear FQI from the values v0: on fixed
                            data, or under epsilon-greedy data with ties to the
                            first action, from the joint actions g0; pi are its greedy
                            joint actions, which play no part under fixed data
     starts d v0 g0 V pi == V and pi are positions from v0 and g0
               zed p U k == coordinate k of the values U
    frame_at m p found j == the frame of phase j

   prepareP     what prepare has checked
   run_starts   runs start as positions
   arrives      which are at the replayed position at T
   in_spanP     in_span is right
   zed_near     the coordinates on return are those computed, up to slack
   return_near  the values on return are a position of the frame at the start
   round        one round through all phases                                             *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered Model Expectation Theorem1 FQI Rationals Tables Fits Claims.
From FqiTheory Require Import Positions Rounding Phases.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* The proof: T, o, the joint actions of the data at T, the mode of every phase, the directions
   W_k, and the region in the coordinates z, V = o + sum_k z_k W_k + level 1.  `dual` is a hint:
   rows L_k with L_k W_l = 1 where k = l and 0 elsewhere, L_k 1 = 0, so that z_k = L_k (V - o). *)
Record proof := Proof {
  prefix : nat; center : seq Q; entered : seq (seq nat); modes : seq (seq (seq nat));
  directions : seq (seq Q); dual : seq (seq Q); place : region }.

(* --------------------------------------------------------------------- what is computed *)
Section Compute.
Variables (m : model) (d : data) (p : proof).
Notation S := (n_states m).
Notation n := (size (directions p)).

Definition constant (u : nat -> Q) : bool := let c := u 0%N in every S (fun s => qeq (u s) c).
Definition coordinate (k : nat) (u : nat -> Q) : Q :=
  let own := nth [::] (dual p) k in qtotal S (fun s => qtimes (at_ own s) (u s)).
(* u - sum_k z_k W_k *)
Definition rest (z : nat -> Q) (u : nat -> Q) (s : nat) : Q :=
  qjoin (u s) (qopp (qtotal n (fun k => qtimes (z k) (at_ (nth [::] (directions p) k) s)))).

Definition check_dual : bool :=
  every n (fun k => qeq (qsum S (at_ (nth [::] (dual p) k))) q0 &&
    every n (fun l => qeq (coordinate k (at_ (nth [::] (directions p) l)))
                          (if k == l then q1 else q0))).

Definition start : frame := Frame (center p) (directions p) (nseq S q0).

(* make: the fits around joint actions *)
Definition reached make (v0 : seq Q) (g0 : seq (seq nat)) : option (seq Q * seq (seq nat)) :=
  if rounding (place p) is Some _ then Some (v0, entered p) else replay m make (prefix p) (make g0) (v0, g0).

(* the values at T, and the frames of all phases *)
Definition prepare_by make (v0 : seq Q) (g0 : seq (seq nat)) : option (seq Q * seq (frame * seq (seq nat))) :=
  if [&& check_model m, (0 < S)%N & every S (fun s => is_action (sizes m) (nth [::] g0 s))]
     && [&& all (qle q0) (widths (place p)), check_dual, (0 < size (modes p))%N
          & moving d ==> (last (entered p) (modes p) == entered p)] then
    if reached make v0 g0 is Some (v, g) then
      if moving d ==> (g == entered p) then
        if walk m (place p) (moving d) make start (entered p) (modes p) is Some found
        then Some (v, found) else None
      else None
    else None
  else None.
Definition prepare := prepare_by (fits m d).

(* the coordinates of v - center *)
Definition offset (v : seq Q) (s : nat) : Q := qsub (at_ v s) (at_ (center p) s).
Definition places (v : seq Q) : seq Q := tab n (fun k => coordinate k (offset v)).
Definition in_span (u : nat -> Q) : bool :=
  let u := at_ (tab S u) in let z := tab n (fun k => coordinate k u) in constant (rest (at_ z) u).

(* on return z becomes q + Z z, up to errors *)
Definition Zrow (f : frame) (k : nat) : seq Q :=
  tab n (fun l => coordinate k (at_ (nth [::] (columns f) l))).
Definition q_at (f : frame) (k : nat) : Q := coordinate k (offset (origin f)).
Definition exact (f : frame) : bool := every S (fun s => qeq (at_ (errors f) s) q0).
Definition complete : bool :=
  every S (fun s => in_span (fun s' => if s' == s then q1 else q0)).
Definition check_return (f : frame) : bool :=
  [&& exact f || complete, in_span (offset (origin f))
    & every n (fun l => in_span (at_ (nth [::] (columns f) l)))].
(* by how much errors may move coordinate k *)
Definition slack (f : frame) (k : nat) : Q :=
  qsum S (fun s => qmul (qabs (at_ (nth [::] (dual p) k) s)) (at_ (errors f) s)).
End Compute.

(* ------------------------------------------------------------------------ what it means *)
Section Meaning.
Variables (F : realFieldType) (m : model).
Notation joint := {dffun forall i : agent (sizes m), action i}.

(* V is a run of linear FQI from the values v0: on fixed data, or under epsilon-greedy
   data with ties by the rule of the model, from the joint actions g0; pi are its greedy joint
   actions, which play no part under fixed data.                                            *)
Definition run_from (d : data) (v0 : seq Q) (g0 : seq (seq nat))
    (V : nat -> state m -> F) (pi : nat -> state m -> joint) : Prop :=
  V 0%N =1 vec F m v0 /\
  match d with
  | EpsilonGreedy e => moving_run F m e V pi /\ plays g0 (pi 0%N)
  | Exploring e u => exploring_run F m e u V pi /\ plays g0 (pi 0%N)
  | _ => exists Q, fixed_run F m d V Q
  end.

(* the same in terms of positions, whatever the fits of d are fits to *)
Definition starts (d : data) (v0 : seq Q) (g0 : seq (seq nat))
    (V : nat -> state m -> F) (pi : nat -> state m -> joint) :=
  [/\ V 0%N =1 vec F m v0, plays g0 (pi 0%N) & positions d V pi].

Lemma run_starts (d : data) v0 g0 V pi : check_model m -> check_data m d ->
  (forall s : state m, is_action (sizes m) (nth [::] g0 s)) -> run_from d v0 g0 V pi ->
  exists pi', starts d v0 g0 V pi' /\ (moving d -> pi' = pi).
Proof.
move=> ok okd act [V0 runs]; case dE: (moving d).
  by case: d dE okd runs => // [e|e u] _ okd [mv pl]; exists pi; split=> //; split=> //;
    [apply: (moving_positions okd)|apply: (exploring_positions okd)]; first by [].
have fx : ~~ moving d by rewrite dE.
have [pi0 pl] := plays_exists act.
have [Q fr] : exists Q, fixed_run F m d V Q by move: runs dE; case: d {okd fx}.
have [pi' [p0 pos]] := fixed_positions okd pi0 fx fr.
by exists pi'; split=> //; split=> // s; rewrite p0.
Qed.
End Meaning.

Section Correct.
Variables (F : realFieldType) (m : model) (d : data) (p : proof).
Notation joint := {dffun forall i : agent (sizes m), action i}.
Notation qval := (qval F).
Notation vec := (vec F m).
Notation gamma := (gamma F m).
Notation S := (n_states m).
Notation n := (size (directions p)).
Notation W k := (nth [::] (directions p) k).
Notation L k := (nth [::] (dual p) k).

Variables (v0 v : seq Q) (g0 : seq (seq nat)) (found : seq (frame * seq (seq nat))).
Hypothesis prepared : prepare m d p v0 g0 = Some (v, found).
Variables (V : nat -> state m -> F) (pi : nat -> state m -> joint).

Lemma prepareP : [/\ [/\ check_model m, forall s : state m, is_action (sizes m) (nth [::] g0 s) & (0 < S)%N],
  wide F (place p), check_dual m p, (0 < size (modes p))%N &
  (moving d -> last (entered p) (modes p) = entered p) /\
  walk m (place p) (moving d) (fits m d) (start m p) (entered p) (modes p) = Some found].
Proof.
move: prepared; rewrite /prepare /prepare_by; case: ifP => // /andP [/and3P [ok S0 /everyP act] /and4P [wd dl m0 /implyP cyc]].
case: reached => // -[v1 g1]; case: ifP => // _; case: walk => // found1 [_ <-].
split=> //; [by split=> // s; apply: act|exact: wideP|by split=> // /cyc /eqP].
Qed.

Lemma arrives : rounding (place p) = None -> starts d v0 g0 V pi ->
  V (prefix p) =1 vec v /\ (moving d -> plays (entered p) (pi (prefix p))).
Proof.
move=> ex [V0 pl pos]; move: prepared; rewrite /prepare /prepare_by /reached ex; case: ifP => // /andP [/and3P [ok _ _] _].
case E: replay => [[v1 g1]|//]; case: ifP => // gE; case: walk => // f1 [<- _].
have [VT gT] := replayP (vg := (v0, g0)) ok pos V0 pl E.
by split=> // mv; move: gE; rewrite mv => /eqP <-.
Qed.

Lemma walk_policies g strictly make f around ms fs : walk m g strictly make f around ms = Some fs ->
  forall j, (j <= size ms)%N -> (nth (f, around) fs j).2 = nth around (around :: ms) j.
Proof.
elim: ms f around fs => [|mode ms IH] f around fs /=; first by case=> <- [].
case: phase => // f0; move: (rounded m g f0) => f'; case E: walk => [rest_|//] [<-] [|j] //= jm.
have [szr _] : size rest_ = (size ms).+1 /\ True.
  split=> //; move: E; clear; elim: ms f' mode rest_ => [|mo ms IH] f' mode rest_ /=;
      first by case=> <-.
  by case: phase => // f3; case E: walk => [r2|//] [<-] /=; rewrite (IH _ _ _ E).
rewrite (set_nth_default (f', mode)) ?szr ?ltnS // (IH _ _ _ E j jm).
by case: j jm => // j jm /=; apply: set_nth_default.
Qed.

Lemma coordinateE k u : qval (coordinate m p k u) = \sum_(s : state m) qval (at_ (L k) s) * qval (u s).
Proof. by rewrite qval_total; apply: eq_bigr => s _; rewrite qval_times. Qed.

Lemma restE z u (s : nat) : qval (rest p z u s) = qval (u s) - \sum_(k < n) qval (z k) * qval (at_ (W k) s).
Proof. by rewrite qval_join qval_opp qval_total; congr (_ - _); apply: eq_bigr => k _; rewrite qval_times. Qed.

Lemma in_spanP u : in_span m p u -> exists c : F, forall s : state m,
  qval (u s) = \sum_(k < n) qval (coordinate m p k u) * qval (at_ (W k) s) + c.
Proof.
pose u' := at_ (tab S u); have uE (s : state m) : qval (u' s) = qval (u s) by rewrite /u' /at_ nth_tab.
have cE k : qval (coordinate m p k u') = qval (coordinate m p k u).
  by rewrite !coordinateE; apply: eq_bigr => s _; rewrite uE.
rewrite /in_span /constant -/u'; set z := tab _ _ => /everyP h; exists (qval (rest p (at_ z) u' 0%N)) => s; rewrite -uE.
under eq_bigr => k _ do rewrite -cE.
have := h s (ltn_ord s); rewrite (qval_eq F) => /eqP <-.
rewrite restE addrC; under [X in _ - X]eq_bigr => k _ do rewrite [at_ z k]nth_tab //.
by rewrite subrK.
Qed.

Lemma dual_sum k : (k < n)%N -> \sum_(s : state m) qval (at_ (L k) s) = 0.
Proof.
have [_ _ /everyP h _ _] := prepareP => kn; have /andP [+ _] := h k kn.
by rewrite (qval_eq F) qval_sum qval0 => /eqP.
Qed.

(* the coordinates of values U *)
Definition zed (U : state m -> F) (k : nat) : F := \sum_(s : state m) qval (at_ (L k) s) * (U s - vec (center p) s).

Lemma near_start U : in_span m p (offset p v) -> U =1 vec v ->
  (forall k, (k < n)%N -> zed U k = qval (at_ (places m p v) k)) /\
  exists lam, near (start m p) (zed U) 1 lam U.
Proof.
move=> sp UE.
have zE k : (k < n)%N -> zed U k = qval (coordinate m p k (offset p v)).
  by move=> kn; rewrite coordinateE; apply: eq_bigr => s _; rewrite qval_sub UE.
split=> [k kn|]; first by rewrite zE // /places /at_ nth_tab.
have [c cE] := in_spanP sp; exists c => s; rewrite /= UE.
rewrite (_ : \sum_(k < n) _ = \sum_(k < n) qval (coordinate m p k (offset p v)) * vec (W k) s);
    last first.
  by apply: eq_bigr => k _; rewrite zE.
have := cE s; rewrite qval_sub => e.
rewrite /Tables.vec -addrA -e [X in _ - X]addrC subrK subrr normr0 mul1r.
by rewrite /at_ nth_nseq ltn_ord qval0.
Qed.

(* where directions and constants span everything, all values are a position of the frame at the start *)
Lemma complete_near U : complete m p -> exists lam', near (start m p) (zed U) 1 lam' U.
Proof.
move=> /everyP cp.
suff [c cE] : exists c, forall s, U s = vec (center p) s + \sum_(k < n) zed U k * vec (W k) s + c.
  exists c => s; rewrite /= cE subrr normr0 /Tables.vec /at_ nth_nseq ltn_ord qval0 mulr0.
  exact: lexx.
have ex (s : state m) : exists x : F, forall s' : state m, qval (if s' == s :> nat then q1 else q0) =
    \sum_(k < n) qval (at_ (L k) s) * qval (at_ (W k) s') + x.
  have [x xE] := in_spanP (cp s (ltn_ord s)); exists x => s'; rewrite xE; congr (_ + _).
  apply: eq_bigr => k _; congr (_ * _); rewrite coordinateE (bigD1 s) //= eqxx qval1 mulr1.
  rewrite big1 ?addr0 // => s2 /negbTE ne; rewrite (_ : (s2 == s :> nat) = false) ?qval0 ?mulr0 //.
have [x xE] := fin_all_exists ex.
exists (\sum_(s : state m) (U s - vec (center p) s) * x s) => s'.
rewrite -[U s'](subrK (vec (center p) s')) addrC -addrA; congr (_ + _).
have -> : U s' - vec (center p) s' =
    \sum_(s : state m) (U s - vec (center p) s) * qval (if s' == s :> nat then q1 else q0).
  rewrite (bigD1 s') //= eqxx qval1 mulr1 big1 ?addr0 // => s2 ne.
  by rewrite (_ : (s' == s2 :> nat) = false) ?qval0 ?mulr0 //; apply/negbTE; rewrite eq_sym.
under [LHS]eq_bigr do rewrite xE mulrDr.
rewrite big_split /=; congr (_ + _); under eq_bigr do rewrite mulr_sumr.
rewrite exchange_big; apply: eq_bigr => k _ /=; rewrite /zed mulr_suml; apply: eq_bigr => s _.
by rewrite mulrCA mulrA.
Qed.

Lemma near_startE U lam : near (start m p) (zed U) 1 lam U ->
  forall s, U s = vec (center p) s + \sum_(k < n) zed U k * vec (W k) s + lam.
Proof.
move=> nr s; have := nr s; rewrite /= /Tables.vec /at_ nth_nseq ltn_ord qval0 mulr0 normr_le0 subr_eq0.
by move=> /eqP.
Qed.

Section Return.
Variables (f : frame) (z : nat -> F) (mu lam : F) (U : state m -> F).
Hypothesis mu0 : 0 <= mu.
Hypothesis sz : size (columns f) = n.
Hypothesis ret : check_return m p f.
Hypothesis nr : near f z mu lam U.

Let R s := U s - (vec (origin f) s + \sum_(l < n) z l * vec (nth [::] (columns f) l) s + lam).

Lemma R_le s : `|R s| <= mu * vec (errors f) s.
Proof. by have := nr s; rewrite sz. Qed.

Lemma UE s : U s = vec (origin f) s + \sum_(l < n) z l * vec (nth [::] (columns f) l) s + lam + R s.
Proof. by rewrite /R addrC subrK. Qed.

Lemma zedE k : (k < n)%N ->
  zed U k = form_at n (q_at m p f k) (Zrow m p f k) z + \sum_(s : state m) qval (at_ (L k) s) * R s.
Proof.
move=> kn; rewrite /form_at /q_at coordinateE.
rewrite (eq_bigr (fun l : 'I_n => \sum_(s : state m)
  qval (at_ (L k) s) * (z l * vec (nth [::] (columns f) l) s))); last first.
  move=> l _; rewrite /Zrow [at_ _ _]nth_tab // coordinateE mulr_suml.
  by apply: eq_bigr => s _; rewrite -mulrA; congr (_ * _); rewrite mulrC.
rewrite exchange_big -[LHS]subr0 -[X in _ - X](mulr0 lam) -[X in lam * X](dual_sum kn) mulr_sumr -sumrB.
rewrite -!big_split; apply: eq_bigr => s _ /=.
rewrite UE qval_sub -mulr_sumr /Tables.vec; move: (R s) (\sum_(l < n) _) => x1 x2; ring.
Qed.

Lemma zed_near k : (k < n)%N ->
  `|zed U k - form_at n (q_at m p f k) (Zrow m p f k) z| <= mu * qval (slack m p f k).
Proof.
move=> kn; rewrite zedE // addrC addKr /slack qval_sum mulr_sumr.
apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => s _.
rewrite normrM qval_mul qval_abs mulrCA; apply: le_mul2l => //; exact: R_le.
Qed.

Lemma spans : exists c0 : F, exists c : nat -> F,
  (forall s, vec (origin f) s - vec (center p) s =
     \sum_(k < n) qval (q_at m p f k) * vec (W k) s + c0) /\
  (forall l, (l < n)%N -> forall s, vec (nth [::] (columns f) l) s =
     \sum_(k < n) qval (at_ (Zrow m p f k) l) * vec (W k) s + c l).
Proof.
have /and3P [_ /in_spanP [c0 c0E] /everyP h] := ret; exists c0.
have ex (l : 'I_n) : exists c : F, forall s : state m, qval (at_ (nth [::] (columns f) l) s) =
    \sum_(k < n) qval (coordinate m p k (at_ (nth [::] (columns f) l))) * qval (at_ (W k) s) + c.
  exact: in_spanP (h l (ltn_ord l)).
have [c cE] := fin_all_exists ex.
exists (fun l => if insub l is Some i then c i else 0); split=> [s|l ln s].
  by have := c0E s; rewrite qval_sub.
rewrite insubT /=; have := cE (Ordinal ln) s; rewrite /Tables.vec => ->; congr (_ + _).
by apply: eq_bigr => k _; rewrite /Zrow [at_ (tab _ _) _]nth_tab.
Qed.

(* U - center, by the coordinates that the return gives *)
Lemma return_form c0 c s :
  (forall s, vec (origin f) s - vec (center p) s =
     \sum_(k < n) qval (q_at m p f k) * vec (W k) s + c0) ->
  (forall l, (l < n)%N -> forall s, vec (nth [::] (columns f) l) s =
     \sum_(k < n) qval (at_ (Zrow m p f k) l) * vec (W k) s + c l) ->
  U s = vec (center p) s + \sum_(k < n) form_at n (q_at m p f k) (Zrow m p f k) z * vec (W k) s
        + (lam + c0 + \sum_(l < n) c l * z l) + R s.
Proof.
move=> h0 h; rewrite UE -[vec (origin f) s](subrK (vec (center p) s)) h0.
have -> : \sum_(l < n) z l * vec (nth [::] (columns f) l) s =
    \sum_(k < n) (\sum_(l < n) qval (at_ (Zrow m p f k) l) * z l) * vec (W k) s
        + \sum_(l < n) c l * z l.
  under [X in _ = X + _]eq_bigr do rewrite mulr_suml.
  rewrite exchange_big -big_split; apply: eq_bigr => l _ /=.
  rewrite (h l (ltn_ord l)) mulrDr mulr_sumr [z l * c l]mulrC; congr (_ + _).
  by apply: eq_bigr => k _; rewrite mulrCA mulrA.
rewrite [X in _ = _ + X + _ + _](eq_bigr (fun k : 'I_n => qval (q_at m p f k) * vec (W k) s +
  (\sum_(l < n) qval (at_ (Zrow m p f k) l) * z l) * vec (W k) s)); last first.
  by move=> k _; rewrite /form_at mulrDl.
rewrite big_split /=; move: (R s) (\sum_(k < n) _) (\sum_(k < n) _) (\sum_(k < n) _) => x1 x2 x3 x4.
by ring.
Qed.

Lemma return_near : exists lam', near (start m p) (zed U) 1 lam' U.
Proof.
have [c0 [c [h0 h]]] := spans; case/and3P: ret => /orP [ex|cp] _ _; last exact: complete_near.
suff [c' cE] : exists c, forall s, U s = vec (center p) s + \sum_(k < n) zed U k * vec (W k) s + c.
  exists c' => s; rewrite /= cE subrr normr0 /Tables.vec /at_ nth_nseq ltn_ord qval0 mulr0.
  exact: lexx.
have R0 s : R s = 0.
  have := R_le s; move/everyP: ex => /(_ s (ltn_ord s)); rewrite (qval_eq F) qval0 /Tables.vec.
  by move=> /eqP ->; rewrite mulr0 normr_le0 => /eqP.
exists (lam + c0 + \sum_(l < n) c l * z l) => s; rewrite (return_form s h0 h) R0 addr0.
congr (_ + _ + _); apply: eq_bigr => k _; rewrite zedE // [X in _ + X]big1 ?addr0 // => s' _.
by rewrite R0 mulr0.
Qed.

Lemma return_level : (forall s, vec (origin f) s = vec (center p) s) ->
  (forall k, (k < n)%N -> qval (q_at m p f k) = 0) ->
  exists c : nat -> F, (forall l, (l < n)%N -> forall s, vec (nth [::] (columns f) l) s =
     \sum_(k < n) qval (at_ (Zrow m p f k) l) * vec (W k) s + c l) /\
  forall lam', near (start m p) (zed U) 1 lam' U ->
  `|lam' - (lam + \sum_(l < n) c l * z l)| <=
     mu * (qval (at_ (errors f) 0) + \sum_(k < n) qval (slack m p f k) * `|qval (at_ (W k) 0)|).
Proof.
move=> back q0E; have [c0 [c [h0 h]]] := spans; exists c; split=> // lam' nr'.
have [[_ _ S0] _ _ _ _] := prepareP.
pose s0 : state m := Ordinal S0.
have c00 : c0 = 0.
  have := h0 s0; rewrite back subrr big1 ?add0r // => k _.
  by rewrite q0E ?mul0r.
rewrite c00 in h0; rewrite -[lam]addr0.
have := near_startE nr' s0; rewrite (return_form s0 h0 h).
set y1 := lam + 0 + _; set x0 := vec (center p) s0 => e.
have -> : lam' - y1 = R s0 + \sum_(k < n)
    (form_at n (q_at m p f k) (Zrow m p f k) z - zed U k) * vec (W k) s0.
  under eq_bigr do rewrite mulrBl.
  rewrite sumrB; move: e; move: (\sum_(k < n) _) (\sum_(k < n) _) (R s0) y1 x0 => x1 x2 x3 x4 x5 e.
  have -> : lam' = (x5 + x1 + lam') - x5 - x1 by ring.
  by rewrite -e; ring.
rewrite mulrDr; apply: norm_add; first exact: (R_le s0).
rewrite mulr_sumr; apply: le_trans (ler_norm_sum _ _ _) _; apply: ler_sum => k _.
rewrite normrM mulrA; apply: le_mul2r => //.
by rewrite distrC; apply: zed_near.
Qed.

End Return.

Notation steps := (size (modes p)).
Definition frame_at (j : nat) : frame := (nth (start m p, entered p) found j).1.

(* one round through all phases *)
Lemma round (pi' : nat -> state m -> joint) mu lam t :
  positions d V pi' -> 0 <= mu -> mu <= 1 -> inside (place p) n mu (zed (V t)) ->
  near (start m p) (zed (V t)) 1 lam (V t) -> (moving d -> plays (entered p) (pi' t)) ->
  (forall j, (j <= steps)%N ->
     [/\ size (columns (frame_at j)) = n, near (frame_at j) (zed (V t)) mu (gamma ^+ j * lam) (V (t + j)%N)
       & moving d -> plays (nth (entered p) (entered p :: modes p) j) (pi' (t + j)%N)]) /\
  (moving d -> plays (entered p) (pi' (t + steps)%N)).
Proof.
move=> pos mu0 mu1 ins nr pl; have [[ok act S0] wd dl m0 [cyc walked]] := prepareP.
have err0 (s : state m) : 0 <= vec (errors (start m p)) s.
  by rewrite /Tables.vec /at_ nth_nseq ltn_ord qval0.
have nr' : near (start m p) (zed (V t)) mu lam (V t).
  move=> s; have := nr s; rewrite /= /Tables.vec /at_ nth_nseq ltn_ord qval0 !mulr0.
  by [].
have [_ h] := walkP (f := start m p) ok pos wd mu0 mu1 ins err0 nr' pl walked.
have h' j : (j <= steps)%N -> [/\ size (columns (frame_at j)) = n,
     near (frame_at j) (zed (V t)) mu (gamma ^+ j * lam) (V (t + j)%N)
   & moving d -> plays (nth (entered p) (entered p :: modes p) j) (pi' (t + j)%N)].
  move=> js; have [sz _ nrj plj] := h j js; split=> // mv.
  by have := plj mv; rewrite (walk_policies walked js).
split=> // mv; have [_ _ /(_ mv)] := h' steps (leqnn _).
by rewrite -(cyc mv) -nth_last; case: (modes p) m0 (cyc mv) => //= a l _ _;
    rewrite (set_nth_default (entered p)).
Qed.

End Correct.
