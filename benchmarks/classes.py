"""Fates of runs of all classes side by side: `python -m benchmarks.classes`.

Model k has three agents with two actions each (the first agent of every third model has three), 2 or 3 states,
deterministic or stochastic transitions, and γ = 1/2, 9/10, 99/100 in turn. On the same models run linear (VDN),
pairwise factors, monotonic (QMIX) and IGM (QPLEX) under uniform and ε-greedy data from Q = 0. Every certificate is
checked by the checker, and every fate is held against a longer exact run (`contradiction`).
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
from flint import fmpq

import fqi_theory as ft
from benchmarks.fates import outside, tally
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, epsilon_greedy, uniform
from fqi_theory.factorization.fit import Factorization
from fqi_theory.fates import Effort, Fate, decide
from fqi_theory.model.catalog import random_model
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.iteration import fitted_q_iteration
from proofs_check.checker import check

CLASSES: dict[str, Factorization] = {
    "linear (VDN)": ft.linear,
    "additive:2": ft.additive(2),
    "monotonic (QMIX)": ft.monotonic,
    "igm (QPLEX)": ft.igm,
}
DATA: dict[str, DataSource] = {
    "uniform": uniform(),
    "ε = 1/10": epsilon_greedy("1/10"),
    "ε = 1/2": epsilon_greedy("1/2"),
}
DISCOUNTS = ("1/2", "9/10", "99/100")
KINDS = ("optimal", "suboptimal", "cycles", "bounded", "aperiodic", "diverges", "unknown")
#: Exact steps after the certificate's: the run must be nearer, or further out, after one of these.
MORE_STEPS = (24, 120, 600)


@dataclass(frozen=True)
class Outcome:
    """One run: its fate in the words of the table, a cycle's period, what was wrong with it ("" if nothing)."""

    index: int
    cls: str
    data: str
    model: str
    discount: str
    fate: str
    period: int | None
    proof: str | None
    seconds: float
    wrong: str


def drawn(index: int, seed: int) -> MMDP:
    """Return model `index`: the same for the same seed."""
    rng = np.random.default_rng([seed, index])
    kind = ("deterministic", "stochastic")[int(rng.integers(2))]
    states, number = int(rng.integers(2, 4)), int(rng.integers(10**9))
    actions = (3 if index // len(DISCOUNTS) % 3 == 2 else 2, 2, 2)
    return random_model(number, states, actions, kind, DISCOUNTS[index % len(DISCOUNTS)])


def outcome(index: int, seed: int, cls: str, data: str, effort: Effort) -> Outcome:
    """Decide one run and try to contradict the answer."""
    model, source, factorization = drawn(index, seed), DATA[data], CLASSES[cls]
    begin = time.process_time()
    fate = decide(model, data=source, factorization=factorization, effort=effort)
    seconds = time.process_time() - begin
    wrong = ""
    if fate.certificate is not None:
        report = check(fate.certificate)
        wrong = contradiction(model, source, factorization, fate) if report.accepted else f"refused: {report.reason}"
    period = fate.period if fate.kind == "cycles" else None
    discount = DISCOUNTS[index % len(DISCOUNTS)]
    return Outcome(index, cls, data, model.name, discount, fate.word, period, fate.proof, seconds, wrong)


def contradiction(model: MMDP, source: DataSource, factorization: Factorization, fate: Fate) -> str:
    """Follow the run exactly from the certificate's time T on; return how it contradicts the fate, "" if it does not.

    Modulo constants the run must come nearer to the orbit, or its differences must grow, within 24 steps more, or at
    least within 120 or 600. Bounds must hold at 120 steps.
    """
    assert fate.certificate is not None
    prefix, period = fate.certificate["proof"].get("prefix", 0), fate.period or 1
    if fate.bounds is not None:
        last = prefix + MORE_STEPS[1]
        run = fitted_q_iteration(model, data=source, factorization=factorization, iterations=last)
        return outside(fate.bounds, [run.values[t] for t in range(prefix, last + 1)]) or ""
    for count in MORE_STEPS:
        last = prefix + count + -count % period
        run = fitted_q_iteration(model, data=source, factorization=factorization, iterations=last)
        ends = run.values[prefix], run.values[last]
        if fate.kind == "diverges":
            if _spread(ends[1]) > _spread(ends[0]):
                return ""
            continue
        before, after = (_spread(values - fate.values[0]) for values in ends)
        if after < before or before == after == 0:
            return ""
    return f"after {count} more steps the run is not nearer to what it tends to"


def _spread(values: Array) -> fmpq:
    return fmpq(max(values) - min(values))


def outcomes(models: int, seed: int, chosen: Sequence[str], effort: Effort, keep: str | None) -> Iterator[Outcome]:
    """Yield all outcomes; with `keep` each is added to that file at once, and what it knows already is not redone.

    Runs that the file calls unknown are decided again: `decide` may have learnt more since.
    """
    path, done = Path(keep) if keep else None, dict[tuple[int, str, str], Outcome]()
    if path is not None and path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            known = Outcome(**json.loads(line))
            if known.fate != "unknown":
                done[known.index, known.cls, known.data] = known
    for index, cls, data in product(range(models), chosen, DATA):
        found = done.get((index, cls, data))
        if found is None:
            found = outcome(index, seed, cls, data, effort)
            if path is not None:
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(found)) + "\n")
        yield found


def table(found: Sequence[Outcome]) -> list[str]:
    """Return the table of rates in Markdown: a row a class and kind of data, columns of fates that occur."""
    kinds = [kind for kind in KINDS if any(o.fate == kind for o in found) or kind in ("bounded", "unknown")]
    lines = ["| class | data | " + " | ".join(kinds) + " |", "|---" * (2 + len(kinds)) + "|"]
    for cls, data in product(CLASSES, DATA):
        part = [o for o in found if (o.cls, o.data) == (cls, data)]
        if part:
            counts = Counter(o.fate for o in part)
            cells = [f"{counts[kind] / len(part):.1%}" if counts[kind] else "0" for kind in kinds]
            lines.append(f"| {cls} | {data} | " + " | ".join(cells) + " |")
    return lines


def summary(found: Sequence[Outcome]) -> list[str]:
    """Return the table, periods, proofs, what stayed unknown, and everything that was wrong."""
    unknown = [
        f"unknown: run {o.index}, {o.cls}, {o.data}: {o.model}, γ = {o.discount}" for o in found if o.fate == "unknown"
    ]
    wrong = [
        f"WRONG run {o.index}, {o.cls}, {o.data} ({o.model}, γ = {o.discount}): {o.wrong}" for o in found if o.wrong
    ]
    return [
        *table(found),
        tally("periods", [o.period for o in found]),
        tally("proofs", [o.proof for o in found]),
        f"slowest decision: {max(o.seconds for o in found):.1f} s of processor time",
        f"runs: {len(found)}, unknown: {len(unknown)}, certificates refused or contradicted: {len(wrong)}",
        *unknown,
        *wrong,
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.classes", description=__doc__)
    parser.add_argument("classes", nargs="*", metavar="CLASS", help=f"some of: {', '.join(CLASSES)} (default: all)")
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=2048, help="the most exact steps that decide follows")
    parser.add_argument("--seconds", type=float, metavar="T", help="give a search up after that time (default: never)")
    parser.add_argument("--keep", metavar="FILE", help="add every outcome to FILE; go on where it ends")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.classes) - set(CLASSES))
    if unknown:
        parser.error(f"unknown classes: {', '.join(unknown)}")
    effort = Effort(steps=options.steps, bits=100_000, seconds=options.seconds)
    found = list(outcomes(options.models, options.seed, options.classes or list(CLASSES), effort, options.keep))
    print("\n".join(summary(found)))
    return int(any(o.wrong for o in found))


if __name__ == "__main__":
    sys.exit(main())
