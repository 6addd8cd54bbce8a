"""What the checker leaves out of rows of many states changes nothing: reports are those of the way of few states."""

import json
import random
import sys

import pytest
from documents import UNIFORM, document, egreedy, mmdp
from handmade import CERTIFICATES, certificate
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutants

from proofs_check.certificates.kept import kept
from proofs_check.checker import check
from proofs_check.checker.budget import LONG, Work
from proofs_check.checker.narrow import Narrow

FEW, MANY = 10**9, 0
FITTED = [own for own in kept() if own.document()["factorization"] not in ("monotonic", "igm")]


def read_as(states, subject):
    """The report of a certificate, its model taken for one of few or of many states."""
    modules = [m for name, m in sys.modules.items() if name.startswith("proofs_check.checker") and hasattr(m, "LONG")]
    assert len(modules) >= 3
    with pytest.MonkeyPatch.context() as patch:
        for module in modules:
            patch.setattr(module, "LONG", states)
        return check(subject)


@pytest.mark.parametrize("name", CERTIFICATES)
def test_small_models_may_be_taken_for_large_ones(name):
    subject = certificate(name)
    assert read_as(MANY, subject) == read_as(FEW, subject)


@pytest.mark.parametrize("own", FITTED, ids=lambda own: own.name)
def test_kept_certificates_may_be_taken_for_those_of_many_states(own):
    subject = own.document()
    assert read_as(MANY, subject) == read_as(FEW, subject)


def test_changed_certificates_are_refused_alike():
    rng = random.Random(0)
    for name in ("off-policy cycle", "on-policy limit", "contraction"):
        every = list(mutants(certificate(name)))
        for changed in rng.sample(every, 40):
            assert read_as(MANY, changed) == read_as(FEW, changed)


def chain(states, data):
    """A chain of states that ends where nothing is won: on its limit after as many steps."""
    gamma, model = 0.5, mmdp("chain", "1/2", (2, 2), states, lambda s, a: step(s, a, states))
    zero = [[0, 0]] * states
    values = [0.0] * states
    for s in reversed(range(states - 1)):
        values[s] = 1 + gamma * values[s + 1]
    numbers = [str(int(v * 2**60)) + f"/{2**60}" for v in values]
    claim = {"fate": "converges", "greedy": zero} | dict.fromkeys(
        ("values", "optimal_values", "policy_values"), numbers
    )
    proof = {
        "kind": "region", "prefix": states - 1, "origin": numbers, "modes": [zero], "entry": zero, "directions": [],
        "reference": 0, "widths": [], "growth": None,
    }  # fmt: skip
    return document(model, data, claim, proof)


def step(s, _, states):
    """All joint actions do the same, so that every fit is exact."""
    return (0, {s: 1}) if s == states - 1 else (1, {s + 1: 1})


@pytest.mark.parametrize("data", [UNIFORM, egreedy("1/10")], ids=["uniform", "on-policy"])
def test_chains_on_their_limit_need_no_direction(data):
    subject = chain(LONG + 8, data)
    report = check(subject)
    assert report.accepted, report.reason
    assert report == read_as(FEW, subject)
    sooner = json.loads(json.dumps(subject))
    sooner["proof"]["prefix"] -= 1
    assert "not a combination" in check(sooner).reason


@given(st.lists(st.lists(st.integers(-2, 2), min_size=5, max_size=5), min_size=1, max_size=4))
def test_columns_that_are_left_out_come_back(rows):
    rows = list(map(tuple, rows))
    narrow = Narrow.of(rows, Work())
    assert narrow.widened(narrow.rows, Work()) == rows
    values = (7, 11, 13, 17, 19)
    assert [sum(x * v for x, v in zip(row, values, strict=True)) for row in rows] == [
        sum(x * v for x, v in zip(row, narrow.taken(values), strict=True)) for row in narrow.rows
    ]


@pytest.mark.parametrize("bits", [1, 200])
def test_scales_that_have_nothing_in_common_stay_apart(bits):
    """Rewards over a prime a state: over one scale numbers would be as long as there are states."""
    primes = [p for p in range(3, 400) if all(p % q for q in range(2, p))][: LONG + 4]
    size, power = len(primes), bits // 8 + 1

    def entry(s, a):
        return f"{sum(a)}/{primes[s] ** power}", {min(s + 1, size - 1): 1}

    model = mmdp("apart", "1/2", (2, 2), size, entry)
    zero, ones = ["0"] * size, [[1, 1]] * size
    claim = {"fate": "converges", "values": zero, "greedy": ones, "optimal_values": zero, "policy_values": zero}
    subject = document(model, egreedy("1/2"), claim, {"kind": "region", **around(size, ones)})
    assert read_as(MANY, subject) == read_as(FEW, subject)


def around(size, modes):
    return {
        "prefix": 3, "origin": ["0"] * size, "modes": [modes], "entry": modes, "directions": None, "reference": 0,
        "widths": ["1"] * (size - 1), "growth": None,
    }  # fmt: skip
