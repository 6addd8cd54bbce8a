"""The model file mmdp/1: JSON with every (state, joint action) exactly once and exact rational numbers.

    {"format": "mmdp/1", "name": ..., "source": ..., "discount": "9/10", "states": [...], "actions": [[...], ...],
     "start": {"s1": "1"},
     "transitions": [{"state": "s1", "action": ["A", "A"], "reward": "1", "next": {"s1": "1"}}, ...]}

`source` and `start` are optional; every other key is required and no other is allowed.
"""

import json
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import FqiTheoryError, NumberError
from fqi_theory.base.scalars import Array
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
    top = root.members(REQUIRED, ("source", "start"))
    states = top["states"].names("state")
    lists = top["actions"].items()
    if not lists:
        raise top["actions"].refuse("a list of actions for each of at least one agent", "none")
    actions = tuple(node.names("action") for node in lists)
    shape = (len(states), *map(len, actions))
    entries = top["transitions"].items(prod(shape), "entries, one for every state and joint action")
    try:
        require_rows(shape[0], shape[1:])
        rewards, rows = _tables(entries, states, actions, shape)
        return MMDP(
            rewards,
            kernel_from_rows(rows, shape),
            top["discount"].number(),
            states=states,
            actions=actions,
            start=_start(top["start"], states) if "start" in top else None,
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
    document["transitions"] = list(_entries(model))
    return document


def _entries(model: MMDP) -> Iterator[dict[str, Any]]:
    for index, row in model.transition.rows():
        yield {
            "state": model.states[index[0]],
            "action": [model.actions[i][a] for i, a in enumerate(index[1:])],
            "reward": str(model.reward[index]),
            "next": {model.states[s]: str(p) for s, p in row.items() if p != 0},
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
