"""A cooperative game played once: a payoff table, or the spreadsheet that holds one, as a model of one state."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.arguments import named, require_number
from fqi_theory.base.errors import FormatError, ModelError, NumberError
from fqi_theory.base.scalars import parse_rational
from fqi_theory.model.formats.csv_rows import csv_rows
from fqi_theory.model.formats.files import PathLike, quoted
from fqi_theory.model.mmdp import MMDP

SEPARATORS = ",;\t"


def from_payoff(
    table: Any,
    *,
    discount: Any = 0,
    actions: Sequence[Sequence[str]] | None = None,
    name: str | None = None,
    source: str | None = None,
) -> MMDP:
    """Return the game of a payoff table (A_1, ..., A_n): one absorbing state, one axis an agent, discount 0.

    table: nested numbers, an array, or the path of a .csv file (see `read_payoff`). With another discount the game is
    repeated. actions, name, source: by default what the file says, of other tables "a0", "a1", ..., "payoff" and "".
    Raises ModelError for a table without entries, NumberError for what are no numbers of one kind.
    """
    require_number(discount, "discount")
    if isinstance(table, str | os.PathLike):
        read = read_payoff(table)
        own, called = read.actions if actions is None else actions, read.name if name is None else name
        said = read.source if source is None else source
        return MMDP(read.reward, read.transition, discount, states=read.states, actions=own, name=called, source=said)
    with named("payoff table"):
        payoffs = scalars.as_array(table)
    if payoffs.ndim < 1 or payoffs.size == 0:
        raise ModelError(f"payoff table: expected shape (A_1, ..., A_n), none of them 0, found {payoffs.shape}")
    field = scalars.field_of(payoffs)
    rate = float(scalars.to_float(discount)) if field == "float" else discount
    successors = np.zeros((1, *payoffs.shape), dtype=int)
    called = "payoff" if name is None else name
    return MMDP(
        payoffs[None],
        successors,
        rate,
        states=["s"],
        actions=actions,
        name=called,
        source="" if source is None else source,
    )


def read_payoff(path: PathLike) -> MMDP:
    """Return the two-agent game of a .csv file: a row for each action of agent 1, a column for each of agent 2.

    Cells are exact numbers (integers, 3/4, 0.85), separated by commas, semicolons or tabs. A first row of names, a
    first column of names, or both, name the actions. Raises FormatError with line and column.
    """
    file, lines = os.fspath(path), [(k, cells) for k, cells in csv_rows(path, SEPARATORS) if any(cells)]
    if not lines:
        raise FormatError(f"{file}: document: expected a payoff table, found an empty file")
    labelled = _labelled(lines)
    across = lines.pop(0)[1] if labelled[0] else None
    down = [cells[0] for _, cells in lines] if labelled[1] else None
    width = len(lines[0][1]) if lines else 0
    if not lines or width <= labelled[1]:
        raise FormatError(f"{file}: document: expected payoffs under the names of actions, found none")
    table = [_numbers(cells[labelled[1] :], k, labelled[1], width, file) for k, cells in lines]
    columns = None if across is None else across[-(width - labelled[1]) :]
    stem = os.path.basename(file).split(".")[0]
    names = [down or _counted("row", len(table)), columns or _counted("column", width - labelled[1])]
    try:
        return from_payoff(table, actions=names, name=stem or "payoff", source=file)
    except ModelError as error:
        raise FormatError(f"{file}: {error}") from None


def _labelled(lines: Sequence[tuple[int, Sequence[str]]]) -> tuple[bool, bool]:
    """Tell whether a first row and a first column hold names."""
    first, rest = lines[0][1], [cells for _, cells in lines[1:]]
    across = any(cell and not _is_number(cell) for cell in first[1:])
    down = any(cells and cells[0] and not _is_number(cells[0]) for cells in (rest if across else [first, *rest]))
    return across, down


def _is_number(cell: str) -> bool:
    """Tell whether a cell is meant as a number, infinities and nan (which are refused as such) included."""
    if cell.lower().lstrip("+-") in ("inf", "infinity", "nan"):
        return True
    try:
        parse_rational(cell)
    except NumberError:
        return False
    return True


def _numbers(cells: Sequence[str], line: int, skipped: int, width: int, file: str) -> list[Any]:
    if len(cells) + skipped != width:
        raise FormatError(f"{file}: line {line}: expected {width} cells, found {len(cells) + skipped}")
    found = []
    for k, cell in enumerate(cells, skipped + 1):
        try:
            found.append(parse_rational(cell))
        except NumberError:
            raise FormatError(
                f"{file}: line {line} column {k}: expected a number such as 3, 3/4 or 0.85, found {quoted(cell)}"
            ) from None
    return found


def _counted(word: str, count: int) -> list[str]:
    return [f"{word}{k}" for k in range(count)]
