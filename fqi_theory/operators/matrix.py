"""F of the theory notes, section 3 as one float64 matrix, for many iterations under fixed or slowly changing data.

Row (i, a_i, s) of the matrix holds γ P_i(·|s,a_i) and, in a last column, R_i(s,a_i); with a last entry 1 after V, one
matrix-vector product gives every factor. Actions come before states, so that the maximum over actions runs along the
leading axis for all states at once. Equal to `ValueOperator.step` up to rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from fqi_theory.base.limits import require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data
from fqi_theory.factorization.fit import Ties, first_or_last
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DenseTransition
from fqi_theory.operators import thresholds
from fqi_theory.operators.value_space import ValueOperator, collapse

#: Entries of a matrix that are read together where only a few numbers are wanted of each.
PIECE = 1 << 16


@dataclass(frozen=True, eq=False)
class MatrixOperator:
    """F as a matrix (Σ|A_i|·S, S+1), rows ordered by agent, action, state; action_counts: (|A_1|, ..., |A_n|)."""

    matrix: Any
    action_counts: tuple[int, ...]

    @property
    def states(self) -> int:
        """Return |S|."""
        return int(self.matrix.shape[1]) - 1

    def apply(self, column: Array, out: Array) -> None:
        """Write every factor into out, (Σ|A_i|·S,); column: V followed by 1, (S+1,)."""
        np.dot(self.matrix, column, out=out)

    def under(self, policy: Array) -> Array:
        """Return M_π, (S, S+1), with V' = M_π (V, 1) while the joint policy π (S, n) is greedy."""
        rows = self.matrix.reshape(-1, self.states, self.states + 1)
        states, starts = np.arange(self.states), [0, *accumulate(self.action_counts[:-1])]
        found = np.zeros((self.states, self.states + 1))
        for start, chosen in zip(starts, policy.T, strict=True):
            found += rows[start + chosen, states]
        return found

    @cached_property
    def largest_row(self) -> float:
        """Return κ, the largest γ Σ_s' |P_i(s'|s,a_i)|, read in pieces so that no second matrix is needed."""
        pieces, ones = np.array_split(self.matrix, 1 + self.matrix.size // PIECE), np.ones(self.states)
        return float(max((np.abs(piece[:, :-1]) @ ones).max() for piece in pieces))

    @cached_property
    def unevenness(self) -> float:
        """Return the largest difference between two sums γ Σ_s' P_i(s'|s,·): 0 but for what float rows miss 1 by."""
        sums = (self.matrix @ np.append(np.ones(self.states), 0.0)).reshape(-1, self.states)
        starts = [0, *accumulate(self.action_counts[:-1])]
        return float((np.maximum.reduceat(sums, starts) - np.minimum.reduceat(sums, starts)).max())

    def replace_states(self, states: Array | slice, part: ValueOperator) -> None:
        """Overwrite the rows of some states by those of `part` (rows in the order of `states`)."""
        rows = self.matrix.reshape(-1, self.states, self.states + 1)
        start = 0
        for reward, kernel in zip(part.rewards, part.transitions, strict=True):
            block = rows[start : start + reward.shape[1]]
            block[:, states, :-1] = kernel.swapaxes(0, 1)
            block[:, states, -1] = reward.T
            block[:, states, :-1] *= part.discount
            start += reward.shape[1]


def rows_bytes(model: MMDP) -> int:
    """Return the bytes of the matrix form of a model."""
    return sum(model.action_counts) * model.n_states * (model.n_states + 1) * 8


def allowed_bytes(model: MMDP) -> int:
    """Return how many bytes a form of F may take: a small size, or the model's own."""
    return max(thresholds.FLOAT_BYTES, model.nbytes)


def affordable(model: MMDP) -> bool:
    """Tell whether the matrix form of F is small, or no larger than the model."""
    return rows_bytes(model) <= allowed_bytes(model)


def pieces(model: MMDP, count: int, *, dense: bool = True) -> list[slice]:
    """Return slices of `count` states whose rows, dense or not, and what it takes to compute them, are small."""
    each = rows_bytes(model) // model.n_states if dense else 1
    if not isinstance(model.transition, DenseTransition):
        each += thresholds.WORKING_BYTES * (model.reward.size + model.transition.stored) // model.n_states
    size = max(1, thresholds.PIECE_BYTES // each)
    return [slice(k, min(k + size, count)) for k in range(0, count, size)]


def matrix_operator(model: MMDP, data: Data) -> MatrixOperator:
    """Return the matrix form of F for a float model under fixed data, piece by piece; raises TooLarge."""
    states, counts = model.n_states, model.action_counts
    shape = (sum(counts) * states, states + 1)
    require_memory("matrix of the value-space form", shape)
    result = MatrixOperator(np.empty(shape), counts)
    for part in pieces(model, states):
        result.replace_states(part, collapse(model, data, part))
    return result


def read_only(array: Array) -> Array:
    """Return a view that cannot be written to."""
    view = array.view()
    view.setflags(write=False)
    return view


class FloatSteps:
    """A growing record of iterations: values of all, factors in a number of slots, (slots, Σ|A_i|, S)."""

    def __init__(self, counts: Sequence[int], start: Array, iterations: int, slots: int) -> None:
        states, rows = start.size, sum(counts)
        require_memory("trajectory of factors", (slots, rows, states))
        self.edges = [0, *accumulate(counts)]
        self.factors = np.empty((slots, rows, states))
        self.columns = np.ones((iterations + 1, states + 1))
        self.columns[0, :-1] = start
        self._tops = np.empty((len(counts), states))
        self._ones = np.ones(len(counts))

    def step(self, operator: Any, t: int, slot: int) -> None:
        """Do iteration t + 1 from the values of t; its factors go to `slot`."""
        q = self.factors[slot]
        operator.apply(self.columns[t], q.reshape(-1))
        np.maximum.reduceat(q, self.edges[:-1], axis=0, out=self._tops)
        np.dot(self._ones, self._tops, out=self.columns[t + 1, :-1])

    def no_greedy(self, iterations: int) -> Array:
        """Return room for greedy actions, integers (iterations, S, n)."""
        return np.empty((iterations, self.columns.shape[1] - 1, len(self.edges) - 1), dtype=int)

    def greedy(self, ties: Ties, first: int, last: int) -> Array:
        """Return the greedy actions of slots first to last - 1, integers (last - first, S, n)."""
        q = self.factors[first:last]
        return np.stack([first_or_last(q[:, a:b].swapaxes(1, 2), ties) for a, b in pairwise(self.edges)], axis=-1)

    def factors_from(self, operator: Any, column: Array) -> tuple[Array, ...]:
        """Return the factors of the step from (V, 1), per agent (S, A_i), once more (the run told of overflow)."""
        q = np.empty(self.factors.shape[1:])
        with np.errstate(all="ignore"):
            operator.apply(column, q.reshape(-1))
        return self.by_agent(q)

    def by_agent(self, q: Array) -> tuple[Array, ...]:
        """Return the parts of factors (Σ|A_i|, S): per agent (S, A_i)."""
        return tuple(q[a:b].T for a, b in pairwise(self.edges))
