"""Proposals for the orbit of a run of the monotonic class, and their exact confirmation."""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base.matrices import affine_fixed_point, column, identity, matrix
from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.data.sources import JointData
from fqi_theory.factorization import monotonic
from fqi_theory.fates.monotone.runs import MonotoneRun, Step

#: Longer cycles are not sought.
LONGEST = 256


def period_of(task: MonotoneRun, run: Sequence[Step]) -> int | None:
    """Return the least period with which the modes repeat at the end of the run, over a third of it or more."""
    keys = [task.mode(step) for step in run if step.weights is not None]
    tail = len(keys) // 3
    for period in range(1, min(tail, LONGEST) + 1):
        if all(keys[-1 - t] == keys[-1 - t - period] for t in range(max(tail, period))):
            return period
    return None


def proposed(task: MonotoneRun, run: Sequence[Step], period: int) -> list[Step] | None:
    """Return the orbit that the last `period` modes would follow for ever, None where the true step does not."""
    modes = run[-period:]
    values = fixed_point(task, modes)
    if values is None:
        return None
    start = Step(values, run[-1].greedy, None)
    if task.tabled:
        start = Step(values, run[-1].greedy, _table(task, values, modes))
    return closed(task, start, period)


def repeated(task: MonotoneRun, run: Sequence[Step], earlier: int) -> list[Step] | None:
    """Return the orbit of a run whose last position repeats an earlier one, modulo constants for plain data.

    V^(t+k) = V^(t) + c·1 goes on for ever with γ^k c, so the level tends to that of V^(t) + c/(1 - γ^k)·1.
    """
    period, first = len(run) - 1 - earlier, run[earlier]
    shift = (run[-1].values - first.values)[0] / (1 - task.model.discount**period)
    return closed(task, Step(first.values + shift, run[-1].greedy, run[-1].table), period)


def closed(task: MonotoneRun, start: Step, period: int) -> list[Step] | None:
    """Return the orbit from a position, of its least period, None where it does not close after `period` steps."""
    orbit = [start, *islice(task.steps(start), period)]
    if not task.same(start, orbit[-1]):
        return None
    orbit = [orbit[-1], *orbit[1:-1]]
    for k in range(1, period):
        if period % k == 0 and all(task.same(orbit[j], orbit[(j + k) % period]) for j in range(period)):
            return orbit[:k]
    return orbit


def affine(task: MonotoneRun, mode: Step) -> tuple[Array, Array]:
    """Return (c, A), (S,) and (S, S), of the step V'(s) = c + A V: the mean of y(s,·) over the cells of the mode."""
    size = task.model.n_states
    assert mode.weights is not None, "a start has no mode"
    weights = (mode.weights * mode.tops.astype(int)).reshape(size, -1)
    weights = weights / weights.sum(axis=1)[:, None]
    kernel = task.model.transition.dense().reshape(size, -1, size)
    rows = (weights[:, :, None] * kernel).sum(axis=1) * task.model.discount
    return (weights * task.model.reward.reshape(size, -1)).sum(axis=1), rows


def compose(task: MonotoneRun, modes: Sequence[Step]) -> tuple[fmpq_mat, fmpq_mat]:
    """Return (c, A) of the composed step."""
    total, shift = identity(task.model.n_states), column([fmpq(0)] * task.model.n_states)
    for mode in modes:
        drift, rows = affine(task, mode)
        step = matrix(exact_array(rows))
        total, shift = step * total, step * shift + matrix(exact_array(drift))
    return shift, total


def fixed_point(task: MonotoneRun, modes: Sequence[Step]) -> Array | None:
    """Return V with V = c + A V for the composed step."""
    drift, jacobian = compose(task, modes)
    found = affine_fixed_point(drift, jacobian)
    return None if found is None else exact_array(list(found.entries()))


def _table(task: MonotoneRun, values: Array, modes: Sequence[Step]) -> Array:
    """Return Q_tot at the end of the modes from V = values: the fits under their weights."""
    table = np.empty(0)
    for mode in modes:
        assert mode.weights is not None, "a start has no mode"
        fit = monotonic.fit(task.model.backup(values), JointData(mode.weights), task.ties)
        values, table = fit.values, fit.q_tot()
    return table
