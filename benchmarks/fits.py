"""One fit of one joint table: against reading it once, against einsum, against lstsq and scikit-learn."""

from collections.abc import Iterator

import numpy as np

from benchmarks import models, peers
from benchmarks.timing import Row, ratio
from fqi_theory.data import ProductData
from fqi_theory.factorization import linear

SIZES = [(64, (8,) * 4), (32, (6,) * 6), (8, (5,) * 8)]


def _data(states: int, counts: tuple[int, ...]) -> ProductData:
    generator = np.random.default_rng(2)
    tables = [generator.random((states, count)) + 0.2 for count in counts]
    return ProductData(tuple(table / table.sum(axis=1, keepdims=True) for table in tables))


def large() -> Iterator[Row]:
    """Yield what the factors of one fit cost (einsum gives the same), and what greedy actions and values add."""
    for states, counts in SIZES:
        targets, data = np.random.default_rng(1).standard_normal((states, *counts)), _data(states, counts)
        for mine, theirs in zip(linear.credit(targets, data), peers.einsum_fit(targets, data.marginals), strict=True):
            assert np.allclose(mine, theirs)
        size = models.size_text(states, counts)
        passes = 1 / ratio(targets.sum, lambda y=targets, d=data: linear.credit(y, d), rounds=31)
        yield Row("fit", "one fit costs, in passes of np.sum", size, "np.sum", passes, most=2.5)
        whole = 1 / ratio(targets.sum, lambda y=targets, d=data: linear.fit(y, d), rounds=31)
        yield Row("fit", "the same with greedy actions and values", size, "np.sum", whole)
        found = ratio(
            lambda y=targets, d=data: peers.einsum_fit(y, d.marginals), lambda y=targets, d=data: linear.credit(y, d), 9
        )
        yield Row("fit", "one fit", size, "greedy einsum per agent", found, least=5)


def small() -> Iterator[Row]:
    for states, counts in [(64, (5,) * 3), (64, (8,) * 4)]:
        targets, data = np.random.default_rng(1).standard_normal((states, *counts)), _data(states, counts)
        weights, matrix = data.joint().reshape(states, -1), peers.design(counts)
        flat, size = targets.reshape(states, -1), models.size_text(states, counts)

        def lstsq(x=matrix, w=weights**0.5, y=flat):  # type: ignore[no-untyped-def]
            return [np.linalg.lstsq(x * r[:, None], row * r, rcond=None) for r, row in zip(w, y, strict=True)]

        found = ratio(lstsq, lambda y=targets, d=data: linear.fit(y, d), rounds=3)
        yield Row("fit", "one fit", size, "weighted lstsq per state", found)
        yield _sklearn(matrix, weights, flat, size, targets, data)


def _sklearn(matrix, weights, flat, size, targets, data) -> Row:  # type: ignore[no-untyped-def]
    try:
        from sklearn.linear_model import LinearRegression
    except ImportError:
        return Row("fit", "one fit", size, "scikit-learn LinearRegression per state", None)

    def regress() -> list[object]:
        return [LinearRegression().fit(matrix, row, sample_weight=w) for w, row in zip(weights, flat, strict=True)]

    found = ratio(regress, lambda: linear.fit(targets, data), rounds=3)
    return Row("fit", "one fit", size, "scikit-learn LinearRegression per state", found)
