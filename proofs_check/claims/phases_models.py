"""What the phase diagram says about models (theory notes, sections 11 to 15 ✦; ours)."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

import fqi_theory as ft
from proofs_check.checker import check
from proofs_check.claim import Budget, Claim, Finding, Method, Verdict, settle
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Model, Run, models, runs, tensor
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.weights import negative_mass, uniform_weights

OURS = "ours"
HALF = Fraction(1, 2)


def _two_agents_do_more(run: Run) -> str | None:
    """Decide a run of two states and two agents; only fixed points, 2-cycles and growth may come out."""
    assume(run.model.states == 2)
    fate = ft.decide(
        run.model.mmdp(), data=ft.product([[[str(x) for x in row] for row in agent] for agent in run.marginals])
    )
    assume(fate.kind not in ("unknown", "bounded"))
    report = check(fate.certificate)
    if not report.accepted:
        return f"the checker refuses: {report.reason}"
    simple = fate.kind in ("converges", "diverges") or (fate.kind, fate.period) == ("cycles", 2)
    return None if simple else f"{fate.kind}, period {fate.period}"


def check_simple(budget: Budget) -> Finding:
    """Decide random runs of two states and two agents under product data."""
    drawn = models(((2, 2), (2, 3), (3, 3)), max_states=2)
    return sampled(_two_agents_do_more, runs(drawn, correlated=False), budget)


Coupled = tuple[Model, Model, Fraction]


def _mixed(instance: Coupled) -> Model:
    smooth, other, share = instance
    kernel = tuple(
        tuple(
            tuple((1 - share) * p + share * q for p, q in zip(*rows, strict=True)) for rows in zip(*pair, strict=True)
        )
        for pair in zip(smooth.kernel, other.kernel, strict=True)
    )
    return Model(smooth.shape, smooth.reward, kernel, HALF)


def _couples_more(instance: Coupled) -> str | None:
    smooth, other, share = instance
    assume((smooth.shape, smooth.states) == (other.shape, other.states))
    found = ft.phases(_mixed(instance).mmdp()).model
    bound = share * negative_mass(uniform_weights(smooth.shape, 1))
    if found is None or exact.fraction(found.negative_mass) > bound:
        return f"ν_P = {None if found is None else found.negative_mass} > δν = {bound}"
    return None


def check_coupling(budget: Budget) -> Finding:
    """Compare ν_P of (1-δ)·additive + δ·anything with δν, uniform data."""
    shapes = ((2, 2), (2, 2, 2))
    pair = st.tuples(models(shapes, additive=True), models(shapes), st.sampled_from([Fraction(k, 5) for k in range(6)]))
    return sampled(_couples_more, pair, budget)


def _shaping_differs(run: Run) -> str | None:
    potential = [Fraction(3 * s * s + 1, 2) for s in range(run.model.states)]
    after = [[_mean(row, potential) for row in rows] for rows in run.model.kernel]
    reward = tuple(
        tuple(r - potential[s] + run.model.discount * x for r, x in zip(row, after[s], strict=True))
        for s, row in enumerate(run.model.reward)
    )
    shaped = Model(run.model.shape, reward, run.model.kernel, run.model.discount)
    moved = [v - x for v, x in zip(_step(run, run.model, run.start), potential, strict=True)]
    start = [v - x for v, x in zip(run.start, potential, strict=True)]
    found = _step(run, shaped, start)
    return None if found == moved else f"F'(V - φ) = {found}, F(V) - φ = {moved}"


def _mean(row: Sequence[Fraction], values: Sequence[Fraction]) -> Fraction:
    return sum((p * x for p, x in zip(row, values, strict=True)), Fraction(0))


def _step(run: Run, model: Model, values: Any) -> list[Fraction]:
    operator = ft.collapse(model.mmdp(), run.data())
    return exact.fractions(operator.step(tensor(list(values), (len(values),))).values)


def check_shaping(budget: Budget) -> Finding:
    """Compare F of the shaped model at V - φ with F(V) - φ."""
    return sampled(_shaping_differs, runs(models()), budget)


SHAPES = ((2, 2), (2, 3), (2, 2, 2), (3, 3))


def _largest(shape: Any, discount: Fraction) -> Fraction:
    gain = 1 + negative_mass(uniform_weights(shape, 1))
    return gain / (1 - discount * gain)


def _exceeds(instance: tuple[Model, tuple[int, ...]]) -> str | None:
    model, shares = instance
    unit = Model(model.shape, tuple(tuple(r / 9 for r in row) for row in model.reward), model.kernel, HALF)
    assume(all(r >= 0 for row in unit.reward for r in row))
    bound = _largest(model.shape, HALF)
    values = [bound * share / 8 for share in shares[: model.states]]
    uniform = tuple(((Fraction(1, k),) * k,) * model.states for k in model.shape)
    found = _step(Run(unit, uniform, (), ()), unit, values)
    return None if all(0 <= v <= bound for v in found) else f"F(V) = {found} leaves [0, {bound}]"


def check_overestimation(budget: Budget) -> Finding:
    """Check that [0, M] maps into itself for rewards in [0, 1], M = (1+ν)/(1-γ(1+ν)) at γ = 1/2."""
    drawn = models(((2, 2), (2, 2, 2)), bound=9).map(_non_negative)
    return sampled(_exceeds, st.tuples(drawn, st.tuples(*[st.integers(0, 8)] * 3)), budget)


def _non_negative(model: Model) -> Model:
    return Model(model.shape, tuple(tuple(map(abs, row)) for row in model.reward), model.kernel, model.discount)


def check_attained(_: Budget) -> Finding:
    """Decide the model whose s1 pays 1 and stays where W(a*,b) >= 0: its limit is M, certified."""
    for shape in SHAPES:
        found = ft.witness(actions=shape, discount=Fraction(99, 100)).model
        if found is None:
            return Finding("unknown", 0)
        stays = found.transition.dense()[1, ..., 1]
        model = ft.MMDP(np.stack([stays - stays, stays]), found.transition, HALF)
        fate = ft.decide(model)
        limit = exact.fraction(fate.values[0][1]) if fate.kind == "converges" else None
        if limit != _largest(shape, HALF) or not check(fate.certificate).accepted:
            return settle({"shape": shape, "M": _largest(shape, HALF), "limit": limit}, "certified", {}, len(SHAPES))
    limits = {str(shape): _largest(shape, HALF) for shape in SHAPES}
    return settle(None, "certified", {"γ": HALF, "V*": 2, "limits": limits}, len(SHAPES))


def _claim(
    name: str, statement: str, latex: str, hypotheses: str, check: Any, examples: int = 0, expected: Verdict = "tested"
) -> Claim:
    method: Method = "random instances" if examples else "exact instance"
    return Claim(f"phases.{name}", statement, latex, hypotheses, OURS, method, expected, check, examples)


CLAIMS = (
    _claim(
        "two-by-two",
        "Two states and two agents: a run that is decided ends in a fixed point, a 2-cycle or growth, never more",
        r"|S|=n=2\Rightarrow\text{period}\le2",
        "fixed product data; runs left undecided are not counted",
        check_simple,
        60,
    ),
    _claim(
        "coupling",
        "Transitions (1-δ)·additive + δ·anything have at most the share δ of the negative mass, whatever the rewards",
        r"\nu_P\le\delta\nu",
        "uniform data, linear class",
        check_coupling,
        60,
    ),
    _claim(
        "shaping",
        "Potential shaping is an exact conjugacy V -> V - φ: it changes the start, and nothing else",
        r"F_\varphi(V-\varphi)=F(V)-\varphi",
        "fixed data, product or correlated; linear class",
        check_shaping,
        60,
    ),
    _claim(
        "overestimation",
        "Rewards in [0,1] and γ(1+ν) < 1: no value leaves [0, (1+ν)/(1-γ(1+ν))]",
        r"F([0,M]^S)\subseteq[0,M]^S,\;M=\tfrac{1+\nu}{1-\gamma(1+\nu)}",
        "uniform data, linear class, γ = 1/2",
        check_overestimation,
        60,
    ),
    _claim(
        "overestimation-attained",
        "A two-state model with rewards in [0,1] converges to (1+ν)/(1-γ(1+ν)), where V* is 1/(1-γ)",
        r"V(s_1)\to\tfrac{1+\nu}{1-\gamma(1+\nu)}",
        "uniform data, linear class, γ = 1/2, four shapes",
        check_attained,
        expected="certified",
    ),
)
