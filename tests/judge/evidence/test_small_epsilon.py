"""One-state games for all small ε: polynomials of gains, their signs and how far these reach."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from proofs_check.evidence import exact
from proofs_check.evidence.instances import Game, games
from proofs_check.evidence.local import epsilon_marginals
from proofs_check.evidence.small_epsilon import gains, kept_below, left_below, sign, sign_until

CLIMBING = Game((3, 3), tuple(map(Fraction, (11, -30, 0, -30, 7, 0, 0, 6, 5))))


def value(polynomial, epsilon):
    return sum((c * epsilon**k for k, c in enumerate(polynomial)), Fraction(0))


@given(games(((2, 2), (2, 3), (2, 2, 2)), bound=3), st.fractions(Fraction(1, 50), 1), st.data())
def test_gains_are_differences_of_factors(game, epsilon, data):
    action = data.draw(st.sampled_from(exact.joint_actions(game.shape)))
    factors = exact.closed_form(game.table(), epsilon_marginals(game.shape, action, epsilon))
    found = gains(game, action)
    assert all(value(p, epsilon) == factors[i][x] - factors[i][action[i]] for (i, x), p in found.items())


@given(st.lists(st.integers(-4, 4).map(Fraction), max_size=4), st.fractions(Fraction(1, 1000), Fraction(999, 1000)))
def test_the_sign_holds_up_to_its_bound(polynomial, share):
    at = value(polynomial, share * sign_until(polynomial))
    assert (at > 0) - (at < 0) == sign(polynomial)


def test_the_bound_of_climbing_is_where_the_sign_changes():
    assert kept_below(CLIMBING, (1, 1), strictly=True) == Fraction(3, 37)
    assert value(gains(CLIMBING, (1, 1))[0, 2], Fraction(3, 37)) == 0
    assert kept_below(CLIMBING, (1, 1), strictly=False) == Fraction(3, 37)


def test_ties_and_strict_preferences():
    tied = Game((2, 2), tuple(map(Fraction, (0, 0, 0, -1))))
    assert left_below(tied, (0, 1)) == 1
    assert left_below(tied, (0, 0)) is None
    level = Game((2, 2), (Fraction(1),) * 4)
    assert kept_below(level, (0, 0), strictly=True) is None
    assert kept_below(level, (0, 0), strictly=False) == 1
    assert kept_below(level, (0, 1), strictly=False) is None
