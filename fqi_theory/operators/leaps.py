"""Runs of F under fixed data: many steps at once while the greedy actions stay.

While the greedy joint policy is π, a step is V' = M_π (V, 1), with M_π (S, S+1) the sum of the agents' rows at π: a
small matrix instead of the whole operator. That π stays greedy is shown by a bound, not by looking. Rows of P_i sum to
1/n, so differences of rows sum to 0, and for every agent i, state s and action x the gap Q_i(s,π_i) - Q_i(s,x) at V_k
differs from that at V by at most κ span(V_k - V), with κ the largest γ Σ_s' |P_i(s'|s,x)|. So π is the only greedy
policy at V_k while κ span(V_k - V) is below the smallest gap at V; rounding, and what float rows miss 1 by, are added
to the bound. Values are those of single steps up to rounding, greedy actions are the same.
"""

from collections.abc import Iterator

import numpy as np

from fqi_theory.base.limits import require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.fit import Ties
from fqi_theory.operators.matrix import FloatSteps, MatrixOperator, read_only
from fqi_theory.operators.moments import MomentsOperator, fixed_operator
from fqi_theory.operators.task import Iterates, Task

#: Single steps before the actions are first guessed to stay, and the most between two guesses (doubled where in vain).
FEWEST, MOST = 4, 64
#: Times the number of terms of a row and their magnitude: above the rounding of a gap; TINY above what underflows.
ROUNDING, TINY = 16 * float(np.finfo(float).eps), 1e-300
#: Steps that are done on a guess before the bound is looked at, at first (four times as many where it holds).
BLOCK = 16
#: Steps that one product does for as many columns, by M_π^LEAP; not where M_π^(LEAP/2) is larger than LARGEST_HALF: its
#: square would lose digits that single steps keep.
LEAP, LARGEST_HALF = 16, 32.0


def iterates(task: Task) -> Iterates:
    """Return the iterates under fixed data; all are written to one record, and only their places in it are kept."""
    operator = fixed_operator(task.model, task.source.at(task.model, task.greedy))
    states, n = task.greedy.shape
    require_memory("values and greedy actions of all iterations", (task.iterations + 1, states + 1, 1 + n))
    record = FloatSteps(task.model.action_counts, task.values, task.iterations, min(MOST, task.iterations))
    greedy = record.no_greedy(task.iterations)
    return Iterates(
        0,
        fixed_steps(operator, record, greedy, task.ties),
        lambda t: read_only(record.columns[t, :-1]),
        lambda t: greedy[t - 1],
        lambda before, _: record.factors_from(operator, record.columns[before]),
    )


def fixed_steps(
    operator: MatrixOperator | MomentsOperator, record: FloatSteps, greedy: Array, ties: Ties
) -> Iterator[int]:
    """Yield t = 1, 2, ... once V^(t) stands in the record and its greedy actions in greedy[t-1], (T, S, n).

    Single steps and leaps take turns.
    """
    done, wait, iterations = 0, FEWEST, len(greedy)
    while done < iterations:
        first, done = done, min(done + wait, iterations)
        for t in range(first, done):
            record.step(operator, t, t - first)
        greedy[first:done] = record.greedy(ties, 0, done - first)
        if isinstance(operator, MatrixOperator) and done < iterations:
            stayed = _follow(operator, record, greedy[done - 1], done, done - first - 1)
            greedy[done : done + stayed] = greedy[done - 1]
            done += stayed
            wait = FEWEST if stayed >= wait else min(2 * wait, MOST)
        yield from range(first + 1, done + 1)


def _follow(operator: MatrixOperator, steps: FloatSteps, policy: Array, done: int, slot: int) -> int:
    """Continue from iterate `done` while `policy` (S, n), greedy for the factors in `slot`, stays: number of steps."""
    columns, last, states = steps.columns, len(steps.columns) - 1, policy.shape[0]
    with np.errstate(all="ignore"):
        gap, size = _smallest_gap(steps, policy, slot)
        if not gap > 0:
            return 0
        step = np.vstack([operator.under(policy), np.eye(1, states + 1, states)]).T
        leap, width = _leap(step, last - done)
        origin, at, block, stays = columns[done - 1, :-1], done, BLOCK, np.ones(1, dtype=bool)
        while at < last and stays.all():
            first, at = at, min(at + block, last)
            if first - done < width:
                _advance(columns, first, at, step, 1)
            else:
                _advance(columns, first, at, leap, width)
            moved = columns[first:at, :-1] - origin
            high, low = moved.max(axis=1), moved.min(axis=1)
            far = np.maximum(high, -low)
            rounding = ROUNDING * (states + 1) * (size + operator.largest_row * (np.abs(origin).max() + far))
            stays = operator.largest_row * (high - low) + operator.unevenness * far + rounding + TINY < gap
            block *= 4
    columns[:, -1] = 1.0
    return last - done if stays.all() else first - done + int(stays.argmin())


def _leap(step: Array, steps: int) -> tuple[Array, int]:
    """Return (step^LEAP, LEAP) where that pays for so many steps and keeps the digits, else (step, 1)."""
    if steps < 2 * step.shape[0]:
        return step, 1
    half = np.linalg.matrix_power(step, LEAP // 2)
    if not np.abs(half[:-1, :-1]).sum(axis=0).max() <= LARGEST_HALF:
        return step, 1
    return half @ half, LEAP


def _advance(columns: Array, first: int, last: int, matrix: Array, width: int) -> None:
    """Write columns first + 1 to last, rows (V, 1), each the one `width` before times `matrix`."""
    for t in range(first + 1, last + 1, width):
        stop = min(t + width, last + 1)
        np.dot(columns[t - width : stop - width], matrix, out=columns[t:stop])


def _smallest_gap(steps: FloatSteps, policy: Array, slot: int) -> tuple[float, float]:
    """Return (the smallest Q_i(s,π_i) - Q_i(s,x), the largest |Q_i(s,x)|) of the factors in `slot`."""
    q, starts = steps.factors[slot].copy(), steps.edges[:-1]
    size, best = np.abs(q).max(), np.maximum.reduceat(q, starts, axis=0)
    q[np.array(starts) + policy, np.arange(q.shape[1])[:, None]] = -np.inf
    return float((best - np.maximum.reduceat(q, starts, axis=0)).min()), float(size)
