"""Boxes of the differences V(s) - V(r) that a step maps into themselves, for fixed data (ours).

Such a box may exist where no box of V does, since what all states have in common cancels. F(V)(s) - F(V)(r) is a
difference of convex functions; for each joint action a it is at most ρ(s,a) + γ K(·|s,a) V less any mixture of the
factors at r, Σ_i Σ_x q_i(x) Q_i(r,x), q_i distributions, and by duality the best mixture of a linear program loses
nothing. With mixtures fixed, bounds are solutions of a linear system (`coverings`); mixtures that fit a box which is
too small for that are sought again on a larger one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq
from scipy.optimize import linprog

from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, exact_array, to_float
from fqi_theory.fates.coverings import covering
from fqi_theory.operators.integers import IntegerValues
from fqi_theory.operators.value_space import ValueOperator

#: At most this many forms (two for each other state and joint action) are bounded; rounds that enlarge a box, and how.
MOST_FORMS, ROUNDS, STRETCH, LARGEST_BOX = 128, 16, 4.0, 1e9
#: Mixtures are sought so many times once a box is found, for narrower ones.
FINER = 4
#: Mixtures are multiples of 1/UNIT.
UNIT = 4096

Mixture = tuple[tuple[fmpq, ...], ...]


@dataclass(frozen=True, eq=False)
class Differences:
    """lower <= V - V(reference) <= upper, (S,) each, mapped into itself, holding the run from t = 0 on.

    mixtures: for each state the mixtures of factors that bound F(V)(s) - F(V)(r) above, one a joint action at s: of
    factors at r; and below, one a joint action at r: of factors at s. Empty for the reference.
    """

    reference: int
    lower: Array
    upper: Array
    mixtures: tuple[tuple[tuple[Mixture, ...], ...], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the proof of the certificate."""

        def texts(node: Any) -> Any:
            return [texts(part) for part in node] if isinstance(node, tuple) else str(node)

        return {"kind": "differences", "prefix": 0, "mixtures": texts(self.mixtures)}


@dataclass(frozen=True, eq=False)
class _Steps:
    """F of fixed data: joint levels ρ (S, N) and rows γK (S, N, S); tables: a state's factors, (levels, rows) each."""

    levels: Array
    rows: Array
    tables: tuple[tuple[tuple[Array, Array], ...], ...]


def invariant_differences(operator: ValueOperator, history: Sequence[IntegerValues]) -> Differences | None:
    """Return the narrowest box of differences found that holds the whole run; None without, and for large models."""
    steps = _steps(operator)
    states, count = steps.levels.shape
    if 2 * (states - 1) * count > MOST_FORMS:
        return None
    seen = np.array([to_float(values.to_array()) for values in history])
    start = history[0].to_array()
    boxes = []
    for r in range(states):
        moved = seen - seen[:, [r]]
        boxes.append(_around(steps, r, start - start[r], moved.min(axis=0), moved.max(axis=0)))
    return min((box for box in boxes if box is not None), key=lambda box: max(box.upper - box.lower), default=None)


def _steps(operator: ValueOperator) -> _Steps:
    states, gamma = operator.rewards[0].shape[0], operator.discount
    pairs = list(zip(operator.rewards, operator.transitions, strict=True))
    tables = tuple(tuple((r[s], gamma * p[s]) for r, p in pairs) for s in range(states))
    return _Steps(operator.drift().reshape(states, -1), gamma * operator.kernel().reshape(states, -1, states), tables)


def _around(steps: _Steps, r: int, start: Array, low: Array, high: Array) -> Differences | None:
    """Return a box with reference r, from mixtures that are best on a box around the run, enlarged again and again."""
    others = [s for s in range(len(start)) if s != r]
    pairs = [(s, r) for s in others] + [(r, s) for s in others]
    least = np.concatenate([start[others], -start[others]])
    found, finer = None, FINER
    for _ in range(ROUNDS):
        best = [[_best(steps, s, a, t, low, high) for a in range(steps.levels.shape[1])] for s, t in pairs]
        mixtures = [tuple(mixture for _, mixture in own) for own in best]
        x = _bounds(steps, pairs, mixtures, least)
        if x is not None and (found is None or sum(x) < sum(found[0])):
            found = x, mixtures
        if found is not None:
            finer -= 1
            low[others], high[others] = -to_float(found[0][len(others) :]), to_float(found[0][: len(others)])
        else:
            reached = np.array([max(value for value, _ in own) for own in best])
            above, below = reached[: len(others)], -reached[len(others) :]
            high[others] += STRETCH * np.maximum(above - high[others], 0)
            low[others] += STRETCH * np.minimum(below - low[others], 0)
        if finer == 0 or not high.max() - low.min() < LARGEST_BOX:
            break
    return None if found is None else _found(r, others, *found)


def _best(steps: _Steps, s: int, a: int, t: int, low: Array, high: Array) -> tuple[float, Mixture]:
    """Return by how much joint action a at s exceeds F(V)(t) at most on a box, in floats, and the mixture for it."""
    look()
    tables = steps.tables[t]
    owners = np.repeat(np.eye(len(tables)), [len(levels) for levels, _ in tables], axis=0)
    own = np.concatenate([to_float(rows) for _, rows in tables])
    limits = -np.concatenate([to_float(levels) for levels, _ in tables])
    objective = np.concatenate([-to_float(steps.rows[s, a]), np.ones(len(tables))])
    bounds = [*zip(low, high, strict=True), *[(None, None)] * len(tables)]
    solved = linprog(objective, A_ub=np.hstack([own, -owners]), b_ub=limits, bounds=bounds, method="highs")
    shares = np.split(-solved.ineqlin.marginals, np.cumsum([len(levels) for levels, _ in tables])[:-1])
    return float(to_float(steps.levels[s, a])) - solved.fun, tuple(map(_distribution, shares))


def _distribution(shares: Array) -> tuple[fmpq, ...]:
    """Return multiples of 1/UNIT near shares that sum to 1 nearly; they sum to 1."""
    parts = np.rint(np.maximum(shares, 0) * UNIT).astype(int)
    parts[int(parts.argmax())] += UNIT - parts.sum()
    return tuple(fmpq(int(part), UNIT) for part in parts)


def _bounds(
    steps: _Steps, pairs: Sequence[tuple[int, int]], mixtures: Sequence[tuple[Mixture, ...]], start: Array
) -> Array | None:
    """Return (upper, -lower) of the other states, for which these mixtures show that a step keeps to them; or None."""
    levels, rows = [], []
    others = [s for s, _ in pairs[: len(pairs) // 2]]
    for (s, t), own in zip(pairs, mixtures, strict=True):
        mixed = [_mixed(steps.tables[t], mixture) for mixture in own]
        levels.append(steps.levels[s] - exact_array([level for level, _ in mixed]))
        forms = (steps.rows[s] - np.stack([row for _, row in mixed]))[:, others]
        rising = (forms + np.abs(forms)) / 2
        rows.append(np.concatenate([rising, rising - forms], axis=1))
    return covering(np.stack(levels), np.stack(rows), start)


def _mixed(tables: Sequence[tuple[Array, Array]], mixture: Mixture) -> tuple[fmpq, Array]:
    """Return Σ_i Σ_x q_i(x) Q_i(x) as (level, row)."""
    flat = exact_array([share for q in mixture for share in q])
    levels = np.concatenate([own for own, _ in tables])
    return sum(flat * levels, fmpq(0)), flat @ np.concatenate([rows for _, rows in tables])


def _found(r: int, others: Sequence[int], x: Array, mixtures: Sequence[tuple[Mixture, ...]]) -> Differences:
    count = len(others)
    lower, upper = np.array([fmpq(0)] * (count + 1)), np.array([fmpq(0)] * (count + 1))
    upper[list(others)], lower[list(others)] = x[:count], -x[count:]
    by_state = {s: (mixtures[k], mixtures[count + k]) for k, s in enumerate(others)}
    return Differences(r, lower, upper, tuple(by_state.get(s, ()) for s in range(count + 1)))
