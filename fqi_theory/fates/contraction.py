"""The global criterion for fixed data (theory notes, section 3 ✦): F contracts in a weighted sup-norm.

If w > 0, κ < 1 and γ Σ_s' |K(s'|s,a)| w(s') <= κ w(s) for all states and joint actions, then |F(V) - F(V')| <= κ |V -
V'| in the norm max_s |V(s)|/w(s), so every start converges to the one fixed point. K >= 0 is the case w = 1, κ = γ.
Weights come from a linear program (HiGHS); only the exact check counts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq
from scipy import sparse
from scipy.optimize import linprog

from fqi_theory.base.matrices import round_up
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import ValueOperator

LARGEST_PROGRAM = 400_000


@dataclass(frozen=True)
class Contraction:
    """Weights w (S,) and the factor κ < 1, exact."""

    weights: tuple[fmpq, ...]
    factor: fmpq

    def to_json(self) -> dict[str, Any]:
        """Return the proof of the certificate."""
        return {"kind": "contraction", "weights": [str(w) for w in self.weights], "factor": str(self.factor)}


def is_small(model: MMDP) -> bool:
    """Tell whether the linear program of a model has at most LARGEST_PROGRAM entries."""
    return model.n_states * model.reward.size <= LARGEST_PROGRAM


def weighted_contraction(operator: ValueOperator) -> Contraction | None:
    """Return exact weights and factor if the linear program finds any; None otherwise."""
    states = operator.rewards[0].shape[0]
    absolute = operator.discount * np.abs(operator.kernel()).reshape(states, -1, states)
    for weights in ([fmpq(1)] * states, _proposed(to_float(absolute))):
        if weights is None:
            continue
        column = np.array(weights, dtype=object)
        factor = max(row for row in ((absolute @ column).max(axis=1) / column))
        if factor < 1:
            return Contraction(tuple(weights), factor)
    return None


def _proposed(absolute: Array) -> list[fmpq] | None:
    """Solve min Σ w with w >= γ|K(s,a)| w + 1 for all s, a: feasible exactly if some weights contract."""
    states, actions = absolute.shape[:2]
    own = np.repeat(np.eye(states), actions, axis=0)
    program = sparse.csr_matrix(absolute.reshape(-1, states) - own)
    solution = linprog(np.ones(states), A_ub=program, b_ub=-np.ones(program.shape[0]), bounds=(1, 1e9), method="highs")
    if not solution.success:
        return None
    return round_up(solution.x, bits=30)
