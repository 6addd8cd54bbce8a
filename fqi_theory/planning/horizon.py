"""Finite horizons: repeated backups, at any discount up to 1."""

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.limits import EXACT_BYTES, require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.igm import joint_greedy
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.solutions import HorizonSolution

#: A value takes as much as so many indices of actions.
EXACT_WORDS = EXACT_BYTES // 8


def solve_horizon(model: MMDP, horizon: int) -> HorizonSolution:
    """Return optimal values and a policy for each time of a horizon >= 0; raises TooLarge before memory is spent."""
    require_memory("values and policies of a horizon", (horizon + 1, model.n_states, model.n_agents + EXACT_WORDS))
    steps = [scalars.zeros((model.n_states,), model.field)]
    policies = [np.zeros((0, model.n_states, model.n_agents), dtype=int)]
    for _ in range(horizon):
        targets = model.backup(steps[-1])
        steps.append(scalars.maximum(targets, axis=tuple(range(1, targets.ndim))))
        policies.append(joint_greedy(targets)[None])
    return HorizonSolution(model, np.stack(steps), np.concatenate(policies[::-1]))


def finite_horizon_values(model: MMDP, horizon: int) -> Array:
    """Return the optimal `horizon`-step values (S,): V_0 = 0, V_{h+1} = max_a (r + γ P V_h); any discount."""
    return solve_horizon(model, horizon).values
