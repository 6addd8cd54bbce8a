"""Regions of unbounded positions that m steps map into themselves: divergence (docs/certificates.md).

With modes that repeat, V' = c + A V has a direction w that grows. In coordinates V = origin + s·w + Σ_k z_k W_k the region is s >= s_min with
|z_k| <= b_k s (coordinates that grow with s) or |z_k| <= b_k (coordinates that do not feel the growth).
Geometric growth: A w ≈ ρ w, ρ > 1, w rounded from floats. Linear growth: an exact eigenvalue 1 whose left eigenvector gains δ a step.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory import scalars
from fqi_theory.dynamics import coordinates as co
from fqi_theory.dynamics.matrices import (
    array,
    column,
    floats,
    identity,
    null_vector,
    round_near,
    round_up,
    solve_or_none,
)
from fqi_theory.dynamics.orbits import History, compose, recent_pieces
from fqi_theory.dynamics.positions import Piece, Positions
from fqi_theory.scalars import Array

NEGLIGIBLE = 1e-9
REPEATS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, eq=False)
class Frame:
    """Coordinates whose first direction grows; origin (S,); fixed (d,): which coordinates stay within a constant width."""

    coordinates: co.Coordinates
    origin: Array
    fixed: Array
    linear: bool


@dataclass(frozen=True, eq=False)
class Form:
    """Affine forms u + v s + Σ_k x_k z_k, one a row: constants u (N,), slopes v (N,), others x (N, d) with x[:, 0] = 0."""

    constants: Array
    slopes: Array
    others: Array

    def bounds(self, widths: Array, fixed: Array) -> tuple[Array, Array]:
        """Return (const, slope) (N,) of the lower bound const + slope·s on the region."""
        size = np.abs(self.others)
        moving = np.where(fixed, 0, widths)
        still = np.where(fixed, widths, 0)
        return self.constants - size @ still, self.slopes - size @ moving


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

    def contains(self, values: Array, greedy: Array, on_policy: bool) -> bool:
        """Tell whether a position is inside."""
        z = self.frame.coordinates.read(values - self.frame.origin)
        if z is None or z[0] < self.minimum or (on_policy and (greedy != self.entry).any()):
            return False
        room = zip(z[1:], self.widths[1:], self.frame.fixed[1:], strict=True)
        return all(abs(x) <= (b if fixed else b * z[0]) for x, b, fixed in room)

    def growth(self) -> dict[str, Any]:
        """Return the growth of the claim."""
        kind = {"kind": "geometric", "factor": str(self.factor)} if self.factor is not None else None
        return {**(kind or {"kind": "linear", "increment": str(self.increment)}), "steps": len(self.modes)}

    def to_json(self, prefix: int) -> dict[str, Any]:
        """Return the proof of the certificate."""
        rate = {"factor": str(self.factor)} if self.factor is not None else {"increment": str(self.increment)}
        return {
            "kind": "region",
            "prefix": prefix,
            "origin": scalars.nested_text(self.frame.origin),
            "modes": [mode.tolist() for mode in self.modes],
            "entry": self.entry.tolist(),
            "directions": [scalars.nested_text(w) for w in array(self.frame.coordinates.directions).T],
            "reference": self.frame.coordinates.reference,
            "widths": [str(b) for b in self.widths],
            "growth": {"minimum": str(self.minimum), "fixed": [bool(f) for f in self.frame.fixed], **rate},
        }


def growing_regions(positions: Positions, history: History, period: int) -> Iterator[Growing]:
    """Yield confirmed growing regions for the modes of the last `period` steps."""
    pieces = recent_pieces(positions, history, period)
    end = len(history.values) - 1
    modes = tuple(history.greedy[t + 1] for t in range(end - period, end))
    entry = history.greedy[end - period]
    if positions.on_policy and (modes[-1] != entry).any():
        return
    drift, jacobian = compose(pieces)
    latest = history.values[end].to_array()
    for frame in (_linear_frame(drift, jacobian), _geometric_frame(drift, jacobian, latest)):
        if frame is None:
            continue
        for repeats in REPEATS:
            region = _region(frame, pieces * repeats, modes * repeats, entry, positions.on_policy, latest)
            if region is not None:
                yield region
                break


def _geometric_frame(drift: fmpq_mat, jacobian: fmpq_mat, latest: Array) -> Frame | None:
    """Directions: the dominant eigenvector w (rounded), then unit vectors; the reference feels the growth least."""
    table = floats(jacobian)
    eigenvalues, vectors = np.linalg.eig(table)
    top = int(np.argmax(np.abs(eigenvalues)))
    if eigenvalues[top].real <= 1 or abs(eigenvalues[top].imag) > NEGLIGIBLE:
        return None
    w = vectors[:, top].real / np.abs(vectors[:, top].real).max()
    w[np.abs(w) < NEGLIGIBLE] = 0.0
    reference, lead = int(np.argmin(np.abs(w))), int(np.argmax(np.abs(w)))
    if latest[lead] < latest[reference]:
        w = -w
    still = _closed_states((w == w[reference]) & (w == 0), jacobian)
    kept = [s for s in range(len(w)) if s not in (reference, lead)]
    columns = [round_near(w)] + [[fmpq(int(t == s)) for t in range(len(w))] for s in kept]
    fixed = np.array([False] + [bool(still[s]) for s in kept])
    origin = _resting_point(drift, jacobian, still, reference)
    if origin is None:
        return None
    coordinates = co.Coordinates(_columns(columns), _readout(columns[0], kept, lead, reference), reference, False)
    return Frame(coordinates, origin, fixed, linear=False)


def _readout(w: list[fmpq], kept: list[int], lead: int, reference: int) -> fmpq_mat:
    """Return L (d, S): s from the leading state, z_k = x(s_k) - x(reference) - s·(w(s_k) - w(reference))."""
    size = len(w)
    rows = [[fmpq(0)] * size for _ in range(len(kept) + 1)]
    scale = w[lead] - w[reference]
    rows[0][lead], rows[0][reference] = 1 / scale, -1 / scale
    for k, s in enumerate(kept, start=1):
        slope = (w[s] - w[reference]) / scale
        rows[k][s] += 1
        rows[k][lead] -= slope
        rows[k][reference] += slope - 1
    return fmpq_mat(rows)


def _closed_states(still: Array, jacobian: fmpq_mat) -> Array:
    """Return the largest subset of `still` (S,) whose rows of A vanish outside the subset."""
    table = array(jacobian)
    while True:
        inside = still & np.array([not any(row[~still]) for row in table])
        if (inside == still).all():
            return inside
        still = inside


def _resting_point(drift: fmpq_mat, jacobian: fmpq_mat, still: Array, reference: int) -> Array | None:
    """Return V solving V = c + A V on the states that do not feel the growth, and their reference value elsewhere."""
    size = len(still)
    point = scalars.zeros((size,), "exact")
    states = [int(s) for s in np.flatnonzero(still)]
    if not states:
        return point
    part = fmpq_mat([[jacobian[s, t] for t in states] for s in states])
    solution = solve_or_none(identity(len(states)) - part, column([drift[s, 0] for s in states]))
    if solution is None:
        return None
    point[states] = solution.entries()
    level = point[reference] if still[reference] else fmpq(0)
    point[~still] = level
    return point


def _linear_frame(drift: fmpq_mat, jacobian: fmpq_mat) -> Frame | None:
    """Directions: the exact null vector w of I - A, then a basis of the kernel of the left null vector."""
    system = identity(jacobian.nrows()) - jacobian
    if np.abs(np.linalg.eigvals(floats(jacobian)) - 1).min() > 1e-6:
        return None
    w, left = null_vector(system), null_vector(system.transpose())
    if w is None or left is None:
        return None
    pairing, gain = (left.transpose() * w)[0, 0], (left.transpose() * drift)[0, 0]
    if pairing == 0 or gain == 0:
        return None
    if gain / pairing < 0:
        w, pairing = -1 * w, -pairing
    size = jacobian.nrows()
    pivot = next(k for k in range(size) if left[k, 0] != 0)
    basis = []
    for k in range(size):
        if k != pivot:
            vector = [fmpq(int(t == k)) for t in range(size)]
            vector[pivot] = -left[k, 0] / left[pivot, 0]
            basis.append(vector)
    kept = _independent_of_ones(basis, size)
    frame = co.general_coordinates(_columns([list(w.entries()), *kept]), pivot)
    if frame is None:
        return None
    origin = _drift_origin(frame, drift, jacobian, size)
    return None if origin is None else Frame(frame, origin, np.array([False] + [True] * len(kept)), linear=True)


def _independent_of_ones(basis: list[list[fmpq]], size: int) -> list[list[fmpq]]:
    """Drop one vector of a basis of a hyperplane that contains 1, so that the rest is independent of 1."""
    ones = [fmpq(1)] * size
    for k in range(len(basis)):
        rest = basis[:k] + basis[k + 1 :]
        if fmpq_mat([*rest, ones]).rank() == len(rest) + 1:
            return rest
    return basis


def _drift_origin(frame: co.Coordinates, drift: fmpq_mat, jacobian: fmpq_mat, size: int) -> Array | None:
    """Return an origin at which the coordinates other than s do not move in one period."""
    induced = frame.induced(jacobian * frame.directions)
    if induced is None:
        return None
    d = induced.nrows()
    if d == 1:
        return scalars.zeros((size,), "exact")
    still = fmpq_mat([[induced[i, j] for j in range(1, d)] for i in range(1, d)])
    moved = frame.readout * drift
    rest = solve_or_none(identity(d - 1) - still, column([moved[i, 0] for i in range(1, d)]))
    if rest is None:
        return None
    return array(frame.directions * column([fmpq(0), *rest.entries()]))[:, 0]


def _columns(columns: list[list[fmpq]]) -> fmpq_mat:
    return fmpq_mat([list(row) for row in zip(*columns, strict=True)])


def _forms(constants: fmpq_mat, coefficients: fmpq_mat) -> Form:
    table = array(coefficients)
    others = table.copy()
    others[:, 0] = fmpq(0)
    return Form(array(constants)[:, 0], table[:, 0], others)


def _region(
    frame: Frame, pieces: tuple[Piece, ...], modes: tuple[Array, ...], entry: Array, on_policy: bool, latest: Array
) -> Growing | None:
    origin, images = column(list(frame.origin)), frame.coordinates.directions
    margins: list[tuple[Form, Array]] = []
    for piece in pieces:
        form = _forms(-1 * (piece.offsets + piece.rows * origin), -1 * (piece.rows * images))
        margins.append((form, piece.earlier & on_policy))
        origin, images = piece.drift + piece.jacobian * origin, piece.jacobian * images
    returned = frame.coordinates.induced(images)
    shift = frame.coordinates.read(array(origin)[:, 0] - frame.origin)
    if returned is None or shift is None:
        return None
    back = _forms(column(list(shift)), returned)
    start = frame.coordinates.read(latest - frame.origin)
    if start is None or start[0] <= 0:
        return None
    widths = _propose(frame, margins, back)
    if widths is None:
        return None
    for exponent in range(0, 400, 4):
        minimum = fmpq(1) * fmpq(2) ** exponent
        if minimum > start[0]:
            break
        rate = _confirm(frame, margins, back, widths, minimum)
        if rate is not None:
            factor, increment = (None, rate) if frame.linear else (rate, None)
            return Growing(frame, tuple(widths), minimum, modes, entry, factor, increment)
    return None


def _propose(frame: Frame, margins: list[tuple[Form, Array]], back: Form) -> Array | None:
    """Return widths for which the transversal coordinates contract relative to s, as large as the margins allow."""
    size = len(frame.fixed)
    result = np.array([fmpq(0)] * size, dtype=object)
    if size == 1:
        return result
    table = np.abs(scalars.to_float(back.others))
    rate = float(scalars.to_float(back.slopes[:1])[0])
    for moving, speed in ((False, 1.0), (True, rate)):
        chosen = np.flatnonzero((frame.fixed != moving) & (np.arange(size) > 0))
        if chosen.size == 0:
            continue
        block = table[np.ix_(chosen, chosen)] / speed
        radius = float(np.abs(np.linalg.eigvals(block)).max())
        if radius >= 1 - 1e-9:
            return None
        widths = np.linalg.solve(np.eye(chosen.size) - block / ((1 + radius) / 2), np.ones(chosen.size))
        scale = _room(margins, chosen, widths, moving=moving)
        result[chosen] = round_up(0.9 * scale * widths)
    return result


def _room(margins: list[tuple[Form, Array]], chosen: Array, widths: Array, *, moving: bool) -> float:
    """Return how far widths may be scaled before slopes (moving) or constants (fixed states) lose their sign."""
    scale = np.inf
    for form, _ in margins:
        slopes, constants = scalars.to_float(form.slopes), scalars.to_float(form.constants)
        reach = np.abs(scalars.to_float(form.others))[:, chosen] @ widths
        if moving:
            limiting, room = (slopes > NEGLIGIBLE) & (reach > 0), slopes
        else:
            limiting, room = (np.abs(slopes) <= NEGLIGIBLE) & (constants > 0) & (reach > 0), constants
        if limiting.any():
            scale = min(scale, float((room[limiting] / reach[limiting]).min()))
    if np.isfinite(scale):
        return scale
    return 0.5 if moving else 2.0**10


def _confirm(frame: Frame, margins: list[tuple[Form, Array]], back: Form, widths: Array, minimum: fmpq) -> fmpq | None:
    """Check the region exactly; return the factor ρ > 1, or the increment δ > 0 of linear growth, or None."""
    for form, strict in margins:
        const, slope = form.bounds(widths, frame.fixed)
        least = const + slope * minimum
        if (slope < 0).any() or (least < 0).any() or (least[strict] <= 0).any():
            return None
    const, slope = back.bounds(widths, frame.fixed)
    if not _returns(frame, back, widths, minimum, const[0], slope[0]):
        return None
    if frame.linear:
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
