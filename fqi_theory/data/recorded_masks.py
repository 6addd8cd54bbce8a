"""Which actions are available in the states of recorded transitions: as given beside them, or as their rows tell."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.axes import Axis, any_terminated, place_name
from fqi_theory.data.record import Own, Record
from fqi_theory.model.available import Masks, as_masks


def masks_of(given: Any, found: Sequence[Record], states: Axis, actions: Sequence[Axis]) -> Masks | None:
    """Return per agent a table (S, A_i), None where every action is available; the terminal state has all.

    given: of the states in which agents act, as for `MMDP.with_available`. Raises DataError or ModelError, naming the
    place, where `given` and rows both tell it, or two rows differ about a state, or a row plays what it excludes.
    """
    names, told = [axis.names for axis in actions], _told(found, states, actions)
    if told is not None and given is not None:
        raise DataError("available: expected the argument, or the transitions' own `available`, found both")
    if given is None:
        return as_masks(told, states.names, names)
    acting = len(states.names) - any_terminated(found)
    masks = as_masks(given, states.names[:acting], names)
    if masks is None:
        return None
    rest = len(states.names) - acting
    return tuple(np.concatenate([m, np.ones((rest, m.shape[1]), dtype=bool)]) for m in masks)


def require_allowed(counts: Array, allowed: Array, states: Axis, actions: Sequence[Axis]) -> None:
    """Raise DataError, naming the place, where a joint action that is not available was played."""
    wrong = np.argwhere((counts > 0) & ~allowed)
    if wrong.size:
        place = tuple(map(int, wrong[0]))
        raise DataError(
            f"{place_name(place, states, actions)}: not available, expected no transition, found {counts[place]}"
        )


def _told(found: Sequence[Record], states: Axis, actions: Sequence[Axis]) -> list[Array] | None:
    """Return what rows tell, all actions in states of which none tells anything; None where no row tells anything."""
    known: dict[tuple[int, Own], Array] = {}
    seen: dict[int, Record] = {}
    tables = [np.ones((len(states.names), len(axis.names)), dtype=bool) for axis in actions]
    for one in found:
        if one.available is None:
            continue
        s = states.index[one.state]
        before = seen.setdefault(s, one)
        for i, (own, axis) in enumerate(zip(one.available, actions, strict=True)):
            if (i, own) not in known:
                known[i, own] = _row(own, axis, f"{one.where}: available: agent {i + 1}")
            row, played = known[i, own], axis.index[one.joint[i]]
            if not row[played]:
                raise DataError(
                    f"{one.where}: action of agent {i + 1}: expected one that is available in the row, found "
                    f"{axis.names[played]}"
                )
            if before is one:
                tables[i][s] = row
            elif (tables[i][s] != row).any():
                raise DataError(
                    f"{one.where}: available: agent {i + 1}: expected what {before.where} says of state "
                    f"{states.names[s]}, found other actions"
                )
    return tables if seen else None


def _row(own: Own, axis: Axis, what: str) -> Array:
    """Return flags in the order of an agent's actions."""
    if isinstance(own[0], str):
        places = [axis.find(name, what) for name in own]
        return np.isin(np.arange(len(axis.names)), places)
    if any(axis.index.get(k) != k for k in range(len(axis.names))):
        raise DataError(
            f"{what}: flags are those of actions 0, 1, ..., found actions {', '.join(axis.names[:12])}; write names of "
            "available ones"
        )
    if len(own) != len(axis.names):
        raise DataError(f"{what}: expected a flag for each of {len(axis.names)} actions, found {len(own)}")
    return np.array(own, dtype=bool)
