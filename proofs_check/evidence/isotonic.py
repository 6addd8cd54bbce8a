"""Exact isotonic regression on product orders, with certificates, and the best monotone mixing (QMIX) of a table.

Given an order of each agent's actions, a table is monotone if it never falls when an agent moves up. The projection
    minimise Σ_a w(a) (x(a) - y(a))²  subject to  x(a) <= x(b) wherever b is one step above a
has x = y's averages on blocks: repeatedly remove the lower set of least average (minimum lower sets; Brunk 1955).
A certificate is a flow μ >= 0 on the tight constraints with
    w(a) (y(a) - x(a)) = Σ_{b above a} μ(a,b) - Σ_{c below a} μ(c,a),
the Karush-Kuhn-Tucker conditions, which for this convex problem prove x optimal.
A monotone mixing orders the actions of each agent by its factor; ties only remove freedom, so the best fit of the
class is the best over all orders of every agent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations, product

from proofs_check.evidence.exact import JointAction, Shape, Table, joint_actions

Order = tuple[int, ...]
Edge = tuple[JointAction, JointAction]


@dataclass(frozen=True)
class MonotoneFit:
    """The projection for one order of each agent's actions (lowest first), its squared error and its multipliers."""

    orders: tuple[Order, ...]
    table: Table
    error: Fraction
    multipliers: dict[Edge, Fraction]


def steps_up(shape: Shape, orders: tuple[Order, ...]) -> list[Edge]:
    """Return all pairs (a, b) where b is a with one agent moved one step up in its order."""
    rank = [{x: r for r, x in enumerate(order)} for order in orders]
    result = []
    for a in joint_actions(shape):
        for i, order in enumerate(orders):
            above = rank[i][a[i]] + 1
            if above < len(order):
                result.append((a, (*a[:i], order[above], *a[i + 1 :])))
    return result


def lower_sets(cells: Iterable[JointAction], edges: list[Edge]) -> set[frozenset[JointAction]]:
    """Return every set that contains with b each a below it, built one element at a time."""
    below: dict[JointAction, set[JointAction]] = {a: set() for a in cells}
    for a, b in edges:
        below[b].add(a)
    found, fresh = {frozenset[JointAction]()}, [frozenset[JointAction]()]
    while fresh:
        base = fresh.pop()
        for a, needed in below.items():
            if a not in base and needed <= base:
                larger = base | {a}
                if larger not in found:
                    found.add(larger)
                    fresh.append(larger)
    return found


def project(values: Table, weights: Table, shape: Shape, orders: tuple[Order, ...]) -> MonotoneFit:
    """Return the exact projection of `values` on the monotone tables of the given orders, with its certificate."""
    edges = steps_up(shape, orders)
    candidates = lower_sets(values, edges)
    done, table = frozenset[JointAction](), dict[JointAction, Fraction]()
    while len(done) < len(values):
        level, larger = min(
            ((_average(values, weights, c - done), c) for c in candidates if c > done),
            key=lambda pair: (pair[0], -len(pair[1])),
        )
        table |= dict.fromkeys(larger - done, level)
        done = larger
    fit = {a: table[a] for a in values}
    error = sum((weights[a] * (values[a] - fit[a]) ** 2 for a in values), Fraction(0))
    return MonotoneFit(orders, fit, error, multipliers(values, weights, fit, edges))


def multipliers(values: Table, weights: Table, fit: Table, edges: list[Edge]) -> dict[Edge, Fraction]:
    """Return a non-negative flow along tight edges that carries each surplus w (y - x) > 0 up to the deficits.

    Raises ArithmeticError when there is none: then `fit` is not the projection.
    """
    tight = [(a, b) for a, b in edges if fit[a] == fit[b]]
    flow = dict.fromkeys(tight, Fraction(0))
    surplus = {a: weights[a] * (values[a] - fit[a]) for a in values}
    for source in values:
        while surplus[source] > 0:
            path = _path(source, surplus, flow)
            if path is None:
                raise ArithmeticError(f"no multipliers: the surplus at {source} cannot be carried up")
            (last, last_sign) = path[-1]
            end = last[1] if last_sign > 0 else last[0]
            amount = min([surplus[source], -surplus[end], *(flow[e] for e, sign in path if sign < 0)])
            for edge, sign in path:
                flow[edge] += sign * amount
            surplus[source] -= amount
            surplus[end] += amount
    if any(surplus.values()):
        raise ArithmeticError("no multipliers: some deficit is left")
    return {edge: mu for edge, mu in flow.items() if mu}


def optimality_gap(values: Table, weights: Table, fit: MonotoneFit, shape: Shape) -> str | None:
    """Check feasibility and the Karush-Kuhn-Tucker conditions; None if they hold, else the first that fails."""
    edges = steps_up(shape, fit.orders)
    for a, b in edges:
        if fit.table[a] > fit.table[b]:
            return f"not monotone: x{a} > x{b}"
    balance = {a: weights[a] * (values[a] - fit.table[a]) for a in values}
    for (a, b), mu in fit.multipliers.items():
        if (a, b) not in edges or mu < 0 or (mu > 0 and fit.table[a] != fit.table[b]):
            return f"multiplier {mu} on {a} -> {b} is not allowed"
        balance[a] -= mu
        balance[b] += mu
    return next((f"stationarity fails at {a}: {rest}" for a, rest in balance.items() if rest != 0), None)


def monotone_fits(values: Table, weights: Table, shape: Shape) -> list[MonotoneFit]:
    """Return the projection for every order of every agent's actions, best first."""
    fits = [project(values, weights, shape, orders) for orders in product(*(permutations(range(k)) for k in shape))]
    return sorted(fits, key=lambda fit: fit.error)


def _average(values: Table, weights: Table, block: frozenset[JointAction]) -> Fraction:
    return Fraction(sum(weights[a] * values[a] for a in block) / sum(weights[a] for a in block))


def _path(source: JointAction, surplus: Table, flow: dict[Edge, Fraction]) -> list[tuple[Edge, int]] | None:
    """Return edges (with +1 forward, -1 backward along positive flow) from a surplus to some deficit."""
    reached: dict[JointAction, list[tuple[Edge, int]]] = {source: []}
    queue = [source]
    for here in queue:
        if surplus[here] < 0:
            return reached[here]
        for (low, high), amount in flow.items():
            if low == here and high not in reached:
                reached[high] = [*reached[here], ((low, high), 1)]
                queue.append(high)
            if high == here and amount > 0 and low not in reached:
                reached[low] = [*reached[here], ((low, high), -1)]
                queue.append(low)
    return None
