"""Turn certificates into Coq theorems: ``python -m proofs_check.coq.certify FILE...``.

For each file the numbers are translated (``export.py``), the check is computed inside Coq, and where it returns true
the theorem that it implies for this model is stated, proved and printed with its assumptions. The verdict of the Python
checker stands beside it. Exit status: 0 all proved, 1 a certificate is refused, 2 a file is malformed or of a kind that
has no checker in Coq (nothing is said about its truth), 3 Coq or a package is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from proofs_check import checker
from proofs_check.coq import prove
from proofs_check.coq.export import export
from proofs_check.coq.reader import Malformed, load
from proofs_check.coq.terms import HEADER, Statement, Unsupported

PRINTING = "Set Printing Width 110. Unset Printing Implicit Defensive. Open Scope ring_scope.\n"
SECONDS = 600


def needed(root: Path = prove.HERE) -> list[str]:
    """Return the sources that a translated certificate rests on, in the order of compilation."""
    listed = json.loads((root / "theorems.json").read_text(encoding="utf-8"))["sources"]
    wanted, texts = _required(HEADER), {name: (root / name).read_text(encoding="utf-8") for name in listed}
    for name in reversed(listed):
        if name in wanted:
            wanted |= _required(texts[name])
    return [name for name in listed if name in wanted]


def _required(text: str) -> set[str]:
    found = re.findall(r"^From FqiTheory Require Import ([\w\s]+)\.", text, re.MULTILINE)
    return {f"{name}.v" for names in found for name in names.split()}


def library(cache: Path | None = None) -> Path:
    """Return a folder with the compiled sources, made there when it is missing; raises prove.MissingPackages."""
    base = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fqi-theory"
    sources = needed()
    text = _version() + "".join(prove.digest(prove.HERE / source) for source in sources)
    final = base / f"coq-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if final.is_dir():
        return final
    base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=base) as name:
        build = Path(name) / "coq"
        build.mkdir()
        prove.require_packages(build)
        prove.compile_all({"sources": sources}, prove.HERE, build)
        _move(build, final)
    return final


def _version() -> str:
    """Return which Coq it is: its version and its place, so that another installation has its own compiled files."""
    command = [["coqc", "--print-version"], ["coqc", "-where"]]
    return "".join(
        subprocess.run(one, capture_output=True, text=True, timeout=60, check=True).stdout for one in command
    )


def _move(build: Path, final: Path) -> None:
    try:
        build.rename(final)
    except OSError:
        # Another process was faster.
        if not final.is_dir():
            raise


def _run(text: str, folder: Path) -> str:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for compiled in folder.glob("*.vo"):
            (work / compiled.name).symlink_to(compiled.resolve())
        (work / "Certified.v").write_text(HEADER + PRINTING + text, encoding="utf-8")
        return prove.run_coqc(work, "Certified.v", SECONDS)


def accepted(statements: Sequence[Statement], folder: Path) -> list[bool]:
    """Return for each statement whether its check, computed in Coq, holds; all in one run."""
    parts = [f"Module M{k}.\n{one.question()}\nEnd M{k}.\n" for k, one in enumerate(statements)]
    found = re.findall(r"= (true|false)\s+: bool", _run("".join(parts), folder))
    if len(found) != len(statements):
        raise prove.ProofError("a check does not compute to true or false")
    return [word == "true" for word in found]


def theorem(statement: Statement, folder: Path) -> str:
    """Return the theorem about this model as Coq prints it; raises ProofError if it assumes anything."""
    printed = _run(statement.verdict(), folder).strip()
    if not printed.endswith(prove.CLOSED):
        raise prove.ProofError(f"the theorem is not proved without axioms:\n{printed}")
    return printed


def judge(path: Path, folder: Path) -> tuple[int, str]:
    """Return the exit status of one certificate and what is printed about it."""
    try:
        document = load(path)
        statement = export(document)
    except Malformed as error:
        return 2, f"malformed: {error}"
    except Unsupported as error:
        return 2, f"unsupported in Coq: {error}; nothing is said about its truth"
    start = time.monotonic()
    (holds,) = accepted([statement], folder)
    if not holds:
        return 1, f"refused by Coq: {statement.check} is false"
    printed = theorem(statement, folder)
    definitions = "\n".join(statement.definitions)
    return 0, f"proved by Coq ({time.monotonic() - start:.1f} s)\n{definitions}\n{printed}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what Coq and what the Python checker say about each file."""
    parser = argparse.ArgumentParser(prog="python -m proofs_check.coq.certify", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--cache", type=Path, help="folder for compiled sources")
    options = parser.parse_args(arguments)
    if shutil.which("coqc") is None:
        print("coqc is not installed; see proofs_check/coq/README.md", file=sys.stderr)
        return prove.MISSING
    worst = 0
    try:
        folder = library(options.cache)
        for path in options.files:
            status, text = judge(path, folder)
            report = checker.check(path)
            said = f"accepted: {report.statement}" if report.accepted else f"refused: {report.reason}"
            print(f"{path}: {text}\nPython checker: {said}", flush=True)
            worst = max(worst, status)
    except prove.MissingPackages as error:
        print(f"Coq packages are missing: {' '.join(error.args)}", file=sys.stderr)
        return prove.MISSING
    except (prove.ProofError, OSError) as error:
        print(f"not proved: {error}", file=sys.stderr)
        return 1
    return worst


if __name__ == "__main__":
    sys.exit(main())
