"""V* by substitution: what it finds is the solution, whatever floats propose, and it gives up where policies return."""

from unittest.mock import patch

import numpy as np
import pytest
from counting import counted
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.scalars import exact_array
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning import substitution, sweeps
from fqi_theory.planning.floats import float_model
from fqi_theory.planning.optimal import solve, solve_generically
from fqi_theory.planning.substitution import Prepared, prepared
from fqi_theory.testing import strategies as fst


def moving_on(model):
    """The same rewards, with steps that stay or lead to later states only: no policy returns."""
    states, tensor = model.n_states, model.transition.dense().copy()
    for s in range(states):
        early = tensor[s, ..., :s].sum(axis=-1)
        tensor[s, ..., :s] = fmpq(0)
        tensor[s, ..., states - 1] += early
    return MMDP(model.reward, tensor, model.discount)


onward = fst.mmdps(states=st.integers(1, 4), planted_ties=True).map(moving_on)


def rows_of(model, policy):
    return np.ravel_multi_index((np.arange(model.n_states), *policy.T), model.reward.shape)


def assert_solution(model, found):
    expected = solve_generically(model)
    assert (found[0] == expected.values).all()
    assert found[1].tolist() == rows_of(model, expected.policy).tolist()


@given(onward, st.sampled_from([0, sweeps.ENTRIES]))
def test_where_no_policy_returns_an_optimal_proposal_is_confirmed(model, entries):
    """With the dense matrix and without it."""
    best = rows_of(model, solve_generically(model).policy)
    with patch.object(sweeps, "ENTRIES", entries), patch.object(Prepared, "_proposed", lambda _: best):
        found = Prepared(model).solution()
    assert found is not None
    assert_solution(model, found)


def test_sweeps_propose_the_way_to_a_reward_far_away():
    states, far = 40, np.full((40, 2), fmpq(-1, 100))
    far[-1] = fmpq(1)
    onward = [[s, min(s + 1, states - 1)] for s in range(states)]
    found = Prepared(MMDP(far, onward, "999/1000", agents=1)).solution()
    assert found is not None
    assert found[1].tolist() == [2 * s + 1 for s in range(states - 1)] + [2 * (states - 1)]


@given(onward | fst.mmdps(planted_ties=True), st.data())
def test_whatever_is_proposed_an_answer_is_the_solution(model, draw):
    wrong = rows_of(model, draw.draw(fst.policies(model)))
    with patch.object(Prepared, "_proposed", lambda _: wrong):
        found = Prepared(model).solution()
        solved = solve(model)
    if found is not None:
        assert_solution(model, found)
    assert_solution(model, (solved.values, rows_of(model, solved.policy)))


@given(fst.mmdps(states=st.integers(1, 4), planted_ties=True), st.data())
def test_a_discarded_joint_action_is_worse(model, draw):
    found = sweeps.sweeps(float_model(model))
    values = np.array(draw.draw(st.lists(st.integers(-9, 9), min_size=model.n_states, max_size=model.n_states)))
    ahead = model.backup(exact_array(values.tolist())).reshape(model.n_states, -1)
    possible = found.possible(values.astype(float))
    assert all(ahead[s, a] < values[s] for s, a in np.argwhere(~possible).tolist())


def cycle(states):
    return MMDP(
        np.ones((states, 2), dtype=int).astype(object), [[(s + 1) % states] * 2 for s in range(states)], "1/2", agents=1
    )


@pytest.mark.parametrize("states", [2, 3, 300])
def test_a_policy_that_returns_is_left_to_elimination(states):
    assert prepared(cycle(states)).solution() is None
    assert solve(cycle(states)).values.tolist() == [2] * states


def layered(states):
    """Every state leads to all later ones alike."""
    tensor = np.full((states, 1, states), fmpq(0))
    for s in range(states):
        later = range(s + 1, states) if s + 1 < states else [s]
        for t in later:
            tensor[s, 0, t] = fmpq(1, len(later))
    return MMDP(exact_array(list(range(states))).reshape(-1, 1), tensor, "1/2")


def test_each_equation_is_added_up_at_most_twice():
    """First met, an equation may lack a value; a search that began anew with each value took |S|³ steps here."""
    counts = []
    for states in (30, 60):
        model = layered(states)
        rows = [prepared(model).row(s) for s in range(states)]
        with counted() as done:
            assert substitution._substituted(rows) is not None
        counts.append(done.lines)
    assert counts[1] < 5 * counts[0]


def test_a_model_is_read_once_and_forgotten_with_it():
    model = layered(3)
    assert prepared(model) is prepared(model)
    before = len(substitution._PREPARED)
    del model
    assert len(substitution._PREPARED) == before - 1


def test_equal_rows_of_a_state_are_one_object():
    model = MMDP(np.array([[1, 1, 1]], dtype=object), [[0, 0, 0]], "1/2", actions=[["a", "b", "c"]])
    found = prepared(model)
    assert found.row(0) is found.row(1)
    assert solve(model).policy.tolist() == [[0]]
