"""The projection itself, W(a,b) = (Π e_b)(a), for any data: X (XᵀDX)⁻¹ XᵀD in exact rationals
(theory notes, section 10 ✦).

The columns of X are the indicators of 'the agents of S play x_S', S in the class and x_j never the first action: a
basis of the class. The fit is unique iff XᵀDX is regular.
"""

from itertools import product
from math import prod
from typing import Any

from flint import fmpq, fmpq_mat

from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.base.scalars import Array
from fqi_theory.fates.phases.rows import Row, merged
from fqi_theory.fates.phases.structure import Structure

#: Products of exact numbers that one projection may take.
PRODUCTS = 20_000_000


def projection(kind: Structure, weights: Array, place: str) -> fmpq_mat:
    """Return W, |A| x |A| over joint actions in row-major order; weights: p(a) at one state, (A_1, ..., A_n).

    Raises DataError, naming the place, where the data do not determine the fit, TooLarge beyond 20 million products.
    """
    counts, actions = weights.shape, list(product(*map(range, weights.shape)))
    if kind.whole:
        return _identity(weights, place)
    basis = [(s, x) for s in kind.sets for x in product(*(range(1, counts[i]) for i in s))]
    if len(actions) * len(basis) * max(len(actions), len(basis)) > PRODUCTS:
        raise TooLarge(
            f"{place}: a projection of {len(actions)} joint actions on {len(basis)} dimensions takes more than "
            f"{PRODUCTS} products"
        )
    columns = [[fmpq(all(a[i] == v for i, v in zip(s, x, strict=True))) for s, x in basis] for a in actions]
    features = fmpq_mat(columns)
    weighted = fmpq_mat([[p * v for v in row] for p, row in zip(weights.reshape(-1), columns, strict=True)]).transpose()
    gram = weighted * features
    try:
        return features * gram.solve(weighted)
    except ZeroDivisionError:
        raise DataError(f"{place}: the data determine {gram.rank()} of {len(basis)} dimensions of Q_tot") from None


def _identity(weights: Array, place: str) -> fmpq_mat:
    missing = int((weights == 0).sum())
    if missing:
        raise DataError(f"{place}: the data determine {weights.size - missing} of {weights.size} dimensions of Q_tot")
    size = prod(weights.shape)
    return fmpq_mat(size, size, [fmpq(i == j) for i in range(size) for j in range(size)])


def projection_rows(kind: Structure, weights: Array, place: str) -> list[Row]:
    """Return the row of every joint action."""
    p = list(weights.reshape(-1))
    table: list[list[Any]] = projection(kind, weights, place).tolist()
    return [
        Row(a, merged((w / mass, mass) for w, mass in zip(row, p, strict=True) if mass != 0))
        for a, row in zip(product(*map(range, weights.shape)), table, strict=True)
    ]
