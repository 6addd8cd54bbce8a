"""Fates of the monotonic class: literal fates, certificates and their mutants, random models against exact runs."""

import random
from itertools import product

import pytest
from documents import VALIDATOR
from fates import accepted
from monotone_oracle import by_levels
from mutants import assert_accepted_are_true, mutants
from qmix_oracle import assert_true

import fqi_theory as ft
from fqi_theory.base.errors import DataError
from fqi_theory.fates import Effort
from proofs_check.checker import check
from proofs_check.checker.isotonic import regression
from proofs_check.checker.monotone import steps_up

pytestmark = pytest.mark.slow

E10 = ft.epsilon_greedy("1/10")


def fate_of(model, data=None, steps=1024, ties="first"):
    return ft.decide(model, data=data, factorization=ft.monotonic, ties=ties, effort=Effort(steps=steps))


@pytest.mark.parametrize("discount", ["1/100", "1/2", "9/10", "99/100"])
def test_qmix_cycles_at_any_discount_and_the_joint_class_converges(discount):
    model = ft.load(f"qmix-cycle-2({discount})")
    fate = accepted(fate_of(model))
    assert (fate.kind, fate.period) == ("cycles", 2)
    assert {str(point[1]) for point in fate.values} == {"3", "4"}
    assert ft.decide(model, factorization=ft.igm).kind == "converges"


@pytest.mark.parametrize(
    ("name", "data", "kind", "period"),
    [
        ("qmix-cycle-3", None, "cycles", 3),
        ("cycle-2", None, "converges", 1),
        ("cycle-3", None, "cycles", 20),
        ("cycle-5", None, "converges", 1),
        ("cycle-3", E10, "converges", 1),
        ("two-state", None, "converges", 1),
        ("two-state", E10, "converges", 1),
        ("qplex-game-3", None, "converges", 1),
        ("qtran-two-step", E10, "converges", 1),
    ],
)
def test_fates_of_the_catalogue(name, data, kind, period):
    fate = accepted(fate_of(ft.load(name), data))
    assert (fate.kind, fate.period) == (kind, period)
    VALIDATOR.validate(fate.certificate)


def test_the_orbit_of_period_3():
    fate = fate_of(ft.load("qmix-cycle-3"))
    assert {str(point[1]) for point in fate.values} == {"12/7", "20/7", "44/21"}
    assert fate.certificate["proof"]["kind"] == "monotonic"


@pytest.mark.parametrize(("period", "discount"), [(4, "9/10"), (7, "9/10")])
def test_orbits_that_decay_until_the_orders_change(period, discount):
    """V, γV, γ²V, ... and at last 1 + γ^k V = V."""
    fate = accepted(fate_of(ft.load(f"qmix-cycle-{period}")))
    assert fate.period == period
    largest = 1 / (1 - ft.exact(discount) ** period)
    assert {point[1] for point in fate.values} == {largest * ft.exact(discount) ** k for k in range(period)}


def test_the_orbit_of_period_5():
    fate = accepted(fate_of(ft.load("qmix-cycle-5")))
    assert {str(point[1]) for point in fate.values} == {"344/93", "544/93", "644/93", "128/31", "188/31"}


ALIKE = "random(seed=50108,states=3,actions=2x2,kind=deterministic,discount=3/4)"


@pytest.mark.parametrize(("name", "directions"), [("cycle-5", [["0", "1", "1"]]), (ALIKE, None)])
def test_ties_that_stay(name, directions):
    """In both models two tuples of orders with different maxima have equal errors all along the run: in `cycle-5` while
    V(s1) = V(s2), in the other one wherever V is. Without directions the same file proves nothing."""
    document = accepted(fate_of(ft.load(name))).certificate
    VALIDATOR.validate(document)
    proof = document["proof"]
    assert directions is None or proof["directions"] == directions
    report = check({**document, "proof": {key: proof[key] for key in proof if key != "directions"}})
    assert "may be best within the radius" in report.reason


def test_ties_that_do_not_stay_are_refused():
    """With all deviations allowed the errors of `cycle-5` part where V(s1) and V(s2) do."""
    document = fate_of(ft.load("cycle-5")).certificate
    everything = [["0", "1", "0"], ["0", "0", "1"]]
    report = check({**document, "proof": {**document["proof"], "directions": everything}})
    assert "may be best within the radius" in report.reason


@pytest.mark.parametrize(
    ("directions", "reason"),
    [
        ([["0", "1", "1"], ["1", "0", "0"]], "singular"),
        ([["0", "1", "1"]] * 3, "at most 2 vectors"),
        ([], "the run at proof.prefix"),
    ],
)
def test_directions_are_checked(directions, reason):
    document = fate_of(ft.load("cycle-5")).certificate
    report = check({**document, "proof": {**document["proof"], "directions": directions}})
    assert not report.accepted
    assert reason in report.reason


def test_images_of_directions_are_checked():
    """One direction that holds the run's deviation now, but not one step later."""
    model = ft.load(ALIKE)
    fate = fate_of(model)
    prefix = fate.certificate["proof"]["prefix"]
    run = ft.fitted_q_iteration(model, factorization=ft.monotonic, iterations=prefix)
    away = [[str(x) for x in run.values[prefix] - fate.values[0]]]
    report = check({**fate.certificate, "proof": {**fate.certificate["proof"], "directions": away}})
    assert "proof.directions: their images: not a combination" in report.reason


def test_a_run_that_repeats_up_to_a_constant_is_on_its_orbit():
    """γ = 99/100: the level needs thousands of steps, the differences a few; errors tie for ever."""
    model = ft.load("random(seed=571276634,states=2,actions=2x2,kind=deterministic,discount=99/100)")
    fate = accepted(fate_of(model))
    assert (fate.kind, fate.certificate["proof"]) == ("converges", {"kind": "monotonic", "prefix": 2, "radius": "0"})


@pytest.mark.parametrize("name", ["qmix-cycle-3", "cycle-5", ALIKE])
def test_the_tie_rule_last(name):
    fate = accepted(fate_of(ft.load(name), ties="last"))
    assert fate.certificate["ties"] == "last"
    assert "last orders of actions" in check(fate.certificate).statement
    if name != "cycle-5":
        assert_true(fate.certificate)


def test_the_tie_rule_decides_the_fate():
    """Two tuples of orders with different maxima tie for ever: the first leads to a limit, the last to a cycle."""
    fates = [accepted(fate_of(ft.load(ALIKE), ties=ties)) for ties in ("first", "last")]
    assert [(fate.kind, fate.period) for fate in fates] == [("converges", 1), ("cycles", 3)]
    assert not check({**fates[0].certificate, "ties": "last"}).accepted


def test_one_state_is_settled_whatever_ties():
    """[[1,0],[0,1]] ties orders of different maxima for ever; y moves by constants only, so the choice stays."""
    fate = accepted(fate_of(ft.load("coordination", discount="1/2")))
    assert (fate.kind, str(fate.values[0][0])) == ("converges", "2")


def test_correlated_data_are_decided():
    weights = [[["1/2", "1/6"], ["1/6", "1/6"]], [["1/6", "1/6"], ["1/6", "1/2"]]]
    fate = accepted(fate_of(ft.load("two-state"), ft.correlated(weights)))
    assert fate.kind == "converges"


def test_data_without_full_support_are_refused():
    with pytest.raises(DataError, match="p_D = 0"):
        fate_of(ft.load("two-state"), ft.epsilon_greedy(0))


@pytest.mark.parametrize("seed", range(24))
def test_no_random_fate_is_contradicted_by_a_long_exact_run(seed):
    shape, kind = ["2x2", "2x3", "2x2", "2x2x2"][seed % 4], ["deterministic", "stochastic"][seed // 4 % 2]
    model = ft.load(f"random(seed={seed},states={1 + seed % 3},actions={shape},kind={kind},discount=3/4)")
    data = E10 if seed // 2 % 2 else ft.uniform()
    fate = accepted(fate_of(model, data))
    prefix, period = fate.certificate["proof"]["prefix"], fate.period
    length = prefix + period * (1 + 24 // period)
    run = ft.fitted_q_iteration(model, data=data, factorization=ft.monotonic, iterations=length)
    for t in (prefix, length - 1):
        gap = run.values[t] - fate.values[(t - prefix) % period]
        if t == prefix:
            first = max(abs(gap))
        else:
            assert max(abs(gap)) <= first * ft.exact("3/4") ** (t - prefix)


@pytest.mark.parametrize(("name", "data"), [("qmix-cycle-2", None), ("qmix-cycle-3", None), ("qmix-cycle-3", E10)])
def test_accepted_mutants_are_true(name, data):
    document, rng = fate_of(ft.load(name), data).certificate, random.Random(name)
    assert_accepted_are_true(mutants(document), lambda mutant: rng.random() < 0.2 and assert_true(mutant))


def test_the_radius_is_checked():
    document = fate_of(ft.load("qmix-cycle-3")).certificate
    for radius, reason in (("4", "may be best within the radius"), ("-1", "at least 0"), ("1/1000000", "not within")):
        report = check({**document, "proof": {**document["proof"], "radius": radius}})
        assert not report.accepted
        assert reason in report.reason


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2), (4,), (3, 2)])
def test_the_checkers_own_regressions(shape):
    rng = random.Random(len(shape))
    for _ in range(40):
        cells = list(product(*map(range, shape)))
        y, w = [rng.randint(-4, 4) for _ in cells], [rng.randint(1, 4) for _ in cells]
        expected = by_levels(dict(zip(cells, y, strict=True)), dict(zip(cells, w, strict=True)), shape)
        assert regression(y, w, steps_up(shape))[0] == [expected[a] for a in cells]


def test_too_many_actions_are_refused_at_once():
    document = fate_of(ft.load("qplex-game-2")).certificate
    names = [f"a{k}" for k in range(11)]
    transitions = [{"state": "s", "action": [name], "reward": 0, "next": {"s": 1}} for name in names]
    model = {**document["model"], "actions": [names], "transitions": transitions}
    changed = {**document, "model": model, "initial": {"values": [0], "greedy": [[0]]}}
    changed["claim"] = {
        **document["claim"],
        "greedy": [[0]],
        "values": [0],
        "optimal_values": [0],
        "policy_values": [0],
    }
    assert "at most 10 actions" in check(changed).reason
