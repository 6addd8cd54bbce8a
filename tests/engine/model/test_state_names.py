"""States of environments and of recorded transitions are told apart, and their names say what they are."""

import numpy as np
import pytest
from test_environments import Grid

import fqi_theory as ft
from fqi_theory.base.texts import listed
from fqi_theory.model.environments.outcomes import END, key, name, names

pytestmark = pytest.mark.slow


class Apart(Grid):
    """Each agent observes its own place; nobody gives a state."""

    def state(self):
        raise NotImplementedError


class Together(Apart):
    """Both agents observe both places."""

    def observe(self):
        return dict.fromkeys(self.possible_agents, np.concatenate([self.at["red"], self.at["blue"]]))


@pytest.mark.parametrize(("env", "first"), [(Apart, "red=(0,0) blue=(2,0)"), (Together, "0,0,2,0"), (Grid, "0,0,2,0")])
def test_a_grid_is_named_by_what_is_read(env, first):
    model = ft.from_env(env(), discount="9/10")
    assert model.states[0] == first
    assert len(set(model.states)) == model.n_states == 81


def test_a_function_reads_and_names():
    letters = "ABC"
    model = ft.from_env(
        Grid(),
        discount="9/10",
        state=lambda env: ", ".join(f"{agent} {letters[x]}{y + 1}" for agent, (x, y) in env.at.items()),
    )
    assert model.states[0] == "red A1, blue C1"


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ((0, 1), "0,1"),
        (((0, 1), (2,)), "(0,1),(2)"),
        ({"red": [0, 1], "blue": 3}, "red=(0,1) blue=3"),
        ({"red": [0, 1], "blue": np.array([0, 1])}, "0,1"),
        ({"alone": 4}, "alone=4"),
        ({}, ""),
        ("at home", "at home"),
    ],
)
def test_names(state, text):
    assert name(key(state)) == text


def test_only_equal_names_are_numbered():
    assert names([1, "1", 2]) == ["1 #1", "1 #2", "2"]
    assert names(["terminal", END]) == ["terminal #1", "terminal #2"]
    assert len(set(names([1, "1", "1 #1"]))) == 3


def test_a_mapping_is_the_same_key_as_before():
    assert key({"a": 1}) == (("a", 1),)
    assert hash(key({"a": 1})) == hash((("a", 1),))


def test_recorded_states_of_equal_names_are_told_apart():
    found = ft.from_transitions([(1, (0,), 0, "1"), ("1", (0,), 1, 1)], discount=0, unvisited="absorb")
    assert found.model.states == ("1 #1", "1 #2")
    assert found.model.reward[:, 0].tolist() == [0, 1]


def test_lists_of_names_with_commas_are_separated_by_semicolons():
    assert listed(["0,1", "1,0"]) == "0,1; 1,0"
    assert listed(["a", "b", "c"], 2) == "a, b, ... (3 in all)"
    assert listed(["0,1", "1,0", "1,1"], 2) == "0,1; 1,0; ... (3 in all)"
