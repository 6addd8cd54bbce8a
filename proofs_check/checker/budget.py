"""Exact arithmetic within a budget: every long operation is paid for before it is done."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import islice
from operator import mul

MAX_FILE_BYTES = 64 << 20
MAX_JSON_VALUES = 4_000_000
MAX_DIGITS = 20_000
MAX_EXPONENT = 10_000
MAX_AGENTS = 64
MAX_WORK = 12_000_000_000

Ints = tuple[int, ...]
ZERO = Fraction(0)


class Refused(Exception):
    """The certificate is not accepted; the message names the place, what was expected and what was found."""


class Unreadable(Refused):
    """No JSON document can be read from the file."""


def need(condition: bool, reason: str) -> None:
    """Refuse the certificate for this reason unless the condition holds."""
    if not condition:
        raise Refused(reason)


def bits_of(rows: Iterable[Iterable[int | Fraction]]) -> int:
    """Return the length in bits of the longest number, its denominator included."""
    return max((x.numerator.bit_length() + x.denominator.bit_length() for row in rows for x in row), default=1)


def length_of(rows: Iterable[Iterable[int]]) -> int:
    """Return the length in bits of the longest integer."""
    return max((length for row in rows for length in map(int.bit_length, row)), default=1)


def product_cost(bits: int, other: int) -> int:
    """Return the units of one product: digits of 30 bits, each with each, beyond 64 digits by Karatsuba's method."""
    small, large = 1 + min(bits, other) // 30, 1 + max(bits, other) // 30
    return large * min(9 * small, 83 * math.isqrt(small)) >> 6


def gcd_cost(bits: int, other: int) -> int:
    """Return the units of one gcd, one division with remainder, or one reading of digits: each digit with each."""
    small, large = 1 + min(bits, other) // 30, 1 + max(bits, other) // 30
    return (large * (10 * small + 22) >> 6) + 12 * small


class Work:
    """A budget: a unit stands for about 10 nanoseconds, or for half a byte of a number, so memory is bounded too.

    The costs are CPython's, measured: what is charged is at least a third of what a slow machine of 2020 takes.
    """

    def __init__(self) -> None:
        self.left = MAX_WORK

    def spend(self, units: int) -> None:
        """Take units from the budget; refuse the certificate when none are left."""
        self.left -= units
        need(self.left >= 0, "too much work: the certificate exceeds the checker's budget")

    def pay(self, count: int, bits: int = 1, other: int = 1, kept: int = 0) -> None:
        """Pay for `count` multiplications of numbers of `bits` by numbers of `other` bits with `kept` results."""
        self.spend(count * (6 + product_cost(bits, other)) + kept * (96 + (bits + other) // 4))

    def pay_fractions(self, count: int, bits: int, kept: int = 0) -> None:
        """Pay for `count` operations on fractions that have `bits` together, each reduced by a gcd."""
        self.spend(count * (150 + gcd_cost(bits // 2, bits // 2)) + kept * (96 + bits // 4))

    def ratio(self, above: int, below: int) -> Fraction:
        """Return above / below."""
        self.spend(100 + gcd_cost(above.bit_length(), below.bit_length()))
        return Fraction(above, below)

    def dots(self, rows: Sequence[Sequence[int]], columns: Sequence[Sequence[int]]) -> list[list[int]]:
        """Return Σ_t row_t column_t for each row and column."""
        kept, length = len(rows) * len(columns), len(columns[0])
        self.pay((kept + len(rows) + len(columns)) * length)
        self.pay(kept * length, length_of(rows), length_of(columns), kept)
        return [[sum(map(mul, row, column)) for column in columns] for row in rows]

    def common(self, numbers: Sequence[Fraction]) -> Ints:
        """Return (den, den·x for each number x) with the least den > 0: equal vectors become equal tuples."""
        self.spend(100 * len(numbers))
        den, bits = 1, bits_of([numbers])
        for below in {x.denominator: None for x in numbers}:
            self.spend(gcd_cost(den.bit_length(), below.bit_length()) + product_cost(den.bit_length(), bits))
            den = math.lcm(den, below)
        each = gcd_cost(den.bit_length(), bits) if den > 1 else 0
        self.spend(len(numbers) * each)
        self.pay(len(numbers), den.bit_length(), bits, len(numbers))
        return den, *(x.numerator * (den // x.denominator) for x in numbers)

    def scaled(self, rows: Sequence[Sequence[Fraction]]) -> tuple[int, list[Ints]]:
        """Return (scale, scale · rows), integers."""
        scale, *numbers = self.common([x for row in rows for x in row])
        rest = iter(numbers)
        return scale, [tuple(islice(rest, len(row))) for row in rows]

    def solve(self, matrix: list[list[Fraction]], rights: list[list[Fraction]], what: str) -> list[list[Fraction]]:
        """Return X, matrix · X = rights, by Gauss-Jordan elimination; refuse when X is not unique or does not exist."""
        rows, width = [[*a, *b] for a, b in zip(matrix, rights, strict=True)], len(matrix[0])
        for c in range(width):
            pivot = next((k for k in range(c, len(rows)) if rows[k][c]), -1)
            need(pivot >= 0, f"{what}: the linear system is singular")
            rows[c], rows[pivot] = rows[pivot], rows[c]
            self.pay(10 * len(rows) * len(rows[c]))
            bits = bits_of([rows[c]])
            self.pay_fractions(_filled(rows[c]), 2 * bits, len(rows[c]))
            head = rows[c] = [x / rows[c][c] if x else x for x in rows[c]]
            bits, filled = bits_of([head]), _filled(head)
            for k, row in enumerate(rows):
                if k != c and row[c]:
                    self.pay_fractions(2 * filled, bits + 2 * bits_of([row]), len(row))
                    rows[k] = [x - row[c] * y if y else x for x, y in zip(row, head, strict=True)]
        need(not any(map(any, rows[width:])), f"{what}: not a combination of the directions and 1")
        return [row[width:] for row in rows[:width]]


def _filled(row: Sequence[Fraction]) -> int:
    return sum(map(bool, row))
