"""The frame of a geometrically growing region: A w = ρ w modulo constants with ρ > 1 for the repeated modes.

The run's values that stay equal are one class each (`coordinates.invariant_classes`); everything below is on classes.
s grows with ρ along w, rounded from floats. An alternative whose row D vanishes on w neither gains nor loses with s:
what decides it are the functionals D, D A, D A², ... of V. All of them vanish on w and on 1, so their span Φ is
invariant and rational though w is not; its coordinates keep a constant width around the point where they rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base.matrices import affine_fixed_point, array, column, floats, matrix, round_near
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.positions import Piece
from fqi_theory.fates.regions import coordinates as co
from fqi_theory.fates.regions.cones import NEGLIGIBLE, Frame, matrix_of

#: So many states that feel the growth equally little are tried as the level.
MOST_REFERENCES = 4


@dataclass(frozen=True, eq=False)
class Lumped:
    """The composed map on C classes of states: V = M x, x' = c + J x.

    classes: (S,); first: (C,), one state a class; drift: c (C, 1); jacobian: J (C, C).
    """

    classes: Array
    first: Array
    drift: fmpq_mat
    jacobian: fmpq_mat

    @property
    def members(self) -> Array:
        """Return M (S, C) of zeros and ones."""
        return np.asarray(self.classes[:, None] == np.arange(len(self.first))[None, :])


@dataclass(frozen=True, eq=False)
class Resting:
    """A basis of Φ in reduced form: rows F (f, C) with F[i, pivots[j]] = 1{i=j}; point: F V at rest, (f,)."""

    rows: Array
    pivots: Array
    point: Array


def geometric_frames(
    pieces: tuple[Piece, ...], drift: fmpq_mat, jacobian: fmpq_mat, before: Array, latest: Array
) -> Iterator[Frame]:
    """Yield frames led by the growing direction on the run's side, none where nothing grows.

    drift, jacobian: the composed map of the pieces; before, latest: the run's values (S,), one passage apart. Frames
    differ in the state whose value is the level: those that feel the growth least, and least of other states, first.
    """
    lumped = _lumped(drift, jacobian, before, latest)
    w = _growing_direction(lumped.jacobian)
    if w is None:
        return
    resting = _resting(lumped, _tied_rows(pieces, lumped, w), w)
    for reference in _references(lumped, w, resting):
        frame = _frame(lumped, w, resting, reference)
        s = frame.coordinates.read(latest - frame.origin)
        yield frame if s is None or s[0] > 0 else _frame(lumped, -w, resting, reference)


def _references(lumped: Lumped, w: Array, resting: Resting | None) -> list[int]:
    """Return up to MOST_REFERENCES classes, best first."""
    free = _free(len(w), resting)
    table = np.abs(floats(lumped.jacobian))
    others = table.sum(axis=1) - np.diag(table)
    near = free[np.abs(w[free]) <= np.abs(w[free]).min() + NEGLIGIBLE]
    return [int(c) for c in near[np.argsort(others[near], kind="stable")][:MOST_REFERENCES]]


def _free(size: int, resting: Resting | None) -> Array:
    """Return the classes whose values the tied functionals do not fix."""
    return np.setdiff1d(np.arange(size), [] if resting is None else resting.pivots)


def _lumped(drift: fmpq_mat, jacobian: fmpq_mat, before: Array, latest: Array) -> Lumped:
    pairs = np.empty(len(latest), dtype=object)
    pairs[:] = list(zip(before, latest, strict=True))
    classes = co.invariant_classes(pairs, jacobian)
    first = np.array([int(np.flatnonzero(classes == c)[0]) for c in range(int(classes.max()) + 1)])
    table = array(jacobian)[first]
    sums = np.stack([table[:, classes == c].sum(axis=1) for c in range(len(first))], axis=1)
    return Lumped(classes, first, matrix(array(drift)[first]), matrix(sums))


def _growing_direction(jacobian: fmpq_mat) -> Array | None:
    """Return the dominant eigenvector (C,) of J in floats, largest entry ±1, if its eigenvalue is real and above 1.

    The state that feels the growth least then has the entry nearest to 0.
    """
    eigenvalues, vectors = np.linalg.eig(floats(jacobian))
    top = int(np.argmax(np.abs(eigenvalues)))
    if eigenvalues[top].real <= 1 or abs(eigenvalues[top].imag) > NEGLIGIBLE:
        return None
    w = vectors[:, top].real
    return np.asarray(w / np.abs(w).max())


def _tied_rows(pieces: tuple[Piece, ...], lumped: Lumped, w: Array) -> list[list[fmpq]]:
    """Return the rows on classes, pulled back to the first phase, of alternatives that do not feel the growth."""
    images = fmpq_mat(lumped.members.astype(int).tolist())
    found: list[list[fmpq]] = []
    for piece in pieces:
        moved = floats(images) @ w
        size = np.abs(piece.rows_floats).sum(axis=1) * np.abs(moved).max()
        flat = np.flatnonzero((np.abs(piece.rows_floats @ moved) <= NEGLIGIBLE * size) & (size > 0))
        if flat.size:
            found += (matrix(array(piece.rows)[flat]) * images).tolist()
        images = piece.jacobian * images
    return [row for row in found if any(x != 0 for x in row)]


def _resting(lumped: Lumped, rows: list[list[fmpq]], w: Array) -> Resting | None:
    """Return Φ of the tied rows and where it rests; None without such rows, or where Φ grows or feels the growth."""
    if not rows:
        return None
    basis, rank = _reduced(fmpq_mat(rows))
    while True:
        longer, following = _reduced(fmpq_mat(basis.tolist() + (basis * lumped.jacobian).tolist()))
        if following == rank:
            break
        basis, rank = longer, following
    table = array(basis)
    pivots = np.array([int(np.flatnonzero(row != 0)[0]) for row in table])
    sizes = np.abs(to_float(table)).sum(axis=1)
    if (np.abs(to_float(table) @ w) > NEGLIGIBLE * sizes * len(w)).any():
        return None
    induced = matrix(array(basis * lumped.jacobian)[:, pivots])
    point = affine_fixed_point(basis * lumped.drift, induced)
    if point is None or np.abs(np.linalg.eigvals(floats(induced))).max() >= 1:
        return None
    return Resting(table, pivots, array(point)[:, 0])


def _reduced(rows: fmpq_mat) -> tuple[fmpq_mat, int]:
    reduced, rank = rows.rref()
    return fmpq_mat(reduced.tolist()[:rank]), rank


def _frame(lumped: Lumped, w: Array, resting: Resting | None, reference: int) -> Frame:
    """Return the frame with w(reference) = 0 and w(lead) = ±1; all directions but the resting ones vanish on F."""
    size, none = len(w), np.zeros(0, dtype=int)
    pivots = none if resting is None else resting.pivots
    free = _free(size, resting)
    lead = int(free[np.argmax(np.abs(w[free] - w[reference]))])
    others = [int(c) for c in free if c not in (reference, lead)]
    chosen = np.array([fmpq(0)] * size, dtype=object)
    chosen[free] = round_near((w[free] - w[reference]) / abs(w[lead] - w[reference]))
    columns = [_lifted(chosen, resting), *(_lifted(_unit(size, c), resting) for c in others)]
    columns += [_unit(size, int(p)) for p in pivots]
    rows = [_level(size, lead, reference, chosen[lead])]
    rows += [_level(size, c, reference, fmpq(1)) - chosen[c] * rows[0] for c in others]
    rows += [] if resting is None else list(resting.rows)
    origin = np.array([fmpq(0)] * size, dtype=object)
    if resting is not None:
        origin[pivots] = resting.point
    return _on_states(lumped, columns, rows, origin, reference, len(pivots))


def _on_states(
    lumped: Lumped, columns: list[Array], rows: list[Array], origin: Array, reference: int, still: int
) -> Frame:
    """Return the frame on states: directions repeat on the members of a class, the readout looks at its first."""
    readout = np.array([[fmpq(0)] * len(lumped.classes) for _ in rows], dtype=object)
    readout[:, lumped.first] = np.stack(rows)
    directions = matrix_of([list(c[lumped.classes]) for c in columns])
    coordinates = co.Coordinates(directions, matrix(readout), int(lumped.first[reference]), False)
    fixed = np.arange(len(columns)) >= len(columns) - still
    return Frame(coordinates, origin[lumped.classes], fixed)


def _unit(size: int, position: int) -> Array:
    return np.array([fmpq(int(c == position)) for c in range(size)], dtype=object)


def _level(size: int, state: int, reference: int, scale: fmpq) -> Array:
    """Return the functional (V(state) - V(reference)) / scale."""
    return np.asarray((_unit(size, state) - _unit(size, reference)) / scale)


def _lifted(vector: Array, resting: Resting | None) -> Array:
    """Return the vector (C,) with its entries at the pivots such that F vanishes on it; 0 there before."""
    if resting is None:
        return vector
    result = vector.copy()
    result[resting.pivots] = -array(matrix(resting.rows) * column(list(vector)))[:, 0]
    return result
