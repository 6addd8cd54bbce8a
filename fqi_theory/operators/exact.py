"""F of an exact model, put together state by state, in rationals and in integers, for any policy that data follow.

In state s only its successors U_s matter: the fit is applied to r(s,a) and to P(u|s,a) for u in U_s, a table of size
|A| x (|U_s| + 1). The rows of a state are remembered for each greedy joint action that decides its data,
within a size, since on-policy runs come back to the same actions again and again (theory notes, section 5).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

import numpy as np
from flint import fmpq, fmpz_mat

from fqi_theory.base import scalars
from fqi_theory.base.caches import SizedCache
from fqi_theory.base.limits import EXACT_BYTES, free_digits, require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, DataSource
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Ties
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DenseTransition
from fqi_theory.operators import thresholds
from fqi_theory.operators.blocks import Block
from fqi_theory.operators.integers import IntegerOperator, IntegerValues, common_denominator, integer_values
from fqi_theory.operators.kept import kept_iterates
from fqi_theory.operators.task import Iterates, Task
from fqi_theory.operators.value_space import ValueOperator, collapse, restrict

#: A fit, linear in y, of every slice of a tensor (S, A_1, ..., A_n, X): tables (S, k, X), together all rows of a state.
Credit: TypeAlias = Callable[[Array, Data], Sequence[Array]]
#: So many bytes of blocks, and as many of rational operators, are remembered where nothing else is said.
CACHE_BYTES = 1 << 26
#: Successors that are looked at together.
LISTED = 1 << 14


def state_blocks(model: MMDP, data: Data, states: Iterable[int], credit: Credit = linear.credit) -> Iterator[Block]:
    """Yield the rows of F for some states of an exact model; credit: the fit of the class."""
    return (_block_of(model, data, s, credit) for s in states)


def _block_of(model: MMDP, data: Data, state: int, credit: Credit) -> Block:
    count = model.reward.size // model.n_states
    indptr, successors, probabilities = model.transition.compressed(np.arange(state * count, (state + 1) * count))
    own, column = np.unique(successors, return_inverse=True)
    table = scalars.zeros((count, own.size + 1), "exact")
    table[np.repeat(np.arange(count), np.diff(indptr)), column] = probabilities
    table[:, -1] = model.reward[state].reshape(-1)
    parts = credit(table.reshape(1, *model.action_counts, own.size + 1), restrict(data, np.array([state])))
    rows = np.concatenate([part[0] for part in parts])
    rows[:, :-1] *= model.discount
    flat = rows.reshape(-1)
    common = common_denominator(flat)
    entries = fmpz_mat(rows.shape[0], rows.shape[1], [x.p * (common // x.q) for x in flat])
    return Block(None if own.size == model.n_states else own, common, entries)


def outgrows(model: MMDP, rows: int | None = None) -> bool:
    """Tell whether the collapsed form of an exact model would be larger than the model itself.

    rows: of a state, by default Σ|A_i|. Never for dense kernels, where backing up takes several times as long.
    """
    if isinstance(model.transition, DenseTransition):
        return False
    states, listed = model.n_states, model.transition.stored
    most = max(thresholds.EXACT_BYTES, model.nbytes) // (EXACT_BYTES * (rows or sum(model.action_counts))) - states
    return min(states * states, listed) > most and _successor_pairs(model) > most


def _successor_pairs(model: MMDP) -> int:
    """Return how many pairs (s, u) there are of a state and one of its successors."""
    count, pairs = model.reward.size // model.n_states, 0
    step = max(1, LISTED * model.n_states // model.transition.stored)
    for first in range(0, model.n_states, step):
        rows = np.arange(first * count, min(first + step, model.n_states) * count)
        indptr, successors, _ = model.transition.compressed(rows)
        owners = np.repeat(rows // count - first, np.diff(indptr))
        pairs += np.unique(owners * model.n_states + successors).size
    return pairs


def iterates(task: Task) -> Iterates:
    """Return the iterates; of each only the digits of its values and its greedy actions are kept."""
    model, first = task.model, integer_values(task.values)
    operators = ExactOperators(model, task.source, remembered_bytes(model))
    found = operators.steps(first, task.greedy, task.ties)
    return kept_iterates(task, found, lambda v, g: operators.integers(g).factors(v))


def remembered_bytes(model: MMDP) -> int:
    """Return up to how many bytes a run remembers blocks."""
    return max(thresholds.REMEMBERED_BYTES, int(thresholds.REMEMBERED_SHARE * model.nbytes))


def integer_operator(model: MMDP, data: Data) -> IntegerOperator:
    """Return F of an exact model under one data distribution."""
    return IntegerOperator(tuple(state_blocks(model, data, range(model.n_states))), model.action_counts)


class ExactOperators:
    """F of an exact model under the data of any greedy joint policy; what was computed is remembered (a cache).

    credit: the fit of the class; its rows stand for the actions of the model's agents.
    """

    def __init__(
        self, model: MMDP, source: DataSource, most: int = CACHE_BYTES, credit: Credit = linear.credit
    ) -> None:
        self._model, self._source, self._credit = model, source, credit
        self._blocks: SizedCache[tuple[int, int], Block] = SizedCache(most)
        self._newest: tuple[tuple[int, ...], IntegerOperator] | None = None
        self._rationals: SizedCache[tuple[int, ...], ValueOperator] = SizedCache(most)

    def integers(self, greedy: Array) -> IntegerOperator:
        """Return F under the data of `greedy` (S, n) in integers: the same object again while the data stay."""
        keys = self._keys(greedy)
        if self._newest is None or self._newest[0] != keys:
            self._newest = None
            self._newest = keys, IntegerOperator(tuple(self._states(greedy, keys)), self._model.action_counts)
        return self._newest[1]

    def rationals(self, greedy: Array) -> ValueOperator:
        """Return F under the data of `greedy` (S, n) in rationals; raises TooLarge where it would not fit in memory."""
        keys, size = self._keys(greedy), sum(self._model.action_counts) * self._model.n_states**2
        found = self._rationals.get(keys)
        if found is None:
            require_memory("tables of marginal transitions", (size,), EXACT_BYTES)
            if self._model.discount == 0 and self._credit is linear.credit:
                found = collapse(self._model, self._source.at(self._model, greedy))
            else:
                found = _value_operator(self._states(greedy, keys), self._model)
            self._rationals.put(keys, found, size * EXACT_BYTES)
        return found

    def steps(
        self, values: IntegerValues, greedy: Array, ties: Ties = "first"
    ) -> Iterator[tuple[IntegerValues, Array]]:
        """Yield the positions (V', g') after one step from (V, g) and another, without end."""
        while True:
            fit = self.integers(greedy).step(values, ties)
            values, greedy = fit.values, fit.greedy
            yield values, greedy

    def _keys(self, greedy: Array) -> tuple[int, ...]:
        """Return what decides the data of every state."""
        if not self._source.on_policy:
            return (0,) * self._model.n_states
        return tuple(np.ravel_multi_index(tuple(greedy.T), self._model.action_counts).tolist())

    def _states(self, greedy: Array, keys: tuple[int, ...]) -> list[Block]:
        found = {s: self._blocks.get((s, key)) for s, key in enumerate(keys)}
        missing = [s for s, block in found.items() if block is None]
        if missing:
            free_digits()
            made = state_blocks(self._model, self._source.at(self._model, greedy), missing, self._credit)
            for s, block in zip(missing, made, strict=True):
                found[s] = block
                if self._source.on_policy:
                    self._blocks.put((s, keys[s]), block, block.nbytes)
        return [block for block in found.values() if block is not None]


def _value_operator(blocks: Sequence[Block], model: MMDP) -> ValueOperator:
    """Return F in rationals from the blocks of every state; where γ = 0, with transitions 0."""
    size, counts = len(blocks), model.action_counts
    unscaled = 1 / model.discount if model.discount != 0 else fmpq(0)
    rewards = scalars.zeros((size, sum(counts)), "exact")
    transitions = scalars.zeros((size, sum(counts), size), "exact")
    for s, block in enumerate(blocks):
        rows = np.array(block.entries.tolist(), dtype=object)
        rewards[s] = rows[:, -1] * fmpq(1, block.denominator)
        own = slice(None) if block.successors is None else block.successors
        transitions[s][:, own] = rows[:, :-1] * (unscaled / block.denominator)
    edges = np.cumsum(counts)[:-1]
    return ValueOperator(
        tuple(np.split(rewards, edges, axis=1)), tuple(np.split(transitions, edges, axis=1)), model.discount
    )
