"""The best that a function class can do on one payoff table: additive (VDN) and monotonic (QMIX), exact.

Monotonic: Q_tot is non-decreasing in every agent's utility, so per agent there is an order of its actions along which
the table does not fall. Given the orders, the least squares fit is isotonic regression on the product order, by the
min-max formula
    g(x) = max over upper sets U of x, min over lower sets L of x, of the mean of y over U ∩ L;
the best fit is the best over all orders (theory notes, section 7).
"""

from dataclasses import dataclass
from itertools import permutations, product
from math import factorial, prod
from typing import Any, Literal, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import JointData
from fqi_theory.factorization import linear

Cell: TypeAlias = tuple[int, ...]

#: At most this many (orders x upper sets x lower sets) are searched.
MOST_COMBINATIONS = 5_000_000


@dataclass(frozen=True, eq=False)
class PayoffFit:
    """Best fit, uniform data: table (A_1, ..., A_n), sum of squared errors, a greedy joint action and its payoff."""

    table: Array
    error: fmpq
    greedy: Cell
    payoff: fmpq


def best_fit(payoff: Any, reading: Literal["additive", "monotonic"]) -> PayoffFit:
    """Return the exact least squares fit of a payoff table (A_1, ..., A_n), uniform weights, within a class.

    greedy: the first joint maximiser of the fit. Raises TooLarge where the monotonic search has too many orders.
    """
    table = scalars.exact_array(payoff)
    if table.ndim < 1 or table.size == 0:
        raise DataError(f"payoff: expected shape (A_1, ..., A_n), none of them 0, found {table.shape}")
    if reading == "additive":
        weights = scalars.full((1, *table.shape), 1, "exact") / table.size
        return _rated(table, linear.fit(table[None], JointData(weights)).q_tot()[0])
    if reading == "monotonic":
        return _best_monotonic(table)
    raise DataError(f"reading: expected additive or monotonic, found {reading!r}")


def _best_monotonic(table: Array) -> PayoffFit:
    upper = _upper_sets(table.shape)
    orders = prod(factorial(count) for count in table.shape)
    if orders * len(upper) ** 2 > MOST_COMBINATIONS:
        raise TooLarge(
            f"payoff of shape {table.shape}: the monotonic fit would compare {orders} orders of {len(upper)} upper sets"
        )
    best: PayoffFit | None = None
    for order in product(*[permutations(range(count)) for count in table.shape]):
        place = np.ix_(*order)
        fitted = np.empty(table.shape, dtype=object)
        fitted[place] = _isotonic(table[place], upper)
        rated = _rated(table, fitted)
        if best is None or rated.error < best.error:
            best = rated
    assert best is not None
    return best


def _isotonic(table: Array, upper: list[Array]) -> Array:
    """Return the isotonic regression of a table along ascending indices."""
    result = np.full(table.shape, None, dtype=object)
    for up in upper:
        lowest = np.full(table.shape, None, dtype=object)
        for other in upper:
            both = up & ~other
            if both.any():
                mean = table[both].sum() / int(both.sum())
                lower = both & np.array([x is None or mean < x for x in lowest.flat]).reshape(table.shape)
                lowest[lower] = mean
        for cell in map(tuple, np.argwhere(up)):
            if result[cell] is None or lowest[cell] > result[cell]:
                result[cell] = lowest[cell]
    return result


def _upper_sets(shape: Cell) -> list[Array]:
    """Return all sets of cells closed under raising an index, as booleans, the empty set included."""
    if len(shape) == 1:
        return [np.arange(shape[0]) >= k for k in range(shape[0] + 1)]
    rows = _upper_sets(shape[1:])
    if len(rows) ** shape[0] > MOST_COMBINATIONS**2:
        raise TooLarge(f"payoff of shape {shape}: too many upper sets to search")
    found = [[row] for row in rows]
    for _ in range(shape[0] - 1):
        found = [[*chain, row] for chain in found for row in rows if not (chain[-1] & ~row).any()]
    return [np.stack(chain) for chain in found]


def _rated(table: Array, fitted: Array) -> PayoffFit:
    gap = (table - fitted).reshape(-1)
    greedy = tuple(map(int, np.unravel_index(int(fitted.argmax()), table.shape)))
    return PayoffFit(fitted, sum((x * x for x in gap), fmpq(0)), greedy, table[greedy])
