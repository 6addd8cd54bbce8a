"""Runs of long numbers: rounded numbers give the fates of exact ones, and certificates that hold."""

import random
from dataclasses import replace

import numpy as np
import pytest
from fates import accepted
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.scalars import exact_array
from fqi_theory.fates import Effort
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.long_runs import MOST_STRAYS, PRECISIONS, FloatRun, entered
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions.rounded import Rounded
from fqi_theory.model.formats.mmdp_json import mmdp_to_json
from fqi_theory.operators.integers import integer_values
from fqi_theory.testing import strategies
from proofs_check.checker import rounding
from proofs_check.checker.budget import Work
from proofs_check.checker.factorization import read_factorization
from proofs_check.checker.model import read_data, read_model
from proofs_check.checker.run import Position, Run

ROUNDED, EXACT = Effort(long=0), Effort(long=1 << 62)


@pytest.mark.parametrize("model", ["cycle-2", "cycle-3", "cycle-5", "two-state"])
def test_the_fate_is_that_of_the_exact_run(model):
    plain, rounded = (ft.decide(model, effort=effort) for effort in (EXACT, ROUNDED))
    assert plain.kind == rounded.kind
    assert len(plain.values) == len(rounded.values)
    if plain.values:
        assert {tuple(v) for v in plain.values} == {tuple(v) for v in rounded.values}
        assert ("precision" in rounded.certificate["proof"]) == (rounded.proof == "region")
    accepted(rounded)


@given(strategies.mmdps())
def test_random_models_have_the_same_fate(model):
    plain, rounded = (ft.decide(model, effort=Effort(256, 1 << 16, long=e.long)) for e in (EXACT, ROUNDED))
    if rounded.certificate is not None and "precision" in rounded.certificate["proof"]:
        accepted(rounded)
        assert plain.kind in (rounded.kind, "bounded", "unknown")
        if plain.kind == rounded.kind:
            assert {tuple(v) for v in plain.values} == {tuple(v) for v in rounded.values}


@pytest.mark.parametrize("rule", [ft.linear, ft.additive(2), ft.joint], ids=lambda rule: rule.name)
def test_a_rounded_run_holds_the_exact_one(rule):
    draw = random.Random(7)
    model = ft.load("pairwise")
    problem = problem_of(model, None, rule, None, "first")
    positions = Positions(problem.searched, problem.searched_source, "first", problem.credit)
    operator = positions.integers(problem.inward(problem.start.greedy))
    start = exact_array([fmpq(draw.randint(-99, 99), 97) for _ in range(model.n_states)])
    exact, rounded = integer_values(start), Rounded(operator, 20)
    for (values, errors), _ in zip(rounded.run(exact), range(12), strict=False):
        missed = [abs(fmpq(v, rounded.unit) - x) for v, x in zip(values, exact.to_array(), strict=True)]
        assert all(m <= fmpq(e, rounded.unit) for m, e in zip(missed, errors, strict=True))
        exact = operator.step(exact).values


def checked_run(model, source):
    """Return the checker's run of a model in the linear class."""
    work = Work()
    own = read_model(mmdp_to_json(model), work)
    return Run(own, read_data(source.describe(), own, work), read_factorization("linear", own, work), "first", work)


@given(st.data(), st.sampled_from([1, 20]))
def test_bounds_of_a_rounded_run_are_the_checkers_or_larger(drawn, precision):
    """The checker adds up other parts of Q_tot(0) to each agent's factor, and its bounds grow with their sizes."""
    model = drawn.draw(strategies.mmdps())
    products, joint = strategies.marginals(model).map(ft.product), strategies.joint_data(model, True).map(ft.correlated)
    source = drawn.draw(st.one_of(products, joint))
    greedy = np.zeros((model.n_states, model.n_agents), dtype=int)
    rounded = Rounded(Positions(model, source).integers(greedy), precision)
    start = exact_array([fmpq(k - 1, 7) for k in range(model.n_states)])
    run = checked_run(model, source)
    begin = Position(run.work.common([ft.to_fraction(x) for x in start]), tuple(map(tuple, greedy.tolist())))
    for steps, (values, errors) in zip(range(6), rounded.run(integer_values(start)), strict=False):
        theirs, bounds = rounding.after(run, begin, steps, precision)
        assert list(theirs[1:]) == values
        assert all(one <= other for one, other in zip(bounds[1:], errors, strict=True))


@pytest.mark.parametrize("steps", [0, 1, 60, 90, 150, 1000])
def test_precisions_are_those_at_which_errors_stay_below_one(steps):
    weights = np.random.default_rng(1).integers(1, 9, size=(3, 5, 5))
    data = ft.correlated([[[fmpq(int(x), int(own.sum())) for x in row] for row in own] for own in weights])
    model = ft.random_model(5, 3, (5, 5), "stochastic", "99/100")
    positions, greedy = Positions(model, data), np.zeros((3, 2), dtype=int)
    history = History([integer_values(exact_array([0, 0, 0]))], [greedy])
    rounded = Rounded(positions.integers(greedy), 64)
    errors = next(errors for t, (_, errors) in enumerate(rounded.run(history.values[0])) if t == steps)
    digits = int(max(errors)).bit_length()
    found = FloatRun.of(positions, history).precisions(steps)
    assert found == list(PRECISIONS[len(PRECISIONS) - len(found) :])
    assert all(p >= digits - 2 for p in found)
    assert all(p <= digits for p in PRECISIONS[: len(PRECISIONS) - len(found)])


@pytest.mark.parametrize(("seed", "kind"), [(151, "cycles"), (207, "converges")])
def test_runs_whose_errors_grow_before_they_settle(seed, kind):
    """By the sizes of its own factors alone decide took the run to be inside sooner than the checker does."""
    weights = np.random.default_rng(seed).integers(0, 4, size=(4, 8))
    rows = [[fmpq(int(x), int(row.sum())) for x in row] for row in weights]
    data = ft.correlated(np.array(rows, dtype=object).reshape(4, 2, 2, 2))
    model = ft.random_model(seed, 4, (2, 2, 2), "deterministic", "99/100")
    fate = accepted(ft.decide(model, data=data, effort=Effort(256, 1 << 16, long=0)))
    assert (fate.kind, "precision" in fate.certificate["proof"]) == (kind, True)


def test_seven_hundred_transitions_of_a_random_world_are_decided_in_rounded_numbers():
    """Counted data have denominators of their own in every state: 16 states, 4 joint actions."""
    draw = np.random.default_rng(3)
    following = draw.integers(16, size=(16, 2, 2, 2))
    reward = draw.integers(-3, 4, size=(16, 2, 2))
    rows, s = [], 0
    for _ in range(700):
        a = tuple(draw.integers(2, size=2).tolist())
        t = int(following[s][a][draw.integers(2)])
        rows.append((s, a, int(reward[s][a]), t))
        s = t
    found = ft.from_transitions(rows, discount="9/10")
    fate = accepted(ft.decide(found.model, data=found.data, effort=Effort(long=0)))
    assert fate.certificate["proof"]["precision"] == 128
    assert fate.kind == ft.decide(found.model, data=found.data, effort=Effort(steps=64, long=1 << 62)).kind


@pytest.mark.parametrize("model", ["cycle-2", "cycle-3", "cycle-5"])
def test_a_region_in_which_another_action_overtakes_is_not_confirmed(model):
    """Widths are nearly as large as alternatives allow; a little more would still shrink, but lets one overtake."""
    problem = problem_of(ft.load(model), None, ft.linear, None, "first")
    positions = Positions(problem.model, problem.source)
    history = History([integer_values(problem.start.values)], [problem.start.greedy])
    found = entered(positions, history, FloatRun.of(positions, history))
    rounded = Rounded(positions.integers(problem.start.greedy), 256)
    assert rounded.holds(found.region)
    wider = replace(found.region, widths=tuple(b * 1001 / 1000 for b in found.region.widths))
    assert not rounded.holds(wider)
    assert rounded.is_inside(history.values[0], found.region, found.time)
    assert rounded.is_inside(history.values[0], found.region, 0) is False
    assert Rounded(rounded.operator, 1).is_inside(history.values[0], found.region, found.time) is None


def test_floats_that_stray_are_given_up_soon(monkeypatch):
    """In a game of equal agents floats decide ties by rounding: where they see the run it is not."""
    asked = []

    def outside(*given):
        asked.append(given)
        return False

    monkeypatch.setattr(Rounded, "is_inside", outside)
    fate = ft.decide("cycle-3", effort=ROUNDED)
    assert len(asked) == MOST_STRAYS
    assert accepted(fate).kind == "cycles"
