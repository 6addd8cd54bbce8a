"""F of THEORY section 3 for sparse and deterministic kernels under fixed data, without a dense table of (S, A_i, S).

A sparse matrix H gives the moments of every agent, h_i(s,a_i) = Σ_{a with a_i} w_i(s,a) (r + γ P V)(s,a), with
w_i = p_{-i} for product data and w_i = p_D otherwise. The fit is linear in them: factors(s) = L(s) h(s),
with L(s) of size Σ|A_i| x Σ|A_i|, computed once. Worth it where H is thin: `fixed_operator` decides by fill and size.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fqi_theory import marginals as mg
from fqi_theory.data import Data, ProductData
from fqi_theory.factorization import linear, normal_equations
from fqi_theory.limits import require_memory
from fqi_theory.mmdp import MMDP
from fqi_theory.scalars import Array
from fqi_theory.stacked import StackedOperator, stacked
from fqi_theory.transitions import DenseTransition
from fqi_theory.value_space import collapse

#: Below this size a dense product is as fast, whatever the fill; above, up to this share of entries pays.
SPARSE_STATES = 256
SPARSE_FILL = 0.1
#: Bytes of one entry, and a size that is always kept, whatever the model's own.
BYTES_DENSE = 8
BYTES_SPARSE = 12
SMALL_BYTES = 1 << 24


@dataclass(frozen=True, eq=False)
class CompressedOperator:
    """moments: H with γ and a last column of rewards, sparse (Σ|A_i|·S, S+1), rows by agent, action, state; fit: L."""

    moments: Any
    fit: Array

    def apply(self, column: Array, out: Array) -> None:
        """Write every factor into out, (Σ|A_i|·S,); column: V followed by 1, (S+1,)."""
        rows = self.fit.shape[1]
        h = (self.moments @ column).reshape(rows, -1)
        out.reshape(rows, -1)[:] = (self.fit @ h.T[:, :, None])[:, :, 0].T


def fixed_operator(model: MMDP, data: Data) -> StackedOperator | CompressedOperator | None:
    """Return the fastest form of F under fixed data for a float model, None where each would outgrow the model."""
    if isinstance(model.transition, DenseTransition):
        return stacked(collapse(model, data))
    states, counts = model.n_states, model.action_counts
    stored = model.transition.entries()
    size = max(stored.size, model.reward.size)
    own = model.reward.nbytes + size * 8 + stored.nbytes
    allowed = max(SMALL_BYTES, own)
    affordable = sum(counts) * states * (states + 1) * BYTES_DENSE <= allowed
    entries = sum(min(size, count * states * states) for count in counts)
    if states >= SPARSE_STATES and entries * BYTES_SPARSE <= allowed:
        sparse = compressed(model, data)
        if not affordable or sparse.moments.nnz <= SPARSE_FILL * sum(counts) * states * states:
            return sparse
    return stacked(collapse(model, data)) if affordable else None


def compressed(model: MMDP, data: Data) -> CompressedOperator:
    """Return the sparse form of F for a float model with a sparse or deterministic kernel."""
    from scipy.sparse import vstack

    parts = [_moments(model, _weights(data, i), i) for i in range(model.n_agents)]
    return CompressedOperator(vstack(parts, format="csr"), _fit_map(data, model.action_counts))


def _weights(data: Data, agent: int) -> Array:
    return mg.outer_but(data.marginals, agent) if isinstance(data, ProductData) else data.weights


def _moments(model: MMDP, weights: Array, agent: int) -> Any:
    """Return the rows (a_i, s) of one agent: (|A_i|·S, S+1)."""
    from scipy.sparse import coo_matrix, csr_matrix, hstack

    indptr, successors, probabilities = model.transition.compressed()
    counts, states = model.action_counts, model.n_states
    place = np.arange(weights.size)
    own = place // int(np.prod(counts[agent + 1 :])) % counts[agent]
    row = np.repeat(own * states + place // int(np.prod(counts)), np.diff(indptr))
    mass = model.discount * np.repeat(weights.reshape(-1), np.diff(indptr)) * probabilities
    table = coo_matrix((mass, (row, successors)), shape=(counts[agent] * states, states)).tocsr()
    axes = tuple(j + 1 for j in range(len(counts)) if j != agent)
    rewards = (weights * model.reward).sum(axis=axes).T.reshape(-1, 1)
    return hstack([table, csr_matrix(rewards)], format="csr")


def _fit_map(data: Data, counts: tuple[int, ...]) -> Array:
    """Return L, (S, Σ|A_i|, Σ|A_i|): the fit applied to unit moments."""
    first = data.marginals[0] if isinstance(data, ProductData) else data.weights
    states, rows = first.shape[0], sum(counts)
    require_memory("maps from moments to factors", (states, rows, rows))
    units = np.split(np.broadcast_to(np.eye(rows), (states, rows, rows)), np.cumsum(counts)[:-1], axis=1)
    if isinstance(data, ProductData):
        return np.concatenate(linear.from_means(units, data.marginals), axis=1)
    return np.concatenate(normal_equations.solve(data.equations, units), axis=1)
