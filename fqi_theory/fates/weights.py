"""Weights of cells by which every piece expands, and where cells must be cut to find them (ours).

Weights w > 0 with |β| w(J') > w(J) for every piece of slope β from cell J into J' exist unless pieces lead around a
cycle of cells by which they do not expand together. Such a cycle need not be one of the step: then it vanishes where
its cells are cut at the ends of what can follow it. Only these are cut, so that the cells stay few.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from flint import fmpq

from fqi_theory.base.progress import look
from fqi_theory.base.scalars import Array, to_float
from fqi_theory.fates.cells import Cell, Ends, Key, Place, Step, Steps
from fqi_theory.fates.reaching import Entries, reached

#: Weights are multiples of 1/UNIT; pieces are to expand by these shares in the weighted distance, the first that can.
UNIT, SHARES = 4096, tuple(2.0**-k for k in range(2, 12))
#: Cells are cut so many times, while there are at most so many; cycles are looked for after so many rounds.
CUTS, MOST_CELLS, ROUNDS = 60, 1000, 64
#: Cells are not cut at places of more bits: what follows ever longer cycles of cells has ever more.
LONGEST = 4096


@dataclass(frozen=True, eq=False)
class Graph:
    """The piece of each cell, log |β| of it, and which cells it enters: edges sources[e] -> targets[e]."""

    own: Sequence[Step]
    logs: Array
    sources: Array
    targets: Array


def graph_of(steps: Steps, cells: Sequence[Cell]) -> Graph:
    """Return the graph of cells that are each within one piece."""
    entries = Entries(cells)
    own = [next(step for step in steps.of(cell.key, cell.low, cell.high) if step.low < step.high) for cell in cells]
    edges = [(k, j) for k, step in enumerate(own) for j in entries.of(step)]
    sources, targets = np.array(edges, dtype=int).reshape(-1, 2).T
    return Graph(own, np.log([float(to_float(abs(step.slope))) for step in own]), sources, targets)


def weights_of(graph: Graph) -> tuple[fmpq, ...] | None:
    """Return weights w with |β_i| w_j > w_i where the piece of cell i enters cell j; None where none are found.

    For logarithms h these are distances: h_i + share <= log |β_i| + h_j, relaxed as Bellman and Ford do.
    """
    for share in SHARES:
        heights = np.zeros(len(graph.own))
        for _ in graph.own:
            before = heights.copy()
            np.minimum.at(heights, graph.sources, _below(graph, share, heights))
            if (heights == before).all():
                break
        if (heights[graph.sources] <= _below(graph, share / 2, heights)).all():
            weights = tuple(fmpq(round(w), UNIT) for w in np.exp(heights - heights.min()) * UNIT)
            if all(_expands(graph, weights, *edge) for edge in zip(graph.sources, graph.targets, strict=True)):
                return weights
    return None


def _below(graph: Graph, share: float, heights: Array) -> Array:
    """Return, edge by edge, what the height of its source may be at most."""
    return np.asarray(graph.logs[graph.sources] - share + heights[graph.targets])


def _expands(graph: Graph, weights: Sequence[fmpq], source: int, target: int) -> bool:
    return bool(abs(graph.own[source].slope) * weights[target] > weights[source])


def refined(steps: Steps, cells: Sequence[Cell], start: Place) -> tuple[tuple[Cell, ...], tuple[fmpq, ...]] | None:
    """Return cells that can be reached from a place, cut from these, with weights; None where none are found.

    Each of the cells given is to be within one piece.
    """
    for _ in range(CUTS):
        cells = reached(steps, cells, start)
        if not 0 < len(cells) <= MOST_CELLS:
            return None
        graph = graph_of(steps, cells)
        cycles = list(_cycles(graph))
        if not cycles:
            weights = weights_of(graph)
            return None if weights is None else (tuple(cells), weights)
        if any(_attracts(graph.own, cells, cycle) for cycle in cycles):
            return None
        followed = [list(_followed(graph.own, cells, cycle)) for cycle in cycles]
        places = [(x, key) for one in followed for key, ends in one for x in ends]
        finer = cut(cells, places)
        if len(finer) == len(cells) or any(x.height_bits() > LONGEST for x, _ in places):
            return None
        cells = finer
    return None


def _cycles(graph: Graph) -> Iterator[list[int]]:
    """Yield cycles of cells around which the pieces do not expand together by the least share a step; none without."""
    size = len(graph.own)
    heights, leads = np.zeros(size), np.full(size, -1)
    for count in range(1, size + ROUNDS + 1):
        look()
        below = _below(graph, SHARES[-1], heights)
        lowest = heights.copy()
        np.minimum.at(lowest, graph.sources, below)
        lower = (below == lowest[graph.sources]) & (below < heights[graph.sources])
        if not lower.any():
            return
        leads[graph.sources[lower]], heights = graph.targets[lower], lowest
        if count % ROUNDS == 0:
            found = list(_loops(leads))
            if found:
                yield from found
                return


def _loops(leads: Array) -> Iterator[list[int]]:
    """Yield the cycles of k -> leads[k], which ends at -1."""
    seen = np.zeros(len(leads), dtype=int)
    for first in range(len(leads)):
        path, k = [], first
        while k >= 0 and not seen[k]:
            seen[k] = first + 1
            path.append(k)
            k = int(leads[k])
        if k >= 0 and seen[k] == first + 1:
            yield path[path.index(k) :]


def _attracts(own: Sequence[Step], cells: Sequence[Cell], cycle: Sequence[int]) -> bool:
    """Tell whether a cycle of cells is followed by a cycle of the pieces that does not repel: no cut removes it."""
    level, slope = fmpq(0), fmpq(1)
    for k in cycle:
        level, slope = own[k].level + own[k].slope * level, own[k].slope * slope
    if not abs(slope) < 1:
        return False
    x = level / (1 - slope)
    for k in cycle:
        if not cells[k].low <= x <= cells[k].high:
            return False
        x = own[k].level + own[k].slope * x
    return True


def _followed(own: Sequence[Step], cells: Sequence[Cell], cycle: Sequence[int]) -> Iterator[tuple[Key, Ends]]:
    """Yield, for each cell of a cycle from the last back, the ends of what follows the cycle from there once around."""
    low, high = cells[cycle[0]].low, cells[cycle[0]].high
    for k in reversed(cycle):
        cell, step = cells[k], own[k]
        ends = sorted(((low - step.level) / step.slope, (high - step.level) / step.slope))
        low, high = max(ends[0], cell.low), min(ends[1], cell.high)
        if low >= high:
            return
        yield cell.key, (low, high)


def cut(cells: Sequence[Cell], places: Iterable[tuple[fmpq, Key]]) -> tuple[Cell, ...]:
    """Return the cells, cut at these places."""
    known: dict[Key, set[fmpq]] = {}
    for x, key in places:
        known.setdefault(key, set()).add(x)
    found = []
    for cell in cells:
        inner = sorted(x for x in known.get(cell.key, ()) if cell.low < x < cell.high)
        found += [Cell(cell.key, low, high) for low, high in pairwise([cell.low, *inner, cell.high])]
    return tuple(found)
