"""Wrong programs and wrong twins for the claims that `wrong_programs` leaves, with the verdict that must come out.

Where a claim is decided by the judge's own arithmetic alone, it is that arithmetic which is replaced.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from typing import Any

from wrong_programs import (
    always_uniform,
    one_too_much,
    product_closed_form,
    undiscounted,
    unweighted,
    wrong_baseline,
)

from fqi_theory.data import normal_equations
from fqi_theory.data.sources import EpsilonGreedy
from fqi_theory.factorization import igm, linear, qplex
from fqi_theory.factorization.fit import additive_table
from fqi_theory.factorization.igm import factors_of_sets
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import ValueOperator
from proofs_check.certificates.kept import Kept
from proofs_check.claims import (
    census,
    census_discounts,
    certified_fates,
    empirical_data,
    igm_transformed,
    payoff_tables,
    phases,
    phases_data,
    phases_remedies,
    theorem1_credit_assignment,
)
from proofs_check.claims import igm as igm_claims
from proofs_check.evidence import local

local_attraction = import_module("fqi_theory.fates.local_attraction")


def times(factor: int, original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given, **named: [factor * part for part in original(*given, **named)]


def added(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a fit whose Q_tot is one too large everywhere."""

    def fit(*given: Any, **named: Any) -> Any:
        found = original(*given, **named)
        return replace(found, table=found.q_tot() + 1)

    return fit


def folded(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return minus the absolute value of each F(V)(s): no convex function of V."""

    def step(*given: Any, **named: Any) -> Any:
        found = original(*given, **named)
        return replace(found, values=-abs(found.values))

    return step


def uniform_marginals(shape: Any, _action: Any, _epsilon: Any) -> list[list[Fraction]]:
    return [[Fraction(1, k)] * k for k in shape]


def other_discount(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a kept certificate whose model has another discount than its claim names."""

    def document(self: Any) -> dict[str, Any]:
        found = original(self)
        return {**found, "model": {**found["model"], "discount": "1/7"}}

    return document


def without_level(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda matrix: original(matrix)[1:]


def heavier_first_row(original: Callable[..., Any]) -> Callable[..., Any]:
    def weights(*given: Any) -> Any:
        found = original(*given)
        first = next(iter(found))
        return {**found, first: {b: 2 * w for b, w in found[first].items()}}

    return weights


def turned(factors: Any, _weights: Any, *, closed: bool = False) -> Any:  # noqa: ARG001
    """Return the mixing with the sign of every factor turned round."""
    return -additive_table(factors)


def bolder(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a bound on ε that is twice what is proved."""
    return lambda *given: 2 * original(*given)


def unshrunk(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda game, order, _theta: original(game, order, Fraction(1))


TWINS = [
    *((Kept, "document", other_discount(Kept.document), claim.id, "unknown") for claim in certified_fates.CLAIMS),
    (theorem1_credit_assignment.exact, "nullspace", without_level(local.exact.nullspace), "thm1.unique", "refuted"),
    (normal_equations, "solve", product_closed_form, "thm1.correlated", "unknown"),
    (normal_equations, "solve", times(2, normal_equations.solve), "thm1.pairwise", "unknown"),
    (linear, "from_means", wrong_baseline, "thm1.unique-on-support", "refuted"),
    (local, "epsilon_marginals", uniform_marginals, "thm2.person-by-person", "refuted"),
    (local, "epsilon_marginals", uniform_marginals, "thm2.tied-models", "refuted"),
    (EpsilonGreedy, "at", always_uniform, "thm2.person-by-person", "refuted"),
    (EpsilonGreedy, "at", always_uniform, "thm2.tied-models", "refuted"),
    (local_attraction, "_epsilon", bolder(local_attraction._epsilon), "thm2.explicit-epsilon", "refuted"),
    (EpsilonGreedy, "at", always_uniform, "thm2.every-optimum", "unknown"),
    (EpsilonGreedy, "at", always_uniform, "thm2.some-optimum", "refuted"),
    *(
        (linear, "from_means", wrong_baseline, f"thm3.{name}", "refuted")
        for name in ("boundary", "convergence", "bias")
    ),
    (MMDP, "backup", undiscounted, "thm4.rate", "refuted"),
    (igm, "fit", added(igm.fit), "thm4.infimum", "refuted"),
    (igm, "fit", added(igm.fit), "thm4.missing-support", "unknown"),
    (qplex, "mix", unweighted, "igm.sets", "refuted"),
    (qplex, "mix", unweighted, "igm.zero-weight", "unknown"),
    (qplex, "mix", unweighted, "igm.zero-selection", "refuted"),
    (igm_transformed, "advantages", lambda values: values, "igm.advantage", "refuted"),
    (qplex, "mix", turned, "igm.transformed", "refuted"),
    (igm_transformed, "LOST", replace(igm_transformed.LOST, scales=(1, 1)), "igm.transformed-zero", "tested"),
    (normal_equations, "solve", product_closed_form, "thm1.empirical", "refuted"),
    (empirical_data, "FIVE", empirical_data.FIVE[:4], "thm1.factorizable", "tested"),
    (igm, "factors_of_sets", lambda *_: [-f for f in factors_of_sets(*_)], "thm4.greedy-limit", "refuted"),
    (igm_claims, "greedy_values", one_too_much, "igm.additive", "refuted"),
    (qplex, "mix", unweighted, "qplex.state-only", "unknown"),
    (payoff_tables.exact, "first_maximiser", lambda row: len(row) - 1, "tables.greedy-loss", "refuted"),
    (payoff_tables, "monotone_fits", lambda *_: [], "tables.monotonic-best", "unknown"),
    (payoff_tables, "REPORTED_QMIX", (8, *(-6,) * 8), "tables.monotonic-usual", "tested"),
    *(
        (linear, "from_means", wrong_baseline, f"tables.lecture-{name}", "unknown")
        for name in ("uniform", "printed", "rounding", "merged")
    ),
    (linear, "from_means", wrong_baseline, "value-space.nonnegative", "tested"),
    (ValueOperator, "step", folded(ValueOperator.step), "value-space.convex", "refuted"),
    (linear, "from_means", wrong_baseline, "dynamics.bounded-aperiodic", "unknown"),
    (census, "PLAN", replace(census.PLAN, discount=Fraction(3, 4)), "census.one-reward", "refuted"),
    (census, "only_one_leaves", lambda _cells: False, "census.one-reward", "refuted"),
    (census, "ON_POLICY", replace(census.ON_POLICY, data="epsilon-greedy:1"), "census.one-reward-on-policy", "refuted"),
    (census, "BOUND", replace(census.BOUND, discount=Fraction(66, 100)), "census.least-discount", "refuted"),
    (census_discounts, "BOUND", replace(census.PLAN, discount=Fraction(79, 100)), "census.least-divergence", "refuted"),
    (census_discounts, "RELAY", census_discounts.BELOW, "census.on-policy-least-divergence", "refuted"),
    (census_discounts, "BELOW", census_discounts.RELAY, "census.on-policy-least-divergence", "refuted"),
    (
        census_discounts,
        "GAMES",
        replace(census_discounts.GAMES, data="uniform"),
        "census.on-policy-discount-0",
        "refuted",
    ),
    (census_discounts, "CYCLING", 876, "census.qmix-every-discount", "refuted"),
    (census_discounts, "POSITIONS", census_discounts.POSITIONS[::-1], "census.qmix-every-discount", "refuted"),
    (phases, "weights_of", heavier_first_row(phases.weights_of), "phases.row-sums", "refuted"),
    (phases_data, "uniform_weights", heavier_first_row(phases_data.uniform_weights), "phases.minimax", "refuted"),
    (phases_remedies, "_shrunk", unshrunk(phases_remedies._shrunk), "phases.shrink-1-n", "refuted"),
]
