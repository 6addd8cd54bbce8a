"""Actions that are not available in a state, as copies of available ones (theory notes, section 20; ours).

An unavailable action of an agent stands for the nearest earlier available one of that state, or for the first available
one where none is earlier. So the actions that stand for the same one are neighbours, and the map to available actions
keeps their order: the first (last) of several maximisers is mapped to the first (last) of what they stand for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from fqi_theory.base.errors import ModelError
from fqi_theory.base.scalars import Array
from fqi_theory.model.expectations import outer
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition, SparseTransition, Transition

#: Per agent, which of its actions are available in each state: booleans (S, A_i).
Masks: TypeAlias = tuple[Array, ...]


def as_masks(given: Any, states: Sequence[str], actions: Sequence[Sequence[str]]) -> Masks | None:
    """Return the masks that are meant, None where every action is available.

    given: per agent a table (S, A_i) of entries 0 or 1; or {state: [names of the available actions of each agent]},
    where states not named have all. Raises ModelError, naming state and agent.
    """
    if given is None:
        return None
    masks = _named(given, states, actions) if isinstance(given, Mapping) else _tables(given, states, actions)
    for i, mask in enumerate(masks):
        if not mask.any(axis=1).all():
            s = int(mask.any(axis=1).argmin())
            raise ModelError(f"available: state {states[s]}, agent {i + 1}: expected at least one action, found none")
        mask.setflags(write=False)
    return None if all(mask.all() for mask in masks) else masks


def _tables(given: Any, states: Sequence[str], actions: Sequence[Sequence[str]]) -> Masks:
    tables, masks = _entries(given), []
    if tables is None or len(tables) != len(actions):
        raise ModelError(f"available: expected a table (S, A_i) for each of {len(actions)} agents, or names by state")
    for i, (own, names) in enumerate(zip(tables, actions, strict=True)):
        expected = f"available: agent {i + 1}: expected entries 0 or 1 of shape {(len(states), len(names))}, found"
        try:
            table = np.asarray(own)
        except ValueError:  # rows of different lengths, or nested beyond what an array holds
            raise ModelError(f"{expected} no rectangular table") from None
        if table.shape != (len(states), len(names)) or not np.isin(table, (0, 1)).all():
            raise ModelError(f"{expected} {table.dtype} of shape {table.shape}")
        masks.append(table.astype(bool))
    return tuple(masks)


def _named(given: Mapping[Any, Any], states: Sequence[str], actions: Sequence[Sequence[str]]) -> Masks:
    masks = tuple(np.ones((len(states), len(names)), dtype=bool) for names in actions)
    index = {name: s for s, name in enumerate(states)}
    for state, lists in given.items():
        if state not in index:
            raise ModelError(f"available: expected names of states, found {state!r}")
        told = _entries(lists)
        if told is None or len(told) != len(actions):
            raise ModelError(f"available: state {state}: expected a list of actions for each of {len(actions)} agents")
        for i, (one, names) in enumerate(zip(told, actions, strict=True)):
            own = list(one) if isinstance(one, set | frozenset) else _entries(one)
            unknown = [one] if own is None else [name for name in own if not isinstance(name, str) or name not in names]
            if own is None or unknown:
                raise ModelError(
                    f"available: state {state}, agent {i + 1}: expected names among {', '.join(names)}, found "
                    f"{unknown[0]!r}"
                )
            masks[i][index[state]] = [name in own for name in names]
    return masks


def _entries(given: Any) -> list[Any] | None:
    """Return the entries of a list, a tuple or an array; None for anything else, one text included."""
    listed = isinstance(given, list | tuple) or (isinstance(given, np.ndarray) and given.ndim > 0)
    return list(given) if listed else None


def names_by_state(masks: Masks, states: Sequence[str], actions: Sequence[Sequence[str]]) -> dict[str, list[list[str]]]:
    """Return {state: [names of the available actions of each agent]} for the states where some are not available."""
    return {
        state: [
            [names[a] for a in np.flatnonzero(mask[s]).tolist()] for mask, names in zip(masks, actions, strict=True)
        ]
        for s, state in enumerate(states)
        if not all(mask[s].all() for mask in masks)
    }


def require_all(masks: Masks | None, name: str, ending: str) -> None:
    """Raise ModelError where some actions are not available: files of this ending have no word for that."""
    if masks is not None:
        raise ModelError(
            f"model {name!r}: {ending} does not hold which actions are available; .json does, and with_available(None) "
            "is the model of copies"
        )


def joint_mask(masks: Masks) -> Array:
    """Return which joint actions are available: booleans (S, A_1, ..., A_n)."""
    return outer(masks)


def stand_ins(masks: Masks) -> tuple[Array, ...]:
    """Return per agent (S, A_i): the available action that each action stands for, itself where it is available."""
    found = []
    for mask in masks:
        latest = np.maximum.accumulate(np.where(mask, np.arange(mask.shape[1]), -1), axis=1)
        found.append(np.where(latest < 0, mask.argmax(axis=1)[:, None], latest))
    return tuple(found)


def leaders(masks: Masks) -> tuple[Array, ...]:
    """Return per agent (S, A_i): the first action that stands for the same available one, which wins ties with it."""
    found = []
    for own in stand_ins(masks):
        new = np.concatenate([np.ones_like(own[:, :1], dtype=bool), np.diff(own, axis=1) != 0], axis=1)
        found.append(np.maximum.accumulate(np.where(new, np.arange(own.shape[1]), 0), axis=1))
    return tuple(found)


def looked_up(tables: Sequence[Array], joint_actions: Array) -> Array:
    """Return tables per agent (S, A_i) at the entries of joint actions (..., S, n)."""
    states = np.arange(len(tables[0]))
    return np.stack([own[states, joint_actions[..., i]] for i, own in enumerate(tables)], axis=-1)


def copies(masks: Masks) -> tuple[Array, ...]:
    """Return per agent (S, A_i): how many actions stand for the same available one as each does."""
    found = []
    for own in stand_ins(masks):
        counts = np.zeros_like(own)
        np.add.at(counts, (np.arange(len(own))[:, None], own), 1)
        found.append(np.take_along_axis(counts, own, axis=1))
    return tuple(found)


def source_rows(masks: Masks) -> Array:
    """Return for each flat (s,a), row-major, the flat (s,ā) of the joint action that it stands for: (S·|A|,)."""
    stands = stand_ins(masks)
    n, states = len(stands), len(stands[0])
    axes = [own.reshape(states, *(-1 if j == i else 1 for j in range(n))) for i, own in enumerate(stands)]
    places = np.arange(states).reshape(-1, *(1,) * n)
    shape = (states, *(own.shape[1] for own in stands))
    return np.ravel_multi_index(np.broadcast_arrays(places, *axes), shape).reshape(-1)


def copied(table: Array, masks: Masks) -> Array:
    """Return a table (S, A_1, ..., A_n) whose entries at unavailable joint actions are those of their stand-ins."""
    return np.asarray(table.reshape(-1)[source_rows(masks)].reshape(table.shape))


def copied_kernel(kernel: Transition, masks: Masks) -> Transition:
    """Return a kernel whose rows at unavailable joint actions are those of their stand-ins."""
    rows = source_rows(masks)
    if isinstance(kernel, DeterministicTransition):
        return DeterministicTransition(
            kernel.successor.reshape(-1)[rows].reshape(kernel.shape), kernel.states, kernel.field
        )
    if isinstance(kernel, DenseTransition):
        tensor = kernel.tensor.reshape(-1, kernel.states)[rows]
        return DenseTransition(tensor.reshape(kernel.tensor.shape), kernel.field)
    return SparseTransition(kernel.shape, kernel.states, *kernel.compressed(rows), kernel.field)


def require_copies(reward: Array, kernel: Transition, masks: Masks, place: Callable[..., str]) -> None:
    """Raise ModelError, naming the place, unless unavailable joint actions have the numbers of their stand-ins."""
    rows = source_rows(masks)
    moved = np.flatnonzero(rows != np.arange(rows.size))
    different = np.asarray(reward.reshape(-1)[moved] != reward.reshape(-1)[rows[moved]], dtype=bool)
    if not different.any() and not _same(kernel, moved, rows[moved]):
        different = np.array([not _same(kernel, moved[k : k + 1], rows[moved[k : k + 1]]) for k in range(moved.size)])
    if different.any():
        at = int(moved[different.argmax()])
        (s, *a), (_, *b) = (map(int, np.unravel_index(x, reward.shape)) for x in (at, rows[at]))
        raise ModelError(
            f"{place(s, a)}: not available, expected the reward and the transitions of {place(s, b)}, found others; "
            "with_available(...) copies them"
        )


def _same(kernel: Transition, rows: Array, others: Array) -> bool:
    """Tell whether two lists of rows hold the same distributions."""
    (places, chances), (elsewhere, same) = _sorted(kernel, rows), _sorted(kernel, others)
    return np.array_equal(places, elsewhere) and bool(np.all(chances == same))


def _sorted(kernel: Transition, rows: Array) -> tuple[Array, Array]:
    """Return the entries other than 0 of rows, by row and successor: places (2, N) and probabilities (N,)."""
    indptr, successors, probabilities = kernel.compressed(rows)
    owners, kept = np.repeat(np.arange(rows.size), np.diff(indptr)), np.asarray(probabilities != 0, dtype=bool)
    order = np.lexsort((successors[kept], owners[kept]))
    return np.stack([owners[kept][order], successors[kept][order]]), probabilities[kept][order]
