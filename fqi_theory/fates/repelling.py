"""Two states: cells on which every cycle is repelling, so that a run which repeats no value approaches none (ours).

Weights w on cells (`cells`) with |β| w(J') > w(J) wherever a piece of slope β leads from the interior of J into that of
J' let the weighted distance to a cycle grow, though single pieces may contract. And where at some prime p the
valuations v satisfy v(β) < 0 and v(β) + v(x_T) < v(α) in every piece α + β x, v(x_t) falls from T on: no value repeats,
and points with v > v(x_T) are never met. Cells are cut where an image ends inside one until weights are found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import to_float
from fqi_theory.fates.cells import Cell, Cells, Key, Step, Steps, hulls, reached
from fqi_theory.fates.intervals import PRIMES, TRIED, difference_of, falls, valuation
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions

#: Cells are cut so many times, while there are at most so many.
CUTS, MOST_CELLS = 12, 200
#: Weights are multiples of 1/UNIT; pieces are to expand by these shares in the weighted distance, the first that can.
UNIT, SHARES = 4096, tuple(2.0**-k for k in range(2, 12))


@dataclass(frozen=True)
class Repelling(Cells):
    """Cells with their weights, and the prime at which v(x_t) falls."""

    weights: tuple[fmpq, ...]
    prime: int

    def to_json(self) -> dict[str, Any]:
        """Return the proof of the certificate, for choices of the search."""
        cells = zip(self.cells, self.weights, strict=True)
        listed = [{**self.cell_json(cell), "weight": str(weight)} for cell, weight in cells]
        return {"kind": "repelling", "prefix": self.prefix, "prime": self.prime, "cells": listed}


def repelling(positions: Positions, history: History) -> Repelling | None:
    """Return cells that hold the run from half its length on, with weights and a prime; None where none are found."""
    length = len(history.values)
    tail = range(length // 2, length)
    recent = [difference_of(history.values[t]) for t in tail[:TRIED]]
    for prime in PRIMES if all(recent) else ():
        falling = [valuation(x, prime) for x in recent]
        if all(later < earlier for earlier, later in pairwise(falling)):
            found = _at(positions, history, tail, prime, falling[0])
            if found is not None:
                return found
    return None


def _at(positions: Positions, history: History, tail: Sequence[int], prime: int, start: int) -> Repelling | None:
    """Return the same for one prime; start: v(x) at the first of the times `tail`."""
    steps = Steps(positions, history, lambda x: x != 0 and valuation(x, prime) <= start)
    cells = hulls(steps, tail)
    pieces = [(step, cell.key) for cell in cells for step in _of(steps, cell)]
    if not all(step.slope != 0 and falls(step.slope, step.level, start, prime) for step, _ in pieces):
        return None
    cells = _cut(cells, [(step.low, key) for step, key in pieces])
    for _ in range(CUTS):
        cells = reached(steps, cells, steps.place(tail[0]))
        if not 0 < len(cells) <= MOST_CELLS:
            break
        own = [next(step for step in _of(steps, cell) if step.low < step.high) for cell in cells]
        weights = _weights(own, cells)
        if weights is not None:
            return Repelling(cells, steps.shape, tail[0], weights, prime)
        cells = _cut(cells, _preimages(own, cells))
    return None


def _of(steps: Steps, cell: Cell) -> Iterable[Step]:
    return steps.of(cell.key, cell.low, cell.high)


def _preimages(own: Sequence[Step], cells: Sequence[Cell]) -> Iterable[tuple[fmpq, Key]]:
    """Yield where the ends of cells come from, with the key of the cell it is in; own: the piece of each cell."""
    for cell, step in zip(cells, own, strict=True):
        low, high = step.image
        ends = {x for other in cells if other.key == step.key for x in (other.low, other.high)}
        yield from (((x - step.level) / step.slope, cell.key) for x in ends if low < x < high)


def _cut(cells: Sequence[Cell], places: Iterable[tuple[fmpq, Key]]) -> tuple[Cell, ...]:
    """Return the cells, cut at these places."""
    known = set(places)
    found = []
    for cell in cells:
        inner = sorted(x for x, key in known if key == cell.key and cell.low < x < cell.high)
        found += [Cell(cell.key, low, high) for low, high in pairwise([cell.low, *inner, cell.high])]
    return tuple(found)


def _weights(own: Sequence[Step], cells: Sequence[Cell]) -> tuple[fmpq, ...] | None:
    """Return weights w with |β_i| w_j > w_i where the piece of cell i enters cell j; None where none are found.

    For logarithms h these are distances: h_i + share <= log |β_i| + h_j, relaxed as Bellman and Ford do.
    """
    edges = [(i, j) for i, step in enumerate(own) for j, cell in enumerate(cells) if step.enters(cell)]
    sources, targets = np.array(edges).T
    logs = np.log([float(to_float(abs(step.slope))) for step in own])
    for share in SHARES:
        heights = np.zeros(len(cells))
        for _ in cells:
            np.minimum.at(heights, sources, logs[sources] - share + heights[targets])
        if (heights[sources] <= logs[sources] - share / 2 + heights[targets]).all():
            weights = tuple(fmpq(round(w), UNIT) for w in np.exp(heights - heights.min()) * UNIT)
            if all(abs(own[i].slope) * weights[j] > weights[i] for i, j in edges):
                return weights
    return None
