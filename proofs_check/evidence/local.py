"""On-policy linear FQI near one policy, in the judge's own fractions (theory notes, section 5).

While the greedy policy is π the data are ε-greedy around π and one step is affine:
    Q_i(s,x) = R_i(s,x) + γ Σ_s' P_i(s'|s,x) V(s'),     V'(s) = Σ_i Q_i(s,π_i(s)) = c(s) + Σ_s' A(s,s') V(s').
π attracts if the fixed point of this map keeps π strictly greedy and ||A||_∞ = max_s Σ_s' |A(s,s')| < 1: then the ball
in which no ranking can change is mapped into itself and contracted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape
from proofs_check.evidence.instances import Model

Policy = tuple[JointAction, ...]


@dataclass(frozen=True)
class Mode:
    """The affine step under policy π: R_i and γ P_i as [state][agent][action](...), c and A as [state](...)."""

    policy: Policy
    rewards: list[list[list[Fraction]]]
    kernel: list[list[list[list[Fraction]]]]
    constant: list[Fraction]
    matrix: list[list[Fraction]]

    def factors(self, values: Sequence[Fraction]) -> list[list[list[Fraction]]]:
        """Return Q_i as [state][agent][action]."""
        return [
            [
                [r + _dot(p, values) for r, p in zip(own, rows, strict=True)]
                for own, rows in zip(agents, kernels, strict=True)
            ]
            for agents, kernels in zip(self.rewards, self.kernel, strict=True)
        ]


@dataclass(frozen=True)
class Attractor:
    """A fixed point V, the strict margin of its greedy actions, ||A||_∞ and the radius of a certified neighbourhood."""

    values: list[Fraction]
    margin: Fraction
    contraction: Fraction
    radius: Fraction


def epsilon_marginals(shape: Shape, action: JointAction, epsilon: Fraction) -> list[list[Fraction]]:
    """Return 1-ε+ε/|A_i| for the greedy action of each agent and ε/|A_i| for every other."""
    return [
        [epsilon / k + (1 - epsilon if x == a else 0) for x in range(k)] for k, a in zip(shape, action, strict=True)
    ]


def mode(model: Model, policy: Policy, epsilon: Fraction) -> Mode:
    """Return the step of `model` under ε-greedy data around `policy`."""
    rewards, kernel = [], []
    for s, action in enumerate(policy):
        p = epsilon_marginals(model.shape, action, epsilon)
        rewards.append(exact.closed_form(exact.table(model.shape, model.reward[s]), p))
        columns = [
            exact.closed_form(exact.table(model.shape, [row[t] for row in model.kernel[s]]), p)
            for t in range(model.states)
        ]
        kernel.append(
            [
                [[model.discount * column[i][x] for column in columns] for x in range(k)]
                for i, k in enumerate(model.shape)
            ]
        )
    constant = [sum((own[x] for own, x in zip(rewards[s], a, strict=True)), Fraction(0)) for s, a in enumerate(policy)]
    matrix = [
        [sum((own[x][t] for own, x in zip(kernel[s], a, strict=True)), Fraction(0)) for t in range(model.states)]
        for s, a in enumerate(policy)
    ]
    return Mode(policy, rewards, kernel, constant, matrix)


def fixed_point(step: Mode) -> list[Fraction] | None:
    """Return the solution of V = c + A V, or None where it is not unique."""
    size = range(len(step.constant))
    try:
        return exact.solve([[Fraction(s == t) - step.matrix[s][t] for t in size] for s in size], step.constant)
    except ZeroDivisionError:
        return None


def attractor(model: Model, policy: Policy, epsilon: Fraction) -> Attractor | None:
    """Return the certified attracting fixed point of `policy`, or None where the conditions do not hold."""
    step = mode(model, policy, epsilon)
    values = fixed_point(step)
    contraction = max(sum(map(abs, row), Fraction(0)) for row in step.matrix)
    if values is None or contraction >= 1:
        return None
    margin = radius = Fraction(1_000_000)
    factors = step.factors(values)
    for s, action in enumerate(policy):
        for i, x in enumerate(action):
            for y in (y for y in range(model.shape[i]) if y != x):
                gap = factors[s][i][x] - factors[s][i][y]
                slope = sum(abs(p - q) for p, q in zip(step.kernel[s][i][x], step.kernel[s][i][y], strict=True))
                margin = min(margin, gap)
                radius = min(radius, gap / slope / 2) if slope else radius
    return Attractor(values, margin, contraction, radius) if margin > 0 else None


def _dot(row: Sequence[Fraction], values: Sequence[Fraction]) -> Fraction:
    return sum((p * v for p, v in zip(row, values, strict=True)), Fraction(0))
