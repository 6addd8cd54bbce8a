"""Run the examples of a document: its ```python and ```console blocks, in order, in one folder."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

FENCE = re.compile(r"^```(python|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NOT_RUN = ("pip ", "python -m pip ", "make", "git ", "cd ", "python3 -m venv ", "apt")
SECONDS = re.compile(r"\b\d+(\.\d+)? ?(ms|s)\b")


def run_document(path: Path, folder: Path) -> int:
    """Run every example of a Markdown file in `folder`; return how many there were."""
    names: dict[str, object] = {"__name__": "__main__"}
    text = path.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    for match in found:
        line = text.count("\n", 0, match.start()) + 1
        place = f"{path.name}, line {line}"
        run_python(match[2], names, place) if match[1] == "python" else run_console(match[2], folder, place)
    return len(found)


def run_python(code: str, names: dict[str, object], place: str) -> None:
    """Run a block of plain code, or of `>>>` lines with their output, in the names of those before it."""
    if not re.search(r"^>>> ", code, re.MULTILINE):
        exec(compile(code, place, "exec"), names)
        return
    test = doctest.DocTestParser().get_doctest(code, names, place, place, 0)
    problems: list[str] = []
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=problems.append, clear_globs=False)
    names.update(test.globs)
    assert not problems, "".join(problems)


def run_console(block: str, folder: Path, place: str) -> None:
    """Run the `$ ` lines of a block; the lines below each are its output, where there are any."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
    }
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, expected = split_command(part)
        if command.startswith(NOT_RUN):
            continue
        done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode in (0, 1), f"{place}: {command}: exit {done.returncode}\n{done.stderr}"
        if expected:
            assert matches(expected, done.stdout), f"{place}: {command}: expected\n{expected}\nfound\n{done.stdout}"


def split_command(part: str) -> tuple[str, str]:
    """Return the command, joined over lines that end in a backslash, and its expected output."""
    command, _, expected = part.partition("\n")
    while command.endswith("\\"):
        more, _, expected = expected.partition("\n")
        command = command[:-1] + more
    return command.partition("  #")[0].strip(), expected.strip()


def matches(expected: str, found: str) -> bool:
    """Compare output up to times and trailing blanks; a line `...` stands for any lines."""
    pattern = "\n".join("(?:.*\n?)*?" if line == "..." else re.escape(line) for line in _lines(expected))
    return re.fullmatch(pattern.replace("(?:.*\n?)*?\n", "(?:.*\n)*?"), "\n".join(_lines(found))) is not None


def _lines(text: str) -> list[str]:
    return [re.sub(r"\s+", " ", SECONDS.sub("T s", line)).strip() for line in text.strip().splitlines() if line.strip()]
