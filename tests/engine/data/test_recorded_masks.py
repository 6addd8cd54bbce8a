"""What is available, told by the transitions themselves: as told beside them, in every form; and refusals."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import DataError, FormatError
from fqi_theory.cli.app import main

HEAD = "state,action_1,action_2,reward,next_state,available_1,available_2\n"
NAMES = ("stay", "up", "down")


@st.composite
def logs(draw):
    """Transitions that play available actions only, and the masks per agent (S, A): both of a few states."""
    states, agents, size = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    mask = st.lists(st.booleans(), min_size=size, max_size=size).filter(any)
    masks = [[draw(mask) for _ in range(states)] for _ in range(agents)]
    found = []
    for _ in range(draw(st.integers(1, 8))):
        s = draw(st.integers(0, states - 1))
        joint = tuple(draw(st.sampled_from([a for a in range(size) if own[s][a]])) for own in masks)
        found.append((s, joint, draw(st.integers(-2, 2)), draw(st.integers(0, states - 1))))
    return found, masks, size


def as_arrays(log, masks):
    found = {name: [row[k] for row in log] for k, name in enumerate(("state", "action", "reward", "next_state"))}
    return {**found, "available": [[own[row[0]] for own in masks] for row in log]}


def as_csv(log, masks, name, path):
    n = len(masks)
    heads = ["state", *(f"action_{i + 1}" for i in range(n)), "reward", "next_state"]
    lines = [",".join([*heads, *(f"available_{i + 1}" for i in range(n))])]
    for s, joint, r, t in log:
        told = ["|".join(name(own[s])) for own in masks]
        lines.append(",".join(map(str, (s, *joint, r, t, *told))))
    path.write_text("\n".join(lines))
    return path


def counted(given, **options):
    return ft.from_transitions(given, discount="1/2", unvisited="absorb", **options)


def parts(found):
    masks = None if found.model.available is None else [mask.tolist() for mask in found.model.available]
    return found.model.states, found.model.reward.tolist(), found.data.weights.tolist(), found.counts.tolist(), masks


@given(logs())
def test_flags_in_rows_are_the_tables_beside_them(tmp_path_factory, drawn):
    log, masks, size = drawn
    left, shown = {s for s, *_ in log}, sorted({s for row in log for s in (row[0], row[3])})
    tables = [[own[s] if s in left else [True] * size for s in shown] for own in masks]
    expected = parts(counted(log, actions=[size] * len(masks), available=tables))
    assert expected[-1] == (None if all(map(all, (row for own in tables for row in own))) else tables)
    flags = as_csv(log, masks, lambda own: [str(int(one)) for one in own], tmp_path_factory.mktemp("log") / "log.csv")
    np.savez(flags.with_suffix(".npz"), **as_arrays(log, masks))
    for given_log in (as_arrays(log, masks), flags, flags.with_suffix(".npz")):
        assert parts(counted(given_log)) == expected


@given(logs())
def test_names_in_rows_are_the_names_beside_them(tmp_path_factory, drawn):
    log, masks, size = drawn
    named = [(str(s), tuple(NAMES[a] for a in joint), r, str(t)) for s, joint, r, t in log]
    path = tmp_path_factory.mktemp("log") / "log.csv"
    as_csv([(s, tuple(NAMES[a] for a in joint), r, t) for s, joint, r, t in log], masks, names_of, path)
    told = {str(s): [names_of(own[s]) for own in masks] for s, *_ in log}
    options = {"actions": [NAMES[:size]] * len(masks)}
    assert parts(counted(path, **options)) == parts(counted(named, available=told, **options))
    occurring = counted(path).model
    for i, own in enumerate(masks):
        assert set(occurring.actions[i]) == {NAMES[a] for s, *_ in log for a in range(size) if own[s][a]}


def names_of(own):
    return [name for name, one in zip(NAMES, own, strict=False) if one]


def test_a_parquet_file_has_lists(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = {"state": [0, 1], "action_1": [0, 1], "action_2": ["l", "r"], "reward": [1, 2], "next_state": [1, 0]}
    told = {"available_1": [[1, 0], [1, 1]], "available_2": [["l"], ["r", "l"]]}
    path = tmp_path / "log.parquet"
    parquet.write_table(pyarrow.table({**rows, **told}), path)
    assert [mask.tolist() for mask in counted(path).model.available] == [
        [[True, False], [True, True]],
        [[True, False], [True, True]],
    ]
    alone = {"state": [0, 1], "action": [0, 1], "reward": [1, 2], "next_state": [1, 0]}
    parquet.write_table(pyarrow.table({**alone, "available": [[True, False], [True, True]]}), path)
    assert [mask.tolist() for mask in counted(path).model.available] == [[[True, False], [True, True]]]


CSV = {
    "a row that plays another": ("0,1,0,1,0,1|0,1|1\n", "line 2: action of agent 1: expected one that is available"),
    "two rows that differ": (
        "0,0,0,1,0,1|0,1|1\n0,0,1,1,0,1|0,0|1\n",
        "line 3: available: agent 2: expected what line 2 says of state 0, found other actions",
    ),
    "no action": ("0,0,0,1,0,0|0,1|1\n", "line 2: available: agent 1: expected at least one action, found none"),
    "an empty cell": ("0,0,0,1,0,1|0,\n", "line 2: available_2: expected a value, found none"),
    "indices": ("0,0,0,1,0,0|2,1|1\n", r"line 2: available: agent 1: expected 0 or 1 for each .*, found \[0, 2\]"),
    "a name twice": ("0,a,b,1,0,a|a,b\n", "line 2: available: agent 1: expected 0 or 1 for each of its actions, or di"),
    "flags of two lengths": (
        "0,0,0,1,0,1|0,1|1\n1,0,0,1,0,1|0|0,1|1\n",
        "line 2: available: agent 1: expected a flag for each of 3 actions, found 2",
    ),
    "flags of names": ("0,a,b,1,0,1,b\n", "line 2: available: agent 1: flags are those of actions 0, 1, ..., found"),
}


@pytest.mark.parametrize("case", CSV)
def test_rows_that_cannot_be_meant(case, tmp_path):
    text, message = CSV[case]
    path = tmp_path / "log.csv"
    path.write_text(HEAD + text)
    with pytest.raises((DataError, FormatError), match=rf"^{path}: {message}"):
        counted(path)


def test_columns_and_arrays_that_are_missing(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(HEAD.replace(",available_2", "") + "0,0,0,1,0,1|0\n")
    with pytest.raises(FormatError, match=r"line 1: expected the columns state, .*, without available_2"):
        counted(path)
    one = {"state": [0], "action": [[0, 0]], "reward": [1], "next_state": [0]}
    with pytest.raises(DataError, match="available: expected a list for each of 2 agents, found 3 entries"):
        counted({**one, "available": np.ones((1, 3, 2))})
    with pytest.raises(DataError, match=r"transition 0: available: expected a list for each of 1 agents, found .*1"):
        counted({**one, "action": [0], "available": [1]})
    with pytest.raises(DataError, match=r"arrays of one length, found .*'available': 2"):
        counted({**one, "available": np.ones((2, 2, 2))})
    with pytest.raises(DataError, match=r"agent 2: expected 0 or 1 for each of its actions, .*, found \[0\.5, 1\.0\]"):
        counted({**one, "available": [[[1, 1], [0.5, 1]]]})


def test_rows_and_argument_cannot_both_tell():
    log = {"state": [0], "action": [0], "reward": [1], "next_state": [0], "available": [[1, 0]]}
    with pytest.raises(DataError, match="available: expected the argument, or the transitions' own `available`, found"):
        counted(log, available=[[[1, 0]]])


def test_available_joint_actions_need_visits_and_others_do_not(tmp_path, capsys):
    path, model, data = (str(tmp_path / name) for name in ("log.npz", "model.json", "data.json"))
    rows = {"state": [0, 1, 1], "action": [0, 0, 1], "reward": [1, 0, 2], "next_state": [1, 1, 0]}
    np.savez(path, **rows, available=[[1, 1], [1, 1], [1, 1]])
    command = ["from-transitions", path, model, data, "--discount", "1/2"]
    assert main(command) == 2
    assert "state 0, joint action (a1): no transition was observed" in capsys.readouterr().err
    np.savez(path, **rows, available=[[1, 0], [1, 1], [1, 1]])
    assert main(command) == 0
    assert "some not available" in " ".join(capsys.readouterr().out.split())
    with open(model) as file:
        assert json.load(file)["available"] == {"0": [["a0"]]}
    assert main(["decide", model, "--data", data]) == 0
