"""Exact isotonic regression on product orders: literal results, certificates, and that they are really checked."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check.evidence import exact
from proofs_check.evidence.isotonic import lower_sets, monotone_fits, multipliers, optimality_gap, project, steps_up

IDENTITY = ((0, 1, 2), (0, 1, 2))
GAME_2 = exact.table((3, 3), map(Fraction, (8, -12, -12, -12, 0, 0, -12, 0, 0)))
UNIT = dict.fromkeys(GAME_2, Fraction(1))


def chain(*values):
    return exact.table((len(values),), map(Fraction, values))


def test_pool_adjacent_violators_on_a_chain():
    y = chain(1, 3, 2, 4, 0)
    fit = project(y, dict.fromkeys(y, Fraction(1)), (5,), ((0, 1, 2, 3, 4),))
    assert list(fit.table.values()) == [1, Fraction(9, 4), Fraction(9, 4), Fraction(9, 4), Fraction(9, 4)]
    assert fit.error == Fraction(35, 4)


def test_weights_count():
    y = chain(3, 0)
    fit = project(y, {(0,): Fraction(2), (1,): Fraction(1)}, (2,), ((0, 1),))
    assert list(fit.table.values()) == [2, 2]
    assert fit.multipliers == {((0,), (1,)): 2}


def test_orders_are_respected():
    y = chain(3, 0)
    assert project(y, dict.fromkeys(y, Fraction(1)), (2,), ((1, 0),)).error == 0


def test_lower_sets_of_a_grid():
    cells = exact.joint_actions((3, 3))
    assert len(lower_sets(cells, steps_up((3, 3), IDENTITY))) == 20


def test_best_monotone_fit_of_game_2():
    fits = monotone_fits(GAME_2, UNIT, (3, 3))
    assert len(fits) == 36
    assert fits[0].error == 288
    assert sorted(fits[0].table.values()) == [-6] * 8 + [8]
    assert all(optimality_gap(GAME_2, UNIT, fit, (3, 3)) is None for fit in fits)


def test_no_multipliers_for_a_table_that_is_not_the_projection():
    wrong = dict.fromkeys(GAME_2, Fraction(-4))
    with pytest.raises(ArithmeticError, match="no multipliers"):
        multipliers(GAME_2, UNIT, wrong, steps_up((3, 3), IDENTITY))


def test_the_certificate_is_checked():
    fit = project(GAME_2, UNIT, (3, 3), IDENTITY)
    edge = next(iter(fit.multipliers))
    assert "stationarity" in optimality_gap(
        GAME_2, UNIT, replace(fit, multipliers={**fit.multipliers, edge: fit.multipliers[edge] + 1}), (3, 3)
    )
    assert "not allowed" in optimality_gap(GAME_2, UNIT, replace(fit, multipliers={edge: Fraction(-1)}), (3, 3))
    assert "not monotone" in optimality_gap(GAME_2, UNIT, replace(fit, table=GAME_2), (3, 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=6, max_size=6), st.lists(st.integers(1, 4), min_size=6, max_size=6))
def test_every_projection_carries_a_valid_certificate(values, odds):
    y = exact.table((2, 3), map(Fraction, values))
    w = exact.table((2, 3), map(Fraction, odds))
    for orders in product(permutations(range(2)), permutations(range(3))):
        fit = project(y, w, (2, 3), orders)
        assert optimality_gap(y, w, fit, (2, 3)) is None
        assert sum(w[a] * (y[a] - fit.table[a]) for a in y) == 0
