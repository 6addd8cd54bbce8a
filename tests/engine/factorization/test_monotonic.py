"""The monotonic class: best monotone fits over all orders against brute force, its tie rules, and its runs."""

import random
from fractions import Fraction
from itertools import permutations, product
from math import prod

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from monotone_oracle import by_levels
from oracle import GAME_2, fraction

import fqi_theory as ft
from fqi_theory.base.errors import DataError, TooLarge
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import JointData
from fqi_theory.factorization import monotonic, order_tree
from fqi_theory.factorization.isotonic import isotonic
from fqi_theory.factorization.order_bounds import lower_bounds

SHAPES = [(2, 2), (2, 3), (3, 3), (4,), (2, 2, 2), (1, 3), (3, 1, 2)]


def every_fit(y, w, shape):
    """Return {orders, best action first: (error, fit)} for all tuples of orders, by sets of greatest mean."""
    found = {}
    for orders in product(*(permutations(range(count)) for count in shape)):
        rank = [{x: len(order) - 1 - k for k, x in enumerate(order)} for order in orders]
        at = {tuple(r[x] for r, x in zip(rank, a, strict=True)): a for a in y}
        x = by_levels({r: y[a] for r, a in at.items()}, {r: w[a] for r, a in at.items()}, shape)
        fit = {a: x[r] for r, a in at.items()}
        found[orders] = sum(w[a] * (y[a] - fit[a]) ** 2 for a in y), fit
    return found


def drawn(rng, shape):
    cells, spread, odds = list(product(*map(range, shape))), rng.choice([1, 2, 9, 99]), rng.choice([1, 1, 5])
    return {a: Fraction(rng.randint(-spread, spread)) for a in cells}, {
        a: Fraction(rng.randint(1, odds)) for a in cells
    }


def arrays(shape, *tables):
    return [exact_array([str(table[a]) for a in product(*map(range, shape))]).reshape(shape) for table in tables]


@pytest.mark.parametrize("few", [0, 600])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_best_fit_over_all_orders_is_found_whatever_the_search(shape, few, monkeypatch):
    monkeypatch.setattr(order_tree, "FEW", few)
    monkeypatch.setattr("fqi_theory.factorization.orders.TINY", few // 20)
    rng = random.Random(prod(shape) + few)
    for _ in range(6):
        y, w = drawn(rng, shape)
        table, weights = arrays(shape, y, w)
        every = every_fit(y, w, shape)
        least = min(error for error, _ in every.values())
        tied = sorted(orders for orders, (error, _) in every.items() if error == least)
        assert list(monotonic.best_orders(table, weights)) == tied
        for ties, chosen in (("first", tied[0]), ("last", tied[-1])):
            found = monotonic.best(table, weights, ties)
            assert (found.orders, fraction(found.error)) == (chosen, least)
            assert {a: fraction(found.table[a]) for a in y} == every[chosen][1]
            assert found.table[found.greedy] == found.table.max()


def test_game_2():
    found = monotonic.best(GAME_2)
    assert found.table.tolist() == [[8, -6, -6], [-6, -6, -6], [-6, -6, -6]]
    assert (found.error, found.orders, found.greedy) == (288, ((0, 1, 2), (0, 1, 2)), (0, 0))
    assert monotonic.best(GAME_2, ties="last").orders == ((0, 2, 1), (0, 2, 1))
    assert len(monotonic.best_orders(GAME_2)) == 4
    assert found.ranks() == [[2, 1, 0], [2, 1, 0]]


def test_where_everything_ties_the_first_and_the_last_actions_are_greedy():
    table = exact_array(np.zeros((3, 2), dtype=int))
    assert monotonic.best(table).orders == ((0, 1, 2), (0, 1))
    assert monotonic.best(table, ties="last").orders == ((2, 1, 0), (1, 0))
    assert len(monotonic.best_orders(table)) == 12


def test_a_constant_table_ties_under_any_weights():
    weights = exact_array(np.arange(1, 37).reshape(6, 6))
    assert monotonic.best(np.full((6, 6), 7).tolist(), weights).orders == (tuple(range(6)),) * 2


def test_all_order_pairs_of_a_6x6_table_are_searched():
    """The error is what an exchange of any two neighbours, in any order, does not lower; 720² pairs are covered."""
    rng = np.random.default_rng(3)
    table = rng.integers(-99, 99, (6, 6))
    found = monotonic.best(table)
    for orders in _neighbours(found.orders):
        sorted_table = exact_array(table[np.ix_(*[order[::-1] for order in orders])])
        fit = isotonic(sorted_table, exact_array(np.ones((6, 6), dtype=int)))
        assert ((sorted_table - fit) ** 2).sum() >= found.error


def _neighbours(orders):
    for i, order in enumerate(orders):
        for k in range(len(order) - 1):
            moved = (*order[:k], order[k + 1], order[k], *order[k + 2 :])
            yield (*orders[:i], moved, *orders[i + 1 :])


def test_five_by_four_is_the_best_of_all_2880_pairs():
    rng = np.random.default_rng(1)
    table = rng.integers(-9, 9, (5, 4))
    errors = {}
    for orders in product(permutations(range(5)), permutations(range(4))):
        y = exact_array(table[np.ix_(*orders)])
        errors[orders] = ((y - isotonic(y, exact_array(np.ones((5, 4), dtype=int)))) ** 2).sum()
    least = min(errors.values())
    tied = sorted((p[::-1], q[::-1]) for (p, q), error in errors.items() if error == least)
    assert monotonic.best(table).error == least
    assert list(monotonic.best_orders(table)) == tied


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_a_bound_of_a_begun_order_exceeds_no_order_that_continues_it(draw):
    table = np.array(draw.draw(st.lists(st.integers(0, 9), min_size=9, max_size=9)), dtype=float).reshape(3, 3)
    odds = np.array(draw.draw(st.lists(st.integers(1, 9), min_size=9, max_size=9)), dtype=float).reshape(3, 3)
    orders = [np.array([[0, 1, 2], [1, 0, 2], [2, 0, 1]]), np.array([[1, 0, 2], [1, 0, 2], [0, 1, 2]])]
    bounds = lower_bounds(table, odds, orders, [1, 1], np.inf)
    for k in range(3):
        tops = orders[0][k, 0], orders[1][k, 0]
        least = min(
            _error(table, odds, pair)
            for pair in product(permutations(range(3)), repeat=2)
            if (pair[0][0], pair[1][0]) == tops
        )
        assert bounds[k] <= least
    complete = [np.array([order]) for order in ((2, 0, 1), (0, 2, 1))]
    error = _error(table, odds, ((2, 0, 1), (0, 2, 1)))
    assert 0.5 * error - 0.05 <= lower_bounds(table, odds, complete, [2, 2], np.inf)[0] <= error


def _error(table, odds, orders):
    place = np.ix_(*[order[::-1] for order in orders])
    y, w = (exact_array(part[place].astype(int)) for part in (table, odds))
    return float(fraction((w * (y - isotonic(y, w)) ** 2).sum()))


def test_weights_beyond_the_range_of_floats_are_compared_exactly():
    weights = exact_array([[1, 1, 10**300, 1], [1, 10**300, 1, 1], [1, 1, 1, 1], [1, 1, 1, 10**9]])
    table = exact_array([[3, 0, 1, 2], [0, 5, 1, 1], [2, 2, 0, 3], [1, 0, 4, 0]])
    found = monotonic.best(table, weights)
    assert all(abs(found.table[a] - table[a]) < fmpq(1, 10**250) for a in ((0, 2), (1, 1)))


def test_too_many_begun_orders_are_refused(monkeypatch):
    monkeypatch.setattr(order_tree, "MOST", 50)
    with pytest.raises(TooLarge, match=r"table of shape \(6, 6\): more than 50 begun orders"):
        monotonic.best(np.eye(6, dtype=int).tolist())


def test_the_fit_of_a_run_is_the_best_fit_state_by_state():
    model = ft.load("random(seed=4,states=3,actions=2x3)")
    run = ft.fitted_q_iteration(model, factorization=ft.monotonic, data=ft.epsilon_greedy("1/5"), iterations=4)
    for t in range(4):
        data = ft.epsilon_greedy("1/5").at(model, run.greedy[t]).joint()
        for s, y in enumerate(model.backup(run.values[t])):
            found = monotonic.best(y, data[s])
            assert run.values[t + 1][s] == found.table.max()
            assert tuple(run.greedy[t + 1][s]) == found.greedy
            assert [list(f[s]) for f in run.factors[t + 1]] == found.ranks()
    assert run.factorization == "monotonic"


def test_floats_follow_the_exact_run():
    model = ft.load("random(seed=2,states=3,actions=3x2)")
    exact = ft.fitted_q_iteration(model, factorization=ft.monotonic, iterations=8)
    floats = ft.fitted_q_iteration(model.to_float(), factorization=ft.monotonic, iterations=8)
    assert floats.values[-1].dtype == float
    for a, b in zip(exact.values, floats.values, strict=True):
        assert b == pytest.approx(np.array([float(fraction(v)) for v in a]))


@pytest.mark.parametrize("discount", ["1/100", "1/2", "9/10", "99/100"])
def test_qmix_cycles_at_any_discount(discount):
    model = ft.load("qmix-cycle-2", discount=discount) if discount == "9/10" else ft.load(f"qmix-cycle-2({discount})")
    run = ft.fitted_q_iteration(model, factorization=ft.monotonic, iterations=6)
    assert [v[1] for v in run.values] == [0, 4, 3, 4, 3, 4, 3]
    assert all(v[0] == 0 for v in run.values)


def test_qmix_tends_to_a_cycle_of_period_3():
    run = ft.fitted_q_iteration(ft.load("qmix-cycle-3"), factorization=ft.monotonic, iterations=60)
    assert [v[1] for v in run.values[:5]] == [0, 2, 3, fmpq(13, 6), fmpq(7, 4)]
    for orbit, start in ((fmpq(20, 7), 59), (fmpq(44, 21), 60), (fmpq(12, 7), 58)):
        assert 0 < abs(run.values[start][1] - orbit) < fmpq(1, 10**16)
    at_orbit = ft.start_from_values(run.model, [0, "12/7"])
    on = ft.fitted_q_iteration(run.model, factorization=ft.monotonic, iterations=3, initial=at_orbit)
    assert [v[1] for v in on.values] == [fmpq(12, 7), fmpq(20, 7), fmpq(44, 21), fmpq(12, 7)]


def test_a_qmix_run_tends_to_a_point_that_is_no_fixed_point():
    run = ft.fitted_q_iteration(ft.load("qmix-jump"), factorization=ft.monotonic, iterations=30)
    assert [v[1] for v in run.values] == [0, *(fmpq(1, 6**k) for k in range(30))]


def test_data_without_full_support_are_refused_with_their_place():
    weights = exact_array([[["1/2", "1/2"], [0, 0]]])
    with pytest.raises(DataError, match=r"state 0, joint action \(1, 0\): p_D = 0"):
        monotonic.fit(exact_array([[[1, 2], [3, 4]]]), JointData(weights))
    symbols = np.array([[[sympy.Symbol("x"), 1]]], dtype=object)
    with pytest.raises(DataError, match="found symbols"):
        monotonic.fit(symbols, JointData(exact_array([[["1/2", "1/2"]]])))
    with pytest.raises(DataError, match="table: expected shape"):
        monotonic.best([])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_relabelling_actions_relabels_the_orders(draw):
    table = np.array(draw.draw(st.lists(st.integers(-3, 3), min_size=6, max_size=6))).reshape(2, 3)
    p, q = draw.draw(st.permutations(range(2))), draw.draw(st.permutations(range(3)))
    moved = monotonic.best_orders(table[np.ix_(p, q)])
    assert sorted((tuple(p[x] for x in a), tuple(q[x] for x in b)) for a, b in moved) == list(
        monotonic.best_orders(table)
    )
