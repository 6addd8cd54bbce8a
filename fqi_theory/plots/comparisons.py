"""A training run over the exact one, and where it departs."""

from typing import TYPE_CHECKING

import numpy as np

from fqi_theory.base.scalars import Array, to_float
from fqi_theory.plots import canvas
from fqi_theory.plots.canvas import PathLike
from fqi_theory.runs.comparison import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_STATES = 8


def plot_comparison(found: Comparison, path: PathLike | None = None) -> "Figure":
    """Draw max over the entries of each state, exact as lines and learned as points, and the departure as a grey line.

    For values this is V(s); at most 8 states are shown. Below, the largest difference of each iteration, and what is
    allowed, on logarithmic scales.
    """
    times = [step.t for step in found.steps]
    exact, learned = _tops(found, "exact"), _tops(found, "learned")
    figure = canvas.new_figure(7.2, 6.0)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    for k, s in enumerate(canvas.seen_states(found.run.model, exact, MOST_STATES)):
        name = canvas.plain(found.run.model.states[s])
        above.plot(times, exact[:, s], color=canvas.colour(k), label=f"{name}, exact")
        above.plot(
            times,
            learned[:, s],
            color=canvas.colour(k),
            marker="o",
            markersize=4,
            linestyle="",
            label=f"{name}, learned",
        )
    errors = [float(to_float(step.error)) for step in found.steps]
    allowed = [float(to_float(step.scale * found.within)) for step in found.steps]
    below.plot(times, errors, color="black", marker="o", markersize=3, label="largest difference")
    below.plot(times, allowed, color=canvas.GREY, linestyle="--", label="allowed")
    below.set_yscale("log")
    if found.departure is not None:
        for axes in (above, below):
            axes.axvline(found.departure.t, color=canvas.GREY, linewidth=3, alpha=0.4)
    canvas.label(above, "", "largest entry a state\n[reward units]")
    canvas.label(below, "iteration t", "difference\n[reward units]")
    canvas.count_ticks(below)
    above.legend(fontsize=canvas.SMALL)
    below.legend(fontsize=canvas.SMALL)
    what = "followed" if found.follows else f"departs at {found.departure}"
    canvas.title(figure, f"Training on {found.run.model.name} against the exact run", what)
    return canvas.finish(figure, path)


def _tops(found: Comparison, which: str) -> Array:
    """Return for each iteration and state the largest entry; for factors the sum of each agent's largest, (K, S)."""
    rows = [
        sum(to_float(table).reshape(len(table), -1).max(axis=1) for table in getattr(step, which))
        for step in found.steps
    ]
    return np.array(rows)
