"""The symbolic tools of the judge: zero means zero, positive means positive."""

import pytest
import sympy

from proofs_check.evidence.symbols import first_nonzero, is_positive, is_zero, symbolic_marginals, symbolic_table

H, X = sympy.symbols("h x", positive=True)
FREE = sympy.Symbol("free", real=True)


def test_is_zero_expands():
    assert is_zero((X + 1) ** 2 - X**2 - 2 * X - 1)
    assert not is_zero(X - 1)


@pytest.mark.parametrize("expression", [X, X + 1, 1 / X, (1 + X) / (2 + H), -1 / (-X - 1), sympy.Rational(1, 2)])
def test_positive(expression):
    assert is_positive(expression)


@pytest.mark.parametrize("expression", [X - 1, -X, FREE, FREE + X, sympy.Integer(0), 1 / (X - 2), X**2 - X + 1])
def test_not_shown_positive(expression):
    assert not is_positive(expression)


def test_positive_below_one():
    assert is_positive(1 - X, X)
    assert is_positive(1 / X - 1, X)
    assert not is_positive(sympy.Rational(1, 2) - X, X)


def test_first_nonzero_gives_numbers():
    count, found = first_nonzero([("fine", X - X), ("wrong", X * (H - 1)), ("unseen", X)])
    assert count == 2
    assert found["identity"] == "wrong"
    assert sympy.Rational(found["value"]) != 0


def test_symbolic_tables_and_marginals():
    assert symbolic_table((2, 3)).shape == (1, 2, 3)
    assert len(set(symbolic_table((2, 3)).flat)) == 6
    assert all(sympy.expand(m.sum()) == 1 for m in symbolic_marginals((2, 3)))
