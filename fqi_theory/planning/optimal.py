"""V*, Q*, optimal policies and values of given policies: policy iteration, exact or float.

Exact: a float policy iteration proposes a policy, one integer solve of (I - γ P_π) V = r_π gives its value, and one
check of all joint actions either proves it optimal (V = max_a (r + γ P V)) or improves it. The check is exact where it
matters: the policy's own actions have advantage 0 since the solve is exact; another joint action whose float advantage
lies below zero by more than any rounding can explain is discarded, every other one is compared in integers
(`integer_rows`).
"""

from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz

from fqi_theory.base import scalars
from fqi_theory.base.errors import NumberError
from fqi_theory.base.scalars import Array, objects
from fqi_theory.factorization.igm import joint_greedy
from fqi_theory.model.mmdp import MMDP, require_discount_below_one
from fqi_theory.model.named import as_model
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition
from fqi_theory.planning.floats import EPSILON, float_model, floats
from fqi_theory.planning.integer_rows import integer_rows
from fqi_theory.planning.refinement import solution

#: From so many states on a policy's exact value comes digit by digit. Below, elimination is as fast or faster: 5 times
#: on random sparse rows of 300 states; on deterministic rows as fast at 300 states, and 10 times slower at 500.
REFINED_DETERMINISTIC, REFINED_SPARSE = 256, 600


@dataclass(frozen=True, eq=False)
class Solution:
    """V* (S,) and the first optimal joint policy in lexicographic order, integers (S, n)."""

    model: MMDP
    values: Array
    policy: Array

    @cached_property
    def action_values(self) -> Array:
        """Return Q* = r + γ P V*, (S, A_1, ..., A_n), computed when first asked for."""
        return self.model.backup(self.values)

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


def solve(model: MMDP | str | PathLike[str]) -> Solution:
    """Return the optimal solution in the model's number type; raises ModelError unless γ < 1.

    model: an MMDP, a name of the catalogue or a path.

    Float models are solved by policy iteration until no action gains more than 1e-12 of the scale of the values.
    """
    model = as_model(model)
    require_discount_below_one(model)
    if model.field == "exact":
        return _solve_exactly(model)
    if model.field == "symbolic":
        return solve_generically(model)
    near = float_model(model)
    values = near.values(near.policy())
    return Solution(model, values, joint_greedy(model.backup(values)))


def value_bounds(model: MMDP, width: float) -> tuple[Array, Array]:
    """Return float (lower, upper) bounds of V*, (S,) each, by value iteration, for models of any size.

    They are `width` apart, or further after a million sweeps: where rounding keeps them apart, or where the span of a
    sweep shrinks by no more than γ (periodic models, several recurrent classes) and γ is near 1. Rounding moves them
    outward. Raises ModelError unless γ < 1, NumberError for symbolic models, for a width that is not positive and where
    float64 does not hold the numbers.
    """
    require_discount_below_one(model)
    if model.field == "symbolic" or not width > 0:
        raise NumberError(f"value_bounds: expected numbers and a width above 0, found {model.field}, {width}")
    near, rest = float_model(model), float(floats(np.array([1 - model.discount], dtype=object))[0])
    sums, slack = np.ones(1), 4 * EPSILON * rest
    if model.field == "float":
        sums, slack = near.kernel.expect(np.ones(model.n_states)), (model.n_states + 8) * EPSILON
    remaining = rest - near.discount * (sums.max() - 1) - slack, rest - near.discount * (sums.min() - 1) + slack
    if not (near.discount < 1 and min(remaining) > 0):
        raise NumberError(f"value_bounds: {near.discount} times rows that sum to {sums.max()} may be 1 in float64")
    with np.errstate(all="ignore"):
        low, high = near.bounds(width, remaining)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise NumberError("value_bounds: float64 does not hold the values of this model")
    return low, high


def _solve_exactly(model: MMDP) -> Solution:
    near, count = float_model(model), model.reward.size // model.n_states
    chosen = np.arange(model.n_states) * count + np.ravel_multi_index(near.policy().T, model.action_counts)
    while True:
        numerators, denominator = _fixed_point(model, chosen, near.discount)
        values = objects(fmpq(x, denominator) for x in numerators)
        possible = near.possible(floats(values)).reshape(-1)
        possible[chosen] = False
        rows = np.flatnonzero(possible)
        others = integer_rows(model, rows)
        advantages = others.advantages(numerators, denominator)
        if not (advantages > 0).any():
            first = _first_row_of_each_state(np.concatenate([chosen, rows[advantages == 0]]), count)
            return Solution(model, values, np.stack(np.unravel_index(first % count, model.action_counts), axis=-1))
        gains = others.gains(advantages)
        for s in np.unique(others.owners[advantages > 0]):
            own = np.flatnonzero(others.owners == s)
            chosen[s] = rows[own[gains[own].argmax()]]


def _fixed_point(model: MMDP, chosen: Array, discount: float) -> tuple[Array, fmpz]:
    """Return (v, d) with V = v/d the exact value of the policy whose rows are `chosen`: a sparse solve for large S."""
    rows, kernel = integer_rows(model, chosen), model.transition
    least = REFINED_DETERMINISTIC if isinstance(kernel, DeterministicTransition) else REFINED_SPARSE
    if model.n_states >= least and not isinstance(kernel, DenseTransition):
        found = solution(rows, discount)
        if found is not None:
            return found
    return rows.fixed_point()


def _first_row_of_each_state(rows: Array, count: int) -> Array:
    ordered = np.sort(rows)
    return ordered[np.unique(ordered // count, return_index=True)[1]]


def solve_generically(model: MMDP) -> Solution:
    """Return the same solution by the generic operators only, in any number type with an order: the reference."""
    policy = joint_greedy(model.reward)
    while True:
        values = policy_values(model, policy)
        targets = model.backup(values)
        better = scalars.maximum(targets, axis=tuple(range(1, targets.ndim))) > values
        if not better.any():
            return Solution(model, values, joint_greedy(targets))
        policy = np.where(better[:, None], joint_greedy(targets), policy)


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
