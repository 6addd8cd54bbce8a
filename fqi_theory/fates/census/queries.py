"""The rows of a census in SQL: DuckDB over its Parquet files, which need not fit in memory.

View `rows`, one row for each class: what `parts.decide_part` writes, and of its least model

rewards     texts, exact, one for each cell (state and joint action in row-major order)
successors  numbers of states, likewise
others      cells with another reward than most
leaving     transitions that leave their state

The last two are the same for all models of a class, and with the number they say which model is smaller.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fqi_theory.base.errors import ExtraMissing, FormatError
from fqi_theory.fates.census.parts import KEY
from fqi_theory.fates.census.plan import Plan
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.census.spans import part_file, spans_there

COLUMNS = "number bigint, size bigint, period integer, fate varchar, proof varchar, certificate varchar"


@contextmanager
def database(plan: Plan, folder: Path) -> Iterator[Any]:
    """Yield a connection of DuckDB with the view `rows` of what is there; more than memory goes to a temporary folder.

    Raises ExtraMissing without DuckDB, FormatError where a file is not a part of this census.
    """
    duckdb = _duckdb()
    files = [part_file(plan, folder, span) for span in spans_there(plan, folder)]
    with tempfile.TemporaryDirectory(prefix="census-") as spill:
        connection = duckdb.connect(config={"temp_directory": spill})
        try:
            _require_parts(connection, plan, folder, files)
            if files:
                connection.read_parquet([str(file) for file in files]).create_view("parts")
            else:
                connection.execute(f"create table parts ({COLUMNS})")
            connection.execute(_view(plan.shape))
            yield connection
        except duckdb.IOException as error:
            raise FormatError(f"{folder}: parts: expected what can be read, found {_first(error)}") from None
        finally:
            connection.close()


def answer(connection: Any, sql: str) -> tuple[list[str], Any]:
    """Return the columns of an answer, and its cursor, from which rows are fetched; raises FormatError."""
    duckdb = _duckdb()
    try:
        cursor = connection.execute(sql)
    except duckdb.IOException:
        raise
    except duckdb.Error as error:
        raise FormatError(f"--sql: expected SQL over the view rows, found {_first(error)}") from None
    return [column[0] for column in cursor.description or ()], cursor


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise ExtraMissing("reports of a census need DuckDB (pip install 'fqi-theory[census]')") from None
    return duckdb


def _require_parts(connection: Any, plan: Plan, folder: Path, files: Sequence[Path]) -> None:
    """Raise FormatError at the first file that does not say the plan, in the order of the files."""
    wanted, names = json.dumps(plan.to_json()), [str(file) for file in files]
    query = "select file_name, value from parquet_kv_metadata(?) where key = ?::blob"
    try:
        found = dict(connection.execute(query, [names, KEY]).fetchall()) if names else {}
    except _duckdb().Error as error:
        raise FormatError(f"{folder}: parts: expected parts of a census, found {_first(error)}") from None
    for name in names:
        said = found.get(name, b"nothing").decode(errors="replace")
        if said != wanted:
            raise FormatError(f"{name}: metadata: expected the plan of {folder}, found {said[:300]}")


def _view(shape: Shape) -> str:
    """Return the view: the cells of a model are the digits of its number, as `Shape` says."""
    digits = [f"number // {shape.base**k} % {shape.base}" for k in reversed(range(shape.cells))]
    texts = ", ".join(f"'{reward}'" for reward in shape.rewards)
    rewards = [f"({digit}) // {shape.states}" for digit in digits]
    successors = [f"(({digit}) % {shape.states})::integer" for digit in digits]
    counts = [" + ".join(f"({own} = {k})::integer" for own in rewards) for k in range(len(shape.rewards))]
    each = shape.cells // shape.states
    leaving = " + ".join(f"({own} <> {k // each})::integer" for k, own in enumerate(successors))
    return (
        f"create view rows as select *, [{', '.join(f'([{texts}])[1 + {own}]' for own in rewards)}] as rewards, "
        f"[{', '.join(successors)}] as successors, {shape.cells} - greatest({', '.join(counts)}) as others, "
        f"{leaving} as leaving from parts"
    )


def _first(error: Exception) -> str:
    """Return the first line of a message of DuckDB: the others point into the text of the query."""
    return str(error).partition("\n")[0]
