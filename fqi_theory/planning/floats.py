"""A float64 picture of a model, for proposals and for discarding what is clearly not optimal."""

from dataclasses import dataclass

import numpy as np

from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.factorization.igm import joint_greedy
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition, SparseTransition, Transition
from fqi_theory.planning.refinement import SparseSystem

EPSILON = float(np.finfo(float).eps)
SUPPORTED_GAIN = 1e-12
#: Far above the rounding of a sum of at most 10^5 terms, relative to the sum of their magnitudes.
ROUNDING = 1e-10
#: Far above the error of a number that underflows, such as a probability of 1e-400, when it multiplies one of size 1.
TINY = 1e-290
#: The most sweeps of value iteration before policy iteration: one a state (news travels a state a sweep) within these
#: limits; and after how many without a change they end.
LEAST_SWEEPS, MOST_SWEEPS, SETTLED = 100, 1000, 2
#: From this size on a policy's linear system is solved as a sparse one.
SPARSE_SYSTEM = 256


@dataclass(frozen=True, eq=False)
class FloatModel:
    """reward (S, A_1, ..., A_n), kernel and discount in float64; entries may be infinite where float64 ends."""

    reward: Array
    kernel: Transition
    discount: float

    def backup(self, values: Array) -> Array:
        """Return r + γ P V, (S, |A|)."""
        return np.asarray(self.reward + self.discount * self.kernel.expect(values)).reshape(self.reward.shape[0], -1)

    def values(self, policy: Array) -> Array:
        """Return V^π, (S,), of a deterministic joint policy (S, n); raises LinAlgError where 1 - γ rounds to 0."""
        states = np.arange(policy.shape[0])
        rewards = self.reward[(states, *policy.T)]
        if isinstance(self.kernel, DenseTransition) or states.size < SPARSE_SYSTEM:
            system = -self.discount * self.kernel.under(policy)
            system[states, states] += 1.0
            return np.asarray(np.linalg.solve(system, rewards))
        from scipy.sparse import csr_matrix

        rows = np.ravel_multi_index((states, *policy.T), self.kernel.shape)
        indptr, successors, probabilities = self.kernel.compressed(rows)
        chosen = csr_matrix((probabilities, successors, indptr), shape=(states.size, states.size))
        return SparseSystem(self.discount * chosen, self.discount).solve(rewards)

    def policy(self) -> Array:
        """Return a policy, (S, n), that no action improves by more than 1e-12 of the scale of the values.

        Where float64 cannot hold the problem it is the last policy that was tried.
        """
        with np.errstate(all="ignore"):
            policy = self.settled_policy()
            for _ in range(self.reward.size):
                try:
                    values = self.values(policy)
                except np.linalg.LinAlgError:
                    return policy
                targets = self.backup(values)
                better = targets.max(axis=1) - values > SUPPORTED_GAIN * np.abs(values).max()
                improved = np.where(better[:, None], joint_greedy(targets.reshape(self.reward.shape)), policy)
                if (improved == policy).all():
                    return policy
                policy = improved
        return policy

    def settled_policy(self) -> Array:
        """Return the greedy policy (S, n) of value iteration from 0 once it stays the same, or after many sweeps."""
        states, unchanged = np.arange(self.reward.shape[0]), 0
        chosen = self.reward.reshape(states.size, -1).argmax(axis=1)
        values = self.reward.reshape(states.size, -1)[states, chosen]
        for _ in range(most_sweeps(states.size)):
            targets = self.backup(values)
            last, chosen = chosen, targets.argmax(axis=1)
            values = targets[states, chosen]
            unchanged = unchanged + 1 if (chosen == last).all() else 0
            if unchanged == SETTLED or not np.isfinite(values).all():
                break
        return np.stack(np.unravel_index(chosen, self.reward.shape[1:]), axis=-1)

    def bounds(self, width: float, remaining: tuple[float, float], most: int = 1_000_000) -> tuple[Array, Array]:
        """Return (lower, upper) bounds of V*, (S,) each, at most `width` apart if `most` sweeps of value iteration do.

        remaining: the least and the largest 1 - γ Σ_s' P(s'|s,a), above 0. Where it is 1 - γ, V* lies between
        V_{k+1} + γ/(1-γ) min and V_{k+1} + γ/(1-γ) max of V_{k+1} - V_k, so that the span of one step bounds what is
        left. What rounding can add to a step moves the bounds outward, and where a step moves all values alike but for
        rounding, another one would bring the bounds no nearer.
        """
        values, largest = np.zeros(self.reward.shape[0]), float(np.abs(self.reward).max())
        ahead = [(1 - rest) / rest for rest in remaining]
        for _ in range(most):
            following = self.backup(values).max(axis=1)
            moved, size = following - values, max(np.abs(values).max(), np.abs(following).max())
            rounding = (values.size + 8) * EPSILON * (largest + size) + TINY
            low, high = moved.min() - rounding, moved.max() + rounding
            values = following
            settled = high - low <= 4 * rounding
            low, high = min(g * low for g in ahead), max(g * high for g in ahead)
            if not high - low > width or settled:
                break
        rounding += 8 * EPSILON * (size + max(abs(low), abs(high)))
        return values + low - rounding, values + high + rounding

    def possible(self, values: Array) -> Array:
        """Return (S, |A|) booleans, False only where r + γ P V < V(s) holds for certain; values: V rounded."""
        with np.errstate(all="ignore"):
            ahead = self.backup(values)
            magnitude = (
                FloatModel(abs(self.reward), self.kernel, self.discount).backup(abs(values)) + abs(values)[:, None]
            )
            slack = ROUNDING * magnitude + TINY * (1 + np.abs(values).max())
            return ~np.asarray(ahead - values[:, None] < -slack)


def most_sweeps(states: int) -> int:
    """Return after how many sweeps value iteration ends, settled or not."""
    return min(max(LEAST_SWEEPS, states), MOST_SWEEPS)


def float_model(model: MMDP) -> FloatModel:
    """Return the model in float64, each number correctly rounded, beyond float64's range to infinity or zero."""
    discount = floats(np.array([model.discount], dtype=object))[0]
    return FloatModel(floats(model.reward), _float_kernel(model.transition), float(discount))


def floats(values: Array) -> Array:
    """Return rationals or floats in float64, each correctly rounded; beyond its range infinity or zero."""
    try:
        return values.astype(float)
    except OverflowError:
        return np.array([_float(x) for x in values.flat]).reshape(values.shape)


def _float(value: Scalar) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _float_kernel(kernel: Transition) -> Transition:
    if kernel.field == "float":
        return kernel
    if isinstance(kernel, DenseTransition):
        return DenseTransition(floats(kernel.tensor), "float")
    if isinstance(kernel, SparseTransition):
        rows = kernel.indptr, kernel.successors
        return SparseTransition(kernel.shape, kernel.states, *rows, floats(kernel.probabilities), "float")
    assert isinstance(kernel, DeterministicTransition)
    return DeterministicTransition(kernel.successor, kernel.states, "float")
