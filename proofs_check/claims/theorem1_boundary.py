"""Theorem 1 under correlated data (theory notes, section 2 ✦, ours): what the minimiser is, and what it depends on."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from fqi_theory.factorization import linear
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.theorem1_credit_assignment import violates_normal_equations
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import SMALL_SHAPES, TWO_BY_TWO, Game, games
from proofs_check.evidence.sampling import sampled, search

OURS = "ours, on arXiv:2006.00587 Theorem 1"


def marginals_of(shape: Shape, weights: Table) -> list[list[Fraction]]:
    """Return p_i(x) = Σ_{a: a_i = x} p(a)."""
    return [
        [sum((w for a, w in weights.items() if a[i] == x), Fraction(0)) for x in range(k)] for i, k in enumerate(shape)
    ]


def _closed_form_not_minimal(game: Game) -> str | None:
    y, weights = game.table(), game.data_table()
    factors = exact.closed_form(y, marginals_of(game.shape, weights))
    residuals = exact.normal_residuals(y, weights, factors)
    wrong = next((key for key, value in residuals.items() if value != 0), None)
    if wrong is None:
        return None
    return f"normal equation of agent {wrong[0] + 1}, action {wrong[1]}: residual {residuals[wrong]} instead of 0"


def _compare_losses(game: Game) -> dict[str, Any]:
    y, weights = game.table(), game.data_table()
    closed = exact.additive(exact.closed_form(y, marginals_of(game.shape, weights)))
    fit = exact.additive([exact.fractions(f[0]) for f in linear.fit(game.array(), game.data()).factors])
    return {"loss of the closed form": exact.loss(y, weights, closed), "loss of the fit": exact.loss(y, weights, fit)}


CORRELATED = Game(
    (2, 2),
    tuple(map(Fraction, (0, 0, 0, 1))),
    weights=tuple(map(Fraction, ("1/5", "1/5", "1/5", "2/5"))),
)


def check_correlated(budget: Budget) -> Finding:
    """Find a smallest correlated distribution for which the closed form is beaten by another additive function."""
    found = search(_closed_form_not_minimal, games(TWO_BY_TWO, data="joint", bound=2), budget, CORRELATED)
    if found.counterexample is None:
        return Finding("tested", found.checked)
    losses = _compare_losses(found.counterexample)
    if not losses["loss of the fit"] < losses["loss of the closed form"]:
        return Finding("unknown", found.checked, losses)
    game = found.counterexample
    witness = {"y": game.values, "p": game.weights, "fails": found.reason, **losses}
    return settle(witness, "tested", {}, found.checked, "smallest found by shrinking; the better fit is exact")


def check_correlated_fit(budget: Budget) -> Finding:
    """Check the normal equations of the engine's fit under correlated data."""
    return sampled(violates_normal_equations, games(SMALL_SHAPES, data="joint"), budget)


@dataclass(frozen=True)
class SamePairs:
    """A 2x2x2 table, and two distributions with equal pairwise marginals: uniform ± δ·parity."""

    values: tuple[Fraction, ...]
    tilt: Fraction

    def weights(self, sign: int) -> tuple[Fraction, ...]:
        """Return p(a) = (1 + sign·δ·(-1)^(a_1+a_2+a_3)) / 8."""
        return tuple((1 + sign * self.tilt * (-1) ** sum(a)) / 8 for a in exact.joint_actions((2, 2, 2)))


def _same_pairs() -> st.SearchStrategy[SamePairs]:
    values = st.lists(st.integers(-2, 2).map(Fraction), min_size=8, max_size=8).map(tuple)
    return st.builds(SamePairs, values, st.sampled_from([Fraction(1, 2), Fraction(1, 4)]))


def _pair_marginals(weights: Table) -> dict[tuple[int, int, int, int], Fraction]:
    pairs = [(i, j, x, y) for i in range(3) for j in range(i) for x in (0, 1) for y in (0, 1)]
    return {(i, j, x, y): sum(w for a, w in weights.items() if (a[i], a[j]) == (x, y)) for i, j, x, y in pairs}


def _fits_differ(case: SamePairs) -> str | None:
    games_ = [Game((2, 2, 2), case.values, weights=case.weights(sign)) for sign in (1, -1)]
    if _pair_marginals(games_[0].data_table()) != _pair_marginals(games_[1].data_table()):
        return "the construction is wrong: pairwise marginals differ"
    if any(violates_normal_equations(game) for game in games_):
        return "the engine's fit is not a minimiser"
    fits = [exact.additive([exact.fractions(f[0]) for f in linear.fit(g.array(), g.data()).factors]) for g in games_]
    place = next((a for a in fits[0] if fits[0][a] != fits[1][a]), None)
    return None if place is None else f"Q_tot{place} is {fits[0][place]} under one and {fits[1][place]} under the other"


ONE_CORNER = SamePairs((*[Fraction(0)] * 7, Fraction(1)), Fraction(1, 2))


def check_pairwise(budget: Budget) -> Finding:
    """Find a table with two full-support distributions of equal pairwise marginals and different fits."""
    sample = search(_fits_differ, _same_pairs(), budget, ONE_CORNER)
    if sample.counterexample is None:
        return Finding("tested", sample.checked)
    case = sample.counterexample
    if not sample.reason.startswith("Q_tot"):
        return Finding("unknown", sample.checked, {"reason": sample.reason})
    witness = {"y": case.values, "p": case.weights(1), "p'": case.weights(-1), "fails": sample.reason}
    return settle(witness, "tested", {}, sample.checked, "the Gram matrix needs only pairs; E[y | a_i] needs more")


def _pairs_and_moments(game: Game) -> str | None:
    """Solve G q = h with G from pairwise marginals and h from E[y 1{a_i = x}]; compare Q_tot with the engine's."""
    y, weights, shape = game.table(), game.data_table(), game.shape
    columns = [(i, x) for i, k in enumerate(shape) for x in range(k)]
    gram = [[sum(w for a, w in weights.items() if a[i] == x and a[j] == z) for j, z in columns] for i, x in columns]
    moments = [sum(w * y[a] for a, w in weights.items() if a[i] == x) for i, x in columns]
    flat = [q for f in linear.fit(game.array(), game.data()).factors for q in exact.fractions(f[0])]
    for row, h in zip(gram, moments, strict=True):
        if sum(g * q for g, q in zip(row, flat, strict=True)) != h:
            return "the engine's factors do not solve G q = h"
    return None


def check_pairs_and_moments(budget: Budget) -> Finding:
    """Check G q = h, where G uses pairwise marginals only and h the conditional means of y."""
    return sampled(_pairs_and_moments, games(SMALL_SHAPES, data="joint"), budget)


CLAIMS = (
    Claim(
        id="thm1.correlated",
        statement="The closed form (with the marginals of p_D) is the minimiser for every p_D",
        latex=r"\forall p_D:\;Q_i=\mathbb E_{-i}[y]-\tfrac{n-1}n\mathbb E[y]\ \text{is the minimiser}",
        hypotheses="any data with full support",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_correlated,
        examples=100,
    ),
    Claim(
        id="thm1.correlated-fit",
        statement="For correlated data the fit solves the weighted normal equations",
        latex=r"\sum_{a:\,a_i=x}p_D(a)\bigl(y(a)-Q_{tot}(a)\bigr)=0",
        hypotheses="any data with full support",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_correlated_fit,
        examples=100,
    ),
    Claim(
        id="thm1.pairwise",
        statement="The fit of a given y depends on p_D only through its pairwise marginals",
        latex=r"p_D^{ij}=\tilde p_D^{ij}\ \forall i,j\;\Rightarrow\;Q_{tot}=\tilde Q_{tot}",
        hypotheses="full support, three agents or more",
        source=OURS,
        method="random instances",
        expected="refuted",
        check=check_pairwise,
        examples=60,
    ),
    Claim(
        id="thm1.pairs-and-means",
        statement="The fit is determined by the pairwise marginals of p_D together with the means E[y 1{a_i = x}]",
        latex=r"Gq=h,\quad G_{(i,x),(j,z)}=P(a_i=x,a_j=z),\;h_{(i,x)}=\mathbb E[y\,1\{a_i=x\}]",
        hypotheses="any data with full support",
        source=OURS,
        method="random instances",
        expected="tested",
        check=check_pairs_and_moments,
        examples=80,
    ),
)
