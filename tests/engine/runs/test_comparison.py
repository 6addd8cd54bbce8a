"""A training run against the exact one: gauge, first departure, refusals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import to_float
from fqi_theory.factorization.fit import additive_table
from fqi_theory.testing import strategies as fst

MODEL = ft.load("two-state")
RUN = ft.fitted_q_iteration(MODEL, iterations=12)


def as_floats(arrays):
    return [to_float(array) for array in arrays]


def test_rounding_is_followed_even_where_the_run_diverges():
    run = ft.fitted_q_iteration(MODEL.with_discount("29/30"), iterations=12)
    found = ft.compare(run, as_floats(run.values))
    assert found.follows
    assert found.kind == "values"
    assert [step.t for step in found.steps] == list(range(13))
    assert 0 < max(step.error for step in found.steps) < Fraction(1, 10**12)
    tables = [to_float(additive_table(q)) for q in RUN.factors]
    assert ft.compare(RUN, tables).kind == "tables"
    assert ft.compare(RUN, tables).follows


@pytest.mark.parametrize("t", [1, 5, 12])
def test_the_first_departure_is_named(t):
    values = as_floats(RUN.values)
    for later in values[t:]:
        later[1] += 0.25 * (1 + abs(later[1]))
    found = ft.compare(RUN, values)
    departure = found.departure
    assert (departure.t, departure.state, departure.action) == (t, "s1", "")
    assert departure.exact == RUN.values[t][1]
    assert departure.difference == departure.learned - departure.exact > 0
    assert f"t = {t}, state s1: learned" in repr(found)


def test_a_table_departs_at_its_worst_joint_action():
    tables = [to_float(additive_table(q)) for q in RUN.factors]
    tables[3][1, 0, 1] -= 1.0
    tables[3][0, 0, 0] += 0.5
    departure = ft.compare(RUN, tables).departure
    assert (departure.t, departure.state, departure.action) == (3, "s1", "joint action (A, B)")


@settings(max_examples=25)
@given(st.data())
def test_a_residue_is_no_departure_and_anything_else_is(data):
    model = data.draw(fst.mmdps(states=st.integers(1, 3), actions=fst.action_counts(max_joint=9)))
    run = ft.fitted_q_iteration(model, iterations=2)
    n, size = model.n_agents, model.n_states
    residue = np.array(
        data.draw(st.lists(st.lists(st.integers(-5, 5), min_size=size, max_size=size), min_size=n, max_size=n))
    )
    residue[-1] -= residue.sum(axis=0)
    moved = [[q + w[:, None] for q, w in zip(factors, residue, strict=True)] for factors in run.factors[1:]]
    found = ft.compare(run, moved, kind="factors", first=1, within=0)
    assert found.follows
    agent = data.draw(st.integers(0, n - 1))
    action = data.draw(st.integers(0, model.action_counts[agent] - 1))
    moved[1][agent] = moved[1][agent].copy()
    moved[1][agent][0, action] += 1
    departure = ft.compare(run, moved, kind="factors", first=1, within=0).departure
    assert (departure.t, departure.state) == (2, model.states[0])


def test_interactions_are_part_of_a_table():
    model = ft.load("climbing-3p")
    run = ft.fitted_q_iteration(model, factorization=ft.additive(2), iterations=1)
    fit = ft.additive(2).fit(model.reward, ft.uniform().at(model, run.greedy[0]))
    assert ft.compare(run, [fit.q_tot()], first=1, within=0).follows
    assert not ft.compare(run, [fit.q_tot() + 1], first=1).follows


def test_float_runs_are_compared_as_floats():
    run = ft.fitted_q_iteration(MODEL.to_float(), iterations=5)
    assert ft.compare(run, as_floats(RUN.values[:6])).follows
    assert not ft.compare(run, [values + 1 for values in as_floats(RUN.values[:6])]).follows


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_ends_the_comparison(bad):
    values = as_floats(RUN.values)
    values[4][0] = bad
    found = ft.compare(RUN, values)
    assert [step.t for step in found.steps] == [0, 1, 2, 3]
    assert (found.departure.t, found.departure.state) == (4, "s0")
    values[2][1] += 5
    assert ft.compare(RUN, values).departure.t == 2


@pytest.mark.parametrize(
    ("learned", "options", "message"),
    [
        ([[1.0, 2.0, 3.0]], {}, r"values of shape \(2,\) or tables of shape \(2, 2, 2\) an iteration, found \(3,\)"),
        ([[1.0, 2.0]] * 14, {}, r"expected iterations within 0..12, found 0..13"),
        ([[1.0, 2.0]], {"first": 13}, r"within 0..12, found 13..13"),
        ([], {"kind": "values"}, r"within 0..12"),
        ([[1.0, 2.0]], {"kind": "odd"}, "kind: expected 'values', 'tables' or 'factors', found 'odd'"),
        ([[np.zeros((2, 2))]], {"kind": "factors", "first": 1}, r"iteration 1: expected shapes"),
        ([[1.0, 2.0], [1.0]], {}, r"iteration 1: expected shapes \[\(2,\)\], found \[\(1,\)\]"),
    ],
)
def test_what_does_not_fit_is_refused(learned, options, message):
    with pytest.raises(DataError, match=message):
        ft.compare(RUN, learned, **options)


def test_open_tables_are_refused():
    run = ft.fitted_q_iteration(MODEL, factorization=ft.igm, iterations=1)
    with pytest.raises(DataError, match="Q_tot of the class igm is no sum of factors"):
        ft.compare(run, [np.zeros((2, 2, 2))], first=1)
    started = ft.fitted_q_iteration(MODEL, initial=ft.start_from_values(MODEL, [0, 1]), iterations=1)
    with pytest.raises(DataError, match="use first=1"):
        ft.compare(started, [np.zeros((2, 2, 2))])
    both = ft.correlated([[["1/2", 0], [0, "1/2"]]] * 2)
    with pytest.warns(Warning, match="no determined"):
        run = ft.fitted_q_iteration(MODEL, data=both, iterations=1)
    with pytest.raises(DataError, match="leave Q_tot undetermined at state s0"):
        ft.compare(run, [np.zeros((2, 2, 2))], first=1)
    assert ft.compare(run, [np.zeros(2)]).follows


def test_both_runs_are_drawn(tmp_path):
    values = as_floats(RUN.values)
    values[6][1] += 3
    figure = ft.compare(RUN, values).plot(tmp_path / "c.png")
    assert "departs at t = 6" in figure.words()
    above = figure.axes[0]
    assert above.lines[0].get_ydata().tolist() == [0.0] * 13
    assert above.lines[3].get_ydata()[6] == pytest.approx(values[6][1])
    assert (tmp_path / "c.png").stat().st_size > 1000
