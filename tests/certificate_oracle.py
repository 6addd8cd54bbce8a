"""The run of a certificate, by a second, slower implementation: orthogonal projection by Gram-Schmidt in fractions.

It shares nothing with the engine or the checker, and decides whether the statement of an accepted mutant is true.
"""

import math
from fractions import Fraction as F
from functools import cache
from itertools import combinations, pairwise, product
from operator import mul

from oracle import eliminate


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
    """The weighted orthogonal projection onto sums of functions of the scopes, (d, M): M/d over the joint actions."""
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
    rows = [[sum((b[k] * c[j] for b, c in zip(basis, columns, strict=True)), F(0)) for j in size] for k in size]
    return over_common(rows)


@cache
def least_norm(sizes, weights, scopes):
    """E[y] plus the q of least norm that fit y - E[y] best, as `projector` returns it: q = G z with G² z = h."""
    joint = list(product(*map(range, sizes)))
    keys = [(scope, own) for scope in scopes if scope for own in product(*(range(sizes[i]) for i in scope))]
    columns = [[F(all(a[i] == x for i, x in zip(scope, own, strict=True))) for a in joint] for scope, own in keys]
    means = [sum(map(mul, weights, column)) for column in columns]
    gram = [[sum(w * x * y for w, x, y in zip(weights, u, v, strict=True)) for v in columns] for u in columns]
    square = [[sum(map(mul, u, v)) for v in gram] for u in gram]
    table = []
    for j, weight in enumerate(weights):
        z = eliminate(square, [weight * (column[j] - m) for column, m in zip(columns, means, strict=True)])
        q = [sum(map(mul, row, z)) for row in gram]
        table.append(
            [weight + sum(x * column[k] for x, column in zip(q, columns, strict=True)) for k in range(len(joint))]
        )
    return over_common(list(zip(*table, strict=True)))


def over_common(rows):
    """Integers over their least common denominator: sums of products need no gcd each."""
    below = math.lcm(*(x.denominator for row in rows for x in row))
    return below, [[x.numerator * (below // x.denominator) for x in row] for row in rows]


def scopes_of(name, agents):
    """The sets of agents that have a function, from the name of a class; those inside another one left out."""
    family, _, text = name.partition(":")
    if family == "graph":
        named = [tuple(map(int, part.split("-"))) for part in text.split(",")]
        return (*named, *((i,) for i in range(agents)))
    size = {"linear": 1, "igm": agents, "joint": agents, "monotonic": agents}.get(family) or min(agents, int(text))
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
            base = [[F(1, size)] * size for size in self.sizes]
            if "exploring" in self.data:
                base = [[F(x) for x in agent[s]] for agent in self.data["exploring"]]
                assert all(min(row) > 0 and sum(row) == 1 for row in base)
            agents = [
                [epsilon * p + (1 - epsilon) * (x == best) for x, p in enumerate(row)]
                for row, best in zip(base, g, strict=True)
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
        fit = least_norm if self.data.get("unsupported") == "choose" else projector
        below, matrix = fit(self.sizes, self.weights(s, g), self.scopes)
        scale, (whole,) = over_common([y])
        products = (F(sum(map(mul, row, whole)), below * scale) for row in matrix)
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


STEPS, NUDGED = 60, 12
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
    if claim["fate"] in ("bounded", "aperiodic"):
        return assert_bounds(doc, positions, oracle.step)
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
        assert g == following[1] or (oracle.moving and "maximum" in (doc["proof"].get("growth") or {}))
    identities = points if oracle.moving else [values for values, _ in points]
    assert len(set(identities)) == len(points)
    prefix = doc["proof"].get("prefix", 0)
    first = max(map(abs, positions[0][0]), default=0) + max(max(map(abs, v)) for v, _ in points)
    for t in range(STEPS - len(points), STEPS):
        values, g = points[(t - prefix) % len(points)]
        assert not oracle.moving or positions[t][1] == g or is_choice(positions[t][1], doc["proof"], t - prefix)
        assert max(abs(x - y) for x, y in zip(positions[t][0], values, strict=True)) <= F(1, 10) * (1 + first)
    return None


def is_choice(greedy, proof, steps):
    """Whether greedy actions, some steps after the prefix, are among those of a proof by choices."""
    if proof["kind"] != "choices":
        return False
    phase = proof["actions"][steps % len(proof["actions"])]
    return all(list(g) in phase[c] for g, c in zip(greedy, proof["classes"], strict=True))


NUDGE = F(1, 10**12)
#: Within so many steps a run moves apart what lies near it: at once, or where single steps may contract.
APART = {"expanding": 1, "repelling": 12}


def assert_bounds(doc, positions, step):
    """The positions keep to the bounds from the prefix on.

    Where no cycle is approached: no value repeats, and steps move apart what lies near each of them, so that the run
    cannot tend to a cycle of the interval without meeting it.
    """
    claim, seen = doc["claim"], positions[doc["proof"]["prefix"] :]
    lower, upper, r = [F(x) for x in claim["lower"]], [F(x) for x in claim["upper"]], claim["reference"]
    moved = [[x - (0 if r is None else values[r]) for x in values] for values, _ in seen]
    for own in moved:
        assert all(low <= x <= high for low, x, high in zip(lower, own, upper, strict=True))
    if claim["fate"] == "aperiodic":
        assert len(set(map(tuple, moved))) == len(moved)
        limit = APART[doc["proof"]["kind"]]
        assert all(moves_apart(seen[t:], r, step, limit) for t in range(min(NUDGED, len(seen) - limit)))


def moves_apart(seen, r, step, limit):
    """A position beside the first, in all states but r, is further from the run within so many steps."""
    values, g = seen[0]
    aside = [x + NUDGE * (s != r) for s, x in enumerate(values)], g
    for following, _ in seen[1 : limit + 1]:
        aside = step(aside)
        change = [x - y for x, y in zip(aside[0], following, strict=True)]
        if max(change) - min(change) > NUDGE:
            return True
    return False


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
