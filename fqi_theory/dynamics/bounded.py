"""Regions around an orbit that m steps map strictly into themselves: convergence and cycles (docs/certificates.md).

The region is |z_k| <= b_k. Through m = repeats · period phases the deviation is V_j - o_j = C_j z with C_j = A_{j-1} ··· A_0 W, so no
rounding by absolute values happens before the end; |L C_m| b < b then shows contraction. Under fixed data actions
tied at the orbit may overtake: their possible gain is carried as an error, homogeneous in b.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory import scalars
from fqi_theory.dynamics import coordinates as co
from fqi_theory.dynamics.matrices import array, column, floats, round_up
from fqi_theory.dynamics.orbits import History, Orbit, compose
from fqi_theory.dynamics.positions import Piece
from fqi_theory.scalars import Array, to_float

CONTRACTION_TARGETS = (0.5, 0.9, 0.99, 0.999)


@dataclass(frozen=True, eq=False)
class Phase:
    """One phase for widths b: |D C_j| (N, d), |D| (N, S), the gaps δ (N,) <= 0 at the orbit, |A_j| (S, S)."""

    reach: Array
    rows: Array
    gaps: Array
    jacobian: Array
    owners: Array
    agents: Array
    strict: Array

    def to_float(self) -> "Phase":
        """Return the phase in float64, for proposals."""
        reach, rows, gaps, jacobian = map(to_float, (self.reach, self.rows, self.gaps, self.jacobian))
        return Phase(reach, rows, gaps, jacobian, self.owners, self.agents, self.strict)


@dataclass(frozen=True, eq=False)
class Bounded:
    """A confirmed region: coordinates, widths b (d,), phases m, and the first time the run is inside."""

    orbit: Orbit
    coordinates: co.Coordinates
    widths: tuple[fmpq, ...]
    repeats: int

    def contains(self, values: Array, greedy: Array, on_policy: bool) -> bool:
        """Tell whether a position is inside."""
        z = self.coordinates.read(values - self.orbit.points[0])
        inside = z is not None and all(abs(x) <= b for x, b in zip(z, self.widths, strict=True))
        return inside and (not on_policy or bool((greedy == self.orbit.entry).all()))

    def to_json(self, prefix: int) -> dict[str, Any]:
        """Return the proof of the certificate."""
        columns = array(self.coordinates.directions).T
        return {
            "kind": "region",
            "prefix": prefix,
            "origin": scalars.nested_text(self.orbit.points[0]),
            "modes": [mode.tolist() for mode in self.orbit.modes * self.repeats],
            "entry": self.orbit.entry.tolist(),
            "directions": None if self.coordinates.unit else [scalars.nested_text(w) for w in columns],
            "reference": self.coordinates.reference,
            "widths": [str(b) for b in self.widths],
            "growth": None,
        }


def bounded_regions(orbit: Orbit, history: History, on_policy: bool) -> Iterator[Bounded]:
    """Yield confirmed regions around an orbit, simplest coordinates first."""
    size = len(orbit.points[0])
    reference = _untied_state(orbit)
    _, jacobian = compose(orbit.pieces)
    units = co.unit_coordinates(size, reference)
    radius = spectral_radius(units.readout * jacobian * units.directions)
    if radius >= 1 - 1e-9:
        return
    deviation = history.values[-1].to_array() - orbit.points[0]
    lumped = co.class_coordinates(co.invariant_classes(deviation, jacobian), reference)
    for frame in [units] if lumped.unit else [units, lumped]:
        repeats = 1
        while repeats * orbit.period <= _most_phases(size):
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


def _untied_state(orbit: Orbit) -> int:
    """Return a state where no alternative ties at the orbit, so that its errors do not spread to every coordinate."""
    tied: set[int] = set()
    for piece, point in zip(orbit.pieces, orbit.points, strict=True):
        gaps = array(piece.offsets + piece.rows * column(list(point)))[:, 0]
        moving = array(piece.rows)
        tied |= {int(s) for s, gap, row in zip(piece.owners, gaps, moving, strict=True) if gap == 0 and any(row)}
    return next((s for s in range(len(orbit.points[0])) if s not in tied), 0)


def _region(orbit: Orbit, frame: co.Coordinates, repeats: int, on_policy: bool) -> Bounded | None:
    images, phases = frame.directions, []
    for j in range(repeats * orbit.period):
        piece, point = orbit.pieces[j % orbit.period], orbit.points[j % orbit.period]
        phases.append(_phase(piece, point, images, on_policy))
        images = piece.jacobian * images
    returned = frame.induced(images)
    if returned is None or not all(_ties_allowed(phase, on_policy) for phase in phases):
        return None
    widths = _propose_widths([p.to_float() for p in phases], np.abs(floats(returned)), frame)
    if widths is None:
        return None
    for shrink in (fmpq(1), fmpq(1, 2), fmpq(1, 1024)):
        candidate = np.array([shrink * b for b in widths], dtype=object)
        if _confirm(phases, np.abs(array(returned)), frame, candidate):
            return Bounded(orbit, frame, tuple(candidate), repeats)
    return None


def _phase(piece: Piece, point: Array, images: fmpq_mat, on_policy: bool) -> Phase:
    gaps = array(piece.offsets + piece.rows * column(list(point)))[:, 0]
    reach = np.abs(array(piece.rows * images))
    jacobian = np.abs(array(piece.jacobian))
    strict = piece.earlier & on_policy
    return Phase(reach, np.abs(array(piece.rows)), gaps, jacobian, piece.owners, piece.agents, strict)


def _ties_allowed(phase: Phase, on_policy: bool) -> bool:
    """On-policy a tie that does not vanish identically would change the data: no region in these coordinates."""
    if not on_policy:
        return True
    return not any(gap == 0 and any(reach) for gap, reach in zip(phase.gaps, phase.reach, strict=True))


def _errors(phases: list[Phase], widths: Array) -> tuple[Array, list[Array]]:
    """Return the final error e_m (S,) and, phase by phase, the reach |D C_j| b + |D| e_j of every alternative (N,)."""
    error = widths.sum() * 0 + np.zeros(phases[0].jacobian.shape[0], dtype=widths.dtype)
    reaches = []
    for phase in phases:
        reach = phase.reach @ widths + phase.rows @ error
        reaches.append(reach)
        error = phase.jacobian @ error
        gains: dict[tuple[int, int], Any] = {}
        for k in np.flatnonzero((phase.gaps == 0) & (reach > 0)):
            key = int(phase.owners[k]), int(phase.agents[k])
            gains[key] = max(gains.get(key, 0), reach[k])
        for (state, _), gain in gains.items():
            error[state] = error[state] + gain
    return error, reaches


def _after(
    phases: list[Phase], returned: Array, frame: co.Coordinates, widths: Array
) -> tuple[Array, list[Array]] | None:
    """Return |Z| b + η (d,) and the reaches, or None where errors occur in coordinates that do not allow them."""
    error, reaches = _errors(phases, widths)
    after = returned @ widths
    if (error != 0).any():
        if not frame.unit:
            return None
        after = after + np.delete(error, frame.reference) + error[frame.reference]
    return after, reaches


def _propose_widths(phases: list[Phase], returned: Array, frame: co.Coordinates) -> list[fmpq] | None:
    """Return widths from floats: b = 1 + H(b)/κ for the homogeneous map H, scaled until no alternative overtakes."""
    size = returned.shape[0]
    if size == 0:
        return []
    for target in CONTRACTION_TARGETS:
        widths = np.ones(size)
        for _ in range(400):
            image = _after(phases, returned, frame, widths)
            if image is None:
                return None
            following = 1 + image[0] / target
            if np.allclose(following, widths, rtol=1e-6):
                return _scaled(phases, frame, returned, following)
            if following.max() > 1e9:
                break
            widths = following
    return None


def _scaled(phases: list[Phase], frame: co.Coordinates, returned: Array, widths: Array) -> list[fmpq] | None:
    image = _after(phases, returned, frame, widths)
    if image is None:
        return None
    scale = np.inf
    for phase, reach in zip(phases, image[1], strict=True):
        limiting = (phase.gaps < 0) & (reach > 0)
        if limiting.any():
            scale = min(scale, float((-phase.gaps[limiting] / reach[limiting]).min()))
    scale = 0.9 * scale if np.isfinite(scale) else 2.0**20
    return round_up(widths * scale) if scale > 0 else None


def _confirm(phases: list[Phase], returned: Array, frame: co.Coordinates, widths: Array) -> bool:
    """Check the region exactly."""
    if len(widths) == 0:
        widths = np.zeros(0, dtype=object)
    image = _after(phases, returned, frame, widths)
    if image is None or not all(x < b for x, b in zip(image[0], widths, strict=True)):
        return False
    for phase, reach in zip(phases, image[1], strict=True):
        for gap, most, strict in zip(phase.gaps, reach, phase.strict, strict=True):
            bound = gap + most
            if bound > 0 and not (gap == 0 and not strict):
                return False
            if strict and bound >= 0:
                return False
    return True
