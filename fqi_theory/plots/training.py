"""A training of the QPLEX network: its error and its least λ along the gradient steps."""

from typing import TYPE_CHECKING

import numpy as np

from fqi_theory.plots import canvas
from fqi_theory.plots.canvas import PathLike

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fqi_theory.factorization.qplex_network import Training


def plot_training(training: "Training", path: PathLike | None = None) -> "Figure":
    """Draw the mean squared error and the least λ_i(s,a) before every gradient step; fits are told apart by lines."""
    figure = canvas.new_figure(7.5, 5.0)
    above, below = figure.subplots(2, 1, sharex=True)
    fits, steps = training.losses.shape
    for axes, numbers, name in (
        (above, training.losses, "mean squared error\n[reward units²]"),
        (below, training.lambdas, "least λ"),
    ):
        axes.plot(np.arange(fits * steps), numbers.reshape(-1), color=canvas.colour(0), linewidth=1)
        axes.set_yscale("log")
        canvas.label(axes, "", name)
        for fit in range(1, fits):
            axes.axvline(fit * steps, color=canvas.GREY, linewidth=0.8)
    canvas.label(below, "gradient step" + ("; a grey line begins the next fit" if fits > 1 else ""), "least λ")
    held = int(training.consistent.sum())
    igm = "IGM held at every step" if training.igm else f"IGM held at {held} of {training.consistent.size} steps"
    canvas.title(figure, "QPLEX mixing network, trained by Adam", f"float64; {igm}")
    return canvas.finish(figure, path)
