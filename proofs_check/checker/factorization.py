"""The function classes of Q_tot, and the fit of each by the weighted normal equations over all joint actions.

| written | Q_tot(s,a) is a sum of functions of | greedy |
|---|---|---|
| linear | single agents | the first maximiser of each agent's factor |
| additive:K | at most K agents | the first maximising joint action, in row-major order |
| graph:0-1,1-2 | single agents, the named sets of agents and their subsets | the same |
| joint | all agents: any table | the same |

`igm` has no fit: its step is V(s) = max_a y(s,a); that of `monotonic` stands in `monotone`. All other fits are linear
in y. For `linear` the agents are the choosers; else there is one, whose actions are the joint actions. The basis of a
class are indicators: the agents of one of its sets play one action each, none of them their first; the empty set gives
the constant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from operator import add
from typing import NamedTuple

from .budget import MAX_SYSTEM, Ints, Refused, Work, length_of, need
from .model import Model
from .numerals import show

_SET = "[0-9]{1,6}(?:-[0-9]{1,6})+"
_WRITTEN = re.compile(f"linear|igm|monotonic|joint|additive:([1-9][0-9]{{0,5}})|graph:({_SET}(?:,{_SET})*)")


class Factorization(NamedTuple):
    """Sums of functions of at most `order` agents and of each of the sets `edges`; `apart`: agents choose apart."""

    name: str
    order: int
    edges: tuple[Ints, ...]
    apart: bool

    @property
    def family(self) -> str:
        """The name without parameters."""
        return self.name.partition(":")[0]

    def sets(self, support: Ints) -> list[Ints]:
        """Return the sets of agents within `support` that have a function, the empty one first."""
        if self.order == 1 and not self.edges:
            return [(), *[(i,) for i in support]]
        found = set(_subsets(support, self.order))
        for edge in self.edges:
            found.update(_subsets(tuple(i for i in edge if i in support), len(edge)))
        return sorted(found, key=lambda part: (len(part), part))


def _subsets(agents: Ints, largest: int) -> Iterator[Ints]:
    for size in range(min(largest, len(agents)) + 1):
        yield from combinations(agents, size)


def read_factorization(value: object, model: Model, work: Work) -> Factorization:
    """Return the class that is written, for the agents of the model."""
    text, n = value if isinstance(value, str) else "", len(model.sizes)
    work.spend(50 * len(text))
    match = _WRITTEN.fullmatch(text)
    if match is None:
        expected = "expected linear, igm, monotonic, joint, additive:K or graph:SETS such as graph:0-1,1-2"
        raise Refused(f"certificate.factorization: {expected}, found {show(value)}")
    parts = match[2].split(",") if match[2] else []
    edges = {tuple(sorted(map(int, part.split("-")))) for part in parts}
    for edge in edges:
        need(edge[-1] < n, f"certificate.factorization: the model's agents are 0 to {n - 1}, found {edge[-1]}")
        need(len(set(edge)) == len(edge), "certificate.factorization: an agent occurs twice in a set")
    order = n if text == "joint" else min(n, int(match[1] or 1))
    return Factorization(text, order, tuple(sorted(edges)), text in ("linear", "igm", "monotonic"))


class Fit(NamedTuple):
    """Q_i(s,x) = factors[i][x] / scale, affine functions of V; i counts the choosers, x their actions.

    rows: the factors of all choosers, one below the other; bits: the length of their numbers.
    """

    scale: int
    factors: list[list[Ints]]
    rows: list[Ints]
    bits: int

    def at(self, choice: Ints) -> Ints:
        """Return Q_tot at the choices, over the scale."""
        return tuple(map(sum, zip(*[rows[x] for rows, x in zip(self.factors, choice, strict=True)], strict=True)))

    def everywhere(self) -> list[Ints]:
        """Return Q_tot at all joint actions, in row-major order, over the scale."""
        found, *others = self.factors
        for rows in others:
            found = [tuple(map(add, left, right)) for left in found for right in rows]
        return found


class Columns(NamedTuple):
    """The basis of a class on a model's joint actions: `active[k]` are those that are 1 at joint action k."""

    numbers: dict[Ints, int]
    active: list[list[int]]


def columns(factorization: Factorization, model: Model, work: Work) -> Columns:
    """Return the basis, the constant first."""
    numbers, active, known = dict[Ints, int](), list[list[int]](), dict[Ints, list[Ints]]()
    for a in model.joint:
        support = tuple([i for i, x in enumerate(a) if x])
        if support not in known:
            edges = sum(50 * len(edge) + (20 << min(len(edge), len(support))) for edge in factorization.edges)
            work.spend(500 + edges)
            known[support] = factorization.sets(support)
        sets = known[support]
        work.spend(150 * len(sets) * (2 + len(a)))
        keys = [tuple([x if i in part else 0 for i, x in enumerate(a)]) for part in sets]
        active.append([numbers.setdefault(key, len(numbers)) for key in keys])
    return Columns(numbers, active)


def bounded(width: int, count: int) -> None:
    """Refuse fits of so many unknowns to so many joint actions that would take gigabytes."""
    need(width * (width + count) <= MAX_SYSTEM, "too much work: normal equations of too many numbers")


def projection(
    factorization: Factorization, model: Model, basis: Columns, weights: Ints, what: str, work: Work
) -> tuple[int, list[Ints]]:
    """Return (d, M): the factors of chooser after chooser, all choices, are M/d times y(s,·)."""
    width, count, bits = len(basis.numbers), len(model.joint), length_of([weights])
    pairs = sum(len(active) ** 2 for active in basis.active)
    bounded(width, count)
    work.pay(2 * pairs + 20 * width * (width + count), bits, kept=2 * width * (width + count))
    system = [[0] * (width + count) for _ in range(width)]
    for k, (active, weight) in enumerate(zip(basis.active, weights, strict=True)):
        for u in active:
            row = system[u]
            row[width + k] = weight
            for v in active:
                row[v] += weight
    solved = work.solve(system, width, what)
    if factorization.apart:
        return _apart(model.sizes, basis, solved, work)
    scale, parts = _over_one(solved, work)
    rows = []
    for active in basis.active:
        work.pay(2 * len(active) * count, kept=count)
        rows.append(tuple(map(sum, zip(*(parts[u] for u in active), strict=True))))
    return scale, rows


def _apart(sizes: Ints, basis: Columns, solved: list[Ints], work: Work) -> tuple[int, list[Ints]]:
    """Return Q_i(0) = base/n and Q_i(x) = base/n + gain_i(x)."""
    n, (scale, (base, *gains)) = len(sizes), _over_one(solved, work)
    work.pay(2 * len(base) * sum(sizes), length_of([base, *gains]), kept=len(base) * sum(sizes))
    rows = []
    for i, size in enumerate(sizes):
        rows.append(base)
        before, after = (0,) * i, (0,) * (n - i - 1)
        for x in range(1, size):
            gain = gains[basis.numbers[*before, x, *after] - 1]
            rows.append(tuple([b + n * g for b, g in zip(base, gain, strict=True)]))
    return n * scale, rows


def _over_one(solved: list[Ints], work: Work) -> tuple[int, list[Ints]]:
    """Return vectors, each with its denominator first, over one scale."""
    width = len(solved[0]) - 1
    scale, *numbers = work.ratios([x for row in solved for x in row[1:]], [row[0] for row in solved for _ in row[1:]])
    return scale, [tuple(numbers[k : k + width]) for k in range(0, len(numbers), width)]
