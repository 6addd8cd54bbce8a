"""Theorem 1 beyond full support and deterministic transitions (theory notes, section 2 ✦, ours)."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from fqi_theory.base import scalars
from fqi_theory.factorization import linear
from fqi_theory.model.mmdp import MMDP
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.claims.theorem1_boundary import OURS
from proofs_check.claims.theorem1_credit_assignment import violates_normal_equations
from proofs_check.evidence import exact
from proofs_check.evidence.instances import SMALL_SHAPES, Game, games
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.symbols import first_nonzero, symbolic_data, symbolic_table


def check_missing_support(_: Budget) -> Finding:
    """Exhibit two minimisers under data without full support, with different greedy joint actions."""
    game = Game(
        (2, 2), tuple(map(Fraction, (1, 0, 0, 2))), ((Fraction(1), Fraction(0)), (Fraction(1, 2), Fraction(1, 2)))
    )
    first = [exact.fractions(f[0]) for f in linear.fit(game.array(), game.data()).factors]
    second = [[first[0][0], first[0][0] - 5], first[1]]
    third = [[first[0][0], first[0][0] + 5], first[1]]
    greedy = []
    for factors in (second, third):
        if any(exact.normal_residuals(game.table(), game.data_table(), factors).values()):
            return Finding("unknown", 1, {"reason": "not a minimiser", "factors": factors})
        greedy.append([exact.first_maximiser(own) for own in factors])
    witness = {"y": game.values, "p": game.marginals, "minimisers": [second, third], "greedy": greedy}
    return settle(witness if greedy[0] != greedy[1] else None, "tested", {}, 1, "both have the least loss, exactly")


def _not_unique_on_support(game: Game) -> str | None:
    weights = game.data_table()
    if reason := violates_normal_equations(game):
        return reason
    columns = [(i, x) for i, k in enumerate(game.shape) for x in range(k)]
    gram = [[sum(w for a, w in weights.items() if a[i] == x and a[j] == z) for j, z in columns] for i, x in columns]
    for vector in exact.nullspace(gram):
        d = dict(zip(columns, vector, strict=True))
        place = next((a for a, w in weights.items() if w and sum(d[i, x] for i, x in enumerate(a)) != 0), None)
        if place is not None:
            return f"minimisers may differ at {place}, which has data"
    return None


def check_support(budget: Budget) -> Finding:
    """Check that minimisers agree wherever p > 0, on random games with zeros in the data."""
    return sampled(_not_unique_on_support, games(SMALL_SHAPES, data="sparse"), budget)


def _sampled_targets() -> Iterator[tuple[Any, Any]]:
    """Normal equations of Σ_a p(a) Σ_s' P(s'|a) (r(a) + γ V(s') - Q_tot(a))² at the engine's fit of the mean target."""
    for shape in ((2, 2), (2, 3)):
        r, chance = symbolic_table(shape, "r"), symbolic_table(shape, "P")
        gamma, values = sympy.Symbol("gamma"), np.array(sympy.symbols("V0 V1"), dtype=object)
        reward = np.concatenate([r, scalars.zeros(r.shape, "symbolic")])
        kernel = np.stack([chance, 1 - chance], axis=-1)
        model = MMDP(reward, np.concatenate([kernel, kernel]), gamma)
        data = symbolic_data(shape)
        factors = [list(f[0]) for f in linear.credit(model.backup(values)[:1], data)]
        q = exact.additive(factors)
        p = exact.product_weights([list(m[0]) for m in data.marginals])
        for i, own in enumerate(factors):
            for x in range(len(own)):
                cells = [a for a in q if a[i] == x]
                yield (
                    f"agent {i + 1}, action {x}, shape {shape}",
                    sum(
                        p[a] * weight * (r[(0, *a)] + gamma * v - q[a])
                        for a in cells
                        for weight, v in ((chance[(0, *a)], values[0]), (1 - chance[(0, *a)], values[1]))
                    ),
                )


def check_stochastic(_: Budget) -> Finding:
    """Show that fitting sampled targets and fitting their mean have the same minimiser, for symbolic P."""
    count, nonzero = first_nonzero(_sampled_targets())
    return settle(nonzero, "proved", {"shapes": [(2, 2), (2, 3)], "successors": 2, "identities": count})


CLAIMS = (
    Claim(
        id="thm1.missing-support",
        statement="Q_tot and its greedy action are determined even where some p_i(a_i) = 0",
        latex=r"p_i(x)=0\;\Rightarrow\;Q_i(x)\ \text{unique}",
        hypotheses=r"product data without full support",
        source=OURS,
        method="exact instance",
        expected="refuted",
        check=check_missing_support,
    ),
    Claim(
        id="thm1.unique-on-support",
        statement="Without full support Q_tot is still unique at every joint action that has data",
        latex=r"p_D(a)>0\;\Rightarrow\;Q_{tot}(a)\ \text{unique}",
        hypotheses="product data, zeros allowed",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_support,
        examples=100,
        theorems=(Formal("thm1-support"),),
    ),
    Claim(
        id="thm1.stochastic",
        statement="Stochastic P changes nothing: sampled targets and their mean have the same minimiser (2x2 "
        "and 2x3, two successors)",
        latex=r"\arg\min\mathbb E_{s'}\bigl(r+\gamma V(s')-Q_{tot}\bigr)^2="
        r"\arg\min\bigl(\mathbb E_{s'}[r+\gamma V(s')]-Q_{tot}\bigr)^2",
        hypotheses="product data",
        source=OURS,
        method="symbolic",
        expected="proved",
        check=check_stochastic,
    ),
)
