"""Masked models of the oracle as models of the engine, and data of available joint actions for both."""

from fractions import Fraction
from random import Random

import masked_oracle as mo
import numpy as np

import fqi_theory as ft


def model_of(g, seed=0):
    """The model of a masked one: numbers at unavailable joint actions are drawn, and must not matter."""
    random, shape = Random(seed), (g.states, *g.counts)
    reward, kernel = np.empty(shape, dtype=object), np.empty((*shape, g.states), dtype=object)
    for s, *a in np.ndindex(*shape):
        known = (s, tuple(a)) in g.reward
        reward[(s, *a)] = g.reward[s, tuple(a)] if known else Fraction(random.randint(-99, 99))
        kernel[(s, *a)] = g.row[s, tuple(a)] if known else mo.distribution(random, g.states)
    return ft.MMDP(reward, kernel, g.discount, agents=len(g.counts)).with_available(masks(g))


def masks(g):
    return [
        np.array([[a in g.available[s][i] for a in range(count)] for s in range(g.states)])
        for i, count in enumerate(g.counts)
    ]


def uniform(g):
    return ft.uniform(), lambda s, *_: dict.fromkeys(g.joint(s), Fraction(1, len(g.joint(s))))


def positive(g, random):
    """own[s][i]: a positive distribution over the available actions."""
    return [
        [dict(zip(actions, mo.distribution(random, len(actions), 1), strict=True)) for actions in agents]
        for agents in g.available
    ]


def tables(g, own):
    return [[[own[s][i].get(a, 0) for a in range(count)] for s in range(g.states)] for i, count in enumerate(g.counts)]


def apart(g, random):
    """Product data with positive weights of available actions."""
    own = positive(g, random)

    def weights(s, *_):
        found = {}
        for a in g.joint(s):
            found[a] = Fraction(1)
            for i, x in enumerate(a):
                found[a] *= own[s][i][x]
        return found

    return ft.product(tables(g, own)), weights


def correlated(g, random):
    own = [dict(zip(g.joint(s), mo.distribution(random, len(g.joint(s)), 1), strict=True)) for s in range(g.states)]
    table = np.full((g.states, *g.counts), Fraction(0), dtype=object)
    for s, row in enumerate(own):
        for a, p in row.items():
            table[(s, *a)] = p
    return ft.correlated(table), lambda s, *_: own[s]


def greedy(g, random):
    """Epsilon-greedy data that explore uniformly, or by weights, over available actions."""
    epsilon = Fraction(random.randint(1, 4), 4)
    if random.random() < 0.5:
        own = [[dict.fromkeys(actions, Fraction(1, len(actions))) for actions in agents] for agents in g.available]
        source = ft.epsilon_greedy(epsilon)
    else:
        own = positive(g, random)
        source = ft.epsilon_greedy(epsilon, exploring=tables(g, own))

    def weights(s, chosen, *_):
        found = {}
        for a in g.joint(s):
            found[a] = Fraction(1)
            for i, x in enumerate(a):
                found[a] *= (1 - epsilon) * (x == chosen[i]) + epsilon * own[s][i][x]
        return found

    return source, weights


def fixed_data(g, seed):
    random = Random(seed)
    return random.choice([lambda: uniform(g), lambda: apart(g, random), lambda: correlated(g, random)])()


def any_data(g, seed):
    """A source, and weights(s, greedy joint action, ...) of available joint actions for the oracle."""
    return greedy(g, Random(seed)) if seed % 3 == 0 else fixed_data(g, seed)
