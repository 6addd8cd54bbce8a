"""Mixers in batches, in single precision, with parameters; and what a violation tells."""

import traceback

import numpy as np
import pytest
from mixing import DUELLING, STATES, Qmix, qplex, vdn

from fqi_theory.base.errors import DataError
from fqi_theory.testing.mixers import MixerViolation, assert_mixer_matches

QMIX = Qmix(2, 3)


def rolled(utilities, states):
    return QMIX(utilities, np.roll(states, 1, axis=0))


def first_state(utilities, states):
    return QMIX(utilities, np.repeat(states[:1], len(states), axis=0))


def normalised(utilities, states):
    return QMIX(utilities - utilities.mean(axis=0), states)


def reversed_rows(utilities, states):
    return QMIX(utilities, states[::-1])


def single_row_is_special(utilities, states):
    return QMIX(utilities, states) + (len(utilities) == 1)


WRONG = [rolled, first_state, normalised, reversed_rows, single_row_is_special]


@pytest.mark.parametrize("mixer", WRONG, ids=lambda mixer: mixer.__name__)
def test_an_answer_that_depends_on_other_rows_is_found(mixer):
    """Each of these keeps monotonicity in every game of one state: only mixed batches tell."""
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(mixer, agents=2, actions=3, states=STATES, reading="qmix")
    assert caught.value.kind == "batch"
    assert "alone the row has Q_tot" in str(caught.value)


def test_a_batch_is_shrunk_to_two_rows_which_replay():
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(rolled, agents=2, actions=3, states=STATES)
    assert "of 2 it has" in str(caught.value)
    (note,) = caught.value.__notes__
    alone, together = note.removeprefix("replay: ").rsplit(", row ", 1)[0].split(" against ")
    row = int(note[-1]) - 1
    scope = {"np": np, "mixer": rolled}
    assert eval(alone, scope)[0] != pytest.approx(eval(together, scope)[row])


def test_without_states_rows_mix_as_well():
    def by_rank(utilities):
        return utilities.sum(axis=1) - utilities.sum(axis=1).min()

    with pytest.raises(MixerViolation, match="batch violated"):
        assert_mixer_matches(by_rank, agents=2, actions=3, reading="additive")


@pytest.mark.parametrize("seed", range(3))
def test_right_mixers_pass_mixed_batches(seed):
    assert_mixer_matches(Qmix(3, 3, seed=seed), agents=3, actions=3, states=STATES, reading="wqmix", seed=seed)
    assert_mixer_matches(vdn, agents=3, actions=3, reading="vdn", seed=seed)
    assert_mixer_matches(
        qplex(), agents=3, actions=3, states=STATES, inputs=DUELLING, reading="qplex", examples=60, seed=seed
    )


# Single precision.


def single(mixer):
    """Compute in float32 from the inputs on."""

    def mixed(*arrays):
        return mixer(*[a.astype(np.float32) if a.dtype.kind == "f" else a for a in arrays]).astype(np.float32)

    return mixed


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("level", [0, 1000])
def test_ties_that_rounding_made_are_no_violation(seed, level):
    assert_mixer_matches(single(lambda u: u.sum(axis=1) + level), agents=3, actions=4, reading="igm-sets", seed=seed)
    options = {"states": STATES, "inputs": DUELLING, "reading": "qplex", "seed": seed}
    assert_mixer_matches(single(qplex()), agents=3, actions=3, **options)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda u: 0 * u.sum(axis=1),
        lambda u: u[:, 0] + 0 * u[:, 1],
        lambda u: u[:, 0] - u[:, 1],
        lambda u: np.maximum(u, 0).sum(axis=1),
        lambda u: u.min(axis=1),
    ],
)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_wrong_mixers_fail_in_both_precisions(wrong, kind):
    with pytest.raises(MixerViolation, match="igm-sets violated"):
        assert_mixer_matches(lambda u: wrong(u.astype(kind)), agents=2, actions=3, reading="igm-sets")


def test_a_negative_duelling_weight_fails_in_single_precision():
    with pytest.raises(MixerViolation, match="igm-sets violated"):
        assert_mixer_matches(
            single(qplex(-1.0)), agents=3, actions=3, states=STATES, inputs=DUELLING, reading="igm-sets"
        )


def test_a_weight_of_zero_at_one_joint_action_is_a_tie_of_the_mixers_own():
    def mixer(utilities, joint_actions, maxima):
        weights = np.where((joint_actions == 1).all(axis=1), 0.0, 1.0)[:, None]
        return (maxima + weights * (utilities - maxima)).sum(axis=1)

    with pytest.raises(MixerViolation, match=r"\(1, 1\) is not greedy and has the same Q_tot"):
        assert_mixer_matches(
            single(mixer), agents=2, actions=3, inputs=("utilities", "joint_actions", "maxima"), reading="igm-sets"
        )


# Messages.


def test_what_rose_and_what_fell_is_said_and_replays():
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(lambda u: u @ [1, -1], agents=2, actions=3, reading="monotonic")
    assert str(caught.value).endswith("Q_2 rises from 0.0 to 1.0, the others stay: Q_tot falls from 0.0 to -1.0")
    (note,) = caught.value.__notes__
    rose, before = eval(note.removeprefix("replay: "), {"np": np, "mixer": lambda u: u @ [1, -1]})
    assert rose < before


def test_a_replay_holds_states_actions_and_maxima():
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(qplex(-1.0), agents=3, actions=3, states=STATES, inputs=DUELLING)
    assert "greedy (" in str(caught.value)
    (note,) = caught.value.__notes__
    greedy, better = eval(note.removeprefix("replay: "), {"np": np, "mixer": qplex(-1.0)})
    assert greedy < better


def test_an_interaction_is_told_by_its_size():
    with pytest.raises(MixerViolation, match="Q_1 and Q_2 together moves Q_tot by 1"):
        assert_mixer_matches(lambda u: u[:, 0] * u[:, 1], agents=2, actions=2, reading="vdn")


def test_a_traceback_has_no_internal_frames():
    with pytest.raises(MixerViolation) as caught:
        assert_mixer_matches(lambda u: -u.sum(axis=1), agents=2, actions=2)
    assert [frame.name for frame in traceback.extract_tb(caught.tb)][1:] == ["assert_mixer_matches"]


# Parameters.


class Mixed:
    """A weighted sum with parameters that can be named."""

    def __init__(self):
        self.weights, self.level, self.idle = np.ones(2), np.zeros(1), np.ones(3)

    def __call__(self, utilities):
        return utilities @ np.abs(self.weights) + self.level + 0 * self.idle.sum()


def test_a_parameter_that_moves_nothing_is_named():
    mixer = Mixed()
    used = {"weights": mixer.weights, "level": mixer.level}
    assert_mixer_matches(mixer, agents=2, actions=2, parameters=used)
    with pytest.raises(MixerViolation, match="parameter idle moves Q_tot in none of 48 rows") as caught:
        assert_mixer_matches(mixer, agents=2, actions=2, parameters={**used, "idle": mixer.idle})
    assert caught.value.kind == "parameter"
    assert (mixer.weights == 1).all()
    assert (mixer.level == 0).all()


def test_parameters_of_another_kind_are_refused():
    with pytest.raises(DataError, match=r"parameters: expected a module with named_parameters, .* found list"):
        assert_mixer_matches(vdn, agents=2, actions=2, parameters=[np.ones(2)])
