"""Proof by a grid (fitted classes; bounded): differences of V and greedy actions never leave cells of a grid.

Under ε-greedy data the differences d(s) = V(s) - V(r) after a step hang on the greedy actions g that the data follow,
and so do the next greedy actions. A cell is a pair of such actions (null for fixed data) and whole numbers k(s):
k(s) u(s) <= d(s) <= (k(s) + 1) u(s). On it each factor is an affine function of d. An action can be chosen somewhere in
a cell only if no other one exceeds it all over the cell, or ties with it at best and wins. For each choice of actions
that remain, one for each chooser at each state, d' is an affine function of d, and its values on the cell are within
bounds: all cells of the grid that these bounds touch, with the actions chosen, must be listed. So (g, d) stays in the
cells listed, and V(r), which follows at rate γ, is bounded too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from .budget import MAX_JSON_VALUES, Ints, length_of, longest, need
from .claims import Claim
from .grid_forms import Chooser, Form, Grid
from .model import Model, Policy
from .reading import read
from .run import Run

#: Whole numbers of cells are at most so large.
LARGEST = 1_000_000_000


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    whole = [range(-LARGEST, LARGEST)]
    return {"prefix": range(MAX_JSON_VALUES), "units": [Fraction], "rooms": [{"greedy": object, "cells": [whole]}]}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix, verify that a cell holds the run then, and that each cell leads into cells."""
    stated, work = claim.doc, run.work
    r = read(stated["reference"], range(run.states), "claim.reference", work)
    need(len(doc["units"]) == run.states - 1, f"proof.units: expected {run.states - 1} entries")
    need(all(u > 0 for u in doc["units"]), "proof.units: expected numbers above 0")
    den, *units = work.common(doc["units"])
    grid = Grid(run, r, den, tuple(units))
    rooms = dict[Policy, set[Ints]]()
    for k, room in enumerate(doc["rooms"]):
        greedy, cells = _room(grid, room, f"proof.rooms[{k}]")
        need(greedy not in rooms, f"proof.rooms[{k}].greedy: occurs twice")
        rooms[greedy] = cells
    _need_bounds(grid, stated, [cell for cells in rooms.values() for cell in cells])
    _need_entered(grid, claim, doc["prefix"], rooms)
    count = 0
    for greedy, cells in rooms.items():
        count += _closed(grid, greedy, cells, rooms)
    return f"{sum(map(len, rooms.values()))} cells hold the {count} images of their parts"


def _room(grid: Grid, room: dict[str, Any], where: str) -> tuple[Policy, set[Ints]]:
    run = grid.run
    if run.moving:
        greedy = read(room["greedy"], run.model.policy, f"{where}.greedy", run.work)
    else:
        need(room["greedy"] is None, f"{where}.greedy: expected null for fixed data")
        greedy = ()
    need(
        all(len(cell) == len(grid.units) for cell in room["cells"]),
        f"{where}.cells: expected {len(grid.units)} entries",
    )
    return greedy, set(room["cells"])


def _need_bounds(grid: Grid, stated: dict[str, Any], cells: Sequence[Ints]) -> None:
    """Refuse unless the bounds of the claim hold in all cells."""
    work, r = grid.run.work, grid.r
    need(stated["lower"][r] == stated["upper"][r] == 0, "claim: expected bounds of 0 at the reference")
    work.spend(20 * len(cells) * len(grid.units))
    for place, (s, unit) in enumerate(zip(grid.others(range(grid.run.states)), grid.units, strict=True)):
        numbers = [cell[place] for cell in cells] or [0]
        low, high = work.ratio(min(numbers) * unit, grid.den), work.ratio((max(numbers) + 1) * unit, grid.den)
        work.pay_fractions(2, 2 * longest([unit, grid.den]) + 64)
        need(stated["lower"][s] <= low, f"claim.lower[{s}]: above a cell")
        need(high <= stated["upper"][s], f"claim.upper[{s}]: below a cell")


def _need_entered(grid: Grid, claim: Claim, prefix: int, rooms: dict[Policy, set[Ints]]) -> None:
    """Refuse unless the run is in a cell after the prefix."""
    run = grid.run
    values, greedy, _ = run.after(claim.start, prefix)
    level, others = values[1 + grid.r], grid.others(values[1:])
    run.work.pay(4 * len(others), longest(values), longest([grid.den, *grid.units]), len(others))
    places = []
    for x, unit in zip(others, grid.units, strict=True):
        above, below = (x - level) * grid.den, values[0] * unit
        k = above // below
        places.append((k, k - 1) if above == k * below else (k,))
    run.work.spend(50 << len(places) if len(places) < 32 else 1 << 60)
    found = rooms.get(greedy if run.moving else (), set())
    need(any(cell in found for cell in product(*places)), f"proof.rooms: no cell holds the run at t = {prefix}")


def _closed(grid: Grid, greedy: Policy, cells: set[Ints], rooms: dict[Policy, set[Ints]]) -> int:
    """Refuse unless all images of the cells of one policy are in cells; return how many there are."""
    run, count = grid.run, 0
    data = greedy or ((0,) * len(run.model.sizes),) * run.states
    choosers = [_choosers(grid, s, g) for s, g in enumerate(data)]
    images = dict[tuple[Ints, ...], tuple[Policy, list[tuple[Form, int]]]]()
    forms = [lead for own in choosers for chooser in own for leads in chooser.leads for lead, _ in leads]
    bits = max((longest([form.level, form.spread]) for form in forms), default=1) + 40
    for cell in cells:
        run.work.pay(len(forms) * (2 + len(cell)), bits, 32)
        middle = [2 * k + 1 for k in cell]
        possible = [[chooser.possible(middle) for chooser in own] for own in choosers]
        for choice in _choices(run, possible):
            if choice not in images:
                images[choice] = _image(grid, data, choice)
            following, bounds = images[choice]
            _need_listed(grid, bounds, middle, rooms.get(following if run.moving else (), set()))
            count += 1
    return count


def _choices(run: Run, possible: list[list[list[int]]]) -> Iterator[tuple[Ints, ...]]:
    """Yield every choice of possible actions, of each chooser at each state."""
    for choice in product(*[product(*own) for own in possible]):
        run.work.spend(500 * run.states)
        yield choice


def _choosers(grid: Grid, s: int, g: Ints) -> list[Chooser]:
    """Return the choosers at a state under the data around g."""
    run, fit, found = grid.run, grid.run.fit(s, g), []
    for rows in fit.factors:
        run.work.pay(len(rows) ** 2 * (1 + run.states), fit.bits, length_of([grid.units]), 2 * len(rows) ** 2)
        leads = []
        for x, own in enumerate(rows):
            apart = [(y, [p - q for p, q in zip(own, row, strict=True)]) for y, row in enumerate(rows) if y != x]
            leads.append([(grid.form(level, slopes), run.wins(y, x)) for y, (level, *slopes) in apart])
        found.append(Chooser(leads))
    return found


def _image(grid: Grid, data: Policy, choice: tuple[Ints, ...]) -> tuple[Policy, list[tuple[Form, int]]]:
    """Return the greedy actions of a choice, and for each state but r d' times 2 den, with what divides that by u."""
    run = grid.run
    fits = [run.fit(s, g) for s, g in enumerate(data)]
    totals = [fit.at(own) for fit, own in zip(fits, choice, strict=True)]
    scale, base = fits[grid.r].scale, totals[grid.r]
    bits = max(fit.bits for fit in fits) + 8
    run.work.pay(4 * run.states * (1 + run.states), bits, bits, run.states * (1 + run.states))
    run.work.pay(2 * run.states * (1 + run.states), 2 * bits, longest([grid.den, *grid.units]), run.states)
    found = []
    for s, unit in zip(grid.others(range(run.states)), grid.units, strict=True):
        own = fits[s].scale
        level, *slopes = [x * scale - y * own for x, y in zip(totals[s], base, strict=True)]
        found.append((grid.form(level, slopes), 2 * own * scale * unit))
    apart = run.factorization.apart
    return tuple(choice) if apart else tuple([run.model.joint[k] for (k,) in choice]), found


def _need_listed(grid: Grid, bounds: list[tuple[Form, int]], middle: Sequence[int], cells: set[Ints]) -> None:
    """Refuse unless all cells that an image touches are among those listed."""
    work, spans, count = grid.run.work, [], 1
    for form, unit in bounds:
        low, high = form.bounds(middle)
        work.pay(4 + len(middle), longest([low, high]), unit.bit_length())
        first = low // unit
        spans.append(range(first, max(first + 1, -(-high // unit))))
        count *= len(spans[-1])
    work.spend(100 * count)
    need(count <= len(cells), "proof.rooms: an image is not in the cells listed")
    need(all(cell in cells for cell in product(*spans)), "proof.rooms: an image is not in the cells listed")
