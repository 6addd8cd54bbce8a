"""Regions that hold whichever of several joint actions are greedy: certified, and held against brute force."""

import copy
import json
import random
from fractions import Fraction as F
from functools import cache

import numpy as np
import pytest
from fates import accepted
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracle import additive_fit, backup, eliminate, game
from test_renaming import with_states
from test_unsettled import TENTH, mirrored

import fqi_theory as ft
from fqi_theory.fates import Effort
from proofs_check.checker import check

SHORT = Effort(steps=256)
START = [0, 1, 0, 0, 0]
FIRST = [[0, 0], [1, 1]]
EVERY = [[0, 0], [0, 1], [1, 0], [1, 1]]


def decided(model, values, **options):
    start = ft.start_from_values(model, list(values))
    return ft.decide(model, data=TENTH, initial=start, effort=SHORT, **options)


def beside(one, other):
    """Return two models as one, of which no state of either leads to the other's."""
    size, more = one.n_states, other.n_states
    dense = np.zeros((size + more, 2, 2, size + more), dtype=object)
    dense[:size, ..., :size] = one.transition.dense()
    dense[size:, ..., size:] = other.transition.dense()
    return ft.MMDP(np.concatenate([one.reward, other.reward]), dense, one.discount)


def doubled(model):
    """Return each state twice, reached one time in two."""
    twice = np.repeat(np.arange(model.n_states), 2)
    dense = model.transition.dense()[twice][..., twice] / 2
    return ft.MMDP(model.reward[twice], dense, model.discount)


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize(
    ("factorization", "among"),
    [(ft.linear, FIRST), (ft.additive(1), EVERY), (ft.additive(2), EVERY), (ft.joint, EVERY)],
)
def test_a_run_that_never_settles_converges(factorization, among, ties):
    """One chooser may also take what ties there and never is greedy alone: it is one of the choices as well."""
    fate = accepted(decided(mirrored(), START, factorization=factorization, ties=ties))
    assert (fate.kind, fate.proof, fate.tried) == ("converges", "choices", ())
    assert not any(fate.values[0])
    assert fate.certificate["proof"]["actions"][0][0] == among


def test_the_catalogue_has_one_that_starts_at_zero():
    fate = accepted(ft.decide("unsettled", data=TENTH))
    assert (fate.kind, fate.proof) == ("converges", "choices")
    assert list(map(str, fate.values[0])) == ["9", "10", "10", "10", "10"]
    run = ft.fitted_q_iteration(ft.load("unsettled"), data=TENTH, iterations=60)
    assert "which of them are greedy may never settle" in dict(ft.explain(fate).lines)["why"]
    choices = [tuple(greedy[0]) for greedy in run.greedy[6:]]
    assert set(choices) == {(0, 0), (1, 1)}
    assert all(tuple(map(tuple, greedy[1:])) == ((0, 0),) * 4 for greedy in run.greedy[6:])


def test_its_antisymmetric_part_is_a_spiral():
    """What the catalogue says of it: γ/4 [[2, -2], [1, 3]] from the second step on, and its sign is the choice."""
    run = ft.fitted_q_iteration(ft.load("unsettled"), data=TENTH, iterations=40)
    for t in range(2, 40):
        v, after = ([F(str(x)) for x in run.values[k]] for k in (t, t + 1))
        x, y = v[1] - v[2], v[3] - v[4]
        assert (after[1] - after[2], after[3] - after[4]) == (F(9, 40) * (2 * x - 2 * y), F(9, 40) * (x + 3 * y))
        assert run.greedy[t + 1][0].tolist() == ([0, 0] if x >= 0 else [1, 1])


def alternating():
    """Return a model whose run under ε-greedy data, ε = 1/10, from V = 0 tends to a cycle of period 2."""
    reward = [[[0, 0], [0, 0]], [[0, 1], [1, 0]]]
    successor = np.array([[[0, 0], [0, 0]], [[1, 0], [0, 1]]])
    return ft.MMDP(reward, successor, "9/10", agents=2)


def test_beside_a_cycle_it_is_a_cycle():
    assert ft.decide(alternating(), data=TENTH).period == 2
    fate = accepted(decided(beside(mirrored(), alternating()), [*START, 0, 0]))
    assert (fate.kind, fate.period, fate.proof) == ("cycles", 2, "choices")
    assert len(fate.certificate["proof"]["actions"]) % 2 == 0
    assert "which of them are greedy may never settle" in dict(ft.explain(fate).lines)["why"]


def test_states_that_keep_one_value_are_classes():
    model = doubled(mirrored())
    fate = accepted(decided(model, np.repeat(START, 2).tolist()))
    proof = fate.certificate["proof"]
    assert (fate.kind, fate.proof) == ("converges", "choices")
    assert proof["classes"] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert len(proof["directions"][0]) == len(proof["actions"][0]) == 5
    apart = copy.deepcopy(fate.certificate)
    apart["initial"]["values"][3] = "2"
    assert "V differs in states 2 and 3 of one class" in check(apart).reason
    other = copy.deepcopy(fate.certificate)
    entry = next(e for e in other["model"]["transitions"] if e["state"] == other["model"]["states"][7])
    entry["next"] = {other["model"]["states"][6]: "1"}
    assert "states 6 and 7 have different fits under the data of [0, 0]" in check(other).reason


@pytest.mark.parametrize("seed", range(4))
def test_names_of_states_do_not_matter(seed):
    model, order = mirrored(), np.random.default_rng(seed).permutation(5)
    one = decided(model, START).certificate["proof"]
    other = decided(with_states(model, order), np.array(START)[order]).certificate["proof"]
    moved = {
        **one,
        "directions": [[row[s] for s in order] for row in one["directions"]],
        "actions": [[phase[s] for s in order] for phase in one["actions"]],
    }
    assert json.dumps(other, sort_keys=True) == json.dumps(moved, sort_keys=True)


def weights_around(greedy, epsilon, joint):
    """Return p(a) of two agents with two actions each, ε-greedy around a joint action."""
    own = [{x: epsilon / 2 + (1 - epsilon) * (x == g) for x in (0, 1)} for g in greedy]
    return {a: own[0][a[0]] * own[1][a[1]] for a in joint}


def step(model, values, greedy):
    """Return the next position by normal equations."""
    g = game(model)
    y, following, chosen = backup(g, values), [], []
    for s in range(g.states):
        table = additive_fit({a: y[s, a] for a in g.joint}, weights_around(greedy[s], F(1, 10), g.joint), g.counts)
        best = max(table.values())
        following.append(best)
        chosen.append(next(a for a in g.joint if table[a] == best))
    return following, chosen


@cache
def certified():
    return ft.decide("unsettled", data=TENTH).certificate


@given(st.integers(0, 10**6))
@settings(max_examples=25)
def test_from_anywhere_in_the_region_the_run_returns_closer(seed):
    """The region of the certificate, its corners included, by brute force: choices, and coordinates after a return."""
    rng, model = random.Random(seed), ft.load("unsettled")
    proof, limit = certified()["proof"], list(map(F, certified()["claim"]["values"]))
    directions, widths = ([list(map(F, w)) for w in proof["directions"]], list(map(F, proof["widths"])))
    z = [b * rng.choice([F(-1), F(1), F(0), F(rng.randint(-9, 9), 9)]) for b in widths]
    level = F(rng.randint(-50, 50))
    values = [
        o + level + sum((x * w[s] for x, w in zip(z, directions, strict=True)), F(0)) for s, o in enumerate(limit)
    ]
    greedy = [tuple(rng.choice(own)) for own in proof["actions"][0]]
    for phase in [*proof["actions"][1:], proof["actions"][0]]:
        values, greedy = step(model, values, greedy)
        assert all(list(g) in own for g, own in zip(greedy, phase, strict=True))
    away = [v - o for v, o in zip(values, limit, strict=True)]
    columns = [*directions, [F(1)] * len(limit)]
    found = eliminate([list(row) for row in zip(*columns, strict=True)], away)[:-1]
    assert all(abs(x) < b for x, b in zip(found, widths, strict=True))


@given(st.integers(0, 10**6))
@example(244)  # greedy actions settle, on what loses ties at the limit
@settings(max_examples=20)
def test_random_mirrored_models_are_decided(seed):
    """Random moves of mirrored states, random rewards alike on both sides: nothing is left open, all is accepted."""
    rng = np.random.default_rng(seed)
    moves = rng.integers(0, 4, size=(2, 4)) + (rng.random((2, 4)) < 0.1)
    moves[:, rng.integers(4)] += 1
    mirror = [1, 0, 3, 2]
    names, rewards, kernel = 5, np.zeros((5, 2, 2), dtype=int), np.zeros((5, 2, 2, 5), dtype=object)
    half = ft.exact("1/2")
    kernel[0, 0, 0, 1], kernel[0, 1, 1, 2] = ft.exact(1), ft.exact(1)
    kernel[0, 0, 1, [1, 2]] = kernel[0, 1, 0, [1, 2]] = half
    for k, row in enumerate(moves):
        for side in (0, 1):
            s = 1 + 2 * k + side
            for target, weight in enumerate(row):
                own = mirror[target] if side else target
                kernel[s, ..., 1 + own] = ft.exact(int(weight)) / int(row.sum())
            rewards[s] = seed % 3 + k
    model = ft.MMDP(rewards, kernel, "9/10")
    start = [0, *rng.integers(-3, 4, size=names - 1).tolist()]
    assert accepted(decided(model, start)).kind in ("converges", "cycles")
