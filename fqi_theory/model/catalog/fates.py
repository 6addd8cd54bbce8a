"""Smallest found models with fates of their own: cycles, a bounded run that never cycles, a class that diverges."""

from typing import Any

import numpy as np

from fqi_theory.base.limits import EXACT_BYTES, require_memory
from fqi_theory.base.scalars import exact, exact_array
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


def on_policy_aperiodic() -> MMDP:
    """Return a model, γ = 9/10, whose run from Q = 0 under ε-greedy data, ε = 1/10, approaches no cycle.

    s0 never ends, and pays 1 if both agents play 1. In s1 one agent that plays 1 earns 1, two earn nothing; if none
    does, s0 follows, else s1. Of all models of two states and two agents with two actions each, deterministic with
    rewards 0 and 1, in the order of a census, this is the first with such a run (number 573).
    """
    reward = [[[0, 0], [0, 1]], [[0, 1], [1, 0]]]
    return _deterministic("on-policy-aperiodic", "9/10", reward, [[[0, 0], [0, 0]], [[0, 1], [1, 1]]])


def voting(agents: int = 7, actions: int = 2) -> MMDP:
    """Return a model, γ = 99/100, whose run from Q = 0 under uniform data is a tent map of x = V(s1) - V(s0).

    s1 returns to itself if more agents play 0 than 1, with probability 1/2 if as many do, else it leads to s0; s0 leads
    to s1 with probability 1/2 and pays 1. Every agent that plays another action costs 1. With R the range of the fitted
    weight of s1 in s1, x' = -1 + (γR/2)|x|: for 7 agents with 2 actions, γR/2 = 693/640, and for 3 agents with 5,
    5049/5000, both above 1 and below 2: the run stays in [-1, γR/2 - 1] and approaches no cycle (theory notes, section
    11).
    """
    shape = (actions,) * agents
    require_memory("voting", (2, *shape, 2), EXACT_BYTES)
    played = np.indices(shape)
    ahead = np.sign((played == 0).sum(axis=0) - (played == 1).sum(axis=0))
    twice = np.stack([np.ones(shape, dtype=int), ahead + 1])
    chances = np.asarray(exact_array(twice) / 2)
    cost = (played > 1).sum(axis=0)
    name = f"voting(agents={agents},actions={actions})"
    kernel = np.stack([1 - chances, chances], axis=-1)
    return MMDP(np.stack([1 - cost, -cost]), kernel, "99/100", states=["s0", "s1"], name=name, source=OURS)


def wandering() -> MMDP:
    """Return a model of three states and two agents, γ = 99/100, whose run under uniform data seems to be chaotic.

    In floats its Lyapunov exponent is about 0.009; what is certain is that the differences of V stay bounded. Two
    states with two agents never do more than a fixed point, a 2-cycle or growth (theory notes, section 11).
    """
    reward = [[[-2, 7], [-7, -7]], [[-7, -8], [-8, -2]], [[-2, 1], [7, -3]]]
    return _deterministic("wandering", "99/100", reward, [[[1, 1], [1, 0]], [[0, 2], [2, 2]], [[0, 2], [0, 1]]])


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


def qmix_cycle_2(discount: Any = "9/10") -> MMDP:
    """Return a model on which QMIX, uniform data, alternates from Q = 0 at any γ in (0, 1): V(s1) = 4, 3, 4, 3, ...

    s1 pays [[4, 2], [0, 2 - 7γ/2]]; (1,1) stays, all else leads to s0, which absorbs and pays 0. The two best tuples of
    orders have squared errors (4-2)²/2 and z²/2 with z = 2 - 7γ/2 + γ V(s1): the first below V(s1) = 7/2, the second
    above (theory notes, section 10, Theorem C).
    """
    gamma = exact(discount)
    reward = np.zeros((2, 2, 2), dtype=object)
    reward[1] = [[4, 2], [0, 2 - gamma * 7 / 2]]
    name = f"qmix-cycle-2({gamma})"
    return _deterministic(name, str(gamma), reward, [[[0, 0], [0, 0]], [[0, 0], [0, 1]]])


def qmix_cycle_3() -> MMDP:
    """Return a model, γ = 1/2, whose QMIX run from Q = 0, uniform data, tends to a cycle: V(s1) = 12/7, 20/7, 44/21.

    s1 pays [[-1, 1], [2, -1]]; (0,0) leads to s0, which absorbs and pays 0, all else stays. No model of this kind (one
    state that varies, γ = 1/2, integers) of smaller Σ|r| has a period above 2.
    """
    return _one_state_varies("qmix-cycle-3", [[-1, 1], [2, -1]], [[0, 1], [1, 1]])


def qmix_cycle_4() -> MMDP:
    """Return a model, γ = 9/10, whose QMIX run from Q = 0, uniform data, tends to a cycle of period 4.

    s1 pays [[0, 0], [1, -1]]; (0,0) leads to s0, which absorbs and pays 0, all else stays. V(s1) is multiplied by γ
    three times, then the best orders change and V' = 1 + γ V: the cycle runs through V = 1/(1 - γ⁴). No integer table
    of smaller Σ|r| was found with this period (one state that varies, γ = 9/10, |r| <= 4).
    """
    return _one_state_varies("qmix-cycle-4", [[0, 0], [1, -1]], [[0, 1], [1, 1]], "9/10")


def qmix_cycle_5() -> MMDP:
    """Return a model, γ = 1/2, whose QMIX run from Q = 0, uniform data, tends to a cycle of period 5.

    s1 pays [[-3, 1], [4, -3]]; (0,0) leads to s0, which absorbs and pays 0, all else stays. Found as `qmix_cycle_4`, at
    γ = 1/2.
    """
    return _one_state_varies("qmix-cycle-5", [[-3, 1], [4, -3]], [[0, 1], [1, 1]])


def qmix_cycle_7() -> MMDP:
    """Return a model, γ = 9/10, whose QMIX run from Q = 0, uniform data, tends to a cycle of period 7.

    s1 pays [[-1, 0], [1, -1]]; (0,0) leads to s0, which absorbs and pays 0, all else stays. As `qmix_cycle_4`, through
    V = 1/(1 - γ⁷).
    """
    return _one_state_varies("qmix-cycle-7", [[-1, 0], [1, -1]], [[0, 1], [1, 1]], "9/10")


def qmix_jump() -> MMDP:
    """Return a model, γ = 1/2, whose QMIX run from Q = 0, uniform data, tends to V = 0, which is no fixed point.

    s1 pays [[-2, 0], [1, -1]]; only (0,1) stays, all else leads to s0, which absorbs and pays 0. V(s1) = 0, 1, 1/6,
    1/36, ...: for V > 0 the best orders give V/6, at V = 0 they tie with orders that come first and give 1.
    """
    return _one_state_varies("qmix-jump", [[-2, 0], [1, -1]], [[0, 1], [0, 0]])


def unsettled() -> MMDP:
    """Return a model, γ = 9/10, whose values converge under ε-greedy data, ε = 1/10, while greedy actions never settle.

    At `tied` both agents go to the left or both to the right state, one each leads to one of them by chance; all other
    states pay 1 and move on, mirrored. In `far left` agent 1 may earn 3/2 and go to `tied` instead, which is best at
    V = 0 only. From then on the antisymmetric part (x, y) of V at the two pairs follows γ/4 [[2, -2], [1, 3]], a spiral
    into 0, and both agents go to the left at `tied` where x >= 0. The eigenvalues times 4/γ are (5 ± i√7)/2; their
    quotient is no root of unity, so the signs of x are not periodic from any step on.
    """
    names = ["tied", "left", "right", "far left", "far right"]

    def to(**chances: str) -> list[str]:
        return [chances.get(name.replace(" ", "_"), "0") for name in names]

    by_chance = to(left="1/2", right="1/2")
    kernel = [[[to(left="1"), by_chance], [by_chance, to(right="1")]]]
    moves = to(left="1/2", far_right="1/2"), to(right="1/2", far_left="1/2"), to(left="1/4", far_left="3/4")
    for move in (*moves, to(right="1/4", far_right="3/4")):
        kernel.append([[move, move], [move, move]])
    kernel[3][1] = [to(tied="1"), to(tied="1")]
    reward: list[Any] = [[[0, 0], [0, 0]], *([[1, 1], [1, 1]] for _ in names[1:])]
    reward[3] = [[1, 1], ["3/2", "3/2"]]
    return MMDP(reward, kernel, "9/10", states=names, name="unsettled", source=OURS)


def _one_state_varies(name: str, reward: Any, stays: Any, discount: str = "1/2") -> MMDP:
    """Return s1 with these rewards and successors (1: stays), s0 absorbing with reward 0."""
    return _deterministic(name, discount, [[[0, 0], [0, 0]], reward], [[[0, 0], [0, 0]], stays])


def _deterministic(name: str, discount: str, reward: Any, successor: Any) -> MMDP:
    return MMDP(reward, np.array(successor), discount, agents=np.ndim(successor) - 1, name=name, source=OURS)
