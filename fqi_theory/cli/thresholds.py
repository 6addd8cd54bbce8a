"""Algebraic numbers as text: polynomials, closed forms up to degree 2, decimals that bound from the right side."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import sympy
from flint import fmpq

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
DIGITS = 10
LONGEST = 80


def readable_polynomial(coefficients: Sequence[int], variable: str = "τ") -> str:
    """Return a polynomial, coefficients from the highest power, as text such as ``17τ² - 12``."""
    degree, text = len(coefficients) - 1, ""
    for k, c in enumerate(coefficients):
        power = degree - k
        if c == 0:
            continue
        symbol = "" if power == 0 else variable if power == 1 else variable + str(power).translate(SUPERSCRIPTS)
        size = str(abs(c)) if abs(c) != 1 or power == 0 else ""
        sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
        text += sign + size + symbol
    return text or "0"


def closed_form(coefficients: Sequence[int], interval: tuple[fmpq, fmpq]) -> str | None:
    """Return the root of an irreducible polynomial of degree 1 or 2 inside an isolating interval, such as ``4/5``.

    None beyond degree 2, or where the text has more than 80 characters.
    """
    if len(coefficients) > 3:
        return None
    low, high = (sympy.Rational(int(x.p), int(x.q)) for x in interval)
    tau = sympy.Symbol("tau")
    roots = sympy.roots(sympy.Poly(list(coefficients), tau), multiple=True)
    inside = [root for root in roots if root.is_real and low <= root <= high]
    text = str(inside[0]) if len(inside) == 1 else ""
    return text if 0 < len(text) <= LONGEST else None


def root_text(coefficients: Sequence[int], interval: tuple[fmpq, fmpq]) -> str:
    """Return the closed form where there is one, with a decimal where it is irrational, else a decimal marked ≈."""
    exact = closed_form(coefficients, interval)
    if exact is not None and interval[0] == interval[1]:
        return exact
    near = f"≈{decimals((interval[0] + interval[1]) / 2, up=False)}"
    return near if exact is None else f"{exact} {near}"


def decimals(value: fmpq, *, up: bool) -> str:
    """Return a rational in 10 significant digits, rounded up or down, so that bounds stay bounds."""
    context = Context(prec=DIGITS, rounding=ROUND_CEILING if up else ROUND_FLOOR)
    return str(context.divide(Decimal(int(value.p)), Decimal(int(value.q))))
