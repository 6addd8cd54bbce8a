"""Recorded transitions that are none: each is refused in one line that names its place, in no time."""

import io
import zipfile
from decimal import Decimal

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base import limits
from fqi_theory.base.errors import DataError, FormatError, TooLarge
from fqi_theory.fates.phases.logs import read_log

GOOD = (0, (0, 1), 1, 0)
ROUND: list = [0]
ROUND.append(ROUND)


def counted(given, **options):
    return ft.from_transitions(given, discount="1/2", unvisited="absorb", **options)


ROWS = {
    "a number": (
        3,
        "transition 1: expected (state, joint action, reward, next state[, terminated[, truncated]]), found 3",
    ),
    "nothing": (None, "transition 1: expected (state, joint action, "),
    "a text of four letters": ("abcd", "transition 1: expected (state, joint action, "),
    "a state that is not a number": (
        (float("nan"), (0, 1), 1, 0),
        "transition 1: state nan: expected something that equals",
    ),
    "a decimal that is not a number": ((Decimal("NaN"), (0, 1), 1, 0), "transition 1: state Decimal('NaN'): expected"),
    "a state without hash": (({0}, (0, 1), 1, 0), "transition 1: state {0}: expected something hashable"),
    "a state that holds itself": ((ROUND, (0, 1), 1, 0), "transition 1: state: expected fewer lists in each other"),
    "actions by name": (
        (0, {"a": 0, "b": 1}, 1, 0),
        "transition 1: joint action: expected one action an agent in their order",
    ),
    "a set of actions": ((0, {0, 1}, 1, 0), "transition 1: joint action: expected one action an agent in their order"),
    "a flag of two numbers": (
        (*GOOD, np.array([0, 1])),
        "transition 1: terminated: expected True or False, found array",
    ),
    "a stray action": ((0, (0, 10**9), 1, 0), "agent 2: expected indices of actions below 65536, found 1000000000"),
    "a name with a line break": (("s\nt", (0, 1), 1, 0), r"states: expected printable names, found 's\nt'"),
}


@pytest.mark.parametrize("case", ROWS)
def test_rows(case):
    row, message = ROWS[case]
    with pytest.raises(ft.FqiTheoryError) as caught:
        counted([GOOD, row])
    assert str(caught.value).startswith(message)


OPTIONS = {
    "unvisited": ({"unvisited": "ignore"}, "unvisited: expected refuse or absorb, found 'ignore'"),
    "numbers": ({"numbers": "float32"}, "numbers: expected exact or float, found 'float32'"),
    "rounding": ({"rounding": "abc"}, 'rounding: expected a step such as "1e-6", or "bits", found \'abc\''),
    "no states": ({"states": 0}, "states: expected at least 1, found 0"),
    "half a state": ({"states": 1.5}, "states: expected a whole number, found 1.5"),
    "more states than memory": ({"states": 10**12}, "names of states of shape 1000000000000 needs"),
    "actions of whom": ({"actions": 2}, "actions: expected a list of numbers or names, one an agent, found 2"),
    "half an action": ({"actions": [2, 2.5]}, "actions: expected a whole number, found 2.5"),
    "more actions than memory": ({"actions": [10**12, 2]}, "names of actions of shape 1000000000000 needs"),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_options(case):
    options, message = OPTIONS[case]
    with pytest.raises(ft.FqiTheoryError, match=message):
        ft.from_transitions([GOOD], **{"discount": "1/2", "unvisited": "absorb", **options})


@pytest.mark.parametrize("given", [None, 5])
def test_what_is_no_list(given):
    with pytest.raises(DataError, match="transitions: expected tuples, arrays by name or a file, found"):
        counted(given)


def test_more_agents_than_axes():
    with pytest.raises(TooLarge, match=r"agents: expected at most 30, .* found 70"):
        counted([(0, (0,) * 70, 1, 0)])


def test_arrays_of_no_shape():
    columns = {"state": [0, [1, 2]], "action": [0, 1], "reward": [0, 1], "next_state": [0, 0]}
    with pytest.raises(DataError, match=r"state: expected an array: .*inhomogeneous"):
        counted(columns)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("state,action,reward,next_state\n0,0,1,\n", "line 2: next_state: expected a value, found none"),
        ("state,action,reward,next_state\n\n0,0,1\n", "line 3: expected 4 cells, found 3"),
        ('state,action,reward,next_state\n0,0,1,"0\n', "line 2: expected cells of a .csv file, found unexpected end"),
        ('"s\nt",action,reward,next_state\n', r"without state"),
        ("state,action,reward,next_state\n0,999999999,1,0\n", "agent 1: expected indices of actions below 65536"),
    ],
)
def test_csv(tmp_path, text, message):
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(ft.FqiTheoryError) as caught:
        counted(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def npz(**arrays):
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


TORN = npy(np.zeros((2, 2), dtype=int)).replace(b"'descr'", b"'descr(")


@pytest.mark.parametrize(
    "content", [b"", b"PK", npz(state=[0])[:-30], npy(np.zeros(3)), TORN, npz(state=np.array([None]))]
)
def test_npz_files(tmp_path, content):
    path = tmp_path / "log.npz"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"log\.npz: document: expected an \.npz file of"):
        counted(path)


def test_a_small_file_of_large_arrays_is_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "log.npz"
    path.write_bytes(npz(state=np.zeros(10**6)))
    monkeypatch.setattr(limits, "available_bytes", lambda: 10**6)
    with pytest.raises(TooLarge, match=r"log\.npz: arrays, unpacked"):
        counted(path)


def test_a_password_is_not_guessed(tmp_path):
    path = tmp_path / "log.npz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("state.npy", npy(np.zeros(3)))
    content = bytearray(path.read_bytes())
    for head, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(head) + flag] |= 1
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"expected an \.npz file of plain arrays, found File .* is encrypted"):
        counted(path)


@pytest.mark.parametrize("content", [TORN, npz(a=np.zeros(3))])
def test_npy_logs(tmp_path, content):
    path = tmp_path / "log.npy"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"log\.npy: document: expected a \.npy array"):
        read_log(path)


def test_logs_of_other_systems(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"a,b\r0,1\r1,0\r")
    assert read_log(path).actions.tolist() == [[0, 1], [1, 0]]
