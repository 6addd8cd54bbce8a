"""Recorded transitions in Parquet files: as from tuples, and refusals with row and column."""

import pytest

import fqi_theory as ft
from fqi_theory.base.errors import FormatError

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ROWS = [((0, 1), (0, 1), 1.5, (1, 1)), ((1, 1), (1, 0), -0.5, (0, 1)), ((0, 1), (1, 1), 0.25, (0, 1))]


def table(**changes):
    columns = {
        "state": [list(s) for s, *_ in ROWS],
        "action_1": [a[0] for _, a, *_ in ROWS],
        "action_2": [a[1] for _, a, *_ in ROWS],
        "reward": [r for *_, r, _ in ROWS],
        "next_state": [list(n) for *_, n in ROWS],
        **changes,
    }
    return {name: column for name, column in columns.items() if column is not None}


def written(tmp_path, columns):
    path = tmp_path / "log.parquet"
    parquet.write_table(pyarrow.table(columns), path)
    return path


def counted(given):
    return ft.from_transitions(given, discount="1/2", unvisited="absorb")


@pytest.mark.parametrize(
    "columns",
    [table(), table(action_1=None, action_2=None, action=[list(a) for _, a, *_ in ROWS])],
    ids=["a column an agent", "lists"],
)
def test_a_file_counts_as_its_tuples(tmp_path, columns):
    found, expected = counted(written(tmp_path, columns)), counted(ROWS)
    assert found.model.states == expected.model.states == ("0,1", "1,1")
    assert (found.model.reward == expected.model.reward).all()
    assert (found.counts == expected.counts).all()


def test_terminated_rows_end(tmp_path):
    found = counted(written(tmp_path, table(terminated=[False, True, False])))
    assert found.model.states[-1] == "terminal"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reward": None}, "expected the columns state, .* without reward"),
        ({"odd": [1, 2, 3]}, "with odd"),
        ({"reward": [1.0, None, 2.0]}, "row 1: reward: expected a value, found none"),
        ({"terminated": [0, 2, 1]}, "row 1: terminated: expected True or False, found 2"),
        ({"reward": ["x", "1", "2"]}, "reward"),
    ],
)
def test_refusals_name_row_and_column(tmp_path, changes, message):
    path = written(tmp_path, table(**changes))
    with pytest.raises(ft.FqiTheoryError, match=message) as caught:
        counted(path)
    assert "\n" not in str(caught.value)


def test_what_is_no_parquet_file_is_refused(tmp_path):
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(FormatError, match="expected a Parquet table"):
        counted(path)
    with pytest.raises(FormatError, match="expected a file, found none"):
        counted(tmp_path / "absent.parquet")
