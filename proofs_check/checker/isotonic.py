"""Isotonic regression along steps of a product order, proved by its multipliers."""

from __future__ import annotations

from fractions import Fraction

from .budget import Ints, need


def regression(y: list[int], w: list[int], up: list[Ints]) -> tuple[list[Fraction], list[list[int]]]:
    """Return the isotonic regression along `up` and its blocks, after its optimality conditions have been checked.

    A block whose surpluses w (y - mean) can flow up into its deficits is constant, else what they reach is split off.
    Surpluses and flows are integers: times the weight of their block.
    """
    levels, home, blocks, waiting = [Fraction(0)] * len(y), [0] * len(y), list[list[int]](), [list(range(len(y)))]
    while waiting:
        block = waiting.pop()
        weight, moment = sum(w[a] for a in block), sum(w[a] * y[a] for a in block)
        surplus = {a: w[a] * (y[a] * weight - moment) for a in block}
        flow, stuck = _flow(dict(surplus), up)
        if stuck:
            waiting += [[a for a in block if a in stuck], [a for a in block if a not in stuck]]
            continue
        _check_flow(surplus, flow, up)
        mean = Fraction(moment, weight)
        for a in block:
            levels[a], home[a] = mean, len(blocks)
        blocks.append(block)
    rising = all(home[a] == home[b] or levels[a] <= levels[b] for a, above in enumerate(up) for b in above)
    need(rising, "an isotonic regression falls along an order")
    return levels, blocks


def _check_flow(surplus: dict[int, int], flow: dict[tuple[int, int], int], up: list[Ints]) -> None:
    """Verify the Karush-Kuhn-Tucker conditions of a block: with the rising levels they prove the regression optimal."""
    rest = dict(surplus)
    for (low, high), amount in flow.items():
        need(amount >= 0 and high in up[low] and low in rest and high in rest, "a multiplier is not allowed")
        rest[low] -= amount
        rest[high] += amount
    need(not any(rest.values()), "an isotonic regression is not optimal")


def _flow(surplus: dict[int, int], up: list[Ints]) -> tuple[dict[tuple[int, int], int], set[int]]:
    """Return a flow up the block that absorbs all surplus it can, and what the rest still reaches."""
    down: dict[int, list[int]] = {a: [] for a in surplus}
    for a in surplus:
        for b in up[a]:
            if b in surplus:
                down[b].append(a)
    flow, stuck = dict[tuple[int, int], int](), set[int]()
    for source in sorted(surplus):
        while surplus[source] > 0 and source not in stuck:
            came, queue, end = {source: source}, [source], -1
            for here in queue:
                if surplus[here] < 0:
                    end = here
                    break
                steps = [b for b in up[here] if b in surplus] + [a for a in down[here] if flow.get((a, here), 0) > 0]
                for there in steps:
                    if there not in came:
                        came[there] = here
                        queue.append(there)
            if end < 0:
                stuck |= set(came)
            else:
                _send(source, end, came, surplus, flow)
    return flow, stuck


def _send(
    source: int, end: int, came: dict[int, int], surplus: dict[int, int], flow: dict[tuple[int, int], int]
) -> None:
    path, here = list[tuple[int, int]](), end
    while here != source:
        path.append((came[here], here))
        here = came[here]
    amount = min([surplus[source], -surplus[end], *(flow[b, a] for a, b in path if b < a)])
    for a, b in path:
        if b < a:
            flow[b, a] -= amount
        else:
            flow[a, b] = flow.get((a, b), 0) + amount
    surplus[source] -= amount
    surplus[end] += amount
