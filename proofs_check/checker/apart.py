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
from operator import add, itemgetter, mul

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
    own, times, columns = _played(sizes), [n * size for size in sizes for _ in range(size)], []
    starts = list(accumulate(sizes, initial=0))[:-1]
    for column in zip(*targets, (0,) * width, strict=True):
        sums = [sum(taken(column)) for taken in own]
        firsts = [size * sums[start] for size, start in zip(sizes, starts, strict=True)]
        base = sum(firsts) - (n - 1) * sum(sums[: sizes[0]])
        shifts = [base - n * first for first, size in zip(firsts, sizes, strict=True) for _ in range(size)]
        columns.append(map(add, map(mul, times, sums), shifts))
    return n * count, list(zip(*columns, strict=True)), bits


@lru_cache(8)
def _played(sizes: Ints) -> list[itemgetter[Ints]]:
    """Return what takes the joint actions in which agent i plays x from a column, for agent after agent.

    And one place behind them, where a 0 stands: of a single place no tuple would be taken.
    """
    found: list[itemgetter[Ints]] = []
    count = stride = math.prod(sizes)
    for size in sizes:
        around, stride = stride, stride // size
        for x in range(size):
            starts = range(x * stride, count, around)
            found.append(itemgetter(*[start + k for start in starts for k in range(stride)], count))
    return found
