"""Proof by a box (fitted classes and monotonic, any data; bounded): one step maps lower <= V <= upper into itself.

Below: a fit in a class with the constants keeps the mean of the data, so V'(s) = max_a Q_tot(s,a) >= E_p[y(s,·)], whose
coefficients are probabilities times γ: the least value is at `lower`. Above: V'(s) is the largest of the affine forms
Q_tot(s,a) of V; one with coefficients c has the largest value Σ_{c>0} c·upper + Σ_{c<0} c·lower on the box. Monotone
fits lie between least and largest y, so their forms are y(s,a). Under ε-greedy data this is asked of the data around
every joint action, so nothing needs to be known of what is greedy. Weights that depend on Q_tot are not known either:
then the least y(s,a) takes the place of the mean.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .budget import MAX_JSON_VALUES, Ints, length_of, need
from .claims import Claim
from .model import Model
from .monotone import MonotoneRun
from .numerals import show
from .run import Run
from .weighted import WeightedRun


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES)}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix, verify that the box holds it and is mapped into itself; return what was verified."""
    need(claim.doc["reference"] is None, "claim.reference: this kind of proof is of V itself, expected null")
    den, *both = run.work.common([*claim.doc["lower"], *claim.doc["upper"]])
    lower, upper = (den, *both[: run.states]), (den, *both[run.states :])
    values = run.after(claim.start, doc["prefix"]).values
    run.work.pay(3 * run.states, length_of([both]) + den.bit_length(), length_of([values]))
    inside = all(
        low * values[0] <= v * den <= high * values[0]
        for low, v, high in zip(lower[1:], values[1:], upper[1:], strict=True)
    )
    need(inside, f"claim: V at t = {doc['prefix']} is not between lower and upper")
    gain = max(
        _state(run, s, g, lower, upper)
        for s in range(run.states)
        for g in (run.model.joint if run.moving else run.model.joint[:1])
    )
    return f"the box is mapped into itself; positive coefficients of V sum to at most {show(gain)}"


def _state(run: Run, s: int, g: Ints, lower: Ints, upper: Ints) -> Fraction:
    """Refuse unless V'(s) is within the box wherever V is, under the data around g; return the largest positive sum."""
    work, weights = run.work, run.weights(s, g)
    own, targets = run.targets(s, lower)
    if isinstance(run, WeightedRun):
        targets = [min(targets)] * len(targets)
    ((mean,), (total,)) = work.dots([targets, (1,) * len(targets)], [weights])
    work.pay(2, own.bit_length(), total.bit_length())
    need(mean >= own * total, f"claim.lower[{s}]: a step may fall below it")
    scale, rows = _forms(run, s, g, weights)
    work.pay(4 * len(rows) * (1 + run.states), kept=2 * len(rows) * (1 + run.states))
    rising = [(row[0], *(max(c, 0) for c in row[1:])) for row in rows]
    falling = [(0, *(min(c, 0) for c in row[1:])) for row in rows]
    most = max(p + q for (p,), (q,) in zip(work.dots(rising, [upper]), work.dots(falling, [lower]), strict=True))
    work.pay(1, scale.bit_length(), upper[1 + s].bit_length())
    need(most <= upper[1 + s] * scale, f"claim.upper[{s}]: a step may exceed it")
    return work.ratio(max(sum(row[1:]) for row in rising), scale)


def _forms(run: Run, s: int, g: Ints, weights: Ints) -> tuple[int, list[Ints]]:
    """Return affine functions of V of which V'(s) is never above the largest, over a scale."""
    if isinstance(run, MonotoneRun):
        need(min(weights) > 0, f"data: at state {s} expected a positive probability of every joint action")
        return run.model.targets[s]
    fit = run.fit(s, g)
    run.work.pay(2 * len(run.model.joint) * len(run.sizes) * (1 + run.states))
    return fit.scale, fit.everywhere()
