"""Models by name wherever a model is asked for, and arguments of another kind, refused by name."""

import pytest

import fqi_theory as ft
from fqi_theory.base.errors import DataError, ModelError
from fqi_theory.fates.effort import Effort


def test_models_may_be_given_by_name():
    assert ft.phases("two-state").negative_mass == ft.phases(ft.load("two-state")).negative_mass
    assert len(ft.attractors("qplex-game-2", ft.uniform()).attractors) == len(
        ft.attractors(ft.load("qplex-game-2"), ft.uniform()).attractors
    )
    by_name, given = (ft.critical(m, ft.uniform(), "discount") for m in ("two-state", ft.load("two-state")))
    assert by_name.to_json() == given.to_json()


@pytest.mark.parametrize(
    "call",
    [
        lambda: ft.phases(3),
        lambda: ft.attractors([1], ft.uniform()),
        lambda: ft.critical(None, ft.uniform(), "discount"),
    ],
)
def test_what_is_no_model_is_refused(call):
    with pytest.raises(ModelError, match="model: expected an MMDP, a name of the catalogue or a path, found"):
        call()


def test_only_fates_are_explained():
    with pytest.raises(DataError, match="fate: expected one that decide returned, found str"):
        ft.explain("two-state")


@pytest.mark.parametrize(
    "call", [lambda e: ft.decide("two-state", effort=e), lambda e: list(ft.decide_many([], effort=e))]
)
def test_an_effort_is_named(call):
    with pytest.raises(DataError, match=r"effort: expected Effort\(steps=..., seconds=...\), found 5"):
        call(5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"steps": 1.5}, "effort: steps: expected a whole number, found 1.5"),
        ({"bits": -1}, "effort: bits: expected at least 0, found -1"),
        ({"seconds": 0}, "effort: seconds: expected a number above 0, or None, found 0"),
        ({"seconds": float("nan")}, "effort: seconds: expected a number above 0"),
        ({"seconds": "10"}, "effort: seconds: expected a number above 0, or None, found '10'"),
    ],
)
def test_efforts_are_numbers(given, said):
    with pytest.raises(DataError, match=said):
        Effort(**given)
