"""IGM under the changes that QPLEX makes (arXiv:2008.01062): to advantages, and to w_i(s) Q_i + b_i(s) with w_i > 0."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from proofs_check.claim import Budget, Finding, settle
from proofs_check.claims.igm import QPLEX, WRONG_FORMULA
from proofs_check.claims.literature import decided_claim, sampled_claim
from proofs_check.evidence import exact
from proofs_check.evidence.exact import Table
from proofs_check.evidence.instances import SMALL_SHAPES, Numbers
from proofs_check.evidence.mixings import Mixing, best_sets, mixings
from proofs_check.evidence.sampling import sampled


def advantages(values: Table) -> Table:
    """Return A(a) = Q(a) - max Q."""
    top = max(values.values())
    return {a: q - top for a, q in values.items()}


def advantage_based(values: Table, factors: tuple[Numbers, ...]) -> bool:
    """Tell whether A_tot is 0 where every A_i is 0 and negative everywhere else."""
    own = [[q - max(f) for q in f] for f in factors]
    return all(
        (q == 0) == all(part[x] == 0 for part, x in zip(own, a, strict=True)) and q <= 0
        for a, q in advantages(values).items()
    )


def _not_equivalent(mixing: Mixing) -> str | None:
    values = mixing.engine_table()
    if values != mixing.table():
        return WRONG_FORMULA
    by_sets = exact.maximisers(values) == best_sets(mixing.factors)
    by_advantages = advantage_based(values, mixing.factors)
    return None if by_sets == by_advantages else f"IGM: {by_sets}, advantage-based IGM: {by_advantages}"


def check_advantage(budget: Budget) -> Finding:
    """Compare both on random mixings with λ >= 0: some satisfy IGM as sets, some do not."""
    return sampled(_not_equivalent, mixings(SMALL_SHAPES, 0), budget)


@dataclass(frozen=True)
class Change:
    """A mixing, with w_i and b_i per agent."""

    mixing: Mixing
    scales: Numbers
    shifts: Numbers

    def changed(self) -> Mixing:
        """Return the mixing of w_i Q_i + b_i with the same λ."""
        parts = zip(self.mixing.factors, self.scales, self.shifts, strict=True)
        return replace(self.mixing, factors=tuple(tuple(w * q + b for q in own) for own, w, b in parts))


@st.composite
def changes(draw: Any) -> Change:
    """Draw λ > 0, w_i from 1/2 to 2 and b_i from -3 to 3."""
    mixing = draw(mixings(SMALL_SHAPES, 1))
    scale = st.sampled_from((Fraction(1, 2), Fraction(1), Fraction(2)))
    scales = tuple(draw(scale) for _ in mixing.shape)
    return Change(mixing, scales, tuple(Fraction(draw(st.integers(-3, 3))) for _ in mixing.shape))


def _loses_igm(change: Change) -> str | None:
    before, after = change.mixing, change.changed()
    if best_sets(after.factors) != best_sets(before.factors):
        return "an agent's greedy actions change"
    same = exact.maximisers(after.engine_table()) == best_sets(before.factors)
    return None if same else f"argmax Q_tot = {sorted(exact.maximisers(after.engine_table()))}"


def check_transformed(budget: Budget) -> Finding:
    """Check that the engine's Q_tot of w_i Q_i + b_i has the maximisers Π argmax Q_i."""
    return sampled(_loses_igm, changes(), budget)


ONES = Mixing((2, 2), ((Fraction(1), Fraction(0)),) * 2, ((Fraction(1),) * 4,) * 2)
LOST = Change(ONES, (Fraction(0), Fraction(1)), (Fraction(0),) * 2)


def check_zero_scale(_: Budget) -> Finding:
    """With w_1 = 0 agent 1 is indifferent: argmax Q_tot grows from {(0,0)} to {(0,0), (1,0)}."""
    reason = _loses_igm(LOST)
    found = {"Q_i": LOST.mixing.factors, "w": LOST.scales, "fails": reason}
    return settle(found if reason else None, "tested", {}, 1)


CLAIMS = (
    sampled_claim(
        "igm.advantage",
        "Advantage-based IGM is equivalent to IGM: A_tot = 0 where all A_i = 0, A_tot < 0 elsewhere",
        r"\arg\max Q_{tot}=\textstyle\prod_i\arg\max Q_i\iff(A_{tot}(a)=0\iff A_i(a_i)=0\ \forall i)",
        "A = Q - max Q, for each agent and in all; IGM as sets",
        QPLEX + " Proposition 1",
        check_advantage,
        100,
    ),
    sampled_claim(
        "igm.transformed",
        "The transformation w_i(s)Q_i + b_i(s), w_i > 0, keeps IGM",
        r"w_i>0\Rightarrow\arg\max Q_{tot}(wQ+b)=\textstyle\prod_i\arg\max Q_i",
        "QPLEX mixing, λ > 0",
        QPLEX + ", transformation network",
        check_transformed,
        80,
    ),
    decided_claim(
        "igm.transformed-zero",
        "The transformation keeps IGM for w_i >= 0",
        r"w_i\ge0\Rightarrow\arg\max Q_{tot}(wQ+b)=\textstyle\prod_i\arg\max Q_i",
        "QPLEX mixing, λ > 0; one w_i = 0",
        "ours, on " + QPLEX,
        check_zero_scale,
    ),
)
