"""The QPLEX mixing network: positive weights and IGM at every step, and how near training comes to the exact fit."""

import subprocess
import sys

import numpy as np
import pytest
from examples import run_document
from places import DOCS

import fqi_theory as ft
from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError

torch = pytest.importorskip("torch")

from fqi_theory.factorization.qplex_network import Network, Settings, train  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_game_2_is_fitted_where_the_linear_class_fails():
    game = ft.load("qplex-game-2")
    found = train(game, settings=Settings(steps=800))
    assert found.lambdas.min() > 0
    assert found.scales.min() > 0
    assert found.igm
    assert found.error < 1e-2
    assert np.unravel_index(found.q_tot[0].argmax(), found.q_tot[0].shape) == (0, 0)
    assert ft.fitted_q_iteration(game, iterations=1).greedy[-1].tolist() == [[1, 1]]


def test_the_two_step_game_comes_near_the_exact_values():
    game = ft.load("qtran-two-step")
    found = train(game, iterations=3, settings=Settings(steps=800))
    exact = scalars.to_float(ft.solve(game).values)
    assert found.igm
    assert found.lambdas.min() > 0
    assert np.abs(found.values[-1] - exact).max() < 0.05


@pytest.mark.parametrize("name", ["climbing", "climbing-3p", "coordination"])
def test_igm_holds_at_every_step_wherever_training_ends(name):
    found = train(ft.load(name), settings=Settings(steps=60, heads=2, hidden=8, seed=3))
    assert found.igm
    assert min(found.lambdas.min(), found.scales.min()) > 0
    assert found.losses[0, -1] < found.losses[0, 0]


def test_the_table_is_the_formula():
    network = Network(2, (2, 3), Settings(heads=3, hidden=4))
    q_tot, weights, scale = (part.detach().numpy() for part in network.forward())
    shift = network._apply("shift", network.states).detach().numpy()
    moved = [scale[:, i, None] * f.detach().numpy() + shift[:, i, None] for i, f in enumerate(network.factors)]
    for s, a, b in np.ndindex(2, 2, 3):
        gaps = [moved[0][s, a] - moved[0][s].max(), moved[1][s, b] - moved[1][s].max()]
        level = moved[0][s].max() + moved[1][s].max()
        assert q_tot[s, a, b] == pytest.approx(level + weights[0, s, a, b] * gaps[0] + weights[1, s, a, b] * gaps[1])


def test_the_examples_of_the_page_run(tmp_path):
    assert run_document(DOCS / "qplex-network.md", tmp_path) >= 3


def test_a_training_is_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    from fqi_theory import plots

    found = train(ft.load("qplex-game-2"), settings=Settings(steps=30))
    figure = plots.plot_training(found, tmp_path / "training.png")
    loss, least = (axes.lines[0].get_ydata() for axes in figure.axes)
    assert (loss == found.losses[0]).all()
    assert (least == found.lambdas[0]).all()
    assert "IGM held at every step" in figure.get_suptitle()
    assert (tmp_path / "training.png").stat().st_size > 1000


def test_cut_gradients_change_nothing_but_gradients():
    both = [Network(2, (2, 3), Settings(heads=3, hidden=4, detached=cut)) for cut in (False, True)]
    tables = [network.forward()[0] for network in both]
    assert (tables[0] == tables[1]).all()
    # With gradients cut off, each action of agent 1 counts in the cells where it is played: 3 of them.
    tables[1].sum().backward()
    scale = both[1].scale()[:, 0, None].detach()
    assert torch.allclose(both[1].factors[0].grad, scale * 3)
    tables[0].sum().backward()
    assert not torch.allclose(both[0].factors[0].grad, scale * 3)


@pytest.mark.parametrize("settings", [{"steps": 0}, {"heads": 0}, {"hidden": 0}])
def test_settings_without_anything_to_train_are_refused(settings):
    with pytest.raises(DataError, match="heads, hidden and steps of at least 1"):
        Settings(**settings)


def test_no_iterations_are_refused():
    with pytest.raises(DataError, match="iterations: expected at least 1, found 0"):
        train(ft.load("coordination"), iterations=0)


def test_one_seed_one_training():
    runs = [train(ft.load("lecture-2x2"), settings=Settings(steps=20, seed=5)).losses for _ in range(2)]
    assert (runs[0] == runs[1]).all()


def test_torch_is_loaded_only_when_used():
    code = "import sys, fqi_theory.factorization.qplex_network; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
