"""The return of a region after its phases: into itself, closer to the orbit or further out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import Any

from .budget import ZERO, Ints, Work, bits_of, length_of, longest, need
from .coordinates import Frame, Region


def slack(region: Region, frame: Frame, doc: dict[str, Any], work: Work) -> list[Fraction]:
    """Return η: by how much the errors at the end may move each coordinate, in parts of s if the region is loose."""
    den, *errors = frame.errors
    if not any(errors):
        return [ZERO] * len(frame.columns)
    if region.loose:
        return region.reach(frame.errors, work)
    need(doc["directions"] is None, "proof.directions: with ties at the orbit expected null")
    level = errors.pop(doc["reference"])
    return [work.ratio(x + level, den) for x in errors]


def _line(region: Region, row: Sequence[Fraction], work: Work) -> tuple[Fraction, Fraction]:
    *form, level = row
    den, *numbers = work.common(form)
    above, below = level.as_integer_ratio()
    region.pay(1, above.bit_length(), below.bit_length(), longest(numbers), den.bit_length(), work)
    low, slope, unit = region.line(above, below, numbers, den)
    return work.ratio(low, unit), work.ratio(slope, unit) if slope else ZERO


def shrinking(region: Region, rows: list[Ints], scale: int, errors: list[Fraction], work: Work) -> None:
    """Check for z' = Z z + e, |z_k| <= b_k, that |z'_k| < b_k, or both are 0; rows: d and d·scale·Z[k] for each k."""
    unit, *bounds = region.bounds
    region.pay(len(rows), 1, 1, length_of(rows), scale.bit_length(), work)
    for k, (den, *row) in enumerate(rows):
        sway, over = sum(map(mul, map(abs, row), bounds)), den * scale
        if errors[k]:
            work.pay_fractions(3, 2 * bits_of([[sway, over * unit], [region.widths[k], errors[k]]]))
            inside = errors[k] + work.ratio(sway, over * unit) < region.widths[k]
        else:
            inside = sway < bounds[k] * over or sway == 0 == bounds[k]
        need(inside, f"proof.widths[{k}]: the region does not shrink in this coordinate")


def to_orbit(region: Region, matrix: list[list[Fraction]], errors: list[Fraction], work: Work) -> None:
    """Check for z' = Z z + e that |z'_k| < b_k (or both 0) for fixed k, 0 < s' < s, |z'_k| <= b_k s' for scaled k."""
    least = ZERO
    for k, row in enumerate(matrix):
        (low, slope), width = _line(region, row, work), region.widths[k]
        work.pay_fractions(8, 2 * bits_of([row, [low, slope, width, region.end, least, errors[k]]]))
        # |z'_k| <= moved · s - low; the sum of |Z[k,l]| b_l over scaled l is Z[k,0] - slope.
        moved = abs(row[0]) + row[0] - slope
        if k and k not in region.scaled:
            largest = errors[k] - low + moved * region.end
            inside = largest < width or largest == 0 == width
        else:
            least = least if k else slope
            apart = not any(x for c, x in enumerate(row[:-1]) if c and c not in region.scaled)
            inside = apart and (moved <= width * least if k else slope > 0 and moved < 1)
        need(inside, f"proof.widths[{k}]: the region does not shrink in this coordinate")


def growing(region: Region, matrix: list[list[Fraction]], errors: list[Fraction], work: Work) -> None:
    """Check for z' = q + Z z + e s, q the last column, |e| <= errors, that s' >= ρ s or s' >= s + δ, and z' is inside.

    Errors are 0 unless the region is loose.
    """
    first, rate = matrix[0], region.rate
    low, slope = _line(region, first, work)
    work.pay_fractions(5, 2 * bits_of([[low, slope, rate, region.end, errors[0]]]))
    slope -= errors[0]
    grown = (low, slope - rate) if region.kind == "factor" else (low - rate, slope - 1)
    need(region.positive(*grown), f"proof.growth.{region.kind}: the first coordinate does not grow that much")
    for k, row in list(enumerate(matrix))[1:]:
        width, low = region.widths[k], _line(region, [*row[:-1], -abs(row[-1])], work)[0]
        if k in region.scaled:
            work.pay_fractions(4 * len(row), 2 * bits_of([row, first]) + bits_of([[width]]))
            sides = [[width * x + sign * y for x, y in zip(first, row, strict=True)] for sign in (1, -1)]
            lines = [_line(region, side, work) for side in sides]
            work.pay_fractions(6, 2 * bits_of([*lines, [width, errors[0], errors[k]]]))
            missed = width * errors[0] + errors[k]
            inside = all(region.positive(low, slope - missed) for low, slope in lines)
        else:
            inside = not any(row[c] for c in (0, *region.scaled)) and -low <= width
        need(inside, f"proof.widths[{k}]: the region is not mapped into itself in this coordinate")
