"""`fqi-theory attractors` and `fqi-theory critical`: JSON, tables, exact thresholds, one-line errors."""

import json

import pytest
from flint import fmpq

from fqi_theory.cli.app import main
from fqi_theory.cli.thresholds import closed_form, decimals, readable_polynomial, root_text

ALL_FIRST = [[0, 0], [0, 0]]
EPSILON = ["critical", "two-state", "--parameter", "epsilon"]


@pytest.fixture
def ask(tmp_path, capsys):
    """Return a function that runs a command with --json; it returns the document and what was printed."""

    def run(*arguments: str):
        out = tmp_path / "answer.json"
        assert main([*arguments, "--json", str(out)]) == 0, capsys.readouterr().err
        printed = capsys.readouterr().out
        assert max(map(len, printed.splitlines()), default=0) <= 100
        return json.loads(out.read_text()), printed

    return run


def test_attractors_on_policy(ask):
    document, printed = ask(
        "attractors", "two-state", "--data", "epsilon-greedy:1/2", "--longest", "1", "--samples", "4"
    )
    assert (document["format"], document["complete_to_period"], document["samples"]) == ("portrait/1", 1, 4)
    (found,) = document["attractors"]
    assert found == {
        "period": 1,
        "points": [["0", "150/7"]],
        "greedy": [ALL_FIRST],
        "attracting": True,
        "loss": ["0", "0"],
        "sampled_share": 1.0,
    }
    assert document["person_by_person_optimal"] == [{"policy": ALL_FIRST, "attracting_at_small_epsilon": True}]
    for text in ("sampled (4 starts, seed 0)", "(A, A) (A, A)", "yes", "100.0%", "epsilon 1/1000", "field: exact"):
        assert text in printed


def test_attractors_off_policy_that_diverges(ask):
    document, printed = ask("attractors", "two-state", "--samples", "3", "--seed", "5")
    assert document["attractors"] == []
    assert document["other_shares"] == {"diverges": 1.0}
    assert "person_by_person" not in printed
    assert "sampled (3 starts, seed 5), diverges: 100.0%" in printed
    document, _ = ask("attractors", "two-state", "--samples", "0", "--discount", "3/4")
    assert [a["points"] for a in document["attractors"]] == [[["0", "12"]]]
    assert document["attractors"][0]["sampled_share"] is None


def test_attractors_lists_the_cycle_of_the_coordination_game(ask):
    command = ["attractors", "coordination", "--data", "epsilon-greedy:1/10", "--samples", "0", "--longest", "2"]
    document, printed = ask(*command)
    assert [a["period"] for a in document["attractors"]] == [1, 1, 2]
    assert document["attractors"][2]["loss"] is None
    assert "(a1, a0)" in printed
    assert "cycles of at most 2 points: 3" in printed


def test_an_attractor_with_a_tie_is_labelled(ask, tmp_path):
    """Both actions of s1 are worth 0 at the limit and lead to different states."""
    rows = [("s0", "x", "s0"), ("s0", "y", "s0"), ("s1", "x", "s0"), ("s1", "y", "s1")]
    transitions = [{"state": s, "action": [a], "reward": 0, "next": {t: 1}} for s, a, t in rows]
    model = tmp_path / "tied.json"
    model.write_text(
        json.dumps(
            {"format": "mmdp/1", "name": "tied", "source": "", "discount": "1/2", "states": ["s0", "s1"],
             "actions": [["x", "y"]], "transitions": transitions}
        )
    )  # fmt: skip
    document, printed = ask("attractors", str(model), "--samples", "2", "--longest", "1")
    assert document["attractors"][0]["attracting"] is None
    assert "tied" in printed


THRESHOLDS = [
    (["--parameter", "discount"], ["5", "-4"], "4/5"),
    (["--parameter", "discount", "--data", "epsilon-greedy:1/2"], ["17", "-16"], "16/17"),
    (["--parameter", "epsilon"], ["3", "-2"], "2/3"),
    (["--parameter", "epsilon", "--discount", "17/20"], ["17", "0", "-12"], "2*sqrt(51)/17 ≈0.8401680504"),
]


@pytest.mark.parametrize(("options", "polynomial", "root"), THRESHOLDS)
def test_the_exact_thresholds_of_the_two_state_example(ask, options, polynomial, root):
    """γ = 4/5 off-policy (Theorem 3); ε = 2·sqrt(1/γ - 1) on-policy (theory notes, section 5)."""
    document, printed = ask("critical", "two-state", *options, "--policy", "0,0;0,0")
    (threshold,) = document["thresholds"]
    assert threshold["minimal_polynomial"] == polynomial
    assert (threshold["attracting_below"], threshold["attracting_above"]) == (True, False)
    low, high = (fmpq(*map(int, (text + "/1").split("/")[:2])) for text in threshold["interval"])
    assert low <= high
    assert high - low < fmpq(1, 10**9)
    assert f"threshold τ = {root}\n" in printed
    assert "attracts just below, does not attract just above" in printed
    assert readable_polynomial([int(c) for c in polynomial]) in printed
    assert ("exact bounds" in printed) == (len(polynomial) > 2)


def test_no_threshold(ask):
    document, printed = ask("critical", "two-state", "--parameter", "epsilon", "--policy", "0,0;1,1")
    assert document["thresholds"] == []
    assert document["attracting_throughout"] is False
    assert "does not attract at every τ" in printed


def test_the_default_policy_is_optimal(ask):
    document, _ = ask("critical", "two-state", "--parameter", "epsilon")
    assert document["policy"] == ALL_FIRST


SHORT = (["attractors", "two-state", "--samples", "1", "--longest", "1"], EPSILON)


@pytest.mark.parametrize("command", SHORT, ids=lambda c: c[0])
def test_quiet_and_standard_output(capsys, command):
    assert main([*command, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main([*command, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["format"] in ("portrait/1", "critical/1")
    assert main([command[0], "--help"]) == 0
    assert "Usage: fqi-theory" in capsys.readouterr().out


REFUSED = [
    (["attractors", "absent.json"], "absent.json: path: expected an existing file"),
    (["attractors", "maven(10)"], "at most 20000 are enumerated"),
    (["attractors", "two-state", "--longest", "0"], "Invalid value for '--longest'"),
    (["attractors", "two-state", "--samples", "-1"], "Invalid value for '--samples'"),
    (["attractors", "two-state", "--data", "epsilon-greedy:0"], "so the run is not determined"),
    (["attractors", "two-state", "--discount", "1"], "two-state: model 'two-state' has discount 1"),
    (["attractors", "two-state", "--json", "no/where.json"], "no/where.json: path: expected an existing folder"),
    (["critical", "two-state"], "Missing option '--parameter'"),
    (["critical", "two-state", "--parameter", "gamma"], "Invalid value for '--parameter'"),
    ([*EPSILON, "--data", "uniform"], "--data: with --parameter epsilon"),
    (
        ["critical", "two-state", "--parameter", "discount", "--discount", "1/2"],
        "--discount: with --parameter discount",
    ),
    ([*EPSILON, "--policy", "0,0"], "--policy: expected 2 joint actions separated by ';', found 1"),
    ([*EPSILON, "--policy", "0,0;0"], "--policy: state s1: expected 2 indices, found 1"),
    ([*EPSILON, "--policy", "0,0;0,2"], "--policy: state s1: agent 2: expected an index in 0..1, found '2'"),
    ([*EPSILON, "--policy", "0,0;0,-1"], "expected an index in 0..1, found '-1'"),
    ([*EPSILON, "--policy", "0,0;0,²"], "expected an index in 0..1"),
    ([*EPSILON, "--policy", "0,0;0,1000000000000000000000"], "expected an index in 0..1"),
    (["critical", "maven(10)", "--parameter", "discount"], "at most 12 are handled"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_bad_input_is_one_line(refused, arguments, message):
    assert message in refused(*arguments)


@pytest.mark.parametrize(
    ("coefficients", "text"),
    [
        ([5, -4], "5τ - 4"),
        ([17, 0, -12], "17τ² - 12"),
        ([1, -1, 0, 1], "τ³ - τ² + 1"),
        ([-1, 0], "-τ"),
        ([1] + [0] * 12, "τ¹²"),
        ([0], "0"),
    ],
)
def test_polynomials_read_as_usual(coefficients, text):
    assert readable_polynomial(coefficients) == text


def test_closed_forms():
    assert closed_form([3, -2], (fmpq(2, 3), fmpq(2, 3))) == "2/3"
    assert closed_form([2, 0, -1], (fmpq(1, 2), fmpq(1))) == "sqrt(2)/2"
    assert closed_form([1, 0, 0, -2], (fmpq(1), fmpq(2))) is None
    assert root_text([2, 0, 0, -1], (fmpq(79370, 100000), fmpq(79371, 100000))) == "≈0.793705"


def test_decimals_stay_bounds():
    assert (decimals(fmpq(1, 3), up=False), decimals(fmpq(1, 3), up=True)) == ("0.3333333333", "0.3333333334")
