"""Arguments of another type, and users' functions that raise: no bare error of Python, always a name or a place."""

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base.errors import DataError, FqiTheoryError, ModelError, NumberError


class Tiny:
    """Two agents with two actions each, who are paid 1 for ever; whatever is asked for raises or returns a change."""

    possible_agents = ("red", "blue")

    def __init__(self, **changes):
        self.changes = changes

    def answer(self, name, value):
        changed = self.changes.get(name, value)
        if isinstance(changed, Exception):
            raise changed
        return changed

    def action_space(self, _agent):
        class Space:
            n = 2

        return self.answer("action_space", Space())

    def reset(self, seed=None, options=None):  # noqa: ARG002
        return self.answer("reset", (self.all(0), self.all({})))

    def state(self):
        return self.answer("state", 0)

    def step(self, actions):  # noqa: ARG002
        return self.answer("step", (self.all(0), self.all(1), self.all(False), self.all(False), self.all({})))

    def all(self, value):
        return dict.fromkeys(self.possible_agents, value)


def stay(state, _joint):
    return 1, state


P = {0: {k: [(1, 0, 1, False)] for k in range(2)}}
LISTS = [["l", "r"]] * 2
ENV = {"discount": 0, "actions": None, "start": None, "rounding": None, "denominator": None, "unavailable": "refuse"}
ENV |= {"limit": 1, "watch": print, "name": None, "decode": None, "state": None, "reward": "common", "samples": None}
DOORS = {
    "step function": (lambda **given: ft.from_env(stay, **{"actions": LISTS, "start": 0, "discount": 0, **given}), ENV),
    "table": (lambda **given: ft.from_env(P, **{"discount": 0, **given}), ENV),
    "parallel": (lambda **given: ft.from_env(Tiny(), **{"discount": 0, **given}), ENV),
    "environment": (lambda env: ft.from_env(env, discount=0, actions=LISTS, start=0), ["env"]),
    "transitions": (
        lambda **given: ft.from_transitions(**{"transitions": [(0, 0, 1, 0)], "discount": 0, **given}),
        ["transitions", "discount", "states", "actions", "unvisited", "available", "numbers", "rounding", "name"],
    ),
    "payoff": (
        lambda **given: ft.from_payoff(**{"table": [[1, 2]], **given}),
        ["table", "discount", "actions", "name", "source"],
    ),
    "model": (
        lambda **given: ft.MMDP(**{"reward": [[1]], "transition": [[0]], "discount": 0, "agents": 1, **given}),
        ["reward", "transition", "discount", "states", "actions", "start", "available", "agents", "name", "source"],
    ),
    "from_float": (ft.from_float, ["value"]),
    "exact": (ft.exact, ["value"]),
    "to_fraction": (ft.to_fraction, ["values"]),
    "with_discount": (ft.MMDP([[1]], [[0]], 0, agents=1).with_discount, ["discount"]),
}
WRONG = [
    2, 0, -1, 2.5, float("nan"), 1 + 0j, True, None, "x", "", b"x", [], (), [1], [None], [[1]], ["a", None], {"a": 1},
    {1, 2}, {"x": 2}.keys(), range(3), object(), object, len, np.ones(2), np.ones((1, 1)), np.array("x"), np.array(3.0),
]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_arguments_of_any_type_are_taken_or_refused_in_words(door):
    call, arguments = DOORS[door]
    refused = 0
    for argument in arguments:
        for value in WRONG:
            if argument == "watch" and value is len:
                continue
            try:
                call(**{argument: value})
            except FqiTheoryError:
                refused += 1
    assert refused > 10


@pytest.mark.parametrize(
    ("door", "given", "error", "message"),
    [
        ("step function", {"actions": 2}, ModelError, r"actions: a step function needs .* found 2 \(int\)"),
        ("step function", {"actions": [2, 2]}, ModelError, r"actions: a step function needs .* found \[2, 2\]"),
        ("table", {"actions": 2}, ModelError, r"actions: a table needs .* found 2 \(int\)"),
        ("parallel", {"actions": ["ab", "cd"]}, ModelError, r"actions: a ParallelEnv needs .* found \['ab'"),
        ("parallel", {"samples": "3"}, DataError, r"samples: expected a whole number, found '3' \(str\)"),
        ("parallel", {"samples": 0}, DataError, "samples: expected at least 1, found 0"),
        ("parallel", {"state": 2}, DataError, r"state: expected a function, found 2 \(int\)"),
        ("parallel", {"reward": "mean"}, ModelError, "reward: expected common or sum or a function, found 'mean'"),
        ("parallel", {"start": 0}, ModelError, r"start: a ParallelEnv takes state, reward, samples, found start 0"),
        ("table", {"decode": 2}, DataError, r"decode: expected a function, found 2 \(int\)"),
        ("table", {"samples": 3}, ModelError, r"samples: a table takes start, decode, found samples 3 \(int\)"),
        ("step function", {"samples": 3}, ModelError, "samples: a step function takes start, found samples 3"),
        ("step function", {"reward": "sum"}, ModelError, "reward: a step function takes start, found reward 'sum'"),
        ("step function", {"start": {1, 2}}, ModelError, r"start: state \{1, 2\}: expected something hashable"),
        ("step function", {"limit": None}, DataError, r"limit: expected a whole number, found None \(NoneType\)"),
        ("step function", {"watch": 2}, DataError, r"watch: expected a function, found 2 \(int\)"),
        ("step function", {"name": 2}, DataError, r"name: expected a text, found 2 \(int\)"),
        ("step function", {"denominator": "9"}, DataError, r"denominator: expected a whole number, found '9' \(str\)"),
        ("step function", {"discount": [1, 2]}, NumberError, r"discount: expected one number, found \[1, 2\] \(list\)"),
        ("step function", {"discount": None}, NumberError, "discount: None is not an exact rational"),
        ("step function", {"unavailable": 2}, ModelError, "unavailable: expected refuse or first or mask, found 2"),
        ("environment", {"env": Tiny}, ModelError, r"env: .* found the class Tiny; Tiny\(\) makes"),
        ("environment", {"env": {0: 2}}, ModelError, r"env: P\[0\]: expected the outcomes of each action, found 2"),
        ("environment", {"env": {0: [2] * 4}}, ModelError, "state 0.*the table: expected a list of outcomes, found 2"),
        ("environment", {"env": {0: [[(1, 0)]] * 4}}, ModelError, r"expected \(p, next state, .*\), found 2 entries"),
        ("transitions", {"actions": 2}, DataError, "actions: expected a list of numbers or names, .* found 2"),
        ("transitions", {"numbers": 2}, DataError, "numbers: expected exact or float, found 2"),
        ("transitions", {"states": None, "discount": [1]}, NumberError, r"discount: expected one number, found \[1\]"),
        ("payoff", {"actions": 2}, ModelError, "actions: expected a list of lists of names, one an agent, found 2"),
        ("payoff", {"actions": [2, 2]}, ModelError, "actions of agent 1: expected a list of names, found 2"),
        ("payoff", {"table": None}, NumberError, "payoff table: None is not an exact rational"),
        ("model", {"states": 2}, ModelError, r"states: expected a list of names, found 2 \(int\)"),
        ("model", {"states": [[1]]}, ModelError, r"states: expected printable names, found \[1\] as number 0"),
        ("model", {"start": ["x"]}, NumberError, "start: 'x' is not a rational number"),
        ("model", {"reward": [["x"]]}, NumberError, "reward: 'x' is not a rational number"),
    ],
)  # fmt: skip
def test_wrong_types_are_named(door, given, error, message):
    with pytest.raises(error, match=message):
        DOORS[door][0](**given)


def test_names_may_come_from_iterators_once():
    model = ft.MMDP([[1, 2]], [[0, 0]], 0, states=iter(["s"]), actions=(iter(["a", "b"]) for _ in range(1)))
    assert (model.states, model.actions) == (("s",), (("a", "b"),))


def breaks(state, joint):
    if state == 1 and joint == ("r", "l"):
        raise KeyError("door")
    return 0, 1


PLACE = r"state 1, joint action \(r, l\): the step function raised KeyError: 'door'"
FIRST = r"state 0, joint action \(a0, a0\): "


def fails(*_):
    return {}["door"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ft.from_env(breaks, discount=0, actions=LISTS, start=0), PLACE),
        (
            lambda: ft.from_env(P, discount=0, decode=fails),
            r"state 0, joint action \(a0\): the function `decode` raised",
        ),
        (lambda: ft.from_env(Tiny(step=KeyError("x")), discount=0), FIRST + "env.step raised KeyError: 'x'"),
        (lambda: ft.from_env(Tiny(reset=KeyError("x")), discount=0), "start: env.reset raised KeyError: 'x'"),
        (lambda: ft.from_env(Tiny(state=KeyError("x")), discount=0), "reading a state: env.state, .* raised KeyError"),
        (lambda: ft.from_env(Tiny(action_space=KeyError("x")), discount=0), "agent red: env.action_space raised Key"),
        (lambda: ft.from_env(Tiny(), discount=0, reward=fails), FIRST + "rewards .*: the function `reward` raised Key"),
        (lambda: ft.from_env(Tiny(), discount=0, state=fails), "reading a state: .*the function `state`, raised Key"),
    ],
)
def test_what_a_users_function_raises_has_its_place_and_is_the_cause(call, message):
    with pytest.raises(ModelError, match=message) as found:
        call()
    assert isinstance(found.value.__cause__, KeyError)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reset": 3}, r"start: env.reset: expected \(observations, infos\), found 3"),
        ({"reset": (1, {})}, "start: env.reset: expected observations by agent, found 1"),
        ({"step": (1, 2)}, FIRST + r"env.step: expected \(observations, rewards, .*\), found 2 entries"),
        ({"step": ({}, 1, {}, {}, {})}, FIRST + "env.step: expected rewards by agent, found 1"),
    ],
)
def test_what_an_environment_returns_is_looked_at(changes, message):
    with pytest.raises(ModelError, match=message):
        ft.from_env(Tiny(**changes), discount=0)


def test_an_interrupt_is_no_error_of_the_step_function():
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ft.from_env(stop, discount=0, actions=LISTS, start=0)
