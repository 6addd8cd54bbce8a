"""The value-space form of linear FQI, theory notes, section 3 ✦ (ours).

The fit is linear in y, so with fixed data agent i's factor is an affine function of V:
    Q_i(s,a_i) = R_i(s,a_i) + γ Σ_s' P_i(s'|s,a_i) V(s'),      V'(s) = F(V)(s) = Σ_i max_{a_i} Q_i(s,a_i),
with R_i and P_i the fits of the reward and of every column of P; each row of P_i sums to 1/n. In terms of joint actions
ρ(s,a) = Σ_i R_i(s,a_i), K(s'|s,a) = Σ_i P_i(s'|s,a_i): value iteration of a signed kernel with unit row sums.
One pass over the joint tensors builds R_i and P_i; after that a step costs O(|S|² Σ_i |A_i|), independent of |A|^n.
"""

from dataclasses import dataclass

import numpy as np

from fqi_theory.base.limits import bytes_each, require_memory
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data.sources import Data, JointData, ProductData
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Fit, Ties, additive_table, greedy_actions, greedy_values
from fqi_theory.model.mmdp import MMDP


@dataclass(frozen=True, eq=False)
class ValueOperator:
    """F for one data distribution. rewards: R_i, per agent (S, A_i); transitions: P_i, per agent (S, A_i, S)."""

    rewards: tuple[Array, ...]
    transitions: tuple[Array, ...]
    discount: Scalar

    def factors(self, values: Array) -> tuple[Array, ...]:
        """Return Q_i = R_i + γ P_i V, per agent (S, A_i), canonical residue; values: (S,)."""
        return tuple(
            np.asarray(r + self.discount * (p @ values)) for r, p in zip(self.rewards, self.transitions, strict=True)
        )

    def step(self, values: Array, ties: Ties = "first") -> Fit:
        """Return the fit of one iteration: factors, F(V) and its greedy joint actions."""
        factors = self.factors(values)
        return Fit(factors, greedy_values(factors), greedy_actions(factors, ties))

    def kernel(self) -> Array:
        """Return the signed kernel K(s'|s,a) = Σ_i P_i(s'|s,a_i): (S, A_1, ..., A_n, S)."""
        return np.stack(
            [additive_table([p[:, :, s] for p in self.transitions]) for s in range(self.rewards[0].shape[0])], axis=-1
        )

    def drift(self) -> Array:
        """Return ρ(s,a) = Σ_i R_i(s,a_i): (S, A_1, ..., A_n)."""
        return additive_table(self.rewards)


def collapse(model: MMDP, data: Data, states: Array | slice | None = None) -> ValueOperator:
    """Return F for a model under fixed data; with `states` only the rows of these states.

    Raises TooLarge where the tables of all agents together would not fit in memory.
    """
    reward, kernel = model.reward, model.transition
    if states is not None:
        reward, kernel, data = reward[states], kernel.at(states), restrict(data, states)
    rows = reward.shape[0], sum(model.action_counts), model.n_states
    require_memory("tables of marginal transitions", rows, bytes_each(model.field))
    rewards = tuple(linear.credit(reward, data))
    return ValueOperator(rewards, tuple(linear.transition_credit(kernel, data)), model.discount)


def restrict(data: Data, states: Array | slice) -> Data:
    """Return the data of some states only."""
    if isinstance(data, ProductData):
        return ProductData(tuple(m[states] for m in data.marginals))
    return JointData(data.weights[states])
