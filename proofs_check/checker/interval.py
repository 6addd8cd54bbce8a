"""Proof by an interval (two states, fixed data, fitted classes; bounded): x = V(s) - V(r) never leaves it.

Each factor is an affine function of V whose coefficients sum to γ over the number of choosers, so its maximum over
actions is that number times V(r) plus a convex, piecewise affine function of x, and x' = f(x), f the difference of two
sums of these. On an interval f is affine between finitely many knots, hence largest and least at knots; they are found
by walking along the factors' upper envelopes. V(r) follows at rate γ, so V is bounded too.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from .budget import MAX_JSON_VALUES, ZERO, Ints, bits_of, need
from .claims import Claim
from .model import Model
from .reading import read
from .run import Run

Line = tuple[Fraction, Fraction]
Knot = tuple[Fraction, Fraction]


def shape(_: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    return {"prefix": range(MAX_JSON_VALUES)}


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix, verify that the interval holds x and is mapped into itself; return what was verified."""
    knots, _ = mapped(run, claim, doc["prefix"])
    return f"the interval is mapped into itself by a map of {len(knots) - 1} affine pieces"


def mapped(run: Run, claim: Claim, prefix: int) -> tuple[list[Knot], Fraction]:
    """Return (x, f(x)) at the ends of the interval and all knots of f within, rising, and x at t = prefix.

    Refuses unless x is in the interval there and f maps the interval into itself.
    """
    need(run.states == 2 and not run.moving, "proof.kind: an interval needs two states and fixed data")
    stated, work = claim.doc, run.work
    r = read(stated["reference"], range(2), "claim.reference", work)
    need(stated["lower"][r] == stated["upper"][r] == 0, "claim: expected bounds of 0 at the reference")
    low, high = stated["lower"][1 - r], stated["upper"][1 - r]
    need(low < high, "claim: expected lower < upper at the other state")
    values = run.after(claim.start, prefix).values
    x = work.ratio(values[2 - r] - values[1 + r], values[0])
    work.pay_fractions(2, bits_of([[x, low, high]]))
    need(low <= x <= high, f"claim: the difference at t = {prefix} is not between lower and upper")
    envelopes = [lines_of(run, s, (0,) * len(run.model.sizes), 1 - r) for s in (r, 1 - r)]
    places = {low, high}
    for lines in (own for envelope in envelopes for own in envelope):
        places.update(turns(lines, low, high, run))
    below, above = ([_height(envelope, at, run) for at in sorted(places)] for envelope in envelopes)
    knots = [(at, b - a) for at, a, b in zip(sorted(places), below, above, strict=True)]
    for at, image in knots:
        work.pay_fractions(2, bits_of([[low, high, image]]))
        need(low <= image <= high, f"claim: the interval is not mapped into itself, at {at}")
    return knots, x


def lines_of(run: Run, s: int, g: Ints, other: int) -> list[list[Line]]:
    """Return each chooser's factors at state s, data around g, as lines in x where V(r) = 0: (value at 0, slope)."""
    fit = run.fit(s, g)
    return [
        [(run.work.ratio(row[0], fit.scale), run.work.ratio(row[1 + other], fit.scale)) for row in rows]
        for rows in fit.factors
    ]


def at_line(line: Line, x: Fraction) -> Fraction:
    """Return the height of a line at x."""
    return line[0] + line[1] * x


def turns(lines: Sequence[Line], low: Fraction, high: Fraction, run: Run) -> list[Fraction]:
    """Return where, between low and high, the highest line changes."""
    found, bits = list[Fraction](), 2 * bits_of([*lines, (low, high)])
    run.work.pay_fractions(2 * len(lines), 2 * bits)
    top = max(lines, key=lambda line: (at_line(line, low), line[1]))
    while True:
        run.work.pay_fractions(4 * len(lines), 2 * bits)
        crossings = [((top[0] - line[0]) / (line[1] - top[1]), -line[1], line) for line in lines if line[1] > top[1]]
        at, _, top = min(crossings, default=(high, ZERO, top))
        if at >= high:
            return found
        found.append(at)


def _height(envelope: Sequence[Sequence[Line]], x: Fraction, run: Run) -> Fraction:
    """Return Σ_i max of chooser i's lines at x."""
    run.work.pay_fractions(3 * sum(map(len, envelope)), 2 * bits_of([[x], *(line for own in envelope for line in own)]))
    return sum((max(at_line(line, x) for line in lines) for lines in envelope), ZERO)
