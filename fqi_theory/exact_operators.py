"""F of an exact model, put together state by state, in rationals and in integers, for any policy that data follow.

In state s only its successors U_s matter: in large models the fit is applied to r(s,a) and to P(u|s,a) for u in U_s, a
table of size |A| x (|U_s| + 1). The rows of a state are computed once for each greedy joint action that decides its
data, since on-policy runs come back to the same actions again and again (THEORY section 5).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from fqi_theory import scalars
from fqi_theory.data import Data, DataSource
from fqi_theory.factorization import linear
from fqi_theory.integer_iteration import IntegerOperator, common_denominator
from fqi_theory.integer_matrix import DenseMatrix, SparseMatrix
from fqi_theory.integer_rows import objects
from fqi_theory.limits import require_memory
from fqi_theory.mmdp import MMDP
from fqi_theory.scalars import Array
from fqi_theory.value_space import ValueOperator, collapse, restrict

T = TypeVar("T")

#: From so many states on only the successors of each state are looked at, and integer rows are kept sparse where at
#: most this share of their entries is stored.
SPARSE_STATES = 64
SPARSE_FILL = 0.25
#: Rows of a state are remembered for so many of its greedy joint actions on average, and so many entries of operators.
REMEMBERED, ENTRIES = 16, 5_000_000


@dataclass(frozen=True, eq=False)
class StateRows:
    """The rows of one state. successors: U_s, (k,); rows: per agent (P_i(u|s,·), R_i(s,·)), rationals (A_i, k+1)."""

    successors: Array
    rows: tuple[Array, ...]
    discount: fmpq

    @cached_property
    def integers(self) -> tuple[fmpz, tuple[Array, ...]]:
        """Return D and D (γ P_i, R_i), per agent (A_i, k+1) of fmpz, with the least common denominator D."""
        scale = np.full(self.successors.size + 1, self.discount, dtype=object)
        scale[-1] = fmpq(1)
        scaled = [row * scale for row in self.rows]
        common = common_denominator(np.concatenate([part.reshape(-1) for part in scaled]))
        return common, tuple(
            objects(x.p * (common // x.q) for x in part.reshape(-1)).reshape(part.shape) for part in scaled
        )


def state_rows(model: MMDP, data: Data, states: Sequence[int]) -> list[StateRows]:
    """Return the rows of F for some states of an exact model."""
    if model.n_states >= SPARSE_STATES:
        return [_rows_of(model, data, s) for s in states]
    part, every = collapse(model, data, np.array(states)), np.arange(model.n_states)
    pairs = list(zip(part.transitions, part.rewards, strict=True))
    return [
        StateRows(every, tuple(np.concatenate([p[k], r[k][:, None]], axis=1) for p, r in pairs), model.discount)
        for k in range(len(states))
    ]


def _rows_of(model: MMDP, data: Data, state: int) -> StateRows:
    count = model.reward.size // model.n_states
    indptr, successors, probabilities = model.transition.compressed(np.arange(state * count, (state + 1) * count))
    own, column = np.unique(successors, return_inverse=True)
    table = scalars.zeros((count, own.size + 1), "exact")
    table[np.repeat(np.arange(count), np.diff(indptr)), column] = probabilities
    table[:, -1] = model.reward[state].reshape(-1)
    parts = linear.credit(table.reshape(1, *model.action_counts, own.size + 1), restrict(data, np.array([state])))
    return StateRows(own, tuple(part[0] for part in parts), model.discount)


def integer_operator(model: MMDP, data: Data) -> IntegerOperator:
    """Return F of an exact model under one data distribution."""
    return assemble(state_rows(model, data, range(model.n_states)), model)


def assemble(states: Sequence[StateRows], model: MMDP) -> IntegerOperator:
    """Return F from the rows of every state, dense or sparse by size and fill."""
    size, counts = len(states), model.action_counts
    parts = [own.integers for own in states]
    denominator = fmpz(1)
    for common, _ in parts:
        denominator = denominator.lcm(common)
    rows = (
        (np.append(own.successors, size), row * (denominator // common))
        for i in range(len(counts))
        for own, (common, agents) in zip(states, parts, strict=True)
        for row in agents[i]
    )
    stored = sum(own.successors.size + 1 for own in states)
    thin = size >= SPARSE_STATES and stored <= SPARSE_FILL * size * (size + 1)
    matrix = _sparse(rows, size + 1) if thin else _dense(rows, (sum(counts) * size, size + 1))
    return IntegerOperator(matrix, denominator, size, counts)


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


class ExactOperators:
    """F of an exact model under the data of any greedy joint policy; what was computed is remembered (a cache)."""

    def __init__(self, model: MMDP, source: DataSource) -> None:
        self._model, self._source = model, source
        self._rows: dict[tuple[int, int], StateRows] = {}
        self._integers: dict[tuple[int, ...], IntegerOperator] = {}
        self._rationals: dict[tuple[int, ...], ValueOperator] = {}

    def integers(self, greedy: Array) -> IntegerOperator:
        """Return F under the data of `greedy` (S, n) in integers: the same object again while it is remembered."""
        return self._remembered(self._integers, greedy, lambda states: assemble(states, self._model))

    def rationals(self, greedy: Array) -> ValueOperator:
        """Return F under the data of `greedy` (S, n) in rationals."""
        return self._remembered(self._rationals, greedy, self._value_operator)

    def _value_operator(self, states: Sequence[StateRows]) -> ValueOperator:
        size, counts = len(states), self._model.action_counts
        rewards = tuple(np.stack([own.rows[i][:, -1] for own in states]) for i in range(len(counts)))
        transitions = tuple(scalars.zeros((size, count, size), "exact") for count in counts)
        for s, own in enumerate(states):
            for table, row in zip(transitions, own.rows, strict=True):
                table[s][:, own.successors] = row[:, :-1]
        return ValueOperator(rewards, transitions, self._model.discount)

    def _remembered(self, known: dict[tuple[int, ...], T], greedy: Array, make: Callable[[list[StateRows]], T]) -> T:
        states, counts = self._model.n_states, self._model.action_counts
        keys = (0,) * states
        if self._source.on_policy:
            keys = tuple(np.ravel_multi_index(tuple(greedy.T), counts).tolist())
        if keys not in known:
            if len(known) * states**2 * sum(counts) > ENTRIES:
                known.clear()
            known[keys] = make(self._states(greedy, keys))
        return known[keys]

    def _states(self, greedy: Array, keys: tuple[int, ...]) -> list[StateRows]:
        missing = [s for s, key in enumerate(keys) if (s, key) not in self._rows]
        if missing:
            if len(self._rows) > REMEMBERED * len(keys):
                self._rows.clear()
                missing = list(range(len(keys)))
            found = state_rows(self._model, self._source.at(self._model, greedy), missing)
            self._rows.update({(s, keys[s]): own for s, own in zip(missing, found, strict=True)})
        return [self._rows[s, key] for s, key in enumerate(keys)]
