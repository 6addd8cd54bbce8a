"""Weighted QMIX (arXiv:2006.10800): which α let idealised central weights recover the best joint action, exactly.

Why they are an interval (0, α*), and how α* is computed: `proofs_check.evidence.central`.
"""

from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.literature import sampled_claim, table
from proofs_check.claims.weighted_qmix import ALPHAS, CW, PAPER, engine_fit
from proofs_check.evidence import central, exact
from proofs_check.evidence.exact import Shape
from proofs_check.evidence.instances import Game, games
from proofs_check.evidence.sampling import sampled


def _weak_bound(game: Game) -> str | None:
    values = game.table()
    assume(len(exact.maximisers(values)) == 1)
    best = central.best_action(values)
    gap, right = values[best] - sorted(values.values())[-2], central.right_error(values, game.shape)
    alpha = min(Fraction(1), gap**2 / right / 2) if right else Fraction(1)
    found = engine_fit(values, central.weights(values, alpha), game.shape)[2]
    return None if found[best] == max(found.values()) else f"α = {alpha}: the fit at {best} is below its maximum"


def check_weak(budget: Budget) -> Finding:
    """Check that u attains the maximum of the fit for α < (y* - y_2)²/C, y_2 the second best value."""
    note = "why: the fit's error is at most αC, so x(u) >= y* - sqrt(αC) > y_2, and a block without u is at most y_2"
    return sampled(_weak_bound, games(((2, 2), (2, 3)), bound=4), budget, note=note)


def _not_an_interval(case: tuple[Game, Fraction, Fraction]) -> str | None:
    game, alpha, share = case
    values = game.table()
    assume(len(exact.maximisers(values)) == 1)
    right = central.right_error(values, game.shape)
    larger, smaller = (central.wrong_fit(values, game.shape, a).error / a for a in (alpha, alpha * share))
    if smaller < larger:
        return f"e(α)/α falls from {larger} at α = {alpha} to {smaller} at {alpha * share}"
    if smaller > central.limit_error(values, game.shape):
        return f"e(α)/α = {smaller} at α = {alpha * share} exceeds its limit"
    threshold = central.largest(values, game.shape)
    if (right < larger) != (alpha < threshold or (larger > right and threshold == 1)):
        return f"α = {alpha} recovers: {right < larger}, but α* = {threshold}"
    chosen = engine_fit(values, central.weights(values, alpha), game.shape)[1]
    known = right == larger or (chosen == central.best_action(values)) == (right < larger)
    return None if known else f"α = {alpha}: the engine's greedy joint action is {chosen}, α* = {threshold}"


def check_interval(budget: Budget) -> Finding:
    """Check on random tables that the α that recover u are (0, α*), by errors and by the engine's greedy action."""
    shares = st.sampled_from((Fraction(1, 3), Fraction(1, 50)))
    return sampled(_not_an_interval, st.tuples(games(((2, 2), (2, 3)), bound=3), ALPHAS, shares), budget)


Rows = tuple[tuple[str, Shape, tuple[int | str, ...], str], ...]
KNOWN: Rows = (
    ("[[1,-2],[0,0]]", (2, 2), (1, -2, 0, 0), "0"),
    ("game 1 of MAVEN and QPLEX", (3, 3), ("52/5", 0, 10, 0, 10, 10, 10, 10, 10), "0"),
    ("game 2 of QTRAN", (3, 3), (8, -12, -12, -12, 0, 0, -12, 0, 0), "1"),
    ("game 3 of QPLEX", (3, 3), (8, -12, -12, -12, 6, 0, -12, 0, 6), "193/387"),
    ("climbing", (3, 3), (11, -30, 0, -30, 7, 0, 0, 6, 5), "0"),
)


def check_thresholds(_: Budget) -> Finding:
    """Compute α* of five tables exactly; the engine's fits on both sides of it agree."""
    found, wrong = {}, []
    for name, shape, flat, known in KNOWN:
        values = table(shape, flat)
        found[name] = threshold = central.largest(values, shape)
        trials = {min(threshold * Fraction(99, 100), Fraction(1)): True, threshold * Fraction(101, 100): threshold == 1}
        trials = {a: recovered for a, recovered in trials.items() if 0 < a <= 1} or {Fraction(1, 1000): False}
        for alpha, recovered in trials.items():
            chosen = engine_fit(values, central.weights(values, alpha), shape)[1]
            if (chosen == central.best_action(values)) != recovered:
                wrong.append({"table": name, "alpha": alpha, "greedy": chosen})
        if threshold != Fraction(known):
            wrong.append({"table": name, "threshold": threshold, "expected": known})
    note = "0: no α recovers the best joint action; 1: every α does; at α* itself right and wrong fits tie"
    return settle(wrong or None, "certified", {"largest alpha": found}, len(KNOWN), note)


CLAIMS = (
    sampled_claim(
        "wqmix.weak",
        "For α < (y* - y_2)²/C the best joint action attains the maximum of the fit, beside others perhaps",
        r"\alpha<(y^*-y_2)^2/C\Rightarrow u\in\arg\max\Pi_wy",
        CW + "; y_2 the second best value, C the least error with u on top",
        "ours, on " + PAPER + " Theorem 1",
        check_weak,
        60,
    ),
    sampled_claim(
        "wqmix.interval",
        "The α that recover the best joint action are an interval (0, α*), with α* computed exactly",
        r"\{\alpha:\arg\max\Pi_wy=u\}=(0,\alpha^*)",
        CW,
        "ours, on " + PAPER + " Theorem 1",
        check_interval,
        40,
    ),
    Claim(
        id="wqmix.thresholds",
        statement="α* is 193/387 for game 3, 1 for game 2, 0 for climbing and for MAVEN's table: no α recovers these",
        latex=r"\alpha^*=\tfrac{193}{387},\;1,\;0,\;0",
        hypotheses=CW,
        source="ours, on " + PAPER + " Theorem 1",
        method="exact instance",
        expected="certified",
        check=check_thresholds,
    ),
)
