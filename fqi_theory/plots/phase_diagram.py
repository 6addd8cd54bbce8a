"""The phase diagram in pictures: regions of γ by number of agents, γ against ε, and a map of thresholds (ours)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, EpsilonGreedy, Uniform, epsilon_greedy, uniform
from fqi_theory.fates.phases.diagram import Phases, phases
from fqi_theory.fates.phases.uniform import order_mass
from fqi_theory.plots import canvas
from fqi_theory.plots.canvas import PathLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CONVERGES, BOUNDED, DIVERGES = "#BFE3D5", "#FBE3A6", "#F3C0A5"
FIXED = (
    (CONVERGES, "every run of every model converges"),
    (BOUNDED, "every run is bounded, some do not converge"),
    (DIVERGES, "some model diverges"),
)
ON_POLICY = ((BOUNDED, "every run of every model is bounded"), (DIVERGES, "some model diverges"))
UNKNOWN = ("#EDEDED", "not decided by the negative mass")
NAMES = {
    "linear": "additive (VDN)",
    "additive:2": "pairwise",
    "additive:3": "triples",
    "joint": "joint table, IGM, QPLEX",
}


def plot_regions(
    classes: Sequence[str] = ("linear", "additive:2", "additive:3", "joint"),
    *,
    actions: int = 2,
    data: DataSource | None = None,
    most_agents: int = 10,
    path: PathLike | None = None,
) -> "Figure":
    """Draw γ against the number of agents with the three regions of the phase diagram, one panel a class; exact.

    data: uniform (default) or ε-greedy, for which convergence is ensured nowhere. Raises DataError for other data.
    """
    source = uniform() if data is None else data
    if not isinstance(source, Uniform | EpsilonGreedy):
        raise DataError("plot_regions: expected uniform or ε-greedy data, which exist for every number of agents")
    figure = canvas.new_figure(max(6.4, 3.1 * len(classes)), 4.3)
    panels = figure.subplots(1, len(classes), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, classes, strict=True):
        _bars(axes, [_asked(name, n, actions, source) for n in range(1, most_agents + 1)])
        axes.set_title(NAMES.get(name, name), fontsize=canvas.NORMAL)
        canvas.label(axes, "number of agents", "discount γ" if axes is panels[0] else "")
    regions = (*ON_POLICY, *((UNKNOWN,) if set(classes) - {"linear"} else ())) if source.on_policy else FIXED
    _legend(figure, regions, columns=min(3, len(classes)))
    what = f"What FQI can do, {actions} actions an agent, {canvas.data_words(source.describe())}"
    canvas.title(figure, what, f"exact thresholds {'1/(1+ν)' if source.on_policy else '1/(1+2ν) and 1/(1+ν)'}")
    return canvas.finish(figure, path)


def _asked(name: str, agents: int, actions: int, source: DataSource) -> Phases:
    kind, _, order = name.partition(":")
    whole = kind == "additive" and int(order) >= agents
    return phases(agents=agents, actions=actions, factorization="joint" if whole else name, data=source)


def _bars(axes: "Axes", found: Sequence[Phases]) -> None:
    n = np.arange(1, len(found) + 1)
    bounded = _floats([f.bounded_below for f in found])
    if found[0].on_policy:
        axes.bar(n, bounded, width=0.92, color=BOUNDED)
        above = [DIVERGES if f.attained_from_there else UNKNOWN[0] for f in found]
        axes.bar(n, 1 - bounded, bottom=bounded, width=0.92, color=above)
    else:
        converges = _floats([f.converges_below for f in found])
        axes.bar(n, converges, width=0.92, color=CONVERGES)
        axes.bar(n, bounded - converges, bottom=converges, width=0.92, color=BOUNDED)
        axes.bar(n, 1 - bounded, bottom=bounded, width=0.92, color=DIVERGES)
        axes.hlines(converges, n - 0.46, n + 0.46, color=canvas.colour(2), linewidth=1.6)
    axes.hlines(bounded, n - 0.46, n + 0.46, color=canvas.colour(1), linewidth=1.6)
    axes.set(xlim=(0.5, len(found) + 0.5), ylim=(0, 1))
    canvas.count_ticks(axes)


def plot_epsilon(agents: Sequence[int] = (2, 3, 4), *, path: PathLike | None = None, points: int = 100) -> "Figure":
    """Draw γ against ε for on-policy data and two actions: bounded below 1/(1+ν_ε), diverging models from there on.

    The line tends to 1/n as ε -> 0. Exact at every point drawn; above it a model diverges where that is derived
    (`Phases.attained_from_there`).
    """
    figure = canvas.new_figure(3.5 * len(agents), 4.3)
    panels = figure.subplots(1, len(agents), sharey=True, squeeze=False)[0]
    grid = [scalars.exact(k) / points for k in range(1, points + 1)]
    regions = dict.fromkeys(ON_POLICY)
    for axes, n in zip(panels, agents, strict=True):
        found = [phases(agents=n, actions=2, data=epsilon_greedy(e)) for e in grid]
        x, low = np.append(0, _floats(grid)), np.append(1 / n, _floats([f.bounded_below for f in found]))
        axes.fill_between(x, 0, low, color=ON_POLICY[0][0], linewidth=0)
        last = points if all(f.attained_from_there for f in found) else sum(f.attained_from_there for f in found[:-1])
        axes.fill_between(x[: last + 1], low[: last + 1], 1, color=DIVERGES, linewidth=0)
        if last < points:
            axes.fill_between(x[last:], low[last:], 1, color=UNKNOWN[0], linewidth=0)
            regions[UNKNOWN] = None
        axes.plot(x, low, color=canvas.colour(0), linewidth=1.6, label="1/(1+ν)")
        uniform_line = float(scalars.to_float(phases(agents=n, actions=2).bounded_below))
        axes.axhline(uniform_line, color=canvas.GREY, linestyle="--", linewidth=1.2)
        axes.text(0.02, uniform_line + 0.01, "uniform data", va="bottom", fontsize=canvas.SMALL, color="#444444")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.set_title(f"{n} agents", fontsize=canvas.NORMAL)
        canvas.label(axes, "exploration ε", "discount γ" if axes is panels[0] else "")
        if axes is panels[0]:
            axes.legend(loc="lower right", fontsize=canvas.SMALL, framealpha=0.9)
    _legend(figure, tuple(regions), columns=len(regions))
    what = "On-policy ε-greedy data, additive factors, two actions"
    canvas.title(figure, what, "the line is exact below red; it tends to 1/n as ε → 0")
    return canvas.finish(figure, path)


def plot_threshold_map(
    orders: Sequence[int] = (1, 2, 3), *, most_agents: int = 10, most_actions: int = 10, path: PathLike | None = None
) -> "Figure":
    """Draw the discount from which some run diverges, 1/(1+ν), over agents and actions under uniform data; exact."""
    figure = canvas.new_figure(3.7 * len(orders), 4.6)
    panels = figure.subplots(1, len(orders), sharey=True, squeeze=False)[0]
    agents, actions = range(2, most_agents + 1), range(2, most_actions + 1)
    image: Any = None
    for axes, k in zip(panels, orders, strict=True):
        table = [[1 / (1 + order_mass(n, a, k)) for n in agents] for a in actions]
        values = np.stack([_floats(row) for row in table])
        image = axes.imshow(
            values, origin="lower", cmap="viridis", vmin=0, vmax=1, aspect="auto", interpolation="nearest"
        )
        axes.set_xticks(range(len(agents)), [str(n) for n in agents])
        axes.set_yticks(range(len(actions)), [str(a) for a in actions])
        for (row, column), value in np.ndenumerate(values):
            text = f"{value:.2f}".lstrip("0")
            axes.text(
                column, row, text, ha="center", va="center", fontsize=7.5, color="white" if value < 0.6 else "black"
            )
        axes.set_title({1: "additive (VDN)", 2: "pairwise", 3: "triples"}.get(k, f"order {k}"), fontsize=canvas.NORMAL)
        canvas.label(axes, "agents", "actions an agent" if axes is panels[0] else "")
    bar = figure.colorbar(image, ax=list(panels), shrink=0.9)
    bar.set_label("1/(1+ν)", fontsize=canvas.NORMAL)
    canvas.title(
        figure,
        "Discount from which some model diverges, uniform data",
        "exact values, rounded in the cells; 1.00: none does",
    )
    return canvas.finish(figure, path)


def _legend(figure: "Figure", regions: Sequence[tuple[str, str]], columns: int) -> None:
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=colour, edgecolor=canvas.GREY, linewidth=0.5, label=label) for colour, label in regions]
    figure.legend(handles=patches, loc="outside lower center", ncols=columns, fontsize=canvas.SMALL)


def _floats(values: Sequence[Any]) -> Array:
    return scalars.to_float(np.array(values, dtype=object))
