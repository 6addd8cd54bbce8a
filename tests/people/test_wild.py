"""Trainings on the witness models: mixers are what they say, replay and targets are right, short runs come out as exact
iteration does.
"""

import json

import numpy as np
import pytest

import fqi_theory as ft

pytestmark = pytest.mark.slow
torch = pytest.importorskip("torch")

from benchmarks.wild import __main__ as wild  # noqa: E402
from benchmarks.wild.networks import Learner  # noqa: E402
from benchmarks.wild.settings import CASES, masses, measure  # noqa: E402
from benchmarks.wild.training import Replay, Runs, Settings, Training  # noqa: E402

COUNTS = (3, 2, 2)


def table(learner):
    """Return Q_tot of state 0 over all joint actions, and the utilities there."""
    cells = torch.cartesian_prod(*(torch.arange(count) for count in COUNTS))
    state = torch.eye(2)[0]
    with torch.no_grad():
        q = learner(state.expand(len(cells), -1), cells).reshape(COUNTS).double().numpy()
        return q, [u.double().numpy() for u in learner.utilities(state)]


@pytest.mark.parametrize("mixer", ["VDN", "QMIX", "QPLEX"])
@pytest.mark.parametrize("seed", range(5))
def test_greedy_actions_are_a_joint_maximum(mixer, seed):
    torch.manual_seed(seed)
    learner = Learner(mixer, 2, COUNTS, 16)
    q, utilities = table(learner)
    greedy = tuple(learner.greedy(torch.eye(2))[0].tolist())
    assert greedy == tuple(int(u.argmax()) for u in utilities)
    assert q[greedy] == pytest.approx(q.max())
    if mixer == "VDN":
        assert q == pytest.approx(utilities[0][:, None, None] + utilities[1][:, None] + utilities[2], abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_qmix_is_monotone_and_supermodular(seed):
    torch.manual_seed(seed)
    learner = Learner("QMIX", 2, COUNTS, 16)
    q, utilities = table(learner)
    ranked = q[np.ix_(*(np.argsort(u) for u in utilities))]
    for axis in range(3):
        assert (np.diff(ranked, axis=axis) >= -1e-6).all()
        assert (np.diff(np.diff(ranked, axis=axis), axis=(axis + 1) % 3) >= -1e-6).all()


def test_the_replay_keeps_the_last():
    replay = Replay(2, 4)
    for k in range(3):
        replay.add(torch.full((2, 2), k))
    assert sorted(replay.cells[0].tolist()) == [1, 1, 2, 2]
    assert replay.filled == 4


def test_cells_are_states_and_joint_actions():
    training = Training("VDN", ft.load("two-state"), Settings(seeds=1))
    state, actions = training.split(torch.tensor([[0, 5, 7]]))
    assert state[0].argmax(dim=-1).tolist() == [0, 1, 1]
    assert actions[0].tolist() == [[0, 0], [0, 1], [1, 1]]
    values = torch.tensor([[10.0, 20.0]])
    found = training.targets(torch.tensor([[4, 7]]), values, values)
    assert found[0].tolist() == pytest.approx([1 + 0.9 * 20, 0.9 * 10])


def test_a_long_fit_is_the_best_fit():
    """One period on game rewards: VDN's maximum is that of the exact uniform fit."""
    model = ft.load("lecture-2x2")
    settings = Settings(seeds=3, periods=1, steps=600, rate=0.02)
    found = Training("VDN", model, settings).run().values[-1, :, 0]
    exact = ft.fitted_q_iteration(model, iterations=1).values[-1][0]
    assert found == pytest.approx(float(ft.to_fraction(exact)), abs=0.6)


def test_epsilon_greedy_collects_around_the_greedy_actions():
    training = Training("VDN", ft.load("two-state"), Settings(seeds=2, epsilon=0.1, collected=2000))
    greedy = training.greedy(training.parameters)
    state, actions = training.split(training.collect(training.parameters))
    at = greedy[torch.arange(2)[:, None], state.argmax(dim=-1)]
    assert (actions == at).float().mean().item() == pytest.approx(0.95, abs=0.02)


def test_the_mass_of_a_replay():
    counts = np.ones((2, 2, 2, 2), dtype=int)
    assert masses(Runs(None, counts, None)).median == 0.25
    counts[:, 1] = [[5, 5], [0, 0]]
    assert masses(Runs(None, counts, None)) is None


def test_a_period_follows_exact_iteration_and_are_printed(tmp_path, monkeypatch, capsys):
    result = measure(CASES[0], "VDN", 1, 2)
    assert result.exact_value == 1
    assert result.value.least <= result.value.median <= result.value.largest < 1.5
    monkeypatch.setattr(wild, "measure", lambda *_: result)
    monkeypatch.setattr("sys.argv", ["wild", "--only", "1", "--json", str(tmp_path / "found.json")])
    assert wild.main() == 0
    assert "| grows (A.3) | 9/10 | uniform | VDN | 1 |" in capsys.readouterr().out
    assert json.loads((tmp_path / "found.json").read_text())[0]["exact_value"] == 1
