"""Three states: the plane of V modulo constants, coloured by where linear FQI goes from each start."""

from typing import TYPE_CHECKING, Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource
from fqi_theory.fates.attractors import Attractor, attractors
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.plots import canvas
from fqi_theory.plots.batch import Batch, grid, simulate
from fqi_theory.plots.canvas import PathLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NEAR = 1e-5
OPACITY = 0.75
OTHER = {"converges": "other fixed point", "cycles": "longer cycle", "diverges": "diverges", "unknown": "not settled"}
_OTHER_COLOURS = {"converges": "#FFFFFF", "cycles": "#A6A6A6", "diverges": "#4D4D4D", "unknown": "#E3E3E3"}


def plot_basins(
    model: MMDP | str | PathLike,
    data: DataSource,
    path: PathLike | None = None,
    *,
    limits: tuple[float, float, float, float] | None = None,
    resolution: int = 160,
    steps: int = 400,
    longest: int = 3,
) -> "Figure":
    """Draw the basins of a model with three states over V(s1) - V(s0) and V(s2) - V(s0), from first actions greedy.

    model: exact. The attractors, cycles of at most `longest` points included, are enumerated exactly; the colour of
    each of the resolution² starts is where `steps` float iterations lead. limits: (left, right, bottom, top), by
    default around the attractors.
    """
    model = as_model(model)
    if model.n_states != 3:
        raise DataError(f"plot_basins: expected a model with 3 states, {model.name!r} has {model.n_states}")
    portrait = attractors(model, data, longest=longest, samples=0)
    points = [_plane(np.stack([scalars.to_float(p) for p in a.points])) for a in portrait.attractors]
    left, right, bottom, top = limits or _limits(points)
    x, y = np.linspace(left, right, resolution), np.linspace(bottom, top, resolution)
    pairs = grid(x, y)
    batch = simulate(model, data, np.column_stack([np.zeros(len(pairs)), pairs]), steps=steps)
    codes = _codes(batch, points)
    figure = canvas.new_figure(7.6, 6.0)
    axes = figure.subplots()
    _paint(axes, (x, y), codes.reshape(resolution, resolution), len(points))
    _mark(axes, portrait.attractors, points, (left, right, bottom, top))
    _label(axes, tuple(map(canvas.plain, model.states)))
    handles = _legend(codes, portrait.attractors)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=canvas.SMALL)
    _heading(figure, model, data, f"(all of period ≤ {portrait.complete_to})", steps)
    return canvas.finish(figure, path)


def _heading(figure: "Figure", model: MMDP, data: DataSource, listed: str, steps: int) -> None:
    words = f"γ = {canvas.number(model.discount)}, {canvas.data_words(data.describe())}"
    how = f"attractors exact {listed}; colours simulated in float64, {steps} iterations"
    words += "; all first actions greedy at the start" if data.on_policy else ""
    canvas.title(figure, f"Basins of linear FQI on {model.name}\n{words}", how)


def _plane(values: Array) -> Array:
    """Return V modulo constants: (N, 3) to (N, 2)."""
    return np.asarray(values[:, 1:] - values[:, :1])


def _limits(points: list[Array]) -> tuple[float, float, float, float]:
    found = np.concatenate(points) if points else np.zeros((1, 2))
    low, high = found.min(axis=0), found.max(axis=0)
    margin = np.maximum(0.75 * (high - low), 5.0)
    (left, bottom), (right, top) = (low - margin).tolist(), (high + margin).tolist()
    return left, right, bottom, top


def _codes(batch: Batch, points: list[Array]) -> Array:
    """Return k where a run ends at attractor k, and -1, -2, ... for the words of OTHER in order."""
    ends = batch.shape[:, 1:]
    codes = np.array([-1 - list(OTHER).index(str(label)) for label in batch.labels])
    settled = (batch.labels == "converges") | (batch.labels == "cycles")
    for k, orbit in enumerate(points):
        distance = np.abs(ends[:, None, :] - orbit[None]).max(axis=2).min(axis=1)
        period = batch.labels == ("converges" if len(orbit) == 1 else "cycles")
        codes[settled & period & (distance < NEAR * (1 + np.abs(orbit).max()))] = k
    return codes


def _paint(axes: "Axes", edges: tuple[Array, Array], codes: Array, count: int) -> None:
    from matplotlib.colors import to_rgb

    table = {k: to_rgb(canvas.colour(k)) for k in range(count)}
    table |= {-1 - k: to_rgb(colour) for k, colour in enumerate(_OTHER_COLOURS.values())}
    image = np.array([[table[int(code)] for code in row] for row in codes])
    (x, y) = edges
    axes.imshow(
        image, origin="lower", extent=(x[0], x[-1], y[0], y[-1]), aspect="auto", interpolation="nearest", alpha=OPACITY
    )


def _mark(axes: "Axes", found: tuple[Attractor, ...], points: list[Array], limits: tuple[float, ...]) -> None:
    for k, (attractor, orbit) in enumerate(zip(found, points, strict=True)):
        face = canvas.colour(k) if attractor.attracting else "white"
        closed = np.concatenate([orbit, orbit[:1]])
        axes.plot(closed[:, 0], closed[:, 1], color="black", linewidth=1)
        axes.plot(
            orbit[:, 0],
            orbit[:, 1],
            linestyle="",
            marker="o",
            markersize=11,
            markerfacecolor=face,
            markeredgecolor="black",
        )
    axes.set(xlim=limits[:2], ylim=limits[2:])


def _label(axes: "Axes", states: tuple[str, ...]) -> None:
    first, *others = [f"V({state})" for state in states]
    x, y = [f"{other} \N{MINUS SIGN} {first}   [reward units]" for other in others]
    canvas.label(axes, x, y)


def _legend(codes: Array, found: tuple[Attractor, ...]) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    shares = [float((codes == k).mean()) for k in range(len(found))]
    for k, (attractor, share) in enumerate(zip(found, shares, strict=True)):
        if share:
            text = f"to {_attractor_name(attractor)} ({share:.0%} of starts)"
            handles.append(Patch(color=canvas.colour(k), alpha=OPACITY, label=text))
    for k, (word, colour) in enumerate(_OTHER_COLOURS.items()):
        if share := float((codes == -1 - k).mean()):
            handles.append(Patch(facecolor=colour, edgecolor="black", label=f"{OTHER[word]} ({share:.0%} of starts)"))
    circle: dict[str, Any] = {"linestyle": "", "marker": "o", "markeredgecolor": "black", "markersize": 9}
    handles.append(Line2D([], [], markerfacecolor=canvas.GREY, label="attracting (exact)", **circle))
    if not all(a.attracting for a in found):
        handles.append(Line2D([], [], markerfacecolor="white", label="not attracting (exact)", **circle))
    return handles


def _attractor_name(attractor: Attractor) -> str:
    if attractor.loss is None:
        return f"a {attractor.period}-cycle"
    loss = max(attractor.loss)
    return "an optimal fixed point" if loss == 0 else f"a fixed point that loses {canvas.number(loss)}"
