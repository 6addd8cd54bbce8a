"""QPLEX in the selection reading: every table is a member with λ >= 0, and a run is value iteration (Theorem 4)."""

import pytest
from hypothesis import given, settings

import fqi_theory as ft
from fqi_theory.base.errors import NotRealisable
from fqi_theory.base.scalars import exact_array
from fqi_theory.factorization import qplex, qplex_selection
from fqi_theory.testing import strategies as fst

COORDINATION = exact_array([[[1, 0], [0, 1]]])


@settings(max_examples=60, deadline=None)
@given(fst.q_tables((2, 3)))
def test_every_table_is_realised_exactly(table):
    for ties in ("first", "last"):
        member = qplex_selection.realise(table[None], ties)
        assert (member.table()[0] == table).all()
        assert all((weight >= 0).all() for weight in member.weights)


def test_a_table_without_a_product_argmax_set_needs_a_weight_of_0():
    member = qplex_selection.realise(COORDINATION)
    assert member.weights[0][0].tolist() == [[1, 1], [1, 0]]
    with pytest.raises(NotRealisable, match=r"λ of agent 1 at .* \(0, 1, 1\): expected > 0, found 0"):
        qplex.mix(member.factors, member.weights)
    with pytest.raises(NotRealisable, match=r"expected >= 0, found -1"):
        qplex.mix(member.factors, [-weight for weight in member.weights], closed=True)


def test_runs_are_value_iteration_where_the_set_reading_refuses():
    model = ft.load("coordination")
    with pytest.raises(NotRealisable):
        ft.fitted_q_iteration(model, factorization=ft.qplex, iterations=1)
    run = ft.fitted_q_iteration(model, factorization=ft.qplex_selection, iterations=1)
    assert (run.factorization, run.values[1][0], run.greedy[1].tolist()) == ("qplex:selection", 1, [[0, 0]])
    last = ft.fitted_q_iteration(model, factorization=ft.qplex_selection, iterations=1, ties="last")
    assert last.greedy[1].tolist() == [[1, 1]]
