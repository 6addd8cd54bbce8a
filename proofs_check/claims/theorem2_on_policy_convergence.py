"""Theorem 2 of arXiv:2006.00587: on-policy data make the optimal policy locally attracting
(theory notes, section 5)."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from fqi_theory.data.sources import epsilon_greedy
from fqi_theory.model.mmdp import MMDP
from fqi_theory.operators.value_space import collapse
from fqi_theory.planning.optimal import solve
from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Model, tensor
from proofs_check.evidence.local import Attractor, Policy, attractor
from proofs_check.evidence.symbols import first_nonzero, is_positive
from proofs_check.evidence.two_state import DISCOUNT, V0, V1, two_state

PAPER = "arXiv:2006.00587 Theorem 2"
HALF = sympy.Rational(1, 2)
EPSILON = sympy.Symbol("epsilon", positive=True)
HALVINGS = 40
PERSISTS = 4


def _on_policy_step() -> tuple[Any, Any]:
    """Return Q_tot(s1,(0,0)) and Q_1(s1,0) - Q_1(s1,1) under ε-greedy data around (0,0), symbolic γ, ε, V."""
    model = two_state(DISCOUNT)
    around = epsilon_greedy(EPSILON).at(model, np.zeros((2, 2), dtype=int))
    first, second = (list(f[1]) for f in collapse(model, around).factors(np.array([V0, V1], dtype=object)))
    return first[0] + second[0], first[0] - first[1]


def check_multiplier(_: Budget) -> Finding:
    """Derive V'(s1) = 1-ε²/4 + γ(1+ε²/4)V(s1) - (γε²/4)V(s0) symbolically and evaluate the multiplier."""
    value, gap = _on_policy_step()
    q = EPSILON / 2
    multiplier = DISCOUNT * (1 + q**2)
    count, nonzero = first_nonzero(
        [
            ("V'(s1)", value - (1 - q**2 + multiplier * V1 - DISCOUNT * q**2 * V0)),
            ("multiplier of V(s1)", sympy.diff(value, V1) - multiplier),
            ("Q_i(0) - Q_i(1)", gap - (1 - q + q * DISCOUNT * (V1 - V0))),
        ]
    )
    numbers = {}
    for epsilon, expected in (("1", "9/8"), ("1/2", "153/160"), ("1/10", "3609/4000")):
        found = sympy.diff(value, V1).subs({DISCOUNT: sympy.Rational(9, 10), EPSILON: sympy.Rational(epsilon)})
        numbers[f"gamma=9/10, epsilon={epsilon}"] = found
        if found != sympy.Rational(expected) and nonzero is None:
            nonzero = {"identity": f"multiplier at epsilon={epsilon}", "value": str(found), "expected": expected}
    return settle(nonzero, "proved", {"identities": count, "multipliers": numbers})


def check_critical_epsilon(_: Budget) -> Finding:
    """Show multiplier - 1 = (γ/4)(ε-ε_c)(ε+ε_c) and that the fixed point for ε < ε_c keeps (0,0) strictly greedy."""
    value, gap = _on_policy_step()
    critical = 2 * sympy.sqrt(1 / DISCOUNT - 1)
    multiplier = sympy.diff(value, V1)
    drift = value.subs({V0: 0, V1: 0})
    level = sympy.Symbol("V", positive=True)
    count, nonzero = first_nonzero(
        [
            (
                "multiplier - 1",
                sympy.expand(multiplier - 1 - DISCOUNT / 4 * (EPSILON - critical) * (EPSILON + critical)),
            ),
            (
                "fixed point",
                sympy.cancel(
                    drift / (1 - multiplier) - 4 * (1 - EPSILON**2 / 4) / (4 - 4 * DISCOUNT - DISCOUNT * EPSILON**2)
                ),
            ),
        ]
    )
    if nonzero is None and not (is_positive(gap.subs({V0: 0, V1: level}), EPSILON) and is_positive(drift, EPSILON)):
        nonzero = {"identity": "drift and greedy margin are positive for V(s1) >= 0"}
    example = {DISCOUNT: sympy.Rational(9, 10), EPSILON: HALF}
    sample = {
        "D": (drift / (1 - multiplier)).subs(example),
        "contraction": multiplier.subs(example),
        "region": "D >= 0",
    }
    evidence = {
        "gamma=9/10, epsilon=1/2": sample,
        "critical epsilon": {g: _critical(sympy.Rational(g)) for g in ("9/10", "99/100", "17/20", "49/50")},
    }
    note = "0 < epsilon < 1; the fixed point's level is positive iff the multiplier is below 1, and it then attracts"
    return settle(nonzero, "proved", {"identities": count, **evidence}, note=note)


def _critical(gamma: Any) -> dict[str, str]:
    """Return ε_c at a discount as an algebraic number: closed form, minimal polynomial, isolating interval."""
    x = sympy.Symbol("x")
    number = 2 * sympy.sqrt(1 / gamma - 1)
    polynomial = sympy.minimal_polynomial(number, x)
    ((low, high),) = [
        interval for interval, _ in sympy.Poly(polynomial, x).intervals(eps=sympy.Rational(1, 10**6)) if interval[1] > 0
    ]
    return {"value": str(number), "minimal polynomial": str(polynomial), "interval": f"[{low}, {high}]"}


def optimal_actions(model: Model) -> list[frozenset[exact.JointAction]]:
    """Return argmax_a Q*(s,a) for every state; raises ArithmeticError unless the engine's V* satisfies optimality."""
    values = exact.fractions(solve(model.mmdp()).values)
    targets = model.backup(values)
    if [max(y.values()) for y in targets] != values:
        raise ArithmeticError("the engine's V* does not satisfy the optimality equation")
    return [exact.maximisers(y) for y in targets]


def small_epsilon(model: Model, policy: Policy, attracts: bool = True) -> tuple[Fraction, Attractor | None] | None:
    """Halve ε from 1 until at it and three further halvings `policy` attracts (or does not); None after 40 halvings."""
    run: list[tuple[Fraction, Attractor | None]] = []
    for k in range(HALVINGS):
        found = attractor(model, policy, Fraction(1, 2**k))
        run = [*run, (Fraction(1, 2**k), found)] if (found is not None) == attracts else []
        if len(run) == PERSISTS:
            return run[0]
    return None


def leaves_neighbourhood(
    model: MMDP, policy: Policy, epsilon: Fraction, around: Attractor, steps: int = 3
) -> str | None:
    """Run the engine on-policy from the corners of the certified ball; say how it leaves or fails to contract."""
    for sign in (1, -1):
        start = [v + sign * around.radius * (-1) ** s for s, v in enumerate(around.values)]
        position = start_from_values(model, tensor(start, (len(start),)), np.array(policy))
        run = fitted_q_iteration(model, data=epsilon_greedy(epsilon), initial=position, iterations=steps)
        for t in range(1, steps + 1):
            distance = max(abs(exact.fraction(v) - w) for v, w in zip(run.values[t], around.values, strict=True))
            if tuple(map(tuple, run.greedy[t].tolist())) != policy:
                return f"epsilon = {epsilon}, step {t}: the greedy policy changes to {run.greedy[t].tolist()}"
            if distance > around.contraction**t * around.radius:
                return f"epsilon = {epsilon}, step {t}: distance {distance} exceeds the contraction bound"
    return None


CLAIMS = (
    Claim(
        id="thm2.multiplier",
        statement="Two-state example, ε-greedy data around (0,0): V(s1) is multiplied by γ(1+ε²/4) per step",
        latex=r"V'(s_1)=1-\tfrac{\varepsilon^2}4+\gamma\bigl(1+\tfrac{\varepsilon^2}4\bigr)V(s_1)"
        r"-\tfrac{\gamma\varepsilon^2}4V(s_0)",
        hypotheses="two-state example, greedy action (0,0)",
        source=PAPER + "; lecture 25",
        method="symbolic",
        expected="proved",
        check=check_multiplier,
        theorems=(Formal("thm2-example", "V(s0) = 0, at every step of a run that starts around (0,0)"),),
    ),
    Claim(
        id="thm2.critical-epsilon",
        statement="Two-state example: the optimal fixed point is attracting iff ε < 2·sqrt(1/γ - 1)",
        latex=r"\varepsilon_c=2\sqrt{1/\gamma-1}",
        hypotheses="two-state example, 0 < ε < 1, 0 < γ < 1",
        source="ours, on " + PAPER,
        method="symbolic",
        expected="proved",
        check=check_critical_epsilon,
        theorems=(Formal("thm2-critical", "V(s0) = 0: runs converge or not"),),
    ),
)
