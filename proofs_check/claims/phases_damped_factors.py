"""Damped factors on-policy, Q <- (1-α) Q + α·fit (theory notes, section 15; ours): here damping can help.

Theorem B's model with two agents, δ = ε/2. Both agents have the same two factors in s1: h of the greedy action, l of
the other. While (0,0) and (1,1) take turns, a step is affine, x' = M x + b for x = (h, l), with entries >= 0:
    h' = (1-α) l + α (1-δ)² (1 + 2γh),        l' = (1-α) h + α δ² (1 + 2γh),
and they take turns as long as h' > l'. det(I - M) = α (2 - α - 2γ((1-δ)² + (1-α)δ²)), so that the threshold is
α* = (2 - 2γ((1-δ)² + δ²)) / (1 - 2γδ²).
With r just below the ratio l/h of M(1, 1), M maps both extreme rays of C = {h >= l >= r h} into its interior. Once x
and its last change lie inside C, all later x do, and they take turns for ever. Then x grows without bound if
det(I - M) < 0 (an eigenvalue above 1; M is primitive) and tends to (I - M)^-1 b, a 2-cycle of the run, if 1 - M_11 > 0
and det(I - M) > 0 (both eigenvalues inside the unit circle, as M >= 0).
"""

from fractions import Fraction
from itertools import pairwise

from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact

GAMMA, EPSILON = Fraction(99, 100), Fraction(1, 10)
RARE = EPSILON / 2
GROWING, CYCLING = (Fraction(21, 100), Fraction(3, 10)), (Fraction(1, 10), Fraction(20, 100))
FOLLOWED = 40

Pair = tuple[Fraction, Fraction]


def run(rate: Fraction, count: int) -> list[Pair]:
    """Return (h, l) of `count` steps from Q = 0, by Theorem 1's closed form under the data of the greedy actions.

    Raises ArithmeticError unless both agents have the same factors and (0,0) and (1,1) take turns.
    """
    factors, pairs = [[Fraction(0)] * 2 for _ in range(2)], []
    for t in range(count):
        greedy = [exact.first_maximiser(own) for own in factors]
        if greedy != [t % 2] * 2 or factors[0] != factors[1]:
            raise ArithmeticError(f"step {t}: greedy actions {greedy}")
        pairs.append((factors[0][t % 2], factors[0][1 - t % 2]))
        value = sum(map(max, factors))
        target = {a: Fraction(a[0] != a[1]) * (1 + GAMMA * value) for a in exact.joint_actions((2, 2))}
        fit = exact.closed_form(target, [[1 - RARE if x == g else RARE for x in range(2)] for g in greedy])
        factors = [
            [(1 - rate) * q + rate * f for q, f in zip(own, new, strict=True)]
            for own, new in zip(factors, fit, strict=True)
        ]
    return pairs


def turn(pair: Pair, rate: Fraction, pays: int = 1) -> Pair:
    """Return M x + b; pays = 0: M x."""
    h, low = pair
    target = pays + GAMMA * 2 * h
    return (1 - rate) * low + rate * (1 - RARE) ** 2 * target, (1 - rate) * h + rate * RARE**2 * target


def _matrix(rate: Fraction) -> list[list[Fraction]]:
    columns = [turn(unit, rate, 0) for unit in ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))]
    return [[column[k] for column in columns] for k in range(2)]


def takes_turns(rate: Fraction, pairs: list[Pair]) -> bool:
    """Tell whether the run enters the interior of a cone that its steps keep."""
    one = Fraction(1)
    h, low = turn((one, one), rate, 0)
    ratio = low / h * Fraction(99, 100)
    change = (pairs[-1][0] - pairs[-2][0], pairs[-1][1] - pairs[-2][1])
    inside = [turn((one, one), rate, 0), turn((one, ratio), rate, 0), pairs[-1], change]
    return all(h > low > ratio * h > 0 for h, low in inside)


def _failure(rate: Fraction) -> str | None:
    try:
        pairs = run(rate, FOLLOWED)
    except ArithmeticError as error:
        return str(error)
    if any(turn(x, rate) != y for x, y in pairwise(pairs)):
        return "a step is not the affine one"
    if not takes_turns(rate, pairs):
        return "the greedy actions are not known to take turns for ever"
    (a, b), (c, d) = _matrix(rate)
    determinant = (1 - a) * (1 - d) - b * c
    held = determinant < 0 if rate in GROWING else determinant > 0 and a < 1
    return None if held else f"det(I - M) = {determinant}, M_11 = {a}"


def check_damped_factors(_: Budget) -> Finding:
    """Decide both sides by the argument above; all steps in plain sums."""
    failed = next(({"α": a, "fails": r} for a in (*GROWING, *CYCLING) if (r := _failure(a)) is not None), None)
    threshold = (2 - 2 * GAMMA * ((1 - RARE) ** 2 + RARE**2)) / (1 - 2 * GAMMA * RARE**2)
    evidence = {"diverges": GROWING, "2-cycle": CYCLING, "α*": threshold}
    return settle(failed, "certified", evidence, len(GROWING) + len(CYCLING))


CLAIMS = (
    Claim(
        id="phases.damping-on-policy",
        statement="On-policy, damped factors can help: Theorem B's model diverges at α = 3/10 and 21/100 and tends to "
        "a 2-cycle at α = 20/100 and 1/10",
        latex=r"\alpha^*=\frac{2-2\gamma((1-\delta)^2+\delta^2)}{1-2\gamma\delta^2},\;\delta=\tfrac\varepsilon2",
        hypotheses="two agents, two actions, ε = 1/10, γ = 99/100, from Q = 0; factors damped, not values",
        source="ours",
        method="exact instance",
        expected="certified",
        check=check_damped_factors,
    ),
)
