"""Factored FQI over available joint actions only, in fractions and from the definitions: no copies anywhere.

A joint action is a tuple of indices. Least squares solve normal equations over the available joint actions of a state;
the monotonic class tries all tuples of orders of the available actions, each by brute force over upper sets.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations, product
from random import Random

from monotone_oracle import by_min_max
from oracle import eliminate


@dataclass(frozen=True)
class Masked:
    """available[s][i]: the actions of agent i in state s; reward[s, a]; row[s, a]: probabilities (S,)."""

    counts: tuple
    available: tuple
    discount: Fraction
    reward: dict
    row: dict

    @property
    def states(self):
        return len(self.available)

    def joint(self, s):
        return list(product(*self.available[s]))


def drawn(seed, states=(1, 3), shapes=((2, 2), (3, 2), (3, 3), (2, 2, 2), (4, 1), (3,)), most=3):
    """Return a masked model of small numbers, so that ties occur; at most `most` actions an agent are available."""
    random = Random(seed)
    size, counts = random.randint(*states), random.choice(shapes)
    available = tuple(
        tuple(tuple(sorted(random.sample(range(count), random.randint(1, min(count, most))))) for count in counts)
        for _ in range(size)
    )
    places = [(s, a) for s in range(size) for a in product(*available[s])]
    reward = {place: Fraction(random.randint(-2, 2), random.choice((1, 1, 2))) for place in places}
    row = {place: distribution(random, size) for place in places}
    return Masked(counts, available, Fraction(random.randint(0, 9), 10), reward, row)


def distribution(random, size, low=0):
    odds = [random.randint(low, 3) for _ in range(size)]
    odds[random.randrange(size)] += 1
    return [Fraction(x, sum(odds)) for x in odds]


def backup(g, s, values):
    return {
        a: g.reward[s, a] + g.discount * sum(p * v for p, v in zip(g.row[s, a], values, strict=True))
        for a in g.joint(s)
    }


def pick(table, ties):
    """Return the first (last) maximiser among joint actions in lexicographic order."""
    best = [a for a in sorted(table) if table[a] == max(table.values())]
    return best[0] if ties == "first" else best[-1]


def sums(scopes):
    """Least squares over sums of functions of the sets of agents: normal equations in indicators."""

    def fit(y, weight, ties):
        cells = sorted(y)
        columns = sorted({(scope, tuple(a[i] for i in scope)) for scope in scopes for a in cells})
        rows = {a: [int(tuple(a[i] for i in scope) == own) for scope, own in columns] for a in cells}
        indices = range(len(columns))
        gram = [[sum(weight[a] * rows[a][j] * rows[a][k] for a in cells) for k in indices] for j in indices]
        right = [sum(weight[a] * rows[a][j] * y[a] for a in cells) for j in indices]
        q = eliminate(gram, right)
        table = {a: sum(x * z for x, z in zip(q, rows[a], strict=True)) for a in cells}
        return table, pick(table, ties)

    return fit


def order_sums(order):
    return lambda n: sums([scope for k in range(1, min(order, n) + 1) for scope in combinations(range(n), k)])


def exact(y, _weight, ties):
    return y, pick(y, ties)


def product_sets(y, _weight, ties):
    """QPLEX: the maximisers must be a product set; None where they are not."""
    best = [a for a in y if y[a] == max(y.values())]
    box = list(product(*(sorted({a[i] for a in best}) for i in range(len(best[0])))))
    return (y, pick(y, ties)) if len(box) == len(best) else None


def monotone(y, weight, ties):
    """The best monotone table: the first (last) of the tuples of orders of least error, written best action first."""
    agents = range(len(next(iter(y))))
    own = [sorted({a[i] for a in y}) for i in agents]
    found = []
    for orders in product(*(list(permutations(actions)) for actions in own)):
        up = [order[::-1] for order in orders]
        ranked = {tuple(up[i].index(a[i]) for i in agents): a for a in y}
        shape = tuple(map(len, orders))
        table = by_min_max({r: y[a] for r, a in ranked.items()}, {r: weight[a] for r, a in ranked.items()}, shape)
        fitted = {a: table[r] for r, a in ranked.items()}
        error = sum(weight[a] * (y[a] - fitted[a]) ** 2 for a in y)
        found.append((error, orders, fitted))
    least = min(error for error, _, _ in found)
    tied = sorted((orders, fitted) for error, orders, fitted in found if error == least)
    orders, fitted = min(tied, key=lambda x: x[0]) if ties == "first" else max(tied, key=lambda x: x[0])
    return fitted, tuple(order[0] for order in orders)


def step(g, fit, weights, ties, values, greedy, tables=None):
    """Return (V, greedy, tables) after one iteration; None where a fit is not attained.

    weights(s, greedy, y, table) gives p over the joint actions of a state.
    """
    following = []
    for s in range(g.states):
        y = backup(g, s, values)
        following.append(fit(y, weights(s, greedy[s], y, tables and tables[s]), ties))
    if None in following:
        return None
    fitted = [table for table, _ in following]
    return [max(table.values()) for table in fitted], [a for _, a in following], fitted


def run(g, fit, weights, ties, steps):
    """Yield (V, greedy, tables) of `steps` iterations from Q = 0, ending early where a fit is not attained."""
    tables = [dict.fromkeys(g.joint(s), Fraction(0)) for s in range(g.states)]
    now = [Fraction(0)] * g.states, [pick(table, ties) for table in tables], tables
    for _ in range(steps):
        now = step(g, fit, weights, ties, *now)
        if now is None:
            return
        yield now
