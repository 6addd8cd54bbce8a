"""Rows of fit weights under product data, without a joint table (theory notes, section 10 ✦; ours).

W(a,b) = p(b) Σ_{S in the class} Π_{j in S} (1{a_j = b_j}/p_j(b_j) - 1): with q_j = p_j(a_j), the density depends only
on which agents match, and those match independently with probabilities q_j.
- additive: the density is Σ_j B_j/q_j - (n-1), B_j ~ Bernoulli(q_j). B/q has mean 1 and grows in convex order as q
  falls, so that the largest mass is at every agent's rarest action. Equal partial sums are kept once, and those beyond
  n-1 not at all: integers, whatever |A|^n is.
- k-th order: agents of equal q are exchangeable; the density is the sum of the elementary symmetric polynomials of
  degree <= k in x_j = 1/q_j - 1 (a match) or -1. Which q are worst is not monotone: every choice is tried.
- graph: every choice of q and every set of matches.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, product
from math import comb, lcm, prod

from flint import fmpq

from fqi_theory.base.errors import TooLarge
from fqi_theory.fates.phases.rows import Row, merged
from fqi_theory.fates.phases.structure import Structure

#: Partial sums kept at once, and terms added up in all, before a request is refused.
SUMS_KEPT = 200_000
TERMS = 2_000_000

Marginals = Sequence[Sequence[fmpq]]


def product_rows(kind: Structure, marginals: Marginals) -> list[Row]:
    """Return rows among which the largest negative mass is, one for each choice of probabilities that matters.

    marginals: per agent its action probabilities, all positive. Raises TooLarge where the closed form has too many
    different terms.
    """
    if kind.whole:
        return [Row((0,) * len(marginals), {})]
    if kind.order == 1:
        rarest = [min(own) for own in marginals]
        return [Row(_actions(marginals, rarest), _additive_atoms(rarest))]
    choices = list(_choices(kind, marginals))
    terms = len(kind.sets) << len(marginals) if kind.order is None else (kind.order + 1) ** 2 * _patterns(choices)
    _refuse_beyond(len(choices) * terms, kind)
    return [Row(_actions(marginals, chosen), _atoms(kind, chosen)) for chosen in choices]


def _refuse_beyond(count: int, kind: Structure) -> None:
    if count > TERMS:
        raise TooLarge(f"negative mass of {kind.name} under these data: {count} terms, at most {TERMS} are tried")


def _actions(marginals: Marginals, chosen: Sequence[fmpq]) -> tuple[int, ...]:
    return tuple(list(own).index(q) for own, q in zip(marginals, chosen, strict=True))


def _choices(kind: Structure, marginals: Marginals) -> Iterator[tuple[fmpq, ...]]:
    """Yield the probabilities q_1..q_n to try; for exchangeable agents one of each multiset."""
    values = [tuple(sorted(set(own))) for own in marginals]
    if kind.order is None:
        _refuse_beyond(prod(map(len, values)), kind)
        yield from product(*values)
        return
    alike = list(Counter(values).items())
    _refuse_beyond(prod(comb(len(own) + size - 1, size) for own, size in alike), kind)
    for parts in product(*(combinations_with_replacement(own, size) for own, size in alike)):
        taken = {own: iter(part) for (own, _), part in zip(alike, parts, strict=True)}
        yield tuple(next(taken[own]) for own in values)


def _patterns(choices: Sequence[Sequence[fmpq]]) -> int:
    return max(prod(m + 1 for m in Counter(chosen).values()) for chosen in choices)


def _additive_atoms(rarest: Sequence[fmpq]) -> dict[fmpq, fmpq]:
    """Return the atoms of Σ_j B_j/q_j - (n-1) below 0; sums are integers in units of 1/M."""
    unit = lcm(*(int(q.p) for q in rarest))
    end = (len(rarest) - 1) * unit
    sums = {0: 1}
    for q in rarest:
        hit, size = int(q.p), int(q.q)
        step = unit // hit * size
        after: dict[int, int] = {}
        for total, weight in sums.items():
            if size > hit:
                after[total] = after.get(total, 0) + weight * (size - hit)
            if total + step < end:
                after[total + step] = after.get(total + step, 0) + weight * hit
        sums = after
        if len(sums) > SUMS_KEPT:
            raise TooLarge(f"negative mass of {len(rarest)} agents: more than {SUMS_KEPT} different sums of 1/q")
    whole = prod(int(q.q) for q in rarest)
    return {fmpq(total - end, unit): fmpq(weight, whole) for total, weight in sums.items() if total < end}


def _atoms(kind: Structure, chosen: Sequence[fmpq]) -> dict[fmpq, fmpq]:
    if kind.order is not None:
        return merged(_exchangeable(kind.order, list(Counter(chosen).items())))
    return merged(_by_sets(kind.sets, chosen))


def _exchangeable(order: int, groups: Sequence[tuple[fmpq, int]]) -> Iterator[tuple[fmpq, fmpq]]:
    """Yield (density, probability) for every number of matches in every group of agents with equal q."""
    tables = [[_matches(order, q, size, hits) for hits in range(size + 1)] for q, size in groups]
    for parts in product(*tables):
        polynomial, p = [fmpq(1)], fmpq(1)
        for factor, probability in parts:
            polynomial, p = _times(polynomial, factor, order), p * probability
        yield sum(polynomial, fmpq(0)), p


def _matches(order: int, q: fmpq, size: int, hits: int) -> tuple[list[fmpq], fmpq]:
    """Return Π_j (1 + x_j t) up to t^order with `hits` matches among `size` agents, and their probability."""
    polynomial = [fmpq(1)]
    for k in range(size):
        polynomial = _times(polynomial, [fmpq(1), 1 / q - 1 if k < hits else fmpq(-1)], order)
    return polynomial, comb(size, hits) * q**hits * (1 - q) ** (size - hits)


def _times(left: Sequence[fmpq], right: Sequence[fmpq], order: int) -> list[fmpq]:
    result = [fmpq(0)] * min(order + 1, len(left) + len(right) - 1)
    for i, x in enumerate(left):
        for j, y in enumerate(right[: order + 1 - i]):
            result[i + j] += x * y
    return result


def _by_sets(sets: Sequence[tuple[int, ...]], chosen: Sequence[fmpq]) -> Iterator[tuple[fmpq, fmpq]]:
    for hits in product((False, True), repeat=len(chosen)):
        x = [1 / q - 1 if hit else fmpq(-1) for q, hit in zip(chosen, hits, strict=True)]
        density = sum((prod((x[j] for j in members), start=fmpq(1)) for members in sets), fmpq(0))
        yield density, prod((q if hit else 1 - q for q, hit in zip(chosen, hits, strict=True)), start=fmpq(1))
