from functools import partial

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st
from oracle import fraction, game, value_iteration

from fqi_theory.base.errors import DataError, NotRealisable
from fqi_theory.base.scalars import exact_array, full
from fqi_theory.data.sources import JointData, uniform
from fqi_theory.factorization import igm, joint
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.testing import strategies as fst

AGREE = exact_array([[[1, 0], [0, 1]]])
tables = st.builds(lambda s, c: (s, *c), st.integers(1, 2), fst.action_counts()).flatmap(
    lambda shape: fst.q_tables(shape, ties=True)
)


def all_data(table):
    return JointData(full(table.shape, 1, "exact") / int(np.prod(table.shape[1:])))


@given(tables, st.sampled_from(["first", "last"]))
def test_selection_reading_realises_every_table(table, ties):
    fit = igm.fit(table, all_data(table), ties)
    assert (fit.q_tot() == table).all()
    places = tuple(np.array([f.argmax(axis=1) for f in fit.factors]))
    states = np.arange(table.shape[0])
    assert (table[(states, *places)] == fit.values).all()
    assert (np.stack(places, axis=1) == fit.greedy).all()


@given(tables)
def test_set_reading_is_exactly_the_product_sets(table):
    best = table == table.max(axis=tuple(range(1, table.ndim)), keepdims=True)
    by_brute_force = True
    for s in range(table.shape[0]):
        places = [a for a in np.ndindex(*table.shape[1:]) if best[(s, *a)]]
        sets = [{a[i] for a in places} for i in range(table.ndim - 1)]
        by_brute_force &= len(places) == np.prod([len(x) for x in sets])
    if not by_brute_force:
        with pytest.raises(NotRealisable, match="not a product set"):
            igm.fit(table, all_data(table), reading="set")
        return
    fit = igm.fit(table, all_data(table), reading="set")
    greedy = [f == f.max(axis=1, keepdims=True) for f in fit.factors]
    for s, *a in np.ndindex(*table.shape):
        assert best[(s, *a)] == all(g[s, x] for g, x in zip(greedy, a, strict=True))


def test_two_tied_diagonal_maximisers_are_not_realisable_as_sets():
    message = r"state 0: .*\(0, 1\).*\{0, 1\} x \{0, 1\}.*= 0 is below the maximum 1; .* not attained"
    with pytest.raises(NotRealisable, match=message):
        igm.fit(AGREE, all_data(AGREE), reading="set")
    assert igm.fit(AGREE, all_data(AGREE)).greedy.tolist() == [[0, 0]]
    assert igm.fit(AGREE, all_data(AGREE), "last").greedy.tolist() == [[1, 1]]


def test_missing_support_is_refused_with_its_place():
    data = JointData(exact_array([[["1/2", "1/2"], [0, 0]]]))
    for module in (igm, joint):
        with pytest.raises(DataError, match=r"state 0, joint action \(1, 0\): p_D = 0.*2 of 4 entries"):
            module.fit(AGREE, data)


def test_off_support_values_decide_where_there_are_no_data():
    data = JointData(exact_array([[["1/2", "1/2"], [0, 0]]]))
    fit = igm.fit(AGREE, data, off_support=full(AGREE.shape, 9, "exact"))
    assert fit.q_tot().tolist() == [[[1, 0], [9, 9]]]
    assert fit.greedy.tolist() == [[1, 0]]


@given(fst.mmdps(planted_ties=True), st.integers(0, 4))
def test_theorem_4_the_iteration_is_value_iteration(model, steps):
    run = fitted_q_iteration(model, factorization=igm, iterations=steps)
    assert [fraction(v) for v in run.values[-1]] == value_iteration(game(model), steps)


@given(fst.mmdps(kind="deterministic"))
def test_the_joint_table_runs_like_igm(model):
    a = fitted_q_iteration(model, factorization=igm, iterations=3, data=uniform())
    b = fitted_q_iteration(model, factorization=joint, iterations=3, data=uniform())
    assert all((x == y).all() for x, y in zip(a.values, b.values, strict=True))
    assert all((x == y).all() for x, y in zip(a.greedy, b.greedy, strict=True))


def test_factors_of_sets_have_these_maximisers_and_sum_to_the_value():
    sets = [np.array([[True, False]]), np.array([[False, True, True]])]
    first, second = igm.factors_of_sets(sets, exact_array([5]), "exact")
    assert first.tolist() == [[fmpq(5, 2), fmpq(3, 2)]]
    assert second.tolist() == [[fmpq(3, 2), fmpq(5, 2), fmpq(5, 2)]]


def test_names():
    assert (igm.name, joint.name) == ("igm", "joint")
    assert partial(igm.fit, reading="set")(exact_array([[2, 1]]), JointData(exact_array([["1/2", "1/2"]]))).values == [
        2
    ]
