"""Fates a second of small models in one process: `python -m benchmarks.throughput`, and the end of `benchmarks.fates`.

Processor time of `decide_many`, of `decide` on a tenth of the models, and of the checker; then where the time of
`decide_many` goes. Uniform data, discount 9/10, from Q = 0.
"""

import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from fqi_theory.fates import Fate, decide, decide_many
from fqi_theory.fates.census.plan import rewards_of
from fqi_theory.fates.census.shape import Shape
from fqi_theory.model.catalog import random_model
from fqi_theory.model.mmdp import MMDP
from proofs_check.checker import check

CENSUS = Shape(2, (2, 2), rewards_of("-1,0,1"))
SHAPES = ((2, (2, 2)), (2, (3, 3)), (3, (2, 2)), (3, (3, 3)))
TENTH = 10
#: Functions of the profile.
SHOWN = 12
HEAD = "many", "alone", "check", "fates/s", "checks/s", "open"


def families(count: int) -> Iterator[tuple[str, list[MMDP]]]:
    """Yield names and models: drawn from a census, and random ones, deterministic and stochastic in turn."""
    numbers = np.random.default_rng(0).integers(CENSUS.count, size=count)
    yield "2 states, 2x2, rewards -1, 0, 1", [CENSUS.model(int(number), "9/10") for number in numbers]
    for states, actions in SHAPES:
        kinds = [("deterministic", "stochastic")[k % 2] for k in range(count)]
        models = [random_model(k, states, actions, kind, "9/10") for k, kind in enumerate(kinds)]
        yield f"random, {states} states, {'x'.join(map(str, actions))}", models


def row(name: str, models: Sequence[MMDP]) -> str:
    """Return a line of the table: milliseconds of processor time each, and fates a second."""
    seconds, fates = measured(lambda: list(decide_many(models)))
    alone, _ = measured(lambda: [decide(model) for model in models[::TENTH]])
    documents = [fate.certificate for fate in fates if fate.certificate is not None]
    checking, reports = measured(lambda: [check(document) for document in documents])
    wrong = len(models) - sum(report.accepted for report in reports)
    each = 1e3 * seconds / len(models), 1e3 * alone * TENTH / len(models), 1e3 * checking / len(documents)
    numbers = " ".join(f"{x:>8.2f}" for x in each)
    return f"{name:<34}{numbers} {len(models) / seconds:>9,.0f} {len(documents) / checking:>9,.0f} {wrong:>6}"


def measured(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return processor seconds and the result."""
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def profile(models: Sequence[MMDP]) -> list[str]:
    """Return where the time of decide_many goes: the functions that take most themselves, in per cent."""
    profiler = cProfile.Profile()
    fates: list[Fate] = profiler.runcall(lambda: list(decide_many(models)))
    stats = pstats.Stats(profiler)
    entries = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:SHOWN]  # type: ignore[attr-defined]
    lines = [f"{100 * own / stats.total_tt:>5.1f} % {_place(*where)}" for where, (_, _, own, _, _) in entries]  # type: ignore[attr-defined]
    return [f"where the time of {len(fates)} fates goes:", *lines]


def _place(file: str, line: int, name: str) -> str:
    short = "/".join(file.split("/")[-2:])
    return name if line == 0 else f"{name} ({short}:{line})"


def lines(count: int) -> list[str]:
    """Return the table and the profile."""
    columns = [f"{word:>{width}}" for word, width in zip(HEAD, (8, 8, 8, 9, 9, 6), strict=True)]
    head = f"{'ms of processor time a model':<34}{' '.join(columns)}"
    found = list(families(count))
    list(decide_many(found[0][1][:TENTH]))
    return [head, *(row(*family) for family in found), *profile(found[0][1])]


def main() -> int:
    print("\n".join(lines(1000)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
