"""Exact thresholds: closed forms of the theory notes, sections 4 and 5, and agreement with the exact test on a grid."""

import numpy as np
import pytest
from fates import accepted, deterministic
from flint import fmpq

from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.data.sources import EpsilonGreedy, correlated, epsilon_greedy, uniform
from fqi_theory.fates import critical, decide
from fqi_theory.fates.attractors import is_attracting
from fqi_theory.fates.positions import Positions
from fqi_theory.model.catalog import load, random_model
from fqi_theory.runs.trajectory import start_from_values

FIRST = np.zeros((2, 2), dtype=int)


def threshold(found):
    (one,) = found.thresholds
    return one


def test_four_fifths():
    one = threshold(critical(load("two-state"), uniform(), "discount"))
    assert (one.polynomial, one.interval) == ((5, -4), (fmpq(4, 5), fmpq(4, 5)))
    assert (one.below, one.above) == (True, False)


@pytest.mark.parametrize(
    ("discount", "polynomial"),
    [("9/10", (3, -2)), ("17/20", (17, 0, -12)), ("99/100", (99, 0, -4)), ("25/29", (5, -4))],
)
def test_the_critical_epsilon(discount, polynomial):
    """ε² = 4 (1/γ - 1) where that is below 1."""
    gamma = fmpq(*map(int, discount.split("/")))
    one = threshold(critical(load("two-state", discount=discount), None, "epsilon", FIRST))
    assert one.polynomial == polynomial
    low, high = one.interval
    assert low * low <= 4 * (1 / gamma - 1) <= high * high
    assert (one.below, one.above) == (True, False)
    document = critical(load("two-state", discount=discount), None, "epsilon", FIRST).to_json()
    assert document["thresholds"][0]["minimal_polynomial"] == [str(c) for c in polynomial]


def test_below_four_fifths_every_epsilon_attracts():
    found = critical(load("two-state", discount="3/4"), None, "epsilon")
    assert (found.thresholds, found.attracting_throughout) == ((), True)


def test_runs_on_both_sides_of_the_threshold():
    low, high = threshold(critical(load("two-state", discount="17/20"), None, "epsilon")).interval
    for epsilon, kind in ((low - fmpq(1, 50), "converges"), (high + fmpq(1, 50), "diverges")):
        fate = accepted(decide(load("two-state", discount="17/20"), data=epsilon_greedy(str(epsilon))))
        assert fate.kind == kind


def test_an_alternative_that_catches_up():
    """Game 3: (0,0) is greedy around itself until the other agent's mistakes cost 20 · ε/3 · 2 too much: ε = 6/7."""
    model = load("qplex-game-3", discount="1/2")
    one = threshold(critical(model, None, "epsilon", np.array([[0, 0]])))
    assert one.polynomial == (7, -6)
    start = start_from_values(model, [0], np.array([[0, 0]]))
    inside = accepted(decide(model, data=epsilon_greedy("17/20"), initial=start))
    assert inside.greedy[0].tolist() == [[0, 0]]
    outside = accepted(decide(model, data=epsilon_greedy("87/100"), initial=start))
    assert [g.tolist() for g in outside.greedy] != [[[0, 0]]]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("parameter", ["discount", "epsilon"])
def test_the_status_changes_exactly_at_the_thresholds(seed, parameter):
    """On a grid of exact parameters the attractor is tested one by one."""
    model = random_model(seed, 1 + seed % 3, (2, 2))
    data = uniform() if seed % 2 else epsilon_greedy("1/5")
    found = critical(model, data if parameter == "discount" else None, parameter)
    marks = [t.interval for t in found.thresholds]
    for k in range(1, 20):
        x = fmpq(2 * k + 1, 41)
        below = [t for t in found.thresholds if t.interval[1] < x]
        after = [t for t in found.thresholds if x < t.interval[0]]
        assert len(below) + len(after) == len(marks), "a grid point is a threshold"
        expected = below[-1].above if below else after[0].below if after else found.attracting_throughout
        positions = (
            Positions(model, EpsilonGreedy(x))
            if parameter == "epsilon"
            else Positions(model.with_discount(x), data)
        )  # fmt: skip
        assert is_attracting(positions, found.policy) == expected


def test_a_cubic_threshold_has_an_isolating_interval():
    """Three agents: the polynomial in ε has degree above 2; its interval is short and holds a change of sign."""
    reward = np.zeros((2, 2, 2, 2), dtype=int)
    reward[1, 0, 0, 0] = 1
    successor = np.zeros((2, 2, 2, 2), dtype=int)
    successor[1] = 1
    successor[1, 1, 1, 1] = 0
    model = deterministic(reward.astype(object), successor, "19/20")
    one = threshold(critical(model, None, "epsilon"))
    low, high = one.interval

    def value(x):
        total = fmpq(0)
        for c in one.polynomial:
            total = total * x + c
        return total

    assert len(one.polynomial) > 3
    assert 0 < high - low < fmpq(1, 2**39)
    assert value(low) * value(high) < 0


def test_a_policy_that_is_not_first_among_duplicates_is_no_greedy_policy():
    found = critical(load("two-state"), uniform(), "discount", np.array([[1, 1], [0, 0]]))
    assert (found.thresholds, found.attracting_throughout) == ((), False)


def test_refusals():
    with pytest.raises(DataError, match="parameter: expected discount or epsilon, found 'gamma'"):
        critical(load("two-state"), uniform(), "gamma")
    with pytest.raises(DataError, match="needs data"):
        critical(load("two-state"), None, "discount")
    with pytest.raises(DataError, match="4 joint actions of played actions have no determined Q_tot"):
        critical(load("two-state"), correlated([[["1/2", 0], [0, "1/2"]]] * 2), "discount")
    with pytest.raises(TooLarge, match="at most 12"):
        critical(load("maven(10)"), uniform(), "discount")
