"""A sequence whose entries are computed when first asked for."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

from fqi_theory.base.texts import brief

T = TypeVar("T")


class Lazy(Sequence[T], Generic[T]):
    """Entry k is make(k), computed once; slices are tuples, as for a tuple. Equal to nothing but itself."""

    def __init__(self, length: int, make: Callable[[int], T]) -> None:
        self._length = length
        self._make = make
        self._found: dict[int, T] = {}

    def __len__(self) -> int:
        """Return the number of entries."""
        return self._length

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[T, ...]: ...
    def __getitem__(self, at: int | slice) -> T | tuple[T, ...]:
        """Return one entry, or a tuple of entries."""
        if isinstance(at, slice):
            return tuple(self[k] for k in range(*at.indices(self._length)))
        k = range(self._length)[at]
        if k not in self._found:
            self._found[k] = self._make(k)
        return self._found[k]

    def __repr__(self) -> str:
        """Return the first entries and the last, their numbers shortened: the rest is not made for it."""
        return f"{brief(self)} ({self._length} entries)"
