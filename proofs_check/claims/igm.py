"""Individual-global-max as sets: argmax Q_tot = Π_i argmax Q_i (theory notes, sections 6 and 8)."""

from fractions import Fraction

import numpy as np
import sympy

from fqi_theory.factorization import fit, qplex
from fqi_theory.factorization.fit import additive_table, greedy_values
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape
from proofs_check.evidence.instances import SMALL_SHAPES, TWO_BY_TWO, tensor
from proofs_check.evidence.mixings import PATTERN_SHAPES, Mixing, Sets, best_sets, mixings, patterns, symbolic_factors
from proofs_check.evidence.sampling import sampled, search

QPLEX = "arXiv:2008.01062"
WRONG_FORMULA = "the engine's Q_tot is not Σ V_i + Σ λ_i (Q_i - V_i)"


def _pattern_fails(shape: Shape, sets: Sets) -> str | None:
    factors = symbolic_factors(shape, sets)
    names = [[f"l{i + 1}_" + "".join(map(str, a)) for a in exact.joint_actions(shape)] for i in range(len(shape))]
    weights = [np.array(sympy.symbols(n, positive=True), dtype=object).reshape(1, *shape) for n in names]
    level = sum(sympy.Symbol(f"V{i + 1}", real=True) for i in range(len(shape)))
    for a, q in exact.table(shape, qplex.mix(factors, weights)[0].flat).items():
        gap = sympy.expand(level - q)
        own = sum(
            w[0, *a] * (factors[i][0, a[i]] - sympy.Symbol(f"V{i + 1}", real=True)) for i, w in enumerate(weights)
        )
        if sympy.expand(gap + own) != 0:
            return f"shape {shape}, joint action {a}: the engine's Q_tot is {q}, not Σ V_i + Σ λ_i (Q_i - V_i)"
        inside = all(x in members for x, members in zip(a, sets, strict=True))
        if inside != (gap == 0) or not (inside or gap.is_positive):
            return f"shape {shape}, maximisers {[sorted(m) for m in sets]}, joint action {a}: Σ V_i - Q_tot = {gap}"
    return None


def check_sets(_: Budget) -> Finding:
    """Show Σ_i V_i - Q_tot = 0 on Π B_i and > 0 off it, for symbolic factors, λ > 0 and every pattern of B_i."""
    cases = [(shape, sets) for shape in PATTERN_SHAPES for sets in patterns(shape)]
    reasons = (_pattern_fails(shape, sets) for shape, sets in cases)
    failure = next((r for r in reasons if r is not None), None)
    evidence = {"shapes": PATTERN_SHAPES, "patterns": len(cases)}
    return settle(failure, "proved", evidence, note="the patterns of maximiser sets are exhaustive at these shapes")


def _sets_differ(mixing: Mixing) -> str | None:
    table = mixing.engine_table()
    if table != mixing.table():
        return WRONG_FORMULA
    if exact.maximisers(table) != best_sets(mixing.factors):
        return f"argmax Q_tot = {sorted(exact.maximisers(table))}, Π argmax Q_i = {sorted(best_sets(mixing.factors))}"
    return None


def _engine_differs(mixing: Mixing) -> str | None:
    table = mixing.table()
    if max(table.values()) != sum(map(max, mixing.factors)):
        return f"max Q_tot = {max(table.values())}, Σ max Q_i = {sum(map(max, mixing.factors))}"
    return _sets_differ(mixing)


def check_random(budget: Budget) -> Finding:
    """Check sets, maxima and the mixing formula on random factors and λ > 0."""
    return sampled(_engine_differs, mixings((*SMALL_SHAPES, (3, 3), (2, 2, 2, 2)), 1), budget)


NOTHING_MIXED = Mixing((2, 2), ((Fraction(0), Fraction(0)), (Fraction(0), Fraction(1))), ((Fraction(0),) * 4,) * 2)


def check_zero_weight(budget: Budget) -> Finding:
    """Find smallest factors and λ >= 0 for which the sets differ."""
    sample = search(_sets_differ, mixings(TWO_BY_TWO, 0), budget, NOTHING_MIXED)
    mixing = sample.counterexample
    if mixing is None:
        return Finding("tested", sample.checked)
    if sample.reason == WRONG_FORMULA:
        return Finding("unknown", sample.checked, {"reason": sample.reason})
    witness = {"factors": mixing.factors, "lambda": mixing.weights, "fails": sample.reason}
    return settle(witness, "tested", {}, sample.checked)


def _selection_fails(mixing: Mixing) -> str | None:
    table = mixing.engine_table()
    if table != mixing.table():
        return WRONG_FORMULA
    choice = tuple(fit.greedy_actions([tensor(f, (1, len(f))) for f in mixing.factors])[0].tolist())
    if table[choice] != max(table.values()):
        return f"per-agent choice {choice} has Q_tot = {table[choice]} below the maximum {max(table.values())}"
    return None


def check_zero_selection(budget: Budget) -> Finding:
    """Check that λ >= 0 keeps the selection reading."""
    return sampled(_selection_fails, mixings(SMALL_SHAPES, 0), budget)


def _additive_differs(mixing: Mixing) -> str | None:
    factors = [tensor(f, (1, len(f))) for f in mixing.factors]
    table = exact.table(mixing.shape, exact.fractions(additive_table(factors).flat))
    if table != exact.additive(mixing.factors):
        return "the engine's Q_tot is not the sum of the factors"
    if exact.fraction(greedy_values(factors)[0]) != max(table.values()):
        return "Σ_i max Q_i is not max Q_tot"
    return None if exact.maximisers(table) == best_sets(mixing.factors) else "the maximiser sets differ"


def check_additive(budget: Budget) -> Finding:
    """Check that additive Q_tot satisfy IGM as sets."""
    return sampled(_additive_differs, mixings(SMALL_SHAPES, 1), budget)


CLAIMS = (
    Claim(
        id="igm.sets",
        statement="QPLEX mixing with λ > 0: argmax Q_tot = Π_i argmax Q_i as sets, max Q_tot = Σ_i max Q_i (3, "
        "2x2, 2x3, 2x2x2)",
        latex=r"\lambda_i>0\Rightarrow\arg\max Q_{tot}=\textstyle\prod_i\arg\max Q_i",
        hypotheses="λ_i(a) > 0",
        source=QPLEX,
        method="symbolic",
        expected="proved",
        check=check_sets,
        theorems=(
            Formal("qplex-igm"),
            Formal("qplex-max"),
        ),
    ),
    Claim(
        id="igm.random",
        statement="The same for up to four agents of different sizes",
        latex=r"\max Q_{tot}=\textstyle\sum_i\max Q_i",
        hypotheses="λ_i(a) > 0",
        source=QPLEX,
        method="random instances",
        expected="tested",
        check=check_random,
        examples=150,
        theorems=(
            Formal("qplex-igm"),
            Formal("qplex-max"),
        ),
    ),
    Claim(
        id="igm.zero-weight",
        statement="λ >= 0 is enough for IGM as sets",
        latex=r"\lambda_i\ge0\Rightarrow\arg\max Q_{tot}=\textstyle\prod_i\arg\max Q_i",
        hypotheses="λ_i(a) >= 0",
        source="ours",
        method="random instances",
        expected="refuted",
        check=check_zero_weight,
        examples=100,
        theorems=(Formal("refuted-igm-nonnegative"),),
    ),
    Claim(
        id="igm.zero-selection",
        statement="λ >= 0 still keeps the selection reading: per-agent maximisers form a joint maximiser",
        latex=r"\lambda_i\ge0\Rightarrow\textstyle\prod_i\arg\max Q_i\subseteq\arg\max Q_{tot}",
        hypotheses="λ_i(a) >= 0",
        source="ours",
        method="random instances",
        expected="tested",
        check=check_zero_selection,
        examples=100,
    ),
    Claim(
        id="igm.additive",
        statement="Additive Q_tot (VDN) satisfy IGM as sets",
        latex=r"\arg\max\textstyle\sum_iQ_i=\prod_i\arg\max Q_i",
        hypotheses="linear class",
        source="arXiv:2006.00587",
        method="random instances",
        expected="tested",
        check=check_additive,
        examples=100,
    ),
)
