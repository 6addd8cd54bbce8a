"""Exact rational matrices (python-flint): conversion, solving, rounding of float proposals."""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from flint import fmpq, fmpq_mat, fmpz

from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, to_float

#: Rows that are multiplied between two looks at the clock.
ROWS = 16


def matrix(rows: Array) -> fmpq_mat:
    """Return an exact (p, q) array as a rational matrix; a vector (p,) becomes one column."""
    table = rows[:, None] if rows.ndim == 1 else rows
    return fmpq_mat(table.shape[0], table.shape[1], list(table.reshape(-1)))


def array(values: fmpq_mat) -> Array:
    """Return a rational matrix as an exact array (p, q)."""
    result = np.empty(values.nrows() * values.ncols(), dtype=object)
    result[:] = values.entries()
    return result.reshape(values.nrows(), values.ncols())


def column(values: Sequence[fmpq]) -> fmpq_mat:
    """Return a sequence of rationals as a one-column matrix."""
    return fmpq_mat(len(values), 1, list(values))


def floats(values: fmpq_mat) -> Array:
    """Return a rational matrix as float64 (p, q)."""
    return to_float(array(values))


def identity(size: int) -> fmpq_mat:
    """Return the identity matrix."""
    return fmpq_mat(size, size, [fmpq(int(i == j)) for i in range(size) for j in range(size)])


def times(left: Array, right: Array) -> Array:
    """Return exact (p, q) times exact (q,) or (q, r), over common denominators, with looks at the clock between."""
    factor = matrix(right)
    parts = [array(matrix(left[k : k + ROWS]) * factor) for k in _looking(range(0, len(left), ROWS))]
    found = np.concatenate(parts) if parts else array(fmpq_mat(0, factor.ncols()))
    return found[:, 0] if right.ndim == 1 else found


def product(left: fmpq_mat, right: fmpq_mat) -> fmpq_mat:
    """Return the product of rational matrices, with looks at the clock between."""
    return matrix(times(array(left), array(right)))


def _looking(steps: Iterable[int]) -> Iterable[int]:
    for step in steps:
        look()
        yield step


def solve_or_none(system: fmpq_mat, right: fmpq_mat) -> fmpq_mat | None:
    """Return the solution of a square system, or None when it is singular."""
    try:
        return system.solve(right)
    except ZeroDivisionError:
        return None


def affine_fixed_point(constant: fmpq_mat, jacobian: fmpq_mat) -> fmpq_mat | None:
    """Return the column V with V = constant + jacobian V, or None where 1 is an eigenvalue."""
    return solve_or_none(identity(jacobian.nrows()) - jacobian, constant)


def null_vector(system: fmpq_mat) -> fmpq_mat | None:
    """Return the null vector of a square matrix as a column when its kernel is a line, else None."""
    reduced, rank = system.rref()
    size = system.ncols()
    if rank != size - 1:
        return None
    pivots = [next(c for c in range(size) if reduced[r, c] != 0) for r in range(rank)]
    free = next(c for c in range(size) if c not in pivots)
    vector = [fmpq(0)] * size
    vector[free] = fmpq(1)
    for r, c in enumerate(pivots):
        vector[c] = -reduced[r, free]
    return column(vector)


def column_basis(system: fmpq_mat) -> fmpq_mat:
    """Return a basis of the column space of a matrix that is not 0, in reduced form, as columns."""
    reduced, rank = system.transpose().rref()
    return fmpq_mat(reduced.tolist()[:rank]).transpose()


def round_up(values: Iterable[float], bits: int = 12) -> list[fmpq]:
    """Return positive floats as short rationals, each larger by at most a factor 1 + 2^(1-bits)."""
    return [_short(value, bits, math.ceil) for value in values]


def round_near(values: Iterable[float], bits: int = 40) -> list[fmpq]:
    """Return floats as rationals of `bits` significant bits."""
    return [_short(value, bits, round) for value in values]


def _short(value: float, bits: int, rounding: Callable[[float], int]) -> fmpq:
    if value == 0:
        return fmpq(0)
    exponent = math.frexp(value)[1] - bits
    mantissa = fmpz(rounding(math.ldexp(value, -exponent)))
    return fmpq(mantissa << exponent) if exponent >= 0 else fmpq(mantissa, fmpz(1) << -exponent)
