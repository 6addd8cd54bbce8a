"""Proof by optimality (igm, converges): the values satisfy the Bellman optimality equation.

Value iteration contracts at rate γ, so the run tends to them from every start.
"""

from __future__ import annotations

from typing import Any

from .budget import need
from .claims import Claim
from .model import Model
from .run import Run


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {}


def prove(run: Run, claim: Claim, _: dict[str, Any]) -> str:
    """Verify the equation and that `greedy` is the first joint maximiser; return what was verified."""
    (limit,) = claim.points
    for s, a in enumerate(limit.greedy):
        need(min(run.weights(s, a)) > 0, "data: expected a positive probability of every joint action")
        value, targets = run.targets(s, limit.values)
        need(value == max(targets), f"claim.values[{s}]: V = max_a y does not hold")
        need(run.model.joint[run.best(targets)] == a, f"claim.greedy[{s}]: not the {run.ties} joint maximiser")
    return "the limit satisfies the Bellman optimality equation"
