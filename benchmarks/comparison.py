"""What is measured: comparisons of two calls, and single numbers; each becomes one line of the table."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from benchmarks.timing import Call, ratio


@dataclass(frozen=True)
class Row:
    """One line of the table: `what` at `size` against `peer`; ratio: None until measured, or where a peer is missing.

    least, most: the bounds that are asked of the ratio, if any.
    """

    what: str
    size: str
    peer: str
    least: float | None = None
    most: float | None = None
    ratio: float | None = None

    def verdict(self) -> str:
        """Return whether the asked-for bound holds ("" where none is asked for, "-" where nothing was measured)."""
        if self.ratio is None:
            return "-"
        if self.least is None and self.most is None:
            return ""
        low, high = self.least or 0.0, self.most if self.most is not None else float("inf")
        return "yes" if low <= self.ratio <= high else "NO"


class Pair(NamedTuple):
    """The two calls of a comparison."""

    peer: Call
    ours: Call


@dataclass(frozen=True)
class Comparison:
    """Two calls that are timed against each other.

    build: makes model, data and calls, checks that both give the same, and raises ImportError where the peer is not
    installed. faster: whose time is below the fraction bar. scale: what the ratio is multiplied by, for a peer that
    does one step where ours does `scale`.
    """

    row: Row
    build: Callable[[], Pair]
    rounds: int = 5
    scale: float = 1.0
    faster: Literal["ours", "peer"] = "ours"

    def measure(self) -> Row:
        """Return the row with its ratio."""
        try:
            peer, ours = self.build()
        except ImportError:
            return self.row
        slow, fast = (peer, ours) if self.faster == "ours" else (ours, peer)
        return replace(self.row, ratio=self.scale * ratio(slow, fast, self.rounds))


@dataclass(frozen=True)
class Single:
    """A number that is no ratio of two times."""

    row: Row
    value: Callable[[], float]

    def measure(self) -> Row:
        """Return the row with its number, or without where what is measured is not installed (ImportError)."""
        try:
            return replace(self.row, ratio=self.value())
        except ImportError:
            return self.row
