"""Exact steps of many models in integers: factors, greedy actions, affine pieces, linear systems.

V is numerators (M, S) over a denominator (M,) > 0. An affine map V' = (A V + c)/σ is the matrix [[A, c], [0, σ]], so
that maps are composed by multiplying.
"""

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.fates.together.tables import Tables


def rows_under(tables: Tables, keys: Array) -> Array:
    """Return the forms of the factors under the data of keys (M, S): (M, S, K, S+1), over tables.scale."""
    if not tables.on_policy:
        return tables.forms[:, :, 0]
    return np.asarray(np.take_along_axis(tables.forms, keys[:, :, None, None, None], axis=2)[:, :, 0])


def applied(forms: Array, vectors: Array) -> Array:
    """Return Σ_t forms[..., t] vectors[..., t] with NumPy's broadcasting: sums over a short last axis take longer."""
    total = forms[..., 0] * vectors[..., 0]
    for t in range(1, forms.shape[-1]):
        total = total + forms[..., t] * vectors[..., t]
    return np.asarray(total)


def factors_at(rows: Array, numerators: Array, denominators: Array) -> Array:
    """Return the factors at V, (M, S, K), over scale · denominators."""
    linear = applied(rows[..., :-1], numerators[:, None, None, :])
    return np.asarray(linear + rows[..., -1] * denominators[:, None, None])


def greedy_of(tables: Tables, factors: Array) -> Array:
    """Return each agent's first (last) maximiser, (M, S, n)."""
    found = []
    for first, count in zip(tables.offsets, tables.counts, strict=True):
        own = factors[..., first : first + count]
        if tables.ties == "first":
            found.append((own == own.max(axis=-1, keepdims=True)).argmax(axis=-1))
        else:
            found.append(count - 1 - (own == own.max(axis=-1, keepdims=True))[..., ::-1].argmax(axis=-1))
    return np.stack(found, axis=-1)


def chosen(tables: Tables, rows: Array, modes: Array) -> Array:
    """Return the entries of rows (M, S, K, ...) that modes (M, S, n) choose, an agent each: (M, S, n, ...)."""
    index = (modes + tables.offsets).reshape(*modes.shape, *[1] * (rows.ndim - 3))
    return np.asarray(np.take_along_axis(rows, index, axis=2))


def own_mode(tables: Tables, per_agent: Array) -> Array:
    """Repeat what belongs to an agent, (M, S, n, ...), for each of its actions: (M, S, K, ...)."""
    return np.repeat(per_agent, tables.counts, axis=2)


def affine(tables: Tables, keys: Array, modes: Array) -> Array:
    """Return the map of a step under the data of keys where modes are chosen, (M, S+1, S+1)."""
    size = tables.states
    result = np.zeros((len(tables), size + 1, size + 1), dtype=object)
    result[:, :size] = chosen(tables, rows_under(tables, keys), modes).sum(axis=2)
    result[:, size, size] = tables.scale
    return result


def product(left: Array, right: Array) -> Array:
    """Return the products of matrices (M, p, q) and (M, q, r) of integers."""
    return np.asarray((left[:, :, :, None] * right[:, None, :, :]).sum(axis=2))


def determinant(matrix: Array) -> Array:
    """Return the determinants (M,) of small matrices (M, k, k) of integers, by expansion."""
    size = matrix.shape[1]
    if size == 0:
        return np.ones(len(matrix), dtype=object)
    if size == 1:
        return matrix[:, 0, 0]
    total = np.zeros(len(matrix), dtype=object)
    for j in range(size):
        rest = np.delete(matrix[:, 1:], j, axis=2)
        total = total + (-1) ** j * matrix[:, 0, j] * determinant(rest)
    return total


def solution(system: Array, right: Array) -> tuple[Array, Array]:
    """Return x (M, k) and d (M,) >= 0 with system · x = right · d by Cramer's rule; d = 0 where it is singular.

    system: (M, k, k); right: (M, k). Common factors are cancelled.
    """
    denominators = determinant(system)
    columns = []
    for j in range(system.shape[1]):
        replaced = system.copy()
        replaced[:, :, j] = right
        columns.append(determinant(replaced))
    numerators = np.stack(columns, axis=1)
    common = np.gcd(np.gcd.reduce(numerators, axis=1), denominators)
    common[common == 0] = 1
    common = np.where(denominators < 0, -common, common)
    return numerators // common[:, None], denominators // common


def fixed_point(maps: Array) -> tuple[Array, Array]:
    """Return the fixed points of affine maps (M, S+1, S+1), as `solution` does."""
    size = maps.shape[1] - 1
    own = np.eye(size, dtype=int).astype(object) * maps[:, size, size][:, None, None]
    return solution(own - maps[:, :size, :size], maps[:, :size, size])
