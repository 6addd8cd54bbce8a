"""Few states: cells of a grid of differences of V, with the data in force, closed under the step (ours).

Where a run of some states settles on nothing, and no box holds it, it is followed as `grids` does for two: from the
cells in which it was seen to all that their images touch (`room_steps`), until there are no more.
"""

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.matrices import round_up
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, exact_array, to_float
from fqi_theory.fates.fate import Bounds
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.room_steps import Cell, Key, Steps
from fqi_theory.operators.integers import IntegerValues

#: Differences that are seen are divided into so many intervals, coarsest first; the most states, and cells.
RESOLUTIONS, MOST_STATES, MOST_CELLS = (64, 256, 1024), 5, 10_000


@dataclass(frozen=True, eq=False)
class Rooms:
    """Cells k u <= V - V(s0) <= (k + 1) u of each key, in the order of the search, that hold the run from `prefix` on.

    units: u (S - 1,); a key is the choices that data follow, of the shape (S, choosers), () for fixed data.
    """

    units: tuple[fmpq, ...]
    cells: dict[Key, list[Cell]]
    prefix: int
    shape: tuple[int, int]

    def bounds(self, problem: Problem) -> Bounds:
        """Return the bounds of the states of the model."""
        numbers = np.array([cell for own in self.cells.values() for cell in own])
        ends = numbers.min(axis=0), numbers.max(axis=0) + 1
        rows = [[int(k) * u for k, u in zip(row, self.units, strict=True)] for row in ends]
        lower, upper = (problem.values_outward(exact_array([fmpq(0), *row])) for row in rows)
        return Bounds(lower, upper, self.prefix, int(problem.order[0]))

    def to_json(self, problem: Problem) -> dict[str, Any]:
        """Return the proof of the certificate, for the states of the model."""
        places = [k - 1 for k in np.argsort(problem.order).tolist() if k]
        rooms = []
        for key, own in sorted(self.cells.items()):
            greedy = problem.outward(np.reshape(key, self.shape)).tolist() if key else None
            rooms.append({"greedy": greedy, "cells": [[cell[k] for k in places] for cell in own]})
        return {"kind": "grid", "prefix": self.prefix, "units": [str(self.units[k]) for k in places], "rooms": rooms}


def rooms_of(positions: Positions, history: History) -> Rooms | None:
    """Return rooms that hold the run from some time on; None where none are found soon."""
    length = len(history.values)
    if not 2 <= positions.model.n_states <= MOST_STATES:
        return None
    times = range(length // 2, length)
    late = np.array([_differences(history.values[t]) for t in times])
    with np.errstate(invalid="ignore"):
        size = np.ptp(late, axis=0)
    for number in RESOLUTIONS if ((size > 0) & (size < np.inf)).all() else ():
        steps = Steps(positions, tuple(round_up(size / number)))
        cells = closed(steps, {(steps.key(history.greedy[t]), steps.cell(history.values[t])) for t in times})
        if cells is not None:
            prefix = next(t for t in range(length) if _holds(steps, cells, history, t))
            listed = {key: sorted(own) for key, own in cells.items()}
            return Rooms(steps.units, listed, prefix, steps.shape)
    return None


def _differences(values: IntegerValues) -> Array:
    exact = values.to_array()
    return to_float(exact[1:] - exact[0])


def _holds(steps: Steps, cells: dict[Key, set[Cell]], history: History, time: int) -> bool:
    return steps.cell(history.values[time]) in cells.get(steps.key(history.greedy[time]), ())


def closed(steps: Steps, seen: set[tuple[Key, Cell]]) -> dict[Key, set[Cell]] | None:
    """Return all cells that are met from these; None for more than MOST_CELLS."""
    waiting, met = list(seen), dict[Key, set[Cell]]()
    for key, cell in seen:
        met.setdefault(key, set()).add(cell)
    while waiting:
        look()
        images = steps.images(*waiting.pop())
        if images is None or sum(map(len, met.values())) > MOST_CELLS:
            return None
        for following, spans in images:
            if prod(map(len, spans)) > MOST_CELLS:
                return None
            own = met.setdefault(following, set())
            new = [cell for cell in product(*spans) if cell not in own]
            own.update(new)
            waiting.extend((following, cell) for cell in new)
    return met
