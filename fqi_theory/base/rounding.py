"""Floats to rationals where the caller says how: to multiples of a step, bit for bit, or to small denominators."""

from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.errors import NumberError
from fqi_theory.base.scalars import exact, from_float

#: A float is taken for a rational of small denominator only where the two differ by no more than this.
CLOSE = Fraction(1, 10**9)
#: Floats that are fractions of at most this denominator (3, -0.5, 0.25) are taken as they are.
PLAIN = 1024


def rational(value: Any, rounding: str | None) -> fmpq:
    """Return a number exactly. Exact numbers stay as they are, and so do floats such as 3.0, -0.5 and 0.25 (see PLAIN).

    Other floats: refused with NumberError for rounding None; the bits for "bits"; else rounded to the nearest multiple
    of the step that `rounding` is ("1e-6"), halves to the even multiple.
    """
    if not isinstance(value, float | np.floating):
        return exact(value)
    found: fmpq = from_float(value)
    if found.q <= PLAIN or rounding == "bits":
        return found
    if rounding is None:
        raise NumberError(
            f'the float {float(value)!r}: say how it becomes exact, such as rounding="1e-6", '
            'or rounding="bits" for the binary fraction that it is'
        )
    return rounded(found, rounding_step(rounding))


def rounding_step(rounding: Any) -> fmpq:
    """Return a step above 0; raises NumberError for anything else."""
    try:
        step = exact(rounding)
    except NumberError:
        raise NumberError(f'rounding: expected a step such as "1e-6", or "bits", found {rounding!r}') from None
    if not step > 0:
        raise NumberError(f"rounding: expected a step above 0, found {rounding}")
    return step


def rounded(value: fmpq, step: fmpq) -> fmpq:
    """Return the multiple of `step` nearest to `value`, halves to the even multiple."""
    quotient = value / step
    return fmpq(round(Fraction(int(quotient.p), int(quotient.q)))) * step


def simple_probability(value: Any, denominator: int | None, rounding: str | None = None) -> fmpq:
    """Return a probability exactly. Exact numbers stay as they are, and so do floats such as 0.5 (see PLAIN).

    Other floats: the nearest rational of at most this denominator; the bits for rounding "bits". Raises NumberError
    where neither is given, and where no such rational is within 1e-9.
    """
    if not isinstance(value, float | np.floating):
        return exact(value)
    bits: fmpq = from_float(value)
    if bits.q <= PLAIN or (denominator is None and rounding == "bits"):
        return bits
    if denominator is None:
        raise NumberError(
            f"the probability {float(value)!r} is a float: say how it becomes exact, by a largest denominator, such as "
            "denominator=1000"
        )
    whole = Fraction(int(bits.p), int(bits.q))
    near = whole.limit_denominator(denominator)
    if abs(near - whole) > CLOSE:
        raise NumberError(f"no rational of denominator at most {denominator} is within 1e-9 of {float(value)!r}")
    return fmpq(near.numerator, near.denominator)
