"""Runs that go on while the greedy actions stay are the runs of single steps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import models
from fqi_theory.base import limits
from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import to_float
from fqi_theory.data.sources import epsilon_greedy, product, uniform
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators import leaps
from fqi_theory.operators.matrix import FloatSteps, MatrixOperator, matrix_operator
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from fqi_theory.testing import strategies as fst


def single_steps(operator, counts, start, iterations):
    """Return (values (T, S), factors (T, Σ|A_i|, S)) with every step by the whole operator."""
    steps = FloatSteps(counts, start, iterations, iterations)
    for t in range(iterations):
        steps.step(operator, t, t)
    return steps.columns[1:, :-1], steps.factors


def leaping(operator, counts, start, iterations):
    """Return (values (T, S), greedy (T, S, n), record) of a run by leaps."""
    record = FloatSteps(counts, start, iterations, min(leaps.MOST, iterations))
    greedy = record.no_greedy(iterations)
    assert list(leaps.fixed_steps(operator, record, greedy, "first")) == list(range(1, iterations + 1))
    return record.columns[1:, :-1], greedy, record


def assert_runs_alike(operator, counts, start, iterations):
    found, greedy, record = leaping(operator, counts, start, iterations)
    values, factors = single_steps(operator, counts, start, iterations)
    scale = 1 + np.abs(values).max()
    np.testing.assert_allclose(found, values, rtol=0, atol=1e-10 * scale)
    edges = np.cumsum((0, *counts))
    for t in range(iterations):
        made = record.factors_from(operator, record.columns[t])
        for i in range(len(counts)):
            own = factors[t, edges[i] : edges[i + 1]]
            np.testing.assert_allclose(made[i], own.T, rtol=0, atol=1e-10 * scale)
            chosen = own[greedy[t][:, i], np.arange(start.size)]
            assert (chosen >= own.max(axis=0) - 1e-10 * scale).all()


@settings(max_examples=40)
@given(st.data())
def test_values_factors_and_greedy_actions_are_those_of_single_steps(draw):
    model = draw.draw(fst.mmdps(near_threshold=True, planted_ties=draw.draw(st.booleans())))
    source = product(draw.draw(fst.marginals(model)))
    start = to_float(draw.draw(fst.state_values(model)))
    rounded = model.to_float()
    operator = matrix_operator(rounded, source.at(rounded, np.zeros(0)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leaps, "FEWEST", draw.draw(st.sampled_from([1, 2, 4])))
        patch.setattr(leaps, "BLOCK", draw.draw(st.sampled_from([1, 3, 16])))
        patch.setattr(leaps, "LEAP", draw.draw(st.sampled_from([2, 16])))
        assert_runs_alike(operator, model.action_counts, start, draw.draw(st.integers(1, 60)))


def downhill(model):
    """Return values that first pull the other way than the rewards do."""
    return [5 * (model.n_states - s) for s in range(model.n_states)]


@pytest.mark.parametrize("model", [models.chain(12, discount="99/100"), models.grid(4), models.dense_exact(6, (3, 2))])
def test_actions_that_change_late_are_noticed(model):
    rounded = model.to_float()
    fast = fitted_q_iteration(rounded, iterations=300, initial=start_from_values(rounded, downhill(model)))
    operator = matrix_operator(rounded, uniform().at(rounded, np.zeros(0)))
    values, _ = single_steps(operator, model.action_counts, np.array(downhill(model), dtype=float), 300)
    np.testing.assert_allclose(np.array(fast.values[1:]), values, rtol=1e-10)
    exact = fitted_q_iteration(model, iterations=60, initial=start_from_values(model, downhill(model)))
    for t in range(1, 61):
        gaps = [np.diff(np.sort(to_float(f), axis=1)[:, -2:], axis=1)[:, 0] for f in exact.factors[t]]
        sure = np.stack(gaps, axis=1) > 1e-9
        assert (fast.greedy[t] == exact.greedy[t])[sure].all()


def test_settled_steps_do_not_read_the_whole_operator(monkeypatch):
    model = models.dense_float(12, (3, 3))
    operator, read = matrix_operator(model, uniform().at(model, np.zeros(0))), []
    whole = MatrixOperator.apply
    monkeypatch.setattr(MatrixOperator, "apply", lambda *given: read.append(1) or whole(*given))
    leaping(operator, (3, 3), np.zeros(12), 400)
    assert len(read) < 40


def test_a_bound_that_is_too_wide_would_be_noticed(monkeypatch):
    """The other direction: with the bound switched off, the chain's late changes are missed."""
    model = models.chain(12, discount="99/100").to_float()
    operator = matrix_operator(model, uniform().at(model, np.zeros(0)))
    values, _ = single_steps(operator, model.action_counts, np.array(downhill(model), dtype=float), 300)
    monkeypatch.setattr(MatrixOperator, "largest_row", 0.0)
    wrong, _, _ = leaping(operator, model.action_counts, np.array(downhill(model), dtype=float), 300)
    assert np.abs(wrong - values).max() > 1e-3


@pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.NearTieWarning")
def test_rows_that_miss_one_are_not_taken_for_constants():
    """One state: V has no span, but the second row's surplus of 10^-9 wins once V is large."""
    model = MMDP([[1e6, 1e6 - 0.05]], [[[1 - 5e-10], [1 + 5e-10]]], 0.999)
    run = fitted_q_iteration(model, iterations=3000)
    exact = fitted_q_iteration(model, iterations=3000, method="generic")
    np.testing.assert_array_equal(np.array(run.greedy), np.array(exact.greedy))
    assert run.greedy[1][0, 0] == 0
    assert run.greedy[-1][0, 0] == 1


def growing_then_shrinking(states, size):
    """Return A with A^states = 0 modulo constants, whose powers grow like size^k before: far from a normal matrix."""
    basis, _ = np.linalg.qr(
        np.column_stack([np.ones(states), np.random.default_rng(0).standard_normal((states, states - 1))])
    )
    shift = basis[:, 1:] @ np.diag(np.ones(states - 2), 1) @ basis[:, 1:].T
    return size * shift / np.abs(shift).sum(axis=1).max() + 0.9 / states


def test_leaps_that_lose_digits_are_not_taken(monkeypatch):
    matrix, fixed = growing_then_shrinking(10, 30.0), np.random.default_rng(1).standard_normal(10)
    operator = MatrixOperator(np.column_stack([matrix, fixed - matrix @ fixed]), (1,))
    values, _, _ = leaping(operator, (1,), fixed, 300)
    single, _ = single_steps(operator, (1,), fixed, 300)
    lost = np.abs(single - fixed).max()
    assert np.abs(values - fixed).max() <= 10 * lost
    monkeypatch.setattr(leaps, "LARGEST_HALF", np.inf)
    leapt, _, _ = leaping(operator, (1,), fixed, 300)
    assert np.abs(leapt - fixed).max() > 10 * lost


def test_long_runs_that_do_not_fit_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "available_bytes", lambda: 1 << 20)
    model = MMDP(np.array([[[1.0, 0], [0, 0]]]), np.zeros((1, 2, 2), dtype=int), 0.5)
    with pytest.raises(TooLarge, match="values and greedy actions of all iterations"):
        fitted_q_iteration(model, iterations=300_000)


def test_iterates_cannot_be_changed_behind_their_factors():
    model = MMDP(np.array([[[1.0, 0], [0, 0]]]), np.zeros((1, 2, 2), dtype=int), 0.5)
    for source in (uniform(), epsilon_greedy(0.5)):
        with pytest.raises(ValueError, match="read-only"):
            fitted_q_iteration(model, data=source, iterations=3).values[2][:] = 100


def test_overflow_is_that_of_single_steps():
    model = MMDP([[[0.0, 0.0]], [[1.0, 0.0]]], np.array([[[0, 1]], [[1, 1]]]), 0.99)
    operator = matrix_operator(model, uniform().at(model, np.zeros(0)))
    operator.matrix[:, :-1] *= 40.0
    with np.errstate(all="ignore"):
        values, _ = single_steps(operator, model.action_counts, np.ones(2), 400)
        found, _, _ = leaping(operator, model.action_counts, np.ones(2), 400)
    assert not np.isfinite(values[-1]).all()
    np.testing.assert_array_equal(np.isfinite(found), np.isfinite(values))
    finite = np.isfinite(values) & (np.abs(values) < 1e300)
    np.testing.assert_allclose(found[finite], values[finite], rtol=1e-9)
