"""One law for every form of F: its iterates are those of the definition, `refits`."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fqi_theory.base.scalars import to_float
from fqi_theory.data.sources import correlated, epsilon_greedy, product, uniform
from fqi_theory.factorization import igm, joint, linear
from fqi_theory.factorization.additive import additive
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators import forms, leaps, thresholds
from fqi_theory.operators.task import Task
from fqi_theory.testing import strategies as fst

STEPS = 5
#: Thresholds under which small models take every form that large ones take.
SMALL = {
    "pieces": {"EXACT_BYTES": 0, "TABLE_BYTES": 0},
    "leaps": {"SPARSE_STATES": 1, "SPARSE_FILL": 1.0, "PIECE_BYTES": 1},
    "lean refits": {"FLOAT_BYTES": 0},
}


@st.composite
def tasks(draw, field, higher=False):
    """Draw a run on a model in a number type, its kernel dense or sparse, any data; higher: of pairwise factors."""
    model = draw(fst.mmdps(planted_ties=field == "exact", near_threshold=True))
    if draw(st.booleans()):
        model = MMDP(model.reward, fst.sparse(model.transition.dense()), model.discount)
    sources = [uniform(), epsilon_greedy("1/3"), product(draw(fst.marginals(model)))]
    source = draw(st.sampled_from([*sources, correlated(draw(fst.joint_data(model, full_support=True)))]))
    values, greedy = draw(fst.state_values(model)), draw(fst.policies(model))
    ties = draw(st.sampled_from(["first", "last"]))
    if field == "float":
        model, values = model.to_float(), to_float(values)
    return Task(model, source, additive(2) if higher else linear, values, greedy, STEPS, ties)


def positions(form, task):
    """Return (values, greedy, factors) of the iterates 1 to STEPS."""
    iterates = form.iterates(task)
    kept = [iterates.start, *(k for _, k in zip(range(STEPS), iterates.steps, strict=False))]
    return [(iterates.values(k), iterates.greedy(k), iterates.factors(before, k)) for before, k in pairwise(kept)]


def form_named(name):
    return next(form for form in forms.FORMS if form.name == name)


@pytest.mark.parametrize("name", ["pieces", "blocks", "class blocks"])
@given(st.data())
def test_exact_forms_are_the_definition_to_the_last_digit(name, draw):
    task = draw.draw(tasks("exact", name == "class blocks"))
    with pytest.MonkeyPatch.context() as patch:
        for threshold, value in SMALL.get(name, {}).items():
            patch.setattr(thresholds, threshold, value)
        found = positions(form_named(name), task)
    for (v, g, q), (values, greedy, factors) in zip(found, positions(form_named("refits"), task), strict=True):
        assert (v == values).all()
        assert (g == greedy).all()
        assert all((a == b).all() for a, b in zip(q, factors, strict=True))


@pytest.mark.parametrize("name", ["leaps", "following", "lean refits", "class tables"])
@given(st.data())
def test_float_forms_are_the_definition_up_to_rounding(name, draw):
    task = draw.draw(tasks("float", name == "class tables"))
    if name == "leaps" and task.source.on_policy:
        task = replace(task, source=uniform())
    with pytest.MonkeyPatch.context() as patch:
        for threshold, value in SMALL.get(name, {}).items():
            if name != "leaps" or draw.draw(st.booleans()):
                patch.setattr(thresholds, threshold, value)
        patch.setattr(leaps, "FEWEST", draw.draw(st.sampled_from([1, 4])))
        found = positions(form_named(name), task)
    previous = task.values
    for v, g, q in found:
        data = task.source.at(task.model, task.greedy)
        fit = task.factorization.fit(task.model.backup(previous), data, task.ties)
        table, scale = fit.q_tot(), 1e-10 * (1 + np.abs(fit.values).max())
        np.testing.assert_allclose(v, fit.values, rtol=0, atol=scale)
        for mine, wanted in zip(q, fit.factors, strict=True):
            np.testing.assert_allclose(mine, wanted, rtol=0, atol=scale)
        assert (table[(np.arange(len(v)), *g.T)] >= fit.values - scale).all()
        previous, task = v, replace(task, greedy=g)


def test_every_row_is_taken_by_some_run_and_the_last_by_all(monkeypatch):
    exact = MMDP([[[1, 0], [0, 1]]] * 2, np.zeros((2, 2, 2), dtype=int), "1/2")
    start = np.zeros((2, 2), dtype=int)

    def chosen(model, source, factorization=linear, generic=False):
        task = Task(model, source, factorization, model.reward[:, 0, 0], start, 1, "first")
        return forms.choose(task, generic=generic).name

    rounded, found = exact.to_float(), set()
    found |= {chosen(exact, uniform()), chosen(rounded, uniform()), chosen(rounded, epsilon_greedy("1/2"))}
    found |= {chosen(exact, uniform(), igm), chosen(exact, uniform(), joint)}
    assert chosen(exact, uniform(), generic=True) == "refits"
    found |= {chosen(exact, uniform(), additive(2)), chosen(rounded, uniform(), additive(2))}
    assert found == {"blocks", "leaps", "following", "refits", "class blocks", "class tables"}
    monkeypatch.setattr(thresholds, "FLOAT_BYTES", 0)
    monkeypatch.setattr(thresholds, "EXACT_BYTES", 0)
    large = MMDP(np.ones((40, 2, 2), dtype=int), np.arange(160).reshape(40, 2, 2) % 40, "1/2")
    start = np.zeros((40, 2), dtype=int)
    assert chosen(large, uniform()) == "pieces"
    assert {chosen(large.to_float(), source) for source in (uniform(), epsilon_greedy("1/2"))} == {"lean refits"}
    assert forms.FORMS[-1].fits(Task(exact, uniform(), igm, exact.reward[:, 0, 0], start, 1, "last"))


def test_a_form_that_errs_is_noticed(monkeypatch):
    """The law fails on broken code: a form that breaks ties by the other rule."""
    step = forms.exact.IntegerOperator.step
    monkeypatch.setattr(forms.exact.IntegerOperator, "step", lambda self, v, _: step(self, v, "last"))
    with pytest.raises(AssertionError):
        test_exact_forms_are_the_definition_to_the_last_digit.hypothesis.inner_test("blocks", _Tied())


class _Tied:
    """Draws one run in which two actions tie, whatever is asked for."""

    def draw(self, _):
        model = MMDP([[[1, 1], [0, 0]]], np.zeros((1, 2, 2), dtype=int), "1/2")
        start = np.zeros((1, 2), dtype=int)
        return Task(model, uniform(), linear, model.reward[:, 0, 0] * 0, start, STEPS, "first")
