"""Limits that no step keeps to (docs/certificates.md, `ray`): fits that are best along a ray which ends at the limit.

In phase j the run is at V_j + l c_j·1 + z w_j with 0 < z <= l <= 1; a return multiplies l by a power of γ and z by some
κ > 0. At z = 0 other tuples of orders may tie with those of the run and come first; for every z > 0 their errors are
larger. The constants l c_j matter only for weights that depend on Q_tot (`sides`).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.factorization import monotonic
from fqi_theory.factorization.monotonic import MonotoneFit
from fqi_theory.fates.monotone.orbits import affine, compose, fixed_point
from fqi_theory.fates.monotone.radius import Spot, first_best, spots
from fqi_theory.fates.monotone.runs import MonotoneRun, Step
from fqi_theory.fates.monotone.sides import Away, split, weights_along
from fqi_theory.fates.monotone.staying import valid


def ray(task: MonotoneRun, run: Sequence[Step], period: int) -> tuple[list[Step], int, fmpq] | None:
    """Return the points V_j that the last `period` modes lead to, the first time from which a ray ends at V_0, and c_0.

    None where the run has not entered such a ray. The points are of the least period of values, greedy actions and, for
    optimistic weights, tables. c_0 is 0 where constants do not matter.
    """
    modes = run[-period:]
    start = fixed_point(task, modes) if task.model.discount else None  # at discount 0 a step ends all rays
    if start is None:
        return None
    points, total = _least(_points(task, run, period, start)), compose(task, modes)[1]
    if len({_key(point) for point in points}) < len(points):
        return None  # a certificate names each position of a cycle once
    every = len(points) if task.weighted is None else period  # only then `total` matters, which is that of the first
    times = range((len(run) - 1) % every, len(run) - period, every)

    def away(time: int) -> Away | None:
        found = split(task, total, run[time], points[0])
        return found if found is not None and _ends(task, points, run[time], found, 2 * period) else None

    # What is right on a ray is right on the part of it that is left later: so the first time is found by halving.
    early, late = 0, len(times) - 1
    found = away(times[late]) if late >= 0 else None
    while early < late and found is not None:
        middle = (early + late) // 2
        earlier = away(times[middle])
        early, late, found = (middle + 1, late, found) if earlier is None else (early, middle, earlier)
    return None if found is None else (points, times[late], found.level)


def _points(task: MonotoneRun, run: Sequence[Step], period: int, start: Array) -> list[Step]:
    """Return the images of `start` under the last modes, with greedy actions, weights, tables; the start is first."""
    points, values = list[Step](), start
    for before, mode in zip(run[-period - 1 : -1], run[-period:], strict=True):
        targets = task.model.backup(values)
        drift, rows = affine(task, mode)
        values = drift + rows @ values
        table = _table(task, before, mode, targets) if task.tabled else None
        points.append(Step(values, mode.greedy, table, mode.weights))
    return [points[-1], *points[:-1]]


def _table(task: MonotoneRun, before: Step, mode: Step, targets: Array) -> Array:
    """Return the means of the targets over the blocks of the fit that a step of the run makes."""
    assert mode.weights is not None, "a start has no mode"
    made = task.model.backup(before.values)
    fits = [monotonic.best(y, w, task.ties) for y, w in zip(made, mode.weights, strict=True)]
    return np.stack([_levels(y, w, f) for y, w, f in zip(targets, mode.weights, fits, strict=True)])


def _least(points: list[Step]) -> list[Step]:
    """Return the points of the least period of what tells positions apart."""
    keys, size = list(map(_key, points)), len(points)
    return next(points[:k] for k in range(1, size + 1) if size % k == 0 and keys == keys[k:] + keys[:k])


def _key(point: Step) -> tuple[object, ...]:
    return (*point.values, point.greedy.tobytes(), *(() if point.table is None else point.table.reshape(-1)))


def _ends(task: MonotoneRun, points: Sequence[Step], step: Step, first: Away, longest: int) -> bool:
    """Tell whether the run from a step on keeps to a ray that ends at the first point, and the points are right.

    longest: a ray that has not returned after so many steps, twice those of its modes, does not: it turns round once.
    """
    if task.moving and (step.greedy != points[0].greedy).any():
        return False
    groups = [[spot for k, spot in spots(task, points) if k == j] for j in range(len(points))]
    here = first
    for _ in range(0, longest, len(points)):
        for j, group in enumerate(groups):
            images = [_image(task, points[j], spot, here) for spot in group]
            found = [image for image in images if image is not None]
            if len(found) < len(images):
                return False
            along, tables = exact_array([x for x, _ in found]), np.stack([table for _, table in found])
            if task.weighted is None:
                along = along - along[0]
            here = Away(here.level * task.model.discount, along, tables if task.tabled else None)
        back = here.multiple_of(first)
        if back is not None and back > 0:
            return True
    return False


def _image(task: MonotoneRun, point: Step, spot: Spot, away: Away) -> tuple[fmpq, Array] | None:
    """Return w_{j+1}(s), and that of Q_tot, where the fit at z = 1 is the best all along and leads on, else None."""
    along = np.asarray(spot.rows @ away.along).reshape(spot.targets.shape)
    if task.weighted is not None:
        weights = weights_along(task, point, spot, away, along)
        if weights is None:
            return None
        spot = replace(spot, weights=weights)
    fits = replace(spot, targets=spot.targets + along).fits()
    best = first_best(fits, task.ties)
    place, still = best.greedy, _levels(spot.targets, spot.weights, best)
    same = place == tuple(map(int, spot.following.greedy[spot.s])) and still[place] == spot.following.values[spot.s]
    table = spot.following.table
    if not same or (table is not None and task.tabled and (table[spot.s] != still).any()):
        return None
    form = _form(spot, best, along)
    for fit in fits:
        held = replace(fit, table=_levels(spot.targets, spot.weights, fit))
        if not valid(spot, held) or not _never_better(tuple(_form(spot, fit, along) - form)):
            return None
    moved = _levels(along, spot.weights, best)
    return moved[place], moved


def _form(spot: Spot, fit: MonotoneFit, along: Array) -> Array:
    """Return (a, b, c), the error a + b z + c z² of a fit in its blocks at V_j + z w_j."""
    still = (spot.targets - _levels(spot.targets, spot.weights, fit)).reshape(-1)
    moved = (along - _levels(along, spot.weights, fit)).reshape(-1)
    weights = spot.weights.reshape(-1)
    return exact_array([weights @ (still * still), 2 * (weights @ (still * moved)), weights @ (moved * moved)])


def _never_better(gap: tuple[fmpq, fmpq, fmpq]) -> bool:
    """Tell whether a + b z + c z² is 0 for all z, or positive for all z in (0, 1]."""
    a, b, c = gap
    if not any(gap):
        return True
    if a < 0 or a + b + c <= 0:
        return False
    if a == 0:
        return bool(b >= 0)
    return bool(not 0 < -b < 2 * c or 4 * a * c > b * b)


def _levels(table: Array, weights: Array, fit: MonotoneFit) -> Array:
    """Return the means of a table over the blocks of a fit, in its shape; weights: of that shape."""
    flat, shares, found = table.reshape(-1), weights.reshape(-1), np.empty(table.size, dtype=object)
    for block in map(list, fit.blocks):
        found[block] = shares[block] @ flat[block] / shares[block].sum()
    return found.reshape(table.shape)
