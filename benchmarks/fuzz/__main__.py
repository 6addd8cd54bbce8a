"""Break documents and see what readers do: python -m benchmarks.fuzz [--inputs N] [--seed S]; status 1 on a fault.

Input K of a reader is made again, and read, by --door NAME --only K --keep FOLDER.
"""

import argparse
import faulthandler
import resource
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.fuzz.doors import Door, doors
from benchmarks.fuzz.judging import SECONDS, Outcome, input_of, judged

#: Address space of the process; what a reader would take beyond it is a fault.
MEMORY = 8 << 30
SHOWN = 10


def main() -> int:
    """Run, print a line a reader and the faults, return 1 where there is one."""
    chosen = _arguments()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard))
    known = [door for door in doors(chosen.real) if chosen.door in (None, door.name)]
    faults = 0
    shares = [chosen.inputs // len(known) + (k < chosen.inputs % len(known)) for k in range(len(known))]
    for door, share in zip(known, shares, strict=True):
        numbers = range(share) if chosen.only is None else [chosen.only]
        faults += _run(door, chosen, list(numbers))
    print(
        f"{sum(shares) if chosen.only is None else 1} inputs, {len(known)} readers, seed {chosen.seed}: {faults} faults"
    )
    return int(faults > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="inputs in all (default: 10000)")
    parser.add_argument("--seed", type=int, default=0, help="seed (default: 0)")
    parser.add_argument("--door", metavar="NAME", help="this reader alone")
    parser.add_argument("--only", type=int, metavar="K", help="input K alone")
    parser.add_argument("--real", type=Path, metavar="FOLDER", help="also break the documents of this folder")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the inputs of faults, or of --only, here")
    return parser.parse_args()


def _run(door: Door, chosen: argparse.Namespace, numbers: list[int]) -> int:
    counts: Counter[str] = Counter()
    slowest, faults = 0.0, list[tuple[int, Outcome]]()
    with tempfile.TemporaryDirectory() as name:
        for number in numbers:
            content = input_of(door, chosen.seed, number)
            # Where no signal gets through, in one long call of C, the process ends with a traceback that says where.
            faulthandler.dump_traceback_later(10 * SECONDS, exit=True)
            outcome = judged(door, content, Path(name))
            faulthandler.cancel_dump_traceback_later()
            counts[outcome.kind] += 1
            slowest = max(slowest, outcome.seconds)
            if outcome.kind == "fault":
                faults.append((number, outcome))
            if chosen.keep and (outcome.kind == "fault" or chosen.only is not None):
                chosen.keep.mkdir(parents=True, exist_ok=True)
                (chosen.keep / f"{door.name.replace(' ', '-')}-{number}-{door.file}").write_bytes(content)
            if chosen.only is not None:
                print(outcome)
    print(
        f"{door.name:20} {counts['accepted']:6} accepted, {counts['refused']:6} refused, {counts['fault']:4} faults, "
        f"slowest {slowest:.2f} s",
        flush=True,
    )
    for number, outcome in faults[:SHOWN]:
        print(f"    input {number}: {outcome.why}", flush=True)
    return len(faults)


if __name__ == "__main__":
    raise SystemExit(main())
