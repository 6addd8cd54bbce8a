"""Few states: cells of a grid of differences of V, with the greedy actions in force, that hold a run."""

import numpy as np
import pytest
from fates import accepted
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.orbits import History
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.room_steps import Steps
from fqi_theory.fates.rooms import closed, rooms_of
from fqi_theory.model.catalog import random_model
from fqi_theory.operators.integers import integer_values

TENTH = ft.epsilon_greedy("1/10")
FEW = Effort(256, 50_000)


PAIRS = ft.additive(2)


def restless(factorization=PAIRS):
    """Return a random model of three states whose on-policy run in this class has a positive Lyapunov exponent."""
    if factorization is ft.linear:
        return random_model(858034090, 3, (3, 2, 2), "deterministic", "99/100")
    return random_model(429046430, 3, (2, 2, 2), "deterministic", "9/10")


def followed(model, length, data=TENTH, factorization=ft.linear):
    problem = problem_of(model, data, factorization, None, "first")
    positions = Positions(problem.searched, problem.searched_source, "first", problem.credit)
    history = History([integer_values(problem.start.values)], [problem.inward(problem.start.greedy)])
    history.extend(positions, length)
    return positions, history


def assert_kept(fate, run):
    """The run keeps to the bounds from the prefix on."""
    bounds = fate.bounds
    for values in run.values[bounds.prefix :]:
        apart = values - values[bounds.reference]
        assert (bounds.lower <= apart).all()
        assert (apart <= bounds.upper).all()


@pytest.mark.parametrize("factorization", [ft.linear, PAIRS])
def test_a_run_of_three_states_that_settles_on_nothing_is_bounded(factorization):
    model = restless(factorization)
    fate = accepted(decide(model, data=TENTH, factorization=factorization, effort=FEW))
    assert (fate.kind, fate.proof) == ("bounded", "grid")
    assert_kept(fate, ft.fitted_q_iteration(model, data=TENTH, factorization=factorization, iterations=80))


@pytest.mark.parametrize("order", [[1, 2, 0], [2, 1, 0]])
def test_its_states_may_be_in_any_order(order):
    model = restless()
    places = np.argsort(order)
    successors = places[model.transition.dense().argmax(axis=-1)[order]]
    other = ft.MMDP(model.reward[order], successors, model.discount)
    fate = accepted(decide(other, data=TENTH, factorization=PAIRS, effort=FEW))
    own = decide(model, data=TENTH, factorization=PAIRS, effort=FEW)
    assert (fate.kind, fate.proof) == (own.kind, own.proof)
    assert (fate.bounds.upper == own.bounds.upper[order]).all()


def test_the_last_action_may_win_ties():
    model = restless(ft.linear)
    backwards = model.transition.dense()[:, ::-1, ::-1, ::-1].argmax(axis=-1)
    other = ft.MMDP(model.reward[:, ::-1, ::-1, ::-1], backwards, model.discount)
    fate = accepted(decide(other, data=TENTH, ties="last", effort=FEW))
    assert fate.proof == "grid"
    assert_kept(fate, ft.fitted_q_iteration(model, data=TENTH, iterations=80))


def test_fixed_data_have_one_room():
    positions, history = followed(ft.load("wandering"), 128, ft.uniform())
    rooms = rooms_of(positions, history)
    assert rooms is not None
    assert list(rooms.cells) == [()]


PARTS = st.integers(0, 64)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10_000),
    st.sampled_from([(2, 2), (3, 2), (2, 2, 2)]),
    st.sampled_from([ft.linear, PAIRS]),
    st.sampled_from(["first", "last"]),
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    st.tuples(PARTS, PARTS),
    st.integers(0, 63),
)
def test_what_a_step_does_is_among_the_images_of_its_cell(seed, counts, factorization, ties, cell, parts, number):
    """Any position of a cell, corners and edges included, steps to a cell that is listed, with its greedy actions."""
    problem = problem_of(random_model(seed, 3, counts, "stochastic", "9/10"), TENTH, factorization, None, ties)
    positions = Positions(problem.searched, problem.searched_source, ties, problem.credit)
    steps = Steps(positions, (fmpq(1, 2), fmpq(3, 4)))
    sizes = [count for _ in range(3) for count in positions.model.action_counts]
    key = tuple(int(x) for x in np.random.default_rng(number).integers(0, sizes))
    apart = [(k + fmpq(part, 64)) * unit for k, part, unit in zip(cell, parts, steps.units, strict=True)]
    values = np.array([fmpq(5), *[5 + x for x in apart]], dtype=object)
    fit = positions.step(integer_values(values), np.reshape(key, steps.shape))
    images = steps.images(key, cell)
    assert images is not None
    after = fit.values.to_array()
    places = [(x - after[0]) / unit for x, unit in zip(after[1:], steps.units, strict=True)]
    spans = dict(images)[steps.key(fit.greedy)]
    for place, span in zip(places, spans, strict=True):
        assert span[0] <= place <= span[-1] + 1


def test_closed_cells_hold_all_their_images():
    positions, history = followed(restless(), 96, TENTH, PAIRS)
    rooms = rooms_of(positions, history)
    assert rooms is not None
    steps = Steps(positions, rooms.units)
    listed = {key: set(own) for key, own in rooms.cells.items()}
    for key, own in listed.items():
        for cell in own:
            for following, (first, second) in steps.images(key, cell):
                assert {(k, m) for k in first for m in second} <= listed[following]
    for t in range(rooms.prefix, 97):
        assert steps.cell(history.values[t]) in listed[steps.key(history.greedy[t])]


def test_a_run_that_grows_has_no_rooms():
    model = ft.MMDP(
        [[[0, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 0]]],
        np.array([[[0, 0]] * 2, [[0, 1], [1, 0]], [[2, 2]] * 2]),
        "9/10",
    )
    positions, history = followed(model, 64)
    steps = Steps(positions, (fmpq(1), fmpq(1)))
    seen = {(steps.key(history.greedy[t]), steps.cell(history.values[t])) for t in range(8, 16)}
    assert closed(steps, seen) is None
    assert rooms_of(positions, history) is None


def test_a_run_of_many_states_is_not_asked():
    assert rooms_of(*followed(random_model(3, 6, (2, 2), "stochastic", "9/10"), 16)) is None
