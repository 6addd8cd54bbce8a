"""Whole numbers as arguments."""

from typing import Any

import numpy as np

from fqi_theory.base.arguments import shown
from fqi_theory.base.errors import DataError


def whole(value: Any, what: str, least: int = 0) -> int:
    """Return an int, or raise DataError naming the argument: for floats, texts, truth values and what is too small."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise DataError(f"{what}: expected a whole number, found {shown(value)}")
    if value < least:
        raise DataError(f"{what}: expected at least {least}, found {value}")
    return int(value)
