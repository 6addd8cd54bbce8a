"""Bounded regions followed in multiples of 2^-p, with bounds on what that moves (docs/certificates.md, `precision`).

For fixed data of long denominators: the exact orbit is one linear system, but exact phases, and an exact run, have
numbers that grow with every step. Here all of them keep p binary digits after the point. What is confirmed is what
the checker asks for, or a little more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

import numpy as np
from flint import fmpz, fmpz_mat

from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.fates.regions.bounded import Bounded
from fqi_theory.operators.blocks import Block
from fqi_theory.operators.integers import IntegerOperator, IntegerValues, common_denominator, integer_values


@dataclass(frozen=True, eq=False)
class Rounded:
    """F in integers, and how many binary digits after the point are kept."""

    operator: IntegerOperator
    precision: int

    @property
    def unit(self) -> fmpz:
        """Return 2^p."""
        return fmpz(1) << self.precision

    @cached_property
    def rows(self) -> tuple[tuple[list[int], fmpz_mat], ...]:
        """Return for every state its successors, and its rows without the rewards."""
        return tuple(_linear(block, len(self.operator.blocks)) for block in self.operator.blocks)

    def run(self, start: IntegerValues) -> Iterator[tuple[list[fmpz], list[fmpz]]]:
        """Yield (v, e) in units, |V^(t)(s) - v(s)| <= e(s), from t = 0 on without end.

        e depends on how Q_tot is split into factors: the larger of two is taken, as split here and by the checker.
        """
        unit, ends = self.unit, np.cumsum([0, *self.operator.action_counts])
        values = [nearest(x * unit, start.denominator) for x in start.numerators]
        errors = [fmpz(1)] * len(values)
        tables = [[_absolute(m) for _, m in self.rows], [_absolute(_shared(m, ends)) for _, m in self.rows]]
        dens, agents = [block.denominator for block in self.operator.blocks], len(self.operator.action_counts)
        while True:
            look()
            yield values, errors
            highest = list(self.operator.numerators(IntegerValues(tuple(values), unit)))
            nearby = [_column(errors, own) for own, _ in self.rows]
            own, other = (
                [_tops(list((m * e).entries()), ends) for m, e in zip(split, nearby, strict=True)] for split in tables
            )
            values = [nearest(_tops(q, ends), d) for q, d in zip(highest, dens, strict=True)]
            errors = [max(up(x, d), up(y, agents * d)) + 1 for x, y, d in zip(own, other, dens, strict=True)]

    def is_inside(self, start: IntegerValues, region: Bounded, time: int) -> bool | None:
        """Tell whether the run from `start` is shown to be in a region (unit coordinates) after `time` steps.

        None where only the errors forbid it, so that more digits may help.
        """
        values, errors = next(islice(self.run(start), time, None))
        point = integer_values(region.orbit.points[0])
        origin = [nearest(x * self.unit, point.denominator) for x in point.numerators]
        away = [v - o for v, o in zip(values, origin, strict=True)]
        r = region.coordinates.reference
        others = [s for s in range(len(away)) if s != r]
        room = [b * self.unit - abs(away[s] - away[r]) for s, b in zip(others, region.widths, strict=True)]
        if all(free >= errors[s] + errors[r] + 2 for s, free in zip(others, room, strict=True)):
            return True
        return None if min(room) >= -2 else False

    def holds(self, region: Bounded) -> bool:
        """Tell whether a region (unit coordinates) is shown to shrink, and no action to overtake that does not tie."""
        orbit, r = region.orbit, region.coordinates.reference
        states, others = len(self.rows), [s for s in range(len(self.rows)) if s != r]
        below = common_denominator(np.array(region.widths, dtype=object))
        bounds = [b.p * (below // b.q) for b in region.widths]
        most, passing = up(sum(bounds, fmpz(0)), 2 * below), _Passing(self, bounds, below)
        columns = [[self.unit * (s == t) for t in others] for s in range(states)]
        errors = [fmpz(0)] * states
        points = [integer_values(point) for point in orbit.points]
        tables = [list(self.operator.numerators(point)) for point in points]
        for j in range(region.steps):
            k = j % orbit.period
            rows = []
            for s in range(states):
                row = passing.through(s, columns, errors, orbit.modes[k][s], tables[k][s], points[k].denominator)
                if row is None:
                    return False
                rows.append(row)
            columns, errors = [row for row, _ in rows], [error + most for _, error in rows]
        away = [_less(columns[s], columns[r]) for s in others]
        return all(
            size_of(row, bounds) + (errors[s] + errors[r]) * below < bound * self.unit
            for s, row, bound in zip(others, away, bounds, strict=True)
        )


@dataclass(frozen=True, eq=False)
class _Passing:
    """One phase, state by state, for widths bounds / below."""

    rounded: Rounded
    bounds: Sequence[fmpz]
    below: fmpz

    def through(
        self,
        s: int,
        columns: Sequence[list[fmpz]],
        errors: Sequence[fmpz],
        mode: Array,
        values: Sequence[fmpz],
        scale: fmpz,
    ) -> tuple[list[fmpz], fmpz] | None:
        """Return the row of the next columns and the error there; None where an action may overtake that does not tie.

        values: the factors at the orbit over `scale` and the block's denominator.
        """
        look()
        (own, rows), below = self.rounded.rows[s], self.rounded.operator.blocks[s].denominator
        images, plain = (rows * fmpz_mat([columns[u] for u in own])).tolist(), rows.tolist()
        nearby = [errors[u] for u in own]
        chosen, gain, first = [], fmpz(0), 0
        for count, action in zip(self.rounded.operator.action_counts, mode, strict=True):
            best, most = first + int(action), fmpz(0)
            for x in range(first, first + count):
                gap = values[x] - values[best]
                reach = size_of(_less(images[x], images[best]), self.bounds)
                reach += size_of(_less(plain[x], plain[best]), nearby) * self.below
                over = up(gap * self.rounded.unit, scale) * self.below + reach
                if over > 0 and gap != 0:
                    return None
                most = max(most, over) if x != best else most
            chosen.append(best)
            gain, first = gain + most, first + count
        image, row = (row_sum(table, chosen) for table in (images, plain))
        carried = up(size_of(row, nearby), below) + up(gain, below * self.below)
        return [nearest(x, below) for x in image], carried


def _linear(block: Block, states: int) -> tuple[list[int], fmpz_mat]:
    own = list(range(states)) if block.successors is None else block.successors.tolist()
    return own, fmpz_mat([row[:-1] for row in block.entries.tolist()])


def _absolute(table: fmpz_mat) -> fmpz_mat:
    return fmpz_mat(table.nrows(), table.ncols(), [abs(x) for x in table.entries()])


def _shared(table: fmpz_mat, ends: Array) -> fmpz_mat:
    """Return n times the rows of factors Q_tot(0)/n + Q_i(x) - Q_i(0), in which all have the same part of Q_tot(0)."""
    rows, n = table.tolist(), len(ends) - 1
    whole = row_sum(rows, [int(first) for first in ends[:-1]])
    return fmpz_mat(
        [
            [w + n * (x - y) for w, x, y in zip(whole, row, rows[first], strict=True)]
            for first, end in pairwise(map(int, ends))
            for row in rows[first:end]
        ]
    )


def _column(numbers: Sequence[fmpz], own: Sequence[int]) -> fmpz_mat:
    return fmpz_mat(len(own), 1, [numbers[u] for u in own])


def row_sum(table: Sequence[Sequence[fmpz]], chosen: Sequence[int]) -> list[fmpz]:
    """Return the sum of the rows chosen."""
    return [sum(parts, fmpz(0)) for parts in zip(*(table[x] for x in chosen), strict=True)]


def _less(one: Sequence[fmpz], other: Sequence[fmpz]) -> list[fmpz]:
    return [x - y for x, y in zip(one, other, strict=True)]


def size_of(row: Sequence[fmpz], weights: Sequence[fmpz]) -> fmpz:
    """Return Σ_k |row_k| weights_k."""
    return sum((abs(x) * w for x, w in zip(row, weights, strict=True)), fmpz(0))


def _tops(numbers: Sequence[fmpz], ends: Array) -> fmpz:
    """Return Σ_i of the largest number of chooser i."""
    return sum((max(numbers[a:b]) for a, b in pairwise(ends)), fmpz(0))


def nearest(x: fmpz, by: fmpz) -> fmpz:
    """Return the whole number nearest to x / by, by > 0."""
    return (2 * x + by) // (2 * by)


def up(x: fmpz, by: fmpz) -> fmpz:
    """Return x / by, by > 0, rounded up."""
    return -(-x // by)
