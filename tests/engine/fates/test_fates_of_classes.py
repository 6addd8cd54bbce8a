"""Every class under every kind of data and both tie rules: certified, and not contradicted by the generic iteration."""

from itertools import product

import numpy as np
import pytest
from fates import accepted, distance, spread

import fqi_theory as ft
from fqi_theory.base.scalars import exact_array
from fqi_theory.model.catalog import random_model
from proofs_check.checker import check

pytestmark = pytest.mark.slow

CLASSES = [ft.linear, ft.additive(2), ft.graph([(0, 1)]), ft.joint, ft.igm, ft.monotonic]


def correlated(seed):
    """Joint weights of three agents with two actions in two states, none of them a product."""
    odds = np.random.default_rng(seed).integers(1, 7, (2, 2, 2, 2)).astype(object)
    return ft.correlated(exact_array(odds) / odds.reshape(2, -1).sum(axis=1).reshape(2, 1, 1, 1))


DATA = {"uniform": ft.uniform(), "ε-greedy": ft.epsilon_greedy("1/5"), "correlated": correlated(1)}


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("fit", CLASSES, ids=lambda fit: fit.name.rpartition(".")[2])
def test_every_class_data_and_tie_rule(fit, ties, data, seed):
    model = random_model(seed, 2, (2, 2, 2), "deterministic", "3/4")
    fate = accepted(ft.decide(model, data=DATA[data], factorization=fit, ties=ties))
    assert fate.certificate["ties"] == ties
    period, prefix = fate.period or 1, fate.certificate["proof"].get("prefix", 0)
    last = prefix + 24 + -24 % period
    run = ft.fitted_q_iteration(model, data=DATA[data], factorization=fit, ties=ties, iterations=last, method="generic")
    ends = run.values[prefix], run.values[last]
    if fate.kind == "diverges":
        assert spread(ends[1]) > spread(ends[0])
        return
    before, after = (distance(values, fate.values[0]) for values in ends)
    assert after < before or before == after == 0
    late = data == "ε-greedy" and fit is not ft.igm
    assert not late or (run.greedy[last] == fate.greedy[0]).all()


def tied(fit, ties):
    """Return the greedy joint action at the limit of one state without rewards."""
    model = ft.MMDP(np.zeros((1, 2, 2), dtype=int), np.zeros((1, 2, 2), dtype=int), "1/2", agents=2)
    return accepted(ft.decide(model, factorization=fit, ties=ties)).greedy[0].tolist()


@pytest.mark.parametrize("fit", CLASSES, ids=lambda fit: fit.name.rpartition(".")[2])
def test_where_all_actions_tie_the_rule_chooses(fit):
    assert [tied(fit, ties) for ties in ("first", "last")] == [[[0, 0]], [[1, 1]]]


@pytest.mark.parametrize(
    "fit", [ft.linear, ft.joint, ft.igm, ft.monotonic], ids=lambda fit: fit.name.rpartition(".")[2]
)
def test_certificates_do_not_hold_under_the_other_rule(fit):
    """On-policy, all actions of agent 2 twins: from one rule to the other its greedy action changes."""
    reward = [[[0, 0], [1, 1]]]
    model = ft.MMDP(reward, np.zeros((1, 2, 2), dtype=int), "1/2", agents=2)
    for data, (ties, other) in product(
        (ft.uniform(), ft.epsilon_greedy("1/2")), [("first", "last"), ("last", "first")]
    ):
        document = accepted(ft.decide(model, data=data, factorization=fit, ties=ties)).certificate
        assert not check({**document, "ties": other}).accepted


def test_correlation_moves_the_threshold():
    """Theorem 3's example: where the agents agree with probability 2/3 in s1, V(s1) is multiplied by 7γ/6, not 5γ/4."""
    weights = [[["1/6", "1/3"], ["1/3", "1/6"]], [["1/3", "1/6"], ["1/6", "1/3"]]]
    data = ft.correlated(exact_array(weights))
    fate = accepted(ft.decide(ft.load("two-state", discount="4/5"), data=data))
    assert (fate.kind, [str(x) for x in fate.values[0]]) == ("converges", ["0", "25/2"])
    fate = accepted(ft.decide(ft.load("two-state", discount="9/10"), data=data))
    assert fate.growth == {"kind": "geometric", "factor": "21/20", "steps": 1}
