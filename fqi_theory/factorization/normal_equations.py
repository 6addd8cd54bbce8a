"""Weighted least squares onto additive functions, for any data: the normal equations of THEORY section 2 ✦(a).

With columns (i, x), one for each action x of agent i, the Gram matrix needs only the pairwise marginals of p_D:
    G[(i,x),(j,y)] = P(a_i = x, a_j = y),      h[(i,x)] = E[1{a_i = x} y(a)],      G q = h.
G is singular (constants can move between agents; unsupported actions have empty columns). The solution returned is
the mean, shared equally, plus the deviation of least Euclidean norm, in the canonical gauge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq_mat

from fqi_theory import marginals as mg
from fqi_theory import scalars
from fqi_theory.scalars import Array


@dataclass(frozen=True, eq=False)
class NormalEquations:
    """The left side at every state. own: p_i(s,a_i), per agent (S, A_i); gram: G, (S, Σ|A_i|, Σ|A_i|)."""

    own: tuple[Array, ...]
    gram: Array

    @cached_property
    def inverse(self) -> Array:
        """Return the pseudo-inverse of a float G, (S, Σ|A_i|, Σ|A_i|): computed once for any number of fits."""
        return np.asarray(np.linalg.pinv(self.gram, hermitian=True))


def equations(weights: Array) -> NormalEquations:
    """Return the normal equations of joint weights (S, A_1, ..., A_n), summing to 1 at each state."""
    own, pairs = mg.totals(weights), mg.pair_totals(weights)
    agents = range(len(own))
    field = scalars.field_of(weights)
    blocks = [
        [
            own[i][:, :, None] * scalars.as_field(np.eye(own[i].shape[1], dtype=int).astype(object), field)
            if i == j
            else (pairs[i, j] if i < j else pairs[j, i].swapaxes(1, 2))
            for j in agents
        ]
        for i in agents
    ]
    return NormalEquations(tuple(own), np.concatenate([np.concatenate(row, axis=2) for row in blocks], axis=1))


def solve(given: NormalEquations, moments: Sequence[Array]) -> list[Array]:
    """Solve the normal equations at every state.

    moments: per agent (S, A_i, *rest), Σ over joint actions with a_i of weight times value. Returns factors per agent
    (S, A_i, *rest) with Σ_x p_i(x) Q_i(x) = E[y]/n.
    """
    states, rest = moments[0].shape[0], moments[0].shape[2:]
    flat = [m.reshape(states, m.shape[1], -1) for m in moments]
    mean = flat[0].sum(axis=1)
    own = np.concatenate(given.own, axis=1)
    deviation = np.concatenate(flat, axis=1) - own[:, :, None] * mean[:, None, :]
    solution = _least_norms(given, deviation)
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
    return np.array([_exact_matrix(matrix).rank() for matrix in equations(weights).gram])


def _least_norms(given: NormalEquations, rights: Array) -> Array:
    """Return the least norm solution at every state for right sides (S, K, X): (S, K, X)."""
    if scalars.field_of(given.gram) == scalars.field_of(rights) == "float":
        return np.asarray(given.inverse @ rights)
    return np.stack([_least_norm(matrix, right) for matrix, right in zip(given.gram, rights, strict=True)])


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
