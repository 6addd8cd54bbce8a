"""The fates of a batch that are settled together, with their certificates."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.scalars import Array, objects
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.contraction import Contraction
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.together.entries import entered
from fqi_theory.fates.together.orbits import Orbits, orbits_of
from fqi_theory.fates.together.policies import optimal_values, policy_values
from fqi_theory.fates.together.proposals import runs_of
from fqi_theory.fates.together.regions import Regions, regions_of
from fqi_theory.fates.together.tables import Tables, tables_of
from fqi_theory.fates.together.weights import contractions_of


def settled_together(problems: Sequence[Problem], steps: int) -> list[Fate | None]:
    """Return the fates of runs from Q = 0, None where the search has to say; steps: the most exact ones.

    problems: of models of one shape and discount under one source (`tables.takes`), class and tie rule.
    """
    first = problems[0]
    tables = tables_of([problem.model for problem in problems], first.source, first.ties)
    answers: list[Fate | None] = [None] * len(problems)
    if tables is None:
        return answers
    runs, contractions = runs_of(tables), contractions_of(tables)
    for period in np.unique(runs.periods[runs.periods > 0]):
        orbits = orbits_of(tables, runs, int(period))
        if period == 1:
            given = np.array([contractions[k] is not None for k in orbits.where], dtype=bool)
            under = orbits.take(np.flatnonzero(given))
            proofs = [_contraction(contractions[k]) for k in under.where]
            _answer(answers, problems, under, proofs)
            orbits = orbits.take(np.flatnonzero(~given))
        for regions in regions_of(orbits):
            times = entered(regions, runs, steps)
            inside = np.flatnonzero(times >= 0)
            part = regions.take(inside)
            _answer(answers, problems, part.orbits, _regions(part, times[inside]))
    return answers


def _contraction(found: Contraction | None) -> dict[str, Any]:
    assert found is not None
    return found.to_json()


def _regions(regions: Regions, times: Array) -> list[dict[str, Any]]:
    """Return the proofs by regions entered at times (M,)."""
    orbits = regions.orbits
    modes = np.stack([phase.modes for phase in orbits.phases], axis=1).tolist()
    points, entries = _rationals(orbits, 0), orbits.entry.tolist()
    found = []
    for m, time in enumerate(times):
        over = int(regions.denominators[m])
        widths = [str(fmpq(int(u * regions.numerators[m]), over)) for u in regions.shape[m]]
        found.append(
            {
                "kind": "region",
                "prefix": int(time),
                "origin": scalars.nested_text(points[m]),
                "modes": modes[m] * regions.repeats,
                "entry": entries[m],
                "directions": None,
                "reference": int(regions.reference[m]),
                "widths": widths,
                "growth": None,
            }
        )
    return found


def _rationals(orbits: Orbits, phase: int) -> list[Array]:
    """Return V at a phase, (S,) for each model."""
    own = orbits.phases[phase]
    return [_values(n, d) for n, d in zip(own.numerators, own.denominators, strict=True)]


def _values(numerators: Array, denominator: int) -> Array:
    return objects(fmpq(x, denominator) for x in numerators)


def _answer(
    answers: list[Fate | None], problems: Sequence[Problem], orbits: Orbits, proofs: Sequence[dict[str, Any]]
) -> None:
    """Put the fates of models at their orbits, by their proofs, in their places."""
    if orbits.period == 1:
        for m, fate in _limits(problems, orbits, proofs):
            answers[m] = fate
        return
    points = list(zip(*(_rationals(orbits, j) for j in range(orbits.period)), strict=True))
    for m, (own, proof) in enumerate(zip(points, proofs, strict=True)):
        greedy = tuple(orbits.phases[j - 1].modes[m] for j in range(orbits.period))
        problem = problems[orbits.where[m]]
        document = ct.certificate(problem, ct.cycles(own, greedy), proof)
        answers[orbits.where[m]] = Fate("cycles", orbits.period, own, greedy, certificate=document)


def _limits(problems: Sequence[Problem], orbits: Orbits, proofs: Sequence[dict[str, Any]]) -> list[tuple[int, Fate]]:
    """Return places and fates of runs that converge; left out where V* was not found."""
    tables: Tables = orbits.tables
    best, below, proved = optimal_values(tables)
    modes = orbits.phases[0].modes
    own, under = policy_values(tables, modes)
    found = []
    for m, (limit, proof) in enumerate(zip(_rationals(orbits, 0), proofs, strict=True)):
        if not proved[m]:
            continue
        problem, optimal, reached = problems[orbits.where[m]], _values(best[m], below[m]), _values(own[m], under[m])
        claim = ct.converged(limit, modes[m], optimal, reached)
        document = ct.certificate(problem, claim, proof)
        fate = Fate("converges", 1, (limit,), (modes[m],), loss=optimal - reached, certificate=document)
        found.append((int(orbits.where[m]), fate))
    return found
