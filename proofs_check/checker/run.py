"""The run: the data around a position, the fits under them, and one step of the iteration."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from itertools import islice, product
from typing import Any

from .budget import Ints, Work, bits_of, length_of, need
from .factorization import Columns, Factorization, Fit, columns, projection
from .model import Model, Policy

Position = tuple[Ints, Policy]


def absolute(row: Ints) -> Ints:
    """Return the linear part of an affine function of V with its coefficients made positive."""
    return 0, *map(abs, row[1:])


class Run:
    """The iteration of a model under data; fits are made when first needed and kept."""

    def __init__(self, model: Model, data: dict[str, Any], factorization: Factorization, ties: str, work: Work) -> None:
        self.model, self.data, self.factorization, self.ties, self.work = model, data, factorization, ties, work
        self.states, self.moving = len(model.targets), data["kind"] == "epsilon-greedy"
        self.fits: dict[tuple[int, Ints], Fit] = {}
        self.projections: dict[Ints, tuple[int, list[Ints]]] = {}
        self.places = {a: k for k, a in enumerate(model.joint)}
        self.sizes = model.sizes if factorization.apart else (len(model.joint),)

    @cached_property
    def basis(self) -> Columns:
        """Return the basis of the class on the joint actions."""
        return columns(self.factorization, self.model, self.work)

    def choice(self, action: Ints) -> Ints:
        """Return what the choosers choose for a joint action: itself, or its place among the joint actions."""
        return action if self.factorization.apart else (self.places[action],)

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
            weights, what = self.weights(s, g), f"data: at state {s} the fit is not determined"
            self.fits[key] = self._fit(s, weights, what)
        return self.fits[key]

    def _fit(self, s: int, weights: Ints, what: str) -> Fit:
        scale, targets = self.model.targets[s]
        if not self.factorization.apart and len(self.basis.numbers) == len(self.model.joint):
            need(min(weights) > 0, what)
            return Fit(scale, [targets])
        if weights not in self.projections:
            parts = self.factorization, self.model, self.basis
            self.projections[weights] = projection(*parts, weights, what, self.work)
        den, maps = self.projections[weights]
        rows = self.work.dots(maps, list(zip(*targets, strict=True)))
        scale, found = self.work.scaled([[self.work.ratio(x, den * scale) for x in row] for row in rows])
        rest = iter(found)
        return Fit(scale, [list(islice(rest, size)) for size in self.sizes])

    def step(self, values: Ints, g: Policy) -> Position:
        """Return the next position: g(s) the maximisers of the choosers that win ties, V(s) = Q_tot(s,g(s))."""
        following, greedy = [], []
        for s, data in enumerate(g):
            scale, factors = self.fit(s, data)
            found = [[q for (q,) in self.work.dots(rows, [values])] for rows in factors]
            following.append(self.work.ratio(sum(map(max, found)), scale * values[0]))
            best = tuple(map(self.best, found))
            greedy.append(best if self.factorization.apart else self.model.joint[best[0]])
        return self.work.common(following), tuple(greedy)

    def best(self, found: list[int]) -> int:
        """Return the first, or last, maximiser."""
        return found.index(max(found)) if self.ties == "first" else len(found) - 1 - found[::-1].index(max(found))

    def wins(self, x: int, other: int) -> bool:
        """Return whether x is chosen where it ties with another choice."""
        return x < other if self.ties == "first" else x > other

    def targets(self, s: int, values: Ints) -> tuple[int, list[int]]:
        """Return V(s) and y(s,a) for each joint action, all times the same integer."""
        scale, rows = self.model.targets[s]
        return values[1 + s] * scale, [y for (y,) in self.work.dots(rows, [values])]
