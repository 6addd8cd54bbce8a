"""Wrong programs for the claims about the theorems: what is replaced, by what, and which claim must then fall."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from fqi_theory.data import normal_equations
from fqi_theory.data.sources import EpsilonGreedy, Uniform
from fqi_theory.factorization import fit as fitting
from fqi_theory.factorization import igm, linear, qplex
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators import value_space
from fqi_theory.operators.integers import IntegerOperator
from fqi_theory.operators.value_space import ValueOperator


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


def unweighted(factors: Any, _weights: Any, *, closed: bool = False) -> Any:  # noqa: ARG001
    return fitting.additive_table(factors)


def undiscounted(self: Any, values: Any) -> Any:
    return self.reward + self.transition.expect(values)


def half_weights(original: Callable[..., Any]) -> Callable[..., Any]:
    def realise(table: Any) -> Any:
        member = original(table)
        return replace(member, weights=tuple(w / 2 for w in member.weights))

    return realise


def doubled(original: Callable[..., Any], times: int = 2) -> Callable[..., Any]:
    return lambda self, values: tuple(times * f for f in original(self, values))


MUTATIONS = [
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

#: A refutation that needs a right program is withdrawn ('unknown') under a wrong one.
WITHDRAWN = [
    (linear, "from_means", wrong_baseline, "thm1.missing-support"),
    (linear, "from_means", wrong_baseline, "thm2.global"),
    (linear, "from_means", wrong_baseline, "value-space.every-model"),
    (igm, "maximiser_sets", lambda table: [np.ones((1, k), bool) for k in table.shape[1:]], "thm4.set-reading"),
    (qplex, "realise", lambda table: table, "qplex.every-table"),
    (EpsilonGreedy, "at", always_uniform, "thm2.only-optima"),
]
