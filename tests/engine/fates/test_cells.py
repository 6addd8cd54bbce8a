"""Two states: cells of V(s1) - V(s0) with the greedy actions in force, and cells on which every cycle is repelling."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from fates import accepted
from flint import fmpq

import fqi_theory as ft
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.cells import Cell, Steps
from fqi_theory.fates.census.shape import Shape
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.operators.integers import integer_values

ZERO_ONE = Shape(2, (2, 2), (Fraction(0), Fraction(1)))
TENTH = ft.epsilon_greedy("1/10")


def differences(fate, run):
    r = fate.bounds.reference
    return [v[1 - r] - v[r] for v in run.values]


def assert_wanders(fate, model, data):
    """The run stays in the bounds from the prefix on, and no difference of V occurs twice."""
    assert (fate.kind, fate.proof) == ("aperiodic", "repelling")
    seen = differences(fate, ft.fitted_q_iteration(model, data=data, iterations=150, method="generic"))
    moving = 1 - fate.bounds.reference
    late = seen[fate.bounds.prefix :]
    assert all(fate.bounds.lower[moving] <= x <= fate.bounds.upper[moving] for x in late)
    assert len(set(late)) == len(late)


def test_a_run_on_policy_that_approaches_no_cycle():
    model = ft.load("on-policy-aperiodic")
    fate = accepted(decide(model, data=TENTH))
    assert_wanders(fate, model, TENTH)
    assert (fate.bounds.lower[0], fate.bounds.upper[0]) == (fmpq(-48009029, 1600000), fmpq(-23453429, 1600000))
    census = ZERO_ONE.model(573, "9/10")
    assert (census.reward == model.reward).all()
    assert (census.transition.dense() == model.transition.dense()).all()


@pytest.mark.parametrize("number", [636, 638, 701, 731, 2621, 10709])
def test_others_of_two_states_with_rewards_0_and_1(number):
    """Model 731 ties where its map jumps, and the tied actions lead away; valuations show that no run meets it."""
    model = ZERO_ONE.model(number, "9/10")
    assert_wanders(accepted(decide(model, data=TENTH)), model, TENTH)


def test_last_actions_and_states_in_another_order():
    """Run backwards through states and actions the model has the same run under the other tie rule."""
    model = ft.load("on-policy-aperiodic")
    other = ft.MMDP(model.reward[::-1, ::-1, ::-1], 1 - model.transition.dense().argmax(-1)[::-1, ::-1, ::-1], "9/10")
    fate = accepted(decide(other, data=TENTH, ties="last"))
    assert (fate.kind, fate.proof) == ("aperiodic", "repelling")
    assert (fate.bounds.upper[1], fate.bounds.reference) == (fmpq(-23453429, 1600000), 0)


def test_a_contracting_piece_that_others_make_up_for():
    """Fixed data, γ = 17/20: the slopes of the tent are 0.9914 and -1.0740, and after the first the second follows."""
    model, data = ft.load("aperiodic", discount="17/20"), ft.product([[["9/10", "1/10"]] * 2] * 3)
    assert_wanders(accepted(decide(model, data=data)), model, data)


def test_a_cycle_that_is_not_found_is_bounded_by_cells():
    """Model 126 cycles with period 105; after 128 steps no more than bounds is known of it."""
    fate = accepted(decide(ZERO_ONE.model(126, "9/10"), data=TENTH, effort=Effort(steps=128)))
    assert (fate.kind, fate.proof) == ("bounded", "cells")
    assert fate.bounds.upper[1 - fate.bounds.reference] < 34


def test_pieces_are_the_step():
    """Wherever x is, with whatever greedy actions, its piece gives the next x and the next greedy actions."""
    model = ZERO_ONE.model(731, "9/10")
    for ties in ("first", "last"):
        positions = Positions(model, TENTH, ties)
        history = History([integer_values(np.array([fmpq(0), fmpq(0)]))], [np.zeros((2, 2), dtype=int)])
        steps = Steps(positions, history)
        for key in np.ndindex(2, 2, 2, 2):
            pieces = list(steps.of(key, fmpq(-3), fmpq(25)))
            inside = [(step.low + step.high) / 2 for step in pieces]
            assert any(step.low == step.high != fmpq(25) for step in pieces)
            for step, x in zip(pieces, inside, strict=True):
                fit = positions.step(integer_values(np.array([fmpq(7), 7 + x])), np.reshape(key, (2, 2)))
                values = fit.values.to_array()
                assert values[1] - values[0] == step.level + step.slope * x
                assert tuple(fit.greedy.ravel()) == step.key


def test_a_step_from_an_interval_enters_interiors_only():
    positions = Positions(ft.load("on-policy-aperiodic"), TENTH)
    history = History([integer_values(np.array([fmpq(0), fmpq(0)]))], [np.zeros((2, 2), dtype=int)])
    steps = list(Steps(positions, history).of((1, 1, 1, 1), fmpq(20), fmpq(30)))
    (step,) = [step for step in steps if step.low < step.high]
    (low, high), point = step.image, steps[-1]
    cells = [Cell(step.key, *ends) for ends in pairwise([low - 1, low, (low + high) / 2, high, high + 1])]
    assert [step.enters(cell) for cell in cells] == [False, True, True, False]
    assert point.low == point.high == 30
    assert [point.enters(cell) for cell in cells] == [False, False, True, True]
