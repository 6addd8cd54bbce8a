"""Hostile certificates: the checker never raises, and its time is bounded by its budget, whatever the numbers."""

import json
import math
import random
import sys
import time
from fractions import Fraction as F
from functools import cache

import pytest
from documents import UNIFORM, document, egreedy, mmdp
from handmade import CERTIFICATES, certificate, edit
from mutants import mutants

from proofs_check.checker import budget, check, verdict
from proofs_check.checker.monotone import every_fit

#: One unit of work stands for so many seconds.
UNIT = 1e-8
FACTOR = 3
#: Seconds of one process that the clock and the start of Python's own caches may take.
GRACE = 0.05
BUDGET = 50_000_000


class Spent(budget.Work):
    """A budget that can be read after a check."""

    last = None

    def __init__(self):
        super().__init__()
        Spent.last = self


@pytest.fixture
def measured(monkeypatch):
    """Return units and seconds of processor time of one check within BUDGET."""
    monkeypatch.setattr(budget, "MAX_WORK", BUDGET)
    monkeypatch.setattr(verdict, "Work", Spent)

    def run(subject):
        start = time.process_time()
        report = check(subject)
        seconds = time.process_time() - start
        return report, BUDGET - Spent.last.left, seconds

    return run


@cache
def slowness():
    """How much slower than the nominal unit this machine is now: a gcd of 30,000 bits, and short arithmetic."""
    rng = random.Random(0)
    above, below = (rng.getrandbits(30_000) | 1 for _ in range(2))
    short = [F(k, k + 1) for k in range(1, 1_000)]

    def fastest(task, units):
        times = []
        for _ in range(5):
            start = time.process_time()
            task()
            times.append(time.process_time() - start)
        return min(times) / (units * UNIT)

    long = fastest(lambda: math.gcd(above, below), budget.gcd_cost(30_000, 30_000))
    return max(1, long, fastest(lambda: [x * x for x in short], 150 * len(short)))


def digits(count, rng):
    return "".join(rng.choices("123456789", k=count))


def chances(states, length, rng):
    weights = [int(digits(length, rng)) for _ in range(states)]
    return {s: F(w, sum(weights)) for s, w in enumerate(weights)}


def still(states, sizes=(2, 2), reward=0, discount="1/2"):
    return mmdp("still", discount, sizes, states, lambda s, _: (reward, {s: 1}))


def stated(model, data=UNIFORM, **proof):
    """The limit 0 claimed, with a proof by contraction unless another one is given."""
    states, agents = len(model["states"]), len(model["actions"])
    zero, none = ["0"] * states, [[0] * agents] * states
    claim = {"fate": "converges", "values": zero, "greedy": none, "optimal_values": zero, "policy_values": zero}
    contraction = {"kind": "contraction", "weights": ["1"] * states, "factor": "1/2"}
    return document(model, data, claim, proof or contraction)


def around(states, agents=2, **changes):
    none = [[0] * agents] * states
    return {
        "kind": "region", "prefix": 0, "origin": ["0"] * states, "modes": [none], "entry": none, "directions": None,
        "reference": 0, "widths": ["1"] * (states - 1), "growth": None, **changes,
    }  # fmt: skip


def correlated(size, length, rng):
    weights = [int(digits(length, rng)) for _ in range(size * size)]
    rows = [[f"{w}/{sum(weights)}" for w in weights[k * size : (k + 1) * size]] for k in range(size)]
    return {"kind": "joint", "joint": [rows]}


def discounted(length):
    """Found by review: each entry of the model is reduced by a gcd as long as the discount."""
    rng = random.Random(length)
    discount = f"{digits(length, rng)}/1{digits(length, rng)}"
    return stated(mmdp("discounted", discount, (4, 4), 2, lambda *_: (0, chances(2, 2, rng))))


def fractions(count, length, rng):
    return [f"{digits(length, rng)}/1{digits(length, rng)}" for _ in range(count)]


def rounded(states, widths, steps):
    """Found by an audit: the widths were added up in every phase, for nothing."""
    none = [[0]] * states
    return around(states, 1, widths=[f"9{w}" for w in widths], modes=[none] * steps, precision=1)


def hostile():
    rng = random.Random(0)
    modes = certificate("off-policy cycle")["proof"]["modes"]
    moving = mmdp("moving", "9/10", (3, 3), 8, lambda s, a: (s - a[0], chances(8, 1, rng)))
    long = mmdp("long", "9/10", (3, 3), 6, lambda *_: (0, chances(6, 2_000, rng)))
    return {
        "discount": discounted(18_999),
        "probabilities": stated(long),
        "rewards": stated(still(3, (3, 3), f"1/{digits(2_000, rng)}")),
        "exponents": stated(still(2, (8, 8), "1e-9999")),
        "prefix": edit("on-policy limit", ["proof", "prefix"], 3_000),
        "prefix of growth": edit("geometric growth", ["proof", "prefix"], 3_999_999),
        "prefix of a random model": stated(moving, **around(8, prefix=1_000)),
        "modes": edit("off-policy cycle", ["proof", "modes"], modes * 5_000),
        "many directions": stated(still(40), **around(40, directions=[fractions(40, 5, rng) for _ in range(39)])),
        "long directions": stated(still(6), **around(6, directions=[fractions(6, 500, rng) for _ in range(5)])),
        "many states": stated(still(60), **around(60)),
        "origin": stated(still(20), **around(20, origin=fractions(20, 1_000, rng))),
        "widths": stated(still(8), **around(8, widths=fractions(7, 1_000, rng))),
        "widths, rounded": stated(still(6, (1,)), **rounded(6, fractions(5, 4_000, rng), 300)),
        "prefix, rounded": stated(still(1, (1,)), **around(1, 1, prefix=20_000, precision=1)),
        "modes, rounded": stated(still(1, (1,)), **around(1, 1, precision=1, modes=[[[0]]] * 5_000)),
        "precision": stated(still(20), **around(20, prefix=5, precision=10_000)),
        "weights": stated(still(9), kind="contraction", weights=fractions(9, 9_000, rng), factor="1/2"),
        "correlated data": stated(still(1, (4, 4)), correlated(4, 300, rng)),
        "wide correlated data": stated(still(1, (12, 12)), correlated(12, 3, rng)),
        "ten agents": stated(still(1, (2,) * 10)),
        "epsilon": stated(still(2, (3, 3)), egreedy(fractions(1, 5_000, rng)[0]), **around(2, prefix=9)),
    }


HOSTILE = hostile()


@pytest.mark.slow
@pytest.mark.parametrize("case", HOSTILE)
def test_time_is_bounded_by_the_budget(case, measured, tmp_path):
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(HOSTILE[case]))
    _, units, seconds = measured(path)
    assert seconds <= FACTOR * slowness() * units * UNIT + GRACE


@pytest.mark.slow
@pytest.mark.parametrize(("cells", "bits", "times"), [(1, 3, 10_000), (2, 3, 10_000), (2, 10_000, 100), (2, 66_000, 8)])
def test_monotone_fits_are_paid_for(cells, bits, times):
    """Found by an audit: the charge grew with the length of numbers, the time with its square; short fits were free."""
    rng = random.Random(bits)
    targets, weights = ([rng.getrandbits(bits) | 1 for _ in range(cells)] for _ in range(2))
    work = budget.Work()
    start = time.process_time()
    for _ in range(times):
        every_fit((cells,), targets, tuple(weights), work)
    seconds = time.process_time() - start
    assert seconds <= FACTOR * slowness() * (budget.MAX_WORK - work.left) * UNIT + GRACE


@pytest.mark.slow
def test_integers_of_a_file_are_paid_for(measured, tmp_path):
    """Before any shape is known: 400 numbers of 20,000 digits."""
    path = tmp_path / "integers.json"
    path.write_text(f"[{','.join(['9' * 20_000] * 400)}]")
    report, _, seconds = measured(path)
    assert "too much work" in report.reason
    assert seconds <= FACTOR * slowness() * BUDGET * UNIT + GRACE


def test_gcds_of_long_numbers_are_paid_for(monkeypatch):
    """A gcd grows with the square of the digits, so the charge of a model whose discount is that long is no line."""
    monkeypatch.setattr(verdict, "Work", Spent)

    def units(length):
        assert "too much work" not in check(discounted(length)).reason
        return budget.MAX_WORK - Spent.last.left

    assert 2.6 <= units(16_000) / units(8_000) <= 4.2


def test_one_agent_of_many_actions_costs_what_its_numbers_do(monkeypatch):
    """Found by use: 300 actions took minutes, though each unknown of their normal equations meets but one other."""
    monkeypatch.setattr(verdict, "Work", Spent)

    def units(actions):
        assert check(stated(still(1, (actions,)))).accepted
        return budget.MAX_WORK - Spent.last.left

    assert units(160) / units(80) <= 4.2


@pytest.mark.parametrize(("kind", "rate"), [("geometric", "factor"), ("linear", "increment")])
def test_long_rates_of_growth(kind, rate):
    """Found by review: Python refuses to print integers of more than 4,300 digits, and the statement named the rate."""
    doc = certificate(f"{kind} growth")
    less = F(doc["claim"]["growth"][rate]) - F(1, 10**50) / 10**5_000
    doc["proof"]["growth"][rate] = doc["claim"]["growth"][rate] = exactly(less)
    report = check(doc)
    assert report.accepted, report.reason
    assert "a long Fraction" in report.statement


def exactly(number):
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return str(number)
    finally:
        sys.set_int_max_str_digits(limit)


LONG = ["9" * 5_000, f"-1/{'7' * 5_000}", f"{'3' * 5_000}/{'7' * 4_999}", 10**5_000, -(10**5_000), "1e9999", "1e-9999"]


def leaves(node, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield path
    for key, value in items or ():
        yield from leaves(value, (*path, key))


@pytest.mark.parametrize("name", CERTIFICATES)
def test_long_numbers_anywhere(name, monkeypatch):
    """Each leaf replaced by a long number: a verdict, never an exception, in the time that the budget allows."""
    monkeypatch.setattr(budget, "MAX_WORK", BUDGET)
    rng = random.Random(name)
    for path in leaves(certificate(name)):
        report = check(edit(name, list(path), rng.choice(LONG)))
        assert report.accepted == (not report.reason)


def test_a_low_limit_of_python_does_not_matter():
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        reports = [check(mutant) for mutant in list(mutants(certificate("geometric growth")))[::7]]
        reports += [check(discounted(700)), check(edit("contraction", ["proof", "factor"], 10**5_000))]
    finally:
        sys.set_int_max_str_digits(limit)
    assert {report.accepted for report in reports} == {False, True}
