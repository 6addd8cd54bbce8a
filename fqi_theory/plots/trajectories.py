"""Pictures of one run: its values, and its greedy actions, against the iteration t."""

from typing import TYPE_CHECKING

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.base.scalars import Array
from fqi_theory.planning.optimal import solve
from fqi_theory.plots import canvas
from fqi_theory.plots.canvas import PathLike
from fqi_theory.runs.trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_STATES = 8
MOST_ROWS = 24
#: So many iterations have white lines between them; of more, the lines would hide the colours.
MOST_BORDERED = 60
WIDE_RANGE = 1e4
LARGEST = 1e250


def plot_trajectory(run: Trajectory, path: PathLike | None = None, *, optimum: bool = True) -> "Figure":
    """Draw V^(t)(s) = max_a Q_tot^(t)(s,a) against t, and V*(s) dotted (`optimum`), for at most 8 states of `run`.

    A range above 10^4 gets an asinh axis, logarithmic where values are large; values beyond 10^250 are left out.
    """
    model = _require_run(run).model
    figure = canvas.new_figure(7.2, 4.4)
    axes = figure.subplots()
    states = draw_values(axes, run, optimum)
    axes.legend(fontsize=canvas.SMALL, framealpha=0.9)
    shown = "" if len(states) == model.n_states else f", {len(states)} of {model.n_states} states"
    canvas.title(figure, f"Values of {_run_words(run)}{shown}", _how(run, len(_drawable(run))))
    return canvas.finish(figure, path)


def draw_values(axes: "Axes", run: Trajectory, optimum: bool) -> dict[int, str]:
    """Draw V^(t)(s) against t, and V*(s) dotted, for at most 8 states of a run; return the colours by state."""
    model, values = run.model, _drawable(run)
    states = canvas.seen_states(model, values, MOST_STATES)
    best = scalars.to_float(solve(model).values) if optimum and model.n_states <= 200 else None
    marker = "o" if len(values) <= 80 else ""
    colours: dict[int, str] = {}
    for k, same in enumerate(_equal_series(values, states)):
        name = canvas.plain(" = ".join(f"V({model.states[s]})" for s in same))
        colours |= dict.fromkeys(same, canvas.colour(k))
        axes.plot(values[:, same[0]], color=canvas.colour(k), marker=marker, markersize=3, label=name)
        for level in [] if best is None else sorted({float(best[s]) for s in same}):
            axes.axhline(level, color=canvas.colour(k), linestyle=":", linewidth=1.5)
    if best is not None:
        axes.plot([], [], color=canvas.GREY, linestyle=":", label="V* (dotted, same colour)")
    unit = _scale(axes, values[:, states]) + "[reward units]"
    canvas.count_ticks(axes)
    canvas.label(axes, "iteration t", f"V(s) = max$_a$ Q$_{{tot}}$(s, a){unit}")
    axes.grid(alpha=0.25)
    return colours


def _require_run(run: Trajectory) -> Trajectory:
    if not isinstance(run, Trajectory):
        raise DataError(f"run: expected a Trajectory, as fitted_q_iteration returns it, found {type(run).__name__}")
    return run


def plot_greedy(run: Trajectory, path: PathLike | None = None) -> "Figure":
    """Draw the greedy action of every agent in every state, a row each, against t: at most 24 rows of `run`.

    Where there are more, the states whose greedy action changes most often are kept.
    """
    model, greedy = _require_run(run).model, np.stack(run.greedy)
    kept = max(1, MOST_ROWS // model.n_agents)
    changes = (np.diff(greedy, axis=0) != 0).sum(axis=(0, 2))
    states = sorted(sorted(range(model.n_states), key=lambda s: (-int(changes[s]), s))[:kept])
    rows = [(s, i) for s in states for i in range(model.n_agents)]
    figure = canvas.new_figure(7.2, 1.7 + 0.34 * len(rows))
    axes = figure.subplots()
    _draw_rows(axes, np.array([greedy[:, s, i] for s, i in rows]), max(model.action_counts))
    axes.set_yticks(range(len(rows)), [canvas.plain(f"{model.states[s]}, agent {i + 1}") for s, i in rows])
    canvas.count_ticks(axes)
    canvas.label(axes, "iteration t", "")
    for above in range(model.n_agents, len(rows), model.n_agents):
        axes.axhline(above - 0.5, color="white", linewidth=4)
    _action_legend(figure, run)
    shown = "" if len(states) == model.n_states else f", {len(states)} of {model.n_states} states"
    canvas.title(figure, f"Greedy actions of {_run_words(run)}{shown}", _how(run, len(run)))
    return canvas.finish(figure, path)


def _drawable(run: Trajectory) -> Array:
    """Return the values (T'+1, S) as floats, up to the first that a picture cannot hold."""
    rows: list[Array] = []
    for values in run.values:
        try:
            row = scalars.to_float(values)
        except NumberError:
            break
        if not (np.abs(row) < LARGEST).all():
            break
        rows.append(row)
    return np.stack(rows)


def _equal_series(values: Array, states: list[int]) -> list[list[int]]:
    """Return the states in groups of equal values throughout, so that no curve hides another."""
    groups: dict[bytes, list[int]] = {}
    for s in states:
        groups.setdefault((values[:, s] + 0.0).tobytes(), []).append(s)
    return list(groups.values())


def _scale(axes: "Axes", values: Array) -> str:
    """Choose the vertical scale; return what its label must say about it."""
    if np.ptp(values) <= WIDE_RANGE:
        return "   "
    axes.set_yscale("asinh", linear_width=1.0)
    axes.set_yticks(_powers(float(values.min()), float(values.max())), minor=False)
    axes.set_yticks([], minor=True)
    return "\nlogarithmic where large, "


def _powers(low: float, high: float) -> list[float]:
    """Return 0 and at most about eight powers of ten a side, within low..high."""
    top = int(np.log10(max(abs(low), abs(high))))
    step = max(1, top // 8)
    sizes = [10.0**k for k in range(top, step // 2, -step)]
    return [x for x in [*(-size for size in sizes), 0.0, *sizes[::-1]] if low <= x <= high]


def _run_words(run: Trajectory) -> str:
    name = {"linear": "linear FQI", "igm": "FQI-IGM", "qplex": "FQI-QPLEX", "joint": "joint FQI"}
    words = name.get(run.factorization, run.factorization)
    return f"{words} on {run.model.name}, {canvas.data_words(run.data)}, γ = {canvas.number(run.model.discount)}"


def _how(run: Trajectory, drawn: int) -> str:
    left_out = "" if drawn == len(run) else f"; {len(run) - drawn} iterations beyond 10²⁵⁰ are left out"
    return f"{len(run) - 1} iterations {canvas.field_words(run.model)}{left_out}"


def _draw_rows(axes: "Axes", rows: Array, count: int) -> None:
    from matplotlib.colors import ListedColormap

    colours = ListedColormap([canvas.colour(k) for k in range(count)])
    across, down = (np.arange(size + 1) - 0.5 for size in rows.shape[::-1])
    between = "white" if rows.shape[1] <= MOST_BORDERED else "none"
    axes.pcolormesh(across, down, rows, cmap=colours, vmin=-0.5, vmax=count - 0.5, edgecolors=between)
    axes.invert_yaxis()


def _action_legend(figure: "Figure", run: Trajectory) -> None:
    from matplotlib.patches import Patch

    names = run.model.actions
    same = len(set(names)) == 1
    longest = max(map(len, names))
    texts = [canvas.plain(names[0][k]) if same else f"action {k + 1}" for k in range(longest)]
    patches = [Patch(color=canvas.colour(k), label=text) for k, text in enumerate(texts)]
    figure.legend(handles=patches, loc="outside lower center", ncols=min(longest, 6), fontsize=canvas.SMALL)
