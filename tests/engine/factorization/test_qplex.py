import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import GAME_2

from fqi_theory.base.errors import NotRealisable
from fqi_theory.base.scalars import exact_array, full
from fqi_theory.data.sources import JointData
from fqi_theory.factorization import igm, qplex
from fqi_theory.factorization.fit import additive_table
from fqi_theory.model.mmdp import MMDP
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.testing import strategies as fst

shapes = st.builds(lambda s, c: (s, *c), st.integers(1, 2), fst.action_counts())


def realisable(table):
    try:
        igm.maximiser_sets(table)
    except NotRealisable:
        return False
    return True


@given(shapes.flatmap(lambda shape: st.one_of(fst.q_tables(shape), fst.q_tables(shape, ties=True))).filter(realisable))
def test_round_trip_every_table_with_a_product_argmax(table):
    member = qplex.realise(table)
    assert (member.table() == table).all()
    assert all((weight > 0).all() for weight in member.weights)


@given(st.data())
def test_igm_holds_as_sets(draw):
    shape = draw.draw(shapes)
    factors = draw.draw(fst.factors(shape, ties=True))
    weights = [draw.draw(fst.q_tables(shape)) ** 2 + 1 for _ in factors]
    table = qplex.mix(factors, weights)
    axes = tuple(range(1, table.ndim))
    assert (table.max(axis=axes) == sum(f.max(axis=1) for f in factors)).all()
    members = [f == f.max(axis=1, keepdims=True) for f in factors]
    inside = additive_table([m.astype(int) for m in members]) == len(factors)
    assert ((table == table.max(axis=axes, keepdims=True)) == inside).all()


@given(st.data())
def test_unit_weights_give_the_sum_of_the_factors(draw):
    shape = draw.draw(shapes)
    factors = draw.draw(fst.factors(shape))
    table = qplex.mix(factors, [full((shape[0], *[1] * len(factors)), 1, "exact")] * len(factors))
    assert (table == additive_table(factors)).all()


@pytest.mark.parametrize("bad", [0, "-1/2"])
def test_weights_that_are_not_positive_are_refused(bad):
    factors = [exact_array([[1, 0]]), exact_array([[1, 0]])]
    weights = [full((1, 2, 2), 1, "exact"), exact_array([[[1, 1], [bad, 1]]])]
    with pytest.raises(NotRealisable, match=rf"λ of agent 2 at \(state, joint action\) \(0, 1, 0\): .* found {bad}"):
        qplex.mix(factors, weights)


def test_a_non_product_argmax_is_refused_with_its_reason():
    with pytest.raises(NotRealisable, match="not a product set"):
        qplex.realise(exact_array([[[1, 0], [0, 1]]]))


def test_state_only_weights_are_not_complete():
    # With λ_i(s) the mixed difference Q(0,0) - Q(0,1) - Q(1,0) + Q(1,1) is 0 for all factors; for game 2 it is 32.
    rng = np.random.default_rng(3)
    for _ in range(20):
        factors = [exact_array(rng.integers(-5, 5, size=(1, 3))) for _ in range(2)]
        weights = [exact_array(rng.integers(1, 5, size=(1, 1, 1))) for _ in range(2)]
        q = qplex.mix(factors, weights)[0]
        assert q[0, 0] - q[0, 1] - q[1, 0] + q[1, 1] == 0
    q = qplex.realise(exact_array([GAME_2])).table()[0]
    assert q[0, 0] - q[0, 1] - q[1, 0] + q[1, 1] == 32


def test_game_2_is_learnt_with_its_optimal_action():
    model = MMDP([GAME_2], np.zeros((1, 3, 3), dtype=int), 0, name="game 2")
    run = fitted_q_iteration(model, factorization=qplex, iterations=1)
    assert run.values[-1].tolist() == [8]
    assert run.greedy[-1].tolist() == [[0, 0]]


@given(st.data())
def test_fit_has_zero_error(draw):
    table = draw.draw(shapes.flatmap(fst.q_tables).filter(realisable))
    data = JointData(full(table.shape, 1, "exact") / int(np.prod(table.shape[1:])))
    fit = qplex.fit(table, data)
    assert (fit.q_tot() == table).all()
    assert (fit.values == table.max(axis=tuple(range(1, table.ndim)))).all()


def test_one_agent():
    member = qplex.realise(exact_array([[3, 1, 3]]))
    assert member.table().tolist() == [[3, 1, 3]]
    assert member.factors[0].tolist() == [[3, 2, 3]]
