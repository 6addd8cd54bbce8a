"""V*, Q*, optimal policies and values of given policies: policy iteration, exact or float.

Exact: where the policy that value iteration settles on never returns to a state that it has left, its value is found by
substitution (`substitution`). Else a float policy iteration proposes a policy, one integer solve of (I - γ P_π) V = r_π
gives its value, and one check of all joint actions either proves it optimal (V = max_a (r + γ P V)) or improves it. The
check is exact where it matters: the policy's own actions have advantage 0 since the solve is exact; another joint
action whose float advantage lies below zero by more than any rounding can explain is discarded, every other one is
compared in integers (`integer_rows`).

What is left to gain, W = V* - V^π, is the optimal value of the model whose rewards are the advantages of π:
    W = max_a (A^π + γ P W).
Floats that start from exact advantages therefore see gains far below the resolution of V itself, and propose the next
policy: far from the reward of a chain, where one exact solve a state would be needed otherwise.
"""

from dataclasses import replace
from os import PathLike
from typing import overload

import numpy as np
from flint import fmpq, fmpz

from fqi_theory.base import scalars
from fqi_theory.base.counts import whole
from fqi_theory.base.errors import NumberError
from fqi_theory.base.scalars import Array, objects
from fqi_theory.factorization.igm import joint_greedy
from fqi_theory.model.discounts import require_discount_below_one
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition
from fqi_theory.planning.ending import solve_undiscounted
from fqi_theory.planning.floats import EPSILON, FloatModel, float_model, floats
from fqi_theory.planning.horizon import finite_horizon_values as finite_horizon_values
from fqi_theory.planning.horizon import solve_horizon
from fqi_theory.planning.integer_rows import integer_rows
from fqi_theory.planning.policies import policy_values as policy_values
from fqi_theory.planning.policies import solve_exact as solve_exact
from fqi_theory.planning.refinement import solution
from fqi_theory.planning.solutions import HorizonSolution as HorizonSolution
from fqi_theory.planning.solutions import Solution as Solution
from fqi_theory.planning.substitution import prepared

#: From so many states on a policy's exact value comes digit by digit. Below, elimination is as fast or faster: 5 times
#: on random sparse rows of 300 states; on deterministic rows as fast at 300 states, and 10 times slower at 500.
REFINED_DETERMINISTIC, REFINED_SPARSE = 256, 600


@overload
def solve(model: MMDP | str | PathLike[str], *, horizon: None = None) -> Solution: ...
@overload
def solve(model: MMDP | str | PathLike[str], *, horizon: int) -> HorizonSolution: ...
def solve(model: MMDP | str | PathLike[str], *, horizon: int | None = None) -> Solution | HorizonSolution:
    """Return the optimal solution in the model's number type, over all time or `horizon` steps.

    model: an MMDP, a name of the catalogue or a path, with γ < 1; or γ = 1 where every policy ends (see `ending`), else
    ModelError names states that never end; or any γ with a horizon H >= 0: V_H, exact in exact models.

    Float models are solved by policy iteration until no action gains more than 1e-12 of the scale of the values.
    """
    model = as_model(model)
    found = _solved(model) if horizon is None else solve_horizon(model, whole(horizon, "horizon"))
    return found if model.available is None else replace(found, policy=model.played(found.policy))


def _solved(model: MMDP) -> Solution:
    if model.field != "symbolic" and model.discount == 1:
        return solve_undiscounted(model)
    if model.field == "exact":
        return _solve_exactly(model)
    if model.field == "symbolic":
        return solve_generically(model)
    near = float_model(model)
    values = near.values(near.policy())
    return Solution(model, values, joint_greedy(model.backup(values)))


def value_bounds(model: MMDP | str | PathLike[str], width: float) -> tuple[Array, Array]:
    """Return float (lower, upper) bounds of V*, (S,) each, by value iteration, for models of any size.

    They are `width` apart, or further after a million sweeps: where rounding keeps them apart, or where the span of a
    sweep shrinks by no more than γ (periodic models, several recurrent classes) and γ is near 1. Rounding moves them
    outward. model: as for `solve`. Raises ModelError unless γ < 1, NumberError for symbolic models, for a width that is
    not positive and where float64 does not hold the numbers.
    """
    model = as_model(model)
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
    read, count = prepared(model), model.reward.size // model.n_states
    found = read.solution()
    if found is not None:
        return Solution(model, found[0], _policy(model, found[1]))
    near = read.near
    chosen, tried = _rows_of(model, near.policy()), set[bytes]()
    while True:
        tried.add(chosen.tobytes())
        numerators, denominator = _fixed_point(model, chosen, near.discount)
        values = objects(fmpq(x, denominator) for x in numerators)
        rounded = floats(values)
        possible = near.possible(rounded).reshape(-1)
        possible[chosen] = False
        rows = np.flatnonzero(possible)
        others = integer_rows(model, rows)
        advantages = others.advantages(numerators, denominator)
        if not (advantages > 0).any():
            first = _first_row_of_each_state(np.concatenate([chosen, rows[advantages == 0]]), count)
            return Solution(model, values, _policy(model, first))
        gains = others.gains(advantages)
        proposed = _rows_of(model, _remaining(near, rounded, chosen, rows, gains / denominator).policy())
        if proposed.tobytes() not in tried:
            chosen = proposed
            continue
        for s in np.unique(others.owners[advantages > 0]):
            own = np.flatnonzero(others.owners == s)
            chosen[s] = rows[own[gains[own].argmax()]]


def _rows_of(model: MMDP, policy: Array) -> Array:
    """Return the flat indices (S,) of (s, π(s)) for a joint policy (S, n)."""
    count = model.reward.size // model.n_states
    return np.asarray(np.arange(model.n_states) * count + np.ravel_multi_index(policy.T, model.action_counts))


def _policy(model: MMDP, rows: Array) -> Array:
    """Return the joint policy (S, n) whose flat indices are `rows`, (S,)."""
    count = model.reward.size // model.n_states
    return np.array(np.unravel_index(rows % count, model.action_counts)).T


def _remaining(near: FloatModel, values: Array, chosen: Array, rows: Array, gains: Array) -> FloatModel:
    """Return the model of what is left to gain, in units of the largest gain: its rewards are advantages.

    values: V^π rounded, (S,); chosen: the rows of π; rows, gains: the exact advantages of other rows, some above 0.
    """
    largest = gains.max()
    with np.errstate(all="ignore"):
        advantages = ((near.backup(values) - values[:, None]) / float(floats(objects([largest]))[0])).reshape(-1)
    advantages[np.isnan(advantages)] = -np.inf
    advantages[rows], advantages[chosen] = floats(gains / largest), 0
    return replace(near, reward=advantages.reshape(near.reward.shape))


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
