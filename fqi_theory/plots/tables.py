"""Heat maps of payoff tables with the exact numbers in their cells, before and after a fit."""

from collections.abc import Collection, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import Array
from fqi_theory.data.sources import DataSource, as_source
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import Factorization
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.named import as_model
from fqi_theory.plots import canvas
from fqi_theory.plots.canvas import PathLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: Inches; wider rows of tables are stacked.
WIDEST = 16.0


def plot_tables(
    tables: Mapping[str, Any],
    path: PathLike | None = None,
    *,
    actions: tuple[tuple[str, ...], ...] | None = None,
    heading: str = "Payoff tables",
    how: str | None = None,
    starred: Collection[str] | None = None,
    scale: str = "value [reward units]",
) -> "Figure":
    """Draw tables of one shape (A_1, ..., A_n) side by side, one colour scale for all, each number in its cell.

    Where that is too wide they stand below each other. tables: from the caption of each to its numbers (exact or
    float). Rows are agent 1's actions, columns the joint actions of the others; actions: names, by default 0, 1, ...; a
    star marks the maximisers of the tables whose captions are in `starred`, all by default; how: how the numbers are
    known, by default exact or float64 as they are; scale: what the colours mean. Tables (A,) are drawn as rows of one
    agent. Raises DataError where the shapes differ or a number is not finite.
    """
    if not isinstance(tables, Mapping):
        raise DataError(f"tables: expected tables by their captions, found {type(tables).__name__}")
    arrays, shape = _arrays(tables)
    if how is None:
        exact = all(array.dtype == object for array in arrays.values())
        how = f"{'exact' if exact else 'float64'}; ★ marks every maximiser"
    rows, columns = _names(shape, actions)
    texts = [canvas.number(value) for array in arrays.values() for value in array.flat]
    width = max(2.9, max(0.75, 0.095 * max(map(len, texts)) + 0.3) * len(columns) + 1.1)
    beside = 1.0 + width * len(arrays) <= WIDEST
    panels = (1, len(arrays)) if beside else (len(arrays), 1)
    figure = canvas.new_figure(min(1.0 + width * panels[1], WIDEST), 0.6 + (1.4 + 0.62 * len(rows)) * panels[0])
    every = np.concatenate([scalars.to_float(array).reshape(-1) for array in arrays.values()])
    for axes, (caption, array) in zip(figure.subplots(*panels, squeeze=False).flat, arrays.items(), strict=True):
        stars = starred is None or caption in starred
        image = _draw(axes, array.reshape(len(rows), -1), (float(every.min()), float(every.max())), stars)
        axes.set_title(canvas.plain(caption), fontsize=canvas.NORMAL)
        canvas.label(axes, *_axis_labels(len(shape)))
        axes.set_xticks(range(len(columns)), columns)
        axes.set_yticks(range(len(rows)) if len(shape) > 1 else [], rows if len(shape) > 1 else [])
    _colour_bar(figure, image, scale)
    rounded = "; ≈ is rounded for display" if any(text.startswith("≈") for text in texts) else ""
    canvas.title(figure, heading, how + rounded)
    return canvas.finish(figure, path)


def plot_fit(
    model: MMDP | str | PathLike,
    state: int | str = 0,
    path: PathLike | None = None,
    *,
    data: DataSource | None = None,
    factorization: Factorization = linear,
    values: Any = None,
) -> "Figure":
    """Draw one fit at one state: the target y(s,·), its fit Q_tot(s,·), and what the class cannot express, y - Q_tot.

    state: its index or its name. data: uniform by default (ε-greedy data follow the first joint action). values: V
    behind y = r + γ P V, (S,), 0 by default. Actions that are not available there are left out. Raises DataError where
    there is no such state.
    """
    model = as_model(model)
    place = _index(model, state)
    source = as_source(data, model)
    start = scalars.zeros((model.n_states,), model.field) if values is None else scalars.as_field(values, model.field)
    targets = model.backup(start)
    weights = source.at(model, np.zeros((model.n_states, model.n_agents), dtype=int))
    fitted = factorization.fit(targets, weights).q_tot()
    shown = {
        "before: target y": targets,
        f"after: {factorization.name} fit Q": fitted,
        "left over: y \N{MINUS SIGN} Q": targets - fitted,
    }
    masks = model.available or [np.ones((model.n_states, count), dtype=bool) for count in model.action_counts]
    own = [np.flatnonzero(mask[place]).tolist() for mask in masks]
    return plot_tables(
        {caption: table[place][np.ix_(*own)] for caption, table in shown.items()},
        path,
        actions=tuple(tuple(names[a] for a in there) for names, there in zip(model.actions, own, strict=True)),
        heading=f"{model.name}, state {model.states[place]}, {canvas.data_words(source.describe())}",
        how=f"{canvas.field_words(model)}; ★ marks every maximiser",
        starred=list(shown)[:2],
    )


def _index(model: MMDP, state: int | str) -> int:
    """Return the index of a state given by its index or its name."""
    if state in model.states:
        return model.states.index(str(state))
    if isinstance(state, int | np.integer) and 0 <= state < model.n_states:
        return int(state)
    raise DataError(f"state: expected a name or an index below {model.n_states} of {model.name!r}, found {state!r}")


def _arrays(tables: Mapping[str, Any]) -> tuple[dict[str, Array], tuple[int, ...]]:
    arrays = {caption: scalars.as_array(table) for caption, table in tables.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) != 1 or () in shapes:
        raise DataError(f"tables: expected one or more tables of one shape (A_1, ..., A_n), found {sorted(shapes)}")
    for caption, array in arrays.items():
        if not np.isfinite(scalars.to_float(array)).all():
            raise DataError(f"tables: expected finite numbers in {caption!r}")
    return arrays, shapes.pop()


def _colour_bar(figure: "Figure", image: Any, scale: str) -> None:
    bar = figure.colorbar(image, ax=figure.axes, shrink=0.8)
    bar.ax.tick_params(labelsize=canvas.SMALL)
    bar.set_label(scale, fontsize=canvas.SMALL)


def _names(shape: tuple[int, ...], actions: tuple[tuple[str, ...], ...] | None) -> tuple[list[str], list[str]]:
    names = tuple(tuple(map(canvas.plain, own)) for own in actions or (map(str, range(count)) for count in shape))
    if len(shape) == 1:
        return [""], list(names[0])
    return list(names[0]), [", ".join(others) for others in product(*names[1:])]


def _axis_labels(agents: int) -> tuple[str, str]:
    if agents == 1:
        return "own action", ""
    return "agent 2 plays" if agents == 2 else "the other agents play", "agent 1 plays"


def _draw(axes: "Axes", table: Array, limits: tuple[float, float], stars: bool) -> Any:
    low, high = limits if limits[0] < limits[1] else (limits[0] - 1, limits[1] + 1)
    heights = scalars.to_float(table)
    image = axes.imshow(heights, cmap="cividis", vmin=low, vmax=high, aspect="auto")
    top = table.max()
    for (i, j), value in np.ndenumerate(table):
        dark = (heights[i, j] - low) / (high - low) < 0.55
        text = canvas.number(value) + (" ★" if stars and value == top else "")
        axes.text(j, i, text, ha="center", va="center", fontsize=canvas.NORMAL, color="white" if dark else "black")
    return image
