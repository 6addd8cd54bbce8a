"""Additive classes of any order: Q_tot(s,a) = Σ_T Q_T(s,a_T) over sets T of agents (coordination graphs).

`additive(k)` has all sets of at most k agents, `graph([(0, 1), (1, 2)])` the single agents, the named sets and their
subsets. Order 1 is `linear` (VDN), order n is `joint`; k > n means n.

The fit is linear in y. Product data have the closed form of `hoeffding`; any other data solve the weighted normal
equations (`least_squares`). Q_tot is unique where `rank(p_D)` is `dimension(counts)`; elsewhere product data keep the
closed form, other data take the least norm that `least_squares` states.

Canonical gauge: each interaction has zero mean in every argument under the data's marginals p_i, and the constant m
is shared, Q_i = f_i + m/n. For product data, and for order 1 under all data, m = E[y] and E[Q_i] = E[y]/n as for the
linear class; else m is the mean of Q_tot under Π_i p_i.

Ties: the first (last) joint maximiser in row-major order, by `elimination`. Ours; order 1: arXiv:2006.00587 Theorem 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import prod

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.limits import bytes_each, require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data, ProductData
from fqi_theory.factorization import elimination, hoeffding, least_squares
from fqi_theory.factorization.fit import Fit, Scope, Terms, Ties
from fqi_theory.model import expectations as mg


@dataclass(frozen=True)
class Additive:
    """Sums of functions on all sets of at most `order` agents, and on the sets `edges` and their subsets."""

    order: int
    edges: tuple[Scope, ...] = ()

    @property
    def name(self) -> str:
        """Return "additive:K" or "graph:0-1,1-2", the sets sorted, those inside another one left out."""
        if not self.edges:
            return f"additive:{self.order}"
        return "graph:" + ",".join("-".join(map(str, edge)) for edge in self.edges)

    def scopes(self, n_agents: int) -> tuple[Scope, ...]:
        """Return all sets of the class for n agents, the empty one first, by size.

        Raises DataError where a named set holds an agent that the model does not have.
        """
        for edge in self.edges:
            if edge[-1] >= n_agents:
                raise DataError(
                    f"{self.name}: agent {edge[-1]} in {'-'.join(map(str, edge))} is out of range; "
                    f"the model's agents are 0 to {n_agents - 1}"
                )
        return _scopes(self.order, self.edges, n_agents)

    def dimension(self, counts: Sequence[int]) -> int:
        """Return the dimension of the class at one state, Σ_T Π_{i in T} (|A_i| - 1); counts: (|A_1|, ..., |A_n|)."""
        return least_squares.dimension(self.scopes(len(counts)), tuple(counts))

    def rank(self, weights: Array) -> Array:
        """Return the rank of the fit under weights p_D (S, A_1, ..., A_n) in every state, integers (S,), exactly.

        Q_tot is determined at every joint action of a state where this is `dimension`.
        """
        counts = weights.shape[1:]
        scopes = self.scopes(len(counts))
        supports = np.asarray(weights != 0, dtype=bool)
        return np.array([least_squares.rank(own, scopes, counts) for own in supports])

    def fit(self, targets: Array, data: Data, ties: Ties = "first") -> Fit:
        """Return the minimiser of Σ_a p_D(a|s) (y(s,a) - Q_tot(s,a))² in the class; targets: y, (S, A_1, ..., A_n)."""
        return fit_of(self.terms(targets, data), targets.shape[1:], ties)

    def terms(self, tensor: Array, data: Data) -> dict[Scope, Array]:
        """Apply the fit, a linear map, to every slice of tensor (S, A_1, ..., A_n, *rest), in the canonical gauge.

        Returns a table (S, A_T, *rest) for every set T of the class but the empty one. Raises TooLarge where they would
        not fit in memory.
        """
        n = len(data.marginals) if isinstance(data, ProductData) else data.weights.ndim - 1
        scopes = self.scopes(n)
        require_memory(f"terms of {self.name}", terms_shape(scopes, tensor.shape, n), bytes_each(_kind(tensor)))
        if isinstance(data, ProductData):
            found = hoeffding.decompose(tensor, data.marginals, scopes)
        else:
            fitted = least_squares.fit(tensor, data.weights, scopes)
            found = hoeffding.decompose(fitted, mg.totals(data.weights), scopes)
        share = found.pop(()) / n
        for i in range(n):
            found[(i,)] = found[(i,)] + share[:, None]
        return found

    def project(self, tensor: Array, data: Data) -> Array:
        """Apply the fit Π_s (theory notes, section 3) to every slice of tensor (S, A_1, ..., A_n, *rest)."""
        if isinstance(data, ProductData):
            return hoeffding.total(self.terms(tensor, data), len(data.marginals))
        return least_squares.fit(tensor, data.weights, self.scopes(data.weights.ndim - 1))


def additive(order: int) -> Additive:
    """Return the class of sums of functions of at most `order` >= 1 agents; an order above n means n."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise DataError(f"additive: expected an order of at least 1, found {order!r}")
    return Additive(order)


def graph(sets: Iterable[Iterable[int]]) -> Additive:
    """Return the class with functions on single agents and on the given sets of agents, counted from 0.

    `graph([(0, 1), (1, 2)])`; subsets of a set are included. Raises DataError unless every set has two or more
    different agents.
    """
    try:
        given = [tuple(found) for found in sets]
    except TypeError:
        raise DataError(f"graph: expected sets of agents such as [(0, 1), (1, 2)], found {sets!r}") from None
    for found in given:
        if any(isinstance(x, bool) or not isinstance(x, int | np.integer) or x < 0 for x in found):
            raise DataError(f"graph: expected agents 0, 1, ..., found {found!r}")
        if len(found) < 2 or len(set(found)) < len(found):
            raise DataError(f"graph: expected sets of two or more different agents, found {found!r}")
    if not given:
        raise DataError("graph: expected at least one set of agents, found none")
    distinct = {tuple(sorted(map(int, found))) for found in given}
    return Additive(1, tuple(sorted(e for e in distinct if not any(set(e) < set(other) for other in distinct))))


def fit_of(terms: Terms, counts: Sequence[int], ties: Ties) -> Fit:
    """Return the fit whose terms (S, A_T) are given, all sets but the empty one; greedy is -1 for unordered symbols."""
    factors, interactions = split_terms(terms)
    try:
        values, greedy = elimination.maximise(terms, counts, ties)
    except TypeError:
        table = hoeffding.total(terms, len(counts))
        values = scalars.maximum(table, axis=tuple(range(1, table.ndim)))
        greedy = np.full((len(values), len(counts)), -1)
    return Fit(factors, values, greedy, interactions=interactions)


def split_terms(terms: Terms) -> tuple[tuple[Array, ...], Terms]:
    """Return the terms of single agents, in order, and those of larger sets."""
    single = sorted(scope for scope in terms if len(scope) == 1)
    return tuple(terms[scope] for scope in single), {t: table for t, table in terms.items() if len(t) > 1}


def terms_shape(scopes: Iterable[Scope], shape: tuple[int, ...], n_agents: int) -> tuple[int, ...]:
    """Return (S, Σ_T |A_T|, *rest): the numbers in the terms of a tensor of this shape (S, A_1, ..., A_n, *rest)."""
    counts = shape[1 : n_agents + 1]
    rows = sum(prod(counts[i] for i in scope) for scope in scopes)
    return shape[0], rows, *shape[n_agents + 1 :]


def _kind(tensor: Array) -> str:
    return "float" if tensor.dtype.kind == "f" else "exact"


@lru_cache(maxsize=64)
def _scopes(order: int, edges: tuple[Scope, ...], n_agents: int) -> tuple[Scope, ...]:
    sets = {scope for k in range(min(order, n_agents) + 1) for scope in combinations(range(n_agents), k)}
    for edge in edges:
        sets |= {scope for k in range(len(edge) + 1) for scope in combinations(edge, k)}
    return tuple(sorted(sets, key=lambda scope: (len(scope), scope)))
