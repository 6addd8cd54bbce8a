import subprocess
import sys
from math import prod

import numpy as np
import pytest
from flint import fmpq
from hypothesis import find, given, settings
from hypothesis import strategies as st

from fqi_theory.base.errors import DataError
from fqi_theory.base.scalars import exact
from fqi_theory.data.sources import correlated, product, uniform
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition, SparseTransition
from fqi_theory.testing import hypothesis_entry
from fqi_theory.testing import strategies as fst

SHAPE = (2, 3, 1, 2)


def smallest(strategy, condition=lambda _: True):
    return find(strategy, condition, settings=settings(database=None, max_examples=600))


@given(st.data())
def test_rationals_stay_within_their_bounds(draw):
    low, width, top = draw.draw(st.integers(-5, 5)), draw.draw(st.integers(0, 3)), draw.draw(st.integers(1, 9))
    x = draw.draw(fst.rationals(low, low + width, top))
    assert isinstance(x, fmpq)
    assert low <= x <= low + width
    assert x.q <= top


def test_rationals_with_fractional_bounds():
    found = {str(smallest(fst.rationals("-1/3", "2/5", 5), lambda x, t=t: x == exact(t))) for t in ("-1/3", "2/5", "0")}
    assert found == {"-1/3", "2/5", "0"}


@given(fst.mmdps())
def test_models_are_exact_and_small(model):
    assert model.field == "exact"
    assert 0 <= model.discount < 1
    assert 1 <= model.n_states <= 3
    assert 1 <= model.n_agents <= 3
    assert prod(model.action_counts) <= 12


@given(fst.mmdps(states=2, actions=(2, 3), kind="deterministic"))
def test_fixed_shape_and_deterministic_kind(model):
    assert model.reward.shape == (2, 2, 3)
    assert isinstance(model.transition, DeterministicTransition)


@pytest.mark.slow
def test_stochastic_models_come_dense_and_sparse():
    strategy = fst.mmdps(states=2, actions=(1,), kind="stochastic")
    assert isinstance(smallest(strategy).transition, DenseTransition)
    sparse = smallest(strategy, lambda m: isinstance(m.transition, SparseTransition))
    spread = smallest(strategy, lambda m: fmpq(1, 2) in m.transition.entries())
    assert set(sparse.transition.entries()) == {1}
    assert set(spread.transition.entries().flat) == {0, fmpq(1, 2), 1}


@pytest.mark.slow
def test_the_smallest_model_is_trivial():
    model = smallest(fst.mmdps())
    assert (model.n_states, model.action_counts, model.discount) == (1, (1,), 0)
    assert model.reward.tolist() == [[0]]
    assert isinstance(model.transition, DeterministicTransition)


@pytest.mark.slow
def test_counterexamples_shrink_to_few_states_and_agents():
    model = smallest(fst.mmdps(), lambda m: m.n_agents >= 2 and m.reward.max() >= 1)
    assert (model.n_states, model.action_counts) == (1, (1, 1))
    assert model.reward.tolist() == [[[1]]]
    assert isinstance(model.transition, DeterministicTransition)


@given(fst.mmdps(states=2, actions=(1, 3), planted_ties=True))
def test_planted_ties_copy_one_action_of_one_agent(model):
    tensor = model.transition.dense()
    pairs = [(x, y) for x in range(3) for y in range(x + 1, 3)]
    assert any(
        (model.reward[:, :, x] == model.reward[:, :, y]).all() and (tensor[:, :, x] == tensor[:, :, y]).all()
        for x, y in pairs
    )


def test_a_model_without_a_second_action_has_no_tie_to_plant():
    assert smallest(fst.mmdps(actions=(1, 1), planted_ties=True)).action_counts == (1, 1)


@given(fst.discounts(near_threshold=True))
def test_discounts_near_a_threshold(gamma):
    assert 0 <= gamma < 1
    assert abs(gamma - fmpq(4, 5)) <= fmpq(1, 10) or 1 - gamma <= fmpq(1, 10)


@pytest.mark.parametrize("gamma", [fmpq(4, 5), fmpq(4, 5) - fmpq(1, 10**17), 1 - fmpq(1, 10**17)])
def test_thresholds_are_reached(gamma):
    assert smallest(fst.discounts(near_threshold=True), lambda g: g == gamma) == gamma


@given(st.data())
def test_marginals_are_distributions(draw):
    full = draw.draw(st.booleans())
    tables = draw.draw(fst.marginals(SHAPE, full))
    assert [t.shape for t in tables] == [(2, 3), (2, 1), (2, 2)]
    assert all((t.sum(axis=1) == 1).all() and (t >= 0).all() for t in tables)
    assert not full or all((t > 0).all() for t in tables)


@given(st.data())
def test_joint_data_are_distributions(draw):
    full = draw.draw(st.booleans())
    weights = draw.draw(fst.joint_data(SHAPE, full))
    assert weights.shape == SHAPE
    assert (weights.reshape(2, -1).sum(axis=1) == 1).all()
    assert (weights >= 0).all()
    assert not full or (weights > 0).all()


def test_data_shrink_to_uniform_and_may_miss_actions():
    assert (smallest(fst.joint_data((1, 2, 2))) == fmpq(1, 4)).all()
    assert (smallest(fst.marginals((1, 2)))[0] == fmpq(1, 2)).all()
    assert smallest(fst.data_sources((1, 2))) == uniform()
    assert 0 in smallest(fst.joint_data((1, 2)), lambda w: (w == 0).any())


@given(st.data())
def test_drawn_data_fit_their_model(draw):
    model = draw.draw(fst.mmdps())
    greedy = draw.draw(fst.policies(model))
    sources = [product(draw.draw(fst.marginals(model))), correlated(draw.draw(fst.joint_data(model)))]
    for source in (*sources, draw.draw(fst.data_sources(model))):
        assert source.at(model, greedy).joint().shape == model.reward.shape


@given(fst.q_tables(SHAPE), fst.q_tables(SHAPE, ties=True), fst.policies(SHAPE), fst.state_values(SHAPE))
def test_tables_policies_and_values_have_their_shapes(table, tied, policy, values):
    assert table.shape == tied.shape == SHAPE
    assert set(tied.flat) <= {fmpq(0), fmpq(1)}
    assert policy.shape == (2, 3)
    assert (policy >= 0).all()
    assert (policy < np.array([3, 1, 2])).all()
    assert values.shape == (2,)


@given(fst.factors(SHAPE))
def test_factors_have_their_shapes(factors):
    assert [f.shape for f in factors] == [(2, 3), (2, 1), (2, 2)]


@pytest.mark.slow
def test_a_registered_model_type_is_resolved():
    hypothesis_entry.register()
    assert isinstance(smallest(st.from_type(MMDP)), MMDP)


def test_registering_loads_no_strategies():
    code = (
        "import sys; from fqi_theory.testing import hypothesis_entry as e; assert 'numpy' not in sys.modules; "
        "e.register(); "
        "assert 'fqi_theory.testing.strategies' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: fst.mmdps(kind="determinstic"), "kind: expected one of any, deterministic, stochastic"),
        (lambda: fst.mmdps(discounts=fst.discounts(), near_threshold=True), "near_threshold: it chooses the discounts"),
        (lambda: fst.mmdps(actions=2), r"actions: expected \(\|A_1\|, .* found 2"),
        (lambda: fst.marginals((2,)), r"shape: expected \(S, A_1, ..., A_n\), none of them 0, found \(2,\)"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(draw, message):
    with pytest.raises(DataError, match=message):
        smallest(draw())
