"""ν and its thresholds: literal numbers of the theory, brute force in fractions, laws of the phase diagram."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import oracle
import pytest
from counting import counted
from flint import fmpq
from function_classes import as_source, fractions, product_data
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.errors import DataError, NumberError, TooLarge
from fqi_theory.fates.phases.laws import laws
from fqi_theory.fates.phases.negative_mass import negative_mass, weights_at
from fqi_theory.fates.phases.structure import structure
from fqi_theory.fates.phases.uniform import additive_mass, krawtchouk, order_mass


def q(text):
    return ft.exact(text)


TABLE = [
    (2, 2, 1, "1/4", "2/3", "4/5"),
    (2, 2, 2, "0", "1", "1"),
    (2, 3, 1, "4/9", "9/17", "9/13"),
    (3, 2, 1, "1/4", "2/3", "4/5"),
    (3, 2, 2, "3/8", "4/7", "8/11"),
    (3, 2, 3, "0", "1", "1"),
    (3, 3, 1, "16/27", "27/59", "27/43"),
    (3, 3, 2, "8/9", "9/25", "9/17"),
    (4, 2, 1, "7/16", "8/15", "16/23"),
    (4, 2, 2, "5/8", "4/9", "8/13"),
    (4, 2, 3, "7/16", "8/15", "16/23"),
    (4, 10, 1, "19683/10000", "5000/24683", "10000/29683"),
    (4, 10, 2, "12393/2500", "1250/13643", "2500/14893"),
    (4, 10, 3, "45927/10000", "5000/50927", "10000/55927"),
]


@pytest.mark.parametrize(("n", "a", "k", "mass", "converges", "bounded"), TABLE)
def test_the_table_of_the_theory(n, a, k, mass, converges, bounded):
    found = ft.phases(agents=n, actions=a, factorization=f"additive:{k}")
    assert (found.negative_mass, found.converges_below, found.bounded_below) == (q(mass), q(converges), q(bounded))


ROUNDED = {(5, 5): (0.433, 0.213, 0.138, 0.169, 1), (6, 4): (0.445, 0.203, 0.123, 0.107, 0.153, 1)}


@pytest.mark.parametrize("shape", ROUNDED)
def test_rounded_thresholds_by_order(shape):
    for k, expected in enumerate(ROUNDED[shape], 1):
        below = 1 / (1 + order_mass(*shape, k))
        assert abs(int(below.p) / int(below.q) - expected) < 5e-4


def test_where_the_two_state_mass_is_attained():
    found = ft.phases(agents=2, actions=2)
    assert found.to_json() == {
        "format": "phases/1",
        "class": "linear",
        "data": {"kind": "uniform"},
        "agents": 2,
        "actions": [2, 2],
        "negative_mass": "1/4",
        "converges_below": "2/3",
        "bounded_below": "4/5",
        "attained": {"state": None, "action": [0, 0], "negative": [[1, 1]]},
        "model": None,
    }


def mass_of(marginals, name):
    return ft.phases(
        actions=[len(own) for own in marginals], factorization=name, data=as_source(marginals)
    ).negative_mass


@given(product_data(), st.integers(1, 3))
def test_product_data_equal_brute_force(marginals, order):
    counts = tuple(map(len, marginals))
    expected = oracle.negative_mass(counts, oracle.product_weight(marginals), oracle.sets_up_to(len(counts), order))
    found = ft.phases(actions=counts, factorization=f"additive:{order}", data=as_source(marginals))
    assert oracle.fraction(found.negative_mass) == expected
    row = oracle.fit_weights(counts, oracle.product_weight(marginals), oracle.sets_up_to(len(counts), order))[
        found.action
    ]
    assert sum(max(Fraction(0), -w) for w in row.values()) == expected
    assert list(found.negative_set) == [b for b, w in row.items() if w < 0]


GRAPHS = [
    ("graph:0-1", [(0, 1), (2,)]),
    ("graph:0-1,1-2", [(0, 1), (1, 2)]),
    ("graph:0-1,1-2,0-2", [(0, 1), (1, 2), (0, 2)]),
]


@pytest.mark.parametrize(("name", "sets"), GRAPHS)
@given(marginals=product_data(((2, 2, 2), (2, 3, 2))))
def test_graphs_equal_brute_force(name, sets, marginals):
    counts = tuple(map(len, marginals))
    expected = oracle.negative_mass(counts, oracle.product_weight(marginals), sets)
    assert oracle.fraction(mass_of(marginals, name)) == expected


@given(st.data(), st.sampled_from([(2, 2), (2, 3), (2, 2, 2)]), st.integers(1, 3))
def test_correlated_data_equal_brute_force(data, counts, order):
    joint = list(product(*map(range, counts)))
    weight = dict(zip(joint, data.draw(fractions(len(joint))), strict=True))
    table = np.array([str(weight[a]) for a in joint], dtype=object).reshape((1, *counts))
    found = ft.phases(actions=counts, factorization=f"additive:{order}", data=ft.correlated(table))
    assert oracle.fraction(found.negative_mass) == oracle.negative_mass(
        counts, weight, oracle.sets_up_to(len(counts), order)
    )


@given(product_data(((2, 2, 2), (2, 3))), st.integers(1, 2))
def test_a_product_table_given_as_joint_data_is_the_same(marginals, order):
    weight = oracle.product_weight(marginals)
    table = np.array(list(map(str, weight.values())), dtype=object).reshape((1, *map(len, marginals)))
    name = f"additive:{order}"
    assert ft.phases(actions=table.shape[1:], factorization=name, data=ft.correlated(table)).negative_mass == mass_of(
        marginals, name
    )


@given(product_data(), st.integers(1, 3))
def test_a_row_of_weights_sums_to_one(marginals, order):
    kind = structure(f"additive:{order}", len(marginals))
    (law,) = laws(as_source(marginals), tuple(map(len, marginals)))
    weights = weights_at(kind, law, (0,) * len(marginals))
    assert weights.sum() == 1


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("a", range(1, 6))
def test_closed_forms_of_uniform_data_agree(n, a):
    assert additive_mass(n, a) == order_mass(n, a, 1) == ft.phases(agents=n, actions=a).negative_mass
    for k in range(1, n + 1):
        assert ft.phases(agents=n, actions=a, factorization=f"additive:{k}").negative_mass == order_mass(n, a, k)


def test_few_agents_of_many_actions():
    for n, a in ((2, 5), (3, 4), (5, 7)):
        assert additive_mass(n, a) == (n - 1) * fmpq(a - 1, a) ** n
        assert order_mass(n, a, n - 1) == fmpq(a - 1, a) ** n * (2 ** (n - 1) - 1)
    for a, b in ((2, 3), (4, 7)):
        assert ft.phases(actions=(a, b)).negative_mass == (1 - fmpq(1, a)) * (1 - fmpq(1, b))


def test_two_actions_come_in_pairs_of_agents():
    """With two actions three agents are as safe as two, and five as four."""
    assert [additive_mass(n, 2) for n in (2, 4, 6)] == [additive_mass(n, 2) for n in (3, 5, 7)]


def test_krawtchouk_is_the_coefficient_of_its_generating_function():
    for x in range(5):
        polynomial = np.poly1d([1])
        for j in range(4):
            polynomial *= np.poly1d([-1, 1]) if j < x else np.poly1d([2, 1])
        if x <= 4:
            assert [krawtchouk(k, x, 4, 3) for k in range(5)] == [round(c) for c in polynomial.c[::-1]]


def test_hundreds_of_agents_are_exact():
    same = ft.phases(agents=200, actions=10)
    marginals = [
        [[f"{1 + (i + x) % (3 + i % 4)}/{sum(1 + (i + y) % (3 + i % 4) for y in range(10))}" for x in range(10)]]
        for i in range(200)
    ]
    mixed = ft.phases(agents=200, actions=10, data=ft.product(marginals))
    assert same.negative_mass == additive_mass(200, 10)
    assert same.negative_mass < mixed.negative_mass < 199


def test_work_grows_with_the_number_of_agents_and_not_of_joint_actions():
    lines = []
    for agents in (50, 100):
        with counted() as done:
            ft.phases(agents=agents, actions=10)
        lines.append(done.lines)
    assert lines[1] <= 4.2 * lines[0]


@given(product_data(((2, 2), (3, 3), (2, 2, 2), (2, 3, 4), (2, 2, 2, 2))), st.data())
def test_rarer_is_worse(marginals, data):
    """Moving mass away from an agent's rarest action raises ν of the additive class; uniform data have the least."""
    i = data.draw(st.integers(0, len(marginals) - 1))
    own = list(marginals[i])
    rarest = own.index(min(own))
    moved = own[rarest] * Fraction(1, 3)
    own[rarest] -= moved
    own[(rarest + 1) % len(own)] += moved
    before, after = mass_of(marginals, "linear"), mass_of([*marginals[:i], own, *marginals[i + 1 :]], "linear")
    flat = mass_of([[Fraction(1, len(m))] * len(m) for m in marginals], "linear")
    assert flat <= before <= after < len(marginals) - 1


def test_fewer_explorations_are_worse_on_policy():
    found = [ft.phases(agents=3, actions=2, data=ft.epsilon_greedy(e)) for e in ("1", "1/2", "1/10", "1/100")]
    assert all(a.negative_mass < b.negative_mass < 2 for a, b in pairwise(found))
    assert all(f.converges_below is None for f in found)
    assert found[3].negative_mass == 2 * q("199/200") ** 3
    assert found[0].negative_mass == additive_mass(3, 2)


@given(st.sampled_from([(2, 2), (2, 3), (2, 2, 2)]), st.integers(1, 2), st.sampled_from(["1/10", "1/2"]))
def test_every_greedy_action_has_the_same_mass(counts, order, epsilon):
    e = Fraction(epsilon)
    sets = oracle.sets_up_to(len(counts), order)
    masses = set()
    for greedy in product(*map(range, counts)):
        own = [[(1 - e) * (x == g) + e / c for x in range(c)] for g, c in zip(greedy, counts, strict=True)]
        masses.add(oracle.negative_mass(counts, oracle.product_weight(own), sets))
    found = ft.phases(actions=counts, factorization=f"additive:{order}", data=ft.epsilon_greedy(epsilon))
    assert masses == {oracle.fraction(found.negative_mass)}


@pytest.mark.parametrize(
    ("actions", "epsilon", "known"),
    [
        ((2, 2), "99/100", True),
        ((2,) * 4, "2/3", True),
        ((2,) * 4, "67/100", False),
        ((2,) * 4, "1", True),
        ((3,) * 4, "99/100", True),
        ((2, 9, 9, 9), "3/4", False),
        ((2, 2, 1, 1), "99/100", True),
    ],
)
def test_on_policy_divergence_from_the_bound_on_is_said_where_it_is_derived(actions, epsilon, known):
    data = ft.epsilon_greedy(epsilon)
    found = ft.phases(actions=actions, data=data)
    assert found.attained_from_there == known
    near = found.bounded_below + (1 - found.bounded_below) / 100
    made = ft.witness(actions=actions, data=data, discount=near)
    assert made.exists
    assert ("let `decide` certify it" in made.reason) == (not known)


def test_classes_without_negative_mass():
    for name in ("joint", "igm", "qplex", ft.joint, ft.igm):
        found = ft.phases(agents=3, actions=3, factorization=name)
        assert (found.negative_mass, found.bounded_below, found.negative_set) == (0, 1, ())
    assert ft.phases(agents=1, actions=4).negative_mass == 0


REFUSED = [
    ({"agents": 2, "actions": 2, "factorization": "monotonic"}, "not linear in y"),
    ({"agents": 2, "actions": 2, "factorization": "additive:0"}, "K >= 1"),
    ({"agents": 2, "actions": 2, "factorization": "additive:x"}, "K >= 1"),
    ({"agents": 2, "actions": 2, "factorization": "graph:0-2"}, "agents 0..1"),
    ({"agents": 2, "actions": 2, "factorization": "graph:0-0"}, "twice"),
    ({"agents": 2, "actions": 2, "factorization": "cubic"}, "expected linear"),
    ({"agents": 2}, "expected a model"),
    ({"actions": 2}, "expected a model"),
    ({"agents": 3, "actions": (2, 2)}, "one number for each of 3"),
    ({"agents": 2, "actions": 0}, "actions: expected at least 1, found 0"),
    ({"agents": 2, "actions": "2"}, r"actions: expected a whole number, found '2' \(str\)"),
    ({"agents": "2", "actions": 2}, r"agents: expected a whole number, found '2' \(str\)"),
    ({"agents": 2.5, "actions": 2}, "agents: expected a whole number, found 2.5"),
    ({"actions": [2, "x"]}, r"actions: expected a whole number, found 'x' \(str\)"),
    ({"actions": []}, "actions: expected at least one agent, found none"),
    ({"agents": 2, "actions": 2, "data": ft.epsilon_greedy(0)}, "agent 1 never plays action 1"),
    ({"agents": 2, "actions": 2, "data": ft.product([[["1", "0"]], [["1/2", "1/2"]]])}, "agent 1 never plays action 1"),
    ({"agents": 2, "actions": 2, "data": ft.product([[["1/2", "1/2"]]])}, "one table for each of 2"),
    ({"agents": 1, "actions": 2, "data": ft.product([[["1/2", "1/3"]]])}, "marginals of agent 1 at state 0"),
    ({"agents": 1, "actions": 3, "data": ft.product([[["1/2", "1/2"]]])}, "expected shape"),
    ({"agents": 2, "actions": 2, "data": ft.correlated([[["1/2", "1/2"], ["0", "0"]]])}, "determine 2 of 3 dimensions"),
    (
        {"agents": 2, "actions": 2, "data": ft.correlated([[["1/2", "1/2"], ["0", "0"]]]), "factorization": "joint"},
        "2 of 4",
    ),
]


@pytest.mark.parametrize(("given_", "message"), REFUSED)
def test_what_is_refused(given_, message):
    with pytest.raises(DataError, match=message):
        ft.phases(**given_)


def test_floats_and_sizes_are_refused():
    with pytest.raises(NumberError):
        ft.phases(agents=1, actions=2, data=ft.product([[[0.5, 0.5]]]))
    with pytest.raises(NumberError, match="exact model"):
        ft.phases(ft.load("two-state").to_float())
    with pytest.raises(TooLarge):
        ft.phases(agents=40, actions=3, factorization="graph:" + ",".join(f"{i}-{i + 1}" for i in range(39)))
    with pytest.raises(TooLarge):
        negative_mass(structure("additive:20", 60), (*[(q("1/3"), q("2/3"))] * 59, (q("1/5"), q("4/5"))))
    with pytest.raises(NumberError, match="discount in"):
        ft.phases(agents=2, actions=2).remedies(1)
    with pytest.raises(DataError, match="a model has its own"):
        ft.phases(ft.load("two-state"), agents=2, actions=2)
