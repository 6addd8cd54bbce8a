"""QTRAN-alt (arXiv:1905.05408): min over a_i of e(a_i, a_{-i}) = 0, all i and a_{-i}, takes the place of e >= 0.

Theorem 2 states that this still suffices for IGM (e: `qtran`). As a necessary condition it asks for more than scaling
gives.
"""

from fractions import Fraction
from itertools import product

from hypothesis import assume

from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim, table
from proofs_check.claims.qtran import BASE, PAPER, Factors, Pair, chosen, conditions, excess, pairs
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Table
from proofs_check.evidence.sampling import sampled


def alternative(values: Table, factors: Factors) -> bool:
    """Tell whether e(u) = 0 and every line {a_i free, a_-i fixed} has its least excess at 0."""
    found, shape = excess(values, factors), exact.sizes(factors)
    lines = (
        min(found[(*a[:i], x, *a[i + 1 :])] for x in range(k)) for a in found for i, k in enumerate(shape) if a[i] == 0
    )
    return found[chosen(factors)] == 0 and all(least == 0 for least in lines)


def _alternative_fails(pair: Pair) -> str | None:
    values = pair.table()
    assume(alternative(values, pair.factors))
    return None if conditions(values, pair.factors) else "the alternative conditions hold, the first ones do not"


def check_alternative(budget: Budget) -> Finding:
    """Check on random pairs that QTRAN-alt's conditions imply QTRAN-base's, hence IGM."""
    return sampled(_alternative_fails, pairs(), budget)


STEPPED = table((3, 2), (0, -1, -1, -1, -1, -1))


def check_alternative_needed(_: Budget) -> Finding:
    """y = [[0,-1],[-1,-1],[-1,-1]], Q_1 = (0,-1,-2), Q_2 = (0,-1) are IGM; rows 1 and 2 ask for α_1 = 2α_1, that is 0.

    Row 1 has the excesses 1 - α_1 and 1 - α_1 - α_2, row 2 the same with 2α_1: the least of each is 0 iff
    α_1 + α_2 = 1 and 2α_1 + α_2 = 1.
    """
    tried = [Fraction(k, 8) for k in range(1, 17)]
    for a, b in product(tried, repeat=2):
        found = excess(STEPPED, ((Fraction(0), -a, -2 * a), (Fraction(0), -b)))
        excesses = [min(found[x, 0], found[x, 1]) for x in (1, 2)]
        if excesses != [1 - a - b, 1 - 2 * a - b] or alternative(
            STEPPED, ((Fraction(0), -a, -2 * a), (Fraction(0), -b))
        ):
            return settle(None, "tested", {}, len(tried) ** 2)
    witness = {
        "y": list(STEPPED.values()),
        "Q_1": [0, -1, -2],
        "Q_2": [0, -1],
        "least excesses": "1-α_1-α_2, 1-2α_1-α_2",
    }
    note = "both are 0 only for α_1 = 0; QTRAN-base's conditions hold, at α_1 = α_2 = 1/3"
    third: Factors = ((Fraction(0), Fraction(-1, 3), Fraction(-2, 3)), (Fraction(0), Fraction(-1, 3)))
    return settle(witness if conditions(STEPPED, third) else None, "tested", {}, len(tried) ** 2, note)


CLAIMS = (
    sampled_claim(
        "qtran.alternative",
        "QTRAN-alt's conditions imply QTRAN-base's",
        r"\min_{a_i}e(a_i,a_{-i})=0\ \forall i,a_{-i}\Rightarrow " + BASE,
        "any factors and table",
        PAPER + " Theorem 2",
        check_alternative,
        30,
    ),
    decided_claim(
        "qtran.alternative-necessary",
        "Where IGM holds some positive scaling of the factors meets QTRAN-alt's conditions",
        r"\exists\alpha_i>0:\;\min_{a_i}e(a_i,a_{-i})=0\ \forall i,a_{-i}",
        "one maximiser; the factors are given up to scale and shift",
        "ours, on " + PAPER + " Theorem 2",
        check_alternative_needed,
    ),
)
