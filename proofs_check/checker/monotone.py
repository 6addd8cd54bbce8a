"""Monotone fits (QMIX): the best isotonic regression over all tuples of orders."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations, product
from typing import NamedTuple

from .budget import Ints, Work, bits_of, gcd_cost, length_of, need, product_cost
from .isotonic import regression
from .model import Policy
from .run import Position, Run

#: All orders of an agent's actions are compared: beyond this the budget is exceeded anyway.
MOST_ACTIONS = 10


class Ranked(NamedTuple):
    """The fit for one tuple of orders, best action first: its squared error, its levels by joint action.

    blocks: the joint actions that share a level as one block of the regression.
    """

    orders: tuple[Ints, ...]
    error: Fraction
    levels: list[Fraction]
    blocks: list[Ints]

    @property
    def greedy(self) -> Ints:
        """Return the best actions."""
        return tuple(order[0] for order in self.orders)

    @property
    def top(self) -> Fraction:
        """Return the maximum."""
        return max(self.levels)


class MonotoneRun(Run):
    """The iteration of the monotonic class."""

    def shares(self, s: int, g: Ints) -> tuple[Ints, int]:
        """Return the data at state s around g as integers over their total: positive, or the run is refused."""
        weights = self.weights(s, g)
        need(min(weights) > 0, f"data: at state {s} expected a positive probability of every joint action")
        return weights, sum(weights)

    def of_every_order(self, s: int, values: Ints, weights: Ints) -> list[Ranked]:
        """Return the fits to y(s,·) times a scale for every tuple of orders, in the units of the weights."""
        return every_fit(self.model.sizes, self.targets(s, values)[1], weights, self.work)

    def in_units(self, s: int, values: Ints, fit: Ranked, total: int = 1) -> Ranked:
        """Return a fit in the units of y, its error for weights divided by `total`."""
        scale = self.model.targets[s][0] * values[0]
        bits = 2 * length_of([(scale, total)]) + bits_of([fit.levels, [fit.error]])
        self.work.pay_fractions(2 + len(fit.levels), 2 * bits, kept=len(fit.levels))
        return fit._replace(error=fit.error / (scale * scale * total), levels=[x / scale for x in fit.levels])

    def ranked(self, s: int, values: Ints, weights: Ints, total: int) -> list[Ranked]:
        """Return the fits to y(s,·) for every tuple of orders, errors weighted by weights / total."""
        return [self.in_units(s, values, fit, total) for fit in self.of_every_order(s, values, weights)]

    def every(self, s: int, values: Ints, g: Ints) -> list[Ranked]:
        """Return the fits to y(s,·) under the data around g for every tuple of orders; weights sum to 1."""
        return self.ranked(s, values, *self.shares(s, g))

    def chosen(self, fits: list[Ranked]) -> Ranked:
        """Return the first, or last, fit of least error; tuples of orders are compared agent by agent."""
        least = min(fit.error for fit in fits)
        best = [fit for fit in fits if fit.error == least]
        return (min if self.ties == "first" else max)(best, key=lambda fit: fit.orders)

    def step(self, values: Ints, g: Policy, _: tuple[Ints, ...] = ()) -> Position:
        """Return the next position: the best tuple of orders at each state, its maximum, its best actions."""
        chosen = [self.chosen(self.of_every_order(s, values, self.shares(s, own)[0])) for s, own in enumerate(g)]
        best = [self.in_units(s, values, fit) for s, fit in enumerate(chosen)]
        return Position(self.work.common([fit.top for fit in best]), tuple(fit.greedy for fit in best))


def every_fit(sizes: Ints, targets: list[int], weights: Ints, work: Work) -> list[Ranked]:
    """Return the monotone fit for every tuple of orders."""
    need(max(sizes) <= MOST_ACTIONS, f"model.actions: expected at most {MOST_ACTIONS} actions to put in order")
    found, tuples = [], math.prod(map(math.factorial, sizes))
    work.spend(tuples * _cost(len(targets), length_of([targets]), length_of([weights])))
    up = steps_up(sizes)
    for orders in product(*(permutations(range(size)) for size in sizes)):
        places = placed(sizes, orders)
        y, w = [targets[a] for a in places], [weights[a] for a in places]
        levels, blocks = regression(y, w, up)
        error = sum((_scatter([y[k] for k in block], [w[k] for k in block]) for block in blocks), Fraction(0))
        back = dict(zip(places, levels, strict=True))
        named = [tuple(places[k] for k in block) for block in blocks]
        found.append(Ranked(orders, error, [back[a] for a in range(len(places))], named))
    return found


def _cost(cells: int, target: int, weight: int) -> int:
    """Return the units of one fit, its memory included, for targets and weights of so many bits.

    Blocks are found by flows, at most one a cell; each gives a mean and, on a common denominator, a part of the error.
    """
    size, below = target + weight, cells * (weight + cells.bit_length())
    above = below + 2 * size
    flows = cells * cells * (210 + (size + weight) // 8 + 2 * product_cost(weight, size))
    parts = cells * (1_000 + gcd_cost(below, above) + 2 * product_cost(size, size) + above // 4)
    return 2_000 + flows + parts + 2 * product_cost(below, above)


def _scatter(y: list[int], w: list[int]) -> Fraction:
    """Return Σ w (y - mean)² of a block."""
    weight, moment = sum(w), sum(v * t for v, t in zip(w, y, strict=True))
    return Fraction(weight * sum(v * t * t for v, t in zip(w, y, strict=True)) - moment * moment, weight)


def placed(sizes: Ints, orders: tuple[Ints, ...]) -> list[int]:
    """Return the joint actions in row-major order of ranks, the worst first."""
    places = [0]
    for size, order in zip(sizes, orders, strict=True):
        places = [place * size + x for place in places for x in reversed(order)]
    return places


def steps_up(sizes: Ints) -> list[Ints]:
    """Return for each cell, in row-major order of ranks, the cells one rank higher in one agent's order."""
    strides = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]
    cells = product(*map(range, sizes))
    return [
        tuple(k + stride for x, size, stride in zip(cell, sizes, strides, strict=True) if x + 1 < size)
        for k, cell in enumerate(cells)
    ]
