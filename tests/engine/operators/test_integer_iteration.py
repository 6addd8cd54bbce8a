import numpy as np
from flint import fmpq, fmpz
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import models
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import JointData, ProductData, correlated, epsilon_greedy, uniform
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators import exact as exact_operators
from fqi_theory.operators.exact import integer_operator
from fqi_theory.operators.integers import IntegerValues, integer_values, reduced
from fqi_theory.operators.value_space import collapse
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.testing import strategies as fst


@given(st.data())
def test_integer_steps_are_rational_steps(draw):
    model = draw.draw(fst.mmdps(planted_ties=draw.draw(st.booleans()), near_threshold=draw.draw(st.booleans())))
    data = draw.draw(st.one_of(fst.marginals(model).map(ProductData), fst.joint_data(model).map(JointData)))
    ties = draw.draw(st.sampled_from(["first", "last"]))
    operator = collapse(model, data)
    integers = integer_operator(model, data)
    rational = draw.draw(fst.state_values(model))
    values = integer_values(rational)
    for _ in range(4):
        step, expected = integers.step(values, ties), operator.step(rational, ties)
        assert (step.values.to_array() == expected.values).all()
        assert (step.greedy == expected.greedy).all()
        for found, factor in zip(integers.factors(values), expected.factors, strict=True):
            assert found.shape == factor.shape
            assert (found == factor).all()
        values, rational = step.values, expected.values


@given(st.data())
def test_values_keep_a_positive_least_denominator(draw):
    rational = draw.draw(fst.state_values((draw.draw(st.integers(1, 4)), 1)))
    found = integer_values(rational)
    assert (found.to_array() == rational).all()
    assert found.denominator > 0
    again = reduced([6 * x for x in found.numerators], 6 * found.denominator)
    assert again == found


def test_reduced_cancels_the_common_factor():
    assert reduced([fmpz(6), fmpz(-9)], fmpz(12)) == IntegerValues((fmpz(2), fmpz(-3)), fmpz(4))
    assert reduced([fmpz(0), fmpz(0)], fmpz(12)) == IntegerValues((fmpz(0), fmpz(0)), fmpz(1))


def test_integer_values_of_fractions():
    found = integer_values(exact_array(["1/2", "-1/3", 0]))
    assert found == IntegerValues((fmpz(3), fmpz(-2), fmpz(0)), fmpz(6))
    assert found.to_array().tolist() == [fmpq(1, 2), fmpq(-1, 3), 0]


def test_every_state_is_one_integer_matrix():
    model = MMDP([[[1, 0, 0], [0, 0, 0]]] * 2, np.zeros((2, 2, 3), dtype=int), "1/2")
    operator = integer_operator(model, uniform().at(model, np.zeros((2, 2), dtype=int)))
    assert [(b.entries.nrows(), b.entries.ncols(), b.successors.tolist()) for b in operator.blocks] == [(5, 2, [0])] * 2
    assert operator.blocks[0].entries.entries() == [3, 3, 3, -1, 3, 5, 3, -1, 3, -1]
    assert operator.denominator == operator.blocks[0].denominator == 12


@given(st.data())
def test_packed_values_are_the_values(draw):
    sizes = st.integers(-(2**70), 2**70) | st.sampled_from([-129, -128, -1, 0, 127, 128, 255, 256, -(2**64), 2**63])
    numerators = tuple(map(fmpz, draw.draw(st.lists(sizes, min_size=1, max_size=6))))
    values = IntegerValues(numerators, fmpz(draw.draw(st.integers(1, 2**80))))
    assert values.packed().unpacked() == values


@given(st.data())
def test_operators_put_together_by_states_are_those_of_the_collapsed_model(draw):
    model = draw.draw(fst.mmdps(planted_ties=draw.draw(st.booleans())))
    values, policies = draw.draw(fst.state_values(model)), [draw.draw(fst.policies(model)) for _ in range(2)]
    if draw.draw(st.booleans()):
        model = MMDP(model.reward, fst.sparse(model.transition.dense()), model.discount)
    source = draw.draw(
        st.sampled_from([uniform(), epsilon_greedy("1/3"), correlated(draw.draw(fst.joint_data(model)))])
    )
    operators = exact_operators.ExactOperators(model, source, draw.draw(st.sampled_from([0, 1 << 20])))
    for policy in (*policies, *policies):
        operator, wanted = operators.integers(policy), collapse(model, source.at(model, policy))
        assert operators.integers(policy.copy()) is operator
        rational = operators.rationals(policy)
        for found, table in zip(
            (*rational.rewards, *rational.transitions), (*wanted.rewards, *wanted.transitions), strict=True
        ):
            assert (found == table).all()
        for found, factor in zip(operator.factors(integer_values(values)), wanted.factors(values), strict=True):
            assert (found == factor).all()


def test_blocks_of_sparse_models_name_successors_only():
    model = models.chain(80)
    operator = integer_operator(model, uniform().at(model, np.zeros(0)))
    assert max(block.successors.size for block in operator.blocks) == 3
    assert operator.blocks[40].successors.tolist() == [39, 40, 41]
    full = models.dense_exact(3, (2, 2))
    assert integer_operator(full, uniform().at(full, np.zeros(0))).blocks[0].successors is None
    run = fitted_q_iteration(model, iterations=12)
    wanted = fitted_q_iteration(model, iterations=12, method="generic")
    assert all((a == b).all() for a, b in zip(run.values, wanted.values, strict=True))
    assert all((a == b).all() for a, b in zip(run.greedy, wanted.greedy, strict=True))
