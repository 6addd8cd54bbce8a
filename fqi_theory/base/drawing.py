"""How results are drawn by rooms that lie above them: by name, as a plotting backend.

Pictures are made in `fqi_theory.plots`, on a floor above the results that they show, and need Matplotlib. A result's
`plot` method asks for the drawing function by its name when it is called, so no result depends on how it is drawn.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

#: The room that draws.
BACKEND = "fqi_theory.plots"


def draw(function: str, result: Any, path: str | Path | None) -> Any:
    """Return the figure that `function` of the backend makes of a result; written to `path` where one is given."""
    return getattr(import_module(BACKEND), function)(result, path)
