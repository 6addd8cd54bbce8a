"""Judge a census: `python -m proofs_check.census FOLDER`."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from proofs_check.census.judging import judge
from proofs_check.census.plan import read_plan


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the count; return 0 where every model is settled once, by a certificate that is accepted."""
    parser = argparse.ArgumentParser(prog="proofs_check.census", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    options = parser.parse_args(arguments)
    plan, models = read_plan(options.folder), Counter[tuple[str, int | None]]()
    rows, seconds, faults = 0, 0.0, list[str]()
    for found in judge(options.folder, plan, options.jobs):
        for fate, period, count in found["models"]:
            models[fate, period] += count
        rows, seconds, faults = rows + found["rows"], seconds + found["seconds"], faults + found["faults"]
    for (fate, period), count in sorted(models.items(), key=lambda item: (-item[1], item[0][0])):
        print(f"{count:>12,} {fate}" + ("" if period is None else f", period {period}"))
    settled = models.total()
    print(f"{settled:,} of {plan.count:,} models, {rows:,} classes, {seconds:.0f} s of processor time")
    print("\n".join([f"rows refused: {len(faults)}", *faults[:20]]))
    return int(bool(faults) or settled != plan.count)


if __name__ == "__main__":
    sys.exit(main())
