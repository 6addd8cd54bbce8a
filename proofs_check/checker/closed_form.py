"""The fit where product data leave Q_tot undetermined and say `"unsupported": "choose"`: the closed form.

Q_tot(a) = Σ_T f_T(a_T) over the sets T of the class, f_T(a_T) = Σ_{U ⊆ T} (-1)^(|T|-|U|) E[y | a_U], where E averages
the agents outside U under their marginals, whether the actions a_U are played or not. Each f_T but the constant has the
mean 0 in each of its agents, so on the joint actions with data this is the fit, and everywhere its mean is E[y].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from .budget import ZERO, Ints, Work, length_of
from .factorization import Factorization
from .model import Model

Row = list[Fraction]


def closed_form(factorization: Factorization, model: Model, weights: Ints, work: Work) -> tuple[int, list[Ints]]:
    """Return (d, M): the factors of chooser after chooser, all choices, are M/d times y(s,·); as `projection` does."""
    n, marginals = len(model.sizes), _marginals(model, weights, work)
    if factorization.apart:
        mean, places = _mean(model, marginals, {}, work), [(i, x) for i in range(n) for x in range(model.sizes[i])]
        own = [_mean(model, marginals, {i: x}, work) for i, x in places]
        return work.scaled([_sum([(1, row), (Fraction(1 - n, n), mean)], work) for row in own])
    signs = _signs(factorization.sets(tuple(range(n))), work)
    means, rows = dict[tuple[tuple[int, int], ...], Row](), []
    for a in model.joint:
        parts = []
        for part, sign in signs:
            key = tuple((i, a[i]) for i in part)
            if key not in means:
                means[key] = _mean(model, marginals, dict(key), work)
            parts.append((sign, means[key]))
        rows.append(_sum(parts, work))
    return work.scaled(rows)


def _marginals(model: Model, weights: Ints, work: Work) -> list[Row]:
    """Return p_i(x), per agent."""
    n, total = len(model.sizes), sum(weights)
    work.pay(3 * n * len(weights))
    sums = [[0] * size for size in model.sizes]
    for a, weight in zip(model.joint, weights, strict=True):
        for i, x in enumerate(a):
            sums[i][x] += weight
    return [[work.ratio(x, total) for x in own] for own in sums]


def _signs(sets: Sequence[Ints], work: Work) -> list[tuple[Ints, int]]:
    """Return (U, Σ_T (-1)^(|T|-|U|)), T the sets that hold U, where this is not 0."""
    work.spend(len(sets) ** 2 * 100)
    signs = [(part, sum((-1) ** (len(own) - len(part)) for own in sets if set(part) <= set(own))) for part in sets]
    return [(part, sign) for part, sign in signs if sign]


def _mean(model: Model, marginals: Sequence[Row], given: dict[int, int], work: Work) -> Row:
    """Return the row of E[y | a_i = x for each i: x given] over the joint actions."""
    bits = sum(length_of([x.as_integer_ratio() for x in own]) for own in marginals)
    work.pay_fractions(len(marginals) * len(model.joint), 2 * bits, len(model.joint))
    own = [[Fraction(x == given[i]) for x in range(len(p))] if i in given else p for i, p in enumerate(marginals)]
    return [math.prod((p[x] for p, x in zip(own, a, strict=True)), start=Fraction(1)) for a in model.joint]


def _sum(parts: Sequence[tuple[int | Fraction, Row]], work: Work) -> Row:
    """Return Σ factor · row."""
    bits = max(length_of([x.as_integer_ratio() for x in row]) for _, row in parts)
    count = len(parts[0][1])
    work.pay_fractions(2 * len(parts) * count, 4 * bits, count)
    return [sum((times * x for (times, _), x in zip(parts, column, strict=True)), ZERO)
            for column in zip(*(row for _, row in parts), strict=True)]  # fmt: skip
