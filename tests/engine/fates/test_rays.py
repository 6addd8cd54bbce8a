"""QMIX runs whose limit is no fixed point: certified along the ray on which they near it."""

import copy
import random

import numpy as np
import pytest
from documents import VALIDATOR
from fates import accepted
from flint import fmpq
from hypothesis import example, given
from hypothesis import strategies as st
from mutants import assert_accepted_are_true, mutants
from qmix_oracle import assert_true

import fqi_theory as ft
from fqi_theory.fates.census.plan import rewards_of
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.monotone import rays
from proofs_check.checker import check, ray, sides

pytestmark = pytest.mark.slow

E10 = ft.epsilon_greedy("1/10")
SHAPE = Shape(2, (2, 2), rewards_of("-1,0,1"))
#: At equal values all orders of these two tables tie.
EXCLUSIVE = [[0, 1], [1, 0]], [[1, 0], [0, 1]]


def exclusive(successors, swapped=False, discount="9/10"):
    """Return the model of these tables in which cell k leads to state bit k of a number."""
    kernel = np.array([(successors >> k) & 1 for k in range(8)]).reshape(2, 2, 2)
    return ft.MMDP(EXCLUSIVE[::-1] if swapped else EXCLUSIVE, kernel, discount, agents=2)


def fate_of(model, data=None, ties="first"):
    return accepted(ft.decide(model, data=data, factorization=ft.monotonic, ties=ties))


def changed(document, keys, value):
    found = copy.deepcopy(document)
    place = found
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return found


def test_a_limit_that_is_no_fixed_point():
    """V(s1) = 1, 1/6, 1/36, ...: it tends to 0, from where a step leads to 1."""
    fate = fate_of(ft.load("qmix-jump"))
    assert (fate.kind, fate.period, fate.proof) == ("converges", 1, "ray")
    assert fate.values[0].tolist() == [0, 0]
    assert fate.greedy[0].tolist() == [[0, 0], [1, 1]]
    assert fate.loss.tolist() == [0, 2]
    assert fate.certificate["proof"] == {"kind": "ray", "prefix": 1}
    assert str(fate) == "Fate(converges along a ray; the greedy policy that the run keeps to is suboptimal, " + (
        "largest loss 2; proof: ray)"
    )
    VALIDATOR.validate(fate.certificate)
    assert "orders tie at the values that the run nears" in str(ft.explain(fate))
    there = ft.start_from_values(fate.problem.model, fate.values[0])
    run = ft.fitted_q_iteration(fate.problem.model, factorization=ft.monotonic, initial=there, iterations=1)
    assert run.values[1].tolist() == [0, 1]


def test_greedy_actions_that_take_turns_while_the_values_settle():
    """The difference changes its sign with every step: a return is two steps, and the first has another mode."""
    fate = fate_of(SHAPE.model(740390, "9/10"))
    assert (fate.kind, fate.period, fate.proof) == ("cycles", 2, "ray")
    differences = [point[1] - point[0] for point in fate.values]
    assert differences == [0, 0]
    assert fate.greedy[0].tolist() != fate.greedy[1].tolist()
    assert_true(fate.certificate)


@given(
    st.integers(0, 255),
    st.booleans(),
    st.sampled_from(["1/2", "9/10", "99/100"]),
    st.sampled_from([None, E10]),
    st.sampled_from(["first", "last"]),
)
@example(48, False, "9/10", None, "first")
@example(25, True, "9/10", None, "last")
@example(13, True, "9/10", None, "first")
def test_runs_near_ties_of_all_orders_are_decided(successors, swapped, discount, data, ties):
    fate = fate_of(exclusive(successors, swapped, discount), data, ties)
    assert fate.kind in ("converges", "cycles")
    assert_true(fate.certificate)
    VALIDATOR.validate(fate.certificate)


@given(st.integers(0, SHAPE.count - 1), st.sampled_from([None, E10]))
def test_no_run_of_the_shape_is_only_bounded(number, data):
    fate = fate_of(SHAPE.model(number, "9/10"), data)
    assert fate.kind in ("converges", "cycles")
    assert_true(fate.certificate)


TENTH = (ft.central("1/10", ft.uniform()), ft.optimistic("1/10", ft.uniform()))
WEIGHTED = (*TENTH, ft.central("1/2", E10), ft.optimistic("1/3", E10))


@given(st.integers(0, SHAPE.count - 1), st.sampled_from(WEIGHTED), st.sampled_from(["first", "last"]))
@example(327397, TENTH[1], "last")
@example(46183, TENTH[0], "first")
@example(1538990, TENTH[1], "first")
def test_weighted_runs_of_the_shape_are_decided(number, data, ties):
    """Ties of y with V or Q_tot at the limit: 327397 has two modes there, 46183 a cycle, 1538990 a constant."""
    fate = fate_of(SHAPE.model(number, "9/10"), data, ties)
    assert fate.kind in ("converges", "cycles")
    assert_true(fate.certificate)
    VALIDATOR.validate(fate.certificate)


@pytest.mark.parametrize(
    ("number", "scheme", "keys", "value", "reason"),
    [
        (1538990, 1, ["proof", "level"], "0", "does not return"),
        (1538990, 1, ["proof", "level"], "9", "changes along the ray"),
        (332101, 1, ["proof", "level"], "1/100", "along the ray"),
        (332101, 1, ["claim", "tables", 0, 0, 0], "1/100", "Q_tot"),
    ],
)
def test_changed_levels_and_tables_are_refused(number, scheme, keys, value, reason):
    document = fate_of(SHAPE.model(number, "9/10"), TENTH[scheme]).certificate
    report = check(changed(document, keys, value))
    assert not report.accepted
    assert reason in report.reason


@pytest.mark.parametrize(("number", "scheme"), [(1538990, 1), (332101, 1), (1433086, 0), (327397, 1)])
def test_accepted_changes_of_a_weighted_ray_are_true(number, scheme):
    document = fate_of(SHAPE.model(number, "9/10"), TENTH[scheme]).certificate
    assert document["proof"]["kind"] == "ray"
    changes = random.Random(number).sample(list(mutants(document)), 60)
    assert_accepted_are_true([*changes, document], assert_true)


@pytest.mark.parametrize(
    ("swapped", "successors", "ties", "prefix", "reason"),
    [
        (False, 48, "first", 1, "may split"),
        (False, 48, "first", 3, "may be pooled"),
        (True, 13, "first", 0, "the run is at the first position, up to a constant"),
        (True, 13, "first", 1, "other actions than the next position's are greedy"),
        (True, 25, "last", 0, "may be best on the ray"),
    ],
)
def test_before_its_time_a_ray_is_refused(swapped, successors, ties, prefix, reason):
    document = fate_of(exclusive(successors, swapped), ties=ties).certificate
    assert document["proof"]["prefix"] > prefix
    assert reason in check(changed(document, ["proof", "prefix"], prefix)).reason


def test_later_on_its_ray_a_run_is_accepted_as_well():
    document = fate_of(exclusive(48)).certificate
    for later in range(1, 5):
        assert check(changed(document, ["proof", "prefix"], document["proof"]["prefix"] + later)).accepted


@pytest.mark.parametrize(
    ("keys", "value", "reason"),
    [
        (["claim", "values"], ["1", "0"], "leads to another value"),
        (["claim", "values"], ["1", "1"], "leads to another value"),
        (["claim", "greedy", 1], [0, 1], "claim.policy_values[1]"),
        (
            ["data"],
            {"kind": "central", "alpha": "1/2", "base": {"kind": "uniform"}},
            "expected a level with these data",
        ),
        (["proof", "level"], "0", "expected no level with these data"),
    ],
)
def test_another_claim_is_refused(keys, value, reason):
    document = fate_of(ft.load("qmix-jump")).certificate
    assert reason in check(changed(document, keys, value)).reason


def test_a_cycle_of_equal_positions_is_refused():
    document = fate_of(ft.load("qmix-jump")).certificate
    claim = document["claim"]
    twice = {"fate": "cycles", "period": 2, "orbit": [claim["values"]] * 2, "greedy": [claim["greedy"]] * 2}
    assert "a position occurs twice" in check({**document, "claim": twice}).reason


def test_a_ray_that_does_not_return_is_refused(monkeypatch):
    document = fate_of(ft.load("qmix-jump")).certificate
    monkeypatch.setattr(sides.Way, "continues", lambda *_: False)
    assert check(document).reason == "proof: the ray does not return within 512 steps"


@pytest.mark.parametrize(("swapped", "successors"), [(False, 48), (True, 13)])
def test_accepted_changes_of_a_ray_are_true(swapped, successors):
    document = fate_of(exclusive(successors, swapped)).certificate
    assert_accepted_are_true(mutants(document), assert_true)


small = st.integers(-4, 4).map(lambda k: fmpq(k, 2))


@given(small, small, small)
def test_never_better_is_what_it_says(a, b, c):
    """Least values of a quadratic on [0, 1] are at its ends and at its vertex."""
    zs = [fmpq(k, 64) for k in range(1, 65)]
    if c != 0 and 0 < -b / (2 * c) <= 1:
        zs.append(-b / (2 * c))
    close = [fmpq(1, 2**k) for k in (8, 16)]
    lowest = min(a + b * z + c * z * z for z in zs + close)
    expected = not any((a, b, c)) or lowest > 0
    assert rays._never_better((a, b, c)) == expected
    assert ray._never_better(a, b, c) == expected
