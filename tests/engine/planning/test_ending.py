"""Finite horizons, and discount 1 where every policy ends."""

import json
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import fraction

import fqi_theory as ft
from fqi_theory.base.errors import DataError, ModelError, TooLarge
from fqi_theory.base.scalars import exact_array
from fqi_theory.cli.app import main
from fqi_theory.model.transitions import SparseTransition
from fqi_theory.planning.ending import ended_states, endless_states
from fqi_theory.testing import strategies as fst


def plans(model, horizon):
    """Return the best total reward from each state of a deterministic model, by all sequences of joint actions."""
    joint = list(np.ndindex(*model.action_counts))
    values = []
    for s in range(model.n_states):
        best = None
        for plan in product(joint, repeat=horizon):
            state, total, weight = s, Fraction(0), Fraction(1)
            for a in plan:
                total += weight * fraction(model.reward[(state, *a)])
                state, weight = int(model.transition.successor[(state, *a)]), weight * fraction(model.discount)
            best = total if best is None else max(best, total)
        values.append(best)
    return values


@pytest.mark.parametrize("discount", ["1/2", "1", "0"])
def test_a_horizon_is_the_best_of_all_plans(discount):
    model = ft.load("two-state").with_discount(discount)
    for horizon in range(4):
        assert [fraction(v) for v in ft.solve(model, horizon=horizon).values] == plans(model, horizon)


def test_the_policy_of_a_horizon_depends_on_the_time_to_go():
    # s0: wait (reward 0, stay) or take 1 and go to s1, where nothing pays; a last reward of 3 for waiting in s2.
    reward = [[[1, 0]], [[0, 0]], [[5, 0]]]
    model = ft.MMDP(reward, np.array([[[1, 2]], [[1, 1]], [[1, 1]]]), 1)
    solution = ft.solve(model, horizon=2)
    assert solution.values.tolist() == [5, 0, 5]
    assert solution.policy[:, 0].tolist() == [[0, 1], [0, 0]]
    assert ft.solve(model, horizon=1).policy[:, 0].tolist() == [[0, 0]]
    assert solution.steps.tolist() == [[0, 0, 0], [1, 0, 5], [5, 0, 5]]


@given(fst.mmdps(states=st.integers(1, 3), actions=fst.action_counts(max_joint=4)), st.integers(0, 5))
@settings(max_examples=30)
def test_playing_the_policy_of_a_horizon_earns_its_values(model, horizon):
    solution = ft.solve(model, horizon=horizon)
    earned = np.array([ft.exact(0)] * model.n_states)
    for policy in solution.policy[::-1]:
        earned = model.backup(earned)[(np.arange(model.n_states), *policy.T)]
    assert (earned == solution.values).all()


def ladder(p="1/2"):
    """From s2 and s1 one moves down with probability p or stays; s0 pays nothing. Staying pays 1: V = 1/p a step."""
    down = ft.exact(p)
    kernel = np.zeros((3, 1, 2, 3), dtype=object)
    kernel[0, :, :, 0] = 1
    for s in (1, 2):
        kernel[s, 0, 0, [s - 1, s]] = down, 1 - down
        kernel[s, 0, 1, 0] = 1
    reward = [[[0, 0]], [[1, 0]], [[1, 0]]]
    return ft.MMDP(reward, kernel, 1)


def test_total_reward_where_every_policy_ends():
    solution = ft.solve(ladder("1/3"))
    assert solution.values.tolist() == [0, 3, 6]
    assert solution.policy.tolist() == [[0, 0], [0, 0], [0, 0]]
    np.testing.assert_allclose(ft.solve(ladder("1/4").to_float()).values, [0, 4, 8], rtol=1e-12)


@given(st.data())
@settings(max_examples=60)
def test_it_is_the_best_of_all_policies_and_the_limit_of_discounts(data):
    """A random model that ends: every action may stay, but ends with probability at least 1/4."""
    size = data.draw(st.integers(1, 2))
    kernel = np.zeros((size + 1, 2, 2, size + 1), dtype=object)
    kernel[size, :, :, size] = 1
    reward = np.zeros((size + 1, 2, 2), dtype=object)
    for place in np.ndindex(size, 2, 2):
        parts = data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
        total = sum(parts) + 1
        kernel[place] = [*(ft.exact(f"{x}/{total}") for x in parts), ft.exact(f"1/{total}")]
        reward[place] = data.draw(st.integers(-3, 3))
    model = ft.MMDP(reward, kernel, 1)
    assert not endless_states(model).any()
    solution = ft.solve(model)
    targets = model.backup(solution.values)
    assert (targets.max(axis=(1, 2)) == solution.values).all()
    for policy in product(np.ndindex(2, 2), repeat=size):
        # Iterate the policy: its value is at most V*, up to what is left after 200 steps.
        chosen = np.array([*policy, (0, 0)])
        rows = np.array([[float(x) for x in row] for row in model.transition.under(chosen)])
        paid = np.array([float(x) for x in model.reward[(np.arange(size + 1), *chosen.T)]])
        values = np.zeros(size + 1)
        for _ in range(400):
            values = paid + rows @ values
        assert (values <= np.array([float(v) for v in solution.values]) + 1e-6).all()
    near = ft.solve(model.with_discount("999999/1000000")).values
    assert all(abs(float(a - b)) < 1e-2 for a, b in zip(near, solution.values, strict=True))


def test_where_a_policy_never_ends_the_states_are_named():
    with pytest.raises(ModelError, match=r"never do from state s1 \(state s1, joint action \(A, A\) "):
        ft.solve(ft.load("two-state").with_discount(1))


def test_ended_and_endless_states():
    # s0 ended; s1 pays on the way to s0; s2 and s3 lead to each other or, paid, to s0; s4 leads to s2.
    successor = np.array([[0, 0], [0, 0], [3, 0], [0, 2], [2, 2]])
    reward = np.array([[0, 0], [1, 0], [0, 0], [1, 0], [0, 0]])
    model = ft.MMDP(reward, successor, 1, agents=1)
    assert ended_states(model).tolist() == [True, False, False, False, False]
    assert endless_states(model).tolist() == [False, False, True, True, True]


def test_a_loop_that_pays_nothing_has_ended_only_if_nothing_there_pays():
    quiet = ft.MMDP(np.zeros((2, 2), dtype=int), np.array([[1, 0], [0, 1]]), 1, agents=1)
    assert ended_states(quiet).all()
    assert ft.solve(quiet).values.tolist() == [0, 0]
    paying = ft.MMDP(np.array([[0, 0], [0, 1]]), np.array([[1, 0], [0, 1]]), 1, agents=1)
    assert not ended_states(paying).any()
    assert endless_states(paying).all()


def test_stored_zeros_are_no_successors():
    stored = exact_array([0, 1, 1])
    kernel = SparseTransition((2, 1), 2, np.array([0, 2, 3]), np.array([0, 1, 1]), stored, "exact")
    model = ft.MMDP(np.array([[2], [0]]), kernel, 1, agents=1)
    assert ft.solve(model).values.tolist() == [2, 0]


def test_a_horizon_is_a_whole_number_within_memory():
    with pytest.raises(DataError, match="horizon: expected a whole number"):
        ft.solve("two-state", horizon=2.5)
    with pytest.raises(TooLarge, match="values and policies of a horizon"):
        ft.solve("two-state", horizon=10**12)


def test_the_command_solves_a_horizon(tmp_path, capsys):
    out = tmp_path / "h.json"
    assert main(["solve", "two-state", "--discount", "1", "--horizon", "3", "--json", str(out)]) == 0
    text = capsys.readouterr().out
    assert "V over 3 steps" in text
    document = json.loads(out.read_text())
    assert document["horizon"] == 3
    assert document["values"] == ["0", "3"]
    assert len(document["policy"]) == 3
    assert main(["solve", "two-state", "--discount", "1"]) == 2
    assert "--horizon H" in capsys.readouterr().err


def test_a_horizon_has_a_face():
    solution = ft.solve("two-state", horizon=3)
    assert repr(solution) == "HorizonSolution('two-state', horizon 3, values [0, 271/100])"
    assert "271/100" in solution._repr_html_()
    assert "every value is 0" in ft.solve("two-state", horizon=0)._repr_html_()
