"""The greedy joint action of a sum of functions on sets of agents, by variable elimination.

    max_a Σ_T f_T(a_T): take one agent after the other, add up the tables that it is in, maximise its action out.

The cost is that of the largest table that comes up on the way (the graph's induced width), not |A|^n.

Ties: the first (last) maximiser in row-major order, whatever the order of elimination. Proof: the place of a in
row-major order is Σ_i a_i Π_{j>i} |A_j|, a sum of functions of single agents; so (Q_tot(a), -place(a)) is a sum of
functions on the same sets with values in R x Z, a group that the lexicographic order makes an ordered one. There
max (x + c) = c + max x, which is all that elimination uses; hence it finds the maximum of the pairs over all a, and
that pair names the first of the maximisers. (The last one: place instead of -place.) In floats sums are rounded in the
order of elimination, and so are ties.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import TypeAlias

import numpy as np

from fqi_theory.base.limits import EXACT_BYTES, require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.fit import Scope, Terms, Ties, aligned

Pool: TypeAlias = list[tuple[Scope, Array]]
#: From so many joint actions on, places are Python integers instead of int64.
INT64_PLACES = 1 << 62


def maximise(terms: Terms, counts: Sequence[int], ties: Ties = "first") -> tuple[Array, Array]:
    """Return max_a Σ_T f_T(s,a_T), (S,), and its first (last) maximiser, integers (S, n).

    terms: tables (S, A_T) by sets of agents; counts: (|A_1|, ..., |A_n|). NaN counts as tied with everything. Raises
    TooLarge where a table on the way would not fit in memory, TypeError for symbols that cannot be ordered.
    """
    sizes, sign = tuple(counts), -1 if ties == "first" else 1
    first = next(iter(terms.values()))
    states, each = first.shape[0], EXACT_BYTES if first.dtype == object else first.itemsize
    values: Pool = list(terms.items())
    places: Pool = [((i,), sign * own) for i, own in enumerate(_places(sizes))]
    for agent in elimination_order(tuple(terms), sizes):
        scope = tuple(sorted({other for own, _ in (*values, *places) if agent in own for other in own}))
        shape, axis = (states, *(sizes[other] for other in scope)), 1 + scope.index(agent)
        require_memory("table of variable elimination", shape, each)
        own_values = np.broadcast_to(_taken(values, agent, scope), shape)
        own_places = np.broadcast_to(_taken(places, agent, scope), shape)
        best = own_values.max(axis=axis, keepdims=True)
        tied = ~np.asarray(own_values < best, dtype=bool)
        rest = scope[: axis - 1] + scope[axis:]
        values.append((rest, best.squeeze(axis)))
        places.append((rest, np.where(tied, own_places, own_places.min() - 1).max(axis=axis)))
    found = sign * np.asarray(sum(own for _, own in places))
    return np.asarray(sum(own for _, own in values)), _digits(found, sizes)


def _places(counts: tuple[int, ...]) -> list[Array]:
    """Return a_i Π_{j>i} |A_j| for every agent, (1, A_i): together the place of a in row-major order."""
    kind = np.int64 if prod(counts) < INT64_PLACES else object
    return [np.arange(count, dtype=kind)[None] * prod(counts[i + 1 :]) for i, count in enumerate(counts)]


def _taken(pool: Pool, agent: int, scope: Scope) -> Array:
    """Remove the tables that an agent is in from the pool; return their sum, an axis for each agent of `scope`."""
    mine = [part for part in pool if agent in part[0]]
    pool[:] = [part for part in pool if agent not in part[0]]
    return np.asarray(sum(aligned(table, own, scope) for own, table in mine))


@lru_cache(maxsize=256)
def elimination_order(scopes: tuple[Scope, ...], counts: tuple[int, ...]) -> tuple[int, ...]:
    """Return an order of all agents: each time the one whose elimination makes the smallest table, ties to the last."""
    left, order = {frozenset(scope) for scope in scopes}, list[int]()

    def size(agent: int) -> tuple[int, int]:
        return prod(counts[other] for other in {agent}.union(*(s for s in left if agent in s))), -agent

    while len(order) < len(counts):
        agent = min((a for a in range(len(counts)) if a not in order), key=size)
        joined = frozenset({agent}.union(*(s for s in left if agent in s))) - {agent}
        left = {s for s in left if agent not in s} | {joined}
        order.append(agent)
    return tuple(order)


def _digits(places: Array, counts: tuple[int, ...]) -> Array:
    """Return the joint actions (S, n) at places in row-major order, integers (S,)."""
    found, left = [], places
    for count in reversed(counts):
        found.append(left % count)
        left = left // count
    return np.stack(found[::-1], axis=-1).astype(int)
