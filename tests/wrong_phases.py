"""Wrong programs for the claims about the phase diagram: what is replaced, by what, and which claim must then fall."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from wrong_programs import always_uniform, doubled, wrong_baseline

import fqi_theory as ft
from fqi_theory.data.sources import EpsilonGreedy
from fqi_theory.factorization import linear, monotonic
from fqi_theory.fates import decide
from fqi_theory.fates.monotone import search as monotone_search
from fqi_theory.fates.phases import kernel, negative_mass, product_rows, projection, remedies, uniform, witnesses
from fqi_theory.fates.phases.rows import Row
from fqi_theory.operators import remedies as operator_remedies
from fqi_theory.operators.value_space import ValueOperator
from proofs_check.claims import phases_best_response, phases_projections, phases_qmix_network, phases_spiral
from proofs_check.evidence import exact
from proofs_check.evidence.exact import closed_form, product_weights
from proofs_check.evidence.weights import fit_weights


def halved_atoms(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: {density: p / 2 for density, p in original(*given).items()}


def first_actions(_marginals: Any, chosen: Any) -> Any:
    return (0,) * len(chosen)


def frequent(original: Callable[..., Any]) -> Callable[..., Any]:
    """Take every agent's most frequent action for its rarest."""
    return lambda kind, marginals: original(kind, [(max(own),) * len(own) for own in marginals])


def unsigned(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda kind, law, action: -original(kind, law, action)


def no_sharing(_rows: Any, discount: Any) -> Any:
    return 1 / discount - discount


def all_stay(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda found: original(found) | True


def one_spoils(table: Any, shape: Any, action: Any) -> Any:
    """Let the second agent of two seek the worst response."""
    first = max(range(shape[0]), key=lambda x: table[(x, action[1])])
    return first, min(range(shape[1]), key=lambda x: table[(action[0], x)])


def skewed_weights(shape: Any, order: int) -> Any:
    """Return the fit weights of data that are not uniform."""
    own = [[Fraction(2 * (x + 1), k * (k + 1)) for x in range(k)] for k in shape]
    return fit_weights(product_weights(own), order)


def raised(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a monotone fit one too high."""

    def fit(*given: Any) -> Any:
        found = original(*given)
        return replace(found, table=found.table + 1)

    return fit


def squared_error(original: Callable[..., Any]) -> Callable[..., Any]:
    def fit(*given: Any) -> Any:
        found = original(*given)
        return replace(found, error=found.error**2)

    return fit


PHASES = [
    (product_rows, "_additive_atoms", halved_atoms(product_rows._additive_atoms), "phases.negative-mass"),
    (product_rows, "_actions", first_actions, "phases.negative-mass"),
    (projection, "merged", lambda _: {}, "phases.negative-mass"),
    (negative_mass, "weights_at", unsigned(negative_mass.weights_at), "phases.negative-mass"),
    (negative_mass, "product_rows", frequent(negative_mass.product_rows), "phases.uniform-safest"),
    (negative_mass, "product_rows", frequent(negative_mass.product_rows), "phases.rarer-worse"),
    (Row, "mass", 5, "phases.one-over-n"),
    (Row, "mass", 5, "phases.two-agents"),
    (uniform, "krawtchouk", lambda _degree, x, *_: 1 - x, "phases.uniform"),
    (linear, "from_means", wrong_baseline, "phases.converges"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "phases.bounded"),
    (linear, "from_means", wrong_baseline, "phases.behaviour"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.diverges"),
    (witnesses, "_turning_point", lambda *_: (ft.exact("1/3"), True), "phases.oscillates"),
    (EpsilonGreedy, "at", always_uniform, "phases.on-policy-diverges"),
    (remedies, "largest_share", no_sharing, "phases.share"),
    (operator_remedies, "_in_unit_interval", lambda *_: ft.exact(1), "phases.remedies-decided"),
    (linear, "from_means", wrong_baseline, "phases.shaping"),
    (kernel, "fitted", lambda rows, *_: -rows, "phases.coupling"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "phases.overestimation"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.overestimation-attained"),
    (remedies, "least_steps", lambda *_: 22, "phases.steps"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.damping"),
    (linear, "from_means", wrong_baseline, "phases.two-by-two"),
    (ft, "decide", lambda *_, **__: decide("cycle-3"), "phases.two-by-two"),
    (ValueOperator, "factors", doubled(ValueOperator.factors, 50), "phases.influence"),
    (linear, "from_means", wrong_baseline, "phases.voting-chaos"),
    (EpsilonGreedy, "at", always_uniform, "phases.best-response"),
    (phases_best_response, "_best_response", one_spoils, "phases.best-response-two"),
    (phases_best_response, "_acyclic", lambda _: True, "phases.best-response-three"),
    (exact, "closed_form", lambda y, _: closed_form(y, [[Fraction(3, 4), Fraction(1, 4)]] * 2), "phases.greedy-loss"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.on-policy-exact"),
    (EpsilonGreedy, "at", always_uniform, "phases.on-policy-exact"),
    (phases_spiral, "uniform_weights", skewed_weights, "phases.damping-proof"),
    (linear, "from_means", wrong_baseline, "phases.damping-proof"),
    (EpsilonGreedy, "at", always_uniform, "phases.qmix-on-policy"),
    (phases_qmix_network, "bend", lambda x: min(x, x / 4), "phases.qmix-network-convex"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.qmix-network-diverges"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.coupling-attained"),
    (remedies, "largest_share", no_sharing, "phases.share-constants"),
    (operator_remedies, "_in_unit_interval", lambda *_: ft.exact(1), "phases.learners"),
    (operator_remedies, "_in_unit_interval", lambda *_: ft.exact(1), "phases.damping-threshold"),
    (exact, "closed_form", lambda y, _: closed_form(y, [[Fraction(1, 2)] * 2] * 2), "phases.damping-on-policy"),
    (phases_projections, "uniform_weights", skewed_weights, "phases.minimax-every-fit"),
    (product_rows, "_additive_atoms", halved_atoms(product_rows._additive_atoms), "phases.sharing"),
    (projection, "merged", lambda _: {}, "phases.currents"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.two-agents-attained"),
    (monotonic, "_monotone", raised(monotonic._monotone), "phases.qmix-between"),
    (monotonic, "_monotone", raised(monotonic._monotone), "phases.qmix-sandwich"),
    (monotonic, "_monotone", raised(monotonic._monotone), "phases.qmix-cycle"),
    (monotonic, "_monotone", raised(monotonic._monotone), "phases.qmix-frozen"),
    (monotone_search, "radius", lambda *_: ft.exact(10**9), "phases.qmix-certified"),
    (monotonic, "_monotone", squared_error(monotonic._monotone), "phases.qmix-radius"),
]

#: A refutation that needs a right program is withdrawn ('unknown') under a wrong one.
WITHDRAWN_PHASES = [
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.richer-safer"),
    (EpsilonGreedy, "at", always_uniform, "phases.on-policy-safer"),
]
