"""Conditional expectations of a joint tensor under product data: the exponential work, done once.

For a tensor y(s, a_1..a_n, ...) and marginals p_i(s, a_i) this computes every E_{-i}[y](s, a_i, ...) (all agents but i
averaged) by splitting the agents into halves: each half is averaged out once, and the two smaller tensors are
treated alike. The cost is about two passes over the joint tensor instead of n.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from fqi_theory.scalars import Array


def outer(marginals: Sequence[Array]) -> Array:
    """Return the product distribution: marginals (S, A_i) each, to a joint tensor (S, A_1, ..., A_n)."""
    states = marginals[0].shape[0]
    flat = reduce(lambda left, right: (left[:, :, None] * right[:, None, :]).reshape(states, -1), marginals)
    return np.asarray(flat.reshape(states, *(m.shape[1] for m in marginals)))


def agent_means(tensor: Array, marginals: Sequence[Array]) -> list[Array]:
    """Return [E_{-i}[y](s, a_i, ...) for each agent i].

    tensor: (S, A_1, ..., A_n, *rest); marginals: per agent (S, A_i); result: per agent (S, A_i, *rest).
    """
    states, agents = tensor.shape[0], len(marginals)
    rest = tensor.shape[agents + 1 :]
    flat = tensor.reshape(states, *tensor.shape[1 : agents + 1], -1)
    return [part.reshape(states, -1, *rest) for part in _split(flat, marginals)]


def joint_mean(tensor: Array, marginals: Sequence[Array]) -> Array:
    """Return E[y](s, ...): tensor (S, A_1, ..., A_n, *rest) to (S, *rest)."""
    means = agent_means(tensor, marginals)[0]
    weights = marginals[0].reshape(*marginals[0].shape, *[1] * (means.ndim - 2))
    return np.asarray((weights * means).sum(axis=1))


def _split(tensor: Array, marginals: Sequence[Array]) -> list[Array]:
    """Halve the agents of a tensor (S, A_1, ..., A_k, X) until each stands alone."""
    if len(marginals) == 1:
        return [tensor]
    half = (len(marginals) + 1) // 2
    left, right = marginals[:half], marginals[half:]
    return [*_split(_average_right(tensor, right), left), *_split(_average_left(tensor, left), right)]


def _average_right(tensor: Array, right: Sequence[Array]) -> Array:
    """Average the last agents out: (S, L..., R..., X) to (S, L..., X)."""
    states, rest = tensor.shape[0], tensor.shape[-1]
    kept = tensor.shape[1 : -1 - len(right)]
    weights = outer(right).reshape(states, 1, 1, -1)
    matrix = tensor.reshape(states, int(np.prod(kept)), -1, rest)
    return np.asarray((weights @ matrix).reshape(states, *kept, rest))


def _average_left(tensor: Array, left: Sequence[Array]) -> Array:
    """Average the first agents out: (S, L..., R..., X) to (S, R..., X)."""
    states = tensor.shape[0]
    kept = tensor.shape[1 + len(left) :]
    weights = outer(left).reshape(states, 1, -1)
    matrix = tensor.reshape(states, weights.shape[2], -1)
    return np.asarray((weights @ matrix).reshape(states, *kept))
