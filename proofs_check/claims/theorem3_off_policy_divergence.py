"""Theorem 3 of arXiv:2006.00587: off-policy divergence and its exact threshold (theory notes, section 4).

The uniform fit is derived with symbolic γ, V(s0), V(s1). With D = V(s1) - V(s0) the iteration is, on all of its domain,
    D' = A(D) = 3/4 + (5γ/4) D if D >= -1/γ, else D' = B(D) = -1/4 + (γ/4) D;   V'(s0) = γ V(s0).
Where D < 0 each step gains more than 1/2 (below), so from every start D >= 0 after at most 2|D| + 1 steps, and then D'
= A(D) forever: D >= 0 implies A(D) >= 3/4. Everything else is the scalar recursion D' = A(D).
Gains: A(D) - D and B(D) - D are affine in D, so on an interval their least value is at an end (or a limit of positive
slope): at D = 0 it is A(0) = 3/4, at D = -1/γ both equal 1/γ - 1/2 > 1/2, and B(D) - D has slope γ/4 - 1 < 0 to the
left.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy
from hypothesis import strategies as st

from fqi_theory.runs.iteration import fitted_q_iteration
from fqi_theory.runs.trajectory import start_from_values
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.evidence import exact
from proofs_check.evidence.instances import tensor
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.symbols import first_nonzero, is_positive
from proofs_check.evidence.two_state import DISCOUNT, V0, V1, two_state, uniform_factors

PAPER = "arXiv:2006.00587 Theorem 3"
MODEL = "two-state example, uniform data"
D = sympy.Symbol("D", real=True)
HALF, GAIN = sympy.Rational(1, 2), sympy.Rational(3, 4)
UP = GAIN + 5 * DISCOUNT / 4 * D
DOWN = -sympy.Rational(1, 4) + DISCOUNT / 4 * D


def _recursion(reward: Any = 1) -> Iterator[tuple[Any, Any]]:
    """The engine's fit against A, B and V'(s0), as identities in γ, V0, V1 (and the reward)."""
    absorbing, staying = uniform_factors(reward)
    scaled = {D: (V1 - V0) / reward}
    for k in (0, 1):
        yield f"agents agree on action {k}", staying[k] - staying[2 + k]
        yield f"V(s0) with action {k}", 2 * absorbing[k] - DISCOUNT * V0
    yield "action 0: D' = A(D)", 2 * staying[0] - DISCOUNT * V0 - reward * UP.subs(scaled)
    yield "action 1: D' = B(D)", 2 * staying[1] - DISCOUNT * V0 - reward * DOWN.subs(scaled)
    yield "A - B = 1 + γ D", UP - DOWN - 1 - DISCOUNT * D


def _first_gap(named: list[tuple[str, Any]]) -> dict[str, Any] | None:
    """Return the first expression that is not shown positive for 0 < γ < 1."""
    return next(({"expected positive": n, "is": str(e)} for n, e in named if not is_positive(e, DISCOUNT)), None)


def _reaches_growth() -> dict[str, Any] | None:
    """Show that D < 0 gains more than 1/2 per step, and that D >= 0 stays: None, or what fails."""
    away = sympy.Symbol("u", positive=True)
    edge = -1 / DISCOUNT
    return _first_gap(
        [
            ("gain of A at D = 0, minus 1/2", (UP - D - HALF).subs(D, 0)),
            ("gain of A at D = -1/γ, minus 1/2", (UP - D - HALF).subs(D, edge)),
            ("gain of B at D = -1/γ - u, minus 1/2", (DOWN - D - HALF).subs(D, edge - away)),
            ("A(D) at D = u", UP.subs(D, away)),
            ("preference for action 0 at D = u", (UP - DOWN).subs(D, away)),
        ]
    )


def check_recursion(_: Budget) -> Finding:
    """Derive A, B and V'(s0) from the uniform fit."""
    count, nonzero = first_nonzero(_recursion())
    evidence = {"identities": count, "A": "3/4 + (5γ/4) D", "B": "-1/4 + (γ/4) D", "switch": "D = -1/γ"}
    return settle(nonzero, "proved", evidence)


def _case(extra: list[tuple[str, Any]], positive: list[tuple[str, Any]], note: str) -> Finding:
    count, failure = first_nonzero([*_recursion(), *extra])
    failure = failure or _reaches_growth()
    failure = failure or next(({"expected positive": n, "is": str(e)} for n, e in positive if not is_positive(e)), None)
    return settle(failure, "proved", {"identities": count, "positive": 5 + len(positive)}, note=note)


def check_divergence(_: Budget) -> Finding:
    """γ > 4/5: once D >= 0, A(D) >= 3/4 + ρ D with ρ = 5γ/4 > 1."""
    above = sympy.Symbol("h", positive=True)
    growth = (5 * DISCOUNT / 4 - 1).subs(DISCOUNT, sympy.Rational(4, 5) + above)
    closed = [("A(D) - D0 = ρ (D - D0) at D0 = 3/(4-5γ)", sympy.cancel(UP - FIXED - 5 * DISCOUNT / 4 * (D - FIXED)))]
    return _case(closed, [("5γ/4 - 1", growth)], "growth 5γ/4 from every start, D < 0 included")


def check_boundary(_: Budget) -> Finding:
    """γ = 4/5: A(D) - D = 3/4 identically."""
    step = (UP - D).subs(DISCOUNT, sympy.Rational(4, 5)) - GAIN
    note = "V(s1) grows by exactly 3/4 per step once D >= 0 (plus (4/5)^t V(s0) terms that vanish)"
    return _case([("A(D) - D - 3/4 at γ = 4/5", step)], [], note)


FIXED = 3 / (4 - 5 * DISCOUNT)


def check_convergence(_: Budget) -> Finding:
    """γ < 4/5: A is a contraction with rate 5γ/4 and fixed point 3/(4-5γ)."""
    below = sympy.Symbol("h", positive=True)
    rate = (1 - 5 * DISCOUNT / 4).subs(DISCOUNT, sympy.Rational(4, 5) * below / (1 + below))
    closed = [("A(D) - D0 = (5γ/4)(D - D0)", sympy.cancel(UP - FIXED - 5 * DISCOUNT / 4 * (D - FIXED)))]
    return _case(closed, [("1 - 5γ/4", rate)], "V(s0) -> 0, so V(s1) -> 3/(4-5γ) from every start")


def check_bias(_: Budget) -> Finding:
    """Compare the limit 3/(4-5γ) with V*(s1) = 1/(1-γ): their difference has the sign of 2γ - 1."""
    difference = FIXED - 1 / (1 - DISCOUNT)
    identity = sympy.cancel(difference - (2 * DISCOUNT - 1) / ((4 - 5 * DISCOUNT) * (1 - DISCOUNT)))
    count, nonzero = first_nonzero([*_recursion(), ("limit - V*", identity)])
    return settle(nonzero, "proved", {"identities": count, "limit": "3/(4-5γ)", "V*(s1)": "1/(1-γ)", "equal at": "1/2"})


def check_reward_scale(_: Budget) -> Finding:
    """Reward c: the recursion is the one for reward 1 in the variables V/c; hence 1000 scales every value by 1000."""
    count, nonzero = first_nonzero(_recursion(sympy.Symbol("c", positive=True)))
    if nonzero is None:
        nonzero = _scaled_run_differs()
    return settle(nonzero, "proved", {"identities": count, "scale of the run": 1000}, 1)


def _scaled_run_differs() -> dict[str, Any] | None:
    one, thousand = (fitted_q_iteration(two_state("9/10", c), iterations=20).values for c in (1, 1000))
    place = next((t for t in range(21) if [1000 * x for x in one[t]] != list(thousand[t])), None)
    return None if place is None else {"t": place, "reward 1": one[place], "reward 1000": thousand[place]}


Start = tuple[Fraction, Fraction, Fraction]


def _starts() -> st.SearchStrategy[Start]:
    discounts = st.sampled_from([Fraction(k, 20) for k in range(20)] + [Fraction(81, 100), Fraction(99, 100)])
    levels = st.fractions(-40, 40, max_denominator=12)
    return st.tuples(discounts, levels, levels)


def _run_leaves_recursion(start: Start) -> str | None:
    discount, *values = start
    model = two_state(discount)
    run = fitted_q_iteration(model, initial=start_from_values(model, tensor(values, (2,))), iterations=12)
    v0, d = values[0], values[1] - values[0]
    for t in range(1, 13):
        up, down = Fraction(3, 4) + 5 * discount / 4 * d, -Fraction(1, 4) + discount / 4 * d
        if d < 0 and not max(up, down) - d > Fraction(1, 2):
            return f"t = {t}: the gain from D = {d} is {max(up, down) - d}"
        v0, d = discount * v0, max(up, down)
        if exact.fractions(run.values[t]) != [v0, v0 + d]:
            return f"t = {t}: values {run.values[t].tolist()}, the recursion gives {[v0, v0 + d]}"
    return None


def check_every_start(budget: Budget) -> Finding:
    """Compare the engine's runs from random starts and discounts with the recursion, exactly, for twelve steps."""
    return sampled(_run_leaves_recursion, _starts(), budget)


def _claim(name: str, statement: str, latex: str, check: Any, hypotheses: str = MODEL, source: str = PAPER) -> Claim:
    return Claim(
        f"thm3.{name}", statement, latex, hypotheses, source, "symbolic", "proved", check, 0, THEOREMS.get(name, ())
    )


THEOREMS = {
    "recursion": (Formal("thm3-recursion", "V(s0) = 0 and V(s1) >= 0"),),
    "divergence": (Formal("thm3-diverges", "V(s0) = 0: unbounded"), Formal("thm3-run-exists", "runs exist")),
    "boundary": (
        Formal("thm3-diverges", "V(s0) = 0: unbounded"),
        Formal("refuted-divergence-79", "at γ = 79/100 it is not"),
    ),
    "convergence": (Formal("thm3-converges", "V(s0) = 0"), Formal("thm3-contracts", "V(s0) = 0: the rate")),
}
OURS = "ours, on " + PAPER
CLAIMS = (
    _claim(
        "recursion",
        "The uniform fit gives D' = 3/4 + (5γ/4)D for D = V(s1)-V(s0) >= -1/γ, else -1/4 + (γ/4)D; V'(s0) = γV(s0)",
        r"D'=\max\bigl(\tfrac34+\tfrac{5\gamma}4D,\;-\tfrac14+\tfrac\gamma4D\bigr)",
        check_recursion,
    ),
    _claim(
        "divergence",
        "γ > 4/5: V(s1) diverges geometrically at rate 5γ/4 from every start",
        r"\gamma>\tfrac45\Rightarrow V^{(t)}(s_1)\sim(5\gamma/4)^t\to\infty",
        check_divergence,
        MODEL + ", 4/5 < γ < 1, any start",
    ),
    _claim(
        "boundary",
        "γ = 4/5: V(s1) grows linearly, by exactly 3/4 per step, from every start",
        r"\gamma=\tfrac45\Rightarrow D^{(t+1)}=D^{(t)}+\tfrac34",
        check_boundary,
        MODEL + ", γ = 4/5, any start",
        OURS,
    ),
    _claim(
        "convergence",
        "γ < 4/5: V(s1) converges to 3/(4-5γ) at rate 5γ/4 from every start",
        r"\gamma<\tfrac45\Rightarrow V^{(t)}(s_1)\to\tfrac3{4-5\gamma}",
        check_convergence,
        MODEL + ", 0 < γ < 4/5, any start",
        OURS,
    ),
    _claim(
        "bias",
        "The limit 3/(4-5γ) is below V*(s1) = 1/(1-γ) for γ < 1/2 and above it for 1/2 < γ < 4/5",
        r"\tfrac3{4-5\gamma}-\tfrac1{1-\gamma}=\tfrac{2\gamma-1}{(4-5\gamma)(1-\gamma)}",
        check_bias,
        MODEL + ", γ < 4/5",
        OURS,
    ),
    _claim(
        "reward-scale",
        "Reward c > 0 instead of 1 scales every value by c (the authors' code has c = 1000)",
        r"F_c(cV)=c\,F_1(V)",
        check_reward_scale,
        source="lecture 25; arXiv:2008.01062, authors' code",
    ),
    Claim(
        id="thm3.every-start",
        statement="Exact runs from random starts, V(s1) < 0 included, follow the recursion and gain more than "
        "1/2 while D < 0",
        latex=r"D<0\Rightarrow D'-D>\tfrac12",
        hypotheses=MODEL + ", 0 <= γ < 1, any start",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_every_start,
        examples=150,
    ),
)
