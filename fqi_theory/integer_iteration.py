"""Exact iteration in integers: F on rows over one common denominator, values as integers over a growing one.

With D the common denominator of all R_i and γ P_i, the rows D·[γ P_i | R_i] are an integer matrix M; the step from
V = v/d is
    Q_i = M·(v, d) / (D d),      V' = Σ_i max Q_i,
so the only rational operation left is cancelling a common factor. Equal to `ValueOperator.step` on rationals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpz

from fqi_theory.factorization.fit import Ties
from fqi_theory.integer_matrix import IntegerMatrix
from fqi_theory.scalars import Array


@dataclass(frozen=True)
class IntegerValues:
    """V(s) = numerators[s] / denominator, denominator > 0."""

    numerators: tuple[fmpz, ...]
    denominator: fmpz

    def to_array(self) -> Array:
        """Return V as rationals, (S,)."""
        return _rationals(self.numerators, self.denominator)


@dataclass(frozen=True, eq=False)
class IntegerFit:
    """One exact step of `operator` from `before`: V' and its greedy actions, integers (S, n).

    found: the numerators of all factors, where the step has computed them.
    """

    operator: "IntegerOperator"
    before: IntegerValues
    values: IntegerValues
    greedy: Array
    found: list[fmpz] | None = None


@dataclass(frozen=True, eq=False)
class IntegerOperator:
    """F as integer rows (S·Σ|A_i|, S+1) over one denominator; rows ordered by agent, state, action."""

    matrix: IntegerMatrix
    denominator: fmpz
    states: int
    action_counts: tuple[int, ...]

    def numerators(self, values: IntegerValues) -> list[fmpz]:
        """Return all factors at V over `denominator` · V's denominator, in the order of the rows."""
        return self.matrix.times([*values.numerators, values.denominator])

    def factors(self, values: IntegerValues) -> tuple[Array, ...]:
        """Return Q_i at V as rationals, per agent (S, A_i)."""
        rational = _rationals(self.numerators(values), self.denominator * values.denominator)
        parts = np.split(rational, np.cumsum([self.states * count for count in self.action_counts])[:-1])
        return tuple(part.reshape(self.states, -1) for part in parts)

    def step(self, values: IntegerValues, ties: Ties = "first") -> IntegerFit:
        """Return one exact iteration from V."""
        flat = self.numerators(values)
        greedy, start = np.empty((self.states, len(self.action_counts)), dtype=int), 0
        totals = [fmpz(0)] * self.states
        for i, count in enumerate(self.action_counts):
            for s in range(self.states):
                row = flat[start : start + count]
                best = max(row)
                totals[s] += best
                greedy[s, i] = row.index(best) if ties == "first" else count - 1 - row[::-1].index(best)
                start += count
        following = reduced(totals, self.denominator * values.denominator)
        return IntegerFit(self, values, following, greedy, flat)


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
    return IntegerValues(tuple(x // common for x in numerators), denominator // common)


def common_denominator(values: Array) -> fmpz:
    """Return the least common denominator of rationals (N,)."""
    result = fmpz(1)
    for q in {x.q for x in values}:
        result = result.lcm(q)
    return result


def _rationals(numerators: Sequence[fmpz], denominator: fmpz) -> Array:
    result = np.empty(len(numerators), dtype=object)
    result[:] = [fmpq(x, denominator) for x in numerators]
    return result
