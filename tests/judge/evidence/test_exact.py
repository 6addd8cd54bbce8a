"""The judge's own arithmetic, on numbers worked out by hand."""

from fractions import Fraction

import pytest

from proofs_check.evidence import exact

GAME_2 = exact.table((3, 3), map(Fraction, (8, -12, -12, -12, 0, 0, -12, 0, 0)))
THIRD = [[Fraction(1, 3)] * 3] * 2


def test_closed_form_of_game_2():
    q = exact.additive(exact.closed_form(GAME_2, THIRD))
    assert (q[0, 0], q[0, 1], q[1, 1]) == (Fraction(-56, 9), Fraction(-44, 9), Fraction(-32, 9))


def test_normal_residuals_vanish_only_at_the_fit():
    factors = exact.closed_form(GAME_2, THIRD)
    weights = exact.product_weights(THIRD)
    assert not any(exact.normal_residuals(GAME_2, weights, factors).values())
    factors[0][0] += 1
    assert exact.normal_residuals(GAME_2, weights, factors)[0, 0] == Fraction(-1, 3)


def test_loss():
    y = exact.table((2,), [Fraction(1), Fraction(0)])
    assert exact.loss(y, {(0,): Fraction(1, 4), (1,): Fraction(3, 4)}, exact.table((2,), [0, 2])) == Fraction(13, 4)


def test_product_sets():
    sets = set(exact.product_sets((2, 2)))
    assert len(sets) == 9
    assert frozenset({(0, 0), (1, 1)}) not in sets
    assert exact.is_product_set(frozenset({(0, 1), (1, 1)}))
    assert not exact.is_product_set(frozenset({(0, 0), (1, 1)}))


def test_maximisers_keep_ties():
    assert exact.maximisers({(0,): 1, (1,): 1, (2,): 0}) == {(0,), (1,)}
    assert exact.first_maximiser([0, 2, 2]) == 1


def test_linear_algebra():
    assert exact.solve([[2, 1], [1, 1]], [3, 2]) == [1, 1]
    assert exact.nullspace([[1, 1, 0], [0, 0, 1]]) == [[-1, 1, 0]]
    with pytest.raises(ZeroDivisionError, match="singular"):
        exact.solve([[1, 1], [2, 2]], [1, 2])
