"""Which actions are available: copies of available ones, their order, what models carry, and mmdp/1 files."""

import json

import masked_oracle as mo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from masked_models import model_of

import fqi_theory as ft
from fqi_theory.base.errors import FormatError, ModelError
from fqi_theory.model.available import copies, leaders, stand_ins
from fqi_theory.model.formats.mmdp_json import mmdp_from_json, mmdp_text, mmdp_to_json
from fqi_theory.model.formats.strict_json import parse_json

SEEDS = st.integers(0, 10_000)
MASKS = st.lists(st.lists(st.booleans(), min_size=5, max_size=5).filter(any), min_size=1, max_size=3).map(np.array)
TWO = ft.load("two-state")
ONLY_B = {"s1": [["B"], ["A", "B"]]}


def parsed(document):
    return mmdp_from_json(parse_json(document if isinstance(document, str) else json.dumps(document), "m.json"))


def tables(model):
    return [mask.tolist() for mask in model.available or ()]


@given(MASKS)
def test_an_action_stands_for_the_nearest_earlier_one_or_for_the_first(mask):
    (found,) = stand_ins((mask,))
    for own, row in zip(mask.tolist(), found.tolist(), strict=True):
        known = [a for a, there in enumerate(own) if there]
        assert row == [max([b for b in known if b <= a], default=known[0]) for a in range(len(own))]


@given(MASKS)
def test_the_map_to_available_actions_keeps_their_order(mask):
    (found,) = stand_ins((mask,))
    assert (np.diff(found, axis=1) >= 0).all()
    assert (np.take_along_axis(found, found, axis=1) == found).all()


def test_copies_are_counted_with_the_action_itself():
    (found,) = copies((np.array([[False, True, False, False, True], [True] * 5]),))
    assert found.tolist() == [[4, 4, 4, 4, 1], [1] * 5]


@given(MASKS)
def test_the_first_action_that_stands_for_the_same_one_leads(mask):
    (stands,), (found,) = stand_ins((mask,)), leaders((mask,))
    for own, row in zip(stands.tolist(), found.tolist(), strict=True):
        assert row == [own.index(a) for a in own]


def test_an_unavailable_action_takes_reward_and_transitions_of_its_stand_in():
    model = TWO.with_available(ONLY_B)
    assert model.reward[1].tolist() == [[0, 0], [0, 0]]
    assert model.transition.successor[1].tolist() == [[1, 0], [1, 0]]
    assert model.reward[0].tolist() == TWO.reward[0].tolist()


@pytest.mark.parametrize("kind", ["deterministic", "stochastic"])
def test_every_kind_of_kernel_is_copied(kind):
    model = ft.random_model(3, 3, (2, 3), kind)
    for one in (model, model.to_float(), ft.MMDP(model.reward, model.transition.dense(), model.discount)):
        found = one.with_available([[[1, 1], [0, 1], [1, 1]], [[1, 1, 1], [1, 0, 1], [0, 0, 1]]])
        tensor, old = found.transition.dense(), one.transition.dense()
        assert (tensor[0] == old[0]).all()
        assert (tensor[1] == old[1][1][None, [0, 0, 2]]).all()
        assert (tensor[2] == old[2][:, [2, 2, 2]]).all()
        assert (found.reward[1] == one.reward[1][1][None, [0, 0, 2]]).all()
        assert type(found.transition) is type(one.transition)


def test_tables_and_names_mean_the_same():
    named, given = TWO.with_available(ONLY_B), TWO.with_available([[[1, 1], [0, 1]], [[1, 1], [1, 1]]])
    assert tables(named) == tables(given) == [[[True, True], [False, True]], [[True, True], [True, True]]]


def test_models_carry_what_is_available():
    model = TWO.with_available(ONLY_B)
    for one in (model.with_discount("1/2"), model.to_float(), model.to_float().to_exact(), ft.damped(model, "1/2")):
        assert tables(one) == tables(model)
    assert ft.multi_step(model, 2).available is not None
    assert ft.shrunk(model.to_float(), "1/3").available is not None


def test_masks_that_exclude_nothing_are_none():
    assert TWO.with_available({"s1": [["A", "B"], ["A", "B"]]}).available is None
    assert TWO.with_available(None).available is None
    assert TWO.with_available(ONLY_B).with_available(None).available is None


def test_played_names_available_actions():
    model = TWO.with_available(ONLY_B)
    assert model.played(np.array([[0, 0], [0, 1]])).tolist() == [[0, 0], [1, 1]]
    assert model.played(np.zeros((3, 2, 2), dtype=int)).tolist() == [[[0, 0], [1, 0]]] * 3
    assert TWO.played(np.array([[0, 0], [0, 1]])).tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize(
    ("available", "message"),
    [
        ({"s2": [["A"], ["A"]]}, "available: expected names of states, found 's2'"),
        ({"s1": [["A"]]}, "available: state s1: expected a list of actions for each of 2 agents"),
        ({"s1": ["A", "B"]}, "available: state s1, agent 1: expected names among A, B, found 'A'"),
        ({"s1": [["A", "C"], ["A"]]}, "available: state s1, agent 1: expected names among A, B, found 'C'"),
        ({"s1": [["A"], []]}, "available: state s1, agent 2: expected at least one action, found none"),
        ([[[1, 1], [0, 0]], [[1, 1], [1, 1]]], "state s1, agent 1: expected at least one action, found none"),
        ([[[1, 1], [1, 1]]], "available: expected a table"),
        ([[[1, 1]], [[1, 1]]], r"available: agent 1: expected entries 0 or 1 of shape \(2, 2\), found"),
        ([[[1, 2], [1, 1]], [[1, 1], [1, 1]]], "available: agent 1: expected entries 0 or 1"),
        ([[[1, 1], [1, 1]], [[1], [1, 1]]], r"agent 2: expected entries 0 or 1 of shape \(2, 2\), found no rectang"),
        ({"s1": [True, ["A"]]}, "available: state s1, agent 1: expected names among A, B, found True"),
        (7, "available: expected a table"),
    ],
)
def test_what_is_no_availability_is_refused_with_its_place(available, message):
    with pytest.raises(ModelError, match=message):
        TWO.with_available(available)


def test_the_constructor_wants_copies():
    masks = [[[1, 1], [0, 1]], [[1, 1], [1, 1]]]
    with pytest.raises(
        ModelError,
        match=r"state s1, joint action \(A, A\): not available, expected the reward and the transitions of state s1, "
        r"joint action \(B, A\), found others; with_available",
    ):
        ft.MMDP(TWO.reward, TWO.transition, "1/2", states=TWO.states, actions=TWO.actions, available=masks)
    zeros, kernel = np.zeros((2, 2, 2), dtype=int), [[[0, 0], [0, 0]], [[1, 0], [1, 1]]]
    with pytest.raises(ModelError, match=r"joint action \(a0, a1\): not available"):
        ft.MMDP(zeros, kernel, "1/2", available=masks)


@given(SEEDS)
def test_what_is_written_is_read_back(seed):
    model = model_of(mo.drawn(seed), seed)
    again = parsed(mmdp_text(model))
    assert tables(again) == tables(model)
    assert (again.reward == model.reward).all()
    assert (again.transition.dense() == model.transition.dense()).all()


def test_files_hold_available_joint_actions_only():
    document = mmdp_to_json(TWO.with_available(ONLY_B))
    assert document["available"] == ONLY_B
    assert [entry["action"] for entry in document["transitions"][4:]] == [["B", "A"], ["B", "B"]]
    assert "available" not in mmdp_to_json(TWO)


def test_entries_of_unavailable_joint_actions_may_stand_if_they_are_copies():
    document = mmdp_to_json(TWO.with_available(ONLY_B).with_available(None))
    assert tables(parsed({**document, "available": ONLY_B})) == tables(TWO.with_available(ONLY_B))
    with pytest.raises(
        ModelError, match=r"m.json: state s1, joint action \(A, A\): not available, expected the reward"
    ):
        parsed({**mmdp_to_json(TWO), "available": ONLY_B})


@pytest.mark.parametrize(
    ("available", "message"),
    [
        ([], "m.json: available: expected an object, found a list of 0"),
        ({"s2": []}, "m.json: available: expected names of states, found the unknown state 's2'"),
        ({"s1": [["A"]]}, "m.json: available.s1: expected 2 lists of actions, one an agent, found 1"),
        ({"s1": [["A"], ["C"]]}, r"m.json: available.s1\[1\]\[0\]: expected a known action of agent 2"),
        ({"s1": [["A"], []]}, r"m.json: available.s1\[1\]: expected at least one action, found none"),
        ({"s1": [["A"], ["B", "B"]]}, r"m.json: available.s1\[1\]: expected every action once, found 'B' twice"),
    ],
)
def test_files_are_refused_with_the_place(available, message):
    with pytest.raises(FormatError, match=message):
        parsed({**mmdp_to_json(TWO), "available": available})


def test_a_file_without_an_available_joint_action_is_refused():
    document = mmdp_to_json(TWO.with_available(ONLY_B))
    del document["transitions"][-1]
    with pytest.raises(FormatError, match=r"transitions: expected an entry for every state and available joint action"):
        parsed(document)
    document = mmdp_to_json(TWO)
    del document["transitions"][-1]
    with pytest.raises(FormatError, match="expected 8 entries"):
        parsed(document)


@pytest.mark.parametrize("name", ["m.dpomdp", "m.nfg"])
def test_formats_without_availability_refuse_it(name, tmp_path):
    game = ft.from_payoff([[1, 2], [3, 4]]).with_available([[[0, 1]], [[1, 1]]])
    with pytest.raises(ModelError, match="does not hold which actions are available"):
        ft.write_model(game, tmp_path / name)
    ft.write_model(game.with_available(None), tmp_path / name)
