"""ε-greedy data: they follow the greedy actions of the step before."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data import copies
from fqi_theory.data.sources.distributions import ProductData
from fqi_theory.data.sources.fixed import Product
from fqi_theory.model.mmdp import MMDP


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
