"""Recorded transitions: tuples, arrays by name, .npz, .csv and .parquet files, read as records.

Names of arrays, and of columns of a file (`recorded_files`): state, action, reward, next_state and, where episodes end,
terminated and truncated, and, where not every action is available in every state, available (each also in the plural).
state (N,) or (N, k): a row of several numbers is a tuple. action (N,) or (N, n). available (N, A) for one agent, or
(N, n, A): 1 where action k is available in the state that the row leaves; agents with fewer actions have 0 behind them.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from fqi_theory.base.errors import DataError, FormatError
from fqi_theory.base.scalars import Array
from fqi_theory.data.record import FLAGS, Record, record
from fqi_theory.data.recorded_files import AVAILABLE, COLUMNS, column_records, csv_records
from fqi_theory.model.formats.arrays import load_arrays
from fqi_theory.model.formats.files import PathLike
from fqi_theory.model.formats.parquet import parquet_columns


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
            yield record(f"transition {k}", found)


def _from_arrays(given: Mapping[str, Any]) -> Iterator[Record]:
    found, known = {}, (*COLUMNS, *FLAGS, AVAILABLE)
    for name in known:
        own = next((given[key] for key in (name, name + "s") if key in given), None)
        if own is not None:
            found[name] = _array(own, name)
        elif name in COLUMNS:
            raise DataError(f"transitions: expected arrays {', '.join(COLUMNS)}, found {', '.join(given) or 'none'}")
    unknown = [name for name in given if name.removesuffix("s") not in found and name not in found]
    if unknown:
        raise DataError(f"transitions: expected arrays {', '.join(known)}, found the unknown {unknown[0]}")
    lengths = {name: len(own) if own.ndim else None for name, own in found.items()}
    if len(set(lengths.values())) > 1 or None in lengths.values():
        raise DataError(f"transitions: expected arrays of one length, found {lengths}")
    masks = found.pop(AVAILABLE, None)
    for k, row in enumerate(zip(*found.values(), strict=True)):
        yield record(f"transition {k}", row, None if masks is None else masks[k])


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
        source = csv_records(file)
    elif file.lower().endswith(".parquet"):
        source = column_records(parquet_columns(file))
    else:
        found = os.path.splitext(file)[1] or "none"
        raise FormatError(f"{file}: name: expected an ending .npz, .csv or .parquet, found {found}")
    try:
        yield from source
    except DataError as error:
        raise FormatError(f"{file}: {error}") from None
