"""Check certificates of fates from the model alone, in exact arithmetic; the format is docs/certificates.md.

What is trusted: this file, its specification, and Python's integers, fractions and JSON. Nothing is imported from the
engine and nothing in a certificate is believed: model, run, claim and evidence are read strictly, every number is
derived here, and a proof is accepted when each inequality that the specification asks for holds exactly.

One form for all numbers in the hot loops, tuples of integers: values V are (den, den·V(1), ..., den·V(S)), an affine
function of V is (constant, coefficients) over a scale kept beside it, a direction is (0, numbers) over a scale. So
the product of a function's tuple and V's is the function's value times den·scale, for a direction the linear part.

1 numbers and shapes, 2 model, 3 fit, 4 step, 5 claims, 6 proofs, 7 files and the command line.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, product
from operator import mul, sub
from typing import Any, NamedTuple, NoReturn

MAX_FILE_BYTES = 64 << 20
MAX_JSON_VALUES = 4_000_000
MAX_DIGITS = 20_000
MAX_EXPONENT = 10_000
MAX_SCALE_BITS = 1_000_000
MAX_AGENTS = 64
MAX_WORK = 2_000_000_000

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


def _bits(rows: Iterable[Iterable[int]]) -> int:
    return max((x.bit_length() for row in rows for x in row), default=1)


class Work:
    """A budget: a unit stands for 0.1 microseconds, or for a byte of a number computed, so memory is bounded too."""

    def __init__(self) -> None:
        self.left = MAX_WORK

    def pay(self, count: int, bits: int = 1, other: int = 1, kept: int = 0) -> None:
        """Pay for `count` multiplications of numbers of `bits` by numbers of `other` bits with `kept` results."""
        self.left -= count * (2 + (bits * other >> 16)) + kept * (48 + (bits + other) // 8)
        _need(self.left >= 0, "too much work: the certificate exceeds the checker's budget")

    def dots(self, rows: Sequence[Sequence[int]], columns: Sequence[Sequence[int]]) -> list[list[int]]:
        """Return Σ_t row_t column_t for each row and column."""
        kept, length = len(rows) * len(columns), len(columns[0]) if columns else 0
        self.pay(kept * length, _bits(rows), _bits(columns), kept)
        return [[sum(map(mul, row, column)) for column in columns] for row in rows]

    def reduce(self, numbers: Sequence[int]) -> Ints:
        """Return the numbers without their greatest common divisor; the first, a denominator, becomes positive."""
        bits, common = _bits([numbers]), 0
        for number in numbers:
            self.pay(1, bits, common.bit_length())
            common = math.gcd(common, number)
            if common == 1:
                break
        common = -common if numbers[0] < 0 else common
        self.pay(len(numbers), bits, abs(common).bit_length(), len(numbers))
        return tuple(number // common for number in numbers)

    def lcm(self, numbers: Iterable[int]) -> int:
        """Return the least common multiple."""
        result = 1
        for number in numbers:
            self.pay(1, result.bit_length(), number.bit_length())
            result = math.lcm(result, number)
            _need(result.bit_length() <= MAX_SCALE_BITS, "too much work: a common denominator is too long")
        return result

    def common(self, numbers: Sequence[Fraction]) -> Ints:
        """Return (den, den·x for each number x) with the least den > 0: equal vectors become equal tuples."""
        den = self.lcm(x.denominator for x in numbers)
        self.pay(len(numbers), den.bit_length(), _bits([[x.numerator for x in numbers]]), len(numbers))
        return den, *(x.numerator * (den // x.denominator) for x in numbers)

    def solve(self, matrix: list[list[int]], rights: list[list[int]], what: str) -> tuple[int, list[list[int]]]:
        """Return (d, X), matrix · X = d · rights, by fraction-free Gauss-Jordan elimination; rows >= columns.

        Refuses, naming `what`, when the columns are dependent or a right side is not in their span.
        """
        rows, width, last = [[*a, *b] for a, b in zip(matrix, rights, strict=True)], len(matrix[0]), 1
        for c in range(width):
            pivot = next((k for k in range(c, len(rows)) if rows[k][c]), -1)
            _need(pivot >= 0, f"{what}: the linear system is singular")
            rows[c], rows[pivot] = rows[pivot], rows[c]
            head, lead = rows[c], rows[c][c]
            bits = _bits([head])
            for k, row in enumerate(rows):
                factor = row[c]
                if k != c and (factor or lead != last):
                    self.pay(2 * len(row), bits, _bits([row]), len(row))
                    # Every entry is a minor of the original matrix, so the division by the last pivot is exact.
                    rows[k] = [(lead * x - factor * y) // last for x, y in zip(row, head, strict=True)]
            last = lead
        _need(not any(map(any, rows[width:])), f"{what}: not a combination of the directions and 1")
        return last, [row[width:] for row in rows[:width]]


def _show(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else value[:60] + "...")
    if isinstance(value, int | Fraction) and max(map(int.bit_length, value.as_integer_ratio())) > 128:
        return "a long number"
    if isinstance(value, int | float | Fraction | None):
        return str(value)
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "something else"


def _number(value: object, where: str, work: Work) -> Fraction:
    if isinstance(value, int) and not isinstance(value, bool):
        _need(value.bit_length() <= 4 * MAX_DIGITS, f"{where}: more than {MAX_DIGITS} digits")
        return Fraction(value)
    text = value if isinstance(value, str) else ""
    _need(len(text) <= 2 * MAX_DIGITS, f"{where}: more than {MAX_DIGITS} digits")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise Refused(f'{where}: expected an integer or a rational such as "3/4", found {_show(value)}')
    below, exponent = match[1] or "1", abs(int(match[2] or 0))
    _need(max(len(text) - len(below), len(below)) <= MAX_DIGITS, f"{where}: more than {MAX_DIGITS} digits")
    _need(exponent <= MAX_EXPONENT, f"{where}: an exponent beyond {MAX_EXPONENT}")
    work.pay(4, 4 * (len(text) + exponent), 4 * (len(text) + exponent))
    den = int(Decimal(below))
    _need(den > 0, f"{where}: denominator 0")
    return Fraction(Decimal(text.partition("/")[0])) / den


class Choice(NamedTuple):
    """The shape of an object whose member `key` names which of the shapes it has."""

    key: str
    shapes: dict[str, dict[str, Any]]


def _read(value: Any, shape: Any, where: str, work: Work) -> Any:
    """Return `value` as its shape says, lists as tuples, numbers as fractions; refuse everything else.

    Shapes: Fraction, str, bool, object (anything); range; "words that are allowed"; [shape] a list; (shape, ...) a
    list of that length; {str: shape} any keys; {"key": shape, "optional key?": shape} no other keys; Choice.
    """
    work.pay(8)
    if shape is Fraction:
        return _number(value, where, work)
    if isinstance(shape, Choice | dict):
        _need(isinstance(value, dict), f"{where}: expected an object, found {_show(value)}")
        return _members(value, shape, where, work)
    if isinstance(shape, list | tuple):
        _need(isinstance(value, list), f"{where}: expected a list, found {_show(value)}")
        shapes = shape * len(value) if isinstance(shape, list) else shape
        _need(len(value) == len(shapes), f"{where}: expected {len(shapes)} entries, found {len(value)}")
        pairs = zip(value, shapes, strict=True)
        return tuple(_read(x, own, f"{where}[{k}]", work) for k, (x, own) in enumerate(pairs))
    if isinstance(shape, range):
        right, expected = type(value) is int and value in shape, f"an integer from {shape[0]} to {shape[-1]}"
    elif isinstance(shape, str):
        right, expected = isinstance(value, str) and value in shape.split(), shape.replace(" ", " or ")
    else:
        right, expected = isinstance(value, shape), {str: "a string", bool: "true or false"}.get(shape, "")
    _need(right, f"{where}: expected {expected}, found {_show(value)}")
    return value


def _members(value: dict[Any, Any], shape: Any, where: str, work: Work) -> dict[str, Any]:
    _need(all(isinstance(key, str) for key in value), f"{where}: a key is not a string")
    if isinstance(shape, Choice):
        word = _read(value.get(shape.key), " ".join(shape.shapes), f"{where}.{shape.key}", work)
        shape = {shape.key: word, **shape.shapes[word]}
    if str in shape:
        return {key: _read(x, shape[str], f"{where}.{_show(key)}", work) for key, x in value.items()}
    known = {key.rstrip("?"): own for key, own in shape.items()}
    for key in value:
        _need(key in known, f"{where}: unknown key {_show(key)}")
    for key in shape:
        _need(key in value or key.endswith("?"), f"{where}: key {key!r} is missing")
    return {key: _read(x, known[key], f"{where}.{key}", work) for key, x in value.items()}


# 2 The model and the data.


class Model(NamedTuple):
    """An MMDP: y(s,a) = rows[s][k](V) / scales[s] for the k-th joint action in lexicographic order, γ included."""

    name: str
    discount: Fraction
    sizes: Ints
    joint: Policy
    scales: list[int]
    rows: list[list[Ints]]


_MODEL = {
    "format": "mmdp/1", "name?": str, "source?": str, "discount": Fraction, "states": [str], "actions": [[str]],
    "start?": {str: Fraction},
    "transitions": [{"state": str, "action": [str], "reward": Fraction, "next": {str: Fraction}}],
}  # fmt: skip


def _read_model(value: object, work: Work) -> Model:
    doc = _read(value, _MODEL, "model", work)
    discount = doc["discount"]
    _need(0 <= discount < 1, "model.discount: expected 0 <= discount < 1")
    states = _index(doc["states"], "model.states")
    agents = [_index(names, f"model.actions[{i}]") for i, names in enumerate(doc["actions"])]
    _need(0 < len(agents) <= MAX_AGENTS, f"model.actions: expected from 1 to {MAX_AGENTS} agents")
    _chances(doc.get("start", {doc["states"][0]: Fraction(1)}), states, "model.start", work)
    sizes, table = tuple(map(len, agents)), dict[Ints, list[Fraction]]()
    expected, found = len(states) * math.prod(sizes), len(doc["transitions"])
    _need(found == expected, f"model.transitions: expected {expected} entries, found {found}")
    work.pay(expected * (len(states) + 1), kept=expected * (len(states) + 1) // 4)
    for k, entry in enumerate(doc["transitions"]):
        where, names = f"model.transitions[{k}]", (entry["state"], *entry["action"])
        _need(len(names) == 1 + len(agents), f"{where}.action: expected {len(agents)} entries")
        key = tuple(_named(name, index, where) for name, index in zip(names, (states, *agents), strict=True))
        _need(key not in table, f"{where}: this state and joint action occur twice")
        table[key] = [entry["reward"], *[_ZERO] * len(states)]
        for t, chance in _chances(entry["next"], states, f"{where}.next", work).items():
            table[key][1 + t] = discount * chance
    joint, scales, rows = tuple(product(*map(range, sizes))), [], []
    for s in range(len(states)):
        scale, *numbers = work.common([x for a in joint for x in table.pop((s, *a))])
        scales.append(scale)
        rows.append(list(zip(*[iter(numbers)] * (len(states) + 1), strict=True)))
    return Model(doc.get("name", ""), discount, sizes, joint, scales, rows)


def _index(names: Sequence[str], where: str) -> dict[str, int]:
    _need(len(names) > 0, f"{where}: expected a list that is not empty")
    _need(len(set(names)) == len(names), f"{where}: a name occurs twice")
    return {name: k for k, name in enumerate(names)}


def _named(name: str, index: dict[str, int], where: str) -> int:
    _need(name in index, f"{where}: unknown name {_show(name)}")
    return index[name]


def _chances(row: dict[str, Fraction], states: dict[str, int], where: str, work: Work) -> dict[int, Fraction]:
    _distribution(list(row.values()), where, work)
    return {_named(name, states, where): chance for name, chance in row.items()}


def _distribution(numbers: Sequence[Fraction], where: str, work: Work) -> Ints:
    """Return integers proportional to the probabilities, after checking that they are probabilities."""
    den, *found = work.common(numbers)
    _need(all(x >= 0 for x in found), f"{where}: a probability is negative")
    _need(sum(found) == den, f"{where}: the probabilities do not sum to 1")
    return tuple(found)


class Data(NamedTuple):
    """Data over the joint actions: `fixed` weights, one tuple a state, in any scale; or ε-greedy around g."""

    text: str
    epsilon: Fraction | None
    fixed: list[Ints]

    def weights(self, sizes: Ints, s: int, g: Ints) -> Ints:
        """Return integers proportional to p_D(a|s) over the joint actions."""
        if self.epsilon is None:
            return self.fixed[s]
        explore, exploit = self.epsilon.numerator, self.epsilon.denominator - self.epsilon.numerator
        agents = ([explore + exploit * c * (x == best) for x in range(c)] for c, best in zip(sizes, g, strict=True))
        return tuple(map(math.prod, product(*agents)))


def _read_data(value: object, model: Model, work: Work) -> Data:
    states, nested = len(model.rows), Fraction
    for size in reversed(model.sizes):
        nested = (nested,) * size
    marginals = tuple(((Fraction,) * size,) * states for size in model.sizes)
    shapes = {"uniform": {}, "product": {"marginals": marginals}, "joint": {"joint": (nested,) * states},
              "epsilon-greedy": {"epsilon": Fraction}}  # fmt: skip
    doc = _read(value, Choice("kind", shapes), "data", work)
    if doc["kind"] == "epsilon-greedy":
        _need(0 < doc["epsilon"] <= 1, "data.epsilon: expected 0 < epsilon <= 1")
        return Data(f"epsilon-greedy data with epsilon {_show(doc['epsilon'])}", doc["epsilon"], [])
    if doc["kind"] == "uniform":
        return Data("uniform data", None, [(1,) * len(model.joint)] * states)
    fixed = []
    for s in range(states):
        if doc["kind"] == "joint":
            level = (doc["joint"][s],)
            for _ in model.sizes:
                level = tuple(x for part in level for x in part)
            fixed.append(_distribution(level, f"data.joint[{s}]", work))
        else:
            agents = [_distribution(x[s], f"data.marginals[{i}][{s}]", work) for i, x in enumerate(doc["marginals"])]
            bits = sum(_bits([agent]) for agent in agents)
            work.pay(len(model.joint) * len(agents), bits, 64, len(model.joint))
            fixed.append(tuple(map(math.prod, product(*agents))))
    return Data(f"the stated {doc['kind']} data", None, fixed)


# 3 The fit, by the weighted normal equations over all joint actions.


class Fit(NamedTuple):
    """Q_tot(s,a) = (base + Σ_i gains[i][a_i]) / scale with gains[i][0] = 0, affine functions of V."""

    scale: int
    base: Ints
    gains: list[list[Ints]]

    def at(self, action: Ints, work: Work) -> Ints:
        """Return Q_tot(s,action), over the scale."""
        chosen = [self.base, *(rows[x] for rows, x in zip(self.gains, action, strict=True))]
        work.pay(len(chosen) * len(self.base), _bits(chosen), 1, len(self.base))
        return tuple(map(sum, zip(*chosen, strict=True)))


class Run:
    """The iteration of a model under data; fits are made when first needed and kept."""

    def __init__(self, model: Model, data: Data, work: Work) -> None:
        self.model, self.data, self.work = model, data, work
        self.states, self.moving = len(model.rows), data.epsilon is not None
        self.fits: dict[tuple[int, Ints], Fit] = {}
        self.projections: dict[Ints, tuple[int, list[Ints]]] = {}

    def fit(self, s: int, g: Ints) -> Fit:
        """Return the fit at state s under the data around g; fixed data ignore g."""
        key = (s, g if self.moving else ())
        if key not in self.fits:
            model, bits = self.model, (self.data.epsilon or Fraction(1)).denominator.bit_length() * len(g)
            self.work.pay(len(model.joint) * len(g), bits, 64, len(model.joint))
            weights = self.data.weights(model.sizes, s, g)
            if weights not in self.projections:
                self.projections[weights] = self._projection(weights, f"data: at state {s} the fit is not determined")
            den, maps = self.projections[weights]
            rows = self.work.dots(maps, list(zip(*model.rows[s], strict=True)))
            scale, *numbers = self.work.reduce([den * model.scales[s], *(x for row in rows for x in row)])
            base, *rest = zip(*[iter(numbers)] * (self.states + 1), strict=True)
            starts = accumulate((size - 1 for size in model.sizes), initial=0)
            zero = (0,) * (self.states + 1)
            gains = [[zero, *rest[at : at + size - 1]] for at, size in zip(starts, model.sizes, strict=False)]
            self.fits[key] = Fit(scale, base, gains)
        return self.fits[key]

    def _projection(self, weights: Ints, what: str) -> tuple[int, list[Ints]]:
        """Return (d, M): (base, gains[0][1:], gains[1][1:], ...) are M/d times y(s,·)."""
        joint, starts = self.model.joint, list(accumulate((size - 1 for size in self.model.sizes), initial=1))
        width, count = starts.pop(), len(joint)
        self.work.pay(count * len(starts) ** 2, _bits([weights]), 1, 2 * width * (width + count))
        gram, rights = [[0] * width for _ in range(width)], [[0] * count for _ in range(width)]
        for k, (a, weight) in enumerate(zip(joint, weights, strict=True)):
            active = [0, *(start + x - 1 for start, x in zip(starts, a, strict=True) if x)]
            for u in active:
                rights[u][k] = weight
                for v in active:
                    gram[u][v] += weight
        den, maps = self.work.solve(gram, rights, what)
        den, *numbers = self.work.reduce([den, *(x for row in maps for x in row)])
        return den, list(zip(*[iter(numbers)] * count, strict=True))

    # 4 One step.

    def step(self, values: Ints, g: Policy) -> Position:
        """Return the next position: g(s) the first maximisers of the gains, V(s) = Q_tot(s,g(s))."""
        levels, greedy = [], []
        for s, data in enumerate(g):
            fit = self.fit(s, data)
            found = self.work.dots([fit.base, *(row for rows in fit.gains for row in rows)], [values])
            flat = iter([x for row in found for x in row])
            level, action = next(flat), []
            for size in self.model.sizes:
                own = [next(flat) for _ in range(size)]
                level, action = level + max(own), [*action, own.index(max(own))]
            levels.append((fit.scale, level))
            greedy.append(tuple(action))
        return self.vector(values[0], levels), tuple(greedy)

    def vector(self, den: int, levels: Sequence[tuple[int, int]]) -> Ints:
        """Return the values level/(scale·den) of each (scale, level)."""
        scale = self.work.lcm(own for own, _ in levels)
        return self.work.reduce([scale * den, *(level * (scale // own) for own, level in levels)])

    def targets(self, s: int, values: Ints) -> tuple[int, list[int]]:
        """Return V(s) and y(s,a) for each joint action, all times the same integer."""
        return values[1 + s] * self.model.scales[s], [y for (y,) in self.work.dots(self.model.rows[s], [values])]


# 5 Claims.


class Claim(NamedTuple):
    """Positions (orbit[j], greedy[j]), a limit counting as one; or growth (key of the rate, rate, steps)."""

    fate: str
    orbit: list[Ints]
    greedy: list[Policy]
    growth: tuple[str, Fraction, int] | None


def _claim(run: Run, doc: dict[str, Any]) -> Claim:
    if doc["fate"] == "diverges":
        key = "factor" if doc["growth"]["kind"] == "geometric" else "increment"
        return Claim(doc["fate"], [], [], (key, doc["growth"][key], doc["growth"]["steps"]))
    if doc["fate"] == "converges":
        return Claim(doc["fate"], [run.work.common(doc["values"])], [doc["greedy"]], None)
    for key in ("orbit", "greedy"):
        _need(len(doc[key]) == doc["period"], f"claim.{key}: expected {doc['period']} entries, found {len(doc[key])}")
    return Claim(doc["fate"], [run.work.common(v) for v in doc["orbit"]], list(doc["greedy"]), None)


def _check_values(run: Run, doc: dict[str, Any]) -> list[Ints]:
    """Verify V* and the value of playing `greedy` for ever by their Bellman equations: γ < 1, so both are unique."""
    best, own = (run.work.common(doc[key]) for key in ("optimal_values", "policy_values"))
    index = {a: k for k, a in enumerate(run.model.joint)}
    for s, a in enumerate(doc["greedy"]):
        value, targets = run.targets(s, best)
        _need(value == max(targets), f"claim.optimal_values[{s}]: V = max_a y does not hold")
        value, targets = run.targets(s, own)
        _need(value == targets[index[a]], f"claim.policy_values[{s}]: V = y at `greedy` does not hold")
    return [best, own]


def _check_positions(run: Run, claim: Claim, one_sided: bool) -> None:
    """Verify that each claimed position steps exactly to the next one, and that they are pairwise different.

    An orbit approached from one side under ε-greedy data may tie earlier actions: its actions are left to the proof.
    """
    positions = list(zip(claim.orbit, claim.greedy, strict=True))
    for j, now in enumerate(positions):
        (values, greedy), following = run.step(*now), positions[(j + 1) % len(positions)]
        _need(values == following[0], f"claim: a step from position {j} gives other values")
        same = greedy == following[1] or (one_sided and run.moving)
        _need(same, f"claim: a step from position {j} gives other greedy actions")
    different = set(positions) if run.moving else set(claim.orbit)
    _need(len(different) == len(positions), "claim.period: a position occurs twice, so the period is smaller")


# 6 Proofs.


def _optimality(run: Run, claim: Claim) -> str:
    _need(claim.fate == "converges", "claim.fate: value iteration converges")
    full = run.moving or all(min(weights) > 0 for weights in run.data.fixed)
    _need(full, "data: expected a positive probability of every joint action")
    for s, a in enumerate(claim.greedy[0]):
        value, targets = run.targets(s, claim.orbit[0])
        _need(value == max(targets), f"claim.values[{s}]: V = max_a y does not hold")
        _need(run.model.joint[targets.index(value)] == a, f"claim.greedy[{s}]: not the first joint maximiser")
    return "the limit satisfies the Bellman optimality equation"


def _absolute(row: Ints) -> Ints:
    return 0, *map(abs, row[1:])


def _contraction(run: Run, claim: Claim, doc: dict[str, Any]) -> str:
    _need(claim.fate == "converges", "claim.fate: a contraction converges")
    _need(not run.moving, "proof.kind: a contraction needs fixed data")
    weights, factor = run.work.common(doc["weights"]), doc["factor"]
    _need(min(weights) > 0, "proof.weights: expected positive numbers")
    _need(0 <= factor < 1, "proof.factor: expected 0 <= factor < 1")
    for s in range(run.states):
        fit = run.fit(s, ())
        limit = factor * weights[1 + s] * fit.scale
        for a in run.model.joint:
            ((total,),) = run.work.dots([_absolute(fit.at(a, run.work))], [weights])
            _need(total <= limit, f"proof.factor: exceeded at state {s}, joint action {list(a)}")
    return f"the step contracts by {_show(factor)} in the weighted sup-norm"


class Region(NamedTuple):
    """V = origin + Σ_k z_k columns[k]/scale + λ·1, the columns independent with 1, and with s = z_0, b = widths:

    kind "bounded": |z_k| <= b_k; else |z_k| <= b_k s for the k in `scaled`, |z_k| <= b_k for other k > 0, and
    kind "factor" or "increment", by `rate`: s >= end; kind "maximum": 0 < s <= end.
    `flat` and `steep` are the widths of the coordinates that are not and that are scaled, over `unit`.
    """

    origin: Ints
    scale: int
    columns: list[Ints]
    reference: int | None
    widths: Sequence[Fraction]
    kind: str
    rate: Fraction
    end: Fraction
    scaled: frozenset[int]
    unit: int
    flat: Ints
    steep: Ints

    def line(self, level: Fraction, form: Sequence[int], den: int, work: Work) -> tuple[Fraction, Fraction]:
        """Return (c, v) with level + Σ_k form_k z_k / den >= c + v s on the region; v = 0 on a bounded one."""
        ((flat, steep),) = work.dots([list(map(abs, form))], [self.flat, self.steep])
        slope = Fraction(form[0] * self.unit - steep, den * self.unit) if self.kind != "bounded" else _ZERO
        return level - Fraction(flat, den * self.unit), slope

    def positive(self, line: tuple[Fraction, Fraction], strict: bool = False) -> bool:
        """Return whether c + v s >= 0 (> 0 if strict) for all s of the region."""
        if line[0 if self.kind == "maximum" else 1] < 0:
            return False
        least = line[0] + line[1] * self.end
        return least > 0 or (least == 0 and not strict)

    def holds(self, z: Sequence[Fraction]) -> bool:
        """Return whether the coordinates z lie in the region."""
        if self.kind == "bounded":
            return all(abs(x) <= b for x, b in zip(z, self.widths, strict=True))
        inside = 0 < z[0] <= self.end if self.kind == "maximum" else z[0] >= self.end
        limits = [b * (z[0] if k in self.scaled else 1) for k, b in enumerate(self.widths)]
        return inside and all(abs(x) <= limit for x, limit in zip(z[1:], limits[1:], strict=True))

    def coordinates(self, den: int, columns: Sequence[Sequence[int]], what: str, work: Work) -> list[list[Fraction]]:
        """Return Z[k][l]: z_k of each column l, given as (0, numbers) over den; refuse when there is none."""
        states = range(1, len(self.origin))
        matrix = [[*(w[s] for w in self.columns), 1] for s in states]
        last, found = work.solve(matrix, [[v[s] for v in columns] for s in states], what)
        bits = _bits([[last], *found])
        work.pay(4 * len(found) * len(columns), bits, bits + den.bit_length())
        return [[Fraction(x * self.scale, last * den) for x in row] for row in found[:-1]]


def _read_region(run: Run, doc: dict[str, Any]) -> Region:
    work, states = run.work, run.states
    if doc["directions"] is None:
        work.pay(states * states, kept=states * states // 4)
        others = (s for s in range(states) if s != doc["reference"])
        scale, columns = 1, [(0, *(int(s == t) for t in range(states))) for s in others]
    else:
        vectors = _read(doc["directions"], [(Fraction,) * states], "proof.directions", work)
        _need(len(vectors) < states, f"proof.directions: expected at most {states - 1} vectors independent of 1")
        scale, *numbers = work.common([x for vector in vectors for x in vector])
        columns = [(0, *own) for own in zip(*[iter(numbers)] * states, strict=True)]
    widths = _read(doc["widths"], (Fraction,) * len(columns), "proof.widths", work)
    _need(all(b >= 0 for b in widths), "proof.widths: expected numbers >= 0")
    kind, rate, end, scaled = _read_growth(doc["growth"], widths, work)
    unit, *bounds = work.common(widths)
    flat, steep = (tuple(b * ((k in scaled) == own) for k, b in enumerate(bounds)) for own in (False, True))
    reference = doc["reference"] if doc["directions"] is None else None
    origin = work.common(doc["origin"])
    return Region(origin, scale, columns, reference, widths, kind, rate, end, scaled, unit, flat, steep)


def _read_growth(value: Any, widths: Sequence[Fraction], work: Work) -> tuple[str, Fraction, Fraction, frozenset[int]]:
    """Return the kind of the region, its rate, its end and the scaled coordinates."""
    if value is None:
        return "bounded", _ZERO, _ZERO, frozenset()
    kind = next((key for key in ("factor", "maximum") if isinstance(value, dict) and key in value), "increment")
    keys = {kind} if kind == "maximum" else {kind, "minimum"}
    doc = _read(value, {"fixed": (bool,) * len(widths), **dict.fromkeys(keys, Fraction)}, "proof.growth", work)
    for key in keys:
        least = 1 if key == "factor" else 0
        _need(doc[key] > least, f"proof.growth.{key}: expected more than {least}")
    _need(len(widths) > 0, "proof.growth: without coordinates nothing grows or shrinks")
    _need(not doc["fixed"][0] and widths[0] == 0, "proof.growth: expected fixed[0] = false and widths[0] = 0")
    scaled = frozenset(k for k, fixed in enumerate(doc["fixed"]) if k and not fixed)
    return kind, doc[kind], doc["maximum" if kind == "maximum" else "minimum"], scaled


class Frame(NamedTuple):
    """Phase j: V = origin + Σ_k z_k columns[k]/scale + e + λ·1, |e| <= errors (with its denominator first)."""

    origin: Ints
    scale: int
    columns: list[Ints]
    errors: Ints


def _advance(run: Run, region: Region, frame: Frame, g: Policy, mode: Policy) -> Frame:
    """Return o' = c + A o, C' = A C, e' = |A| e + ε, after checking that `mode` is greedy on the region."""
    work, levels, images, errors, fits = run.work, [], [], [], [run.fit(s, data) for s, data in enumerate(g)]
    scale = work.lcm(fit.scale for fit in fits)
    for s, (fit, action) in enumerate(zip(fits, mode, strict=True)):
        excess, row = _excess(run, region, frame, s, fit, action), fit.at(action, work)
        ((level, *image),) = work.dots([row], [frame.origin, *frame.columns])
        ((carried,),) = work.dots([_absolute(row)], [frame.errors])
        levels.append((fit.scale, level))
        images.append([scale // fit.scale * x for x in image])
        errors.append(Fraction(carried, fit.scale * frame.errors[0]) + excess)
    scale, *numbers = work.reduce([scale * frame.scale, *(x for column in zip(*images, strict=True) for x in column)])
    columns = [(0, *own) for own in zip(*[iter(numbers)] * run.states, strict=True)]
    return Frame(run.vector(frame.origin[0], levels), scale, columns, work.common(errors))


def _excess(run: Run, region: Region, frame: Frame, s: int, fit: Fit, action: Ints) -> Fraction:
    """Return Σ_i max(0, max_x B): by how much the greedy value may exceed that of the mode's action.

    Refuses when an alternative may be greedy, unless data are fixed, the region is bounded and the two tie at o_j.
    """
    work, worst = run.work, [_ZERO] * len(action)
    others = [(i, x) for i, rows in enumerate(fit.gains) for x in range(len(rows)) if x != action[i]]
    margins = [tuple(map(sub, fit.gains[i][action[i]], fit.gains[i][x])) for i, x in others]
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


def _region(run: Run, claim: Claim, doc: dict[str, Any], position: Position) -> str:
    region, work, modes, prefix = _read_region(run, doc), run.work, doc["modes"], doc["prefix"]
    _need(len(modes) > 0, "proof.modes: expected a list that is not empty")
    phases = [doc["entry"], *modes]
    _need(not run.moving or phases[-1] == phases[0], "proof.modes: under epsilon-greedy data the last must be `entry`")
    _check_fate(claim, region, len(modes))
    for _ in range(prefix):
        position = run.step(*position)
    _need(not run.moving or position[1] == phases[0], f"proof.entry: not the greedy actions at t = {prefix}")
    offset, den = _minus(position[0], region.origin, work)
    z = region.coordinates(den, [offset], f"proof.directions: V at t = {prefix}", work)
    _need(region.holds([x for (x,) in z]), f"proof.widths: V at t = {prefix} is outside the region")
    frame = Frame(region.origin, region.scale, region.columns, (1, *[0] * run.states))
    for j, mode in enumerate(modes):
        if claim.orbit:
            point, k = (frame.origin, phases[j]), j % len(claim.orbit)
            same = point == (claim.orbit[k], claim.greedy[k] if run.moving else phases[j])
            _need(same, f"claim: not the orbit of proof.origin after {j} steps")
        frame = _advance(run, region, frame, phases[j], mode)
    what = f"proof.directions: after {len(modes)} steps"
    matrix = region.coordinates(frame.scale, frame.columns, what, work)
    if region.kind in ("factor", "increment"):
        offset, den = _minus(frame.origin, region.origin, work)
        q = [x for (x,) in region.coordinates(den, [offset], what, work)]
        _return_growing(region, q, matrix, work)
        return f"the growing region holds V at t = {prefix} and is mapped into itself"
    _need(frame.origin == region.origin, f"proof.origin: not periodic with {len(modes)} steps")
    shrinking = region.kind == "maximum"
    (_return_shrinking if shrinking else _return_bounded)(region, matrix, frame.errors, work)
    return f"the {region.kind} region holds V at t = {prefix} and contracts to the claimed positions"


def _minus(left: Ints, right: Ints, work: Work) -> tuple[Ints, int]:
    """Return (0, numbers) and den: the difference of two vectors of values."""
    work.pay(2 * len(left), _bits([left]), _bits([right]), len(left))
    return tuple(x * right[0] - y * left[0] for x, y in zip(left, right, strict=True)), left[0] * right[0]


def _check_fate(claim: Claim, region: Region, steps: int) -> None:
    grows = region.kind in ("factor", "increment")
    _need(grows == (claim.fate == "diverges"), f"claim.fate: the region does not show that V {claim.fate}")
    _need(steps % (len(claim.orbit) or 1) == 0, f"proof.modes: {steps} steps are no multiple of the period")
    same = not grows or claim.growth == (region.kind, region.rate, steps)
    _need(same, "claim.growth: not the growth of the proof")


def _return_bounded(region: Region, matrix: list[list[Fraction]], errors: Ints, work: Work) -> None:
    """Check (|Z| b)_k + η_k < b_k, or both sides 0."""
    slack = [_ZERO] * len(matrix)
    if any(errors[1:]):
        if region.reference is None:
            raise Refused("proof.directions: with ties at the orbit expected null")
        den, *own = errors
        level = own.pop(region.reference)
        slack = [Fraction(error + level, den) for error in own]
    for k, row in enumerate(matrix):
        den, *form = work.common(row)
        width, low = region.widths[k], region.line(-slack[k], form, den, work)[0]
        _need(-low < width or -low == 0 == width, f"proof.widths[{k}]: the region does not shrink in this coordinate")


def _return_shrinking(region: Region, matrix: list[list[Fraction]], _: Ints, work: Work) -> None:
    """Check that z' = Z z is in the region again, with 0 < s' < s and contracting fixed coordinates."""
    fixed = [k for k in range(1, len(matrix)) if k not in region.scaled]
    least = _ZERO
    for k, row in enumerate(matrix):
        den, *form = work.common(row)
        low, slope = region.line(_ZERO, form, den, work)
        # |z'_k| <= still + moved · s
        still, moved, width = -low, abs(row[0]) + row[0] - slope, region.widths[k]
        if k == 0:
            least, inside = slope, slope > 0 and moved < 1
        elif k in region.scaled:
            inside = moved <= width * least
        else:
            end = still + moved * region.end
            inside = end < width or end == 0 == width
        free = k in fixed or not any(row[l] for l in fixed)
        _need(inside and free, f"proof.widths[{k}]: the region does not shrink in this coordinate")


def _return_growing(region: Region, q: list[Fraction], matrix: list[list[Fraction]], work: Work) -> None:
    """Check that z' = q + Z z is in the region again, and s' >= ρ s or s' >= s + δ."""

    def line(level: Fraction, row: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
        den, *form = work.common(row)
        return region.line(level, form, den, work)

    low, slope = line(q[0], matrix[0])
    grown = (low, slope - region.rate) if region.kind == "factor" else (low - region.rate, slope - 1)
    _need(region.positive(grown), f"proof.growth.{region.kind}: the first coordinate does not grow that much")
    for k in range(1, len(q)):
        width, rows = region.widths[k], list(zip(matrix[0], matrix[k], strict=True))
        if k in region.scaled:
            above = line(width * q[0] + q[k], [width * x + y for x, y in rows])
            below = line(width * q[0] - q[k], [width * x - y for x, y in rows])
            inside = region.positive(above) and region.positive(below)
        else:
            free = not any(matrix[k][l] for l in (0, *region.scaled))
            inside = free and line(width - abs(q[k]), matrix[k])[0] >= 0
        _need(inside, f"proof.widths[{k}]: the region is not mapped into itself in this coordinate")


# 7 Files and the command line.


def _values(vector: Ints) -> str:
    if len(vector) > 9 or _bits([vector]) > 128:
        return f"the {len(vector) - 1} values stated"
    return "(" + ", ".join(str(Fraction(x, vector[0])) for x in vector[1:]) + ")"


def _statement(run: Run, fit: str, claim: Claim, prefix: int | None, values: list[Ints]) -> str:
    model, orbit = run.model, [_values(v) for v in claim.orbit[:8]]
    text = f"model {_show(model.name)}, discount {_show(model.discount)}, {run.data.text}, {fit} factorization, "
    text += f"first action at ties: V from {'every start' if prefix is None else 'the stated start'} "
    if claim.growth is not None:
        key, rate, steps = claim.growth
        text += f"diverges: from t = {prefix} an affine functional of V modulo constants gains at least "
        return text + f"{'the factor ' if key == 'factor' else ''}{_show(rate)} in every {steps} step(s)"
    if claim.fate == "cycles":
        points = "; ".join(orbit) + ("; ..." if len(claim.orbit) > 8 else "")
        return text + f"tends to a cycle of least period {len(claim.orbit)}, in phase from t = {prefix}: {points}"
    policy = [list(a) for a in claim.greedy[0]] if run.states <= 8 else "as stated"
    best, own = map(_values, values)
    return text + f"converges to {orbit[0]} with greedy {policy}, a policy worth {own}; the optimum is {best}"


def _shapes(model: Model, fit: str) -> dict[str, Any]:
    """Return the shapes of `initial`, `claim` and `proof` for a model and a kind of fit."""
    vector, policy = (Fraction,) * len(model.rows), (tuple(map(range, model.sizes)),) * len(model.rows)
    steps, growth = range(1, MAX_JSON_VALUES), {"kind": "", "steps": range(1, MAX_JSON_VALUES)}
    claims = {
        "converges": {"values": vector, "greedy": policy, "optimal_values": vector, "policy_values": vector},
        "cycles": {"period": range(2, MAX_JSON_VALUES), "orbit": [vector], "greedy": [policy]},
        "diverges": {"growth": Choice("kind", {"geometric": {"factor": Fraction, "steps": steps},
                                               "linear": {"increment": Fraction, "steps": steps}})},
    }  # fmt: skip
    region = {"prefix": range(MAX_JSON_VALUES), "origin": vector, "modes": [policy], "entry": policy, "growth": object,
              "directions": object, "reference": range(len(model.rows)), "widths": object}  # fmt: skip
    linear = {"contraction": {"weights": vector, "factor": Fraction}, "region": region}
    return {
        "initial": {"values": vector, "greedy": policy},
        "claim": Choice("fate", claims),
        "proof": Choice("kind", linear if fit == "linear" else {"optimality": {}}),
    }


def _verify(document: object, steps: list[str]) -> str:
    work, any_of = Work(), dict.fromkeys(("model", "data", "initial", "claim", "proof"), object)
    shape = {"format": "certificate/1", "factorization": "linear igm", "ties": "first", **any_of}
    doc = _read(document, shape, "certificate", work)
    model = _read_model(doc["model"], work)
    run, fit = Run(model, _read_data(doc["data"], model, work), work), doc["factorization"]
    initial, stated, proof = (_read(doc[key], own, key, work) for key, own in _shapes(model, fit).items())
    claim, values = _claim(run, stated), list[Ints]()
    steps.append("the model, the run and the claim are well-formed")
    if claim.fate == "converges":
        values = _check_values(run, stated)
        steps.append("optimal_values and policy_values satisfy their Bellman equations")
    if claim.orbit and fit == "linear":
        growth = proof.get("growth")
        _check_positions(run, claim, one_sided=isinstance(growth, dict) and "maximum" in growth)
        steps.append("each claimed position steps exactly to the next")
    if proof["kind"] == "region":
        steps.append(_region(run, claim, proof, (work.common(initial["values"]), initial["greedy"])))
    else:
        steps.append(_optimality(run, claim) if fit == "igm" else _contraction(run, claim, proof))
    return _statement(run, fit, claim, proof.get("prefix"), values)


@dataclass(frozen=True)
class Report:
    """`statement` says in a sentence what was verified; `reason` names the first step that fails."""

    accepted: bool
    statement: str
    reason: str
    steps: tuple[str, ...]


def _integer(literal: str) -> int:
    _need(len(literal) <= MAX_DIGITS, f"an integer of more than {MAX_DIGITS} digits")
    return int(Decimal(literal))


def _float(literal: str) -> NoReturn:
    raise Refused(f'expected an integer or a string such as "3/4", found the JSON number {_show(literal)}')


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    _need(len(found) == len(pairs), "a key occurs twice in one object")
    return found


def _load(path: str | os.PathLike[str]) -> object:
    try:
        # Devices and pipes could block or never end.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unreadable("cannot read: not a regular file")
        with open(path, "rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        _need(len(raw) <= MAX_FILE_BYTES, f"too much work: more than {MAX_FILE_BYTES} bytes")
        values = sum(map(raw.count, (b",", b"[", b"{")))
        _need(values <= MAX_JSON_VALUES, f"too much work: more than {MAX_JSON_VALUES} JSON values")
        text = raw.decode()
        return json.loads(
            text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_float, parse_constant=_float
        )
    except RecursionError:
        raise Unreadable("cannot read: nested too deeply") from None
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot read as JSON in UTF-8: {_show(str(error))}") from None


def _check(source: object) -> tuple[Report, int]:
    """Return the report and its exit status: 0 accepted, 1 refused, 2 not readable."""
    steps: list[str] = []
    try:
        document = _load(source) if isinstance(source, str | os.PathLike) else source
        return Report(True, _verify(document, steps), "", tuple(steps)), 0
    except Refused as refusal:
        return Report(False, "", str(refusal), tuple(steps)), 2 if isinstance(refusal, Unreadable) else 1
    except MemoryError:
        return Report(False, "", "too much work: out of memory", tuple(steps)), 1


def check(document_or_path: object) -> Report:
    """Verify a certificate: a path (str or os.PathLike) or the parsed JSON document. Never raises; see Report."""
    return _check(document_or_path)[0]


def main(arguments: Sequence[str]) -> int:
    """Print a line a file; return 0 when all are accepted, 1 when one is refused, 2 when one cannot be read."""
    worst = 0 if arguments else 2
    if not arguments:
        print("usage: checker.py FILE...", file=sys.stderr)
    for name in arguments:
        report, status = _check(name)
        result = "accepted" if report.accepted else "refused"
        print(f"{result}: {ascii(name)[1:-1]}: {report.statement or report.reason}")
        worst = max(worst, status)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
