"""Certificates of the classes whose joint action is chosen as a whole: additive of any order, graphs, joint tables.

The second implementation (`certificate_oracle`) decides whether what is accepted is true.
"""

import math
import random
from fractions import Fraction as F
from itertools import product

import pytest
from certificate_oracle import Oracle, assert_true
from documents import UNIFORM, VALIDATOR, document, egreedy, mmdp, two_state
from handmade import CERTIFICATES, certificate, edit, limit_certificate, region
from mutants import assert_accepted_are_true, mutants

from proofs_check.checker import check

pytestmark = pytest.mark.slow

THREE = (2, 2, 2)
#: Of the mutants, each of which the oracle may replay for 60 steps.
SHARE = 0.12


def pairwise_growth(discount):
    """Three agents, two actions: s1 is kept at the joint actions where the pairwise fit weighs (0, 0, 0) positively.

    The weight is (1 + e1 + e2)/8 of h agents that differ: 7/8, 1/8, -1/8, 1/8 for h = 0, 1, 2, 3. So V(s1) is
    multiplied by γ (7 + 3 + 1)/8 = 11 γ/8.
    """

    def entry(s, a):
        return (0, {0: 1}) if s == 0 else (int(a == (0, 0, 0)), {0: 1} if sum(a) == 2 else {1: 1})

    return mmdp("pairwise", discount, THREE, 2, entry)


def growing(discount, factorization, factor):
    zero = [[0, 0, 0]] * 2
    growth = {"minimum": "1/2", "fixed": [False], "factor": factor}
    proof = {
        "kind": "region", "prefix": 1, "origin": ["0", "0"], "modes": [zero], "entry": zero, "directions": None,
        "reference": 0, "widths": ["0"], "growth": growth,
    }  # fmt: skip
    claim = {"fate": "diverges", "growth": {"kind": "geometric", "factor": factor, "steps": 1}}
    return document(pairwise_growth(discount), UNIFORM, claim, proof, factorization)


def mixed():
    """Two states, three agents with 2, 2 and 3 actions; no term of the rewards is zero."""
    rows = {0: {0: "1/3", 1: "2/3"}, 1: {1: "1/2", 0: "1/2"}}
    return mmdp(
        "mixed",
        "1/3",
        (2, 2, 3),
        2,
        lambda s, a: (a[0] * a[1] - a[1] * a[2] + 2 * s * (a[0] == a[2]), rows[sum(a) % 2]),
    )


CONTRACTION = {"kind": "contraction", "weights": ["1", "1"], "factor": "2/3"}
CLASSES = {
    "pairwise growth": lambda: growing("3/4", "additive:2", "33/32"),
    "growth on a complete graph": lambda: growing("3/4", "graph:0-1,0-2,1-2", "33/32"),
    "pairwise limit": lambda: limit_certificate(mixed(), UNIFORM, CONTRACTION, "additive:2"),
    "graph limit": lambda: limit_certificate(mixed(), UNIFORM, CONTRACTION, "graph:0-2"),
    "joint limit": lambda: limit_certificate(
        two_state("9/10"), UNIFORM, {"kind": "contraction", "weights": ["1", "1"], "factor": "9/10"}, "joint"
    ),
    "pairwise cycle on-policy": lambda: region(
        mixed(), egreedy("1/2"), 30, 4, 4, ["1/100"], factorization="additive:2"
    ),
    "graph limit on-policy": lambda: region(
        mixed(), egreedy("1/10"), 30, 1, 1, ["1/100"], factorization="graph:0-1,1-2"
    ),
    "joint limit by a region": lambda: region(two_state("9/10"), UNIFORM, 9, 1, 1, ["5"], factorization="joint"),
}


@pytest.fixture(scope="module")
def made():
    return {name: build() for name, build in CLASSES.items()}


@pytest.mark.parametrize("name", CLASSES)
def test_accepts(name, made):
    report = check(made[name])
    assert report.accepted, report.reason
    assert f"{made[name]['factorization']} factorization, first joint action at ties" in report.statement
    VALIDATOR.validate(made[name])
    assert_true(made[name])


@pytest.mark.parametrize("name", CLASSES)
def test_accepted_mutants_are_true(name, made):
    rng = random.Random(name)
    assert_accepted_are_true((mutant for mutant in mutants(made[name]) if rng.random() <= SHARE), assert_true)


def test_pairwise_factors_diverge_where_additive_factors_cannot():
    """At γ = 3/4 the multiplier is exactly 33/32 for pairs; for single agents it is γ (4 + 3)/8 < 1."""
    assert "does not grow that much" in check(growing("3/4", "additive:2", "331/320")).reason
    assert "does not grow that much" in check(growing("8/11", "additive:2", "1000001/1000000")).reason
    assert not check(growing("3/4", "linear", "33/32")).accepted
    zero = ((0, 0, 0),) * 2
    assert Oracle(growing("3/4", "additive:2", "33/32")).piece(zero, zero)[1][1][1] == F(33, 32)


LINEAR = [name for name in CERTIFICATES if certificate(name)["factorization"] == "linear"]


@pytest.mark.parametrize("name", LINEAR)
def test_order_one_is_the_linear_class(name):
    """The product of the agents' first maximisers is the first joint maximiser: each statement holds word for word."""
    doc = edit(name, ["factorization"], "additive:1")
    assert_true(doc)
    report = check(doc)
    assert report.accepted, report.reason
    linear = check(certificate(name)).statement
    assert report.statement == linear.replace("linear factorization, first", "additive:1 factorization, first joint")


@pytest.mark.parametrize("name", ["joint limit", "joint limit by a region"])
@pytest.mark.parametrize("same", ["additive:2", "additive:7", "graph:0-1", "graph:1-0"])
def test_full_classes_are_the_joint_table(name, same, made):
    assert check({**made[name], "factorization": same}).accepted
    assert not check({**made[name], "factorization": "linear"}).accepted
    assert not check({**made[name], "factorization": "additive:1"}).accepted


def correlated(weights, sizes):
    def nested(own, rest):
        if not rest:
            return str(own[0])
        step = len(own) // rest[0]
        return [nested(own[k * step : (k + 1) * step], rest[1:]) for k in range(rest[0])]

    return {"kind": "joint", "joint": [nested(own, sizes) for own in weights]}


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("name", ["additive:2", "graph:0-2", "joint"])
def test_fit_agrees_with_projection(name, seed):
    """Random models, sizes and correlated data, γ small enough to contract: only the oracle's limit is accepted."""
    rng = random.Random(seed)
    states, sizes = rng.randint(1, 2), tuple(rng.randint(1, 3) for _ in range(3))

    def entry(_s, _a):
        weights = [rng.randint(0, 4) + (t == 0) for t in range(states)]
        return F(rng.randint(-9, 9), rng.randint(1, 5)), {t: F(w, sum(weights)) for t, w in enumerate(weights)}

    model = mmdp("random", "1/1000", sizes, states, entry)
    counts = [[rng.randint(1, 9) for _ in range(math.prod(sizes))] for _ in range(states)]
    data = correlated([[F(w, sum(own)) for w in own] for own in counts], sizes)
    proof = {"kind": "contraction", "weights": [1] * states, "factor": "1/2"}
    doc = limit_certificate(model, data, proof, name)
    assert check(doc).accepted, check(doc).reason
    doc["claim"]["values"][0] = str(F(doc["claim"]["values"][0]) + F(1, 10**9))
    assert not check(doc).accepted


def test_ties_go_to_the_first_joint_action():
    """Pairs fit (0,1) and (1,0) equally well; neither agent alone is tied."""
    model = mmdp("diagonal", 0, (2, 2), 1, lambda _, a: (int(a[0] != a[1]), {0: 1}))
    doc = limit_certificate(model, UNIFORM, {"kind": "contraction", "weights": [1], "factor": 0}, "additive:2")
    assert doc["claim"]["greedy"] == [[0, 1]]
    assert check(doc).accepted
    doc["claim"]["greedy"] = [[1, 0]]
    assert "other greedy actions" in check(doc).reason


def test_names_the_joint_action_that_may_be_chosen(made):
    doc = {**made["pairwise growth"]}
    doc["proof"] = {**doc["proof"], "modes": [[[0, 0, 0], [0, 0, 1]]]}
    assert "joint action [0, 0, 0] may be chosen instead of [0, 0, 1]" in check(doc).reason


NAMES = {
    "additive:0": "expected linear, igm, monotonic, joint",
    "additive:": "expected linear, igm, monotonic, joint",
    "additive:02": "expected linear, igm, monotonic, joint",
    "additive:2 ": "expected linear, igm, monotonic, joint",
    "additive:٢": "expected linear, igm, monotonic, joint",
    "graph:": "expected linear, igm, monotonic, joint",
    "graph:0": "expected linear, igm, monotonic, joint",
    "graph:0-1,": "expected linear, igm, monotonic, joint",
    "graph:0-0": "an agent occurs twice",
    "graph:0-3": "the model's agents are 0 to 2, found 3",
    "graph:0-999999": "the model's agents are 0 to 2, found 999999",
    "vdn": "expected linear, igm, monotonic, joint",
    "": "expected linear, igm, monotonic, joint",
}


@pytest.mark.parametrize("name", NAMES)
def test_refuses_names(name, made):
    report = check({**made["pairwise growth"], "factorization": name})
    assert NAMES[name] in report.reason


@pytest.mark.parametrize("name", [None, 2, ["linear"], {"additive": 2}, "graph:" + "0-1," * 400_000 + "0-1"])
def test_hostile_names(name, made):
    report = check({**made["pairwise growth"], "factorization": name})
    assert not report.accepted or report.statement


def test_many_sets_are_no_burden():
    """Every set of six of 64 agents that have one action: sets without end, but no function beside the constant."""
    model = mmdp("lonely", 0, (1,) * 64, 1, lambda *_: (0, {0: 1}))
    doc = limit_certificate(model, UNIFORM, {"kind": "contraction", "weights": [1], "factor": 0}, "joint")
    sets = ["-".join(map(str, sorted(random.Random(k).sample(range(64), 6)))) for k in range(20_000)]
    assert check({**doc, "factorization": "graph:" + ",".join(sets)}).accepted


@pytest.mark.parametrize("name", ["additive:2", "graph:0-1", "joint"])
def test_data_that_do_not_determine_the_fit(name):
    """Of four joint actions three have data: enough for single agents, not for pairs."""
    data = correlated([[F(1, 3), F(1, 3), F(1, 3), F(0)]] * 2, (2, 2))
    proof = {"kind": "contraction", "weights": [1, 1], "factor": "1/2"}
    doc = limit_certificate(two_state("1/10"), data, proof)
    assert check(doc).accepted
    assert "not determined" in check({**doc, "factorization": name}).reason


def test_no_optimality_for_fitted_classes(made):
    doc = {**made["joint limit"], "proof": {"kind": "optimality"}}
    assert "expected contraction or region" in check(doc).reason


@pytest.mark.parametrize("sizes", [(2, 2, 2), (3, 2), (1, 3, 2)])
def test_dimension(sizes):
    """The basis has Σ_T Π_{i in T} (|A_i| - 1) members."""
    from proofs_check.checker.budget import Work
    from proofs_check.checker.factorization import Factorization, columns
    from proofs_check.checker.model import Model

    model = Model("", F(0), sizes, tuple(product(*map(range, sizes))), [])
    for order in range(1, len(sizes) + 1):
        basis = columns(Factorization(f"additive:{order}", order, (), False), model, Work())
        supports = product((0, 1), repeat=len(sizes))
        within = [t for t in supports if sum(t) <= order]
        expected = sum(math.prod(size - 1 for size, used in zip(sizes, t, strict=True) if used) for t in within)
        assert len(basis.numbers) == expected
