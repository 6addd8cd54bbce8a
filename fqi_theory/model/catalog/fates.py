"""Smallest found models with fates of their own: cycles, a bounded run that never cycles, a class that diverges."""

from typing import Any

import numpy as np

from fqi_theory.base.scalars import exact_array
from fqi_theory.model.mmdp import MMDP

OURS = "ours"


def cycle_2() -> MMDP:
    """Return a model, γ = 9/10, whose run from Q = 0 under uniform data tends to a cycle of period 2."""
    reward = [[[0, -1], [0, 0]], [[0, 0], [0, 1]]]
    return _deterministic("cycle-2", "9/10", reward, [[[0, 0], [1, 1]], [[1, 0], [0, 0]]])


def cycle_3() -> MMDP:
    """Return a model, γ = 99/100, whose run from Q = 0 under uniform data tends to a cycle of period 3."""
    reward = [[[0, 2], [0, 3]], [[0, 3], [0, 0]], [[1, 0], [-2, 0]]]
    return _deterministic("cycle-3", "99/100", reward, [[[0, 2], [2, 2]], [[0, 0], [2, 2]], [[0, 1], [0, 1]]])


def cycle_5() -> MMDP:
    """Return a model, γ = 99/100, whose run from Q = 0 under uniform data tends to a cycle of period 5."""
    reward = [[[0, 0], [0, 3]], [[0, 0], [-3, 0]], [[0, 0], [0, 0]]]
    return _deterministic("cycle-5", "99/100", reward, [[[0, 2], [2, 2]], [[0, 0], [1, 2]], [[0, 1], [2, 0]]])


def aperiodic() -> MMDP:
    """Return a model of three agents, γ = 19/20, whose run from Q = 0 stays bounded and approaches no cycle.

    The data are fixed: every agent plays action 0 with probability 9/10 and action 1 with 1/10, in both states,
    independently. s1 pays the number of agents that play action 1, s0 nothing. In s0 only (0,0,0) leads to s1; in s1
    (0,0,0) stays with probability 1/5; everything else leads to s0.
    """
    reward = np.zeros((2, 2, 2, 2), dtype=object)
    reward[1] = np.indices((2, 2, 2)).sum(axis=0)
    rows = np.zeros((2, 2, 2, 2, 2), dtype=object)
    rows[..., 0] = 1
    rows[0, 0, 0, 0] = [0, 1]
    rows[1, 0, 0, 0] = ["4/5", "1/5"]
    return MMDP(reward, exact_array(rows), "19/20", states=["s0", "s1"], name="aperiodic", source=OURS)


def pairwise() -> MMDP:
    """Return a model of three agents, γ = 3/4, on which pairwise factors diverge under uniform data, additive ones not.

    s1 pays 1 always and falls to s0, absorbing and without reward, where exactly two agents play action 1. These are
    the joint actions that the pairwise fit weighs negatively at (0,0,0), where V' = 1 + γ 11/8 V: from γ = 8/11 on the
    run grows, while no model diverges under additive factors below 4/5.
    """
    two = np.indices((2, 2, 2)).sum(axis=0) == 2
    reward = np.stack([np.zeros((2, 2, 2), dtype=int), np.ones((2, 2, 2), dtype=int)])
    successor = np.stack([np.zeros((2, 2, 2), dtype=int), np.where(two, 0, 1)])
    return _deterministic("pairwise", "3/4", reward, successor)


def _deterministic(name: str, discount: str, reward: Any, successor: Any) -> MMDP:
    return MMDP(reward, np.array(successor), discount, agents=np.ndim(successor) - 1, name=name, source=OURS)
