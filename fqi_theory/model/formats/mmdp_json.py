"""The model file mmdp/1: JSON with every (state, joint action) exactly once and exact rational numbers.

    {"format": "mmdp/1", "name": ..., "source": ..., "discount": "9/10", "states": [...], "actions": [[...], ...],
     "start": {"s1": "1"}, "available": {"s0": [["A"], ["A", "B"]]},
     "transitions": [{"state": "s1", "action": ["A", "A"], "reward": "1", "next": {"s1": "1"}}, ...]}

`source`, `start` and `available` are optional; every other key is required and no other is allowed. `available` names
the actions that each agent has in a state; states that it does not name have all. The entry of a joint action that is
not available may be left out; where there is one, it must be that of the joint action for which it stands.
"""

import json
from collections.abc import Iterator
from itertools import pairwise, product
from math import prod
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import FqiTheoryError, NumberError
from fqi_theory.base.scalars import Array
from fqi_theory.model.available import Masks, as_masks, names_by_state, source_rows
from fqi_theory.model.formats.files import PathLike, in_file, quoted, write_text
from fqi_theory.model.formats.kernels import kernel_from_rows, require_rows
from fqi_theory.model.formats.strict_json import Node, read_json, require_format
from fqi_theory.model.mmdp import MMDP

FORMAT = "mmdp/1"
REQUIRED = ("format", "name", "discount", "states", "actions", "transitions")


def read_mmdp(path: PathLike) -> MMDP:
    """Return the exact model of an mmdp/1 file, plain or gzipped.

    Raises FormatError, ModelError or TooLarge; the message starts with the file and the place, such as
    ``transitions[3].reward``.
    """
    return mmdp_from_json(read_json(path))


def mmdp_from_json(root: Node) -> MMDP:
    """Return the exact model of a parsed mmdp/1 document."""
    require_format(root, FORMAT)
    top = root.members(REQUIRED, ("source", "start", "available"))
    states = top["states"].names("state")
    lists = top["actions"].items()
    if not lists:
        raise top["actions"].refuse("a list of actions for each of at least one agent", "none")
    actions = tuple(node.names("action") for node in lists)
    shape = (len(states), *map(len, actions))
    masked = "available" in top
    entries = top["transitions"].items(None if masked else prod(shape), "entries, one for every state and joint action")
    try:
        require_rows(shape[0], shape[1:])
        masks = as_masks(_available(top["available"], states, actions), states, actions) if masked else None
        rewards, rows = _tables(entries, states, actions, shape)
        if masked:
            _fill(top["transitions"], rewards.reshape(-1), rows, masks, (states, *actions))
        return MMDP(
            rewards,
            kernel_from_rows(rows, shape),
            top["discount"].number(),
            states=states,
            actions=actions,
            start=_start(top["start"], states) if "start" in top else None,
            available=masks,
            name=top["name"].text(),
            source=top["source"].text() if "source" in top else "",
        )
    except FqiTheoryError as error:
        if str(error).startswith(root.file):
            raise
        raise in_file(root.file, error) from None


def _tables(
    entries: list[Node], states: tuple[str, ...], actions: tuple[tuple[str, ...], ...], shape: tuple[int, ...]
) -> tuple[Array, list[dict[int, fmpq]]]:
    state_of = {name: s for s, name in enumerate(states)}
    action_of = [{name: a for a, name in enumerate(names)} for names in actions]
    rewards = np.empty(prod(shape), dtype=object)
    rows: list[dict[int, fmpq]] = [{} for _ in range(rewards.size)]
    for entry in entries:
        parts = entry.members(("state", "action", "reward", "next"))
        index = [_known(parts["state"], state_of, "state")]
        names = parts["action"].items(len(actions), "actions, one an agent")
        index += [
            _known(node, known, f"action of agent {i + 1}")
            for i, (node, known) in enumerate(zip(names, action_of, strict=True))
        ]
        flat = int(np.ravel_multi_index(index, shape))
        if rows[flat]:
            place = f"state {parts['state'].value}, joint action ({', '.join(n.value for n in names)})"
            raise entry.refuse("every state and joint action once", f"{place} again")
        rewards[flat] = parts["reward"].number()
        rows[flat] = _distribution(parts["next"], state_of)
    return rewards.reshape(shape), rows


def _available(
    node: Node, states: tuple[str, ...], actions: tuple[tuple[str, ...], ...]
) -> dict[str, list[tuple[str, ...]]]:
    found, known = {}, set(states)
    for state, member in node.members(optional=None).items():
        if state not in known:
            raise node.refuse("names of states", f"the unknown state {quoted(state)}")
        lists = member.items(len(actions), "lists of actions, one an agent")
        for i, (own, names) in enumerate(zip(lists, actions, strict=True)):
            for one in own.items():
                _known(one, dict.fromkeys(names, 0), f"action of agent {i + 1}")
        found[state] = [own.names("action") for own in lists]
    return found


def _fill(
    node: Node, rewards: Array, rows: list[dict[int, fmpq]], masks: Masks | None, names: tuple[tuple[str, ...], ...]
) -> None:
    """Give joint actions that are not available and have no entry that of their stand-in; refuse other gaps."""
    stands = np.arange(len(rows)) if masks is None else source_rows(masks)
    for flat, stand in enumerate(stands):
        if not rows[flat] and not rows[stand]:
            state, *joint = (own[k] for own, k in zip(names, np.unravel_index(stand, [*map(len, names)]), strict=True))
            place = f"state {state}, joint action ({', '.join(joint)})"
            raise node.refuse("an entry for every state and available joint action", f"none for {place}")
        if not rows[flat]:
            rewards[flat], rows[flat] = rewards[stand], rows[stand]


def _distribution(node: Node, state_of: dict[str, int]) -> dict[int, fmpq]:
    row = {}
    for name, member in node.members(optional=None).items():
        if name not in state_of:
            raise node.refuse("names of states", f"the unknown state {quoted(name)}")
        probability = member.number()
        if probability < 0:
            raise member.refuse("a probability >= 0", str(probability))
        row[state_of[name]] = probability
    total = sum(row.values(), fmpq(0))
    if total != 1:
        raise node.refuse("probabilities that sum to 1", str(total))
    return {s: p for s, p in row.items() if p != 0}


def _start(node: Node, states: tuple[str, ...]) -> Array:
    start = scalars.zeros((len(states),), "exact")
    for s, probability in _distribution(node, {name: s for s, name in enumerate(states)}).items():
        start[s] = probability
    return start


def _known(node: Node, known: dict[str, int], what: str) -> int:
    name = node.text()
    if name not in known:
        shown = ", ".join(map(quoted, list(known)[:6])) + (", ..." if len(known) > 6 else "")
        raise node.refuse(f"a known {what} ({shown})")
    return known[name]


def mmdp_to_json(model: MMDP) -> dict[str, Any]:
    """Return the mmdp/1 document of an exact model; raises NumberError for float and symbolic models."""
    if model.field != "exact":
        raise NumberError(f"model {model.name!r} is {model.field}; mmdp/1 holds exact numbers only")
    document: dict[str, Any] = {
        "format": FORMAT,
        "name": model.name,
        "source": model.source,
        "discount": str(model.discount),
        "states": list(model.states),
        "actions": [list(names) for names in model.actions],
    }
    if model.start is not None:
        document["start"] = {model.states[s]: str(p) for s, p in enumerate(model.start) if p != 0}
    if model.available is not None:
        document["available"] = names_by_state(model.available, model.states, model.actions)
    document["transitions"] = list(_entries(model))
    return document


def _entries(model: MMDP) -> Iterator[dict[str, Any]]:
    """Yield the entries of available joint actions: those of the others follow from them."""
    indptr, successors, probabilities = model.transition.compressed()
    names, texts = [model.states[s] for s in successors], list(map(str, probabilities))
    rewards, starts = map(str, model.reward.flat), indptr.tolist()
    places, named = np.ndindex(model.reward.shape), product(model.states, *model.actions)
    for (s, *joint), (state, *action), reward, (first, stop) in zip(
        places, named, rewards, pairwise(starts), strict=True
    ):
        if not model.allows(s, joint):
            continue
        chances = zip(names[first:stop], texts[first:stop], strict=True)
        yield {
            "state": state,
            "action": action,
            "reward": reward,
            "next": {name: chance for name, chance in chances if chance != "0"},
        }


def mmdp_text(model: MMDP) -> str:
    """Return the mmdp/1 text of an exact model: one line for each key and for each transition."""
    document = mmdp_to_json(model)
    entries = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in document.pop("transitions"))
    head = "".join(f' "{key}": {json.dumps(value, ensure_ascii=False)},\n' for key, value in document.items())
    return f'{{\n{head} "transitions": [\n{entries}\n ]\n}}\n'


def write_mmdp(model: MMDP, path: PathLike) -> None:
    """Write an exact model as mmdp/1, gzipped when the name ends in .gz; raises FormatError or NumberError."""
    write_text(path, mmdp_text(model))
