"""The value-space form of additive classes of any order, theory notes, section 3 ✦ (ours).

The fit is linear in y, so with fixed data the term of every set T of agents is an affine function of V:
    Q_T(s,a_T) = R_T(s,a_T) + γ Σ_s' P_T(s'|s,a_T) V(s'),      F(V)(s) = max_a Σ_T Q_T(s,a_T),
with R_T and P_T the terms, in the canonical gauge, of the fits of the reward and of every column of P. Rows of P_T sum
to 1/n for single agents and to 0 for interactions. One pass over the joint tensors builds R_T and P_T; then a step is
a product of size |S|² Σ_T |A_T| and a variable elimination, whatever |A|^n is. Order 1 is `value_space`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np

from fqi_theory.base.limits import bytes_each, bytes_of, require_memory
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.data.sources import Data
from fqi_theory.factorization.additive import Additive, fit_of
from fqi_theory.factorization.fit import Fit, Scope, Ties
from fqi_theory.factorization.hoeffding import total
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import restrict

#: Bytes of joint tensors that are fitted together.
PIECE_BYTES = 1 << 24


@dataclass(frozen=True, eq=False)
class ClassOperator:
    """F for one data distribution. By sets T: rewards R_T, (S, A_T); transitions P_T, (S, A_T, S)."""

    rewards: Mapping[Scope, Array]
    transitions: Mapping[Scope, Array]
    discount: Scalar
    action_counts: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Return the bytes of all tables (exact numbers: see `limits.EXACT_BYTES`)."""
        return sum(bytes_of(table) for table in (*self.rewards.values(), *self.transitions.values()))

    def terms(self, values: Array) -> dict[Scope, Array]:
        """Return Q_T = R_T + γ P_T V, (S, A_T) by sets T; values: (S,)."""
        return {t: np.asarray(r + self.discount * (self.transitions[t] @ values)) for t, r in self.rewards.items()}

    def step(self, values: Array, ties: Ties = "first") -> Fit:
        """Return the fit of one iteration: factors, interactions, F(V) and its greedy joint actions."""
        return fit_of(self.terms(values), self.action_counts, ties)

    def kernel(self) -> Array:
        """Return the signed kernel K(s'|s,a) = Σ_T P_T(s'|s,a_T): (S, A_1, ..., A_n, S)."""
        return total(self.transitions, len(self.action_counts))

    def drift(self) -> Array:
        """Return ρ(s,a) = Σ_T R_T(s,a_T): (S, A_1, ..., A_n)."""
        return total(self.rewards, len(self.action_counts))


def collapse_class(
    model: MMDP, factorization: Additive, data: Data, states: Array | slice = slice(None)
) -> ClassOperator:
    """Return F of an additive class for a model under fixed data; with `states` only the rows of these states.

    Raises TooLarge where the tables of all sets together would not fit in memory.
    """
    chosen = np.arange(model.n_states)[states]
    each, counts = bytes_each(model.field), model.action_counts
    require_memory(
        "tables of the value-space form", (chosen.size, class_rows(model, factorization), model.n_states), each
    )
    step = max(1, PIECE_BYTES // (prod(counts) * model.n_states * each))
    pieces = [chosen[k : k + step] for k in range(0, chosen.size, step)]
    parts = [factorization.terms(model.transition.at(own).dense(), restrict(data, own)) for own in pieces]
    transitions = {t: np.concatenate([part[t] for part in parts]) for t in parts[0]}
    rewards = factorization.terms(model.reward[chosen], restrict(data, chosen))
    return ClassOperator(rewards, transitions, model.discount, counts)


def class_rows(model: MMDP, factorization: Additive) -> int:
    """Return Σ_T |A_T|, the rows of F in a state."""
    scopes = factorization.scopes(model.n_agents)
    return sum(prod(model.action_counts[i] for i in scope) for scope in scopes if scope)
