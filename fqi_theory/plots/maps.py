"""Two states: FQI modulo constants is a map of one number, z = V(s1) - V(s0), drawn with a cobweb."""

from typing import TYPE_CHECKING

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.fates.attractors import Attractor, attractors
from fqi_theory.fates.policies import joint_policies
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.operators.value_space import collapse
from fqi_theory.plots import canvas
from fqi_theory.plots.canvas import PathLike
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import Start

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_value_map(
    model: MMDP | str | PathLike,
    data: DataSource,
    path: PathLike | None = None,
    *,
    initial: Start | None = None,
    steps: int = 30,
    limits: tuple[float, float] | None = None,
) -> "Figure":
    """Draw z -> z' with z = V(s1) - V(s0), the cobweb of one run, and all fixed points with their stability.

    model: exact, two states. On-policy data have one branch of the map for each greedy joint policy the data may be
    collected under; those that the run uses are coloured. limits: the range of z, by default around the run and the
    fixed points.
    """
    model = as_model(model)
    if model.n_states != 2:
        raise DataError(f"plot_value_map: expected a model with 2 states, {model.name!r} has {model.n_states}")
    run = fitted_q_iteration(model, data=data, iterations=steps, initial=initial)
    orbit = np.array([float(scalars.to_float(v[1] - v[0])) for v in run.values])
    portrait = attractors(model, data, longest=1, samples=0)
    fixed = [(a, float(scalars.to_float(a.points[0][1] - a.points[0][0]))) for a in portrait.attractors]
    low, high = limits or _limits([*orbit, *(z for _, z in fixed)])
    figure = canvas.new_figure(6.4, 6.6)
    axes = figure.subplots()
    axes.plot([low, high], [low, high], color=canvas.GREY, linewidth=1, label="no change (diagonal)")
    used = {greedy.tobytes() for greedy in run.greedy[:-1]}
    _branches(axes, model, data, np.linspace(low, high, 401), used)
    _cobweb(axes, orbit)
    _fixed_points(axes, fixed)
    axes.set(xlim=(low, high), ylim=(low, high))
    _describe(figure, model, data, steps)
    return canvas.finish(figure, path)


def _describe(figure: "Figure", model: MMDP, data: DataSource, steps: int) -> None:
    z = canvas.plain(f"z = V({model.states[1]}) \N{MINUS SIGN} V({model.states[0]})")
    canvas.label(figure.axes[0], f"{z}   [reward units]", "z after one iteration   [reward units]")
    figure.legend(loc="outside lower center", ncols=2, fontsize=canvas.SMALL)
    words = f"modulo constants: γ = {canvas.number(model.discount)}, {canvas.data_words(data.describe())}"
    how = f"{steps} exact iterations; fixed points exact"
    canvas.title(figure, f"Linear FQI on {model.name}\n{words}", how)


def _limits(points: list[float]) -> tuple[float, float]:
    low, high = min(points), max(points)
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin


def _branches(axes: "Axes", model: MMDP, data: DataSource, grid: Array, used: set[bytes]) -> None:
    """Draw z' over z for every policy the data may follow: those in `used` in colour, the others thin and grey."""
    floats, zero = model.to_float(), np.zeros((2, model.n_agents), dtype=int)
    drawn: dict[bytes, tuple[Array, bool, str]] = {}
    for policy in joint_policies(model) if data.on_policy else [zero]:
        operator = collapse(floats, data.at(floats, policy))
        images = np.array([operator.step(np.array([0.0, z])).values for z in grid])
        curve, important = images[:, 1] - images[:, 0], not data.on_policy or policy.tobytes() in used
        key = np.round(curve, 9).tobytes()
        if important or key not in drawn:
            drawn[key] = curve, important, _branch_name(model, policy) if data.on_policy else "z after one iteration"
    others = [curve for curve, important, _ in drawn.values() if not important]
    for k, curve in enumerate(others):
        axes.plot(grid, curve, color="#C8C8C8", linewidth=0.9, label="data of other policies" if k == 0 else None)
    coloured = [(curve, name) for curve, important, name in drawn.values() if important]
    for k, (curve, name) in enumerate(coloured):
        axes.plot(grid, curve, color=canvas.colour(k), linewidth=2.2, label=name)


def _branch_name(model: MMDP, policy: Array) -> str:
    names = [f"{model.joint_name(chosen)} in {model.states[s]}" for s, chosen in enumerate(policy)]
    return canvas.plain("data around " + " and ".join(names))


def _cobweb(axes: "Axes", orbit: Array) -> None:
    x = np.repeat(orbit, 2)[:-1]
    y = np.concatenate([[orbit[0]], np.repeat(orbit[1:], 2)])
    axes.plot(x, y, color="black", linewidth=0.9, label="the run")
    axes.plot(orbit[0], orbit[0], marker="s", markersize=7, color="black", linestyle="", label="its start")


def _fixed_points(axes: "Axes", fixed: list[tuple[Attractor, float]]) -> None:
    styles: dict[bool | None, tuple[str, str]] = {
        True: ("attracting fixed point", "#009E73"),
        False: ("fixed point, not attracting", "white"),
    }
    seen: set[bool | None] = set()
    for attractor, z in fixed:
        text, face = styles.get(attractor.attracting, ("fixed point, stability undecided", "#F0E442"))
        shown = text if attractor.attracting not in seen else None
        seen.add(attractor.attracting)
        axes.plot(
            z,
            z,
            marker="o",
            markersize=11,
            markerfacecolor=face,
            markeredgecolor="black",
            linestyle="",
            label=shown,
            zorder=5,
        )
