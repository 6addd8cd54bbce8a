"""Breadth-first from the start states to the model of everything that can be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Protocol

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import ModelError, TooLarge
from fqi_theory.base.progress import Watch, unwatched
from fqi_theory.base.scalars import Array
from fqi_theory.model.environments.masks import Mask, standing
from fqi_theory.model.environments.outcomes import END, Joint, Row, State, names
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import SparseTransition


class World(Protocol):
    """Where outcomes come from: start states with probabilities (or None), action names, and what follows."""

    @property
    def actions(self) -> Sequence[Sequence[str]]:
        """Return the names of each agent's actions."""

    def starts(self) -> Mapping[State, fmpq | None]:
        """Return the states to start from, in order, with their probabilities where they have some."""

    def row(self, state: State, joint: Joint) -> Row:
        """Return what follows a joint action in a state that was reached."""

    def mask(self, state: State) -> Mask | None:
        """Return which actions of each agent are available, where the model is to know it; None for all."""

    def check(self) -> None:
        """Raise ModelError where what was found is no model after all."""


@dataclass
class _Found:
    states: dict[State, int] = field(default_factory=dict)
    order: list[State] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    masks: list[Mask | None] = field(default_factory=list)


def explored(
    world: World, discount: Any, *, limit: int, watch: Watch = unwatched, name: str = "environment", source: str = ""
) -> MMDP:
    """Return the exact model of the states reached from the starts under all joint actions.

    watch: told how many of the states found so far are explored. Raises TooLarge beyond `limit` states.
    """
    shape = tuple(map(len, world.actions))
    if not shape or 0 in shape:
        raise ModelError(f"actions: expected at least one agent and at least one action each, found {shape}")
    joints, found, starts = list(product(*map(range, shape))), _Found(), world.starts()
    for state in starts:
        _add(found, state, limit)
    if not found.states:
        raise ModelError("start: expected at least one state to start from, found none")
    for done, state in enumerate(found.order, 1):
        mask = world.mask(state) if state is not END else None
        known = dict[Joint, Row]()
        for joint in joints:
            played = standing(joint, mask)
            if played not in known:
                known[played] = world.row(state, played) if state is not END else Row(fmpq(0), {END: fmpq(1)})
                for successor in known[played].successors:
                    _add(found, successor, limit)
            found.rows.append(known[played])
        found.masks.append(mask)
        watch(done, len(found.states))
    world.check()
    return _model(found, world.actions, starts, discount, name, source)


def _add(found: _Found, state: State, limit: int) -> None:
    if state not in found.states:
        if len(found.states) >= limit:
            raise TooLarge(f"more than {limit} states can be reached; raise limit, or explore a smaller environment")
        found.states[state] = len(found.states)
        found.order.append(state)


def _model(
    found: _Found,
    actions: Sequence[Sequence[str]],
    starts: Mapping[State, fmpq | None],
    discount: Any,
    title: str,
    source: str,
) -> MMDP:
    shape = (len(found.states), *map(len, actions))
    reward = np.empty(len(found.rows), dtype=object)
    reward[:] = [own.reward for own in found.rows]
    lists = [sorted((found.states[s], p) for s, p in own.successors.items()) for own in found.rows]
    indptr = np.concatenate([[0], np.cumsum([len(own) for own in lists])])
    flat = [pair for own in lists for pair in own]
    probabilities = scalars.exact_array([p for _, p in flat])
    kernel = SparseTransition(shape, shape[0], indptr, np.array([s for s, _ in flat]), probabilities, "exact")
    start = [starts.get(state) for state in found.states]
    given = None if all(p is None for p in start) else [fmpq(0) if p is None else p for p in start]
    return MMDP(
        reward.reshape(shape),
        kernel,
        discount,
        states=names(found.states),
        actions=actions,
        start=given,
        available=_masks(found.masks, shape[1:]),
        name=title,
        source=source,
    )


def _masks(found: Sequence[Mask | None], counts: Sequence[int]) -> list[Array]:
    """Return per agent (S, A_i) what the masks of all states say."""
    rows = [[np.ones(count, dtype=bool) for count in counts] if own is None else own for own in found]
    return [np.array(own, dtype=bool) for own in zip(*rows, strict=True)]
