"""QTRAN (arXiv:1905.05408): its sufficient conditions for factorisation, and when they are necessary.

Factors Q_i with chosen greedy actions u = (u_1, ..., u_n), V = max y - Σ_i Q_i(u_i) and the excess
    e(a) = Σ_i Q_i(a_i) - y(a) + V.
Theorem 1: e(u) = 0 and e >= 0 elsewhere suffice for IGM; some affine change Q_i -> α_i Q_i + β_i, α_i > 0, makes them
necessary.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from fqi_theory.factorization import igm
from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim, table
from proofs_check.evidence import exact
from proofs_check.evidence.exact import JointAction, Shape, Table
from proofs_check.evidence.instances import SMALL_SHAPES, Game, Numbers, games, rewards
from proofs_check.evidence.sampling import sampled

PAPER = "arXiv:1905.05408"
Factors = tuple[Numbers, ...]


def chosen(factors: Factors) -> JointAction:
    """Return every agent's first greedy action."""
    return tuple(map(exact.first_maximiser, factors))


def excess(values: Table, factors: Factors) -> Table:
    """Return e(a) = Σ Q_i(a_i) - y(a) + V, V = max y - Σ max Q_i."""
    level = max(values.values()) - sum(map(max, factors))
    return {a: q - values[a] + level for a, q in exact.additive(factors).items()}


def conditions(values: Table, factors: Factors) -> bool:
    """Tell whether e(u) = 0 at the chosen actions and e >= 0 everywhere."""
    found = excess(values, factors)
    return bool(found[chosen(factors)] == 0 and min(found.values()) >= 0)


@dataclass(frozen=True)
class Pair:
    """Factors, and flat slacks e: a table with this excess, which meets the conditions where no slack is negative."""

    shape: Shape
    factors: Factors
    slack: Numbers

    def table(self) -> Table:
        """Return y = Σ Q_i - e, with e = 0 at the chosen actions."""
        free = exact.table(self.shape, self.slack)
        return {a: q - (0 if a == chosen(self.factors) else free[a]) for a, q in exact.additive(self.factors).items()}


@st.composite
def pairs(draw: Any) -> Pair:
    """Draw factors and slacks -1 to 3."""
    shape = draw(st.sampled_from(SMALL_SHAPES))
    size = len(exact.joint_actions(shape))
    slack = draw(st.lists(st.integers(-1, 3).map(Fraction), min_size=size, max_size=size).map(tuple))
    return Pair(shape, tuple(draw(rewards(k, 3)) for k in shape), slack)


def _not_sufficient(pair: Pair) -> str | None:
    values = pair.table()
    assume(conditions(values, pair.factors))
    if values[chosen(pair.factors)] != max(values.values()):
        return f"the greedy joint action {chosen(pair.factors)} does not maximise y"
    best = {a for a, q in exact.additive(pair.factors).items() if q == sum(map(max, pair.factors))}
    outside = exact.maximisers(values) - best
    return f"maximisers {sorted(outside)} of y are not greedy for the factors" if outside else None


def check_sufficient(budget: Budget) -> Finding:
    """Check on random pairs: u maximises y, and every maximiser of y is greedy for all factors."""
    return sampled(_not_sufficient, pairs(), budget)


CONSTANT: Factors = ((Fraction(0),) * 2,) * 2
ONE_BEST = table((2, 2), (1, 0, 0, 0))
TWO_BEST = table((2, 2), (1, 0, 0, 1))


def check_sets(_: Budget) -> Finding:
    """Constant factors meet the conditions for [[1,0],[0,0]], while every joint action is greedy for them."""
    best = sorted(exact.maximisers(ONE_BEST))
    greedy = sorted(exact.maximisers(exact.additive(CONSTANT)))
    witness = {"y": [1, 0, 0, 0], "Q_i": CONSTANT, "argmax y": best, "product of argmax Q_i": greedy}
    return settle(witness if conditions(ONE_BEST, CONSTANT) and greedy != best else None, "tested", {}, 1)


def _realised(game: Game) -> tuple[Table, Factors]:
    """Return a table and the factors with which the engine realises it in the set reading."""
    assume(exact.is_product_set(exact.maximisers(game.table())))
    fit = igm.fit(game.array(), game.data(), reading="set")
    return game.table(), tuple(tuple(exact.fractions(f[0])) for f in fit.factors)


def _largest_scale(values: Table, factors: Factors) -> Fraction:
    """Return an α that meets the conditions for α Q_i: the least gap of y over the greatest loss of Σ Q_i."""
    top, level = max(values.values()), sum(map(max, factors))
    pairs = zip(values.values(), exact.additive(factors).values(), strict=True)
    return min(((top - y) / (level - q) for y, q in pairs if q < level), default=Fraction(1))


def _not_necessary(game: Game) -> str | None:
    values, factors = _realised(game)
    scale = _largest_scale(values, factors)
    if scale <= 0:
        return f"no positive scale: {scale}"
    scaled = tuple(tuple(scale * q for q in own) for own in factors)
    return None if conditions(values, scaled) else f"scaled by {scale} the factors do not meet the conditions"


def check_necessary(budget: Budget) -> Finding:
    """Check that IGM factors of random tables meet the conditions after scaling by one α > 0."""
    return sampled(_not_necessary, games(SMALL_SHAPES, bound=2), budget)


def check_unscaled(_: Budget) -> Finding:
    """Q_i = (1,0) are IGM for [[1,0],[0,0]], but e(1,1) = -1: without the affine change they are not necessary."""
    steep: Factors = ((Fraction(1), Fraction(0)),) * 2
    lowest = min(excess(ONE_BEST, steep).values())
    agree = exact.maximisers(ONE_BEST) == exact.maximisers(exact.additive(steep))
    witness = {"y": [1, 0, 0, 0], "Q_i": steep, "least excess": lowest, "least excess of Q_i / 2": Fraction(0)}
    halved = conditions(ONE_BEST, tuple(tuple(q / 2 for q in own) for own in steep))
    return settle(witness if agree and lowest < 0 and halved else None, "tested", {}, 1)


def check_selection(_: Budget) -> Finding:
    """[[1,0],[0,1]] with Q_i = (1,0): u is a joint maximiser, but e(1,1) = -α_1 - α_2 < 0 for every affine change."""
    factors: Factors = ((Fraction(1), Fraction(0)),) * 2
    if TWO_BEST[chosen(factors)] != 1:
        return Finding("unknown", 1, {"chosen": chosen(factors)})
    scales = [Fraction(1, 10**k) for k in range(4)]
    found = {
        (a, b): excess(TWO_BEST, (tuple(a * q for q in factors[0]), tuple(b * q for q in factors[1])))[1, 1]
        for a, b in product(scales, repeat=2)
    }
    linear = all(e == -a - b for (a, b), e in found.items())
    witness = {"y": [1, 0, 0, 1], "Q_i": factors, "excess at (1,1)": "-α_1 - α_2"}
    return settle(witness if linear else None, "tested", {}, len(found), "shifts β_i change nothing; e is linear in α")


BASE = r"e(u)=0,\;e\ge0"
CLAIMS = (
    sampled_claim(
        "qtran.sufficient",
        "QTRAN's conditions make the greedy joint action optimal, and every maximiser greedy",
        BASE + r"\Rightarrow u\in\arg\max y\subseteq\textstyle\prod_i\arg\max Q_i",
        "any factors and table",
        PAPER + " Theorem 1",
        check_sufficient,
        120,
    ),
    decided_claim(
        "qtran.sets",
        "QTRAN's conditions give IGM as sets",
        BASE + r"\Rightarrow\arg\max y=\textstyle\prod_i\arg\max Q_i",
        "factors may tie",
        "ours, on " + PAPER + " Theorem 1",
        check_sets,
    ),
    sampled_claim(
        "qtran.necessary",
        "Where IGM holds as sets the conditions hold after one positive scaling of the factors",
        r"\arg\max y=\textstyle\prod_i\arg\max Q_i\Rightarrow\exists\alpha>0:\;" + BASE,
        "argmax set is a product set; factors as the engine realises them",
        PAPER + " Theorem 1",
        check_necessary,
        100,
    ),
    decided_claim(
        "qtran.unscaled",
        "Where IGM holds the conditions hold without scaling",
        r"\arg\max y=\textstyle\prod_i\arg\max Q_i\Rightarrow " + BASE,
        "one maximiser",
        "ours, on " + PAPER + " Theorem 1",
        check_unscaled,
    ),
    decided_claim(
        "qtran.selection",
        "Where greedy factors find some joint maximiser, an affine change makes the conditions hold",
        r"u\in\arg\max y\Rightarrow\exists\alpha_i>0,\beta_i:\;" + BASE,
        "selection reading of IGM: y may have other maximisers",
        "ours, on " + PAPER + " Theorem 1",
        check_selection,
    ),
)
