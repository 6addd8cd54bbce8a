"""The judge can say no: a wrong engine operator turns the claims about it into 'refuted'."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from judge import run

import fqi_theory as ft
from fqi_theory.data import normal_equations
from fqi_theory.data.sources import EpsilonGreedy, Uniform
from fqi_theory.factorization import fit as fitting
from fqi_theory.factorization import igm, linear, qplex
from fqi_theory.fates.phases import kernel, negative_mass, product_rows, projection, remedies, uniform, witnesses
from fqi_theory.fates.phases.rows import Row
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators import remedies as operator_remedies
from fqi_theory.operators import value_space
from fqi_theory.operators.integers import IntegerOperator
from fqi_theory.operators.value_space import ValueOperator

pytestmark = pytest.mark.slow


def wrong_baseline(means: Any, marginals: Any) -> Any:
    """(n-2)/n instead of (n-1)/n."""
    n = len(means)
    weights = marginals[0].reshape(*marginals[0].shape, *[1] * (means[0].ndim - 2))
    return [m - (weights * means[0]).sum(axis=1, keepdims=True) * (n - 2) / n for m in means]


def without_residue_check(factors: Any, residue: Any) -> Any:
    return [f + np.asarray(residue)[:, i, None] * (i + 1) for i, f in enumerate(factors)]


def always_uniform(_self: Any, model: Any, greedy: Any) -> Any:
    return Uniform().at(model, greedy)


def last_action(table: Any, _ties: Any = "first") -> Any:
    return np.full((table.shape[0], table.ndim - 1), np.array(table.shape[1:]) - 1)


def one_too_much(factors: Any) -> Any:
    return sum(f.max(axis=1) for f in factors) + 1


def last_of_ties(factors: Any, _ties: Any = "first") -> Any:
    return fitting.greedy_actions(factors, "last")


def last_tie_step(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, values, _ties="first": original(self, values, "last")


def product_closed_form(given: Any, moments: Any) -> Any:
    """Treat correlated data as if each agent's conditional mean were E_{-i}."""
    n = len(moments)
    mean = moments[0].sum(axis=1, keepdims=True)
    return [
        m / p.reshape(*p.shape, *[1] * (m.ndim - 2)) - mean * (n - 1) / n
        for m, p in zip(moments, given.own, strict=True)
    ]


def unweighted(factors: Any, _weights: Any) -> Any:
    return fitting.additive_table(factors)


def undiscounted(self: Any, values: Any) -> Any:
    return self.reward + self.transition.expect(values)


def half_weights(original: Callable[..., Any]) -> Callable[..., Any]:
    def realise(table: Any) -> Any:
        member = original(table)
        return replace(member, weights=tuple(w / 2 for w in member.weights))

    return realise


def doubled(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, values: tuple(2 * f for f in original(self, values))


def halved_atoms(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *given: {density: p / 2 for density, p in original(*given).items()}


def first_actions(_marginals: Any, chosen: Any) -> Any:
    return (0,) * len(chosen)


def frequent(original: Callable[..., Any]) -> Callable[..., Any]:
    """Take every agent's most frequent action for its rarest."""
    return lambda kind, marginals: original(kind, [(max(own),) * len(own) for own in marginals])


def unsigned(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda kind, law, action: -original(kind, law, action)


def no_sharing(_rows: Any, discount: Any) -> Any:
    return 1 / discount - discount


def all_stay(original: Callable[..., Any]) -> Callable[..., Any]:
    return lambda found: original(found) | True


MUTATIONS = [
    (product_rows, "_additive_atoms", halved_atoms(product_rows._additive_atoms), "phases.negative-mass"),
    (product_rows, "_actions", first_actions, "phases.negative-mass"),
    (projection, "merged", lambda _: {}, "phases.negative-mass"),
    (negative_mass, "weights_at", unsigned(negative_mass.weights_at), "phases.negative-mass"),
    (negative_mass, "product_rows", frequent(negative_mass.product_rows), "phases.uniform-safest"),
    (negative_mass, "product_rows", frequent(negative_mass.product_rows), "phases.rarer-worse"),
    (Row, "mass", 5, "phases.one-over-n"),
    (Row, "mass", 5, "phases.two-agents"),
    (uniform, "krawtchouk", lambda _degree, x, *_: 1 - x, "phases.uniform"),
    (linear, "from_means", wrong_baseline, "phases.converges"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "phases.bounded"),
    (linear, "from_means", wrong_baseline, "phases.behaviour"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.diverges"),
    (witnesses, "_turning_point", lambda *_: (ft.exact("1/3"), True), "phases.oscillates"),
    (EpsilonGreedy, "at", always_uniform, "phases.on-policy-diverges"),
    (remedies, "largest_share", no_sharing, "phases.share"),
    (operator_remedies, "_in_unit_interval", lambda *_: ft.exact(1), "phases.remedies-decided"),
    (linear, "from_means", wrong_baseline, "phases.shaping"),
    (kernel, "kernel_of", lambda model, *_: -model.transition.dense(), "phases.coupling"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "phases.overestimation"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.overestimation-attained"),
    (remedies, "least_steps", lambda *_: 22, "phases.steps"),
    (witnesses, "_stays", all_stay(witnesses._stays), "phases.damping"),
    (linear, "from_means", wrong_baseline, "thm1.closed-form"),
    (linear, "from_means", wrong_baseline, "thm1.random-shapes"),
    (linear, "from_means", wrong_baseline, "thm1.counterfactual"),
    (linear, "from_means", wrong_baseline, "thm1.stochastic"),
    (linear, "from_means", wrong_baseline, "thm2.multiplier"),
    (linear, "from_means", wrong_baseline, "thm2.critical-epsilon"),
    (linear, "from_means", wrong_baseline, "thm3.recursion"),
    (linear, "from_means", wrong_baseline, "thm3.divergence"),
    (linear, "from_means", wrong_baseline, "thm3.every-start"),
    (linear, "from_means", wrong_baseline, "thm3.reward-scale"),
    (linear, "from_means", wrong_baseline, "value-space.unit-rows"),
    (linear, "from_means", wrong_baseline, "value-space.row-sums"),
    (linear, "from_means", wrong_baseline, "value-space.split"),
    (linear, "from_means", wrong_baseline, "tables.lecture-family"),
    (linear, "with_residue", without_residue_check, "thm1.residue"),
    (value_space, "greedy_values", one_too_much, "value-space.iteration"),
    (value_space, "greedy_actions", last_of_ties, "value-space.iteration"),
    (IntegerOperator, "step", last_tie_step(IntegerOperator.step), "value-space.iteration"),
    (normal_equations, "solve", product_closed_form, "thm1.correlated-fit"),
    (normal_equations, "solve", product_closed_form, "thm1.pairs-and-means"),
    (EpsilonGreedy, "at", always_uniform, "thm2.local-attraction"),
    (igm, "joint_greedy", last_action, "thm4.selection"),
    (MMDP, "backup", undiscounted, "thm4.value-iteration"),
    (qplex, "mix", unweighted, "igm.random"),
    (qplex, "realise", half_weights(qplex.realise), "qplex.round-trip"),
    (qplex, "realise", half_weights(qplex.realise), "qplex.complete"),
    (qplex, "realise", half_weights(qplex.realise), "qplex.limit"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "value-space.iteration"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "value-space.shift"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "value-space.contraction"),
    (ValueOperator, "factors", doubled(ValueOperator.factors), "value-space.weighted"),
]


@pytest.mark.parametrize(("owner", "name", "wrong", "claim_id"), MUTATIONS, ids=[f"{m[1]}-{m[3]}" for m in MUTATIONS])
def test_a_wrong_operator_is_refuted(monkeypatch, owner, name, wrong, claim_id):
    monkeypatch.setattr(owner, name, wrong)
    finding = run(claim_id, 40)
    assert finding.verdict == "refuted", finding
    assert finding.evidence["counterexample"]


@pytest.mark.parametrize(
    ("owner", "name", "wrong", "claim_id"),
    [
        (linear, "from_means", wrong_baseline, "thm1.missing-support"),
        (linear, "from_means", wrong_baseline, "thm2.global"),
        (linear, "from_means", wrong_baseline, "value-space.every-model"),
        (witnesses, "_stays", all_stay(witnesses._stays), "phases.richer-safer"),
        (EpsilonGreedy, "at", always_uniform, "phases.on-policy-safer"),
        (igm, "maximiser_sets", lambda table: [np.ones((1, k), bool) for k in table.shape[1:]], "thm4.set-reading"),
        (qplex, "realise", lambda table: table, "qplex.every-table"),
        (EpsilonGreedy, "at", always_uniform, "thm2.only-optima"),
    ],
)
def test_a_refutation_needs_a_right_engine(monkeypatch, owner, name, wrong, claim_id):
    monkeypatch.setattr(owner, name, wrong)
    assert run(claim_id, 40).verdict == "unknown"


def test_a_wrong_table_is_noticed(monkeypatch):
    monkeypatch.setattr(linear, "from_means", wrong_baseline)
    with pytest.raises(ArithmeticError, match="normal equations"):
        run("tables.game2-uniform")
