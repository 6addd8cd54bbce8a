"""Peak memory of every path, the model included, in units of the model's own tensors.

Float paths by tracemalloc, which NumPy reports to. Exact numbers live outside of it: those paths run in a process of
their own, whose largest resident set is read (Linux only). Where a call returns numbers that have grown (exact V*, the
factors of every step of the generic path) the unit is the model and these.
"""

import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from flint import fmpq

import fqi_theory as ft
from benchmarks import models
from benchmarks.comparison import Row, Single
from benchmarks.iteration import random_product
from benchmarks.timing import peak_bytes
from fqi_theory.base.limits import EXACT_BYTES
from fqi_theory.data.sources import DataSource
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning.optimal import Solution

#: Kinds of models and sizes: many joint actions, few, one agent with many actions, one joint action.
FLOAT = [
    ("dense", 32, (6,) * 4),
    ("dense", 1200, (2, 2)),
    ("dense", 1200, (12,)),
    ("sparse", 1500, (6,) * 3),
    ("sparse", 500, (16, 16)),
    ("deterministic", 1500, (6,) * 4),
    ("deterministic", 1000, (60, 60)),
]
EXACT = [("dense", 100, (4, 4)), ("dense", 32, (6,) * 3), ("sparse", 1000, (6, 6)), ("deterministic", 5000, (4, 4))]
MADE: dict[str, Callable[[int, tuple[int, ...]], MMDP]] = {
    "dense": models.dense_float,
    "sparse": lambda states, counts: models.sparse_exact(states, counts).to_float(),
    "deterministic": models.deterministic_float,
    "exact dense": models.dense_exact,
    "exact sparse": models.sparse_exact,
    "exact deterministic": models.deterministic_exact,
}


@lru_cache(maxsize=1)
def _model(kind: str, states: int, counts: tuple[int, ...]) -> MMDP:
    return MADE[kind](states, counts)


def _correlated(model: MMDP) -> Callable[[], Any]:
    weights = np.random.default_rng(4).random(model.reward.shape)
    weights /= weights.reshape(model.n_states, -1).sum(axis=1).reshape(-1, *[1] * model.n_agents)
    joint = ft.correlated(weights)
    return lambda: ft.fitted_q_iteration(model, data=joint, iterations=5)


CALLS: dict[str, Callable[[MMDP], Callable[[], Any]]] = {
    "product data": lambda m: lambda: ft.fitted_q_iteration(m, data=random_product(m), iterations=5),
    "correlated data": _correlated,
    "on-policy": lambda m: lambda: ft.fitted_q_iteration(m, data=ft.epsilon_greedy(0.1), iterations=5),
    "generic": lambda m: lambda: ft.fitted_q_iteration(m, iterations=2, method="generic"),
    "V*": lambda m: lambda: ft.solve(m),
}
EXACT_CALLS: dict[str, Callable[[MMDP], Any]] = {
    "20 exact iterations, uniform data": lambda m: ft.fitted_q_iteration(m, iterations=20),
    "20 exact iterations, correlated data": lambda m: ft.fitted_q_iteration(m, data=_agreeing(m), iterations=20),
    "20 exact iterations, on-policy": lambda m: ft.fitted_q_iteration(m, data=ft.epsilon_greedy("1/10"), iterations=20),
    "5 exact iterations, generic": lambda m: ft.fitted_q_iteration(m, iterations=5, method="generic"),
    "exact V*": ft.solve,
}


def _agreeing(model: MMDP) -> DataSource:
    """Return data in which joint actions whose first two agents agree are half as frequent again as the others."""
    first, second = np.indices(model.action_counts)[:2]
    shares = [fmpq(x, int((2 + (first == second)).sum())) for x in (2, 3)]
    one_state = np.where(first == second, shares[1], shares[0])
    return ft.correlated(np.broadcast_to(one_state, model.reward.shape))


def _returned(result: Solution | ft.Trajectory) -> int:
    """Return the bytes of grown numbers in what a call returns."""
    arrays = (result.values,) if isinstance(result, Solution) else tuple(f for step in result.factors for f in step)
    numbers = (x for array in arrays for x in array.flat)
    return sum(EXACT_BYTES + sum(int(part.bit_length()) // 8 for part in (x.p, x.q)) for x in numbers)


def _peak(kind: str, states: int, counts: tuple[int, ...], what: str) -> float:
    model = _model(kind, states, counts)
    return 1 + peak_bytes(CALLS[what](model)) / model.nbytes


def _exact_peak(kind: str, states: int, counts: tuple[int, ...], what: str) -> float:
    command = [sys.executable, "-m", "benchmarks.memory", kind, what, str(states), *map(str, counts)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def paths() -> list[Single]:
    """Return a line for every path of every kind of model."""
    found = []
    for kind, states, counts in FLOAT:
        for what in CALLS:
            row = Row(f"peak of {what}, {kind} model", models.size_text(states, counts), "the model itself", most=3)
            found.append(Single(row, partial(_peak, kind, states, counts, what)))
    for kind, states, counts in EXACT:
        for what in EXACT_CALLS:
            unit = "the model itself" if what.startswith("20") else "the model and what is returned"
            row = Row(f"peak of {what}, {kind} model", models.size_text(states, counts), unit, most=3)
            found.append(Single(row, partial(_exact_peak, f"exact {kind}", states, counts, what)))
    return found


def _resident(name: str) -> int:
    """Return a line of this process's status in bytes: VmRSS, or VmHWM, the largest so far."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))


def main() -> None:
    """Print the peak of one exact call in units of the model; arguments: kind, call, states, actions of every agent."""
    kind, what, states, *counts = sys.argv[1:]
    model = MADE[kind](int(states), tuple(map(int, counts)))
    for small in (
        models.dense_exact(2, (2, 2)),
        models.sparse_exact(300, (2, 1)),
        models.deterministic_exact(300, (2, 1)),
    ):
        ft.solve(small)
        EXACT_CALLS[what](small)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _resident("VmRSS")
    kept = EXACT_CALLS[what](model)
    peak = model.nbytes + _resident("VmHWM") - before
    print(peak / (model.nbytes + (0 if what.startswith("20") else _returned(kept))))


if __name__ == "__main__":
    main()
