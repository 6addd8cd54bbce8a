"""Systems (I - γ P) x = b of a policy with sparse P: in float64, and exactly by repeated float solves.

Exactly: at X/2^K the residual is known in integers; a float solve for it gives the next digits of X, and so on (the
idea is Wan's, Journal of Symbolic Computation 41, 2006). From enough digits a common denominator is read by continued
fractions, and what is read is checked in integers: an answer is never wrong. This takes the digits of the solution and
a few vectors, where elimination takes S² numbers.
"""

from typing import Any

import numpy as np
from flint import fmpz

from fqi_theory.base.scalars import Array, objects
from fqi_theory.planning.integer_rows import IntegerRows

EPSILON = float(np.finfo(float).eps)
#: After so many sweeps the residual must be smaller by a factor, and so many rounds of sweeps make a float solution.
SWEEPS, SHRINK, ROUNDS = 30, 0.1, 40
#: One float solve must give LEAST bits and is not asked for more than MOST; integers of a solve have at most EXACT.
#: Only while the residual is above SETTLED, at the start, a solve may give fewer: it makes the residual smaller.
LEAST, MOST, EXACT, SETTLED = 8, 40, 52, 4.0
#: Below this float64 loses digits, and the next MOST bits of the solution for so small a residual are all 0.
TINIEST = 1e-200
#: Bits after which a common denominator is first looked for, and how many times as many at the next attempt.
FIRST_BITS, MORE = 256, 1.25


class SparseSystem:
    """I - γ P in float64, P (S, S) with rows that sum to 1: by sweeps while they converge fast, else by an LU form.

    A sweep takes the middle of the residual away, as (I - γ P) 1 = (1 - γ) 1, and then r -> γ P r: what is left shrinks
    as fast as P mixes, without any fill-in.
    """

    def __init__(self, discounted: Any, discount: float) -> None:
        self._discounted, self._rest = discounted, 1.0 - discount
        self._factor: Any = None

    def solve(self, right: Array) -> Array:
        """Return x with (I - γ P) x = right, (S,), accurate but for rounding; LinAlgError where there is none."""
        if self._factor is None and self._rest > 0:
            with np.errstate(all="ignore"):
                found = self._by_sweeps(right)
            if found is not None:
                return found
        if self._factor is None:
            self._factor = self._factored()
        return np.asarray(self._factor.solve(right))

    def residual(self, found: Array, right: Array) -> Array:
        """Return right - (I - γ P) found."""
        return np.asarray(right - found + self._discounted @ found)

    def _by_sweeps(self, right: Array) -> Array | None:
        found, rest = np.zeros_like(right), right
        for _ in range(ROUNDS):
            size = np.abs(rest).max()
            if size <= 4 * EPSILON * (np.abs(right).max() + np.abs(found).max()):
                return found
            left = rest
            for _ in range(SWEEPS):
                middle = (left.max() + left.min()) / 2
                centred = left - middle
                found = found + (middle / self._rest + centred)
                left = self._discounted @ centred
            rest = self.residual(found, right)
            if not np.abs(rest).max() <= SHRINK * size:
                return found if np.abs(rest).max() <= 64 * EPSILON * np.abs(found).max() else None
        return None

    def _factored(self) -> Any:
        from scipy.sparse import identity
        from scipy.sparse.linalg import splu

        try:
            return splu((identity(self._discounted.shape[0]) - self._discounted).tocsc())
        except RuntimeError as error:
            raise np.linalg.LinAlgError(str(error)) from None


def solution(rows: IntegerRows, discount: float) -> tuple[Array, fmpz] | None:
    """Return (v, d), v: (S,) fmpz, d > 0, with V = v/d the exact solution of V = r + γ P V.

    rows: one a state, in order, γ < 1. None where float solves give too few digits.
    """
    system, margins = _rounded(rows, discount), _margins(rows)
    found, rest, bits, wanted = rows.rewards * fmpz(0), rows.rewards.copy(), 0, float(FIRST_BITS)
    while True:
        digits = _digits(system, rest, rows.denominators)
        if digits is None:
            return None
        added, step = digits
        for kept, more in ((found, added), (rest, rows.advantages(added, fmpz(0)))):
            kept *= fmpz(1) << step
            kept += more
        bits += step
        if bits >= wanted:
            slack = max(abs(x) // m + 1 for x, m in zip(rest, margins, strict=True))
            common = _common_denominator(found, bits, slack)
            if common is not None:
                half = fmpz(1) << (bits - 1)
                read = objects((x * common + half) >> bits for x in found)
                if not rows.advantages(read, common).any():
                    return read, common
            wanted = bits * MORE


def _rounded(rows: IntegerRows, discount: float) -> SparseSystem:
    from scipy.sparse import csr_matrix

    shares = _ratios(rows.weights, np.repeat(rows.denominators, np.diff(rows.indptr)))
    shape = rows.states, rows.states
    return SparseSystem(csr_matrix((shares, rows.successors, rows.indptr), shape=shape), discount)


def _margins(rows: IntegerRows) -> Array:
    """Return D_k - Σ |weights| > 0: a residual ρ leaves an error of at most max_k |ρ_k| / margin_k."""
    return np.asarray(rows.denominators - np.add.reduceat(abs(rows.weights), rows.indptr[:-1]))


def _ratios(numerators: Array, denominators: Array) -> Array:
    return np.array([int(x) / int(d) for x, d in zip(numerators, denominators, strict=True)])


def _digits(system: SparseSystem, rest: Array, denominators: Array) -> tuple[Array, int] | None:
    """Return integers q and s, q/2^s near the solution for a residual, such that the next residual is no larger."""
    try:
        right = _ratios(rest, denominators)
        size = float(np.abs(right).max())
        if size < TINIEST:
            return objects(map(fmpz, [0] * right.size)), MOST
        found = system.solve(right)
    except (OverflowError, np.linalg.LinAlgError):
        return None
    largest = float(np.abs(found).max())
    lost = np.abs(system.residual(found, right)).max() / size + 4 * EPSILON * largest / size
    if not (np.isfinite(largest) and lost <= 2.0**-LEAST):
        return None
    step = min(MOST, int(-np.log2(lost)) - 1, EXACT - int(np.ceil(np.log2(max(largest, 1.0)))))
    if step < LEAST and size <= SETTLED:
        return None
    step = max(step, 0)
    return objects(fmpz(int(x)) for x in np.rint(found * 2.0**step)), step


def _common_denominator(found: Array, bits: int, slack: fmpz) -> fmpz | None:
    """Return d > 0 such that every found_s d / 2^bits is an integer but for slack d / 2^bits.

    None once d is so large that any numbers would do.
    """
    whole, common = fmpz(1) << bits, fmpz(1)
    for x in found:
        rest = (x * common) % whole
        common *= _denominator(min(rest, whole - rest), whole, slack * common)
        if 4 * slack * common * common > whole:
            return None
    return common


def _denominator(part: fmpz, whole: fmpz, slack: fmpz) -> fmpz:
    """Return the denominator q of the first convergent p/q of part/whole with |q part - p whole| <= slack q."""
    high, low, before, now = whole, part, fmpz(0), fmpz(1)
    while low > slack * now:
        quotient = high // low
        high, low, before, now = low, high - quotient * low, now, quotient * now + before
    return now
