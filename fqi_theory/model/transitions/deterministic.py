"""Kernels kept as one successor of each state and joint action."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array, Field, Scalar
from fqi_theory.model.transitions.kernel import Transition, read_only, require_states


@dataclass(frozen=True, eq=False)
class DeterministicTransition(Transition):
    """A kernel kept as the successor s'(s,a): integers of shape (S, A_1, ..., A_n)."""

    successor: Array
    states: int
    field: Field = "exact"

    def __post_init__(self) -> None:
        object.__setattr__(self, "successor", read_only(self.successor))
        object.__setattr__(self, "shape", self.successor.shape)

    def check(self) -> None:
        require_states(self.successor, self.states)

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
