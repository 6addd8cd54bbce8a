"""Regions around an orbit that hold whichever of several joint actions are greedy (theory notes, section 18; ours).

Where actions tie at an orbit under data that follow them, and what shrinks decides between them, no phase has one mode.
The rows of two choices differ by D, and V' by D (V - o): a number times the unit vector of the state, whatever is
chosen. Such a unit vector is a direction more, as wide as |D| of the region; region and widths are followed through the
phases, and must have shrunk when these are done. What no choice sees is a space that the phases keep: with directions
in it and a rest the map of widths is triangular, so that the widths need not know a symmetry.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.matrices import array, round_up, times
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.fates.orbits import Orbit
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions.choice_phases import Allowed, ChoicePhase, choice_phases, unseen_directions
from fqi_theory.fates.regions.coordinates import Coordinates, general_coordinates
from fqi_theory.fates.regions.widths import LARGEST_WIDTH, resolvent_widths

#: How many returns of the orbit the region is followed for, and the most phases.
REPEATS, MOST_PHASES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32), 64
#: Significant bits of the widths, and the part of the largest possible region.
ROUNDINGS = ((12, 0.9), (40, 0.9))


@dataclass(frozen=True, eq=False)
class ChoiceRegion:
    """A confirmed region: coordinates, widths b (d,), m phases, and the choices of each point of the orbit."""

    orbit: Orbit
    allowed: tuple[Allowed, ...]
    coordinates: Coordinates
    widths: tuple[fmpq, ...]
    repeats: int

    @property
    def steps(self) -> int:
        """Return m, the number of steps that map the region into itself."""
        return self.repeats * self.orbit.period

    def contains(self, values: Array, greedy: Array, on_policy: bool) -> bool:  # noqa: ARG002
        """Tell whether a position is inside."""
        if not all(tuple(g) in own for g, own in zip(greedy.tolist(), self.allowed[0], strict=True)):
            return False
        z = self.coordinates.read(values - self.orbit.points[0])
        return z is not None and all(abs(x) <= b for x, b in zip(z, self.widths, strict=True))

    def to_json(self, prefix: int) -> dict[str, Any]:
        """Return the proof of the certificate, each state a class of its own."""
        actions = [[[list(choice) for choice in own] for own in phase] for phase in self.allowed]
        return {
            "kind": "choices",
            "prefix": prefix,
            "classes": list(range(len(self.orbit.points[0]))),
            "directions": [scalars.nested_text(w) for w in array(self.coordinates.directions).T],
            "widths": [str(b) for b in self.widths],
            "actions": actions * self.repeats,
        }


def choice_regions(
    positions: Positions, orbit: Orbit, allowed: tuple[Allowed, ...], deviation: Array
) -> Iterator[ChoiceRegion]:
    """Yield confirmed regions around an orbit under choices (one `Allowed` a point), fewest phases first.

    deviation: the run's latest V - points[0], (S,), which must be inside. None of an orbit whose points only actions
    that are left open tell apart.
    """
    phases = choice_phases(positions, orbit, allowed) if _told_apart(orbit, allowed) else None
    if phases is None:
        return
    frame = general_coordinates(unseen_directions(phases, len(orbit.points[0])), 0)
    if frame is None:
        return
    z = frame.read(deviation)
    if z is None:
        return
    for repeats in REPEATS:
        if repeats * orbit.period > MOST_PHASES:
            return
        for widths in _proposed(phases, frame, repeats):
            inside = all(abs(x) <= b for x, b in zip(z, widths, strict=True))
            if inside and _confirmed(phases, frame, widths, repeats):
                yield ChoiceRegion(orbit, allowed, frame, tuple(widths), repeats)
                break


def _told_apart(orbit: Orbit, allowed: tuple[Allowed, ...]) -> bool:
    """Tell whether values, or actions of states that have no choice, differ in any two points of an orbit."""
    settled = [all(len(phase[s]) == 1 for phase in allowed) for s in range(len(orbit.points[0]))]
    marks = [
        (tuple(map(str, v)), g[settled].tobytes())
        for v, g in zip(orbit.points, orbit.modes[-1:] + orbit.modes[:-1], strict=True)
    ]
    return len(set(marks)) == orbit.period


def _proposed(phases: tuple[ChoicePhase, ...], frame: Coordinates, repeats: int) -> Iterator[Array]:
    """Yield widths (d,) worth an exact check: b = (I - N/κ)^-1 1, N the map of widths, κ between its radius and 1."""
    size = frame.directions.ncols()
    reaches, flow = _followed(phases * repeats, _Flow(frame.directions_floats, np.eye(size)))
    returned = flow.reach(frame.readout_floats)
    widths, scale = resolvent_widths(returned) if np.isfinite(returned).all() else None, LARGEST_WIDTH
    if widths is None:
        return
    for phase, reach in zip(phases * repeats, reaches, strict=True):
        sizes = reach @ widths
        limiting = sizes > 0
        scale = min(scale, float((-phase.gaps.floats[limiting] / sizes[limiting]).min(initial=np.inf)))
    yield from (np.array(round_up(widths * scale * part, bits), dtype=object) for bits, part in ROUNDINGS)


def _confirmed(phases: tuple[ChoicePhase, ...], frame: Coordinates, widths: Array, repeats: int) -> bool:
    """Check exactly that no other action is greedy in the region and that its widths have shrunk."""
    reaches, flow = _followed(phases * repeats, _Flow(array(frame.directions), widths[:, None]))
    for phase, reach in zip(phases * repeats, reaches, strict=True):
        bound = phase.gaps.exact + reach[:, 0]
        if (bound > 0).any() or (bound[phase.strict] >= 0).any():
            return False
    if any(frame.read(own) is None for own in flow.columns.T):
        return False
    return bool((flow.reach(array(frame.readout))[:, 0] < widths).all())


@dataclass(frozen=True, eq=False)
class _Flow:
    """The region in one phase: V - o is a combination of the columns (S, d), each with a weight of at most its width.

    widths: (d, r). Exact with r = 1; in floats forms in the widths of the r columns that the region began with.
    """

    columns: Array
    widths: Array

    def reach(self, rows: Array) -> Array:
        """Return how large rows (N, S) get in the region: (N, r)."""
        return _dot(np.abs(_dot(rows, self.columns)), self.widths)

    def onward(self, phase: ChoicePhase) -> "_Flow":
        """Return the region after a phase, with a column more for each state whose choices sway it."""
        size, exact = len(self.columns), self.columns.dtype == object
        columns, widths = _dot(phase.jacobian.of_kind(exact), self.columns), self.widths
        used = (columns != 0).any(axis=0)
        columns, widths = columns[:, used], widths[used]
        for s, rows in phase.swaying:
            unit = np.zeros((size, 1)) if not exact else scalars.zeros((size, 1), "exact")
            unit[s] = unit[s] + 1
            columns = np.concatenate([columns, unit], axis=1)
            widths = np.concatenate([widths, self.reach(rows.of_kind(exact)).max(axis=0)[None, :]])
        return _Flow(columns, widths)


def _followed(phases: tuple[ChoicePhase, ...], flow: _Flow) -> tuple[list[Array], _Flow]:
    """Return how large the rivals' rows get in each phase, and the region after the last one."""
    reaches = []
    for phase in phases:
        look()
        reaches.append(flow.reach(phase.rivals.of_kind(flow.columns.dtype == object)))
        flow = flow.onward(phase)
    return reaches, flow


def _dot(left: Array, right: Array) -> Array:
    return times(left, right) if right.dtype == object else np.asarray(left @ right)
