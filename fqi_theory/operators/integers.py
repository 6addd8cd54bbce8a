"""Exact iteration in integers: F on rows over a denominator for each state, values as integers over a growing one.

With D the denominator of state s, the rows D·[γ P_i(·|s,·) | R_i(s,·)] are an integer matrix M (`blocks`); from
V = v/d
    Q_i(s,·) = M·(v, d) / (D d),      V'(s) = Σ_i max Q_i(s,·),
so the only rational operation left is cancelling a common factor. Equal to `ValueOperator.step` on rationals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
from flint import fmpq, fmpz

from fqi_theory.base.scalars import Array, objects
from fqi_theory.factorization.fit import Ties
from fqi_theory.operators import thresholds
from fqi_theory.operators.blocks import Block, products


@dataclass(frozen=True)
class IntegerValues:
    """V(s) = numerators[s] / denominator, denominator > 0."""

    numerators: tuple[fmpz, ...]
    denominator: fmpz

    def to_array(self) -> Array:
        """Return V as rationals, (S,)."""
        return objects(fmpq(x, self.denominator) for x in self.numerators)

    def kept(self) -> "IntegerValues | PackedValues":
        """Return the form in which a run keeps these values: packed, if they are many."""
        return self.packed() if len(self.numerators) >= thresholds.PACKED_STATES else self

    def unpacked(self) -> "IntegerValues":
        """Return these values."""
        return self

    def packed(self) -> "PackedValues":
        """Return the same values without an object a number."""
        width = max(int(abs(x).bit_length()) for x in (min(self.numerators), max(self.numerators))) // 8 + 1
        digits = b"".join([int(x).to_bytes(width, "little", signed=True) for x in self.numerators])
        return PackedValues(digits, width, self.denominator)


@dataclass(frozen=True)
class PackedValues:
    """Values whose numerators are kept as one row of bytes, `width` bytes a state: what a run keeps of a step."""

    digits: bytes
    width: int
    denominator: fmpz

    def unpacked(self) -> IntegerValues:
        """Return the values as numbers."""
        pieces = (self.digits[k : k + self.width] for k in range(0, len(self.digits), self.width))
        return IntegerValues(tuple(fmpz(int.from_bytes(p, "little", signed=True)) for p in pieces), self.denominator)


@dataclass(frozen=True, eq=False)
class IntegerFit:
    """One exact step: V' and its greedy actions, integers (S, n)."""

    values: IntegerValues
    greedy: Array


@dataclass(frozen=True, eq=False)
class IntegerOperator:
    """F as a block of integer rows for each state."""

    blocks: tuple[Block, ...]
    action_counts: tuple[int, ...]

    @cached_property
    def denominator(self) -> fmpz:
        """Return the least common denominator of all blocks."""
        common = fmpz(1)
        for block in self.blocks:
            common = common.lcm(block.denominator)
        return common

    @cached_property
    def _scales(self) -> list[fmpz]:
        """Return for every state what brings its denominator to the common one."""
        return [self.denominator // block.denominator for block in self.blocks]

    def numerators(self, values: IntegerValues) -> list[list[fmpz]]:
        """Return for every state its factors at V over D d, ordered by agent and action."""
        return list(products(self.blocks, values.numerators, values.denominator))

    def factors(self, values: IntegerValues) -> tuple[Array, ...]:
        """Return Q_i at V as rationals, per agent (S, A_i)."""
        scaled = zip(self.blocks, self.numerators(values), strict=True)
        flat = objects(fmpq(x, b.denominator * values.denominator) for b, found in scaled for x in found)
        table = flat.reshape(-1, sum(self.action_counts))
        return tuple(np.split(table, np.cumsum(self.action_counts)[:-1], axis=1))

    def step(self, values: IntegerValues, ties: Ties = "first") -> IntegerFit:
        """Return one exact iteration from V."""
        greedy = np.empty((len(self.blocks), len(self.action_counts)), dtype=int)
        sums = []
        for s, own in enumerate(self.numerators(values)):
            total = fmpz(0)
            for i, row in enumerate(self._by_agent(own)):
                best = max(row)
                total += best
                greedy[s, i] = row.index(best) if ties == "first" else len(row) - 1 - row[::-1].index(best)
            sums.append(total)
        return IntegerFit(self.following(values, sums), greedy)

    def _by_agent(self, own: list[fmpz]) -> list[list[fmpz]]:
        """Return what one state's rows hold, agent by agent."""
        ends = list(accumulate(self.action_counts))
        return [own[end - count : end] for end, count in zip(ends, self.action_counts, strict=True)]

    def following(self, values: IntegerValues, sums: Sequence[fmpz]) -> IntegerValues:
        """Return V' from its numerators over D d, D the denominator of each state."""
        scaled = [x * scale for x, scale in zip(sums, self._scales, strict=True)]
        return reduced(scaled, self.denominator * values.denominator)


def integer_values(values: Array) -> IntegerValues:
    """Return rationals (S,) over their common denominator."""
    denominator = common_denominator(values)
    return IntegerValues(tuple(x.p * (denominator // x.q) for x in values), denominator)


def reduced(numerators: list[fmpz], denominator: fmpz) -> IntegerValues:
    """Return numerators over denominator with their common factor cancelled."""
    common = denominator
    for x in numerators:
        if common == 1:
            break
        common = common.gcd(x)
    if common == 1:
        return IntegerValues(tuple(numerators), denominator)
    return IntegerValues(tuple(x // common for x in numerators), denominator // common)


def common_denominator(values: Array) -> fmpz:
    """Return the least common denominator of rationals (N,)."""
    result = fmpz(1)
    for q in {x.q for x in values}:
        result = result.lcm(q)
    return result
