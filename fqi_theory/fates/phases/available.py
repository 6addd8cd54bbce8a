"""Negative masses where actions are not available: the class and the data of each state are over its available ones.

Weights that copies share are added up again (theory notes, section 20). So ν is the largest over states of as many
shapes, and the thresholds are for all models with these masks; a kernel's own ν_P is that of the model of copies, whose
fits are equal on copies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array
from fqi_theory.fates.phases.laws import Law, Shape
from fqi_theory.model.available import Masks, stand_ins


@dataclass(frozen=True)
class Available:
    """The available actions of every state, per agent, by index."""

    actions: tuple[tuple[Shape, ...], ...]

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Return the different numbers of available actions, per agent, that states have."""
        return tuple(dict.fromkeys(tuple(map(len, own)) for own in self.actions))

    def named(self, state: int, joint: Sequence[int]) -> Shape:
        """Return a joint action of a state, counted among available ones, by the model's indices."""
        return tuple(own[a] for own, a in zip(self.actions[state], joint, strict=True))


def available_in(masks: Masks) -> Available:
    """Return the available actions of every state."""
    states = range(len(masks[0]))
    return Available(tuple(tuple(tuple(np.flatnonzero(mask[s]).tolist()) for mask in masks) for s in states))


def own_laws(masks: Masks, states: Sequence[Sequence[Law]]) -> list[list[Law]]:
    """Return for each state the data that its fits can have, over available actions; states: the same over copies."""
    found = []
    for s, (choices, stands) in enumerate(zip(states, zip(*stand_ins(masks), strict=True), strict=True)):
        places = [np.searchsorted(np.flatnonzero(mask[s]), own) for mask, own in zip(masks, stands, strict=True)]
        found.append([_added(law, places) for law in choices])
    return found


def _added(law: Law, places: Sequence[Array]) -> Law:
    """Return a law with the weights of copies added up; places: per agent, its actions' places among available ones."""
    counts = tuple(int(own.max()) + 1 for own in places)
    if isinstance(law, np.ndarray):
        table = scalars.zeros(counts, "exact")
        for a in np.ndindex(*law.shape):
            table[tuple(int(own[x]) for own, x in zip(places, a, strict=True))] += law[a]
        return table
    return tuple(
        tuple(sum((p for p, k in zip(row, own, strict=True) if k == x), fmpq(0)) for x in range(count))
        for row, own, count in zip(law, places, counts, strict=True)
    )
