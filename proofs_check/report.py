"""The verdicts as one self-contained HTML page."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid #ddd}
th{position:sticky;top:0;background:#fff}
code,pre{font:13px/1.4 ui-monospace,monospace}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6;padding:.6rem}
.proved,.certified{color:#126b2f}.tested{color:#0b5a7a}.refuted{color:#7a1f6b}.unknown{color:#8a5a00}
.otherwise{background:#fde8e8}
.number{text-align:right}
"""
MEANINGS = {
    "proved": "for all parameters of the stated class, by formal or symbolic argument",
    "certified": "for the stated instance, by an exact check",
    "tested": "on random exact instances without counterexample; not a proof",
    "refuted": "by an exact counterexample",
    "unknown": "undecided",
}


def page(document: Mapping[str, Any]) -> str:
    """Return the HTML of a `verdicts/1` document; it refers to no other file."""
    claims = document["claims"]
    held = sum(claim["verdict"] == claim["expected"] for claim in claims)
    meanings = "".join(f'<dt class="{name}">{name}</dt><dd>{text}</dd>' for name, text in MEANINGS.items())
    heads = "".join(
        f"<th>{name}</th>" for name in ("claim", "statement", "source", "how known", "instances", "seconds")
    )
    rows = "\n".join(map(_row, claims))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Verdicts</title><style>{STYLE}</style></head><body>\n<h1>Verdicts</h1>\n"
        f"<p>{held} claims as expected, {len(claims) - held} otherwise.</p>\n<dl>{meanings}</dl>\n"
        f"<table><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table>\n</body></html>\n"
    )


def _row(claim: Mapping[str, Any]) -> str:
    expected = claim["verdict"] == claim["expected"]
    known = claim["verdict"] if expected else f"{claim['verdict']} (expected {claim['expected']})"
    evidence = json.dumps(claim["evidence"], indent=1, ensure_ascii=False)
    details = (
        f"<details><summary>{escape(claim['statement'])}</summary><p>Assumes: {escape(claim['hypotheses'])}.</p>"
        f"<p><code>{escape(claim['latex'])}</code></p><pre>{escape(evidence)}</pre></details>"
    )
    cells = (
        f"<td><code>{escape(claim['id'])}</code></td><td>{details}</td><td>{escape(claim['source'])}</td>"
        f'<td class="{claim["verdict"]}">{escape(known)}</td><td class="number">{claim["instances"]}</td>'
        f'<td class="number">{claim["seconds"]:.1f}</td>'
    )
    return f'<tr id="{escape(claim["id"])}"{"" if expected else " class=otherwise"}>{cells}</tr>'
