"""Values of given policies, by one linear solve."""

from itertools import pairwise
from os import PathLike
from typing import Any

import numpy as np
from flint import fmpq_mat

from fqi_theory.base import scalars
from fqi_theory.base.condensation import fixed_point
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array, objects
from fqi_theory.model.discounts import require_discount_below_one
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.model.transitions import DenseTransition


def policy_values(model: MMDP | str | PathLike[str], policy: Any) -> Array:
    """Return V^π, (S,), of a deterministic joint policy (S, n): the solution of V = r_π + γ P_π V.

    model: an MMDP, a name of the catalogue or a path. Raises DataError for what is no such policy, ModelError at γ = 1.
    """
    model = as_model(model)
    require_discount_below_one(model)
    chosen = np.asarray(policy)
    shape = (model.n_states, model.n_agents)
    if chosen.shape != shape or chosen.dtype.kind not in "iu":
        raise DataError(f"policy: expected integers of shape {shape}, found {chosen.dtype} of shape {chosen.shape}")
    if (chosen < 0).any() or (chosen >= np.array(model.action_counts)).any():
        raise DataError(f"policy: expected actions below {model.action_counts}, found {chosen.min()}..{chosen.max()}")
    rewards = model.reward[(np.arange(model.n_states), *chosen.T)]
    if model.field == "exact" and not isinstance(model.transition, DenseTransition):
        return _from_the_ends(model, chosen, rewards)
    system = -model.discount * model.transition.under(chosen)
    system[np.diag_indices(model.n_states)] += scalars.scalar(1, model.field)
    if model.field == "float":
        return np.asarray(np.linalg.solve(system, rewards))
    return solve_exact(system, rewards)


def _from_the_ends(model: MMDP, policy: Array, rewards: Array) -> Array:
    """Return V^π by the entries of P alone: what a state leads to first."""
    rows = np.ravel_multi_index((np.arange(model.n_states), *policy.T), model.reward.shape)
    indptr, successors, chances = model.transition.compressed(rows)
    entries = [
        {int(t): model.discount * p for t, p in zip(successors[a:b], chances[a:b], strict=True)}
        for a, b in pairwise(indptr.tolist())
    ]
    found = fixed_point(entries, list(rewards))
    assert found is not None, "γ < 1, so I - γ P is regular"
    return objects(found)


def solve_exact(matrix: Array, right: Array) -> Array:
    """Return the rational solution x of matrix · x = right; raises ZeroDivisionError when the matrix is singular."""
    size = matrix.shape[0]
    solution = fmpq_mat(size, size, list(matrix.reshape(-1))).solve(fmpq_mat(size, 1, list(right)))
    result = np.empty(size, dtype=object)
    result[:] = solution.entries()
    return result
