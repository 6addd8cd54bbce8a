"""The order of many states is that of their places in the run, whatever they are called."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.fates.colouring import PRIME, ordered
from fqi_theory.fates.naming import MANY_STATES, order_of_states
from fqi_theory.runs.trajectory import start_at_zero

TENTH = ft.epsilon_greedy("1/10")
ENOUGH = 1_000_000
#: Colours are residues as good as random: small ones might meet those that are made of them.
RESIDUES = [pow(3, 1000 + k, PRIME) for k in range(3)]


@st.composite
def graphs(draw):
    size = draw(st.integers(1, 9))
    colours = draw(st.lists(st.sampled_from(RESIDUES), min_size=size, max_size=size))
    place = st.integers(0, size - 1)
    listed = draw(st.lists(st.tuples(place, place, st.integers(0, 1), st.integers(1, 3)), max_size=3 * size))
    return colours, listed, draw(st.permutations(range(size)))


def arrows_of(size, listed):
    arrows = [[] for _ in range(size)]
    for s, t, label, weight in listed:
        arrows[t].append((s, label, weight))
    return arrows


def picture(colours, listed, order):
    """The graph with its members in an order."""
    places = {s: k for k, s in enumerate(order)}
    return [colours[s] for s in order], sorted((places[s], places[t], label, w) for s, t, label, w in listed)


@given(graphs())
def test_renamed_graphs_look_the_same_in_order(graph):
    """Member k of the other graph is member names[k] of this one; where a choice was made, it was between equals."""
    colours, listed, names = graph
    places = {s: k for k, s in enumerate(names)}
    other = [(places[s], places[t], label, w) for s, t, label, w in listed]
    mine = ordered(colours, arrows_of(len(names), listed), ENOUGH)
    theirs = ordered([colours[s] for s in names], arrows_of(len(names), other), ENOUGH)
    assert sorted(mine) == sorted(theirs) == list(range(len(names)))
    assert [colours[s] for s in mine] == [colours[names[k]] for k in theirs]
    if tells_apart(colours, listed):
        assert mine == [names[k] for k in theirs]
        assert picture(colours, listed, mine) == picture(colours, listed, [names[k] for k in theirs])


def tells_apart(colours, listed):
    """Whether refinement in rounds tells all members apart."""
    classes = list(colours)
    for _ in colours:
        keys = []
        for s, c in enumerate(classes):
            sums = {}
            for u, t, label, w in listed:
                if u == s:
                    sums[label, classes[t]] = sums.get((label, classes[t]), 0) + w
            keys.append((c, tuple(sorted(sums.items()))))
        numbers = {key: k for k, key in enumerate(sorted(set(keys)))}
        classes = [numbers[key] for key in keys]
    return len(set(classes)) == len(classes)


def renamed(model, names):
    """Return the model whose state k is state names[k] of a deterministic one."""
    successor = np.argsort(names)[model.transition.successor[names]]
    return ft.MMDP(model.reward[names], successor, model.discount, states=[f"x{k}" for k in range(len(names))])


@settings(deadline=None, max_examples=5)
@given(st.integers(0, 999), st.sampled_from([ft.uniform(), TENTH]))
def test_long_chains(seed, data):
    """Where rounds of all states would not come to the end of what may be done: 800 states."""
    model = ft.load("maven(400)")
    names = np.random.default_rng(seed).permutation(model.n_states)
    order, other = (order_of_states(m, data, start_at_zero(m)) for m in (model, renamed(model, names)))
    assert (names[other] == order).all()


@pytest.mark.parametrize("dense", [False, True])
def test_kernels_may_be_kept_as_tables(dense):
    model = ft.load("maven(20)")
    assert model.n_states >= MANY_STATES
    kept = model.transition.dense() if dense else model.transition
    same = ft.MMDP(model.reward, kept, model.discount, states=model.states, actions=model.actions)
    orders = [order_of_states(m, TENTH, start_at_zero(m)) for m in (model, same)]
    assert (orders[0] == orders[1]).all()
