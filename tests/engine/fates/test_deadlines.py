"""A limit of seconds is kept inside the long loops too: with a clock that ticks once a look, no real time enters."""

from types import SimpleNamespace

import numpy as np
import pytest

import fqi_theory as ft
from fqi_theory.base import matrices, progress
from fqi_theory.base.progress import Deadline, OutOfTime, look
from fqi_theory.base.scalars import exact_array
from fqi_theory.fates import coverings
from fqi_theory.fates.effort import Effort
from proofs_check import check

HOUR = 3600.0
RUNS = {
    "region": ("cycle-5", {}),
    "growth": ("two-state", {}),
    "on-policy": ("coordination", {"data": ft.epsilon_greedy("1/10")}),
    "monotonic": ("two-state", {"factorization": ft.monotonic}),
    "whole": ("two-state", {"factorization": ft.additive(2), "data": ft.epsilon_greedy("1/2")}),
}


@pytest.fixture
def clock(monkeypatch):
    """Replace the clock of deadlines by one that counts how often it is looked at."""
    ticks = SimpleNamespace(now=0.0)

    def monotonic():
        ticks.now += 1
        return ticks.now

    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=monotonic))
    return ticks


@pytest.mark.parametrize("name", RUNS)
def test_a_search_stopped_at_any_look_ends_soon_with_what_is_true(name, clock):
    model, options = RUNS[name]
    whole = ft.decide(model, effort=Effort(seconds=HOUR), **options)
    looks = int(clock.now)
    assert looks > 8
    for seconds in sorted({1, 2, looks // 4, looks // 2, looks - 2}):
        before = clock.now
        fate = ft.decide(model, effort=Effort(seconds=seconds), **options)
        assert clock.now - before <= 1.5 * seconds + progress.LEAST_GRACE + 6
        assert fate.kind in (whole.kind, "bounded", "unknown")
        if fate.kind != whole.kind:
            assert f"within the {seconds:g} seconds given" in fate.tried[0]
        if fate.certificate is not None:
            assert check(fate.certificate).accepted


def test_a_bound_found_after_the_limit_is_returned_with_its_certificate(clock, monkeypatch):
    monkeypatch.setattr(progress, "LEAST_GRACE", HOUR)
    fate = ft.decide("cycle-5", effort=Effort(seconds=40))
    assert clock.now > 40
    assert fate.kind == "bounded"
    assert check(fate.certificate).accepted


def test_bounds_are_given_up_too(clock):  # noqa: ARG001 (the clock ticks)
    fate = ft.decide("cycle-5", effort=Effort(seconds=1))
    assert fate.kind == "unknown"
    assert fate.tried[-1] == "no bounds were found in the time left"


def test_products_look_between_their_rows(clock):
    rows, values = exact_array(np.ones((100, 3), dtype=int)), exact_array([1, 2, 3])
    with Deadline(HOUR).kept():
        assert (matrices.times(rows, values) == 6).all()
    assert clock.now >= 100 / matrices.ROWS
    with Deadline(2).kept(), pytest.raises(OutOfTime):
        matrices.times(rows, values)


def test_a_look_outside_a_deadline_never_raises(clock):
    look()
    with Deadline(None).kept():
        look()
    with Deadline(1).kept():
        clock.now = HOUR
        with Deadline(None).kept():
            look()
        with pytest.raises(OutOfTime):
            look()
    look()


def test_linear_programs_end_with_the_deadline(clock, monkeypatch):  # noqa: ARG001 (the clock ticks)
    given = []

    def solver(*_arguments, options, **_more):
        given.append(options)
        return SimpleNamespace(success=False)

    monkeypatch.setattr(coverings, "linprog", solver)
    system = exact_array([["0"], ["0"]]), exact_array([[["0", "1/2"]], [["0", "1/2"]]]), exact_array(["1", "2"])
    with Deadline(10).kept():
        assert coverings._least(*system).tolist() == [1, 2]
    assert coverings._least(*system).tolist() == [1, 2]
    assert given == [{"time_limit": 9.0}, {}]  # of 10 ticks one is gone


def test_grace_is_half_the_time_and_two_seconds_at_least():
    assert Deadline(None).grace().seconds is None
    assert Deadline(1).grace().seconds == progress.LEAST_GRACE == 2
    assert Deadline(10).grace().seconds == 5
