"""Values that come near an exact orbit while greedy actions do not settle: which orbit, where, among which actions.

Where actions tie at an orbit and a deviation that shrinks decides between them, no phase has one mode, and no region of
one mode a phase holds the run (theory notes, section 18, on ties that fall either way). `regions.choices` may prove it.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import listed
from fqi_theory.fates.orbits import History, Orbit, candidate_periods, orbit_of_modes
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.regions.choice_phases import Allowed
from fqi_theory.fates.seen import log_spread
from fqi_theory.operators.integers import integer_values

#: States times the period, beyond which the exact orbit, one dense linear solve, is not asked for.
MOST_NUMBERS = 512
STATES_NAMED = 6


@dataclass(frozen=True, eq=False)
class Unsettled:
    """An exact orbit that a run comes near to, with states whose greedy joint actions do not repeat with it.

    allowed: for each point of the orbit the late greedy joint actions of each state. before, now: log10 of the distance
    of V from the orbit, modulo constants, half the run ago and at its end.
    """

    orbit: Orbit
    states: tuple[int, ...]
    allowed: tuple[Allowed, ...]
    before: float
    now: float


def unsettled(positions: Positions, history: History) -> Unsettled | None:
    """Return near which exact orbit the run is though its greedy actions do not repeat with it, and where.

    history: in the problem's order of states. None where all greedy actions repeat, no exact orbit is followed by the
    actions that win its ties, the run does not come closer to it, or an unsettled state has no tie there. Raises
    OutOfTime.
    """
    for period in candidate_periods(history):
        states = _changing(history.greedy[len(history.greedy) // 2 :], period)
        if not states or positions.model.n_states * period > MOST_NUMBERS:
            continue
        orbit = orbit_of_modes(positions, _winning(history, period, positions))
        if orbit is None or not set(states) <= _tied(orbit):
            continue
        before, now = _distances(history, orbit, period)
        if now < before:
            return Unsettled(orbit, tuple(states), _allowed(history, orbit), before, now)
    return None


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


def _winning(history: History, period: int, positions: Positions) -> list[Array]:
    """Return period + 1 policies that end now: in each phase, of the late greedy joint actions those that win ties."""
    end, wins = len(history.greedy) - 1, min if positions.ties == "first" else max
    phases = []
    for j in range(period):
        late = np.stack(history.greedy[end - j : end // 2 : -period]).tolist()
        phases.append(np.array([wins(policy[s] for policy in late) for s in range(positions.model.n_states)]))
    return [phases[0], *reversed(phases)]


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


def said(problem: Problem, near: Unsettled) -> str:
    """Say where greedy actions do not settle."""
    names = listed([problem.model.states[int(problem.order[s])] for s in near.states], STATES_NAMED)
    period = near.orbit.period
    what = "an exact limit" if period == 1 else f"an exact cycle of {period} steps"
    size = "0" if math.isinf(near.now) else f"about 1e{near.now:.0f}"
    return (
        f"seen, not proved: differences of V are {size} from {what} (half the run ago 1e{near.before:.0f}), while "
        f"greedy actions do not repeat with it in {names}: there actions tie exactly, and what shrinks decides between "
        "them; no region was confirmed that holds the run whichever of them it takes"
    )
