"""Regions as sets of positions: coordinates around an orbit, modulo constants, and bounds on them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from .budget import ZERO, Ints, Work, bits_of, length_of, longest, need, product_cost
from .reading import read
from .run import Run


class Frame(NamedTuple):
    """Phase j: V = origin + Σ_k z_k columns[k]/scale + e + λ·1, |e| <= errors (with its denominator first).

    In a region that is `loose`, |e| <= errors · s.
    """

    origin: Ints
    scale: int
    columns: list[Ints]
    errors: Ints


class Region(NamedTuple):
    """The positions of the frame `start`, with columns independent together with 1, e = 0, b = widths, s = z_0 and

    kind "bounded": |z_k| <= b_k; else |z_k| <= b_k s for the k in `scaled`, |z_k| <= b_k for other k > 0, and
    kind "factor" or "increment", by `rate`: s >= end; kind "maximum": 0 < s <= end.
    bounds: b with its denominator first. reference: z_k are V(s) - V(reference), s the other states; None in general.
    loose: positions may miss this by an error that grows with s (`precision`).
    """

    start: Frame
    reference: int | None
    widths: Sequence[Fraction]
    bounds: Ints
    kind: str
    rate: Fraction
    end: Fraction
    scaled: frozenset[int]
    loose: bool = False

    @property
    def grows(self) -> bool:
        """Whether positions of the region run away from its origin."""
        return self.kind in ("factor", "increment")

    def line(self, level: int, over: int, form: Sequence[int], den: int) -> Ints:
        """Return (c, v, d), d > 0: level/over + Σ_k form_k z_k / den >= (c + v s)/d; v = 0 on a bounded region."""
        unit, *bounds = self.bounds
        sizes = [abs(x) * b for x, b in zip(form, bounds, strict=True)]
        if self.kind == "bounded":
            return level * den * unit - sum(sizes) * over, 0, den * unit * over
        steep = sum(sizes[k] for k in self.scaled)
        shift = sum(sizes) - steep
        return level * den * unit - shift * over, (form[0] * unit - steep) * over, den * unit * over

    def pay(self, lines: int, level: int, over: int, form: int, den: int, work: Work) -> None:
        """Pay for some lines, whose arguments have so many bits."""
        count, unit = len(self.widths), longest(self.bounds)
        work.pay(lines * (2 * count + 2), form, unit, lines * count)
        long = product_cost(den, unit) + product_cost(level + over, den + unit) + product_cost(form + unit, over)
        work.spend(lines * (300 + long + (level + over + den + unit) // 2))

    def positive(self, least: int | Fraction, slope: int | Fraction = 0, strict: bool = False) -> bool:
        """Return whether c + v s >= 0 (> 0 if strict) for all s of the region, c = least, v = slope."""
        if self.kind == "bounded":
            return least > 0 or (least == 0 and not strict)
        lowest = least + slope * self.end
        rising = least if self.kind == "maximum" else slope
        return rising >= 0 and (lowest > 0 or (lowest == 0 and not strict))

    def holds(self, z: Sequence[Fraction], work: Work) -> bool:
        """Return whether the coordinates z lie in the region."""
        work.pay_fractions(2 * len(z), bits_of([z]) + bits_of([self.widths]))
        if self.kind == "bounded":
            return all(abs(x) <= limit for x, limit in zip(z, self.widths, strict=True))
        limits = [b * (z[0] if k in self.scaled else 1) for k, b in enumerate(self.widths)]
        inside = 0 < z[0] <= self.end if self.kind == "maximum" else z[0] >= self.end
        return inside and all(abs(x) <= limit for x, limit in zip(z[1:], limits[1:], strict=True))

    def coordinates(self, vectors: Sequence[Ints], what: str, work: Work) -> list[list[Fraction]]:
        """Return Z[k][l], z_k of vector l, which has its denominator first; refuse when there is none."""
        return [
            [work.ratio(x, den * vector[0]) for x, vector in zip(row, vectors, strict=True)]
            for den, *row in self.solved([vector[1:] for vector in vectors], what, work)
        ]

    def solved(self, vectors: Sequence[Ints], what: str, work: Work) -> list[Ints]:
        """Return (d, d·z_k of each vector), d > 0, for each k."""
        states = len(self.start.origin) - 1
        if self.reference is not None:
            work.pay(states * len(vectors), length_of(vectors), 1, states * len(vectors))
            r = self.reference
            return [(1, *[vector[s] - vector[r] for vector in vectors]) for s in range(states) if s != r]
        unit, columns, equations = self.start.scale, [column[1:] for column in self.start.columns], []
        for s in range(states):
            den, *directions = work.common([work.ratio(column[s], unit) for column in columns])
            work.pay(len(vectors) + 1, den.bit_length(), length_of(vectors), len(vectors))
            equations.append((*directions, den, *[den * vector[s] for vector in vectors]))
        return work.solve(equations, len(columns) + 1, what)[:-1]

    def reach(self, errors: Ints, work: Work) -> list[Fraction]:
        """Return how far each coordinate may be moved by errors of every state; all V have coordinates."""
        den, *sizes = errors
        units = [(1, *[int(s == t) for t in range(len(sizes))]) for s in range(len(sizes))]
        rows = self.coordinates(units, "proof.directions", work)
        work.pay_fractions(2 * len(rows) * len(sizes), 2 * bits_of(rows) + 2 * length_of([errors]))
        return [sum((abs(x) * e for x, e in zip(row, sizes, strict=True)), ZERO) / den for row in rows]


def read_region(run: Run, doc: dict[str, Any]) -> Region:
    """Return the region of a proof document."""
    work, states, reference, scale, is_rounded = run.work, run.states, doc["reference"], 1, "precision" in doc
    if doc["directions"] is None:
        work.pay(states * states, kept=states * states)
        columns = [(0, *[int(s == t) for t in range(states)]) for s in range(states) if s != reference]
    else:
        reference, vectors = None, read(doc["directions"], [(Fraction,) * states], "proof.directions", work)
        need(len(vectors) < states, f"proof.directions: expected at most {states - 1} vectors independent of 1")
        scale, columns = work.scaled([[ZERO, *vector] for vector in vectors])
    start = Frame(work.common(doc["origin"]), scale, columns, (1, *[0] * states))
    widths, growth = read(doc["widths"], (Fraction,) * len(columns), "proof.widths", work), doc["growth"]
    need(all(b >= 0 for b in widths), "proof.widths: expected numbers >= 0")
    bounds = work.common(widths)
    if growth is None:
        return Region(start, reference, widths, bounds, "bounded", ZERO, ZERO, frozenset())
    kind = next((key for key in ("factor", "maximum") if isinstance(growth, dict) and key in growth), "increment")
    end = "maximum" if kind == "maximum" else "minimum"
    doc = read(growth, {"fixed": (bool,) * len(widths), kind: Fraction, end: Fraction}, "proof.growth", work)
    need(doc[end] > 0, f"proof.growth.{end}: expected a positive number")
    need(doc[kind] > (kind == "factor"), f"proof.growth.{kind}: expected more than {int(kind == 'factor')}")
    first = len(widths) > 0 and not doc["fixed"][0] and widths[0] == 0
    need(first, "proof.growth: expected fixed[0] = false and widths[0] = 0")
    scaled = frozenset(k for k, fixed in enumerate(doc["fixed"]) if k and not fixed)
    loose = is_rounded and kind == "factor" and len(scaled) == len(widths) - 1 == states - 2
    return Region(start, reference, widths, bounds, kind, doc[kind], doc[end], scaled, loose)


def minus(left: Ints, right: Ints, work: Work) -> Ints:
    """Return the difference of two values V, its denominator first."""
    den, unit = left[0], right[0]
    long, other = longest(left), longest(right)
    work.pay(2 * len(left), long, other, len(left))
    if left == right:
        return 1, *[0] * (len(left) - 1)
    if den == unit:
        den, numbers, _ = work.over(den, [x - y for x, y in zip(left[1:], right[1:], strict=True)])
    else:
        numbers = [x * unit - y * den for x, y in zip(left[1:], right[1:], strict=True)]
        den, numbers, _ = work.over(den * unit, numbers)
    return den, *numbers
