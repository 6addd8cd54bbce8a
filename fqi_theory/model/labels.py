"""Names of states and actions: what is refused as such."""

from collections.abc import Sequence
from typing import Any

from fqi_theory.base.arguments import as_list
from fqi_theory.base.errors import ModelError


def given_names(states: Any, actions: Any) -> tuple[tuple[Any, ...], tuple[tuple[Any, ...], ...]]:
    """Return the names that are given, () for none; raises ModelError, naming the argument, for what is no list."""
    named = () if states is None else as_list(states, "states", "names", ModelError)
    lists = () if actions is None else as_list(actions, "actions", "lists of names, one an agent", ModelError)
    own = (as_list(names, f"actions of agent {i}", "names", ModelError) for i, names in enumerate(lists, 1))
    return tuple(named), tuple(map(tuple, own))


def require_names(states: Sequence[str], actions: Sequence[Sequence[str]], shape: tuple[int, ...]) -> None:
    """Raise ModelError unless these are different printable names for a model of shape (S, A_1, ..., A_n)."""
    _require_printable("states", states)
    if len(states) != shape[0] or len(set(states)) != shape[0]:
        raise ModelError(f"states: expected {shape[0]} different names, found {len(set(states))} in {len(states)}")
    if tuple(map(len, actions)) != shape[1:]:
        raise ModelError(f"actions: expected {shape[1:]} names, found {tuple(map(len, actions))}")
    for i, names in enumerate(actions):
        _require_printable(f"actions of agent {i + 1}", names)
        if len(set(names)) != len(names):
            raise ModelError(f"actions: agent {i + 1} has two actions of the same name in {names}")


def _require_printable(what: str, names: Sequence[str]) -> None:
    """Raise ModelError unless files can hold these names, and messages and tables can show them."""
    for k, name in enumerate(names):
        if not isinstance(name, str) or not name or not name.isprintable():
            raise ModelError(f"{what}: expected printable names, found {name!r} as number {k}")
