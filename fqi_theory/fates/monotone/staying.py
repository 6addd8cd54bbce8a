"""Ties that stay: tuples of orders that tie with the chosen one all along the run (docs/certificates.md, `monotonic`).

Where two tuples of orders have equal errors at an orbit, no radius separates them. But along the directions in which
the run deviates their errors may be the same quadratic form of V: then the tie rule decides as at the orbit, for ever.
The chosen fits are followed in their blocks, so these must stay the blocks of the regression.
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from flint import fmpq

from fqi_theory.base.matrices import array, identity, matrix
from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.factorization.monotonic import MonotoneFit
from fqi_theory.fates.monotone.radius import LARGEST, Spot, beaten_within, first_best, short_below, spots, sway
from fqi_theory.fates.monotone.runs import MonotoneRun, Step
from fqi_theory.fates.regions import coordinates as co

#: Blocks with more sets closed upwards are given up (the checker takes them up to 20,000).
MOST_SETS = 4_000


def staying(task: MonotoneRun, orbit: Sequence[Step], deviation: Array) -> tuple[co.Coordinates, fmpq] | None:
    """Return directions that hold the deviation V - V_0, (S,), and a radius D, None where ties do not stay."""
    groups: list[list[tuple[Spot, list[MonotoneFit]]]] = [[] for _ in orbit]
    for j, spot in spots(task, orbit):
        groups[j].append((spot, spot.fits()))
    steps = [exact_array([_row(spot, first_best(fits, task.ties)) for spot, fits in group]) for group in groups]
    total = identity(task.model.n_states)
    for step in steps:
        total = matrix(step) * total
    frame = co.class_coordinates(co.invariant_classes(deviation, total), 0)
    images, least = frame.directions, LARGEST
    for group, step in zip(groups, steps, strict=True):
        along = array(images)
        for spot, fits in group:
            least = min(least, _stays_within(spot, fits, first_best(fits, task.ties), along))
            if least == 0:
                return None
        images = matrix(step) * images
    return None if frame.induced(images) is None else (frame, least)


def _row(spot: Spot, fit: MonotoneFit) -> Array:
    """Return the row of γ P that the maximum follows: the mean over its block."""
    top = int(np.ravel_multi_index(fit.greedy, spot.targets.shape))
    return _mean(spot, next(block for block in fit.blocks if top in block))


def valid(spot: Spot, fit: MonotoneFit) -> bool:
    """Tell whether the blocks of a fit, whose table holds their means, are those of a regression of the targets."""
    nowhere = np.empty((spot.rows.shape[1], 0), dtype=object)
    return min(_kept_apart(spot, fit, nowhere), _kept_together(spot, fit, nowhere)) > 0


def _mean(spot: Spot, block: Sequence[int]) -> Array:
    own = spot.weights.reshape(-1)[list(block)]
    return np.asarray(own @ spot.rows[list(block)] / own.sum())


def _stays_within(spot: Spot, fits: Sequence[MonotoneFit], best: MonotoneFit, along: Array) -> fmpq:
    """Return D such that `best` stays chosen, in its blocks, along directions (S, d) where sp(V - V_j) <= D."""
    least, form = min(_kept_apart(spot, best, along), _kept_together(spot, best, along)), _form(spot, best, along)
    for fit in fits:
        if fit is best or least == 0:
            continue
        beaten = beaten_within(fit, best, spot, along)
        if beaten == 0 and (fit.error != best.error or (_form(spot, fit, along) != form).any()):
            return fmpq(0)
        least = min(least, beaten or _kept_together(spot, fit, along))
    return least


def _kept_apart(spot: Spot, fit: MonotoneFit, along: Array) -> fmpq:
    """Return D within which the means of blocks keep their order."""
    home = {a: k for k, block in enumerate(fit.blocks) for a in block}
    means, levels, least = [_mean(spot, block) for block in fit.blocks], fit.table.reshape(-1), LARGEST
    pairs = {(home[low], home[high]) for low, above in _above(spot, fit).items() for high in above}
    for low, high in pairs:
        if low != high:
            gap = levels[fit.blocks[high][0]] - levels[fit.blocks[low][0]]
            least = min(least, _within(gap, means[high] - means[low], along))
    return least


def _kept_together(spot: Spot, fit: MonotoneFit, along: Array) -> fmpq:
    """Return D within which no part of a block, closed upwards, exceeds the mean of its block."""
    least, above = LARGEST, _above(spot, fit)
    weights, surplus = spot.weights.reshape(-1), spot.weights.reshape(-1) * (spot.targets - fit.table).reshape(-1)
    for block in fit.blocks:
        parts, mean = list(_closed(block, above)), _mean(spot, block)
        if len(parts) > MOST_SETS:
            return fmpq(0)
        for part in parts:
            form = weights[part] @ (spot.rows[part] - mean)
            least = min(least, _within(-surplus[part].sum(), form, along))
    return least


def _within(room: fmpq, form: Array, along: Array) -> fmpq:
    """Return D with `room` >= D times the sway of a form, 0 where there is none."""
    steep = sway(form, along)
    if room < 0 or (room == 0 and steep != 0):
        return fmpq(0)
    return LARGEST if steep == 0 else short_below(room / steep)


def _above(spot: Spot, fit: MonotoneFit) -> dict[int, list[int]]:
    """Return for every joint action, from the best down, those one step higher in one agent's order."""
    found, shape = {}, spot.targets.shape
    for ranks in product(*(range(count) for count in shape)):
        higher = [(*ranks[:i], ranks[i] - 1, *ranks[i + 1 :]) for i in range(len(shape)) if ranks[i]]
        cells = [
            int(np.ravel_multi_index([order[k] for order, k in zip(fit.orders, own, strict=True)], shape))
            for own in (ranks, *higher)
        ]
        found[cells[0]] = cells[1:]
    return found


def _closed(block: Sequence[int], above: dict[int, list[int]]) -> Iterator[list[int]]:
    """Yield the sets of a block that are closed upwards within it, but for the whole and the empty one."""
    members, found = set(block), [frozenset[int]()]
    for a in (cell for cell in above if cell in members):
        inside = members.intersection(above[a])
        found += [part | {a} for part in found if part >= inside]
        if len(found) > MOST_SETS:
            break
    yield from (sorted(part) for part in found if 0 < len(part) < len(block))


def _form(spot: Spot, fit: MonotoneFit, along: Array) -> Array:
    """Return the coefficients of the error in the coordinates along the directions, the constant excepted."""
    home = {a: k for k, block in enumerate(fit.blocks) for a in block}
    means = [_mean(spot, block) for block in fit.blocks]
    rest = exact_array([row - means[home[a]] for a, row in enumerate(spot.rows)]) @ along
    every = np.column_stack([(spot.targets - fit.table).reshape(-1), rest])
    return np.asarray((every.T * spot.weights.reshape(-1)) @ every)[:, 1:]
