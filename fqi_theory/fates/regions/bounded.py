"""Regions around an orbit that m steps map strictly into themselves: convergence and cycles (docs/certificates.md).

The region is |z_k| <= b_k. Through m = repeats · period phases the deviation is V_j - o_j = C_j z with C_j = A_{j-1}
··· A_0 W, so no rounding by absolute values happens before the end; |L C_m| b < b then shows contraction. Under fixed
data actions tied at the orbit may overtake: their possible gain is carried as an error, homogeneous in b.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base.matrices import array, floats, product, round_up, times
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.orbits import Orbit, compose
from fqi_theory.fates.regions import coordinates as co
from fqi_theory.fates.regions.proof import region
from fqi_theory.fates.regions.widths import Phase, after, phase_of, propose_widths

#: Significant bits of the widths, and the part of the largest possible region: first nearly all of it.
ROUNDINGS = ((40, 1 - 2.0**-32), (12, 0.9), (40, 0.9), (40, 2.0**-10))
FLOAT_DOUBT = 1e-9
#: Spectral radii so near to 1 are taken for a neutral map.
NEUTRAL = 1e-9
#: Up to so many states an orbit itself is described by the unit vectors, each with the width 0; beyond by no direction.
UNIT_STATES = 20


@dataclass(frozen=True, eq=False)
class Bounded:
    """A confirmed region: coordinates, widths b (d,), phases m, and the first time the run is inside."""

    orbit: Orbit
    coordinates: co.Coordinates
    widths: tuple[fmpq, ...]
    repeats: int

    @property
    def steps(self) -> int:
        """Return m, the number of steps that map the region into itself."""
        return self.repeats * self.orbit.period

    def contains(self, values: Array, greedy: Array, on_policy: bool) -> bool:
        """Tell whether a position is inside."""
        if not self._near(values):
            return False
        z = self.coordinates.read(values - self.orbit.points[0])
        inside = z is not None and all(abs(x) <= b for x, b in zip(z, self.widths, strict=True))
        return inside and (not on_policy or bool((greedy == self.orbit.entry).all()))

    def _near(self, values: Array) -> bool:
        """Tell in floats whether the position may be inside: a quick no for most of the run."""
        if not self.coordinates.unit:
            return True
        deviation = to_float(values) - self._point_floats
        room = self._width_floats + FLOAT_DOUBT * (1 + np.abs(self._point_floats).max())
        size = np.abs(np.delete(deviation, self.coordinates.reference) - deviation[self.coordinates.reference])
        return bool((size <= room).all())

    @cached_property
    def _point_floats(self) -> Array:
        return to_float(self.orbit.points[0])

    @cached_property
    def _width_floats(self) -> Array:
        return to_float(np.array(self.widths, dtype=object))

    def to_json(self, prefix: int) -> dict[str, Any]:
        """Return the proof of the certificate."""
        modes = self.orbit.modes * self.repeats
        return region(prefix, self.orbit.points[0], modes, self.orbit.entry, self.coordinates, self.widths, None)


def resting_region(orbit: Orbit) -> Bounded:
    """Return the orbit itself, and all that is a constant away from it, as a region: nothing needs to contract."""
    size = len(orbit.points[0])
    if size <= UNIT_STATES:
        return Bounded(orbit, co.unit_coordinates(size, untied_state(orbit)), (fmpq(0),) * (size - 1), 1)
    return Bounded(orbit, co.no_coordinates(size), (), 1)


def bounded_regions(orbit: Orbit, deviation: Array, on_policy: bool) -> Iterator[Bounded]:
    """Yield confirmed regions around an orbit, fewest coordinates first; deviation: V - points[0] (S,), no constant."""
    size = len(orbit.points[0])
    reference = untied_state(orbit)
    _, jacobian = compose(orbit.maps)
    units = co.unit_coordinates(size, reference)
    radius = spectral_radius(units.readout * jacobian * units.directions)
    if radius >= 1 + NEUTRAL:
        return
    if radius > 1 - NEUTRAL:
        frames = [frame for frame in [co.image_coordinates(jacobian, reference)] if frame is not None]
    else:
        lumped = co.class_coordinates(co.invariant_classes(deviation, jacobian), reference)
        frames = [units] if lumped.unit else [lumped, units]
    for frame in frames:
        if on_policy and orbit.has_tie and _ties_move(orbit, frame):
            continue
        repeats = 1
        while repeats * orbit.period <= max(orbit.period, _most_phases(size)):
            region = _region(orbit, frame, repeats, on_policy)
            if region is not None:
                yield region
                break
            repeats *= 2


def spectral_radius(matrix: fmpq_mat) -> float:
    """Return the float64 spectral radius of a rational matrix (a proposal, never a proof)."""
    if matrix.nrows() == 0:
        return 0.0
    return float(np.abs(np.linalg.eigvals(floats(matrix))).max())


def _most_phases(states: int) -> int:
    return 1024 if states <= 6 else 128 if states <= 20 else 16


def untied_state(orbit: Orbit) -> int:
    """Return a state where no alternative ties at the orbit, so that its errors do not spread to every coordinate."""
    tied: set[int] = set()
    for piece, gap in zip(orbit.pieces, orbit.gaps, strict=True):
        moving = (piece.rows_floats != 0).any(axis=1)
        tied |= set(piece.owners[(gap == 0) & moving].tolist())
    return next((s for s in range(len(orbit.points[0])) if s not in tied), 0)


def _ties_move(orbit: Orbit, frame: co.Coordinates) -> bool:
    """Tell whether an alternative that ties at the orbit overtakes along the directions, which changes the data."""
    images = frame.directions
    for piece, gaps in zip(orbit.pieces, orbit.gaps, strict=True):
        tied = array(piece.rows)[np.flatnonzero(gaps == 0)]
        if len(tied) and (times(tied, array(images)) != 0).any():
            return True
        images = product(piece.jacobian, images)
    return False


def _region(orbit: Orbit, frame: co.Coordinates, repeats: int, on_policy: bool) -> Bounded | None:
    """Propose widths in floats; build the exact phases only where a proposal exists."""
    candidates = proposed(orbit, frame, repeats, on_policy)
    exact = _exact_phases(orbit, frame, repeats, on_policy) if candidates else None
    if exact is None:
        return None
    for candidate in candidates:
        if _confirm(*exact, frame, candidate, on_policy):
            return Bounded(orbit, frame, tuple(candidate), repeats)
    return None


def proposed(orbit: Orbit, frame: co.Coordinates, repeats: int, on_policy: bool) -> list[Array]:
    """Return widths (d,) worth an exact check, from float phases; none where the region does not shrink in floats."""
    images, proposals, own = frame.directions_floats, [], []
    for piece, gap in zip(orbit.pieces, orbit.gaps, strict=True):
        rows = np.abs(piece.rows_floats)
        own.append((piece, phase_of(piece, gap, on_policy, rows, rows, np.abs(piece.jacobian_floats))))
    for j in range(repeats * orbit.period):
        look()
        piece, phase = own[j % orbit.period]
        proposals.append(replace(phase, reach=np.abs(piece.rows_floats @ images)))
        images = piece.jacobian_floats @ images
    found = propose_widths(proposals, np.abs(frame.readout_floats @ images), frame, on_policy)
    if found is None:
        return []
    return [np.array(round_up(found[0] * found[1] * part, bits), dtype=object) for bits, part in ROUNDINGS]


def _exact_phases(
    orbit: Orbit, frame: co.Coordinates, repeats: int, on_policy: bool
) -> tuple[list[Phase], Array] | None:
    """Return the exact phases and |L C_m| (d, d), or None where the coordinates are not preserved."""
    images, phases = frame.directions, []
    for j in range(repeats * orbit.period):
        piece, gap = orbit.pieces[j % orbit.period], orbit.gaps[j % orbit.period]
        reach = np.abs(array(product(piece.rows, images)))
        phases.append(phase_of(piece, gap, on_policy, reach, np.abs(array(piece.rows)), np.abs(array(piece.jacobian))))
        images = product(piece.jacobian, images)
    returned = frame.induced(images)
    return None if returned is None else (phases, np.abs(array(returned)))


def _confirm(phases: list[Phase], returned: Array, frame: co.Coordinates, widths: Array, on_policy: bool) -> bool:
    """Check the region exactly."""
    image = after(phases, returned, frame, widths, on_policy)
    if image is None or not all(x < b for x, b in zip(image[0], widths, strict=True)):
        return False
    for phase, reach in zip(phases, image[1], strict=True):
        bound = phase.gaps + reach
        if (bound[~phase.tied] > 0).any() or (bound[phase.strict] >= 0).any():
            return False
    return True
