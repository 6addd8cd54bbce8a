import json
import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Matrix

import fqi_theory as ft
from fqi_theory.base.errors import DataError, IncompleteDataWarning, NearTieWarning, OverflowedWarning
from fqi_theory.base.scalars import exact_array
from fqi_theory.cli.app import main
from fqi_theory.data.sources import JointData
from fqi_theory.data.support import Undetermined, undetermined

DIAGONAL = [[["1/2", 0], [0, "1/2"]]] * 2
UNPLAYED = [[[1, 0], [1, 0]], [["1/2", "1/2"]] * 2]


def rows(cells, shape):
    return [[int(x == a) for a, count in zip(cell, shape, strict=True) for x in range(count)] for cell in cells]


@st.composite
def supports(draw):
    shape = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
    cells = list(product(*map(range, shape)))
    return shape, draw(st.lists(st.sampled_from(cells), min_size=1, unique=True))


@given(supports())
def test_open_are_the_joint_actions_whose_row_is_outside_the_span_of_the_played_rows(found):
    shape, played = found
    cells = list(product(*map(range, shape)))
    weights = np.zeros((1, *shape), dtype=object)
    for cell in played:
        weights[(0, *cell)] = ft.exact(1) / len(played)
    model = ft.MMDP(np.zeros((1, *shape), dtype=int), np.zeros((1, *shape), dtype=int), 0)
    rank = Matrix(rows(played, shape)).rank()
    free = {cell for cell in cells if Matrix(rows([*played, cell], shape)).rank() > rank}
    answer = undetermined(model, JointData(exact_array(weights)))
    unplayed = {(one.agent, one.action[0]) for one in answer if one.kind == "unplayed"}
    assert unplayed == {
        (i, x) for i, count in enumerate(shape) for x in range(count) if all(cell[i] != x for cell in played)
    }
    beside = {cell for cell in free if not any((i, x) in unplayed for i, x in enumerate(cell))}
    assert {one.action for one in answer if one.kind == "unconnected"} == beside
    assert bool(answer) == bool(free)


def test_a_run_on_diagonal_data_warns_with_names():
    model = ft.load("two-state")
    with pytest.warns(IncompleteDataWarning, match=r"4 joint actions .* s0, joint action \(A, B\); .* and 1 more"):
        run = ft.fitted_q_iteration(model, data=ft.correlated(DIAGONAL), iterations=2)
    assert len(run.undetermined) == 4
    assert run.to_json()["undetermined"][0] == {"kind": "unconnected", "state": "s0", "action": ["A", "B"]}


def test_a_zero_marginal_warns_and_is_refused_on_request():
    model, data = ft.load("two-state"), ft.product(UNPLAYED)
    with pytest.warns(IncompleteDataWarning, match="2 actions are never played .* state s0, agent 1, action B"):
        run = ft.fitted_q_iteration(model, data=data, iterations=1)
    assert run.undetermined == (Undetermined("unplayed", 0, 0, (1,)), Undetermined("unplayed", 1, 0, (1,)))
    with pytest.raises(DataError, match=r"agent 1, action B; .*complete the data"):
        ft.fitted_q_iteration(model, data=data, unsupported="refuse")
    with pytest.raises(DataError, match="unsupported: expected choose or refuse, found 'guess'"):
        ft.fitted_q_iteration(model, unsupported="guess")


def test_greedy_data_without_exploration_are_incomplete():
    with pytest.warns(IncompleteDataWarning, match="4 actions are never played"):
        ft.fitted_q_iteration(ft.load("two-state"), data=ft.epsilon_greedy(0), iterations=1)


@pytest.mark.parametrize("data", [ft.uniform(), ft.epsilon_greedy("1/10"), ft.correlated([[["1/4"] * 2] * 2] * 2)])
def test_complete_data_are_silent(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run = ft.fitted_q_iteration(ft.load("two-state"), data=data, iterations=2)
    assert run.to_json()["undetermined"] == []


def test_three_cells_of_four_determine_two_agents():
    data = ft.correlated([[["1/2", "1/4"], ["1/4", 0]]] * 2)
    assert undetermined(ft.load("two-state"), data.at(ft.load("two-state"), None)) == ()


def test_the_command_line_says_it_in_one_line_and_marks_the_json(tmp_path, capsys):
    data, out = tmp_path / "data.json", tmp_path / "run.json"
    data.write_text(json.dumps({"format": "data/1", "joint": DIAGONAL}))
    given = ["run", "two-state", "--data", str(data), "--iterations", "2", "--json", str(out)]
    assert main(given) == 0
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "two-state: warning: 4 joint actions" in error
    assert len(json.loads(out.read_text())["undetermined"]) == 4
    assert main([*given, "--unsupported", "refuse"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def tied(gap):
    """One state, one agent, two actions that differ by `gap`."""
    return ft.MMDP([[1.0, 1.0 + gap]], [[0, 0]], 0.5, actions=[["left", "right"]])


def test_the_first_near_tie_is_named(tmp_path, capsys):
    run = ft.fitted_q_iteration(tied(2**-52), iterations=3)
    named = {"t": 1, "state": "s0", "agent": 1, "actions": ["right", "left"], "gap": 2**-52}
    assert run.to_json()["near_tie"] == named
    with pytest.warns(NearTieWarning, match="iteration 1, state s0, agent 1: right leads left by 2.2e-16; the data"):
        ft.fitted_q_iteration(tied(2**-52), data=ft.epsilon_greedy(0.1), iterations=1)
    with pytest.warns(NearTieWarning, match=r"joint actions: \(right\) leads \(left\)"):
        ft.fitted_q_iteration(tied(2**-52), data=ft.epsilon_greedy(0.1), factorization=ft.joint, iterations=1)
    ft.write_mmdp(tied(2**-52).to_exact(), tmp_path / "tied.json")
    assert main(["run", str(tmp_path / "tied.json"), "--float", "--iterations", "1"]) == 0
    assert "right leads left by 2.2e-16; exact numbers decide it" in capsys.readouterr().err


@pytest.mark.parametrize("gap", [0.0, 1e-6])
def test_clear_leads_and_exact_ties_are_no_near_ties(gap):
    assert ft.fitted_q_iteration(tied(gap), iterations=2).near_tie is None


def test_exact_runs_have_no_near_ties():
    assert ft.fitted_q_iteration(tied(2**-52).to_exact(), iterations=2).near_tie is None


@pytest.mark.parametrize("factorization", [ft.linear, ft.joint])
def test_a_float_run_stops_at_overflow(factorization):
    model = ft.MMDP([[1e308, 1e307]], [[0, 0]], 0.9)
    with pytest.warns(OverflowedWarning, match="overflowed in iteration 2: 1 iterations are kept"):
        run = ft.fitted_q_iteration(model, factorization=factorization, iterations=10)
    assert (len(run), run.overflow) == (2, 2)
    assert len(list(run)) == 2
    assert np.isfinite(np.stack(run.values)).all()
    assert run.to_json()["overflow"] == 2


def test_an_overflow_is_said_on_the_command_line(capsys):
    assert main(["run", "two-state", "--float", "--iterations", "7000"]) == 0
    out, error = capsys.readouterr()
    assert "overflowed in iteration 6011: 6010 iterations are kept" in error
    assert "t = 6010" in out


def test_a_symmetric_game_in_floats_is_not_silent():
    """Reward 0.1 a neighbour: sums in different orders differ in the last place, the exact ones are equal."""
    one, third = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert one != third
    with pytest.warns(NearTieWarning):
        ft.fitted_q_iteration(ft.MMDP([[one, third]], [[0, 0]], 0.9), data=ft.epsilon_greedy(0.1), iterations=1)
