"""Recorded joint actions: a row a step, a column an agent, and optionally a column of state or cluster ids.

.npy holds integers (T, columns). .csv (also .gz) and .parquet hold integers or names of actions; the first line of a
.csv is its header unless all its cells are integers. A column named state, cluster, state_id or cluster_id holds ids;
another one is named with `state_column`. Actions written as integers >= 0 are indices, any other are names in
alphabetical order.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fqi_theory.base.errors import DataError, FormatError
from fqi_theory.base.scalars import Array
from fqi_theory.model.formats.arrays import load_array
from fqi_theory.model.formats.csv_rows import csv_rows
from fqi_theory.model.formats.files import PathLike, quoted
from fqi_theory.model.formats.parquet import parquet_columns

ID_COLUMNS = ("state", "cluster", "state_id", "cluster_id")
Columns = list[tuple[str, list[Any]]]


@dataclass(frozen=True, eq=False)
class Log:
    """Recorded joint actions. actions: integers (T, n), indices into labels[i]. groups: (T,), indices into names."""

    actions: Array
    groups: Array
    agents: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Return (|A_1|, ..., |A_n|)."""
        return tuple(map(len, self.labels))

    def group(self, k: int) -> Array:
        """Return the joint actions recorded in state or cluster k, (T_k, n)."""
        return np.asarray(self.actions[self.groups == k])


def read_log(path: PathLike, *, actions: Sequence[int] | int | None = None, state_column: str | None = None) -> Log:
    """Return the log of a .npy, .csv or .parquet file.

    actions: |A_i| for all or for each agent, where some actions may never have been played. state_column: the name of
    the column of ids, or its index. Raises FormatError, naming file and place, for anything else.
    """
    file = os.fspath(path)
    readers = {".npy": _npy, ".csv": _csv, ".csv.gz": _csv, ".parquet": _parquet}
    reader = next((read for end, read in readers.items() if file.lower().endswith(end)), None)
    if reader is None:
        raise FormatError(f"{file}: name: expected an ending .npy, .csv, .csv.gz or .parquet")
    columns = reader(file)
    try:
        return log_of(columns, actions=actions, state_column=state_column)
    except DataError as error:
        raise FormatError(f"{file}: {error}") from None


def log_of(columns: Columns, *, actions: Sequence[int] | int | None = None, state_column: str | None = None) -> Log:
    """Return the log of named columns of equal length; raises DataError as `read_log` raises FormatError."""
    ids, own = _split(columns, state_column)
    if not own or not own[0][1]:
        raise DataError("log: expected at least one row and one column of actions, found none")
    wanted = (
        [None] * len(own) if actions is None else [actions] * len(own) if isinstance(actions, int) else list(actions)
    )
    if len(wanted) != len(own):
        raise DataError(f"actions: expected a number for each of {len(own)} agents, found {len(wanted)}")
    coded = [_coded(name, values, count) for (name, values), count in zip(own, wanted, strict=True)]
    names, groups = _distinct(ids[1]) if ids else (("all steps",), np.zeros(len(own[0][1]), dtype=np.int64))
    table = np.stack([index for _, index in coded], axis=1)
    return Log(table, groups, tuple(name for name, _ in own), tuple(labels for labels, _ in coded), names)


def _split(columns: Columns, state_column: str | None) -> tuple[tuple[str, list[Any]] | None, Columns]:
    heads = [name for name, _ in columns]
    if state_column is None:
        found = next((k for k, name in enumerate(heads) if name.lower() in ID_COLUMNS), None)
    elif state_column in heads:
        found = heads.index(state_column)
    elif state_column.isascii() and state_column.isdecimal() and int(state_column) < len(heads):
        found = int(state_column)
    else:
        raise DataError(f"state column: expected one of {', '.join(heads)} or an index, found {quoted(state_column)}")
    if found is None:
        return None, columns
    return columns[found], columns[:found] + columns[found + 1 :]


def _coded(name: str, values: list[Any], count: int | None) -> tuple[tuple[str, ...], Array]:
    """Return the labels of one agent's actions and the index of each row's."""
    numbers = [_index(value) for value in values]
    if None in numbers:
        labels, index = _distinct(values)
        if count is not None and count != len(labels):
            raise DataError(
                f"column {name}: expected {count} actions, found the {len(labels)} names {', '.join(labels)}"
            )
        return labels, index
    known = [number for number in numbers if number is not None]
    size = max(known) + 1 if count is None else count
    if max(known) >= size:
        row = next(k for k, number in enumerate(known) if number >= size)
        raise DataError(f"column {name}, row {row}: expected an action in 0..{size - 1}, found {known[row]}")
    if size > 1 << 16:
        raise DataError(f"column {name}: expected at most 65536 actions, found the index {max(known)}")
    return tuple(map(str, range(size))), np.array(known, dtype=np.int64)


def _index(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _distinct(values: list[Any]) -> tuple[tuple[str, ...], Array]:
    texts = [str(value).strip() for value in values]
    if "" in texts:
        raise DataError(f"row {texts.index('')}: expected a value, found an empty cell")
    numeric = all(_index(text) is not None for text in texts)
    labels = sorted(set(texts), key=lambda text: (int(text) if numeric else 0, text))
    place = {label: k for k, label in enumerate(labels)}
    return tuple(labels), np.array([place[text] for text in texts], dtype=np.int64)


def _npy(file: str) -> Columns:
    table = load_array(file)
    if table.ndim != 2 or table.dtype.kind not in "iu":
        found = f"{table.dtype} of shape {table.shape}"
        raise FormatError(f"{file}: document: expected integers of shape (steps, agents), found {found}")
    if table.size and table.min() < 0:
        row, column = map(int, np.argwhere(table < 0)[0])
        raise FormatError(f"{file}: row {row}, column {column}: expected an action >= 0, found {table[row, column]}")
    return [(f"agent {k + 1}", table[:, k].tolist()) for k in range(table.shape[1])]


def _csv(file: str) -> Columns:
    rows = [cells for _, cells in csv_rows(file)]
    if not rows:
        raise FormatError(f"{file}: document: expected rows of actions, found none")
    header = rows[0] if any(_index(cell) is None for cell in rows[0]) else None
    body = rows[1:] if header else rows
    for k, row in enumerate(body):
        if len(row) != len(rows[0]):
            raise FormatError(f"{file}: row {k}: expected {len(rows[0])} cells, found {len(row)}")
    names = [cell.strip() for cell in header] if header else [f"agent {k + 1}" for k in range(len(rows[0]))]
    return [(name, [row[k] for row in body]) for k, name in enumerate(names)]


def _parquet(file: str) -> Columns:
    columns = parquet_columns(file)
    for name, values in columns:
        row = next((k for k, value in enumerate(values) if not isinstance(value, int | str)), None)
        if row is not None:
            kind = type(values[row]).__name__
            found = "nothing" if values[row] is None else f"{quoted(str(values[row]))} of type {kind}"
            raise FormatError(f"{file}: column {name}, row {row}: expected an integer or a name, found {found}")
    return columns
