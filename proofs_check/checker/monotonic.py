"""Proof by orders (monotonic; converges, cycles): around each claimed position only fits that agree with it are chosen.

Distances are spreads, sp(V) = max V - min V. For given orders the fit is isotonic regression: it keeps order and shifts
with constants. So where V - V_j lies between two numbers, its maximum exceeds that at V_j by something between γ times
these numbers. In states with c(s) > 0, c(s) the largest half sum of |γ P(s'|s,a) - γ P(s'|s,b)| over s', let every
tuple of orders whose maximum at V_j is not V_{j+1}(s) (under ε-greedy data also one whose best actions are not the
claimed ones) have a larger error than the chosen one all over sp(V - V_j) <= D (`nearby`). Then none of them
is best there; in states with c(s) = 0 the choice is that at V_j. So the run contracts to the orbit at rate γ.

With `directions` the run is followed in a space of deviations instead (`following`); under weights that depend on Q_tot
the level counts too (`weighted`).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .budget import MAX_JSON_VALUES, need
from .claims import Claim
from .following import follow
from .model import Model
from .monotone import MonotoneRun
from .nearby import Nearby, away, beaten, far, spot
from .reading import Maybe
from .run import Position, Run
from .weighted import WeightedRun, close, keep


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES), "radius": Fraction, "directions": Maybe(object), "level": Maybe(Fraction)}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix and verify the errors around each position; a radius of 0 asks for an exact repetition only."""
    assert isinstance(run, MonotoneRun)
    radius, points = doc["radius"], claim.points
    need(radius >= 0, "proof.radius: expected a number of at least 0")
    weighted = isinstance(run, WeightedRun)
    need(("level" in doc) == weighted, f"proof.level: expected {'a' if weighted else 'no'} level with these data")
    need(not (weighted and "directions" in doc), "proof.directions: expected none with these data")
    position = run.after(claim.start, doc["prefix"])
    need(not run.moving or position.greedy == points[0].greedy, "proof.prefix: other actions than the first position's")
    if isinstance(run, WeightedRun):
        close(run, position, points[0], radius, doc["level"])
        keep(run, points, radius, doc["level"])
        return f"only fits that agree are best within {radius}, at levels within {doc['level']}, of each position"
    off = away(position, points[0], run.work)
    need(
        max(off) - min(off) <= radius,
        "proof.prefix: the run is not within the radius of the first position",
    )
    if "directions" in doc:
        follow(run, points, off, radius, doc["directions"])
        return f"the fits of the claimed positions stay the best within a spread of {radius}, along the directions"
    for s in range(run.states) if radius else ():
        for j, now in enumerate(points):
            _only(run, j, s, (now, points[(j + 1) % len(points)]), radius)
    return f"only fits with the claimed maxima are best within a spread of {radius} of each position, where the run is"


def _only(run: MonotoneRun, j: int, s: int, steps: tuple[Position, Position], radius: Fraction) -> None:
    """Refuse unless all fits that may be best within the radius have the claimed maximum (and best actions)."""
    (values, greedy, _), following = steps
    shares = run.shares(s, greedy[s])
    here = spot(run, s, values, shares, radius)
    if not here.reach:
        return
    fits, nearby = run.ranked(s, values, *shares), Nearby(radius, None, run.work)
    best, value = run.chosen(fits), run.work.ratio(following.values[1 + s], following.values[0])
    for fit in fits:
        same = fit.top == value and (not run.moving or fit.greedy == following.greedy[s])
        out = same or far(fit.error, best.error, here.reach, run.work) or beaten(fit, best, here, nearby)
        need(out, f"proof.radius: position {j}, state {s}: the orders {fit.orders} may be best within the radius")
