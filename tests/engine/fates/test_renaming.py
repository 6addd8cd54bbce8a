"""Fates do not depend on names: shuffles of states, agents and actions have the renamed fate and certificate."""

import json

import numpy as np
import pytest
from fates import accepted
from hypothesis import example, given
from hypothesis import strategies as st
from test_growth import grid

from fqi_theory.data.sources import correlated, epsilon_greedy, product, uniform
from fqi_theory.factorization import linear
from fqi_theory.factorization.additive import additive
from fqi_theory.fates import Effort, decide
from fqi_theory.fates.naming import order_of_states
from fqi_theory.model.catalog import random_model
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.trajectory import start_at_zero, start_from_values

SMALL = Effort(256, 20_000)
TENTH = epsilon_greedy("1/10")


def with_states(model, order):
    """Return the model whose state k is state order[k] of `model`."""
    dense = model.transition.dense()[order][..., order]
    return MMDP(model.reward[order], dense, model.discount, name=model.name)


def with_agents(model, agents):
    """Return the model whose agent i is agent agents[i] of `model`."""
    axes = [1 + i for i in agents]
    last = model.n_agents + 1
    dense = model.transition.dense().transpose(0, *axes, last)
    return MMDP(model.reward.transpose(0, *axes), dense, model.discount, name=model.name)


def with_actions(model, agent, order):
    """Return the model in which action k of an agent is its action order[k] in `model`."""
    dense = np.take(model.transition.dense(), order, axis=1 + agent)
    return MMDP(np.take(model.reward, order, axis=1 + agent), dense, model.discount, name=model.name)


def renamed_proof(certificate, order):
    """Return the proof of a certificate with the states of its numbers in `order`; cells of a grid are a set."""
    proof = certificate["proof"]
    moved = dict(proof)
    if proof["kind"] == "grid":
        r = certificate["claim"]["reference"]
        moved["units"] = others_moved(proof["units"], r, order)
        moved["rooms"] = [
            {
                "greedy": room["greedy"] and [room["greedy"][s] for s in order],
                "cells": sorted(others_moved(cell, r, order) for cell in room["cells"]),
            }
            for room in proof["rooms"]
        ]
    for key in ("origin", "weights", "entry"):
        if key in proof:
            moved[key] = [proof[key][s] for s in order]
    if "modes" in proof:
        moved["modes"] = [[mode[s] for s in order] for mode in proof["modes"]]
        moved["reference"] = list(order).index(proof["reference"])
        if proof["directions"] is not None:
            moved["directions"] = [[row[s] for s in order] for row in proof["directions"]]
        else:
            moved["widths"] = others_moved(proof["widths"], proof["reference"], order)
    return moved


def others_moved(entries, reference, order):
    """Return entries of the states but one, in order, with the states in another order."""
    whole = [*entries[:reference], None, *entries[reference:]]
    return [whole[s] for s in order if s != reference]


@example(18986, 0, TENTH)  # a grid, whose cells are listed in another order
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from([uniform(), TENTH, epsilon_greedy("1/2")]))
def test_states(seed, shuffle, data):
    """The same certificate, number by number."""
    rng = np.random.default_rng(shuffle)
    kind = ("deterministic", "stochastic")[seed % 2]
    model = random_model(seed, int(rng.integers(2, 5)), (2, 2), kind, ("9/10", "99/100")[seed // 2 % 2])
    order = rng.permutation(model.n_states)
    fit = (linear, additive(2))[seed % 3 == 0]
    one, other = (decide(m, data=data, effort=SMALL, factorization=fit) for m in (model, with_states(model, order)))
    assert (one.kind, one.period, one.growth) == (other.kind, other.period, other.growth)
    for mine, theirs in zip((*one.values, *one.greedy), (*other.values, *other.greedy), strict=True):
        assert (mine[order] == theirs).all()
    if one.certificate is not None:
        expected = renamed_proof(one.certificate, order.tolist())
        found = renamed_proof(other.certificate, list(range(model.n_states)))
        assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


@given(st.integers(0, 10**6), st.sampled_from([uniform(), TENTH]))
def test_agents(seed, data):
    model = random_model(seed, 2 + seed % 2, (2, 3, 2), ("deterministic", "stochastic")[seed % 2], "9/10")
    agents = np.random.default_rng(seed).permutation(3).tolist()
    one, other = (decide(m, data=data, effort=SMALL) for m in (model, with_agents(model, agents)))
    assert (one.kind, one.period) == (other.kind, other.period)
    for mine, theirs in zip(one.values, other.values, strict=True):
        assert (mine == theirs).all()
    for mine, theirs in zip(one.greedy, other.greedy, strict=True):
        assert (mine[:, agents] == theirs).all()


@given(st.integers(0, 10**6))
def test_actions(seed):
    """Under fixed data ties do not matter to the values."""
    model = random_model(seed, 2 + seed % 2, (3, 2), ("deterministic", "stochastic")[seed % 2], "9/10")
    order = np.random.default_rng(seed).permutation(3)
    one, other = (decide(m, effort=SMALL) for m in (model, with_actions(model, 0, order)))
    assert (one.kind, one.period) == (other.kind, other.period)
    for mine, theirs in zip(one.values, other.values, strict=True):
        assert (mine == theirs).all()


@pytest.mark.parametrize(("width", "height", "swap"), [(2, 2, True), (2, 3, True)])
def test_grid_worlds(width, height, swap):
    """States that only a symmetry of the grid exchanges: the order is the same up to it, so certificates are too."""
    base = grid(width, height, ((0, 0), (0, 1)), bump=-10, swap=swap)
    found = set()
    for shuffle in (None, 1, 2):
        model = base if shuffle is None else grid(width, height, ((0, 0), (0, 1)), bump=-10, swap=swap, shuffle=shuffle)
        order = order_of_states(model, TENTH, start_at_zero(model))
        successor = np.argsort(order)[model.transition.successor[order]]
        found.add((successor.tobytes(), str(model.reward[order].tolist())))
    assert len(found) == 1


def test_data_and_starts_tell_states_apart():
    """Four states alike but for the data or the start."""
    model = MMDP(np.zeros((4, 2, 2), int).tolist(), np.arange(4)[:, None, None] + np.zeros((4, 2, 2), int), "1/2")
    start = start_at_zero(model)
    marginals = [[["1/2", "1/2"], ["1/3", "2/3"], ["1/4", "3/4"], ["1/5", "4/5"]], [["1/2", "1/2"]] * 4]
    shuffled = [[marginals[0][s] for s in (2, 0, 3, 1)], marginals[1]]
    one, other = (order_of_states(model, product(m), start) for m in (marginals, shuffled))
    assert [[2, 0, 3, 1][s] for s in other] == one.tolist()
    starts = [start_from_values(model, values) for values in (["0", "1", "2", "3"], ["2", "0", "3", "1"])]
    one, other = (order_of_states(model, uniform(), own) for own in starts)
    assert [[2, 0, 3, 1][s] for s in other] == one.tolist()


def test_a_certificate_under_correlated_data_is_about_the_model_as_named():
    weights = [[["1/4", "1/4"], ["1/2", 0]], [["1/8", "3/8"], ["1/4", "1/4"]], [["1/4", "1/4"], ["1/4", "1/4"]]]
    model = random_model(5, 3, (2, 2), "stochastic", "9/10")
    accepted(decide(model, data=correlated(weights)))
