"""The compiled sources that translated certificates rest on, made once and kept in a folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from proofs_check.coq import prove
from proofs_check.coq.translate.terms import HEADER

STAMP = "complete"


def needed(root: Path = prove.HERE) -> list[str]:
    """Return the sources that a translated certificate rests on, in the order of compilation."""
    listed, wanted = prove.sources(root), _required(HEADER)
    for name in reversed(listed):
        if Path(name).name in wanted:
            wanted |= _required((root / "theories" / name).read_text(encoding="utf-8"))
    return [name for name in listed if Path(name).name in wanted]


def _required(text: str) -> set[str]:
    found = re.findall(r"^From FqiTheory Require Import ([\w\s]+)\.", text, re.MULTILINE)
    return {f"{name}.v" for names in found for name in names.split()}


def library(cache: Path | None = None) -> Path:
    """Return a folder with the compiled sources, made there when it is missing; raises prove.MissingPackages."""
    base = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fqi-theory"
    sources = needed()
    text = _version() + "".join(prove.digest(prove.HERE / "theories" / source) for source in sources)
    final = base / f"coq-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if complete(final, sources):
        return final
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as name:
        build = Path(name) / "coq"
        build.mkdir()
        prove.require_packages(build)
        prove.compile_all(sources, prove.HERE, build)
        (build / STAMP).touch()
        _move(build, final, sources)
    return final


def complete(folder: Path, sources: Sequence[str]) -> bool:
    """Return whether a folder holds all compiled sources, and the stamp that is written last."""
    return all((folder / name).is_file() for name in (STAMP, *(f"{source}o" for source in sources)))


def _version() -> str:
    """Return which Coq it is: its version and its place, so that another installation has its own compiled files."""
    command = [["coqc", "--print-version"], ["coqc", "-where"]]
    return "".join(
        subprocess.run(one, capture_output=True, text=True, timeout=60, check=True).stdout for one in command
    )


def _move(build: Path, final: Path, sources: Sequence[str]) -> None:
    if final.exists() and not complete(final, sources):
        shutil.rmtree(final)
    try:
        build.rename(final)
    except OSError:
        # Another process was faster.
        if not complete(final, sources):
            raise
