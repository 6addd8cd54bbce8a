"""What arXiv:2006.00587 assumes of its data set, and what FQI does on a data set as it is: counted transitions.

The paper fits the empirical data set D and assumes that every (s,a) is in it and that p_D(a|s) is a product of
marginals. A finite data set need not have the second, however it was sampled; the fit then is that of correlated data.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.factorization import igm, linear
from fqi_theory.planning.optimal import solve
from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim
from proofs_check.claims.theorem1_boundary import marginals_of
from proofs_check.claims.theorem2_attractors import policy_value
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Model, Numbers, models, rewards, tensor
from proofs_check.evidence.sampling import sampled

PAPER = "arXiv:2006.00587"
SHAPE = (2, 2)
STATES = 2
GAMMA = Fraction(9, 10)
Step = tuple[int, exact.JointAction, int, int]


@dataclass(frozen=True)
class DataSet:
    """Transitions (s, a, r, s') that visit every (s,a), and values V."""

    steps: tuple[Step, ...]
    values: Numbers

    def fitted(self) -> list[list[list[Fraction]]]:
        """Return the engine's factors [state][agent][action] of the fit to r + γV(s') on the data set."""
        found = ft.from_transitions(self.steps, discount=GAMMA, states=STATES, actions=SHAPE)
        data = found.data.at(found.model, np.zeros((STATES, 2), dtype=int))
        fit = linear.fit(found.model.backup(tensor(self.values, (STATES,))), data)
        return [[exact.fractions(f[s]) for f in fit.factors] for s in range(STATES)]


@st.composite
def data_sets(draw: Any) -> DataSet:
    """Draw one transition for every (s,a), up to eight more, and values."""
    places = [(s, a) for s in range(STATES) for a in exact.joint_actions(SHAPE)]
    more = draw(st.lists(st.sampled_from(places), max_size=8))
    reward, successor = st.integers(-3, 3), st.integers(0, STATES - 1)
    steps = tuple((s, a, draw(reward), draw(successor)) for s, a in (*places, *more))
    return DataSet(steps, draw(rewards(STATES, 9)))


def _not_least_squares(data: DataSet) -> str | None:
    factors = data.fitted()
    for s in range(STATES):
        for i, own in enumerate(factors[s]):
            for x in range(len(own)):
                errors = (
                    r + GAMMA * data.values[to] - factors[s][0][a[0]] - factors[s][1][a[1]]
                    for state, a, r, to in data.steps
                    if state == s and a[i] == x
                )
                if (rest := sum(errors, Fraction(0))) != 0:
                    return f"state {s}, agent {i}, action {x}: the errors of the samples sum to {rest}"
    return None


def check_empirical(budget: Budget) -> Finding:
    """Check the normal equations of Σ_D (r + γV(s') - Q_tot(s,a))², sample by sample, at the engine's fit."""
    return sampled(_not_least_squares, data_sets(), budget)


FIVE: tuple[Step, ...] = tuple((0, a, int(a == (1, 1)), 0) for a in (*exact.joint_actions(SHAPE), (0, 0)))


def check_product(_: Budget) -> Finding:
    """Five transitions with (0,0) twice: p_D is no product, and the closed form with its marginals is not the fit."""
    found = ft.from_transitions(FIVE, discount=0, states=1, actions=SHAPE)
    weights = exact.table(SHAPE, [Fraction(int(n), len(FIVE)) for n in found.counts.flat])
    if exact.product_weights(marginals_of(SHAPE, weights)) == weights:
        return settle(None, "tested", {}, 1)
    y = exact.table(SHAPE, map(Fraction, (0, 0, 0, 1)))
    fit = linear.fit(found.model.reward, found.data.at(found.model, np.zeros((1, 2), dtype=int)))
    factors = [exact.fractions(f[0]) for f in fit.factors]
    closed = exact.closed_form(y, marginals_of(SHAPE, weights))
    losses = [exact.loss(y, weights, exact.additive(part)) for part in (factors, closed)]
    if any(exact.normal_residuals(y, weights, factors).values()):
        return Finding("unknown", 1, {"factors": factors})
    witness = {"transitions": FIVE, "p_D": list(weights.values()), "loss of the fit, of the closed form": losses}
    return settle(witness if losses[0] < losses[1] else None, "tested", {}, 1)


def _greedy_fails(model: Model) -> str | None:
    values = exact.fractions(solve(model.mmdp()).values)
    targets = model.backup(values)
    data = ft.uniform().at(model.mmdp(), np.zeros((model.states, len(model.shape)), dtype=int))
    fit = igm.fit(model.mmdp().backup(tensor(values, (model.states,))), data)
    policy = tuple(
        tuple(exact.first_maximiser(exact.fractions(f[s])) for f in fit.factors) for s in range(model.states)
    )
    for s, action in enumerate(policy):
        if targets[s][action] != max(targets[s].values()):
            return f"state {s}: the agents' own greedy actions {action} are no joint maximiser of Q*"
    return None if policy_value(model, policy) == values else f"policy {policy} is worth {policy_value(model, policy)}"


def check_greedy(budget: Budget) -> Finding:
    """At Q* let every agent follow its own factor: the joint policy's value, solved exactly, is V*."""
    return sampled(_greedy_fails, models(), budget)


CLAIMS = (
    sampled_claim(
        "thm1.empirical",
        "On a data set FQI's linear fit minimises the squared error over its transitions, product distribution or not",
        r"\sum_{(s,a,r,s')\in D,\,a_i=x}\bigl(r+\gamma V(s')-Q_{tot}(s,a)\bigr)=0",
        "every (s,a) is in the data set; counts as p_D",
        PAPER + ", assumption on the data set",
        check_empirical,
        60,
    ),
    decided_claim(
        "thm1.factorizable",
        "A data set that has every joint action has a product distribution, so that Theorem 1's closed form is its fit",
        r"D\ni a\ \forall a\Rightarrow p_D(a)=\textstyle\prod_ip_i(a_i)",
        "one state, two agents with two actions; the paper assumes the product",
        "ours, on " + PAPER,
        check_product,
    ),
    sampled_claim(
        "thm4.greedy-limit",
        "At the limit of FQI-IGM the agents' own greedy actions form an optimal joint policy",
        r"\pi_i(s)\in\arg\max Q_i(s,\cdot)\Rightarrow V^\pi=V^*",
        "selection-IGM class, first maximisers; limit Q*",
        PAPER + " Theorem 4",
        check_greedy,
        80,
    ),
)
