"""Models in which a state leads to few others: pieces as entries, and episodes that end meet their limit exactly."""

from itertools import pairwise

import numpy as np
import pytest
from fates import accepted
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from test_renaming import renamed_proof, with_states

import fqi_theory as ft
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.decide import problem_of
from fqi_theory.fates.positions import Positions
from fqi_theory.fates.sparse import is_sparse, sparse_map, sparse_orbit, steps_to_orbit

TENTH = ft.epsilon_greedy("1/10")


def levels(seed, states, *, loops=False):
    """Return a random model whose states lead to later ones, at most two ways each; loops: sometimes to themselves."""
    rng = np.random.default_rng(seed)
    successors = np.full((states, 2, 2), states - 1)
    for s in range(states - 1):
        ways = rng.integers(s + (0 if loops else 1), states, size=2)
        successors[s] = ways[rng.integers(2, size=(2, 2))]
    rewards = rng.integers(-2, 3, size=(states, 2, 2))
    rewards[-1] = 0
    return ft.MMDP(rewards.tolist(), successors, "9/10", states=[f"s{k}" for k in range(states)])


def positions_of(model, data):
    asked = problem_of(model, data, ft.linear, None, "first")
    return Positions(asked.searched, asked.searched_source), asked.start.greedy


@settings(deadline=None)
@given(st.integers(0, 999), st.sampled_from([ft.uniform(), TENTH]), st.integers(1, 3))
def test_pieces_as_entries_are_the_pieces(seed, data, period):
    """Composed of entries and composed of tables, and their fixed points."""
    model = levels(seed, 6, loops=True)
    positions, greedy = positions_of(model, data)
    rng = np.random.default_rng(seed)
    modes = [rng.integers(2, size=(6, 2)) for _ in range(period)]
    modes.insert(0, modes[-1])
    drift, jacobian = positions.affine(modes[0], modes[1])
    for old, new in pairwise(modes[1:]):
        c, a = positions.affine(old, new)
        drift, jacobian = c + a * drift, a * jacobian
    found = sparse_orbit(positions, modes)
    assert found.drift == drift.entries()
    assert [[row.get(t, fmpq(0)) for t in range(6)] for row in found.rows] == jacobian.tolist()
    point = found.fixed_point()
    if point is not None:
        assert list(point) == [c + sum(a * v for a, v in zip(row, point, strict=True))
                               for c, row in zip(drift.entries(), jacobian.tolist(), strict=True)]  # fmt: skip
    one = sparse_map(positions.integers(greedy), greedy)
    assert one.drift == positions.affine(greedy, greedy)[0].entries()


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 999), st.sampled_from([ft.uniform(), TENTH]))
def test_runs_whose_episodes_end_have_a_certificate(seed, data):
    """Under fixed data they converge; under ε-greedy data greedy actions of the last states may repeat for ever."""
    fate = decide(levels(seed, 40), data=data, effort=Effort(256, 20_000))
    assert fate.kind == "converges" or (fate.kind == "cycles" and data.on_policy)
    accepted(fate)


def test_what_is_not_sure_to_end_is_not_waited_for():
    """A chain ends after its length; one whose states may stay, or that has two ends, is treated like any other."""
    chain, stays = levels(3, 40), levels(3, 40, loops=True)
    for model, ends in ((chain, True), (stays, False)):
        positions, greedy = positions_of(model, TENTH)
        assert is_sparse(positions)
        assert (steps_to_orbit(positions, [greedy, greedy]) is not None) == ends


@pytest.mark.parametrize("discount", ["9/10", "99/100"])
def test_a_chain_of_forty_steps_is_decided_by_meeting_its_limit(discount):
    """MAVEN's game: on its limit after as many steps as it has, and the certificate needs no direction."""
    fate = decide(ft.load("maven(40)", discount=discount), data=TENTH)
    assert fate.kind == "converges"
    proof = fate.certificate["proof"]
    assert (proof["prefix"], proof["directions"], proof["widths"]) == (41, [], [])
    accepted(fate)


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 999), st.sampled_from([ft.uniform(), TENTH]))
def test_answers_do_not_depend_on_the_order_of_states(seed, data):
    model, order = levels(seed, 36), np.random.default_rng(seed).permutation(36)
    one, other = (decide(m, data=data, effort=Effort(256, 20_000)) for m in (model, with_states(model, order)))
    assert renamed_proof(one.certificate, order.tolist()) == other.certificate["proof"]
    for mine, theirs in zip((*one.values, *one.greedy), (*other.values, *other.greedy), strict=True):
        assert (mine[order] == theirs).all()
