"""The fit of functions of single agents under data in which agents act independently.

Under positive weights Π_i w_i(a_i) these functions are orthogonal but for their means, so the fit needs no normal
equations: Q_i(x) = E[y | a_i = x] - (n-1)/n E[y]. A test holds it equal to theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, product
from operator import itemgetter

from .budget import Ints, Work, length_of


def product_projection(marginals: Sequence[Ints], weights: Ints, work: Work) -> tuple[int, list[Ints]]:
    """Return (d, M): the factors of agent after agent, all actions, are M/d times y(s,·); d = n W, W = Σ weights.

    n W E[y | a_i = x] is the sum of y under n W_i at x and 0 at other actions of i, W_i = Σ w_i, and the others' w.
    """
    n, totals, rows = len(marginals), list(map(sum, marginals)), []
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


def even_factors(
    sizes: Ints, played: Sequence[itemgetter[Ints]], targets: Sequence[Ints], work: Work
) -> tuple[int, list[int]]:
    """Return (d, numbers): where all weights are 1, the factors of agent after agent are numbers/d, row after row.

    played: for agent after agent and each of its actions, the getter of the joint actions in which it is played, and of
    one place more, where a 0 stands.
    """
    n, count, width = len(sizes), len(targets), len(targets[0])
    length = length_of(targets) + n.bit_length() + count.bit_length()
    work.pay((n * count + 4 * len(played)) * width, length, n.bit_length(), 2 * len(played) * width)
    times, columns = [n * size for size in sizes for _ in range(size)], []
    for column in zip(*targets, (0,) * width, strict=True):
        sums = [sum(own(column)) for own in played]
        mean = (n - 1) * sum(sums[: sizes[0]])
        columns.append([k * x - mean for k, x in zip(times, sums, strict=True)])
    return n * count, list(chain(*zip(*columns, strict=True)))
