"""Models that diverge under ε-greedy data: rewards and successors (theory notes, section 10 B ✦; ours).

alike   two actions, two states. s1 pays 1 and stays unless all agents choose alike; then it pays 0 and falls to s0.
        From Q = 0 the greedy action alternates between (0..0) and (1..1), each overestimated while it is rare, at the
        rate γK, K = n(1-δ^(n-1)) - (n-1)(1-δ^n-(1-δ)^n), δ = ε/2.
relay   any actions, five states, from γ(1+ν) = 1 on, so that ν_ε decides alone. Let N be the joint actions whose weight
        at a* = (1..1) is negative while (0..0) is greedy. Outside N s1 leads to s2 and s2 to s1; on N s1 leads to the
        feeder s3, s2 to s4. A feeder's value alternates, high and low, since two agents who should choose unlike both
        switch at every step. At even times s3 is low and s2 high: a* becomes greedy in s1, with V'(s1) =
        γ((1+ν) V(s2) - ν low). At odd times s3 is high and s2 low: s1 returns to (0..0). s2 and s4 do the same a step
        later. Rewards on N centre the feeders around 0, so that the constant in V' is positive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import EpsilonGreedy
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.iteration import fitted_q_iteration

Shape = tuple[int, ...]


def alternating_gain(agents: int, epsilon: fmpq) -> fmpq:
    """Return K: the model `alike` grows at the rate γK."""
    n, rare = agents, epsilon / 2
    return n * (1 - rare ** (n - 1)) - (n - 1) * (1 - rare**n - (1 - rare) ** n)


def alike(shape: Shape) -> tuple[Array, Array]:
    """Return rewards and successors, (2, A_1, ..., A_n), for two actions an agent."""
    fall = np.zeros(shape, dtype=bool)
    fall[(0,) * len(shape)] = fall[(1,) * len(shape)] = True
    stays = np.stack([np.zeros(shape, dtype=int), np.where(fall, 0, 1)])
    return scalars.exact_array(stays), stays


@dataclass(frozen=True, eq=False)
class Feeder:
    """A state's payoffs, (A_1, ..., A_n), and its values: at odd times, and at even times from 2 on."""

    payoffs: Array
    odd: fmpq
    even: fmpq


def feeder(shape: Shape, epsilon: fmpq, both: Sequence[fmpq]) -> Feeder:
    """Return the feeder in which the first two agents with a choice earn both[x] if both play x, and 1 if unlike.

    Other actions of theirs earn -1; the other agents have no part in it.
    """
    first, second = [i for i, count in enumerate(shape) if count > 1][:2]
    pays = [_payoff(a[first], a[second], both) for a in product(*map(range, shape))]
    payoffs = scalars.exact_array(pays).reshape(1, *shape)
    game = MMDP(payoffs, np.zeros((1, *shape), dtype=int), 0)
    values = fitted_q_iteration(game, data=EpsilonGreedy(epsilon), iterations=2).values
    return Feeder(payoffs[0], values[1][0], values[2][0])


def _payoff(x: int, y: int, both: Sequence[fmpq]) -> fmpq:
    if max(x, y) > 1:
        return fmpq(-1)
    return both[x] if x == y else fmpq(1)


def relay(negative: Array, epsilon: fmpq, discount: fmpq) -> tuple[Array, Array]:
    """Return rewards and successors, (5, A_1, ..., A_n); negative: N, of shape (A_1, ..., A_n); 0 < ε < 1.

    The run from V = 0 and (0..0) is that of the model before shaping from the feeders' even values.
    """
    shape = negative.shape
    share = (1 - epsilon) / 2
    feeders = [feeder(shape, epsilon, pair) for pair in ((fmpq(0), share), (share, fmpq(0)))]
    centre = [-discount * (f.odd + f.even) / 2 for f in feeders]
    inside = scalars.exact_array(negative.astype(int))
    rewards = np.stack([0 * inside, *(c * inside for c in centre), *(f.payoffs for f in feeders)])
    nowhere = np.zeros(shape, dtype=int)
    successors = np.stack([nowhere, np.where(negative, 3, 2), np.where(negative, 4, 1), nowhere, nowhere])
    potential = scalars.exact_array([0, 0, 0, *(f.even for f in feeders)])
    return rewards - potential.reshape(-1, *(1,) * len(shape)) + discount * potential[successors], successors
