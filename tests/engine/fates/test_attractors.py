"""Complete pictures of small models, against brute force with the generic iteration."""

import numpy as np
import pytest
from fates import accepted, deterministic
from flint import fmpq

from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import epsilon_greedy, product, uniform
from fqi_theory.fates import attractors, decide
from fqi_theory.fates.attractors import is_attracting
from fqi_theory.fates.policies import joint_policies
from fqi_theory.fates.positions import Positions
from fqi_theory.model.catalog import load, random_model
from fqi_theory.planning.optimal import policy_values, solve
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values

TENTH, HALF = epsilon_greedy("1/10"), epsilon_greedy("1/2")


def generic(model, data, values, greedy, steps):
    """Return the positions after each step of the generic iteration as comparable text."""
    start = start_from_values(model, values, greedy)
    run = fitted_q_iteration(model, data=data, initial=start, iterations=steps, method="generic")
    return [(tuple(map(str, v)), tuple(map(tuple, g.tolist()))) for v, g in zip(run.values, run.greedy, strict=True)]


def fixed_points(model, data):
    """Solve every policy's affine map and keep what one exact step of the generic iteration leaves where it is."""
    found = set()
    for policy in joint_policies(model):
        fit = Positions(model, data).affine(policy, policy)
        size = model.n_states
        system = [[fmpq(int(s == t)) - fit[1][s, t] for t in range(size)] for s in range(size)]
        try:
            solution = type(fit[1])(system).solve(fit[0])
        except ZeroDivisionError:
            continue
        values = exact_array([solution[s, 0] for s in range(size)])
        before, after = generic(model, data, values, policy, 1)
        if before[0] == after[0] and (not data.on_policy or before[1] == after[1]):
            found.add(after if data.on_policy else after[0])
    return found


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("data", [uniform(), TENTH, HALF])
def test_fixed_points_by_brute_force(seed, data):
    model = random_model(seed, 1 + seed % 2, [(2, 2), (3, 2)][seed % 2], discount="9/10")
    portrait = attractors(model, data, longest=1, samples=0)
    listed = [(tuple(map(str, a.points[0])), tuple(map(tuple, a.greedy[0].tolist()))) for a in portrait.attractors]
    assert len(set(listed)) == len(listed)
    assert set(listed if data.on_policy else [values for values, _ in listed]) == fixed_points(model, data)
    for one in portrait.attractors:
        expected = solve(model).values - policy_values(model, one.greedy[0])
        assert one.loss.tolist() == expected.tolist()


@pytest.mark.parametrize(("name", "data"), [("cycle-2", uniform()), ("penalty", TENTH)])
def test_the_cycle_of_a_run_is_listed(name, data):
    fate = accepted(decide(load(name), data=data))
    portrait = attractors(load(name), data, longest=fate.period, samples=0)
    orbits = [{tuple(map(str, p)) for p in a.points} for a in portrait.attractors if a.period == fate.period]
    assert {tuple(map(str, p)) for p in fate.values} in orbits
    assert portrait.complete_to == fate.period


@pytest.mark.parametrize("data", [uniform(), HALF])
def test_every_listed_orbit_closes(data):
    model = load("cycle-2")
    for one in attractors(model, data, longest=4, samples=0).attractors:
        start = one.points[0], one.greedy[0]
        positions = generic(model, data, *start, one.period)
        assert positions[0][0] == positions[-1][0]
        assert len({p if data.on_policy else p[0] for p in positions[:-1]}) == one.period
        if data.on_policy:
            assert positions[-1][1] == positions[0][1]


def test_attracting_orbits_attract_and_others_repel():
    """Start near each fixed point; the fate is that orbit exactly where it is said to attract."""
    model = load("qplex-game-3", discount="1/2")
    for one in attractors(model, TENTH, longest=2, samples=0).attractors:
        near = one.points[0] + fmpq(1, 10**6)
        fate = accepted(decide(model, data=TENTH, initial=start_from_values(model, near, one.greedy[0])))
        assert one.attracting
        assert {tuple(map(str, p)) for p in fate.values} == {tuple(map(str, p)) for p in one.points}
    model = deterministic([[[-1, 0], [1, 0]], [[0, 0], [0, -2]]], [[[0, 0], [0, 0]], [[1, 1], [1, 0]]], "9/10")
    (one,) = (
        a for a in attractors(model, uniform(), longest=1, samples=0).attractors if a.points[0].tolist() == [5, 5]
    )
    assert one.attracting is False


def test_samples_are_seeded_and_shares_add_up():
    first, again = (attractors(load("coordination"), TENTH, longest=2, samples=12, seed=3).to_json() for _ in range(2))
    assert first == again
    assert sum(a["sampled_share"] for a in first["attractors"]) + sum(first["other_shares"].values()) == pytest.approx(
        1
    )
    assert first != attractors(load("coordination"), TENTH, longest=2, samples=12, seed=4).to_json()


def test_longer_cycles_are_counted_as_such():
    portrait = attractors(load("cycle-5"), uniform(), longest=1, samples=4)
    assert portrait.other_shares.get("longer cycle", 0) > 0


def test_one_agent():
    """Of one agent the fit is exact, so only the optimum is left, attracting, under any data."""
    model = random_model(3, 2, (3,), discount="9/10")
    for data in (uniform(), TENTH):
        portrait = attractors(model, data, longest=1, samples=0)
        assert [(a.attracting, a.loss.tolist()) for a in portrait.attractors] == [(True, [0, 0])]
    ((policy, attracting),) = portrait.person_by_person
    assert attracting
    assert (policy == solve(model).policy).all()


def test_ties_are_not_decided():
    model = deterministic([[0, 0], [0, 0]], [[0, 0], [0, 1]], "1/2")
    (one,) = attractors(model, uniform(), samples=0).attractors
    assert one.attracting is None


@pytest.mark.parametrize("seed", range(6))
def test_person_by_person_optimal_policies_attract_at_small_epsilon(seed):
    model = random_model(seed, 2, (2, 2))
    portrait = attractors(model, TENTH, longest=1, samples=0)
    assert all(attracting for _, attracting in portrait.person_by_person)


def test_the_greedy_policy_itself_must_be_greedy():
    positions = Positions(load("two-state", discount="3/4"), uniform())
    assert is_attracting(positions, np.array([[0, 0], [0, 0]]))
    assert not is_attracting(positions, np.array([[1, 1], [0, 0]]))
    assert not is_attracting(positions, np.array([[0, 0], [1, 1]]))


def test_enumeration_stops_before_it_is_too_long():
    assert attractors(load("climbing"), TENTH, longest=9, samples=0).complete_to == 4


def test_refusals():
    with pytest.raises(TooLarge, match="at most 20000"):
        attractors(load("maven(6)"), uniform())
    with pytest.raises(DataError, match="actions are never played in the data"):
        attractors(load("two-state"), product([[["1", "0"]] * 2, [["1/2", "1/2"]] * 2]))
