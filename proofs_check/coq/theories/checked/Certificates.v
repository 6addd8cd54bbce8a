(* Certificates of all kinds that are checked inside Coq, in one type with one check: the
   function that `make checker-ocaml` extracts, and the theorem about it.

   A claimed cycle has at least two positions.

     certificate == a certificate by its kind of proof and fate: Optimality and
                    Contraction; Limits, Cycles and Diverges for regions of linear fits;
                    Linear and Sums for fates of the values alone (Fates.v), of linear
                    fits and of classes of sums; ClassContraction, ClassLimits and
                    ClassCycles for the others of classes of sums; Monotone for boxes of
                    QMIX; SideLimits and SideCycles for regions of linear fits that shrink;
                    RuleFate, RuleContraction, RuleLimits and RuleCycles for classes of sums
                    under epsilon-greedy data, or with a choice of what data leave open;
                    OpenFate, OpenLimits and OpenCycles for the closed form of linear fits;
                    LeastFate, LeastContraction, LeastLimits and LeastCycles for the choice
                    of least norm, FactorsFate, FactorsLimits and FactorsCycles of the agents'
                    factors where the class is linear;
                    OrderLimits and OrderCycles for limits and cycles of QMIX, OrderBox for its boxes
                    after some steps,
                    WeightedLimits and WeightedCycles under weights that depend on Q_tot,
                    NearLimits and NearCycles where a run only comes near its positions,
                    WeightedBox for boxes under such weights;
                    ChoiceLimits and ChoiceCycles for linear fits where one of several joint
                    actions is greedy, RuleChoiceLimits and RuleChoiceCycles for classes of sums;
                    RayLimits and RayCycles along rays, WeightedRayLimits and WeightedRayCycles the
                    same under such weights
       accepts c == the check of its kind
    conclusion t == what the theorem t says where its one hypothesis holds
      claims F c == what the theorem of its kind says over the field F

   accepts_sound  accepted certificates are true

   Source: ours.                                                                         *)
From Coq Require Import ZArith QArith.
From mathcomp Require Import all_ssreflect all_algebra.
From FqiTheory Require Import Model Rationals Tables Fits Claims Positions Phases Regions.
From FqiTheory Require Import CheckedOptimality CheckedContraction CheckedDivergence CheckedOrbit.
From FqiTheory Require Import CheckedShrinking Sums CheckedBox CheckedClasses Fates CheckedRules CheckedClosed CheckedNorms.
From FqiTheory Require Import CheckedFactors CheckedOrderBox.
From FqiTheory Require Import Orders OrderFits OrderRuns CheckedMonotonic CheckedWeighted NearWeighted CheckedNearWeighted.
From FqiTheory Require Import CheckedWeightedBox.
From FqiTheory Require Import CheckedChoices RuleChoices.
From FqiTheory Require Import CheckedRays CheckedWeightedRays.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.

(* model, data and claim; then for a contraction the weights and the factor, for regions the start
   (values and joint actions), the proof, and whether its directions are the unit vectors of all
   states but one. Sums: also the sets of agents, and the hint of the fit. Monotone: the values of
   the start, the least and the greatest values. Rules: after the data the rule, the sets, and the
   averages that the fits are sums of. Least: the sets, and the hint of the fits; Factors: the hint.
   OrderLimits, OrderCycles: the start, the number of steps, the radius, the hints of these steps
   and of the positions, bounds of errors' roots, directions; OrderBox: the start, the number of
   steps, their hints, the least and the greatest values. WeightedLimits, WeightedCycles: the
   weights for data; positions, the start, the number of steps, hints. NearLimits, NearCycles: after
   the number of steps the radius and the level, after the hints of these steps the least and the
   greatest distance from the first position, at the end hints of what is chosen near the positions.
   WeightedBox: the start, the number of steps, their hints, the least and the greatest values.
   RayLimits, RayCycles: the start, the number of steps, their hints, what the run is away from the
   positions, the regressions at these, the hints there, and the factor by which the last of the
   ways is the first one. Weighted: tables before the start, which is a position; before that factor
   the one of the constants.                                                                     *)
Inductive certificate :=
  | Optimality of model & data & limit
  | Contraction of model & data & limit & seq Q & Q
  | Limits of model & data & limit & seq Q & seq (seq nat) & proof & bool
  | Cycles of model & data & seq (seq Q) & seq (seq (seq nat)) & seq Q & seq (seq nat) & proof & bool
  | Diverges of model & data & growth & nat & seq Q & seq (seq nat) & proof & growth
  | Linear of model & data & seq Q & seq (seq nat) & fate
  | Sums of model & data & seq (seq nat) & seq (seq (seq (seq Q))) & seq Q & seq (seq nat) & fate
  | Monotone of model & data & seq Q & seq Q & seq Q
  | ClassContraction of model & data & seq (seq nat) & seq (seq (seq (seq Q))) & limit & seq Q & Q
  | ClassLimits of model & data & seq (seq nat) & seq (seq (seq (seq Q))) & limit
      & seq Q & seq (seq nat) & proof & bool
  | ClassCycles of model & data & seq (seq nat) & seq (seq (seq (seq Q))) & seq (seq Q) & seq (seq (seq nat))
      & seq Q & seq (seq nat) & proof & bool
  | SideLimits of model & data & limit & seq Q & seq (seq nat) & proof
  | SideCycles of model & data & seq (seq Q) & seq (seq (seq nat)) & seq Q & seq (seq nat) & proof
  | RuleFate of model & data & rule & seq (seq nat) & seq (seq nat * Q) & seq Q & seq (seq nat) & fate
  | RuleContraction of model & data & rule & seq (seq nat) & seq (seq nat * Q) & limit & seq Q & Q
  | RuleLimits of model & data & rule & seq (seq nat) & seq (seq nat * Q) & limit & seq Q & seq (seq nat) & proof & bool
  | RuleCycles of model & data & rule & seq (seq nat) & seq (seq nat * Q) & seq (seq Q) & seq (seq (seq nat))
      & seq Q & seq (seq nat) & proof & bool
  | OpenFate of model & data & seq Q & seq (seq nat) & fate
  | OpenLimits of model & data & limit & seq Q & seq (seq nat) & proof & bool
  | OpenCycles of model & data & seq (seq Q) & seq (seq (seq nat)) & seq Q & seq (seq nat) & proof & bool
  | LeastFate of model & data & seq (seq nat) & seq (seq (seq Q)) & seq Q & seq (seq nat) & fate
  | LeastContraction of model & data & seq (seq nat) & seq (seq (seq Q)) & limit & seq Q & Q
  | LeastLimits of model & data & seq (seq nat) & seq (seq (seq Q)) & limit & seq Q & seq (seq nat) & proof & bool
  | LeastCycles of model & data & seq (seq nat) & seq (seq (seq Q)) & seq (seq Q) & seq (seq (seq nat))
      & seq Q & seq (seq nat) & proof & bool
  | FactorsFate of model & data & seq (seq (seq Q)) & seq Q & seq (seq nat) & fate
  | FactorsLimits of model & data & seq (seq (seq Q)) & limit & seq Q & seq (seq nat) & proof & bool
  | FactorsCycles of model & data & seq (seq (seq Q)) & seq (seq Q) & seq (seq (seq nat))
      & seq Q & seq (seq nat) & proof & bool
  | OrderLimits of model & data & limit & seq Q & seq (seq nat) & nat & Q & seq whole_hint & seq hint & seq (seq Q)
      & option way
  | OrderCycles of model & data & seq (seq Q) & seq (seq (seq nat)) & seq Q & seq (seq nat)
      & nat & Q & seq whole_hint & seq hint & seq (seq Q) & option way
  | OrderBox of model & data & seq Q & seq (seq nat) & nat & seq whole_hint & seq Q & seq Q
  | WeightedLimits of model & weighting & limit & seq (seq Q) & position & nat & seq hint & seq hint
  | WeightedCycles of model & weighting & seq position & position & nat & seq hint & seq hint
  | NearLimits of model & weighting & limit & seq (seq Q) & position & nat & Q & Q & seq hint & Q & Q & seq hint
      & seq (seq near_hint)
  | NearCycles of model & weighting & seq position & position & nat & Q & Q & seq hint & Q & Q & seq hint
      & seq (seq near_hint)
  | WeightedBox of model & weighting & position & nat & seq hint & seq Q & seq Q
  | ChoiceLimits of model & data & limit & seq Q & seq (seq nat) & choices
  | ChoiceCycles of model & data & seq (seq Q) & seq (seq (seq nat)) & seq Q & seq (seq nat) & choices
  | RuleChoiceLimits of model & data & rule & seq (seq nat) & seq (seq nat * Q) & limit & seq Q & seq (seq nat) & choices
  | RuleChoiceCycles of model & data & rule & seq (seq nat) & seq (seq nat * Q) & seq (seq Q) & seq (seq (seq nat))
      & seq Q & seq (seq nat) & choices
  | RayLimits of model & data & limit & seq Q & seq (seq nat) & nat & seq whole_hint & seq (seq Q)
      & seq (seq (seq order_fit)) & seq hint & Q
  | RayCycles of model & data & seq (seq Q) & seq (seq (seq nat)) & seq Q & seq (seq nat) & nat & seq whole_hint & seq (seq Q)
      & seq (seq (seq order_fit)) & seq hint & Q
  | WeightedRayLimits of model & weighting & limit & seq (seq Q) & position & nat & seq hint & seq course
      & seq (seq (seq order_fit)) & seq hint & Q & Q
  | WeightedRayCycles of model & weighting & seq position & position & nat & seq hint & seq course
      & seq (seq (seq order_fit)) & seq hint & Q & Q.

Definition accepts (c : certificate) : bool :=
  match c with
  | Optimality m d c => check_optimality m d c
  | Contraction m d c w kappa => check_contraction m d c w kappa
  | Limits m d c v0 g0 p units => check_limit m d v0 g0 p units c
  | Cycles m d points policies v0 g0 p units =>
      (1 < size points)%N && check_orbit m d v0 g0 p units points policies
  | Diverges m d claimed steps v0 g0 p proved =>
      [&& steps == size (modes p), same claimed proved
        & check_divergence m d v0 g0 p (geometric claimed) (rate claimed)]
  | Linear m d v0 g0 f => check_linear m d v0 g0 f
  | Sums m d sets c v0 g0 f => check_sums m d sets c v0 g0 f
  | Monotone m d v0 lower upper => check_monotone m d lower upper v0
  | ClassContraction m d sets c claim w kappa => check_class_contraction m d sets c claim w kappa
  | ClassLimits m d sets c claim v0 g0 p units => check_class_limit m d sets c v0 g0 p units claim
  | ClassCycles m d sets c points policies v0 g0 p units =>
      (1 < size points)%N && check_class_orbit m d sets c v0 g0 p units points policies
  | SideLimits m d c v0 g0 p => check_side_limit m d v0 g0 p c
  | SideCycles m d points policies v0 g0 p => (1 < size points)%N && check_side_orbit m d v0 g0 p points policies
  | RuleFate m d k sets us v0 g0 f => check_rule_fate m d k sets us v0 g0 f
  | RuleContraction m d k sets us c w kappa => check_rule_contraction m d k sets us c w kappa
  | RuleLimits m d k sets us c v0 g0 p units => check_rule_limit m d k sets us v0 g0 p units c
  | RuleCycles m d k sets us points policies v0 g0 p units =>
      (1 < size points)%N && check_rule_orbit m d k sets us v0 g0 p units points policies
  | OpenFate m d v0 g0 f => check_open_fate m d v0 g0 f
  | OpenLimits m d c v0 g0 p units => check_open_limit m d v0 g0 p units c
  | OpenCycles m d points policies v0 g0 p units =>
      (1 < size points)%N && check_open_orbit m d v0 g0 p units points policies
  | LeastFate m d sets c v0 g0 f => check_least_fate m d sets c v0 g0 f
  | LeastContraction m d sets c claim w kappa => check_least_contraction m d sets c claim w kappa
  | LeastLimits m d sets c claim v0 g0 p units => check_least_limit m d sets c v0 g0 p units claim
  | LeastCycles m d sets c points policies v0 g0 p units =>
      (1 < size points)%N && check_least_orbit m d sets c v0 g0 p units points policies
  | FactorsFate m d c v0 g0 f => check_factors_fate m d c v0 g0 f
  | FactorsLimits m d c claim v0 g0 p units => check_factors_limit m d c v0 g0 p units claim
  | FactorsCycles m d c points policies v0 g0 p units =>
      (1 < size points)%N && check_factors_orbit m d c v0 g0 p units points policies
  | OrderLimits m d c v0 g0 T D before hints roots p => check_order_limit m d v0 g0 T D before c hints roots p
  | OrderCycles m d points policies v0 g0 T D before hints roots p =>
      (1 < size points)%N && check_order_orbit m d v0 g0 T D before points policies hints roots p
  | OrderBox m d v0 g0 T before lower upper => check_order_box m d v0 g0 T before lower upper
  | WeightedLimits m w c q x0 T before hints => check_weighted_limit m w x0 T before c q hints
  | WeightedCycles m w points x0 T before hints =>
      (1 < size points)%N && check_weighted_orbit m w x0 T before points hints
  | NearLimits m w c q x0 T D L before l h hints nears => check_near_limit m w x0 T D L before l h c q hints nears
  | NearCycles m w points x0 T D L before l h hints nears =>
      (1 < size points)%N && check_near_orbit m w x0 T D L before l h points hints nears
  | WeightedBox m w x0 T before lower upper => check_weighted_box m w x0 T before lower upper
  | ChoiceLimits m d c v0 g0 p => check_choice_limit m d v0 g0 p c
  | ChoiceCycles m d points policies v0 g0 p => (1 < size points)%N && check_choices m d v0 g0 p points policies
  | RuleChoiceLimits m d k sets us c v0 g0 p => check_rule_choice_limit m d k sets us v0 g0 p c
  | RuleChoiceCycles m d k sets us points policies v0 g0 p =>
      (1 < size points)%N && check_rule_choices m d k sets us v0 g0 p points policies
  | RayLimits m d c v0 g0 T before ways fits hints kappa => check_ray_limit m d v0 g0 T before c ways fits hints kappa
  | RayCycles m d points policies v0 g0 T before ways fits hints kappa =>
      (1 < size points)%N && check_ray_orbit m d v0 g0 T before points policies ways fits hints kappa
  | WeightedRayLimits m w c q x0 T before courses fits hints lam kappa =>
      check_weighted_ray_limit m w x0 T before c q courses fits hints lam kappa
  | WeightedRayCycles m w points x0 T before courses fits hints lam kappa =>
      (1 < size points)%N && check_weighted_ray_orbit m w x0 T before points courses fits hints lam kappa
  end.

(* what a theorem says where its one hypothesis holds *)
Local Notation conclusion t := (ltac:(lazymatch type of t with _ -> ?A => exact A end)) (only parsing).

Definition claims (F : archiFieldType) (c : certificate) : Prop :=
  match c with
  | Optimality m d c => conclusion (@optimality_sound F m d c)
  | Contraction m d c w kappa => conclusion (@contraction_sound F m d c w kappa)
  | Limits m d c v0 g0 p units => conclusion (@limit_sound F m d v0 g0 p units c)
  | Cycles m d points policies v0 g0 p units =>
      (1 < size points)%N /\ conclusion (@orbit_sound F m d v0 g0 p units points policies)
  | Diverges m d claimed steps v0 g0 p _ =>
      steps = size (modes p) /\ conclusion (@divergence_sound F m d v0 g0 p (geometric claimed) (rate claimed))
  | Linear m d v0 g0 f => conclusion (@linear_sound F m d v0 g0 f)
  | Sums m d sets c v0 g0 f => conclusion (@sums_sound F m d sets c v0 g0 f)
  | Monotone m d v0 lower upper => conclusion (@monotone_sound F m d lower upper v0)
  | ClassContraction m d sets c claim w kappa => conclusion (@class_contraction_sound F m d sets c claim w kappa)
  | ClassLimits m d sets c claim v0 g0 p units => conclusion (@class_limit_sound F m d sets c v0 g0 p units claim)
  | ClassCycles m d sets c points policies v0 g0 p units =>
      (1 < size points)%N /\ conclusion (@class_orbit_sound F m d sets c v0 g0 p units points policies)
  | SideLimits m d c v0 g0 p => conclusion (@side_limit_sound F m d v0 g0 p c)
  | SideCycles m d points policies v0 g0 p =>
      (1 < size points)%N /\ conclusion (@side_orbit_sound F m d v0 g0 p points policies)
  | RuleFate m d k sets us v0 g0 f => conclusion (@rule_fate_sound F m d k sets us v0 g0 f)
  | RuleContraction m d k sets us c w kappa => conclusion (@rule_contraction_sound F m d k sets us c w kappa)
  | RuleLimits m d k sets us c v0 g0 p units => conclusion (@rule_limit_sound F m d k sets us v0 g0 p units c)
  | RuleCycles m d k sets us points policies v0 g0 p units =>
      (1 < size points)%N /\ conclusion (@rule_orbit_sound F m d k sets us v0 g0 p units points policies)
  | OpenFate m d v0 g0 f => conclusion (@open_fate_sound F m d v0 g0 f)
  | OpenLimits m d c v0 g0 p units => conclusion (@open_limit_sound F m d v0 g0 p units c)
  | OpenCycles m d points policies v0 g0 p units =>
      (1 < size points)%N /\ conclusion (@open_orbit_sound F m d v0 g0 p units points policies)
  | LeastFate m d sets c v0 g0 f => conclusion (@least_fate_sound F m d sets c v0 g0 f)
  | LeastContraction m d sets c claim w kappa => conclusion (@least_contraction_sound F m d sets c claim w kappa)
  | LeastLimits m d sets c claim v0 g0 p units => conclusion (@least_limit_sound F m d sets c v0 g0 p units claim)
  | LeastCycles m d sets c points policies v0 g0 p units =>
      (1 < size points)%N /\ conclusion (@least_orbit_sound F m d sets c v0 g0 p units points policies)
  | FactorsFate m d c v0 g0 f => conclusion (@factors_fate_sound F m d c v0 g0 f)
  | FactorsLimits m d c claim v0 g0 p units => conclusion (@factors_limit_sound F m d c v0 g0 p units claim)
  | FactorsCycles m d c points policies v0 g0 p units =>
      (1 < size points)%N /\ conclusion (@factors_orbit_sound F m d c v0 g0 p units points policies)
  | OrderLimits m d c v0 g0 T D before hints roots p =>
      conclusion (@order_limit_sound F m d v0 g0 T D before c hints roots p)
  | OrderCycles m d points policies v0 g0 T D before hints roots p =>
      (1 < size points)%N /\ conclusion (@order_orbit_sound F m d v0 g0 T D before points policies hints roots p)
  | OrderBox m d v0 g0 T before lower upper => conclusion (@order_box_sound F m d v0 g0 T before lower upper)
  | WeightedLimits m w c q x0 T before hints => conclusion (@weighted_limit_sound F m w x0 T before c q hints)
  | WeightedCycles m w points x0 T before hints =>
      (1 < size points)%N /\ conclusion (@weighted_orbit_sound F m w x0 T before points hints)
  | NearLimits m w c q x0 T D L before l h hints nears =>
      conclusion (@near_limit_sound F m w x0 T D L before l h c q hints nears)
  | NearCycles m w points x0 T D L before l h hints nears =>
      (1 < size points)%N /\ conclusion (@near_orbit_sound F m w x0 T D L before l h points hints nears)
  | WeightedBox m w x0 T before lower upper => conclusion (@weighted_box_sound F m w x0 T before lower upper)
  | ChoiceLimits m d c v0 g0 p => conclusion (@choices_limit_sound F m d v0 g0 p c)
  | ChoiceCycles m d points policies v0 g0 p =>
      (1 < size points)%N /\ conclusion (@choices_orbit_sound F m d v0 g0 p points policies)
  | RuleChoiceLimits m d k sets us c v0 g0 p => conclusion (@rule_choices_limit_sound F m d k sets us v0 g0 p c)
  | RuleChoiceCycles m d k sets us points policies v0 g0 p =>
      (1 < size points)%N /\ conclusion (@rule_choices_orbit_sound F m d k sets us v0 g0 p points policies)
  | RayLimits m d c v0 g0 T before ways fits hints kappa =>
      conclusion (@ray_limit_sound F m d v0 g0 T before c ways fits hints kappa)
  | RayCycles m d points policies v0 g0 T before ways fits hints kappa =>
      (1 < size points)%N /\ conclusion (@ray_orbit_sound F m d v0 g0 T before points policies ways fits hints kappa)
  | WeightedRayLimits m w c q x0 T before courses fits hints lam kappa =>
      conclusion (@weighted_ray_limit_sound F m w x0 T before c q courses fits hints lam kappa)
  | WeightedRayCycles m w points x0 T before courses fits hints lam kappa =>
      (1 < size points)%N /\
      conclusion (@weighted_ray_orbit_sound F m w x0 T before points courses fits hints lam kappa)
  end.

(* What the check accepts is true, in every archimedean ordered field.
   Source: ours. *)
Theorem accepts_sound (F : archiFieldType) (c : certificate) : accepts c -> claims F c.
Proof.
case: c => [m d c|m d c w kappa|m d c v0 g0 p units|m d points policies v0 g0 p units|m d claimed steps v0 g0 p proved
           |m d v0 g0 f|m d sets c v0 g0 f|m d v0 lower upper|m d sets c claim w kappa
           |m d sets c claim v0 g0 p units|m d sets c points policies v0 g0 p units|m d c v0 g0 p
           |m d points policies v0 g0 p|m d k sets us v0 g0 f|m d k sets us c w kappa
           |m d k sets us c v0 g0 p units|m d k sets us points policies v0 g0 p units
           |m d v0 g0 f|m d c v0 g0 p units|m d points policies v0 g0 p units
           |m d sets c v0 g0 f|m d sets c claim w kappa|m d sets c claim v0 g0 p units
           |m d sets c points policies v0 g0 p units
           |m d c v0 g0 f|m d c claim v0 g0 p units|m d c points policies v0 g0 p units
           |m d c v0 g0 T D before hints roots p|m d points policies v0 g0 T D before hints roots p
           |m d v0 g0 T before lower upper
           |m w c q x0 T before hints|m w points x0 T before hints
           |m w c q x0 T D L before l h hints nears|m w points x0 T D L before l h hints nears
           |m w x0 T before lower upper
           |m d c v0 g0 p|m d points policies v0 g0 p
           |m d k sets us c v0 g0 p|m d k sets us points policies v0 g0 p
           |m d c v0 g0 T before ways fits hints kappa
           |m d points policies v0 g0 T before ways fits hints kappa
           |m w c q x0 T before courses fits hints lam kappa
           |m w points x0 T before courses fits hints lam kappa] /=.
- exact: optimality_sound.
- exact: contraction_sound.
- exact: limit_sound.
- by case/andP => two ok; split=> //; apply: (orbit_sound F ok).
- by case/and3P => /eqP -> _ ok; split=> //; apply: (divergence_sound F ok).
- exact: linear_sound.
- exact: sums_sound.
- exact: monotone_sound.
- exact: class_contraction_sound.
- exact: class_limit_sound.
- by case/andP => two ok; split=> //; apply: (class_orbit_sound F ok).
- exact: side_limit_sound.
- by case/andP => two ok; split=> //; apply: (side_orbit_sound F ok).
- exact: rule_fate_sound.
- exact: rule_contraction_sound.
- exact: rule_limit_sound.
- by case/andP => two ok; split=> //; apply: (rule_orbit_sound F ok).
- exact: open_fate_sound.
- exact: open_limit_sound.
- by case/andP => two ok; split=> //; apply: (open_orbit_sound F ok).
- exact: least_fate_sound.
- exact: least_contraction_sound.
- exact: least_limit_sound.
- by case/andP => two ok; split=> //; apply: (least_orbit_sound F ok).
- exact: factors_fate_sound.
- exact: factors_limit_sound.
- by case/andP => two ok; split=> //; apply: (factors_orbit_sound F ok).
- exact: order_limit_sound.
- by case/andP => two ok; split=> //; apply: (order_orbit_sound F ok).
- exact: order_box_sound.
- exact: weighted_limit_sound.
- by case/andP => two ok; split=> //; apply: (weighted_orbit_sound F ok).
- exact: near_limit_sound.
- by case/andP => two ok; split=> //; apply: (near_orbit_sound F ok).
- exact: weighted_box_sound.
- exact: choices_limit_sound.
- by case/andP => two ok; split=> //; apply: (choices_orbit_sound F ok).
- exact: rule_choices_limit_sound.
- by case/andP => two ok; split=> //; apply: (rule_choices_orbit_sound F ok).
- exact: ray_limit_sound.
- by case/andP => two ok; split=> //; apply: (ray_orbit_sound F ok).
- exact: weighted_ray_limit_sound.
by case/andP => two ok; split=> //; apply: (weighted_ray_orbit_sound F ok).
Qed.
