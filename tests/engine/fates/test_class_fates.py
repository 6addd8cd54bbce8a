"""Fates under additive classes of higher order, graphs and the joint class: one chooser of joint actions."""

from itertools import product as pairs

import numpy as np
import pytest
from fates import accepted, distance, spread
from flint import fmpq

from fqi_theory.base.errors import DataError
from fqi_theory.data.sources import correlated, epsilon_greedy, uniform
from fqi_theory.factorization import igm, joint, linear
from fqi_theory.factorization.additive import additive, graph
from fqi_theory.fates import decide
from fqi_theory.model.catalog import load, random_model
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values

pytestmark = pytest.mark.slow

UNIFORM, TENTH, HALF = uniform(), epsilon_greedy("1/10"), epsilon_greedy("1/2")
SHAPES = [(2, 2), (3, 2), (2, 2, 2)]
DISCOUNTS = ["1/2", "9/10", "99/100"]


def small(seed):
    """Return a random model and a data source."""
    kind = "stochastic" if seed % 2 else "deterministic"
    model = random_model(seed, 2 + seed % 3, SHAPES[seed // 2 % 3], kind, DISCOUNTS[seed % 3])
    return model, [UNIFORM, TENTH, HALF][seed // 3 % 3]


@pytest.mark.parametrize("seed", range(12))
def test_order_one_has_the_fates_of_the_linear_class(seed):
    model, data = small(seed)
    own, other = (decide(model, data=data, factorization=fit) for fit in (additive(1), linear))
    assert (own.kind, own.period) == (other.kind, other.period)
    for mine, theirs in zip((*own.values, *own.greedy), (*other.values, *other.greedy), strict=True):
        assert (mine == theirs).all()


@pytest.mark.parametrize("seed", range(8))
def test_the_joint_class_and_the_full_order_have_the_optimum(seed):
    model, data = small(seed)
    best = decide(model, factorization=igm).values[0]
    for fit in (joint, additive(3)):
        fate = accepted(decide(model, data=data, factorization=fit))
        assert fate.optimal
        assert (fate.values[0] == best).all()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("fit", [additive(2), graph([(0, 1)]), graph([(0, 2), (1, 2)])], ids=lambda fit: fit.name)
def test_fates_agree_with_the_generic_iteration(seed, fit):
    """Three agents; 40 and more steps of the joint tables after the certificate's prefix."""
    model = random_model(seed, 2 + seed % 2, (2, 2, 2), ["deterministic", "stochastic"][seed % 2], DISCOUNTS[seed % 3])
    data = [UNIFORM, TENTH][seed // 3 % 2]
    fate = decide(model, data=data, factorization=fit)
    assert fate.kind not in ("bounded", "unknown"), fate.tried
    accepted(fate)
    period, prefix = fate.period or 1, fate.certificate["proof"].get("prefix", 0)
    last = prefix + 40 + -40 % period
    run = fitted_q_iteration(model, data=data, factorization=fit, iterations=last, method="generic")
    if fate.kind == "diverges":
        assert spread(run.values[last]) > spread(run.values[prefix])
    else:
        gaps = [distance(run.values[t], fate.values[0]) for t in (prefix, last)]
        assert gaps[1] < gaps[0] or gaps == [0, 0]
        assert data is UNIFORM or (run.greedy[last] == fate.greedy[0]).all()


@pytest.mark.parametrize(
    ("discount", "growth"),
    [
        ("3/4", {"kind": "geometric", "factor": "33/32", "steps": 1}),
        ("8/11", {"kind": "linear", "increment": "1", "steps": 1}),
        ("727/1000", None),
    ],
)
def test_pairwise_factors_diverge_where_additive_ones_converge(discount, growth):
    """1/(1+ν) = 8/11 for pairwise factors of three agents with two actions, 4/5 for additive ones."""
    model = load("pairwise", discount=discount)
    pairwise, every = additive(2), graph([(0, 1), (1, 2), (0, 2)])
    for fit in (pairwise, every):
        assert accepted(decide(model, factorization=fit)).growth == growth
    for fit in (linear, graph([(0, 1)]), joint):
        assert accepted(decide(model, factorization=fit)).kind == "converges"


def test_certificates_state_joint_policies():
    model = load("pairwise")
    document = decide(model, factorization=additive(2)).certificate
    assert document["factorization"] == "additive:2"
    assert np.array(document["proof"]["modes"]).shape == (1, 2, 3)
    assert np.array(document["proof"]["entry"]).shape == (2, 3)


def test_a_start_elsewhere():
    """Negative differences: (1,1,1) and the rest push V(s1) up too, so growth starts from every level."""
    model = load("pairwise")
    start = start_from_values(model, ["3", "-5/2"], np.array([[0, 1, 1], [1, 0, 1]]))
    assert accepted(decide(model, factorization=additive(2), initial=start)).kind == "diverges"


def test_correlated_data():
    weights = [[[["1/16", "3/16"], ["1/8", "1/8"]], [["1/16", "3/16"], ["1/16", "3/16"]]]] * 2
    fate = accepted(decide(load("pairwise"), data=correlated(weights), factorization=additive(2)))
    assert fate.kind in ("converges", "cycles", "diverges")


def test_data_that_leave_the_table_undetermined():
    weights = np.full((2, 2, 2, 2), fmpq(1, 7))
    for s in range(2):
        weights[s, 0, 0, 0] = fmpq(0)
    source = correlated(weights)
    assert accepted(decide(load("pairwise"), data=source, factorization=additive(2))).kind != "unknown"
    fate = decide(load("pairwise"), data=source, factorization=joint)
    assert "of the joint class undetermined in 2 of 2 states" in fate.tried[0]
    assert [one.action for one in fate.undetermined] == [(0, 0, 0)] * 2


def test_a_graph_of_other_agents_is_refused():
    with pytest.raises(DataError, match="agent 2"):
        decide(load("two-state"), factorization=graph([(1, 2)]))


@pytest.mark.parametrize(("fit", "data"), list(pairs([additive(2), joint], [UNIFORM, TENTH])))
def test_discount_zero(fit, data):
    fate = accepted(decide(load("pairwise", discount=0), data=data, factorization=fit))
    assert [str(x) for x in fate.values[0]] == ["0", "1"]
