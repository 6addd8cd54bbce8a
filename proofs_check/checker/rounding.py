"""Numbers rounded to multiples of 2^-p, with bounds on what that moves: for runs whose exact numbers grow too long.

Fixed data only, where the step is continuous: |F(V)(s) - F(v)(s)| <= Σ_i max_x |γ P_i(·|s,x)| |V - v|, summed over the
choosers, so that nothing depends on which of two actions is greedy.
"""

from __future__ import annotations

from fractions import Fraction

from .budget import Ints, Work, bits_of, gcd_cost, length_of
from .coordinates import Frame, Region
from .run import Position, Run, absolute

#: The most binary digits after the point.
MAX_PRECISION = 10_000


def after(run: Run, start: Position, steps: int, precision: int) -> tuple[Ints, Ints]:
    """Return (v, e), denominators first, |V^(t) - v| <= e at every state after a number of steps from the start."""
    unit = 1 << precision
    run.work.pay(run.states, length_of([start.values]), precision, run.states)
    values = (unit, *_divided([x * unit for x in start.values[1:]], start.values[0], run.work))
    errors = (unit, *[1] * run.states)
    for _ in range(steps):
        values, errors = _step(run, start, values, errors)
    return values, errors


def _step(run: Run, start: Position, values: Ints, errors: Ints) -> tuple[Ints, Ints]:
    work, following, moved = run.work, [values[0]], [errors[0]]
    for s, data in enumerate(start.greedy):
        work.spend(300)
        fit = run.fit(s, data)
        highest = sum(max(q for (q,) in work.dots(rows, [values], fit.bits)) for rows in fit.factors)
        reaches = (work.dots([absolute(row) for row in rows], [errors], fit.bits) for rows in fit.factors)
        spread = sum(max(e for (e,) in own) for own in reaches)
        following += _divided([highest], fit.scale, work)
        moved += [x + 1 for x in _divided([spread], fit.scale, work, up=True)]
    return tuple(following), tuple(moved)


def rounding_error(region: Region, work: Work) -> int:
    """Return Σ_k b_k / 2, rounded up: how many units rounding the columns of a frame may move a position |z_k| <= b_k.

    It moves an entry of a column by half a unit at most. In a loose region, where |z_k| <= b_k s, z_0 = s >= end, and
    the origin is rounded too: (1 + Σ_k b_k + 1/end) / 2, units in parts of s.
    """
    work.pay_fractions(1, bits_of([[region.end]]))
    den, *bounds = work.common([*region.widths, Fraction(1), 1 / region.end] if region.loose else region.widths)
    work.pay(len(bounds) + 2, length_of([bounds]) + len(bounds).bit_length(), kept=2)
    work.spend(gcd_cost(length_of([bounds]), den.bit_length()))
    return -(-sum(bounds) // (2 * den))


def rounded(frame: Frame, most: int, precision: int, work: Work, *, origin: bool) -> Frame:
    """Return a frame that holds the same positions: columns rounded, errors rounded up and `most` units larger.

    origin: whether the origin is rounded as well, as a growing region's may be.
    """
    unit, (den, *errors) = 1 << precision, frame.errors
    count = (len(frame.columns) + 1) * len(errors)
    work.pay(count, max(length_of(frame.columns), length_of([errors])), precision, count)
    columns = [(0, *_divided([x * unit for x in column[1:]], frame.scale, work)) for column in frame.columns]
    found = _divided([x * unit for x in errors], den, work, up=True)
    start = frame.origin
    if origin:
        work.pay(len(start), length_of([start]), precision, len(start))
        start = (unit, *_divided([x * unit for x in start[1:]], start[0], work))
    return Frame(start, unit, columns, (unit, *(x + most for x in found)))


def _divided(numbers: list[int], by: int, work: Work, *, up: bool = False) -> list[int]:
    """Return numbers / by, by > 0, as the nearest integers, or rounded up."""
    long = length_of([numbers])
    work.spend(len(numbers) * (150 + gcd_cost(long, by.bit_length()) + long // 4))
    return [-(-x // by) if up else (2 * x + by) // (2 * by) for x in numbers]
