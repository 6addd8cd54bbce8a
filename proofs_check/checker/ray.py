"""Proof by a ray (monotonic; converges, cycles): the run nears points that need not be fixed under its own step.

In phase j, V = V_j + z w_j + λ·1 with 0 < z <= 1; w_0 is V - V_0 at `prefix`, where z = 1. At each state let B be the
blocks of the fit at z = 1, for each tuple of orders. Where B are the blocks of a regression at z = 0 too, they are at
all z between: what makes them so, means that rise and surpluses of sets closed upwards of at most 0, is linear in z.
So each error is a quadratic function of z. If that of another tuple less that of the chosen one is 0 for all z, or
positive for all 0 < z <= 1, the tuple chosen at z = 1 is chosen at all of them. Its maximum is the mean of y over its
top block: V_{j+1} at z = 0, and w_{j+1} is the mean of γ P w_j. Once w_j is κ w_0 up to a constant with κ > 0 at the
end of a cycle, it all goes on for ever from z = κ < 1; regressions contract at γ, so V - V_j vanishes.

Where weights depend on Q_tot constants matter: λ = l c_j with 0 < z <= l <= 1 (`sides`). Neither is ever 0 where
γ > 0; at γ = 0 a step leads to V_1, whose weights and best orders may be others than those of the ray.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .budget import MAX_JSON_VALUES, ZERO, Ints, Refused, bits_of, need
from .claims import Claim
from .following import absorbs, rises
from .model import Model
from .monotone import MonotoneRun, Ranked, placed
from .nearby import Nearby, Row, Spot, away, spot
from .reading import Maybe
from .run import Position, Run
from .sides import Way, shares_along, tables_away
from .weighted import WeightedRun

#: A ray that has not returned after so many steps is refused.
LONGEST = 512


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES), "level": Maybe(Fraction)}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix and follow the ray until it returns."""
    assert isinstance(run, MonotoneRun)
    weighted, points = isinstance(run, WeightedRun), claim.points
    need(("level" in doc) == weighted, f"proof.level: expected {'a' if weighted else 'no'} level with these data")
    need(run.model.discount > 0, "proof: expected a discount above 0, else a step ends the ray")
    need(len(set(points)) == len(points), "claim.period: a position occurs twice, so the period is smaller")
    position = run.after(claim.start, doc["prefix"])
    need(not run.moving or position.greedy == points[0].greedy, "proof.prefix: other actions than the first position's")
    first = _way(run, position, points[0], doc)
    here = first
    for _ in range(0, LONGEST, len(points)):
        for j, now in enumerate(points):
            here = _onward(run, j, now, points[(j + 1) % len(points)], here)
        if here.continues(first, run.work):
            return "the fits that the run chooses stay the best along a ray that ends at the first position"
    raise Refused(f"proof: the ray does not return within {LONGEST} steps")


def _way(run: MonotoneRun, position: Position, first: Position, doc: dict[str, Any]) -> Way:
    """Return what the run is away from the first position; constants are left out where they do not matter."""
    off = away(position, first, run.work)
    level = doc["level"] if isinstance(run, WeightedRun) else off[0]
    run.work.pay_fractions(len(off), bits_of([off, [level]]))
    along = [x - level for x in off]
    if isinstance(run, WeightedRun):
        return Way(level, along, tables_away(run, position, first, level))
    need(any(along), "proof.prefix: the run is at the first position, up to a constant")
    return Way(ZERO, along, [])


def _onward(run: MonotoneRun, j: int, now: Position, following: Position, here: Way) -> Way:
    """Return the next deviation, after checking that one fit is chosen at each state all along and leads onward."""
    (den, *values), work, along, tables = now.values, run.work, list[Fraction](), list[Row]()
    work.pay_fractions(len(values), bits_of([here.along]) + bits_of([now.values]))
    end = work.common([work.ratio(x, den) + y for x, y in zip(values, here.along, strict=True)])
    for s in range(run.states):
        moved, top = _image(run, s, (now, following), end, here, f"position {j}, state {s}")
        along.append(moved[top])
        tables.append(moved)
    if isinstance(run, WeightedRun):
        return Way(run.model.discount * here.level, along, tables if run.optimistic else [])
    return Way(ZERO, [x - along[0] for x in along], [])


def _image(
    run: MonotoneRun, s: int, steps: tuple[Position, Position], end: Ints, here: Way, where: str
) -> tuple[Row, int]:
    """Return the means of γ P w over the blocks of the fit that is chosen all along, and where it is largest."""
    (now, following), work = steps, run.work
    shares = run.shares(s, now.greedy[s])
    place = spot(run, s, now.values, shares, ZERO)
    work.pay_fractions(2 * len(place.rows) * run.states, bits_of([*place.rows, here.along]))
    along = [sum((x * y for x, y in zip(row, here.along, strict=True)), ZERO) for row in place.rows]
    if isinstance(run, WeightedRun):
        shares = shares_along(run, s, now, here, along, where)
        place = place._replace(shares=[work.ratio(w, shares[1]) for w in shares[0]])
    fits = run.ranked(s, end, *shares)
    best = run.chosen(fits)
    need(best.greedy == following.greedy[s], f"claim: {where}: other actions than the next position's are greedy")
    still, top = _levels(run, place, place.targets, best.blocks), placed(run.model.sizes, best.orders)[-1]
    value = work.ratio(following.values[1 + s], following.values[0])
    need(still[top] == value, f"claim: {where} leads to another value")
    if following.tables:
        need(work.common(still) == following.tables[s], f"claim: {where} leads to another Q_tot")
    _stays(run, place, fits, best, along, where)
    return _levels(run, place, along, best.blocks), top


def _stays(run: MonotoneRun, here: Spot, fits: list[Ranked], best: Ranked, along: Row, where: str) -> None:
    """Refuse unless the fits keep their blocks, and none is better than the chosen one anywhere on the ray."""
    nearby, own = Nearby(ZERO, None, run.work), _error(run, best, here, along)
    for fit in fits:
        still = fit._replace(levels=_levels(run, here, here.targets, fit.blocks))
        rises(run, still, here, nearby, f"proof: {where}")
        absorbs(run, still, here, nearby, f"proof: {where}")
        gap = [x - y for x, y in zip(_error(run, fit, here, along), own, strict=True)]
        need(_never_better(*gap), f"proof: {where}: the orders {fit.orders} may be best on the ray")


def _never_better(a: Fraction, b: Fraction, c: Fraction) -> bool:
    """Return whether a + b z + c z² is 0 for all z, or positive for all z with 0 < z <= 1."""
    if a == b == c == 0:
        return True
    if a < 0 or a + b + c <= 0:
        return False
    if a == 0:
        return b >= 0
    return not 0 < -b < 2 * c or 4 * a * c > b * b


def _error(run: MonotoneRun, fit: Ranked, here: Spot, along: Row) -> tuple[Fraction, Fraction, Fraction]:
    """Return (a, b, c): the error of a fit is a + b z + c z²."""
    rests = []
    for table in (here.targets, along):
        levels = _levels(run, here, table, fit.blocks)
        rests.append([y - x for y, x in zip(table, levels, strict=True)])
    still, moved = rests
    run.work.pay_fractions(9 * len(along), 3 * bits_of([*rests, here.shares]))
    a, b, c = (
        sum((w * x * y for w, x, y in zip(here.shares, one, two, strict=True)), ZERO)
        for one, two in ((still, still), (still, moved), (moved, moved))
    )
    return a, 2 * b, c


def _levels(run: MonotoneRun, here: Spot, table: Row, blocks: Sequence[Ints]) -> list[Fraction]:
    """Return the means of a table over the blocks, by joint action."""
    means = {a: mean for block in blocks for mean in [_mean(run, here, table, block)] for a in block}
    return [means[a] for a in range(len(table))]


def _mean(run: MonotoneRun, here: Spot, table: Row, cells: Sequence[int]) -> Fraction:
    run.work.pay_fractions(3 * len(cells), 2 * bits_of([table, here.shares]))
    total = sum((here.shares[a] for a in cells), ZERO)
    return sum((here.shares[a] * table[a] for a in cells), ZERO) / total
