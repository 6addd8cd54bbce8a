"""Conditional expectations and sums of a joint tensor agent by agent: the exponential work, done once.

For a tensor y(s, a_1..a_n, ...) and marginals p_i(s, a_i) `agent_means` computes every E_{-i}[y](s, a_i, ...) (all
agents but i averaged) by splitting the agents into halves: each half is averaged out once, and the two smaller tensors
are treated alike. Large float tensors are read piece by piece, so that both halves find their piece in the cache: the
cost is about one pass over the joint tensor in memory instead of n, with no temporary of the tensor's size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array

#: Float tensors above the first size are read in pieces of about the second.
WHOLE_BYTES = 1 << 24
PIECE_BYTES = 1 << 21
#: The left half has at most so many joint actions: long rows of the right half are read faster.
LEFT_ACTIONS = 256


def outer(marginals: Sequence[Array]) -> Array:
    """Return the product distribution: marginals (S, A_i) each, to a joint tensor (S, A_1, ..., A_n)."""
    states = marginals[0].shape[0]
    flat = reduce(lambda left, right: (left[:, :, None] * right[:, None, :]).reshape(states, -1), marginals)
    return np.asarray(flat.reshape(states, *(m.shape[1] for m in marginals)))


def outer_but(marginals: Sequence[Array], agent: int) -> Array:
    """Return the product distribution of all agents but one (0, ..., n-1): Π_{j≠i} p_j(s,a_j), (S, A_1, ..., A_n)."""
    ones = scalars.full(marginals[agent].shape, 1, scalars.field_of(marginals[agent]))
    return outer([*marginals[:agent], ones, *marginals[agent + 1 :]])


@dataclass(frozen=True, eq=False)
class Halves:
    """Marginals, per agent (S, A_i), with the product distributions of both halves of the agents, halved again.

    left: (S, L) over the joint actions of `parts[0]`'s agents, right: (S, R) over those of `parts[1]`'s; for one agent
    both are its marginals and there are no parts. All expectations under one distribution share them.
    """

    marginals: tuple[Array, ...]
    left: Array
    right: Array
    parts: "tuple[Halves, ...]"


def halves(marginals: Sequence[Array]) -> Halves:
    """Return the marginals split into halves of about equally many joint actions."""
    tables, states = tuple(marginals), marginals[0].shape[0]
    if len(tables) == 1:
        return Halves(tables, tables[0], tables[0], ())
    sizes = [prod(table.shape[1] for table in tables[:k]) for k in range(len(tables) + 1)]
    fits = [k for k in range(1, len(tables)) if sizes[k] ** 2 <= sizes[-1] and sizes[k] <= LEFT_ACTIONS]
    half = max(fits, default=1)
    left, right = (outer(part).reshape(states, -1) for part in (tables[:half], tables[half:]))
    return Halves(tables, left, right, (halves(tables[:half]), halves(tables[half:])))


def agent_means(tensor: Array, marginals: Sequence[Array] | Halves) -> list[Array]:
    """Return [E_{-i}[y](s, a_i, ...) for each agent i].

    tensor: (S, A_1, ..., A_n, *rest); marginals: per agent (S, A_i); result: per agent (S, A_i, *rest).
    """
    split = marginals if isinstance(marginals, Halves) else halves(marginals)
    states, rest = tensor.shape[0], tensor.shape[len(split.marginals) + 1 :]
    parts = _split(tensor.reshape(states, -1, prod(rest)), split, None)
    return [part.reshape(*part.shape[:2], *rest) for part in parts]


def agent_sums(tensor: Array, weights: Array) -> list[Array]:
    """Return [Σ over joint actions with a_i of w(s,a) y(s,a,...) for each agent i].

    tensor: (S, A_1, ..., A_n, *rest); weights: (S, A_1, ..., A_n); result: per agent (S, A_i, *rest).
    """
    states, rest = tensor.shape[0], tensor.shape[weights.ndim :]
    ones = halves([scalars.full((states, count), 1, scalars.field_of(weights)) for count in weights.shape[1:]])
    parts = _split(tensor.reshape(states, -1, prod(rest)), ones, weights)
    return [part.reshape(*part.shape[:2], *rest) for part in parts]


def totals(tensor: Array) -> list[Array]:
    """Return [Σ over joint actions with a_i of y(s,a,...) for each agent i]: (S, A_1, ..., A_n) to (S, A_i) each."""
    return _totals(tensor, tensor.ndim - 1)


def pair_totals(tensor: Array) -> dict[tuple[int, int], Array]:
    """Return {(i, j): Σ over joint actions with a_i and a_j of y(s,a), (S, A_i, A_j)} for agents i < j = 0, ..., n-1.

    Pairs within a half of the agents are those of the tensor summed over the other half; for a pair across, the left
    half is summed down to a_i first, and what is left over the right half then. About four passes for any n.
    """
    n = tensor.ndim - 1
    if n == 1:
        return {}
    half = n // 2
    left = pair_totals(tensor.sum(axis=tuple(range(half + 1, n + 1)))) if half > 1 else {}
    right = pair_totals(tensor.sum(axis=tuple(range(1, half + 1)))) if n - half > 1 else {}
    across = {
        (i, half + j): part.swapaxes(1, 2)
        for i, own in enumerate(_totals(tensor, half))
        for j, part in enumerate(_totals(np.moveaxis(own, 1, -1), n - half))
    }
    return left | {(half + i, half + j): part for (i, j), part in right.items()} | across


def _totals(tensor: Array, agents: int) -> list[Array]:
    """Sum a tensor (S, A_1, ..., A_agents, *rest) down to each agent: (S, A_i, *rest)."""
    field, states = scalars.field_of(tensor), tensor.shape[0]
    return agent_means(tensor, [scalars.full((states, count), 1, field) for count in tensor.shape[1 : agents + 1]])


def _split(tensor: Array, split: Halves, weights: Array | None) -> list[Array]:
    """Average a tensor (S, |A|, X), times weights (S, ...) if given, over halves until each agent stands alone."""
    states, joint, rest = tensor.shape
    if not split.parts:
        return [tensor if weights is None else weights.reshape(states, joint, 1) * tensor]
    blocks = tensor.reshape(states, split.left.shape[1], split.right.shape[1], rest)
    scale = None if weights is None else weights.reshape(*blocks.shape[:3], 1)
    means = _averages(blocks, split.left, split.right, scale)
    return [mean for own, part in zip(means, split.parts, strict=True) for mean in _split(own, part, None)]


def _averages(tensor: Array, left: Array, right: Array, scale: Array | None) -> tuple[Array, Array]:
    """Return (Σ_r right y, Σ_l left y) of y (S, L, R, X), times scale if given: (S, L, X) and (S, R, X)."""
    if tensor.dtype == object or tensor.nbytes <= WHOLE_BYTES:
        return _whole(_times(tensor, scale), left, right)
    states, rows, columns, rest = tensor.shape
    own_left, own_right = np.empty((states, rows, rest)), np.empty((states, columns, rest))
    group = PIECE_BYTES * states // tensor.nbytes
    for s in range(0, states, max(1, group)):
        part = slice(s, s + max(1, group))
        own = None if scale is None else scale[part]
        if group > 1:
            own_left[part], own_right[part] = _whole(_times(tensor[part], own), left[part], right[part])
        else:
            own_left[s], own_right[s] = _by_rows(tensor[s], left[s], right[s], None if own is None else own[0])
    return own_left, own_right


def _times(tensor: Array, scale: Array | None) -> Array:
    return tensor if scale is None else scale * tensor


def _by_rows(y: Array, left: Array, right: Array, scale: Array | None) -> tuple[Array, Array]:
    """Do the same for one large state (L, R, X), a piece of its rows after the other."""
    rows, columns, rest = y.shape
    own_left, own_right = np.empty((rows, rest)), np.zeros(columns * rest)
    step = max(1, PIECE_BYTES * rows // y.nbytes)
    for k in range(0, rows, step):
        part = slice(k, k + step)
        piece = _times(y[part], None if scale is None else scale[part])
        own_left[part] = np.dot(piece[:, :, 0], right)[:, None] if rest == 1 else right @ piece
        own_right += np.dot(left[part], piece.reshape(len(piece), -1))
    return own_left, own_right.reshape(columns, rest)


def _whole(y: Array, left: Array, right: Array) -> tuple[Array, Array]:
    states, rows, columns, rest = y.shape
    own_left = y[..., 0] @ right[:, :, None] if rest == 1 else (right[:, None, None, :] @ y)[:, :, 0]
    own_right = left[:, None, :] @ y.reshape(states, rows, -1)
    return np.asarray(own_left), np.asarray(own_right.reshape(states, columns, rest))
