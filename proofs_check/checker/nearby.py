"""Positions near a claimed one, and which monotone fits can be best there (see `monotonic`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from .budget import ZERO, Ints, Work, bits_of
from .monotone import MonotoneRun, Ranked
from .run import Position

Row = Sequence[Fraction]


class Nearby(NamedTuple):
    """The V with sp(V - V_j) <= radius, and V - V_j in the span of the columns and 1 unless `columns` is None."""

    radius: Fraction
    columns: list[list[Fraction]] | None
    work: Work

    def sway(self, form: Row) -> Fraction:
        """Return how far Σ_s form(s) V(s) can be from its number at V_j; Σ_s form(s) = 0."""
        columns = self.columns or []
        self.work.pay_fractions(2 * len(form) * (1 + len(columns)), 2 * bits_of([form, *columns]) + 64)
        still = self.columns is not None and not any(
            sum((x * y for x, y in zip(form, column, strict=True)), ZERO) for column in columns
        )
        return ZERO if still else self.radius * sum(map(abs, form), ZERO) / 2


class Spot(NamedTuple):
    """State s at a claimed position: the data's shares (at most 1 together), y_j(s,·), rows γ P(·|s,a), c(s) D."""

    shares: Row
    targets: Row
    rows: Sequence[Row]
    reach: Fraction

    def mean_row(self, cells: Sequence[int], work: Work) -> Row:
        """Return the row of the mean of y over some joint actions."""
        work.pay_fractions(3 * len(cells) * len(self.rows[0]), 2 * bits_of([self.shares, *self.rows]))
        total = sum((self.shares[a] for a in cells), ZERO)
        return [sum((self.shares[a] * x for a, x in zip(cells, part, strict=True)), ZERO) / total
                for part in zip(*(self.rows[a] for a in cells), strict=True)]  # fmt: skip


def spot(run: MonotoneRun, s: int, values: Ints, shares: tuple[Sequence[int], int], radius: Fraction) -> Spot:
    """Return the state at a position with these values for these shares (integers, their unit)."""
    (weights, total), (scale, rows), work = shares, run.model.targets[s], run.work
    work.pay(len(rows) ** 2 * (run.states + 1))
    most = max(sum(abs(p - q) for p, q in zip(a[1:], b[1:], strict=True)) for a in rows for b in rows)
    work.pay(40 * len(rows) * (run.states + 1), kept=len(rows) * (run.states + 1))
    parts = [[work.ratio(x, scale) for x in row[1:]] for row in rows]
    targets = [work.ratio(y, scale * values[0]) for y in run.targets(s, values)[1]]
    return Spot([work.ratio(w, total) for w in weights], targets, parts, work.ratio(most, 2 * scale) * radius)


def away(position: Position, first: Position, work: Work) -> list[Fraction]:
    """Return V - V_0 at a position."""
    work.spend(200 * len(first.values))
    (den, *values), (unit, *others) = position.values, first.values
    return [work.ratio(x, den) - work.ratio(y, unit) for x, y in zip(values, others, strict=True)]


def beaten(other: Ranked, best: Ranked, here: Spot, nearby: Nearby) -> bool:
    """Return whether `other` has a larger error than `best` at all positions nearby.

    E' - E is differentiable in y with gradient 2 w (x - x'), x and x' the two fits, which move by at most half the
    spread of y - y_j, reach/2: so E' - E falls by at most the sway of Σ_a 2 w (x - x')(a) y(a), plus reach²/2.
    """
    work = nearby.work
    bits = 2 * bits_of([other.levels, best.levels, here.shares, *here.rows])
    work.pay_fractions((3 + len(here.rows[0])) * len(here.shares), 2 * bits)
    pull = [2 * w * (x - z) for w, x, z in zip(here.shares, best.levels, other.levels, strict=True)]
    form = [sum((p * x for p, x in zip(pull, part, strict=True)), ZERO) for part in zip(*here.rows, strict=True)]
    return other.error - best.error > nearby.sway(form) + here.reach * here.reach / 2


def far(error: Fraction, least: Fraction, reach: Fraction, work: Work) -> bool:
    """Return whether the root of `error` exceeds that of the least one by more than the reach.

    The root is the distance of y to a cone that holds the constants, so it moves by at most half the spread of y - y_j.
    """
    work.pay_fractions(6, 4 * bits_of([[error, least, reach]]) + 512)
    return error > (root_above(least) + reach) ** 2


def root_above(number: Fraction) -> Fraction:
    """Return a rational at least the square root, within 2^-64 of it relative to the denominator's unit."""
    below = number.denominator << 64
    return Fraction(math.isqrt(number.numerator * number.denominator << 128) + 1, below)
