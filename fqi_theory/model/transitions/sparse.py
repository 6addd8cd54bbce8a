"""Kernels kept as compressed rows."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fqi_theory.base.errors import ModelError
from fqi_theory.base.limits import bytes_of
from fqi_theory.base.scalars import Array, Field, Scalar
from fqi_theory.model.transitions.kernel import Transition, converted, read_only, require_states

#: Rows of exact or symbolic numbers whose products are kept at one time.
OBJECT_ROWS = 1 << 11


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
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def check(self) -> None:
        sizes, total = np.diff(self.indptr), self.successors.size
        if sizes.size != np.prod(self.shape) or self.indptr[0] != 0 or self.indptr[-1] != total != 0:
            raise ModelError(f"transition: indptr does not split {total} entries into rows of shape {self.shape}")
        if (sizes < 1).any():
            raise ModelError(f"transition at {self._place(int(sizes.argmin()))}: expected a successor, found none")
        require_states(self.successors, self.states)
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
        probabilities = converted(self.probabilities, field)
        return SparseTransition(self.shape, self.states, self.indptr, self.successors, probabilities, field)
