"""Theorem 2 of arXiv:2006.00587 with an explicit ε_0: where the optimum attracts, on models and by the engine's runs.

The judge computes D, B and ε_0 of `fqi_theory.local_attraction` again from the definitions, and at ε_0 itself and below
it checks each part of the statement on the affine step under ε-greedy data: the fixed point, its distance from V^π, the
margins, the rate; runs of the engine start at the corners of the neighbourhood.
"""

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import assume

from fqi_theory.fates import local_attraction
from proofs_check.claim import Budget, Claim, Finding, Formal
from proofs_check.claims.theorem2_attractors import policy_value, single_deviations
from proofs_check.claims.theorem2_on_policy_convergence import PAPER, leaves_neighbourhood, optimal_actions
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Model, models
from proofs_check.evidence.local import Attractor, Mode, Policy, fixed_point, mode
from proofs_check.evidence.sampling import sampled

NOTE = "each instance: at ε_0 and at ε_0/7, on the affine step and by runs from the corners of the neighbourhood"


def _gaps(model: Model, policy: Policy) -> tuple[list[Fraction], Fraction, Fraction]:
    """Return V^π, D and B from the definitions; D <= 0 where some agent can deviate without loss."""
    values = policy_value(model, policy)
    targets = model.backup(values)
    losses = [d for s, a in enumerate(policy) for d in single_deviations(targets[s], model.shape, a)]
    spread = max(max(y.values()) - min(y.values()) for y in targets)
    return values, min(losses, default=Fraction(1)), spread


def _bound(model: Model, gap: Fraction, spread: Fraction) -> Fraction:
    """Return ε_0 = min(1, D/(4(n-1)(B+D)), (1-γ)/(6γn))."""
    n, gamma = len(model.shape), model.discount
    if n == 1:
        return Fraction(1)
    first = min(Fraction(1), gap / (4 * (n - 1) * (spread + gap)))
    return min(first, (1 - gamma) / (6 * gamma * n)) if gamma else first


def _least_margin(step: Mode, values: list[Fraction]) -> Fraction:
    """Return the least Q_i(s,π_i(s)) - Q_i(s,x) over s, i and x ≠ π_i(s) at given values."""
    margins = (
        own[action[i]] - q
        for action, agents in zip(step.policy, step.factors(values), strict=True)
        for i, own in enumerate(agents)
        for x, q in enumerate(own)
        if x != action[i]
    )
    return min(margins, default=Fraction(1))


def _fails_at(model: Model, policy: Policy, epsilon: Fraction) -> str | None:
    values, gap, spread = _gaps(model, policy)
    n, step = len(model.shape), mode(model, policy, epsilon)
    fixed, rate = fixed_point(step), model.discount * (1 + n * (n - 1) * epsilon**2)
    drift = 3 * n * (n - 1) * epsilon**2 * spread / (1 - model.discount)
    if fixed is None:
        return f"no unique fixed point at epsilon = {epsilon}"
    moved, margin = max(abs(v - w) for v, w in zip(fixed, values, strict=True)), _least_margin(step, fixed)
    norm = max(sum(map(abs, row)) for row in step.matrix)
    if moved > drift or norm > rate or 2 * rate >= 1 + model.discount or 2 * margin < gap:
        return (
            f"at epsilon = {epsilon}: |V_ε - V^π| = {moved} (<= {drift}), ||A|| = {norm} (<= {rate}), margin {margin}"
        )
    return leaves_neighbourhood(model.mmdp(), policy, epsilon, Attractor(fixed, margin, rate, gap / 8))


def _not_attracting(model: Model, policy: Policy) -> str | None:
    values, gap, spread = _gaps(model, policy)
    found = local_attraction(model.mmdp(), np.array(policy))
    engine = [*exact.fractions(found.values), *exact.fractions((found.gap, found.spread, found.epsilon))]
    epsilon = _bound(model, gap, spread)
    if engine != [*values, gap, spread, epsilon]:
        return f"policy {policy}: the engine's V^π, D, B, ε_0 are {engine}"
    return next((reason for e in (epsilon, epsilon / 7) if (reason := _fails_at(model, policy, e))), None)


def _fails_near_optimum(model: Model) -> str | None:
    best = optimal_actions(model)
    assume(all(len(actions) == 1 for actions in best))
    return _not_attracting(model, tuple(next(iter(actions)) for actions in best))


def check_local_attraction(budget: Budget) -> Finding:
    """On random models with a unique optimum: the fixed point at an explicit ε_0 and below, its basin and its rate."""
    return sampled(_fails_near_optimum, models(), budget, note=NOTE)


def _fails_at_some_policy(model: Model) -> str | None:
    policies = list(product(exact.joint_actions(model.shape), repeat=model.states))
    strict = [policy for policy in policies if _gaps(model, policy)[1] > 0]
    assume(strict)
    return next((reason for policy in strict if (reason := _not_attracting(model, policy))), None)


def check_explicit(budget: Budget) -> Finding:
    """On random models, for every policy that no single agent can leave without loss: the whole statement at ε_0."""
    return sampled(_fails_at_some_policy, models([(2, 2), (2, 3), (2, 2, 2), (3,)], max_states=2), budget, note=NOTE)


CLAIMS = (
    Claim(
        id="thm2.local-attraction",
        statement="With a unique optimal action in every state, for all small ε there is a fixed point whose only "
        "greedy policy is optimal; runs that start near it with that policy keep it and come closer at rate (1+γ)/2",
        latex=r"\exists\varepsilon_0,\delta>0\ \forall\varepsilon\le\varepsilon_0\ \exists V_\varepsilon:\;"
        r"\|V^{(0)}-V_\varepsilon\|\le\delta\Rightarrow\|V^{(t)}-V_\varepsilon\|\le"
        r"\bigl(\tfrac{1+\gamma}2\bigr)^t\|V^{(0)}-V_\varepsilon\|",
        hypotheses="unique maximiser of Q* in every state, ε-greedy data, the run's first greedy policy is optimal",
        source=PAPER,
        method="random instances",
        expected="tested",
        check=check_local_attraction,
        examples=120,
        theorems=(
            Formal("thm2"),
            Formal("thm2-general"),
        ),
    ),
    Claim(
        id="thm2.explicit-epsilon",
        statement="ε_0 can be min(1, D/(4(n-1)(B+D)), (1-γ)/(6γn)), and the neighbourhood D/8, for every policy that "
        "no single agent can leave without a loss of at least D",
        latex=r"\varepsilon_0=\min\Bigl(1,\tfrac D{4(n-1)(B+D)},\tfrac{1-\gamma}{6\gamma n}\Bigr),\quad"
        r"\|V_\varepsilon-V^\pi\|\le\tfrac{3n(n-1)\varepsilon^2B}{1-\gamma},\quad\|A\|_\infty\le\gamma(1+n(n-1)\varepsilon^2)",
        hypotheses="y = r + γPV^π; D > 0 the least loss of a single deviation, B the largest spread of y(s,·)",
        source="ours, on " + PAPER,
        method="random instances",
        expected="tested",
        check=check_explicit,
        examples=50,
    ),
)
