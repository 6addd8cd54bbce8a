"""Regions that approach an orbit from one side: limits where actions tie (docs/certificates.md).

At such an orbit an alternative ties with the mode, so a full neighbourhood of it is not under one mode. But the run
comes in along a direction w, the slowest of A modulo constants, on which the mode stays greedy: the cone of `cones`
with 0 < s <= s_max.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base.matrices import affine_fixed_point, array, floats, round_up
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.orbits import History, Orbit, compose, recent_pieces
from fqi_theory.fates.positions import Piece, Positions
from fqi_theory.fates.regions import coordinates as co
from fqi_theory.fates.regions.cones import (
    NEGLIGIBLE,
    Frame,
    Passage,
    float_passage,
    is_inside,
    led_by,
    passage,
    propose_widths,
)
from fqi_theory.fates.regions.proof import region

REPEATS = (1, 2, 4, 8, 16, 32)
MOST_FRAMES = 3
#: What floats may miss of a slope, or of a margin in parts of its terms.
FLOAT_DOUBT = 1e-9


@dataclass(frozen=True, eq=False)
class Shrinking:
    """A confirmed region; its orbit follows the modes, which need not be the first maximisers at the orbit itself."""

    orbit: Orbit
    frame: Frame
    widths: tuple[fmpq, ...]
    maximum: fmpq
    repeats: int

    @property
    def steps(self) -> int:
        """Return m, the number of steps that map the region into itself."""
        return self.repeats * self.orbit.period

    def contains(self, values: Array, greedy: Array, on_policy: bool) -> bool:
        """Tell whether a position is inside."""
        z = self.frame.coordinates.read(values - self.frame.origin)
        if z is None or not 0 < z[0] <= self.maximum or (on_policy and (greedy != self.orbit.entry).any()):
            return False
        return is_inside(z, np.array(self.widths, dtype=object), self.frame.fixed)

    def to_json(self, prefix: int) -> dict[str, Any]:
        """Return the proof of the certificate."""
        growth = {"maximum": str(self.maximum), "fixed": [bool(f) for f in self.frame.fixed]}
        modes, frame = self.orbit.modes * self.repeats, self.frame
        return region(prefix, frame.origin, modes, self.orbit.entry, frame.coordinates, self.widths, growth)


def shrinking_regions(positions: Positions, history: History, period: int) -> Iterator[Shrinking]:
    """Yield confirmed regions for the modes of the last `period` steps."""
    end = len(history.values) - 1
    modes = tuple(history.greedy[end - period + 1 :])
    if positions.on_policy and (history.greedy[end - period] != modes[-1]).any():
        return
    orbit = _orbit_of_modes(positions, recent_pieces(positions, history, period), modes)
    if orbit is None or not orbit.has_tie or (not positions.on_policy and not _follows(orbit)):
        return
    latest, gaps = history.values[end].to_array() - orbit.points[0], [to_float(gap) for gap in orbit.gaps]
    for frame in _frames(orbit, latest):
        start = frame.coordinates.read(latest)
        if start is None or start[0] <= 0:
            continue
        for repeats in REPEATS:
            pieces = orbit.pieces * repeats
            rough = float_passage(frame, pieces, positions.on_policy, gaps=gaps)
            widths = propose_widths(frame, rough, tied_only=True)
            if widths is None or not is_inside(start, widths, frame.fixed):
                continue
            if not _likely(frame, rough, widths, start[0]):
                continue
            path = passage(frame, pieces, positions.on_policy)
            maximum = None if path is None else _confirmed(frame, path, widths, start[0])
            if maximum is not None:
                yield Shrinking(orbit, frame, tuple(widths), maximum, repeats)
                break


def _orbit_of_modes(positions: Positions, pieces: tuple[Piece, ...], modes: tuple[Array, ...]) -> Orbit | None:
    """Return the orbit of the affine pieces alone."""
    drift, jacobian = compose([(piece.drift, piece.jacobian) for piece in pieces])
    point = affine_fixed_point(drift, jacobian)
    if point is None:
        return None
    points = []
    for piece in pieces:
        points.append(array(point)[:, 0])
        point = piece.drift + piece.jacobian * point
    return Orbit(tuple(points), modes, positions)


def _follows(orbit: Orbit) -> bool:
    """Tell whether the true step of fixed data follows the orbit: no alternative is better at any of its points."""
    return all((gaps <= 0).all() for gaps in orbit.gaps)


def _frames(orbit: Orbit, latest: Array) -> Iterator[Frame]:
    """Yield frames led by the real positive eigenvalues below 1, slowest first; the sign follows the run."""
    _, jacobian = compose(orbit.maps)
    size = len(latest)
    if size == 1:
        return
    units = co.unit_coordinates(size, 0)
    eigenvalues, vectors = np.linalg.eig(floats(units.readout * jacobian * units.directions))
    left = np.linalg.pinv(vectors)
    current = floats(units.readout * fmpq_mat(size, 1, list(latest)))[:, 0]
    for k in np.argsort(-np.abs(eigenvalues))[:MOST_FRAMES]:
        value = eigenvalues[k]
        if abs(value.imag) > NEGLIGIBLE or not NEGLIGIBLE < value.real < 1:
            break
        share = float((left[k] @ current).real)
        w = np.concatenate([[0.0], vectors[:, k].real]) * np.sign(share)
        if share != 0 and np.abs(w).max() > 0:
            yield led_by(w / np.abs(w).max(), 0, orbit.points[0], np.zeros(size, dtype=bool))


def _confirmed(frame: Frame, path: Passage, widths: Array, start: fmpq) -> fmpq | None:
    """Return s_max, at least the run's latest s, for which the region is confirmed."""
    largest = fmpq(1 << 20)
    while largest >= start:
        if _confirm(frame, path, widths, largest):
            return largest
        largest /= 16
    least = round_up(to_float(np.array([start], dtype=object)))[0]
    return least if least >= start and _confirm(frame, path, widths, least) else None


def _likely(frame: Frame, path: Passage, widths: Array, start: fmpq) -> bool:
    """Tell in floats whether an exact check may end well, with the least s_max that holds the run's latest s."""
    sizes, s = to_float(widths), float(to_float(np.array([start], dtype=object))[0])
    for form, _ in path.margins:
        const, slope = form.bounds(sizes, frame.fixed)
        tied = form.constants == 0
        doubt = FLOAT_DOUBT * (np.abs(const) + s * np.abs(slope))
        if (slope[tied] < -FLOAT_DOUBT).any() or (const + slope * s < -doubt)[~tied].any():
            return False
    return True


def _confirm(frame: Frame, path: Passage, widths: Array, maximum: fmpq) -> bool:
    """Check the region exactly."""
    for form, strict in path.margins:
        const, slope = form.bounds(widths, frame.fixed)
        least = const + slope * maximum
        if (const < 0).any() or (least < 0).any() or (least[strict] <= 0).any():
            return False
    back = path.back
    if any(x != 0 for x in back.constants):
        return False
    spread = np.abs(back.others) @ widths
    low, high = back.slopes[0] - spread[0], back.slopes[0] + spread[0]
    growth = np.abs(back.slopes) + spread
    return bool(low > 0 and high < 1 and (growth[1:] <= widths[1:] * low).all())
