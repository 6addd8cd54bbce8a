"""The phase diagram of one model: its own kernel, what is certain of its runs, and what would help."""

from fractions import Fraction
from itertools import product

import numpy as np
import oracle
import pytest
from flint import fmpq
from function_classes import as_source, product_data
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import TooLarge
from fqi_theory.fates.phases.greedy_kernel import worst_greedy
from fqi_theory.fates.phases.kernel import fitted, successor_rows
from fqi_theory.fates.phases.remedies import safe_share
from fqi_theory.fates.phases.structure import structure
from fqi_theory.testing.strategies import mmdps


def q(text):
    return ft.exact(text)


def full_kernel(model, kind):
    kernel = np.full((*model.reward.shape, model.n_states), fmpq(0), dtype=object)
    for s in range(model.n_states):
        successors, rows = successor_rows(model, s)
        kernel[s][..., successors] = fitted(rows, ft.uniform().at(one_state(model.action_counts), None), kind)
    return kernel


def one_state(counts):
    return ft.MMDP(np.zeros((1, *counts), dtype=int), np.zeros((1, *counts), dtype=int), "1/2")


@given(mmdps(), st.integers(1, 2))
def test_a_models_own_kernel_is_no_worse(model, order):
    found = ft.phases(model.with_discount("1/2"), factorization=f"additive:{order}")
    kernel, game = full_kernel(model, found.kind), oracle.game(model)
    weight = oracle.product_weight([[Fraction(1, c)] * c for c in game.counts])
    weights = oracle.fit_weights(game.counts, weight, oracle.sets_up_to(len(game.counts), order))
    for (s, *a), row in zip(np.ndindex(*model.reward.shape), kernel.reshape(-1, model.n_states), strict=True):
        for t, entry in enumerate(row):
            assert oracle.fraction(entry) == sum(w * game.row[s, b][t] for b, w in weights[tuple(a)].items())
    assert found.model.negative_mass == np.where(kernel < 0, -kernel, fmpq(0)).sum(axis=-1).max()
    assert found.model.negative_mass <= found.negative_mass


ON_POLICY_CLASSES = [("linear", [(0,), (1,), (2,)]), ("graph:0-1", [(0, 1), (2,)]), ("additive:2", None)]


@pytest.mark.parametrize(("name", "sets"), ON_POLICY_CLASSES)
@given(mmdps(states=2), st.sampled_from(["1/10", "1", "12345678901/98765432109876543210987"]))
def test_a_models_own_kernel_on_policy_equals_brute_force(name, sets, model, epsilon):
    """The worst over all greedy joint actions and all joint actions, in 64 bits and beyond."""
    if name != "additive:2" and model.n_agents < 3:
        name, sets = "linear", [(i,) for i in range(model.n_agents)]
    found = ft.phases(model.with_discount("1/2"), factorization=name, data=ft.epsilon_greedy(epsilon)).model
    game, e = oracle.game(model), Fraction(epsilon)
    sets = sets or oracle.sets_up_to(model.n_agents, 2)
    masses = {}
    for greedy in product(*map(range, game.counts)):
        own = [[(1 - e) * (x == g) + e / c for x in range(c)] for g, c in zip(greedy, game.counts, strict=True)]
        weights = oracle.fit_weights(game.counts, oracle.product_weight(own), sets)
        for s, (a, row) in product(range(model.n_states), weights.items()):
            kernel = [sum(w * game.row[s, b][t] for b, w in row.items()) for t in range(model.n_states)]
            masses[s, greedy, a] = sum(max(Fraction(0), -k) for k in kernel)
    state = model.states.index(found.state)
    assert oracle.fraction(found.negative_mass) == max(masses.values()) == masses[state, found.greedy, found.action]


def test_too_many_greedy_joint_actions_are_refused_before_they_are_tried():
    rows = np.array([[1, 0], [0, 1]] * 2, dtype=object).reshape(2, 2, 2) * fmpq(1)
    assert worst_greedy(rows, fmpq(1, 3), structure("linear", 2), 4_000_000_000).mass == 0
    for epsilon, entries in ((fmpq(1, 3), 4_000_000_001), (fmpq(1, 10**20), 40_000_001)):
        with pytest.raises(TooLarge, match=f"4 greedy joint actions: {entries} fitted probabilities in this model"):
            worst_greedy(rows, epsilon, structure("linear", 2), entries)
    with pytest.raises(TooLarge, match="8192 greedy joint actions"):
        ft.phases(one_state((2,) * 13), data=ft.epsilon_greedy("1/2"))


def test_classes_and_their_names():
    for given_, name in (
        (ft.additive(2), "additive:2"),
        (ft.graph([(0, 1), (1, 2)]), "graph:0-1,1-2"),
        (ft.linear, "vdn"),
    ):
        found = ft.phases(agents=3, actions=3, factorization=given_)
        assert found.negative_mass == ft.phases(agents=3, actions=3, factorization=name).negative_mass
    assert ft.phases(agents=3, actions=2, factorization=ft.additive(2), data=ft.uniform()).bounded_below == q("8/11")


def test_the_kernel_of_a_model_with_many_joint_actions():
    model = one_state((2,) * 10)
    assert ft.phases(model, factorization="additive:2").model.negative_mass == 0


def test_conclusions_for_a_model():
    said = {g: ft.phases(ft.load("two-state").with_discount(g)).model.conclusion for g in ("1/2", "7/10", "9/10")}
    assert said == {
        "1/2": "every run converges",
        "7/10": "every run is bounded",
        "9/10": "not decided by the negative mass",
    }
    same = ft.phases(ft.load("coordination"))
    assert (same.negative_mass, same.model.negative_mass) == (q("1/4"), 0)
    assert same.model.conclusion == "every run converges"
    on_policy = ft.phases(ft.load("coordination"), data=ft.epsilon_greedy("1/10")).model
    assert (on_policy.conclusion, on_policy.converges_below) == ("every run is bounded", None)


def test_the_state_that_attains():
    model = ft.load("two-state")
    data = ft.product([[["1/2", "1/2"], ["1/3", "2/3"]], [["1/2", "1/2"], ["1/5", "4/5"]]])
    found = ft.phases(model, data=data)
    assert (found.state, found.action, found.negative_mass) == ("s1", (0, 0), q("8/15"))
    assert ft.phases(actions=(2, 2), data=data).negative_mass == q("8/15")


def test_remedies_of_the_theory():
    found = ft.phases(agents=2, actions=2).remedies("99/100")
    assert (found.steps, found.share, found.safe_share, found.coupling) == (23, q("103/198"), q("1/2"), q("4/99"))
    assert q("520/1000") < found.share < q("521/1000")
    assert found.damping == 2 / (1 + q("99/100") * q("3/2"))
    for n, a, steps, share in ((3, 5, 71, 0.340), (10, 10, 142, 0.103), (8, 10, 139, 0.128)):
        other = ft.phases(agents=n, actions=a).remedies("99/100")
        assert (other.steps, other.safe_share) == (steps, fmpq(1, n))
        assert abs(int(other.share.p) / int(other.share.q) - share) < 5e-4


@given(product_data(((2, 2), (2, 3), (2, 2, 2))), st.integers(1, 2), st.sampled_from(["1/2", "9/10", "99/100"]))
def test_the_largest_share_is_where_brute_force_turns(marginals, order, discount):
    """γ(1 + Σ_b max(0, -(θ W + (1-θ) p))) reaches 1 at θ* at the worst joint action, and not before."""
    counts = tuple(map(len, marginals))
    p, gamma = oracle.product_weight(marginals), Fraction(discount)
    weights = oracle.fit_weights(counts, p, oracle.sets_up_to(len(counts), order))
    found = ft.phases(actions=counts, factorization=f"additive:{order}", data=as_source(marginals))
    share = oracle.fraction(found.remedies(discount).share)

    def rate(theta):
        rows = ([theta * w + (1 - theta) * p[b] for b, w in row.items()] for row in weights.values())
        return gamma * (1 + max(sum(max(Fraction(0), -x) for x in row) for row in rows))

    assert rate(share) == 1 or (share == 1 and rate(share) < 1)
    safe = oracle.fraction(safe_share(found.rows))
    assert rate(safe) == gamma
    assert safe == 1 or rate(safe + Fraction(1, 1000)) > gamma
