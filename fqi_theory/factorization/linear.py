"""Linear value factorisation (VDN), Q_tot(s,a) = Σ_i Q_i(s,a_i): Theorem 1 of arXiv:2006.00587.

For product data the minimiser has the closed form (credit assignment, evaluation minus baseline)
    Q_i(s,a_i) = E_{a'_{-i}}[y(s, a_i ⊕ a'_{-i})] - (n-1)/n · E_{a'}[y(s,a')] + w_i(s),   Σ_i w_i(s) = 0.
For any other data it solves the weighted normal equations. The canonical residue is w = 0; for any data this means
E[Q_i(s,·)] = E[y(s,·)]/n for every agent. Where data leave factors undetermined: product data keep the closed form
(with E_{-i} under the other agents' marginals), correlated data take the deviation from the mean of least Euclidean
norm.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data import normal_equations
from fqi_theory.data.sources import Data, ProductData
from fqi_theory.factorization.fit import Fit, Ties, greedy_actions, greedy_values
from fqi_theory.model import expectations as mg
from fqi_theory.model.transitions import Transition

name = "linear"


def fit(targets: Array, data: Data, ties: Ties = "first") -> Fit:
    """Return the additive minimiser of Σ_a p_D(a|s) (y(s,a) - Σ_i Q_i(s,a_i))², canonical residue.

    targets: y, (S, A_1, ..., A_n). Source: arXiv:2006.00587 Theorem 1; correlated data: ours (theory notes, section 2).
    """
    factors = credit(targets, data)
    greedy = _greedy_or_unknown(factors, ties)
    return Fit(tuple(factors), greedy_values(factors), greedy)


def credit(tensor: Array, data: Data) -> list[Array]:
    """Apply the fit, a linear map, to every slice of tensor (S, A_1, ..., A_n, *rest): per agent (S, A_i, *rest)."""
    if isinstance(data, ProductData):
        return from_means(mg.agent_means(tensor, data.halves), data.marginals)
    return normal_equations.solve(data.equations, mg.agent_sums(tensor, data.weights))


def transition_credit(kernel: Transition, data: Data) -> list[Array]:
    """Apply the fit to P(s'|s,·) for every successor: per agent (S, A_i, S), each row summing to 1/n."""
    if isinstance(data, ProductData):
        return from_means(kernel.agent_means(data.halves), data.marginals)
    return normal_equations.solve(data.equations, kernel.agent_sums(data.weights))


def with_residue(factors: Sequence[Array], residue: Any) -> list[Array]:
    """Return factors Q_i(s,a_i) + w_i(s); residue: w of shape (S, n), exactly summing to 0 over the agents.

    Raises DataError naming the state otherwise: Q_tot would change.
    """
    w = scalars.as_array(residue)
    for s, total in enumerate(w.sum(axis=1)):
        if total != 0:
            raise DataError(f"residue at state {s}: expected numbers that sum to 0, found {total}")
    return [factor + w[:, i, None] for i, factor in enumerate(factors)]


def from_means(means: Sequence[Array], marginals: Sequence[Array]) -> list[Array]:
    """Return the closed form for product data from E_{-i}[y](s,a_i,...), per agent (S, A_i, *rest)."""
    n = len(means)
    first = means[0].reshape(*means[0].shape[:2], -1)
    joint_mean = (marginals[0][:, None, :] @ first).reshape(first.shape[0], 1, *means[0].shape[2:])
    baseline = joint_mean * (n - 1) / n
    return [np.asarray(mean - baseline) for mean in means]


def _greedy_or_unknown(factors: Sequence[Array], ties: Ties) -> Array:
    """Greedy actions; -1 everywhere where symbolic factors cannot be ordered."""
    try:
        return greedy_actions(factors, ties)
    except TypeError:
        return np.full((factors[0].shape[0], len(factors)), -1)
