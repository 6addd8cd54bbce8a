"""The functional ANOVA (Hoeffding) decomposition of a joint tensor, truncated to some sets of agents.

For product weights p = Π_i p_i and a down-closed family of sets T of agents (`scopes`, the empty set included)
    M_T(a_T) = E[y | a_T],      f_T = Π_{i in T} (1 - E_i) M_T,
where E_i averages the argument a_i under p_i. Every f_T has zero mean in each of its arguments, the f_T of all sets
add up to y, and under p they are orthogonal to one another: their sum over the family is the least squares fit of y
within the sums of functions on sets of the family (every other f_U is orthogonal to those). Source: Hoeffding 1948;
Hooker 2007; the first order is Theorem 1 of arXiv:2006.00587.
"""

from collections.abc import Collection, Iterator, Sequence
from math import prod

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.factorization.fit import Scope, Terms, aligned


def decompose(tensor: Array, marginals: Sequence[Array], scopes: Collection[Scope]) -> dict[Scope, Array]:
    """Return f_T for every set of the family, (S, A_T, *rest) each, in the order of `scopes`.

    tensor: (S, A_1, ..., A_n, *rest); marginals: per agent (S, A_i), summing to 1 in each state.
    """
    means = conditional_means(tensor, marginals, scopes)
    return {scope: _centred(means[scope], scope, marginals) for scope in scopes}


def conditional_means(tensor: Array, marginals: Sequence[Array], scopes: Collection[Scope]) -> dict[Scope, Array]:
    """Return M_T = E[y | a_T] for every set of a down-closed family: (S, A_T, *rest) each.

    Agents are averaged out or kept one after the other: each pass reads what is left of the tensor, so that the cost is
    O(|A|^n) for a family of small sets.
    """
    n, states = len(marginals), tensor.shape[0]
    rest = tensor.shape[n + 1 :]
    found = _split(tensor.reshape(states, 1, -1), marginals, frozenset(scopes), ())
    shapes = {scope: tuple(marginals[i].shape[1] for i in scope) for scope in scopes}
    return {scope: mean.reshape(states, *shapes[scope], *rest) for scope, mean in found}


def total(terms: Terms, n_agents: int) -> Array:
    """Return Σ_T f_T, (S, A_1, ..., A_n, *rest); the terms of single agents are among them."""
    return np.asarray(sum(aligned(table, scope, range(n_agents)) for scope, table in terms.items()))


def _split(
    tensor: Array, marginals: Sequence[Array], scopes: frozenset[Scope], kept: Scope, agent: int = 0
) -> Iterator[tuple[Scope, Array]]:
    """Yield (T, M_T) for every T of the family that continues `kept`; tensor: (S, A_kept, A_agent x A_later x rest)."""
    if agent == len(marginals):
        yield kept, tensor
        return
    states, before, after = tensor.shape
    weights = marginals[agent]
    own = tensor.reshape(states, before, weights.shape[1], -1)
    if (*kept, agent) in scopes:
        longer = tensor.reshape(states, before * weights.shape[1], after // weights.shape[1])
        yield from _split(longer, marginals, scopes, (*kept, agent), agent + 1)
    mean = (weights[:, None, None, :] @ own)[:, :, 0]
    yield from _split(mean, marginals, scopes, kept, agent + 1)


def _centred(mean: Array, scope: Scope, marginals: Sequence[Array]) -> Array:
    """Return Π_{i in T} (1 - E_i) of a table (S, A_T, *rest)."""
    shape, found = mean.shape, mean
    for place, agent in enumerate(scope):
        own = found.reshape(shape[0], prod(shape[1 : place + 1]), shape[place + 1], -1)
        found = own - marginals[agent][:, None, None, :] @ own
    return np.asarray(found.reshape(shape))
