"""The best that a function class can do on one payoff table, uniform data, exact: additive (VDN), monotonic (QMIX)."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import JointData
from fqi_theory.factorization import linear, monotonic

Cell: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class PayoffFit:
    """Best fit, uniform data: table (A_1, ..., A_n), sum of squared errors, a greedy joint action and its payoff."""

    table: Array
    error: fmpq
    greedy: Cell
    payoff: fmpq


def best_fit(payoff: Any, reading: Literal["additive", "monotonic"]) -> PayoffFit:
    """Return the exact least squares fit of a payoff table (A_1, ..., A_n), uniform weights, within a class.

    greedy: the first joint maximiser of the fit; monotonic: every agent's best action in the first of the best tuples
    of orders. Raises TooLarge where the monotonic search has too many orders.
    """
    table = scalars.exact_array(payoff)
    if table.ndim < 1 or table.size == 0:
        raise DataError(f"payoff: expected shape (A_1, ..., A_n), none of them 0, found {table.shape}")
    if reading == "additive":
        weights = scalars.full((1, *table.shape), 1, "exact") / table.size
        fitted = linear.fit(table[None], JointData(weights)).q_tot()[0]
        greedy = tuple(map(int, np.unravel_index(int(fitted.argmax()), table.shape)))
        return PayoffFit(fitted, ((table - fitted) ** 2).sum(), greedy, table[greedy])
    if reading == "monotonic":
        best = monotonic.best(table)
        return PayoffFit(best.table, best.error, best.greedy, table[best.greedy])
    raise DataError(f"reading: expected additive or monotonic, found {reading!r}")
