"""Rows of integers without their zeros, where these are the most."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter, mul
from typing import NamedTuple


class Thin(NamedTuple):
    """A row of which only some numbers count: `take` takes what they are multiplied by, None if all count."""

    take: itemgetter[tuple[int, ...]] | None
    numbers: Sequence[int]


def thin(row: Sequence[int]) -> Thin:
    """Return a row without its zeros; with them where they are fewer than the other numbers."""
    used = [k for k, x in enumerate(row) if x]
    if len(used) >= len(row) / 2:
        return Thin(None, row)
    # Two places at least: of a single one no tuple would be taken.
    used += [k for k, x in enumerate(row[:3]) if not x][: max(0, 2 - len(used))]
    take = itemgetter(*used)
    return Thin(take, take(row))


def thin_products(rows: Sequence[Thin], columns: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the product of each row with each column."""
    return [
        [sum(map(mul, numbers, column if take is None else take(column))) for column in columns]
        for take, numbers in rows
    ]
