import json

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from oracle import TWO_STATE_REWARD, TWO_STATE_SUCCESSOR

from fqi_theory.base.errors import DataError
from fqi_theory.data.sources import epsilon_greedy
from fqi_theory.factorization import igm
from fqi_theory.factorization.fit import additive_table
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_at_zero, start_for, start_from_factors, start_from_table, start_from_values
from fqi_theory.testing import strategies as fst

MODEL = MMDP(TWO_STATE_REWARD, np.array(TWO_STATE_SUCCESSOR), "9/10", name="two-state")


def test_start_at_zero_ties_every_action():
    first, last = start_at_zero(MODEL), start_at_zero(MODEL, "last")
    assert first.values.tolist() == [0, 0]
    assert first.greedy.tolist() == [[0, 0], [0, 0]]
    assert last.greedy.tolist() == [[1, 1], [1, 1]]


@given(st.data())
def test_factors_and_their_table_start_alike(draw):
    shape = (draw.draw(st.integers(1, 2)), *draw.draw(fst.action_counts()))
    ties = draw.draw(st.sampled_from(["first", "last"]))
    factors = draw.draw(fst.factors(shape, ties=True))
    a, b = start_from_factors(factors, ties), start_from_table(additive_table(factors), ties)
    assert (a.values == b.values).all()
    assert (a.greedy == b.greedy).all()


def test_start_from_values():
    start = start_from_values(MODEL, ["1/2", 0], np.array([[0, 1], [1, 0]]))
    assert start.values.tolist() == [fmpq(1, 2), 0]
    assert start.greedy.tolist() == [[0, 1], [1, 0]]
    assert start_from_values(MODEL, [0, 0]).greedy.tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("values", "greedy", "message"),
    [
        ([0], None, r"initial values: expected shape \(2,\), found \(1,\)"),
        ([0, 0], np.array([[0, 0]]), r"initial greedy: expected integers of shape \(2, 2\), found \(1, 2\)"),
        ([0, 0], np.zeros((2, 2)), "initial greedy: expected integers"),
        ([0, 0], np.array([[0, 0], [0, 2]]), "out of range"),
        ([0, 0], np.array([[0, -1], [0, 0]]), "out of range"),
    ],
)
def test_a_start_that_does_not_fit_is_refused(values, greedy, message):
    with pytest.raises(DataError, match=message):
        start_from_values(MODEL, values, greedy)


def test_a_start_is_brought_to_the_models_numbers():
    start = start_for(MODEL.to_float(), start_from_factors([[["1/2", 0], [0, 0]]] * 2))
    assert start.values.dtype == start.factors[0].dtype == np.float64
    with pytest.raises(DataError, match="finite"):
        start_for(MODEL.to_float(), start_from_values(MODEL.to_float(), [float("nan"), 0.0]))


def test_a_trajectory_is_read_by_time():
    run = fitted_q_iteration(MODEL, iterations=3)
    assert len(run) == 4
    assert [it.t for it in run] == [0, 1, 2, 3]
    assert run[-1].t == 3
    assert run[1].values.tolist() == [0, fmpq(3, 4)]
    assert run[1].factors[0].tolist() == [[0, 0], [fmpq(3, 8), fmpq(-1, 8)]]
    with pytest.raises(IndexError):
        run[4]


def test_trajectory_document():
    document = fitted_q_iteration(MODEL, data=epsilon_greedy("1/2"), iterations=1, ties="last").to_json()
    assert json.loads(json.dumps(document)) == document
    assert {k: v for k, v in document.items() if k not in ("iterates", "initial")} == {
        "format": "trajectory/1",
        "model": "two-state",
        "field": "exact",
        "discount": "9/10",
        "data": {"kind": "epsilon-greedy", "epsilon": "1/2"},
        "factorization": "linear",
        "ties": "last",
        "undetermined": [],
    }
    assert document["initial"] == {"values": ["0", "0"], "greedy": [[1, 1], [1, 1]]}
    assert len(document["iterates"]) == 1
    assert document["iterates"][0]["t"] == 1


def test_float_trajectories_are_labelled_and_json():
    document = fitted_q_iteration(MODEL.to_float(), iterations=2).to_json()
    assert document["field"] == "float"
    assert document["iterates"][0]["values"] == [0.0, 0.75]
    assert json.loads(json.dumps(document)) == document


def test_to_numpy():
    arrays = fitted_q_iteration(MODEL, iterations=3).to_numpy()
    assert arrays["values"].shape == (4, 2)
    assert arrays["greedy"].shape == (4, 2, 2)
    assert arrays["factors_1"].shape == arrays["factors_2"].shape == (3, 2, 2)
    assert arrays["values"][1].tolist() == [0.0, 0.75]


def test_to_numpy_of_a_class_with_factors_and_of_no_iterations():
    assert fitted_q_iteration(MODEL, iterations=2, factorization=igm).to_numpy()["factors_2"].shape == (2, 2, 2)
    assert set(fitted_q_iteration(MODEL, iterations=0).to_numpy()) == {"values", "greedy"}
