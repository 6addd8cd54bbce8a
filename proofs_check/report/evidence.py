"""Evidence of a claim in HTML: mappings become definition lists, rows of numbers matrices, like records a table."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from proofs_check.report.formulas import prose

#: Keys whose values are source text, to be read letter by letter.
CODE = frozenset({"Coq name", "Coq statement", "file"})
#: Keys whose values are joint actions or sizes, to be read along the line.
TUPLES = frozenset({"greedy", "policy", "shapes", "starts", "images"})


def evidence(value: Any, key: str = "") -> str:
    """Return evidence as HTML; `key` says where it stood."""
    if isinstance(value, Mapping):
        records = list(value.values())
        return _table(records, list(map(str, value))) if _are_records(records) else _list(value)
    if isinstance(value, list | tuple):
        return _sequence(value, key)
    if key in CODE:
        return f"<code>{escape(_text(value))}</code>"
    return prose(_text(value))


def _list(value: Mapping[str, Any]) -> str:
    items = "".join(f"<div><dt>{prose(_words(k))}</dt><dd>{evidence(item, k)}</dd></div>" for k, item in value.items())
    return f'<dl class="evidence">{items}</dl>'


def _sequence(values: Sequence[Any], key: str) -> str:
    if _are_records(values):
        return _table(values)
    if key not in TUPLES and _is_matrix(values):
        return _matrix(values)
    if any(isinstance(value, Mapping) or _depth(value) > 1 for value in values):
        return f'<ul class="plain">{"".join(f"<li>{evidence(value)}</li>" for value in values)}</ul>'
    if any(_depth(value) for value in values):
        return ", ".join(evidence(value, key) for value in values)
    words = any(isinstance(value, str) and " " in value for value in values)
    return "<br>".join(prose(_text(v)) for v in values) if words else escape(f"({', '.join(map(_text, values))})")


def _depth(value: Any) -> int:
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list | tuple) else 0


def _are_records(values: Sequence[Any]) -> bool:
    """Tell whether these are two or more mappings with the same keys."""
    if len(values) < 2 or not all(isinstance(value, Mapping) for value in values):
        return False
    return len({tuple(value) for value in values}) == 1


def _table(records: Sequence[Mapping[str, Any]], names: Sequence[str] | None = None) -> str:
    names = names or [str(k) for k in range(1, len(records) + 1)]
    heads = "".join(f'<th scope="col">{prose(_words(key))}</th>' for key in ("", *records[0]))
    heads = heads.replace('<th scope="col"></th>', "<td></td>", 1)
    rows = "".join(
        f'<tr><th scope="row">{prose(name)}</th>{"".join(f"<td>{evidence(v, k)}</td>" for k, v in record.items())}</tr>'
        for name, record in zip(names, records, strict=True)
    )
    table = f'<table class="records"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="scroll" tabindex="0" role="group" aria-label="table">{table}</div>'


def _is_matrix(values: Sequence[Any]) -> bool:
    lengths = {len(row) if _depth(row) == 1 else 0 for row in values}
    return len(lengths) == 1 and lengths != {0}


def _matrix(rows: Sequence[Sequence[Any]]) -> str:
    cells = ("".join(f"<mtd><mn>{escape(_text(x))}</mn></mtd>" for x in row) for row in rows)
    return f'<math><mtable class="matrix">{"".join(f"<mtr>{row}</mtr>" for row in cells)}</mtable></math>'


def _text(value: Any) -> str:
    """Return plain text: None as "none", truth values as yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _words(key: str) -> str:
    return key.replace("gamma=", "γ = ").replace("epsilon=", "ε = ")
