"""Weighted QMIX (arXiv:2006.10800): its projection, and what idealised central and optimistic weights recover.

Q^mix holds the tables that are non-decreasing in every agent's utility; Π_w y is its least squares fit of y under
weights w. The paper states that with small α > 0 the fit has the maximiser of y, for w = 1 at the best joint action and
α elsewhere (Theorem 1, CW) and for w = 1 where the fit is below y and α elsewhere (Theorem 2, OW). The greedy joint
action of a fit is what the agents play: each the top of its order.
"""

from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from fqi_theory.factorization import monotonic
from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim, table
from proofs_check.evidence import central, exact
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import Game, games, tensor
from proofs_check.evidence.isotonic import monotone_fits
from proofs_check.evidence.sampling import sampled

PAPER = "arXiv:2006.10800"
Best = tuple[Fraction, exact.JointAction, Table]


def engine_fit(values: Table, weights: Table, shape: Shape) -> Best:
    """Return least error, greedy joint action and Q_tot of the engine's best monotone fit.

    Raises ArithmeticError where it is not one of the judge's fits of least error.
    """
    arrays = (tensor(list(part.values()), shape) for part in (values, weights))
    found = monotonic.best(*arrays)
    fitted = exact.table(shape, exact.fractions(found.table.flat))
    best = central.least(monotone_fits(values, weights, shape))
    if not any(fitted == fit.table and found.greedy == central.greedy(fit) for fit in best):
        raise ArithmeticError("the engine's monotone fit is none of the best fits")
    return exact.fraction(found.error), found.greedy, fitted


def unit(values: Table) -> Table:
    """Return weights of 1."""
    return dict.fromkeys(values, Fraction(1))


TIED = table((2, 2), (1, 0, 0, 1))


def check_unique(_: Budget) -> Finding:
    """List the best monotone fits of [[1,0],[0,1]]: two tables, with one maximiser each."""
    fits = central.least(monotone_fits(TIED, unit(TIED), (2, 2)))
    tables = sorted({tuple(fit.table.values()) for fit in fits})
    error, found = engine_fit(TIED, unit(TIED), (2, 2))[::2]
    witness = {"y": [1, 0, 0, 1], "error": error, "best fits": tables, "the engine's": list(found.values())}
    return settle(witness if len(tables) > 1 else None, "tested", {}, 1)


def _distance(first: Table, second: Table) -> Fraction:
    return Fraction(max(abs(x - second[a]) for a, x in first.items()))


def check_contraction(_: Budget) -> Finding:
    """Fit [[1 + δ,0],[0,1]] and [[1,0],[0,1 + δ]], δ = 1/100, at distance δ: unique fits that are far apart."""
    near = Fraction(1, 100)
    pair = [table((2, 2), (1 + near, 0, 0, 1)), table((2, 2), (1, 0, 0, 1 + near))]
    counts = [len({tuple(f.table.values()) for f in central.least(monotone_fits(y, unit(y), (2, 2)))}) for y in pair]
    first, second = (engine_fit(y, unit(y), (2, 2))[2] for y in pair)
    apart = _distance(first, second)
    note = "where each joint action leads to a state of its own, y = γV is any table: no contraction for γ > δ/distance"
    witness = {"distance": near, "distance of the fits": apart, "fits": [list(first.values()), list(second.values())]}
    return settle(witness if apart > near and counts == [1, 1] else None, "tested", {}, 2, note)


SMALLEST = table((2, 2), (1, -2, 0, 0))


def check_argmax(_: Budget) -> Finding:
    """Fit [[1,-2],[0,0]] with equal weights: every best fit has greedy (1,0), and 1/2 at (0,0) instead of 1."""
    chosen, found = engine_fit(SMALLEST, unit(SMALLEST), (2, 2))[1:]
    best = central.least(monotone_fits(SMALLEST, unit(SMALLEST), (2, 2)))
    wrong = all(central.greedy(fit) != (0, 0) and fit.table[0, 0] < 1 for fit in best) and SMALLEST[chosen] < 1
    witness = {"y": [1, -2, 0, 0], "fit": list(found.values()), "greedy": chosen, "value at (0,0)": found[0, 0]}
    return settle(witness if wrong else None, "tested", {}, 1, f"best fits: {len(best)}, all so")


def _values_differ(case: tuple[Game, Fraction]) -> str | None:
    game, alpha = case
    assume(len(exact.maximisers(game.table())) == 1)
    values = game.table()
    chosen, found = engine_fit(values, central.weights(values, alpha), game.shape)[1:]
    best = central.best_action(values)
    assume(chosen == best)
    return None if found[best] == values[best] else f"the fit at {best} is {found[best]} instead of {values[best]}"


ALPHAS = st.sampled_from(tuple(map(Fraction, ("1", "1/2", "1/10", "1/1000"))))


def check_value(budget: Budget) -> Finding:
    """Check on random tables that a fit with the right orders has the right greatest value."""
    return sampled(_values_differ, st.tuples(games(((2, 2), (2, 3)), bound=3), ALPHAS), budget)


FIT = "uniform data, Q^mix with ∂f/∂Q_i >= 0"
CW = "idealised central weighting, one maximiser u of y; argmax of the fit: what the agents play, the tops of orders"
CLAIMS = (
    decided_claim(
        "wqmix.unique",
        "The QMIX projection of a table is unique",
        r"|\Pi_{\mathrm{Qmix}}y|=1",
        FIT,
        PAPER,
        check_unique,
    ),
    decided_claim(
        "wqmix.contraction",
        "The QMIX operator is a contraction in the sup norm",
        r"\|\mathcal T_{\mathrm{Qmix}}Q-\mathcal T_{\mathrm{Qmix}}Q'\|_\infty\le c\|Q-Q'\|_\infty,\;c<1,\quad"
        r"\mathcal T_{\mathrm{Qmix}}=\Pi_{\mathrm{Qmix}}\mathcal T^*",
        FIT + ", any finite model, γ > 1/67",
        PAPER + ", properties of the QMIX operator",
        check_contraction,
    ),
    decided_claim(
        "wqmix.argmax",
        "The QMIX projection keeps the best joint action and its value",
        r"\arg\max\Pi_{\mathrm{Qmix}}y=\arg\max y,\;\max\Pi_{\mathrm{Qmix}}y=\max y",
        FIT,
        PAPER + ", properties of the QMIX operator",
        check_argmax,
    ),
    sampled_claim(
        "wqmix.value",
        "Where the fit's greedy joint action is right, its greatest value is right too",
        r"\arg\max\Pi_wy=u\Rightarrow\max\Pi_wy=\max y",
        CW + ", greedy by the fit's orders",
        PAPER + " Corollary 1",
        check_value,
        60,
    ),
)
