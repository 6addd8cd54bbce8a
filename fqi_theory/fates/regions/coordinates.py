"""Coordinates for regions: V = origin + Σ_k z_k W_k + λ·1 (docs/certificates.md).

Everything that decides a fate ignores constants, so z has at most |S| - 1 entries. Fewer are needed where a deviation
keeps equal values on classes of states; ties between actions that lead to such states then vanish identically.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base import scalars
from fqi_theory.base.matrices import array, column, column_basis, floats, identity, product
from fqi_theory.base.partitions import coarsest
from fqi_theory.base.scalars import Array


@dataclass(frozen=True, eq=False)
class Coordinates:
    """directions: W (S, d); readout: L (d, S) with L W = 1 and L·(constants) = 0, so z = L (V - origin).

    reference: the state whose value is the level; unit: whether W are the unit vectors of all other states.
    """

    directions: fmpq_mat
    readout: fmpq_mat
    reference: int
    unit: bool

    @cached_property
    def directions_floats(self) -> Array:
        """Return W in float64, (S, d), for proposals."""
        return floats(self.directions)

    @cached_property
    def readout_floats(self) -> Array:
        """Return L in float64, (d, S), for proposals."""
        return floats(self.readout)

    def read(self, deviation: Array) -> Array | None:
        """Return z (d,) of a deviation (S,), or None where it leaves the span of the directions and 1."""
        if self.unit:
            return np.asarray(np.delete(deviation, self.reference) - deviation[self.reference])
        if self.directions.ncols() == 0:
            return deviation[:0] if all(x == deviation[0] for x in deviation) else None
        z = self.readout * column(list(deviation))
        rest = array(column(list(deviation)) - self.directions * z)[:, 0]
        return array(z)[:, 0] if all(x == rest[0] for x in rest) else None

    def induced(self, images: fmpq_mat) -> fmpq_mat | None:
        """Return Z (d, d) with images = W Z + constants, or None where the span is left; images: (S, d)."""
        z = product(self.readout, images)
        rest = array(images - product(self.directions, z))
        return z if bool((rest == rest[:1]).all()) else None


def unit_coordinates(states: int, reference: int) -> Coordinates:
    """Return z_k = V(s_k) - V(reference) for all other states, in order."""
    return class_coordinates(np.arange(states), reference)


def no_coordinates(states: int) -> Coordinates:
    """Return coordinates of constants alone: there is none."""
    return class_coordinates(np.zeros(states, dtype=int), 0)


def class_coordinates(classes: Array, reference: int) -> Coordinates:
    """Return one coordinate for each class of states (S,) but that of the reference: its value less the reference's."""
    labels = [c for c in dict.fromkeys(classes.tolist()) if c != classes[reference]]
    size, d = len(classes), len(labels)
    member = scalars.exact_array((classes[:, None] == np.array(labels, dtype=int)[None, :]).astype(int))
    readout = scalars.zeros((d, size), "exact")
    for k, label in enumerate(labels):
        readout[k, int(np.flatnonzero(classes == label)[0])] = fmpq(1)
        readout[k, reference] = fmpq(-1)
    return Coordinates(_matrix(member), _matrix(readout), reference, d == size - 1)


def _matrix(rows: Array) -> fmpq_mat:
    return fmpq_mat(rows.shape[0], rows.shape[1], list(rows.reshape(-1)))


def general_coordinates(directions: fmpq_mat, reference: int) -> Coordinates | None:
    """Return coordinates for any independent directions (S, d), or None when they depend on each other and on 1."""
    ones = column([fmpq(1)] * directions.nrows())
    basis = fmpq_mat([row + one for row, one in zip(directions.tolist(), ones.tolist(), strict=True)])
    gram = basis.transpose() * basis
    if gram.rank() < gram.nrows():
        return None
    left_inverse = gram.inv() * basis.transpose()
    readout = fmpq_mat(left_inverse.tolist()[:-1])
    return Coordinates(directions, readout, reference, False)


def image_coordinates(jacobian: fmpq_mat, reference: int) -> Coordinates | None:
    """Return coordinates of the image of I - A modulo constants, which A preserves; None where it is 0.

    Where 1 is a semisimple eigenvalue of A it holds all deviations from a limit, on which A can contract.
    """
    basis = column_basis(identity(jacobian.nrows()) - jacobian)
    rows = basis.transpose().tolist()
    ones = [fmpq(1)] * jacobian.nrows()
    kept: list[list[fmpq]] = []
    for row in rows:
        if fmpq_mat([*kept, row, ones]).rank() == len(kept) + 2:
            kept.append(row)
    return general_coordinates(fmpq_mat(kept).transpose(), reference) if kept else None


def invariant_classes(deviation: Array, jacobian: fmpq_mat) -> Array:
    """Return the coarsest classes of states (S,) on which the deviation is constant and which the map preserves.

    Two states stay together when the deviation agrees and, class by class, the sums of their rows of A agree.
    """
    columns = jacobian.transpose().tolist()
    arrows = [[(s, None, x) for s, x in enumerate(column) if x != 0] for column in columns]
    return np.array(coarsest(list(deviation), arrows))
