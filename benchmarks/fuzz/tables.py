"""Tables of recorded transitions and joint actions with odd cells, written as .csv, .npz, .npy and .parquet."""

import csv
import io
import warnings
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias

import numpy as np

Columns: TypeAlias = dict[str, list[Any]]

NAMES = (
    *(
        "state",
        "action",
        "reward",
        "next_state",
        "terminated",
        "truncated",
        "states",
        "action_1",
        "action_2",
        "cluster",
        "available",
        "available_1",
    ),
    *("", "State", "s\nt", "reward ", "x"),
)
NAN, INFINITY = float("nan"), float("inf")
CELLS: tuple[Any, ...] = (
    *(
        0,
        1,
        2,
        -1,
        7,
        10**6,
        2**31,
        2**63 - 1,
        10**30,
        True,
        False,
        None,
        0.0,
        0.5,
        0.1,
        1e300,
        NAN,
        INFINITY,
        -INFINITY,
    ),
    *("", "a", "b", "0", "1.5", "1/2", "1/0", "nan", b"raw", b"\xff", [0, 1], [], [0.1, "x"], [[1], [2]], {"a": 1}),
    *(Decimal("0.25"), Decimal("NaN"), date(2020, 1, 1), datetime(2020, 1, 1, 12), timedelta(1), 1j, "\n", "\ud800"),
)


def sound(rng: Random, agents: int, rows: int) -> Columns:
    """Return transitions of a small model, as they should be."""
    columns: Columns = {"state": [rng.randrange(3) for _ in range(rows)]}
    columns |= {f"action_{i + 1}": [rng.randrange(2) for _ in range(rows)] for i in range(agents)}
    columns["reward"] = [rng.choice((0, 1, 0.5, -3)) for _ in range(rows)]
    columns["next_state"] = [rng.randrange(3) for _ in range(rows)]
    if rng.random() < 0.5:
        columns["terminated"] = [rng.random() < 0.2 for _ in range(rows)]
    return {**columns, **_masks(rng, columns, agents)} if rng.random() < 0.3 else columns


def _masks(rng: Random, columns: Columns, agents: int) -> Columns:
    """Return what each agent may do in each row: what is played in its state, and more, as flags or names."""
    found: Columns = {}
    for i in range(1, agents + 1):
        played = list(zip(columns["state"], columns[f"action_{i}"], strict=True))
        own = {s: {a for t, a in played if t == s} | set(range(rng.randrange(3))) for s, _ in played}
        if rng.random() < 0.5:
            columns[f"action_{i}"] = ["ab"[a] for _, a in played]
            found[f"available_{i}"] = [["ab"[a] for a in sorted(own[s])] for s, _ in played]
        else:
            found[f"available_{i}"] = [[int(a in own[s]) for a in range(2)] for s, _ in played]
    return found


def table(rng: Random) -> Columns:
    """Return transitions of one to three agents, or of none at all, with something odd in them."""
    return odd(rng, sound(rng, rng.choice((1, 2, 2, 3)), rng.choice((0, 1, 8, 40))))


def odd(rng: Random, columns: Columns) -> Columns:
    """Return a table with cells, columns or their names changed, columns of other lengths, or empty."""
    found = {name: list(cells) for name, cells in columns.items()}
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        name = rng.choice(list(found) or ["state"])
        cells = found.setdefault(name, [])
        way = rng.randrange(7)
        if way == 0:
            del found[name]
        elif way == 1:
            found[rng.choice(NAMES)] = found.pop(name)
        elif way == 2:
            found[rng.choice(NAMES)] = [rng.choice(CELLS) for _ in cells]
        elif way == 3:
            found[name] = [rng.choice(CELLS)] * len(cells)
        elif way == 4:
            found[name] = cells[: rng.randrange(len(cells) + 1)]
        elif cells:
            cells[rng.randrange(len(cells))] = rng.choice(CELLS)
    return found


def arrays(rng: Random, columns: Columns) -> dict[str, Any]:
    """Return a table as arrays by name, actions in one array, at times of another type, order or number of axes."""
    apart = ("action_", "available_")
    found = {name: _array(cells) for name, cells in columns.items() if not name.startswith(apart)}
    for start in apart:
        joint = [cells for name, cells in columns.items() if name.startswith(start)]
        if joint:
            found[start.removesuffix("_")] = _array([list(row) for row in zip(*joint, strict=False)])
    if found and rng.random() < 0.3:
        name = rng.choice(list(found))
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
                found[name] = found[name].astype(
                    rng.choice(("f2", "f4", "f8", "u1", "i8", "U5", "S3", "c16", "M8[s]", "?", ">i4"))
                )
        except (TypeError, ValueError, OverflowError):
            found[name] = np.zeros(rng.choice(((), (0,), (3, 0), (2, 2, 2))))
    return found


def _array(cells: list[Any]) -> Any:
    try:
        found = np.array(cells)
    except (TypeError, ValueError, OverflowError):
        found = np.empty(len(cells), dtype=object)
        found[:] = cells
    return found


def csv_bytes(columns: Columns) -> bytes:
    """Return a table as .csv."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    rows = max(map(len, columns.values()), default=0)
    writer.writerows(
        [_csv_cell(name, cells[k]) if k < len(cells) else "" for name, cells in columns.items()] for k in range(rows)
    )
    return text.getvalue().encode("utf-8", "replace")


def _csv_cell(name: str, cell: Any) -> Any:
    return "|".join(map(str, cell)) if name.startswith("available") and isinstance(cell, list) else cell


def npz_bytes(found: dict[str, Any]) -> bytes:
    """Return arrays as .npz, pickled where they hold objects."""
    stream = io.BytesIO()
    np.savez(stream, **{name.replace("\n", "") or "empty": array for name, array in found.items() if name != "file"})
    return stream.getvalue()


def npy_bytes(columns: Columns) -> bytes:
    """Return the columns as one array, .npy."""
    stream = io.BytesIO()
    np.save(stream, _array([list(row) for row in zip(*columns.values(), strict=False)]))
    return stream.getvalue()


def parquet_bytes(columns: Columns) -> bytes:
    """Return a table as .parquet: typed columns where their cells have one type, else text."""
    import pyarrow
    from pyarrow import parquet

    size, made = min(map(len, columns.values()), default=0), []
    for cells in columns.values():
        try:
            made.append(pyarrow.array(cells[:size]))
        except (pyarrow.ArrowException, TypeError, ValueError, OverflowError):
            made.append(pyarrow.array([str(cell).encode("utf-8", "replace").decode() for cell in cells[:size]]))
    stream = io.BytesIO()
    try:
        parquet.write_table(pyarrow.Table.from_arrays(made, names=list(columns)), stream)
    except (pyarrow.ArrowException, ValueError):
        return parquet_bytes({name: list(map(repr, cells)) for name, cells in columns.items()})
    return stream.getvalue()
