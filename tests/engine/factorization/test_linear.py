from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from oracle import GAME_2, LECTURE_GAME, additive_fit, fraction

from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import exact_array, full, to_float
from fqi_theory.data.sources import JointData, ProductData
from fqi_theory.factorization import linear
from fqi_theory.factorization.fit import additive_table
from fqi_theory.testing import strategies as fst

shapes = fst.action_counts(max_agents=4, max_joint=16).map(lambda counts: (1, *counts))


def oracle_table(targets, weights):
    counts = targets.shape[1:]
    y = {a: fraction(targets[(0, *a)]) for a in np.ndindex(*counts)}
    w = {a: fraction(weights[(0, *a)]) for a in np.ndindex(*counts)}
    return additive_fit(y, w, counts)


def uniform(shape):
    return ProductData(tuple(full((shape[0], count), 1, "exact") / count for count in shape[1:]))


@given(st.data())
def test_closed_form_is_the_brute_force_minimiser(draw):
    shape = draw.draw(shapes)
    targets, data = draw.draw(fst.q_tables(shape)), ProductData(draw.draw(fst.marginals(shape)))
    table = linear.fit(targets, data).q_tot()
    for a, q in oracle_table(targets, data.joint()).items():
        assert fraction(table[(0, *a)]) == q


@given(st.data())
def test_any_data_give_the_brute_force_minimiser_on_the_support(draw):
    shape = draw.draw(shapes)
    targets, weights = draw.draw(fst.q_tables(shape)), draw.draw(fst.joint_data(shape))
    table = linear.fit(targets, JointData(weights)).q_tot()
    for a, q in oracle_table(targets, weights).items():
        if weights[(0, *a)] > 0:
            assert fraction(table[(0, *a)]) == q


@given(st.data())
def test_product_data_with_missing_support_are_fitted_on_the_support(draw):
    shape = draw.draw(shapes)
    targets, data = draw.draw(fst.q_tables(shape)), ProductData(draw.draw(fst.marginals(shape, full_support=False)))
    table, weights = linear.fit(targets, data).q_tot(), data.joint()
    for a, q in oracle_table(targets, weights).items():
        if weights[(0, *a)] > 0:
            assert fraction(table[(0, *a)]) == q


@given(st.data())
def test_the_two_ways_agree_on_product_data(draw):
    shape = draw.draw(shapes)
    targets, marginals = draw.draw(fst.q_tables(shape)), draw.draw(fst.marginals(shape))
    closed = linear.fit(targets, ProductData(marginals)).factors
    solved = linear.fit(targets, JointData(ProductData(marginals).joint())).factors
    assert all((a == b).all() for a, b in zip(closed, solved, strict=True))


@given(st.data())
def test_canonical_gauge_shares_the_mean(draw):
    shape = draw.draw(shapes)
    targets, weights = draw.draw(fst.q_tables(shape)), draw.draw(fst.joint_data(shape))
    n = len(shape) - 1
    mean = (weights * targets).sum() / n
    for i, factor in enumerate(linear.fit(targets, JointData(weights)).factors):
        own = weights.sum(axis=tuple(j for j in range(1, n + 1) if j != i + 1))
        assert (own * factor).sum() == mean


@given(st.data())
def test_constants_pass_through(draw):
    shape = (2, *draw.draw(fst.action_counts()))
    targets, c = draw.draw(fst.q_tables(shape)), draw.draw(fst.state_values(shape))
    product = st.one_of(fst.marginals(shape, full_support=False).map(ProductData), fst.joint_data(shape).map(JointData))
    data, n = draw.draw(product), len(shape) - 1
    shifted = targets + c.reshape(2, *[1] * n)
    for before, after in zip(linear.fit(targets, data).factors, linear.fit(shifted, data).factors, strict=True):
        assert (after == before + c[:, None] / n).all()


@given(st.data())
def test_residues_move_factors_and_nothing_else(draw):
    shape = (2, *draw.draw(fst.action_counts(max_agents=4)))
    targets, data = draw.draw(fst.q_tables(shape)), ProductData(draw.draw(fst.marginals(shape)))
    n = len(shape) - 1
    w = draw.draw(fst.q_tables((2, n)))
    w[:, -1] -= w.sum(axis=1)
    fit = linear.fit(targets, data)
    moved = linear.with_residue(fit.factors, w)
    assert (additive_table(moved) == fit.q_tot()).all()
    assert all((q.argmax(axis=1) == f.argmax(axis=1)).all() for q, f in zip(moved, fit.factors, strict=True))


def test_a_residue_that_does_not_sum_to_zero_is_refused():
    fit = linear.fit(exact_array([GAME_2]), uniform((1, 3, 3)))
    with pytest.raises(DataError, match=r"residue at state 0: .* found 1/2"):
        linear.with_residue(fit.factors, [["1/2", 0]])


@given(st.data())
def test_values_and_greedy_are_those_of_the_table(draw):
    shape, ties = (2, *draw.draw(fst.action_counts())), draw.draw(st.sampled_from(["first", "last"]))
    targets, weights = draw.draw(fst.q_tables(shape, ties=True)), draw.draw(fst.joint_data(shape))
    fit = linear.fit(targets, JointData(weights), ties)
    table = fit.q_tot()
    assert (table.reshape(2, -1).max(axis=1) == fit.values).all()
    for s in range(2):
        places = [a for a in np.ndindex(*shape[1:]) if table[(s, *a)] == fit.values[s]]
        assert tuple(fit.greedy[s]) == places[0 if ties == "first" else -1]


@given(st.data())
def test_floats_agree_with_exact_numbers(draw):
    shape = draw.draw(shapes)
    targets, weights = draw.draw(fst.q_tables(shape)), draw.draw(fst.joint_data(shape))
    exact = linear.fit(targets, JointData(weights)).factors
    rounded = linear.fit(to_float(targets), JointData(to_float(weights))).factors
    for a, b in zip(exact, rounded, strict=True):
        np.testing.assert_allclose(b, to_float(a), rtol=0, atol=1e-11)


@given(st.data())
def test_symbolic_fit_agrees_after_substitution(draw):
    counts = draw.draw(st.sampled_from([(2,), (2, 2), (1, 2), (2, 3), (2, 1, 2)]))
    shape = (1, *counts)
    y = np.array(sympy.symbols(f"y0:{np.prod(counts)}"), dtype=object).reshape(shape)
    p = [np.array([sympy.symbols(f"p{i}_0:{c}")], dtype=object).reshape(1, c) for i, c in enumerate(counts)]
    fit = linear.fit(y, ProductData(tuple(p)))
    targets, marginals = draw.draw(fst.q_tables(shape)), draw.draw(fst.marginals(shape))
    numbers = {**dict(zip(y.flat, targets.flat, strict=True))}
    for symbols, table in zip(p, marginals, strict=True):
        numbers.update(zip(symbols.flat, table.flat, strict=True))
    numbers = {k: sympy.Rational(int(v.p), int(v.q)) for k, v in numbers.items()}
    for symbolic, exact in zip(fit.factors, linear.fit(targets, ProductData(marginals)).factors, strict=True):
        found = [fmpq(int(x.p), int(x.q)) for x in (f.subs(numbers) for f in symbolic.flat)]
        assert found == list(exact.flat)


def test_symbolic_targets_under_exact_correlated_data():
    # The Gram matrix is rational while the right side holds symbols; the exact solver was asked for a symbolic system.
    x, y = sympy.symbols("x y")
    weights = JointData(exact_array([[["1/2", "1/4"], ["1/4", 0]]]))
    table = linear.fit(np.array([[[x, 0], [y, 7]]], dtype=object), weights).q_tot()
    assert [sympy.expand(q) for q in table.flat] == [x, 0, y, y - x]


def test_game_2_of_qplex():
    table = linear.fit(exact_array([GAME_2]), uniform((1, 3, 3))).q_tot()
    corner, edge, rest = fmpq(-56, 9), fmpq(-44, 9), fmpq(-32, 9)
    assert table.tolist() == [[[corner, edge, edge], [edge, rest, rest], [edge, rest, rest]]]


def test_lecture_game_under_uniform_data_keeps_the_right_action():
    fit = linear.fit(exact_array([LECTURE_GAME]), uniform((1, 2, 2)))
    assert fit.q_tot().tolist() == [[[0, -4], [-4, -8]]]
    assert fit.greedy.tolist() == [[0, 0]]


def test_lecture_game_with_symbolic_data():
    p = sympy.Symbol("p", positive=True)
    marginal = np.array([[p, 1 - p]], dtype=object)
    targets = np.array([LECTURE_GAME], dtype=object)
    table = linear.fit(targets, ProductData((marginal, marginal))).q_tot()[0]
    expected = [-32 * p**2 + 64 * p - 24, -32 * p**2 + 32 * p - 12, -32 * p**2 + 32 * p - 12, -32 * p**2]
    assert [sympy.expand(q) for q in table.flat] == expected
    # The wrong action is greedy iff Q(2,2) > Q(1,1), that is p < 3/8.
    assert sympy.solve(table[0, 0] - table[1, 1], p) == [sympy.Rational(3, 8)]


def test_at_one_third_the_lecture_game_is_game_2_with_equal_actions_merged():
    marginal = exact_array([["1/3", "2/3"]])
    table = linear.fit(exact_array([LECTURE_GAME]), ProductData((marginal, marginal))).q_tot()
    assert table.tolist() == [[[fmpq(-56, 9), fmpq(-44, 9)], [fmpq(-44, 9), fmpq(-32, 9)]]]


def test_correlated_data_are_not_fitted_by_the_closed_form():
    # theory notes, section 2 (a): same marginals, different minimiser, by the brute-force oracle.
    targets, weights = exact_array([[[1, 0], [0, 0]]]), exact_array([[["1/2", 0], ["1/4", "1/4"]]])
    marginals = (exact_array([["1/2", "1/2"]]), exact_array([["3/4", "1/4"]]))
    right = linear.fit(targets, JointData(weights)).q_tot()
    closed = linear.fit(targets, ProductData(marginals)).q_tot()
    expected = oracle_table(targets, weights)
    assert [fraction(right[(0, *a)]) for a in [(0, 0), (1, 0), (1, 1)]] == [1, 0, 0]
    assert all(expected[a] == fraction(right[(0, *a)]) for a in [(0, 0), (1, 0), (1, 1)])
    assert fraction(closed[0, 0, 0]) == Fraction(7, 8)


def test_one_agent_is_fitted_exactly():
    targets = exact_array([["1/3", -2, 5]])
    assert linear.fit(targets, uniform((1, 3))).factors[0].tolist() == targets.tolist()


def test_an_agent_with_one_action_carries_its_share_of_the_mean():
    targets = exact_array([[[3, 5]]])
    factors = linear.fit(targets, uniform((1, 1, 2))).factors
    assert factors[0].tolist() == [[2]]
    assert factors[1].tolist() == [[1, 3]]
