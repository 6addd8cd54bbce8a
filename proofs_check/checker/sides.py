"""Deviations along a ray (see `ray`), and weights that depend on Q_tot along it.

In phase j, V = V_j + l c_j·1 + z w_j and Q_tot = Q_j + l c_j·1 + z q_j with 0 < z <= l <= 1: a step multiplies l by γ,
and z never grows faster, since regressions contract. What decides a weight, y(s,a) - V(s) or y(s,a) - Q_tot(s,a), is
affine in (l, z): m_0 at (0, 0), m_1 at (1, 0), m_2 at (1, 1), and (1-l) m_0 + (l-z) m_1 + z m_2 between. It is positive
wherever z > 0 if m_0 >= 0, m_1 >= 0 and m_2 > 0, and nowhere if none of the three is.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from .budget import ZERO, Ints, Work, bits_of, need
from .nearby import Row
from .run import Position
from .weighted import WeightedRun


class Way(NamedTuple):
    """c_j; w_j; q_j by state where Q_tot matters, else nothing."""

    level: Fraction
    along: Row
    tables: list[Row]

    def continues(self, first: Way, work: Work) -> bool:
        """Return whether w = κ w_0 and q = κ q_0 with κ > 0."""
        here, there = ([*own.along, *(x for table in own.tables for x in table)] for own in (self, first))
        work.pay_fractions(2 * len(here), 2 * bits_of([here, there]))
        k = next((k for k, x in enumerate(there) if x), None)
        ratio = Fraction(1) if k is None else here[k] / there[k]
        return ratio > 0 and all(x == ratio * y for x, y in zip(here, there, strict=True))


def tables_away(run: WeightedRun, position: Position, first: Position, level: Fraction) -> list[Row]:
    """Return Q_tot - Q_0 - c_0 by state."""
    found, work = list[Row](), run.work
    for one, other in zip(position.tables, first.tables, strict=True):
        work.pay_fractions(4 * len(one), 2 * bits_of([one, other, [level]]))
        pairs = zip(one[1:], other[1:], strict=True)
        found.append([Fraction(x, one[0]) - Fraction(y, other[0]) - level for x, y in pairs])
    return found


def shares_along(run: WeightedRun, s: int, now: Position, here: Way, along: Row, where: str) -> tuple[Ints, int]:
    """Return the weights at a state over their unit, refused where they change on the ray; along: γ P w."""
    still, gamma = run.margins(s, now), run.model.discount
    slopes = here.tables[s] if run.optimistic else [here.along[s]] * len(still)
    run.work.pay_fractions(6 * len(still), 2 * bits_of([still, along, slopes, [here.level]]))
    full, sure = list[bool](), None if run.optimistic else run.places[now.greedy[s]]
    for a, (margin, moved, slope) in enumerate(zip(still, along, slopes, strict=True)):
        side = margin - (1 - gamma) * here.level
        corners = margin, side, side + moved - slope
        full.append(corners[2] > 0)
        kept = min(corners) >= ZERO if full[-1] else max(corners) <= ZERO
        need(kept or a == sure, f"proof.level: {where}: the weight of joint action {a} changes along the ray")
    return run.weighed(s, now.greedy[s], full)
