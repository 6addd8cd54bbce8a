"""Rows of .csv files."""

import csv
import io
from collections.abc import Iterator

from fqi_theory.base.errors import FormatError
from fqi_theory.model.formats.files import PathLike, read_text


def csv_rows(path: PathLike, separators: str = ",") -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of a file that is plain or gzipped, the line on which a row ends; blank lines are left out.

    separators: the one is taken that the first line has most of. Lines end as on any system. Raises FormatError as
    `read_text`, and for quotes that are not closed, or closed in the middle of a cell.
    """
    text = read_text(path)
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(separators, key=first.count), strict=True)
    try:
        for cells in rows:
            if cells:
                yield rows.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise FormatError(f"{path}: line {rows.line_num}: expected cells of a .csv file, found {error}") from None
