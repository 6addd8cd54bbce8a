"""How long work is watched: a call told how many steps of how many are done."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Watch: TypeAlias = Callable[[int, int], None]


def unwatched(done: int, most: int) -> None:
    """Do nothing with the count."""


def first(steps: Iterable[T], count: int, watch: Watch) -> list[T]:
    """Return the first `count` steps, telling `watch` after each."""
    found = []
    for step in islice(steps, count):
        found.append(step)
        watch(len(found), count)
    return found
