"""A hundred broken inputs for every reader, and faults that the program must see. More: python -m benchmarks.fuzz."""

import warnings

import numpy as np
import pytest
from flint import fmpq

import fqi_theory as ft
from benchmarks.fuzz.doors import Door, doors
from benchmarks.fuzz.judging import input_of, judged
from benchmarks.fuzz.readings import published
from fqi_theory.base.errors import FormatError

INPUTS = 100
DOORS = {door.name: door for door in doors()}


@pytest.mark.parametrize("name", DOORS)
def test_broken_input_is_refused_in_one_line_or_read(name, tmp_path):
    door = DOORS[name]
    outcomes = [judged(door, input_of(door, 0, k), tmp_path) for k in range(INPUTS)]
    assert [(k, one.why) for k, one in enumerate(outcomes) if one.kind == "fault"] == []
    assert {one.kind for one in outcomes} == ({"refused"} if name == "game.efg" else {"refused", "accepted"})


def test_an_input_depends_on_seed_reader_and_number_alone():
    door = DOORS["load model.json"]
    assert input_of(door, 0, 7) == input_of(door, 0, 7)
    assert len({input_of(door, 0, 7), input_of(door, 1, 7), input_of(door, 0, 8), input_of(DOORS["data"], 0, 7)}) == 4


def raising(error):
    def read(path):
        raise error(path) if callable(error) else error

    return read


def hanging(_path):
    while True:
        pass


def warning(path):
    warnings.warn("a file was not closed", ResourceWarning, stacklevel=1)
    return path


def swallowing(path):
    try:
        hanging(path)
    except Exception:
        return path


class Long(ft.FqiTheoryError):
    def __str__(self):
        return self.args[0] * 2000


FAULTS = {
    "a traceback": (raising(KeyError("state")), "KeyError in test_fuzz.py"),
    "no memory": (raising(MemoryError()), "MemoryError"),
    "an exit": (raising(SystemExit(2)), "SystemExit"),
    "a hang": (hanging, "no answer within 0.05 s"),
    "a hang that catches all": (swallowing, "no answer within 0.05 s"),
    "a warning": (warning, "ResourceWarning"),
    "no file named": (raising(FormatError("expected a list, found none")), "does not begin with the file"),
    "no message": (raising(FormatError("")), "several lines, or none"),
    "a flood": (raising(Long("9")), "a refusal of 2000 characters"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults_are_seen(case, tmp_path):
    read, why = FAULTS[case]
    outcome = judged(Door("planted", "file.txt", lambda _: b"", read), b"", tmp_path, seconds=0.05)
    assert outcome.kind == "fault"
    assert why in outcome.why


def test_an_answer_that_is_not_valid_is_a_fault(tmp_path):
    good = Door("planted", "file.txt", lambda _: b"", lambda _: ft.load("two-state"), DOORS["load model.json"].sound)
    bad = Door("planted", "file.txt", lambda _: b"", lambda _: unnormalised(), DOORS["load model.json"].sound)
    assert judged(good, b"", tmp_path).kind == "accepted"
    assert "does not sum to 1" in judged(bad, b"", tmp_path).why


def test_what_the_published_schema_refuses_may_not_be_read(tmp_path):
    lenient = published(lambda _: "read", "fqi_theory", "schemas/data-1.schema.json")
    door = Door("planted", "file.txt", lambda _: b"", lenient)
    assert judged(door, b'{"format": "data/1", "joint": [["1"]]}', tmp_path).kind == "accepted"
    assert "data-1.schema.json refuses what was read" in judged(door, b'{"format": "data/2"}', tmp_path).why


def unnormalised():
    model = ft.MMDP([[1]], [[["1"]]], "1/2")
    object.__setattr__(model.transition, "tensor", np.array([[[fmpq(1, 2)]]]))
    return model
