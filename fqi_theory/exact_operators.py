"""F of an exact model, put together state by state, in rationals and in integers, for any policy that data follow.

In state s only its successors U_s matter: in large models the fit is applied to r(s,a) and to P(u|s,a) for u in U_s, a
table of size |A| x (|U_s| + 1). The rows of a state are remembered for each greedy joint action that decides its data,
within a size, since on-policy runs come back to the same actions again and again (THEORY section 5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from fqi_theory import scalars
from fqi_theory.data import Data, DataSource
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Ties
from fqi_theory.integer_iteration import IntegerFit, IntegerOperator, IntegerValues, common_denominator
from fqi_theory.integer_matrix import DenseMatrix, SparseMatrix
from fqi_theory.integer_rows import objects
from fqi_theory.integer_settled import IntegerSteps
from fqi_theory.limits import EXACT_BYTES, require_memory
from fqi_theory.mmdp import MMDP
from fqi_theory.remembered import Remembered
from fqi_theory.scalars import Array
from fqi_theory.transitions import DenseTransition
from fqi_theory.value_space import ValueOperator, collapse, restrict

#: From so many states on only the successors of each state are looked at, and integer rows are kept sparse where at
#: most this share of their entries is stored.
SPARSE_STATES, SPARSE_FILL = 64, 0.25
#: So many numbers of rows, and as many of operators, are remembered, or as many as the model has.
ENTRIES = 1 << 20
#: Bytes of an entry of the collapsed form while it is put together, a size that always may be taken, and else how many
#: times the model's own.
ENTRY_BYTES, SMALL_BYTES, TIMES = 100, 1 << 26, 2


@dataclass(frozen=True, eq=False)
class StateRows:
    """The rows of F at one state in integers: D γ P_i(u|s,·) for successors u in U_s, and last D R_i(s,·).

    successors: U_s, (k,); denominator: D, the least common one; rows: per agent fmpz (A_i, k+1).
    """

    successors: Array
    denominator: fmpz
    rows: tuple[Array, ...]

    @property
    def stored(self) -> int:
        """Return how many numbers are kept."""
        return sum(part.size for part in self.rows)


def state_rows(model: MMDP, data: Data, states: Sequence[int]) -> list[StateRows]:
    """Return the rows of F for some states of an exact model."""
    if model.n_states >= SPARSE_STATES:
        return [_rows_of(model, data, s) for s in states]
    part, every = collapse(model, data, np.array(states)), np.arange(model.n_states)
    pairs = list(zip(part.transitions, part.rewards, strict=True))
    return [
        _in_integers(every, [np.concatenate([p[k], r[k][:, None]], axis=1) for p, r in pairs], model.discount)
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
    return _in_integers(own, [part[0] for part in parts], model.discount)


def _in_integers(successors: Array, parts: Sequence[Array], discount: fmpq) -> StateRows:
    """Return rational rows (P_i, R_i), per agent (A_i, k+1), with γ multiplied in, as integers."""
    scale = np.full(successors.size + 1, discount, dtype=object)
    scale[-1] = fmpq(1)
    scaled = [row * scale for row in parts]
    common = common_denominator(np.concatenate([part.reshape(-1) for part in scaled]))
    rows = [objects(x.p * (common // x.q) for x in part.reshape(-1)).reshape(part.shape) for part in scaled]
    return StateRows(successors, common, tuple(rows))


def outgrows(model: MMDP) -> bool:
    """Tell whether the collapsed form of an exact model would take too much more than the model itself.

    Never for dense kernels, where backing up in rationals takes a hundred times as long.
    """
    if isinstance(model.transition, DenseTransition):
        return False
    states, listed = model.n_states, model.transition.stored // model.n_states
    entries = sum(model.action_counts) * states * (min(states, listed) + 1)
    return entries * ENTRY_BYTES > max(SMALL_BYTES, TIMES * model.nbytes)


def integer_operator(model: MMDP, data: Data) -> IntegerOperator:
    """Return F of an exact model under one data distribution."""
    return assemble(state_rows(model, data, range(model.n_states)), model)


def assemble(states: Sequence[StateRows], model: MMDP) -> IntegerOperator:
    """Return F from the rows of every state, dense or sparse by size and fill."""
    size, counts = len(states), model.action_counts
    denominator = fmpz(1)
    for own in states:
        denominator = denominator.lcm(own.denominator)
    rows = (
        (np.append(own.successors, size), row * (denominator // own.denominator))
        for i in range(len(counts))
        for own in states
        for row in own.rows[i]
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
        most = max(ENTRIES, model.reward.size + model.transition.stored)
        self._rows: Remembered[tuple[int, int], StateRows] = Remembered(most)
        self._integers: Remembered[tuple[int, ...], IntegerOperator] = Remembered(most)
        self._rationals: Remembered[tuple[int, ...], ValueOperator] = Remembered(most)

    def integers(self, greedy: Array) -> IntegerOperator:
        """Return F under the data of `greedy` (S, n) in integers: the same object again while it is remembered."""
        keys = self._keys(greedy)
        found = self._integers.get(keys)
        if found is None:
            found = assemble(self._states(greedy, keys), self._model)
            self._integers.put(keys, found, found.matrix.stored)
        return found

    def rationals(self, greedy: Array) -> ValueOperator:
        """Return F under the data of `greedy` (S, n) in rationals; raises TooLarge where it would not fit in memory."""
        keys, size = self._keys(greedy), sum(self._model.action_counts) * self._model.n_states**2
        found = self._rationals.get(keys)
        if found is None:
            require_memory("tables of marginal transitions", (size,), EXACT_BYTES)
            if self._model.discount == 0:
                found = collapse(self._model, self._source.at(self._model, greedy))
            else:
                found = _value_operator(self._states(greedy, keys), self._model)
            self._rationals.put(keys, found, size)
        return found

    def steps(self, values: IntegerValues, greedy: Array, ties: Ties = "first") -> Iterator[IntegerFit]:
        """Yield the steps from (V, g) one after another, without end."""
        run = IntegerSteps(ties)
        while True:
            fit = run.step(self.integers(greedy), values)
            yield fit
            values, greedy = fit.values, fit.greedy

    def _keys(self, greedy: Array) -> tuple[int, ...]:
        """Return what decides the data of every state."""
        if not self._source.on_policy:
            return (0,) * self._model.n_states
        return tuple(np.ravel_multi_index(tuple(greedy.T), self._model.action_counts).tolist())

    def _states(self, greedy: Array, keys: tuple[int, ...]) -> list[StateRows]:
        found = {s: self._rows.get((s, key)) for s, key in enumerate(keys)}
        missing = [s for s, rows in found.items() if rows is None]
        if missing:
            made = state_rows(self._model, self._source.at(self._model, greedy), missing)
            for s, rows in zip(missing, made, strict=True):
                found[s] = rows
                if self._source.on_policy:
                    self._rows.put((s, keys[s]), rows, rows.stored)
        return [rows for rows in found.values() if rows is not None]


def _value_operator(states: Sequence[StateRows], model: MMDP) -> ValueOperator:
    """Return F in rationals from its rows of every state; γ > 0."""
    size, counts = len(states), model.action_counts
    rewards = tuple(scalars.zeros((size, count), "exact") for count in counts)
    transitions = tuple(scalars.zeros((size, count, size), "exact") for count in counts)
    for s, own in enumerate(states):
        for i, row in enumerate(own.rows):
            rewards[i][s] = row[:, -1] * fmpq(1, own.denominator)
            transitions[i][s][:, own.successors] = row[:, :-1] * (1 / (own.denominator * model.discount))
    return ValueOperator(rewards, transitions, model.discount)
