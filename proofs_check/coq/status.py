"""What the Coq development has proved, as far as the committed result is current for its sources.

``make prove`` compiles the development and writes ``compiled.json``.  This module needs neither Coq nor any
package: it compares the hashes in that file with the sources beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CLOSED = "Closed under the global context"


@dataclass(frozen=True)
class Theorem:
    """One theorem of the development.

    ``statement`` says it in plain mathematics, ``coq`` is its statement in the source, ``coq_type`` the full
    statement with every hypothesis as Coq prints it (empty until it has been compiled).
    """

    id: str
    file: str
    name: str
    statement: str
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
    names = {path.name for path in root.glob("*.v")} | {"theorems.json"}
    return names == set(expected) and all(_digest(root / name) == expected[name] for name in names)


def coq_statement(text: str, name: str) -> str:
    """The statement of a theorem in Coq source text, from its keyword to the full stop before its proof."""
    found = re.search(rf"^Theorem\s+{re.escape(name)}\b.*?(?=\s*^Proof\b)", text, re.DOTALL | re.MULTILINE)
    return found.group(0) if found else ""


def _theorem(entry: dict[str, str], printed: dict[str, str], fresh: bool, root: Path) -> Theorem:
    """One theorem from its entry in the list and what Coq printed about it."""
    text = (root / entry["file"]).read_text(encoding="utf-8")
    return Theorem(
        id=entry["id"],
        file=entry["file"],
        name=entry["name"],
        statement=entry["statement"],
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
    compiled = _read(root / "compiled.json").get("theorems", {})
    fresh = current(root)
    return tuple(_theorem(entry, compiled.get(entry["id"], {}), fresh, root) for entry in entries)


def proved(theorem_id: str, root: Path = HERE) -> bool:
    """Whether a theorem is proved by Coq without axioms, for the sources that are here now."""
    return any(theorem.id == theorem_id and theorem.proved for theorem in theorems(root))


def supporting(claim: str, root: Path = HERE) -> tuple[Theorem, ...]:
    """The proved theorems that support a claim of the registry."""
    return tuple(theorem for theorem in theorems(root) if theorem.claim == claim and theorem.proved)
