"""Runs that grow, under fixed data whose exact numbers are too long to follow: recorded data, where V diverges.

Floats follow the run until its modes repeat, and propose the growing direction and a cone around it. That the run
enters the cone, and that the modes map it into itself, is confirmed in rounded numbers (`regions.rounded_growth`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpz

from fqi_theory.base.scalars import Array, to_float, zeros
from fqi_theory.fates.long_runs import LONGEST, MOST_PHASES, SAFE, FloatRun
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Piece, Positions
from fqi_theory.fates.regions.cones import NEGLIGIBLE, Frame, Passage, float_passage, led_by, propose_widths
from fqi_theory.fates.regions.proof import region
from fqi_theory.fates.regions.rounded import Rounded
from fqi_theory.fates.regions.rounded_growth import Cone, enters, growth

#: A run is taken to grow where its largest value is so many times what it was after LONGEST steps.
GROWN = 1e6
#: So many states that feel the growth least are tried as the level.
MOST_REFERENCES = 4
#: s_min is so many times what floats ask for.
ROOM = 2


@dataclass(frozen=True, eq=False)
class Grown:
    """A cone that the run has entered at a time, and the factor by which s grows there."""

    cone: Cone
    factor: fmpq
    time: int
    precision: int

    def growth(self) -> dict[str, Any]:
        """Return the growth of the claim."""
        return {"kind": "geometric", "factor": str(self.factor), "steps": len(self.cone.modes)}

    def to_json(self) -> dict[str, Any]:
        """Return the proof of the certificate."""
        frame, modes = self.cone.frame, self.cone.modes
        fixed = [False] * len(self.cone.widths)
        rate = {"minimum": str(self.cone.minimum), "fixed": fixed, "factor": str(self.factor)}
        proof = region(self.time, frame.origin, modes, modes[-1], frame.coordinates, self.cone.widths, rate)
        return {**proof, "precision": self.precision}


def grown(positions: Positions, history: History, run: FloatRun) -> Grown | None:
    """Return a growing region that the run enters, None where none is found; fixed data only.

    run: the same run in floats, followed to its end.
    """
    end = len(run.values) - 1
    if end < 4 * LONGEST or np.ptp(run.values[end]) < GROWN * (1 + np.abs(run.values[LONGEST]).max()):
        return None
    modes = [run.greedy(time) for time in range(end - 3 * LONGEST, end)]
    lags = range(1, LONGEST + 1)
    period = next((k for k in lags if all((a == b).all() for a, b in zip(modes[k:], modes[:-k], strict=True))), None)
    if period is None:
        return None
    pieces = tuple(positions.piece(mode, mode) for mode in modes[-period:])
    for frame in _frames(pieces, run.values[end]):
        for cone in _cones(frame, pieces, modes[-period:]):
            time = _first_inside(cone, run, period)
            found = None if time is None else _confirmed(cone, positions, history, time, run.precisions(time))
            if found is not None:
                return found
    return None


def _frames(pieces: Sequence[Piece], latest: Array) -> Iterator[Frame]:
    """Yield frames around the direction that grows most under the pieces, on the run's side; none where none grows."""
    table = np.eye(len(latest))
    for piece in pieces:
        table = piece.jacobian_floats @ table
    eigenvalues, vectors = np.linalg.eig(table)
    top = int(np.argmax(np.abs(eigenvalues)))
    if eigenvalues[top].real <= 1 or abs(eigenvalues[top].imag) > NEGLIGIBLE:
        return
    w = vectors[:, top].real
    w = w / np.abs(w).max()
    none, origin = np.zeros(len(w), dtype=bool), zeros((len(w),), "exact")
    for reference in np.argsort(np.abs(w), kind="stable")[:MOST_REFERENCES]:
        frame = led_by(w, int(reference), origin, none)
        s = float(frame.coordinates.readout_floats[0] @ latest)
        yield frame if s > 0 else led_by(-w, int(reference), origin, none)


def _cones(frame: Frame, pieces: tuple[Piece, ...], modes: Sequence[Array]) -> Iterator[Cone]:
    """Yield cones that floats see mapped into themselves, after one passage of the pieces, after two, four, ..."""
    repeats = 1
    while repeats * len(pieces) <= MOST_PHASES:
        path = float_passage(frame, pieces * repeats, False)
        widths = propose_widths(frame, path, tied_only=False)
        least = None if widths is None else _least(path, to_float(widths))
        if widths is not None and least is not None and np.isfinite(least):
            yield Cone(frame, tuple(widths), fmpz(int(np.ceil(ROOM * max(least, 1)))), tuple(modes) * repeats)
        repeats *= 2


def _least(path: Passage, widths: Array) -> float | None:
    """Return from which s on constants do not matter, None where the cone is not mapped into itself."""
    least = 0.0
    for form, _ in path.margins:
        slope = form.slopes - np.abs(form.others) @ widths
        growing = slope > 0
        least = max(least, float((-form.constants[growing] / slope[growing]).max(initial=0.0)))
    q, rows = path.back.constants, path.back.others.copy()
    rows[:, 0] = path.back.slopes
    rate = rows[0, 0] - np.abs(rows[0, 1:]) @ widths[1:]
    if not rate > 1:
        return None
    least = max(least, float(abs(q[0]) / (rate - 1)))
    for sign in (1, -1):
        sides = widths[1:, None] * rows[0] + sign * rows[1:]
        room = sides[:, 0] - np.abs(sides[:, 1:]) @ widths[1:]
        if not (room > 0).all():
            return None
        least = max(least, float(((widths[1:] * abs(q[0]) + np.abs(q[1:])) / room).max(initial=0.0)))
    return least


def _first_inside(cone: Cone, run: FloatRun, period: int) -> int | None:
    """Return the first time, in steps of the period from the last one back, at which the run is safely inside."""
    first = (len(run.values) - 1) % period
    z = np.array(run.values[first::period]) @ cone.frame.coordinates.readout_floats.T
    s, widths = z[:, 0] * (1 - SAFE), to_float(np.array(cone.widths, dtype=object))
    inside = (s >= float(cone.minimum)) & (np.abs(z[:, 1:]) <= widths[1:] * s[:, None]).all(axis=1)
    times = np.flatnonzero(inside)
    return first + int(times[0]) * period if times.size else None


def _confirmed(
    cone: Cone, positions: Positions, history: History, time: int, precisions: Sequence[int]
) -> Grown | None:
    operator = positions.integers(history.greedy[0])
    for precision in precisions:
        rounded = Rounded(operator, precision)
        factor = growth(rounded, cone)
        if factor is None:
            return None
        if enters(rounded, history.values[0], cone, time):
            return Grown(cone, factor, time, precision)
    return None
