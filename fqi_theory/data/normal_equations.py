"""Weighted least squares onto additive functions, for any data: the normal equations of
the theory notes, section 2 ✦(a).

With columns (i, x), one for each action x of agent i, the Gram matrix needs only the pairwise marginals of p_D:
    G[(i,x),(j,y)] = P(a_i = x, a_j = y),      h[(i,x)] = E[1{a_i = x} y(a)],      G q = h.
G is singular (constants can move between agents; unsupported actions have empty columns). The solution returned is
the mean, shared equally, plus the deviation of least Euclidean norm, in the canonical gauge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq_mat

from fqi_theory.base import scalars
from fqi_theory.base.limits import bytes_each, require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.model import expectations as mg

#: Inverses are kept for all states where they are small, or no larger than the pairwise marginals.
SMALL_BYTES = 1 << 24
#: Bytes of matrices that are inverted together.
PIECE_BYTES = 1 << 20


@dataclass(frozen=True, eq=False)
class NormalEquations:
    """The left side at every state. own: p_i(s,a_i), (S, A_i) each; pairs: P(a_i, a_j), (S, A_i, A_j) for i < j."""

    own: tuple[Array, ...]
    pairs: Mapping[tuple[int, int], Array]

    def at(self, states: slice) -> "NormalEquations":
        """Return the equations of some states."""
        return NormalEquations(tuple(p[states] for p in self.own), {k: p[states] for k, p in self.pairs.items()})

    @property
    def gram(self) -> Array:
        """Return G, (S, Σ|A_i|, Σ|A_i|); raises TooLarge where it would not fit in memory."""
        agents, field = range(len(self.own)), scalars.field_of(self.own[0])
        size = sum(part.shape[1] for part in self.own)
        require_memory("normal equations", (self.own[0].shape[0], size, size), bytes_each(field))
        blocks = [[self._block(i, j) for j in agents] for i in agents]
        return np.concatenate([np.concatenate(row, axis=2) for row in blocks], axis=1)

    def _block(self, i: int, j: int) -> Array:
        if i != j:
            return self.pairs[i, j] if i < j else self.pairs[j, i].swapaxes(1, 2)
        own = self.own[i]
        return own[:, :, None] * scalars.as_field(np.eye(own.shape[1], dtype=int), scalars.field_of(own))

    @cached_property
    def inverse(self) -> Array:
        """Return a float G's symmetric inverse up to its null space, (S, Σ|A_i|, Σ|A_i|), for any number of fits.

        Where only the gauge is free, G is scaled to a unit diagonal first, so that actions of small probability keep
        their digits; the canonical gauge undoes what the scaling changes. Elsewhere it is the pseudo-inverse, for the
        least norm.
        """
        return np.concatenate([self.at(part)._inverse() for part in self._pieces()])

    def _pieces(self) -> list[slice]:
        states, size = self.own[0].shape[0], sum(part.shape[1] for part in self.own)
        step = max(1, PIECE_BYTES // (size * size * 8))
        return [slice(k, k + step) for k in range(0, states, step)]

    def _inverse(self) -> Array:
        gram = self.gram
        diagonal = np.einsum("skk->sk", gram)
        scale = 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
        scaled = gram * scale[:, :, None] * scale[:, None, :]
        free = gram.shape[1] - (len(self.own) - 1)
        gauge_only = np.linalg.matrix_rank(scaled, hermitian=True) == free
        inverse = np.linalg.pinv(np.where(gauge_only[:, None, None], scaled, gram), hermitian=True)
        scale[~gauge_only] = 1.0
        return np.asarray(inverse * scale[:, :, None] * scale[:, None, :])

    def least_norms(self, rights: Array) -> Array:
        """Return the least norm solution q of G q = right at every state (up to gauge): (S, K, X) to (S, K, X)."""
        if len(self.own) == 1:
            return _divided(rights, self.own[0])
        if not scalars.field_of(self.own[0]) == scalars.field_of(rights) == "float":
            return np.stack([_least_norm(matrix, right) for matrix, right in zip(self.gram, rights, strict=True)])
        states, size = rights.shape[:2]
        whole = max(SMALL_BYTES, sum(part.nbytes for part in self.pairs.values()))
        if states * size * size * 8 <= whole:
            return np.asarray(self.inverse @ rights)
        return np.concatenate([self.at(part)._inverse() @ rights[part] for part in self._pieces()])


def _divided(rights: Array, own: Array) -> Array:
    """Return the solution for one agent, whose G is diagonal: right / p where p > 0, else 0."""
    field = scalars.field_of(rights)
    result, (states, actions) = scalars.zeros(rights.shape, field), np.nonzero(own != 0)
    result[states, actions] = rights[states, actions] / own[states, actions][:, None]
    return result


def equations(weights: Array) -> NormalEquations:
    """Return the normal equations of joint weights (S, A_1, ..., A_n), summing to 1 at each state."""
    return NormalEquations(tuple(mg.totals(weights)), mg.pair_totals(weights))


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
    solution = given.least_norms(deviation)
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
