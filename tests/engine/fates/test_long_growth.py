"""Runs of long numbers that grow: rounded cones give the fates of exact ones, and certificates that hold."""

from dataclasses import replace

import numpy as np
import pytest
from fates import accepted
from flint import fmpq, fmpz
from hypothesis import given

import fqi_theory as ft
from fqi_theory.fates import Effort
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.long_growth import grown
from fqi_theory.fates.long_runs import FloatRun, entered
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.regions.rounded import Rounded
from fqi_theory.fates.regions.rounded_growth import enters, growth
from fqi_theory.operators.integers import integer_values
from fqi_theory.testing import strategies

ROUNDED, EXACT = Effort(steps=256, bits=1 << 16, long=0), Effort(steps=256, bits=1 << 16, long=1 << 62)


def model_of(seed, states=3, actions=(2, 2)):
    return ft.random_model(seed, states, actions, "deterministic", "95/100")


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize(("seed", "states", "phases"), [(7, 3, 1), (324, 3, 2), (62, 3, 4), (229, 4, 2)])
def test_a_run_that_grows_is_decided_in_rounded_numbers(seed, states, phases, ties):
    fate = accepted(ft.decide(model_of(seed, states), effort=ROUNDED, ties=ties))
    assert fate.kind == "diverges"
    assert fate.growth["steps"] % phases == 0
    assert fate.certificate["proof"]["precision"] == 128


@pytest.mark.parametrize("discount", ["81/100", "9/10"])
@pytest.mark.parametrize("rule", [ft.linear, ft.additive(1)], ids=lambda rule: rule.name)
def test_the_factor_is_the_known_one_but_for_a_millionth(rule, discount):
    """The two-state example grows by 5γ/4 - what is left of 5γ/4 over 2^-19 is not lost."""
    fate = accepted(ft.decide(ft.load("two-state", discount=discount), factorization=rule, effort=ROUNDED))
    factor, known = fmpq(*map(int, fate.growth["factor"].split("/"))), fmpq(5, 4) * ft.exact(discount)
    assert known - fmpq(1, 1 << 19) < factor <= known


@given(strategies.mmdps())
def test_random_models_have_the_same_fate(model):
    fate = ft.decide(model, effort=ROUNDED)
    if fate.kind == "diverges":
        accepted(fate)
        assert ft.decide(model, effort=EXACT).kind in ("diverges", "unknown")


@pytest.fixture(scope="module")
def found():
    """(rounded operator, start, what was found) of a run with a cone of two phases."""
    problem = problem_of(model_of(324), None, ft.linear, None, "first")
    positions = Positions(problem.model, problem.source)
    history = History([integer_values(problem.start.values)], [problem.start.greedy])
    run = FloatRun.of(positions, history)
    assert entered(positions, history, run) is None
    far = grown(positions, history, run)
    return Rounded(positions.integers(problem.start.greedy), far.precision), history.values[0], far


def test_a_run_that_floats_cannot_hold_is_followed_without_a_warning():
    """Values beyond 1e308 propose no cone; nothing is said of overflow, since exact numbers decide."""
    weights = np.random.default_rng(871).integers(0, 4, size=(4, 8))
    rows = [[fmpq(int(x), int(row.sum())) for x in row] for row in weights]
    data = ft.correlated(np.array(rows, dtype=object).reshape(4, 2, 2, 2))
    model = ft.random_model(871, 4, (2, 2, 2), "deterministic", "99/100")
    fate = ft.decide(model, data=data, effort=ROUNDED)
    assert fate.kind in ("diverges", "unknown")
    assert "256 exact steps" in " ".join(fate.tried) or fate.certificate is not None


def test_what_is_confirmed_is_nearly_sharp(found):
    rounded, start, far = found
    cone = far.cone
    assert growth(rounded, cone) == far.factor
    assert enters(rounded, start, cone, far.time)
    assert not enters(rounded, start, cone, far.time - 2)
    assert growth(rounded, replace(cone, minimum=fmpz(1))) is None
    turned = replace(cone, modes=tuple(1 - mode for mode in cone.modes))
    assert growth(rounded, turned) is None
    narrow = replace(cone, widths=tuple(b / 10**9 for b in cone.widths))
    assert growth(rounded, narrow) is None
    assert growth(Rounded(rounded.operator, 3), cone) is None


def test_the_explanation_calls_no_action_greedy_that_rounded_numbers_do_not_decide():
    labels = [label for label, _ in ft.explain(ft.decide(model_of(324), effort=ROUNDED)).lines]
    assert any(label.startswith("actions that the proof follows") for label in labels)
    assert not any(label.startswith("greedy actions") for label in labels)


def test_a_run_that_does_not_grow_has_no_cone():
    problem = problem_of("cycle-3", None, ft.linear, None, "first")
    positions = Positions(problem.model, problem.source)
    history = History([integer_values(problem.start.values)], [problem.start.greedy])
    run = FloatRun.of(positions, history)
    assert entered(positions, history, run) is not None
    assert grown(positions, history, run) is None
