"""The runs of certificates of the monotonic class, in fractions: every tuple of orders, every upper set."""

from fractions import Fraction as F
from itertools import permutations, product
from math import prod

from certificate_oracle import assert_bounds
from monotone_oracle import by_levels

FAR = 6


class QmixOracle:
    """The run of a certificate document; positions are (V, g, Q_tot) with Q_tot None where it is not given."""

    def __init__(self, doc):
        model = doc["model"]
        self.discount, self.states = F(model["discount"]), model["states"]
        self.sizes, self.ties = tuple(map(len, model["actions"])), doc["ties"]
        self.joint = list(product(*map(range, self.sizes)))
        data = doc["data"]
        self.scheme = data["kind"] if "base" in data else None
        self.alpha, self.base = F(data.get("alpha", 1)), data.get("base", data)
        entries = {}
        for entry in model["transitions"]:
            a = tuple(names.index(x) for names, x in zip(model["actions"], entry["action"], strict=True))
            entries[self.states.index(entry["state"]), a] = entry
        self.reward = {key: F(entry["reward"]) for key, entry in entries.items()}
        self.chances = {
            key: {self.states.index(t): F(p) for t, p in entry["next"].items()} for key, entry in entries.items()
        }

    @property
    def moving(self):
        return self.base["kind"] == "epsilon-greedy" or self.scheme == "central"

    def flat(self, tables):
        """Return nested tables as {joint action: number} a state."""
        for _ in self.sizes[1:]:
            tables = [[x for part in table for x in part] for table in tables]
        return [dict(zip(self.joint, map(F, table), strict=True)) for table in tables]

    def position(self, values, greedy, tables):
        return list(map(F, values)), [tuple(g) for g in greedy], None if tables is None else self.flat(tables)

    def targets(self, s, values):
        return {
            a: self.reward[s, a] + self.discount * sum(p * values[t] for t, p in self.chances[s, a].items())
            for a in self.joint
        }

    def share(self, s, g, a):
        """Return p_D(a|s) of the base data around g."""
        if self.base["kind"] == "joint":
            return self.flat(self.base["joint"])[s][a]
        if self.base["kind"] == "product":
            return prod(F(agent[s][x]) for agent, x in zip(self.base["marginals"], a, strict=True))
        epsilon = F(self.base.get("epsilon", 1))
        explored = [F(1, size) for size in self.sizes]
        if "exploring" in self.base:
            explored = [F(agent[s][x]) for agent, x in zip(self.base["exploring"], a, strict=True)]
        return prod(epsilon * p + (1 - epsilon) * (x == best) for p, x, best in zip(explored, a, g, strict=True))

    def weight(self, s, now, y, a):
        values, greedy, tables = now
        own = self.share(s, greedy[s], a)
        if self.scheme == "central":
            return own if y[a] > values[s] or a == greedy[s] else own * self.alpha
        if self.scheme == "optimistic":
            return own if tables[s][a] < y[a] else own * self.alpha
        return own

    def fit(self, y, w):
        """Return (orders, Q_tot) of the best monotone fit under the tie rule."""
        found = []
        for orders in product(*(permutations(range(size)) for size in self.sizes)):
            ranks = {
                tuple(size - 1 - o.index(x) for size, o, x in zip(self.sizes, orders, a, strict=True)): a
                for a in self.joint
            }
            x = by_levels({r: y[a] for r, a in ranks.items()}, {r: w[a] for r, a in ranks.items()}, self.sizes)
            table = {a: x[r] for r, a in ranks.items()}
            found.append((sum(w[a] * (y[a] - table[a]) ** 2 for a in self.joint), orders, table))
        least = min(error for error, _, _ in found)
        best = [own for own in found if own[0] == least]
        return (min if self.ties == "first" else max)(best, key=lambda own: own[1])[1:]

    def step(self, now):
        values, greedy, tables = [], [], []
        for s in range(len(self.states)):
            y = self.targets(s, now[0])
            orders, table = self.fit(y, {a: self.weight(s, now, y, a) for a in self.joint})
            values.append(max(table.values()))
            greedy.append(tuple(order[0] for order in orders))
            tables.append(table)
        return values, greedy, tables if self.scheme == "optimistic" else None


def apart(one, other):
    """Return the largest difference of V and, where given, of Q_tot."""
    gaps = [abs(x - y) for x, y in zip(one[0], other[0], strict=True)]
    for table, own in zip(one[2] or (), other[2] or (), strict=True):
        gaps += [abs(table[a] - own[a]) for a in own]
    return max(gaps)


def assert_true(doc):
    """Repeat the claimed steps, and follow the run long enough to see it come nearer to the claimed positions."""
    oracle, claim = QmixOracle(doc), doc["claim"]
    if claim["fate"] == "bounded":
        now = oracle.position(*(doc["initial"].get(key) for key in ("values", "greedy", "tables")))
        run = [now] + [now := oracle.step(now) for _ in range(FAR)]
        assert_bounds(doc, [(values, greedy) for values, greedy, _ in run], oracle.step)
        return
    if claim["fate"] == "cycles":
        tables = claim.get("tables", [None] * claim["period"])
        points = [oracle.position(*own) for own in zip(claim["orbit"], claim["greedy"], tables, strict=True)]
        assert len(points) == claim["period"] > 1
    else:
        points = [oracle.position(claim["values"], claim["greedy"], claim.get("tables"))]
        best, own = (list(map(F, claim[key])) for key in ("optimal_values", "policy_values"))
        for s, a in enumerate(points[0][1]):
            assert best[s] == max(oracle.targets(s, best).values())
            assert own[s] == oracle.targets(s, own)[a]
    ray = doc["proof"]["kind"] == "ray"
    for j, point in enumerate(points if not ray else []):
        assert oracle.step(point) == points[(j + 1) % len(points)]
    identities = [(*v, str(g) * (oracle.moving or ray), str(q)) for v, g, q in points]
    assert len(set(identities)) == len(points)
    now = oracle.position(*(doc["initial"].get(key) for key in ("values", "greedy", "tables")))
    for _ in range(doc["proof"]["prefix"]):
        now = oracle.step(now)
    gap = apart(now, points[0])
    for j in range(1, FAR + 1):
        assert not oracle.moving or now[1] == points[(j - 1) % len(points)][1]
        now = oracle.step(now)
        assert not ray or now[1] == points[j % len(points)][1]
        gap *= oracle.discount
        assert apart(now, points[j % len(points)]) <= gap
