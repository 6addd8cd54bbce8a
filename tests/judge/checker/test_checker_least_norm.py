"""The choice where data leave Q_tot open: the checker's fit is the engine's, which it shares no line with."""

from fractions import Fraction as F
from itertools import product
from math import prod

import numpy as np
import pytest
from documents import VALIDATOR
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.base.scalars import exact_array
from fqi_theory.data.sources import JointData, ProductData
from proofs_check.checker import check
from proofs_check.checker.budget import Work
from proofs_check.checker.closed_form import closed_form
from proofs_check.checker.factorization import Factorization
from proofs_check.checker.least_norm import chosen
from proofs_check.checker.model import Model

#: Both agents play alike in s0: joint actions (A, B) and (B, A) are open. All is played in s1.
ALIKE = [[["1/3", 0], [0, "2/3"]], [["1/4", "1/4"], ["1/4", "1/4"]]]
CLASSES = {
    ft.linear: Factorization("linear", 1, (), True),
    ft.additive(1): Factorization("additive:1", 1, (), False),
    ft.additive(2): Factorization("additive:2", 2, (), False),
    ft.graph([[0, 1]]): Factorization("graph:0-1", 1, ((0, 1),), False),
}


@given(st.sampled_from([(2,), (2, 2), (3, 2), (2, 2, 2)]), st.sampled_from(list(CLASSES)), st.data())
def test_the_choice_is_that_of_the_engine(sizes, rule, data):
    if rule.name == "graph:0-1" and len(sizes) < 2:
        return
    count = prod(sizes)
    weights = data.draw(st.lists(st.integers(0, 4), min_size=count, max_size=count).filter(any))
    table = data.draw(st.lists(st.integers(-9, 9), min_size=count, max_size=count))
    joint = exact_array([fmpq(w, sum(weights)) for w in weights]).reshape(1, *sizes)
    found = rule.fit(exact_array(table).reshape(1, *sizes), JointData(joint)).q_tot()
    own = CLASSES[rule]
    model = Model("", F(0), sizes, tuple(product(*map(range, sizes))), [])
    scale, rows = chosen(own, model, tuple(weights), "data", Work())
    factors = [F(sum(m * y for m, y in zip(row, table, strict=True)), scale) for row in rows]
    if own.apart:
        ends = np.cumsum([0, *sizes])
        factors = [sum(factors[ends[i] + x] for i, x in enumerate(a)) for a in model.joint]
    assert factors == [F(int(x.p), int(x.q)) for x in found.reshape(-1)]


@pytest.fixture
def document():
    fate = ft.decide("two-state", data=ft.correlated(ALIKE), unsupported="choose")
    return fate.certificate


def test_the_certificate_says_what_is_chosen(document):
    assert document["data"]["unsupported"] == "choose"
    report = check(document)
    assert report.accepted, report.reason
    assert "joint data, what they leave open chosen by least norm, linear factorization" in report.statement
    VALIDATOR.validate(document)


def test_without_the_word_the_fit_is_not_determined(document):
    del document["data"]["unsupported"]
    assert check(document).reason.startswith("data: at state 0 the fit is not determined")


@pytest.mark.parametrize("word", ["refuse", "", None, 1, ["choose"]])
def test_no_other_word_is_read(document, word):
    document["data"]["unsupported"] = word
    assert check(document).reason.startswith("data.unsupported: expected choose")
    assert not VALIDATOR.is_valid(document)


def test_other_data_choose_nothing(document):
    document["data"] = {"kind": "uniform", "unsupported": "choose"}
    assert "unknown key" in check(document).reason


def test_other_weights_have_another_limit():
    """Two of three actions are played in all pairs, the third by both agents at once."""
    weights = [[["1/8", "1/8", 0], ["1/8", "1/8", 0], [0, 0, "1/2"]]]
    document = ft.decide("qplex-game-2", data=ft.correlated(weights), unsupported="choose").certificate
    assert check(document).accepted
    document["data"]["joint"][0][0][:2] = ["1/16", "3/16"]
    assert not check(document).accepted


# The closed form of product data.


@given(st.sampled_from([(2,), (2, 2), (3, 2), (2, 2, 2)]), st.sampled_from(list(CLASSES)), st.data())
def test_the_closed_form_is_that_of_the_engine(sizes, rule, data):
    if rule.name == "graph:0-1" and len(sizes) < 2:
        return
    counts = [data.draw(st.lists(st.integers(0, 3), min_size=k, max_size=k).filter(any)) for k in sizes]
    table = data.draw(st.lists(st.integers(-9, 9), min_size=prod(sizes), max_size=prod(sizes)))
    marginals = tuple(exact_array([[fmpq(c, sum(own)) for c in own]]) for own in counts)
    found = rule.fit(exact_array(table).reshape(1, *sizes), ProductData(marginals)).q_tot()
    own = CLASSES[rule]
    model = Model("", F(0), sizes, tuple(product(*map(range, sizes))), [])
    weights = tuple(prod(own[x] for own, x in zip(counts, a, strict=True)) for a in model.joint)
    scale, rows = closed_form(own, model, weights, Work())
    factors = [F(sum(m * y for m, y in zip(row, table, strict=True)), scale) for row in rows]
    if own.apart:
        ends = np.cumsum([0, *sizes])
        factors = [sum(factors[ends[i] + x] for i, x in enumerate(a)) for a in model.joint]
    assert factors == [F(int(x.p), int(x.q)) for x in found.reshape(-1)]


#: In s1 the second agent never plays B.
UNPLAYED = [[["1/2", "1/2"]] * 2, [["1/2", "1/2"], ["1", "0"]]]


@pytest.mark.parametrize("rule", [ft.linear, ft.additive(1), ft.additive(2)], ids=lambda rule: rule.name)
def test_product_data_choose_the_closed_form(rule):
    fate = ft.decide("two-state", data=ft.product(UNPLAYED), factorization=rule, unsupported="choose")
    document = fate.certificate
    report = check(document)
    assert report.accepted, report.reason
    assert "product data, what they leave open chosen in closed form" in report.statement
    VALIDATOR.validate(document)
    del document["data"]["unsupported"]
    assert check(document).reason.startswith("data: at state 1 the fit is not determined")
    document["data"]["unsupported"] = "refuse"
    assert check(document).reason.startswith("data.unsupported: expected choose")
    assert not VALIDATOR.is_valid(document)


def test_a_closed_form_of_other_marginals_has_another_limit():
    """A game of three actions: what the third action of the second agent would have earned is part of the fit."""
    marginals = [[["1/4", "1/4", "1/2"]], [["1/2", "1/2", "0"]]]
    document = ft.decide("qplex-game-2", data=ft.product(marginals), unsupported="choose").certificate
    assert check(document).accepted
    document["data"]["marginals"][0][0] = ["1/2", "1/4", "1/4"]
    assert not check(document).accepted
