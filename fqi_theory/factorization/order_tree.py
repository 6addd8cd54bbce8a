"""Begun orders of actions: how a search over tuples of orders branches, and which orders are the same but for twins.

A begun order lists an agent's best k actions in sequence; the rest follows in ascending order and means nothing. Twins
are actions of one agent that are interchangeable; of twins the lower index is put first.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from math import factorial, prod

import numpy as np

from fqi_theory.base.errors import TooLarge
from fqi_theory.base.scalars import Array

Order = tuple[int, ...]
Orders = tuple[Order, ...]
Twins = Sequence[int]

#: Up to FEW complete tuples are listed at once, more than MOST begun ones are refused.
FEW, MOST = 600, 2_000_000


def twins_before(tables: Sequence[Array]) -> list[list[int]]:
    """Return per agent and action the last twin of lower index, -1 where there is none.

    tables: (A_1, ..., A_n) each; actions are twins where their rows agree in all of them.
    """
    return [_twins([np.moveaxis(table, i, 0) for table in tables]) for i in range(tables[0].ndim)]


def _twins(rows: Sequence[Array]) -> list[int]:
    keys = [tuple(x for table in rows for x in table[k : k + 1].flat) for k in range(len(rows[0]))]
    return [max((z for z in range(x) if keys[z] == keys[x]), default=-1) for x in range(len(keys))]


def complete(twins: Twins) -> list[Order]:
    """Return all orders of one agent whose twins stand in ascending order."""
    every = permutations(range(len(twins)))
    return [p for p in every if all(t < 0 or p.index(t) < p.index(x) for x, t in enumerate(twins))]


def first_begun(shape: tuple[int, ...], twins: Sequence[Twins]) -> tuple[list[Array], list[int]]:
    """Return all complete tuples where they are few, else every choice of best actions."""
    if prod(map(factorial, shape)) <= FEW:
        return _pairs([np.array(complete(own)) for own in twins]), [max(1, count - 1) for count in shape]
    begun = [np.arange(count)[None] for count in shape]
    return _pairs([_lengthened(order, 0, own)[1] for order, own in zip(begun, twins, strict=True)]), [1] * len(shape)


def _pairs(choices: Sequence[Array]) -> list[Array]:
    """Return all combinations of rows, one array an agent."""
    places = np.indices([len(rows) for rows in choices]).reshape(len(choices), -1)
    return [rows[place] for rows, place in zip(choices, places, strict=True)]


def extended(orders: list[Array], begun: list[int], twins: Sequence[Twins]) -> tuple[list[Array], list[int]]:
    """Return the begun tuples with one more action of the agent whose order is least far begun."""
    counts = [order.shape[1] for order in orders]
    agent = min(
        (i for i, k in enumerate(begun) if k < counts[i] - 1), key=lambda i: (begun[i] / max(1, counts[i] - 1), i)
    )
    most = len(orders[0]) * (counts[agent] - begun[agent])
    if most > MOST:
        raise TooLarge(f"table of shape {tuple(counts)}: more than {MOST} begun orders of actions cannot be told apart")
    source, longer = _lengthened(orders[agent], begun[agent], twins[agent])
    found = [longer if i == agent else order[source] for i, order in enumerate(orders)]
    return found, [k + (i == agent) for i, k in enumerate(begun)]


def _lengthened(orders: Array, begun: int, twins: Twins) -> tuple[Array, Array]:
    """Return (row it continues, order) for every allowed next action; the rest of an order stays ascending."""
    sources, results = [], []
    before = np.asarray(twins)
    for j in range(begun, orders.shape[1]):
        twin = before[orders[:, j]]
        free = np.flatnonzero((twin < 0) | (orders[:, :begun] == twin[:, None]).any(axis=1))
        moved = [*range(begun), j, *range(begun, j), *range(j + 1, orders.shape[1])]
        sources.append(free)
        results.append(orders[free][:, moved])
    return np.concatenate(sources), np.concatenate(results)


def with_twins(orders: Orders, twins: Sequence[Twins]) -> Iterator[Orders]:
    """Yield the tuples of orders that differ from a given one by exchanges of twins."""
    per_agent = []
    for order, before in zip(orders, twins, strict=True):
        head = [_head(before, x) for x in range(len(order))]
        pattern = [head[x] for x in order]
        members = {h: [x for x in range(len(order)) if head[x] == h] for h in set(head)}
        choices = [dict(zip(members, c, strict=True)) for c in product(*map(permutations, members.values()))]
        per_agent.append([_filled(pattern, choice) for choice in choices])
    yield from product(*per_agent)


def _head(before: Twins, action: int) -> int:
    while before[action] >= 0:
        action = before[action]
    return action


def _filled(pattern: Sequence[int], members: dict[int, tuple[int, ...]]) -> Order:
    left = {head: iter(own) for head, own in members.items()}
    return tuple(next(left[head]) for head in pattern)
