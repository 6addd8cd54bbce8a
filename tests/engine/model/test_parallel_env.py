"""A model as a PettingZoo environment: its rules, its ends, and the way back to the model."""

import sys
from collections import Counter

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base.errors import DataError, ExtraMissing, ModelError

pytest.importorskip("pettingzoo")
parallel_env = pytest.importorskip("fqi_theory.model.environments.parallel_env")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", ["two-state", "climbing-3p", "qtran-two-step", "cycle-3"])
def test_pettingzoo_accepts_it(name):
    from pettingzoo.test import parallel_api_test

    parallel_api_test(ft.to_parallel_env(ft.load(name), horizon=7), num_cycles=30)


@pytest.mark.parametrize("name", ["two-state", "cycle-2", "cycle-3"])
def test_a_deterministic_model_comes_back(name):
    model = ft.load(name)
    first = ft.MMDP(model.reward[::-1], model.n_states - 1 - model.transition.successor[::-1], model.discount)
    for one in (model, first):
        found = ft.from_env(ft.to_parallel_env(one), discount=one.discount)
        order = [found.states.index(str(s)) for s in range(one.n_states) if str(s) in found.states]
        reached = [s for s in range(one.n_states) if str(s) in found.states]
        assert (found.reward[order] == one.reward[reached]).all()
        assert (ft.solve(found).values[order] == ft.solve(one).values[reached]).all()


def test_masks_come_back():
    model = ft.load("cycle-3").with_available({"s1": [["a1"], ["a0", "a1"]], "s0": [["a0", "a1"], ["a1"]]})
    found = ft.from_env(ft.to_parallel_env(model), discount=model.discount, unavailable="mask")
    reached = [model.states.index(f"s{name}") for name in found.states if name != "terminal"]
    for mask, given in zip(found.available, model.available, strict=True):
        assert (mask[: len(reached)] == given[reached]).all()
    assert (ft.solve(found).values[: len(reached)] == ft.solve(model).values[reached]).all()
    with pytest.raises(ModelError, match="agent agent_2: not available: a0"):
        ft.from_env(ft.to_parallel_env(model), discount=model.discount)


def test_a_random_model_is_refused_without_samples():
    model = ft.random_model(1, 2, (2, 2), "stochastic", "1/2")
    with pytest.raises(ModelError, match="the environment is random"):
        ft.from_env(ft.to_parallel_env(model), discount="1/2", rounding="1e-6")


def test_successors_have_the_models_probabilities():
    kernel = [[[["1/4", "3/4"]]], [[[1, 0]]]]
    env = ft.to_parallel_env(ft.MMDP([[[2]], [[1]]], kernel, "1/2"))
    env.reset(seed=0)
    seen = Counter()
    for _ in range(4000):
        at = env.at
        observations, rewards, ended, cut, _ = env.step({"agent_1": 0, "agent_2": 0})
        assert set(rewards.values()) == {2.0 if at == 0 else 1.0}
        assert not any(ended.values())
        assert not any(cut.values())
        assert observations == {"agent_1": env.at, "agent_2": env.at}
        seen[at, env.at] += 1
    assert seen[1, 1] == 0
    assert 0.2 < seen[0, 0] / (seen[0, 0] + seen[0, 1]) < 0.3


def test_the_same_seed_plays_the_same_episode():
    env = ft.to_parallel_env(ft.random_model(3, 4, (2, 2), "stochastic", "1/2"))
    played = []
    for _ in range(2):
        env.reset(seed=5)
        played.append([env.step({"agent_1": t % 2, "agent_2": 1})[0]["agent_1"] for t in range(20)])
    assert played[0] == played[1]


def test_an_episode_ends_where_nothing_more_can_come_and_is_cut_at_the_horizon():
    model = ft.load("two-state")
    assert parallel_env.over(model).tolist() == [True, False]
    start = ft.MMDP(model.reward, model.transition, "9/10", start=[0, 1])
    env = ft.to_parallel_env(start, horizon=3)
    env.reset(seed=0)
    *_, ended, cut, _ = env.step({"agent_1": 1, "agent_2": 1})
    assert ended == {"agent_1": True, "agent_2": True}
    assert env.agents == []
    env.reset()
    for t in range(3):
        *_, ended, cut, _ = env.step({"agent_1": 0, "agent_2": 0})
        assert cut["agent_1"] == (t == 2)
    assert not ended["agent_1"]


def test_a_zero_probability_leaves_nothing():
    model = ft.MMDP([[[0]], [[1]]], [[[[1, 0]]], [[[0, 1]]]], "1/2")
    assert parallel_env.over(model).tolist() == [True, False]


def test_refusals(monkeypatch):
    with pytest.raises(DataError, match="horizon: expected at least 1, found 0"):
        ft.to_parallel_env(ft.load("two-state"), horizon=0)
    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    monkeypatch.delitem(sys.modules, "fqi_theory.model.environments.parallel_env", raising=False)
    with pytest.raises(ExtraMissing, match="environments"):
        ft.to_parallel_env(ft.load("two-state"))


def test_a_start_distribution_is_drawn_from():
    model = ft.load("two-state")
    env = ft.to_parallel_env(ft.MMDP(model.reward, model.transition, "1/2", start=["1/2", "1/2"]))
    starts = Counter(env.reset(seed=k)[0]["agent_1"] for k in range(200))
    assert min(starts[0], starts[1]) > 60
    assert np.array_equal(env.state(), env.at)
