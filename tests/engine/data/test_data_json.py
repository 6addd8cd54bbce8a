"""Data files data/1 and start files initial/1: what they become, and refusals with the path of the entry."""

import json
from functools import reduce

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.errors import DataError, FormatError, FqiTheoryError, TooLarge
from fqi_theory.base.scalars import nested_text
from fqi_theory.data.data_json import data_from_json, read_data, read_data_of_any_shape
from fqi_theory.data.sources import JointData, ProductData, uniform
from fqi_theory.model.catalog import load, random_model
from fqi_theory.model.formats.strict_json import parse_json
from fqi_theory.runs.initial_json import initial_from_json, read_initial
from fqi_theory.runs.iteration import fitted_q_iteration

MODEL = load("two-state")
HALF = ["1/2", "0.5"]
GREEDY = np.zeros((2, 2), dtype=int)


def data(document, model=MODEL):
    return data_from_json(parse_json(json.dumps({"format": "data/1"} | document), "d.json"), model)


def initial(document, model=MODEL, ties="first"):
    return initial_from_json(parse_json(json.dumps({"format": "initial/1"} | document), "i.json"), model, ties)


def test_marginals():
    found = data({"marginals": [[HALF, [1, 0]], [["1/4", "3/4"], HALF]]}).at(MODEL, GREEDY)
    assert isinstance(found, ProductData)
    assert found.marginals[0].tolist() == [[fmpq(1, 2), fmpq(1, 2)], [1, 0]]
    assert found.joint()[0].tolist() == [[fmpq(1, 8), fmpq(3, 8)], [fmpq(1, 8), fmpq(3, 8)]]


def test_joint():
    found = data({"joint": [[HALF, [0, 0]], [["1/4", "1/4"], ["1/8", "3/8"]]]}).at(MODEL, GREEDY)
    assert isinstance(found, JointData)
    assert found.weights[1].tolist() == [[fmpq(1, 4), fmpq(1, 4)], [fmpq(1, 8), fmpq(3, 8)]]


@given(st.integers(0, 50), st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_uniform_data_as_a_file_are_uniform_data(seed, actions):
    model = random_model(seed, 2, actions)
    even = uniform().at(model, np.zeros((2, len(actions)), dtype=int))
    expected = fitted_q_iteration(model, iterations=2)
    for document in ({"marginals": [nested_text(m) for m in even.marginals]}, {"joint": nested_text(even.joint())}):
        run = fitted_q_iteration(model, data=data(document, model), iterations=2)
        assert (run.values[-1] == expected.values[-1]).all()


@pytest.mark.parametrize(
    ("document", "error", "message"),
    [
        ({}, FormatError, "document: expected one of the keys 'marginals' and 'joint', found neither"),
        ({"marginals": [], "joint": []}, FormatError, "found both"),
        ({"format": "data/2"}, FormatError, "format: expected 'data/1', found 'data/2'"),
        ({"marginals": [[HALF, HALF]]}, FormatError, "marginals: expected 2 tables, one an agent, found 1"),
        ({"marginals": [[HALF, HALF], [HALF]]}, FormatError, "marginals[1]: expected 2 states, found 1"),
        ({"marginals": [[HALF, HALF], [HALF, [1]]]}, FormatError, "marginals[1][1]: expected 2 actions, found 1"),
        ({"marginals": [[HALF, HALF], [HALF, 1]]}, FormatError, "marginals[1][1]: expected a list of 2 actions"),
        ({"marginals": [[HALF, HALF], [HALF, [0.5, 0.5]]]}, FormatError, "marginals[1][1][0]: expected an integer"),
        ({"joint": [[HALF, HALF], [HALF, [[], 1]]]}, FormatError, "joint[1][1][0]: expected an integer or a string"),
        (
            {"joint": [[HALF, HALF, HALF], [HALF, HALF]]},
            FormatError,
            "joint[0]: expected 2 actions of agent 1, found 3",
        ),
        ({"marginals": [[HALF, HALF], [HALF, [1, 1]]]}, DataError, "marginals of agent 2 at state s1: expected"),
        ({"marginals": [[HALF, HALF], [HALF, [2, -1]]]}, DataError, "expected probabilities >= 0, found -1"),
        (
            {"joint": [[HALF, HALF], [HALF, [0, 0]]]},
            DataError,
            "joint data at state s0: expected probabilities that sum",
        ),
        ({"joint": [], "colour": 1}, FormatError, "document: expected only the keys format, marginals, joint"),
    ],
)
def test_data_refusals(document, error, message):
    with pytest.raises(error) as caught:
        data(document)
    assert str(caught.value).startswith("d.json: ")
    assert message in str(caught.value)


def test_start_from_values():
    start = initial({"values": ["1/2", -3]})
    assert start.values.tolist() == [fmpq(1, 2), -3]
    assert start.greedy.tolist() == [[0, 0], [0, 0]]
    assert initial({"values": ["1/2", -3]}, ties="last").greedy.tolist() == [[1, 1], [1, 1]]
    assert initial({"values": [1, 2], "greedy": [[0, 1], [1, 0]]}).greedy.tolist() == [[0, 1], [1, 0]]


def test_start_from_factors_and_ties():
    factors = [[[1, 2], [3, 3]], [[0, 0], ["1/2", 0]]]
    assert initial({"factors": factors}).values.tolist() == [2, fmpq(7, 2)]
    assert initial({"factors": factors}).greedy.tolist() == [[1, 0], [0, 0]]
    assert initial({"factors": factors}, ties="last").greedy.tolist() == [[1, 1], [1, 0]]


def test_start_from_a_table():
    start = initial({"table": [[[1, 5], [5, 0]], [[0, 0], [0, "1/3"]]]})
    assert start.values.tolist() == [5, fmpq(1, 3)]
    assert start.greedy.tolist() == [[0, 1], [1, 1]]


def test_start_of_a_float_model_is_float():
    model = MODEL.to_float()
    assert initial({"values": ["1/2", 0]}, model).values.tolist() == [0.5, 0.0]
    assert initial({"factors": [[[1, 2], [3, 3]], [[0, 0], ["1/2", 0]]]}, model).values.dtype == float


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "document: expected one of the keys values"),
        ({"values": [0, 0], "table": []}, "found values, table"),
        ({"table": [], "greedy": []}, "expected one of the keys values"),
        ({"values": [0]}, "values: expected 2 states, found 1"),
        ({"values": [0, 0.5]}, "values[1]: expected an integer or a string"),
        ({"values": [0, 0], "greedy": [[0, 0]]}, "greedy: expected 2 states, found 1"),
        ({"values": [0, 0], "greedy": [[0, 0], [0, 2]]}, "greedy[1][1]: expected an integer in 0..1"),
        ({"values": [0, 0], "greedy": [[0, 0], ["A", 0]]}, "greedy[1][0]: expected an integer in 0..1, found 'A'"),
        ({"factors": [[[1, 2], [3, 3]]]}, "factors: expected 2 tables, one an agent, found 1"),
        ({"format": "data/1"}, "format: expected 'initial/1'"),
    ],
)
def test_start_refusals(document, message):
    with pytest.raises(FormatError) as caught:
        initial(document)
    assert str(caught.value).startswith("i.json: ")
    assert message in str(caught.value)


def test_files(tmp_path):
    path = tmp_path / "d.json"
    path.write_text(json.dumps({"format": "data/1", "marginals": [[HALF, HALF], [HALF, HALF]]}))
    assert read_data(path, MODEL).describe()["kind"] == "product"
    with pytest.raises(FqiTheoryError, match=r"d\.json: format: expected 'initial/1', found 'data/1'"):
        read_initial(path, MODEL)


#: 29 axes of 100 by the first entries; all others are missing.
WIDE = reduce(lambda inner, _: [inner] + [0] * 99, range(29), 1)


@pytest.mark.parametrize(
    ("document", "error", "message"),
    [
        ({"joint": [[[[1]]]] * 3, "marginals": []}, FormatError, "found both"),
        ({"joint": "1/2"}, FormatError, "joint: expected nested lists of states by actions of each agent"),
        ({"joint": ["1"]}, FormatError, "joint: expected nested lists of states by actions of each agent"),
        ({"joint": json.loads("[" * 300 + "1" + "]" * 300)}, FormatError, ": expected an integer or a string"),
        ({"joint": WIDE}, TooLarge, "joint: table of shape 100 x 100 x 100"),
        ({"marginals": []}, FormatError, "marginals: expected a table for each of at least one agent, found none"),
        ({"marginals": [[[["1"]]]]}, FormatError, "marginals[0][0][0]: expected an integer or a string"),
        ({"marginals": [["1", "1"]]}, FormatError, "marginals[0]: expected nested lists of states by actions"),
    ],
)
def test_data_of_any_shape_refusals(tmp_path, document, error, message):
    path = tmp_path / "d.json"
    path.write_text(json.dumps({"format": "data/1", **document}))
    with pytest.raises(error) as caught:
        read_data_of_any_shape(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
