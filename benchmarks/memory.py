"""Peak memory of every path, the model included, in units of the model's own tensors."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import numpy as np

import fqi_theory as ft
from benchmarks import models
from benchmarks.comparison import Row, Single
from benchmarks.iteration import random_product
from benchmarks.timing import peak_bytes
from fqi_theory.mmdp import MMDP
from fqi_theory.transitions import DeterministicTransition, SparseTransition

SHAPES = {"dense": (32, (6,) * 4), "sparse": (1500, (6,) * 3), "deterministic": (1500, (6,) * 4)}


@lru_cache(maxsize=1)
def _model(kind: str) -> MMDP:
    states, counts = SHAPES[kind]
    if kind == "sparse":
        return models.sparse_exact(states, counts, 4).to_float()
    return models.dense_float(states, counts) if kind == "dense" else models.deterministic_float(states, counts)


def own_bytes(model: MMDP) -> int:
    """Return the bytes of the arrays that a float model keeps."""
    kernel = model.transition
    if isinstance(kernel, DeterministicTransition):
        return int(model.reward.nbytes + kernel.successor.nbytes)
    extra = kernel.indptr.nbytes + kernel.successors.nbytes if isinstance(kernel, SparseTransition) else 0
    return int(model.reward.nbytes + kernel.entries().nbytes + extra)


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


def _peak(kind: str, what: str) -> float:
    model = _model(kind)
    return 1 + peak_bytes(CALLS[what](model)) / own_bytes(model)


def paths() -> list[Single]:
    """Return a line for every path of every kind of model."""
    return [
        Single(
            Row(f"peak of {what}, {kind} model", models.size_text(*SHAPES[kind]), "the model itself", most=3),
            partial(_peak, kind, what),
        )
        for kind in SHAPES
        for what in CALLS
    ]
