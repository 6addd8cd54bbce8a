"""Faulty calls and their right answers: each names the argument, what was found, and the way on."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import FqiTheoryError, ModelError, NumberError, ReadingWarning

TABLE = [[8, -12], [-12, 0]]


def run(**changes):
    return ft.fitted_q_iteration(**{"model": "two-state", "iterations": 1, **changes})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: run(iterations=2.5), r"iterations: expected a whole number, found 2.5 \(float\)"),
        (lambda: run(iterations="5"), r"iterations: expected a whole number, found '5' \(str\)"),
        (lambda: run(iterations=True), r"iterations: expected a whole number, found True \(bool\)"),
        (lambda: run(iterations=-1), "iterations: expected at least 0, found -1"),
        (lambda: run(initial=[0, 0]), r"initial: expected a Start, found list; start_from_values\(model, values\)"),
        (lambda: ft.decide("two-state", initial=[0, 0]), "initial: expected a Start, found list"),
        (lambda: run(data=ft.epsilon_greedy(0.1)), r'epsilon: the float 0.1 .*epsilon_greedy\("0.1"\), or take model'),
        (lambda: ft.decide("two-state", data=ft.epsilon_greedy(0.1)), r'write epsilon_greedy\("0.1"\)'),
        (lambda: run(data="uniform"), r"data: expected a source .* found 'uniform'; fqi_theory.uniform\(\)"),
        (lambda: run(data=ft.uniform), r"call it: uniform\(\)"),
        (lambda: run(data="file.json"), r"read_data\(path, model\) reads a data/1 file"),
        (lambda: run(data=np.ones((2, 2))), r"product\(marginals\) and correlated\(weights\)"),
        (lambda: ft.load({"format": "mmdp/1"}), r"load: expected .* found dict; write the document to a .json file"),
        (lambda: ft.load(TABLE), r"load: expected .* found list; from_payoff\(table\)"),
        (lambda: ft.decide(TABLE), r"model: expected an MMDP, .* found list; from_payoff"),
        (lambda: run(model=np.ones((2, 2))), r"found ndarray; from_payoff"),
        (lambda: ft.solve(None), "model: expected an MMDP, a name of the catalogue or a path, found NoneType"),
        (lambda: ft.decide("two-stat"), "did you mean two-state"),
        (lambda: ft.decide(ft.load("two-state").to_float()), r"needs an exact model: .*; to_exact\(\) takes"),
        (lambda: ft.from_float(["x"]), "'x' is not a rational number"),
        (lambda: ft.from_float([1.0, float("nan")]), "nan.* is not a finite number"),
        (lambda: ft.exact(np.float32(0.5)), "0.5.* is not an exact rational; .* convert with from_float"),
        (lambda: ft.MMDP(TABLE, np.zeros((2, 2), int), 0, agents=2), r"which is 2 states and 1 agents; from_payoff"),
        (lambda: ft.to_fraction(0.5), "0.5 is not an exact rational"),
        (lambda: ft.policy_values("two-state", [[0, 0]]), r"policy: .* \(2, 2\), found int64 of shape \(1, 2\)"),
        (lambda: ft.policy_values("two-state", [[0.5, 0], [0, 0]]), "policy: expected integers .* found float64"),
        (lambda: ft.policy_values("two-state", [[0, 2], [0, 0]]), r"policy: expected actions below \(2, 2\), found"),
        (lambda: ft.policy_values(ft.load("two-state").with_discount(1), [[0, 0], [0, 0]]), "needs a discount below 1"),
        (lambda: ft.compare("two-state", [[0, 0]]), "run: expected a Trajectory, .* found str"),
        (lambda: ft.compare(run(), 3), "learned: expected an entry for each iteration, found int"),
        (lambda: ft.compare(run(), "abc"), "learned: expected an entry for each iteration, found str"),
        (lambda: ft.compare(run(), [[0, 0]], first="a"), r"first: expected a whole number, found 'a' \(str\)"),
        (lambda: ft.compare(run(), [[0, 0]], first=-1), "first: expected at least 0, found -1"),
        (lambda: ft.compare(run(), [[0, 0]], within=-1), "within: expected at least 0, found -1"),
        (lambda: ft.start_from_factors([1]), r"factors: expected a table .*, found shapes \[\(\)\]"),
        (lambda: ft.start_from_factors([]), r"factors: expected a table \(S, A_i\) for each agent, found shapes \[\]"),
        (lambda: ft.start_from_table([0, 1]), r"table: expected shape .*, found \(2,\)"),
        (lambda: ft.random_model(actions=3), r"actions: expected a number for each agent, such as \(2, 2\), found 3"),
        (lambda: ft.random_model(seed=-1), "seed: expected at least 0, found -1"),
        (lambda: ft.random_model(seed="a"), r"seed: expected a whole number, found 'a' \(str\)"),
        (lambda: ft.random_model(actions=()), "expected at least one of each"),
        (lambda: ft.MMDP([[1]], [[0]], 0, agents=1.0), r"agents: expected a whole number, found 1.0 \(float\)"),
        (lambda: ft.MMDP([[1]], [[0]], 0, states="s"), r"states: expected a list of names, found 's' \(str\)"),
        (lambda: ft.from_payoff([[1, 2]], actions=["a", "xy"]), "agent 1: expected a list of names, found"),
        (lambda: ft.from_transitions([(0, 0, 1, 0)], discount=0, states="s"), "expected a number or a list"),
        (lambda: ft.from_transitions([(0, 0, 0.1, 0)], discount=0, rounding=1e-6), "rounding: expected a step"),
        (lambda: ft.load("two-state", discount=0.9), r'discount is float\); .*: discount="0.9" is exact'),
        (lambda: ft.from_payoff(TABLE, discount=0.5), r'all as floats: discount="0.5" is exact'),
        (lambda: ft.MMDP([[1]], [[[1.0]]], "1/2"), "or all as floats$"),
        (lambda: ft.from_transitions([(0, 0, 1, 0)], discount=0.9), "discount: 0.9 is not an exact rational; pass a"),
        (lambda: ft.from_transitions([(0, 0, 1, 0)], discount="x", numbers="float"), "discount: 'x' is not a rational"),
        (lambda: ft.write_model(TABLE, "m.json"), r"model: expected an MMDP, .* found list; from_payoff"),
        (lambda: ft.damped(None, "1/2"), "model: expected an MMDP, .* found NoneType"),
    ],
)  # fmt: skip
def test_faulty_calls(call, message):
    with pytest.raises(FqiTheoryError, match=message):
        call()


def test_an_empirical_model_is_passed_by_its_parts():
    found = ft.from_transitions([(0, 0, 1, 0)], discount="1/2")
    with pytest.raises(ModelError, match=r"found EmpiricalModel; pass its \.model"):
        ft.decide(found)
    assert ft.decide(found.model, data=found.data).values[0][0] == 2


def test_names_of_the_catalogue_are_models(tmp_path):
    assert ft.decide("two-state").kind == "diverges"
    assert run().values[1].tolist() == [0, Fraction(3, 4)]
    assert ft.solve("two-state").values.tolist() == ft.solve(ft.load("two-state")).values.tolist()
    assert ft.policy_values("two-state", [[0, 0], [0, 0]]).tolist() == [0, 10]
    assert ft.damped("two-state", "1/2").discount == ft.damped(ft.load("two-state"), "1/2").discount
    assert ft.shrunk("two-state", 1).discount == ft.multi_step("two-state", 1).discount == Fraction(9, 10)
    assert ft.start_from_values("two-state", [1, 2]).values.tolist() == [1, 2]
    assert ft.value_bounds("two-state", 1e-6)[1][1] >= 10
    ft.write_model("two-state", tmp_path / "m.json")
    assert ft.fitted_q_iteration(tmp_path / "m.json", iterations=np.int64(1)).values[1][1] == Fraction(3, 4)


def test_two_axes_of_rewards_are_not_read_in_silence():
    with pytest.warns(ReadingWarning, match=r"shape \(2, 2\) was read as 2 states and one agent with 2 actions"):
        ft.MMDP(TABLE, np.zeros((2, 2), dtype=int), 0)
    assert ft.MMDP(TABLE, np.zeros((2, 2), dtype=int), 0, agents=1).n_states == 2
    assert ft.MMDP(TABLE, np.zeros((2, 2), dtype=int), 0, states=["x", "y"]).n_agents == 1


@given(st.fractions(), st.fractions())
def test_results_equal_and_order_like_fractions_and_ints(x, y):
    a = ft.exact(x)
    assert a == x
    assert x == a
    assert hash(a) == hash(x)
    assert (a < y, a <= y, a > y, a >= y, a == y) == (x < y, x <= y, x > y, x >= y, x == y)
    assert (y < a, y == a) == (y < x, y == x)
    assert ft.exact(3) == 3
    assert ft.to_fraction(a) == x
    assert isinstance(ft.to_fraction(a).numerator, int)


def test_values_of_a_run_compare_with_fractions():
    values = run(iterations=2).values[-1]
    assert values[1] == Fraction(51, 32)
    assert (values == np.array([Fraction(0), Fraction(51, 32)])).all()
    assert values.tolist() == [0, Fraction(51, 32)]
    assert ft.to_fraction(values).sum() + Fraction(1, 2) == Fraction(67, 32)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8])
def test_fractions_with_numpy_parts(kind):
    half = Fraction(kind(1), kind(2))
    model = ft.MMDP([[[half, 0], [0, 1]]], np.zeros((1, 2, 2), dtype=kind), half)
    assert model.reward[0, 0, 0] == fmpq(1, 2)
    assert model.discount == fmpq(1, 2)
    assert ft.solve(model).values[0] == 2
    assert ft.MMDP(np.ones((1, 2), dtype=kind), np.zeros((1, 2), dtype=kind), 0).field == "exact"


def test_float32_models_are_float_models_and_exact_bit_for_bit():
    model = ft.MMDP(np.full((1, 2, 2), 0.1, dtype=np.float32), np.zeros((1, 2, 2), dtype=np.uint8), np.float32(0.5))
    assert (model.field, model.reward.dtype) == ("float", np.float64)
    exact = model.to_exact()
    assert (exact.field, exact.discount) == ("exact", fmpq(1, 2))
    assert exact.reward[0, 0, 0] == Fraction(float(np.float32(0.1)))
    assert exact.to_exact() is exact


def test_to_exact_of_every_kind_of_transition():
    stay = np.zeros((1, 1, 1))
    stay[...] = 1.0
    dense = ft.MMDP([[0.5]], stay, 0.5, start=[1.0]).to_exact()
    assert (dense.transition.entries() == 1).all()
    assert dense.start[0] == 1
    sparse = ft.from_transitions([(0, 0, 0.5, 0), (0, 0, 0.5, 1), (1, 0, 0, 0)], discount=0.5, numbers="float")
    assert sparse.model.to_exact().transition.dense()[0, 0].tolist() == [fmpq(1, 2)] * 2
    thirds = ft.from_transitions(
        [(0, 0, 0, k % 3) for k in range(3)], discount=0.5, numbers="float", unvisited="absorb"
    )
    with pytest.raises(ModelError, match=r"state 0, joint action \(a0\): expected probabilities that sum to 1"):
        thirds.model.to_exact()


def test_from_float_of_arrays():
    assert ft.from_float(np.array([[0.5, 1.0]], dtype=np.float32)).tolist() == [[fmpq(1, 2), 1]]
    assert ft.from_float([0.1, 2])[0] == Fraction(0.1)
    with pytest.raises(NumberError):
        ft.from_float(None)
