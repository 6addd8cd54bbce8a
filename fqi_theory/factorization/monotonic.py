"""The monotonic class (QMIX, arXiv:1803.11485) as a tabular class: the best weighted monotone fit, exactly.

Q_tot is non-decreasing in every agent's utility: per agent there is an order of its actions along which the table does
not fall. For given orders the best weighted fit is isotonic regression on the product order (`isotonic`); the fit of
the class is the best over all tuples of orders (`orders`: branch and bound). theory notes, section 10, Theorem C.

Ties. Between tuples of orders of equal error the first: tuples are compared agent by agent, each order written from the
best action down. With ties="last" the last one in the same comparison. Greedy is every agent's best action in the
chosen order; Q_tot attains its maximum there, though other joint actions may attain it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array, Field
from fqi_theory.data.sources import Data
from fqi_theory.factorization.fit import Fit, Ties
from fqi_theory.factorization.igm import require_full_support
from fqi_theory.factorization.isotonic import integers, require_positive
from fqi_theory.factorization.order_tree import Orders, with_twins
from fqi_theory.factorization.orders import Ordered, Problem, best_ordered, energy, first_best, solved, twins_of

name = "monotonic"


@dataclass(frozen=True, eq=False)
class MonotoneFit:
    """The best monotone fit of one table. orders: per agent its actions, best first. table: Q_tot, exact.

    error: Σ_a w(a) (y(a) - Q_tot(a))², exact. blocks: row-major numbers of joint actions that the regression pools.
    """

    orders: Orders
    table: Array
    error: fmpq
    blocks: tuple[tuple[int, ...], ...] = ()

    @property
    def greedy(self) -> tuple[int, ...]:
        """Return every agent's best action, where Q_tot is largest."""
        return tuple(order[0] for order in self.orders)

    def ranks(self) -> list[list[int]]:
        """Return utilities in these orders: per agent and action how many actions stand below it."""
        return [[len(order) - 1 - order.index(x) for x in range(len(order))] for order in self.orders]


def fit(targets: Array, data: Data, ties: Ties = "first") -> Fit:
    """Return the monotone minimiser of Σ_a p_D(a|s) (y(s,a) - Q_tot(s,a))² at every state.

    targets: y, (S, A_1, ..., A_n), exact or float (a float table is the rationals that it stands for; the answer is
    rounded). factors: utilities in the chosen order, the rank of each action: A_i - 1 for the best, 0 for the worst.
    Raises DataError naming state and joint action without full support, TooLarge where orders are too many.
    """
    field = scalars.field_of(targets)
    if field == "symbolic":
        raise DataError("targets: the monotonic class compares numbers, found symbols")
    require_full_support(targets, data)
    fits = [best(table, weights, ties) for table, weights in zip(targets, data.joint(), strict=True)]
    greedy = np.array([found.greedy for found in fits])
    table = scalars.as_field(np.stack([found.table for found in fits]), field)
    values = scalars.maximum(table, axis=tuple(range(1, table.ndim)))
    return Fit(_utilities(fits, field), values, greedy, table)


def best(table: Any, weights: Any = None, ties: Ties = "first") -> MonotoneFit:
    """Return the exact best monotone fit of one table (A_1, ..., A_n); weights: > 0, of the same shape, 1 by default.

    Raises DataError, naming the joint action, where a weight is not above 0; TooLarge where orders are too many.
    """
    scaled = _scaled(table, weights, ties)
    return _monotone(scaled, first_best(scaled.problem), ties)


def under_orders(table: Any, weights: Any, orders: Orders) -> MonotoneFit:
    """Return the exact best fit under given orders, per agent its actions from the best down; errors as for `best`."""
    scaled = _scaled(table, weights, "first")
    return _monotone(scaled, solved(scaled.problem, orders), "first")


def _monotone(scaled: "_Scaled", found: Ordered, ties: Ties) -> MonotoneFit:
    fitted = np.empty(len(scaled.problem.values), dtype=object)
    for block in found.blocks:
        level = scaled.least + scaled.unit * fmpq(block.moment, block.weight)
        fitted[list(block.cells)] = level
    shaped = fitted.reshape(scaled.problem.shape)
    missed = energy(scaled.problem) - found.gain
    error = scaled.unit**2 * scaled.weight * fmpq(missed.numerator, missed.denominator)
    blocks = tuple(block.cells for block in found.blocks)
    if ties == "first":
        return MonotoneFit(found.orders, shaped, error, blocks)
    back = tuple(tuple(len(fitted) - 1 - a for a in block) for block in blocks)
    return MonotoneFit(_named(found.orders), np.flip(shaped), error, back)


def best_orders(table: Any, weights: Any = None) -> tuple[Orders, ...]:
    """Return all tuples of orders whose fit has the least error, in order; arguments and errors as for `best`."""
    problem = _scaled(table, weights, "first").problem
    twins = twins_of(problem)
    return tuple(sorted(orders for found in best_ordered(problem) for orders in with_twins(found.orders, twins)))


@dataclass(frozen=True)
class _Scaled:
    """A table as integers: y = least + unit * values, w = weight * weights."""

    problem: Problem
    least: fmpq
    unit: fmpq
    weight: fmpq


def _scaled(table: Any, weights: Any, ties: Ties) -> _Scaled:
    """Return a table in small integers; for the tie rule "last" every agent's actions are counted from the end."""
    y = scalars.as_array(table)
    w = scalars.full(y.shape, 1, "exact") if weights is None else scalars.as_array(weights)
    if y.ndim < 1 or y.size == 0:
        raise DataError(f"table: expected shape (A_1, ..., A_n), none of them 0, found {y.shape}")
    require_positive(w, y.shape)
    if ties == "last":
        y, w = np.flip(y), np.flip(w)
    (values, scale), (odds, odds_scale) = integers(y), integers(w)
    least = min(values)
    raised = [value - least for value in values]
    unit, weight = gcd(*raised) or 1, gcd(*odds)
    problem = Problem(y.shape, tuple(v // unit for v in raised), tuple(o // weight for o in odds))
    return _Scaled(problem, fmpq(least, scale), fmpq(unit, scale), fmpq(weight, odds_scale))


def _named(orders: Orders) -> Orders:
    return tuple(tuple(len(order) - 1 - x for x in order) for order in orders)


def _utilities(fits: Sequence[MonotoneFit], field: Field) -> tuple[Array, ...]:
    """Return the ranks of all fits, per agent (S, A_i)."""
    per_agent = zip(*[found.ranks() for found in fits], strict=True)
    return tuple(scalars.as_field(np.array(ranks, dtype=object), field) for ranks in per_agent)
