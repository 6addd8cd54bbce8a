"""Results as data frames of pandas, an optional extra."""

from collections.abc import Mapping, Sequence
from typing import Any

from flint import fmpq

from fqi_theory.base.errors import ExtraMissing
from fqi_theory.base.scalars import to_fraction


def frame(columns: Mapping[str, Sequence[Any]], index: Mapping[str, Sequence[Any]]) -> Any:
    """Return a DataFrame of columns of equal length under the index levels; rationals become Fractions.

    Raises ExtraMissing where pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise ExtraMissing("to_pandas needs pandas: pip install 'fqi-theory[pandas]'") from None
    data = {name: [to_fraction(x) if isinstance(x, fmpq) else x for x in column] for name, column in columns.items()}
    return pandas.DataFrame({**index, **data}).set_index(list(index))
