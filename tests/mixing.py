"""Mixers that tests ask about: a sum, a QMIX with hypernetwork weights, a duelling one; all float64."""

import numpy as np


def vdn(utilities):
    return utilities.sum(axis=1)


class Qmix:
    """Hypernetwork weights from the state, made non-negative, with a monotone activation."""

    def __init__(self, agents, states, width=4, seed=0):
        rng = np.random.default_rng(seed)
        self.first, self.bias = rng.normal(size=(states, agents * width)), rng.normal(size=(states, width))
        self.second, self.width = rng.normal(size=(states, width)), width

    def __call__(self, utilities, states):
        weights = np.abs(states @ self.first).reshape(len(states), -1, self.width)
        hidden = np.einsum("bn,bnw->bw", utilities, weights) + states @ self.bias
        hidden = np.where(hidden > 0, hidden, np.expm1(np.minimum(hidden, 0)))
        return (hidden * np.abs(states @ self.second)).sum(axis=1, keepdims=True)


def qplex(sign=1.0):
    """Duelling mixing with positive λ(s, a) from a table; sign = -1 makes agent 2's negative."""

    def mixer(utilities, states, joint_actions, maxima):
        code = joint_actions @ 3 ** np.arange(joint_actions.shape[1])
        weights = 0.1 + np.abs(np.sin(1.0 + code[:, None] * np.arange(1, utilities.shape[1] + 1)) * states[:, :1])
        weights[:, 1] *= sign
        return (maxima + weights * (utilities - maxima)).sum(axis=1)

    return mixer


DUELLING = ("utilities", "states", "joint_actions", "maxima")
STATES = np.random.default_rng(1).normal(size=(5, 3))


def two_by_two(violation, inactive=0):
    sizes = sorted(len(q) for q in violation.utilities)
    assert sizes == [1] * inactive + [2, 2]
    assert violation.table.size == 4
