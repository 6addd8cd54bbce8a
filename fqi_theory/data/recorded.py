"""Recorded transitions: tuples, arrays by name, .npz and .csv files, read as records.

Names of arrays, and of columns of a .csv file: state, action, reward, next_state and, where episodes end, terminated
and truncated (each also in the plural). state (N,) or (N, k): a row of several numbers is a tuple. action (N,) or
(N, n); in a .csv file action for one agent, or action_1, ..., action_n. Numbers in a .csv file are exact as written.
"""

import csv
import io
import os
import zipfile
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fqi_theory.base.errors import DataError, FormatError, NumberError
from fqi_theory.base.scalars import exact
from fqi_theory.model.environments.outcomes import key
from fqi_theory.model.formats.files import PathLike, quoted, read_text

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
    else:
        for k, found in enumerate(transitions):
            yield _record(f"transition {k}", found)


def _record(where: str, found: Sequence[Any]) -> Record:
    if not 4 <= len(found) <= 6:
        raise DataError(
            f"{where}: expected (state, joint action, reward, next state[, terminated[, truncated]]), found "
            f"{len(found)} entries"
        )
    state, joint, reward, successor, *flags = found
    single = isinstance(joint, str) or not isinstance(joint, Iterable)
    chosen = tuple(key(action) for action in ([joint] if single else joint))
    ended = [_flag(flag, f"{where}: {name}") for name, flag in zip(FLAGS, flags, strict=False)]
    return Record(where, key(state), chosen, reward, key(successor), bool(ended and ended[0]))


def _flag(value: Any, what: str) -> bool:
    if isinstance(value, bool | np.bool_) or value in (0, 1):
        return bool(value)
    raise DataError(f"{what}: expected True or False, found {value!r}")


def _from_arrays(given: Mapping[str, Any]) -> Iterator[Record]:
    found = {}
    for name in (*COLUMNS, *FLAGS):
        own = next((given[key] for key in (name, name + "s") if key in given), None)
        if own is not None:
            found[name] = np.asarray(own)
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


def _from_file(path: PathLike) -> Iterator[Record]:
    file = os.fspath(path)
    if file.lower().endswith(".npz"):
        try:
            with np.load(file, allow_pickle=False) as arrays:
                given = {name: arrays[name] for name in arrays.files}
        except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
            raise FormatError(f"{file}: expected an .npz file of plain arrays: {error}") from None
        source: Iterator[Record] = _from_arrays(given)
    elif file.lower().removesuffix(".gz").endswith(".csv"):
        source = _from_csv(file)
    else:
        raise FormatError(f"{file}: name: expected an ending .npz or .csv, found {os.path.splitext(file)[1] or 'none'}")
    try:
        yield from source
    except DataError as error:
        raise FormatError(f"{file}: {error}") from None


def _from_csv(file: str) -> Iterator[Record]:
    rows = csv.reader(io.StringIO(read_text(file)))
    heads = [head.strip() for head in next(rows, [])]
    agents = [head for head in heads if head.startswith("action_")] or ["action"]
    needed = ["state", *agents, "reward", "next_state"]
    missing = [name for name in needed if name not in heads]
    unknown = [name for name in heads if name not in (*needed, *FLAGS)]
    if missing or unknown or len(set(heads)) < len(heads):
        wrong = f"without {', '.join(missing)}" if missing else f"with {', '.join(unknown) or 'one of them twice'}"
        raise DataError(
            "line 1: expected the columns state, action (or action_1, ..., action_n), reward, next_state and, if "
            f"wanted, terminated and truncated, found {quoted(','.join(heads))}, {wrong}"
        )
    for line, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(heads):
            raise DataError(f"line {line}: expected {len(heads)} cells, found {len(cells)}")
        own = dict(zip(heads, map(str.strip, cells), strict=True))
        flags = [_flag(_cell_flag(own.get(name, "0")), f"line {line}: {name}") for name in FLAGS]
        joint = tuple(_cell(own[name]) for name in agents)
        yield Record(
            f"line {line}",
            _cell(own["state"]),
            joint,
            _number(own["reward"], line),
            _cell(own["next_state"]),
            flags[0],
        )


def _cell(text: str) -> Hashable:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _cell_flag(text: str) -> Any:
    return True if text.lower() in TRUE else False if text.lower() in FALSE else text


def _number(text: str, line: int) -> Any:
    try:
        return exact(text)
    except NumberError as error:
        raise DataError(f"line {line}: reward: {error}") from None
