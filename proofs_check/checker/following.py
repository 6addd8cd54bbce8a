"""Ties that stay: the run followed along directions, in which tuples of orders may tie with the chosen one for ever.

In phase j, V = V_j + Σ_k z_k W_k + λ·1 with sp(V - V_j) <= D. At each state the chosen fit at V_j stays the isotonic
regression in its blocks: means of neighbouring blocks keep their order, and in each block the surpluses w (y - mean) of
every set closed upwards stay at most 0 (maximum flow: they can flow up into the deficits). So its error is a quadratic
form of z, and its maximum the mean of y over the top block. Any other tuple of orders is beaten all over the region, or
ties with the chosen one at V_j, its blocks absorb their surpluses too, and they give the same quadratic form: its error
is at least that form (the flows are multipliers), so it ties wherever V is, and as at V_j it comes later in the rule.
The next deviation is the image of this one, and its spread γ times as large at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from .budget import ZERO, Work, bits_of, need
from .monotone import MonotoneRun, Ranked, placed, steps_up
from .nearby import Nearby, Row, Spot, beaten, spot
from .reading import read
from .run import Position

#: A block with more sets closed upwards is refused.
MOST_SETS = 20_000


def follow(run: MonotoneRun, points: list[Position], away: Row, radius: Fraction, doc: object) -> None:
    """Refuse unless the fits of the claimed positions stay chosen along the directions, where `away` = V - V_0 is."""
    first = [list(column) for column in read(doc, [(Fraction,) * run.states], "proof.directions", run.work)]
    need(len(first) < run.states, f"proof.directions: expected at most {run.states - 1} vectors independent of 1")
    _within(run, first, [away], "proof.directions: the run at proof.prefix")
    columns = first
    for j, (values, greedy, _) in enumerate(points):
        nearby, rows = Nearby(radius, columns, run.work), []
        for s, own in enumerate(greedy):
            shares = run.shares(s, own)
            here, fits = spot(run, s, values, shares, radius), run.ranked(s, values, *shares)
            rows.append(_stays(run, here, nearby, fits, f"proof.directions: position {j}, state {s}"))
        run.work.pay_fractions(2 * run.states**2 * len(columns), 2 * bits_of([*rows, *columns]))
        columns = [[sum((x * y for x, y in zip(r, c, strict=True)), ZERO) for r in rows] for c in columns]
    _within(run, first, columns, "proof.directions: their images")


def _within(run: MonotoneRun, columns: list[list[Fraction]], vectors: Sequence[Row], what: str) -> None:
    """Refuse unless the columns are independent together with 1, and vectors are combinations of these."""
    rows = zip(*columns, [Fraction(1)] * run.states, *vectors, strict=True)
    run.work.solve([run.work.common(row)[1:] for row in rows], len(columns) + 1, what)


def _stays(run: MonotoneRun, here: Spot, nearby: Nearby, fits: list[Ranked], where: str) -> Row:
    """Return the row of γ P of the chosen fit's top block, after checking that the fit stays the chosen one."""
    best = run.chosen(fits)
    rises(run, best, here, nearby, where)
    form = _form(best, here, nearby)
    for fit in fits:
        if fit is best or beaten(fit, best, here, nearby):
            continue
        same = fit.error == best.error and _form(fit, here, nearby) == form
        need(same, f"{where}: the orders {fit.orders} may be best within the radius")
        absorbs(run, fit, here, nearby, where)
    absorbs(run, best, here, nearby, where)
    top = next(block for block in best.blocks if placed(run.model.sizes, best.orders)[-1] in block)
    return here.mean_row(top, run.work)


def rises(run: MonotoneRun, fit: Ranked, here: Spot, nearby: Nearby, where: str) -> None:
    """Refuse unless the means of blocks keep their order along all steps."""
    places, up = placed(run.model.sizes, fit.orders), steps_up(run.model.sizes)
    means = [here.mean_row(block, run.work) for block in fit.blocks]
    home = {a: k for k, block in enumerate(fit.blocks) for a in block}
    pairs = {(home[places[k]], home[places[m]]) for k, above in enumerate(up) for m in above}
    for low, high in sorted(pairs):
        gap = fit.levels[fit.blocks[high][0]] - fit.levels[fit.blocks[low][0]]
        form = [x - y for x, y in zip(means[high], means[low], strict=True)]
        need(low == high or gap >= nearby.sway(form), f"{where}: blocks of {fit.orders} may be pooled")


def absorbs(run: MonotoneRun, fit: Ranked, here: Spot, nearby: Nearby, where: str) -> None:
    """Refuse unless in every block the surpluses of sets closed upwards stay at most 0."""
    work, places, up = run.work, placed(run.model.sizes, fit.orders), steps_up(run.model.sizes)
    bits = 4 * bits_of([here.shares, here.targets, fit.levels, *here.rows])
    for block in fit.blocks:
        mean, members = here.mean_row(block, work), set(block)
        inside = [k for k in reversed(range(len(places))) if places[k] in members]
        for part in _closed(inside, [[m for m in above if places[m] in members] for above in up], where, work):
            cells = [places[k] for k in part]
            work.pay_fractions(3 * len(cells) * (1 + len(mean)), bits)
            surplus = sum((here.shares[a] * (here.targets[a] - fit.levels[a]) for a in cells), ZERO)
            form = [sum((here.shares[a] * (here.rows[a][t] - x) for a in cells), ZERO) for t, x in enumerate(mean)]
            need(surplus + nearby.sway(form) <= 0, f"{where}: a block of {fit.orders} may split")


def _closed(cells: Sequence[int], above: list[list[int]], where: str, work: Work) -> Iterator[frozenset[int]]:
    """Yield the sets of `cells`, from the top down, that are closed upwards, but for the whole and the empty one."""
    found = [frozenset[int]()]
    for k in cells:
        work.spend(len(found) * (50 + 5 * len(cells) + 10 * len(above[k])))
        found += [part | {k} for part in found if part.issuperset(above[k])]
        need(len(found) <= MOST_SETS, f"{where}: too much work: a block with more than {MOST_SETS} sets")
    yield from (part for part in found if 0 < len(part) < len(cells))


def _form(fit: Ranked, here: Spot, nearby: Nearby) -> list[Fraction]:
    """Return the coefficients of the error in z, the constant excepted: <r_k, r_l>, r_0 = y_j - x, r_k = images of W_k.

    Each r is less its means over the blocks, and the products are weighted by the shares.
    """
    work, columns = nearby.work, nearby.columns or []
    rest = [[y - x for y, x in zip(here.targets, fit.levels, strict=True)]]
    home = {a: k for k, block in enumerate(fit.blocks) for a in block}
    means = [here.mean_row(block, work) for block in fit.blocks]
    bits = 2 * bits_of([here.shares, *here.rows, *columns, *means])
    work.pay_fractions(4 * len(here.rows) * len(here.rows[0]) * (1 + len(columns)) ** 2, bits)
    for column in columns:
        rest.append([
            sum(((x - m) * c for x, m, c in zip(row, means[home[a]], column, strict=True)), ZERO)
            for a, row in enumerate(here.rows)
        ])  # fmt: skip
    return [
        sum((w * x * y for w, x, y in zip(here.shares, one, two, strict=True)), ZERO)
        for k, one in enumerate(rest)
        for two in rest[max(k, 1) :]
    ]
