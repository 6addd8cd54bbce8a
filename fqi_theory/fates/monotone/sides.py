"""Deviations from a limit along a ray, and weights that depend on Q_tot along it (docs/certificates.md, `ray`).

In phase j, V = V_j + l c_j·1 + z w_j and Q_tot = Q_j + l c_j·1 + z q_j with 0 < z <= l <= 1. What decides a weight,
y(s,a) - V(s) or y(s,a) - Q_tot(s,a), is affine in (l, z): m_0 at (0, 0), m_1 at (1, 0), m_2 at (1, 1). It is positive
wherever z > 0 if m_0 >= 0, m_1 >= 0 and m_2 > 0, and nowhere if none of the three is.
"""

from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat

from fqi_theory.base.matrices import array, column
from fqi_theory.base.scalars import Array
from fqi_theory.fates.monotone.radius import Spot
from fqi_theory.fates.monotone.runs import MonotoneRun, Step


@dataclass(frozen=True, eq=False)
class Away:
    """How far a position is from a point at l = z = 1: c_j; w_j, (S,); q_j, (S, A_1, ..., A_n), where tables matter."""

    level: fmpq
    along: Array
    table: Array | None = None

    def multiple_of(self, other: "Away") -> fmpq | None:
        """Return κ with w = κ w' and q = κ q', 1 where all are 0, None where there is none."""
        here, there = self._numbers(), other._numbers()
        k = next((k for k, x in enumerate(there) if x != 0), None)
        ratio = fmpq(1) if k is None else here[k] / there[k]
        return ratio if bool((here == ratio * there).all()) else None

    def _numbers(self) -> Array:
        return self.along if self.table is None else np.concatenate([self.along, self.table.reshape(-1)])


def split(task: MonotoneRun, total: fmpq_mat, step: Step, point: Step) -> Away | None:
    """Return V - V_0 = c·1 + w and Q - Q_0 = c·1 + q with total w = κ w; total: the matrix of a return, of factor γ^k.

    Without weights that depend on Q_tot constants do not matter: then c = 0, and w(s_0) = 0 for the first state.
    None where there is no such w, or where w = 0 and constants do not matter.
    """
    away = np.asarray(step.values - point.values)
    if task.weighted is None:
        away = away - away[0]
        return Away(fmpq(0), away) if away.any() else None
    table = None
    if task.tabled:
        if step.table is None or point.table is None:
            return None
        table = np.asarray(step.table - point.table)
    shrunk = (total * column([fmpq(1)] * len(away)))[0, 0]
    rest = _applied(total, away) - shrunk * away
    if not rest.any():
        return Away(fmpq(0), away, table)
    kappa = Away(fmpq(0), _applied(total, rest)).multiple_of(Away(fmpq(0), rest))
    if kappa is None or kappa == shrunk:
        return None
    along = rest / (kappa - shrunk)
    level = (away - along)[0]
    if (away - along != level).any():
        return None
    return Away(level, along, None if table is None else table - level)


def _applied(rows: fmpq_mat, vector: Array) -> Array:
    return np.asarray(array(rows * column(list(vector)))[:, 0])


def weights_along(task: MonotoneRun, point: Step, spot: Spot, away: Away, along: Array) -> Array | None:
    """Return the data at a state all along a ray, None where weights change; along: γ P w, in the shape of targets."""
    source, s = task.weighted, spot.s
    assert source is not None, "asked of weights that depend on Q_tot"
    if task.tabled:
        assert point.table is not None, "points have tables"
        assert away.table is not None, "deviations have tables"
        still, moved = spot.targets - point.table[s], along - away.table[s]
    else:
        still, moved = spot.targets - point.values[s], along - away.along[s]
    side = still - (1 - task.model.discount) * away.level
    end = side + moved
    full = np.asarray((still >= 0) & (side >= 0) & (end > 0), dtype=bool)
    reduced = np.asarray((still <= 0) & (side <= 0) & (end <= 0), dtype=bool)
    if not task.tabled:
        full[tuple(point.greedy[s])] = True
    whole = np.zeros((task.model.n_states, *full.shape), dtype=bool)
    whole[s] = full
    kept = bool((full | reduced).all())
    return np.asarray(source.shares(task.model, point.greedy, whole).joint()[s]) if kept else None
