"""Conditional expectations and sums of a joint tensor agent by agent: the exponential work, done once.

For a tensor y(s, a_1..a_n, ...) and marginals p_i(s, a_i) `agent_means` computes every E_{-i}[y](s, a_i, ...) (all
agents but i averaged) by splitting the agents into halves: each half is averaged out once, and the two smaller tensors
are treated alike. Large float tensors are read block by block, so that both halves find their block in the cache: the
cost is about one pass over the joint tensor in memory instead of n, with no temporary of the tensor's size.
"""

from collections.abc import Sequence
from functools import reduce
from math import prod

import numpy as np

from fqi_theory import scalars
from fqi_theory.scalars import Array

BLOCK_BYTES = 1 << 20
SMALL_BYTES = 1 << 20


def outer(marginals: Sequence[Array]) -> Array:
    """Return the product distribution: marginals (S, A_i) each, to a joint tensor (S, A_1, ..., A_n)."""
    states = marginals[0].shape[0]
    flat = reduce(lambda left, right: (left[:, :, None] * right[:, None, :]).reshape(states, -1), marginals)
    return np.asarray(flat.reshape(states, *(m.shape[1] for m in marginals)))


def outer_but(marginals: Sequence[Array], agent: int) -> Array:
    """Return the product distribution of all agents but one (0, ..., n-1): Π_{j≠i} p_j(s,a_j), (S, A_1, ..., A_n)."""
    ones = scalars.full(marginals[agent].shape, 1, scalars.field_of(marginals[agent]))
    return outer([*marginals[:agent], ones, *marginals[agent + 1 :]])


def agent_means(tensor: Array, marginals: Sequence[Array]) -> list[Array]:
    """Return [E_{-i}[y](s, a_i, ...) for each agent i].

    tensor: (S, A_1, ..., A_n, *rest); marginals: per agent (S, A_i); result: per agent (S, A_i, *rest).
    """
    states, rest = tensor.shape[0], tensor.shape[len(marginals) + 1 :]
    parts = _split(tensor.reshape(states, -1, prod(rest)), marginals, None)
    return [part.reshape(*part.shape[:2], *rest) for part in parts]


def agent_sums(tensor: Array, weights: Array) -> list[Array]:
    """Return [Σ over joint actions with a_i of w(s,a) y(s,a,...) for each agent i].

    tensor: (S, A_1, ..., A_n, *rest); weights: (S, A_1, ..., A_n); result: per agent (S, A_i, *rest).
    """
    states, rest = tensor.shape[0], tensor.shape[weights.ndim :]
    ones = [scalars.full((states, count), 1, scalars.field_of(weights)) for count in weights.shape[1:]]
    parts = _split(tensor.reshape(states, -1, prod(rest)), ones, weights)
    return [part.reshape(*part.shape[:2], *rest) for part in parts]


def joint_mean(tensor: Array, marginals: Sequence[Array]) -> Array:
    """Return E[y](s, ...): tensor (S, A_1, ..., A_n, *rest) to (S, *rest)."""
    means = agent_means(tensor, marginals)[0]
    weights = marginals[0].reshape(*marginals[0].shape, *[1] * (means.ndim - 2))
    return np.asarray((weights * means).sum(axis=1))


def _split(tensor: Array, marginals: Sequence[Array], weights: Array | None) -> list[Array]:
    """Halve the agents of a tensor (S, |A|, X), times weights (S, ...) if given, until each stands alone."""
    states, joint, rest = tensor.shape
    if len(marginals) == 1:
        return [tensor if weights is None else weights.reshape(states, joint, 1) * tensor]
    half = len(marginals) // 2
    left, right = outer(marginals[:half]).reshape(states, -1), outer(marginals[half:]).reshape(states, -1)
    blocks = tensor.reshape(states, left.shape[1], right.shape[1], rest)
    scale = None if weights is None else weights.reshape(*blocks.shape[:3], 1)
    average = _average_batch if tensor.dtype == object or blocks[0].nbytes < SMALL_BYTES else _average_blocks
    own_left, own_right = average(blocks, left, right, scale)
    return [*_split(own_left, marginals[:half], None), *_split(own_right, marginals[half:], None)]


def _average_batch(tensor: Array, left: Array, right: Array, scale: Array | None) -> tuple[Array, Array]:
    """Return (Σ_r right y, Σ_l left y) of y (S, L, R, X), times scale if given: (S, L, X) and (S, R, X)."""
    y = tensor if scale is None else scale * tensor
    states, rows, columns, rest = y.shape
    own_left = y[..., 0] @ right[:, :, None] if rest == 1 else (right[:, None, None, :] @ y)[:, :, 0]
    own_right = left[:, None, :] @ y.reshape(states, rows, -1)
    return np.asarray(own_left), np.asarray(own_right.reshape(states, columns, rest))


def _average_blocks(tensor: Array, left: Array, right: Array, scale: Array | None) -> tuple[Array, Array]:
    """Do the same for large float tensors, in blocks of rows l that stay in the cache."""
    states, rows, columns, rest = tensor.shape
    step = max(1, BLOCK_BYTES // (columns * rest * tensor.itemsize))
    own_left = np.empty((states, rows, rest))
    own_right = np.zeros((states, columns * rest))
    for s in range(states):
        for first in range(0, rows, step):
            part = slice(first, first + step)
            block = tensor[s, part] if scale is None else scale[s, part] * tensor[s, part]
            flat = block.reshape(block.shape[0], -1)
            own_left[s, part] = np.dot(flat, right[s])[:, None] if rest == 1 else right[s] @ block
            own_right[s] += np.dot(left[s, part], flat)
    return own_left, own_right.reshape(states, columns, rest)
