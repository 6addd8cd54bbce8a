"""What solving a model gives: V* with an optimal policy, or the values and policies of a finite horizon."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.drawing import face
from fqi_theory.base.frames import frame
from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import brief
from fqi_theory.model.mmdp import MMDP


@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """V* (S,) and the first optimal joint policy in lexicographic order, integers (S, n)."""

    model: MMDP
    values: Array
    policy: Array

    @cached_property
    def action_values(self) -> Array:
        """Return Q* = r + γ P V*, (S, A_1, ..., A_n), computed when first asked for."""
        return self.model.backup(self.values)

    def __repr__(self) -> str:
        return f"Solution({self.model.name!r}, values {brief(self.values)}, policy {brief(self.policy)})"

    def _repr_html_(self) -> str:
        return face("solution", self)

    def to_pandas(self) -> Any:
        """Return a DataFrame (optional extra `pandas`) with a row for each state: "value" and "agent i".

        value: V*(s), exact numbers as Fractions; agent i: the name of its action. Raises ExtraMissing without pandas.
        """
        columns: dict[str, Any] = {"value": list(self.values)}
        for i, names in enumerate(self.model.actions):
            columns[f"agent {i + 1}"] = [names[a] for a in self.policy[:, i]]
        return frame(columns, {"state": list(self.model.states)})

    def to_json(self) -> dict[str, Any]:
        """Return the `solution/1` document."""
        return {
            "format": "solution/1",
            "model": self.model.name,
            "discount": scalars.text(self.model.discount),
            "values": scalars.nested_text(self.values),
            "policy": self.policy.tolist(),
            "field": self.model.field,
        }


@dataclass(frozen=True, eq=False, repr=False)
class HorizonSolution:
    """Optimal values and policies of a finite horizon H.

    steps: V_0, ..., V_H, (H+1, S): V_0 = 0, V_{h+1}(s) = max_a [r(s,a) + γ Σ_s' P(s'|s,a) V_h(s')], h steps to go.
    policy: integers (H, S, n): the joint actions at times t = 0, ..., H-1, first maximisers of row-major order, with
    H - t steps to go.
    """

    model: MMDP
    steps: Array
    policy: Array

    @property
    def horizon(self) -> int:
        """Return H."""
        return len(self.policy)

    @property
    def values(self) -> Array:
        """Return V_H, (S,)."""
        return np.asarray(self.steps[-1])

    def __repr__(self) -> str:
        return f"HorizonSolution({self.model.name!r}, horizon {self.horizon}, values {brief(self.values)})"

    def _repr_html_(self) -> str:
        return face("horizon", self)

    def to_json(self) -> dict[str, Any]:
        """Return the `solution/1` document with "horizon": H; "policy" has a joint policy for each time."""
        return {
            "format": "solution/1",
            "model": self.model.name,
            "discount": scalars.text(self.model.discount),
            "horizon": self.horizon,
            "values": scalars.nested_text(self.values),
            "policy": self.policy.tolist(),
            "field": self.model.field,
        }
