"""The bounded run that approaches no cycle: the numbers, the argument's premises, and what breaks them."""

from fractions import Fraction as F

import pytest

from fqi_theory.data.sources import product
from fqi_theory.fates import Effort, decide
from fqi_theory.model.catalog import load
from fqi_theory.runs.iteration import fitted_q_iteration
from proofs_check.checker import check
from proofs_check.claim import Budget
from proofs_check.claims import bounded_aperiodic as ba
from proofs_check.evidence.exact import fraction

DATA = product([[["9/10", "1/10"]] * 2] * 3)


def test_the_run_follows_the_map():
    """The generic fit of the joint table gives x' = f(x), stays in [f(3), 3], and no value repeats."""
    run = fitted_q_iteration(load("aperiodic"), data=DATA, iterations=40, method="generic")
    seen = [fraction(v[1] - v[0]) for v in run.values]
    expected = [F(0)]
    for _ in range(40):
        expected.append(ba.step(expected[-1]))
    assert seen == expected
    assert all(ba.step(ba.TOP) <= x <= ba.TOP for x in seen)
    assert len(set(seen)) == len(seen)
    assert [ba.valuation(x) for x in seen[1:4]] == [0, -5, -10]


def test_values_stay_bounded():
    run = fitted_q_iteration(load("aperiodic"), data=DATA, iterations=300)
    assert all(abs(fraction(x)) < 100 for v in run.values for x in v)


def test_decide_says_so_with_a_certificate():
    """The checker's argument is the same, at the prime 2 where this claim takes 5."""
    fate = decide(load("aperiodic"), data=DATA, effort=Effort(steps=128))
    assert fate.kind == "aperiodic"
    assert check(fate.certificate).accepted


@pytest.mark.parametrize(("value", "power"), [(F(1), 0), (F(50), 2), (F(3, 250), -3), (F(-7, 10), -1)])
def test_valuation(value, power):
    assert ba.valuation(value) == power


def test_every_premise_holds():
    assert all(ba._premises().values())
    assert ba.check_bounded_aperiodic(Budget(0)).verdict == "proved"


@pytest.mark.parametrize(
    ("name", "value"), [("UP", F(13851, 12501)), ("DOWN", F(-9, 10)), ("GAMMA", F(18, 20)), ("TOP", F(4))]
)
def test_other_numbers_are_not_proved(monkeypatch, name, value):
    monkeypatch.setattr(ba, name, value)
    finding = ba.check_bounded_aperiodic(Budget(0))
    assert finding.verdict == "unknown"
    assert finding.evidence["failed"]


def test_a_greedy_action_that_changes_is_noticed():
    """At s1 action 0 overtakes beyond x = 6.5."""
    assert ba.collapsed(ba.factor_lines(), F(6)) is not None
    assert ba.collapsed(ba.factor_lines(), F(7)) is None
