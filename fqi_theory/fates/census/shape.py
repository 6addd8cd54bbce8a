"""The deterministic models of a shape, numbered."""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fqi_theory.base import scalars
from fqi_theory.base.errors import ModelError, TooLarge
from fqi_theory.model.mmdp import MMDP

Integers: TypeAlias = NDArray[np.int64]
#: Numbers of models are kept as 64-bit integers.
MOST = 2**62


@dataclass(frozen=True)
class Shape:
    """All models with |S| = states, |A_i| = actions[i], deterministic transitions and rewards from a set (ours).

    A *cell* is a state with a joint action, in row-major order; there are C = |S| Π|A_i|. A cell holds one digit
    (index of its reward)·|S| + successor of base B = |rewards|·|S|, the first cell the highest, so that the models are
    numbered 0, ..., B^C - 1. rewards: increasing. Raises ModelError, and TooLarge where B^C > 2^62.
    """

    states: int
    actions: tuple[int, ...]
    rewards: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if not self.actions or min(self.states, *self.actions) < 1:
            raise ModelError(
                f"shape: expected at least one of each, found {self.states} states, actions {self.actions}"
            )
        if not self.rewards or any(low >= high for low, high in zip(self.rewards, self.rewards[1:], strict=False)):
            found = ", ".join(str(scalars.exact(r)) for r in self.rewards) or "none"
            raise ModelError(f"rewards: expected different numbers, increasing, found {found}")
        if self.cells > 62 or self.count > MOST:
            raise TooLarge(f"a census of {self.base}^{self.cells} models: expected at most 2^62")

    @property
    def cells(self) -> int:
        """Return C."""
        return self.states * prod(self.actions)

    @property
    def base(self) -> int:
        """Return B."""
        return len(self.rewards) * self.states

    @property
    def count(self) -> int:
        """Return how many models there are, B^C."""
        return int(self.base**self.cells)

    @property
    def table(self) -> tuple[int, ...]:
        """Return (S, A_1, ..., A_n)."""
        return self.states, *self.actions

    def cells_of(self, numbers: Integers) -> tuple[Integers, Integers]:
        """Return the indices of rewards and the successors of models, (m, C) each; numbers: (m,)."""
        digits = numbers[:, None] // self._places % self.base
        return digits // self.states, digits % self.states

    def numbers_of(self, rewards: Integers, successors: Integers) -> Integers:
        """Return the numbers (m,) of models by their cells (m, C)."""
        found: Integers = (rewards * self.states + successors) @ self._places
        return found

    def model(self, number: int, discount: Any) -> MMDP:
        """Return one model, exact."""
        rewards, successors = self.cells_of(np.array([number], dtype=np.int64))
        numbers = [scalars.exact(r) for r in self.rewards]
        reward = np.empty(self.cells, dtype=object)
        reward[:] = [numbers[k] for k in rewards[0]]
        name = f"model {number} of {self.base}^{self.cells}"
        kernel = successors[0].reshape(self.table)
        return MMDP(reward.reshape(self.table), kernel, discount, agents=len(self.actions), name=name)

    @property
    def _places(self) -> Integers:
        return np.array([self.base**k for k in reversed(range(self.cells))], dtype=np.int64)
