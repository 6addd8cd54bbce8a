"""Certificates: one JSON document with the whole model, the run, the claim and the proof (docs/certificates.md)."""

from typing import Any

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.data.weighted import Weighted
from fqi_theory.fates.fate import Bounds
from fqi_theory.fates.problem import Problem
from fqi_theory.model.formats.mmdp_json import mmdp_to_json
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.optimal import policy_values, solve


def certificate(problem: Problem, claim: dict[str, Any], proof: dict[str, Any]) -> dict[str, Any]:
    """Return the `certificate/1` document of a claim about the run of a problem."""
    start = problem.start
    initial = {"values": scalars.nested_text(start.values), "greedy": start.greedy.tolist()}
    table = start.q_tot() if isinstance(problem.source, Weighted) and problem.source.scheme == "optimistic" else None
    return {
        "format": "certificate/1",
        "model": mmdp_to_json(problem.model.with_available(None)),
        "data": {**problem.source.describe(), **({"unsupported": "choose"} if problem.chosen else {})},
        "factorization": problem.factorization.name,
        "ties": problem.ties,
        "initial": initial if table is None else {**initial, "tables": scalars.nested_text(table)},
        "claim": claim,
        "proof": proof,
    }


def converges(model: MMDP, limit: Array, greedy: Array) -> dict[str, Any]:
    """Return the claim that V^(t) tends to `limit` (S,), with the value of its greedy policy (S, n) and V*."""
    return converged(limit, greedy, solve(model).values, policy_values(model, greedy))


def converged(limit: Array, greedy: Array, optimal: Array, reached: Array) -> dict[str, Any]:
    """Return the same where V* and the value of the policy, (S,) each, are known."""
    return {
        "fate": "converges",
        "values": scalars.nested_text(limit),
        "greedy": greedy.tolist(),
        "optimal_values": scalars.nested_text(optimal),
        "policy_values": scalars.nested_text(reached),
    }


def cycles(points: tuple[Array, ...], greedy: tuple[Array, ...]) -> dict[str, Any]:
    """Return the claim that the run tends to a cycle: points (k, S), greedy actions at them (k, S, n)."""
    return {
        "fate": "cycles",
        "period": len(points),
        "orbit": [scalars.nested_text(point) for point in points],
        "greedy": [actions.tolist() for actions in greedy],
    }


def diverges(growth: dict[str, Any]) -> dict[str, Any]:
    """Return the claim that the differences of V^(t) grow without bound at the stated rate at least."""
    return {"fate": "diverges", "growth": growth}


def bounded(bounds: Bounds, *, aperiodic: bool = False) -> dict[str, Any]:
    """Return the claim that V^(t), or V^(t) - V^(t)(reference), stays in a box; aperiodic: and approaches no cycle."""
    return {"fate": "aperiodic" if aperiodic else "bounded", **bounds.to_json()}
