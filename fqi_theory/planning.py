"""V*, Q*, optimal policies and values of given policies: policy iteration, exact or float.

Exact: a float policy iteration proposes a policy, one rational solve of (I - γ P_π) V = r_π gives its value, and one
exact comparison of all joint actions either proves it optimal (V = max_a (r + γ P V)) or improves it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq_mat

from fqi_theory import scalars
from fqi_theory.errors import NumberError
from fqi_theory.factorization.igm import joint_greedy
from fqi_theory.mmdp import MMDP, require_discount_below_one
from fqi_theory.scalars import Array

SUPPORTED_GAIN = 1e-12


@dataclass(frozen=True, eq=False)
class Solution:
    """V* (S,), Q* (S, A_1, ..., A_n) and the first optimal joint policy in lexicographic order, integers (S, n)."""

    model: MMDP
    values: Array
    action_values: Array
    policy: Array

    def to_json(self) -> dict[str, Any]:
        """Return the `solution/1` document."""
        return {
            "format": "solution/1",
            "model": self.model.name,
            "discount": scalars.text(self.model.discount),
            "values": scalars.nested_text(self.values),
            "policy": self.policy.tolist(),
            "field": self.model.field,
        }


def solve(model: MMDP) -> Solution:
    """Return the optimal solution in the model's number type; raises ModelError unless γ < 1.

    Float models are solved by policy iteration until no action gains more than 1e-12 of the scale of the values.
    """
    require_discount_below_one(model)
    if model.field == "float":
        policy = _float_policy(model)
        values = policy_values(model, policy)
    else:
        policy = _proposed_policy(model)
        values = policy_values(model, policy)
        while True:
            targets = model.backup(values)
            better = scalars.maximum(targets, axis=tuple(range(1, targets.ndim))) > values
            if not better.any():
                break
            policy = np.where(better[:, None], joint_greedy(targets), policy)
            values = policy_values(model, policy)
    targets = model.backup(values)
    return Solution(model, values, targets, joint_greedy(targets))


def policy_values(model: MMDP, policy: Array) -> Array:
    """Return V^π, (S,), of a deterministic joint policy (S, n): the solution of V = r_π + γ P_π V."""
    chosen = np.asarray(policy)
    rewards = model.reward[(np.arange(model.n_states), *chosen.T)]
    system = -model.discount * model.transition.under(chosen)
    system[np.diag_indices(model.n_states)] += scalars.scalar(1, model.field)
    if model.field == "float":
        return np.asarray(np.linalg.solve(system, rewards))
    return solve_exact(system, rewards)


def solve_exact(matrix: Array, right: Array) -> Array:
    """Return the rational solution x of matrix · x = right; raises ZeroDivisionError when the matrix is singular."""
    size = matrix.shape[0]
    solution = fmpq_mat(size, size, list(matrix.reshape(-1))).solve(fmpq_mat(size, 1, list(right)))
    result = np.empty(size, dtype=object)
    result[:] = solution.entries()
    return result


def finite_horizon_values(model: MMDP, horizon: int) -> Array:
    """Return the optimal `horizon`-step values (S,): V_0 = 0, V_{h+1} = max_a (r + γ P V_h); any discount."""
    values = scalars.zeros((model.n_states,), model.field)
    for _ in range(horizon):
        targets = model.backup(values)
        values = scalars.maximum(targets, axis=tuple(range(1, targets.ndim)))
    return values


def _proposed_policy(model: MMDP) -> Array:
    """Return a policy to start the exact search from: the float optimum where float64 can hold the problem."""
    try:
        return _float_policy(model.to_float())
    except (NumberError, np.linalg.LinAlgError):
        return joint_greedy(model.reward)


def _float_policy(model: MMDP) -> Array:
    policy = joint_greedy(model.reward)
    while True:
        values = policy_values(model, policy)
        targets = model.backup(values)
        gain = targets.max(axis=tuple(range(1, targets.ndim))) - values
        better = gain > SUPPORTED_GAIN * max(1.0, float(np.abs(values).max()))
        if not better.any():
            return policy
        policy = np.where(better[:, None], joint_greedy(targets), policy)
