"""Complete pictures for small models: all isolated fixed points and short cycles, stability, loss and basins.

Every fixed point or cycle follows a sequence of modes (joint policies), so enumerating the sequences, solving each
one's affine map and stepping exactly finds all whose map V' = c + A V has one fixed point. Continua (I - A singular)
are left out. Basin shares are sampled, and labelled so.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from os import PathLike
from typing import Any

import numpy as np
from flint import fmpq_mat

from fqi_theory.base import scalars
from fqi_theory.base.drawing import face
from fqi_theory.base.errors import DataError
from fqi_theory.base.matrices import affine_fixed_point, array
from fqi_theory.base.scalars import Array
from fqi_theory.base.texts import brief
from fqi_theory.data.sources import DataSource, EpsilonGreedy
from fqi_theory.factorization import linear
from fqi_theory.fates.decide import decide, problem_of
from fqi_theory.fates.effort import Effort
from fqi_theory.fates.incomplete import reasons, undetermined
from fqi_theory.fates.orbits import Orbit, compose, confirm_orbit
from fqi_theory.fates.policies import count_policies, joint_policies, person_by_person_optimal_policies
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.stability import is_schur_stable, modulo_constants
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.planning.optimal import policy_values, solve
from fqi_theory.runs.trajectory import start_from_values

MOST_SEQUENCES = 20_000
SMALL_EPSILON = "1/1000"


@dataclass(frozen=True, eq=False, repr=False)
class Attractor:
    """A fixed point (period 1) or cycle.

    points: k values (S,); greedy: the joint actions (S, n) at them. attracting: True or False by the exact Schur-Cohn
    test, None where an action ties at the orbit with a different effect, so that the linear test does not decide.
    loss: (S,), V* minus the value of the greedy policy, for fixed points. share: the part of sampled starts that
    ended here.
    """

    points: tuple[Array, ...]
    greedy: tuple[Array, ...]
    attracting: bool | None
    loss: Array | None
    share: float | None = None

    @property
    def period(self) -> int:
        """Return the number of points."""
        return len(self.points)

    def __repr__(self) -> str:
        words = {True: "attracting", False: "not attracting", None: "tied"}
        return f"Attractor(period {self.period}, {words[self.attracting]}, points {brief(self.points)})"

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object; exact numbers are strings."""
        return {
            "period": self.period,
            "points": [scalars.nested_text(point) for point in self.points],
            "greedy": [actions.tolist() for actions in self.greedy],
            "attracting": self.attracting,
            "loss": None if self.loss is None else scalars.nested_text(self.loss),
            "sampled_share": self.share,
        }


@dataclass(frozen=True, eq=False, repr=False)
class Portrait:
    """All isolated fixed points and cycles of a model, up to `complete_to` points, and what sampled starts became.

    other_shares: fates of sampled starts that ended at none of the listed attractors ("diverges", "longer cycle",
    "bounded", "aperiodic", "unknown"). person_by_person: strictly person-by-person optimal policies, and whether each
    is an attracting fixed point at ε = 1/1000 (on-policy data only).
    """

    model: MMDP
    attractors: tuple[Attractor, ...]
    complete_to: int
    samples: int
    seed: int
    other_shares: dict[str, float]
    person_by_person: tuple[tuple[Array, bool], ...]

    def __repr__(self) -> str:
        found = f"{len(self.attractors)} fixed points and cycles of at most {self.complete_to} points"
        attracting = sum(one.attracting is True for one in self.attractors)
        return f"Portrait({self.model.name!r}, {found}, {attracting} attracting, {self.samples} sampled starts)"

    def _repr_html_(self) -> str:
        return face("portrait", self)

    def to_json(self) -> dict[str, Any]:
        """Return the `portrait/1` document."""
        return {
            "format": "portrait/1",
            "complete_to_period": self.complete_to,
            "attractors": [a.to_json() for a in self.attractors],
            "samples": self.samples,
            "seed": self.seed,
            "other_shares": self.other_shares,
            "person_by_person_optimal": [
                {"policy": policy.tolist(), "attracting_at_small_epsilon": attracting}
                for policy, attracting in self.person_by_person
            ],
        }


def attractors(
    model: MMDP | str | PathLike[str], data: DataSource, *, longest: int = 3, samples: int = 100, seed: int = 0
) -> Portrait:
    """Return the portrait of linear FQI on a small exact model.

    Raises TooLarge beyond 20,000 joint policies and DataError where the data leave Q_tot undetermined.

    model: exact (or its name or path). longest: the longest cycle enumerated, as far as the number of mode sequences
    stays below 20,000.
    """
    model = as_model(model)
    require_determined(model, data)
    positions = Positions(model, data)
    found: dict[tuple[Any, ...], Attractor] = {}
    complete = 0
    for period in range(1, longest + 1):
        if period > 1 and count_policies(model) ** period > MOST_SEQUENCES:
            break
        complete = period
        for orbit in _orbits(positions, period):
            one = _describe(model, orbit)
            found.setdefault(_key(one.points, (*one.greedy[1:], one.greedy[0]), data.on_policy), one)
    shares, others = _sample(model, data, found, samples, seed)
    listed = tuple(
        Attractor(a.points, a.greedy, a.attracting, a.loss, shares.get(key, 0.0) if samples else None)
        for key, a in found.items()
    )
    return Portrait(model, listed, complete, samples, seed, others, _small_epsilon(model) if data.on_policy else ())


def require_determined(model: MMDP, data: DataSource) -> None:
    """Raise DataError where the data leave Q_tot undetermined somewhere."""
    problem = problem_of(model, data, linear, None, "first")
    missing = undetermined(problem)
    if missing:
        raise DataError("; ".join(reasons(problem, missing)))


def _orbits(positions: Positions, period: int) -> Iterator[Orbit]:
    """Yield every orbit of the given least period, by its sequence of modes up to rotation."""
    policies = list(joint_policies(positions.model))
    maps: dict[tuple[int, int], tuple[fmpq_mat, fmpq_mat]] = {}
    for sequence in product(range(len(policies)), repeat=period):
        if any(sequence[k:] + sequence[:k] < sequence for k in range(1, period)):
            continue
        modes = [policies[k] for k in sequence]
        drift, jacobian = compose([_affine(positions, maps, modes, sequence, j) for j in range(period)])
        point = affine_fixed_point(drift, jacobian)
        if point is not None:
            orbit = confirm_orbit(positions, array(point)[:, 0], modes[-1], period)
            if orbit is not None and orbit.period == period:
                yield orbit


def _affine(
    positions: Positions,
    maps: dict[tuple[int, int], tuple[fmpq_mat, fmpq_mat]],
    modes: list[Array],
    sequence: tuple[int, ...],
    j: int,
) -> tuple[fmpq_mat, fmpq_mat]:
    """Return the map of phase j, remembered by the policies that decide it (the data's and the new one)."""
    key = sequence[j - 1] if positions.on_policy else 0, sequence[j]
    if key not in maps:
        maps[key] = positions.affine(modes[j - 1], modes[j])
    return maps[key]


def _key(points: tuple[Array, ...], modes: tuple[Array, ...], on_policy: bool) -> tuple[Any, ...]:
    """Identify an orbit regardless of which point comes first; modes[j-1] are the greedy actions at points[j]."""
    size = len(points)
    marks = [(tuple(map(str, points[j])), modes[j - 1].tobytes() if on_policy else b"") for j in range(size)]
    return min(tuple(marks[k:] + marks[:k]) for k in range(size))


def _describe(model: MMDP, orbit: Orbit) -> Attractor:
    _, jacobian = compose(orbit.maps)
    stable: bool | None = is_schur_stable(modulo_constants(jacobian))
    if orbit.has_tie:
        stable = None
    loss = None
    if orbit.period == 1:
        loss = solve(model).values - policy_values(model, orbit.modes[0])
    greedy = tuple(map(model.played, (orbit.modes[-1], *orbit.modes[:-1])))
    return Attractor(orbit.points, greedy, stable, loss)


def _sample(
    model: MMDP, data: DataSource, found: dict[tuple[Any, ...], Attractor], samples: int, seed: int
) -> tuple[dict[tuple[Any, ...], float], dict[str, float]]:
    """Run `samples` random starts to their certified fates and count where they end."""
    rng = np.random.default_rng(seed)
    spread = 1 + max((int(abs(x)) for a in found.values() for point in a.points for x in point), default=10)
    inside: Counter[tuple[Any, ...]] = Counter()
    outside: Counter[str] = Counter()
    for _ in range(samples):
        values = [int(x) for x in rng.integers(-2 * spread, 2 * spread + 1, size=model.n_states)]
        greedy = np.stack([rng.integers(0, count, size=model.n_states) for count in model.action_counts], axis=1)
        fate = decide(model, data=data, initial=start_from_values(model, values, greedy), effort=Effort(512, 50_000))
        key = _key(fate.values, (*fate.greedy[1:], fate.greedy[0]), data.on_policy) if fate.values else ()
        if key in found:
            inside[key] += 1
        else:
            outside["longer cycle" if fate.kind == "cycles" else fate.kind] += 1
    share = {key: count / samples for key, count in inside.items()}
    return share, {name: count / samples for name, count in outside.items()}


def _small_epsilon(model: MMDP) -> tuple[tuple[Array, bool], ...]:
    """Compare person-by-person optimality with being an attracting fixed point at ε = 1/1000."""
    positions = Positions(model, EpsilonGreedy(scalars.exact(SMALL_EPSILON)))
    found = person_by_person_optimal_policies(model)
    return tuple((model.played(policy), is_attracting(positions, policy)) for policy in found)


def is_attracting(positions: Positions, policy: Array) -> bool:
    """Tell, exactly, whether the fixed point with greedy policy `policy` exists and is linearly attracting."""
    piece = positions.piece(policy, policy)
    point = affine_fixed_point(piece.drift, piece.jacobian)
    if point is None:
        return False
    orbit = confirm_orbit(positions, array(point)[:, 0], policy, 1)
    if orbit is None or (orbit.entry != policy).any():
        return False
    return not orbit.has_tie and is_schur_stable(modulo_constants(piece.jacobian))
