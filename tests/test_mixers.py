import re
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import GAME_2

from fqi_theory.base.errors import DataError, NumberError, TooLarge
from fqi_theory.factorization import order_tree
from fqi_theory.factorization.best_fits import best_fit
from fqi_theory.testing import strategies as fst
from fqi_theory.testing.mixers import MixerViolation, array_mixer, assert_mixer_matches


def vdn(utilities):
    return utilities.sum(axis=1)


class Qmix:
    """Hypernetwork weights from the state, made non-negative, with a monotone activation."""

    def __init__(self, agents, states, width=4, seed=0):
        rng = np.random.default_rng(seed)
        self.first, self.bias = rng.normal(size=(states, agents * width)), rng.normal(size=(states, width))
        self.second, self.width = rng.normal(size=(states, width)), width

    def __call__(self, utilities, states):
        weights = np.abs(states @ self.first).reshape(len(states), -1, self.width)
        hidden = np.einsum("bn,bnw->bw", utilities, weights) + states @ self.bias
        hidden = np.where(hidden > 0, hidden, np.expm1(np.minimum(hidden, 0)))
        return (hidden * np.abs(states @ self.second)).sum(axis=1, keepdims=True)


def qplex(sign=1.0):
    """Duelling mixing with positive λ(s, a) from a table; sign = -1 makes agent 2's negative."""

    def mixer(utilities, states, joint_actions, maxima):
        code = joint_actions @ 3 ** np.arange(joint_actions.shape[1])
        weights = 0.1 + np.abs(np.sin(1.0 + code[:, None] * np.arange(1, utilities.shape[1] + 1)) * states[:, :1])
        weights[:, 1] *= sign
        return (maxima + weights * (utilities - maxima)).sum(axis=1)

    return mixer


DUELLING = ("utilities", "states", "joint_actions", "maxima")
STATES = np.random.default_rng(1).normal(size=(5, 3))


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


def two_by_two(violation, inactive=0):
    sizes = sorted(len(q) for q in violation.utilities)
    assert sizes == [1] * inactive + [2, 2]
    assert violation.table.size == 4


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
    assert shapes == {(4, 1, 2), (4, 1, 3)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"actions": (2, 2, 2)}, "actions: expected 2 counts"),
        ({"actions": (2, 0)}, "actions: expected 2 counts"),
        ({"reading": "convex"}, "reading: expected one of igm, igm-sets, monotonic, additive, found 'convex'"),
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
        ({"mixer": lambda _: None}, "expected an answer of real numbers, found object"),
        ({"mixer": lambda u: u}, r"shape \(4,\) or \(4, 1\), found \(4, 2\)"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(changes, message):
    options = {"mixer": vdn, "agents": 2, "actions": 2, **changes}
    with pytest.raises(DataError, match=message):
        assert_mixer_matches(options.pop("mixer"), **options)


def test_the_best_fit_of_vdn_on_game_2_is_the_exact_one_of_its_class():
    report = assert_mixer_matches(vdn, payoff=GAME_2, reading="additive")
    assert report.fit.least == fmpq(4096, 9)
    assert report.fit.error == pytest.approx(4096 / 9)
    assert report.fit.table == pytest.approx(np.array([[-56, -44, -44], [-44, -32, -32], [-44, -32, -32]]) / 9)
    assert str(report).startswith(
        "no violation of additive in 200 random games (tested, not proved; differences up to "
    )
    assert "held fixed: squared error 455.111, at least 4096/9 in its class (exact), greedy" in str(report)


@pytest.mark.parametrize("mixer", [lambda u: u.min(axis=1), lambda u: u.sum(axis=1) + np.minimum(u.sum(axis=1), 0)])
def test_no_monotonic_mixer_fits_game_2_better_than_288(mixer):
    fit = assert_mixer_matches(mixer, payoff=GAME_2, reading="monotonic").fit
    assert fit.least == 288
    assert fit.error >= 288 - 1e-6


def test_the_minimum_of_utilities_comes_near_the_best_monotonic_fit_and_keeps_the_optimum():
    fit = assert_mixer_matches(lambda u: u.min(axis=1), payoff=GAME_2, reading="monotonic").fit
    assert fit.error < 289
    assert fit.greedy == (0, 0)


def test_a_table_of_one_agent_is_fitted_exactly():
    fit = assert_mixer_matches(vdn, payoff=["1/2", -3, 8], within=0).fit
    assert fit.table == pytest.approx([0.5, -3, 8])


def test_a_poor_fit_has_a_two_agent_two_action_witness():
    with pytest.raises(MixerViolation, match=r"fit has squared error 256, more than 1, for the payoff") as caught:
        assert_mixer_matches(vdn, payoff=GAME_2, within=1)
    found = caught.value
    assert found.kind == "fit"
    two_by_two(found)
    assert found.actions == ((0, 2), (0, 2))
    assert "[['8', '-12'], ['-12', '0']]" in str(found)
    # The interaction 8 + 12 + 12 + 0 = 32 is spread evenly over four cells: each is missed by 8.
    assert np.abs(found.table - [[8, -12], [-12, 0]]) == pytest.approx(np.full((2, 2), 8.0), abs=1e-4)


def test_a_fit_that_breaks_the_reading_is_a_violation():
    with pytest.raises(MixerViolation, match="monotonic violated") as caught:
        assert_mixer_matches(lambda u: u @ [1, -1], payoff=GAME_2, reading="monotonic", examples=0)
    two_by_two(caught.value)


def test_a_fit_of_a_duelling_mixer_sees_states_actions_and_maxima():
    report = assert_mixer_matches(qplex(), payoff=GAME_2, states=STATES, inputs=DUELLING)
    assert report.fit.least == 0
    assert report.fit.game.state.tolist() == STATES[0].tolist()
    assert report.fit.error < float((np.array(GAME_2, dtype=float) ** 2).sum())


def test_too_large_a_class_has_no_exact_optimum():
    fit = assert_mixer_matches(vdn, payoff=np.zeros((7, 7), dtype=int).tolist(), reading="monotonic").fit
    assert fit.least is None
    assert "optimum of the class not computed" in str(fit)


def test_floats_are_refused_in_a_payoff():
    with pytest.raises(NumberError, match="payoff: floats"):
        assert_mixer_matches(vdn, payoff=[[0.5, 1.0], [1.0, 0.0]])


def test_single_precision_is_fitted_too():
    fit = assert_mixer_matches(lambda u: vdn(u).astype(np.float32), payoff=GAME_2, reading="additive").fit
    assert fit.error == pytest.approx(4096 / 9, rel=1e-4)


def test_best_additive_fit_of_game_2():
    fit = best_fit(GAME_2, "additive")
    assert fit.table[0].tolist() == [fmpq(-56, 9), fmpq(-44, 9), fmpq(-44, 9)]
    assert (fit.error, fit.greedy, fit.payoff) == (fmpq(4096, 9), (1, 1), 0)


def test_best_monotonic_fit_of_game_2_keeps_the_optimal_action():
    fit = best_fit(GAME_2, "monotonic")
    assert fit.table.tolist() == [[8, -6, -6], [-6, -6, -6], [-6, -6, -6]]
    assert (fit.error, fit.greedy, fit.payoff) == (288, (0, 0), 8)


def test_a_monotonic_table_is_its_own_fit():
    fit = best_fit([[3, 1, 2], [1, 0, 1]], "monotonic")
    assert fit.table.tolist() == [[3, 1, 2], [1, 0, 1]]
    assert fit.error == 0


def pooled(values):
    """Isotonic regression of a chain: pool adjacent violators."""
    blocks = []
    for x in values:
        blocks.append([Fraction(x), 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            mean, size = blocks.pop()
            last = blocks[-1]
            blocks[-1] = [(last[0] * last[1] + mean * size) / (last[1] + size), last[1] + size]
    return [mean for mean, size in blocks for _ in range(size)]


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4))
def test_along_one_agent_some_order_fits_exactly(values):
    assert best_fit(values, "monotonic").error == 0
    errors = [sum((Fraction(x) - g) ** 2 for x, g in zip(o, pooled(o), strict=True)) for o in permutations(values)]
    assert min(errors) == 0


@settings(max_examples=15)
@given(st.data())
def test_no_monotonic_table_nearby_fits_better(draw):
    table = draw.draw(fst.q_tables((2, 3)))
    fit = best_fit(table, "monotonic")
    assert fit.error <= best_fit(table, "additive").error
    assert fit.error == ((table - fit.table) ** 2).sum()
    # Optimality within the found order: the residual is orthogonal to the fit, and no level can move alone.
    assert ((table - fit.table) * fit.table).sum() == 0
    for level in set(fit.table.flat):
        assert (table - fit.table)[fit.table == level].sum() == 0


def test_fits_that_would_take_too_long_are_refused(monkeypatch):
    assert best_fit(np.zeros((7, 7), dtype=int), "monotonic").error == 0
    monkeypatch.setattr(order_tree, "MOST", 40)
    with pytest.raises(TooLarge, match=r"table of shape \(7, 7\): more than 40 begun orders"):
        best_fit(np.eye(7, dtype=int), "monotonic")
    with pytest.raises(DataError, match="reading"):
        best_fit(GAME_2, "convex")
    with pytest.raises(DataError, match="payoff"):
        best_fit([], "additive")
