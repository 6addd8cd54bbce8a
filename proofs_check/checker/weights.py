"""The data around greedy actions: integers proportional to the probabilities of the joint actions at a state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from .budget import Ints, Work, bits_of, gcd_cost, longest
from .model import Model


class Weights:
    """The weights that a data document gives (see `model`); they are made when first needed and kept.

    even: whether all are 1, whatever is greedy; moving: whether what is greedy matters.
    """

    def __init__(self, model: Model, data: dict[str, Any], work: Work) -> None:
        self.model, self.data, self.work = model, data, work
        self.even, self.moving = data["kind"] == "uniform", data["kind"] == "epsilon-greedy"
        self.ones = (1,) * len(model.joint)
        self.marginals: dict[Ints, Ints] = {}
        self.products: dict[tuple[Ints, ...], Ints] = {}
        #: The marginals of weights that are products.
        self.parts: dict[Ints, tuple[Ints, ...]] = {}

    def at(self, s: int, g: Ints) -> Ints:
        """Return integers proportional to p_D(a|s) over the joint actions, g being the greedy ones."""
        if self.even:
            return self.ones
        if "joint" in self.data:
            return self.work.common(self.data["joint"][s])[1:]
        marginals = tuple([self._marginal(s, i, x) for i, x in enumerate(g)])
        if marginals not in self.products:
            lengths, count = [longest(own) for own in marginals], len(self.model.joint)
            self.work.pay(count * (8 + len(g)), sum(lengths), max(lengths), count)
            weights = self.products[marginals] = tuple(map(math.prod, product(*marginals)))
            self.parts[weights] = marginals
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
        """Return integers proportional to ε/size + (1 - ε) 1{x = best}."""
        above, below = self.data["epsilon"].as_integer_ratio()
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
