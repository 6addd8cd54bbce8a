"""F of the theory notes, section 3 for sparse and deterministic kernels under fixed data, without a
dense table of (S, A_i, S).

A sparse matrix H gives the moments of every agent, h_i(s,a_i) = Σ_{a with a_i} w_i(s,a) (r + γ P V)(s,a), with
w_i = p_{-i} for product data and w_i = p_D otherwise; the fit is made from them. Worth it where H is thin:
`fixed_operator` decides by fill and size.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from math import prod
from typing import Any

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.data import normal_equations
from fqi_theory.data.sources import Data, ProductData
from fqi_theory.model import expectations as mg
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DenseTransition
from fqi_theory.operators import thresholds
from fqi_theory.operators.matrix import MatrixOperator, affordable, allowed_bytes, matrix_operator, pieces
from fqi_theory.operators.value_space import restrict

#: Bytes of one entry of H while it is put together.
ENTRY_BYTES = 24


@dataclass(frozen=True, eq=False)
class MomentsOperator:
    """moments: H with γ and a last column of rewards, sparse (Σ|A_i|·S, S+1), rows by agent, action, state."""

    moments: Any
    data: Data
    action_counts: tuple[int, ...]

    def apply(self, column: Array, out: Array) -> None:
        """Write every factor into out, (Σ|A_i|·S,); column: V followed by 1, (S+1,)."""
        h, data = (self.moments @ column).reshape(sum(self.action_counts), -1), self.data
        if isinstance(data, ProductData):
            baseline = np.einsum("as,as->s", self._shares, h[: self.action_counts[0]])
            np.subtract(h, baseline, out=out.reshape(h.shape))
            return
        parts = [h[a:b].T for a, b in pairwise([0, *accumulate(self.action_counts)])]
        factors = normal_equations.solve(data.equations, parts)
        np.concatenate([factor.T for factor in factors], out=out.reshape(h.shape))

    @cached_property
    def _shares(self) -> Array:
        """Return (n-1)/n p_1(s,a_1) of product data, (A_1, S): what of the first agent's means is the baseline."""
        assert isinstance(self.data, ProductData)
        return np.asarray(np.ascontiguousarray(self.data.marginals[0].T) * (1 - 1 / len(self.action_counts)))


def has_operator(model: MMDP) -> bool:
    """Tell whether F under fixed data has a form, dense or sparse, that does not outgrow a float model."""
    return affordable(model) or _sparse_affordable(model)


def _sparse_affordable(model: MMDP) -> bool:
    states = model.n_states
    if states < thresholds.SPARSE_STATES or isinstance(model.transition, DenseTransition):
        return False
    size = max(model.transition.stored, model.reward.size)
    entries = sum(min(size, count * states * states) for count in model.action_counts)
    return entries * ENTRY_BYTES <= allowed_bytes(model)


def fixed_operator(model: MMDP, data: Data) -> MatrixOperator | MomentsOperator:
    """Return the fastest form of F under fixed data for a float model that has one."""
    states, rows = model.n_states, sum(model.action_counts)
    if _sparse_affordable(model):
        sparse = moments_operator(model, data)
        if not affordable(model) or sparse.moments.nnz <= thresholds.SPARSE_FILL * rows * states * states:
            return sparse
    return matrix_operator(model, data)


def moments_operator(model: MMDP, data: Data) -> MomentsOperator:
    """Return the sparse form of F for a float model with a sparse or deterministic kernel."""
    from scipy.sparse import vstack

    parts, places = [], []
    for states in pieces(model, model.n_states, dense=False):
        for agent, count in enumerate(model.action_counts):
            parts.append(_moments(model, restrict(data, states), states, agent))
            before = sum(model.action_counts[:agent])
            places.append((np.arange(before, before + count)[:, None] * model.n_states + np.r_[states]).reshape(-1))
    moments, order = vstack(parts, format="csr"), np.concatenate(places)
    if len(places) > model.n_agents:
        moments = moments[np.argsort(order)]
    return MomentsOperator(moments, data, model.action_counts)


def _moments(model: MMDP, data: Data, states: slice, agent: int) -> Any:
    """Return the rows (a_i, s) of one agent for some states, whose data are given: (|A_i|·len, S+1)."""
    from scipy.sparse import coo_matrix, csr_matrix, hstack

    weights = mg.outer_but(data.marginals, agent) if isinstance(data, ProductData) else data.weights
    indptr, successors, probabilities = model.transition.at(states).compressed()
    counts, size = model.action_counts, weights.shape[0]
    place = np.arange(weights.size)
    own = place // prod(counts[agent + 1 :]) % counts[agent]
    row = np.repeat(own * size + place // prod(counts), np.diff(indptr))
    mass = model.discount * np.repeat(weights.reshape(-1), np.diff(indptr)) * probabilities
    table = coo_matrix((mass, (row, successors)), shape=(counts[agent] * size, model.n_states)).tocsr()
    axes = tuple(j + 1 for j in range(len(counts)) if j != agent)
    rewards = (weights * model.reward[states]).sum(axis=axes).T.reshape(-1, 1)
    return hstack([table, csr_matrix(rewards)], format="csr")
