"""Theorem 1 of arXiv:2006.00587: the linear fit is counterfactual credit assignment (theory notes, section 2).

For product data the minimiser of Σ_a p(a) (y(a) - Σ_i Q_i(a_i))² is Q_i(a_i) = E_{-i}[y] - (n-1)/n E[y] + w_i, Σ_i w_i
= 0. The loss is a convex quadratic of the factors, so factors are minimisers exactly when the normal equations hold;
at a given shape these are polynomial identities in y and p, which are expanded to zero.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy

from fqi_theory.factorization import linear
from proofs_check.claim import Budget, Claim, Finding, Formal, settle
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape
from proofs_check.evidence.instances import LARGE_SHAPES, Game, games
from proofs_check.evidence.sampling import sampled
from proofs_check.evidence.symbols import SHAPES, first_nonzero, symbolic_data, symbolic_table

PAPER = "arXiv:2006.00587 Theorem 1"
PRODUCT = "product data p(a) = Π_i p_i(a_i)"
SHAPES_TEXT = "shapes " + ", ".join("x".join(map(str, s)) for s in SHAPES)


def _symbolic_fit(shape: Shape) -> tuple[Any, Any, list[list[Any]], list[list[Any]]]:
    """Return y, its table, the marginals and the engine's factors, all symbolic."""
    y, data = symbolic_table(shape), symbolic_data(shape)
    factors = [list(f[0]) for f in linear.credit(y, data)]
    return y, exact.table(shape, y[0].flat), [list(m[0]) for m in data.marginals], factors


def _normal_equations() -> Iterator[tuple[Any, Any]]:
    for shape in SHAPES:
        _, table, marginals, factors = _symbolic_fit(shape)
        residuals = exact.normal_residuals(table, exact.product_weights(marginals), factors)
        yield from (
            (f"normal equation of agent {i + 1}, action {x}, shape {shape}", r) for (i, x), r in residuals.items()
        )


def check_closed_form(_: Budget) -> Finding:
    """Expand the normal equations of the engine's fit to zero, for symbolic y and p."""
    count, nonzero = first_nonzero(_normal_equations())
    note = (
        "the loss is convex in the factors, so zero derivatives mean a global minimum; all y and all p at these shapes"
    )
    return settle(nonzero, "proved", {"shapes": SHAPES, "identities": count}, note=note)


def violates_normal_equations(game: Game) -> str | None:
    """Return which normal equation the engine's fit of a game violates, or None."""
    factors = [exact.fractions(f[0]) for f in linear.fit(game.array(), game.data()).factors]
    for (i, x), residual in exact.normal_residuals(game.table(), game.data_table(), factors).items():
        if residual != 0:
            return f"normal equation of agent {i + 1}, action {x}: residual {residual} instead of 0"
    return None


def check_random_shapes(budget: Budget) -> Finding:
    """Check the normal equations of the engine's fit in fractions on random games."""
    return sampled(violates_normal_equations, games(LARGE_SHAPES), budget)


def _residues() -> Iterator[tuple[Any, Any]]:
    for shape in SHAPES:
        y, _, marginals, factors = _symbolic_fit(shape)
        free = list(sympy.symbols([f"w{i + 1}" for i in range(len(shape) - 1)]))
        w = [*free, -sum(free, sympy.Integer(0))]
        moved = linear.with_residue(linear.credit(y, symbolic_data(shape)), [w])
        old, new = exact.additive(factors), exact.additive([list(f[0]) for f in moved])
        yield from ((f"Q_tot{a}, shape {shape}", new[a] - old[a]) for a in old)
        for i, own in enumerate(moved):
            for x in range(1, shape[i]):
                yield f"ranking of action {x} by agent {i + 1}", own[0][x] - own[0][0] - factors[i][x] + factors[i][0]
        del marginals


def check_residue(_: Budget) -> Finding:
    """Show that a residue changes neither Q_tot nor any agent's ranking of its actions."""
    count, nonzero = first_nonzero(_residues())
    return settle(nonzero, "proved", {"shapes": SHAPES, "identities": count})


UNIQUE_SHAPES: tuple[Shape, ...] = (*SHAPES, (4, 4), (2, 3, 4), (3, 3, 3), (2, 2, 2, 2), (5, 2), (1, 3))


def _kernel_counterexample(shape: Shape) -> dict[str, Any] | None:
    """Compare {factors: Q_tot = 0 everywhere} with the zero-sum constants; None when they are equal."""
    columns = [(i, x) for i, k in enumerate(shape) for x in range(k)]
    design = [[Fraction(a[i] == x) for i, x in columns] for a in exact.joint_actions(shape)]
    basis = exact.nullspace(design)
    if len(basis) != len(shape) - 1:
        return {"shape": shape, "dimension": len(basis), "expected": len(shape) - 1}
    for vector in basis:
        parts = dict(zip(columns, vector, strict=True))
        levels = [{parts[i, x] for x in range(k)} for i, k in enumerate(shape)]
        if any(len(level) > 1 for level in levels) or sum(level.pop() for level in levels) != 0:
            return {"shape": shape, "vector": vector}
    return None


def check_unique(_: Budget) -> Finding:
    """Show that additive functions vanish only for zero-sum constants: with full support minimisers differ by these."""
    found = next((c for c in map(_kernel_counterexample, UNIQUE_SHAPES) if c is not None), None)
    note = (
        "two minimisers differ by an additive d with Σ p d² = 0; full support gives d = 0 everywhere; the exact "
        "kernel of "
        "the additive design is then all that is left"
    )
    return settle(found, "proved", {"shapes": UNIQUE_SHAPES}, note=note)


def _credits() -> Iterator[tuple[Any, Any]]:
    for shape in SHAPES:
        _, table, marginals, factors = _symbolic_fit(shape)
        weights, n = exact.product_weights(marginals), len(shape)
        level = exact.mean(table, weights)
        for i, own in enumerate(factors):
            evaluation = [exact.conditional_mean(table, marginals, i, x) for x in range(shape[i])]
            for x in range(shape[i]):
                credit = evaluation[x] - sum(p * e for p, e in zip(marginals[i], evaluation, strict=True))
                yield (
                    f"agent {i + 1}, action {x}, shape {shape}: E[y]/n + (evaluation - baseline)",
                    own[x] - level / n - credit,
                )


def check_counterfactual(_: Budget) -> Finding:
    """Show that each factor is a shared level plus the agent's evaluation minus its own counterfactual baseline."""
    count, nonzero = first_nonzero(_credits())
    return settle(nonzero, "proved", {"shapes": SHAPES, "identities": count})


CLAIMS = (
    Claim(
        id="thm1.closed-form",
        statement="The linear fit is Q_i = E_{-i}[y] - (n-1)/n E[y]: it satisfies the normal equations for all y and p "
        f"({SHAPES_TEXT})",
        latex=r"Q_i(a_i)=\mathbb E_{a'_{-i}}[y(a_i\oplus a'_{-i})]-\tfrac{n-1}{n}\,\mathbb E_{a'}[y(a')]"
        r"\;\in\;\arg\min_Q\sum_a p_D(a)\bigl(y(a)-\sum_iQ_i(a_i)\bigr)^2",
        hypotheses=PRODUCT,
        source=PAPER,
        method="symbolic",
        expected="proved",
        check=check_closed_form,
        theorems=(
            Formal("thm1-normal-equations"),
            Formal("thm1-optimal"),
            Formal("refuted-closed-form", "(n-2)/n instead of (n-1)/n is never a fit"),
        ),
    ),
    Claim(
        id="thm1.random-shapes",
        statement="The linear fit satisfies the normal equations for up to four agents of different sizes",
        latex=r"\sum_{a:\,a_i=x}p_D(a)\bigl(y(a)-Q_{tot}(a)\bigr)=0\quad\forall i,x",
        hypotheses=PRODUCT + " with full support",
        source=PAPER,
        method="random instances",
        expected="tested",
        check=check_random_shapes,
        examples=200,
        theorems=(
            Formal("thm1-normal-equations"),
            Formal("thm1-pythagoras", "the loss of any other factors"),
        ),
    ),
    Claim(
        id="thm1.residue",
        statement=f"A residue w with Σ_i w_i = 0 changes neither Q_tot nor any agent's ranking of its actions "
        f"({SHAPES_TEXT})",
        latex=r"\sum_i w_i=0\;\Rightarrow\;\sum_i(Q_i+w_i)=\sum_iQ_i",
        hypotheses=PRODUCT,
        source=PAPER,
        method="symbolic",
        expected="proved",
        check=check_residue,
        theorems=(Formal("thm1-residue", "the closed form plus w is a fit"),),
    ),
    Claim(
        id="thm1.unique",
        statement="With full support Q_tot is unique and the factors are unique up to the residue (eleven "
        "shapes, up to 4 agents)",
        latex=r"\arg\min=\{(Q_i+w_i)_i:\textstyle\sum_iw_i=0\}",
        hypotheses="any data with full support",
        source=PAPER,
        method="symbolic",
        expected="proved",
        check=check_unique,
        theorems=(
            Formal("joint-unique"),
            Formal("joint-minimisers"),
            Formal("joint-fit-exists", "a fit exists, zero weights allowed"),
            Formal("thm1", "product data"),
        ),
    ),
    Claim(
        id="thm1.counterfactual",
        statement="Each factor is a shared level E[y]/n plus evaluation of the action minus the agent's own "
        "counterfactual "
        f"baseline ({SHAPES_TEXT})",
        latex=r"Q_i(a_i)=\tfrac1n\mathbb E[y]+\Bigl(\mathbb E_{-i}[y(a_i,\cdot)]-\mathbb E_{a_i'\sim p_i}"
        r"\mathbb E_{-i}[y(a_i',\cdot)]\Bigr)",
        hypotheses=PRODUCT,
        source=PAPER,
        method="symbolic",
        expected="proved",
        check=check_counterfactual,
    ),
)
