"""How often runs of random models converge, cycle, diverge, or stay undecided: `python -m benchmarks.fates`.

Model k has 2-4 states, 2-4 agents, 2-3 actions an agent, deterministic or stochastic transitions, and one of nine
settings in turn: γ in {1/2, 9/10, 99/100} times data in {uniform, ε = 1/10, ε = 1/2}; the run starts at Q = 0. Every
certificate is checked by the checker, and every fate is held against a longer exact run (`contradiction`). Then half as
many models of each of five small shapes are decided together, and timed (`benchmarks.throughput`).
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import chain, islice, product
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.throughput import lines
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, epsilon_greedy, uniform
from fqi_theory.fates import Bounds, Effort, Fate, decide
from fqi_theory.fates.positions import Positions
from fqi_theory.model.catalog import random_model
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.integers import IntegerValues, integer_values
from fqi_theory.runs.trajectory import start_at_zero
from proofs_check.checker import check

DISCOUNTS = ("1/2", "9/10", "99/100")
DATA = ("uniform", "1/10", "1/2")
CELLS = tuple(product(DISCOUNTS, DATA))
KINDS = ("optimal", "suboptimal", "cycles", "diverges", "aperiodic", "bounded", "unknown")
MORE_STEPS = (200, 400, 800)


@dataclass(frozen=True)
class Outcome:
    """One run: its fate in the words of the table, a cycle's period, and what was wrong with it ("" if nothing)."""

    index: int
    discount: str
    data: str
    model: str
    fate: str
    period: int | None
    proof: str | None
    seconds: float
    wrong: str


def setting(index: int, seed: int) -> tuple[MMDP, DataSource, str, str]:
    """Return model, data and the names of the cell of run `index`."""
    discount, data = CELLS[index % len(CELLS)]
    rng = np.random.default_rng([seed, index])
    actions = rng.integers(2, 4, size=int(rng.integers(2, 5))).tolist()
    kind = ("deterministic", "stochastic")[int(rng.integers(2))]
    model = random_model(int(rng.integers(10**9)), int(rng.integers(2, 5)), actions, kind, discount)
    return model, uniform() if data == "uniform" else epsilon_greedy(data), discount, data


def outcome(index: int, seed: int, effort: Effort) -> Outcome:
    """Decide one run and try to contradict the answer."""
    model, source, discount, data = setting(index, seed)
    begin = time.perf_counter()
    fate = decide(model, data=source, effort=effort)
    seconds = time.perf_counter() - begin
    wrong = ""
    if fate.certificate is not None:
        report = check(fate.certificate)
        wrong = f"refused: {report.reason}" if not report.accepted else contradiction(model, source, fate) or ""
    period = fate.period if fate.kind == "cycles" else None
    return Outcome(index, discount, data, model.name, fate.word, period, fate.proof, seconds, wrong)


def contradiction(model: MMDP, source: DataSource, fate: Fate) -> str | None:
    """Follow the run exactly from the certificate's time T on; return how it contradicts the fate, None if it does not.

    Modulo constants the position must come nearer to the orbit, or the differences must grow, within 200 steps more,
    or at least within 400 or 800. Bounds must hold at all of these steps.
    """
    assert fate.certificate is not None
    prefix, period = fate.certificate["proof"].get("prefix", 0), fate.period or 1
    start, positions = start_at_zero(model), Positions(model, source)
    values, greedy = integer_values(start.values), start.greedy
    values, greedy = _ahead(positions, values, greedy, prefix)
    if fate.bounds is not None:
        later = (position.to_array() for position, _ in islice(positions.steps(values, greedy), MORE_STEPS[0]))
        return outside(fate.bounds, chain([values.to_array()], later))
    first, done = values.to_array(), 0
    for count in MORE_STEPS:
        count += -count % period
        values, greedy = _ahead(positions, values, greedy, count - done)
        done, last = count, values.to_array()
        if fate.kind == "diverges":
            if _spread(last) > _spread(first):
                return None
            continue
        before, after = (_spread(position - fate.values[0]) for position in (first, last))
        if after < before or before == after == 0:
            return None
    return f"after {done} more steps the run is not nearer to what it tends to"


def outside(bounds: Bounds, positions: Iterable[Array]) -> str | None:
    """Return the first of some positions V, (S,) each, that is outside its bounds, in words; None if none is."""
    for t, values in enumerate(positions):
        level = 0 if bounds.reference is None else values[bounds.reference]
        if (values - level < bounds.lower).any() or (values - level > bounds.upper).any():
            return f"after {t} more steps the run is outside its bounds"
    return None


def _ahead(positions: Positions, values: IntegerValues, greedy: Array, steps: int) -> tuple[IntegerValues, Array]:
    for position in islice(positions.steps(values, greedy), steps):
        values, greedy = position
    return values, greedy


def _spread(values: Array) -> object:
    return max(values) - min(values)


def table(found: Sequence[Outcome]) -> list[str]:
    """Return the lines of the table of rates."""
    lines = [f"{'γ':>7} {'data':>8} {'runs':>5} " + " ".join(f"{kind:>10}" for kind in KINDS) + "  median s"]
    groups = [(g, d, [o for o in found if (o.discount, o.data) == (g, d)]) for g, d in CELLS]
    for discount, data, part in [*groups, ("all", "all", list(found))]:
        if part:
            counts = Counter(o.fate for o in part)
            rates = " ".join(f"{counts[kind] / len(part):>10.1%}" for kind in KINDS)
            seconds = median(o.seconds for o in part)
            lines.append(f"{discount:>7} {data:>8} {len(part):>5} {rates}  {seconds:.4f}")
    return lines


def tally(what: str, values: Iterable[Any]) -> str:
    """Return how often each value occurs, in a line; None does not count."""
    counts = Counter(value for value in values if value is not None)
    return f"{what}: " + ", ".join(f"{value}: {n}" for value, n in sorted(counts.items()))


def summary(found: Sequence[Outcome]) -> list[str]:
    """Return the table, the periods, the proofs and everything that was wrong."""
    wrong = [f"WRONG run {o.index} ({o.model}, {o.discount}, {o.data}): {o.wrong}" for o in found if o.wrong]
    return [
        *table(found),
        tally("periods", [o.period for o in found]),
        tally("proofs", [o.proof for o in found]),
        f"slowest decision: {max(o.seconds for o in found):.1f} s",
        f"certificates refused or contradicted: {len(wrong)}",
        *wrong,
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.fates", description=__doc__)
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=1024, help="the most exact steps that decide follows")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args(arguments)
    count, effort = options.models, Effort(steps=options.steps, bits=100_000)
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        tasks = range(count), [options.seed] * count, [effort] * count
        found = list(pool.map(outcome, *tasks, chunksize=9))
    print("\n".join([*summary(found), *lines(options.models // 2)]))
    if options.json:
        document = {"format": "fates/1", "seed": options.seed, "runs": [asdict(o) for o in found]}
        Path(options.json).write_text(json.dumps(document), encoding="utf-8")
    return int(any(o.wrong for o in found))


if __name__ == "__main__":
    sys.exit(main())
