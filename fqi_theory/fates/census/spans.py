"""Which numbers of models parts cover: those that are there, and those that are missing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from fqi_theory.base.errors import FormatError
from fqi_theory.fates.census.plan import Plan

NAME = re.compile(r"part-([0-9]{1,19})-([0-9]{1,19})\.parquet")


@dataclass(frozen=True, order=True)
class Span:
    """The numbers first, ..., end - 1: whole blocks of a plan."""

    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first


def part_file(plan: Plan, folder: Path, span: Span) -> Path:
    """Return where a part is kept; by name parts are in the order of their numbers."""
    width = len(str(plan.shape.count))
    return folder / f"part-{span.first:0{width}d}-{span.end:0{width}d}.parquet"


def spans_there(plan: Plan, folder: Path) -> list[Span]:
    """Return the parts that are there, increasing; raises FormatError where one has no place or two have the same."""
    found = sorted(_span(plan, file) for file in folder.glob("part-*.parquet"))
    for before, own in pairwise(found):
        if own.first < before.end:
            file, other = (part_file(plan, folder, span) for span in (own, before))
            raise FormatError(f"{file}: expected numbers from {before.end} on, found {own.first} as in {other.name}")
    return found


def missing(plan: Plan, there: Iterable[Span]) -> tuple[Span, ...]:
    """Return what lies between the parts that are there, increasing."""
    ends = [0, *(end for span in there for end in (span.first, span.end)), plan.shape.count]
    return tuple(Span(first, end) for first, end in zip(ends[::2], ends[1::2], strict=True) if first < end)


def _span(plan: Plan, file: Path) -> Span:
    match = NAME.fullmatch(file.name)
    span = Span(int(match[1]), int(match[2])) if match else Span(0, 0)
    whole = span.first % plan.block == 0 and (span.end % plan.block == 0 or span.end == plan.shape.count)
    if not (whole and span.first < span.end <= plan.shape.count) or part_file(plan, file.parent, span) != file:
        raise FormatError(f"{file}: expected part-FIRST-END.parquet, blocks of {plan.block} of {plan.shape.count}")
    return span
