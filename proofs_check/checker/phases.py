"""Phases of a region: the affine piece of each mode, after a proof that the mode is greedy all over the region."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, islice
from operator import mul, sub

from .budget import ZERO, Ints, Work, bits_of, length_of, need
from .coordinates import Frame, Region
from .factorization import Fit
from .model import Policy
from .run import Run, absolute


def advance(run: Run, region: Region, frame: Frame, g: Policy, mode: Policy) -> Frame:
    """Return o' = c + A o, C' = A C, e' = |A| e + ε, after checking that `mode` is greedy on the region."""
    work, positions, (scales, lines, bits) = run.work, [frame.origin, *frame.columns], run.stack(g)[:3]
    levels, images, errors, exact = [], [], [ZERO] * run.states, not any(frame.errors[1:])
    bits += length_of(positions) + run.states.bit_length()
    region.pay(len(lines), bits, frame.origin[0].bit_length(), bits, frame.scale.bit_length(), work)
    for s, action in enumerate(mode):
        fit, choice = run.fit(s, g[s]), run.choice(action)
        every = iter(_forms(region, frame, fit, positions, work))
        forms = [list(islice(every, size)) for size in run.sizes]
        if not (exact and region.kind == "bounded" and _leads(region, frame, forms, choice)):
            excess, carried = _excess(run, region, frame, s, fit, forms, choice), _carried(frame, fit, choice, work)
            errors[s] = excess + carried if excess and carried else excess or carried
        level, *image = map(sum, zip(*[own[x] for own, x in zip(forms, choice, strict=True)], strict=True))
        levels.append(level)
        images.append(image)
    origin = work.ratios(levels, [scale * frame.origin[0] for scale in scales])
    below = [scale * frame.scale for scale, image in zip(scales, images, strict=True) for _ in image]
    scale, *numbers = work.ratios([x for image in images for x in image], below)
    count = len(frame.columns)
    columns = [(0, *numbers[k::count]) for k in range(count)]
    return Frame(origin, scale, columns, work.common(errors) if any(errors) else region.start.errors)


def _forms(region: Region, frame: Frame, fit: Fit, positions: list[Ints], work: Work) -> list[list[int]]:
    """Return for each factor its level at o_j and its coefficients of z."""
    r = region.reference
    if r is None or frame is not region.start:
        return work.dots(fit.rows, positions, fit.bits)
    # The coordinates are those of V but for V(r).
    levels = work.images(fit.rows, frame.origin, fit.bits)
    return [[level, *row[1 : 1 + r], *row[2 + r :]] for level, row in zip(levels, fit.rows, strict=True)]


def _leads(region: Region, frame: Frame, forms: list[list[list[int]]], action: Ints) -> bool:
    """Return whether on a bounded region, errors being 0, no alternative comes up to the action.

    Nearly always so. It is what `_excess` finds then, but of each line no more is asked than whether it is above 0.
    """
    (unit, *bounds), over = region.bounds, frame.origin[0]
    level = frame.scale * unit
    for rows, x in zip(forms, action, strict=True):
        own, *slopes = rows[x]
        for other, (height, *form) in enumerate(rows):
            if other != x:
                sway = sum(map(mul, map(abs, map(sub, slopes, form)), bounds))
                if (own - height) * level <= sway * over:
                    return False
    return True


def _carried(frame: Frame, fit: Fit, choice: Ints, work: Work) -> Fraction:
    """Return |A| e at a state."""
    if not any(frame.errors[1:]):
        return ZERO
    ((carried,),) = work.dots([absolute(fit.at(choice))], [frame.errors])
    return work.ratio(carried, fit.scale * frame.errors[0])


def _excess(
    run: Run, region: Region, frame: Frame, s: int, fit: Fit, forms: list[list[list[int]]], action: Ints
) -> Fraction:
    """Return Σ_i max(0, max_x B) over the choosers: by how much the greedy value may exceed that of the mode's action.

    forms: of every choice of every chooser, its level at o_j and its coefficients of z. Refuses when an alternative may
    be greedy, unless data are fixed, and the region is bounded and the two tie at o_j, or the region is loose: then the
    sum is in parts of s.
    """
    work, total, blurs = run.work, ZERO, _blurs(run, frame, fit, action)
    apart = blurs and not region.loose
    unit, over = (frame.errors[0], frame.origin[0] * frame.errors[0]) if apart else (1, frame.origin[0])
    bits, lines = 1 + length_of(chain.from_iterable(forms)), len(fit.rows) - len(action)
    more = length_of([frame.errors, *blurs]) + frame.origin[0].bit_length() if blurs else 0
    region.pay(lines, bits + more, over.bit_length(), bits, frame.scale.bit_length(), work)
    for i, (rows, x) in enumerate(zip(forms, action, strict=True)):
        worst, (own, *slopes) = ZERO, rows[x]
        for other, (level, *form) in enumerate(rows):
            if other == x:
                continue
            gap = own - level
            least = gap * unit - blurs[i][other] * frame.origin[0] if apart else gap
            low, slope, den = region.line(least, over, list(map(sub, slopes, form)), frame.scale)
            if region.loose:
                blur = work.ratio(blurs[i][other], frame.errors[0]) if blurs else ZERO
                lead = work.ratio(low, den), work.ratio(slope, den) - blur
                worst = max(worst, _overtaken(region, *lead, work) / fit.scale)
                continue
            if region.positive(low, slope, strict=run.moving and run.wins(other, x)):
                continue
            tied = not run.moving and region.kind == "bounded" and gap == 0
            need(tied, f"proof.modes: state {s}, {_instead(run, i, other, x)} inside the region")
            worst = max(worst, work.ratio(-low, den * fit.scale))
        total = total + worst if worst else total
    return total


def _overtaken(region: Region, level: Fraction, slope: Fraction, work: Work) -> Fraction:
    """Return B >= 0 with level + slope s >= -B s for all s >= end of a loose region."""
    work.pay_fractions(6, 3 * bits_of([[level, slope, region.end]]))
    return ZERO if region.positive(level, slope) else max(-level, ZERO) / region.end - slope


def _blurs(run: Run, frame: Frame, fit: Fit, action: Ints) -> list[list[int]]:
    """Return how far the errors may move the action's lead over each choice of each chooser; [] if there are none."""
    if not any(frame.errors[1:]):
        return []
    run.work.pay(len(fit.rows) * (2 + 2 * run.states), fit.bits, 1, len(fit.rows) * (1 + run.states))
    found = []
    for rows, x in zip(fit.factors, action, strict=True):
        margins = [absolute(tuple(map(sub, rows[x], row))) for row in rows]
        found.append([blur for (blur,) in run.work.dots(margins, [frame.errors])])
    return found


def _instead(run: Run, i: int, x: int, chosen: int) -> str:
    if run.factorization.apart:
        return f"agent {i}: action {x} may be chosen instead of {chosen}"
    other, own = (list(run.model.joint[k]) for k in (x, chosen))
    return f"joint action {other} may be chosen instead of {own}"
