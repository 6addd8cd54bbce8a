(* The definitions of the theory: joint actions, product and joint data, linear value
   factorisation, squared error, multi-agent fitted Q-iteration (FQI).

   Values live in any ordered field F (rationals, real numbers, ...); S is the finite
   set of states, I that of the agents, A i that of the actions of agent i. Joint
   actions a = (a_i)_i are dependent finite functions.

                     tends_to u l == the sequence u^(t) has the limit l
                      unbounded u == u^(t) exceeds every number
                     n_agents F I == the number n of agents, as a value
                          upd a x == a with agent i's action replaced by x : A i
                       is_max f m == m = max_a f(a), and it is attained
                         Qtot Q a == sum_i Q_i(a_i), a linearly factored value
                       greedy Q a == every a_i maximises Q_i
               eps_greedy eps a x == the probability of x : A i in eps-greedy data
                                     around a: 1 - eps + eps/|A_i| for a_i, eps/|A_i|
                                     for the others
                         prob p a == prod_i p_i(a_i), product data
                            E p f == sum_a prob p a f(a), the expectation under product
                                     data
                        Qcf p y x == the counterfactual credit of x : A i, Theorem 1's
                                     closed form: E[y(x,.)] - (n-1)/n E[y]
                       loss p y Q == E[(y - Q_tot)^2]
                   best_fit p y Q == Q is a least-squares fit of y among all linear
                                     factorisations, under product data
                 joint_loss d y q == sum_a d(a) (y(a) - q(a))^2, for any data d
                  joint_fit d y Q == Q is a least-squares fit of y among all linear
                                     factorisations, under any data d
                  selection_igm q == some choice of individual maximisers of some
                                     factors is a joint maximiser of q
                        set_igm q == the joint maximisers of q are exactly the tuples of
                                     individual maximisers of some factors
                    igm_fit d y q == q is a least-squares fit of y in the selection-IGM
                                     class
               target r P g V s a == r(s,a) + g sum_s' P(s'|s,a) V(s'), the regression
                                     targets y
           linear_run r P g p V Q == a run of linear FQI on fixed product data p: V^(t)
                                     = max Q_tot^(t), Q^(t+1)(s) any least-squares fit
                                     to y^(t)(s)
            joint_run r P g d V Q == the same on any fixed data d
   on_policy_run r P g eps V Q pi == the same under eps-greedy data around pi t s, some
                                     greedy joint action of Q^(t)(s) (any rule for ties)
              igm_run r P g d V Q == a run of FQI over the selection-IGM class on fixed
                                     data d                                              *)
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Ordered.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* -------------------------------------------------------------------- sequences *)
(* u^(t) tends to l; u is unbounded above *)
Definition tends_to (F : realFieldType) (u : nat -> F) (l : F) :=
  forall e, 0 < e -> exists T, forall t, (T <= t)%N -> `|u t - l| < e.
Definition unbounded (F : realFieldType) (u : nat -> F) := forall M, exists t, M < u t.

(* ------------------------------------------------------- one state (a game) *)
Section Game.

Variable F : realFieldType.               (* values                            *)
Variable I : finType.                     (* the agents                        *)
Variable A : I -> finType.                (* agent i's own finite action set   *)
Notation joint := {dffun forall i, A i}.  (* joint actions a = (a_i)_i         *)

(* the number of agents, as a value *)
Definition n_agents : F := #|I|%:R.

(* a with agent i's action replaced by x *)
Definition upd (a : joint) (i : I) (x : A i) : joint :=
  [ffun j => if i =P j is ReflectT e then ecast k (A k : Type) e x else a j].

(* m is the maximum of f over all joint actions: m = max_a f(a). *)
Definition is_max (f : joint -> F) (m : F) :=
  (forall a, f a <= m) /\ (exists a, f a = m).

(* A linearly factored value: Q_tot(a) = sum_i Q_i(a_i). *)
Definition Qtot (Q : forall i, A i -> F) (a : joint) : F := \sum_i Q i (a i).

(* The joint action a is greedy: every agent maximises its own factor. *)
Definition greedy (Q : forall i, A i -> F) (a : joint) :=
  forall i (x : A i), Q i x <= Q i (a i).

(* epsilon-greedy data around the joint action a: agent i plays a_i with
   probability 1 - eps + eps/|A_i| and every other action with eps/|A_i|.      *)
Definition eps_greedy (eps : F) (a : joint) (i : I) (x : A i) : F :=
  (if x == a i then 1 - eps else 0) + eps / #|A i|%:R.

(* Product data: every agent draws its action independently, agent i from p i. *)
Section ProductData.
Variable p : forall i, A i -> F.

(* p_D(a) = prod_i p_i(a_i) *)
Definition prob (a : joint) : F := \prod_i p (a i).

(* the expectation of f under the data *)
Definition E (f : joint -> F) : F := \sum_a prob a * f a.

(* The counterfactual credit of agent i (Theorem 1's closed form, w = 0):
   E_{a'_-i} [ y(x, a'_-i) ] - (n-1)/n E_{a'} [ y(a') ].                       *)
Definition Qcf (y : joint -> F) (i : I) (x : A i) : F :=
  E (fun a => y (upd a x)) - (n_agents - 1) / n_agents * E y.

(* the mean squared error of the factors Q against the targets y *)
Definition loss (y : joint -> F) (Q : forall i, A i -> F) : F :=
  E (fun a => (y a - Qtot Q a) ^+ 2).

(* Q is a least-squares fit of y among all linear factorisations. *)
Definition best_fit (y : joint -> F) (Q : forall i, A i -> F) :=
  forall Q', loss y Q <= loss y Q'.
End ProductData.

(* Any data d(a), not only product data, and any Q_tot. *)
Definition joint_loss (d y q : joint -> F) : F := \sum_a d a * (y a - q a) ^+ 2.

(* Q is a least-squares fit of y among all linear factorisations, for any data d.
   For product data, d = prob p, this is best_fit p.                           *)
Definition joint_fit (d y : joint -> F) (Q : forall i, A i -> F) :=
  forall Q', joint_loss d y (Qtot Q) <= joint_loss d y (Qtot Q').

(* The selection-IGM class: Q_tot is consistent with some individual factors,
   that is, some choice of individual maximisers is a joint maximiser.         *)
Definition selection_igm (q : joint -> F) :=
  exists (Q : forall i, A i -> F) (a : joint), greedy Q a /\ forall b, q b <= q a.

(* The set-IGM class: the joint maximisers are exactly the tuples of
   individual maximisers.                                                      *)
Definition set_igm (q : joint -> F) :=
  exists Q : forall i, A i -> F, forall a, (forall b, q b <= q a) <-> greedy Q a.

(* q is a least-squares fit of y in the selection-IGM class. *)
Definition igm_fit (d y q : joint -> F) :=
  selection_igm q /\
  forall q', selection_igm q' -> joint_loss d y q <= joint_loss d y q'.

End Game.

(* -------------------------------------- multi-agent MDP and fitted Q-iteration *)
Section MMDP.

Variables (F : realFieldType) (S I : finType) (A : I -> finType).
Notation joint := {dffun forall i, A i}.
Notation local := (forall i, A i -> F).      (* the factors Q_i at one state    *)

Variable r : S -> joint -> F.                (* rewards r(s,a)                  *)
Variable P : S -> joint -> S -> F.           (* transitions P s a s' = P(s'|s,a) *)
Variable gamma : F.                          (* the discount                    *)

(* the regression targets y(s,a) = r(s,a) + gamma sum_s' P(s'|s,a) V(s') *)
Definition target (V : S -> F) (s : S) (a : joint) : F :=
  r s a + gamma * \sum_s' P s a s' * V s'.

(* A run of linear FQI on fixed product data p:
   V^(t)(s) = max_a Q_tot^(t)(s,a), and in every state the factors Q^(t+1)(s)
   are some least-squares fit to the targets y^(t)(s).                         *)
Definition linear_run (p : S -> local) (V : nat -> S -> F) (Q : nat -> S -> local) :=
  (forall t s, is_max (Qtot (Q t s)) (V t s)) /\
  (forall t s, best_fit (p s) (target (V t) s) (Q t.+1 s)).

(* A run of linear FQI on any fixed data d, in which the agents' actions may be
   correlated: d s a is the weight of the joint action a at state s.           *)
Definition joint_run (d : S -> joint -> F) (V : nat -> S -> F) (Q : nat -> S -> local) :=
  (forall t s, is_max (Qtot (Q t s)) (V t s)) /\
  (forall t s, joint_fit (d s) (target (V t) s) (Q t.+1 s)).

(* A run of linear FQI on policy: a^(t)(s) = pi t s is some greedy joint action
   of the factors Q^(t)(s) (any rule for ties), the data of iteration t are
   epsilon-greedy around it, V^(t)(s) = Q_tot^(t)(s, a^(t)(s)) is the maximum.  *)
Definition on_policy_run (eps : F) (V : nat -> S -> F) (Q : nat -> S -> local)
    (pi : nat -> S -> joint) :=
  [/\ forall t s, greedy (Q t s) (pi t s),
      forall t s, V t s = Qtot (Q t s) (pi t s)
    & forall t s, best_fit (eps_greedy eps (pi t s)) (target (V t) s) (Q t.+1 s)].

(* A run of FQI over the selection-IGM class on fixed data d, which need not be
   product data.                                                               *)
Definition igm_run (d : S -> joint -> F) (V : nat -> S -> F) (Q : nat -> S -> joint -> F) :=
  (forall t s, is_max (Q t s) (V t s)) /\
  (forall t s, igm_fit (d s) (target (V t) s) (Q t.+1 s)).

End MMDP.
