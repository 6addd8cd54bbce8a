"""Iteration: collapsed and on-policy runs against a per-state np.linalg.lstsq loop; exact runs against Fractions."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial

import numpy as np

import fqi_theory as ft
from benchmarks import models, peers
from benchmarks.comparison import Comparison, Pair, Row
from fqi_theory.data.sources import DataSource, Product
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.matrix import matrix_operator
from fqi_theory.operators.moments import moments_operator

Counts = tuple[int, ...]

STEPS = 200
SIZES = [(16, (3,) * 2, 50), (64, (5,) * 3, 200), (32, (6,) * 4, 1500), (16, (6,) * 6, 5000)]
#: Two models that mix slowly, and a random one.
SPARSE: dict[str, tuple[Callable[[], MMDP], int, Counts]] = {
    "chain": (lambda: models.chain(2000, discount="9/10"), 2000, (3, 3)),
    "grid": (lambda: models.grid(30, discount="9/10"), 900, (3, 3)),
    "random": (lambda: models.sparse_exact(512, (4, 4)), 512, (4, 4)),
}
#: A size in the middle, for data that are not fixed products.
MIDDLE = 64, (5,) * 3
WEIGHTED, UNWEIGHTED = "weighted lstsq per state", "unweighted lstsq per state"


def random_product(model: MMDP) -> Product:
    """Return product data with marginals drawn at random, the same at every call."""
    generator = np.random.default_rng(2)
    tables = [generator.random((model.n_states, count)) + 0.2 for count in model.action_counts]
    return ft.product([table / table.sum(axis=1, keepdims=True) for table in tables])


def _weighted(source: Callable[[MMDP], DataSource], states: int, counts: Counts) -> Pair:
    model, matrix = models.dense_float(states, counts), peers.design(counts)
    data, start = source(model), np.zeros(states)
    joint = data.at(model, np.zeros((states, len(counts)), dtype=int)).joint().reshape(states, -1)

    def step() -> object:
        return peers.weighted_lstsq_step(model, matrix, joint, start)

    assert np.allclose(ft.fitted_q_iteration(model, data=data, iterations=1).values[1], step())
    return Pair(step, lambda: ft.fitted_q_iteration(model, data=data, iterations=STEPS))


def _unweighted(states: int, counts: Counts) -> Pair:
    model, matrix, start = models.dense_float(states, counts), peers.design(counts), np.zeros(states)
    tensor = model.transition.dense()
    return Pair(
        lambda: peers.lstsq_step(model.reward, tensor, 0.9, matrix, start),
        lambda: ft.fitted_q_iteration(model, iterations=STEPS),
    )


def _correlated(model: MMDP) -> DataSource:
    weights = np.random.default_rng(3).random(model.reward.shape) + 0.1
    return ft.correlated(weights / weights.sum(axis=tuple(range(1, weights.ndim)), keepdims=True))


def _sparse_form(make: Callable[[], MMDP]) -> Pair:
    model = make().to_float()
    data = ft.uniform().at(model, np.zeros(0))
    thin, dense = moments_operator(model, data), matrix_operator(model, data)
    column, out = np.ones(model.n_states + 1), np.empty(sum(model.action_counts) * model.n_states)
    return Pair(lambda: dense.apply(column, out), lambda: thin.apply(column, out))


def _sparse_run(make: Callable[[], MMDP]) -> Pair:
    model = make().to_float()
    reward, rows, counts = model.reward, peers.sparse_rows(model), model.action_counts
    mine = ft.fitted_q_iteration(model, iterations=STEPS)
    assert np.allclose(mine.values[-1], peers.sparse_run(reward, rows, 0.9, counts, STEPS))
    return Pair(
        lambda: peers.sparse_run(reward, rows, 0.9, counts, STEPS),
        lambda: ft.fitted_q_iteration(model, iterations=STEPS),
    )


def _fractions() -> Pair:
    model, zero = models.dense_exact(8, (4,) * 3), [Fraction(0)] * 8
    rows = peers.fraction_rows(ft.collapse(model, ft.uniform().at(model, np.zeros(0))))
    wanted = peers.fraction_iteration(rows, zero, 50)
    assert [peers.fraction(v) for v in ft.fitted_q_iteration(model, iterations=50).values[-1]] == wanted
    return Pair(
        lambda: peers.fraction_iteration(rows, zero, 50),
        lambda: list(ft.fitted_q_iteration(model, iterations=50).values),
    )


def _floats() -> Pair:
    model = models.dense_exact(8, (4,) * 3)
    floats = model.to_float()
    return Pair(
        lambda: ft.fitted_q_iteration(floats, iterations=50),
        lambda: list(ft.fitted_q_iteration(model, iterations=50).values),
    )


def fixed_data() -> list[Comparison]:
    """Return whole runs, set-up included, against so many single refits."""
    found = []
    for states, counts, least in SIZES:
        size, small = models.size_text(states, counts), states * int(np.prod(counts)) * states < 1e7
        row = Row(f"{STEPS} iterations, product data", size, WEIGHTED, least=least)
        found.append(Comparison(row, partial(_weighted, random_product, states, counts), 15 if small else 5, STEPS))
        row = Row(f"{STEPS} iterations, uniform data", size, UNWEIGHTED)
        found.append(Comparison(row, partial(_unweighted, states, counts), 5 if small else 3, STEPS))
    row = Row(f"{STEPS} iterations, correlated data", models.size_text(*MIDDLE), WEIGHTED)
    return [*found, Comparison(row, partial(_weighted, _correlated, *MIDDLE), scale=STEPS)]


def sparse() -> list[Comparison]:
    """Return chains and grids, which mix slowly, and random sparse models: whole runs, and one step of both forms."""
    found = []
    for name, (make, states, counts) in SPARSE.items():
        size = models.size_text(states, counts)
        row = Row(f"{STEPS} iterations, {name}", size, "SciPy CSR backup, means of tables")
        found.append(Comparison(row, partial(_sparse_run, make)))
        row = Row(f"one step in sparse form, {name}", size, "dense collapsed form")
        found.append(Comparison(row, partial(_sparse_form, make)))
    return found


def on_policy() -> list[Comparison]:
    """Return the cost of a step of a run whose data follow the greedy actions."""
    row = Row(f"one of {STEPS} steps, 1/10-greedy data", models.size_text(*MIDDLE), WEIGHTED, least=20)
    return [Comparison(row, partial(_weighted, lambda _: ft.epsilon_greedy(0.1), *MIDDLE), scale=STEPS)]


def exact() -> list[Comparison]:
    """Return exact runs, set-up included, against Fractions without set-up, and against floats."""
    size = models.size_text(8, (4,) * 3)
    row = Row("50 exact iterations, set-up included", size, "Fractions, collapsed, no set-up", least=50)
    cost = Row("50 exact iterations cost, in float runs", size, "the same in float64")
    return [Comparison(row, _fractions, rounds=7), Comparison(cost, _floats, faster="peer")]
