"""Proof by choices (converges, cycles): a region that is kept whichever of several joint actions are greedy.

Data follow the greedy actions. In phase j the greedy action g of a class of states is one of the set G_j, that of the
next step, a, one of G_{j+1}. All pairs lead from the claimed o_j to o_{j+1}; the row of one, the reference, carries the
region; by how much another differs from it anywhere in the region is the width of a new direction, the class alone.
After all phases the coordinates have shrunk, all these widths, which shrink with them, counted in.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, islice
from operator import mul, sub
from typing import Any

from .budget import MAX_JSON_VALUES, ZERO, Ints, bits_of, length_of, need
from .claims import Claim
from .classes import Classes
from .coordinates import Frame, Region, minus
from .model import Model, Policy
from .reading import read
from .returning import shrinking
from .run import Run

#: Of one choice of one chooser: its level at the origin, its coefficients of the coordinates.
Form = Sequence[int]


def shape(model: Model) -> dict[str, Any]:
    """Return the keys of the proof beside `kind`."""
    states = len(model.targets)
    lists = {"directions": object, "widths": object, "actions": object}
    return {"prefix": range(MAX_JSON_VALUES), "classes": (range(states),) * states} | lists


def prove(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    """Replay the prefix and follow the region through its phases under all choices; return what was verified."""
    need(run.moving, "data: expected data that follow the greedy actions")
    points = claim.points
    classes = Classes.of(run, doc["classes"])
    joint, count = tuple(map(range, run.model.sizes)), len(classes.members)
    phases = read(doc["actions"], [([joint],) * count], "proof.actions", run.work)
    full = bool(phases) and all(own and len(set(own)) == len(own) for phase in phases for own in phase)
    need(full, "proof.actions: expected phases with joint actions for each class, each named once")
    settled = [s for s, c in enumerate(doc["classes"]) if all(len(phase[c]) == 1 for phase in phases)]
    marks = {(point.values, *[point.greedy[s] for s in settled]) for point in points}
    need(len(marks) == len(points), "claim.period: only actions that are left open tell two positions apart")
    need(len(phases) % len(points) == 0, f"proof.actions: {len(phases)} phases are no multiple of the period")
    origins = [classes.values(point.values, f"claim: position {j}") for j, point in enumerate(points)]
    start = _region(run, origins[0], doc)
    _check_entered(classes, start, claim, phases, doc["prefix"])
    region = start
    for j, allowed in enumerate(phases):
        following = phases[(j + 1) % len(phases)], origins[(j + 1) % len(origins)]
        region = _Phase(classes, region, len(start.widths), j).advance(allowed, *following)
    end = region.start
    rows = start.solved(
        [column[1:] for column in end.columns], f"proof.directions: after {len(phases)} steps", run.work
    )
    shrinking(region, rows, end.scale, [ZERO] * len(rows), run.work)
    return f"the region holds V at t = {doc['prefix']} and contracts to the claimed values whatever the choices are"


def _region(run: Run, origin: Ints, doc: dict[str, Any]) -> Region:
    work, count = run.work, len(origin) - 1
    vectors = read(doc["directions"], [(Fraction,) * count], "proof.directions", work)
    need(len(vectors) < count, f"proof.directions: expected at most {count - 1} vectors independent of 1")
    scale, columns = work.scaled([[ZERO, *vector] for vector in vectors])
    widths = read(doc["widths"], (Fraction,) * len(columns), "proof.widths", work)
    need(all(b >= 0 for b in widths), "proof.widths: expected numbers >= 0")
    return _bounded(Frame(origin, scale, columns, (1, *[0] * count)), widths, work.common(widths))


def _bounded(frame: Frame, widths: Sequence[Fraction], bounds: Ints) -> Region:
    return Region(frame, None, widths, bounds, "bounded", ZERO, ZERO, frozenset())


def _check_entered(classes: Classes, region: Region, claim: Claim, phases: Sequence[Any], prefix: int) -> None:
    """Refuse unless the run is in the region after the prefix, and its actions and the claimed ones are choices."""
    run = classes.run
    position = run.after(claim.start, prefix)
    start = f"proof.prefix: at t = {prefix}"
    _check_chosen(phases[0], classes.actions(position.greedy, start), start)
    for j, allowed in enumerate(phases):
        k = j % len(claim.points)
        what = f"claim: position {k}, phase {j}"
        _check_chosen(allowed, classes.actions(claim.points[k].greedy, what), what)
    away = minus(classes.values(position.values, start), region.start.origin, run.work)
    z = [x for (x,) in region.coordinates([away], f"proof.directions: V at t = {prefix}", run.work)]
    need(region.holds(z, run.work), f"proof.widths: V at t = {prefix} is outside the region")


def _check_chosen(allowed: Sequence[Policy], greedy: Policy, what: str) -> None:
    for c, (own, g) in enumerate(zip(allowed, greedy, strict=True)):
        need(g in own, f"{what}: the joint action {list(g)} of class {c} is not one of its choices")


class _Phase:
    """One step of a region, the directions that choices have added behind the `own` ones that it began with."""

    def __init__(self, classes: Classes, region: Region, own: int, j: int) -> None:
        self.classes, self.region, self.own, self.j = classes, region, own, j
        self.run, self.work, self.frame = classes.run, classes.run.work, region.start

    def advance(self, before: Sequence[Policy], after: Sequence[Policy], target: Ints) -> Region:
        """Return the region after the step, whatever is chosen; refuse where another action may be greedy."""
        found = [
            self._moved(c, own, following, target) for c, (own, following) in enumerate(zip(before, after, strict=True))
        ]
        below = [den * self.frame.scale for den, image, _ in found for _ in image]
        scale, *numbers = self.work.ratios([x for _, image, _ in found for x in image], below)
        width = len(self.frame.columns)
        columns, widths = [(0, *numbers[k::width]) for k in range(width)], list(self.region.widths)
        used = [k for k, column in enumerate(columns) if k < self.own or any(column)]
        columns, widths = [columns[k] for k in used], [widths[k] for k in used]
        for c, (_, _, sway) in enumerate(found):
            if sway:
                columns.append((0, *[scale * (c == k) for k in range(len(found))]))
                widths.append(sway)
        frame = Frame(target, scale, columns, self.frame.errors)
        return _bounded(frame, widths, self.work.common(widths))

    def _moved(self, c: int, before: Policy, after: Policy, target: Ints) -> tuple[int, Form, Fraction]:
        """Return the reference row's coefficients over their scale, and how far another pair's value may differ."""
        work, frame, pairs = self.work, self.frame, list[tuple[int, Form]]()
        positions = [frame.origin, *frame.columns]
        for g in before:
            fit = self.classes.fit(c, g)
            every = iter(work.dots(fit.rows, positions, fit.bits))
            forms: list[list[Form]] = [list(islice(every, size)) for size in self.run.sizes]
            self._check_greedy(c, g, after, forms)
            for a in after:
                rows = [own[x] for own, x in zip(forms, self.run.choice(a), strict=True)]
                level, *image = map(sum, zip(*rows, strict=True))
                same = level * target[0] == target[1 + c] * fit.scale * frame.origin[0]
                need(
                    same, f"{self._where(c)}: {list(a)} under the data of {list(g)} does not lead to the claimed value"
                )
                pairs.append((fit.scale, image))
        (den, reference), *others = pairs
        return den, reference, max([self._sway(den, reference, *pair) for pair in others], default=ZERO)

    def _sway(self, den: int, reference: Form, scale: int, image: Form) -> Fraction:
        """Return the largest difference of two rows in the region."""
        (unit, *bounds), long = self.region.bounds, length_of([reference, image]) + max(den, scale).bit_length()
        self.work.pay(4 * len(image), long, length_of([bounds]), len(image))
        total = sum(map(mul, [abs(x * den - y * scale) for x, y in zip(image, reference, strict=True)], bounds))
        return self.work.ratio(total, den * scale * self.frame.scale * unit)

    def _check_greedy(self, c: int, g: Ints, allowed: Policy, forms: list[list[Form]]) -> None:
        """Refuse unless everywhere in the region the greedy joint action is one of those allowed."""
        region, own, inside = self.region, [self.run.choice(a) for a in allowed], set(allowed)
        bits, lines = 1 + length_of(chain.from_iterable(forms)), sum(len(rows) ** 2 for rows in forms)
        over, den = self.frame.origin[0].bit_length(), self.frame.scale.bit_length()
        region.pay(lines, bits, over, bits, den, self.work)
        self.work.spend(300 * len(self.run.model.joint) * len(forms))
        beaten = [
            [any(self._leads(rows, x, other) for x in {choice[i] for choice in own}) for other in range(len(rows))]
            for i, rows in enumerate(forms)
        ]
        for a in self.run.model.joint:
            if a not in inside and not any(lost[x] for lost, x in zip(beaten, self.run.choice(a), strict=True)):
                apart = self._against_likeness(forms, a)
                need(apart, f"{self._where(c)}: {list(a)} may be greedy under the data of {list(g)} inside the region")

    def _leads(self, rows: list[Form], x: int, other: int) -> bool:
        """Return whether a choice is greedy rather than another all over the region."""
        (level, *own), (height, *form), frame = rows[x], rows[other], self.frame
        low, *_ = self.region.line(level - height, frame.origin[0], list(map(sub, own, form)), frame.scale)
        return x != other and self.region.positive(low, strict=self.run.wins(other, x))

    def _against_likeness(self, forms: list[list[Form]], a: Ints) -> bool:
        """Return whether in a two agents choose one each of two actions that they compare alike, ties included."""
        if not self.run.factorization.apart:
            return False
        for i, x in enumerate(a):
            for k, other in enumerate(a[:i]):
                if x != other and max(x, other) < min(len(forms[i]), len(forms[k])):
                    mine, theirs = (self._direction(forms[n][x], forms[n][other]) for n in (i, k))
                    if mine == theirs:
                        return True
        return False

    def _direction(self, form: Form, other: Form) -> Ints:
        """Return the difference of two forms without its positive factor."""
        found = list(map(sub, form, other))
        part = self.work.gcd(0, found, bits_of([found]))
        return tuple(self.work.divided(found, part, bits_of([found])) if part > 1 else found)

    def _where(self, c: int) -> str:
        return f"proof.actions: phase {self.j}, class {c} (state {self.classes.members[c][0]})"
