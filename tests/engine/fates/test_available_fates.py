"""Fates of runs with actions that are not available: limits and cycles are those over available joint actions."""

import masked_oracle as mo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from masked_models import any_data, model_of

import fqi_theory as ft
from fqi_theory.fates import Effort
from proofs_check import check

SEEDS = st.integers(0, 10_000)
TIES = st.sampled_from(["first", "last"])
EFFORT = Effort(128, 20_000)


def hold(g, seed, ties, fit, factorization):
    """The certificate is accepted, and its points follow one another under the masked step."""
    data, weights = any_data(g, seed)
    fate = ft.decide(model_of(g, seed), data=data, factorization=factorization, ties=ties, effort=EFFORT)
    if fate.certificate is not None:
        report = check(fate.certificate)
        assert report.accepted, report
    points = [ft.to_fraction(point).tolist() for point in fate.values]
    greedy = [[tuple(a) for a in actions.tolist()] for actions in fate.greedy]
    for k, point in enumerate(points):
        values, chosen, _ = mo.step(g, fit, weights, ties, point, greedy[k])
        assert values == points[(k + 1) % len(points)]
        assert chosen == greedy[(k + 1) % len(points)] or factorization is not ft.monotonic


@pytest.mark.slow
@given(SEEDS, TIES)
def test_linear_fates(seed, ties):
    g = mo.drawn(seed)
    hold(g, seed, ties, mo.order_sums(1)(len(g.counts)), ft.linear)


@pytest.mark.slow
@given(SEEDS, TIES)
def test_pairwise_fates(seed, ties):
    g = mo.drawn(seed, shapes=((2, 2, 2), (3, 2, 2)))
    hold(g, seed, ties, mo.order_sums(2)(3), ft.additive(2))


@pytest.mark.slow
@given(SEEDS, TIES)
def test_fates_of_exact_classes(seed, ties):
    hold(mo.drawn(seed), seed, ties, mo.exact, ft.igm)
    hold(mo.drawn(seed), seed, ties, mo.exact, ft.joint)


@pytest.mark.slow
@given(SEEDS, TIES)
def test_monotone_fates(seed, ties):
    g = mo.drawn(seed, states=(1, 2), shapes=((2, 2), (3, 2), (3, 3)), most=2)
    hold(g, seed, ties, mo.monotone, ft.monotonic)


def test_neighbours_with_other_masks_are_decided_as_alone():
    """Their data differ where a model of another mask, or of none, stands before them."""
    plain = ft.random_model(4, 2, (3, 2), "deterministic", "1/2")
    lists = [[["a0", "a2"], ["a0", "a1"]], [["a1", "a2"], ["a0", "a1"]], [["a2"], ["a1"]]]
    models = [plain, *(plain.with_available({"s0": own, "s1": own}) for own in lists), plain]
    together, alone = list(ft.decide_many(models)), [ft.decide(model) for model in models]
    assert [fate.kind for fate in together] == [fate.kind for fate in alone] == ["converges"] * 5
    assert [fate.values[0].tolist() for fate in together] == [fate.values[0].tolist() for fate in alone]
    assert len({str(fate.values[0]) for fate in together}) == 4


def test_explanations_and_json_speak_of_available_actions():
    game = ft.from_payoff([[0, 1], [2, 0], [1, 5]], actions=[["x", "y", "z"], ["l", "r"]])
    fate = ft.decide(game.with_available([[[0, 1, 1]], [[0, 1]]]))
    assert fate.to_json()["greedy"] == [[2, 1]]
    only = ft.decide(game.with_available([[[0, 1, 0]], [[1, 1]]]))
    assert only.greedy[0].tolist() == [[1, 0]]
    assert "available" not in only.certificate["model"]
    assert check(only.certificate).accepted


def padded(model, place):
    """The model with one more action of agent 1, nowhere available, at a place among its actions; its other actions."""
    own = np.insert(np.arange(model.action_counts[0]), place, 0)
    names = [*model.actions[0][:place], "never", *model.actions[0][place:]]
    mask = np.array([name != "never" for name in names])
    masks = [np.tile(mask, (model.n_states, 1)), np.ones((model.n_states, model.action_counts[1]), dtype=bool)]
    tensor, actions = model.transition.dense()[:, own], [names, model.actions[1]]
    bigger = ft.MMDP(model.reward[:, own], tensor, model.discount, states=model.states, actions=actions)
    return bigger.with_available(masks), np.flatnonzero(mask)


def moved(policy, others):
    found = np.array(policy)
    found[..., 0] = others[found[..., 0]]
    return found.tolist()


PLACES = pytest.mark.parametrize("place", [0, 1, 2])
SMALL = "random(seed=5,states=2,actions=2x2,discount=1/2)"


@PLACES
@pytest.mark.parametrize("data", [ft.uniform(), ft.epsilon_greedy("1/10")])
def test_an_action_that_is_never_available_changes_no_portrait(place, data):
    plain = ft.load(SMALL)
    bigger, others = padded(plain, place)
    one, two = (ft.attractors(model, data, longest=1, samples=5) for model in (plain, bigger))
    assert [a.points[0].tolist() for a in one.attractors] == [a.points[0].tolist() for a in two.attractors]
    assert [moved(a.greedy, others) for a in one.attractors] == [np.array(a.greedy).tolist() for a in two.attractors]
    assert [a.attracting for a in one.attractors] == [a.attracting for a in two.attractors]
    assert sum(a.share for a in two.attractors) == sum(a.share for a in one.attractors) == 1
    assert [(moved(p, others), yes) for p, yes in one.person_by_person] == [
        (p.tolist(), yes) for p, yes in two.person_by_person
    ]


@PLACES
def test_an_action_that_is_never_available_changes_no_threshold(place):
    plain = ft.load("two-state")
    bigger, others = padded(plain, place)
    one, two = (ft.critical(model, None, "epsilon") for model in (plain, bigger))
    assert one.thresholds
    assert one.thresholds == two.thresholds
    assert moved(one.policy, others) == two.policy.tolist()
    again = ft.critical(bigger, None, "epsilon", two.policy)
    assert again.thresholds == two.thresholds


@PLACES
def test_an_action_that_is_never_available_changes_no_local_attraction(place):
    plain = ft.load(SMALL)
    bigger, others = padded(plain, place)
    one, two = ft.local_attraction(plain), ft.local_attraction(bigger)
    assert (one.epsilon, one.gap, one.spread) == (two.epsilon, two.gap, two.spread)
    assert moved(one.policy, others) == two.policy.tolist()


@PLACES
@pytest.mark.parametrize("factorization", [ft.linear, ft.monotonic, ft.joint])
def test_an_action_that_is_never_available_changes_no_on_policy_fate(place, factorization):
    plain = ft.load("two-state")
    bigger, others = padded(plain, place)
    data = ft.epsilon_greedy("1/2")
    one, two = (ft.decide(model, data=data, factorization=factorization) for model in (plain, bigger))
    assert (one.kind, one.values[0].tolist()) == (two.kind, two.values[0].tolist())
    assert moved(one.greedy[0], others) == two.greedy[0].tolist()
    assert two.certificate["data"]["exploring"] == bigger_tables(bigger)
    assert check(two.certificate).accepted


def bigger_tables(model):
    return [[[str(x) for x in row] for row in own.tolist()] for own in ft.uniform().at(model, None).marginals]


@PLACES
@pytest.mark.parametrize("data", [ft.uniform(), ft.epsilon_greedy("1/10"), "product", "joint"])
def test_an_action_that_is_never_available_changes_no_phases(place, data):
    plain = ft.load(SMALL)
    bigger, others = padded(plain, place)
    own = [data, data]
    if data == "product":
        tables = [np.array([["1/3", "2/3"], ["1/4", "3/4"]], dtype=object), [["1/5", "4/5"], ["1/2", "1/2"]]]
        own = [ft.product(tables), ft.product([np.insert(tables[0], place, "0", axis=1), tables[1]])]
    if data == "joint":
        table = np.array([[["1/10", "2/5"], ["1/4", "1/4"]], [["1/3", "1/6"], ["1/3", "1/6"]]], dtype=object)
        own = [ft.correlated(table), ft.correlated(np.insert(table, place, "0", axis=1))]
    one, two = (ft.phases(model, data=given) for model, given in zip((plain, bigger), own, strict=True))
    assert (one.negative_mass, one.state) == (two.negative_mass, two.state)
    assert one.model.negative_mass == two.model.negative_mass
    assert moved(one.action, others) == list(two.action)
    assert moved(one.model.action, others) == list(two.model.action)
    assert [moved(b, others) for b in one.negative_set] == [list(b) for b in two.negative_set]
    assert one.remedies("9/10") == two.remedies("9/10")
    assert two.to_json()["attained"]["action"] == list(two.action)


def test_states_of_other_shapes_have_other_negative_masses():
    model = ft.random_model(2, 2, (3, 3), "deterministic", "1/2")
    two, three = (ft.phases(agents=2, actions=n).negative_mass for n in (2, 3))
    assert two < three
    own = {"s0": [["a0", "a2"], ["a1", "a2"]], "s1": [["a1"], ["a0", "a1", "a2"]]}
    found = ft.phases(model.with_available(own))
    assert (found.negative_mass, found.state, found.action) == (two, "s0", (0, 1))
    assert found.remedies("9/10").uniform_mass == two
    mixed = ft.phases(model.with_available({"s0": own["s0"]}))
    assert (mixed.negative_mass, mixed.state) == (three, "s1")


@PLACES
def test_explanations_of_growth_name_available_actions(place):
    data = ft.epsilon_greedy("1/10")
    made = ft.witness(discount="9/10", agents=2, actions=2, data=data)
    bigger, _ = padded(made.model, place)
    one, two = ft.decide(made.model, data=data), ft.decide(bigger, data=data)
    assert one.kind == two.kind == "diverges"
    said = {label: text for label, text in ft.explain(two).lines if label.startswith("greedy actions")}
    assert said == {label: text for label, text in ft.explain(one).lines if label.startswith("greedy actions")}
    assert "->" in "".join(said.values())
    assert "never" not in str(ft.explain(two))
