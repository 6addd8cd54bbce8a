"""Regions of certificates, tested from outside: positions drawn inside are stepped exactly and must come back inside.

Bounded regions must also contract towards the orbit, growing ones grow at the certified rate, shrinking ones shrink.
"""

import random
from types import SimpleNamespace

import numpy as np
import pytest
from fates import accepted, deterministic, vector
from flint import fmpq, fmpq_mat

from fqi_theory.base.matrices import array, column
from fqi_theory.base.scalars import exact, exact_array
from fqi_theory.data.sources import epsilon_greedy, uniform
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions import cones, shrinking
from fqi_theory.model.catalog import load, random_model
from fqi_theory.operators.integers import integer_values
from fqi_theory.runs.trajectory import start_from_values

UNIFORM, TENTH, HALF = uniform(), epsilon_greedy("1/10"), epsilon_greedy("1/2")
SAMPLES = 12


class Region:
    """A region as its certificate states it; coordinates are solved for directly."""

    def __init__(self, model, data, fate):
        self.proof = proof = fate.certificate["proof"]
        assert proof["kind"] == "region"
        size = model.n_states
        self.positions = Positions(model, data)
        self.origin = exact_array([exact(x) for x in proof["origin"]])
        units = [[int(s == t) for s in range(size)] for t in range(size) if t != proof["reference"]]
        given = proof["directions"]
        rows = units if given is None else [[exact(x) for x in row] for row in given]
        self.columns = fmpq_mat(size, len(rows), [fmpq(rows[k][s]) for s in range(size) for k in range(len(rows))])
        self.widths = [exact(b) for b in proof["widths"]]
        self.entry, self.modes = np.array(proof["entry"]), [np.array(mode) for mode in proof["modes"]]
        self.growth = proof["growth"] or {}
        self.fixed = self.growth.get("fixed", [True] * len(rows))

    def draw(self, rng):
        """Return coordinates inside: corners and inner points; s itself is unbounded in a growing region."""
        lead = None
        if "minimum" in self.growth:
            lead = exact(self.growth["minimum"]) * rng.choice([1, 2, fmpq(7, 5), 1000])
        if "maximum" in self.growth:
            lead = exact(self.growth["maximum"]) * rng.choice([1, fmpq(1, 2), fmpq(1, 1000)])
        z = []
        for k, (b, fixed) in enumerate(zip(self.widths, self.fixed, strict=True)):
            share = rng.choice([fmpq(1), fmpq(-1), fmpq(0), fmpq(rng.randint(-9, 9), 10)])
            z.append(lead if k == 0 and lead is not None else share * b * (1 if fixed or lead is None else lead))
        return z

    def values(self, z, level):
        shift = array(self.columns * column(z))[:, 0] if z else 0
        return self.origin + shift + level

    def coordinates(self, values):
        """Return z and the level, by solving the least-squares system exactly."""
        basis = fmpq_mat([[*row, fmpq(1)] for row in self.columns.tolist()])
        deviation = column(list(values - self.origin))
        solution = (basis.transpose() * basis).solve(basis.transpose() * deviation)
        assert basis * solution == deviation
        return solution.entries()[:-1]

    def inside(self, z):
        lead = z[0] if self.growth else None
        if "minimum" in self.growth and lead < exact(self.growth["minimum"]):
            return False
        if "maximum" in self.growth and not 0 < lead <= exact(self.growth["maximum"]):
            return False
        rest = list(zip(z, self.widths, self.fixed, strict=True))[1 if self.growth else 0 :]
        return all(abs(x) <= b * (1 if fixed or lead is None else lead) for x, b, fixed in rest)

    def around(self, z, level):
        """Step once around from a position inside; return the coordinates afterwards."""
        values, greedy = integer_values(self.values(z, level)), self.entry
        for mode in self.modes:
            fit = self.positions.step(values, greedy)
            values, greedy = fit.values, fit.greedy
            if self.positions.on_policy:
                assert (greedy == mode).all(), "another action becomes greedy inside the region"
        return self.coordinates(values.to_array())

    def check(self, seed):
        rng = random.Random(seed)
        for _ in range(SAMPLES):
            z = self.draw(rng)
            assert self.inside(z)
            after = self.around(z, fmpq(rng.randint(-20, 20), 3))
            assert self.inside(after)
            self.check_progress(z, after)

    def check_progress(self, before, after):
        if "factor" in self.growth:
            assert after[0] >= exact(self.growth["factor"]) * before[0]
        elif "increment" in self.growth:
            assert after[0] >= before[0] + exact(self.growth["increment"])
        elif "maximum" in self.growth:
            assert 0 < after[0] < before[0]
        else:
            norms = [
                max((abs(x) / b for x, b in zip(z, self.widths, strict=True) if b), default=0) for z in (before, after)
            ]
            assert norms[1] < norms[0] or norms == [0, 0]


def flat():
    """V(s1) is multiplied by more than γ above 0 and by less below (uniform data); all actions tie at the limit 0."""
    return deterministic(np.zeros((2, 2, 2), int).tolist(), [[[0, 0], [0, 0]], [[1, 1], [1, 0]]], "9/10")


def drifting():
    """The two-state example with a third state that follows s1 from afar."""
    reward = [[[0, 0], [0, 0]], [[1, 0], [0, 0]], [[2, 0], [0, -1]]]
    return deterministic(reward, [[[0, 0], [0, 0]], [[1, 1], [1, 0]], [[1, 1], [1, 1]]], "9/10")


NAMED = [
    ("bounded, on-policy", load("two-state"), HALF),
    ("bounded, small epsilon", load("two-state"), TENTH),
    ("bounded cycle of 2", load("cycle-2"), UNIFORM),
    ("bounded cycle of 3", load("cycle-3"), UNIFORM),
    ("bounded cycle of 5", load("cycle-5"), UNIFORM),
    ("bounded cycle of 17", load("cycle-3"), HALF),
    ("several states", load("qtran-two-step"), TENTH),
    ("linear growth", load("two-state", discount="4/5"), UNIFORM),
    ("linear growth on-policy", load("two-state"), epsilon_greedy("2/3")),
    ("geometric growth", load("two-state"), UNIFORM),
    ("geometric growth on-policy", load("two-state"), epsilon_greedy(1)),
    ("growth of several states", drifting(), UNIFORM),
    ("linear growth of several states", drifting().with_discount("4/5"), UNIFORM),
]


@pytest.mark.parametrize(("model", "data"), [case[1:] for case in NAMED], ids=[case[0] for case in NAMED])
def test_named_regions(model, data):
    fate = accepted(decide(model, data=data))
    Region(model, data, fate).check(1)


@pytest.mark.parametrize("data", [UNIFORM, HALF], ids=["uniform", "on-policy"])
@pytest.mark.parametrize("level", [-1, -7])
def test_one_sided_regions(data, level):
    model = flat()
    start = start_from_values(model, [0, level], np.zeros((2, 2), int))
    fate = accepted(decide(model, data=data, initial=start))
    assert fate.values[0].tolist() == [0, 0]
    Region(model, data, fate).check(2)


@pytest.mark.parametrize("seed", range(40))
def test_random_regions(seed):
    data = [UNIFORM, TENTH, HALF][seed % 3]
    kind = "stochastic" if seed % 4 == 3 else "deterministic"
    model = random_model(1000 + seed, 2 + seed % 3, [(2, 2), (2, 3), (2, 2, 2)][seed % 5 % 3], kind, "99/100")
    fate = decide(model, data=data, effort=Effort(512, 50_000))
    if fate.kind != "unknown" and accepted(fate).proof == "region":
        Region(model, data, fate).check(seed)


def test_the_run_is_inside_from_the_prefix_on():
    for _, model, data in NAMED[:9]:
        fate = decide(model, data=data)
        region = Region(model, data, fate)
        values, greedy = (
            integer_values(exact_array([0] * model.n_states)),
            np.zeros((model.n_states, model.n_agents), int),
        )
        for _ in range(fate.certificate["proof"]["prefix"]):
            fit = region.positions.step(values, greedy)
            values, greedy = fit.values, fit.greedy
        assert region.inside(region.coordinates(values.to_array()))


@pytest.mark.parametrize(("name", "data"), [("cycle-2", TENTH), ("cycle-3", HALF)])
def test_a_region_out_of_shape_is_noticed(name, data):
    """The test itself: a thousand times wider, another action becomes greedy inside the region."""
    region = Region(load(name), data, decide(load(name), data=data))
    region.widths = [1000 * b for b in region.widths]
    with pytest.raises(AssertionError):
        region.check(1)


@pytest.mark.parametrize(("start", "found"), [("1/20", True), ("9/20", True), ("51/100", False)])
def test_a_one_sided_region_reaches_as_far_as_the_run(start, found):
    """1 - 2s >= 0 allows s <= 1/2: between 1/16 and 1 no power of 16 holds the run and is allowed."""
    level, falling, half, none = vector("1"), vector("-2"), vector("1/2"), np.array([[exact(0)]], dtype=object)
    path = cones.Passage(((cones.Form(level, falling, none), np.array([False])),), cones.Form(level * 0, half, none))
    frame = SimpleNamespace(fixed=np.array([False]))
    largest = shrinking._confirmed(frame, path, np.array([exact(0)], dtype=object), exact(start))
    assert (largest is not None) is found
    assert largest is None or exact(start) <= largest <= exact("1/2")
