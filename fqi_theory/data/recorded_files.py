"""Rows of .csv and .parquet files as records.

Columns: state; action for one agent, or action_1, ..., action_n; reward; next_state; if wanted terminated, truncated,
and available for one agent, or available_1, ..., available_n: what each may do in the state that the row leaves, as a
flag 0 or 1 for each action, or as the names of the available ones. In a .csv file these stand with | between them
(1|0|1, or stay|up), and numbers are exact as written; a .parquet file's cells have types, and lists are tuples.
"""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any

from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.scalars import exact
from fqi_theory.data.record import FLAGS, Own, Record, choices, flag, record
from fqi_theory.model.formats.csv_rows import csv_rows
from fqi_theory.model.formats.files import quoted

COLUMNS = ("state", "action", "reward", "next_state")
AVAILABLE = "available"
TRUE, FALSE = ("1", "true", "yes"), ("0", "false", "no", "")


def csv_records(file: str) -> Iterator[Record]:
    """Yield the rows of a .csv file; raises DataError with the line."""
    rows = csv_rows(file)
    first, heads = next(rows, (1, []))
    agents, masks = _columns(heads, f"line {first}: ")
    for line, cells in rows:
        if not any(cells):
            continue
        where = f"line {line}"
        if len(cells) != len(heads):
            raise DataError(f"{where}: expected {len(heads)} cells, found {len(cells)}")
        own = dict(zip(heads, cells, strict=True))
        flags = [flag(_cell_flag(own.get(name, "0")), f"{where}: {name}") for name in FLAGS]
        needed = ("state", *agents, "reward", *masks, *(() if flags[0] else ("next_state",)))
        empty = next((name for name in needed if not own[name]), None)
        if empty is not None:
            raise DataError(f"{where}: {empty}: expected a value, found none")
        joint, reward = tuple(_cell(own[name]) for name in agents), _number(own["reward"], line)
        told = _told([_parts(own[name]) for name in masks], where)
        yield Record(where, _cell(own["state"]), joint, reward, _cell(own["next_state"]), flags[0], told)


def column_records(columns: Sequence[tuple[str, list[Any]]]) -> Iterator[Record]:
    """Yield the rows of a table whose cells have types; in action a list is the agents'. Raises DataError."""
    (agents, masks), given = _columns([name for name, _ in columns], ""), dict(columns)
    flags = [name for name in FLAGS if name in given]
    for k in range(len(given["state"])):
        row = {name: column[k] for name, column in given.items()}
        empty = next((name for name, cell in row.items() if cell is None), None)
        if empty is not None:
            raise DataError(f"row {k}: {empty}: expected a value, found none")
        joint = row["action"] if agents == ["action"] else [row[name] for name in agents]
        found = (row["state"], joint, row["reward"], row["next_state"])
        ended = [flag(row.get(name, False), f"row {k}: {name}") for name in FLAGS] if flags else []
        told = row[AVAILABLE] if masks == [AVAILABLE] else [row[name] for name in masks] or None
        yield record(f"row {k}", (*found, *ended), told)


def _columns(heads: Sequence[str], where: str) -> tuple[list[str], list[str]]:
    """Return the columns of actions and of what is available; raises DataError for missing, unknown, repeated ones."""
    agents = [head for head in heads if head.startswith("action_")] or ["action"]
    masks = [head.replace("action", AVAILABLE, 1) for head in agents]
    masks = masks if any(head.startswith(AVAILABLE) for head in heads) else []
    needed = ["state", *agents, "reward", "next_state", *masks]
    missing = [name for name in needed if name not in heads]
    unknown = [name for name in heads if name not in (*needed, *FLAGS)]
    if missing or unknown or len(set(heads)) < len(heads):
        wrong = f"without {', '.join(missing)}" if missing else f"with {', '.join(unknown) or 'one of them twice'}"
        raise DataError(
            f"{where}expected the columns state, action (or action_1, ..., action_n), reward, next_state and, if "
            f"wanted, terminated, truncated and available (or available_1, ..., available_n), found "
            f"{quoted(','.join(heads))}, {wrong}"
        )
    return agents, masks


def _told(lists: Sequence[Sequence[Any]], where: str) -> tuple[Own, ...] | None:
    return choices(list(lists), len(lists), where) if lists else None


def _parts(cell: str) -> list[Any]:
    """Return the flags or the names of a cell: 1|0|1, stay|up."""
    return [_cell(part.strip()) for part in cell.split("|")]


def _cell(text: str) -> Hashable:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _cell_flag(text: str) -> Any:
    return True if text.lower() in TRUE else False if text.lower() in FALSE else text


def _number(text: str, line: int) -> Any:
    try:
        return exact(text)
    except NumberError as error:
        raise DataError(f"line {line}: reward: {error}") from None
