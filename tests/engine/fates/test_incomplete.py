"""A fate that incomplete data leave unknown says why, wherever it is shown: what is open, where, and what helps."""

import json
import warnings

import pytest
from fates import accepted
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import DataError, IncompleteDataWarning
from fqi_theory.base.scalars import exact_array
from fqi_theory.cli.app import main
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.effort import Effort
from fqi_theory.fates.incomplete import undetermined
from fqi_theory.model.catalog import random_model
from fqi_theory.testing import strategies

#: Both agents play alike in s0: joint actions (A, B) and (B, A) are open. All is played in s1.
ALIKE = [[["1/2", 0], [0, "1/2"]], [["1/4", "1/4"], ["1/4", "1/4"]]]
WHY = "the data leave Q_tot of the linear class undetermined in 1 of 2 states (s0), so the run is not determined"
OPEN = "2 joint actions of played actions have no determined Q_tot under the data: state s0, joint action (A, B)"


@pytest.fixture
def unknown():
    return ft.decide("two-state", data=ft.correlated(ALIKE))


def test_str_says_why(unknown):
    assert str(unknown) == repr(unknown) == f"Fate(unknown: {WHY})"


def test_the_explanation_says_why_and_what_helps(unknown):
    lines = ft.explain(unknown).lines
    assert lines[0] == ("why unknown", WHY)
    assert lines[1][1].startswith(OPEN)
    helps = dict(lines)
    assert helps["what helps, data"].startswith("more transitions in these states")
    assert "correlated((1 - δ)" in helps["what helps, a floor"]
    assert "certain" not in helps


def test_the_face_says_why(unknown):
    page = unknown._repr_html_()
    assert WHY in page
    assert OPEN in page


def test_json_says_what_is_open(unknown):
    document = unknown.to_json()
    assert document["undetermined"] == [
        {"kind": "unconnected", "state": "s0", "action": ["A", "B"]},
        {"kind": "unconnected", "state": "s0", "action": ["B", "A"]},
    ]
    assert ft.decide("two-state").to_json()["undetermined"] == []


def test_the_command_says_why_once_and_writes_it(tmp_path, capsys):
    data, out = tmp_path / "data.json", tmp_path / "fate.json"
    data.write_text(json.dumps({"format": "data/1", "joint": ALIKE}))
    assert main(["decide", "two-state", "--data", str(data), "--json", str(out)]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.count(WHY) == 1
    assert OPEN in printed
    assert "what helps, data" in printed
    written = json.loads(out.read_text())
    assert len(written["undetermined"]) == 2
    assert written["explanation"][0] == {"label": "why unknown", "text": WHY}


def test_a_search_given_up_says_what_was_tried_and_what_may_help():
    model = random_model(0, 6, (2, 2), "deterministic", "99/100")
    fate = ft.decide(model, data=ft.epsilon_greedy("1/10"), effort=Effort(steps=8))
    lines = ft.explain(fate).lines
    assert dict(lines)["why unknown"].startswith("followed 8 exact steps")
    assert any(label == "besides" and text.startswith("seen at step 8, not proved") for label, text in lines)
    assert "Effort(steps=..., bits=...)" in dict(lines)["what may help"]


def test_on_policy_data_without_exploration_ask_for_an_epsilon():
    fate = ft.decide("two-state", data=ft.epsilon_greedy(0))
    assert dict(ft.explain(fate).lines)["what helps, data"] == "an ε above 0: every action is played then"


def test_a_floor_determines_what_it_is_said_to():
    weights = ft.correlated(ALIKE).weights
    floored = ft.correlated(weights * 9 / 10 + ft.exact("1/40"))
    assert undetermined(problem_of("two-state", floored, ft.linear, None, "first")) == ()
    assert ft.decide("two-state", data=floored).kind != "unknown"


# The choice of least norm.

SPARSE = st.lists(st.integers(0, 3), min_size=4, max_size=4).filter(any)


@pytest.fixture
def chosen():
    return ft.decide("two-state", data=ft.correlated(ALIKE), unsupported="choose")


def test_a_fate_by_choice_says_so(chosen):
    choice = "by choice: in 1 states the data leave Q_tot open, and the fit of least norm is taken"
    assert accepted(chosen).kind != "unknown"
    assert str(chosen).endswith(f"; {choice})")
    assert choice in chosen.summary()
    lines = ft.explain(chosen).lines
    assert lines[0] == ("rests on", choice)
    assert lines[1][1].startswith(OPEN)
    assert "what helps, a choice" not in dict(lines)
    assert len(chosen.to_json()["undetermined"]) == 2


def test_unknown_offers_the_choice(unknown):
    assert 'unsupported="choose"' in dict(ft.explain(unknown).lines)["what helps, a choice"]


@given(strategies.mmdps(2, (2, 2)), st.lists(SPARSE, min_size=2, max_size=2))
def test_the_fate_is_that_of_the_run(model, counts):
    weights = exact_array([[fmpq(x, sum(own)) for x in own] for own in counts]).reshape(2, 2, 2)
    effort = Effort(64, 1 << 14)
    fate = ft.decide(model, data=ft.correlated(weights), unsupported="choose", effort=effort)
    if fate.certificate is None:
        return
    accepted(fate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IncompleteDataWarning)
        run = ft.fitted_q_iteration(model, data=ft.correlated(weights), iterations=80)
    if fate.bounds is not None and fate.bounds.reference is None:
        assert all((v <= fate.bounds.upper).all() for v in run.values[fate.bounds.prefix :])
    if fate.kind == "converges":
        last, before = (max(abs(run.values[t] - fate.values[0])) for t in (80, 40))
        assert last == 0 or last < before


@pytest.mark.parametrize("rule", [ft.additive(1), ft.additive(2), ft.graph([[0, 1]])], ids=lambda rule: rule.name)
@pytest.mark.parametrize("discount", ["1/2", "9/10"])
def test_other_sums_choose_too(rule, discount):
    model = ft.load("two-state", discount=discount)
    fate = accepted(ft.decide(model, data=ft.correlated(ALIKE), factorization=rule, unsupported="choose"))
    assert fate.choice.startswith("by choice: in 1 states")


def test_determined_data_are_no_choice():
    plain = ft.decide("two-state", data=ft.correlated([[["1/4"] * 2] * 2] * 2), unsupported="choose")
    assert plain.choice == ""
    assert "unsupported" not in plain.certificate["data"]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (ft.epsilon_greedy(0), ft.linear),
        (ft.correlated(ALIKE), ft.joint),
    ],
)
def test_what_has_no_choice_of_least_norm_stays_unknown(data, rule):
    fate = ft.decide("two-state", data=data, factorization=rule, unsupported="choose")
    assert fate.kind == "unknown"
    assert "what helps, a choice" not in dict(ft.explain(fate).lines)


UNPLAYED = st.lists(st.integers(0, 2), min_size=2, max_size=2).filter(any)


@given(
    strategies.mmdps(2, (2, 2)),
    st.lists(UNPLAYED, min_size=4, max_size=4),
    st.sampled_from([ft.linear, ft.additive(2)]),
)
def test_product_data_choose_the_closed_form_of_the_run(model, counts, rule):
    shares = [[fmpq(x, sum(own)) for x in own] for own in counts]
    data, effort = ft.product([shares[:2], shares[2:]]), Effort(64, 1 << 14)
    fate = accepted(ft.decide(model, data=data, factorization=rule, unsupported="choose", effort=effort))
    if any(0 in own for own in counts) and (rule is ft.linear or fate.undetermined) and fate.certificate is not None:
        assert fate.choice.endswith("and the closed form is taken")
        assert fate.certificate["data"]["unsupported"] == "choose"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", IncompleteDataWarning)
        run = ft.fitted_q_iteration(model, data=data, factorization=rule, iterations=80)
    if fate.kind == "converges":
        last, before = (max(abs(run.values[t] - fate.values[0])) for t in (80, 40))
        assert last == 0 or last < before


@pytest.mark.parametrize("unsupported", ["choose", "refuse"])
@pytest.mark.parametrize(
    "data", [ft.correlated(ALIKE), ft.product([[["1", "0"], ["1/2", "1/2"]], [["1/2", "1/2"], ["0", "1"]]])]
)
def test_many_models_choose_as_one_does(data, unsupported):
    models = [ft.random_model(seed, 2, (2, 2), "stochastic", "9/10") for seed in range(12)]
    effort = Effort(64, 1 << 14)
    for model, fate in zip(
        models, ft.decide_many(models, data=data, unsupported=unsupported, effort=effort), strict=True
    ):
        alone = ft.decide(model, data=data, unsupported=unsupported, effort=effort)
        assert (fate.kind, fate.choice, fate.undetermined) == (alone.kind, alone.choice, alone.undetermined)
        assert fate.certificate == alone.certificate
        assert (fate.kind == "unknown") or unsupported == "choose"
    with pytest.raises(DataError, match="unsupported: expected choose or refuse, found 'absorb'"):
        next(ft.decide_many(models, unsupported="absorb"))


def test_the_picture_says_by_what_choice_and_warns_no_more(chosen):
    figure = chosen.plot()
    assert "by choice: in 1 states the data leave Q_tot open" in " ".join(figure.get_suptitle().split())


def test_bounds_by_choice():
    model = ft.load("two-state", discount="1/2")
    found = ft.fates.bounds(model, data=ft.correlated(ALIKE), unsupported="choose")
    assert accepted(found).choice.startswith("by choice")
    assert ft.fates.bounds(model, data=ft.correlated(ALIKE)).kind == "unknown"


def test_no_other_reading_is_taken():
    with pytest.raises(DataError, match="unsupported: expected choose or refuse, found 'absorb'"):
        ft.decide("two-state", unsupported="absorb")


def test_the_command_decides_by_choice(tmp_path, capsys):
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"format": "data/1", "joint": ALIKE}))
    plot = tmp_path / "fate.png"
    assert main(["decide", "two-state", "--data", str(data), "--unsupported", "choose", "--plot", str(plot)]) == 0
    told = capsys.readouterr()
    assert "by choice: in 1 states" in " ".join(told.out.split())
    assert "Traceback" not in told.err
    assert ".py:" not in told.err
    assert plot.stat().st_size > 1000
