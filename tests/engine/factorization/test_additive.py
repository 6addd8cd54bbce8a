from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import fmpq
from function_classes import any_data, classes
from hypothesis import given
from hypothesis import strategies as st
from oracle import class_columns, class_fit, fraction, rank

import fqi_theory as ft
from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.base.scalars import exact_array, to_float
from fqi_theory.data.sources import JointData, ProductData
from fqi_theory.factorization import joint, linear
from fqi_theory.factorization.classes import FAMILIES, NAMED, by_name
from fqi_theory.testing import strategies as fst

shapes = fst.action_counts(max_agents=4, max_joint=16).flatmap(
    lambda counts: st.integers(1, 2).map(lambda states: (states, *counts))
)
ties = st.sampled_from(["first", "last"])


def at(table, state):
    return {a: fraction(table[(state, *a)]) for a in np.ndindex(*table.shape[1:])}


def mean(weights, table):
    """E[y] in every state; table: (S, A_1, ..., A_n)."""
    return (weights * table).sum(axis=tuple(range(1, table.ndim)))


@given(st.data())
def test_every_fit_is_the_oracles(draw):
    shape = draw.draw(shapes)
    rule, data = draw.draw(classes(len(shape) - 1)), draw.draw(any_data(shape))
    targets = draw.draw(fst.q_tables(shape))
    fit, counts = rule.fit(targets, data), shape[1:]
    sets, found, ranks = rule.scopes(len(counts)), fit.q_tot(), rule.rank(data.joint())
    for s in range(shape[0]):
        weight = at(data.joint(), s)
        wanted, own = class_fit(at(targets, s), weight, counts, sets), at(found, s)
        determined = ranks[s] == rule.dimension(counts)
        assert all(own[a] == wanted[a] for a in wanted if weight[a] > 0 or determined)
        assert fraction(fit.values[s]) == max(own.values())
        assert own[tuple(fit.greedy[s])] == max(own.values())


@given(st.data())
def test_order_1_is_the_linear_class(draw):
    shape = draw.draw(shapes)
    targets, data, tie = draw.draw(fst.q_tables(shape, ties=True)), draw.draw(any_data(shape)), draw.draw(ties)
    found, wanted = ft.additive(1).fit(targets, data, tie), linear.fit(targets, data, tie)
    assert all((a == b).all() for a, b in zip(found.factors, wanted.factors, strict=True))
    assert (found.values == wanted.values).all()
    assert (found.greedy == wanted.greedy).all()
    assert not found.interactions


@given(st.data())
def test_order_n_is_the_joint_class(draw):
    shape = draw.draw(shapes)
    n = len(shape) - 1
    targets, tie = draw.draw(fst.q_tables(shape, ties=True)), draw.draw(ties)
    full = st.one_of(fst.marginals(shape).map(ProductData), fst.joint_data(shape, full_support=True).map(JointData))
    data = draw.draw(full)
    for rule in (ft.additive(n), ft.additive(n + 3), *([ft.graph([range(n)])] if n > 1 else [])):
        found, wanted = rule.fit(targets, data, tie), joint.fit(targets, data, tie)
        assert (found.q_tot() == targets).all()
        assert (found.values == wanted.values).all()
        assert (found.greedy == wanted.greedy).all()


@given(st.data())
def test_product_data_are_fitted_alike_in_closed_form_and_by_normal_equations(draw):
    shape = draw.draw(shapes)
    rule, data = draw.draw(classes(len(shape) - 1)), ProductData(draw.draw(fst.marginals(shape)))
    targets = draw.draw(fst.q_tables(shape))
    closed, solved = rule.terms(targets, data), rule.terms(targets, JointData(data.joint()))
    assert list(closed) == list(solved)
    assert all((closed[t] == solved[t]).all() for t in closed)


@given(st.data())
def test_the_canonical_gauge(draw):
    shape = draw.draw(shapes)
    n, data = len(shape) - 1, draw.draw(any_data(shape))
    rule, targets = draw.draw(classes(n)), draw.draw(fst.q_tables(shape))
    terms, weights = rule.terms(targets, data), data.joint()
    own = [weights.sum(axis=tuple(j for j in range(1, n + 1) if j != i)) for i in range(1, n + 1)]
    apart = mean(ProductData(tuple(own)).joint(), rule.project(targets, data))
    for scope, table in terms.items():
        for place, i in enumerate(scope):
            shares = own[i].reshape(len(table), *[1] * (len(scope) - 1), -1)
            averaged = (np.moveaxis(table, place + 1, -1) * shares).sum(axis=-1)
            assert (averaged == (0 if len(scope) > 1 else apart / n)).all()
    if isinstance(data, ProductData) or rule == ft.additive(1):
        assert (apart == mean(weights, targets)).all()


@given(st.data())
def test_pythagoras(draw):
    shape = draw.draw(shapes)
    rule, data = draw.draw(classes(len(shape) - 1)), draw.draw(any_data(shape))
    y, other, weights = draw.draw(fst.q_tables(shape)), draw.draw(fst.q_tables(shape)), data.joint()
    fitted, member = rule.project(y, data), rule.project(other, data)
    assert (mean(weights, (y - fitted) * member) == 0).all()
    assert (mean(weights, (y - member) ** 2) == mean(weights, (y - fitted) ** 2 + (fitted - member) ** 2)).all()


@given(st.data())
def test_projecting_is_linear_idempotent_and_slice_by_slice(draw):
    shape = draw.draw(shapes)
    rule, data = draw.draw(classes(len(shape) - 1)), draw.draw(any_data(shape))
    tables = [draw.draw(fst.q_tables(shape)) for _ in range(2)]
    whole = rule.project(np.stack(tables, axis=-1), data)
    for k, table in enumerate(tables):
        assert (whole[..., k] == rule.project(table, data)).all()
        assert (rule.fit(table, data).q_tot() == whole[..., k]).all()
    assert (rule.project(whole, data) == whole).all()
    assert (rule.project(tables[0] - 2 * tables[1], data) == whole[..., 0] - 2 * whole[..., 1]).all()


@given(st.data())
def test_ranks_are_those_of_the_columns_on_the_support(draw):
    shape = draw.draw(shapes)
    rule, weights = draw.draw(classes(len(shape) - 1)), draw.draw(fst.joint_data(shape))
    design = class_columns(shape[1:], rule.scopes(len(shape) - 1))
    assert rule.dimension(shape[1:]) == rank(list(design.values()))
    for s, found in enumerate(rule.rank(weights)):
        assert found == rank([row for a, row in design.items() if weights[(s, *a)] != 0])


@given(st.data())
def test_undetermined_fits_take_the_least_norm(draw):
    shape = (1, *draw.draw(fst.action_counts(max_agents=3, max_joint=12)))
    counts, n = shape[1:], len(shape) - 1
    rule, weights = draw.draw(classes(n)), draw.draw(fst.joint_data(shape))
    targets = draw.draw(fst.q_tables(shape))
    columns = class_columns(counts, [scope for scope in rule.scopes(n) if scope])
    design = np.array([[float(x) for x in row] for row in columns.values()])
    root, m = np.sqrt(to_float(weights).reshape(-1, 1)), to_float(mean(weights, targets))
    gap = root * (to_float(targets).reshape(-1, 1) - m)
    wanted = m + design @ np.linalg.pinv(root * design, rcond=1e-9) @ gap
    np.testing.assert_allclose(to_float(rule.project(targets, JointData(weights))).reshape(-1, 1), wanted, atol=1e-8)


@given(st.data())
def test_floats_are_near_exact_fits(draw):
    shape = draw.draw(shapes)
    rule, data = draw.draw(classes(len(shape) - 1)), draw.draw(any_data(shape))
    targets = draw.draw(fst.q_tables(shape))
    if isinstance(data, ProductData):
        floats = ProductData(tuple(map(to_float, data.marginals)))
    else:
        floats = JointData(to_float(data.weights))
    found = rule.project(to_float(targets), floats)
    np.testing.assert_allclose(found, to_float(rule.project(targets, data)), rtol=1e-9, atol=1e-9)


def test_rare_joint_actions_keep_their_digits_in_floats():
    rare = fmpq(1, 10**13)
    weights = exact_array(np.full((1, 2, 2, 2), 0)) + rare
    weights[0, 1, 1, 1] = 1 - 7 * rare
    weights[0, 0, 1, 0] += rare
    weights[0, 1, 1, 1] -= rare
    targets = exact_array(np.arange(8).reshape(1, 2, 2, 2) ** 2 % 5)
    exact = ft.additive(2).project(targets, JointData(weights))
    found = ft.additive(2).project(to_float(targets), JointData(to_float(weights)))
    np.testing.assert_allclose(found, to_float(exact), rtol=1e-6)


def test_a_game_of_pairs_under_uniform_data():
    # y = 1 where all three agents choose 0: the pairwise fit misses 1/8 of either sign everywhere.
    targets = exact_array(np.zeros((1, 2, 2, 2), dtype=int))
    targets[0, 0, 0, 0] = fmpq(1)
    data = ProductData((exact_array([["1/2", "1/2"]]),) * 3)
    fit = ft.additive(2).fit(targets, data)
    signs = [(-1) ** sum(a) for a in np.ndindex(2, 2, 2)]
    assert [(y - q) * 8 for y, q in zip(targets.flat, fit.q_tot().flat, strict=True)] == signs
    assert fit.interactions[0, 1].tolist() == [[[fmpq(1, 8), fmpq(-1, 8)], [fmpq(-1, 8), fmpq(1, 8)]]]
    assert fit.factors[0].tolist() == [[fmpq(1, 24) + fmpq(1, 8), fmpq(1, 24) - fmpq(1, 8)]]
    assert (fit.values.tolist(), fit.greedy.tolist()) == ([fmpq(7, 8)], [[0, 0, 0]])


@pytest.mark.parametrize(
    ("counts", "order", "mass"),
    [
        ((2, 2), 1, "1/4"),
        ((2, 2, 2), 1, "1/4"),
        ((2, 2, 2), 2, "3/8"),
        ((3, 3, 3), 1, "16/27"),
        ((2, 2, 2, 2), 2, "5/8"),
        ((2, 2, 2, 2), 3, "7/16"),
        ((3, 3), 1, "4/9"),
        ((3, 3), 2, "0"),
    ],
)
def test_negative_masses_of_theory_10(counts, order, mass):
    size = int(np.prod(counts))
    units = exact_array(np.eye(size, dtype=int).reshape(1, *counts, size))
    data = ProductData(tuple(exact_array([[Fraction(1, k)] * k]) for k in counts))
    weights = ft.additive(order).project(units, data).reshape(size, size)
    assert all(row.sum() == 1 for row in weights)
    assert max(sum((-x for x in row if x < 0), fmpq(0)) for row in weights) == ft.exact(mass)


def test_symbolic_targets_are_fitted_but_not_ordered():
    y = np.array(sympy.symbols("y:8"), dtype=object).reshape(1, 2, 2, 2)
    half = np.array([[sympy.Rational(1, 2)] * 2], dtype=object)
    data = ProductData((half,) * 3)
    fit = ft.additive(2).fit(y, data)
    gap = [sympy.expand(8 * (a - b)) for a, b in zip(y.flat, fit.q_tot().flat, strict=True)]
    alternating = sum((-1) ** sum(a) * y[(0, *a)] for a in np.ndindex(2, 2, 2))
    assert all(
        sympy.expand(g - (-1) ** sum(a) * alternating) == 0 for g, a in zip(gap, np.ndindex(2, 2, 2), strict=True)
    )
    assert fit.greedy.tolist() == [[-1, -1, -1]]
    solved = ft.additive(2).project(y, JointData(data.joint()))
    assert all(sympy.expand(a - b) == 0 for a, b in zip(solved.flat, fit.q_tot().flat, strict=True))


def test_names_are_canonical_and_read_back():
    assert ft.additive(2).name == "additive:2"
    assert ft.graph([(2, 1), (0, 1), (1, 2)]).name == "graph:0-1,1-2"
    assert ft.graph([(0, 1), (2, 1, 0)]).name == "graph:0-1-2"
    assert ft.graph([(0, 10), (0, 2)]).name == "graph:0-2,0-10"
    for name in ("additive:2", "additive:7", "graph:0-1,1-2", "igm", "qplex", "joint", "linear"):
        assert by_name(name, 3).name == name
    assert by_name("vdn", 2) is by_name("additive:1", 2) is by_name("additive:01", 2) is linear
    assert by_name("graph:2-1,0-1", 3) == ft.graph([(0, 1), (1, 2)])
    assert ft.additive(5).scopes(2) == ((), (0,), (1,), (0, 1))
    assert ft.graph([(0, 2)]).scopes(3) == ((), (0,), (1,), (2,), (0, 2))
    simple = {"linear", "vdn", "monotonic", "qmix", "igm", "qplex", "qplex:selection", "joint"}
    assert set(NAMED) | set(FAMILIES) == simple | {"additive", "graph"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ft.additive(0), "additive: expected an order of at least 1, found 0"),
        (lambda: ft.additive(True), "expected an order"),
        (lambda: ft.additive("2"), "expected an order"),
        (lambda: ft.additive(1.5), "expected an order"),
        (lambda: ft.graph([]), "expected at least one set of agents"),
        (lambda: ft.graph([(0,)]), "two or more different agents"),
        (lambda: ft.graph([(0, 0)]), "two or more different agents"),
        (lambda: ft.graph([(0, -1)]), "expected agents 0, 1"),
        (lambda: ft.graph([(0, "1")]), "expected agents 0, 1"),
        (lambda: ft.graph(["01"]), "expected agents 0, 1"),
        (lambda: ft.graph([0, 1]), "expected sets of agents"),
        (lambda: ft.graph(3), "expected sets of agents"),
        (lambda: ft.graph([(0, 3)]).scopes(3), "graph:0-3: agent 3 in 0-3 is out of range"),
        (lambda: by_name("graph:0-3", 3), "the model's agents are 0 to 2"),
        (lambda: by_name("additive:0", 3), "expected additive:K"),
        (lambda: by_name("additive:²", 3), "expected additive:K"),
        (lambda: by_name("additive:-1", 3), "expected additive:K"),
        (lambda: by_name("graph:0-1,", 3), "expected graph:SETS"),
        (lambda: by_name("graph:0-1;1-2", 3), "expected graph:SETS"),
        (lambda: by_name("linear:1", 3), "expected one of linear"),
        (lambda: by_name("", 3), "expected one of linear"),
    ],
)
def test_hostile_classes_are_refused(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_classes_too_large_for_memory_are_refused():
    targets = np.broadcast_to(np.zeros(()), (1 << 14, *[2] * 14))
    data = ProductData((np.full((1 << 14, 2), 0.5),) * 14)
    with pytest.raises(TooLarge, match="terms of additive:14"):
        ft.additive(14).terms(targets, data)
