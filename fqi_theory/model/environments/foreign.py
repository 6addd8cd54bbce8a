"""Calls of what users wrote: what such a function raises is told with the place at which it was raised."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fqi_theory.base.errors import ModelError


def called(what: str, where: Callable[[], str], function: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Return function(*given, **named); what it raises becomes the cause of a ModelError that says where."""
    try:
        return function(*given, **named)
    except Exception as error:
        raise ModelError(f"{where()}: {what} raised {type(error).__name__}: {error}") from error


def parts(found: Any, what: str, expected: Sequence[str], where: Callable[[], str]) -> Sequence[Any]:
    """Return the parts that a function of an environment returned; raises ModelError where they are not those."""
    if not isinstance(found, tuple | list) or len(found) != len(expected):
        seen = f"{len(found)} entries" if isinstance(found, tuple | list) else repr(found)
        raise ModelError(f"{where()}: {what}: expected ({', '.join(expected)}), found {seen}")
    return found


def mappings(found: Sequence[Any], what: str, expected: Sequence[str], where: Callable[[], str]) -> None:
    """Raise ModelError unless each part is a mapping from agents."""
    for name, part in zip(expected, found, strict=True):
        if not isinstance(part, Mapping):
            raise ModelError(f"{where()}: {what}: expected {name} by agent, found {part!r}")
