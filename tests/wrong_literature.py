"""Wrong programs and wrong twins for the claims of other papers, with the verdict that must come out."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from wrong_programs import half_weights, unweighted, wrong_baseline

from fqi_theory.factorization import additive as ft_additive
from fqi_theory.factorization import igm, linear, monotonic, qplex
from proofs_check.claims import (
    beyond_monotonicity,
    classics,
    classics_fixed_points,
    dcg,
    dcg_low_rank,
    qfix,
    qplex_code,
    qtran,
    qtran_alternative,
    weighted_qmix_recovery,
)
from proofs_check.claims.literature import table
from proofs_check.evidence import central, exact, messages


def raised(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a monotone fit that is one too large everywhere."""

    def best(*given: Any, **named: Any) -> Any:
        found = original(*given, **named)
        return replace(found, table=found.table + 1)

    return best


def negated(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: tuple(-part for part in original(*given))


def upside_down(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self: {a: -q for a, q in original(self).items()}


def everything(factors: Any) -> Any:
    return frozenset(exact.joint_actions(exact.sizes(factors)))


def shifted(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a fit of the additive class that is one too large everywhere."""

    def fit(*given: Any, **named: Any) -> Any:
        found = original(*given, **named)
        return replace(found, table=found.q_tot() + 1)

    return fit


def exactly(_self: Any, targets: Any, _data: Any) -> Any:
    """Return a 'fit' with no error, whatever the class."""
    return igm.fit(targets, _data)


def uncentred(values: Any) -> list[list[Fraction]]:
    rows, columns = (1 + max(a[i] for a in values) for i in (0, 1))
    return [[values[x, z] for z in range(columns)] for x in range(rows)]


def no_messages(_messages: Any, shape: Any, i: int, _without: Any) -> list[Fraction]:
    return [Fraction(0)] * shape[i]


def signed(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the step of a 'fit' whose weights sum to 1 but are three times too large, with others below 0."""

    def step(model: Any, rows: Any, values: Any) -> Any:
        centre = sum(values) / len(values)
        return original(model, rows, tuple(centre + 9 * (v - centre) for v in values))

    return step


def unfitted(original: Callable[..., Any]) -> Callable[..., Any]:
    """Return a 'monotone fit' that doubles the table."""

    def project(values: Any, *given: Any) -> Any:
        return original({a: 2 * y for a, y in values.items()}, *given)

    return project


WEIGHTED = ("unique", "contraction", "argmax", "value", "weak", "interval", "thresholds", "central", "operator")
EXPLORED = ("uniform", "threshold", "bound", "exploration", "stays")
LEVEL = table((2, 2), (0, 0, 0, 0))

LITERATURE = [
    *((monotonic, "best", raised(monotonic.best), f"wqmix.{name}", "unknown") for name in WEIGHTED),
    *((monotonic, "best", raised(monotonic.best), f"maven.{name}", "unknown") for name in EXPLORED),
    (weighted_qmix_recovery, "_optimistic_error", lambda _x, alpha: alpha, "wqmix.optimistic", "unknown"),
    (central, "limit_error", lambda *_: 0, "wqmix.one-alpha", "unknown"),
    (central, "largest", lambda *_: central.ONE, "wqmix.thresholds", "refuted"),
    (qtran, "conditions", lambda *_: True, "qtran.sufficient", "refuted"),
    (qtran, "CONSTANT", ((1, 0), (1, 0)), "qtran.sets", "tested"),
    (igm, "factors_of_sets", negated(igm.factors_of_sets), "qtran.necessary", "refuted"),
    (qtran, "ONE_BEST", LEVEL, "qtran.unscaled", "tested"),
    (qtran, "TWO_BEST", table((2, 2), (1, 0, 0, 0)), "qtran.selection", "tested"),
    (qtran_alternative, "conditions", lambda *_: False, "qtran.alternative", "refuted"),
    (qtran_alternative, "STEPPED", table((3, 2), (0, -1, -1, -2, -2, -3)), "qtran.alternative-necessary", "tested"),
    (qfix.Fix, "table", upside_down(qfix.Fix.table), "qfix.igm", "refuted"),
    (qfix.Fix, "table", upside_down(qfix.Fix.table), "qfix.complete", "refuted"),
    (qplex, "realise", half_weights(qplex.realise), "qfix.qplex", "refuted"),
    (qfix, "best_sets", lambda _: frozenset({(0, 0), (1, 1)}), "qfix.zero-weight", "tested"),
    (qfix, "best_sets", everything, "qfix.monotone-inner", "tested"),
    (ft_additive.Additive, "fit", shifted(ft_additive.Additive.fit), "dcg.two-agents", "refuted"),
    (ft_additive.Additive, "fit", shifted(ft_additive.Additive.fit), "dcg.path", "refuted"),
    (ft_additive.Additive, "fit", exactly, "dcg.pairs", "tested"),
    (dcg_low_rank, "IDENTITY", table((3, 3), (1, 0, 0) * 3), "dcg.rank-one", "tested"),
    (dcg_low_rank, "centred", uncentred, "dcg.rank", "refuted"),
    (messages, "_incoming", no_messages, "dcg.tree", "refuted"),
    (dcg, "TRIANGLE", dict.fromkeys(dcg.TRIANGLE, LEVEL), "dcg.cycle", "tested"),
    (beyond_monotonicity, "REVERSED", tuple(map(Fraction, (0, 1, 0, 1, 0, 1, 1, 0))), "saddles.exist", "refuted"),
    (beyond_monotonicity, "data_weight", lambda *_: 0, "saddles.unstable", "unknown"),
    (beyond_monotonicity, "energy", lambda _: Fraction(1), "saddles.linear-part", "refuted"),
    (beyond_monotonicity, "_increasing", lambda _: True, "saddles.increasing", "refuted"),
    (qplex, "mix", unweighted, "qplex-code.value", "refuted"),
    (qplex_code, "OFFSET", Fraction(100), "qplex-code.heads", "refuted"),
    (qplex_code, "OFFSET", Fraction(0), "qplex-code.offset", "tested"),
    (qplex_code, "SKEWED", replace(qplex_code.SKEWED, weights=((1,) * 4,) * 2), "qplex-code.stationary", "tested"),
    (classics, "averager_step", signed(classics.averager_step), "classics.averager", "refuted"),
    (classics, "uniform_weights", lambda *_: {(0,): {(0,): Fraction(1)}}, "classics.linear-averager", "unknown"),
    (classics, "project", unfitted(classics.project), "classics.isotonic", "refuted"),
    (classics.sympy, "Rational", lambda *_: 1, "classics.two-theta", "refuted"),
    (linear, "from_means", wrong_baseline, "classics.fixed-point", "unknown"),
    (classics_fixed_points, "HALF", Fraction(1), "classics.chattering", "tested"),
    (exact, "is_product_set", lambda _: True, "qfix.every-table", "tested"),
]
