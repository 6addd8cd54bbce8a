"""How long a search for a fate may go on."""

from dataclasses import dataclass
from typing import Any

from fqi_theory.base.counts import whole
from fqi_theory.base.errors import DataError


@dataclass(frozen=True)
class Effort:
    """How long to search: the most exact steps, and the most bits that a denominator may reach on the way.

    steps: eight times as many where a run of two states is bounded by nothing: it may wander for long, then grow.
    seconds: the search is given up then, after one step at least; half of them again, and at least two, are left for
    bounds that the run keeps to: the answer is "bounded" or "unknown", with what was seen. Of these it alone makes the
    answer depend on the machine. long: under fixed data rounded numbers, with bounds on what they neglect, are tried
    once exact values have so many bits together. Raises DataError for what is no such number.
    """

    steps: int = 2048
    bits: int = 200_000
    seconds: float | None = None
    long: int = 1 << 18

    def __post_init__(self) -> None:
        for name in ("steps", "bits", "long"):
            whole(getattr(self, name), f"effort: {name}")
        given = self.seconds
        if given is not None and (isinstance(given, bool) or not isinstance(given, int | float) or not given > 0):
            raise DataError(f"effort: seconds: expected a number above 0, or None, found {given!r}")


def as_effort(given: Any) -> Effort:
    """Return an effort, the usual one for None; raises DataError for anything else."""
    if given is not None and not isinstance(given, Effort):
        raise DataError(f"effort: expected Effort(steps=..., seconds=...), found {given!r}")
    return given or Effort()
