"""Discount 1 where every policy ends: the total reward is finite, and V* the only solution of its equation.

A state has *ended* if it lies in the largest set Z of states in which every joint action pays 0 and leads into Z. A
run can go on for ever iff there is a set of states outside Z in each of which some joint action leads into the set for
sure: the largest such set W is found by removing states that have no such action. W is empty iff every policy reaches Z
with probability 1 from every state (a recurrent class of a policy outside Z would lie in W). Then I - P_π is regular
outside Z for every policy π, V* = max_a (r + P V*) with V* = 0 on Z has one solution, and policy iteration finds it.
"""

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import ModelError
from fqi_theory.base.limits import EXACT_BYTES, require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import listed
from fqi_theory.factorization.igm import joint_greedy
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.policies import solve_exact
from fqi_theory.planning.solutions import Solution

STATES_NAMED = 4
FLOAT_GAIN = 1e-12


def ended_states(model: MMDP) -> Array:
    """Return which states have ended, booleans (S,)."""
    ended = (model.reward.reshape(model.n_states, -1) == 0).all(axis=1)
    while True:
        kept = ended & _leads_into(model, ended).all(axis=1)
        if (kept == ended).all():
            return np.asarray(ended)
        ended = kept


def endless_states(model: MMDP) -> Array:
    """Return the states from which some policy never ends for sure, booleans (S,)."""
    going = ~ended_states(model)
    while True:
        kept = going & _leads_into(model, going).any(axis=1)
        if (kept == going).all():
            return np.asarray(going)
        going = kept


def _leads_into(model: MMDP, states: Array) -> Array:
    """Return for every state and joint action, (S, |A|), whether all successors lie in a set of states (S,)."""
    indptr, successors, probabilities = model.transition.compressed()
    outside = ~states[successors] & np.asarray(probabilities != 0, dtype=bool)
    return np.asarray(~np.logical_or.reduceat(outside, indptr[:-1]).reshape(model.n_states, -1))


def require_ending(model: MMDP) -> None:
    """Raise ModelError, naming states, where some policy of a model with discount 1 never ends."""
    endless = np.flatnonzero(endless_states(model))
    if endless.size == 0:
        return
    names = listed([model.states[s] for s in endless], STATES_NAMED)
    inside = np.isin(np.arange(model.n_states), endless)
    chosen = np.unravel_index(int(_leads_into(model, inside)[endless[0]].argmax()), model.action_counts)
    raise ModelError(
        f"model {model.name!r} has discount 1, and not every policy ends: some never do from state {names} "
        f"({model.place(int(endless[0]), [int(a) for a in chosen])} leads to these only); use --discount G "
        "(with_discount), or --horizon H (solve(model, horizon=H))"
    )


def solve_undiscounted(model: MMDP) -> Solution:
    """Return V* and the first optimal joint policy of a model with discount 1; raises ModelError unless it ends."""
    require_ending(model)
    going = np.flatnonzero(~ended_states(model))
    require_memory("the kernel of a policy", (model.n_states, model.n_states), EXACT_BYTES)
    policy = joint_greedy(model.reward)
    while True:
        values = scalars.zeros((model.n_states,), model.field)
        if going.size:
            values[going] = _values_until_the_end(model, policy, going)
        targets = model.backup(values)
        best = scalars.maximum(targets, axis=tuple(range(1, targets.ndim)))
        least = FLOAT_GAIN * (1 + np.abs(values).max()) if model.field == "float" else 0
        better = np.asarray(best - values > least, dtype=bool)
        if not better.any():
            return Solution(model, values, joint_greedy(targets))
        policy = np.where(better[:, None], joint_greedy(targets), policy)


def _values_until_the_end(model: MMDP, policy: Array, going: Array) -> Array:
    """Return V^π at the states that have not ended: the solution of (I - P_π) V = r_π among them."""
    system = -model.transition.under(policy)[np.ix_(going, going)]
    system[np.diag_indices(going.size)] += scalars.scalar(1, model.field)
    rewards = model.reward[(np.arange(model.n_states), *policy.T)][going]
    return solve_exact(system, rewards) if model.field == "exact" else np.asarray(np.linalg.solve(system, rewards))
