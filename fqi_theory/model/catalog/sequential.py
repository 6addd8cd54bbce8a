"""Models with several states: the two-state example of Theorem 3, QTRAN's two-step game, MAVEN's m-step game."""

from itertools import pairwise
from typing import Any

import numpy as np

from fqi_theory.model.mmdp import MMDP

TWO_STATE = "arXiv:2006.00587; mmdp_game_1 of github.com/wjh720/QPLEX"
TWO_STEP = "arXiv:1803.11485; arXiv:1905.05408; github.com/Sonkyunghwan/QTRAN"
MAVEN = "arXiv:1910.07483; github.com/AnujMahajanOxf/MAVEN, two good branches"


def two_state(reward: Any = 1, name: str = "two-state") -> MMDP:
    """Return the example of Theorem 3 (theory notes, section 4), γ = 9/10.

    In s1 the joint action (A,A) pays `reward`, (B,B) leads to the absorbing s0, the others stay; s0 pays nothing.
    """
    rewards = np.zeros((2, 2, 2), dtype=object)
    rewards[1, 0, 0] = reward
    successors = np.array([[[0, 0], [0, 0]], [[1, 1], [1, 0]]])
    return MMDP(
        rewards,
        successors,
        "9/10",
        states=["s0", "s1"],
        actions=[["A", "B"], ["A", "B"]],
        start=[0, 1],
        name=name,
        source=TWO_STATE,
    )


def two_state_thousand() -> MMDP:
    """Return the same with the reward 1000 of the QPLEX authors' runs."""
    return two_state(1000, "two-state-1000")


def two_step() -> MMDP:
    """Return the two-step game, γ = 99/100: agent 1 chooses game A (always 7) or B ([[0,1],[1,8]])."""
    rewards = np.zeros((4, 2, 2), dtype=int)
    rewards[1] = 7
    rewards[2] = [[0, 1], [1, 8]]
    successors = np.full((4, 2, 2), 3)
    successors[0] = [[1, 1], [2, 2]]
    return MMDP(
        rewards.astype(object),
        successors,
        "99/100",
        states=["choice", "game-A", "game-B", "end"],
        start=[1, 0, 0, 0],
        name="qtran-two-step",
        source=TWO_STEP,
    )


def maven(m: int) -> MMDP:
    """Return the m-step game, γ = 99/100: one wrong joint action ends it, the best return (undiscounted) is m + 3.

    The first joint action chooses a branch; only (0,0) and (1,1) pay. Repeating the branch's joint action pays 1 and
    goes on, anything else pays 0 and ends. The last step of branch (0,0) pays [[1,1],[1,4]] instead (m > 1).
    """
    states = ["start", *(f"{branch}-{t}" for t in range(1, m) for branch in ("00", "11")), "end"]
    end = len(states) - 1
    rewards = np.zeros((len(states), 2, 2), dtype=int)
    successors = np.full((len(states), 2, 2), end)
    for branch, action in enumerate([(0, 0), (1, 1)]):
        path = [0, *(1 + 2 * (t - 1) + branch for t in range(1, m)), end]
        for here, following in pairwise(path):
            rewards[(here, *action)] = 1
            successors[(here, *action)] = following
    if m > 1:
        rewards[end - 2] = [[1, 1], [1, 4]]
    start = [1] + [0] * end
    return MMDP(
        rewards.astype(object), successors, "99/100", states=states, start=start, name=f"maven({m})", source=MAVEN
    )
