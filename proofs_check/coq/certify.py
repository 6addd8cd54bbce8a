"""Turn certificates into Coq theorems: ``python -m proofs_check.coq.certify FILE...``.

For each file the numbers are translated (``export.py``), the check is computed inside Coq, and where it returns true
the theorem that it implies for this model is stated, proved and printed with its assumptions. The verdict of the Python
checker stands beside it. Exit status, the highest of all files: 0 all proved, 1 a certificate is refused, 2 a file is
malformed or of a kind that has no checker in Coq, 3 Coq or a package is missing, 4 Coq gave no answer about a file, in
time or at all. At 2 and 4 nothing is said about the truth of the file.
"""

from __future__ import annotations

import argparse
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
from proofs_check.coq.library import library
from proofs_check.coq.translate.export import export
from proofs_check.coq.translate.reader import Malformed, load
from proofs_check.coq.translate.terms import HEADER, Statement, Unsupported

PRINTING = "Set Printing Width 110. Unset Printing Implicit Defensive. Open Scope ring_scope.\n"
SECONDS = 600
#: Coq reads numbers of thousands of digits recursively, so it is given 1 GiB of stack, or what the system allows.
STACK = ["sh", "-c", 'ulimit -s 1048576 2>/dev/null || ulimit -s "$(ulimit -Hs)"; exec "$@"', "sh"]
REFUSED, UNSUPPORTED, UNDECIDED = 1, 2, 4


class NoAnswer(Exception):
    """Coq did not end in time."""


def _run(text: str, folder: Path, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "Certified.v").write_text(text, encoding="utf-8")
        command = [*STACK, "coqc", "-q", "-w", "none", "-Q", str(folder.resolve()), "FqiTheory", "Certified.v"]
        try:
            done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise NoAnswer(f"no answer from Coq within {seconds:g} s") from None
    if done.returncode:
        raise prove.ProofError(f"Coq fails:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout


def accepted(statements: Sequence[Statement], folder: Path, seconds: float = SECONDS) -> list[bool]:
    """Return for each statement whether its check, computed in Coq, holds; all in one run."""
    parts = [f"Module M{k}.\n{one.question()}\nEnd M{k}.\n" for k, one in enumerate(statements)]
    found = re.findall(r"= (true|false)\s+: bool", _run("".join((HEADER, PRINTING, *parts)), folder, seconds))
    if len(found) != len(statements):
        raise prove.ProofError("a check does not compute to true or false")
    return [word == "true" for word in found]


def source(statement: Statement) -> str:
    """Return a Coq file that compiles only if the check holds, and prints the theorem and what it assumes."""
    return HEADER + PRINTING + statement.verdict()


def theorem(statement: Statement, folder: Path, seconds: float = SECONDS) -> str:
    """Return the theorem about this model as Coq prints it; raises ProofError if it assumes anything."""
    printed = _run(source(statement), folder, seconds).strip()
    if not printed.endswith(prove.CLOSED):
        raise prove.ProofError(f"the theorem is not proved without axioms:\n{printed}")
    return printed


def _answer(statement: Statement, folder: Path, seconds: float) -> str | None:
    """Return the theorem, or None where the check is false; only then is it computed a second time."""
    try:
        return theorem(statement, folder, seconds)
    except prove.ProofError:
        if accepted([statement], folder, seconds) == [False]:
            return None
        raise


def judge(path: Path, folder: Path, seconds: float = SECONDS, output: Path | None = None) -> tuple[int, str]:
    """Return the exit status of one certificate and what is printed about it; an accepted one is kept in `output`."""
    start = time.monotonic()
    try:
        statement = export(load(path))
        printed = _answer(statement, folder, seconds)
    except Malformed as error:
        return UNSUPPORTED, f"malformed: {error}"
    except Unsupported as error:
        return UNSUPPORTED, f"unsupported in Coq: {error}; nothing is said about its truth"
    except (NoAnswer, prove.ProofError) as error:
        return UNDECIDED, f"undecided: {error}; nothing is said about its truth"
    if printed is None:
        return REFUSED, f"refused by Coq: {statement.check} is false"
    if output is not None:
        output.write_text(source(statement), encoding="utf-8")
    definitions = "\n".join(statement.definitions)
    return 0, f"proved by Coq ({time.monotonic() - start:.1f} s)\n{definitions}\n{printed}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    text, _, status = (__doc__ or "").partition("Exit status")
    parser = argparse.ArgumentParser(
        prog="python -m proofs_check.coq.certify", description=text, epilog=f"Exit status{status}"
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--cache", type=Path, help="folder for compiled sources")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="time for one file (default: %(default)s)")
    parser.add_argument("--output", type=Path, metavar="FILE.v", help="keep the theorem about one FILE as a Coq file")
    options = parser.parse_args(arguments)
    if options.output is not None and len(options.files) > 1:
        parser.error("--output keeps one theorem: give one FILE")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what Coq and what the Python checker say about each file."""
    options = _options(arguments)
    if shutil.which("coqc") is None:
        print("coqc is not installed; see proofs_check/coq/README.md", file=sys.stderr)
        return prove.MISSING
    try:
        folder = library(options.cache)
    except prove.MissingPackages as error:
        print(f"Coq packages are missing: {' '.join(error.args)}", file=sys.stderr)
        return prove.MISSING
    except (prove.ProofError, OSError) as error:
        print(f"the sources are not compiled: {error}", file=sys.stderr)
        return UNDECIDED
    worst = 0
    for path in options.files:
        status, text = judge(path, folder, options.seconds, options.output)
        report = checker.check(path)
        said = f"accepted: {report.statement}" if report.accepted else f"refused: {report.reason}"
        print(f"{path}: {text}\nPython checker: {said}", flush=True)
        worst = max(worst, status)
    if options.output is not None and worst == 0:
        print(f"kept; compile it with: coqc -Q {folder} FqiTheory {options.output}")
    return worst


if __name__ == "__main__":
    sys.exit(main())
