"""Regions as sets of positions: coordinates around an orbit, modulo constants, and bounds on them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from .budget import ZERO, Ints, Work, bits_of, length_of, need
from .reading import read
from .run import Run


class Frame(NamedTuple):
    """Phase j: V = origin + Σ_k z_k columns[k]/scale + e + λ·1, |e| <= errors (with its denominator first)."""

    origin: Ints
    scale: int
    columns: list[Ints]
    errors: Ints


class Region(NamedTuple):
    """The positions of the frame `start`, with columns independent together with 1, e = 0, b = widths, s = z_0 and

    kind "bounded": |z_k| <= b_k; else |z_k| <= b_k s for the k in `scaled`, |z_k| <= b_k for other k > 0, and
    kind "factor" or "increment", by `rate`: s >= end; kind "maximum": 0 < s <= end.
    """

    start: Frame
    widths: Sequence[Fraction]
    kind: str
    rate: Fraction
    end: Fraction
    scaled: frozenset[int]

    def line(self, level: Fraction, form: Sequence[int], den: int, work: Work) -> tuple[Fraction, Fraction]:
        """Return (c, v) with level + Σ_k form_k z_k / den >= c + v s on the region; v = 0 on a bounded one."""
        unit, *bounds = work.common(self.widths)
        work.pay(20 * len(form))
        work.pay(len(form), length_of([form]), length_of([bounds]), len(form))
        sizes = [abs(x) * b for x, b in zip(form, bounds, strict=True)]
        steep = sum(sizes[k] for k in self.scaled)
        slope = ZERO if self.kind == "bounded" else work.ratio(form[0] * unit - steep, den * unit)
        shift = work.ratio(sum(sizes) - steep, den * unit)
        work.pay_fractions(4, bits_of([[level, shift, self.end]]) * 2)
        return level - shift, slope

    def positive(self, line: tuple[Fraction, Fraction], strict: bool = False) -> bool:
        """Return whether c + v s >= 0 (> 0 if strict) for all s of the region."""
        least = line[0] + line[1] * self.end
        return line[0 if self.kind == "maximum" else 1] >= 0 and (least > 0 or (least == 0 and not strict))

    def holds(self, z: Sequence[Fraction], work: Work) -> bool:
        """Return whether the coordinates z lie in the region."""
        work.pay_fractions(2 * len(z), bits_of([z]) + bits_of([self.widths]))
        limits = [b * (z[0] if k in self.scaled else 1) for k, b in enumerate(self.widths)]
        if self.kind == "bounded":
            return all(abs(x) <= limit for x, limit in zip(z, limits, strict=True))
        inside = 0 < z[0] <= self.end if self.kind == "maximum" else z[0] >= self.end
        return inside and all(abs(x) <= limit for x, limit in zip(z[1:], limits[1:], strict=True))

    def coordinates(self, columns: Sequence[Sequence[Fraction]], what: str, work: Work) -> list[list[Fraction]]:
        """Return Z[k][l], z_k of each column l; refuse when there is none."""
        directions = [[work.ratio(x, self.start.scale) for x in w[1:]] for w in self.start.columns]
        matrix = list(map(list, zip(*directions, [Fraction(1)] * (len(self.start.origin) - 1), strict=True)))
        return work.solve(matrix, list(map(list, zip(*columns, strict=True))), what)[:-1]


def read_region(run: Run, doc: dict[str, Any]) -> Region:
    """Return the region of a proof document."""
    work, states, directions = run.work, run.states, doc["directions"]
    if directions is None:
        work.pay(states * states, kept=states * states)
        others = [s for s in range(states) if s != doc["reference"]]
        vectors = [[Fraction(s == t) for t in range(states)] for s in others]
    else:
        vectors = read(directions, [(Fraction,) * states], "proof.directions", work)
    need(len(vectors) < states, f"proof.directions: expected at most {states - 1} vectors independent of 1")
    scale, columns = work.scaled([[ZERO, *vector] for vector in vectors])
    start = Frame(work.common(doc["origin"]), scale, columns, (1, *[0] * states))
    widths, growth = read(doc["widths"], (Fraction,) * len(columns), "proof.widths", work), doc["growth"]
    need(all(b >= 0 for b in widths), "proof.widths: expected numbers >= 0")
    if growth is None:
        return Region(start, widths, "bounded", ZERO, ZERO, frozenset())
    kind = next((key for key in ("factor", "maximum") if isinstance(growth, dict) and key in growth), "increment")
    end = "maximum" if kind == "maximum" else "minimum"
    doc = read(growth, {"fixed": (bool,) * len(widths), kind: Fraction, end: Fraction}, "proof.growth", work)
    need(doc[end] > 0, f"proof.growth.{end}: expected a positive number")
    need(doc[kind] > (kind == "factor"), f"proof.growth.{kind}: expected more than {int(kind == 'factor')}")
    first = len(widths) > 0 and not doc["fixed"][0] and widths[0] == 0
    need(first, "proof.growth: expected fixed[0] = false and widths[0] = 0")
    scaled = frozenset(k for k, fixed in enumerate(doc["fixed"]) if k and not fixed)
    return Region(start, widths, kind, doc[kind], doc[end], scaled)


def minus(left: Ints, right: Ints, work: Work) -> list[Fraction]:
    """Return the difference of two values V."""
    work.pay_fractions(len(left), 2 * length_of([left]) + 2 * length_of([right]))
    return [work.ratio(x, left[0]) - work.ratio(y, right[0]) for x, y in zip(left[1:], right[1:], strict=True)]
