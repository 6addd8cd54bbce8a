"""The readers called, each with options that vary with the input."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from copy import deepcopy
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import fqi_theory as ft
from benchmarks.fuzz import seeds, tables
from benchmarks.fuzz.sound import Refused, require
from fqi_theory.cli.app import main as program
from fqi_theory.fates.census.plan import read_plan
from fqi_theory.fates.phases.logs import read_log
from proofs_check.checker import Report, check
from proofs_check.coq.translate.export import export
from proofs_check.coq.translate.reader import Malformed, load
from proofs_check.coq.translate.terms import Unsupported


@cache
def two_state() -> ft.MMDP:
    return ft.load("two-state")


def published(read: Callable[[Path], Any], package: str, schema: str) -> Callable[[Path], Any]:
    """Return a reader that is at fault where it takes what the published schema of its format refuses."""
    if not find_spec("jsonschema"):
        return read
    from jsonschema import Draft202012Validator

    text = files(package).joinpath(schema).read_text(encoding="utf-8")
    validator = Draft202012Validator(json.loads(text))

    def both(path: Path) -> Any:
        found = read(path)
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_int=lambda digits: int(digits[:4000]))
        refusal = next(validator.iter_errors(document), None)
        require(refusal is None, f"{schema} refuses what was read: {refusal.message[:200] if refusal else ''}")
        return found

    return both


def data(path: Path) -> Any:
    return ft.read_data(path, two_state())


def start(path: Path) -> Any:
    return ft.read_initial(path, two_state())


def require_start(start: ft.Start) -> None:
    run = ft.fitted_q_iteration(two_state(), initial=start, iterations=1)
    require(run.values[0].tolist() == start.values.tolist(), "a run does not begin at its start")


def any_document(path: Path) -> Any:
    """Offer a document to every reader of JSON: at most one takes it."""
    taken = []
    for read in (ft.load, data, start):
        try:
            taken.append(read(path))
        except ft.FqiTheoryError as error:
            refusal = error
    require(len(taken) < 2, "two readers take one document")
    if not taken:
        raise refusal
    return taken[0]


def named(path: Path) -> Any:
    return ft.load(path.read_bytes().decode("utf-8", "surrogateescape"))


def census(path: Path) -> Any:
    return read_plan(path.parent)


def never(found: object) -> None:
    raise AssertionError(f"expected a refusal, found {found!r}")


def counted(path: Path, given: Any = None) -> Any:
    """Count transitions; the options vary with the input."""
    chosen = Random(path.read_bytes())
    return ft.from_transitions(
        path if given is None else given,
        discount="9/10",
        unvisited=chosen.choice(("refuse", "absorb", "absorb")),
        rounding=chosen.choice((None, "1e-6", "bits")),
        numbers=chosen.choice(("exact", "exact", "float")),
    )


def tuples(path: Path) -> Any:
    rng = Random(path.read_bytes())
    rows: list[Any] = [list(row) for row in seeds.tuples()]
    for _ in range(rng.randrange(4)):
        row = rng.choice(rows)
        if isinstance(row, list) and row:
            row[rng.randrange(len(row))] = rng.choice((*tables.CELLS, (0, None), {0}, np.int8(1), np.float32(0.5)))
        if rng.random() < 0.2:
            # A copy: the next change may be one of this row, and lists of CELLS are those of all inputs.
            odd = rng.choice((*tables.CELLS, [0, (0, 0), 1], [0, (0, 0), 1, 1, 0, 0, 0]))
            rows[rng.randrange(len(rows))] = deepcopy(odd)
    return counted(path, rows)


def arrays(path: Path) -> Any:
    rng = Random(path.read_bytes())
    columns = tables.table(rng)
    return counted(path, tables.arrays(rng, columns) if rng.random() < 0.5 else columns)


def masked(path: Path) -> Any:
    """Say which actions of a model are available, by what a file of JSON holds."""
    return two_state().with_available(_document(path))


def masked_log(path: Path) -> Any:
    """Count transitions of the states and actions of `two-state` under masks."""
    chosen = Random(path.read_bytes())
    return ft.from_transitions(
        [(s, joint, r, t) for s, joint, r, t, _ in seeds.tuples() if chosen.random() < 0.2],
        discount="9/10",
        states=["s0", "s1"],
        actions=[["A", "B"]] * 2,
        unvisited="absorb",
        available=_document(path),
    )


def masked_environment(path: Path) -> Any:
    """Explore a table P that a file of JSON holds, two agents with two actions each."""
    table, chosen = _document(path), Random(path.read_bytes())
    return ft.from_env(
        table,
        discount="9/10",
        actions=[["a", "b"]] * 2,
        decode=lambda joint: str(2 * joint[0] + joint[1]),
        start="0",
        unavailable=chosen.choice(("refuse", "mask", "mask", "first")),
        rounding=chosen.choice((None, "1e-6")),
        limit=100,
    )


def _document(path: Path) -> Any:
    """Return what Python's reader makes of JSON; what it does not read is refused."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Refused("no JSON") from error


def log(path: Path) -> Any:
    chosen = Random(path.read_bytes())
    return read_log(
        path, actions=chosen.choice((None, None, 2, 70_000)), state_column=chosen.choice((None, None, "0", "x"))
    )


def checked(path: Path) -> Report:
    report = check(path)
    if not report.accepted:
        raise Refused(report.reason)
    return report


def translated(path: Path) -> Any:
    try:
        return export(load(path))
    except (Malformed, Unsupported) as error:
        raise Refused(str(error)) from None


def shown(path: Path) -> Any:
    """Show a model on the command line."""
    return _answered("show", str(path))


def optioned(path: Path) -> Any:
    """Run a command with one option as it stands in a file, a line for the command, the option and its text."""
    command, option, text = path.read_bytes().decode("utf-8", "replace").split("\n", 2)
    model = () if command in ("phases", "census") else ("two-state",)
    return _answered(command, *model, *seeds.COMMANDS[command], f"{option}={text}")


def _answered(*arguments: str) -> str:
    """Run the program: status 0 or 1 with an answer, or 2 with one line on standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = program(arguments)
    if status in (0, 1):
        return out.getvalue()
    require(status == 2 and not out.getvalue(), f"status {status} with output {out.getvalue()[:80]!r}")
    raise Refused(err.getvalue().removeprefix("fqi-theory: ").removesuffix("\n"))
