"""QFIX (arXiv:2505.10484): Q(a) = w(a)(f(a) - f*) + b around an inner IGM mixing f, f* = f at the greedy actions.

With w > 0 and f additive (QFIX-sum) this is the class of QPLEX: exactly the tables whose argmax set is a product set.
The additive form Q = f + w(f - f*) + b, w > -1, is the same class, with w + 1 for w and b + f* for b. The formula is
taken from the paper's abstract and its published code.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from fqi_theory.factorization import qplex
from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.literature import decided_claim, sampled_claim, table
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Shape, Table
from proofs_check.evidence.instances import SMALL_SHAPES, Game, Numbers, games, rewards
from proofs_check.evidence.mixings import Mixing, best_sets, mixings
from proofs_check.evidence.sampling import sampled

PAPER = "arXiv:2505.10484"


@dataclass(frozen=True)
class Fix:
    """Factors of an additive inner mixing, weights w (flat), and the level b."""

    shape: Shape
    factors: tuple[Numbers, ...]
    weights: Numbers
    level: Fraction

    def table(self) -> Table:
        """Return w(a)(Σ Q_i(a_i) - Σ max Q_i) + b."""
        top = sum(map(max, self.factors))
        weights = exact.table(self.shape, self.weights)
        return {a: weights[a] * (q - top) + self.level for a, q in exact.additive(self.factors).items()}


@st.composite
def fixes(draw: Any, least: int = 1) -> Fix:
    """Draw a member with weights from `least` to 4."""
    shape = draw(st.sampled_from(SMALL_SHAPES))
    weight, size = st.integers(least, 4).map(Fraction), prod(shape)
    weights = tuple(draw(st.lists(weight, min_size=size, max_size=size)))
    return Fix(shape, tuple(draw(rewards(k, 3)) for k in shape), weights, Fraction(draw(st.integers(-3, 3))))


def realised(values: Table, shape: Shape) -> Fix:
    """Return the member with Q_i = 0 on B_i and -1 off it, w = (max - y)/#{i: a_i not in B_i} and b = max."""
    best, top = exact.maximisers(values), max(values.values())
    inside = [{a[i] for a in best} for i in range(len(shape))]
    factors = tuple(tuple(Fraction(0 if x in inside[i] else -1) for x in range(k)) for i, k in enumerate(shape))
    off = {a: -q for a, q in exact.additive(factors).items()}
    weights = tuple((top - y) / off[a] if off[a] else Fraction(1) for a, y in values.items())
    return Fix(shape, factors, weights, top)


def _not_igm(fix: Fix) -> str | None:
    values = fix.table()
    if exact.maximisers(values) != best_sets(fix.factors):
        return (
            f"argmax Q = {sorted(exact.maximisers(values))}, product of argmax Q_i = {sorted(best_sets(fix.factors))}"
        )
    return None if max(values.values()) == fix.level else f"max Q = {max(values.values())}, not b = {fix.level}"


def check_igm(budget: Budget) -> Finding:
    """Check IGM as sets, and max Q = b, on random members."""
    return sampled(_not_igm, fixes(), budget)


def _not_realised(game: Game) -> str | None:
    assume(exact.is_product_set(exact.maximisers(game.table())))
    fix = realised(game.table(), game.shape)
    if fix.table() != game.table() or min(fix.weights) <= 0:
        return f"weights {fix.weights}, table {list(fix.table().values())}"
    return None if best_sets(fix.factors) == exact.maximisers(game.table()) else "the factors have other maximisers"


def check_complete(budget: Budget) -> Finding:
    """Realise random tables with product argmax sets and multiply them out again."""
    return sampled(_not_realised, games(SMALL_SHAPES, bound=2), budget)


def _not_the_same_class(mixing: Mixing) -> str | None:
    values = mixing.engine_table()
    fix = realised(values, mixing.shape)
    if fix.table() != values or min(fix.weights) <= 0:
        return "a table of QPLEX is not realised by QFIX"
    member = qplex.realise(Game(mixing.shape, tuple(fix.table().values())).array())
    back = exact.fractions(member.table().flat) == list(fix.table().values())
    return None if back else "a table of QFIX is not realised by QPLEX"


def check_same_class(budget: Budget) -> Finding:
    """Realise random tables of the engine's QPLEX by QFIX, and those of QFIX by the engine's QPLEX."""
    return sampled(_not_the_same_class, mixings(SMALL_SHAPES, 1), budget)


def check_zero_weight(_: Budget) -> Finding:
    """With w = 0 at (1,1) and Q_i = (1,0) both (0,0) and (1,1) maximise Q: the sets differ."""
    fix = Fix((2, 2), ((Fraction(1), Fraction(0)),) * 2, tuple(map(Fraction, (1, 1, 1, 0))), Fraction(0))
    reason = _not_igm(fix)
    return settle({"w": fix.weights, "fails": reason} if reason else None, "tested", {}, 1)


def check_monotone_inner(_: Budget) -> Finding:
    """f = min(Q_1,Q_2), Q_1 = (1,0), Q_2 = (0,0), w = 1, b = 0: Q is constant, agent 1 still prefers action 0."""
    factors = ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(0)))
    inner = {a: min(factors[0][a[0]], factors[1][a[1]]) for a in exact.joint_actions((2, 2))}
    top = inner[tuple(map(exact.first_maximiser, factors))]
    values = {a: f - top for a, f in inner.items()}
    differ = exact.maximisers(values) != best_sets(factors)
    witness = {
        "f": list(inner.values()),
        "argmax Q": sorted(exact.maximisers(values)),
        "greedy": sorted(best_sets(factors)),
    }
    return settle(witness if differ else None, "tested", {}, 1, "strictly increasing f keeps the sets")


def check_every_table(_: Budget) -> Finding:
    """No member has the maximisers (0,0), (1,1) of [[1,0],[0,1]]: by qfix.igm they would be a product set."""
    values = table((2, 2), (1, 0, 0, 1))
    best = exact.maximisers(values)
    missed = realised(values, (2, 2)).table() != values and not exact.is_product_set(best)
    return settle({"y": [1, 0, 0, 1], "argmax": sorted(best)} if missed else None, "tested", {}, 1, "needs qfix.igm")


SUM = "additive inner mixing (QFIX-sum)"
CLAIMS = (
    sampled_claim(
        "qfix.igm",
        "QFIX with w > 0 has IGM as sets, and its maximum is b",
        r"w>0\Rightarrow\arg\max Q=\textstyle\prod_i\arg\max Q_i,\;\max Q=b",
        SUM,
        PAPER,
        check_igm,
        100,
    ),
    sampled_claim(
        "qfix.complete",
        "QFIX realises every table whose argmax set is a product set",
        r"\arg\max y=\textstyle\prod_iB_i\Rightarrow\exists(Q_i),w>0,b:\;Q=y",
        SUM,
        PAPER,
        check_complete,
        100,
    ),
    sampled_claim(
        "qfix.qplex",
        "QFIX and QPLEX realise the same tables",
        r"\{Q:\mathrm{QFIX}\}=\{Q:\mathrm{QPLEX}\}",
        SUM + ", λ > 0, w > 0",
        "ours, on " + PAPER + " and arXiv:2008.01062",
        check_same_class,
        40,
    ),
    decided_claim(
        "qfix.zero-weight",
        "QFIX with w >= 0 has IGM as sets",
        r"w\ge0\Rightarrow\arg\max Q=\textstyle\prod_i\arg\max Q_i",
        SUM,
        "ours, on " + PAPER,
        check_zero_weight,
    ),
    decided_claim(
        "qfix.monotone-inner",
        "QFIX over any monotone inner mixing (QFIX-mono) has IGM as sets",
        r"\partial f/\partial Q_i\ge0,\;w>0\Rightarrow\arg\max Q=\textstyle\prod_i\arg\max Q_i",
        "inner mixing non-decreasing in each Q_i, as QMIX's is; the paper assumes an inner mixing with IGM",
        "ours, on " + PAPER,
        check_monotone_inner,
    ),
    decided_claim(
        "qfix.every-table",
        "QFIX realises every table that has greedy factors (the full IGM class in the selection reading)",
        r"\forall y\ \exists(Q_i),w>0,b:\;Q=y",
        SUM + "; ties allowed",
        "ours, on " + PAPER,
        check_every_table,
    ),
)
