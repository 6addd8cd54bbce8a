"""Proof by repelling cells (two states, fitted classes; aperiodic): x = V(s) - V(r) approaches no cycle.

`cells` shows that the run stays in cells, on whose pieces x' = α + β x. Let v be the valuation of rationals at the
prime p: v(x + y) = min(v(x), v(y)) where these differ; w = v(x_T).
1. v(β) < 0, and v(β) + w < v(α), in every piece: where v(x) <= w, v(x') = v(β) + v(x) < v(x). So v(x_t) falls from T
   on, x never repeats, and places x with v(x) > w are never met: these need no image.
2. Weights u > 0 of cells have |β| u(J') > u(J) wherever a piece leads from cell J into the interior of J'. Were a cycle
   c_0, c_1, ... (or a limit) approached, by 1 it would be met at finitely many times, and so would ends of cells and
   places between pieces. From then on, and once pieces that are used finitely often are over, x_t is inside a piece
   that has c_t in its closure and c_{t+1} as the image of it, so |x_{t+1} - c_{t+1}| = |β| |x_t - c_t|: the weighted
   distance u |x_t - c_t| grows by a factor above 1 at each step, and does not tend to 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .budget import bits_of, need
from .cells import Cell, Piece, covered, entered, pieces
from .cells import shape as shape_of_cells
from .claims import Claim
from .expanding import LARGEST_PRIME, valuation
from .model import Model
from .run import Run


def shape(model: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    (cell,) = shape_of_cells(model)["cells"]
    cells = [{**cell, "weight": Fraction}]
    return {**shape_of_cells(model), "prime": range(2, LARGEST_PRIME + 1), "cells": cells}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Verify the cells, that valuations fall in all pieces, and that each of these expands in the weighted distance."""
    work, p = run.work, doc["prime"]
    work.spend(20 * math.isqrt(p))
    need(all(p % d for d in range(2, math.isqrt(p) + 1)), f"proof.prime: expected a prime, found {p}")
    cells, x = entered(run, claim, doc)
    need(x != 0, "proof.prefix: expected a difference that is not 0")
    start = valuation(x, p, work)

    def met(place: Fraction) -> bool:
        return place != 0 and valuation(place, p, work) <= start

    for k, cell in enumerate(cells):
        need(cell.weight > 0, f"proof.cells[{k}].weight: expected a number above 0")
    count = 0
    for cell in cells:
        for piece in pieces(run, claim.doc["reference"], cell, met):
            covered(run, piece, cells)
            level, slope = piece.level, piece.slope
            power = valuation(slope, p, work) if slope else 0
            falls = power < 0 and (level == 0 or power + start < valuation(level, p, work))
            need(falls, f"proof.prime: the valuation need not fall at {piece.low}")
            if piece.low < piece.high:
                _expands(run, piece, cell, cells)
            count += 1
    return f"{len(cells)} cells hold the images of their {count} pieces, cycles are repelling, and no value repeats"


def _expands(run: Run, piece: Piece, own: Cell, cells: Sequence[Cell]) -> None:
    """Refuse unless the weighted distance grows wherever a piece leads into the interior of a cell."""
    low, high = piece.image()
    run.work.pay_fractions(5 * len(cells) + 8, 2 * bits_of([piece[:4]]) + bits_of(cell[1:] for cell in cells))
    for k, cell in enumerate(cells):
        if cell.greedy == piece.greedy and low < cell.high and cell.low < high:
            grows = abs(piece.slope) * cell.weight > own.weight
            need(grows, f"proof.cells[{k}].weight: the map does not expand from {piece.low} to {piece.high}")
