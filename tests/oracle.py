"""A slow second opinion in `fractions`: least squares by Gaussian elimination, value iteration by loops.

It shares nothing with the engine but the definition of the model: `Game` is read off an MMDP entry by entry.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product


def fraction(x):
    return Fraction(int(x.p), int(x.q))


@dataclass(frozen=True)
class Game:
    """reward[s][a] and row[s][a] = {s': P} for joint actions a (tuples); joint: all of them in lexicographic order."""

    states: int
    counts: tuple
    discount: Fraction
    reward: dict
    row: dict

    @property
    def joint(self):
        return list(product(*map(range, self.counts)))


def game(model):
    joint = list(product(*map(range, model.action_counts)))
    tensor = model.transition.dense()
    places = [(s, a) for s in range(model.n_states) for a in joint]
    reward = {(s, a): fraction(model.reward[(s, *a)]) for s, a in places}
    row = {(s, a): [fraction(p) for p in tensor[(s, *a)]] for s, a in places}
    return Game(model.n_states, model.action_counts, fraction(model.discount), reward, row)


def backup(g, values):
    return {
        place: g.reward[place] + g.discount * sum(p * v for p, v in zip(g.row[place], values, strict=True))
        for place in g.reward
    }


def eliminate(matrix, right):
    """Return one solution of a consistent linear system; free unknowns are 0."""
    rows = [[*row, r] for row, r in zip(matrix, right, strict=True)]
    columns, pivots, top = len(matrix[0]), [], 0
    for c in range(columns):
        k = next((k for k in range(top, len(rows)) if rows[k][c] != 0), None)
        if k is None:
            continue
        rows[top], rows[k] = rows[k], rows[top]
        rows[top] = [x / rows[top][c] for x in rows[top]]
        for other in range(len(rows)):
            if other != top and rows[other][c] != 0:
                factor = rows[other][c]
                rows[other] = [x - factor * y for x, y in zip(rows[other], rows[top], strict=True)]
        pivots.append(c)
        top += 1
    assert all(row[-1] == 0 for row in rows[top:]), "inconsistent system"
    solution = [Fraction(0)] * columns
    for row, c in zip(rows, pivots, strict=False):
        solution[c] = row[-1]
    return solution


def additive_fit(y, weight, counts):
    """Return the table of a minimiser of Σ_a weight[a] (y[a] - Σ_i q_i(a_i))²; unique where weight > 0.

    Built from the design matrix itself, one row a joint action, and its normal equations.
    """
    columns = [(i, x) for i, count in enumerate(counts) for x in range(count)]
    joint = list(product(*map(range, counts)))
    design = {a: [Fraction(a[i] == x) for i, x in columns] for a in joint}
    size = range(len(columns))
    normal = [[sum(weight[a] * design[a][u] * design[a][v] for a in joint) for v in size] for u in size]
    right = [sum(weight[a] * design[a][u] * y[a] for a in joint) for u in size]
    q = eliminate(normal, right)
    return {a: sum(d * x for d, x in zip(design[a], q, strict=True)) for a in joint}


def class_columns(counts, sets):
    """Return the design of sums of functions on sets of agents: {a: row}, a column for each (set, actions of it)."""
    columns = [(own, x) for own in sets for x in product(*(range(counts[i]) for i in own))]
    joint = product(*map(range, counts))
    return {a: [Fraction(tuple(a[i] for i in own) == x) for own, x in columns] for a in joint}


def class_fit(y, weight, counts, sets):
    """Return the table of a minimiser of Σ_a weight[a] (y[a] - Σ_T q_T(a_T))² over functions q_T of sets T of agents.

    Normal equations of one column for each action of each set; unique where `weight` determines it.
    """
    design = class_columns(counts, sets)
    size = range(len(next(iter(design.values()))))
    rows = {a: [u for u in size if row[u]] for a, row in design.items()}
    normal, right = [[Fraction(0) for _ in size] for _ in size], [Fraction(0) for _ in size]
    for a, own in rows.items():
        for u in own:
            right[u] += weight[a] * y[a]
            for v in own:
                normal[u][v] += weight[a]
    q = eliminate(normal, right)
    return {a: sum((q[u] for u in own), Fraction(0)) for a, own in rows.items()}


def rank(rows):
    """Return the rank of a matrix of fractions, by elimination."""
    left, found = [list(row) for row in rows], 0
    for c in range(len(left[0])):
        k = next((k for k in range(found, len(left)) if left[k][c] != 0), None)
        if k is None:
            continue
        left[found], left[k] = left[k], left[found]
        for other in range(found + 1, len(left)):
            factor = left[other][c] / left[found][c]
            left[other] = [x - factor * y for x, y in zip(left[other], left[found], strict=True)]
        found += 1
    return found


def linear_step(g, values, weights):
    """Return (tables per state, new values) of one iteration; weights[s][a] are p_D(a|s)."""
    y = backup(g, values)
    tables = [additive_fit({a: y[s, a] for a in g.joint}, weights[s], g.counts) for s in range(g.states)]
    return tables, [max(table.values()) for table in tables]


def policy_value(g, policy):
    """Return V^π by elimination; policy[s] is a joint action."""
    size = range(g.states)
    matrix = [[Fraction(s == t) - g.discount * g.row[s, policy[s]][t] for t in size] for s in size]
    return eliminate(matrix, [g.reward[s, policy[s]] for s in size])


def best_values(g):
    """Return V* as the entrywise maximum over all deterministic joint policies."""
    found = [policy_value(g, policy) for policy in product(g.joint, repeat=g.states)]
    return [max(column) for column in zip(*found, strict=True)]


def value_iteration(g, steps):
    values = [Fraction(0)] * g.states
    for _ in range(steps):
        y = backup(g, values)
        values = [max(y[s, a] for a in g.joint) for s in range(g.states)]
    return values


#: The two-state example of the theory notes, section 4 (states s0, s1), and the payoff tables of section 7.
TWO_STATE_REWARD = [[[0, 0], [0, 0]], [[1, 0], [0, 0]]]
TWO_STATE_SUCCESSOR = [[[0, 0], [0, 0]], [[1, 1], [1, 0]]]
GAME_2 = [[8, -12, -12], [-12, 0, 0], [-12, 0, 0]]
LECTURE_GAME = [[8, -12], [-12, 0]]


def sets_up_to(agents, order):
    """Return the sets of exactly min(order, agents) agents."""
    return list(combinations(range(agents), min(order, agents)))


def fit_weights(counts, weight, sets):
    """Return W[a][b]: the fit of each unit table on Σ_S q_S(a_S), by redundant indicators and elimination."""
    columns = [(s, x) for s in sets for x in product(*(range(counts[i]) for i in s))]
    joint = list(product(*map(range, counts)))
    row = {a: [Fraction(all(a[i] == v for i, v in zip(s, x, strict=True))) for s, x in columns] for a in joint}
    size = range(len(columns))
    normal = [[sum(weight[a] * row[a][u] * row[a][v] for a in joint) for v in size] for u in size]
    found = {a: {} for a in joint}
    for b in joint:
        q = eliminate(normal, [weight[b] * row[b][u] for u in size])
        for a in joint:
            found[a][b] = sum(x * y for x, y in zip(row[a], q, strict=True))
    return found


def negative_mass(counts, weight, sets):
    """Return max over a of the sum of -W(a,b) over W(a,b) < 0."""
    return max(sum(max(Fraction(0), -w) for w in row.values()) for row in fit_weights(counts, weight, sets).values())


def product_weight(marginals):
    """Return {a: Π_i p_i(a_i)}."""
    weight = {}
    for a in product(*(range(len(own)) for own in marginals)):
        weight[a] = Fraction(1)
        for own, x in zip(marginals, a, strict=True):
            weight[a] *= own[x]
    return weight
