"""Proof by expansion (two states, fixed data, fitted classes; aperiodic): x = V(s) - V(r) approaches no cycle.

`interval` shows that x stays in an interval, on which x' = f(x), f continuous with pieces α + β x. Here
1. |β| > 1 in every piece, so near any point c of the interval |f(x) - f(c)| >= λ |x - c| with λ > 1, the least |β|.
   Were a cycle (or fixed point) approached without ever being met, the distance to it would grow by λ a step once it is
   small; so it would be met, and x would repeat.
2. Let v be the valuation of rationals at the prime p: v(x + y) = min(v(x), v(y)) where these differ. With w = v(x_T),
   v(β) < 0 and v(β) + w < v(α) in every piece: where v(x) <= w, v(f(x)) = v(β) + v(x) < v(x). So v(x_t) falls strictly
   from T on, and x never repeats.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .budget import MAX_JSON_VALUES, Work, bits_of, gcd_cost, need
from .claims import Claim
from .interval import mapped
from .model import Model
from .run import Run

LARGEST_PRIME = 1_000_003


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES), "prime": range(2, LARGEST_PRIME + 1)}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Verify the interval, expansion and the valuations; return what was verified."""
    work, p = run.work, doc["prime"]
    work.spend(20 * math.isqrt(p))
    need(all(p % d for d in range(2, math.isqrt(p) + 1)), f"proof.prime: expected a prime, found {p}")
    knots, x = mapped(run, claim, doc["prefix"])
    need(x != 0, "proof.prefix: expected a difference that is not 0")
    start = valuation(x, p, work)
    for (left, image), (right, other) in pairwise(knots):
        work.pay_fractions(6, 4 * bits_of([[left, image, right, other]]))
        slope = (other - image) / (right - left)
        need(abs(slope) > 1, f"claim: the map does not expand at {left}")
        level, power = image - slope * left, valuation(slope, p, work)
        falls = power < 0 and (level == 0 or power + start < valuation(level, p, work))
        need(falls, f"proof.prime: the valuation need not fall at {left}")
    return f"the interval is mapped into itself by {len(knots) - 1} expanding pieces, and no value repeats"


def valuation(number: Fraction, p: int, work: Work) -> int:
    """Return the exponent of the prime p in a rational that is not 0."""
    return _power(number.numerator, p, work) - _power(number.denominator, p, work)


def _power(number: int, p: int, work: Work) -> int:
    count = 0
    while True:
        work.spend(20 + gcd_cost(number.bit_length(), p.bit_length()))
        if number % p:
            return count
        number, count = number // p, count + 1
