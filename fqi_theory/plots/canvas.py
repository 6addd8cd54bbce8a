"""What all pictures share: the figure, the colours, the number texts, and writing to a file."""

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeAlias

from fqi_theory.base import scalars
from fqi_theory.base.errors import ExtraMissing, FormatError
from fqi_theory.base.scalars import Array, Scalar
from fqi_theory.model.formats.files import require_writable
from fqi_theory.model.mmdp import MMDP

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure

PathLike: TypeAlias = str | Path

#: The colours of Okabe and Ito, told apart with every common colour vision; black and grey are kept for annotation.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
GREY = "#8C8C8C"
SMALL, NORMAL, LARGE = 9, 10.5, 12
LETTERS_AN_INCH = 11.5

_NO_DATE: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}


class PlotsMissing(ExtraMissing):
    """Matplotlib is not installed; the message names the extra that brings it."""


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of a size in inches; raises PlotsMissing where Matplotlib is not installed."""
    try:
        from fqi_theory.plots.picture import Picture
    except ImportError as error:
        raise PlotsMissing(f"pictures need Matplotlib: pip install 'fqi-theory[plots]' ({error})") from None
    return Picture(width, height)


def finish(figure: "Figure", path: PathLike | None) -> "Figure":
    """Write the figure where a path is given, and return it; raises FormatError unless it ends in .png, .svg, .pdf."""
    if path is not None:
        figure.savefig(path, metadata=_NO_DATE[require_picture_file(path)])
    return figure


def require_picture_file(path: PathLike) -> str:
    """Return the ending of a file that a picture can be written to; raises FormatError for any other."""
    ending = Path(path).suffix.lower()
    if ending not in _NO_DATE:
        raise FormatError(
            f"{path}: name: expected an ending .png, .svg or .pdf, found {repr(ending) if ending else 'none'}"
        )
    require_writable(path)
    return ending


def require_drawing(path: PathLike) -> None:
    """Raise PlotsMissing or FormatError where a picture could not be drawn and written, before anything is computed."""
    require_picture_file(path)
    new_figure(1, 1)


def title(figure: "Figure", what: str, how: str = "") -> None:
    """Write what is shown, and below it how it is known, in lines that are no longer than the figure is wide."""
    most = int(figure.get_figwidth() * LETTERS_AN_INCH)
    lines = [_broken(line, most) for line in plain(f"{what}\n{how}").splitlines()]
    figure.suptitle("\n".join(lines), fontsize=LARGE, linespacing=1.4)


def _broken(text: str, most: int) -> str:
    """Return a heading in lines of at most `most` letters, broken after commas where that is enough."""
    first, *parts = text.split(", ")
    lines = [first]
    for part in parts:
        together = f"{lines[-1]}, {part}"
        lines[-1:] = [together] if len(together) <= most else [f"{lines[-1]},", part]
    return "\n".join(piece for line in lines for piece in wrap(line, most))


def plain(text: str) -> str:
    """Return text that Matplotlib shows as it is: a dollar sign in a name begins no formula."""
    return text.replace("$", r"\$")


def label(axes: "Axes", x: str, y: str) -> None:
    """Label both axes and keep every text at a readable size."""
    axes.set_xlabel(x, fontsize=NORMAL)
    axes.set_ylabel(y, fontsize=NORMAL)
    axes.tick_params(labelsize=SMALL)


def count_ticks(axes: "Axes") -> None:
    """Mark whole numbers only on the horizontal axis."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def colour(index: int) -> str:
    """Return the colour of a state, action or attractor."""
    return COLOURS[index % len(COLOURS)]


def number(value: Scalar, longest: int = 9) -> str:
    """Return an exact number as a fraction, or with "≈" as a decimal where that is too long; a float as a decimal."""
    if isinstance(value, float):
        return f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
    text = str(scalars.text(value))
    if len(text) > longest:
        text = f"≈{float(scalars.to_float(value)):.4g}"
    return text.replace("-", "\N{MINUS SIGN}")


def data_words(described: Any) -> str:
    """Return a data source, given by its JSON form, in words."""
    if not isinstance(described, dict):
        return str(described)
    words = {"uniform": "uniform data", "product": "product data", "joint": "correlated data"}
    if described.get("kind") == "epsilon-greedy":
        return f"ε-greedy data, ε = {described['epsilon']}"
    return words.get(str(described.get("kind")), str(described.get("kind")))


def field_words(model: MMDP) -> str:
    """Return how the numbers of a run are known."""
    return "computed exactly" if model.field == "exact" else "computed in float64"


def seen_states(model: MMDP, values: Array, most: int) -> list[int]:
    """Return at most `most` states, in order: those whose values (T+1, S) move most, where there are more."""
    spread = values.max(axis=0) - values.min(axis=0)
    return sorted(sorted(range(model.n_states), key=lambda s: (-float(spread[s]), s))[:most])
