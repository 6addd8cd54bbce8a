"""Systems x = b + A x with few entries, solved along the strongly connected components of who needs whom.

A component is solved once all that it needs is known: one of a single unknown by a division, a larger one by
elimination in its own size. A chain or a tree costs as much as it has entries, where elimination is cubic.
"""

from collections.abc import Iterator, Mapping, Sequence

from flint import fmpq, fmpq_mat

from fqi_theory.base.progress import look

#: The entries of a row that are not 0, by column.
Row = Mapping[int, fmpq]


def components(followers: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the strongly connected components of a graph, each after all that it leads to (Tarjan 1972).

    followers: for each node those that it leads to. The nodes of a component come in no particular order.
    """
    found, lowest, path, open_ = [-1] * len(followers), [0] * len(followers), list[int](), [False] * len(followers)
    count = 0
    for first in range(len(followers)):
        if found[first] >= 0:
            continue
        waiting = [(first, iter(followers[first]))]
        found[first] = lowest[first] = count
        count += 1
        path.append(first)
        open_[first] = True
        while waiting:
            node, coming = waiting[-1]
            following = next((t for t in coming if found[t] < 0 or open_[t]), None)
            if following is not None and found[following] < 0:
                found[following] = lowest[following] = count
                count += 1
                path.append(following)
                open_[following] = True
                waiting.append((following, iter(followers[following])))
            elif following is not None:
                lowest[node] = min(lowest[node], found[following])
            else:
                waiting.pop()
                if waiting:
                    lowest[waiting[-1][0]] = min(lowest[waiting[-1][0]], lowest[node])
                if lowest[node] == found[node]:
                    yield _closed(path, node, open_)


def _closed(path: list[int], node: int, open_: list[bool]) -> list[int]:
    """Take a component off the path, down to the node at which it was entered."""
    own = list[int]()
    while not own or own[-1] != node:
        own.append(path.pop())
        open_[own[-1]] = False
    return own


def fixed_point(rows: Sequence[Row], right: Sequence[fmpq]) -> list[fmpq] | None:
    """Return the x with x = right + rows · x, None where there is none or more than one."""
    x = [fmpq(0)] * len(rows)
    for own in components([list(row) for row in rows]):
        look()
        if len(own) == 1:
            (s,) = own
            rest = 1 - rows[s].get(s, fmpq(0))
            if rest == 0:
                return None
            x[s] = (right[s] + sum((a * x[t] for t, a in rows[s].items() if t != s), fmpq(0))) / rest
            continue
        places = {s: k for k, s in enumerate(own)}
        system = [[fmpq(int(s == t)) - rows[s].get(t, fmpq(0)) for t in own] for s in own]
        level = [right[s] + sum((a * x[t] for t, a in rows[s].items() if t not in places), fmpq(0)) for s in own]
        try:
            solved = fmpq_mat(system).solve(fmpq_mat(len(own), 1, level)).entries()
        except ZeroDivisionError:
            return None
        for s, value in zip(own, solved, strict=True):
            x[s] = value
    return x


def depth(rows: Sequence[Row]) -> int | None:
    """Return after how many products with the matrix every vector has become constant; None where that is not shown.

    Shown by the places of its entries alone: a single node leads to itself, and to nothing else, and all others lead
    to it along ways that end. Rows are expected to have one sum.
    """
    longest = [0] * len(rows)
    loops = 0
    for own in components([list(row) for row in rows]):
        (s, *more) = own
        if more:
            return None
        if s in rows[s]:
            loops += 1
            if loops > 1 or len(rows[s]) > 1:
                return None
        else:
            longest[s] = 1 + max((longest[t] for t in rows[s]), default=0)
    return max(longest) if loops == 1 else None
