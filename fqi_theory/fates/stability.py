"""Exact stability of linear maps: the Schur-Cohn test on the characteristic polynomial, in rationals.

A map is stable when every eigenvalue has modulus below 1. The test reduces p(z) of degree n to
    q(z) = (a_n p(z) - a_0 z^n p(1/z)) / z,
which has all roots inside the unit circle exactly if p has and |a_0| < |a_n|.
"""

from flint import fmpq, fmpq_mat

from fqi_theory.fates.regions.coordinates import unit_coordinates


def is_schur_stable(matrix: fmpq_mat) -> bool:
    """Tell, exactly, whether every eigenvalue of a square rational matrix has modulus below 1."""
    if matrix.nrows() == 0:
        return True
    coefficients: list[fmpq] = list(matrix.charpoly().coeffs())
    while len(coefficients) > 1:
        low, high = coefficients[0], coefficients[-1]
        if not abs(low) < abs(high):
            return False
        mirrored = coefficients[::-1]
        coefficients = [high * a - low * b for a, b in zip(coefficients, mirrored, strict=True)][1:]
        scale = coefficients[-1]
        coefficients = [a / scale for a in coefficients]
    return True


def modulo_constants(jacobian: fmpq_mat) -> fmpq_mat:
    """Return the matrix (S-1, S-1) that A induces on V modulo constants; the constants themselves shrink by γ."""
    frame = unit_coordinates(jacobian.nrows(), 0)
    return frame.readout * jacobian * frame.directions
