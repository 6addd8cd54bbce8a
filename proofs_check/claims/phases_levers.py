"""More remedies (theory notes, section 15; ours): loose coupling, mixed backups, damping under fixed data."""

from fractions import Fraction
from math import comb
from typing import Any

from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.checker import check
from proofs_check.claim import Budget, Claim, Finding, Method, Verdict, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import plain_model
from proofs_check.evidence.exact import Shape
from proofs_check.evidence.instances import Model, Run, models, runs, tensor
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.weights import negative_mass, uniform_weights

OURS = "ours"
NEAR = Fraction(99, 100)
STEP = Fraction(1, 10**6)
COUPLED: tuple[Shape, ...] = ((2, 2), (2, 3), (2, 2, 2), (3, 3))


def coupled(shape: Shape, share: Fraction) -> Model | None:
    """Return the divergence witness with its transitions mixed: (1-δ)·(stay) + δ·(its own), δ = share."""
    found = ft.witness(actions=shape, discount=NEAR).model
    if found is None:
        return None
    own = plain_model(found)
    kernel = tuple(
        tuple(tuple((1 - share) * (s == t) + share * p for t, p in enumerate(row)) for row in rows)
        for s, rows in enumerate(own.kernel)
    )
    return Model(own.shape, own.reward, kernel, NEAR)


def _coupling_fails(shape: Shape) -> str | None:
    mass = negative_mass(uniform_weights(shape, 1))
    threshold = (1 / NEAR - 1) / mass
    for share, expected in ((threshold, "diverges"), (threshold * (1 - STEP), "converges")):
        model = coupled(shape, share)
        if model is None:
            return "no witness"
        fate = ft.decide(model.mmdp())
        if fate.kind != expected or not check(fate.certificate).accepted:
            return f"δ = {share}: decide says {fate.kind}"
    return None


def check_coupling_attained(_: Budget) -> Finding:
    """Certify divergence at δ = (1/γ - 1)/ν, convergence one part in 10^6 below; γ = 99/100, the same rewards."""
    failed = next(({"shape": s, "fails": r} for s in COUPLED if (r := _coupling_fails(s)) is not None), None)
    shares = {str(shape): (1 / NEAR - 1) / negative_mass(uniform_weights(shape, 1)) for shape in COUPLED}
    return settle(failed, "certified", {"γ": NEAR, "δ": shares}, 2 * len(COUPLED))


CONSTANTS = (((2, 2), "0.520"), ((3, 5), "0.340"), ((8, 10), "0.128"))


def _shrunk_mass(agents: int, actions: int, share: Fraction) -> Fraction:
    """Return ν_η = E[(ηn - 1 - ηAM)^+], M ~ Bin(n, 1/A)."""
    rare = Fraction(1, actions)
    return sum(
        (
            comb(agents, k)
            * rare**k
            * (1 - rare) ** (agents - k)
            * max(share * (agents - actions * k) - 1, Fraction(0))
            for k in range(agents + 1)
        ),
        Fraction(0),
    )


def check_constants(_: Budget) -> Finding:
    """Check γ(1 + ν_η) = 1 at the engine's η* by the binomial sum, and its first three digits."""
    found = {}
    for (n, a), digits in CONSTANTS:
        share = exact.fraction(ft.phases(agents=n, actions=a).remedies(NEAR).share)
        found[f"{(n, a)}"] = share
        if NEAR * (1 + _shrunk_mass(n, a, share)) != 1 or round(share, 3) != Fraction(digits):
            return settle({"(n, A)": (n, a), "η": share}, "certified", {}, len(CONSTANTS))
    return settle(None, "certified", {"γ": NEAR, "η*": found}, len(CONSTANTS))


def _step(model: Any, run: Run) -> Any:
    return ft.collapse(model, run.data()).step(tensor(run.start, (run.model.states,)))


def _not_the_mean(run: Run) -> str | None:
    n, tables = len(run.model.shape), run.data_tables()
    source = ft.product([[[str(x) for x in row] for row in agent] for agent in run.marginals])
    ends = [exact.fractions(_step(ft.shrunk(run.model.mmdp(), x, source), run).values) for x in (Fraction(1, n), 0)]
    for s, (y, p) in enumerate(zip(run.model.backup(run.start), tables, strict=True)):
        own = [agent[s] for agent in run.marginals]
        best = sum(max(exact.conditional_mean(y, own, i, x) for x in range(k)) for i, k in enumerate(run.model.shape))
        if ends[0][s] != best / n:
            return f"state {s}: {ends[0][s]} with θ = 1/n, the learners' mean maximum is {best / n}"
        if ends[1][s] != exact.mean(y, p):
            return f"state {s}: {ends[1][s]} with θ = 0, the data's mean target is {exact.mean(y, p)}"
    return None


def check_learners(budget: Budget) -> Finding:
    """Compare the step at θ = 1/n with the mean of the independent learners' maxima, at θ = 0 with evaluation."""
    return sampled(_not_the_mean, runs(models(), correlated=False), budget)


def _damping_moves(instance: tuple[Run, Fraction]) -> str | None:
    run, rate = instance
    model, data = run.model.mmdp(), ft.product([[[str(x) for x in r] for r in agent] for agent in run.marginals])
    before, after = (ft.phases(m, data=data).model for m in (model, ft.damped(model, rate)))
    if before is None or after is None:
        return "no ν_P"
    gamma, slower = run.model.discount, 1 - rate + rate * run.model.discount
    growth = [1 + exact.fraction(found.negative_mass) for found in (before, after)]
    bound = 1 - rate + rate * gamma * growth[0]
    return None if slower * growth[1] <= bound else f"γ'(1+ν_P') = {slower * growth[1]} > 1-α+αγ(1+ν_P) = {bound}"


def check_threshold(budget: Budget) -> Finding:
    """Compare γ(1+ν_P) of a damped model with 1 - α + αγ(1+ν_P) of the model: both are below 1 together."""
    rates = st.sampled_from([Fraction(k, 10) for k in range(1, 11)])
    return sampled(_damping_moves, st.tuples(runs(models(((2, 2), (2, 2, 2))), correlated=False), rates), budget)


def _claim(
    name: str, statement: str, latex: str, hypotheses: str, check_: Any, examples: int = 0, expected: Verdict = "tested"
) -> Claim:
    method: Method = "random instances" if examples else "exact instance"
    return Claim(f"phases.{name}", statement, latex, hypotheses, OURS, method, expected, check_, examples)


CLAIMS = (
    _claim(
        "coupling-attained",
        "Joint transitions, not joint rewards, cause divergence: with the same rewards and transitions (1-δ)·stay + "
        "δ·joint a run diverges from δ = (1/γ-1)/ν on, and converges just below",
        r"\gamma(1+\delta\nu)=1",
        "uniform data, linear class, γ = 99/100; 2x2, 2x3, 2x2x2, 3x3; δ one part in 10^6 below",
        check_coupling_attained,
        expected="certified",
    ),
    _claim(
        "share-constants",
        "At γ = 99/100 backing up η·max + (1-η)·mean is bounded below η* = .520 (2x2), .340 (3 agents, 5 actions), "
        ".128 (8, 10)",
        r"\gamma(1+\nu_{\eta^*})=1,\;\nu_\eta=\mathbb{E}[(\eta n-1-\eta AM)^+]",
        "uniform data, additive factors; M ~ Bin(n, 1/A); three digits, rounded",
        check_constants,
        expected="certified",
    ),
    _claim(
        "learners",
        "Advantages shrunk by 1/n back up the mean of the independent learners' maxima; shrunk to 0, the data's own "
        "mean, so that values tend to V^β",
        r"\theta=\tfrac1n:\;V'=\tfrac1n\sum_i\max_{a_i}\mathbb{E}[y\,|\,a_i];\quad\theta=0:\;V'=\mathbb{E}_py",
        "fixed product data with full support, additive factors",
        check_learners,
        50,
    ),
    _claim(
        "damping-threshold",
        "Damping does not move the discount below which the runs of a model are bounded",
        r"\gamma'(1+\nu_P')\le1-\alpha+\alpha\gamma(1+\nu_P)",
        "fixed product data with full support; (γ', ν_P') of the model whose plain run is the damped one",
        check_threshold,
        50,
    ),
)
