"""Phase diagrams: the fate of on-policy linear FQI from Q = 0 over the discount γ and the exploration rate ε."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import EpsilonGreedy
from fqi_theory.fates.decide import decide
from fqi_theory.fates.effort import Effort, as_effort
from fqi_theory.model.mmdp import MMDP
from fqi_theory.plots import canvas
from fqi_theory.plots.batch import LABELS, simulate
from fqi_theory.plots.canvas import PathLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Colours of the fates; only `decide` tells the last two.
_COLOURS = dict(zip(LABELS, ("#56B4E9", "#F0E442", "#D55E00", "#D9D9D9"), strict=True))
_COLOURS |= {"bounded": "#009E73", "aperiodic": "#CC79A7"}
_UNKNOWN = {"certified": "undecided", "simulated": "cannot be told from the simulation"}


@dataclass(frozen=True, eq=False)
class FateGrid:
    """Fates over a grid: discounts (G,), epsilons (E,), both rising and exact; labels (E, G), words of `batch.LABELS`
    and, where certified, "bounded" and "aperiodic".

    how: "certified" (`decide`, exact) or "simulated" (float64). steps: iterations simulated, or the most that
    `decide` followed. certificates: of a certified grid, one for each point that was decided, rates outermost.
    """

    model: MMDP
    discounts: Array
    epsilons: Array
    labels: Array
    how: Literal["certified", "simulated"]
    steps: int
    certificates: tuple[Mapping[str, Any], ...] = ()

    def share(self, label: str) -> float:
        """Return the part of the grid points with a label."""
        return float((self.labels == label).mean())


def certified_grid(
    model: MMDP, discounts: Sequence[Any], epsilons: Sequence[Any], effort: Effort | None = None
) -> FateGrid:
    """Return the certified fate from Q = 0 under ε-greedy data at every (γ, ε); "bounded" or "unknown" where `decide`
    finds no more.

    discounts, epsilons: exact numbers. effort: how long `decide` searches at each point, its default otherwise.
    """
    gammas, rates = scalars.exact_array(list(discounts)), scalars.exact_array(list(epsilons))
    tried = as_effort(effort)
    models = [model.with_discount(g) for g in gammas]
    fates = [[decide(m, data=EpsilonGreedy(e), effort=tried) for m in models] for e in rates]
    labels = np.array([[fate.kind for fate in row] for row in fates])
    kept = tuple(fate.certificate for row in fates for fate in row if fate.certificate is not None)
    return FateGrid(model, gammas, rates, labels, "certified", tried.steps, kept)


def simulated_grid(model: MMDP, discounts: Sequence[Any], epsilons: Sequence[Any], steps: int = 300) -> FateGrid:
    """Return what `steps` float iterations from Q = 0 look like at every (γ, ε), labelled as in `batch.simulate`."""
    gammas, rates = scalars.exact_array(list(discounts)), scalars.exact_array(list(epsilons))
    starts, columns = np.zeros((len(gammas), model.n_states)), scalars.to_float(gammas)
    labels = np.stack([simulate(model, EpsilonGreedy(e), starts, columns, steps).labels for e in rates])
    return FateGrid(model, gammas, rates, labels, "simulated", steps)


def plot_phase_diagram(
    grids: FateGrid | Sequence[FateGrid],
    path: PathLike | None = None,
    *,
    boundary: Callable[[Array], Array] | None = None,
    boundary_label: str = "exact boundary",
) -> "Figure":
    """Draw one grid, or several of one model side by side, and a boundary curve ε(γ) over each.

    boundary: from discounts (K,), floats, to ε (K,); points outside the picture or not finite are left out.
    """
    shown = [grids] if isinstance(grids, FateGrid) else list(grids)
    if not shown or any(len(g.discounts) < 2 or len(g.epsilons) < 2 for g in shown):
        raise DataError("grids: expected at least one, each with two or more discounts and epsilons")
    _require_one_picture(shown)
    figure = canvas.new_figure(1.0 + 5.0 * len(shown), 5.2)
    panels = figure.subplots(1, len(shown), squeeze=False, sharex=True, sharey=True)[0]
    for axes, grid in zip(panels, shown, strict=True):
        _draw(axes, grid)
        if boundary is not None:
            _curve(axes, boundary, boundary_label)
        axes.set_title(_caption(grid), fontsize=canvas.NORMAL)
    _legend(figure, shown, boundary_label if boundary is not None else None)
    canvas.title(figure, f"Fate of linear FQI on {shown[0].model.name}, from Q = 0, ε-greedy data")
    return canvas.finish(figure, path)


def _require_one_picture(grids: list[FateGrid]) -> None:
    """Raise DataError unless all grids are of one model, with rising discounts and rates within [0, 1]."""
    for grid in grids:
        for name, points in (("discounts", grid.discounts), ("epsilons", grid.epsilons)):
            if (np.diff(points) <= 0).any() or points[0] < 0 or points[-1] > 1:
                raise DataError(f"{name}: expected rising numbers in [0, 1], found {[str(x) for x in points]}")
        if grid.model.name != grids[0].model.name:
            raise DataError(f"grids: expected one model, found {grids[0].model.name} and {grid.model.name}")


def _draw(axes: "Axes", grid: FateGrid) -> None:
    from matplotlib.colors import ListedColormap

    words = sorted(_COLOURS)
    codes = np.searchsorted(words, grid.labels)
    colours = ListedColormap([_COLOURS[word] for word in words])
    x, y = _edges(grid.discounts), _edges(grid.epsilons)
    axes.pcolormesh(x, y, codes, cmap=colours, vmin=-0.5, vmax=len(words) - 0.5)
    canvas.label(axes, "discount γ", "exploration rate ε")


def _edges(exact: Array) -> Array:
    """Return the borders (K+1,) of cells around K rising points."""
    points = scalars.to_float(exact)
    inner = (points[1:] + points[:-1]) / 2
    edges = np.concatenate([[2 * points[0] - inner[0]], inner, [2 * points[-1] - inner[-1]]])
    return np.asarray(np.clip(edges, 0, 1))


def _curve(axes: "Axes", boundary: Callable[[Array], Array], text: str) -> None:
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    gammas = np.linspace(left, right, 2001)
    with np.errstate(all="ignore"):
        rates = np.asarray(boundary(gammas), dtype=np.float64)
    inside = np.isfinite(rates) & (rates >= low) & (rates <= high)
    axes.plot(np.where(inside, gammas, np.nan), rates, color="black", linewidth=2.5, label=text)
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)


def _caption(grid: FateGrid) -> str:
    size = f"{len(grid.discounts)} × {len(grid.epsilons)} runs, one at each cell's centre"
    if grid.how == "certified":
        return f"certified in exact arithmetic\n{size}"
    return f"simulated in float64, {grid.steps} iterations\n{size}"


def _legend(figure: "Figure", grids: list[FateGrid], curve: str | None) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = []
    for label in _COLOURS:
        found = [grid.how for grid in grids if (grid.labels == label).any()]
        if found:
            text = " / ".join(dict.fromkeys(_UNKNOWN[how] for how in found)) if label == "unknown" else label
            handles.append(Patch(facecolor=_COLOURS[label], edgecolor="black", linewidth=0.5, label=text))
    if curve is not None:
        handles.append(Line2D([], [], color="black", linewidth=2.5, label=curve))
    columns = len(handles) if len(grids) > 1 else 2
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=canvas.NORMAL)
