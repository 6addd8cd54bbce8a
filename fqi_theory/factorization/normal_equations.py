"""Weighted least squares onto additive functions, for any data: the normal equations of THEORY section 2 ✦(a).

With columns (i, x), one for each action x of agent i, the Gram matrix needs only the pairwise marginals of p_D:
    G[(i,x),(j,y)] = P(a_i = x, a_j = y),      h[(i,x)] = E[1{a_i = x} y(a)],      G q = h.
G is singular (constants can move between agents; unsupported actions have empty columns). The solution returned is
the mean, shared equally, plus the deviation of least Euclidean norm, in the canonical gauge.
"""

from collections.abc import Sequence

import numpy as np
from flint import fmpq_mat

from fqi_theory import scalars
from fqi_theory.scalars import Array


def gram(weights: Array) -> Array:
    """Return the Gram matrices (S, Σ|A_i|, Σ|A_i|) of joint weights (S, A_1, ..., A_n)."""
    agents = range(1, weights.ndim)
    blocks = [[_pair_marginal(weights, i, j) for j in agents] for i in agents]
    return np.concatenate([np.concatenate(row, axis=2) for row in blocks], axis=1)


def solve(weights: Array, moments: Sequence[Array]) -> list[Array]:
    """Solve the normal equations at every state.

    weights: (S, A_1, ..., A_n), summing to 1 at each state. moments: per agent (S, A_i, *rest), Σ over joint actions
    with a_i of weight times value. Returns factors per agent (S, A_i, *rest) with Σ_x p_i(x) Q_i(x) = E[y]/n.
    """
    states, rest = moments[0].shape[0], moments[0].shape[2:]
    flat = [m.reshape(states, m.shape[1], -1) for m in moments]
    mean = flat[0].sum(axis=1)
    matrix = gram(weights)
    own = np.concatenate([_own_marginal(weights, i) for i in range(1, weights.ndim)], axis=1)
    deviation = np.concatenate(flat, axis=1) - own[:, :, None] * mean[:, None, :]
    solution = _least_norms(matrix, deviation)
    factors, start = [], 0
    for part in flat:
        stop = start + part.shape[1]
        own_part, q = own[:, start:stop, None], solution[:, start:stop]
        shift = mean[:, None, :] / len(flat) - (own_part * q).sum(axis=1, keepdims=True)
        factors.append(np.asarray((q + shift).reshape(states, part.shape[1], *rest)))
        start = stop
    return factors


def additive_rank(weights: Array) -> Array:
    """Return the rank of the exact Gram matrix at each state; Σ|A_i| - (n-1) means that Q_tot is unique everywhere."""
    matrices = gram(weights)
    return np.array([_exact_matrix(matrix).rank() for matrix in matrices])


def _pair_marginal(weights: Array, i: int, j: int) -> Array:
    own = _own_marginal(weights, i)
    if i == j:
        return own[:, :, None] * scalars.as_field(np.eye(own.shape[1], dtype=int).astype(object), scalars.field_of(own))
    kept = weights.sum(axis=tuple(k for k in range(1, weights.ndim) if k not in (i, j)))
    return np.asarray(kept if i < j else kept.swapaxes(1, 2))


def _own_marginal(weights: Array, i: int) -> Array:
    return np.asarray(weights.sum(axis=tuple(k for k in range(1, weights.ndim) if k != i)))


def _least_norms(matrices: Array, rights: Array) -> Array:
    """Return the least norm solution at every state: (S, K, K) and (S, K, X) to (S, K, X)."""
    if scalars.field_of(matrices) == scalars.field_of(rights) == "float":
        return np.asarray(np.linalg.pinv(matrices, hermitian=True) @ rights)
    return np.stack([_least_norm(matrix, right) for matrix, right in zip(matrices, rights, strict=True)])


def _least_norm(matrix: Array, right: Array) -> Array:
    """Return the solution q of matrix · q = right (consistent, symmetric) of least Euclidean norm."""
    field = "symbolic" if scalars.field_of(right) == "symbolic" else scalars.field_of(matrix)
    if field == "float":
        return np.asarray(np.linalg.pinv(matrix, hermitian=True) @ right)
    if field == "symbolic":
        return _least_norm_symbolic(matrix, right)
    gram_matrix = _exact_matrix(matrix)
    square = _any_solution(gram_matrix * gram_matrix, _exact_matrix(right))
    return _array(gram_matrix * square)


def _least_norm_symbolic(matrix: Array, right: Array) -> Array:
    from sympy import Matrix, simplify

    g, h = Matrix(matrix), Matrix(right)
    return np.array((g.pinv() * h).applyfunc(simplify), dtype=object)


def _any_solution(matrix: fmpq_mat, right: fmpq_mat) -> fmpq_mat:
    """Solve a consistent singular system by reduced row echelon form; free variables are 0."""
    rows, columns = matrix.nrows(), matrix.ncols()
    table = matrix.tolist()
    augmented = fmpq_mat([row + extra for row, extra in zip(table, right.tolist(), strict=True)])
    reduced, _ = augmented.rref()
    solution = fmpq_mat(columns, right.ncols())
    for r in range(rows):
        pivot = next((c for c in range(columns) if reduced[r, c] != 0), None)
        if pivot is not None:
            for k in range(right.ncols()):
                solution[pivot, k] = reduced[r, columns + k]
    return solution


def _exact_matrix(array: Array) -> fmpq_mat:
    return fmpq_mat([[scalars.exact(x) for x in row] for row in array.tolist()])


def _array(matrix: fmpq_mat) -> Array:
    result = np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    for i, row in enumerate(matrix.tolist()):
        for j, value in enumerate(row):
            result[i, j] = value
    return result
