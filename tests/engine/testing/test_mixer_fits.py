"""Fits of payoff tables: by a mixer, and the best of its class."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from mixing import DUELLING, STATES, qplex, two_by_two, vdn
from oracle import GAME_2

from fqi_theory.base.errors import DataError, NumberError, TooLarge
from fqi_theory.factorization import order_tree
from fqi_theory.factorization.best_fits import best_fit
from fqi_theory.testing import strategies as fst
from fqi_theory.testing.mixers import MixerViolation, assert_mixer_matches


def test_the_best_fit_of_vdn_on_game_2_is_the_exact_one_of_its_class():
    report = assert_mixer_matches(vdn, payoff=GAME_2, reading="additive")
    assert report.fit.least == fmpq(4096, 9)
    assert report.fit.error == pytest.approx(4096 / 9)
    assert report.fit.table == pytest.approx(np.array([[-56, -44, -44], [-44, -32, -32], [-44, -32, -32]]) / 9)
    assert str(report).startswith(
        "no violation of additive in 200 random games (tested, not proved; differences up to "
    )
    assert "held fixed: squared error 455.111, at least 4096/9 in its class (exact), greedy" in str(report)


@pytest.mark.parametrize("mixer", [lambda u: u.min(axis=1), lambda u: u.sum(axis=1) + np.minimum(u.sum(axis=1), 0)])
def test_no_monotonic_mixer_fits_game_2_better_than_288(mixer):
    fit = assert_mixer_matches(mixer, payoff=GAME_2, reading="monotonic").fit
    assert fit.least == 288
    assert fit.error >= 288 - 1e-6


def test_the_minimum_of_utilities_comes_near_the_best_monotonic_fit_and_keeps_the_optimum():
    fit = assert_mixer_matches(lambda u: u.min(axis=1), payoff=GAME_2, reading="monotonic").fit
    assert fit.error < 289
    assert fit.greedy == (0, 0)


def test_a_table_of_one_agent_is_fitted_exactly():
    fit = assert_mixer_matches(vdn, payoff=["1/2", -3, 8], within=0).fit
    assert fit.table == pytest.approx([0.5, -3, 8])


def test_a_poor_fit_has_a_two_agent_two_action_witness():
    with pytest.raises(MixerViolation, match=r"fit has squared error 256, more than 1, for the payoff") as caught:
        assert_mixer_matches(vdn, payoff=GAME_2, within=1)
    found = caught.value
    assert found.kind == "fit"
    two_by_two(found)
    assert found.actions == ((0, 2), (0, 2))
    assert "[['8', '-12'], ['-12', '0']]" in str(found)
    # The interaction 8 + 12 + 12 + 0 = 32 is spread evenly over four cells: each is missed by 8.
    assert np.abs(found.table - [[8, -12], [-12, 0]]) == pytest.approx(np.full((2, 2), 8.0), abs=1e-4)


def test_a_fit_that_breaks_the_reading_is_a_violation():
    with pytest.raises(MixerViolation, match="monotonic violated") as caught:
        assert_mixer_matches(lambda u: u @ [1, -1], payoff=GAME_2, reading="monotonic", examples=0)
    two_by_two(caught.value)


def test_a_fit_of_a_duelling_mixer_sees_states_actions_and_maxima():
    report = assert_mixer_matches(qplex(), payoff=GAME_2, states=STATES, inputs=DUELLING)
    assert report.fit.least == 0
    assert report.fit.game.state.tolist() == STATES[0].tolist()
    assert report.fit.error < float((np.array(GAME_2, dtype=float) ** 2).sum())


def test_too_large_a_class_has_no_exact_optimum():
    fit = assert_mixer_matches(vdn, payoff=np.zeros((7, 7), dtype=int).tolist(), reading="monotonic").fit
    assert fit.least is None
    assert "optimum of the class not computed" in str(fit)


def test_floats_are_refused_in_a_payoff():
    with pytest.raises(NumberError, match="payoff: floats"):
        assert_mixer_matches(vdn, payoff=[[0.5, 1.0], [1.0, 0.0]])


def test_single_precision_is_fitted_too():
    fit = assert_mixer_matches(lambda u: vdn(u).astype(np.float32), payoff=GAME_2, reading="additive").fit
    assert fit.error == pytest.approx(4096 / 9, rel=1e-4)


def test_best_additive_fit_of_game_2():
    fit = best_fit(GAME_2, "additive")
    assert fit.table[0].tolist() == [fmpq(-56, 9), fmpq(-44, 9), fmpq(-44, 9)]
    assert (fit.error, fit.greedy, fit.payoff) == (fmpq(4096, 9), (1, 1), 0)


def test_best_monotonic_fit_of_game_2_keeps_the_optimal_action():
    fit = best_fit(GAME_2, "monotonic")
    assert fit.table.tolist() == [[8, -6, -6], [-6, -6, -6], [-6, -6, -6]]
    assert (fit.error, fit.greedy, fit.payoff) == (288, (0, 0), 8)


def test_a_monotonic_table_is_its_own_fit():
    fit = best_fit([[3, 1, 2], [1, 0, 1]], "monotonic")
    assert fit.table.tolist() == [[3, 1, 2], [1, 0, 1]]
    assert fit.error == 0


def pooled(values):
    """Isotonic regression of a chain: pool adjacent violators."""
    blocks = []
    for x in values:
        blocks.append([Fraction(x), 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, size = blocks.pop()
            last = blocks[-1]
            blocks[-1] = [(last[0] * last[1] + mean * size) / (last[1] + size), last[1] + size]
    return [mean for mean, size in blocks for _ in range(size)]


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4))
def test_along_one_agent_some_order_fits_exactly(values):
    assert best_fit(values, "monotonic").error == 0
    errors = [sum((Fraction(x) - g) ** 2 for x, g in zip(o, pooled(o), strict=True)) for o in permutations(values)]
    assert min(errors) == 0


@settings(max_examples=15)
@given(st.data())
def test_no_monotonic_table_nearby_fits_better(draw):
    table = draw.draw(fst.q_tables((2, 3)))
    fit = best_fit(table, "monotonic")
    assert fit.error <= best_fit(table, "additive").error
    assert fit.error == ((table - fit.table) ** 2).sum()
    # Optimality within the found order: the residual is orthogonal to the fit, and no level can move alone.
    assert ((table - fit.table) * fit.table).sum() == 0
    for level in set(fit.table.flat):
        assert (table - fit.table)[fit.table == level].sum() == 0


def test_fits_that_would_take_too_long_are_refused(monkeypatch):
    assert best_fit(np.zeros((7, 7), dtype=int), "monotonic").error == 0
    monkeypatch.setattr(order_tree, "MOST", 40)
    with pytest.raises(TooLarge, match=r"table of shape \(7, 7\): more than 40 begun orders"):
        best_fit(np.eye(7, dtype=int), "monotonic")
    with pytest.raises(DataError, match="reading"):
        best_fit(GAME_2, "convex")
    with pytest.raises(DataError, match="payoff"):
        best_fit([], "additive")
