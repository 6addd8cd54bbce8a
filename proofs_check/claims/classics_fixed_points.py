"""Older results on instances: approximate value iteration without a fixed point, and chattering between policies.

De Farias and Van Roy (On the existence of fixed points for approximate value iteration and temporal-difference
learning, 2000): there need not be a fixed point. Gordon (Chattering in SARSA(λ), 1996): greedy updates can wander
between policies for ever.
"""

from fractions import Fraction
from itertools import product

import fqi_theory as ft
from proofs_check.checker import check
from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Model, tensor
from proofs_check.evidence.local import fixed_point, mode
from proofs_check.evidence.two_state import GREEDY

FIXED = "de Farias and Van Roy 2000"
GAMMAS = tuple(map(Fraction, ("4/5", "9/10", "99/100")))


def _two_state_change(gamma: Fraction, gap: Fraction) -> Fraction:
    """Return D' - D, D' = max(3/4 + 5γD/4, -1/4 + γD/4), the change of V(s1) - V(s0) in Theorem 3's example."""
    return max(Fraction(3, 4) + 5 * gamma * gap / 4, Fraction(-1, 4) + gamma * gap / 4) - gap


def check_fixed_point(_: Budget) -> Finding:
    """Theorem 3's example at γ >= 4/5: D' - D is convex with its least value 1/γ - 1/2 > 0 at D = -1/γ."""
    for gamma in GAMMAS:
        model, turn = ft.load("two-state", discount=str(gamma)), -1 / gamma
        step = ft.collapse(model, ft.uniform().at(model, GREEDY))
        for gap in (turn, turn - 3, turn + 2, Fraction(0)):
            values = exact.fractions(step.step(tensor([0, gap], (2,))).values)
            if values[1] - values[0] - gap != _two_state_change(gamma, gap):
                return Finding("unknown", len(GAMMAS), {"gamma": gamma, "D": gap, "engine": values})
        slopes = 5 * gamma / 4 - 1, gamma / 4 - 1
        if _two_state_change(gamma, turn) != 1 / gamma - Fraction(1, 2) or not slopes[1] < 0 <= slopes[0]:
            return Finding("unknown", len(GAMMAS), {"gamma": gamma})
    witness = {"model": "two-state", "gamma": GAMMAS, "least change of D": [1 / g - Fraction(1, 2) for g in GAMMAS]}
    return settle(witness, "tested", {}, len(GAMMAS), "the slopes of the two pieces have the signs + and -")


HALF = Fraction(1, 2)
RESTLESS = Model(
    (2, 2),
    (tuple(map(Fraction, (0, 1, 0, 2))), tuple(map(Fraction, (1, 0, 0, 0)))),
    tuple(tuple((Fraction(s == 0), Fraction(s == 1)) for s in row) for row in ((0, 0, 1, 1), (1, 0, 1, 1))),
    Fraction(9, 10),
)


def _consistent(policy: tuple[exact.JointAction, ...]) -> bool:
    """Tell whether the mode of a policy has a fixed point at which each of its actions is greedy, ties allowed."""
    step = mode(RESTLESS, policy, HALF)
    values = fixed_point(step)
    if values is None:
        return True
    factors = step.factors(values)
    return all(factors[s][i][x] == max(factors[s][i]) for s, action in enumerate(policy) for i, x in enumerate(action))


def check_chattering(_: Budget) -> Finding:
    """No policy of a two-state model is greedy at its own fixed point (ε = 1/2); its run is a certified cycle."""
    policies = list(product(exact.joint_actions((2, 2)), repeat=2))
    if any(map(_consistent, policies)):
        return settle(None, "tested", {}, len(policies))
    fate = ft.decide(RESTLESS.mmdp(), data=ft.epsilon_greedy(HALF))
    if fate.kind != "cycles" or fate.certificate is None or not check(fate.certificate).accepted:
        return Finding("unknown", len(policies), {"fate": fate.kind})
    witness = {"rewards": RESTLESS.reward, "discount": RESTLESS.discount, "epsilon": HALF, "period": fate.period}
    return settle(
        witness, "tested", {}, len(policies), "the run's certificate is accepted; it chatters between policies"
    )


CLAIMS = (
    decided_claim(
        "classics.fixed-point",
        "Fitted Q-iteration of a linear class on fixed data has a fixed point",
        r"\exists V:\;F(V)=V",
        "γ < 1, full-support data; Theorem 3's example at three γ >= 4/5",
        "ours, on " + FIXED,
        check_fixed_point,
    ),
    decided_claim(
        "classics.chattering",
        "On-policy fitted Q-iteration of a linear class has a fixed point",
        r"\exists V,\pi:\;V=F_{\pi,\varepsilon}(V),\;\pi\text{ greedy}",
        "ε-greedy data, ε = 1/2, γ = 9/10",
        "ours, on Gordon 1996 and " + FIXED,
        check_chattering,
    ),
)
