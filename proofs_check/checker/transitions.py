"""The transitions of a model whose numbers are short, read column by column; others are read entry by entry.

The result is the same (a test says so). What is not as expected here is left to that reading, which has words for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain, product, repeat
from operator import itemgetter
from typing import Any

from .budget import LONG, SHORT, Ints, Work
from .numerals import written

_MEMBERS = itemgetter("state", "action", "reward", "next")


def short_targets(model: Any, work: Work) -> list[tuple[int, list[Ints]]] | None:
    """Return `Model.targets` of an mmdp/1 document; None where anything that they are made of is not as expected.

    Nothing else in the document is looked at: the targets are those of the model only if the rest is right, too.
    """
    try:
        states, agents, (own, actions, rewards, following) = _columns(model, work)
        order = _order([states, *agents], [own, *zip(*actions, strict=True)])
        scale, levels, chances = _scaled(model["discount"], rewards, following, work)
        known = set[object]().union(*following).issubset(states)
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    count = len(rewards) // len(states)
    if not known:
        return None
    if len(states) >= LONG:
        rows = _entered(states, map(levels.__getitem__, rewards), following, chances, work)
        sums = {sum(row) - row[0] for row in rows}
    else:
        columns = [list(map(chances.__getitem__, map(dict.get, following, repeat(name)))) for name in states]
        sums = set(map(sum, zip(*columns, strict=True)))
        rows = list(zip(map(levels.__getitem__, rewards), *columns, strict=True))
        work.pay(3 * len(rows) * (1 + len(states)), 2 * SHORT, SHORT, len(rows) * (1 + len(states)))
    if sums != {chances["1"]}:
        return None
    found = rows if order is None else [rows[k] for k in order]
    return [_reduced(scale, found[k : k + count]) for k in range(0, len(found), count)]


def _entered(
    states: Sequence[str],
    levels: Iterable[int],
    following: Sequence[dict[str, Any]],
    chances: dict[Any, int],
    work: Work,
) -> list[Ints]:
    """Return the rows one by one, in which few of many states follow."""
    width, places = 1 + len(states), {name: k for k, name in enumerate(states, 1)}
    work.spend(len(following) * (200 + 30 * width) + 30 * sum(map(len, following)))
    rows = []
    for level, own in zip(levels, following, strict=True):
        row = [0] * width
        row[0] = level
        for name, text in own.items():
            row[places[name]] = chances[text]
        rows.append(tuple(row))
    return rows


def _columns(model: Any, work: Work) -> tuple[list[str], list[list[str]], list[Any]]:
    """Return the names of states and actions, and the members of all entries; raise where one has another type."""
    states, agents, entries = model["states"], model["actions"], model["transitions"]
    kinds = set(map(type, (states, agents, entries, *agents))), set(map(type, entries)), set(map(len, entries))
    if kinds != ({list}, {dict}, {4}):
        raise TypeError
    work.spend(150 * len(entries) * (5 + len(agents)))
    columns = list(zip(*map(_MEMBERS, entries), strict=True))
    if set(map(type, columns[1])) != {list} or set(map(type, columns[3])) != {dict}:
        raise TypeError
    work.spend(150 * sum(map(len, columns[3])))
    return states, agents, columns


def _order(names: Sequence[Sequence[str]], columns: Sequence[Sequence[str]]) -> list[int] | None:
    """Return where each state's joint actions stand, None if in row-major order; raise unless each is there, once."""
    keys = list(zip(*columns, strict=True))
    if math.prod(map(len, names)) != len(keys):
        raise LookupError
    every = list(product(*names))
    if keys == every:
        return None
    places = {key: k for k, key in enumerate(keys)}
    return [places[key] for key in every]


def _scaled(
    discount: Any, rewards: Sequence[Any], following: Sequence[dict[str, Any]], work: Work
) -> tuple[int, dict[Any, int], dict[Any, int]]:
    """Return L, {reward: L r}, {chance: L γ p}, keys as written, None for 0; raise unless numbers are short.

    γ > 0, so that chances sum to 1 where these sum to L γ.
    """
    gains, chances = _numbers(rewards, work), _numbers(("1", *chain(*map(dict.values, following))), work)
    gain, unit = _numbers([discount], work)[discount]
    over, parts = unit * _multiple(q for _, q in chances.values()), _multiple(q for _, q in gains.values())
    scale = _multiple([over, parts])
    if gain <= 0 or min(chances.values())[0] < 0:
        raise ValueError
    levels = {text: p * (scale // q) for text, (p, q) in gains.items()}
    return scale, levels, {None: 0} | {text: gain * p * (scale // (unit * q)) for text, (p, q) in chances.items()}


def _numbers(texts: Iterable[Any], work: Work) -> dict[Any, tuple[int, int]]:
    """Return numerators and denominators of what is written; raise where it is no short number."""
    distinct = set(texts)
    work.spend(600 * len(distinct))
    return {text: written(text) for text in distinct}


def _multiple(numbers: Iterable[int]) -> int:
    """Return the least common multiple; raise when it is not short."""
    found = 1
    for number in set(numbers):
        found = math.lcm(found, number)
        if found.bit_length() > SHORT:
            raise ValueError
    return found


def _reduced(scale: int, rows: Sequence[Ints]) -> tuple[int, list[Ints]]:
    """Return rows over the least scale."""
    part = math.gcd(scale, *chain(*rows))
    return (scale, list(rows)) if part == 1 else (scale // part, [tuple([x // part for x in row]) for row in rows])
