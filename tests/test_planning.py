from itertools import product

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import TWO_STATE_REWARD, TWO_STATE_SUCCESSOR, best_values, fraction, game, policy_value, value_iteration

from fqi_theory import strategies as fst
from fqi_theory.errors import ModelError, NumberError
from fqi_theory.mmdp import MMDP
from fqi_theory.planning import finite_horizon_values, policy_values, solve, solve_exact
from fqi_theory.scalars import exact_array, to_float

tiny = fst.mmdps(states=st.integers(1, 2), actions=fst.action_counts(max_joint=6), planted_ties=True)


def two_state(discount):
    return MMDP(TWO_STATE_REWARD, np.array(TWO_STATE_SUCCESSOR), discount, name="two-state")


@given(tiny)
def test_solve_is_the_best_of_all_policies(model):
    solution = solve(model)
    g = game(model)
    assert [fraction(v) for v in solution.values] == best_values(g)


@given(tiny)
def test_the_policy_is_the_first_optimal_one(model):
    solution, g = solve(model), game(model)
    best = best_values(g)
    optimal = [p for p in product(g.joint, repeat=g.states) if policy_value(g, p) == best]
    assert [tuple(row) for row in solution.policy.tolist()] == list(optimal[0])


@given(fst.mmdps(near_threshold=True))
def test_bellman_equation_holds_exactly(model):
    solution = solve(model)
    targets = model.backup(solution.values)
    assert (solution.action_values == targets).all()
    assert (targets.max(axis=tuple(range(1, targets.ndim))) == solution.values).all()
    assert (policy_values(model, solution.policy) == solution.values).all()


@given(fst.mmdps())
def test_float_solution_is_within_rounding(model):
    exact, rounded = solve(model), solve(model.to_float())
    assert rounded.model.field == "float"
    np.testing.assert_allclose(rounded.values, to_float(exact.values), rtol=1e-11, atol=1e-11)


@given(st.data())
def test_policy_values_by_elimination(draw):
    model = draw.draw(fst.mmdps())
    policy = draw.draw(fst.policies(model))
    expected = policy_value(game(model), [tuple(row) for row in policy.tolist()])
    assert [fraction(v) for v in policy_values(model, policy)] == expected


@given(fst.mmdps(), st.integers(0, 4))
def test_finite_horizon_is_repeated_backup(model, horizon):
    assert [fraction(v) for v in finite_horizon_values(model, horizon)] == value_iteration(game(model), horizon)


@pytest.mark.parametrize("gamma", ["0", "4/5", "9/10", "999/1000"])
def test_two_state_optimum_is_the_geometric_series(gamma):
    solution = solve(two_state(gamma))
    assert solution.values.tolist() == [0, 1 / (1 - exact_array([gamma])[0])]
    assert solution.policy.tolist() == [[0, 0], [0, 0]]


def test_a_discount_that_float64_rounds_to_one_is_solved_exactly():
    # The float proposal was singular and its error was raised.
    gamma = 1 - fmpq(1, 10**30)
    assert solve(two_state(gamma)).values.tolist() == [0, 10**30]


def test_rewards_beyond_float64_are_solved_exactly():
    # Converting them for the float proposal overflowed.
    model = MMDP([["1e400", "2e400"]], np.array([[0, 0]]), "1/2")
    assert solve(model).values.tolist() == [4 * fmpq(10) ** 400]
    with pytest.raises(NumberError, match="float64"):
        model.to_float()


def test_differences_below_float64_are_seen():
    model = MMDP([[1, "1.000000000000000000001"]], np.array([[0, 0]]), "1/2")
    solution = solve(model)
    assert solution.policy.tolist() == [[1]]
    assert solution.values.tolist() == [2 * (1 + fmpq(1, 10**21))]


def test_the_exact_search_improves_a_policy_that_float64_cannot_tell():
    # Float64 proposes nothing here, and the greedy policy of the rewards takes 1 once instead of 1/2 forever.
    model = MMDP([[0, 0], [1, "1/2"]], np.array([[0, 0], [0, 1]]), 1 - fmpq(1, 10**30))
    solution = solve(model)
    assert solution.values.tolist() == [0, fmpq(10**30, 2)]
    assert solution.policy.tolist() == [[0], [1]]


@settings(max_examples=20)
@given(fst.mmdps(states=3, discounts=st.sampled_from([1 - fmpq(1, 10**k) for k in (6, 12, 15, 16)])))
def test_float_solving_ends_near_discount_one(model):
    solution = solve(model.to_float()) if model.to_float().discount < 1 else solve(model)
    assert solution.policy.shape == (3, model.n_agents)


def test_solving_needs_a_discount_below_one():
    with pytest.raises(ModelError, match="discount 1"):
        solve(two_state(1))
    assert finite_horizon_values(two_state(1), 3).tolist() == [0, 3]


def test_solution_document():
    assert solve(two_state("9/10")).to_json() == {
        "format": "solution/1",
        "model": "two-state",
        "discount": "9/10",
        "values": ["0", "10"],
        "policy": [[0, 0], [0, 0]],
        "field": "exact",
    }


def test_solve_exact_refuses_a_singular_matrix():
    with pytest.raises(ZeroDivisionError):
        solve_exact(exact_array([[1, 1], [1, 1]]), exact_array([1, 0]))
