"""Exact isotonic regression of the engine: literal results, the min-max formula, its KKT conditions."""

import random
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from monotone_oracle import by_levels, by_min_max
from oracle import fraction

from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import exact_array, from_float
from fqi_theory.factorization.isotonic import isotonic


def fitted(y, w, shape):
    def table(numbers):
        array = np.empty(shape, dtype=object)
        for a, x in numbers.items():
            array[a] = fmpq(Fraction(x).numerator, Fraction(x).denominator)
        return array

    found = isotonic(table(y), table(w))
    return {a: fraction(found[a]) for a in y}


def drawn(rng, shape, spread, odds):
    cells = list(product(*map(range, shape)))
    y = {a: Fraction(rng.randint(-spread, spread), rng.choice([1, 1, 2, 3])) for a in cells}
    return y, {a: Fraction(rng.randint(1, odds), rng.choice([1, 5])) for a in cells}


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ([1, 3, 2, 4, 0], [1, fmpq(9, 4), fmpq(9, 4), fmpq(9, 4), fmpq(9, 4)]),
        ([[0, 0, -12], [0, 0, -12], [-12, -12, 8]], [[-6, -6, -6], [-6, -6, -6], [-6, -6, 8]]),
        ([[1, 0], [0, 1]], [[fmpq(1, 3), fmpq(1, 3)], [fmpq(1, 3), 1]]),
        ([[5]], [[5]]),
    ],
)
def test_literal_regressions(y, expected):
    table = exact_array(y)
    assert isotonic(table, exact_array(np.ones(table.shape, dtype=int))).tolist() == exact_array(expected).tolist()


def test_weights_count():
    assert isotonic(exact_array([3, 0]), exact_array([2, 1])).tolist() == [2, 2]


@pytest.mark.parametrize("shape", [(2, 2), (2, 3), (4,), (2, 2, 2), (1, 3)])
def test_the_regression_is_the_min_max_formula(shape):
    rng = random.Random(7)
    for _ in range(25):
        y, w = drawn(rng, shape, rng.choice([1, 3, 50]), rng.choice([1, 6]))
        assert fitted(y, w, shape) == by_min_max(y, w, shape)


@pytest.mark.parametrize(
    ("shape", "count"), [((3, 3), 250), ((3, 4), 120), ((4, 4), 60), ((3, 2, 2), 120), ((5, 2), 120)]
)
def test_the_regression_is_what_levels_over_all_upper_sets_give(shape, count):
    rng = random.Random(prod(shape))
    for _ in range(count):
        y, w = drawn(rng, shape, rng.choice([1, 3, 50]), rng.choice([1, 6]))
        assert fitted(y, w, shape) == by_levels(y, w, shape)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_optimality_conditions_of_larger_tables(draw):
    """x is feasible, orthogonal to its residual, and the residual rises along no upper set: sufficient and necessary.

    Σ_{a in U} w (y - x) <= 0 for every upper set U follows from x(U) being the projection; it is asked of all principal
    upper sets and of all sets {x >= level}, on whose complements the residual sums to 0 level by level.
    """
    shape = draw.draw(st.sampled_from([(3, 3, 3), (4, 4), (6, 6), (2, 2, 2, 2)]))
    numbers = st.integers(-9, 9) | st.sampled_from([0, 1])
    cells = list(product(*map(range, shape)))
    y = {a: Fraction(draw.draw(numbers)) for a in cells}
    w = {a: Fraction(draw.draw(st.integers(1, 4))) for a in cells}
    x = fitted(y, w, shape)
    for a, i in product(cells, range(len(shape))):
        above = (*a[:i], a[i] + 1, *a[i + 1 :])
        assert above not in x or x[a] <= x[above]
    for level in set(x.values()):
        assert sum(w[a] * (y[a] - x[a]) for a in cells if x[a] == level) == 0
    for corner in cells:
        upper = [a for a in cells if all(p >= q for p, q in zip(a, corner, strict=True))]
        for level in set(x.values()):
            assert sum(w[a] * (y[a] - x[a]) for a in upper if x[a] == level) <= 0


def test_floats_are_the_rationals_that_they_stand_for():
    y, w = np.array([[0.3, 0.1], [0.2, 0.1]]), np.array([[0.25, 0.25], [0.1, 0.4]])
    exact = isotonic(
        exact_array([[from_float(v) for v in row] for row in y]),
        exact_array([[from_float(v) for v in row] for row in w]),
    )
    assert isotonic(y, w).tolist() == [[int(v.p) / int(v.q) for v in row] for row in exact]


def test_what_is_no_weight_is_refused():
    table = exact_array([[1, 2], [3, 4]])
    with pytest.raises(DataError, match=r"weights at \(1, 0\): expected a number above 0, found 0"):
        isotonic(table, exact_array([[1, 1], [0, 1]]))
    with pytest.raises(DataError, match=r"weights: expected the shape \(2, 2\) of the table, found \(2,\)"):
        isotonic(table, exact_array([1, 1]))
