"""The run: the data around a position, the fits under them, and one step of the iteration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain, islice
from typing import Any, NamedTuple

from .apart import even_factors, product_projection
from .budget import LONG, SHORT, Ints, Work, gcd_cost, length_of, longest, need
from .closed_form import closed_form
from .factorization import Columns, Factorization, Fit, columns, projection
from .least_norm import chosen
from .model import Model, Policy
from .narrow import Narrow
from .numerals import show
from .thin import Thin
from .weights import Weights


class Position(NamedTuple):
    """V, its denominator first; g; `tables`, Q_tot a state with its denominator first, where the data depend on it."""

    values: Ints
    greedy: Policy
    tables: tuple[Ints, ...] = ()


class Stack(NamedTuple):
    """The fits of all states: their scales, their factors one below the other, the length of these numbers.

    thin: the factors as thin rows, where there are many states, over the scale `whole`, or where it is 0 over `scales`.
    """

    scales: list[int]
    rows: list[Ints]
    bits: int
    thin: list[Thin]
    whole: int


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
        self.thin: dict[tuple[int, Ints], list[Thin]] = {}
        self.stacks: dict[Policy, Stack] = {}
        self.projections: dict[Ints, tuple[int, list[Ints], int]] = {}
        self.data_around = Weights(model, data, work)
        #: The length of the numbers of each state's targets.
        self.bits = [length_of(rows) for _, rows in model.targets]
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
        return self.data_around.at(s, g)

    def fit(self, s: int, g: Ints) -> Fit:
        """Return the fit at state s under the data around g; fixed data ignore g."""
        key = (s, g if self.moving else ())
        if key not in self.fits:
            weights, what = self.weights(s, g), f"data: at state {s} the fit is not determined"
            self.fits[key] = (self._fit if self.states < LONG else self._wide_fit)(s, weights, what)
        return self.fits[key]

    def _wide_fit(self, s: int, weights: Ints, what: str) -> Fit:
        """Return the fit by the columns of the targets that are not 0."""
        narrow = Narrow.of(self.model.targets[s][1], self.work)
        found = self._fit(s, weights, what, narrow.rows)
        return self.split(found.scale, narrow.widened(found.rows, self.work), found.bits)

    def _fit(self, s: int, weights: Ints, what: str, narrow: list[Ints] | None = None) -> Fit:
        scale, targets = self.model.targets[s]
        if narrow is not None:
            targets = narrow
        every = not self.factorization.apart and len(self.basis.numbers) == len(self.model.joint)
        if every and not self._chooses(weights):
            need(min(weights) > 0, what)
            return Fit(scale, [targets], targets, self.bits[s])
        if self.factorization.apart and self.data_around.even:
            # A divisor of all that the targets have not could only be one of the number of choices: it is left in.
            den, rows, bits = even_factors(self.sizes, targets, self.bits[s], self.work)
            return self.split(den * scale, rows, bits)
        if weights not in self.projections:
            den, maps = self._projection(weights, what)
            self.projections[weights] = den, maps, length_of(maps)
        den, maps, long = self.projections[weights]
        images, width = self.work.dots(maps, list(zip(*targets, strict=True)), long), len(targets[0])
        scale, numbers, bits = self.work.over(den * scale, list(chain.from_iterable(images)))
        return self.split(scale, [tuple(numbers[k : k + width]) for k in range(0, len(numbers), width)], bits)

    def split(self, scale: int, rows: list[Ints], bits: int) -> Fit:
        """Return the fit whose factors, of chooser after chooser, are the rows."""
        rest = iter(rows)
        return Fit(scale, [list(islice(rest, size)) for size in self.sizes], rows, bits)

    def _chooses(self, weights: Ints) -> bool:
        return "unsupported" in self.data and self.factorization.family != "joint" and not all(weights)

    def _projection(self, weights: Ints, what: str) -> tuple[int, list[Ints]]:
        if self._chooses(weights):
            if "marginals" in self.data:
                return closed_form(self.factorization, self.model, weights, self.work)
            return chosen(self.factorization, self.model, weights, what, self.work)
        if self.factorization.apart and weights in self.data_around.parts and all(weights):
            return product_projection(self.data_around.parts[weights], weights, self.work)
        return projection(self.factorization, self.model, self.basis, weights, what, self.work)

    def stack(self, g: Policy) -> Stack:
        """Return the factors of all states under the data around g."""
        key = g if self.moving else ()
        if key not in self.stacks:
            fits = [self.fit(s, own) for s, own in enumerate(g)]
            rows = [row for fit in fits for row in fit.rows]
            self.work.spend(40 * len(rows) + 100 * len(fits))
            found = Stack([fit.scale for fit in fits], rows, max(fit.bits for fit in fits), [], 0)
            self.stacks[key] = self._thinned(found, g) if self.states >= LONG else found
        return self.stacks[key]

    def _thin(self, s: int, g: Ints) -> list[Thin]:
        """Return the factors of a state under the data around g as thin rows, made when first needed and kept."""
        key = (s, g if self.moving else ())
        if key not in self.thin:
            self.thin[key] = self.work.thinned(self.fit(s, g).rows)
        return self.thin[key]

    def _thinned(self, stack: Stack, g: Policy) -> Stack:
        """Return the stack with its rows thin, over one scale if that is not much longer than the longest."""
        work, count, whole = self.work, sum(self.sizes), 1
        rows = list(chain.from_iterable(self._thin(s, own) for s, own in enumerate(g)))
        most = 2 * longest(stack.scales) + SHORT
        for scale in set(stack.scales):
            work.spend(100 + gcd_cost(most, most))
            whole = math.lcm(whole, scale)
            if whole.bit_length() > most:
                return stack._replace(thin=rows)
        more = [whole // scale for scale in stack.scales for _ in range(count)]
        work.pay(sum([len(row.numbers) for row in rows]), stack.bits, most, len(rows))
        thin = [Thin(take, [x * own for x in numbers]) for (take, numbers), own in zip(rows, more, strict=True)]
        return stack._replace(bits=length_of(row.numbers for row in thin), thin=thin, whole=whole)

    def step(self, values: Ints, g: Policy, _: tuple[Ints, ...] = ()) -> Position:
        """Return the next position: g(s) the maximisers of the choosers that win ties, V(s) = Q_tot(s,g(s))."""
        scales, rows, bits, thin, whole = self.stack(g)
        k, first = 0, self.ties == "first"
        every = self.work.thin_images(thin, values, bits) if thin else self.work.images(rows, values, bits)
        following, below, greedy = [], [], []
        for scale in scales:
            level, best = 0, []
            for size in self.sizes:
                found = every[k : k + size]
                highest, k = max(found), k + size
                level += highest
                best.append(found.index(highest) if first else self.place(found, highest))
            following.append(level)
            below.append(scale if whole else scale * values[0])
            greedy.append(tuple(best) if self.factorization.apart else self.model.joint[best[0]])
        if whole:
            den, numbers = self.work.over(whole * values[0], following, lent=True)[:2]
            return Position((den, *numbers), tuple(greedy))
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
        return values[1 + s] * scale, self.work.images(rows, values, self.bits[s])
