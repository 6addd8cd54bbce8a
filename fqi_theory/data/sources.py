"""Data distributions p_D(a|s), theory notes, section 1.

A *source* says where data come from (`uniform()`, `product(...)`, `correlated(...)`, `epsilon_greedy(ε)`); `at(model,
greedy)` turns it into the distribution one fit is weighted by: `ProductData` or `JointData`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, ModelError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data.normal_equations import NormalEquations, equations
from fqi_theory.model import expectations as mg
from fqi_theory.model.mmdp import MMDP, check_distributions


@dataclass(frozen=True, eq=False)
class ProductData:
    """p_D(a|s) = Π_i p_i(a_i|s); marginals: per agent (S, A_i), not to be changed afterwards."""

    marginals: tuple[Array, ...]

    @cached_property
    def halves(self) -> mg.Halves:
        """Return the marginals as the conditional expectations need them."""
        return mg.halves(self.marginals)

    def joint(self) -> Array:
        """Return the joint weights (S, A_1, ..., A_n)."""
        return mg.outer(self.marginals)

    def full_support(self) -> bool:
        """Tell whether every action of every agent has positive probability in every state."""
        return all(bool((m > 0).all()) for m in self.marginals)


@dataclass(frozen=True, eq=False)
class JointData:
    """Any p_D(a|s), correlated or not; weights: (S, A_1, ..., A_n), not to be changed afterwards."""

    weights: Array

    @cached_property
    def equations(self) -> NormalEquations:
        """Return the normal equations of additive least squares under these weights."""
        return equations(self.weights)

    def joint(self) -> Array:
        """Return the joint weights (S, A_1, ..., A_n)."""
        return self.weights

    def full_support(self) -> bool:
        """Tell whether every joint action has positive probability in every state."""
        return bool((self.weights > 0).all())


Data: TypeAlias = ProductData | JointData


class DataSource(Protocol):
    """Where the data of each iteration come from.

    The data in a state may depend on the greedy action of that state only, not on those of other states.
    """

    @property
    def on_policy(self) -> bool:
        """Tell whether the distribution follows the current greedy actions."""

    def at(self, model: MMDP, greedy: Array) -> Data:
        """Return the data for a model while the greedy joint actions are `greedy` (S, n)."""

    def describe(self) -> Any:
        """Return a JSON value that records this source in results."""


@dataclass(frozen=True)
class Uniform:
    """Every agent plays every action equally often."""

    on_policy = False

    def at(self, model: MMDP, greedy: Array) -> ProductData:  # noqa: ARG002
        """Return p_i(a_i|s) = 1/|A_i|."""
        one, states = scalars.scalar(1, model.field), model.n_states
        return ProductData(
            tuple(scalars.full((states, count), one / count, model.field) for count in model.action_counts)
        )

    def describe(self) -> Any:
        """Return {"kind": "uniform"}."""
        return {"kind": "uniform"}


@dataclass(frozen=True, eq=False)
class Product:
    """Fixed per-agent marginals; marginals: per agent (S, A_i)."""

    marginals: tuple[Array, ...]
    on_policy = False

    def at(self, model: MMDP, greedy: Array) -> ProductData:  # noqa: ARG002
        """Return the marginals, checked against the model's shape."""
        if len(self.marginals) != model.n_agents:
            raise DataError(
                f"marginals: expected one table for each of {model.n_agents} agents, found {len(self.marginals)}"
            )
        for i, (table, count) in enumerate(zip(self.marginals, model.action_counts, strict=True)):
            if table.shape != (model.n_states, count):
                raise DataError(
                    f"marginals of agent {i + 1}: expected shape {(model.n_states, count)}, found {table.shape}"
                )
            _check(table, model, f"marginals of agent {i + 1}")
        return ProductData(tuple(_in_field(table, model) for table in self.marginals))

    def describe(self) -> Any:
        """Return the marginals as JSON."""
        return {"kind": "product", "marginals": [scalars.nested_text(m) for m in self.marginals]}


@dataclass(frozen=True, eq=False)
class Correlated:
    """A fixed joint distribution; weights: (S, A_1, ..., A_n)."""

    weights: Array
    on_policy = False

    def at(self, model: MMDP, greedy: Array) -> JointData:  # noqa: ARG002
        """Return the weights, checked against the model's shape."""
        if self.weights.shape != model.reward.shape:
            raise DataError(f"joint data: expected shape {model.reward.shape}, found {self.weights.shape}")
        _check(self.weights.reshape(model.n_states, -1), model, "joint data")
        return JointData(_in_field(self.weights, model))

    def describe(self) -> Any:
        """Return the weights as JSON."""
        return {"kind": "joint", "joint": scalars.nested_text(self.weights)}


@dataclass(frozen=True)
class EpsilonGreedy:
    """On-policy data: agent i plays its greedy action with 1-ε+ε/|A_i|, every other action with ε/|A_i|."""

    epsilon: Scalar
    on_policy = True

    def at(self, model: MMDP, greedy: Array) -> ProductData:
        """Return the product of the agents' ε-greedy distributions around `greedy` (S, n)."""
        if (greedy < 0).any():
            raise DataError("epsilon-greedy data: the greedy actions of these symbolic factors are not determined")
        if isinstance(self.epsilon, float | np.floating) and model.field != "float":
            raise DataError(
                f"epsilon: the float {self.epsilon!r} was given, the model is {model.field}; write "
                f'epsilon_greedy("{self.epsilon}"), or take model.to_float()'
            )
        epsilon = scalars.scalar(self.epsilon, model.field)
        one = scalars.scalar(1, model.field)
        tables = []
        for i, count in enumerate(model.action_counts):
            table = scalars.full((model.n_states, count), epsilon / count, model.field)
            table[np.arange(model.n_states), greedy[:, i]] = one - epsilon + epsilon / count
            tables.append(table)
        return ProductData(tuple(tables))

    def describe(self) -> Any:
        """Return {"kind": "epsilon-greedy", "epsilon": ε}."""
        return {"kind": "epsilon-greedy", "epsilon": scalars.text(self.epsilon)}


def as_source(data: DataSource | None) -> DataSource:
    """Return a data source, uniform data for None; raises DataError for anything else."""
    if data is None:
        return Uniform()
    if not callable(getattr(data, "at", None)):
        raise DataError(
            f"data: expected a source such as uniform() or epsilon_greedy('1/10'), found {data!r}{_way(data)}"
        )
    return data


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


def epsilon_greedy(epsilon: Any) -> EpsilonGreedy:
    """Return on-policy ε-greedy data; 0 <= ε <= 1 (a string, int, Fraction; or a float for float models)."""
    value = (
        epsilon if isinstance(epsilon, float | np.floating) or scalars.is_symbolic(epsilon) else scalars.exact(epsilon)
    )
    if not scalars.is_symbolic(value) and not 0 <= value <= 1:
        raise DataError(f"epsilon: expected a number in [0, 1], found {value}")
    return EpsilonGreedy(value)


def _kept(table: Any) -> Array:
    """Return a copy that cannot be changed: what is computed from data once is used again."""
    array = scalars.as_array(table).copy()
    array.setflags(write=False)
    return array


def _check(table: Array, model: MMDP, what: str) -> None:
    """Raise DataError unless every row of a table (S, m) is a distribution (symbolic ones are taken as they are)."""
    if model.field == "symbolic" or scalars.field_of(table) == "symbolic":
        return
    try:
        check_distributions(table, lambda s: f"{what} at {model.place(s)}")
    except ModelError as error:
        raise DataError(str(error)) from None


def _in_field(table: Array, model: MMDP) -> Array:
    if model.field == "exact" and table.dtype.kind == "f":
        raise DataError("data are floats, the model is exact; give the data as strings, ints or Fractions")
    return table if scalars.field_of(table) == model.field else scalars.as_field(table, model.field)
