"""Witnesses: what the theorem promises, by `decide` for additive factors and by exact runs for every class."""

from fractions import Fraction
from functools import cache
from itertools import pairwise

import oracle
import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import DataError, NumberError
from fqi_theory.fates.phases.relay import alternating_gain
from proofs_check import check

SHAPES = [(2, 2, 1), (3, 2, 1), (3, 2, 2), (2, 3, 1), (3, 3, 1), (4, 2, 2), (3, 3, 2)]
STEP = fmpq(1, 10**6)


def exact_run(model, weights, steps):
    """Return the values of FQI from 0 where the fit of y at a is Σ_b weights[a][b] y[b]."""
    g = oracle.game(model)
    values = [[Fraction(0)] * g.states]
    for _ in range(steps):
        y = oracle.backup(g, values[-1])
        fits = [[sum(row[b] * y[s, b] for b in g.joint) for row in weights.values()] for s in range(g.states)]
        values.append([max(fit) for fit in fits])
    return values


@cache
def uniform_weights(n, a, k):
    weight = oracle.product_weight([[Fraction(1, a)] * a] * n)
    return oracle.fit_weights((a,) * n, weight, oracle.sets_up_to(n, k))


def fate_of(model, k):
    """Return the fate under uniform data and its period; its certificate is accepted."""
    fate = ft.decide(model, factorization=ft.additive(k))
    assert check(fate.certificate).accepted
    return fate.kind, fate.period


@pytest.mark.parametrize(("n", "a", "k"), SHAPES)
def test_divergence_begins_at_the_threshold(n, a, k):
    given_ = {"agents": n, "actions": a, "factorization": f"additive:{k}"}
    below = ft.phases(**given_).bounded_below
    assert not ft.witness(**given_, discount=below * (1 - STEP)).exists
    for discount in (below, below * (1 + STEP)):
        found = ft.witness(**given_, discount=discount)
        rate = Fraction(int((discount / below).p), int((discount / below).q))
        expected, v = [], Fraction(0)
        for _ in range(8):
            expected.append([Fraction(0), v])
            v = 1 + rate * v
        assert exact_run(found.model, uniform_weights(n, a, k), 7) == expected
        fate = ft.decide(found.model, data=found.data, factorization=ft.additive(k))
        assert (fate.kind, fate.growth["kind"]) == ("diverges", "linear" if rate == 1 else "geometric")
        assert check(fate.certificate).accepted
    assert fate_of(found.model.with_discount(below * (1 - STEP)), k) == ("converges", 1)


@pytest.mark.parametrize(("n", "a", "k"), SHAPES)
def test_no_convergence_from_the_first_threshold_on(n, a, k):
    given_ = {"agents": n, "actions": a, "factorization": f"additive:{k}"}
    below = ft.phases(**given_).converges_below
    forbidden = ft.witness(**given_, discount=below * (1 - STEP), kind="does not converge")
    assert (forbidden.exists, forbidden.model, forbidden.data) == (False, None, None)
    for discount in (below, below * (1 + STEP), (below + 1) / 2, fmpq(99, 100)):
        found = ft.witness(**given_, discount=discount, kind="does not converge")
        gaps = [v[1] - v[0] for v in exact_run(found.model, uniform_weights(n, a, k), 7)]
        if "never comes nearer" in found.reason:
            assert all(abs(y + 1) >= abs(x + 1) for x, y in pairwise(gaps))
            continue
        assert gaps[1] != 0
        assert gaps == [gaps[t % 2] for t in range(8)]
        assert fate_of(found.model, k) == ("cycles", 2)


@pytest.mark.parametrize("name", ["additive:2", "graph:0-1,1-2"])
def test_the_engines_own_runs_of_larger_classes(name):
    found = ft.witness(agents=3, actions=2, factorization=name, discount="9/10")
    kind = ft.additive(2) if name == "additive:2" else ft.graph([(0, 1), (1, 2)])
    values = [v[1] for v in ft.fitted_q_iteration(found.model, factorization=kind, iterations=6).values]
    assert found.rate > 1
    assert all(after == 1 + found.rate * before for before, after in pairwise(values))


def test_below_the_first_threshold_the_swap_converges():
    found = ft.witness(agents=2, actions=2, discount="3/4", kind="does not converge")
    assert ft.decide(found.model.with_discount("666665/1000000")).kind == "converges"


@given(
    st.lists(st.lists(st.integers(1, 5), min_size=2, max_size=3), min_size=2, max_size=3),
    st.integers(1, 2),
    st.sampled_from(["diverges", "does not converge"]),
)
def test_witnesses_under_any_product_data(odds, order, kind):
    marginals = [[Fraction(x, sum(row)) for x in row] for row in odds]
    data = ft.product([[[str(p) for p in own]] for own in marginals])
    found = ft.witness(
        actions=[len(row) for row in odds], factorization=f"additive:{order}", data=data, discount="99/100", kind=kind
    )
    assert found.exists == (found.rate >= 1)
    if found.exists:
        weight, sets = oracle.product_weight(marginals), oracle.sets_up_to(len(odds), order)
        run = exact_run(found.model, oracle.fit_weights(tuple(map(len, odds)), weight, sets), 6)
        gaps = [v[1] - v[0] for v in run]
        assert gaps[1] != 0
        if kind == "diverges":
            assert gaps[2] == 1 + oracle.fraction(found.rate) * gaps[1]
        else:
            assert abs(gaps[3] - gaps[2]) >= abs(gaps[1] - gaps[0])


def test_a_witness_under_correlated_data():
    weights = [[["3/8", "1/8"], ["1/8", "3/8"]]]
    found = ft.witness(actions=(2, 2), data=ft.correlated(weights), discount="99/100")
    weight = dict(zip(((0, 0), (0, 1), (1, 0), (1, 1)), map(Fraction, ("3/8", "1/8", "1/8", "3/8")), strict=True))
    mass = oracle.negative_mass((2, 2), weight, [(0,), (1,)])
    assert found.rate == fmpq(99, 100) * (1 + fmpq(mass.numerator, mass.denominator))
    run = exact_run(found.model, oracle.fit_weights((2, 2), weight, [(0,), (1,)]), 3)
    assert [v[1] for v in run][:3] == [0, 1, 1 + oracle.fraction(found.rate)]
    trajectory = ft.fitted_q_iteration(found.model, data=found.data, iterations=3)
    assert [[oracle.fraction(x) for x in v] for v in trajectory.values] == run


@pytest.mark.parametrize(("n", "discount"), [(2, "51/100"), (3, "34/100"), (4, "26/100")])
def test_on_policy_data_diverge_where_uniform_data_converge(n, discount):
    """Theorem B at ε = 1/100: just above γ = 1/n."""
    found = ft.witness(agents=n, actions=2, data=ft.epsilon_greedy("1/100"), discount=discount)
    fate = ft.decide(found.model, data=found.data)
    assert fate.kind == "diverges"
    assert check(fate.certificate).accepted
    assert fate.growth["steps"] == 2
    assert ft.exact(fate.growth["factor"]) == found.rate**2
    assert ft.decide(found.model).kind == "converges"
    assert ft.exact(discount) < ft.phases(agents=n, actions=2).converges_below


def test_the_on_policy_witness_at_a_tenth():
    """theory notes, section 12: n = 2, ε = 1/10: two states diverge at 555/1000 and cycle at 553/1000; five diverge."""
    data = ft.epsilon_greedy("1/10")
    two = ft.witness(agents=2, actions=2, data=data, discount="555/1000").model
    assert (two.n_states, ft.decide(two, data=data).kind) == (2, "diverges")
    assert ft.decide(two.with_discount("553/1000"), data=data).kind == "cycles"
    five = ft.witness(agents=2, actions=2, data=data, discount="553/1000").model
    assert (five.n_states, ft.decide(five, data=data).kind) == (5, "diverges")


ON_POLICY = [
    ((2, 2), "1/10"),
    ((2, 2), "9/10"),
    ((2, 3), "1/3"),
    ((3, 1, 2), "1/2"),
    ((2, 2, 2), "1/10"),
    ((3, 2), "1"),
]


@pytest.mark.parametrize(("actions", "epsilon"), ON_POLICY)
def test_on_policy_divergence_begins_at_the_threshold(actions, epsilon):
    """theory notes, section 10 B: γ(1+ν_ε) = 1 is where ε-greedy runs begin to diverge, linearly."""
    given_ = {"actions": actions, "data": ft.epsilon_greedy(epsilon)}
    below = ft.phases(**given_).bounded_below
    assert not ft.witness(**given_, discount=below * (1 - STEP)).exists
    for discount, growth in ((below, "linear"), (below * (1 + STEP), "geometric")):
        found = ft.witness(**given_, discount=discount)
        fate = ft.decide(found.model, data=found.data)
        assert (fate.kind, fate.growth["kind"]) == ("diverges", growth)
        assert check(fate.certificate).accepted
    assert ft.exact(fate.growth["factor"]) == found.rate ** fate.growth["steps"]


def test_on_policy_answers_without_a_model():
    data = ft.epsilon_greedy("1/100")
    forbidden = ft.witness(agents=2, actions=2, data=data, discount="1/2")
    assert "every run of every model is bounded" in forbidden.reason
    pairwise_ = ft.witness(agents=3, actions=2, factorization="additive:2", data=data, discount="9/10")
    assert pairwise_.reason.startswith("open")
    assert alternating_gain(2, fmpq(1, 10)) == 2 * fmpq(19, 20) ** 2
    assert all(abs(alternating_gain(n, fmpq(1, 10**9)) - n) < fmpq(1, 10**6) for n in range(2, 7))


def test_a_witness_is_small_and_named():
    found = ft.witness(agents=2, actions=2, discount="9/10")
    model = found.model
    assert (model.n_states, model.action_counts, model.discount) == (2, (2, 2), ft.exact("9/10"))
    assert model.reward.tolist() == [[[0, 0], [0, 0]], [[1, 1], [1, 1]]]
    assert [row for _, row in model.transition.rows()] == [{0: 1}] * 4 + [{1: 1}] * 3 + [{0: 1}]
    assert model.name == "diverges (2x2, linear)"
    assert "9/8" in found.reason


def test_nothing_diverges_in_the_joint_class():
    for name in ("joint", "igm", "additive:2"):
        assert not ft.witness(agents=2, actions=2, factorization=name, discount="999/1000").exists


REFUSED = [
    ({"discount": "1"}, NumberError, r"in \(0, 1\)"),
    ({"discount": "0"}, NumberError, r"in \(0, 1\)"),
    ({"discount": "1/2", "kind": "explodes"}, DataError, "expected 'diverges'"),
    ({"discount": "1/2", "kind": "does not converge", "data": ft.epsilon_greedy("1/2")}, DataError, "on-policy"),
]


@pytest.mark.parametrize(("given_", "error", "message"), REFUSED)
def test_what_is_refused(given_, error, message):
    with pytest.raises(error, match=message):
        ft.witness(agents=2, actions=2, **given_)
