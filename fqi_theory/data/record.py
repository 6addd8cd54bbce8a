"""One recorded transition, whatever it was read from: what it says, and where it stands."""

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from numbers import Number
from typing import Any, TypeAlias

import numpy as np

from fqi_theory.base.errors import DataError, FqiTheoryError
from fqi_theory.model.environments.outcomes import key

FLAGS = ("terminated", "truncated")
#: What one agent may do where it stands: a flag for each of its actions, or the names of the available ones.
Own: TypeAlias = tuple[bool, ...] | tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """One transition and where it stands (``transition 3``, ``line 5``); available: per agent, None where not told."""

    where: str
    state: Hashable
    joint: tuple[Any, ...]
    reward: Any
    successor: Hashable
    terminated: bool
    available: tuple[Own, ...] | None = None

    def states(self) -> tuple[Hashable, ...]:
        """Return the states that this record shows: without the next one where the episode terminated."""
        return (self.state,) if self.terminated else (self.state, self.successor)


def record(where: str, found: Sequence[Any], available: Any = None) -> Record:
    """Return the record of (state, joint action, reward, next state[, terminated[, truncated]]).

    available: what each agent may do in the state (see `choices`). Raises DataError, naming the place.
    """
    row = isinstance(found, Sequence | np.ndarray) and not isinstance(found, str | bytes)
    if not row or not 4 <= len(found) <= 6:
        seen = f"{len(found)} entries" if row else repr(found)
        raise DataError(
            f"{where}: expected (state, joint action, reward, next state[, terminated[, truncated]]), found {seen}"
        )
    state, joint, reward, successor, *flags = found
    ended = [flag(value, f"{where}: {name}") for name, value in zip(FLAGS, flags, strict=False)]
    try:
        own, chosen, following = key(state), tuple(map(key, _actions(joint))), key(successor)
    except FqiTheoryError as error:
        raise DataError(f"{where}: {error}") from None
    told = None if available is None else choices(available, len(chosen), where)
    return Record(where, own, chosen, reward, following, bool(ended and ended[0]), told)


def flag(value: Any, what: str) -> bool:
    """Return a flag; raises DataError unless it is True, False, 0 or 1."""
    if isinstance(value, np.bool_ | Number) and value in (0, 1):
        return bool(value)
    raise DataError(f"{what}: expected True or False, found {value!r}")


def choices(given: Any, agents: int, where: str) -> tuple[Own, ...]:
    """Return what each agent may do: a flag 0 or 1 for each of its actions, or the names of the available ones.

    given: a list an agent; of one agent its own list will do. Raises DataError, naming place and agent.
    """
    lists = _entries(given)
    if agents == 1 and lists is not None and not any(_entries(one) is not None for one in lists):
        lists = [lists]
    if lists is None or len(lists) != agents:
        found = repr(given) if lists is None else f"{len(lists)} entries"
        raise DataError(f"{where}: available: expected a list for each of {agents} agents, found {found}")
    return tuple(_own(one, f"{where}: available: agent {i}") for i, one in enumerate(lists, 1))


def _own(given: Any, what: str) -> Own:
    entries = _entries(given)
    names = entries is not None and all(isinstance(one, str) for one in entries)
    if entries and names and len(set(entries)) == len(entries):
        return tuple(entries)
    marks = entries is not None and all(isinstance(one, int | float) and one in (0, 1) for one in entries)
    if not marks or entries is None or names:
        raise DataError(
            f"{what}: expected 0 or 1 for each of its actions, or different names of available ones, found {given!r}"
        )
    if not any(entries):
        raise DataError(f"{what}: expected at least one action, found none")
    return tuple(map(bool, entries))


def _entries(given: Any) -> list[Any] | None:
    if isinstance(given, np.ndarray):
        given = given.tolist()
    return list(given) if isinstance(given, list | tuple) else None


def _actions(joint: Any) -> Iterable[Any]:
    """Return the agents' actions: the entries of a list, a tuple or an array, or one agent's action by itself."""
    if isinstance(joint, np.ndarray):
        joint = joint.tolist()
    if isinstance(joint, Mapping | Set):
        raise DataError(f"joint action: expected one action an agent in their order, found {joint!r}")
    return joint if isinstance(joint, Iterable) and not isinstance(joint, str | bytes) else [joint]
