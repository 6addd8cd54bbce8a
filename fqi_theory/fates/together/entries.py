"""The time from which a run is in a region: floats propose it, an exact run confirms it."""

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.fates.together import steps
from fqi_theory.fates.together.proposals import Runs
from fqi_theory.fates.together.regions import Regions
from fqi_theory.fates.together.tables import Tables

#: Floats have to be inside by this share of the widths.
DOUBT = 1e-9


def entered(regions: Regions, runs: Runs, most: int) -> Array:
    """Return the first step T, (M,), at which a run is in its region, at most `most`; -1 where none is confirmed."""
    times = _proposed(regions, runs, most)
    kept = np.flatnonzero(times >= 0)
    part = regions.take(kept)
    numerators, denominators, greedy = positions_at(part.orbits.tables, times[kept])
    phase = part.orbits.phases[0]
    deviation = _against(part, numerators) * phase.denominators[:, None]
    deviation = np.abs(deviation - _against(part, phase.numerators) * denominators[:, None])
    room = part.shape * (part.numerators * phase.denominators * denominators)[:, None]
    inside = (deviation * part.denominators[:, None] <= room).all(axis=1)
    if part.orbits.tables.on_policy:
        inside &= (greedy == part.orbits.entry).all(axis=(1, 2))
    result = np.full(len(times), -1)
    result[kept[inside]] = times[kept[inside]]
    return result


def positions_at(tables: Tables, times: Array) -> tuple[Array, Array, Array]:
    """Return V at the times (M,) of exact runs from Q = 0: numerators (M, S), denominators (M,), greedy (M, S, n)."""
    count, states = len(tables), tables.states
    numerators, denominators = np.zeros((count, states), dtype=object), np.ones(count, dtype=object)
    last = np.array(tables.counts) - 1 if tables.ties == "last" else np.zeros(len(tables.counts), dtype=np.int64)
    greedy = np.tile(last, (count, states, 1))
    order = np.flatnonzero(times > 0)
    own, values, scales, actions = tables.take(order), numerators[order], denominators[order], greedy[order]
    for t in range(1, int(times.max(initial=0)) + 1):
        factors = steps.factors_at(steps.rows_under(own, own.keys(actions)), values, scales)
        actions = steps.greedy_of(own, factors)
        values, scales = steps.chosen(own, factors, actions).sum(axis=2), scales * own.scale
        ends = times[order] == t
        if ends.any():
            where, stay = order[ends], np.flatnonzero(~ends)
            numerators[where], denominators[where], greedy[where] = values[ends], scales[ends], actions[ends]
            own, order, values, scales, actions = own.take(stay), order[stay], values[stay], scales[stay], actions[stay]
    return numerators, denominators, greedy


def _against(regions: Regions, numerators: Array) -> Array:
    """Return V of the other states less that of the reference, (M, d)."""
    own = np.take_along_axis(numerators, regions.others, axis=1)
    return np.asarray(own - np.take_along_axis(numerators, regions.reference[:, None], axis=1))


def _proposed(regions: Regions, runs: Runs, most: int) -> Array:
    orbits = regions.orbits
    first = (runs.end - orbits.period) % orbits.period
    times = np.arange(first, min(runs.end, most) + 1, orbits.period)
    values, phase = runs.values[times][:, orbits.where], orbits.phases[0]
    point = (phase.numerators / phase.denominators[:, None]).astype(float)
    width = regions.shape * regions.numerators[:, None] / regions.denominators[:, None]
    deviation = np.stack([_against(regions, v - point) for v in values])
    room = width.astype(float) * (1 - DOUBT)
    inside = (np.abs(deviation) <= room).all(axis=2)
    if orbits.tables.on_policy:
        inside &= (runs.greedy[times][:, orbits.where] == orbits.entry).all(axis=(2, 3))
    return np.where(inside.any(axis=0), times[inside.argmax(axis=0)], -1)
