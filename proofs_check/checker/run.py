"""The run: fits by the weighted normal equations over all joint actions, and one step of the iteration."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate, islice, product
from typing import Any, NamedTuple

from .budget import ZERO, Ints, Work, bits_of, length_of
from .model import Model, Policy

Position = tuple[Ints, Policy]


class Fit(NamedTuple):
    """Q_i(s,x) = factors[i][x] / scale, affine functions of V."""

    scale: int
    factors: list[list[Ints]]

    def at(self, action: Ints) -> Ints:
        """Return Q_tot(s,action), over the scale."""
        return tuple(map(sum, zip(*(rows[x] for rows, x in zip(self.factors, action, strict=True)), strict=True)))


def absolute(row: Ints) -> Ints:
    """Return the linear part of an affine function of V with its coefficients made positive."""
    return 0, *map(abs, row[1:])


class Run:
    """The iteration of a model under data; fits are made when first needed and kept."""

    def __init__(self, model: Model, data: dict[str, Any], work: Work) -> None:
        self.model, self.data, self.work = model, data, work
        self.states, self.moving = len(model.targets), data["kind"] == "epsilon-greedy"
        self.fits: dict[tuple[int, Ints], Fit] = {}
        self.projections: dict[Ints, tuple[int, list[Ints]]] = {}

    def weights(self, s: int, g: Ints) -> Ints:
        """Return integers proportional to p_D(a|s) over the joint actions."""
        if "joint" in self.data:
            return self.work.common(self.data["joint"][s])[1:]
        explore, agents = self.data.get("epsilon", Fraction(1)), []
        for i, (size, best) in enumerate(zip(self.model.sizes, g, strict=True)):
            self.work.pay_fractions(3 * size, 2 * bits_of([[explore]]))
            greedy = [explore / size + (1 - explore) * (x == best) for x in range(size)]
            agents.append(self.work.common(self.data["marginals"][i][s] if "marginals" in self.data else greedy)[1:])
        lengths, count = [length_of([agent]) for agent in agents], len(self.model.joint)
        self.work.pay(count * (8 + len(g)), sum(lengths), max(lengths), count)
        return tuple(map(math.prod, product(*agents)))

    def fit(self, s: int, g: Ints) -> Fit:
        """Return the fit at state s under the data around g; fixed data ignore g."""
        key = (s, g if self.moving else ())
        if key not in self.fits:
            weights, (scale, targets) = self.weights(s, g), self.model.targets[s]
            if weights not in self.projections:
                self.projections[weights] = self._projection(weights, f"data: at state {s} the fit is not determined")
            den, maps = self.projections[weights]
            rows = self.work.dots(maps, list(zip(*targets, strict=True)))
            scale, found = self.work.scaled([[self.work.ratio(x, den * scale) for x in row] for row in rows])
            rest = iter(found)
            self.fits[key] = Fit(scale, [list(islice(rest, size)) for size in self.model.sizes])
        return self.fits[key]

    def _projection(self, weights: Ints, what: str) -> tuple[int, list[Ints]]:
        """Return (d, M): the factors of agent after agent, all actions, are M/d times y(s,·).

        Unknowns: Q_i(0) = base/n, Q_i(x) = base/n + gain_i(x); base and gains solve the normal equations.
        """
        joint, sizes, n = self.model.joint, self.model.sizes, len(self.model.sizes)
        starts = list(accumulate((size - 1 for size in sizes), initial=1))
        width, count = starts.pop(), len(joint)
        bits = length_of([weights])
        self.work.pay_fractions(count * n * (n + 1), bits)
        self.work.pay(width * (width + count), bits, kept=2 * width * (width + count))
        gram, rights = [[ZERO] * width for _ in range(width)], [[ZERO] * count for _ in range(width)]
        for k, (a, weight) in enumerate(zip(joint, weights, strict=True)):
            active = [0, *(start + x - 1 for start, x in zip(starts, a, strict=True) if x)]
            for u in active:
                rights[u][k] = Fraction(weight)
                for v in active:
                    gram[u][v] += weight
        base, *gains = self.work.solve(gram, rights, what)
        self.work.pay_fractions((1 + width) * count, 2 * bits_of([base, *gains]))
        share = [x / n for x in base]
        rows = [[x + gain for x, gain in zip(share, gains[start + x - 2], strict=True)] if x else share
                for start, size in zip(starts, sizes, strict=True) for x in range(size)]  # fmt: skip
        return self.work.scaled(rows)

    def step(self, values: Ints, g: Policy) -> Position:
        """Return the next position: g(s) the first maximisers of the factors, V(s) = Q_tot(s,g(s))."""
        following, greedy = [], []
        for s, data in enumerate(g):
            scale, factors = self.fit(s, data)
            found = [[q for (q,) in self.work.dots(rows, [values])] for rows in factors]
            following.append(self.work.ratio(sum(map(max, found)), scale * values[0]))
            greedy.append(tuple(own.index(max(own)) for own in found))
        return self.work.common(following), tuple(greedy)

    def targets(self, s: int, values: Ints) -> tuple[int, list[int]]:
        """Return V(s) and y(s,a) for each joint action, all times the same integer."""
        scale, rows = self.model.targets[s]
        return values[1 + s] * scale, [y for (y,) in self.work.dots(rows, [values])]
