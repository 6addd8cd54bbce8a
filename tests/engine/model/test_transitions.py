import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base import scalars
from fqi_theory.base.errors import ModelError, TooLarge
from fqi_theory.model.expectations import halves, outer
from fqi_theory.model.mmdp import MMDP
from fqi_theory.model.transitions import DenseTransition, DeterministicTransition, SparseTransition
from fqi_theory.testing import strategies as fst


def forms(model):
    """The kernel of a model as every form that can hold it."""
    tensor = model.transition.dense()
    found = [DenseTransition(tensor, "exact"), fst.sparse(tensor)]
    if (tensor.max(axis=-1) == 1).all():
        found.append(DeterministicTransition(tensor.argmax(axis=-1), model.n_states))
    return found


def equal(left, right):
    return left.shape == right.shape and bool((left == right).all())


@given(st.data())
def test_all_forms_answer_alike(draw):
    model = draw.draw(fst.mmdps())
    values = draw.draw(fst.state_values(model))
    policy = draw.draw(fst.policies(model))
    marginals = draw.draw(fst.marginals(model, full_support=False))
    weights = draw.draw(fst.joint_data(model))
    first, *others = forms(model)
    kept = np.array(draw.draw(st.lists(st.integers(0, model.n_states - 1), min_size=1, max_size=3)))
    for other in others:
        assert equal(other.dense(), first.tensor)
        assert equal(other.expect(values), first.expect(values))
        assert equal(other.under(policy), first.under(policy))
        assert equal(other.at(kept).dense(), first.tensor[kept])
        for a, b in zip(other.agent_means(halves(marginals)), first.agent_means(halves(marginals)), strict=True):
            assert equal(a, b)
        for a, b in zip(other.agent_sums(weights), first.agent_sums(weights), strict=True):
            assert equal(a, b)


@given(st.data())
def test_agent_means_are_conditional_expectations(draw):
    model = draw.draw(fst.mmdps())
    marginals = draw.draw(fst.marginals(model))
    weighted = outer(marginals)[..., None] * model.transition.dense()
    for i, mean in enumerate(model.transition.agent_means(halves(marginals))):
        others = tuple(j for j in range(1, model.n_agents + 1) if j != i + 1)
        assert equal(mean * marginals[i][:, :, None], weighted.sum(axis=others))


@given(fst.mmdps())
def test_rows_are_the_nonzero_entries(model):
    for form in forms(model):
        rows = dict(form.rows())
        assert list(rows) == list(np.ndindex(*model.reward.shape))
        assert all(sum(row.values()) == 1 and 0 not in row.values() for row in rows.values())


@given(fst.mmdps())
def test_float_forms_answer_alike(model):
    values = np.arange(model.n_states, dtype=float)
    expected = scalars.to_float(model.transition.expect(scalars.exact_array(np.arange(model.n_states))))
    for form in forms(model):
        found = form.to_field("float")
        assert found.field == "float"
        np.testing.assert_allclose(found.expect(values), expected, rtol=0, atol=1e-15 * model.n_states**2)


def test_arrays_of_every_form_are_read_only():
    tensor = scalars.exact_array([[[1, 0], [0, 1]], [[1, 0], [0, 1]]])
    parts = fst.sparse(tensor)
    arrays = [
        DenseTransition(tensor, "exact").tensor,
        DenseTransition(tensor, "exact").to_field("float").tensor,
        DeterministicTransition(np.array([[0, 1], [0, 1]]), 2).successor,
        parts.indptr,
        parts.successors,
        parts.probabilities,
        parts.to_field("float").probabilities,
    ]
    assert not any(array.flags.writeable for array in arrays)
    assert tensor.flags.writeable


def sparse_of(indptr, successors, probabilities, states=2):
    shape = (states, 1)
    return SparseTransition(
        shape, states, np.array(indptr), np.array(successors), scalars.exact_array(probabilities), "exact"
    )


def test_an_empty_sparse_row_is_refused():
    # Adding up an empty row reads its neighbour's entry, so that the row looked like a distribution.
    with pytest.raises(ModelError, match=r"state 0, joint action \(0,\): expected a successor, found none"):
        MMDP([[0], [0]], sparse_of([0, 0, 1], [1], [1]), "1/2")


def test_a_successor_listed_twice_is_refused():
    with pytest.raises(ModelError, match=r"state 1, joint action \(0,\): successor state 0 is listed twice"):
        MMDP([[0], [0]], sparse_of([0, 1, 3], [1, 0, 0], [1, "1/2", "1/2"]), "1/2")


@pytest.mark.parametrize("successor", [-1, 2])
def test_successors_that_are_no_states_are_refused(successor):
    with pytest.raises(ModelError, match=r"states 0\.\.1"):
        MMDP([[0], [0]], sparse_of([0, 1, 2], [1, successor], [1, 1]), "1/2")
    with pytest.raises(ModelError, match=r"states 0\.\.1"):
        MMDP([[0], [0]], DeterministicTransition(np.array([[0], [successor]]), 2), "1/2")
    with pytest.raises(ModelError, match=r"states 0\.\.1"):
        MMDP([[0], [0]], np.array([[0], [successor]]), "1/2")


def test_indptr_must_split_the_entries():
    with pytest.raises(ModelError, match="indptr"):
        MMDP([[0], [0]], sparse_of([0, 1], [1, 0], [1, 1]), "1/2")


def test_a_dense_tensor_beyond_memory_is_refused_before_it_is_made():
    side = 200_000
    kernel = DeterministicTransition(np.zeros((side, 1), dtype=int), side)
    with pytest.raises(TooLarge, match="200000 x 1 x 200000"):
        kernel.dense()


def test_expect_of_a_deterministic_kernel_picks_the_successor():
    kernel = DeterministicTransition(np.array([[[1, 0], [0, 0]]]), 1 + 1)
    assert kernel.expect(scalars.exact_array(["5/3", 7])).tolist() == [[[7, fmpq(5, 3)], [fmpq(5, 3), fmpq(5, 3)]]]
