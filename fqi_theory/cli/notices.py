"""Warnings of the package as single lines on standard error."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from fqi_theory.base.errors import FqiTheoryWarning


@contextmanager
def notices(place: str) -> Iterator[None]:
    """Print every FqiTheoryWarning raised inside as ``fqi-theory: PLACE: message``; others are shown as ever."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FqiTheoryWarning)
        yield
    for one in caught:
        if issubclass(one.category, FqiTheoryWarning):
            print(f"fqi-theory: {place}: warning: {one.message}", file=sys.stderr)
        else:
            warnings.showwarning(one.message, one.category, one.filename, one.lineno)
