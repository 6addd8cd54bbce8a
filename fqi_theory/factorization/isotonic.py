"""Exact weighted isotonic regression on a product order, in polynomial time.

    minimise Σ_a w(a) (x(a) - y(a))²   over tables x that do not fall along any axis,   w > 0.

Recursive partitioning (Maxwell & Muckstadt 1985; Spouge, Wan & Wilbur 2003): take a block of cells and its weighted
mean m. An upper set U of the block with the largest Σ_{a in U} w(a) (y(a) - m) is a minimum cut of the grid: the
surpluses w (y - m) > 0 flow upwards, by shortest augmenting paths, into the deficits. Where all surplus is absorbed the
block is constant, x = m, and the flow is the multiplier of the Karush-Kuhn-Tucker conditions, which proves it; else the
cells that surplus still reaches are U, every cell of U lies above m and every other cell below, and the parts are
independent. Denominators are cleared first: everything runs in integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import lcm

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array

Shape = tuple[int, ...]
Steps = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Block:
    """Cells (row-major numbers) on one level of the regression: moment / weight, both in the integers given."""

    cells: tuple[int, ...]
    moment: int
    weight: int


def isotonic(table: Array, weights: Array) -> Array:
    """Return the isotonic regression of `table` along ascending indices of every axis, in the table's number type.

    table, weights: one shape (A_1, ..., A_n). A float table is the rationals that it stands for, the answer is rounded
    once. Raises DataError, naming the cell, where a weight is not above 0.
    """
    require_positive(weights, table.shape)
    values, scale = integers(table)
    result = np.empty(table.size, dtype=object)
    for block in regression(table.shape, values, integers(weights)[0]):
        result[list(block.cells)] = fmpq(block.moment, block.weight * scale)
    return scalars.as_field(result.reshape(table.shape), scalars.field_of(table))


def regression(shape: Shape, values: Sequence[int], weights: Sequence[int]) -> list[Block]:
    """Return the blocks of the regression for integer values and positive integer weights, cell by cell (row-major)."""
    up, down = steps(shape)
    found: list[Block] = []
    waiting = [tuple(range(len(values)))]
    while waiting:
        cells = waiting.pop()
        weight = sum(weights[a] for a in cells)
        moment = sum(weights[a] * values[a] for a in cells)
        upper = _upper_part({a: weights[a] * (values[a] * weight - moment) for a in cells}, up, down)
        if upper:
            waiting += [tuple(a for a in cells if a in upper), tuple(a for a in cells if a not in upper)]
        else:
            found.append(Block(cells, moment, weight))
    return found


def gain(blocks: Sequence[Block]) -> Fraction:
    """Return Σ w x² of a regression x; its squared error is Σ w y² less this, since every level is a block's mean."""
    return sum((Fraction(block.moment**2, block.weight) for block in blocks), Fraction(0))


def integers(table: Array) -> tuple[list[int], int]:
    """Return (numbers of `table` times a common denominator, in row-major order, that denominator)."""
    flat = [_ratio(x) for x in table.flat]
    scale = lcm(*(q for _, q in flat))
    return [p * (scale // q) for p, q in flat], scale


def require_positive(weights: Array, shape: Shape) -> None:
    """Raise DataError unless there is one positive weight a cell."""
    if weights.shape != shape:
        raise DataError(f"weights: expected the shape {shape} of the table, found {weights.shape}")
    if not (weights > 0).all():
        cell = tuple(map(int, np.argwhere(~np.asarray(weights > 0, dtype=bool))[0]))
        raise DataError(f"weights at {cell}: expected a number above 0, found {weights[cell]}")


@cache
def steps(shape: Shape) -> tuple[Steps, Steps]:
    """Return for every cell the cells one step above it, and those one step below it (row-major numbers)."""
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    above: list[list[int]] = [[] for _ in range(numbers.size)]
    below: list[list[int]] = [[] for _ in range(numbers.size)]
    for axis in range(len(shape)):
        moved = np.moveaxis(numbers, axis, 0)
        for low, high in zip(moved[:-1].flat, moved[1:].flat, strict=True):
            above[low].append(int(high))
            below[high].append(int(low))
    return tuple(map(tuple, above)), tuple(map(tuple, below))


def _upper_part(surplus: dict[int, int], up: Steps, down: Steps) -> set[int]:
    """Return the smallest upper set with the largest sum of `surplus`, which is changed; empty where that sum is 0."""
    flow: dict[tuple[int, int], int] = {}
    stuck: set[int] = set()
    for start in [a for a, amount in surplus.items() if amount > 0]:
        while surplus[start] > 0 and start not in stuck:
            before, end = _path(start, surplus, flow, up, down)
            if end < 0:
                # What the start reaches holds no deficit: later flow can neither leave nor need to enter it.
                stuck.update(before)
            else:
                _push(start, end, before, surplus, flow)
    return stuck


def _path(
    start: int, surplus: dict[int, int], flow: dict[tuple[int, int], int], up: Steps, down: Steps
) -> tuple[dict[int, int], int]:
    """Return each reached cell's predecessor on a shortest path, and the deficit reached (-1 where there is none)."""
    before, queue = {start: -1}, [start]
    for here in queue:
        for there in up[here]:
            if there in surplus and there not in before:
                before[there] = here
                if surplus[there] < 0:
                    return before, there
                queue.append(there)
        for there in down[here]:
            if there not in before and flow.get((there, here), 0) > 0:
                before[there] = here
                if surplus[there] < 0:
                    return before, there
                queue.append(there)
    return before, -1


def _push(
    start: int, end: int, before: dict[int, int], surplus: dict[int, int], flow: dict[tuple[int, int], int]
) -> None:
    """Send as much as the path carries: without limit upwards, at most what flowed up where it goes back down."""
    steps_taken, here = [], end
    while here != start:
        steps_taken.append((before[here], here))
        here = before[here]
    back = [flow[there, here] for here, there in steps_taken if there < here]
    amount = min(surplus[start], -surplus[end], *back)
    for here, there in steps_taken:
        if there < here:
            flow[there, here] -= amount
        else:
            flow[here, there] = flow.get((here, there), 0) + amount
    surplus[start] -= amount
    surplus[end] += amount


def _ratio(number: object) -> tuple[int, int]:
    if isinstance(number, fmpq):
        return int(number.p), int(number.q)
    exact = scalars.from_float(float(number))  # type: ignore[arg-type]
    return int(exact.p), int(exact.q)
