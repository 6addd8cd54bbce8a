"""F under data that follow the greedy actions: only the rows of states whose greedy action changed are replaced.

Rows that were computed once are remembered by state and greedy joint action, up to half the size of the model, since
on-policy runs come back to the same actions again and again (theory notes, section 5).
"""

from collections.abc import Iterator

import numpy as np

from fqi_theory.base.caches import SizedCache
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.matrix import FloatSteps, allowed_bytes, matrix_operator, pieces, read_only
from fqi_theory.operators.task import Iterates, Task
from fqi_theory.operators.value_space import collapse


def iterates(task: Task) -> Iterates:
    """Return the iterates; what is kept of each is its column (V, 1), its greedy actions and its factors."""
    record = FloatSteps(task.model.action_counts, task.values, task.iterations, task.iterations)
    return Iterates(
        (record.columns[0], task.greedy, ()),
        _steps(record, task),
        lambda kept: read_only(kept[0][:-1]),
        lambda kept: kept[1],
        lambda _, kept: record.by_agent(kept[2]),
    )


def _steps(record: FloatSteps, task: Task) -> Iterator[tuple[Array, Array, Array]]:
    operator = FollowingOperator(task.model, task.source, task.greedy)
    for t in range(task.iterations):
        record.step(operator, t, t)
        greedy = record.greedy(task.ties, t, t + 1)[0]
        operator.follow(greedy)
        yield record.columns[t + 1], greedy, record.factors[t]


class FollowingOperator:
    """A float matrix that is moved from one greedy joint policy (S, n) to the next."""

    def __init__(self, model: MMDP, source: DataSource, greedy: Array) -> None:
        self._model, self._source = model, source
        self._operator = matrix_operator(model, source.at(model, greedy))
        self._rows = self._operator.matrix.reshape(-1, model.n_states, model.n_states + 1)
        self._at = self._keys(greedy)
        self._known: SizedCache[tuple[int, int], Array] = SizedCache(allowed_bytes(model) // 2)

    def apply(self, column: Array, out: Array) -> None:
        """Write every factor into out, (Σ|A_i|·S,); column: V followed by 1, (S+1,)."""
        self._operator.apply(column, out)

    def follow(self, greedy: Array) -> None:
        """Move to the data of `greedy`."""
        keys = self._keys(greedy)
        changed = [s for s, (old, new) in enumerate(zip(self._at, keys, strict=True)) if old != new]
        found = {s: self._known.get((s, keys[s])) for s in changed}
        missing = np.array([s for s, rows in found.items() if rows is None], dtype=int)
        if missing.size:
            data = self._source.at(self._model, greedy)
            for part in pieces(self._model, missing.size):
                self._operator.replace_states(missing[part], collapse(self._model, data, missing[part]))
        for s, rows in found.items():
            if rows is None:
                own = self._rows[:, s].copy()
                self._known.put((s, keys[s]), own, own.nbytes)
            else:
                self._rows[:, s] = rows
        self._at = keys

    def _keys(self, greedy: Array) -> list[int]:
        return [int(k) for k in np.atleast_1d(np.ravel_multi_index(tuple(greedy.T), self._model.action_counts))]
