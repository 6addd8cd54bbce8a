"""F in integers, put together state by state: what exact runs need, without a table of (S, A_i, S) rationals.

In state s only its successors U_s matter: the fit is applied to r(s,a) and to γ P(u|s,a) for u in U_s, a table of size
|A| x (|U_s| + 1). The rows of a state are kept over one denominator and computed once for each greedy joint action that
decides its data, since on-policy runs come back to the same actions again and again (THEORY section 5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpz, fmpz_mat

from fqi_theory import scalars
from fqi_theory.data import Data, DataSource
from fqi_theory.factorization import linear
from fqi_theory.integer_iteration import IntegerOperator, common_denominator
from fqi_theory.integer_matrix import DenseMatrix, SparseMatrix
from fqi_theory.integer_rows import objects
from fqi_theory.limits import require_memory
from fqi_theory.mmdp import MMDP
from fqi_theory.scalars import Array
from fqi_theory.value_space import restrict

#: From so many states on rows are kept sparse where at most this share of their entries is stored.
SPARSE_STATES = 64
SPARSE_FILL = 0.25
#: Rows of a state are remembered for so many of its greedy joint actions on average, and so many entries of operators.
REMEMBERED, ENTRIES = 16, 5_000_000


@dataclass(frozen=True, eq=False)
class StateRows:
    """The rows of one state. places: U_s and a last S for the reward, (k+1,); rows: per agent (A_i, k+1) of fmpz."""

    places: Array
    rows: tuple[Array, ...]
    denominator: fmpz


def state_rows(model: MMDP, data: Data, state: int) -> StateRows:
    """Return the rows of F for one state of an exact model: denominator · (γ P_i(u|s,a_i), R_i(s,a_i))."""
    count = model.reward.size // model.n_states
    indptr, successors, probabilities = model.transition.compressed(np.arange(state * count, (state + 1) * count))
    own, column = np.unique(successors, return_inverse=True)
    table = scalars.zeros((count, own.size + 1), "exact")
    table[np.repeat(np.arange(count), np.diff(indptr)), column] = model.discount * probabilities
    table[:, -1] = model.reward[state].reshape(-1)
    parts = linear.credit(table.reshape(1, *model.action_counts, own.size + 1), restrict(data, np.array([state])))
    denominator = common_denominator(np.concatenate([part.reshape(-1) for part in parts]))
    rows = (objects(x.p * (denominator // x.q) for x in part.reshape(-1)).reshape(part.shape[1:]) for part in parts)
    return StateRows(np.append(own, model.n_states), tuple(rows), denominator)


def integer_operator(model: MMDP, data: Data) -> IntegerOperator:
    """Return F of an exact model under one data distribution."""
    return assemble([state_rows(model, data, s) for s in range(model.n_states)], model.action_counts)


def assemble(states: Sequence[StateRows], action_counts: tuple[int, ...]) -> IntegerOperator:
    """Return F from the rows of every state, dense or sparse by size and fill."""
    size, denominator = len(states), fmpz(1)
    for own in states:
        denominator = denominator.lcm(own.denominator)
    stored = sum(own.places.size for own in states)
    thin = size >= SPARSE_STATES and stored <= SPARSE_FILL * size * (size + 1)
    rows = _rows(states, len(action_counts), denominator)
    matrix = _sparse(rows, size + 1) if thin else _dense(rows, (sum(action_counts) * size, size + 1))
    return IntegerOperator(matrix, denominator, size, action_counts)


def _dense(rows: Iterator[tuple[Array, Array]], shape: tuple[int, int]) -> DenseMatrix:
    require_memory("integer matrix of the value-space form", shape)
    entries = fmpz_mat(*shape)
    for k, (places, numbers) in enumerate(rows):
        for place, number in zip(places.tolist(), numbers.tolist(), strict=True):
            entries[k, place] = number
    return DenseMatrix(entries)


def _sparse(rows: Iterator[tuple[Array, Array]], width: int) -> SparseMatrix:
    places, numbers = zip(*rows, strict=True)
    starts = np.cumsum([0, *(part.size for part in places[:-1])])
    return SparseMatrix(starts, np.concatenate(places), np.concatenate(numbers), width)


def _rows(states: Sequence[StateRows], agents: int, denominator: fmpz) -> Iterator[tuple[Array, Array]]:
    """Yield (places, numbers over the denominator) of every row, by agent, state, action."""
    for i in range(agents):
        for own in states:
            scaled = own.rows[i] * (denominator // own.denominator)
            yield from ((own.places, row) for row in scaled)


class IntegerOperators:
    """F of an exact model under the data of any greedy joint policy; what was computed is remembered (a cache)."""

    def __init__(self, model: MMDP, source: DataSource) -> None:
        self._model, self._source = model, source
        self._rows: dict[tuple[int, int], StateRows] = {}
        self._operators: dict[tuple[int, ...], IntegerOperator] = {}

    def at(self, greedy: Array) -> IntegerOperator:
        """Return F under the data of `greedy` (S, n): the same object again while it is remembered."""
        states, counts = self._model.n_states, self._model.action_counts
        keys = (0,) * states
        if self._source.on_policy:
            keys = tuple(np.ravel_multi_index(tuple(greedy.T), counts).tolist())
        if keys not in self._operators:
            if len(self._operators) * states**2 * sum(counts) > ENTRIES:
                self._operators.clear()
            self._operators[keys] = assemble(self._states(greedy, keys), counts)
        return self._operators[keys]

    def _states(self, greedy: Array, keys: tuple[int, ...]) -> list[StateRows]:
        missing = [s for s, key in enumerate(keys) if (s, key) not in self._rows]
        if missing:
            if len(self._rows) > REMEMBERED * len(keys):
                self._rows.clear()
                missing = list(range(len(keys)))
            data = self._source.at(self._model, greedy)
            self._rows.update({(s, keys[s]): state_rows(self._model, data, s) for s in missing})
        return [self._rows[s, key] for s, key in enumerate(keys)]
