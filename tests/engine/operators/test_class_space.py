import numpy as np
import pytest
from flint import fmpq
from function_classes import any_data, classes
from hypothesis import given
from hypothesis import strategies as st
from oracle import class_fit, fraction, game

import fqi_theory as ft
from fqi_theory.base.scalars import to_float
from fqi_theory.factorization.additive import split_terms
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators import class_runs, class_space
from fqi_theory.operators.class_runs import FollowingClass, by_scope, collapses, exact_operators
from fqi_theory.operators.class_space import class_rows, collapse_class
from fqi_theory.operators.integers import integer_values
from fqi_theory.operators.value_space import collapse
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.testing import strategies as fst

pytestmark = pytest.mark.filterwarnings("ignore::fqi_theory.base.errors.IncompleteDataWarning")

ties = st.sampled_from(["first", "last"])
models = fst.mmdps(actions=fst.action_counts(max_agents=4, max_joint=16))


def same(left, right):
    for a, b in zip(left, right, strict=True):
        assert (a.values == b.values).all()
        assert (a.greedy == b.greedy).all()
        assert all((x == y).all() for x, y in zip(a.factors, b.factors, strict=True))
        assert list(a.interactions) == list(b.interactions)
        assert all((table == b.interactions[scope]).all() for scope, table in a.interactions.items())


@given(st.data())
def test_the_collapsed_run_is_the_generic_run(draw):
    model = draw.draw(fst.mmdps(actions=fst.action_counts(max_agents=4), planted_ties=draw.draw(st.booleans())))
    rule, source = draw.draw(classes(model.n_agents)), draw.draw(fst.data_sources(model, full_support=False))
    start = ft.start_from_factors(draw.draw(fst.factors(model, ties=True)))
    options = {"data": source, "factorization": rule, "initial": start, "iterations": 3, "ties": draw.draw(ties)}
    assert collapses(model, rule)
    same(fitted_q_iteration(model, **options), fitted_q_iteration(model, method="generic", **options))


@given(st.data())
def test_float_runs_stay_within_rounding_of_exact_runs(draw):
    model = draw.draw(models)
    rule, data = draw.draw(classes(model.n_agents)), draw.draw(any_data(model.reward.shape))
    source = ft.correlated(data.joint()) if hasattr(data, "weights") else ft.product(data.marginals)
    exact = fitted_q_iteration(model, data=source, factorization=rule, iterations=4)
    for method in ("auto", "generic"):
        found = fitted_q_iteration(model.to_float(), data=source, factorization=rule, iterations=4, method=method)
        for a, b in zip(exact.values, found.values, strict=True):
            np.testing.assert_allclose(b, to_float(a), rtol=1e-8, atol=1e-8)


@given(st.data())
def test_float_on_policy_operators_are_those_of_their_greedy_actions(draw):
    model = draw.draw(models)
    rule, source = draw.draw(classes(model.n_agents)), ft.epsilon_greedy("1/5")
    plain, policies = model.to_float(), [draw.draw(fst.policies(model)) for _ in range(4)]
    moved = FollowingClass(plain, source, rule, policies[0])
    values = to_float(draw.draw(fst.state_values(model)))
    for greedy in (*policies, *policies):
        fresh = collapse_class(plain, rule, source.at(plain, greedy)).terms(values)
        for scope, table in moved.at(greedy).terms(values).items():
            np.testing.assert_allclose(table, fresh[scope], rtol=1e-12, atol=1e-12)


@given(st.data())
def test_integer_rows_are_the_rational_tables(draw):
    model = draw.draw(models)
    rule, source = draw.draw(classes(model.n_agents)), draw.draw(fst.data_sources(model, full_support=False))
    greedy, values = draw.draw(fst.policies(model)), draw.draw(fst.state_values(model))
    blocks, v = exact_operators(model, source, rule).integers(greedy), integer_values(values)
    scopes = [scope for scope in rule.scopes(model.n_agents) if scope]
    found = by_scope(np.array(blocks.numerators(v), dtype=object), scopes, model.action_counts)
    for scope, table in collapse_class(model, rule, source.at(model, greedy)).terms(values).items():
        for s, block in enumerate(blocks.blocks):
            scale = block.denominator * v.denominator
            assert [fmpq(x, scale) for x in found[scope][s].flat] == list(table[s].flat)


@given(st.data())
def test_kernel_and_drift_are_the_oracles_fits(draw):
    model = draw.draw(models)
    rule, data = draw.draw(classes(model.n_agents)), draw.draw(any_data(model.reward.shape))
    operator, g, weights = collapse_class(model, rule, data), game(model), data.joint()
    kernel, drift, sets = operator.kernel(), operator.drift(), rule.scopes(model.n_agents)
    assert (kernel.sum(axis=-1) == 1).all()
    for s in range(model.n_states):
        weight = {a: fraction(weights[(s, *a)]) for a in g.joint}
        wanted = [class_fit({a: g.row[s, a][t] for a in g.joint}, weight, g.counts, sets) for t in range(g.states)]
        rho = class_fit({a: g.reward[s, a] for a in g.joint}, weight, g.counts, sets)
        for a in g.joint:
            if weight[a] > 0:
                assert [fraction(k) for k in kernel[(s, *a)]] == [table[a] for table in wanted]
                assert fraction(drift[(s, *a)]) == rho[a]


@given(st.data())
def test_rows_sum_to_the_share_of_single_agents_and_to_nothing_for_interactions(draw):
    model = draw.draw(models)
    rule, data = draw.draw(classes(model.n_agents)), draw.draw(any_data(model.reward.shape))
    for scope, table in collapse_class(model, rule, data).transitions.items():
        assert (table.sum(axis=-1) == (fmpq(1, model.n_agents) if len(scope) == 1 else 0)).all()


@given(st.data())
def test_order_1_is_the_value_space_form(draw):
    model = draw.draw(models)
    data = draw.draw(any_data(model.reward.shape))
    found, wanted = collapse_class(model, ft.additive(1), data), collapse(model, data)
    assert all((found.rewards[i,] == r).all() for i, r in enumerate(wanted.rewards))
    assert all((found.transitions[i,] == p).all() for i, p in enumerate(wanted.transitions))


@given(st.data())
def test_rows_of_some_states_are_the_rows_of_all(draw):
    model = draw.draw(models)
    rule, data = draw.draw(classes(model.n_agents)), draw.draw(any_data(model.reward.shape))
    whole = collapse_class(model, rule, data)
    kept = np.array(draw.draw(st.lists(st.integers(0, model.n_states - 1), min_size=1, unique=True)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(class_space, "PIECE_BYTES", 1)
        part = collapse_class(model, rule, data, kept)
    for scope, table in part.transitions.items():
        assert (table == whole.transitions[scope][kept]).all()
        assert (part.rewards[scope] == whole.rewards[scope][kept]).all()


def test_forms_that_outgrow_the_model_give_way_to_the_generic_operator(monkeypatch):
    model, rule = ft.random_model(5, states=4, actions=(2, 2, 2)), ft.additive(2)
    wanted = fitted_q_iteration(model, factorization=rule, iterations=4)
    assert class_rows(model, rule) == 18
    monkeypatch.setattr(class_runs, "outgrows", lambda _, rows: rows == 18)
    monkeypatch.setattr(class_runs, "allowed_bytes", lambda _: 18 * 4 * 5 * 8 - 1)
    assert not collapses(model, rule)
    assert not collapses(model.to_float(), rule)
    same(wanted, fitted_q_iteration(model, factorization=rule, iterations=4))
    found = fitted_q_iteration(model.to_float(), factorization=rule, iterations=4)
    np.testing.assert_allclose(found.values[-1], to_float(wanted.values[-1]), rtol=1e-12)


def test_terms_are_split_in_the_order_of_agents():
    tables = {(1,): np.zeros(1), (0, 1): np.ones(1), (0,): np.full(1, 2.0)}
    factors, interactions = split_terms(tables)
    assert [f[0] for f in factors] == [2, 0]
    assert list(interactions) == [(0, 1)]


def test_pairwise_factors_diverge_where_single_agents_cannot():
    # THEORY 10 A.3: from s1 two agents of three that choose 1 fall to s0, worth 0; the fit weighs them by -1/8.
    fallen = np.indices((2, 2, 2)).sum(axis=0) == 2
    reward, successor = np.zeros((2, 2, 2, 2), dtype=int), np.zeros((2, 2, 2, 2), dtype=int)
    reward[1], successor[1] = 1, ~fallen
    model = MMDP(reward, successor, "3/4")
    pairs = fitted_q_iteration(model, factorization=ft.additive(2), iterations=40)
    single = fitted_q_iteration(model, factorization=ft.additive(1), iterations=40)
    wanted = fmpq(0)
    for values, greedy in zip(pairs.values, pairs.greedy, strict=True):
        assert values.tolist() == [0, wanted]
        assert greedy[1].tolist() == [0, 0, 0]
        wanted = 1 + fmpq(33, 32) * wanted
    assert wanted > 80
    assert max(v[1] for v in single.values) < 1 / (1 - fmpq(15, 16))
