"""What a caller means by a model: an MMDP, a name of the catalogue, or a file."""

import os
from typing import Any

from fqi_theory.base.errors import ModelError
from fqi_theory.model.catalog import load
from fqi_theory.model.hints import hint
from fqi_theory.model.mmdp import MMDP


def as_model(given: Any) -> MMDP:
    """Return an MMDP as it is, and load what is a name of the catalogue or a path; raises ModelError for the rest."""
    if isinstance(given, MMDP):
        return given
    if isinstance(given, str | os.PathLike):
        return load(given)
    if isinstance(getattr(given, "model", None), MMDP):
        raise ModelError(
            f"model: expected an MMDP, found {type(given).__name__}; pass its .model (and its .data as data)"
        )
    raise ModelError(
        f"model: expected an MMDP, a name of the catalogue or a path, found {type(given).__name__}{hint(given)}"
    )
