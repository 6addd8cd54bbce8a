"""The fit of functions of single agents under data in which agents act independently.

Under positive weights Π_i w_i(a_i) these functions are orthogonal but for their means, so the fit needs no normal
equations: Q_tot(a) = Σ_i E[y | a_i] - (n-1) E[y], and as there Q_i(x) = Q_tot(0)/n + E[y | a_i = x] - E[y | a_i = 0],
0 the first action of every agent. A test holds both equal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, product
from operator import itemgetter
from typing import NamedTuple

from .budget import Ints, Work
from .factorization import bounded


def product_projection(marginals: Sequence[Ints], weights: Ints, work: Work) -> tuple[int, list[Ints]]:
    """Return (d, M): the factors of agent after agent, all actions, are M/d times y(s,·); d = n W, W = Σ weights.

    W E[y | a_i = x] is the sum of y under W_i at x and 0 at other actions of i, W_i = Σ w_i, and the others' w.
    """
    n, totals = len(marginals), list(map(sum, marginals))
    bounded(1 + sum(map(len, marginals)) - n, len(weights))
    bits, numbers = sum(total.bit_length() for total in (n, *totals)), sum(map(len, marginals)) * len(weights)
    work.pay(numbers * (16 + n), bits, max(totals).bit_length(), 3 * numbers)
    means = list[list[Ints]]()
    for i, own in enumerate(marginals):
        only = [tuple([totals[i] if k == x else 0 for k in range(len(own))]) for x in range(len(own))]
        around = [(*marginals[:i], one, *marginals[i + 1 :]) for one in only]
        means.append([tuple(map(math.prod, product(*parts))) for parts in around])
    base = [sum(column) for column in zip(*[rows[0] for rows in means], [(1 - n) * w for w in weights], strict=True)]
    rows = [[n * (x - y) + b for x, y, b in zip(row, own[0], base, strict=True)] for own in means for row in own]
    return n * math.prod(totals), list(map(tuple, rows))


def even_factors(sizes: Ints, targets: Sequence[Ints], bits: int, work: Work) -> tuple[int, list[Ints], int]:
    """Return (d, rows, bits): where all weights are 1, the factors of agent after agent, all actions, are rows/d.

    bits: the length of the numbers, given that of the targets.
    """
    n, count, width = len(sizes), len(targets), len(targets[0])
    bounded(1 + sum(sizes) - n, count)
    bits += 2 + 2 * n.bit_length() + count.bit_length()
    work.pay((n * count + 6 * sum(sizes)) * width, bits, n.bit_length(), 3 * sum(sizes) * width)
    work.spend(10 * count * sum(sizes))
    (taken, firsts, times, agents), columns = _plan(sizes), []
    for column in zip(*targets, (0,) * width, strict=True):
        sums = [sum(own(column)) for own in taken]
        base = sum([size * sums[first] for first, size in agents]) - (n - 1) * sum(sums[: sizes[0]])
        columns.append([base + k * (x - sums[first]) for x, first, k in zip(sums, firsts, times, strict=True)])
    return n * count, list(zip(*columns, strict=True)), bits


class _Plan(NamedTuple):
    """For all actions x, agent i after agent: what takes the joint actions with a_i = x from a column; where i's first
    action stands; n |A_i|. And for each agent the last two of its first action, n left out.

    Taken is one place more behind the joint actions, where a 0 stands: of a single place no tuple would be taken.
    """

    taken: list[itemgetter[Ints]]
    firsts: list[int]
    times: list[int]
    agents: list[tuple[int, int]]


@lru_cache(8)
def _plan(sizes: Ints) -> _Plan:
    taken: list[itemgetter[Ints]] = []
    count = stride = math.prod(sizes)
    for size in sizes:
        around, stride = stride, stride // size
        for x in range(size):
            starts = range(x * stride, count, around)
            taken.append(itemgetter(*[start + k for start in starts for k in range(stride)], count))
    agents = list(zip(accumulate(sizes, initial=0), sizes, strict=False))
    firsts, times = zip(*[(first, len(sizes) * size) for first, size in agents for _ in range(size)], strict=True)
    return _Plan(taken, list(firsts), list(times), agents)
