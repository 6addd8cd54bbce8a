"""The way on from what is no model, for messages."""

from collections.abc import Mapping
from typing import Any


def hint(given: Any) -> str:
    """Return the way on from what is no model, for a message; "" where none is known."""
    if isinstance(given, Mapping):
        return "; write the document to a .json file (json.dump) and load that, or pass a table P to from_env"
    if hasattr(given, "shape") or isinstance(given, list | tuple):
        return (
            "; from_payoff(table) makes a game of a payoff table, MMDP(reward, transition, discount) a model of tensors"
        )
    if hasattr(given, "step"):
        return "; from_env(env, discount=...) explores an environment"
    return ""
