"""Proof by a region (converges, cycles, diverges): a set of positions is mapped into itself by m steps.

`coordinates` says what the set is, `phases` follows it through the steps, `returning` compares its end and its start.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .budget import MAX_JSON_VALUES, need
from .claims import Claim
from .coordinates import Region, minus, read_region
from .model import Model
from .phases import advance
from .returning import growing, slack, to_orbit
from .run import Run


def shape(model: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    numbers = {"prefix": range(MAX_JSON_VALUES), "reference": range(len(model.targets)), "origin": model.vector}
    modes = {"modes": [model.policy], "entry": model.policy}
    return numbers | modes | {"growth": object, "directions": object, "widths": object}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix, follow the region through its phases and verify its return; return what was verified."""
    region, work, prefix, points = read_region(run, doc), run.work, doc["prefix"], claim.points
    phases, steps = [doc["entry"], *doc["modes"]], len(doc["modes"])
    need(steps > 0, "proof.modes: expected a list that is not empty")
    need(not run.moving or phases[-1] == phases[0], "proof.modes: under epsilon-greedy data the last must be `entry`")
    _check_fate(region, claim.doc, len(points), steps)
    position = claim.start
    for _ in range(prefix):
        position = run.step(*position)
    need(not run.moving or position[1] == phases[0], f"proof.entry: not the greedy actions at t = {prefix}")
    away = minus(position[0], region.start.origin, work)
    z = region.coordinates([away], f"proof.directions: V at t = {prefix}", work)
    need(region.holds([x for (x,) in z], work), f"proof.widths: V at t = {prefix} is outside the region")
    frame = region.start
    for j, (g, mode) in enumerate(pairwise(phases)):
        values, greedy = points[j % len(points)] if points else (frame.origin, g)
        same = values == frame.origin and (g == greedy or not run.moving)
        need(same, f"claim: not the orbit of proof.origin after {j} steps")
        frame = advance(run, region, frame, g, mode)
    images = [[work.ratio(x, frame.scale) for x in column[1:]] for column in frame.columns]
    offset, what = minus(frame.origin, region.start.origin, work), f"proof.directions: after {steps} steps"
    matrix = region.coordinates([*images, offset], what, work)
    if points:
        need(not any(offset), f"proof.origin: not periodic with {steps} steps")
        to_orbit(region, matrix, slack(frame, doc, work), work)
        return f"the region holds V at t = {prefix} and contracts to the claimed positions"
    growing(region, matrix, work)
    return f"the growing region holds V at t = {prefix} and is mapped into itself"


def _check_fate(region: Region, claim: dict[str, Any], period: int, steps: int) -> None:
    if region.kind in ("factor", "increment"):
        kind = "geometric" if region.kind == "factor" else "linear"
        same = claim.get("growth") == {"kind": kind, "steps": steps, region.kind: region.rate}
        need(same, "claim: not the growth of the proof")
    else:
        need(period > 0, "claim.fate: such a region does not diverge")
        need(steps % period == 0, f"proof.modes: {steps} steps are no multiple of the period {period}")
