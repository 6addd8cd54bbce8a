"""The global criterion for fixed data (theory notes, section 3 ✦): F contracts in a weighted sup-norm.

If w > 0, κ < 1 and γ Σ_s' |K(s'|s,a)| w(s') <= κ w(s) for all states and joint actions, then |F(V) - F(V')| <= κ |V -
V'| in the norm max_s |V(s)|/w(s), so every start converges to the one fixed point. K >= 0 is the case w = 1, κ = γ.
Weights are proposed in floats, the least with γ |K| w + 1 <= w; only the exact check counts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base.matrices import round_up, times
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import ValueOperator

LARGEST_PROGRAM = 400_000
#: Larger weights are not proposed: they would come from rounding.
LARGEST_WEIGHT = 1e9
#: Two sides of an equation in float64 are taken for equal within this share.
SLACK = 1e-12
#: Rounds of policy iteration; a few are enough.
MOST_ROUNDS = 100


@dataclass(frozen=True)
class Contraction:
    """Weights w (S,) and the factor κ < 1, exact."""

    weights: tuple[fmpq, ...]
    factor: fmpq

    def to_json(self) -> dict[str, Any]:
        """Return the proof of the certificate."""
        return {"kind": "contraction", "weights": [str(w) for w in self.weights], "factor": str(self.factor)}


def is_small(model: MMDP) -> bool:
    """Tell whether |K| of a model has at most LARGEST_PROGRAM entries."""
    return model.n_states * model.reward.size <= LARGEST_PROGRAM


def weighted_contraction(operator: ValueOperator) -> Contraction | None:
    """Return exact weights and factor if policy iteration finds any; None otherwise."""
    states = operator.rewards[0].shape[0]
    found = contracting_weights(operator.discount * np.abs(operator.kernel()).reshape(states, -1, states))
    return None if found is None else Contraction(*found)


def contracting_weights(rows: Array) -> tuple[tuple[fmpq, ...], fmpq] | None:
    """Return w > 0 (S,) and κ < 1 with rows w <= κ w, exact, if found; rows: (S, N, S), not negative."""
    for weights in ([fmpq(1)] * len(rows), _proposed(to_float(rows))):
        if weights is None:
            return None
        column = np.array(weights, dtype=object)
        factor = max(max(times(own, column)) / w for own, w in zip(rows, column, strict=True))
        if factor < 1:
            return tuple(weights), factor
    return None


def _proposed(absolute: Array) -> list[fmpq] | None:
    weights = least_weights(absolute[None])[0]
    return round_up(weights, bits=30) if weights.max() < LARGEST_WEIGHT else None


def least_weights(rows: Array) -> Array:
    """Return in floats the least w, (M, S), with w >= rows w + 1; infinity where there is none.

    rows: (M, S, N, S), not negative, of M models. Policy iteration: the rows chosen have a positive solution of w =
    rows w + 1 exactly where their spectral radius is below 1, and w grows with every better choice. There is a w
    exactly where some weights contract.
    """
    count, states = rows.shape[:2]
    weights, chosen = np.full((count, states), np.inf), rows.sum(axis=3).argmax(axis=2)
    left = np.arange(count)
    for _ in range(MOST_ROUNDS):
        if not left.size:
            break
        own = rows[left]
        picked = np.take_along_axis(own, chosen[left, :, None, None], axis=2)[:, :, 0]
        system = np.eye(states) - picked
        regular = np.linalg.slogdet(system)[0] != 0
        left, own, system = left[regular], own[regular], system[regular]
        found = np.linalg.solve(system, np.ones((len(left), states, 1)))
        reached = (own @ found[:, None])[..., 0]
        found = found[..., 0]
        positive = (found > 0).all(axis=1)
        still = (reached.max(axis=2) + 1 <= found * (1 + SLACK)).all(axis=1)
        done = positive & still
        weights[left[done]] = found[done]
        chosen[left] = reached.argmax(axis=2)
        left = left[positive & ~still]
    return weights
