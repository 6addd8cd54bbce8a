"""Proof by orders (monotonic; converges, cycles): around each claimed position only fits with its maximum are chosen.

Distances are spreads, sp(V) = max V - min V. For given orders the fit is isotonic regression: it keeps order and shifts
with constants. So where V - V_j lies between two numbers, its maximum exceeds that at V_j by something between γ times
these numbers; and the root of its error, as the data weigh to 1, moves by at most half the spread of y(s,·) - y_j(s,·),
hence by at most c(s) sp(V - V_j)/2, with c(s) the largest half sum of |γ P(s'|s,a) - γ P(s'|s,b)| over s'.
In states with c(s) > 0 let every tuple of orders whose maximum at V_j is not V_{j+1}(s) (under ε-greedy data also one
whose best actions are not the claimed ones) have an error above (u + c(s) D)², u at least the root of the least error.
Then none of them is best where sp(V - V_j) <= D; in states with c(s) = 0 the choice is that at V_j. So the run
contracts to the orbit at rate γ.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .budget import MAX_JSON_VALUES, need
from .claims import Claim
from .model import Model
from .monotone import MonotoneRun, pay_for, root_above
from .run import Position, Run


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES), "radius": Fraction}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix and verify the errors around each position; a radius of 0 asks for an exact repetition only."""
    assert isinstance(run, MonotoneRun)
    radius, points, work = doc["radius"], claim.points, run.work
    need(radius >= 0, "proof.radius: expected a number of at least 0")
    position = claim.start
    for _ in range(doc["prefix"]):
        position = run.step(*position)
    (values, greedy), (first, actions) = position, points[0]
    off = [a * first[0] - b * values[0] for a, b in zip(values[1:], first[1:], strict=True)]
    spread = work.ratio(max(off) - min(off), values[0] * first[0])
    need(spread <= radius, "proof.prefix: the run is not within the radius of the first position")
    need(not run.moving or greedy == actions, "proof.prefix: the run plays other actions than the first position")
    for s in range(run.states) if radius else ():
        reach = _share(run, s) * radius
        for j in range(len(points)) if reach else ():
            _only(run, j, s, points[j], points[(j + 1) % len(points)], reach)
    return f"only fits with the claimed maxima are best within a spread of {radius} of each position, where the run is"


def _share(run: MonotoneRun, s: int) -> Fraction:
    """Return c(s)."""
    scale, rows = run.model.targets[s]
    run.work.pay(len(rows) ** 2 * (run.states + 1))
    most = max(sum(abs(p - q) for p, q in zip(a[1:], b[1:], strict=True)) for a in rows for b in rows)
    return run.work.ratio(most, 2 * scale)


def _only(run: MonotoneRun, j: int, s: int, now: Position, following: Position, reach: Fraction) -> None:
    """Refuse unless all fits that may be best within the radius have the claimed maximum (and best actions)."""
    fits = run.every(s, now[0], now[1][s])
    pay_for([fit.error for fit in fits], run.work)
    value, actions = run.work.ratio(following[0][1 + s], following[0][0]), following[1][s]
    bound = (root_above(min(fit.error for fit in fits)) + reach) ** 2
    for fit in fits:
        same = fit.top == value and (not run.moving or tuple(order[0] for order in fit.orders) == actions)
        where = f"proof.radius: position {j}, state {s}"
        need(same or fit.error > bound, f"{where}: the orders {fit.orders} may be best within the radius")
