"""Classes of states that keep one value: the run of a model is that of its classes, and so is its fate."""

from dataclasses import replace

import numpy as np
import pytest
from fates import accepted
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.scalars import exact_array, zeros
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.lifting import lifted_region, search_lumped
from fqi_theory.fates.lumping import classes_of, firsts, lumped
from fqi_theory.model.catalog import random_model
from fqi_theory.runs.trajectory import start_from_values

TENTH = ft.epsilon_greedy("1/10")
SHORT = Effort(256, 20_000)


def split(model, classes, seed):
    """Return a model of more states, in which those of a class share the probabilities of one state of `model`."""
    rng = np.random.default_rng(seed)
    classes = np.array(classes)
    dense = model.transition.dense()
    kernel = zeros((len(classes), *dense.shape[1:-1], len(classes)), "exact")
    for s, c in enumerate(classes):
        for a in np.ndindex(*dense.shape[1:-1]):
            for k in range(model.n_states):
                own = np.flatnonzero(classes == k)
                shares = rng.integers(0, 4, size=len(own)) + (np.arange(len(own)) == rng.integers(len(own)))
                for t, share in zip(own, shares, strict=True):
                    kernel[(s, *a, t)] = dense[(c, *a, k)] * fmpq(int(share), int(shares.sum()))
    return ft.MMDP(model.reward[classes], kernel, model.discount, name="split")


def posed(model, data=TENTH, initial=None, factorization=ft.linear):
    return problem_of(model, data, factorization, initial, "first")


CLASSES = [0, 1, 2, 0, 1, 2, 2, 1, 0]
MODELS = st.builds(
    random_model,
    st.integers(0, 10_000),
    st.just(3),
    st.sampled_from([(2, 2), (2, 2, 2), (3, 2)]),
    st.sampled_from(["deterministic", "stochastic"]),
    st.sampled_from(["1/2", "9/10"]),
)


@settings(deadline=None, max_examples=25)
@given(MODELS, st.permutations(CLASSES), st.integers(0, 99))
def test_values_stay_the_same_on_classes(model, classes, seed):
    large = split(model, classes, seed)
    found = classes_of(posed(large))
    assert found.max() <= 2
    run = ft.fitted_q_iteration(large, data=TENTH, iterations=12, method="generic")
    small = ft.fitted_q_iteration(model, data=TENTH, iterations=12, method="generic")
    for t in range(13):
        assert (run.values[t] == run.values[t][firsts(found)][found]).all()
        assert (run.values[t] == small.values[t][np.array(classes)]).all()


@settings(deadline=None, max_examples=25)
@given(MODELS, st.permutations(CLASSES), st.integers(0, 99), st.sampled_from([ft.linear, ft.additive(2)]))
def test_the_fate_is_that_of_the_classes(model, classes, seed, factorization):
    large = split(model, classes, seed)
    fate = decide(large, data=TENTH, factorization=factorization, effort=SHORT)
    small = decide(model, data=TENTH, factorization=factorization, effort=SHORT)
    if small.proof == "grid":  # only regions are lifted
        assert fate.kind in ("bounded", "unknown")
        return
    assert (fate.kind, fate.period, fate.word) == (small.kind, small.period, small.word)
    if fate.values:
        accepted(fate)
        orbit = [tuple(point[np.array(classes)]) for point in small.values]
        assert {tuple(point) for point in fate.values} == set(orbit)
    elif fate.kind == "diverges":
        accepted(fate)


def test_what_grows_on_classes_grows_on_states():
    """Theorem B's example with each state three times: the run diverges, and the certificate is about all six."""
    reward = [[0] * 4, [0, 1, 1, 0]]
    model = ft.MMDP(
        exact_array(reward).reshape(2, 2, 2), np.array([[[0, 0], [0, 0]], [[0, 1], [1, 0]]]), "9/10", agents=2
    )
    large = split(model, [0, 1, 1, 0, 0, 1, 0, 1], 1)
    fate = accepted(decide(large, data=TENTH))
    small = accepted(decide(model, data=TENTH))
    assert (fate.kind, fate.growth) == (small.kind, small.growth)
    assert fate.kind == "diverges"
    assert len(fate.certificate["proof"]["origin"]) == 8


def test_states_that_start_apart_are_apart():
    large = split(random_model(5, 3, (2, 2), "stochastic", "9/10"), CLASSES, 2)
    plain = classes_of(posed(large))
    values = np.array([fmpq(0)] * 9, dtype=object)
    values[3] = fmpq(1)
    start = start_from_values(large, values, np.zeros((9, 2), dtype=int))
    assert plain[3] == plain[0]
    assert classes_of(posed(large, initial=start))[3] != classes_of(posed(large, initial=start))[0]


def exploring(rare):
    """Return data whose second agent explores by 1/2, but by 1/3 and 2/3 in the states `rare`."""
    tables = [[["1/2", "1/2"]] * 9, [["1/3", "2/3"] if s in rare else ["1/2", "1/2"] for s in range(9)]]
    return ft.epsilon_greedy("1/10", tables)


def test_states_that_explore_otherwise_are_apart():
    large = split(random_model(5, 3, (2, 2), "stochastic", "9/10"), CLASSES, 2)
    classes = classes_of(posed(large, exploring([8])))
    assert classes[8] != classes[0]
    alike = exploring(np.flatnonzero(np.array(CLASSES) == 0))
    assert classes_of(posed(large, alike)).tolist() == classes_of(posed(large)).tolist()
    fate = accepted(decide(large, data=alike, effort=SHORT))
    assert len(fate.certificate["proof"]["directions"]) <= 2


def test_the_data_of_classes_are_those_of_their_states():
    large = split(random_model(5, 3, (2, 3), "stochastic", "9/10"), CLASSES, 2)
    problem = posed(large)
    classes = classes_of(problem)
    own = lumped(problem, classes)
    greedy = np.array([[1, 2], [0, 1], [1, 0]])[: classes.max() + 1]
    whole = TENTH.at(large, greedy[classes]).joint()
    assert (own.source.at(own.model, greedy).joint() == whole[firsts(classes)]).all()
    assert own.source.on_policy
    assert own.source.describe() == TENTH.describe()


def test_fixed_data_few_states_and_states_all_different_are_searched_as_they_are():
    large = split(random_model(5, 3, (2, 2), "stochastic", "9/10"), CLASSES, 2)
    assert search_lumped(posed(large, ft.uniform()), SHORT, lambda *_: None) is None
    assert search_lumped(posed(random_model(5, 3, (2, 2), "stochastic", "9/10")), SHORT, lambda *_: None) is None
    assert search_lumped(posed(random_model(5, 9, (2, 2), "stochastic", "9/10")), SHORT, lambda *_: None) is None


def test_a_lifted_region_keeps_to_the_classes():
    large = split(random_model(5, 3, (2, 2), "stochastic", "9/10"), CLASSES, 2)
    problem = posed(large)
    fate = search_lumped(problem, SHORT, lambda *_: None)
    assert fate is not None
    accepted(replace(fate, problem=problem))
    classes = classes_of(problem)
    directions = np.array(fate.certificate["proof"]["directions"])
    assert (directions == directions[:, firsts(classes)][:, classes]).all()


@pytest.mark.parametrize("reference", [0, 1])
def test_unit_directions_are_those_of_the_other_class(reference):
    proof = {
        "origin": ["1", "2"],
        "modes": [[[0], [1]]],
        "entry": [[0], [1]],
        "reference": reference,
        "directions": None,
    }
    found = lifted_region(proof, np.array([0, 1, 1]))
    assert found["origin"] == ["1", "2", "2"]
    assert found["modes"] == [[[0], [1], [1]]]
    assert found["reference"] == reference
    assert found["directions"] == [["0", "1", "1"] if reference == 0 else ["1", "0", "0"]]
