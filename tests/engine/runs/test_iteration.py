from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import assume, given
from hypothesis import strategies as st
from oracle import TWO_STATE_REWARD, TWO_STATE_SUCCESSOR, fraction, game, linear_step

from fqi_theory.base.errors import DataError, ModelError
from fqi_theory.base.scalars import exact_array, to_float
from fqi_theory.data.sources import correlated, epsilon_greedy, product, uniform
from fqi_theory.factorization import igm, linear
from fqi_theory.fates import decide
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.refits import steps
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_at_zero, start_from_factors, start_from_table, start_from_values
from fqi_theory.testing import strategies as fst

ties = st.sampled_from(["first", "last"])


def two_state(discount):
    return MMDP(TWO_STATE_REWARD, np.array(TWO_STATE_SUCCESSOR), discount, name="two-state")


def same(left, right):
    for a, b in zip(left, right, strict=True):
        assert (a.values == b.values).all()
        assert (a.greedy == b.greedy).all()
        assert all((x == y).all() for x, y in zip(a.factors, b.factors, strict=True))


@pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.IncompleteDataWarning")
@given(st.data())
def test_the_fast_path_is_the_generic_path(draw):
    model = draw.draw(fst.mmdps(planted_ties=draw.draw(st.booleans())))
    source = draw.draw(fst.data_sources(model, full_support=False))
    start = start_from_factors(draw.draw(fst.factors(model, ties=True)))
    options = {"data": source, "initial": start, "iterations": 4, "ties": draw.draw(ties)}
    same(fitted_q_iteration(model, **options), fitted_q_iteration(model, method="generic", **options))


@given(st.data())
def test_on_policy_data_follow_the_greedy_actions(draw):
    model = draw.draw(fst.mmdps(states=3, actions=(2, 2), near_threshold=True))
    options = {"data": epsilon_greedy("1/10"), "iterations": 6, "ties": draw.draw(ties)}
    same(fitted_q_iteration(model, **options), fitted_q_iteration(model, method="generic", **options))


@given(st.data())
def test_every_step_is_the_oracles_step(draw):
    model = draw.draw(fst.mmdps())
    source = draw.draw(fst.data_sources(model))
    run = fitted_q_iteration(model, data=source, iterations=2, initial=start_from_values(model, [1] * model.n_states))
    g = game(model)
    for t in range(2):
        data = source.at(model, run.greedy[t]).joint()
        weights = [{a: fraction(data[(s, *a)]) for a in g.joint} for s in range(g.states)]
        tables, values = linear_step(g, [fraction(v) for v in run.values[t]], weights)
        assert [fraction(v) for v in run.values[t + 1]] == values
        for s, table in enumerate(tables):
            assert table[tuple(run.greedy[t + 1][s])] == values[s]


@pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.NearTieWarning")
@given(st.data())
def test_float_runs_stay_within_rounding_of_exact_runs(draw):
    model = draw.draw(fst.mmdps())
    source = draw.draw(st.one_of(st.just(uniform()), fst.marginals(model).map(product)))
    exact = fitted_q_iteration(model, data=source, iterations=5)
    for method in ("auto", "generic"):
        rounded = fitted_q_iteration(model.to_float(), data=source, iterations=5, method=method)
        for a, b in zip(exact.values, rounded.values, strict=True):
            np.testing.assert_allclose(b, to_float(a), rtol=1e-12, atol=1e-12)


@pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.NearTieWarning")
@given(st.data())
def test_float_runs_under_correlated_data_stay_within_rounding(draw):
    model = draw.draw(fst.mmdps())
    source = correlated(draw.draw(fst.joint_data(model, full_support=True)))
    exact = fitted_q_iteration(model, data=source, iterations=4)
    for method in ("auto", "generic"):
        rounded = fitted_q_iteration(model.to_float(), data=source, iterations=4, method=method)
        np.testing.assert_allclose(rounded.values[-1], to_float(exact.values[-1]), rtol=1e-10, atol=1e-10)


@given(st.data())
def test_float_on_policy_runs_follow_exact_ones_where_no_action_ties(draw):
    model = draw.draw(fst.mmdps(actions=(2, 2)))
    source = epsilon_greedy("1/5")
    start = start_from_values(model, [0] * model.n_states)
    exact = fitted_q_iteration(model, data=source, iterations=4, initial=start)
    gaps = [abs(f[:, 0] - f[:, 1]) for factors in exact.factors for f in factors]
    assume(all((gap > fmpq(1, 10**6)).all() for gap in gaps))
    rounded = fitted_q_iteration(model.to_float(), data=source, iterations=4, initial=start)
    assert all((a == b).all() for a, b in zip(exact.greedy, rounded.greedy, strict=True))
    np.testing.assert_allclose(rounded.values[-1], to_float(exact.values[-1]), rtol=1e-12, atol=1e-12)


@given(st.data())
def test_planted_ties_are_exact_ties(draw):
    model = draw.draw(fst.mmdps(actions=(2, 2), planted_ties=True))
    first = fitted_q_iteration(model, iterations=3)
    last = fitted_q_iteration(model, iterations=3, ties="last")
    tied = [all((f[:, 0] == f[:, 1]).all() for f in pair) for pair in zip(*first.factors[1:], strict=True)]
    assert any(tied)
    assert all((a == b).all() for a, b in zip(first.values, last.values, strict=True))
    agent = tied.index(True)
    assert (first.greedy[-1][:, agent] == 0).all()
    assert (last.greedy[-1][:, agent] == 1).all()


@pytest.mark.parametrize("gamma", ["0", "1/2", "79/100", "4/5", "81/100", "9/10"])
def test_theorem_3_recursion(gamma):
    run = fitted_q_iteration(two_state(gamma), iterations=12)
    expected = Fraction(0)
    for t in range(13):
        assert [fraction(v) for v in run.values[t]] == [0, expected]
        expected = Fraction(3, 4) + Fraction(5, 4) * Fraction(gamma) * expected


def test_theorem_3_at_the_threshold_growth_is_linear():
    run = fitted_q_iteration(two_state("4/5"), iterations=40)
    assert run.values[40].tolist() == [0, 30]


def test_theorem_3_below_the_threshold_the_limit_is_exact():
    gamma = Fraction(3, 5)
    limit = 3 / (4 - 5 * gamma)
    run = fitted_q_iteration(
        two_state("3/5"), initial=start_from_values(two_state("3/5"), [0, str(limit)]), iterations=2
    )
    assert fraction(run.values[2][1]) == limit == 3


@pytest.mark.parametrize(("epsilon", "multiplier"), [("1", "9/8"), ("1/2", "153/160"), ("1/10", "3609/4000")])
def test_theorem_2_multiplier(epsilon, multiplier):
    model = two_state("9/10")
    ends = []
    for v in (10, 11):
        start = start_from_values(model, [0, v])
        run = fitted_q_iteration(model, data=epsilon_greedy(epsilon), initial=start, iterations=1)
        assert run.greedy[1].tolist()[1] == [0, 0]
        ends.append(run.values[1][1])
    assert ends[1] - ends[0] == exact_array([multiplier])[0]


@pytest.mark.parametrize("method", ["auto", "generic"])
def test_both_agents_switching_at_once_cycle_forever(method):
    model = MMDP([[[1, 0], [0, 1]]], np.zeros((1, 2, 2), dtype=int), "9/10")
    start = start_from_values(model, [0], np.array([[0, 1]]))
    run = fitted_q_iteration(model, data=epsilon_greedy("1/10"), initial=start, iterations=6, method=method)
    assert [tuple(g[0]) for g in run.greedy] == [(0, 1), (1, 0)] * 3 + [(0, 1)]


def test_symbolic_rewards_run_and_agree_after_substitution():
    x, y = sympy.symbols("x y")
    successor = np.array([[[0, 1], [1, 1]], [[0, 0], [1, 0]]])
    model = MMDP([[[x, 0], [0, y]], [[0, 1], [y, x]]], successor, "1/2")
    run = fitted_q_iteration(model, iterations=2)
    point = {x: sympy.Rational(3, 2), y: sympy.Rational(-1, 3)}
    reward = [[["3/2", 0], [0, "-1/3"]], [[0, 1], ["-1/3", "3/2"]]]
    numbers = fitted_q_iteration(MMDP(reward, successor, "1/2"), iterations=2)
    for symbolic, exact in zip(run.values, numbers.values, strict=True):
        assert [exact_array([v.subs(point)])[0] for v in map(sympy.sympify, symbolic)] == list(exact)


def test_symbolic_factors_have_no_greedy_action_to_follow():
    x = sympy.Symbol("x")
    model = MMDP([[[x, 0], [0, 0]]], np.zeros((1, 2, 2), dtype=int), "1/2")
    run = fitted_q_iteration(model, iterations=1)
    assert run.greedy[1].tolist() == [[-1, -1]]
    with pytest.raises(DataError, match="not determined"):
        fitted_q_iteration(model, data=epsilon_greedy("1/10"), iterations=2)


def test_zero_iterations_return_the_start():
    run = fitted_q_iteration(two_state("1/2"), iterations=0)
    assert len(run) == 1
    assert run.values[0].tolist() == [0, 0]


def test_steps_go_on_without_end():
    model = two_state("9/10")
    start = start_at_zero(model)
    run = steps(model, uniform(), linear, start.values, start.greedy)
    values = [next(run).values[1] for _ in range(3)]
    assert values == [fmpq(3, 4), fmpq(3, 4) * (1 + fmpq(9, 8)), fmpq(3, 4) * (1 + fmpq(9, 8) * (1 + fmpq(9, 8)))]


def test_bad_arguments_are_refused():
    with pytest.raises(DataError, match="iterations: expected at least 0, found -1"):
        fitted_q_iteration(two_state("1/2"), iterations=-1)
    with pytest.raises(ModelError, match="discount 1"):
        fitted_q_iteration(two_state(1))
    for wrong in ({"ties": "random"}, {"method": "fast"}):
        with pytest.raises(DataError, match="expected ties first or last, method auto or generic"):
            fitted_q_iteration(two_state("1/2"), **wrong)


def test_a_start_of_another_shape_is_refused():
    # It ended in an error of the matrix product.
    with pytest.raises(DataError, match=r"initial values: expected shape \(2,\), found \(1,\)"):
        fitted_q_iteration(two_state("1/2"), initial=start_from_factors([[[0, 1]], [[0, 1]]]))
    with pytest.raises(DataError, match="initial factors: expected one table an agent"):
        fitted_q_iteration(two_state("1/2"), initial=start_from_factors([[[0], [1]], [[0], [1]]]))
    with pytest.raises(DataError, match="initial greedy"):
        fitted_q_iteration(two_state("1/2"), initial=start_from_table([[0], [1]]))


def test_a_float_start_is_refused_by_an_exact_model():
    # It ended in an AttributeError.
    factors = [[[0.5, 0.0], [0.0, 0.0]]] * 2
    with pytest.raises(DataError, match="floats were given, the model is exact"):
        fitted_q_iteration(two_state("1/2"), initial=start_from_factors(factors))


def test_an_exact_start_serves_a_float_model():
    # It ended in a TypeError: float times rational.
    start = start_from_factors([[["1/2", 0], [0, 1]]] * 2)
    run = fitted_q_iteration(two_state("1/2").to_float(), initial=start, iterations=1)
    assert run.values[0].tolist() == [1.0, 2.0]
    assert run.values[1].dtype == np.float64


@pytest.mark.parametrize("counts", [(3,), (1,), (2, 1), (2, 3, 2), (2, 2, 2, 2)])
def test_any_number_of_agents(counts):
    shape = (2, *counts)
    rng = np.random.default_rng(sum(counts))
    model = MMDP(rng.integers(-3, 4, size=shape), rng.integers(0, 2, size=shape), "9/10", agents=len(counts))
    same(fitted_q_iteration(model, iterations=5), fitted_q_iteration(model, iterations=5, method="generic"))
    assert fitted_q_iteration(model, iterations=1).greedy[1].shape == (2, len(counts))


def test_what_is_no_source_or_class_is_refused_by_name():
    model = two_state("1/2")
    with pytest.raises(DataError, match=r"data: expected a source such as uniform\(\).*found 'uniform'"):
        fitted_q_iteration(model, data="uniform")
    with pytest.raises(DataError, match=r"factorization: expected a class such as fqi_theory\.linear.*found 'linear'"):
        fitted_q_iteration(model, factorization="linear")
    with pytest.raises(DataError, match="data: expected a source"):
        decide(model, data={"kind": "uniform"})


@pytest.mark.parametrize("how", [{}, {"method": "generic"}, {"factorization": igm}])
def test_a_run_tells_how_far_it_is(how):
    told = []
    fitted_q_iteration(two_state("1/2"), iterations=3, watch=lambda *count: told.append(count), **how)
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_trajectory_is_shown_in_one_line():
    run = fitted_q_iteration(two_state("1/2"), iterations=3)
    assert repr(run) == "Trajectory('two-state', linear, Uniform data, 3 iterations, exact)"
