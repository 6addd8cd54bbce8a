"""Headings, notes and tables as HTML; everything written is escaped."""

from collections.abc import Iterable, Sequence
from html import escape


def page(title: str, notes: Iterable[str], *tables: str) -> str:
    """Return a heading in bold, one paragraph of notes, and tables."""
    lines = [f"<strong>{escape(title)}</strong>", *map(escape, notes)]
    return f"<div><p>{'<br>'.join(lines)}</p>{''.join(tables)}</div>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left_out: str = "") -> str:
    """Return a table whose rows are named by their first cells; `left_out` says below what is not shown."""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(f"<tr>{_row(row)}</tr>" for row in rows)
    note = f"<p>{escape(left_out)}</p>" if left_out else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}"


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    return f'<th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(text)}</td>" for text in rest)
