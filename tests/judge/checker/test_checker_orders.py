"""The parts of the checker's proof by orders on their own: one agent, two actions that lead to s0 and s1."""

from fractions import Fraction as F

import pytest

import fqi_theory as ft
from proofs_check.checker import budget, check, following
from proofs_check.checker.budget import Refused, Work
from proofs_check.checker.model import Model
from proofs_check.checker.monotone import MonotoneRun, every_fit
from proofs_check.checker.nearby import Nearby, Spot, beaten

HALF = F(1, 2)
ROWS = [[HALF, F(0)], [F(0), HALF]]


def spot(first, second):
    """γ = 1/2, uniform data; y at the position."""
    return Spot([HALF, HALF], [F(first), F(second)], ROWS, F(0))


def nearby(radius, column=(0, 1)):
    return Nearby(F(radius), [list(map(F, column))], Work())


def fit(first, second, orders):
    found = every_fit((2,), [first, second], (1, 1), Work())
    return next(own for own in found if own.orders == orders)


@pytest.fixture
def run():
    model = Model("", HALF, (2,), ((0,), (1,)), [])
    found = object.__new__(MonotoneRun)
    found.model, found.work = model, Work()
    return found


@pytest.mark.parametrize(("radius", "holds"), [("2", True), ("21/10", False)])
def test_blocks_in_order_stay_apart_for_two_spreads(run, radius, holds):
    """Levels 0 and 1; their difference moves by (V(s1) - V(s0))/2, half of the spread."""
    arguments = run, fit(0, 1, ((1, 0),)), spot(0, 1), nearby(radius), "here"
    if holds:
        following.rises(*arguments)
    else:
        with pytest.raises(Refused, match="may be pooled"):
            following.rises(*arguments)


@pytest.mark.parametrize(("radius", "holds"), [("2", True), ("21/10", False)])
def test_pooled_levels_stay_pooled_for_two_spreads(run, radius, holds):
    """y = (1, 0), but action 1 must be the better one: pooled at 1/2 until V(s1) - V(s0) exceeds 2."""
    pooled = fit(1, 0, ((1, 0),))
    assert pooled.blocks == [(0, 1)]
    arguments = run, pooled, spot(1, 0), nearby(radius), "here"
    if holds:
        following.absorbs(*arguments)
    else:
        with pytest.raises(Refused, match="may split"):
            following.absorbs(*arguments)


def test_along_constants_nothing_moves(run):
    following.absorbs(run, fit(1, 0, ((1, 0),)), spot(1, 0), nearby(10**6, (1, 1)), "here")


def test_forms_of_the_error():
    """Pooled: half of (y0 - y1)²/2 = (1 - z/2)²/4; in order: 0."""
    pooled, exact = (fit(1, 0, orders) for orders in (((1, 0),), ((0, 1),)))
    coefficients = [following._form(own, spot(1, 0), nearby(1)) for own in (pooled, exact)]
    assert coefficients == [[F(-1, 8), F(1, 16)], [0, 0]]


@pytest.mark.parametrize(("radius", "holds"), [("3/5", True), ("1", False)])
def test_beaten_by_the_gradient(radius, holds):
    """The pooled fit of (1, 0) has the error 1/4, in order 0; ℓ = (1/4, -1/4), reach = radius/2: 1/4 > D/4 + D²/8."""
    units = [fit(1, 0, ((1, 0),))._replace(error=F(1, 4)), fit(1, 0, ((0, 1),))]
    here = Spot([HALF, HALF], [F(1), F(0)], ROWS, F(radius) / 2)
    assert beaten(units[0], units[1], here, Nearby(F(radius), None, Work())) is holds


def test_sets_of_a_block_are_counted(run, monkeypatch):
    monkeypatch.setattr(following, "MOST_SETS", 2)
    with pytest.raises(Refused, match="more than 2 sets"):
        following.absorbs(run, fit(1, 0, ((1, 0),)), spot(1, 0), nearby(1), "here")


@pytest.mark.parametrize(
    ("data", "reason"),
    [(ft.central("1/10"), "depends on weights in doubt"), (ft.optimistic("1/10"), "at most 8 doubtful")],
)
def test_weights_in_doubt(data, reason):
    """Game 3, discount 0, the orbit reached exactly: at a level of 1,000 every comparison of weights is in doubt."""
    document = ft.decide("qplex-game-3", data=data, factorization=ft.monotonic).certificate
    assert document["proof"]["level"] == "0"
    report = check({**document, "proof": {**document["proof"], "level": "1000"}})
    assert not report.accepted
    assert reason in report.reason


def test_the_budget_holds_for_directions(monkeypatch):
    document = ft.decide("cycle-5", factorization=ft.monotonic).certificate
    monkeypatch.setattr(budget, "MAX_WORK", 3_000_000)
    assert "too much work" in check(document).reason
