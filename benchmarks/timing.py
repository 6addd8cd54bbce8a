"""Ratios of times, measured in one process: the two subjects take turns, and the median over the rounds is reported.

Times are processor times of this process, so that other work on the machine disturbs them less.
"""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any

SHORTEST = 0.005


@dataclass(frozen=True)
class Row:
    """One line of the table: `what` at `size` is `ratio` times ... its peer; `need` says what is asked of the ratio."""

    group: str
    what: str
    size: str
    peer: str
    ratio: float | None
    least: float | None = None
    most: float | None = None
    note: str = ""

    def verdict(self) -> str:
        """Return whether the asked-for bound holds ("" where none is asked for, "-" where nothing was measured)."""
        if self.ratio is None:
            return "-"
        if self.least is None and self.most is None:
            return ""
        low, high = self.least or 0.0, self.most if self.most is not None else float("inf")
        return "yes" if low <= self.ratio <= high else "NO"


def seconds(call: Callable[[], Any]) -> float:
    """Return the processor time of one call; short calls are repeated until they last 5 ms together."""
    loops, spent = 0, 0.0
    while spent < SHORTEST:
        start = process_time()
        call()
        spent += process_time() - start
        loops += 1
    return spent / loops


def ratio(peer: Callable[[], Any], ours: Callable[[], Any], rounds: int = 5, scale: float = 1.0) -> float:
    """Return the median over rounds of scale · time(peer) / time(ours), after one unmeasured call of ours."""
    ours()
    found = []
    gc.collect()
    for k in range(rounds):
        first, second = (peer, ours) if k % 2 else (ours, peer)
        times = {first: seconds(first), second: seconds(second)}
        found.append(scale * times[peer] / times[ours])
    return median(found)


def peak_bytes(call: Callable[[], Any]) -> int:
    """Return the largest number of bytes allocated while `call` runs, what was there before excluded."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
