"""Train and print a table: python -m benchmarks.wild [--periods N] [--seeds N] [--json FILE]. About half an hour."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.wild.settings import CASES, Case, Result, Spread, measure


def main() -> int:
    """Run all cases; one line each, as they come."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wild", description=__doc__)
    parser.add_argument("--periods", type=int, default=30, help="target networks in each run (default: 30)")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each case (default: 5)")
    parser.add_argument("--only", type=int, nargs="*", metavar="K", help="these cases alone, counted from 0")
    parser.add_argument("--json", metavar="FILE", help="also write all numbers")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    print(
        "| model | γ | data | mixer | V(s1): exact | trained | swing: exact | trained | ν of the replay |", flush=True
    )
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for case in CASES if chosen.only is None else [CASES[k] for k in chosen.only]:
        for mixer in case.mixers:
            result = measure(case, mixer, chosen.periods, chosen.seeds)
            print(_line(result), flush=True)
            found.append(asdict(result))
    if chosen.json:
        Path(chosen.json).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


def _line(result: Result) -> str:
    case = result.case
    mass = "open" if result.mass is None else _spread(result.mass)
    cells = (case.name, case.discount, _data(case), result.mixer + (", double Q" if case.double else ""))
    numbers = (
        f"{result.exact_value:.3g}",
        _spread(result.value),
        f"{result.exact_swing:.3g}",
        _spread(result.swing),
        mass,
    )
    return "| " + " | ".join((*cells, *numbers)) + " |"


def _data(case: Case) -> str:
    if case.epsilon is None:
        return "uniform"
    periods = "1 period" if case.kept == 1 else f"{case.kept} periods"
    return f"ε = {case.epsilon}, replay of {periods}{', policy held' if case.held else ''}"


def _spread(spread: Spread) -> str:
    return f"{spread.median:.3g} [{spread.least:.3g}, {spread.largest:.3g}]"


if __name__ == "__main__":
    raise SystemExit(main())
