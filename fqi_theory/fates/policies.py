"""Deterministic joint policies of small models: enumeration, person-by-person optimality
(theory notes, section 5 ✦)."""

import math
from collections.abc import Iterator
from itertools import product

import numpy as np

from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import Array
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.optimal import policy_values

MOST_POLICIES = 20_000


def count_policies(model: MMDP) -> int:
    """Return |A|^|S|, the number of deterministic joint policies."""
    return int(math.prod(model.action_counts) ** model.n_states)


def joint_policies(model: MMDP) -> Iterator[Array]:
    """Yield every deterministic joint policy (S, n), lexicographically; raises TooLarge beyond 20,000."""
    total = count_policies(model)
    if total > MOST_POLICIES:
        raise TooLarge(
            f"model {model.name!r} has {total} deterministic joint policies, at most {MOST_POLICIES} are enumerated"
        )
    actions = list(product(*map(range, model.action_counts)))
    for chosen in product(actions, repeat=model.n_states):
        yield np.array(chosen)


def is_person_by_person_optimal(model: MMDP, policy: Array) -> bool:
    """Tell whether no single agent ties or improves alone: y(s,π(s)) > y(s, x ⊕ π_{-i}(s)) for all s, i, x != π_i(s).

    y is built from V^π, the exact value of π. A later action x that duplicates π_i(s), with the same reward and
    transitions whatever the others do, is no rival: the first-index rule never chooses it.
    """
    targets = model.backup(policy_values(model, policy))
    for s, chosen in enumerate(policy):
        for i in range(model.n_agents):
            line = targets[(s, *(slice(None) if j == i else int(chosen[j]) for j in range(model.n_agents)))]
            for x, value in enumerate(line):
                if x != chosen[i] and value >= line[chosen[i]] and not _duplicates(model, s, i, int(chosen[i]), x):
                    return False
    return True


def _duplicates(model: MMDP, state: int, agent: int, action: int, other: int) -> bool:
    """Tell whether a later action of one agent has the same rewards and transitions, whatever the others do."""
    if other < action:
        return False
    reward = np.moveaxis(model.reward[state], agent, 0)
    rows = np.moveaxis(model.transition.at(np.array([state])).dense()[0], agent, 0)
    return bool(np.all(reward[action] == reward[other]) and np.all(rows[action] == rows[other]))


def person_by_person_optimal_policies(model: MMDP) -> list[Array]:
    """Return all strictly person-by-person optimal deterministic joint policies of a small model."""
    return [policy for policy in joint_policies(model) if is_person_by_person_optimal(model, policy)]
