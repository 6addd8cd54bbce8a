"""Two states: cells of x = V(s1) - V(s0) as unions of intervals of a grid, closed under the step (ours).

One hull for each key (`cells`) is too coarse where a run keeps to several intervals: images of what lies between them
may lead away for ever. Here places are followed on a grid: the intervals that the image of an interval touches are
followed too, until there are no more. Neighbours of one key make a cell.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from flint import fmpq

from fqi_theory.base.matrices import round_up
from fqi_theory.base.scalars import to_float
from fqi_theory.fates.cells import Cell, Cells, Key, Place, Steps, hulls
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.reaching import reached

#: The places seen are divided into so many intervals, coarsest first; so many of them, and keys, are followed at most.
RESOLUTIONS, MOST_INTERVALS, MOST_KEYS = (64, 256, 1024), 4096, 64
#: Runs that were seen at fewer times may be on their way to a limit, through places that lead anywhere.
LEAST_TIMES = 64


def cells_of(positions: Positions, history: History) -> Cells | None:
    """Return cells that hold the run from some time on, a hull a key or those of a grid; None where none are found."""
    steps, length = Steps(positions, history), len(history.values)
    late = range(length // 2, length)
    whole = hulls(steps, late) or grid(steps, late)
    start = next((t for t in range(length) if any(cell.holds(steps.place(t)) for cell in whole)), None)
    return None if start is None else Cells(reached(steps, whole, steps.place(start)), steps.shape, start)


def grid(steps: Steps, times: Sequence[int]) -> tuple[Cell, ...]:
    """Return cells around where the run was at these times, that a step maps into each other; or none."""
    seen = [steps.place(t) for t in times] if len(times) >= LEAST_TIMES else []
    numbers = [float(to_float(x)) for _, x in seen]
    room = max(numbers, default=0.0) - min(numbers, default=0.0)
    for count in RESOLUTIONS if 0 < room < np.inf else ():
        (unit,) = round_up([room / count])
        found = _closed(steps, seen, unit)
        if found is not None:
            return tuple(sorted(_merged(found, unit), key=lambda cell: (cell.key, cell.low)))
    return ()


def _closed(steps: Steps, places: Iterable[Place], unit: fmpq) -> dict[Key, set[int]] | None:
    """Return the intervals [k unit, (k+1) unit] of each key that are met from these places on; None for too many."""
    met, count = dict[Key, set[int]](), 0
    waiting = [(key, x, x) for key, x in places]
    while waiting:
        key, low, high = waiting.pop()
        first = int((low / unit).floor())
        last = max(int((high / unit).ceil()), first + 1)
        own = met.setdefault(key, set())
        new = [k for k in range(first, last) if k not in own] if last - first <= MOST_INTERVALS else []
        own.update(new)
        count += len(new)
        if last - first > MOST_INTERVALS or count > MOST_INTERVALS or len(met) > MOST_KEYS:
            return None
        for start, end in _runs(new):
            waiting += [(step.key, *step.image) for step in steps.of(key, start * unit, end * unit)]
    return met


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield (first, last + 1) of the runs of neighbours in increasing numbers."""
    start = end = None
    for k in numbers:
        if end is None or k != end:
            if start is not None and end is not None:
                yield start, end
            start = k
        end = k + 1
    if start is not None and end is not None:
        yield start, end


def _merged(met: dict[Key, set[int]], unit: fmpq) -> Iterator[Cell]:
    """Yield a cell for each run of neighbours."""
    for key, own in met.items():
        yield from (Cell(key, first * unit, last * unit) for first, last in _runs(sorted(own)))
