"""A bounded run that approaches no cycle (theory notes, section 3 ✦, ours): the open question is answered by a witness.

Catalogue model `aperiodic`, product data (9/10, 1/10) for each of three agents in both states. With x = V(s1) - V(s0):
1. Each agent's factor in each state is affine in x. One action is greedy for all 0 <= x <= 3, one for all f(3) <= x <=
   0 (checked at the ends), so on I = [f(3), 3] V'(s0) = γ V(s0) + (an affine function of x) and x' = f(x),
       f(x) = 3 - (60021/50000) x  for x >= 0,      f(x) = 3 + (13851/12500) x  for x <= 0.
2. f is increasing up to 0 and decreasing from 0 on, and f(0) = 3, so I is mapped into itself if f(f(3)) >=
   f(3). The run starts at x = 0, so x stays in I, and V(s0), which follows at rate γ < 1, is bounded too.
3. Both slopes have modulus at least λ > 1 and f is continuous, so near any point c, |f(x) - f(c)| >= λ |x - c|. If x_t
   approached a cycle (or a fixed point) c_0, ..., c_{k-1} without ever being on it, its distance to the cycle would
   grow by λ per step once it is small, which is impossible. So it would be on the cycle from some time on, and a value
   would repeat.
4. Let v be the 5-adic valuation of a rational. Both slopes have v = -5 and the constant has v = 0. x_1 = 3 has v = 0,
   and if v(x) <= 0 then v(slope · x) = v(x) - 5 < 0 = v(3), so v(f(x)) = v(x) - 5. The valuations of x_1, x_2, ...
   strictly decrease: no value repeats. (And x_0 = 0 does not come back: v(0) is infinite.)
If V^(t) approached a cycle, x_t would; hence it does not.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from fqi_theory.data.sources import product
from fqi_theory.model import catalog
from fqi_theory.operators.value_space import collapse
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact

MARGINAL = (Fraction(9, 10), Fraction(1, 10))
GAMMA = Fraction(19, 20)
UP, DOWN = Fraction(13851, 12500), Fraction(-60021, 50000)
TOP = Fraction(3)
SHAPE = (2, 2, 2)
PRIME = 5

Line = tuple[Fraction, Fraction]
Factors = list[list[list[Line]]]


def witness() -> Any:
    """Return the engine's model."""
    return catalog.load("aperiodic")


def valuation(value: Fraction, prime: int = PRIME) -> int:
    """Return the exponent of a prime in a rational that is not 0."""
    above, below, power = value.numerator, value.denominator, 0
    while above % prime == 0:
        above, power = above // prime, power + 1
    while below % prime == 0:
        below, power = below // prime, power - 1
    return power


def factor_lines() -> Factors:
    """Return Q_i(s, a_i) at V = (0, x) as lines (value at 0, slope): [state][agent][action], from the definitions.

    y is written down from the words of the model, and its fit is Theorem 1's closed form in plain sums.
    """
    joint = exact.joint_actions(SHAPE)
    pays = [{a: Fraction(0) for a in joint}, {a: Fraction(sum(a)) for a in joint}]
    to_s1 = [{a: Fraction(not any(a)) * p for a in joint} for p in (Fraction(1), Fraction(1, 5))]
    data = [MARGINAL] * 3
    found: Factors = []
    for reward, reach in zip(pays, to_s1, strict=True):
        levels = exact.closed_form(reward, data)
        slopes = exact.closed_form({a: GAMMA * p for a, p in reach.items()}, data)
        found.append([list(zip(q, p, strict=True)) for q, p in zip(levels, slopes, strict=True)])
    return found


def engine_differs(lines: Factors) -> str | None:
    """Compare the lines with the engine's own collapse at V = (0, x); None where all agree."""
    model = witness()
    source = product([[[str(p) for p in MARGINAL]] * 2] * 3)
    f = collapse(model, source.at(model, np.zeros((2, 3), dtype=int)))
    gamma = exact.fraction(model.discount)
    for s, agents in enumerate(lines):
        for i, actions in enumerate(agents):
            for a, (level, slope) in enumerate(actions):
                row = exact.fractions(f.transitions[i][s, a])
                if (exact.fraction(f.rewards[i][s, a]), gamma * row[1]) != (level, slope):
                    return f"state {s}, agent {i}, action {a}: the engine has another factor"
                if sum(row) != Fraction(1, 3):
                    return f"state {s}, agent {i}, action {a}: a constant does not pass through at rate γ"
    return None


def collapsed(lines: Factors, end: Fraction) -> Line | None:
    """Return the line of f between 0 and `end`, None where a greedy action changes between them.

    A line that is highest at 0 and at the end is highest between: there is one such action for each agent and state.
    """
    values = []
    for agents in lines:
        level = slope = Fraction(0)
        for actions in agents:
            top, far = max(q for q, _ in actions), max(q + p * end for q, p in actions)
            greedy = [(q, p) for q, p in actions if q == top and q + p * end == far]
            if not greedy:
                return None
            level, slope = level + greedy[0][0], slope + greedy[0][1]
        values.append((level, slope))
    (low, low_slope), (high, high_slope) = values
    return high - low, high_slope - low_slope


def step(x: Fraction) -> Fraction:
    """Return f(x)."""
    return TOP + (DOWN if x >= 0 else UP) * x


def _premises() -> dict[str, bool]:
    """Return what the argument rests on, each decided exactly."""
    lines = factor_lines()
    bottom = step(TOP)
    orbit = [Fraction(0)]
    for _ in range(12):
        orbit.append(step(orbit[-1]))
    return {
        "the engine's collapse agrees with the plain sums": engine_differs(lines) is None,
        "f(x) = 3 - (60021/50000) x for 0 <= x <= 3": collapsed(lines, TOP) == (TOP, DOWN),
        "f(x) = 3 + (13851/12500) x for f(3) <= x <= 0": collapsed(lines, bottom) == (TOP, UP),
        "0 is inside I = [f(3), 3]": bottom < 0 < TOP,
        "f(I) is inside I": DOWN < 0 < UP and bottom <= step(bottom) <= TOP,
        "both slopes have modulus above 1": min(UP, -DOWN) > 1,
        "both slopes have 5-adic valuation -5": valuation(UP) == valuation(DOWN) == -5,
        "the constant has 5-adic valuation 0": valuation(TOP) == 0,
        "the run starts 0, 3, and its valuations fall by 5": [valuation(x) for x in orbit[1:]]
        == [-5 * k for k in range(12)],
    }


def check_bounded_aperiodic(_: Budget) -> Finding:
    """Decide every premise of the argument above in exact arithmetic."""
    premises = _premises()
    failed = next((name for name, holds in premises.items() if not holds), None)
    evidence = {"model": "aperiodic", "data": "product (9/10, 1/10)", "interval": [step(TOP), TOP], "checked": premises}
    if failed is not None:
        return Finding("unknown", 1, {**evidence, "failed": failed})
    return settle(None, "proved", evidence, 1, NOTE)


NOTE = (
    "x = V(s1) - V(s0) stays in [f(3), 3]; both slopes of f expand, so a cycle could be approached only by landing on "
    "it exactly; from x_1 = 3 on the 5-adic valuation falls by 5 at every step, so no value comes twice"
)
CLAIMS = (
    Claim(
        id="dynamics.bounded-aperiodic",
        statement="There is a model and fixed product data under which linear FQI from Q = 0 stays bounded and "
        "approaches no cycle",
        latex=r"\exists:\;\sup_t\|V^{(t)}\|<\infty,\;V^{(t)}\ \text{approaches no fixed point and no cycle}",
        hypotheses="witness: catalogue model aperiodic (3 agents, 2 actions, 2 states, discount 19/20), every agent "
        "plays (9/10, 1/10) in both states; a cycle is any finite set of points visited in turn, fixed points included",
        source="ours",
        method="symbolic",
        expected="proved",
        check=check_bounded_aperiodic,
    ),
)
