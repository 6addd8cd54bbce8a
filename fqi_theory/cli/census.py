"""What `fqi-theory census` does: every model of a small shape decided, and what was found."""

import time
from pathlib import Path
from typing import Any

from rich.text import Text

from fqi_theory.base.errors import FormatError
from fqi_theory.base.progress import Watch
from fqi_theory.base.scalars import to_fraction
from fqi_theory.cli import inputs
from fqi_theory.cli.commands import require_writable, write_document
from fqi_theory.cli.format import cells, console, table
from fqi_theory.cli.progress import Count, progress
from fqi_theory.fates.census.plan import Plan, read_plan, rewards_of
from fqi_theory.fates.census.queries import answer, database
from fqi_theory.fates.census.report import Report
from fqi_theory.fates.census.report import report as census_report
from fqi_theory.fates.census.running import run_census
from fqi_theory.fates.census.shape import Shape

#: Rows of an answer to SQL on a terminal.
ROWS_SHOWN = 1000


def run(
    *,
    folder: str,
    states: int,
    actions: str,
    rewards: str,
    discount: str,
    data: str,
    factorization: str,
    ties: Any,
    block: int,
    certificates: bool,
    workers: int | None,
    scheduler: str | None,
    seconds: int,
    quiet: bool,
) -> None:
    """Begin a census in a folder, or go on with it."""
    from fqi_theory import __version__

    with inputs.about("--actions"):
        counts = _counts(actions)
    with inputs.about("--rewards"):
        values = rewards_of(rewards)
    rate = to_fraction(inputs.discount(discount))
    plan = Plan(Shape(states, counts, values), rate, data, factorization, ties, block, certificates, __version__)
    with progress("census", quiet) as count:
        run_census(plan, Path(folder), workers=workers, scheduler=scheduler, seconds=seconds, watch=estimated(count))


def estimated(count: Count) -> Watch:
    """Return a watch that adds to the count how long the rest will take at the pace so far."""
    begin, before = time.monotonic(), -1

    def watch(done: int, most: int) -> None:
        nonlocal before
        count(done, most)
        before = done if before < 0 else before
        if done > before:
            left = (time.monotonic() - begin) * (most - done) / (done - before)
            count.text += (
                f" models, about {left / 60:,.0f} min left" if left > 90 else f" models, about {left:.0f} s left"
            )

    return watch


def report(folder: str, sql: str | None, json_file: str | None, quiet: bool) -> bool:
    """Print what was found; return whether every model is settled, with a fate. sql: an answer to it instead, true."""
    require_writable(json_file)
    if sql is not None:
        _query(Path(folder), sql, json_file, quiet)
        return True
    found = census_report(Path(folder))
    write_document(json_file, found.to_json() if json_file else None)
    if not quiet and json_file != "-":
        _print(found)
    return found.complete and not any(fate in ("bounded", "unknown") for fate, _ in found.counts)


def _query(folder: Path, sql: str, json_file: str | None, quiet: bool) -> None:
    plan = read_plan(folder)
    with database(plan, folder) as connection:
        columns, cursor = answer(connection, sql)
        if json_file is not None:
            rows = [list(map(_document, row)) for row in cursor.fetchall()]
            write_document(json_file, {"format": "census-answer/1", "columns": columns, "rows": rows})
        else:
            rows = cursor.fetchmany(ROWS_SHOWN + 1)
    if quiet or json_file == "-":
        return
    grid = table(*columns)
    for row in rows[:ROWS_SHOWN]:
        grid.add_row(*cells(*("" if value is None else str(value) for value in row)))
    out = console()
    out.print(grid)
    if len(rows) > ROWS_SHOWN:
        out.print(Text(f"the first {ROWS_SHOWN} rows; --json FILE has all, as has SQL's copy (...) to 'FILE.csv'"))


def _document(value: Any) -> Any:
    """Return a value of SQL for JSON: what it has no type for, as text."""
    if isinstance(value, list | tuple):
        return list(map(_document, value))
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _print(found: Report) -> None:
    out, plan = console(), found.plan
    state = "complete" if found.complete else f"parts cover {found.covered / plan.shape.count:.1%} of the numbers"
    out.print(Text(f"{found.models:,} of {plan.shape.count:,} models settled ({state})"))
    grid = table("fate", "models", "rate", "classes", "smallest model")
    for (fate, period), models in sorted(found.counts.items(), key=lambda item: (-item[1], item[0][0])):
        name = fate if period is None else f"{fate}, period {period}"
        rate = f"{models / found.models:.4%}"
        smallest = str(found.smallest[fate, period][-1])
        grid.add_row(*cells(name, f"{models:,}", rate, f"{found.classes[fate, period]:,}", smallest))
    out.print(grid)


def _counts(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if not all(word.isascii() and word.isdecimal() and len(word) < 7 for word in words):
        raise FormatError(f"expected the number of actions of each agent, such as 2,2, found {text[:40]!r}")
    return tuple(map(int, words))
