"""Random games: utilities of every kind that has found mistakes, for all actions or a random part of them."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from fqi_theory.base.scalars import Array
from fqi_theory.testing.mixers.games import Actions, Caller, Game

#: The most joint actions of one game; of more agents and actions a random part is played.
MOST_JOINT = 4096


def random_game(caller: Caller, counts: tuple[int, ...], state: Any, kind: int, rng: np.random.Generator) -> Game:
    """Ask the mixer for a game with utilities of one of the kinds of DRAWS."""
    actions = _part(counts, rng)
    utilities = tuple(tuple(map(float, q)) for q in DRAWS[kind](rng, [len(own) for own in actions]))
    return caller.game(utilities, actions, state)


def _part(counts: tuple[int, ...], rng: np.random.Generator) -> Actions:
    """Return every action of every agent, or random ones where the joint actions are too many for one game."""
    kept = [1] * len(counts)
    while grown := [int(i) for i in rng.permutation(len(counts)) if _grows(kept, counts, int(i))]:
        least = min(grown, key=lambda i: kept[i])
        kept[least] += 1
    return tuple(tuple(sorted(rng.permutation(c)[:k].tolist())) for c, k in zip(counts, kept, strict=True))


def _grows(kept: list[int], counts: tuple[int, ...], agent: int) -> bool:
    return kept[agent] < counts[agent] and prod(kept) // kept[agent] * (kept[agent] + 1) <= MOST_JOINT


def _near_ties(rng: np.random.Generator, counts: Sequence[int]) -> list[Array]:
    gap = 10.0 ** rng.uniform(-4, 0)
    return [rng.normal() + gap * rng.random(count) for count in counts]


def _any_size(rng: np.random.Generator, counts: Sequence[int]) -> list[Array]:
    size = 10.0 ** rng.uniform(-3, 3)
    return [size * rng.normal(size=count) for count in counts]


#: Utilities of every agent, of one kind each.
DRAWS: tuple[Callable[[np.random.Generator, Sequence[int]], list[Array]], ...] = (
    lambda rng, counts: [rng.normal(size=count) for count in counts],
    lambda rng, counts: [rng.permutation(np.arange(-count, count))[:count] for count in counts],
    lambda rng, counts: [20 * rng.normal(size=count) for count in counts],
    lambda rng, counts: [rng.integers(0, 2, size=count) for count in counts],
    _near_ties,
    _any_size,
)
