"""Individual-global-max as sets: argmax Q_tot = Π_i argmax Q_i (theory notes, sections 6 and 8)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy
from hypothesis import strategies as st

from fqi_theory.factorization import qplex
from fqi_theory.factorization.fit import additive_table, greedy_values
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape, Table
from proofs_check.evidence.instances import SMALL_SHAPES, TWO_BY_TWO, Numbers, rewards, tensor
from proofs_check.evidence.sampling import sampled, search

QPLEX = "arXiv:2008.01062"
PATTERN_SHAPES: tuple[Shape, ...] = ((3,), (2, 2), (2, 3), (2, 2, 2))
Sets = tuple[frozenset[int], ...]


@dataclass(frozen=True)
class Mixing:
    """Factors (per agent) and weights λ (per agent, flat over joint actions)."""

    shape: Shape
    factors: tuple[Numbers, ...]
    weights: tuple[Numbers, ...]

    def table(self) -> Table:
        """Return Σ_i V_i + Σ_i λ_i(a) (Q_i(a_i) - V_i) by the plain sum."""
        tops = [max(f) for f in self.factors]
        weights = [exact.table(self.shape, w) for w in self.weights]
        return {
            a: sum(
                (
                    tops[i] + weights[i][a] * (f[x] - tops[i])
                    for i, (f, x) in enumerate(zip(self.factors, a, strict=True))
                ),
                Fraction(0),
            )
            for a in exact.joint_actions(self.shape)
        }

    def engine_table(self) -> Table:
        """Return the engine's Q_tot."""
        factors = [tensor(f, (1, len(f))) for f in self.factors]
        found = qplex.mix(factors, [tensor(w, (1, *self.shape)) for w in self.weights])
        return exact.table(self.shape, exact.fractions(found.flat))


def best_sets(factors: Sequence[Sequence[Any]]) -> frozenset[JointAction]:
    """Return Π_i argmax Q_i."""
    return frozenset(product(*([x for x, q in enumerate(f) if q == max(f)] for f in factors)))


def patterns(shape: Shape) -> Iterator[Sets]:
    """Yield every choice of non-empty maximiser sets (B_1, ..., B_n)."""
    for mask in product(*(range(1, 1 << k) for k in shape)):
        yield tuple(frozenset(x for x in range(k) if m >> x & 1) for k, m in zip(shape, mask, strict=True))


def symbolic_factors(shape: Shape, sets: Sets) -> list[Any]:
    """Return Q_i = V_i on B_i and V_i - (positive symbol) off it, per agent (1, A_i)."""
    result = []
    for i, (k, members) in enumerate(zip(shape, sets, strict=True)):
        level = sympy.Symbol(f"V{i + 1}", real=True)
        gaps = [0 if x in members else sympy.Symbol(f"d{i + 1}_{x}", positive=True) for x in range(k)]
        result.append(np.array([[level - gap for gap in gaps]], dtype=object))
    return result


def _pattern_fails(shape: Shape, sets: Sets) -> str | None:
    factors = symbolic_factors(shape, sets)
    names = [[f"l{i + 1}_" + "".join(map(str, a)) for a in exact.joint_actions(shape)] for i in range(len(shape))]
    weights = [np.array(sympy.symbols(n, positive=True), dtype=object).reshape(1, *shape) for n in names]
    table = exact.table(shape, qplex.mix(factors, weights)[0].flat)
    level = sum(sympy.Symbol(f"V{i + 1}", real=True) for i in range(len(shape)))
    for a, q in table.items():
        gap = sympy.expand(level - q)
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


@st.composite
def mixings(draw: Any, shapes: Sequence[Shape], least: int) -> Mixing:
    """Draw factors and weights λ >= least (integers up to 4)."""
    shape = draw(st.sampled_from(shapes))
    factors = tuple(draw(rewards(k, 3)) for k in shape)
    weight = st.integers(least, 4).map(Fraction)
    size = prod(shape)
    weights = tuple(draw(st.lists(weight, min_size=size, max_size=size).map(tuple)) for _ in shape)
    return Mixing(shape, factors, weights)


def _sets_differ(mixing: Mixing) -> str | None:
    table = mixing.table()
    if exact.maximisers(table) != best_sets(mixing.factors):
        return f"argmax Q_tot = {sorted(exact.maximisers(table))}, Π argmax Q_i = {sorted(best_sets(mixing.factors))}"
    return None


def _engine_differs(mixing: Mixing) -> str | None:
    table = mixing.engine_table()
    if table != mixing.table():
        return "the engine's Q_tot is not Σ V_i + Σ λ_i (Q_i - V_i)"
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
    witness = {"factors": mixing.factors, "lambda": mixing.weights, "fails": sample.reason}
    return settle(witness, "tested", {}, sample.checked)


def _selection_fails(mixing: Mixing) -> str | None:
    table = mixing.table()
    choice = tuple(exact.first_maximiser(f) for f in mixing.factors)
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
