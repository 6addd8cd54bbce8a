"""Neutral maps: slope exactly -1 or 1. The run keeps what the map neither shrinks nor grows, and repeats exactly."""

import numpy as np
import pytest
from fates import accepted, deterministic, follow, spread
from flint import fmpq

from fqi_theory.base.scalars import exact
from fqi_theory.data.sources import uniform
from fqi_theory.fates import decide
from fqi_theory.runs.trajectory import start_from_values

UNIFORM = uniform()
ZERO = np.zeros((2, 2), int)
#: W(a*, b) of the uniform additive fit of two agents with two actions at a* = (0,0): 3/4, 1/4, 1/4, -1/4; ν = 1/4.
SLOPES = np.array([[1, 1], [1, -1]])


def alternating(discount="2/3", first=5, second=4):
    """Theory notes, phase diagram, A.4: D = V(s1) - V(s0) obeys D' = 1 - γ(1+2ν)D while (0,0) is greedy in both."""
    best = np.array([[1, 0], [0, -1]])
    reward = [(second * best).tolist(), (first * best).tolist()]
    successor = np.stack([np.where(SLOPES > 0, 1, 0), np.where(SLOPES > 0, 0, 1)])
    return deterministic(reward, successor, discount)


def test_a_neutral_cycle_from_zero():
    fate = accepted(decide(alternating(), data=UNIFORM))
    assert (fate.kind, fate.period) == ("cycles", 2)
    assert [values[1] - values[0] for values in fate.values] in ([0, 1], [1, 0])
    assert set(fate.certificate["proof"]["widths"]) == {"0"}
    run = follow(alternating(), UNIFORM, 60)
    assert spread(run[60][0] - run[58][0]) == 0


@pytest.mark.parametrize("level", ["1/3", "-2/7", "1/2"])
def test_every_start_near_it_has_a_cycle_of_its_own(level):
    """D, 1 - D, D, ...; from D = 1/2 the run is at the fixed point at once, which does not attract."""
    model = alternating()
    fate = accepted(decide(model, data=UNIFORM, initial=start_from_values(model, ["0", level], ZERO)))
    differences = {values[1] - values[0] for values in fate.values}
    assert differences == {exact(level), 1 - exact(level)}
    assert fate.kind == ("converges" if level == "1/2" else "cycles")


@pytest.mark.parametrize(("discount", "kind"), [("66/100", "converges"), ("67/100", "cycles")])
def test_beside_the_boundary(discount, kind):
    assert accepted(decide(alternating(discount), data=UNIFORM)).kind == kind


def three_states():
    """A third state that follows the two at rate γ/2 and never repeats a value."""
    best = np.array([[1, 0], [0, -1]])
    reward = [(4 * best).tolist(), (5 * best).tolist(), [[1, 1], [1, 1]]]
    toward = [[[0, 0], [0, 0]]]
    successor = np.concatenate([np.where(SLOPES > 0, 1, 0)[None], np.where(SLOPES > 0, 0, 1)[None], toward])
    model = deterministic(reward, successor, "2/3")
    rows = model.transition.dense().copy()
    rows[2] = 0
    rows[2, :, :, 0] = rows[2, :, :, 2] = fmpq(1, 2)
    return type(model)(model.reward, rows, "2/3")


def test_a_neutral_cycle_that_is_only_approached():
    model = three_states()
    fate = accepted(decide(model, data=UNIFORM))
    assert (fate.kind, fate.period) == ("cycles", 2)
    assert any(b != "0" for b in fate.certificate["proof"]["widths"])
    start = start_from_values(model, ["1/5", "0", "7"], np.zeros((3, 2), int))
    other = accepted(decide(model, data=UNIFORM, initial=start))
    assert other.values[0][1] - other.values[0][0] in (fmpq(-1, 5), fmpq(6, 5))
