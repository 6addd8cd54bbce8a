"""Exact runs that take the short way while the greedy actions stay: `settled` in integers, without rounding.

While the greedy joint policy is π only the sums of the agents' rows at π are needed, S rows instead of S·Σ|A_i|. Let
V = v/d and V_k = v_k/d_k. For a state whose entries are over D let K be the largest sum of magnitudes in a row and
G/(D d) > 0 the smallest gap at V between the factor of a greedy action and that of another one. Then
    K span(d v_k - d_k v) < G d_k
shows in integers that every gap of this state is positive at V_k too: π is still greedy there, and nothing ties with
it. The state of largest K/G speaks for all.
"""

from dataclasses import dataclass
from itertools import accumulate

from flint import fmpq

from fqi_theory.base.scalars import Array
from fqi_theory.factorization.fit import Ties
from fqi_theory.operators.blocks import Block, joined, products
from fqi_theory.operators.integers import MANY_STATES, IntegerFit, IntegerOperator, IntegerValues, reduced

#: Whole steps before the actions are first guessed to stay, and the most between two guesses (doubled where in vain).
FEWEST, MOST = 3, 64


@dataclass(frozen=True, eq=False)
class Settled:
    """What is known at V after one step: M_π and K/G, 0 where there is no choice.

    blocks: one row each, or, for few states, one block with all rows over the operator's denominator.
    """

    fit: IntegerFit
    blocks: tuple[Block, ...]
    steepness: fmpq

    def holds(self, operator: IntegerOperator, values: IntegerValues) -> bool:
        """Tell whether the policy is certain to be greedy at `values`, and nothing to tie with it."""
        if operator is not self.fit.operator:
            return False
        if self.steepness == 0:
            return True
        old, common, own = self.fit.before.numerators, self.fit.before.denominator, values.denominator
        moved = [common * new - own * v for new, v in zip(values.numerators, old, strict=True)]
        return bool(self.steepness.p * (max(moved) - min(moved)) < self.steepness.q * own)

    def step(self, values: IntegerValues) -> IntegerValues:
        """Return V' after the step from values at which the policy holds."""
        operator = self.fit.operator
        sums = [x for own in products(self.blocks, values.numerators, values.denominator) for x in own]
        if len(self.blocks) < len(operator.blocks):
            return reduced(sums, operator.denominator * values.denominator)
        return operator.following(values, sums)


def settle(fit: IntegerFit) -> Settled | None:
    """Return what is needed to go on with the greedy actions of a whole step, None where an action ties with one."""
    operator = fit.operator
    starts = [0, *accumulate(operator.action_counts)]
    blocks, steepness = [], fmpq(0)
    for block, own, greedy in zip(operator.blocks, fit.found, fit.greedy.tolist(), strict=True):
        rows = operator.by_agent(own)
        others = [row[x] - y for row, x in zip(rows, greedy, strict=True) for k, y in enumerate(row) if k != x]
        if others and min(others) == 0:
            return None
        if others:
            steepness = max(steepness, fmpq(block.largest_row, min(others)))
        blocks.append(block.total([start + x for start, x in zip(starts, greedy, strict=False)]))
    if len(blocks) < MANY_STATES and all(block.successors is None for block in blocks):
        blocks = [joined(blocks, operator.denominator)]
    return Settled(fit, tuple(blocks), steepness)


class IntegerSteps:
    """Exact steps one after another, by M_π where the last greedy actions are certain to stay, else by all rows."""

    def __init__(self, ties: Ties = "first") -> None:
        self._ties: Ties = ties
        self._last: IntegerFit | None = None
        self._settled: Settled | None = None
        self._whole, self._short, self._wait = 0, 0, FEWEST

    def step(self, operator: IntegerOperator, values: IntegerValues) -> tuple[IntegerValues, Array]:
        """Return (V', g') after the exact step of `operator` from `values`."""
        if self._settled is None and self._last is not None and self._whole >= self._wait:
            self._settled, self._whole, self._short = settle(self._last), 0, 0
            self._wait = self._wait if self._settled is not None else min(2 * self._wait, MOST)
        if self._settled is not None and self._settled.holds(operator, values):
            self._short += 1
            return self._settled.step(values), self._settled.fit.greedy
        self._unsettle()
        self._last, self._whole = operator.step(values, self._ties), self._whole + 1
        return self._last.values, self._last.greedy

    def forget(self) -> None:
        """Let go of the last operator, before another one is made."""
        self._unsettle()
        self._last = None

    def _unsettle(self) -> None:
        if self._settled is not None:
            self._wait = FEWEST if self._short >= self._wait else min(2 * self._wait, MOST)
            self._settled = None
