"""What the Coq development has proved, as far as the committed result is current for its sources.

``make prove`` compiles the development and writes ``compiled.json``.  This module needs neither Coq nor any
package: it compares the hashes in that file with the sources beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CLOSED = "Closed under the global context"


@dataclass(frozen=True)
class Theorem:
    """One theorem of the development.

    ``statement`` says it in plain mathematics, ``coq`` is its statement in the source, ``coq_type`` the full
    statement with every hypothesis as Coq prints it (empty until it has been compiled). ``scope`` says for what.
    """

    id: str
    file: str
    name: str
    statement: str
    scope: str
    source: str
    claim: str
    coq: str
    coq_type: str
    proved: bool


def _read(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty if there is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; empty if it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def current(root: Path = HERE) -> bool:
    """Whether compiled.json was made from exactly the sources and the list that are here now."""
    compiled = _read(root / "compiled.json")
    expected = compiled.get("sources")
    if compiled.get("format") != "coq-compiled/1" or not isinstance(expected, dict):
        return False
    found = {path.relative_to(root / "theories").as_posix(): path for path in (root / "theories").rglob("*.v")}
    found["theorems.json"] = root / "theorems.json"
    return found.keys() == expected.keys() and all(_digest(path) == expected[name] for name, path in found.items())


# Every question about a theorem reads all sources anew; what is found in an unchanged text need not be sought again.
@lru_cache(maxsize=512)
def coq_statement(text: str, name: str) -> str:
    """The statement of a theorem in Coq source text, from its keyword to the full stop before its proof."""
    found = re.search(rf"^Theorem\s+{re.escape(name)}\b.*?(?=\s*^Proof\b)", text, re.DOTALL | re.MULTILINE)
    return "\n".join([*_assumed(text[: found.start()]), found.group(0)]) if found else ""


def _assumed(before: str) -> list[str]:
    """The variables and hypotheses of the sections that are open at the end of a text, one a line."""
    sections: list[list[str]] = [[]]
    for line in re.split(r"(?<=\.)\s+", re.sub(r"\(\*.*?\*\)", " ", before, flags=re.DOTALL)):
        if re.match(r"Section\s", line):
            sections.append([])
        elif re.match(r"End\s", line):
            sections.pop()
        elif re.match(r"(Context|Variables?|Hypothes[ie]s)\s", line):
            sections[-1].append(" ".join(line.split()))
    return [line for section in sections for line in section]


def _theorem(entry: dict[str, str], printed: dict[str, str], fresh: bool, root: Path) -> Theorem:
    """One theorem from its entry in the list and what Coq printed about it."""
    try:
        text = (root / "theories" / entry["file"]).read_text(encoding="utf-8")
    except OSError:
        text = ""
    return Theorem(
        id=entry["id"],
        file=entry["file"],
        name=entry["name"],
        statement=entry["statement"],
        scope=entry["scope"],
        source=entry["source"],
        claim=entry["claim"],
        coq=coq_statement(text, entry["name"]),
        coq_type=printed.get("type", ""),
        proved=fresh and printed.get("assumptions") == CLOSED,
    )


def coq_version(root: Path = HERE) -> str:
    """The version of Coq that compiled the sources."""
    return str(_read(root / "compiled.json").get("coq", "unknown"))


def theorems(root: Path = HERE) -> tuple[Theorem, ...]:
    """Every listed theorem, with whether it is proved."""
    entries = _read(root / "theorems.json").get("theorems", [])
    compiled = _read(root / "compiled.json").get("theorems")
    printed = compiled if isinstance(compiled, dict) else {}
    fresh = current(root)
    return tuple(_theorem(entry, printed.get(entry["id"]) or {}, fresh, root) for entry in entries)


def proved(theorem_id: str, root: Path = HERE) -> bool:
    """Whether a theorem is proved by Coq without axioms, for the sources that are here now."""
    return any(theorem.id == theorem_id and theorem.proved for theorem in theorems(root))
