"""Verdicts and claims as tables for the terminal."""

import os
import re
from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fqi_theory.base.pipes import Pipe
from proofs_check.claim import Claim
from proofs_check.coq import status
from proofs_check.verification import ClaimVerdict, Verdicts, current_theorems, expected

COLOURS = {"proved": "green", "certified": "green", "tested": "cyan", "refuted": "magenta", "unknown": "yellow"}
ABBREVIATIONS = {"arXiv:2006.00587": "W21", "arXiv:2008.01062": "Q21", "lecture 25": "L25", "arXiv:": ""}
KNOWN_WIDTH = 18
WIDTH, NARROWEST = 100, 20
LEGEND = "W21 = arXiv:2006.00587, Q21 = arXiv:2008.01062, L25 = lecture 25; other numbers are arXiv's"


def console(*, error: bool = False) -> Console:
    """Return a console that is as wide as COLUMNS says, or 100 columns, where the output is no terminal."""
    found = Pipe(stderr=error, highlight=False)
    told = os.environ.get("COLUMNS", "")
    width = int(told) if told.isdecimal() and int(told) >= NARROWEST else WIDTH
    return found if found.is_terminal else Pipe(stderr=error, highlight=False, width=width)


def print_verdicts(verdicts: Verdicts) -> None:
    """Print the table of verdicts and the summary line."""
    table = _table("claim", "statement", "source", "how known", "instances", "time")
    group = ""
    for result in verdicts.results:
        group = _section(table, group, result.claim)
        count = str(result.finding.instances or "-")
        known = _known(result)
        table.add_row(
            result.claim.id, Text(result.claim.statement), short_source(result.claim), known, count, _time(result)
        )
    out = console()
    out.print(table)
    out.print(Text(LEGEND, style="dim"))
    out.print(summary(verdicts), markup=False)


def print_claims(claims: Iterable[Claim]) -> None:
    """Print the registry, with the verdicts that `verify` expects here: Coq counts where its results are current."""
    table = _table("claim", "statement", "source", "expected", "examples", "method")
    group, waiting, listed = "", 0, status.theorems()
    for claim in claims:
        group = _section(table, group, claim)
        now = expected(claim, current_theorems(claim, listed))
        waiting += now != claim.expected
        later = "" if now == claim.expected else f" ({claim.expected} by `make prove`)"
        known = Text(now + later, style=COLOURS[now])
        table.add_row(
            claim.id, Text(claim.statement), short_source(claim), known, str(claim.examples or "-"), claim.method
        )
    out = console()
    out.print(table)
    out.print(Text(LEGEND, style="dim"))
    if waiting:
        out.print(f"{waiting} theorems have no current Coq result here: verify expects what is known without it")


def summary(verdicts: Verdicts) -> str:
    """Return the closing lines: how many claims as expected and otherwise, instances and seconds."""
    held = sum(result.as_expected for result in verdicts.results)
    seconds = sum(result.seconds for result in verdicts.results)
    absent = sum(len(result.claim.theorems) - len(result.formal) for result in verdicts.results)
    stale = f"{absent} Coq theorems are not compiled for these sources; `make prove` compiles them\n" if absent else ""
    work = f"{verdicts.instances} instances checked exactly, {seconds:.1f} s of computing, seed {verdicts.seed}"
    return f"{work}\n{stale}{held} claims as expected, {len(verdicts.results) - held} otherwise"


def line(result: ClaimVerdict) -> str:
    """Return one line of progress."""
    unexpected = "" if result.as_expected else f" (expected {result.expected})"
    return f"{result.claim.id}: {result.verdict}{unexpected}, {result.seconds:.1f} s"


def short_source(claim: Claim) -> str:
    """Return a claim's source with the abbreviations of the legend."""
    text = claim.source
    for name, abbreviation in ABBREVIATIONS.items():
        text = text.replace(name, abbreviation)
    return text.replace("Theorem", "Thm")


def _time(result: ClaimVerdict) -> str:
    return f"{result.seconds:.1f} s"


def _section(table: Table, group: str, claim: Claim) -> str:
    """Start a section of the table where the theorem changes; return the theorem of `claim`."""
    name = claim.id.split(".")[0]
    if group and name != group:
        table.add_section()
    return name


def _known(result: ClaimVerdict) -> Text:
    verdict = result.verdict
    if not result.as_expected:
        return Text(f"{verdict} (expected {result.expected})", style="bold red")
    if result.whole:
        return Text(f"{verdict} (Coq:\n{_broken(', '.join(result.whole))})", style=COLOURS[verdict])
    return Text(verdict + (", Coq in part" if result.formal else ""), style=COLOURS[verdict])


def _broken(text: str) -> str:
    """Return text in lines of the column's width, names broken after an underscore."""
    lines = [""]
    for part in re.findall(r"[^ _]*[ _]?", text):
        if len(lines[-1] + part.rstrip()) > KNOWN_WIDTH:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _table(*names: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    table.add_column(names[0], no_wrap=True)
    table.add_column(names[1], ratio=1, overflow="fold")
    table.add_column(names[2], max_width=12)
    table.add_column(names[3], max_width=KNOWN_WIDTH, overflow="fold")
    table.add_column(names[4], justify="right")
    table.add_column(names[5], justify="right", max_width=9)
    return table
