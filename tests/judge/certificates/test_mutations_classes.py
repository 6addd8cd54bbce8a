"""Changes of certificates of QMIX, weighted QMIX and the classes that choose jointly: refused, or still true.

As test_mutations, whose changes these are, but here oracles alone decide what is true: `QmixOracle` tries every tuple
of orders, `certificate_oracle` projects orthogonally. A sample of SAMPLE changes a certificate is tried; with
`FQI_MUTATIONS=all` in the environment (and pytest's -s) all of them, more than 10,000, and it says how many.
"""

import copy
import os
import random
from collections import Counter

import pytest
import qmix_oracle
from certificate_oracle import assert_true as assert_class_true
from mutants import carried, judged, mutants, parent

import fqi_theory as ft
from proofs_check.certificates.kept import kept
from proofs_check.checker import check

pytestmark = pytest.mark.slow

ALL = os.environ.get("FQI_MUTATIONS") == "all"
SAMPLE, LEAST = 60, 10_000
TRIED: Counter[bool] = Counter()
SMALL = "random(seed={},states=2,actions={},discount=1/2)"


def decided(model, factorization=ft.monotonic, data=None, ties="first"):
    return ft.decide(model, factorization=factorization, data=data, ties=ties).certificate


def kept_ones():
    """The kept certificates of these kinds whose runs are short."""
    names = [
        "two-state-correlated",
        "pairwise",
        "qmix-cycle-2",
        "qmix-cycle-3",
        "qmix-tied-first",
        "qmix-tied-last",
        "qmix-central",
    ]
    return {one.name: one.document for one in kept() if one.name in names}


E10 = ft.epsilon_greedy("1/10")
EXPLORING = ft.epsilon_greedy("1/3", exploring=[[["1/4", "3/4"], ["1/2", "1/2"]], [["2/3", "1/3"]] * 2])
SUBJECTS = {
    **kept_ones(),
    "qmix on-policy": lambda: decided(SMALL.format(4, "2x2"), data=E10),
    "qmix, three agents": lambda: decided("random(seed=4,states=1,actions=2x2x2,discount=1/2)"),
    "qmix, three actions": lambda: decided("random(seed=2,states=1,actions=3x2,discount=1/2)", ties="last"),
    "optimistic": lambda: decided(SMALL.format(1, "2x2"), data=ft.optimistic("1/10")),
    "optimistic on-policy": lambda: decided(SMALL.format(3, "2x2"), data=ft.optimistic("1/2", E10)),
    "central": lambda: decided(SMALL.format(4, "2x2"), data=ft.central("1/10")),
    "central on-policy": lambda: decided(SMALL.format(7, "2x2"), data=ft.central("1/2", E10)),
    "additive:2": lambda: decided("random(seed=7,states=2,actions=2x2x2,discount=1/2)", ft.additive(2)),
    "graph": lambda: decided("random(seed=8,states=2,actions=2x2x2,discount=1/2)", ft.graph([(0, 1)]), E10),
    "joint": lambda: decided(SMALL.format(9, "2x2"), ft.joint),
    "additive:2, exploring": lambda: decided(SMALL.format(7, "2x2"), ft.additive(2), EXPLORING),
    "qmix, exploring": lambda: decided(SMALL.format(4, "2x2"), data=EXPLORING),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_single_changes(name):
    document, rng = SUBJECTS[name](), random.Random(name)
    true = qmix_oracle.assert_true if document["factorization"] == "monotonic" else assert_class_true
    changed = [*mutants(document), *carried(document, rng)]
    outcomes = judged(changed if ALL else rng.sample(changed, SAMPLE), true)
    TRIED.update(outcomes)
    assert outcomes[False] > outcomes[True]


FALSE = {
    "another limit": ("qmix-tied-first", ["claim", "values"], ["-62/27", "-3", "21/81"]),
    "the other tie rule": ("qmix-tied-first", ["ties"], "last"),
    "a cycle in reverse": ("qmix-cycle-3", ["claim", "orbit"], [["0", "44/21"], ["0", "20/7"], ["0", "12/7"]]),
    "a later time": ("qmix-cycle-3", ["proof", "prefix"], 8),
    "other weights": ("qmix-central", ["data", "alpha"], "1"),
    "another scheme's table": ("optimistic", ["claim", "tables", 0, 0, 0], "100"),
    "a higher rate": ("pairwise", ["claim", "growth", "factor"], "34/32"),
    "another optimum": ("qmix-central", ["claim", "optimal_values"], ["0", "5"]),
}


@pytest.mark.parametrize("case", FALSE)
def test_the_oracles_know_falsehoods(case):
    """Otherwise an oracle that nods at everything would pass."""
    name, path, value = FALSE[case]
    document = copy.deepcopy(SUBJECTS[name]())
    true = qmix_oracle.assert_true if document["factorization"] == "monotonic" else assert_class_true
    true(document)
    parent(document, path)[path[-1]] = value
    with pytest.raises(AssertionError):
        true(document)
    assert not check(document).accepted


@pytest.mark.skipif(not ALL, reason="FQI_MUTATIONS=all tries all changes")
def test_more_than_ten_thousand_changes():
    print(f"\n{sum(TRIED.values())} changes, {TRIED[True]} accepted and true, {TRIED[False]} refused")
    assert sum(TRIED.values()) >= LEAST
