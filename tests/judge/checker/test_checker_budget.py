"""Hostile certificates: the checker never raises, and its time is bounded by its budget, whatever the numbers.

No clock decides here: what a check does is counted, in lines of Python and in digits that gcds go through.
`python tests/hostile.py` measures the same certificates.
"""

import json
import math
import random
import sys
from collections import Counter
from contextlib import contextmanager
from fractions import Fraction as F

import counting
import pytest
from handmade import CERTIFICATES, certificate, edit
from hostile import BUDGET, HOSTILE, Spent, discounted, stated, still
from mutants import mutants

from proofs_check.checker import budget, check, verdict
from proofs_check.checker.monotone import every_fit

#: Units that one line of Python stands for, and pairs of digits of a gcd that one unit pays for.
LINE, PAIRS = 10, 7
FACTOR = 3
#: Units of work that a check may do before anything is charged.
GRACE = 1_000_000


@contextmanager
def counted(monkeypatch):
    """Count units: the lines of Python that are executed, and the digits of 30 bits of gcds, each with each."""
    gcd, pairs = math.gcd, Counter()

    def paid(first=0, *numbers):
        for number in numbers:
            pairs["gcd"] += (1 + first.bit_length() // 30) * (1 + number.bit_length() // 30)
            first = gcd(first, number)
        return abs(first)

    with monkeypatch.context() as patched, counting.counted() as done:
        patched.setattr(math, "gcd", paid)
        yield lambda: LINE * done.lines + pairs["gcd"] // PAIRS


@pytest.fixture
def units(monkeypatch, tmp_path):
    """Return the report of one check within BUDGET, the units that it did, and those that it was charged."""
    monkeypatch.setattr(budget, "MAX_WORK", BUDGET)
    monkeypatch.setattr(verdict, "Work", Spent)

    def run(text):
        path = tmp_path / "hostile.json"
        path.write_text(text)
        with counted(monkeypatch) as done:
            report = check(path)
        return report, done(), BUDGET - Spent.last.left

    return run


@pytest.mark.parametrize("case", HOSTILE)
def test_work_is_bounded_by_what_is_charged(case, units):
    _, done, charged = units(json.dumps(HOSTILE[case]))
    assert done <= FACTOR * charged + GRACE


def free(_, __):
    """The cost of short numbers, whatever the numbers."""
    return 12


def test_long_numbers_that_are_not_charged_are_seen(units, monkeypatch):
    """The law above can fail: long numbers cost what short ones do."""
    for module in [module for name, module in sys.modules.items() if name.startswith("proofs_check.checker")]:
        for cost in ("gcd_cost", "product_cost", "division_cost"):
            if hasattr(module, cost):
                monkeypatch.setattr(module, cost, free)
    _, done, charged = units(json.dumps(HOSTILE["origin"]))
    assert done > FACTOR * charged + GRACE


def test_steps_that_are_not_charged_are_seen(units, monkeypatch):
    """The law above can fail: a fifth is charged of each of many short steps."""
    spend = budget.Work.spend
    monkeypatch.setattr(budget.Work, "spend", lambda work, units: spend(work, units // 5))
    _, done, charged = units(json.dumps(HOSTILE["modes, rounded"]))
    assert done > FACTOR * charged + GRACE


def fitted(cells, bits, times):
    """Fit one agent's cells to random numbers of so many bits, so many times; return what was charged."""
    rng, work = random.Random(bits), budget.Work()
    targets, weights = ([rng.getrandbits(bits) | 1 << bits - 1 | 1 for _ in range(cells)] for _ in range(2))
    for _ in range(times):
        every_fit((cells,), targets, tuple(weights), work)
    return budget.MAX_WORK - work.left


@pytest.mark.parametrize("cells", [1, 2])
def test_short_monotone_fits_are_paid_for(cells, monkeypatch):
    """Found by an audit: short fits were free."""
    with counted(monkeypatch) as done:
        charged = fitted(cells, 3, 1_000)
    assert done() <= FACTOR * charged


def test_long_monotone_fits_are_paid_for():
    """Found by an audit: the charge grew with the length of numbers, the time of their gcds with its square."""
    assert 3.2 <= fitted(2, 64_000, 1) / fitted(2, 32_000, 1) <= 4.2


def test_integers_of_a_file_are_paid_for(units):
    """Before any shape is known: 400 numbers of 20,000 digits."""
    report, _, charged = units(f"[{','.join(['9' * 20_000] * 400)}]")
    assert "too much work" in report.reason
    assert charged > BUDGET


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
