from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base import scalars
from fqi_theory.base.errors import NumberError
from fqi_theory.testing.strategies import rationals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3/4", fmpq(3, 4)),
        ("-6/4", fmpq(-3, 2)),
        ("+2", fmpq(2)),
        ("0.85", fmpq(17, 20)),
        (".5", fmpq(1, 2)),
        ("-0.1e1", fmpq(-1)),
        ("1e-3", fmpq(1, 1000)),
        (" 7 ", fmpq(7)),
        ("2.", fmpq(2)),
    ],
)
def test_rationals_are_read_exactly(text, value):
    assert scalars.parse_rational(text) == value


@pytest.mark.parametrize(
    "text", ["", "1/0", "1/-2", "1e", ".", "nan", "inf", "1_000", "0x1", "1/2/3", "1e99999", "١", "1.5/2", "--1"]
)
def test_malformed_numbers_are_refused(text):
    with pytest.raises(NumberError):
        scalars.parse_rational(text)


def test_a_number_beyond_the_digit_limit_is_refused_before_it_is_read():
    with pytest.raises(NumberError, match="100000"):
        scalars.parse_rational("1" * 100_001)


@given(st.fractions())
def test_text_of_a_rational_reads_back(value):
    number = scalars.exact(value)
    assert scalars.exact(scalars.text(number)) == number
    assert Fraction(int(number.p), int(number.q)) == value


@pytest.mark.parametrize("value", [fmpz(3), np.int64(3), Fraction(3), Decimal(3), sympy.Integer(3), "3", 3])
def test_every_exact_type_is_accepted(value):
    assert scalars.exact(value) == fmpq(3)


@pytest.mark.parametrize("value", [0.5, np.float64(0.5), True, np.bool_(True), None, Decimal("NaN"), 1j])
def test_what_is_not_exact_is_refused(value):
    with pytest.raises(NumberError):
        scalars.exact(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_converted_by_name_keeps_every_bit(value):
    assert scalars.to_float(np.array([scalars.from_float(value)], dtype=object))[0] == value


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_from_float_refuses_what_is_not_finite(value):
    with pytest.raises(NumberError, match="finite"):
        scalars.from_float(value)


@given(st.fractions())
def test_to_float_rounds_correctly(value):
    assert scalars.to_float(scalars.exact_array([value]))[0] == value.numerator / value.denominator


def test_number_types_are_recognised():
    x = sympy.Symbol("x")
    assert scalars.field_of([1, 2]) == "exact"
    assert scalars.field_of(["1/2", 3]) == "exact"
    assert scalars.field_of([1, 0.5]) == "float"
    assert scalars.field_of([1, x]) == "symbolic"


def test_a_float_among_strings_is_refused():
    # NumPy turns ["1/2", 0.5] into strings; the float then came in as the exact text of its digits.
    with pytest.raises(NumberError, match="mixed"):
        scalars.as_array([["1/2", 0.1]])
    with pytest.raises(NumberError, match=r"0\.1"):
        scalars.exact_array(["1/2", 0.1])


def test_integers_beyond_64_bits_stay_exact():
    # NumPy turns [2**63, -1] into floats.
    assert scalars.as_array([2**63, -1]).tolist() == [fmpq(2**63), fmpq(-1)]
    assert scalars.exact_array([[2**64 + 1]])[0, 0] == fmpq(2**64 + 1)


def test_ragged_nesting_is_refused():
    with pytest.raises(NumberError, match="rectangular"):
        scalars.as_array([[1, 2], [3]])


def test_a_number_beyond_float64_is_refused():
    with pytest.raises(NumberError, match="float64"):
        scalars.to_float(scalars.exact_array(["1e400"]))


def test_floats_never_become_exact_silently():
    with pytest.raises(NumberError, match="from_float"):
        scalars.as_field(np.array([0.5]), "exact")


def test_symbolic_arrays_divide_exactly():
    one = scalars.scalar(1, "symbolic")
    assert one / 3 == sympy.Rational(1, 3)
    assert scalars.as_array(["1/2", sympy.Symbol("x")])[0] == sympy.Rational(1, 2)


def test_maximum_of_symbols_is_max():
    x, y = sympy.symbols("x y")
    table = np.array([[x, y], [y, 0]], dtype=object)
    assert scalars.maximum(table, axis=1).tolist() == [sympy.Max(x, y), sympy.Max(y, 0)]
    assert scalars.maximum(table, axis=(0, 1))[()] == sympy.Max(0, x, y)


@given(st.lists(rationals(), min_size=6, max_size=6))
def test_maximum_of_rationals_is_the_largest(flat):
    table = scalars.exact_array(flat).reshape(1, 2, 3)
    assert scalars.maximum(table, axis=(1, 2))[0] == max(flat)


def test_nested_text_keeps_the_shape():
    assert scalars.nested_text(scalars.exact_array([["1/2", 0], [3, -1]])) == [["1/2", "0"], ["3", "-1"]]
    assert scalars.nested_text(np.array([0.5])) == [0.5]
