"""The oracle of mixing functions: what it accepts, and the smallest witness of what it does not."""

import re

import numpy as np
import pytest
from mixing import DUELLING, STATES, Qmix, qplex, two_by_two, vdn

from fqi_theory.base.errors import DataError
from fqi_theory.testing.mixers import MixerViolation, array_mixer, assert_mixer_matches


@pytest.mark.parametrize("reading", ["igm", "monotonic", "additive"])
@pytest.mark.parametrize("actions", [3, (2, 1, 4)])
def test_vdn_passes_every_reading(reading, actions):
    assert_mixer_matches(vdn, agents=3, actions=actions, reading=reading)


@pytest.mark.parametrize("reading", ["igm", "monotonic"])
@pytest.mark.parametrize("agents", [1, 2, 4])
def test_qmix_passes(reading, agents):
    assert_mixer_matches(Qmix(agents, 3), agents=agents, actions=3, states=STATES, reading=reading)


def test_qplex_passes():
    assert_mixer_matches(qplex(), agents=3, actions=(3, 2, 3), states=STATES, inputs=DUELLING)


@pytest.mark.parametrize("reading", ["igm", "monotonic"])
@pytest.mark.parametrize("agents", [2, 4])
def test_a_negative_weight_has_a_two_agent_two_action_witness(reading, agents):
    weights = np.ones(agents)
    weights[1] = -0.25
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(lambda u: u @ weights, agents=agents, actions=4, reading=reading)
    found = caught.value
    assert found.kind == reading
    two_by_two(found, inactive=agents - 2)
    assert sorted(found.utilities[1]) == [0.0, 1.0]
    assert found.utilities[1][found.joint_action[1]] == 1.0


def test_an_argmax_breaking_bias_has_a_two_agent_two_action_witness():
    def biased(utilities, joint_actions):
        return utilities.sum(axis=1) + 3 * (joint_actions == 2).all(axis=1)

    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(biased, agents=3, actions=3, inputs=("utilities", "joint_actions"))
    found = caught.value
    assert found.kind == "igm"
    assert found.table[found.better] > found.table[found.joint_action]
    assert all(q[x] == max(q) for q, x in zip(found.utilities, found.joint_action, strict=True))
    two_by_two(found, inactive=1)
    assert [a[x] for a, x in zip(found.actions, found.better, strict=True)] == [2, 2, 2]


def test_a_bias_on_disagreement_is_found():
    def biased(utilities):
        return utilities.sum(axis=1) - 2 * np.abs(utilities[:, 0] - utilities[:, 1])

    for reading in ("igm", "monotonic"):
        with pytest.raises(MixerViolation, match=f"{reading} violated") as caught:
            assert_mixer_matches(biased, agents=2, actions=5, reading=reading)
        two_by_two(caught.value)


@pytest.mark.parametrize("count", [3, 4, 300])
def test_every_state_is_asked_with_every_kind_of_utilities(count):
    def mixer(utilities, states):
        wrong = (states[:, 0] == count - 1) & (np.abs(utilities).max(axis=1) > 10)
        return utilities[:, 0] + np.where(wrong, -1, 1) * utilities[:, 1]

    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(mixer, agents=2, actions=3, states=np.arange(count)[:, None])
    assert caught.value.state.tolist() == [count - 1]


@pytest.mark.parametrize(("bias", "agents", "actions"), [(0.3, 3, 5), (0.1, 3, 5), (0.03, 3, 5), (0.01, 4, 5)])
def test_a_small_bias_on_one_joint_action_is_found_and_named(bias, agents, actions):
    def mixer(utilities, joint_actions):
        return utilities.sum(axis=1) + bias * (joint_actions == 2).all(axis=1)

    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(mixer, agents=agents, actions=actions, inputs=("utilities", "joint_actions"))
    assert f"against {(2,) * agents}" in str(caught.value)
    assert "= {2: " in str(caught.value)


@pytest.mark.parametrize("place", [lambda u: np.abs(u) < 1e-2, lambda u: np.abs(u) > 60])
def test_a_fall_at_small_or_large_utilities_is_found(place):
    def mixer(utilities):
        return np.where(place(utilities), -utilities, utilities).sum(axis=1)

    with pytest.raises(MixerViolation):
        assert_mixer_matches(mixer, agents=2, actions=3, reading="monotonic")


@pytest.mark.parametrize(("kind", "level"), [(np.float16, 100), (np.float32, 1e6)])
def test_a_high_level_in_low_precision_hides_no_negative_weight(kind, level):
    with pytest.raises(MixerViolation):
        assert_mixer_matches(lambda u: (level + u @ [1, -1]).astype(kind), agents=2, actions=3)


def test_of_very_many_joint_actions_a_part_is_played():
    assert_mixer_matches(vdn, agents=8, actions=14, examples=12)
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(lambda u: u.sum(axis=1) - 3 * u[:, 5], agents=8, actions=14)
    two_by_two(caught.value, inactive=6)


def test_a_mixer_that_is_not_a_function_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(DataError, match=r"expected the same answer .* \.eval\(\)"):
        assert_mixer_matches(lambda u: vdn(u) + rng.normal(), agents=2, actions=2)


def test_sets_of_maximisers_are_asked_for_by_name():
    assert_mixer_matches(qplex(), agents=3, actions=(3, 2, 3), states=STATES, inputs=DUELLING, reading="igm-sets")
    assert_mixer_matches(vdn, agents=2, actions=3, reading="igm-sets")
    assert_mixer_matches(lambda u: 0 * vdn(u), agents=2, actions=3)
    with pytest.raises(MixerViolation, match="igm-sets violated") as caught:
        assert_mixer_matches(lambda u: 0 * vdn(u), agents=2, actions=3, reading="igm-sets")
    two_by_two(caught.value)


def test_a_negative_duelling_weight_is_found():
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(qplex(-1.0), agents=3, actions=3, states=STATES, inputs=DUELLING)
    assert caught.value.kind == "igm"
    assert caught.value.state in STATES
    two_by_two(caught.value, inactive=1)


def test_qmix_is_not_additive_and_a_product_is_the_smallest_witness():
    with pytest.raises(MixerViolation, match="additive"):
        assert_mixer_matches(Qmix(2, 3), agents=2, actions=3, states=STATES, reading="additive")
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(lambda u: u[:, 0] * u[:, 1], agents=2, actions=3, reading="additive")
    assert caught.value.utilities == ((0.0, 1.0), (0.0, 1.0))
    assert caught.value.table.tolist() == [[0, 0], [0, 1]]


def test_igm_asks_less_than_monotonicity():
    # Agent 2's utility counts with a sign that depends on agent 1's: greedy stays right, Q_tot may fall.
    def mixer(utilities, maxima):
        gap = utilities - maxima
        return maxima.sum(axis=1) + gap.sum(axis=1) - 5 * gap[:, 0] * gap[:, 1]

    assert_mixer_matches(mixer, agents=2, actions=3, inputs=("utilities", "maxima"))


def test_an_answer_that_is_not_finite_is_a_violation():
    with pytest.raises(MixerViolation, match="not finite violated") as caught:
        assert_mixer_matches(lambda u: np.where(u[:, 0] > 0, np.nan, 0.0), agents=2, actions=2)
    assert caught.value.kind == "not finite"


def test_single_precision_rounding_is_no_violation():
    def single(utilities):
        return (utilities.astype(np.float32) @ np.full((3, 1), 0.1, dtype=np.float32)) + np.float32(1000)

    assert_mixer_matches(single, agents=3, actions=3)
    assert_mixer_matches(single, agents=3, actions=3, reading="monotonic")


def test_the_same_seed_finds_the_same_witness():
    messages = set()
    for _ in range(2):
        with pytest.raises(MixerViolation) as caught:
            assert_mixer_matches(lambda u: u[:, 0] - 0.3 * u[:, 1], agents=2, actions=3, seed=5)
        messages.add(str(caught.value))
    assert len(messages) == 1
    assert re.search(r"igm violated at \(\d, \d\) against \(\d, \d\): Q_1 = ", messages.pop())


def test_modules_on_tensors_are_adapted():
    class Tensor:
        def __init__(self, array):
            self.array = array

        def detach(self):
            return self

        cpu = detach

        def numpy(self):
            return self.array

    seen = []

    def module(utilities):
        seen.append(type(utilities))
        return Tensor(utilities.array.sum(axis=1, keepdims=True))

    assert_mixer_matches(array_mixer(module, Tensor), agents=2, actions=2, examples=3)
    assert set(seen) == {Tensor}


def test_a_time_axis_is_put_in_and_taken_out():
    shapes = set()

    def module(utilities, states):
        shapes.update({utilities.shape, states.shape})
        return utilities.sum(axis=2, keepdims=True)

    assert_mixer_matches(array_mixer(module, np.asarray, time_axis=True), agents=2, actions=2, states=STATES)
    assert {shape[1:] for shape in shapes} == {(1, 2), (1, 3)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"actions": (2, 2, 2)}, "actions: expected 2 counts"),
        (
            {"reading": "convex"},
            "expected one of igm, igm-sets, monotonic, additive, vdn, qmix, wqmix, qplex, found",
        ),
        ({"inputs": ("utilities", "states")}, "states: .* none were given"),
        ({"inputs": ("utilities", "maxima"), "reading": "monotonic"}, "functions of utilities and states"),
        ({"inputs": ("utility",)}, "inputs: expected a sequence of some of utilities, .* found .'utility',"),
        ({"inputs": "utilities"}, "inputs: expected a sequence"),
        ({"inputs": ("utilities", "states"), "states": []}, "states: .* none were given"),
        ({"actions": None}, "agents, actions: expected both, or a payoff"),
        ({"payoff": [[1, 2, 3], [4, 5, 6]]}, r"payoff: expected the shape \(2, 2\) of the actions, found \(2, 3\)"),
        ({"payoff": 3}, "payoff: expected shape"),
        ({"examples": -1}, "examples: expected at least 0, found -1"),
        ({"mixer": lambda u: u[:, None, :1]}, r"found \(4, 1, 1\); a time axis is taken out by array_mixer"),
        (
            {"mixer": type("Module", (), {"state_dict": 0, "__call__": vdn})()},
            "found a module on tensors; see array_mixer",
        ),
        ({"within": 1.0}, "within: .* for a payoff, found 1.0"),
        ({"payoff": [[1, 2], [3, 4]], "within": -1.0}, "within: expected a squared error of at least 0"),
        ({"mixer": 3}, "mixer: expected a function of NumPy arrays, found int"),
        ({"agents": "2"}, r"agents: expected a whole number, found '2' \(str\)"),
        ({"agents": 0}, "agents: expected at least 1, found 0"),
        ({"actions": 2.0}, r"actions: expected a whole number, found 2.0 \(float\)"),
        ({"actions": "22"}, r"actions: expected a whole number, found '22' \(str\)"),
        ({"actions": (2, 0)}, "actions: expected at least 1, found 0"),
        ({"states": 3}, "states: expected an array of rows, found 3"),
        ({"examples": 1.5}, "examples: expected a whole number, found 1.5"),
        ({"mixer": lambda _: None}, "expected an answer of real numbers, found object"),
        ({"mixer": lambda u: u}, r"shape \(4,\) or \(4, 1\), found \(4, 2\)"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(changes, message):
    options = {"mixer": vdn, "agents": 2, "actions": 2, **changes}
    with pytest.raises(DataError, match=message):
        assert_mixer_matches(options.pop("mixer"), **options)
