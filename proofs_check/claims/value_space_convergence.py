"""When the value-space operator F contracts (theory notes, section 3 ✦, ours): convexity, K >= 0, weighted norms."""

from fractions import Fraction
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from fqi_theory.data.sources import Uniform
from fqi_theory.operators.value_space import ValueOperator, collapse
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.claims.value_space import FIXED, OURS, apply, operator
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Numbers, Run, models, rewards, runs
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.two_state import GREEDY, two_state

Pair = tuple[Run, Numbers]


@st.composite
def pairs(draw: Any, source: st.SearchStrategy[Run]) -> Pair:
    """Draw a run and a second start W."""
    run = draw(source)
    return run, draw(rewards(run.model.states, 20))


def _not_convex(pair: Pair) -> str | None:
    run, other = pair
    f = operator(run)
    first, second = apply(f, run.start), apply(f, other)
    for weight in (Fraction(1, 2), Fraction(1, 7)):
        mixed = apply(f, [weight * v + (1 - weight) * w for v, w in zip(run.start, other, strict=True)])
        if any(m > weight * a + (1 - weight) * b for m, a, b in zip(mixed, first, second, strict=True)):
            return f"F at the mixture with weight {weight} is {mixed}, above the mixture of {first} and {second}"
    return None


def check_convex(budget: Budget) -> Finding:
    """Check F(αV + (1-α)W) <= αF(V) + (1-α)F(W)."""
    return sampled(_not_convex, pairs(runs(models())), budget)


def distance(first: Any, second: Any, weights: Any = None) -> Fraction:
    """Return max_s |V(s) - W(s)| / w(s)."""
    scale = weights or [Fraction(1)] * len(first)
    return Fraction(max(abs(a - b) / w for a, b, w in zip(first, second, scale, strict=True)))


def _not_contracting(pair: Pair) -> str | None:
    run, other = pair
    f = operator(run)
    assume(min(exact.fractions(f.kernel().flat)) >= 0)
    first, second = apply(f, run.start), apply(f, other)
    if distance(first, second) > run.model.discount * distance(run.start, other):
        return f"distance {distance(run.start, other)} becomes {distance(first, second)}"
    upper = [max(v, w) for v, w in zip(run.start, other, strict=True)]
    if any(a > b for a, b in zip(first, apply(f, upper), strict=True)):
        return f"not monotone: F({list(run.start)}) exceeds F({upper}) somewhere"
    return None


def check_nonnegative_contracts(budget: Budget) -> Finding:
    """Check contraction and monotonicity on models with K >= 0 (half of them with additive kernels, where K = P)."""
    return sampled(_not_contracting, pairs(runs(st.one_of(models(additive=True), models(max_states=2)))), budget)


def weighted_rate(f: ValueOperator, weights: Any) -> Fraction:
    """Return the least κ with γ Σ_s' |K(s'|s,a)| w(s') <= κ w(s) for all s, a."""
    kernel, gamma = f.kernel(), exact.fraction(f.discount)
    rates = []
    for index in exact.joint_actions(kernel.shape[:-1]):
        size = sum(abs(p) * w for p, w in zip(exact.fractions(kernel[index]), weights, strict=True))
        rates.append(gamma * size / weights[index[0]])
    return Fraction(max(rates))


def _exceeds_rate(pair: Pair) -> str | None:
    run, other = pair
    f = operator(run)
    for weights in ([Fraction(1)] * run.model.states, [Fraction(s + 1) for s in range(run.model.states)]):
        rate = weighted_rate(f, weights)
        before = distance(run.start, other, weights)
        after = distance(apply(f, run.start), apply(f, other), weights)
        if after > rate * before:
            return f"weights {weights}: distance {before} becomes {after}, more than κ = {rate} times"
    return None


def check_weighted_rate(budget: Budget) -> Finding:
    """Check ||F(V) - F(W)||_w <= κ ||V - W||_w with the least κ of the weights, below 1 or not."""
    return sampled(_exceeds_rate, pairs(runs(models())), budget, note="κ < 1 then gives global convergence at rate κ")


def check_always_contracts(_: Budget) -> Finding:
    """The two-state example under uniform data at γ = 9/10: two starts at distance 1 move apart to 9/8."""
    model = two_state(Fraction(9, 10))
    f = collapse(model, Uniform().at(model, GREEDY))
    starts = [Fraction(0), Fraction(0)], [Fraction(0), Fraction(1)]
    images = [apply(f, start) for start in starts]
    after = distance(*images)
    witness = {"model": "two-state, discount 9/10", "starts": starts, "images": images, "distance": [1, after]}
    return settle(witness if after == Fraction(9, 8) else None, "unknown", {"distance": after}, 1)


CLAIMS = (
    Claim(
        id="value-space.convex",
        statement="F is convex: F(αV + (1-α)W) <= αF(V) + (1-α)F(W)",
        latex=r"F(\alpha V+(1-\alpha)W)\le\alpha F(V)+(1-\alpha)F(W)",
        hypotheses=FIXED,
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_convex,
        examples=120,
    ),
    Claim(
        id="value-space.contraction",
        statement="K >= 0 makes F a monotone γ-contraction in the sup norm, hence globally convergent",
        latex=r"K\ge0\Rightarrow\|F(V)-F(W)\|_\infty\le\gamma\|V-W\|_\infty",
        hypotheses=FIXED + ", K >= 0",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_nonnegative_contracts,
        examples=100,
        theorems=(
            Formal("value-space-contracts"),
            Formal("joint-nonnegative"),
            Formal("value-space-nonnegative", "product data; contraction and convergence"),
        ),
    ),
    Claim(
        id="value-space.weighted",
        statement="γ Σ|K|w <= κw with w > 0 bounds the w-weighted sup-norm Lipschitz constant of F by κ",
        latex=r"\gamma\sum_{s'}|K(s'|s,a)|w(s')\le\kappa w(s)\Rightarrow\|F(V)-F(W)\|_w\le\kappa\|V-W\|_w",
        hypotheses=FIXED,
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_weighted_rate,
        examples=100,
        theorems=(
            Formal("value-space-weighted-contracts"),
            Formal("joint-weighted", "κ < 1: one fixed point, convergence of every run"),
            Formal("value-space-weighted", "product data, κ < 1"),
        ),
    ),
    Claim(
        id="value-space.every-model",
        statement="F is a γ-contraction in the sup norm for every model",
        latex=r"\|F(V)-F(W)\|_\infty\le\gamma\|V-W\|_\infty",
        hypotheses="uniform data",
        source=OURS,
        method="exact instance",
        expected="refuted",
        check=check_always_contracts,
    ),
)
