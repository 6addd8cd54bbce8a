"""Two states: cells on which every cycle is repelling, so that a run which repeats no value approaches none (ours).

Weights w on cells (`cells`) with |β| w(J') > w(J) wherever a piece of slope β leads from the interior of J into that of
J' let the weighted distance to a cycle grow, though single pieces may contract. And where at some prime p the
valuations v satisfy v(β) < 0 and v(β) + v(x_T) < v(α) in every piece α + β x, v(x_t) falls from T on: no value repeats,
and points with v > v(x_T) are never met. Cells are hulls, or those of a grid, cut until weights are found (`weights`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from flint import fmpq

from fqi_theory.fates.cells import Cells, Steps, hulls
from fqi_theory.fates.grids import grid
from fqi_theory.fates.intervals import PRIMES, TRIED, difference_of, falls, valuation
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.reaching import reached
from fqi_theory.fates.weights import cut, refined


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
    steps, first = Steps(positions, history, lambda x: x != 0 and valuation(x, prime) <= start), tail[0]
    whole = hulls(steps, tail) or grid(steps, tail)
    pieces = [(step.low, cell.key) for cell in whole for step in steps.of(cell.key, cell.low, cell.high)]
    cells = reached(steps, cut(whole, pieces), steps.place(first))
    own = (step for cell in cells for step in steps.of(cell.key, cell.low, cell.high))
    if not all(step.slope != 0 and falls(step.slope, step.level, start, prime) for step in own):
        return None
    found = refined(steps, cells, steps.place(first))
    return None if found is None else Repelling(found[0], steps.shape, first, found[1], prime)
