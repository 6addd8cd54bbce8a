"""Affine functions of V that few states matter to, without the columns that are 0: what is done to these is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from .budget import Ints, Work


class Narrow(NamedTuple):
    """Rows at the places `used` only; `width` is the number of all places. The constant, and two places, are kept."""

    used: list[int]
    rows: list[Ints]
    width: int

    @classmethod
    def of(cls, rows: Sequence[Ints], work: Work) -> Narrow:
        """Return rows without the columns in which all are 0."""
        width = len(rows[0])
        work.spend(width * (15 + 6 * len(rows)) + 100 * len(rows))
        used = [k for k, column in enumerate(zip(*rows, strict=True)) if k < 2 or any(column)]
        return cls(used, list(map(itemgetter(*used), rows)) if width > 1 else list(rows), width)

    def taken(self, values: Ints) -> Ints:
        """Return the entries of V that count."""
        return itemgetter(*self.used)(values) if self.width > 1 else values

    def widened(self, rows: Sequence[Ints], work: Work) -> list[Ints]:
        """Return rows at all places."""
        work.spend(len(rows) * (100 + 20 * self.width))
        found = []
        for row in rows:
            wide = [0] * self.width
            for k, x in zip(self.used, row, strict=True):
                wide[k] = x
            found.append(tuple(wide))
        return found
