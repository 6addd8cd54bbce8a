"""How well workers of a census use their cores: `python -m benchmarks.census_workers FOLDER`.

The same census is decided by 1 worker and by more, in turn, in new folders. Of each run, with k workers in `wall`
seconds, two shares are printed, and at last a third:

at work    seconds that workers spent on deciding, over k · wall: the rest is start, waiting, and the end, where a
           worker has no part left. Other work on the machine lengthens both: this holds where it is shared, too
deciding   processor time spent on deciding, over that of all processes: the rest is imports, Dask, sending, writing
efficiency wall of 1 worker over k · wall, the least of the rounds each: what a user sees, where nothing else runs
"""

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from fqi_theory.fates.census.plan import Plan, rewards_of
from fqi_theory.fates.census.running import Spent, run_census
from fqi_theory.fates.census.shape import Shape


@dataclass(frozen=True)
class Run:
    """One census: workers, wall seconds, processor seconds of all processes, and what deciding took."""

    workers: int
    wall: float
    processor: float
    spent: Spent

    def line(self) -> str:
        """Return a row of the table."""
        at_work = self.spent.seconds / (self.workers * self.wall)
        deciding = self.spent.processor / self.processor
        numbers = f"{self.wall:>8.1f} {self.processor:>8.1f} {self.spent.processor:>9.1f} {self.spent.parts:>6}"
        return f"{self.workers:>7} {numbers} {at_work:>8.1%} {deciding:>9.1%}"


HEAD = f"{'workers':>7} {'wall s':>8} {'CPU s':>8} {'decide s':>9} {'parts':>6} {'at work':>8} {'deciding':>9}"


def measured(plan: Plan, folder: Path, workers: int, seconds: float) -> Run:
    """Run a census in a new folder; processes that it starts have ended when it returns."""
    begin, before = time.monotonic(), _processor()
    spent = run_census(plan, folder, workers=workers, seconds=seconds)
    return Run(workers, time.monotonic() - begin, _processor() - before, spent)


def _processor() -> float:
    """Return processor seconds of this process, and of those that it started and that have ended."""
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(own.ru_utime + own.ru_stime for own in times)


def efficiency(runs: Sequence[Run], workers: int) -> float:
    """Return wall(1) / (workers · wall(workers)), the least wall of each."""
    one, more = (min(run.wall for run in runs if run.workers == count) for count in (1, workers))
    return one / (workers * more)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.census_workers", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--actions", default="2,2")
    parser.add_argument("--rewards", default="0,1")
    parser.add_argument("--factorization", default="linear")
    parser.add_argument("--data", default="uniform")
    parser.add_argument("--certificates", action="store_true")
    options = parser.parse_args(arguments)
    counts = tuple(map(int, options.actions.split(",")))
    shape = Shape(2, counts, rewards_of(options.rewards))
    kind, data = options.factorization, options.data
    plan, runs = Plan(shape, Fraction(9, 10), data, kind, certificates=options.certificates), list[Run]()
    print(f"{shape.count:,} models, {kind}, {data}, parts of {options.seconds:g} s", HEAD, sep="\n", flush=True)
    for k in range(options.rounds):
        for workers in options.workers[:: 1 if k % 2 == 0 else -1]:
            runs.append(measured(plan, options.folder / f"{k}-{workers}", workers, options.seconds))
            print(runs[-1].line(), flush=True)
    for workers in options.workers if 1 in options.workers else []:
        print(f"efficiency of {workers} workers: {efficiency(runs, workers):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
