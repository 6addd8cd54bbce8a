"""The phase diagram (theory notes, section 10 ✦, ours): ν, and what it forbids and allows (Theorem A).

ν is compared with the judge's own weights, which come from the normal equations by elimination (`weights`).
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

import fqi_theory as ft
from fqi_theory.fates.phases.uniform import additive_mass, order_mass
from fqi_theory.fates.phases.witnesses import WitnessKind
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import Instance, certificate_fails, engine, instances, plain_model, refit, weights_of
from proofs_check.evidence.instances import Run, models, runs, tensor
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.weights import fit_weights, negative_mass, uniform_weights

OURS = "ours"
ANY_DATA = "data that determine the fit, product or correlated; additive classes of order 1 and 2"
#: (n, A, k) at which both sides of both thresholds are decided.
CERTIFIED = ((2, 2, 1), (3, 2, 1), (3, 2, 2), (2, 3, 1), (3, 3, 1), (4, 2, 2))
STEP = Fraction(1, 10**6)


def _mass_differs(instance: Instance) -> str | None:
    game, order = instance
    weights, found = weights_of(game, order), engine(game, order)
    nu = negative_mass(weights)
    if exact.fraction(found.negative_mass) != nu:
        return f"ν = {nu} by the normal equations, {found.negative_mass} by the engine"
    row = weights[found.action]
    if sum((-w for w in row.values() if w < 0), Fraction(0)) != nu:
        return f"the joint action {found.action} does not attain ν"
    negative = tuple(b for b, w in row.items() if w < 0)
    return None if found.negative_set == negative else f"negative weights on {negative}, the engine says otherwise"


def check_mass(budget: Budget) -> Finding:
    """Compare ν, where it is attained and the negative set with the judge's own weights."""
    return sampled(_mass_differs, instances(), budget)


def _rows_differ(instance: Instance) -> str | None:
    game, order = instance
    weights, p = weights_of(game, order), game.data_table()
    for b in p:
        if sum(weights[b].values()) != 1:
            return f"the weights at {b} sum to {sum(weights[b].values())}"
        if sum(p[a] * row[b] for a, row in weights.items()) != p[b]:
            return f"the data's mean of W(., {b}) is not p({b})"
    return None


def check_rows(budget: Budget) -> Finding:
    """Check Σ_b W(a,b) = 1 and Σ_a p(a) W(a,b) = p(b)."""
    return sampled(_rows_differ, instances(), budget)


def _spread(values: list[Fraction]) -> Fraction:
    return max(values) - min(values)


def _masses(run: Run) -> Fraction:
    try:
        return max(negative_mass(fit_weights(data, 1)) for data in run.data_tables())
    except ZeroDivisionError:
        reject()
        raise


def _steps(run: Run) -> tuple[Fraction, Callable[[list[Fraction]], list[Fraction]]]:
    operator = ft.collapse(run.model.mmdp(), run.data())

    def step(values: list[Fraction]) -> list[Fraction]:
        found: list[Fraction] = exact.fractions(operator.step(tensor(values, (len(values),))).values)
        return found

    return _masses(run), step


def _expands(instance: tuple[Run, tuple[int, ...]]) -> str | None:
    run, other = instance
    nu, step = _steps(run)
    u, v = list(run.start), [Fraction(x) for x in other[: run.model.states]]
    rate = run.model.discount * (1 + 2 * nu)
    moved = [x - y for x, y in zip(step(u), step(v), strict=True)]
    before = [x - y for x, y in zip(u, v, strict=True)]
    if _spread(moved) > rate * _spread(before):
        return f"sp(F(U) - F(V)) = {_spread(moved)} > {rate} sp(U - V) = {rate * _spread(before)}"
    if max(map(abs, moved)) > rate * max(map(abs, before)):
        return f"|F(U) - F(V)| = {max(map(abs, moved))} > {rate} |U - V|"
    return None


def check_convergence(budget: Budget) -> Finding:
    """Check both Lipschitz bounds on pairs of values."""
    others = st.tuples(*[st.integers(-20, 20)] * 3)
    return sampled(_expands, st.tuples(runs(models()), others), budget)


def _escapes(run: Run) -> str | None:
    nu, step = _steps(run)
    values, gamma = list(run.start), run.model.discount
    after = step(values)
    targets = run.model.backup(values)
    for s, (y, p) in enumerate(zip(targets, run.data_tables(), strict=True)):
        if after[s] < exact.mean(y, p):
            return f"state {s}: F(V) = {after[s]} is below the data's mean {exact.mean(y, p)}"
    low, high = (pick(r for row in run.model.reward for r in row) for pick in (min, max))
    bound = high + nu * (high - low) + gamma * (max(values) + nu * _spread(values))
    return f"max F(V) = {max(after)} > {bound}" if max(after) > bound else None


def check_bounded(budget: Budget) -> Finding:
    """Check the two inequalities from which boundedness follows."""
    return sampled(_escapes, runs(models()), budget)


def _given(n: int, a: int, k: int, discount: Fraction, kind: WitnessKind) -> Any:
    return ft.witness(agents=n, actions=a, factorization=f"additive:{k}", discount=discount, kind=kind)


def _divergence_fails(n: int, a: int, k: int) -> str | None:
    weights = uniform_weights((a,) * n, k)
    threshold = 1 / (1 + negative_mass(weights))
    if _given(n, a, k, threshold * (1 - STEP), "diverges").exists:
        return "a witness below the threshold"
    for discount in (threshold, threshold * (1 + STEP)):
        found = _given(n, a, k, discount, "diverges")
        values = [v[1] for v in refit(plain_model(found.model), weights, 6)]
        rate = discount / threshold
        if any(after != 1 + rate * before for before, after in pairwise(values)):
            return f"γ = {discount}: V(s1) = {values} is not 1 + γ(1+ν) V(s1)"
        failure = certificate_fails(found, "diverges", k)
        if failure:
            return f"γ = {discount}: {failure}"
    return None


def _oscillation_fails(n: int, a: int, k: int) -> str | None:
    weights = uniform_weights((a,) * n, k)
    threshold = 1 / (1 + 2 * negative_mass(weights))
    if _given(n, a, k, threshold * (1 - STEP), "does not converge").exists:
        return "a witness below the threshold"
    for discount in (threshold, threshold * (1 + STEP)):
        found = _given(n, a, k, discount, "does not converge")
        gaps = [v[1] - v[0] for v in refit(plain_model(found.model), weights, 6)]
        if gaps[1] == gaps[0] or gaps != [gaps[t % 2] for t in range(7)]:
            return f"γ = {discount}: V(s1) - V(s0) = {gaps} does not alternate"
        failure = certificate_fails(found, "cycles", k)
        if failure:
            return f"γ = {discount}: {failure}"
    return None


def _at_all(fails: Callable[[int, int, int], str | None]) -> Finding:
    for shape in CERTIFIED:
        reason = fails(*shape)
        if reason is not None:
            return settle({"(n, A, k)": shape, "fails": reason}, "certified", {}, len(CERTIFIED))
    return settle(None, "certified", {"(n, A, k)": CERTIFIED, "step": STEP}, 2 * len(CERTIFIED))


def check_divergence(_: Budget) -> Finding:
    """Follow the witnesses at the threshold and one part in 10^6 above, and decide them."""
    return _at_all(_divergence_fails)


def check_oscillation(_: Budget) -> Finding:
    """Follow the swap at its threshold (a neutral cycle) and one part in 10^6 above, and decide it."""
    return _at_all(_oscillation_fails)


def check_uniform(_: Budget) -> Finding:
    """Compare the closed forms with the judge's weights, and de Moivre's with Krawtchouk's far beyond them."""
    small = [(n, a, k) for n, a in ((2, 2), (2, 4), (3, 2), (3, 3), (4, 2)) for k in range(1, n + 1)]
    for n, a, k in small:
        expected = negative_mass(uniform_weights((a,) * n, k))
        if exact.fraction(order_mass(n, a, k)) != expected:
            return settle({"(n, A, k)": (n, a, k), "ν": expected}, "certified", {}, len(small))
    large = [(n, a) for n in range(1, 41) for a in range(1, 13)]
    wrong = next((shape for shape in large if additive_mass(*shape) != order_mass(*shape, 1)), None)
    counterexample = None if wrong is None else {"(n, A)": wrong}
    return settle(counterexample, "certified", {"by elimination": small}, len(small) + len(large))


def _sampled(name: str, statement: str, latex: str, hypotheses: str, check: Any, examples: int) -> Claim:
    return Claim(f"phases.{name}", statement, latex, hypotheses, OURS, "random instances", "tested", check, examples)


def _certified(name: str, statement: str, latex: str, hypotheses: str, check: Any) -> Claim:
    return Claim(f"phases.{name}", statement, latex, hypotheses, OURS, "exact instance", "certified", check)


INSTANCES = "uniform data; (n, A, k) = (2,2,1), (3,2,1), (3,2,2), (2,3,1), (3,3,1), (4,2,2)"
CLAIMS = (
    _sampled(
        "negative-mass",
        "The negative mass by closed forms and projections is that of the normal equations, and is attained where said",
        r"\nu=\max_a\sum_b\max(0,-W(a,b))",
        ANY_DATA,
        check_mass,
        80,
    ),
    _sampled(
        "row-sums",
        "Rows of fit weights sum to 1, and their mean under the data is the data",
        r"\sum_bW(a,b)=1,\;\sum_ap(a)W(a,b)=p(b)",
        ANY_DATA,
        check_rows,
        60,
    ),
    _certified(
        "uniform",
        "Uniform data: the negative mass in closed form, by de Moivre's identity and by Krawtchouk polynomials",
        r"\nu=A^{-n}\sum_d\tbinom nd(A-1)^d\max(0,-K_k(d-1;n-1,A))",
        "the class of order k; by elimination up to 16 joint actions, the two formulas for n <= 40, A <= 12",
        check_uniform,
    ),
    _sampled(
        "converges",
        "Theorem A.1: F has the Lipschitz constant γ(1+2ν) in spread and sup norm: below 1/(1+2ν) all runs converge",
        r"\mathrm{sp}(F(V)-F(U))\le\gamma(1+2\nu)\,\mathrm{sp}(V-U)",
        "fixed data, product or correlated; linear class",
        check_convergence,
        100,
    ),
    _sampled(
        "bounded",
        "Theorem A.2: F stays above the data's mean target and grows at most by γ(1+ν): below 1/(1+ν) runs are bounded",
        r"F(V)\ge E_py,\;\max F(V)\le c+\gamma(\max V+\nu\,\mathrm{sp}V)",
        "any data, even changing; linear class",
        check_bounded,
        100,
    ),
    _certified(
        "diverges",
        "Theorem A.3: at γ = 1/(1+ν) and one part in 10^6 above, a two-state model diverges from Q = 0",
        r"V'(s_1)=1+\gamma(1+\nu)V(s_1)",
        INSTANCES,
        check_divergence,
    ),
    _certified(
        "oscillates",
        "Theorem A.4: at γ = 1/(1+2ν) and one part in 10^6 above, a two-state model alternates from Q = 0 for ever",
        r"z,z',z,z',\ldots\quad z=V(s_1)-V(s_0)",
        INSTANCES,
        check_oscillation,
    ),
)
