"""Enumeration of joint policies and strict person-by-person optimality, from the definitions."""

import numpy as np
import pytest
from fates import deterministic
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import TooLarge
from fqi_theory.fates.policies import (
    count_policies,
    is_person_by_person_optimal,
    joint_policies,
    person_by_person_optimal_policies,
)
from fqi_theory.model.catalog import load, random_model
from fqi_theory.planning.optimal import policy_values, solve


@pytest.mark.parametrize(("name", "count"), [("two-state", 16), ("climbing", 9), ("climbing-3p", 27), ("cycle-3", 64)])
def test_all_joint_policies_once(name, count):
    model = load(name)
    found = [tuple(map(tuple, policy.tolist())) for policy in joint_policies(model)]
    assert len(found) == len(set(found)) == count_policies(model) == count
    assert found == sorted(found)
    assert found[0] == ((0,) * model.n_agents,) * model.n_states


def test_too_many():
    with pytest.raises(TooLarge, match="has 1048576 deterministic joint policies, at most 20000"):
        next(joint_policies(load("maven(5)")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("qplex-game-3", [(0, 0), (1, 1), (2, 2)]),
        ("qplex-game-2", [(0, 0), (1, 1)]),
        ("coordination", [(0, 0), (1, 1)]),
        ("climbing", [(0, 0), (1, 1)]),
        ("lecture-2x2", [(0, 0), (1, 1)]),
        ("penalty(10)", [(0, 2), (1, 1), (2, 0)]),
    ],
)
def test_games(name, expected):
    assert [tuple(p[0].tolist()) for p in person_by_person_optimal_policies(load(name))] == expected


def by_definition(model, policy):
    """y(s,π(s)) > y(s, x ⊕ π_{-i}(s)) for every other action x of every agent."""
    targets = model.backup(policy_values(model, policy))
    for s, action in enumerate(policy.tolist()):
        for i, count in enumerate(model.action_counts):
            for x in set(range(count)) - {action[i]}:
                if targets[(s, *action[:i], x, *action[i + 1 :])] >= targets[(s, *action)]:
                    return False
    return True


@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (3, 2), (2, 2, 2)]), st.integers(1, 2))
def test_person_by_person_by_definition(seed, actions, states):
    model = random_model(seed, states, actions)
    listed = {p.tobytes() for p in person_by_person_optimal_policies(model)}
    for policy in list(joint_policies(model))[:: 1 + seed % 7]:
        strict = by_definition(model, policy)
        assert is_person_by_person_optimal(model, policy) == (policy.tobytes() in listed)
        if strict:
            assert policy.tobytes() in listed


@given(st.integers(0, 10**6))
def test_a_unique_optimum_is_person_by_person_optimal(seed):
    model = random_model(seed, 2, (2, 2))
    solution = solve(model)
    flat = np.sort(solution.action_values.reshape(2, -1), axis=1)
    if all(row[-1] > row[-2] for row in flat):
        assert is_person_by_person_optimal(model, solution.policy)


def test_a_later_duplicate_is_no_rival():
    model = deterministic([[[1, 1], [0, 0]]], [[[0, 0], [0, 0]]], "1/2")
    assert is_person_by_person_optimal(model, np.array([[0, 0]]))
    assert not is_person_by_person_optimal(model, np.array([[0, 1]]))
    near = deterministic([[[1, 1], [0, 1]]], [[[0, 0], [0, 0]]], "1/2")
    assert not is_person_by_person_optimal(near, np.array([[0, 0]]))


def test_a_tie_without_duplication_is_a_rival():
    model = deterministic([[1, 1], [0, 0]], [[0, 1], [1, 1]], "0")
    assert not any(is_person_by_person_optimal(model, p) for p in joint_policies(model))
