"""Number types: exact rationals, float64 and SymPy expressions behind one set of array operations.

Exact arrays have dtype ``object`` and hold ``flint.fmpq``; float arrays have dtype ``float64``; symbolic arrays have
dtype ``object`` and hold SymPy expressions. Ordinary NumPy arithmetic, ``matmul`` and ``sum`` work on all three, so the
operators of this package are written once. Only what needs an order (``maximum``) or a text form is spelled out here.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from flint import fmpq, fmpz

from fqi_theory.base.errors import NumberError

Array: TypeAlias = npt.NDArray[Any]
Scalar: TypeAlias = Any
Field: TypeAlias = Literal["exact", "float", "symbolic"]

# An fmpq has numerator, denominator and the hash of a Fraction: with this it equals and orders like one, too.
Rational.register(fmpq)

MAX_DIGITS = 100_000
MAX_EXPONENT = 10_000
#: What is said of -inf, with which unavailable actions are often marked.
INFINITE = "; where it marks an action that is not available, say so: with_available(...), or `available` in a file"
_RATIO = re.compile(r"([+-]?\d+)(?:/(\d+))?", re.ASCII)
_DECIMAL = re.compile(r"([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,18}))?", re.ASCII)


def parse_rational(text: str) -> fmpq:
    """Read ``"3/4"``, ``"-2"``, ``"0.85"`` or ``"1e-3"`` exactly.

    Raises NumberError on anything else, on a zero denominator, and beyond 100,000 digits or exponent 10,000.
    """
    text = text.strip()
    if len(text) > MAX_DIGITS:
        raise NumberError(f"number has {len(text)} characters, at most {MAX_DIGITS} are read")
    if match := _RATIO.fullmatch(text):
        denominator = fmpz(match[2] or "1")
        if denominator == 0:
            raise NumberError(f"{text!r} has denominator zero")
        return fmpq(fmpz(match[1].removeprefix("+")), denominator)
    match = _DECIMAL.fullmatch(text)
    if not match or not (match[2] or match[3]):
        hint = INFINITE if text.lower() in ("-inf", "-infinity") else ""
        raise NumberError(f'{text[:40]!r} is not a rational number; write an integer, "3/4" or "0.85"{hint}')
    exponent = int(match[4] or 0) - len(match[3])
    if abs(exponent) > MAX_EXPONENT:
        raise NumberError(f"{text[:40]!r} has an exponent beyond {MAX_EXPONENT}")
    mantissa = fmpz(match[2] + match[3]) * (-1 if match[1] == "-" else 1)
    power = fmpz(10) ** abs(exponent)
    return fmpq(mantissa * power) if exponent >= 0 else fmpq(mantissa, power)


def exact(value: Any) -> fmpq:
    """Return a str, int, Fraction, Decimal, fmpq, fmpz or SymPy Rational as an exact rational; floats are refused.

    Use `from_float` to convert a float by name.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, bool | np.bool_):
        raise NumberError(f"{value!r} is a truth value, not a number")
    if isinstance(value, str):
        return parse_rational(value)
    if isinstance(value, int | np.integer | fmpz):
        return fmpq(fmpz(value) if isinstance(value, fmpz) else fmpz(int(value)))
    if isinstance(value, Fraction):
        return fmpq(int(value.numerator), int(value.denominator))
    if isinstance(value, Decimal) and value.is_finite():
        return parse_rational(str(value))
    if getattr(value, "is_Rational", False):
        return fmpq(int(value.p), int(value.q))
    is_float = isinstance(value, float | np.floating)
    hint = "; pass a string, an int or a Fraction, or convert with from_float" if is_float else ""
    raise NumberError(f"{value!r} is not an exact rational{hint}")


def from_float(value: Any) -> Any:
    """Return the rational that a float stands for, bit for bit (0.1 becomes 3602879701896397/2**55).

    Of nested floats: an object array of their shape. Integers and exact numbers stay as they are. Raises NumberError
    for what is no finite number.
    """
    if not isinstance(value, np.ndarray | list | tuple):
        return _from_float(value)
    array = nested_array(value)
    result = np.empty(array.shape, dtype=object)
    result.reshape(-1)[:] = [_from_float(x) for x in array.flat]
    return result


def _from_float(value: Any) -> fmpq:
    if not isinstance(value, float | np.floating):
        return exact(value)
    if not np.isfinite(value):
        raise NumberError(f"{value!r} is not a finite number{INFINITE if np.isneginf(value) else ''}")
    numerator, denominator = value.as_integer_ratio()
    return fmpq(int(numerator), int(denominator))


def to_fraction(values: Any) -> Any:
    """Return one exact number as a Fraction, or nested ones as an object array of Fractions; floats are refused.

    Results of this package are python-flint's fmpq: they equal and order like Fractions and ints, and have arithmetic
    with ints and each other; for arithmetic with Fractions convert them first.
    """
    if not isinstance(values, np.ndarray | list | tuple):
        number = exact(values)
        return Fraction(int(number.p), int(number.q))
    numbers = exact_array(values)
    result = np.empty(numbers.shape, dtype=object)
    result.reshape(-1)[:] = [Fraction(int(x.p), int(x.q)) for x in numbers.flat]
    return result


def is_symbolic(value: Any) -> bool:
    """Tell whether `value` is a SymPy expression, without importing SymPy."""
    return hasattr(value, "free_symbols")


def nested_array(values: Any) -> Array:
    """Return nested numbers as an array, without NumPy's promotions: [2**63, -1] stays exact, ["1/2", 0.1] stays mixed.

    Raises NumberError where the nesting is ragged.
    """
    if isinstance(values, np.ndarray):
        return values if values.dtype.kind != "U" else values.astype(object)
    try:
        array = np.asarray(values)
        promoted = array.dtype.kind in "fU"
        objects = np.asarray(values, dtype=object) if promoted else array
    except ValueError as error:
        raise NumberError(f"expected numbers in a rectangular nesting: {error}") from None
    floats = promoted and array.dtype.kind == "f" and any(isinstance(x, float | np.floating) for x in objects.flat)
    return array if floats else objects


def field_of(values: Any) -> Field:
    """Return the number type: "float" for floating dtypes, "symbolic" if any entry is SymPy's, else "exact"."""
    array = nested_array(values)
    if array.dtype.kind == "f":
        return "float"
    if array.dtype == object and any(is_symbolic(x) and not x.is_Rational for x in array.flat):
        return "symbolic"
    return "exact"


def exact_array(values: Any) -> Array:
    """Return nested numbers as an object array of fmpq; any float raises NumberError."""
    array = nested_array(values)
    if array.dtype.kind == "f":
        raise NumberError("floats were given where exact numbers are needed; see from_float and MMDP.to_float")
    result = np.empty(array.shape, dtype=object)
    flat, out = array.reshape(-1), result.reshape(-1)
    for k in range(flat.size):
        out[k] = exact(flat[k])
    return result


def as_field(values: Any, field: Field) -> Array:
    """Return `values` as an array of the given number type; exact values may become floats, never the reverse."""
    if field == "exact":
        return exact_array(values)
    if field == "float":
        return to_float(values)
    return _symbolic_array(values)


def _symbolic_array(values: Any) -> Array:
    """Return SymPy expressions unchanged and rationals as SymPy rationals, so that division stays exact."""
    from sympy import Rational

    array = np.asarray(values, dtype=object)
    result = np.empty(array.shape, dtype=object)
    flat, out = array.reshape(-1), result.reshape(-1)
    for k, value in enumerate(flat):
        number = None if is_symbolic(value) else exact(value)
        out[k] = value if number is None else Rational(int(number.p), int(number.q))
    return result


def as_array(values: Any) -> Array:
    """Return `values` as an array of their own number type (see `field_of`)."""
    array = nested_array(values)
    if array.dtype == object and any(isinstance(x, float) for x in array.flat):
        raise NumberError("floats and exact numbers are mixed in one array")
    return as_field(array, field_of(array))


def to_float(values: Any) -> Array:
    """Return exact or float values as a float64 array, each entry correctly rounded to within one unit."""
    array = nested_array(values)
    if array.dtype != object:
        return np.asarray(array, dtype=np.float64)
    return np.array([_rounded(x) for x in array.flat], dtype=np.float64).reshape(array.shape)


def _rounded(value: Scalar) -> float:
    if isinstance(value, float | np.floating):
        return float(value)
    number = exact(value)
    try:
        return int(number.p) / int(number.q)
    except OverflowError:
        raise NumberError("a number of magnitude above 1.8e308 has no float64 value") from None


def zeros(shape: tuple[int, ...], field: Field) -> Array:
    """Return an array of zeros of the given number type."""
    return full(shape, 0, field)


def full(shape: tuple[int, ...], value: Any, field: Field) -> Array:
    """Return an array filled with `value` in the given number type."""
    if field == "float":
        return np.full(shape, float(value))
    result = np.empty(shape, dtype=object)
    result[...] = exact(value) if field == "exact" else value
    return result


def scalar(value: Any, field: Field) -> Scalar:
    """Return one number in the given number type."""
    return as_field(np.array(value, dtype=object), field)[()]


def maximum(values: Array, axis: int | tuple[int, ...]) -> Array:
    """Return the maximum along `axis`; SymPy's ``Max`` where symbolic entries cannot be ordered."""
    try:
        return np.asarray(values.max(axis=axis))
    except TypeError:
        from sympy import Max

    axes = (axis,) if isinstance(axis, int) else axis
    moved = np.moveaxis(values, axes, range(-len(axes), 0))
    flat = moved.reshape(*moved.shape[: moved.ndim - len(axes)], -1)
    return np.asarray(np.apply_along_axis(lambda row: np.array(Max(*row), dtype=object), -1, flat))


def text(value: Scalar) -> str | float:
    """Return the JSON form of one number: "3/4" for a rational, the number itself for a float."""
    if isinstance(value, float | np.floating):
        return float(value)
    return str(value)


def nested_text(values: Array) -> Any:
    """Return the JSON form of an array: nested lists of `text`."""
    if values.ndim == 0:
        return text(values[()])
    return [nested_text(row) if values.ndim > 1 else text(row) for row in values]


def objects(values: Iterable[fmpz | fmpq]) -> Array:
    """Return numbers as an object array, (N,)."""
    listed = list(values)
    result = np.empty(len(listed), dtype=object)
    result[:] = listed
    return result
