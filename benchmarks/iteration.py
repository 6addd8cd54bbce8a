"""Iteration: collapsed and on-policy runs against a per-state np.linalg.lstsq loop; exact runs against Fractions."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

import fqi_theory as ft
from benchmarks import models, peers
from benchmarks.timing import Row, ratio
from fqi_theory import value_space
from fqi_theory.compressed import compressed
from fqi_theory.data import Product
from fqi_theory.mmdp import MMDP
from fqi_theory.stacked import stacked

STEPS = 200
SIZES = [(16, (3,) * 2, 50), (64, (5,) * 3, 200), (32, (6,) * 4, 1500), (16, (6,) * 6, 5000)]


def random_product(model: MMDP) -> Product:
    """Return product data with marginals drawn at random, the same at every call."""
    generator = np.random.default_rng(2)
    tables = [generator.random((model.n_states, count)) + 0.2 for count in model.action_counts]
    return ft.product([table / table.sum(axis=1, keepdims=True) for table in tables])


def off_policy() -> Iterator[Row]:
    for states, counts, least in SIZES:
        model = models.dense_float(states, counts)
        source, matrix = random_product(model), peers.design(counts)
        joint = source.at(model, np.zeros(0)).joint().reshape(states, -1)
        start = np.zeros(states)
        found = ft.fitted_q_iteration(model, data=source, iterations=1).values[1]
        assert np.allclose(found, peers.weighted_lstsq_step(model, matrix, joint, start))
        slow = ratio(
            lambda m=model, x=matrix, w=joint, v=start: peers.weighted_lstsq_step(m, x, w, v),
            lambda m=model, d=source: ft.fitted_q_iteration(m, data=d, iterations=STEPS),
            rounds=15 if states * model.reward.size < 1e7 else 5,
            scale=STEPS,
        )
        what = f"{STEPS} iterations, product data"
        yield Row("iteration", what, models.size_text(states, counts), "weighted lstsq per state", slow, least)
        plain = ratio(
            lambda m=model, x=matrix, v=start: peers.lstsq_step(m.reward, m.transition.dense(), 0.9, x, v),
            lambda m=model: ft.fitted_q_iteration(m, data=ft.uniform(), iterations=STEPS),
            rounds=5 if states * model.reward.size < 1e6 else 3,
            scale=STEPS,
        )
        what = f"{STEPS} iterations, uniform data"
        yield Row("iteration", what, models.size_text(states, counts), "unweighted lstsq per state", plain)


def correlated() -> Iterator[Row]:
    model, counts = models.dense_float(64, (5,) * 3), (5,) * 3
    weights = np.random.default_rng(3).random(model.reward.shape) + 0.1
    weights /= weights.sum(axis=(1, 2, 3), keepdims=True)
    source, matrix, flat = ft.correlated(weights), peers.design(counts), weights.reshape(64, -1)
    found = ratio(
        lambda: peers.weighted_lstsq_step(model, matrix, flat, np.zeros(64)),
        lambda: ft.fitted_q_iteration(model, data=source, iterations=STEPS),
        scale=STEPS,
    )
    size = models.size_text(64, counts)
    yield Row("iteration", f"{STEPS} iterations, correlated data", size, "weighted lstsq per state", found)


def on_policy() -> Iterator[Row]:
    model, counts, source = models.dense_float(64, (5,) * 3), (5,) * 3, ft.epsilon_greedy(0.1)
    matrix, greedy = peers.design(counts), np.zeros((64, 3), dtype=int)
    joint = source.at(model, greedy).joint().reshape(64, -1)
    found = ratio(
        lambda: peers.weighted_lstsq_step(model, matrix, joint, np.zeros(64)),
        lambda: ft.fitted_q_iteration(model, data=source, iterations=STEPS),
        scale=STEPS,
    )
    size = models.size_text(64, counts)
    yield Row("on-policy", f"one of {STEPS} steps, 1/10-greedy data", size, "weighted lstsq per state", found, 20)


def sparse() -> Iterator[Row]:
    for model in (
        models.chain(2000).to_float(),
        models.grid(30).to_float(),
        models.sparse_exact(512, (4, 4)).to_float(),
    ):
        data = ft.uniform().at(model, np.zeros(0))
        thin, dense = compressed(model, data), stacked(value_space.collapse(model, data))
        column, out = np.ones(model.n_states + 1), np.empty(sum(model.action_counts) * model.n_states)
        found = ratio(lambda a=dense, c=column, o=out: a.apply(c, o), lambda a=thin, c=column, o=out: a.apply(c, o))
        size = models.size_text(model.n_states, model.action_counts)
        yield Row("iteration", f"sparse form, {model.name}", size, "dense collapsed form", found)


def exact() -> Iterator[Row]:
    counts = (4,) * 3
    model = models.dense_exact(8, counts)
    rows = peers.fraction_rows(ft.collapse(model, ft.uniform().at(model, np.zeros(0))))
    zero = [Fraction(0)] * 8
    wanted = peers.fraction_iteration(rows, zero, 50)
    assert [peers.fraction(v) for v in ft.fitted_q_iteration(model, iterations=50).values[-1]] == wanted
    found = ratio(
        lambda: peers.fraction_iteration(rows, zero, 50), lambda: ft.fitted_q_iteration(model, iterations=50), rounds=7
    )
    size = models.size_text(8, counts)
    yield Row("exact", "50 exact iterations, set-up included", size, "Fractions, collapsed, no set-up", found, 50)
    floats = model.to_float()
    slower = ratio(
        lambda: ft.fitted_q_iteration(model, iterations=50),
        lambda: ft.fitted_q_iteration(floats, iterations=50),
        rounds=3,
    )
    yield Row("exact", "cost of 50 float iterations", size, "the same exactly", slower)
