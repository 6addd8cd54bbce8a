"""Coordinates modulo constants: readings, induced maps, classes of states."""

import numpy as np
import pytest
from fates import vector
from flint import fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.matrices import array, column, identity
from fqi_theory.fates.regions import coordinates as co

small = st.fractions(-5, 5, max_denominator=6).map(lambda x: fmpq(x.numerator, x.denominator))


@given(st.integers(2, 5), st.data())
def test_unit_coordinates_read_differences(size, data):
    reference = data.draw(st.integers(0, size - 1))
    frame = co.unit_coordinates(size, reference)
    deviation = vector(*(data.draw(small) for _ in range(size)))
    z = frame.read(deviation)
    assert frame.unit
    assert z.tolist() == [deviation[s] - deviation[reference] for s in range(size) if s != reference]
    back = array(frame.directions * column(list(z)))[:, 0]
    assert len(set((deviation - back).tolist())) == 1
    assert frame.readout * frame.directions == identity(size - 1)
    assert not any((array(frame.readout).sum(axis=1)).tolist())


@given(st.integers(2, 5), st.data())
def test_general_coordinates_are_a_left_inverse(size, data):
    d = data.draw(st.integers(1, size - 1))
    directions = fmpq_mat(size, d, [data.draw(small) for _ in range(size * d)])
    frame = co.general_coordinates(directions, 0)
    whole = fmpq_mat([[*row, fmpq(1)] for row in directions.tolist()])
    assert (frame is None) == (whole.rank() < d + 1)
    if frame is None:
        return
    assert frame.readout * frame.directions == identity(d)
    assert not any(array(frame.readout).sum(axis=1).tolist())
    z = vector(*(data.draw(small) for _ in range(d)))
    inside = array(directions * column(list(z)))[:, 0] + data.draw(small)
    assert frame.read(inside).tolist() == z.tolist()


def test_deviations_outside_the_span_are_not_read():
    frame = co.general_coordinates(fmpq_mat([[1], [0], [0]]), 1)
    assert frame.read(vector("3", "1", "1")).tolist() == [2]
    assert frame.read(vector("3", "1", "2")) is None
    assert frame.induced(fmpq_mat([[5], [1], [1]])) == fmpq_mat([[4]])
    assert frame.induced(fmpq_mat([[5], [1], [2]])) is None


def test_dependent_directions_are_refused():
    assert co.general_coordinates(fmpq_mat([[1], [1], [1]]), 0) is None
    assert co.general_coordinates(fmpq_mat([[1, 2], [0, 0], [0, 0]]), 0) is None


def test_classes_give_one_coordinate_each():
    frame = co.class_coordinates(np.array([0, 1, 1, 2]), 0)
    assert not frame.unit
    assert frame.directions == fmpq_mat([[0, 0], [1, 0], [1, 0], [0, 1]])
    assert frame.read(vector("1", "3", "3", "0")).tolist() == [2, -1]
    assert frame.read(vector("1", "3", "4", "0")) is None
    assert frame.directions_floats.tolist() == [[0, 0], [1, 0], [1, 0], [0, 1]]
    assert frame.readout_floats.shape == (2, 4)


@pytest.mark.parametrize(
    ("deviation", "rows", "classes"),
    [
        (["1", "2", "2"], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0, 1, 1]),
        (["1", "2", "2"], [[1, 0, 0], [0, 1, 0], [1, 0, 0]], [0, 1, 2]),
        (["2", "2", "2"], [[0, 1, 0], [1, 0, 0], [0, 0, 1]], [0, 0, 0]),
        (["2", "2", "2"], [[0, 1, 0], [1, 0, 0], [0, 0, 2]], [0, 0, 1]),
    ],
)
def test_invariant_classes(deviation, rows, classes):
    assert co.invariant_classes(vector(*deviation), fmpq_mat(rows)).tolist() == classes


@given(st.integers(2, 5), st.data())
def test_invariant_classes_are_preserved_by_the_map(size, data):
    """A vector that is constant on the classes stays so under A."""
    rows = fmpq_mat(size, size, [fmpq(data.draw(st.integers(-1, 1))) for _ in range(size * size)])
    deviation = vector(*(data.draw(st.integers(0, 1)) for _ in range(size)))
    classes = co.invariant_classes(deviation, rows)
    levels = [data.draw(small) for _ in range(size)]
    constant = vector(*(levels[c] for c in classes))
    image = array(rows * column(list(constant)))[:, 0]
    for c in set(classes.tolist()):
        assert len(set(image[classes == c].tolist())) == 1
        assert len(set(deviation[classes == c].tolist())) == 1
