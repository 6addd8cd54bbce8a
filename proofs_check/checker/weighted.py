"""Weighted QMIX (arXiv:2006.10800): data that depend on the present Q_tot and on its targets, and the proof for them.

With base data p(a|s), the fit of a step weighs joint action a by p(a|s) w(s,a), where for `central` data w = 1 where
y(s,a) > V(s) or a = g(s), for `optimistic` data w = 1 where Q_tot(s,a) < y(s,a), and w = alpha otherwise.

A position is (V, g), for optimistic data (V, g, Q_tot). Let all numbers of V - V_j and Q_tot - Q_j lie between two
numbers that are at most D apart and at most L away from 0. Then y(s,a) - V(s) and y(s,a) - Q_tot(s,a) differ from
those at the position by at most (1-γ) L + (1+γ) D/2: what they compare is known but for some doubtful joint actions. In
states with c(s) D > 0 let every tuple of orders either have an error above (u + c(s) D)² with all doubtful actions
weighed by alpha, u at least the root of the least error with all of them weighed in full; or fit each doubtful action
exactly at y_j (its weight then is of no influence on the fit) and have the claimed maximum and best actions, for
optimistic data the claimed Q_tot. In other states y moves by constants, so errors stay: let the choice under all
weights in doubt be such. So V and Q_tot return γ times as near.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from .budget import Ints, Work, bits_of, need
from .factorization import Factorization
from .model import Model, Policy
from .monotone import MonotoneRun, Ranked
from .nearby import far, spot
from .numerals import show
from .run import Position

#: So many joint actions are tried under either weight.
MOST_DOUBTFUL = 8


class WeightedRun(MonotoneRun):
    """The iteration of the monotonic class under weighted data; weights are integers over the total of the base."""

    def __init__(self, model: Model, data: dict[str, Any], factorization: Factorization, ties: str, work: Work) -> None:
        super().__init__(model, data["base"], factorization, ties, work)
        self.scheme, self.alpha = data["kind"], data["alpha"]
        self.optimistic = self.tabled = self.scheme == "optimistic"
        self.moving = self.moving or not self.optimistic

    @property
    def label(self) -> str:
        """The data in words."""
        return f"{self.scheme} weights of alpha {show(self.alpha)} over {super().label}"

    def margins(self, s: int, now: Position) -> list[Fraction]:
        """Return y(s,a) less V(s), or less Q_tot(s,a): what must be positive for the full weight."""
        value, targets = self.targets(s, now.values)
        unit = self.model.targets[s][0] * now.values[0]
        found = [self.work.ratio(y, unit) for y in targets]
        den, *levels = now.tables[s] if self.optimistic else (unit, *[value] * len(targets))
        self.work.pay_fractions(3 * len(found), 2 * bits_of([found, levels, (den,)]))
        return [y - Fraction(x, den) for y, x in zip(found, levels, strict=True)]

    def weighed(self, s: int, g: Ints, full: list[bool]) -> tuple[Ints, int]:
        """Return the shares where the joint actions in `full` (and, for central data, g) have their full weight."""
        base, total = self.shares(s, g)
        own, (above, below) = self.places[g], self.alpha.as_integer_ratio()
        self.work.pay(len(base), bits_of([base]), bits_of([[self.alpha]]), len(base))
        parts = [p * (below if f or (k == own and not self.optimistic) else above)
                 for k, (p, f) in enumerate(zip(base, full, strict=True))]  # fmt: skip
        return tuple(parts), total * below

    def step(self, values: Ints, g: Policy, tables: tuple[Ints, ...] = ()) -> Position:
        """Return the next position."""
        now, best = Position(values, g, tables), []
        for s, own in enumerate(g):
            full = [margin > 0 for margin in self.margins(s, now)]
            best.append(
                self.in_units(s, values, self.chosen(self.of_every_order(s, values, self.weighed(s, own, full)[0])))
            )
        found = tuple(self.work.common(fit.levels) for fit in best) if self.optimistic else ()
        return Position(self.work.common([fit.top for fit in best]), tuple(fit.greedy for fit in best), found)


def close(run: WeightedRun, now: Position, first: Position, radius: Fraction, level: Fraction) -> None:
    """Refuse unless V - V_0 and Q_tot - Q_0 lie between numbers `radius` apart, at most `level` away from 0."""
    away, work = list[Fraction](), run.work
    for one, other in zip((now.values, *now.tables), (first.values, *first.tables), strict=True):
        work.pay_fractions(3 * len(one), 2 * bits_of([one, other]))
        away += [Fraction(x, one[0]) - Fraction(y, other[0]) for x, y in zip(one[1:], other[1:], strict=True)]
    near = max(away) - min(away) <= radius and max(map(abs, away)) <= level
    need(near, "proof.prefix: the run is not within the radius and the level of the first position")


def keep(run: WeightedRun, points: list[Position], radius: Fraction, level: Fraction) -> None:
    """Refuse unless near each position only fits that agree with the next one may be best."""
    gamma = run.model.discount
    doubt = (1 - gamma) * level + (1 + gamma) * radius / 2
    for j, now in enumerate(points) if doubt else ():
        for s in range(run.states):
            _keeps(run, s, (now, points[(j + 1) % len(points)]), doubt, radius, f"position {j}, state {s}")


def _keeps(
    run: WeightedRun, s: int, steps: tuple[Position, Position], doubt: Fraction, radius: Fraction, where: str
) -> None:
    (now, following), margins, work = steps, run.margins(s, steps[0]), run.work
    work.pay_fractions(2 * len(margins), 2 * bits_of([margins, [doubt]]))
    sure = None if run.optimistic else run.places[now.greedy[s]]
    doubtful = [k for k, x in enumerate(margins) if -doubt < x <= doubt and k != sure]
    least, most = (run.weighed(s, now.greedy[s], [x > bound for x in margins]) for bound in (doubt, -doubt))
    here = spot(run, s, now.values, least, radius)
    if not here.reach:
        _settled(run, s, steps, [x > doubt for x in margins], doubtful, where)
        return
    fits = run.ranked(s, now.values, *least)
    bound = min(fit.error for fit in (run.ranked(s, now.values, *most) if doubtful else fits))
    for fit in fits:
        exact = all(fit.levels[k] == here.targets[k] for k in doubtful)
        out = (exact and _agrees(run, s, fit, following)) or far(fit.error, bound, here.reach, work)
        need(out, f"proof.radius: {where}: the orders {fit.orders} may be best within the radius")


def _settled(
    run: WeightedRun, s: int, steps: tuple[Position, Position], full: list[bool], doubtful: list[int], where: str
) -> None:
    """Refuse unless, errors being those at the position, the choice under any weights in doubt is the claimed one."""
    (now, following), most = steps, MOST_DOUBTFUL
    need(len(doubtful) <= most, f"proof.level: {where}: expected at most {most} doubtful joint actions")
    for choice in product((False, True), repeat=len(doubtful)) if doubtful else ():
        own = list(full)
        for k, chosen in zip(doubtful, choice, strict=True):
            own[k] = chosen
        best = run.chosen(run.ranked(s, now.values, *run.weighed(s, now.greedy[s], own)))
        need(_agrees(run, s, best, following), f"proof.level: {where}: the choice depends on weights in doubt")


def _agrees(run: WeightedRun, s: int, fit: Ranked, following: Position) -> bool:
    """Return whether a fit has the maximum and the best actions of a position, and its Q_tot, as far as they matter."""
    same = fit.top == run.work.ratio(following.values[1 + s], following.values[0])
    same = same and (not run.moving or fit.greedy == following.greedy[s])
    return same and (not run.optimistic or run.work.common(fit.levels) == following.tables[s])
