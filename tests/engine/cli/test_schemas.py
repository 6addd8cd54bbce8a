"""The published schemas: real output is valid, and what they are to refuse is refused."""

import copy
import json
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.cli.app import main
from fqi_theory.fates import Effort

NAMES = "mmdp-1", "data-1", "trajectory-1", "solution-1", "fate-1"


def validator(name):
    schema = json.loads((files("fqi_theory") / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


VALID = {name: validator(name) for name in NAMES}


def through_text(document):
    return json.loads(json.dumps(document, allow_nan=False))


def run(model="two-state", **options):
    return ft.fitted_q_iteration(ft.load(model) if isinstance(model, str) else model, iterations=3, **options).to_json()


def written(tmp_path, *arguments):
    path = tmp_path / "out.json"
    assert main([*arguments, str(path)]) in (0, 1)
    return json.loads(path.read_text())


@pytest.mark.parametrize("name", ["two-state", "climbing", "climbing-3p", "qtran-two-step", "random"])
def test_models_are_valid(name, tmp_path):
    VALID["mmdp-1"].validate(written(tmp_path, "convert", name))


@pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.FqiTheoryWarning")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"data": ft.epsilon_greedy("1/10"), "ties": "last"},
        {"data": ft.correlated([[["1/2", 0], [0, "1/2"]]] * 2)},
        {"data": ft.optimistic("1/10"), "factorization": ft.monotonic},
        {"factorization": ft.igm},
        {"factorization": ft.joint},
        {"model": "climbing-3p", "factorization": ft.additive(2)},
        {"model": ft.load("two-state").to_float(), "data": ft.epsilon_greedy(0.1)},
        {"model": ft.MMDP([[[1e308, 0.0], [0.0, 0.0]]], np.zeros((1, 2, 2), dtype=int), 0.9)},
    ],
)
def test_trajectories_are_valid(options):
    VALID["trajectory-1"].validate(through_text(run(**options)))


def test_solutions_are_valid(tmp_path):
    VALID["solution-1"].validate(written(tmp_path, "solve", "two-state", "--json"))
    VALID["solution-1"].validate(written(tmp_path, "solve", "two-state", "--horizon", "3", "--json"))
    VALID["solution-1"].validate(through_text(ft.solve(ft.load("two-state").to_float()).to_json()))


FATES = {
    "converges": ["qplex-game-2"],
    "cycles": ["cycle-2"],
    "diverges": ["two-state"],
    "diverges linearly": ["two-state", "--discount", "4/5"],
    "aperiodic": ["voting"],
    "bounded": ["two-state", "--factorization", "monotonic", "--iterations", "1"],
    "unknown": ["two-state", "--seconds", "1e-9"],
    "igm": ["climbing", "--factorization", "igm"],
}


@pytest.mark.parametrize("name", FATES)
def test_fates_are_valid(name, tmp_path):
    document = written(tmp_path, "decide", *FATES[name], "--json")
    assert name in ("igm", "diverges linearly", document["fate"])
    VALID["fate-1"].validate(document)


def test_data_are_valid(tmp_path):
    marginals = {"format": "data/1", "marginals": [[["1/2", "1/2"]] * 2, [[1, 0]] * 2]}
    joint = {"format": "data/1", "joint": [[["1/4", "1/4"], ["1/4", "0.25"]]] * 2}
    for document in (marginals, joint):
        VALID["data-1"].validate(document)
        path = tmp_path / "data.json"
        path.write_text(json.dumps(document))
        ft.read_data(path, ft.load("two-state"))


def put(document, path, value):
    changed = copy.deepcopy(document)
    place = changed
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "mmdp/2"),
        (["discount"], 0.9),
        (["discount"], "9/0"),
        (["states"], []),
        (["states"], ["s0", "s0"]),
        (["actions"], ...),
        (["odd"], 1),
        (["transitions", 0, "reward"], None),
        (["transitions", 0, "next"], {}),
        (["transitions", 0, "next"], {"s0": "one"}),
        (["transitions", 0, "action"], "A"),
        (["transitions", 0, "odd"], 1),
        (["name"], ...),
    ],
)
def test_what_the_schema_of_models_refuses_the_reader_refuses(path, value, tmp_path):
    document = put(written(tmp_path, "convert", "two-state"), path, value)
    assert not VALID["mmdp-1"].is_valid(document)
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(document))
    with pytest.raises(ft.FqiTheoryError):
        ft.load(file)


@pytest.mark.parametrize(
    "document",
    [
        {"format": "data/1"},
        {"format": "data/1", "marginals": [[["1"]]], "joint": [["1"]]},
        {"format": "data/1", "marginals": [[[0.5, 0.5]]]},
        {"format": "data/1", "marginals": [["1"]]},
        {"format": "data/1", "joint": [], "odd": 1},
    ],
)
def test_what_the_schema_of_data_refuses_the_reader_refuses(document, tmp_path):
    assert not VALID["data-1"].is_valid(document)
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(document))
    with pytest.raises(ft.FqiTheoryError):
        ft.read_data(file, ft.load("two-state"))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["field"], "double"),
        (["iterates", 0, "t"], 0),
        (["iterates", 0, "greedy"], [[-1]]),
        (["iterates", 0, "factors"], ...),
        (["near_tie"], None),
        (["undetermined"], ...),
        (["initial", "values"], []),
        (["odd"], 1),
    ],
)
def test_broken_trajectories_are_refused(path, value):
    assert not VALID["trajectory-1"].is_valid(put(run(), path, value))
    assert not VALID["trajectory-1"].is_valid(put(run(ft.load("two-state").to_float()), ["near_tie"], ...))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("qplex-game-2", ["period"], 2),
        ("qplex-game-2", ["loss"], None),
        ("qplex-game-2", ["values"], ["0.5"]),
        ("qplex-game-2", ["values"], [0.5]),
        ("cycle-2", ["period"], 1),
        ("cycle-2", ["growth"], {"kind": "geometric", "factor": "2", "steps": 1}),
        ("two-state", ["growth", "steps"], 0),
        ("two-state", ["growth", "factor"], "1.5"),
        ("two-state", ["growth"], None),
        ("two-state", ["fate"], "explodes"),
        ("two-state", ["fate"], "unknown"),
        ("two-state", ["proof"], None),
    ],
)
def test_broken_fates_are_refused(name, path, value):
    document = through_text(ft.decide(name).to_json())
    VALID["fate-1"].validate(document)
    assert not VALID["fate-1"].is_valid(put(document, path, value))


def test_a_policy_for_each_time_is_one_of_a_horizon():
    document = through_text(ft.solve("two-state", horizon=3).to_json())
    assert not VALID["solution-1"].is_valid(put(document, ["horizon"], ...))
    assert not VALID["solution-1"].is_valid({**ft.solve("two-state").to_json(), "horizon": 3})


def test_an_undecided_fate_is_valid_from_python():
    VALID["fate-1"].validate(through_text(ft.decide("two-state", effort=Effort(seconds=1e-9)).to_json()))
