"""The rows of the table from paper to claim, with the verdicts of a run."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from proofs_check.papers import ITEMS, Item
from proofs_check.report.formulas import prose


def papers(claims: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Item, list[tuple[str, str | None]]]]:
    """Yield every item with its claims and their verdicts, None where this run did not decide them."""
    verdicts = {str(claim["id"]): str(claim["verdict"]) for claim in claims}
    for item in ITEMS:
        yield item, [(claim.id, verdicts.get(claim.id)) for claim in item.decided()]


def row(found: tuple[Item, list[tuple[str, str | None]]]) -> str:
    """Return one row; claims that were decided are links with their verdicts."""
    item, claims = found
    decided = ", ".join(_claim(*claim) for claim in claims)
    missing = f"{'; ' if decided else 'not covered, because: '}{escape(item.missing)}" if item.missing else ""
    return (
        f'<tr><th scope="row">{prose(item.text)}</th><td>{escape(item.paper)}, {escape(item.kind)}</td>'
        f"<td>{decided}{missing}</td></tr>"
    )


def _claim(key: str, verdict: str | None) -> str:
    name = escape(key)
    return f"{name} (not in this run)" if verdict is None else f'<a href="#{name}">{name}</a> {escape(verdict)}'
