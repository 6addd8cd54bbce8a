"""Draw the pictures of the documentation (with the extra `torch`): `python docs/pictures/make.py` writes them here."""

import sys
from base64 import b64decode
from pathlib import Path

import numpy as np

import fqi_theory as ft
from fqi_theory import plots
from fqi_theory.base.scalars import Array
from fqi_theory.factorization.qplex_network import train
from fqi_theory.fates import Effort

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: Which of its pictures stands for a notebook in notebooks/README.md.
GALLERY = {
    "01_quick_start": 5,
    "02_theorem1_credit_assignment": 4,
    "03_theorem3_divergence_map": 3,
    "04_theorem2_attractors": 3,
    "05_theorem4_qplex": 3,
    "06_real_model": 3,
    "07_counterexample_hunt": 2,
    "08_phase_diagram": 2,
}


def boundary(discount: Array) -> Array:
    """Return ε = 2·sqrt(1/γ - 1), from which on the run on the two-state example diverges (ours)."""
    return 2 * np.sqrt(1 / discount - 1)


def divergence_map() -> None:
    """Draw the README picture: fates over (γ, ε), simulated and certified, with the exact boundary."""
    model = ft.load("two-state")
    fine = [ft.exact(k) / 200 for k in range(100, 200)], [ft.exact(k) / 80 for k in range(1, 81)]
    coarse = [ft.exact(k) / 60 for k in range(30, 60)], [ft.exact(k) / 30 for k in range(1, 31)]
    grids = [plots.simulated_grid(model, *fine), plots.certified_grid(model, *coarse, Effort(steps=512))]
    text = "exact boundary ε = 2·sqrt(1/γ \N{MINUS SIGN} 1)"
    plots.plot_phase_diagram(grids, HERE / "divergence_map.png", boundary=boundary, boundary_label=text)


def phases() -> None:
    """Draw the phase diagram (README's first picture), its on-policy side, and the map of thresholds."""
    plots.plot_regions(actions=3, path=HERE / "phase_diagram.png")
    plots.plot_epsilon(path=HERE / "phase_epsilon.png")
    plots.plot_threshold_map(path=HERE / "phase_thresholds.png")


def runs() -> None:
    """Draw one divergent run, and the cycle of two agents who keep missing each other."""
    plots.plot_trajectory(ft.fitted_q_iteration(ft.load("two-state"), iterations=120), HERE / "divergent_run.png")
    start = ft.start_from_factors([[["1", "0"]], [["0", "1"]]])
    meeting = ft.fitted_q_iteration(
        ft.load("coordination"), data=ft.epsilon_greedy("1/10"), initial=start, iterations=16
    )
    plots.plot_greedy(meeting, HERE / "coordination_cycle.png")


def models() -> None:
    """Draw the fit of game 2, the map of the two-state example, and the basins of a random model."""
    plots.plot_fit(ft.load("qplex-game-2"), path=HERE / "game_2_fit.png")
    model = ft.load("two-state")
    start = ft.start_from_values(model, ["0", "-10"], [[1, 1], [1, 1]])
    plots.plot_value_map(model, ft.epsilon_greedy("1/2"), HERE / "value_map.png", initial=start, steps=60)
    plots.plot_basins(ft.random_model(225), ft.uniform(), HERE / "basins.png")


def network() -> None:
    """Draw the training of the QPLEX network on game 2."""
    plots.plot_training(train(ft.load("qplex-game-2")), HERE / "qplex_training.png")


def gallery() -> None:
    """Execute the notebooks and keep one picture of each."""
    sys.path.insert(0, str(HERE.parent / "_ext"))
    from notebooks import executed

    for name, which in GALLERY.items():
        notebook = executed(ROOT / "notebooks" / f"{name}.py", ROOT / "build" / "notebooks")
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        pictures = [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]
        (ROOT / "notebooks" / "pictures" / f"{name}.png").write_bytes(b64decode(pictures[which - 1]))


if __name__ == "__main__":
    phases()
    divergence_map()
    runs()
    models()
    network()
    gallery()
