"""Runs under fixed data whose exact numbers grow too long to follow: recorded data have denominators of their own.

Floats follow the run until it repeats nearly, and propose the modes. Their orbit is exact: one linear system. A region
around it, and the run's way into it, are confirmed in rounded numbers (`regions.rounded`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.orbits import History, Orbit, orbit_of_modes
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions.bounded import Bounded, proposed, untied_state
from fqi_theory.fates.regions.coordinates import unit_coordinates
from fqi_theory.fates.regions.rounded import Rounded

#: Steps in floats, the longest period, and what is taken for a repetition, as a part of the values.
MOST_STEPS, LONGEST, NEAR = 1 << 14, 16, 1e-9
#: Values beyond are taken for growth.
LARGEST = 1e100
#: Phases of a region, at most: rounded ones all cost the same.
MOST_PHASES = 64
#: A run is safely inside where this part of the widths is left.
SAFE = 1e-6
#: Where the exact run is so often not where floats see it, rounding has decided a tie of theirs, and they are given up.
MOST_STRAYS = 3
#: Binary digits after the point that are tried.
PRECISIONS = (128, 256, 512, 1024, 2048)


@dataclass(frozen=True, eq=False)
class Entered:
    """A region that the run has entered at a time, both shown with so many binary digits after the point."""

    region: Bounded
    time: int
    precision: int


def size_of(history: History) -> int:
    """Return the bits of the latest exact values together."""
    return len(history.values[-1].numerators) * history.bits()


def entered(positions: Positions, history: History, run: "FloatRun") -> Entered | None:
    """Return a bounded region that the run enters, None where none is found; fixed data only.

    run: the same run in floats, which is followed until that is known.
    """
    strays = 0
    for period, time in run.returns():
        modes = [run.greedy(time - period + j) for j in range(period)]
        orbit = orbit_of_modes(positions, [modes[-1], *modes])
        for found in () if orbit is None else _around(positions, history, run, orbit, time):
            strays += found is None
            if found is not None or strays == MOST_STRAYS:
                return found
    return None


def _around(
    positions: Positions, history: History, run: "FloatRun", orbit: Orbit, time: int
) -> Iterator[Entered | None]:
    """Yield the regions that hold and that the run enters, None for one that it is not in when floats say so."""
    frame = unit_coordinates(len(orbit.points[0]), untied_state(orbit))
    operator, repeats = positions.integers(history.greedy[0]), 1
    while repeats * orbit.period <= MOST_PHASES:
        for widths in proposed(orbit, frame, repeats, False):
            region = Bounded(orbit, frame, tuple(widths), repeats)
            first = run.first_inside(region, time)
            if first is None:
                continue
            for precision in run.precisions(first):
                rounded = Rounded(operator, precision)
                if not rounded.holds(region):
                    break
                inside = rounded.is_inside(history.values[0], region, first)
                if inside is not None:
                    yield Entered(region, first, precision) if inside else None
                    break
        repeats *= 2


@dataclass(frozen=True, eq=False)
class FloatRun:
    """A run in float64. rewards (S, ΣA); rows γ P (S, ΣA, S); ends: of each chooser's rows; values: V^(t), (S,)."""

    rewards: Array
    rows: Array
    ends: tuple[int, ...]
    values: list[Array]

    @classmethod
    def of(cls, positions: Positions, history: History) -> "FloatRun":
        """Return the run of a history from its start, not yet followed."""
        operator = positions.operator(history.greedy[0])
        rewards = np.concatenate([to_float(r) for r in operator.rewards], axis=1)
        rows = np.concatenate([to_float(p) for p in operator.transitions], axis=1) * float(operator.discount)
        ends = (0, *np.cumsum([r.shape[1] for r in operator.rewards]).tolist())
        return cls(rewards, rows, ends, [to_float(history.values[0].to_array())])

    def _parts(self, values: Array) -> list[Array]:
        return self._split(self.rewards + self.rows @ values)

    def _split(self, table: Array) -> list[Array]:
        return [table[:, a:b] for a, b in pairwise(self.ends)]

    def greedy(self, time: int) -> Array:
        """Return the actions that are greedy for the factors fitted to V^(time), (S, choosers)."""
        return np.stack([part.argmax(axis=1) for part in self._parts(self.values[time])], axis=1)

    def returns(self) -> Iterator[tuple[int, int]]:
        """Follow the run; yield (k, t) where V^(t) is nearly V^(t-k), the least k, once after every doubling."""
        for time in range(1, MOST_STEPS + 1):
            look()
            self.values.append(np.sum([part.max(axis=1) for part in self._parts(self.values[-1])], axis=0))
            if not np.abs(self.values[-1]).max() < LARGEST:
                return
            if time & (time - 1) == 0 and time > 2 * LONGEST:
                latest = self.values[-1]
                room = NEAR * (1 + np.abs(latest).max())
                period = next((k for k in range(1, LONGEST + 1) if np.ptp(latest - self.values[-1 - k]) <= room), None)
                if period is not None:
                    yield period, time

    def precisions(self, time: int) -> list[int]:
        """Return the precisions at which errors of `Rounded.run` are below 1 after some steps, as floats see it."""
        shared, digits, errors = self._shared(), 0.0, np.ones(len(self.rows))
        sizes = [np.abs(self.rows), np.abs(shared, out=shared)]
        for _ in range(time):
            look()
            largest = float(errors.max())
            digits, errors = digits + np.log2(largest), errors / largest
            moved = [np.sum([part.max(axis=1) for part in self._split(size @ errors)], axis=0) for size in sizes]
            errors = np.maximum(*moved) + 0.5**digits
        return [precision for precision in PRECISIONS if precision > digits]

    def _shared(self) -> Array:
        """Return the rows of the factors in which all have the same part of Q_tot at the first joint action."""
        firsts = self.rows[:, list(self.ends[:-1])]
        counts = np.diff(self.ends)
        whole = firsts.sum(axis=1, keepdims=True) / len(counts)
        return np.asarray(whole + self.rows - np.repeat(firsts, counts, axis=1))

    def first_inside(self, region: Bounded, time: int) -> int | None:
        """Return the first time, in steps of the period from `time` back, at which the run is safely inside."""
        point, widths = to_float(region.orbit.points[0]), to_float(np.array(region.widths, dtype=object))
        r, start = region.coordinates.reference, time % region.orbit.period
        away = np.array(self.values[start : time + 1 : region.orbit.period]) - point
        away = np.abs(np.delete(away, r, axis=1) - away[:, [r]])
        room = widths * (1 - SAFE) - np.finfo(float).eps * 64 * (1 + np.abs(point).max())
        inside = np.flatnonzero((away <= room).all(axis=1))
        return start + int(inside[0]) * region.orbit.period if inside.size else None
