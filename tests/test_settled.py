"""Runs that go on while the greedy actions stay are the runs of single steps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import models
from fqi_theory import settled
from fqi_theory import strategies as fst
from fqi_theory.data import product, uniform
from fqi_theory.iteration import fitted_q_iteration
from fqi_theory.mmdp import MMDP
from fqi_theory.scalars import to_float
from fqi_theory.stacked import StackedOperator, Steps, stacked
from fqi_theory.trajectory import start_from_values
from fqi_theory.value_space import collapse


def single_steps(operator, counts, start, iterations):
    """Return (values (T, S), factors (T, Σ|A_i|, S)) with every step by the whole operator."""
    steps = Steps(counts, start, iterations, iterations)
    for t in range(iterations):
        steps.step(operator, t, t)
    return steps.columns[1:, :-1], steps.factors


def assert_runs_alike(operator, counts, start, iterations):
    run = settled.fixed_run(operator, counts, start, iterations, "first")
    values, factors = single_steps(operator, counts, start, iterations)
    scale = 1 + np.abs(values).max()
    np.testing.assert_allclose(np.array(run.values), values, rtol=0, atol=1e-10 * scale)
    edges = np.cumsum((0, *counts))
    for t in range(iterations):
        for i in range(len(counts)):
            own = factors[t, edges[i] : edges[i + 1]]
            np.testing.assert_allclose(run.factors[t][i], own.T, rtol=0, atol=1e-10 * scale)
            chosen = own[run.greedy[t][:, i], np.arange(start.size)]
            assert (chosen >= own.max(axis=0) - 1e-10 * scale).all()


@settings(max_examples=40)
@given(st.data())
def test_values_factors_and_greedy_actions_are_those_of_single_steps(draw):
    model = draw.draw(fst.mmdps(near_threshold=True, planted_ties=draw.draw(st.booleans())))
    source = product(draw.draw(fst.marginals(model)))
    start = to_float(draw.draw(fst.state_values(model)))
    rounded = model.to_float()
    operator = stacked(collapse(rounded, source.at(rounded, np.zeros(0))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settled, "FEWEST", draw.draw(st.sampled_from([1, 2, 4])))
        patch.setattr(settled, "BLOCK", draw.draw(st.sampled_from([1, 3, 16])))
        assert_runs_alike(operator, model.action_counts, start, draw.draw(st.integers(1, 60)))


def downhill(model):
    """Return values that first pull the other way than the rewards do."""
    return [5 * (model.n_states - s) for s in range(model.n_states)]


@pytest.mark.parametrize("model", [models.chain(12, discount="99/100"), models.grid(4), models.dense_exact(6, (3, 2))])
def test_actions_that_change_late_are_noticed(model):
    rounded = model.to_float()
    fast = fitted_q_iteration(rounded, iterations=300, initial=start_from_values(rounded, downhill(model)))
    operator = stacked(collapse(rounded, uniform().at(rounded, np.zeros(0))))
    values, _ = single_steps(operator, model.action_counts, np.array(downhill(model), dtype=float), 300)
    np.testing.assert_allclose(np.array(fast.values[1:]), values, rtol=1e-10)
    exact = fitted_q_iteration(model, iterations=60, initial=start_from_values(model, downhill(model)))
    for t in range(1, 61):
        gaps = [np.diff(np.sort(to_float(f), axis=1)[:, -2:], axis=1)[:, 0] for f in exact.factors[t]]
        sure = np.stack(gaps, axis=1) > 1e-9
        assert (fast.greedy[t] == exact.greedy[t])[sure].all()


def test_settled_steps_do_not_read_the_whole_operator(monkeypatch):
    model = models.dense_float(12, (3, 3))
    operator, read = stacked(collapse(model, uniform().at(model, np.zeros(0)))), []
    whole = StackedOperator.apply
    monkeypatch.setattr(StackedOperator, "apply", lambda *given: read.append(1) or whole(*given))
    settled.fixed_run(operator, (3, 3), np.zeros(12), 400, "first")
    assert len(read) < 40


def test_a_bound_that_is_too_wide_would_be_noticed(monkeypatch):
    """The other direction: with the bound switched off, the chain's late changes are missed."""
    model = models.chain(12, discount="99/100").to_float()
    operator = stacked(collapse(model, uniform().at(model, np.zeros(0))))
    values, _ = single_steps(operator, model.action_counts, np.array(downhill(model), dtype=float), 300)
    monkeypatch.setattr(StackedOperator, "largest_row", 0.0)
    wrong = settled.fixed_run(
        operator, model.action_counts, np.array(downhill(model), dtype=float), 300, "first"
    ).values
    assert np.abs(np.array(wrong) - values).max() > 1e-3


def test_rows_that_miss_one_are_not_taken_for_constants():
    """One state: V has no span, but the second row's surplus of 10^-9 wins once V is large."""
    model = MMDP([[1e6, 1e6 - 0.05]], [[[1 - 5e-10], [1 + 5e-10]]], 0.999)
    run = fitted_q_iteration(model, iterations=3000)
    exact = fitted_q_iteration(model, iterations=3000, method="generic")
    np.testing.assert_array_equal(np.array(run.greedy), np.array(exact.greedy))
    assert run.greedy[1][0, 0] == 0
    assert run.greedy[-1][0, 0] == 1


def test_overflow_is_that_of_single_steps():
    model = MMDP([[[0.0, 0.0]], [[1.0, 0.0]]], np.array([[[0, 1]], [[1, 1]]]), 0.99)
    operator = stacked(collapse(model, uniform().at(model, np.zeros(0))))
    operator.matrix[:, :-1] *= 40.0
    with np.errstate(all="ignore"):
        values, _ = single_steps(operator, model.action_counts, np.ones(2), 400)
        found = np.array(settled.fixed_run(operator, model.action_counts, np.ones(2), 400, "first").values)
    assert not np.isfinite(values[-1]).all()
    np.testing.assert_array_equal(np.isfinite(found), np.isfinite(values))
    finite = np.isfinite(values) & (np.abs(values) < 1e300)
    np.testing.assert_allclose(found[finite], values[finite], rtol=1e-9)
