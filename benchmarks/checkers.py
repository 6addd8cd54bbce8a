"""The checker that Coq extracts against the one in Python, on the kept certificates that it covers."""

import resource
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.comparison import Row, Single
from benchmarks.timing import seconds
from proofs_check.certificates.kept import kept
from proofs_check.checker import check

PROGRAM = Path("build/checker-ocaml")
REPEATED = 100


def _spent(files: Sequence[str]) -> float:
    """Return the processor time of one call of the program, without what starts it."""
    found = []
    for count in (1, 1 + REPEATED):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([PROGRAM.resolve(), *files * count], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return (found[1] - found[0]) / REPEATED


def covered() -> list[str]:
    """Return the files that the program covers; ImportError where it is not built."""
    if not PROGRAM.exists():
        raise ImportError(f"{PROGRAM}: make checker-ocaml builds it")
    files = [str(one.path) for one in kept()]
    said = subprocess.run([PROGRAM.resolve(), *files], capture_output=True, text=True).stdout.splitlines()
    return [file for file, line in zip(files, said, strict=True) if line.startswith("accepted")]


def ratio() -> float:
    """Return how many times the processor time of the program the checker in Python takes, all files read by both."""
    files = covered()
    return seconds(lambda: [check(file) for file in files]) / _spent(files)


def rows() -> list[Single]:
    """Return the one comparison."""
    return [Single(Row("checking certificates", "kept, covered by Coq", "the checker in Python", least=10), ratio)]
