"""How results are shown by rooms that lie above them: by name, as backends.

Pictures are made in `fqi_theory.plots`, HTML for notebooks in `fqi_theory.plots.faces`, on a floor above the results
that they show. A result's method asks for the function by its name when it is called, so no result depends on how it
is shown.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

#: The rooms that draw, and that write HTML.
BACKEND, FACES = "fqi_theory.plots", "fqi_theory.plots.faces"


def draw(function: str, result: Any, path: str | Path | None, **options: Any) -> Any:
    """Return the figure that `function` of the backend makes of a result; written to `path` where one is given."""
    return getattr(import_module(BACKEND), function)(result, path, **options)


def face(function: str, result: Any) -> str:
    """Return a result as HTML, by `function` of the room of faces."""
    return str(getattr(import_module(FACES), function)(result))
