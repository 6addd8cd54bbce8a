"""States and actions of recorded transitions: what they are called, and where they go in the tables."""

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fqi_theory.base.arguments import as_list
from fqi_theory.base.counts import whole
from fqi_theory.base.errors import DataError
from fqi_theory.base.limits import require_memory
from fqi_theory.data.record import Record
from fqi_theory.model.environments.outcomes import TERMINAL, key
from fqi_theory.model.environments.outcomes import names as names_of
from fqi_theory.model.formats.kernels import ROW_BYTES

#: Actions are counted up to the largest index that occurs: a stray one must not fill the memory with names.
MOST_ACTIONS = 1 << 16


@dataclass(frozen=True)
class Axis:
    """Names along one axis, and the place that a state or an action of a record means."""

    names: tuple[str, ...]
    index: Mapping[Any, int]

    @cached_property
    def floats(self) -> bool:
        """Tell whether places are known by floats."""
        return any(isinstance(known, float) for known in self.index)

    def find(self, value: Any, what: str) -> int:
        """Return the place of a state or an action; `what` starts the message of the DataError for any other."""
        alien = isinstance(value, bool) or (isinstance(value, float) and not self.floats)
        found = None if alien else self.index.get(value)
        if found is None:
            shown = ", ".join(self.names[:12]) + (", ..." if len(self.names) > 12 else "")
            raise DataError(f"{what}: expected an index below {len(self.names)} or one of {shown}, found {value!r}")
        return found


def any_terminated(found: Sequence[Record]) -> bool:
    """Tell whether some episode ended by the environment's rules."""
    return any(one.terminated for one in found)


def state_axis(given: int | Sequence[Any] | None, found: Sequence[Record]) -> Axis:
    """Return the states: as given, or those that occur; where episodes terminate, the terminal state is the last."""
    axis = _axis(given, "s") if given is not None else _occurring([s for one in found for s in one.states()])
    if not any_terminated(found):
        return axis
    end = TERMINAL
    while end in axis.names:
        end += "*"
    return Axis((*axis.names, end), axis.index)


def action_axes(given: Sequence[int | Sequence[str]] | None, found: Sequence[Record]) -> list[Axis]:
    """Return each agent's actions: as given, or 0 to the largest that occurs, or those that occur.

    An action occurs where it is played, and where a record tells that it is available.
    """
    if given is not None:
        return [_axis(own, "a") for own in as_list(given, "actions", "numbers or names, one an agent")]
    if not found:
        raise DataError("transitions: expected at least one, or the actions of each agent, found neither")
    lists = [_shown(found, i) for i in range(len(found[0].joint))]
    if all(isinstance(action, int) and not isinstance(action, bool) for own in lists for action in own):
        return [_axis(_count(own, i), "a") for i, own in enumerate(lists, 1)]
    return [_occurring(own) for own in lists]


def _shown(found: Sequence[Record], agent: int) -> list[Any]:
    """Return the actions of an agent that are played, or told as available: by name, or the last that has a flag."""
    shown = [one.joint[agent] for one in found if agent < len(one.joint)]
    for own in dict.fromkeys(one.available[agent] for one in found if one.available and agent < len(one.available)):
        if isinstance(own[0], str):
            shown += own
        elif all(isinstance(action, int) for action in shown):
            shown.append(len(own) - 1)
    return shown


def _count(indices: Sequence[int], agent: int) -> int:
    """Return how many actions these indices show; raises DataError beyond MOST_ACTIONS."""
    if max(indices) >= MOST_ACTIONS:
        raise DataError(
            f"agent {agent}: expected indices of actions below {MOST_ACTIONS}, found {max(indices)}; write them as "
            "names, or give `actions`"
        )
    return max(indices) + 1


def _occurring(values: Sequence[Hashable]) -> Axis:
    """Return an axis of what occurs, in its own order where it has one, else as it occurs."""
    distinct: list[Any] = list(dict.fromkeys(values))
    if not distinct:
        raise DataError("transitions: expected at least one, or states, found neither")
    with suppress(TypeError):
        distinct.sort()
    return Axis(tuple(names_of(distinct)), {value: k for k, value in enumerate(distinct)})


def _axis(given: int | Sequence[Any], letter: str) -> Axis:
    """Return the places of a number of states or actions, or of a list of what they are."""
    what = "states" if letter == "s" else "actions"
    if isinstance(given, str):
        raise DataError(f"{what}: expected a number or a list of names, found {given!r}")
    if isinstance(given, np.ndarray) and not given.ndim:
        given = given.item()
    if not isinstance(given, Sequence | np.ndarray):
        given = whole(given, what, 1)
        require_memory(f"names of {what}", (given,), ROW_BYTES)
        names = tuple(f"{letter}{k}" for k in range(given))
        return Axis(names, {**{k: k for k in range(given)}, **{name: k for k, name in enumerate(names)}})
    keys = [key(one) for one in given]
    numbered = {} if any(isinstance(one, int) for one in keys) else {k: k for k in range(len(keys))}
    return Axis(tuple(names_of(keys)), {**numbered, **{one: k for k, one in enumerate(keys)}})


def place_name(place: Sequence[int], states: Axis, actions: Sequence[Axis]) -> str:
    """Return the names of a state and a joint action, for messages: ``state s1, joint action (A, B)``."""
    state, *action = place
    names = ", ".join(axis.names[a] for axis, a in zip(actions, action, strict=True))
    return f"state {states.names[state]}, joint action ({names})"
