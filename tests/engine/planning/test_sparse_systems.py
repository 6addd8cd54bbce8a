"""Sparse systems of a policy: float solutions against dense ones, exact ones against elimination."""

import numpy as np
import pytest
from flint import fmpq, fmpz
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from benchmarks import models
from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import exact_array, to_float
from fqi_theory.model.mmdp import MMDP
from fqi_theory.planning import optimal as planning
from fqi_theory.planning import refinement as sparse_systems
from fqi_theory.planning.floats import float_model
from fqi_theory.planning.integer_rows import integer_rows
from fqi_theory.planning.optimal import solve
from fqi_theory.planning.refinement import SparseSystem, solution
from fqi_theory.testing import strategies as fst


def first_actions(model):
    return integer_rows(model, np.arange(model.n_states) * (model.reward.size // model.n_states))


def assert_same_point(found, wanted):
    (values, denominator), (others, other) = found, wanted
    assert denominator > 0
    assert [x * other for x in values] == [x * denominator for x in others]


@settings(max_examples=60)
@given(st.data())
def test_sparse_solutions_are_those_of_elimination(draw):
    model = draw.draw(fst.mmdps(states=st.integers(1, 6)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse_systems, "FIRST_BITS", draw.draw(st.sampled_from([1, 64, 256])))
        patch.setattr(sparse_systems, "SHRINK", draw.draw(st.sampled_from([0.0, 0.1])))
        rows = first_actions(model)
        assert_same_point(solution(rows, float(to_float(model.discount))), rows.fixed_point())


@pytest.mark.parametrize(
    "model",
    [
        models.chain(60),
        models.grid(6),
        models.deterministic_exact(300, (2, 2)),
        models.sparse_exact(120, (2, 2)),
        models.sparse_exact(40, (2,), discount="999999/1000000"),
        MMDP(exact_array([["1e12"], ["-1/3"]]), np.array([[1], [0]]), "99/100"),
        MMDP(exact_array([["1e40"], ["-1/3"]]), np.array([[1], [0]]), "99/100"),
        MMDP(exact_array([["1e-200"], [0]]), np.array([[1], [1]]), "1/2"),
        MMDP(exact_array([["1e-330"]] * 3), np.arange(3)[:, None], "1/2"),
        MMDP(exact_array([["1e-320"], ["1e-1000"]]), np.array([[1], [0]]), "0"),
        MMDP(exact_array([["-1e-310"], ["1e-279"]]), np.array([[1], [0]]), 1 - fmpq(1, 10**8)),
        MMDP(exact_array([[0], [0]]), np.array([[1], [1]]), "1/2"),
    ],
)
def test_policies_of_larger_models_are_solved_alike(model):
    rows = first_actions(model)
    assert_same_point(solution(rows, float(to_float(model.discount))), rows.fixed_point())


@pytest.mark.parametrize(
    ("reward", "discount"), [("1e400", "1/2"), ("1", 1 - fmpq(1, 10**14)), ("1", 1 - fmpq(1, 10**30))]
)
def test_what_leaves_float64_no_digits_is_left_to_elimination(monkeypatch, reward, discount):
    model = MMDP(exact_array([[reward], ["1/3"]]), np.array([[1], [0]]), discount)
    gamma = model.discount
    assert solution(first_actions(model), float(to_float(gamma))) is None
    monkeypatch.setattr(planning, "REFINED_SPARSE", 1)
    monkeypatch.setattr(planning, "REFINED_DETERMINISTIC", 1)
    first, second = exact_array([reward, "1/3"])
    wanted = [(first + gamma * second) / (1 - gamma**2), (second + gamma * first) / (1 - gamma**2)]
    assert solve(model).values.tolist() == wanted


def test_what_is_read_wrongly_is_not_returned(monkeypatch):
    """A denominator from too few digits fails the check in integers, and more digits are taken."""
    model, read = models.chain(20), []
    honest = sparse_systems._common_denominator
    monkeypatch.setattr(
        sparse_systems,
        "_common_denominator",
        lambda found, bits, slack: read.append(bits) or (fmpz(7) if len(read) < 4 else honest(found, bits, slack)),
    )
    rows = first_actions(model)
    assert_same_point(solution(rows, 0.999), rows.fixed_point())
    assert len(read) >= 4
    assert read == sorted(set(read))


@given(st.data())
def test_float_solutions_are_those_of_dense_systems(draw):
    seed, size = draw.draw(st.integers(0, 2**32 - 1)), draw.draw(st.integers(1, 12))
    generator = np.random.default_rng(seed)
    matrix = generator.random((size, size)) ** 4 + 1e-3
    if draw.draw(st.booleans()):
        matrix = np.eye(size)[generator.permutation(size)]
    discount = draw.draw(st.sampled_from([0.0, 0.5, 0.9, 0.999, 1 - 1e-9]))
    matrix *= discount / matrix.sum(axis=1, keepdims=True)
    right = generator.standard_normal(size) * draw.draw(st.sampled_from([0.0, 1e-300, 1.0, 1e200]))
    wanted = np.linalg.solve(np.eye(size) - matrix, right)
    found = SparseSystem(csr_matrix(matrix), discount).solve(right)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-13 / (1 - discount) * np.abs(wanted).max())


def test_sweeps_are_left_where_they_converge_slowly():
    for model, factored in ((models.sparse_exact(300, (2, 2)), False), (models.chain(300), True)):
        near = float_model(model)
        rows = np.ravel_multi_index((np.arange(300), *near.policy().T), near.reward.shape)
        indptr, successors, shares = near.kernel.compressed(rows)
        system = SparseSystem(near.discount * csr_matrix((shares, successors, indptr), shape=(300, 300)), near.discount)
        right = near.reward.reshape(-1)[rows]
        assert np.abs(system.residual(system.solve(right), right)).max() < 1e-12
        assert (system._factor is not None) == factored


def test_a_singular_system_is_an_error():
    with pytest.raises(np.linalg.LinAlgError):
        SparseSystem(csr_matrix(np.eye(3)), 1.0).solve(np.array([1.0, 0.0, 2.0]))


def test_a_system_that_does_not_fit_is_refused_where_nothing_else_is_left(monkeypatch):
    side = 60_000
    model = MMDP(np.zeros((side, 1), dtype=object), (np.arange(side) ^ 1)[:, None], "1/2")  # pairs: policies return
    assert not solve(model).values.any()
    monkeypatch.setattr(planning, "solution", lambda *_: None)
    with pytest.raises(TooLarge, match="linear system of a policy of shape 60000 x 60000"):
        solve(model)
