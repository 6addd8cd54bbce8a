"""The search for the fate of a run of the monotonic class: it is followed exactly until it repeats or nears an orbit.

A run that repeats (modulo constants, for plain data) is on its orbit. Whenever its length has doubled, the modes of the
last steps propose an orbit; a radius around it that the run has entered is the certificate.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from flint import fmpq

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.matrices import array
from fqi_theory.base.progress import Deadline, OutOfTime, Watch, look
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.weighted import Weighted
from fqi_theory.factorization.igm import require_full_support
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.effort import Effort
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.monotone.orbits import period_of, proposed, repeated
from fqi_theory.fates.monotone.radius import comparable, radius
from fqi_theory.fates.monotone.rays import ray
from fqi_theory.fates.monotone.runs import MonotoneRun, Step
from fqi_theory.fates.monotone.staying import staying
from fqi_theory.fates.monotone.weighing import weighted_radius
from fqi_theory.fates.orbits import History
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.seen import seen
from fqi_theory.operators.integers import integer_values

Proof = dict[str, Any]


def require_start(problem: Problem) -> None:
    """Raise DataError without full support, and where weights depend on Q_tot and the start does not give it."""
    model, source, start = problem.model, problem.source, problem.start
    base = source.base if isinstance(source, Weighted) else source
    require_full_support(model.reward, base.at(model, start.greedy))
    if isinstance(source, Weighted) and source.scheme == "optimistic" and start.q_tot() is None:
        raise DataError("optimistic weights: the start must give Q_tot (a table or factors), found values only")


def decide_monotonic(problem: Problem, effort: Effort, watch: Watch) -> Fate:
    """Return the fate of a run under fixed, ε-greedy or weighted data of full support: converges, cycles, or unknown.

    Raises DataError without full support, and where weights depend on Q_tot and the start does not give it.
    """
    require_start(problem)
    task = MonotoneRun(problem.model, problem.source, problem.ties)
    search, deadline = _Search(task, problem), Deadline(effort.seconds)
    run, following = [search.first], task.steps(search.first)
    following = chain([next(following)], following)
    try:
        with deadline.kept():
            fate = _searched(search, run, following, effort, watch)
    except OutOfTime:
        fate = None
    return fate or Fate("unknown", tried=_what_was_tried(problem, run, deadline))


def _searched(
    search: "_Search", run: list[Step], following: Iterator[Step], effort: Effort, watch: Watch
) -> Fate | None:
    """Return the fate, None once the run, which grows, is too long for the effort; raises OutOfTime."""
    task, visited, length = search.task, {search.task.key(search.first): 0}, 8
    while True:
        for step in islice(following, length + 1 - len(run)):
            run.append(step)
            earlier = visited.setdefault(task.key(step), len(run) - 1)
            if earlier < len(run) - 1:
                orbit = repeated(task, run, earlier)
                if orbit is not None:
                    return search.found(orbit, {"prefix": earlier, "radius": "0"} | search.level("0"))
            look()
        watch(len(run) - 1, effort.steps)
        period = period_of(task, run)
        fate = None if period is None else search.attempt(run, period)
        if fate is not None:
            return fate
        bits = max(int(v.q).bit_length() for v in run[-1].values)
        if 2 * length > effort.steps or 2 * bits > effort.bits:
            return None
        length *= 2


def _what_was_tried(problem: Problem, run: Sequence[Step], deadline: Deadline) -> tuple[str, str]:
    stopped = f" within the {deadline.seconds:g} seconds given" if deadline.passed() else ""
    tried = f"followed {len(run) - 1} exact steps{stopped}: no orbit with orders that are best around it was confirmed"
    history = History([integer_values(step.values) for step in run], [step.greedy for step in run])
    return tried, seen(problem, history)


@dataclass(frozen=True, eq=False)
class _Search:
    """What one search knows."""

    task: MonotoneRun
    problem: Problem

    @property
    def first(self) -> Step:
        """Return the position at t = 0."""
        start = self.problem.start
        return Step(start.values, start.greedy, start.q_tot())

    def level(self, number: object) -> Proof:
        """Return the key that weighted data need in addition."""
        return {} if self.task.weighted is None else {"level": str(number)}

    def attempt(self, run: Sequence[Step], period: int) -> Fate | None:
        """Return the fate if the orbit of the last modes is one, with a radius that the run has entered."""
        if not comparable(self.task.model):
            return None
        orbit, source = proposed(self.task, run, period), self.task.weighted
        if orbit is None:
            return self._along_ray(run, period)
        if source is not None:
            near = weighted_radius(self.task, source, orbit)
            if near is None:
                return self._along_ray(run, period)
            proof = {"radius": str(near[0])} | self.level(near[1])
            return self._entered(run, period, orbit, proof, lambda step: _close(step, orbit[0], *near))
        within = radius(self.task, orbit)
        if within is not None:
            return self._entered(run, period, orbit, {"radius": str(within)}, lambda k: _spread(k, orbit[0]) <= within)
        return self._along(run, period, orbit) or self._along_ray(run, period)

    def _along_ray(self, run: Sequence[Step], period: int) -> Fate | None:
        found = ray(self.task, run, period)
        if found is None:
            return None
        points, prefix, level = found
        return self.found(points, {"kind": "ray", "prefix": prefix} | self.level(level))

    def _along(self, run: Sequence[Step], period: int, orbit: Sequence[Step]) -> Fate | None:
        late = run[len(run) - 1 - period]
        found = staying(self.task, orbit, late.values - orbit[0].values)
        if found is None:
            return None
        frame, within = found
        directions = [scalars.nested_text(column) for column in array(frame.directions).T]

        def inside(step: Step) -> bool:
            return _spread(step, orbit[0]) <= within and frame.read(step.values - orbit[0].values) is not None

        return self._entered(run, period, orbit, {"radius": str(within), "directions": directions}, inside)

    def _entered(
        self, run: Sequence[Step], period: int, orbit: Sequence[Step], proof: Proof, inside: Callable[[Step], bool]
    ) -> Fate | None:
        """Return the fate from the first time, in steps of the period, at which the run is inside; None without."""
        last = len(run) - 1 - period
        for time in range(last % period, last + 1, period):
            acts = not self.task.moving or bool((run[time].greedy == orbit[0].greedy).all())
            if acts and inside(run[time]):
                return self.found(orbit, {"prefix": time} | proof)
        return None

    def found(self, orbit: Sequence[Step], proof: Proof) -> Fate:
        """Return the fate of a run that the proof brings to an orbit."""
        points, greedy = tuple(step.values for step in orbit), tuple(step.greedy for step in orbit)
        task, problem, model = self.task, self.problem, self.task.model
        tables = [scalars.nested_text(step.table) for step in orbit if task.tabled and step.table is not None]
        proof = {"kind": "monotonic"} | proof
        if len(orbit) == 1:
            claim = ct.converges(model, points[0], greedy[0])
            loss = exact_array(claim["optimal_values"]) - exact_array(claim["policy_values"])
            document = ct.certificate(problem, claim | ({"tables": tables[0]} if tables else {}), proof)
            return Fate("converges", 1, points, greedy, loss=loss, certificate=document)
        document = ct.certificate(problem, ct.cycles(points, greedy) | ({"tables": tables} if tables else {}), proof)
        return Fate("cycles", len(orbit), points, greedy, certificate=document)


def _spread(step: Step, point: Step) -> fmpq:
    away = step.values - point.values
    return fmpq(max(away) - min(away))


def _close(step: Step, point: Step, within: fmpq, level: fmpq) -> bool:
    """Tell whether V (and Q_tot) are between numbers `within` apart, at most `level` away from those of a point."""
    away = [*(step.values - point.values)]
    if step.table is not None and point.table is not None:
        away += [*(step.table - point.table).reshape(-1)]
    return bool(max(away) - min(away) <= within and max(map(abs, away)) <= level)
