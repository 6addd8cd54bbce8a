"""The figure everything is drawn on: free of pyplot, shown by notebooks, reproducible byte for byte."""

from io import BytesIO

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


class Picture(Figure):
    """A Matplotlib figure with its own Agg canvas; Jupyter shows it as PNG without any set-up."""

    def __init__(self, width: float, height: float) -> None:
        """Make an empty white figure of `width` by `height` inches."""
        super().__init__(figsize=(width, height), dpi=110, layout="constrained", facecolor="white")
        FigureCanvasAgg(self)

    def words(self) -> str:
        """Return the headings of the figure in one line, for readers who do not see it."""
        texts = [self.get_suptitle(), *(axes.get_title() for axes in self.axes)]
        return "; ".join(dict.fromkeys(line for text in texts for line in text.splitlines() if line))

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        buffer = BytesIO()
        self.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue(), {"alt": self.words()}
