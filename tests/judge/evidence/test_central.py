"""The largest α that lets a centrally weighted monotone fit keep the best joint action, exactly."""

from fractions import Fraction

import pytest

from proofs_check.evidence import central, exact
from proofs_check.evidence.isotonic import monotone_fits

GAME_3 = exact.table((3, 3), map(Fraction, (8, -12, -12, -12, 6, 0, -12, 0, 6)))


def recovered(values, shape, alpha):
    fits = central.least(monotone_fits(values, central.weights(values, alpha), shape))
    return {central.greedy(fit) for fit in fits} == {central.best_action(values)}


def test_game_3_is_recovered_exactly_below_its_threshold():
    threshold = central.largest(GAME_3, (3, 3))
    assert threshold == Fraction(193, 387)
    assert recovered(GAME_3, (3, 3), threshold * Fraction(999, 1000))
    assert not recovered(GAME_3, (3, 3), threshold)
    assert not recovered(GAME_3, (3, 3), threshold * Fraction(1001, 1000))


@pytest.mark.parametrize(("c", "expected"), [("2", "0"), ("7/5", "1/49"), ("1", "1"), ("5/4", "7/25")])
def test_the_smallest_family(c, expected):
    values = exact.table((2, 2), map(Fraction, ("1", f"-{c}", "0", "0")))
    assert central.largest(values, (2, 2)) == Fraction(expected)
    assert central.limit_error(values, (2, 2)) == 1
    assert central.right_error(values, (2, 2)) == Fraction(c) ** 2 / 2


def test_two_maximisers_have_no_best_action():
    with pytest.raises(ValueError, match="too many values"):
        central.best_action(exact.table((2, 2), (1, 0, 0, 1)))
