"""Best monotone fits under ε-greedy data (theory notes, section 18; ours): bounded, and they need not settle.

One state, two agents who should choose unlike, [[0,1],[1,0]], from greedy (0,0): (0,0) weighs most and is among the
worst, so both agents rank 0 last, and (1,1), just as bad, becomes greedy; then the same the other way round.
"""

from fractions import Fraction

import fqi_theory as ft
from proofs_check.checker import check
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.theorem2_attractors import one_state
from proofs_check.evidence import exact, isotonic
from proofs_check.evidence.exact import JointAction

SHAPE = (2, 2)
EPSILON = Fraction(1, 10)
DISCOUNTS = tuple(map(Fraction, ("1/100", "1/2", "99/100")))
PAYOFFS = (0, 1, 1, 0)


def tops(greedy: JointAction) -> set[JointAction]:
    """Return the best joint action of every tuple of orders of least error, under the data around `greedy`."""
    own = [[1 - EPSILON / 2 if x == g else EPSILON / 2 for x in range(2)] for g in greedy]
    table = exact.table(SHAPE, map(Fraction, PAYOFFS))
    fits = isotonic.monotone_fits(table, exact.product_weights(own), SHAPE)
    return {tuple(order[-1] for order in fit.orders) for fit in fits if fit.error == fits[0].error}


def _fails(discount: Fraction) -> str | None:
    model = one_state(SHAPE, PAYOFFS, discount).mmdp()
    fate = ft.decide(model, data=ft.epsilon_greedy(EPSILON), factorization=ft.monotonic)
    if (fate.kind, fate.period) != ("cycles", 2):
        return f"decide says {fate.kind}"
    if sorted(g[0].tolist() for g in fate.greedy) != [[0, 0], [1, 1]]:
        return "other greedy actions than (0,0) and (1,1)"
    report = check(fate.certificate)
    return None if report.accepted else f"the checker refuses: {report.reason}"


def check_on_policy(_: Budget) -> Finding:
    """Find the best orders by the judge's regressions, and certify the cycle at three discounts."""
    found = {str(g): sorted(tops(g)) for g in ((0, 0), (1, 1))}
    failed = next(({"γ": g, "fails": r} for g in DISCOUNTS if (r := _fails(g)) is not None), None)
    if found != {"(0, 0)": [(1, 1)], "(1, 1)": [(0, 0)]}:
        failed = {"best joint actions": found}
    return settle(failed, "certified", {"γ": DISCOUNTS, "ε": EPSILON, "game": PAYOFFS}, len(DISCOUNTS))


CLAIMS = (
    Claim(
        id="phases.qmix-on-policy",
        statement="Best monotone fits on ε-greedy data need not settle either: agents who should choose unlike keep "
        "choosing alike, (0,0), (1,1), (0,0), ...",
        latex=r"g^{(t)}=(0,0),(1,1),(0,0),\ldots",
        hypotheses="one state, [[0,1],[1,0]], ε = 1/10, from greedy (0,0); γ = 1/100, 1/2, 99/100",
        source="ours",
        method="exact instance",
        expected="certified",
        check=check_on_policy,
    ),
)
