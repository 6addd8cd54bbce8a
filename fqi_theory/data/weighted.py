"""Weighted QMIX (arXiv:2006.10800): data whose weights depend on the present Q_tot and on the targets it is fitted to.

Both schemes leave some joint actions their full weight and scale those of the others by α in (0, 1]:
    optimistic (OW):  w(s,a) = 1 where Q_tot^(t)(s,a) < y^(t)(s,a),                              else α;
    central (CW):     w(s,a) = 1 where y^(t)(s,a) > V^(t)(s), or a is greedy in Q_tot^(t),       else α.
The fit of iteration t is weighted by p_D(a|s) w(s,a) / Σ_a p_D w, where p_D is the base data (uniform by default): the
weighted projection, equation (5) of the paper. OW is its equation (13), which is (7) with the targets for Q; CW is
(12), the approximation of the idealised (6) that its experiments use. There targets and CW's threshold come from a
critic Q̂* beside Q_tot, y = r + γ Q̂*(s', argmax Q_tot) and Q̂*(s, argmax Q_tot); FMA-FQI has no critic, so here both
come from Q_tot itself: the backup of V^(t), and V^(t)(s).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data.sources import Data, DataSource, JointData, as_source
from fqi_theory.model.mmdp import MMDP


@dataclass(frozen=True, eq=False)
class Position:
    """What weights depend on. values: V^(t), (S,); greedy: (S, n); table: Q_tot^(t), None where it is not known."""

    values: Array
    greedy: Array
    table: Array | None


@dataclass(frozen=True, eq=False)
class Weighted:
    """Data of a base source, weighted by a scheme with α; only runs by the generic operator and `decide` use them."""

    scheme: Literal["optimistic", "central"]
    alpha: Scalar
    base: DataSource
    on_policy = True

    def at(self, model: MMDP, greedy: Array) -> Data:  # noqa: ARG002
        """Raise DataError: greedy actions alone do not determine these weights."""
        users = "only runs, and fates of the monotonic class, use them"
        raise DataError(f"{self.scheme} weights depend on Q_tot and its targets: {users}")

    def weighed(self, model: MMDP, position: Position, targets: Array) -> JointData:
        """Return the data that the fit to `targets` y^(t), (S, A_1, ..., A_n), is weighted by at a position.

        Raises DataError where the optimistic scheme is asked to weigh and Q_tot is not known.
        """
        return self.shares(model, position.greedy, self._full(position, targets))

    def shares(self, model: MMDP, greedy: Array, full: Array) -> JointData:
        """Return the data around greedy actions (S, n) in which some joint actions have their full weight.

        full: booleans (S, A_1, ..., A_n).
        """
        share = self.base.at(model, greedy).joint()
        alpha = scalars.scalar(self.alpha, model.field)
        weights = np.where(full, share, alpha * share)
        totals = weights.reshape(model.n_states, -1).sum(axis=1)
        return JointData(weights / totals.reshape(-1, *[1] * model.n_agents))

    def _full(self, position: Position, targets: Array) -> Array:
        """Return where the weight is 1."""
        if self.scheme == "optimistic":
            if position.table is None:
                raise DataError("optimistic weights: the start must give Q_tot (a table or factors), found values only")
            return np.asarray(position.table < targets, dtype=bool)
        full = np.asarray(targets > position.values.reshape(-1, *[1] * (targets.ndim - 1)), dtype=bool)
        full[(np.arange(len(targets)), *position.greedy.T)] = True
        return full

    def on_copies(self, model: MMDP) -> "Weighted":
        """Return the same scheme over explicit tables on a model some of whose actions are not available.

        Raises DataError for central weights: they raise the greedy joint action, but not its copies.
        """
        if self.scheme == "central":
            raise DataError(
                f"central weights: model {model.name!r} has actions that are not available, and copies of the greedy "
                "joint action would keep the weight alpha; optimistic weights respect them"
            )
        return Weighted(self.scheme, self.alpha, as_source(self.base, model))

    def describe(self) -> Any:
        """Return {"kind": "optimistic" or "central", "alpha": α, "base": the base data}."""
        return {"kind": self.scheme, "alpha": scalars.text(self.alpha), "base": self.base.describe()}


def optimistic(alpha: Any, data: DataSource | None = None) -> Weighted:
    """Return OW data: full weight where Q_tot is below its target, α elsewhere; data: the base, uniform by default."""
    return Weighted("optimistic", _alpha(alpha), as_source(data))


def central(alpha: Any, data: DataSource | None = None) -> Weighted:
    """Return CW data: full weight where the target exceeds V and at the greedy joint action, α elsewhere."""
    return Weighted("central", _alpha(alpha), as_source(data))


def _alpha(value: Any) -> Scalar:
    number = value if isinstance(value, float) else scalars.exact(value)
    if not 0 < number <= 1:
        raise DataError(f"alpha: expected a number in (0, 1], found {value}")
    return number
