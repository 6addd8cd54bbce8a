"""Theorem 2 with an explicit ε_0: its numbers on known models, and what is refused."""

from fractions import Fraction

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base.errors import DataError


def test_the_optimum_of_climbing():
    found = ft.local_attraction(ft.load("climbing", discount="1/2"))
    assert (found.policy.tolist(), found.values.tolist()) == ([[0, 0]], [22])
    assert (found.gap, found.spread, found.radius) == (11, 41, Fraction(11, 8))
    assert found.epsilon == Fraction(11, 208)
    assert found.rate("1/100") == Fraction(5001, 10000)
    assert found.drift("1/100") == 3 * 2 * Fraction(1, 10**4) * 41 * 2


def test_a_suboptimal_policy_that_no_agent_leaves_alone():
    found = ft.local_attraction(ft.load("climbing", discount="1/2"), [[1, 1]])
    assert (found.gap, found.spread, found.epsilon) == (1, 41, Fraction(1, 168))


def test_a_discount_near_one_decides():
    assert ft.local_attraction(ft.load("climbing", discount="99/100")).epsilon == Fraction(1, 1188)


def test_one_agent_has_no_others_to_wait_for():
    model = ft.MMDP([[0, 1]], [[[1], [1]]], "9/10", agents=1)
    found = ft.local_attraction(model)
    assert (found.epsilon, found.gap, found.drift(1), found.rate(1)) == (1, 1, 0, Fraction(9, 10))


def test_runs_stay_and_contract_at_the_bound():
    model = ft.load("climbing", discount="1/2")
    found = ft.local_attraction(model)
    fixed = ft.decide(model, data=ft.epsilon_greedy(found.epsilon), initial=ft.start_from_values(model, [22], [[0, 0]]))
    limit = fixed.values[0][0]
    assert abs(limit - 22) <= found.drift(found.epsilon)
    start = ft.start_from_values(model, [limit - found.radius], [[0, 0]])
    run = ft.fitted_q_iteration(model, data=ft.epsilon_greedy(found.epsilon), initial=start, iterations=4)
    assert all(step.tolist() == [[0, 0]] for step in run.greedy)
    rate = found.rate(found.epsilon)
    assert all(abs(v[0] - limit) <= rate**t * found.radius for t, v in enumerate(run.values))


@pytest.mark.parametrize("policy", [[[0, 1]], [[1, 2]]])
def test_a_policy_that_some_agent_leaves_is_refused(policy):
    with pytest.raises(DataError, match=r"policy at state s: agent \d loses nothing by action a\d"):
        ft.local_attraction(ft.load("climbing"), policy)


def test_ties_shapes_and_fields_are_refused():
    with pytest.raises(DataError, match="state s0: agent 1 loses nothing by action B instead of A"):
        ft.local_attraction("two-state")
    with pytest.raises(DataError, match=r"policy: expected joint actions \(1, 2\), found \(2,\)"):
        ft.local_attraction(ft.load("climbing"), np.array([0, 0]))
    with pytest.raises(DataError, match="expected an exact model, found float numbers"):
        ft.local_attraction(ft.MMDP([[0.0, 1.0]], [[[1.0], [1.0]]], 0.9, agents=1))


@pytest.mark.parametrize("epsilon", [0, "1/2"])
def test_epsilon_outside_the_bound_is_refused(epsilon):
    with pytest.raises(DataError, match="epsilon: expected 0 < ε <= 11/208"):
        ft.local_attraction(ft.load("climbing", discount="1/2")).rate(epsilon)
