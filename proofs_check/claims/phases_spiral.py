"""Oscillation that no damping removes (theory notes, section 18; ours): three states, two agents, uniform data.

In each of three states b = (1,1) leads to the next state, round and round, everything else stays; an agent earns 1 by
playing 0. With w(a) = W(a, (1,1)), which is -1/4, 1/4 or 3/4, V'(s) = max_a [ρ(a) + γ((1-w) V(s) + w V(s+1))]. At
γ = 47/64:
1. γ(1+ν) = 235/256 < 1: every damped run, V <- (1-α) V + α F(V), α in (0,1], is bounded (Theorem A.2).
2. Of the 64 modes one has its fixed point greedy: (0,0) everywhere, V = c = 2/(1-γ), strictly. So F has one fixed
   point.
3. There V' = c + A (V - c) with A = γ(5/4 - shift/4). Let q(d) = Σ_s (d(s) - d(s+1))². For B = 1 - α + αA exactly
   q(Bd) = |1 + α(λ-1)|² q(d), λ = γ(5 - ω)/4 with ω³ = 1: Re λ = γ(1 + 3ν/2) = 517/512 > 1, so q grows at every α. A
   run that converges would have to land where q = 0, on a constant V.
4. It never does. γ(1-w) and γw are odd multiples of 1/256 for every a. Write V = U/2^k up to odd denominators, U not
   constant mod 2. Then V' = U'/2^(k+8) with U'(s) = U(s) + U(s+1) mod 2 in every mode, and this map of the six
   non-constant vectors never leaves them. Damping multiplies by α and adds (1-α) V, whose 2-adic valuation is larger
   unless 256 divides the numerator of α. The start is (0, 1, 0), with k = 0.
So for every such α, α = 1 and all α with an odd numerator among them, the run is bounded and does not converge.
"""

from fractions import Fraction
from itertools import product
from typing import Any

import sympy

import fqi_theory as ft
from proofs_check.checker import check
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Model, Numbers, tensor
from proofs_check.evidence.weights import Weights, fitted, negative_mass, uniform_weights

GAMMA = Fraction(47, 64)
STATES, SHAPE = 3, (2, 2)
START = (Fraction(0), Fraction(1), Fraction(0))
RATES = (Fraction(1), Fraction(1, 2), Fraction(1, 10), Fraction(1, 100))


def spiral() -> Model:
    """Return the model."""
    actions = exact.joint_actions(SHAPE)
    ahead = [[(s + 1) % STATES if a == (1, 1) else s for a in actions] for s in range(STATES)]
    kernel = tuple(tuple(tuple(Fraction(t == u) for u in range(STATES)) for t in row) for row in ahead)
    return Model(SHAPE, (tuple(Fraction(a.count(0)) for a in actions),) * STATES, kernel, GAMMA)


def _tables(model: Model, weights: Weights, values: Any) -> list[exact.Table]:
    return [fitted(weights, y) for y in model.backup(values)]


def _fixed_points(model: Model, weights: Weights) -> list[tuple[list[Fraction], bool]]:
    """Return every fixed point of F, with whether all greedy actions are strict there."""
    zero = _tables(model, weights, [Fraction(0)] * STATES)
    units = [[Fraction(s == t) for s in range(STATES)] for t in range(STATES)]
    rows = [
        [{a: q - zero[s][a] for a, q in table.items()} for s, table in enumerate(_tables(model, weights, u))]
        for u in units
    ]
    found = {}
    for mode in product(exact.joint_actions(SHAPE), repeat=STATES):
        matrix = [[Fraction(s == t) - rows[t][s][a] for t in range(STATES)] for s, a in enumerate(mode)]
        try:
            values = exact.solve(matrix, [zero[s][a] for s, a in enumerate(mode)])
        except ZeroDivisionError:
            return []
        tables = _tables(model, weights, values)
        if values == [max(q.values()) for q in tables]:
            found[tuple(values)] = all(len(exact.maximisers(q)) == 1 for q in tables)
    return [(list(values), strict) for values, strict in found.items()]


def _grows_at_every_rate() -> bool:
    """Check q(Bd) = (1 + 2α(Re λ - 1) + α²|λ-1|²) q(d) with α and d as symbols, and Re λ > 1."""
    alpha, d = sympy.Symbol("alpha", positive=True), sympy.symbols("d0:3")
    own, other = (sympy.Rational(x) for x in (GAMMA * Fraction(5, 4), -GAMMA / 4))
    moved = [(1 - alpha) * d[s] + alpha * (own * d[s] + other * d[(s + 1) % STATES]) for s in range(STATES)]
    real, square = own - other / 2 - 1, (own - other / 2 - 1) ** 2 + 3 * other**2 / 4
    factor = 1 + 2 * alpha * real + alpha**2 * square
    return bool(real > 0) and sympy.expand(_spread(moved) - factor * _spread(d)) == 0


def _spread(d: Any) -> Any:
    return sum((d[s] - d[(s + 1) % STATES]) ** 2 for s in range(STATES))


def _odd_over_256(weights: Weights) -> bool:
    rows = [row[1, 1] for row in weights.values()]
    return all((256 * GAMMA * x).denominator == 1 and (256 * GAMMA * x).numerator % 2 for w in rows for x in (w, 1 - w))


def _stays_uneven() -> bool:
    """Check that u(s) + u(s+1) mod 2 of a non-constant vector is not constant."""
    vectors = [u for u in product((0, 1), repeat=STATES) if len(set(u)) > 1]
    return all(tuple((u[s] + u[(s + 1) % STATES]) % 2 for s in range(STATES)) in vectors for u in vectors)


def _engine_differs(model: Model, weights: Weights, rate: Fraction) -> str | None:
    """Compare ten damped steps with the engine, and have it certify that the run is bounded."""
    damped = ft.damped(model.mmdp(), rate)
    start = ft.start_from_values(damped, tensor(START, (STATES,)))
    values: Numbers = START
    for found in list(ft.fitted_q_iteration(damped, initial=start, iterations=10).values)[1:]:
        tops = [max(q.values()) for q in _tables(model, weights, values)]
        values = tuple((1 - rate) * v + rate * top for v, top in zip(values, tops, strict=True))
        if exact.fractions(found) != list(values):
            return f"α = {rate}: the engine has {found}, expected {values}"
    fate = ft.decide(damped, initial=start)
    accepted = fate.kind == "bounded" and check(fate.certificate).accepted
    return None if accepted else f"α = {rate}: decide says {fate.kind}"


def _premises() -> dict[str, bool]:
    model, weights = spiral(), uniform_weights(SHAPE, 1)
    fixed = _fixed_points(model, weights)
    return {
        "γ(1+ν) < 1": GAMMA * (1 + negative_mass(weights)) < 1,
        "one fixed point, all greedy actions strict": fixed == [([2 / (1 - GAMMA)] * STATES, True)],
        "q grows there at every α": _grows_at_every_rate(),
        "all weights are odd multiples of 1/256": _odd_over_256(weights),
        "non-constant vectors mod 2 stay non-constant": _stays_uneven(),
        "the engine runs so, and certifies boundedness": all(_engine_differs(model, weights, a) is None for a in RATES),
    }


def check_damping_proof(_: Budget) -> Finding:
    """Decide every premise of the argument above in exact arithmetic."""
    premises = _premises()
    failed = [name for name, holds in premises.items() if not holds]
    evidence = {"checked": premises, "γ": GAMMA, "Re λ": GAMMA * Fraction(11, 8), "engine at α": RATES}
    return settle({"fails": failed} if failed else None, "proved", evidence, 1 + len(RATES), NOTE)


NOTE = "the fixed point repels at every α, and the 2-adic valuation of the values falls for ever"
CLAIMS = (
    Claim(
        id="phases.damping-proof",
        statement="There is a model of three states on which no damping helps: bounded runs that converge at no α",
        latex=r"\gamma(1+\nu)<1<\gamma(1+\tfrac32\nu):\;V\leftarrow(1-\alpha)V+\alpha F(V)\text{ does not converge}",
        hypotheses="two agents, two actions, uniform data, γ = 47/64, start (0, 1, 0); every rational α in (0, 1] "
        "whose numerator is not a multiple of 256",
        source="ours",
        method="symbolic",
        expected="proved",
        check=check_damping_proof,
    ),
)
