"""Claims: what a certificate says of the limit of a run, and the part of it that no proof is needed for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from .budget import MAX_JSON_VALUES, need
from .model import Model, Policy
from .reading import Choice
from .run import Position, Run


class Claim(NamedTuple):
    """`doc` as read; `points`, the positions claimed (a limit is one, other fates have none); `start`, t = 0."""

    doc: dict[str, Any]
    points: list[Position]
    start: Position


def shapes(model: Model, with_tables: bool) -> dict[str, Any]:
    """Return the shapes of `initial` and `claim`; with_tables: positions have a Q_tot."""
    vector, policy, many = model.vector, model.policy, range(1, MAX_JSON_VALUES)
    own = {"tables": model.tables} if with_tables else {}
    growth = Choice("kind", {
        "geometric": lambda: {"factor": Fraction, "steps": many},
        "linear": lambda: {"increment": Fraction, "steps": many},
    })  # fmt: skip
    limit = {"values": vector, "greedy": policy, "optimal_values": vector, "policy_values": vector, **own}
    cycle = {"period": range(2, MAX_JSON_VALUES), "orbit": [vector], "greedy": [policy]}
    bounds = {"reference": object, "lower": vector, "upper": vector}
    fates: dict[str, Callable[[], dict[str, Any]]] = {
        "converges": lambda: limit,
        "cycles": lambda: cycle | {key: [shape] for key, shape in own.items()},
        "diverges": lambda: {"growth": growth},
        "bounded": lambda: bounds,
        "aperiodic": lambda: bounds,
    }
    return {"initial": {"values": vector, "greedy": policy, **own}, "claim": Choice("fate", fates)}


def made(run: Run, initial: dict[str, Any], doc: dict[str, Any]) -> Claim:
    """Return the claim of a document that was read by its shape."""
    return Claim(doc, _points(run, doc), _position(run, initial["values"], initial["greedy"], initial.get("tables")))


def _position(run: Run, values: list[Fraction], greedy: Policy, tables: Any) -> Position:
    found = tuple(run.work.common(table) for table in run.model.flat(tables or ()))
    return Position(run.work.common(values), greedy, found)


def _points(run: Run, doc: dict[str, Any]) -> list[Position]:
    if doc["fate"] == "converges":
        return [_position(run, doc["values"], doc["greedy"], doc.get("tables"))]
    if doc["fate"] != "cycles":
        return []
    tables = doc.get("tables", (None,) * doc["period"])
    same = len(doc["orbit"]) == len(doc["greedy"]) == len(tables) == doc["period"]
    need(same, f"claim: expected {doc['period']} entries of orbit, greedy and tables")
    return [_position(run, *own) for own in zip(doc["orbit"], doc["greedy"], tables, strict=True)]


def check_values(run: Run, doc: dict[str, Any]) -> None:
    """Verify V* and the value of playing `greedy` for ever by their Bellman equations: γ < 1, so both are unique."""
    best, own = (run.work.common(doc[key]) for key in ("optimal_values", "policy_values"))
    for s, a in enumerate(doc["greedy"]):
        scale, rows = run.model.targets[s]
        highest = max(run.work.images(rows, best, run.bits[s]))
        (value,) = run.work.images([rows[run.places[a]]], own, run.bits[s])
        need(best[1 + s] * scale == highest, f"claim.optimal_values[{s}]: V = max_a y does not hold")
        need(own[1 + s] * scale == value, f"claim.policy_values[{s}]: V = y at `greedy` does not hold")


def check_positions(run: Run, points: list[Position], one_sided: bool) -> None:
    """Verify that each claimed position steps exactly to the next one, and that they are pairwise different.

    An orbit approached from one side under ε-greedy data may tie earlier actions: its actions are left to the proof.
    """
    for j, now in enumerate(points):
        found, following = run.step(*now), points[(j + 1) % len(points)]
        need(found.values == following.values, f"claim: a step from position {j} gives other values")
        same = found.greedy == following.greedy or (one_sided and run.moving)
        need(same, f"claim: a step from position {j} gives other greedy actions")
        need(found.tables == following.tables, f"claim: a step from position {j} gives another Q_tot")
    different = set(points) if run.moving else {point._replace(greedy=()) for point in points}
    need(len(different) == len(points), "claim.period: a position occurs twice, so the period is smaller")
