"""Limits that no step keeps to (docs/certificates.md, `ray`): fits that are best along a ray which ends at the limit.

In phase j the run is at V_j + z w_j, up to a constant, with 0 < z <= 1, and a return multiplies z by some κ > 0. At
z = 0 other tuples of orders may tie with those of the run and come first; for every z > 0 their errors are larger.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from flint import fmpq

from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.factorization.monotonic import MonotoneFit
from fqi_theory.fates.monotone.orbits import affine, fixed_point
from fqi_theory.fates.monotone.radius import Spot, first_best, spots
from fqi_theory.fates.monotone.runs import MonotoneRun, Step
from fqi_theory.fates.monotone.staying import top_block, valid

#: A ray that has not returned after so many steps is given up.
LONGEST = 512


def ray(task: MonotoneRun, run: Sequence[Step], period: int) -> tuple[list[Step], int] | None:
    """Return the points V_j that the last `period` modes lead to, and the first time from which a ray ends at V_0.

    None where the run has not entered such a ray. The points are of the least period of values and greedy actions.
    """
    modes = run[-period:]
    start = fixed_point(task, modes)
    if start is None:
        return None
    points = _least(_points(task, modes, start))
    times = range((len(run) - 1) % len(points), len(run) - period, len(points))
    # What is right on a ray is right on the part of it that is left later: so the first time is found by halving.
    early, late = 0, len(times) - 1
    if late < 0 or not _ends_at(task, points, run[times[late]]):
        return None
    while early < late:
        middle = (early + late) // 2
        early, late = (early, middle) if _ends_at(task, points, run[times[middle]]) else (middle + 1, late)
    return points, times[late]


def _points(task: MonotoneRun, modes: Sequence[Step], start: Array) -> list[Step]:
    """Return the images of `start` under the modes, with the greedy actions and weights of these; the start is last."""
    points, values = list[Step](), start
    for mode in modes:
        drift, rows = affine(task, mode)
        values = drift + rows @ values
        points.append(Step(values, mode.greedy, None, mode.weights))
    return [points[-1], *points[:-1]]


def _least(points: list[Step]) -> list[Step]:
    """Return the points of the least period of values and greedy actions."""
    keys = [(*step.values, step.greedy.tobytes()) for step in points]
    size = len(points)
    return next(points[:k] for k in range(1, size + 1) if size % k == 0 and keys == keys[k:] + keys[:k])


def _ends_at(task: MonotoneRun, points: Sequence[Step], step: Step) -> bool:
    """Tell whether the run from a step on keeps to a ray that ends at the first point, and the points are right."""
    if task.moving and (step.greedy != points[0].greedy).any():
        return False
    first = exact_array(step.values - points[0].values)
    groups = [[spot for k, spot in spots(task, points) if k == j] for j in range(len(points))]
    here = first
    if _spread(first) == 0:
        return False
    for _ in range(0, LONGEST, len(points)):
        for group in groups:
            images = [_image(task, spot, here) for spot in group]
            if any(image is None for image in images):
                return False
            here = exact_array(images)
        back = _multiple(here, first)
        if back is not None and back > 0:
            return True
    return False


def _image(task: MonotoneRun, spot: Spot, away: Array) -> fmpq | None:
    """Return w_{j+1}(s) where the fit at V_j + w_j is the best one at every z in (0, 1] and leads on, else None."""
    along = np.asarray(spot.rows @ away).reshape(spot.targets.shape)
    fits = replace(spot, targets=spot.targets + along).fits()
    best = first_best(fits, task.ties)
    top = top_block(best)
    agrees = best.greedy == tuple(map(int, spot.following.greedy[spot.s]))
    if not agrees or _mean(spot, spot.targets, top) != spot.following.values[spot.s]:
        return None
    form = _form(spot, best, along)
    for fit in fits:
        still = replace(fit, table=_levels(spot, fit))
        if not valid(spot, still) or not _never_better(tuple(_form(spot, fit, along) - form)):
            return None
    return _mean(spot, along, top)


def _form(spot: Spot, fit: MonotoneFit, along: Array) -> Array:
    """Return (a, b, c), the error a + b z + c z² of a fit in its blocks at V_j + z w_j."""
    still = (spot.targets - _levels(spot, fit)).reshape(-1)
    moved = (along - _levels(replace(spot, targets=along), fit)).reshape(-1)
    weights = spot.weights.reshape(-1)
    return exact_array(
        [(weights * x * y).sum() * k for x, y, k in ((still, still, 1), (still, moved, 2), (moved, moved, 1))]
    )


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


def _levels(spot: Spot, fit: MonotoneFit) -> Array:
    """Return the means of y_j over the blocks of a fit, in the table's shape."""
    levels = np.empty(spot.targets.size, dtype=object)
    for block in fit.blocks:
        levels[list(block)] = _mean(spot, spot.targets, block)
    return levels.reshape(spot.targets.shape)


def _mean(spot: Spot, table: Array, cells: Sequence[int]) -> fmpq:
    chosen = spot.weights.reshape(-1)[list(cells)]
    return fmpq((chosen * table.reshape(-1)[list(cells)]).sum() / chosen.sum())


def _spread(vector: Array) -> fmpq:
    return fmpq(max(vector) - min(vector))


def _multiple(vector: Array, other: Array) -> fmpq | None:
    """Return κ with vector = κ other + constants, None where there is none; `other` is not constant."""
    here, there = vector - vector[0], other - other[0]
    k = next(k for k, x in enumerate(there) if x != 0)
    ratio = here[k] / there[k]
    return fmpq(ratio) if bool((here == ratio * there).all()) else None
