"""The models of a census, numbered, and their classes: the judge's own account of what the engine enumerates."""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations, product
from math import prod
from pathlib import Path

#: Index of a reward and successor of every state and joint action, in row-major order.
Cells = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Plan:
    """What a census is about, as `census.json` says."""

    states: int
    actions: tuple[int, ...]
    rewards: tuple[Fraction, ...]
    discount: Fraction
    data: str
    factorization: str
    ties: str

    @property
    def base(self) -> int:
        """Return how many kinds of cells there are."""
        return self.states * len(self.rewards)

    @property
    def count(self) -> int:
        """Return how many models there are."""
        return int(self.base ** (self.states * prod(self.actions)))

    def cells(self, number: int) -> Cells:
        """Return the cells of a model: its digits, the first the highest."""
        found = []
        for _ in range(self.states * prod(self.actions)):
            number, digit = divmod(number, self.base)
            found.append(divmod(digit, self.states))
        return tuple(reversed(found))

    def number(self, cells: Cells) -> int:
        """Return the number of a model."""
        number = 0
        for reward, successor in cells:
            number = number * self.base + reward * self.states + successor
        return number


def read_plan(folder: Path) -> Plan:
    """Return the plan of a folder."""
    found = json.loads((folder / "census.json").read_text(encoding="utf-8"))
    texts = (found[key] for key in ("data", "factorization", "ties"))
    rewards = tuple(map(Fraction, found["rewards"]))
    return Plan(found["states"], tuple(found["actions"]), rewards, Fraction(found["discount"]), *texts)


@lru_cache
def renamings(plan: Plan) -> tuple[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]], ...]:
    """Return (place, state, reward) maps: cell k of the image is cell place[k], with the other two applied to it.

    States in any order; agents too where the class is linear and they have equally many actions; rewards r ↦ c·r + d, c
    > 0, -1 where the image is no reward of the plan.
    """
    every = list(product(range(plan.states), *map(range, plan.actions)))
    places = {cell: k for k, cell in enumerate(every)}
    pairs = [(a, b) for a, b in product(plan.rewards, repeat=2) if a < b]
    scales = {((d - c) / (b - a), c - a * (d - c) / (b - a)) for (a, b), (c, d) in product(pairs, repeat=2)}
    scales |= {(Fraction(1), b - a) for a, b in product(plan.rewards, repeat=2)}
    index = {r: k for k, r in enumerate(plan.rewards)}
    maps = {tuple(index.get(c * r + d, -1) for r in plan.rewards) for c, d in scales}
    agents = permutations(range(len(plan.actions))) if plan.factorization == "linear" else [range(len(plan.actions))]
    found = []
    for order in map(tuple, agents):
        if tuple(plan.actions[i] for i in order) == plan.actions:
            for states in permutations(range(plan.states)):
                place = tuple(places[states[s], *(a[order.index(i)] for i in range(len(order)))] for s, *a in every)
                back = tuple(states.index(s) for s in range(plan.states))
                found += [(place, back, scaled) for scaled in sorted(maps)]
    return tuple(found)


def orbit(plan: Plan, cells: Cells) -> set[int]:
    """Return the numbers of the models of a class."""
    found = set()
    for place, states, rewards in renamings(plan):
        image = tuple((rewards[cells[k][0]], states[cells[k][1]]) for k in place)
        if all(reward >= 0 for reward, _ in image):
            found.add(plan.number(image))
    return found
