import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import exact_array
from fqi_theory.data import sources as d
from fqi_theory.model.mmdp import MMDP
from fqi_theory.testing import strategies as fst

MODEL = MMDP(np.zeros((1, 2, 3), dtype=int), np.zeros((1, 2, 3), dtype=int), "1/2")
GREEDY = np.array([[1, 2]])


@given(st.data())
def test_every_source_gives_a_distribution(draw):
    model = draw.draw(fst.mmdps())
    source = draw.draw(fst.data_sources(model, full_support=False))
    found = source.at(model, draw.draw(fst.policies(model)))
    weights = found.joint()
    assert weights.shape == model.reward.shape
    assert (weights >= 0).all()
    assert (weights.reshape(model.n_states, -1).sum(axis=1) == 1).all()
    assert found.full_support() == bool((weights > 0).all())


def test_uniform():
    found = d.uniform().at(MODEL, GREEDY)
    assert [m.tolist() for m in found.marginals] == [[[fmpq(1, 2)] * 2], [[fmpq(1, 3)] * 3]]
    assert not d.uniform().on_policy
    assert d.uniform().describe() == {"kind": "uniform"}


def test_epsilon_greedy_by_its_formula():
    source = d.epsilon_greedy("3/10")
    found = source.at(MODEL, GREEDY)
    assert found.marginals[0].tolist() == [[fmpq(3, 20), fmpq(17, 20)]]
    assert found.marginals[1].tolist() == [[fmpq(1, 10), fmpq(1, 10), fmpq(4, 5)]]
    assert source.on_policy
    assert source.describe() == {"kind": "epsilon-greedy", "epsilon": "3/10"}


def test_epsilon_one_is_uniform_and_epsilon_zero_is_greedy():
    whole, none = d.epsilon_greedy(1).at(MODEL, GREEDY), d.epsilon_greedy(0).at(MODEL, GREEDY)
    for table, uniform in zip(whole.marginals, d.uniform().at(MODEL, GREEDY).marginals, strict=True):
        assert (table == uniform).all()
    assert none.joint().reshape(-1).tolist() == [0, 0, 0, 0, 0, 1]
    assert whole.full_support()
    assert not none.full_support()


@pytest.mark.parametrize("epsilon", ["-1/10", "11/10", 2, 1.5, float("nan")])
def test_epsilon_outside_the_unit_interval_is_refused(epsilon):
    with pytest.raises(DataError, match="epsilon"):
        d.epsilon_greedy(epsilon)


def test_a_float_epsilon_needs_a_float_model():
    with pytest.raises(DataError, match=r"0\.1"):
        d.epsilon_greedy(0.1).at(MODEL, GREEDY)
    assert d.epsilon_greedy(0.1).at(MODEL.to_float(), GREEDY).marginals[0].tolist() == [[0.05, 0.9500000000000001]]


def test_on_policy_data_need_known_greedy_actions():
    # Factors that hold symbols have no order: their greedy actions are -1, which once meant the last action.
    with pytest.raises(DataError, match="not determined"):
        d.epsilon_greedy("1/10").at(MODEL, np.array([[-1, -1]]))


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([[["1/2", "1/2"]]], "one table for each of 2 agents, found 1"),
        ([[["1/2", "1/2"]], [["1/2", "1/2"]]], r"agent 2: expected shape \(1, 3\), found \(1, 2\)"),
        ([[["1/2", "1/3"]], [[0, 0, 1]]], "marginals of agent 1 at state s0: .* sum to 1, found 5/6"),
        ([[[2, -1]], [[0, 0, 1]]], "agent 1 at state s0: .* found -1"),
        ([[[0.5, 0.5]], [[0.0, 0.0, 1.0]]], "data are floats, the model is exact"),
    ],
)
def test_marginals_that_do_not_fit_are_refused(tables, message):
    with pytest.raises(DataError, match=message):
        d.product(tables).at(MODEL, GREEDY)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([[["1/2", "1/2"]]], r"expected shape \(1, 2, 3\), found \(1, 1, 2\)"),
        (np.full((1, 2, 3), "1/5"), "joint data at state s0: .* found 6/5"),
        ([[[1, 1, -1], [0, 0, 0]]], "state s0: .* found -1"),
        (np.full((1, 2, 3), 1 / 6), "floats"),
    ],
)
def test_joint_data_that_do_not_fit_are_refused(weights, message):
    with pytest.raises(DataError, match=message):
        d.correlated(weights).at(MODEL, GREEDY)


def test_nan_is_no_probability():
    weights = np.full((1, 2, 3), 0.2)
    weights[0, 0, 0] = float("nan")
    with pytest.raises(DataError, match="nan"):
        d.correlated(weights).at(MODEL.to_float(), GREEDY)


def test_exact_data_serve_a_float_model():
    found = d.product([[["1/4", "3/4"]], [[0, 0, 1]]]).at(MODEL.to_float(), GREEDY)
    assert found.marginals[0].tolist() == [[0.25, 0.75]]


def test_describe_is_json_of_the_given_numbers():
    assert d.correlated([[["1/2", "1/2"]]]).describe() == {"kind": "joint", "joint": [[["1/2", "1/2"]]]}
    assert d.product([[["1/2", "1/2"]]]).describe() == {"kind": "product", "marginals": [[["1/2", "1/2"]]]}


def test_symbolic_epsilon():
    e = sympy.Symbol("epsilon")
    model = MMDP([[[e, 0, 0], [0, 0, 0]]], np.zeros((1, 2, 3), dtype=int), "1/2")
    found = d.epsilon_greedy(e).at(model, GREEDY)
    assert found.marginals[1].tolist() == [[e / 3, e / 3, 1 - e + e / 3]]
    assert d.uniform().at(model, GREEDY).marginals[1][0, 0] == sympy.Rational(1, 3)


def test_product_of_marginals_is_joint_data():
    marginals = (exact_array([["1/4", "3/4"]]), exact_array([[0, "1/2", "1/2"]]))
    joint = d.ProductData(marginals).joint()
    assert joint.tolist() == [[[0, fmpq(1, 8), fmpq(1, 8)], [0, fmpq(3, 8), fmpq(3, 8)]]]
    assert d.JointData(joint).joint() is joint
