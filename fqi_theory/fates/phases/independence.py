"""Do recorded joint actions look like product data?

Exactly: N(a) T^(n-1) = Π_i N_i(a_i) for every recorded joint action (then every other one has an action that was never
played). As a test: the G statistic of complete independence, Σ_a N(a) log N(a) up to terms that the marginals fix,
against the same columns permuted independently. Under independence all permutations are equally likely, so that the
p-value (1 + number at least as large) / (1 + permutations) is valid at every sample size (Phipson & Smyth 2010).
"""

from math import prod

import numpy as np

from fqi_theory.base.scalars import Array

PERMUTATIONS = 199
#: Below this distance two statistics count as equal: far above rounding, far below one observation moved.
ROUNDING = 1e-7


def is_product(actions: Array) -> bool:
    """Tell whether the recorded distribution (T, n) is exactly the product of its marginals."""
    steps, n = actions.shape
    own = [
        dict(zip(*map(np.ndarray.tolist, np.unique(column, return_counts=True)), strict=True)) for column in actions.T
    ]
    cells, counts = np.unique(actions, axis=0, return_counts=True)
    return all(
        int(count) * steps ** (n - 1) == prod(own[i][int(x)] for i, x in enumerate(cell))
        for cell, count in zip(cells, counts, strict=True)
    )


def independence_p_value(actions: Array, seed: int = 0, permutations: int = PERMUTATIONS) -> float:
    """Return the p-value of the permutation test for joint actions (T, n); 1 for a single agent."""
    if actions.shape[1] == 1:
        return 1.0
    generator, codes = np.random.default_rng(seed), _codes(actions)
    observed = _statistic(codes)
    larger = sum(
        _statistic([codes[0], *(generator.permutation(code) for code in codes[1:])]) >= observed - ROUNDING
        for _ in range(permutations)
    )
    return (1 + larger) / (1 + permutations)


def _codes(actions: Array) -> list[Array]:
    return [np.unique(column, return_inverse=True)[1].astype(np.int64) for column in actions.T]


def _statistic(codes: list[Array]) -> float:
    """Return Σ N log N over the joint values of the columns; joined two at a time, so that no index overflows."""
    joint = codes[0]
    for code in codes[1:]:
        joint = np.unique(joint * (int(code.max()) + 1) + code, return_inverse=True)[1].astype(np.int64)
    counts = np.bincount(joint)
    return float((counts * np.log(counts)).sum())
