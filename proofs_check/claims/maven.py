"""MAVEN (arXiv:1910.07483): exploration and QMIX's suboptimality, on its payoff y = [[R+δ,0,R],[0,R,R],[R,R,R]].

The paper bounds the δ for which QMIX fails under uniform visitation by R(sqrt(a(b+1)/(a+b)) - 1), here R/2 (a = 6, b =
2). The exact boundary is larger: with (0,0) on top the best fit has the levels {0,0,R,R,R} and R below it and the error
6R²/5; else the best one has {0,0,R} at the bottom, {R+δ,R,R,R} at the top and the error 2R²/3 + 3δ²/4. So QMIX as the
exact projection fails iff δ² < 32R²/45 (`maven.threshold`).
"""

from fractions import Fraction

from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, table
from proofs_check.claims.weighted_qmix import engine_fit, unit
from proofs_check.evidence import central, exact
from proofs_check.evidence.exact import Table
from proofs_check.evidence.isotonic import monotone_fits
from proofs_check.evidence.local import epsilon_marginals

PAPER = "arXiv:1910.07483"
UNIFORM, GREEDY = PAPER + ", theorem on uniform visitation", PAPER + ", theorem on ε-greedy visitation"
SHAPE = (3, 3)
R = Fraction(10)
PUBLISHED = Fraction(2, 5)


def payoff(delta: Fraction) -> Table:
    """Return [[R+δ,0,R],[0,R,R],[R,R,R]] for R = 10."""
    return table(SHAPE, (R + delta, 0, R, 0, R, R, R, R, R))


def _errors(values: Table, weights: Table) -> tuple[Fraction, Fraction]:
    """Return the least error with (0,0) on top, and of all other orders."""
    fits = monotone_fits(values, weights, SHAPE)
    right = min(fit.error for fit in fits if central.greedy(fit) == (0, 0))
    return right, min(fit.error for fit in fits if central.greedy(fit) != (0, 0))


def _played(values: Table, weights: Table) -> exact.JointAction:
    """Return what the agents play after the engine's fit, one of the judge's best fits."""
    return engine_fit(values, weights, SHAPE)[1]


def check_uniform(_: Budget) -> Finding:
    """Fit the published payoff, δ = 2/5, with equal weights: the best fit's greedy joint action pays 10, not 52/5."""
    values = payoff(PUBLISHED)
    chosen = _played(values, unit(values))
    right, wrong = _errors(values, unit(values))
    evidence = {"greedy": chosen, "pays": values[chosen], "optimum": values[0, 0], "errors": [right, wrong]}
    return settle(None if values[chosen] == R and wrong < right else evidence, "certified", evidence, 1)


def check_threshold(_: Budget) -> Finding:
    """Compare 6R²/5 with 2R²/3 + 3δ²/4 and the engine's choice for δ on both sides of R·sqrt(32/45)."""
    found: dict[str, str] = {}
    for text in ("1/100", "2", "5", "84/10", "843/100", "844/100", "9"):
        delta = Fraction(text)
        values, known = payoff(delta), (R**2 * 6 / 5, R**2 * 2 / 3 + delta**2 * 3 / 4)
        fails = 45 * delta**2 < 32 * R**2
        if _errors(values, unit(values)) != known or (_played(values, unit(values)) != (0, 0)) != fails:
            return settle({"delta": delta, "errors": _errors(values, unit(values))}, "certified", {}, len(found) + 1)
        found[text] = "fails" if fails else "finds the optimum"
    return Finding("certified", len(found), {"R": R, "by delta": found}, "R·sqrt(32/45) = 8.432... for R = 10")


def check_paper_bound(_: Budget) -> Finding:
    """Fit payoffs with δ up to R/2: the greedy joint action of each best fit pays R."""
    deltas = [R * Fraction(k, 20) for k in range(1, 11)]
    wrong = [delta for delta in deltas if payoff(delta)[_played(payoff(delta), unit(payoff(delta)))] != R]
    evidence = {"R": R, "delta": deltas}
    return settle({"delta": wrong} if wrong else None, "certified", evidence, len(deltas), "R/2 included")


def _around(epsilon: Fraction, action: exact.JointAction) -> Table:
    return exact.product_weights(epsilon_marginals(SHAPE, action, epsilon))


EPSILONS = tuple(map(Fraction, ("1/1000", "1/100", "1/10", "1/4", "1/2", "1")))


def check_more_exploration(_: Budget) -> Finding:
    """From the optimum of the published payoff: kept under small ε, left under large ε, with the errors of both."""
    values = payoff(PUBLISHED)
    kept: dict[str, bool] = {}
    for epsilon in EPSILONS:
        weights = _around(epsilon, (0, 0))
        right, wrong = _errors(values, weights)
        if right == wrong or (_played(values, weights) == (0, 0)) != (right < wrong):
            return Finding("unknown", len(kept), {"epsilon": epsilon, "errors": [right, wrong]})
        kept[str(epsilon)] = right < wrong
    worse = [e for e, smaller in zip(EPSILONS[1:], EPSILONS, strict=False) if kept[str(smaller)] and not kept[str(e)]]
    witness = {"delta": PUBLISHED, "optimum kept by epsilon": kept, "lost from": worse}
    return settle(witness if worse else None, "tested", {}, len(kept), "data around the optimum, not a whole run")


def check_suboptimal_stays(_: Budget) -> Finding:
    """Around (2,2) the best fit of δ = 9 keeps a suboptimal action at small ε, though uniform data find the optimum."""
    values, found = payoff(Fraction(9)), {}
    for epsilon in EPSILONS:
        chosen = _played(values, _around(epsilon, (2, 2)))
        found[str(epsilon)] = values[chosen]
    wrong = None if found["1/10"] == R and found["1"] == R + 9 else found
    return settle(wrong, "certified", {"payoff by epsilon": found}, len(found), "one fit under data around (2,2)")


TABLE = "y = [[R+δ,0,R],[0,R,R],[R,R,R]], R = 10; QMIX as the best monotone fit"
CLAIMS = (
    decided_claim(
        "maven.uniform",
        "Under uniform visitation QMIX plays a suboptimal joint action of the published payoff (δ = 2/5)",
        r"y(\arg\max\Pi_{\mathrm{Qmix}}y)=R<R+\delta",
        TABLE,
        UNIFORM,
        check_uniform,
        "certified",
    ),
    decided_claim(
        "maven.threshold",
        "Under uniform visitation QMIX is suboptimal exactly if δ < R·√(32/45): the paper's R/2 is not the boundary",
        r"\delta<R\sqrt{32/45}\iff y(\arg\max\Pi_{\mathrm{Qmix}}y)<R+\delta",
        TABLE + "; seven δ on both sides",
        "ours, on " + UNIFORM,
        check_threshold,
        "certified",
    ),
    decided_claim(
        "maven.bound",
        "Under uniform visitation QMIX is suboptimal for every δ up to R(√(a(b+1)/(a+b)) - 1) = R/2",
        r"0<\delta\le R\Bigl(\sqrt{\tfrac{a(b+1)}{a+b}}-1\Bigr)\Rightarrow y(\arg\max\Pi_{\mathrm{Qmix}}y)<R+\delta",
        TABLE + ", a = 6, b = 2; ten δ; the bound as we read it",
        UNIFORM,
        check_paper_bound,
        "certified",
    ),
    decided_claim(
        "maven.exploration",
        "More ε-greedy exploration around the optimum never makes QMIX lose it",
        r"\varepsilon\le\varepsilon',\;\text{kept at }\varepsilon'\Leftarrow\text{kept at }\varepsilon",
        TABLE + ", δ = 2/5, data ε-greedy around (0,0)",
        "ours, on " + GREEDY,
        check_more_exploration,
    ),
    decided_claim(
        "maven.stays",
        "ε-greedy data around a suboptimal joint action keep QMIX there at ε = 1/10, where uniform data do not",
        r"\delta=\tfrac9{10}R:\;\varepsilon=\tfrac1{10}\Rightarrow R,\quad\varepsilon=1\Rightarrow R+\delta",
        TABLE + ", δ = 9, data ε-greedy around (2,2)",
        "ours, on " + GREEDY,
        check_suboptimal_stays,
        "certified",
    ),
)
