"""Contractions and fixed points from rows of few entries are those of tables."""

import numpy as np
import pytest
from fates import accepted
from hypothesis import given, settings
from hypothesis import strategies as st
from test_chains import levels, positions_of

import fqi_theory as ft
from fqi_theory.fates import decide
from fqi_theory.fates import search as searches
from fqi_theory.fates.contraction import weighted_contraction
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.sparse_contraction import fixed_point, sparse_contraction
from fqi_theory.model.catalog import random_model


@settings(deadline=None)
@given(st.integers(0, 9999), st.sampled_from([(2, 2), (3, 2), (2, 2, 2)]), st.sampled_from(["1/2", "4/5", "9/10"]))
def test_weights_are_found_where_tables_find_them_and_contract(seed, actions, discount):
    """On random models, some of which have none; the inequality is asked of the signed kernel as a table."""
    model = random_model(seed, 3, actions, ("deterministic", "stochastic")[seed % 2], discount)
    asked = problem_of(model, ft.uniform(), ft.linear, None, "first")
    positions = Positions(asked.searched, asked.searched_source)
    found, tables = sparse_contraction(positions, asked.start.greedy), positions.operator(asked.start.greedy)
    assert (found is None) == (weighted_contraction(tables) is None)
    if found is not None:
        kernel = np.abs(tables.kernel()) * model.discount
        weights = np.array(found.weights, dtype=object)
        reached = kernel @ weights
        assert found.factor < 1
        assert all((reached[s] <= found.factor * weights[s]).all() for s in range(3))


@settings(deadline=None)
@given(st.integers(0, 999), st.sampled_from([6, 40]))
def test_the_fixed_point_is_one(seed, states):
    """It is found wherever weights are, and mapped to itself by the step in rationals."""
    positions, greedy = positions_of(levels(seed, states, loops=True), ft.uniform())
    if sparse_contraction(positions, greedy) is not None:
        orbit = fixed_point(positions, greedy)
        fit = positions.operator(greedy).step(orbit.points[0])
        assert (fit.values == orbit.points[0]).all()
        assert (fit.greedy == orbit.modes[0]).all()


@pytest.mark.parametrize("discount", ["9/10", "99/100"])
def test_large_models_have_the_limit_of_small_ones(discount, monkeypatch):
    """A chain of twenty steps, taken for a large one: the same limit, by a contraction, too."""
    model = ft.load("maven(20)", discount=discount)
    small = decide(model)
    monkeypatch.setattr(searches, "is_small", lambda _: False)
    large = decide(model)
    assert small.proof == large.proof == "contraction"
    assert (small.values[0] == large.values[0]).all()
    assert (small.greedy[0] == large.greedy[0]).all()
    accepted(large)
