"""Proof by contraction (fixed data, converges): one step contracts in a weighted sup-norm, from every start."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .budget import LONG, bits_of, length_of, need
from .claims import Claim
from .model import Model
from .narrow import Narrow
from .numerals import show
from .run import Run, absolute


def shape(model: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"weights": model.vector, "factor": Fraction}


def prove(run: Run, _: Claim, doc: dict[str, Any]) -> str:
    """Verify γ Σ_s' |Σ_i P_i(s'|s,a_i)| w(s') <= κ w(s) for all s and a; return what was verified."""
    need(not run.moving, "proof.kind: a contraction needs fixed data")
    weights, factor = run.work.common(doc["weights"]), doc["factor"]
    need(min(weights) > 0, "proof.weights: expected positive numbers")
    need(0 <= factor < 1, "proof.factor: expected 0 <= factor < 1")
    for s in range(run.states):
        fit = run.fit(s, (0,) * len(run.model.sizes))
        own = weights
        if run.states >= LONG:
            narrow = Narrow.of(fit.rows, run.work)
            fit, own = run.split(fit.scale, narrow.rows, fit.bits), narrow.taken(weights)
        count = 2 * len(run.model.joint) * len(own)
        run.work.pay(count, fit.bits, 1, count)
        rows = [absolute(row) for row in fit.everywhere()]
        totals = run.work.images(rows, own, fit.bits + len(run.sizes).bit_length())
        run.work.pay_fractions(2, bits_of([[factor]]) + length_of([weights]) + fit.scale.bit_length())
        within = max(totals) <= factor * weights[1 + s] * fit.scale
        need(within, f"proof.factor: exceeded at state {s}")
    return f"the step contracts by {show(factor)} in the weighted sup-norm"
