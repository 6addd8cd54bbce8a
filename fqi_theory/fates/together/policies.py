"""V* and values of given policies of many models, exact: floats propose a policy, integers decide."""

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.fates.together import steps
from fqi_theory.fates.together.tables import Tables

ROUNDS = 100
#: A joint action counts as better in floats by so much, for values of size 1.
BETTER = 1e-12


def optimal_values(tables: Tables) -> tuple[Array, Array, Array]:
    """Return V* as numerators (M, S) and denominators (M,), and whether it is proved (M,), by the Bellman equation."""
    numerators, denominators = _values(tables, _proposed(tables))
    left = steps.applied(tables.targets[..., :-1], numerators[:, None, None, :])
    targets = left + tables.targets[..., -1] * denominators[:, None, None]
    proved = (targets <= (numerators * tables.unit[:, None])[:, :, None]).all(axis=(1, 2))
    return numerators, denominators, proved


def policy_values(tables: Tables, policies: Array) -> tuple[Array, Array]:
    """Return the values of deterministic joint policies (M, S, n): numerators (M, S), denominators (M,) > 0."""
    return _values(tables, np.ravel_multi_index(tuple(np.moveaxis(policies, -1, 0)), tables.counts))


def _values(tables: Tables, chosen: Array) -> tuple[Array, Array]:
    rows = np.take_along_axis(tables.targets, chosen[:, :, None, None], axis=2)[:, :, 0]
    own = np.eye(tables.states, dtype=int).astype(object) * tables.unit[:, None, None]
    return steps.solution(own - rows[..., :-1], rows[..., -1])


def _proposed(tables: Tables) -> Array:
    """Return joint actions (M, S) by policy iteration in floats."""
    rows = tables.targets_floats
    chosen = rows[..., -1].argmax(axis=2)
    for _ in range(ROUNDS):
        own = np.take_along_axis(rows, chosen[:, :, None, None], axis=2)[:, :, 0]
        values = np.linalg.solve(np.eye(tables.states) - own[..., :-1], own[..., -1:])[..., 0]
        targets = steps.applied(rows[..., :-1], values[:, None, None, :]) + rows[..., -1]
        now = np.take_along_axis(targets, chosen[:, :, None], axis=2)[:, :, 0]
        better = targets.max(axis=2) > now + BETTER * (1 + np.abs(values).max(axis=1, keepdims=True))
        if not better.any():
            break
        chosen = np.where(better, targets.argmax(axis=2), chosen)
    return np.asarray(chosen)
