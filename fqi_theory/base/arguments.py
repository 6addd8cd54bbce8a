"""Arguments as callers give them: refused by their name, with what was expected and what was found."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from fqi_theory.base import scalars
from fqi_theory.base.errors import DataError, FqiTheoryError, NumberError


@contextmanager
def named(what: str) -> Iterator[None]:
    """Put an argument's name, or a place, before the message of an error of this package that is raised inside."""
    try:
        yield
    except FqiTheoryError as error:
        raise type(error)(f"{what}: {error}") from None


def shown(value: Any) -> str:
    """Return a value and its type, for messages: ``2 (int)``."""
    return f"{value!r} ({type(value).__name__})"


def require_word(
    value: Any, what: str, words: Sequence[str], error: Callable[[str], FqiTheoryError] = DataError
) -> None:
    """Raise an error that names the argument unless its value is one of some words."""
    if not isinstance(value, str) or value not in words:
        raise error(f"{what}: expected {' or '.join(words)}, found {value!r}")


def require_function(value: Any, what: str) -> None:
    """Raise DataError that names the argument unless its value can be called."""
    if not callable(value) or isinstance(value, type):
        raise DataError(f"{what}: expected a function, found {shown(value)}")


def require_text(value: Any, what: str) -> None:
    """Raise DataError that names the argument unless its value is a text."""
    if not isinstance(value, str):
        raise DataError(f"{what}: expected a text, found {shown(value)}")


def as_list(value: Any, what: str, of: str, error: Callable[[str], FqiTheoryError] = DataError) -> list[Any]:
    """Return the entries of a list, a tuple, an array or another iterable; `of` says what they are, for the message.

    Raises an error that names the argument for one text, whose letters are no entries, for a set, which has no order,
    and for anything that has no entries.
    """
    single = isinstance(value, str | bytes | set | frozenset) or not isinstance(value, Iterable)
    if single or (isinstance(value, np.ndarray) and value.ndim == 0):
        raise error(f"{what}: expected a list of {of}, found {shown(value)}")
    return list(value)


def require_number(value: Any, what: str) -> None:
    """Raise NumberError that names the argument unless its value is one number: exact, float or symbolic."""
    with named(what):
        array = scalars.nested_array(value)
        if array.ndim:
            raise NumberError(f"expected one number, found {shown(value)}")
        scalars.as_array(array)
