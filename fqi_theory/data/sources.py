"""Data distributions p_D(a|s), theory notes, section 1.

A *source* says where data come from (`uniform()`, `product(...)`, `correlated(...)`, `epsilon_greedy(ε)`); `at(model,
greedy)` turns it into the distribution one fit is weighted by: `ProductData` or `JointData`. Where a model has actions
that are not available, sources are about the available ones, and `at` shares their weight among copies (`copies`).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, ModelError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.base.texts import brief
from fqi_theory.data import copies
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
    """Every agent plays every available action equally often."""

    on_policy = False

    def at(self, model: MMDP, greedy: Array) -> ProductData:  # noqa: ARG002
        """Return p_i(a_i|s) = 1/|A_i|."""
        return ProductData(copies.exploring(model))

    def describe(self) -> Any:
        """Return {"kind": "uniform"}."""
        return {"kind": "uniform"}


@dataclass(frozen=True, eq=False, repr=False)
class Product:
    """Fixed per-agent marginals; marginals: per agent (S, A_i); shared: whether copies have their shares already."""

    marginals: tuple[Array, ...]
    shared: bool = False
    on_policy = False

    def __repr__(self) -> str:
        return f"Product(marginals {brief(self.marginals)})"

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
        tables = tuple(_in_field(table, model) for table in self.marginals)
        return ProductData(tables if self.shared else copies.shared_marginals(model, tables))

    def describe(self) -> Any:
        """Return the marginals as JSON."""
        return {"kind": "product", "marginals": [scalars.nested_text(m) for m in self.marginals]}


@dataclass(frozen=True, eq=False, repr=False)
class Correlated:
    """A fixed joint distribution; weights: (S, A_1, ..., A_n); shared: whether copies have their shares already."""

    weights: Array
    shared: bool = False
    on_policy = False

    def __repr__(self) -> str:
        return f"Correlated(weights {brief(self.weights)})"

    def at(self, model: MMDP, greedy: Array) -> JointData:  # noqa: ARG002
        """Return the weights, checked against the model's shape."""
        if self.weights.shape != model.reward.shape:
            raise DataError(f"joint data: expected shape {model.reward.shape}, found {self.weights.shape}")
        _check(self.weights.reshape(model.n_states, -1), model, "joint data")
        weights = _in_field(self.weights, model)
        return JointData(weights if self.shared else copies.shared_weights(model, weights))

    def describe(self) -> Any:
        """Return the weights as JSON."""
        return {"kind": "joint", "joint": scalars.nested_text(self.weights)}


@dataclass(frozen=True)
class EpsilonGreedy:
    """On-policy data: agent i plays its greedy action with probability 1-ε, and with ε any action that it has.

    exploring: e_i, what is played with ε, where that is not uniform: its greedy action has 1-ε+ε e_i(g_i|s), another
    action x has ε e_i(x|s).
    """

    epsilon: Scalar
    exploring: Product | None = field(default=None, repr=False)
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
        rest, states = scalars.scalar(1, model.field) - epsilon, np.arange(model.n_states)
        if self.exploring is None and model.available is None:
            tables = [scalars.full((states.size, n), epsilon / n, model.field) for n in model.action_counts]
        else:
            tables = [base * epsilon for base in self._base(model)]
        for i, table in enumerate(tables):
            table[states, greedy[:, i]] = rest + table[states, greedy[:, i]]
        return ProductData(tuple(tables))

    def _base(self, model: MMDP) -> tuple[Array, ...]:
        """Return e_i, per agent (S, A_i); raises DataError, naming the place, where an action has no weight."""
        if self.exploring is None:
            return copies.exploring(model)
        tables = self.exploring.at(model, np.zeros((model.n_states, model.n_agents), dtype=int)).marginals
        for i, table in enumerate(tables):
            missing = np.argwhere(np.asarray(table == 0, dtype=bool))
            if missing.size:
                s, a = map(int, missing[0])
                raise DataError(
                    f"exploring: {model.place(s)}, agent {i + 1}, action {model.actions[i][a]}: expected a weight "
                    "above 0, found 0"
                )
        return tables

    def on_copies(self, model: MMDP) -> "EpsilonGreedy":
        """Return the same data with explicit tables, for a model some of whose actions are not available."""
        return EpsilonGreedy(self.epsilon, Product(self._base(model), True))

    def describe(self) -> Any:
        """Return {"kind": "epsilon-greedy", "epsilon": ε}, with "exploring": tables where e is not uniform."""
        found = {"kind": "epsilon-greedy", "epsilon": scalars.text(self.epsilon)}
        if self.exploring is None:
            return found
        return {**found, "exploring": [scalars.nested_text(m) for m in self.exploring.marginals]}


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
