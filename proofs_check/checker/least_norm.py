"""The fit where data leave Q_tot undetermined and say `"unsupported": "choose"`: the choice of least Euclidean norm.

Q_tot(a) = E[y] + Σ_T q_T(a_T) over the sets T of the class that are not empty, q of least norm among all that fit
y - E[y] best under the data. With D the columns 1{a_T = x}, such a q is B'u, B independent rows of D that span those of
the joint actions with data: on these the columns D B' are independent, so u is the one weighted least-squares fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .budget import ZERO, Ints, Work, length_of
from .factorization import Factorization
from .model import Model

Row = list[Fraction]


def chosen(factorization: Factorization, model: Model, weights: Ints, what: str, work: Work) -> tuple[int, list[Ints]]:
    """Return (d, M): the factors of chooser after chooser, all choices, are M/d times y(s,·); as `projection` does."""
    active, total, count = _active(factorization, model, work), sum(weights), len(weights)
    rows = _independent([own for own, weight in zip(active, weights, strict=True) if weight], work)
    size, bits = len(rows), length_of([weights])
    work.spend(count * size * (200 + 40 * len(active[0])))
    images = [[len(own & row) for row in rows] for own in active]
    work.pay(count * size * (size + 2), bits, kept=size * (size + count))
    work.pay_fractions(count * size, 4 * bits, count * size)
    moments = [sum(w * x[u] for w, x in zip(weights, images, strict=True)) for u in range(size)]
    equations = []
    for u in range(size):
        own = [w * x[u] for w, x in zip(weights, images, strict=True)]
        gram = [total * sum(p * x[v] for p, x in zip(own, images, strict=True)) for v in range(size)]
        equations.append(gram + [total * p - w * moments[u] for p, w in zip(own, weights, strict=True)])
    mean = [Fraction(w, total) for w in weights]
    solved = [[Fraction(x, den) for x in numbers] for den, *numbers in work.solve(equations, size, what)]
    if not factorization.apart:
        return work.scaled([_sum(mean, solved, image, work) for image in images])
    n = len(model.sizes)
    shared = [x / n for x in mean]
    columns = [frozenset({((i,), (x,))}) for i, size in enumerate(model.sizes) for x in range(size)]
    return work.scaled([_sum(shared, solved, [len(column & row) for row in rows], work) for column in columns])


def _active(factorization: Factorization, model: Model, work: Work) -> list[frozenset[tuple[Ints, Ints]]]:
    """Return for every joint action the columns that are 1 there, as (T, a_T)."""
    sets = factorization.sets(tuple(range(len(model.sizes))))
    work.spend(len(model.joint) * len(sets) * (300 + 40 * len(model.sizes)))
    return [frozenset((part, tuple(a[i] for i in part)) for part in sets if part) for a in model.joint]


def _independent(rows: Sequence[frozenset[tuple[Ints, Ints]]], work: Work) -> list[frozenset[tuple[Ints, Ints]]]:
    """Return the first rows that span all."""
    places = {key: k for k, key in enumerate(dict.fromkeys(key for row in rows for key in sorted(row)))}
    kept, reduced = [], list[tuple[int, Row]]()
    for row in rows:
        rest = [ZERO] * len(places)
        for key in row:
            rest[places[key]] = Fraction(1)
        for pivot, own in reduced:
            work.pay_fractions(2 * len(rest) if rest[pivot] else 1, 128, len(rest))
            rest = [x - rest[pivot] * y for x, y in zip(rest, own, strict=True)] if rest[pivot] else rest
        lead = next((k for k, x in enumerate(rest) if x), None)
        if lead is not None:
            kept.append(row)
            reduced.append((lead, [x / rest[lead] for x in rest]))
    return kept


def _sum(mean: Row, solved: Sequence[Sequence[Fraction]], image: Sequence[int], work: Work) -> Row:
    """Return mean + Σ_u image_u solved_u."""
    used = [(times, row) for times, row in zip(image, solved, strict=True) if times]
    work.pay_fractions(2 * len(used) * len(mean), 2 * max(map(_bits, (mean, *(row for _, row in used)))), len(mean))
    found = list(mean)
    for times, row in used:
        found = [x + times * y for x, y in zip(found, row, strict=True)]
    return found


def _bits(row: Sequence[Fraction]) -> int:
    return max((x.numerator.bit_length() + x.denominator.bit_length() for x in row), default=1)
