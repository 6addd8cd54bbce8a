"""What every transition kernel P(s'|s,a) answers, for any number type, however it is kept.

expect(V)            Σ_s' P(s'|s,a) V(s')                                   (S,) to (S, A_1, ..., A_n)
agent_means(p)       P_i(s'|s,a_i) = E_{-i} P(s'|s,a) under product data    per agent (S, A_i, S)
agent_sums(w)        Σ_{a with a_i} w(s,a) P(s'|s,a) for any weights        per agent (S, A_i, S)
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from math import prod

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import ModelError
from fqi_theory.base.limits import bytes_each, require_memory
from fqi_theory.base.scalars import Array, Field, Scalar
from fqi_theory.model import expectations as mg


class Transition(ABC):
    """A transition kernel; `shape` is (S, A_1, ..., A_n); `states` is the number of successor states.

    `at(states)` keeps only some rows, so shape[0] may be smaller than `states`.
    """

    shape: tuple[int, ...]
    states: int
    field: Field

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Return the bytes that the kernel keeps (exact numbers: see `limits.EXACT_BYTES`)."""

    @property
    @abstractmethod
    def stored(self) -> int:
        """Return how many successors are listed, over all rows."""

    @abstractmethod
    def at(self, states: Array | slice) -> "Transition":
        """Return the kernel of the given states only: shape (len(states), A_1, ..., A_n)."""

    @abstractmethod
    def expect(self, values: Array) -> Array:
        """Return Σ_s' P(s'|s,a) V(s'): (S,) to (S, A_1, ..., A_n)."""

    @abstractmethod
    def rows(self) -> Iterator[tuple[tuple[int, ...], dict[int, Scalar]]]:
        """Yield ((s, a_1, ..., a_n), {s': P(s'|s,a) != 0}) in the order of the tensor."""

    @abstractmethod
    def entries(self) -> Array:
        """Return all stored probabilities, in any shape."""

    @abstractmethod
    def to_field(self, field: Field) -> "Transition":
        """Return the same kernel in another number type; floats become exact bit for bit."""

    def check(self) -> None:  # noqa: B027
        """Raise ModelError where the stored form is not a kernel's; whether rows sum to 1 is the model's question."""

    @abstractmethod
    def compressed(self, rows: Array | None = None) -> tuple[Array, Array, Array]:
        """Return (indptr, successors, probabilities) of some rows, flat indices of (s,a), by default all.

        Row k holds entries indptr[k]:indptr[k+1]; no row is empty; dense rows hold their zeros.
        """

    def agent_sums(self, weights: Array) -> list[Array]:
        """Return per agent (S, A_i, S): Σ over joint actions with a_i of weights(s,a) P(s'|s,a)."""
        return [_agent_sum(self, weights, i) for i in range(1, len(self.shape))]

    def agent_means(self, marginals: mg.Halves) -> list[Array]:
        """Return per agent (S, A_i, S): the other agents averaged out under product data."""
        tables = marginals.marginals
        return [_agent_sum(self, mg.outer_but(tables, i), i + 1) for i in range(len(tables))]

    def dense(self) -> Array:
        """Return the tensor (S, A_1, ..., A_n, S); raises TooLarge when it would not fit in memory."""
        require_memory("dense transition tensor", (*self.shape, self.states), bytes_each(self.field))
        indptr, successors, probabilities = self.compressed()
        table = scalars.zeros((indptr.size - 1, self.states), self.field)
        table[np.repeat(np.arange(indptr.size - 1), np.diff(indptr)), successors] = probabilities
        return table.reshape(*self.shape, self.states)

    def under(self, policy: Array) -> Array:
        """Return the matrix (S, S) of P(s'|s,π(s)) for a deterministic joint policy (S, n); raises TooLarge."""
        require_memory("matrix of a policy's transitions", (self.states, self.states), bytes_each(self.field))
        rows = np.ravel_multi_index((np.arange(self.states), *np.asarray(policy).T), self.shape)
        indptr, successors, probabilities = self.compressed(rows)
        matrix = scalars.zeros((self.states, self.states), self.field)
        matrix[np.repeat(np.arange(self.states), np.diff(indptr)), successors] = probabilities
        return matrix


def converted(array: Array, field: Field) -> Array:
    """Return the numbers in another number type; floats become exact bit for bit."""
    return scalars.from_float(array) if field == "exact" and array.dtype.kind == "f" else scalars.as_field(array, field)


def read_only(array: Array) -> Array:
    """Return a view that cannot be written."""
    view = array.view()
    view.setflags(write=False)
    return view


def require_states(successors: Array, states: int) -> None:
    """Raise ModelError unless all successors are states 0..states-1."""
    low, high = successors.min(), successors.max()
    if successors.dtype.kind not in "iu" or low < 0 or high >= states:
        raise ModelError(f"transition: successors must be states 0..{states - 1}, found {low}..{high}")


def _agent_sum(kernel: Transition, weights: Array, agent: int) -> Array:
    """Add weights(s,a) P(s'|s,a) up by state, action of one agent (1, ..., n) and successor: (S, A_i, S)."""
    shape = (kernel.shape[0], kernel.shape[agent], kernel.states)
    require_memory("table of marginal transitions", shape, bytes_each(kernel.field))
    indptr, successors, probabilities = kernel.compressed()
    own = np.arange(indptr.size - 1) // prod(kernel.shape[agent + 1 :])
    block = own // prod(kernel.shape[1 : agent + 1]) * shape[1] + own % shape[1]
    cell = np.repeat(block, np.diff(indptr)) * kernel.states + successors
    mass = np.repeat(weights.reshape(-1), np.diff(indptr)) * probabilities
    if mass.dtype != object:
        return np.bincount(cell, weights=mass, minlength=prod(shape)).reshape(shape)
    total = scalars.zeros((prod(shape),), kernel.field)
    np.add.at(total, cell, mass)
    return total.reshape(shape)
