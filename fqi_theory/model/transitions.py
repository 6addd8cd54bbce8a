"""Transition kernels P(s'|s,a): dense, sparse (rows in compressed form) and deterministic (successors).

All three answer the same three questions, for any number type:
    expect(V)            Σ_s' P(s'|s,a) V(s')                                   (S,) to (S, A_1, ..., A_n)
    agent_means(p)       P_i(s'|s,a_i) = E_{-i} P(s'|s,a) under product data    per agent (S, A_i, S)
    agent_sums(w)        Σ_{a with a_i} w(s,a) P(s'|s,a) for any weights        per agent (S, A_i, S)
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import ModelError
from fqi_theory.base.limits import bytes_each, bytes_of, require_memory
from fqi_theory.base.scalars import Array, Field, Scalar
from fqi_theory.model import expectations as mg

#: Rows of exact or symbolic numbers whose products are kept at one time.
OBJECT_ROWS = 1 << 11


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


@dataclass(frozen=True, eq=False)
class DenseTransition(Transition):
    """A kernel kept as the tensor (S, A_1, ..., A_n, S)."""

    tensor: Array
    field: Field

    def __post_init__(self) -> None:
        object.__setattr__(self, "tensor", _read_only(self.tensor))
        object.__setattr__(self, "shape", self.tensor.shape[:-1])
        object.__setattr__(self, "states", self.tensor.shape[-1])

    @property
    def nbytes(self) -> int:
        return bytes_of(self.tensor)

    @property
    def stored(self) -> int:
        return int(self.tensor.size)

    def at(self, states: Array | slice) -> Transition:
        return DenseTransition(self.tensor[states], self.field)

    def expect(self, values: Array) -> Array:
        return np.asarray(self.tensor @ values)

    def rows(self) -> Iterator[tuple[tuple[int, ...], dict[int, Scalar]]]:
        for index in np.ndindex(*self.shape):
            yield index, {s: p for s, p in enumerate(self.tensor[index]) if p != 0}

    def entries(self) -> Array:
        return self.tensor

    def to_field(self, field: Field) -> Transition:
        return DenseTransition(_converted(self.tensor, field), field)

    def agent_sums(self, weights: Array) -> list[Array]:
        return mg.agent_sums(self.tensor, weights)

    def agent_means(self, marginals: mg.Halves) -> list[Array]:
        return mg.agent_means(self.tensor, marginals)

    def compressed(self, rows: Array | None = None) -> tuple[Array, Array, Array]:
        table = self.tensor.reshape(-1, self.states)
        chosen = table if rows is None else table[rows]
        count = chosen.shape[0]
        successors = np.broadcast_to(np.arange(self.states), chosen.shape).reshape(-1)
        return np.arange(count + 1) * self.states, successors, chosen.reshape(-1)

    def dense(self) -> Array:
        return self.tensor

    def under(self, policy: Array) -> Array:
        return np.asarray(self.tensor[(np.arange(self.states), *policy.T)])


@dataclass(frozen=True, eq=False)
class SparseTransition(Transition):
    """A kernel in compressed rows: row k = flat index of (s, a) holds entries indptr[k]:indptr[k+1].

    indptr: (S·|A|+1,) integers, every row non-empty; successors: (N,) integers; probabilities: (N,) scalars.
    """

    shape: tuple[int, ...]
    states: int
    indptr: Array
    successors: Array
    probabilities: Array
    field: Field

    def __post_init__(self) -> None:
        for name in ("indptr", "successors", "probabilities"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))

    def check(self) -> None:
        sizes, total = np.diff(self.indptr), self.successors.size
        if sizes.size != np.prod(self.shape) or self.indptr[0] != 0 or self.indptr[-1] != total != 0:
            raise ModelError(f"transition: indptr does not split {total} entries into rows of shape {self.shape}")
        if (sizes < 1).any():
            raise ModelError(f"transition at {self._place(int(sizes.argmin()))}: expected a successor, found none")
        _require_states(self.successors, self.states)
        row = np.repeat(np.arange(sizes.size), sizes)
        cell = np.sort(row * self.states + self.successors)
        repeated = np.flatnonzero(np.diff(cell) == 0)
        if repeated.size:
            at, successor = divmod(int(cell[repeated[0]]), self.states)
            raise ModelError(f"transition at {self._place(at)}: successor state {successor} is listed twice")

    def _place(self, row: int) -> str:
        state, *action = map(int, np.unravel_index(row, self.shape))
        return f"state {state}, joint action {tuple(action)}"

    @property
    def nbytes(self) -> int:
        return self.indptr.nbytes + self.successors.nbytes + bytes_of(self.probabilities)

    @property
    def stored(self) -> int:
        return int(self.successors.size)

    def at(self, states: Array | slice) -> Transition:
        kept = np.arange(self.indptr.size - 1).reshape(self.shape[0], -1)[states]
        rows = kept.reshape(-1)
        return SparseTransition((len(kept), *self.shape[1:]), self.states, *self.compressed(rows), self.field)

    def compressed(self, rows: Array | None = None) -> tuple[Array, Array, Array]:
        if rows is None:
            return self.indptr, self.successors, self.probabilities
        starts, sizes = self.indptr[rows], self.indptr[rows + 1] - self.indptr[rows]
        indptr = np.concatenate([[0], np.cumsum(sizes)])
        kept = np.repeat(starts - indptr[:-1], sizes) + np.arange(indptr[-1])
        return indptr, self.successors[kept], self.probabilities[kept]

    def expect(self, values: Array) -> Array:
        rows = self.indptr.size - 1
        step = rows if values.dtype != object else OBJECT_ROWS
        parts = [self._means(values, first, min(first + step, rows)) for first in range(0, rows, step)]
        return (parts[0] if len(parts) == 1 else np.concatenate(parts)).reshape(self.shape)

    def _means(self, values: Array, first: int, stop: int) -> Array:
        """Return Σ_s' P(s'|s,a) V(s') for some rows."""
        own = slice(self.indptr[first], self.indptr[stop])
        products = self.probabilities[own] * values[self.successors[own]]
        return np.asarray(np.add.reduceat(products, self.indptr[first:stop] - self.indptr[first]))

    def rows(self) -> Iterator[tuple[tuple[int, ...], dict[int, Scalar]]]:
        for k, index in enumerate(np.ndindex(*self.shape)):
            part = slice(self.indptr[k], self.indptr[k + 1])
            yield index, dict(zip(self.successors[part].tolist(), self.probabilities[part], strict=True))

    def entries(self) -> Array:
        return self.probabilities

    def to_field(self, field: Field) -> Transition:
        probabilities = _converted(self.probabilities, field)
        return SparseTransition(self.shape, self.states, self.indptr, self.successors, probabilities, field)


@dataclass(frozen=True, eq=False)
class DeterministicTransition(Transition):
    """A kernel kept as the successor s'(s,a): integers of shape (S, A_1, ..., A_n)."""

    successor: Array
    states: int
    field: Field = "exact"

    def __post_init__(self) -> None:
        object.__setattr__(self, "successor", _read_only(self.successor))
        object.__setattr__(self, "shape", self.successor.shape)

    def check(self) -> None:
        _require_states(self.successor, self.states)

    @property
    def nbytes(self) -> int:
        return self.successor.nbytes

    @property
    def stored(self) -> int:
        return int(self.successor.size)

    def at(self, states: Array | slice) -> Transition:
        return DeterministicTransition(self.successor[states], self.states, self.field)

    def expect(self, values: Array) -> Array:
        return np.asarray(values[self.successor])

    def rows(self) -> Iterator[tuple[tuple[int, ...], dict[int, Scalar]]]:
        one = scalars.scalar(1, self.field)
        for index in np.ndindex(*self.shape):
            yield index, {int(self.successor[index]): one}

    def entries(self) -> Array:
        return scalars.full((1,), 1, self.field)

    def to_field(self, field: Field) -> Transition:
        return DeterministicTransition(self.successor, self.states, field)

    def compressed(self, rows: Array | None = None) -> tuple[Array, Array, Array]:
        successors = self.successor.reshape(-1) if rows is None else self.successor.reshape(-1)[rows]
        return np.arange(successors.size + 1), successors, scalars.full(successors.shape, 1, self.field)


def _converted(array: Array, field: Field) -> Array:
    return scalars.from_float(array) if field == "exact" and array.dtype.kind == "f" else scalars.as_field(array, field)


def _read_only(array: Array) -> Array:
    view = array.view()
    view.setflags(write=False)
    return view


def _require_states(successors: Array, states: int) -> None:
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
