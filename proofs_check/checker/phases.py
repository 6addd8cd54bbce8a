"""Phases of a region: the affine piece of each mode, after a proof that the mode is greedy all over the region."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, islice
from operator import sub

from .budget import ZERO, Ints, Work, bits_of, length_of, need
from .coordinates import Frame, Region
from .factorization import Fit
from .model import Policy
from .run import Run, absolute


def advance(run: Run, region: Region, frame: Frame, g: Policy, mode: Policy) -> Frame:
    """Return o' = c + A o, C' = A C, e' = |A| e + ε, after checking that `mode` is greedy on the region."""
    work, positions, levels, images, scales, errors = run.work, [frame.origin, *frame.columns], [], [], [], []
    for s, (data, action) in enumerate(zip(g, mode, strict=True)):
        fit, choice = run.fit(s, data), run.choice(action)
        every = iter(work.dots(fit.rows, positions, fit.bits))
        forms = [list(islice(every, size)) for size in run.sizes]
        excess = _excess(run, region, frame, s, fit, forms, choice)
        carried = _carried(frame, fit, choice, work)
        errors.append(excess + carried if excess and carried else excess or carried)
        level, *image = map(sum, zip(*[own[x] for own, x in zip(forms, choice, strict=True)], strict=True))
        levels.append(level)
        images.append(image)
        scales.append(fit.scale)
    origin = work.ratios(levels, [scale * frame.origin[0] for scale in scales])
    below = [scale * frame.scale for scale, image in zip(scales, images, strict=True) for _ in image]
    scale, *numbers = work.ratios([x for image in images for x in image], below)
    count = len(frame.columns)
    columns = [(0, *numbers[k::count]) for k in range(count)]
    return Frame(origin, scale, columns, work.common(errors))


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
