"""Hints, which Coq checks: coordinates along directions, and the rows of a fit to joint data."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from proofs_check.coq.translate.reader import Model

Rows = list[list[Fraction]]


def _solved(work: Rows, n: int) -> list[list[Fraction] | None]:
    """Return x with the first n columns times x = the rest, by Gauss-Jordan elimination; None where x is free."""
    found: list[list[Fraction] | None] = [None] * n
    rest, done = [list(row) for row in work], 0
    places = {}
    for c in range(n):
        pivot = next((k for k in range(done, len(rest)) if rest[k][c]), None)
        if pivot is None:
            continue
        rest[done], rest[pivot] = rest[pivot], rest[done]
        head = rest[done] = [x / rest[done][c] if x else x for x in rest[done]]
        for k, row in enumerate(rest):
            if k != done and row[c]:
                rest[k] = [x - row[c] * y if y else x for x, y in zip(row, head, strict=True)]
        places[c] = done
        done += 1
    for c, k in places.items():
        found[c] = rest[k][n:]
    return found


def dual(directions: Rows, states: int) -> Rows:
    """Return L with L_k W_l = 1 where k = l and 0 elsewhere, L_k 1 = 0; zeros when there is none.

    With M = [W 1], L are the first rows of (M'M)^-1 M'.
    """
    columns = [*directions, [Fraction(1)] * states]
    work = [[sum(map(Fraction.__mul__, a, b), Fraction(0)) for b in columns] + a for a in columns]
    found = _solved(work, len(columns))
    zero = [Fraction(0)] * states
    return [row for row in found[:-1] if row is not None] if None not in found else [zero for _ in directions]


def fitted(weights: Sequence[Fraction], own: Rows, model: Model) -> list[Rows]:
    """Return for each agent and action the reward and γ times the probabilities of the linear fit at a state.

    own[a] = (reward, probability of each state); the normal equations of the indicators of single actions, free
    numbers 0.
    """
    starts = list(itertools.accumulate(model.sizes, initial=0))
    n, width = starts[-1], len(own[0])
    work = [[Fraction(0)] * (n + width) for _ in range(n)]
    for action, weight, row in zip(itertools.product(*map(range, model.sizes)), weights, own, strict=True):
        places = [start + x for start, x in zip(starts, action, strict=False)]
        scaled = [weight * row[0], *(weight * model.discount * x for x in row[1:])]
        for u in places:
            for v in places:
                work[u][v] += weight
            for k, x in enumerate(scaled):
                work[u][n + k] += x
    rows = [found or [Fraction(0)] * width for found in _solved(work, n)]
    return [rows[a:b] for a, b in itertools.pairwise(starts)]


def spanning(weights: Sequence[Fraction], sizes: Sequence[int]) -> Rows:
    """Return for each joint action without weight numbers z(b) of all b, 0 where b has none; nothing where all have.

    The indicators of the agents' actions at it are Σ_b z(b) times those at b; where the data do not determine the
    linear fit there are no such numbers, and Coq refuses what is returned.
    """
    actions = list(itertools.product(*map(range, sizes)))
    backed = [a for a, weight in zip(actions, weights, strict=True) if weight > 0]
    left = [a for a, weight in zip(actions, weights, strict=True) if not weight > 0]
    if not left:
        return []
    choices = [(i, x) for i, size in enumerate(sizes) for x in range(size)]
    found = _solved([[Fraction(a[i] == x) for a in backed + left] for i, x in choices], len(backed))
    given = dict(zip(backed, found, strict=True))
    zero = [Fraction(0)] * len(left)
    rows = {a: [(given.get(b) or zero)[k] for b in actions] for k, a in enumerate(left)}
    return [rows.get(a, []) for a in actions]
