"""How long work is watched: a call told how many steps of how many are done, and a time after which work gives up.

A deadline is set once, around everything it limits (`with deadline.kept():`), and looked at from loops far below
(`look()`), which need no argument for it. Without a deadline around them these looks do nothing.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TypeAlias, TypeVar

#: Seconds that the rest after a deadline may take at least.
LEAST_GRACE = 2.0

T = TypeVar("T")
Watch: TypeAlias = Callable[[int, int], None]


class OutOfTime(Exception):
    """The time of the deadline is over; raised by `look`, caught where the deadline was set."""


class Deadline:
    """A time from now on after which work gives up; None: never."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds

    def passed(self) -> bool:
        """Tell whether the time is over."""
        return self._end is not None and time.monotonic() >= self._end

    def grace(self) -> "Deadline":
        """Return the time from now on for what is still to be done: half as long again, and LEAST_GRACE at least."""
        return Deadline(None if self.seconds is None else max(self.seconds / 2, LEAST_GRACE))

    def left(self) -> float | None:
        """Return the seconds that are left, None where there is no limit."""
        return None if self._end is None else max(self._end - time.monotonic(), 0.0)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Have `look` raise OutOfTime inside once the time is over, whatever deadline is kept outside."""
        token = _KEPT.set(self)
        try:
            yield
        finally:
            _KEPT.reset(token)


_KEPT: ContextVar[Deadline | None] = ContextVar("kept", default=None)


def look() -> None:
    """Raise OutOfTime where the deadline around this work has passed."""
    deadline = _KEPT.get()
    if deadline is not None and deadline.passed():
        raise OutOfTime


def solver_options() -> dict[str, float]:
    """Return the options with which a linear program of HiGHS ends with the deadline around this work."""
    deadline = _KEPT.get()
    left = None if deadline is None else deadline.left()
    return {} if left is None else {"time_limit": left}


def unwatched(done: int, most: int) -> None:
    """Do nothing with the count."""


def watched(steps: Iterable[T], count: int, watch: Watch) -> Iterator[T]:
    """Yield the first `count` steps, telling `watch` after each."""
    taken = islice(steps, min(count, sys.maxsize))
    if watch is unwatched:
        yield from taken
        return
    for done, step in enumerate(taken, 1):
        yield step
        watch(done, count)


def first(steps: Iterable[T], count: int, watch: Watch) -> list[T]:
    """Return the first `count` steps, telling `watch` after each."""
    return list(watched(steps, count, watch))
