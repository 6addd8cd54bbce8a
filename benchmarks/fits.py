"""One fit of one joint table: against reading it once, against einsum, against lstsq and scikit-learn."""

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks import models, peers
from benchmarks.comparison import Comparison, Pair, Row
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import ProductData
from fqi_theory.factorization import linear

Counts = tuple[int, ...]

LARGE = [(64, (8,) * 4), (32, (6,) * 6), (8, (5,) * 8)]
SMALL = [(16, (3,) * 2), (64, (5,) * 3)]


def _table(states: int, counts: Counts) -> tuple[Array, ProductData]:
    """Return a random table (S, A_1, ..., A_n) and random product data."""
    generator = np.random.default_rng(2)
    tables = [generator.random((states, count)) + 0.2 for count in counts]
    data = ProductData(tuple(table / table.sum(axis=1, keepdims=True) for table in tables))
    return np.random.default_rng(1).standard_normal((states, *counts)), data


def _sum(fit: Callable[[Array, ProductData], object], states: int, counts: Counts) -> Pair:
    table, data = _table(states, counts)
    return Pair(table.sum, lambda: fit(table, data))


def _einsum(states: int, counts: Counts) -> Pair:
    table, data = _table(states, counts)
    for mine, theirs in zip(linear.credit(table, data), peers.einsum_fit(table, data.marginals), strict=True):
        assert np.allclose(mine, theirs)
    return Pair(lambda: peers.einsum_fit(table, data.marginals), lambda: linear.credit(table, data))


def _lstsq(states: int, counts: Counts) -> Pair:
    table, data = _table(states, counts)
    weights, matrix, flat = data.joint().reshape(states, -1), peers.design(counts), table.reshape(states, -1)

    def per_state() -> list[Array]:
        return [peers.weighted_lstsq(matrix, w, y) for w, y in zip(weights, flat, strict=True)]

    fitted = linear.fit(table, data).q_tot().reshape(states, -1)
    assert np.allclose(fitted, np.array(per_state()) @ matrix.T)
    return Pair(per_state, lambda: linear.fit(table, data))


def _scikit_learn(states: int, counts: Counts) -> Pair:
    from sklearn.linear_model import LinearRegression

    table, data = _table(states, counts)
    weights, matrix, flat = data.joint().reshape(states, -1), peers.design(counts), table.reshape(states, -1)

    def per_state() -> list[object]:
        return [LinearRegression().fit(matrix, y, sample_weight=w) for w, y in zip(weights, flat, strict=True)]

    return Pair(per_state, lambda: linear.fit(table, data))


def comparisons() -> list[Comparison]:
    """Return what is compared: factors alone, factors with greedy actions and values, and the usual means."""
    found = []
    for at in LARGE:
        size = models.size_text(*at)
        whole = "one fit with greedy actions and values costs, in passes of np.sum"
        passes = Row("one fit costs, in passes of np.sum", size, "np.sum", most=2.5)
        found.append(Comparison(passes, partial(_sum, linear.credit, *at), rounds=31, faster="peer"))
        found.append(Comparison(Row(whole, size, "np.sum"), partial(_sum, linear.fit, *at), rounds=31, faster="peer"))
        row = Row("one fit", size, "greedy einsum per agent", least=5)
        found.append(Comparison(row, partial(_einsum, *at), rounds=9))
    for at in (*SMALL, *LARGE):
        row = Row("one fit", models.size_text(*at), "weighted lstsq per state")
        found.append(Comparison(row, partial(_lstsq, *at), rounds=3))
    for at in (*SMALL, LARGE[0]):
        row = Row("one fit", models.size_text(*at), "scikit-learn LinearRegression per state")
        found.append(Comparison(row, partial(_scikit_learn, *at), rounds=3))
    return found
