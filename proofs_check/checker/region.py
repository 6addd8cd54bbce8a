"""Proof by a region (converges, cycles, diverges): a set of positions is mapped into itself by m steps.

`coordinates` says what the set is, `phases` follows it through the steps, `returning` compares its end and its start.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from .budget import MAX_JSON_VALUES, Work, bits_of, need
from .claims import Claim
from .coordinates import Frame, Region, minus, read_region
from .model import Model
from .phases import advance
from .reading import Maybe
from .returning import growing, shrinking, slack, to_orbit
from .rounding import MAX_PRECISION, after, rounded, rounding_error
from .run import Position, Run


def shape(model: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    numbers = {"prefix": range(MAX_JSON_VALUES), "reference": range(len(model.targets)), "origin": model.vector}
    modes = {"modes": [model.policy], "entry": model.policy}
    rounded = {"precision": Maybe(range(1, MAX_PRECISION + 1))}
    return numbers | modes | {"growth": object, "directions": object, "widths": object} | rounded


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix, follow the region through its phases and verify its return; return what was verified."""
    region, work, prefix, points = read_region(run, doc), run.work, doc["prefix"], claim.points
    phases, steps, precision = [doc["entry"], *doc["modes"]], len(doc["modes"]), doc.get("precision")
    need(steps > 0, "proof.modes: expected a list that is not empty")
    need(not run.moving or phases[-1] == phases[0], "proof.modes: under epsilon-greedy data the last must be `entry`")
    plain = region.loose or (region.kind == "bounded" and doc["directions"] is None)
    hint = "needs fixed data, and growth and directions null, or a factor and all directions, none of them fixed"
    need(precision is None or (plain and not run.moving), f"proof.precision: {hint}")
    _check_fate(region, claim.doc, len(points), steps)
    _check_entered(run, region, claim, doc)
    frame, most = region.start, 0 if precision is None else rounding_error(region, work)
    for j, (g, mode) in enumerate(pairwise(phases)):
        work.spend(1_000)
        now = points[j % len(points)] if points else Position(frame.origin, g)
        same = now.values == frame.origin and (g == now.greedy or not run.moving)
        need(same, f"claim: not the orbit of proof.origin after {j} steps")
        frame = advance(run, region, frame, g, mode)
        if precision is not None:
            frame = rounded(frame, most, precision, work, origin=region.loose)
    _check_return(region, frame, steps, doc, work)
    if points:
        return f"the region holds V at t = {prefix} and contracts to the claimed positions"
    return f"the growing region holds V at t = {prefix} and is mapped into itself"


def _check_return(region: Region, frame: Frame, steps: int, doc: dict[str, Any], work: Work) -> None:
    """Refuse unless the last frame lies in the region as the kind of the region asks for."""
    offset, what = minus(frame.origin, region.start.origin, work), f"proof.directions: after {steps} steps"
    rows = region.solved([column[1:] for column in (*frame.columns, offset)], what, work)
    if not region.grows:
        need(not any(offset[1:]), f"proof.origin: not periodic with {steps} steps")
    errors = slack(region, frame, doc, work)
    if region.kind == "bounded":
        shrinking(region, [row[:-1] for row in rows], frame.scale, errors, work)
        return
    units = [*[frame.scale] * len(frame.columns), offset[0]]
    matrix = [[work.ratio(x, den * unit) for x, unit in zip(row, units, strict=True)] for den, *row in rows]
    (growing if region.grows else to_orbit)(region, matrix, errors, work)


def _check_entered(run: Run, region: Region, claim: Claim, doc: dict[str, Any]) -> None:
    """Refuse unless the run is in the region after the prefix: exactly, or with all that rounding may have moved."""
    work, prefix, errors = run.work, doc["prefix"], region.start.errors
    if "precision" in doc:
        values, errors = after(run, claim.start, prefix, doc["precision"])
    else:
        position = run.after(claim.start, prefix)
        need(not run.moving or position.greedy == doc["entry"], f"proof.entry: not the greedy actions at t = {prefix}")
        values = position.values
    away = minus(values, region.start.origin, work)
    z = region.coordinates([away], f"proof.directions: V at t = {prefix}", work)
    moved = slack(region, region.start._replace(errors=errors), doc, work)
    reached = [x for (x,) in z]
    if any(moved):
        work.pay_fractions(len(moved), bits_of(z) + bits_of([moved]))
        reached = [abs(x) + e if e else x for x, e in zip(reached, moved, strict=True)]
    if region.loose:
        reached[0] = z[0][0] - moved[0]
    need(region.holds(reached, work), f"proof.widths: V at t = {prefix} is outside the region")


def _check_fate(region: Region, claim: dict[str, Any], period: int, steps: int) -> None:
    if region.grows:
        kind = "geometric" if region.kind == "factor" else "linear"
        same = claim.get("growth") == {"kind": kind, "steps": steps, region.kind: region.rate}
        need(same, "claim: not the growth of the proof")
    else:
        need(period > 0, "claim.fate: such a region does not diverge")
        need(steps % period == 0, f"proof.modes: {steps} steps are no multiple of the period {period}")
