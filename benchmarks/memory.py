"""Peak memory of every path, the model included, in units of the model's own tensors."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import fqi_theory as ft
from benchmarks import models
from benchmarks.iteration import random_product
from benchmarks.timing import Row, peak_bytes
from fqi_theory.mmdp import MMDP
from fqi_theory.transitions import DeterministicTransition, SparseTransition


def own_bytes(model: MMDP) -> int:
    """Return the bytes of the arrays that a float model keeps."""
    kernel = model.transition
    if isinstance(kernel, DeterministicTransition):
        return int(model.reward.nbytes + kernel.successor.nbytes)
    extra = kernel.indptr.nbytes + kernel.successors.nbytes if isinstance(kernel, SparseTransition) else 0
    return int(model.reward.nbytes + kernel.entries().nbytes + extra)


def paths() -> Iterator[Row]:
    dense, sparse = models.dense_float(32, (6,) * 4), models.sparse_exact(1500, (6,) * 3, 4).to_float()
    sure = models.deterministic_float(1500, (6,) * 4)
    for name, model in (("dense", dense), ("sparse", sparse), ("deterministic", sure)):
        weights = np.random.default_rng(4).random(model.reward.shape)
        weights /= weights.reshape(model.n_states, -1).sum(axis=1).reshape(-1, *[1] * model.n_agents)
        joint = ft.correlated(weights)
        calls: dict[str, Callable[[], Any]] = {
            "product data": lambda m=model: ft.fitted_q_iteration(m, data=random_product(m), iterations=5),
            "correlated data": lambda m=model, w=joint: ft.fitted_q_iteration(m, data=w, iterations=5),
            "on-policy": lambda m=model: ft.fitted_q_iteration(m, data=ft.epsilon_greedy(0.1), iterations=5),
            "generic": lambda m=model: ft.fitted_q_iteration(m, iterations=2, method="generic"),
            "V*": lambda m=model: ft.solve(m),
        }
        for what, call in calls.items():
            whole = 1 + peak_bytes(call) / own_bytes(model)
            size = models.size_text(model.n_states, model.action_counts)
            yield Row("memory", f"peak of {what}, {name} model", size, "the model itself", whole, most=3)
