from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.counted import from_transitions
from fqi_theory.runs.iteration import fitted_q_iteration

ONE = [(0, (0,), 1, 0), (0, (0,), "1/3", 1), (0, (0,), 0, 0), (0, (1,), -2, 1), (1, (0,), 5, 1), (1, (1,), 5, 0)]
SHAPE = {"states": 2, "actions": [2], "discount": "1/2"}


def test_counting():
    found = from_transitions(ONE, **SHAPE)
    assert found.counts.tolist() == [[3, 1], [1, 1]]
    assert found.model.reward.tolist() == [[fmpq(4, 9), -2], [5, 5]]
    assert found.model.transition.dense()[0].tolist() == [[fmpq(2, 3), fmpq(1, 3)], [0, 1]]
    assert found.data.weights.tolist() == [[fmpq(3, 4), fmpq(1, 4)], [fmpq(1, 2), fmpq(1, 2)]]
    assert found.model.field == "exact"
    assert not found.counts.flags.writeable


def test_names_and_indices_are_the_same_places():
    named = [("in", ("A",), 1, "in"), ("in", ("B",), 0, "out"), ("out", ("A",), 0, "out"), (1, (np.int64(1),), 0, 1)]
    found = from_transitions(named, states=["in", "out"], actions=[["A", "B"]], discount=0)
    assert found.counts.tolist() == [[1, 1], [1, 1]]
    assert found.model.place(0, (1,)) == "state in, joint action (B)"


@st.composite
def samples(draw):
    """Transitions of two states and 2 x 2 joint actions."""
    state, action = st.integers(0, 1), st.tuples(st.integers(0, 1), st.integers(0, 1))
    return draw(st.lists(st.tuples(state, action, st.fractions(-2, 2, max_denominator=4), state), max_size=12))


@given(samples())
def test_every_entry_is_its_count(found):
    empirical = from_transitions(found, states=2, actions=[2, 2], discount="1/2", unvisited="absorb")
    tensor = empirical.model.transition.dense()
    for s in range(2):
        visits = sum(x[0] == s for x in found)
        for a in np.ndindex(2, 2):
            here = [x for x in found if x[0] == s and x[1] == a]
            weight = Fraction(len(here), visits) if visits else Fraction(1, 4)
            mean = sum((x[2] for x in here), Fraction(0)) / len(here) if here else 0
            row = [Fraction(sum(x[3] == t for x in here), len(here)) if here else int(t == s) for t in range(2)]
            assert empirical.data.weights[(s, *a)] == exact_array([weight])[0]
            assert empirical.model.reward[(s, *a)] == exact_array([mean])[0]
            assert tensor[(s, *a)].tolist() == exact_array(row).tolist()


@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_transitions_does_not_matter(found, random):
    shuffled = random.sample(found, len(found))
    for numbers in ("exact", "float"):
        a, b = (
            from_transitions(x, states=2, actions=[2, 2], discount="1/2", unvisited="absorb", numbers=numbers)
            for x in (found, shuffled)
        )
        assert (a.model.reward == b.model.reward).all()
        assert (a.model.transition.dense() == b.model.transition.dense()).all()
        assert (a.data.weights == b.data.weights).all()


@pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.IncompleteDataWarning")
@given(samples())
def test_the_fit_minimises_the_squared_error_on_the_samples(found):
    """One iteration from V = 0 is the least squares fit of the rewards of the samples themselves."""
    empirical = from_transitions(found, states=2, actions=[2, 2], discount="1/2", unvisited="absorb")
    run = fitted_q_iteration(empirical.model, data=empirical.data, iterations=1)
    first, second = run.factors[1]
    for s in range(2):
        for i in range(2):
            for x in range(2):
                here = [(a, r) for state, a, r, _ in found if state == s and a[i] == x]
                gaps = [exact_array([r])[0] - first[s, a[0]] - second[s, a[1]] for a, r in here]
                assert sum(gaps, fmpq(0)) == 0


def test_an_unvisited_place_is_refused_by_its_name():
    with pytest.raises(DataError, match=r"state s1, joint action \(a1\): no transition was observed, as for 1 of 4"):
        from_transitions(ONE[:-1], **SHAPE)


def test_an_unvisited_place_is_absorbing_when_asked():
    found = from_transitions(ONE[:-2], **SHAPE, unvisited="absorb")
    assert found.model.reward[1].tolist() == [0, 0]
    assert found.model.transition.dense()[1].tolist() == [[0, 1], [0, 1]]
    assert found.data.weights[1].tolist() == [fmpq(1, 2), fmpq(1, 2)]
    partly = from_transitions(ONE[:-1], **SHAPE, unvisited="absorb")
    assert partly.data.weights[1].tolist() == [1, 0]


def test_float_numbers_are_asked_for_by_name():
    floats = [(s, a, 0.1, t) for s, a, _, t in ONE]
    with pytest.raises(DataError, match=r"transition 0: reward: 0\.1 is not an exact rational"):
        from_transitions(floats, **SHAPE)
    found = from_transitions(floats, **SHAPE, numbers="float")
    assert found.model.field == "float"
    assert found.model.reward[0].tolist() == [0.1, 0.1]
    assert found.data.weights.dtype == np.float64
    with pytest.raises(NumberError, match=r"0\.5"):
        from_transitions(ONE, states=2, actions=[2], discount=0.5)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ((0, (0,), 1), r"transition 6: expected \(state, joint action, reward, next state\), found 3"),
        ((2, (0,), 1, 0), "transition 6: state: expected an index below 2 or one of s0, s1, found 2"),
        ((-1, (0,), 1, 0), "transition 6: state: .* found -1"),
        ((True, (0,), 1, 0), "transition 6: state: .* found True"),
        (([], (0,), 1, 0), "transition 6: state"),
        ((0, (0, 1), 1, 0), "one action for each of 1 agents"),
        ((0, (2,), 1, 0), "transition 6: action of agent 1: .* found 2"),
        ((0, (0.0,), 1, 0), "transition 6: action of agent 1"),
        ((0, (0,), 1, "s9"), "transition 6: next state: .* found 's9'"),
        ((0, (0,), None, 0), "transition 6: reward"),
    ],
)
def test_what_is_not_a_transition_is_refused(bad, message):
    with pytest.raises(DataError, match=message):
        from_transitions([*ONE, bad], **SHAPE)


def test_a_reward_that_is_not_finite_is_refused():
    with pytest.raises(DataError, match="finite"):
        from_transitions([(0, (0,), float("nan"), 0)], states=1, actions=[1], discount=0.5, numbers="float")


def test_float_means_are_rounded_once():
    found = from_transitions([(0, (0,), 0.1, 0)] * 10, states=1, actions=[1], discount=0.5, numbers="float")
    assert found.model.reward[0, 0] == 0.1
