"""How numbers and arrays look in one line: short rationals as they are, long ones shortened and marked so."""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

import numpy as np

from fqi_theory.base.scalars import Scalar

#: A rational of at most so many characters is shown as it is.
EXACT_WIDTH = 12
#: So many entries of an axis are shown; of more, the first ones and the last.
ENTRIES_SHOWN = 6
_SEVEN = Context(prec=7, Emax=10**12, Emin=-(10**12))


def number(value: Scalar) -> str:
    """Return one number for people: floats to 7 digits, short rationals as they are, long ones as ``≈5.947212``."""
    if isinstance(value, float):
        return f"{value:.7g}"
    text = str(value)
    if len(text) <= EXACT_WIDTH or not hasattr(value, "p"):
        return text
    return f"≈{_SEVEN.divide(Decimal(int(value.p)), Decimal(int(value.q))).normalize(_SEVEN)}"


def brief(value: Any) -> str:
    """Return numbers in any nesting of arrays, sequences and mappings, at most 6 entries of each axis."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {brief(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, str) or not isinstance(value, np.ndarray | Sequence):
        return number(value)
    count = len(value)
    shown = range(count) if count <= ENTRIES_SHOWN else (*range(ENTRIES_SHOWN - 1), count - 1)
    parts = [brief(value[k]) for k in shown]
    if count > ENTRIES_SHOWN:
        parts.insert(-1, "...")
    return "[" + ", ".join(parts) + "]"


def listed(names: Sequence[str], limit: int = 12) -> str:
    """Return the first `limit` names, and how many there are if more; semicolons separate names that hold commas."""
    comma = "; " if any("," in name for name in names[:limit]) else ", "
    more = f"{comma}... ({len(names)} in all)" if len(names) > limit else ""
    return comma.join(names[:limit]) + more
