"""Times and memory of calls, measured in one process.

Times are processor times of this process, so that other work on the machine disturbs them less; the two subjects of a
ratio take turns, and the median over the rounds is reported.
"""

import gc
import tracemalloc
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any, TypeAlias

Call: TypeAlias = Callable[[], Any]

SHORTEST = 0.005


def seconds(call: Call) -> float:
    """Return the processor time of one call; short calls are repeated until they last 5 ms together."""
    loops, spent = 0, 0.0
    while spent < SHORTEST:
        start = process_time()
        call()
        spent += process_time() - start
        loops += 1
    return spent / loops


def ratio(slow: Call, fast: Call, rounds: int = 5) -> float:
    """Return the median over rounds of time(slow) / time(fast), after one unmeasured call of fast."""
    fast()
    found = []
    gc.collect()
    for k in range(rounds):
        first, second = (slow, fast) if k % 2 else (fast, slow)
        times = {first: seconds(first), second: seconds(second)}
        found.append(times[slow] / times[fast])
    return median(found)


def peak_bytes(call: Call) -> int:
    """Return the largest number of bytes allocated while `call` runs, what was there before excluded."""
    gc.collect()
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
