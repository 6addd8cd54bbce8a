"""Sources as callers give them: made of tables and numbers, and prepared for a model."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources.distributions import ProductData
from fqi_theory.data.sources.fixed import Correlated, Product, Uniform
from fqi_theory.data.sources.on_policy import EpsilonGreedy
from fqi_theory.data.sources.source import DataSource
from fqi_theory.model.mmdp import MMDP


def as_source(data: DataSource | None, model: MMDP | None = None) -> DataSource:
    """Return a data source, uniform data for None; raises DataError for anything else.

    model: one that the source is to be used with; where it has actions that are not available, the answer has explicit
    tables on copies, which results and certificates record. Raises DataError for a source that has no such tables.
    """
    if data is None:
        return as_source(Uniform(), model)
    if not callable(getattr(data, "at", None)):
        raise DataError(
            f"data: expected a source such as uniform() or epsilon_greedy('1/10'), found {data!r}{_way(data)}"
        )
    return data if model is None or model.available is None else _on_copies(data, model)


def _on_copies(source: DataSource, model: MMDP) -> DataSource:
    if isinstance(source, Uniform | Product | Correlated):
        data = source.at(model, np.zeros((model.n_states, model.n_agents), dtype=int))
        return Product(data.marginals, True) if isinstance(data, ProductData) else Correlated(data.weights, True)
    explicit = getattr(source, "on_copies", None)
    if not callable(explicit):
        raise DataError(
            f"data: expected uniform, product or joint data on model {model.name!r}, some of whose actions are not "
            f"available, found {source!r}"
        )
    found: DataSource = explicit(model)
    return found


def _way(given: Any) -> str:
    """Return the way on from what is no data source."""
    if callable(given) and getattr(given, "__name__", "") == "uniform":
        return "; call it: uniform()"
    if isinstance(given, str) and given == "uniform":
        return "; fqi_theory.uniform()"
    if isinstance(given, str | os.PathLike):
        return "; read_data(path, model) reads a data/1 file"
    if isinstance(given, np.ndarray | list | tuple):
        return "; product(marginals) and correlated(weights) make one of tables"
    return ""


def uniform() -> Uniform:
    """Return uniform data (off-policy)."""
    return Uniform()


def product(marginals: Sequence[Any]) -> Product:
    """Return fixed product data from per-agent tables (S, A_i)."""
    return Product(tuple(_kept(table) for table in marginals))


def correlated(weights: Any) -> Correlated:
    """Return fixed data with any joint weights (S, A_1, ..., A_n)."""
    return Correlated(_kept(weights))


def epsilon_greedy(epsilon: Any, exploring: Sequence[Any] | None = None) -> EpsilonGreedy:
    """Return on-policy ε-greedy data; 0 <= ε <= 1 (a string, int, Fraction; or a float for float models).

    exploring: what is played with probability ε, per agent a table (S, A_i) of weights above 0 for all available
    actions; uniform over these by default.
    """
    value = (
        epsilon if isinstance(epsilon, float | np.floating) or scalars.is_symbolic(epsilon) else scalars.exact(epsilon)
    )
    if not scalars.is_symbolic(value) and not 0 <= value <= 1:
        raise DataError(f"epsilon: expected a number in [0, 1], found {value}")
    return EpsilonGreedy(value, None if exploring is None else product(exploring))


def _kept(table: Any) -> Array:
    """Return a copy that cannot be changed: what is computed from data once is used again."""
    array = scalars.as_array(table).copy()
    array.setflags(write=False)
    return array
