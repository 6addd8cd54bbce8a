"""Proof by differences (fitted classes, fixed data; bounded): a step maps lower <= V - V(r) <= upper into itself.

F(V)(s) is the largest of the affine forms Q_tot(s,a), and F(V)(t) is at least any mixture of its factors: with
distributions q_i, max_b Q_tot(t,b) = Σ_i max_x Q_i(t,x) >= Σ_i Σ_x q_i(x) Q_i(t,x). So F(V)(s) - F(V)(t) is at most
the largest, over a, of Q_tot(s,a) minus a mixture chosen for a. The coefficients of V sum to γ in both, so V(r)
cancels, and a form with coefficients c of V - V(r) has the largest value Σ_{c>0} c·upper + Σ_{c<0} c·lower on the box.
With t = r this bounds V'(s) - V'(r) above, with s and t exchanged below. V(r) follows at rate γ, so V is bounded too.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .budget import MAX_JSON_VALUES, ZERO, bits_of, need
from .claims import Claim
from .coordinates import minus
from .model import Model
from .reading import distribution, read
from .run import Run

Mixture = tuple[tuple[Fraction, ...], ...]
Bounds = tuple[tuple[Fraction, ...], tuple[Fraction, ...]]


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES), "mixtures": object}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix, verify that the box holds it and is mapped into itself; return what was verified."""
    need(not run.moving, "proof.kind: differences need fixed data")
    r = read(claim.doc["reference"], range(run.states), "claim.reference", run.work)
    lower, upper = box = claim.doc["lower"], claim.doc["upper"]
    need(lower[r] == upper[r] == 0, "claim: expected bounds of 0 at the reference")
    values = run.after(claim.start, doc["prefix"]).values
    den, *others = minus(values, (values[0], *[values[1 + r]] * run.states), run.work)
    moved = [run.work.ratio(x, den) for x in others]
    run.work.pay_fractions(2 * run.states, bits_of([moved, lower, upper]))
    inside = all(low <= x <= high for low, x, high in zip(lower, moved, upper, strict=True))
    need(inside, f"claim: the differences at t = {doc['prefix']} are not between lower and upper")
    mixture = tuple((Fraction,) * size for size in run.sizes)
    each = (mixture,) * len(run.model.joint)
    shapes = tuple(() if s == r else (each, each) for s in range(run.states))
    for s, mixtures in enumerate(read(doc["mixtures"], shapes, "proof.mixtures", run.work)):
        if s != r:
            _exceeds(run, s, r, mixtures[0], box, upper[s], f"claim.upper[{s}]: a step may exceed it")
            _exceeds(run, r, s, mixtures[1], box, -lower[s], f"claim.lower[{s}]: a step may fall below it")
    return "the box of differences is mapped into itself"


def _exceeds(run: Run, s: int, t: int, mixtures: tuple[Mixture, ...], box: Bounds, limit: Fraction, what: str) -> None:
    """Refuse unless F(V)(s) - F(V)(t) <= limit on the box, by a mixture of factors at t for each joint action at s."""
    for a, mixture in zip(run.model.joint, mixtures, strict=True):
        level, *form = _form(run, s, t, run.choice(a), mixture)
        run.work.pay_fractions(3 * run.states, 2 * bits_of([[level], form, *box]))
        most = level + sum((c * (high if c > 0 else low) for c, low, high in zip(form, *box, strict=True)), ZERO)
        need(most <= limit, what)


def _form(run: Run, s: int, t: int, choice: tuple[int, ...], mixture: Mixture) -> list[Fraction]:
    """Return Q_tot(s, choice) - Σ_i Σ_x q_i(x) Q_i(t,x) as an affine function of V, the constant first."""
    work, none = run.work, (0,) * len(run.model.sizes)
    own, other = run.fit(s, none), run.fit(t, none)
    form = [work.ratio(x, own.scale) for x in own.at(choice)]
    for q, rows in zip(mixture, other.factors, strict=True):
        distribution(q, "proof.mixtures", work)
        for share, row in zip(q, rows, strict=True):
            if share:
                work.pay_fractions(3 * len(row), 2 * bits_of([[share], row, form]))
                form = [x - share * Fraction(y, other.scale) for x, y in zip(form, row, strict=True)]
    return form
