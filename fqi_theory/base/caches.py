"""A cache that stays within a size: the oldest entries are dropped first."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SizedCache(Generic[K, V]):
    """Values by key, of sizes that add up to at most `most`; the newest one is kept whatever its size."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._found: dict[K, tuple[V, int]] = {}

    def get(self, key: K) -> V | None:
        """Return what is remembered under a key, None if nothing is."""
        found = self._found.get(key)
        return None if found is None else found[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Remember a value, and forget the oldest ones until all fit."""
        self._size -= self._found.pop(key, (None, 0))[1]
        while self._found and self._size + size > self._most:
            self._size -= self._found.pop(next(iter(self._found)))[1]
        self._found[key] = (value, size)
        self._size += size
