"""Bounds of runs: boxes and intervals that a step maps into themselves, and runs that approach no cycle."""

import json
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from fates import accepted, deterministic
from flint import fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import DataError
from fqi_theory.cli.app import main
from fqi_theory.fates import Effort, bounds, decide
from fqi_theory.fates.boxes import monotone_forms
from fqi_theory.fates.intervals import difference_map, valuation
from fqi_theory.operators.value_space import collapse
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.testing import strategies as fst
from proofs_check.checker import check

SHAPES = [(2, 2, 1), (3, 2, 1), (3, 2, 2), (2, 3, 1), (3, 3, 1), (4, 2, 2)]
NEAR = fmpq(10**6 - 1, 10**6)
APERIODIC = ft.product([[["9/10", "1/10"]] * 2] * 3)
CLASSES = [ft.linear, ft.additive(2), ft.joint, ft.monotonic]


def edge(n, actions, k):
    """The witness of divergence at γ = 1/(1+ν), with its class."""
    rule = ft.linear if k == 1 else ft.additive(k)
    threshold = ft.phases(agents=n, actions=actions, factorization=rule).bounded_below
    return ft.witness(agents=n, actions=actions, factorization=rule, discount=threshold).model, rule


def assert_within(fate, model, data, rule, steps):
    """The generic iteration, which refits the joint table, stays within the bounds."""
    run = fitted_q_iteration(model, data=data, factorization=rule, iterations=steps, method="generic")
    for values in run.values[fate.bounds.prefix :]:
        level = 0 if fate.bounds.reference is None else values[fate.bounds.reference]
        assert (fate.bounds.lower <= values - level).all()
        assert (values - level <= fate.bounds.upper).all()


@pytest.mark.parametrize(("n", "actions", "k"), SHAPES)
def test_bounded_one_part_in_a_million_below_the_threshold(n, actions, k):
    """V(s1) <- 1 + γ(1+ν) V(s1) with γ(1+ν) = 1 - 10⁻⁶: the limit, 10⁶, is the bound; at γ(1+ν) = 1 there is none."""
    model, rule = edge(n, actions, k)
    fate = accepted(bounds(model.with_discount(model.discount * NEAR), factorization=rule))
    assert fate.bounds.to_json() == {"reference": None, "lower": ["0", "0"], "upper": ["0", "1000000"]}
    assert bounds(model, factorization=rule).kind == "unknown"
    assert accepted(decide(model, factorization=rule)).kind == "diverges"


def test_no_bound_is_below_the_limit():
    fate = accepted(bounds(ft.load("two-state", discount="799999/1000000")))
    assert fate.bounds.upper.tolist() == [0, 600_000]
    for low, high in (("0", "599999"), ("1/1000", "600000")):
        document = {
            **fate.certificate,
            "claim": {**fate.certificate["claim"], "lower": ["0", low], "upper": ["0", high]},
        }
        assert not check(document).accepted


SOURCES = st.sampled_from([ft.uniform(), ft.epsilon_greedy("1/2"), ft.product([[["2/3", "1/3"]] * 2] * 2)])


@given(fst.mmdps(states=2, actions=(2, 2), discounts=st.just(fmpq(1, 2))), SOURCES, st.sampled_from(CLASSES))
def test_every_run_below_the_threshold_of_its_own_kernel_has_bounds(model, data, rule):
    """γ(1+ν_P) < 1 (Theorem A.2), and always for the monotonic class (C.1)."""
    if rule is ft.monotonic:
        model = model.with_discount("9/10")
    else:
        own = ft.phases(model, factorization=rule, data=data).model
        model = model.with_discount(own.bounded_below * fmpq(99, 100))
    fate = accepted(bounds(model, data=data, factorization=rule))
    assert_within(fate, model, data, rule, 12)


PARTS = st.fractions(0, 1, max_denominator=8)


@given(
    fst.mmdps(states=2, actions=(2, 2)), SOURCES, st.sampled_from(CLASSES), PARTS, st.tuples(PARTS, PARTS), st.data()
)
def test_an_accepted_box_holds_the_step_from_everywhere_in_it(model, data, rule, shrunk, place, draw):
    """Of boxes narrower than the engine's those that the checker accepts hold the step, whatever was greedy before."""
    fate = bounds(model, data=data, factorization=rule)
    assume(fate.kind == "bounded")
    part = fmpq(shrunk.numerator, shrunk.denominator)
    lower, upper = fate.bounds.lower * part, fate.bounds.upper * (1 - part) + part * 2
    claim = {**fate.certificate["claim"], "lower": list(map(str, lower)), "upper": list(map(str, upper))}
    if check({**fate.certificate, "claim": claim}).accepted:
        values = lower + (upper - lower) * np.array([fmpq(x.numerator, x.denominator) for x in place])
        greedy = [[draw.draw(st.integers(0, 1)) for _ in range(2)] for _ in range(2)]
        start = ft.start_from_values(model, values, greedy)
        after = fitted_q_iteration(model, data=data, factorization=rule, iterations=1, initial=start).values[1]
        assert (lower <= after).all()
        assert (after <= upper).all()


WEIGHTED = [ft.central("1/10"), ft.optimistic("1/50"), ft.central("1/3", ft.epsilon_greedy("1/2"))]


@given(fst.mmdps(states=2, actions=(2, 2)), st.sampled_from(WEIGHTED), st.sampled_from(["first", "last"]))
def test_weighted_qmix_is_bounded_by_the_least_target_and_the_largest(model, data, ties):
    """No mean is kept by weights that depend on Q_tot: the least y takes its place."""
    fate = accepted(bounds(model, data=data, factorization=ft.monotonic, ties=ties))
    run = fitted_q_iteration(model, data=data, factorization=ft.monotonic, iterations=8, ties=ties)
    assert all((fate.bounds.lower <= v).all() and (v <= fate.bounds.upper).all() for v in run.values)


@given(fst.mmdps(states=3, actions=(2, 2)), st.integers(0, 30))
def test_a_box_beyond_the_threshold_holds_the_run_too(model, percent):
    model = model.with_discount(fmpq(70 + percent, 101))
    fate = bounds(model)
    assume(fate.kind == "bounded")
    assert_within(accepted(fate), model, ft.uniform(), ft.linear, 12)


@given(fst.mmdps(states=2, actions=(2, 2), discounts=st.just(fmpq(1, 2))))
def test_a_run_that_cannot_be_decided_within_its_effort_is_bounded(model):
    """ν = (1-ε/2)² < 1 for two agents with two actions: below 1/2 nothing is unknown, however early the search ends."""
    data = ft.epsilon_greedy("1/2")
    fate = accepted(decide(model.with_discount("49/100"), data=data, effort=Effort(steps=8)))
    assert fate.kind != "diverges"
    if fate.kind == "bounded":
        assert_within(fate, model.with_discount("49/100"), data, ft.linear, 40)
        assert "followed 8 exact steps" in fate.tried[0]


def test_a_bounded_answer_says_what_was_tried():
    fate = accepted(decide("qmix-cycle-7", factorization=ft.monotonic, effort=Effort(steps=16)))
    assert fate.kind == "bounded"
    assert fate.proof == "box"
    assert fate.bounds.to_json() == {"reference": None, "lower": ["0", "-10/13"], "upper": ["0", "10"]}
    assert fate.to_json()["bounds"] == {**fate.bounds.to_json(), "from": 0}
    assert fate.summary()[0].startswith("bounded: V keeps to stated bounds")
    assert "16 exact steps" in fate.summary()[2]
    assert (fate.values, fate.period, fate.loss) == ((), None, None)


def test_monotone_bounds_are_those_of_behaviour_and_optimum():
    """V^β <= liminf V, limsup V <= V* (theory notes, section 10, C.1): from V^β - and V* + the box is that narrow."""
    model = ft.load("qmix-cycle-2(9/10)")
    fate = accepted(bounds(model, factorization=ft.monotonic))
    forms = monotone_forms(model, ft.uniform())
    assert (forms.mean_kernel.sum(axis=-1) == model.discount).all()
    assert (fate.bounds.upper == ft.solve(model).values).all()


def test_too_many_data_give_no_box():
    model = ft.load("random(states=40,actions=3x3x3)")
    assert bounds(model, data=ft.epsilon_greedy("1/10")).kind == "unknown"


def test_bounds_refuses_what_decide_refuses():
    with pytest.raises(DataError, match="igm"):
        bounds("two-state", factorization=ft.igm)
    with pytest.raises(DataError, match="ties"):
        bounds("two-state", factorization=ft.monotonic, ties="middle")
    gap = bounds("two-state", data=ft.product([[["1", "0"]] * 2] * 2))
    assert (gap.kind, gap.certificate) == ("unknown", None)


#: Models of two states whose difference follows a tent map; each with its data, its interval and its slopes.
TENTS = [
    (ft.load("aperiodic"), APERIODIC, (fmpq(-3), fmpq(30063, 50000)), {"60021/50000", "13851/12500"}),
    (ft.load("voting(7,2)"), ft.uniform(), (fmpq(-53, 640), fmpq(1)), {"693/640"}),
    (ft.load("voting(3,5)"), ft.uniform(), (fmpq(-49, 5000), fmpq(1)), {"5049/5000"}),
]


def slopes(f, low, high):
    knots = f.knots(low, high)
    return {str(abs((b - a) / (y - x))) for (x, a), (y, b) in pairwise(knots)}


@pytest.mark.parametrize(("model", "data", "interval", "expected"), TENTS, ids=lambda x: getattr(x, "name", ""))
def test_an_expanding_map_approaches_no_cycle(model, data, interval, expected):
    fate = accepted(decide(model, data=data))
    assert (fate.kind, fate.proof) == ("aperiodic", "expanding")
    moving = 1 - fate.bounds.reference
    assert (fate.bounds.lower[moving], fate.bounds.upper[moving]) == interval
    assert fate.to_json()["fate"] == "aperiodic"
    assert "no cycle" in fate.summary()[0]
    assert_within(fate, model, data, ft.linear, 60)
    f = difference_map(collapse(model, data.at(model, np.zeros((2, model.n_agents), dtype=int))))
    ends = [-x if fate.bounds.reference == 1 else x for x in interval]
    assert slopes(f, min(ends), max(ends)) == expected


def test_the_map_is_the_run():
    model = ft.load("aperiodic")
    f = difference_map(collapse(model, APERIODIC.at(model, np.zeros((2, 3), dtype=int))))
    run = fitted_q_iteration(model, data=APERIODIC, iterations=30, method="generic")
    for now, later in pairwise(v[1] - v[0] for v in run.values):
        assert f.at(now) == later


@cache
def wandering():
    return decide("wandering", effort=Effort(steps=32))


def test_three_states_that_wander_have_bounded_differences():
    """No box of V is mapped into itself here; the box of differences is certified, of any state as reference."""
    assert bounds("wandering").kind == "unknown"
    fate = accepted(wandering())
    assert (fate.kind, fate.proof) == ("bounded", "differences")
    assert max(fate.bounds.upper - fate.bounds.lower) < 30
    assert_within(fate, ft.load("wandering"), ft.uniform(), ft.linear, 100)


@given(st.tuples(PARTS, PARTS), st.integers(-5, 5))
def test_the_step_keeps_to_the_box_of_differences_from_everywhere_in_it(place, level):
    model, bound = ft.load("wandering"), wandering().bounds
    inside = [fmpq(x.numerator, x.denominator) for x in place]
    inside.insert(bound.reference, fmpq(0))
    values = level + bound.lower + (bound.upper - bound.lower) * np.array(inside)
    start = ft.start_from_values(model, values, [[0, 0]] * 3)
    after = fitted_q_iteration(model, iterations=1, initial=start).values[1]
    moved = after - after[bound.reference]
    assert (bound.lower <= moved).all()
    assert (moved <= bound.upper).all()


@pytest.mark.slow
@settings(max_examples=12)
@given(st.integers(0, 10**6), st.sampled_from([(ft.linear, "2x2"), (ft.additive(2), "2x2x2"), (ft.linear, "3x2")]))
def test_undecided_runs_of_fixed_data_have_bounds(seed, kind):
    """Followed for 4 steps only, few of these runs are decided; no bound is contradicted by the run."""
    rule, actions = kind
    model = ft.load(f"random(seed={seed},states=3,actions={actions},discount=99/100)")
    fate = decide(model, factorization=rule, effort=Effort(steps=4))
    if fate.kind == "bounded":
        assert_within(accepted(fate), model, ft.uniform(), rule, 30)


def test_an_interval_bounds_a_run_that_no_box_does():
    """`aperiodic` with its certificate's prime left out is a bounded run; no box of V holds it."""
    assert bounds("aperiodic", data=APERIODIC).kind == "unknown"
    fate = decide("aperiodic", data=APERIODIC)
    claim = {**fate.certificate["claim"], "fate": "bounded"}
    report = check({**fate.certificate, "claim": claim, "proof": {"kind": "interval", "prefix": 0}})
    assert report.accepted
    assert "stays bounded" in report.statement


def test_expansion_alone_does_not_make_a_run_aperiodic():
    """A run that starts on a repelling fixed point of an expanding map stays there: it converges."""
    model = ft.load("aperiodic")
    f = difference_map(collapse(model, APERIODIC.at(model, np.zeros((2, 3), dtype=int))))
    fixed = fmpq(3) / (1 + fmpq(60021, 50000))
    assert f.at(fixed) == fixed
    values = np.array([fmpq(0), fixed])
    step = collapse(model, APERIODIC.at(model, np.zeros((2, 3), dtype=int))).step(values).values
    level = (step - values)[0] / (1 - model.discount)
    start = ft.start_from_values(model, values + level)
    assert accepted(decide(model, data=APERIODIC, initial=start)).kind == "converges"


@pytest.mark.parametrize(("number", "power"), [("50", 2), ("3/250", -3), ("-7/10", -1), ("1", 0)])
def test_valuation(number, power):
    assert valuation(ft.exact(number), 5) == power


def test_two_states_that_stay_put_have_bounds():
    model = deterministic([[[0, 0], [0, 0]], [[1, 2], [3, 4]]], [[[0, 0], [0, 0]], [[1, 1], [1, 1]]], "9/10")
    assert accepted(bounds(model)).bounds.upper.tolist() == [0, 40]


def test_the_command_line(tmp_path, capsys):
    """Exit status 1 for bounded, as for unknown; 0 for aperiodic; the table has the bounds, the JSON too."""
    data, out, file = tmp_path / "data.json", tmp_path / "fate.json", tmp_path / "certificate.json"
    data.write_text(json.dumps({"format": "data/1", "marginals": [[["9/10", "1/10"]] * 2] * 3}))
    assert main(["decide", "aperiodic", "--data", str(data), "--json", str(out), "--certificate", str(file)]) == 0
    printed = capsys.readouterr().out
    assert "aperiodic: V stays bounded" in printed
    assert "V - V(s1) at least" in printed
    assert "from: t = 1 on" in printed
    assert json.loads(out.read_text())["bounds"]["lower"] == ["-3", "0"]
    assert check(file).accepted
    words = ["decide", "qmix-cycle-7", "--factorization", "qmix", "--iterations", "16", "--json", str(out)]
    assert main(words) == 1
    assert "V at least" in capsys.readouterr().out
    assert json.loads(out.read_text())["fate"] == "bounded"
