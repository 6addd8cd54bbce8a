"""Claims: what a certificate says of the limit of a run, and the part of it that no proof is needed for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from .budget import MAX_JSON_VALUES, need
from .model import Model
from .run import Position, Run


class Claim(NamedTuple):
    """`doc` as read; `points`, the positions claimed, a limit counting as one, none when V diverges; `start`, t = 0."""

    doc: dict[str, Any]
    points: list[Position]
    start: Position


def shapes(model: Model) -> dict[str, Any]:
    """Return the shapes of `initial` and `claim`."""
    vector, policy, many = model.vector, model.policy, range(1, MAX_JSON_VALUES)
    growth = {
        "kind:": {"geometric": {"factor": Fraction, "steps": many}, "linear": {"increment": Fraction, "steps": many}}
    }
    fates = {
        "converges": {"values": vector, "greedy": policy, "optimal_values": vector, "policy_values": vector},
        "cycles": {"period": range(2, MAX_JSON_VALUES), "orbit": [vector], "greedy": [policy]},
        "diverges": {"growth": growth},
    }
    return {"initial": {"values": vector, "greedy": policy}, "claim": {"fate:": fates}}


def made(run: Run, initial: dict[str, Any], doc: dict[str, Any]) -> Claim:
    """Return the claim of a document that was read by its shape."""
    return Claim(doc, _points(run, doc), (run.work.common(initial["values"]), initial["greedy"]))


def _points(run: Run, doc: dict[str, Any]) -> list[Position]:
    if doc["fate"] == "diverges":
        return []
    if doc["fate"] == "converges":
        return [(run.work.common(doc["values"]), doc["greedy"])]
    same = len(doc["orbit"]) == len(doc["greedy"]) == doc["period"]
    need(same, f"claim: expected {doc['period']} entries of orbit and greedy")
    return [(run.work.common(values), g) for values, g in zip(doc["orbit"], doc["greedy"], strict=True)]


def check_values(run: Run, doc: dict[str, Any]) -> None:
    """Verify V* and the value of playing `greedy` for ever by their Bellman equations: γ < 1, so both are unique."""
    best, own = (run.work.common(doc[key]) for key in ("optimal_values", "policy_values"))
    index = {a: k for k, a in enumerate(run.model.joint)}
    for s, a in enumerate(doc["greedy"]):
        value, targets = run.targets(s, best)
        need(value == max(targets), f"claim.optimal_values[{s}]: V = max_a y does not hold")
        value, targets = run.targets(s, own)
        need(value == targets[index[a]], f"claim.policy_values[{s}]: V = y at `greedy` does not hold")


def check_positions(run: Run, points: list[Position], one_sided: bool) -> None:
    """Verify that each claimed position steps exactly to the next one, and that they are pairwise different.

    An orbit approached from one side under ε-greedy data may tie earlier actions: its actions are left to the proof.
    """
    for j, now in enumerate(points):
        (values, greedy), following = run.step(*now), points[(j + 1) % len(points)]
        need(values == following[0], f"claim: a step from position {j} gives other values")
        same = greedy == following[1] or (one_sided and run.moving)
        need(same, f"claim: a step from position {j} gives other greedy actions")
    different = set(points) if run.moving else {values for values, _ in points}
    need(len(different) == len(points), "claim.period: a position occurs twice, so the period is smaller")
