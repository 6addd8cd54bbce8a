"""Data that are the same at every step: uniform, a product of marginals, any joint distribution."""

from dataclasses import dataclass
from typing import Any

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, ModelError
from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import brief
from fqi_theory.data import copies
from fqi_theory.data.sources.distributions import JointData, ProductData
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.validity import check_distributions


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
