"""Float value iteration on a small model: a sweep is one product of matrices."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.planning.floats import ROUNDING, SETTLED, TINY, FloatModel, most_sweeps

#: The most entries, |S|²|A|, of the matrix.
ENTRIES = 1 << 16
#: Far from where sums overflow.
LARGEST = 1e250


@dataclass(frozen=True, eq=False)
class Sweeps:
    """matrix: [γ P(·|s,a), r(s,a)], (|A|·S, S + 1), states next to each other; scale: max |r|."""

    matrix: Array
    scale: float

    @cached_property
    def myopic(self) -> Array:
        """Return max_a r(s,a), (S,)."""
        return np.asarray(self.matrix[:, -1].reshape(-1, self.matrix.shape[1] - 1).max(axis=0))

    def settled(self) -> Array:
        """Return the first greedy joint actions, (S,), once two sweeps leave them, or after many from V = max_a r."""
        states = self.matrix.shape[1] - 1
        ahead, values, last = np.empty((self.matrix.shape[0] // states, states)), np.ones(states + 1), b""
        flat, own, product = ahead.reshape(-1), values[:-1], self.matrix.dot
        own[:] = self.myopic
        for k in range(most_sweeps(states) + 1):
            product(values, out=flat)
            if k % SETTLED == 0:
                chosen = ahead.argmax(axis=0)
                if chosen.tobytes() == last:
                    break
                last = chosen.tobytes()
            np.maximum.reduce(ahead, axis=0, out=own)
        return np.asarray(chosen)

    def possible(self, values: Array) -> Array:
        """Return (S, |A|) booleans, False only where r + γ P V < V(s) holds for certain; values: V rounded."""
        right = np.ones(values.size + 1)
        right[:-1] = values
        ahead = self.matrix.dot(right).reshape(-1, values.size)
        ahead -= values
        largest = float(values.dot(values)) ** 0.5  # no less than max |V|
        slack = ROUNDING * (self.scale + 2 * largest) + TINY * (1 + largest)
        return np.asarray(ahead.swapaxes(0, 1) >= -slack)


def sweeps(near: FloatModel) -> Sweeps | None:
    """Return a model as a matrix; None if that is too large, or numbers are."""
    states = near.reward.shape[0]
    if states * near.reward.size > ENTRIES:
        return None
    rewards = near.reward.reshape(states, -1)
    kernel = near.discount * near.kernel.dense().reshape(states, -1, states)
    matrix = np.concatenate([kernel, rewards[:, :, None]], axis=2).swapaxes(0, 1).reshape(-1, states + 1)
    scale = float(np.abs(rewards).max())
    return Sweeps(np.asfortranarray(matrix), scale) if scale < LARGEST else None  # a quarter faster than by rows
