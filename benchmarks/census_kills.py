"""A census that is killed at random moments, beside one that is not: `python -m benchmarks.census_kills FOLDER`.

`fqi-theory census run` is started in FOLDER/killed; after a random time it is killed with all its processes (SIGKILL)
and started again, as often as asked, and then left to end. FOLDER/whole is the same census, not killed. Both reports
must be the same, and all rows, though the parts are others. Other options are those of `census run`. Processor time is
that of all processes, up to 50 ms before each kill.
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from pyarrow import parquet

from fqi_theory.fates.census.parts import decide_part
from fqi_theory.fates.census.plan import read_plan
from fqi_theory.fates.census.report import report
from fqi_theory.fates.census.spans import part_file, spans_there

#: How often the processor time of a run is looked at.
TICK = 0.05


@dataclass
class Spent:
    """Wall and processor seconds, and how many runs were killed."""

    wall: float = 0.0
    processor: float = 0.0
    kills: int = 0


def watched(command: Sequence[str], limit: float, spent: Spent) -> bool:
    """Run a command, kill it with all its processes after `limit` seconds; return whether it ended by itself."""
    begin, seconds = time.monotonic(), dict[int, float]()
    process = psutil.Popen(command, stderr=subprocess.DEVNULL)
    while process.poll() is None and time.monotonic() - begin < limit:
        for one in _tree(process):
            times = one.cpu_times()
            seconds[one.pid] = times.user + times.system
        time.sleep(TICK)
    ended = process.poll() is not None
    for one in [] if ended else _tree(process):
        one.kill()
    if ended and process.returncode:
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}")
    process.wait()
    spent.wall += time.monotonic() - begin
    spent.processor += sum(seconds.values())
    spent.kills += not ended
    return ended


def _tree(process: psutil.Popen) -> list[psutil.Process]:
    """Return a process and all below it that still live."""
    found = []
    for one in [process, *process.children(recursive=True)] if process.is_running() else []:
        if one.is_running() and one.status() != psutil.STATUS_ZOMBIE:
            found.append(one)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.census_kills", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--every", type=float, default=20.0, help="mean seconds between kills")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", type=int, metavar="N", help="N random parts are decided again, no second census")
    options, shape = parser.parse_known_args(arguments)
    killed, whole, drawn = options.folder / "killed", options.folder / "whole", random.Random(options.seed)
    spent, plain = Spent(), Spent()
    for _ in range(options.kills):
        before = _parts(killed)
        if watched(_run(killed, shape), 2 * options.every * drawn.random(), spent):
            print(f"the census was complete after {spent.kills} kills: give a smaller --every")
            return 1
        print(f"kill {spent.kills} after {spent.wall:.1f} s: {_parts(killed)} parts, {before} before", flush=True)
    for folder, time_spent in ((killed, spent), (whole, plain))[: 1 if options.again else 2]:
        watched(_run(folder, shape), float("inf"), time_spent)
        print(f"{folder.name}: {time_spent.wall:.0f} s, {time_spent.processor:.0f} s of processor time", flush=True)
    if options.again:
        return decided_again(killed, drawn, options.again)
    same = _report(killed) == _report(whole)
    rows = [parquet.read_table(sorted(folder.glob("part-*.parquet"))) for folder in (killed, whole)]
    rows_same = rows[0].equals(rows[1])
    print(f"reports {'equal' if same else 'DIFFERENT'}, {len(rows[1])} rows {'equal' if rows_same else 'DIFFERENT'}")
    return int(not (same and rows_same))


def decided_again(folder: Path, drawn: random.Random, count: int) -> int:
    """Compare random parts of a complete census, byte by byte, with what this process decides."""
    plan, begin = read_plan(folder), time.process_time()
    if not report(folder).complete:
        print("the census is not complete")
        return 1
    there = spans_there(plan, folder)
    parts = drawn.sample(there, min(count, len(there)))
    same = sum(decide_part(plan, span).content == part_file(plan, folder, span).read_bytes() for span in parts)
    seconds = time.process_time() - begin
    print(f"every model counted once; {same} of {len(parts)} parts decided again are equal, {seconds:.0f} s")
    return int(same < len(parts))


def _run(folder: Path, shape: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "fqi_theory", "census", "run", str(folder), "--quiet", *shape]


def _report(folder: Path) -> object:
    command = [sys.executable, "-m", "fqi_theory", "census", "report", str(folder), "--json", "-"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(found.stdout)


def _parts(folder: Path) -> int:
    return len(list(folder.glob("part-*.parquet")))


if __name__ == "__main__":
    sys.exit(main())
