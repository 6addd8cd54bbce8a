"""The judge's own arithmetic on joint tables, written from the definitions and independent of the engine.

A table is a dictionary from joint actions (tuples) to numbers: fractions, or SymPy expressions for symbolic proofs.
Every function here is the plain sum that the theory writes down; none is fast.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, TypeAlias

Number: TypeAlias = Any
JointAction: TypeAlias = tuple[int, ...]
Shape: TypeAlias = tuple[int, ...]
Table: TypeAlias = dict[JointAction, Number]
Factors: TypeAlias = Sequence[Sequence[Number]]


def fraction(value: Any) -> Fraction:
    """Return a rational of any library (with numerator and denominator p, q), or an int, as a Fraction."""
    if isinstance(value, int | Fraction):
        return Fraction(value)
    return Fraction(int(value.p), int(value.q))


def fractions(values: Iterable[Any]) -> list[Fraction]:
    """Return a flat sequence of rationals as Fractions."""
    return [fraction(x) for x in values]


def joint_actions(shape: Shape) -> list[JointAction]:
    """Return all joint actions in lexicographic order."""
    return list(product(*map(range, shape)))


def table(shape: Shape, flat: Iterable[Number]) -> Table:
    """Return the table whose entries in lexicographic order are `flat`."""
    return dict(zip(joint_actions(shape), flat, strict=True))


def product_weights(marginals: Factors) -> Table:
    """Return p(a) = Π_i p_i(a_i)."""
    return {a: prod(m[x] for m, x in zip(marginals, a, strict=True)) for a in joint_actions(sizes(marginals))}


def additive(factors: Factors) -> Table:
    """Return Q_tot(a) = Σ_i Q_i(a_i)."""
    return {a: sum(f[x] for f, x in zip(factors, a, strict=True)) for a in joint_actions(sizes(factors))}


def sizes(parts: Factors) -> Shape:
    """Return (|A_1|, ..., |A_n|) of per-agent tables."""
    return tuple(len(part) for part in parts)


def mean(values: Mapping[JointAction, Number], weights: Mapping[JointAction, Number]) -> Number:
    """Return Σ_a p(a) y(a)."""
    return sum(weights[a] * values[a] for a in values)


def conditional_mean(values: Table, marginals: Factors, agent: int, action: int) -> Number:
    """Return E_{-i}[y(action ⊕ a_{-i})]: the other agents averaged out under product data."""
    others = [j for j in range(len(marginals)) if j != agent]
    return sum(prod(marginals[j][a[j]] for j in others) * y for a, y in values.items() if a[agent] == action)


def closed_form(values: Table, marginals: Factors) -> list[list[Number]]:
    """Return the factors of Theorem 1 with w = 0: E_{-i}[y] - (n-1)/n E[y]."""
    n = len(marginals)
    baseline = mean(values, product_weights(marginals)) * (n - 1) / n
    return [
        [conditional_mean(values, marginals, i, x) - baseline for x in range(len(own))]
        for i, own in enumerate(marginals)
    ]


def normal_residuals(values: Table, weights: Table, factors: Factors) -> dict[tuple[int, int], Number]:
    """Return Σ_{a: a_i = x} p(a) (y(a) - Q_tot(a)) for every agent i and action x.

    The loss is a convex quadratic of the factors and these are its derivatives times -1/2: all are 0 iff it is minimal.
    """
    q = additive(factors)
    return {
        (i, x): sum(weights[a] * (y - q[a]) for a, y in values.items() if a[i] == x)
        for i, own in enumerate(factors)
        for x in range(len(own))
    }


def loss(values: Table, weights: Table, q: Table) -> Number:
    """Return Σ_a p(a) (y(a) - Q_tot(a))²."""
    return sum(weights[a] * (y - q[a]) ** 2 for a, y in values.items())


def maximisers(values: Mapping[JointAction, Number]) -> frozenset[JointAction]:
    """Return the set argmax_a Q(a)."""
    top = max(values.values())
    return frozenset(a for a, q in values.items() if q == top)


def first_maximiser(row: Sequence[Number]) -> int:
    """Return the first index of the maximum."""
    return list(row).index(max(row))


def product_sets(shape: Shape) -> Iterator[frozenset[JointAction]]:
    """Yield every set B_1 x ... x B_n of non-empty B_i."""
    subsets = [[[x for x in range(k) if mask >> x & 1] for mask in range(1, 1 << k)] for k in shape]
    for parts in product(*subsets):
        yield frozenset(product(*parts))


def is_product_set(members: frozenset[JointAction]) -> bool:
    """Tell whether a non-empty set of joint actions is the product of its projections."""
    return members == frozenset(product(*({a[i] for a in members} for i in range(len(next(iter(members)))))))


def solve(matrix: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> list[Fraction]:
    """Return x with matrix · x = right by elimination; raises ZeroDivisionError when the matrix is singular."""
    rows = [[*map(Fraction, row), Fraction(b)] for row, b in zip(matrix, right, strict=True)]
    reduced, pivots = echelon(rows)
    if pivots != list(range(len(rows))):
        raise ZeroDivisionError("singular matrix")
    return [row[-1] for row in reduced]


def nullspace(matrix: Sequence[Sequence[Fraction]]) -> list[list[Fraction]]:
    """Return a basis of {x: matrix · x = 0}."""
    reduced, pivots = echelon([[*map(Fraction, row)] for row in matrix])
    columns = len(matrix[0])
    basis = []
    for free in (c for c in range(columns) if c not in pivots):
        vector = [Fraction(0)] * columns
        vector[free] = Fraction(1)
        for row, pivot in zip(reduced, pivots, strict=False):
            vector[pivot] = -row[free]
        basis.append(vector)
    return basis


def echelon(rows: list[list[Fraction]]) -> tuple[list[list[Fraction]], list[int]]:
    """Return the reduced row echelon form and its pivot columns."""
    pivots: list[int] = []
    for column in range(len(rows[0])):
        top = len(pivots)
        found = next((r for r in range(top, len(rows)) if rows[r][column]), None)
        if found is None:
            continue
        rows[top], rows[found] = rows[found], rows[top]
        lead = rows[top][column]
        rows[top] = [x / lead for x in rows[top]]
        for r, row in enumerate(rows):
            if r != top and row[column]:
                rows[r] = [x - row[column] * y for x, y in zip(row, rows[top], strict=True)]
        pivots.append(column)
    return rows, pivots
