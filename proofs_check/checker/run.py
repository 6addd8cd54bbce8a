"""The run: the data around a position, the fits under them, and one step of the iteration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain, islice, product
from typing import Any, NamedTuple

from .budget import Ints, Work, bits_of, gcd_cost, length_of, longest, need
from .closed_form import closed_form
from .factorization import Columns, Factorization, Fit, columns, projection
from .least_norm import chosen
from .model import Model, Policy
from .reading import show


class Position(NamedTuple):
    """V, its denominator first; g; `tables`, Q_tot a state with its denominator first, where the data depend on it."""

    values: Ints
    greedy: Policy
    tables: tuple[Ints, ...] = ()


class Stack(NamedTuple):
    """The fits of all states: their scales, their factors one below the other, the length of these numbers."""

    scales: list[int]
    rows: list[Ints]
    bits: int


def absolute(row: Ints) -> Ints:
    """Return the linear part of an affine function of V with its coefficients made positive."""
    return 0, *map(abs, row[1:])


class Run:
    """The iteration of a model under data; fits are made when first needed and kept.

    moving: whether g matters; tabled: whether Q_tot does (see `weighted`).
    """

    tabled = False

    def __init__(self, model: Model, data: dict[str, Any], factorization: Factorization, ties: str, work: Work) -> None:
        self.model, self.data, self.factorization, self.ties, self.work = model, data, factorization, ties, work
        self.states, self.moving = len(model.targets), data["kind"] == "epsilon-greedy"
        self.fits: dict[tuple[int, Ints], Fit] = {}
        self.stacks: dict[Policy, Stack] = {}
        self.projections: dict[Ints, tuple[int, list[Ints], int]] = {}
        self.marginals: dict[Ints, Ints] = {}
        self.products: dict[tuple[Ints, ...], Ints] = {}
        self.places = {a: k for k, a in enumerate(model.joint)}
        self.sizes = model.sizes if factorization.apart else (len(model.joint),)

    @property
    def label(self) -> str:
        """The data in words."""
        form = "in closed form" if "marginals" in self.data else "by least norm"
        epsilon, choice = self.data.get("epsilon"), f", what they leave open chosen {form}"
        around = ", exploring by the given marginals" if "exploring" in self.data else ""
        more = f" of epsilon {show(epsilon)}{around}" if epsilon is not None else choice * ("unsupported" in self.data)
        return f"{self.data['kind']} data{more}"

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
        marginals = tuple([self._marginal(s, i, x) for i, x in enumerate(g)])
        if marginals not in self.products:
            lengths, count = [longest(own) for own in marginals], len(self.model.joint)
            self.work.pay(count * (8 + len(g)), sum(lengths), max(lengths), count)
            self.products[marginals] = tuple(map(math.prod, product(*marginals)))
        return self.products[marginals]

    def _marginal(self, s: int, i: int, best: int) -> Ints:
        """Return integers proportional to the probabilities of agent i's actions, the greedy one being `best`."""
        fixed, exploring = "marginals" in self.data, self.data.get("exploring")
        key = (s if fixed or exploring else -1, i, best if self.moving else 0)
        if key not in self.marginals:
            if fixed:
                self.marginals[key] = self.work.common(self.data["marginals"][i][s])[1:]
            elif exploring:
                self.marginals[key] = self._around(exploring[i][s], best)
            else:
                self.marginals[key] = self._mixed(self.model.sizes[i], best)
        return self.marginals[key]

    def _mixed(self, size: int, best: int) -> Ints:
        """Return integers proportional to ε/size + (1 - ε) 1{x = best}; under uniform data ε = 1."""
        above, below = self.data.get("epsilon", Fraction(1)).as_integer_ratio()
        bits = below.bit_length() + size.bit_length()
        self.work.pay(2, bits, bits, size)
        self.work.spend(2 * size * gcd_cost(bits, bits))
        numbers = [above + size * (below - above) * (x == best) for x in range(size)]
        part = math.gcd(*numbers)
        return tuple([x // part for x in numbers])

    def _around(self, base: Sequence[Fraction], best: int) -> Ints:
        """Return integers proportional to ε p(x) + (1 - ε) 1{x = best}, p the probabilities to explore with."""
        explore = self.data["epsilon"]
        self.work.pay_fractions(3 * len(base), 2 * bits_of([[explore], base]))
        return self.work.common([explore * p + (1 - explore) * (x == best) for x, p in enumerate(base)])[1:]

    def fit(self, s: int, g: Ints) -> Fit:
        """Return the fit at state s under the data around g; fixed data ignore g."""
        key = (s, g if self.moving else ())
        if key not in self.fits:
            weights, what = self.weights(s, g), f"data: at state {s} the fit is not determined"
            self.fits[key] = self._fit(s, weights, what)
        return self.fits[key]

    def _fit(self, s: int, weights: Ints, what: str) -> Fit:
        scale, targets = self.model.targets[s]
        every = not self.factorization.apart and len(self.basis.numbers) == len(self.model.joint)
        if every and not self._chooses(weights):
            need(min(weights) > 0, what)
            return Fit(scale, [targets], targets, length_of(targets))
        if weights not in self.projections:
            den, maps = self._projection(weights, what)
            self.projections[weights] = den, maps, length_of(maps)
        den, maps, long = self.projections[weights]
        rows = self.work.dots(maps, list(zip(*targets, strict=True)), long)
        numbers, width = list(chain.from_iterable(rows)), len(targets[0])
        scale, *numbers = self.work.ratios(numbers, [den * scale] * len(numbers))
        flat = [tuple(numbers[k : k + width]) for k in range(0, len(numbers), width)]
        rest = iter(flat)
        return Fit(scale, [list(islice(rest, size)) for size in self.sizes], flat, longest(numbers))

    def _chooses(self, weights: Ints) -> bool:
        return "unsupported" in self.data and self.factorization.family != "joint" and not all(weights)

    def _projection(self, weights: Ints, what: str) -> tuple[int, list[Ints]]:
        if self._chooses(weights):
            if "marginals" in self.data:
                return closed_form(self.factorization, self.model, weights, self.work)
            return chosen(self.factorization, self.model, weights, what, self.work)
        return projection(self.factorization, self.model, self.basis, weights, what, self.work)

    def stack(self, g: Policy) -> Stack:
        """Return the factors of all states under the data around g."""
        key = g if self.moving else ()
        if key not in self.stacks:
            fits = [self.fit(s, own) for s, own in enumerate(g)]
            rows = [row for fit in fits for row in fit.rows]
            self.work.spend(40 * len(rows) + 100 * len(fits))
            self.stacks[key] = Stack([fit.scale for fit in fits], rows, max(fit.bits for fit in fits))
        return self.stacks[key]

    def step(self, values: Ints, g: Policy, _: tuple[Ints, ...] = ()) -> Position:
        """Return the next position: g(s) the maximisers of the choosers that win ties, V(s) = Q_tot(s,g(s))."""
        scales, rows, bits = self.stack(g)
        every = iter([q for (q,) in self.work.dots(rows, [values], bits)])
        following, below, greedy = [], [], []
        for scale in scales:
            found = [list(islice(every, size)) for size in self.sizes]
            highest = list(map(max, found))
            following.append(sum(highest))
            below.append(scale * values[0])
            best = tuple(map(self.place, found, highest))
            greedy.append(best if self.factorization.apart else self.model.joint[best[0]])
        return Position(self.work.ratios(following, below), tuple(greedy))

    def after(self, position: Position, steps: int) -> Position:
        """Return the position after a number of steps."""
        for _ in range(steps):
            position = self.step(*position)
        return position

    def best(self, found: Sequence[int] | Sequence[Fraction]) -> int:
        """Return the first, or last, maximiser."""
        return self.place(found, max(found))

    def place(self, found: Sequence[int] | Sequence[Fraction], number: int | Fraction) -> int:
        """Return where a number is found first, or last."""
        return found.index(number) if self.ties == "first" else len(found) - 1 - found[::-1].index(number)

    def wins(self, x: int, other: int) -> bool:
        """Return whether x is chosen where it ties with another choice."""
        return x < other if self.ties == "first" else x > other

    def targets(self, s: int, values: Ints) -> tuple[int, list[int]]:
        """Return V(s) and y(s,a) for each joint action, all times the same integer."""
        scale, rows = self.model.targets[s]
        return values[1 + s] * scale, [y for (y,) in self.work.dots(rows, [values])]
