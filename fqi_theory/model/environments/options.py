"""The arguments of `from_env`, each refused by its name where it is none, before anything is explored."""

from collections.abc import Mapping, Sequence
from typing import Any

from fqi_theory.base.arguments import as_list, require_function, require_number, require_text, require_word, shown
from fqi_theory.base.counts import whole
from fqi_theory.base.errors import DataError, ModelError

#: What each kind of environment takes beside what all take.
TAKEN = {
    "a ParallelEnv": ("state", "reward", "samples"),
    "a table": ("start", "decode"),
    "a step function": ("start",),
}
DEFAULTS: Mapping[str, Any] = {"start": None, "decode": None, "state": None, "reward": "common", "samples": None}


def require_options(env: Any, discount: Any, limit: Any, watch: Any, name: Any, given: Mapping[str, Any]) -> None:
    """Raise an error that names the first argument that is none; given: those of DEFAULTS."""
    if isinstance(env, type):
        raise ModelError(f"env: expected an environment, found the class {env.__name__}; {env.__name__}() makes one")
    require_number(discount, "discount")
    whole(limit, "limit", 1)
    require_function(watch, "watch")
    if name is not None:
        require_text(name, "name")
    for option in ("decode", "state"):
        if given[option] is not None:
            require_function(given[option], option)
    if isinstance(given["reward"], str) or not callable(given["reward"]):
        require_word(given["reward"], "reward", ("common", "sum", "a function"), ModelError)
    if given["samples"] is not None:
        whole(given["samples"], "samples", 1)


def require_taken(kind: str, given: Mapping[str, Any]) -> None:
    """Raise ModelError for an argument that this kind of environment would pass over in silence."""
    for option, value in given.items():
        default = DEFAULTS[option]
        told = value is not None if default is None else not isinstance(value, str) or value != default
        if told and option not in TAKEN[kind]:
            raise ModelError(f"{option}: {kind} takes {', '.join(TAKEN[kind])}, found {option} {shown(value)}")


def action_lists(actions: Any, what: str) -> list[Sequence[Any]]:
    """Return the actions of each agent; raises ModelError that names the argument and shows the way."""
    try:
        return [as_list(own, "actions", "actions") for own in as_list(actions, "actions", "lists")]
    except DataError:
        way = f'{what} needs the actions of each agent, such as [["left", "right"]] * 2'
        raise ModelError(f"actions: {way}, found {shown(actions)}") from None


def named_actions(actions: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return the names of the actions of each agent."""
    return [[str(action) for action in own] for own in actions]
