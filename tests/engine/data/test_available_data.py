"""Data of models with actions that are not available: what is shared among copies, what is refused with its place."""

from fractions import Fraction

import masked_oracle as mo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from masked_models import any_data, fixed_data, model_of

import fqi_theory as ft
from fqi_theory.base.errors import DataError, IncompleteDataWarning, ModelError
from fqi_theory.data.sources import as_source

SEEDS = st.integers(0, 10_000)
#: Agent 1 has only B in s1.
MODEL = ft.load("two-state").with_available({"s1": [["B"], ["A", "B"]]})
GREEDY = np.zeros((2, 2), dtype=int)


@given(SEEDS)
def test_copies_of_a_joint_action_have_its_weight_together_and_are_all_played(seed):
    g = mo.drawn(seed)
    model, (data, weights) = model_of(g, seed), fixed_data(g, seed)
    found = data.at(model, np.zeros((g.states, len(g.counts)), dtype=int)).joint()
    played = model.played(np.array([[a] * g.states for a in np.ndindex(*g.counts)]))
    for s in range(g.states):
        total = dict.fromkeys(g.joint(s), Fraction(0))
        for a, own in zip(np.ndindex(*g.counts), played, strict=True):
            total[tuple(own[s].tolist())] += ft.to_fraction(found[(s, *a)])
        assert total == weights(s)
    assert (found > 0).all()


def test_uniform_data_are_uniform_over_available_actions():
    first, _ = ft.uniform().at(MODEL, GREEDY).marginals
    assert ft.to_fraction(first).tolist() == [[Fraction(1, 2)] * 2] * 2
    three = ft.MMDP(np.zeros((1, 3, 2), dtype=int), np.zeros((1, 3, 2), dtype=int), 0)
    own = ft.uniform().at(three.with_available([[[1, 0, 1]], [[1, 1]]]), GREEDY[:1]).marginals
    assert ft.to_fraction(own[0]).tolist() == [[Fraction(1, 4), Fraction(1, 4), Fraction(1, 2)]]


@given(SEEDS)
def test_copies_of_epsilon_greedy_data_have_their_weight_together(seed):
    g = mo.drawn(seed)
    model, (data, weights) = model_of(g, seed), any_data(g, 3 * seed)
    explicit, chosen = as_source(data, model), np.zeros((g.states, len(g.counts)), dtype=int)
    found = data.at(model, chosen).joint()
    assert (explicit.at(model, chosen).joint() == found).all()
    assert (found > 0).all()
    for s in range(g.states):
        total = dict.fromkeys(g.joint(s), Fraction(0))
        for a in np.ndindex(*g.counts):
            total[tuple(model.played(np.array([a] * g.states))[s].tolist())] += ft.to_fraction(found[(s, *a)])
        assert total == weights(s, tuple(model.played(chosen)[s].tolist()))


def test_exploring_by_tables_without_masks():
    model = ft.load("two-state")
    data = ft.epsilon_greedy("1/2", exploring=[[["1/4", "3/4"]] * 2, [["1/2", "1/2"]] * 2])
    first, second = data.at(model, GREEDY).marginals
    assert ft.to_fraction(first[0]).tolist() == [Fraction(5, 8), Fraction(3, 8)]
    assert ft.to_fraction(second[0]).tolist() == [Fraction(3, 4), Fraction(1, 4)]
    assert data.describe()["exploring"][0] == [["1/4", "3/4"]] * 2
    assert ft.epsilon_greedy("1/2").describe() == {"kind": "epsilon-greedy", "epsilon": "1/2"}


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (
            [[[1, 0]] * 2, [["1/2", "1/2"]] * 2],
            "exploring: state s0, agent 1, action B: expected a weight above 0, found 0",
        ),
        ([[["1/2", "1/3"]] * 2] * 2, "marginals of agent 1 at state s0: expected probabilities that sum to 1"),
        ([[["1/2", "1/2"]] * 2], "marginals: expected one table for each of 2 agents, found 1"),
        ([[["1/2", "1/2"]]] * 2, r"marginals of agent 1: expected shape \(2, 2\), found \(1, 2\)"),
    ],
)
def test_exploring_tables_are_refused_with_the_place(tables, message):
    with pytest.raises(DataError, match=message):
        ft.decide("two-state", data=ft.epsilon_greedy("1/2", exploring=tables))


def test_uniform_exploring_tables_are_the_uniform_kind():
    even = [[["1/2", "1/2"]] * 2] * 2
    alone = ft.decide("two-state", data=ft.epsilon_greedy("1/2"))
    tables = ft.decide("two-state", data=ft.epsilon_greedy("1/2", exploring=even))
    assert (alone.kind, alone.values[0].tolist()) == (tables.kind, tables.values[0].tolist())
    diagram = ft.phases("two-state", data=ft.epsilon_greedy("1/2", exploring=even))
    plain = ft.phases("two-state", data=ft.epsilon_greedy("1/2"))
    assert diagram.negative_mass == plain.negative_mass
    assert diagram.model.negative_mass == plain.model.negative_mass
    with pytest.raises(DataError, match="can be asked only with a model"):
        ft.phases(agents=2, actions=2, data=ft.epsilon_greedy("1/2", exploring=even))


def test_weight_on_an_unavailable_action_is_refused_with_state_agent_and_action():
    half = [["1/2", "1/2"]] * 2
    message = "marginals of agent 1 at state s1: action A is not available, expected weight 0, found 1/2"
    with pytest.raises(DataError, match=message):
        ft.fitted_q_iteration(MODEL, data=ft.product([half, half]))
    with pytest.raises(
        DataError,
        match=r"joint data at state s1, joint action \(A, B\): action A of agent 1 is not available, expected weight 0",
    ):
        ft.decide(MODEL, data=ft.correlated([[["1/4"] * 2] * 2, [[0, "1/2"], ["1/4", "1/4"]]]))


def test_data_files_are_read_as_data_of_available_actions(tmp_path):
    path = tmp_path / "data.json"
    path.write_text('{"format": "data/1", "marginals": [[["1/2", "1/2"], [0, 1]], [["1/2", "1/2"], ["1/3", "2/3"]]]}')
    run = ft.fitted_q_iteration(MODEL, data=ft.read_data(path, MODEL), iterations=2)
    assert run.data["marginals"][0] == [["1/2", "1/2"], ["1/2", "1/2"]]
    path.write_text(path.read_text().replace("[0, 1]", '["1/9", "8/9"]'))
    with pytest.raises(DataError, match=r"data.json: marginals of agent 1 at state s1: action A is not available"):
        ft.read_data(path, MODEL)


def test_sources_are_explicit_once():
    once = as_source(ft.uniform(), MODEL)
    assert once.describe()["kind"] == "product"
    again = as_source(once, MODEL)
    assert again.describe() == once.describe()
    assert as_source(ft.uniform(), ft.load("two-state")).describe() == {"kind": "uniform"}


def test_sources_of_others_are_refused():
    class Own:
        on_policy = False

        def at(self, model, greedy):
            return ft.uniform().at(model, greedy)

        def describe(self):
            return {}

    with pytest.raises(DataError, match="some of whose actions are not available, found"):
        ft.decide(MODEL, data=Own())


def test_central_weights_are_refused():
    with pytest.raises(DataError, match="central weights: model 'two-state' has actions that are not available"):
        ft.fitted_q_iteration(MODEL, data=ft.central("1/2"), factorization=ft.monotonic)


def test_open_factors_of_correlated_data_have_no_choice():
    data = ft.correlated([[["1/2", 0], [0, "1/2"]], [[0, 0], [1, 0]]])
    with pytest.raises(DataError, match="no choice of least norm is defined: complete the data"):
        ft.fitted_q_iteration(MODEL, data=data)
    fate = ft.decide(MODEL, data=data, unsupported="choose")
    assert fate.kind == "unknown"
    assert [(one.state, one.agent, one.action) for one in fate.undetermined if one.agent is not None] == [(1, 1, (1,))]


def test_open_factors_of_product_data_are_named_by_available_actions():
    data = ft.product([[["1/2", "1/2"], [0, 1]], [["1/2", "1/2"], [1, 0]]])
    with pytest.warns(IncompleteDataWarning, match=r"1 actions are never played .*: state s1, agent 2, action B"):
        ft.fitted_q_iteration(MODEL, data=data, iterations=1)


LOG = [("u", ("L", "L"), 1, "v"), ("u", ("L", "R"), 3, "u"), ("v", ("L", "L"), 0, "v"), ("v", ("R", "L"), 2, "u", True)]


def test_counted_models_know_what_is_available():
    found = ft.from_transitions(
        LOG, discount="1/2", actions=[["L", "R"]] * 2, available={"u": [["L"], ["L", "R"]], "v": [["L", "R"], ["L"]]}
    )
    assert found.model.states == ("u", "v", "terminal")
    assert [mask.tolist() for mask in found.model.available] == [
        [[True, False], [True, True], [True, True]],
        [[True, True], [True, False], [True, True]],
    ]
    assert found.model.reward[:2].tolist() == [[[1, 3], [1, 3]], [[0, 0], [2, 2]]]
    values = ft.to_fraction(ft.fitted_q_iteration(found.model, data=found.data, iterations=2).values[-1]).tolist()
    by_hand = [max(Fraction(1) + Fraction(2, 2), Fraction(3) + Fraction(3, 2)), Fraction(2), Fraction(0)]
    assert values == by_hand
    assert found.data.at(found.model, np.zeros((3, 2), dtype=int)).full_support()


def test_tables_of_masks_leave_out_the_terminal_state():
    tables = [[[1, 0], [1, 1]], [[1, 1], [1, 0]]]
    found = ft.from_transitions(LOG, discount="1/2", actions=[["L", "R"]] * 2, available=tables)
    assert [mask[:2].astype(int).tolist() for mask in found.model.available] == tables


def test_a_transition_that_plays_an_unavailable_action_is_refused():
    only = {"u": [["R"], ["L", "R"]]}
    with pytest.raises(
        DataError, match=r"state u, joint action \(L, L\): not available, expected no transition, found 1"
    ):
        ft.from_transitions(LOG, discount="1/2", actions=[["L", "R"]] * 2, available=only)


def test_available_joint_actions_need_visits():
    with pytest.raises(DataError, match=r"state v, joint action \(L, R\): no transition was observed"):
        ft.from_transitions(LOG, discount="1/2", actions=[["L", "R"]] * 2, available={"u": [["L"], ["L", "R"]]})
    found = ft.from_transitions(
        LOG[:2],
        discount="1/2",
        actions=[["L", "R"]] * 2,
        available={"u": [["L"], ["L", "R"]], "v": [["R"], ["L", "R"]]},
        unvisited="absorb",
    )
    assert ft.to_fraction(found.data.weights[1]).tolist() == [[0, 0], [Fraction(1, 2)] * 2]


def test_starts_are_equal_on_copies():
    factors = [np.zeros((2, 2), dtype=int), np.zeros((2, 2), dtype=int)]
    factors[0][1] = [4, 3]
    message = "initial factors: state s1, agent 1, action A: not available, expected 3, .* found 4"
    with pytest.raises(DataError, match=message):
        ft.fitted_q_iteration(MODEL, initial=ft.start_from_factors(factors))
    factors[0][1] = [3, 3]
    assert ft.fitted_q_iteration(MODEL, initial=ft.start_from_factors(factors), iterations=1).values[0].tolist() == [
        0,
        3,
    ]
    table = np.zeros((2, 2, 2), dtype=int)
    table[1, 0, 1] = 1
    with pytest.raises(
        DataError, match=r"initial table: state s1, joint action \(A, B\): not available, expected 0, .* found 1"
    ):
        ft.decide(MODEL, initial=ft.start_from_table(table))


def test_what_was_learned_of_unavailable_actions_does_not_count():
    run = ft.fitted_q_iteration(MODEL, iterations=1)
    tables = [np.zeros((2, 2, 2))]
    tables[0][1, 0] = -np.inf
    assert ft.compare(run, tables, within=0).follows
    tables[0][1, 1, 0] = 5
    assert ft.compare(run, tables).departure.learned == 5
    factors = [[np.zeros((2, 2)), np.zeros((2, 2))]]
    factors[0][0][1, 0] = 9
    assert ft.compare(run, factors, kind="factors", within=0).follows


def test_masks_are_no_part_of_a_wrong_count():
    with pytest.raises(ModelError, match="available: state u, agent 2: expected at least one action, found none"):
        ft.from_transitions(LOG, discount="1/2", actions=[["L", "R"]] * 2, available={"u": [["L"], []]})
