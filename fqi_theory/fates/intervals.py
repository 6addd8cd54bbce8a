"""Two states under fixed data: x = V(s1) - V(s0) follows a piecewise affine map (theory notes, section 3 ✦).

The factors' coefficients sum to the same number for all actions, so F commutes with constants up to γ and x' = f(x),
f(x) = h_1(x) - h_0(x), h_s(x) = Σ_i max_a [R_i(s,a) + γ P_i(s1|s,a) x]: continuous, with finitely many affine pieces.
An interval that f maps into itself bounds the run. If all its pieces α + β x expand, |β| > 1, a cycle can only be
approached by meeting it; and if at some prime p the valuations v satisfy v(β) < 0 and v(β) + v(x_T) < v(α) in every
piece, v(x_t) falls from T on, so that no value repeats: the run approaches no cycle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flint import fmpq

from fqi_theory.base.matrices import round_near
from fqi_theory.base.scalars import Array, exact_array, to_float
from fqi_theory.operators.integers import IntegerValues
from fqi_theory.operators.value_space import ValueOperator

#: Primes at which valuations are tried, from how many times on; times that an interval is enlarged, bits of its ends.
PRIMES, TRIED, ROUNDS, BITS = (2, 3, 5, 7, 11, 13), 8, 64, 24

Line = tuple[fmpq, fmpq]
Knot = tuple[fmpq, fmpq]


@dataclass(frozen=True)
class Interval:
    """low <= x <= high, mapped into itself, holds x_t from t = prefix on; prime: at which v(x_t) falls, or None."""

    low: fmpq
    high: fmpq
    prefix: int
    prime: int | None

    @property
    def bounds(self) -> tuple[Array, Array]:
        """Return the bounds of V - V(s0), (2,) each."""
        return exact_array([fmpq(0), self.low]), exact_array([fmpq(0), self.high])

    def to_json(self) -> dict[str, object]:
        """Return the proof of the certificate."""
        if self.prime is None:
            return {"kind": "interval", "prefix": self.prefix}
        return {"kind": "expanding", "prefix": self.prefix, "prime": self.prime}


@dataclass(frozen=True)
class DifferenceMap:
    """f, as each state's choosers' lines (value at 0, slope): s0's are subtracted."""

    below: tuple[tuple[Line, ...], ...]
    above: tuple[tuple[Line, ...], ...]

    def at(self, x: fmpq) -> fmpq:
        """Return f(x)."""
        return _height(self.above, x) - _height(self.below, x)

    def knots(self, low: fmpq, high: fmpq) -> list[Knot]:
        """Return (x, f(x)) at low, at high, and wherever the slope of f may change between."""
        inner = {x for lines in (*self.below, *self.above) for x in turns(lines, low, high)}
        return [(x, self.at(x)) for x in sorted({low, high} | inner)]


def difference_map(operator: ValueOperator) -> DifferenceMap:
    """Return f of two states."""
    gamma = operator.discount
    below, above = (
        tuple(
            tuple((level, gamma * row[1]) for level, row in zip(r[s], p[s], strict=True))
            for r, p in zip(operator.rewards, operator.transitions, strict=True)
        )
        for s in (0, 1)
    )
    return DifferenceMap(below, above)


def interval_of(f: DifferenceMap, history: Sequence[IntegerValues]) -> Interval | None:
    """Return an interval that f maps into itself and that the run has entered, with a prime where there is one."""
    start = len(history) // 2
    recent = [float(to_float(difference_of(values))) for values in history[start:]]
    found = _invariant(f, *round_near([min(recent), max(recent)], BITS))
    if found is None:
        return None
    low, high = found
    inside = [t for t, values in enumerate(history) if low <= difference_of(values) <= high]
    if not inside:
        return None
    knots = f.knots(low, high)
    for prefix in inside[:TRIED]:
        prime = _falling(knots, difference_of(history[prefix]))
        if prime is not None:
            return Interval(low, high, prefix, prime)
    return Interval(low, high, inside[0], None)


def _invariant(f: DifferenceMap, low: fmpq, high: fmpq) -> tuple[fmpq, fmpq] | None:
    """Return an interval that f maps into itself, grown from the turning points of f between low and high."""
    turns = [x for x, _ in f.knots(low, high)[1:-1]]
    low, high = (turns[0], turns[-1]) if turns else (low, high)
    for _ in range(ROUNDS):
        images = [image for _, image in f.knots(low, high)]
        if low <= min(images) and max(images) <= high:
            return (low, high) if low < high else None
        low, high = min(low, *images), max(high, *images)
        if low.q.bit_length() > ROUNDS * BITS:
            break
    return None


def _falling(knots: Sequence[Knot], x: fmpq) -> int | None:
    """Return a prime at which v(x_t) falls in every piece, all of which expand; None without one."""
    if x == 0:
        return None
    pieces = []
    for (left, image), (right, other) in pairwise(knots):
        slope = (other - image) / (right - left)
        if abs(slope) <= 1:
            return None
        pieces.append((slope, image - slope * left))
    for p in PRIMES:
        if all(falls(slope, level, valuation(x, p), p) for slope, level in pieces):
            return p
    return None


def falls(slope: fmpq, level: fmpq, start: int, p: int) -> bool:
    """Tell whether v(level + slope x) < v(x) at the prime p wherever v(x) <= start; slope is not 0."""
    power = valuation(slope, p)
    return power < 0 and (level == 0 or power + start < valuation(level, p))


def valuation(number: fmpq, p: int) -> int:
    """Return the exponent of the prime p in a rational that is not 0."""
    above, below = int(number.p), int(number.q)
    count = 0
    while above % p == 0:
        above, count = above // p, count + 1
    while below % p == 0:
        below, count = below // p, count - 1
    return count


def difference_of(values: IntegerValues) -> fmpq:
    """Return x = V(s1) - V(s0)."""
    return fmpq(values.numerators[1] - values.numerators[0], values.denominator)


def _height(choosers: Sequence[Sequence[Line]], x: fmpq) -> fmpq:
    return sum((max(level + slope * x for level, slope in lines) for lines in choosers), fmpq(0))


def turns(lines: Sequence[Line], low: fmpq, high: fmpq) -> list[fmpq]:
    """Return where, between low and high, the highest line changes."""
    found: list[fmpq] = []
    top = max(lines, key=lambda line: (line[0] + line[1] * low, line[1]))
    while True:
        steeper = [line for line in lines if line[1] > top[1]]
        crossings = [((top[0] - line[0]) / (line[1] - top[1]), -line[1], line) for line in steeper]
        if not crossings:
            return found
        at, _, top = min(crossings)
        if at >= high:
            return found
        found.append(at)
