"""Which cells a step from a cell leads into, and which can be reached at all."""

from bisect import bisect_left
from collections.abc import Sequence

from flint import fmpq

from fqi_theory.fates.cells import Cell, Key, Place, Step, Steps


class Entries:
    """Cells, sorted by key and place; those of one key have no interior in common."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._sorted: dict[Key, list[int]] = {}
        for k in sorted(range(len(cells)), key=lambda k: cells[k].low):
            self._sorted.setdefault(cells[k].key, []).append(k)
        self._highs: dict[Key, list[fmpq]] = {key: [cells[k].high for k in own] for key, own in self._sorted.items()}
        self._cells = cells

    def of(self, step: Step) -> list[int]:
        """Return the positions of the cells that a step enters (`Step.enters`)."""
        own, found = self._sorted.get(step.key, []), list[int]()
        low, high = step.image
        for k in own[bisect_left(self._highs.get(step.key, []), low) :]:
            if self._cells[k].low > high:
                break
            if step.enters(self._cells[k]):
                found.append(k)
        return found


def reached(steps: Steps, cells: Sequence[Cell], start: Place) -> tuple[Cell, ...]:
    """Return the cells that can be reached from a place."""
    entries = Entries(cells)
    waiting = [k for k, cell in enumerate(cells) if cell.holds(start)]
    found = set(waiting)
    while waiting:
        own = cells[waiting.pop()]
        for step in steps.of(own.key, own.low, own.high):
            new = [k for k in entries.of(step) if k not in found]
            waiting += new
            found.update(new)
    return tuple(cell for k, cell in enumerate(cells) if k in found)
