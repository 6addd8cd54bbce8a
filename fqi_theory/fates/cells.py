"""Two states: cells of x = V(s1) - V(s0), with the data in force, that a step maps into each other (ours).

Under ε-greedy data x' = f_g(x) hangs on the greedy actions g before the step, and so do the next ones, g'; f_g is
affine while g' stays (`intervals` is the case without g). A cell is a pair (g, [l, u]). Cells that hold the image of
each of their pieces bound the run; `repelling` asks whether it approaches a cycle.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq

from fqi_theory.base.matrices import round_near
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, exact_array, to_float
from fqi_theory.fates.intervals import DifferenceMap, difference_map, difference_of, turns
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions

#: Hulls are enlarged so many times; at most so many; what is seen is rounded to so many bits, and stretched by a share.
ROUNDS, MOST_HULLS, BITS, STRETCH = 64, 16, 24, 2**16

Key: TypeAlias = tuple[int, ...]
Ends: TypeAlias = tuple[fmpq, fmpq]
Place: TypeAlias = tuple[Key, fmpq]


@dataclass(frozen=True)
class Cell:
    """low <= x <= high while the data follow the choices `key`, state by state; () for fixed data."""

    key: Key
    low: fmpq
    high: fmpq

    def holds(self, place: Place) -> bool:
        """Tell whether (key, x) is in the cell."""
        return self.key == place[0] and self.low <= place[1] <= self.high


@dataclass(frozen=True)
class Step:
    """x' = level + slope x for low < x < high, or at low = high; `key`: that of the next data."""

    low: fmpq
    high: fmpq
    level: fmpq
    slope: fmpq
    key: Key

    @cached_property
    def image(self) -> Ends:
        """Return the ends of the image, the lower one first."""
        ends = [self.level + self.slope * x for x in (self.low, self.high)]
        return min(ends), max(ends)

    def enters(self, cell: Cell) -> bool:
        """Tell whether the step leads into a cell; a step from an interval, whether it leads into its interior."""
        low, high = self.image
        if low == high:
            return cell.holds((self.key, low))
        return self.key == cell.key and low < cell.high and high > cell.low


@dataclass(frozen=True)
class Cells:
    """Cells that a step maps into each other, and x_t is in one of them at t = prefix. shape: (2, choosers)."""

    cells: tuple[Cell, ...]
    shape: tuple[int, int]
    prefix: int

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Return the bounds of V - V(s0), (2,) each."""
        low, high = min(cell.low for cell in self.cells), max(cell.high for cell in self.cells)
        return exact_array([fmpq(0), low]), exact_array([fmpq(0), high])

    def to_json(self) -> dict[str, Any]:
        """Return the proof of the certificate, for choices of the search."""
        return {"kind": "cells", "prefix": self.prefix, "cells": [self.cell_json(cell) for cell in self.cells]}

    def cell_json(self, cell: Cell) -> dict[str, Any]:
        """Return one cell for the certificate; its greedy actions are null for fixed data."""
        greedy = np.reshape(cell.key, self.shape).tolist() if cell.key else None
        return {"greedy": greedy, "lower": str(cell.low), "upper": str(cell.high)}


class Steps:
    """The pieces of a step for data of any key; remembers the maps it was asked for (a cache, no state).

    meets: which single points may be met at all, all of them by default.
    """

    def __init__(self, positions: Positions, history: History, meets: Callable[[fmpq], bool] = lambda _: True) -> None:
        states, choosers = history.greedy[0].shape
        self.shape = (states, choosers)
        self._positions, self._history, self._meets = positions, history, meets
        self._maps: dict[Key, DifferenceMap] = {}

    def place(self, t: int) -> Place:
        """Return where the run is at a time: (key, x)."""
        moving = self._positions.on_policy
        key = tuple(self._history.greedy[t].ravel().tolist()) if moving else ()
        return key, difference_of(self._history.values[t])

    def of(self, key: Key, low: fmpq, high: fmpq) -> Iterator[Step]:
        """Yield the pieces of a step from (low, high), and by themselves its ends and the points between pieces."""
        look()
        if key not in self._maps:
            greedy = np.reshape(key, self.shape) if key else np.zeros(self.shape, dtype=int)
            self._maps[key] = difference_map(self._positions.operator(greedy))
        f = self._maps[key]
        places = sorted({low, high} | {x for lines in (*f.below, *f.above) for x in turns(lines, low, high)})
        for left, right in (*pairwise(places), *((x, x) for x in places if self._meets(x))):
            yield self._step(f, left, right)

    def _step(self, f: DifferenceMap, low: fmpq, high: fmpq) -> Step:
        """Return the step of one piece, or point: everywhere in it the same actions are chosen as in its middle."""
        x, level, slope = (low + high) / 2, fmpq(0), fmpq(0)
        chosen = []
        for sign, choosers in ((-1, f.below), (1, f.above)):
            for lines in choosers:
                heights = [value + rise * x for value, rise in lines]
                best = max(heights)
                last = len(lines) - 1 - heights[::-1].index(best)
                chosen.append(heights.index(best) if self._positions.ties == "first" else last)
                level, slope = level + sign * lines[chosen[-1]][0], slope + sign * lines[chosen[-1]][1]
        return Step(low, high, level, slope, tuple(chosen) if self._positions.on_policy else ())


def hulls(steps: Steps, times: Sequence[int]) -> tuple[Cell, ...]:
    """Return a cell a key, around where the run was at these times, that a step maps into each other; or none."""
    ends = _seen(steps, times)
    for _ in range(ROUNDS):
        grown = dict(ends)
        for key, own in ends.items():
            for step in steps.of(key, *own):
                low, high = grown.get(step.key, step.image)
                grown[step.key] = min(low, step.image[0]), max(high, step.image[1])
        if grown == ends:
            return tuple(Cell(key, low, high) for key, (low, high) in ends.items() if low < high)
        if len(grown) > MOST_HULLS:
            break
        ends = grown
    return ()


def _seen(steps: Steps, times: Sequence[int]) -> dict[Key, Ends]:
    """Return between which numbers, stretched a little, x was at these times, for each key."""
    seen: dict[Key, list[float]] = {}
    for key, x in map(steps.place, times):
        seen.setdefault(key, []).append(float(to_float(x)))
    hulls = {}
    for key, own in seen.items():
        low, high = round_near([min(own), max(own)], BITS)
        hulls[key] = low - abs(low) / STRETCH, high + abs(high) / STRETCH
    return hulls
