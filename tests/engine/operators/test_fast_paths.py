"""Every special path of the engine gives what the generic reference gives."""

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from fqi_theory.base.errors import NumberError, TooLarge
from fqi_theory.base.scalars import exact_array, to_float
from fqi_theory.base.sequences import Lazy
from fqi_theory.data.sources import JointData, ProductData, epsilon_greedy, uniform
from fqi_theory.model import expectations as marginals
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DeterministicTransition
from fqi_theory.operators import following, matrix, moments
from fqi_theory.operators.value_space import collapse
from fqi_theory.planning import floats as planning_floats
from fqi_theory.planning import integer_rows as rows_module
from fqi_theory.planning.integer_rows import integer_rows
from fqi_theory.planning.optimal import solve, solve_generically, value_bounds
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from fqi_theory.testing import strategies as fst


def floats(data):
    if isinstance(data, ProductData):
        return ProductData(tuple(map(to_float, data.marginals)))
    return JointData(to_float(data.weights))


def fixed(model):
    return st.one_of(fst.marginals(model).map(ProductData), fst.joint_data(model, full_support=True).map(JointData))


@given(st.data())
def test_matrix_and_moments_factors_are_those_of_the_operator(draw):
    model = draw.draw(fst.mmdps())
    data, values = draw.draw(fixed(model)), draw.draw(fst.state_values(model))
    wanted = [to_float(f).T.reshape(-1) for f in collapse(model, data).factors(values)]
    rounded, column = model.to_float(), np.append(to_float(values), 1.0)
    for operator in (matrix.matrix_operator(rounded, floats(data)), moments.moments_operator(rounded, floats(data))):
        out = np.empty(sum(model.action_counts) * model.n_states)
        operator.apply(column, out)
        np.testing.assert_allclose(out, np.concatenate(wanted), rtol=1e-9, atol=1e-9)


@settings(max_examples=20)
@given(st.data())
def test_blocks_of_large_tensors_add_up(draw):
    counts = draw.draw(fst.action_counts(max_agents=4))
    rest = draw.draw(st.integers(1, 3))
    generator = np.random.default_rng(draw.draw(st.integers(0, 99)))
    tensor, weights = generator.random((2, *counts, rest)), generator.random((2, *counts))
    shares = [generator.random((2, count)) for count in counts]
    whole = marginals.agent_means(tensor, shares), marginals.agent_sums(tensor, weights)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(marginals, "WHOLE_BYTES", 0)
        patch.setattr(marginals, "PIECE_BYTES", draw.draw(st.sampled_from([8, 64, 1 << 20])))
        patch.setattr(marginals, "LEFT_ACTIONS", draw.draw(st.sampled_from([1, 2, 256])))
        parts = marginals.agent_means(tensor, shares), marginals.agent_sums(tensor, weights)
    for left, right in zip((*whole[0], *whole[1]), (*parts[0], *parts[1]), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-12)
    for i, total in enumerate(whole[1]):
        others = tuple(j + 1 for j in range(len(counts)) if j != i)
        np.testing.assert_allclose(total, (weights[..., None] * tensor).sum(axis=others), rtol=1e-12)


@given(st.data())
def test_following_the_greedy_policy_is_collapsing_anew(draw):
    model = draw.draw(fst.mmdps(states=3)).to_float()
    source = epsilon_greedy("1/3")
    policies = [draw.draw(fst.policies(model)) for _ in range(2)]
    operator = following.FollowingOperator(model, source, policies[0])
    column, out = np.append(np.arange(3.0), 1.0), np.empty(sum(model.action_counts) * 3)
    for policy in (*policies, *policies, *policies):
        operator.follow(policy)
        operator.apply(column, out)
        wanted = collapse(model, source.at(model, policy)).factors(column[:-1])
        np.testing.assert_allclose(out, np.concatenate([f.T.reshape(-1) for f in wanted]), rtol=1e-12, atol=1e-12)


@given(fst.mmdps(planted_ties=True, near_threshold=True))
def test_exact_optima_are_those_of_the_generic_search(model):
    fast, reference = solve(model), solve_generically(model)
    assert (fast.values == reference.values).all()
    assert (fast.policy == reference.policy).all()
    assert (fast.action_values == reference.action_values).all()


@given(st.data())
def test_integer_rows_have_the_signs_of_advantages(draw):
    model, values = (m := draw.draw(fst.mmdps())), draw.draw(fst.state_values(m))
    common = fmpq(1).q
    for v in values:
        common = common.lcm(v.q)
    numerators = np.array([(v * common).p for v in values], dtype=object)
    rows = integer_rows(model, np.arange(model.reward.size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "ROWS", draw.draw(st.sampled_from([1, 3, 1 << 11])))
        found = rows.gains(rows.advantages(numerators, common))
    wanted = model.backup(values).reshape(model.n_states, -1) - values[:, None]
    assert (found == common * wanted.reshape(-1)).all()


@given(st.data())
def test_what_floats_discard_is_worse(draw):
    model, values = (m := draw.draw(fst.mmdps())), draw.draw(fst.state_values(m))
    possible = planning_floats.float_model(model).possible(to_float(values))
    assert possible[model.backup(values).reshape(model.n_states, -1) >= values[:, None]].all()


@given(fst.mmdps())
def test_span_bounds_hold_the_optimum(model):
    values = to_float(solve(model).values)
    low, high = value_bounds(model, 1e-6)
    assert (high - low <= 2e-6 * (1 + abs(values))).all()
    assert (low <= values + 1e-9 * (1 + abs(values))).all()
    assert (values <= high + 1e-9 * (1 + abs(values))).all()


@pytest.mark.parametrize(
    ("discount", "width", "message"), [("1/2", 0, "above 0"), (1 - fmpq(1, 10**30), 1, "may be 1 in")]
)
def test_span_bounds_refuse_what_floats_cannot_do(discount, width, message):
    model = MMDP(exact_array([[1], [0]]), np.array([[1], [0]]), discount)
    with pytest.raises(NumberError, match=message):
        value_bounds(model, width)


def test_large_sparse_policies_are_solved_alike(monkeypatch):
    successor = np.random.default_rng(1).integers(0, 30, (30, 2, 2))
    model = MMDP(np.random.default_rng(2).random((30, 2, 2)), DeterministicTransition(successor, 30, "float"), 0.9)
    dense = solve(model)
    monkeypatch.setattr(planning_floats, "SPARSE_SYSTEM", 1)
    np.testing.assert_allclose(solve(model).values, dense.values, rtol=1e-12)


def test_joint_spaces_that_do_not_fit_are_refused_before_allocation():
    side = 60_000
    kernel = DeterministicTransition(np.zeros((side, 2), dtype=int), side, "float")
    model = MMDP(np.zeros((side, 2)), kernel, 0.5)
    with pytest.raises(TooLarge, match="60000"):
        collapse(model, uniform().at(model, np.zeros(0)))
    with pytest.raises(TooLarge, match="60000 x 60000"):
        kernel.under(np.zeros((side, 1), dtype=int))
    assert fitted_q_iteration(model, iterations=2).values[2].tolist() == [0.0] * side


def test_lazy_entries_are_made_once():
    made = []
    found = Lazy(3, lambda k: made.append(k) or k * k)
    assert (len(found), found[-1], found[1:], list(found)) == (3, 4, (1, 4), [0, 1, 4])
    assert sorted(made) == [0, 1, 2]
    with pytest.raises(IndexError):
        found[3]


def test_factors_of_a_run_are_a_sequence_of_tuples():
    model = MMDP(exact_array([[[1, 0], [0, 1]]]), np.zeros((1, 2, 2), dtype=int), "1/2")
    run = fitted_q_iteration(model, iterations=2, initial=start_from_values(model, [0]))
    assert run.factors[0] == ()
    assert [len(f) for f in run.factors] == [0, 2, 2]
