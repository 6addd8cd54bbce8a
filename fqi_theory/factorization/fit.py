"""What a fit returns, and how greedy actions are chosen from factors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import Data

Ties: TypeAlias = Literal["first", "last"]
#: Some agents, increasing, counted from 0; a function of their actions is a table (S, A_i for i in the scope).
Scope: TypeAlias = tuple[int, ...]
Terms: TypeAlias = Mapping[Scope, Array]


@dataclass(frozen=True, eq=False)
class Fit:
    """The minimiser of one fit, at every state.

    factors: per agent (S, A_i). values: (S,), max_a Q_tot(s,a). greedy: (S, n), the greedy joint action under the tie
    rule. table: (S, A_1, ..., A_n), Q_tot, or None where it is the sum of the factors and interactions. interactions:
    tables (S, A_T) of sets T of two or more agents.
    """

    factors: tuple[Array, ...]
    values: Array
    greedy: Array
    table: Array | None = None
    interactions: Terms = field(default_factory=dict)

    def q_tot(self) -> Array:
        """Return Q_tot(s,a), (S, A_1, ..., A_n)."""
        if self.table is not None:
            return self.table
        n = len(self.factors)
        return sum(
            (aligned(t, scope, range(n)) for scope, t in self.interactions.items()), additive_table(self.factors)
        )


class Factorization(Protocol):
    """A function class; the modules of this package satisfy it."""

    @property
    def name(self) -> str:
        """Return the name used on the command line and in results."""

    def fit(self, targets: Array, data: Data, ties: Ties = "first") -> Fit:
        """Return argmin over the class of Σ_a p_D(a|s) (y(s,a) - Q_tot(s,a))² at every state."""


def require_class(factorization: object) -> None:
    """Raise DataError unless this is a function class."""
    if not callable(getattr(factorization, "fit", None)) or not hasattr(factorization, "name"):
        raise DataError(f"factorization: expected a class such as fqi_theory.linear or .igm, found {factorization!r}")


def additive_table(factors: Sequence[Array]) -> Array:
    """Return Σ_i Q_i(s,a_i): per agent (S, A_i) to (S, A_1, ..., A_n)."""
    total = factors[0]
    for factor in factors[1:]:
        total = total[..., None] + factor.reshape(factor.shape[0], *[1] * (total.ndim - 1), factor.shape[1])
    return np.asarray(total)


def aligned(table: Array, scope: Scope, within: Sequence[int]) -> Array:
    """Return a table (S, A_T, *rest) of the agents T = scope with axes of length 1 for other agents `within`."""
    agents = dict(zip(scope, table.shape[1:], strict=False))
    shape = (table.shape[0], *(agents.get(agent, 1) for agent in within), *table.shape[1 + len(scope) :])
    return table.reshape(shape)


def first_or_last(values: Array, ties: Ties) -> Array:
    """Return the index of the first (or last) maximum along the last axis."""
    if ties == "first":
        return np.asarray(values.argmax(axis=-1))
    return np.asarray(values.shape[-1] - 1 - values[..., ::-1].argmax(axis=-1))


def greedy_actions(factors: Sequence[Array], ties: Ties = "first") -> Array:
    """Return argmax_{a_i} Q_i(s,a_i) agent by agent: per agent (S, A_i) to integers (S, n)."""
    return np.stack([first_or_last(factor, ties) for factor in factors], axis=-1)


def greedy_values(factors: Sequence[Array]) -> Array:
    """Return Σ_i max_{a_i} Q_i(s,a_i) = max_a Q_tot(s,a) for additive factors: (S,)."""
    return np.asarray(sum(scalars.maximum(factor, axis=1) for factor in factors))
