"""Cones of positions: V = origin + s·w + Σ_k z_k W_k with |z_k| <= b_k s, or |z_k| <= b_k for `fixed` coordinates.

Shared by growing regions (s >= s_min) and shrinking regions (0 < s <= s_max): coordinates with one leading direction,
affine forms on the cone, and widths for which the other coordinates contract relative to s (docs/certificates.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base import scalars
from fqi_theory.base.matrices import array, column, product, round_near, round_up, times
from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array
from fqi_theory.fates.positions import Piece
from fqi_theory.fates.regions import coordinates as co

NEGLIGIBLE = 1e-9


@dataclass(frozen=True, eq=False)
class Frame:
    """Coordinates whose first direction leads; origin (S,); fixed (d,): which coordinates keep a constant width."""

    coordinates: co.Coordinates
    origin: Array
    fixed: Array


@dataclass(frozen=True, eq=False)
class Form:
    """Affine forms u + v s + Σ_k x_k z_k, one a row.

    constants: u (N,); slopes: v (N,); others: x (N, d) with x[:, 0] = 0.
    """

    constants: Array
    slopes: Array
    others: Array

    def bounds(self, widths: Array, fixed: Array) -> tuple[Array, Array]:
        """Return (const, slope) (N,) of the lower bound const + slope·s on the region."""
        size, parts = np.abs(self.others), [np.where(fixed == kept, widths, 0) for kept in (True, False)]
        both = np.stack(parts, axis=1)
        reach = times(size, both) if size.dtype == object else size @ both
        return self.constants - reach[:, 0], self.slopes - reach[:, 1]


def led_by(w: Array, reference: int, origin: Array, still: Array) -> Frame:
    """Return the frame whose first direction is w (S,), rounded, and whose others are unit vectors.

    still: (S,), states whose coordinates keep a constant width. The leading state, where |w - w(reference)| is
    largest, and the reference have no coordinate of their own.
    """
    lead = int(np.argmax(np.abs(w - w[reference])))
    kept = [s for s in range(len(w)) if s not in (reference, lead)]
    columns = [round_near(w)] + [[fmpq(int(t == s)) for t in range(len(w))] for s in kept]
    coordinates = co.Coordinates(matrix_of(columns), _readout(columns[0], kept, lead, reference), reference, False)
    return Frame(coordinates, origin, np.array([False] + [bool(still[s]) for s in kept]))


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


def matrix_of(columns: list[list[fmpq]]) -> fmpq_mat:
    """Return the matrix with these columns."""
    return fmpq_mat([list(row) for row in zip(*columns, strict=True)])


def _forms(constants: Array, coefficients: Array) -> Form:
    others = coefficients.copy()
    others[:, 0] = others[:, 0] * 0
    return Form(constants, coefficients[:, 0], others)


@dataclass(frozen=True, eq=False)
class Passage:
    """m phases seen from a frame.

    margins: per phase, mode minus alternative as forms, and which of them must be strictly positive (N,). back: z
    after m phases.
    """

    margins: tuple[tuple[Form, Array], ...]
    back: Form


def passage(frame: Frame, pieces: tuple[Piece, ...], on_policy: bool) -> Passage | None:
    """Return the margins and the return map of the pieces, exactly; None where the frame's span is left."""
    origin, images = column(list(frame.origin)), frame.coordinates.directions
    margins: list[tuple[Form, Array]] = []
    for piece in pieces:
        gaps = array(piece.offsets + piece.rows * origin)[:, 0]
        margins.append((_forms(-gaps, -array(product(piece.rows, images))), piece.earlier & on_policy))
        origin, images = piece.drift + piece.jacobian * origin, product(piece.jacobian, images)
    returned = frame.coordinates.induced(images)
    shift = frame.coordinates.read(array(origin)[:, 0] - frame.origin)
    if returned is None or shift is None:
        return None
    return Passage(tuple(margins), _forms(shift, array(returned)))


def float_passage(
    frame: Frame, pieces: tuple[Piece, ...], on_policy: bool, *, gaps: Sequence[Array] | None = None
) -> Passage:
    """Return the same in float64, for proposals. What overflows is not finite.

    gaps: (N,) for each piece in turn, rounded from exact ones so that ties are 0, where the origin is on their orbit.
    (Where it is not, its exact numbers grow with every phase.)
    """
    start = scalars.to_float(frame.origin)
    point, images = start, frame.coordinates.directions_floats
    margins: list[tuple[Form, Array]] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for k, piece in enumerate(pieces):
            look()
            own = piece.offsets_floats + piece.rows_floats @ point if gaps is None else gaps[k % len(gaps)]
            margins.append((_forms(-own, -(piece.rows_floats @ images)), piece.earlier & on_policy))
            point = start if gaps is not None else piece.drift_floats + piece.jacobian_floats @ point
            images = piece.jacobian_floats @ images
        readout = frame.coordinates.readout_floats
        return Passage(tuple(margins), _forms(readout @ (point - start), readout @ images))


def is_inside(z: Array, widths: Array, fixed: Array) -> bool:
    """Tell whether |z_k| <= b_k s, or |z_k| <= b_k for fixed coordinates, with s = z_0 > 0; z, widths, fixed: (d,)."""
    if not z[0] > 0:
        return False
    room = zip(z[1:], widths[1:], fixed[1:], strict=True)
    return all(abs(x) <= (b if still else b * z[0]) for x, b, still in room)


def propose_widths(frame: Frame, path: Passage, *, tied_only: bool) -> Array | None:
    """Return widths for which the transversal coordinates contract relative to s, as large as the margins allow.

    tied_only: only margins that vanish at the origin limit the widths (near an orbit the others have room).
    """
    back = path.back
    size = len(frame.fixed)
    result = np.array([fmpq(0)] * size, dtype=object)
    if size == 1:
        return result
    table = np.abs(scalars.to_float(back.others))
    rate = float(scalars.to_float(back.slopes[:1])[0])
    finite = np.isfinite(rate) and bool(np.isfinite(table).all())
    if not finite or not rate > np.finfo(float).tiny * 2.0**60:
        return None
    for moving, speed in ((False, 1.0), (True, rate)):
        chosen = np.flatnonzero((frame.fixed != moving) & (np.arange(size) > 0))
        if chosen.size == 0:
            continue
        block = table[np.ix_(chosen, chosen)] / speed
        radius = float(np.abs(np.linalg.eigvals(block)).max())
        if radius >= 1 - 1e-9:
            return None
        widths = np.linalg.solve(np.eye(chosen.size) - block / ((1 + radius) / 2), np.ones(chosen.size))
        scale = _room(path, chosen, widths, moving=moving, tied_only=tied_only)
        result[chosen] = round_up(0.9 * scale * widths)
    return result


def _room(path: Passage, chosen: Array, widths: Array, *, moving: bool, tied_only: bool) -> float:
    """Return how far widths may be scaled before slopes (moving) or constants (fixed states) lose their sign."""
    scale = np.inf
    for form, _ in path.margins:
        slopes, constants = scalars.to_float(form.slopes), scalars.to_float(form.constants)
        reach, negligible = np.abs(scalars.to_float(form.others))[:, chosen] @ widths, _negligible(form)
        if moving:
            limiting, room = (slopes > negligible) & (reach > 0), slopes
            if tied_only:
                limiting &= form.constants == 0
        else:
            limiting, room = (np.abs(slopes) <= negligible) & (constants > 0) & (reach > 0), constants
        if limiting.any():
            scale = min(scale, float((room[limiting] / reach[limiting]).min()))
    if np.isfinite(scale):
        return scale
    return 0.5 if moving else 2.0**10


def _negligible(form: Form) -> float:
    """Return what is no slope but rounding."""
    return NEGLIGIBLE * float(np.abs(scalars.to_float(form.slopes)).max(initial=0))
