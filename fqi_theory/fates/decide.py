"""Decide the fate of a run of FMA-FQI (THEORY section 9 ✦): exact positions, proposals, exact confirmation.

1. IGM: value iteration, so V* with its Bellman equation is the certificate.
2. Fixed data: a weighted contraction, where there is one, settles every start.
3. Otherwise the run is followed exactly. Every time its length doubles, the modes of the last steps propose an orbit
   or a direction of
   growth; a region that is confirmed exactly, and that the run has entered, is the certificate.
"""

from bisect import bisect_left
from dataclasses import dataclass

from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.progress import Watch, unwatched
from fqi_theory.base.scalars import Array, exact_array
from fqi_theory.data.normal_equations import additive_rank
from fqi_theory.data.sources import DataSource, JointData, ProductData, as_source
from fqi_theory.factorization import igm, linear
from fqi_theory.factorization.fit import Factorization, Ties, require_class
from fqi_theory.fates import certificate as ct
from fqi_theory.fates.contraction import Contraction, is_small, weighted_contraction
from fqi_theory.fates.fate import Fate
from fqi_theory.fates.orbits import History, Orbit, candidate_periods, confirm_orbit, orbit_of
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions.bounded import Bounded, bounded_regions
from fqi_theory.fates.regions.growing import Growing, growing_regions
from fqi_theory.fates.regions.shrinking import Shrinking, shrinking_regions
from fqi_theory.model.mmdp import MMDP, require_discount_below_one
from fqi_theory.operators.integers import integer_values
from fqi_theory.planning.optimal import solve
from fqi_theory.runs.trajectory import Start, start_at_zero, start_for


@dataclass(frozen=True)
class Effort:
    """How long to search: the most exact steps, and the most bits that a denominator may reach on the way."""

    steps: int = 2048
    bits: int = 200_000


def decide(
    model: MMDP,
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    initial: Start | None = None,
    ties: Ties = "first",
    effort: Effort | None = None,
    watch: Watch = unwatched,
) -> Fate:
    """Return the fate of the run from `initial` (Q_i = 0 by default), certified or "unknown".

    model: exact, γ < 1. factorization: linear or igm. watch: told, from time to time, how many exact steps of how many
    at most have been followed. Raises NumberError for float models, DataError for data that do not fit, for another
    class and for a tie rule other than "first".
    """
    require_discount_below_one(model)
    if model.field != "exact":
        raise NumberError("decide needs an exact model: a float run proves nothing about its fate")
    if ties != "first":
        raise DataError(f"ties: certificates are written for the rule 'first', found {ties!r}")
    source = as_source(data)
    require_class(factorization)
    start = start_for(model, initial) if initial is not None else start_at_zero(model)
    if factorization is igm:
        return _value_iteration(model, source, start)
    if factorization is not linear:
        raise DataError(f"factorization: expected linear or igm, found {factorization.name}")
    reason = undetermined(model, source, start)
    if reason is not None:
        return Fate("unknown", tried=(reason,))
    return _linear(model, source, start, effort or Effort(), watch)


def _value_iteration(model: MMDP, source: DataSource, start: Start) -> Fate:
    igm.require_full_support(model.reward, source.at(model, start.greedy))
    solution = solve(model)
    claim = ct.converges(model, solution.values, solution.policy)
    document = ct.certificate(model, source, "igm", start, claim, {"kind": "optimality"})
    loss = solution.values - solution.values
    return Fate("converges", 1, (solution.values,), (solution.policy,), loss=loss, certificate=document)


def undetermined(model: MMDP, source: DataSource, start: Start) -> str | None:
    """Return why the data of a source (around the start) leave Q_tot undetermined somewhere, None where they do not."""
    data = source.at(model, start.greedy)
    if isinstance(data, ProductData) and not data.full_support():
        return "the data have no full support: Q_tot is unique only on the support, so the run is not determined"
    if isinstance(data, JointData):
        full = sum(model.action_counts) - (model.n_agents - 1)
        ranks = additive_rank(data.weights)
        for s in range(model.n_states):
            if ranks[s] < full:
                return f"{model.place(s)}: the data determine {ranks[s]} of {full} dimensions of Q_tot"
    return None


def _linear(model: MMDP, source: DataSource, start: Start, effort: Effort, watch: Watch) -> Fate:
    positions = Positions(model, source)
    settled = is_small(model) and not source.on_policy
    contraction = weighted_contraction(positions.operator(start.greedy)) if settled else None
    history = History([integer_values(start.values)], [start.greedy])
    search = _Search(positions, history, start, contraction, {})
    steps = 8
    while True:
        history.extend(positions, steps)
        reached = len(history.values) - 1
        watch(reached, effort.steps)
        for period in candidate_periods(history):
            fate = _attempt(search, period)
            if fate is not None:
                return fate
        if reached + steps > effort.steps or history.bits() * (reached + steps) / reached > effort.bits:
            return Fate("unknown", tried=(_what_was_tried(history),))
        steps = reached


def _what_was_tried(history: History) -> str:
    return (
        f"followed {len(history.values) - 1} exact steps (denominators of {history.bits()} bits): "
        "no orbit or direction of growth was confirmed with a region that the run has entered"
    )


def _attempt(search: "_Search", period: int) -> Fate | None:
    """Try a period: an orbit with a region around it, else a growing region."""
    positions, history = search.positions, search.history
    orbit = orbit_of(positions, history, period)
    if orbit is not None:
        if search.contraction is not None and orbit.period == 1:
            return _limit(search, orbit, search.contraction.to_json())
        for region in search.regions_around(orbit):
            time = _entered(history, region, positions.on_policy)
            if time is not None:
                proof = region.to_json(time)
                return _limit(search, region.orbit, proof) if orbit.period == 1 else _cycle(search, region.orbit, proof)
    if search.contraction is not None or (orbit is not None and search.regions_around(orbit)):
        return None
    for growing in growing_regions(positions, history, period):
        time = _entered(history, growing, positions.on_policy)
        if time is not None:
            claim = ct.diverges(growing.growth())
            return Fate("diverges", growth=growing.growth(), certificate=search.document(claim, growing.to_json(time)))
    if orbit is not None and not orbit.has_tie:
        return None
    for shrinking in shrinking_regions(positions, history, period):
        time = _entered(history, shrinking, positions.on_policy)
        if time is not None:
            return _approached(search, shrinking, time)
    return None


@dataclass(frozen=True, eq=False)
class _Search:
    """What one search knows; `regions` remembers the regions around orbits already seen, from whichever point."""

    positions: Positions
    history: History
    start: Start
    contraction: Contraction | None
    regions: dict[frozenset[tuple[object, ...]], tuple[Bounded, ...]]

    def regions_around(self, orbit: Orbit) -> tuple[Bounded, ...]:
        key = frozenset((tuple(point), mode.tobytes()) for point, mode in zip(orbit.points, orbit.modes, strict=True))
        if key not in self.regions:
            deviation = self.history.values[-1].to_array() - orbit.points[0]
            self.regions[key] = tuple(bounded_regions(orbit, deviation, self.positions.on_policy))
        return self.regions[key]

    def document(self, claim: dict[str, object], proof: dict[str, object]) -> dict[str, object]:
        return ct.certificate(self.positions.model, self.positions.source, "linear", self.start, claim, proof)


def _entered(history: History, region: Bounded | Growing | Shrinking, on_policy: bool) -> int | None:
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
    proof = region.to_json(time)
    return _limit(search, orbit, proof) if orbit.period == 1 else _cycle(search, orbit, proof)


def _limit(search: _Search, orbit: Orbit, proof: dict[str, object]) -> Fate:
    limit, greedy = orbit.points[0], orbit.modes[0]
    claim = ct.converges(search.positions.model, limit, greedy)
    loss = exact_array(claim["optimal_values"]) - exact_array(claim["policy_values"])
    return Fate("converges", 1, (limit,), (greedy,), loss=loss, certificate=search.document(claim, proof))


def _cycle(search: _Search, orbit: Orbit, proof: dict[str, object]) -> Fate:
    greedy: tuple[Array, ...] = (orbit.modes[-1], *orbit.modes[:-1])
    claim = ct.cycles(orbit.points, greedy)
    return Fate("cycles", orbit.period, orbit.points, greedy, certificate=search.document(claim, proof))
