"""Kernels kept as a tensor."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fqi_theory.base.limits import bytes_of
from fqi_theory.base.scalars import Array, Field, Scalar
from fqi_theory.model import expectations as mg
from fqi_theory.model.transitions.kernel import Transition, converted, read_only


@dataclass(frozen=True, eq=False)
class DenseTransition(Transition):
    """A kernel kept as the tensor (S, A_1, ..., A_n, S)."""

    tensor: Array
    field: Field

    def __post_init__(self) -> None:
        object.__setattr__(self, "tensor", read_only(self.tensor))
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
        return DenseTransition(converted(self.tensor, field), field)

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
