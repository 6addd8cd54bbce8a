"""QPLEX whose λ depend on the state only realises additive tables, and no other (theory notes, section 8 ✦, ours)."""

from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from hypothesis import reject

from fqi_theory.factorization import qplex
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.claims.qplex import OURS, not_realised
from proofs_check.claims.theorem4_igm_convergence import not_set_igm
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import TWO_BY_TWO, Game, games
from proofs_check.evidence.mixings import PATTERN_SHAPES, Sets, patterns, symbolic_factors
from proofs_check.evidence.sampling import search


def _defect(table: Table, shape: Shape) -> str | None:
    """Return a non-zero mixed second difference y(a) - y(x,·) - y(·,z) + y(x,z): the table is not additive."""
    base = (0,) * len(shape)
    for a in table:
        for i in range(len(shape)):
            for j in range(i):
                own, other = _moved(base, i, a[i]), _moved(base, j, a[j])
                both = _moved(own, j, a[j])
                defect = table[both] - table[own] - table[other] + table[base]
                if defect != 0:
                    return f"Q{both} - Q{own} - Q{other} + Q{base} = {defect}, not 0"
    return None


def _moved(action: tuple[int, ...], agent: int, to: int) -> tuple[int, ...]:
    return (*action[:agent], to, *action[agent + 1 :])


def _state_weights_not_additive(shape: Shape, sets: Sets) -> str | None:
    ones = (1,) * len(shape)
    weights = [
        np.array(sympy.Symbol(f"l{i + 1}", positive=True), dtype=object).reshape(1, *ones) for i in range(len(shape))
    ]
    factors = symbolic_factors(shape, sets)
    table = {a: sympy.expand(q) for a, q in exact.table(shape, qplex.mix(factors, weights)[0].flat).items()}
    for a, q in table.items():
        terms = ((sympy.Symbol(f"V{i + 1}", real=True), w.item(), factors[i][0, a[i]]) for i, w in enumerate(weights))
        if sympy.expand(q - sum(top + w * (own - top) for top, w, own in terms)) != 0:
            return f"joint action {a}: the engine's Q_tot is {q}, not Σ V_i + Σ λ_i (Q_i - V_i)"
    return _defect(table, shape)


def _needs_joint_weights(game: Game) -> str | None:
    if not_set_igm(game) is not None:
        reject()
    return _defect(game.table(), game.shape)


NOT_ADDITIVE = Game((2, 2), tuple(map(Fraction, (0, 0, 0, 1))))


def check_state_only(budget: Budget) -> Finding:
    """State-only λ gives additive tables only (shown symbolically); find a smallest IGM table that is not additive."""
    cases = [(shape, sets) for shape in PATTERN_SHAPES for sets in patterns(shape)]
    failure = next((r for r in (_state_weights_not_additive(*case) for case in cases) if r is not None), None)
    if failure is not None:
        return Finding("unknown", 0, {"state-only λ is not additive": failure})
    sample = search(_needs_joint_weights, games(TWO_BY_TWO, bound=1), budget, NOT_ADDITIVE)
    game = sample.counterexample
    if game is None:
        return Finding("tested", sample.checked)
    evidence: dict[str, Any] = {"patterns shown additive": len(cases)}
    if reason := not_realised(game):
        return Finding("unknown", sample.checked, {"the witness is not realised with joint λ": reason})
    joint = qplex.realise(game.array())
    witness = {
        "table": game.values,
        "fails": sample.reason,
        "realised with joint λ": [exact.fractions(w.flat) for w in joint.weights],
    }
    return settle(witness, "tested", evidence, sample.checked)


CLAIMS = (
    Claim(
        id="qplex.state-only",
        statement="λ depending on the state only is complete",
        latex=r"\lambda_i=\lambda_i(s)\ \text{realises every IGM table}",
        hypotheses="argmax set is a product set",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_state_only,
        examples=80,
        theorems=(Formal("qplex-state-only"),),
    ),
)
