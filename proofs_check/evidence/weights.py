"""The judge's own fit weights W(a,b) = (Π e_b)(a) of additive classes, by elimination from the normal equations.

Columns: the indicators of 'the agents of S play x_S' with |S| <= k and no x_j the first action, a basis of the class.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from typing import TypeAlias

from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape, Table, joint_actions

Weights: TypeAlias = Mapping[JointAction, Mapping[JointAction, Fraction]]


def fit_weights(data: Table, order: int) -> Weights:
    """Return W[a][b] of the class of order k under data p(a); raises ZeroDivisionError where they leave it open."""
    shape = tuple(max(a[i] for a in data) + 1 for i in range(len(next(iter(data)))))
    return projection_weights(data, indicators(shape, order))


def projection_weights(data: Table, columns: Sequence[Mapping[JointAction, Fraction]]) -> Weights:
    """Return W[a][b] = (Π e_b)(a), Π the p-orthogonal projection on the span of independent columns.

    Raises ZeroDivisionError where the data p(a) leave it open.
    """
    size = len(columns)
    weighted = [[p * column[b] for b, p in data.items()] for column in columns]
    gram = [
        [sum((w * other[b] for w, b in zip(row, data, strict=True)), Fraction(0)) for other in columns]
        for row in weighted
    ]
    reduced, pivots = exact.echelon([[*g, *w] for g, w in zip(gram, weighted, strict=True)])
    if pivots[:size] != list(range(size)):
        raise ZeroDivisionError("the data leave the fit open")
    inner = [row[size:] for row in reduced]
    return {
        a: {
            b: sum((column[a] * row[k] for column, row in zip(columns, inner, strict=True)), Fraction(0))
            for k, b in enumerate(data)
        }
        for a in data
    }


def indicators(shape: Shape, order: int) -> list[Table]:
    """Return the columns of the class of order k as tables of 0 and 1."""
    return [
        {a: Fraction(all(a[i] == x for i, x in column)) for a in joint_actions(shape)}
        for column in _basis(shape, order)
    ]


def _basis(shape: Shape, order: int) -> list[tuple[tuple[int, int], ...]]:
    sets = (s for k in range(min(order, len(shape)) + 1) for s in combinations(range(len(shape)), k))
    return [tuple(zip(s, x, strict=True)) for s in sets for x in product(*(range(1, shape[i]) for i in s))]


def mass(row: Mapping[JointAction, Fraction]) -> Fraction:
    """Return Σ_b max(0, -W(a,b)) of one row."""
    return sum((-w for w in row.values() if w < 0), Fraction(0))


def negative_mass(weights: Weights) -> Fraction:
    """Return ν, the largest mass of a row."""
    return max(map(mass, weights.values()))


@cache
def uniform_weights(shape: Shape, order: int) -> Weights:
    """Return W under uniform data."""
    actions = joint_actions(shape)
    return fit_weights(dict.fromkeys(actions, Fraction(1, len(actions))), order)


def fitted(weights: Weights, values: Table) -> Table:
    """Return the fit of a table."""
    return {a: sum((w * values[b] for b, w in row.items()), Fraction(0)) for a, row in weights.items()}
