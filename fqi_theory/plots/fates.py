"""A fate as a picture: the values of the run, and what it was proved to come to."""

import warnings
from typing import TYPE_CHECKING

from fqi_theory.base.errors import DataError, IncompleteDataWarning, NumberError
from fqi_theory.base.scalars import to_float
from fqi_theory.fates.fate import Fate
from fqi_theory.plots import canvas
from fqi_theory.plots.canvas import PathLike
from fqi_theory.plots.trajectories import draw_values
from fqi_theory.runs.iteration import fitted_q_iteration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LEVELS = 24


def plot_fate(fate: Fate, path: PathLike | None = None, *, iterations: int = 40) -> "Figure":
    """Draw V^(t)(s) of the run whose fate was decided, exactly, and its limit or cycle dashed, for at most 8 states.

    The title is the fate in words, with its proof and the choice that it rests on, if any. Raises DataError for a fate
    that no run belongs to.
    """
    problem = fate.problem
    if problem is None:
        raise DataError("fate: expected one that decide returned, found one without its run")
    with warnings.catch_warnings():
        if fate.choice:
            warnings.simplefilter("ignore", IncompleteDataWarning)  # the title says on what the run rests
        run = fitted_q_iteration(
            problem.model,
            data=problem.source,
            factorization=problem.factorization,
            initial=problem.start,
            ties=problem.ties,
            iterations=iterations,
        )
    figure = canvas.new_figure(7.2, 4.4)
    axes = figure.subplots()
    colours = draw_values(axes, run, optimum=False)
    levels = [(s, point[s]) for point in fate.values for s in colours]
    for s, value in levels[:MOST_LEVELS]:
        try:
            axes.axhline(float(to_float(value)), color=colours[s], linestyle="--", linewidth=1.2)
        except NumberError:
            continue
    if levels:
        text = "certified limit" if fate.kind == "converges" else "points of the certified cycle"
        axes.plot([], [], color=canvas.GREY, linestyle="--", label=f"{text} (dashed)")
    axes.legend(fontsize=canvas.SMALL, framealpha=0.9)
    first, *_ = fate.summary()
    how = f"certified, proof by {fate.proof}" if fate.proof else "not decided: what is drawn proves nothing"
    what = f"{run.factorization} FQI on {run.model.name}: {first}"
    rests = f"; {fate.choice}" if fate.choice else ""
    canvas.title(figure, what, f"{iterations} exact iterations; {how}{rests}")
    return canvas.finish(figure, path)
