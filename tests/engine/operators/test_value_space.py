import numpy as np
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from oracle import TWO_STATE_REWARD, TWO_STATE_SUCCESSOR, additive_fit, fraction, game

from fqi_theory.data.sources import JointData, ProductData, uniform
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import collapse, restrict
from fqi_theory.testing import strategies as fst


@st.composite
def operators(draw):
    """A model, some fixed data and F for them."""
    model = draw(fst.mmdps())
    data = draw(
        st.one_of(fst.marginals(model, full_support=False).map(ProductData), fst.joint_data(model).map(JointData))
    )
    return model, data, collapse(model, data)


@given(operators())
def test_rows_of_k_sum_to_one(drawn):
    model, _, operator = drawn
    kernel = operator.kernel()
    assert kernel.shape == (*model.reward.shape, model.n_states)
    assert (kernel.sum(axis=-1) == 1).all()


@given(operators())
def test_rows_of_every_agent_sum_to_its_share(drawn):
    model, _, operator = drawn
    assert all((p.sum(axis=-1) == fmpq(1, model.n_agents)).all() for p in operator.transitions)


@given(st.data())
def test_f_moves_constants_by_the_discount(draw):
    model, _, operator = draw.draw(operators())
    values, c = draw.draw(fst.state_values(model)), draw.draw(fst.rationals())
    before, after = operator.step(values), operator.step(values + c)
    assert (after.values == before.values + model.discount * c).all()
    assert (after.greedy == before.greedy).all()


@given(st.data())
def test_f_is_value_iteration_on_the_signed_kernel(draw):
    model, _, operator = draw.draw(operators())
    values = draw.draw(fst.state_values(model))
    q = operator.drift() + model.discount * (operator.kernel() @ values)
    fit = operator.step(values)
    assert (fit.q_tot() == q).all()
    assert (fit.values == q.max(axis=tuple(range(1, q.ndim)))).all()


@given(st.data())
def test_f_is_convex(draw):
    model, _, operator = draw.draw(operators())
    u, v = draw.draw(fst.state_values(model)), draw.draw(fst.state_values(model))
    t = draw.draw(fst.rationals(0, 1))
    mixed = operator.step(t * u + (1 - t) * v).values
    assert (mixed <= t * operator.step(u).values + (1 - t) * operator.step(v).values).all()


@given(st.data())
def test_k_is_the_projection_of_p(draw):
    model, data, operator = draw.draw(operators())
    g, weights, kernel, drift = game(model), data.joint(), operator.kernel(), operator.drift()
    for s in range(model.n_states):
        weight = {a: fraction(weights[(s, *a)]) for a in g.joint}
        wanted = [additive_fit({a: g.row[s, a][t] for a in g.joint}, weight, g.counts) for t in range(g.states)]
        rho = additive_fit({a: g.reward[s, a] for a in g.joint}, weight, g.counts)
        for a in g.joint:
            if weight[a] > 0:
                assert [fraction(k) for k in kernel[(s, *a)]] == [table[a] for table in wanted]
                assert fraction(drift[(s, *a)]) == rho[a]


@given(st.data())
def test_rows_of_some_states_are_the_rows_of_all(draw):
    model, data, operator = draw.draw(operators())
    kept = np.array(draw.draw(st.lists(st.integers(0, model.n_states - 1), min_size=1, unique=True)))
    part = collapse(model, data, kept)
    for whole, rows in zip((*operator.rewards, *operator.transitions), (*part.rewards, *part.transitions), strict=True):
        assert (whole[kept] == rows).all()
    assert (restrict(data, kept).joint() == data.joint()[kept]).all()


def test_two_state_kernel_has_a_negative_entry():
    model = MMDP(TWO_STATE_REWARD, np.array(TWO_STATE_SUCCESSOR), "9/10")
    operator = collapse(model, uniform().at(model, np.zeros((2, 2), dtype=int)))
    assert operator.drift()[1].tolist() == [[fmpq(3, 4), fmpq(1, 4)], [fmpq(1, 4), fmpq(-1, 4)]]
    assert operator.kernel()[1, :, :, 1].tolist() == [[fmpq(5, 4), fmpq(3, 4)], [fmpq(3, 4), fmpq(1, 4)]]
    assert operator.kernel()[1, 0, 0].tolist() == [fmpq(-1, 4), fmpq(5, 4)]
