"""The global criterion: weights and factors, checked by the definition; where no weights exist, none are found."""

import numpy as np
import pytest
from fates import accepted, deterministic
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base import limits
from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import correlated, uniform
from fqi_theory.fates import contraction as module
from fqi_theory.fates import decide
from fqi_theory.fates.contraction import weighted_contraction
from fqi_theory.fates.positions import Positions
from fqi_theory.model.catalog import load, random_model
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import collapse


def operator(model, source=None):
    return collapse(model, (source or uniform()).at(model, np.zeros((model.n_states, model.n_agents), dtype=int)))


def worst(f, weights):
    """max over s, a of γ Σ |K(s'|s,a)| w(s') / w(s)."""
    kernel = np.abs(f.kernel()).reshape(len(weights), -1, len(weights))
    sums = f.discount * (kernel * np.array(weights, dtype=object)).sum(axis=2)
    return max((row / w).max() for row, w in zip(sums, weights, strict=True))


def test_two_state_needs_weights():
    found = weighted_contraction(operator(load("two-state", discount="3/4")))
    assert found.weights[1] > found.weights[0] > 0
    assert fmpq(15, 16) <= found.factor < 1


@pytest.mark.parametrize("discount", ["4/5", "9/10"])
def test_none_from_four_fifths_on(discount):
    assert weighted_contraction(operator(load("two-state", discount=discount))) is None


def test_just_below_the_threshold():
    found = weighted_contraction(operator(load("two-state", discount="799999/1000000")))
    assert found.factor < 1


@given(st.integers(0, 10**6), st.sampled_from([(2, 2), (3, 2), (2, 2, 2)]), st.sampled_from(["1/4", "1/2", "4/5"]))
def test_the_factor_is_that_of_the_definition(seed, actions, discount):
    model = random_model(seed, 1 + seed % 4, actions, ("stochastic", "deterministic")[seed % 2], discount)
    f = operator(model)
    found = weighted_contraction(f)
    if found is None:
        assert worst(f, [fmpq(1)] * model.n_states) >= 1
        return
    assert all(w > 0 for w in found.weights)
    assert worst(f, list(found.weights)) == found.factor < 1
    assert accepted(decide(model)).proof == "contraction"
    document = found.to_json()
    assert document["factor"] == str(found.factor)
    assert len(document["weights"]) == model.n_states


def test_nonnegative_kernels_contract_at_the_discount_with_equal_weights():
    model = deterministic([[1, 0], [0, 2]], [[0, 1], [1, 0]], "99/100")
    found = weighted_contraction(operator(model))
    assert (found.weights, found.factor) == ((1, 1), fmpq(99, 100))


def test_correlated_data():
    weights = exact_array([[["1/4", "1/4"], ["1/2", "0"]]] * 2)
    model = load("two-state", discount="1/2")
    found = weighted_contraction(operator(model, correlated(weights)))
    assert found is not None
    assert accepted(decide(model, data=correlated(weights))).proof == "contraction"


def test_large_programs_are_left_out(monkeypatch):
    model = load("two-state", discount="1/2")
    assert accepted(decide(model)).proof == "contraction"
    monkeypatch.setattr(module, "LARGEST_PROGRAM", 15)
    assert accepted(decide(model)).proof == "region"


def test_no_table_of_a_large_model_is_made_before_its_size_is_known(monkeypatch):
    model = MMDP(exact_array(np.zeros((40_000, 2, 2), dtype=int)), np.zeros((40_000, 2, 2), dtype=int), "1/2")
    monkeypatch.setattr(limits, "available_bytes", lambda: 8 << 30)
    with pytest.raises(TooLarge, match="tables of marginal transitions"):
        Positions(model, uniform()).operator(np.zeros((40_000, 2), dtype=int))
    assert not module.is_small(model)
