"""The two-state example of Theorem 3 of arXiv:2006.00587, symbolic and exact (theory notes, section 4).

State s1: joint (0,0) pays the reward, (1,1) leads to s0, all others stay. State s0 is absorbing and pays 0.
Let D = V(s1) - V(s0). Under uniform data both agents have the same factors and
    D' = max(A(D), B(D)),   A(D) = 3/4 + (5γ/4) D  (action 0),   B(D) = -1/4 + (γ/4) D  (action 1),   V'(s0) = γ V(s0).
"""

from typing import Any

import numpy as np
import sympy

from fqi_theory.data.sources import Uniform
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import collapse

DISCOUNT = sympy.Symbol("gamma", positive=True)
V0, V1 = sympy.symbols("V0 V1", real=True)
GREEDY = np.zeros((2, 2), dtype=int)


def two_state(discount: Any, reward: Any = 1) -> MMDP:
    """Return the example with a discount and a reward, both exact or symbolic."""
    payoff = np.zeros((2, 2, 2), dtype=int).astype(object)
    payoff[1, 0, 0] = reward
    successor = np.array([[[0, 0], [0, 0]], [[1, 1], [1, 0]]])
    return MMDP(payoff, successor, discount, states=["s0", "s1"], name="two-state", source="arXiv:2006.00587 Theorem 3")


def uniform_factors(reward: Any = 1) -> tuple[list[Any], list[Any]]:
    """Return the factors [Q_i(s0,·)] and [Q_i(s1,·)] of one uniform fit, agents one after the other, in γ, V0, V1."""
    model = two_state(DISCOUNT, reward)
    factors = collapse(model, Uniform().at(model, GREEDY)).factors(np.array([V0, V1], dtype=object))
    return [x for f in factors for x in f[0]], [x for f in factors for x in f[1]]
