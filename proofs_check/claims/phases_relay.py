"""The exact threshold of ε-greedy data (theory notes, section 10 B; ours): ν_ε decides alone.

Below 1/(1+ν_ε) Theorem A.2 bounds every run. From there on the engine's model of five states is certified to diverge,
and the judge follows its run by the normal equations of the data at each step, with its own ν.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import fqi_theory as ft
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.evidence import exact
from proofs_check.evidence.diagram import certificate_fails, plain_model
from proofs_check.evidence.exact import JointAction, Shape
from proofs_check.evidence.instances import Model
from proofs_check.evidence.weights import fit_weights, fitted, negative_mass

OURS = "ours"
STEP = Fraction(1, 10**6)
CASES: tuple[tuple[Shape, Fraction], ...] = (
    *(((2, 2), Fraction(1, 100)), ((2, 2), Fraction(1, 10)), ((2, 2), Fraction(1, 2)), ((2, 3), Fraction(1, 10))),
    *(((2, 2, 2), Fraction(1, 10)), ((3, 3), Fraction(1, 5)), ((2, 2, 2, 2), Fraction(9, 10))),
)
FOLLOWED = 9


def around(shape: Shape, epsilon: Fraction, greedy: JointAction) -> exact.Table:
    """Return the ε-greedy distribution around a greedy joint action."""
    rows = [[epsilon / k + (1 - epsilon) * (x == g) for x in range(k)] for k, g in zip(shape, greedy, strict=True)]
    return exact.product_weights(rows)


def followed(model: Model, epsilon: Fraction) -> Iterator[list[Fraction]]:
    """Yield V^(1), V^(2), ... of the on-policy run from Q = 0 and first actions, by the normal equations."""
    values, greedy = [Fraction(0)] * model.states, [(0,) * len(model.shape)] * model.states
    known: dict[JointAction, Any] = {}
    while True:
        tables = []
        for y, g in zip(model.backup(values), greedy, strict=True):
            if g not in known:
                known[g] = fit_weights(around(model.shape, epsilon, g), 1)
            tables.append(fitted(known[g], y))
        values = [max(q.values()) for q in tables]
        greedy = [next(a for a in sorted(q) if q[a] == top) for q, top in zip(tables, values, strict=True)]
        yield values


def _threshold(shape: Shape, epsilon: Fraction) -> Fraction:
    return 1 / (1 + negative_mass(fit_weights(around(shape, epsilon, (0,) * len(shape)), 1)))


def _fails(shape: Shape, epsilon: Fraction) -> str | None:
    threshold, data = _threshold(shape, epsilon), ft.epsilon_greedy(epsilon)
    if ft.witness(actions=shape, data=data, discount=threshold * (1 - STEP)).exists:
        return "a witness below 1/(1+ν)"
    for discount in (threshold, threshold * (1 + STEP)):
        found = ft.witness(actions=shape, data=data, discount=discount)
        if not found.exists:
            return f"γ = {discount}: {found.reason}"
        failure = certificate_fails(found, "diverges") or _not_in_turn(plain_model(found.model), epsilon, discount)
        if failure is not None:
            return f"γ = {discount}: {failure}"
    return None


def _not_in_turn(model: Model, epsilon: Fraction, discount: Fraction) -> str | None:
    """Check V(s1) at odd and V(s2) at even times: each is γ(1+ν) times the other before, plus one positive constant."""
    if model.states != 5:
        return None
    rate = discount / _threshold(model.shape, epsilon)
    run = islice(followed(model, epsilon), FOLLOWED)
    turns = [values[1 + t % 2] for t, values in enumerate(run)]
    gains = {after - rate * before for before, after in pairwise(turns)}
    return None if len(gains) == 1 and min(gains) > 0 else f"V(s1), V(s2) in turn are {turns}"


def check_exact(_: Budget) -> Finding:
    """Certify both sides of 1/(1+ν_ε) at seven shapes and ε, and follow the runs."""
    failed = next(({"shape": s, "ε": e, "fails": r} for s, e in CASES if (r := _fails(s, e)) is not None), None)
    found = {f"{shape}, ε = {e}": _threshold(shape, e) for shape, e in CASES}
    return settle(failed, "certified", {"1/(1+ν)": found, "step": STEP}, 2 * len(CASES))


CLAIMS = (
    Claim(
        id="phases.on-policy-exact",
        statement="Theorem B, exact: at γ = 1/(1+ν_ε) and one part in 10^6 above, a model diverges on-policy from "
        "Q = 0; below, every run is bounded",
        latex=r"\forall\text{ models: bounded}\iff\gamma(1+\nu_\varepsilon)<1",
        hypotheses="ε-greedy data, additive factors; 2x2 at ε = 1/100, 1/10, 1/2; 2x3, 2x2x2 at 1/10; 3x3 at 1/5; "
        "2x2x2x2 at 9/10; five states, or two",
        source=OURS,
        method="exact instance",
        expected="certified",
        check=check_exact,
    ),
)
