"""F under data that follow the greedy actions: only the rows of states whose greedy action changed are replaced.

Rows that were computed once are remembered by state and greedy joint action, up to half the size of the model, since
on-policy runs come back to the same actions again and again (THEORY section 5).
"""

import numpy as np

from fqi_theory.base.caches import Remembered
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.matrix import allowed_bytes, pieces, stacked_model
from fqi_theory.operators.value_space import collapse


class FollowingOperator:
    """A stacked float operator that is moved from one greedy joint policy (S, n) to the next."""

    def __init__(self, model: MMDP, source: DataSource, greedy: Array) -> None:
        self._model, self._source = model, source
        self._operator = stacked_model(model, source.at(model, greedy))
        self._rows = self._operator.matrix.reshape(-1, model.n_states, model.n_states + 1)
        self._at = self._keys(greedy)
        self._known: Remembered[tuple[int, int], Array] = Remembered(allowed_bytes(model) // 2)

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
