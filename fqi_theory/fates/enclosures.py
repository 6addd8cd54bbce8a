"""What is certain of a run for which no limit, cycle or growth was found: bounds that it keeps to.

Any class and data: a box of values that a step maps into itself (`boxes`). Fixed data: a box of their differences
(`differences`). Two states: an interval of their difference (`intervals`), or under data that follow the greedy actions
intervals for each of these (`cells`); and with them, where the map expands (on an average: `repelling`), that the run
approaches no cycle. Up to five states: cells of a grid of differences, with the greedy actions in force (`rooms`).
"""

from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from fqi_theory.base.progress import OutOfTime
from fqi_theory.base.scalars import Array
from fqi_theory.factorization import monotonic
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.boxes import fitted_forms, invariant_box, monotone_forms
from fqi_theory.fates.cells import Cells
from fqi_theory.fates.differences import invariant_differences
from fqi_theory.fates.fate import Bounds, Fate
from fqi_theory.fates.grids import cells_of
from fqi_theory.fates.intervals import Interval, difference_map, interval_of
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.repelling import Repelling, repelling
from fqi_theory.fates.rooms import rooms_of

Enclosure: TypeAlias = Interval | Cells
Proved: TypeAlias = tuple[Bounds, dict[str, Any]]
#: What is said where the time was over before bounds were found.
LATE = "no bounds were found in the time left"


def boxed(problem: Problem, tried: tuple[str, ...] = ()) -> Fate:
    """Return the fate "bounded" by a box that holds the start, of any class but igm; "unknown" where none is found."""
    try:
        box = _box(problem)
    except OutOfTime:
        return Fate("unknown", tried=(*tried, LATE))
    if box is None:
        return Fate("unknown", tried=(*tried, "no box of values was found that a step maps into itself"))
    lower, upper = box if problem.factorization is monotonic else map(problem.values_outward, box)
    return _fate(problem, Bounds(lower, upper, 0), {"kind": "box", "prefix": 0}, tried)


def _box(problem: Problem) -> tuple[Array, Array] | None:
    """Return a box around the start, in the model's order for monotonic, else in that of the search."""
    start = problem.start.values
    if problem.factorization is monotonic:
        forms = monotone_forms(problem.model, problem.source)
    else:
        start = problem.values_inward(start)
        forms = fitted_forms(Positions(problem.searched, problem.searched_source, problem.ties, problem.credit))
    return None if forms is None else invariant_box(forms, start)


def bounded(
    problem: Problem, positions: Positions, history: History, interval: Enclosure | None, tried: tuple[str, ...]
) -> Fate:
    """Return the fate "bounded" of a run that has been followed; "unknown" where nothing is found that holds it.

    Tried in turn: a box of values, the interval or cells of a run of two states, a box of differences (fixed data),
    cells of a grid (up to five states).
    """
    fate = boxed(problem, tried)
    if fate.kind == "bounded":
        return fate
    if interval is not None:
        return kept_in(problem, interval, tried)
    if problem.model.n_states == 1:
        return fate
    try:
        proved = _by_differences(problem, positions, history) or _by_rooms(problem, positions, history)
    except OutOfTime:
        return replace(fate, tried=(*fate.tried, LATE))
    nor = "nor cells of a grid" if positions.on_policy else "nor a box of differences, nor cells of a grid"
    return _fate(problem, *proved, tried) if proved else replace(fate, tried=(*fate.tried, nor))


def _by_differences(problem: Problem, positions: Positions, history: History) -> Proved | None:
    """Return bounds by a box of differences, and their proof; None under data that follow the greedy actions."""
    if positions.on_policy:
        return None
    box = invariant_differences(positions.operator(history.greedy[0]), history.values)
    if box is None:
        return None
    lower, upper = map(problem.values_outward, (box.lower, box.upper))
    proof = box.to_json()
    outward = [proof["mixtures"][k] for k in np.argsort(problem.order)]
    return Bounds(lower, upper, 0, int(problem.order[box.reference])), {**proof, "mixtures": outward}


def _by_rooms(problem: Problem, positions: Positions, history: History) -> Proved | None:
    rooms = rooms_of(positions, history)
    return None if rooms is None else (rooms.bounds(problem), rooms.to_json(problem))


def interval_around(problem: Problem, positions: Positions, history: History) -> Enclosure | None:
    """Return what a run of two states has entered and keeps to: an interval, or cells; None without, and of others."""
    if problem.model.n_states != 2:
        return None
    interval = None
    if not positions.on_policy:
        interval = interval_of(difference_map(positions.operator(history.greedy[0])), history.values)
        if interval is None or interval.prime is not None:
            return interval
    return repelling(positions, history) or interval or cells_of(positions, history)


def approaches_no_cycle(enclosure: Enclosure) -> bool:
    """Tell whether it shows that the run approaches no cycle."""
    return isinstance(enclosure, Repelling) or (isinstance(enclosure, Interval) and enclosure.prime is not None)


def kept_in(problem: Problem, enclosure: Enclosure, tried: tuple[str, ...] = ()) -> Fate:
    """Return the fate of a run in an interval or in cells: "aperiodic" where that is shown, else "bounded"."""
    lower, upper = map(problem.values_outward, enclosure.bounds)
    bounds = Bounds(lower, upper, enclosure.prefix, int(problem.order[0]))
    proof = problem.proof_outward(enclosure.to_json())
    return _fate(problem, bounds, proof, () if approaches_no_cycle(enclosure) else tried)


def _fate(problem: Problem, bounds: Bounds, proof: dict[str, object], tried: tuple[str, ...]) -> Fate:
    aperiodic = proof["kind"] in ("expanding", "repelling")
    document = ct.certificate(problem, ct.bounded(bounds, aperiodic=aperiodic), proof)
    return Fate("aperiodic" if aperiodic else "bounded", bounds=bounds, certificate=document, tried=tried)
