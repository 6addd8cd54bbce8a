"""Weighted least squares onto sums of functions on sets of agents, for any data and order (theory notes, section 2).

Per state, with a family of sets T of agents, down-closed:
    Q = argmin Σ_a p_D(a) (y(a) - Σ_T q_T(a_T))².
*Determined* (the rank of the class on the support of p_D is its dimension): coefficients on the columns 1{a_T = x}
of those x none of whose actions is the agent's base action, a basis of the class; Q is unique.
Otherwise Q = E[y] + Σ_T q_T with the q of least Euclidean norm over all columns 1{a_T = x}, T not empty, of the
fits of y - E[y]: the choice that the linear class makes (`data.normal_equations`), for any order.
"""

from functools import lru_cache
from math import prod

import numpy as np
from flint import fmpz_mat

from fqi_theory.base import matrices, scalars
from fqi_theory.base.limits import require_memory
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.fit import Scope

Scopes = tuple[Scope, ...]


def fit(tensor: Array, weights: Array, scopes: Scopes) -> Array:
    """Return the fits of every slice of tensor (S, A_1, ..., A_n, *rest), in its shape; weights: (S, A_1, ..., A_n)."""
    states, counts = weights.shape[0], weights.shape[1:]
    targets, shares = tensor.reshape(states, prod(counts), -1), weights.reshape(states, -1)
    fitted = [_fit_state(y, p, scopes, counts) for y, p in zip(targets, shares, strict=True)]
    return np.stack(fitted).reshape(tensor.shape)


def dimension(scopes: Scopes, counts: tuple[int, ...]) -> int:
    """Return Σ_T Π_{i in T} (|A_i| - 1), the dimension of the class."""
    return sum(prod(counts[i] - 1 for i in scope) for scope in scopes)


def rank(support: Array, scopes: Scopes, counts: tuple[int, ...]) -> int:
    """Return the dimension of the class on some joint actions, exactly; support: booleans (A_1, ..., A_n)."""
    if support.all():
        return dimension(scopes, counts)
    rows = basis(scopes, counts, (0,) * len(counts))[support.reshape(-1)]
    return int(fmpz_mat(rows.tolist()).rank())


@lru_cache(maxsize=64)
def basis(scopes: Scopes, counts: tuple[int, ...], base: tuple[int, ...]) -> Array:
    """Return the columns 1{a_T = x} with x_i != base_i for every i in T, integers (|A|, dimension)."""
    require_memory("columns of the class", (prod(counts), dimension(scopes, counts)))
    choices = [[x for x in range(count) if x != own] for count, own in zip(counts, base, strict=True)]
    return _columns(scopes, counts, choices)


@lru_cache(maxsize=64)
def indicators(scopes: Scopes, counts: tuple[int, ...]) -> Array:
    """Return all columns 1{a_T = x}, T not empty, integers (|A|, Σ_T |A_T|)."""
    kept = tuple(scope for scope in scopes if scope)
    require_memory("columns of the class", (prod(counts), sum(prod(counts[i] for i in scope) for scope in kept)))
    return _columns(kept, counts, [list(range(count)) for count in counts])


def _columns(scopes: Scopes, counts: tuple[int, ...], choices: list[list[int]]) -> Array:
    places = np.indices(counts).reshape(len(counts), -1)
    single = [(places[i][:, None] == np.array(own, dtype=int)).astype(int) for i, own in enumerate(choices)]
    parts = []
    for scope in scopes:
        block = np.ones((prod(counts), 1), dtype=int)
        for i in scope:
            block = (block[:, :, None] * single[i][:, None, :]).reshape(len(block), -1)
        parts.append(block)
    found = np.concatenate(parts, axis=1)
    found.setflags(write=False)
    return found


def _fit_state(targets: Array, shares: Array, scopes: Scopes, counts: tuple[int, ...]) -> Array:
    """Return the fits of the columns of targets (|A|, X) under weights (|A|,)."""
    support = np.asarray(shares != 0, dtype=bool)
    size, found = dimension(scopes, counts), rank(support.reshape(counts), scopes, counts)
    if found == len(targets):
        return targets
    floats = scalars.field_of(targets) == scalars.field_of(shares) == "float"
    columns = basis(scopes, counts, _usual(shares, counts) if floats else (0,) * len(counts))
    kept, solve = columns[support], _solve_float if floats else _solve_generic
    if found == size:
        return np.asarray(columns @ solve(kept, shares[support], targets[support]))
    kept, mean = kept[:, _pivots(kept)], shares @ targets
    fitted = kept @ solve(kept, shares[support], targets[support] - mean)
    return np.asarray(mean + _extended(indicators(scopes, counts), support, fitted))


def _usual(shares: Array, counts: tuple[int, ...]) -> tuple[int, ...]:
    """Return each agent's most frequent action: columns that leave it out are far from one another."""
    table = shares.reshape(counts)
    axes = range(len(counts))
    return tuple(int(table.sum(axis=tuple(j for j in axes if j != i)).argmax()) for i in axes)


def _pivots(rows: Array) -> list[int]:
    """Return the first columns of an integer matrix that span all of them."""
    reduced, _, found = fmpz_mat(rows.tolist()).rref()
    return [next(c for c in range(reduced.ncols()) if reduced[r, c] != 0) for r in range(found)]


def _extended(columns: Array, support: Array, fitted: Array) -> Array:
    """Return D q, q of least norm with D q = fitted on the support: D B' (B B')^-1 on independent rows B of D there."""
    kept = columns[support]
    chosen = _pivots(kept.T)
    own = kept[chosen]
    return np.asarray(columns @ (own.T @ _solved(own @ own.T, fitted[chosen])))


def _solve_generic(columns: Array, shares: Array, targets: Array) -> Array:
    weighted = columns.T * shares
    return _solved(np.asarray(weighted @ columns), np.asarray(weighted @ targets))


def _solve_float(columns: Array, shares: Array, targets: Array) -> Array:
    """Solve by QR of columns that are scaled to length 1, so that rare actions keep their digits."""
    root = np.sqrt(shares)[:, None]
    scaled = root * columns
    lengths = np.linalg.norm(scaled, axis=0)
    q, r = np.linalg.qr(scaled / lengths)
    return np.asarray(np.linalg.solve(r, q.T @ (root * targets)) / lengths[:, None])


def _solved(left: Array, right: Array) -> Array:
    """Return the solution of a regular system in the number type of its sides."""
    if scalars.field_of(right) == "float":
        return np.asarray(np.linalg.solve(left, right))
    if "symbolic" in (scalars.field_of(left), scalars.field_of(right)):
        from sympy import Matrix, simplify

        return np.array(Matrix(left).LUsolve(Matrix(right)).applyfunc(simplify), dtype=object)
    system = matrices.matrix(scalars.exact_array(left))
    return matrices.array(system.solve(matrices.matrix(scalars.exact_array(right))))
