(* Value iteration with signed kernels, over any ordered field: affine fixed-point
   equations, and fixed points of maxima of affine maps that contract in a weighted sup
   norm.

   No theorem here: the tools of ValueSpace.v, JointData.v, Theorem2.v and SignedFits.v.
   rho and K are any numbers, w > 0, kappa < 1 and gamma sum_s' |K(s'|s,a)| w(s') <=
   kappa w(s) for all s and a.

    val rho K gamma V s a == rho(s,a) + gamma sum_s' K(s'|s,a) V(s')
            near w c V V' == |V(s) - V'(s)| <= c w(s) at every s
                  top f m == m = max_a f(a), and it is attained
   solves rho K gamma B V == V(s) is the maximum of val at s over the actions in B s

   affine_solution     v = c + M v has a solution if v = M v has only v = 0
   top_near            the maxima of V and V' over the actions differ by kappa c w(s) at
                       most where V and V' differ by c w
   solution_exists     V is solved for over any sets of actions: no completeness of the
                       field is used, actions are added one by one
   fixed_point_exists  V(s) = max_a val V s a has a solution
   fixed_point_unique  and no other one
   orbits_converge     and every orbit comes near to it at rate kappa^t
   top_shift           kernels whose rows sum to one: V + c gives the maximum + gamma c
   top_monotone        and monotone maxima if K >= 0
   unit_bound          and the bound above with w = 1, kappa = gamma                     *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import ring.
From FqiTheory Require Import Ordered.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* If v = M v has only the solution 0, then v = c + M v has a solution. *)
Lemma affine_solution (F : realFieldType) (S : finType) (M : S -> S -> F) (c : S -> F) :
  (forall v : S -> F, (forall s, v s = \sum_s' M s s' * v s') -> forall s, v s = 0) ->
  exists v : S -> F, forall s, v s = c s + \sum_s' M s s' * v s'.
Proof.
move=> inj.
pose B : 'M[F]_#|S| := \matrix_(i, j) ((i == j)%:R - M (enum_val i) (enum_val j)).
pose u (x : 'cV[F]_#|S|) (s : S) : F := x (enum_rank s) 0.
have BxE (x : 'cV_#|S|) s : (B *m x) (enum_rank s) 0 = u x s - \sum_s' M s s' * u x s'.
  rewrite mxE; under eq_bigr do rewrite mxE mulrBl.
  rewrite sumrB; congr (_ - _).
    rewrite (bigD1 (enum_rank s)) //= eqxx mul1r big1 ?addr0 // => j.
    by rewrite eq_sym => /negbTE ->; rewrite mul0r.
  rewrite [RHS](reindex (@enum_val S S)) /=; last first.
    by exists enum_rank => i _; rewrite ?enum_valK ?enum_rankK.
  by apply: eq_bigr => j _; rewrite enum_rankK /u enum_valK.
have Binj (x : 'cV_#|S|) : B *m x = 0 -> x = 0.
  move=> Bx0; apply/colP => i; rewrite mxE -[i]enum_valK.
  apply: (inj (u x)) => s.
  by apply/eqP; rewrite -subr_eq0 -BxE Bx0 mxE.
have Bu : B \in unitmx.
  rewrite -unitmx_tr -row_free_unit -kermx_eq0; apply/eqP/row_matrixP => i.
  apply: trmx_inj; rewrite row0 trmx0; apply: Binj.
  apply: trmx_inj; rewrite trmx_mul trmxK trmx0.
  by apply/sub_kermxP; rewrite row_sub.
pose x := invmx B *m \col_i c (enum_val i).
exists (u x) => s; have := BxE x s.
by rewrite mulmxA mulmxV // mul1mx mxE enum_rankK => ->; rewrite subrK.
Qed.

Section MaxAffine.

Variables (F : realFieldType) (S J : finType).
Variable rho : S -> J -> F.
Variable K : S -> J -> S -> F.               (* entries of any sign             *)
Variables (gamma kappa : F) (w : S -> F).
Hypothesis gamma_ge0 : 0 <= gamma.
Hypothesis w_gt0 : forall s, 0 < w s.
Hypothesis kappa_lt1 : kappa < 1.
Hypothesis bound : forall s a, gamma * (\sum_s' `|K s a s'| * w s') <= kappa * w s.

Definition val (V : S -> F) s a := rho s a + gamma * \sum_s' K s a s' * V s'.

Definition near c (V V' : S -> F) := forall s, `|V s - V' s| <= c * w s.

Lemma val_near c V V' s a :
  near c V V' -> `|val V s a - val V' s a| <= kappa * (c * w s).
Proof.
move=> le; rewrite /val opprD addrACA subrr add0r -mulrBr -sumrB.
rewrite normrM (ger0_norm gamma_ge0).
have c0 : 0 <= c by rewrite -(pmulr_rge0 _ (w_gt0 s)) mulrC (le_trans _ (le s)).
apply: (@le_trans _ _ (gamma * (\sum_s' `|K s a s'| * w s') * c)); last first.
  by rewrite [c * _]mulrC mulrA; apply: le_mul2r.
rewrite -mulrA; apply: le_mul2l => //; apply: le_trans (ler_norm_sum _ _ _) _.
rewrite mulr_suml; apply: ler_sum => s' _; rewrite -mulrBr normrM -mulrA.
by apply: le_mul2l => //; rewrite [w _ * _]mulrC.
Qed.

Definition top (f : J -> F) m := (forall a, f a <= m) /\ exists a, f a = m.

(* the maximum over any set of actions contracts *)
Lemma top_near c V V' s m m' :
  near c V V' -> top (val V s) m -> top (val V' s) m' -> `|m - m'| <= kappa * (c * w s).
Proof.
move=> le [mx [a am]] [mx' [a' am']]; apply: norm_le.
  rewrite -am; apply: le_trans (le_norm (val_near s a le)); apply: le_minus => //; apply: mx'.
rewrite opprB -am'; apply: (@le_trans _ _ (val V' s a' - val V s a')).
  by apply: le_minus => //; apply: mx.
by apply: le_norm; rewrite distrC; apply: val_near.
Qed.

(* a pair at distance kappa times itself is equal *)
Lemma near0 (V V' : S -> F) : (forall c, near c V V' -> near (kappa * c) V V') ->
  forall s, V s = V' s.
Proof.
move=> shrink s; pose d s := `|V s - V' s| / w s.
pose z := [arg max_(z > s) d z]%O.
have dz s' : d s' <= d z.
  by rewrite /z; case: Order.TotalTheory.arg_maxP => //= b _; apply.
have le : near (d z) V V'.
  by move=> s'; apply: ratio_le => //; apply: (dz s').
have d0 : d z <= 0.
  apply: (shrinks_le0 kappa_lt1); have := shrink _ le z.
  by rewrite -[X in X <= _ -> _](divfK (_ : w z != 0)) ?gt_eqF // -subr_ge0 -mulrBl pmulr_lge0 // subr_ge0.
apply/eqP; rewrite -subr_eq0 -normr_le0; apply: le_trans (le s) _.
by rewrite -oppr_ge0 -mulNr mulr_ge0 ?oppr_ge0 // ltW.
Qed.

Lemma nearM c V V' : (forall s, `|V s - V' s| <= kappa * (c * w s)) -> near (kappa * c) V V'.
Proof. by move=> le s; rewrite -mulrA. Qed.

(* V solves the equations when state s may use the actions in B s *)
Definition solves (B : S -> {set J}) (V : S -> F) :=
  forall s, (forall a, a \in B s -> val V s a <= V s) /\ exists2 a, a \in B s & val V s a = V s.

Lemma policy_solution (pi : S -> J) : exists V : S -> F, forall s, V s = val V s (pi s).
Proof.
have [|V VE] := @affine_solution F S (fun s s' => gamma * K s (pi s) s') (fun s => rho s (pi s)).
  move=> v vE s; apply: (near0 (V' := fun=> 0)) => c le; apply: nearM => s'.
  have := val_near s' (pi s') le; congr (`|_| <= _); rewrite /val [in RHS]vE.
  rewrite opprD addrACA subrr add0r -mulrBr -sumrB mulr_sumr subr0.
  by apply: eq_bigr => s'' _; rewrite mulr0 subr0 mulrA.
exists V => s; rewrite {1}VE /val; congr (_ + _).
by rewrite mulr_sumr; apply: eq_bigr => s' _; rewrite mulrA.
Qed.

(* Adding one action b at one state s0: the solution without b or the solution
   with b alone at s0 solves the whole.                                          *)
Lemma add_action (B : S -> {set J}) s0 b V W :
  b \in B s0 ->
  solves (fun s => if s == s0 then B s :\ b else B s) V ->
  solves (fun s => if s == s0 then [set b] else B s) W ->
  solves B V \/ solves B W.
Proof.
move=> bB sV sW; have [Vb|bV] := lerP (val V s0 b) (V s0); [left|right] => s.
  have [le [a aB aV]] := sV s; split=> [a' a'B|].
    have [bb|ab] := eqVneq a' b; last first.
      by apply: le; case: eqP => // _; rewrite !inE ab.
    have [->|ss0] := eqVneq s s0; first by rewrite bb.
    by apply: le; rewrite (negbTE ss0).
  by exists a => //; move: aB; case: eqP => // _; rewrite inE => /andP [].
have [le [a aB aW]] := sW s; split; last first.
  by exists a => //; move: aB; case: eqP => // ->; rewrite inE => /eqP ->.
move=> a' a'B; have [es|ss0] := eqVneq s s0; last by apply: le; rewrite (negbTE ss0).
move: a'B; rewrite es => a'B; clear le a aB aW es s.
have Wb : val W s0 b = W s0.
  by have [_ [a]] := sW s0; rewrite eqxx inE => /eqP ->.
pose D := `|V s0 - W s0|; pose c := D / w s0.
have cw : c * w s0 = D by rewrite divfK // gt_eqF.
(* away from s0 both solve the same equations, so they are nearest at s0 *)
have le : near c V W.
  pose e s := `|V s - W s| / w s; pose z := [arg max_(z > s0) e z]%O.
  have ez s' : e s' <= e z.
    by rewrite /z; case: Order.TotalTheory.arg_maxP => //= s _; apply.
  have lez : near (e z) V W.
    by move=> s'; apply: ratio_le => //; apply: (ez s').
  have e0 : 0 <= e z by rewrite divr_ge0 // ltW.
  have [zs|zs] := eqVneq z s0; first by move=> s'; have := lez s'; rewrite zs.
  have : `|V z - W z| <= kappa * (e z * w z).
    have [leV [a aB aV]] := sV z; have [leW [a2 a2B aW]] := sW z.
    move: leV aB leW a2B; rewrite (negbTE zs) => leV aB leW a2B.
    rewrite -aV -aW; apply: norm_le.
      apply: le_trans (le_norm (val_near z a lez)).
      by apply: le_minus => //; rewrite aW; apply: leW.
    rewrite opprB; apply: (@le_trans _ _ (val W z a2 - val V z a2)).
      by apply: le_minus => //; rewrite aV; apply: leV.
    by apply: le_norm; rewrite distrC; apply: val_near.
  rewrite -[X in X <= _ -> _](divfK (_ : w z != 0)) ?gt_eqF // -subr_ge0 mulrA -mulrBl.
  rewrite pmulr_lge0 // subr_ge0 => h.
  have ez0 : e z = 0 by apply/eqP; rewrite eq_le e0 andbT (shrinks_le0 kappa_lt1).
  move=> s'; apply: le_trans (lez s') _; rewrite ez0 mul0r.
  by apply: mulr_ge0; [apply: divr_ge0; [apply: normr_ge0|apply: ltW]|apply: ltW].
have D0 : 0 <= D by apply: normr_ge0.
have kD : kappa * D <= D by rewrite -[X in _ <= X]mul1r le_mul2r // ltW.
have nb a : `|val V s0 a - val W s0 a| <= kappa * D by rewrite -cw; apply: val_near.
have VW : V s0 < W s0.
  rewrite ltNge; apply/negP => WV.
  have DE : D = V s0 - W s0 by rewrite /D ger0_norm // subr_ge0.
  have := le_norm (nb b); rewrite Wb leNgt => /negP []; apply: le_lt_trans kD _.
  by rewrite DE -subr_gt0 opprB addrA subrK subr_gt0.
have DE : D = W s0 - V s0 by rewrite /D distrC gtr0_norm // subr_gt0.
have [->|ab] := eqVneq a' b; first by rewrite Wb.
have Va : val V s0 a' <= V s0.
  by have [leV _] := sV s0; apply: leV; rewrite eqxx !inE ab.
have := norm_ge (nb a'); rewrite opp_le opprB => h.
have {}h : val W s0 a' - val V s0 a' <= D by apply: le_trans kD.
rewrite -[X in X <= _](subrK (val V s0 a')) -[X in _ <= X](subrK (V s0)) -DE.
exact: le_sum2.
Qed.

Lemma solution_exists n (B : S -> {set J}) :
  (\sum_s #|B s| <= n)%N -> (forall s, B s != set0) -> exists V, solves B V.
Proof.
elim: n B => [|n IH] B le ne.
  have no (s : S) : False.
    have : (#|B s| <= \sum_s #|B s|)%N by rewrite [X in (_ <= X)%N](bigD1 s) //= leq_addr.
    by move/leq_trans/(_ le); rewrite leqn0 cards_eq0 (negbTE (ne s)).
  by exists (fun=> 0) => s; case: (no s).
have [/forallP one|] := boolP [forall s, #|B s| == 1%N].
  have [pi piE] := fin_all_exists (fun s => cards1P (one s)).
  have [V VE] := policy_solution pi.
  exists V => s; rewrite piE; split=> [a|]; first by rewrite inE => /eqP ->; rewrite -VE.
  by exists (pi s); rewrite ?inE.
rewrite negb_forall => /existsP [s0 many].
have [b bB] := set0Pn _ (ne s0).
have two : (1 < #|B s0|)%N by rewrite ltn_neqAle eq_sym many card_gt0 ne.
have smaller (C : {set J}) : (#|C| < #|B s0|)%N ->
    (\sum_s #|if s == s0 then C else B s| <= n)%N.
  move=> lt; rewrite -ltnS; apply: leq_trans le.
  rewrite (bigD1 s0) //= eqxx [X in (_ < X)%N](bigD1 s0) //=.
  rewrite (eq_bigr (fun s => #|B s|)) ?ltn_add2r // => s /negbTE ->; done.
have cb : #|B s0| = #|B s0 :\ b|.+1 by rewrite (cardsD1 b) bB.
have [] := IH (fun s => if s == s0 then B s :\ b else B s).
- rewrite (eq_bigr (fun s => #|if s == s0 then B s0 :\ b else B s|)); last first.
    by move=> s _; have [->|] := eqVneq s s0.
  by apply: smaller; rewrite cb.
- move=> s; have [->|_] := eqVneq s s0; last exact: ne.
  rewrite -card_gt0.
  by move: two; rewrite cb ltnS.
move=> V sV; have [] := IH (fun s => if s == s0 then [set b] else B s).
- by apply: smaller; rewrite cards1.
- move=> s; have [_|_] := eqVneq s s0; last exact: ne.
  by apply/set0Pn; exists b; rewrite inE.
by move=> W sW; have [] := add_action bB sV sW; [exists V|exists W].
Qed.

(* The equations V(s) = max_a val V s a have exactly one solution. *)
Lemma fixed_point_exists (j0 : J) : exists V : S -> F, forall s, top (val V s) (V s).
Proof.
have [|s|V sV] := @solution_exists (\sum_(s : S) #|[set: J]|) (fun=> [set: J]) _ _ => //.
  by apply/set0Pn; exists j0; rewrite inE.
exists V => s; have [le [a _ aV]] := sV s; split=> [a'|]; last by exists a.
by apply: le; rewrite inE.
Qed.

Lemma fixed_point_unique V V' :
  (forall s, top (val V s) (V s)) -> (forall s, top (val V' s) (V' s)) ->
  forall s, V s = V' s.
Proof.
by move=> f f'; apply: near0 => c le; apply: nearM => s; apply: top_near le (f s) (f' s).
Qed.

(* two orbits approach each other *)
Lemma orbits_near (V V' : nat -> S -> F) c t :
  (forall t s, top (val (V t) s) (V t.+1 s)) ->
  (forall t s, top (val (V' t) s) (V' t.+1 s)) ->
  near c (V 0%N) (V' 0%N) -> near (kappa ^+ t * c) (V t) (V' t).
Proof.
move=> st st' le; elim: t => [|t IH]; first by move=> s; rewrite expr0 mul1r.
rewrite exprS -mulrA; apply: nearM => s; exact: top_near IH (st t s) (st' t s).
Qed.

(* there is one fixed point, and every orbit converges to it *)
Lemma orbits_converge (j0 : J) : exists Vlim : S -> F,
  [/\ forall s, top (val Vlim s) (Vlim s),
      forall V, (forall s, top (val V s) (V s)) -> forall s, V s = Vlim s
    & forall V c t, (forall t s, top (val (V t) s) (V t.+1 s)) ->
        near c (V 0%N) Vlim -> near (kappa ^+ t * c) (V t) Vlim].
Proof.
have [Vlim lim] := fixed_point_exists j0; exists Vlim; split=> // [V fix_V|V c t step].
  exact: fixed_point_unique.
by apply: (orbits_near (V' := fun=> Vlim)).
Qed.

End MaxAffine.

(* Kernels whose rows sum to one. *)
Section UnitRows.
Variables (F : realFieldType) (S J : finType).
Variables (rho : S -> J -> F) (K : S -> J -> S -> F) (gamma : F).
Hypothesis K_sum1 : forall s a, \sum_s' K s a s' = 1.
Notation val := (val rho K gamma).

Lemma top_shift V c s m : top (val V s) m -> top (val (fun s' => V s' + c) s) (m + gamma * c).
Proof.
have E a : val (fun s' => V s' + c) s a = val V s a + gamma * c.
  rewrite /MaxAffine.val (eq_bigr (fun s' => K s a s' * V s' + K s a s' * c)) => [|s' _].
    by rewrite big_split /= -mulr_suml K_sum1; ring.
  by rewrite mulrDr.
move=> [le [a am]]; split=> [b|]; last by exists a; rewrite E am.
by rewrite E -subr_ge0 opprD addrACA subrr addr0 subr_ge0.
Qed.

Hypothesis K_ge0 : forall s a s', 0 <= K s a s'.
Hypothesis gamma_ge0 : 0 <= gamma.

Lemma unit_bound s a : gamma * (\sum_s' `|K s a s'| * 1) <= gamma * 1.
Proof.
rewrite (eq_bigr (K s a)) => [|s' _]; last by rewrite mulr1 ger0_norm.
by rewrite K_sum1.
Qed.

Lemma top_monotone V V' s m m' :
  (forall s', V s' <= V' s') -> top (val V s) m -> top (val V' s) m' -> m <= m'.
Proof.
move=> le [_ [a <-]] [mx _]; apply: le_trans (mx a).
rewrite /MaxAffine.val le_plus2l; apply: le_mul2l => //; apply: ler_sum => s' _.
exact: le_mul2l.
Qed.
End UnitRows.
