"""Columns of a Parquet file, by pyarrow."""

from typing import Any

from fqi_theory.base.errors import FormatError


def parquet_columns(file: str) -> list[tuple[str, list[Any]]]:
    """Return the columns of a Parquet file by name, in order, as lists; raises FormatError, also without pyarrow."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import read_table
    except ImportError:
        raise FormatError(
            f"{file}: reading .parquet needs pyarrow (pip install 'fqi-theory[parquet]'), which is not installed"
        ) from None
    try:
        table = read_table(file)
        return [(str(name), table.column(k).to_pylist()) for k, name in enumerate(table.column_names)]
    except FileNotFoundError:
        raise FormatError(f"{file}: path: expected a file, found none (absent)") from None
    except (OSError, ArrowException, ValueError, OverflowError) as error:  # cells that Python has no value for, too
        raise FormatError(f"{file}: document: expected a Parquet table, found {error}") from None
