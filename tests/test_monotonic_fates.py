"""Fates of the monotonic class: literal fates, certificates and their mutants, random models against exact runs."""

import random
from fractions import Fraction
from itertools import permutations, product

import pytest
from fates import accepted
from test_checker import VALIDATOR, mutants
from test_isotonic_fit import by_levels

import fqi_theory as ft
from fqi_theory.base.errors import DataError
from fqi_theory.fates import Effort
from proofs_check.checker import check
from proofs_check.checker.monotone import _steps_up, regression

pytestmark = pytest.mark.slow

E10 = ft.epsilon_greedy("1/10")


def fate_of(model, data=None, steps=1024):
    return ft.decide(model, data=data, factorization=ft.monotonic, effort=Effort(steps=steps))


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


def test_a_limit_that_is_no_fixed_point_stays_unknown():
    fate = fate_of(ft.load("qmix-jump"), steps=64)
    assert (fate.kind, fate.certificate) == ("unknown", None)
    assert "followed 64 exact steps" in fate.tried[0]


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


def brute_step(document, values, greedy):
    """One step in fractions: every tuple of orders, sets of greatest mean; the document's model and data."""
    model, data = document["model"], document["data"]
    sizes = [len(names) for names in model["actions"]]
    joint, states = list(product(*map(range, sizes))), model["states"]
    table = {(t["state"], *t["action"]): t for t in model["transitions"]}
    following, actions = [], []
    for s, state in enumerate(states):
        entries = [table[(state, *(names[x] for names, x in zip(model["actions"], a, strict=True)))] for a in joint]
        y = {
            a: Fraction(e["reward"])
            + Fraction(model["discount"]) * sum(Fraction(p) * values[states.index(n)] for n, p in e["next"].items())
            for a, e in zip(joint, entries, strict=True)
        }
        epsilon = Fraction(data.get("epsilon", 1))
        w = dict.fromkeys(joint, Fraction(1))
        for a, (i, size) in product(joint, enumerate(sizes)):
            w[a] *= epsilon / size + (1 - epsilon) * (a[i] == greedy[s][i])
        best = None
        for orders in product(*(permutations(range(size)) for size in sizes)):
            at = {tuple(size - 1 - o.index(x) for size, o, x in zip(sizes, orders, a, strict=True)): a for a in joint}
            x = by_levels({r: y[a] for r, a in at.items()}, {r: w[a] for r, a in at.items()}, tuple(sizes))
            key = sum(w[a] * (y[a] - x[r]) ** 2 for r, a in at.items()), orders, max(x.values())
            best = key if best is None else min(best, key)
        following.append(best[2])
        actions.append([order[0] for order in best[1]])
    return following, actions


def assert_true(document):
    """Repeat claimed steps, and follow the run far enough to see it near the claimed positions."""
    claim, moving = document["claim"], document["data"]["kind"] == "epsilon-greedy"
    orbit = claim["orbit"] if claim["fate"] == "cycles" else [claim["values"]]
    greedy = claim["greedy"] if claim["fate"] == "cycles" else [claim["greedy"]]
    points = [[Fraction(v) for v in point] for point in orbit]
    for j, point in enumerate(points):
        k = (j + 1) % len(points)
        assert brute_step(document, point, greedy[j]) == (points[k], greedy[k])
    assert len({(*p, str(g) * moving) for p, g in zip(points, greedy, strict=True)}) == len(points)
    prefix = document["proof"]["prefix"]
    values, actions = [Fraction(v) for v in document["initial"]["values"]], document["initial"]["greedy"]
    for _ in range(prefix):
        values, actions = brute_step(document, values, actions)
    gap = max(abs(v - p) for v, p in zip(values, points[0], strict=True))
    for j in range(1, 7):
        values, actions = brute_step(document, values, actions)
        gap *= Fraction(document["model"]["discount"])
        assert max(abs(v - p) for v, p in zip(values, points[j % len(points)], strict=True)) <= gap


@pytest.mark.parametrize(("name", "data"), [("qmix-cycle-2", None), ("qmix-cycle-3", None), ("qmix-cycle-3", E10)])
def test_accepted_mutants_are_true(name, data):
    document, rng = fate_of(ft.load(name), data).certificate, random.Random(name)
    outcomes = {True: 0, False: 0}
    for mutant in mutants(document):
        report = check(mutant)
        outcomes[report.accepted] += 1
        if report.accepted:
            VALIDATOR.validate(mutant)
            if rng.random() < 0.2:
                assert_true(mutant)
    assert outcomes[False] > 4 * outcomes[True] > 0


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
        assert regression(y, w, _steps_up(shape)) == [expected[a] for a in cells]


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
