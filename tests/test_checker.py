"""The checker accepts right certificates, refuses wrong ones, and survives hostile input.

Certificates are built here from a second, slower implementation of the run (`Oracle`: orthogonal projection by
Gram-Schmidt in fractions), which also decides whether the statement of an accepted mutant is still true.
"""

import copy
import json
import math
import random
import subprocess
import sys
from collections import Counter
from fractions import Fraction as F
from functools import cache
from itertools import combinations, pairwise, product
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs_check import checker
from proofs_check.checker import check

ROOT = Path(checker.__file__).parents[1]
SCHEMA = json.loads((ROOT / "schema" / "certificate-1.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(SCHEMA)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


# Models and certificates as documents.


def mmdp(name, discount, sizes, states, entry):
    """entry(s, a) = (reward, {next state: probability})."""
    transitions = []
    for s in range(states):
        for a in product(*map(range, sizes)):
            reward, chances = entry(s, a)
            transitions.append(
                {
                    "state": f"s{s}",
                    "action": [f"a{x}" for x in a],
                    "reward": str(reward),
                    "next": {f"s{t}": str(p) for t, p in chances.items()},
                }
            )
    return {
        "format": "mmdp/1",
        "name": name,
        "discount": discount,
        "states": [f"s{s}" for s in range(states)],
        "actions": [[f"a{x}" for x in range(size)] for size in sizes],
        "transitions": transitions,
    }


def two_state(discount, first=0):
    def entry(s, a):
        if s == 0:
            return 0, {0: 1}
        return int(a == (first, 0)), {0: 1} if a == (1 - first, 1) else {1: 1}

    return mmdp("two-state", discount, (2, 2), 2, entry)


def game(rows, discount):
    return mmdp("game", discount, (len(rows), len(rows[0])), 1, lambda _, a: (rows[a[0]][a[1]], {0: 1}))


def table_model(discount, rewards, successors):
    joint = list(product(range(2), repeat=2))
    return mmdp(
        "table", discount, (2, 2), len(rewards),
        lambda s, a: (rewards[s][joint.index(a)], {successors[s][joint.index(a)]: 1}),
    )  # fmt: skip


UNIFORM = {"kind": "uniform"}


def egreedy(epsilon):
    return {"kind": "epsilon-greedy", "epsilon": epsilon}


def document(model, data, claim, proof, factorization="linear", initial=None):
    states, agents = len(model["states"]), len(model["actions"])
    zero = {"values": ["0"] * states, "greedy": [[0] * agents] * states}
    parts = {
        "format": "certificate/1",
        "model": model,
        "data": data,
        "factorization": factorization,
        "ties": "first",
        "initial": initial or zero,
        "claim": claim,
        "proof": proof,
    }
    return copy.deepcopy(parts)


def texts(numbers):
    return [str(x) for x in numbers]


# The oracle.


def solve(matrix, right):
    rows = [[*map(F, row), F(b)] for row, b in zip(matrix, right, strict=True)]
    for c in range(len(rows)):
        pivot = next(k for k in range(c, len(rows)) if rows[k][c])
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [x / rows[c][c] for x in rows[c]]
        for k in range(len(rows)):
            if k != c and rows[k][c]:
                rows[k] = [x - rows[k][c] * y for x, y in zip(rows[k], rows[c], strict=True)]
    return [row[-1] for row in rows]


@cache
def projector(sizes, weights, scopes):
    """The weighted orthogonal projection onto sums of functions of the scopes, as a matrix over the joint actions."""
    joint = list(product(*map(range, sizes)))
    indicators = [
        [F(all(a[i] == x for i, x in zip(scope, own, strict=True))) for a in joint]
        for scope in scopes
        for own in product(*(range(sizes[i]) for i in scope))
    ]

    def inner(u, v):
        return sum((w * x * y for w, x, y in zip(weights, u, v, strict=True)), F(0))

    basis = []
    for vector in indicators:
        for b in basis:
            share = inner(vector, b) / inner(b, b)
            vector = [x - share * y for x, y in zip(vector, b, strict=True)]
        if any(vector):
            assert inner(vector, vector) > 0, "the data do not determine the fit"
            basis.append(vector)
    norms = [inner(b, b) for b in basis]
    columns = [[w * x / n for w, x in zip(weights, b, strict=True)] for b, n in zip(basis, norms, strict=True)]
    size = range(len(joint))
    return [[sum((b[k] * c[j] for b, c in zip(basis, columns, strict=True)), F(0)) for j in size] for k in size]


def scopes_of(name, agents):
    """The sets of agents that have a function, from the name of a class; those inside another one left out."""
    family, _, text = name.partition(":")
    if family == "graph":
        named = [tuple(map(int, part.split("-"))) for part in text.split(",")]
        return (*named, *((i,) for i in range(agents)))
    size = {"linear": 1, "igm": agents, "joint": agents}.get(family) or min(agents, int(text))
    return tuple(combinations(range(agents), size))


class Oracle:
    """The run of a certificate document, step by step in fractions."""

    def __init__(self, doc):
        model = doc["model"]
        self.discount = F(model["discount"])
        assert 0 <= self.discount < 1
        self.states = len(model["states"])
        self.sizes = tuple(map(len, model["actions"]))
        self.joint = list(product(*map(range, self.sizes)))
        self.igm = doc["factorization"] == "igm"
        self.whole = doc["factorization"] != "linear"
        self.scopes = scopes_of(doc["factorization"], len(self.sizes))
        self.reward = [[None] * len(self.joint) for _ in range(self.states)]
        self.chances = [[None] * len(self.joint) for _ in range(self.states)]
        for entry in model["transitions"]:
            s = model["states"].index(entry["state"])
            a = tuple(names.index(x) for names, x in zip(model["actions"], entry["action"], strict=True))
            k = self.joint.index(a)
            assert self.reward[s][k] is None
            self.reward[s][k] = F(entry["reward"])
            row = {model["states"].index(t): F(p) for t, p in entry["next"].items()}
            assert sum(row.values()) == 1
            assert min(row.values()) >= 0
            self.chances[s][k] = row
        assert all(x is not None for row in self.reward for x in row)
        self.data = doc["data"]
        self.start = (
            tuple(F(x) for x in doc["initial"]["values"]),
            tuple(map(tuple, doc["initial"]["greedy"])),
        )

    @property
    def moving(self):
        return self.data["kind"] == "epsilon-greedy"

    def weights(self, s, g):
        if self.data["kind"] == "joint":
            level = [self.data["joint"][s]]
            for _ in self.sizes:
                level = [x for part in level for x in part]
            return tuple(map(F, level))
        if self.data["kind"] == "product":
            agents = [[F(x) for x in agent[s]] for agent in self.data["marginals"]]
        elif self.moving:
            epsilon = F(self.data["epsilon"])
            assert 0 < epsilon <= 1
            agents = [
                [epsilon / size + (1 - epsilon) * (x == best) for x in range(size)]
                for size, best in zip(self.sizes, g, strict=True)
            ]
        else:
            agents = [[F(1, size)] * size for size in self.sizes]
        return tuple(map(math.prod, product(*agents)))

    def targets(self, s, values):
        rows = zip(self.reward[s], self.chances[s], strict=True)
        return [r + self.discount * sum(p * values[t] for t, p in row.items()) for r, row in rows]

    def fitted(self, s, values, g):
        """Q_tot(s, ·) as {joint action: value}."""
        y = self.targets(s, values)
        if self.igm:
            return dict(zip(self.joint, y, strict=True))
        matrix = projector(self.sizes, self.weights(s, g), self.scopes)
        products = (sum(c * v for c, v in zip(row, y, strict=True)) for row in matrix)
        return dict(zip(self.joint, products, strict=True))

    def greedy(self, table):
        if self.whole:
            return max(self.joint, key=table.__getitem__)
        chosen, zero = [], (0,) * len(self.sizes)
        for i, size in enumerate(self.sizes):
            own = [table[*zero[:i], x, *zero[i + 1 :]] for x in range(size)]
            chosen.append(own.index(max(own)))
        return tuple(chosen)

    def step(self, position):
        values, g = position
        tables = [self.fitted(s, values, g[s]) for s in range(self.states)]
        return tuple(max(table.values()) for table in tables), tuple(self.greedy(table) for table in tables)

    def run(self, count):
        positions = [self.start]
        while len(positions) <= count:
            positions.append(self.step(positions[-1]))
        return positions

    def piece(self, g, mode):
        """The affine map (c, A) of a mode under the data around g."""
        points = [[F(0)] * self.states, *([F(s == t) for s in range(self.states)] for t in range(self.states))]
        images = [[self.fitted(s, v, g[s])[mode[s]] for s in range(self.states)] for v in points]
        return images[0], [[images[1 + t][s] - images[0][s] for t in range(self.states)] for s in range(self.states)]

    def orbit(self, entry, modes):
        """The fixed point of the composed pieces."""
        size = range(self.states)
        level, matrix, g = [F(0)] * self.states, [[F(s == t) for t in size] for s in size], entry
        for mode in modes:
            c, a = self.piece(g, mode)
            level = [c[s] + sum(a[s][t] * level[t] for t in size) for s in size]
            matrix = [[sum(a[s][u] * matrix[u][t] for u in size) for t in size] for s in size]
            g = mode
        return solve([[F(s == t) - matrix[s][t] for t in size] for s in size], level)

    def bellman(self, choose):
        """The fixed point of V(s) = y(s, choose(s, V)) by exact policy iteration from a first guess."""
        policy = [choose(s, [F(0)] * self.states) for s in range(self.states)]
        while True:
            size = range(self.states)
            rows = [[F(s == t) - self.discount * self.chances[s][policy[s]].get(t, 0) for t in size] for s in size]
            values = solve(rows, [self.reward[s][policy[s]] for s in size])
            best = [choose(s, values) for s in size]
            same = all(self.targets(s, values)[best[s]] == values[s] for s in size)
            if same:
                return values
            policy = best

    def optimal_values(self):
        def choose(s, values):
            targets = self.targets(s, values)
            return targets.index(max(targets))

        return self.bellman(choose)

    def policy_values(self, greedy):
        return self.bellman(lambda s, _: self.joint.index(tuple(greedy[s])))


# Builders.


def converges(oracle, values, greedy):
    return {
        "fate": "converges",
        "values": texts(values),
        "greedy": [list(a) for a in greedy],
        "optimal_values": texts(oracle.optimal_values()),
        "policy_values": texts(oracle.policy_values(greedy)),
    }


def region(model, data, prefix, steps, period, widths, initial=None, reference=0, factorization="linear", **changes):
    """A bounded region around the orbit of the modes that the run uses after `prefix` steps."""
    doc = document(model, data, {}, {}, factorization, initial)
    oracle = Oracle(doc)
    positions = oracle.run(prefix + steps)
    entry, modes = positions[prefix][1], [g for _, g in positions[prefix + 1 :]]
    origin = oracle.orbit(entry, modes)
    orbit = [(tuple(origin), entry)]
    for mode in modes[:period]:
        values, greedy = oracle.step(orbit[-1])
        orbit.append((values, mode if oracle.moving else greedy))
    orbit = [orbit[-1], *orbit[1:period]]
    if period == 1:
        doc["claim"] = converges(oracle, *orbit[0])
    else:
        doc["claim"] = {
            "fate": "cycles",
            "period": period,
            "orbit": [texts(values) for values, _ in orbit],
            "greedy": [[list(a) for a in g] for _, g in orbit],
        }
    doc["proof"] = {
        "kind": "region",
        "prefix": prefix,
        "origin": texts(origin),
        "modes": [[list(a) for a in g] for g in modes],
        "entry": [list(a) for a in entry],
        "directions": None,
        "reference": reference,
        "widths": widths,
        "growth": None,
        **changes,
    }
    return doc


def growing(discount, claim, growth, prefix=2, data=UNIFORM):
    zero = [[0, 0], [0, 0]]
    kind = "geometric" if "factor" in growth else "linear"
    proof = {
        "kind": "region", "prefix": prefix, "origin": ["0", "0"], "modes": [zero], "entry": zero, "directions": None,
        "reference": 0, "widths": ["0"], "growth": {"minimum": "1", "fixed": [False], **growth},
    }  # fmt: skip
    stated = {"fate": "diverges", "growth": {"kind": kind, "steps": 1, **claim}}
    return document(two_state(discount), data, stated, proof)


def limit_certificate(model, data, proof, factorization="linear", initial=None):
    """A certificate of the limit found by following the run until its greedy actions reproduce themselves exactly."""
    doc = document(model, data, {}, proof, factorization, initial)
    oracle = Oracle(doc)
    greedy = oracle.run(40)[-1][1]
    values = oracle.optimal_values() if factorization == "igm" else oracle.orbit(greedy, [greedy])
    values, greedy = oracle.step((tuple(values), greedy))
    assert oracle.step((values, greedy)) == (values, greedy)
    doc["claim"] = converges(oracle, values, greedy)
    return doc


CYCLE = table_model("9/10", [[0, -1, 0, -1], [2, 1, 1, -2]], [[1, 0, 1, 1], [0, 0, 0, 0]])
GAME2 = [[8, -12, -12], [-12, 0, 0], [-12, 0, 0]]
SWITCH = {"values": ["0"], "greedy": [[0, 1]]}


def duplicated():
    """Two-state model whose second agent has its first action twice: a tie at every position."""

    def entry(s, a):
        if s == 0:
            return 0, {0: 1}
        return int(a in ((0, 0), (0, 1))), {0: 1} if a == (1, 2) else {1: 1}

    return mmdp("duplicated", "1/2", (2, 3), 2, entry)


def tied():
    """One agent, both actions of s1 are worth 0 at the limit but lead to different states."""
    return mmdp("tied", "1/2", (2,), 2, lambda s, a: (0, {0: 1} if s == 0 or a == (0,) else {1: 1}))


def stochastic():
    rows = {0: {0: "1/3", 1: "2/3"}, 1: {1: "1/2", 2: "1/2"}, 2: {0: "1"}}
    return mmdp("stochastic", "3/5", (2, 2), 3, lambda s, a: (s - a[0] * a[1] + a[1], rows[(s + a[0]) % 3]))


def tie_certificate():
    doc = region(tied(), UNIFORM, 0, 1, 1, ["1"], {"values": ["0", "1"], "greedy": [[0], [0]]})
    doc["proof"]["modes"] = [[[0], [0]]]
    return doc


def one_sided(third):
    """V(s1) is multiplied by 1.25 γ above 0 and by γ/4 below (uniform data), all actions tie at 0; s2 is `third`."""

    def entry(s, a):
        return third(a) if s == 2 else (0, {0: 1} if s == 0 or a == (1, 1) else {1: 1})

    return mmdp("one-sided", "9/10", (2, 2), 3, entry)


def shrinking(model, data, steps, values, s2, width, fixed):
    """The run comes from below: s = -V(s1); the other coordinate is V(s2)."""
    start = {"values": values, "greedy": [[0, 0], [1, 1], s2]}
    sides, growth = [["0", "-1", "0"], ["0", "0", "1"]], {"maximum": "2", "fixed": [False, fixed]}
    return region(model, data, 0, steps, steps, ["0", width], start, directions=sides, growth=growth)


FOLLOWER = one_sided(lambda _: (0, {0: "7/8", 1: "1/8"}))
SWITCHER = one_sided(lambda a: (int(a[0] == a[1]), {0: "1/2", 2: "1/2"}))


PRODUCT = {"kind": "product", "marginals": [[["1/3", "2/3"], ["1/2", "1/2"]], [["1/4", "3/4"], ["1/5", "4/5"]]]}
JOINT = {"kind": "joint", "joint": [[["1/4", "1/4"], ["1/2", "0"]]] * 3}

CERTIFICATES = {
    "contraction": lambda: limit_certificate(
        two_state("3/4"), UNIFORM, {"kind": "contraction", "weights": ["1", "6"], "factor": "31/32"}
    ),
    "product data": lambda: limit_certificate(
        two_state("1/2"), PRODUCT, {"kind": "contraction", "weights": ["1", "1"], "factor": "9/10"}
    ),
    "joint data": lambda: limit_certificate(
        stochastic(), JOINT, {"kind": "contraction", "weights": ["1", "1", "1"], "factor": "3/5"}
    ),
    "linear growth": lambda: growing("4/5", {"increment": "3/4"}, {"increment": "3/4"}),
    "geometric growth": lambda: growing("9/10", {"factor": "9/8"}, {"factor": "9/8"}),
    "on-policy growth": lambda: growing("9/10", {"factor": "9/8"}, {"factor": "9/8"}, data=egreedy("1")),
    "on-policy limit": lambda: region(two_state("9/10"), egreedy("1/2"), 3, 1, 1, ["20"]),
    "on-policy cycle": lambda: region(game([[1, 0], [0, 1]], "1/2"), egreedy("1/10"), 0, 2, 2, [], SWITCH),
    "off-policy cycle": lambda: region(CYCLE, UNIFORM, 20, 2, 2, ["1/5"]),
    "off-policy cycle, twice around": lambda: region(CYCLE, UNIFORM, 23, 4, 2, ["1/5"], reference=1),
    "directions": lambda: region(
        stochastic(), egreedy("1/10"), 12, 1, 1, ["1/20", "1/5"], directions=[["1", "0", "-1"], ["0", "1/2", "0"]]
    ),
    "game 2": lambda: limit_certificate(
        game(GAME2, "1/2"), UNIFORM, {"kind": "contraction", "weights": ["1"], "factor": "1/2"}
    ),
    "igm": lambda: limit_certificate(two_state("9/10"), UNIFORM, {"kind": "optimality"}, "igm"),
    "duplicate actions": lambda: region(duplicated(), egreedy("1/4"), 3, 1, 1, ["10"]),
    "tie at the limit": tie_certificate,
    "one-sided limit": lambda: shrinking(FOLLOWER, UNIFORM, 1, ["0", "-1", "1/4"], [0, 0], "1/2", False),
    "one-sided limit, on-policy": lambda: shrinking(
        FOLLOWER, egreedy("1/2"), 1, ["0", "-2", "0"], [0, 0], "4", False
    ),
    "one-sided cycle": lambda: shrinking(SWITCHER, egreedy("1/10"), 2, ["0", "-1", "0"], [0, 1], "5", True),
}  # fmt: skip


@cache
def _built(name):
    return json.dumps(CERTIFICATES[name]())


def certificate(name):
    return json.loads(_built(name))


@pytest.mark.parametrize("name", CERTIFICATES)
def test_accepts(name):
    report = check(certificate(name))
    assert report.accepted, report.reason
    assert report.statement
    assert not report.reason
    assert report.steps
    VALIDATOR.validate(certificate(name))


@pytest.mark.parametrize("text", ["0.75", ".75", "+3/4", "6/8", "75e-2", "0.0075E+2", "00.750"])
def test_forms_of_numbers(text):
    doc = edit("contraction", ["model", "discount"], text)
    assert check(doc).accepted, check(doc).reason
    VALIDATOR.validate(doc)


LIMITS = {
    "contraction": ["0", "12"],
    "game 2": ["-64/9"],
    "igm": ["0", "10"],
    "tie at the limit": ["0", "0"],
    "on-policy limit": None,
}


@pytest.mark.parametrize(("name", "values"), [(k, v) for k, v in LIMITS.items() if v])
def test_known_limits(name, values):
    assert certificate(name)["claim"]["values"] == values


def test_known_multipliers():
    oracle = Oracle(certificate("on-policy limit"))
    zero = ((0, 0), (0, 0))
    assert oracle.piece(zero, zero)[1][1][1] == F(153, 160)
    assert Oracle(certificate("on-policy growth")).piece(zero, zero)[1][1][1] == F(9, 8)


def test_statement_names_the_run():
    statement = check(certificate("off-policy cycle")).statement
    for part in ('"table"', "9/10", "uniform data", "linear", "cycle of least period 2", "t = 20"):
        assert part in statement


# Refusals, each for one reason.


def edit(name, path, value):
    doc = certificate(name)
    *parents, last = path
    place = doc
    for key in parents:
        place = place[key]
    place[last] = value
    return doc


def joint_data(table):
    return {"kind": "joint", "joint": [table, table]}


MODEL_ENTRY = ["model", "transitions", 0]
REFUSALS = {
    "false weights": (edit, "contraction", ["proof", "weights"], ["1", "1"], "proof.factor: exceeded at state 1"),
    "factor one": (edit, "contraction", ["proof", "factor"], 1, "0 <= factor < 1"),
    "zero weight": (edit, "contraction", ["proof", "weights"], ["0", "6"], "positive"),
    "false limit": (edit, "contraction", ["claim", "values"], ["0", "11"], "gives other values"),
    "false greedy": (edit, "contraction", ["claim", "greedy"], [[0, 0], [0, 1]], "claim.policy_values"),
    "false optimum": (edit, "contraction", ["claim", "optimal_values"], ["0", "5"], "claim.optimal_values"),
    "contraction under moving data": (edit, "contraction", ["data"], egreedy("1"), "needs fixed data"),
    "epsilon zero": (edit, "on-policy limit", ["data", "epsilon"], 0, "0 < epsilon <= 1"),
    "epsilon above one": (edit, "on-policy limit", ["data", "epsilon"], "3/2", "0 < epsilon <= 1"),
    "entry is not the run's": (edit, "on-policy cycle", ["proof", "prefix"], 1, "proof.entry"),
    "wrong phase": (edit, "off-policy cycle", ["proof", "prefix"], 21, "outside the region"),
    "growth rate one": (edit, "geometric growth", ["proof", "growth", "factor"], 1, "expected more than 1"),
    "claimed growth differs": (edit, "geometric growth", ["claim", "growth", "factor"], "17/16", "not the growth"),
    "claimed steps differ": (edit, "geometric growth", ["claim", "growth", "steps"], 2, "not the growth"),
    "no increment": (edit, "linear growth", ["proof", "growth", "increment"], 0, "expected more than 0"),
    "nothing positive": (edit, "linear growth", ["proof", "growth", "minimum"], 0, "positive"),
    "growing but fixed": (edit, "linear growth", ["proof", "growth", "fixed"], [True], "fixed[0] = false"),
    "minimum not reached": (edit, "linear growth", ["proof", "growth", "minimum"], 9, "outside the region"),
    "region too small": (edit, "on-policy limit", ["proof", "widths"], [0], "outside the region"),
    "region too large": (edit, "off-policy cycle", ["proof", "widths"], [9], "may be chosen"),
    "negative width": (edit, "on-policy limit", ["proof", "widths"], [-20], "numbers >= 0"),
    "dependent directions": (edit, "directions", ["proof", "directions"], [["1", "0", "-1"]] * 2, "singular"),
    "constant direction": (edit, "directions", ["proof", "directions"], [["1", "0", "-1"], [1, 1, 1]], "singular"),
    "no proof": (edit, "directions", ["proof"], None, "expected an object"),
    "full support": (edit, "igm", ["data"], joint_data([["1/3", "1/3"], ["1/3", "0"]]), "positive"),
    "undetermined fit": (edit, "contraction", ["data"], joint_data([["1/2", 0], [0, "1/2"]]), "not determined"),
    "unsupported action": (edit, "contraction", ["data"], joint_data([["1/2", 0], ["1/2", 0]]), "not determined"),
    "data sum": (edit, "product data", ["data", "marginals", 0, 0], ["1/3", "1/3"], "do not sum to 1"),
    "negative data": (edit, "product data", ["data", "marginals", 0, 0], ["4/3", "-1/3"], "negative"),
    "bool as integer": (edit, "contraction", ["claim", "greedy"], [[0, 0], [0, False]], "expected an integer"),
    "bool as number": (edit, "contraction", ["proof", "factor"], True, "expected an integer or a rational"),
    "float": (edit, "contraction", ["proof", "factor"], 0.5, "expected an integer or a rational"),
    "infinite": (edit, "contraction", ["proof", "factor"], float("inf"), "expected an integer or a rational"),
    "exponent": (edit, "contraction", ["proof", "factor"], "1e-10001", "an exponent beyond 10000"),
    "other digits": (edit, "contraction", ["proof", "factor"], "٣/٤", "expected an integer or a rational"),
    "space": (edit, "contraction", ["proof", "factor"], " 1/2", "expected an integer or a rational"),
    "newline": (edit, "contraction", ["proof", "factor"], "1/2\n", "expected an integer or a rational"),
    "zero denominator": (edit, "contraction", ["proof", "factor"], "1/0", "denominator 0"),
    "unknown key": (edit, "contraction", ["proof", "note"], "", "unknown key"),
    "unknown model key": (edit, "contraction", ["model", "colour"], "red", "unknown key"),
    "discount one": (edit, "contraction", ["model", "discount"], 1, "0 <= discount < 1"),
    "row sum": (edit, "contraction", [*MODEL_ENTRY, "next"], {"s0": "1/2"}, "do not sum to 1"),
    "negative chance": (edit, "contraction", [*MODEL_ENTRY, "next"], {"s0": "3/2", "s1": "-1/2"}, "negative"),
    "unknown state": (edit, "contraction", [*MODEL_ENTRY, "next"], {"zz": 1}, "unknown name"),
    "twice the same": (edit, "contraction", [*MODEL_ENTRY, "state"], "s1", "occur twice"),
    "no states": (edit, "contraction", ["model", "states"], [], "not empty"),
    "two states of a name": (edit, "contraction", ["model", "states"], ["s0", "s0"], "occurs twice"),
    "start sum": (edit, "contraction", ["model", "start"], {"s0": "1/2"}, "do not sum to 1"),
    "another format": (edit, "contraction", ["format"], "certificate/2", "expected certificate/1"),
    "igm region": (edit, "on-policy limit", ["factorization"], "igm", "expected optimality"),
    "linear optimality": (edit, "igm", ["factorization"], "linear", "expected contraction or region"),
    "other ties": (edit, "igm", ["ties"], "middle", "expected first or last"),
    "from the other side": (edit, "one-sided limit", ["initial", "values"], ["0", "1", "1/4"], "outside the region"),
    "not from the limit": (edit, "one-sided limit, on-policy", ["initial", "values"], [0, 0, 0], "outside the region"),
    "too far away": (edit, "one-sided limit", ["proof", "growth", "maximum"], "1/2", "outside the region"),
    "no maximum": (edit, "one-sided limit", ["proof", "growth", "maximum"], 0, "expected a positive number"),
    "narrow cone": (edit, "one-sided limit", ["proof", "widths"], ["0", "1/4"], "proof.widths[1]: the region does not"),
    "mode of the other side": (edit, "one-sided limit", ["proof", "modes"], [[[0, 0]] * 3], "may be chosen"),
    "first maximiser": (
        edit, "one-sided limit, on-policy", ["claim", "greedy"], [[0, 0]] * 3, "not the orbit of proof.origin"
    ),
    "scaled, not fixed": (edit, "one-sided cycle", ["proof", "growth", "fixed"], [False, False], "proof.widths[1]"),
    "one phase of two": (edit, "one-sided cycle", ["proof", "modes"], [[[0, 0], [1, 1], [0, 1]]], "no multiple"),
    "shape of initial": (edit, "igm", ["initial", "values"], ["0"], "expected 2 entries"),
    "action out of range": (edit, "igm", ["claim", "greedy"], [[0, 0], [0, 2]], "expected an integer from 0 to 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses(case):
    make, name, path, value, reason = REFUSALS[case]
    report = check(make(name, path, value))
    assert not report.accepted
    assert reason in report.reason
    assert not report.statement


@pytest.mark.parametrize(("kind", "key", "rate"), [("geometric", "factor", "5/4"), ("linear", "increment", "1")])
def test_growth_too_fast(kind, key, rate):
    doc = certificate(f"{kind} growth")
    doc["proof"]["growth"][key] = doc["claim"]["growth"][key] = rate
    assert "does not grow that much" in check(doc).reason


def test_period_is_least():
    doc = certificate("off-policy cycle, twice around")
    claim = doc["claim"]
    claim.update(period=4, orbit=claim["orbit"] * 2, greedy=claim["greedy"] * 2)
    assert "the period is smaller" in check(doc).reason


def test_steps_are_a_multiple_of_the_period():
    doc = certificate("off-policy cycle, twice around")
    doc["proof"]["modes"].pop()
    assert "no multiple of the period" in check(doc).reason


def test_first_action_rule_is_strict_on_policy():
    """With the tied copy first, the later action is never greedy."""
    doc = certificate("duplicate actions")
    for place in (doc["proof"]["modes"][0], doc["proof"]["entry"], doc["claim"]["greedy"]):
        place[1] = [0, 1]
    assert not check(doc).accepted


def test_ties_at_the_orbit_need_default_coordinates():
    doc = certificate("tie at the limit")
    doc["proof"]["directions"] = [["0", "1"]]
    assert "with ties at the orbit expected null" in check(doc).reason


def test_expansion_on_the_side_of_the_run():
    """Above the limit V(s1) is multiplied by 9/8."""
    doc = edit("one-sided limit", ["initial", "values"], ["0", "1", "1/4"])
    doc["proof"].update(directions=[["0", "1", "0"], ["0", "0", "1"]], modes=[[[0, 0]] * 3])
    assert "proof.widths[0]: the region does not shrink" in check(doc).reason


def test_near_tie_on_one_side_is_refused():
    doc = certificate("one-sided limit")
    doc["model"]["transitions"][4]["reward"] = "1/1000"
    assert not check(doc).accepted


def test_near_tie_is_refused():
    """An alternative that is nearly greedy at the limit must not be treated as a tie."""
    doc = edit("tie at the limit", ["proof", "widths"], ["1"])
    doc["model"]["transitions"][3]["reward"] = "-1/100"
    assert "may be chosen" in check(doc).reason


@pytest.mark.parametrize("seed", range(30))
def test_fit_agrees_with_projection(seed):
    """Random models, sizes and correlated data, γ small enough to contract: only the oracle's limit is accepted."""
    rng = random.Random(seed)
    states = rng.randint(1, 3)
    sizes = tuple(rng.randint(1, 3) for _ in range(rng.randint(1, 3)))

    def distribution(count):
        weights = [rng.randint(0, 4) for _ in range(count)]
        weights[rng.randrange(count)] += 1
        return [F(w, sum(weights)) for w in weights]

    def nested(weights, rest):
        if not rest:
            return str(weights[0])
        size = len(weights) // rest[0]
        return [nested(weights[k * size : (k + 1) * size], rest[1:]) for k in range(rest[0])]

    def entry(_s, _a):
        return F(rng.randint(-9, 9), rng.randint(1, 5)), dict(enumerate(distribution(states)))

    model = mmdp("random", "1/1000", sizes, states, entry)
    weights = [distribution(math.prod(sizes)) for _ in range(states)]
    full = [[(w + F(1, 50)) / (1 + F(len(own), 50)) for w in own] for own in weights]
    data = {"kind": "joint", "joint": [nested(own, sizes) for own in full]}
    doc = limit_certificate(model, data, {"kind": "contraction", "weights": [1] * states, "factor": "1/2"})
    assert check(doc).accepted, check(doc).reason
    doc["claim"]["values"][0] = str(F(doc["claim"]["values"][0]) + F(1, 10**9))
    assert not check(doc).accepted


# Mutants: whatever is accepted must still be true.


STEPS = 60
SAMPLED = ("one-sided limit", "one-sided limit, on-policy", "one-sided cycle")
SIMULATED = {}


def simulated(oracle):
    """The first STEPS positions; documents that differ in names or order alone share them."""
    start = oracle.start if oracle.moving else oracle.start[0]
    parts = (
        oracle.discount,
        oracle.reward,
        oracle.chances,
        oracle.data,
        oracle.igm,
        oracle.whole,
        oracle.scopes,
        start,
    )
    rows = [[sorted(row.items()) for row in own] for own in oracle.chances]
    key = hash((str(parts[0]), str([[hash(x) for x in own] for own in oracle.reward]), str(rows), str(parts[3:])))
    if key not in SIMULATED:
        SIMULATED[key] = oracle.run(STEPS)
    return SIMULATED[key]


def assert_true(doc):
    """Decide by the oracle that the claim of a certificate is true, as far as STEPS exact steps can tell."""
    oracle, claim = Oracle(doc), doc["claim"]
    positions = simulated(oracle)
    if claim["fate"] == "diverges":
        return assert_growth(doc, positions)
    if claim["fate"] == "converges":
        points = [(claim["values"], claim["greedy"])]
        assert list(map(F, claim["optimal_values"])) == oracle.optimal_values()
        assert list(map(F, claim["policy_values"])) == oracle.policy_values(claim["greedy"])
    else:
        points = list(zip(claim["orbit"], claim["greedy"], strict=True))
        assert len(points) == claim["period"] > 1
    points = [(tuple(map(F, values)), tuple(map(tuple, g))) for values, g in points]
    for j, point in enumerate(points):
        (values, g), following = oracle.step(point), points[(j + 1) % len(points)]
        assert values == following[0]
        assert g == following[1] or (oracle.moving and "maximum" in (doc["proof"]["growth"] or {}))
    identities = points if oracle.moving else [values for values, _ in points]
    assert len(set(identities)) == len(points)
    prefix = doc["proof"].get("prefix", 0)
    first = max(map(abs, positions[0][0]), default=0) + max(max(map(abs, v)) for v, _ in points)
    for t in range(STEPS - len(points), STEPS):
        values, g = points[(t - prefix) % len(points)]
        assert not oracle.moving or positions[t][1] == g
        assert max(abs(x - y) for x, y in zip(positions[t][0], values, strict=True)) <= F(1, 10) * (1 + first)
    return None


def assert_growth(doc, positions):
    proof, growth = doc["proof"], doc["claim"]["growth"]
    assert len(positions[0][0]) == 2
    direction = proof["directions"][0] if proof["directions"] else ["0", "1"]
    if proof["directions"] is None and proof["reference"] == 1:
        direction = ["1", "0"]
    scale = F(direction[1]) - F(direction[0])
    shift = F(proof["origin"][1]) - F(proof["origin"][0])
    seen = positions[proof["prefix"] :: growth["steps"]]
    heights = [(values[1] - values[0] - shift) / scale for values, _ in seen]
    assert heights[0] > 0
    for now, later in pairwise(heights):
        if growth["kind"] == "geometric":
            assert F(growth["factor"]) > 1
            assert later >= F(growth["factor"]) * now
        else:
            assert F(growth["increment"]) > 0
            assert later >= now + F(growth["increment"])


def leaf_changes(value):
    if isinstance(value, bool):
        return [not value, 0]
    if isinstance(value, int):
        return [value + 1, value - 1, str(value)]
    if value is None:
        return [[], [["0", "1"]], 0]
    try:
        number = F(value)
    except ValueError:
        others = "a0 a1 s0 s1 linear igm uniform geometric converges cycles diverges x"
        return [x for x in others.split() if x != value]
    return texts([number + 1, number - F(1, 7), -number, 2 * number, number / 2, number + F(1, 10**6), F(0)])


def mutants(node):
    """Every document that differs from this one by a single change."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield {k: v for k, v in node.items() if k != key}
            for other in mutants(value):
                yield {**node, key: other}
    elif isinstance(node, list):
        for k, value in enumerate(node):
            yield node[:k] + node[k + 1 :]
            yield node[: k + 1] + node[k:]
            if k and value != node[k - 1]:
                yield [*node[: k - 1], value, node[k - 1], *node[k + 1 :]]
            for other in mutants(value):
                yield [*node[:k], other, *node[k + 1 :]]
    else:
        yield from leaf_changes(node)


@pytest.mark.parametrize("name", CERTIFICATES)
def test_accepted_mutants_are_true(name):
    outcomes, rng = Counter(), random.Random(name)
    share = 1 if name not in SAMPLED else 0.3
    for mutant in mutants(certificate(name)):
        if rng.random() > share:
            continue
        report = check(mutant)
        outcomes[report.accepted] += 1
        if report.accepted:
            VALIDATOR.validate(mutant)
            assert_true(mutant)
    assert outcomes[False] > 4 * outcomes[True] > 0


@pytest.mark.parametrize("name", ["off-policy cycle", "on-policy limit", "geometric growth", "tie at the limit"])
def test_accepted_double_mutants_are_true(name):
    rng = random.Random(name)
    first = list(mutants(certificate(name)))
    for _ in range(150):
        mutant = rng.choice(list(mutants(rng.choice(first))))
        if check(mutant).accepted:
            assert_true(mutant)


# Hostile input.


HOSTILE_FILES = {
    "empty": (b"", 2),
    "binary": (bytes(range(256)), 2),
    "deep list": (b"[" * 200_000, 2),
    "deep object": (b'{"a":' * 100_000, 2),
    "a list": (b"[]", 1),
    "a string": (b'"x"', 1),
    "duplicate key": (b'{"format": "certificate/1", "format": "certificate/1"}', 1),
    "float": (b'{"format": 1.0}', 1),
    "not a number": (b'{"format": NaN}', 1),
    "infinity": (b'{"format": -Infinity}', 1),
    "long integer": (b'{"format": ' + b"9" * 1_000_000 + b"}", 1),
    "many values": (b"[" + b"0," * 5_000_000 + b"0]", 1),
    "surrogate": (b'{"\\ud800": "\\udfff"}', 1),
    "byte order mark": (b"\xef\xbb\xbf{}", 2),
}


@pytest.mark.parametrize("case", HOSTILE_FILES)
def test_hostile_files(case, tmp_path, capsys):
    path = tmp_path / "hostile.json"
    content, status = HOSTILE_FILES[case]
    path.write_bytes(content)
    assert not check(path).accepted
    assert checker.main([str(path)]) == status
    line = capsys.readouterr().out
    assert line.startswith("refused: ")
    assert line.isascii()
    assert line.count("\n") == 1


@pytest.mark.parametrize("value", [b"bytes", [], {}, None, 3, 2.5, float("nan"), object(), {1: 2}, {"format": []}])
def test_hostile_objects(value):
    assert not check(value).accepted


@pytest.mark.parametrize("path", ["", "no such file", "\0", ".", "/dev/zero", "x" * 10_000])
def test_hostile_paths(path):
    report = check(path)
    assert not report.accepted
    assert report.reason


WRONG = [None, True, -1, 10**30, 0.5, "", "x", "1/3", [], {}, [[]], [{}], {"kind": "x"}, "9" * 30_000, 10**4000]
RETYPED = ["off-policy cycle", "product data", "joint data", "geometric growth", "on-policy limit"]


@pytest.mark.parametrize("name", RETYPED)
def test_wrong_types_anywhere(name):
    """Replace each node of a certificate by values of other types and shapes: nothing but a refusal or a truth."""

    def replaced(node):
        yield from WRONG
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            for other in replaced(value):
                changed = copy.copy(node)
                changed[key] = other
                yield changed

    for mutant in replaced(certificate(name)):
        if check(mutant).accepted:
            assert_true(mutant)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_arbitrary_documents(value):
    assert not check(value).accepted
    assert not check(edit("contraction", ["claim"], value)).accepted
    assert not check(edit("contraction", ["data"], value)).accepted


MODES = certificate("off-policy cycle")["proof"]["modes"] * 5_000
EXPENSIVE = {
    "long prefix": edit("geometric growth", ["proof", "prefix"], 3_999_999),
    "many modes": edit("off-policy cycle", ["proof", "modes"], MODES),
    "long numbers": edit("on-policy limit", ["proof", "prefix"], 3_000),
    "long denominators": edit("contraction", ["initial", "values"], ["1/" + "9" * 19_999, "1/" + "7" * 19_999]),
}


@pytest.mark.parametrize("case", EXPENSIVE)
def test_work_is_bounded(case, monkeypatch):
    monkeypatch.setattr(checker.budget, "MAX_WORK", 20_000)
    assert "too much work" in check(EXPENSIVE[case]).reason


def test_memory_is_bounded():
    """The normal equations of one agent with many actions would need 10^8 numbers."""
    model = mmdp("wide", 0, (6_000,), 1, lambda *_: (0, {0: 1}))
    doc = document(
        model,
        UNIFORM,
        {key: [0] for key in ("values", "optimal_values", "policy_values")} | {"fate": "converges", "greedy": [[0]]},
        {"kind": "contraction", "weights": [1], "factor": 0},
    )
    assert "too much work" in check(doc).reason


def test_command_line_runs_alone(tmp_path):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(certificate("off-policy cycle")))
    bad.write_text(json.dumps(edit("off-policy cycle", ["proof", "widths"], ["1"])))

    def run(*files):
        command = [sys.executable, "-I", "-S", str(ROOT / "checker"), *map(str, files)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)

    assert run(good).returncode == 0
    assert run(good).stdout.startswith("accepted: ")
    refused = run(good, bad)
    assert refused.returncode == 1
    assert "refused: " in refused.stdout
    assert run(good, tmp_path / "absent.json").returncode == 2
    assert run().returncode == 2
    module = [sys.executable, "-m", "proofs_check.checker", str(good)]
    assert subprocess.run(module, cwd=ROOT.parent, capture_output=True, check=False).returncode == 0


def test_a_limit_is_no_cycle_of_period_one():
    """Found by review: V = 2 (1 - 2^-t) tends to 2, which must not be called a cycle."""
    claim = {"fate": "cycles", "period": 1, "orbit": [["2"]], "greedy": [[[0]]]}
    proof = {"kind": "region", "prefix": 0, "origin": ["2"], "modes": [[[0]]], "entry": [[0]]}
    proof |= {"directions": None, "reference": 0, "widths": [], "growth": None}
    model = mmdp("limit", "1/2", (1,), 1, lambda *_: (1, {0: 1}))
    assert "period" in check(document(model, UNIFORM, claim, proof)).reason
