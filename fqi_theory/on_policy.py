"""F under data that follow the greedy actions: only the rows of states whose greedy action changed are replaced.

Rows that were computed once are remembered by state and greedy joint action, up to the size of the model itself, since
on-policy runs come back to the same actions again and again (THEORY section 5).
"""

import numpy as np

from fqi_theory.data import DataSource
from fqi_theory.mmdp import MMDP
from fqi_theory.scalars import Array
from fqi_theory.stacked import stacked
from fqi_theory.value_space import collapse

SMALL_BYTES = 1 << 24


def pays(model: MMDP) -> bool:
    """Tell whether the dense rows of F are small, or no larger than the model, so that keeping them is worth it."""
    rows = sum(model.action_counts) * model.n_states * (model.n_states + 1) * 8
    return rows <= max(SMALL_BYTES, model.reward.nbytes + model.transition.entries().nbytes)


class FollowingOperator:
    """A stacked float operator that is moved from one greedy joint policy (S, n) to the next."""

    def __init__(self, model: MMDP, source: DataSource, greedy: Array) -> None:
        self._model, self._source = model, source
        self._operator = stacked(collapse(model, source.at(model, greedy)))
        self._rows = self._operator.matrix.reshape(-1, model.n_states, model.n_states + 1)
        self._at = self._keys(greedy)
        self._known: dict[tuple[int, int], Array] = {}
        self._most = model.transition.entries().nbytes // self._rows[:, 0].nbytes

    def apply(self, column: Array, out: Array) -> None:
        """Write every factor into out, (Σ|A_i|·S,); column: V followed by 1, (S+1,)."""
        self._operator.apply(column, out)

    def follow(self, greedy: Array) -> None:
        """Move to the data of `greedy`."""
        keys = self._keys(greedy)
        changed = [s for s, (old, new) in enumerate(zip(self._at, keys, strict=True)) if old != new]
        missing = [s for s in changed if (s, keys[s]) not in self._known]
        if missing:
            states = np.array(missing)
            part = collapse(self._model, self._source.at(self._model, greedy), states)
            self._operator.replace_states(states, part)
        for s in set(changed).difference(missing):
            self._rows[:, s] = self._known[s, keys[s]]
        if len(self._known) + len(missing) <= self._most:
            self._known.update({(s, keys[s]): self._rows[:, s].copy() for s in missing})
        self._at = keys

    def _keys(self, greedy: Array) -> list[int]:
        return [int(k) for k in np.atleast_1d(np.ravel_multi_index(tuple(greedy.T), self._model.action_counts))]
