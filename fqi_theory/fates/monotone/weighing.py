"""Orbits under weights that depend on Q_tot and its targets (weighted QMIX; docs/certificates.md, `monotonic`).

Weights compare y(s,a) with V(s), or with Q_tot(s,a), so they do not ignore constants: besides the spread D the level L
counts, the largest entry of V - V_j and of Q_tot - Q_j. What is compared moves by at most (1-γ) L + (1+γ) D/2. Joint
actions that tie with it exactly at V_j are doubtful: there either weight must give the same.
"""

from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array, exact
from fqi_theory.data.weighted import Weighted
from fqi_theory.factorization.monotonic import MonotoneFit
from fqi_theory.fates.monotone.radius import LARGEST, Spot, first_best, root_above, root_below, short_below, spots
from fqi_theory.fates.monotone.runs import MonotoneRun, Step

#: So many joint actions are tried under either weight.
MOST_DOUBTFUL = 8


def weighted_radius(task: MonotoneRun, source: Weighted, orbit: Sequence[Step]) -> tuple[fmpq, fmpq] | None:
    """Return (D, L) such that only fits which agree with the next point are best so near, None without."""
    gamma, room, within = exact(task.model.discount), 4 * LARGEST, LARGEST
    for j, spot in spots(task, orbit):
        margins = _margins(task, orbit[j], spot)
        room = min([room, *(abs(x) for x in margins.reshape(-1) if x != 0)])
        within = min(within, _agreeing_within(task, source, orbit[j], spot, margins))
        if within == 0:
            return None
    return min(within, short_below(room / (2 * (1 + gamma)))), short_below(room / (4 * (1 - gamma)))


def _margins(task: MonotoneRun, here: Step, spot: Spot) -> Array:
    """Return what is positive where weights are full at a point: y - V(s), or y - Q_tot; LARGEST at what is greedy."""
    if task.tabled:
        assert here.table is not None, "a point of an orbit has its Q_tot"
        return np.asarray(spot.targets - here.table[spot.s])
    margins = np.asarray(spot.targets - here.values[spot.s])
    margins[tuple(here.greedy[spot.s])] = 4 * LARGEST
    return margins


def _agreeing_within(task: MonotoneRun, source: Weighted, here: Step, spot: Spot, margins: Array) -> fmpq:
    """Return D such that all fits that may be best where sp(V - V_j) <= D agree with the next point."""
    base, alpha = source.base.at(task.model, here.greedy).joint()[spot.s], exact(source.alpha)
    full, doubtful = (np.asarray(where, dtype=bool) for where in (margins > 0, margins == 0))
    if spot.share == 0:
        settled = _settled(task, spot, lambda chosen: _weighed(base, alpha, chosen), full, doubtful)
        return LARGEST if settled else fmpq(0)
    fits = spot.fits(_weighed(base, alpha, full))
    most = spot.fits(_weighed(base, alpha, full | doubtful)) if doubtful.any() else fits
    bound, within = root_above(min(fit.error for fit in most)), LARGEST
    for fit in fits:
        exactly = bool((fit.table[doubtful] == spot.targets[doubtful]).all())
        if not (exactly and _agrees(task, spot, fit)):
            gap = root_below(fit.error) - bound
            within = min(within, short_below(gap / spot.share) if gap > 0 else fmpq(0))
    return within


def _settled(task: MonotoneRun, spot: Spot, weighed: Callable[[Array], Array], full: Array, doubtful: Array) -> bool:
    """Tell whether the choice, whose errors stay those at the point, agrees under all weights in doubt."""
    cells = np.argwhere(doubtful)
    if len(cells) > MOST_DOUBTFUL:
        return False
    for choice in product((False, True), repeat=len(cells)) if len(cells) else ():
        own = full.copy()
        own[tuple(cells.T)] = choice
        if not _agrees(task, spot, first_best(spot.fits(weighed(own)), task.ties)):
            return False
    return True


def _weighed(base: Array, alpha: fmpq, full: Array) -> Array:
    """Return base weights, times α where they are not full."""
    return np.asarray(base * np.array([alpha, fmpq(1)], dtype=object)[full.astype(int)])


def _agrees(task: MonotoneRun, spot: Spot, fit: MonotoneFit) -> bool:
    """Tell whether a fit agrees with the next point, in Q_tot where the weights depend on it."""
    assert spot.following.table is not None, "a point of an orbit has its Q_tot"
    same = spot.agrees(fit, task.moving)
    return same and (not task.tabled or bool((fit.table == spot.following.table[spot.s]).all()))
