"""Growing regions followed in multiples of 2^-p, with errors that grow with s (docs/certificates.md, `precision`).

The cone |z_k| <= b_k s, s = z_0 >= s_min, around a direction w of all coordinates: a position is origin + Σ_k z_k W_k
up to an error of at most e s at every state. Numbers keep p binary digits after the point; actions may overtake by
what counts as an error. What is confirmed is what the checker asks for, or a little more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from fqi_theory.base.matrices import array, matrix, product
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.fates.regions.cones import Frame
from fqi_theory.fates.regions.rounded import Rounded, nearest, row_sum, size_of, up
from fqi_theory.operators.integers import IntegerValues, common_denominator

#: The factor of growth keeps so many binary digits after the point, rounded down.
RATE_DIGITS = 20


@dataclass(frozen=True, eq=False)
class Cone:
    """A cone that grows: its frame, no coordinate fixed; widths (d,), the first 0; minimum: s_min, whole."""

    frame: Frame
    widths: tuple[fmpq, ...]
    minimum: fmpz
    modes: tuple[Array, ...]

    def read(self, values: Sequence[fmpq], errors: Sequence[fmpq]) -> tuple[Array, Array]:
        """Return z (d,) of a deviation (S,), and how far errors (S,) move each coordinate."""
        readout = array(self.frame.coordinates.readout)
        z = array(self.frame.coordinates.readout * fmpq_mat(len(values), 1, list(values)))[:, 0]
        return z, array(matrix(np.abs(readout)) * fmpq_mat(len(errors), 1, list(errors)))[:, 0]


@dataclass(frozen=True, eq=False)
class _Phase:
    """Where a cone is: origin (S,) and columns (S)(d) in units, errors (S,) in units and parts of s."""

    origin: list[fmpz]
    columns: list[list[fmpz]]
    errors: list[fmpz]


def enters(rounded: Rounded, start: IntegerValues, cone: Cone, time: int) -> bool:
    """Tell whether the run from `start` is shown to be in a cone after `time` steps."""
    values, errors = next(islice(rounded.run(start), time, None))
    away = [fmpq(v, rounded.unit) - o for v, o in zip(values, cone.frame.origin, strict=True)]
    z, moved = cone.read(away, [fmpq(e, rounded.unit) for e in errors])
    s = z[0] - moved[0]
    inside = zip(z[1:], moved[1:], cone.widths[1:], strict=True)
    return bool(s >= cone.minimum) and all(abs(x) + e <= b * s for x, e, b in inside)


def growth(rounded: Rounded, cone: Cone) -> fmpq | None:
    """Return a factor ρ > 1 by which s is shown to grow, while V stays in the cone, as the modes are followed once."""
    unit, states = rounded.unit, len(rounded.rows)
    directions = array(cone.frame.coordinates.directions)
    below = common_denominator(np.array(cone.widths, dtype=object))
    bounds = [b.p * (below // b.q) for b in cone.widths]
    through = _Through(rounded, bounds, below, cone.minimum)
    phase = _Phase(
        [nearest(x.p * unit, x.q) for x in cone.frame.origin],
        [[nearest(x.p * unit, x.q) for x in row] for row in directions],
        [fmpz(0)] * states if _fits(cone, unit) else [through.most] * states,
    )
    for mode in cone.modes:
        phase = through.phase(phase, mode)
    return _returned(rounded, cone, phase)


def _fits(cone: Cone, unit: fmpz) -> bool:
    """Tell whether origin and directions are whole numbers of units."""
    numbers = [*cone.frame.origin, *cone.frame.coordinates.directions.entries()]
    return all(unit % x.q == 0 for x in numbers)


@dataclass(frozen=True, eq=False)
class _Through:
    """One phase of a cone with widths bounds / below and s >= minimum."""

    rounded: Rounded
    bounds: list[fmpz]
    below: fmpz
    minimum: fmpz

    @property
    def most(self) -> fmpz:
        """Return (1 + Σ_k b_k + 1/s_min) / 2, rounded up: what rounding origin and columns may move, in parts of s."""
        total = (sum(self.bounds, fmpz(0)) + self.below) * self.minimum + self.below
        return up(total, 2 * self.below * self.minimum)

    def phase(self, now: _Phase, mode: Array) -> _Phase:
        """Return the cone after one step, whose greedy actions are the mode's but for what counts as an error."""
        values = self.rounded.operator.numerators(IntegerValues(tuple(now.origin), self.rounded.unit))
        origin, columns, errors = [], [], []
        for s, own in enumerate(values):
            look()
            level, row, error = self._state(s, now, [int(a) for a in mode[s]], own)
            origin.append(level)
            columns.append(row)
            errors.append(error + self.most)
        return _Phase(origin, columns, errors)

    def _state(self, s: int, now: _Phase, mode: Sequence[int], values: Sequence[fmpz]) -> tuple[fmpz, list[fmpz], fmpz]:
        """Return origin, row of the columns and error at a state; values: the factors at the origin, in units."""
        (own, rows), scale = self.rounded.rows[s], self.rounded.operator.blocks[s].denominator
        images, plain = (rows * fmpz_mat([now.columns[u] for u in own])).tolist(), rows.tolist()
        nearby, chosen, gain, first = [now.errors[u] for u in own], list[int](), fmpz(0), 0
        for count, action in zip(self.rounded.operator.action_counts, mode, strict=True):
            best = first + action
            others = [x for x in range(first, first + count) if x != best]
            over = [self._over(values, images, plain, (x, best), nearby) for x in others]
            gain += max([fmpz(0), *over])
            chosen.append(best)
            first += count
        image, row = (row_sum(table, chosen) for table in (images, plain))
        level = nearest(sum((values[x] for x in chosen), fmpz(0)), scale)
        error = up(size_of(row, nearby), scale) + up(gain, scale * self.below * self.minimum)
        return level, [nearest(x, scale) for x in image], error

    def _over(
        self,
        values: Sequence[fmpz],
        images: Sequence[Sequence[fmpz]],
        plain: Sequence[Sequence[fmpz]],
        pair: tuple[int, int],
        nearby: Sequence[fmpz],
    ) -> fmpz:
        """Return by how much of s an action may overtake the mode's, times the block's denominator, below and s_min."""
        x, best = pair
        first, *others = [p - q for p, q in zip(images[x], images[best], strict=True)]
        slope = first * self.below + size_of(others, self.bounds[1:])
        slope += size_of([p - q for p, q in zip(plain[x], plain[best], strict=True)], nearby) * self.below
        return slope * self.minimum + max(values[x] - values[best], fmpz(0)) * self.below


def _returned(rounded: Rounded, cone: Cone, end: _Phase) -> fmpq | None:
    """Return ρ where s' >= ρ s and |z'_k| <= b_k s' all over the cone, else None."""
    unit, widths = rounded.unit, np.array(cone.widths, dtype=object)
    away = [fmpq(v, unit) - o for v, o in zip(end.origin, cone.frame.origin, strict=True)]
    shift, missed = cone.read(away, [fmpq(e, unit) for e in end.errors])
    columns = fmpq_mat([[fmpq(x, unit) for x in row] for row in end.columns])
    back = array(product(cone.frame.coordinates.readout, columns))
    slope = back[0, 0] - (np.abs(back[0, 1:]) * widths[1:]).sum() - missed[0]
    rate = slope + min(shift[0], fmpq(0)) / cone.minimum
    factor = fmpq((rate.p << RATE_DIGITS) // rate.q, 1 << RATE_DIGITS)
    if not factor > 1:
        return None
    for k in range(1, len(widths)):
        for sign in (1, -1):
            form, const = widths[k] * back[0] + sign * back[k], widths[k] * shift[0] + sign * shift[k]
            least = form[0] - (np.abs(form[1:]) * widths[1:]).sum() - widths[k] * missed[0] - missed[k]
            if least < 0 or const + least * cone.minimum < 0:
                return None
    return factor
