"""The 2x2 table of lecture 25, [[8,-12],[-12,0]], reported as found (theory notes, section 7 ✦, ours).

With P(action 0) = p for both agents the linear fit is
    Q(0,0) = -32p² + 64p - 24,   Q(0,1) = Q(1,0) = -32p² + 32p - 12,   Q(1,1) = -32p².
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import sympy

from fqi_theory.data.sources import ProductData
from fqi_theory.factorization import linear
from proofs_check.claim import Budget, Claim, Finding, settle
from proofs_check.claims.payoff_tables import GAME_2_FIT, uniform_fit
from proofs_check.evidence import exact
from proofs_check.evidence.instances import Game
from proofs_check.evidence.symbols import first_nonzero

GAME = (8, -12, -12, 0)
PRINTED = tuple(map(Fraction, ("-13/2", "-5", "-5", "-7/2")))
P = sympy.Symbol("p", real=True)
FAMILY = (-32 * P**2 + 64 * P - 24, -32 * P**2 + 32 * P - 12, -32 * P**2)
SOURCE = "lecture 25 (Theorem 1 table)"
TABLE = "y = [[8,-12],[-12,0]]"


def lecture_game(p: Fraction) -> Game:
    """Return the lecture's game with P(action 0) = p for both agents."""
    return Game((2, 2), tuple(map(Fraction, GAME)), ((p, 1 - p),) * 2)


def check_uniform(_budget: Budget) -> Finding:
    """The uniform fit is [[0,-4],[-4,-8]]; its greedy action (0,0) is optimal."""
    factors, q = uniform_fit(lecture_game(Fraction(1, 2)))
    found = list(q.values())
    optimal = tuple(map(exact.first_maximiser, factors)) == (0, 0)
    wrong = None if found == [0, -4, -4, -8] and optimal else {"Q_tot": found}
    return settle(wrong, "certified", {"Q_tot": found, "greedy": [0, 0], "payoff": 8}, 1)


def check_printed(_budget: Budget) -> Finding:
    """Compare the printed fit with the uniform fit, and its loss with the least loss."""
    game = lecture_game(Fraction(1, 2))
    _, q = uniform_fit(game)
    losses = [exact.loss(game.table(), game.data_table(), t) for t in (exact.table((2, 2), PRINTED), q)]
    witness = {"printed": PRINTED, "its loss": losses[0], "uniform fit": list(q.values()), "least loss": losses[1]}
    return settle(witness if losses[1] < losses[0] else None, "tested", {}, 1)


def _symbolic_fit() -> tuple[list[Any], list[Any]]:
    y = np.array([sympy.Integer(v) for v in GAME], dtype=object).reshape(1, 2, 2)
    own = np.array([[P, 1 - P]], dtype=object)
    factors = [list(f[0]) for f in linear.credit(y, ProductData((own, own)))]
    return list(exact.additive(factors).values()), [f[0] - f[1] for f in factors]


def check_family(_: Budget) -> Finding:
    """Derive the three polynomials, and that each agent prefers action 0 by 32p - 12: the switch is at p = 3/8."""
    table, gaps = _symbolic_fit()
    pairs = list(zip(table, (FAMILY[0], FAMILY[1], FAMILY[1], FAMILY[2]), strict=True))
    named = [(f"Q_tot {k}", found - wanted) for k, (found, wanted) in enumerate(pairs)]
    count, nonzero = first_nonzero(
        [*named, *((f"preference of agent {i + 1}", gap - (32 * P - 12)) for i, gap in enumerate(gaps))]
    )
    return settle(nonzero, "proved", {"identities": count, "polynomials": FAMILY, "switch": sympy.solve(gaps[0], P)})


def rounding_interval(polynomials: Sequence[Any], printed: Sequence[Fraction]) -> tuple[Any, Any]:
    """Return the ends of {p in (0,1): every |polynomial - printed| < 1/4}, the open set that rounds to these halves.

    The set is found by testing one point between every two neighbouring roots of polynomial - printed ± 1/4, exactly.
    Raises ArithmeticError unless it is one interval.
    """
    goals = [sympy.Rational(x.numerator, x.denominator) for x in printed]
    edges = {sympy.Integer(0), sympy.Integer(1)}
    for f, goal in zip(polynomials, goals, strict=True):
        for side in (sympy.Rational(1, 4), -sympy.Rational(1, 4)):
            edges |= {r for r in sympy.real_roots(sympy.Poly(f - goal - side, P)) if 0 < r < 1}
    ends = sorted(edges)
    parts = []
    for low, high in pairwise(ends):
        middle = sympy.nsimplify(sympy.Rational(str(((low + high) / 2).evalf(30))), rational=True)
        if not low < middle < high:
            raise ArithmeticError("the test point is not between the roots")
        if all(
            abs(f.subs(P, middle) - goal) < sympy.Rational(1, 4) for f, goal in zip(polynomials, goals, strict=True)
        ):
            parts.append((low, high))
    if len(parts) != 1:
        raise ArithmeticError(f"expected one interval, found {parts}")
    return parts[0]


def check_rounding(_budget: Budget) -> Finding:
    """Find exactly which p make the fit round to the printed halves: 1 - sqrt(59/128) < p < 1 - sqrt(57/128)."""
    table, _gaps = _symbolic_fit()
    low, high = rounding_interval(table, PRINTED)
    expected = 1 - sympy.sqrt(sympy.Rational(59, 128)), 1 - sympy.sqrt(sympy.Rational(57, 128))
    wrong = (
        None
        if (sympy.simplify(low - expected[0]), sympy.simplify(high - expected[1])) == (0, 0)
        else {"ends": (low, high)}
    )
    near = [list(uniform_fit(lecture_game(p))[1].values()) for p in (Fraction(21, 64), Fraction(1, 3))]
    differences = [
        sympy.expand(q - sympy.Rational(x.numerator, x.denominator)) for q, x in zip(table, PRINTED, strict=True)
    ]
    common = reduce(sympy.gcd, differences)
    evidence = {
        "interval": [str(e) for e in expected],
        "decimals": [str(sympy.N(e, 8)) for e in expected],
        "fit at p = 21/64": near[0],
        "fit at p = 1/3": near[1],
        "some p gives the printed numbers exactly": bool(common.has(P)),
        "1/3 is inside": bool(low < sympy.Rational(1, 3) < high),
    }
    note = "rounding to the nearest half; the ends are irrational ties, in or out by the convention for ties"
    return settle(wrong, "certified", evidence, 2, note)


def check_merged(_budget: Budget) -> Finding:
    """p = 1/3 gives the uniform fit of game 2 with its two equal actions merged."""
    _, q = uniform_fit(lecture_game(Fraction(1, 3)))
    wrong = {str(a): v for a, v in q.items() if v != GAME_2_FIT[sum(a)]}
    return settle(wrong or None, "certified", {"Q_tot": list(q.values())}, 1)


CLAIMS = (
    Claim(
        id="tables.lecture-uniform",
        statement="Lecture 2x2 game, uniform data: the fit is [[0,-4],[-4,-8]] and its greedy action is optimal",
        latex=r"Q_{tot}=\begin{pmatrix}0&-4\\-4&-8\end{pmatrix}",
        hypotheses=TABLE + ", uniform data",
        source="ours, on " + SOURCE,
        method="exact instance",
        expected="certified",
        check=check_uniform,
    ),
    Claim(
        id="tables.lecture-printed",
        statement="Lecture 2x2 game: the printed [[-6.5,-5],[-5,-3.5]] is its uniform fit",
        latex=r"Q_{tot}=\begin{pmatrix}-6.5&-5\\-5&-3.5\end{pmatrix}",
        hypotheses=TABLE + ", uniform data",
        source=SOURCE,
        method="exact instance",
        expected="refuted",
        check=check_printed,
    ),
    Claim(
        id="tables.lecture-family",
        statement="P(action 0) = p for both agents: the fit is -32p²+64p-24, -32p²+32p-12, -32p²; wrong action "
        "greedy iff p < 3/8",
        latex=r"Q_i(0)-Q_i(1)=32p-12",
        hypotheses=TABLE + ", product data (p, 1-p)",
        source="ours",
        method="symbolic",
        expected="proved",
        check=check_family,
    ),
    Claim(
        id="tables.lecture-rounding",
        statement="The printed numbers are the fit rounded to halves exactly for 1 - sqrt(59/128) < p < 1 - "
        "sqrt(57/128) (0.3211..0.3327)",
        latex=r"1-\sqrt{59/128}<p<1-\sqrt{57/128}",
        hypotheses=TABLE + ", product data (p, 1-p)",
        source="ours",
        method="exact instance",
        expected="certified",
        check=check_rounding,
    ),
    Claim(
        id="tables.lecture-merged",
        statement="p = 1/3 reproduces the uniform fit of game 2 with its two equal actions merged",
        latex=r"Q_{tot}(p=\tfrac13)=(-\tfrac{56}9,-\tfrac{44}9,-\tfrac{32}9)",
        hypotheses=TABLE,
        source="ours",
        method="exact instance",
        expected="certified",
        check=check_merged,
    ),
)
