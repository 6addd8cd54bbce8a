"""The search for a fate: the run is followed exactly, and whenever its length has doubled regions are proposed.

Every answer carries a certificate about the model itself; inside, choosers and an order of states (`problem`).
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from fqi_theory.base.progress import Deadline, OutOfTime, Watch
from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.contraction import Contraction, is_small, weighted_contraction
from fqi_theory.fates.effort import Effort
from fqi_theory.fates.enclosures import Enclosure, approaches_no_cycle, bounded, interval_around, kept_in
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.long_growth import grown
from fqi_theory.fates.long_runs import FloatRun, entered, size_of
from fqi_theory.fates.orbits import History, Orbit, candidate_periods, confirm_orbit, orbit_of
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.problem import Problem
from fqi_theory.fates.regions.bounded import Bounded, bounded_regions, resting_region
from fqi_theory.fates.regions.choices import ChoiceRegion, choice_regions
from fqi_theory.fates.regions.growing import Growing, growing_regions
from fqi_theory.fates.regions.shrinking import Shrinking, shrinking_regions
from fqi_theory.fates.seen import seen
from fqi_theory.fates.sparse import is_sparse, steps_to_orbit
from fqi_theory.fates.sparse_contraction import fixed_point, sparse_contraction
from fqi_theory.fates.ties import said, tied_choices, tied_orbit
from fqi_theory.operators.integers import integer_values

#: Proposals are made after so many steps first, then after twice as many each time.
FIRST_STEPS = 8
#: A run of two states is asked for an interval, or cells, and a map without cycles from so many steps on.
LEAST_STEPS = 32
#: A run under data that follow it is asked for an orbit at which actions tie from so many steps on.
TIED_STEPS = 128
#: A run of two states that nothing bounds may wander for thousands of steps before it grows: it is followed so many
#: times longer.
PATIENCE = 8


def search(problem: Problem, effort: Effort, watch: Watch) -> Fate:
    """Return the fate of the run of a problem whose data determine Q_tot."""
    positions = Positions(problem.searched, problem.searched_source, problem.ties, problem.credit)
    greedy = problem.inward(problem.start.greedy)
    history = History([integer_values(problem.values_inward(problem.start.values))], [greedy])
    found = _Search(problem, positions, history, Deadline(effort.seconds))
    history.extend(positions, 1)
    try:
        with found.deadline.kept():
            fate = _searched(found, effort, watch)
    except OutOfTime:
        fate = None
    return _bounded(found) if fate is None else fate


def _searched(found: "_Search", effort: Effort, watch: Watch) -> Fate | None:
    """Return the fate, None once the run is too long for the effort; raises OutOfTime."""
    positions, history, reached = found.positions, found.history, FIRST_STEPS
    if is_small(positions.model) and not found.problem.source.on_policy:
        found.contraction = weighted_contraction(positions.operator(history.greedy[0]))
    elif not found.problem.source.on_policy and is_sparse(positions):
        found.contraction = sparse_contraction(positions, history.greedy[0])
        if found.contraction is not None:
            orbit = fixed_point(positions, history.greedy[0])
            if orbit is not None:
                return _limit(found, orbit, found.contraction.to_json())
    while True:
        history.extend(positions, reached)
        watch(reached, effort.steps if reached <= effort.steps else effort.steps * PATIENCE)
        if reached == FIRST_STEPS and size_of(history) >= effort.long:
            fate = _long(found)
            if fate is not None:
                return fate
        if reached >= LEAST_STEPS and found.contraction is None and found.interval is None:
            found.interval = interval_around(found.problem, positions, history)
            if found.interval is not None and approaches_no_cycle(found.interval):
                return kept_in(found.problem, found.interval)
        most = effort.steps * found.patience()
        for period in candidate_periods(history):
            fate = _attempt(found, period, most, unbounded=found.contraction is None and found.interval is None)
            if fate is not None:
                return fate
        fate = _chosen(found) if positions.on_policy and reached >= TIED_STEPS else None
        if fate is not None:
            return fate
        if 2 * reached > most or 2 * history.bits() > effort.bits:
            return None
        reached *= 2


def _chosen(found: "_Search") -> Fate | None:
    """Return the fate of a run near an orbit at which actions tie, whichever of them are greedy."""
    near = tied_orbit(found.positions, found.history)
    if near is None:
        return None
    deviation = found.history.values[-1].to_array() - near.orbit.points[0]
    for allowed in dict.fromkeys((near.allowed, tied_choices(near.orbit))):
        for region in choice_regions(found.positions, near.orbit, allowed, deviation):
            time = _entered(found.history, region, on_policy=True)
            if time is not None:
                return _around(found, region.orbit, region.to_json(time))
    return None


def _long(found: "_Search") -> Fate | None:
    """Return the fate of a run of long numbers that enters a region, both confirmed in rounded numbers.

    On-policy data change with greedy actions, which rounded numbers may not tell; and where F contracts the proof needs
    no run.
    """
    if found.contraction is not None or found.positions.on_policy:
        return None
    run = FloatRun.of(found.positions, found.history)
    near = entered(found.positions, found.history, run)
    if near is not None:
        proof = {**near.region.to_json(near.time), "precision": near.precision}
        return _around(found, near.region.orbit, proof)
    far = grown(found.positions, found.history, run)
    return None if far is None else _grown(found, far.growth(), far.to_json())


def _grown(found: "_Search", growth: dict[str, Any], proof: dict[str, Any]) -> Fate:
    return Fate("diverges", growth=growth, certificate=found.document(ct.diverges(growth), proof))


def _around(found: "_Search", orbit: Orbit, proof: dict[str, object]) -> Fate:
    return _limit(found, orbit, proof) if orbit.period == 1 else _cycle(found, orbit, proof)


def _bounded(found: "_Search") -> Fate:
    """Return what is certain of a run that was given up: bounds that it keeps to, if they are found soon."""
    tried = (_what_was_tried(found.history, found.deadline), seen(found.problem, found.history))
    with found.deadline.grace().kept():
        fate = bounded(found.problem, found.positions, found.history, found.interval, tried)
        if fate.kind == "aperiodic":
            return fate
        return replace(fate, tried=(*tried, *_ties(found), *fate.tried[len(tried) :]))


def _ties(found: "_Search") -> tuple[str, ...]:
    """Say near which orbit actions tie, if that is seen in the time left."""
    try:
        near = tied_orbit(found.positions, found.history)
    except OutOfTime:
        return ()
    return () if near is None else (said(found.problem, near),)


def _what_was_tried(history: History, deadline: Deadline) -> str:
    stopped = f" within the {deadline.seconds:g} seconds given" if deadline.passed() else ""
    return (
        f"followed {len(history.values) - 1} exact steps (denominators of {history.bits()} bits){stopped}: "
        "no orbit or direction of growth was confirmed with a region that the run has entered"
    )


def _attempt(search: "_Search", period: int, most: int, *, unbounded: bool) -> Fate | None:
    """Try a period: an orbit with a region around it, else, where nothing bounds the run, a growing region.

    Where the modes lead onto their orbit exactly, before `most` steps are done, only that is waited for.
    """
    positions, history = search.positions, search.history
    orbit = orbit_of(positions, history, period)
    if orbit is None or search.contraction is None:
        steps = steps_to_orbit(positions, history.greedy[-period - 1 :])
        if steps is not None and steps + len(history.values) <= most and not search.rests_on(orbit):
            return None
    if orbit is not None:
        if search.contraction is not None and orbit.period == 1:
            return _limit(search, orbit, search.contraction.to_json())
        for region in search.regions_around(orbit):
            time = _entered(history, region, positions.on_policy)
            if time is not None:
                return _around(search, region.orbit, region.to_json(time))
    if search.contraction is not None or (orbit is not None and any(search.regions_around(orbit))):
        return None
    for growing in growing_regions(positions, history, period) if unbounded else ():
        time = _entered(history, growing, positions.on_policy)
        if time is not None:
            return _grown(search, growing.growth(), growing.to_json(time))
    if orbit is not None and not orbit.has_tie:
        return None
    for shrinking in shrinking_regions(positions, history, period):
        time = _entered(history, shrinking, positions.on_policy)
        if time is not None:
            return _approached(search, shrinking, time)
    return None


@dataclass(eq=False)
class _Search:
    """What one search knows; `regions` remembers those around each orbit seen, with the ones that may come yet."""

    problem: Problem
    positions: Positions
    history: History
    deadline: Deadline
    contraction: Contraction | None = None
    interval: Enclosure | None = None
    regions: dict[frozenset[tuple[object, ...]], tuple[list[Bounded], Iterator[Bounded]]] = field(default_factory=dict)

    def rests_on(self, orbit: Orbit | None) -> bool:
        """Tell whether the run is on an orbit, but for a constant."""
        return orbit is not None and len(set(self.history.values[-1].to_array() - orbit.points[0])) == 1

    def patience(self) -> int:
        """Return how many times the steps of an effort the run is followed."""
        may_escape = self.positions.model.n_states == 2 and self.contraction is None and self.interval is None
        return PATIENCE if may_escape else 1

    def regions_around(self, orbit: Orbit) -> Iterator[Bounded]:
        """Yield the regions around an orbit, built when asked for; where the run is on it only those known."""
        key = frozenset((tuple(point), mode.tobytes()) for point, mode in zip(orbit.points, orbit.modes, strict=True))
        if self.rests_on(orbit):
            yield from self.regions.get(key, ([], iter(())))[0]
            yield resting_region(orbit)
            return
        if key not in self.regions:
            deviation = self.history.values[-1].to_array() - orbit.points[0]
            self.regions[key] = [], bounded_regions(orbit, deviation, self.positions.on_policy)
        known, coming = self.regions[key]
        yield from known
        for region in coming:
            known.append(region)
            yield region

    def document(self, claim: dict[str, object], proof: dict[str, object]) -> dict[str, object]:
        return ct.certificate(self.problem, claim, self.problem.proof_outward(proof))


def _entered(history: History, region: Bounded | ChoiceRegion | Growing | Shrinking, on_policy: bool) -> int | None:
    """Return the earliest time, in steps of the region's m, from which the run is inside; None while it is not.

    m steps map the region into itself, so along T, T + m, ... being inside never ends: bisection finds the first.
    """

    def inside(time: int) -> bool:
        return region.contains(history.values[time].to_array(), history.greedy[time], on_policy)

    end, m = len(history.values) - 1, region.steps
    latest = next((time for time in range(end, max(end - m, -1), -1) if inside(time)), None)
    if latest is None:
        return None
    times = range(latest % m, latest + 1, m)
    return times[bisect_left(times, True, key=inside)]


def _approached(search: _Search, region: Shrinking, time: int) -> Fate:
    """Return the fate of a run that approaches an orbit from one side.

    Under ε-greedy data its late greedy actions are the modes; for fixed data they are the first maximisers at the
    orbit.
    """
    orbit, positions = region.orbit, search.positions
    if not positions.on_policy:
        confirmed = confirm_orbit(positions, orbit.points[0], orbit.entry, orbit.period)
        assert confirmed is not None, "a continuous step follows the orbit of its pieces"
        orbit = confirmed
    return _around(search, orbit, region.to_json(time))


def _limit(search: _Search, orbit: Orbit, proof: dict[str, object]) -> Fate:
    problem = search.problem
    limit, greedy = problem.values_outward(orbit.points[0]), problem.outward(orbit.modes[0])
    claim = ct.converges(problem.model, limit, greedy)
    loss = exact_array(claim["optimal_values"]) - exact_array(claim["policy_values"])
    return Fate("converges", 1, (limit,), (greedy,), loss=loss, certificate=search.document(claim, proof))


def _cycle(search: _Search, orbit: Orbit, proof: dict[str, object]) -> Fate:
    problem = search.problem
    points = tuple(map(problem.values_outward, orbit.points))
    greedy: tuple[Array, ...] = tuple(map(problem.outward, (orbit.modes[-1], *orbit.modes[:-1])))
    claim = ct.cycles(points, greedy)
    return Fate("cycles", orbit.period, points, greedy, certificate=search.document(claim, proof))
