"""Strict reading: every value of a document has the shape that is expected of it, or the certificate is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .budget import MAX_DIGITS, MAX_EXPONENT, Refused, Work, bits_of, gcd_cost, need, product_cost

_NUMBER = re.compile(r"[+-]?(?:[0-9]+/([0-9]+)|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,6}))?)")


def show(value: object) -> str:
    """Return a value for a message, cut short where it is long."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else value[:60] + "...")
    long = isinstance(value, int | Fraction) and bits_of([[value]]) > 256
    brief = isinstance(value, int | float | Fraction | None) and not long
    return str(value) if brief else f"a {'long ' * long}{type(value).__name__}"


def _number(value: object, where: str, work: Work) -> Fraction:
    work.spend(600)
    if type(value) is int and value.bit_length() <= 4 * MAX_DIGITS:
        return Fraction(value)
    text = value if isinstance(value, str) and len(value) <= 2 * MAX_DIGITS else ""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Refused(f'{where}: expected an integer or a rational such as "3/4", found {show(value)}')
    above, below, exponent = text.partition("/")[0], match[1] or "1", abs(int(match[2] or 0))
    need(max(len(above), len(below)) <= MAX_DIGITS, f"{where}: more than {MAX_DIGITS} digits")
    need(exponent <= MAX_EXPONENT, f"{where}: an exponent beyond {MAX_EXPONENT}")
    digits, power = 4 * len(text), 4 * exponent
    work.spend(gcd_cost(digits, digits) + 2 * gcd_cost(digits, power) + product_cost(power, power))
    need(below.strip("0") != "", f"{where}: denominator 0")
    if "." in text or match[2]:
        return Fraction(Decimal(text))
    return Fraction(integer(above), integer(below))


def integer(digits: str) -> int:
    """Return an integer of any length; Python's own reading stops at 4,300 digits."""
    return int(digits) if len(digits) < 600 else int(Decimal(digits))


def read(value: Any, shape: Any, where: str, work: Work) -> Any:
    """Return `value` as its shape says, lists as tuples, numbers as fractions; refuse everything else.

    Shapes: Fraction, str, bool, object (anything), a range, "words allowed"; [shape] a list, (shape, ...) one of that
    length; {str: shape} any keys, {"key": shape, "optional?": shape} no others, {"key:": {word: more keys}} a choice.
    """
    work.spend(150)
    if shape is Fraction:
        return _number(value, where, work)
    if isinstance(shape, dict):
        need(isinstance(value, dict), f"{where}: expected an object, found {show(value)}")
        need(all(isinstance(key, str) for key in value), f"{where}: a key is not a string")
        return _read_members(value, shape, where, work)
    if isinstance(shape, list | tuple):
        need(isinstance(value, list), f"{where}: expected a list, found {show(value)}")
        shapes = shape * len(value) if isinstance(shape, list) else shape
        need(len(value) == len(shapes), f"{where}: expected {len(shapes)} entries, found {len(value)}")
        return tuple(read(x, shapes[k], f"{where}[{k}]", work) for k, x in enumerate(value))
    if isinstance(shape, range):
        right, expected = type(value) is int and value in shape, f"an integer from {shape[0]} to {shape[-1]}"
    elif isinstance(shape, str):
        right, expected = isinstance(value, str) and value in shape.split(), shape.replace(" ", " or ")
    else:
        right, expected = isinstance(value, shape), "true or false" if shape is bool else "a string"
    need(right, f"{where}: expected {expected}, found {show(value)}")
    return value


def _read_members(value: dict[str, Any], shape: Any, where: str, work: Work) -> dict[str, Any]:
    if str in shape:
        return {key: read(x, shape[str], f"{where}.{show(key)}", work) for key, x in value.items()}
    first = next(iter(shape), "")
    if first.endswith(":"):
        word = read(value.get(first[:-1]), " ".join(shape[first]), f"{where}.{first[:-1]}", work)
        shape = {first[:-1]: word, **shape[first][word]}
    known = {key.rstrip("?"): own for key, own in shape.items()}
    for key in value:
        need(key in known, f"{where}: unknown key {show(key)}")
    for key in shape:
        need(key in value or key.endswith("?"), f"{where}: key {key!r} is missing")
    return {key: read(x, known[key], f"{where}.{key}", work) for key, x in value.items()}


def numbered(names: Sequence[str], where: str) -> dict[str, int]:
    """Return {name: position} of a list of different names."""
    need(len(names) > 0, f"{where}: expected a list that is not empty")
    need(len(set(names)) == len(names), f"{where}: a name occurs twice")
    return {name: k for k, name in enumerate(names)}


def distribution(numbers: Iterable[Fraction], where: str, work: Work) -> None:
    """Refuse numbers that are not a probability distribution."""
    den, *found = work.common(list(numbers))
    need(all(x >= 0 for x in found), f"{where}: a probability is negative")
    need(sum(found) == den, f"{where}: the probabilities do not sum to 1")
