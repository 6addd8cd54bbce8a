"""Recorded transitions: tuples, arrays by name, .npz, .csv and .parquet files, read as records.

Names of arrays, and of columns of a .csv file: state, action, reward, next_state and, where episodes end, terminated
and truncated (each also in the plural). state (N,) or (N, k): a row of several numbers is a tuple. action (N,) or
(N, n); in a .csv file action for one agent, or action_1, ..., action_n. Numbers in a .csv file are exact as written; a
.parquet file has the same columns, its cells have types, and lists are tuples.
"""

import os
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np

from fqi_theory.base.errors import DataError, FormatError, FqiTheoryError, NumberError
from fqi_theory.base.scalars import Array, exact
from fqi_theory.model.environments.outcomes import key
from fqi_theory.model.formats.arrays import load_arrays
from fqi_theory.model.formats.csv_rows import csv_rows
from fqi_theory.model.formats.files import PathLike, quoted
from fqi_theory.model.formats.parquet import parquet_columns

COLUMNS = ("state", "action", "reward", "next_state")
FLAGS = ("terminated", "truncated")
TRUE, FALSE = ("1", "true", "yes"), ("0", "false", "no", "")


@dataclass(frozen=True)
class Record:
    """One transition and where it stands (``transition 3``, ``line 5``)."""

    where: str
    state: Hashable
    joint: tuple[Any, ...]
    reward: Any
    successor: Hashable
    terminated: bool

    def states(self) -> tuple[Hashable, ...]:
        """Return the states that this record shows: without the next one where the episode terminated."""
        return (self.state,) if self.terminated else (self.state, self.successor)


def records(transitions: Iterable[Sequence[Any]] | Mapping[str, Any] | PathLike) -> Iterator[Record]:
    """Yield the records of tuples, of arrays by name (also a structured array), or of a file.

    Raises DataError, or FormatError for files, with the place.
    """
    if isinstance(transitions, str | os.PathLike):
        yield from _from_file(transitions)
    elif isinstance(transitions, Mapping):
        yield from _from_arrays(transitions)
    elif isinstance(transitions, np.ndarray) and transitions.dtype.names:
        yield from _from_arrays({name: transitions[name] for name in transitions.dtype.names})
    elif not isinstance(transitions, Iterable) or (isinstance(transitions, np.ndarray) and not transitions.ndim):
        raise DataError(f"transitions: expected tuples, arrays by name or a file, found {type(transitions).__name__}")
    else:
        for k, found in enumerate(transitions):
            yield _record(f"transition {k}", found)


def _record(where: str, found: Sequence[Any]) -> Record:
    row = isinstance(found, Sequence | np.ndarray) and not isinstance(found, str | bytes)
    if not row or not 4 <= len(found) <= 6:
        seen = f"{len(found)} entries" if row else repr(found)
        raise DataError(
            f"{where}: expected (state, joint action, reward, next state[, terminated[, truncated]]), found {seen}"
        )
    state, joint, reward, successor, *flags = found
    ended = [_flag(flag, f"{where}: {name}") for name, flag in zip(FLAGS, flags, strict=False)]
    try:
        own, chosen, following = key(state), tuple(map(key, _actions(joint))), key(successor)
    except FqiTheoryError as error:
        raise DataError(f"{where}: {error}") from None
    return Record(where, own, chosen, reward, following, bool(ended and ended[0]))


def _actions(joint: Any) -> Iterable[Any]:
    """Return the agents' actions: the entries of a list, a tuple or an array, or one agent's action by itself."""
    if isinstance(joint, np.ndarray):
        joint = joint.tolist()
    if isinstance(joint, Mapping | Set):
        raise DataError(f"joint action: expected one action an agent in their order, found {joint!r}")
    return joint if isinstance(joint, Iterable) and not isinstance(joint, str | bytes) else [joint]


def _flag(value: Any, what: str) -> bool:
    number = isinstance(value, np.bool_ | Number)
    if number and value in (0, 1):
        return bool(value)
    raise DataError(f"{what}: expected True or False, found {value!r}")


def _from_arrays(given: Mapping[str, Any]) -> Iterator[Record]:
    found = {}
    for name in (*COLUMNS, *FLAGS):
        own = next((given[key] for key in (name, name + "s") if key in given), None)
        if own is not None:
            found[name] = _array(own, name)
        elif name in COLUMNS:
            raise DataError(f"transitions: expected arrays {', '.join(COLUMNS)}, found {', '.join(given) or 'none'}")
    unknown = [name for name in given if name.removesuffix("s") not in found and name not in found]
    if unknown:
        raise DataError(f"transitions: expected arrays {', '.join((*COLUMNS, *FLAGS))}, found the unknown {unknown[0]}")
    lengths = {name: len(own) if own.ndim else None for name, own in found.items()}
    if len(set(lengths.values())) > 1 or None in lengths.values():
        raise DataError(f"transitions: expected arrays of one length, found {lengths}")
    for k, row in enumerate(zip(*found.values(), strict=True)):
        yield _record(f"transition {k}", row)


def _array(own: Any, name: str) -> Array:
    try:
        return np.asarray(own)
    except ValueError as error:
        raise DataError(f"{name}: expected an array: {error}") from None


def _from_file(path: PathLike) -> Iterator[Record]:
    file = os.fspath(path)
    if file.lower().endswith(".npz"):
        source: Iterator[Record] = _from_arrays(load_arrays(file))
    elif file.lower().removesuffix(".gz").endswith(".csv"):
        source = _from_csv(file)
    elif file.lower().endswith(".parquet"):
        source = _from_columns(parquet_columns(file))
    else:
        found = os.path.splitext(file)[1] or "none"
        raise FormatError(f"{file}: name: expected an ending .npz, .csv or .parquet, found {found}")
    try:
        yield from source
    except DataError as error:
        raise FormatError(f"{file}: {error}") from None


def _from_csv(file: str) -> Iterator[Record]:
    rows = csv_rows(file)
    first, heads = next(rows, (1, []))
    agents = _action_columns(heads, f"line {first}: ")
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(heads):
            raise DataError(f"line {line}: expected {len(heads)} cells, found {len(cells)}")
        own = dict(zip(heads, cells, strict=True))
        flags = [_flag(_cell_flag(own.get(name, "0")), f"line {line}: {name}") for name in FLAGS]
        needed = ("state", *agents, "reward") if flags[0] else ("state", *agents, "reward", "next_state")
        empty = next((name for name in needed if not own[name]), None)
        if empty is not None:
            raise DataError(f"line {line}: {empty}: expected a value, found none")
        joint, reward = tuple(_cell(own[name]) for name in agents), _number(own["reward"], line)
        yield Record(f"line {line}", _cell(own["state"]), joint, reward, _cell(own["next_state"]), flags[0])


def _action_columns(heads: Sequence[str], where: str) -> list[str]:
    """Return the columns of actions; raises DataError for missing, unknown and repeated columns."""
    agents = [head for head in heads if head.startswith("action_")] or ["action"]
    needed = ["state", *agents, "reward", "next_state"]
    missing = [name for name in needed if name not in heads]
    unknown = [name for name in heads if name not in (*needed, *FLAGS)]
    if missing or unknown or len(set(heads)) < len(heads):
        wrong = f"without {', '.join(missing)}" if missing else f"with {', '.join(unknown) or 'one of them twice'}"
        raise DataError(
            f"{where}expected the columns state, action (or action_1, ..., action_n), reward, next_state and, if "
            f"wanted, terminated and truncated, found {quoted(','.join(heads))}, {wrong}"
        )
    return agents


def _from_columns(columns: Sequence[tuple[str, list[Any]]]) -> Iterator[Record]:
    """Yield the rows of a table whose cells have types; lists are tuples, in action the agents'."""
    agents, given = _action_columns([name for name, _ in columns], ""), dict(columns)
    flags = [name for name in FLAGS if name in given]
    for k in range(len(given["state"])):
        row = {name: column[k] for name, column in given.items()}
        empty = next((name for name, cell in row.items() if cell is None), None)
        if empty is not None:
            raise DataError(f"row {k}: {empty}: expected a value, found none")
        joint = row["action"] if agents == ["action"] else [row[name] for name in agents]
        found = (row["state"], joint, row["reward"], row["next_state"])
        ended = [_flag(row.get(name, False), f"row {k}: {name}") for name in FLAGS] if flags else []
        yield _record(f"row {k}", (*found, *ended))


def _cell(text: str) -> Hashable:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _cell_flag(text: str) -> Any:
    return True if text.lower() in TRUE else False if text.lower() in FALSE else text


def _number(text: str, line: int) -> Any:
    try:
        return exact(text)
    except NumberError as error:
        raise DataError(f"line {line}: reward: {error}") from None
