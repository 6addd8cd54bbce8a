"""The exact Schur-Cohn test against float eigenvalues away from the unit circle; and at it, where floats fail."""

import numpy as np
import pytest
from flint import fmpq, fmpq_mat
from hypothesis import assume, given
from hypothesis import strategies as st

from fqi_theory.base.matrices import floats
from fqi_theory.fates.stability import is_schur_stable, modulo_constants

AWAY = 1e-6


@st.composite
def matrices(draw):
    size = draw(st.integers(1, 5))
    numbers = draw(st.lists(st.integers(-9, 9), min_size=size * size, max_size=size * size))
    return fmpq_mat(size, size, [fmpq(x, draw(st.integers(3, 24))) for x in numbers])


@given(matrices())
def test_agrees_with_float_eigenvalues(matrix):
    radius = np.abs(np.linalg.eigvals(floats(matrix))).max()
    assume(abs(radius - 1) > AWAY)
    assert is_schur_stable(matrix) == (radius < 1)


@pytest.mark.parametrize(
    ("rows", "stable"),
    [
        ([[fmpq(4, 5)]], True),
        ([[fmpq(-1)]], False),
        ([[fmpq(1)]], False),
        ([[fmpq(10**12 - 1, 10**12)]], True),
        ([[fmpq(10**12 + 1, 10**12)]], False),
        ([[0, -1], [1, 0]], False),
        ([[0, fmpq(-99, 100)], [1, 0]], True),
        ([[fmpq(3, 5), fmpq(-4, 5)], [fmpq(4, 5), fmpq(3, 5)]], False),
        ([[0, 1], [0, 0]], True),
        ([[0, 100], [0, fmpq(1, 2)]], True),
        ([[2, 0], [0, fmpq(1, 2)]], False),
        ([[0, 0], [0, 0]], True),
    ],
)
def test_at_and_near_the_circle(rows, stable):
    assert is_schur_stable(fmpq_mat(rows)) == stable


def test_nothing_is_stable():
    assert is_schur_stable(fmpq_mat(0, 0))


@given(st.integers(2, 5), st.data())
def test_modulo_constants(size, data):
    """With rows of sum γ the eigenvalues are γ and those modulo constants."""
    gamma = fmpq(9, 10)
    rows = []
    for _ in range(size):
        row = [fmpq(data.draw(st.integers(-5, 5)), 7) for _ in range(size - 1)]
        rows.append([*row, gamma - sum(row, fmpq(0))])
    induced = modulo_constants(fmpq_mat(rows))
    assert (induced.nrows(), induced.ncols()) == (size - 1, size - 1)
    whole = fmpq_mat(rows).charpoly()
    assert whole == induced.charpoly() * type(whole)([-gamma, 1])
