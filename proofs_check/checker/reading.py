"""Strict reading: every value of a document has the shape that is expected of it, or the certificate is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from operator import contains
from typing import Any, NamedTuple

from .budget import Ints, Refused, Work, need
from .numerals import Place, name_of, number, show


class Maybe(NamedTuple):
    """The shape of a member that may be left out."""

    shape: Any


class Choice(NamedTuple):
    """The shape of an object whose member `key` is a word that says which others there are."""

    key: str
    words: Mapping[str, Callable[[], dict[str, Any]]]


def read(value: Any, shape: Any, where: Place, work: Work) -> Any:
    """Return `value` as its shape says, lists as tuples, numbers as fractions; refuse everything else.

    Shapes: Fraction, str, bool, object (anything), a range, "words allowed"; [shape] a list, (shape, ...) one of that
    length; {str: shape} any keys, {"key": shape, "other": Maybe(shape)} no others; Choice.
    """
    work.spend(150)
    return _read(value, shape, where, work)


def _read(value: Any, shape: Any, where: Place, work: Work) -> Any:
    """Return what `read` does; who calls has paid for one value, and numbers written before are not read again."""
    if shape is Fraction:
        found = work.known.get(value) if type(value) is str else None
        if found is None:
            found = number(value, where, work)
            if type(value) is str:
                work.known[value] = found
        return found
    if shape is object or (shape is str and type(value) is str):
        return value
    kind = type(shape)
    if kind is tuple or kind is list:
        return _read_list(value, shape, where, work)
    if kind is dict:
        return _read_members(value, shape, where, work)
    if kind is Maybe:
        return _read(value, shape.shape, where, work)
    if kind is Choice:
        return _read_chosen(value, shape, where, work)
    if kind is range:
        right = type(value) is int and value in shape
    elif kind is str:
        right = isinstance(value, str) and value in shape.split()
    else:
        right = isinstance(value, shape)
    if not right:
        raise Refused(f"{name_of(where)}: expected {_expected(shape)}, found {show(value)}")
    return value


def _expected(shape: Any) -> str:
    if isinstance(shape, range):
        return f"an integer from {shape[0]} to {shape[-1]}"
    if isinstance(shape, str):
        return shape.replace(" ", " or ")
    return "true or false" if shape is bool else "a string"


def _read_list(value: Any, shape: Any, where: Place, work: Work) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise Refused(f"{name_of(where)}: expected a list, found {show(value)}")
    work.spend(150 * len(value))
    if type(shape) is list:
        if shape[0] is str and not [x for x in value if type(x) is not str]:
            return tuple(value)
        shape = shape * len(value)
    elif len(value) != len(shape):
        raise Refused(f"{name_of(where)}: expected {len(shape)} entries, found {len(value)}")
    first = shape[0] if shape else None
    if type(first) is range and set(map(type, value)) == {int} and all(map(contains, shape, value)):
        return tuple(value)
    if type(first) is tuple and first and type(first[0]) is range and set(map(type, value)) == {list}:
        # A joint action a state: all places at once.
        places = list(chain(*value))
        work.spend(150 * len(places))
        same = set(map(type, places)) == {int} and list(map(len, value)) == list(map(len, shape))
        if same and all(map(contains, chain(*shape), places)):
            return tuple(map(tuple, value))
    if first is Fraction:
        known = work.known
        return tuple([
            known[x] if type(x) is str and x in known else _read(x, own, (where, k), work)
            for k, (x, own) in enumerate(zip(value, shape, strict=True))
        ])  # fmt: skip
    one = _read_list if type(first) is tuple or type(first) is list else _read
    return tuple([one(x, own, (where, k), work) for k, (x, own) in enumerate(zip(value, shape, strict=True))])


def _read_members(value: Any, shape: dict[Any, Any], where: Place, work: Work) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(f"{name_of(where)}: expected an object, found {show(value)}")
    work.spend(150 * len(value))
    if str in shape:
        _need_texts(value, where)
        own = shape[str]
        return {key: _read(x, own, (where, (key,)), work) for key, x in value.items()}
    if value.keys() != shape.keys():
        _need_texts(value, where)
        for key in value:
            if key not in shape:
                raise Refused(f"{name_of(where)}: unknown key {show(key)}")
        for key, own in shape.items():
            if key not in value and type(own) is not Maybe:
                raise Refused(f"{name_of(where)}: key {key!r} is missing")
    return {key: _read(x, shape[key], (where, key), work) for key, x in value.items()}


def _read_chosen(value: Any, shape: Choice, where: Place, work: Work) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(f"{name_of(where)}: expected an object, found {show(value)}")
    _need_texts(value, where)
    word = read(value.get(shape.key), " ".join(shape.words), (where, shape.key), work)
    return _read_members(value, {shape.key: word, **shape.words[word]()}, where, work)


def _need_texts(keys: Iterable[object], where: Place) -> None:
    for key in keys:
        if not isinstance(key, str):
            raise Refused(f"{name_of(where)}: a key is not a string")


def numbered(names: Sequence[str], where: str) -> dict[str, int]:
    """Return {name: position} of a list of different names."""
    need(len(names) > 0, f"{where}: expected a list that is not empty")
    need(len(set(names)) == len(names), f"{where}: a name occurs twice")
    return {name: k for k, name in enumerate(names)}


def distribution(numbers: Iterable[Fraction], where: Place, work: Work) -> Ints:
    """Return (den, den·x for each number x), as `Work.common`; refuse what is no probability distribution."""
    listed = list(numbers)
    if len(listed) == 1 and listed[0] == 1:
        return 1, 1
    den, *found = common = work.common(listed)
    if min(found, default=0) < 0:
        raise Refused(f"{name_of(where)}: a probability is negative")
    if sum(found) != den:
        raise Refused(f"{name_of(where)}: the probabilities do not sum to 1")
    return common
