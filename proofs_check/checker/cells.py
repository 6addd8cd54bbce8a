"""Proof by cells (two states, fitted classes; bounded): x = V(s) - V(r) and g never leave them.

Under ε-greedy data x' = f_g(x) hangs on the greedy actions g that the data follow, and so do the next ones. A cell is a
pair of such actions and an interval of x. On it each factor is affine in x (`interval`), so between the places where a
highest factor changes the next greedy actions stay and x' = α + β x; these pieces, and by themselves the places between
them and the ends, must lead into cells again. V(r) follows at rate γ, so V is bounded too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

from .budget import MAX_JSON_VALUES, ZERO, bits_of, need
from .claims import Claim
from .interval import Line, at_line, lines_of, turns
from .model import Model, Policy
from .reading import read
from .run import Run


class Cell(NamedTuple):
    """low <= x <= high under the data of `greedy`, () for fixed data; `weight` is that of `repelling`."""

    greedy: Policy
    low: Fraction
    high: Fraction
    weight: Fraction


class Piece(NamedTuple):
    """x' = level + slope x for low < x < high, or at low = high, after which the data are those of `greedy`."""

    low: Fraction
    high: Fraction
    level: Fraction
    slope: Fraction
    greedy: Policy

    def image(self) -> tuple[Fraction, Fraction]:
        """Return the ends of the image, the lower one first."""
        ends = self.level + self.slope * self.low, self.level + self.slope * self.high
        return min(ends), max(ends)


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES), "cells": [{"greedy": object, "lower": Fraction, "upper": Fraction}]}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix, verify that a cell holds the run then, and that each piece leads into cells."""
    cells, _ = entered(run, claim, doc)
    count = 0
    for cell in cells:
        for piece in pieces(run, claim.doc["reference"], cell, lambda _: True):
            covered(run, piece, cells)
            count += 1
    return f"{len(cells)} cells hold the images of their {count} pieces"


def entered(run: Run, claim: Claim, doc: dict[str, Any]) -> tuple[list[Cell], Fraction]:
    """Return the cells, one of which holds the run at t = prefix, and x then; refuse what is no cell of the claim."""
    need(run.states == 2, "proof.kind: cells need two states")
    stated, work = claim.doc, run.work
    r = read(stated["reference"], range(2), "claim.reference", work)
    need(stated["lower"][r] == stated["upper"][r] == 0, "claim: expected bounds of 0 at the reference")
    least, most = stated["lower"][1 - r], stated["upper"][1 - r]
    cells = [_cell(run, own, f"proof.cells[{k}]") for k, own in enumerate(doc["cells"])]
    for k, cell in enumerate(cells):
        work.pay_fractions(3, bits_of([[least, most, cell.low, cell.high]]))
        need(
            least <= cell.low < cell.high <= most, f"proof.cells[{k}]: expected lower < upper within the claim's bounds"
        )
    now = run.after(claim.start, doc["prefix"])
    x = work.ratio(now.values[2 - r] - now.values[1 + r], now.values[0])
    here, found = now.greedy if run.moving else (), False
    for cell in cells:
        work.pay_fractions(2, bits_of([[x, cell.low, cell.high]]))
        found = found or (cell.greedy == here and cell.low <= x <= cell.high)
    need(found, f"proof.cells: none holds the run at t = {doc['prefix']}")
    return cells, x


def _cell(run: Run, own: dict[str, Any], where: str) -> Cell:
    if run.moving:
        greedy = read(own["greedy"], run.model.policy, f"{where}.greedy", run.work)
    else:
        need(own["greedy"] is None, f"{where}.greedy: expected null for fixed data")
        greedy = ()
    return Cell(greedy, own["lower"], own["upper"], own.get("weight", ZERO))


def pieces(run: Run, r: int, cell: Cell, met: Callable[[Fraction], bool]) -> Iterator[Piece]:
    """Yield the pieces of a step from a cell, and by themselves its ends and the places between pieces that are met."""
    actions = cell.greedy or ((0,) * len(run.model.sizes),) * 2
    envelopes = [(s, lines_of(run, s, actions[s], 1 - r)) for s in (0, 1)]
    places = {cell.low, cell.high}
    for _, choosers in envelopes:
        for lines in choosers:
            places.update(turns(lines, cell.low, cell.high, run))
    bits = 2 * bits_of([sorted(places), *(line for _, choosers in envelopes for lines in choosers for line in lines)])
    each = 3 * sum(len(lines) for _, choosers in envelopes for lines in choosers) + 8
    for low, high in (*pairwise(sorted(places)), *((x, x) for x in sorted(places) if met(x))):
        run.work.pay_fractions(each, 2 * bits, 8)
        yield _piece(run, r, envelopes, low, high)


def _piece(run: Run, r: int, envelopes: Sequence[tuple[int, list[list[Line]]]], low: Fraction, high: Fraction) -> Piece:
    """Return a piece: everywhere in it the choice is that of its middle."""
    x, level, slope = (low + high) / 2, ZERO, ZERO
    greedy = list[tuple[int, ...]]()
    for s, choosers in envelopes:
        chosen = tuple(run.best([at_line(line, x) for line in lines]) for lines in choosers)
        sign = -1 if s == r else 1
        for lines, k in zip(choosers, chosen, strict=True):
            level, slope = level + sign * lines[k][0], slope + sign * lines[k][1]
        greedy.append(chosen if run.factorization.apart else run.model.joint[chosen[0]])
    return Piece(low, high, level, slope, tuple(greedy) if run.moving else ())


def covered(run: Run, piece: Piece, cells: Sequence[Cell]) -> None:
    """Refuse unless cells of the piece's greedy actions hold its image, ends included."""
    low, high = piece.image()
    count = (4 + len(cells).bit_length()) * len(cells) + 8
    run.work.pay_fractions(count, 2 * bits_of([piece[:4]]) + bits_of(cell[1:3] for cell in cells))
    inside = False
    for cell in sorted((cell for cell in cells if cell.greedy == piece.greedy), key=lambda cell: cell.low):
        if cell.low <= low <= cell.high:
            low, inside = cell.high, True
        if inside and high <= low:
            return
    need(False, f"proof.cells: the image of {piece.low} to {piece.high} is not in cells of its greedy actions")
