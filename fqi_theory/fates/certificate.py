"""Certificates: one JSON document with the whole model, the run, the claim and the proof (docs/certificates.md)."""

from collections.abc import Sequence
from typing import Any

from fqi_theory.base import scalars
from fqi_theory.base.matrices import array
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data.sources import DataSource
from fqi_theory.fates.regions.coordinates import Coordinates
from fqi_theory.model.formats.mmdp_json import mmdp_to_json
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.optimal import policy_values, solve
from fqi_theory.runs.trajectory import Start


def certificate(
    model: MMDP, source: DataSource, factorization: str, start: Start, claim: dict[str, Any], proof: dict[str, Any]
) -> dict[str, Any]:
    """Return the `certificate/1` document of a claim about the run from `start`."""
    return {
        "format": "certificate/1",
        "model": mmdp_to_json(model),
        "data": source.describe(),
        "factorization": factorization,
        "ties": "first",
        "initial": {"values": scalars.nested_text(start.values), "greedy": start.greedy.tolist()},
        "claim": claim,
        "proof": proof,
    }


def region(
    prefix: int,
    origin: Array,
    modes: Sequence[Array],
    entry: Array,
    coordinates: Coordinates,
    widths: Sequence[Scalar],
    growth: dict[str, Any] | None,
) -> dict[str, Any]:
    """Return the proof by a region: origin (S,); modes: m joint policies (S, n); entry (S, n); widths (d,)."""
    directions = [scalars.nested_text(w) for w in array(coordinates.directions).T]
    return {
        "kind": "region",
        "prefix": prefix,
        "origin": scalars.nested_text(origin),
        "modes": [mode.tolist() for mode in modes],
        "entry": entry.tolist(),
        "directions": None if coordinates.unit else directions,
        "reference": coordinates.reference,
        "widths": [str(b) for b in widths],
        "growth": growth,
    }


def converges(model: MMDP, limit: Array, greedy: Array) -> dict[str, Any]:
    """Return the claim that V^(t) tends to `limit` (S,), with the value of its greedy policy (S, n) and V*."""
    return {
        "fate": "converges",
        "values": scalars.nested_text(limit),
        "greedy": greedy.tolist(),
        "optimal_values": scalars.nested_text(solve(model).values),
        "policy_values": scalars.nested_text(policy_values(model, greedy)),
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
