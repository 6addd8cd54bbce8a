"""Runs with actions that are not available, held against FQI over available joint actions only, step by step."""

from dataclasses import replace
from fractions import Fraction

import masked_oracle as mo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from masked_models import any_data, model_of

import fqi_theory as ft
from fqi_theory.base.errors import NotRealisable

SEEDS = st.integers(0, 10_000)
TIES = st.sampled_from(["first", "last"])
STEPS = 3


def assert_same(found, expected):
    """Values and greedy actions of all iterations are those of the masked run, as fractions and indices."""
    for t, (values, greedy, _) in enumerate(expected, 1):
        assert ft.to_fraction(found.values[t]).tolist() == values
        assert [tuple(a) for a in found.greedy[t].tolist()] == greedy


def hold(g, seed, ties, fit, factorization, method="auto"):
    data, weights = any_data(g, seed)
    expected = list(mo.run(g, fit, weights, ties, STEPS))
    options = {"data": data, "factorization": factorization, "ties": ties, "method": method}
    assert_same(ft.fitted_q_iteration(model_of(g, seed), iterations=len(expected), **options), expected)


@pytest.mark.parametrize("method", ["auto", "generic"])
@given(SEEDS, TIES)
def test_linear_runs_are_those_over_available_joint_actions(method, seed, ties):
    g = mo.drawn(seed)
    hold(g, seed, ties, mo.order_sums(1)(len(g.counts)), ft.linear, method)


@given(SEEDS, TIES, st.integers(1, 3))
def test_additive_runs_are_those_over_available_joint_actions(seed, ties, order):
    g = mo.drawn(seed)
    hold(g, seed, ties, mo.order_sums(order)(len(g.counts)), ft.additive(order))


@given(SEEDS, TIES)
def test_graphs_are_those_over_available_joint_actions(seed, ties):
    g = mo.drawn(seed, shapes=((2, 2, 2), (3, 2, 2)))
    hold(g, seed, ties, mo.sums([(0,), (1,), (2,), (0, 1), (1, 2)]), ft.graph([(0, 1), (1, 2)]))


@given(SEEDS, TIES, st.sampled_from([ft.igm, ft.joint, ft.qplex_selection]))
def test_exact_classes_are_those_over_available_joint_actions(seed, ties, factorization):
    hold(mo.drawn(seed), seed, ties, mo.exact, factorization)


@given(SEEDS, TIES)
def test_qplex_is_attained_exactly_where_it_is_over_available_joint_actions(seed, ties):
    g = mo.drawn(seed)
    hold(g, seed, ties, mo.product_sets, ft.qplex)
    data, weights = any_data(g, seed)
    attained = len(list(mo.run(g, mo.product_sets, weights, ties, STEPS)))
    if attained < STEPS:
        with pytest.raises(NotRealisable):
            ft.fitted_q_iteration(
                model_of(g, seed), data=data, factorization=ft.qplex, ties=ties, iterations=attained + 1
            )


@pytest.mark.slow
@given(SEEDS, TIES)
def test_monotone_runs_are_those_over_available_joint_actions(seed, ties):
    few = {"states": (1, 2), "most": 2, "shapes": ((2, 2), (3, 2), (3, 3))}
    g = mo.drawn(seed, **few) if seed % 2 else mo.drawn(seed, states=(1, 1), shapes=((4, 2), (3, 2)))
    hold(g, seed, ties, mo.monotone, ft.monotonic)


@pytest.mark.slow
@given(SEEDS, TIES)
def test_optimistic_weights_are_those_over_available_joint_actions(seed, ties):
    g, alpha = mo.drawn(seed, states=(1, 2), shapes=((2, 2), (3, 2), (3, 3)), most=2), Fraction(1, 3)

    def weights(_s, _greedy, y, table):
        own = {a: Fraction(1) if table[a] < y[a] else alpha for a in y}
        return {a: w / sum(own.values()) for a, w in own.items()}

    expected = mo.run(g, mo.monotone, weights, ties, STEPS)
    found = ft.fitted_q_iteration(
        model_of(g, seed), data=ft.optimistic(alpha), factorization=ft.monotonic, ties=ties, iterations=STEPS
    )
    assert_same(found, expected)


@given(SEEDS)
def test_the_optimum_is_that_over_available_joint_actions(seed):
    g = mo.drawn(seed)
    found = ft.solve(model_of(g, seed))
    values = ft.to_fraction(found.values).tolist()
    for s in range(g.states):
        y = mo.backup(g, s, values)
        assert values[s] == max(y.values())
        assert tuple(found.policy[s].tolist()) == mo.pick(y, "first")


@given(SEEDS, st.integers(0, 4))
def test_finite_horizons_are_those_over_available_joint_actions(seed, horizon):
    g, steps = mo.drawn(seed), []
    values = [Fraction(0)] * g.states
    for _ in range(horizon):
        targets = [mo.backup(g, s, values) for s in range(g.states)]
        values = [max(y.values()) for y in targets]
        steps.append([mo.pick(y, "first") for y in targets])
    found = ft.solve(model_of(g, seed), horizon=horizon)
    assert ft.to_fraction(found.values).tolist() == values
    assert [[tuple(a) for a in policy] for policy in found.policy.tolist()] == steps[::-1]


@pytest.mark.parametrize("factorization", [ft.linear, ft.joint])
def test_a_copy_is_no_near_tie(factorization):
    """Rounding may tell a copy from its stand-in; between available actions a lead as small is one."""
    step = 1e-13
    values = np.array([[[1.0, 0.0], [1.0 - step, 0.0], [0.5, 0.0]]])
    game = ft.MMDP(values, np.zeros((1, 3, 2), dtype=int), 0.0)
    assert ft.fitted_q_iteration(game, iterations=1, factorization=factorization).near_tie is not None
    masked = game.with_available([[[1, 0, 1]], [[1, 1]]])
    run = ft.fitted_q_iteration(masked, iterations=1, factorization=factorization)
    assert run.near_tie is None
    if factorization is ft.linear:
        first, second = run.factors[1]
        apart = replace(run, factors=[run.factors[0], (first - np.array([[0, step, 0]]), second)])
        assert apart.factors[1][0][0, 1] != first[0, 1]
        assert apart.near_tie is None
        assert replace(apart, model=game).near_tie is not None
