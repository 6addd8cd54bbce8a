"""Check certificates of fates from the model alone, in exact arithmetic; the format is docs/certificates.md.

What is trusted: this file, its specification, and Python's integers, fractions and JSON. Nothing is imported from the
engine and nothing in a certificate is believed: model, run, claim and evidence are read strictly, every other number
is derived here, and a proof is accepted when each inequality that the specification asks for holds exactly.

Numbers of the hot loops are tuples of integers: values V are (den, den·V(1), ..., den·V(S)), an affine function of V
is (constant, coefficients) over a scale kept beside it, a direction is (0, numbers) over a scale. So the product of
function and values is the function's value times both scales, with a direction its linear part.

1 numbers and shapes, 2 model and data, 3 fit, 4 step, 5 claims, 6 proofs, 7 files and the command line.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, islice, pairwise, product
from operator import mul, sub
from typing import Any, NamedTuple

MAX_FILE_BYTES = 64 << 20
MAX_JSON_VALUES = 4_000_000
MAX_DIGITS = 20_000
MAX_EXPONENT = 10_000
MAX_AGENTS = 64
MAX_WORK = 12_000_000_000

Ints = tuple[int, ...]
Policy = tuple[Ints, ...]
Position = tuple[Ints, Policy]
_NUMBER = re.compile(r"[+-]?(?:[0-9]+/([0-9]+)|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,6}))?)")
_ZERO = Fraction(0)

# 1 Numbers and shapes: exact arithmetic within a budget; every value is checked before it is used.


class Refused(Exception):
    """The certificate is not accepted; the message names the place, what was expected and what was found."""


class Unreadable(Refused):
    """No JSON document can be read from the file."""


def _need(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


def _bits(rows: Iterable[Iterable[int | Fraction]]) -> int:
    return max((x.numerator.bit_length() + x.denominator.bit_length() for row in rows for x in row), default=1)


class Work:
    """A budget: a unit stands for about 10 nanoseconds, or for half a byte of a number, so memory is bounded too."""

    def __init__(self) -> None:
        self.left = MAX_WORK

    def pay(self, count: int, bits: int = 1, other: int = 1, kept: int = 0) -> None:
        """Pay for `count` multiplications of numbers of `bits` by numbers of `other` bits with `kept` results.

        Long multiplication is sub-quadratic, so the shorter factor counts by its square root.
        """
        small, large = sorted((bits, other))
        self.left -= count * (2 + (large * (1 + math.isqrt(small >> 3)) >> 11)) + kept * (96 + (bits + other) // 4)
        _need(self.left >= 0, "too much work: the certificate exceeds the checker's budget")

    def dots(self, rows: Sequence[Sequence[int]], columns: Sequence[Sequence[int]]) -> list[list[int]]:
        """Return Σ_t row_t column_t for each row and column."""
        kept = len(rows) * len(columns)
        self.pay(kept * len(columns[0]), _bits(rows), _bits(columns), kept)
        return [[sum(map(mul, row, column)) for column in columns] for row in rows]

    def common(self, numbers: Sequence[Fraction]) -> Ints:
        """Return (den, den·x for each number x) with the least den > 0: equal vectors become equal tuples."""
        den, bits = 1, _bits([numbers])
        for x in numbers:
            self.pay(1, den.bit_length(), bits)
            den = math.lcm(den, x.denominator)
        self.pay(len(numbers), den.bit_length(), bits, len(numbers))
        return den, *(x.numerator * (den // x.denominator) for x in numbers)

    def scaled(self, rows: Sequence[Sequence[Fraction]]) -> tuple[int, list[Ints]]:
        """Return (scale, scale · rows), integers."""
        scale, *numbers = self.common([x for row in rows for x in row])
        rest = iter(numbers)
        return scale, [tuple(islice(rest, len(row))) for row in rows]

    def solve(self, matrix: list[list[Fraction]], rights: list[list[Fraction]], what: str) -> list[list[Fraction]]:
        """Return X, matrix · X = rights, by Gauss-Jordan elimination; refuse when X is not unique or does not exist."""
        rows, width = [[*a, *b] for a, b in zip(matrix, rights, strict=True)], len(matrix[0])
        for c in range(width):
            pivot = next((k for k in range(c, len(rows)) if rows[k][c]), -1)
            _need(pivot >= 0, f"{what}: the linear system is singular")
            rows[c], rows[pivot] = rows[pivot], rows[c]
            bits = _bits([rows[c]])
            self.pay(8 * len(rows[c]), bits, bits, len(rows[c]))
            head = rows[c] = [x / rows[c][c] if x else x for x in rows[c]]
            bits = _bits([head])
            for k, row in enumerate(rows):
                if k != c and row[c]:
                    self.pay(8 * len(row), bits, _bits([row]), len(row))
                    rows[k] = [x - row[c] * y if y else x for x, y in zip(row, head, strict=True)]
        _need(not any(map(any, rows[width:])), f"{what}: not a combination of the directions and 1")
        return [row[width:] for row in rows[:width]]


def _show(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else value[:60] + "...")
    long = isinstance(value, int | Fraction) and _bits([[value]]) > 256
    brief = isinstance(value, int | float | Fraction | None) and not long
    return str(value) if brief else f"a {'long ' * long}{type(value).__name__}"


def _number(value: object, where: str, work: Work) -> Fraction:
    if type(value) is int and value.bit_length() <= 4 * MAX_DIGITS:
        return Fraction(value)
    text = value if isinstance(value, str) and len(value) <= 2 * MAX_DIGITS else ""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Refused(f'{where}: expected an integer or a rational such as "3/4", found {_show(value)}')
    above, below, exponent = text.partition("/")[0], match[1] or "1", abs(int(match[2] or 0))
    _need(max(len(above), len(below)) <= MAX_DIGITS, f"{where}: more than {MAX_DIGITS} digits")
    _need(exponent <= MAX_EXPONENT, f"{where}: an exponent beyond {MAX_EXPONENT}")
    work.pay(4, 4 * (len(text) + exponent), 4 * (len(text) + exponent))
    _need(Decimal(below) > 0, f"{where}: denominator 0")
    return Fraction(Decimal(above)) / int(Decimal(below))


def _read(value: Any, shape: Any, where: str, work: Work) -> Any:
    """Return `value` as its shape says, lists as tuples, numbers as fractions; refuse everything else.

    Shapes: Fraction, str, bool, object (anything), a range, "words allowed"; [shape] a list, (shape, ...) one of that
    length; {str: shape} any keys, {"key": shape, "optional?": shape} no others, {"key:": {word: more keys}} a choice.
    """
    work.pay(8)
    if shape is Fraction:
        return _number(value, where, work)
    if isinstance(shape, dict):
        _need(isinstance(value, dict), f"{where}: expected an object, found {_show(value)}")
        _need(all(isinstance(key, str) for key in value), f"{where}: a key is not a string")
        return _read_members(value, shape, where, work)
    if isinstance(shape, list | tuple):
        _need(isinstance(value, list), f"{where}: expected a list, found {_show(value)}")
        shapes = shape * len(value) if isinstance(shape, list) else shape
        _need(len(value) == len(shapes), f"{where}: expected {len(shapes)} entries, found {len(value)}")
        return tuple(_read(x, shapes[k], f"{where}[{k}]", work) for k, x in enumerate(value))
    if isinstance(shape, range):
        right, expected = type(value) is int and value in shape, f"an integer from {shape[0]} to {shape[-1]}"
    elif isinstance(shape, str):
        right, expected = isinstance(value, str) and value in shape.split(), shape.replace(" ", " or ")
    else:
        right, expected = isinstance(value, shape), "true or false" if shape is bool else "a string"
    _need(right, f"{where}: expected {expected}, found {_show(value)}")
    return value


def _read_members(value: dict[str, Any], shape: Any, where: str, work: Work) -> dict[str, Any]:
    if str in shape:
        return {key: _read(x, shape[str], f"{where}.{_show(key)}", work) for key, x in value.items()}
    first = next(iter(shape), "")
    if first.endswith(":"):
        word = _read(value.get(first[:-1]), " ".join(shape[first]), f"{where}.{first[:-1]}", work)
        shape = {first[:-1]: word, **shape[first][word]}
    known = {key.rstrip("?"): own for key, own in shape.items()}
    for key in value:
        _need(key in known, f"{where}: unknown key {_show(key)}")
    for key in shape:
        _need(key in value or key.endswith("?"), f"{where}: key {key!r} is missing")
    return {key: _read(x, known[key], f"{where}.{key}", work) for key, x in value.items()}


# 2 The model and the data.


class Model(NamedTuple):
    """An MMDP: y(s,a) = rows(V)/scale with (scale, rows) = targets[s], a row a joint action in order, γ included."""

    name: str
    discount: Fraction
    sizes: Ints
    joint: Policy
    targets: list[tuple[int, list[Ints]]]


_MODEL = {
    "format": "mmdp/1", "name?": str, "source?": str, "discount": Fraction, "states": [str], "actions": [[str]],
    "start?": {str: Fraction},
    "transitions": [{"state": str, "action": [str], "reward": Fraction, "next": {str: Fraction}}],
}  # fmt: skip


def _read_model(value: object, work: Work) -> Model:
    doc = _read(value, _MODEL, "model", work)
    _need(0 <= doc["discount"] < 1, "model.discount: expected 0 <= discount < 1")
    states, *agents = (_index(names, "model.states or actions") for names in (doc["states"], *doc["actions"]))
    _need(0 < len(agents) <= MAX_AGENTS, f"model.actions: expected from 1 to {MAX_AGENTS} agents")
    if "start" in doc:
        _distribution(doc["start"].values(), "model.start", work)
        _need(set(doc["start"]) <= set(states), "model.start: unknown name")
    sizes, table = tuple(map(len, agents)), dict[Ints, list[Fraction]]()
    count = len(states) * math.prod(sizes)
    _need(len(doc["transitions"]) == count, f"model.transitions: expected {count} entries")
    work.pay(count * (len(states) + 1), kept=count * (len(states) + 1) // 4)
    for k, entry in enumerate(doc["transitions"]):
        where, names = f"model.transitions[{k}]", (entry["state"], *entry["action"])
        _need(len(names) == 1 + len(agents), f"{where}.action: expected {len(agents)} entries")
        known = all(name in index for name, index in zip(names, (states, *agents), strict=True))
        _need(known and entry["next"].keys() <= states.keys(), f"{where}: unknown name")
        key = tuple(index[name] for name, index in zip(names, (states, *agents), strict=True))
        _need(key not in table, f"{where}: this state and joint action occur twice")
        _distribution(entry["next"].values(), f"{where}.next", work)
        table[key] = [entry["reward"], *[_ZERO] * len(states)]
        for name, chance in entry["next"].items():
            table[key][1 + states[name]] = doc["discount"] * chance
    joint = tuple(product(*map(range, sizes)))
    targets = [work.scaled([table[s, *a] for a in joint]) for s in range(len(states))]
    return Model(doc.get("name", ""), doc["discount"], sizes, joint, targets)


def _index(names: Sequence[str], where: str) -> dict[str, int]:
    _need(len(names) > 0, f"{where}: expected a list that is not empty")
    _need(len(set(names)) == len(names), f"{where}: a name occurs twice")
    return {name: k for k, name in enumerate(names)}


def _distribution(numbers: Iterable[Fraction], where: str, work: Work) -> None:
    den, *found = work.common(list(numbers))
    _need(all(x >= 0 for x in found), f"{where}: a probability is negative")
    _need(sum(found) == den, f"{where}: the probabilities do not sum to 1")


def _read_data(value: object, model: Model, work: Work) -> dict[str, Any]:
    """Return the data document; joint tables are flattened to one tuple a state."""
    states, nested = len(model.targets), Fraction  # type: int, Any
    for size in reversed(model.sizes):
        nested = (nested,) * size
    marginals = tuple(((Fraction,) * size,) * states for size in model.sizes)
    kinds = {"uniform": {}, "product": {"marginals": marginals}, "joint": {"joint": (nested,) * states},
             "epsilon-greedy": {"epsilon": Fraction}}  # fmt: skip
    doc: dict[str, Any] = _read(value, {"kind:": kinds}, "data", work)
    for _ in model.sizes[1:] if "joint" in doc else ():
        doc["joint"] = [[x for part in table for x in part] for table in doc["joint"]]
    for row in doc.get("joint", [row for agent in doc.get("marginals", []) for row in agent]):
        _distribution(row, "data", work)
    _need(0 < doc.get("epsilon", 1) <= 1, "data.epsilon: expected 0 < epsilon <= 1")
    return doc


# 3 The fit, by the weighted normal equations over all joint actions.


class Fit(NamedTuple):
    """Q_i(s,x) = factors[i][x] / scale, affine functions of V."""

    scale: int
    factors: list[list[Ints]]

    def at(self, action: Ints) -> Ints:
        """Return Q_tot(s,action), over the scale."""
        return tuple(map(sum, zip(*(rows[x] for rows, x in zip(self.factors, action, strict=True)), strict=True)))


class Run:
    """The iteration of a model under data; fits are made when first needed and kept."""

    def __init__(self, model: Model, data: dict[str, Any], work: Work) -> None:
        self.model, self.data, self.work = model, data, work
        self.states, self.moving = len(model.targets), data["kind"] == "epsilon-greedy"
        self.fits: dict[tuple[int, Ints], Fit] = {}
        self.projections: dict[Ints, tuple[int, list[Ints]]] = {}

    def weights(self, s: int, g: Ints) -> Ints:
        """Return integers proportional to p_D(a|s) over the joint actions."""
        if "joint" in self.data:
            return self.work.common(self.data["joint"][s])[1:]
        explore, agents = self.data.get("epsilon", Fraction(1)), []
        for i, (size, best) in enumerate(zip(self.model.sizes, g, strict=True)):
            greedy = [explore / size + (1 - explore) * (x == best) for x in range(size)]
            agents.append(self.work.common(self.data["marginals"][i][s] if "marginals" in self.data else greedy)[1:])
        self.work.pay(
            len(self.model.joint) * len(g), sum(_bits([agent]) for agent in agents), 64, len(self.model.joint)
        )
        return tuple(map(math.prod, product(*agents)))

    def fit(self, s: int, g: Ints) -> Fit:
        """Return the fit at state s under the data around g; fixed data ignore g."""
        key = (s, g if self.moving else ())
        if key not in self.fits:
            weights, (scale, targets) = self.weights(s, g), self.model.targets[s]
            if weights not in self.projections:
                self.projections[weights] = self._projection(weights, f"data: at state {s} the fit is not determined")
            den, maps = self.projections[weights]
            rows = self.work.dots(maps, list(zip(*targets, strict=True)))
            scale, found = self.work.scaled([[Fraction(x, den * scale) for x in row] for row in rows])
            rest = iter(found)
            self.fits[key] = Fit(scale, [list(islice(rest, size)) for size in self.model.sizes])
        return self.fits[key]

    def _projection(self, weights: Ints, what: str) -> tuple[int, list[Ints]]:
        """Return (d, M): the factors of agent after agent, all actions, are M/d times y(s,·).

        Unknowns: Q_i(0) = base/n, Q_i(x) = base/n + gain_i(x); base and gains solve the normal equations.
        """
        joint, sizes, n = self.model.joint, self.model.sizes, len(self.model.sizes)
        starts = list(accumulate((size - 1 for size in sizes), initial=1))
        width, count = starts.pop(), len(joint)
        self.work.pay(count * n * n, _bits([weights]), 1, 2 * width * (width + count))
        gram, rights = [[_ZERO] * width for _ in range(width)], [[_ZERO] * count for _ in range(width)]
        for k, (a, weight) in enumerate(zip(joint, weights, strict=True)):
            active = [0, *(start + x - 1 for start, x in zip(starts, a, strict=True) if x)]
            for u in active:
                rights[u][k] = Fraction(weight)
                for v in active:
                    gram[u][v] += weight
        base, *gains = self.work.solve(gram, rights, what)
        share = [x / n for x in base]
        rows = [[x + gain for x, gain in zip(share, gains[start + x - 2], strict=True)] if x else share
                for start, size in zip(starts, sizes, strict=True) for x in range(size)]  # fmt: skip
        return self.work.scaled(rows)

    # 4 One step.

    def step(self, values: Ints, g: Policy) -> Position:
        """Return the next position: g(s) the first maximisers of the factors, V(s) = Q_tot(s,g(s))."""
        following, greedy = [], []
        for s, data in enumerate(g):
            scale, factors = self.fit(s, data)
            found = [[q for (q,) in self.work.dots(rows, [values])] for rows in factors]
            following.append(Fraction(sum(map(max, found)), scale * values[0]))
            greedy.append(tuple(own.index(max(own)) for own in found))
        return self.work.common(following), tuple(greedy)

    def targets(self, s: int, values: Ints) -> tuple[int, list[int]]:
        """Return V(s) and y(s,a) for each joint action, all times the same integer."""
        scale, rows = self.model.targets[s]
        return values[1 + s] * scale, [y for (y,) in self.work.dots(rows, [values])]


# 5 Claims.


def _points(run: Run, doc: dict[str, Any]) -> list[Position]:
    """Return the positions claimed, a limit counting as one; none when V diverges."""
    if doc["fate"] == "diverges":
        return []
    if doc["fate"] == "converges":
        return [(run.work.common(doc["values"]), doc["greedy"])]
    same = len(doc["orbit"]) == len(doc["greedy"]) == doc["period"]
    _need(same, f"claim: expected {doc['period']} entries of orbit and greedy")
    return [(run.work.common(values), g) for values, g in zip(doc["orbit"], doc["greedy"], strict=True)]


def _check_values(run: Run, doc: dict[str, Any]) -> None:
    """Verify V* and the value of playing `greedy` for ever by their Bellman equations: γ < 1, so both are unique."""
    best, own = (run.work.common(doc[key]) for key in ("optimal_values", "policy_values"))
    index = {a: k for k, a in enumerate(run.model.joint)}
    for s, a in enumerate(doc["greedy"]):
        value, targets = run.targets(s, best)
        _need(value == max(targets), f"claim.optimal_values[{s}]: V = max_a y does not hold")
        value, targets = run.targets(s, own)
        _need(value == targets[index[a]], f"claim.policy_values[{s}]: V = y at `greedy` does not hold")


def _check_positions(run: Run, points: list[Position], one_sided: bool) -> None:
    """Verify that each claimed position steps exactly to the next one, and that they are pairwise different.

    An orbit approached from one side under ε-greedy data may tie earlier actions: its actions are left to the proof.
    """
    for j, now in enumerate(points):
        (values, greedy), following = run.step(*now), points[(j + 1) % len(points)]
        _need(values == following[0], f"claim: a step from position {j} gives other values")
        same = greedy == following[1] or (one_sided and run.moving)
        _need(same, f"claim: a step from position {j} gives other greedy actions")
    different = set(points) if run.moving else {values for values, _ in points}
    _need(len(different) == len(points), "claim.period: a position occurs twice, so the period is smaller")


# 6 Proofs.


def _optimality(run: Run, point: Position) -> str:
    for s, a in enumerate(point[1]):
        _need(min(run.weights(s, a)) > 0, "data: expected a positive probability of every joint action")
        value, targets = run.targets(s, point[0])
        _need(value == max(targets), f"claim.values[{s}]: V = max_a y does not hold")
        _need(run.model.joint[targets.index(value)] == a, f"claim.greedy[{s}]: not the first joint maximiser")
    return "the limit satisfies the Bellman optimality equation"


def _absolute(row: Ints) -> Ints:
    return 0, *map(abs, row[1:])


def _contraction(run: Run, doc: dict[str, Any]) -> str:
    _need(not run.moving, "proof.kind: a contraction needs fixed data")
    weights, factor = run.work.common(doc["weights"]), doc["factor"]
    _need(min(weights) > 0, "proof.weights: expected positive numbers")
    _need(0 <= factor < 1, "proof.factor: expected 0 <= factor < 1")
    for s in range(run.states):
        fit = run.fit(s, (0,) * len(run.model.sizes))
        totals = run.work.dots([_absolute(fit.at(a)) for a in run.model.joint], [weights])
        within = max(totals)[0] <= factor * weights[1 + s] * fit.scale
        _need(within, f"proof.factor: exceeded at state {s}")
    return f"the step contracts by {_show(factor)} in the weighted sup-norm"


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
        work.pay(2 * len(form), _bits([form]), _bits([bounds]), 1)
        sizes = [abs(x) * b for x, b in zip(form, bounds, strict=True)]
        steep = sum(sizes[k] for k in self.scaled)
        slope = _ZERO if self.kind == "bounded" else Fraction(form[0] * unit - steep, den * unit)
        return level - Fraction(sum(sizes) - steep, den * unit), slope

    def positive(self, line: tuple[Fraction, Fraction], strict: bool = False) -> bool:
        """Return whether c + v s >= 0 (> 0 if strict) for all s of the region."""
        least = line[0] + line[1] * self.end
        return line[0 if self.kind == "maximum" else 1] >= 0 and (least > 0 or (least == 0 and not strict))

    def holds(self, z: Sequence[Fraction]) -> bool:
        """Return whether the coordinates z lie in the region."""
        limits = [b * (z[0] if k in self.scaled else 1) for k, b in enumerate(self.widths)]
        if self.kind == "bounded":
            return all(abs(x) <= limit for x, limit in zip(z, limits, strict=True))
        inside = 0 < z[0] <= self.end if self.kind == "maximum" else z[0] >= self.end
        return inside and all(abs(x) <= limit for x, limit in zip(z[1:], limits[1:], strict=True))

    def coordinates(self, columns: Sequence[Sequence[Fraction]], what: str, work: Work) -> list[list[Fraction]]:
        """Return Z[k][l], z_k of each column l; refuse when there is none."""
        directions = [[Fraction(x, self.start.scale) for x in w[1:]] for w in self.start.columns]
        matrix = list(map(list, zip(*directions, [Fraction(1)] * (len(self.start.origin) - 1), strict=True)))
        return work.solve(matrix, list(map(list, zip(*columns, strict=True))), what)[:-1]


def _read_region(run: Run, doc: dict[str, Any]) -> Region:
    work, states, directions = run.work, run.states, doc["directions"]
    if directions is None:
        work.pay(states * states, kept=states * states)
        others = [s for s in range(states) if s != doc["reference"]]
        vectors = [[Fraction(s == t) for t in range(states)] for s in others]
    else:
        vectors = _read(directions, [(Fraction,) * states], "proof.directions", work)
    _need(len(vectors) < states, f"proof.directions: expected at most {states - 1} vectors independent of 1")
    scale, columns = work.scaled([[_ZERO, *vector] for vector in vectors])
    start = Frame(work.common(doc["origin"]), scale, columns, (1, *[0] * states))
    widths, growth = _read(doc["widths"], (Fraction,) * len(columns), "proof.widths", work), doc["growth"]
    _need(all(b >= 0 for b in widths), "proof.widths: expected numbers >= 0")
    if growth is None:
        return Region(start, widths, "bounded", _ZERO, _ZERO, frozenset())
    kind = next((key for key in ("factor", "maximum") if isinstance(growth, dict) and key in growth), "increment")
    end = "maximum" if kind == "maximum" else "minimum"
    doc = _read(growth, {"fixed": (bool,) * len(widths), kind: Fraction, end: Fraction}, "proof.growth", work)
    _need(doc[end] > 0, f"proof.growth.{end}: expected a positive number")
    _need(doc[kind] > (kind == "factor"), f"proof.growth.{kind}: expected more than {int(kind == 'factor')}")
    first = len(widths) > 0 and not doc["fixed"][0] and widths[0] == 0
    _need(first, "proof.growth: expected fixed[0] = false and widths[0] = 0")
    scaled = frozenset(k for k, fixed in enumerate(doc["fixed"]) if k and not fixed)
    return Region(start, widths, kind, doc[kind], doc[end], scaled)


def _advance(run: Run, region: Region, frame: Frame, g: Policy, mode: Policy) -> Frame:
    """Return o' = c + A o, C' = A C, e' = |A| e + ε, after checking that `mode` is greedy on the region."""
    work, origin, images, errors = run.work, [], [], []
    for s, (data, action) in enumerate(zip(g, mode, strict=True)):
        fit = run.fit(s, data)
        excess, row = _excess(run, region, frame, s, fit, action), fit.at(action)
        ((level, *image),) = work.dots([row], [frame.origin, *frame.columns])
        ((carried,),) = work.dots([_absolute(row)], [frame.errors])
        origin.append(Fraction(level, fit.scale * frame.origin[0]))
        images.append([Fraction(x, fit.scale * frame.scale) for x in image])
        errors.append(Fraction(carried, fit.scale * frame.errors[0]) + excess)
    scale, columns = work.scaled([[_ZERO, *column] for column in zip(*images, strict=True)])
    return Frame(work.common(origin), scale, columns, work.common(errors))


def _excess(run: Run, region: Region, frame: Frame, s: int, fit: Fit, action: Ints) -> Fraction:
    """Return Σ_i max(0, max_x B): by how much the greedy value may exceed that of the mode's action.

    Refuses when an alternative may be greedy, unless data are fixed, the region is bounded and the two tie at o_j.
    """
    work, worst = run.work, [_ZERO] * len(action)
    others = [(i, x) for i, rows in enumerate(fit.factors) for x in range(len(rows)) if x != action[i]]
    margins = [tuple(map(sub, fit.factors[i][action[i]], fit.factors[i][x])) for i, x in others]
    forms = work.dots(margins, [frame.origin, *frame.columns])
    blurs = work.dots([_absolute(margin) for margin in margins], [frame.errors])
    for (i, x), (level, *form), (blur,) in zip(others, forms, blurs, strict=True):
        gap = Fraction(level, fit.scale * frame.origin[0])
        low, slope = region.line(gap, form, fit.scale * frame.scale, work)
        low -= Fraction(blur, fit.scale * frame.errors[0])
        if region.positive((low, slope), strict=run.moving and x < action[i]):
            continue
        tied = not run.moving and region.kind == "bounded" and gap == 0
        where = f"proof.modes: state {s}, agent {i}"
        _need(tied, f"{where}: action {x} may be chosen instead of {action[i]} inside the region")
        worst[i] = max(worst[i], -low)
    return sum(worst, _ZERO)


def _region(run: Run, claim: dict[str, Any], points: list[Position], doc: dict[str, Any], position: Position) -> str:
    region, work, prefix = _read_region(run, doc), run.work, doc["prefix"]
    phases, steps = [doc["entry"], *doc["modes"]], len(doc["modes"])
    _need(steps > 0, "proof.modes: expected a list that is not empty")
    _need(not run.moving or phases[-1] == phases[0], "proof.modes: under epsilon-greedy data the last must be `entry`")
    _check_fate(region, claim, len(points), steps)
    for _ in range(prefix):
        position = run.step(*position)
    _need(not run.moving or position[1] == phases[0], f"proof.entry: not the greedy actions at t = {prefix}")
    z = region.coordinates([_minus(position[0], region.start.origin)], f"proof.directions: V at t = {prefix}", work)
    _need(region.holds([x for (x,) in z]), f"proof.widths: V at t = {prefix} is outside the region")
    frame = region.start
    for j, (g, mode) in enumerate(pairwise(phases)):
        values, greedy = points[j % len(points)] if points else (frame.origin, g)
        same = values == frame.origin and (g == greedy or not run.moving)
        _need(same, f"claim: not the orbit of proof.origin after {j} steps")
        frame = _advance(run, region, frame, g, mode)
    images = [[Fraction(x, frame.scale) for x in column[1:]] for column in frame.columns]
    offset, what = _minus(frame.origin, region.start.origin), f"proof.directions: after {steps} steps"
    matrix = region.coordinates([*images, offset], what, work)
    if points:
        _need(not any(offset), f"proof.origin: not periodic with {steps} steps")
        _return_to_orbit(region, matrix, _slack(frame, doc), work)
        return f"the region holds V at t = {prefix} and contracts to the claimed positions"
    _return_growing(region, matrix, work)
    return f"the growing region holds V at t = {prefix} and is mapped into itself"


def _check_fate(region: Region, claim: dict[str, Any], period: int, steps: int) -> None:
    if region.kind in ("factor", "increment"):
        kind = "geometric" if region.kind == "factor" else "linear"
        same = claim.get("growth") == {"kind": kind, "steps": steps, region.kind: region.rate}
        _need(same, "claim: not the growth of the proof")
    else:
        _need(period > 0, "claim.fate: such a region does not diverge")
        _need(steps % period == 0, f"proof.modes: {steps} steps are no multiple of the period {period}")


def _slack(frame: Frame, doc: dict[str, Any]) -> list[Fraction]:
    """Return η: by how much the errors at the end may move each coordinate."""
    den, *errors = frame.errors
    if not any(errors):
        return [_ZERO] * len(frame.columns)
    _need(doc["directions"] is None, "proof.directions: with ties at the orbit expected null")
    level = errors.pop(doc["reference"])
    return [Fraction(x + level, den) for x in errors]


def _minus(left: Ints, right: Ints) -> list[Fraction]:
    return [Fraction(x, left[0]) - Fraction(y, right[0]) for x, y in zip(left[1:], right[1:], strict=True)]


def _return_line(region: Region, row: Sequence[Fraction], work: Work) -> tuple[Fraction, Fraction]:
    *form, level = row
    den, *numbers = work.common(form)
    return region.line(level, numbers, den, work)


def _return_to_orbit(region: Region, matrix: list[list[Fraction]], errors: list[Fraction], work: Work) -> None:
    """Check for z' = Z z + e that |z'_k| < b_k (or both 0) for fixed k, 0 < s' < s, |z'_k| <= b_k s' for scaled k."""
    bounded, least = region.kind == "bounded", _ZERO
    for k, row in enumerate(matrix):
        (low, slope), width = _return_line(region, row, work), region.widths[k]
        # |z'_k| <= moved · s - low; the sum of |Z[k,l]| b_l over scaled l is Z[k,0] - slope.
        moved, largest = abs(row[0]) + row[0] - slope, errors[k] - low
        if bounded or (k and k not in region.scaled):
            largest += 0 if bounded else moved * region.end
            inside = largest < width or largest == 0 == width
        else:
            least = least if k else slope
            apart = not any(x for c, x in enumerate(row[:-1]) if c and c not in region.scaled)
            inside = apart and (moved <= width * least if k else slope > 0 and moved < 1)
        _need(inside, f"proof.widths[{k}]: the region does not shrink in this coordinate")


def _return_growing(region: Region, matrix: list[list[Fraction]], work: Work) -> None:
    """Check for z' = q + Z z, q the last column, that s' >= ρ s or s' >= s + δ, and that z' is in the region again."""
    first, rate = matrix[0], region.rate
    low, slope = _return_line(region, first, work)
    grown = (low, slope - rate) if region.kind == "factor" else (low - rate, slope - 1)
    _need(region.positive(grown), f"proof.growth.{region.kind}: the first coordinate does not grow that much")
    for k, row in list(enumerate(matrix))[1:]:
        width, low = region.widths[k], _return_line(region, [*row[:-1], -abs(row[-1])], work)[0]
        if k in region.scaled:
            sides = [[width * x + sign * y for x, y in zip(first, row, strict=True)] for sign in (1, -1)]
            inside = all(region.positive(_return_line(region, side, work)) for side in sides)
        else:
            inside = not any(row[c] for c in (0, *region.scaled)) and -low <= width
        _need(inside, f"proof.widths[{k}]: the region is not mapped into itself in this coordinate")


# 7 Files and the command line.


def _statement(run: Run, fit: str, claim: dict[str, Any], proof: dict[str, Any]) -> str:
    def shown(vector: Sequence[Fraction]) -> str:
        return f"({', '.join(map(str, vector))})" if run.states <= 8 and _bits([vector]) <= 256 else "the values stated"

    start = f"the stated start, from t = {proof['prefix']}," if "prefix" in proof else "every start"
    epsilon = f" of epsilon {_show(run.data['epsilon'])}" if run.moving else ""
    text = f"model {_show(run.model.name)}, discount {_show(run.model.discount)}, {run.data['kind']} data{epsilon}, "
    text += f"{fit} factorization, first action at ties: V from {start} "
    if claim["fate"] == "diverges":
        growth = claim["growth"]
        rate = f"by the factor {growth['factor']}" if "factor" in growth else f"by {growth['increment']}"
        return f"{text}diverges: an affine functional of V grows at least {rate} every {growth['steps']} step(s)"
    if claim["fate"] == "cycles":
        return f"{text}tends to a cycle of least period {claim['period']} through {shown(claim['orbit'][0])}"
    best, own = shown(claim["optimal_values"]), shown(claim["policy_values"])
    return f"{text}converges to {shown(claim['values'])}; the greedy policy is worth {own}, the optimum is {best}"


def _shapes(model: Model, fit: str) -> dict[str, Any]:
    """Return the shapes of `initial`, `claim` and `proof` for a model and a kind of fit."""
    states, many = len(model.targets), range(1, MAX_JSON_VALUES)
    vector, policy = (Fraction,) * states, (tuple(map(range, model.sizes)),) * states
    growth = {
        "kind:": {"geometric": {"factor": Fraction, "steps": many}, "linear": {"increment": Fraction, "steps": many}}
    }
    claims = {
        "converges": {"values": vector, "greedy": policy, "optimal_values": vector, "policy_values": vector},
        "cycles": {"period": range(2, MAX_JSON_VALUES), "orbit": [vector], "greedy": [policy]},
        "diverges": {"growth": growth},
    }
    region = {"prefix": range(MAX_JSON_VALUES), "origin": vector, "modes": [policy], "entry": policy, "growth": object,
              "directions": object, "reference": range(states), "widths": object}  # fmt: skip
    proofs = {
        "igm": {"optimality": {}},
        "linear": {"contraction": {"weights": vector, "factor": Fraction}, "region": region},
    }
    initial = {"values": vector, "greedy": policy}
    return {"initial": initial, "claim": {"fate:": claims}, "proof": {"kind:": proofs[fit]}}


def _verify(document: object, steps: list[str]) -> str:
    work, parts = Work(), dict.fromkeys(("model", "data", "initial", "claim", "proof"), object)
    shape = {"format": "certificate/1", "factorization": "linear igm", "ties": "first", **parts}
    doc = _read(document, shape, "certificate", work)
    model, fit = _read_model(doc["model"], work), doc["factorization"]
    run = Run(model, _read_data(doc["data"], model, work), work)
    initial, claim, proof = (_read(doc[key], own, key, work) for key, own in _shapes(model, fit).items())
    points, kind = _points(run, claim), proof["kind"]
    converges = claim["fate"] == "converges"
    _need(kind == "region" or converges, f"claim.fate: {kind} shows convergence")
    steps.append("the model, the run and the claim are well-formed")
    if converges:
        _check_values(run, claim)
        steps.append("optimal_values and policy_values satisfy their Bellman equations")
    if kind == "optimality":
        steps.append(_optimality(run, points[0]))
        return _statement(run, fit, claim, proof)
    _check_positions(run, points, isinstance(proof.get("growth"), dict) and "maximum" in proof["growth"])
    steps.append("each claimed position steps exactly to the next")
    start = work.common(initial["values"]), initial["greedy"]
    steps.append(_region(run, claim, points, proof, start) if kind == "region" else _contraction(run, proof))
    return _statement(run, fit, claim, proof)


@dataclass(frozen=True)
class Report:
    """`statement` says in a sentence what was verified; `reason` names the first step that fails."""

    accepted: bool
    statement: str
    reason: str
    steps: tuple[str, ...]
    readable: bool = True


def _integer(literal: str) -> int:
    _need(len(literal) <= MAX_DIGITS, f"an integer of more than {MAX_DIGITS} digits")
    return int(Decimal(literal))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    _need(len(found) == len(pairs), "a key occurs twice in one object")
    return found


def _load(path: Any) -> Any:
    try:
        # Devices and pipes could block or never end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unreadable("cannot read: not a regular file")
        with open(path, "rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        _need(len(raw) <= MAX_FILE_BYTES, f"too much work: more than {MAX_FILE_BYTES} bytes")
        values = sum(map(raw.count, (b",", b"[", b"{")))
        _need(values <= MAX_JSON_VALUES, f"too much work: more than {MAX_JSON_VALUES} JSON values")
        return json.loads(raw.decode(), object_pairs_hook=_unique, parse_int=_integer)
    except RecursionError:
        raise Unreadable("cannot read: nested too deeply") from None
    except OSError as error:
        raise Unreadable(f"cannot read: {error.strerror}") from None
    except ValueError as error:
        raise Unreadable(f"cannot read as JSON in UTF-8: {_show(str(error))}") from None


def check(document_or_path: object) -> Report:
    """Verify a certificate: a path (str or os.PathLike) or the parsed JSON document. Never raises; see Report."""
    steps: list[str] = []
    try:
        is_path = isinstance(document_or_path, str | os.PathLike)
        document = _load(document_or_path) if is_path else document_or_path
        return Report(True, _verify(document, steps), "", tuple(steps))
    except Refused as refusal:
        return Report(False, "", str(refusal), tuple(steps), not isinstance(refusal, Unreadable))
    except MemoryError:
        return Report(False, "", "too much work: out of memory", tuple(steps))


def main(arguments: Sequence[str]) -> int:
    """Print a line a file; return 0 when all are accepted, 1 when one is refused, 2 when one cannot be read."""
    if not arguments:
        print("usage: checker.py FILE...", file=sys.stderr)
    worst = 0 if arguments else 2
    for name in arguments:
        report = check(name)
        result, text = ("accepted", report.statement) if report.accepted else ("refused", report.reason)
        print(f"{result}: {ascii(name)[1:-1]}: {text}")
        worst = max(worst, 0 if report.accepted else 1 if report.readable else 2)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
