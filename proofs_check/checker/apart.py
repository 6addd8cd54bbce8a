"""The fit of functions of single agents under data in which agents act independently.

Under positive weights Π_i w_i(a_i) these functions are orthogonal but for their means, so the fit needs no normal
equations: Q_i(x) = E[y | a_i = x] - (n-1)/n E[y]. A test holds it equal to theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import product, repeat
from operator import itemgetter, mul, sub

from .budget import Ints, Work
from .factorization import bounded


def product_projection(marginals: Sequence[Ints], weights: Ints, work: Work) -> tuple[int, list[Ints]]:
    """Return (d, M): the factors of agent after agent, all actions, are M/d times y(s,·); d = n W, W = Σ weights.

    n W E[y | a_i = x] is the sum of y under n W_i at x and 0 at other actions of i, W_i = Σ w_i, and the others' w.
    """
    n, totals, rows = len(marginals), list(map(sum, marginals)), []
    bounded(1 + sum(map(len, marginals)) - n, len(weights))
    bits, numbers = sum(total.bit_length() for total in (n, *totals)), sum(map(len, marginals)) * len(weights)
    work.pay(numbers * (10 + n), bits, max(totals).bit_length(), numbers)
    for i, own in enumerate(marginals):
        before, after = marginals[:i], marginals[i + 1 :]
        for x in range(len(own)):
            only = [0] * len(own)
            only[x] = n * totals[i]
            given = map(math.prod, product(*before, only, *after))
            rows.append(tuple([p - (n - 1) * weight for p, weight in zip(given, weights, strict=True)]))
    return n * math.prod(totals), rows


def even_factors(sizes: Ints, targets: Sequence[Ints], bits: int, work: Work) -> tuple[int, list[Ints], int]:
    """Return (d, rows, bits): where all weights are 1, the factors of agent after agent, all actions, are rows/d.

    bits: the length of the numbers, given that of the targets.
    """
    n, count, width = len(sizes), len(targets), len(targets[0])
    bounded(1 + sum(sizes) - n, count)
    bits += 2 * n.bit_length() + count.bit_length()
    work.pay((n * count + 4 * sum(sizes)) * width, bits, n.bit_length(), 2 * sum(sizes) * width)
    work.spend(10 * count * sum(sizes))
    own, times, columns = _played(sizes), [n * size for size in sizes for _ in range(size)], []
    for column in zip(*targets, (0,) * width, strict=True):
        sums = [sum(taken(column)) for taken in own]
        mean = (n - 1) * sum(sums[: sizes[0]])
        columns.append(map(sub, map(mul, times, sums), repeat(mean)))
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
