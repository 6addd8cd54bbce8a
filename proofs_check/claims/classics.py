"""Older results that this theory stands on, on instances: averagers, and least squares that diverge.

Gordon (Stable function approximation in dynamic programming, ICML 1995): fitted value iteration with an averager, a fit
with weights W(a,b) >= 0 that sum to 1, is a γ-contraction; other fits may expand. Tsitsiklis and Van Roy (Feature-based
methods for large scale dynamic programming, 1996): least squares can diverge.
"""

from fractions import Fraction
from math import prod
from typing import Any

import sympy
from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Table
from proofs_check.evidence.instances import Model, Numbers, distributions, models, rewards
from proofs_check.evidence.isotonic import project
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.symbols import first_nonzero
from proofs_check.evidence.weights import mass, uniform_weights

GORDON = "Gordon 1995"
Averaged = tuple[Model, tuple[Numbers, ...], Numbers, Numbers]


@st.composite
def averaged(draw: Any) -> Averaged:
    """Draw a model, an averager's rows W(a,.), the same in every state, and two starts."""
    model = draw(models([(2, 2), (3,)], max_states=2))
    size = prod(model.shape)
    rows = tuple(draw(distributions(size, positive=False)) for _ in range(size))
    return model, rows, draw(rewards(model.states, 9)), draw(rewards(model.states, 9))


def averager_step(model: Model, rows: tuple[Numbers, ...], values: Numbers) -> list[Fraction]:
    """Return F(V)(s) = max_a Σ_b W(a,b) y(s,b)."""
    targets = [list(y.values()) for y in model.backup(values)]
    return [max(sum((w * t for w, t in zip(row, y, strict=True)), Fraction(0)) for row in rows) for y in targets]


def _expands(case: Averaged) -> str | None:
    model, rows, first, second = case
    before = max(abs(v - w) for v, w in zip(first, second, strict=True))
    images = (averager_step(model, rows, start) for start in (first, second))
    after = max(abs(v - w) for v, w in zip(*images, strict=True))
    return None if after <= model.discount * before else f"distance {before} becomes {after}"


def check_averager(budget: Budget) -> Finding:
    """Check that fitted value iteration with random averagers contracts by γ in the sup norm."""
    return sampled(_expands, averaged(), budget)


def check_linear_is_averager(_: Budget) -> Finding:
    """The uniform additive fit of 2x2 tables has the weight -1/4; the engine's negative mass is 1/4 too."""
    weights = uniform_weights((2, 2), 1)
    engine = exact.fraction(ft.phases(agents=2, actions=2).negative_mass)
    least = min(w for row in weights.values() for w in row.values())
    if max(map(mass, weights.values())) != engine:
        return Finding("unknown", 1, {"engine": engine})
    return settle({"weight": least, "negative mass": engine} if least < 0 else None, "tested", {}, 1)


Monotone = tuple[Numbers, Numbers, tuple[tuple[int, ...], ...]]


def _not_nonexpansive(case: Monotone) -> str | None:
    first, second, orders = case
    tables: list[Table] = [exact.table((2, 3), flat) for flat in (first, second)]
    unit = dict.fromkeys(tables[0], Fraction(1))
    fits = [project(y, unit, (2, 3), orders).table for y in tables]
    before, after = (max(abs(pair[0][a] - pair[1][a]) for a in unit) for pair in (tables, fits))
    if after > before:
        return f"distance {before} becomes {after}"
    upper = {a: max(y[a] for y in tables) for a in unit}
    above = project(upper, unit, (2, 3), orders).table
    return None if all(fits[0][a] <= above[a] for a in unit) else "a larger table has a smaller fit"


def check_isotonic(budget: Budget) -> Finding:
    """Check that monotone fits for fixed orders keep order and do not expand, on random tables."""
    orders = st.tuples(st.permutations(range(2)).map(tuple), st.permutations(range(3)).map(tuple))
    return sampled(_not_nonexpansive, st.tuples(rewards(6, 4), rewards(6, 4), orders), budget)


def check_two_theta(_: Budget) -> Finding:
    """V = θ(1,2), both states lead to the second, no rewards: the least squares fit multiplies θ by 6γ/5."""
    gamma, theta, new = sympy.symbols("gamma theta new")
    loss = (new - 2 * gamma * theta) ** 2 + (2 * new - 2 * gamma * theta) ** 2
    (fitted,) = sympy.solve(sympy.diff(loss, new), new)
    count, nonzero = first_nonzero([("θ'", fitted - sympy.Rational(6, 5) * gamma * theta)])
    note = "it diverges for γ > 5/6, from every θ ≠ 0"
    return settle(nonzero, "proved", {"identities": count, "multiplier": "6γ/5"}, note=note)


CLAIMS = (
    sampled_claim(
        "classics.averager",
        "Fitted value iteration with an averager is a γ-contraction in the sup norm",
        r"W\ge0,\;\sum_bW(a,b)=1\Rightarrow\|F(V)-F(V')\|_\infty\le\gamma\|V-V'\|_\infty",
        "any averager, any finite model",
        GORDON,
        check_averager,
        60,
    ),
    decided_claim(
        "classics.linear-averager",
        "The linear least squares fit is an averager",
        r"W(a,b)\ge0",
        "two agents with two actions, uniform data",
        "ours, on " + GORDON,
        check_linear_is_averager,
    ),
    sampled_claim(
        "classics.isotonic",
        "The monotone fit (QMIX) for fixed orders keeps order and does not expand in the sup norm",
        r"\|\Pi_\tau y-\Pi_\tau y'\|_\infty\le\|y-y'\|_\infty",
        "fixed orders of every agent's actions",
        "ours, on " + GORDON,
        check_isotonic,
        40,
    ),
    decided_claim(
        "classics.two-theta",
        "On V = θ(1,2) least squares value iteration multiplies θ by 6γ/5: it diverges for γ > 5/6",
        r"\theta\leftarrow\tfrac65\gamma\theta",
        "two states, both lead to the second, no rewards",
        "Tsitsiklis and Van Roy 1996",
        check_two_theta,
        "proved",
        "symbolic",
    ),
)
