"""On-policy fixed points near a policy, in the judge's own fractions."""

from fractions import Fraction

from proofs_check.claims.theorem2_attractors import policy_value
from proofs_check.evidence.instances import Model
from proofs_check.evidence.local import attractor, epsilon_marginals, fixed_point, mode

ONE, ZERO = Fraction(1), Fraction(0)
STAY, LEAVE = (ZERO, ONE), (ONE, ZERO)
TWO_STATE = Model(
    (2, 2), ((ZERO,) * 4, (ONE, ZERO, ZERO, ZERO)), ((LEAVE,) * 4, (STAY, STAY, STAY, LEAVE)), Fraction(9, 10)
)
OPTIMAL = ((0, 0), (0, 0))


def test_the_multiplier_of_the_two_state_example():
    for epsilon, expected in (("1", "9/8"), ("1/2", "153/160"), ("1/10", "3609/4000")):
        assert mode(TWO_STATE, OPTIMAL, Fraction(epsilon)).matrix[1][1] == Fraction(expected)


def test_the_fixed_point_of_the_two_state_example():
    assert fixed_point(mode(TWO_STATE, OPTIMAL, Fraction(1, 2))) == [0, Fraction(150, 7)]


def test_an_attractor_has_margin_and_radius():
    payoffs = tuple(map(Fraction, (8, -12, -12, -12, 6, 0, -12, 0, 6)))
    game_3 = Model((3, 3), (payoffs,), (((ONE,),) * 9,), Fraction(1, 2))
    found = attractor(game_3, ((1, 1),), Fraction(1, 2))
    assert (found.values, found.margin, found.contraction) == ([Fraction(77, 9)], 3, Fraction(1, 2))
    assert found.radius > 0


def test_a_tie_is_no_strict_attractor():
    assert attractor(TWO_STATE, OPTIMAL, Fraction(1, 10)) is None


def test_a_policy_that_one_agent_improves_does_not_attract():
    model = Model((2,), ((ZERO, ONE),), (((ONE,), (ONE,)),), Fraction(1, 2))
    assert attractor(model, ((0,),), Fraction(1, 10)) is None
    assert attractor(model, ((1,),), Fraction(1, 10)).values == [2]
    assert policy_value(model, ((1,),)) == [2]


def test_epsilon_marginals():
    assert epsilon_marginals((2, 3), (1, 0), Fraction(3, 10)) == [
        [Fraction(3, 20), Fraction(17, 20)],
        [Fraction(8, 10), Fraction(1, 10), Fraction(1, 10)],
    ]
