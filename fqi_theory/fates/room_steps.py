"""What a step does on a cell of a grid of differences of V, for few states: exactly what the checker asks for.

On a cell k u <= d <= (k + 1) u, d = V - V(s0), factors are affine functions of d. An action may be chosen somewhere in
it unless another one exceeds it all over the cell, or ties with it at best and wins. For each choice of such actions
the next differences are affine functions of d, whose bounds on the cell say which cells they touch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product
from math import prod
from typing import TypeAlias

import numpy as np
from flint import fmpq, fmpz

from fqi_theory.base.scalars import Array
from fqi_theory.fates.positions import Positions
from fqi_theory.operators.integers import IntegerValues, common_denominator

#: The most choices of actions on one cell.
MOST_CHOICES = 64

Key: TypeAlias = tuple[int, ...]
Cell: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class Form:
    """An affine function on cells, times a scale: level + slopes · (2 k + 1), give or take `spread` = Σ |slopes|."""

    level: int
    slopes: tuple[int, ...]
    spread: int

    def bounds(self, middle: Sequence[int]) -> tuple[int, int]:
        """Return the least and the largest value on a cell; middle: 2 k + 1."""
        value = self.level + sum(c * x for c, x in zip(self.slopes, middle, strict=True))
        return value - self.spread, value + self.spread


@dataclass(frozen=True)
class Table:
    """The factors at a state under some data, chooser by chooser: rows (level, slopes in V) over a scale."""

    rows: list[list[int]]
    scale: int


class Steps:
    """The steps from cells of one grid, units (S - 1,); remembers tables, leads and images (a cache, no state)."""

    def __init__(self, positions: Positions, units: tuple[fmpq, ...]) -> None:
        self.units, self._positions = units, positions
        self._below = int(common_denominator(np.array(units, dtype=object)))
        self._wide = [int(u.p) * (self._below // int(u.q)) for u in units]
        self._ends = [0, *accumulate(positions.model.action_counts)]
        self.shape = (positions.model.n_states, len(self._ends) - 1)
        self._tables: dict[Key, list[Table]] = {}
        self._leads: dict[Key, list[list[list[tuple[Form, bool]]]]] = {}
        self._images: dict[tuple[Key, Key], list[tuple[Form, int]]] = {}

    def key(self, greedy: Array) -> Key:
        """Return the key of greedy choices (S, choosers): these, or () for fixed data."""
        return tuple(greedy.ravel().tolist()) if self._positions.on_policy else ()

    def cell(self, values: IntegerValues) -> Cell:
        """Return a cell that holds values."""
        first, *others = values.numerators
        apart = zip(others, self._wide, strict=True)
        return tuple(int((x - first) * self._below // (values.denominator * wide)) for x, wide in apart)

    def images(self, key: Key, cell: Cell) -> Iterator[tuple[Key, list[range]]] | None:
        """Return where a cell may lead: next keys, and for each coordinate the cells touched; None for too many."""
        middle = [2 * k + 1 for k in cell]
        possible = [self._possible(leads, middle) for leads in self._leads_of(key)]
        return None if prod(map(len, possible)) > MOST_CHOICES else self._led(key, middle, product(*possible))

    def _led(self, key: Key, middle: Sequence[int], choices: Iterator[Key]) -> Iterator[tuple[Key, list[range]]]:
        for choice in choices:
            if (key, choice) not in self._images:
                self._images[key, choice] = self._image(key, choice)
            spans = []
            for form, unit in self._images[key, choice]:
                low, high = form.bounds(middle)
                first = low // unit
                spans.append(range(first, max(first + 1, -(-high // unit))))
            yield choice if self._positions.on_policy else (), spans

    def _possible(self, leads: Sequence[Sequence[tuple[Form, bool]]], middle: Sequence[int]) -> list[int]:
        """Return the actions of a chooser that may be chosen; leads: of each action over each other one."""
        found = []
        for x, own in enumerate(leads):
            most = [(form.bounds(middle)[1], loses) for form, loses in own]
            if all(lead > 0 or (lead == 0 and not loses) for lead, loses in most):
                found.append(x)
        return found

    def _tables_of(self, key: Key) -> list[Table]:
        if key not in self._tables:
            greedy = np.reshape(key, self.shape) if key else np.zeros(self.shape, dtype=int)
            self._tables[key] = [
                _table(block.entries.tolist(), block.successors, int(block.denominator), self.shape[0])
                for block in self._positions.integers(greedy).blocks
            ]
        return self._tables[key]

    def _leads_of(self, key: Key) -> list[list[list[tuple[Form, bool]]]]:
        """Return, for each state and chooser, the leads of each action over the others, and whether these win ties."""
        if key not in self._leads:
            first = self._positions.ties == "first"
            self._leads[key] = [
                [
                    [
                        (self._form([p - q for p, q in zip(own, row, strict=True)]), (y < x) == first)
                        for y, row in enumerate(table.rows[low:high])
                        if y != x
                    ]
                    for x, own in enumerate(table.rows[low:high])
                ]
                for table in self._tables_of(key)
                for low, high in pairwise(self._ends)
            ]
        return self._leads[key]

    def _form(self, row: Sequence[int]) -> Form:
        """Return the form of a row whose slopes sum to 0, times twice the denominator of the units."""
        slopes = tuple(c * u for c, u in zip(row[2:], self._wide, strict=True))
        return Form(2 * self._below * row[0], slopes, sum(map(abs, slopes)))

    def _image(self, key: Key, choice: Key) -> list[tuple[Form, int]]:
        """Return the next differences under a choice (S · choosers,), with what brings each to its unit."""
        choosers, totals = self.shape[1], list[tuple[list[int], int]]()
        for s, table in enumerate(self._tables_of(key)):
            own = choice[s * choosers : (s + 1) * choosers]
            rows = [table.rows[low + x] for low, x in zip(self._ends[:-1], own, strict=True)]
            totals.append(([sum(column) for column in zip(*rows, strict=True)], table.scale))
        (base, scale), *others = totals
        found = []
        for (row, below), unit in zip(others, self._wide, strict=True):
            moved = [x * scale - y * below for x, y in zip(row, base, strict=True)]
            found.append((self._form(moved), 2 * below * scale * unit))
        return found


def _table(entries: Sequence[Sequence[fmpz]], successors: Array | None, scale: int, states: int) -> Table:
    own = range(states) if successors is None else successors.tolist()
    rows = []
    for *slopes, level in entries:
        row = [int(level), *[0] * states]
        for s, x in zip(own, slopes, strict=True):
            row[1 + s] = int(x)
        rows.append(row)
    return Table(rows, scale)
