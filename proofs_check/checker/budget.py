"""Exact arithmetic within a budget: every long operation is paid for before it is done."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain, islice
from operator import methodcaller, mul

from .thin import Thin, thin, thin_products

MAX_FILE_BYTES = 64 << 20
MAX_JSON_VALUES = 4_000_000
MAX_DIGITS = 20_000
MAX_EXPONENT = 10_000
MAX_AGENTS = 64
MAX_WORK = 30_000_000_000
#: The most numbers of normal equations at one time, some gigabytes.
MAX_SYSTEM = 40_000_000

#: Numbers that have so many bits together are put on a common denominator at the price of what is kept.
SHORT = 64
#: Numbers that have so many bits together are put on one denominator, or in lowest terms, at one price for each.
BRIEF = 512
#: Zeros of shorter rows are multiplied like other numbers.
LONG = 32

Ints = tuple[int, ...]
_PARTS = methodcaller("as_integer_ratio")
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
    return max([p.bit_length() + q.bit_length() for row in rows for p, q in map(_PARTS, row)], default=1)


def length_of(rows: Iterable[Iterable[int]]) -> int:
    """Return the length in bits of the longest integer."""
    return longest(list(chain.from_iterable(rows)))


def longest(row: Sequence[int]) -> int:
    """Return the length in bits of the longest integer of a row."""
    return max(max(row), -min(row)).bit_length() if row else 0


def product_cost(bits: int, other: int) -> int:
    """Return the units of one product: digits of 30 bits, each with each, beyond 64 digits by Karatsuba's method."""
    if bits < 120 and other < 120:
        return 0 if bits < 30 and other < 30 else 2
    small, large = 1 + min(bits, other) // 30, 1 + max(bits, other) // 30
    return large * min(9 * small, 83 * math.isqrt(small)) >> 6


def gcd_cost(bits: int, other: int) -> int:
    """Return the units of one gcd, one division with remainder, or one reading of digits: each digit with each."""
    if bits < 30 and other < 30:
        return 12
    small, large = 1 + min(bits, other) // 30, 1 + max(bits, other) // 30
    return (large * (10 * small + 22) >> 6) + 12 * small


def division_cost(bits: int, other: int) -> int:
    """Return the units of one division with remainder by a number of `bits` of one of `other` bits."""
    if bits < 30 and other < 30:
        return 12
    below, above = 1 + bits // 30, 1 + other // 30
    return (9 * below * (2 + max(above - below, 0)) >> 6) + (above >> 2) + 20


class Work:
    """A budget: a unit stands for about 10 nanoseconds, or for half a byte of a number, so memory is bounded too.

    The costs are CPython's, measured: what is charged is at least a third of what a slow machine of 2020 takes.
    """

    def __init__(self) -> None:
        self.left = MAX_WORK
        #: The most memory that was lent, in units.
        self.lent = 0
        #: Numbers of the document that were read before, by what is written.
        self.known: dict[str, Fraction] = {}

    def spend(self, units: int) -> None:
        """Take units from the budget; refuse the certificate when none are left."""
        self.left -= units
        if self.left < 0:
            raise Refused("too much work: the certificate exceeds the checker's budget")

    def lend(self, units: int) -> None:
        """Pay for memory that takes the place of what was lent before: for what is more than the most so far."""
        if units > self.lent:
            self.spend(units - self.lent)
            self.lent = units

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

    def dots(self, rows: Sequence[Sequence[int]], columns: Sequence[Sequence[int]], bits: int = -1) -> list[list[int]]:
        """Return Σ_t row_t column_t for each row and column; bits: the length of the rows' numbers, if it is known."""
        kept, length = len(rows) * len(columns), len(columns[0])
        other = longest(columns[0]) if len(columns) == 1 else length_of(columns)
        bits = length_of(rows) if bits < 0 else bits
        if length > LONG:
            self.spend(6 * length * len(columns))
            return self.thin_dots(self.thinned(rows), columns, bits, other)
        each = kept * (12 + product_cost(bits, other)) + 6 * (len(rows) + len(columns))
        self.spend(length * each + kept * (96 + (bits + other) // 4))
        return [[sum(map(mul, row, column)) for column in columns] for row in rows]

    def thinned(self, rows: Sequence[Sequence[int]]) -> list[Thin]:
        """Return long rows with their zeros left out where these are the most."""
        self.spend(sum(map(len, rows)) * 6 + 100 * len(rows))
        return list(map(thin, rows))

    def thin_dots(
        self, rows: Sequence[Thin], columns: Sequence[Sequence[int]], bits: int, other: int
    ) -> list[list[int]]:
        """Return `dots` of thin rows, whose numbers have `bits` at most, and of columns, whose numbers have `other`."""
        used, kept = sum([len(row.numbers) for row in rows]), len(rows) * len(columns)
        self.spend(used * len(columns) * (18 + product_cost(bits, other)) + kept * (96 + (bits + other) // 4))
        return thin_products(rows, columns)

    def thin_images(self, rows: Sequence[Thin], column: Sequence[int], bits: int) -> list[int]:
        """Return `images` of thin rows, whose numbers have `bits` at most; they take the place of the last ones."""
        used, other = sum([len(row.numbers) for row in rows]), longest(column)
        self.spend(6 * len(column) + used * (18 + product_cost(bits, other)) + len(rows) * (96 + (bits + other) // 64))
        self.lend(len(rows) * (bits + other) // 2)
        return [found for (found,) in thin_products(rows, [column])]

    def images(self, rows: Sequence[Sequence[int]], column: Sequence[int], bits: int) -> list[int]:
        """Return Σ_t row_t column_t for each row; bits: the length of the rows' numbers."""
        length, other = len(column), longest(column)
        if length > LONG:
            return [found for (found,) in self.dots(rows, [column], bits)]
        each = len(rows) * (12 + product_cost(bits, other)) + 6 * (len(rows) + 1)
        self.spend(length * each + len(rows) * (96 + (bits + other) // 4))
        # Values of two or three states are the most of all: written out, their products take a third of the time.
        if length == 3:
            a, b, c = column
            return [a * x + b * y + c * z for x, y, z in rows]
        if length == 4:
            a, b, c, d = column
            return [a * x + b * y + c * z + d * u for x, y, z, u in rows]
        return [sum(map(mul, row, column)) for row in rows]

    def common(self, numbers: Sequence[Fraction]) -> Ints:
        """Return (den, den·x for each number x) with the least den > 0: equal vectors become equal tuples."""
        self.spend(100 * len(numbers))
        above, below = zip(*map(_PARTS, numbers), strict=True) if numbers else ((), ())
        den, found, _ = self._joined(above, below)
        return den, *found

    def ratios(self, above: Sequence[int], below: Sequence[int]) -> Ints:
        """Return `common` of the numbers above / below, each below > 0."""
        den, numbers, _ = self.over(*self._joined(above, below))
        return den, *numbers

    def over(
        self, den: int, numbers: Sequence[int], bits: int = -1, lent: bool = False
    ) -> tuple[int, Sequence[int], int]:
        """Return den and numbers in lowest terms, den > 0, and the length of the numbers at most, given if known.

        lent: what is returned takes the place of what was returned before.
        """
        bits = longest(numbers) if bits < 0 else bits
        most = max(bits, den.bit_length())
        if most <= BRIEF or not lent:
            self.spend((1 + len(numbers)) * (100 + most // 2))
        else:
            self.spend((1 + len(numbers)) * (100 + most // 64))
            self.lend((1 + len(numbers)) * most)
        if most <= BRIEF:
            part = math.gcd(den, *numbers)
            return (den, numbers, bits) if part == 1 else (den // part, [x // part for x in numbers], bits)
        part = self.gcd(den, numbers, most)
        return (den, numbers, bits) if part == 1 else (den // part, self.divided(numbers, part, bits, lent), bits)

    def gcd(self, first: int, numbers: Sequence[int], bits: int) -> int:
        """Return the gcd of all, at least 0; none has more bits."""
        if bits <= SHORT:
            self.spend(15 * len(numbers))
            return math.gcd(first, *numbers)
        found = abs(first)
        for number in filter(None, numbers):
            if found == 1:
                break
            length = found.bit_length()
            self.spend(20 + division_cost(length, bits))
            rest = number % found if found else number
            if rest:
                self.spend(gcd_cost(length, length))
                found = math.gcd(found, rest)
        return found

    def divided(self, numbers: Sequence[int], part: int, bits: int, lent: bool = False) -> list[int]:
        """Return numbers of at most so many bits, divided by what divides them all; lent: as for `over`."""
        used = len(numbers) - numbers.count(0)
        self.spend(20 * len(numbers) + used * (division_cost(part.bit_length(), bits) + bits // (64 if lent else 4)))
        return [x // part for x in numbers]

    def _joined(self, above: Sequence[int], below: Sequence[int]) -> tuple[int, Sequence[int], int]:
        """Return the least common multiple of `below`, above / below over it, and the length of these at most."""
        distinct, bits = set(below), longest(above)
        if len(distinct) == 1:
            return below[0], above, bits
        long = max(below, default=1).bit_length()
        together = long * len(distinct) + bits
        if together <= BRIEF:
            self.spend((len(distinct) + len(above)) * (100 + together // 2))
            den = math.lcm(*distinct)
            return den, [p * (den // q) for p, q in zip(above, below, strict=True)], together
        den = 1
        for part in distinct:
            self.spend(gcd_cost(den.bit_length(), long) + product_cost(den.bit_length(), long))
            den = math.lcm(den, part)
        length = den.bit_length()
        self.spend(len(above) * (division_cost(long, length) + division_cost(1, length)))
        self.pay(len(above), length, bits, len(above))
        return den, [p * (den // q) for p, q in zip(above, below, strict=True)], length + bits

    def scaled(self, rows: Sequence[Sequence[Fraction]]) -> tuple[int, list[Ints]]:
        """Return (scale, scale · rows), integers."""
        scale, *numbers = self.common([x for row in rows for x in row])
        rest = iter(numbers)
        return scale, [tuple(islice(rest, len(row))) for row in rows]

    def solve(self, equations: Sequence[Sequence[int]], width: int, what: str) -> list[Ints]:
        """Return (d, d·x), d > 0, of each of `width` unknowns x, for all columns b of equations [a | b], a · x = b.

        Refuses when x is not unique or does not exist. Gauss-Jordan elimination, each equation divided by the gcd of
        its numbers; unknowns of few equations come first, each by its own equation if it can: what is sparse stays so.
        """
        rows, free, owner = list(equations), dict.fromkeys(range(len(equations))), [0] * width
        self.pay(4 * len(rows) * width)
        filled = [len(rows) - column.count(0) for column in islice(zip(*rows, strict=True), width)]
        for c in sorted(range(width), key=filled.__getitem__):
            self.pay(2 * len(rows))
            pivot = c if c in free and rows[c][c] else next((k for k in free if rows[k][c]), -1)
            need(pivot >= 0, f"{what}: the linear system is singular")
            del free[pivot]
            owner[c], head = pivot, rows[pivot]
            others = [k for k, row in enumerate(rows) if row[c] and k != pivot]
            most = longest(head) + length_of([rows[k] for k in others])
            for k in others:
                rows[k] = self._without(rows[k], head, c, most)
        need(not any(any(rows[k]) for k in free), f"{what}: not a combination of the directions and 1")
        found = [(rows[k][c], *rows[k][width:]) for c, k in enumerate(owner)]
        return [row if row[0] > 0 else tuple([-x for x in row]) for row in found]

    def _without(self, row: Sequence[int], head: Sequence[int], c: int, bits: int) -> Sequence[int]:
        """Return a row less a multiple of the head, in which unknown c has gone, divided by the gcd of its numbers.

        bits: what the longest numbers of both have together at most.
        """
        common = self.gcd(head[c], row[c : c + 1], bits)
        used = 2 * len(row) - row.count(0) - head.count(0)
        self.spend(150 * len(row) + (used + 2) * (product_cost(bits // 2, bits - bits // 2) + bits // 8))
        self.spend(200 + 2 * division_cost(common.bit_length(), bits))
        x, y = head[c] // common, row[c] // common
        found = [x * b - y * a for a, b in zip(head, row, strict=True)]
        content = self.gcd(0, found, bits + 1)
        return found if content < 2 else self.divided(found, content, bits + 1)
