"""The best tuples of orders of a monotone fit: branch and bound over the actions of each agent, from the best down.

Levels: each agent's order is begun with its best action, its second best, and so on, the agents by turns. A begun order
is dropped when its bound (`order_bounds`, floats with a proved margin) exceeds the exact error of some complete tuple:
no order that continues it can be best. What is left at the end is compared exactly. Actions with equal rows of values
and weights are interchangeable: of such twins the lower index is put first, which loses no first best tuple.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from math import factorial, inf, nextafter, prod

import numpy as np

from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.isotonic import Block, gain, regression
from fqi_theory.factorization.order_bounds import lower_bounds
from fqi_theory.factorization.order_tree import Orders, complete, extended, first_begun, twins_before

#: Up to so many complete tuples are compared without bounds.
TINY = 36


@dataclass(frozen=True)
class Problem:
    """One table and its positive weights, both in integers, row-major."""

    shape: tuple[int, ...]
    values: tuple[int, ...]
    weights: tuple[int, ...]


@dataclass(frozen=True)
class Ordered:
    """A tuple of orders (per agent its actions, best first) with its exact regression.

    blocks: their cells are row-major numbers of joint actions. gain: Σ w x²; Σ w y² less this is the squared error.
    """

    orders: Orders
    blocks: tuple[Block, ...]
    gain: Fraction


def energy(problem: Problem) -> int:
    """Return Σ w y²."""
    return sum(w * y * y for w, y in zip(problem.weights, problem.values, strict=True))


def solved(problem: Problem, orders: Orders) -> Ordered:
    """Return the exact regression under a tuple of orders."""
    look()
    cells = [0]
    for count, order in zip(problem.shape, orders, strict=True):
        cells = [cell * count + x for cell in cells for x in reversed(order)]
    values, weights = tuple(problem.values[a] for a in cells), tuple(problem.weights[a] for a in cells)
    blocks, total = _regression(problem.shape, values, weights)
    return Ordered(orders, tuple(Block(tuple(cells[r] for r in b.cells), b.moment, b.weight) for b in blocks), total)


@lru_cache(maxsize=4096)
def _regression(
    shape: tuple[int, ...], values: tuple[int, ...], weights: tuple[int, ...]
) -> tuple[tuple[Block, ...], Fraction]:
    """Return the regression of a sorted table: tuples of orders that sort a table alike share it."""
    blocks = regression(shape, values, weights)
    return tuple(blocks), gain(blocks)


def first_best(problem: Problem) -> Ordered:
    """Return the first best tuple of orders; at once where the first of all tuples fits without error."""
    first = solved(problem, tuple(tuple(range(count)) for count in problem.shape))
    return first if first.gain == energy(problem) else best_ordered(problem)[0]


@lru_cache(maxsize=1024)
def best_ordered(problem: Problem) -> tuple[Ordered, ...]:
    """Return every best tuple of orders whose twins stand in ascending order, the first tuple first.

    Raises TooLarge where more than MOST begun tuples would have to be kept.
    """
    twins = twins_of(problem)
    if prod(map(factorial, problem.shape)) <= TINY:
        every = [solved(problem, orders) for orders in product(*map(complete, twins))]
        most = max(found.gain for found in every)
        return tuple(found for found in every if found.gain == most)
    table, weights = _floats(problem)
    orders, begun = first_begun(problem.shape, twins)
    most = solved(problem, _completed(table, weights, [range(count) for count in problem.shape], [0] * table.ndim)).gain
    while True:
        bounds = lower_bounds(table, weights, orders, begun, _scaled_error(problem, most))
        guess = _completed(table, weights, [tuple(map(int, order[bounds.argmin()])) for order in orders], begun)
        most = max(most, solved(problem, guess).gain)
        enough = _scaled_error(problem, most)
        keep = bounds <= enough
        orders, bounds = [order[keep] for order in orders], bounds[keep]
        if all(k >= count - 1 for k, count in zip(begun, problem.shape, strict=True)):
            return _compared(problem, orders, bounds, enough)
        orders, begun = extended(orders, begun, twins)


def twins_of(problem: Problem) -> list[list[int]]:
    """Return the twins of every agent (see `twins_before`)."""
    parts = (np.array(part, dtype=object).reshape(problem.shape) for part in (problem.values, problem.weights))
    return twins_before(list(parts))


def _floats(problem: Problem) -> tuple[Array, Array]:
    """Return (y - min y) / (max y - min y) and w / Σ w, each correctly rounded, in the table's shape."""
    least, span, total = min(problem.values), _span(problem), sum(problem.weights)
    table = np.array([(y - least) / span for y in problem.values])
    return table.reshape(problem.shape), np.array([w / total for w in problem.weights]).reshape(problem.shape)


def _span(problem: Problem) -> int:
    return max(problem.values) - min(problem.values) or 1


def _scaled_error(problem: Problem, gained: Fraction) -> float:
    """Return the squared error of a regression in the units of `_floats`, rounded up."""
    return nextafter(float((energy(problem) - gained) / (_span(problem) ** 2 * sum(problem.weights))), inf)


def _completed(table: Array, weights: Array, orders: Sequence[Sequence[int]], begun: Sequence[int]) -> Orders:
    """Return begun orders continued by falling mean values."""
    result = []
    for i, (order, k) in enumerate(zip(orders, begun, strict=True)):
        others = tuple(j for j in range(table.ndim) if j != i)
        means = (weights * table).sum(axis=others) / weights.sum(axis=others)
        result.append((*order[:k], *sorted(order[k:], key=lambda x: -means[x])))
    return tuple(result)


def _compared(problem: Problem, orders: Sequence[Array], bounds: Array, enough: float) -> tuple[Ordered, ...]:
    """Return the best of complete tuples: exact regressions, those of the least bounds first."""
    most, best = Fraction(-1), list[Ordered]()
    for place in np.argsort(bounds, kind="stable"):
        if bounds[place] > enough:
            break
        found = solved(problem, tuple(tuple(map(int, order[place])) for order in orders))
        if found.gain > most:
            most, best = found.gain, []
            enough = min(enough, _scaled_error(problem, most))
        if found.gain == most:
            best.append(found)
    return tuple(sorted(best, key=lambda found: found.orders))
