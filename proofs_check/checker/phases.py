"""Phases of a region: the affine piece of each mode, after a proof that the mode is greedy all over the region."""

from __future__ import annotations

from fractions import Fraction
from operator import sub

from .budget import ZERO, Ints, bits_of, need
from .coordinates import Frame, Region
from .factorization import Fit
from .model import Policy
from .run import Run, absolute


def advance(run: Run, region: Region, frame: Frame, g: Policy, mode: Policy) -> Frame:
    """Return o' = c + A o, C' = A C, e' = |A| e + ε, after checking that `mode` is greedy on the region."""
    work, origin, images, errors = run.work, [], [], []
    for s, (data, action) in enumerate(zip(g, mode, strict=True)):
        fit = run.fit(s, data)
        choice = run.choice(action)
        excess, row = _excess(run, region, frame, s, fit, choice), fit.at(choice)
        ((level, *image),) = work.dots([row], [frame.origin, *frame.columns])
        ((carried,),) = work.dots([absolute(row)], [frame.errors])
        origin.append(work.ratio(level, fit.scale * frame.origin[0]))
        images.append([work.ratio(x, fit.scale * frame.scale) for x in image])
        carry = work.ratio(carried, fit.scale * frame.errors[0])
        work.pay_fractions(1, bits_of([[carry]]) + bits_of([[excess]]))
        errors.append(carry + excess)
    scale, columns = work.scaled([[ZERO, *column] for column in zip(*images, strict=True)])
    return Frame(work.common(origin), scale, columns, work.common(errors))


def _excess(run: Run, region: Region, frame: Frame, s: int, fit: Fit, action: Ints) -> Fraction:
    """Return Σ_i max(0, max_x B) over the choosers: by how much the greedy value may exceed that of the mode's action.

    Refuses when an alternative may be greedy, unless data are fixed, the region is bounded and the two tie at o_j.
    """
    work, worst = run.work, [ZERO] * len(action)
    others = [(i, x) for i, rows in enumerate(fit.factors) for x in range(len(rows)) if x != action[i]]
    margins = [tuple(map(sub, fit.factors[i][action[i]], fit.factors[i][x])) for i, x in others]
    forms = work.dots(margins, [frame.origin, *frame.columns])
    blurs = work.dots([absolute(margin) for margin in margins], [frame.errors])
    for (i, x), (level, *form), (blur,) in zip(others, forms, blurs, strict=True):
        gap = work.ratio(level, fit.scale * frame.origin[0])
        low, slope = region.line(gap, form, fit.scale * frame.scale, work)
        blurred = work.ratio(blur, fit.scale * frame.errors[0])
        work.pay_fractions(3, bits_of([[low, slope, blurred, worst[i]]]) * 2)
        low -= blurred
        if region.positive((low, slope), strict=run.moving and run.wins(x, action[i])):
            continue
        tied = not run.moving and region.kind == "bounded" and gap == 0
        need(tied, f"proof.modes: state {s}, {_instead(run, i, x, action[i])} inside the region")
        worst[i] = max(worst[i], -low)
    return sum(worst, ZERO)


def _instead(run: Run, i: int, x: int, chosen: int) -> str:
    if run.factorization.apart:
        return f"agent {i}: action {x} may be chosen instead of {chosen}"
    other, own = (list(run.model.joint[k]) for k in (x, chosen))
    return f"joint action {other} may be chosen instead of {own}"
