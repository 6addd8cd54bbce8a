"""Regions of unbounded positions that m steps map into themselves: divergence (docs/certificates.md).

With modes that repeat, V' = c + A V has a direction w that grows: geometrically where A w ≈ ρ w with ρ > 1
(`geometric_growth`), or linearly where 1 is an exact eigenvalue (`linear_growth`). The region is the cone of `cones`
with s >= s_min.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.orbits import History, compose, recent_pieces
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions.cones import (
    NEGLIGIBLE,
    Form,
    Frame,
    Passage,
    float_passage,
    is_inside,
    passage,
    propose_widths,
)
from fqi_theory.fates.regions.geometric_growth import geometric_frames
from fqi_theory.fates.regions.linear_growth import linear_frame
from fqi_theory.fates.regions.proof import region

REPEATS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, eq=False)
class Growing:
    """A confirmed growing region; factor ρ > 1 or increment δ > 0 per `len(modes)` steps."""

    frame: Frame
    widths: tuple[fmpq, ...]
    minimum: fmpq
    modes: tuple[Array, ...]
    entry: Array
    factor: fmpq | None
    increment: fmpq | None

    @property
    def steps(self) -> int:
        """Return m, the number of steps that map the region into itself."""
        return len(self.modes)

    def contains(self, values: Array, greedy: Array, on_policy: bool) -> bool:
        """Tell whether a position is inside."""
        z = self.frame.coordinates.read(values - self.frame.origin)
        if z is None or z[0] < self.minimum or (on_policy and (greedy != self.entry).any()):
            return False
        return is_inside(z, np.array(self.widths, dtype=object), self.frame.fixed)

    def growth(self) -> dict[str, Any]:
        """Return the growth of the claim."""
        kind = {"kind": "geometric", "factor": str(self.factor)} if self.factor is not None else None
        return {**(kind or {"kind": "linear", "increment": str(self.increment)}), "steps": len(self.modes)}

    def to_json(self, prefix: int) -> dict[str, Any]:
        """Return the proof of the certificate."""
        rate = {"factor": str(self.factor)} if self.factor is not None else {"increment": str(self.increment)}
        growth = {"minimum": str(self.minimum), "fixed": [bool(f) for f in self.frame.fixed], **rate}
        frame = self.frame
        return region(prefix, frame.origin, self.modes, self.entry, frame.coordinates, self.widths, growth)


def growing_regions(positions: Positions, history: History, period: int) -> Iterator[Growing]:
    """Yield confirmed growing regions for the modes of the last `period` steps."""
    pieces = recent_pieces(positions, history, period)
    end = len(history.values) - 1
    modes = tuple(history.greedy[t + 1] for t in range(end - period, end))
    entry = history.greedy[end - period]
    if positions.on_policy and (modes[-1] != entry).any():
        return
    drift, jacobian = compose([(piece.drift, piece.jacobian) for piece in pieces])
    before, latest = history.values[end - period].to_array(), history.values[end].to_array()
    growing = ((frame, False) for frame in geometric_frames(pieces, drift, jacobian, before, latest))
    for frame, is_linear in chain([(linear_frame(drift, jacobian), True)], growing):
        start = None if frame is None else frame.coordinates.read(latest - frame.origin)
        if frame is None or start is None or start[0] <= 0:
            continue
        for repeats in REPEATS:
            path = float_passage(frame, pieces * repeats, positions.on_policy)
            widths = propose_widths(frame, path, tied_only=False)
            if widths is None or not is_inside(start, widths, frame.fixed) or not _may_grow(frame, path, widths):
                continue
            exact = passage(frame, pieces * repeats, positions.on_policy)
            found = None if exact is None else _confirmed(frame, exact, widths, start[0], is_linear)
            if found is not None:
                minimum, rate = found
                factor, increment = (None, rate) if is_linear else (rate, None)
                yield Growing(frame, tuple(widths), minimum, modes * repeats, entry, factor, increment)
                break


def _may_grow(frame: Frame, path: Passage, widths: Array) -> bool:
    """Tell in floats whether s grows, or stays, and no alternative gains with it: exact passages are long numbers."""
    moving = to_float(np.where(frame.fixed, 0 * widths, widths))
    for form, _ in path.margins:
        least = form.slopes - np.abs(form.others) @ moving
        if not (least >= -NEGLIGIBLE * np.abs(form.slopes).max(initial=0)).all():
            return False
    slope = path.back.slopes[0] - np.abs(path.back.others[0]) @ moving
    return bool(1 - NEGLIGIBLE < slope < np.inf)


def _confirmed(frame: Frame, path: Passage, widths: Array, start: fmpq, is_linear: bool) -> tuple[fmpq, fmpq] | None:
    """Return s_min, at most the run's latest s, and the rate, for which the region is confirmed."""
    minimum = fmpq(1)
    while minimum <= start:
        rate = _confirm(frame, path, widths, minimum, is_linear)
        if rate is not None:
            return minimum, rate
        minimum *= 16
    return None


def _confirm(frame: Frame, path: Passage, widths: Array, minimum: fmpq, is_linear: bool) -> fmpq | None:
    """Check the region exactly; return the factor ρ > 1, or the increment δ > 0 of linear growth, or None."""
    for form, strict in path.margins:
        const, slope = form.bounds(widths, frame.fixed)
        least = const + slope * minimum
        if (slope < 0).any() or (least < 0).any() or (least[strict] <= 0).any():
            return None
    const, slope = path.back.bounds(widths, frame.fixed)
    if not _returns(frame, path.back, widths, minimum, const[0], slope[0]):
        return None
    if is_linear:
        increment = const[0] + (slope[0] - 1) * minimum
        return increment if slope[0] >= 1 and increment > 0 else None
    factor = slope[0] + min(const[0], fmpq(0)) / minimum
    return factor if factor > 1 else None


def _returns(frame: Frame, back: Form, widths: Array, minimum: fmpq, const: fmpq, slope: fmpq) -> bool:
    """Check that every coordinate but s is within its width after m steps."""
    size = np.abs(back.others)
    still = size @ np.where(frame.fixed, widths, 0)
    moving = size @ np.where(frame.fixed, 0, widths)
    for k in range(1, len(widths)):
        most, growth = abs(back.constants[k]) + still[k], abs(back.slopes[k]) + moving[k]
        if frame.fixed[k]:
            feels = back.slopes[k] != 0 or any(x != 0 for x in back.others[k][1:][~frame.fixed[1:]])
            if feels or most > widths[k]:
                return False
        elif widths[k] * slope < growth or widths[k] * (slope * minimum + const) < growth * minimum + most:
            return False
    return True
