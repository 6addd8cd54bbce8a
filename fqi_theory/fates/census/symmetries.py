"""Which models of a shape have the same fate.

Runs start at Q = 0, where all actions are tied, under uniform or ε-greedy data. Then three changes of a model change
nothing but names and scale:

States renamed. A fit is made in every state by itself and the tie rule compares actions of one state, so the run of the
renamed model is the renamed run.

Agents renamed (linear class only), where they have equally many actions. Uniform and ε-greedy data are products of
marginals that depend on the number of actions and the agent's own greedy action; each agent breaks its own ties. Where
a joint action is chosen as a whole the first of several maximisers in row-major order depends on which agent comes
first, so agents keep their places.

Rewards r ↦ c·r + d with c > 0. The classes are closed under it and so is least squares, so Q^(t) becomes
c·Q^(t) + d(1 + γ + ... + γ^(t-1)): the maximisers, the ties and the greedy actions are the same at every t, and limits,
cycles and growth are so up to the scale c and a shift that tends to d/(1-γ). V* and the loss of a policy follow.

Actions are *not* renamed: at a tie the first action wins, and a renamed model takes another one. (Even for uniform
data, where V^(t) would be the same, the greedy policy of the limit, and so its loss, could be another.)

Models that such changes connect form a class. The maps r ↦ c·r + d that keep a table inside the set of rewards are
found from two of its values, or one where all are the same; composition and inverses are of the same kind, so classes
partition the models.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations, product

import numpy as np

from fqi_theory.fates.census.shape import Integers, Shape

#: Stands in a map of rewards where the image is not in the set.
OUTSIDE = -1


def classes(shape: Shape, numbers: Integers, *, agents: bool) -> tuple[Integers, Integers]:
    """Return least number and size, (m,) each, of the classes of models (m,); agents: whether they may be renamed."""
    rewards, successors = shape.cells_of(numbers)
    found = []
    for order, renamed in _renamings(shape, agents):
        moved, targets = rewards[:, order], renamed[successors[:, order]]
        for scaled in reward_maps(shape.rewards):
            values = scaled[moved]
            inside = (values != OUTSIDE).all(axis=1)
            found.append(np.where(inside, shape.numbers_of(values, targets), numbers))
    images = np.sort(np.stack(found, axis=1), axis=1)
    return images[:, 0], 1 + (images[:, 1:] != images[:, :-1]).sum(axis=1)


def reward_maps(rewards: tuple[Fraction, ...]) -> tuple[Integers, ...]:
    """Return the different maps r ↦ c·r + d, c > 0, by index, with OUTSIDE where the image is no reward."""
    place = {value: k for k, value in enumerate(rewards)}
    pairs = [(low, high) for low, high in product(rewards, repeat=2) if low < high]
    scales = {((d - c) / (b - a), c - a * (d - c) / (b - a)) for (a, b), (c, d) in product(pairs, repeat=2)}
    scales |= {(Fraction(1), there - here) for here, there in product(rewards, repeat=2)}
    maps = {tuple(place.get(c * value + d, OUTSIDE) for value in rewards) for c, d in scales}
    return tuple(np.array(images, dtype=np.int64) for images in sorted(maps))


def _renamings(shape: Shape, agents: bool) -> Iterator[tuple[Integers, Integers]]:
    """Yield where every cell of the renamed model comes from (C,), and the new name of every state (S,)."""
    places = np.arange(shape.cells).reshape(shape.table)
    orders = permutations(range(len(shape.actions))) if agents else [tuple(range(len(shape.actions)))]
    for order in orders:
        if tuple(shape.actions[i] for i in order) != shape.actions:
            continue
        for states in permutations(range(shape.states)):
            moved = places[list(states)].transpose(0, *(1 + i for i in order))
            yield moved.reshape(-1), np.argsort(states)
