"""Numbers as they are written, and how messages name places and values."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .budget import MAX_DIGITS, MAX_EXPONENT, Refused, Work, bits_of, gcd_cost, need, product_cost

_NUMBER = re.compile(r"[+-]?(?:[0-9]+/([0-9]+)|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,6}))?)")
#: Longer texts are no plain numbers.
PLAIN = 40

#: A place in a document: its name, or the place around it with an index, a key, or (in a tuple) a key of any name.
Place = str | tuple[Any, Any]


def name_of(where: Place) -> str:
    """Return a place in words."""
    if isinstance(where, str):
        return where
    around, key = where
    last = f"[{key}]" if isinstance(key, int) else f".{show(key[0]) if isinstance(key, tuple) else key}"
    return name_of(around) + last


def show(value: object) -> str:
    """Return a value for a message, cut short where it is long."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else value[:60] + "...")
    long = isinstance(value, int | Fraction) and bits_of([[value]]) > 256
    brief = isinstance(value, int | float | Fraction | None) and not long
    return str(value) if brief else f"a {'long ' * long}{type(value).__name__}"


@lru_cache(1 << 13)
def written(text: str) -> tuple[int, int]:
    """Return the ratio, in lowest terms, that a short text writes in plain integers; raise for every other text.

    Most numbers are such, few different ones fill whole families of documents: these are kept from check to check.
    """
    above, slash, below = text.partition("/")
    if len(text) > PLAIN or not (text.isascii() and above.removeprefix("-").isdecimal()):
        raise ValueError
    if not slash:
        return int(above), 1
    den = int(below) if below.isdecimal() else 0
    if den == 0:
        raise ValueError
    top = int(above)
    part = math.gcd(top, den)
    return top // part, den // part


def number(value: object, where: Place, work: Work) -> Fraction:
    """Return the number that is written."""
    work.spend(600)
    if type(value) is int and value.bit_length() <= 4 * MAX_DIGITS:
        return Fraction(value)
    text = value if isinstance(value, str) and len(value) <= 2 * MAX_DIGITS else ""
    try:
        return Fraction(*written(text))
    except ValueError:
        return _other_number(value, text, where, work)


def _other_number(value: object, text: str, where: Place, work: Work) -> Fraction:
    """Return a number that is long or decimal; refuse what is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Refused(f'{name_of(where)}: expected an integer or a rational such as "3/4", found {show(value)}')
    above, below, exponent = text.partition("/")[0], match[1] or "1", match[2]
    if len(text) > PLAIN or exponent:
        _pay_reading(text, max(len(above), len(below)), abs(int(exponent or 0)), where, work)
    if not below.strip("0"):
        raise Refused(f"{name_of(where)}: denominator 0")
    if "." in text or exponent:
        return Fraction(Decimal(text))
    return Fraction(integer(above), integer(below))


def _pay_reading(text: str, digits: int, exponent: int, where: Place, work: Work) -> None:
    need(digits <= MAX_DIGITS, f"{name_of(where)}: more than {MAX_DIGITS} digits")
    need(exponent <= MAX_EXPONENT, f"{name_of(where)}: an exponent beyond {MAX_EXPONENT}")
    length, power = 4 * len(text), 4 * exponent
    work.spend(gcd_cost(length, length) + 2 * gcd_cost(length, power) + product_cost(power, power))


def integer(digits: str) -> int:
    """Return an integer of any length; Python's own reading stops at 4,300 digits."""
    return int(digits) if len(digits) < 600 else int(Decimal(digits))
