"""Monotone fits (QMIX): isotonic regression proved by its multipliers, and the best over all tuples of orders."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations, product
from typing import NamedTuple

from .budget import Ints, Work, bits_of, length_of, need
from .model import Policy
from .run import Position, Run

#: All orders of an agent's actions are compared: beyond this the budget is exceeded anyway.
MOST_ACTIONS = 10


class Ranked(NamedTuple):
    """One tuple of orders, best action first: its squared error, the maximum of its fit, in the units of the inputs."""

    orders: tuple[Ints, ...]
    error: Fraction
    top: Fraction


class MonotoneRun(Run):
    """The iteration of the monotonic class."""

    def every(self, s: int, values: Ints, g: Ints) -> list[Ranked]:
        """Return the fits to y(s,·) under the data around g for every tuple of orders; weights sum to 1."""
        weights, scale = self.weights(s, g), self.model.targets[s][0] * values[0]
        need(min(weights) > 0, f"data: at state {s} expected a positive probability of every joint action")
        _, targets = self.targets(s, values)
        unit, total = scale * scale * sum(weights), []
        for orders, error, top in every_fit(self.model.sizes, targets, weights, self.work):
            total.append(Ranked(orders, error / unit, top / scale))
        return total

    def step(self, values: Ints, g: Policy) -> Position:
        """Return the next position: the first best tuple of orders at each state, its maximum, its best actions."""
        following, greedy = [], []
        for s, data in enumerate(g):
            best = min(self.every(s, values, data), key=lambda fit: (fit.error, fit.orders))
            following.append(best.top)
            greedy.append(tuple(order[0] for order in best.orders))
        return self.work.common(following), tuple(greedy)


def every_fit(sizes: Ints, targets: list[int], weights: Ints, work: Work) -> list[Ranked]:
    """Return error and maximum of the monotone fit for every tuple of orders."""
    need(max(sizes) <= MOST_ACTIONS, f"model.actions: expected at most {MOST_ACTIONS} actions to put in order")
    cells, found = len(targets), []
    bits = length_of([targets]) + 2 * length_of([weights])
    work.pay(math.prod(map(math.factorial, sizes)) * cells * cells * 60, bits)
    up = _steps_up(sizes)
    for orders in product(*(permutations(range(size)) for size in sizes)):
        places = [0]
        for size, order in zip(sizes, orders, strict=True):
            places = [place * size + x for place in places for x in reversed(order)]
        y, w = [targets[a] for a in places], [weights[a] for a in places]
        levels = regression(y, w, up)
        error = sum((v * (t - x) ** 2 for v, t, x in zip(w, y, levels, strict=True)), Fraction(0))
        found.append(Ranked(orders, error, levels[-1]))
    return found


def _steps_up(sizes: Ints) -> list[Ints]:
    """Return for each cell, in row-major order of ranks, the cells one rank higher in one agent's order."""
    strides = [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]
    cells = product(*map(range, sizes))
    return [
        tuple(k + stride for x, size, stride in zip(cell, sizes, strides, strict=True) if x + 1 < size)
        for k, cell in enumerate(cells)
    ]


def regression(y: list[int], w: list[int], up: list[Ints]) -> list[Fraction]:
    """Return the isotonic regression along `up`, after its optimality conditions have been checked.

    A block whose surpluses w (y - mean) can flow up into its deficits is constant, else what they reach is split off.
    """
    levels, flows, waiting = [Fraction(0)] * len(y), dict[tuple[int, int], Fraction](), [list(range(len(y)))]
    while waiting:
        block = waiting.pop()
        mean = Fraction(sum(w[a] * y[a] for a in block), sum(w[a] for a in block))
        flow, stuck = _flow({a: w[a] * (y[a] - mean) for a in block}, up)
        if stuck:
            waiting += [[a for a in block if a in stuck], [a for a in block if a not in stuck]]
            continue
        flows |= flow
        for a in block:
            levels[a] = mean
    _check_optimal(y, w, up, levels, flows)
    return levels


def _check_optimal(
    y: list[int], w: list[int], up: list[Ints], levels: list[Fraction], flows: dict[tuple[int, int], Fraction]
) -> None:
    """Verify the Karush-Kuhn-Tucker conditions, which prove the levels optimal whatever found them."""
    rest = [v * (t - x) for v, t, x in zip(w, y, levels, strict=True)]
    for (low, high), amount in flows.items():
        need(amount >= 0 and high in up[low] and levels[low] == levels[high], "a multiplier is not allowed")
        rest[low] -= amount
        rest[high] += amount
    rising = all(levels[a] <= levels[b] for a, above in enumerate(up) for b in above)
    need(rising and not any(rest), "an isotonic regression is not optimal")


def _flow(surplus: dict[int, Fraction], up: list[Ints]) -> tuple[dict[tuple[int, int], Fraction], set[int]]:
    """Return a flow up the block that absorbs all surplus it can, and what the rest still reaches."""
    down: dict[int, list[int]] = {a: [] for a in surplus}
    for a in surplus:
        for b in up[a]:
            if b in surplus:
                down[b].append(a)
    flow, stuck = dict[tuple[int, int], Fraction](), set[int]()
    for source in sorted(surplus):
        while surplus[source] > 0 and source not in stuck:
            came, queue, end = {source: source}, [source], -1
            for here in queue:
                if surplus[here] < 0:
                    end = here
                    break
                steps = [b for b in up[here] if b in surplus] + [a for a in down[here] if flow.get((a, here), 0) > 0]
                for there in steps:
                    if there not in came:
                        came[there] = here
                        queue.append(there)
            if end < 0:
                stuck |= set(came)
            else:
                _send(source, end, came, surplus, flow)
    return flow, stuck


def _send(
    source: int, end: int, came: dict[int, int], surplus: dict[int, Fraction], flow: dict[tuple[int, int], Fraction]
) -> None:
    path, here = list[tuple[int, int]](), end
    while here != source:
        path.append((came[here], here))
        here = came[here]
    amount = min([surplus[source], -surplus[end], *(flow[b, a] for a, b in path if b < a)])
    for a, b in path:
        if b < a:
            flow[b, a] -= amount
        else:
            flow[a, b] = flow.get((a, b), Fraction(0)) + amount
    surplus[source] -= amount
    surplus[end] += amount


def root_above(number: Fraction) -> Fraction:
    """Return a rational at least the square root, within 2^-64 of it relative to the denominator's unit."""
    below = number.denominator << 64
    return Fraction(math.isqrt(number.numerator * number.denominator << 128) + 1, below)


def pay_for(errors: list[Fraction], work: Work) -> None:
    """Pay for comparing squares of these errors."""
    work.pay_fractions(4 * len(errors), 4 * bits_of([errors]) + 256)
