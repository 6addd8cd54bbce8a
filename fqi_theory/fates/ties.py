"""Values that come near an exact orbit at which actions tie: which orbit, where, and which actions are greedy late.

Where actions tie at an orbit and a deviation that shrinks decides between them, a phase may have no one mode for ever,
and no region of one mode a phase holds the run (theory notes, section 18, on ties that fall either way).
`regions.choices` may prove that it tends to the orbit nevertheless.
"""

import math
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from fqi_theory.base.matrices import affine_fixed_point, array
from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import listed
from fqi_theory.fates.orbits import LONGEST, History, Orbit, compose, confirm_orbit
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.regions.choice_phases import Allowed
from fqi_theory.fates.seen import log_spread
from fqi_theory.operators.integers import integer_values

#: States times the period, beyond which the exact orbit, one dense linear solve, is not asked for.
MOST_NUMBERS = 512
STATES_NAMED = 6


@dataclass(frozen=True, eq=False)
class TiedOrbit:
    """An exact orbit that a run comes near to, at which actions tie that do not do the same.

    tied: states where they do; unsettled: those whose greedy joint actions do not repeat with the orbit. allowed: for
    each point the late greedy joint actions of each state, and the orbit's own. before, now: log10 of the distance of V
    from the orbit, modulo constants, half the run ago and at its end.
    """

    orbit: Orbit
    tied: tuple[int, ...]
    unsettled: tuple[int, ...]
    allowed: tuple[Allowed, ...]
    before: float
    now: float


def tied_orbit(positions: Positions, history: History) -> TiedOrbit | None:
    """Return near which exact orbit the run is, where actions tie there that do not do the same.

    history: in the problem's order of states. None where late greedy actions lead to no exact orbit, the run does not
    come closer to it, or a state whose greedy actions do not repeat has no tie there. Raises OutOfTime.
    """
    period, unsettled = _period(history.greedy[len(history.greedy) // 2 :])
    if positions.model.n_states * period > MOST_NUMBERS:
        return None
    orbit = _orbit(positions, history.greedy[-period - 1 :])
    tied = set() if orbit is None else _tied(orbit)
    if orbit is None or not tied or not set(unsettled) <= tied:
        return None
    before, now = _distances(history, orbit, period)
    allowed = _allowed(history, orbit)
    return TiedOrbit(orbit, tuple(sorted(tied)), tuple(unsettled), allowed, before, now) if now < before else None


def _period(recent: list[Array]) -> tuple[int, list[int]]:
    """Return the least of the periods with which greedy actions of most states repeat, and the states of the others."""
    periods = range(1, min(LONGEST, len(recent) // 4) + 1)
    found = [(k, _changing(recent, k)) for k in periods]
    return min(found, key=lambda own: len(own[1]), default=(1, []))


def _orbit(positions: Positions, modes: list[Array]) -> Orbit | None:
    """Return the orbit through the point that modes[1:] lead back to, data as of modes[0], of actions that win ties."""
    drift, jacobian = compose([positions.affine(old, new) for old, new in pairwise(modes)])
    point = affine_fixed_point(drift, jacobian)
    if point is None:
        return None
    start = array(point)[:, 0]
    values, greedy = integer_values(start), modes[0]
    for _ in modes[1:]:
        fit = positions.step(values, greedy)
        values, greedy = fit.values, fit.greedy
    return confirm_orbit(positions, start, greedy, len(modes) - 1)


def _allowed(history: History, orbit: Orbit) -> tuple[Allowed, ...]:
    """Return for each point the greedy joint actions of each state late in the run, and those of the orbit."""
    end, found = len(history.greedy) - 1, list[Allowed]()
    for j in range(orbit.period):
        late = [orbit.modes[j - 1], *history.greedy[end - (-j % orbit.period) : end // 2 : -orbit.period]]
        chosen = np.stack(late).tolist()
        found.append(tuple(
            tuple(sorted({tuple(policy[s]) for policy in chosen})) for s in range(len(orbit.points[0]))
        ))  # fmt: skip
    return tuple(found)


def tied_choices(orbit: Orbit) -> tuple[Allowed, ...]:
    """Return for each point of an orbit all joint actions made up of actions that tie with its mode's where they do."""
    found = []
    for j in range(orbit.period):
        factors = orbit.positions.operator(orbit.modes[(j - 2) % orbit.period]).factors(orbit.points[j - 1])
        best = [[np.flatnonzero(row == row.max()).tolist() for row in own] for own in factors]
        found.append(tuple(tuple(product(*own)) for own in zip(*best, strict=True)))
    return tuple(found)


def _changing(recent: list[Array], period: int) -> list[int]:
    """Return the states whose greedy joint actions do not repeat with the period."""
    greedy = np.stack(recent)
    return [int(s) for s in np.flatnonzero((greedy[period:] != greedy[:-period]).any(axis=(0, 2)))]


def _tied(orbit: Orbit) -> set[int]:
    """Return the states where an alternative with another row ties with the mode in some phase."""
    found = set()
    for piece, gaps in zip(orbit.pieces, orbit.gaps, strict=True):
        for k in np.flatnonzero(gaps == 0).tolist():
            if any(piece.rows[k, s] != 0 for s in range(piece.rows.ncols())):
                found.add(int(piece.owners[k]))
    return found


def _distances(history: History, orbit: Orbit, period: int) -> tuple[float, float]:
    """Return log10 of the distance of V from the orbit, modulo constants, half the run ago and now."""
    end = len(history.values) - 1
    times = (end - period * (end // (2 * period)), end)
    before, now = (log_spread(integer_values(history.values[t].to_array() - orbit.points[0])) for t in times)
    return before, now


def said(problem: Problem, near: TiedOrbit) -> str:
    """Say where actions tie, and whether greedy actions do not settle there."""
    states = near.unsettled or near.tied
    names = listed([problem.model.states[int(problem.order[s])] for s in states], STATES_NAMED)
    period = near.orbit.period
    what = "an exact limit" if period == 1 else f"an exact cycle of {period} steps"
    size = "0" if math.isinf(near.now) else f"about 1e{near.now:.0f}"
    greedy = ", and greedy actions do not repeat with it" if near.unsettled else ""
    return (
        f"seen, not proved: differences of V are {size} from {what} (half the run ago 1e{near.before:.0f}){greedy}; "
        f"at it actions tie in {names}, where what shrinks decides between them; no region was confirmed that holds "
        "the run whichever of them it takes"
    )
