"""Affine functions of differences of V on cells of a grid, and which actions may be chosen somewhere in a cell.

A cell is given by whole numbers k(s): k(s) u(s) <= d(s) <= (k(s) + 1) u(s), d(s) = V(s) - V(r) for the states but r.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from .budget import Ints
from .run import Run


class Form(NamedTuple):
    """An affine function of d on a cell, times a scale: level + Σ_s slopes[s] (2 k(s) + 1), give or take `spread`."""

    level: int
    slopes: Ints
    spread: int

    def bounds(self, middle: Sequence[int]) -> tuple[int, int]:
        """Return the least and the largest value; middle: 2 k(s) + 1."""
        value = self.level + sum(map(mul, self.slopes, middle))
        return value - self.spread, value + self.spread


class Grid(NamedTuple):
    """u(s) = units[s] / den for the states but r, in order."""

    run: Run
    r: int
    den: int
    units: Ints

    def form(self, level: int, row: Sequence[int]) -> Form:
        """Return the form of level + Σ row · d, times 2 den; row: of all states, as r has no influence."""
        slopes = tuple([c * u for c, u in zip(self.others(row), self.units, strict=True)])
        return Form(2 * self.den * level, slopes, sum(map(abs, slopes)))

    def others(self, row: Sequence[int]) -> list[int]:
        """Return the entries of all states but r."""
        return [*row[: self.r], *row[self.r + 1 :]]


class Chooser(NamedTuple):
    """One chooser at a state: the leads of each action over each other one, and which other ones win ties with it."""

    leads: list[list[tuple[Form, bool]]]

    def possible(self, middle: Sequence[int]) -> list[int]:
        """Return the actions that may be chosen somewhere in a cell."""
        return [x for x, own in enumerate(self.leads) if all(_survives(*lead, middle) for lead in own)]


def _survives(lead: Form, loses: bool, middle: Sequence[int]) -> bool:
    most = lead.bounds(middle)[1]
    return most > 0 or (most == 0 and not loses)
