import dataclasses

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from oracle import backup, fraction, game

from fqi_theory.base.errors import ModelError, NumberError
from fqi_theory.model.discounts import require_discount_below_one
from fqi_theory.model.mmdp import MMDP
from fqi_theory.testing import strategies as fst

REWARD = [[["1", "0"], ["0", "0"]], [["0", "0"], ["0", "0"]]]
STAY = np.array([[[0, 0], [0, 1]], [[1, 1], [1, 1]]])


def model(**changes):
    given_ = {"reward": REWARD, "transition": STAY, "discount": "9/10", **changes}
    return MMDP(**given_)


def test_shape_names_and_defaults():
    m = model()
    assert (m.n_states, m.n_agents, m.action_counts, m.field) == (2, 2, (2, 2), "exact")
    assert m.states == ("s0", "s1")
    assert m.actions == (("a0", "a1"), ("a0", "a1"))
    assert m.place(1, (0, 1)) == "state s1, joint action (a0, a1)"
    assert "9/10" in repr(m)


@given(st.data())
def test_backup_is_the_bellman_target(draw):
    m = draw.draw(fst.mmdps())
    values = draw.draw(fst.state_values(m))
    targets = m.backup(values)
    for (s, a), y in backup(game(m), [fraction(v) for v in values]).items():
        assert fraction(targets[(s, *a)]) == y


def test_a_model_is_frozen():
    m = model(start=["1", "0"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        m.discount = fmpq(1, 2)
    for array in (m.reward, m.start, m.transition.successor, m.to_float().reward):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_float_and_dense_kernels_are_frozen():
    tensor = [[[["1/2", "1/2"], [1, 0]]], [[[1, 0], [0, 1]]]]
    m = MMDP([[[0, 0]], [[0, 0]]], tensor, 0)
    for kernel in (m.transition, m.to_float().transition):
        assert not kernel.tensor.flags.writeable


def test_the_given_arrays_stay_free_and_have_no_influence():
    reward, successor = np.zeros((1, 2)), np.array([[0, 0]])
    m = MMDP(reward, successor, 0.5)
    reward[0, 0], successor[0, 0] = 5, 7
    assert m.reward[0, 0] == 0
    assert m.transition.successor[0, 0] == 0


@given(fst.mmdps())
def test_to_float_keeps_everything_but_the_number_type(m):
    f = m.to_float()
    assert f.field == "float"
    assert f.transition.field == "float"
    assert (f.states, f.actions, f.reward.shape) == (m.states, m.actions, m.reward.shape)
    assert all(float(fraction(x)) == y for x, y in zip(m.reward.flat, f.reward.flat, strict=True))


def test_with_discount_changes_the_discount_only():
    m = model(name="two", source="here", start=["0", "1"])
    other = m.with_discount("4/5")
    assert (other.discount, other.name, other.source) == (fmpq(4, 5), "two", "here")
    assert (other.reward == m.reward).all()
    assert m.discount == fmpq(9, 10)


ROWS = [[[["1/2", "1/2"], ["1/3", "1/3"]]], [[[1, 0], [0, 1]]]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reward": ["1"]}, r"reward: expected shape \(S, A_1, ..., A_n\)"),
        ({"reward": np.zeros((2, 0), dtype=object)}, "none of them 0"),
        ({"transition": STAY[:1]}, r"shape \(2, 2, 2\), found int64 of shape \(1, 2, 2\)"),
        ({"transition": STAY + 1}, r"states 0\.\.1, found 1\.\.2"),
        ({"discount": "11/10"}, r"discount: expected a number in \[0, 1\], found 11/10"),
        ({"discount": "-1"}, "discount"),
        ({"start": ["1/2", "1/3"]}, "start: expected probabilities that sum to 1, found 5/6"),
        ({"start": ["1"]}, r"start: expected shape \(2,\)"),
        ({"states": ["x", "x"]}, "states: expected 2 different names"),
        ({"states": ["x"]}, "states: expected 2 different names"),
        ({"actions": [["a", "b"], ["c"]]}, r"actions: expected \(2, 2\) names"),
        ({"actions": [["a", "b"], ["c", "c"]]}, "agent 2 has two actions of the same name"),
    ],
)
def test_what_is_not_an_mmdp_is_refused(changes, message):
    with pytest.raises(ModelError, match=message):
        model(**changes)


def test_a_row_that_is_not_a_distribution_is_named():
    with pytest.raises(ModelError, match=r"state s0, joint action \(a0, a1\): .* sum to 1, found 2/3"):
        MMDP([[[0, 0]], [[0, 0]]], ROWS, 0)
    negative = [[[["1/2", "1/2"], ["3/2", "-1/2"]]], [[[1, 0], [0, 1]]]]
    with pytest.raises(ModelError, match=r"state s0, joint action \(a0, a1\): .* >= 0, found -1/2"):
        MMDP([[[0, 0]], [[0, 0]]], negative, 0)


def test_exact_rows_may_miss_one_by_nothing_float_rows_by_rounding():
    with pytest.raises(ModelError, match="sum to 1"):
        MMDP([["0"], ["0"]], [[["1/3", "0.6666666666666666"]], [[1, 0]]], 0)
    assert MMDP([[0.0], [0.0]], [[[1 / 3, 0.6666666666666666]], [[1.0, 0.0]]], 0.0).field == "float"
    with pytest.raises(ModelError, match="sum to 1"):
        MMDP([[0.0], [0.0]], [[[1 / 3, 0.6666]], [[1.0, 0.0]]], 0.0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_rewards_that_are_not_finite_are_refused(bad):
    with pytest.raises(NumberError, match="finite"):
        MMDP([[bad, 1.0]], np.array([[0, 0]]), 0.5)


def test_number_types_are_not_mixed():
    with pytest.raises(NumberError, match="reward is exact, discount is float"):
        model(discount=0.9)
    with pytest.raises(NumberError, match="transition is float"):
        MMDP([["0"]], [[[1.0]]], "1/2")
    with pytest.raises(NumberError, match="mixed"):
        MMDP([["1/2", 0.5]], np.array([[0, 0]]), "1/2")


def test_rewards_beyond_64_bits_stay_exact():
    m = MMDP([[2**63, -1]], np.array([[0, 0]]), "1/2")
    assert m.reward.tolist() == [[fmpq(2**63), fmpq(-1)]]


def test_a_symbol_anywhere_makes_the_model_symbolic():
    x = sympy.Symbol("x")
    m = MMDP([[[x, "1/2"]], [[0, 0]]], [[[["1/2", "1/2"], [1, 0]]], [[[1, 0], [0, 1]]]], "1/3")
    assert m.field == "symbolic"
    assert m.backup(np.array([x, sympy.Integer(0)], dtype=object))[0, 0, 0] == x + x / 6


def test_iterating_needs_a_discount_below_one():
    m = model(discount=1)
    with pytest.raises(ModelError, match="discount 1"):
        require_discount_below_one(m)
    assert m.discount == 1


def test_state_action_places_keep_their_own_names():
    m = model(states=["in", "out"], actions=[["A", "B"], ["C", "D"]])
    assert m.place(0, (1, 0)) == "state in, joint action (B, C)"
    assert m.place(1) == "state out"


@pytest.mark.parametrize("name", ["", "a\nb", "\x1b[31m", "\ud800", 3])
def test_names_can_be_written_and_read(name):
    with pytest.raises(ModelError, match=r"states: expected printable names, found .* as number 1"):
        model(states=["in", name])
    with pytest.raises(ModelError, match=r"actions of agent 2: expected printable names, found .* as number 0"):
        model(actions=[["A", "B"], [name, "D"]])
