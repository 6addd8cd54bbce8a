"""How long work is watched: a call told how many steps of how many are done."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Watch: TypeAlias = Callable[[int, int], None]


def unwatched(done: int, most: int) -> None:
    """Do nothing with the count."""


def watched(steps: Iterable[T], count: int, watch: Watch) -> Iterator[T]:
    """Yield the first `count` steps, telling `watch` after each."""
    if watch is unwatched:
        yield from islice(steps, count)
        return
    for done, step in enumerate(islice(steps, count), 1):
        yield step
        watch(done, count)


def first(steps: Iterable[T], count: int, watch: Watch) -> list[T]:
    """Return the first `count` steps, telling `watch` after each."""
    return list(watched(steps, count, watch))
