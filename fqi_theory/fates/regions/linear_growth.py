"""Linear growth: 1 is an eigenvalue of the repeated modes exactly, and the constants push along its eigenvector.

With left and right null vectors l and w of I - A, l·V grows by l·c in every period, exactly; the kernel of l is
preserved, so all other coordinates keep a constant width. Floats cannot certify this boundary.
"""

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base import scalars
from fqi_theory.base.matrices import affine_fixed_point, array, column, floats, identity, null_vector
from fqi_theory.base.scalars import Array
from fqi_theory.fates.regions import coordinates as co
from fqi_theory.fates.regions.cones import Frame, matrix_of


def linear_frame(drift: fmpq_mat, jacobian: fmpq_mat) -> Frame | None:
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
    frame = co.general_coordinates(matrix_of([list(w.entries()), *kept]), pivot)
    if frame is None:
        return None
    origin = _drift_origin(frame, drift, jacobian, size)
    return None if origin is None else Frame(frame, origin, np.array([False] + [True] * len(kept)))


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
    rest = affine_fixed_point(column([moved[i, 0] for i in range(1, d)]), still)
    if rest is None:
        return None
    return array(frame.directions * column([fmpq(0), *rest.entries()]))[:, 0]
